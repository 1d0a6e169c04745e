#!/bin/bash
# refusals.sh CPNS-SIM: what a scenario may not say is refused with file, line, reason and, for a wrong name, the nearest
# one; odd but legal files are read.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

# 16 lines; what a check adds begins in line 17.
base='[General]
study = terminating
repeat = 2
topology = generated
gateways = 2
pnes-per-gateway = 2
pan.profile = ideal
wan.profile = ideal
flow = pne-ui
protocol.mutual-authentication = done
crypto.mode = counted

[Config Poisson]
workload.arrivals = poisson(5/s)
sim-time-limit = 10s
[Config Storm]'
storm='workload.arrivals = storm(1s)'

# at LINE NAME PATTERN TEXT: TEXT, from line 17 on in [Config Storm], is refused at LINE with a message that matches
at() {
	printf '%s\n%b\n%s\n' "$base" "$4" "$storm" >bad.ini
	refused "$2" "bad\\.ini:$1: .*$3" bad.ini -c Storm
}
line() { at 17 "$@"; }
# instead NAME PATTERN KEY TEXT: that key's line is another, or gone
instead() {
	printf '%s\n%s\n' "$base" "$storm" | awk -v key="$3 " -v text="$4" 'NR != 14 && index($0, key) == 1 { if (text != "") print text; next } { print }' >bad.ini
	refused "$1" "bad\\.ini.*$2" bad.ini -c Storm
}

printf '%s\n%s\n' "$base" "$storm" >good.ini
study good good.ini -c Storm

# Names.
line 'unknown key' 'wan\.latencey.*wan\.latency' 'wan.latencey = 4ms'
line 'unknown key, other letters' 'Seed.*seed' 'Seed = 4'
line 'unknown key without a near one' 'colour.*unknown' 'colour = red'
line 'unknown value of a choice' 'litteral.*literal' 'protocol.profile = litteral'
line 'unknown distribution' 'unifrom.*uniform' 'wan.latency = unifrom(1ms,2ms)'
line 'unknown device class' 'm4_8.*m4_80' 'crypto.pne = m4_8'
line 'unknown link preset' 'lte-n.*lte-m' 'wan.profile = lte-n'
line 'unknown preset in a mix' 'nb-iott.*nb-iot' 'wan.profile = lte 50%, nb-iott 50%'
line 'a PAN preset as a WAN' 'wifi' 'wan.profile = wifi'
line 'unknown parent' 'Poison.*Poisson' 'extends = Poison'
refused 'unknown config' 'good\.ini.*Strom.*Storm' good.ini -c Strom
refused 'unknown key by --set' '--set wan\.latencey.*wan\.latency' good.ini -c Storm --set wan.latencey=4ms
refused 'unreadable key by --set' '--set pne\.ui' good.ini -c Storm --set pne.ui=4%
refused '--set without a value' '--set' good.ini -c Storm --set seed
refused 'unknown option' '--outptu.*--output' good.ini --outptu=x
refused 'missing file' 'nowhere\.ini.*No such file' nowhere.ini
mkdir folder.ini
refused 'a folder as a scenario' 'folder\.ini.*directory' folder.ini
refused 'two scenarios' 'good\.ini' good.ini good.ini

