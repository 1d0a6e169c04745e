#include "sim/study/usl.h"

#include <glib.h>
#include <gsl/gsl_blas.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>

enum { ALPHA, BETA, GAMMA, PARAMETERS };

#define STEPS 200
#define CLOSE 1e-12

/* Which parameters are searched for; the others keep their value in `law`. */
struct problem {
	const struct sim_usl_point *points;
	struct sim_usl law;
	bool free[PARAMETERS];
};

static double *parameter(struct sim_usl *law, int which)
{
	return which == ALPHA ? &law->alpha : which == BETA ? &law->beta : &law->gamma;
}

/* The law with the parameters of a step. The search works on gamma in units of where it began, so that all three are
 * of a size. */
static struct sim_usl law_at(const gsl_vector *at, const struct problem *p)
{
	struct sim_usl law = p->law;
	size_t k = 0;

	for (int which = 0; which < PARAMETERS; which++)
		if (p->free[which])
			*parameter(&law, which) = gsl_vector_get(at, k++) * (which == GAMMA ? p->law.gamma : 1);
	return law;
}

double sim_usl_throughput(const struct sim_usl *law, double n)
{
	return law->gamma * n / (1 + law->alpha * (n - 1) + law->beta * n * (n - 1));
}

/* Residuals in units of gamma. */
static int residuals(const gsl_vector *at, void *problem, gsl_vector *out)
{
	const struct problem *p = problem;
	struct sim_usl law = law_at(at, p);

	for (size_t i = 0; i < out->size; i++)
		gsl_vector_set(out, i, (sim_usl_throughput(&law, p->points[i].n) - p->points[i].x) / p->law.gamma);
	return GSL_SUCCESS;
}

static int slopes(const gsl_vector *at, void *problem, gsl_matrix *out)
{
	const struct problem *p = problem;
	struct sim_usl law = law_at(at, p);

	for (size_t i = 0; i < out->size1; i++) {
		double n = p->points[i].n, divisor = 1 + law.alpha * (n - 1) + law.beta * n * (n - 1);
		double scale = law.gamma / p->law.gamma * n / divisor; /* of d/dalpha and d/dbeta */
		double slope[PARAMETERS] = {-scale * (n - 1) / divisor, -scale * n * (n - 1) / divisor, n / divisor};
		size_t k = 0;

		for (int which = 0; which < PARAMETERS; which++)
			if (p->free[which])
				gsl_matrix_set(out, i, k++, slope[which]);
	}
	return GSL_SUCCESS;
}

static size_t count_free(const struct problem *p)
{
	return (size_t)p->free[ALPHA] + p->free[BETA] + p->free[GAMMA];
}

static double mean_square(const struct sim_usl *law, const struct sim_usl_point *points, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double left = sim_usl_throughput(law, points[i].n) - points[i].x;

		sum += left * left;
	}
	return sum / (double)n;
}

/* Levenberg-Marquardt, from the law in `p`. */
static bool search(struct problem *p, size_t n, struct sim_usl *found)
{
	size_t n_free = count_free(p);
	gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
	gsl_multifit_nlinear_fdf functions = {.f = residuals, .df = slopes, .n = n, .p = n_free, .params = p};
	gsl_vector *start = gsl_vector_alloc(n_free);
	gsl_multifit_nlinear_workspace *work =
	    gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &how, n, n_free);
	size_t k = 0;
	int info;

	for (int which = 0; which < PARAMETERS; which++)
		if (p->free[which])
			gsl_vector_set(start, k++, which == GAMMA ? 1 : *parameter(&p->law, which));
	gsl_multifit_nlinear_init(start, &functions, work);
	int status = gsl_multifit_nlinear_driver(STEPS, CLOSE, CLOSE, 0, NULL, NULL, &info, work);

	*found = law_at(gsl_multifit_nlinear_position(work), p);
	gsl_vector_free(start);
	gsl_multifit_nlinear_free(work);
	/* no progress: it stands at the minimum as closely as numbers go */
	return status == GSL_SUCCESS || status == GSL_ENOPROG;
}

static double peak_of(const struct sim_usl *law)
{
	if (law->alpha >= 1)
		return 1;
	return law->beta > 0 ? fmax(1, sqrt((1 - law->alpha) / law->beta)) : HUGE_VAL;
}

/* X of one, as the point with the smallest N has it at the least: where a search begins. */
static double guess_gamma(const struct sim_usl_point *points, size_t n)
{
	const struct sim_usl_point *first = points;

	for (size_t i = 1; i < n; i++)
		if (points[i].n < first->n)
			first = &points[i];
	return first->x / first->n;
}

/* The least squares under alpha >= 0 and beta >= 0 lie where neither bound holds anything back, or on one of them, or
 * on both: each of the four is searched without bounds, and the best that keeps to them is the answer; of equals the
 * one with the fewest terms. */
bool sim_usl_fit(const struct sim_usl_point *points, size_t n, double gamma, struct sim_usl *fit)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		g_assert(points[i].n > 0 && points[i].x > 0);
	if (n < (gamma > 0 ? 2 : 3))
		return false;
	for (int loose = 0; loose < 4; loose++) {
		struct problem p = {.points = points, .free = {loose & 1, loose & 2, gamma <= 0}};
		struct sim_usl found;

		p.law.gamma = gamma > 0 ? gamma : guess_gamma(points, n);
		p.law.alpha = p.free[ALPHA] ? 0.01 : 0;
		p.law.beta = p.free[BETA] ? 0.001 : 0;
		if (count_free(&p) == 0)
			found = p.law;
		else if (!search(&p, n, &found) || found.alpha < 0 || found.beta < 0 || !(found.gamma > 0))
			continue;
		found.residual = sqrt(mean_square(&found, points, n));
		found.peak = peak_of(&found);
		if (!any || found.residual < fit->residual - CLOSE * found.gamma)
			*fit = found;
		any = true;
	}
	return any;
}
