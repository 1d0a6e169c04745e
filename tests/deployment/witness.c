#include "tests/deployment/witness.h"

#include <string.h>

#include "models/protocol/msg.h"

/* Of one device: its keys, in the order in which the server made them, and the newest that it has stored. */
struct keys {
	GArray *made; /* of uint8_t[CPNS_HASH] */
	gint newest;  /* index; -1: none */
};

struct answer {
	sim_time time;
	GBytes *octets;
};

struct witness {
	struct observer observer;
	const struct cpns_rules *rules;
	const struct device *devices;
	GHashTable *keys;    /* by device number */
	GHashTable *answers; /* by PN GW and request */
	char *complaint;
};

static void keys_free(gpointer data)
{
	struct keys *keys = data;

	g_array_unref(keys->made);
	g_free(keys);
}

static void answer_free(gpointer data)
{
	struct answer *answer = data;

	g_bytes_unref(answer->octets);
	g_free(answer);
}

static struct keys *keys_of(struct witness *w, uint64_t device)
{
	struct keys *keys = g_hash_table_lookup(w->keys, &device);

	if (keys != NULL)
		return keys;
	keys = g_new(struct keys, 1);
	*keys = (struct keys){g_array_new(FALSE, FALSE, CPNS_HASH), -1};
	g_hash_table_insert(w->keys, g_memdup2(&device, sizeof(device)), keys);
	return keys;
}

static void complain(struct witness *w, const struct observation *seen, const char *what)
{
	if (w->complaint == NULL)
		w->complaint =
		    g_strdup_printf("at %" G_GINT64_FORMAT " ns device %u %s", seen->time, seen->device, what);
}

static void created(void *self, uint64_t device, const uint8_t key[CPNS_HASH])
{
	g_array_append_vals(keys_of(self, device)->made, key, 1);
}

static void check_key(struct witness *w, const struct observation *seen)
{
	const struct device *device = &w->devices[seen->device];
	struct keys *keys = keys_of(w, device->number);
	gint found = -1;

	/* Of a hash chain the witness has seen the seed alone. */
	if (device->flow == FLOW_INSECURE_PAN && w->rules->chain.length > 1 && !w->rules->chain.independent)
		return;
	for (guint i = 0; i < keys->made->len; i++)
		if (memcmp(keys->made->data + i * CPNS_HASH, seen->eukey, CPNS_HASH) == 0)
			found = (gint)i;
	if (found < 0)
		complain(w, seen, "stores a key that the server has not made for it");
	if (found < keys->newest && w->rules->notification_freshness && w->rules->response_freshness &&
	    w->rules->mac_proof)
		complain(w, seen, "goes back to an older key");
	keys->newest = MAX(keys->newest, found);
}

/* The server's word to a request, with the PN GW that it came through: those of two PN GWs are not the same. */
static void check_answer(struct witness *w, const struct observation *seen)
{
	struct cpns_msg request, reply;

	if (seen->out->length == 0 || !cpns_msg_decode(&request, seen->in, seen->in_n) ||
	    !cpns_msg_decode(&reply, seen->out->bytes, seen->out->length))
		return;
	/* A session that is missing is a state of the leg, not an answer to the request. */
	if (cpns_msg_has(&reply, CPNS_STATUS) && cpns_msg_status(&reply) == CPNS_SESSION_EXPIRED)
		return;
	GByteArray *key = g_byte_array_new();

	g_byte_array_append(key, (const guint8 *)&seen->gateway, sizeof(seen->gateway));
	g_byte_array_append(key, seen->in, (guint)seen->in_n);
	g_autoptr(GBytes) asked = g_byte_array_free_to_bytes(key),
			  said = g_bytes_new(seen->out->bytes, seen->out->length);
	struct answer *before = g_hash_table_lookup(w->answers, asked);

	if (before != NULL && seen->time - before->time < CPNS_EXCHANGE_LIFETIME) {
		if (!g_bytes_equal(before->octets, said))
			complain(w, seen, "is answered in other octets than before");
		return;
	}
	struct answer *answer = g_new(struct answer, 1);

	*answer = (struct answer){seen->time, g_bytes_ref(said)};
	g_hash_table_replace(w->answers, g_bytes_ref(asked), answer);
}

static void handled(void *self, const struct observation *seen)
{
	struct witness *w = self;

	if (seen->out->happening == CPNS_KEY_STORED)
		check_key(w, seen);
	if (seen->kind == KIND_SERVER)
		check_answer(w, seen);
}

static void restarted(void *self)
{
	struct witness *w = self;

	g_hash_table_remove_all(w->answers);
}

struct witness *witness_new(const struct cpns_rules *rules, const struct device *devices)
{
	struct witness *w = g_new0(struct witness, 1);

	w->observer = (struct observer){w, handled, created, restarted};
	w->rules = rules;
	w->devices = devices;
	w->keys = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, keys_free);
	w->answers = g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, answer_free);
	return w;
}

void witness_free(struct witness *w)
{
	g_hash_table_unref(w->keys);
	g_hash_table_unref(w->answers);
	g_free(w->complaint);
	g_free(w);
}

const struct observer *witness_observer(const struct witness *w)
{
	return &w->observer;
}

const char *witness_complaint(const struct witness *w)
{
	return w->complaint;
}
