#!/bin/bash
# prove.sh [TRIES]: does the verdict on cost see what it has to see, and nothing else? In a copy of the last commit the
# kernel is slowed down by 5 %: each event executes some instructions more, as many as make that much time, which is
# found by measuring. Then TRIES (20) times the copy is compared with the program as it is: by instructions all have to
# be caught, by time 16 of 20; and as often the program is compared with itself, where one alarm is allowed.
# It takes a quarter of an hour, and a machine that does nothing else.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=scripts/setup-lib.sh
. "$here/../../scripts/setup-lib.sh"
exec </dev/null
cd "$root"
tries=${1:-20}
export BENCHMARKS=kernel.message
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
core=$(last_core)

verdicts() { grep -c "$1-ratio\".*\"verdict\":\"$2\"" "$work/ratios" || true; }
ratio() { sed -n "s/.*\"$BENCHMARKS\.time-ratio\",\"value\":\([0-9.]*\).*/\1/p" "$work/ratios"; }

# slow N: $work/slow/cpns-sim executes N instructions more for an event.
slow() {
	local nops
	nops=$(printf 'nop; %.0s' $(seq "$1"))
	sed -E "s/^(\s*)if \(engine->handlers\[entity->handler\]\(/\1__asm__ volatile(\"$nops\");\n&/" sim/kernel/engine.c \
		>"$work/source/sim/kernel/engine.c"
	grep -q nop "$work/source/sim/kernel/engine.c" || die 'the place where events are handled was not found'
	quietly ninja -C "$work/slow" cpns-sim
}

[[ -z $(git status --porcelain --untracked-files=no) ]] || die 'the tree is not that of the last commit: commit or stash'
release cpns-sim
cp build/release/cpns-sim "$work/cpns-sim" # nobody rebuilds that one
mkdir "$work/source"
git archive HEAD | tar -x -C "$work/source"
quietly meson setup "$work/slow" "$work/source" --buildtype=release -Dwerror=false

n=8
while :; do
	slow $n
	taskset -c "$core" "$work/slow/cpns-sim" bench $BENCHMARKS --against="$work/cpns-sim" --pairs=61 >"$work/ratios" || [[ $? -eq 4 ]]
	echo "$n instructions: $(ratio) of the time"
	if awk "BEGIN { exit !($(ratio) >= 1.05) }"; then break; fi
	n=$((n + n / 4))
	[[ $n -lt 400 ]] || die 'no number of instructions makes it 5 % slower'
done

# try PROGRAM: $work/ratios are those of that program against the one as it is.
try() {
	CPNS_SIM=$1 scripts/cost "$work/cpns-sim" >"$work/ratios" || [[ $? -eq 4 ]]
}

by_instructions=0 by_time=0 alarms=0
for ((i = 1; i <= tries; i++)); do
	try "$work/slow/cpns-sim"
	[[ $(verdicts instructions slower) -eq 0 ]] || by_instructions=$((by_instructions + 1))
	[[ $(verdicts time slower) -eq 0 ]] || by_time=$((by_time + 1))
	try "$work/cpns-sim"
	[[ $(verdicts '[a-z]*' slower) -eq 0 && $(verdicts '[a-z]*' faster) -eq 0 ]] || alarms=$((alarms + 1))
	echo "try $i: slowed down, caught by instructions $by_instructions, by time $by_time; unchanged, alarms $alarms"
done
echo "$n instructions an event more, of $tries tries: caught $by_instructions by instructions, $by_time by time; unchanged: $alarms alarms"
[[ $by_instructions -eq $tries && $((by_time * 20)) -ge $((tries * 16)) && $((alarms * 20)) -le $((tries > 20 ? tries : 20)) ]]
