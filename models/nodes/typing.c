#include "models/nodes/typing.h"

#include <string.h>

enum { PART_TYPO, PART_PAUSE };

static struct sim_stream stream_of(const struct world *world, uint32_t assignment, uint32_t try, uint16_t part)
{
	const struct assignment *a = ledger_at(&world->ledger, assignment);
	struct sim_address address = {.entity = world->devices[a->device].number,
				      .ordinal = a->ordinal,
				      .part = part,
				      .attempt = (uint16_t)try,
				      .purpose = PURPOSE_TYPING};

	return sim_stream_at(&world->random, &address);
}

/* The first character of its class, and how many the class has; none: 0. */
static uint8_t class_of(uint8_t c, uint8_t *first)
{
	*first = c >= 'a' ? 'a' : c >= 'A' ? 'A' : '0';
	if (c >= 'a')
		return c <= 'z' ? 26 : 0;
	if (c >= 'A')
		return c <= 'Z' ? 26 : 0;
	return c >= '0' && c <= '9' ? 10 : 0;
}

/* Another one of the class, each as likely. */
static uint8_t mistake(struct sim_stream *luck, uint8_t c)
{
	uint8_t first;
	uint64_t n = class_of(c, &first);

	return (uint8_t)(first + ((uint64_t)(c - first) + 1 + sim_stream_below(luck, n - 1)) % n);
}

bool typing_slips(const struct world *world, uint32_t assignment, uint32_t try, struct cpns_octets id,
		  uint8_t typed[CPNS_ID_MAX])
{
	struct sim_stream luck = stream_of(world, assignment, try, PART_TYPO);
	uint8_t places[CPNS_ID_MAX], first;
	unsigned n = 0;

	for (size_t i = 0; i < id.n; i++)
		if (class_of(id.at[i], &first) > 0)
			places[n++] = (uint8_t)i;
	if (sim_stream_unit(&luck) >= world->typing->typo || n == 0)
		return false;
	uint8_t place = places[sim_stream_below(&luck, n)];

	memcpy(typed, id.at, id.n);
	typed[place] = mistake(&luck, id.at[place]);
	return true;
}

sim_time typing_pause(const struct world *world, uint32_t assignment, uint32_t try)
{
	struct sim_stream luck = stream_of(world, assignment, try, PART_PAUSE);

	return sim_variate_duration(&world->typing->pause, &luck);
}
