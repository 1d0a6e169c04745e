#include "models/protocol/keyring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The entity's, with room for the sets of `n` pending keys. */
static struct cpns_keyring *ring_for(struct cpns_entity *entity, uint32_t n)
{
	struct cpns_keyring *ring = entity->keyring;
	uint32_t before = ring != NULL ? ring->room : 0, room = n > before ? n : before;

	if (ring != NULL && room == before)
		return ring;
	entity->keyring = realloc(ring, sizeof(*ring) + room * sizeof(ring->pending[0]));
	if (entity->keyring == NULL)
		abort();
	if (ring == NULL)
		*entity->keyring = (struct cpns_keyring){0};
	memset(&entity->keyring->pending[before], 0, (room - before) * sizeof(ring->pending[0]));
	entity->keyring->room = room;
	return entity->keyring;
}

/* Where the set of that pending key hangs; NULL: nowhere, it is single. */
static struct cpns_key_set *pending_set(const struct cpns_entity *entity, uint32_t slot)
{
	return entity->keyring != NULL && slot < entity->keyring->room ? &entity->keyring->pending[slot] : NULL;
}

static void drop_set(struct cpns_keyring *ring, struct cpns_key_set *set)
{
	if (set->chain == NULL)
		return;
	ring->cells -= cpns_chain_cells(set->chain);
	cpns_chain_free(set->chain);
	*set = (struct cpns_key_set){0};
}

/* The sets of the oldest `n` pending keys are no more. */
static void drop_sets(struct cpns_keyring *ring, unsigned n)
{
	if (ring == NULL)
		return;
	for (uint32_t i = 0; i < n && i < ring->room; i++)
		drop_set(ring, &ring->pending[i]);
	for (uint32_t i = 0; i < ring->room; i++)
		ring->pending[i] = n < ring->room - i ? ring->pending[i + n] : (struct cpns_key_set){0};
}

/* The oldest `n` pending keys are no more. */
static void drop_pending(struct cpns_entity *entity, unsigned n)
{
	uint8_t(*pending)[CPNS_HASH] = cpns_entity_pending(entity);

	assert(n <= entity->n_pending);
	entity->n_pending = (uint8_t)(entity->n_pending - n);
	memmove(pending[0], pending[n], entity->n_pending * sizeof(pending[0]));
	drop_sets(entity->keyring, n);
}

/* Makes room for another key: the first finds it in the record itself. */
static void grow_keys(struct cpns_entity *entity)
{
	unsigned n = (unsigned)entity->keyed + entity->n_pending;

	if (!entity->apart && n == 0)
		return;
	uint8_t(*grown)[CPNS_HASH] = realloc(entity->apart ? entity->keys : NULL, (n + 1) * sizeof(grown[0]));

	if (grown == NULL)
		abort();
	if (!entity->apart)
		memcpy(grown, entity->room, CPNS_HASH);
	entity->keys = grown;
	entity->apart = true;
}

static void append_pending(struct cpns_entity *entity, const uint8_t key[CPNS_HASH])
{
	grow_keys(entity);
	memcpy(cpns_entity_pending(entity)[entity->n_pending++], key, CPNS_HASH);
}

static void put_current(struct cpns_entity *entity, const uint8_t key[CPNS_HASH])
{
	if (!entity->keyed) {
		grow_keys(entity);
		uint8_t(*keys)[CPNS_HASH] = cpns_entity_keys(entity);

		memmove(keys[1], keys[0], entity->n_pending * sizeof(keys[0]));
		entity->keyed = true;
	}
	memcpy(cpns_entity_keys(entity)[0], key, CPNS_HASH);
}

/* Where the set of the key that was added last hangs. */
static void keep_set(struct cpns_entity *entity, bool pending, struct cpns_chain *set)
{
	uint32_t slot = pending ? entity->n_pending - 1u : 0;
	struct cpns_keyring *ring = set != NULL ? ring_for(entity, pending ? slot + 1 : 0) : entity->keyring;
	struct cpns_key_set *place = pending ? pending_set(entity, slot) : ring != NULL ? &ring->current : NULL;

	if (place == NULL)
		return;
	drop_set(ring, place);
	if (set == NULL)
		return;
	*place = (struct cpns_key_set){set, 1};
	ring->cells += cpns_chain_cells(set);
	if (ring->cells > ring->cells_max)
		ring->cells_max = ring->cells;
}

unsigned cpns_keyring_add(struct cpns_entity *entity, bool pending, const uint8_t key[CPNS_HASH],
			  struct cpns_chain *set)
{
	unsigned dropped = pending && entity->n_pending == CPNS_PENDING_MAX;

	if (dropped > 0)
		drop_pending(entity, dropped);
	if (pending)
		append_pending(entity, key);
	else
		put_current(entity, key);
	keep_set(entity, pending, set);
	return dropped;
}

static const struct cpns_key_set *set_at(const struct cpns_entity *entity, const struct cpns_candidate *c)
{
	static const struct cpns_key_set single;

	if (entity->keyring != NULL && c->current)
		return &entity->keyring->current;
	const struct cpns_key_set *set = pending_set(entity, c->slot);

	return set != NULL && !c->current ? set : &single;
}

