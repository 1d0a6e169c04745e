/* What each cryptographic operation costs, by the calling pattern of the simulator, in either mode, with lengths as
 * the protocol has them. */
#include <string.h>

#include "models/bench/bench.h"
#include "models/crypto/crypto.h"
#include "models/protocol/msg.h"
#include "models/protocol/use_keys.h"

enum { PBKDF2_ITERATIONS = 1000 };

struct crypto {
	struct cpns_crypto *body;
	void (*once)(struct crypto *c);
	uint64_t times;
	uint8_t key[CPNS_HASH], text[256], nonce[12], wrapped[CPNS_WRAPPED], sealed[256], tag[CPNS_TAG], out[256];
};

struct operation {
	const char *name, *what;
	void (*once)(struct crypto *c);
	uint64_t times, few;
};

/* Another one each time: a body may keep what it has made of the last ones. */
static void next_key(struct crypto *c)
{
	cpns_put64(c->key, cpns_get64(c->key) + 1);
}

static void hmac(struct crypto *c, size_t n)
{
	c->body->hmac(c->body->self, c->key, sizeof c->key, &(struct cpns_octets){c->text, n}, 1, c->out);
}

static void sha256_88(struct crypto *c)
{
	c->body->sha256(c->body->self, &(struct cpns_octets){c->text, 88}, 1, c->out);
	memcpy(c->text, c->out, CPNS_HASH);
}

static void hmac_32(struct crypto *c)
{
	next_key(c);
	hmac(c, 32);
}

static void hmac_88(struct crypto *c)
{
	next_key(c);
	hmac(c, 88);
}

static void hmac_same_key(struct crypto *c)
{
	hmac(c, 32);
	memcpy(c->text, c->out, CPNS_HASH);
}

static void chain_hash(struct crypto *c)
{
	static const struct cpns_octets entity = {(const uint8_t *)"00001.00", 8};
	struct cpns_ops ops = {0};

	cpns_chain_hash((struct cpns_work){c->body, &ops}, entity, c->key, c->key);
	memcpy(c->out, c->key, CPNS_HASH);
}

static void key_wrap(struct crypto *c)
{
	next_key(c);
	c->body->wrap(c->body->self, c->key, c->text, c->out);
}

static void key_unwrap(struct crypto *c)
{
	c->body->unwrap(c->body->self, c->key, c->wrapped, c->out);
}

static void seal_32(struct crypto *c)
{
	next_key(c);
	c->body->seal(c->body->self, c->key, c->nonce, c->text, 32, c->out, c->tag);
}

static void open_32(struct crypto *c)
{
	c->body->open(c->body->self, c->key, c->nonce, c->sealed, 32, c->tag, c->out);
}

/* The salt counts through the life of the process, for results are kept by input: what comes out is left out of the
 * hash. */
static void pbkdf2(struct crypto *c)
{
	static uint64_t count;
	uint8_t salt[16] = {0};

	cpns_put64(salt, ++count);
	c->body->pbkdf2(c->body->self, c->key, sizeof c->key, salt, sizeof salt, PBKDF2_ITERATIONS, c->out);
	memset(c->out, 0, sizeof c->out);
}

static const struct operation operations[] = {
    {"sha256", "SHA-256 of 88 octets", sha256_88, 50000, 10},
    {"hmac-32", "HMAC of 32 octets under a new key", hmac_32, 50000, 10},
    {"hmac-88", "HMAC of 88 octets under a new key", hmac_88, 50000, 10},
    {"hmac-same-key", "HMAC of 32 octets under the key used before", hmac_same_key, 50000, 10},
    {"chain-hash", "F, from one key of a chain to the next", chain_hash, 50000, 10},
    {"key-wrap", "AES-256 key wrap of 32 octets under a new key", key_wrap, 20000, 10},
    {"key-unwrap", "its opposite, under the key used before", key_unwrap, 20000, 10},
    {"seal", "AES-256-GCM of 32 octets under a new key", seal_32, 20000, 10},
    {"open", "its opposite, under the key used before", open_32, 20000, 10},
    {"pbkdf2-1000", "PBKDF2 of 1000 iterations", pbkdf2, 100, 2},
};

static void *set_up(const struct operation *operation, struct cpns_crypto *body, uint64_t size, uint64_t seed)
{
	struct crypto *c = g_new0(struct crypto, 1);

	c->body = body;
	c->once = operation->once;
	c->times = size;
	memset(c->text, 1, sizeof c->text);
	cpns_put64(c->key + 8, seed);
	body->wrap(body->self, c->key, c->text, c->wrapped);
	body->seal(body->self, c->key, c->nonce, c->text, 32, c->sealed, c->tag);
	return c;
}

static void *set_up_real(const struct bench *bench, uint64_t size, uint64_t seed)
{
	return set_up(bench->variant, cpns_crypto_openssl_new(), size, seed);
}

static void *set_up_counted(const struct bench *bench, uint64_t size, uint64_t seed)
{
	return set_up(bench->variant, cpns_crypto_counted_new(), size, seed);
}

static void work(void *task)
{
	struct crypto *c = task;

	for (uint64_t i = 0; i < c->times; i++)
		c->once(c);
}

static void finish(void *task, struct bench_outcome *outcome)
{
	struct crypto *c = task;

	outcome->work = c->times;
	outcome->hash = bench_hash_octets(bench_hash_octets(0, c->out, sizeof c->out), c->tag, sizeof c->tag);
	cpns_crypto_free(c->body);
	g_free(c);
}

static void add(GArray *suite, const char *prefix, const struct operation *operation,
		void *(*set_up_mode)(const struct bench *bench, uint64_t size, uint64_t seed))
{
	const struct bench bench = {
	    .name = bench_name(prefix, operation->name),
	    .unit = "ns",
	    .what = operation->what,
	    .size = operation->times,
	    .tiny = operation->few,
	    .variant = operation,
	    .set_up = set_up_mode,
	    .work = work,
	    .finish = finish,
	};

	g_array_append_val(suite, bench);
}

void bench_add_crypto(GArray *suite)
{
	for (size_t i = 0; i < G_N_ELEMENTS(operations); i++)
		add(suite, "crypto.real", &operations[i], set_up_real);
	for (size_t i = 0; i < G_N_ELEMENTS(operations); i++)
		add(suite, "crypto.counted", &operations[i], set_up_counted);
}
