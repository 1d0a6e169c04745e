/* The key store kept in memory, without contention: users and entities by their IDs. */
#ifndef CPNS_STORE_MEMORY_H
#define CPNS_STORE_MEMORY_H

#include "models/protocol/store.h"

struct memory_store;

/* An empty store, the caller's to free with all its records. IDs given to it must outlive it, except those of records
 * that the server machine creates: these it copies. */
struct memory_store *memory_store_new(void);

/* The same with its records in the host's memory: `take` gives `n` octets of it, which outlive the store. */
struct memory_store *memory_store_new_in(void *(*take)(void *memory, size_t n), void *memory);
void memory_store_free(struct memory_store *store);

/* About so many (at most 2^30, asserted) will be there in all: makes room for them at once. */
void memory_store_reserve(struct memory_store *store, uint32_t users, uint32_t entities);

/* What to lend to a server machine; lives as long as the store. */
const struct cpns_store *memory_store_interface(const struct memory_store *store);

/* Puts a user or an entity in place, as provisioning would have; the ID must be new (asserted). */
struct cpns_user *memory_store_add_user(struct memory_store *store, struct cpns_octets id);
struct cpns_entity *memory_store_add_entity(struct memory_store *store, struct cpns_octets id);

/* An entity is looked for, or put in place, soon: asks for the memory of the place where it is entered. */
void memory_store_fetch_id(const struct memory_store *store, struct cpns_octets id);

#endif
