#!/bin/bash
# capacity.sh CPNS-SIM [full]: the interval holds the answer of a queue that is known: M/M/1 with a service of 10 ms on
# average. `full`: the wait's quantile, too, to 2 %; that takes minutes.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"
full=${2-}

# brackets NAME DIR EXACT WIDTH
brackets() {
	local lower upper
	IFS=, read -r _ _ _ lower upper _ < <(sed -n 2p "$2/capacity.csv")
	holds "$1: $lower to $upper holds $3" "$lower <= $3 && $3 <= $upper"
	holds "$1: not wider than $4" "$upper <= (1 + $4) * $lower"
}

# search NAME DIR EXACT WIDTH SLO ARGUMENT...
search() {
	local name=$1 dir=$2 exact=$3 width=$4 slo=$5
	shift 5
	sim capacity "$here/capacity.ini" --slo "$slo" --vary workload.rate --width "$width" -o "$dir" --quiet "$@"
	ends "$name" 0
	brackets "$name" "$dir" "$exact" "$width"
}

# Utilisation is rate x 10 ms.
search 'utilisation' utilisation 60 0.02 'server.utilisation.mean<=60%'
# P(wait > t) = u e^(-(1 - u) t / 10 ms): 1 % at 100 ms.
quantile=$(awk 'BEGIN { a = 0.2; b = 0.99
	for (i = 0; i < 100; i++) { u = (a + b) / 2; if (0.01 / (1 - u) * log(100 * u) > 0.1) b = u; else a = u }
	printf "%.9g", 100 * u }')
search 'p99 of wait' quantile "$quantile" 0.2 'server.wait.p99<=100ms'
# The mean wait is u / (1 - u) x 10 ms: 40 ms at 80 %.

# A surge from which a queue in order of arrival does not come back, for it works for clients that have sent again; one
# that takes the newest first does. Requests are sent five times at the most, so no load below a fifth of what the
# server takes can keep the queue.
for policy in Fifo Lifo; do
	sim capacity "$here/../../topologies/metastable.ini" -c $policy --vary workload.rate --from 5/s --to 100/s \
		--width 40% --slo 'assignment.latency.p99<=2s' --slo 'assignment.failure-share<=1%' \
		--trigger workload.surge=1s -o $policy --set gateways=500 --set warmup=60s --set sim-time-limit=90s
	ends "$policy" 0
done
IFS=, read -r _ _ _ above stays _ < <(grep '^Fifo,workload.surge=1s,workload.rate,' Fifo/capacity.csv)
IFS=, read -r _ _ _ below _ < <(sed -n 2p Fifo/capacity.csv)
holds 'metastable: it does not return where it holds' "$stays < $below"
holds 'metastable: from a fifth of it, it returns' "$above > 20"
grep -q '^It returns: after workload.surge=1s ' out && ok 'in words' || fail 'in words' "$(cat out)"
IFS=, read -r _ _ _ above _ < <(grep '^Lifo,workload.surge=1s,workload.rate,' Lifo/capacity.csv)
IFS=, read -r _ _ _ below _ < <(sed -n 2p Lifo/capacity.csv)
holds 'the newest first: it returns' "$above >= $below"
sim run "$here/../../topologies/metastable.ini" -c Fifo -o surge --set study=terminating --set warmup=none \
	--set sim-time-limit=90s --set repeat=1 --set workload.surge=1s --quiet
sim run "$here/../../topologies/metastable.ini" -c Fifo -o calm --set study=terminating --set warmup=none \
	--set sim-time-limit=90s --set repeat=1 --quiet
equal 'a surge adds one arrival of each device' "$(total surge assignment.started)" "$(total calm assignment.started) + 2000"
sim capacity "$here/../../topologies/metastable.ini" -c Fifo --vary workload.rate --slo 'assignment.latency.p99<=2s' \
	--trigger workload.surg=1s
ends 'a trigger of an unknown name' 2

if [[ $full == full ]]; then
	search 'p99 of wait, closely' closely "$quantile" 0.02 'server.wait.p99<=100ms' --set sim-time-limit=3000s \
		--set warmup=30s --max-replications 200
	search 'mean wait' mean 80 0.02 'server.wait.mean<=40ms' --set sim-time-limit=3000s --set warmup=60s \
		--max-replications 200
fi
finish