# Units and ranges.
line 'duration without a unit' '"5".*unit' 'protocol.timeout = 5'
line 'duration with a strange unit' '5sec.*unit.*sec' 'protocol.timeout = 5sec'
line 'negative duration' '-5s' 'protocol.timeout = -5s'
line 'duration beyond all times' '1e30s' 'protocol.timeout = 1e30s'
line 'duration that is none' 'soon' 'protocol.timeout = soon'
line 'share above 1' '120%' 'wan.loss = 120%'
line 'negative share' '-1%' 'wan.loss = -1%'
line 'rate without a unit' '250.*unit' 'wan.rate = 250'
line 'rate of 0' 'wan\.rate' 'wan.rate = 0kbit/s'
line 'size without a unit' '20.*unit' 'wan.mtu = 20'
line 'size of 0' 'wan\.mtu' 'wan.mtu = 0B'
line 'unit in another case' '10MS.*unit' 'protocol.timeout = 10MS'
line 'whole number with a fraction' '1\.5' 'protocol.retries = 1.5'
line 'negative count' '-1' 'protocol.retries = -1'
line 'jitter below 1' '0\.5.*1' 'protocol.jitter = 0.5'
line 'back-off below 1' '0\.5.*1' 'protocol.backoff = 0.5'
line 'no worker' '0' 'server.workers = 0'
line 'a number that is none' 'nan' 'protocol.backoff = nan'
line 'an infinite number' 'inf' 'protocol.backoff = inf'
line 'a hexadecimal number' '0x10' 'protocol.retries = 0x10'
line 'a number beyond all numbers' 'protocol\.retries' 'protocol.retries = 99999999999999999999999'
line 'an empty value' 'protocol\.timeout' 'protocol.timeout ='
line 'too many arguments' 'uniform' 'wan.latency = uniform(1ms,2ms,3ms)'
line 'an argument without a unit' '"?5"?.*unit' 'wan.latency = exponential(5)'
line 'bounds the wrong way round' 'uniform' 'wan.latency = uniform(5ms,1ms)'
line 'a pareto cap below its scale' 'pareto' 'wan.latency = pareto(5ms,2,1ms)'
line 'a negative standard deviation' 'normal' 'wan.latency = normal(5ms,-1ms)'
line 'a mix that is not the whole' '%' 'wan.profile = lte 50%, nb-iot 40%'
line 'a mix with a name twice' 'lte' 'wan.profile = lte 50%, lte 50%'
line 'a weibull without a scale' 'weibull' 'wan.latency = weibull(0s,2)'
line 'a weibull with a unit in its shape' 'weibull.*2s' 'wan.latency = weibull(5ms,2s)'
line 'a missing empirical file' 'nowhere.csv' 'wan.latency = empirical(nowhere.csv)'
instead 'repeat of 0' ':3: repeat.*0' repeat 'repeat = 0'
instead 'negative PN GWs' ':5: gateways.*-1' gateways 'gateways = -1'
instead 'too many PN GWs' ':5: gateways' gateways 'gateways = 1e12'

# Keys that nothing reads, or that contradict each other.
line 'pne.ui with a forced flow' 'pne\.ui.*flow' 'pne.ui = 5%'
line 'gateway.smartcard with a PNE flow' 'gateway\.smartcard.*flow' 'gateway.smartcard = 5%'
line 'workload.rate with a storm' 'workload\.rate.*poisson' 'workload.rate = 5/s'
line 'password-iterations without PBKDF2' 'protocol\.password-iterations.*pbkdf2' 'protocol.password-iterations = 5\nprotocol.profile = literal'
line 'password-iterations with HA1' 'protocol\.password-iterations.*pbkdf2' 'protocol.password-iterations = 5\nprotocol.password-hash = ha1'
line 'response-freshness where nothing is responded to a PNE' 'protocol\.response-freshness.*pne-insecure-pan' 'protocol.response-freshness = on\nflow = pne-insecure-pan'
line 'notification-ack where nothing is notified' 'protocol\.notification-ack.*pne-insecure-pan' 'protocol.notification-ack = on'
line 'ownership-check where nothing is checked' 'protocol\.ownership-check.*flow' 'protocol.ownership-check = on'
line 'a switch that is neither on nor off' 'yes.*on, off' 'protocol.two-phase-key = yes'
line 'an unknown way to prove' 'digest.*mac, seed' 'protocol.proof = digest'
line 'an unknown switch' 'protocol\.two-phase-keys.*protocol\.two-phase-key' 'protocol.two-phase-keys = on'
line 'warmup in a terminating study' 'warmup.*terminating' 'warmup = 5s'
line 'warmup = auto in a terminating study' 'warmup.*terminating' 'warmup = auto'
line 'a precision of nothing' 'precision.*metric and a share' 'precision = 5%'
line 'a precision of no name' 'precision.*name of a metric' 'precision = .latency 5%'
line 'max-replications without a precision' 'precision\.max-replications.*precision' 'precision.max-replications = 50'
line 'a period without length' 'series\.period.*more than 0s' 'series.period = 0s'
at 18 'a key twice' 'server\.workers.*line 17' 'server.workers = 2\nserver.workers = 2'
line 'a group twice' 'Poisson.*13' '[Config Poisson]'
line 'a config that extends itself' 'cycle' 'extends = Storm'
printf '%s\n%s\nextends = Second\n[Config Second]\nextends = Third\n[Config Third]\nextends = Storm\n' "$base" "$storm" >bad.ini
refused 'a ring of configs' 'bad\.ini:[0-9]+: .*cycle' bad.ini -c Storm
printf '%s\n%s\npan.mtu = 20B\nflow = gateway\n' "$base" "$storm" | grep -v '^flow = pne-ui' >bad.ini
refused 'pan.* with PN GWs alone' 'bad\.ini:[0-9]+: .*pan\.' bad.ini -c Storm
sed '2,$d' good.ini >bad.ini
printf 'study = terminating\nrepeat = 2\ntopology = generated\ngateways = 2\nwan.profile = ideal\nflow = gateway\nprotocol.mutual-authentication = done\nprotocol.digest = challenge\nprotocol.notification-ack = on\n%s\n' "$storm" >>bad.ini
refused 'notification-ack with PN GWs alone' 'bad\.ini:10: protocol\.notification-ack' bad.ini

