/* Topologies from CSV files: whole and in order, or a reason that names the file. */
#include "models/deployment/topology.h"
#include "models/protocol/gw.h"
#include "models/protocol/msg.h"
#include "tests/fuzz/target.h"

static void check_id(struct cpns_octets id)
{
	FUZZ_HOLDS(id.n >= 1 && id.n <= CPNS_ID_MAX, "an ID fits into a message");
}

static void check(const struct topology *t)
{
	uint32_t pnes = 0;

	for (uint32_t g = 0; g < t->n_gateways; g++) {
		const struct topology_gateway *gateway = &t->gateways[g];

		check_id(gateway->id);
		FUZZ_HOLDS(gateway->user < t->n_users, "a PN GW has an owner");
		FUZZ_HOLDS(g == 0 || cpns_id_compare(gateway[-1].id, gateway->id) < 0, "PN GWs ascend");
		FUZZ_HOLDS(gateway->n_pnes == 0 || gateway->first_pne == pnes, "PNEs stand side by side");
		for (uint32_t i = 0; i < gateway->n_pnes; i++) {
			const struct topology_pne *pne = &t->pnes[pnes + i];

			check_id(pne->id);
			FUZZ_HOLDS(pne->user < t->n_users, "a PNE has an owner");
			FUZZ_HOLDS(i == 0 || cpns_id_compare(pne[-1].id, pne->id) < 0, "PNEs ascend");
		}
		pnes += gateway->n_pnes;
	}
	FUZZ_HOLDS(pnes == t->n_pnes, "every PNE has a PN GW");
	for (uint32_t i = 0; i < t->n_users; i++) {
		check_id(t->users[i].id);
		FUZZ_HOLDS(t->users[i].password.n <= CPNS_PASSWORD_MAX, "a password fits into a message");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	g_autoptr(GError) error = NULL;
	struct topology *t = topology_parse("name", n > 0 ? (const char *)data : "", n, &error);

	FUZZ_HOLDS((t == NULL) == (error != NULL), "a topology or a reason");
	FUZZ_HOLDS(t != NULL || g_str_has_prefix(error->message, "name:"), "a reason begins with the file's name");
	if (t == NULL)
		return 0;
	check(t);
	topology_free(t);
	return 0;
}
