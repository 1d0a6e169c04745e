#!/bin/bash
# results.sh CPNS-SIM: the files of a campaign: which rows there are, intervals and verdicts, iterations and filters,
# manifest, folders, exit codes, interruptions.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"
cp "$here/results.ini" .

# Statistics of a tally, by how many values it has.
study sizes results.ini -c Sizes
for n in 1 2 9 10 99 100 999 1000; do
	wanted='count max mean min p50'
	[[ $n -lt 2 ]] || wanted="$wanted sd"
	[[ $n -lt 10 ]] || wanted="$wanted p90"
	[[ $n -lt 100 ]] || wanted="$wanted p99"
	[[ $n -lt 1000 ]] || wanted="$wanted p999"
	got=$(awk -v i="n=$n" "$csv_awk"'{ csv($0, f) } f[2] == i && f[5] == "all" && f[6] == "gateway" && f[7] == "assignment.latency" { print f[8] }' sizes/runs.csv | sort | paste -sd ' ')
	same "a tally of $n" "$got" "$(tr ' ' '\n' <<<"$wanted" | sort | paste -sd ' ')"
	equal "a tally of $n: count" "$(value sizes 0 all gateway assignment.latency count "n=$n")" "$n"
done
# `count mean min max p50` from n >= 1.
study none results.ini --set wan.loss=100% --set repeat=1
same 'a tally of nothing has no row' "$(grep -c 'all,assignment.latency' none/runs.csv)" 0

# Rows: of all for every metric, by flow and by kind of node where that says something.
study rows "$here/flows.ini" --set repeat=5
shape=$(awk -F, 'NR > 1 && $3 == 0 { print $5 "," $6 "," $7 "," $8 "," $10 }' rows/runs.csv)
row() {
	local r
	for r; do
		if grep -qxF -- "$r" <<<"$shape"; then ok "row $r"; else fail "row $r"; fi
	done
}
for flow in all gateway pne-ui pne-secure-pan pne-insecure-pan; do
	for m in started completed failed censored divergence attempts; do row "all,$flow,assignment.$m,total,1"; done
	row "all,$flow,assignment.throughput,mean,1/s" "all,$flow,assignment.failure-share,mean,1"
	for leg in pan wan; do row "all,$flow,$leg.messages,total,1" "all,$flow,$leg.bytes,total,B" "all,$flow,$leg.lost,total,1"; done
	row "all,$flow,assignment.latency,count,1"
	for s in mean min max p50; do row "all,$flow,assignment.latency,$s,s"; done
done
for module in all pne gateway server; do
	for m in sha256 hmac keywrap pbkdf2-iterations; do row "$module,all,crypto.$m,total,1"; done
	row "$module,all,cpu.time,total,s"
done
row all,all,kernel.events,total,1 all,all,server.rejected,total,1
for m in utilisation queue; do row "all,all,server.$m,mean,1" "all,all,server.$m,max,1"; done
for m in wait service; do row "all,all,server.$m,count,1" "all,all,server.$m,mean,s" "all,all,server.$m,p90,s"; done
same 'by flow or by module, never both' "$(grep -vE '^all,|^[^,]*,all,' <<<"$shape")" ''
study one-flow "$here/flows.ini" -c PneUi
same 'only flows that take part' "$(awk -F, 'NR > 1 { print $6 }' one-flow/runs.csv | sort -u | paste -sd ' ')" 'all pne-ui'
same 'one flow: `all` is the same' "$(rows one-flow/runs.csv all | grep ',assignment\.' | sed 's/,all,all,/,/')" "$(rows one-flow/runs.csv pne-ui | grep ',assignment\.' | sed 's/,all,pne-ui,/,/')"

