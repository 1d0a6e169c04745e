#include "models/network/outage.h"

bool outage_at(struct outage *outage, const struct outage_figures *figures, const struct sim_random *random,
	       const struct sim_address *own, sim_time at)
{
	struct sim_address address = *own;

	while (outage->end <= at && at < SIM_HORIZON) {
		address.item = outage->next++;
		struct sim_stream stream = sim_stream_at(random, &address);

		outage->begin = outage->end + sim_variate_duration(&figures->interval, &stream);
		outage->end = outage->begin + sim_variate_duration(&figures->duration, &stream);
	}
	return at >= outage->begin && at < outage->end;
}
