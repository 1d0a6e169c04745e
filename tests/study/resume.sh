#!/usr/bin/env bash
# Campaigns that end early and go on: what is finished is never lost nor done again, and what comes out in the end is
# what an undisturbed campaign writes.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../scenarios/lib.sh"

# folders_same NAME A B: equal but for what may differ
folders_same() {
	local file
	for file in runs.csv summary.csv cdf.csv series.csv; do
		[[ -e $2/$file || -e $3/$file ]] || continue
		cmp -s "$2/$file" "$3/$file" || { fail "$1: $file" "$(diff "$2/$file" "$3/$file" | head -5)"; return; }
	done
	for file in manifest.json status.json; do
		sed '/"provenance"/,$d' "$2/$file" >a.json
		sed '/"provenance"/,$d' "$3/$file" >b.json
		cmp -s a.json b.json || { fail "$1: $file" "$(diff a.json b.json)"; return; }
	done
	if [[ -e $2/journal.ndjson || -e $3/journal.ndjson ]]; then
		fail "$1: no journal is left"
	else
		ok "$1"
	fi
}

# await FOLDER N: until its journal has more than N lines
await() {
	until [[ -e $1/journal.ndjson && $(wc -l <"$1/journal.ndjson") -gt $2 ]]; do sleep 0.01; done
}

# runs_done: how many runs the last call had to do
runs_done() { grep -o '"event":"end","done":[0-9]*' err | grep -o '[0-9]*$'; }

cat >toy.ini <<'INI'
[General]
study = terminating
customers = 40
arrivals = storm(1s)
pause = 5ms
service.time = ${s=30ms,40ms,45ms,60ms}
repeat = 50
[Config precise]
repeat = 5
pause = 0s
customers = 400
precision = wait.mean 10%, throughput 5%
[Config impossible]
extends = precise
precision = wait.mean 0.01%
precision.max-replications = 12
[Config failing]
pause = 0s
repeat = 8
fail = ,3,
INI

# 200 runs, killed without warning at 20 moments, with various numbers at once
sim run toy.ini -o whole --quiet -j 2
ends '200 runs, undisturbed' 0
RANDOM=17
kills=0
for ((i = 0; i < 20; i++)); do
	"$sim" run toy.ini -o cut --resume --quiet -j $((1 + i % 3)) >out 2>err </dev/null &
	await cut $((8 * i))
	sleep "0.0$((RANDOM % 6))"
	kill -9 $! 2>/dev/null && kills=$((kills + 1))
	wait $! 2>/dev/null
done
equal 'killed 20 times' "$kills" 20
done_before=$(($(wc -l <cut/journal.ndjson) - 1))
holds 'some were finished, and some not' "$done_before > 100 && $done_before < 200"
sim run toy.ini -o cut --resume --progress=json -j 2
ends 'resumed to the end' 0
holds 'nothing that was finished is done again' "$(runs_done) <= 200 - $done_before"
folders_same 'killed and resumed is as undisturbed' whole cut
sim run toy.ini -o cut --resume --progress=json
equal 'resumed once more: nothing is left to do' "$(runs_done)" 0
folders_same 'and nothing changes' whole cut

# a signal: what was on its way is finished later
for signal in INT TERM; do
	"$sim" run toy.ini -o "$signal" --quiet -j 2 >out 2>err </dev/null &
	sleep 0.2
	kill -s "$signal" $!
	wait $!
	status=$?
	ends "SIG$signal" "$([[ $signal == INT ]] && echo 130 || echo 143)"
	has "SIG$signal: says how to go on" err '--resume continues'
	has "SIG$signal: status.json says so" "$signal/status.json" '"state" : "interrupted"'
	sim run toy.ini -o "$signal" --resume --quiet -j 3
	ends "SIG$signal: resumed" 0
	folders_same "SIG$signal: resumed is as undisturbed" whole "$signal"
done

