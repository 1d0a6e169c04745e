/* The input is a script (stage.h) that attacks the PN GW on both legs. */
#include "tests/fuzz/stage.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	stage_play(STAGE_GW, data, n);
	return 0;
}
