#!/bin/bash
# faults.sh CPNS-SIM: bursts, duplicates, reordering, full queues and outages do what they say, and nothing else; the
# same run from either kind of cryptography and however many at once; what is switched off changes nothing.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

flows='pne-ui pne-secure-pan pne-insecure-pan gateway'
base=$here/faults.ini

study plain "$base" -c Mixed

# Off: not a bit moves.
study off "$base" -c Mixed --set fault.pan.duplication=0% --set fault.wan.duplication=0% --set fault.pan.reordering=0% \
	--set fault.wan.reordering=0% --set fault.pan.queue-limit=none --set fault.wan.queue-limit=none \
	--set fault.pan.outage-interval=none --set fault.wan.outage-interval=none --set pan.burst=1 --set wan.burst=1
same 'faults at 0: fingerprints' "$(fingerprints off)" "$(fingerprints plain)"
same 'faults at 0: results' "$(cat off/runs.csv)" "$(cat plain/runs.csv)"
study burst-of-nothing "$base" -c Mixed --set pan.burst=5 --set pan.loss=0% --set wan.burst=5 --set wan.loss=0%
study nothing "$base" -c Mixed --set pan.loss=0% --set wan.loss=0%
same 'bursts without loss: fingerprints' "$(fingerprints burst-of-nothing)" "$(fingerprints nothing)"
study never "$base" -c Mixed --set fault.wan.outage-interval=1h --set fault.wan.outage-duration=1h --set fault.pan.queue-limit=1000
same 'outages and limits that are not met: fingerprints' "$(fingerprints never)" "$(fingerprints plain)"

# All at once: equal runs.
for config in All AllSteady; do
	study $config "$base" -c $config -j 1
	study $config-two "$base" -c $config -j 2
	study $config-real "$base" -c $config -j 1 --set crypto.mode=real
	for again in two real; do
		same "$config $again: fingerprints" "$(fingerprints $config-$again)" "$(fingerprints $config)"
		same "$config $again: results" "$(cat $config-$again/runs.csv)" "$(cat $config/runs.csv)"
	done
	same "$config: replications differ" "$(fingerprints $config | sort -u | wc -l)" 3
	holds "$config: there was something to compare" \
		"$(total $config pan.duplicated) > 0 && $(total $config wan.duplicated) > 0 && $(total $config wan.lost) > 0"
done

# Duplication: every message arrives twice, and every assignment has its key all the same.
study twice "$base" -c Mixed --set pan.loss=0% --set wan.loss=0% --set fault.pan.duplication=100% --set fault.wan.duplication=100%
for flow in $flows all; do
	equal "twice, $flow: started" "$(total twice assignment.started "$flow")" "$(total nothing assignment.started "$flow")"
	equal "twice, $flow: completed" "$(total twice assignment.completed "$flow")" "$(total nothing assignment.started "$flow")"
	for leg in pan wan; do
		equal "twice, $flow: $leg copies" "$(total twice $leg.duplicated "$flow")" "$(total twice $leg.messages "$flow")"
		equal "twice, $flow: $leg, nothing lost" "$(total twice $leg.lost "$flow")" 0
		equal "not twice, $flow: $leg copies" "$(total nothing $leg.duplicated "$flow")" 0
	done
done
equal 'twice: nobody disagrees with the server' "$(total twice assignment.divergence)" 0
holds 'twice: duplicates are known as such' "$(total twice protocol.duplicate) > 0 && $(total nothing protocol.duplicate) == 0"
# A flow whose messages are all relayed: the request, its answer, and each of them once more on every leg.
study relayed "$base" -c Relayed
equal 'relayed: requests by the PNE' "$(total relayed assignment.attempts)" "$(total relayed assignment.started)"
equal 'relayed: completed' "$(total relayed assignment.completed)" "$(total relayed assignment.started)"
study half "$base" -c Relayed --set fault.pan.duplication=0% --set fault.wan.duplication=25%
binomial 'duplication: its share' "$(total half wan.duplicated)" "$(total half wan.messages)" 0.25

# The server has a service time drawn for each copy, on its own.
once=(-c Gateways --set 'server.service=exponential(1ms)' --set protocol.timeout=60s)
study served "$base" "${once[@]}"
study served-twice "$base" "${once[@]}" --set fault.wan.duplication=100%
one=$(total served cpu.time) two=$(total served-twice cpu.time) n=$(total served assignment.started)
near 'served twice: the mean' "$two / $n" 0.002 "4 * 0.001 * sqrt(2 / $n)"
holds 'served twice: not the same draw twice' "$one > 0 && ($two / $one - 2) ^ 2 > 1e-9"

