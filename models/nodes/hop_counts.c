#include "models/nodes/hop_counts.h"

enum {
	LATE = 0x8000
}; /* attempts from here on belong to messages of an assignment that has been followed by another */

/* Which message of its kind is this? */
static uint16_t count(struct hop_counts *counts, uint32_t assignment, uint8_t type)
{
	if (assignment < counts->assignment)
		return (uint16_t)(LATE | counts->late++);
	if (assignment > counts->assignment)
		*counts = (struct hop_counts){.assignment = assignment, .late = counts->late};
	return counts->count[cpns_type_slot((enum cpns_type)type)]++;
}

struct sim_address hop_address(struct world *world, struct hop_counts *counts, enum purpose purpose, uint64_t gateway,
			       struct packet *packet)
{
	const struct assignment *a = ledger_at(&world->ledger, packet->assignment);

	packet->attempt = count(counts, packet->assignment, packet->type);
	return (struct sim_address){
	    .entity = gateway,
	    .item = world->devices[a->device].number,
	    .ordinal = a->ordinal,
	    .attempt = packet->attempt,
	    .purpose = (uint8_t)purpose,
	    .type = packet->type,
	};
}
