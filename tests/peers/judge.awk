# judge.awk: the second half of scripts/bench-peers. Reads what ran: model, size, name, what it is called, figures
# (NAME=VALUE ...), separated by tabs, a line for each time. Prints a table for each size, what is wrong, and how the
# project's targets are met; writes JSON to the file `json`. Exit status 1 if something is wrong.
#
# A program is the same model as the others if its figures are what the model must come to, within four standard errors
# (one in 16 000 beyond them, by chance). For W1 that is the mean delay, 1 s: events come as a Poisson process of rate N. For
# W2 it is retransmissions and the mean response, which follow from the model by arithmetic where there are 1 000 devices or
# more: see expect().

function fail(text) {
	print "FAIL " text | "cat >&2"
	wrong = 1
}

# ---- what W2 must come to ----

# The mean wait, in mean services, of `load` Erlang in a queue for `workers` (Erlang's C formula).
function wait_of(load, workers,   term, sum, k) {
	term = 1; sum = 0
	for (k = 0; k < workers; k++) { sum += term; term *= load / (k + 1) }
	term *= workers / (workers - load)
	return term / (sum + term) / (workers - load)
}

# A transaction is sent again when one of four legs loses it: with p = 1 - 0.98^2 0.995^2, k times at least with p^k, at most
# four times. After k times 2^k - 1 s have passed. Its answer takes two PAN legs, two WAN legs, the wait and the service.
# Sets sent_again, response, and their standard errors.
function expect(devices,   arrive, p, n, service, load, k, q, weight, late, late2, again2) {
	arrive = 0.98 * 0.98 * 0.995 * 0.995
	p = 1 - arrive
	n = 10 * devices
	sent_again = again2 = late = late2 = weight = 0
	for (k = 0; k <= 4; k++) {
		q = p ^ k
		if (k > 0) { sent_again += q; again2 += (2 * k - 1) * q }
		weight += q; late += q * (2 ^ k - 1); late2 += q * (2 ^ k - 1) ^ 2
	}
	late /= weight; late2 /= weight
	service = 0.7 * 8 * 60 / n
	load = 0.7 * 8 * (1 + sent_again) * 0.98 * 0.995
	response = late + 2 * (0.002048 + 0.0175) + 2 * (0.0002048 + 0.040) + service * (1 + wait_of(load, 8))
	sent_again_error = sqrt((again2 - sent_again ^ 2) / n)
	# The PAN latencies of a device may be one for all its transactions.
	response_error = sqrt((late2 - late ^ 2 + 2 * service ^ 2) / n + 4 * 0.025 ^ 2 / 12 / devices)
}

function check(text, got, wanted, error, unit, factor) {
	if (got == "" || !(got - wanted <= 4 * error && wanted - got <= 4 * error)) # what is no number fails, too
		fail(sprintf("%s: %.5g%s, expected %.5g +- %.2g", text, got * factor, unit, wanted * factor, 4 * error * factor))
}

function judge(key,   text) {
	text = called[key] " (" model[key] ", " (model[key] == "W1" ? size[key] : get(key, "devices")) ")"
	if (model[key] == "W1") {
		if (name[key] !~ /^limit/) check(text ": mean delay", get(key, "delay"), 1, 1 / sqrt(get(key, "work")), " s", 1)
		return
	}
	if (get(key, "work") != 10 * get(key, "devices"))
		fail(text ": " get(key, "work") " transactions, expected " 10 * get(key, "devices"))
	expect(get(key, "devices"))
	check(text ": retransmissions", each(key, "retransmissions"), sent_again, sent_again_error, " %", 100)
	check(text ": mean response", get(key, "response"), response, response_error, " ms", 1e3)
}

# ---- figures ----

function get(key, what) { return value[key, what] }
function each(key, what) { return get(key, "work") > 0 ? get(key, what) / get(key, "work") : "" }

