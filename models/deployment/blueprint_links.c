#include "models/deployment/blueprint_links.h"

#include <string.h>

static void override(struct hop_figures *f, const struct sim_values *v, const char *leg)
{
	g_autofree char *latency = g_strconcat(leg, ".latency", NULL), *rate = g_strconcat(leg, ".rate", NULL),
			*loss = g_strconcat(leg, ".loss", NULL), *mtu = g_strconcat(leg, ".mtu", NULL),
			*overhead = g_strconcat(leg, ".overhead", NULL);

	if (sim_value(v, latency)->set)
		f->latency = sim_value(v, latency)->variate;
	if (sim_value(v, rate)->set)
		f->rate = sim_value(v, rate)->number;
	if (sim_value(v, loss)->set)
		f->loss = sim_value(v, loss)->number;
	if (sim_value(v, mtu)->set)
		f->mtu = (uint32_t)sim_value(v, mtu)->count;
	if (sim_value(v, overhead)->set)
		f->overhead = (uint32_t)sim_value(v, overhead)->count;
}

/* The value of fault.LEG.NAME. */
static const struct sim_value *fault(const struct sim_values *v, const char *leg, const char *name)
{
	g_autofree char *key = g_strconcat("fault.", leg, ".", name, NULL);

	return sim_value(v, key);
}

/* A shorter interval and duration than this on average are a mistake in a unit, and would take for ever. */
static bool check_outages(const struct outage_figures *outages, const struct sim_values *v, const char *leg,
			  GError **error)
{
	g_autofree char *key = g_strconcat("fault.", leg, ".outage-interval", NULL);

	if (!outages->any ||
	    sim_variate_mean(&outages->interval) + sim_variate_mean(&outages->duration) >= (double)SIM_MS)
		return true;
	sim_value_complain(v, key, error,
			   "with fault.%s.outage-duration gives more than 1000 outages a second: raise one of them",
			   leg);
	return false;
}

static bool read_faults(struct hop_faults *faults, const struct sim_values *v, const char *leg, GError **error)
{
	const struct sim_value *limit = fault(v, leg, "queue-limit"), *interval = fault(v, leg, "outage-interval");

	*faults = (struct hop_faults){
	    .duplication = fault(v, leg, "duplication")->number,
	    .reordering = fault(v, leg, "reordering")->number,
	    .reordering_delay = fault(v, leg, "reordering-delay")->variate,
	    .queue_limited = limit->set,
	    .queue_limit = (uint32_t)limit->count,
	    .outages = {interval->set, interval->variate, fault(v, leg, "outage-duration")->variate},
	};
	return check_outages(&faults->outages, v, leg, error);
}

/* Bursts depend on the other figures: on the loss that there is, and on the time that a full fragment takes. */
static bool read_burst(struct hop_figures *f, const struct sim_values *v, const char *leg, GError **error)
{
	g_autofree char *key = g_strconcat(leg, ".burst", NULL);
	double mean = sim_value(v, key)->number;

	if (burst_possible(f->loss, mean)) {
		f->burst = burst_of(f->loss, mean, hop_step(f));
		return true;
	}
	double most = (double)(int64_t)(mean / (mean + 1) * 1e6) / 1e4; /* per cent, rounded down */

	sim_value_complain(v, key, error,
			   "a loss of %.15g%% cannot come in bursts of %.15g on average, for something has to arrive "
			   "between two of them: lower %s.loss to %.15g%%, or raise %s.burst",
			   f->loss * 100, mean, leg, most, leg);
	return false;
}

static struct sim_mix copy_mix(const struct sim_mix *mix)
{
	struct sim_mix copy = {g_new0(struct sim_mix_part, mix->n), mix->n};

	for (size_t i = 0; i < mix->n; i++)
		copy.parts[i] = (struct sim_mix_part){g_strdup(mix->parts[i].name), mix->parts[i].share};
	return copy;
}

void blueprint_free_mix(struct sim_mix *mix)
{
	for (size_t i = 0; i < mix->n; i++)
		g_free(mix->parts[i].name);
	g_free(mix->parts);
}

bool blueprint_read_mix(struct sim_mix *mix, const struct sim_values *v, const char *key, const char *const *names,
			GError **error)
{
	const struct sim_value *value = sim_value(v, key);

	if (!value->set)
		return true;
	for (size_t i = 0; i < value->mix.n; i++) {
		const char *name = value->mix.parts[i].name;

		if (g_strv_contains(names, name))
			continue;
		const char *nearest = sim_nearest(name, names);
		g_autofree char *all = g_strjoinv(", ", (char **)(guintptr)names);

		sim_value_complain(v, key, error, "`%s` is unknown%s%s%s; there are %s", name,
				   nearest != NULL ? ": did you mean `" : "", nearest != NULL ? nearest : "",
				   nearest != NULL ? "`?" : "", all);
		return false;
	}
	*mix = copy_mix(&value->mix);
	return true;
}

static bool read_hop(struct hop_figures *f, const struct sim_values *v, const char *leg,
		     const struct hop_faults *faults, GError **error)
{
	override(f, v, leg);
	f->faults = *faults;
	return read_burst(f, v, leg, error);
}

bool blueprint_read_links(struct blueprint *b, enum leg leg, const struct sim_values *v, GError **error)
{
	static const char *const keys[LEGS] = {[LEG_PAN] = "pan", [LEG_WAN] = "wan"};
	enum link_leg link = leg == LEG_PAN ? LINK_PAN : LINK_WAN;
	struct blueprint_links *links = &b->links[leg];
	const char *const *names = link_preset_names(link);
	g_autofree char *profile = g_strconcat(keys[leg], ".profile", NULL);
	struct hop_faults faults;

	if (!blueprint_read_mix(&links->mix, v, profile, names, error))
		return false;
	if (leg == LEG_PAN && b->flow == FLOW_GATEWAY) /* no PAN, and its keys are not read */
		return true;
	if (!read_faults(&faults, v, keys[leg], error))
		return false;
	links->n = g_strv_length((char **)(guintptr)names);
	links->effective = g_new0(struct link_preset, links->n);
	for (guint i = 0; i < links->n; i++) {
		struct link_preset *preset = &links->effective[i];

		*preset = *link_preset_find(link, names[i]);
		if (!read_hop(&preset->up, v, keys[leg], &faults, error) ||
		    !read_hop(&preset->down, v, keys[leg], &faults, error))
			return false;
	}
	return true;
}

static const char *pick(const struct sim_mix *mix, double u)
{
	size_t i = 0;

	for (double below = mix->parts[0].share; i + 1 < mix->n && u >= below; below += mix->parts[i].share)
		i++;
	return mix->parts[i].name;
}

const struct link_preset *blueprint_link(const struct blueprint *b, enum leg leg, const char *name, double u)
{
	const struct blueprint_links *links = &b->links[leg];

	if (name == NULL)
		name = pick(&links->mix, u);
	for (guint i = 0; i < links->n; i++)
		if (strcmp(links->effective[i].name, name) == 0)
			return &links->effective[i];
	g_assert_not_reached();
}

const struct cost_profile *blueprint_class(const struct sim_mix *mix, const char *name, double u)
{
	return cost_profile_find(name != NULL ? name : pick(mix, u));
}
