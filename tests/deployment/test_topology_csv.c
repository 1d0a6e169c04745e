/* Topologies from CSV: what is read, and how each kind of mistake is named. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "models/deployment/topology.h"
#include "tests/lib/suite.h"

static struct topology *load(const char *text, GError **error)
{
	return topology_parse("", text, strlen(text), error);
}

static bool is(struct cpns_octets octets, const char *text)
{
	return octets.n == strlen(text) && memcmp(octets.at, text, octets.n) == 0;
}

#define HEAD "id,type,parent,user\n"
#define ALL "id,type,parent,user,ui,secure,smartcard,mode,pan,wan,class\n"

static void test_read(void)
{
	static const char text[] = "user,id,wan,type,ui,secure,smartcard,parent,class\n"
				   "bob,p2,,pne,yes,,,g1,m0_48\n"
				   "amy,g2,lte,gateway,,,yes,srv,\n"
				   ",srv,,server,,,,,x86_shani\n"
				   "amy,p10,,pne,,yes,,g1,\n"
				   "bob,g1,,gateway,,,,,a7_900\n";
	g_autoptr(GError) error = NULL;
	struct topology *t = load(text, &error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(t->n_gateways, 2);
	CU_ASSERT_EQUAL(t->n_pnes, 2);
	CU_ASSERT_EQUAL(t->n_users, 2);
	CU_ASSERT_STRING_EQUAL(t->server_class, "x86_shani");
	CU_ASSERT_TRUE(is(t->gateways[0].id, "g1") && is(t->gateways[1].id, "g2"));
	CU_ASSERT_EQUAL(t->gateways[0].n_pnes, 2);
	CU_ASSERT_EQUAL(t->gateways[1].n_pnes, 0);
	CU_ASSERT_PTR_NULL(t->gateways[0].wan);
	CU_ASSERT_STRING_EQUAL(t->gateways[1].wan, "lte");
	CU_ASSERT_STRING_EQUAL(t->gateways[0].device_class, "a7_900");
	CU_ASSERT_TRUE(t->gateways[1].smartcard && !t->gateways[0].smartcard);
	/* PNEs of a PN GW by length of ID, then octets: as its machine wants them. */
	CU_ASSERT_TRUE(is(t->pnes[0].id, "p2") && is(t->pnes[1].id, "p10"));
	CU_ASSERT_TRUE(t->pnes[0].ui && !t->pnes[0].secure && t->pnes[1].secure && !t->pnes[1].ui);
	CU_ASSERT_TRUE(is(t->users[t->pnes[0].user].id, "bob") && is(t->users[t->pnes[1].user].id, "amy"));
	topology_free(t);
}

/* Numbers address draws: they depend on the ID alone, not on the other rows or their order. */
static void test_numbers(void)
{
	g_autoptr(GError) error = NULL;
	struct topology *a = load(HEAD "g,gateway,,u\np,pne,g,u\n", &error);
	struct topology *b = load(HEAD "q,pne,g,u\np,pne,g,u\na,gateway,,v\ng,gateway,,u\n", &error);

	CU_ASSERT_FATAL(a != NULL && b != NULL);
	CU_ASSERT_EQUAL(a->gateways[0].number, b->gateways[1].number);
	CU_ASSERT_EQUAL(a->pnes[0].number, b->pnes[0].number);
	CU_ASSERT_NOT_EQUAL(b->pnes[0].number, b->pnes[1].number);
	CU_ASSERT_TRUE(is(b->gateways[0].id, "a"));
	topology_free(a);
	topology_free(b);
}

/* What row `i` of a file of many PN GWs with three PNEs each says. */
static void write_row(GString *text, unsigned i)
{
	unsigned g = i / 4, p = i % 4;

	if (p == 0)
		g_string_append_printf(text, "g%u,gateway,,u%u,\n", g, g);
	else
		g_string_append_printf(text, "g%u.%u,pne,g%u,u%u,%s\n", g, p * 9, g, p == 2 ? 0 : g,
				       p == 1 ? "yes" : "");
}

static bool same_pne(const struct topology *a, const struct topology *b, uint32_t i)
{
	const struct topology_pne *x = &a->pnes[i], *y = &b->pnes[i];

	return x->number == y->number && x->user == y->user && x->ui == y->ui && x->id.n == y->id.n &&
	       memcmp(x->id.at, y->id.at, x->id.n) == 0;
}

