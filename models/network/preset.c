#include "models/network/preset.h"

#include <string.h>

#include "models/network/preset_table.h"
#include "sim/csv/csv_rows.h"

extern const char preset_links_csv[]; /* topologies/profiles/links.csv, built in */

enum { PRESET, LEG, DIRECTION, FIGURE, VALUE, BASIS, SOURCE, NOTE };

static const char header[] = "preset,leg,direction,figure,value,basis,source,note";

static const char *const bases[] = {"measured", "specified", "profile", "derived", "assumed", "defined", NULL};
static const char *const legs[] = {[LINK_PAN] = "pan", [LINK_WAN] = "wan", NULL};

enum { UP = 1, DOWN = 2, BOTH = UP | DOWN }; /* a set of directions */

static const char *const directions[] = {[UP - 1] = "up", [DOWN - 1] = "down", [BOTH - 1] = "both", NULL};

/* The figures of one direction, as a row each; `shared` belongs to both. */
enum figure { LATENCY, RATE, LOSS, MTU, OVERHEAD, SHARED, FIGURES };

static const char *const figures[] = {
    [LATENCY] = "latency_ms",       [RATE] = "rate_bit_s", [LOSS] = "loss",  [MTU] = "mtu_octets",
    [OVERHEAD] = "overhead_octets", [SHARED] = "shared",   [FIGURES] = NULL,
};

/* A preset while it is being read. */
struct draft {
	struct preset_entry entry; /* first: what a reader of the table sees */
	char *name;
	unsigned given[FIGURES]; /* for which directions */
};

static void draft_free(gpointer data)
{
	struct draft *draft = data;

	g_free(draft->name);
	g_free(draft);
}

/* The index of `word`, or -1. */
static int word_of(const char *const *words, const char *word)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

/* A number from 0 to `max`; moves *at behind it. */
static bool read_number(const char **at, double max, double *number)
{
	char *end;

	*number = g_ascii_strtod(*at, &end);
	if (end == *at || !(*number >= 0 && *number <= max))
		return false;
	*at = end;
	return true;
}

static bool read_whole(const char *at, double max, double *number)
{
	return read_number(&at, max, number) && *at == '\0';
}

/* `kind(a)`, `kind(a,b)` or `kind(a,b,c)` with times in milliseconds and shapes without a unit. */
static bool read_latency(const char *at, struct sim_variate *latency)
{
	static const struct {
		const char *name;
		enum sim_variate_kind kind;
		int arguments;
		double unit[3];
	} kinds[] = {
	    {"constant(", SIM_CONSTANT, 1, {SIM_MS}},           {"uniform(", SIM_UNIFORM, 2, {SIM_MS, SIM_MS}},
	    {"exponential(", SIM_EXPONENTIAL, 1, {SIM_MS}},     {"normal(", SIM_NORMAL, 2, {SIM_MS, SIM_MS}},
	    {"lognormal(", SIM_LOGNORMAL, 2, {SIM_MS, SIM_MS}}, {"pareto(", SIM_PARETO, 3, {SIM_MS, 1, SIM_MS}},
	};

	for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++) {
		double value[3] = {0};

		if (!g_str_has_prefix(at, kinds[k].name))
			continue;
		at += strlen(kinds[k].name);
		for (int i = 0; i < kinds[k].arguments; i++) {
			if ((i > 0 && *at++ != ',') || !read_number(&at, 1e6, &value[i]))
				return false;
			value[i] *= kinds[k].unit[i];
		}
		*latency = (struct sim_variate){kinds[k].kind, value[0], value[1], value[2]};
		return strcmp(at, ")") == 0;
	}
	return false;
}

static bool read_value(enum figure figure, const char *text, struct hop_figures *to, bool *shared)
{
	double octets = 0;

	switch (figure) {
	case LATENCY:
		return read_latency(text, &to->latency);
	case RATE:
		return read_whole(text, 1e12, &to->rate);
	case LOSS:
		return read_whole(text, 1, &to->loss);
	case MTU:
		if (!read_whole(text, 65535, &octets))
			return false;
		to->mtu = (uint32_t)octets;
		return (double)to->mtu == octets;
	case OVERHEAD:
		if (!read_whole(text, 65535, &octets))
			return false;
		to->overhead = (uint32_t)octets;
		return (double)to->overhead == octets;
	case SHARED:
		*shared = strcmp(text, "yes") == 0;
		return *shared || strcmp(text, "no") == 0;
	case FIGURES:
		break;
	}
	return false;
}

static struct draft *draft_of(GPtrArray *drafts, enum link_leg leg, const char *name)
{
	uint32_t number = 0; /* of a new one: behind those of its leg */

