# shellcheck shell=bash
# lib.sh: for the tests of this folder, which know of the program only what its documentation promises. A test sources
# this file with the program as its argument, works in a folder of its own, prints a line for each check, and ends with
# `finish`.
set -u
export LC_ALL=C
unset CDPATH
# shellcheck disable=SC2034
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
sim=$(readlink -f -- "${1:?usage: $0 CPNS-SIM}") || exit 99
work=$(mktemp -d "${TMPDIR:-/tmp}/cpns-scenario.XXXXXX") || exit 99
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 99

checks=0
failures=0
seconds=${SECONDS_PER_RUN:-300} # a run that hangs is a failure, not a lost night; sanitizers are slow

ok() {
	checks=$((checks + 1))
	echo "ok $*"
}

# fail NAME [DETAIL]
fail() {
	checks=$((checks + 1))
	failures=$((failures + 1))
	echo "FAIL $1"
	[[ -z ${2-} ]] || printf '%s\n' "$2" | sed 's/^/    /' | head -n 20
}

finish() {
	echo "$checks checks, $failures failed"
	[[ $checks -gt 0 && $failures -eq 0 ]]
	exit
}

# same NAME GOT WANTED: as text
same() {
	if [[ $2 == "$3" ]]; then ok "$1"; else fail "$1" "got '$2', wanted '$3'"; fi
}

# equal NAME GOT WANTED: as numbers, both to be given; WANTED may be an expression
equal() { near "$1" "$2" "$3" 0; }

# near NAME GOT WANTED TOLERANCE: all three may be expressions of awk
near() {
	if [[ -n $2 ]] && awk "BEGIN { d = ($2) - ($3); t = ($4) + 1e-12 * (($3) < 0 ? -($3) : ($3))
			exit !(d <= t && -d <= t) }" </dev/null; then
		ok "$1"
	else
		fail "$1" "got '$2', wanted $3 within $4"
	fi
}

# holds NAME EXPRESSION: of awk, on numbers
holds() {
	if awk "BEGIN { exit !($2) }" </dev/null; then ok "$1"; else fail "$1" "it does not hold: $2"; fi
}

# binomial NAME GOT N P: GOT of N, each with probability P, lies within four standard deviations (one in 16 000 outside)
binomial() {
	if [[ -n $2 && -n $3 ]] && awk "BEGIN { n = $3; p = $4; d = $2 - n * p; exit !(d * d <= 16 * n * p * (1 - p) + 1) }" \
		</dev/null; then
		ok "$1"
	else
		fail "$1" "got '$2' of '$3', wanted a share of $4"
	fi
}

# sim ARGUMENT...: leaves $status, and the files out and err
sim() {
	timeout -k 5 "$seconds" "$sim" "$@" >out 2>err </dev/null
	status=$?
}

# ends NAME STATUS
ends() {
	if [[ $status -eq $2 ]]; then ok "$1"; else fail "$1" "exit status $status, wanted $2
$(cat err)"; fi
}

# study DIR FILE ARGUMENT...: a run that has to succeed, and whose files have to be sound
study() {
	local dir=$1 file=$2 problems
	shift 2
	sim run "$file" -o "$dir" --quiet "$@"
	if [[ $status -ne 0 ]]; then
		fail "run of $dir" "exit status $status
$(cat err)"
		return 1
	fi
	problems=$(unsound "$dir")
	if [[ -z $problems ]]; then ok "results of $dir are sound"; else fail "results of $dir are sound" "$problems"; fi
}

# Splits a line of CSV into f[1..n]: fields with commas stand in double quotes.
csv_awk='
function csv(line, f,   n, c, q, s, i) {
	if (index(line, "\"") == 0) return split(line, f, ",")
	n = 1; q = 0; s = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (q && c == "\"" && substr(line, i + 1, 1) == "\"") { s = s c; i++ }
		else if (c == "\"") q = !q
		else if (c == "," && !q) { f[n++] = s; s = "" }
		else s = s c
	}
	f[n] = s
	return n
}'

# value DIR REPLICATION MODULE FLOW METRIC STATISTIC [ITERATION]: from runs.csv; nothing where there is no such row
value() {
	awk -v want="$2|$3|$4|$5|$6|${7-}" "$csv_awk"'
		{ csv($0, f); if (f[3] "|" f[5] "|" f[6] "|" f[7] "|" f[8] "|" f[2] == want) print f[9] }' "$1/runs.csv"
}

# total DIR METRIC [FLOW [ITERATION]]: the sum over replications
total() {
	awk -v metric="$2" -v flow="${3-all}" -v iteration="${4-}" "$csv_awk"'
		{ csv($0, f) }
		f[5] == "all" && f[6] == flow && f[7] == metric && f[8] == "total" && f[2] == iteration { s += f[9]; n++ }
		END { if (n) printf "%.17g\n", s }' "$1/runs.csv"
}

# summary DIR MODULE FLOW METRIC STATISTIC COLUMN [ITERATION]: from summary.csv
summary() {
	awk -v want="$2|$3|$4|$5|${7-}" -v column="$6" "$csv_awk"'
		{ csv($0, f) }
		NR == 1 { for (i in f) place[f[i]] = i; next }
		f[3] "|" f[4] "|" f[5] "|" f[6] "|" f[2] == want { print f[place[column]] }' "$1/summary.csv"
}

# fingerprints DIR: in the manifest's order
fingerprints() { sed -n 's/.*"fingerprint" *: *"\([^"]*\)".*/\1/p' "$1/manifest.json"; }

# rows FILE FLOW [METRIC TO LEAVE OUT]...: a flow's lines
rows() {
	local file=$1 flow=$2
	shift 2
	awk -v flow="$flow" -v out=" $* " "$csv_awk"'
		NR > 1 { csv($0, f); if (f[6] == flow && !index(out, " " f[7] " ")) print }' "$file"
}