# What is required.
instead 'unknown workload' ':17: .*strom.*storm' workload.arrivals 'workload.arrivals = strom(5s)'
instead 'no study' 'study.*terminating' study ''
instead 'no topology' 'topology' topology ''
instead 'no gateways' 'gateways' gateways ''
instead 'no pnes-per-gateway' 'pnes-per-gateway' pnes-per-gateway ''
instead 'no pan.profile' 'pan\.profile' pan.profile ''
instead 'no wan.profile' 'wan\.profile' wan.profile ''
instead 'no workload.arrivals' 'workload\.arrivals' workload.arrivals ''
instead 'no pne.ui where flow = auto' 'pne\.ui' flow ''
instead 'steady-state without a limit' 'sim-time-limit' study 'study = steady-state'
instead 'poisson without a limit' 'sim-time-limit' workload.arrivals 'workload.arrivals = poisson(5/s)'
instead 'poisson without a rate' 'workload\.rate' workload.arrivals "workload.arrivals = poisson\nsim-time-limit = 1s"
instead 'closed without a limit' 'sim-time-limit' workload.arrivals 'workload.arrivals = closed(5s)'
instead 'closed without a think time' ':17: .*closed.*think time' workload.arrivals "workload.arrivals = closed\nsim-time-limit = 1s"
instead 'trace without a file' ':17: .*trace.*file' workload.arrivals 'workload.arrivals = trace'
instead 'trace of a missing file' ':17: workload\.arrivals.*nowhere.csv' workload.arrivals 'workload.arrivals = trace(nowhere.csv)'
instead 'storm without a window' 'storm.*window' workload.arrivals 'workload.arrivals = storm'

# turned_down COMMAND NAME PATTERN ARGUMENT...
turned_down() {
	local command=$1 name=$2 pattern=$3
	shift 3
	sim "$command" good.ini "$@" -o refused-results --quiet
	if [[ $status -eq 2 ]] && grep -qE -- "$pattern" err; then ok "$command: $name"; else
		fail "$command: $name" "$status: $(cat err)"
	fi
	rm -rf refused-results
}
turned_down compare 'a swept number of replications' 'the same in all iterations' -c Poisson -c Storm --set 'repeat=${n=1,2}'
turned_down compare 'one config' 'two configs' -c Storm
turned_down capacity 'no load to vary' 'workload\.rate' -c Storm --vary workload.rate --from 1/s --slo 'server.wait.p99<=1s'
turned_down capacity 'a word' 'not a number' -c Storm --vary protocol.profile --slo 'server.wait.p99<=1s'
turned_down capacity 'a metric of another unit' 'is in s, the limit in 1' -c Storm --vary protocol.timeout \
	--slo 'assignment.latency.mean<=1'