/* The first number to try in the key or set that *c points at; 0: none. */
static uint32_t first_index(const struct cpns_key_set *set, const struct cpns_chain_rules *rules,
			    const struct cpns_candidate *c)
{
	if (set->chain == NULL)
		return c->named <= 1 ? 1 : 0;
	uint32_t n = cpns_chain_length(set->chain), next = set->next;

	if (next > n && !c->spent)
		return 0;
	if (c->named == 0)
		return next <= n ? next : n;
	uint32_t apart = c->named > next ? c->named - next : next - c->named;

	return c->named <= n && apart <= rules->window ? c->named : 0;
}

/* The number to try after the one that was tried last; 0: none. */
static uint32_t later_index(const struct cpns_key_set *set, const struct cpns_chain_rules *rules,
			    const struct cpns_candidate *c)
{
	if (set->chain == NULL || c->named != 0 || c->index <= 1 || set->next - (c->index - 1) > rules->window)
		return 0;
	return c->index - 1;
}

/* Points *c at the next key or set; false: there is none. */
static bool next_slot(const struct cpns_entity *entity, struct cpns_candidate *c)
{
	if (!c->begun) {
		c->begun = true;
		c->slot = entity->n_pending;
	}
	if (c->current)
		return false;
	if (c->slot > 0) {
		c->slot--;
		return true;
	}
	c->current = true;
	return entity->keyed;
}

bool cpns_keyring_next(const struct cpns_entity *entity, struct cpns_work w, const struct cpns_chain_rules *rules,
		       struct cpns_octets id, struct cpns_candidate *c)
{
	uint32_t index = c->index != 0 ? later_index(set_at(entity, c), rules, c) : 0;

	while (index == 0) {
		if (!next_slot(entity, c))
			return false;
		index = first_index(set_at(entity, c), rules, c);
	}
	c->index = index;
	struct cpns_chain *chain = set_at(entity, c)->chain;

	if (chain != NULL && c->spent)
		cpns_chain_look(chain, w, id, index, c->key);
	else if (chain != NULL)
		cpns_chain_key(chain, w, id, index, c->key);
	else
		memcpy(c->key, cpns_entity_key(entity, c->current ? 0 : entity->keyed + c->slot), CPNS_HASH);
	return true;
}

/* A pending key is current from now on. */
static void confirm(struct cpns_entity *entity, unsigned slot)
{
	struct cpns_keyring *ring = entity->keyring;
	uint8_t(*keys)[CPNS_HASH] = cpns_entity_keys(entity), (*pending)[CPNS_HASH] = keys + entity->keyed;

	memmove(keys[0], pending[slot], CPNS_HASH);
	entity->n_pending = (uint8_t)(entity->n_pending - (slot + 1));
	memmove(keys[1], pending[slot + 1], entity->n_pending * sizeof(pending[0]));
	entity->keyed = true;
	if (ring != NULL) {
		struct cpns_key_set *set = pending_set(entity, slot);

		drop_set(ring, &ring->current);
		ring->current = set != NULL ? *set : (struct cpns_key_set){0};
		if (set != NULL)
			*set = (struct cpns_key_set){0};
	}
	drop_sets(ring, slot + 1);
}

const struct cpns_key_set *cpns_keyring_used(struct cpns_entity *entity, const struct cpns_candidate *candidate)
{
	if (!candidate->current)
		confirm(entity, candidate->slot);
	struct cpns_key_set *set = entity->keyring != NULL ? &entity->keyring->current : NULL;

	if (set == NULL || set->chain == NULL)
		return NULL;
	set->next = (candidate->index > set->next ? candidate->index : set->next) + 1;
	return set;
}

bool cpns_keyring_find(const struct cpns_entity *entity, struct cpns_work w, const struct cpns_chain_rules *rules,
		       const struct cpns_held *held, struct cpns_candidate *found)
{
	*found = (struct cpns_candidate){.named = held->index, .spent = true};
	while (held->eukey != NULL && cpns_keyring_next(entity, w, rules, held->id, found))
		if (memcmp(found->key, held->eukey, CPNS_HASH) == 0)
			return true;
	return false;
}

bool cpns_entity_has(const struct cpns_entity *entity, const uint8_t eukey[CPNS_HASH])
{
	for (unsigned i = 0; i < (unsigned)entity->keyed + entity->n_pending; i++)
		if (memcmp(cpns_entity_key(entity, i), eukey, CPNS_HASH) == 0)
			return true;
	return false;
}

bool cpns_keyring_agrees(const struct cpns_entity *entity, struct cpns_work w, const struct cpns_chain_rules *rules,
			 const struct cpns_held *held)
{
	struct cpns_candidate found;

	if (held->eukey == NULL)
		return !entity->keyed;
	if (entity->keyring == NULL) /* single keys alone, number 1 each */
		return held->index <= 1 && cpns_entity_has(entity, held->eukey);
	return cpns_keyring_find(entity, w, rules, held, &found);
}

void cpns_keyring_clear(struct cpns_entity *entity)
{
	struct cpns_keyring *ring = entity->keyring;

	if (ring != NULL) {
		drop_set(ring, &ring->current);
		for (uint32_t i = 0; i < ring->room; i++)
			drop_set(ring, &ring->pending[i]);
	}
	free(ring);
	entity->keyring = NULL;
	if (entity->apart)
		free(entity->keys);
	entity->apart = false;
	entity->keyed = false;
	entity->n_pending = 0;
}
