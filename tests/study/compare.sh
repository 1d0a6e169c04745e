#!/usr/bin/env bash
# `compare`: which configs it takes, what is paired with what, what is left out, and that it can be interrupted.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../scenarios/lib.sh"

cat >toy.ini <<'INI'
[General]
study = terminating
customers = 60
arrivals = storm(1s)
repeat = 8
[Config slow]
service.time = 45ms
[Config slower]
service.time = 55ms
[Config slowest]
service.time = 65ms
[Config swept]
extends = slow
factor = ${f=2,3}
[Config wider]
extends = slower
factor = ${f=2,3,4}
[Config other]
extends = slower
factor = ${f=3,2}
[Config lucky]
extends = slower
seed = 2
[Config few]
extends = slower
repeat = 3
[Config failing]
extends = slower
fail = ,2,5,
[Config fixed]
extends = slow
luck = none
[Config late]
extends = slower
sim-time-limit = 1h
[Config precise]
extends = slow
customers = 400
precision = wait.mean 20%
repeat = 5
[Config preciser]
extends = precise
service.time = 48ms
INI

no 'one config' 'two configs are compared' compare toy.ini -c slow
no 'the same twice' 'stands twice' compare toy.ini -c slow -c slow
no 'an unknown one' 'did you mean slower' compare toy.ini -c slow -c slowre
no 'an iteration more' 'toy.ini: .*wider and swept|toy.ini: .*swept and wider.*f=4' compare toy.ini -c swept -c wider
no 'iterations of one alone' 'a single iteration|the iteration f=2' compare toy.ini -c slow -c swept
no 'other seeds' 'seed is 1 .* and 2' compare toy.ini -c slow -c lucky
no 'other replications' 'repeat is 8 .* and 3' compare toy.ini -c slow -c few
no 'precision of one alone' 'repeat is|precision is' compare toy.ini -c slow -c precise --set repeat=8
no 'a query about one' 'run -q config -c slow' compare toy.ini -c slow -c slower -q config
no 'a wrong --set' 'did you mean customers' compare toy.ini -c slow -c slower --set customer=4

# What ran is what `run` runs, under numbers of its own; the differences are those of the runs.
sim compare toy.ini -c slow -c slower -c slowest
ends 'three configs' 0
cp out three.out
same 'header' "$(head -n 1 results/toy-slow-slower-slowest/compare.csv)" \
	'a,b,iteration,module,flow,metric,statistic,difference,low,high,ratio,ratio_low,ratio_high,correlation,variance_ratio,n,method,unit,verdict'
sim run toy.ini -c slower -o single --quiet
sim compare toy.ini -c slow -c late -o single
ends 'a folder that is not empty' 2
same 'the runs of one config' "$(grep ^slower, results/toy-slow-slower-slowest/runs.csv)" \
	"$(grep ^slower, single/runs.csv)"
same 'run numbers are those of the config alone' "$(cut -d, -f1,4 results/toy-slow-slower-slowest/runs.csv | grep -v config | uniq |
	cut -d, -f2 | tr -d '\n')" 012345670123456701234567
same 'each with the first' "$(cut -d, -f1,2 results/toy-slow-slower-slowest/compare.csv | tail -n +2 | uniq | tr '\n' ' ')" \
	'slow,slower slow,slowest '
awk -F, '$5 == "all" && $6 == "all" && $7 == "wait" && $8 == "mean" { v[$1, $3] = $9 }
	END { for (r = 0; r < 8; r++) { d = v["slowest", r] - v["slow", r]; s += d; q += d * d; a += v["slow", r]; b += v["slowest", r] }
	m = s / 8; e = 2.3646242515927849 * sqrt((q - 8 * m * m) / 7 / 8)
	printf "%.9g %.9g %.9g %.9g\n", m, m - e, m + e, b / a }' results/toy-slow-slower-slowest/runs.csv >wanted
awk -F, '$2 == "slowest" && $4 == "all" && $5 == "all" && $6 == "wait" && $7 == "mean" { printf "%.9g %.9g %.9g %.9g\n", $8, $9, $10, $11 }' \
	results/toy-slow-slower-slowest/compare.csv >got
same 'the difference of the runs' "$(cat got)" "$(cat wanted)"
# claims.csv: what was printed, with p by a table of t (7 degrees of freedom: 5 % at 2.3646), and Holm's procedure over it.
claims=results/toy-slow-slower-slowest/claims.csv
same 'the header of claims' "$(head -n 1 $claims)" \
	'a,b,iteration,module,flow,metric,statistic,per,difference,low,high,ratio,n,p,adjusted,unit,verdict'
