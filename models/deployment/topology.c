#include "models/deployment/topology.h"

#include <string.h>

G_DEFINE_QUARK(topology_error_quark, topology_error)

static struct cpns_octets octets(const char *text)
{
	return (struct cpns_octets){(const uint8_t *)text, strlen(text)};
}

/* FNV-1a, 64 bits: a password that nobody chose, but everybody can compute from the User ID. */
void topology_add_user(GArray *users, GStringChunk *text, const char *id)
{
	struct user user = {.id = octets(id)};
	guint64 hash = G_GUINT64_CONSTANT(14695981039346656037);
	char password[32];

	for (const char *c = id; *c != '\0'; c++)
		hash = (hash ^ (guint8)*c) * G_GUINT64_CONSTANT(1099511628211);
	g_snprintf(password, sizeof(password), "pw-%016" G_GINT64_MODIFIER "x", hash);
	user.password = octets(g_string_chunk_insert(text, password));
	g_array_append_val(users, user);
}

/* Appends `number` in at least so many digits, and returns the end: what printf does, for millions. */
static char *put_number(char *at, uint32_t number, unsigned digits)
{
	char reversed[10];
	unsigned n = 0;

	for (; number > 0 || n < digits; number /= 10)
		reversed[n++] = (char)('0' + number % 10);
	while (n > 0)
		*at++ = reversed[--n];
	*at = '\0';
	return at;
}

static const char *gateway_id(GStringChunk *text, uint32_t g)
{
	char id[16];

	put_number(g_stpcpy(id, "gw:"), g, 5);
	return g_string_chunk_insert(text, id);
}

gsize topology_pne_id(char id[TOPOLOGY_PNE_ID], uint32_t g, uint32_t i)
{
	return (gsize)(put_number(g_stpcpy(put_number(id, g, 5), "."), i, 2) - id);
}

static const char *user_id(GStringChunk *text, uint32_t g)
{
	char id[32];

	g_stpcpy(put_number(id, g, 5), "@cpns.example");
	return g_string_chunk_insert(text, id);
}

static struct sim_stream draws_of(const struct sim_random *random, uint64_t number)
{
	struct sim_address address = {.entity = number, .purpose = PURPOSE_TOPOLOGY};

	return sim_stream_at(random, &address);
}

/* Rounded to nearest, drawn anew while negative; rounding alone can make a non-negative draw 0, never negative. */
static double draw_count(const struct sim_variate *variate, struct sim_stream *stream)
{
	double x;

	do
		x = sim_variate_draw(variate, stream);
	while (x < -0.5);
	x = MIN(x, 1e15); /* more than fit anyway: a heavy tail may draw what no integer holds */
	return (double)(int64_t)(x < 0 ? 0 : x + 0.5);
}

static struct topology_pne draw_pne(GStringChunk *text, const struct topology_shape *shape,
				    const struct sim_random *random, const struct topology_gateway *gateway,
				    uint32_t g, uint32_t i, bool secure)
{
	struct topology_pne pne = {.number = gateway->number | (i + 1), .user = gateway->user, .secure = secure};
	char id[TOPOLOGY_PNE_ID];
	gsize n = topology_pne_id(id, g, i);

	if (shape->ui > 0) {
		struct sim_stream stream = draws_of(random, pne.number);

		pne.ui = sim_stream_unit(&stream) < shape->ui;
	}
	pne.id = (struct cpns_octets){(uint8_t *)g_string_chunk_insert_len(text, id, (gssize)n), n};
	return pne;
}

struct topology *topology_generate(const struct topology_shape *shape, const struct sim_random *random,
				   GError **error)
{
	struct topology *t = g_new0(struct topology, 1);
	GArray *users = g_array_new(FALSE, FALSE, sizeof(struct user));
	GArray *gateways = g_array_new(FALSE, FALSE, sizeof(struct topology_gateway));
	GArray *pnes = g_array_new(FALSE, FALSE, sizeof(struct topology_pne));
	bool fine = true;

	t->text = g_string_chunk_new(4096);
	t->pne_ids = g_string_chunk_new(64 << 10);
	for (uint32_t g = 0; g < shape->gateways && fine; g++) {
		/* Stable numbers: PN GW in the upper half, index within it (from 1) in the lower. */
		struct topology_gateway gateway = {
		    .number = (uint64_t)(g + 1) << 32, .user = g, .first_pne = pnes->len};
		struct sim_stream stream = draws_of(random, gateway.number);
		double n = draw_count(&shape->pnes_per_gateway, &stream);
		bool secure = sim_stream_unit(&stream) < shape->secure;

		gateway.smartcard = sim_stream_unit(&stream) < shape->smartcard;
		gateway.id = octets(gateway_id(t->text, g));
		topology_add_user(users, t->text, user_id(t->text, g));
		fine = n <= shape->pnes_max - pnes->len;
		if (fine)
			gateway.n_pnes = (uint32_t)n;
		g_array_set_size(pnes, pnes->len + gateway.n_pnes);
		for (uint32_t i = 0; i < gateway.n_pnes; i++)
			g_array_index(pnes, struct topology_pne, gateway.first_pne + i) =
			    draw_pne(t->pne_ids, shape, random, &gateway, g, i, secure);
		g_array_append_val(gateways, gateway);
	}
	t->n_users = users->len;
	t->n_gateways = gateways->len;
	t->n_pnes = pnes->len;
	t->users = (struct user *)(gpointer)g_array_free(users, FALSE);
	t->gateways = (struct topology_gateway *)(gpointer)g_array_free(gateways, FALSE);
	t->pnes = (struct topology_pne *)(gpointer)g_array_free(pnes, FALSE);
	if (fine)
		return t;
	topology_free(t);
	g_set_error(error, TOPOLOGY_ERROR, 0,
		    "pnes-per-gateway draws more than %u PNEs in all, which is what this machine's memory can hold: "
		    "lower it, "
		    "or `gateways`",
		    shape->pnes_max);
	return NULL;
}

void topology_forget_pnes(struct topology *t)
{
	g_clear_pointer(&t->pnes, g_free);
	g_clear_pointer(&t->pne_ids, g_string_chunk_free);
}

void topology_free(struct topology *t)
{
	if (t == NULL)
		return;
	g_free(t->users);
	g_free(t->gateways);
	g_free(t->pnes);
	g_clear_pointer(&t->pne_ids, g_string_chunk_free);
	g_string_chunk_free(t->text);
	g_free(t);
}
