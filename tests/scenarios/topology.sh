#!/bin/bash
# topology.sh CPNS-SIM: topologies of a CSV file: one more device moves no other one's draws, the order of rows means
# nothing, foreign PNEs, presets by row, and errors that name file, line and column.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

cp "$here/topology.ini" "$here/devices.csv" .
study base topology.ini
for flow in pne-ui/3 pne-insecure-pan/2 pne-secure-pan/1 gateway/2; do
	equal "the rule of 5.3.1: ${flow%/*}" "$(value base 0 all "${flow%/*}" assignment.started total)" "${flow#*/}"
done

# others_unmoved NAME DIR FLOW...: the rows of those flows are as they were. Only a rate knows of the others, by the window.
others_unmoved() {
	local name=$1 dir=$2 flow
	shift 2
	for flow; do
		same "$name: $flow" "$(rows "$dir/runs.csv" "$flow" assignment.throughput)" "$(rows base/runs.csv "$flow" assignment.throughput)"
	done
}

# Each addition has a PN GW of its own, or that of its flow; everybody else goes on as before.
variant() { # NAME SED-SCRIPT
	sed "$2" "$here/devices.csv" >"$1.csv"
	sed "s/^topology = .*/topology = $1.csv/" "$here/topology.ini" >"$1.ini"
	study "$1" "$1.ini"
}
variant pne '$ a lock-2,pne,house-5,eve,,yes,,,,,'
equal 'one PNE more' "$(value pne 0 all pne-secure-pan assignment.started total)" 2
others_unmoved 'one PNE more' pne pne-ui pne-insecure-pan gateway
variant first '2 i bulb-0,pne,house-2,bob,,,,,,,'
others_unmoved 'one PNE more, in front' first pne-ui pne-secure-pan gateway
variant house '3 i house-0,gateway,cpns,zoe,,,yes,,,,\nbulb-9,pne,house-0,zoe,,,,,,,'
others_unmoved 'one PN GW more, in front' house pne-ui pne-secure-pan gateway
variant fewer '/^tv-/d'
others_unmoved 'PNEs taken away' fewer pne-insecure-pan pne-secure-pan gateway
variant switched 's/^lock-1.*/lock-1,pne,house-5,eve,,no,,,,,/'
others_unmoved 'a PNE of another flow' switched pne-ui gateway

(head -n 1 "$here/devices.csv"; sed 1d "$here/devices.csv" | sort -r) >reversed.csv
sed 's/^topology = .*/topology = reversed.csv/' "$here/topology.ini" >reversed.ini
study reversed reversed.ini
same 'reversed rows: runs.csv' "$(cat reversed/runs.csv)" "$(cat base/runs.csv)"
same 'reversed rows: summary.csv' "$(cat reversed/summary.csv)" "$(cat base/summary.csv)"
same 'reversed rows: fingerprints' "$(fingerprints reversed)" "$(fingerprints base)"
awk -F, '{ OFS = ","; print $11, $4, $10, $1, $9, $8, $3, $7, $6, $5, $2 }' "$here/devices.csv" >columns.csv
sed 's/^topology = .*/topology = columns.csv/' "$here/topology.ini" >columns.ini
study columns columns.ini
same 'other order of columns: runs.csv' "$(cat columns/runs.csv)" "$(cat base/runs.csv)"
same 'other order of columns: fingerprints' "$(fingerprints columns)" "$(fingerprints base)"
awk '{ printf "%s\r\n", $0 }' "$here/devices.csv" >dos.csv
sed 's/^topology = .*/topology = dos.csv/' "$here/topology.ini" >dos.ini
study dos dos.ini
same 'lines ending in CR LF: fingerprints' "$(fingerprints dos)" "$(fingerprints base)"

# The path is relative to the scenario's file, not to the caller's folder.
mkdir -p deep/down && cp topology.ini devices.csv deep
(cd deep/down && "$sim" run ../topology.ini -o "$work/relative" --quiet)
same 'a path relative to the scenario' "$(fingerprints relative 2>&1)" "$(fingerprints base)"

