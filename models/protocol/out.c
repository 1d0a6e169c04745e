#include "models/protocol/out.h"

#include <stddef.h>

void cpns_out_init(struct cpns_out *out)
{
	/* one by one: of a memset of all that, gcc makes a `rep stos`, which takes longer */
	out->ops = (struct cpns_ops){0};
	out->happening = CPNS_NOTHING;
	out->to = CPNS_NOBODY;
	out->pne = 0;
	out->others = out->relay = out->repeats = out->asks = false;
	out->length = 0;
	out->leaves = out->deadline = NULL;
	out->wait = 0;
}

void cpns_out_left(struct cpns_out *out, int64_t ready)
{
	if (out->leaves != NULL)
		*out->leaves = ready;
	if (out->deadline != NULL)
		*out->deadline = ready + out->wait;
}
