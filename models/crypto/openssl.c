/* The only file of models/ that may read a clock: the time spent here is provenance and never feeds a run. */
#include "models/crypto/crypto.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "models/crypto/aes_wrap.h"
#include "models/crypto/body.h"
#include "models/crypto/hmac.h"

/* A power of two. So many are 192 KiB, which a processor's second cache holds beside what else a run touches. Of the
 * 21 HMACs of an assignment of 6.3.2.1 among 10^5 PNEs 7 then find no key; with 4096 places it would be 6, and the
 * run took longer, with 512 it would be 11. */
#define KEYS 2048
#define LINE 64 /* octets of a cache line: from there on, a key lies in two of them, from anywhere in up to three */

/* A key of at most a hash, filled up with zeros. */
struct known_key {
	uint64_t words[CPNS_HASH / 8];
	struct hmac_key key;
};

/* Fetching an algorithm costs more than using it, so each is fetched once and its context kept. */
struct openssl {
	struct crypto_body body;
	unsigned calls;
	/* Of the last HMACs: a message takes several under one key, and its receiver the same ones, by when those of
	 * some hundred other messages have come between. A place of zeros is free, but for that of the key 0. */
	struct known_key *keys; /* KEYS of them */
	EVP_CIPHER_CTX *wrap, *unwrap, *gcm;
};

/* Nothing here can fail for what a peer or a user did: a refusal is a mistake of ours or a want of memory. */
static void must(int done, const char *what)
{
	if (done != 1) /* some calls say no with a negative number */
		g_error("OpenSSL: %s: %s", what, ERR_error_string(ERR_peek_last_error(), NULL));
}

static __attribute__((noinline)) int64_t clock_ns(void)
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

/* Asking for the time costs as much as a compression. So of the short operations only one in SAMPLE is timed, and
 * stands for as many. */
#define SAMPLE 64

static inline int64_t sample_begin(struct openssl *o)
{
	return o->calls++ % SAMPLE == 0 ? clock_ns() : 0;
}

static inline void sample_end(struct openssl *o, int64_t since)
{
	if (since != 0)
		o->body.wall_ns += SAMPLE * (clock_ns() - since);
}

static void openssl_sha256(void *self, const struct cpns_octets *parts, size_t n, uint8_t out[CPNS_HASH])
{
	int64_t since = sample_begin(self);

	hash_sha256(parts, n, out);
	sample_end(self, since);
}

static __attribute__((noinline)) void key_set(struct hmac_key *key, const void *octets, size_t n)
{
	uint8_t block[HMAC_BLOCK];

	hmac_block(octets, n, block);
	hmac_key_set(key, block);
}

/* The place of the key 0 is the first. */
static struct known_key *place_of(struct openssl *o, uint64_t first_word)
{
	return &o->keys[first_word * UINT64_C(0x9e3779b97f4a7c15) >> 32 & (KEYS - 1)];
}

/* Finds a key of at most a hash, or makes it. */
static const struct hmac_key *key_find(struct openssl *o, const uint8_t *octets, size_t n)
{
	uint64_t words[CPNS_HASH / 8] = {0}, difference = 0;

	if (n == sizeof words)
		memcpy(words, octets, sizeof words); /* almost always: of a length that the compiler knows */
	else if (n > 0)
		memcpy(words, octets, n);
	struct known_key *known = place_of(o, words[0]);

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		difference |= known->words[i] ^ words[i];
	if (difference != 0) {
		memcpy(known->words, words, sizeof words);
		key_set(&known->key, words, sizeof words);
	}
	return &known->key;
}

static void openssl_hmac(void *self, const uint8_t *key, size_t key_n, const struct cpns_octets *parts, size_t n,
			 uint8_t out[CPNS_HASH])
{
	int64_t since = sample_begin(self);
	struct hmac_key longer;

	if (key_n > CPNS_HASH)
		key_set(&longer, key, key_n);
	hmac_compute(key_n > CPNS_HASH ? &longer : key_find(self, key, key_n), parts, n, out);
	sample_end(self, since);
}

/* What PBKDF2 has given so far for many iterations, by its whole input, for the life of the process. A shard is
 * locked while it computes: whoever asks for the same input meanwhile waits and finds it. pthread's locks, because
 * ThreadSanitizer knows them and does not see into GLib's. */
#define SHARDS 256

