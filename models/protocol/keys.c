#include "models/protocol/keys.h"

#include <assert.h>
#include <string.h>

#include "models/protocol/msg.h"

/* A literal label without its terminator. */
#define LABEL(text) ((struct cpns_octets){(const uint8_t *)(text), sizeof(text) - 1})
#define OCTETS(array) ((struct cpns_octets){(array), sizeof(array)})

/* Three names and what stands between and behind them. */
enum { INPUT_MAX = 3 * (2 + CPNS_ID_MAX) + 256 };

/* An input under construction: octet strings, one after the other. */
struct input {
	size_t n;
	uint8_t at[INPUT_MAX];
};

static void begin(struct input *in)
{
	in->n = 0;
}

static void add(struct input *in, struct cpns_octets part)
{
	assert(part.n <= INPUT_MAX - in->n);
	if (part.n > 0)
		memcpy(in->at + in->n, part.at, part.n);
	in->n += part.n;
}

/* LP(x) */
static void add_lp(struct input *in, struct cpns_octets x)
{
	assert(x.n <= UINT16_MAX);
	add(in, OCTETS(((uint8_t[]){(uint8_t)(x.n >> 8), (uint8_t)x.n})));
	add(in, x);
}

static void add_names(struct input *in, const struct cpns_names *names)
{
	add_lp(in, names->user);
	add_lp(in, names->entity);
}

/* Compressions of a SHA-256 of n octets: padding takes a bit and a 64-bit length (FIPS 180-4). */
static uint32_t compressions(size_t n)
{
	return (uint32_t)((n + 9 + 63) / 64);
}

static struct cpns_octets all(const struct input *in)
{
	return (struct cpns_octets){in->at, in->n};
}

static void sha256(struct cpns_work w, const struct input *in, uint8_t out[CPNS_HASH])
{
	struct cpns_octets text = all(in);

	w.ops->sha256++;
	w.ops->compressions += compressions(text.n);
	w.crypto->sha256(w.crypto->self, &text, 1, out);
}

/* HMAC with a key of at most one block: two blocks of pads, the message, and the inner hash (RFC 2104). */
static void hmac(struct cpns_work w, struct cpns_octets key, struct cpns_octets text, uint8_t out[CPNS_HASH])
{
	w.ops->hmac++;
	w.ops->compressions += 3 + compressions(text.n);
	w.crypto->hmac(w.crypto->self, key.at, key.n, &text, 1, out);
}

static void tag_of(struct cpns_work w, const uint8_t key[CPNS_HASH], const struct input *in, uint8_t tag[CPNS_TAG])
{
	uint8_t full[CPNS_HASH];

	hmac(w, (struct cpns_octets){key, CPNS_HASH}, all(in), full);
	memcpy(tag, full, CPNS_TAG);
}

static void extract(struct cpns_work w, struct cpns_octets salt, struct cpns_octets ikm, uint8_t prk[CPNS_HASH])
{
	hmac(w, salt, ikm, prk);
}

/* HKDF-Expand for one block of output: T(1) = HMAC(PRK, info || 01). */
static void expand(struct cpns_work w, const uint8_t prk[CPNS_HASH], struct input *info, uint8_t out[CPNS_HASH])
{
	static const uint8_t one[1] = {1};

	add(info, OCTETS(one));
	hmac(w, (struct cpns_octets){prk, CPNS_HASH}, all(info), out);
}

void cpns_password_salt(struct cpns_work w, struct cpns_octets realm, struct cpns_octets user, uint8_t salt[16])
{
	struct input in;
	uint8_t full[CPNS_HASH];

	begin(&in);
	add(&in, LABEL("CPNS-PW-1"));
	add_lp(&in, realm);
	add_lp(&in, user);
	sha256(w, &in, full);
	memcpy(salt, full, 16);
}

void cpns_password_stretch(struct cpns_work w, struct cpns_octets password, const uint8_t salt[16],
			   uint32_t iterations, uint8_t pwh[CPNS_HASH])
{
	w.ops->pbkdf2_iterations += iterations;
	w.crypto->pbkdf2(w.crypto->self, password.at, password.n, salt, 16, iterations, pwh);
}

void cpns_password_ha1(struct cpns_work w, struct cpns_octets user, struct cpns_octets realm,
		       struct cpns_octets password, uint8_t pwh[CPNS_HASH])
{
	struct input in;

	begin(&in);
	add(&in, user);
	add(&in, LABEL(":"));
	add(&in, realm);
	add(&in, LABEL(":"));
	add(&in, password);
	sha256(w, &in, pwh);
}

void cpns_password_hash(struct cpns_work w, const struct cpns_rules *rules, struct cpns_octets user,
			struct cpns_octets password, uint8_t pwh[CPNS_HASH])
{
	uint8_t salt[16];

