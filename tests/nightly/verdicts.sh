#!/bin/bash
# verdicts.sh CPNS-SIM: what the night's verdicts say of programs whose figures are made up, and of facts that changed;
# nothing here depends on how long anything takes.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/../scenarios/lib.sh"
tree=$here/../..
export COLLECT=1000

# other COST: a program that does what ours does, and tells a cost of its own
other() {
	cat >other <<-EOF
		#!/bin/sh
		echo '{"name":"kernel.message","value":$1,"unit":"ns","hash":"${2-0}","commit":"abc"}'
	EOF
	chmod +x other
}
text() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' out; }
number() { sed -n 's/.*"'"$1"'":\([-+0-9.e]*\).*/\1/p' out; }

# By time
other 1e-9
sim bench kernel.message --against=./other --pairs 15
ends 'dearer' 4
same 'dearer: what is said' "$(text name) $(text verdict) $(text against) $(number n)" 'kernel.message.time-ratio slower abc 15'
holds 'dearer: the interval' "1 < $(number low) && $(number low) <= $(number value) && $(number value) <= $(number high)"
same 'dearer: no noise between what is the same' "$(number noise)" 0.0
has 'dearer: another result' out '"same-result":false'
other 1e9
sim bench kernel.message --against=./other --pairs 15
ends 'cheaper' 0
same 'cheaper: the verdict' "$(text verdict)" faster
sim bench kernel.message --against="$sim" --pairs 15
has 'the same program: the same result' out '"same-result":true'
same 'the same program: as the interval says' "$(text verdict)" "$(awk "BEGIN { n = $(number noise)
	print ($(number low) > 1 + n) ? \"slower\" : ($(number high) < 1 - n) ? \"faster\" : \"same\" }")"

# By instructions: a stand-in for callgrind counts $COLLECT of ours and 1000 of others.
mkdir bin
cat >bin/valgrind <<'EOF2'
#!/bin/bash
while [[ $1 == --* ]]; do shift; done
echo "==1== Collected : 0" >&2
echo "==1== Collected : $([[ $1 == *other ]] && echo 1000 || echo "$COLLECT")" >&2
exec "$@"
EOF2
chmod +x bin/valgrind
PATH=$PWD/bin:$PATH
# counted NAME COUNT EXIT VERDICT
counted() {
	COLLECT=$2 sim bench kernel.message --against=./other --instructions
	ends "$1" "$3"
	same "$1: the verdict" "$(text name) $(text verdict)" "kernel.message.instructions-ratio $4"
}
counted '2 % more instructions' 1020 4 slower
counted 'as many and a few' 1009 0 same
counted '2 % less' 980 0 faster
COLLECT=0 sim bench kernel.message --against=./other --instructions
ends 'nothing was counted' 1
has 'nothing was counted: why' err 'counted no instruction of kernel.message'

# refused NAME STATUS PATTERN ARGUMENT...
refused() {
	local name=$1 wanted=$2 pattern=$3
	shift 3
	sim bench kernel.message "$@"
	ends "$name" "$wanted"
	if grep -qE -- "$pattern" err; then ok "$name: why"; else fail "$name: why" "$(cat err)"; fi
}
refused 'no program' 2 'is no program: name another build' --against=./nothing
refused 'another program' 1 'has no figure of kernel.message' --against=/bin/true
refused 'one that fails' 1 'exited with code 1' --against=/bin/false
refused 'too few pairs' 2 'pairs=14: write a number from 15' --against=./other --pairs=14
refused 'pairs of nobody' 2 'name the other one with --against' --pairs=15
refused 'hashes against another' 2 'goes without --tiny' --against=./other --tiny
refused 'instructions in pairs' 2 'leave one out' --against=./other --instructions --pairs=15
refused 'a folder' 2 'is no program: name another build' --against=bin
mkdir elsewhere
printf '#!/bin/sh\nexit 7\n' >elsewhere/other
chmod +x elsewhere/other
PATH=$PWD/elsewhere:$PATH sim bench kernel.message --against=other --pairs 15
ends 'a name is that of a file here' 0
refused 'instructions of nobody' 2 'name the other one with --against' --instructions

