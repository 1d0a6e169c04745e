#!/usr/bin/env bash
# Results as files of OMNeT++: what a run has in runs.csv and cdf.csv stands in its .sca and .vec, number by number.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../scenarios/lib.sh"

cat >toy.ini <<'INI'
[General]
study = terminating
customers = 300
arrivals = storm(1s)
repeat = 2
[Config sweep]
service.time = ${s=30ms,exponential(45ms)}
speed = ${v=250kbit/s,1Mbit/s ! s}
INI
sim run toy.ini -c sweep -o results --quiet
sim export results
ends 'export' 0
same 'a .sca and a .vec for each run' "$(ls results/omnetpp | wc -l)" 8
same 'and says where' "$(cat out)" '4 runs: results/omnetpp/*.sca, *.vec'
sca='results/omnetpp/sweep-s=30ms,v=250kbit_s-#1.sca'
vec=${sca%.sca}.vec
same 'version' "$(head -n 1 "$sca")" 'version 3'
same 'the run' "$(sed -n 2p "$sca")" 'run sweep-1-seed1'
for line in 'attr configname sweep' 'attr iterationvars "$s=30ms, $v=250kbit/s"' 'attr repetition 1' 'attr replication #1' \
	'itervar s 30ms' 'itervar v 250kbit/s' 'config customers 300'; do
	if grep -qxF "$line" "$sca" && grep -qxF "$line" "$vec"; then ok "$line"; else fail "$line" "$(head -n 20 "$sca")"; fi
done
if grep -q '^itervar s exponential(45ms)$' results/omnetpp/sweep-s=exponential*.sca; then ok 'a value with parentheses'; else
	fail 'a value with parentheses' "$(ls results/omnetpp)"; fi

# of METRIC STATISTIC FLOW: from runs.csv, of replication 1 of s=30ms
of() { awk -F, -v m="$1" -v s="$2" -v f="$3" '/s=30ms/ && $3 == 1 && $6 == f && $7 == m && $8 == s { print $9 }' results/runs.csv; }
same 'a scalar' "$(awk '$1 == "scalar" && $2 == "toy" && $3 == "served:total" { print $4 }' "$sca")" "$(of served total all)"
same 'of one flow' "$(awk '$1 == "scalar" && $2 == "toy.flow.north" && $3 == "served:total" { print $4 }' "$sca")" \
	"$(of served total north)"
for field in count:count mean:mean sd:stddev max:max; do
	same "a field: ${field#*:}" "$(awk -v f="${field#*:}" '$1 == "statistic" { on = $2 == "toy" && $3 == "wait" }
		on && $1 == "field" && $2 == f { print $3 }' "$sca")" "$(of wait "${field%:*}" all)"
done
same 'a quantile' "$(awk '$3 == "wait:p90" && $2 == "toy" { print $4 }' "$sca")" "$(of wait p90 all)"
same 'its unit' "$(grep -A1 '^scalar toy wait:p90' "$sca" | tail -n 1)" 'attr unit s'
same 'a vector' "$(awk '$1 == "vector" { on = $3 == "toy" && $4 == "wait:quantiles" && $5 == "TV"; id = $2; next }
	on && $1 == id { printf "%s,%s;", $2, $3 }' "$vec")" \
	"$(awk -F, '/s=30ms/ && $3 == 1 && $6 == "all" { printf "%s,%s;", $8, $9 }' results/cdf.csv)"

cp -r results/omnetpp first
sim export results --quiet
same 'again: the same bytes' "$(diff -r first results/omnetpp && echo yes)" yes
sim export results -o elsewhere --quiet
same 'elsewhere' "$(diff -r first elsewhere && echo yes)" yes
mkdir other
sim export other
ends 'no results' 2
touch file
sim export results -o file/inside
ends 'a folder that cannot be' 1
finish
