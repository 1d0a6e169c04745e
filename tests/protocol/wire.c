#include "tests/protocol/wire.h"

#include <stdio.h>
#include <string.h>

#include "models/crypto/crypto.h"
#include "models/protocol/keys.h"

static const char *const ids[] = {"pne:0001", "pne:0002", "gw:01"};
static const uint8_t pan_session[2][32] = {{0x31, 1}, {0x31, 2}}, wan_session[32] = {0x32};
static const uint8_t temporary[2][16] = {{0xa0, 1}, {0xa0, 2}};

static bool counted, resting;

void wire_mode(const char *mode)
{
	counted = strcmp(mode, "real") != 0;
	resting = strcmp(mode, "at-rest") == 0;
}

struct cpns_octets wire_octets(const char *text)
{
	return (struct cpns_octets){(const uint8_t *)text, strlen(text)};
}

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* Addressed as a simulation addresses its draws: the same address gives the same octets. */
static void draw(void *host, enum cpns_draw what, uint32_t exchange, uint16_t index, uint8_t *out, size_t n)
{
	struct wire_host *h = host;
	struct wire *w = h->wire;
	struct wire_draw d = {h->node, 0, what, exchange, index};

	if (h->node == WIRE_SERVER)
		d.about = wire_at(w, w->cause)->pne;
	unsigned same = 0;

	for (guint i = 0; i < w->draws->len; i++) {
		const struct wire_draw *o = &g_array_index(w->draws, struct wire_draw, i);

		if (o->node == d.node && o->about == d.about && o->what == d.what && o->exchange == d.exchange &&
		    o->index == d.index)
			same++;
	}
	g_array_append_val(w->draws, d);
	uint64_t x = mix(mix(mix((uint64_t)d.node << 32 | d.about) + d.what) + ((uint64_t)exchange << 16 | index));

	w->same_draws += same;
	if (w->unlike_draws)
		x ^= mix(same);

	for (size_t i = 0; i < n; i++) {
		out[i] = (uint8_t)x;
		x = mix(x);
	}
}

static void hash(struct wire *w, const char *user, const char *password, uint8_t pwh[CPNS_HASH])
{
	struct cpns_ops ops = {0};

	cpns_password_hash((struct cpns_work){w->crypto, &ops}, &w->rules, wire_octets(user), wire_octets(password),
			   pwh);
}

void wire_know(struct wire *w, const char *password)
{
	hash(w, "alice@cpns.example", password, w->alice->pwh);
}

void wire_install(struct wire *w, enum wire_node pne, const char *user, const char *password)
{
	uint8_t pwh[CPNS_HASH];

	hash(w, user, password, pwh);
	cpns_pne_provision(&w->pne[pne], &w->accounts[pne], wire_octets(user), pwh);
	w->entities[pne].installed = true;
}