# Intervals: mean and Student's t over the replications; n; verdict.
for n in 1 2 4 5 10; do
	study "n$n" results.ini --set repeat=$n
	for what in gateway/assignment.latency/mean gateway/assignment.latency/p50 gateway/wan.messages/total all/server.utilisation/mean; do
		IFS=/ read -r flow metric statistic <<<"$what"
		name="repeat = $n: $metric $statistic"
		read -r mean half <<<"$(awk -v n="$n" -v want="all|$flow|$metric|$statistic" "$csv_awk"'
			{ csv($0, f); if (f[5] "|" f[6] "|" f[7] "|" f[8] == want) { x[k++] = f[9]; s += f[9] } }
			END {
				t[1] = 12.706204736174698; t[3] = 3.1824463052837100; t[4] = 2.7764451051977987; t[9] = 2.2621571627982049
				m = s / k; for (i = 0; i < k; i++) q += (x[i] - m) ^ 2
				printf "%.17g %.17g", m, (k > 1 ? t[k - 1] * sqrt(q / (k - 1) / k) : 0)
			}' "n$n/runs.csv")"
		near "$name: estimate" "$(summary "n$n" all "$flow" "$metric" "$statistic" estimate)" "$mean" "1e-12 * $mean"
		same "$name: n" "$(summary "n$n" all "$flow" "$metric" "$statistic" n)" "$n"
		if [[ $n -eq 1 ]]; then
			same "$name: low" "$(summary n1 all "$flow" "$metric" "$statistic" low)" ''
			same "$name: high" "$(summary n1 all "$flow" "$metric" "$statistic" high)" ''
			same "$name: method" "$(summary n1 all "$flow" "$metric" "$statistic" method)" none
		else
			near "$name: low" "$(summary "n$n" all "$flow" "$metric" "$statistic" low)" "$mean - $half" "1e-9 * $mean"
			near "$name: high" "$(summary "n$n" all "$flow" "$metric" "$statistic" high)" "$mean + $half" "1e-9 * $mean"
			same "$name: method" "$(summary "n$n" all "$flow" "$metric" "$statistic" method)" student-t
			equal "$name: confidence" "$(summary "n$n" all "$flow" "$metric" "$statistic" confidence)" 0.95
			same "$name: verdict" "$(summary "n$n" all "$flow" "$metric" "$statistic" verdict)" "$([[ $n -lt 5 ]] && echo 'n too small' || echo ok)"
		fi
	done
done

# Iterations: names in order of declaration, the first slowest; run = iteration's index x repeat + replication.
study sweep results.ini -c Sweep
same 'iterations' "$(awk "$csv_awk"'NR > 1 { csv($0, f); print f[4], f[2], f[3] }' sweep/runs.csv | uniq)" '0 g=8;loss=1% 0
1 g=8;loss=1% 1
2 g=8;loss=20% 0
3 g=8;loss=20% 1
4 g=12;loss=1% 0
5 g=12;loss=1% 1
6 g=12;loss=20% 0
7 g=12;loss=20% 1
8 g=16;loss=1% 0
9 g=16;loss=1% 1
10 g=16;loss=20% 0
11 g=16;loss=20% 1'
equal 'a variable is referred to' "$(value sweep 0 all all server.service mean 'g=12;loss=1%')" 0.012
equal 'a variable is used' "$(value sweep 1 all all assignment.started total 'g=16;loss=20%')" 16
same 'config is named' "$(awk -F, 'NR > 1 { print $1 }' sweep/runs.csv | uniq)" Sweep
sim run results.ini -c Sweep -q runs
ends '-q runs' 0
same '-q runs lists all' "$(wc -l <out)" 12
same '-q runs: number, config, iteration, replication, seed' "$(sed -n 8p out)" "7	Sweep	g=12;loss=20%	1	1"
if [[ ! -e results ]]; then ok '-q runs nothing'; else fail '-q runs nothing'; fi
filtered() { # FILTER RUNS
	study "filter" results.ini -c Sweep -r "$1"
	same "-r $1" "$(awk -F, 'NR > 1 { print $4 }' filter/runs.csv | uniq | paste -sd ' ' -)" "$2"
	same "-r $1: as in the whole" "$(sed 1d filter/runs.csv)" "$(awk -F, -v runs=" $2 " 'NR > 1 && index(runs, " " $4 " ")' sweep/runs.csv)"
	same "-r $1: in the manifest" "$(fingerprints filter | wc -l)" "$(wc -w <<<"$2")"
	rm -rf filter
}
filtered 3 3
filtered 0..4 '0 1 2 3 4'
filtered 1,4 '1 4'
filtered 4,1,1 '1 4'
filtered 0..1,11 '0 1 11'
filtered g=12 '4 5 6 7'
filtered loss=20% '2 3 6 7 10 11'
refused '-r beyond the last run' '-r' results.ini -c Sweep -r 12
refused '-r with an unknown variable' '-r.*gg' results.ini -c Sweep -r gg=8
refused '-r with a value that none has' '-r' results.ini -c Sweep -r g=9
refused '-r that is none' '-r' results.ini -c Sweep -r x
sim run results.ini -c Sweep --set 'gateways=${n=1,2}' -q runs
ends 'a sweep by --set' 2 # server.service refers to g, which nothing declares now
study swept results.ini --set 'gateways=${n=1,2}'
same 'a sweep by --set: iterations' "$(awk -F, 'NR > 1 { print $2 }' swept/runs.csv | uniq | paste -sd ' ')" 'n=1 n=2'
study seeded results.ini --seed 77
study set-seed results.ini --set seed=77
same '--seed is --set seed' "$(fingerprints seeded)" "$(fingerprints set-seed)"

