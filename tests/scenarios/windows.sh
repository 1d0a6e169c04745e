#!/bin/bash
# windows.sh CPNS-SIM: the server's queue and workers, observation windows, steady-state workloads, limits.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"
scenario=$here/windows.ini
all() { value "$1" "${4-0}" all all "$2" "$3"; }

# One PN GW, alone: its throughput is one assignment per latency.
study one "$scenario" --set gateways=1
equal 'one: throughput' "$(all one assignment.throughput mean)" '1 / 0.08'
equal 'one: share of failures' "$(all one assignment.failure-share mean)" 0

# Ten at once at a server that takes 10 ms each: the k-th waits (k - 1) x 10 ms.
study ten "$scenario" --set server.service=10ms
equal 'ten: shortest' "$(all ten assignment.latency min)" 0.09
equal 'ten: longest' "$(all ten assignment.latency max)" 0.18
near 'ten: mean' "$(all ten assignment.latency mean)" 0.135 1e-12
near 'ten: sd' "$(all ten assignment.latency sd)" 'sqrt(82.5 / 9) / 100' 1e-9
equal 'ten: p50 is the 5th smallest' "$(all ten assignment.latency p50)" 0.13
equal 'ten: p90 is the 9th smallest' "$(all ten assignment.latency p90)" 0.17
equal 'ten: server.wait count' "$(all ten server.wait count)" 10
near 'ten: server.wait mean' "$(all ten server.wait mean)" 0.045 1e-12
equal 'ten: server.wait max' "$(all ten server.wait max)" 0.09
equal 'ten: server.service mean' "$(all ten server.service mean)" 0.01
near 'ten: utilisation over the window of 180 ms' "$(all ten server.utilisation mean)" '0.1 / 0.18' 1e-12
near 'ten: queue over the window' "$(all ten server.queue mean)" '0.45 / 0.18' 1e-12
equal 'ten: nine wait at once' "$(all ten server.queue max)" 9
near 'ten: throughput' "$(all ten assignment.throughput mean)" '10 / 0.18' 1e-9

study three "$scenario" --set server.service=10ms --set server.workers=3
equal 'three workers: longest' "$(all three assignment.latency max)" 0.12
near 'three workers: utilisation is of all of them' "$(all three server.utilisation mean)" '0.1 / 3 / 0.12' 1e-12
equal 'three workers: utilisation max' "$(all three server.utilisation max)" 1

# A sim-time-limit within the run: what is under way is censored, and the window ends there.
study cut "$scenario" --set server.service=10ms --set sim-time-limit=125ms
equal 'cut: completed' "$(all cut assignment.completed total)" 4
equal 'cut: censored' "$(all cut assignment.censored total)" 6
equal 'cut: failed' "$(all cut assignment.failed total)" 0
near 'cut: throughput' "$(all cut assignment.throughput mean)" '4 / 0.125' 1e-9
equal 'cut: failure share counts them' "$(all cut assignment.failure-share mean)" 0.6
near 'cut: utilisation' "$(all cut server.utilisation mean)" '0.085 / 0.125' 1e-12
near 'cut: queue, clipped' "$(all cut server.queue mean)" '(0.01 * (1+2+3+4+5+6+7+8) + 0.085) / 0.125' 1e-9
equal 'cut: latency of the completed alone' "$(all cut assignment.latency max)" 0.12
study beyond "$scenario" --set server.service=10ms --set sim-time-limit=1h
same 'a limit beyond the end changes nothing but the cause' "$(cat beyond/runs.csv)" "$(cat ten/runs.csv)"

