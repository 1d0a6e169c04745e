#!/bin/bash
# arrivals.sh CPNS-SIM: closed workloads and traces, and distributions from files: what arrives when, whose paths are
# whose, and how each kind of mistake in a file is named.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"
scenario=$here/arrivals.ini
all() { value "$1" "${4-0}" all all "$2" "$3"; }
closed() { study "$1" "$scenario" --set "workload.arrivals=closed($2)" "${@:3}"; }

# Closed: a device thinks 1 s, is keyed in 80 ms, thinks again. Its arrival k (from 0) is at 1 s + k x 1.08 s; the 92nd
# at 99.28 s, whose key is there at 99.36 s.
closed one 1s
equal 'closed: started' "$(all one assignment.started total)" 920
equal 'closed: completed' "$(all one assignment.completed total)" 920
equal 'closed: latency' "$(all one assignment.latency max)" 0.08
near 'closed: throughput from the first arrival to the limit' "$(all one assignment.throughput mean)" '920 / 98.9' 1e-12
closed cut 1s --set sim-time-limit=99.3s
equal 'closed: completed before a limit' "$(all cut assignment.completed total)" 910
equal 'closed: censored by it' "$(all cut assignment.censored total)" 10
closed none 2min
equal 'closed: no arrival before the limit' "$(all none assignment.started total)" 0
closed all-the-time 0s --set sim-time-limit=8.01s --set gateways=1
equal 'closed(0s): always busy' "$(all all-the-time assignment.completed total)" 100
closed spread 'uniform(0s,10s)' --set gateways=1000 --set sim-time-limit=5s --set wan.latency=10s
binomial 'closed: each device begins with a think time of its own' "$(all spread assignment.started total)" 1000 0.5
# Ten devices at one server of 100 ms a message: N / (Z + R) = 1 / 100 ms as soon as they queue up, R = 1 s - Z.
closed busy 200ms --set server.service=100ms
near 'closed: a full server sets the pace' "$(all busy assignment.throughput mean)" 10 0.05
near 'closed: and the latency' "$(all busy assignment.latency p50)" 0.8 1e-9
# What fails counts as ended: no answer for 1 s, arrivals at 1, 3, 5, 7 and 9 s.
closed failed 1s --set wan.loss=100% --set protocol.timeout=1s --set protocol.jitter=1 --set protocol.retries=0 \
	--set sim-time-limit=9.5s
