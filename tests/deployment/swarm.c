/* swarm [FIRST [COUNT]]: scenarios drawn from a seed each, run with everything that balance.c checks, and these
 * beside it:
 *
 *   - a storm ends by itself, with every assignment over; re-keying under Poisson or closed arrivals is cut off in
 * the middle;
 *   - where keys are two-phase no entity disagrees with the server, unless a ninth pending key pushed out its own,
 *     losses put it behind the window of its EUKey set, or it has used keys and a notification without a counter came
 * again;
 *   - where nothing is lost or slow (a third of them), every assignment completes, and nothing is sent twice;
 *   - the server issues no more keys than there are assignments: a request that comes again is answered from the
 * cache, unless the server has restarted (but for 6.3.2.1, where a PNE that gave up may be triggered anew, and where
 * Entity IDs are mistyped);
 *   - where ownership is checked, nobody gets a key for somebody else's PNE by 6.3.2.x;
 *   - what witness.h watches: keys are the server's, none comes back, the same request has the same answer until the
 * server restarts;
 *   - the same seed gives the same fingerprint again, with the other kind of cryptography.
 *
 * Prints the scenario of a seed that fails, and the command that runs it again. */
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/deployment/blueprint.h"
#include "models/deployment/deployment.h"
#include "models/deployment/model.h"
#include "sim/study/scenario.h"
#include "tests/deployment/witness.h"

/* ---- drawing a scenario ---- */

static bool is_kind(uint64_t seed)
{
	return seed % 3 == 0;
}

/* A network with a memory: what was sent comes again, long after it was overtaken. */
static bool is_rough(uint64_t seed)
{
	return seed % 6 == 1;
}

static const char *pick(struct sim_stream *luck, const char *const *from)
{
	return from[sim_stream_below(luck, g_strv_length((char **)(guintptr)from))];
}

#define PICK(luck, ...) pick(luck, (const char *const[]){__VA_ARGS__, NULL})

/* A line, or nothing: so that defaults are met too. */
static void add(GString *text, struct sim_stream *luck, const char *key, const char *value)
{
	if (sim_stream_below(luck, 4) != 0)
		g_string_append_printf(text, "%s = %s\n", key, value);
}

static void add_pan(GString *text, struct sim_stream *luck)
{
	g_string_append_printf(text, "pan.profile = %s\n",
			       PICK(luck, "ble", "zigbee", "wifi", "ideal", "ble 50%, zigbee 50%"));
	add(text, luck, "pan.loss", PICK(luck, "0%", "5%", "30%", "100%"));
	add(text, luck, "pan.mtu", PICK(luck, "1B", "20B", "100B"));
	add(text, luck, "pan.latency", PICK(luck, "0s", "10ms", "uniform(0s,3s)", "exponential(500ms)"));
	add(text, luck, "crypto.pne", PICK(luck, "free", "m0_48", "x86_shani"));
}

static void add_wan(GString *text, struct sim_stream *luck)
{
	g_string_append_printf(text, "wan.profile = %s\n",
			       PICK(luck, "lte", "nb-iot", "ideal", "edge", "dsl 50%, 3g 50%"));
	add(text, luck, "wan.loss", PICK(luck, "0%", "5%", "30%", "100%"));
	add(text, luck, "wan.latency", PICK(luck, "0s", "40ms", "uniform(0s,5s)", "lognormal(1s,2s)"));
	add(text, luck, "server.workers", PICK(luck, "1", "2", "8"));
	add(text, luck, "server.service", PICK(luck, "0s", "10ms", "exponential(100ms)", "uniform(0s,2s)"));
}

/* Of that leg; half of the scenarios have none. */
static void add_faults(GString *text, struct sim_stream *luck, const char *leg)
{
	bool bursts = sim_stream_below(luck, 2) == 0, faults = sim_stream_below(luck, 2) == 0;

	if (bursts)
		g_string_append_printf(text, "%s.burst = %s\n", leg, PICK(luck, "1.2", "3", "50"));
	if (!faults)
		return;
	g_string_append_printf(text, "fault.%s.duplication = %s\n", leg, PICK(luck, "0%", "10%", "50%", "100%"));
	g_string_append_printf(text, "fault.%s.queue-limit = %s\n", leg, PICK(luck, "none", "0", "2"));
	if (sim_stream_below(luck, 2) == 0)
		g_string_append_printf(text, "fault.%s.reordering = 30%%\nfault.%s.reordering-delay = %s\n", leg, leg,
				       PICK(luck, "50ms", "exponential(500ms)", "20s"));
	if (sim_stream_below(luck, 2) == 0)
		g_string_append_printf(text,
				       "fault.%s.outage-interval = exponential(2s)\nfault.%s.outage-duration = %s\n",
				       leg, leg, PICK(luck, "100ms", "uniform(0s,5s)"));
}