# A limit that cuts off nothing but a timer that nobody waits for: here retransmissions are due at 2 s, and all is done
# after 180 ms. Timers that change nothing do not extend the window.
for limit in 181ms 1s 1999ms 2001ms; do
	study "stale$limit" "$scenario" --set server.service=10ms --set sim-time-limit=$limit
	same "limit $limit: the window ends with the last assignment" "$(cat "stale$limit/runs.csv")" "$(cat ten/runs.csv)"
	same "limit $limit: nothing was left to do" "$(grep -o '"ended" : "[^"]*"' "stale$limit/manifest.json")" '"ended" : "nothing left to do"'
done
# What comes after the last assignment has ended is not in the window: here the server is asked again before its answer
# has come, and works on that when all is over.
study twice "$scenario" --set gateways=1 --set wan.latency=1.1s --set protocol.jitter=1 --set server.service=10ms
equal 'asked again: one service in the window' "$(all twice server.service count)" 1
near 'asked again: utilisation says the same' "$(all twice server.utilisation mean)" '0.01 / 2.21' 1e-12

study early "$scenario" --set 'workload.arrivals=storm(100s)' --set sim-time-limit=50s --set gateways=1000
binomial 'arrivals after the limit do not start' "$(all early assignment.started total)" 1000 0.5

# Storm: each device once, uniform in the window.
study storm "$scenario" --set 'workload.arrivals=storm(100s)' --set gateways=1000
equal 'storm: each once' "$(all storm assignment.started total)" 1000
near 'storm: throughput over first arrival to last end' "$(all storm assignment.throughput mean)" 10 0.25
study half "$scenario" --set 'workload.arrivals=storm(100s)' --set gateways=1000 --set sim-time-limit=25s
binomial 'storm: uniform' "$(all half assignment.started total)" 1000 0.25

# A device is free for its next assignment when its key is stored, whatever happens to the acknowledgement, and where
# there is none: literal and hardened 6.3.2.2 take the same 90 ms each, one after the other.
for profile in literal hardened; do
	study "$profile" "$scenario" -c Notified --set "protocol.profile=$profile"
	near "$profile: re-keyed as fast as it comes" "$(all "$profile" assignment.latency mean)" '0.09 + 0.09 * 0.09 / (2 * (1 - 0.09))' 0.002
	equal "$profile: none fails" "$(all "$profile" assignment.failed total)" 0
done

# Poisson arrivals in steady state: 100/s for 100 s; the window is the whole run, or from the warm-up.
study poisson "$scenario" -c Poisson
study warm "$scenario" -c Poisson --set warmup=20s
study short "$scenario" -c Poisson --set 'workload.arrivals=poisson(100/s)' --set repeat=1
for r in 0 1 2 3 4; do
	near "poisson, replication $r: started" "$(all poisson assignment.started total $r)" 10000 400
	near "poisson, replication $r: throughput" "$(all poisson assignment.throughput mean $r)" "$(all poisson assignment.completed total $r) / 100" 1e-9
	near "warm-up, replication $r: started" "$(all warm assignment.started total $r)" 8000 360
	near "warm-up, replication $r: throughput" "$(all warm assignment.throughput mean $r)" "$(all warm assignment.completed total $r) / 80" 0.25
	holds "poisson, replication $r: under way at the end" "$(all poisson assignment.censored total $r) >= 1 && $(all poisson assignment.censored total $r) < 30"
done
same 'poisson(R) is shorthand' "$(sed 1d short/runs.csv)" "$(awk -F, 'NR > 1 && $3 == 0' poisson/runs.csv)"
same 'a warm-up moves no event' "$(fingerprints poisson)" "$(fingerprints warm)"

# M/M/1 at half load (rate 100/s, 5 ms): wait 5 ms, sojourn 10 ms, queue 0.5, utilisation 0.5.
study server "$scenario" -c Server
near 'M/M/1: utilisation' "$(summary server all all server.utilisation mean estimate)" 0.5 0.02
near 'M/M/1: wait' "$(summary server all all server.wait mean estimate)" 0.005 0.0005
near 'M/M/1: service' "$(summary server all all server.service mean estimate)" 0.005 0.00005
near 'M/M/1: queue' "$(summary server all all server.queue mean estimate)" 0.5 0.05
near 'M/M/1: latency' "$(summary server all all assignment.latency mean estimate)" 0.09 0.0005
near 'M/M/1: p99 of the wait' "$(summary server all all server.wait p99 estimate)" 0.03912 0.004

# M/D/1 at a device: 5/s, 80 ms each: utilisation 0.4, wait 26.7 ms.
study device "$scenario" -c Device
near 'M/D/1: a busy device queues its arrivals' "$(summary device all all assignment.latency mean estimate)" '0.08 + 0.4 * 0.08 / 2 / 0.6' 0.001

# Replications: an interval of the mean that holds the truth.
holds 'M/M/1: the interval has a width' "$(summary server all all server.wait mean low) < $(summary server all all server.wait mean high)"
same 'M/M/1: verdict' "$(summary server all all server.wait mean verdict)" ok

# Nothing to do is not an error.
study nobody "$scenario" --set gateways=0
equal 'no PN GW: started' "$(all nobody assignment.started total)" 0
same 'no PN GW: no share of nothing' "$(all nobody assignment.failure-share mean)" ''
same 'no PN GW: no rate over no time' "$(all nobody assignment.throughput mean)" ''
study nobody-steady "$scenario" -c Poisson --set gateways=0
equal 'no PN GW, steady-state: started' "$(all nobody-steady assignment.started total)" 0
equal 'no PN GW, steady-state: throughput' "$(all nobody-steady assignment.throughput mean)" 0
study alone "$here/flows.ini" -c PneUi --set pnes-per-gateway=0
equal 'no PNEs: started' "$(all alone assignment.started total)" 0
equal 'no PNEs: their flow still has rows' "$(value alone 0 all pne-ui assignment.started total)" 0
study auto-alone "$here/flows.ini" --set pnes-per-gateway=0
equal 'no PNEs, auto: PN GWs' "$(value auto-alone 0 all gateway assignment.completed total)" 4

# Times beyond what virtual time can hold end with a message, not with a signal.
beyond_time() { # NAME ARGUMENT...
	local name=$1
	shift
	rm -rf beyond-time
	sim run "$scenario" --set repeat=1 --quiet -o beyond-time "$@"
	if [[ $status -lt 124 && ($status -eq 0 || -s err) ]] && ! grep -qE 'Assertion|runtime error|Sanitizer' err; then ok "$name"; else fail "$name" "exit status $status
$(cat err)"; fi
}
beyond_time 'latencies that add up to more than virtual time' --set wan.latency=100000d
beyond_time 'a back-off beyond virtual time' --set protocol.backoff=1000 --set protocol.retries=100 --set wan.loss=100%
beyond_time 'a service beyond virtual time' --set server.service=100000d
beyond_time 'a serialisation beyond virtual time' --set wan.rate=1bit/s --set wan.mtu=1B --set wan.overhead=1MB --set protocol.retries=1000

finish
