#include "models/cli/capacity.h"

#include <math.h>
#include <string.h>

#include "models/cli/conduct.h"
#include "sim/study/parse.h"

#define LEAST SIM_ENOUGH_REPLICATIONS
#define MOST 100
#define REACH 1024.0 /* how far from its start the search goes where no range is given */

/* The kinds of parameters that can be varied, and how their values are written. */
struct quantity {
	enum sim_param_type type;
	const char *unit;   /* in results */
	const char *suffix; /* in a scenario */
	double scale;       /* so many of the suffix make one unit */
	bool whole;
};

static const struct quantity quantities[] = {
    {SIM_COUNT, "1", "", 1, true},
    {SIM_FACTOR, "1", "", 1, false},
    {SIM_SHARE, "1", "%", 100, false},
    {SIM_DURATION, "s", "us", 1e6, false},
    {SIM_BITRATE, "bit/s", "bit/s", 1, false},
    {SIM_FREQUENCY, "1/s", "/s", 1, false},
    {SIM_SIZE, "B", "B", 1, true},
    {SIM_DURATION_DIST, "s", "us", 1e6, false},
    {SIM_COUNT_DIST, "1", "", 1, true},
};

/* A capacity command at work. */
struct work {
	struct run_options options;
	char **slo_texts, **triggers, *vary, *from_text, *to_text, *width_text;
	int most;
	const struct sim_model *model;
	const struct quantity *quantity;
	double start, from, to, width;
	GPtrArray *slos;      /* of struct sim_slo */
	GPtrArray *scenarios; /* of struct sim_scenario: one for each value */
	GHashTable *by_value; /* of them: what is set over the file, as text -> scenario */
	struct sim_campaign *campaign;
	struct capacity_result result;
	/* of the search on its way */
	struct conduct *conduct;
	struct capacity_search *search;
	guint iteration, next_run;
	bool triggered;
	GError *error;
};

/* ---- values ---- */

/* As it stands in a scenario: "120/s". */
static char *write_value(const struct work *w, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_ascii_formatd(text, sizeof(text), "%.12g", value * w->quantity->scale);
	return g_strconcat(text, w->quantity->suffix, NULL);
}

/* Reads a value of the parameter's type; false with *reason. */
static bool read_value(const struct work *w, const char *text, double *value, char **reason)
{
	int64_t count = 0;
	sim_time duration = 0;
	bool good = false;

	switch ((int)w->quantity->type) {
	case SIM_COUNT:
	case SIM_COUNT_DIST:
		good = sim_parse_count(text, &count, reason);
		*value = (double)count;
		break;
	case SIM_SIZE:
		good = sim_parse_size(text, &count, reason);
		*value = (double)count;
		break;
	case SIM_DURATION:
	case SIM_DURATION_DIST:
		good = sim_parse_duration(text, &duration, reason);
		*value = (double)duration / 1e9;
		break;
	case SIM_FACTOR:
		good = sim_parse_factor(text, value, reason);
		break;
	case SIM_SHARE:
		good = sim_parse_share(text, value, reason);
		break;
	case SIM_BITRATE:
		good = sim_parse_bitrate(text, value, reason);
		break;
	case SIM_FREQUENCY:
		good = sim_parse_frequency(text, value, reason);
		break;
	}
	return good;
}

static int read_bound(const struct work *w, const char *option, const char *text, double *value)
{
	g_autofree char *reason = NULL;

	if (text == NULL)
		return CLI_DONE;
	if (!read_value(w, text, value, &reason))
		return cli_refuse("capacity: %s=%s: \"%s\" %s", option, text, text, reason);
	if (!(*value > 0))
		return cli_refuse("capacity: %s=%s: write a value above 0", option, text);
	return CLI_DONE;
}

/* ---- scenarios and cells, one for each value ---- */

/* "NAME=${NAME="VALUE"}" of a trigger: with its value after it, with the scenario's own before, so that the
 * iteration's name tells which. */
