#include "models/protocol/keys.h"

#include <assert.h>
#include <string.h>

#include "models/protocol/input.h"
#include "models/protocol/msg.h"

void cpns_password_salt(struct cpns_work w, struct cpns_octets realm, struct cpns_octets user, uint8_t salt[16])
{
	struct cpns_input in;
	uint8_t full[CPNS_HASH];

	cpns_input_begin(&in);
	cpns_input_add(&in, CPNS_LABEL("CPNS-PW-1"));
	cpns_input_lp(&in, realm);
	cpns_input_lp(&in, user);
	cpns_sha256(w, &in, full);
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
	struct cpns_input in;

	cpns_input_begin(&in);
	cpns_input_add(&in, user);
	cpns_input_add(&in, CPNS_LABEL(":"));
	cpns_input_add(&in, realm);
	cpns_input_add(&in, CPNS_LABEL(":"));
	cpns_input_add(&in, password);
	cpns_sha256(w, &in, pwh);
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
	cpns_hkdf_extract(w, CPNS_LABEL("CPNS-EUKEY-1"), (struct cpns_octets){pwh, CPNS_HASH}, prk);
}

void cpns_subkey(struct cpns_work w, const uint8_t prk[CPNS_HASH], const char label[3], uint8_t key[CPNS_HASH])
{
	const uint8_t info[4] = {(uint8_t)label[0], (uint8_t)label[1], (uint8_t)label[2], 1};

	cpns_hmac(w, (struct cpns_octets){prk, CPNS_HASH}, CPNS_ARRAY(info), key); /* cpns_hkdf_expand of the label */
}

void cpns_wrap_key(struct cpns_work w, const uint8_t prk[CPNS_HASH], const struct cpns_names *names,
		   uint8_t key[CPNS_HASH])
{
	struct cpns_input info;

	cpns_input_begin(&info);
	cpns_input_add(&info, CPNS_LABEL("wrap"));
	cpns_input_names(&info, names);
	cpns_hkdf_expand(w, prk, &info, key);
}

void cpns_trigger_proof(struct cpns_work w, const uint8_t prk[CPNS_HASH], const struct cpns_names *names,
			struct cpns_octets gateway, const uint8_t rand_t[16], uint8_t tag[CPNS_TAG])
{
	struct cpns_input in;
	uint8_t key[CPNS_HASH];

	cpns_input_begin(&in);
	cpns_subkey(w, prk, "trg", key);
	cpns_input_names(&in, names);
	cpns_input_lp(&in, gateway);
	cpns_input_add(&in, (struct cpns_octets){rand_t, 16});
	cpns_hmac_tag(w, key, &in, tag);
}

void cpns_request_proof(struct cpns_work w, const uint8_t prk[CPNS_HASH], const struct cpns_names *names,
			const uint8_t rand_pne[16], struct cpns_octets freshness, uint8_t tag[CPNS_TAG])
{
	struct cpns_input in;
	uint8_t key[CPNS_HASH];

	cpns_input_begin(&in);
	cpns_subkey(w, prk, "req", key);
	cpns_input_names(&in, names);
	cpns_input_add(&in, (struct cpns_octets){rand_pne, 16});
	cpns_input_add(&in, freshness);
	cpns_hmac_tag(w, key, &in, tag);
}

void cpns_response_proof(struct cpns_work w, const uint8_t prk[CPNS_HASH], const struct cpns_names *names,
			 const uint8_t rand_pne[16], struct cpns_octets rand_server, uint8_t status,
			 struct cpns_octets wrapped, uint8_t tag[CPNS_TAG])
{
	struct cpns_input in;
	uint8_t key[CPNS_HASH];

	cpns_input_begin(&in);
	cpns_subkey(w, prk, "rsp", key);
	cpns_input_names(&in, names);
	cpns_input_add(&in, (struct cpns_octets){rand_pne, 16});
	cpns_input_add(&in, rand_server);
	cpns_input_add(&in, (struct cpns_octets){&status, 1});
	cpns_input_add(&in, wrapped);
	cpns_hmac_tag(w, key, &in, tag);
}

void cpns_kek(struct cpns_work w, const uint8_t pwh[CPNS_HASH], const struct cpns_names *names,
	      const uint8_t rand_pne[16], const uint8_t rand_server[16], uint8_t kek[CPNS_HASH])
{
	struct cpns_input info;
	uint8_t salt[32], prk[CPNS_HASH];

	cpns_input_begin(&info);
	memcpy(salt, rand_pne, 16);
	memcpy(salt + 16, rand_server, 16);
	cpns_hkdf_extract(w, CPNS_ARRAY(salt), (struct cpns_octets){pwh, CPNS_HASH}, prk);
	cpns_input_add(&info, CPNS_LABEL("CPNS-KEK-1"));
	cpns_input_names(&info, names);
	cpns_hkdf_expand(w, prk, &info, kek);
}

