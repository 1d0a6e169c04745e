#include "sim/study/capacity.h"

#include <math.h>

#include "sim/study/stats.h"

#define COARSE 2.0 /* beyond this ratio of its ends, the interval is halved rather than interpolated */
#define EDGE 0.4   /* how far from the guess the ends are tried, in widths */
#define QUICK 4    /* times `least` replications, where an answer is not needed at any price */

unsigned sim_capacity_next(unsigned n, unsigned least, unsigned most)
{
	return n == 0 ? MIN(least, most) : MIN(most, n + (n + 1) / 2);
}

unsigned sim_capacity_looks(unsigned least, unsigned most)
{
	unsigned looks = 0;

	for (unsigned n = 0; n < most; looks++)
		n = sim_capacity_next(n, least, most);
	return looks;
}

const char *sim_capacity_verdict_text(enum sim_capacity_verdict verdict)
{
	static const char *const texts[] = {
	    [SIM_CAPACITY_FOUND] = "ok",
	    [SIM_CAPACITY_NONE] = "no value passes",
	    [SIM_CAPACITY_ALL] = "all values pass",
	    [SIM_CAPACITY_TOO_WIDE] = "width not reached",
	    [SIM_CAPACITY_NOT_MONOTONE] = "non-monotone",
	    [SIM_CAPACITY_INTERRUPTED] = "interrupted",
	};

	return texts[verdict];
}

/* The search on its way. */
struct state {
	const struct sim_capacity_search *s;
	struct sim_capacity *c;
	bool stopped;
};

static struct sim_capacity_trial *trial_at(const struct state *t, double value)
{
	for (guint i = 0; i < t->c->trials->len; i++) {
		struct sim_capacity_trial *trial = &g_array_index(t->c->trials, struct sim_capacity_trial, i);

		if (trial->value == value)
			return trial;
	}
	return NULL;
}

static double round_value(const struct state *t, double value)
{
	if (t->s->whole)
		return rint(value);
	/* as many digits as the width can tell apart, and one more */
	double unit = pow(10, floor(log10(value)) - ceil(-log10(t->s->width)) - 1);

	return rint(value / unit) * unit;
}

static bool may_go_on(const struct state *t)
{
	return !t->stopped && t->c->trials->len < SIM_CAPACITY_TRIALS;
}

static void note(const struct state *t, const struct sim_capacity_trial *trial)
{
	struct sim_capacity *c = t->c;

	if (trial->look.judgement == SIM_CAPACITY_PASSES && !(trial->value < c->lower))
		c->lower = trial->value;
	if (trial->look.judgement == SIM_CAPACITY_FAILS && !(trial->value > c->upper))
		c->upper = trial->value;
}

/* Looks until the value can be told, or has `most` replications. */
static enum sim_capacity_judgement judge(struct state *t, double value, unsigned most)
{
	const struct sim_capacity_search *s = t->s;
	double error = (1 - SIM_CONFIDENCE) / SIM_CAPACITY_TRIALS / (double)sim_capacity_looks(s->least, s->most);
	struct sim_capacity_trial *now = trial_at(t, value);

	if (now == NULL) {
		struct sim_capacity_trial trial = {.value = value};

		g_array_append_val(t->c->trials, trial);
		now = &g_array_index(t->c->trials, struct sim_capacity_trial, t->c->trials->len - 1);
	}
	while (now->look.judgement == SIM_CAPACITY_UNSURE && now->replications < MIN(most, s->most) && !t->stopped) {
		now->replications = sim_capacity_next(now->replications, s->least, s->most);
		t->stopped = !s->judge(s->context, value, now->replications, error, &now->look);
	}
	if (!t->stopped)
		note(t, now);
	return now->look.judgement;
}

static unsigned quick(const struct state *t)
{
	return QUICK * t->s->least;
}

/* Downwards until one passes, upwards until one fails. */
static void bracket(struct state *t)
{
	const struct sim_capacity_search *s = t->s;
	double down = s->start, up = s->start;

	judge(t, s->start, quick(t));
	while (isnan(t->c->lower) && down > s->from && may_go_on(t)) {
		down = MAX(s->from, round_value(t, down / 2));
		judge(t, down, down > s->from ? quick(t) : s->most);
	}
	while (isnan(t->c->upper) && up < s->to && may_go_on(t)) {
		up = MIN(s->to, MAX(round_value(t, up * 2), s->whole ? up + 1 : 0));
		judge(t, up, up < s->to ? quick(t) : s->most);
	}
	if (isnan(t->c->lower) && trial_at(t, s->from) != NULL)
		judge(t, s->from, s->most);
	if (isnan(t->c->upper) && trial_at(t, s->to) != NULL)
		judge(t, s->to, s->most);
}

static bool is_narrow(const struct state *t)
{
	double distance = t->c->upper - t->c->lower;

	return distance <= t->s->width * t->c->lower || (t->s->whole && distance <= 1);
}

/* Where the score is 0, between the nearest trials whose scores are below and above it, by the logarithm of the
 * value; the middle where the scores do not say. */