static void add_hard_links(GString *text, struct sim_stream *luck, const char *flow)
{
	if (strcmp(flow, "gateway") != 0) {
		add_pan(text, luck);
		add_faults(text, luck, "pan");
	}
	add_wan(text, luck);
	add_faults(text, luck, "wan");
	add(text, luck, "protocol.timeout", PICK(luck, "1ms", "100ms", "1s"));
}

/* Half of all scenarios leave every switch to the profile; the others set most of them, whatever it says. */
static void add_switches(GString *text, struct sim_stream *luck, const char *flow)
{
	static const char *const on_off[] = {"on", "off", NULL};
	bool every = strcmp(flow, "auto") == 0, notifies = every || strcmp(flow, "pne-insecure-pan") == 0;

	if (sim_stream_below(luck, 2) == 0)
		return;
	add(text, luck, "protocol.proof", PICK(luck, "mac", "seed"));
	add(text, luck, "protocol.two-phase-key", pick(luck, on_off));
	if (strcmp(flow, "pne-insecure-pan") != 0)
		add(text, luck, "protocol.response-freshness", pick(luck, on_off));
	if (notifies || strcmp(flow, "pne-secure-pan") == 0)
		add(text, luck, "protocol.ownership-check", pick(luck, on_off));
	if (notifies) {
		add(text, luck, "protocol.notification-ack", pick(luck, on_off));
		add(text, luck, "protocol.notification-freshness", pick(luck, on_off));
	}
}

static void add_rough_links(GString *text, struct sim_stream *luck)
{
	for (int leg = 0; leg < 2; leg++) {
		const char *name = leg == 0 ? "pan" : "wan";

		g_string_append_printf(text, "%s.profile = ideal\n%s.latency = 10ms\n%s.loss = %s\n", name, name,
				       name, PICK(luck, "0%", "5%", "30%"));
		g_string_append_printf(text,
				       "fault.%s.duplication = 50%%\nfault.%s.reordering = 30%%\n"
				       "fault.%s.reordering-delay = %s\n",
				       name, name, name, PICK(luck, "exponential(1s)", "exponential(10s)", "20s"));
	}
}

static void add_protocol(GString *text, struct sim_stream *luck, const char *flow)
{
	const char *hash = PICK(luck, "pbkdf2", "ha1");

	g_string_append_printf(text, "protocol.profile = %s\nprotocol.password-hash = %s\n",
			       PICK(luck, "hardened", "literal"), hash);
	if (strcmp(hash, "pbkdf2") == 0)
		g_string_append(text, "protocol.password-iterations = 1\n");
	add_switches(text, luck, flow);
	if (strcmp(flow, "pne-secure-pan") != 0 && strcmp(flow, "pne-insecure-pan") != 0)
		add(text, luck, "protocol.digest", PICK(luck, "challenge", "single-round"));
	add(text, luck, "protocol.retries", PICK(luck, "0", "1", "4"));
	add(text, luck, "protocol.jitter", PICK(luck, "1", "1.5", "3"));
	add(text, luck, "registration", PICK(luck, "none", "gateway", "external"));
}

/* Nothing is lost, and an answer is there long before its timeout. */
static void add_kind_links(GString *text, struct sim_stream *luck, const char *flow)
{
	if (strcmp(flow, "gateway") != 0)
		g_string_append_printf(text, "pan.profile = ideal\npan.latency = %s\ncrypto.pne = free\n",
				       PICK(luck, "0s", "10ms", "uniform(0s,300ms)"));
	g_string_append_printf(text,
			       "wan.profile = ideal\nwan.latency = %s\nserver.service = %s\nprotocol.timeout = 60s\n",
			       PICK(luck, "0s", "40ms", "uniform(0s,1s)"), PICK(luck, "0s", "1ms"));
}

static void add_step_0(GString *text, struct sim_stream *luck, bool kind)
{
	bool runs = sim_stream_below(luck, 2) == 0;

	g_string_append_printf(text, "protocol.mutual-authentication = %s\n", runs ? "run" : "done");
	if (runs && !kind)
		add(text, luck, "protocol.session-lifetime", PICK(luck, "1ms", "500ms", "5s", "1h"));
}

