/* The only file of models/ that may read a clock: the time spent here is provenance and never feeds a run. */
#include "models/crypto/crypto.h"

#include <glib.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "models/crypto/body.h"

/* Fetching an algorithm costs more than using it, so each is fetched once and its context kept. */
struct openssl {
	struct crypto_body body;
	EVP_MD *sha256;
	EVP_MD_CTX *digest;
	EVP_MAC_CTX *hmac;
	EVP_CIPHER_CTX *wrap, *gcm;
};

/* Nothing here can fail for what a peer or a user did: a refusal is a mistake of ours or a want of memory. */
static void must(int done, const char *what)
{
	if (done != 1) /* some calls say no with a negative number */
		g_error("OpenSSL: %s: %s", what, ERR_error_string(ERR_peek_last_error(), NULL));
}

static int64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int as_int(size_t n)
{
	must(n <= G_MAXINT, "input too long");
	return (int)n;
}

static void openssl_sha256(void *self, const struct cpns_octets *parts, size_t n, uint8_t out[CPNS_HASH])
{
	struct openssl *o = self;
	int64_t since = clock_ns();

	must(EVP_DigestInit_ex2(o->digest, o->sha256, NULL), "SHA-256");
	for (size_t i = 0; i < n; i++)
		if (parts[i].n > 0)
			must(EVP_DigestUpdate(o->digest, parts[i].at, parts[i].n), "SHA-256");
	must(EVP_DigestFinal_ex(o->digest, out, NULL), "SHA-256");
	o->body.wall_ns += clock_ns() - since;
}

static void openssl_hmac(void *self, const uint8_t *key, size_t key_n, const struct cpns_octets *parts, size_t n,
			 uint8_t out[CPNS_HASH])
{
	static const uint8_t nothing[1];
	struct openssl *o = self;
	int64_t since = clock_ns();

	/* Without parameters: the digest was set once. NULL for a key would mean the one before. */
	must(EVP_MAC_init(o->hmac, key_n > 0 ? key : nothing, key_n, NULL), "HMAC");
	for (size_t i = 0; i < n; i++)
		if (parts[i].n > 0)
			must(EVP_MAC_update(o->hmac, parts[i].at, parts[i].n), "HMAC");
	must(EVP_MAC_final(o->hmac, out, NULL, CPNS_HASH), "HMAC");
	o->body.wall_ns += clock_ns() - since;
}

/* What PBKDF2 has given so far, by its whole input, for the life of the process. A shard is locked while it computes:
 * whoever asks for the same input meanwhile waits and finds it. pthread's locks, because ThreadSanitizer knows them
 * and does not see into GLib's. */
#define SHARDS 256

struct shard {
	pthread_mutex_t lock;
	GHashTable *known; /* struct question -> itself, extended by the answer */
};

struct question {
	uint32_t hash;
	uint32_t iterations;
	size_t password_n, salt_n;
	const uint8_t *password, *salt;
};

struct answer {
	struct question question; /* first: a key and its value are one allocation */
	uint8_t hash[CPNS_HASH];
	uint8_t octets[]; /* password, salt */
};

static struct shard shards[SHARDS];
static pthread_once_t shards_once = PTHREAD_ONCE_INIT;

static guint question_hash(gconstpointer key)
{
	return ((const struct question *)key)->hash;
}

static gboolean question_equal(gconstpointer a, gconstpointer b)
{
	const struct question *x = a, *y = b;

	return x->iterations == y->iterations && x->password_n == y->password_n && x->salt_n == y->salt_n &&
	       memcmp(x->password, y->password, x->password_n) == 0 && memcmp(x->salt, y->salt, x->salt_n) == 0;
}

static uint32_t fnv(uint32_t hash, const uint8_t *at, size_t n)
{
	for (; n > 0; at++, n--)
		hash = (hash ^ *at) * 16777619u;
	return hash;
}

static void shards_new(void)
{
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&shards[i].lock, NULL);
		shards[i].known = g_hash_table_new(question_hash, question_equal);
	}
}

static struct answer *answer_new(struct openssl *o, const struct question *q)
{
	struct answer *a = g_malloc(sizeof *a + q->password_n + q->salt_n);
	int64_t since = clock_ns();

	must(PKCS5_PBKDF2_HMAC((const char *)q->password, as_int(q->password_n), q->salt, as_int(q->salt_n),
			       as_int(q->iterations), o->sha256, CPNS_HASH, a->hash),
	     "PBKDF2");
	o->body.wall_ns += clock_ns() - since;
	a->question = *q;
	a->question.password = a->octets;
	a->question.salt = a->octets + q->password_n;
	memcpy(a->octets, q->password, q->password_n);
	memcpy(a->octets + q->password_n, q->salt, q->salt_n);
	return a;
}

static void openssl_pbkdf2(void *self, const uint8_t *password, size_t password_n, const uint8_t *salt, size_t salt_n,
			   uint32_t iterations, uint8_t out[CPNS_HASH])
{
	static const uint8_t nothing[1];
	struct question q = {.iterations = iterations, .password_n = password_n, .salt_n = salt_n};

	q.password = password_n > 0 ? password : nothing;
	q.salt = salt_n > 0 ? salt : nothing;
	q.hash = fnv(fnv(2166136261u, q.password, password_n), q.salt, salt_n) ^ iterations;
	pthread_once(&shards_once, shards_new);
	struct shard *shard = &shards[(q.hash ^ q.hash >> 16) % SHARDS];

	pthread_mutex_lock(&shard->lock);
	struct answer *a = g_hash_table_lookup(shard->known, &q);

	if (a == NULL) {
		a = answer_new(self, &q);
		g_hash_table_add(shard->known, a);
	}
	pthread_mutex_unlock(&shard->lock);
	memcpy(out, a->hash, CPNS_HASH); /* an answer never changes and is never freed */
}

