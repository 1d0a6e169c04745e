/* Copies of short octet strings: IDs, nonces, proofs and keys, of which every message and every hash input is made.
 */
#ifndef CPNS_PROTOCOL_COPY_H
#define CPNS_PROTOCOL_COPY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What memcpy does, without a call from 8 to 32 octets: two moves, which overlap where they have to. Of the lengths
 * that there are, most lie there. */
static inline void cpns_copy(uint8_t *restrict to, const uint8_t *restrict from, size_t n)
{
	struct {
		uint64_t half[2];
	} first, last;

	if (n >= sizeof(first) && n <= 2 * sizeof(first)) {
		memcpy(&first, from, sizeof(first));
		memcpy(&last, from + n - sizeof(last), sizeof(last));
		memcpy(to, &first, sizeof(first));
		memcpy(to + n - sizeof(last), &last, sizeof(last));
	} else if (n >= sizeof(first.half[0]) && n < sizeof(first)) {
		memcpy(&first.half[0], from, sizeof(first.half[0]));
		memcpy(&last.half[0], from + n - sizeof(last.half[0]), sizeof(last.half[0]));
		memcpy(to, &first.half[0], sizeof(first.half[0]));
		memcpy(to + n - sizeof(last.half[0]), &last.half[0], sizeof(last.half[0]));
	} else if (n > 0) { /* memcpy may not be given NULL, not even for nothing */
		memcpy(to, from, n);
	}
}

#endif
