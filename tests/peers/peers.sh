#!/bin/bash
# peers.sh CPNS-SIM: scripts/bench-peers with small models. Both are the same models in cpns-sim and in every peer that is
# installed here, and one that is not is noticed; machines can read the figures.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/../scenarios/lib.sh"
bench_peers=$(readlink -f -- "$here/../../scripts/bench-peers")
export CPNS_SIM=$sim CPNS_LIMITS=$work/none

# peers ARGUMENT...: leaves $status, and the files out and err
peers() {
	timeout -k 5 "$seconds" "$bench_peers" "$@" --no-install >out 2>err </dev/null
	status=$?
}

# The names of an object's members, but for `wall`, which only times have.
members() { sed 's/"wall":[^,]*,//' | grep -o '"[a-z-]*":' | tr -d '\n'; }

peers --tiny --json figures
ends 'the same models' 0
for table in 'W1, classic hold, 1 000' 'W2, star'; do
	if grep -q "^$table" out; then ok "a table: $table"; else fail "a table: $table" "$(cat out err)"; fi
done
for name in cpns-sim ns-3 SimGrid SimPy; do
	if grep "^without $name:" err; then
		same "$name: left out" "$(grep -c "^$name" out)" 0
	else
		holds "$name: in both tables" "$(grep -c "^$name.* s  " out) > 0 && $(grep -c "^$name.* ms  " out) > 0"
	fi
done
sim bench kernel.hold.1000 --repeat 1
wanted=$(head -n 1 out | members)
unlike=$(while read -r line; do
	[[ $(members <<<"$line") == "$wanted" ]] || echo "$line"
done <figures)
same 'figures: the members of those of bench' "$unlike" ''
holds 'figures: all of them' "$(wc -l <figures) >= 8"

# noticed NAME CHANGE PATTERN ARGUMENT...: cpns-sim does something else, by the change that sed makes in its figures
noticed() {
	local name=$1 change=$2 pattern=$3
	shift 3
	printf '#!/bin/bash\nset -o pipefail\n"%s" "$@" | sed -E "%s"\n' "$sim" "$change" >other
	chmod +x other
	CPNS_SIM=$work/other peers --tiny "$@"
	ends "$name" 1
	if grep -qE -- "$pattern" err; then ok "$name: why"; else fail "$name: why" "$(cat err)"; fi
}
noticed 'another delay' 's/(delay.,.value.:)[0-9.]*/\11.01/' '^FAIL cpns-sim,.*.W1, 1000.: mean delay: 1\.01 s, expected 1 ' W1
noticed 'other retransmissions' 's/(retransmissions.,.value.:)[0-9.]*/\10.0556/' \
	'^FAIL cpns-sim .W2, 10000.: retransmissions: 5\.56 %, expected 5\.17' W2
noticed 'another response' 's/(response.,.value.:)[0-9.]*/\10.182/' \
	'^FAIL cpns-sim .W2, 10000.: mean response: 182 ms, expected 177\.8' W2
noticed 'other transactions' 's/.work.:[0-9]*/\"work\":99999/' \
	'^FAIL cpns-sim .*: 99999 transactions, expected 100000' W2
noticed 'another result each time' 's/.hash.:.[0-9a-f]*/\"hash\":\"'"\$RANDOM/" \
	'^FAIL cpns-sim.*: another time, another result' W1 --repeat 2
noticed 'no result' 's/.*//' '^FAIL cpns-sim,.*.W1, 1000.: ours kernel\.hold' W1

peers W3
ends 'another model' 2
peers --repeat 0
ends 'no repetition' 2
finish
