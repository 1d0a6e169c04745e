#include "models/deployment/trace.h"

#include <stdlib.h>
#include <string.h>

#include "models/protocol/gw.h"
#include "sim/study/columns.h"

enum column { TIME, DEVICE, COLUMNS };

static const char *const column_names[] = {[TIME] = "time", [DEVICE] = "device", [COLUMNS] = NULL};

struct place {
	uint32_t gateway, pne;
};

struct reader {
	const struct blueprint *b;
	struct sim_columns columns;
	/* Of a fixed topology: */
	const char **ids; /* NULL-terminated; the topology's */
	struct place *places;
	GHashTable *by_id; /* id -> place */
};

static bool complain(const struct reader *r, const struct csv_row *row, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* About a device. */
static bool complain(const struct reader *r, const struct csv_row *row, GError **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *reason = g_strdup_vprintf(format, args);

	va_end(args);
	return sim_columns_complain(&r->columns, row, DEVICE, error, "`%s` %s",
				    sim_columns_cell(&r->columns, row, DEVICE), reason);
}

static bool read_time(const struct reader *r, const struct csv_row *row, sim_time *time, GError **error)
{
	const char *cell = sim_columns_cell(&r->columns, row, TIME);
	g_autofree char *reason = NULL;

	if (*cell == '\0')
		return sim_columns_complain(&r->columns, row, TIME, error,
					    "is empty: write when the key is wanted, as 1.5s");
	bool plain = g_ascii_isdigit(cell[strlen(cell) - 1]);
	g_autofree char *text = g_strconcat(cell, plain ? "s" : "", NULL);

	return sim_parse_duration(text, time, &reason) ||
	       sim_columns_complain(&r->columns, row, TIME, error, "\"%s\" %s", cell, reason);
}

static bool takes_part(const struct reader *r, const struct csv_row *row, bool is_gateway, GError **error)
{
	if (is_gateway ? blueprint_gateways_take_part(r->b, false) : blueprint_pnes_take_part(r->b))
		return true;
	return complain(r, row, error,
			"takes no part: with flow = %s, %s get no EUKey; remove the row, or change flow",
			flow_names[r->b->flow], is_gateway ? "PN GWs" : "PNEs");
}

/* ---- devices of a fixed topology ---- */

static void list(struct reader *r, guint i, struct cpns_octets id, struct place place)
{
	r->ids[i] = (const char *)id.at;
	r->places[i] = place;
	g_hash_table_insert(r->by_id, (gpointer)(guintptr)id.at, &r->places[i]);
}

static void list_devices(struct reader *r)
{
	const struct topology *t = r->b->fixed;
	guint n = 0;

	r->ids = g_new0(const char *, t->n_gateways + t->n_pnes + 1);
	r->places = g_new(struct place, t->n_gateways + t->n_pnes);
	r->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	for (uint32_t g = 0; g < t->n_gateways; g++) {
		const struct topology_gateway *gateway = &t->gateways[g];

		list(r, n++, gateway->id, (struct place){g, CPNS_GW_SELF});
		for (uint32_t i = 0; i < gateway->n_pnes; i++)
			list(r, n++, t->pnes[gateway->first_pne + i].id, (struct place){g, i});
	}
}

static bool find(const struct reader *r, const struct csv_row *row, struct place *place, GError **error)
{
	const char *id = sim_columns_cell(&r->columns, row, DEVICE);
	const struct place *found = g_hash_table_lookup(r->by_id, id);

	if (found == NULL) {
		const char *near = sim_nearest(id, r->ids);

		return complain(r, row, error, "is no device of the topology%s%s: write the id of a PNE or PN GW",
				near != NULL ? ", did you mean " : "", near != NULL ? near : "");
	}
	*place = *found;
	if (!takes_part(r, row, place->pne == CPNS_GW_SELF, error))
		return false;
	if (place->pne == CPNS_GW_SELF && r->b->fixed->gateways[place->gateway].smartcard)
		return complain(r, row, error, "has a smart card in use and needs no EUKey: remove the row");
	return true;
}

/* ---- devices of a generated one: known by their names ---- */

/* Is `id` the one that topology_generate gives to that device? */
static bool names(const char *id, struct place place)
{
	char name[32];

	if (place.pne == CPNS_GW_SELF)
		g_snprintf(name, sizeof(name), "gw:%05u", place.gateway);
	else
		g_snprintf(name, sizeof(name), "%05u.%02u", place.gateway, place.pne);
	return strcmp(name, id) == 0;
}

static bool parse_name(const char *id, struct place *place)
{
	bool gateway = g_str_has_prefix(id, "gw:");
	const char *dot = strchr(id, '.');

	place->gateway = (uint32_t)strtoul(gateway ? id + strlen("gw:") : id, NULL, 10);
	place->pne = gateway || dot == NULL ? CPNS_GW_SELF : (uint32_t)strtoul(dot + 1, NULL, 10);
	return names(id, *place);
}

static bool invent(const struct reader *r, const struct csv_row *row, struct place *place, GError **error)
{
	const struct topology_shape *shape = &r->b->shape;
	/* rounded as topology_generate does */
	double surely = MIN(sim_variate_lower_bound(&shape->pnes_per_gateway) + 0.5, 1e9);

	if (!parse_name(sim_columns_cell(&r->columns, row, DEVICE), place))
		return complain(r, row, error,
				"is no device: a generated topology calls its PN GWs gw:00000, gw:00001 ..., and the "
				"PNEs of the first 00000.00, 00000.01 ...");
	if (!takes_part(r, row, place->pne == CPNS_GW_SELF, error))
		return false;
	if (place->gateway >= shape->gateways)
		return complain(r, row, error, "is no device: gateways is %u, and they are counted from 0",
				shape->gateways);
	if (place->pne == CPNS_GW_SELF)
		return shape->smartcard == 0 ||
		       complain(r, row, error,
				"may have a smart card in use and need no EUKey: write gateway.smartcard = 0%%, or "
				"remove the row");
	if (place->pne < (uint32_t)surely)
		return true;
	return complain(r, row, error,
			"is no device of every replication: by pnes-per-gateway, %u PNEs of a PN GW are sure, and "
			"they are counted from 0; write a number that is large enough, or a topology file",
			(uint32_t)surely);
}

/* ---- rows ---- */

static bool read_device(const struct reader *r, const struct csv_row *row, struct place *place, GError **error)
{
	if (*sim_columns_cell(&r->columns, row, DEVICE) == '\0')
		return sim_columns_complain(&r->columns, row, DEVICE, error,
					    "is empty: write the id of a PNE or PN GW");
	return r->b->fixed != NULL ? find(r, row, place, error) : invent(r, row, place, error);
}

static bool read_rows(const struct reader *r, GArray *arrivals, GError **error)
{
	const struct csv_rows *rows = r->columns.rows;

	for (guint i = 1; i < rows->n; i++) {
		struct place place = {0};
		sim_time time = 0;

		if (!read_time(r, &rows->at[i], &time, error) || !read_device(r, &rows->at[i], &place, error))
			return false;
		struct trace_arrival arrival = {time, place.gateway, place.pne};

		g_array_append_val(arrivals, arrival);
	}
	return arrivals->len > 0 || sim_columns_complain(&r->columns, rows->at, TIME, error,
							 "has no row below it: add one for each arrival");
}

static int compare_times(gconstpointer a, gconstpointer b)
{
	const struct trace_arrival *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

GArray *trace_parse(const struct blueprint *b, const char *path, const char *text, gsize n, GError **error)
{
	struct reader r = {.b = b};

	if (!sim_columns_read(&r.columns, path, text, n, column_names, COLUMNS, error))
		return NULL;
	if (b->fixed != NULL)
		list_devices(&r);
	g_autoptr(GArray) arrivals = g_array_new(FALSE, FALSE, sizeof(struct trace_arrival));
	bool fine = read_rows(&r, arrivals, error);

	sim_columns_clear(&r.columns);
	g_clear_pointer(&r.by_id, g_hash_table_unref);
	g_free(r.places);
	g_free(r.ids);
	if (!fine)
		return NULL;
	g_array_sort(arrivals, compare_times); /* stable */
	return g_steal_pointer(&arrivals);
}