# Reordering: held back by that much, in that share; and nothing else moves.
study held "$base" -c Gateways --set fault.wan.reordering=100% --set fault.wan.reordering-delay=70ms
study unheld "$base" -c Gateways
near 'all held back: both ways' "$(value held 0 all gateway assignment.latency mean)" "$(value unheld 0 all gateway assignment.latency mean) + 0.14" 1e-9
study default-delay "$base" -c Gateways --set fault.wan.reordering=100%
near 'held back for 50 ms by default' "$(value default-delay 0 all gateway assignment.latency mean)" "$(value unheld 0 all gateway assignment.latency mean) + 0.1" 1e-9
study some-held "$base" -c Gateways --set fault.wan.reordering=30%
n=$(total unheld assignment.completed)
near 'some held back' "$(value some-held 0 all gateway assignment.latency mean)" "$(value unheld 0 all gateway assignment.latency mean) + 0.03" "4 * 0.05 * sqrt(2 * 0.21 / $n)"
equal 'held back: nothing is lost' "$(total some-held wan.lost)" 0
study held-pan "$base" -c Relayed --set fault.pan.duplication=0% --set fault.wan.duplication=0% --set fault.pan.reordering=100%
study unheld-pan "$base" -c Relayed --set fault.pan.duplication=0% --set fault.wan.duplication=0%
near 'all held back on the PAN' "$(value held-pan 0 all pne-ui assignment.latency mean)" "$(value unheld-pan 0 all pne-ui assignment.latency mean) + 0.1" 1e-9

# Queues: PNEs that all begin at once on a slow medium of their own.
study crowd "$base" -c Crowd
equal 'no limit: nothing is lost' "$(total crowd pan.lost)" 0
for limit in 0 3; do
	study crowd-$limit "$base" -c Crowd --set fault.pan.queue-limit=$limit
	# Each PN GW has 8 PNEs: one is sent, and the others find as many waiting as there are.
	equal "limit $limit: lost" "$(total crowd-$limit pan.lost)" "5 * (8 - 1 - $limit)"
	equal "limit $limit: what is lost so is not on the air" \
		"$(total crowd-$limit pan.bytes) * $(total crowd pan.messages)" "$(total crowd pan.bytes) * ($(total crowd-$limit pan.messages) - $(total crowd-$limit pan.lost))"
done
study uplink "$base" -c Uplink
study uplink-0 "$base" -c Uplink --set fault.wan.queue-limit=0
equal 'WAN without limit: nothing is lost' "$(total uplink wan.lost)" 0
equal 'WAN limit 0: lost' "$(total uplink-0 wan.lost)" '5 * 7'

# Outages: never up; and 2 s of every 10 s, by the time that a message begins to leave.
study dark "$base" -c Mixed --set fault.wan.outage-interval=0s --set fault.wan.outage-duration=1h
equal 'never up: nothing completes' "$(total dark assignment.completed)" 0
equal 'never up: all is lost' "$(total dark wan.lost)" "$(total dark wan.messages)"
holds 'never up: the PAN is' "$(total dark pan.lost) < $(total dark pan.messages)"
study dark-pan "$base" -c Relayed --set fault.pan.outage-interval=0s --set fault.pan.outage-duration=1h
equal 'PAN never up: all is lost' "$(total dark-pan pan.lost)" "$(total dark-pan pan.messages)"
equal 'PAN never up: nothing reaches the WAN' "$(total dark-pan wan.messages)" 0
study fifth "$base" -c Gateways --set fault.wan.outage-interval=8s --set fault.wan.outage-duration=2s --set protocol.retries=0
binomial 'outages of a fifth of the time: failures' "$(total fifth assignment.failed)" "$(total fifth assignment.started)" 0.2
equal 'outages: lost' "$(total fifth wan.lost)" "$(total fifth assignment.failed)"
holds 'outages: what is lost so has used the air' "$(total dark wan.bytes) >= 28 * $(total dark wan.messages) && $(total dark wan.bytes) > 0"
study drawn-out "$base" -c Gateways --set 'fault.wan.outage-interval=exponential(8s)' --set 'fault.wan.outage-duration=uniform(1s,3s)' --set protocol.retries=0
near 'drawn outages: a link is out both ways at once' "$(total drawn-out assignment.failed) / $(total drawn-out assignment.started)" 0.2 0.05

