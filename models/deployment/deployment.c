#include "models/deployment/deployment.h"

#include <stdlib.h>
#include <string.h>

#include "models/deployment/parts.h"
#include "models/deployment/series.h"
#include "models/deployment/steady.h"
#include "sim/kernel/memory.h"

#define CENSORED_ONE_IN 20 /* is worth a word */

G_DEFINE_QUARK(deployment_error_quark, deployment_error)

/* ---- do entity and server agree? ---- */

/* What the server knows of it. */
static const struct cpns_entity *record_of(const struct household *h, const struct device *device)
{
	return device->pne == CPNS_GW_SELF ? h->record : h->members[device->pne]->record;
}

static struct cpns_held held_by(const struct household *h, const struct device *device)
{
	if (device->pne == CPNS_GW_SELF) {
		const struct cpns_gw *gw = &h->gw.machine;

		return (struct cpns_held){.id = cpns_gw_entity_id(&gw->self), .eukey = gw->keyed ? gw->eukey : NULL};
	}
	const struct member *member = h->members[device->pne];
	const struct pne_node *node = nodes_up_of(member);
	struct cpns_octets id = cpns_gw_entity_id(&h->gw.machine.pnes[device->pne]);

	if (node == NULL)
		return (struct cpns_held){.id = id, .eukey = member->rest.keyed ? member->rest.eukey : NULL};
	const struct cpns_pne *pne = &node->machine;

	return (struct cpns_held){
	    .id = id, .eukey = pne->keyed ? pne->eukey : NULL, .index = pne->usage != NULL ? pne->usage->index : 0};
}

/* Divergence: a key at the entity that the server holds neither as current nor as pending (of a set: within its
 * window), or none there while the server holds a current one. Counted once per entity, and where the assignment
 * counts. */
static void judge(void *context, uint32_t assignment)
{
	struct deployment *d = context;
	struct device *dev = &d->world.devices[ledger_at(&d->world.ledger, assignment)->device];
	const struct household *h = d->households[dev->gateway];
	struct cpns_ops uncharged = {0};

	if (dev->diverged || !ledger_counts(&d->world.ledger, assignment))
		return;
	struct cpns_held held = held_by(h, dev);

	dev->agrees = cpns_keyring_agrees(record_of(h, dev), (struct cpns_work){d->crypto, &uncharged},
					  &d->blueprint->rules.chain, &held);
	if (dev->agrees)
		return;
	dev->diverged = true;
	d->world.ledger.divergence[dev->flow]++;
}

static void begin(void *context, uint32_t device)
{
	deployment_build_device(context, device);
}

/* ---- what is needed soon ---- */

/* Of a PNE, in a household that is there. It is seldom there itself: what is built then was fetched before. */
static void fetch_pne(const struct deployment *d, const struct household *h, const struct device *dev, unsigned step)
{
	if (step == 3) {
		sim_memory_fetch(&h->gw.machine.pnes[dev->pne], sizeof(h->gw.machine.pnes[0]));
		__builtin_prefetch(&h->gw.slots[dev->pne], 1);
		__builtin_prefetch(&h->members[dev->pne], 1);
		__builtin_prefetch(h->gw.machine.self.id);
		__builtin_prefetch(h->owner);
	} else if (step == 4) {
		sim_memory_fetch(d->world.users[dev->user].id.at, SIM_CACHE_LINE / 2);
		__builtin_prefetch(h->gw.machine.pnes[dev->pne].id);
		if (h->members[dev->pne] != NULL)
			sim_memory_fetch(h->members[dev->pne], sizeof(struct member));
	} else {
		memory_store_fetch_id(d->store, cpns_gw_entity_id(&h->gw.machine.pnes[dev->pne]));
	}
}

static void fetch(void *context, uint32_t device, unsigned step)
{
	const struct deployment *d = context;
	const struct device *dev = &d->world.devices[device];
	const struct household *h = step >= 2 ? d->households[dev->gateway] : NULL;

	if (step == 0) {
		__builtin_prefetch(dev, 1);
		__builtin_prefetch(&d->users.devices[device], 1);
	} else if (step == 1) {
		__builtin_prefetch(&d->households[dev->gateway]);
		__builtin_prefetch(&d->topology->gateways[dev->gateway]);
		sim_memory_fetch(&d->user_nodes[dev->user], sizeof(d->user_nodes[0]));
		sim_memory_fetch(&d->links[dev->gateway], sizeof(d->links[0]));
		__builtin_prefetch(&d->world.users[dev->user]);
		sim_engine_fetch(d->world.engine, d->world.first_user_entity + dev->user);
		sim_engine_fetch(d->world.engine, dev->entity);
	} else if (h != NULL && step == 2) {
		sim_memory_fetch(h, sizeof(*h));
	} else if (h != NULL && dev->pne != CPNS_GW_SELF) {
		fetch_pne(d, h, dev, step);
	} else if (h != NULL && step == 3) {
		sim_memory_fetch(h->record, sizeof(*h->record));
	}
}

