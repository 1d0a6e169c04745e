#!/bin/bash
# studies.sh CPNS-SIM: the studies that ship in topologies/ on what reviewers of 6.3 asked for. What each protocol variant
# costs is worked out by hand on ideal links (flows.ini: 10 ms on the PAN, 40 ms on the WAN, computing takes no time); every
# config of every study runs, is deterministic, and gives the figures that stand at its head; contradictions are refused.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"
topologies=$here/../../topologies

# all DIR METRIC: of both replications' flows together, if they agree
all() {
	local first
	first=$(value "$1" 0 all all "$2" total)
	[[ $first != "$(value "$1" 1 all all "$2" total)" ]] || echo "$first"
}

# takes NAME DIR ASSIGNMENTS PAN WAN ATTEMPTS MILLISECONDS: each per assignment
takes() {
	local r
	equal "$1: completed" "$(all "$2" assignment.completed)" "$3"
	equal "$1: PAN messages" "$(all "$2" pan.messages)" "$3 * $4"
	equal "$1: WAN messages" "$(all "$2" wan.messages)" "$3 * $5"
	equal "$1: attempts" "$(all "$2" assignment.attempts)" "$3 * $6"
	for r in 0 1; do
		equal "$1, replication $r: shortest" "$(value "$2" $r all all assignment.latency min)" "$7 / 1000"
		equal "$1, replication $r: longest" "$(value "$2" $r all all assignment.latency max)" "$7 / 1000"
	done
}

# What IDs are as long as: literal notifications are 9 + 3 + Entity ID + 3 + 40 octets; a literal request and response of
# 6.3.2.1 are 9 + 3 + User ID + 3 + Entity ID + 19 and 9 + 3 + Entity ID + 4 + 19 + 43; literal triggers have the GWID beside
# the User ID, 9 + 3 + User ID + 3 + GWID + 19 + 19.
literal=(--set protocol.profile=literal)
study ids-insecure "$here/flows.ini" -c PneInsecurePan "${literal[@]}"
study ids-secure "$here/flows.ini" -c PneSecurePan "${literal[@]}"
id=$(awk "BEGIN { print $(all ids-insecure pan.bytes) / 12 - 55 }")
user=$(awk "BEGIN { print $(all ids-secure wan.bytes) / 12 - 112 - 2 * $id }")
gw=$(awk "BEGIN { print ($(all ids-secure pan.bytes) - $(all ids-secure wan.bytes)) / 12 - 53 - $user }")

# ---- C254: merged trigger. Installation Request, Trigger and Response to the PNE, two answers: 5 messages, or 3 ----

for profile in literal hardened; do
	set -- --set protocol.profile=$profile
	on=(--set protocol.merged-trigger=on)
	study "separate-$profile" "$here/flows.ini" -c PneSecurePan --set registration=external "$@"
	study "merged-$profile" "$here/flows.ini" -c PneSecurePan --set registration=external "$@" "${on[@]}"
	takes "separate, $profile" "separate-$profile" 12 5 2 1 130
	takes "merged, $profile" "merged-$profile" 12 3 2 1 110
	# A header and a User ID less, and the Installation Response: 9 + 3 + ID, and a status of 4.
	equal "merged, $profile: PAN octets" "$(all "separate-$profile" pan.bytes) - $(all "merged-$profile" pan.bytes)" \
		"12 * (9 + 3 + $user + 9 + 3 + $id + 4)"
	for metric in sha256 hmac keywrap pbkdf2-iterations; do
		for kind in pne gateway server; do
			equal "merged, $profile: the same $metric at $kind" "$(value "merged-$profile" 0 $kind all crypto.$metric total)" \
				"$(value "separate-$profile" 0 $kind all crypto.$metric total)"
		done
	done
	equal "merged, $profile: accepted" "$(all "merged-$profile" protocol.accepted)" "12 * 5"
done
# Step 0 (240 + 40 ms, 6 WAN and 4 PAN messages) and registration (80 ms, 2 WAN messages) stay what they were.
study merged-first "$here/flows.ini" -c PneSecurePan --set pnes-per-gateway=1 --set registration=gateway "${on[@]}" \
	--set protocol.mutual-authentication=run
takes 'merged, from nothing' merged-first 4 7 10 1 470
# The second assignment of a PNE is triggered as ever: 3 messages.
study merged-twice "$here/flows.ini" -c PneSecurePan --set registration=external "${on[@]}" \
	--set 'workload.arrivals=closed(10s)' --set sim-time-limit=25s
