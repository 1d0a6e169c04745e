#include "models/protocol/verdict.h"

const char *cpns_verdict_text(enum cpns_verdict verdict)
{
	static const char *const text[] = {
#define CPNS_VERDICT_TEXT(name, words) words,
	    CPNS_VERDICTS(CPNS_VERDICT_TEXT)
#undef CPNS_VERDICT_TEXT
	};

	return verdict < CPNS_VERDICT_COUNT ? text[verdict] : "unknown verdict";
}
