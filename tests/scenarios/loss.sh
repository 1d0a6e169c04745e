#!/bin/bash
# loss.sh CPNS-SIM: losses follow their law, attempts the geometric one, failures its tail; the literal profile leaves
# PNE and server apart where the hardened one does not; and total loss ends.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"
N=6000 # assignments per run

q_ui='(1 - (1 - 0.1) ^ 2 * (1 - 0.05) ^ 2)'
q_wan='(1 - (1 - 0.05) ^ 2)'

# 6.3.1: one run for each number of retransmissions. The draws of an attempt do not depend on how many may follow, so
# that whoever completes with r + 1 attempts but not with r took r + 1.
study ui "$here/loss.ini" -c PneUi --set 'protocol.retries=${r=0..7}'
study gw "$here/loss.ini" -c Gateway --set 'protocol.retries=${r=0..7}'

geometric() { # NAME DIR FLOW Q
	local r
	for r in 0 1 2 3 4 5 6 7; do
		equal "$1, retries $r: all have an end" "$(total "$2" assignment.completed "$3" "r=$r") + $(total "$2" assignment.failed "$3" "r=$r")" $N
		binomial "$1, retries $r: failures are q^(r+1)" "$(total "$2" assignment.failed "$3" "r=$r")" $N "$4 ^ ($r + 1)"
	done
	awk -v n=$N -v q="$(awk "BEGIN { printf \"%.17g\", $4 }")" -v flow="$3" "$csv_awk"'
		{ csv($0, f) }
		f[5] == "all" && f[6] == flow && f[7] == "assignment.completed" { sub("r=", "", f[2]); completed[f[2] + 0] = f[9] }
		f[5] == "all" && f[6] == flow && f[7] == "assignment.attempts" { sub("r=", "", f[2]); attempts[f[2] + 0] = f[9] }
		END {
			for (r = 0; r <= 7; r++) {
				of[r + 1] = completed[r] - (r ? completed[r - 1] : 0)
				if (of[r + 1] < 0) print "fewer complete with", r, "retransmissions than with", r - 1
			}
			# Chi-square over 1..k attempts and the rest, each class expecting 5 or more.
			rest = n; p = 1 - q; tail = 1; chi = 0; k = 0
			while (k < 7 && n * tail * q >= 5 && n * tail * p >= 5) {
				k++; e = n * tail * p; chi += (of[k] - e) ^ 2 / e; rest -= of[k]; tail *= q
			}
			chi += (rest - n * tail) ^ 2 / (n * tail)
			# The 0.9999 quantile of chi-square with k degrees of freedom (Wilson, Hilferty).
			limit = k * (1 - 2 / (9 * k) + 3.719 * sqrt(2 / (9 * k))) ^ 3
			if (k < 2 || chi > limit) print "chi-square", chi, "with", k, "degrees of freedom"
			# The sum of attempts, exactly: who gives up has sent r + 1.
			for (r = 0; r <= 7; r++) {
				s = 0
				for (j = 1; j <= r + 1; j++) s += j * of[j]
				s += (r + 1) * (n - completed[r])
				if (s != attempts[r]) print "retries", r ":", attempts[r], "attempts, not", s
			}
		}' "$2/runs.csv" >law
	if [[ ! -s law ]]; then ok "$1: attempts are geometric"; else fail "$1: attempts are geometric" "$(cat law)"; fi
}
geometric 6.3.1 ui pne-ui "$q_ui"
geometric 6.3.3 gw gateway "$q_wan"

# longest R: the greatest number of retransmissions, up to R, with which anyone completed
longest() {
	local r=$1
	while ((r > 0)) && [[ $(total ui assignment.completed pne-ui "r=$r") == "$(total ui assignment.completed pne-ui "r=$((r - 1))")" ]]; do
		r=$((r - 1))
	done
	echo "$r"
}
# The latency of an assignment is the round trip and a timeout for each attempt before the last.
for r in 0 3 7; do
	c=$(total ui assignment.completed pne-ui "r=$r")
	a="($(total ui assignment.attempts pne-ui "r=$r") - ($r + 1) * ($N - $c))"
	near "6.3.1, retries $r: mean latency" "$(value ui 0 all pne-ui assignment.latency mean "r=$r")" "0.1 + ($a - $c) / $c" 1e-9
	equal "6.3.1, retries $r: longest" "$(value ui 0 all pne-ui assignment.latency max "r=$r")" "0.1 + $(longest "$r")"
done
awk "$csv_awk"'
	{ csv($0, f) }
	f[5] == "all" && f[6] == "pne-ui" && f[7] == "assignment.completed" { sub("r=", "", f[2]); completed[f[2] + 0] = f[9] }
	f[5] == "all" && f[6] == "pne-ui" && f[7] == "assignment.latency" && f[2] == "r=7" { q[f[8]] = f[9] }
	END {
		n = split("p50 .5 p90 .9 p99 .99 p999 .999", name, " ")
		for (i = 1; i < n; i += 2) {
			rank = name[i + 1] * completed[7]; if (rank > int(rank)) rank = int(rank) + 1
			for (k = 0; completed[k] < rank;) k++
			if (q[name[i]] == "" || (q[name[i]] - (0.1 + k)) ^ 2 > 1e-20) print name[i], q[name[i]], "not", 0.1 + k
		}
	}' ui/runs.csv >law
