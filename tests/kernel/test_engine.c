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

/* An event may find that it changes nothing: it is not counted. */
static bool change(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	unsigned *asked = state;

	(void)engine;
	++*asked;
	return event->kind != 0;
}

static void test_no_change(void)
{
	struct sim_engine *engine = sim_engine_new();
	struct sim_fingerprint expected = {{0, 0}};
	unsigned asked = 0;

	sim_engine_add(engine, change, &asked);
	for (uint8_t kind = 0; kind < 3; kind++)
		sim_engine_send(engine, 0, 0, 10 * kind, kind, 0);
	CU_ASSERT_EQUAL(sim_engine_run(engine, SIM_NEVER, NULL), SIM_END_IDLE);
	CU_ASSERT_EQUAL(asked, 3);
	CU_ASSERT_EQUAL(sim_engine_now(engine), 20);
	CU_ASSERT_EQUAL(sim_engine_handled(engine), 2);
	for (uint8_t kind = 1; kind < 3; kind++)
		sim_fingerprint_add(&expected, &(struct sim_event){.time = 10 * kind, .seq = kind, .kind = kind});
	CU_ASSERT_EQUAL(memcmp(&expected, sim_engine_fingerprint(engine), sizeof expected), 0);
	sim_engine_free(engine);
}

/* ---- timers ---- */

static bool same(const struct sim_event *a, const struct sim_event *b)
{
	return a->time == b->time && a->sender == b->sender && a->receiver == b->receiver && a->seq == b->seq &&
	       a->payload == b->payload && a->kind == b->kind && a->type == b->type && a->length == b->length;
}

/* What rings is what sim_engine_send would have sent, in the same order. */
static void test_timers(void)
{
	struct sim_engine *set = sim_engine_new(), *sent = sim_engine_new();
	struct diary by_timer = {.n = 0}, by_event = {.n = 0};
	static const sim_time at[] = {SIM_S, 0, 3600 * SIM_S, SIM_S, 150 * SIM_MS, 1, SIM_HORIZON - 1};

	for (unsigned i = 0; i < 2; i++) {
		sim_engine_add(set, note, &by_timer);
		sim_engine_add(sent, note, &by_event);
	}
	for (uint32_t i = 0; i < G_N_ELEMENTS(at); i++) {
		uint32_t timer = sim_engine_set_timer(set, i % 2, at[i], (uint8_t)i, 100 + i);

		CU_ASSERT_NOT_EQUAL(timer, 0);
		CU_ASSERT_EQUAL(sim_engine_timer_due(set, timer), at[i]);
		sim_engine_send(set, i % 2, 1 - i % 2, at[i], 50, i);
		sim_engine_send(sent, i % 2, i % 2, at[i], (uint8_t)i, 100 + i);
		sim_engine_send(sent, i % 2, 1 - i % 2, at[i], 50, i);
	}
	CU_ASSERT_EQUAL(sim_engine_run(set, SIM_NEVER, NULL), SIM_END_IDLE);
	CU_ASSERT_EQUAL(sim_engine_run(sent, SIM_NEVER, NULL), SIM_END_IDLE);
	CU_ASSERT_EQUAL(by_event.n, 2 * G_N_ELEMENTS(at));
	CU_ASSERT_EQUAL(by_timer.n, by_event.n);
	for (unsigned i = 0; i < by_event.n; i++)
		CU_ASSERT(same(&by_timer.seen[i], &by_event.seen[i]));
	CU_ASSERT_EQUAL(sim_engine_handled(set), by_event.n);
	CU_ASSERT_EQUAL(
	    memcmp(sim_engine_fingerprint(set), sim_engine_fingerprint(sent), sizeof(struct sim_fingerprint)), 0);
	sim_engine_free(set);
	sim_engine_free(sent);
}