	if (!rules->stretched_password) {
		cpns_password_ha1(w, user, rules->realm, password, pwh);
		return;
	}
	cpns_password_salt(w, rules->realm, user, salt);
	cpns_password_stretch(w, password, salt, rules->iterations, pwh);
}

void cpns_prk(struct cpns_work w, const uint8_t pwh[CPNS_HASH], uint8_t prk[CPNS_HASH])
{
	extract(w, LABEL("CPNS-EUKEY-1"), (struct cpns_octets){pwh, CPNS_HASH}, prk);
}

void cpns_subkey(struct cpns_work w, const uint8_t prk[CPNS_HASH], const char *label, uint8_t key[CPNS_HASH])
{
	struct input info;

	begin(&info);
	add(&info, (struct cpns_octets){(const uint8_t *)label, strlen(label)});
	expand(w, prk, &info, key);
}

void cpns_wrap_key(struct cpns_work w, const uint8_t prk[CPNS_HASH], const struct cpns_names *names,
		   uint8_t key[CPNS_HASH])
{
	struct input info;

	begin(&info);
	add(&info, LABEL("wrap"));
	add_names(&info, names);
	expand(w, prk, &info, key);
}

void cpns_trigger_proof(struct cpns_work w, const uint8_t prk[CPNS_HASH], const struct cpns_names *names,
			struct cpns_octets gateway, const uint8_t rand_t[16], uint8_t tag[CPNS_TAG])
{
	struct input in;
	uint8_t key[CPNS_HASH];

	begin(&in);
	cpns_subkey(w, prk, "trg", key);
	add_names(&in, names);
	add_lp(&in, gateway);
	add(&in, (struct cpns_octets){rand_t, 16});
	tag_of(w, key, &in, tag);
}

void cpns_request_proof(struct cpns_work w, const uint8_t prk[CPNS_HASH], const struct cpns_names *names,
			const uint8_t rand_pne[16], struct cpns_octets freshness, uint8_t tag[CPNS_TAG])
{
	struct input in;
	uint8_t key[CPNS_HASH];

	begin(&in);
	cpns_subkey(w, prk, "req", key);
	add_names(&in, names);
	add(&in, (struct cpns_octets){rand_pne, 16});
	add(&in, freshness);
	tag_of(w, key, &in, tag);
}

void cpns_response_proof(struct cpns_work w, const uint8_t prk[CPNS_HASH], const struct cpns_names *names,
			 const uint8_t rand_pne[16], struct cpns_octets rand_server, uint8_t status,
			 struct cpns_octets wrapped, uint8_t tag[CPNS_TAG])
{
	struct input in;
	uint8_t key[CPNS_HASH];

	begin(&in);
	cpns_subkey(w, prk, "rsp", key);
	add_names(&in, names);
	add(&in, (struct cpns_octets){rand_pne, 16});
	add(&in, rand_server);
	add(&in, (struct cpns_octets){&status, 1});
	add(&in, wrapped);
	tag_of(w, key, &in, tag);
}

void cpns_kek(struct cpns_work w, const uint8_t pwh[CPNS_HASH], const struct cpns_names *names,
	      const uint8_t rand_pne[16], const uint8_t rand_server[16], uint8_t kek[CPNS_HASH])
{
	struct input info;
	uint8_t salt[32], prk[CPNS_HASH];

	begin(&info);
	memcpy(salt, rand_pne, 16);
	memcpy(salt + 16, rand_server, 16);
	extract(w, OCTETS(salt), (struct cpns_octets){pwh, CPNS_HASH}, prk);
	add(&info, LABEL("CPNS-KEK-1"));
	add_names(&info, names);
	expand(w, prk, &info, kek);
}

/* Keys that hang on the Temporary Key: `label` tells the wrapping one from that of the acknowledgement. */
static void temporary_derive(struct cpns_work w, struct cpns_octets label, struct cpns_octets tk,
			     struct cpns_octets entity, const struct cpns_notice *notice, uint8_t key[CPNS_HASH])
{
	struct input info;
	uint8_t prk[CPNS_HASH], numbers[12];

	begin(&info);
	extract(w, (struct cpns_octets){notice->rand_n, notice->rand_n != NULL ? 16 : 0}, tk, prk);
	add(&info, label);
	add_lp(&info, entity);
	if (notice->rand_n != NULL) {
		cpns_put32(numbers, notice->key_index);
		cpns_put64(numbers + 4, notice->counter);
		add(&info, OCTETS(numbers));
	}
	expand(w, prk, &info, key);
}

void cpns_notification_key(struct cpns_work w, struct cpns_octets tk, struct cpns_octets entity,
			   const struct cpns_notice *notice, uint8_t key[CPNS_HASH])
{
	temporary_derive(w, LABEL("CPNS-TKN-1"), tk, entity, notice, key);
}

