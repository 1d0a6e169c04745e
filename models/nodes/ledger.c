#include "models/nodes/ledger.h"

#include <assert.h>

const char *const flow_names[FLOWS + 1] = {
    [FLOW_PNE_UI] = "pne-ui",
    [FLOW_SECURE_PAN] = "pne-secure-pan",
    [FLOW_INSECURE_PAN] = "pne-insecure-pan",
    [FLOW_GATEWAY] = "gateway",
};

void ledger_init(struct ledger *ledger, bool steady, sim_time warmup)
{
	*ledger = (struct ledger){.steady = steady, .warmup = warmup, .first_arrival = SIM_NEVER};
	ledger->assignments = g_array_new(FALSE, FALSE, sizeof(struct assignment));
	ledger->waits = g_array_new(FALSE, FALSE, sizeof(sim_time));
	ledger->services = g_array_new(FALSE, FALSE, sizeof(sim_time));
	ledger->queue = sim_occupancy_new(warmup);
	ledger->busy = sim_occupancy_new(warmup);
}

void ledger_clear(struct ledger *ledger)
{
	g_array_unref(ledger->assignments);
	g_array_unref(ledger->waits);
	g_array_unref(ledger->services);
	sim_occupancy_free(ledger->queue);
	sim_occupancy_free(ledger->busy);
}

struct assignment *ledger_at(const struct ledger *ledger, uint32_t assignment)
{
	assert(assignment < ledger->assignments->len);
	return &g_array_index(ledger->assignments, struct assignment, assignment);
}

bool ledger_counts(const struct ledger *ledger, uint32_t assignment)
{
	return ledger_at(ledger, assignment)->arrival >= ledger->warmup;
}

uint32_t ledger_start(struct ledger *ledger, uint32_t device, uint32_t ordinal, enum flow flow, sim_time arrival)
{
	struct assignment a = {
	    .device = device, .ordinal = ordinal, .flow = (uint8_t)flow, .arrival = arrival, .workers = WORKER_USER};

	ledger->first_arrival = MIN(ledger->first_arrival, arrival);
	g_array_append_val(ledger->assignments, a);
	return ledger->assignments->len - 1;
}

uint32_t ledger_start_use(struct ledger *ledger, uint32_t device, uint32_t k, enum flow flow, sim_time now)
{
	struct assignment a = {.device = device,
			       .ordinal = LEDGER_USES | k,
			       .flow = (uint8_t)flow,
			       .arrival = now,
			       .workers = WORKER_USER,
			       .use = true};

	g_array_append_val(ledger->assignments, a);
	return ledger->assignments->len - 1;
}

void ledger_refused(struct ledger *ledger, uint32_t use)
{
	if (ledger_counts(ledger, use))
		ledger->refused[ledger_at(ledger, use)->flow]++;
}

void ledger_skipped(struct ledger *ledger, enum flow flow, sim_time now)
{
	if (now >= ledger->warmup)
		ledger->skipped[flow]++;
}

void kind_account_add(struct kind_account *to, const struct kind_account *from)
{
	uint64_t *sums = (uint64_t *)(void *)to;
	const uint64_t *more = (const uint64_t *)(const void *)from;

	for (size_t i = 0; i < sizeof(*to) / sizeof(*sums); i++)
		sums[i] += more[i];
}

uint64_t kind_account_cpu(const struct kind_account *account)
{
	uint64_t sum = 0;

	for (int i = 0; i < LEDGER_CLASSES; i++)
		sum += account->cpu_ns[i];
	return sum;
}

/* Few numbers have changed since the end of the window was last moved, and it is moved by most assignments. */
static void join(struct ledger *ledger)
{
	uint64_t *work = (uint64_t *)(void *)&ledger->work, *later = (uint64_t *)(void *)&ledger->later;

	while (ledger->n_changed > 0) {
		uint16_t i = ledger->changed[--ledger->n_changed];

		work[i] += later[i];
		later[i] = 0;
	}
}

/* Adds to a number of an account of the ledger. */
static void count(struct ledger *ledger, const struct work_account *account, uint64_t *number, uint64_t amount)
{
	if (account == &ledger->later && *number == 0 && amount > 0)
		ledger->changed[ledger->n_changed++] = (uint16_t)(number - (const uint64_t *)(const void *)account);
	*number += amount;
}

static void end(struct ledger *ledger, struct assignment *a, enum assignment_state state, sim_time at)
{
	a->state = (uint8_t)state;
	a->ended = at;
	if (at <= ledger->last_end)
		return;
	ledger->last_end = at;
	join(ledger);
}

void ledger_close(struct ledger *ledger, bool to_the_end)
{
	if (to_the_end)
		join(ledger);
}