static void add_restarts(GString *text, struct sim_stream *luck, const char *flow)
{
	if (sim_stream_below(luck, 2) == 0)
		return;
	add(text, luck, "fault.gateway.restart-interval", PICK(luck, "exponential(1s)", "exponential(30s)", "77ms"));
	if (strcmp(flow, "gateway") != 0)
		add(text, luck, "fault.pne.restart-interval",
		    PICK(luck, "exponential(1s)", "exponential(30s)", "77ms"));
}

/* What the server does under load, and when it starts again. */
static void add_policies(GString *text, struct sim_stream *luck)
{
	const char *queue = PICK(luck, "fifo", "lifo", "codel"), *limit = PICK(luck, "none", "0", "1", "5");
	bool rejects = strcmp(limit, "none") != 0 && sim_stream_below(luck, 2) == 0;

	if (sim_stream_below(luck, 2) == 0)
		return;
	g_string_append_printf(text, "server.queue = %s\nserver.queue-limit = %s\n", queue, limit);
	if (strcmp(queue, "codel") == 0)
		add(text, luck, "server.codel-interval", PICK(luck, "0s", "1s"));
	if (rejects)
		g_string_append_printf(text, "server.overload = reject\nserver.retry-after = %s\n",
				       PICK(luck, "0s", "300ms", "10min"));
	add(text, luck, "server.deadlines", PICK(luck, "ignore", "honour"));
	add(text, luck, "protocol.retry-budget", PICK(luck, "0%", "10%", "100%"));
	add(text, luck, "fault.server.restart-interval", PICK(luck, "exponential(1s)", "exponential(30s)", "77ms"));
	if (strstr(text->str, "password-hash = pbkdf2") != NULL &&
	    strstr(text->str, "registration = gateway") == NULL)
		add(text, luck, "server.cold-start", PICK(luck, "yes", "no"));
}

static void add_sets(GString *text, struct sim_stream *luck)
{
	bool independent = sim_stream_below(luck, 4) == 0;

	g_string_append_printf(text, "chain.length = %s\nchain.kind = %s\n", PICK(luck, "2", "5", "40"),
			       independent ? "independent" : "lamport");
	add(text, luck, "chain.window", PICK(luck, "1", "8", "1000"));
	if (independent)
		return;
	const char *order = PICK(luck, "safe", "unsafe"),
		   *strategy = PICK(luck, "store-all", "seed", "checkpoint", "pebble");

	g_string_append_printf(text, "chain.order = %s\nchain.strategy = %s\n", order, strategy);
	if (strcmp(order, "safe") == 0 && strcmp(strategy, "checkpoint") == 0)
		add(text, luck, "chain.spacing", PICK(luck, "1", "2", "6", "100"));
	add(text, luck, "chain.carry", PICK(luck, "seed", "set"));
}

/* Half of the scenarios have sets where there can be any, and half of them use their keys; true if so. */
static bool add_uses(GString *text, struct sim_stream *luck, const char *flow)
{
	if ((strcmp(flow, "auto") == 0 || strcmp(flow, "pne-insecure-pan") == 0) && sim_stream_below(luck, 2) == 0)
		add_sets(text, luck);
	if (sim_stream_below(luck, 2) == 0)
		return false;
	g_string_append_printf(text, "chain.advance = %s\n",
			       PICK(luck, "every(1s)", "every(20s)", "per-wakeup(exponential(5s))"));
	return true;
}

/* A quarter of the scenarios that could have each: what reviewers asked for. Typing goes wrong, so kind scenarios
 * have none. */
static void add_variants(GString *text, struct sim_stream *luck, const char *flow, bool kind)
{
	bool every = strcmp(flow, "auto") == 0, notifies = every || strcmp(flow, "pne-insecure-pan") == 0;
	bool secure = every || strcmp(flow, "pne-secure-pan") == 0;
	uint64_t which[3];

	for (int i = 0; i < 3; i++)
		which[i] = sim_stream_below(luck, 4);
	const char *typo = PICK(luck, "0%", "20%", "100%"), *tries = PICK(luck, "1", "3"),
		   *pause = PICK(luck, "0s", "exponential(5s)");

	if (secure && which[0] == 0 && strstr(text->str, "registration = gateway") != NULL)
		g_string_append(text, "protocol.merged-trigger = on\n");
	if (strcmp(flow, "pne-secure-pan") != 0 && which[1] == 0 && strstr(text->str, "carry = set") == NULL &&
	    strstr(text->str, "kind = independent") == NULL)
		g_string_append(text, "protocol.kek = one\n");
	if (notifies && which[2] == 0)
		g_string_append(text, "pne.entity-id = discovered\n");
	else if (notifies && which[2] == 1 && !kind)
		g_string_append_printf(text,
				       "pne.entity-id = typed\nuser.typo = %s\nuser.tries = %s\nuser.pause = %s\n",
				       typo, tries, pause);
}

