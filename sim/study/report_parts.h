/* What the files of report*.c share; for others report.h. */
#ifndef SIM_STUDY_REPORT_PARTS_H
#define SIM_STUDY_REPORT_PARTS_H

#include "sim/study/cases.h"
#include "sim/study/figure.h"
#include "sim/study/report.h"

struct reporter {
	const struct sim_archive *archive;
	const struct sim_model *model;
	GPtrArray *factors, *cases, *figures;
	GPtrArray *svgs;  /* of GBytes: a figure each */
	GPtrArray *notes; /* of char *: what is not drawn */
	GString *out;
};

/* The page, the caller's to g_free. */
char *report_page(struct reporter *r);

/* Its parts, in this order; each adds its sections. */
void report_question(struct reporter *r);
void report_answer(struct reporter *r);
void report_troubles(struct reporter *r);
void report_tables(struct reporter *r);
void report_figures(struct reporter *r);
void report_methods(struct reporter *r);
void report_parameters(struct reporter *r);

/* Adds to the page; every %s is escaped. */
void report_add(struct reporter *r, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The beginning of a section; it ends with report_add(r, "</section>\n"). */
void report_section(struct reporter *r, const char *id, const char *heading);

/* A table's beginning, in a box that scrolls by itself, up to its body; and its end. */
void report_table(struct reporter *r, const char *caption, const char *const *columns);
void report_figures_table(struct reporter *r, const char *caption, const char *const *columns); /* all but the first
												 * are numbers */
void report_table_end(struct reporter *r);

/* "97.3 ± 0.1 /s", or "97.3 /s (95.1 to 99.9)" where the interval lies askew; the caller's to g_free. */
char *report_value(const struct sim_estimate *estimate, const char *unit);

/* The value of a parameter in the first iteration that has it, or "". */
const char *report_parameter(const struct reporter *r, const char *name);

/* What a section calls a case: its label, or "all runs". */
const char *report_case_name(const struct archive_case *c);

#endif