equal 'merged, twice each' "$(all merged-twice pan.messages)" "24 * 3"
equal 'merged, twice each: shortest' "$(value merged-twice 0 all all assignment.latency min)" .11
# With losses nobody is left alone: what is lost is repeated, and PNE and server agree.
study merged-loss "$here/loss.ini" -c PneSecurePan --set registration=external "${on[@]}" --set protocol.retries=7
equal 'merged, with losses: all arrive' "$(total merged-loss assignment.failed)" 0
equal 'merged, with losses: nobody disagrees' "$(total merged-loss assignment.divergence)" 0
holds 'merged, with losses: some come twice' "$(value merged-loss 0 all all protocol.duplicate total) > 100"

# ---- C274: Entity IDs known, typed, discovered ----

study known "$here/flows.ini" -c PneInsecurePan
study discovered "$here/flows.ini" -c PneInsecurePan --set pne.entity-id=discovered
takes known known 12 2 2 1 90
takes discovered discovered 12 4 2 1 110
# Request: 9, GWID 3 + its length, mode 4; response: 9, Entity ID 3 + its length, mode 4.
equal 'discovered: PAN octets' "$(all discovered pan.bytes) - $(all known pan.bytes)" "12 * (9 + 3 + $gw + 4 + 9 + 3 + $id + 4)"
study discovered-literal "$here/flows.ini" -c PneInsecurePan --set pne.entity-id=discovered "${literal[@]}"
takes 'discovered, literal' discovered-literal 12 3 2 1 110
study discovered-first "$here/flows.ini" -c PneInsecurePan --set pne.entity-id=discovered --set pnes-per-gateway=1 \
	--set protocol.mutual-authentication=run
takes 'discovered, step 0' discovered-first 4 4 8 1 350
study discovered-loss "$here/loss.ini" -c PneInsecurePan --set pne.entity-id=discovered --set protocol.retries=7
equal 'discovered, with losses: all arrive' "$(total discovered-loss assignment.failed)" 0

# Who never goes wrong might as well not type.
typed=(--set pne.entity-id=typed)
study typed-0 "$here/flows.ini" -c PneInsecurePan "${typed[@]}" --set user.typo=0%
same 'typed without typos: the same run' "$(fingerprints typed-0)" "$(fingerprints known)"

# A lone PNE: each typo names nobody, and costs there and back on the WAN, and the pause.
alone=(--set gateways=1 --set pnes-per-gateway=1)
study typed-100 "$here/flows.ini" -c PneInsecurePan "${typed[@]}" "${alone[@]}" --set user.typo=100% --set user.tries=4 \
	--set user.pause=1s
equal 'typed wrong: failed' "$(all typed-100 assignment.failed)" 1
equal 'typed wrong: attempts' "$(all typed-100 assignment.attempts)" 4
equal 'typed wrong: WAN messages' "$(all typed-100 wan.messages)" 8
equal 'typed wrong: PAN messages' "$(all typed-100 pan.messages)" 0
equal 'typed wrong: refused by the server, and to the PN GW' "$(all typed-100 protocol.refused)" 8
# 2 000 PN GWs with a PNE each: a typo names another's PNE or nobody (status 5 or 4). Each try is wrong with 20 %, and each
# wrong one costs 80 ms and a pause of 1 s; the latencies add up to that.
study typed-20 "$here/flows.ini" -c PneInsecurePan "${typed[@]}" --set gateways=2000 --set pnes-per-gateway=1 \
	--set user.typo=20% --set user.tries=200 --set user.pause=1s
equal 'typed: completed' "$(all typed-20 assignment.completed)" 2000
for r in 0 1; do
	attempts=$(value typed-20 $r all all assignment.attempts total)
	binomial "typed, replication $r: typos" "$attempts - 2000" "$attempts" 0.2
	near "typed, replication $r: latencies" "$(value typed-20 $r all all assignment.latency mean)" \
		".09 + ($attempts - 2000) * 1.08 / 2000" 1e-9
	equal "typed, replication $r: WAN messages" "$(value typed-20 $r all all wan.messages total)" "2 * $attempts"
	equal "typed, replication $r: PAN messages" "$(value typed-20 $r all all pan.messages total)" 4000
done
equal 'typed: nobody disagrees' "$(total typed-20 assignment.divergence)" 0
# More typos are the same ones and others: the same luck.
study typed-10 "$here/flows.ini" -c PneInsecurePan "${typed[@]}" --set gateways=2000 --set pnes-per-gateway=1 \
	--set user.typo=10% --set user.tries=200 --set user.pause=1s
holds 'typed: fewer typos, fewer attempts' "$(total typed-10 assignment.attempts) < $(total typed-20 assignment.attempts)"

