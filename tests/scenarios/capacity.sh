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
if [[ $full == full ]]; then
	search 'p99 of wait, closely' closely "$quantile" 0.02 'server.wait.p99<=100ms' --set sim-time-limit=3000s \
		--set warmup=30s --max-replications 200
	search 'mean wait' mean 80 0.02 'server.wait.mean<=40ms' --set sim-time-limit=3000s --set warmup=60s \
		--max-replications 200
fi
finish
