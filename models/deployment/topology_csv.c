/* Topologies from CSV files: columns by name, in any order; rows in any order.
 *
 * Files come to millions of rows: `cpns-sim bench topology.csv`. Half of the instructions of reading one are libcsv's
 * own. What rows side by side have in common (their PN GW, its owner, words) is compared, not looked up. */
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
	const char *id;
	uint64_t number;
	struct entry *parent; /* of a PNE: its PN GW */
	uint32_t index;       /* of a PN GW: in the topology */
	uint32_t id_n;
	enum type type;
	bool inside; /* a PNE that the row of a PN GW in mode `both` stands for */
};

struct loader {
	struct sim_columns columns;
	const char
	    *right[COLUMNS]; /* the text that stood there last and was found right: the next is often the same */
	const char *kept[COLUMNS];  /* the text of the topology that was taken from there last */
	GArray *entries;            /* of struct entry */
	struct entry **places;      /* by number: open addressing with linear probing; NULL: free */
	uint64_t mask;              /* of the places, of which at most half are taken */
	const struct entry *server; /* or NULL: the file has none */
	GHashTable *user_index;
	GArray *users;
	struct topology *t;
};

static const char *cell(const struct loader *l, const struct csv_row *row, enum column column)
{
	return sim_columns_cell(&l->columns, row, column);
}

static bool was_right(const struct loader *l, enum column column, const char *text)
{
	return l->right[column] != NULL && strcmp(text, l->right[column]) == 0;
}

/* An ID goes onto the wire octet for octet, and into messages for people. */
static bool check_id(struct loader *l, const struct csv_row *row, enum column column, GError **error)
{
	const char *id = cell(l, row, column);

	if (*id == '\0')
		return sim_columns_complain(&l->columns, row, column, error, "is empty: a %s needs one",
					    cell(l, row, TYPE));
	if (was_right(l, column, id))
		return true;
	if (strlen(id) > CPNS_ID_MAX)
		return sim_columns_complain(&l->columns, row, column, error,
					    "has %zu octets: at most %d fit into a message", strlen(id), CPNS_ID_MAX);
	for (const char *c = id; *c != '\0'; c++)
		if (g_ascii_iscntrl(*c))
			return sim_columns_complain(&l->columns, row, column, error,
						    "holds a control character: remove it");
	l->right[column] = id;
	return true;
}

/* `all`: the words for people, or NULL. */
static bool check_word(struct loader *l, const struct csv_row *row, enum column column, const char *const *words,
		       const char *all, GError **error)
{
	const char *word = cell(l, row, column);

	if (*word == '\0' || was_right(l, column, word))
		return true;
	if (g_strv_contains(words, word)) {
		l->right[column] = word;
		return true;
	}
	g_autofree char *list = all != NULL ? g_strdup(all) : g_strjoinv(", ", (char **)(guintptr)words);
	const char *near = sim_nearest(word, words);

	if (near != NULL)
		return sim_columns_complain(&l->columns, row, column, error,
					    "`%s` is unknown: did you mean %s? There are %s", word, near, list);
	return sim_columns_complain(&l->columns, row, column, error, "`%s` is unknown: write %s", word, list);
}

static bool check_cells(struct loader *l, const struct csv_row *row, enum type type, GError **error)
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
	    !check_word(l, row, PAN, link_preset_names(LINK_PAN), NULL, error) ||
	    !check_word(l, row, WAN, link_preset_names(LINK_WAN), NULL, error) ||
	    !check_word(l, row, CLASS, cost_profile_names(), NULL, error))
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
	e.id_n = (uint32_t)strlen(e.id);
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

/* Where the entry with that number stands, or would. */
static struct entry **place_of(const struct loader *l, uint64_t number)
{
	uint64_t i = number & l->mask;

	while (l->places[i] != NULL && l->places[i]->number != number)
		i = (i + 1) & l->mask;
	return &l->places[i];
}

/* Names each entity once: by its ID, and by its number, which addresses its draws and must not be the server's 0. Two
 * entries with one ID have one number too. */
