#!/bin/bash
# chain_cost.sh CPNS-SIM: what topologies/chain-cost.ini shows: the costs of holding EUKey sets are those of the table in
# models/protocol/chain.h, at the CPNS Server and at the PN GW, and the PNE hashes once a key.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"
file=$here/../../topologies/chain-cost.ini

# costs DIR ITERATION WORST CELLS: of the PN GWs' 8 sets; the server may hold two of each for a moment
costs() {
	equal "$1 $2: worst at the PN GW" "$(value "$1" 0 gateway all chain.hashes-per-key max "$2")" "$3"
	equal "$1 $2: worst at the server" "$(value "$1" 0 server all chain.hashes-per-key max "$2")" "$3"
	equal "$1 $2: cells of the PN GW" "$(value "$1" 0 gateway all chain.cells total "$2")" "8 * $4"
	holds "$1 $2: cells of the server" "$(value "$1" 0 server all chain.cells total "$2") <= 16 * $4"
	equal "$1 $2: nothing fails" "$(total "$1" use.failed all "$2") + $(total "$1" assignment.failed all "$2")" 0
}

study Lamport "$file" -c Lamport
for row in '16 4 2' '64 6 3' '256 8 4' '1024 10 5'; do
	read -r n k worst <<<"$row"
	costs Lamport "length=$n;strategy=store-all" 0 "$n"
	costs Lamport "length=$n;strategy=seed" "$n - 1" 1
	costs Lamport "length=$n;strategy=pebble" "$worst" "$k"
	if [[ $n -gt 32 ]]; then costs Lamport "length=$n;strategy=checkpoint" 31 "($n / 32 + 31)"; fi
	for strategy in store-all seed checkpoint pebble; do
		equal "$n $strategy: the PNE hashes once a key" \
			"$(value Lamport 0 pne all chain.hashes-per-key mean "length=$n;strategy=$strategy")" 1
	done
	# (k - 2) 2^(k - 1) + 1 for all keys but the first, and 1 for that
	near "$n pebble: on average" "$(value Lamport 0 gateway all chain.hashes-per-key mean "length=$n;strategy=pebble")" \
		"(($k - 2) * $n / 2 + 2) / $n" .02
	holds "$n: hashes take CPU time" "$(value Lamport 0 gateway all cpu.time total "length=$n;strategy=seed") \
		> $(value Lamport 0 gateway all cpu.time total "length=$n;strategy=pebble")"
done

# A server that is as slow as a PNE: what it hashes shows in how long uses take.
study slow "$file" -c Lamport --set chain.length=64 --set crypto.server=m4_80 --set sim-time-limit=66s
latency() { value slow 0 all all use.latency max "strategy=$1"; }
holds 'pebbles are faster than the seed' "$(latency pebble) + 10 * 4 * 73.7e-6 < $(latency seed)"
holds 'and slower than all keys' "$(latency pebble) > $(latency store-all)"

# Independent keys cost the WAN what they save in hashes.
study Independent "$file" -c Independent
for n in 16 64 256 1024; do
	costs Independent "length=$n" 0 "$n"
	equal "$n independent: no hashes" "$(total Independent chain.hashes all "length=$n")" 0
	holds "$n independent: octets on the WAN" "$(value Independent 0 all all wan.bytes total "length=$n") \
		> $(value Lamport 0 all all wan.bytes total "length=$n;strategy=store-all") + 8 * 31 * $n"
done

study Unsafe "$file" -c Unsafe
for n in 16 64 256 1024; do costs Unsafe "length=$n" 1 2; done
finish