/* A third of the scenarios have a key store that takes time, from much too little to much too much. */
static void add_store(GString *text, struct sim_stream *luck)
{
	const char *model =
	    PICK(luck, "free", "free", "free", "free", "lock", "sharded", "polling", "mvcc", "group-commit");

	g_string_append_printf(text, "store.model = %s\n", model);
	if (strcmp(model, "free") == 0)
		return;
	add(text, luck, "store.read", PICK(luck, "1us", "10ms", "exponential(5ms)"));
	add(text, luck, "store.write", PICK(luck, "1us", "10ms", "exponential(50ms)", "2s"));
	add(text, luck, "store.flush", PICK(luck, "1us", "10ms", "exponential(50ms)"));
	if (strcmp(model, "sharded") == 0)
		add(text, luck, "store.shards", PICK(luck, "1", "2", "16"));
	if (strcmp(model, "polling") == 0)
		add(text, luck, "store.timeout", PICK(luck, "0s", "10ms", "1s", "5s"));
	if (strcmp(model, "group-commit") == 0)
		add(text, luck, "store.batch-delay", PICK(luck, "1ms", "500ms"));
}

/* PN GWs and PNEs of a few users, some of whom share: what a generated topology never has. */
static char *draw_topology(struct sim_stream *luck)
{
	GString *csv = g_string_new("id,type,parent,user,ui,secure,mode\n");
	uint64_t gateways = 1 + sim_stream_below(luck, 3);

	for (uint64_t g = 0; g < gateways; g++) {
		uint64_t pnes = sim_stream_below(luck, 5);

		g_string_append_printf(csv, "gw%" G_GUINT64_FORMAT ",gateway,,%s,,,%s\n", g, PICK(luck, "ann", "bob"),
				       PICK(luck, "", "gateway", "both"));
		for (uint64_t i = 0; i < pnes; i++)
			g_string_append_printf(csv,
					       "pne%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT
					       ",pne,gw%" G_GUINT64_FORMAT ",%s,%s,%s,\n",
					       g, i, g, PICK(luck, "ann", "ann", "bob"), PICK(luck, "yes", "no"),
					       PICK(luck, "yes", "no"));
	}
	return g_string_free(csv, FALSE);
}

static void add_generated(GString *text, struct sim_stream *luck, const char *flow)
{
	g_string_append_printf(text, "topology = generated\ngateways = %s\npnes-per-gateway = %s\n",
			       PICK(luck, "0", "1", "2", "9"), PICK(luck, "0", "1", "3", "uniform(0,6)"));
	if (strcmp(flow, "auto") == 0)
		g_string_append_printf(text, "pne.ui = %s\npan.secure = %s\n", PICK(luck, "0%", "40%", "100%"),
				       PICK(luck, "0%", "50%", "100%"));
	if (strcmp(flow, "auto") == 0 || strcmp(flow, "gateway") == 0)
		add(text, luck, "gateway.smartcard", PICK(luck, "0%", "50%", "100%"));
}

/* The scenario, and in *csv the topology that it reads from the file `csv_name`, or NULL. */
static char *draw_scenario(uint64_t seed, const char *csv_name, char **csv)
{
	const struct sim_random random = sim_random_of(seed, 0);
	const struct sim_address address = {.purpose = PURPOSE_TOPOLOGY};
	struct sim_stream luck = sim_stream_at(&random, &address);
	GString *text = g_string_new("[General]\nstudy = terminating\ncrypto.mode = real\n");
	const char *flow =
	    is_rough(seed) ? PICK(&luck, "auto", "pne-ui", "pne-secure-pan", "pne-insecure-pan")
			   : PICK(&luck, "auto", "auto", "pne-ui", "pne-secure-pan", "pne-insecure-pan", "gateway");

	*csv = is_rough(seed) || (!is_kind(seed) && sim_stream_below(&luck, 3) == 0) ? draw_topology(&luck) : NULL;
	g_string_append_printf(text, "flow = %s\n", flow);
	if (*csv != NULL)
		g_string_append_printf(text, "topology = %s\n", csv_name);
	else
		add_generated(text, &luck, flow);
	if (is_kind(seed))
		add_kind_links(text, &luck, flow);
	else if (is_rough(seed))
		add_rough_links(text, &luck);
	else
		add_hard_links(text, &luck, flow);
	add_protocol(text, &luck, flow);
	add_step_0(text, &luck, is_kind(seed));
	if (!is_kind(seed)) {
		add_restarts(text, &luck, flow);
		add_store(text, &luck);
		add_policies(text, &luck);
	}
	bool storm = !is_rough(seed) && sim_stream_below(&luck, 2) == 0;

	if (storm)
		g_string_append_printf(text, "workload.arrivals = %s\n", PICK(&luck, "storm(0s)", "storm(60s)"));
	else
		g_string_append_printf(text, "workload.arrivals = %s\n",
				       PICK(&luck, "poisson(1/s)", "poisson(20/s)", "closed(2s)",
					    "closed(exponential(5s))", "closed(weibull(3s,0.6))"));
	if (add_uses(text, &luck, flow) || !storm)
		g_string_append(text, "sim-time-limit = 2min\n");
	add_variants(text, &luck, flow, is_kind(seed));
	return g_string_free(text, FALSE);
}

