#!/bin/bash
# bench.sh CPNS-SIM CPNS-SIM-REFERENCE: the benchmarks come to the results that they always came to, in any build and
# with either set of pending events; figures are told as documented; the star is the model that it claims to be.
# To accept other results:  CPNS-SIM bench --tiny >tests/bench/tiny.ndjson
reference=$(readlink -f -- "$2") || exit 99
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/../scenarios/lib.sh"
golden=$here/../bench/tiny.ndjson

names() { sed 's/^{"name":"\([^"]*\)".*/\1/'; }
hash_of() { sed -n 's/^{"name":"'"$1"'",.*"hash":"\([0-9a-f]*\)".*/\1/p' "$2"; }
# member NAME KEY [FILE]: a number of the figure of that name
member() { sed -n 's/^{"name":"'"$1"'",.*"'"$2"'":\([-+0-9.e]*\).*/\1/p' "${3:-out}"; }

# What comes out

sim bench --tiny
ends 'tiny' 0
same 'tiny: nothing else is said' "$(cat err)" ''
if cmp -s out "$golden"; then ok 'tiny: as always'; else fail 'tiny: as always' "$(diff "$golden" out)"; fi
cp out tiny
sim=$reference sim bench --tiny
if cmp -s out tiny; then ok 'tiny: by the reference'; else fail 'tiny: by the reference' "$(diff tiny out)"; fi
sim bench --tiny --seed 2
ends 'another seed' 0
same 'another seed: the same benchmarks' "$(names <out)" "$(names <tiny)"
for name in kernel.hold.1000 kernel.star.10000 kernel.variate.normal crypto.real.hmac-88 protocol.chain.pebble.1024 \
	store.lock topology.generate flow.gateway.real city.storm.10000; do
	if [[ $(hash_of $name out) != "$(hash_of $name tiny)" ]]; then ok "another seed: $name"; else fail "another seed: $name"; fi
done
for flow in pne-ui pne-secure-pan pne-insecure-pan gateway; do
	same "$flow: one timeline in both modes" "$(hash_of "flow.$flow.counted" tiny)" "$(hash_of "flow.$flow.real" tiny)"
done

# Which are run

sim bench --list
ends 'the list' 0
same 'the list: all of them' "$(awk '{ print $1 }' out)" "$(names <tiny)"
same 'the list: each once' "$(names <tiny | sort | uniq -d)" ''
sim bench --tiny kernel.star kernel.message
same 'by name and beginning' "$(names <out | tr '\n' ' ')" \
	'kernel.message kernel.star.10000 kernel.star.100000 kernel.star.1000000 '

refused() { # NAME PATTERN ARGUMENT...
	local name=$1 pattern=$2
	shift 2
	sim bench "$@"
	ends "$name" 2
	if grep -qE -- "$pattern" err; then ok "$name: why"; else fail "$name: why" "$(cat err)"; fi
	same "$name: nothing is run" "$(cat out)" ''
}
refused 'an unknown name' 'unknown benchmark "kernel\.hodl\.1000": did you mean kernel\.hold\.1000\?.*--list' kernel.hodl.1000
refused 'half a word' 'unknown benchmark "kernel\.st".*up to a dot' kernel.message kernel.st
refused 'a negative time' 'seconds=-1: write a number from 0' --seconds=-1
refused 'no number of repetitions' 'repeat=-3: write a number from 1' --repeat=-3
refused 'no repetitions' 'repeat=0: write a number from 1' --repeat=0
refused 'a negative seed' 'seed=-1: write a number from 0' --seed=-1
refused 'an unknown option' 'did you mean --repeat' --repaet=2

# Figures

sim bench kernel.message --repeat 5
ends 'a figure' 0
same 'a figure: one line' "$(wc -l <out)" 1
for key in name value unit n min max wall work hash seed commit dirty build-type compiler event-queue machine libraries; do
	if grep -q "\"$key\":[^,}]" out; then ok "a figure: $key"; else fail "a figure: $key" "$(cat out)"; fi
done
same 'a figure: n' "$(member kernel.message n)" 5
holds 'a figure: in order' "0 < $(member kernel.message min) && $(member kernel.message min) <= $(member kernel.message value) &&
	$(member kernel.message value) <= $(member kernel.message max)"
sim bench kernel.timer --seconds 0
same 'no time: three repetitions' "$(member kernel.timer n)" 3

# The star is told by its own figures: see models/bench/star.c. Four standard deviations of 100 000 transactions.
sim bench kernel.star.10000 --repeat 1
ends 'star' 0
near 'star: retransmissions' "$(member 'kernel.star.10000.retransmissions' value)" \
	'1 / (0.98 * 0.98 * 0.995 * 0.995) - 1' '4 * 0.0007'
near 'star: events' "$(member 'kernel.star.10000.events' value)" 6.25 0.02
near 'star: response' "$(member 'kernel.star.10000.response' value)" 0.1775 0.003
if grep -q '"build-type":"release"' out; then
	holds 'star: memory' "$(member 'kernel.star.10000.memory' value) <= 256"
fi

# The end of it

"$sim" bench city.storm.1000000 >out 2>err &
running=$!
child=
for ((i = 0; i < 100; i++)); do
	child=$(awk -v parent=$running '$4 == parent { print $1 }' /proc/[0-9]*/stat 2>/dev/null)
	[[ -z $child ]] || break
	sleep 0.1
done
sleep 0.5
kill -TERM $running
wait $running
status=$?
ends 'interrupted' 143
if [[ -n $child && ! -e /proc/$child ]]; then ok 'interrupted: nothing goes on'; else fail 'interrupted: nothing goes on'; fi
same 'interrupted: no half figures' "$(cat out)" ''
finish
