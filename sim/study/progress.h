/* How far a campaign is, on standard error: a bar on a terminal, rare plain lines otherwise, or one JSON object a
 * line. */
#ifndef SIM_STUDY_PROGRESS_H
#define SIM_STUDY_PROGRESS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum sim_progress_form {
	SIM_PROGRESS_NONE,
	SIM_PROGRESS_BAR,
	SIM_PROGRESS_PLAIN,
	SIM_PROGRESS_JSON,
};

struct sim_progress {
	enum sim_progress_form form;
	FILE *out;
	guint total, done, failed; /* runs */
	const char *noun;          /* what they are, if not runs with their events; NULL */
	uint64_t events;           /* of the runs that are done */
	int64_t started, said, distance;
	bool open; /* a bar stands on the last line */
};

/* `word` is "auto", "plain" or "json" (NULL: auto); false for any other. `quiet` wins. */
bool sim_progress_choose(const char *word, bool quiet, FILE *out, enum sim_progress_form *form);

struct sim_progress sim_progress_start(enum sim_progress_form form, FILE *out, guint total);

/* One run is done. */
void sim_progress_add(struct sim_progress *progress, uint64_t events, bool failed);

/* More are to be done than was said at the start. */
void sim_progress_extend(struct sim_progress *progress, guint more);

/* Since the start; and how many are left if the rest takes as long as what is done, negative while nothing is. */
double sim_progress_seconds(const struct sim_progress *progress);
double sim_progress_seconds_left(const struct sim_progress *progress);

/* Says something if it is time for it. */
void sim_progress_say(struct sim_progress *progress);

/* "1.2 M events/s" into `text`; returns it. */
#define SIM_RATE_SIZE 32
const char *sim_progress_rate(char text[SIM_RATE_SIZE], uint64_t events, double seconds);

/* Takes the bar away until it is said again, for other output. */
void sim_progress_clear(struct sim_progress *progress);

/* The last word; takes the bar away. */
void sim_progress_end(struct sim_progress *progress);

#endif
