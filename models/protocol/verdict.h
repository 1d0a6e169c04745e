/* What a machine thinks of a message that it was given. Every verdict is counted by the host; none ends a run. */
#ifndef CPNS_PROTOCOL_VERDICT_H
#define CPNS_PROTOCOL_VERDICT_H

#define CPNS_VERDICTS(X)                                                                   \
	X(ACCEPTED, "accepted")                                                            \
	X(DUPLICATE, "seen before: answered again in the same bytes, or already answered") \
	X(BUSY, "repeats what is being worked on: dropped")                                \
	X(MALFORMED, "not a well-formed message")                                          \
	X(NOT_FOR_US, "about another entity, or one that is not known here")               \
	X(OUT_OF_PLACE, "not expected in this state")                                      \
	X(REPLAYED, "older than what was accepted last")                                   \
	X(BAD_PROOF, "proof does not verify")                                              \
	X(BAD_KEY, "wrapped key does not open")                                            \
	X(NO_SESSION, "no session on this leg protects it")                                \
	X(THROTTLED, "too many of its kind: not even verified")                            \
	X(REFUSED, "answered with a status other than success")

enum cpns_verdict {
#define CPNS_VERDICT_NAME(name, text) CPNS_##name,
	CPNS_VERDICTS(CPNS_VERDICT_NAME)
#undef CPNS_VERDICT_NAME
	    CPNS_VERDICT_COUNT
};

/* The verdict in words, for people. */
const char *cpns_verdict_text(enum cpns_verdict verdict);

#endif
