#!/bin/bash
# compare.sh CPNS-SIM: configs that are compared share their luck: what they do alike happens to both alike.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

lvh=$here/../../topologies/literal-vs-hardened.ini

# of DIR B FLOW METRIC STATISTIC COLUMN: from compare.csv
of() {
	awk -v want="$2|all|$3|$4|$5" -v column="$6" "$csv_awk"'
		{ csv($0, f) }
		NR == 1 { for (i in f) place[f[i]] = i; next }
		f[2] "|" f[4] "|" f[5] "|" f[6] "|" f[7] == want { print f[place[column]] }' "$1/compare.csv"
}

# Registration is off, 2 % of the frames on the PAN and 4 % of those on the WAN are lost, for all configs the same ones.
sim compare "$lvh" -c Literal -c OnlyProof -c OnlyResponseFreshness -c OnlyNotificationAck -c OnlyTwoPhaseKey \
	-c AllButPasswordHash -c Hardened -o mends
ends 'the mends' 0
for b in OnlyProof OnlyResponseFreshness OnlyNotificationAck OnlyTwoPhaseKey AllButPasswordHash Hardened; do
	holds "$b: the latency's difference varies a tenth as much" "$(of mends $b all assignment.latency mean variance_ratio) <= 0.1"
	holds "$b: correlation" "$(of mends $b all assignment.latency mean correlation) > 0.9"
done
for flow in pne-ui pne-secure-pan; do
	holds "Hardened, $flow: the same" "$(of mends Hardened $flow assignment.latency mean variance_ratio) <= 0.1"
done
grep -qE 'latency mean of AllButPasswordHash is .* longer than of Literal .*pairing leaves this much of the variance: 0\.0' out &&
	ok 'the output says so' || fail 'the output says so' "$(cat out)"
same 'a mend without a price' "$(of mends OnlyTwoPhaseKey all assignment.latency mean difference)" 0
holds 'a mend that works' "$(of mends OnlyTwoPhaseKey all assignment.divergence total high) < 0"

# Configs with a flow each have none in common.
sim compare "$here/../../topologies/secure-vs-insecure.ini" -c SecurePan -c InsecurePan --set pan.profile=ble --set pan.loss=0% \
	--set repeat=2 -o flows
same 'two flows: all flows' "$(grep -cE '^  all flows  +SecurePan  +InsecurePan ' out)" 1
grep -q '^all flows: ' out || fail 'in words, too'
sim compare "$lvh" -c Literal -c OnlyProof --set repeat=2 --set pne.ui=0% --set pan.secure=100% -o flow
same 'one flow: its name' "$(grep -cE '^  pne-secure-pan  +Literal  +OnlyProof ' out)" 1

# By another seed the runs are unpaired: then nothing of it is left.
sim run "$lvh" -c AllButPasswordHash -o alone --quiet --seed 2
awk "$csv_awk"'
	{ csv($0, f) }
	f[5] == "all" && f[6] == "all" && f[7] == "assignment.latency" && f[8] == "mean" {
		if (FILENAME ~ /alone/) b[f[3]] = f[9]; else if (f[1] == "Literal") a[f[3]] = f[9] }
	END {
		for (r = 0; r < 10; r++) { d = b[r] - a[r]; s += d; q += d * d; x += a[r]; xx += a[r] ^ 2; y += b[r]; yy += b[r] ^ 2 }
		print (q - s * s / 10) / (xx - x * x / 10 + yy - y * y / 10) }' mends/runs.csv alone/runs.csv >unpaired
holds 'without common random numbers' "$(cat unpaired) > 0.3"
finish
