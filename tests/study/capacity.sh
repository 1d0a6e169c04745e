#!/usr/bin/env bash
# `capacity`: what it refuses, its exit codes, and that it can be interrupted.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../scenarios/lib.sh"

cat >toy.ini <<'INI'
[General]
study = terminating
customers = 60
arrivals = storm(1s)
service.time = 10ms
[Config swept]
factor = ${f=2,3}
[Config fixed]
luck = none
INI

# late NAME PATTERN ARGUMENT...: what only the results of a trial tell
late() {
	local name=$1 pattern=$2
	shift 2
	sim capacity toy.ini "$@" -o refused
	if [[ $status -eq 2 ]] && grep -qE -- "$pattern" err; then ok "$name"; else fail "$name" "$status: $(cat err)"; fi
	rm -rf refused
}
slo=(--slo 'wait.mean<=100ms')
vary=(--vary service.time)
no 'no SLO' 'what is asked' capacity toy.ini "${vary[@]}"
no 'nothing varies' 'what grows' capacity toy.ini "${slo[@]}"
no 'no limit' 'has no <= or >=' capacity toy.ini "${vary[@]}" --slo wait.mean
no 'a limit without sense' '"soon" is no limit' capacity toy.ini "${vary[@]}" --slo 'wait.mean<=soon'
no 'an unknown metric' 'no such metric as wat: did you mean wait' capacity toy.ini "${vary[@]}" --slo 'wat.mean<=100ms'
no 'a metric like no other' 'no such metric as weather: runs.csv' capacity toy.ini "${vary[@]}" --slo 'weather<=100ms'
no 'another unit' 'is in s, the limit in 1/s' capacity toy.ini "${vary[@]}" --slo 'wait.mean<=100/s'
no 'a number of seconds' 'is in 1, the limit in s' capacity toy.ini "${vary[@]}" --slo 'wait.count<=100s'
no 'a statistic to name' 'several statistics' capacity toy.ini "${vary[@]}" --slo 'wait<=100ms'
no 'a statistic that there is not' 'no max of throughput, which has: mean' capacity toy.ini "${vary[@]}" --slo 'throughput.max>=1/s'
late 'a metric that the scenario has not' 'have no such metric' "${vary[@]}" --slo 'lost<=1'
no 'an unknown parameter' 'did you mean service.time' capacity toy.ini "${slo[@]}" --vary service.tim
no 'a word' 'is not a number' capacity toy.ini "${slo[@]}" --vary luck
no 'replications' 'how to measure' capacity toy.ini "${slo[@]}" --vary repeat
no 'a bound without a unit' '--from=5.*unit' capacity toy.ini "${slo[@]}" "${vary[@]}" --from 5
no 'no range' '--from is above --to' capacity toy.ini "${slo[@]}" "${vary[@]}" --from 5s --to 1s
no 'no start' 'no value of it to start from' capacity toy.ini "${slo[@]}" --vary queue-limit
no 'no width' '--width=0%' capacity toy.ini "${slo[@]}" "${vary[@]}" --width 0%
no 'too few replications' '--max-replications=3' capacity toy.ini "${slo[@]}" "${vary[@]}" --max-replications 3
no 'two configs' 'one config at a time' capacity toy.ini "${slo[@]}" "${vary[@]}" -c swept -c fixed
no 'runs that nobody knows' 'leave them out' capacity toy.ini "${slo[@]}" "${vary[@]}" -r 3
no 'a part of runs that nobody knows' 'leave them out' capacity toy.ini "${slo[@]}" "${vary[@]}" --shard 1/2
no 'nothing reads it' 'rate' capacity toy.ini "${slo[@]}" --vary rate

# Without luck the answer is exact: a customer every 50 ms, so those who are served in 50 ms + d wait 0, d, .. 59 d.
sim capacity toy.ini -c fixed --slo 'wait.mean<=100ms' --vary service.time --width 1% -o fixed
ends 'found' 0
same 'header' "$(head -n 1 fixed/capacity.csv)" 'config,iteration,parameter,lower,upper,unit,confidence,verdict'
row=$(sed -n 2p fixed/capacity.csv)
IFS=, read -r config iteration parameter lower upper unit confidence verdict <<<"$row"
same 'row' "$config,$iteration,$parameter,$unit,$confidence,$verdict" 'fixed,,service.time,s,0.94999999999999996,ok'
exact=$(awk 'BEGIN { print 0.05 + 0.1 / 29.5 }')
holds 'the exact answer is in it' "$lower <= $exact && $exact < $upper && $upper <= 1.01 * $lower"
has 'the knee' fixed/capacity.csv 'fixed,,service.time knee of wait.mean,'
has 'what was asked is kept' fixed/manifest.json '"wait.mean<=100ms"'
has 'in words' out 'Capacity: the greatest service.time that meets all SLOs lies between'
has 'iterations carry the value' fixed/runs.csv 'fixed,service.time=10000us,0,0,'
same 'no run twice' "$(cut -d, -f1-4 fixed/runs.csv | uniq | cut -d, -f4 | sort | uniq -d)" ''

sim capacity toy.ini -c swept "${slo[@]}" "${vary[@]}" -o swept --width 20%
ends 'a search for each iteration' 0
same 'their rows' "$(cut -d, -f2,3 swept/capacity.csv | grep 'time$' | tr '\n' ' ')" 'f=2,service.time f=3,service.time '
sim capacity toy.ini "${slo[@]}" "${vary[@]}" --from 40ms --to 45ms -o all
ends 'all values pass' 0
has 'as it says' all/capacity.csv ',all values pass'
sim capacity toy.ini "${slo[@]}" "${vary[@]}" --from 90ms --to 90ms -o none
ends 'a value that is too much' 4
has 'as it says' none/capacity.csv ',no value passes'
sim capacity toy.ini "${slo[@]}" "${vary[@]}" --width 0.1% --max-replications 10 -o wide --quiet
ends 'too wide' 3
has 'as it says' wide/capacity.csv ',width not reached'
sim capacity toy.ini -c fixed "${slo[@]}" --vary customers --set service.time=52ms --width 0.1% -o whole --quiet
ends 'whole numbers' 0
same 'the last waits 2 ms longer than the one before' "$(sed -n 2p whole/capacity.csv | cut -d, -f4,5)" 101,102
sim capacity toy.ini -c fixed --slo 'wait.mean<=1us' --vary customers --set service.time=60ms --set customers=5000 -o few --quiet
ends 'whole numbers down to a share of the start that is none' 4
sim capacity toy.ini "${slo[@]}" "${vary[@]}" --set fail=,2, -o failing --quiet
ends 'where replications fail' 6

# Stopped and resumed, it finds what it would have found.
sim capacity toy.ini "${slo[@]}" "${vary[@]}" --set pause=5ms --width 20% -o whole2 --quiet
timeout -s KILL 0.5 "$sim" capacity toy.ini "${slo[@]}" "${vary[@]}" --set pause=5ms --width 20% -o torn --quiet -j 1 2>killed
holds 'killed on its way' "$(wc -l <torn/journal.ndjson) > 1"
sim capacity toy.ini "${slo[@]}" "${vary[@]}" --set pause=5ms --width 20% -o torn --quiet --resume
for file in capacity.csv runs.csv summary.csv; do
	same "resumed: $file" "$(sha256sum <torn/$file)" "$(sha256sum <whole2/$file)"
done
finish
