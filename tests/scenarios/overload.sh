#!/bin/bash
# overload.sh CPNS-SIM: a server that is offered more than it can do, against what theory says of it. Its rate mu is
# 1 000 messages a second for each worker.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

# all DIR METRIC [STATISTIC]: of replication 0
all() { value "$1" 0 all all "$2" "${3-total}"; }

# adds_up NAME DIR [HELD]: what was offered has an end; HELD wait or are in service when the window closes
adds_up() {
	equal "$1: offered = served + rejected + shed + held" "$(all "$2" server.offered)" \
		"$(all "$2" server.served) + $(all "$2" server.rejected) + $(all "$2" server.shed) + ${3-0}"
	holds "$1: useful <= served <= admitted" "$(all "$2" server.useful) <= $(all "$2" server.served) &&
		$(all "$2" server.served) <= $(all "$2" server.admitted)"
}

# Without impatience, N at once are done after N / mu, whoever comes first.
for config in '' '--set server.queue=lifo' '--set server.workers=4'; do
	mu=1000
	[[ $config != *workers* ]] || mu=4000
	# shellcheck disable=SC2086
	study storm "$here/overload.ini" -c Storm $config || continue
	near "storm $config: over after N / mu" "$(all storm assignment.latency max)" "5000 / $mu" "0.02 * 5000 / $mu"
	equal "storm $config: all completed" "$(all storm assignment.completed)" 5000
	adds_up "storm $config" storm
	rm -rf storm
done

# Who gives up after T < N / mu is served in vain: mu T of them get what they came for, whatever the worker does after.
study impatient "$here/overload.ini" -c Storm --set protocol.timeout=2s
near 'FIFO, impatient: mu T are useful' "$(all impatient server.useful)" '1000 * 2' '0.05 * 2000'
near 'FIFO, impatient: mu T are completed' "$(all impatient assignment.completed)" '1000 * 2' '0.05 * 2000'
# ... unless it does not even begin with them.
study honoured "$here/overload.ini" -c Storm --set protocol.timeout=2s --set server.deadlines=honour
near 'deadlines, impatient: mu T are served' "$(all honoured server.served)" '1000 * 2' '0.05 * 2000'
adds_up 'deadlines, impatient' honoured
near 'deadlines, impatient: the rest is shed' "$(all honoured server.shed)" '5000 - 1000 * 2' '0.05 * 2000'

# Twice the load for ever: a queue longer than the clients' patience makes all work useless; policies keep 90 % of it.
study fifo "$here/overload.ini" -c Fifo
holds 'twice the load, FIFO: next to nothing is useful' "$(all fifo server.useful) < 0.05 * $(all fifo server.served)"
near 'twice the load, FIFO: though the worker never rests' "$(all fifo server.served)" '8 * 1000' 80
for policy in Lifo CoDel Shed Reject; do
	study $policy "$here/overload.ini" -c $policy || continue
	near "twice the load, $policy: offered" "$(all $policy server.offered)" '8 * 2000' '0.05 * 8 * 2000'
	holds "twice the load, $policy: useful work is 90 % of capacity" "$(all $policy server.useful) >= 0.9 * 8 * 1000"
	holds "twice the load, $policy: and no more than that" "$(all $policy server.useful) <= 8 * 1000 + 1"
done
near 'CoDel: nobody served has waited much longer than the target' "$(all CoDel server.wait p90)" 0.005 0.004
holds 'a limited queue: nobody waits longer than 50 others take' "$(all Shed server.wait max) <= 0.0501"
holds 'rejected, not shed' "$(all Reject server.rejected) > 7000 && $(all Reject server.shed) == 0"
same 'reject and drop serve the same' "$(all Reject server.served)" "$(all Shed server.served)"
# Deadlines alone keep the worker from the dead; but in order of arrival those alive have little time left, the newest
# have all of it.
study deadlines "$here/overload.ini" -c Deadlines
holds 'twice the load, deadlines: nobody is served after that time' "$(all deadlines server.wait max) < 1"
holds 'twice the load, deadlines: somebody gets something' "$(all deadlines server.useful) > 1000"
study newest "$here/overload.ini" -c Deadlines --set server.queue=lifo
holds 'twice the load, deadlines and LIFO: all that is served is useful' \
	"$(all newest server.useful) == $(all newest server.served)"

