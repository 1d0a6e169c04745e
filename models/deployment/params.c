#include "models/deployment/params.h"

#include <string.h>

/* ---- conditions: when a key is read. They look at other keys' values alone. ---- */

static bool is_generated(const struct sim_values *v)
{
	const struct sim_value *topology = sim_value(v, "topology");

	return topology->set && strcmp(topology->text, "generated") == 0;
}

static bool flow_auto(const struct sim_values *v)
{
	return sim_value_is(v, "flow", "auto");
}

static bool flow_has_pnes(const struct sim_values *v)
{
	return !sim_value_is(v, "flow", "gateway");
}

static bool generated_and_auto(const struct sim_values *v)
{
	return is_generated(v) && flow_auto(v);
}

static bool generated_and_gateways(const struct sim_values *v)
{
	return is_generated(v) && (flow_auto(v) || sim_value_is(v, "flow", "gateway"));
}

static bool generated_and_pnes(const struct sim_values *v)
{
	return is_generated(v) && flow_has_pnes(v);
}

static bool flow_has_digest(const struct sim_values *v)
{
	return flow_auto(v) || sim_value_is(v, "flow", "pne-ui") || sim_value_is(v, "flow", "gateway");
}

static bool flow_has_secure_pan(const struct sim_values *v)
{
	return flow_auto(v) || sim_value_is(v, "flow", "pne-secure-pan");
}

static bool flow_has_notification(const struct sim_values *v)
{
	return flow_auto(v) || sim_value_is(v, "flow", "pne-insecure-pan");
}

/* 6.3.2.2 has no response that its entity would take. */
static bool flow_has_response(const struct sim_values *v)
{
	return !sim_value_is(v, "flow", "pne-insecure-pan");
}

static bool flow_has_ownership(const struct sim_values *v)
{
	return flow_has_secure_pan(v) || flow_has_notification(v);
}

static bool password_is_stretched(const struct sim_values *v)
{
	const struct sim_value *hash = sim_value(v, "protocol.password-hash");

	return hash->set ? sim_value_is(v, "protocol.password-hash", "pbkdf2")
			 : sim_value_is(v, "protocol.profile", "hardened");
}

static bool knows_users(const struct sim_values *v)
{
	return password_is_stretched(v) && !sim_value_is(v, "registration", "gateway");
}

static bool runs_step_0(const struct sim_values *v)
{
	return sim_value_is(v, "protocol.mutual-authentication", "run");
}

static bool installs(const struct sim_values *v)
{
	return flow_has_secure_pan(v) && !sim_value_is(v, "registration", "none");
}

static bool has_kek_to_choose(const struct sim_values *v)
{
	return !sim_value_is(v, "flow", "pne-secure-pan");
}

static bool types_ids(const struct sim_values *v)
{
	return flow_has_notification(v) && sim_value_is(v, "pne.entity-id", "typed");
}

static bool arrivals_poisson(const struct sim_values *v)
{
	return sim_value_is(v, "workload.arrivals", "poisson");
}

/* workload.rate must be given unless poisson(R) says it. */
static bool rate_missing(const struct sim_values *v)
{
	const struct sim_value *arrivals = sim_value(v, "workload.arrivals");

	return arrivals_poisson(v) && (arrivals->argument == NULL || *arrivals->argument == '\0');
}

static bool needs_limit(const struct sim_values *v)
{
	return sim_value_is(v, "study", "steady-state") || arrivals_poisson(v) ||
	       sim_value_is(v, "workload.arrivals", "closed") || !sim_value_is(v, "chain.advance", "none");
}

static bool has_sets(const struct sim_values *v)
{
	return flow_has_notification(v) && sim_value(v, "chain.length")->count > 1;
}

static bool has_chains(const struct sim_values *v)
{
	return has_sets(v) && sim_value_is(v, "chain.kind", "lamport");
}

static bool has_checkpoints(const struct sim_values *v)
{
	return has_chains(v) && sim_value_is(v, "chain.strategy", "checkpoint") &&
	       sim_value_is(v, "chain.order", "safe");
}

static bool pan_reorders(const struct sim_values *v)
{
	return flow_has_pnes(v) && sim_value(v, "fault.pan.reordering")->number > 0;
}

static bool wan_reorders(const struct sim_values *v)
{
	return sim_value(v, "fault.wan.reordering")->number > 0;
}

