/* The inside of the CPNS Server's machine: one request while it is being answered. For server*.c and use_server.c
 * alone. */
#ifndef CPNS_PROTOCOL_SERVER_REQUEST_H
#define CPNS_PROTOCOL_SERVER_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "models/protocol/keys.h"
#include "models/protocol/msg.h"
#include "models/protocol/server.h"

struct cpns_request {
	struct cpns_server *server;
	int64_t now;
	struct cpns_session *from;
	const struct cpns_msg *msg;
	struct cpns_names who;
	struct cpns_user *user;     /* NULL: unknown */
	struct cpns_entity *entity; /* NULL: unknown */
	bool has_prk;
	uint8_t prk[CPNS_HASH]; /* of the user's password hash, if has_prk: see cpns_request_prk */
	struct cpns_out *out;
};

struct cpns_work cpns_request_work(const struct cpns_request *r);

/* Looks up the user whom the request names: r->user. What is cold there is warm from then on. */
void cpns_request_user(struct cpns_request *r);

/* What the user's keys hang on, derived once for a request; the user is known. */
const uint8_t *cpns_request_prk(struct cpns_request *r);

/* Makes *reply the answer to the request, and keeps it for its duplicates; an unknown entity has nowhere to keep it
 * and is looked up anew each time, and what is not to be kept is decided anew. */
void cpns_request_answer(const struct cpns_request *r, struct cpns_msg *reply, bool keep);

/* Answers with that status. A refusal of a request for a key, after the user has been authenticated, proves that it
 * comes from the server, where the rules ask for that; otherwise there is nothing that the requester would take a
 * proof from. */
enum cpns_verdict cpns_request_refuse(struct cpns_request *r, enum cpns_status status, bool authenticated);

/* The user's password, of r->who for r->entity. Have there been too many wrong proofs of it? A wrong one is written
 * down and refused; the right one, once it is known to be fresh, is forgiven for by cpns_request_forgive. */
bool cpns_request_locked_out(const struct cpns_request *r);
enum cpns_verdict cpns_request_refuse_proof(struct cpns_request *r);
void cpns_request_forgive(const struct cpns_request *r);

/* Answers with *reply as a challenge: with a nonce and, for a digest, realm and algorithm. */
enum cpns_verdict cpns_request_challenge(const struct cpns_request *r, struct cpns_msg *reply, bool digest);

/* Is it a nonce of a challenge of ours, newer than the one that served last, and not too old? Then it has served:
 * *used says when it was made, plus one. */
enum cpns_status cpns_request_nonce(const struct cpns_request *r, const uint8_t nonce[16], uint64_t *used);

/* Does the entity belong to the request's user? */
bool cpns_request_by_owner(const struct cpns_request *r);

/* server_admit.c: the checks that every request for a key passes before one is made, in this order: whole, from its
 * user, about an entity that is known and, where `owned`, the user's own. Otherwise false, refused with *verdict. */
bool cpns_request_admit(struct cpns_request *r, bool owned, enum cpns_verdict *verdict);

/* server_keys.c: draws `n` random octets, draw `index` of the request's transaction. */
void cpns_request_draw(const struct cpns_request *r, enum cpns_draw what, uint16_t index, uint8_t *out, size_t n);

/* Keeps a key that was made for the entity: a single one, or a set, which is taken over and `eukey` stands for. */
void cpns_request_keep_key(const struct cpns_request *r, const uint8_t eukey[CPNS_HASH], struct cpns_chain *set);

/* Creates a single one, and keeps it. */
void cpns_request_create_key(const struct cpns_request *r, uint8_t eukey[CPNS_HASH]);

/* The EUKey, or what a set follows from, under the KEK that the request's RAND_PNE and this RAND_Server give; put
 * into *reply, which points to it. */
struct cpns_under_kek {
	uint8_t rand_server[16], wrapped[CPNS_WRAPPED];
};
void cpns_request_put_under_kek(const struct cpns_request *r, const uint8_t eukey[CPNS_HASH], struct cpns_msg *reply,
				struct cpns_under_kek *under);

/* What the server does with a message, by its subject. server_itself.c: a request of an entity for itself (6.3.1,
 * 6.3.2.1, 6.3.3). server_for_pne.c: of a PN GW for a PNE (6.3.2.2). server_registration.c: of a user's registration,
 * and of step 0. use_server.c: a UseRequest or UseProof. */
enum cpns_verdict cpns_request_for_itself(struct cpns_request *r);
enum cpns_verdict cpns_request_for_pne(struct cpns_request *r);
enum cpns_verdict cpns_request_registration(struct cpns_request *r);
enum cpns_verdict cpns_request_step_0(struct cpns_request *r);
enum cpns_verdict cpns_request_use(struct cpns_request *r);

#endif
