#include "sim/study/human.h"

#include <glib.h>
#include <math.h>
#include <string.h>

struct scale {
	const char *unit; /* of the record */
	double least;     /* the smallest size that is shown so */
	double factor;
	const char *shown;
};

/* Greatest first within a unit. */
static const struct scale scales[] = {
    {"s", 7200, 1 / 3600.0, " h"},
    {"s", 600, 1 / 60.0, " min"},
    {"s", 1, 1, " s"},
    {"s", 1e-3, 1e3, " ms"},
    {"s", 1e-6, 1e6, " us"},
    {"s", 0, 1e9, " ns"},
    {"B", 1048576, 1 / 1048576.0, " MiB"},
    {"B", 10240, 1 / 1024.0, " KiB"},
    {"B", 0, 1, " B"},
    {"%", 0, 100, " %"},
    {"1/s", 0, 1, " /s"},
    {"/s", 0, 1, " /s"},
    {"1", 0, 1, ""},
};

static struct scale find_scale(const char *unit, double size)
{
	for (size_t i = 0; i < G_N_ELEMENTS(scales); i++)
		if (strcmp(scales[i].unit, unit) == 0 && size >= scales[i].least)
			return scales[i];
	return (struct scale){unit, 0, 1, ""};
}

static bool is_whole(double x)
{
	return x == floor(x) && fabs(x) < 1e15;
}

/* Decimals that leave four digits of the value. */
static int decimals(double value)
{
	if (value == 0)
		return 0;
	int digits = (int)floor(log10(fabs(value))) + 1;

	return CLAMP(4 - digits, 0, 4);
}

char *human_estimate(const struct sim_estimate *estimate, const char *unit)
{
	double half = estimate->interval ? (estimate->high - estimate->low) / 2 : 0;
	double size = estimate->mean != 0 ? fabs(estimate->mean) : half;
	struct scale scale = find_scale(unit, size);
	double mean = estimate->mean * scale.factor;
	int places = is_whole(mean) && half == 0 ? 0 : decimals(size * scale.factor);

	half *= scale.factor;
	if (strcmp(scale.shown, " ns") == 0 && size == 0)
		scale.shown = " s";
	if (!estimate->interval)
		return g_strdup_printf("%.*f%s", places, mean, scale.shown);
	return g_strdup_printf("%.*f ± %.*f%s", places, mean, half == 0 ? 0 : places, half, scale.shown);
}