/* ---- running it ---- */

struct outcome {
	struct sim_fingerprint fingerprint;
	char *complaint; /* NULL: none */
};

static char *check_kind(const struct deployment_result *r)
{
	const uint64_t *verdicts = r->ledger->work.verdicts;

	/* Without numbers, a late notification of a set that is used up makes a PNE fall back to it. */
	const struct cpns_rules *rules = &r->blueprint->rules;
	bool falls_back = rules->chain.length > 1 && !rules->notification_freshness;

	for (guint i = 0; i < r->ledger->assignments->len; i++) {
		const struct assignment *a = ledger_at(r->ledger, i);

		if (a->state == ASSIGNMENT_FAILED && !(a->use && falls_back))
			return g_strdup_printf("%s %u fails, though nothing is lost or slow",
					       a->use ? "use" : "assignment", i);
	}
	/* an acknowledgement may come when a re-keyed device no longer waits for it; in a storm none is re-keyed */
	for (int v = 0; v < CPNS_VERDICT_COUNT && r->end == SIM_END_IDLE; v++)
		if (v != CPNS_ACCEPTED && verdicts[v] > 0)
			return g_strdup_printf("a message is judged \"%s\", though nothing is lost or slow",
					       cpns_verdict_text((enum cpns_verdict)v));
	return NULL;
}

/* The owners of a topology, by the stable number of an entity: is the PNE its PN GW's own user's? */
static bool is_foreign(const struct topology *t, uint64_t number)
{
	for (uint32_t g = 0; g < t->n_gateways; g++)
		for (uint32_t i = 0; i < t->gateways[g].n_pnes; i++) {
			const struct topology_pne *pne = &t->pnes[t->gateways[g].first_pne + i];

			if (pne->number == number)
				return pne->user != t->gateways[g].user;
		}
	return false;
}

/* Nobody gets a key for a PNE that is somebody else's. */
static char *check_owners(const struct deployment_result *r, const struct device *devices)
{
	if (r->blueprint->fixed == NULL || !r->blueprint->rules.ownership_check)
		return NULL;
	for (guint i = 0; i < r->ledger->assignments->len; i++) {
		const struct assignment *a = ledger_at(r->ledger, i);

		if (!a->use && a->state == ASSIGNMENT_COMPLETED && a->flow != FLOW_PNE_UI &&
		    is_foreign(r->blueprint->fixed, devices[a->device].number))
			return g_strdup_printf("assignment %u gives a key to another user's PNE", i);
	}
	return NULL;
}

/* Where keys are two-phase, unless losses may put an entity behind the window of its EUKey set, or an old
 * notification without a counter sets it back to a key that a use of a newer one has ended. */
static bool may_not_diverge(const struct deployment_result *r, uint64_t seed)
{
	const struct cpns_rules *rules = &r->blueprint->rules;

	return rules->two_phase_key && (rules->chain.length <= rules->chain.window || is_kind(seed)) &&
	       (rules->notification_freshness || !r->blueprint->uses);
}

