#include "models/deployment/blueprint.h"

#include <string.h>
#include <unistd.h>

#include "models/deployment/blueprint_chain.h"
#include "models/deployment/blueprint_links.h"
#include "models/deployment/blueprint_store.h"
#include "models/deployment/blueprint_workload.h"
#include "sim/study/record.h"

/* What a PNE and a PN GW take in memory, everything that hangs on them included: from the peak resident memory of
 * storms (real mode, 1 PBKDF2 iteration) over 300 000 PN GWs without PNEs (1 164 octets each), and over 1 000 000
 * PNEs behind 200 000 PN GWs (models/bench/city.ini: 733 a PNE, a fifth of a PN GW included), rounded up. */
enum { OCTETS_PER_PNE = 520, OCTETS_PER_GATEWAY = 1200 };

/* PNEs that this machine can hold beside so many PN GWs: said before its memory ends, for then it is too late to say
 * anything. Negative: not even the PN GWs. */
static double pnes_that_fit(int64_t gateways)
{
	double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);

	return (memory - (double)gateways * OCTETS_PER_GATEWAY) / OCTETS_PER_PNE;
}

/* ---- rules ---- */

/* A switch says for itself whether it is `word`, or leaves that to the profile. No two of them contradict each other:
 * the machines know every combination. */
static bool switched(const struct sim_values *v, const char *name, const char *word)
{
	return sim_value(v, name)->set ? sim_value_is(v, name, word)
				       : sim_value_is(v, "protocol.profile", "hardened");
}

static bool read_rules(struct cpns_rules *rules, const struct sim_values *v, GError **error)
{
	static const char realm[] = "cpns.example";

	*rules = (struct cpns_rules){
	    .stretched_password = switched(v, "protocol.password-hash", "pbkdf2"),
	    .mac_proof = switched(v, "protocol.proof", "mac"),
	    .response_freshness = switched(v, "protocol.response-freshness", "on"),
	    .ownership_check = switched(v, "protocol.ownership-check", "on"),
	    .notification_ack = switched(v, "protocol.notification-ack", "on"),
	    .notification_freshness = switched(v, "protocol.notification-freshness", "on"),
	    .two_phase_key = switched(v, "protocol.two-phase-key", "on"),
	    .challenge = sim_value_is(v, "protocol.digest", "challenge"),
	    .merged_trigger = sim_value_is(v, "protocol.merged-trigger", "on"),
	    .one_kek = sim_value_is(v, "protocol.kek", "one"),
	    .discovery = sim_value_is(v, "pne.entity-id", "discovered"),
	    .run_step_0 = sim_value_is(v, "protocol.mutual-authentication", "run"),
	    .session_lifetime = sim_value(v, "protocol.session-lifetime")->duration,
	    .lockout = (uint32_t)sim_value(v, "protocol.lockout")->count,
	    .realm = {(const uint8_t *)realm, sizeof(realm) - 1},
	    .iterations = (uint32_t)sim_value(v, "protocol.password-iterations")->count,
	    .timeout = sim_value(v, "protocol.timeout")->duration,
	    .installation_timeout = sim_value(v, "protocol.installation-timeout")->duration,
	    .backoff = sim_value(v, "protocol.backoff")->number,
	    .jitter = sim_value(v, "protocol.jitter")->number,
	    .retries = (uint32_t)sim_value(v, "protocol.retries")->count,
	    .retry_limited = sim_value(v, "protocol.retry-budget")->set,
	    .retry_budget = (uint32_t)(sim_value(v, "protocol.retry-budget")->number * 1e6 + 0.5),
	};
	if (rules->timeout <= 0)
		sim_value_complain(v, "protocol.timeout", error,
				   "must be more than 0s: nothing is answered in no time");
	else if (rules->run_step_0 && rules->session_lifetime <= 0)
		sim_value_complain(v, "protocol.session-lifetime", error,
				   "must be more than 0s: no session would ever be used");
	else
		return true;
	return false;
}

/* ---- topology ---- */

static bool read_shape(struct topology_shape *shape, const struct sim_values *v, GError **error)
{
	const struct sim_value *pnes = sim_value(v, "pnes-per-gateway");
	int64_t gateways = sim_value(v, "gateways")->count;
	double fitting = pnes_that_fit(gateways);

	if (fitting < 0) {
		sim_value_complain(v, "gateways", error,
				   "%" G_GINT64_FORMAT " do not fit into this machine's memory: lower it", gateways);
		return false;
	}
	*shape = (struct topology_shape){
	    .gateways = (uint32_t)gateways,
	    .ui = sim_value(v, "pne.ui")->number,
	    .secure = sim_value(v, "pan.secure")->number,
	    .smartcard = sim_value(v, "gateway.smartcard")->number,
	    .pnes_max = (uint32_t)MIN(fitting, 1e9),
	};
	if (pnes->set)
		shape->pnes_per_gateway = pnes->variate;
	return true;
}

