/* Models against reality: each measured store is simulated with the figures of one thread alone, at the numbers of
 * threads that these figures do not come from; and by its own measured curve, at every other of its points. */
#include <math.h>
#include <string.h>

#include "models/cli/calibrate.h"
#include "models/cli/cli.h"
#include "models/keystore/load.h"
#include "models/oracle/closed_store.h"
#include "sim/study/columns.h"

#define ASSIGNMENTS 100000
#define SHARDS 16 /* of memory-sharded */
#define THROUGHPUT_GOAL 0.10
#define P99_GOAL 0.25

enum column { CONCURRENCY, THROUGHPUT, LOOK_MEAN, INSERT_MEAN, INSERT_P50, INSERT_P99, COLUMNS };

static const char *const column_names[] = {[CONCURRENCY] = "concurrency",  [THROUGHPUT] = "throughput",
					   [LOOK_MEAN] = "look_mean_ns",   [INSERT_MEAN] = "insert_mean_ns",
					   [INSERT_P50] = "insert_p50_ns", [INSERT_P99] = "insert_p99_ns",
					   [COLUMNS] = SIM_COLUMNS_OTHERS, NULL};

/* A row of store-NAME.csv. */
struct point {
	double figures[COLUMNS];
};

/* How a store is modelled, and what that leaves out: where it misses the measured, that is what is missing. */
struct way {
	const char *store; /* how its name begins */
	enum store_kind kind;
	const char *missing;
};

static const struct way ways[] = {
    {"memory-lock", STORE_LOCK,
     "threads share processors, and a lock that changes hands costs switches and cache misses"},
    {"memory-sharded", STORE_SHARDED, "threads share processors and the memory's bandwidth"},
    {"sqlite", STORE_POLLING,
     "checkpoints, flushes that take longer when others run, and a scheduler that wakes sleepers late"},
    {"sqlcipher", STORE_POLLING,
     "checkpoints, flushes that take longer when others run, and pages decrypted by each thread"},
    {"lmdb", STORE_MVCC,
     "flushes that take longer, or are shared, when others run, and a mutex that is not first come, first served"},
};

static const struct way *way_of(const char *store)
{
	const struct way *way = ways;

	while (!g_str_has_prefix(store, way->store)) {
		way++;
		g_assert(way < ways + G_N_ELEMENTS(ways));
	}
	return way;
}

/* ---- reading ---- */

static bool read_point(const struct sim_columns *columns, const struct csv_row *row, struct point *point,
		       GError **error)
{
	for (guint c = 0; c < COLUMNS; c++) {
		const char *cell = sim_columns_cell(columns, row, c);
		char *end;

		point->figures[c] = g_ascii_strtod(cell, &end);
		if (end == cell || *end != '\0' || !(point->figures[c] > 0 && point->figures[c] < 1e15))
			return sim_columns_complain(columns, row, c, error,
						    "`%s` is not a positive number: calibrate anew", cell);
	}
	return true;
}

/* The points of a store, in the order of the file; NULL with *error, or without one where there is no such file. */
static GArray *read_points(const struct calibrate_options *o, const struct calibrate_store *store, GError **error)
{
	g_autofree char *name = calibrate_store_file(store), *path = g_build_filename(o->folder, name, NULL);
	g_autofree char *text = NULL;
	g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(struct point));
	struct sim_columns columns;
	gsize n;

	if (!g_file_test(path, G_FILE_TEST_EXISTS) || !g_file_get_contents(path, &text, &n, error) ||
	    !sim_columns_read(&columns, path, text, n, column_names, COLUMNS, error))
		return NULL;
	for (guint i = 1; i < columns.rows->n; i++) {
		struct point point;

		if (!read_point(&columns, &columns.rows->at[i], &point, error))
			break;
		g_array_append_val(points, point);
	}
	bool whole = points->len + 1 == columns.rows->n;

	sim_columns_clear(&columns);
	return whole ? g_steal_pointer(&points) : NULL;
}

/* ---- models ---- */

/* A duration whose mean, median and p99 were measured: lognormal, as wide as the last two say. */
static struct sim_variate duration_of(double mean, double p50, double p99)
{
	const double z99 = 2.3263478740408408; /* quantile of the standard normal distribution */
	double sigma = p99 > p50 ? log(p99 / p50) / z99 : 0;

	if (sigma == 0)
		return (struct sim_variate){.kind = SIM_CONSTANT, .a = mean};
	return (struct sim_variate){.kind = SIM_LOGNORMAL, .a = mean, .b = mean * sqrt(exp(sigma * sigma) - 1)};
}

static struct closed_result simulate(const struct store_figures *figures, double threads)
{
	const struct closed_store closed = {
	    .figures = figures,
	    .callers = (uint32_t)threads,
	    .reads = KEYSTORE_MIX_USER_LOOKS + KEYSTORE_MIX_ENTITY_LOOKS,
	    .assignments = ASSIGNMENTS,
	    .seed = 1,
	};

