#include "models/crypto/cost.h"

#include <stdbool.h>
#include <string.h>

#include "models/crypto/cost_table.h"
#include "sim/csv/csv_rows.h"

extern const char cost_devices_csv[]; /* topologies/profiles/devices.csv, built in */

/* What is charged, in the order in which the products are added up. */
enum op {
	SHA256_COMPRESSION,
	PBKDF2_ITERATION,
	AES256_KEY_SCHEDULE,
	AES256_BLOCK,
	GHASH_BLOCK,
	RANDOM_OCTET,
	STORE_READ,
	STORE_WRITE,
	OPS,
};

static const char *const op_names[OPS] = {
    [SHA256_COMPRESSION] = "sha256_compression",
    [PBKDF2_ITERATION] = "pbkdf2_iteration",
    [AES256_KEY_SCHEDULE] = "aes256_key_schedule",
    [AES256_BLOCK] = "aes256_block",
    [GHASH_BLOCK] = "ghash_block",
    [RANDOM_OCTET] = "random_octet",
    [STORE_READ] = "store_read",
    [STORE_WRITE] = "store_write",
};

static const char *const bases[] = {"measured", "derived", "defined"};

struct figure {
	double low, typical, high; /* ns per operation */
	const char *basis;         /* one of `bases`; NULL: no row yet */
};

struct cost_profile {
	char *name, *description;
	uint32_t number; /* in the order of the table */
	struct figure figures[OPS];
};

static void profile_free(gpointer data)
{
	struct cost_profile *profile = data;

	g_free(profile->name);
	g_free(profile->description);
	g_free(profile);
}

/* Reading */

enum { CLASS, OP, LOW, TYPICAL, HIGH, BASIS, SOURCE, NOTE };

static const char header[] = "class,op,low,typical,high,basis,source,note";

static bool read_figure(struct csv_table *t, char *const *cell, struct figure *f)
{
	double *const to[] = {&f->low, &f->typical, &f->high};

	for (int i = 0; i < 3; i++) {
		char *end;

		*to[i] = g_ascii_strtod(cell[LOW + i], &end);
		if (end == cell[LOW + i] || *end != '\0' || !(*to[i] >= 0 && *to[i] < 1e15))
			return csv_table_complain(t, "not a number of nanoseconds: '%s'", cell[LOW + i]), false;
	}
	if (!(f->low <= f->typical && f->typical <= f->high))
		return csv_table_complain(t, "low, typical and high are not in order"), false;
	for (size_t i = 0; i < G_N_ELEMENTS(bases); i++)
		if (strcmp(cell[BASIS], bases[i]) == 0)
			f->basis = bases[i];
	if (f->basis == NULL)
		return csv_table_complain(t, "unknown basis '%s'", cell[BASIS]), false;
	if (*cell[SOURCE] == '\0')
		return csv_table_complain(t, "a figure without a source"), false;
	if (*cell[NOTE] == '\0')
		return csv_table_complain(t, "a figure without a note"), false;
	return true;
}

static struct cost_profile *find(const GPtrArray *profiles, const char *name)
{
	for (guint i = 0; i < profiles->len; i++) {
		struct cost_profile *profile = profiles->pdata[i];

		if (strcmp(profile->name, name) == 0)
			return profile;
	}
	return NULL;
}

static void read_row(struct csv_table *t, char *const *cell, void *data)
{
	GPtrArray *profiles = data;
	int op = 0;
	struct figure figure = {0};

	while (op < OPS && strcmp(cell[OP], op_names[op]) != 0)
		op++;
	if (op == OPS) {
		csv_table_complain(t, "unknown operation '%s'", cell[OP]);
		return;
	}
	if (!read_figure(t, cell, &figure))
		return;
	struct cost_profile *profile = find(profiles, cell[CLASS]);

	if (profile == NULL) {
		profile = g_new0(struct cost_profile, 1);
		profile->name = g_strdup(cell[CLASS]);
		profile->number = profiles->len;
		g_ptr_array_add(profiles, profile);
	}
	if (profile->figures[op].basis != NULL)
		csv_table_complain(t, "%s of %s is given twice", cell[OP], cell[CLASS]);
	profile->figures[op] = figure;
}