static bool pan_has_outages(const struct sim_values *v)
{
	return flow_has_pnes(v) && sim_value(v, "fault.pan.outage-interval")->set;
}

static bool wan_has_outages(const struct sim_values *v)
{
	return sim_value(v, "fault.wan.outage-interval")->set;
}

static bool controls_delay(const struct sim_values *v)
{
	return sim_value_is(v, "server.queue", "codel");
}

static bool queue_is_limited(const struct sim_values *v)
{
	return sim_value(v, "server.queue-limit")->set;
}

static bool rejects(const struct sim_values *v)
{
	return queue_is_limited(v) && sim_value_is(v, "server.overload", "reject");
}

/* ---- words ---- */

static bool store_has_figures(const struct sim_values *v)
{
	return !sim_value_is(v, "store.model", "free") && !sim_value_is(v, "store.model", "curve");
}

static bool store_is_sharded(const struct sim_values *v)
{
	return sim_value_is(v, "store.model", "sharded");
}

static bool store_groups(const struct sim_values *v)
{
	return sim_value_is(v, "store.model", "group-commit");
}

static bool store_polls(const struct sim_values *v)
{
	return sim_value_is(v, "store.model", "polling");
}

static bool store_has_curve(const struct sim_values *v)
{
	return sim_value_is(v, "store.model", "curve");
}

#define WORDS(name, ...) static const char *const name[] = {__VA_ARGS__, NULL}

WORDS(flows, "auto", "pne-ui", "pne-secure-pan", "pne-insecure-pan", "gateway");
WORDS(profiles, "hardened", "literal");
WORDS(on_off, "on", "off");
WORDS(hashes, "pbkdf2", "ha1");
WORDS(proofs, "mac", "seed");
WORDS(run_done, "run", "done");
WORDS(digests, "challenge", "single-round");
WORDS(keks, "by-flow", "one");
WORDS(entity_ids, "known", "typed", "discovered");
WORDS(registrations, "none", "gateway", "external");
WORDS(arrivals, "storm", "poisson", "closed", "trace");
WORDS(chain_kinds, "lamport", "independent");
WORDS(chain_orders, "safe", "unsafe");
WORDS(chain_strategies, "store-all", "seed", "checkpoint", "pebble");
WORDS(chain_carries, "seed", "set");
WORDS(chain_advances, "none", "per-wakeup", "every");
WORDS(queues, "fifo", "lifo", "codel");
WORDS(overloads, "drop", "reject");
WORDS(deadlines, "ignore", "honour");
WORDS(no_yes, "no", "yes");
WORDS(stores, "free", "lock", "sharded", "polling", "mvcc", "group-commit", "curve");
WORDS(crypto_modes, "real", "counted");

#define HAS_SETS "chain.length is more than 1, and flow is auto or pne-insecure-pan"
#define HAS_CHAINS "chain.length is more than 1, chain.kind is lamport, and flow is auto or pne-insecure-pan"
#define HAS_CHECKPOINTS                                                                                           \
	"chain.strategy is checkpoint, chain.order is safe, chain.length is more than 1, chain.kind is lamport, " \
	"and "                                                                                                    \
	"flow is auto or pne-insecure-pan"
#define TYPES_IDS "pne.entity-id is typed, and flow is auto or pne-insecure-pan"
#define STORE_HAS_FIGURES "store.model is neither free nor curve"

