/* Topologies from CSV files: columns by name, in any order; rows in any order. */
#include <stdlib.h>
#include <string.h>

#include "models/crypto/cost.h"
#include "models/deployment/topology.h"
#include "models/network/preset.h"
#include "models/protocol/gw.h"
#include "models/protocol/msg.h"
#include "sim/study/columns.h"
#include "sim/study/param.h"

/* Those up to USER are required. */
enum column { ID, TYPE, PARENT, USER, UI, SECURE, SMARTCARD, MODE, PAN, WAN, CLASS, COLUMNS };

enum type { SERVER, GATEWAY, PNE, TYPES };

static const char *const column_names[] = {
    [ID] = "id",   [TYPE] = "type",     [PARENT] = "parent",       [USER] = "user",
    [UI] = "ui",   [SECURE] = "secure", [SMARTCARD] = "smartcard", [MODE] = "mode",
    [PAN] = "pan", [WAN] = "wan",       [CLASS] = "class",         [COLUMNS] = NULL,
};

static const char *const type_names[] = {[SERVER] = "server", [GATEWAY] = "gateway", [PNE] = "pne", [TYPES] = NULL};

/* Which columns a row of a type may fill. */
static const bool applies[TYPES][COLUMNS] = {
    [SERVER] = {[ID] = true, [TYPE] = true, [CLASS] = true},
    [GATEWAY] = {[ID] = true,
		 [TYPE] = true,
		 [PARENT] = true,
		 [USER] = true,
		 [SMARTCARD] = true,
		 [MODE] = true,
		 [PAN] = true,
		 [WAN] = true,
		 [CLASS] = true},
    [PNE] =
	{[ID] = true, [TYPE] = true, [PARENT] = true, [USER] = true, [UI] = true, [SECURE] = true, [CLASS] = true},
};

/* One row of the file, checked for itself. */
struct entry {
	const struct csv_row *row;
	enum type type;
	bool inside; /* a PNE that the row of a PN GW in mode `both` stands for */
	const char *id;
	uint64_t number;
	struct entry *parent; /* of a PNE: its PN GW */
	uint32_t index;       /* of a PN GW: in the topology */
};

struct loader {
	struct sim_columns columns;
	GArray *entries;       /* of struct entry */
	GHashTable *by_id;     /* id -> struct entry */
	GHashTable *by_number; /* number -> struct entry */
	GHashTable *user_index;
	GArray *users;
	struct topology *t;
};

static const char *cell(const struct loader *l, const struct csv_row *row, enum column column)
{
	return sim_columns_cell(&l->columns, row, column);
}

/* An ID goes onto the wire octet for octet, and into messages for people. */
static bool check_id(const struct loader *l, const struct csv_row *row, enum column column, GError **error)
{
	const char *id = cell(l, row, column);

	if (*id == '\0')
		return sim_columns_complain(&l->columns, row, column, error, "is empty: a %s needs one",
					    cell(l, row, TYPE));
	if (strlen(id) > CPNS_ID_MAX)
		return sim_columns_complain(&l->columns, row, column, error,
					    "has %zu octets: at most %d fit into a message", strlen(id), CPNS_ID_MAX);
	for (const char *c = id; *c != '\0'; c++)
		if (g_ascii_iscntrl(*c))
			return sim_columns_complain(&l->columns, row, column, error,
						    "holds a control character: remove it");
	return true;
}

static bool check_word(const struct loader *l, const struct csv_row *row, enum column column,
		       const char *const *words, const char *all, GError **error)
{
	const char *word = cell(l, row, column);

	if (*word == '\0' || g_strv_contains(words, word))
		return true;
	const char *near = sim_nearest(word, words);

	if (near != NULL)
		return sim_columns_complain(&l->columns, row, column, error,
					    "`%s` is unknown: did you mean %s? There are %s", word, near, all);
	return sim_columns_complain(&l->columns, row, column, error, "`%s` is unknown: write %s", word, all);
}

static bool check_names(const struct loader *l, const struct csv_row *row, enum column column,
			const char *const *names, GError **error)
{
	const char *word = cell(l, row, column);

	if (*word == '\0' || g_strv_contains(names, word))
		return true;
	g_autofree char *all = g_strjoinv(", ", (char **)(guintptr)names);

	return check_word(l, row, column, names, all, error);
}

static bool check_cells(const struct loader *l, const struct csv_row *row, enum type type, GError **error)
{
	static const char *const yes_no[] = {"yes", "no", NULL}, *const modes[] = {"gateway", "both", NULL};

	for (int c = 0; c < COLUMNS; c++)
		if (!applies[type][c] && *cell(l, row, (enum column)c) != '\0')
			return sim_columns_complain(&l->columns, row, (enum column)c, error,
						    "does not apply to a %s: leave it empty", type_names[type]);
	if (!check_id(l, row, ID, error) || (type != SERVER && !check_id(l, row, USER, error)) ||
	    !check_word(l, row, UI, yes_no, "yes or no", error) ||
	    !check_word(l, row, SECURE, yes_no, "yes or no", error) ||
	    !check_word(l, row, SMARTCARD, yes_no, "yes or no", error) ||
	    !check_word(l, row, MODE, modes, "gateway or both", error) ||
	    !check_names(l, row, PAN, link_preset_names(LINK_PAN), error) ||
	    !check_names(l, row, WAN, link_preset_names(LINK_WAN), error) ||
	    !check_names(l, row, CLASS, cost_profile_names(), error))
		return false;
	return true;
}