# Bursts: the loss that was asked for, in time and not in messages.
for burst in 1 4 20; do
	study burst-$burst "$base" -c Gateways --set wan.loss=20% --set wan.burst=$burst --set protocol.retries=0
	binomial "bursts of $burst: the loss" "$(total burst-$burst wan.lost)" "$(total burst-$burst wan.messages)" 0.2
done
# Eight messages at the same time are in the same step: all of them are lost, or none.
for burst in 1 10; do
	study shower-$burst "$base" -c Shower --set wan.burst=$burst
	binomial "at once, bursts of $burst: the loss" "$(total shower-$burst wan.lost) / 8" "$(total shower-$burst wan.messages) / 8" 0.5
	awk "$csv_awk"'{ csv($0, f) } f[5] == "all" && f[6] == "all" && f[7] == "wan.lost" && f[9] % 8' shower-$burst/runs.csv >parts
	holds "at once, bursts of $burst: all or none" "($burst > 1) == ($(wc -l <parts) == 0)"
done
# Bursts far longer than a run: one chain for a PAN, so that who gets through has its answer too; two for a WAN.
study long-pan "$base" -c Shower --set wan.loss=0% --set pan.loss=50% --set pan.burst=1e6
binomial 'a PAN is one hop' "$(total long-pan assignment.failed) / 8" 200 0.5
study long-wan "$base" -c Shower --set wan.burst=1e6
binomial 'a WAN is a hop each way' "$(total long-wan assignment.failed) / 8" 200 0.75
study total-burst "$base" -c Gateways --set wan.loss=100% --set wan.burst=7
equal 'a loss of 100 % is one burst' "$(total total-burst wan.lost)" "$(total total-burst wan.messages)"

# What cannot be.
bad() { # NAME PATTERN SETTING...
	local name=$1 pattern=$2 sets=()
	shift 2
	cp "$base" bad.ini
	printf '[Config Bad]\nextends = Mixed\n' >>bad.ini
	printf '%s\n' "$@" >>bad.ini
	refused "$name" "bad\\.ini:([0-9]+:)? .*$pattern" bad.ini -c Bad
}
bad 'bursts that cannot make such a loss' 'pan\.burst.*90%.*66\.6666%.*pan\.burst' 'pan.loss = 90%' 'pan.burst = 2'
bad 'bursts that cannot make such a loss, WAN' 'wan\.burst.*60%.*wan\.loss' 'wan.loss = 60%' 'wan.burst = 1.2'
bad 'bursts shorter than one' 'wan\.burst' 'wan.burst = 0.5'
for leg in pan wan; do
	bad "$leg: an interval without a duration" "fault\\.$leg\\.outage-duration" "fault.$leg.outage-interval = 1h"
	bad "$leg: a duration without an interval" "fault\\.$leg\\.outage-duration.*outage-interval" "fault.$leg.outage-duration = 1min"
	bad "$leg: a delay without a share" "fault\\.$leg\\.reordering-delay.*fault\\.$leg\\.reordering" "fault.$leg.reordering-delay = 10ms"
	bad "$leg: outages without an end" "fault\\.$leg\\.outage-interval.*outage-duration" "fault.$leg.outage-interval = 0s" "fault.$leg.outage-duration = 10us"
	bad "$leg: a share above 1" '120%' "fault.$leg.duplication = 120%"
	bad "$leg: a negative limit" '-1' "fault.$leg.queue-limit = -1"
done
bad 'PAN faults without PNEs' 'fault\.pan\.duplication.*flow' 'flow = gateway' 'fault.pan.duplication = 5%'
cp "$base" unread.ini
printf '[Config Unread]\nextends = Pnes\npan.loss = 90%%\npan.burst = 2\nfault.pan.outage-interval = 0s\nfault.pan.outage-duration = 0s\n' >>unread.ini
refused 'bursts that a PAN reads' 'pan\.burst|outage' unread.ini -c Unread
sim run unread.ini -c Unread --set flow=gateway -o unread --quiet
ends 'bursts and outages that no PAN reads' 0

finish
