#include "tests/protocol/story.h"

#include <stdio.h>
#include <string.h>

static const char *const flow_names[] = {"6.3.1", "6.3.2.1", "6.3.2.2", "6.3.3"};
const char alice[] = "alice@cpns.example", password[] = "correct horse battery", wrong[] = "incorrect horse";

struct variant variant(unsigned i)
{
	return (struct variant){(enum flow)(i / 4), i & 1, (i & 2) != 0};
}

void init(struct wire *w, struct variant v)
{
	wire_init(w, v.hardened ? WIRE_HARDENED : WIRE_LITERAL, v.challenge);
}

void init_step_0(struct wire *w, struct variant v)
{
	init(w, v);
	w->rules.run_step_0 = true;
}

bool is_bootstrapping(const struct wire_message *m)
{
	return m->msg.type >= CPNS_BOOTSTRAP_REQUEST && m->msg.type <= CPNS_SESSION_RESPONSE;
}

bool is_pairing(const struct wire_message *m)
{
	return m->msg.type >= CPNS_PAIRING_REQUEST && m->msg.type <= CPNS_PAIRING_CONFIRMATION;
}

static unsigned count(const struct wire *w, bool (*is)(const struct wire_message *m))
{
	unsigned n = 0;

	for (guint i = 0; i < w->messages->len; i++) {
		const struct wire_message *m = wire_at(w, (int)i);

		n += is(m) && !m->copy && !m->forged;
	}
	return n;
}

unsigned bootstrapping(const struct wire *w)
{
	return count(w, is_bootstrapping);
}

unsigned pairing(const struct wire *w)
{
	return count(w, is_pairing);
}

unsigned wan_step_0(enum flow flow)
{
	return flow == GATEWAY ? 0 : 6;
}

unsigned pan_step_0(enum flow flow)
{
	return flow == SECURE_PAN ? 4 : 0;
}

int64_t time_of_step_0(const struct wire *w, enum flow flow)
{
	return wan_step_0(flow) / 2 * (w->latency[WIRE_G_S] + w->latency[WIRE_S_G]) +
	       pan_step_0(flow) / 2 * (w->latency[WIRE_P_G] + w->latency[WIRE_G_P]);
}

static bool are_keys_of(const uint8_t *a, const uint8_t *b, const uint8_t *secret)
{
	return a != NULL && b != NULL && memcmp(a, b, CPNS_HASH) == 0 && memcmp(a, secret, CPNS_HASH) != 0;
}

bool wan_is_up(const struct wire *w)
{
	return are_keys_of(wire_wan(w, WIRE_GW), wire_wan(w, WIRE_SERVER), w->gw.wan.secret);
}

bool pan_is_up(const struct wire *w, enum wire_node pne)
{
	return are_keys_of(wire_pan(w, WIRE_GW, pne), wire_pan(w, pne, pne), w->pne[pne].pan.secret);
}

enum wire_node entity_of(enum flow flow)
{
	return flow == GATEWAY ? WIRE_GW : WIRE_PNE;
}

void go(struct wire *w, enum flow flow, const char *user, const char *word)
{
	switch (flow) {
	case PNE_UI:
		wire_start(w, WIRE_PNE, user, word);
		break;
	case SECURE_PAN:
		wire_trigger(w, WIRE_PNE, user, word);
		break;
	case INSECURE_PAN:
		wire_ask_for(w, WIRE_PNE, user, word);
		break;
	case GATEWAY:
	case FLOWS:
		wire_ask(w, user, word);
		break;
	}
}

void expect(bool condition, const char *text, unsigned line, const char *file, const struct wire *w, struct variant v,
	    const char *story)
{
	static unsigned failures;

	if (!condition && failures++ < 20) {
		printf("\n    %s %s%s: %s: not %s\n", flow_names[v.flow], v.hardened ? "hardened" : "literal",
		       v.challenge ? ", challenge" : "", story, text);
		if (failures == 1)
			wire_print(w);
	}
	CU_assertImplementation(condition, line, text, file, "", CU_FALSE);
}