static char *set_trigger(const struct work *w, const char *trigger)
{
	const struct sim_scenario *base = g_ptr_array_index(w->scenarios, 0);
	const char *equals = strchr(trigger, '=');
	g_autofree char *name = g_strstrip(g_strndup(trigger, (gsize)(equals - trigger)));
	g_autofree char *value =
	    g_strstrip(g_strdup(w->triggered ? equals + 1 : sim_value(sim_scenario_values(base, 0), name)->text));

	return g_strdup_printf("%s=${%s=\"%s\"}", name, name, value);
}

static struct sim_scenario *load_value(struct work *w, double value, GError **error)
{
	g_autofree char *text = write_value(w, value);
	g_autoptr(GPtrArray) sets = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; w->triggers != NULL && w->triggers[i] != NULL; i++)
		g_ptr_array_add(sets, set_trigger(w, w->triggers[i]));
	g_ptr_array_add(sets, g_strdup_printf("%s=${%s=%s}", w->vary, w->vary, text));
	g_ptr_array_add(sets, NULL);
	g_autofree char *key = g_strjoinv("\n", (char **)sets->pdata);
	struct sim_scenario *scenario = g_hash_table_lookup(w->by_value, key);

	if (scenario != NULL)
		return scenario;
	scenario = conduct_load(&w->options, w->model, w->options.configs != NULL ? w->options.configs[0] : NULL,
				(const char *const *)(const void *)sets->pdata, error);
	if (scenario == NULL)
		return NULL;
	g_ptr_array_add(w->scenarios, scenario);
	g_hash_table_insert(w->by_value, g_steal_pointer(&key), scenario);
	return scenario;
}

static struct sim_cell *add_cell(struct work *w, double value, guint iteration, GError **error)
{
	const struct sim_scenario *scenario = load_value(w, value, error);

	if (scenario == NULL)
		return NULL;
	struct sim_cell *cell = sim_campaign_add_cell(w->campaign, scenario, iteration, LEAST, w->next_run);

	w->next_run += (guint)w->most;
	return cell;
}

/* The cell of the trial; its first is there before the search begins. */
static struct sim_cell *find_cell(struct work *w, double value)
{
	g_autofree char *text = write_value(w, value);
	struct sim_cell *cell;

	for (guint i = 0; i < w->search->cells->len; i++) {
		struct sim_cell *c = g_ptr_array_index(w->search->cells, i);

		if (strcmp(sim_scenario_variable(c->scenario, c->iteration, w->vary), text) == 0)
			return c;
	}
	if (w->iteration == 0 && !w->triggered && w->search->cells->len == 0)
		cell = g_ptr_array_index(w->campaign->cells, 0);
	else
		cell = add_cell(w, value, w->iteration, &w->error);
	if (cell != NULL)
		g_ptr_array_add(w->search->cells, cell);
	return cell;
}

static bool judge(void *context, double value, unsigned replications, double error, struct sim_capacity_look *look)
{
	struct work *w = context;
	struct sim_cell *cell = find_cell(w, value);

	if (cell == NULL)
		return false;
	sim_campaign_extend(w->campaign, cell, replications);
	if (!sim_campaign_prepare(w->campaign, &w->error) || !sim_recorder_run(w->conduct->recorder, &w->error) ||
	    sim_recorder_interrupted(w->conduct->recorder))
		return false;
	return sim_slo_judge(w->slos, cell, replications, error, look, &w->error);
}

/* ---- the searches ---- */

/* The iteration's name without the varied parameter, which comes last. */
static char *name_search(struct work *w, guint iteration)
{
	const struct sim_scenario *scenario = load_value(w, w->start, NULL); /* loaded before */
	char *name = g_strdup(sim_scenario_iteration(scenario, iteration));
	char *last = strrchr(name, ';');

	*(last != NULL ? last : name) = '\0';
	return name;
}

static void search_range(struct work *w, guint iteration, double start, double to)
{
	const struct sim_capacity_search search = {
	    .start = start,
	    .from = w->from,
	    .to = to,
	    .width = w->width,
	    .whole = w->quantity->whole,
	    .least = LEAST,
	    .most = (unsigned)w->most,
	    .judge = judge,
	    .context = w,
	};

	w->iteration = iteration;
	w->search = g_new0(struct capacity_search, 1);
	w->search->iteration = name_search(w, iteration);
	w->search->triggered = w->triggered;
	w->search->cells = g_ptr_array_new();
	g_ptr_array_add(w->result.searches, w->search);
	w->search->found = sim_capacity_find(&search);
}