/* One that was withdrawn wakes nobody, near or far, and is not waited for. */
static void test_withdrawn(void)
{
	struct sim_engine *engine = sim_engine_new();
	struct diary diary = {.n = 0}, left = {.n = 0};
	static const sim_time at[] = {5, 7, SIM_S, 3600 * SIM_S};
	uint32_t timers[G_N_ELEMENTS(at)];

	sim_engine_add(engine, note, &diary);
	sim_engine_send(engine, 0, 0, 6, 9, 0);
	for (unsigned i = 0; i < G_N_ELEMENTS(at); i++)
		timers[i] = sim_engine_set_timer(engine, 0, at[i], 1, i);
	for (unsigned i = 0; i < G_N_ELEMENTS(at); i++)
		sim_engine_withdraw_timer(engine, timers[i]);
	CU_ASSERT_EQUAL(sim_engine_run(engine, 6, NULL), SIM_END_IDLE);
	CU_ASSERT(diary.n == 1 && diary.seen[0].kind == 9);
	CU_ASSERT_EQUAL(sim_engine_handled(engine), 1);
	CU_ASSERT_EQUAL(sim_engine_now(engine), 6);

	for (unsigned i = 1; i < G_N_ELEMENTS(at); i++)
		timers[i] = sim_engine_set_timer(engine, 0, at[i], 1, i);
	for (unsigned i = 2; i < G_N_ELEMENTS(at); i++)
		sim_engine_withdraw_timer(engine, timers[i]);
	sim_engine_set_timer(engine, 0, 2 * SIM_S, 2, 77);
	sim_engine_drain(engine, visit, &left);
	CU_ASSERT(left.n == 2 && left.seen[0].time == 7 && left.seen[0].receiver == 0 && left.seen[0].payload == 1);
	CU_ASSERT(left.seen[1].time == 2 * SIM_S && left.seen[1].payload == 77);
	CU_ASSERT_EQUAL(sim_engine_run(engine, SIM_NEVER, NULL), SIM_END_IDLE);
	CU_ASSERT_EQUAL(diary.n, 1);
	sim_engine_free(engine);
}

/* Time stops at a limit before a timer, and goes on from there, also where nothing else is pending. */
static void test_timer_limit(void)
{
	struct sim_engine *engine = sim_engine_new();
	struct diary diary = {.n = 0};

	sim_engine_add(engine, note, &diary);
	uint32_t first = sim_engine_set_timer(engine, 0, 10 * SIM_S, 1, 0);

	CU_ASSERT_EQUAL(sim_engine_run(engine, 10 * SIM_S - 1, NULL), SIM_END_LIMIT);
	CU_ASSERT_EQUAL(sim_engine_now(engine), 10 * SIM_S - 1);
	sim_engine_withdraw_timer(engine, first);
	sim_engine_set_timer(engine, 0, 10 * SIM_S, 2, 0);
	sim_engine_set_timer(engine, 0, 20 * SIM_S, 3, 0);
	CU_ASSERT_EQUAL(sim_engine_run(engine, 10 * SIM_S, NULL), SIM_END_LIMIT);
	CU_ASSERT(diary.n == 1 && diary.seen[0].kind == 2);
	sim_engine_set_timer(engine, 0, 19 * SIM_S, 4, 0);
	CU_ASSERT_EQUAL(sim_engine_run(engine, SIM_NEVER, NULL), SIM_END_IDLE);
	CU_ASSERT(diary.n == 3 && diary.seen[1].kind == 4 && diary.seen[2].kind == 3);
	sim_engine_free(engine);
}

/* However far away they are due, timers become pending events when their time is near, and only then. */
static void test_far_timers(void)
{
	struct sim_engine *engine = sim_engine_new();
	struct diary diary = {.n = 0};
	enum { FAR = 100 };
	uint32_t far[FAR];

	sim_engine_add(engine, note, &diary);
	for (uint32_t i = 0; i < FAR; i++)
		far[i] = sim_engine_set_timer(engine, 0, 3600 * SIM_S + i, 1, i);
	sim_engine_set_timer(engine, 0, 1000 * SIM_S, 2, 0);
	for (uint32_t i = 1; i < 9; i++) /* in each round of the lists */
		sim_engine_set_timer(engine, 0, i * 100 * SIM_S, 3, i);
	CU_ASSERT_EQUAL(sim_engine_run(engine, 3599 * SIM_S, NULL), SIM_END_LIMIT);
	CU_ASSERT_EQUAL(diary.n, 9);
	CU_ASSERT_EQUAL(sim_engine_pending_peak(engine), 1);
	for (uint32_t i = 1; i < FAR; i++)
		sim_engine_withdraw_timer(engine, far[i]);
	CU_ASSERT_EQUAL(sim_engine_run(engine, SIM_NEVER, NULL), SIM_END_IDLE);
	CU_ASSERT(diary.n == 10 && diary.seen[9].time == 3600 * SIM_S);
	CU_ASSERT_EQUAL(sim_engine_pending_peak(engine), 1);
	sim_engine_free(engine);
}

/* Many timers, each of which is moved, withdrawn or let ring as chance has it: at every event no other one that is
 * set was to come before. */
enum { ALARMS = 40, RINGS = 20000, TICK = 1, RING };

struct alarm {
	uint32_t timer; /* 0: not set */
	uint32_t seq;
	sim_time due;
};