# What -q config prints is a scenario that does the same.
sim run results.ini -q config
ends '-q config' 0
cp out again.ini
study again again.ini
same '-q config: the same run' "$(fingerprints again)" "$(fingerprints n5)"

# Manifest.
for key in '"generator" *: *".*Philox' '"config" *: *"Sweep"' '"iteration" *: *"g=8;loss=1%"' '"replication" *: *1' '"seed" *: *1' '"ended" *: *"..*"'; do
	if grep -qE -- "$key" sweep/manifest.json; then ok "manifest: $key"; else fail "manifest: $key"; fi
done
sed '1,/^  "provenance"/d' sweep/manifest.json >provenance
for key in version commit build-type libraries host wall kernel.pending-max memory; do
	if grep -q "\"[^\"]*${key}[^\"]*\" *:" provenance; then ok "provenance: $key"; else fail "provenance: $key" "$(cat provenance)"; fi
done
for key in wan.loss protocol.timeout crypto.gateway; do
	if grep -q "\"$key\"" sweep/manifest.json; then ok "manifest: effective $key"; else fail "manifest: effective $key"; fi
done
study limited results.ini --set sim-time-limit=5s --set repeat=1
if [[ $(sed -n 's/.*"ended" *: *//p' limited/manifest.json) != $(sed -n 's/.*"ended" *: *//p' n1/manifest.json) ]]; then
	ok 'manifest: ended says why'
else
	fail 'manifest: ended says why'
fi

# Folders.
sim run results.ini --quiet
ends 'default folder' 0
if [[ -s results/results-General/runs.csv ]]; then ok 'default folder: results/<file stem>-<config>'; else fail 'default folder' "$(ls -R results)"; fi
sim run results.ini --quiet
ends 'a second run into it' 2
if grep -q 'results/results-General.*--force' err; then ok 'a second run into it: names the folder and --force'; else fail 'a second run into it' "$(cat err)"; fi
sim run results.ini -c Sweep --quiet
ends 'another config has its own' 0
if [[ -s results/results-Sweep/manifest.json ]]; then ok 'results/results-Sweep'; else fail 'results/results-Sweep'; fi
sim run results.ini --quiet --force --seed 5
ends '--force' 0
mkdir -p results/results-General/plots && touch results/results-General/{report.html,plots/a.svg,plots/mine.txt}
sim run results.ini --quiet --force --seed 5
same '--force: what was drawn of the old results goes' "$(ls results/results-General/plots)$(ls results/results-General | grep html)" mine.txt
rm -r results/results-General/plots
same '--force: replaced' "$(fingerprints results/results-General | head -n 1)" "$(sim run results.ini -o five --seed 5 --quiet; fingerprints five | head -n 1)"
mkdir mine && echo precious >mine/diary
sim run results.ini --quiet -o mine
ends 'a folder with other things' 2
sim run results.ini --quiet -o mine --force
ends 'a folder with other things, --force' 2
same 'they are still there' "$(cat mine/diary)" precious
mkdir void
sim run results.ini --quiet -o void
ends 'an empty folder will do' 0
sim run results.ini --quiet -o a/b/c
ends 'a folder within folders that are not there' 0
sim run results.ini --quiet -o results.ini
ends 'a file is no folder' 2
same 'and stays' "$(cat results.ini)" "$(cat "$here/results.ini")"
for order in '- -o in' '-o in -' '- --output=in' '- --quiet -o in' '-r 0 -o in -'; do
	rm -rf in
	# shellcheck disable=SC2086
	timeout "$seconds" "$sim" run $order <results.ini >out 2>err
	status=$?
	ends "standard input: run $order" 0