/* ---- life ---- */

struct deployment *deployment_new(const struct blueprint *blueprint, const struct sim_random *random, GError **error)
{
	const struct sim_run run = {.random = *random};

	return deployment_new_of(blueprint, &run, error);
}

static void *take(void *memory, size_t n)
{
	return sim_arena_take(memory, n);
}

static void plan_samples(struct deployment *d, bool pilot)
{
	const struct blueprint *b = d->blueprint;

	if (pilot)
		sampler_init(&d->sampler, MAX(1, b->limit / SERIES_PILOT_SAMPLES), SERIES_PILOT_SAMPLES + 1);
	else if (b->period > 0)
		sampler_init(&d->sampler, b->period, SIM_SERIES_MAX + 1);
}

struct deployment *deployment_new_of(const struct blueprint *blueprint, const struct sim_run *run, GError **error)
{
	struct deployment *d = g_new0(struct deployment, 1);
	const struct sim_random *random = &run->random;
	bool counted = blueprint->counted || run->pilot != NULL;

	d->blueprint = blueprint;
	d->warmup = run->warmup != NULL ? *run->warmup : blueprint->warmup;
	d->topology = blueprint->fixed;
	if (d->topology == NULL)
		d->topology = d->drawn = topology_generate(&blueprint->shape, random, error);
	if (d->topology == NULL) {
		g_free(d);
		return NULL;
	}
	plan_samples(d, run->pilot != NULL);
	d->crypto = counted ? cpns_crypto_counted_new() : cpns_crypto_openssl_new();
	d->memory = sim_arena_new();
	d->store = memory_store_new_in(take, d->memory);
	d->world = (struct world){
	    .engine = sim_engine_new(),
	    .random = *random,
	    .rules = &blueprint->rules,
	    .typing = blueprint->ids_are_typed ? &blueprint->typing : NULL,
	    .env = {d->crypto, &d->world, world_random},
	    .begin = begin,
	    .judge = judge,
	    .fetch = fetch,
	    .context = d,
	};
	d->world.random.blocks = &d->draws;
	packets_init(&d->world.packets, &d->world);
	hop_counts_init(&d->world.counts);
	ledger_init(&d->world.ledger, blueprint->steady, d->warmup);
	deployment_build(d);
	return d;
}

void deployment_observe(struct deployment *d, const struct observer *observer)
{
	d->world.observer = observer;
}

const struct device *deployment_devices(const struct deployment *d, uint32_t *n)
{
	*n = d->n_devices;
	return d->world.devices;
}

static void member_free(struct member *member)
{
	struct pne_node *node = nodes_up_of(member);

	if (node != NULL)
		pne_node_clear(node);
	else
		cpns_pne_rest_clear(&member->rest);
}

static void household_free(struct household *h)
{
	enum {
		AHEAD = 8
	}; /* members lie in the order in which they were built, each far from the next of its PN GW */

	if (h == NULL)
		return;
	for (uint32_t i = 0; i < h->gw.machine.n; i++) {
		if (i + AHEAD < h->gw.machine.n)
			__builtin_prefetch(h->members[i + AHEAD]);
		if (h->members[i] != NULL)
			member_free(h->members[i]);
	}
	cpns_gw_clear(&h->gw.machine);
	hop_clear(&h->gw.hop);
	hop_clear(&h->medium.hop);
}

/* All that results are not made of: to be called once. */
static void free_nodes(struct deployment *d)
{
	for (uint32_t g = 0; g < d->topology->n_gateways; g++) {
		household_free(d->households[g]);
		hop_clear(&d->links[g].hop);
		cpns_session_clear(&d->links[g].session);
	}
	for (uint32_t u = 0; u < d->topology->n_users; u++)
		user_node_clear(&d->user_nodes[u]);
	cpns_server_clear(&d->server.machine);
	memory_store_free(d->store);
	sim_arena_free(d->memory);
	packets_clear(&d->world.packets);
	hop_counts_clear(&d->world.counts);
	user_context_clear(&d->users);
	g_free(d->wakings);
	g_free(d->user_nodes);
	g_free(d->households);
	g_free(d->links);
	g_free(d->gateway_entity);
	g_free(d->first_device);
	d->memory = NULL;
}

