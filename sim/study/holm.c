#include "sim/study/holm.h"

#include <glib.h>
#include <math.h>

struct claim {
	double p;
	size_t at;
};

static int by_p(gconstpointer x, gconstpointer y)
{
	const struct claim *a = x, *b = y;

	return (a->p > b->p) - (a->p < b->p);
}

void sim_holm(const double *p, double *adjusted, size_t n)
{
	g_autoptr(GArray) claims = g_array_new(FALSE, FALSE, sizeof(struct claim));
	double least = 0; /* none is claimed before those with a smaller p */

	for (size_t i = 0; i < n; i++) {
		struct claim claim = {p[i], i};

		if (!isnan(p[i]))
			g_array_append_val(claims, claim);
		else
			adjusted[i] = NAN;
	}
	g_array_sort(claims, by_p);
	for (guint i = 0; i < claims->len; i++) {
		const struct claim *claim = &g_array_index(claims, struct claim, i);

		least = MAX(least, MIN(1, claim->p * (double)(claims->len - i)));
		adjusted[claim->at] = least;
	}
}