# The scripts, in a tree that has nothing to build.
mkdir -p tree/results/reference
cp -r "$tree/scripts" "$tree/topologies" tree/
printf 'configure() { :; }\nbuild() { :; }\ninstall_missing() { :; }\n' >>tree/scripts/setup-lib.sh
printf 'log\nresults/\nscripts/\n' >tree/.gitignore
git -C tree init -q && git -C tree add topologies && git -C tree -c user.name=x -c user.email=x commit -q -m x
export CPNS_SIM=$sim
export SCENARIOS='quickstart General --set crypto.mode=counted'
script() {
	local name=$1
	shift
	(cd tree && timeout -k 5 "$seconds" "scripts/$name" "$@") >out 2>err </dev/null
	status=$?
}
reference=tree/results/reference/behaviour.tsv
script behaviour --accept 'as it began' run bench
ends 'facts are taken' 0
holds 'facts: of a run and of the benchmarks' "$(grep -c '^run\.quickstart\.General\.' $reference) > 8 && $(grep -c '^bench\.' $reference) > 50"
for fact in fingerprints events draws pan.messages crypto.hmac assignment.completed results; do
	if grep -qE "^run\.quickstart\.General\.$fact	.+	as it began$" $reference; then ok "a fact: $fact"; else fail "a fact: $fact"; fi
done
script behaviour
ends 'the same' 0
sed -i -E 's/^(run\.quickstart\.General\.pan\.messages	)[0-9]+/\17/; /crypto\.hmac/d' $reference
script behaviour
ends 'two are others' 5
same 'two are others: which' "$(sed -n 's/^CHANGED \([^:]*\): accepted \([^,]*\),.*/\1 \2/p' out | tr '\n' ';')" \
	'run.quickstart.General.crypto.hmac none;run.quickstart.General.pan.messages 7;'
script behaviour --accept 'for good reason' run.quickstart.General.pan.messages
ends 'one is accepted' 0
same 'one is accepted: by its reason' "$(grep -c 'for good reason' $reference)" 1
script behaviour
same 'one is accepted: the other is not' "$(grep -c ^CHANGED out)" 1
script behaviour --accept 'for good reason' run.quickstart.Generel
ends 'a fact that is none' 2
script behaviour --accept ' ' run
ends 'no reason' 1
script behaviour --accept
ends 'nothing to accept' 1
has 'nothing to accept: how' err 'usage: scripts/behaviour --accept REASON NAME'
mv $reference kept
script behaviour
ends 'no facts to go by' 1
has 'no facts to go by: what to do' err "take the facts as they are with --accept 'REASON' run bench"
mv kept $reference
sed -i '1s/as it began//' $reference
script behaviour
ends 'a line without a reason' 1

