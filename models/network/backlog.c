#include "models/network/backlog.h"

#include <assert.h>
#include <glib.h>

void backlog_clear(struct backlog *backlog)
{
	g_free(backlog->starts);
	*backlog = (struct backlog){0};
}

uint32_t backlog_at(struct backlog *backlog, sim_time now)
{
	while (backlog->n > 0 && backlog->starts[backlog->first] <= now) {
		backlog->first = (backlog->first + 1) % backlog->room;
		backlog->n--;
	}
	return backlog->n;
}

/* Twice the room; what had wrapped around follows behind. */
static void grow(struct backlog *backlog)
{
	uint32_t room = MAX(2 * backlog->room, 8);

	assert(room > backlog->room);
	backlog->starts = g_renew(sim_time, backlog->starts, room);
	for (uint32_t i = 0; i < backlog->first; i++)
		backlog->starts[backlog->room + i] = backlog->starts[i];
	backlog->room = room;
}

void backlog_add(struct backlog *backlog, sim_time start)
{
	if (backlog->n == backlog->room)
		grow(backlog);
	backlog->starts[(backlog->first + backlog->n++) % backlog->room] = start;
}