bool agreed(const struct wire *w, struct variant v)
{
	enum wire_node entity = entity_of(v.flow);

	return w->stored[entity] == 1 && !wire_diverged(w, entity) &&
	       (w->rules.two_phase_key ? wire_pending(w, entity) : wire_current(w, entity));
}

bool nothing_stored(const struct wire *w)
{
	for (enum wire_node node = WIRE_PNE; node < WIRE_SERVER; node++)
		if (w->stored[node] != 0 || wire_keyed(w, node))
			return false;
	return true;
}

bool nothing_issued(const struct wire *w)
{
	for (int i = 0; i < 3; i++)
		if (w->record[i]->keyed || w->record[i]->n_pending != 0)
			return false;
	return w->server.keys_issued == 0;
}

bool same_work(const struct cpns_ops *a, const struct cpns_ops *b)
{
	struct cpns_ops x = *a, y = *b;

	x.store_reads = y.store_reads = 0;
	return memcmp(&x, &y, sizeof x) == 0;
}

bool same_bytes(const struct wire_message *a, const struct wire_message *b)
{
	return a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
}

bool repeats_faithfully(const struct wire *w)
{
	for (guint i = 0; i < w->messages->len; i++)
		for (guint k = i + 1; k < w->messages->len; k++) {
			const struct wire_message *a = wire_at(w, (int)i), *b = wire_at(w, (int)k);

			if (a->leg != b->leg || a->msg.type != b->msg.type || a->pne != b->pne ||
			    a->msg.transaction != b->msg.transaction || b->copy)
				continue;
			if (a->msg.type != CPNS_TRIGGER) {
				if (!same_bytes(a, b))
					return false;
			} else if (cpns_get64(cpns_msg_at(&a->msg, CPNS_RAND_T)) >=
				   cpns_get64(cpns_msg_at(&b->msg, CPNS_RAND_T))) {
				return false;
			}
		}
	return true;
}

bool repetitions_are_free(const struct wire *w)
{
	for (guint i = 0; i < w->messages->len; i++) {
		const struct wire_message *m = wire_at(w, (int)i);

		if (m->handled && (m->verdict == CPNS_DUPLICATE || m->verdict == CPNS_BUSY) &&
		    !wire_no_cryptography(&m->ops))
			return false;
		if (m->handled && m->verdict == CPNS_BUSY && m->answer >= 0)
			return false;
	}
	return true;
}

unsigned ordinal(const struct wire *w, int index)
{
	unsigned k = 0;

	for (int i = 0; i <= index; i++)
		k += wire_at(w, i)->leg == wire_at(w, index)->leg &&
		     wire_at(w, i)->msg.type == wire_at(w, index)->msg.type;
	return k;
}

const char *name_step(const struct wire *w, int index, const char *what)
{
	static char text[100];

	snprintf(text, sizeof text, "message %d (%s) %s", index, cpns_type_name(wire_at(w, index)->msg.type), what);
	return text;
}

int last_status(const struct wire *w)
{
	int status = -1;

	for (guint i = 0; i < w->messages->len; i++)
		if (wire_at(w, (int)i)->leg == WIRE_S_G)
			status = wire_status(wire_at(w, (int)i));
	return status;
}

struct wire_message copy_of(const struct wire *w, enum wire_leg leg, enum cpns_type type, unsigned k)
{
	const struct wire_message *m = wire_find(w, leg, type, k);

	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	return *m;
}

const struct wire_message *forged(const struct wire *w)
{
	const struct wire_message *found = NULL;

	for (guint i = 0; i < w->messages->len; i++)
		if (wire_at(w, (int)i)->forged)
			found = wire_at(w, (int)i);
	g_assert(found != NULL);
	return found;
}

const struct wire_message *answer_to(const struct wire *w, const struct wire_message *m)
{
	return m->answer >= 0 ? wire_at(w, m->answer) : NULL;
}
