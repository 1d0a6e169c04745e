#include "models/keystore/record.h"

#include <string.h>

#define COUNT 4 /* octets of a number of keys */

void keystore_entity_init(struct keystore_entity *entity)
{
	*entity =
	    (struct keystore_entity){g_byte_array_new(), g_byte_array_new(), g_byte_array_new(), g_byte_array_new()};
}

static void wipe(GByteArray *buffer)
{
	if (buffer->data != NULL)
		explicit_bzero(buffer->data, buffer->len);
	g_byte_array_unref(buffer);
}

void keystore_entity_clear(struct keystore_entity *entity)
{
	wipe(entity->owner);
	wipe(entity->tk);
	wipe(entity->current);
	wipe(entity->pending);
}

void keystore_set_octets(GByteArray *buffer, struct cpns_octets octets)
{
	g_byte_array_set_size(buffer, 0);
	if (octets.n > 0)
		g_byte_array_append(buffer, octets.at, (guint)octets.n);
}

static uint32_t get_number(const uint8_t *at, size_t octets)
{
	uint32_t number = 0;

	for (size_t i = 0; i < octets; i++)
		number = number << 8 | at[i];
	return number;
}

static void add_number(GByteArray *out, uint32_t number, guint octets)
{
	uint8_t at[4];

	for (guint i = 0; i < octets; i++)
		at[i] = (uint8_t)(number >> 8 * (octets - 1 - i));
	g_byte_array_append(out, at, octets);
}

/* The set at `at`, which ends within the buffer and holds 1 to KEYSTORE_SET_MAX keys. */
static bool set_at(const GByteArray *pending, guint at, struct cpns_octets *keys)
{
	if (pending->len - at < COUNT)
		return false;
	uint32_t n = get_number(pending->data + at, COUNT);

	if (n < 1 || n > KEYSTORE_SET_MAX || (pending->len - at - COUNT) / CPNS_HASH < n)
		return false;
	*keys = (struct cpns_octets){pending->data + at + COUNT, (size_t)n * CPNS_HASH};
	return true;
}

bool keystore_next_set(const struct keystore_entity *entity, guint *at, struct cpns_octets *keys)
{
	if (*at >= entity->pending->len || !set_at(entity->pending, *at, keys))
		return false;
	*at += COUNT + (guint)keys->n;
	return true;
}

const char *keystore_entity_fault(const struct keystore_entity *entity)
{
	struct cpns_octets keys;
	guint at = 0;

	if (entity->owner->len > KEYSTORE_ID_MAX)
		return "the owner's ID is too long";
	if (entity->tk->len > UINT16_MAX)
		return "the Temporary Key is too long";
	if (entity->current->len % CPNS_HASH != 0 || entity->current->len > KEYSTORE_SET_MAX * CPNS_HASH)
		return "the current set is not of whole EUKeys";
	while (keystore_next_set(entity, &at, &keys))
		continue;
	return at == entity->pending->len ? NULL : "the pending sets are damaged";
}

void keystore_entity_add(struct keystore_entity *entity, const uint8_t *keys, uint32_t n, unsigned pending_max)
{
	struct cpns_octets set;
	unsigned sets = 1;
	guint first = 0, at = 0;

	add_number(entity->pending, n, COUNT);
	g_byte_array_append(entity->pending, keys, n * CPNS_HASH);
	for (sets = 0; keystore_next_set(entity, &at, &set);)
		sets++;
	for (; sets > pending_max && keystore_next_set(entity, &first, &set); sets--)
		continue;
	if (first > 0)
		g_byte_array_remove_range(entity->pending, 0, first);
}

bool keystore_entity_confirm(struct keystore_entity *entity, const uint8_t key[CPNS_HASH])
{
	struct cpns_octets set;
	guint at = 0;

	while (keystore_next_set(entity, &at, &set)) {
		if (memcmp(set.at, key, CPNS_HASH) != 0)
			continue;
		keystore_set_octets(entity->current, set);
		g_byte_array_remove_range(entity->pending, 0, at);
		return true;
	}
	return false;
}

static void add_octets(GByteArray *row, const GByteArray *octets, guint count)
{
	add_number(row, octets->len, count);
	g_byte_array_append(row, octets->data, octets->len);
}

void keystore_entity_encode(const struct keystore_entity *entity, GByteArray *row)
{
	g_byte_array_set_size(row, 0);
	add_octets(row, entity->owner, 2);
	add_octets(row, entity->tk, 2);
	add_octets(row, entity->current, 4);
	add_octets(row, entity->pending, 4);
}

static bool take_octets(struct cpns_octets *row, GByteArray *octets, size_t count)
{
	if (row->n < count)
		return false;
	uint32_t n = get_number(row->at, count);

	if (row->n - count < n)
		return false;
	keystore_set_octets(octets, (struct cpns_octets){row->at + count, n});
	*row = (struct cpns_octets){row->at + count + n, row->n - count - n};
	return true;
}

bool keystore_entity_decode(struct keystore_entity *entity, struct cpns_octets row)
{
	return take_octets(&row, entity->owner, 2) && take_octets(&row, entity->tk, 2) &&
	       take_octets(&row, entity->current, 4) && take_octets(&row, entity->pending, 4) && row.n == 0 &&
	       keystore_entity_fault(entity) == NULL;
}

void keystore_user_encode(const struct keystore_user *user, uint8_t row[KEYSTORE_USER_ROW])
{
	memcpy(row, user->pwh, CPNS_HASH);
	for (size_t i = 0; i < 4; i++)
		row[CPNS_HASH + i] = (uint8_t)(user->registrations >> (24 - 8 * i));
}

bool keystore_user_decode(struct keystore_user *user, struct cpns_octets row)
{
	if (row.n != KEYSTORE_USER_ROW)
		return false;
	memcpy(user->pwh, row.at, CPNS_HASH);
	user->registrations = get_number(row.at + CPNS_HASH, 4);
	return true;
}
