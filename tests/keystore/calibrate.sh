#!/bin/bash
# calibrate.sh CPNS-SIM READ-DEVICES: `cpns-sim calibrate` from outside. Figures are checked for sense, not for size: they
# are of this machine, which may be busy.
read_devices=$(readlink -f -- "$2")
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/../scenarios/lib.sh"
stores='memory-lock memory-sharded sqlite-wal-normal sqlite-wal-full sqlcipher-wal-normal sqlcipher-wal-full lmdb-nometasync lmdb'

# column FILE NAME: its values
column() {
	awk -v name="$2" "$csv_awk"'
		{ csv($0, f) }
		NR == 1 { for (i in f) if (f[i] == name) at = i; next }
		{ print at ? f[at] : "no such column" }' "$1"
}

# nothing_left NAME DIR: neither a store nor a half-written file stays behind
nothing_left() { same "$1" "$(find "$2" -mindepth 1 ! -name 'devices.csv' ! -name 'operations.csv' ! -name 'store-*.csv')" ''; }

# sensible FILE: prints what is wrong with the curve
sensible() {
	awk "$csv_awk"'
	function bad(what) { print FILENAME ":" NR ": " what }
	function least(name, x) { if (f[at[name]] + 0 < x || f[at[name]] == "") bad(name " is " f[at[name]]) }
	NR == 1 {
		if ($0 !~ /^concurrency,throughput,/) bad("header")
		columns = csv($0, f)
		for (i in f) at[f[i]] = i
		next
	}
	{
		if (csv($0, f) != columns) bad("not as many cells as columns")
		if (f[1] + 0 <= before + 0) bad("concurrency does not ascend")
		before = f[1]
		split("throughput throughput_min look_mean_ns look_p50_ns insert_mean_ns insert_p50_ns hold_ns", names, " ")
		for (i in names) if (f[at[names[i]]] + 0 <= 0) bad(names[i] " is " f[at[names[i]]])
		least("throughput", f[at["throughput_min"]]); least("throughput_max", f[at["throughput"]])
		least("look_p99_ns", f[at["look_p50_ns"]]); least("look_max_ns", f[at["look_p99_ns"]])
		least("insert_p99_ns", f[at["insert_p50_ns"]]); least("insert_max_ns", f[at["insert_p99_ns"]])
		least("assignments", 20 * f[at["repeats"]]); least("busy", 0); least("timeouts", 0)
		d = f[at["operations"]] / f[at["throughput"]] - f[at["user_looks"]] - f[at["entity_looks"]] - f[at["inserts"]]
		if (d > 0.001 || d < -0.001) bad("operations are not those of the mix")
		split("store flags library cpu cores load kernel date program", names, " ")
		for (i in names) if (f[at[names[i]]] == "") bad("no " names[i])
		if (f[at["date"]] !~ /^20[0-9][0-9]-[01][0-9]-[0-3][0-9]T/) bad("date")
		disc = f[at["store"]] !~ /^memory/
		if (disc != (f[at["flush_p50_ns"]] > 0)) bad("flush")
		if (f[at["busy"]] > 0 && f[at["store"]] !~ /^sql/) bad("only SQLite polls")
	}
	END { if (NR != 3) bad("not 2 points") }' "$1"
}

sim calibrate --quick -o 'a folder/deep'
ends 'quick' 0
for store in $stores; do
	problems=$(sensible "a folder/deep/store-$store.csv")
	if [[ -z $problems ]]; then ok "$store"; else fail "$store" "$problems"; fi
	same "$store: its name" "$(column "a folder/deep/store-$store.csv" store | sort -u)" "$store"
done
nothing_left 'quick: nothing else' 'a folder/deep'
same 'quick: every file' "$(find 'a folder/deep' -type f | wc -l)" 10
for what in FULL:sqlite-wal-full NORMAL:sqlite-wal-normal FULL:sqlcipher-wal-full NOMETASYNC:lmdb-nometasync shards=16:memory-sharded; do
	case $(column "a folder/deep/store-${what#*:}.csv" flags) in
	*"${what%%:*}"*) ok "${what#*:}: flags" ;;
	*) fail "${what#*:}: flags" ;;
	esac
done
if grep -q 'assignments/s' out && grep -q 'Results: a folder/deep/devices.csv' out; then ok 'table'; else fail 'table' "$(cat out)"; fi