# The middle of the n values list[1..n], which it sorts.
function median(list, n,   i, k, x) {
	for (i = 2; i <= n; i++) {
		x = list[i]
		for (k = i - 1; k >= 1 && list[k] > x; k--) list[k + 1] = list[k]
		list[k + 1] = x
	}
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

function summarise(key,   i, list) {
	for (i = 1; i <= runs[key]; i++) list[i] = walls[key, i]
	wall[key] = median(list, runs[key])
	for (i = 1; i <= runs[key]; i++) list[i] = rates[key, i]
	rate[key] = median(list, runs[key])
	least[key] = list[1]; greatest[key] = list[runs[key]]
}

# The rate of one as a multiple of the other's; "" if one is not there.
function ratio(a, b) { return (a in rate) && (b in rate) ? rate[a] / rate[b] : "" }

# ---- tables ----

# Three digits at least, in thousands or millions.
function human(x) {
	if (x >= 1e6) return sprintf("%.2f M", x / 1e6)
	return sprintf(x >= 1e5 ? "%.0f k" : "%.1f k", x / 1e3)
}

function grouped(n,   text) {
	text = n ""
	while (match(text, /[0-9][0-9][0-9][0-9]( |$)/)) text = substr(text, 1, RSTART) " " substr(text, RSTART + 1)
	return text
}

function table(group,   i, key, ours, w1) {
	w1 = group ~ /^W1/
	ours = group SUBSEP "cpns-sim"
	printf "\n%s, %s %s: %s in a second of CPU time, median (least to greatest) of %d\n", w1 ? "W1, classic hold" : "W2, star",
		grouped(group_size[group]), w1 ? "entities" : tiny ? "devices (1 000 elsewhere than in cpns-sim)" : "devices",
		w1 ? "events" : "transactions", most_runs[group]
	printf "%-*s  %8s %21s  %10s", width, "", "median", "least to greatest", "cpns-sim is"
	printf w1 ? "  %8s  %8s\n" : "  %8s  %8s  %8s  %8s\n", w1 ? "delay" : "events", w1 ? "B each" : "again", "response", "B each"
	for (i = 1; i <= keys; i++) {
		key = order[i]
		if (group_of[key] != group) continue
		printf "%-*s  %8s %21s  %11s", width, called[key], human(rate[key]),
			"(" human(least[key]) " to " human(greatest[key]) ")",
			key == ours || tiny ? "" : sprintf(ratio(ours, key) < 10 ? "%.2f x" : "%.0f x", ratio(ours, key))
		if (w1)
			printf "  %8s  %8.0f\n", get(key, "delay") == "" ? "" : sprintf("%.4f s", get(key, "delay")), get(key, "memory")
		else
			printf "  %8.2f  %6.2f %%  %5.1f ms  %8.0f\n", each(key, "events"), 100 * each(key, "retransmissions"),
				1e3 * get(key, "response"), get(key, "memory")
	}
}

# ---- targets ----

function target(text, got, wanted, aim, at_most,   met) {
	if (got == "") return
	met = at_most ? got <= wanted : got >= wanted
	printf "%-6s  %-62s %s %-5g %8.4g%s\n", met ? "met" : "missed", text, at_most ? "at most " : "at least", wanted, got,
		aim == "" ? "" : sprintf("   (aim %g: %s)", aim, got >= aim ? "met" : "missed")
}

# The fastest of a group whose name matches.
function best(group, pattern,   i, key, found) {
	found = ""
	for (i = 1; i <= keys; i++) {
		key = order[i]
		if (group_of[key] == group && name[key] ~ pattern && (found == "" || rate[key] > rate[found])) found = key
	}
	return found
}

function ours(group) { return group SUBSEP "cpns-sim" }

function targets(   n, i, sizes, atleast, aim, g) {
	print ""
	n = split("1000 100000 1000000", sizes, " "); split("2.5 4 5", atleast, " "); split("3 5 6.5", aim, " ")
	for (i = 1; i <= n; i++) {
		g = "W1 " sizes[i]
		target("W1, " grouped(sizes[i]) ": times as fast as ns-3's best scheduler", ratio(ours(g), best(g, "^ns-3")),
			atleast[i], aim[i])
	}
	for (i = 1; i <= n; i++) {
		g = "W1 " sizes[i]
		target("W1, " grouped(sizes[i]) ": times as slow as the limit", ratio(g SUBSEP "limit.wheel", ours(g)), 2, "", 1)
	}
	target("W1: times as slow at 1 000 000 as at 1 000", ratio(ours("W1 1000"), ours("W1 1000000")), 2, "", 1)
	n = split("10000 100000", sizes, " "); split("2.5 3.5", atleast, " "); split("3 4.5", aim, " ")
	for (i = 1; i <= n; i++) {
		g = "W2 " sizes[i]
		target("W2, " grouped(sizes[i]) ": times as fast as ns-3's events alone", ratio(ours(g), best(g, "^ns-3[.](map|priority)")),
			atleast[i], aim[i])
	}
	target("W2, 10 000: times as fast as ns-3's nodes with UDP sockets", ratio(ours("W2 10000"), best("W2 10000", "udp")), 100)
	target("W2: rate at 1 000 000 devices, of that at 10 000", ratio(ours("W2 1000000"), ours("W2 10000")), 0.6)
	target("W2, 1 000 000: octets a device", get(ours("W2 1000000"), "memory"), 256, "", 1)
}

# ---- JSON ----

# Other programs were built here, by other flags, with other libraries: the rest of the provenance holds for them, too.
function provenance_of(key,   text, at, queue) {
	text = provenance
	if (name[key] ~ /^cpns-sim/) return text
	queue = name[key] ~ /queue/ ? "PriorityQueue" : name[key] ~ /map/ ? "Map" : name[key] ~ /heap/ ? "Heap" : \
		name[key] ~ /calendar/ ? "Calendar" : name[key] ~ /udp/ ? "PriorityQueue" : name[key] ~ /limit/ ? "wheel" : "heap"
	at = called[key]
	sub(/,.*/, "", at)
	sub(/"build-type":"[^"]*"/, "\"build-type\":\"" (name[key] ~ /simpy/ ? "" : flags) "\"", text)
	sub(/"event-queue":"[^"]*"/, "\"event-queue\":\"" queue "\"", text)
	sub(/"libraries":.*/, "\"libraries\":[" (name[key] ~ /limit/ ? "" : "\"" at "\"") "]", text)
	return text
}