static bool index_entries(struct loader *l, GError **error)
{
	while (l->mask < 2 * (uint64_t)l->entries->len)
		l->mask = 2 * l->mask + 1;
	l->places = g_new0(struct entry *, l->mask + 1);
	for (guint i = 0; i < l->entries->len; i++) {
		struct entry *e = &g_array_index(l->entries, struct entry, i);
		struct entry **place = place_of(l, e->number);
		const struct entry *same = *place;

		if (same != NULL && strcmp(same->id, e->id) == 0)
			return sim_columns_complain(&l->columns, e->row, ID, error,
						    "`%s` stands in line %u already: IDs are unique", e->id,
						    same->row->line);
		if (same != NULL || e->number == 0)
			return sim_columns_complain(&l->columns, e->row, ID, error,
						    "`%s` has the same number as %s%s%s: choose another ID", e->id,
						    same != NULL ? "`" : "the server", same != NULL ? same->id : "",
						    same != NULL ? "`" : "");
		*place = e;
		if (e->type != SERVER)
			continue;
		if (l->server != NULL)
			return sim_columns_complain(&l->columns, e->row, TYPE, error,
						    "is a second server: line %u holds one already",
						    l->server->row->line);
		l->server = e;
	}
	return true;
}

static struct entry *find_entry(const struct loader *l, const char *id)
{
	struct entry *found = *place_of(l, number_of(id));