	return closed_store_run(&closed);
}

static bool near(double simulated, double measured, double goal)
{
	return fabs(simulated / measured - 1) <= goal;
}

/* False if the goals are missed. */
static bool print_row(const char *name, const char *model, const struct point *p, const struct closed_result *r,
		      bool has_p99)
{
	double throughput = p->figures[THROUGHPUT], measured = p->figures[INSERT_P99] / 1e9;
	bool fine =
	    near(r->throughput, throughput, THROUGHPUT_GOAL) && (!has_p99 || near(r->p99, measured, P99_GOAL));

	printf("  %-21s  %-9s  %7.0f  %10.0f  %10.0f  %5.2f", name, model, p->figures[CONCURRENCY], throughput,
	       r->throughput, r->throughput / throughput);
	if (has_p99)
		printf("  %10.3g  %10.3g  %5.2f", measured * 1e3, r->p99 * 1e3, r->p99 / measured);
	else
		printf("  %10s  %10s  %5s", "", "", "");
	puts(fine ? "" : "  missed");
	return fine;
}

/* By the mechanism, from one thread's figures. False if it misses. */
static bool check_mechanism(const struct calibrate_store *store, const struct way *way, const GArray *points)
{
	const struct point *one = &g_array_index(points, struct point, 0);
	struct store_figures figures = {
	    .kind = way->kind,
	    .read = {.kind = SIM_CONSTANT, .a = one->figures[LOOK_MEAN]},
	    .write = duration_of(one->figures[INSERT_MEAN], one->figures[INSERT_P50], one->figures[INSERT_P99]),
	    .flush = {.kind = SIM_CONSTANT},
	    .timeout = 5 * SIM_S,
	    .shards = way->kind == STORE_SHARDED ? SHARDS : 1,
	};

	bool fine = true;

	figures.shard_ends = way->kind == STORE_SHARDED ? store_shard_ends(SHARDS, 0) : NULL;
	for (guint i = 1; i < points->len; i++) {
		const struct point *p = &g_array_index(points, struct point, i);
		struct closed_result r = simulate(&figures, p->figures[CONCURRENCY]);

		fine = print_row(store->name, "mechanism", p, &r, true) && fine;
	}
	g_free(figures.shard_ends);
	return fine;
}

/* By its curve: the first point, the third and so on are known, and those between are asked for. False if it
 * misses. */
static bool check_curve(const struct calibrate_store *store, const GArray *points)
{
	g_autofree struct store_point *known = g_new(struct store_point, points->len);
	struct store_figures figures = {.kind = STORE_CURVE, .shards = 1, .curve = known};
	bool fine = true;

	for (guint i = 0; i < points->len; i += 2) {
		const struct point *p = &g_array_index(points, struct point, i);

		known[figures.n_points++] =
		    (struct store_point){(uint32_t)p->figures[CONCURRENCY], p->figures[THROUGHPUT]};
	}
	for (guint i = 1; i + 1 < points->len; i += 2) {
		const struct point *p = &g_array_index(points, struct point, i);
		struct closed_result r = simulate(&figures, p->figures[CONCURRENCY]);

		fine = print_row(store->name, "curve", p, &r, false) && fine;
	}
	return fine;
}

static bool check_store(const struct calibrate_store *store, const GArray *points)
{
	const struct way *way = way_of(store->name);

	if (points->len < 2 || g_array_index(points, struct point, 0).figures[CONCURRENCY] != 1) {
		printf("  %-21s  one thread and more are needed: calibrate it with --threads=1,2,...\n", store->name);
		return false;
	}
	bool told = check_mechanism(store, way, points), fine = check_curve(store, points) && told;

	if (!told)
		printf("  %-21s  missing in the mechanism: %s\n", "", way->missing);
	return fine;
}

int calibrate_check(const struct calibrate_options *o)
{
	guint checked = 0, fine = 0;

	printf("  %-21s  %-9s  %7s  %10s  %10s  %5s  %10s  %10s  %5s\n", "store", "model", "threads", "measured/s",
	       "simulated", "ratio", "p99, ms", "simulated", "ratio");
	for (guint i = 0; i < o->stores->len; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GArray) points = read_points(o, o->stores->pdata[i], &error);

		if (error != NULL)
			return cli_refuse("calibrate: --check: %s", error->message);
		if (points == NULL)
			continue;
		checked++;
		fine += check_store(o->stores->pdata[i], points);
	}
	if (checked == 0)
		return cli_refuse("calibrate: --check: %s holds no store-*.csv: calibrate first, or name its folder "
				  "with -o",
				  o->folder);
	printf(
	    "\n%u of %u stores within %.0f %% of the measured throughput and %.0f %% of the p99 of an insert, at all "
	    "numbers of threads.\n",
	    fine, checked, THROUGHPUT_GOAL * 100, P99_GOAL * 100);
	return CLI_DONE;
}
