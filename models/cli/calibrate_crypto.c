/* What an operation costs, by the calling pattern of the simulator: models/crypto's real body, with lengths as the
 * protocol has them. The clock is that of the process's CPU time, so that what else goes on does not count. */
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "models/cli/calibrate.h"
#include "models/cli/stop.h"
#include "models/crypto/crypto.h"

#define PBKDF2_ITERATIONS 1000

struct bench {
	struct cpns_crypto *crypto;
	int random; /* the system's generator */
	uint8_t text[256], key[CPNS_HASH], wrapped[CPNS_WRAPPED], sealed[256], tag[CPNS_TAG], out[256];
};

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Another one each time: a body may keep what it has made of the last ones. */
static void next_key(struct bench *b)
{
	uint64_t count;

	memcpy(&count, b->key, sizeof count);
	count++;
	memcpy(b->key, &count, sizeof count);
}

static void hmac(struct bench *b, size_t n)
{
	b->crypto->hmac(b->crypto->self, b->key, sizeof b->key, &(struct cpns_octets){b->text, n}, 1, b->out);
}

static void sha256_88(struct bench *b)
{
	b->crypto->sha256(b->crypto->self, &(struct cpns_octets){b->text, 88}, 1, b->out);
}

static void hmac_32(struct bench *b)
{
	next_key(b);
	hmac(b, 32);
}

static void hmac_88(struct bench *b)
{
	next_key(b);
	hmac(b, 88);
}

static void hmac_same_key(struct bench *b)
{
	hmac(b, 32);
}

/* F of an EUKey set: each key comes out of the one before. */
static void chain_hash(struct bench *b)
{
	hmac(b, 24);
	memcpy(b->key, b->out, sizeof b->key);
}

static void key_wrap(struct bench *b)
{
	next_key(b);
	b->crypto->wrap(b->crypto->self, b->key, b->text, b->out);
}

/* Of what nobody wrapped under that key: refused, after the same work. */
static void key_unwrap(struct bench *b)
{
	next_key(b);
	b->crypto->unwrap(b->crypto->self, b->key, b->wrapped, b->out);
}

static void seal_32(struct bench *b)
{
	next_key(b);
	b->crypto->seal(b->crypto->self, b->key, b->text, b->text, 32, b->sealed, b->tag);
}

static void seal_256(struct bench *b)
{
	next_key(b);
	b->crypto->seal(b->crypto->self, b->key, b->text, b->text, 256, b->sealed, b->tag);
}

static void pbkdf2(struct bench *b)
{
	next_key(b);
	b->crypto->pbkdf2(b->crypto->self, b->key, sizeof b->key, b->text, 16, PBKDF2_ITERATIONS, b->out);
}

static void random_32(struct bench *b)
{
	if (read(b->random, b->out, 32) != 32)
		g_error("the system's random generator: no octets");
}

enum {
	SHA256_88,
	HMAC_32,
	HMAC_88,
	HMAC_SAME_KEY,
	CHAIN_HASH,
	KEY_WRAP,
	KEY_UNWRAP,
	SEAL_32,
	SEAL_256,
	PBKDF2,
	RANDOM_32,
};

/* What each is in units: FIPS 180-4, RFC 2104, RFC 3394, SP 800-38D, as the protocol counts them. */
static const struct {
	struct calibrate_operation operation;
	void (*once)(struct bench *b);
} table[CALIBRATE_OPERATIONS] = {
    [SHA256_88] = {{"sha256", 88, {[CALIBRATE_COMPRESSION] = 2}}, sha256_88},
    [HMAC_32] = {{"hmac", 32, {[CALIBRATE_COMPRESSION] = 4}}, hmac_32},
    [HMAC_88] = {{"hmac", 88, {[CALIBRATE_COMPRESSION] = 5}}, hmac_88},
    [HMAC_SAME_KEY] = {{"hmac_key_used_before", 32, {[CALIBRATE_COMPRESSION] = 4}}, hmac_same_key},
    [CHAIN_HASH] = {{"chain_hash", 24, {[CALIBRATE_COMPRESSION] = 4}}, chain_hash},
    [KEY_WRAP] = {{"key_wrap", 32, {[CALIBRATE_AES_KEY] = 1, [CALIBRATE_AES_BLOCK] = 24}}, key_wrap},
    [KEY_UNWRAP] = {{"key_unwrap", 40, {[CALIBRATE_AES_KEY] = 1, [CALIBRATE_AES_BLOCK] = 24}}, key_unwrap},
    [SEAL_32] = {{"gcm_seal", 32, {[CALIBRATE_AES_KEY] = 1, [CALIBRATE_AES_BLOCK] = 4, [CALIBRATE_GHASH_BLOCK] = 3}},
		 seal_32},
    [SEAL_256] = {{"gcm_seal",
		   256,
		   {[CALIBRATE_AES_KEY] = 1, [CALIBRATE_AES_BLOCK] = 18, [CALIBRATE_GHASH_BLOCK] = 17}},
		  seal_256},
    [PBKDF2] = {{"pbkdf2_1000_iterations", 32, {[CALIBRATE_PBKDF2_ITERATION] = PBKDF2_ITERATIONS}}, pbkdf2},
    [RANDOM_32] = {{"random", 32, {[CALIBRATE_RANDOM_OCTET] = 32}}, random_32},
};

