#!/bin/bash
# messages.sh CPNS-SIM: how many messages an assignment takes on each leg, how long it lasts on ideal links, and what
# password hashing it is charged; by flow, profile, digest and registration.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

# takes NAME DIR FLOW ASSIGNMENTS PAN WAN ATTEMPTS MILLISECONDS|- : each per assignment, in both replications
takes() {
	local r
	for r in 0 1; do
		equal "$1, replication $r: started" "$(value "$2" $r all "$3" assignment.started total)" "$4"
		equal "$1, replication $r: completed" "$(value "$2" $r all "$3" assignment.completed total)" "$4"
		equal "$1, replication $r: PAN messages" "$(value "$2" $r all "$3" pan.messages total)" "$4 * $5"
		equal "$1, replication $r: WAN messages" "$(value "$2" $r all "$3" wan.messages total)" "$4 * $6"
		equal "$1, replication $r: attempts" "$(value "$2" $r all "$3" assignment.attempts total)" "$4 * $7"
		[[ $8 != - ]] || continue
		equal "$1, replication $r: shortest" "$(value "$2" $r all "$3" assignment.latency min)" "$8 / 1000"
		equal "$1, replication $r: longest" "$(value "$2" $r all "$3" assignment.latency max)" "$8 / 1000"
		near "$1, replication $r: mean" "$(value "$2" $r all "$3" assignment.latency mean)" "$8 / 1000" 1e-12
	done
}

# hashed NAME DIR PNE GATEWAY SERVER: PBKDF2 iterations in all, by kind of node
hashed() {
	equal "$1: PBKDF2 at PNEs" "$(value "$2" 0 pne all crypto.pbkdf2-iterations total)" "$3"
	equal "$1: PBKDF2 at PN GWs" "$(value "$2" 0 gateway all crypto.pbkdf2-iterations total)" "$4"
	equal "$1: PBKDF2 at the server" "$(value "$2" 0 server all crypto.pbkdf2-iterations total)" "$5"
	equal "$1: PBKDF2 in all" "$(value "$2" 0 all all crypto.pbkdf2-iterations total)" "$3 + $4 + $5"
}

# single-round and challenge, hardened and literal. 4 PN GWs with 3 PNEs each.
for profile in hardened literal; do
	c=$([[ $profile == hardened ]] && echo 10000 || echo 0)
	set -- --set protocol.profile=$profile
	one=(--set protocol.digest=single-round)

	study "ui-$profile" "$here/flows.ini" -c PneUi "$@"
	takes "6.3.1 $profile challenge" "ui-$profile" pne-ui 12 4 4 2 200
	hashed "6.3.1 $profile challenge" "ui-$profile" "12 * $c" 0 0
	study "ui1-$profile" "$here/flows.ini" -c PneUi "$@" "${one[@]}"
	takes "6.3.1 $profile single-round" "ui1-$profile" pne-ui 12 2 2 1 100
	hashed "6.3.1 $profile single-round" "ui1-$profile" "12 * $c" 0 0

	study "secure-$profile" "$here/flows.ini" -c PneSecurePan "$@"
	takes "6.3.2.1 $profile" "secure-$profile" pne-secure-pan 12 3 2 1 110
	hashed "6.3.2.1 $profile" "secure-$profile" 0 "12 * $c" 0

	study "insecure-$profile" "$here/flows.ini" -c PneInsecurePan "$@"
	takes "6.3.2.2 $profile" "insecure-$profile" pne-insecure-pan 12 "$([[ $profile == hardened ]] && echo 2 || echo 1)" 2 1 90
	hashed "6.3.2.2 $profile" "insecure-$profile" 0 "12 * $c" 0

	study "gateway-$profile" "$here/flows.ini" -c Gateway "$@"
	takes "6.3.3 $profile challenge" "gateway-$profile" gateway 4 0 4 2 160
	hashed "6.3.3 $profile challenge" "gateway-$profile" 0 "4 * $c" 0
	study "gateway1-$profile" "$here/flows.ini" -c Gateway "$@" "${one[@]}"
	takes "6.3.3 $profile single-round" "gateway1-$profile" gateway 4 0 2 1 80
	hashed "6.3.3 $profile single-round" "gateway1-$profile" 0 "4 * $c" 0
done

# external: nothing to register, but 6.3.2.1 installs: 2 messages more per PNE, and they take 20 ms. Each PNE hashes once
# for its installation, each PN GW once per assignment.
study external-secure "$here/flows.ini" -c PneSecurePan --set registration=external
takes '6.3.2.1 external' external-secure pne-secure-pan 12 5 2 1 130
hashed '6.3.2.1 external' external-secure '12 * 10000' '12 * 10000' 0
for config in PneUi/pne-ui/4/4/2/200 PneInsecurePan/pne-insecure-pan/2/2/1/90; do
	IFS=/ read -r name flow pan wan attempts ms <<<"$config"
	study "external-$name" "$here/flows.ini" -c "$name" --set registration=external
	takes "$name external" "external-$name" "$flow" 12 "$pan" "$wan" "$attempts" "$ms"