turned_down capacity 'an unknown metric' 'did you mean assignment\.latency' -c Storm --vary protocol.timeout --slo 'assignment.latencey.mean<=1s'

# Of two that do not go together.
refused '--resume and --force' '--resume continues.*--force removes' good.ini -c Storm --resume --force

# EUKey sets and their use.
line 'a set where none is assigned' 'chain\.length.*pne-insecure-pan' 'chain.length = 4'
insecure() { # NAME PATTERN TEXT
	printf '%s\n%b\n%s\n' "${base/flow = pne-ui/flow = pne-insecure-pan}" "$3" "$storm" >bad.ini
	refused "$1" "bad\\.ini:[0-9]+: .*$2" bad.ini -c Storm
}
insecure 'a set of none' 'chain\.length.*0' 'chain.length = 0'
insecure 'a kind of single keys' 'chain\.kind.*more than 1' 'chain.kind = independent'
insecure 'a window for single keys' 'chain\.window.*more than 1' 'chain.window = 4'
insecure 'an order of independent keys' 'chain\.order.*lamport' 'chain.length = 4\nchain.kind = independent\nchain.order = unsafe'
insecure 'independent keys from a seed' 'chain\.strategy.*independent' 'chain.length = 4\nchain.kind = independent\nchain.strategy = seed'
insecure 'independent keys as a seed' 'chain\.carry.*independent.*chain\.carry = set' 'chain.length = 4\nchain.kind = independent\nchain.carry = seed'
insecure 'too many independent keys' 'chain\.length.*2001.*2000' 'chain.length = 2001\nchain.kind = independent'
insecure 'a set too large to travel' 'chain\.length.*2000, or chain\.carry = seed' 'chain.length = 2001\nchain.carry = set'
insecure 'checkpoints of independent keys' 'chain\.strategy.*independent' 'chain.length = 4\nchain.kind = independent\nchain.strategy = checkpoint'
insecure 'pebbles of independent keys' 'chain\.strategy.*independent' 'chain.length = 4\nchain.kind = independent\nchain.strategy = pebble'
insecure 'a spacing without checkpoints' 'chain\.spacing.*chain\.strategy is checkpoint' 'chain.length = 4\nchain.strategy = pebble\nchain.spacing = 2'
insecure 'a spacing in the unsafe order' 'chain\.spacing.*chain\.order is safe' 'chain.length = 4\nchain.strategy = checkpoint\nchain.order = unsafe\nchain.spacing = 2'
insecure 'a spacing for single keys' 'chain\.spacing.*more than 1' 'chain.spacing = 2'
insecure 'a spacing of none' 'chain\.spacing.*0' 'chain.length = 4\nchain.strategy = checkpoint\nchain.spacing = 0'
insecure 'a misspelt strategy' 'chain\.strategy.*sed.*seed' 'chain.length = 4\nchain.strategy = sed'
instead 'uses without an end' 'sim-time-limit.*chain\.advance' workload.arrivals 'workload.arrivals = storm(1s)\nchain.advance = every(1h)'
line 'uses without a period' 'chain\.advance.*period.*every' 'chain.advance = every\nsim-time-limit = 1h'
line 'uses without an interval' 'chain\.advance.*interval.*per-wakeup' 'chain.advance = per-wakeup\nsim-time-limit = 1h'
line 'uses all the time' 'chain\.advance.*millisecond.*longer interval' 'chain.advance = per-wakeup(uniform(0s,0s))\nsim-time-limit = 1h'
line 'uses without a pause' 'chain\.advance.*millisecond.*longer period' 'chain.advance = every(999us)\nsim-time-limit = 1h'
line 'a period that varies' 'chain\.advance.*uniform' 'chain.advance = every(uniform(1s,2s))\nsim-time-limit = 1h'
line 'no uses with an argument' 'chain\.advance.*none' 'chain.advance = none(1s)'