done
(timeout "$seconds" "$sim" run - --quiet --set repeat=1) <results.ini >out 2>err
if [[ -s results/stdin-General/runs.csv ]]; then ok 'standard input: its stem is stdin'; else fail 'standard input: its stem is stdin' "$(cat err)"; fi
sim run results.ini --quiet -o quiet
same '--quiet prints nothing' "$(cat out err)" ''
sim run results.ini -o loud
if grep -q 'loud/summary.csv' out; then ok 'says where the results are'; else fail 'says where the results are' "$(cat out)"; fi
if [[ -w / ]]; then
	ok 'a folder that cannot be written: not tried by a user who may write everywhere'
else
	mkdir locked && chmod a-w locked
	sim run results.ini --quiet -o locked/x
	holds 'a folder that cannot be written' "$status == 1 || $status == 2"
	if grep -q 'locked/x' err; then ok 'a folder that cannot be written: named'; else fail 'a folder that cannot be written: named' "$(cat err)"; fi
fi
sim run results.ini --quiet -o /dev/null/x
holds 'a folder that cannot be' "$status == 1 || $status == 2"
if [[ -w /dev/full ]]; then
	"$sim" params >/dev/full 2>err
	status=$?
	ends 'a full disk under the output' 1
fi

# Interrupted: what was finished is kept and marked.
interrupted() { # SIGNAL STATUS
	local dir=interrupted-$1 tries=0 finished
	rm -f err # of the run before
	set -m # so that the program does not inherit an ignored SIGINT
	"$sim" run results.ini -c Long -o "$dir" -j 1 --progress=json >out 2>err </dev/null &
	local pid=$!
	set +m
	# Until progress tells of a finished run.
	until grep -q '"done":[1-9]' err || [[ $tries -gt 1500 ]]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	sleep 0.5
	kill -s "$1" "$pid" || true
	wait "$pid"
	status=$?
	ends "SIG$1" "$2"
	finished=$(fingerprints "$dir" | wc -l)
	holds "SIG$1: some runs, not all ($finished)" "$finished > 0 && $finished < 20000"
	same "SIG$1: runs.csv has those" "$(awk -F, 'NR > 1 { print $4 }' "$dir/runs.csv" | uniq | wc -l)" "$finished"
	same "SIG$1: summary.csv says so" "$(summary "$dir" all all assignment.started total n)" "$finished"
	if grep -q '"state" *: *"interrupted"' "$dir/manifest.json"; then ok "SIG$1: marked"; else fail "SIG$1: marked" "$(head -n 20 "$dir/manifest.json")"; fi
	same "SIG$1: results are sound" "$(unsound "$dir")" ''
}
interrupted INT 130 2>/dev/null
interrupted TERM 143 2>/dev/null

# Usage.
for words in '' 'walk results.ini' 'run' '--verbose' 'run results.ini -j 0' 'run results.ini -j x' 'run results.ini --seed x' \
	'run results.ini -q all' 'run results.ini --progress=loud' 'version more' 'params more' 'help walk'; do
	# shellcheck disable=SC2086
	sim $words
	ends "usage: cpns-sim $words" 2
	if [[ -s err ]]; then ok "usage: cpns-sim $words: says why"; else fail "usage: cpns-sim $words: says why"; fi
done
for words in --help 'run --help' 'help run' params version; do
	# shellcheck disable=SC2086
	sim $words
	ends "cpns-sim $words" 0
	if [[ -s out && ! -s err ]]; then ok "cpns-sim $words: to standard output"; else fail "cpns-sim $words: to standard output" "$(cat err)"; fi
done
refused 'a value twice in a sweep: its iterations had one name' '--set gateways' results.ini --set 'gateways=${n=3,3}'

finish