void wire_init(struct wire *w, enum wire_profile profile, bool challenge)
{
	bool hard = profile == WIRE_HARDENED;

	*w = (struct wire){
	    .rules =
		{
		    .stretched_password = hard,
		    .mac_proof = hard,
		    .response_freshness = hard,
		    .ownership_check = hard,
		    .notification_ack = hard,
		    .notification_freshness = hard,
		    .two_phase_key = hard,
		    .challenge = challenge,
		    .realm = wire_octets("cpns.example"),
		    .iterations = 10,
		    .timeout = WIRE_S(2),
		    .installation_timeout = WIRE_S(10),
		    .backoff = 2,
		    .jitter = 1,
		    .retries = 4,
		    .session_lifetime = WIRE_S(3600),
		    .lockout = 100,
		},
	    .crypto = counted ? cpns_crypto_counted_new() : cpns_crypto_openssl_new(),
	    .latency = {WIRE_MS(10), WIRE_MS(10), WIRE_MS(50), WIRE_MS(50)},
	    .messages = g_array_new(FALSE, FALSE, sizeof(struct wire_message)),
	    .flying = g_array_new(FALSE, FALSE, sizeof(int)),
	    .hooks = g_array_new(FALSE, FALSE, sizeof(struct wire_hook)),
	    .draws = g_array_new(FALSE, FALSE, sizeof(struct wire_draw)),
	    .store = memory_store_new(),
	    .cause = -1,
	    .session = {.gateway = 0, .id = wire_octets(ids[2]), .leg = {.secret = wan_session}},
	    .stored_at = -1,
	    .damage = 0x40,
	};
	for (int i = 0; i < WIRE_NODES; i++) {
		w->hosts[i] = (struct wire_host){w, (enum wire_node)i};
		w->env[i] = (struct cpns_env){w->crypto, &w->hosts[i], draw};
	}
	for (int i = 0; i < 2; i++) {
		cpns_pne_init(&w->pne[i], &w->rules, &w->env[i], wire_octets(ids[i]));
		w->pne[i].tk = (struct cpns_octets){temporary[i], sizeof temporary[i]};
		w->pne[i].pan.secret = pan_session[i];
		w->entities[i] = cpns_gw_entity_of(wire_octets(ids[i]), pan_session[i]);
	}
	cpns_gw_init(&w->gw, &w->rules, &w->env[WIRE_GW], wire_octets(ids[2]), w->entities, 2);
	w->gw.wan.secret = wan_session;
	cpns_server_init(&w->server, &w->rules, &w->env[WIRE_SERVER], memory_store_interface(w->store));
	w->alice = memory_store_add_user(w->store, wire_octets("alice@cpns.example"));
	wire_know(w, "correct horse battery");
	for (int i = 0; i < 3; i++) {
		w->record[i] = memory_store_add_entity(w->store, wire_octets(ids[i]));
		cpns_entity_set_owner(w->record[i], wire_octets("alice@cpns.example"));
		if (i < 2)
			cpns_entity_set_tk(w->record[i], w->pne[i].tk);
	}
}

void wire_clear(struct wire *w)
{
	for (int i = 0; i < 2; i++)
		cpns_pne_clear(&w->pne[i]);
	cpns_gw_clear(&w->gw);
	cpns_session_clear(&w->session);
	cpns_server_clear(&w->server);
	memory_store_free(w->store);
	g_array_free(w->messages, TRUE);
	g_array_free(w->flying, TRUE);
	g_array_free(w->hooks, TRUE);
	g_array_free(w->draws, TRUE);
	cpns_crypto_free(w->crypto);
}

/* Sending */

static struct wire_message *message(const struct wire *w, int index)
{
	return &g_array_index(w->messages, struct wire_message, index);
}

const struct wire_message *wire_at(const struct wire *w, int index)
{
	g_assert(index >= 0 && (guint)index < w->messages->len);
	return message(w, index);
}

static int put(struct wire *w, const struct wire_message *m)
{
	int index = (int)w->messages->len;

	g_array_append_val(w->messages, *m);
	struct wire_message *kept = message(w, index);

	kept->answer = -1;
	if (!cpns_msg_decode(&kept->msg, m->bytes, m->n))
		kept->msg.type = (enum cpns_type)0;
	if (!kept->lost)
		g_array_append_val(w->flying, index);
	for (guint i = 0; i < w->messages->len; i++) { /* the array may have moved: decode again where it lies now */
		struct wire_message *each = message(w, (int)i);

		if (each->msg.type != 0)
			cpns_msg_decode(&each->msg, each->bytes, each->n);
	}
	return index;
}

static int send_on(struct wire *w, struct wire_message *m)
{
	struct cpns_msg msg;
	enum cpns_type type = cpns_msg_decode(&msg, m->bytes, m->n) ? msg.type : (enum cpns_type)0;
	int64_t again = -1;

	m->arrives_at = m->sent_at + w->latency[m->leg];
	for (guint i = 0; i < w->hooks->len; i++) {
		struct wire_hook *h = &g_array_index(w->hooks, struct wire_hook, i);

		if (h->leg != m->leg || (h->type != 0 && h->type != type))
			continue;
		h->seen++;
		if (h->k != 0 && h->seen != h->k)
			continue;
		switch (h->action) {
		case WIRE_LOSE:
			m->lost = true;
			break;
		case WIRE_REPEAT:
			again = h->argument;
			break;
		case WIRE_DELAY:
			m->arrives_at += h->argument;
			break;
		case WIRE_CORRUPT:
			m->bytes[h->argument >= 0 ? h->argument : (int64_t)m->n + h->argument] ^= w->damage;
			break;
		case WIRE_CUT:
			m->n = (size_t)h->argument;
			break;
		}
	}
	int index = put(w, m);

	if (again >= 0) {
		struct wire_message copy = *m;

		copy.copy = true;
		copy.arrives_at += again;
		put(w, &copy);
	}
	return index;
}