/* Is there anyone on its PAN? */
static bool has_pan(const struct blueprint *b, const struct topology_gateway *gateway)
{
	for (uint32_t i = 0; i < gateway->n_pnes && blueprint_pnes_take_part(b); i++)
		if (!b->fixed->pnes[gateway->first_pne + i].inside)
			return true;
	return false;
}

/* A PN GW of a file that names no preset needs the scenario's. */
static bool check_presets(const struct blueprint *b, const struct sim_values *v, GError **error)
{
	for (uint32_t g = 0; g < b->fixed->n_gateways; g++) {
		const struct topology_gateway *gateway = &b->fixed->gateways[g];
		const char *missing = NULL;

		if (gateway->wan == NULL && b->links[LEG_WAN].mix.n == 0)
			missing = "wan.profile";
		if (gateway->pan == NULL && b->links[LEG_PAN].mix.n == 0 && has_pan(b, gateway))
			missing = "pan.profile";
		if (missing == NULL)
			continue;
		sim_value_complain(v, missing, error,
				   "is needed, for PN GW `%.*s` of the topology names none: add the line `%s = ...`",
				   (int)gateway->id.n, (const char *)gateway->id.at, missing);
		return false;
	}
	return true;
}

static bool read_topology(struct blueprint *b, const struct sim_values *v, GError **error)
{
	g_autoptr(GError) reason = NULL;

	if (strcmp(sim_value(v, "topology")->text, "generated") == 0)
		return read_shape(&b->shape, v, error);
	struct sim_file file;

	if (sim_value_read(v, "topology", sim_value(v, "topology")->text, &file, &reason))
		b->fixed = topology_parse(file.path, file.text, file.n, error);
	else if (reason->domain == G_FILE_ERROR)
		sim_value_complain(v, "topology", error, "%s: write `generated` or the path of a CSV file",
				   reason->message);
	else
		g_propagate_error(error, g_steal_pointer(&reason));
	sim_file_clear(&file);
	return b->fixed != NULL && check_presets(b, v, error);
}

/* ---- who takes part ---- */

bool blueprint_gateways_take_part(const struct blueprint *b, bool smartcard)
{
	return (b->flow < 0 || b->flow == FLOW_GATEWAY) && !smartcard;
}

bool blueprint_pnes_take_part(const struct blueprint *b)
{
	return b->flow != FLOW_GATEWAY;
}

/* ---- server ---- */

static void read_policies(struct server_policies *policies, const struct sim_values *v)
{
	const struct sim_value *limit = sim_value(v, "server.queue-limit");

	*policies = (struct server_policies){
	    .queue = {.order = sim_value_is(v, "server.queue", "lifo")    ? SERVER_LIFO
			       : sim_value_is(v, "server.queue", "codel") ? SERVER_CODEL
									  : SERVER_FIFO,
		      .target = sim_value(v, "server.codel-target")->duration,
		      .interval = sim_value(v, "server.codel-interval")->duration,
		      .limited = limit->set,
		      .limit = (uint32_t)limit->count},
	    .reject = sim_value_is(v, "server.overload", "reject"),
	    .retry_after = sim_value(v, "server.retry-after")->duration,
	    .deadlines = sim_value_is(v, "server.deadlines", "honour"),
	};
}

static bool read_server(struct blueprint *b, const struct sim_values *v, GError **error)
{
	const char *service = sim_value(v, "server.service")->text;
	g_autofree char *reason = NULL;

	read_policies(&b->policies, v);
	b->cold_start = sim_value_is(v, "server.cold-start", "yes");
	b->workers = (uint32_t)sim_value(v, "server.workers")->count;
	b->has_service = strcmp(service, "profile") != 0;
	if (!b->has_service || sim_value_duration_dist(v, "server.service", service, &b->service, &reason))
		return true;
	sim_value_complain(v, "server.service", error, "`%s` %s; or write profile", service, reason);
	return false;
}

static bool read_energy(struct blueprint *b, const struct sim_values *v, GError **error)
{
	const struct sim_value *profile = sim_value(v, "energy.profile");
	g_autoptr(GError) reason = NULL;
	struct sim_file file = {0};

	if (!profile->set || sim_value_read(v, "energy.profile", profile->text, &file, &reason))
		b->energy = energy_table_new(profile->set ? &file : NULL, &reason);
	sim_file_clear(&file);
	if (b->energy != NULL)
		return true;
	if (reason->domain == G_FILE_ERROR)
		sim_value_complain(v, "energy.profile", error, "%s: write the path of a CSV file", reason->message);
	else
		g_set_error_literal(error, SIM_SCENARIO_ERROR, 0, reason->message);
	return false;
}

static bool read_restarts(struct blueprint *b, const struct sim_values *v, GError **error)
{
	static const char *const keys[KINDS] = {
	    [KIND_PNE] = "fault.pne.restart-interval",
	    [KIND_GATEWAY] = "fault.gateway.restart-interval",
	    [KIND_SERVER] = "fault.server.restart-interval",
	};

	for (int kind = 0; kind < KINDS; kind++) {
		if (keys[kind] == NULL || !sim_value(v, keys[kind])->set)
			continue;
		b->restarts[kind] = true;
		b->restart_interval[kind] = sim_value(v, keys[kind])->variate;
		if (sim_variate_mean(&b->restart_interval[kind]) >= (double)SIM_MS)
			continue;
		sim_value_complain(v, keys[kind], error,
				   "restarts more than once a millisecond: write a longer interval");
		return false;
	}
	return true;
}

