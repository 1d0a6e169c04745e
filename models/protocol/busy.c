#include "models/protocol/busy.h"

/* The type of the answer, by that of the request; 0: none. A Bootstrapping Request, whose answer has no status, is
 * turned away as the message after it would be. */
static const enum cpns_type answers[CPNS_TYPES] = {
    [CPNS_ID_PWD_REGISTRATION_REQUEST] = CPNS_ID_PWD_REGISTRATION_RESPONSE,
    [CPNS_SUBSCRIPTION_REQUEST] = CPNS_SUBSCRIPTION_RESPONSE,
    [CPNS_REQUEST] = CPNS_RESPONSE,
    [CPNS_REQUEST_FOR_PNE] = CPNS_RESPONSE_FOR_PNE,
    [CPNS_BOOTSTRAP_REQUEST] = CPNS_BOOTSTRAP_RESULT,
    [CPNS_BOOTSTRAP_ANSWER] = CPNS_BOOTSTRAP_RESULT,
    [CPNS_SESSION_REQUEST] = CPNS_SESSION_RESPONSE,
    [CPNS_USE_REQUEST] = CPNS_USE_RESULT,
    [CPNS_USE_PROOF] = CPNS_USE_RESULT,
};

bool cpns_busy_answer(const uint8_t *buf, size_t n, int64_t retry_after, struct cpns_out *out)
{
	static const uint8_t status = CPNS_SERVER_BUSY;
	struct cpns_msg msg, reply;
	uint8_t time[8];

	if (!cpns_msg_decode(&msg, buf, n) || answers[msg.type] == 0)
		return false;
	struct cpns_octets entity = cpns_msg_get(&msg, CPNS_ENTITY_ID);

	cpns_msg_begin(&reply, answers[msg.type], msg.transaction);
	if (entity.at != NULL) /* only the requests that are answered with it have one */
		cpns_msg_set(&reply, CPNS_ENTITY_ID, entity.at, entity.n);
	cpns_put64(time, (uint64_t)retry_after);
	cpns_msg_set(&reply, CPNS_STATUS, &status, 1);
	cpns_msg_set(&reply, CPNS_RETRY_AFTER, time, sizeof(time));
	out->length = (uint16_t)cpns_msg_encode(&reply, out->bytes);
	out->to = CPNS_GATEWAY;
	return true;
}

bool cpns_busy_says(const struct cpns_msg *msg)
{
	return cpns_msg_has(msg, CPNS_STATUS) && cpns_msg_status(msg) == CPNS_SERVER_BUSY;
}

int64_t cpns_busy_retry_after(const struct cpns_msg *msg)
{
	uint64_t time = cpns_msg_has(msg, CPNS_RETRY_AFTER) ? cpns_msg_number(msg, CPNS_RETRY_AFTER) : 0;

	return time < (uint64_t)INT64_MAX ? (int64_t)time : INT64_MAX;
}
