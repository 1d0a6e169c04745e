/* Energy of the nodes of a kind, in three terms: E_event for each frame that their radios send or receive, n x
 * E_octet for its octets with framing, and the power of their CPUs for as long as these are busy. The figures are
 * data (topologies/profiles/energy.csv) with a source each, and many of them are `unknown`: a term that needs one of
 * those is unknown too, and is not guessed.
 *
 * Not in it: what a radio takes while it sleeps, listens or keeps a connection up, what else is on a board, and the
 * network interface of the CPNS Server.
 *
 * Accounts hold counts, and energy is made of them at the end, in whole femtojoules: whatever the order of events,
 * and however accounts were merged, the sum is the same. */
#ifndef CPNS_ENERGY_ENERGY_H
#define CPNS_ENERGY_ENERGY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "models/nodes/ledger.h"
#include "sim/study/param.h"

/* A figure: fJ per frame or octet, or uW (fJ per ns). */
struct energy_figure {
	bool known;
	uint64_t value;
};

/* Those of a radio: 2 x enum way, + 1 for an octet. */
enum energy_radio_figure {
	ENERGY_SEND_EVENT,
	ENERGY_SEND_OCTET,
	ENERGY_RECEIVE_EVENT,
	ENERGY_RECEIVE_OCTET,
	ENERGY_RADIO_FIGURES,
};

/* The figures of all presets and device classes, by their numbers (hop_figures.preset, cost_profile_number). */
struct energy_table {
	struct energy_figure radio[LEGS][LEDGER_PRESETS][ENERGY_RADIO_FIGURES];
	struct energy_figure power[LEDGER_CLASSES];
};

enum energy_term {
	ENERGY_FRAMES, /* E_event per frame */
	ENERGY_OCTETS, /* E_octet per octet on the air */
	ENERGY_CPU,
	ENERGY_TERMS,
};

struct energy {
	unsigned __int128 fj[ENERGY_TERMS]; /* of what is known of the term */
	bool known[ENERGY_TERMS];           /* false: it lacks a figure */
};

/* Figures that something needed and that are unknown. */
struct energy_gaps {
	bool radio[LEGS][LEDGER_PRESETS][ENERGY_RADIO_FIGURES];
	bool power[LEDGER_CLASSES];
};

/* The built-in figures; with a file, those of that CSV file in their place: the same columns (part, name, figure,
 * value, basis, source, note), any of the rows. The caller's to g_free; or NULL, and *error names file, line, column
 * and reason. */
struct energy_table *energy_table_new(const struct sim_file *file, GError **error);

/* What the counted work took. A figure is needed when its count is not 0; those that are unknown are added to *gaps.
 */
struct energy energy_of(const struct energy_table *table, const struct kind_account *work, struct energy_gaps *gaps);

/* Adds energy of others: a term is known if it is of both. */
void energy_add(struct energy *to, const struct energy *from);

/* The gaps in words, such as "pan ble send_event_nj receive_event_nj, cpu m4_80 power_mw"; NULL when there are none.
 * The caller's to g_free. */
char *energy_gaps_describe(const struct energy_gaps *gaps);

#endif