# A PNE of another user, in flows 6.3.2.x: status 5 where ownership is checked, done where it is not.
cat >foreign.csv <<'END'
id,type,parent,user,secure
gw,gateway,,ann,
mine,pne,gw,ann,no
theirs,pne,gw,bob,no
END
cat >foreign.ini <<'END'
[General]
study = terminating
repeat = 1
topology = foreign.csv
pan.profile = ideal
wan.profile = ideal
wan.latency = 40ms
pan.latency = 10ms
protocol.mutual-authentication = done
workload.arrivals = storm(1s)
crypto.mode = counted
END
study foreign foreign.ini --set flow=pne-insecure-pan
equal '6.3.2.2 hardened: the own PNE completes' "$(total foreign assignment.completed)" 1
equal '6.3.2.2 hardened: the foreign PNE fails' "$(total foreign assignment.failed)" 1
equal '6.3.2.2 hardened: after one request and its refusal' "$(total foreign wan.messages)" 4
equal '6.3.2.2 hardened: it hears nothing' "$(total foreign pan.messages)" 2
equal '6.3.2.2 hardened: nothing diverges' "$(total foreign assignment.divergence)" 0
study foreign-literal foreign.ini --set flow=pne-insecure-pan --set protocol.profile=literal
equal '6.3.2.2 literal: both complete' "$(total foreign-literal assignment.completed)" 2
equal '6.3.2.2 literal: nothing diverges' "$(total foreign-literal assignment.divergence)" 0
study foreign-secure foreign.ini --set flow=pne-secure-pan
equal '6.3.2.1 hardened: the foreign PNE fails' "$(total foreign-secure assignment.failed)" 1
equal '6.3.2.1 hardened: the own PNE completes' "$(total foreign-secure assignment.completed)" 1
equal '6.3.2.1 hardened: the refusal travels to the PNE' "$(total foreign-secure pan.messages)" 6
study foreign-secure-literal foreign.ini --set flow=pne-secure-pan --set protocol.profile=literal
equal '6.3.2.1 literal: both complete' "$(total foreign-secure-literal assignment.completed)" 2
study foreign-ui foreign.ini --set flow=pne-ui
equal '6.3.1 asks for no owner' "$(total foreign-ui assignment.completed)" 2

# A forced flow takes the entities that it concerns; `gateway` needs no PAN.
study forced topology.ini --set flow=pne-ui
equal 'flow = pne-ui: all PNEs, no PN GWs' "$(value forced 0 all pne-ui assignment.started total)" 6
same 'flow = pne-ui: no other flow has rows' "$(awk -F, 'NR > 1 && $6 != "all" && $6 != "pne-ui"' forced/runs.csv)" ''
grep -vE '^(pan|crypto.pne)' topology.ini >gateways.ini
study gateways gateways.ini --set flow=gateway
equal 'flow = gateway: PN GWs only, but for smart cards' "$(value gateways 0 all gateway assignment.started total)" 2

# Wire: 8 octets of Entity ID and 18 of User ID make the notification 100 octets and its acknowledgement 50.
printf 'id,type,parent,user\ngateway1,gateway,,user18.example.org1\ndevice01,pne,gateway1,user18.example.org1\n' >wire.csv
sed 's/foreign.csv/wire.csv/' foreign.ini >wire.ini
study wire wire.ini --set flow=pne-insecure-pan
equal 'notification and acknowledgement' "$(total wire pan.bytes)" 150

# One device that is PN GW and PNE: its PNE part asks by 6.3.1 without a PAN leg, its PN GW part by 6.3.3, and both use
# their keys. Beside it a PNE on its PAN. 40 ms on the WAN, 10 ms on the PAN, two round trips each.
printf 'id,type,parent,user,ui,mode\ng1,gateway,,ann,,both\np1,pne,g1,ann,yes,\n' >both.csv
sed 's/foreign.csv/both.csv/; s/storm(1s)/storm(0s)/' foreign.ini >both.ini
printf 'crypto.pne = free\ncrypto.gateway = free\ncrypto.server = free\n' >>both.ini
study both both.ini
equal 'mode = both: both parts and the PNE' "$(total both assignment.completed)" 3
equal 'mode = both: PNE parts' "$(total both assignment.completed pne-ui)" 2
equal 'mode = both: the PNE part has no PAN leg' "$(total both pan.messages)" 4
equal 'mode = both: it has a WAN leg' "$(total both wan.messages)" 12
near 'mode = both: without a PAN' "$(value both 0 all pne-ui assignment.latency min)" .16 1e-12
near 'mode = both: with a PAN' "$(value both 0 all pne-ui assignment.latency max)" .20 1e-12
study both-uses both.ini --set 'chain.advance=every(10s)' --set sim-time-limit=25s
equal 'mode = both: uses' "$(total both-uses use.completed)" 6
equal 'mode = both: uses without a PAN leg' "$(total both-uses pan.messages)" '4 + 2 * 4'
near 'mode = both: uses take four ways of the WAN' "$(value both-uses 0 all pne-ui use.latency min)" .16 1e-12
printf 'id,type,parent,user,mode\ng1,gateway,,ann,both\n' >alone.csv
sed 's/both.csv/alone.csv/' both.ini | grep -v '^pan\.profile\|^pan\.latency' >alone.ini
study alone alone.ini
equal 'mode = both, alone: no PAN, and no need of a preset' "$(total alone assignment.completed)" 2
sed 's/free/m0_48/' alone.ini | sed 's/^crypto.pne.*//' >slow.ini
study slow-alone slow.ini --set flow=pne-ui
holds 'mode = both: the PNE part is as slow as the PN GW' "$(value slow-alone 0 all pne-ui assignment.latency min) > 3"
for flow in pne-secure-pan pne-insecure-pan pne-ui; do
	study "both-$flow" both.ini --set flow=$flow
	equal "mode = both, flow = $flow" "$(total "both-$flow" assignment.completed)" 2
