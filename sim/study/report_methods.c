/* How it was done: a paragraph, a list in the manner of STRESS (Monks et al. 2018, Strengthening the Reporting of
 * Empirical Simulation Studies), the parameters, the runs and where they come from. */
#include <string.h>

#include "sim/study/report_parts.h"

static const char *fact(const struct reporter *r, const char *name)
{
	const char *text = sim_archive_fact(r->archive, name);

	return *text != '\0' ? text : "unknown";
}

static void replications(const struct reporter *r, guint *least, guint *most)
{
	*least = r->cases->len > 0 ? G_MAXUINT : 0;
	*most = 0;
	for (guint i = 0; i < r->cases->len; i++) {
		const struct archive_case *c = r->cases->pdata[i];

		*least = MIN(*least, c->runs->len);
		*most = MAX(*most, c->runs->len);
	}
}

static char *say_replications(const struct reporter *r)
{
	guint least, most;

	replications(r, &least, &most);
	if (least == most)
		return g_strdup_printf("%u independent replication%s of each case", most, most == 1 ? "" : "s");
	return g_strdup_printf("%u to %u independent replications of each case", least, most);
}

static char *say_warmup(const struct reporter *r)
{
	const char *warmup = report_parameter(r, "warmup");

	if (strcmp(report_parameter(r, "study"), "terminating") == 0)
		return g_strdup(
		    "A terminating study has no warm-up: a run is observed from its beginning to its own end.");
	if (strcmp(warmup, "auto") == 0)
		return g_strdup("The warm-up was found for each replication by MSER-5.");
	if (*warmup == '\0' || strcmp(warmup, "none") == 0)
		return g_strdup("Nothing was cut off as a warm-up: what is shown may be biased by the empty start.");
	return g_strdup_printf("The first %s of each run were cut off as its warm-up, as the scenario says.", warmup);
}

static char *say_stopping(const struct reporter *r)
{
	const char *precision = report_parameter(r, "precision");

	if (*precision == '\0' || strcmp(precision, "none") == 0)
		return g_strdup("The number of replications was fixed beforehand.");
	return g_strdup_printf(
	    "Replications were added until the relative half-width of the intervals was as asked (%s), "
	    "or %s had run.",
	    precision, report_parameter(r, "precision.max-replications"));
}

static void add_paragraph(struct reporter *r)
{
	const struct sim_archive *a = r->archive;
	g_autofree char *n = say_replications(r), *warmup = say_warmup(r), *stopping = say_stopping(r);
	guint least, most;

	replications(r, &least, &most);
	report_add(r,
		   "<p>This is a %s study by discrete-event simulation. There %s %s, with seed %s; random numbers "
		   "come from %s, in streams that are addressed by seed, replication, entity and purpose, so that "
		   "cases with the same seed meet the same luck. ",
		   report_parameter(r, "study"), most == 1 ? "was" : "were", n, report_parameter(r, "seed"),
		   a->generator);
	report_add(r,
		   "%s %s Of each statistic the mean over replications is given with a two-sided %.0f %% interval "
		   "(column <code>method</code>: Student's t on one value a replication unless it says otherwise); "
		   "quantiles are those of each replication. Intervals are of each statistic by itself, without a "
		   "correction for looking at many%s. ",
		   warmup, stopping, a->confidence * 100,
		   a->compared ? "; what the answer claims of differences has Holm's" : "");
	report_add(
	    r, "It ran with cpns-sim %s, commit %s%s, build type %s.</p>\n", fact(r, "version"), fact(r, "commit"),
	    strcmp(fact(r, "dirty"), "yes") == 0 ? " with changes that no commit holds" : "", fact(r, "build-type"));
}

static void add_item(struct reporter *r, const char *term, const char *text)
{
	report_add(r, "<dt>%s</dt><dd>%s</dd>\n", term, text);
}

/* The input files of all iterations, once each. */
static char *list_files(const struct reporter *r)
{
	g_autoptr(GPtrArray) seen = g_ptr_array_new();
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < r->archive->iterations->len; i++) {
		const GArray *files = g_array_index(r->archive->iterations, struct sim_archive_iteration, i).files;

		for (guint k = 0; k < files->len; k++) {
			const struct sim_archive_file *file = &g_array_index(files, struct sim_archive_file, k);

			if (g_ptr_array_find(seen, file->sha256, NULL)) /* interned */
				continue;
			g_ptr_array_add(seen, (gpointer)(guintptr)file->sha256);
			g_string_append_printf(out, "%s%s (SHA-256 %s)", out->len > 0 ? ", " : "", file->path,
					       file->sha256);
		}
	}
	return g_string_free(out, FALSE);
}

static char *say_run_length(const struct reporter *r)
{
	const char *limit = report_parameter(r, "sim-time-limit");

	return *limit != '\0' && strcmp(limit, "none") != 0 ? g_strdup_printf("up to %s of virtual time", limit)
							    : g_strdup("until nothing is left to do");
}

