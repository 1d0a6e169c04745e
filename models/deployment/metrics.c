/* From the ledger of a run to the rows of runs.csv. */
#include <string.h>

#include "models/deployment/deployment.h"

static const char *const kind_names[KINDS] = {
    [KIND_PNE] = "pne",
    [KIND_GATEWAY] = "gateway",
    [KIND_SERVER] = "server",
};

static const char *const COUNT_UNIT = "1";

/* What became of the assignments, or the uses, of one flow, or of all, that arrived in the observation window. */
struct tally {
	uint64_t started, completed, failed, censored;
	sim_time *latencies; /* of those that have completed; there is room for all */
};

static struct sim_metric metric_all(const char *name)
{
	return (struct sim_metric){"all", "all", name};
}

/* One that ends after the run has ended is censored. */
static void add(struct tally *t, const struct assignment *a, const struct deployment_result *r)
{
	bool ended = a->state != ASSIGNMENT_OPEN && !(r->end == SIM_END_LIMIT && a->ended > r->finish);

	t->started++;
	t->failed += ended && a->state == ASSIGNMENT_FAILED;
	t->censored += !ended;
	if (ended && a->state == ASSIGNMENT_COMPLETED)
		t->latencies[t->completed++] = a->ended - a->arrival;
}

static void tallies_init(struct tally tallies[FLOWS + 1], const struct deployment_result *r)
{
	for (int f = 0; f <= FLOWS; f++)
		tallies[f] = (struct tally){.latencies = g_new(sim_time, r->ledger->assignments->len + 1)};
}

static void tallies_clear(struct tally tallies[FLOWS + 1])
{
	for (int f = 0; f <= FLOWS; f++)
		g_free(tallies[f].latencies);
}

/* Of the assignments, or of the uses, by flow. */
static void count(struct tally tallies[FLOWS + 1], const struct deployment_result *r, bool uses)
{
	for (guint i = 0; i < r->ledger->assignments->len; i++) {
		const struct assignment *a = &g_array_index(r->ledger->assignments, struct assignment, i);

		if (a->arrival < r->ledger->warmup || a->use != uses)
			continue;
		add(&tallies[a->flow], a, r);
	}
}

/* Adds those of all flows up, once they are recorded: their latencies are sorted by then. */
static void gather(struct tally tallies[FLOWS + 1])
{
	struct tally *all = &tallies[FLOWS];

	for (int f = 0; f < FLOWS; f++) {
		const struct tally *t = &tallies[f];

		memcpy(all->latencies + all->completed, t->latencies, t->completed * sizeof(t->latencies[0]));
		all->started += t->started;
		all->completed += t->completed;
		all->failed += t->failed;
		all->censored += t->censored;
	}
}

static void record_assignments(struct sim_record *record, const struct deployment_result *r, struct tally *t,
			       const char *flow, uint64_t attempts, uint64_t divergence)
{
	double seconds = (double)(r->finish - r->begin) / 1e9;
	const struct {
		const char *name;
		uint64_t total;
	} counters[] = {
	    {"assignment.started", t->started},    {"assignment.completed", t->completed},
	    {"assignment.failed", t->failed},      {"assignment.censored", t->censored},
	    {"assignment.divergence", divergence}, {"assignment.attempts", attempts},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(counters); i++)
		sim_record_counter(record, (struct sim_metric){"all", flow, counters[i].name}, counters[i].total,
				   COUNT_UNIT);
	sim_record_tally(record, (struct sim_metric){"all", flow, "assignment.latency"}, t->latencies, t->completed);
	sim_record_quantiles(record, (struct sim_metric){"all", flow, "assignment.latency"}, t->latencies,
			     t->completed);
	sim_record_share(record, (struct sim_metric){"all", flow, "assignment.throughput"}, (double)t->completed,
			 seconds, "1/s");
	sim_record_share(record, (struct sim_metric){"all", flow, "assignment.failure-share"},
			 (double)(t->failed + t->censored), (double)t->started, "1");
}