static void append_duration(GString *text, double ns)
{
	if (ns >= 999.5e3)
		g_string_append_printf(text, "%.3g ms", ns / 1e6);
	else if (ns >= 999.5)
		g_string_append_printf(text, "%.3g us", ns / 1e3);
	else
		g_string_append_printf(text, "%.3g ns", ns);
}

static char *describe(const struct cost_profile *profile)
{
	static const struct {
		enum op op;
		const char *words;
	} shown[] = {{SHA256_COMPRESSION, "SHA-256 compression"},
		     {PBKDF2_ITERATION, "PBKDF2 iteration"},
		     {AES256_BLOCK, "AES-256 block"}};
	GString *text = g_string_new(profile->name);

	for (size_t i = 0; i < G_N_ELEMENTS(shown); i++) {
		const struct figure *f = &profile->figures[shown[i].op];

		g_string_append_printf(text, "%s %s ", i == 0 ? ":" : ",", shown[i].words);
		append_duration(text, f->typical);
		g_string_append(text, " (");
		append_duration(text, f->low);
		g_string_append(text, " to ");
		append_duration(text, f->high);
		g_string_append_printf(text, ", %s)", f->basis);
	}
	return g_string_free(text, FALSE);
}

/* What no single row shows: a class without a figure. */
static void complete(struct csv_table *t, void *data)
{
	GPtrArray *profiles = data;

	if (profiles->len == 0)
		csv_table_complain(t, "no rows");
	for (guint i = 0; i < profiles->len; i++) {
		struct cost_profile *profile = profiles->pdata[i];

		for (int op = 0; op < OPS; op++)
			if (profile->figures[op].basis == NULL)
				csv_table_complain(t, "no row for %s of %s", op_names[op], profile->name);
		if (t->error == NULL)
			profile->description = describe(profile);
	}
}

GPtrArray *cost_table_read(const char *name, const char *text, GError **error)
{
	GPtrArray *profiles = g_ptr_array_new_with_free_func(profile_free);

	if (csv_table_read(name, text, header, read_row, complete, profiles, error))
		return profiles;
	g_ptr_array_unref(profiles);
	return NULL;
}

/* The table that is built in */

struct table {
	GPtrArray *profiles;
	const char **names;
};

static struct table *table_new(void)
{
	struct table *table = g_new(struct table, 1);
	GError *error = NULL;

	table->profiles = cost_table_read("topologies/profiles/devices.csv", cost_devices_csv, &error);
	if (table->profiles == NULL)
		g_error("%s", error->message);
	table->names = g_new0(const char *, table->profiles->len + 1);
	for (guint i = 0; i < table->profiles->len; i++)
		table->names[i] = cost_profile_name(table->profiles->pdata[i]);
	return table;
}

static const struct table *built_in(void)
{
	static struct table *table; /* through atomics of ours: ThreadSanitizer does not see into GLib's */
	static gsize once;

	if (g_once_init_enter(&once)) {
		g_atomic_pointer_set(&table, table_new());
		g_once_init_leave(&once, 1);
	}
	return g_atomic_pointer_get(&table);
}

const struct cost_profile *cost_profile_find(const char *name)
{
	return find(built_in()->profiles, name);
}

const char *const *cost_profile_names(void)
{
	return built_in()->names;
}

const char *cost_profile_name(const struct cost_profile *profile)
{
	return profile->name;
}

uint32_t cost_profile_number(const struct cost_profile *profile)
{
	return profile->number;
}

const char *cost_profile_describe(const struct cost_profile *profile)
{
	return profile->description;
}

sim_time cost_of(const struct cost_profile *profile, const struct cpns_ops *ops)
{
	const struct figure *f = profile->figures;
	double ns = 0;

	/* The order is part of the result: doubles added in another one may round otherwise. */
	ns += f[SHA256_COMPRESSION].typical * (double)ops->compressions;
	ns += f[PBKDF2_ITERATION].typical * (double)ops->pbkdf2_iterations;
	ns += f[AES256_KEY_SCHEDULE].typical * (double)ops->aes_keys;
	ns += f[AES256_BLOCK].typical * (double)ops->aes_blocks;
	ns += f[GHASH_BLOCK].typical * (double)ops->ghash_blocks;
	ns += f[RANDOM_OCTET].typical * (double)ops->random_octets;
	ns += f[STORE_READ].typical * (double)ops->store_reads;
	ns += f[STORE_WRITE].typical * (double)ops->store_writes;
	return (sim_time)(ns + 0.5);
}