/* From below, and then, at what has passed, from above: after the trigger. */
static void search_iteration(struct work *w, guint iteration)
{
	w->triggered = false;
	search_range(w, iteration, w->start, w->to);
	const struct sim_capacity *found = &w->search->found;

	if (w->triggers == NULL || w->error != NULL || isnan(found->lower) ||
	    found->verdict == SIM_CAPACITY_INTERRUPTED)
		return;
	w->triggered = true;
	search_range(w, iteration, found->lower, isnan(found->upper) ? w->to : found->upper);
}

static int code_of(const struct work *w)
{
	int code = CLI_DONE;

	for (guint i = 0; i < w->result.searches->len; i++) {
		const struct capacity_search *search = g_ptr_array_index(w->result.searches, i);

		if (search->found.verdict == SIM_CAPACITY_NONE && !search->triggered)
			return CLI_THRESHOLD;
		if (search->found.verdict == SIM_CAPACITY_TOO_WIDE ||
		    search->found.verdict == SIM_CAPACITY_NOT_MONOTONE)
			code = CLI_PRECISION;
	}
	return code;
}

static bool write_rows(const struct work *w, const GArray *summary, GError **error)
{
	g_autoptr(GString) text = capacity_csv(&w->result, summary);
	g_autofree char *path = g_build_filename(w->conduct->folder, "capacity.csv", NULL);

	return g_file_set_contents(path, text->str, (gssize)text->len, error);
}

static int work(struct conduct *c, void *context)
{
	struct work *w = context;
	guint iterations = sim_scenario_iterations(sim_campaign_scenario(c->campaign));
	g_autoptr(GError) error = NULL;

	w->conduct = c;
	for (guint i = 0; i < iterations && w->error == NULL; i++) {
		search_iteration(w, i);
		if (w->search->found.verdict == SIM_CAPACITY_INTERRUPTED)
			break;
	}
	if (w->error != NULL)
		return cli_fail(w->error);
	g_autoptr(GArray) summary = sim_summarise(c->campaign);

	if (!write_rows(w, summary, &error) || !sim_recorder_close(c->recorder, summary, &error))
		return cli_fail(error);
	if (!w->options.quiet) {
		capacity_print(&w->result, summary, c->folder);
		run_report_costs(c->campaign, sim_recorder_wall_ns(c->recorder), (guint)w->options.at_once);
	}
	return conduct_exit_code(c, code_of(w));
}

/* ---- what is asked ---- */

/* The parameter's row, and what its values are. */
static int find_parameter(struct work *w, const struct sim_scenario *scenario, const struct sim_param **row)
{
	const struct sim_table *table = sim_scenario_table(scenario);
	int at = sim_table_find(table, w->vary);
	const char *near = at < 0 ? sim_nearest(w->vary, table->names) : NULL;

	if (at < 0)
		return cli_refuse("capacity: --vary %s: unknown parameter%s%s%s", w->vary,
				  near != NULL ? ": did you mean " : "", near != NULL ? near : "",
				  near != NULL ? "?" : " (see cpns-sim params)");
	*row = table->rows[at];
	for (size_t i = 0; i < G_N_ELEMENTS(quantities) && w->quantity == NULL; i++)
		if (quantities[i].type == (*row)->type)
			w->quantity = &quantities[i];
	if (w->quantity == NULL)
		return cli_refuse("capacity: --vary %s: it is not a number: choose a count, share, duration, rate or "
				  "size",
				  w->vary);
	if (strcmp(w->vary, "repeat") == 0 || strcmp(w->vary, "seed") == 0)
		return cli_refuse("capacity: --vary %s: it says how to measure, not what: choose another parameter",
				  w->vary);
	return CLI_DONE;
}

