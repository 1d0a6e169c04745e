#!/bin/bash
# What the protocol costs beside its cryptography, over 100 000 PNEs in 6.3.2.1: the CPU time of a run in real mode
# against that of the same operations in plain loops ($2, bench_crypto); and the protocol messages that a run in counted
# mode handles in a second of CPU time; and what a key store that takes time adds to that. Aims: at most 1.3 times, at least
# 1 500 000, at most 20 %; all reached while nothing else runs (README, "Some figures"). All pinned to one core and in
# turns, so that what else goes on in the machine meets all; medians. Set-up and results of the runs are included.
# Fails if the two modes do not give the same results.
# usage: bench_run.sh CPNS_SIM BENCH_CRYPTO [REPETITIONS]
set -euo pipefail

sim=$1
bench=$2
repetitions=${3:-7}
gateways=2000

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/bench.ini" <<EOF
[General]
study = terminating
repeat = 1
topology = generated
gateways = $gateways
pnes-per-gateway = 50
flow = pne-secure-pan
pan.profile = ble
wan.profile = lte
protocol.profile = hardened
protocol.password-iterations = 1
protocol.mutual-authentication = done
workload.arrivals = storm(100s)
crypto.pne = m4_80
crypto.gateway = a53_1400
crypto.server = x86_shani
EOF

# The last core that may be used: the first one is where interrupts go.
core=$(taskset -cp $$ | sed 's/.*[ ,-]//')

# run NAME SETTING...: appends "user system" of a run to $work/NAME, s.
run() {
	local TIMEFORMAT='%U %S' name=$1 settings=()
	shift
	for setting; do settings+=(--set "$setting"); done
	{ time taskset -c "$core" "$sim" run "$work/bench.ini" "${settings[@]}" -j 1 --quiet -o "$work/out-$name" \
		--force >/dev/null 2>"$work/log" || { cat "$work/log" >&2; exit 1; }; } 2>>"$work/$name"
}
# total METRIC: of all nodes, in the run in real mode.
total() {
	awk -F, -v metric="$1" '$5 == "all" && $6 == "all" && $7 == metric && $8 == "total" { printf "%d", $9 }' \
		"$work/out-real/runs.csv"
}
median() {
	sort -n | sed -n "$(((repetitions + 1) / 2))p"
}

for ((i = 0; i < repetitions; i++)); do
	run real crypto.mode=real
	run counted crypto.mode=counted
	run store crypto.mode=counted store.model=lock store.write=20us store.flush=20us
	# One PBKDF2 for each user, who has one PN GW: the others are found in the memo.
	taskset -c "$core" "$bench" -r 1 "$(total crypto.sha256)" "$(total crypto.hmac)" "$(total crypto.keywrap)" \
		"$gateways" >>"$work/bare"
done
if ! cmp -s <(sed 1d "$work/out-real/runs.csv") <(sed 1d "$work/out-counted/runs.csv"); then
	echo 'the two modes do not give the same results'
	exit 1
fi

awk -v real="$(awk '{ print $1 }' "$work/real" | median)" -v bare="$(median <"$work/bare")" \
	-v counted="$(awk '{ print $1 + $2 }' "$work/counted" | median)" \
	-v least="$(awk '{ print $1 + $2 }' "$work/counted" | sort -n | head -n 1)" \
	-v store="$(awk '{ print $1 + $2 }' "$work/store" | sort -n | head -n 1)" \
	-v messages="$(($(total pan.messages) + $(total wan.messages)))" 'BEGIN {
	printf "real mode: %.2f s of user time, bare operations %.2f s, ratio %.2f\n", real, bare, real / bare
	printf "counted mode: %d messages in %.2f s of CPU time, %.0f a second\n", messages, counted,
		messages / counted
	printf "with a key store of one lock: %+.1f %% of that time (the least of each)\n", (store / least - 1) * 100
}'