# Ten PNEs called 0 to 9, of one user behind one PN GW: each typo names another one of them. The server issues a key for that
# one; the PNE in front of the user does not open the notification. Hardened: it goes out five times, nobody has lost
# anything. Literal: it goes out once; the one that was named has another key than the server by now, or none.
# The same PNEs behind ten PN GWs of a user each: refused where ownership is checked, and as harmful where it is not.
header=id,type,parent,user
(echo $header; echo home,gateway,,ann; for i in {0..9}; do echo "$i,pne,home,ann"; done) >own.csv
(echo $header; for i in {0..9}; do echo "home-$i,gateway,,user-$i"; echo "$i,pne,home-$i,user-$i"; done) >foreign.csv
wrong() { # NAME TOPOLOGY OPTION...
	local name=$1 csv=$2
	shift 2
	sed "/^gateways\|^pnes-per-gateway\|^pne.ui\|^pan.secure/d; s/^topology = .*/topology = $csv/" "$here/flows.ini" >wrong.ini
	study "$name" wrong.ini -c PneInsecurePan "${typed[@]}" --set user.typo=100% --set user.tries=1 "$@"
	equal "$name: failed" "$(all "$name" assignment.failed)" 10
	equal "$name: WAN messages" "$(all "$name" wan.messages)" 20
}
wrong own-hardened own.csv
equal 'own-hardened: notifications' "$(all own-hardened pan.messages)" 50
equal 'own-hardened: not opened' "$(all own-hardened protocol.not-for-us)" 50
equal 'own-hardened: nobody disagrees' "$(total own-hardened assignment.divergence)" 0
wrong own-literal own.csv "${literal[@]}"
equal 'own-literal: notifications' "$(all own-literal pan.messages)" 10
wrong foreign-hardened foreign.csv
equal 'foreign-hardened: notifications' "$(all foreign-hardened pan.messages)" 0
equal 'foreign-hardened: refused' "$(all foreign-hardened protocol.refused)" 20
equal 'foreign-hardened: nobody disagrees' "$(total foreign-hardened assignment.divergence)" 0
wrong foreign-literal foreign.csv "${literal[@]}"
equal 'foreign-literal: notifications' "$(all foreign-literal pan.messages)" 10
for r in 0 1; do
	# As many as have been named: ten typists name 1 - (8/9)^9 of nine others each, 6.5 of 10 on average.
	holds "own-literal, replication $r: keys that nobody has" "$(value own-literal $r all all assignment.divergence total) >= 2 \
		&& $(value own-literal $r all all assignment.divergence total) <= 10"
	holds "foreign-literal, replication $r: keys that nobody has" \
		"$(value foreign-literal $r all all assignment.divergence total) >= 2"
done

# ---- refusals ----

refused 'merged trigger without an installation' 'protocol.merged-trigger.*registration' "$here/flows.ini" -c PneSecurePan "${on[@]}"
refused 'merged trigger in another flow' 'protocol.merged-trigger' "$here/flows.ini" -c PneUi --set registration=external "${on[@]}"
refused 'one KEK for a set that travels whole' 'contradicts an EUKey set that travels whole.*chain.carry = seed' \
	"$here/flows.ini" -c PneInsecurePan --set protocol.kek=one --set chain.length=8 --set chain.carry=set
refused 'one KEK for random keys' 'contradicts an EUKey set that travels whole' \
	"$here/flows.ini" -c PneInsecurePan --set protocol.kek=one --set chain.length=8 --set chain.kind=independent
refused 'one KEK where there is no other' 'protocol.kek.*flow is not pne-secure-pan' "$here/flows.ini" -c PneSecurePan --set protocol.kek=one
refused 'typed, but how well?' 'user.typo.*(missing|needed|required)' "$here/flows.ini" -c PneInsecurePan "${typed[@]}"
refused 'typos of what nobody types' 'user.typo.*pne.entity-id is typed' "$here/flows.ini" -c PneInsecurePan --set user.typo=1%
refused 'typed where nobody types' 'pne.entity-id.*flow is auto or pne-insecure-pan' "$here/flows.ini" -c PneUi "${typed[@]}"
refused 'no tries' 'user.tries' "$here/flows.ini" -c PneInsecurePan "${typed[@]}" --set user.typo=1% --set user.tries=0
refused 'a word' '"discoverd" is unknown: did you mean discovered' "$here/flows.ini" -c PneInsecurePan --set pne.entity-id=discoverd

# ---- the studies ----

