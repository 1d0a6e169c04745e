/* Result files of OMNeT++ (text format 3, OMNeT++ Simulation Manual, "Result File Formats"), for its IDE and the
 * tools around it: of each finished run a CONFIG-VARIABLES#REPLICATION.sca with its statistics, and, where it has
 * series or quantiles, a .vec with them as vectors.
 *
 * Modules are MODEL, MODEL.server ..., and MODEL.flow.NAME for what is of one flow. A tally is a `statistic` with its
 * fields, its quantiles are scalars `assignment.latency:p99`; all else is a scalar `server.queue:mean`. In vectors of
 * quantiles, `assignment.latency:quantiles`, the share stands in place of the time. */
#ifndef SIM_STUDY_OMNETPP_H
#define SIM_STUDY_OMNETPP_H

#include "sim/study/archive.h"

/* The texts of one finished run; g_string_free. */
GString *sim_omnetpp_scalars(const struct sim_archive *archive, const struct sim_archive_run *run);
GString *sim_omnetpp_vectors(const struct sim_archive *archive, const struct sim_archive_run *run);

/* Writes the files of all finished runs into `folder`, which is created, parents included; *n is how many runs that
 * were. False with *error of G_FILE_ERROR. */
bool sim_omnetpp_write(const struct sim_archive *archive, const char *folder, guint *n, GError **error);

#endif