	return found != NULL && strcmp(found->id, id) == 0 ? found : NULL;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool refuse_parent(const struct loader *l, const struct csv_row *row, const char *parent, GError **error)
{
	g_autofree const char **ids = g_new0(const char *, l->entries->len + 1);

	for (guint i = 0; i < l->entries->len; i++)
		ids[i] = g_array_index(l->entries, struct entry, i).id;
	qsort(ids, l->entries->len, sizeof(ids[0]),
	      compare_texts); /* the answer does not depend on the rows' order */
	const char *near = sim_nearest(parent, ids);

	return sim_columns_complain(&l->columns, row, PARENT, error, "`%s` is not in this file%s%s%s", parent,
				    near != NULL ? ": did you mean " : "", near != NULL ? near : "",
				    near != NULL ? "?" : "");
}

static bool find_parents(struct loader *l, GError **error)
{
	struct entry *found = NULL; /* stays from one PNE of a PN GW to the next */

	for (guint i = 0; i < l->entries->len; i++) {
		struct entry *e = &g_array_index(l->entries, struct entry, i);
		const char *parent = cell(l, e->row, e->inside ? ID : PARENT);

		if (e->type == SERVER || (e->type == GATEWAY && *parent == '\0'))
			continue;
		enum type wanted = e->type == PNE ? GATEWAY : SERVER;

		if (*parent == '\0')
			return sim_columns_complain(&l->columns, e->row, PARENT, error,
						    "is empty: name the PNE's PN GW");
		if (found == NULL || strcmp(found->id, parent) != 0)
			found = find_entry(l, parent);
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

static int compare_ids(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;

	return cpns_id_compare((struct cpns_octets){(const uint8_t *)x->id, x->id_n},
			       (struct cpns_octets){(const uint8_t *)y->id, y->id_n});
}

/* Files are mostly in order. */
static void sort_by_id(struct entry **entries, uint32_t n)
{
	uint32_t i = 1;

	while (i < n && compare_ids(&entries[i - 1], &entries[i]) < 0)
		i++;
	if (i < n)
		qsort(entries, n, sizeof(entries[0]), compare_ids);
}

static const char *keep(struct loader *l, const struct entry *e, enum column column)
{
	const char *text = cell(l, e->row, column);

	if (*text == '\0')
		return NULL;
	if (l->kept[column] == NULL || strcmp(l->kept[column], text) != 0)
		l->kept[column] = g_string_chunk_insert_const(l->t->text, text);
	return l->kept[column];
}

static bool yes(const struct loader *l, const struct entry *e, enum column column)
{
	return strcmp(cell(l, e->row, column), "yes") == 0;
}

static uint32_t user_of(struct loader *l, const struct entry *e)
{
	const char *id = cell(l, e->row, USER);
	gpointer index;

	if (g_hash_table_lookup_extended(l->user_index, id, NULL, &index))
		return GPOINTER_TO_UINT(index);
	id = g_string_chunk_insert(l->t->text, id);
	g_hash_table_insert(l->user_index, (gpointer)(guintptr)id, GUINT_TO_POINTER(l->users->len));
	topology_add_user(l->users, l->t->text, id);
	return l->users->len - 1;
}

/* Mostly the owner of its PN GW. */
static uint32_t user_of_pne(struct loader *l, const struct entry *e, const struct topology_gateway *gateway)
{
	const struct user *owner = &g_array_index(l->users, struct user, gateway->user);

	return strcmp((const char *)owner->id.at, cell(l, e->row, USER)) == 0 ? gateway->user : user_of(l, e);
}

static struct cpns_octets id_of(struct loader *l, const struct entry *e)
{
	const char *id = g_string_chunk_insert_len(l->t->text, e->id, e->id_n); /* unique: nothing to look for */

	return (struct cpns_octets){(const uint8_t *)id, e->id_n};
}

static void add_gateway(struct loader *l, struct entry *e)
{
	e->index = l->t->n_gateways++;
	l->t->gateways[e->index] = (struct topology_gateway){
	    .id = id_of(l, e),
	    .number = e->number,
	    .user = user_of(l, e),
	    .smartcard = yes(l, e, SMARTCARD),
	    .pan = keep(l, e, PAN),
	    .wan = keep(l, e, WAN),
	    .device_class = keep(l, e, CLASS),
	};
}

static void add_pne(struct loader *l, const struct entry *e)
{
	l->t->pnes[l->t->n_pnes++] = (struct topology_pne){
	    .id = id_of(l, e),
	    .number = e->number,
	    .user = user_of_pne(l, e, &l->t->gateways[e->parent->index]),
	    .ui = e->inside || yes(l, e, UI), /* the user interface of a PN GW serves both parts */
	    .secure = e->inside || yes(l, e, SECURE),
	    .inside = e->inside,
	    .device_class = keep(l, e, CLASS),
	};
}

/* `sorted` has room for all entries. */
static void add_gateways(struct loader *l, struct entry **sorted)
{
	uint32_t n = 0;

	for (guint i = 0; i < l->entries->len; i++)
		if (g_array_index(l->entries, struct entry, i).type == GATEWAY)
			sorted[n++] = &g_array_index(l->entries, struct entry, i);
	sort_by_id(sorted, n);
	l->t->gateways = g_new0(struct topology_gateway, n);
	for (uint32_t i = 0; i < n; i++)
		add_gateway(l, sorted[i]);
}

/* Gives each PN GW its part of the PNEs, which is as large as there are PNEs of its own, and empty as yet. */
static void part_pnes(struct loader *l)
{
	uint32_t first = 0;

	for (guint i = 0; i < l->entries->len; i++) {
		const struct entry *e = &g_array_index(l->entries, struct entry, i);

		if (e->type == PNE)
			l->t->gateways[e->parent->index].n_pnes++;
	}
	for (uint32_t g = 0; g < l->t->n_gateways; g++) {
		struct topology_gateway *gateway = &l->t->gateways[g];

		gateway->first_pne = first;
		first += gateway->n_pnes;
		gateway->n_pnes = 0;
	}
	l->t->pnes = g_new0(struct topology_pne, first);
}

static void add_pnes(struct loader *l, struct entry **sorted)
{
	for (guint i = 0; i < l->entries->len; i++) {
		struct entry *e = &g_array_index(l->entries, struct entry, i);

		if (e->type == PNE) {
			struct topology_gateway *gateway = &l->t->gateways[e->parent->index];

			sorted[gateway->first_pne + gateway->n_pnes++] = e;
		}
	}
	for (uint32_t g = 0; g < l->t->n_gateways; g++) {
		const struct topology_gateway *gateway = &l->t->gateways[g];

		sort_by_id(sorted + gateway->first_pne, gateway->n_pnes);
		for (uint32_t i = 0; i < gateway->n_pnes; i++)
			add_pne(l, sorted[gateway->first_pne + i]);
	}
}

static void build(struct loader *l)
{
	g_autofree struct entry **sorted = g_new(struct entry *, l->entries->len);

	if (l->server != NULL)
		l->t->server_class = keep(l, l->server, CLASS);
	add_gateways(l, sorted);
	part_pnes(l);
	add_pnes(l, sorted);
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
	l.entries = g_array_sized_new(FALSE, FALSE, sizeof(struct entry), l.columns.rows->n);
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
	g_free(l.places);
	g_array_unref(l.entries);
	sim_columns_clear(&l.columns);
	if (fine)
		return l.t;
	topology_free(l.t);
	return NULL;
}