static void record_leg(struct sim_record *record, const char *flow, enum leg leg, const struct leg_account *account)
{
	static const char *const names[LEGS][4] = {
	    [LEG_PAN] = {"pan.messages", "pan.bytes", "pan.lost", "pan.duplicated"},
	    [LEG_WAN] = {"wan.messages", "wan.bytes", "wan.lost", "wan.duplicated"},
	};

	sim_record_counter(record, (struct sim_metric){"all", flow, names[leg][0]}, account->messages, COUNT_UNIT);
	sim_record_counter(record, (struct sim_metric){"all", flow, names[leg][1]}, account->bytes, "B");
	sim_record_counter(record, (struct sim_metric){"all", flow, names[leg][2]}, account->lost, COUNT_UNIT);
	sim_record_counter(record, (struct sim_metric){"all", flow, names[leg][3]}, account->duplicated, COUNT_UNIT);
}

static void record_legs(struct sim_record *record, const struct deployment_result *r)
{
	for (int leg = 0; leg < LEGS; leg++) {
		struct leg_account sum = {0};

		for (int f = 0; f < FLOWS; f++) {
			const struct leg_account *account = &r->ledger->legs[f][leg];

			sum.messages += account->messages;
			sum.bytes += account->bytes;
			sum.lost += account->lost;
			sum.duplicated += account->duplicated;
			if (r->takes_part[f])
				record_leg(record, flow_names[f], (enum leg)leg, account);
		}
		record_leg(record, "all", (enum leg)leg, &sum);
	}
}

static void record_flows(struct sim_record *record, const struct deployment_result *r)
{
	struct tally tallies[FLOWS + 1];
	uint64_t attempts = 0, divergence = 0;

	tallies_init(tallies, r);
	count(tallies, r, false);
	for (int f = 0; f < FLOWS; f++) {
		attempts += r->ledger->attempts[f];
		divergence += r->ledger->divergence[f];
		if (r->takes_part[f])
			record_assignments(record, r, &tallies[f], flow_names[f], r->ledger->attempts[f],
					   r->ledger->divergence[f]);
	}
	gather(tallies);
	record_assignments(record, r, &tallies[FLOWS], "all", attempts, divergence);
	tallies_clear(tallies);
}

static void record_use(struct sim_record *record, struct tally *t, const char *flow, uint64_t refused,
		       uint64_t skipped)
{
	const struct {
		const char *name;
		uint64_t total;
	} counters[] = {
	    {"use.started", t->started},   {"use.completed", t->completed}, {"use.failed", t->failed},
	    {"use.censored", t->censored}, {"use.refused", refused},        {"use.skipped", skipped},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(counters); i++)
		sim_record_counter(record, (struct sim_metric){"all", flow, counters[i].name}, counters[i].total,
				   COUNT_UNIT);
	sim_record_tally(record, (struct sim_metric){"all", flow, "use.latency"}, t->latencies, t->completed);
}

static void record_uses(struct sim_record *record, const struct deployment_result *r)
{
	struct tally tallies[FLOWS + 1];
	uint64_t refused = 0, skipped = 0;

	tallies_init(tallies, r);
	count(tallies, r, true);
	for (int f = 0; f < FLOWS; f++) {
		refused += r->ledger->refused[f];
		skipped += r->ledger->skipped[f];
		if (r->takes_part[f])
			record_use(record, &tallies[f], flow_names[f], r->ledger->refused[f], r->ledger->skipped[f]);
	}
	gather(tallies);
	record_use(record, &tallies[FLOWS], "all", refused, skipped);
	tallies_clear(tallies);
}

static void record_kind(struct sim_record *record, const char *module, const struct kind_account *a)
{
	sim_record_counter(record, (struct sim_metric){module, "all", "crypto.sha256"}, a->sha256, COUNT_UNIT);
	sim_record_counter(record, (struct sim_metric){module, "all", "crypto.hmac"}, a->hmac, COUNT_UNIT);
	sim_record_counter(record, (struct sim_metric){module, "all", "crypto.keywrap"}, a->keywrap, COUNT_UNIT);
	sim_record_counter(record, (struct sim_metric){module, "all", "crypto.pbkdf2-iterations"},
			   a->pbkdf2_iterations, COUNT_UNIT);
	sim_record_total_time(record, (struct sim_metric){module, "all", "cpu.time"}, kind_account_cpu(a));
}

