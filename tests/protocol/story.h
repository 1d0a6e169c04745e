/* What the stories of the protocol machines have in common: the flows in all their variants, and expectations that
 * say which variant failed. */
#ifndef TESTS_PROTOCOL_STORY_H
#define TESTS_PROTOCOL_STORY_H

#include "tests/lib/suite.h"
#include "tests/protocol/wire.h"

enum flow { PNE_UI, SECURE_PAN, INSECURE_PAN, GATEWAY, FLOWS };

struct variant {
	enum flow flow;
	bool hardened, challenge;
};

extern const char alice[], password[], wrong[];

/* 0 to 15: every flow in every profile, with and without a challenge round */
enum { VARIANTS = 16 };
struct variant variant(unsigned i);

void init(struct wire *w, struct variant v);

/* The same with step 0 to be run. */
void init_step_0(struct wire *w, struct variant v);

/* Is it a message of step 0 on the WAN leg, on the PAN leg? How many were sent on each, forged ones and copies apart?
 */
bool is_bootstrapping(const struct wire_message *m);
bool is_pairing(const struct wire_message *m);
unsigned bootstrapping(const struct wire *w);
unsigned pairing(const struct wire *w);

/* What step 0 takes before a flow: messages on the WAN leg, on the PAN leg, and the time of their round trips. */
unsigned wan_step_0(enum flow flow);
unsigned pan_step_0(enum flow flow);
int64_t time_of_step_0(const struct wire *w, enum flow flow);

/* Both ends of the leg have a session, with the same key, which is not the secret that it was made from. */
bool wan_is_up(const struct wire *w);
bool pan_is_up(const struct wire *w, enum wire_node pne);

/* The user asks for a key by this flow: for the first PNE, or for the PN GW. */
void go(struct wire *w, enum flow flow, const char *user, const char *word);
enum wire_node entity_of(enum flow flow);

/* EXPECT(condition), where `w`, `v` and `story` are at hand: a failure names them and shows the first wire that
 * fails. */
#define EXPECT(condition) expect(condition, #condition, __LINE__, __FILE__, &w, v, story)
void expect(bool condition, const char *text, unsigned line, const char *file, const struct wire *w, struct variant v,
	    const char *story);

/* The entity has stored one key, which the server holds where the profile wants it. */
bool agreed(const struct wire *w, struct variant v);
bool nothing_stored(const struct wire *w);
/* No entity has a current or pending key at the server. */
bool nothing_issued(const struct wire *w);

/* The same work apart from looks into the store. */
bool same_work(const struct cpns_ops *a, const struct cpns_ops *b);
bool same_bytes(const struct wire_message *a, const struct wire_message *b);

/* What was sent again, was sent in the same octets; a trigger has a RAND_T with a higher counter instead. */
bool repeats_faithfully(const struct wire *w);

/* Nothing that was answered again or dropped as a repetition cost any cryptography. */
bool repetitions_are_free(const struct wire *w);

/* Which of its type on its leg is message number `index`, and "message 3 (EUKeyAssignmentRequest) WHAT". */
unsigned ordinal(const struct wire *w, int index);
const char *name_step(const struct wire *w, int index, const char *what);

/* The k-th message of a type on a leg, copied out of the wire, which may move it; there must be one. */
struct wire_message copy_of(const struct wire *w, enum wire_leg leg, enum cpns_type type, unsigned k);

/* The message injected last, and what became of it; what was sent in return to a message, or NULL. */
const struct wire_message *forged(const struct wire *w);
const struct wire_message *answer_to(const struct wire *w, const struct wire_message *m);

/* The last status that the server sent, or -1. */
int last_status(const struct wire *w);

#endif