static double guess(const struct state *t)
{
	double low = t->c->lower, high = t->c->upper, below = NAN, above = NAN, left = low, right = high;

	for (guint i = 0; i < t->c->trials->len; i++) {
		const struct sim_capacity_trial *trial = &g_array_index(t->c->trials, struct sim_capacity_trial, i);
		double v = trial->value, score = trial->look.score;

		if (v < low || v > high || !isfinite(score))
			continue;
		if (score <= 0 && v >= left && v < high) {
			left = v;
			below = score;
		}
		if (score > 0 && v <= right && v > low) {
			right = v;
			above = score;
		}
	}
	if (isnan(below) || isnan(above) || left >= right || above == below)
		return sqrt(MAX(low, 1e-300) * high);
	return left * pow(right / left, -below / (above - below));
}

/* What could not be told lies between *least and *most. */
static void find_unsure(const struct state *t, double *least, double *most)
{
	*least = INFINITY;
	*most = -INFINITY;
	for (guint i = 0; i < t->c->trials->len; i++) {
		const struct sim_capacity_trial *trial = &g_array_index(t->c->trials, struct sim_capacity_trial, i);

		if (trial->look.judgement != SIM_CAPACITY_UNSURE || trial->replications < t->s->most ||
		    trial->value < t->c->lower || trial->value > t->c->upper)
			continue;
		*least = MIN(*least, trial->value);
		*most = MAX(*most, trial->value);
	}
}

/* The next value to try between the ends; NAN: there is none. */
static double choose(const struct state *t)
{
	double low = t->c->lower, high = t->c->upper, least, most, next;
	double limit = guess(t), edge = 1 + EDGE * t->s->width;

	find_unsure(t, &least, &most);
	if (least <= most && most > least * (1 + t->s->width))
		return NAN;
	if (high > low * COARSE && least > most)
		next = sqrt(MAX(low, t->s->whole ? 1 : 1e-300) * high);
	else if (limit / edge > low * (1 + EDGE * t->s->width / 2))
		next = least > most ? limit / edge : MIN(limit / edge, sqrt(low * least));
	else
		next = least > most ? limit * edge : MAX(limit * edge, sqrt(high * most));
	next = round_value(t, next);
	if (t->s->whole)
		next = CLAMP(next, low + 1, high - 1);
	if (next > low && next < high && trial_at(t, next) == NULL)
		return next;
	next = round_value(t, (low + high) / 2);
	return next > low && next < high && trial_at(t, next) == NULL ? next : (double)NAN;
}

static void close_in(struct state *t)
{
	double next;

	while (!is_narrow(t) && may_go_on(t) && !isnan(next = choose(t)))
		judge(t, next, t->c->upper > t->c->lower * COARSE ? quick(t) : t->s->most);
}

/* Farther off, on both sides. */
static void look_around(struct state *t)
{
	const double ends[] = {t->c->lower * 0.5, t->c->lower * 0.8, t->c->upper * 1.25, t->c->upper * 2};

	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		double value = round_value(t, ends[i]);

		if (may_go_on(t) && value >= t->s->from && value <= t->s->to && value > 0)
			judge(t, value, quick(t));
	}
}

static bool is_monotone(const struct state *t)
{
	for (guint i = 0; i < t->c->trials->len; i++) {
		const struct sim_capacity_trial *trial = &g_array_index(t->c->trials, struct sim_capacity_trial, i);

		if ((trial->look.judgement == SIM_CAPACITY_FAILS && trial->value < t->c->lower) ||
		    (trial->look.judgement == SIM_CAPACITY_PASSES && trial->value > t->c->upper))
			return false;
	}
	return true;
}

/* The interval's ends are those of the first crossing that was found; others show here. */
static enum sim_capacity_verdict conclude(struct state *t)
{
	const struct sim_capacity *c = t->c;

	if (t->stopped)
		return SIM_CAPACITY_INTERRUPTED;
	if (isnan(c->lower) && c->upper == t->s->from)
		return SIM_CAPACITY_NONE;
	if (isnan(c->upper) && c->lower == t->s->to)
		return SIM_CAPACITY_ALL;
	if (isnan(c->lower) || isnan(c->upper))
		return SIM_CAPACITY_TOO_WIDE;
	if (c->lower >= c->upper || !is_monotone(t))
		return SIM_CAPACITY_NOT_MONOTONE;
	return is_narrow(t) ? SIM_CAPACITY_FOUND : SIM_CAPACITY_TOO_WIDE;
}

struct sim_capacity sim_capacity_find(const struct sim_capacity_search *search)
{
	struct sim_capacity c = {.lower = NAN, .upper = NAN};
	struct state t = {search, &c, false};

	c.trials = g_array_new(FALSE, FALSE, sizeof(struct sim_capacity_trial));
	bracket(&t);
	if (c.lower < c.upper) {
		close_in(&t);
		if (c.lower < c.upper)
			look_around(&t);
	}
	c.verdict = conclude(&t);
	return c;
}

int sim_kneedle(const double *x, const double *y, guint n)
{
	double least = INFINITY, most = -INFINITY;

	for (guint i = 0; i < n; i++) {
		least = MIN(least, y[i]);
		most = MAX(most, y[i]);
	}
	if (n < 5 || !(most > least))
		return -1;
	double span = x[n - 1] - x[0], step = 1 / (double)(n - 1), best = 0;
	int at = -1;

	for (guint i = 1; i < n; i++) { /* by how much the curve lies below the line between its ends */
		double d = (x[i] - x[0]) / span - (y[i] - least) / (most - least);

		if (d > best) {
			best = d;
			at = (int)i;
		} else if (at >= 0 && d < best - step) {
			return at;
		}
	}
	return -1;
}