static void happened(struct wire *w, enum wire_node node, const struct cpns_out *out)
{
	switch (out->happening) {
	case CPNS_KEY_STORED:
		w->stored[node]++;
		w->stored_at = w->stored_when[node] = w->now;
		break;
	case CPNS_REGISTERED:
		w->registered++;
		break;
	case CPNS_REGISTRATION_FAILED:
		w->registration_failed++;
		break;
	case CPNS_USED:
		w->used[node]++;
		break;
	case CPNS_USE_REFUSED:
		w->refused[node]++;
		break;
	case CPNS_DELIVERING:
	case CPNS_NOTHING:
		break;
	}
}

static void add(struct cpns_ops *sum, const struct cpns_ops *ops)
{
	sum->sha256 += ops->sha256;
	sum->hmac += ops->hmac;
	sum->chain_hashes += ops->chain_hashes;
	sum->chain_made += ops->chain_made;
	sum->chain_keys += ops->chain_keys;
	sum->compressions += ops->compressions;
	sum->keywrap += ops->keywrap;
	sum->gcm += ops->gcm;
	sum->aes_keys += ops->aes_keys;
	sum->aes_blocks += ops->aes_blocks;
	sum->ghash_blocks += ops->ghash_blocks;
	sum->random_octets += ops->random_octets;
	sum->store_reads += ops->store_reads;
	sum->store_writes += ops->store_writes;
	sum->pbkdf2_iterations += ops->pbkdf2_iterations;
}

static const uint32_t gw_entities[] = {0, 1, CPNS_GW_SELF};

/* Before a call of a machine. */
static void prepare(struct wire *w, struct cpns_out *out)
{
	cpns_out_init(out);
	for (int i = 0; i < 3; i++)
		w->deadlines[i] = cpns_gw_deadline(&w->gw, gw_entities[i]);
}

/* After a call of a machine, which may have been given message number `in`; `about` is the PNE it was about. */
static void dispatch(struct wire *w, enum wire_node node, uint32_t about, int in, struct cpns_out *out)
{
	int64_t ready = w->now + (wire_no_cryptography(&out->ops) ? 0 : w->work[node]);

	cpns_out_left(out, ready);
	for (int i = 0; i < 3; i++) /* a host that asks again only where it is told to misses none */
		g_assert(out->others || (node == WIRE_GW && gw_entities[i] == about) ||
			 cpns_gw_deadline(&w->gw, gw_entities[i]) == w->deadlines[i]);
	add(&w->ops[node], &out->ops);
	happened(w, node, out);
	if (out->to == CPNS_NOBODY)
		return;
	struct wire_message m = {.sent_at = ready, .pne = about, .cause = in, .asks = out->asks};

	switch (out->to) {
	case CPNS_SERVER:
		g_assert(node == WIRE_GW);
		m.leg = WIRE_G_S;
		break;
	case CPNS_GATEWAY:
		g_assert(node != WIRE_GW);
		m.leg = node == WIRE_SERVER ? WIRE_S_G : WIRE_P_G;
		break;
	case CPNS_PNE:
		g_assert(node == WIRE_GW);
		m.leg = WIRE_G_P;
		m.pne = out->pne;
		break;
	case CPNS_NOBODY:
		break;
	}
	if (out->relay) {
		g_assert(in >= 0 && out->length == 0);
		m.n = message(w, in)->n;
		memcpy(m.bytes, message(w, in)->bytes, m.n);
	} else {
		m.n = out->length;
		memcpy(m.bytes, out->bytes, m.n);
	}
	int index = send_on(w, &m);

	if (in >= 0)
		message(w, in)->answer = index;
}

void wire_hook(struct wire *w, enum wire_leg leg, enum cpns_type type, unsigned k, enum wire_action action,
	       int64_t argument)
{
	struct wire_hook h = {leg, type, k, action, argument, 0};

	g_array_append_val(w->hooks, h);
}