/* The start is the scenario's own value, or a bound where it lies beyond it; the range what is given, within what the
 * parameter may be. */
static int find_range(struct work *w, const struct sim_scenario *scenario, const struct sim_param *row)
{
	const struct sim_value *own = sim_value(sim_scenario_values(scenario, 0), w->vary);
	g_autofree char *reason = NULL;
	int code;

	w->from = w->to = NAN;
	if ((code = read_bound(w, "--from", w->from_text, &w->from)) != CLI_DONE ||
	    (code = read_bound(w, "--to", w->to_text, &w->to)) != CLI_DONE)
		return code;
	if (!own->set || !read_value(w, own->text, &w->start, &reason) || !(w->start > 0))
		w->start = w->from;
	if (isnan(w->start))
		return cli_refuse("capacity: --vary %s: the scenario has no value of it to start from: write --from",
				  w->vary);
	if (isnan(w->from))
		w->from = MAX(w->start / REACH, MAX(row->min, w->quantity->whole ? 1 : 0));
	if (isnan(w->to))
		w->to = MIN(w->start * REACH, row->max > 0             ? row->max
					      : row->type == SIM_SHARE ? 1
								       : (double)INFINITY);
	if (w->from > w->to)
		return cli_refuse("capacity: --from is above --to: there is nothing between them");
	if (w->quantity->whole) { /* a share of the start need not be */
		w->from = ceil(w->from);
		w->to = floor(w->to);
	}
	w->start = CLAMP(w->start, w->from, w->to);
	return CLI_DONE;
}

static int parse_slos(struct work *w)
{
	for (guint i = 0; w->slo_texts[i] != NULL; i++) {
		g_autofree char *reason = NULL;
		struct sim_slo *slo = sim_slo_parse(w->slo_texts[i], &reason);

		if (slo == NULL)
			return cli_refuse("capacity: --slo: %s", reason);
		g_ptr_array_add(w->slos, slo);
		if (!sim_metric_check(w->model->metrics, slo->metric, slo->statistic, slo->unit, &reason))
			return cli_refuse("capacity: --slo '%s': %s", slo->text, reason);
	}
	return CLI_DONE;
}

static int check(struct work *w)
{
	const struct run_options *o = &w->options;
	g_autofree char *reason = NULL;

	if (o->configs != NULL && o->configs[1] != NULL)
		return cli_refuse("capacity: -c %s: one config at a time; %s is chosen already", o->configs[1],
				  o->configs[0]);
	if (o->filter != NULL || o->query != NULL || o->shard != NULL || o->gather)
		return cli_refuse(
		    "capacity: -r, -q, --shard and --gather are about runs that are known before: leave them "
		    "out");
	if (w->slo_texts == NULL)
		return cli_refuse("capacity: what is asked of the system? write --slo 'assignment.latency.p99<=2s', "
				  "more than once if need be");
	if (w->vary == NULL)
		return cli_refuse("capacity: what grows? write --vary workload.rate, or another parameter");
	if (w->width_text != NULL && !sim_parse_share(w->width_text, &w->width, &reason))
		return cli_refuse("capacity: --width=%s: \"%s\" %s", w->width_text, w->width_text, reason);
	if (w->width < 0.001)
		return cli_refuse("capacity: --width=%s: write 0.1%% or more", w->width_text);
	if (w->most < 2 * LEAST || w->most > 100000)
		return cli_refuse("capacity: --max-replications=%d: write a number from %d to 100000", w->most,
				  2 * LEAST);
	return parse_slos(w);
}

/* Each is a parameter's, and fits the scenario. */
static int check_triggers(struct work *w, const struct sim_scenario *base)
{
	g_autoptr(GError) error = NULL;

	for (guint i = 0; w->triggers != NULL && w->triggers[i] != NULL; i++) {
		g_auto(GStrv) parts = g_strsplit(w->triggers[i], "=", 2);

		if (parts[0] == NULL || parts[1] == NULL || sim_table_find(sim_scenario_table(base), parts[0]) < 0)
			return cli_refuse("capacity: --trigger %s: write a parameter and its value, such as "
					  "workload.surge=10s (see cpns-sim params)",
					  w->triggers[i]);
	}
	w->triggered = true;
	bool fits = w->triggers == NULL || load_value(w, w->start, &error) != NULL;

	w->triggered = false;
	return fits ? CLI_DONE : cli_refuse("%s", error->message);
}

