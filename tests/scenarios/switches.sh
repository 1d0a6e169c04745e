#!/bin/bash
# switches.sh CPNS-SIM: each switch of a profile alone, in each flow: what it changes in messages, octets and
# cryptography of an assignment is worked out by hand, and nothing else changes. Every combination of switches runs.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

# What one assignment costs, "KIND:SHA-256,HMAC,KEY WRAPS" (links are ideal, nothing is sent twice). K = a sub-key, T = a
# proof under it; HA1, HA2 and the response of a digest, and the salt of PBKDF2, are a SHA-256 each; the server's nonce is a
# MAC of its own, made and checked.
#
# literal
#   6.3.1    entity: HA1, HA2, response; PRK, K_wrap; unwrap      server: nonce (2); HA2, response; PRK, K_wrap; wrap
#   6.3.2.1  PN GW: HA1; PRK, K_trg, T_trg     PNE: PRK, K_trg, T_trg, KEK (2); unwrap     server: KEK (2); wrap
#   6.3.2.2  PN GW: HA1; key under TK (2); wrap     PNE: key under TK (2); unwrap
# hardened
#   6.3.1    entity: salt; PRK, K_req, T_req; KEK (2), PRK, K_rsp, T_rsp; unwrap
#            server: nonce (2); PRK, K_req, T_req; KEK (2), K_rsp, T_rsp; wrap
#   6.3.2.1  PN GW: salt; PRK, K_trg, T_trg     PNE: PRK, K_trg, T_trg; and PNE, server as in 6.3.1, without a nonce
#   6.3.2.2  PN GW: salt; PRK, K_req, T_req; K_N (2); K_A (2), T_ack; wrap     PNE: K_N (2); K_A (2), T_ack; unwrap
#            server: PRK, K_req, T_req
# 6.3.3 is 6.3.1 with the PN GW as the entity.

cost() { # NAME DIR KIND ASSIGNMENTS SHA-256 HMAC KEYWRAP PBKDF2, each per assignment
	local r metric k=4
	for metric in sha256 hmac keywrap pbkdf2-iterations; do
		k=$((k + 1))
		for r in 0 1; do
			equal "$1, replication $r: $metric at $3" "$(value "$2" $r "$3" all crypto.$metric total)" "$4 * (${!k})"
		done
	done
}

# The window ends with the last key stored, before the PN GW has checked that one's acknowledgement: 33 HMACs for 12.
declare -A config=([pne-ui]=PneUi [pne-secure-pan]=PneSecurePan [pne-insecure-pan]=PneInsecurePan [gateway]=Gateway)
for profile in literal hardened; do
	for flow in pne-ui pne-secure-pan pne-insecure-pan gateway; do
		study "$profile-$flow" "$here/flows.ini" -c "${config[$flow]}" --set protocol.profile=$profile
	done
	cost "$profile 6.3.1" $profile-pne-ui gateway 12 0 0 0 0
done
cost 'literal 6.3.1' literal-pne-ui pne 12 3 2 1 0
cost 'literal 6.3.1' literal-pne-ui server 12 2 4 1 0
cost 'literal 6.3.2.1' literal-pne-secure-pan gateway 12 1 3 0 0
cost 'literal 6.3.2.1' literal-pne-secure-pan pne 12 0 5 1 0
cost 'literal 6.3.2.1' literal-pne-secure-pan server 12 0 2 1 0
cost 'literal 6.3.2.2' literal-pne-insecure-pan gateway 12 1 2 1 0
cost 'literal 6.3.2.2' literal-pne-insecure-pan pne 12 0 2 1 0
cost 'literal 6.3.2.2' literal-pne-insecure-pan server 12 0 0 0 0
cost 'literal 6.3.3' literal-gateway gateway 4 3 2 1 0
cost 'literal 6.3.3' literal-gateway server 4 2 4 1 0
cost 'hardened 6.3.1' hardened-pne-ui pne 12 1 8 1 10000
cost 'hardened 6.3.1' hardened-pne-ui server 12 0 9 1 0
cost 'hardened 6.3.2.1' hardened-pne-secure-pan gateway 12 1 3 0 10000
cost 'hardened 6.3.2.1' hardened-pne-secure-pan pne 12 0 11 1 0
cost 'hardened 6.3.2.1' hardened-pne-secure-pan server 12 0 7 1 0
cost 'hardened 6.3.2.2' hardened-pne-insecure-pan gateway 12 1 7.75 1 10000
cost 'hardened 6.3.2.2' hardened-pne-insecure-pan pne 12 0 5 1 0
cost 'hardened 6.3.2.2' hardened-pne-insecure-pan server 12 0 3 0 0
cost 'hardened 6.3.3' hardened-gateway gateway 4 1 8 1 10000
cost 'hardened 6.3.3' hardened-gateway server 4 0 9 1 0

