#!/bin/bash
# step_0.sh CPNS-SIM: the messages and the time that step 0 takes, who bears them, how long its sessions serve, and what
# becomes of assignments whose session ends on the way. 4 PN GWs; a PAN message takes 10 ms, a WAN message 40 ms.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

run=(--set protocol.mutual-authentication=run)

# takes NAME DIR FLOW ASSIGNMENTS PAN WAN SHORTEST LONGEST: messages in all; milliseconds
takes() {
	local r
	for r in 0 1; do
		equal "$1, replication $r: started" "$(value "$2" $r all "$3" assignment.started total)" "$4"
		equal "$1, replication $r: completed" "$(value "$2" $r all "$3" assignment.completed total)" "$4"
		equal "$1, replication $r: PAN messages" "$(value "$2" $r all "$3" pan.messages total)" "$5"
		equal "$1, replication $r: WAN messages" "$(value "$2" $r all "$3" wan.messages total)" "$6"
		equal "$1, replication $r: shortest" "$(value "$2" $r all "$3" assignment.latency min)" "$7 / 1000"
		equal "$1, replication $r: longest" "$(value "$2" $r all "$3" assignment.latency max)" "$8 / 1000"
	done
}

# One PNE per PN GW: each is the first. WAN 6 messages and 240 ms more; 6.3.2.1 also PAN 4 and 40 ms; 6.3.3 nothing.
for profile in hardened literal; do
	alone=("${run[@]}" --set protocol.profile=$profile --set pnes-per-gateway=1)
	ack=$([[ $profile == hardened ]] && echo 2 || echo 1)
	study "ui-$profile" "$here/flows.ini" -c PneUi "${alone[@]}"
	takes "6.3.1 $profile" "ui-$profile" pne-ui 4 16 40 440 440
	study "secure-$profile" "$here/flows.ini" -c PneSecurePan "${alone[@]}"
	takes "6.3.2.1 $profile" "secure-$profile" pne-secure-pan 4 28 32 390 390
	study "insecure-$profile" "$here/flows.ini" -c PneInsecurePan "${alone[@]}"
	takes "6.3.2.2 $profile" "insecure-$profile" pne-insecure-pan 4 "4 * $ack" 32 330 330
	study "gateway-$profile" "$here/flows.ini" -c Gateway "${alone[@]}"
	takes "6.3.3 $profile" "gateway-$profile" gateway 4 0 16 160 160
	study "registering-$profile" "$here/flows.ini" -c PneSecurePan "${alone[@]}" --set registration=gateway
	takes "6.3.2.1 $profile with registration" "registering-$profile" pne-secure-pan 4 36 40 490 490
	study "ui-registering-$profile" "$here/flows.ini" -c PneUi "${alone[@]}" --set registration=gateway
	takes "6.3.1 $profile with registration" "ui-registering-$profile" pne-ui 4 16 48 520 520
	study "gateway-registering-$profile" "$here/flows.ini" -c Gateway "${alone[@]}" --set registration=gateway
	takes "6.3.3 $profile: its registration needs step 0" "gateway-registering-$profile" gateway 4 0 48 480 480
done

# Three PNEs per PN GW at once: one runs step 0 for all, the others wait for it.
at_once=("${run[@]}" --set 'workload.arrivals=storm(0s)')
study once-ui "$here/flows.ini" -c PneUi "${at_once[@]}"
takes '6.3.1 at once' once-ui pne-ui 12 48 '4 * (6 + 3 * 4)' 440 440
study once-insecure "$here/flows.ini" -c PneInsecurePan "${at_once[@]}"
takes '6.3.2.2 at once' once-insecure pne-insecure-pan 12 24 '4 * (6 + 3 * 2)' 330 330
study once-secure "$here/flows.ini" -c PneSecurePan "${at_once[@]}"
takes '6.3.2.1 at once' once-secure pne-secure-pan 12 '12 * 7' '4 * (6 + 3 * 2)' 390 390

# One after another: the WAN session of the first serves all, each PAN has its own.
study later-secure "$here/flows.ini" -c PneSecurePan "${run[@]}" --set 'workload.arrivals=storm(1000000s)' --set protocol.session-lifetime=10000h
takes '6.3.2.1 later' later-secure pne-secure-pan 12 '12 * 7' '4 * (6 + 3 * 2)' 150 390
study later-insecure "$here/flows.ini" -c PneInsecurePan "${run[@]}" --set 'workload.arrivals=storm(1000000s)' --set protocol.session-lifetime=10000h
takes '6.3.2.2 later' later-insecure pne-insecure-pan 12 24 '4 * (6 + 3 * 2)' 90 330

# Expired by then: every assignment has a step 0 of its own.
study expired-insecure "$here/flows.ini" -c PneInsecurePan "${run[@]}" --set 'workload.arrivals=storm(1000000s)' --set protocol.session-lifetime=1s
takes '6.3.2.2, sessions of a second' expired-insecure pne-insecure-pan 12 24 '12 * (6 + 2)' 330 330
study expired-secure "$here/flows.ini" -c PneSecurePan "${run[@]}" --set 'workload.arrivals=storm(1000000s)' --set protocol.session-lifetime=1s
takes '6.3.2.1, sessions of a second' expired-secure pne-secure-pan 12 '12 * 7' '12 * (6 + 2)' 390 390

# 100 ms: the session is asked for 80 ms before it is there (60 ms of it are left at the server). In 6.3.1 with a
# challenge the second request (100 ms later) finds it expired at the PN GW, and waits for another: 240 ms and 6
# messages more.
study short-ui "$here/flows.ini" -c PneUi "${run[@]}" --set pnes-per-gateway=1 --set protocol.session-lifetime=150ms
takes '6.3.1, expiring on the way' short-ui pne-ui 4 16 '4 * (6 + 6 + 4)' 680 680
# 50 ms: gone before it can serve. Nobody tries for ever.
study useless "$here/flows.ini" -c PneInsecurePan "${run[@]}" --set protocol.session-lifetime=50ms
for r in 0 1; do
	equal "sessions that never serve, replication $r: failed" "$(value useless $r all all assignment.failed total)" 12
	equal "sessions that never serve, replication $r: PAN messages" "$(value useless $r all all pan.messages total)" 0
done
refused 'a lifetime of 0s' 'protocol\.session-lifetime' "$here/flows.ini" -c PneUi "${run[@]}" --set protocol.session-lifetime=0s
refused 'a lifetime without step 0' 'protocol\.session-lifetime.*mutual-authentication' "$here/flows.ini" -c PneUi --set protocol.session-lifetime=1h

# Loss: step 0 is repeated as any request is, and every assignment still ends.
study lossy "$here/flows.ini" "${run[@]}" --set wan.loss=20% --set pan.loss=20% --set registration=gateway --set gateways=50
for r in 0 1; do
	equal "lossy, replication $r: all end" "$(value lossy $r all all assignment.started total)" \
		"$(value lossy $r all all assignment.completed total) + $(value lossy $r all all assignment.failed total)"
	holds "lossy, replication $r: most complete" "$(value lossy $r all all assignment.completed total) > 0.8 * $(value lossy $r all all assignment.started total)"
done

finish