static void record_kinds(struct sim_record *record, const struct deployment_result *r)
{
	struct kind_account sum = {0};

	for (int k = 0; k < KINDS; k++) {
		const struct kind_account *a = &r->ledger->work.kinds[k];

		kind_account_add(&sum, a);
		record_kind(record, kind_names[k], a);
	}
	record_kind(record, "all", &sum);
}

/* Hashes per key of the kinds from `first` to before `last`. */
static void record_goes(struct sim_record *record, const struct deployment_result *r, const char *module, int first,
			int last)
{
	g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (int k = first; k < last; k++)
		for (guint i = 0; i < r->ledger->work.kinds[k].chain_goes; i++) {
			int64_t hashes = g_array_index(r->ledger->goes[k], uint32_t, i);

			g_array_append_val(values, hashes);
		}
	sim_record_tally_of(record, (struct sim_metric){module, "all", "chain.hashes-per-key"},
			    (int64_t *)(gpointer)values->data, values->len, COUNT_UNIT);
}

/* What EUKey sets cost those who hold them. */
static void record_chains(struct sim_record *record, const struct deployment_result *r)
{
	uint64_t hashes = 0, cells = 0;

	for (int k = 0; k <= KINDS; k++) {
		const char *module = k < KINDS ? kind_names[k] : "all";
		uint64_t h = k < KINDS ? r->ledger->work.kinds[k].chain_hashes : hashes;
		uint64_t c = k < KINDS ? r->cells[k] : cells;

		sim_record_counter(record, (struct sim_metric){module, "all", "chain.hashes"}, h, COUNT_UNIT);
		sim_record_counter(record, (struct sim_metric){module, "all", "chain.cells"}, c, COUNT_UNIT);
		sim_record_counter(record, (struct sim_metric){module, "all", "chain.bytes"}, c * CPNS_HASH, "B");
		record_goes(record, r, module, k < KINDS ? k : 0, k < KINDS ? k + 1 : KINDS);
		hashes += h;
		cells += c;
	}
}

static const char *const energy_names[ENERGY_TERMS] = {
    [ENERGY_FRAMES] = "energy.frames",
    [ENERGY_OCTETS] = "energy.octets",
    [ENERGY_CPU] = "energy.cpu",
};

/* A term has a row where it is known, and the whole where all of them are; true if it has. `first`: of the terms that
 * there can be. */
static bool record_terms(struct sim_record *record, const char *module, const struct energy *energy, int first)
{
	static const double fj_per_joule = 1e15;
	unsigned __int128 sum = 0;
	bool known = true;

	for (int t = first; t < ENERGY_TERMS; t++) {
		struct sim_metric metric = {module, "all", energy_names[t]};

		if (energy->known[t])
			sim_record_total(record, metric, energy->fj[t], fj_per_joule, "J");
		known = known && energy->known[t];
		sum += energy->fj[t];
	}
	if (known)
		sim_record_total(record, (struct sim_metric){module, "all", "energy"}, sum, fj_per_joule, "J");
	return known;
}

static void record_energy(struct sim_record *record, const struct deployment_result *r)
{
	struct energy sum = {.known = {true, true, true}};
	struct energy_gaps gaps = {0};
	g_autoptr(GString) lacking = g_string_new(NULL);

	for (int k = 0; k < KINDS; k++) {
		struct energy energy = energy_of(r->blueprint->energy, &r->ledger->work.kinds[k], &gaps);

		energy_add(&sum, &energy);
		if (!record_terms(record, kind_names[k], &energy, k == KIND_SERVER ? ENERGY_CPU : ENERGY_FRAMES))
			g_string_append_printf(lacking, "%s, ", kind_names[k]);
	}
	if (record_terms(record, "all", &sum, ENERGY_FRAMES))
		return;
	g_autofree char *missing = energy_gaps_describe(&gaps);
	g_autofree char *note =
	    g_strdup_printf("Energy is unknown (%sall): there is no figure for %s; energy.profile "
			    "can give what is missing.",
			    lacking->str, missing);

	sim_record_note(record, note);
}

