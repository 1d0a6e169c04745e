#include "models/energy/energy.h"

#include "models/energy/energy_table.h"

/* Adds `count` times the figure to a term; what is needed and not known is a gap. */
static void take(struct energy *energy, enum energy_term term, const struct energy_figure *figure, uint64_t count,
		 bool *gap)
{
	if (count == 0)
		return;
	energy->fj[term] += (unsigned __int128)count * figure->value;
	energy->known[term] = energy->known[term] && figure->known;
	*gap = *gap || !figure->known;
}

struct energy energy_of(const struct energy_table *table, const struct kind_account *work, struct energy_gaps *gaps)
{
	struct energy energy = {.known = {true, true, true}};

	for (int leg = 0; leg < LEGS; leg++)
		for (int p = 0; p < LEDGER_PRESETS; p++)
			for (int way = 0; way < WAYS; way++) {
				const struct air_account *air = &work->air[leg][p][way];
				const struct energy_figure *figures = table->radio[leg][p];
				bool *gap = gaps->radio[leg][p];
				int event = 2 * way + ENERGY_SEND_EVENT, octet = 2 * way + ENERGY_SEND_OCTET;

				take(&energy, ENERGY_FRAMES, &figures[event], air->frames, &gap[event]);
				take(&energy, ENERGY_OCTETS, &figures[octet], air->octets, &gap[octet]);
			}
	for (int c = 0; c < LEDGER_CLASSES; c++)
		take(&energy, ENERGY_CPU, &table->power[c], work->cpu_ns[c], &gaps->power[c]);
	return energy;
}

void energy_add(struct energy *to, const struct energy *from)
{
	for (int t = 0; t < ENERGY_TERMS; t++) {
		to->fj[t] += from->fj[t];
		to->known[t] = to->known[t] && from->known[t];
	}
}

/* "part name figure figure", where any is missing. */
static void describe(GString *text, int part, const char *name, const bool *missing, const char *const *figures)
{
	bool begun = false;

	for (int f = 0; figures[f] != NULL; f++) {
		if (!missing[f])
			continue;
		if (!begun)
			g_string_append_printf(text, "%s%s %s", text->len > 0 ? ", " : "", energy_parts[part], name);
		begun = true;
		g_string_append_printf(text, " %s", figures[f]);
	}
}

char *energy_gaps_describe(const struct energy_gaps *gaps)
{
	GString *text = g_string_new(NULL);

	for (int part = 0; energy_parts[part] != NULL; part++) {
		const char *const *names = energy_names(part);

		for (int n = 0; names[n] != NULL; n++)
			if (part < LEGS)
				describe(text, part, names[n], gaps->radio[part][n], energy_radio_figures);
			else
				describe(text, part, names[n], &gaps->power[n], energy_cpu_figures);
	}
	return g_string_free(text, text->len == 0);
}