struct shard {
	pthread_mutex_t lock;
	struct answer **known; /* open addressing with linear probing; NULL: free */
	size_t n, room;        /* room: a power of two, and never full */
};

struct question {
	uint64_t hash;
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

static bool same(const struct question *x, const struct question *y)
{
	return x->hash == y->hash && x->iterations == y->iterations && x->password_n == y->password_n &&
	       x->salt_n == y->salt_n && memcmp(x->password, y->password, x->password_n) == 0 &&
	       memcmp(x->salt, y->salt, x->salt_n) == 0;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

/* Eight octets at a time. The hash decides about no more than places in tables. */
static uint64_t hash_octets(uint64_t hash, const uint8_t *at, size_t n)
{
	uint64_t word;

	for (; n >= sizeof word; at += sizeof word, n -= sizeof word) {
		memcpy(&word, at, sizeof word);
		hash = mix(hash, word);
	}
	for (word = n; n > 0; at++, n--)
		word = word << 8 | *at;
	return mix(hash, word);
}

static void shards_new(void)
{
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&shards[i].lock, NULL);
		shards[i].room = 4;
		shards[i].known = g_new0(struct answer *, shards[i].room);
	}
}

static void derive(const struct question *q, uint8_t out[CPNS_HASH])
{
	struct hmac_key key;

	key_set(&key, q->password, q->password_n);
	hmac_pbkdf2(&key, q->salt, q->salt_n, q->iterations, out);
}

static struct answer *answer_new(struct openssl *o, const struct question *q)
{
	struct answer *a = g_malloc(sizeof *a + q->password_n + q->salt_n);
	int64_t since = clock_ns();

	derive(q, a->hash);
	o->body.wall_ns += clock_ns() - since;
	a->question = *q;
	a->question.password = a->octets;
	a->question.salt = a->octets + q->password_n;
	memcpy(a->octets, q->password, q->password_n);
	memcpy(a->octets + q->password_n, q->salt, q->salt_n);
	return a;
}

/* Where the answer to the question stands, or would. */
static struct answer **seek(const struct shard *shard, const struct question *q)
{
	size_t i = q->hash / SHARDS;

	while (shard->known[i & (shard->room - 1)] != NULL &&
	       !same(&shard->known[i & (shard->room - 1)]->question, q))
		i++;
	return &shard->known[i & (shard->room - 1)];
}

static void grow(struct shard *shard)
{
	struct answer **old = shard->known;
	size_t room = shard->room;

	shard->room *= 2;
	shard->known = g_new0(struct answer *, shard->room);
	for (size_t i = 0; i < room; i++)
		if (old[i] != NULL)
			*seek(shard, &old[i]->question) = old[i];
	g_free(old);
}

static void add(struct shard *shard, struct answer *a)
{
	if (++shard->n > shard->room / 2)
		grow(shard);
	*seek(shard, &a->question) = a;
}

static void openssl_pbkdf2(void *self, const uint8_t *password, size_t password_n, const uint8_t *salt, size_t salt_n,
			   uint32_t iterations, uint8_t out[CPNS_HASH])
{
	static const uint8_t nothing[1];
	struct question q = {.iterations = iterations, .password_n = password_n, .salt_n = salt_n};

	q.password = password_n > 0 ? password : nothing;
	q.salt = salt_n > 0 ? salt : nothing;
	if (iterations < CPNS_PBKDF2_KEPT) {
		int64_t since = sample_begin(self);

		derive(&q, out);
		sample_end(self, since);
		return;
	}
	q.hash = hash_octets(hash_octets(iterations, q.password, password_n), q.salt, salt_n);
	pthread_once(&shards_once, shards_new);
	struct shard *shard = &shards[q.hash % SHARDS];

	pthread_mutex_lock(&shard->lock);
	struct answer *a = *seek(shard, &q);

	if (a == NULL) {
		a = answer_new(self, &q);
		add(shard, a);
	}
	pthread_mutex_unlock(&shard->lock);
	memcpy(out, a->hash, CPNS_HASH); /* an answer never changes and is never freed */
}

/* RFC 3394 by hand, where aes_wrap.h cannot help: the library's own key wrap does its block operations without the
 * processor's AES instructions. */

#define SEMIBLOCK 8
#define STEPS (6 * CPNS_HASH / SEMIBLOCK)

static const uint8_t initial_value[SEMIBLOCK] = {0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6};