done

# Errors. bad NAME PATTERN ROW: the row becomes line 4 of the file.
bad() {
	printf 'id,type,parent,user,ui,secure,smartcard,mode,pan,wan,class\ng1,gateway,,ann,,,,,,,\np1,pne,g1,ann,yes,,,,,,\n%b\n' "$3" >bad.csv
	sed 's/devices.csv/bad.csv/' topology.ini >bad.ini
	refused "$1" "bad\\.csv:4:.*$2" bad.ini
}
bad 'a second row of an id' 'column.*id.*line 3' 'p1,pne,g1,ann,,,,,,,'
bad 'no id' 'column.*id' ',pne,g1,ann,,,,,,,'
bad 'no user' 'column.*user' 'p2,pne,g1,,,,,,,,'
bad 'an unknown type' 'column.*type.*phone' 'p2,phone,g1,ann,,,,,,,'
bad 'an unknown parent' 'column.*parent.*g9' 'p2,pne,g9,ann,,,,,,,'
bad 'a PNE without a parent' 'column.*parent' 'p2,pne,,ann,,,,,,,'
bad 'a PNE on a PNE' 'column.*parent.*p1' 'p2,pne,p1,ann,,,,,,,'
bad 'a PN GW on a PN GW' 'column.*parent.*g1' 'g2,gateway,g1,ann,,,,,,,'
bad 'ui that is neither yes nor no' 'column.*ui.*perhaps' 'p2,pne,g1,ann,perhaps,,,,,,'
bad 'secure that is neither yes nor no' 'column.*secure' 'p2,pne,g1,ann,,1,,,,,'
bad 'smartcard of a PNE' 'column.*smartcard' 'p2,pne,g1,ann,,,yes,,,,'
bad 'ui of a PN GW' 'column.*ui' 'g2,gateway,,ann,yes,,,,,,'
bad 'mode of a PNE' 'column.*mode' 'p2,pne,g1,ann,,,,gateway,,,'
bad 'PAN of a PNE' 'column.*pan' 'p2,pne,g1,ann,,,,,ble,,'
bad 'WAN of a PNE' 'column.*wan' 'p2,pne,g1,ann,,,,,,lte,'
bad 'an unknown PAN' 'column.*pan.*blee.*ble' 'g2,gateway,,ann,,,,,blee,,'
bad 'a WAN preset as a PAN' 'column.*pan.*lte' 'g2,gateway,,ann,,,,,lte,,'
bad 'an unknown WAN' 'column.*wan.*lt' 'g2,gateway,,ann,,,,,,lt,'
bad 'an unknown class' 'column.*class.*m4_8.*m4_80' 'p2,pne,g1,ann,,,,,,,m4_8'
bad 'a mode that there is not' 'column.*mode.*neither' 'g2,gateway,,ann,,,,neither,,,'
printf 'id,type,parent,user,mode\ng2,gateway,,ann,both\ng2/pne,pne,g2,ann,\n' >bad.csv
refused 'a PNE with the name of a PNE part' 'bad\.csv:3:.*column.*id.*line 2' bad.ini
bad 'a PN GW whose PNE part has too long a name' 'column.*id.*too long' "$(printf '%0252d' 0),gateway,,ann,,,,both,,,"
bad 'too many cells' 'cells|columns' 'p2,pne,g1,ann,,,,,,,,,'
bad 'an open quote' '' 'p2,pne,g1,"ann,,,,,,,'
printf 'id,type,parent,user\ns1,server,,\ng1,gateway,,ann\ns2,server,,\n' >bad.csv
sed 's/devices.csv/bad.csv/' topology.ini >bad.ini
refused 'a second server' 'bad\.csv:4:.*line 2' bad.ini
# header NAME PATTERN LINE
header() {
	printf '%b\n' "$3" >bad.csv
	sed 's/devices.csv/bad.csv/' topology.ini >bad.ini
	refused "$1" "bad\\.csv:1:.*$2" bad.ini
}
header 'a missing column' 'user' 'id,type,parent'
header 'an unknown column' 'column 5.*uu' 'id,type,parent,user,uu'
header 'a column twice' 'column 5.*id' 'id,type,parent,user,id'
header 'an empty file' 'empty|header' ''
refused 'a missing file' '--set topology:.*nowhere' topology.ini --set topology=nowhere.csv
rm -f devices.csv
refused 'a missing file of the scenario' 'topology.ini:5: topology.*devices.csv' topology.ini
cp "$here/devices.csv" .
refused 'keys of generated topologies' '--set gateways:.*generated' topology.ini --set gateways=3
# The line counted is that of the file, empty lines included.
printf 'id,type,parent,user\n\ng1,gateway,,ann\n\n\np1,pne,g9,ann\n' >bad.csv
sed 's/devices.csv/bad.csv/' topology.ini >bad.ini
refused 'empty lines are lines' 'bad\.csv:6:' bad.ini

finish
