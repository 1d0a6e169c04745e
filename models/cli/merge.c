/* Shards of a campaign become the whole: what they ran with stands in their manifests, so the same command is given
 * again, to take their runs instead of running. */
#include <json-glib/json-glib.h>
#include <string.h>

#include "models/cli/cli.h"
#include "sim/study/manifest.h"

struct merge_options {
	char **folders;
	char *output, *scenario;
	gboolean force, quiet;
};

static int refuse_folder(const char *folder, const char *what)
{
	return cli_refuse("merge: %s/manifest.json: %s", folder, what);
}

/* The scenario's path, as it can be found from here. */
static char *scenario_of(const struct merge_options *o, JsonObject *provenance)
{
	const char *path = json_object_get_string_member_with_default(provenance, "scenario", "");
	const char *there = json_object_get_string_member_with_default(provenance, "working-directory", "");

	if (o->scenario != NULL)
		return g_strdup(o->scenario);
	return g_path_is_absolute(path) || strcmp(path, "-") == 0 ? g_strdup(path)
								  : g_build_filename(there, path, NULL);
}

static void add(GPtrArray *argv, const char *text)
{
	g_ptr_array_add(argv, g_strdup(text));
}

static void add_pair(GPtrArray *argv, const char *option, const char *value)
{
	add(argv, option);
	add(argv, value);
}

/* Each text of the list behind the option. */
static void add_texts(GPtrArray *argv, const char *option, JsonObject *object, const char *member)
{
	JsonNode *node = json_object_get_member(object, member);
	JsonArray *list = node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	for (guint i = 0; list != NULL && i < json_array_get_length(list); i++)
		add_pair(argv, option, json_array_get_string_element(list, i));
}

static void add_output(GPtrArray *argv, const struct merge_options *o)
{
	if (o->output != NULL)
		add_pair(argv, "--output", o->output);
	if (o->force)
		add(argv, "--force");
	if (o->quiet)
		add(argv, "--quiet");
	add(argv, "--gather");
	for (guint i = 0; o->folders[i] != NULL; i++)
		add_pair(argv, "--reuse", o->folders[i]);
}

/* The command line that made the shards, turned into one that gathers them. NULL, having said why not. */
static GPtrArray *make_command(const struct merge_options *o, JsonObject *manifest, const char **why)
{
	JsonNode *node = json_object_get_member(manifest, "provenance"),
		 *configs = json_object_get_member(manifest, "configs");

	if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node) || configs == NULL || !JSON_NODE_HOLDS_ARRAY(configs) ||
	    json_array_get_length(json_node_get_array(configs)) == 0) {
		*why = "lacks `configs` or `provenance`: it was changed, or written by an older version";
		return NULL;
	}
	JsonObject *provenance = json_node_get_object(node);
	g_autofree char *scenario = scenario_of(o, provenance);

	if (strcmp(scenario, "-") == 0) {
		*why = "its scenario came from standard input: give it in a file with --scenario";
		return NULL;
	}
	GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

	add(argv, json_array_get_length(json_node_get_array(configs)) > 1 ? "compare" : "run");
	add(argv, scenario);
	if (json_array_get_length(json_node_get_array(configs)) > 1 ||
	    strcmp(json_array_get_string_element(json_node_get_array(configs), 0), "General") != 0)
		add_texts(argv, "--config", manifest, "configs");
	add_texts(argv, "--set", provenance, "sets");
	if (json_object_has_member(provenance, "seed"))
		add_pair(argv, "--seed", json_object_get_string_member_with_default(provenance, "seed", ""));
	add_output(argv, o);
	g_ptr_array_add(argv, NULL);
	return argv;
}

static int merge(const struct merge_options *o, const struct sim_model *model)
{
	g_autofree char *path = g_build_filename(o->folders[0], "manifest.json", NULL);
	g_autoptr(JsonParser) parser = json_parser_new();
	const char *why = NULL;

	if (!sim_manifest_is_ours(path) || !json_parser_load_from_file(parser, path, NULL))
		return refuse_folder(o->folders[0], "is not there, or no manifest of ours: name folders that "
						    "`run --shard` has written");
	GPtrArray *argv = make_command(o, json_node_get_object(json_parser_get_root(parser)), &why);

	if (argv == NULL)
		return refuse_folder(o->folders[0], why);
	char **words = (char **)argv->pdata;
	int n = (int)argv->len - 1;
	int code = strcmp(words[0], "run") == 0 ? cli_run(n, words, model) : cli_compare(n, words, model);

	g_ptr_array_unref(argv);
	return code;
}

int cli_merge(int argc, char **argv, const struct sim_model *model)
{
	struct merge_options o = {0};
	const GOptionEntry entries[] = {
	    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o.output, NULL, NULL},
	    {"scenario", 0, 0, G_OPTION_ARG_FILENAME, &o.scenario, NULL, NULL},
	    {"force", 0, 0, G_OPTION_ARG_NONE, &o.force, NULL, NULL},
	    {"quiet", 0, 0, G_OPTION_ARG_NONE, &o.quiet, NULL, NULL},
	    {NULL},
	};
	int code = cli_options(entries, argc, argv, CLI_SOME, &o.folders);

	if (code == CLI_DONE)
		code = merge(&o, model);
	g_strfreev(o.folders);
	g_free(o.output);
	g_free(o.scenario);
	return code;
}