static char *check(const struct deployment_result *r, const struct device *devices, uint64_t seed)
{
	char *complaint = check_owners(r, devices);
	uint64_t diverged = 0, started = 0;

	if (complaint != NULL)
		return complaint;
	for (guint i = 0; i < r->ledger->assignments->len; i++) {
		started += !ledger_at(r->ledger, i)->use;
		if (r->end == SIM_END_IDLE && !ledger_at(r->ledger, i)->over)
			return g_strdup_printf("assignment %u is still open when all is over", i);
	}
	for (int f = 0; f < FLOWS; f++)
		diverged += r->ledger->divergence[f];
	if (may_not_diverge(r, seed) && diverged > 0 && r->ledger->work.pending_dropped == 0)
		return g_strdup_printf("%" G_GUINT64_FORMAT " entities disagree with the server", diverged);
	if (!r->takes_part[FLOW_SECURE_PAN] && !r->blueprint->restarts[KIND_SERVER] && !r->blueprint->ids_are_typed &&
	    r->keys_issued > started)
		return g_strdup_printf("%" G_GUINT64_FORMAT " keys are issued for %" G_GUINT64_FORMAT " assignments",
				       r->keys_issued, started);
	return is_kind(seed) ? check_kind(r) : NULL;
}

static struct outcome run(const struct blueprint *blueprint, uint64_t seed)
{
	const struct sim_random random = sim_random_of(seed, 0);
	g_autoptr(GError) error = NULL;
	struct deployment *d = deployment_new(blueprint, &random, &error);
	struct outcome outcome = {.complaint = NULL};
	struct sim_record record;
	uint32_t n;
	struct witness *witness = witness_new(&blueprint->rules, deployment_devices(d, &n));

	deployment_observe(d, witness_observer(witness));
	if (!deployment_run(d, NULL, &error)) {
		outcome.complaint = g_strdup(error->message);
	} else {
		struct deployment_result r = deployment_result(d);

		outcome.complaint = witness_complaint(witness) != NULL ? g_strdup(witness_complaint(witness))
								       : check(&r, deployment_devices(d, &n), seed);
		sim_record_init(&record);
		deployment_record(d, &record);
		outcome.fingerprint = record.fingerprint;
		sim_record_clear(&record);
	}
	deployment_free(d);
	witness_free(witness);
	return outcome;
}

static char *try_seed(const struct blueprint *shared, uint64_t seed)
{
	struct blueprint b = *shared;
	struct outcome real, counted;

	real = run(&b, seed);
	b.counted = true;
	counted = run(&b, seed);
	if (real.complaint == NULL && counted.complaint == NULL &&
	    memcmp(&real.fingerprint, &counted.fingerprint, sizeof(real.fingerprint)) != 0)
		real.complaint = g_strdup("real and counted cryptography differ in their fingerprints");
	if (real.complaint == NULL)
		return counted.complaint;
	g_free(counted.complaint);
	return real.complaint;
}

static bool swarm(uint64_t seed, const char *path, const char *program)
{
	g_autofree char *csv_path = g_strconcat(path, ".csv", NULL), *csv_name = g_path_get_basename(csv_path);
	g_autofree char *csv = NULL;
	g_autofree char *text = draw_scenario(seed, csv_name, &csv);
	g_autoptr(GError) error = NULL;
	struct sim_request request = {.path = path};

	if (!g_file_set_contents(path, text, -1, &error) ||
	    (csv != NULL && !g_file_set_contents(csv_path, csv, -1, &error)))
		g_error("%s", error->message);
	struct sim_scenario *scenario = sim_scenario_load(&cpns_model, &request, &error);
	struct blueprint *b = scenario != NULL ? blueprint_new(sim_scenario_values(scenario, 0), &error) : NULL;
	g_autofree char *complaint = b != NULL ? try_seed(b, seed) : g_strdup(error->message);

	blueprint_free(b);
	sim_scenario_free(scenario);
	if (complaint != NULL)
		printf("seed %" G_GUINT64_FORMAT ": %s\n%s%sagain: %s %" G_GUINT64_FORMAT " 1\n\n", seed, complaint,
		       text, csv != NULL ? csv : "", program, seed);
	if (csv != NULL)
		g_remove(csv_path);
	return complaint == NULL;
}

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1,
		 count = argc > 2 ? strtoull(argv[2], NULL, 10) : 200;
	g_autofree char *path = NULL;
	uint64_t failed = 0;
	int file = g_file_open_tmp("swarm-XXXXXX.ini", &path, NULL);

	if (file < 0)
		return 99;
	g_close(file, NULL);
	for (uint64_t seed = first; seed < first + count; seed++)
		failed += !swarm(seed, path, argv[0]);
	g_remove(path);
	printf("%" G_GUINT64_FORMAT " seeds, %" G_GUINT64_FORMAT " failed\n", count, failed);
	return failed != 0;
}