# a journal whose last line is torn; one that was changed
"$sim" run toy.ini -o torn --quiet -j 1 >out 2>err </dev/null &
sleep 0.2
kill -9 $!
wait $! 2>/dev/null
cp -r torn changed
cp -r torn older
sed -i 's/"draws":[0-9]*,//' older/journal.ndjson
done_before=$(($(wc -l <older/journal.ndjson) - 1))
sim run toy.ini -o older --resume --progress=json
ends 'a journal of a build that did not count draws' 0
holds 'a journal of a build that did not count draws: what is finished is not done again' \
	"0 < $done_before && $(runs_done) <= 200 - $done_before"
folders_same 'a journal of a build that did not count draws: as undisturbed' whole older
truncate -s -20 torn/journal.ndjson
sim run toy.ini -o torn --resume --quiet
ends 'a torn last line' 0
folders_same 'a torn last line: that run is done again' whole torn
sed -i '3s/"rows":\[\[/"rows":[7,[/' changed/journal.ndjson
sim run toy.ini -o changed --resume --quiet
ends 'a line that was changed' 2
has 'a line that was changed: named' err 'changed/journal.ndjson:3: '

sed -i '2s/"replication":[0-9]*/"replication":-1/' changed/journal.ndjson
sed -i '3s/"rows":\[7,\[/"rows":[[/' changed/journal.ndjson
sim run toy.ini -o changed --resume --quiet
ends 'a number below 0' 2
has 'a number below 0: named' err 'changed/journal.ndjson:2: replication'

sed -i '2s/"replication":-1/"replication":0/;2s/"wait","mean","s",[0-9.e-]*/"wait","mean","s",1e999/' changed/journal.ndjson
sim run toy.ini -o changed --resume --quiet
ends 'a number beyond all bounds' 2
has 'a number beyond all bounds: named' err 'changed/journal.ndjson:2: a number'

# more replications later
sim run toy.ini -o grown --quiet --set repeat=20
ends '20 replications' 0
sim run toy.ini -o grown --resume --progress=json
ends '30 more' 0
equal '30 more: the old ones are not done again' "$(runs_done)" 120
folders_same 'extended is as done at once' whole grown

# a part first, then the rest
sim run toy.ini -o parts --quiet -r s=40ms
sim run toy.ini -o parts --quiet --resume -r 0..9
ends 'another part' 0
equal 'both parts are there' "$(tail -n +2 parts/runs.csv | cut -d, -f4 | sort -un | wc -l)" 60
sim run toy.ini -o parts --quiet --resume
folders_same 'parts make the whole' whole parts

# failures are done again, and only those
sim run toy.ini -c failing -o failing --progress=json
ends 'some fail' 6
equal 'all runs' "$(runs_done)" 32
sim run toy.ini -c failing -o failing --resume --progress=json
ends 'they fail again' 6
equal 'only those are done again' "$(runs_done)" 4

# two programs in one folder
"$sim" run toy.ini -o busy --quiet -j 1 >out 2>err </dev/null &
await busy 3
for how in --resume --force; do
	sim run toy.ini -o busy --quiet $how
	ends "a folder that another program writes to: $how" 2
	has "it says so: $how" err 'another program is writing its results there'
done
kill -9 $!
wait $! 2>/dev/null
sim run toy.ini -o busy --quiet --resume
folders_same 'and after its end it is free' whole busy

# another scenario, another campaign, no campaign
sim run toy.ini -o grown --resume --set customers=41
ends 'another scenario' 2
has 'another scenario: what differs' err 'customers is "41" now, and was "40"'
sim run toy.ini -o grown --resume --set 'service.time=${s=30ms,40ms}'
ends 'iterations that are gone' 2
has 'iterations that are gone: named' err 'iteration s=45ms'
sim run toy.ini -o grown --resume --quiet --set repeat=40
ends 'fewer replications than there are' 2
has 'fewer replications: how many there must be' err 'to 50 or more'
sim capacity toy.ini -o grown --resume --quiet --vary customers --slo 'wait.mean<=1s'
ends 'another command, with other cells' 2
sim run toy.ini -o grown --resume --progress=json
equal 'what was refused has lost nothing' "$(runs_done)" 0
folders_same 'what was refused has changed nothing' whole grown
mkdir other && touch other/file
sim run toy.ini -o other --resume
ends 'a folder of somebody else' 2
has 'a folder of somebody else: left alone' err '--resume leaves it alone'