# Iteration variables.
line 'no end of a variable' 'server\.workers' 'server.workers = ${n=1,2'
line 'a variable without a name' 'name' 'server.workers = ${=1,2}'
line 'an empty value' 'empty.*n' 'server.workers = ${n=1,,2}'
line 'an unknown variable' 'm' 'server.workers = ${m}'
line 'a range backwards' 'range' 'server.workers = ${n=4..1}'
line 'a step of 0' 'step' 'server.workers = ${n=1..4 step 0}'
line 'a range without end' 'range' 'server.workers = ${n=1..1000000000000}'
line 'a value out of range within a sweep' 'server\.workers.*0' 'server.workers = ${n=1,0}'
at 18 'a variable declared twice' 'n' 'server.workers = ${n=1,2}\nprotocol.retries = ${n=1,2}'

# Lines that are none.
line 'a line without =' 'foo' 'foo'
line 'no key' 'key' '= 3'
line 'an open group' '\]' '[Config X'
line 'a group of another kind' 'Settings' '[Settings]'
line 'a config without a name' 'Config' '[Config ]'
line 'a comment behind a value' 'protocol\.retries' 'protocol.retries = 3 # few'
printf 'seed = 3\n%s\n%s\n' "$base" "$storm" >bad.ini
refused 'a key before any group' 'bad\.ini:1: ' bad.ini -c Storm
printf '%s\n%s\nserver.workers = \377\376\n' "$base" "$storm" >bad.ini
refused 'not UTF-8' 'bad\.ini(:[0-9]+)?: .*UTF-8' bad.ini -c Storm
: >bad.ini
refused 'an empty file' 'bad\.ini: ' bad.ini

# Odd, but legal: they all mean good.ini.
reads() { # NAME, with the text on standard input
	cat >odd.ini
	rm -rf odd
	study odd odd.ini -c Storm && same "$1: the same run" "$(fingerprints odd)" "$(fingerprints good)"
}
awk '{ printf "%s\r\n", $0 }' good.ini | reads 'lines ending in CR LF'
sed 's/ = /\t=\t/; s/$/\t /' good.ini | reads 'tabs and trailing blanks'
sed 's/ = /=/; s/^/  /' good.ini | reads 'no blanks around =, some in front'
printf '%s' "$(cat good.ini)" | reads 'no newline at the end'
(printf '\357\273\277'; cat good.ini) | reads 'a byte order mark'
(echo '# one'; echo '; two'; echo; cat good.ini; echo '  # three') | reads 'comments and empty lines'
sed 's/storm(1s)/storm( 1e3ms )/' good.ini | reads 'numbers with exponents, blanks within ()'
(cat good.ini; echo 'seed = 1') | reads 'a default written out'
(cat good.ini; printf 'protocol.profile = hardened\nprotocol.proof = mac\nprotocol.two-phase-key = on\n') | reads 'switches that say what the profile says'
(cat good.ini; printf 'protocol.profile = literal\nprotocol.password-hash = pbkdf2\nprotocol.password-iterations = 10000\nprotocol.proof = mac\nprotocol.response-freshness = on\nprotocol.two-phase-key = on\n') |
	reads 'every switch that the flow reads turned against the profile'

# A key that some iteration reads is no error; one that only --set made unreadable is a warning.
printf '%s\n%s\n' "$base" "$storm" | sed 's/^flow = .*/flow = ${f=pne-ui,gateway}/' >some.ini
study some some.ini -c Storm
sim run good.ini -c Storm --set flow=gateway --quiet -o unread
ends 'a key that --set made unreadable' 0
if grep -q 'warning.*good\.ini:7:.*pan\.profile' err; then ok 'a key that --set made unreadable: a warning'; else fail 'a key that --set made unreadable: a warning' "$(cat err)"; fi
# Another config's names have to be right even where it does not run.
printf '%s\n%s\n[Config Other]\nextends = Storm\nserver.wokers = 2\n' "$base" "$storm" >bad.ini
refused 'an unknown key in another config' 'bad\.ini:20: server\.wokers.*server\.workers' bad.ini -c Storm

finish
