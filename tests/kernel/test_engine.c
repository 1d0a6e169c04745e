/* The contract of engine.h, with either set of pending events. */
#include <glib.h>
#include <string.h>

#include "sim/kernel/engine.h"
#include "sim/kernel/variate.h"
#include "tests/lib/suite.h"

/* Writes down what happens to it. */
struct diary {
	struct sim_event seen[16];
	unsigned n;
};

static bool note(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct diary *diary = state;

	CU_ASSERT_EQUAL(sim_engine_now(engine), event->time);
	CU_ASSERT_FATAL(diary->n < G_N_ELEMENTS(diary->seen));
	diary->seen[diary->n++] = *event;
	return true;
}

static void test_order(void)
{
	struct sim_engine *engine = sim_engine_new();
	struct diary diary = {.n = 0};

	for (uint32_t i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(sim_engine_add(engine, note, &diary), i);
	sim_engine_send(engine, 2, 0, 5, 10, 77);
	sim_engine_send(engine, 1, 0, 5, 11, 0);
	sim_engine_send_message(engine, 1, 2, 5, 12, 9, 3, 250);
	sim_engine_send(engine, 0, 1, 4, 13, 0);
	CU_ASSERT_EQUAL(sim_engine_run(engine, SIM_NEVER, NULL), SIM_END_IDLE);
	CU_ASSERT_EQUAL(sim_engine_now(engine), 5);
	CU_ASSERT_EQUAL_FATAL(diary.n, 4);
	static const uint8_t kinds[] = {13, 11, 12, 10};

	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(diary.seen[i].kind, kinds[i]);
	const struct sim_event *message = &diary.seen[2];

	CU_ASSERT(message->sender == 1 && message->seq == 1 && message->receiver == 2 && message->payload == 9);
	CU_ASSERT(message->type == 3 && message->length == 250);
	CU_ASSERT(diary.seen[3].payload == 77 && diary.seen[3].type == 0 && diary.seen[3].length == 0);
	CU_ASSERT_EQUAL(sim_engine_handled(engine), 4);
	CU_ASSERT_EQUAL(sim_engine_pending_peak(engine), 4);
	sim_engine_free(engine);
	sim_engine_free(NULL);
}

/* Time stands at the limit, and the run goes on from there. */
static void test_limit(void)
{
	struct sim_engine *engine = sim_engine_new();
	struct diary diary = {.n = 0};

	sim_engine_add(engine, note, &diary);
	sim_engine_send(engine, 0, 0, 10, 0, 0);
	sim_engine_send(engine, 0, 0, 11, 0, 0);
	CU_ASSERT_EQUAL(sim_engine_run(engine, 9, NULL), SIM_END_LIMIT);
	CU_ASSERT_EQUAL(sim_engine_now(engine), 9);
	CU_ASSERT_EQUAL(sim_engine_run(engine, 10, NULL), SIM_END_LIMIT);
	CU_ASSERT_EQUAL(sim_engine_now(engine), 10);
	CU_ASSERT_EQUAL(diary.n, 1);
	CU_ASSERT_EQUAL(sim_engine_run(engine, SIM_NEVER, NULL), SIM_END_IDLE);
	CU_ASSERT_EQUAL(sim_engine_now(engine), 11);
	sim_engine_free(engine);
}

struct ticker {
	unsigned ticks, stop_at;
	int stop;
};

static bool tick(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct ticker *ticker = state;

	if (++ticker->ticks == ticker->stop_at)
		ticker->stop = 1;
	sim_engine_send(engine, event->receiver, event->receiver, event->time + 1, 0, 0);
	return true;
}

/* Interrupted soon, though not at once; and it can go on. */
static void test_stop(void)
{
	struct sim_engine *engine = sim_engine_new();
	struct ticker ticker = {.stop_at = 10000};

	sim_engine_add(engine, tick, &ticker);
	sim_engine_send(engine, 0, 0, 0, 0, 0);
	CU_ASSERT_EQUAL(sim_engine_run(engine, SIM_NEVER, &ticker.stop), SIM_END_STOPPED);
	CU_ASSERT(ticker.ticks >= 10000 && ticker.ticks < 20000);
	unsigned before = ticker.ticks;

	CU_ASSERT_EQUAL(sim_engine_run(engine, SIM_NEVER, &ticker.stop), SIM_END_STOPPED);
	CU_ASSERT_EQUAL(ticker.ticks, before);
	ticker.stop = 0;
	CU_ASSERT_EQUAL(sim_engine_run(engine, before + 99, &ticker.stop), SIM_END_LIMIT);
	CU_ASSERT_EQUAL(ticker.ticks, before + 100);
	sim_engine_free(engine);
}

static void visit(void *context, const struct sim_event *event)
{
	struct diary *diary = context;

	diary->seen[diary->n++] = *event;
}

static void test_drain(void)
{
	struct sim_engine *engine = sim_engine_new();
	struct diary diary = {.n = 0}, left = {.n = 0};

	sim_engine_add(engine, note, &diary);
	sim_engine_send(engine, 0, 0, 30, 3, 0);
	sim_engine_send(engine, 0, 0, 10, 1, 0);
	sim_engine_send(engine, 0, 0, 20, 2, 0);
	sim_engine_run(engine, 10, NULL);
	struct sim_fingerprint before = *sim_engine_fingerprint(engine);

	sim_engine_drain(engine, visit, &left);
	CU_ASSERT(left.n == 2 && left.seen[0].kind == 2 && left.seen[1].kind == 3);
	CU_ASSERT_EQUAL(diary.n, 1);
	CU_ASSERT_EQUAL(sim_engine_handled(engine), 1);
	CU_ASSERT_EQUAL(memcmp(&before, sim_engine_fingerprint(engine), sizeof before), 0);
	CU_ASSERT_EQUAL(sim_engine_run(engine, SIM_NEVER, NULL), SIM_END_IDLE);
	sim_engine_free(engine);
}

/* A timer that is moved leaves its old event pending: that one wakes, finds the deadline moved, and changes nothing.
 */
struct sleeper {
	sim_time deadline;
	unsigned rung, woken;
};

enum { TIMER, MOVE };

static bool sleep_on(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct sleeper *sleeper = state;

	if (event->kind == MOVE) {
		sleeper->deadline = event->time + 100;
		sim_engine_send(engine, event->receiver, event->receiver, sleeper->deadline, TIMER, 0);
		return true;
	}
	sleeper->woken++;
	if (event->time != sleeper->deadline)
		return false;
	sleeper->rung++;
	return true;
}

static void test_timers(void)
{
	struct sim_engine *engine = sim_engine_new();
	struct sleeper sleeper = {0};
	struct sim_fingerprint expected = {{0, 0}};

	sim_engine_add(engine, sleep_on, &sleeper);
	for (uint32_t i = 0; i < 3; i++) {
		sim_engine_send(engine, 0, 0, 10 * i, MOVE, 0);
		sim_fingerprint_add(&expected, &(struct sim_event){.time = 10 * i, .seq = i, .kind = MOVE});
	}
	CU_ASSERT_EQUAL(sim_engine_run(engine, SIM_NEVER, NULL), SIM_END_IDLE);
	CU_ASSERT_EQUAL(sleeper.woken, 3);
	CU_ASSERT_EQUAL(sleeper.rung, 1);
	CU_ASSERT_EQUAL(sim_engine_now(engine), 120);
	CU_ASSERT_EQUAL(sim_engine_handled(engine), 4);
	sim_fingerprint_add(&expected, &(struct sim_event){.time = 120, .seq = 5, .kind = TIMER});
	CU_ASSERT_EQUAL(memcmp(&expected, sim_engine_fingerprint(engine), sizeof expected), 0);
	sim_engine_free(engine);
}

/* Random traffic between many: ties, bursts at the start, events that change nothing, delays from nothing to minutes.
 */
struct player {
	uint32_t number, drawn;
};

enum { PLAYERS = 2000 };

static bool play(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct player *player = state;
	struct sim_random random = sim_random_of(5, 1);
	struct sim_stream stream =
	    sim_stream_at(&random, &(struct sim_address){.entity = player->number, .ordinal = player->drawn++});
	static const struct sim_variate delays[] = {
	    {SIM_EXPONENTIAL, 1e6, 0, 0},
	    {SIM_CONSTANT, 1e6, 0, 0},
	    {SIM_LOGNORMAL, 1e9, 3e9, 0},
	    {SIM_PARETO, 1e3, 1.1, 60e9},
	};
	uint64_t bits = sim_stream_bits(&stream);
	uint32_t receiver = (uint32_t)sim_stream_below(&stream, PLAYERS);
	sim_time delay =
	    bits % 8 < 4 ? sim_variate_duration(&delays[bits % 4], &stream) : (sim_time)(bits >> 8 & 3) * 1000;

	sim_engine_send_message(engine, player->number, receiver, event->time + delay, (uint8_t)(bits >> 16), 0,
				(uint8_t)(bits >> 24), (uint16_t)(bits >> 32));
	return bits >> 60 != 0;
}

/* The fingerprint is the same whatever the set of pending events, the machine and the build. */
static void test_fingerprint(void)
{
	struct sim_engine *engine = sim_engine_new();
	static struct player players[PLAYERS];
	char text[SIM_FINGERPRINT_DIGITS + 1];

	memset(players, 0, sizeof players);
	for (uint32_t i = 0; i < PLAYERS; i++) {
		players[i].number = i;
		sim_engine_add(engine, play, &players[i]);
	}
	for (uint32_t i = 0; i < 2 * PLAYERS; i++)
		sim_engine_send(engine, i % PLAYERS, i / 2, 0, 0, 0);
	for (sim_time limit = SIM_MS; limit <= 1000 * SIM_MS; limit *= 10)
		CU_ASSERT_EQUAL(sim_engine_run(engine, limit, NULL), SIM_END_LIMIT);
	sim_fingerprint_print(sim_engine_fingerprint(engine), text);
	CU_ASSERT_STRING_EQUAL(text, "88391aac166ab0cfad7d7f668b1997e0");
	CU_ASSERT_EQUAL(sim_engine_handled(engine), 83689);
	CU_ASSERT_EQUAL(sim_engine_pending_peak(engine), 2 * PLAYERS);
	sim_engine_free(engine);
}

/* Entities that are built when something first happens to them: once, and those beside them in passing. */
struct street {
	struct sim_engine *engine;
	struct diary houses[4];
	unsigned built;
};

static unsigned n_fetched;

static void fetch_of_diary(const void *state, const struct sim_coming *coming)
{
	const struct diary *diary = state;

	CU_ASSERT(coming->receiver == 1 && coming->kind == 7); /* not of the one with the other handler */
	CU_ASSERT(coming->payload >= diary->n);                /* not of what has been */
	n_fetched++;
}

static bool ignore(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	(void)state;
	(void)engine;
	(void)event;
	return true;
}

/* Who asks for memory is told of what comes, and of nothing else; whether he is told depends on the set. */
static void test_fetched(void)
{
	struct sim_engine *engine = sim_engine_new();
	struct diary diary = {.n = 0};

	n_fetched = 0;
	sim_engine_add(engine, ignore, &diary);
	sim_engine_add(engine, note, &diary);
	sim_engine_fetch_with(engine, note, fetch_of_diary);
	for (uint32_t i = 0; i < G_N_ELEMENTS(diary.seen); i++) {
		sim_engine_send(engine, 0, 1, i, 7, i);
		sim_engine_send(engine, 0, 0, i, 8, i);
	}
	CU_ASSERT_EQUAL(sim_engine_run(engine, SIM_NEVER, NULL), SIM_END_IDLE);
	CU_ASSERT_EQUAL(diary.n, G_N_ELEMENTS(diary.seen));
	CU_ASSERT_EQUAL(n_fetched > 0, strcmp(sim_event_queue_kind(), "wheel") == 0);
	sim_engine_free(engine);
}

static void build_pair(void *context, uint32_t entity)
{
	struct street *street = context;
	uint32_t first = entity / 2 * 2;

	street->built++;
	sim_engine_place(street->engine, first, &street->houses[first]);
	sim_engine_place(street->engine, first + 1, &street->houses[first + 1]);
}

static void test_built_late(void)
{
	struct street street = {.engine = sim_engine_new()};

	for (int i = 0; i < 4; i++)
		sim_engine_add(street.engine, note, NULL);
	sim_engine_build_with(street.engine, build_pair, &street);
	sim_engine_send(street.engine, 0, 3, 1, 0, 0); /* from one that is not built: it need not be */
	sim_engine_send(street.engine, 0, 2, 2, 0, 0);
	sim_engine_send(street.engine, 3, 3, 3, 0, 0);
	CU_ASSERT_EQUAL(sim_engine_run(street.engine, SIM_NEVER, NULL), SIM_END_IDLE);
	CU_ASSERT_EQUAL(street.built, 1);
	CU_ASSERT_EQUAL(street.houses[2].n, 1);
	CU_ASSERT_EQUAL(street.houses[3].n, 2);
	sim_engine_send(street.engine, 3, 0, 4, 0, 0);
	CU_ASSERT_EQUAL(sim_engine_run(street.engine, SIM_NEVER, NULL), SIM_END_IDLE);
	CU_ASSERT_EQUAL(street.built, 2);
	CU_ASSERT_EQUAL(street.houses[0].n, 1);
	CU_ASSERT_EQUAL(sim_engine_handled(street.engine), 4);
	sim_engine_free(street.engine);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"order", test_order},           {"limit", test_limit},     {"stop", test_stop},
	    {"drain", test_drain},           {"timers", test_timers},   {"fingerprint", test_fingerprint},
	    {"built late", test_built_late}, {"fetched", test_fetched}, {NULL, NULL},
	};

	return suite_run("engine", cases);
}