# differences A B: the rows of runs.csv that differ, "replication/module/flow/metric/statistic difference"
differences() {
	awk "$csv_awk"'
		FNR == 1 { next }
		{ csv($0, f); key = f[3] "/" f[5] "/" f[6] "/" f[7] "/" f[8] }
		FILENAME == ARGV[1] { a[key] = f[9]; next }
		!(key in a) { print key, "is new"; next }
		{ if (a[key] != f[9]) printf "%s %.9g\n", key, f[9] - a[key]; delete a[key] }
		END { for (key in a) print key, "is gone" }' "$1/runs.csv" "$2/runs.csv" | sort
}

# switched PROFILE FLOW SWITCH=VALUE [CHANGE]...: the runs of a flow without and with that switch turned against its
# profile differ in nothing but these. CHANGE is METRIC=D or KIND:METRIC=D, per assignment: a counter of the flow and of
# all, or of that kind of node and of all; or =METRIC=D, in all.
switched() {
	local profile=$1 flow=$2 set=$3 change r n=12
	local dir=$profile-$flow-${set%=*}
	shift 3
	[[ $flow != gateway ]] || n=4
	study "$dir" "$here/flows.ini" -c "${config[$flow]}" --set protocol.profile=$profile --set "protocol.$set" || return
	for change; do
		for r in 0 1; do
			case $change in
			=*) echo "$r/all/all/${change#=}" ;;
			*:*) echo "$r/${change%%:*}/all/${change#*:}*$n"; echo "$r/all/all/${change#*:}*$n" ;;
			*) echo "$r/all/$flow/$change*$n"; echo "$r/all/all/$change*$n" ;;
			esac
		done
	done | awk '{ n = split($0, f, "="); split(f[n], d, "*"); at = substr($0, 1, length($0) - length(f[n]) - 1) "/total"
			sum[at] += d[1] * (d[2] == "" ? 1 : d[2]) }
		END { for (at in sum) if (sum[at] != 0) printf "%s %.9g\n", at, sum[at] }' | sort >wanted
	differences "$profile-$flow" "$dir" >got
	if cmp -s wanted got; then ok "$profile $flow, $set: what changes"; else fail "$profile $flow, $set: what changes" "$(diff wanted got)"; fi
	if [[ $# -eq 0 ]]; then
		same "$profile $flow, $set: the same run" "$(fingerprints "$dir")" "$(fingerprints "$profile-$flow")"
	fi
}
p=crypto.pbkdf2-iterations s=crypto.sha256 h=crypto.hmac w=crypto.keywrap

# The password is stretched: the salt in place of HA1, and an HA1 made of the result where a digest follows.
switched literal pne-ui password-hash=pbkdf2 pne:$p=10000 pne:$s=1 server:$s=1
switched literal pne-secure-pan password-hash=pbkdf2 gateway:$p=10000
switched literal pne-insecure-pan password-hash=pbkdf2 gateway:$p=10000
switched literal gateway password-hash=pbkdf2 gateway:$p=10000 gateway:$s=1 server:$s=1
switched hardened pne-ui password-hash=ha1 pne:$p=-10000
switched hardened pne-secure-pan password-hash=ha1 gateway:$p=-10000
switched hardened pne-insecure-pan password-hash=ha1 gateway:$p=-10000
switched hardened gateway password-hash=ha1 gateway:$p=-10000

# T_req (19 octets with its header) in place of a digest (35), of nothing, or with RAND_PNE (19) of a hashed password (35);
# in 6.3.2.1 RAND_T (19) goes with it. It takes PRK, K_req and T_req; the server uses that PRK for what follows.
switched literal pne-ui proof=mac pan.bytes=-16 wan.bytes=-16 pne:$s=-2 pne:$h=3 server:$s=-2 server:$h=2
switched literal pne-secure-pan proof=mac pan.bytes=38 wan.bytes=38 pne:$h=3 server:$h=3
switched literal pne-insecure-pan proof=mac wan.bytes=3 gateway:$h=3 server:$h=3
switched literal gateway proof=mac wan.bytes=-16 gateway:$s=-2 gateway:$h=3 server:$s=-2 server:$h=2
switched hardened pne-ui proof=seed pan.bytes=16 wan.bytes=16 pne:$s=3 pne:$h=-3 server:$s=3 server:$h=-2
switched hardened pne-secure-pan proof=seed pan.bytes=-38 wan.bytes=-38 pne:$h=-3 server:$h=-2
switched hardened pne-insecure-pan proof=seed wan.bytes=-3 gateway:$h=-3 server:$h=-3
switched hardened gateway proof=seed wan.bytes=16 gateway:$s=3 gateway:$h=-3 server:$s=3 server:$h=-2

# RAND_Server (19) and T_rsp (19); 6.3.2.1 has RAND_Server in any case. KEK (2) in place of PRK and K_wrap; PRK, K_rsp and
# T_rsp. The server of the hardened profile has made PRK for T_req.
switched literal pne-ui response-freshness=on pan.bytes=38 wan.bytes=38 pne:$h=3 server:$h=3
switched literal pne-secure-pan response-freshness=on pan.bytes=19 wan.bytes=19 pne:$h=3 server:$h=3
switched literal gateway response-freshness=on wan.bytes=38 gateway:$h=3 server:$h=3
switched hardened pne-ui response-freshness=off pan.bytes=-38 wan.bytes=-38 pne:$h=-3 server:$h=-3
switched hardened pne-secure-pan response-freshness=off pan.bytes=-19 wan.bytes=-19 pne:$h=-3 server:$h=-2
switched hardened gateway response-freshness=off wan.bytes=-38 gateway:$h=-3 server:$h=-3

# Nobody asks for another's PNE.
switched literal pne-secure-pan ownership-check=on
switched literal pne-insecure-pan ownership-check=on
switched hardened pne-secure-pan ownership-check=off
switched hardened pne-insecure-pan ownership-check=off

# A message more: header 9, EntityID (3 and its length), T_ack 19, Counter 11 where there is one. Either end derives K_A (2)
# and T_ack. Two events more on the PAN, and one less: the PN GW's timer has nothing to do. The Entity ID's length is told
# by the notification of literal 6.3.2.2: 9 + 3 + ID + 3 + 40 octets.
id=$(awk "BEGIN { print $(value literal-pne-insecure-pan 0 all pne-insecure-pan pan.bytes total) / 12 - 55 }")
switched literal pne-insecure-pan notification-ack=on pan.messages=1 pan.bytes=$((31 + id)) pne:$h=3 gateway:$h=2.75 \
	=kernel.events=12 =protocol.accepted=11
switched hardened pne-insecure-pan notification-ack=off pan.messages=-1 pan.bytes=$((-42 - id)) pne:$h=-3 gateway:$h=-2.75 \
	=kernel.events=-12 =protocol.accepted=-11

# RAND_N (19), KeyIndex (7), Counter (11), and that one in the acknowledgement too.
switched literal pne-insecure-pan notification-freshness=on pan.bytes=37
switched hardened pne-insecure-pan notification-freshness=off pan.bytes=-48

# What the server keeps is no message.
for flow in pne-ui pne-secure-pan pne-insecure-pan gateway; do
	switched literal $flow two-phase-key=on
	switched hardened $flow two-phase-key=off
done

# One KEK: in 6.3.1 and 6.3.3 RAND_Server (19), and KEK (2) in place of PRK and K_wrap; nothing where it is there already. In
# 6.3.2.2 RAND_Server (19) and EncEUKey (43) in place of the EUKey (35), KEK (2) and a wrap at either end; and RAND_PNE (19) in
# the request, where no T_req brings it.
switched literal pne-ui kek=one pan.bytes=19 wan.bytes=19
switched literal pne-insecure-pan kek=one wan.bytes=46 gateway:$h=2 server:$h=2 gateway:$w=1 server:$w=1
switched literal gateway kek=one wan.bytes=19
switched hardened pne-ui kek=one
switched hardened pne-insecure-pan kek=one wan.bytes=27 gateway:$h=2 server:$h=2 gateway:$w=1 server:$w=1
switched hardened gateway kek=one

# Where something is lost, repeated or foreign.

# Acknowledged without a Counter: the PNE knows a notification that comes twice, and opens it once.
for freshness in off on; do
	study "ack-$freshness" "$here/loss.ini" -c PneInsecurePan --set protocol.profile=literal --set protocol.retries=7 \
		--set protocol.notification-ack=on --set protocol.notification-freshness=$freshness
	equal "acknowledged, freshness $freshness: one unwrapping each" "$(value "ack-$freshness" 0 pne all crypto.keywrap total)" \
		"$(total "ack-$freshness" assignment.completed)"
	equal "acknowledged, freshness $freshness: HMACs" "$(value "ack-$freshness" 0 pne all crypto.hmac total)" \
		"5 * $(total "ack-$freshness" assignment.completed)"
	holds "acknowledged, freshness $freshness: some come twice" "$(value "ack-$freshness" 0 all all protocol.duplicate total) > 500"
	# One in a hundred million notifications is lost eight times.
	equal "acknowledged, freshness $freshness: all arrive" "$(total "ack-$freshness" assignment.failed)" 0
done
equal 'freshness moves no loss' "$(total ack-on pan.lost)" "$(total ack-off pan.lost)"

# A key that is pending until its use is none that anybody misses; as many assignments fail as before.
for flow in PneUi PneSecurePan PneInsecurePan Gateway; do
	for switch in off on; do
		study "phase-$flow-$switch" "$here/loss.ini" -c $flow --set protocol.profile=literal --set protocol.retries=0 \
			--set protocol.two-phase-key=$switch
	done
	equal "$flow, two-phase-key: the same failures" "$(total phase-$flow-on assignment.failed)" "$(total phase-$flow-off assignment.failed)"
	holds "$flow, two-phase-key off: divergence" "$(total phase-$flow-off assignment.divergence) > 100"
	equal "$flow, two-phase-key on: none" "$(total phase-$flow-on assignment.divergence)" 0
done

# Another user's PNE, with the check alone and with all but the check.
cp "$here/topology.ini" .
sed 's/^bulb-1,pne,house-2,bob/bulb-1,pne,house-2,zoe/' "$here/devices.csv" >devices.csv
for profile in literal hardened; do
	for switch in off on; do
		study "owner-$profile-$switch" topology.ini --set protocol.profile=$profile --set protocol.ownership-check=$switch \
			--set pan.loss=0% --set wan.loss=0% --set wan.latency=80ms
		equal "another's PNE, $profile, ownership-check $switch: failed" "$(total "owner-$profile-$switch" assignment.failed)" \
			"$([[ $switch == on ]] && echo 3 || echo 0)"
	done
done

# Every combination, in all flows at once: nothing is refused, and everybody gets a key.
study all "$here/flows.ini" --set repeat=1 --set gateways=2 \
	--set 'protocol.password-hash=${h=pbkdf2,ha1}' --set 'protocol.proof=${p=mac,seed}' \
	--set 'protocol.response-freshness=${r=on,off}' --set 'protocol.ownership-check=${o=on,off}' \
	--set 'protocol.notification-ack=${a=on,off}' --set 'protocol.notification-freshness=${f=on,off}' \
	--set 'protocol.two-phase-key=${k=on,off}'
same 'every combination: 128 runs' "$(fingerprints all | wc -l)" 128
same 'every combination: all complete' "$(awk -F, '$5 $6 $7 == "allallassignment.completed" { print $9 }' all/runs.csv | sort | uniq -c)" '    128 8'

# scripts/table: a row for each config, in the order of the file; a config with iterations has a row for each.
file=$here/../../topologies/literal-vs-hardened.ini
CPNS_SIM=$sim "$here/../../scripts/table" "$file" --set repeat=2 --set gateways=20 --set crypto.mode=counted >table 2>err
same 'scripts/table: done' $? 0
same 'scripts/table: its rows' "$(awk 'NR > 1 { print $1 }' table)" "$(sed -n 's/^\[Config \(.*\)\]$/\1/p' "$file")"
same 'scripts/table: a cell for each column' "$(awk -F '  +' 'NR > 1 { print NF }' table | sort -u)" 13
near 'scripts/table: PAN bytes' "$(awk '$1 == "Hardened" { print $4 }' table)" \
	"$(total results/literal-vs-hardened-Hardened pan.bytes) / $(total results/literal-vs-hardened-Hardened assignment.completed)" 0.05
(cat "$here/loss.ini"; printf '[Config Sweep]\nextends = Gateway\ngateways = ${n=10,20}\n') >sweep.ini
CPNS_SIM=$sim "$here/../../scripts/table" sweep.ini --set wan.loss=0% >table 2>err
same 'scripts/table: rows of a sweep' "$(awk 'END { print n, x } /^Sweep n=[12]0 / { n++; x = $3 }' table)" '2 80'
CPNS_SIM=$sim "$here/../../scripts/table" nowhere.ini >table 2>err
same 'scripts/table: no such file' $? 2

finish