void wire_inject(struct wire *w, enum wire_leg leg, uint32_t pne, const uint8_t *bytes, size_t n)
{
	struct wire_message m = {.leg = leg, .pne = pne, .sent_at = w->now, .arrives_at = w->now, .cause = -1};

	m.forged = true;
	m.n = n;
	memcpy(m.bytes, bytes, n);
	put(w, &m);
}

void wire_replay(struct wire *w, const struct wire_message *m)
{
	struct wire_message copy = *m;

	wire_inject(w, copy.leg, copy.pne, copy.bytes, copy.n);
}

/* A PNE that is about to be called. */
static struct cpns_pne *up(struct wire *w, uint32_t number)
{
	struct cpns_pne *pne = &w->pne[number];
	const struct cpns_pne before = *pne;
	struct cpns_pne_rest rest;

	if (!resting || !cpns_pne_lie_down(pne, w->now, &rest))
		return pne;
	memset(pne, 0xa5, sizeof(*pne));
	cpns_pne_init(pne, &w->rules, &w->env[number], before.id);
	pne->tk = before.tk;
	pne->pan.secret = before.pan.secret;
	cpns_pne_get_up(pne, &rest);
	return pne;
}

/* What users do */

void wire_start(struct wire *w, enum wire_node pne, const char *user, const char *password)
{
	struct cpns_out out;

	prepare(w, &out);
	cpns_pne_start(up(w, pne), w->now, wire_octets(user), wire_octets(password), &out);
	dispatch(w, pne, pne, -1, &out);
}

void wire_trigger(struct wire *w, enum wire_node pne, const char *user, const char *password)
{
	struct cpns_out out;

	prepare(w, &out);
	cpns_gw_trigger(&w->gw, w->now, pne, wire_octets(user), wire_octets(password), &out);
	dispatch(w, WIRE_GW, pne, -1, &out);
}

void wire_ask_for(struct wire *w, enum wire_node pne, const char *user, const char *password)
{
	wire_ask_for_named(w, pne, "", user, password);
}

void wire_ask_for_named(struct wire *w, enum wire_node pne, const char *named, const char *user, const char *password)
{
	struct cpns_out out;

	prepare(w, &out);
	cpns_gw_ask_for(&w->gw, w->now, pne, wire_octets(named), wire_octets(user), wire_octets(password), &out);
	dispatch(w, WIRE_GW, pne, -1, &out);
}

void wire_ask(struct wire *w, const char *user, const char *password)
{
	struct cpns_out out;

	prepare(w, &out);
	cpns_gw_ask(&w->gw, w->now, wire_octets(user), wire_octets(password), &out);
	dispatch(w, WIRE_GW, CPNS_GW_SELF, -1, &out);
}

void wire_register(struct wire *w, uint32_t for_entity, enum cpns_registration kind, const char *user,
		   const char *password)
{
	struct cpns_out out;

	prepare(w, &out);
	cpns_gw_register(&w->gw, w->now, for_entity, kind, wire_octets(user), wire_octets(password), &out);
	dispatch(w, WIRE_GW, for_entity, -1, &out);
}

void wire_use(struct wire *w, enum wire_node node, const char *user, const char *password)
{
	struct cpns_out out;

	prepare(w, &out);
	if (node == WIRE_GW)
		cpns_gw_use(&w->gw, w->now, wire_octets(user), wire_octets(password), &out);
	else
		cpns_pne_use(up(w, node), w->now, &out);
	dispatch(w, node, node == WIRE_GW ? CPNS_GW_SELF : node, -1, &out);
}

void wire_expire(struct wire *w, enum wire_node node)
{
	cpns_leg_down(node == WIRE_SERVER ? &w->session.leg : &w->pne[node].pan);
}

void wire_restart(struct wire *w, enum wire_node node)
{
	if (node == WIRE_GW)
		cpns_gw_restart(&w->gw);
	else
		cpns_pne_restart(up(w, node));
}

/* Receiving */

