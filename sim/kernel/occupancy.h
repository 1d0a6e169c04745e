/* How full something is over time: a queue's length, the number of busy workers. Accounts in integers, so that they
 * can be checked exactly: the time integral of the level equals the sum of the stays, both clipped to the observation
 * window.
 *
 * The end of the window is not known while a run lasts: what happened after the end known so far is kept aside, and
 * folded in when the end moves on. */
#ifndef SIM_KERNEL_OCCUPANCY_H
#define SIM_KERNEL_OCCUPANCY_H

#include <stdint.h>

#include "sim/kernel/vtime.h"

struct sim_occupancy;

/* Level 0; the window begins at `begin`. The caller's to free. */
struct sim_occupancy *sim_occupancy_new(sim_time begin);
void sim_occupancy_free(struct sim_occupancy *occupancy);

/* The level is `level` from `now` on, which never goes back (asserted). */
void sim_occupancy_set(struct sim_occupancy *occupancy, sim_time now, uint64_t level);

/* One that entered at `from` has left at `to`. */
void sim_occupancy_stay(struct sim_occupancy *occupancy, sim_time from, sim_time to);

/* The window is now known to last at least until `end`. */
void sim_occupancy_extend(struct sim_occupancy *occupancy, sim_time end);

/* Over the window: the integral of the level (ns), its maximum, and the sum of the finished stays (ns). What is still
 * inside has been so since its own time: the caller adds the clipped stays of those. */
unsigned __int128 sim_occupancy_integral(const struct sim_occupancy *occupancy);
uint64_t sim_occupancy_max(const struct sim_occupancy *occupancy);
unsigned __int128 sim_occupancy_stays(const struct sim_occupancy *occupancy);

/* The integral of the level (ns) from time 0 to `now`, whatever the window; `now` is not before the last change
 * (asserted). */
unsigned __int128 sim_occupancy_until(const struct sim_occupancy *occupancy, sim_time now);

/* The part of a stay that lies in the window. */
sim_time sim_occupancy_clip(const struct sim_occupancy *occupancy, sim_time from, sim_time to);

#endif