void deployment_free(struct deployment *d)
{
	if (d == NULL)
		return;
	if (d->memory != NULL)
		free_nodes(d);
	workload_node_clear(&d->workload);
	workload_node_clear(&d->surge);
	key_store_free(d->server.keys);
	cpns_crypto_free(d->crypto);
	ledger_clear(&d->world.ledger);
	sim_engine_free(d->world.engine);
	sampler_clear(&d->sampler);
	for (int kind = 0; kind < KINDS; kind++)
		g_free(d->world.restarts[kind].of);
	free(d->world.devices);
	topology_free(d->drawn);
	g_free(d);
}

/* A generated topology says by its shares which flows there can be, whatever one replication happens to draw. */
static void note_flows(const struct deployment *d, bool takes_part[FLOWS])
{
	const struct topology_shape *shape = &d->blueprint->shape;

	if (d->blueprint->flow >= 0) {
		takes_part[d->blueprint->flow] = true;
		return;
	}
	for (uint32_t i = 0; i < d->n_devices; i++)
		takes_part[d->world.devices[i].flow] = true;
	if (d->drawn == NULL)
		return;
	takes_part[FLOW_PNE_UI] = shape->ui > 0;
	takes_part[FLOW_SECURE_PAN] = shape->ui < 1 && shape->secure > 0;
	takes_part[FLOW_INSECURE_PAN] = shape->ui < 1 && shape->secure < 1;
	takes_part[FLOW_GATEWAY] = shape->smartcard < 1;
}

/* Keys of sets that holders of each kind held at most, one holder's most added to another's. */
static void count_cells(struct deployment *d)
{
	uint64_t *cells = d->cells;

	if (d->blueprint->rules.chain.length <= 1)
		return;
	for (uint32_t g = 0; g < d->topology->n_gateways; g++) {
		const struct household *h = d->households[g];

		for (uint32_t i = 0; h != NULL && i < h->gw.machine.n; i++) {
			if (h->members[i] == NULL)
				continue;
			const struct cpns_delivery *set = h->gw.machine.pnes[i].set;
			const struct cpns_entity *entity = h->members[i]->record;

			cells[KIND_GATEWAY] += set != NULL ? set->cells_max : 0;
			cells[KIND_PNE] +=
			    set != NULL && held_by(h, &d->world.devices[h->gw.first_pne + i]).eukey != NULL;
			cells[KIND_SERVER] += entity->keyring != NULL ? entity->keyring->cells_max : 0;
		}
	}
}

struct deployment_result deployment_result(const struct deployment *d)
{
	const struct blueprint *b = d->blueprint;
	const struct ledger *ledger = &d->world.ledger;
	struct deployment_result r = {.end = d->end,
				      .ledger = ledger,
				      .blueprint = b,
				      .keys = d->server.keys,
				      .keys_issued = d->server.machine.keys_issued};

	if (b->steady) {
		r.begin = d->warmup;
		r.finish = b->limit;
	} else if (ledger->first_arrival != SIM_NEVER) {
		r.begin = ledger->first_arrival;
		r.finish = d->end == SIM_END_LIMIT ? b->limit : ledger->last_end;
	}
	note_flows(d, r.takes_part);
	memcpy(r.cells, d->cells, sizeof(r.cells));
	return r;
}

/* What came late: a key that an entity or the server took after its last assignment had failed. Who has agreed, and
 * has heard nothing since, still does: most, so that little is looked at anew. */
static void judge_again(struct deployment *d)
{
	const GArray *assignments = d->world.ledger.assignments;
	enum { AHEAD = 16 };

	for (uint32_t i = 0; i < assignments->len; i++) {
		const struct assignment *a = ledger_at(&d->world.ledger, i);
		const struct user_device *device = &d->users.devices[a->device];

		if (assignments->len - i > AHEAD)
			__builtin_prefetch(&d->world.devices[(a + AHEAD)->device]);
		/* a mistyped Entity ID may have changed what the server holds of somebody else */
		if (d->world.devices[a->device].agrees && d->world.typing == NULL)
			continue;
		if (a->ordinal + 1 == device->started && !device->busy)
			judge(d, i);
	}
}

/* Nothing is pending but restarts, of nodes that have nothing to do: who has, has a message under way or a timer. The
 * run would have ended by itself. */
static bool is_over(const struct in_flight *flight)
{
	return flight->on[LEG_PAN] == 0 && flight->on[LEG_WAN] == 0 && flight->others == 0;
}

/* Runs the engine to the end; false with *error where that makes too many samples. */
static bool run_engine(struct deployment *d, const volatile int *stop, GError **error)
{
	const struct sampled what = {d->world.engine, &d->world.ledger, d->server.keys};

	if (d->sampler.samples != NULL)
		return sampler_run(&d->sampler, &what, d->blueprint->limit, stop, &d->end, error);
	d->end = sim_engine_run(d->world.engine, d->blueprint->limit, stop);
	return true;
}

