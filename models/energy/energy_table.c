#include "models/energy/energy_table.h"

#include <string.h>

#include "models/crypto/cost.h"
#include "models/network/preset.h"
#include "sim/csv/csv_rows.h"
#include "sim/study/param.h"

extern const char energy_figures_csv[]; /* topologies/profiles/energy.csv, built in */

enum { PART, NAME, FIGURE, VALUE, BASIS, SOURCE, NOTE };

static const char header[] = "part,name,figure,value,basis,source,note";

enum { PART_CPU = LEGS, PARTS };

const char *const energy_parts[LEGS + 2] = {
    [LEG_PAN] = "pan",
    [LEG_WAN] = "wan",
    [PART_CPU] = "cpu",
};

const char *const energy_radio_figures[ENERGY_RADIO_FIGURES + 1] = {
    [ENERGY_SEND_EVENT] = "send_event_nj",
    [ENERGY_SEND_OCTET] = "send_octet_nj",
    [ENERGY_RECEIVE_EVENT] = "receive_event_nj",
    [ENERGY_RECEIVE_OCTET] = "receive_octet_nj",
};

const char *const energy_cpu_figures[2] = {"power_mw"};

static const char *const bases[] = {"measured", "specified", "profile", "derived",
				    "assumed",  "defined",   "unknown", NULL};

static const double FJ_PER_NJ = 1e6, UW_PER_MW = 1e3;

/* A frame of a kilojoule, a CPU of a megawatt: more is a slip of the pen, and less than this cannot overflow. */
static const double NJ_MAX = 1e12, MW_MAX = 1e9;

const char *const *energy_names(int part)
{
	switch (part) {
	case LEG_PAN:
		return link_preset_names(LINK_PAN);
	case LEG_WAN:
		return link_preset_names(LINK_WAN);
	default:
		return cost_profile_names();
	}
}

static int word_of(const char *const *words, const char *word)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

/* A table while it is being read. */
struct reading {
	struct energy_table *table;
	bool whole;
	struct energy_gaps given; /* the figures that had a row */
};

/* The place of a word in a column, or a complaint. */
static int find(struct csv_table *t, const char *column, const char *word, const char *const *words)
{
	int at = word_of(words, word);

	if (at >= 0)
		return at;
	const char *near = sim_nearest(word, words);
	g_autofree char *all = g_strjoinv(", ", (char **)(guintptr)words);

	csv_table_complain(t, "column `%s`: `%s` is unknown%s%s%s; there are %s", column, word,
			   near != NULL ? ": did you mean `" : "", near != NULL ? near : "", near != NULL ? "`?" : "",
			   all);
	return -1;
}

static void read_value(struct csv_table *t, const char *text, double max, double unit, struct energy_figure *to)
{
	char *end;
	double value = g_ascii_strtod(text, &end);

	*to = (struct energy_figure){.known = strcmp(text, "unknown") != 0};
	if (!to->known)
		return;
	if (end == text || *end != '\0' || !(value >= 0 && value <= max))
		csv_table_complain(t, "column `value`: `%s` is not a number from 0 to %g; write one, or unknown",
				   text, max);
	else
		to->value = (uint64_t)(value * unit + 0.5);
}

/* What a figure must say of itself: where it comes from, or that it is not known. */
static void check_origin(struct csv_table *t, char *const *cell)
{
	bool unknown = strcmp(cell[VALUE], "unknown") == 0;

	if (find(t, "basis", cell[BASIS], bases) < 0)
		return;
	if ((strcmp(cell[BASIS], "unknown") == 0) != unknown)
		csv_table_complain(t, "column `basis`: `%s` does not go with the value %s: both are unknown, or none",
				   cell[BASIS], cell[VALUE]);
	if (*cell[SOURCE] == '\0')
		csv_table_complain(t, "column `source` is empty: name one, or write - beside assumed or unknown");
	if (strcmp(cell[SOURCE], "-") == 0 && !unknown && strcmp(cell[BASIS], "assumed") != 0)
		csv_table_complain(t, "column `source`: a figure without one is `assumed`, not `%s`", cell[BASIS]);
	if (*cell[NOTE] == '\0')
		csv_table_complain(t, "column `note` is empty: say what the figure stands for");
}

static void read_row(struct csv_table *t, char *const *cell, void *data)
{
	struct reading *r = data;
	int part = find(t, "part", cell[PART], energy_parts);

	if (part < 0)
		return;
	int name = find(t, "name", cell[NAME], energy_names(part));
	int figure = find(t, "figure", cell[FIGURE], part == PART_CPU ? energy_cpu_figures : energy_radio_figures);

	if (name < 0 || figure < 0)
		return;
	bool *given = part == PART_CPU ? &r->given.power[name] : &r->given.radio[part][name][figure];

	if (*given)
		csv_table_complain(t, "column `figure`: %s of %s is given twice", cell[FIGURE], cell[NAME]);
	*given = true;
	if (part == PART_CPU)
		read_value(t, cell[VALUE], MW_MAX, UW_PER_MW, &r->table->power[name]);
	else
		read_value(t, cell[VALUE], NJ_MAX, FJ_PER_NJ, &r->table->radio[part][name][figure]);
	check_origin(t, cell);
}

/* What no single row shows: a preset or a class without a figure. */
static void complete(struct csv_table *t, void *data)
{
	struct reading *r = data;

	for (int part = 0; r->whole && part < PARTS; part++) {
		const char *const *names = energy_names(part);
		const char *const *figures = part == PART_CPU ? energy_cpu_figures : energy_radio_figures;

		for (int n = 0; names[n] != NULL; n++)
			for (int f = 0; figures[f] != NULL; f++)
				if (!(part == PART_CPU ? r->given.power[n] : r->given.radio[part][n][f]))
					csv_table_complain(t, "no row for %s %s %s", energy_parts[part], names[n],
							   figures[f]);
	}
}

bool energy_table_read(struct energy_table *table, const char *name, const char *text, bool whole, GError **error)
{
	struct reading reading = {.table = table, .whole = whole};

	return csv_table_read(name, text, header, read_row, complete, &reading, error);
}

static void read_built_in(struct energy_table *table)
{
	GError *error = NULL;

	if (g_strv_length((char **)(guintptr)energy_names(LEG_PAN)) > LEDGER_PRESETS ||
	    g_strv_length((char **)(guintptr)energy_names(LEG_WAN)) > LEDGER_PRESETS ||
	    g_strv_length((char **)(guintptr)energy_names(PART_CPU)) > LEDGER_CLASSES)
		g_error("more presets or device classes than an account has room for: raise LEDGER_PRESETS, "
			"LEDGER_CLASSES");
	if (!energy_table_read(table, "topologies/profiles/energy.csv", energy_figures_csv, true, &error))
		g_error("%s", error->message);
}

static bool read_file(struct energy_table *table, const struct sim_file *file, GError **error)
{
	if (strlen(file->text) == file->n)
		return energy_table_read(table, file->path, file->text, false, error);
	g_set_error(error, CSV_ROWS_ERROR, 0, "%s: is not UTF-8 text: save it as UTF-8", file->path);
	return false;
}

struct energy_table *energy_table_new(const struct sim_file *file, GError **error)
{
	struct energy_table *table = g_new0(struct energy_table, 1);

	read_built_in(table);
	if (file == NULL || read_file(table, file, error))
		return table;
	g_free(table);
	return NULL;
}
