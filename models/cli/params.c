#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/cli/cli.h"
#include "sim/study/study.h"

#define WIDTH 100
#define INDENT 6

static const char *const type_names[] = {
    [SIM_WORD] = "word",
    [SIM_TEXT] = "text",
    [SIM_COUNT] = "whole number",
    [SIM_FACTOR] = "number",
    [SIM_SHARE] = "share (2% or 0.02)",
    [SIM_DURATION] = "duration (ns us ms s min h d)",
    [SIM_BITRATE] = "bit rate (bit/s kbit/s Mbit/s Gbit/s)",
    [SIM_FREQUENCY] = "frequency (/s /min /h)",
    [SIM_SIZE] = "size (B kB KiB MB MiB GiB)",
    [SIM_DURATION_DIST] = "duration, or a distribution of one",
    [SIM_COUNT_DIST] = "number, or a distribution of one",
    [SIM_MIX] = "name, or a mix (a 50%, b 50%)",
    [SIM_CALL] = "name or name(argument)",
};

static void add_type(GString *out, const struct sim_param *row)
{
	if (row->type != SIM_WORD && row->type != SIM_CALL) {
		g_string_append(out, type_names[row->type]);
		return;
	}
	g_string_append(out, row->type == SIM_WORD ? "one of " : "one of, some with (an argument): ");
	for (int i = 0; row->words[i] != NULL; i++)
		g_string_append_printf(out, "%s%s", i > 0 ? ", " : "", row->words[i]);
}

static void add_range(GString *out, const struct sim_param *row)
{
	bool bounded = row->max > row->min && isfinite(row->max);

	if (row->type == SIM_WORD || row->type == SIM_CALL || row->type == SIM_TEXT || row->type == SIM_MIX)
		return;
	if (bounded)
		g_string_append_printf(out, "; %.15g to %.15g", row->min, row->max);
	else if (row->min > 0)
		g_string_append_printf(out, "; %.15g or more", row->min);
}

static void add_default(GString *out, const struct sim_param *row)
{
	if (row->required != NULL && strcmp(row->required, "always") == 0)
		g_string_append(out, "required");
	else if (row->required != NULL)
		g_string_append_printf(out, "required when %s", row->required);
	else if (*row->fallback != '\0')
		g_string_append_printf(out, "default %s", row->fallback);
	else
		g_string_append(out, "optional");
	if (row->required != NULL && *row->fallback != '\0' && strcmp(row->fallback, "none") != 0)
		g_string_append_printf(out, ", else %s", row->fallback);
}

/* Breaks `text` at blanks so that no line is longer than WIDTH. */
static void print_wrapped(const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	glong column = 0;

	for (guint i = 0; words[i] != NULL; i++) {
		glong width = g_utf8_strlen(words[i], -1);

		if (column > 0 && column + 1 + width > WIDTH) {
			putchar('\n');
			column = 0;
		}
		printf("%*s%s", column == 0 ? INDENT : 1, "", words[i]);
		column += width + (column == 0 ? INDENT : 1);
	}
	putchar('\n');
}

static void print_row(const struct sim_param *row)
{
	g_autoptr(GString) form = g_string_new(NULL);

	add_default(form, row);
	g_string_append(form, "; ");
	add_type(form, row);
	add_range(form, row);
	if (row->later != NULL)
		g_string_append_printf(form, "; other values are not available yet (%s)", row->later);
	printf("%s\n", row->name);
	print_wrapped(row->help);
	print_wrapped(form->str);
	if (row->condition != NULL) {
		g_autofree char *when = g_strdup_printf("read when %s", row->condition);

		print_wrapped(when);
	}
}

int cli_params(int argc, char **argv, const struct sim_model *model)
{
	static const GOptionEntry none[] = {{NULL}};
	int code = cli_options(none, argc, argv, 0, NULL);

	if (code != CLI_DONE)
		return code;
	for (size_t i = 0; i < sim_study_n_params; i++)
		print_row(&sim_study_params[i]);
	for (size_t i = 0; i < model->n_params; i++)
		print_row(&model->params[i]);
	return CLI_DONE;
}