/* Whatever the order of the rows, PN GWs and the PNEs of each stand in the order of their IDs, with their owners. */
static void test_order(void)
{
	enum { GATEWAYS = 120, ROWS = 4 * GATEWAYS, STEP = 77 /* has no divisor in common with ROWS */ };
	g_autoptr(GString) ascending = g_string_new("id,type,parent,user,ui\n");
	g_autoptr(GString) mixed = g_string_new(ascending->str);
	g_autoptr(GError) error = NULL;

	for (unsigned i = 0; i < ROWS; i++) {
		write_row(ascending, i);
		write_row(mixed, i * STEP % ROWS);
	}
	struct topology *a = load(ascending->str, &error), *b = load(mixed->str, &error);

	CU_ASSERT_FATAL(a != NULL && b != NULL);
	CU_ASSERT_FATAL(b->n_gateways == GATEWAYS && b->n_pnes == 3 * GATEWAYS && b->n_users == GATEWAYS);
	for (uint32_t g = 0; g < GATEWAYS; g++) {
		const struct topology_gateway *gateway = &b->gateways[g];
		g_autofree char *id = g_strdup_printf("g%u", g), *pne = g_strdup_printf("g%u.27", g);

		CU_ASSERT_TRUE(is(gateway->id, id) && gateway->number == a->gateways[g].number);
		CU_ASSERT_TRUE(gateway->first_pne == 3 * g && gateway->n_pnes == 3 && gateway->user == g);
		CU_ASSERT_TRUE(is(b->pnes[3 * g + 2].id, pne) && b->pnes[3 * g + 1].user == 0);
		CU_ASSERT_TRUE(b->pnes[3 * g].ui && !b->pnes[3 * g + 1].ui);
	}
	for (uint32_t i = 0; i < b->n_pnes; i++)
		CU_ASSERT_TRUE(same_pne(a, b, i));
	topology_free(a);
	topology_free(b);
}

static void test_password(void)
{
	g_autoptr(GError) error = NULL;
	struct topology *a = load(HEAD "g,gateway,,amy\n", &error),
			*b = load(HEAD "h,gateway,,bob\ni,gateway,,amy\n", &error);

	CU_ASSERT_FATAL(a != NULL && b != NULL);
	uint32_t amy = b->gateways[1].user, bob = b->gateways[0].user;

	CU_ASSERT_EQUAL(a->users[0].password.n, b->users[amy].password.n);
	CU_ASSERT_EQUAL(memcmp(a->users[0].password.at, b->users[amy].password.at, b->users[amy].password.n), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(b->users[amy].password.at, b->users[bob].password.at, b->users[bob].password.n),
			    0);
	topology_free(a);
	topology_free(b);
}

