#!/bin/bash
# uses.sh CPNS-SIM: entities wake up and use their EUKeys; sets are delivered key by key and renewed. Every count and
# latency worked out by hand: 12 PNEs or 4 PN GWs, 10 ms on the PAN and 40 ms on the WAN, all at once at 0 s, a period
# of 10 s from the end of the assignment, 100 s in all.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

scenario=$here/uses.ini

# counts DIR METRIC WANTED [MODULE]: a counter of replication 0
counts() { equal "$1: ${4-all} $2" "$(value "$1" 0 "${4-all}" all "$2" total)" "$3"; }

# uses DIR STARTED COMPLETED LATENCY: what was begun, and what took how long
uses() {
	counts "$1" use.started "$2"
	counts "$1" use.completed "$3"
	counts "$1" use.censored "$2 - $3"
	counts "$1" use.failed 0
	counts "$1" use.refused 0
	counts "$1" use.skipped 0
	counts "$1" assignment.divergence 0
	near "$1: least use.latency" "$(value "$1" 0 all all use.latency min)" "$4" 0
	near "$1: greatest use.latency" "$(value "$1" 0 all all use.latency max)" "$4" 0
}

# A use takes four messages on each leg it passes: 4 x 10 ms + 4 x 40 ms. Nine of them begin before 100 s. Beside them
# stand those of the assignment: 4 / 4, 3 / 2, 2 / 2 and 0 / 4.
for row in 'PneUi 12 4 4 .2' 'SecurePan 12 3 2 .2' 'InsecurePan 12 2 2 .2' 'Gateway 4 0 4 .16'; do
	read -r config n pan wan latency <<<"$row"
	study "$config" "$scenario" -c "$config"
	uses "$config" "$n * 9" "$n * 9" "$latency"
	counts "$config" assignment.completed "$n"
	equal "$config: PAN messages" "$(value "$config" 0 all all pan.messages total)" "$n * ($pan + ($pan > 0) * 9 * 4)"
	equal "$config: WAN messages" "$(value "$config" 0 all all wan.messages total)" "$n * ($wan + 9 * 4)"
	for metric in chain.hashes chain.cells chain.bytes; do
		for module in all gateway pne server; do counts "$config" $metric 0 $module; done
	done
done

# The ninth use begins at 90.09 s, and the limit comes when the proof is on its way.
study cut "$scenario" -c InsecurePan --set sim-time-limit=90.2s
uses cut 108 96 .2

# What is printed shows uses where there are any, and says that their messages are among the messages.
printed() { # NAME PATTERN YES-OR-NO
	same "$1" "$(grep -qE -- "$2" out && echo yes || echo no)" "$3"
}
sim run "$scenario" -c InsecurePan -o shown
printed 'uses are shown' '^  uses completed +100 %$' yes
printed 'failed uses are shown' '^  uses failed +0 %$' yes
printed 'the latency of uses is shown' '^  use latency mean +200 ms$' yes
printed 'uses are among the messages' '^  WAN messages each +38$' yes
printed 'that uses are among the messages is said' 'those of uses included' yes
sim run "$scenario" -c InsecurePan -o not-shown --set chain.advance=none
printed 'no uses are not shown' '^  uses? |uses included' no
printed 'messages without uses' '^  WAN messages each +2$' yes

# An interval says the same as a period, and may have a distribution.
study interval "$scenario" -c InsecurePan --set 'chain.advance=per-wakeup(10s)'
same 'per-wakeup(10s) is every(10s)' "$(fingerprints interval)" "$(fingerprints InsecurePan)"
study random "$scenario" -c InsecurePan --set 'chain.advance=per-wakeup(uniform(5s,15s))' --set sim-time-limit=10000s
n=$(value random 0 all all use.started total)
uses random "$n" "$(value random 0 all all use.completed total)" .2
near 'an interval of 10 s on average' "$n" '12 * 1000' 100 # sd of one interval 2.9 s: of the count 9.1 x sqrt(12)

# A use that lasts longer than the period: the wake-ups in between find the device busy.
study busy "$scenario" -c InsecurePan --set wan.latency=4s --set protocol.timeout=60s
counts busy use.completed '12 * 4' # assigned at 8.01 s; awake at 18.01, 28.01, ...; a use takes 16.04 s
counts busy use.skipped '12 * 4'
counts busy use.censored 12

# Sets of 4: a use a key, and after each but the last the next key, notified and acknowledged. The fifth wake-up begins
# an assignment in place of a use. In 100 s that makes two rounds of an assignment and four uses.
study Set "$scenario" -c Set
uses Set '12 * 8' '12 * 8' .2
counts Set assignment.completed '12 * 2'
counts Set pan.messages '12 * 2 * (2 + 4 * 4 + 3 * 2)'
counts Set wan.messages '12 * 2 * (2 + 4 * 4)'

# What holders pay (section 8). Store all: n - 1 hashes to build, n cells; the server keeps the old set until the new
# one is confirmed. The PNE holds one key and hashes once for each that follows.
chain() { # DIR HASHES-SERVER HASHES-GATEWAY HASHES-PNE CELLS-SERVER CELLS-GATEWAY, each per PNE
	counts "$1" chain.hashes "12 * $2" server
	counts "$1" chain.hashes "12 * $3" gateway
	counts "$1" chain.hashes "12 * $4" pne
	counts "$1" chain.hashes "12 * ($2 + $3 + $4)"
	counts "$1" chain.cells "12 * $5" server
	counts "$1" chain.cells "12 * $6" gateway
	counts "$1" chain.cells 12 pne
	counts "$1" chain.cells "12 * ($5 + $6 + 1)"
	counts "$1" chain.bytes "12 * 32 * $5" server
	counts "$1" chain.bytes "12 * 32 * ($5 + $6 + 1)"
}
chain Set '2 * 3' '2 * 3' '2 * 3' 8 4
study seed "$scenario" -c Set --set chain.strategy=seed
chain seed '2 * 6' '2 * 6' '2 * 3' 2 1
same 'the strategy moves nothing where hashes are free' "$(fingerprints seed)" "$(fingerprints Set)"