/* Keys that hang on the Temporary Key: `label` tells the wrapping one from that of the acknowledgement. */
static void temporary_derive(struct cpns_work w, struct cpns_octets label, struct cpns_octets tk,
			     struct cpns_octets entity, const struct cpns_notice *notice, uint8_t key[CPNS_HASH])
{
	struct cpns_input info;
	uint8_t prk[CPNS_HASH], numbers[12];

	cpns_input_begin(&info);
	cpns_hkdf_extract(w, (struct cpns_octets){notice->rand_n, notice->rand_n != NULL ? 16 : 0}, tk, prk);
	cpns_input_add(&info, label);
	cpns_input_lp(&info, entity);
	if (notice->rand_n != NULL) {
		cpns_put32(numbers, notice->key_index);
		cpns_put64(numbers + 4, notice->counter);
		cpns_input_add(&info, CPNS_ARRAY(numbers));
	}
	cpns_hkdf_expand(w, prk, &info, key);
}

void cpns_notification_key(struct cpns_work w, struct cpns_octets tk, struct cpns_octets entity,
			   const struct cpns_notice *notice, uint8_t key[CPNS_HASH])
{
	temporary_derive(w, CPNS_LABEL("CPNS-TKN-1"), tk, entity, notice, key);
}

void cpns_ack_proof(struct cpns_work w, struct cpns_octets tk, struct cpns_octets entity,
		    const struct cpns_notice *notice, uint8_t tag[CPNS_TAG])
{
	struct cpns_input in;
	uint8_t key[CPNS_HASH], counter[8];

	cpns_input_begin(&in);
	temporary_derive(w, CPNS_LABEL("CPNS-TKA-1"), tk, entity, notice, key);
	cpns_input_lp(&in, entity);
	if (notice->rand_n != NULL) {
		cpns_put64(counter, notice->counter);
		cpns_input_add(&in, CPNS_ARRAY(counter));
	}
	cpns_hmac_tag(w, key, &in, tag);
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

static void digest(struct cpns_work w, const struct cpns_rules *rules, struct cpns_octets method,
		   const uint8_t pwh[CPNS_HASH], const struct cpns_names *names, struct cpns_octets nonce,
		   const uint8_t cnonce[16], uint8_t response[CPNS_HASH])
{
	struct cpns_input a2, in;
	uint8_t ha1[CPNS_HASH], ha2[CPNS_HASH], text[4][2 * CPNS_HASH];

	cpns_input_begin(&a2);
	cpns_input_begin(&in);
	memcpy(ha1, pwh, sizeof(ha1));
	if (rules->stretched_password)
		cpns_password_ha1(w, names->user, rules->realm, hex(pwh, CPNS_HASH, text[0]), ha1);
	cpns_input_add(&a2, method);
	cpns_input_add(&a2, names->entity);
	cpns_sha256(w, &a2, ha2);
	cpns_input_add(&in, hex(ha1, CPNS_HASH, text[0]));
	cpns_input_add(&in, CPNS_LABEL(":"));
	cpns_input_add(&in, hex(nonce.at, nonce.n, text[1]));
	cpns_input_add(&in, CPNS_LABEL(":00000001:"));
	cpns_input_add(&in, hex(cnonce, 16, text[2]));
	cpns_input_add(&in, CPNS_LABEL(":auth:"));
	cpns_input_add(&in, hex(ha2, CPNS_HASH, text[3]));
	cpns_sha256(w, &in, response);
}

void cpns_digest(struct cpns_work w, const struct cpns_rules *rules, const uint8_t pwh[CPNS_HASH],
		 const struct cpns_names *names, struct cpns_octets nonce, const uint8_t cnonce[16],
		 uint8_t response[CPNS_HASH])
{
	digest(w, rules, CPNS_LABEL("EUKeyAssignmentRequest:"), pwh, names, nonce, cnonce, response);
}

void cpns_use_digest(struct cpns_work w, const struct cpns_rules *rules, const uint8_t pwh[CPNS_HASH],
		     const struct cpns_names *names, struct cpns_octets nonce, const uint8_t cnonce[16],
		     uint8_t response[CPNS_HASH])
{
	digest(w, rules, CPNS_LABEL("EUKeyUse:"), pwh, names, nonce, cnonce, response);
}

void cpns_challenge_nonce(struct cpns_work w, const uint8_t secret[CPNS_HASH], struct cpns_octets entity,
			  uint64_t time, uint8_t nonce[16])
{
	struct cpns_input in;
	uint8_t tag[CPNS_TAG];

	cpns_input_begin(&in);
	cpns_put64(nonce, time);
	cpns_input_add(&in, CPNS_LABEL("CPNS-NONCE-1"));
	cpns_input_add(&in, (struct cpns_octets){nonce, 8});
	cpns_input_lp(&in, entity);
	cpns_hmac_tag(w, secret, &in, tag);
	cpns_put64(nonce, time | CPNS_NONCE_BIT);
	memcpy(nonce + 8, tag, 8);
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