function json_name(key) {
	if (name[key] == "cpns-sim") return (model[key] == "W1" ? "kernel.hold." : "kernel.star.") size[key]
	if (name[key] == "cpns-sim.in-turn") return "kernel.hold-in-turn." size[key]
	return "peers." (model[key] == "W1" ? "hold." : "star.") size[key] "." name[key]
}

function put(key, suffix, x, unit, more) {
	if (x == "") return
	printf "{\"name\":\"%s%s\",\"value\":%.17g,\"unit\":\"%s\",%s,\"work\":%.0f,\"hash\":\"%s\",%s}\n", json_name(key), suffix, x, unit,
		more == "" ? sprintf("\"n\":1,\"min\":%.17g,\"max\":%.17g", x, x) : more, get(key, "work"), get(key, "hash"),
		provenance_of(key) >json
}

function write_json(   i, key, w1, more) {
	for (i = 1; i <= keys; i++) {
		key = order[i]
		w1 = model[key] == "W1"
		more = sprintf("\"n\":%d,\"min\":%.17g,\"max\":%.17g", runs[key], least[key], greatest[key])
		if (wall[key] > 0) more = more sprintf(",\"wall\":%.17g", wall[key])
		put(key, "", rate[key], w1 ? "events/s" : "transactions/s", more)
		if (w1) {
			put(key, ".delay", get(key, "delay"), "s")
		} else {
			put(key, ".events", each(key, "events"), "events/transaction")
			put(key, ".retransmissions", each(key, "retransmissions"), "1/transaction")
			put(key, ".response", get(key, "response"), "s")
		}
		put(key, ".memory", get(key, "memory"), w1 ? "B/entity" : "B/device")
	}
	close(json)
}

# ---- all of it ----

BEGIN { FS = "\t" }

{
	group = $1 " " $2
	key = group SUBSEP $3
	if (!(key in runs)) {
		order[++keys] = key
		model[key] = $1; size[key] = $2; name[key] = $3; called[key] = $4; group_of[key] = group
		if (!(group in group_size)) groups[++n_groups] = group
		group_size[group] = $2
		if (length($4) > width) width = length($4)
	}
	runs[key]++
	if (runs[key] > most_runs[group]) most_runs[group] = runs[key]
	n = split($5, words, " ")
	for (i = 1; i <= n; i++) {
		split(words[i], part, "=")
		if (part[1] == "rate") rates[key, runs[key]] = part[2] + 0
		else if (part[1] == "wall") walls[key, runs[key]] = part[2] + 0
		else if (part[1] == "hash" && runs[key] > 1 && part[2] != value[key, "hash"])
			fail($4 " (" group "): another time, another result")
		else if (runs[key] == 1) value[key, part[1]] = part[2]
	}
}

END {
	if (keys == 0) { fail("nothing ran"); exit 1 }
	for (i = 1; i <= keys; i++) summarise(order[i])
	for (g = 1; g <= n_groups; g++) table(groups[g])
	if (!tiny) targets()
	if (json != "") write_json()
	for (i = 1; i <= keys; i++) judge(order[i])
	close("cat >&2")
	exit wrong
}