static inline void aes_block(EVP_CIPHER_CTX *context, uint8_t block[16])
{
	int n;

	must(EVP_CipherUpdate(context, block, &n, block, 16), "AES-256-ECB");
}

static void library_wrap(struct openssl *o, const uint8_t kek[CPNS_HASH], const uint8_t key[CPNS_HASH],
			 uint8_t out[CPNS_WRAPPED])
{
	uint8_t block[16], r[CPNS_HASH];

	must(EVP_CipherInit_ex2(o->wrap, NULL, kek, NULL, 1, NULL), "AES-256-ECB");
	memcpy(block, initial_value, SEMIBLOCK);
	memcpy(r, key, CPNS_HASH);
	for (uint8_t t = 1; t <= STEPS; t++) {
		uint8_t *semiblock = r + (t - 1) * SEMIBLOCK % CPNS_HASH;

		memcpy(block + SEMIBLOCK, semiblock, SEMIBLOCK);
		aes_block(o->wrap, block);
		block[SEMIBLOCK - 1] ^= t;
		memcpy(semiblock, block + SEMIBLOCK, SEMIBLOCK);
	}
	memcpy(out, block, SEMIBLOCK);
	memcpy(out + SEMIBLOCK, r, CPNS_HASH);
}

static bool library_unwrap(struct openssl *o, const uint8_t kek[CPNS_HASH], const uint8_t in[CPNS_WRAPPED],
			   uint8_t key[CPNS_HASH])
{
	uint8_t block[16], r[CPNS_HASH];

	must(EVP_CipherInit_ex2(o->unwrap, NULL, kek, NULL, 0, NULL), "AES-256-ECB");
	memcpy(block, in, SEMIBLOCK);
	memcpy(r, in + SEMIBLOCK, CPNS_HASH);
	for (uint8_t t = STEPS; t >= 1; t--) {
		uint8_t *semiblock = r + (t - 1) * SEMIBLOCK % CPNS_HASH;

		block[SEMIBLOCK - 1] ^= t;
		memcpy(block + SEMIBLOCK, semiblock, SEMIBLOCK);
		aes_block(o->unwrap, block);
		memcpy(semiblock, block + SEMIBLOCK, SEMIBLOCK);
	}
	if (memcmp(block, initial_value, SEMIBLOCK) != 0)
		return false;
	memcpy(key, r, CPNS_HASH);
	return true;
}

static void openssl_wrap(void *self, const uint8_t kek[CPNS_HASH], const uint8_t key[CPNS_HASH],
			 uint8_t out[CPNS_WRAPPED])
{
	const struct aes_wrap *instructions = aes_wrap_instructions();
	int64_t since = sample_begin(self);

	if (instructions != NULL)
		instructions->wrap(kek, key, out);
	else
		library_wrap(self, kek, key, out);
	sample_end(self, since);
}

static bool openssl_unwrap(void *self, const uint8_t kek[CPNS_HASH], const uint8_t in[CPNS_WRAPPED],
			   uint8_t key[CPNS_HASH])
{
	const struct aes_wrap *instructions = aes_wrap_instructions();
	int64_t since = sample_begin(self);
	bool right = instructions != NULL ? instructions->unwrap(kek, in, key) : library_unwrap(self, kek, in, key);

	sample_end(self, since);
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
	EVP_CIPHER_CTX_free(o->unwrap);
	EVP_CIPHER_CTX_free(o->wrap);
	g_aligned_free(o->keys);
	g_free(o);
	/* What OpenSSL keeps for this thread: left to the thread's end, it may outlive the process's leak check. */
	OPENSSL_thread_stop();
}

static EVP_CIPHER_CTX *cipher_new(const char *name)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

	must(cipher != NULL && context != NULL, name);
	must(EVP_CipherInit_ex2(context, cipher, NULL, NULL, 1, NULL), name);
	EVP_CIPHER_CTX_set_padding(context, 0);
	EVP_CIPHER_free(cipher);
	return context;
}

struct cpns_crypto *cpns_crypto_openssl_new(void)
{
	struct openssl *o = g_new0(struct openssl, 1);

	o->keys = g_aligned_alloc0(KEYS, sizeof o->keys[0], LINE);
	key_set(&place_of(o, 0)->key, NULL, 0);
	o->wrap = cipher_new("AES-256-ECB");
	o->unwrap = cipher_new("AES-256-ECB");
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