# told FILE: the table at the head of a study, "#   ", columns two spaces apart, is what scripts/table prints now.
told() {
	local name
	name=$(basename -- "$1" .ini)
	CPNS_SIM=$sim "$here/../../scripts/table" "$1" >"table-$name" 2>err || { fail "$name: its table" "$(cat err)"; return; }
	awk -v name="$name" '
		function fields(line, f) { sub(/^ +/, "", line); return split(line, f, /  +/) }
		FNR == NR && FNR == 1 { n = fields($0, title); next }
		FNR == NR { fields($0, f); for (i = 2; i <= n; i++) now[f[1] "/" title[i]] = f[i]; next }
		/^#   each assignment  / { m = fields(substr($0, 3), column); inside = 1; next }
		/^#$/ { inside = 0 }
		inside { fields(substr($0, 3), f); rows++
			for (i = 2; i <= m; i++) if (now[f[1] "/" column[i]] != f[i])
				printf "%s, %s: told %s, is %s\n", f[1], column[i], f[i], now[f[1] "/" column[i]] }
		END { if (!rows) print "there is none" }' "table-$name" "$1" >untrue
	if [[ -s untrue ]]; then fail "$name: the table at its head" "$(cat untrue)"; else ok "$name: the table at its head"; fi
}
for name in secure-vs-insecure merged-trigger chain-or-random entity-discovery one-kek; do
	told "$topologies/$name.ini"
done

# What a study says of how to compare its configs.
for name in secure-vs-insecure merged-trigger chain-or-random entity-discovery rekeying one-kek; do
	read -r -a words <<<"$(sed -n 's/^#   scripts\/run compare [^ ]* //p' "$topologies/$name.ini")"
	[[ $name != rekeying ]] || words+=(--set warmup=216h --set sim-time-limit=240h)
	[[ $name != chain-or-random ]] || words+=(--set sim-time-limit=2h)
	sim compare "$topologies/$name.ini" "${words[@]}" --set gateways=2 --set repeat=2 -o "compare-$name" --quiet
	ends "$name: compare ${words[*]}" 0
done

# Per PNE and day, from the totals of 10 PN GWs with 3 PNEs in 28 days.
day() { awk -v x="$(summary "rekeying-$1" "$2" all "$3" total estimate)" -v by="$4" \
	'BEGIN { x *= by / 30 / 28; printf(x < 1e4 ? "%.4g" : "%.0f", x) }'; }
for config in Once Weekly Daily EachWakeup EachWakeupAsk; do
	study "rekeying-$config" "$topologies/rekeying.ini" -c $config
	same "rekeying: the row of $config at its head" "$(awk -v row=$config '$2 == row && NF == 8 {
			print $3, $4, $5, $6, $7, $8 }' "$topologies/rekeying.ini")" \
		"$(day $config pne energy.cpu 1e3) $(day $config pne energy.octets 1e3) $(day $config server cpu.time 1e6) $(
		day $config all pan.messages 1) $(day $config all wan.messages 1) $(day $config all wan.bytes 1)"
done

# Energy of secure-vs-insecure, BLE without loss: microjoules per PNE, of 150.
for row in SecurePan/79/52 InsecurePan/42/29 Ui/27377/59; do
	IFS=/ read -r config cpu octets <<<"$row"
	near "secure-vs-insecure: CPU of $config" "$(summary "results/secure-vs-insecure-$config" pne all energy.cpu total estimate \
		'pan=ble;loss=0%') * 1e6 / 150" "$cpu" .5
	near "secure-vs-insecure: octets of $config" "$(summary "results/secure-vs-insecure-$config" pne all energy.octets total \
		estimate 'pan=ble;loss=0%') * 1e6 / 150" "$octets" .5
done

# Deterministic: the same fingerprints again, with the other cryptography, two at once.
for file in secure-vs-insecure merged-trigger chain-or-random entity-discovery rekeying one-kek; do
	small=(--set gateways=2 --set repeat=2 --set crypto.mode=counted)
	[[ $file != rekeying ]] || small+=(--set warmup=24h --set sim-time-limit=48h)
	[[ $file != chain-or-random ]] || small+=(--set sim-time-limit=2h)
	while read -r config; do
		if study "one-$file-$config" "$topologies/$file.ini" -c "$config" "${small[@]}"; then
			study "two-$file-$config" "$topologies/$file.ini" -c "$config" "${small[@]}" --set crypto.mode=real -j 2
			same "$file, $config: the same again" "$(fingerprints "two-$file-$config")" "$(fingerprints "one-$file-$config")"
		fi
	done < <(sed -nE 's/^\[Config (.*)\]$/\1/p' "$topologies/$file.ini")
done

finish