# nightly: what the parts say decides. `cost` and `behaviour` are stand-ins now.
# shellcheck disable=SC2016 # the stand-ins expand it
printf '#!/bin/sh\nexit ${BEHAVIOUR:-0}\n' >tree/scripts/behaviour
cat >tree/scripts/cost <<'EOF2'
#!/bin/sh
echo "{\"name\":\"x.instructions-ratio\",\"value\":${VALUE:-0.97},\"verdict\":\"${VERDICT:-same}\",\"same-result\":${SAME:-true}}"
exit ${COST:-0}
EOF2
# shellcheck disable=SC2016
printf '#!/bin/sh\nexit ${COVERAGE:-0}\n' >tree/scripts/coverage
mv tree/.git git
GIT_CEILING_DIRECTORIES=$work script nightly cost
ends 'a first night of no commit' 1
same 'a first night of no commit: no baseline' "$(ls tree/results/nightly)" ''
mv git tree/.git
script nightly behaviour cost
ends 'the first night' 0
has 'the first night: the baseline' out 'today is the baseline'
same 'the first night: which' "$(cat tree/results/nightly/baseline)" "$(git -C tree rev-parse HEAD)"
# night NAME STATUS SETTING...
night() {
	local name=$1 wanted=$2 setting
	shift 2
	for setting; do export "${setting?}"; done
	script nightly behaviour cost coverage
	ends "$name" "$wanted"
	for setting; do unset "${setting%%=*}"; done
}
night 'all is well' 0
night 'dearer' 4 COST=4 VERDICT=slower
night 'another behaviour' 5 BEHAVIOUR=5
night 'both' 5 BEHAVIOUR=5 COST=4
night 'a part that failed' 1 COVERAGE=1 BEHAVIOUR=5
has 'a part that failed: which' out 'failed: coverage'
night 'a verdict that could not be had' 1 COST=1
night 'figures that cannot be had' 1 BEHAVIOUR=2
night 'a behaviour that could not be judged' 1 BEHAVIOUR=2
has 'a behaviour that could not be judged: what is said' out 'behaviour: not judged'
(cd tree && scripts/nightly behaviour cost >log 2>&1)
same 'all of it in one log' "$(grep -c '^== behaviour$\|^== cost$\|instructions-ratio\|^cost: not more$' tree/log)" 4
git -C tree -c user.name=x -c user.email=x commit -q --allow-empty -m y
night 'faster, but another behaviour' 5 BEHAVIOUR=5 VERDICT=faster
same 'the baseline stays' "$(cat tree/results/nightly/baseline)" "$(git -C tree rev-parse HEAD~1)"
night 'faster here, dearer there' 0 VERDICT=faster VALUE=1.004
night 'faster, doing something else' 0 VERDICT=faster SAME=false
VERDICT=faster script nightly cost
echo >>tree/topologies/flows.ini
night 'faster, but not as committed' 0 VERDICT=faster
git -C tree checkout -q topologies
same 'the baseline stays again' "$(cat tree/results/nightly/baseline)" "$(git -C tree rev-parse HEAD~1)"
night 'faster' 0 VERDICT=faster
same 'the baseline moves' "$(cat tree/results/nightly/baseline)" "$(git -C tree rev-parse HEAD)"
script nightly costs
ends 'an unknown part' 1
holds 'the history grows' "$(grep -c '^{"date":"20.*"verdict"' tree/results/nightly/history.ndjson) >= 6"

# trends
cat >history <<'EOF2'
{"date":"2026-01-01T03:00:00Z","name":"kernel.a","value":10.0,"unit":"ns","n":3}
{"date":"2026-01-01T03:00:00Z","name":"kernel.b.1000","value":200.0,"unit":"events/s","n":3}
{"date":"2026-01-02T03:00:00Z","name":"kernel.a","value":12.5,"unit":"ns","n":3}
{"date":"2026-01-02T03:00:00Z","name":"kernel.b.1000","value":100.0,"unit":"events/s","n":3}
{"date":"2026-01-02T03:00:00Z","name":"kernel.a.time-ratio","value":1.25,"unit":"1","n":31,"verdict":"slower"}
EOF2
script trends ../history ../drawn
ends 'trends' 0
same 'trends: what is drawn' "$(cd drawn && echo *.svg)" 'cost.svg kernel.svg'
same 'trends: dearer is more' "$(grep -v '^$' drawn/kernel.dat | tr '\n' ';')" \
	'# kernel.a;2026-01-01T03:00:00Z 1;2026-01-02T03:00:00Z 1.25;# kernel.b.1000;2026-01-01T03:00:00Z 1;2026-01-02T03:00:00Z 2;'
has 'trends: whole' drawn/kernel.svg '</svg>'
script trends ../nothing ../drawn
ends 'no history yet' 0
echo '{"name":"x"}' >history
script trends ../history ../drawn
ends 'a history without figures' 1
finish
