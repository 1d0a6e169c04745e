/* The key store kept in memory, without contention: users and entities by their IDs. */
#ifndef CPNS_STORE_MEMORY_H
#define CPNS_STORE_MEMORY_H

#include "models/protocol/store.h"

struct memory_store;

/* An empty store, the caller's to free with all its records. IDs given to it must outlive it, except those of records
 * that the server machine creates: these it copies. */
struct memory_store *memory_store_new(void);
void memory_store_free(struct memory_store *store);

/* What to lend to a server machine; lives as long as the store. */
const struct cpns_store *memory_store_interface(const struct memory_store *store);

/* Puts a user or an entity in place, as provisioning would have; the ID must be new (asserted). */
struct cpns_user *memory_store_add_user(struct memory_store *store, struct cpns_octets id);
struct cpns_entity *memory_store_add_entity(struct memory_store *store, struct cpns_octets id);

/* Entities are numbered from 1 in the order in which they are added. The number of the next one; the one of a number,
 * which there must be. */
uint32_t memory_store_next_entity(const struct memory_store *store);
const struct cpns_entity *memory_store_entity(const struct memory_store *store, uint32_t number);

/* An entity's record is needed soon: asks for its memory, or for that by which it is found. */
void memory_store_fetch_number(const struct memory_store *store, uint32_t number);
void memory_store_fetch_id(const struct memory_store *store, struct cpns_octets id);

#endif