static void arrive(struct wire *w, int index)
{
	struct wire_message m = *message(w, index);
	g_autofree uint8_t *bytes = g_memdup2(m.bytes, m.n); /* exactly as long: a sanitizer sees looks beyond it */
	enum wire_node node = WIRE_GW;
	uint32_t about = m.pne;
	struct cpns_out out;
	enum cpns_verdict verdict = CPNS_VERDICT_COUNT;

	prepare(w, &out);
	w->cause = index;
	switch (m.leg) {
	case WIRE_P_G:
		verdict = cpns_gw_from_pne(&w->gw, w->now, m.pne, bytes, m.n, &out);
		break;
	case WIRE_G_P:
		node = (enum wire_node)m.pne;
		verdict = cpns_pne_on_message(up(w, m.pne), w->now, bytes, m.n, &out);
		break;
	case WIRE_G_S:
		node = WIRE_SERVER;
		verdict = cpns_server_on_message(&w->server, w->now, &w->session, bytes, m.n, &out);
		break;
	case WIRE_S_G:
	case WIRE_LEGS:
		about = CPNS_GW_SELF;
		verdict = cpns_gw_from_server(&w->gw, w->now, bytes, m.n, &about, &out);
		break;
	}
	message(w, index)->handled = true;
	message(w, index)->verdict = verdict;
	message(w, index)->ops = out.ops;
	dispatch(w, node, about, index, &out);
	w->cause = -1;
}

/* The earliest message in flight: the first sent among those that arrive first. */
static int earliest(const struct wire *w)
{
	int best = -1;

	for (guint i = 0; i < w->flying->len; i++) {
		int index = g_array_index(w->flying, int, i);

		if (best < 0 ||
		    message(w, index)->arrives_at < message(w, g_array_index(w->flying, int, best))->arrives_at)
			best = (int)i;
	}
	return best;
}

/* One that has passed already means now. */
static int64_t next_deadline(const struct wire *w)
{
	int64_t next = CPNS_NEVER;

	for (int i = 0; i < 2; i++)
		next = MIN(next, cpns_pne_deadline(&w->pne[i]));
	for (int i = 0; i < 3; i++)
		next = MIN(next, cpns_gw_deadline(&w->gw, gw_entities[i]));
	return MAX(next, w->now);
}

static void timers(struct wire *w)
{
	struct cpns_out out;

	for (int i = 0; i < 2; i++)
		if (cpns_pne_deadline(&w->pne[i]) <= w->now) {
			prepare(w, &out);
			cpns_pne_on_time(up(w, (uint32_t)i), w->now, &out);
			dispatch(w, (enum wire_node)i, (uint32_t)i, -1, &out);
		}
	for (int i = 0; i < 3; i++)
		if (cpns_gw_deadline(&w->gw, gw_entities[i]) <= w->now) {
			prepare(w, &out);
			cpns_gw_on_time(&w->gw, w->now, gw_entities[i], &out);
			dispatch(w, WIRE_GW, gw_entities[i], -1, &out);
		}
}

void wire_run_until(struct wire *w, int64_t end)
{
	for (unsigned steps = 0;; steps++) {
		int first = earliest(w);
		int64_t arrival =
		    first < 0 ? CPNS_NEVER : message(w, g_array_index(w->flying, int, first))->arrives_at;
		int64_t deadline = next_deadline(w), next = MIN(arrival, deadline);

		g_assert(steps < 100000); /* nothing goes on for ever */
		if (next == CPNS_NEVER || next > end)
			break;
		g_assert(next >= w->now);
		w->now = next;
		if (arrival <= deadline) {
			int index = g_array_index(w->flying, int, first);

			g_array_remove_index(w->flying, (guint)first);
			arrive(w, index);
		} else {
			timers(w);
		}
	}
	if (end != CPNS_NEVER)
		w->now = end;
}

void wire_run(struct wire *w)
{
	wire_run_until(w, CPNS_NEVER);
}

/* Looking */

const struct wire_message *wire_find(const struct wire *w, enum wire_leg leg, enum cpns_type type, unsigned k)
{
	for (guint i = 0; i < w->messages->len; i++) {
		const struct wire_message *m = message(w, (int)i);

		if (m->leg == leg && m->msg.type == type && !m->copy && !m->forged && --k == 0)
			return m;
	}
	return NULL;
}

unsigned wire_count(const struct wire *w, enum wire_leg leg, enum cpns_type type)
{
	unsigned n = 0;

	for (guint i = 0; i < w->messages->len; i++) {
		const struct wire_message *m = message(w, (int)i);

		n += m->leg == leg && (type == 0 || m->msg.type == type) && !m->copy && !m->forged;
	}
	return n;
}

