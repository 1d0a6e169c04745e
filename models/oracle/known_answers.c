#include "models/oracle/known_answers.h"

#include <string.h>

#include "models/protocol/chain.h"
#include "models/protocol/keys.h"

/* On the way through the vectors. */
struct answers {
	GArray *found;
	const struct cpns_crypto *crypto;
	struct cpns_work work;
	struct cpns_ops uncharged;
	uint8_t pwh[CPNS_HASH], prk[CPNS_HASH];
};

#define TEXT(text) ((struct cpns_octets){(const uint8_t *)(text), sizeof(text) - 1})

static const struct cpns_names names = {{(const uint8_t *)"alice@cpns.example", 18},
					{(const uint8_t *)"pne:0001", 8}};

static void tell(struct answers *a, const char *name, const char *expected, const uint8_t *at, size_t n)
{
	GString *hex = g_string_new(NULL);

	for (size_t i = 0; i < n; i++)
		g_string_append_printf(hex, "%02x", at[i]);
	struct oracle_answer answer = {name, expected, g_string_free(hex, FALSE)};

	g_array_append_val(a->found, answer);
}

/* The octets from `first` upwards, as the vectors have them. */
static const uint8_t *from(uint8_t first)
{
	static const uint8_t all[] = {
#define ROW(x) x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, x + 7
#define ROWS(x) ROW(x), ROW(x + 8), ROW(x + 16), ROW(x + 24), ROW(x + 32), ROW(x + 40), ROW(x + 48), ROW(x + 56)
	    ROWS(0), ROWS(64), ROWS(128), ROWS(192)};

	return all + first;
}

static void published(struct answers *a)
{
	const struct cpns_crypto *c = a->crypto;
	static const uint8_t zeros[CPNS_HASH],
	    key[CPNS_HASH] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa,
			      0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05,
			      0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f};
	struct cpns_octets text = TEXT("abc");
	uint8_t out[CPNS_HASH], wrapped[CPNS_WRAPPED], sealed[CPNS_TAG], tag[CPNS_TAG];

	c->sha256(c->self, &text, 1, out);
	tell(a, "SHA-256 of \"abc\" (FIPS 180-4)", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	     out, sizeof out);
	text = TEXT("what do ya want for nothing?");
	c->hmac(c->self, (const uint8_t *)"Jefe", 4, &text, 1, out);
	tell(a, "HMAC-SHA-256 (RFC 4231, case 2)", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	     out, sizeof out);
	c->pbkdf2(c->self, (const uint8_t *)"passwd", 6, (const uint8_t *)"salt", 4, 1, out);
	tell(a, "PBKDF2-HMAC-SHA-256 (RFC 7914)", "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc",
	     out, sizeof out);
	c->wrap(c->self, from(0), key, wrapped);
	tell(a, "AES key wrap (RFC 3394, 4.6)",
	     "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21", wrapped,
	     sizeof wrapped);
	c->seal(c->self, zeros, zeros, zeros, sizeof sealed, sealed, tag);
	tell(a, "AES-256-GCM, text (test case 14)", "cea7403d4d606b6e074ec5d3baf39d18", sealed, sizeof sealed);
	tell(a, "AES-256-GCM, tag (test case 14)", "d0d1c8a799996bf0265b98b5d48ab919", tag, sizeof tag);
}

static void password(struct answers *a)
{
	static const struct {
		const char *label, *name, *key;
	} sub_keys[] = {
	    {"trg", "K_trg", "45aa9d036be957a4b7de4f695e06b3b37a27235b94c7335963ad3ef6f03a7a6a"},
	    {"req", "K_req", "55b6e0b9b110aee10f638120051c4db650eb67fc364c667597f540f22a0506a1"},
	    {"rsp", "K_rsp", "808c57b40c51e7edb61f72d0a9e49fca8700cd6d97ecf43e6497866ac6f33f23"},
	};
	uint8_t salt[16], key[CPNS_HASH];

	cpns_password_salt(a->work, TEXT("cpns.example"), names.user, salt);
	tell(a, "salt of a password", "67124fc34bb18c61c199d813674b716e", salt, sizeof salt);
	cpns_password_stretch(a->work, TEXT("correct horse battery"), salt, 1000, a->pwh);
	tell(a, "pwH", "afb251af37ee492d998fb384875d3197c5c5b29ccf20eba211feafa22de3046c", a->pwh, sizeof a->pwh);
	cpns_prk(a->work, a->pwh, a->prk);
	tell(a, "PRK", "39a1248383c55d58187310b2f910e3efd0573f562ef6956d02b3b458bcdb78a7", a->prk, sizeof a->prk);
	for (size_t i = 0; i < G_N_ELEMENTS(sub_keys); i++) {
		cpns_subkey(a->work, a->prk, sub_keys[i].label, key);
		tell(a, sub_keys[i].name, sub_keys[i].key, key, sizeof key);
	}
}