bool deployment_run(struct deployment *d, const volatile int *stop, GError **error)
{
	struct in_flight flight = {.d = d};
	bool sampled = run_engine(d, stop, error);
	bool beyond = d->end == SIM_END_HORIZON;

	judge_again(d);
	sim_engine_drain(d->world.engine, balance_visit, &flight);
	if (d->end == SIM_END_LIMIT && is_over(&flight))
		d->end = SIM_END_IDLE;
	if (d->end == SIM_END_IDLE && d->sampler.samples != NULL && !d->blueprint->steady)
		sampler_trim(&d->sampler);
	sim_time finish = deployment_result(d).finish;

	ledger_close(&d->world.ledger, d->end == SIM_END_LIMIT);

	sim_occupancy_extend(d->world.ledger.queue, finish);
	sim_occupancy_extend(d->world.ledger.busy, finish);
	sim_occupancy_extend(d->world.ledger.stalled, finish);
	if (d->server.keys != NULL)
		key_store_close(d->server.keys, finish);
	flight.at_server = server_node_holds(&d->server);
	server_node_close(&d->server);
	count_cells(d);
	bool balanced = !sampled || beyond || balance_check(d, &flight, error);

	free_nodes(d); /* results take memory too, and are sorted */
	if (!sampled || !balanced)
		return false;
	if (!beyond)
		return true;
	g_set_error(error, DEPLOYMENT_ERROR, 0,
		    "virtual time ran beyond 73 years: a latency, a rate, a service time or the retransmissions "
		    "(protocol.timeout, .backoff, .retries) take too long; lower them, or set sim-time-limit");
	return false;
}

/* A trace may go on when the run has ended: nothing is left out without a word. */
static void note_trace(const struct deployment *d, struct sim_record *record)
{
	const struct workload_node *w = &d->workload;
	uint64_t left = 0;

	if (d->blueprint->arrivals != ARRIVALS_TRACE)
		return;
	for (uint32_t i = 0; i < w->n; i++)
		left += w->planned[i].time > d->blueprint->limit;
	if (left == 0)
		return;
	g_autofree char *note = g_strdup_printf(
	    "%" G_GUINT64_FORMAT " of %u arrivals of the trace lie beyond sim-time-limit, and did not happen", left,
	    d->blueprint->trace->len);

	sim_record_note(record, note);
}

/* What did not end with the run would have been the slowest. */
static void note_censored(const struct deployment_result *r, struct sim_record *record)
{
	uint64_t started = 0, censored = 0;

	for (guint i = 0; i < r->ledger->assignments->len; i++) {
		const struct assignment *a = ledger_at(r->ledger, i);

		if (a->use || !ledger_counts(r->ledger, i))
			continue;
		started++;
		censored += a->state == ASSIGNMENT_OPEN || (r->end == SIM_END_LIMIT && a->ended > r->finish);
	}
	if (censored * CENSORED_ONE_IN > started)
		sim_record_note(record,
				"More than 5 % of the assignments that were started had not ended with the run "
				"(assignment.censored): latencies are those of the quicker ones, and quantiles are "
				"too low; a longer sim-time-limit would tell.");
}

static const char *const ended[] = {[SIM_END_IDLE] = "nothing left to do",
				    [SIM_END_LIMIT] = "sim-time-limit",
				    [SIM_END_STOPPED] = "interrupted",
				    [SIM_END_HORIZON] = "horizon"};

void deployment_hand_over(const struct deployment *d, struct sim_record *record, GPtrArray *sequences)
{
	struct deployment_result result = deployment_result(d);

	record->ended = ended[d->end];
	record->unsteady = steady_fault(&result);
	series_hand_over(&result, &d->sampler, sequences);
}

void deployment_record(const struct deployment *d, struct sim_record *record)
{
	struct deployment_result result = deployment_result(d);

	record->fingerprint = *sim_engine_fingerprint(d->world.engine);
	record->ended = ended[d->end];
	record->entities = (uint64_t)d->topology->n_gateways + d->topology->n_pnes + 1;
	record->events = sim_engine_handled(d->world.engine);
	record->draws = d->draws;
	record->pending_max = sim_engine_pending_peak(d->world.engine);
	record->crypto_wall_ns = cpns_crypto_wall_ns(d->crypto);
	metrics_record(&result, record);
	if (d->sampler.samples != NULL)
		series_record(&result, &d->sampler, record);
	note_trace(d, record);
	note_censored(&result, record);
	record->unsteady = steady_fault(&result);
	if (record->unsteady != NULL)
		sim_record_note(record, record->unsteady);
}
