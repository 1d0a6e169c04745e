/* The input is a script (stage.h) that attacks the PNE over its PAN. */
#include "tests/fuzz/stage.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	stage_play(STAGE_PNE, data, n);
	return 0;
}