static void add_list(struct reporter *r)
{
	g_autofree char *n = say_replications(r), *files = list_files(r), *length = say_run_length(r);
	g_autofree char *machine =
	    g_strdup_printf("%s, %s, %s processors", fact(r, "host"), fact(r, "system"), fact(r, "processors"));
	g_autofree char *software = g_strdup_printf("cpns-sim %s (%s, %s), %s", fact(r, "version"),
						    fact(r, "build-type"), fact(r, "compiler"), fact(r, "libraries"));
	g_autofree char *time = g_strdup_printf("started %s, took %s s with %s runs at once", fact(r, "started"),
						fact(r, "wall-seconds"), fact(r, "jobs"));

	report_add(r, "<details open><summary>Check-list (after STRESS)</summary>\n<dl>\n");
	add_item(r, "Objective", "the cases under Question, compared by the figures under Results");
	add_item(r, "Scenario", fact(r, "scenario"));
	add_item(r, "Input files", *files != '\0' ? files : "none beside the scenario");
	add_item(r, "Experimental factors", r->factors->len > 0 ? "see What was varied" : "none");
	add_item(r, "Initial state", "empty, at virtual time 0");
	add_item(r, "Run length", length);
	add_item(r, "Replications", n);
	add_item(r, "Random numbers", r->archive->generator);
	add_item(r, "Software", software);
	add_item(r, "Machine", machine);
	add_item(r, "Execution", time);
	add_item(r, "Commit", fact(r, "commit"));
	add_item(r, "To repeat it: cpns-sim", fact(r, "command"));
	report_add(r, "</dl>\n</details>\n");
}

void report_methods(struct reporter *r)
{
	report_section(r, "methods", "Methods");
	add_paragraph(r);
	add_list(r);
	report_add(r, "</section>\n");
}

/* ---- parameters ---- */

static const struct sim_archive_iteration *iteration_at(const struct reporter *r, guint i)
{
	return &g_array_index(r->archive->iterations, struct sim_archive_iteration, i);
}

static bool same_everywhere(const struct reporter *r, const struct sim_archive_parameter *p)
{
	for (guint i = 0; i < r->archive->iterations->len; i++)
		if (g_strcmp0(sim_archive_parameter(iteration_at(r, i), p->name), p->value) != 0)
			return false;
	return true;
}

static void add_common(struct reporter *r)
{
	static const char *const columns[] = {"parameter", "value", "from", NULL};
	const GArray *parameters = iteration_at(r, 0)->parameters;

	report_table(r, r->archive->iterations->len > 1 ? "The same in all iterations" : "Effective scenario",
		     columns);
	for (guint i = 0; i < parameters->len; i++) {
		const struct sim_archive_parameter *p = &g_array_index(parameters, struct sim_archive_parameter, i);

		if (same_everywhere(r, p))
			report_add(r, "<tr%s><th scope=\"row\">%s</th><td>%s</td><td>%s</td></tr>\n",
				   strcmp(p->from, "default") == 0 ? " class=\"default\"" : "", p->name, p->value,
				   p->from);
	}
	report_table_end(r);
}

static void add_own(struct reporter *r, guint at)
{
	static const char *const columns[] = {"parameter", "value", "from", NULL};
	const struct sim_archive_iteration *iteration = iteration_at(r, at);
	g_autofree char *caption =
	    g_strdup_printf("Only in %s%s%s", iteration->config != NULL ? iteration->config : "",
			    iteration->config != NULL ? " " : "", *iteration->name != '\0' ? iteration->name : "it");
	bool open = false;

	for (guint i = 0; i < iteration->parameters->len; i++) {
		const struct sim_archive_parameter *p =
		    &g_array_index(iteration->parameters, struct sim_archive_parameter, i);

		if (same_everywhere(r, p))
			continue;
		if (!open)
			report_table(r, caption, columns);
		open = true;
		report_add(r, "<tr%s><th scope=\"row\">%s</th><td>%s</td><td>%s</td></tr>\n",
			   strcmp(p->from, "default") == 0 ? " class=\"default\"" : "", p->name, p->value, p->from);
	}
	if (open)
		report_table_end(r);
}

static void add_runs(struct reporter *r)
{
	static const char *const columns[] = {"run",  "config",      "iteration", "replication",
					      "seed", "fingerprint", "ended",     NULL};

	report_section(r, "runs", "Runs");
	report_add(r, "<details><summary>All %u runs, with their fingerprints</summary>\n", r->archive->runs->len);
	report_table(r, "The same scenario, seed and replication have the same fingerprint on any machine", columns);
	for (guint i = 0; i < r->archive->runs->len; i++) {
		const struct sim_archive_run *run = &g_array_index(r->archive->runs, struct sim_archive_run, i);
		char fingerprint[SIM_FINGERPRINT_DIGITS + 1] = "";

		if (run->finished)
			sim_fingerprint_print(&run->record.fingerprint, fingerprint);
		report_add(r,
			   "<tr><td class=\"n\">%u</td><td>%s</td><td>%s</td><td class=\"n\">%u</td><td "
			   "class=\"n\">%" G_GINT64_FORMAT "</td><td><code>%s</code></td><td>%s</td></tr>\n",
			   run->run, run->config, run->iteration, run->replication, run->seed, fingerprint,
			   run->ended);
	}
	report_table_end(r);
	report_add(r, "</details>\n</section>\n");
}

void report_parameters(struct reporter *r)
{
	report_section(r, "parameters", "Parameters");
	report_add(r, "<p>Lines in grey, marked <em>default</em>, are values that nobody wrote.</p>\n");
	if (r->archive->iterations->len > 0) {
		report_add(r, "<details open><summary>All parameters</summary>\n");
		add_common(r);
		report_add(r, "</details>\n");
	}
	if (r->archive->iterations->len > 1) {
		report_add(r, "<details><summary>What differs, by iteration</summary>\n");
		for (guint i = 0; i < r->archive->iterations->len; i++)
			add_own(r, i);
		report_add(r, "</details>\n");
	}
	report_add(r, "</section>\n");
	add_runs(r);
}
