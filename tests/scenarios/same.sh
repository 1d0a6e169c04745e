#!/bin/bash
# same.sh CPNS-SIM: equal runs are equal to the byte, in both crypto modes and however many at once; unequal ones differ;
# and one more difference moves nothing else.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

# The manifest without its last object, which may differ.
behaviour() { sed '/^  "provenance"/,$d' "$1/manifest.json"; }
equal_files() { # NAME A B
	local f
	for f in runs.csv summary.csv; do
		if cmp -s "$2/$f" "$3/$f"; then ok "$1: $f"; else fail "$1: $f" "$(diff "$2/$f" "$3/$f" | head -n 6)"; fi
	done
	same "$1: fingerprints" "$(fingerprints "$3")" "$(fingerprints "$2")"
}

for config in General Literal Steady; do
	study "$config-a" "$here/mixed.ini" -c $config -j 1
	study "$config-b" "$here/mixed.ini" -c $config -j 1
	equal_files "$config again" "$config-a" "$config-b"
	same "$config again: manifest outside provenance" "$(behaviour "$config-b")" "$(behaviour "$config-a")"
	study "$config-two" "$here/mixed.ini" -c $config -j 2
	equal_files "$config -j 2" "$config-a" "$config-two"
	same "$config -j 2: manifest outside provenance" "$(behaviour "$config-two")" "$(behaviour "$config-a")"
	study "$config-counted" "$here/mixed.ini" -c $config -j 1 --set crypto.mode=counted
	equal_files "$config counted" "$config-a" "$config-counted"
	study "$config-counted-two" "$here/mixed.ini" -c $config -j 2 --set crypto.mode=counted
	equal_files "$config counted -j 2" "$config-a" "$config-counted-two"
	same "$config: replications differ" "$(fingerprints "$config-a" | sort -u | wc -l)" 3
	study "$config-seed" "$here/mixed.ini" -c $config --seed 2 --set crypto.mode=counted
	same "$config: another seed is another run" "$(cat <(fingerprints "$config-a") <(fingerprints "$config-seed") | sort -u | wc -l)" 6
done
same 'the profile shows in the fingerprint' "$(cat <(fingerprints General-a) <(fingerprints Literal-a) | sort -u | wc -l)" 6
if [[ $(wc -l <General-a/runs.csv) -gt 400 && $(total General-a pan.lost) -gt 0 && $(total General-a assignment.completed pne-secure-pan) -gt 0 ]]; then
	ok 'there was something to compare'
else
	fail 'there was something to compare'
fi

# Standard input, another working directory, another output: the same run.
mkdir elsewhere
(cd elsewhere && "$sim" run - -o ../stdin --quiet <"$here/mixed.ini")
equal_files 'standard input' General-a stdin

# Common random numbers: what a device is and when it arrives depend on no protocol, link, device class or other device.
for r in 0 1 2; do
	for flow in gateway pne-ui pne-secure-pan pne-insecure-pan; do
		equal "both profiles: $flow, replication $r" "$(value Literal-a $r all $flow assignment.started total)" "$(value General-a $r all $flow assignment.started total)"
	done
done

# A replication is the same whether others run or not, and whatever number of them is planned.
study alone "$here/mixed.ini" -r 2
same 'a run on its own' "$(sed 1d alone/runs.csv)" "$(awk -F, 'NR > 1 && $3 == 2' General-a/runs.csv)"
study more "$here/mixed.ini" --set repeat=5 --set crypto.mode=counted
same 'more replications' "$(awk -F, '$3 < 3 || NR == 1' more/runs.csv)" "$(cat General-a/runs.csv)"

# Where nothing is random, all replications are one: a warning and a verdict.
sim run "$here/windows.ini" -o fixed --set repeat=3 --quiet
ends 'nothing random: done' 0
same 'nothing random: one fingerprint' "$(fingerprints fixed | sort -u | wc -l)" 1
same 'nothing random: verdict' "$(summary fixed all all assignment.latency mean verdict)" deterministic
same 'nothing random: low' "$(summary fixed all all assignment.latency mean low)" "$(summary fixed all all assignment.latency mean high)"
if grep -q 'warning.*fingerprint' err; then ok 'nothing random: a warning'; else fail 'nothing random: a warning' "$(cat err)"; fi

finish