static void test_refused(void)
{
	static const struct {
		const char *why, *text, *complaint;
	} cases[] = {
	    {"empty", "", ":1: is empty"},
	    {"column missing", "id,type,user\n", ":1: column `parent`: is missing"},
	    {"column unknown", "id,type,parent,user,colour\n", ":1: column 5: `colour` is not a column's name"},
	    {"column twice", "id,type,parent,user,id\n", ":1: column 5: `id` stands twice"},
	    {"ID twice, far away", HEAD "g,gateway,,u\np,pne,g,u\nq,pne,g,u\ng,gateway,,u\n",
	     ":5: column `id`: `g` stands in line 2 already"},
	    {"word right above", ALL "g,gateway,,u,,,yes,,,,\nh,gateway,,u,,,yess,,,,\n",
	     ":3: column `smartcard`: `yess` is unknown: did you mean yes? There are yes or no"},
	    {"too many cells", HEAD "g,gateway,,u,x\n", ":2: has 5 cells, the header line 4"},
	    {"no type", HEAD "g,,,u\n", ":2: column `type`: is empty"},
	    {"parent misspelt", HEAD "gate,gateway,,u\np,pne,gatee,u\n",
	     ":3: column `parent`: `gatee` is not in this file: did you mean gate?"},
	    {"column misspelt", "id,type,parent,usr\n",
	     ":1: column 4: `usr` is not a column's name: did you mean user?"},
	    {"type", HEAD "g,gate,,u\n", ":2: column `type`: `gate` is unknown"},
	    {"no ID", HEAD "g,gateway,,u\n,pne,g,u\n", ":3: column `id`: is empty"},
	    {"no user", HEAD "g,gateway,,\n", ":2: column `user`: is empty"},
	    {"ID twice", HEAD "g,gateway,,u\np,pne,g,u\np,pne,g,u\n",
	     ":4: column `id`: `p` stands in line 3 already"},
	    {"two servers", HEAD "s,server,,\nt,server,,\n", ":3: column `type`: is a second server"},
	    {"server with a user", HEAD "s,server,,u\n", ":2: column `user`: does not apply to a server"},
	    {"PNE without parent", HEAD "p,pne,,u\n", ":2: column `parent`: is empty"},
	    {"parent unknown", HEAD "p,pne,g,u\n", ":2: column `parent`: `g` is not in this file"},
	    {"parent a PNE", HEAD "g,gateway,,u\np,pne,g,u\nq,pne,p,u\n", ":4: column `parent`: `p` is a pne"},
	    {"PN GW under a PN GW", HEAD "g,gateway,,u\nh,gateway,g,u\n", ":3: column `parent`: `g` is a gateway"},
	    {"its own parent", HEAD "p,pne,p,u\n", ":2: column `parent`: `p` is a pne"},
	    {"ui of a PN GW", ALL "g,gateway,,u,yes,,,,,,\n", ":2: column `ui`: does not apply to a gateway"},
	    {"smart card of a PNE", ALL "g,gateway,,u,,,,,,,\np,pne,g,u,,,no,,,,\n",
	     ":3: column `smartcard`: does not apply to a pne"},
	    {"PAN of a PNE", ALL "g,gateway,,u,,,,,,,\np,pne,g,u,,,,,ble,,\n",
	     ":3: column `pan`: does not apply to a pne"},
	    {"neither yes nor no", ALL "g,gateway,,u,,,,,,,\np,pne,g,u,ja,,,,,,\n",
	     ":3: column `ui`: `ja` is unknown"},
	    {"mode", ALL "g,gateway,,u,,,,neither,,,\n", ":2: column `mode`: `neither` is unknown"},
	    {"PAN unknown", ALL "g,gateway,,u,,,,,blu,,\n",
	     ":2: column `pan`: `blu` is unknown: did you mean ble? There are ble"},
	    {"WAN preset on the PAN", ALL "g,gateway,,u,,,,,lte,,\n", ":2: column `pan`: `lte` is unknown"},
	    {"WAN unknown", ALL "g,gateway,,u,,,,,,5g,\n", ":2: column `wan`: `5g` is unknown"},
	    {"class unknown", ALL "g,gateway,,u,,,,,,,z80\n", ":2: column `class`: `z80` is unknown"},
	    {"control character", HEAD "\"g\th\",gateway,,u\n", ":2: column `id`: holds a control character"},
	    {"not CSV", HEAD "g,gateway,,\"u\n", ":2: is not CSV"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		struct topology *t = load(cases[i].text, &error);
		bool right = t == NULL && error != NULL && g_str_has_prefix(error->message, cases[i].complaint);

		if (!right)
			printf("\n    %s: %s", cases[i].why, error != NULL ? error->message : "accepted");
		CU_ASSERT_TRUE(right);
		topology_free(t);
	}
}

static void test_long_id(void)
{
	g_autofree char *id = g_strnfill(256, 'x');
	g_autofree char *text = g_strdup_printf(HEAD "%s,gateway,,u\n", id);
	g_autofree char *just = g_strdup_printf(HEAD "%s,gateway,,u\n", id + 1);
	g_autoptr(GError) error = NULL;

	CU_ASSERT_PTR_NULL(load(text, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error->message, "has 256 octets: at most 255"));
	g_clear_error(&error);
	struct topology *t = load(just, &error);

	CU_ASSERT_PTR_NOT_NULL(t);
	topology_free(t);
}

/* A generated one: shares, counts, and draws that stay where they are when a PN GW is added. */
static void test_generated(void)
{
	const struct sim_random random = sim_random_of(7, 0), other = sim_random_of(7, 1);
	struct topology_shape shape = {.gateways = 400,
				       .pnes_per_gateway = {SIM_UNIFORM, 0, 6, 0},
				       .ui = 0.3,
				       .secure = 0.6,
				       .smartcard = 0.2,
				       .pnes_max = 1000000};
	g_autoptr(GError) error = NULL;
	struct topology *a = topology_generate(&shape, &random, &error),
			*c = topology_generate(&shape, &other, &error);

	shape.gateways++;
	struct topology *b = topology_generate(&shape, &random, &error);

	CU_ASSERT_FATAL(a != NULL && b != NULL && c != NULL);
	uint32_t ui = 0, moved = 0, redrawn = 0;

	for (uint32_t p = 0; p < a->n_pnes; p++) {
		ui += a->pnes[p].ui;
		moved += a->pnes[p].ui != b->pnes[p].ui || a->pnes[p].number != b->pnes[p].number;
		redrawn += p < c->n_pnes && a->pnes[p].ui != c->pnes[p].ui;
	}
	CU_ASSERT_EQUAL(moved, 0);
	CU_ASSERT_TRUE(redrawn > 0);
	CU_ASSERT_TRUE(a->n_pnes > 1100 && a->n_pnes < 1300); /* 400 x 3, sd 35 */
	CU_ASSERT_TRUE(ui > 0.24 * a->n_pnes && ui < 0.36 * a->n_pnes);
	uint32_t g = 0;

	while (a->gateways[g].n_pnes == 0 || g < 10)
		g++;
	g_autofree char *gateway = g_strdup_printf("gw:%05u", g), *pne = g_strdup_printf("%05u.00", g);

	CU_ASSERT_TRUE(is(a->gateways[g].id, gateway) && is(a->pnes[a->gateways[g].first_pne].id, pne));
	shape.pnes_max = 10;
	CU_ASSERT_PTR_NULL(topology_generate(&shape, &random, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error->message, "more than 10 PNEs"));
	topology_free(a);
	topology_free(b);
	topology_free(c);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"a file is read", test_read},
	    {"numbers depend on the ID alone", test_numbers},
	    {"the order of rows is nothing", test_order},
	    {"passwords depend on the user alone", test_password},
	    {"mistakes are named", test_refused},
	    {"long IDs", test_long_id},
	    {"generated", test_generated},
	    {NULL, NULL},
	};

	return suite_run("topology", cases);
}
