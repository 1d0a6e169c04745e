#!/bin/bash
# warmup.sh CPNS-SIM: the warm-up of a steady-state study, found by the program; runs that are too short for one; and loads
# that no steady state exists for.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

cat >crowd.ini <<'EOF'
[General]
study = steady-state
warmup = auto
repeat = 5
topology = generated
gateways = 4000
flow = gateway
wan.profile = ideal
protocol.mutual-authentication = done
protocol.digest = single-round
protocol.password-iterations = 1
protocol.timeout = 1h
protocol.retries = 0
crypto.gateway = free
crypto.server = free
workload.arrivals = poisson(1/s)
server.service = exponential(90s)
server.workers = 100
sim-time-limit = 3000s
EOF
mean() { # DIR METRIC: over the replications
	awk -F, -v m="$2" '$5 == "all" && $6 == "all" && $7 == m && $8 == "mean" { s += $9; n++ } END { print s / n }' "$1/runs.csv"
}

# All 100 workers are idle at first, and 90 are busy in the end: that takes some 90 s.
study auto crowd.ini -j 2
study none crowd.ini --set warmup=none
near 'utilisation with the warm-up' "$(mean auto server.utilisation)" 0.9 0.03
near 'utilisation without it' "$(mean none server.utilisation)" '0.9 * (1 - 90 / 3000)' 0.03
holds 'what was cut off is the idle part' "$(mean auto server.utilisation) > $(mean none server.utilisation) + 0.01"
started() { awk -F, '$5 == "all" && $6 == "all" && $7 == "assignment.started" { print $9 }' "$1/runs.csv"; }
same 'the cuts differ' "$(paste <(started auto) <(started none) | awk '{ d = int(($2 - $1) / 10); if (!s[d]++) n++ } END { print (n > 1) }')" 1

# The same whatever else is chosen.
study counted crowd.ini --set crypto.mode=counted -j 1
same 'counted: the same values' "$(cmp auto/runs.csv counted/runs.csv && cmp auto/summary.csv counted/summary.csv && echo yes)" yes
prints() { grep -o '"fingerprint" : "[^"]*"' "$1/manifest.json"; }
same 'counted: the same fingerprints' "$(prints counted)" "$(prints auto)"
same 'a warm-up does not change what happens' "$(prints none)" "$(prints auto)"
study series crowd.ini --set series.period=7s
same 'series: the same values' "$(cmp auto/runs.csv series/runs.csv && echo yes)" yes
same 'series: the same fingerprints' "$(prints series)" "$(prints auto)"

# Too short, and hopeless.
sim run crowd.ini -o short --set sim-time-limit=30s
ends 'too short' 1
if grep -q 'warmup = auto: .* too few .*longer sim-time-limit' err; then ok 'it says so'; else fail 'it says so' "$(cat err)"; fi
sim run crowd.ini -o hopeless --set server.workers=50
ends 'no steady state' 1
if grep -q 'warmup = auto: No steady state exists' err; then ok 'it says why'; else fail 'it says why' "$(cat err)"; fi
study given crowd.ini --set server.workers=50 --set warmup=300s
if grep -q 'No steady state exists' given/manifest.json; then ok 'a given warm-up: told'; else fail 'a given warm-up: told'; fi
same 'elsewhere: nothing is told' "$(grep -c 'No steady state' auto/manifest.json)" 0

# As many periods as may be.
sim run crowd.ini -o many --set series.period=1ms
ends 'too many points' 2
if grep -q 'series\.period.*longer' err; then ok 'too many points: what to do'; else fail 'too many points' "$(cat err)"; fi
finish