int wire_status(const struct wire_message *m)
{
	return m != NULL && m->msg.type != 0 && cpns_msg_has(&m->msg, CPNS_STATUS)
		   ? cpns_msg_at(&m->msg, CPNS_STATUS)[0]
		   : -1;
}

const uint8_t *wire_wan(const struct wire *w, enum wire_node node)
{
	return cpns_leg_key(node == WIRE_GW ? &w->gw.wan : &w->session.leg, &w->rules, w->now);
}

const uint8_t *wire_pan(const struct wire *w, enum wire_node node, enum wire_node pne)
{
	return cpns_leg_key(node == WIRE_GW ? &w->entities[pne].pan : &w->pne[pne].pan, &w->rules, w->now);
}

bool wire_keyed(const struct wire *w, enum wire_node node)
{
	return node == WIRE_GW ? w->gw.keyed : w->pne[node].keyed;
}

const uint8_t *wire_key(const struct wire *w, enum wire_node node)
{
	return node == WIRE_GW ? w->gw.eukey : w->pne[node].eukey;
}

/* Where does the server hold the node's key? */
static bool find_key(const struct wire *w, enum wire_node node, struct cpns_candidate *found)
{
	const struct cpns_usage *usage = node == WIRE_GW ? w->gw.usage : w->pne[node].usage;
	struct cpns_held held = {.id = wire_octets(ids[node]),
				 .eukey = wire_keyed(w, node) ? wire_key(w, node) : NULL,
				 .index = usage != NULL ? usage->index : 0};
	struct cpns_ops ops = {0};

	return cpns_keyring_find(w->record[node], (struct cpns_work){w->crypto, &ops}, &w->rules.chain, &held, found);
}

bool wire_current(const struct wire *w, enum wire_node node)
{
	struct cpns_candidate found;

	return find_key(w, node, &found) && found.current;
}

bool wire_pending(const struct wire *w, enum wire_node node)
{
	struct cpns_candidate found;

	return find_key(w, node, &found) && !found.current;
}

bool wire_diverged(const struct wire *w, enum wire_node node)
{
	struct cpns_candidate found;

	return wire_keyed(w, node) ? !find_key(w, node, &found) : w->record[node]->keyed;
}

unsigned wire_failures(const struct wire *w)
{
	const struct cpns_store *store = memory_store_interface(w->store);
	unsigned n = 0;

	for (int i = 0; i < 3; i++) {
		struct cpns_names who = {wire_octets("alice@cpns.example"), wire_octets(ids[i])};
		const struct cpns_failures *failures = store->failures(store->self, &who, false);

		n += failures != NULL ? failures->n : 0;
	}
	return n;
}

bool wire_idle(const struct wire *w)
{
	bool idle = next_deadline(w) == CPNS_NEVER && w->flying->len == 0;

	for (int i = 0; i < 2; i++)
		idle = idle && !cpns_pne_active(&w->pne[i]) && !cpns_pne_using(&w->pne[i]);
	for (int i = 0; i < 3; i++)
		idle = idle && !cpns_gw_active(&w->gw, gw_entities[i]);
	return idle;
}

bool wire_no_cryptography(const struct cpns_ops *ops)
{
	struct cpns_ops rest = *ops;

	rest.store_reads = rest.store_writes = 0;
	return memcmp(&rest, &(struct cpns_ops){0}, sizeof rest) == 0;
}

void wire_print(const struct wire *w)
{
	static const char *const legs[] = {"P>G", "G>P", "G>S", "S>G"};

	for (guint i = 0; i < w->messages->len; i++) {
		const struct wire_message *m = message(w, (int)i);
		char text[300] = "not well-formed";

		if (m->msg.type != 0)
			cpns_msg_print(&m->msg, text, sizeof text);
		printf("    %2u %8.3f %s %s%s%s%s status %d: %s\n", i, (double)m->sent_at / 1e9, legs[m->leg],
		       m->lost ? "LOST " : "", m->copy ? "COPY " : "", m->forged ? "FORGED " : "", text,
		       wire_status(m), m->handled ? cpns_verdict_text(m->verdict) : "-");
	}
}