struct alarms {
	struct alarm all[ALARMS];
	uint32_t sent[ALARMS];
	unsigned rung, ticks, set, withdrawn;
	struct sim_stream luck;
};

/* Of two entities'. */
static bool earlier(const struct alarms *a, unsigned i, unsigned j)
{
	return a->all[i].due < a->all[j].due || (a->all[i].due == a->all[j].due && i < j);
}

static void touch(struct alarms *a, struct sim_engine *engine, unsigned i)
{
	struct alarm *alarm = &a->all[i];
	unsigned magnitude = (unsigned)sim_stream_below(&a->luck, 13); /* up to 300 s */
	static const sim_time units[] = {
	    0,     1,         1000,       SIM_MS,     10 * SIM_MS, 67 * SIM_MS, 134 * SIM_MS,
	    SIM_S, 2 * SIM_S, 10 * SIM_S, 30 * SIM_S, 60 * SIM_S,  300 * SIM_S};

	if (alarm->timer != 0) {
		sim_engine_withdraw_timer(engine, alarm->timer);
		alarm->timer = 0;
		a->withdrawn++;
	}
	if (sim_stream_below(&a->luck, 4) == 0)
		return;
	alarm->due = sim_engine_now(engine) + (sim_time)(sim_stream_unit(&a->luck) * (double)units[magnitude]);
	alarm->seq = a->sent[i]++;
	alarm->timer = sim_engine_set_timer(engine, i, alarm->due, RING, 1000 * i + alarm->seq % 1000);
	a->set++;
}

static bool ring(void *state, struct sim_engine *engine, const struct sim_event *event)
{
	struct alarms *a = state;
	unsigned me = event->receiver;

	if (event->kind == RING) {
		CU_ASSERT_FATAL(a->all[me].timer != 0);
		CU_ASSERT(event->time == a->all[me].due && event->seq == a->all[me].seq && event->sender == me);
		CU_ASSERT_EQUAL(event->payload, 1000 * me + event->seq % 1000);
		for (unsigned i = 0; i < ALARMS; i++)
			CU_ASSERT(i == me || a->all[i].timer == 0 || earlier(a, me, i));
		a->all[me].timer = 0;
		a->rung++;
	} else {
		for (unsigned i = 0; i < ALARMS; i++)
			CU_ASSERT(a->all[i].timer == 0 || a->all[i].due >= event->time);
		if (++a->ticks < RINGS)
			sim_engine_send(engine, me, me,
					event->time + (sim_time)(sim_stream_unit(&a->luck) * (double)SIM_S), TICK, 0);
		a->sent[me] += a->ticks < RINGS;
	}
	touch(a, engine, (unsigned)sim_stream_below(&a->luck, ALARMS));
	return true;
}

static void test_many_timers(void)
{
	struct sim_engine *engine = sim_engine_new();
	struct alarms a = {.sent = {1}};
	struct sim_random random = sim_random_of(7, 1);

	a.luck = sim_stream_at(&random, &(struct sim_address){.entity = 1});
	for (unsigned i = 0; i < ALARMS; i++)
		sim_engine_add(engine, ring, &a);
	sim_engine_send(engine, 0, 0, 0, TICK, 0);
	for (sim_time limit = SIM_S; limit < 1000 * SIM_S; limit += 7 * SIM_S)
		CU_ASSERT_EQUAL(sim_engine_run(engine, limit, NULL), SIM_END_LIMIT);
	CU_ASSERT_EQUAL(sim_engine_run(engine, SIM_NEVER, NULL), SIM_END_IDLE);
	for (unsigned i = 0; i < ALARMS; i++)
		CU_ASSERT_EQUAL(a.all[i].timer, 0);
	CU_ASSERT(a.rung > RINGS / 4 && a.withdrawn > RINGS / 4);
	CU_ASSERT_EQUAL(a.set, a.rung + a.withdrawn);
	CU_ASSERT_EQUAL(sim_engine_handled(engine), a.rung + a.ticks);
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
	    {"order", test_order},
	    {"limit", test_limit},
	    {"stop", test_stop},
	    {"drain", test_drain},
	    {"no change", test_no_change},
	    {"timers", test_timers},
	    {"withdrawn timers", test_withdrawn},
	    {"timers and a limit", test_timer_limit},
	    {"far timers", test_far_timers},
	    {"many timers", test_many_timers},
	    {"fingerprint", test_fingerprint},
	    {"built late", test_built_late},
	    {"fetched", test_fetched},
	    {NULL, NULL},
	};

	return suite_run("engine", cases);
}