equal 'closed: wanted again after a failure' "$(all failed assignment.started total)" 50
equal 'closed: failures' "$(all failed assignment.failed total)" 40
same 'closed: the limit ends it' "$(grep -o '"ended" : "[^"]*"' failed/manifest.json | sort -u)" '"ended" : "sim-time-limit"'
study poor "$scenario" -c Random -j 1
study poor-two "$scenario" -c Random -j 2
same 'closed: the same at once' "$(cat poor-two/runs.csv poor-two/summary.csv)" "$(cat poor/runs.csv poor/summary.csv)"
same 'closed: fingerprints at once' "$(fingerprints poor-two)" "$(fingerprints poor)"
study poor-real "$scenario" -c Random --set crypto.mode=real --set protocol.password-iterations=10
study poor-counted "$scenario" -c Random --set protocol.password-iterations=10
same 'closed: the same in both crypto modes' "$(fingerprints poor-counted)" "$(fingerprints poor-real)"
holds 'closed: there was something to compare' "$(total poor assignment.started) > 1000 && $(total poor wan.lost) > 100"
sed '/^sim-time-limit/d; /^\[Config/,$d' "$scenario" >unlimited.ini
refused 'closed without a limit' 'sim-time-limit.*closed' unlimited.ini
refused 'closed without a think time' 'closed needs a think time' "$scenario" --set workload.arrivals=closed
refused 'a think time without a unit' '"5" has no unit|`5` has no unit' "$scenario" --set 'workload.arrivals=closed(5)'

# Traces. trace DIR TEXT ARGUMENT...: with these rows below the header line.
trace() {
	printf 'time,device\n%b' "$2" >trace.csv
	study "$1" "$scenario" --set 'workload.arrivals=trace(trace.csv)' "${@:3}"
}
scenario=unlimited.ini
trace two '3s,gw:00009\n1.5s,gw:00000\n'
equal 'trace: each row once' "$(all two assignment.started total)" 2
near 'trace: from 1.5 s to 3.08 s' "$(all two assignment.throughput mean)" '2 / 1.58' 1e-12
same 'trace: then nothing is left to do' "$(grep -o '"ended" : "[^"]*"' two/manifest.json | sort -u)" '"ended" : "nothing left to do"'
trace plain '3,gw:00009\n15e-1,gw:00000\n'
same 'trace: a plain number is in seconds' "$(cat plain/runs.csv)" "$(cat two/runs.csv)"
trace many '1h,gw:00001\n0s,gw:00001\n250ms,gw:00002\n'
near 'trace: any order of rows, any unit' "$(all many assignment.throughput mean)" '3 / 3600.08' 1e-12
trace queue '10ms,gw:00003\n10ms,gw:00003\n20ms,gw:00003\n10ms,gw:00004\n'
equal 'trace: a busy device queues' "$(all queue assignment.latency max)" 0.23
equal 'trace: others do not wait' "$(all queue assignment.latency min)" 0.08
near 'trace: 80, 80, 160 and 230 ms' "$(all queue assignment.latency mean)" 0.1375 1e-12
trace limit '1s,gw:00003\n2s,gw:00003\n3s,gw:00003\n' --set sim-time-limit=2.01s
if grep -q '1 of 3 arrivals of the trace lie beyond sim-time-limit' limit/manifest.json; then ok 'trace: what is cut is told'; else fail 'trace: what is cut is told' "$(cat limit/manifest.json)"; fi
equal 'trace: a limit cuts it' "$(all limit assignment.started total)-$(all limit assignment.censored total)" 1
trace pnes '1s,00001.00\n2s,00009.02\n' --set flow=pne-insecure-pan --set pan.profile=ideal --set pnes-per-gateway=3 \
	--set crypto.pne=free
equal 'trace: PNEs' "$(all pnes assignment.completed total)" 2
trace sure '1s,00001.00\n2s,00009.02\n' --set flow=pne-insecure-pan --set pan.profile=ideal \
	--set 'pnes-per-gateway=uniform(2.5,9)' --set crypto.pne=free --set repeat=20
equal 'trace: PNEs that every replication has' "$(total sure assignment.completed)" 40
for jobs in 1 2; do
	trace "lossy$jobs" '1s,gw:00001\n2s,gw:00002\n2s,gw:00001\n' -j $jobs --set wan.loss=40% --set repeat=8
done
same 'trace: the same at once' "$(cat lossy2/runs.csv lossy2/summary.csv)" "$(cat lossy1/runs.csv lossy1/summary.csv)"
same 'trace: the manifest names its octets' "$(grep -o '"sha256" : "[^"]*"' pnes/manifest.json)" \
	"\"sha256\" : \"$(printf 'time,device\n1s,00001.00\n2s,00009.02\n' | sha256sum | cut -d ' ' -f 1)\""

# A fixed topology, whose devices have names of their own.
cat >home.csv <<'END'
id,type,parent,user,smartcard
hub,gateway,,ann,
car,gateway,,bob,yes
watch,pne,hub,ann,
lamp.1,pne,car,bob,
END
grep -vE '^(gateways|flow)' unlimited.ini | sed 's/^topology.*/topology = home.csv/' >home.ini
printf 'pan.profile = ideal\ncrypto.pne = free\n' >>home.ini
printf 'device,time\nlamp.1,1s\nhub,2s\nwatch,2s\nwatch,1min\n' >trace.csv
study home home.ini --set 'workload.arrivals=trace(trace.csv)'
equal 'trace on a topology file' "$(all home assignment.completed total)" 4
equal 'trace on a topology file: the PN GW' "$(value home 0 all gateway assignment.completed total)" 1
same 'both files are in the manifest' "$(grep -o '"path" : "[^"]*"' home/manifest.json | tr '\n' ' ')" \
	'"path" : "home.csv" "path" : "trace.csv" '

# Mistakes. bad NAME LINE PATTERN TEXT ARGUMENT...: TEXT is the whole file.
bad() {
	printf '%b' "$4" >bad.csv
	refused "trace: $1" "bad\\.csv:$2: .*$3" "$mistaken" --set 'workload.arrivals=trace(bad.csv)' "${@:5}"
}
mistaken=unlimited.ini
bad 'an empty file' 1 'empty.*time,device' ''
bad 'no rows' 1 'column .time.*row' 'time,device\n'
bad 'no time' 1 'column .time.*missing' 'device\ngw:00001\n'
bad 'no device' 1 'column .device.*missing' 'time\n1s\n'
bad 'another column' 1 'column 3.*devise.*did you mean device' 'time,device,devise\n'
bad 'a column twice' 1 'column 3.*twice' 'time,device,time\n'
bad 'too many cells' 3 '3 cells' 'time,device\n1s,gw:00001\n1s,gw:00001,x\n'
bad 'an empty time' 2 'column .time.*empty' 'time,device\n,gw:00001\n'
bad 'an empty device' 3 'column .device.*empty' 'time,device\n1s,gw:00001\n1s,\n'
bad 'a negative time' 2 'column .time.*-1s.*negative' 'time,device\n-1s,gw:00001\n'
bad 'a negative number' 2 'column .time.*-1.*negative' 'time,device\n-1,gw:00001\n'
bad 'a time that is none' 4 'column .time.*soon.*write' 'time,device\n\n\nsoon,gw:00001\n'
bad 'an unknown unit' 2 'column .time.*unit.*sec' 'time,device\n1sec,gw:00001\n'
bad 'a time beyond all times' 2 'column .time.*range' 'time,device\n1e300,gw:00001\n'
bad 'a PN GW too many' 2 'column .device.*gw:00010.*10' 'time,device\n1s,gw:00010\n'
bad 'another name' 2 'column .device.*gw:1.*gw:00000' 'time,device\n1s,gw:1\n'
bad 'a PNE where PN GWs take part' 2 'column .device.*takes no part.*gateway' 'time,device\n1s,00001.00\n' --set pnes-per-gateway=3
bad 'a PN GW that may have a smart card' 2 'column .device.*smartcard = 0%' 'time,device\n1s,gw:00001\n' --set gateway.smartcard=1%
sed 's/^flow.*/flow = pne-ui\npan.profile = ideal\npnes-per-gateway = uniform(1,3)/' unlimited.ini >pnes.ini
mistaken=pnes.ini
bad 'a PN GW where PNEs take part' 2 'column .device.*takes no part.*pne-ui' 'time,device\n1s,gw:00001\n'
bad 'a PNE that may not be there' 3 'column .device.*every replication.*1 PNEs' 'time,device\n1s,00001.00\n1s,00001.01\n'
bad 'a PNE of no PN GW' 2 'column .device.*00010.00' 'time,device\n1s,00010.00\n'
mistaken=home.ini
bad 'an unknown device' 3 'column .device.*lamp1.*did you mean lamp.1' 'time,device\n1s,hub\n1s,lamp1\n'
bad 'a smart card' 2 'column .device.*car.*smart card' 'time,device\n1s,car\n'
bad 'a PN GW of a file where PNEs take part' 2 'column .device.*takes no part' 'time,device\n1s,hub\n' --set flow=pne-ui
bad 'not CSV' 2 'CSV' 'time,device\n1s,"hub\n'
refused 'trace: a missing file' '--set workload\.arrivals: .*nowhere.csv.*time and device' home.ini --set 'workload.arrivals=trace(nowhere.csv)'
refused 'trace: no file' 'trace needs a file' home.ini --set workload.arrivals=trace

# Distributions from files: the same as if they were written out, wherever one may stand.
printf 'value\n40ms\n' >forty.csv
printf 'weight,value\n3,1s\n0,7s\n' >second.csv
sed 's/40ms/empirical(forty.csv)/; s/closed(1s)/closed(empirical(second.csv))/; s/^repeat.*/&\nserver.service = empirical(forty.csv)/' \
	"$here/arrivals.ini" >drawn.ini
study drawn drawn.ini
study written "$here/arrivals.ini" --set server.service=40ms
same 'empirical: latency, think time and service' "$(cat drawn/runs.csv)" "$(cat written/runs.csv)"
same 'empirical: the manifest names each file once' "$(grep -o '"path" : "[^"]*"' drawn/manifest.json | tr '\n' ' ')" \
	'"path" : "forty.csv" "path" : "second.csv" '
printf 'value,weight\n3,1\n5,3\n' >counts.csv
study counts pnes.ini --set 'pnes-per-gateway=empirical(counts.csv)' --set gateways=2000 --set 'workload.arrivals=storm(0s)' --set repeat=1
binomial 'empirical: counts' "($(all counts assignment.started total) - 6000) / 2" 2000 0.75
study weibull "$here/arrivals.ini" --set 'wan.latency=weibull(40ms,2)'
near 'weibull: two one-way latencies' "$(summary weibull all all assignment.latency mean estimate)" '2 * 0.04 * 0.886227' 0.002
study swept "$here/arrivals.ini" --set 'wan.latency=${l=empirical(forty.csv),40ms}' --set repeat=1
same 'empirical: in a sweep' "$(awk -F, '$2 != "l=40ms" { $2 = $4 = ""; print }' swept/runs.csv)" \
	"$(awk -F, '$2 != "l=empirical(forty.csv)" { $2 = $4 = ""; print }' swept/runs.csv)"
holds 'empirical: in a sweep, both are there' "$(grep -c 'l=40ms' swept/runs.csv) > 10 && $(grep -c 'l=empirical' swept/runs.csv) > 10"

# Paths are relative to the scenario, on standard input and by --set to the working directory.
mkdir -p folder
mv drawn.ini forty.csv second.csv folder/
study other folder/drawn.ini
same 'paths of a scenario in another folder' "$(cat other/runs.csv)" "$(cat drawn/runs.csv)"
same 'the manifest does not depend on the folder' "$(sed '/^  "provenance"/,$d' other/manifest.json)" "$(sed '/^  "provenance"/,$d' drawn/manifest.json)"
(cd folder && "$sim" run - -o ../input --quiet <drawn.ini)
same 'paths on standard input' "$(cat input/runs.csv)" "$(cat drawn/runs.csv)"
refused 'a path by --set is the caller'"'"'s' '--set wan.latency: .*forty.csv' folder/drawn.ini --set 'wan.latency=empirical(forty.csv)'
study caller folder/drawn.ini --set 'wan.latency=empirical(folder/forty.csv)'
same 'a path by --set' "$(cat caller/runs.csv)" "$(cat drawn/runs.csv)"

# table NAME LINE PATTERN TEXT: of a duration
table() {
	printf '%b' "$4" >bad.csv
	refused "empirical: $1" "--set wan\\.latency: .*bad\\.csv:$2: .*$3" "$here/arrivals.ini" --set 'wan.latency=empirical(bad.csv)'
}
table 'an empty file' 1 'empty.*value' ''
table 'no rows' 1 'column .value.*row' 'value,weight\n'
table 'no value' 1 'column .value.*missing' 'weight\n1\n'
table 'another column' 1 'column 1.*valeu.*did you mean value' 'valeu\n1s\n'
table 'a value without a unit' 3 'column .value.*"5" has no unit' 'value\n1s\n5\n'
table 'a negative value' 2 'column .value.*negative' 'value\n-5ms\n'
table 'an empty value' 3 'column .value.*empty' 'value,weight\n1s,1\n,1\n'
table 'a negative weight' 2 'column .weight.*-1.*0' 'value,weight\n1s,-1\n'
table 'an empty weight' 2 'column .weight.*empty' 'value,weight\n1s,\n'
table 'a weight that is none' 2 'column .weight.*half' 'value,weight\n1s,half\n'
table 'weights of 0' 1 'column .weight.*0 in every row' 'value,weight\n1s,0\n2s,0\n'
printf 'value\n\377\n' >bad.csv
refused 'empirical: not UTF-8' 'bad\.csv: .*UTF-8' "$here/arrivals.ini" --set 'wan.latency=empirical(bad.csv)'
printf 'value\n2\n1.5s\n' >bad.csv
refused 'empirical: a count with a unit' 'pnes-per-gateway: .*bad\.csv:3: column .value.*without a unit' pnes.ini --set 'pnes-per-gateway=empirical(bad.csv)'
sed 's/^wan.latency.*/wan.latency = empirical(bad.csv)/' "$here/arrivals.ini" >bad.ini
refused 'empirical: the line of the scenario too' 'bad\.ini:9: wan\.latency: .*bad\.csv:2: column .value' bad.ini
refused 'empirical: a folder' 'folder, which is not a file' "$here/arrivals.ini" --set 'wan.latency=empirical(folder)'
refused 'empirical: in a closed workload' 'workload\.arrivals: .*bad\.csv:2: column .value' "$here/arrivals.ini" --set 'workload.arrivals=closed(empirical(bad.csv))'

finish