# Instead of one key of 32 octets, four travel.
study whole "$scenario" -c Set --set chain.carry=set
chain whole '2 * 3' 0 '2 * 3' 8 4
counts whole wan.bytes "$(value Set 0 all all wan.bytes total) + 24 * 3 * 32"
counts whole pan.bytes "$(value Set 0 all all pan.bytes total)"
study independent "$scenario" -c Set --set chain.kind=independent
chain independent 0 0 0 8 4
same 'independent keys travel like a whole set' "$(fingerprints independent)" "$(fingerprints whole)"
study unsafe "$scenario" -c Set --set chain.order=unsafe
chain unsafe '2 * 3' '2 * 3' '2 * 3' 8 4
same 'the order moves nothing' "$(fingerprints unsafe)" "$(fingerprints Set)"
study counted "$scenario" -c Set --set crypto.mode=counted
same 'counted cryptography' "$(fingerprints counted)" "$(fingerprints Set)"

# As the change requests have it: no acknowledgements, no numbers, nothing that a PNE could check.
study literal "$scenario" -c Set --set protocol.profile=literal
uses literal '12 * 8' '12 * 8' .2
counts literal pan.messages '12 * 2 * (1 + 4 * 4 + 3)'
chain literal '2 * 3' '2 * 3' 0 4 4 # a new set takes the old one's place at once

# Hashes take CPU time: with the seed alone, the PN GW hashes 1 023 times before the first notification can leave.
study long "$scenario" -c InsecurePan --set chain.length=1024 --set chain.strategy=seed --set crypto.gateway=a53_1400
study short "$scenario" -c InsecurePan --set chain.length=1024 --set chain.strategy=seed
holds 'hashing takes time' "$(value long 0 all all assignment.latency max) > $(value short 0 all all assignment.latency max) + 1e-3"
counts short chain.hashes '12 * 1023 + 12 * (1022 + 1021 + 1020 + 1019 + 1018 + 1017 + 1016 + 1015 + 1014)' gateway

# Lost notifications put a PNE behind. Acknowledged ones are sent again; without that, a window of 1 is soon left:
# the server refuses the key, and the next wake-up begins an assignment. A wide window takes it all.
study Lossy "$scenario" -c Lossy
study narrow "$scenario" -c Lossy --set protocol.profile=literal
holds 'a narrow window: refusals' "$(value narrow 0 all all use.refused total) > 10"
holds 'a narrow window: assignments anew' "$(value narrow 0 all all assignment.started total) > 60 + 10"
holds 'a narrow window: entities that disagree' "$(value narrow 0 all all assignment.divergence total) > 5"
holds 'acknowledgements help' "10 * $(value Lossy 0 all all use.refused total) < $(value narrow 0 all all use.refused total)"
study wide "$scenario" -c Lossy --set protocol.profile=literal --set chain.window=64
counts wide use.refused 0
for dir in Lossy narrow wide; do
	equal "$dir: each use has an end" "$(value $dir 0 all all use.started total)" "$(value $dir 0 all all use.completed total) + $(value $dir 0 all all use.failed total) + $(value $dir 0 all all use.censored total)"
done

# Used keys are confirmed: re-keyed again and again, no pending key is pushed out, as they are where none is used.
study used "$scenario" -c InsecurePan --set 'workload.arrivals=poisson(12/s)' --set 'chain.advance=every(1s)'
counts used server.pending-dropped 0
study unused "$scenario" -c InsecurePan --set 'workload.arrivals=poisson(12/s)' --set chain.advance=none
holds 'unused keys are pushed out' "$(value unused 0 all all server.pending-dropped total) > 100"
counts unused use.started 0

# What devices do by themselves is no turn of a closed workload: a user thinks for 10 s after what he wanted himself.
study closed "$scenario" -c InsecurePan --set 'workload.arrivals=closed(10s)' --set 'chain.advance=every(3s)'
counts closed assignment.completed '12 * 9' # at 10.09 s, 20.18 s, ..., 90.81 s; no use is under way then
counts closed use.completed "$(value closed 0 all all use.started total)"

# C281: a PN GW that has not got its EUKey uses its owner's password, for another 10 000 iterations each time.
study password "$scenario" -c Gateway --set gateways=100 --set wan.loss=30% --set protocol.retries=0
keyless=$(value password 0 all all assignment.failed total)
holds 'some PN GWs get no key' "$keyless > 20"
counts password crypto.pbkdf2-iterations "10000 * (100 + 9 * $keyless)" gateway
holds 'and authenticate without' "$(value password 0 all all use.completed total) > 0"

# Step 0 again when its session has expired: 6 messages for each PN GW, while the use waits for 6 x 40 ms. Sessions
# are made at 0, 20.33, 40.33, 60.33 and 80.33 s.
study sessions "$scenario" -c InsecurePan --set protocol.mutual-authentication=run --set protocol.session-lifetime=15s
counts sessions use.started '12 * 9'
counts sessions use.completed '12 * 9'
counts sessions wan.messages '12 * (2 + 9 * 4) + 4 * 5 * 6'
near 'sessions: mean use.latency' "$(value sessions 0 all all use.latency mean)" '(5 * .2 + 4 * .44) / 9' 1e-12

# Without uses nothing is different.
study none "$scenario" -c InsecurePan --set chain.advance=none
for metric in use.started use.completed use.failed use.censored use.refused use.skipped; do counts none $metric 0; done

finish