static void read_typing(struct blueprint *b, const struct sim_values *v)
{
	b->ids_are_typed = sim_value_is(v, "pne.entity-id", "typed");
	b->typing = (struct typing){.typo = sim_value(v, "user.typo")->number,
				    .tries = (uint32_t)sim_value(v, "user.tries")->count,
				    .pause = sim_value(v, "user.pause")->variate};
}

/* A set that travels whole is not wrapped: it would need a KEK for each key. */
static bool check_kek(const struct blueprint *b, const struct sim_values *v, GError **error)
{
	if (!b->rules.one_kek || b->rules.chain.length <= 1 || !b->rules.chain.carry_set)
		return true;
	sim_value_complain(v, "protocol.kek", error,
			   "one contradicts an EUKey set that travels whole, for a KEK wraps one key: write "
			   "`chain.carry = seed` with chain.kind = lamport, or protocol.kek = by-flow");
	return false;
}

static bool read_study(struct blueprint *b, const struct sim_values *v, GError **error)
{
	const struct sim_value *limit = sim_value(v, "sim-time-limit"), *warmup = sim_value(v, "warmup");
	const struct sim_value *period = sim_value(v, "series.period");

	b->steady = sim_value_is(v, "study", "steady-state");
	b->limit = limit->set ? limit->duration : SIM_NEVER;
	b->warmup = warmup->set ? warmup->duration : 0;
	b->period = period->set ? period->duration : 0;
	if (limit->set && limit->duration <= 0)
		sim_value_complain(v, "sim-time-limit", error, "must be more than 0s");
	else if (b->warmup >= b->limit)
		sim_value_complain(v, "warmup", error,
				   "leaves nothing to observe: write less than sim-time-limit = %s", limit->text);
	else if (b->period > 0 && limit->set && limit->duration / b->period > SIM_SERIES_MAX)
		sim_value_complain(
		    v, "series.period", error,
		    "makes more than %d points of each series until sim-time-limit = %s: write a longer "
		    "one",
		    SIM_SERIES_MAX, limit->text);
	else
		return true;
	return false;
}

/* The flow that the scenario forces on all, or -1. */
static int forced_flow(const struct sim_values *v)
{
	for (int f = 0; f < FLOWS; f++)
		if (sim_value_is(v, "flow", flow_names[f]))
			return f;
	return -1;
}

static bool read_all(struct blueprint *b, const struct sim_values *v, GError **error)
{
	const char *const *classes = cost_profile_names();

	b->flow = forced_flow(v);
	b->counted = sim_value_is(v, "crypto.mode", "counted");
	b->registration = sim_value_is(v, "registration", "gateway")    ? REGISTRATION_GATEWAY
			  : sim_value_is(v, "registration", "external") ? REGISTRATION_EXTERNAL
									: REGISTRATION_NONE;
	read_typing(b, v);
	return read_study(b, v, error) && read_rules(&b->rules, v, error) &&
	       blueprint_read_chain(&b->rules.chain, v, error) && check_kek(b, v, error) &&
	       blueprint_read_advance(b, v, error) && blueprint_read_links(b, LEG_PAN, v, error) &&
	       blueprint_read_links(b, LEG_WAN, v, error) &&
	       blueprint_read_mix(&b->pne_class, v, "crypto.pne", classes, error) &&
	       blueprint_read_mix(&b->gateway_class, v, "crypto.gateway", classes, error) &&
	       blueprint_read_mix(&b->server_class, v, "crypto.server", classes, error) &&
	       blueprint_read_workload(b, v, error) && read_restarts(b, v, error) && read_server(b, v, error) &&
	       blueprint_read_store(&b->store, v, error) && read_energy(b, v, error) && read_topology(b, v, error) &&
	       blueprint_read_trace(b, v, error);
}

struct blueprint *blueprint_new(const struct sim_values *values, GError **error)
{
	struct blueprint *b = g_new0(struct blueprint, 1);

	if (read_all(b, values, error))
		return b;
	blueprint_free(b);
	return NULL;
}

void blueprint_free(struct blueprint *b)
{
	if (b == NULL)
		return;
	topology_free(b->fixed);
	g_free(b->energy);
	for (int leg = 0; leg < LEGS; leg++) {
		g_free(b->links[leg].effective);
		blueprint_free_mix(&b->links[leg].mix);
	}
	blueprint_free_mix(&b->pne_class);
	blueprint_free_mix(&b->gateway_class);
	blueprint_free_mix(&b->server_class);
	if (b->trace != NULL)
		g_array_unref(b->trace);
	blueprint_clear_store(&b->store);
	g_free(b);
}
