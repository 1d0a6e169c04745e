#include "sim/kernel/fingerprint.h"

void sim_fingerprint_merge(struct sim_fingerprint *fingerprint, const struct sim_fingerprint *other)
{
	fingerprint->half[0] += other->half[0];
	fingerprint->half[1] += other->half[1];
}

void sim_fingerprint_print(const struct sim_fingerprint *fingerprint, char text[SIM_FINGERPRINT_DIGITS + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned i = 0; i < SIM_FINGERPRINT_DIGITS; i++)
		text[i] = digits[fingerprint->half[i / 16] >> (60 - 4 * (i % 16)) & 15];
	text[SIM_FINGERPRINT_DIGITS] = '\0';
}