void cpns_ack_proof(struct cpns_work w, struct cpns_octets tk, struct cpns_octets entity,
		    const struct cpns_notice *notice, uint8_t tag[CPNS_TAG])
{
	struct input in;
	uint8_t key[CPNS_HASH], counter[8];

	begin(&in);
	temporary_derive(w, LABEL("CPNS-TKA-1"), tk, entity, notice, key);
	add_lp(&in, entity);
	if (notice->rand_n != NULL) {
		cpns_put64(counter, notice->counter);
		add(&in, OCTETS(counter));
	}
	tag_of(w, key, &in, tag);
}

static struct cpns_octets hex(const uint8_t *in, size_t n, uint8_t *out)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = (uint8_t)digit[in[i] >> 4];
		out[2 * i + 1] = (uint8_t)digit[in[i] & 15];
	}
	return (struct cpns_octets){out, 2 * n};
}

void cpns_digest(struct cpns_work w, const struct cpns_rules *rules, const uint8_t pwh[CPNS_HASH],
		 const struct cpns_names *names, struct cpns_octets nonce, const uint8_t cnonce[16],
		 uint8_t response[CPNS_HASH])
{
	struct input a2, in;
	uint8_t ha1[CPNS_HASH], ha2[CPNS_HASH], text[4][2 * CPNS_HASH];

	begin(&a2);
	begin(&in);
	memcpy(ha1, pwh, sizeof(ha1));
	if (rules->stretched_password)
		cpns_password_ha1(w, names->user, rules->realm, hex(pwh, CPNS_HASH, text[0]), ha1);
	add(&a2, LABEL("EUKeyAssignmentRequest:"));
	add(&a2, names->entity);
	sha256(w, &a2, ha2);
	add(&in, hex(ha1, CPNS_HASH, text[0]));
	add(&in, LABEL(":"));
	add(&in, hex(nonce.at, nonce.n, text[1]));
	add(&in, LABEL(":00000001:"));
	add(&in, hex(cnonce, 16, text[2]));
	add(&in, LABEL(":auth:"));
	add(&in, hex(ha2, CPNS_HASH, text[3]));
	sha256(w, &in, response);
}

/* RFC 3394 over four semiblocks: 6 x 4 block operations and one key schedule. */
static void count_wrap(struct cpns_work w)
{
	w.ops->keywrap++;
	w.ops->aes_keys++;
	w.ops->aes_blocks += 24;
}

void cpns_key_wrap(struct cpns_work w, const uint8_t kek[CPNS_HASH], const uint8_t key[CPNS_HASH],
		   uint8_t out[CPNS_WRAPPED])
{
	count_wrap(w);
	w.crypto->wrap(w.crypto->self, kek, key, out);
}

bool cpns_key_unwrap(struct cpns_work w, const uint8_t kek[CPNS_HASH], struct cpns_octets wrapped,
		     uint8_t key[CPNS_HASH])
{
	assert(wrapped.n == CPNS_WRAPPED);
	count_wrap(w);
	return w.crypto->unwrap(w.crypto->self, kek, wrapped.at, key);
}

/* SP 800-38D for two blocks of text and no associated data: hash key, tag mask and two counter blocks; three
 * products. */
static void count_gcm(struct cpns_work w)
{
	w.ops->gcm++;
	w.ops->aes_keys++;
	w.ops->aes_blocks += 4;
	w.ops->ghash_blocks += 3;
}

void cpns_password_seal(struct cpns_work w, const uint8_t session[CPNS_HASH], const uint8_t nonce[12],
			struct cpns_octets password, uint8_t out[60])
{
	uint8_t padded[32] = {(uint8_t)password.n};

	assert(password.n <= CPNS_PASSWORD_MAX);
	memcpy(padded + 1, password.at, password.n);
	memcpy(out, nonce, 12);
	count_gcm(w);
	w.crypto->seal(w.crypto->self, session, nonce, padded, 32, out + 12, out + 44);
}

bool cpns_password_open(struct cpns_work w, const uint8_t session[CPNS_HASH], struct cpns_octets sealed,
			uint8_t password[32], size_t *n)
{
	uint8_t padded[32];

	assert(sealed.n == CPNS_SEALED);
	count_gcm(w);
	if (!w.crypto->open(w.crypto->self, session, sealed.at, sealed.at + 12, 32, sealed.at + 44, padded) ||
	    padded[0] > CPNS_PASSWORD_MAX)
		return false;
	*n = padded[0];
	memcpy(password, padded + 1, *n);
	return true;
}

bool cpns_same(const uint8_t *a, const uint8_t *b, size_t n)
{
	uint8_t difference = 0;

	for (size_t i = 0; i < n; i++)
		difference |= (uint8_t)(a[i] ^ b[i]);
	return difference == 0;
}