# another build goes on where it would have got the same, and only there
sed -i 's/"commit" : "[^"]*"/"commit" : "another"/' grown/manifest.json
sim run toy.ini -o grown --resume --quiet --set repeat=51
ends 'another build, which repeats a run' 0
sed -i 's/"commit" : "[^"]*"/"commit" : "another"/' grown/manifest.json
sed -i '2s/,[0-9.]*,1$/,39,1/' grown/runs.csv
sim run toy.ini -o grown --resume --quiet --set repeat=52
ends 'another build, which gives other results' 5
has 'another build: named' err 'does not repeat'

# shards, joined again
for k in 1 2 3; do
	sim run toy.ini -o shard$k --quiet --shard $k/3
	ends "shard $k" 0
done
sim merge shard1 shard2 shard3 -o joined --quiet
ends 'shards joined' 0
folders_same 'shards joined are as the whole' whole joined
sim merge shard1 shard3 -o gaps --quiet
ends 'a shard is missing' 6
has 'a shard is missing: how many runs' err '67 of 200 runs are missing'
sim run toy.ini -o nothing --gather --quiet
ends 'nothing to gather' 1
sim run toy.ini -o gaps --quiet --resume
folders_same 'and what is missing is run' whole gaps
mkdir moved && mv toy.ini moved
sim merge shard1 shard2 shard3 -o joined2 --quiet
ends 'the scenario is gone' 2
sim merge shard1 shard2 shard3 -o joined2 --quiet --scenario moved/toy.ini
folders_same 'the scenario has moved' whole joined2
mv moved/toy.ini .
sim merge shard1 failing -o mixed --quiet
ends 'shards of different campaigns' 2
SLURM_ARRAY_TASK_ID=11 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_COUNT=3 sim run toy.ini --quiet --shard slurm
folders_same 'the place in an array job' shard2 results/toy-General-2-of-3
sim run toy.ini --quiet --shard slurm
ends 'no array job' 2
sim run toy.ini --quiet --shard 4/3
ends 'no such shard' 2
sim run toy.ini -c precise --quiet --shard 1/3
ends 'a shard with a precision' 2

sim merge shard1 shard2 shard3 -o shard2 --force
ends 'into one of the shards' 2
has 'into one of the shards: why not' err 'they come from'
sim merge shard1 shard2 shard3 -o joined3 --quiet
folders_same 'that shard is still there' whole joined3
sim run toy.ini -o set --quiet --set repeat=1
for change in '/"configs"/,+1s/"General"/1/' 's/"repeat=1"/1/' 's/"scenario" : "[^"]*"/"scenario" : 7/'; do
	rm -rf damaged && cp -r set damaged
	sed -i "$change" damaged/manifest.json
	sim merge damaged -o undamaged
	ends "a shard's manifest was changed: $change" 2
done

# sequential stopping
sim run toy.ini -c precise -o precise --quiet
ends 'a precision that is reached' 0
holds 'each iteration stops on its own' "$(tail -n +2 precise/runs.csv | cut -d, -f2,3 | sort -u | cut -d, -f1 | uniq -c |
	awk '{ print $1 }' | sort -u | wc -l) > 1"
equal 'and is precise' "$(awk -F, '$5 == "wait" && $6 == "mean" && $4 == "all" && ($9 - $8) / 2 > 0.10 * $7 { n++ }
	END { print n + 0 }' precise/summary.csv)" 0
"$sim" run toy.ini -c precise -o stopped --quiet --set pause=2ms -j 1 >out 2>err </dev/null &
await stopped 30
kill -9 $!
wait $! 2>/dev/null
sim run toy.ini -c precise -o stopped --quiet --set pause=2ms --resume
sim run toy.ini -c precise -o unstopped --quiet --set pause=2ms -j 3
folders_same 'killed on its way to a precision' unstopped stopped
sim run toy.ini -c impossible -o impossible --quiet
ends 'a precision that is not reached' 3
equal 'it goes to the maximum' "$(tail -n +2 impossible/runs.csv | cut -d, -f2,3 | sort -u | wc -l)" 48
equal 'the verdict says so' "$(grep -c 'all,all,wait,mean,.*precision not reached' impossible/summary.csv)" 4
finish
