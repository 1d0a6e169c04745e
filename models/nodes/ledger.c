#include "models/nodes/ledger.h"

#include <assert.h>

#include "sim/kernel/memory.h"

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
	for (int k = 0; k < KINDS; k++)
		ledger->goes[k] = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	ledger->queue = sim_occupancy_new(warmup);
	ledger->busy = sim_occupancy_new(warmup);
	ledger->stalled = sim_occupancy_new(warmup);
}

void ledger_clear(struct ledger *ledger)
{
	g_array_unref(ledger->assignments);
	durations_clear(&ledger->waits);
	durations_clear(&ledger->services);
	for (int k = 0; k < KINDS; k++)
		g_array_unref(ledger->goes[k]);
	sim_occupancy_free(ledger->queue);
	sim_occupancy_free(ledger->busy);
	sim_occupancy_free(ledger->stalled);
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

/* What g_array_append_val does, without a call for each. */
static inline void append(struct ledger *ledger, struct assignment a)
{
	GArray *all = ledger->assignments;

	if (G_UNLIKELY(all->len == ledger->assignments_room)) {
		guint n = all->len;

		if (n > G_MAXUINT / 2)
			g_error("a run of more than %u assignments cannot be kept", n);
		ledger->assignments_room = MAX(2 * n, 64);
		g_array_set_size(all, ledger->assignments_room);
		all->len = n;
	}
	g_array_index(all, struct assignment, all->len++) = a;
	sim_memory_fetch(&g_array_index(all, struct assignment, all->len), sizeof(a)); /* for the next one */
}

static uint32_t enter(struct ledger *ledger, struct assignment a)
{
	a.workers = WORKER_USER;
	ledger->open++;
	append(ledger, a);
	return ledger->assignments->len - 1;
}

uint32_t ledger_start(struct ledger *ledger, uint32_t device, uint32_t ordinal, enum flow flow, sim_time arrival)
{
	ledger->first_arrival = MIN(ledger->first_arrival, arrival);
	return enter(ledger, (struct assignment){
				 .device = device, .ordinal = ordinal, .flow = (uint8_t)flow, .arrival = arrival});
}

uint32_t ledger_start_use(struct ledger *ledger, uint32_t device, uint32_t k, enum flow flow, sim_time now)
{
	return enter(
	    ledger,
	    (struct assignment){
		.device = device, .ordinal = LEDGER_USES | k, .flow = (uint8_t)flow, .arrival = now, .use = true});
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

/* What was done since the end of the window as far as it is known lies in the window. */
static void join(struct ledger *ledger)
{
	uint64_t *work = (uint64_t *)(void *)&ledger->work;
	const uint64_t *later = (const uint64_t *)(const void *)&ledger->later;

	if (!ledger->is_later)
		return;
	for (size_t i = 0; i < sizeof(ledger->work) / sizeof(*work); i++)
		work[i] += later[i];
	ledger->later = (struct work_account){0};
	ledger->is_later = false;
}

static void end(struct ledger *ledger, struct assignment *a, enum assignment_state state, sim_time at)
{
	a->state = (uint8_t)state;
	a->ended = at;
	ledger->open--;
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

/* The account for what is done now; NULL before the warm-up. While an assignment is open the window goes on: a run
 * that ends in order ends with none, or counts to its very end. */
static struct work_account *account_at(struct ledger *ledger, sim_time now)
{
	if (now < ledger->warmup)
		return NULL;
	if (ledger->steady || ledger->open > 0 || now <= ledger->last_end)
		return &ledger->work;
	ledger->is_later = true;
	return &ledger->later;
}

sim_time ledger_sure(const struct ledger *ledger, sim_time now)
{
	return ledger->steady ? now : MIN(ledger->last_end, now);
}

void ledger_settle(struct ledger *ledger, sim_time now)
{
	sim_time sure = ledger_sure(ledger, now);

	sim_occupancy_extend(ledger->queue, sure);
	sim_occupancy_extend(ledger->busy, sure);
	sim_occupancy_extend(ledger->stalled, sure);
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

/* The CPNS Server has no radio. */
static void note_frames(struct work_account *work, enum node_kind kind, const struct crossing *c, enum way way,
			struct air_account frames)
{
	struct air_account *account = &work->kinds[kind].air[c->leg][c->preset][way];

	if (kind == KIND_SERVER)
		return;
	account->frames += frames.frames;
	account->octets += frames.octets;
}

void ledger_sent(struct ledger *ledger, uint32_t assignment, const struct crossing *c, sim_time now)
{
	const struct assignment *a = ledger_at(ledger, assignment);
	struct leg_account *account = &ledger->legs[a->flow][c->leg];
	struct work_account *work = account_at(ledger, now);

	assert(c->preset < LEDGER_PRESETS);
	ledger->put[c->leg]++;
	ledger->lost[c->leg] += c->lost;
	if (a->arrival >= ledger->warmup) {
		account->messages++;
		account->bytes += c->sent.octets;
		account->lost += c->lost;
	}
	if (work == NULL)
		return;
	note_frames(work, c->from, c, WAY_SENT, c->sent);
	note_frames(work, c->to, c, WAY_RECEIVED, c->heard);
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

/* Those that made a set are not those of one key. */
static void note_chain(struct ledger *ledger, struct work_account *work, enum node_kind kind,
		       const struct cpns_ops *ops)
{
	uint32_t hashes = ops->chain_hashes - ops->chain_made;

	g_array_append_val(ledger->goes[kind], hashes);
	work->kinds[kind].chain_goes++;
}

void ledger_charge(struct ledger *ledger, enum node_kind kind, uint32_t device_class, const struct cpns_ops *ops,
		   sim_time cpu, sim_time now)
{
	struct work_account *work = account_at(ledger, now);

	if (work == NULL)
		return;
	struct kind_account *account = &work->kinds[kind];

	if (ops->chain_keys > 0)
		note_chain(ledger, work, kind, ops);
	assert(device_class < LEDGER_CLASSES);
	account->sha256 += ops->sha256;
	account->hmac += ops->hmac;
	account->keywrap += ops->keywrap;
	account->pbkdf2_iterations += ops->pbkdf2_iterations;
	account->chain_hashes += ops->chain_hashes;
	account->cpu_ns[device_class] += (uint64_t)cpu;
}

void ledger_judged(struct ledger *ledger, enum cpns_verdict verdict, sim_time now)
{
	struct work_account *work = account_at(ledger, now);

	if (work != NULL)
		work->verdicts[verdict]++;
}

void ledger_withheld(struct ledger *ledger, sim_time now)
{
	struct work_account *work = account_at(ledger, now);

	if (work != NULL)
		work->withheld++;
}

void ledger_at_server(struct ledger *ledger, enum server_count what, sim_time now)
{
	struct work_account *work = account_at(ledger, now);

	ledger->server[what]++;
	if (work != NULL)
		work->server[what]++;
}

void ledger_served(struct ledger *ledger, sim_time wait, sim_time service, uint64_t dropped, sim_time now)
{
	struct work_account *work = account_at(ledger, now);

	if (work == NULL)
		return;
	durations_add(&ledger->waits, wait);
	durations_add(&ledger->services, service);
	work->services++;
	work->pending_dropped += dropped;
}
