#include "models/protocol/out.h"

#include <stddef.h>
#include <string.h>

void cpns_out_init(struct cpns_out *out)
{
	memset(out, 0, offsetof(struct cpns_out, bytes));
}

void cpns_out_left(struct cpns_out *out, int64_t ready)
{
	if (out->leaves != NULL)
		*out->leaves = ready;
	if (out->deadline != NULL)
		*out->deadline = ready + out->wait;
}
