/* The codec: what decodes has exactly one encoding, and describing it stays within any buffer. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/msg.h"
#include "tests/fuzz/target.h"

static void print_stays_inside(const struct cpns_msg *msg)
{
	char text[1024];

	for (size_t size = 0; size < sizeof(text); size = size * 2 + 1) {
		memset(text, '~', sizeof(text));
		cpns_msg_print(msg, text, size);
		FUZZ_HOLDS(size == 0 || memchr(text, '\0', size) != NULL, "a description is terminated");
		for (size_t i = size; i < sizeof(text); i++)
			FUZZ_HOLDS(text[i] == '~', "a description stays within its buffer");
	}
}

static void fields_lie_inside(const struct cpns_msg *msg, const uint8_t *data, size_t n)
{
	const uint8_t *from = data + CPNS_HEADER;

	for (unsigned i = 0; i < CPNS_FIELDS; i++) {
		struct cpns_octets f = cpns_msg_get(msg, i);

		if (f.at == NULL)
			continue;
		FUZZ_HOLDS(f.at >= from && f.n <= (size_t)(data + n - f.at), "fields lie in the message, in order");
		from = f.at + f.n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct cpns_msg msg, again;
	uint8_t bytes[CPNS_MESSAGE_MAX];

	if (!cpns_msg_decode(&msg, data, n))
		return 0;
	FUZZ_HOLDS(n <= CPNS_MESSAGE_MAX, "no message is longer than the longest");
	fields_lie_inside(&msg, data, n);
	FUZZ_HOLDS(cpns_msg_encode(&msg, bytes) == n && memcmp(bytes, data, n) == 0, "one encoding for a message");
	FUZZ_HOLDS(cpns_msg_decode(&again, bytes, n) && again.type == msg.type &&
		       again.transaction == msg.transaction,
		   "what was encoded decodes");
	print_stays_inside(&msg);
	if (cpns_msg_has(&msg, CPNS_STATUS))
		FUZZ_HOLDS(cpns_status_text(cpns_msg_status(&msg)) != NULL, "every status has a text");
	return 0;
}
