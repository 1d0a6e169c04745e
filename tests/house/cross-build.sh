#!/bin/bash
# cross-build.sh BINARY...: the same scenario gives the same numbers from every build of cpns-sim, with real and with
# counted cryptography, alone and with two runs at once. Compared with the first binary, real, -j 1: runs.csv and
# summary.csv byte for byte and the fingerprint of every run; and, where the arguments are the same but for -j and -o,
# the whole manifest outside `provenance`. One line for each comparison, then the sums.
#
# cross-build.sh --self-test: does it notice what it is there to notice?
set -euo pipefail
root=$(dirname -- "$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")")

# scenario, config or -, what makes it small
scenarios='
topologies/quickstart.ini      -                 --set repeat=2 --set gateways=20
tests/house/cross-build.ini    Storm
tests/house/cross-build.ini    Storm             --set pan.loss=100% --set repeat=1
tests/house/cross-build.ini    Bursts
tests/house/cross-build.ini    Gateways
tests/house/cross-build.ini    Rekeying          --seed 7
tests/house/cross-build.ini    Closed
topologies/flows.ini           General
topologies/household.ini       Literal
topologies/literal-vs-hardened.ini  Literal      --set repeat=2 --set gateways=30
topologies/merged-trigger.ini  Merged            --set repeat=1 --set gateways=10
topologies/entity-discovery.ini  LiteralTyped    --set repeat=1 --set gateways=20
topologies/one-kek.ini         FreshnessOneKek   --set repeat=1 --set gateways=10
topologies/rough-weather.ini   Storms            --set repeat=2 --set sim-time-limit=36h
'
seconds=300 # for one run; the slowest build has sanitizers and no optimiser

# The manifest without its object "provenance", wherever that stands.
without_provenance() {
	awk '
	{ text = text $0 "\n" }
	END {
		depth = 0; cut = -1 # cut: the depth at which provenance stands while inside it
		while (match(text, /"([^"\\]|\\.)*"|[{}]|\[|\]/)) {
			before = substr(text, 1, RSTART - 1); token = substr(text, RSTART, RLENGTH)
			text = substr(text, RSTART + RLENGTH)
			if (cut < 0) printf "%s%s", before, token
			if (token ~ /^[{\[]$/) depth++
			if (token ~ /^[}\]]$/ && --depth == cut) cut = -1
			if (cut < 0 && token == "\"provenance\"" && text ~ /^[ \t\n]*:[ \t\n]*\{/) cut = depth
		}
		if (cut < 0) printf "%s", text
	}' "$1"
}

fingerprints() {
	without_provenance "$1" | grep -oE '"fingerprint"[[:space:]]*:[[:space:]]*"[0-9a-f]{32}"' || true
}

