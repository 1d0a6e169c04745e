#!/bin/bash
# energy.sh CPNS-SIM: energy per kind of node, worked out by hand for one assignment; what is unknown stays unknown and
# is named; figures from a file, and files that are refused.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

cp "$here/energy.ini" .
cat >energy.csv <<'EOF'
id,type,parent,user,secure
gw:01,gateway,,alice@cpns.example,
pne:0001,pne,gw:01,alice@cpns.example,yes
EOF
head='part,name,figure,value,basis,source,note'
cat >figures.csv <<EOF
$head
pan,ble,send_event_nj,1000,assumed,-,test
pan,ble,send_octet_nj,10,assumed,-,test
pan,ble,receive_event_nj,2000,assumed,-,test
pan,ble,receive_octet_nj,7,assumed,-,test
wan,lte,send_event_nj,500000,assumed,-,test
wan,lte,send_octet_nj,30,assumed,-,test
wan,lte,receive_event_nj,700000,assumed,-,test
wan,lte,receive_octet_nj,11.25,assumed,-,test
cpu,m4_80,power_mw,24,assumed,-,test
cpu,a53_1400,power_mw,2000.5,assumed,-,test
cpu,x86_shani,power_mw,50000,assumed,-,test
EOF

# energy NAME DIR MODULE METRIC NANOJOULES: in the first replication
energy() { near "$1: $4 of $3" "$(value "$2" 0 "$3" all "$4" total)" "($5) * 1e-9" 1e-24; }
# none NAME DIR MODULE METRIC: there is no such row
none() { same "$1: no $4 of $3" "$(value "$2" 0 "$3" all "$4" total)" ''; }
# cpu DIR MODULE MILLIWATTS: as nanojoules
cpu() { echo "$(value "$1" 0 "$2" all cpu.time total) * $3 * 1e6"; }
# says NAME PATTERN: in what was printed
says() { if grep -qE -- "$2" out; then ok "$1"; else fail "$1" "not printed: $2
$(cat out)"; fi; }

# By hand. PAN: trigger 76 down, request 98 up, response 105 down, each in one frame with 21 octets of framing. WAN:
# request up, response down, with 28 octets each.
study known energy.ini -c Known
equal 'octets on the PAN' "$(value known 0 all all pan.bytes total)" '76 + 98 + 105 + 3 * 21'
equal 'octets on the WAN' "$(value known 0 all all wan.bytes total)" '98 + 105 + 2 * 28'
energy hand known pne energy.frames '1000 + 2 * 2000'
energy hand known pne energy.octets '10 * 119 + 7 * (97 + 126)'
energy hand known pne energy.cpu "$(cpu known pne 24)"
energy hand known pne energy "5000 + 1190 + 1561 + $(cpu known pne 24)"
energy hand known gateway energy.frames '2 * 1000 + 2000 + 500000 + 700000'
energy hand known gateway energy.octets '10 * 223 + 7 * 119 + 30 * 126 + 11.25 * 133'
energy hand known gateway energy.cpu "$(cpu known gateway 2000.5)"
energy hand known server energy "$(cpu known server 50000)"
none hand known server energy.frames
none hand known server energy.octets
holds 'there is CPU time' "$(value known 0 pne all cpu.time total) > 0 && $(value known 0 gateway all cpu.time total) > 0"
for metric in energy energy.cpu; do
	near "all is the sum: $metric" "$(value known 0 all all $metric total)" "$(value known 0 pne all $metric total) + \
		$(value known 0 gateway all $metric total) + $(value known 0 server all $metric total)" 1e-24
done
for metric in energy.frames energy.octets; do
	near "all is the sum: $metric" "$(value known 0 all all $metric total)" \
		"$(value known 0 pne all $metric total) + $(value known 0 gateway all $metric total)" 1e-24
done
sim run energy.ini -c Known -o known --force
ends 'again, aloud' 0
if grep -qi 'energy is unknown' out known/manifest.json; then fail 'nothing is called unknown'; else ok 'nothing is called unknown'; fi
same 'unit' "$(awk -F, '$7 == "energy" { print $10 }' known/runs.csv | sort -u)" J

# Each fragment is a frame: of 50 octets, 2 of the trigger, 2 of the request, 3 of the response.
study fragments energy.ini -c Known --set pan.mtu=50B
energy fragments fragments pne energy.frames '2 * 1000 + 5 * 2000'
energy fragments fragments pne energy.octets '10 * (98 + 2 * 21) + 7 * (76 + 105 + 5 * 21)'

# What is lost costs the sender alone: the trigger, and its retransmissions.
study lost energy.ini -c Known --set pan.loss=100%
equal 'lost: five triggers' "$(value lost 0 all all pan.messages total)" 5
energy lost lost gateway energy.frames '5 * 1000'
energy lost lost gateway energy.octets '5 * 10 * 97'
energy lost lost pne energy 0

# Of a message cut up, each fragment is heard or not, whatever becomes of the message; a copy is heard once more.
cat >many.ini <<'EOF'
[General]
study = terminating
repeat = 1
topology = generated
gateways = 40
pnes-per-gateway = 3
flow = pne-secure-pan
pan.profile = ble
wan.profile = ideal
pan.mtu = 30B
protocol.mutual-authentication = done
workload.arrivals = storm(1s)
crypto.mode = counted
crypto.pne = free
crypto.gateway = free
crypto.server = free
energy.profile = count.csv
EOF
for way in send receive; do
	printf '%s\n' "$head" "pan,ble,${way}_event_nj,1e9,assumed,-,a joule a frame" \
		"pan,ble,$([[ $way == send ]] && echo receive || echo send)_event_nj,0,assumed,-,none" >count.csv
	study $way many.ini --set pan.loss=20%
	study $way-twice many.ini --set pan.mtu=500B --set fault.pan.duplication=100%
done
binomial 'PNEs hear what gets through' "$(value receive 0 pne all energy.frames total)" "$(value send 0 gateway all energy.frames total)" .8
binomial 'and PN GWs' "$(value receive 0 gateway all energy.frames total)" "$(value send 0 pne all energy.frames total)" .8
holds 'which is not only whole messages' "$(value send 0 all all energy.frames total) < \
	5 * $(value send 0 all all pan.messages total) && $(value receive 0 all all energy.frames total) > 1.1 * 4 * \
	($(value send 0 all all pan.messages total) - $(value send 0 all all pan.lost total))"
equal 'copies: sent once' "$(value send-twice 0 all all energy.frames total)" "$(value send-twice 0 all all pan.messages total)"
equal 'copies: heard twice' "$(value receive-twice 0 all all energy.frames total)" "2 * $(value send-twice 0 all all pan.messages total)"

# Unknown stays unknown: what needs no such figure has its row, and what has none is named, shown and kept.
sim run energy.ini -o unknown
ends 'without figures' 0
for module in pne gateway all; do none unknown unknown $module energy.frames; done
for module in pne gateway server all; do
	none unknown unknown $module energy
	none unknown unknown $module energy.cpu
done
none unknown unknown gateway energy.octets
holds 'known part: octets of pne' "$(value unknown 0 pne all energy.octets total) > 0"
wanted='Energy is unknown \(pne, gateway, server, all\).*pan ble send_event_nj receive_event_nj, '
wanted+='wan lte send_event_nj send_octet_nj receive_event_nj receive_octet_nj, '
wanted+='cpu m4_80 power_mw, cpu a53_1400 power_mw, cpu x86_shani power_mw;.*energy\.profile'
says 'what is missing is named' "$wanted"
same 'once' "$(grep -c 'Energy is unknown' out)" 1
same 'and kept for each run' "$(grep -cE "$wanted" unknown/manifest.json)" 2
same 'fingerprints are the same' "$(fingerprints unknown)" "$(fingerprints known)"

# One figure missing: only what needs it has no row.
grep -v '^cpu,m4_80' figures.csv >partly.csv
sed 's/figures\.csv/partly.csv/' energy.ini >partly.ini
sim run partly.ini -c Known -o partly
none partly partly pne energy
none partly partly pne energy.cpu
none partly partly all energy
energy partly partly pne energy.frames 5000
energy partly partly server energy "$(cpu known server 50000)"
says 'only that one is named' 'Energy is unknown \(pne, all\): there is no figure for cpu m4_80 power_mw; '
study unused partly.ini -c Known --set crypto.pne=free
energy 'a missing figure that nothing needs' unused pne energy.cpu 0

# Nothing costs nothing.
study ideal energy.ini --set pan.profile=ideal --set wan.profile=ideal --set crypto.pne=free \
	--set crypto.gateway=free --set crypto.server=free
energy ideal ideal all energy 0

# Files that are refused: with file, line, column, reason.
bad() { # NAME PATTERN ROW
	printf '%s\n%s\n' "$head" "$3" >bad.csv
	sed 's/figures\.csv/bad.csv/' energy.ini >bad.ini
	refused "$1" "bad\\.csv:$2" bad.ini -c Known
}
bad 'unknown part' '2: .*`part`.*lan.*pan' 'lan,ble,send_event_nj,1,assumed,-,n'
bad 'unknown preset' '2: .*`name`.*blee.*ble' 'pan,blee,send_event_nj,1,assumed,-,n'
bad 'unknown class' '2: .*`name`.*m4_8`.*m4_80' 'cpu,m4_8,power_mw,1,assumed,-,n'
bad 'unknown figure' '2: .*`figure`.*send_nj.*send_event_nj' 'pan,ble,send_nj,1,assumed,-,n'
bad 'no number' '2: .*`value`.*1 nJ' 'pan,ble,send_event_nj,1 nJ,assumed,-,n'
bad 'negative' '2: .*`value`.*-1' 'pan,ble,send_event_nj,-1,assumed,-,n'
bad 'no source' '2: .*`source`' 'pan,ble,send_event_nj,1,measured,-,n'
bad 'no note' '2: .*`note`' 'pan,ble,send_event_nj,1,assumed,-,'
bad 'a cell too few' '2: 6 columns instead of 7' 'pan,ble,send_event_nj,1,assumed,-'
bad 'twice' '3: .*given twice' $'cpu,m4_80,power_mw,1,assumed,-,n\ncpu,m4_80,power_mw,1,assumed,-,n'
printf 'part,name\n' >bad.csv
refused 'another header' 'bad\.csv:1: ' bad.ini -c Known
printf '%s\ncpu,m4_80,power_mw,1,assumed,-,n\0\n' "$head" >bad.csv
refused 'a NUL' 'bad\.csv.*UTF-8' bad.ini -c Known
rm bad.csv
refused 'no such file' 'bad\.ini:[0-9]+: energy\.profile: .*bad\.csv.*No such file' bad.ini -c Known

# The path is relative to the scenario's file.
mkdir -p deep/down && cp energy.ini energy.csv figures.csv deep
(cd deep/down && "$sim" run ../energy.ini -c Known -o "$work/relative" --quiet)
same 'a path relative to the scenario' "$(value relative 0 all all energy total)" "$(value known 0 all all energy total)"

finish