static void openssl_wrap(void *self, const uint8_t kek[CPNS_HASH], const uint8_t key[CPNS_HASH],
			 uint8_t out[CPNS_WRAPPED])
{
	struct openssl *o = self;
	uint8_t wrapped[CPNS_WRAPPED + 16];
	int n = 0;
	int64_t since = clock_ns();

	must(EVP_CipherInit_ex2(o->wrap, NULL, kek, NULL, 1, NULL), "AES-256-WRAP");
	must(EVP_CipherUpdate(o->wrap, wrapped, &n, key, CPNS_HASH) && n == CPNS_WRAPPED, "AES-256-WRAP");
	o->body.wall_ns += clock_ns() - since;
	memcpy(out, wrapped, CPNS_WRAPPED);
}

static bool openssl_unwrap(void *self, const uint8_t kek[CPNS_HASH], const uint8_t in[CPNS_WRAPPED],
			   uint8_t key[CPNS_HASH])
{
	struct openssl *o = self;
	uint8_t found[CPNS_WRAPPED + 16];
	int n = 0;
	int64_t since = clock_ns();

	must(EVP_CipherInit_ex2(o->wrap, NULL, kek, NULL, 0, NULL), "AES-256-WRAP");
	bool right = EVP_CipherUpdate(o->wrap, found, &n, in, CPNS_WRAPPED) == 1 && n == CPNS_HASH;

	if (!right)
		ERR_clear_error();
	o->body.wall_ns += clock_ns() - since;
	if (right)
		memcpy(key, found, CPNS_HASH);
	return right;
}

static void openssl_seal(void *self, const uint8_t key[CPNS_HASH], const uint8_t nonce[12], const uint8_t *in,
			 size_t n, uint8_t *out, uint8_t tag[CPNS_TAG])
{
	struct openssl *o = self;
	uint8_t rest[16];
	int done = 0;
	int64_t since = clock_ns();

	must(EVP_CipherInit_ex2(o->gcm, NULL, key, nonce, 1, NULL), "AES-256-GCM");
	if (n > 0)
		must(EVP_CipherUpdate(o->gcm, out, &done, in, as_int(n)) && done == (int)n, "AES-256-GCM");
	must(EVP_CipherFinal_ex(o->gcm, rest, &done), "AES-256-GCM");
	must(EVP_CIPHER_CTX_ctrl(o->gcm, EVP_CTRL_AEAD_GET_TAG, CPNS_TAG, tag), "AES-256-GCM");
	o->body.wall_ns += clock_ns() - since;
}

static bool openssl_open(void *self, const uint8_t key[CPNS_HASH], const uint8_t nonce[12], const uint8_t *in,
			 size_t n, const uint8_t tag[CPNS_TAG], uint8_t *out)
{
	struct openssl *o = self;
	uint8_t expected[CPNS_TAG], rest[16];
	int done = 0;
	int64_t since = clock_ns();

	memcpy(expected, tag, sizeof expected);
	must(EVP_CipherInit_ex2(o->gcm, NULL, key, nonce, 0, NULL), "AES-256-GCM");
	must(EVP_CIPHER_CTX_ctrl(o->gcm, EVP_CTRL_AEAD_SET_TAG, CPNS_TAG, expected), "AES-256-GCM");
	if (n > 0)
		must(EVP_CipherUpdate(o->gcm, out, &done, in, as_int(n)) && done == (int)n, "AES-256-GCM");
	bool right = EVP_CipherFinal_ex(o->gcm, rest, &done) == 1;

	if (!right)
		ERR_clear_error();
	o->body.wall_ns += clock_ns() - since;
	if (!right && n > 0)
		memset(out, 0, n); /* nobody shall see what did not verify */
	return right;
}

static void openssl_free(struct crypto_body *body)
{
	struct openssl *o = (struct openssl *)body;

	EVP_CIPHER_CTX_free(o->gcm);
	EVP_CIPHER_CTX_free(o->wrap);
	EVP_MAC_CTX_free(o->hmac);
	EVP_MD_CTX_free(o->digest);
	EVP_MD_free(o->sha256);
	g_free(o);
}

static EVP_MAC_CTX *hmac_new(void)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
			       OSSL_PARAM_construct_end()};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);

	must(context != NULL && EVP_MAC_CTX_set_params(context, params), "fetching HMAC");
	EVP_MAC_free(mac);
	return context;
}

static EVP_CIPHER_CTX *cipher_new(const char *name)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

	must(cipher != NULL && context != NULL, name);
	EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	must(EVP_CipherInit_ex2(context, cipher, NULL, NULL, 1, NULL), name);
	EVP_CIPHER_free(cipher);
	return context;
}

struct cpns_crypto *cpns_crypto_openssl_new(void)
{
	struct openssl *o = g_new0(struct openssl, 1);

	o->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	o->digest = EVP_MD_CTX_new();
	must(o->sha256 != NULL && o->digest != NULL, "fetching SHA-256");
	o->hmac = hmac_new();
	o->wrap = cipher_new("AES-256-WRAP");
	o->gcm = cipher_new("AES-256-GCM");
	o->body.free = openssl_free;
	o->body.functions = (struct cpns_crypto){.self = o,
						 .sha256 = openssl_sha256,
						 .hmac = openssl_hmac,
						 .pbkdf2 = openssl_pbkdf2,
						 .wrap = openssl_wrap,
						 .unwrap = openssl_unwrap,
						 .seal = openssl_seal,
						 .open = openssl_open};
	return &o->body.functions;
}

const char *cpns_crypto_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}