done
study external-Gateway "$here/flows.ini" -c Gateway --set registration=external
takes 'Gateway external' external-Gateway gateway 4 0 4 2 160

# gateway: 2 messages on the WAN, once per user; the server hashes the password once. One PNE per user, then three.
for p in 1 3; do
	n=$((4 * p))
	study "reg-secure-$p" "$here/flows.ini" -c PneSecurePan --set registration=gateway --set pnes-per-gateway=$p
	takes "6.3.2.1 registration, $p PNEs" "reg-secure-$p" pne-secure-pan $n 5 "(2 + 2 / $p)" 1 -
	hashed "6.3.2.1 registration, $p PNEs" "reg-secure-$p" "$n * 10000" "$n * 10000" 40000
	equal "6.3.2.1 registration, $p PNEs: with registration" "$(value "reg-secure-$p" 0 all all assignment.latency max)" .210
	study "reg-ui-$p" "$here/flows.ini" -c PneUi --set registration=gateway --set pnes-per-gateway=$p
	takes "6.3.1 registration, $p PNEs" "reg-ui-$p" pne-ui $n 4 "(4 + 2 / $p)" 2 -
	hashed "6.3.1 registration, $p PNEs" "reg-ui-$p" "$n * 10000" 0 40000
	study "reg-insecure-$p" "$here/flows.ini" -c PneInsecurePan --set registration=gateway --set pnes-per-gateway=$p
	takes "6.3.2.2 registration, $p PNEs" "reg-insecure-$p" pne-insecure-pan $n 2 "(2 + 2 / $p)" 1 -
	hashed "6.3.2.2 registration, $p PNEs" "reg-insecure-$p" 0 "$n * 10000" 40000
done
equal '6.3.2.1 registration: one PNE has all of it' "$(value reg-secure-1 0 all all assignment.latency min)" .210
equal '6.3.2.1 registration: a later PNE installs only' "$(value reg-secure-3 0 all all assignment.latency min)" .130
study reg-gateway "$here/flows.ini" -c Gateway --set registration=gateway
takes '6.3.3 registration' reg-gateway gateway 4 0 6 2 240
hashed '6.3.3 registration' reg-gateway 0 40000 40000

# All flows at once: one registration per user, by whichever comes first; others wait for it within their latency.
study reg-auto "$here/flows.ini" --set registration=gateway --set 'workload.arrivals=storm(0s)' --set repeat=1
equal 'auto: started' "$(value reg-auto 0 all all assignment.started total)" 16
equal 'auto: completed' "$(value reg-auto 0 all all assignment.completed total)" 16
equal 'auto: WAN messages' "$(value reg-auto 0 all all wan.messages total)" \
	"4 * 2 + 4 * 4 + 4 * $(value reg-auto 0 all pne-ui assignment.started total) + 2 * (12 - $(value reg-auto 0 all pne-ui assignment.started total))"
holds 'auto: who waits for a registration counts the wait' "$(value reg-auto 0 all all assignment.latency min) > 0.16"

# The number of iterations is charged as given; the digest does not concern 6.3.2.x.
study iterations "$here/flows.ini" -c PneUi --set protocol.password-iterations=77
hashed '77 iterations' iterations '12 * 77' 0 0

# Serialisation: each way of the WAN puts its bytes at the link's rate, overhead included.
study slow "$here/flows.ini" -c Gateway --set protocol.digest=single-round --set wan.rate=16kbit/s --set wan.overhead=30B
plain=$(value gateway1-hardened 0 all gateway wan.bytes total)
bytes=$(value slow 0 all gateway wan.bytes total)
equal 'overhead counts once per message' "$bytes" "$plain + 4 * 2 * 30"
near 'serialisation takes its time' "$(value slow 0 all gateway assignment.latency min)" "0.08 + $bytes / 4 * 8 / 16000" 2e-9

# Fragments: an overhead each. 6.3.2.2 hardened puts a notification and its acknowledgement on the PAN.
study fragments "$here/flows.ini" -c PneInsecurePan --set pan.mtu=20B --set pan.overhead=1000B
study whole "$here/flows.ini" -c PneInsecurePan --set pan.mtu=2000B --set pan.overhead=1000B
plain=$(value insecure-hardened 0 all all pan.bytes total)
equal 'whole messages: one overhead each' "$(value whole 0 all all pan.bytes total)" "$plain + 24000"
fragments="(($(value fragments 0 all all pan.bytes total)) - $plain) / 12000"
holds 'fragments of 20 B: as many as the octets need' "$fragments >= $plain / 12 / 20 && $fragments < $plain / 12 / 20 + 2 && $fragments == int($fragments)"
equal 'fragments are not messages' "$(value fragments 0 all all pan.messages total)" 24

finish