# Who is rejected comes again after the time that it was told: all together, a second storm, where nothing spreads them;
# each in its own time otherwise, and then there is none.
study waves "$here/overload.ini" -c Waves
equal 'no jitter: each wave is turned away but for 100' "$(all waves server.rejected)" '900 + 800 + 700 + 600 + 500'
equal 'no jitter: five waves get through' "$(all waves assignment.completed)" 500
near 'no jitter: a wave each time, and the last when its own timer says so' "$(all waves assignment.latency max)" \
	'3 * 5 + 8 + 0.1' 1e-6
adds_up 'no jitter' waves
study spread "$here/overload.ini" -c WavesSpread
equal 'jitter: no second storm' "$(all spread server.rejected)" 900
equal 'jitter: all completed' "$(all spread assignment.completed)" 1000
holds 'jitter: from one wait to one and a half' "$(all spread assignment.latency max) > 5 && $(all spread assignment.latency max) < 7.7"
near 'jitter: they spread evenly' "$(all spread assignment.latency p90)" '5 * (1 + 0.5 * (0.9 - 0.1) / 0.9)' 0.1

# A budget for retransmissions bounds what a storm grows to, whatever the clients wish.
study grown "$here/overload.ini" -c Relayed
study bounded "$here/overload.ini" -c Budget
holds 'no budget: what is sent doubles at least' "$(all grown server.offered) >= 2 * 5000"
holds 'a budget of 10 %: it grows by 10 %, and one for each PN GW' "$(all bounded server.offered) <= 1.1 * 5000 + 20"
equal 'a budget of 10 %: ten saved up at most, of the 16 PN GWs that are not done when the timers run out' \
	"$(all bounded server.offered)" '5000 + 16 * 10'
equal 'a budget of 10 %: all else is kept back' "$(all bounded assignment.attempts)" \
	"$(all bounded server.offered) + $(all bounded protocol.withheld)"
study own "$here/overload.ini" -c Waves --set protocol.retry-budget=0%
equal 'a PN GW on its own repeats itself once' "$(all own server.offered)" '1000 + 900'
study lone "$here/overload.ini" -c Lone
holds 'a lone PNE may repeat itself once' "$(total lone wan.messages) > 50 * 1.5 && $(total lone protocol.withheld) > 0"
holds 'a lone PNE: once' "$(total lone assignment.completed) < 50 * 0.6"

# A server that has no password hash at hand makes each once: then the KDF is all that it can do, 322 ns for each
# iteration (topologies/profiles/devices.csv) on two workers.
study cold "$here/overload.ini" -c Cold
near 'cold start: N users take N times the KDF for each worker' "$(all cold assignment.latency max)" \
	'500 * 100000 * 322e-9 / 2' '0.02 * 8.05'
near 'cold start: capacity' "$(all cold assignment.throughput mean)" '2 / (100000 * 322e-9)' '0.02 * 62'
users=(--set flow=pne-ui --set pan.profile=ideal --set pnes-per-gateway=4 --set gateways=50)
study shared "$here/overload.ini" -c Cold "${users[@]}"
equal 'cold start: once per user' "$(value shared 0 server all crypto.pbkdf2-iterations total)" '50 * 100000'
study warm "$here/overload.ini" -c Cold "${users[@]}" --set server.cold-start=no
equal 'warm start: never' "$(value warm 0 server all crypto.pbkdf2-iterations total)" 0
refused 'a cold start without a KDF' 'server\.cold-start' "$here/overload.ini" -c Storm --set protocol.password-hash=ha1 \
	--set server.cold-start=yes

# A server that restarts now and then: what it had promised is kept in the store, and everybody gets his key.
study restarts "$here/overload.ini" -c Restarts
equal 'restarts: all completed' "$(all restarts assignment.completed)" 50
equal 'restarts: nobody disagrees' "$(all restarts assignment.divergence)" 0
holds 'restarts: some answers are lost' "$(all restarts server.useful) < $(all restarts server.served)"
adds_up 'restarts' restarts

# Nothing of this is read where it says nothing.
refused 'a time to wait where nobody is rejected' 'server\.retry-after' "$here/overload.ini" -c Shed --set server.retry-after=1s
refused 'what to do where there is always room' 'server\.overload' "$here/overload.ini" -c Fifo --set server.overload=reject
refused 'controlled delay of another queue' 'server\.codel-target' "$here/overload.ini" -c Lifo --set server.codel-target=1ms

finish