	for (guint i = 0; i < drafts->len; i++) {
		struct draft *draft = drafts->pdata[i];

		if (draft->entry.leg == leg && strcmp(draft->entry.preset.name, name) == 0)
			return draft;
		number += draft->entry.leg == leg;
	}
	struct draft *draft = g_new0(struct draft, 1);

	draft->entry.leg = leg;
	draft->entry.preset.up.preset = draft->entry.preset.down.preset = number;
	draft->name = g_strdup(name);
	draft->entry.preset.name = draft->name;
	g_ptr_array_add(drafts, draft);
	return draft;
}

static void read_row(struct csv_table *t, char *const *cell, void *data)
{
	GPtrArray *drafts = data;
	int leg = word_of(legs, cell[LEG]), figure = word_of(figures, cell[FIGURE]);
	unsigned direction = (unsigned)(word_of(directions, cell[DIRECTION]) + 1);

	if (leg < 0 || figure < 0 || direction == 0) {
		csv_table_complain(t, "unknown %s '%s'",
				   leg < 0      ? "leg"
				   : figure < 0 ? "figure"
						: "direction",
				   leg < 0      ? cell[LEG]
				   : figure < 0 ? cell[FIGURE]
						: cell[DIRECTION]);
		return;
	}
	if ((leg == LINK_PAN || figure == SHARED) && direction != BOTH)
		csv_table_complain(t, "the direction is not 'both'");
	if (word_of(bases, cell[BASIS]) < 0)
		csv_table_complain(t, "unknown basis '%s'", cell[BASIS]);
	if (*cell[PRESET] == '\0' || *cell[SOURCE] == '\0' || *cell[NOTE] == '\0')
		csv_table_complain(t, "preset, source or note is empty");
	if (strcmp(cell[SOURCE], "-") == 0 && strcmp(cell[BASIS], "assumed") != 0)
		csv_table_complain(t, "a figure without a source that is not called assumed");

	struct draft *draft = draft_of(drafts, (enum link_leg)leg, cell[PRESET]);
	struct link_preset *preset = &draft->entry.preset;

	if (draft->given[figure] & direction)
		csv_table_complain(t, "%s of %s is given twice", cell[FIGURE], cell[PRESET]);
	draft->given[figure] |= direction;
	if (((direction & UP) && !read_value((enum figure)figure, cell[VALUE], &preset->up, &preset->shared)) ||
	    ((direction & DOWN) && !read_value((enum figure)figure, cell[VALUE], &preset->down, &preset->shared)))
		csv_table_complain(t, "not a value of %s: '%s'", cell[FIGURE], cell[VALUE]);
}

/* What no single row shows: a preset without a figure. */
static void complete(struct csv_table *t, void *data)
{
	GPtrArray *drafts = data;

	if (drafts->len == 0)
		csv_table_complain(t, "no rows");
	for (guint i = 0; i < drafts->len; i++) {
		const struct draft *draft = drafts->pdata[i];

		for (int f = 0; f < FIGURES; f++)
			if (draft->given[f] != BOTH)
				csv_table_complain(t, "no row for %s of %s on the %s", figures[f],
						   draft->entry.preset.name, legs[draft->entry.leg]);
	}
}

GPtrArray *preset_table_read(const char *name, const char *text, GError **error)
{
	GPtrArray *drafts = g_ptr_array_new_with_free_func(draft_free);

	if (csv_table_read(name, text, header, read_row, complete, drafts, error))
		return drafts;
	g_ptr_array_unref(drafts);
	return NULL;
}

/* The table that is built in */

struct table {
	GPtrArray *entries;
	const char **names[2]; /* by leg */
};

static struct table *table_new(void)
{
	struct table *table = g_new(struct table, 1);
	guint n[2] = {0};
	GError *error = NULL;

	table->entries = preset_table_read("topologies/profiles/links.csv", preset_links_csv, &error);
	if (table->entries == NULL)
		g_error("%s", error->message);
	for (int leg = 0; leg < 2; leg++)
		table->names[leg] = g_new0(const char *, table->entries->len + 1);
	for (guint i = 0; i < table->entries->len; i++) {
		const struct preset_entry *entry = table->entries->pdata[i];

		table->names[entry->leg][n[entry->leg]++] = entry->preset.name;
	}
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

const struct link_preset *link_preset_find(enum link_leg leg, const char *name)
{
	const GPtrArray *entries = built_in()->entries;

	for (guint i = 0; i < entries->len; i++) {
		const struct preset_entry *entry = entries->pdata[i];

		if (entry->leg == leg && strcmp(entry->preset.name, name) == 0)
			return &entry->preset;
	}
	return NULL;
}

const char *const *link_preset_names(enum link_leg leg)
{
	return built_in()->names[leg];
}
