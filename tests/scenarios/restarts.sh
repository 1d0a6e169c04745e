#!/bin/bash
# restarts.sh CPNS-SIM: what assignments survive the restart of a PN GW or of a PNE. A PAN message takes 10 ms, a WAN
# message 40 ms.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

# ends_as NAME DIR COMPLETED FAILED
ends_as() {
	local r
	for r in 0 1; do
		equal "$1, replication $r: completed" "$(value "$2" $r all all assignment.completed total)" "$3"
		equal "$1, replication $r: failed" "$(value "$2" $r all all assignment.failed total)" "$4"
		equal "$1, replication $r: censored" "$(value "$2" $r all all assignment.censored total)" 0
	done
}

gateways=(--set 'fault.gateway.restart-interval=15ms')
pnes=(--set 'fault.pne.restart-interval=15ms')

# Relaying needs no memory: the PNE's assignment does not notice. What the PN GW itself has begun is lost.
study relay "$here/flows.ini" -c PneUi "${gateways[@]}"
ends_as '6.3.1, PN GWs restart' relay 12 0
equal '6.3.1, PN GWs restart: the latency' "$(value relay 0 all all assignment.latency max)" .2
study own "$here/flows.ini" -c Gateway "${gateways[@]}"
ends_as '6.3.3, PN GWs restart' own 0 4
study asked-for "$here/flows.ini" -c PneInsecurePan "${gateways[@]}"
ends_as '6.3.2.2, PN GWs restart' asked-for 0 12
study registering "$here/flows.ini" -c PneUi "${gateways[@]}" --set registration=gateway
ends_as 'registration, PN GWs restart' registering 0 12
# 6.3.2.1: the trigger is out before the restart, and what follows is relayed.
study triggered "$here/flows.ini" -c PneSecurePan --set 'fault.gateway.restart-interval=1000s' --set 'workload.arrivals=storm(2000s)'
ends_as '6.3.2.1, PN GWs restart now and then' triggered 12 0

study ui-pne "$here/flows.ini" -c PneUi "${pnes[@]}"
ends_as '6.3.1, PNEs restart' ui-pne 0 12
# 6.3.2.2 needs nothing of the PNE but its Temporary Key.
study insecure-pne "$here/flows.ini" -c PneInsecurePan "${pnes[@]}"
ends_as '6.3.2.2, PNEs restart' insecure-pne 12 0

# With step 0 a PN GW that restarts has lost its sessions, and makes new ones.
study sessions "$here/flows.ini" -c PneInsecurePan --set protocol.mutual-authentication=run \
	--set protocol.session-lifetime=10000h --set 'workload.arrivals=storm(1000000s)' --set 'fault.gateway.restart-interval=10s'
ends_as 'sessions are lost' sessions 12 0
equal 'sessions are lost: step 0 for each' "$(value sessions 0 all all wan.messages total)" '12 * (6 + 2)'

# A server that restarts has lost its sessions: the PN GWs hear of that when they next ask (2), make new ones (6), and
# ask again (2); the store is as it was.
study server "$here/flows.ini" -c PneInsecurePan --set protocol.mutual-authentication=run \
	--set protocol.session-lifetime=10000h --set 'workload.arrivals=storm(1000000s)' --set 'fault.server.restart-interval=10s'
ends_as 'the server restarts' server 12 0
equal 'the server restarts: step 0 for each' "$(value server 0 all all wan.messages total)" '4 * (6 + 2) + 8 * (2 + 6 + 2)'
equal 'the server restarts: the store survives' "$(value server 0 all all assignment.divergence total)" 0
# Where sessions last, what waits and what is being worked on is lost alone, and comes again: 12 requests at once, a
# second for each, a restart amidst of the seventh; the timers run out just after another one.
study busy "$here/flows.ini" -c PneInsecurePan --set 'workload.arrivals=storm(0s)' --set wan.latency=0s \
	--set pan.latency=0s --set crypto.server=free --set crypto.gateway=free --set crypto.pne=free \
	--set server.service=1s --set 'fault.server.restart-interval=6900ms' --set protocol.timeout=97s --set protocol.jitter=1
ends_as 'a busy server restarts' busy 12 0
equal 'a busy server restarts: six come again' "$(value busy 0 all all server.offered total)" '12 + 6'
equal 'a busy server restarts: five had waited' "$(value busy 0 all all server.shed total)" 5
equal 'a busy server restarts: one was worked on in vain' "$(value busy 0 all all server.served total)" '12 + 1'
equal 'a busy server restarts: useful' "$(value busy 0 all all server.useful total)" 12

# A restart that never comes changes nothing; others are the same whatever runs them.
study never "$here/flows.ini" --set 'fault.gateway.restart-interval=10000h' --set 'fault.pne.restart-interval=10000h' \
	--set 'fault.server.restart-interval=10000h'
study plain "$here/flows.ini"
same 'a restart beyond the end' "$(grep -v kernel.events never/runs.csv)" "$(grep -v kernel.events plain/runs.csv)"
often=(--set 'fault.gateway.restart-interval=exponential(1s)' --set 'fault.pne.restart-interval=exponential(1s)'
	--set 'fault.server.restart-interval=exponential(1s)' --set protocol.mutual-authentication=run --set registration=gateway --set wan.loss=10%)
study one "$here/flows.ini" "${often[@]}" -j 1
study two "$here/flows.ini" "${often[@]}" -j 2 --set crypto.mode=real
same 'restarts at -j 1, -j 2, counted, real' "$(fingerprints one)" "$(fingerprints two)"
holds 'restarts: some fail' "$(value one 0 all all assignment.failed total) > 0"

refused 'restarts without a pause' 'fault\.gateway\.restart-interval.*millisecond' "$here/flows.ini" --set 'fault.gateway.restart-interval=0s'
refused 'restarts of the server without a pause' 'fault\.server\.restart-interval.*millisecond' "$here/flows.ini" --set 'fault.server.restart-interval=0s'
refused 'restarts of PNEs that are not there' 'fault\.pne\.restart-interval' "$here/flows.ini" -c Gateway --set 'fault.pne.restart-interval=1s'

finish
