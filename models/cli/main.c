#include <malloc.h>

#include "models/cli/cli.h"
#include "models/deployment/model.h"

int main(int argc, char **argv)
{
	/* Large arrays go back to the system when they are freed or shrink, and grow without being copied. Left to
	 * itself the allocator puts them into its heap after the first, where 33 octets a PNE lay idle after a storm
	 * over a million.
	 */
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	return cli_main(argc, argv, &cpns_model);
}