static void wrap(struct answers *a, const char *name, const char *expected, const uint8_t kek[CPNS_HASH],
		 uint8_t wrapped[CPNS_WRAPPED])
{
	cpns_key_wrap(a->work, kek, from(0x20), wrapped);
	tell(a, name, expected, wrapped, CPNS_WRAPPED);
}

static void delivery(struct answers *a)
{
	const struct cpns_octets rand_t = {from(0x40), 16}, rand_server = {from(0x10), 16};
	uint8_t tag[CPNS_TAG], key[CPNS_HASH], wrapped[CPNS_WRAPPED];

	cpns_trigger_proof(a->work, a->prk, &names, TEXT("gw:01"), rand_t.at, tag);
	tell(a, "T_trg", "a069f1e27f15e37456d6c658961c2e80", tag, sizeof tag);
	cpns_request_proof(a->work, a->prk, &names, from(0), rand_t, tag);
	tell(a, "T_req", "e8e1b58eaaac6e2bdddb41f8f93acd36", tag, sizeof tag);
	cpns_wrap_key(a->work, a->prk, &names, key);
	tell(a, "K_wrap", "c1e0fa4b1a653659de1251df646982d477c3d25bbf047b5efa03c8bd78d336e2", key, sizeof key);
	wrap(a, "EUKey under K_wrap",
	     "ffbf933969665ad2e38aac06aa0a8e4476a12b1cb603cc504bba628c5ac3bca12e025b1e40eb34e8", key, wrapped);
	cpns_kek(a->work, a->pwh, &names, from(0), rand_server.at, key);
	tell(a, "KEK", "c1444a50efcdf5b395e42860f853a01958435d9b05824f7e72bf01aafb9b8686", key, sizeof key);
	wrap(a, "EUKey under the KEK",
	     "c352d58726c7ce79033be03c23b68f1c0d981dc64360c0c97345d9f2fb4bd5c33fd1da2750892943", key, wrapped);
	cpns_response_proof(a->work, a->prk, &names, from(0), rand_server, 0,
			    (struct cpns_octets){wrapped, sizeof wrapped}, tag);
	tell(a, "T_rsp", "f3fcded8ce4692be012e833a75390c61", tag, sizeof tag);
}

static void notification(struct answers *a)
{
	const struct cpns_octets temporary = {from(0xa0), 16};
	const struct cpns_notice notice = {from(0x60), 1, 7};
	uint8_t key[CPNS_HASH], wrapped[CPNS_WRAPPED];

	cpns_notification_key(a->work, temporary, names.entity, &notice, key);
	tell(a, "K_N", "913a9dbaab2df0a302f387142515a37c4d376a4e361623ce9298cce30fdd9c20", key, sizeof key);
	wrap(a, "EUKey under K_N", "d8f0aaed809ba0abcc5fcecc0a1e3a4fee4a06691433879a43ad830e336b578a35c59bdd50a89d04",
	     key, wrapped);
}

static void chain(struct answers *a)
{
	static const struct {
		uint32_t i;
		const char *name, *key;
	} keys[] = {
	    {7, "K_7 of a chain of 8", "faf868bd7af434ccb6a7683cee9b6f59a2f95984e03a0bc5eb4d461ad5cc6fdf"},
	    {4, "K_4 of a chain of 8", "d2d9ae5d2cc9465d52f7fd68565416bd1eb1ede95404dff769ad44491ac817a3"},
	    {1, "K_1 of a chain of 8", "657a5b592b9bd7aa93f178fc26422972b933f8942812278a1199a0f021df828f"},
	};
	const struct cpns_chain_rules rules = {.length = 8, .strategy = CPNS_SEED_ONLY, .window = 8};
	struct cpns_chain *c = cpns_chain_from_seed(a->work, &rules, names.entity, rules.length, from(0x80));
	uint8_t key[CPNS_HASH];

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		cpns_chain_key(c, a->work, names.entity, keys[i].i, key);
		tell(a, keys[i].name, keys[i].key, key, sizeof key);
	}
	cpns_chain_free(c);
}

static void answer_clear(gpointer answer)
{
	g_free(((struct oracle_answer *)answer)->found);
}

GArray *oracle_known_answers(const struct cpns_crypto *crypto)
{
	struct answers a = {.found = g_array_new(FALSE, FALSE, sizeof(struct oracle_answer)), .crypto = crypto};

	a.work = (struct cpns_work){crypto, &a.uncharged};
	g_array_set_clear_func(a.found, answer_clear);
	published(&a);
	password(&a);
	delivery(&a);
	notification(&a);
	chain(&a);
	return a.found;
}
