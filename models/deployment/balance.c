/* The balances of a run, checked exactly in every replication. */
#include "models/deployment/parts.h"

void balance_visit(void *context, const struct sim_event *event)
{
	struct in_flight *f = context;

	if (f->d->server.keys != NULL && key_store_drained(f->d->server.keys, event)) {
		f->others++;
		return;
	}
	f->others += event->kind != EVENT_FROM_PAN && event->kind != EVENT_FROM_WAN && event->kind != EVENT_RESTART;
	switch (event->kind) {
	case EVENT_FROM_PAN:
		f->on[LEG_PAN]++;
		break;
	case EVENT_FROM_WAN:
		f->on[LEG_WAN]++;
		break;
	case EVENT_SEND_UP:
	case EVENT_SEND_DOWN:
	case EVENT_LEAVE:
	case EVENT_INSIDE:
		break;
	case EVENT_DONE:
		if (event->payload == 0)
			return;
		break;
	default:
		return;
	}
	packet_release(&f->d->world.packets, event->payload);
}

static bool unbalanced(GError **error, const char *what, uint64_t left, uint64_t right)
{
	g_set_error(error, DEPLOYMENT_ERROR, 0,
		    "balance broken: %s: %" G_GUINT64_FORMAT " against %" G_GUINT64_FORMAT, what, left, right);
	return false;
}

/* Every assignment, and every use, is completed, failed or censored; counted from what the nodes said, not from what
 * is left over. */
static bool check_assignments(const struct deployment *d, GError **error)
{
	const GArray *all = d->world.ledger.assignments;
	uint64_t started = 0, states[3] = {0};

	for (uint32_t i = 0; i < d->n_devices; i++)
		started += d->users.devices[i].started + (d->wakings != NULL ? d->wakings[i].uses : 0);
	for (guint i = 0; i < all->len; i++)
		states[g_array_index(all, struct assignment, i).state]++;
	if (started != states[ASSIGNMENT_OPEN] + states[ASSIGNMENT_COMPLETED] + states[ASSIGNMENT_FAILED])
		return unbalanced(error, "assignments and uses started, and completed + failed + censored", started,
				  all->len);
	if (d->end == SIM_END_IDLE && states[ASSIGNMENT_OPEN] != 0)
		return unbalanced(error, "assignments open although nothing is left to do", states[ASSIGNMENT_OPEN],
				  0);
	return true;
}

/* Whoever is said to work on an assignment does; otherwise it would never end, and its device would be busy for ever.
 */
static bool check_workers(const struct deployment *d, GError **error)
{
	const GArray *all = d->world.ledger.assignments;

	for (guint i = 0; i < all->len; i++) {
		const struct assignment *a = &g_array_index(all, struct assignment, i);

		if (a->over)
			continue;
		const struct device *dev = &d->world.devices[a->device];
		const struct household *h = d->households[dev->gateway];
		bool is_pne = dev->pne != CPNS_GW_SELF;
		const struct gw_slot *slot = h == NULL ? NULL : is_pne ? &h->gw.slots[dev->pne] : &h->gw.self;
		const struct pne_node *pne = h != NULL && is_pne ? nodes_up_of(h->members[dev->pne]) : NULL;
		bool by_gateway = slot != NULL && slot->assignment == i && cpns_gw_active(&h->gw.machine, dev->pne);
		bool by_pne = pne != NULL && (a->use ? d->wakings[a->device].use == i && cpns_pne_using(&pne->machine)
						     : pne->assignment == i && cpns_pne_active(&pne->machine));

		if (((a->workers & WORKER_GATEWAY) != 0) == by_gateway && ((a->workers & WORKER_PNE) != 0) == by_pne)
			continue;
		g_set_error(error, DEPLOYMENT_ERROR, 0,
			    "balance broken: assignment %u: workers noted %u, PN GW %d, PNE %d", i, a->workers,
			    by_gateway, by_pne);
		return false;
	}
	return true;
}

bool balance_check(struct deployment *d, const struct in_flight *flight, GError **error)
{
	static const char *const legs[LEGS] = {
	    [LEG_PAN] = "messages sent on the PAN and copies made there, and delivered + lost + in flight",
	    [LEG_WAN] = "messages sent on the WAN and copies made there, and delivered + lost + in flight"};
	struct ledger *ledger = &d->world.ledger;
	const struct sim_pool *pool = d->world.packets.pool, *counts = d->world.counts.pool;

	for (int leg = 0; leg < LEGS; leg++) {
		uint64_t sent = ledger->put[leg] + ledger->made[leg];
		uint64_t there = ledger->taken[leg] + ledger->lost[leg] + flight->on[leg];

		if (sent != there)
			return unbalanced(error, legs[leg], sent, there);
	}
	uint64_t ended =
	    ledger->server[SERVER_SERVED] + ledger->server[SERVER_REJECTED] + ledger->server[SERVER_SHED];

	if (ledger->server[SERVER_OFFERED] != ended + flight->at_server)
		return unbalanced(error,
				  "messages offered to the server, and served + rejected + shed + held at the end",
				  ledger->server[SERVER_OFFERED], ended + flight->at_server);
	if (sim_pool_taken(pool) != sim_pool_released(pool))
		return unbalanced(error, "packets created and destroyed", sim_pool_taken(pool),
				  sim_pool_released(pool));
	if (d->end == SIM_END_IDLE && sim_pool_taken(counts) != sim_pool_released(counts))
		return unbalanced(error, "counts of messages begun and ended", sim_pool_taken(counts),
				  sim_pool_released(counts));
	if (sim_occupancy_integral(ledger->queue) != sim_occupancy_stays(ledger->queue))
		return unbalanced(error, "integral of the server's queue and sum of the stays in it, ns",
				  (uint64_t)sim_occupancy_integral(ledger->queue),
				  (uint64_t)sim_occupancy_stays(ledger->queue));
	if (d->server.keys != NULL && !key_store_balances(d->server.keys, error))
		return false;
	return check_workers(d, error) && check_assignments(d, error);
}