if [[ ! -s law ]]; then ok '6.3.1: quantiles are the ceil(q n)-th smallest'; else fail '6.3.1: quantiles' "$(cat law)"; fi

# Losses on each leg, of the messages put on it.
for leg in pan/0.1 wan/0.05; do
	binomial "6.3.1: ${leg%/*} loses its share" "$(total ui "${leg%/*}.lost" pne-ui r=7)" "$(total ui "${leg%/*}.messages" pne-ui r=7)" "${leg#*/}"
done

# Jitter: each timeout is multiplied by a uniform factor in [1, 1.5], so that a retransmission costs 1.25 s on average.
study jitter "$here/loss.ini" -c PneUi --set protocol.retries=7 --set protocol.jitter=1.5
c=$(total jitter assignment.completed pne-ui)
equal 'jitter moves no loss' "$c" "$(total ui assignment.completed pne-ui r=7)"
a="($(total jitter assignment.attempts pne-ui) - 8 * ($N - $c))"
near 'jitter: mean of the factor' "($(value jitter 0 all pne-ui assignment.latency mean) - 0.1) * $c / ($a - $c)" 1.25 "4 * sqrt(1 / 48 / ($a - $c))"
holds 'jitter: within its bounds' "$(value jitter 0 all pne-ui assignment.latency max) < 0.1 + 7 * 1.5 && $(value jitter 0 all pne-ui assignment.latency min) == 0.1"

# Back-off: 2 + 4 + 8 + 16 + 32 s with the defaults and no jitter, from an arrival at 0.
backoff=(--set 'workload.arrivals=storm(0s)' --set gateways=3 --set protocol.timeout=2s --set protocol.backoff=2 --set wan.loss=100%)
study just-before "$here/loss.ini" -c Gateway "${backoff[@]}" --set sim-time-limit=61999ms
study just-after "$here/loss.ini" -c Gateway "${backoff[@]}" --set sim-time-limit=62001ms
equal 'back-off: not given up before 62 s' "$(total just-before assignment.censored)" 3
equal 'back-off: given up at 62 s' "$(total just-after assignment.failed)" 3
equal 'back-off: five attempts' "$(total just-after assignment.attempts)" 15

# 6.3.2.1 without retransmissions: three messages on the PAN and two on the WAN must arrive.
study secure "$here/loss.ini" -c PneSecurePan --set protocol.retries=0
binomial '6.3.2.1, retries 0: failures' "$(total secure assignment.failed)" $N '(1 - 0.9 ^ 3 * 0.95 ^ 2)'
binomial '6.3.2.1, retries 0: requests sent' "$(total secure assignment.attempts)" $N 0.9
study secure4 "$here/loss.ini" -c PneSecurePan --set protocol.retries=4
holds '6.3.2.1: retransmissions help' "$(total secure4 assignment.failed) < $(total secure assignment.failed) / 20"

# 6.3.2.2: first the key to the PN GW, then the notification; one of r + 1 must arrive, literally the only one.
for r in 0 1 2; do
	study "insecure-$r" "$here/loss.ini" -c PneInsecurePan --set protocol.retries=$r
	binomial "6.3.2.2 hardened, retries $r: failures" "$(total "insecure-$r" assignment.failed)" $N \
		"(1 - (1 - $q_wan ^ ($r + 1)) * (1 - 0.1 ^ ($r + 1)))"
	equal "6.3.2.2 hardened, retries $r: divergence" "$(total "insecure-$r" assignment.divergence)" 0
	study "insecure-literal-$r" "$here/loss.ini" -c PneInsecurePan --set protocol.retries=$r --set protocol.profile=literal
	binomial "6.3.2.2 literal, retries $r: failures" "$(total "insecure-literal-$r" assignment.failed)" $N \
		"(1 - (1 - $q_wan ^ ($r + 1)) * (1 - 0.1))"
	# Apart: the server made a key (a request reached it), and the PNE has none.
	binomial "6.3.2.2 literal, retries $r: divergence" "$(total "insecure-literal-$r" assignment.divergence)" $N \
		"((1 - 0.05 ^ ($r + 1)) - (1 - $q_wan ^ ($r + 1)) * (1 - 0.1))"
done

