/* The queue in front of the server's workers: orders, room, controlled delay, deadlines. */
#include "models/nodes/server_queue.h"
#include "tests/lib/suite.h"

static const struct server_queue_rules fifo, lifo = {.order = SERVER_LIFO},
					     codel = {.order = SERVER_CODEL, .target = 5, .interval = 100};

static void push(struct server_queue *q, uint32_t packet, sim_time now)
{
	server_queue_push(q, &(struct server_waiting){packet, now, SIM_NEVER});
}

/* The packet whose turn it is; negative: it is given up; 0: nobody. */
static int64_t pop(struct server_queue *q, sim_time now)
{
	struct server_waiting w;
	enum server_turn turn = server_queue_pop(q, now, &w);

	return turn == TURN_NOBODY ? 0 : turn == TURN_SERVE ? (int64_t)w.packet : -(int64_t)w.packet;
}

/* 1000 in, one out for every two in, then the rest: the ring grows while it is in use. */
static void test_order(void)
{
	struct server_queue q;
	int64_t next = 1;

	server_queue_init(&q, &fifo);
	CU_ASSERT_EQUAL(pop(&q, 0), 0);
	for (uint32_t i = 1; i <= 1000; i++) {
		push(&q, i, i);
		if (i % 2 == 0)
			CU_ASSERT_EQUAL(pop(&q, i), next++);
	}
	CU_ASSERT_EQUAL(q.n, 500);
	while (q.n > 0)
		CU_ASSERT_EQUAL(pop(&q, 5000), next++);
	CU_ASSERT_EQUAL(next, 1001);
	server_queue_clear(&q);

	server_queue_init(&q, &lifo);
	for (uint32_t i = 1; i <= 100; i++)
		push(&q, i, i);
	for (int64_t i = 100; i > 50; i--)
		CU_ASSERT_EQUAL(pop(&q, 200), i);
	struct server_waiting oldest;

	CU_ASSERT_TRUE(server_queue_drop(&q, &oldest) && oldest.packet == 1 && oldest.since == 1);
	CU_ASSERT_EQUAL(pop(&q, 200), 50);
	server_queue_clear(&q);
}

static void test_room(void)
{
	static const struct server_queue_rules two = {.limited = true, .limit = 2}, none = {.limited = true};
	struct server_queue q;

	server_queue_init(&q, &two);
	push(&q, 1, 0);
	CU_ASSERT_FALSE(server_queue_full(&q));
	push(&q, 2, 0);
	CU_ASSERT_TRUE(server_queue_full(&q));
	CU_ASSERT_EQUAL(pop(&q, 0), 1);
	CU_ASSERT_FALSE(server_queue_full(&q));
	server_queue_clear(&q);
	server_queue_init(&q, &none);
	CU_ASSERT_TRUE(server_queue_full(&q));
	server_queue_clear(&q);
}

/* One may wait for the interval, and only for the target once the queue has stood for longer than the interval. */
static void test_controlled_delay(void)
{
	struct server_queue q;

	server_queue_init(&q, &codel);
	push(&q, 1, 0);
	CU_ASSERT_EQUAL(pop(&q, 100), 1); /* the queue has not stood for longer yet */
	push(&q, 2, 200);
	push(&q, 3, 250);
	push(&q, 4, 299);
	push(&q, 5, 300);
	push(&q, 6, 303);
	CU_ASSERT_EQUAL(pop(&q, 300), 2);
	CU_ASSERT_EQUAL(pop(&q, 305), -3);
	CU_ASSERT_EQUAL(pop(&q, 305), -4); /* 6 */
	CU_ASSERT_EQUAL(pop(&q, 305), 5);  /* 5 */
	CU_ASSERT_EQUAL(pop(&q, 306), 6);
	CU_ASSERT_EQUAL(pop(&q, 306), 0);
	push(&q, 7, 310); /* it has been empty: the interval again */
	CU_ASSERT_EQUAL(pop(&q, 400), 7);
	push(&q, 8, 500);
	CU_ASSERT_EQUAL(pop(&q, 601), -8);
	server_queue_clear(&q);
}

/* At its deadline nobody waits for it any more; in any order. */
static void test_deadlines(void)
{
	static const struct server_queue_rules *const orders[] = {&fifo, &lifo, &codel};

	for (int i = 0; i < 3; i++) {
		struct server_queue q;

		server_queue_init(&q, orders[i]);
		server_queue_push(&q, &(struct server_waiting){1, 0, 2});
		CU_ASSERT_EQUAL(pop(&q, 1), 1);
		server_queue_push(&q, &(struct server_waiting){1, 0, 2});
		CU_ASSERT_EQUAL(pop(&q, 2), -1);
		server_queue_clear(&q);
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"order", test_order},
	    {"room", test_room},
	    {"controlled delay", test_controlled_delay},
	    {"deadlines", test_deadlines},
	    {0},
	};

	return suite_run("server_queue", cases);
}