# The class can be read, and charges what was measured.
read -r class hmac wrap pbkdf2 < <("$read_devices" 'a folder/deep/devices.csv')
same 'class' "$class" measured
measured() { awk -F, -v op="$1" -v octets="$2" '$1 == op && $2 == octets { print $3 }' 'a folder/deep/operations.csv'; }
near 'a wrap is charged as measured' "$wrap" "($(measured key_wrap 32) + $(measured key_unwrap 40)) / 2" 1
taken=$(measured pbkdf2_1000_iterations 32) # six digits of it
near 'PBKDF2 is charged as measured' "$pbkdf2" "$taken" "2 + 1e-5 * $taken"
holds 'an HMAC is charged as the mean of its kind' "$hmac > 0.5 * $(measured hmac 32) && $hmac < 2 * $(measured hmac 32)"
same 'operations' "$(column 'a folder/deep/operations.csv' operation | sort -u | tr '\n' ' ')" \
	'chain_hash gcm_seal hmac hmac_key_used_before key_unwrap key_wrap pbkdf2_1000_iterations random sha256 '

# Files of an earlier one are not lost by accident.
before=$(cat 'a folder/deep'/*)
sim calibrate --quick -o 'a folder/deep'
ends 'again' 2
if grep -q 'is there already.*-o.*--force' err; then ok 'again: message'; else fail 'again: message' "$(cat err)"; fi
same 'again: nothing changed' "$(cat 'a folder/deep'/*)" "$before"
sim calibrate --quick -o 'a folder/deep' --stores=none --class=mine --force --quiet
ends 'again by force' 0
same 'quiet' "$(cat out; grep -v '^cpns-sim: warning: .* threads wanted to run' err)" ''
same 'again by force: class' "$(column 'a folder/deep/devices.csv' class | sort -u)" mine
sim calibrate --quick -o other --stores=lmdb,memory-lock --threads=3,5 --seconds=0.002 --repeats=4 --progress=json --data data
ends 'two stores' 0
same 'two stores: points' "$(column other/store-lmdb.csv concurrency | tr '\n' ' ')" '3 5 '
same 'two stores: no hold without one thread' "$(column other/store-lmdb.csv hold_ns | tr -d '\n')" ''
same 'two stores: repeats' "$(column other/store-memory-lock.csv repeats | sort -u)" 4
same 'two stores: progress' "$(tail -n 1 err | grep -o '"event":"end","done":21,"total":21')" '"event":"end","done":21,"total":21'
nothing_left 'data' data

# Wrong words.
wrong() { # NAME PATTERN OPTION...
	local name=$1 pattern=$2
	shift 2
	sim calibrate -o wrong "$@"
	if [[ $status -eq 2 && ! -e wrong ]] && grep -qE -- "$pattern" err; then ok "$name"; else fail "$name" "$status: $(cat err)"; fi
}
wrong 'unknown store' 'unknown store "sqlite-wal-ful": did you mean sqlite-wal-full\?.*lmdb' --stores=sqlite-wal-ful
wrong 'unknown store among others' 'unknown store "postgres"' --stores=lmdb,postgres
wrong 'a store twice' 'lmdb is there twice' --stores=lmdb,lmdb
wrong 'no store' 'unknown store ""' --stores=
wrong 'threads that descend' 'ascending' --threads=2,1
wrong 'no thread' 'from 1 to' --threads=0
wrong 'seconds' '--seconds=x' --seconds=x
wrong 'two repeats' 'at least 3' --repeats=2
wrong 'a class that exists' 'device class of that name' --class=m4_80
wrong 'a class that is no name' 'letters' '--class=a,b'
wrong 'progress' 'did you mean plain' --progress=plian
wrong 'unknown option' 'did you mean --stores' --store=lmdb
wrong 'an argument' 'one argument too many' lmdb
echo >file
sim calibrate --quick -o file/x
ends 'a folder that cannot be' 1

# Models against reality. A lock that is held for the same time by each is told exactly: 2 looks of 10 us and an insert of 80 us
# under it are 10 000 a second however many there are, and 8 of them wait for 8 holds.
mkdir model
head='concurrency,throughput,look_mean_ns,insert_mean_ns,insert_p50_ns,insert_p99_ns,store'
printf '%s\n' "$head" 1,10000,10000,80000,80000,80000,x 2,10000,10000,90000,90000,200000,x 8,10000,10000,90000,90000,800000,x \
	>model/store-memory-lock.csv
check() { sim calibrate --check -o model; }
row() { awk -v model="$1" -v threads="$2" '$1 == "memory-lock" && $2 == model && $3 == threads { print $5, $6, $8, $9, $10 }' out; }
check
ends 'check' 0
same 'check: two' "$(row mechanism 2)" '10000 1.00 0.2 1.00 '
same 'check: eight' "$(row mechanism 8)" '10000 1.00 0.8 1.00 '
same 'check: the curve' "$(row curve 2)" '10000 1.00   '
if grep -q '^1 of 1 stores within' out; then ok 'check: all told'; else fail 'check: all told' "$(cat out)"; fi
sed -i '3s/10000/11500/; 4s/800000/500000/' model/store-memory-lock.csv
check
same 'check: throughput missed' "$(row mechanism 2)" '10000 0.87 0.2 1.00 missed'
same 'check: p99 missed' "$(row mechanism 8)" '10000 1.00 0.8 1.60 missed'
if grep -q 'missing in the mechanism: threads share' out && grep -q '^0 of 1 stores within' out; then ok 'check: what is missing'; else
	fail 'check: what is missing' "$(cat out)"; fi
# damaged NAME PATTERN SED: a file that is refused
damaged() {
	sed "$3" model/store-memory-lock.csv >damaged.csv
	mkdir -p broken-model && cp damaged.csv broken-model/store-memory-lock.csv
	sim calibrate --check -o broken-model
	if [[ $status -eq 2 ]] && grep -qE "$2" err; then ok "$1"; else fail "$1" "$status: $(cat err)"; fi
}
damaged 'check: no number' 'store-memory-lock\.csv:3: column `insert_p99_ns`: `fast`' '3s/200000/fast/'
damaged 'check: no throughput' 'store-memory-lock\.csv:2: column `throughput`: `0`' '2s/10000/0/'
damaged 'check: no column' 'store-memory-lock\.csv:1: column `look_mean_ns`.*missing' '1s/look_mean_ns/look/'
damaged 'check: empty' 'store-memory-lock\.csv:1: is empty' d
sim calibrate --check -o data
ends 'check: nothing there' 2
if grep -q 'data holds no store.*calibrate first' err; then ok 'check: nothing there: message'; else fail 'check: nothing there: message' "$(cat err)"; fi
sed -i 2d model/store-memory-lock.csv
check
if grep -q 'one thread and more are needed' out && grep -q '^0 of 1' out; then ok 'check: without one thread'; else fail 'check: without one thread' "$(cat out)"; fi

# Without its programs, or with one that fails, it says so and keeps what it has.
mkdir alone
cp "$sim" alone/
real=$sim
sim=$work/alone/$(basename "$sim")
sim calibrate --quick -o bare --stores=sqlite-wal-full
ends 'no program' 1
if grep -q 'cpns-store-sqlite: cannot be started' err; then ok 'no program: message'; else fail 'no program: message' "$(cat err)"; fi
same 'no program: files' "$(find bare -type f | sort | tr '\n' ' ')" 'bare/devices.csv bare/operations.csv '
nothing_left 'no program: nothing left' bare
printf '#!/bin/sh\necho "the disc is on fire" >&2\nexit 1\n' >alone/cpns-store-memory
printf '#!/bin/sh\nread line; echo ok; read line; echo ok; read line; echo "error space: no room"; read line\n' >alone/cpns-store-lmdb
chmod +x alone/*
sim calibrate --quick -o bare --stores=memory-lock --force
ends 'a program that ends' 1
if grep -q 'memory-lock.*the disc is on fire' err; then ok 'a program that ends: message'; else fail 'a program that ends: message' "$(cat err)"; fi
sim calibrate --quick -o bare --stores=lmdb --force
ends 'a store that fails' 1
if grep -q 'lmdb.*no room' err; then ok 'a store that fails: message'; else fail 'a store that fails: message' "$(cat err)"; fi
nothing_left 'a store that fails: nothing left' bare
sim=$real

# Ctrl-C, while a store is at work: what is finished stays, and nothing else.
(trap - INT; exec "$sim" calibrate --quick --seconds=3000 -o broken --stores=memory-lock >out 2>err </dev/null) &
victim=$!
until [[ -n $(find broken -maxdepth 1 -name '.calibration-*' -type d 2>/dev/null) ]]; do kill -0 $victim 2>/dev/null || break; sleep 0.1; done
kill -TERM $victim
wait $victim
status=$?
ends 'interrupted' 143
same 'interrupted: files' "$(find broken -mindepth 1 | sort | tr '\n' ' ')" 'broken/devices.csv broken/operations.csv '
finish