# 6.3.1 and 6.3.3: apart where a request reached the server, but no response the entity.
for r in 0 2; do
	for config in PneUi Gateway; do
		q=$q_ui there='0.9 * 0.95'
		[[ $config == PneUi ]] || q=$q_wan there=0.95
		study "$config-literal-$r" "$here/loss.ini" -c $config --set protocol.retries=$r --set protocol.profile=literal
		binomial "$config literal, retries $r: failures" "$(total "$config-literal-$r" assignment.failed)" $N "$q ^ ($r + 1)"
		binomial "$config literal, retries $r: divergence" "$(total "$config-literal-$r" assignment.divergence)" $N \
			"($q ^ ($r + 1) - (1 - $there) ^ ($r + 1))"
	done
	for dir in ui gw; do
		equal "$dir hardened, retries $r: divergence" "$(total $dir assignment.divergence all "r=$r")" 0
	done
done
study secure-literal "$here/loss.ini" -c PneSecurePan --set protocol.retries=0 --set protocol.profile=literal
binomial '6.3.2.1 literal, retries 0: divergence' "$(total secure-literal assignment.divergence)" $N '(0.9 ^ 2 * 0.95 * (1 - 0.9 * 0.95))'
equal '6.3.2.1 hardened: divergence' "$(total secure assignment.divergence)" 0

# A challenge round is a second exchange: both must succeed.
study challenge "$here/loss.ini" -c PneUi --set protocol.retries=0 --set protocol.digest=challenge
binomial '6.3.1 challenge, retries 0: failures' "$(total challenge assignment.failed)" $N "(1 - (1 - $q_ui) ^ 2)"
equal '6.3.1 challenge, retries 0: nothing was sent twice' \
	"$(total challenge assignment.attempts) <= 2 * $N && $(total challenge assignment.attempts) >= $N" 1
binomial '6.3.1 challenge, retries 0: second requests' "$(total challenge assignment.attempts) - $N" $N "(1 - $q_ui)"

# Total loss: everything fails, and the run ends.
for config in PneUi PneSecurePan PneInsecurePan; do
	for leg in pan wan; do
		study "no-$leg-$config" "$here/loss.ini" -c $config --set $leg.loss=100% --set gateways=20
		equal "$config, no $leg: started" "$(total "no-$leg-$config" assignment.started)" 400
		equal "$config, no $leg: completed" "$(total "no-$leg-$config" assignment.completed)" 0
		equal "$config, no $leg: failed" "$(total "no-$leg-$config" assignment.failed)" 400
		equal "$config, no $leg: all lost" "$(total "no-$leg-$config" $leg.lost)" "$(total "no-$leg-$config" $leg.messages)"
		equal "$config, no $leg: share" "$(value "no-$leg-$config" 0 all all assignment.failure-share mean)" 1
		equal "$config, no $leg: throughput" "$(value "no-$leg-$config" 0 all all assignment.throughput mean)" 0
		same "$config, no $leg: no latency of nothing" "$(grep -c 'assignment.latency,[^c]' "no-$leg-$config/runs.csv")" 0
		equal "$config, no $leg: nothing diverges in the hardened profile" "$(total "no-$leg-$config" assignment.divergence)" 0
	done
done
equal '6.3.1, no PAN: nothing reaches the WAN' "$(total no-pan-PneUi wan.messages)" 0
equal '6.3.1, no PAN: five attempts each' "$(total no-pan-PneUi assignment.attempts)" 2000
equal '6.3.2.1, no PAN: five triggers each' "$(total no-pan-PneSecurePan pan.messages)" 2000
equal '6.3.2.1, no PAN: no request' "$(total no-pan-PneSecurePan assignment.attempts)" 0
equal '6.3.2.2, no WAN: five requests each' "$(total no-wan-PneInsecurePan wan.messages)" 2000
equal '6.3.2.2, no WAN: no notification' "$(total no-wan-PneInsecurePan pan.messages)" 0
equal '6.3.2.2, no PAN: five notifications each' "$(total no-pan-PneInsecurePan pan.messages)" 2000
study no-pan-literal "$here/loss.ini" -c PneInsecurePan --set pan.loss=100% --set wan.loss=0% --set gateways=20 --set protocol.profile=literal
equal '6.3.2.2 literal, no PAN: one notification each' "$(total no-pan-literal pan.messages)" 400
equal '6.3.2.2 literal, no PAN: failed' "$(total no-pan-literal assignment.failed)" 400
equal '6.3.2.2 literal, no PAN: all diverge' "$(total no-pan-literal assignment.divergence)" 400
study no-installation "$here/loss.ini" -c PneSecurePan --set registration=gateway --set pan.loss=100% --set wan.loss=0% --set gateways=5
equal '6.3.2.1, no PAN: installation fails' "$(total no-installation assignment.failed)" 100

# A fragment is an opportunity of loss each.
study fragments "$here/loss.ini" -c PneInsecurePan --set protocol.retries=0 --set wan.loss=0% --set pan.mtu=50B
study whole "$here/loss.ini" -c PneInsecurePan --set protocol.retries=0 --set wan.loss=0%
binomial 'whole notifications' "$(total whole assignment.failed)" $N 0.1
holds 'fragments lose more' "$(total fragments assignment.failed) > 1.5 * $(total whole assignment.failed)"

finish