# differences RUN REFERENCE [REFERENCE WITH THE SAME ARGUMENTS]: what differs, in words; nothing when nothing does.
differences() {
	local file
	[[ ! -s $1/failed ]] || { cat "$1/failed"; return; }
	for file in runs.csv summary.csv; do
		cmp -s "$1/$file" "$2/$file" || echo "$file differs: $(diff "$2/$file" "$1/$file" 2>&1 | sed -n 2,4p | tr '\n' ' ')"
	done
	[[ $(fingerprints "$1/manifest.json") == "$(fingerprints "$2/manifest.json")" ]] || echo 'fingerprints differ'
	[[ -n $(fingerprints "$1/manifest.json") ]] || echo 'no fingerprints'
	[[ $# -lt 3 || $(without_provenance "$1/manifest.json") == "$(without_provenance "$3/manifest.json")" ]] ||
		echo "manifest.json differs: $(diff <(without_provenance "$3/manifest.json") \
			<(without_provenance "$1/manifest.json") | sed -n 2,4p | tr '\n' ' ')"
}

# simulate OUT BINARY ARGS...: leaves OUT/failed with the reason if it did not end well.
simulate() {
	local out=$1 binary=$2 status=0
	shift 2
	timeout "$seconds" "$binary" "$@" -o "$out" >"$out.log" 2>&1 </dev/null || status=$?
	mkdir -p "$out"
	if [[ $status -ne 0 ]]; then
		echo "exit status $status: $(tail -n 3 "$out.log" | tr '\n' ' ')" >"$out/failed"
	elif [[ ! -s $out/runs.csv || ! -s $out/summary.csv || ! -s $out/manifest.json ]]; then
		echo 'left no runs.csv, summary.csv or manifest.json' >"$out/failed"
	fi
}

compare_all() {
	local ok=0 failed=0 skipped=0 first=$1
	local scenario config extra binary mode jobs out name why reference
	while read -r scenario config extra; do
		[[ -n $scenario ]] || continue
		name="$scenario $config${extra:+ $extra}"
		if [[ ! -f $root/$scenario ]]; then
			echo "skip $name: no such file"
			skipped=$((skipped + 1))
			continue
		fi
		rm -rf "$scratch"/run-*
		reference=$scratch/run-0-real-1
		for mode in real counted; do
			local number=0
			for binary; do
				for jobs in 1 2; do
					out=$scratch/run-$number-$mode-$jobs
					if [[ -s $reference/failed ]]; then
						continue # said already: there is nothing to compare with
					fi
					# shellcheck disable=SC2046,SC2086 # lists
					simulate "$out" "$binary" run "$root/$scenario" $([[ $config == - ]] || echo -c "$config") \
						$extra --set "crypto.mode=$mode" -j "$jobs"
					why=$(differences "$out" "$reference" "$scratch/run-0-$mode-1")
					if [[ -z $why ]]; then
						# The reference is compared with itself alone, which shows nothing.
						[[ $out != "$reference" ]] || continue
						echo "ok $name: $binary, $mode, -j $jobs"
						ok=$((ok + 1))
					else
						echo "FAIL $name: $binary, $mode, -j $jobs (against $first, real, -j 1)"
						printf '%s\n' "$why" | sed 's/^/     /'
						failed=$((failed + 1))
					fi
				done
				number=$((number + 1))
			done
		done
	done <<<"$scenarios"
	echo "$ok ok, $failed failed$([[ $skipped -eq 0 ]] || echo ", $skipped skipped")"
	[[ $failed -eq 0 && $ok -gt 0 ]]
}

# A cpns-sim of a few lines that is honest but for what $2 says.
plant() {
	cat >"$scratch/$1" <<END
#!/bin/bash
lie='$2'
END
	cat >>"$scratch/$1" <<'END'
for argument; do
	case $before in -o) out=$argument ;; -j) jobs=$argument ;; esac
	[[ $argument != crypto.mode=* ]] || mode=${argument#*=}
	before=$argument
done
mkdir -p "$out"
value=1 mark=0 note=same
case $lie in
value) value=2 ;;
value-j2) [[ $jobs -eq 1 ]] || value=2 ;;
mark-counted) [[ $mode = real ]] || mark=1 ;;
note) note=other ;;
crash) exit 3 ;;
esac
echo "value,$value" | tee "$out/runs.csv" >"$out/summary.csv"
cat >"$out/manifest.json" <<JSON
{ "scenario" : { "crypto.mode" : "$mode", "note" : "$note \"provenance\" : {" },
  "provenance" : { "host" : "a } brace $RANDOM", "deep" : [ { "pid" : $$ } ] },
  "runs" : [ { "fingerprint" : "0123456789abcdef0123456789abcde$mark" } ] }
JSON
END
	chmod +x "$scratch/$1"
}

self_test() {
	local lie wrong=0 expected output
	scenarios='tests/house/cross-build.sh -'
	plant honest none
	for lie in none value value-j2 mark-counted note crash; do
		case $lie in
		none) expected='7 ok, 0 failed' ;;
		value | note | crash) expected='3 ok, 4 failed' ;;
		*) expected='5 ok, 2 failed' ;;
		esac
		plant liar "$lie"
		output=$(compare_all "$scratch/honest" "$scratch/liar") || true
		if [[ $(tail -n 1 <<<"$output") != "$expected" ]]; then
			printf 'planted %s, expected %s:\n%s\n' "$lie" "$expected" "$output"
			wrong=1
		fi
	done
	return $wrong
}

[[ $# -gt 0 ]] || { echo "usage: ${0##*/} BINARY... | --self-test" >&2; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [[ $1 == --self-test ]]; then
	self_test
else
	compare_all "$@"
fi