/* The account for what is done now; NULL before the warm-up. */
static struct work_account *account_at(struct ledger *ledger, sim_time now)
{
	if (now < ledger->warmup)
		return NULL;
	return ledger->steady || now <= ledger->last_end ? &ledger->work : &ledger->later;
}

void ledger_settle(struct ledger *ledger, sim_time now)
{
	sim_time sure = ledger->steady ? now : MIN(ledger->last_end, now);

	sim_occupancy_extend(ledger->queue, sure);
	sim_occupancy_extend(ledger->busy, sure);
}

bool ledger_stored(struct ledger *ledger, uint32_t assignment, sim_time at)
{
	struct assignment *a = ledger_at(ledger, assignment);

	if (a->state != ASSIGNMENT_OPEN)
		return false;
	end(ledger, a, ASSIGNMENT_COMPLETED, at);
	return true;
}

bool ledger_working(struct ledger *ledger, uint32_t assignment, enum worker worker, bool active, sim_time now)
{
	struct assignment *a = ledger_at(ledger, assignment);

	a->workers = (uint8_t)(active ? a->workers | worker : a->workers & ~worker);
	if (a->over || a->workers != 0)
		return false;
	a->over = true;
	if (a->state != ASSIGNMENT_OPEN)
		return false;
	end(ledger, a, ASSIGNMENT_FAILED, now);
	return true;
}

void ledger_sent(struct ledger *ledger, uint32_t assignment, enum leg leg, uint64_t bytes, bool lost)
{
	struct leg_account *account = &ledger->legs[ledger_at(ledger, assignment)->flow][leg];

	ledger->put[leg]++;
	ledger->lost[leg] += lost;
	if (!ledger_counts(ledger, assignment))
		return;
	account->messages++;
	account->bytes += bytes;
	account->lost += lost;
}

void ledger_duplicated(struct ledger *ledger, uint32_t assignment, enum leg leg)
{
	ledger->made[leg]++;
	if (ledger_counts(ledger, assignment))
		ledger->legs[ledger_at(ledger, assignment)->flow][leg].duplicated++;
}

void ledger_asked(struct ledger *ledger, uint32_t assignment)
{
	if (ledger_counts(ledger, assignment))
		ledger->attempts[ledger_at(ledger, assignment)->flow]++;
}

void ledger_charge(struct ledger *ledger, enum node_kind kind, uint32_t device_class, const struct cpns_ops *ops,
		   sim_time cpu, sim_time now)
{
	struct work_account *work = account_at(ledger, now);

	if (work == NULL)
		return;
	struct kind_account *account = &work->kinds[kind];

	count(ledger, work, &account->sha256, ops->sha256);
	count(ledger, work, &account->hmac, ops->hmac);
	count(ledger, work, &account->keywrap, ops->keywrap);
	count(ledger, work, &account->pbkdf2_iterations, ops->pbkdf2_iterations);
	count(ledger, work, &account->chain_hashes, ops->chain_hashes);
	assert(device_class < LEDGER_CLASSES);
	count(ledger, work, &account->cpu_ns[device_class], (uint64_t)cpu);
}

void ledger_frames(struct ledger *ledger, enum node_kind kind, enum leg leg, uint32_t preset, enum way way,
		   struct air_account frames, sim_time now)
{
	struct work_account *work = account_at(ledger, now);

	assert(preset < LEDGER_PRESETS);
	if (work == NULL || kind == KIND_SERVER)
		return;
	struct air_account *account = &work->kinds[kind].air[leg][preset][way];

	count(ledger, work, &account->frames, frames.frames);
	count(ledger, work, &account->octets, frames.octets);
}

void ledger_judged(struct ledger *ledger, enum cpns_verdict verdict, sim_time now)
{
	struct work_account *work = account_at(ledger, now);

	if (work != NULL)
		count(ledger, work, &work->verdicts[verdict], 1);
}

void ledger_withheld(struct ledger *ledger, sim_time now)
{
	struct work_account *work = account_at(ledger, now);

	if (work != NULL)
		count(ledger, work, &work->withheld, 1);
}

void ledger_at_server(struct ledger *ledger, enum server_count what, sim_time now)
{
	struct work_account *work = account_at(ledger, now);

	ledger->server[what]++;
	if (work != NULL)
		count(ledger, work, &work->server[what], 1);
}

void ledger_served(struct ledger *ledger, sim_time wait, sim_time service, uint64_t dropped, sim_time now)
{
	struct work_account *work = account_at(ledger, now);

	if (work == NULL)
		return;
	g_array_append_val(ledger->waits, wait);
	g_array_append_val(ledger->services, service);
	count(ledger, work, &work->services, 1);
	count(ledger, work, &work->pending_dropped, dropped);
}
