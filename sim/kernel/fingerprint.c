#include "sim/kernel/fingerprint.h"

#include <string.h>

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

bool sim_fingerprint_parse(const char *text, struct sim_fingerprint *fingerprint)
{
	static const char digits[] = "0123456789abcdef";

	*fingerprint = (struct sim_fingerprint){0};
	for (unsigned i = 0; i < SIM_FINGERPRINT_DIGITS; i++) {
		const char *digit = text[i] != '\0' ? strchr(digits, text[i]) : NULL;

		if (digit == NULL)
			return false;
		fingerprint->half[i / 16] = fingerprint->half[i / 16] << 4 | (uint64_t)(digit - digits);
	}
	return text[SIM_FINGERPRINT_DIGITS] == '\0';
}