same 'as many as are printed' "$(grep -c . $claims)" "$(($(sed -n 's/.* of \([0-9]*\) differences, which hold.*/\1/p' three.out) + 1))"
same 'as many hold' "$(awk -F, 'NR > 1 && $15 != "" && $15 <= 0.05' $claims | wc -l)" "$(sed -n 's/^\* \([0-9]*\) of.*/\1/p' three.out)"
same 'an interval leaves out 0 where p is below 5 %' "$(awk -F, 'NR > 1 && $14 != "" && ($14 < 0.05) != ($10 > 0 || $11 < 0)' $claims)" ''
same "Holm's procedure" "$(tail -n +2 $claims | cut -d, -f14,15 | grep -v '^,' | sort -t, -g | awk -F, '{ p[NR] = $1; a[NR] = $2 }
	END { for (i = 1; i <= NR; i++) { x = (NR - i + 1) * p[i]; x = x > 1 ? 1 : x; m = x > m ? x : m
		if ((a[i] - m) ^ 2 > 1e-20) print i, a[i], m } }')" ''
has 'in words' three.out 'wait, mean of slower is'
has 'longer' three.out ' ms longer than of slow (8 pairs, paired t, 95 %'
has 'Holm' three.out "(Holm's procedure over all lines above)"

sim compare toy.ini -c swept -c other -o sorted
ends 'the same iterations in another order' 0
same 'iterations in order' "$(cut -d, -f3 sorted/compare.csv | tail -n +2 | uniq | tr '\n' ' ')" 'f=3 f=2 '
sim compare toy.ini -c swept -c other -o part -r f=3 --quiet
same '-r' "$(cut -d, -f3 part/compare.csv | sort -u | tr '\n' ' ')" 'f=3 iteration '

# What is missing.
sim compare toy.ini -c slow -c failing -o failed
ends 'failed replications' 6
has 'they are listed' err 'slow and failing: 2 replications are left out of the pairs, for want of a finished run: 2 (failing), 5 (failing)'
has 'and kept' failed/manifest.json 'left out of the pairs'
same 'six pairs' "$(awk -F, '$6 == "wait" && $7 == "mean" { print $16 }' failed/compare.csv | sort -u)" 6
sim compare toy.ini -c slow -c slower -o few --set repeat=3
has 'few pairs' out '3 pairs: too few to rely on their interval'
sim compare toy.ini -c slow -c slower -o one --set repeat=1
has 'one pair' out 'in the one pair that there is: no interval'
same 'no interval' "$(awk -F, '$4 == "all" && $5 == "all" && $6 == "wait" && $7 == "mean" { print $9 $10 $12 $13 $14 $15 "," $17 "," $19 }' one/compare.csv)" \
	',none,n too small'
sim compare toy.ini -c slow -c slower -o fixed --set luck=none
has 'deterministic' out 'deterministic: the replications do not differ'
sim compare toy.ini -c slow -c late -o late
has 'windows that differ' err 'sim-time-limit is '
sim compare toy.ini -c slow -c slower -o dull --set service.time=40ms
has 'nothing differs' out 'all flows: no difference in wait, mean'

# Both go on until both are there.
sim compare toy.ini -c precise -c preciser -o precise --quiet
ends 'precision' 0
runs=$(awk -F, '$7 == "wait" && $5 == "all" && $6 == "all" && $8 == "mean" { n[$1]++ } END { print n["precise"], n["preciser"] }' precise/runs.csv)
read -r x y <<<"$runs"
same 'as many of one as of the other' "$x" "$y"
holds 'more than at first' "$x > 5"

# Killed and resumed, it writes what it would have written.
sim compare toy.ini -c slow -c slower -o whole --quiet --set pause=20ms
timeout -s KILL 0.3 "$sim" compare toy.ini -c slow -c slower -o torn --quiet --set pause=20ms -j 1 2>/dev/null
holds 'killed on its way' "$(wc -l <torn/journal.ndjson) > 1 && $(wc -l <torn/journal.ndjson) < 17"
sim compare toy.ini -c slow -c slower -o torn --quiet --set pause=20ms --resume
ends 'resumed' 0
for file in compare.csv runs.csv summary.csv; do
	same "resumed: $file" "$(sha256sum <torn/$file)" "$(sha256sum <whole/$file)"
done
sim compare toy.ini -c slow -c slowest -o torn --resume
ends 'resumed with another config' 2
"$sim" compare - -c slow -c slower -o piped --quiet <toy.ini && sim compare toy.ini -c slow -c slower -o unpiped --quiet
same 'standard input' "$(sha256sum <piped/compare.csv)" "$(sha256sum <unpiped/compare.csv)"
finish