/* Columns: name, type, default, words, min, max, help, condition (words, code), required (words, code), later. */
const struct sim_param cpns_params[CPNS_N_PARAMS] = {
    {"sim-time-limit", SIM_DURATION, "", NULL, 0, 0, "end of the run; else it ends when nothing is left to do", NULL,
     NULL, "study is steady-state, or workload.arrivals is poisson or closed, or chain.advance is not none",
     needs_limit, NULL},

    {"topology", SIM_TEXT, "", NULL, 0, 0, "`generated`, or a CSV file of PN GWs and PNEs", NULL, NULL, "always",
     NULL, NULL},
    {"gateways", SIM_COUNT, "", NULL, 0, 1e7, "PN GWs; one CPNS User owns each and its PNEs", "topology is generated",
     is_generated, "topology is generated", is_generated, NULL},
    {"pnes-per-gateway", SIM_COUNT_DIST, "", NULL, 0, 0,
     "PNEs of a PN GW: a number or a distribution (rounded to nearest)", "topology is generated", is_generated,
     "topology is generated and flow is not gateway", generated_and_pnes, NULL},
    {"pne.ui", SIM_SHARE, "", NULL, 0, 0, "share of PNEs with a user interface",
     "topology is generated and flow is auto", generated_and_auto, "topology is generated and flow is auto",
     generated_and_auto, NULL},
    {"pan.secure", SIM_SHARE, "", NULL, 0, 0, "share of PN GWs whose PAN is sufficiently secure",
     "topology is generated and flow is auto", generated_and_auto, "topology is generated and flow is auto",
     generated_and_auto, NULL},
    {"pne.entity-id", SIM_WORD, "known", entity_ids, 0, 0,
     "how the PN GW comes by it in 6.3.2.2: it knows it; its user types it; or it asks the PNE over the PAN (C274)",
     "flow is auto or pne-insecure-pan", flow_has_notification, NULL, NULL, NULL},
    {"user.typo", SIM_SHARE, "", NULL, 0, 0, "share of typed Entity IDs with one wrong character", TYPES_IDS,
     types_ids, "pne.entity-id is typed", types_ids, NULL},
    {"user.tries", SIM_COUNT, "3", NULL, 1, 200, "of an assignment at typing; then the user gives up", TYPES_IDS,
     types_ids, NULL, NULL, NULL},
    {"user.pause", SIM_DURATION_DIST, "0s", NULL, 0, 0,
     "from the end of what a typo has led to, until the user has found and typed the Entity ID again", TYPES_IDS,
     types_ids, NULL, NULL, NULL},
    {"gateway.smartcard", SIM_SHARE, "0%", NULL, 0, 0,
     "share of PN GWs with a smart card in use, which need no 6.3.3",
     "topology is generated and flow is auto or gateway", generated_and_gateways, NULL, NULL, NULL},
    {"flow", SIM_WORD, "auto", flows, 0, 0, "the rule of 5.3.1, or one flow for all", NULL, NULL, NULL, NULL, NULL},

    {"pan.profile", SIM_MIX, "", NULL, 0, 0, "preset of the PAN, or a mix of presets, drawn per PN GW",
     "flow is not gateway", flow_has_pnes, "topology is generated and flow is not gateway", generated_and_pnes, NULL},
    {"pan.latency", SIM_DURATION_DIST, "", NULL, 0, 0, "one way; instead of the preset's", "flow is not gateway",
     flow_has_pnes, NULL, NULL, NULL},
    {"pan.rate", SIM_BITRATE, "", NULL, 1, 1e15, "instead of the preset's", "flow is not gateway", flow_has_pnes,
     NULL, NULL, NULL},
    {"pan.loss", SIM_SHARE, "", NULL, 0, 0, "per fragment; instead of the preset's", "flow is not gateway",
     flow_has_pnes, NULL, NULL, NULL},
    {"pan.burst", SIM_FACTOR, "1", NULL, 1, 1e9,
     "mean length of a loss burst, in full fragments; 1: independent losses", "flow is not gateway", flow_has_pnes,
     NULL, NULL, NULL},
    {"pan.mtu", SIM_SIZE, "", NULL, 1, 1e9, "octets of message in a fragment; instead of the preset's",
     "flow is not gateway", flow_has_pnes, NULL, NULL, NULL},
    {"pan.overhead", SIM_SIZE, "", NULL, 0, 1e6, "octets of framing per fragment; instead of the preset's",
     "flow is not gateway", flow_has_pnes, NULL, NULL, NULL},
    {"wan.profile", SIM_MIX, "", NULL, 0, 0, "preset of the WAN, or a mix of presets, drawn per PN GW", NULL, NULL,
     "topology is generated", is_generated, NULL},
    {"wan.latency", SIM_DURATION_DIST, "", NULL, 0, 0, "one way; instead of the preset's", NULL, NULL, NULL, NULL,
     NULL},
    {"wan.rate", SIM_BITRATE, "", NULL, 1, 1e15, "both ways; instead of the preset's", NULL, NULL, NULL, NULL, NULL},
    {"wan.loss", SIM_SHARE, "", NULL, 0, 0, "per fragment; instead of the preset's", NULL, NULL, NULL, NULL, NULL},
    {"wan.burst", SIM_FACTOR, "1", NULL, 1, 1e9,
     "mean length of a loss burst, in full fragments; 1: independent losses", NULL, NULL, NULL, NULL, NULL},
    {"wan.mtu", SIM_SIZE, "", NULL, 1, 1e9, "octets of message in a fragment; instead of the preset's", NULL, NULL,
     NULL, NULL, NULL},
    {"wan.overhead", SIM_SIZE, "", NULL, 0, 1e6, "octets of framing per fragment; instead of the preset's", NULL,
     NULL, NULL, NULL, NULL},

    {"fault.pan.duplication", SIM_SHARE, "0%", NULL, 0, 0, "of the messages that arrive, those that arrive twice",
     "flow is not gateway", flow_has_pnes, NULL, NULL, NULL},
    {"fault.pan.reordering", SIM_SHARE, "0%", NULL, 0, 0,
     "of the messages that arrive, those held back, so that later ones overtake", "flow is not gateway",
     flow_has_pnes, NULL, NULL, NULL},
    {"fault.pan.reordering-delay", SIM_DURATION_DIST, "50ms", NULL, 0, 0,
     "for how long they are held back, beyond the latency", "flow is not gateway, and fault.pan.reordering is not 0%",
     pan_reorders, NULL, NULL, NULL},
    {"fault.pan.queue-limit", SIM_COUNT, "none", NULL, 0, 1e9,
     "messages that may wait for the medium to be free; the next one is lost", "flow is not gateway", flow_has_pnes,
     NULL, NULL, NULL},
    {"fault.pan.outage-interval", SIM_DURATION_DIST, "none", NULL, 0, 0,
     "time up until an outage, in which what begins to be sent is lost", "flow is not gateway", flow_has_pnes, NULL,
     NULL, NULL},
    {"fault.pan.outage-duration", SIM_DURATION_DIST, "", NULL, 0, 0, "of an outage",
     "flow is not gateway, and fault.pan.outage-interval is given", pan_has_outages,
     "fault.pan.outage-interval is given", pan_has_outages, NULL},
    {"fault.wan.duplication", SIM_SHARE, "0%", NULL, 0, 0, "of the messages that arrive, those that arrive twice",
     NULL, NULL, NULL, NULL, NULL},
    {"fault.wan.reordering", SIM_SHARE, "0%", NULL, 0, 0,
     "of the messages that arrive, those held back, so that later ones overtake", NULL, NULL, NULL, NULL, NULL},
    {"fault.wan.reordering-delay", SIM_DURATION_DIST, "50ms", NULL, 0, 0,
     "for how long they are held back, beyond the latency", "fault.wan.reordering is not 0%", wan_reorders, NULL,
     NULL, NULL},
    {"fault.wan.queue-limit", SIM_COUNT, "none", NULL, 0, 1e9,
     "messages that may wait, each way, for the link to be free; the next one is lost", NULL, NULL, NULL, NULL, NULL},
    {"fault.wan.outage-interval", SIM_DURATION_DIST, "none", NULL, 0, 0,
     "time up until an outage of both ways, in which what begins to be sent is lost", NULL, NULL, NULL, NULL, NULL},
    {"fault.wan.outage-duration", SIM_DURATION_DIST, "", NULL, 0, 0, "of an outage",
     "fault.wan.outage-interval is given", wan_has_outages, "fault.wan.outage-interval is given", wan_has_outages,
     NULL},
    {"fault.gateway.restart-interval", SIM_DURATION_DIST, "none", NULL, 0, 0,
     "from one restart of a PN GW to its next: tasks and sessions are lost", NULL, NULL, NULL, NULL, NULL},
    {"fault.pne.restart-interval", SIM_DURATION_DIST, "none", NULL, 0, 0,
     "from one restart of a PNE to its next: requests and sessions are lost", "flow is not gateway", flow_has_pnes,
     NULL, NULL, NULL},
    {"fault.server.restart-interval", SIM_DURATION_DIST, "none", NULL, 0, 0,
     "from one restart of the CPNS Server to its next: queue, sessions and answers are lost, the key store is kept",
     NULL, NULL, NULL, NULL, NULL},

    {"protocol.profile", SIM_WORD, "hardened", profiles, 0, 0,
     "`literal` does what the change requests say and nothing more; `hardened` mends their defects", NULL, NULL, NULL,
     NULL, NULL},
    {"protocol.password-hash", SIM_WORD, "", hashes, 0, 0, "how a password is hashed (default: the profile's)", NULL,
     NULL, NULL, NULL, NULL},
    {"protocol.proof", SIM_WORD, "", proofs, 0, 0, "how a request is proved (default: the profile's)", NULL, NULL,
     NULL, NULL, NULL},
    {"protocol.response-freshness", SIM_WORD, "", on_off, 0, 0,
     "EUKey under the KEK, and T_rsp (default: the profile's)", "flow is not pne-insecure-pan", flow_has_response,
     NULL, NULL, NULL},
    {"protocol.ownership-check", SIM_WORD, "", on_off, 0, 0,
     "6.3.2.x: status 5 for another user's entity (default: the profile's)",
     "flow is auto, pne-secure-pan or pne-insecure-pan", flow_has_ownership, NULL, NULL, NULL},
    {"protocol.notification-ack", SIM_WORD, "", on_off, 0, 0,
     "6.3.2.2: notifications are acknowledged and retransmitted (default: the profile's)",
     "flow is auto or pne-insecure-pan", flow_has_notification, NULL, NULL, NULL},
    {"protocol.notification-freshness", SIM_WORD, "", on_off, 0, 0,
     "6.3.2.2: Counter, RAND_N and K_N (default: the profile's)", "flow is auto or pne-insecure-pan",
     flow_has_notification, NULL, NULL, NULL},
    {"protocol.two-phase-key", SIM_WORD, "", on_off, 0, 0,
     "a new key is pending until its first use (default: the profile's)", NULL, NULL, NULL, NULL, NULL},
    {"protocol.mutual-authentication", SIM_WORD, "run", run_done, 0, 0,
     "step 0: `run` it, or `done`: sessions exist at the start and do not expire", NULL, NULL, NULL, NULL, NULL},
    {"protocol.session-lifetime", SIM_DURATION, "1h", NULL, 0, 0, "of the sessions that step 0 makes",
     "protocol.mutual-authentication is run", runs_step_0, NULL, NULL, NULL},
    {"protocol.lockout", SIM_COUNT, "100", NULL, 1, 1e9,
     "wrong proofs of a user for an entity, one after another, after which none is looked at any more (status 8)",
     NULL, NULL, NULL, NULL, NULL},
    {"protocol.digest", SIM_WORD, "challenge", digests, 0, 0, "6.3.1 and 6.3.3: with a challenge round, or without",
     "flow is auto, pne-ui or gateway", flow_has_digest, NULL, NULL, NULL},
    {"protocol.kek", SIM_WORD, "by-flow", keks, 0, 0,
     "which EUKeys travel under the KEK: those of 6.3.2.1, and of 6.3.1 and 6.3.3 with response-freshness; or `one` "
     "rule for all flows, 6.3.2.2 included (C247)",
     "flow is not pne-secure-pan", has_kek_to_choose, NULL, NULL, NULL},
    {"protocol.merged-trigger", SIM_WORD, "off", on_off, 0, 0,
     "6.3.2.1: the installation carries the trigger, and the request answers both: steps 6 to 8 in one message "
     "(C254)",
     "flow is auto or pne-secure-pan, and registration is not none", installs, NULL, NULL, NULL},
    {"protocol.password-iterations", SIM_COUNT, "10000", NULL, 1, 1e7, "of PBKDF2",
     "protocol.password-hash is pbkdf2", password_is_stretched, NULL, NULL, NULL},
    {"protocol.timeout", SIM_DURATION, "2s", NULL, 0, 0, "first timeout of a request", NULL, NULL, NULL, NULL, NULL},
    {"protocol.backoff", SIM_FACTOR, "2", NULL, 1, 1e3, "factor from one timeout to the next", NULL, NULL, NULL, NULL,
     NULL},
    {"protocol.jitter", SIM_FACTOR, "1.5", NULL, 1, 1e3,
     "each timeout is multiplied by a uniform factor from 1 to this", NULL, NULL, NULL, NULL, NULL},
    {"protocol.retries", SIM_COUNT, "4", NULL, 0, 10000, "retransmissions before giving up", NULL, NULL, NULL, NULL,
     NULL},
    {"protocol.retry-budget", SIM_SHARE, "none", NULL, 0, 0,
     "a PN GW lets as many retransmissions through to the server as this share of the first messages, and one more",
     NULL, NULL, NULL, NULL, NULL},
    {"protocol.installation-timeout", SIM_DURATION, "10s", NULL, 0, 0,
     "first timeout of the Installation Request, whose receiver hashes before it answers",
     "flow is auto or pne-secure-pan, and registration is not none", installs, NULL, NULL, NULL},
    {"registration", SIM_WORD, "none", registrations, 0, 0,
     "of the user: `none` is needed, by the PN GW's messages, or `external` (1B)", NULL, NULL, NULL, NULL, NULL},

    {"workload.arrivals", SIM_CALL, "", arrivals, 0, 0,
     "`storm(window)`: each device once; `poisson(rate)`: a device picked uniformly; `closed(think)`: each device "
     "again after a think time; `trace(file.csv)`: columns time, device",
     NULL, NULL, "always", NULL, NULL},
    {"workload.rate", SIM_FREQUENCY, "", NULL, 1e-9, 1e9, "arrivals per second, of all devices together",
     "workload.arrivals is poisson", arrivals_poisson, "workload.arrivals is poisson without an argument",
     rate_missing, NULL},
    {"workload.surge", SIM_DURATION, "none", NULL, 0, 0,
     "beside these arrivals each device arrives once at the start, uniform in this time: what a power cut leaves",
     "workload.arrivals is poisson", arrivals_poisson, NULL, NULL, NULL},

    {"chain.length", SIM_COUNT, "1", NULL, 1, 1e6, "EUKeys in a set of 6.3.2.2; 1: a single random key",
     "flow is auto or pne-insecure-pan", flow_has_notification, NULL, NULL, NULL},
    {"chain.kind", SIM_WORD, "lamport", chain_kinds, 0, 0, "a hash chain, or independent random keys", HAS_SETS,
     has_sets, NULL, NULL, NULL},
    {"chain.order", SIM_WORD, "safe", chain_orders, 0, 0,
     "`safe`: each key is the hash of the next; `unsafe`: of the one before, so that a stolen key yields later ones",
     HAS_CHAINS, has_chains, NULL, NULL, NULL},
    {"chain.strategy", SIM_WORD, "store-all", chain_strategies, 0, 0,
     "what holders keep of a set: every key; the seed; a key in every `chain.spacing`; log2 n keys that move",
     HAS_SETS, has_sets, NULL, NULL, NULL},
    {"chain.spacing", SIM_COUNT, "32", NULL, 1, 1e6, "keys from one checkpoint to the next", HAS_CHECKPOINTS,
     has_checkpoints, NULL, NULL, NULL},
    {"chain.carry", SIM_WORD, "", chain_carries, 0, 0,
     "what travels to the PN GW: the seed, or all keys (default: `seed`; of independent keys `set`)", HAS_SETS,
     has_sets, NULL, NULL, NULL},
    {"chain.window", SIM_COUNT, "8", NULL, 1, 1e6, "keys that lost notifications may put a PNE behind", HAS_SETS,
     has_sets, NULL, NULL, NULL},
    {"chain.advance", SIM_CALL, "none", chain_advances, 0, 0,
     "when entities use their EUKeys: `per-wakeup(interval)`, an interval or distribution; `every(period)`", NULL,
     NULL, NULL, NULL, NULL},

    {"server.workers", SIM_COUNT, "1", NULL, 1, 1e6, "messages that the CPNS Server works on at once", NULL, NULL,
     NULL, NULL, NULL},
    {"server.queue", SIM_WORD, "fifo", queues, 0, 0,
     "order of service: the oldest message first; the newest; or the oldest, with controlled delay", NULL, NULL, NULL,
     NULL, NULL},
    {"server.codel-target", SIM_DURATION, "5ms", NULL, 0, 0,
     "what has waited longer is dropped at its turn, once the queue has not been empty for the interval",
     "server.queue is codel", controls_delay, NULL, NULL, NULL},
    {"server.codel-interval", SIM_DURATION, "100ms", NULL, 0, 0, "until then, what has waited longer than this",
     "server.queue is codel", controls_delay, NULL, NULL, NULL},
    {"server.queue-limit", SIM_COUNT, "none", NULL, 0, 1e9, "messages that may wait; the next one is turned away",
     NULL, NULL, NULL, NULL, NULL},
    {"server.overload", SIM_WORD, "drop", overloads, 0, 0,
     "how: `drop` it, or `reject` it at once (status 10) with the time to wait", "server.queue-limit is given",
     queue_is_limited, NULL, NULL, NULL},
    {"server.retry-after", SIM_DURATION, "5s", NULL, 0, 0,
     "that time: a client waits for it times a factor from 1 to protocol.jitter, at least for the timer that runs "
     "and "
     "at most for its longest timeout, before it sends again",
     "server.queue-limit is given, and server.overload is reject", rejects, NULL, NULL, NULL},
    {"server.deadlines", SIM_WORD, "ignore", deadlines, 0, 0,
     "`honour`: what nobody waits for any more is dropped at its turn, at no cost", NULL, NULL, NULL, NULL, NULL},
    {"server.cold-start", SIM_WORD, "no", no_yes, 0, 0,
     "`yes`: the first message that needs a user's password hash pays for hashing the password, once per user",
     "protocol.password-hash is pbkdf2, and registration is not gateway", knows_users, NULL, NULL, NULL},
    {"server.service", SIM_TEXT, "profile", NULL, 0, 0,
     "`profile`: charged by operations; or a duration or distribution per message", NULL, NULL, NULL, NULL, NULL},

    {"store.model", SIM_WORD, "free", stores, 0, 0,
     "how requests wait for each other in the key store; `free`: no time", NULL, NULL, NULL, NULL, NULL},
    {"store.read", SIM_DURATION_DIST, "0s", NULL, 0, 0, "to read a row", STORE_HAS_FIGURES, store_has_figures, NULL,
     NULL, NULL},
    {"store.write", SIM_DURATION_DIST, "0s", NULL, 0, 0, "to write what a request changes, in one transaction",
     STORE_HAS_FIGURES, store_has_figures, NULL, NULL, NULL},
    {"store.write-octet", SIM_DURATION, "0s", NULL, 0, 0, "more for each octet of key material in the rows written",
     STORE_HAS_FIGURES, store_has_figures, NULL, NULL, NULL},
    {"store.flush", SIM_DURATION_DIST, "0s", NULL, 0, 0,
     "to make a transaction last; of mvcc each of two, of group-commit one for all of a group", STORE_HAS_FIGURES,
     store_has_figures, NULL, NULL, NULL},
    {"store.shards", SIM_COUNT, "1", NULL, 1, 4096, "locks, chosen by the Entity ID", "store.model is sharded",
     store_is_sharded, NULL, NULL, NULL},
    {"store.skew", SIM_FACTOR, "0", NULL, 0, 100, "the k-th shard has a share of the rows proportional to 1 / k^skew",
     "store.model is sharded", store_is_sharded, NULL, NULL, NULL},
    {"store.batch-delay", SIM_DURATION, "0s", NULL, 0, 0, "for which a leader waits for others before it commits",
     "store.model is group-commit", store_groups, NULL, NULL, NULL},
    {"store.timeout", SIM_DURATION, "5s", NULL, 0, 0, "after which a writer that finds the store locked gives up",
     "store.model is polling", store_polls, NULL, NULL, NULL},
    {"store.curve", SIM_TEXT, "", NULL, 0, 0,
     "a CSV file of requests a second by how many are at work at once: columns concurrency, throughput",
     "store.model is curve", store_has_curve, "store.model is curve", store_has_curve, NULL},

    {"crypto.mode", SIM_WORD, "real", crypto_modes, 0, 0,
     "`real` performs every operation; `counted` replaces each by a cheap stand-in on the same timeline", NULL, NULL,
     NULL, NULL, NULL},
    {"crypto.pne", SIM_MIX, "m4_80", NULL, 0, 0, "device class of PNEs, or a mix, drawn per PNE",
     "flow is not gateway", flow_has_pnes, NULL, NULL, NULL},
    {"crypto.gateway", SIM_MIX, "a53_1400", NULL, 0, 0, "device class of PN GWs, or a mix, drawn per PN GW", NULL,
     NULL, NULL, NULL, NULL},
    {"crypto.server", SIM_MIX, "x86_shani", NULL, 0, 0,
     "device class of the CPNS Server, or a mix, drawn per replication", NULL, NULL, NULL, NULL, NULL},

    {"energy.profile", SIM_TEXT, "", NULL, 0, 0,
     "a CSV file of energy figures, to stand in place of the built-in ones, many of which are unknown", NULL, NULL,
     NULL, NULL, NULL},
};
