#include "models/nodes/server_queue.h"

#include <assert.h>
#include <glib.h>

enum { SIZE_AT_FIRST = 16 };

void server_queue_init(struct server_queue *queue, const struct server_queue_rules *rules)
{
	*queue = (struct server_queue){.rules = *rules};
}

void server_queue_clear(struct server_queue *queue)
{
	g_free(queue->ring);
	queue->ring = NULL;
	queue->size = queue->n = 0;
}

bool server_queue_full(const struct server_queue *queue)
{
	return queue->rules.limited && queue->n >= queue->rules.limit;
}

static struct server_waiting *at(const struct server_queue *queue, uint32_t i)
{
	return &queue->ring[(queue->first + i) & (queue->size - 1)];
}

static void grow(struct server_queue *queue)
{
	uint32_t size = queue->size > 0 ? 2 * queue->size : SIZE_AT_FIRST;
	struct server_waiting *ring = g_new(struct server_waiting, size);

	for (uint32_t i = 0; i < queue->n; i++)
		ring[i] = *at(queue, i);
	g_free(queue->ring);
	queue->ring = ring;
	queue->size = size;
	queue->first = 0;
}

void server_queue_push(struct server_queue *queue, const struct server_waiting *waiting)
{
	assert(!server_queue_full(queue));
	if (queue->n == queue->size)
		grow(queue);
	if (queue->n == 0)
		queue->filled = waiting->since;
	*at(queue, queue->n++) = *waiting;
}

bool server_queue_drop(struct server_queue *queue, struct server_waiting *waiting)
{
	if (queue->n == 0)
		return false;
	*waiting = *at(queue, 0);
	queue->first = (queue->first + 1) & (queue->size - 1);
	queue->n--;
	return true;
}

/* For how long one may have waited when its turn comes. */
static sim_time patience(const struct server_queue *queue, sim_time now)
{
	const struct server_queue_rules *rules = &queue->rules;

	if (rules->order != SERVER_CODEL)
		return SIM_NEVER;
	return now - queue->filled > rules->interval ? rules->target : rules->interval;
}

enum server_turn server_queue_pop(struct server_queue *queue, sim_time now, struct server_waiting *waiting)
{
	sim_time longest = patience(queue, now);

	if (queue->n == 0)
		return TURN_NOBODY;
	if (queue->rules.order == SERVER_LIFO)
		*waiting = *at(queue, --queue->n);
	else
		server_queue_drop(queue, waiting);
	return now - waiting->since > longest || now >= waiting->until ? TURN_GIVE_UP : TURN_SERVE;
}