static int search(struct work *w)
{
	const char *config = w->options.configs != NULL ? w->options.configs[0] : NULL;
	g_autoptr(GError) error = NULL;
	struct sim_scenario *base = conduct_load(&w->options, w->model, config, NULL, &error);
	const struct sim_param *row = NULL;

	if (base == NULL)
		return cli_refuse("%s", error->message);
	g_ptr_array_add(w->scenarios, base);
	g_autofree char *name = g_strdup_printf("%s-%s-capacity", sim_scenario_stem(base), sim_scenario_config(base));
	int code = find_parameter(w, base, &row);

	code = code == CLI_DONE ? find_range(w, base, row) : code;
	if (code != CLI_DONE)
		return code;
	if (check_triggers(w, base) != CLI_DONE)
		return CLI_USAGE;
	if (add_cell(w, w->start, 0, &error) == NULL)
		return cli_refuse("%s", error->message);
	w->result.campaign = w->campaign;
	w->result.config = sim_scenario_config(base);
	w->result.parameter = w->vary;
	w->result.unit = w->quantity->unit;
	w->result.triggers = w->triggers;
	w->result.width = w->width;
	w->result.slos = w->slos;
	const struct sim_sought sought = {w->vary, (const char *const *)(const void *)w->slo_texts};

	return conduct_campaign(&w->options, w->campaign, name, w->options.line, &sought, work, w);
}

static void scenario_free(gpointer scenario)
{
	sim_scenario_free(scenario);
}

static void slo_free(gpointer slo)
{
	sim_slo_free(slo);
}

static void search_free(gpointer data)
{
	struct capacity_search *s = data;

	g_free(s->iteration);
	g_array_unref(s->found.trials);
	g_ptr_array_unref(s->cells);
	g_free(s);
}

static void clear(struct work *w)
{
	g_ptr_array_unref(w->result.searches);
	sim_campaign_free(w->campaign);
	g_hash_table_unref(w->by_value);
	g_ptr_array_unref(w->scenarios);
	g_ptr_array_unref(w->slos);
	g_strfreev(w->slo_texts);
	g_strfreev(w->triggers);
	g_free(w->vary);
	g_free(w->from_text);
	g_free(w->to_text);
	g_free(w->width_text);
	g_clear_error(&w->error);
	run_options_clear(&w->options);
}

int cli_capacity(int argc, char **argv, const struct sim_model *model)
{
	struct work w = {.model = model, .most = MOST, .width = 0.05};
	const GOptionEntry entries[] = {
	    {"slo", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &w.slo_texts, NULL, NULL},
	    {"trigger", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &w.triggers, NULL, NULL},
	    {"vary", 0, 0, G_OPTION_ARG_FILENAME, &w.vary, NULL, NULL},
	    {"from", 0, 0, G_OPTION_ARG_FILENAME, &w.from_text, NULL, NULL},
	    {"to", 0, 0, G_OPTION_ARG_FILENAME, &w.to_text, NULL, NULL},
	    {"width", 0, 0, G_OPTION_ARG_FILENAME, &w.width_text, NULL, NULL},
	    {"max-replications", 0, 0, G_OPTION_ARG_INT, &w.most, NULL, NULL},
	    {NULL},
	};

	w.slos = g_ptr_array_new_with_free_func(slo_free);
	w.scenarios = g_ptr_array_new_with_free_func(scenario_free);
	w.by_value = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	w.campaign = sim_campaign_new(model);
	w.result.searches = g_ptr_array_new_with_free_func(search_free);
	int code = run_options_parse(&w.options, entries, argc, argv);

	code = code == CLI_DONE ? check(&w) : code;
	code = code == CLI_DONE ? run_options_keep_input(&w.options) : code;
	code = code == CLI_DONE ? search(&w) : code;
	clear(&w);
	return code;
}
