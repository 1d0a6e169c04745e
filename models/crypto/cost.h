/* Cost profiles: what the operations of a protocol machine cost on a class of device. The classes and their figures
 * are data (topologies/profiles/devices.csv), with a source per figure. */
#ifndef CPNS_CRYPTO_COST_H
#define CPNS_CRYPTO_COST_H

#include <stddef.h>
#include <stdint.h>

#include "models/protocol/env.h"
#include "sim/kernel/vtime.h"

struct cost_profile;

/* The profile of a device class by its name ("m4_80", "free", ...), or NULL. Never freed; read by several threads. */
const struct cost_profile *cost_profile_find(const char *name);

/* The names of all profiles, NULL-terminated, `free` first. */
const char *const *cost_profile_names(void);

const char *cost_profile_name(const struct cost_profile *profile);

/* Its place among those names, from 0: for accounts by class. */
uint32_t cost_profile_number(const struct cost_profile *profile);

/* CPU time of `ops` on that class: the sum of ns_per_op x count, rounded once to the nearest nanosecond. 0 for
 * `free`. */
sim_time cost_of(const struct cost_profile *profile, const struct cpns_ops *ops);

/* One line for people: the figures that matter (compression, PBKDF2 iteration, AES block) with their low and high,
 * and whether each is measured or derived. Never freed. */
const char *cost_profile_describe(const struct cost_profile *profile);

#endif