# unsound DIR: prints what is wrong with the files of a campaign, whatever it was about
unsound() {
	awk "$csv_awk"'
	function bad(what) { if (++said <= 10) print "runs.csv:" NR ": " what }
	function close_run(   r, k, flow) {
		split("started completed failed censored divergence attempts", a, " ")
		for (k in flows) if (k != "all") {
			if (v[k "|assignment.started|total"] != v[k "|assignment.completed|total"] \
				+ v[k "|assignment.failed|total"] + v[k "|assignment.censored|total"])
				bad("run " run " flow " k ": started is not completed + failed + censored")
			for (i in counters) sums[counters[i]] += v[k "|" counters[i] "|total"]
		}
		for (i in counters) if (("all|" counters[i] "|total") in v) {
			if (sums[counters[i]] != v["all|" counters[i] "|total"])
				bad("run " run ": " counters[i] " of all flows is not their sum")
		} else bad("run " run ": no row for " counters[i])
		s = v["all|assignment.started|total"]
		w = (v["all|assignment.failed|total"] + v["all|assignment.censored|total"]) / (s ? s : 1)
		if (s && v["all|assignment.failure-share|mean"] - w > 1e-15) bad("run " run ": failure-share is not " w)
		if (!s && ("all|assignment.failure-share|mean") in v) bad("run " run ": a share of nothing")
		if (v["all|assignment.completed|total"] + 0 != v["all|assignment.latency|count"] + 0)
			bad("run " run ": completed assignments without latency")
		for (k in kinds) if (kinds[k] != v["all|" k]) bad("run " run ": " k " of all modules is not their sum")
		split("", v); split("", flows); split("", sums); split("", kinds)
	}
	NR == 1 {
		if ($0 != "config,iteration,replication,run,module,flow,metric,statistic,value,unit") bad("header")
		split("assignment.started assignment.completed assignment.failed assignment.censored assignment.divergence" \
			" assignment.attempts pan.messages pan.bytes pan.lost pan.duplicated" \
			" wan.messages wan.bytes wan.lost wan.duplicated", counters, " ")
		next
	}
	{
		if (csv($0, f) != 10) bad("not 10 columns")
		if (f[4] "" != run "") { if (NR > 2) close_run(); if (f[4] + 0 < run + 0) bad("runs out of order"); run = f[4]; last = "" }
		key = f[5] "\001" f[6] "\001" f[7] "\001" f[8]
		if (last != "" && key <= last) bad("out of order or twice: " $0)
		last = key
		if (sprintf("%.17g", f[9]) != f[9]) bad("not %.17g: " f[9])
		if (f[10] == "") bad("no unit")
		if (f[5] == "all") { v[f[6] "|" f[7] "|" f[8]] = f[9] + 0; flows[f[6]] }
		else if (f[6] == "all" && f[8] == "total" && f[7] ~ /^crypto/) kinds[f[7] "|" f[8]] += f[9]
	}
	END { if (NR < 2) bad("no rows"); else close_run() }' "$1/runs.csv"
	awk "$csv_awk"'
	function bad(what) { if (++said <= 10) print "summary.csv:" NR ": " what }
	NR == 1 {
		if ($0 != "config,iteration,module,flow,metric,statistic,estimate,low,high,confidence,n,method,unit,verdict") bad("header")
		next
	}
	{
		if (csv($0, f) != 14) bad("not 14 columns")
		if (f[2] "" != iteration "") last = ""
		iteration = f[2]
		key = f[3] "\001" f[4] "\001" f[5] "\001" f[6]
		if (last != "" && key <= last) bad("out of order or twice: " $0)
		last = key
		for (i = 7; i <= 10; i++) if (f[i] != "" && sprintf("%.17g", f[i]) != f[i]) bad("not %.17g: " f[i])
		e = f[7] + 0; t = 1e-12 * (e < 0 ? -e : e)
		if (f[8] != "" && !(f[8] - t <= e && e <= f[9] + t)) bad("estimate outside its interval")
		if (f[12] !~ /^(student-t|order-statistic|batch-means|paired-t|none)$/) bad("method " f[12])
		if (f[14] !~ /^(ok|n too small|deterministic|precision not reached)$/) bad("verdict " f[14])
		if ((f[8] == "") != (f[9] == "")) bad("half an interval")
	}' "$1/summary.csv"
	fingerprints "$1" | grep -vE '^[0-9a-f]{32}$' | sed 's/^/manifest.json: fingerprint /'
}

# refused NAME PATTERN ARGUMENT...: exit status 2, one message that matches the pattern, and no results
refused() {
	local name=$1 pattern=$2
	shift 2
	rm -rf refused-results
	sim run "$@" -o refused-results --quiet
	if [[ $status -ne 2 ]]; then
		fail "$name" "exit status $status, wanted 2
$(cat err)"
	elif ! grep -qE -- "$pattern" err; then
		fail "$name" "no message matches $pattern:
$(cat err)"
	elif [[ -e refused-results ]]; then
		fail "$name" 'it left a folder of results'
	else
		ok "$name"
	fi
}

# has NAME FILE TEXT
has() {
	if grep -qF -- "$3" "$2"; then ok "$1"; else fail "$1" "'$3' is not in it:
$(head -c 700 "$2")"; fi
}

# no NAME PATTERN COMMAND ARGUMENT...: refused with a message that fits the pattern, and without results
no() {
	local name=$1 pattern=$2
	shift 2
	sim "$@" -o refused
	if [[ $status -eq 2 && ! -e refused ]] && grep -qE -- "$pattern" err; then ok "$name"; else
		fail "$name" "$status: $(cat err)"
	fi
	rm -rf refused
}
