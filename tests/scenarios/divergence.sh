#!/bin/bash
# divergence.sh CPNS-SIM: what topologies/divergence.ini shows: entities and server part where the literal profile loses
# messages, nowhere without a loss, and nowhere at all under the hardened one.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"
file=$here/../../topologies/divergence.ini

study literal "$file" -c Literal
study hardened "$file" -c Hardened
for loss in 0% 2% 10%; do
	equal "started, loss $loss" "$(total literal assignment.started all "loss=$loss")" "$(total hardened assignment.started all "loss=$loss")"
	for flow in all pne-ui pne-secure-pan pne-insecure-pan gateway; do
		apart=$(total literal assignment.divergence $flow "loss=$loss")
		equal "hardened $flow, loss $loss: nobody disagrees" "$(total hardened assignment.divergence $flow "loss=$loss")" 0
		if [[ $loss == 0% ]]; then
			equal "literal $flow, loss $loss: nobody disagrees" "$apart" 0
		else
			holds "literal $flow, loss $loss: some disagree" "$apart > 0"
			holds "literal $flow, loss $loss: only some whose assignment fails" \
				"$apart <= $(total literal assignment.failed $flow "loss=$loss")"
		fi
	done
done
for flow in pne-ui pne-secure-pan pne-insecure-pan gateway; do
	holds "literal $flow: the more the more is lost" \
		"$(total literal assignment.divergence $flow loss=10%) > $(total literal assignment.divergence $flow loss=2%)"
done
holds 'hardened: assignments fail for all that' "$(total hardened assignment.failed all loss=10%) > 100"
equal 'nothing lost, nothing fails' "$(total literal assignment.failed all loss=0%) + $(total hardened assignment.failed all loss=0%)" 0

# Which mend it is: keys that stay pending. All the others together leave entities alone with their new keys.
study pending "$file" -c Literal --set protocol.two-phase-key=on
study others "$file" -c Hardened --set protocol.two-phase-key=off
for loss in 2% 10%; do
	equal "two-phase keys alone, loss $loss: nobody disagrees" "$(total pending assignment.divergence all "loss=$loss")" 0
	equal "two-phase keys alone, loss $loss: the same failures" "$(total pending assignment.failed all "loss=$loss")" \
		"$(total literal assignment.failed all "loss=$loss")"
	holds "all but two-phase keys, loss $loss: some disagree" "$(total others assignment.divergence all "loss=$loss") > 0"
done
finish
