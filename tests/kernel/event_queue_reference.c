/* The second body of event_queue.h: a binary heap, to be obviously right. */
#include "sim/kernel/event_queue.h"

#include <assert.h>
#include <glib.h>

struct sim_event_queue {
	GArray *heap; /* of struct sim_event; no event is before its parent at (i - 1) / 2 */
	size_t peak;
	sim_time now;
};

static struct sim_event *at(const struct sim_event_queue *queue, guint i)
{
	return &g_array_index(queue->heap, struct sim_event, i);
}

static bool before(const struct sim_event *a, const struct sim_event *b)
{
	if (a->time != b->time)
		return a->time < b->time;
	if (a->sender != b->sender)
		return a->sender < b->sender;
	return a->seq < b->seq;
}

static void swap(struct sim_event *a, struct sim_event *b)
{
	struct sim_event c = *a;

	*a = *b;
	*b = c;
}

struct sim_event_queue *sim_event_queue_new(void)
{
	struct sim_event_queue *queue = g_new0(struct sim_event_queue, 1);

	queue->heap = g_array_new(FALSE, FALSE, sizeof(struct sim_event));
	return queue;
}

void sim_event_queue_free(struct sim_event_queue *queue)
{
	if (queue == NULL)
		return;
	g_array_free(queue->heap, TRUE);
	g_free(queue);
}

void sim_event_queue_push(struct sim_event_queue *queue, const struct sim_event *event)
{
	assert(event->time >= queue->now);
	guint i = queue->heap->len;

	g_array_append_val(queue->heap, *event);
	for (; i > 0 && before(at(queue, i), at(queue, (i - 1) / 2)); i = (i - 1) / 2)
		swap(at(queue, i), at(queue, (i - 1) / 2));
	queue->peak = MAX(queue->peak, queue->heap->len);
}

bool sim_event_queue_pop(struct sim_event_queue *queue, sim_time limit, struct sim_event *out)
{
	guint i = 0, n = queue->heap->len;

	if (n == 0 || at(queue, 0)->time > limit)
		return false;
	*out = *at(queue, 0);
	queue->now = out->time;
	*at(queue, 0) = *at(queue, --n);
	g_array_set_size(queue->heap, n);
	for (;;) {
		guint least = i;

		for (guint child = 2 * i + 1; child <= 2 * i + 2 && child < n; child++)
			if (before(at(queue, child), at(queue, least)))
				least = child;
		if (least == i)
			return true;
		swap(at(queue, i), at(queue, least));
		i = least;
	}
}

bool sim_event_queue_hint(const struct sim_event_queue *queue, size_t skip, struct sim_coming *coming)
{
	(void)queue;
	(void)skip;
	(void)coming;
	return false;
}

size_t sim_event_queue_size(const struct sim_event_queue *queue)
{
	return queue->heap->len;
}

size_t sim_event_queue_peak(const struct sim_event_queue *queue)
{
	return queue->peak;
}

const char *sim_event_queue_kind(void)
{
	return "reference";
}
