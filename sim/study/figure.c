#include "sim/study/figure.h"

#include <math.h>
#include <string.h>

static void line_free(gpointer data)
{
	struct figure_line *line = data;

	g_free(line->label);
	g_array_unref(line->points);
	g_free(line);
}

struct figure *figure_new(enum figure_kind kind)
{
	struct figure *f = g_new0(struct figure, 1);

	f->kind = kind;
	f->method = "";
	f->lines = g_ptr_array_new_with_free_func(line_free);
	f->marks = g_array_new(FALSE, FALSE, sizeof(struct figure_mark));
	return f;
}

void figure_free(struct figure *f)
{
	if (f == NULL)
		return;
	g_free(f->name);
	g_free(f->title);
	g_free(f->about);
	g_free(f->x_label);
	g_free(f->x_unit);
	g_free(f->y_label);
	g_free(f->y_unit);
	g_ptr_array_unref(f->lines);
	g_array_unref(f->marks);
	g_free(f);
}

struct figure_line *figure_add_line(struct figure *f, const char *label)
{
	struct figure_line *line = g_new0(struct figure_line, 1);

	line->label = g_strdup(label);
	line->points = g_array_new(FALSE, FALSE, sizeof(struct figure_point));
	g_ptr_array_add(f->lines, line);
	return line;
}

void figure_add_point(struct figure_line *line, const struct figure_point *point)
{
	g_array_append_vals(line->points, point, 1);
}

bool figure_replications(const struct figure *f, guint *least, guint *most)
{
	*least = G_MAXUINT;
	*most = 0;
	for (guint i = 0; i < f->lines->len; i++) {
		const struct figure_line *line = f->lines->pdata[i];

		for (guint k = 0; k < line->points->len; k++) {
			guint n = g_array_index(line->points, struct figure_point, k).n;

			*least = MIN(*least, n);
			*most = MAX(*most, n);
		}
	}
	return *least <= *most;
}

/* The end of a band of many may lack its interval, where few replications went that far: that is no lack of method.
 */
static bool lacks_intervals(const struct figure_line *line, bool bands)
{
	guint without = 0;

	for (guint i = 0; i < line->points->len; i++)
		without += isnan(g_array_index(line->points, struct figure_point, i).low) ? 1 : 0;
	return bands ? without == line->points->len : without > 0;
}

bool figure_is_exploratory(const struct figure *f)
{
	bool bands = f->kind == FIGURE_CURVES || f->kind == FIGURE_CDF;

	for (guint i = 0; i < f->lines->len; i++)
		if (lacks_intervals(f->lines->pdata[i], bands))
			return true;
	return false;
}

static const char *method_name(const char *method)
{
	static const struct {
		const char *word, *name;
	} names[] = {
	    {"student-t", "Student-t intervals of the mean"},
	    {"paired-t", "Student-t intervals of the mean paired difference"},
	    {"order-statistic", "intervals by order statistics"},
	    {"batch-means", "intervals by batch means"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(names[i].word, method) == 0)
			return names[i].name;
	return "intervals";
}

char *figure_describe(const struct figure *f)
{
	const char *what = f->kind == FIGURE_CURVES || f->kind == FIGURE_CDF ? "bands" : "bars";
	guint least, most;

	if (!figure_replications(f, &least, &most))
		return g_strdup("no data");
	g_autofree char *n =
	    least == most ? g_strdup_printf("n = %u", most) : g_strdup_printf("n = %u to %u", least, most);

	if (figure_is_exploratory(f))
		return g_strdup_printf("%s replication%s; exploratory: no interval%s", n, most == 1 ? "" : "s",
				       most == 1 ? "" : " for some points");
	if (f->deterministic)
		return g_strdup_printf("%s replications, all the same run: nothing is random, intervals have width 0",
				       n);
	return g_strdup_printf("%s replications%s; %s: %.0f %% %s%s", n, most < 5 ? " (few)" : "", what,
			       f->confidence * 100, method_name(f->method),
			       f->marks->len > 0 ? "; shaded: the bounds of the capacity" : "");
}
