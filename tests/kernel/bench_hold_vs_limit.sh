#!/bin/sh
# Compares the kernel's hold (`cpns-sim bench kernel.hold`) with the bare wheel of the limit programs: both pinned to one
# core and in turns, so that what else goes on in the machine meets both. Prints medians and their ratio for each N, and
# fails if one is above 3. CPNS_LIMITS names the folder of the limit programs; without it there is nothing to compare
# (exit 77).
# usage: bench_hold_vs_limit.sh CPNS_SIM [REPETITIONS]
set -eu

sim=$1
repetitions=${2:-7}
limits=${CPNS_LIMITS:-}
events=3000000

if [ ! -f "$limits/hold.c" ]; then
	echo "no limit programs in '$limits'"
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$limits"/*.[ch] "$limits/Makefile" "$work"
make -s -C "$work" hold

# The last core that may be used: the first one is where interrupts go.
core=$(taskset -cp $$ | sed 's/.*[ ,-]//')
ns() {
	sed -n 's|.*ns/event=\([0-9.]*\).*|\1|p'
}
# The middle one of the figures in a file, which must be as many as there were repetitions.
median() {
	if [ "$(grep -c . "$1")" -ne "$repetitions" ]; then
		echo "a program printed no figure: $(cat "$work/error")" >&2
		exit 1
	fi
	sort -n "$1" | sed -n "$(((repetitions + 1) / 2))p"
}

status=0
for n in 1000 100000 1000000; do
	: >"$work/limit"
	: >"$work/kernel"
	i=0
	while [ $i -lt "$repetitions" ]; do
		taskset -c "$core" "$work/hold" wheel $n $events 2>"$work/error" | ns >>"$work/limit"
		taskset -c "$core" "$sim" bench kernel.hold.$n --repeat 1 2>"$work/error" |
			awk -F '"wall":' -v n=$n 'index($0, "\"kernel.hold." n "\"") { printf "%.2f\n", 1e9 / $2 }' >>"$work/kernel"
		i=$((i + 1))
	done
	limit=$(median "$work/limit")
	kernel=$(median "$work/kernel")
	awk -v n=$n -v limit="$limit" -v kernel="$kernel" 'BEGIN {
		printf "N=%-8d limit %6.2f ns/event   kernel %6.2f ns/event   ratio %.2f\n", n, limit, kernel, kernel / limit
		exit kernel / limit > 3.0
	}' || status=1
done
exit "$status"