/* The stable number of an entity: a 64-bit hash of its ID (FNV-1a, then mixed as splitmix64 does). */
static uint64_t number_of(const char *id)
{
	uint64_t x = G_GUINT64_CONSTANT(14695981039346656037);

	for (const char *c = id; *c != '\0'; c++)
		x = (x ^ (guint8)*c) * G_GUINT64_CONSTANT(1099511628211);
	x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static void add_entry(struct loader *l, struct entry e)
{
	e.number = number_of(e.id);
	g_array_append_val(l->entries, e);
}

/* A device that is PNE and PN GW in one: its PNE part is an entity of its own, with a key of its own. */
static bool add_inside(struct loader *l, const struct csv_row *row, GError **error)
{
	g_autofree char *id = g_strconcat(cell(l, row, ID), "/pne", NULL);

	if (strlen(id) > CPNS_ID_MAX)
		return sim_columns_complain(&l->columns, row, ID, error,
					    "is too long for mode = both: its PNE part is `%s`", id);
	add_entry(l, (struct entry){
			 .row = row, .type = PNE, .inside = true, .id = g_string_chunk_insert_const(l->t->text, id)});
	return true;
}

static bool read_row(struct loader *l, const struct csv_row *row, GError **error)
{
	struct entry e = {.row = row, .id = cell(l, row, ID)};
	const char *type = cell(l, row, TYPE);

	while (e.type < TYPES && strcmp(type, type_names[e.type]) != 0)
		e.type++;
	if (e.type == TYPES)
		return *type == '\0' ? sim_columns_complain(&l->columns, row, TYPE, error,
							    "is empty: write server, gateway or pne")
				     : check_word(l, row, TYPE, type_names, "server, gateway or pne", error);
	if (!check_cells(l, row, e.type, error))
		return false;
	add_entry(l, e);
	return strcmp(cell(l, row, MODE), "both") != 0 || add_inside(l, row, error);
}

/* Names each entity once: by its ID, and by its number, which addresses its draws and must not be the server's 0. */
static bool index_entries(struct loader *l, GError **error)
{
	const struct entry *server = NULL;

	for (guint i = 0; i < l->entries->len; i++) {
		struct entry *e = &g_array_index(l->entries, struct entry, i);
		const struct entry *same = g_hash_table_lookup(l->by_id, e->id);

		if (same != NULL)
			return sim_columns_complain(&l->columns, e->row, ID, error,
						    "`%s` stands in line %u already: IDs are unique", e->id,
						    same->row->line);
		same = g_hash_table_lookup(l->by_number, &e->number);
		if (same != NULL || e->number == 0)
			return sim_columns_complain(&l->columns, e->row, ID, error,
						    "`%s` has the same number as %s%s%s: choose another ID", e->id,
						    same != NULL ? "`" : "the server", same != NULL ? same->id : "",
						    same != NULL ? "`" : "");
		g_hash_table_insert(l->by_id, (gpointer)(guintptr)e->id, e);
		g_hash_table_insert(l->by_number, &e->number, e);
		if (e->type != SERVER)
			continue;
		if (server != NULL)
			return sim_columns_complain(&l->columns, e->row, TYPE, error,
						    "is a second server: line %u holds one already",
						    server->row->line);
		server = e;
	}
	return true;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool refuse_parent(const struct loader *l, const struct csv_row *row, const char *parent, GError **error)
{
	g_autofree const char **ids = (const char **)g_hash_table_get_keys_as_array(l->by_id, NULL);

	qsort(ids, g_hash_table_size(l->by_id), sizeof(ids[0]),
	      compare_texts); /* the table has no order of its own */
	const char *near = sim_nearest(parent, ids);

	return sim_columns_complain(&l->columns, row, PARENT, error, "`%s` is not in this file%s%s%s", parent,
				    near != NULL ? ": did you mean " : "", near != NULL ? near : "",
				    near != NULL ? "?" : "");
}

static bool find_parents(struct loader *l, GError **error)
{
	for (guint i = 0; i < l->entries->len; i++) {
		struct entry *e = &g_array_index(l->entries, struct entry, i);
		const char *parent = cell(l, e->row, e->inside ? ID : PARENT);
		struct entry *found = g_hash_table_lookup(l->by_id, parent);

		if (e->type == SERVER || (e->type == GATEWAY && *parent == '\0'))
			continue;
		enum type wanted = e->type == PNE ? GATEWAY : SERVER;

		if (*parent == '\0')
			return sim_columns_complain(&l->columns, e->row, PARENT, error,
						    "is empty: name the PNE's PN GW");
		if (found == NULL)
			return refuse_parent(l, e->row, parent, error);
		if (found->type != wanted)
			return sim_columns_complain(&l->columns, e->row, PARENT, error,
						    "`%s` is a %s: a %s hangs on a %s", parent,
						    type_names[found->type], type_names[e->type], type_names[wanted]);
		e->parent = found;
	}
	return true;
}

static int compare_ids(const struct entry *a, const struct entry *b)
{
	return cpns_id_compare((struct cpns_octets){(const uint8_t *)a->id, strlen(a->id)},
			       (struct cpns_octets){(const uint8_t *)b->id, strlen(b->id)});
}

/* PN GWs first, by ID; then PNEs, by the ID of their PN GW and their own. */
static int compare_entries(gconstpointer a, gconstpointer b)
{
	const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	if (x->type == PNE && x->parent != y->parent)
		return compare_ids(x->parent, y->parent);
	return compare_ids(x, y);
}

static const char *keep(struct loader *l, const char *text)
{
	return *text != '\0' ? g_string_chunk_insert_const(l->t->text, text) : NULL;
}

static bool yes(const struct loader *l, const struct entry *e, enum column column)
{
	return strcmp(cell(l, e->row, column), "yes") == 0;
}

static uint32_t user_of(struct loader *l, const struct entry *e)
{
	const char *id = keep(l, cell(l, e->row, USER));
	gpointer index;

	if (g_hash_table_lookup_extended(l->user_index, id, NULL, &index))
		return GPOINTER_TO_UINT(index);
	g_hash_table_insert(l->user_index, (gpointer)(guintptr)id, GUINT_TO_POINTER(l->users->len));
	topology_add_user(l->users, l->t->text, id);
	return l->users->len - 1;
}

static struct cpns_octets id_of(struct loader *l, const struct entry *e)
{
	const char *id = g_string_chunk_insert(l->t->text, e->id); /* unique: there is nothing to look for */

	return (struct cpns_octets){(const uint8_t *)id, strlen(id)};
}

static void add_gateway(struct loader *l, struct entry *e)
{
	e->index = l->t->n_gateways++;
	l->t->gateways[e->index] = (struct topology_gateway){
	    .id = id_of(l, e),
	    .number = e->number,
	    .user = user_of(l, e),
	    .smartcard = yes(l, e, SMARTCARD),
	    .pan = keep(l, cell(l, e->row, PAN)),
	    .wan = keep(l, cell(l, e->row, WAN)),
	    .device_class = keep(l, cell(l, e->row, CLASS)),
	};
}

static void add_pne(struct loader *l, const struct entry *e)
{
	struct topology_gateway *gateway = &l->t->gateways[e->parent->index];

	if (gateway->n_pnes++ == 0)
		gateway->first_pne = l->t->n_pnes;
	l->t->pnes[l->t->n_pnes++] = (struct topology_pne){
	    .id = id_of(l, e),
	    .number = e->number,
	    .user = user_of(l, e),
	    .ui = e->inside || yes(l, e, UI), /* the user interface of a PN GW serves both parts */
	    .secure = e->inside || yes(l, e, SECURE),
	    .inside = e->inside,
	    .device_class = keep(l, cell(l, e->row, CLASS)),
	};
}

static void build(struct loader *l)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();

	for (guint i = 0; i < l->entries->len; i++)
		g_ptr_array_add(sorted, &g_array_index(l->entries, struct entry, i));
	g_ptr_array_sort(sorted, compare_entries);
	l->t->gateways = g_new0(struct topology_gateway, sorted->len);
	l->t->pnes = g_new0(struct topology_pne, sorted->len);
	for (guint i = 0; i < sorted->len; i++) {
		struct entry *e = sorted->pdata[i];

		if (e->type == GATEWAY)
			add_gateway(l, e);
		else if (e->type == PNE)
			add_pne(l, e);
		else
			l->t->server_class = keep(l, cell(l, e->row, CLASS));
	}
}

static bool read_rows(struct loader *l, GError **error)
{
	for (guint i = 1; i < l->columns.rows->n; i++)
		if (!read_row(l, &l->columns.rows->at[i], error))
			return false;
	return index_entries(l, error) && find_parents(l, error);
}

struct topology *topology_parse(const char *path, const char *text, gsize n, GError **error)
{
	struct loader l = {0};

	if (!sim_columns_read(&l.columns, path, text, n, column_names, USER + 1, error))
		return NULL;
	l.entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
	l.by_id = g_hash_table_new(g_str_hash, g_str_equal);
	l.by_number = g_hash_table_new(g_int64_hash, g_int64_equal);
	l.user_index = g_hash_table_new(g_str_hash, g_str_equal);
	l.users = g_array_new(FALSE, FALSE, sizeof(struct user));
	l.t = g_new0(struct topology, 1);
	l.t->text = g_string_chunk_new(4096);
	bool fine = read_rows(&l, error);

	if (fine)
		build(&l);
	l.t->n_users = l.users->len;
	l.t->users = (struct user *)(gpointer)g_array_free(l.users, FALSE);
	g_hash_table_unref(l.user_index);
	g_hash_table_unref(l.by_number);
	g_hash_table_unref(l.by_id);
	g_array_unref(l.entries);
	sim_columns_clear(&l.columns);
	if (fine)
		return l.t;
	topology_free(l.t);
	return NULL;
}