/* Of the messages that a worker took, those that had to wait for it. */
static uint64_t count_waits(const struct ledger *l)
{
	uint64_t waited = 0;

	for (uint32_t i = 0; i < l->work.services; i++)
		waited += durations_at(&l->waits, i) > 0;
	return waited;
}

static void record_durations(struct sim_record *record, const char *name, const struct durations *durations,
			     uint64_t n)
{
	g_autofree sim_time *values = durations_copy(durations, (uint32_t)n);

	sim_record_tally(record, metric_all(name), values, n);
}

static void record_server(struct sim_record *record, const struct deployment_result *r)
{
	static const char *const counters[SERVER_COUNTS] = {
	    [SERVER_OFFERED] = "server.offered",     [SERVER_ADMITTED] = "server.admitted",
	    [SERVER_SERVED] = "server.served",       [SERVER_USEFUL] = "server.useful",
	    [SERVER_DUPLICATE] = "server.duplicate", [SERVER_REJECTED] = "server.rejected",
	    [SERVER_SHED] = "server.shed",
	};
	const struct ledger *l = r->ledger;
	sim_time window = r->finish - r->begin;

	record_durations(record, "server.wait", &l->waits, l->work.services);
	sim_record_share(record, metric_all("server.waited"), (double)count_waits(l), (double)l->work.services, "1");
	record_durations(record, "server.service", &l->services, l->work.services);
	sim_record_weighted(record, metric_all("server.utilisation"), sim_occupancy_integral(l->busy), window,
			    1.0 / r->blueprint->workers, sim_occupancy_max(l->busy), "1");
	sim_record_weighted(record, metric_all("server.queue"), sim_occupancy_integral(l->queue), window, 1,
			    sim_occupancy_max(l->queue), "1");
	if (r->keys != NULL)
		sim_record_weighted(record, metric_all("server.stalled"), sim_occupancy_integral(l->stalled), window,
				    1, sim_occupancy_max(l->stalled), "1");
	for (int c = 0; c < SERVER_COUNTS; c++)
		sim_record_counter(record, metric_all(counters[c]), l->work.server[c], COUNT_UNIT);
	sim_record_counter(record, metric_all("server.pending-dropped"), l->work.pending_dropped, COUNT_UNIT);
}

static void record_verdicts(struct sim_record *record, const struct deployment_result *r)
{
	static const char *const names[CPNS_VERDICT_COUNT] = {
	    [CPNS_ACCEPTED] = "protocol.accepted",
	    [CPNS_DUPLICATE] = "protocol.duplicate",
	    [CPNS_BUSY] = "protocol.busy",
	    [CPNS_MALFORMED] = "protocol.malformed",
	    [CPNS_NOT_FOR_US] = "protocol.not-for-us",
	    [CPNS_OUT_OF_PLACE] = "protocol.out-of-place",
	    [CPNS_REPLAYED] = "protocol.replayed",
	    [CPNS_BAD_PROOF] = "protocol.bad-proof",
	    [CPNS_BAD_KEY] = "protocol.bad-key",
	    [CPNS_NO_SESSION] = "protocol.no-session",
	    [CPNS_THROTTLED] = "protocol.throttled",
	    [CPNS_REFUSED] = "protocol.refused",
	};

	for (int v = 0; v < CPNS_VERDICT_COUNT; v++)
		sim_record_counter(record, metric_all(names[v]), r->ledger->work.verdicts[v], COUNT_UNIT);
	sim_record_counter(record, metric_all("protocol.withheld"), r->ledger->work.withheld, COUNT_UNIT);
}

void metrics_record(const struct deployment_result *r, struct sim_record *record)
{
	record_flows(record, r);
	record_uses(record, r);
	record_legs(record, r);
	record_kinds(record, r);
	record_chains(record, r);
	record_energy(record, r);
	record_server(record, r);
	metrics_record_store(r, record);
	record_verdicts(record, r);
	sim_record_counter(record, metric_all("kernel.events"), record->events, COUNT_UNIT);
}
