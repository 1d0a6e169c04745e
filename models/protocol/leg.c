#include "models/protocol/leg.h"

#include <stdlib.h>
#include <string.h>

struct cpns_leg_session {
	int64_t expires;
	uint8_t key[CPNS_HASH];
};

const uint8_t *cpns_leg_key(const struct cpns_leg *leg, const struct cpns_rules *rules, int64_t now)
{
	if (!rules->run_step_0)
		return leg->secret;
	return leg->session != NULL && now < leg->session->expires ? leg->session->key : NULL;
}

void cpns_leg_up(struct cpns_leg *leg, const uint8_t key[CPNS_HASH], int64_t expires)
{
	if (leg->session == NULL)
		leg->session = malloc(sizeof(*leg->session));
	if (leg->session == NULL)
		abort();
	leg->session->expires = expires;
	memcpy(leg->session->key, key, CPNS_HASH);
}

void cpns_leg_down(struct cpns_leg *leg)
{
	free(leg->session);
	leg->session = NULL;
}
