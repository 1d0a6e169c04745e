#include <string.h>

#include "models/cli/bench.h"
#include "models/cli/cli.h"

#define SECONDS_MAX 3600
#define PAIRS_MIN 15
#define PAIRS_MAX 1000
#define PAIRS 31 /* the usual number */
#define UNSAID (-1)

/* Is that the name, or the beginning of it up to a dot? */
static bool is_asked_for(const char *name, const char *asked)
{
	size_t n = strlen(asked);

	return n > 0 && strncmp(name, asked, n) == 0 && (name[n] == '\0' || name[n] == '.' || asked[n - 1] == '.');
}

static int refuse_name(const GArray *all, const char *asked)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (guint i = 0; i < all->len; i++)
		g_ptr_array_add(names, (gpointer)(uintptr_t)g_array_index(all, struct bench, i).name);
	g_ptr_array_add(names, NULL);
	const char *near = sim_nearest(asked, (const char *const *)(const void *)names->pdata);

	return cli_refuse(
	    "bench: unknown benchmark \"%s\"%s%s%s (%s bench --list lists them; the beginning of a name "
	    "up to a dot chooses all that begin with it)",
	    asked, near != NULL ? ": did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "",
	    CLI_NAME);
}

/* Keeps those of the suite that one of the names chooses, in the suite's order. */
static int choose(struct bench_options *o, char **names)
{
	g_autoptr(GArray) all = bench_suite();

	if (names[0] == NULL) {
		g_array_append_vals(o->suite, all->data, all->len);
		return CLI_DONE;
	}
	g_autofree bool *chosen = g_new0(bool, all->len);

	for (guint k = 0; names[k] != NULL; k++) {
		bool known = false;

		for (guint i = 0; i < all->len; i++) {
			bool fits = is_asked_for(g_array_index(all, struct bench, i).name, names[k]);

			chosen[i] |= fits;
			known |= fits;
		}
		if (!known)
			return refuse_name(all, names[k]);
	}
	for (guint i = 0; i < all->len; i++)
		if (chosen[i])
			g_array_append_val(o->suite, g_array_index(all, struct bench, i));
	return CLI_DONE;
}

static int check(const struct bench_options *o)
{
	if (!(o->seconds >= 0 && o->seconds <= SECONDS_MAX))
		return cli_refuse("bench: --seconds=%g: write a number from 0 to %d", o->seconds, SECONDS_MAX);
	if (o->seed < 0)
		return cli_refuse("bench: --seed=%" G_GINT64_FORMAT ": write a number from 0 on", o->seed);
	if (o->repeat != UNSAID && (o->repeat < 1 || o->repeat > BENCH_REPETITIONS_MOST))
		return cli_refuse("bench: --repeat=%d: write a number from 1 to %d", o->repeat,
				  BENCH_REPETITIONS_MOST);
	return CLI_DONE;
}

static int check_against(struct bench_options *o)
{
	if (o->against == NULL && (o->instructions || o->pairs != UNSAID))
		return cli_refuse("bench: --pairs and --instructions are about two builds: name the other one with "
				  "--against");
	if (o->against == NULL)
		return CLI_DONE;
	if (o->tiny || o->list || o->repeat != UNSAID)
		return cli_refuse("bench: --against goes without --tiny, --list and --repeat: leave them out");
	if (o->instructions && o->pairs != UNSAID)
		return cli_refuse("bench: --pairs is about time, and --instructions counts once: leave one out");
	if (o->pairs == UNSAID)
		o->pairs = PAIRS;
	if (o->pairs < PAIRS_MIN || o->pairs > PAIRS_MAX)
		return cli_refuse("bench: --pairs=%d: write a number from %d to %d", o->pairs, PAIRS_MIN, PAIRS_MAX);
	if (!g_file_test(o->against, G_FILE_TEST_IS_REGULAR) || !g_file_test(o->against, G_FILE_TEST_IS_EXECUTABLE))
		return cli_refuse("bench: --against=%s: is no program: name another build of this one", o->against);
	char *path = g_canonicalize_filename(o->against, NULL); /* not one of that name elsewhere in PATH */

	g_free(o->against);
	o->against = path;
	return CLI_DONE;
}

int bench_options_parse(struct bench_options *o, int argc, char **argv)
{
	g_auto(GStrv) names = NULL;
	const GOptionEntry entries[] = {
	    {"list", 0, 0, G_OPTION_ARG_NONE, &o->list, NULL, NULL},
	    {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &o->seconds, NULL, NULL},
	    {"seed", 0, 0, G_OPTION_ARG_INT64, &o->seed, NULL, NULL},
	    {"tiny", 0, 0, G_OPTION_ARG_NONE, &o->tiny, NULL, NULL},
	    {"repeat", 0, 0, G_OPTION_ARG_INT, &o->repeat, NULL, NULL},
	    {"against", 0, 0, G_OPTION_ARG_FILENAME, &o->against, NULL, NULL},
	    {"pairs", 0, 0, G_OPTION_ARG_INT, &o->pairs, NULL, NULL},
	    {"instructions", 0, 0, G_OPTION_ARG_NONE, &o->instructions, NULL, NULL},
	    {NULL},
	};

	*o = (struct bench_options){.seconds = 1,
				    .seed = 1,
				    .repeat = UNSAID,
				    .pairs = UNSAID,
				    .suite = g_array_new(FALSE, FALSE, sizeof(struct bench))};
	int code = cli_options(entries, argc, argv, CLI_ANY, &names);

	if (code == CLI_DONE)
		code = check(o);
	if (code == CLI_DONE)
		code = check_against(o);
	return code == CLI_DONE ? choose(o, names) : code;
}

void bench_options_clear(struct bench_options *o)
{
	g_array_unref(o->suite);
	g_free(o->against);
}