/* Nanoseconds of one, over about that much CPU time. */
static double time_of(struct bench *b, void (*once)(struct bench *b), double ns, guint *n)
{
	double since = cpu_ns(), now = since;
	guint done = 0;

	for (guint batch = 1; now - since < ns; batch *= 2) {
		for (guint i = 0; i < batch; i++) {
			once(b);
			__asm__ volatile("" ::: "memory");
		}
		done += batch;
		now = cpu_ns();
	}
	*n += done;
	return (now - since) / done;
}

/* The units of one round from its operations. Compressions are weighted as 6.3.2.1 has them: of seven HMACs five are
 * of one block, two of two. A wrap is a key schedule and 24 blocks, exactly; how it divides among them is what makes
 * seals come nearest. */
static void find_units(const double *ns, double units[CALIBRATE_UNITS])
{
	double wrap = (ns[KEY_WRAP] + ns[KEY_UNWRAP]) / 2;
	double step = (ns[SEAL_256] - ns[SEAL_32]) / 14; /* a block and its GHASH multiplication */
	double once = MAX(ns[SEAL_32] - 3 * step, 0);    /* a key schedule and one block more */
	double block = CLAMP((wrap - once) / 23, 0, wrap / 24);

	units[CALIBRATE_COMPRESSION] = (ns[SHA256_88] + 5 * ns[HMAC_32] + 2 * ns[HMAC_88]) / (2 + 5 * 4 + 2 * 5);
	units[CALIBRATE_PBKDF2_ITERATION] = ns[PBKDF2] / PBKDF2_ITERATIONS;
	units[CALIBRATE_AES_BLOCK] = block;
	units[CALIBRATE_AES_KEY] = wrap - 24 * block;
	units[CALIBRATE_GHASH_BLOCK] = MAX(step - block, 0);
	units[CALIBRATE_RANDOM_OCTET] = ns[RANDOM_32] / 32;
}

struct calibrate_spread calibrate_spread_of(double *values, guint n)
{
	for (guint i = 1; i < n; i++)
		for (guint k = i; k > 0 && values[k] < values[k - 1]; k--) {
			double other = values[k];

			values[k] = values[k - 1];
			values[k - 1] = other;
		}
	return (struct calibrate_spread){(values[(n - 1) / 2] + values[n / 2]) / 2, values[0], values[n - 1]};
}

static void bench_start(struct bench *b)
{
	memset(b, 1, sizeof *b);
	b->crypto = cpns_crypto_openssl_new();
	b->random = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	b->crypto->wrap(b->crypto->self, b->key, b->text, b->wrapped);
}

static void bench_end(struct bench *b)
{
	close(b->random);
	cpns_crypto_free(b->crypto);
}

/* Rounds, in each of which all operations take their turn: what changes meanwhile meets all of them. */
static guint measure_rounds(struct calibrate_crypto *crypto, guint ms, double *ns, struct sim_progress *progress)
{
	struct bench b;
	guint round = 0;

	bench_start(&b);
	for (; round < crypto->rounds && cli_stop_signal == 0; round++) {
		for (int op = 0; op < CALIBRATE_OPERATIONS; op++)
			ns[round * CALIBRATE_OPERATIONS + (guint)op] =
			    time_of(&b, table[op].once, ms * 1e6, &crypto->operations[op].n);
		sim_progress_add(progress, 0, false);
		sim_progress_say(progress);
	}
	bench_end(&b);
	return round;
}

bool calibrate_crypto_measure(struct calibrate_crypto *crypto, guint rounds, guint ms, struct sim_progress *progress)
{
	g_autofree double *ns = g_new(double, rounds *CALIBRATE_OPERATIONS);
	g_autofree double *units = g_new(double, rounds *CALIBRATE_UNITS);
	g_autofree double *values = g_new(double, rounds);
	double medians[CALIBRATE_OPERATIONS], typical[CALIBRATE_UNITS];

	crypto->rounds = rounds;
	for (int op = 0; op < CALIBRATE_OPERATIONS; op++)
		crypto->operations[op] = table[op].operation;
	if (measure_rounds(crypto, ms, ns, progress) < rounds)
		return false;
	for (guint op = 0; op < CALIBRATE_OPERATIONS; op++) {
		for (guint r = 0; r < rounds; r++)
			values[r] = ns[r * CALIBRATE_OPERATIONS + op];
		crypto->operations[op].ns = calibrate_spread_of(values, rounds);
		medians[op] = crypto->operations[op].ns.median;
	}
	find_units(medians, typical);
	for (guint r = 0; r < rounds; r++)
		find_units(ns + r * CALIBRATE_OPERATIONS, units + r * CALIBRATE_UNITS);
	for (guint u = 0; u < CALIBRATE_UNITS; u++) {
		for (guint r = 0; r < rounds; r++)
			values[r] = units[r * CALIBRATE_UNITS + u];
		struct calibrate_spread spread = calibrate_spread_of(values, rounds);

		/* Of medians, so that the units fit each other. */
		crypto->units[u] =
		    (struct calibrate_spread){typical[u], MIN(spread.min, typical[u]), MAX(spread.max, typical[u])};
	}
	return true;
}

double calibrate_charged(const struct calibrate_crypto *crypto, const struct calibrate_operation *operation)
{
	double ns = 0;

	for (int u = 0; u < CALIBRATE_UNITS; u++)
		ns += crypto->units[u].median * operation->units[u];
	return ns;
}
