#!/bin/bash
# selftest.sh CPNS-SIM: the self-test passes, prints a row for each oracle, and the same oracles with another seed.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"
seconds=900 # for all its runs

sim selftest --quick -j 2
ends 'selftest --quick' 0
[[ $status -eq 0 ]] || cat out
rows() { sed -n '2,/^$/p' out | sed '/^$/d'; }
row() { # PATTERN
	if rows | grep -qE -- "^  $1 "; then ok "row $1"; else fail "row $1"; fi
}
for name in 'SHA-256 of "abc" \(FIPS 180-4\)' 'EUKey under the KEK' 'K_1 of a chain of 8' 'interval of 10 normal values: coverage' \
	'median of 10 exponential values: coverage' 'mean wait of M/M/4 at 0.7: coverage' 'sequential stopping, normal values: coverage' \
	'M/M/1 at 0.5: mean wait' 'M/M/2 at 0.7: p99 of wait' 'M/M/8 at 0.5: who waits' 'M/M/4 at 0.7: utilisation' \
	'lock, M/M/1 at 0.5: p99 of wait' 'LMDB, two flushes, M/D/1 at 0.7: mean wait' "SQLite's polling at 0.5: p99 of wait" \
	'lock, M/M/1//64: throughput' '4 shards at 0.7 of their capacity: utilisation' 'M/D/1 at 0.7: mean wait' 'M/G/1, uniform at 0.5: mean wait' 'M/G/1, lognormal at 0.7: mean wait' 'M/M/1//64: throughput'; do
	row "$name"
done
same 'every row has a verdict' "$(rows | grep -cvE ' (ok|missed|wrong)$')" 0
same 'none is wrong' "$(rows | grep -c ' wrong$')" 0
if grep -q '^Passed: ' out; then ok 'it says so'; else fail 'it says so' "$(tail -n 3 out)"; fi
# mean wait = rho / (1 - rho) seconds, half of it where the service is constant
same 'what is expected of M/M/1' "$(rows | awk '/^ *M\/M\/1 at 0.5: mean wait/ { print $6 $7 }')" 1s
same 'what is expected of M/D/1' "$(rows | awk '/^ *M\/D\/1 at 0.5: mean wait/ { print $6 $7 }')" 500ms
rows >first
sim selftest --quick --seed 2 -j 1
ends 'another seed' 0
if cmp -s <(rows) first; then fail 'another seed: other luck'; else ok 'another seed: other luck'; fi
same 'another seed: the same oracles' "$(rows | cut -c 1-44)" "$(cut -c 1-44 first)"
same 'nothing is left behind' "$(ls)" "$(printf 'err\nfirst\nout')"
finish
