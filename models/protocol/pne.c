#include "models/protocol/pne.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "models/protocol/busy.h"
#include "models/protocol/chain.h"
#include "models/protocol/keys.h"
#include "models/protocol/msg.h"
#include "models/protocol/pairing.h"

enum {
	ALGORITHM_HA1 = 0,
	ALGORITHM_PBKDF2 = 1,
	ITERATIONS_MAX = 10000000, /* a message that asks for more would block a small device for hours */
	FORGED_MAX = 4,            /* triggers in a row whose proof failed, before the PNE saves its battery */
};

/* Then it verifies one trigger in that time. */
static const int64_t FORGED_PAUSE = 1000000000;

/* A notification without Counter is known again by what it carries, in the transaction that it came in. */
struct cpns_pne_notice {
	uint32_t transaction;
	uint8_t wrapped[CPNS_WRAPPED];
};

enum state {
	IDLE,
	ASKING,
	STATES,
};

typedef enum cpns_verdict step_fn(struct cpns_pne *pne, int64_t now, const struct cpns_msg *msg,
				  struct cpns_out *out);

static struct cpns_work work(const struct cpns_pne *pne, struct cpns_out *out)
{
	return (struct cpns_work){pne->env->crypto, &out->ops};
}

/* Who asks, when this PNE asks for itself. */
static struct cpns_asker asker(struct cpns_pne *pne)
{
	return (struct cpns_asker){pne->rules, pne->env, pne->id, &pne->exchanges};
}

static void stop_asking(struct cpns_pne *pne)
{
	cpns_asking_free(pne->asking);
	pne->asking = NULL;
}

void cpns_pne_init(struct cpns_pne *pne, const struct cpns_rules *rules, const struct cpns_env *env,
		   struct cpns_octets id)
{
	*pne = (struct cpns_pne){.rules = rules, .env = env, .id = id};
}

void cpns_pne_restart(struct cpns_pne *pne)
{
	stop_asking(pne);
	cpns_usage_stop(pne->usage);
	cpns_leg_down(&pne->pan);
	free(pne->paired);
	pne->paired = NULL;
}

static void drop_account(struct cpns_pne *pne)
{
	if (!pne->account_lent)
		free(pne->account);
	pne->account = NULL;
}

void cpns_pne_clear(struct cpns_pne *pne)
{
	cpns_pne_restart(pne);
	cpns_usage_free(pne->usage);
	pne->usage = NULL;
	drop_account(pne);
	free(pne->notice);
	pne->notice = NULL;
}

/* Something that *rest has no room for. A PNE that has paired stays up: it counts its pairings, and may have a
 * session. */
static bool is_up(const struct cpns_pne *pne, int64_t now)
{
	return pne->asking != NULL || pne->usage != NULL || pne->pairings > 0 || pne->notice != NULL ||
	       pne->ack_leaves > now;
}

bool cpns_pne_lie_down(struct cpns_pne *pne, int64_t now, struct cpns_pne_rest *rest)
{
	bool triggered = pne->account != NULL || pne->trigger_counter > 0, notified = pne->notice_counter > 0;

	if (is_up(pne, now) || (triggered && notified))
		return false;
	*rest = (struct cpns_pne_rest){.exchanges = pne->exchanges,
				       .keyed = pne->keyed,
				       .notified = notified,
				       .account_lent = pne->account_lent};
	memcpy(rest->eukey, pne->eukey, CPNS_HASH);
	if (notified) {
		rest->by.notices.counter = pne->notice_counter;
		memcpy(rest->by.notices.ack_tag, pne->ack_tag, CPNS_TAG);
	} else {
		rest->by.triggers.account = pne->account;
		rest->by.triggers.trigger_counter = pne->trigger_counter;
	}
	return true;
}

void cpns_pne_get_up(struct cpns_pne *pne, const struct cpns_pne_rest *rest)
{
	pne->exchanges = rest->exchanges;
	pne->keyed = rest->keyed;
	pne->account_lent = rest->account_lent;
	memcpy(pne->eukey, rest->eukey, CPNS_HASH);
	if (rest->notified) {
		pne->notice_counter = rest->by.notices.counter;
		memcpy(pne->ack_tag, rest->by.notices.ack_tag, CPNS_TAG);
	} else {
		pne->account = rest->by.triggers.account;
		pne->trigger_counter = rest->by.triggers.trigger_counter;
	}
}

void cpns_pne_rest_clear(struct cpns_pne_rest *rest)
{
	if (!rest->notified && !rest->account_lent)
		free(rest->by.triggers.account);
}

static void put_account(struct cpns_pne *pne, struct cpns_pne_account *account, bool lent, struct cpns_octets user,
			const uint8_t pwh[CPNS_HASH])
{
	assert(user.n <= CPNS_ID_MAX);
	*account = (struct cpns_pne_account){.user = user};
	memcpy(account->pwh, pwh, CPNS_HASH);
	drop_account(pne);
	pne->account = account;
	pne->account_lent = lent;
}

void cpns_pne_provision(struct cpns_pne *pne, struct cpns_pne_account *account, struct cpns_octets user,
			const uint8_t pwh[CPNS_HASH])
{
	put_account(pne, account, true, user, pwh);
}

/* The same with memory of its own, and the User ID behind it. */
static void keep_account(struct cpns_pne *pne, struct cpns_octets user, const uint8_t pwh[CPNS_HASH])
{
	struct cpns_pne_account *account = malloc(sizeof(*account) + user.n);

	if (account == NULL)
		abort();
	uint8_t *id = (uint8_t *)(account + 1);

	memcpy(id, user.at, user.n);
	put_account(pne, account, false, (struct cpns_octets){id, user.n}, pwh);
}

void cpns_pne_start(struct cpns_pne *pne, int64_t now, struct cpns_octets user, struct cpns_octets password,
		    struct cpns_out *out)
{
	(void)now;
	struct cpns_asker self = asker(pne);

	stop_asking(pne);
	pne->asking = cpns_asking_by_user(&self, user, password, out);
	out->to = CPNS_GATEWAY;
}

/* 6.3.1 step 13, 6.3.2.1 step 14: decrypt the EUKey and keep it; or answer the challenge that comes first. */
static enum cpns_verdict take_response(struct cpns_pne *pne, int64_t now, const struct cpns_msg *msg,
				       struct cpns_out *out)
{
	struct cpns_asker self = asker(pne);
	bool over;

	if (cpns_busy_says(msg))
		return cpns_asking_hold_off(pne->asking, &self, now, msg);
	enum cpns_verdict verdict = cpns_asking_on_response(pne->asking, &self, msg, pne->eukey, &over, out);

	if (out->length > 0)
		out->to = CPNS_GATEWAY;
	if (!over)
		return verdict;
	stop_asking(pne);
	if (verdict == CPNS_ACCEPTED) {
		pne->keyed = true;
		cpns_usage_key(pne->usage, 0);
		out->happening = CPNS_KEY_STORED;
	}
	return verdict;
}

static void send_installed(struct cpns_pne *pne, uint32_t transaction, struct cpns_out *out)
{
	static const uint8_t success = CPNS_SUCCESS;
	struct cpns_msg msg;

	cpns_msg_begin(&msg, CPNS_INSTALLATION_RESPONSE, transaction);
	cpns_msg_set(&msg, CPNS_ENTITY_ID, pne->id.at, pne->id.n);
	cpns_msg_set(&msg, CPNS_STATUS, &success, 1);
	out->length = (uint16_t)cpns_msg_encode(&msg, out->bytes);
	out->to = CPNS_GATEWAY;
	out->leaves = &pne->account->answer_leaves;
}

/* Has the account come with this very installation? */
static bool installed_by(const struct cpns_pne *pne, const struct cpns_msg *msg)
{
	return pne->account != NULL && memcmp(pne->account->seal, cpns_msg_at(msg, CPNS_ENC_PASSWORD), 12) == 0;
}

/* 6.3.2.1 step 5: open the password, hash it as told, store it. */
static enum cpns_verdict open_account(struct cpns_pne *pne, int64_t now, const struct cpns_msg *msg,
				      struct cpns_out *out)
{
	struct cpns_octets sealed = cpns_msg_get(msg, CPNS_ENC_PASSWORD);
	const uint8_t *params = cpns_msg_at(msg, CPNS_HASH_PARAMS_F);
	struct cpns_octets user = cpns_msg_get(msg, CPNS_USER_ID);
	uint32_t iterations = cpns_get32(params + 1);
	const uint8_t *session = cpns_leg_key(&pne->pan, pne->rules, now);
	uint8_t password[32], pwh[CPNS_HASH];
	size_t n;

	if (session == NULL)
		return CPNS_NO_SESSION;
	if (params[0] > ALGORITHM_PBKDF2 || (params[0] == ALGORITHM_PBKDF2) != (iterations > 0) ||
	    iterations > ITERATIONS_MAX)
		return CPNS_MALFORMED;
	if (!cpns_password_open(work(pne, out), session, sealed, password, &n))
		return CPNS_BAD_PROOF;
	if (params[0] == ALGORITHM_PBKDF2)
		cpns_password_stretch(work(pne, out), (struct cpns_octets){password, n}, params + 5, iterations, pwh);
	else
		cpns_password_ha1(work(pne, out), user, pne->rules->realm, (struct cpns_octets){password, n}, pwh);
	keep_account(pne, user, pwh);
	memcpy(pne->account->seal, sealed.at, 12);
	return CPNS_ACCEPTED;
}

/* 6.3.2.1 steps 4 to 6. */
static enum cpns_verdict install(struct cpns_pne *pne, int64_t now, const struct cpns_msg *msg, struct cpns_out *out)
{
	bool again = installed_by(pne, msg);

	if (again && now < pne->account->answer_leaves)
		return CPNS_BUSY;
	enum cpns_verdict verdict = again ? CPNS_DUPLICATE : open_account(pne, now, msg, out);

	if (verdict == CPNS_ACCEPTED || verdict == CPNS_DUPLICATE)
		send_installed(pne, msg->transaction, out);
	return verdict;
}

static void resend_request(struct cpns_pne *pne, struct cpns_out *out)
{
	cpns_asking_resend(pne->asking, out);
	out->to = CPNS_GATEWAY;
}

/* Step 0 on the PAN leg. */
static enum cpns_verdict pair(struct cpns_pne *pne, int64_t now, const struct cpns_msg *msg, struct cpns_out *out)
{
	struct cpns_pairer self = {pne->rules, pne->env, {0}, pne->id, &pne->pairings};

	return cpns_pairing_answer(&pne->paired, &self, now, msg, &pne->pan, out);
}

/* Does the trigger hold the proof of our own user? A flood of forged ones is not looked at any more: each costs the
 * battery three HMACs. */
static enum cpns_verdict verify_trigger(struct cpns_pne *pne, int64_t now, const struct cpns_names *who,
					const struct cpns_msg *msg, struct cpns_out *out)
{
	struct cpns_pne_account *account = pne->account;
	uint8_t prk[CPNS_HASH], tag[CPNS_TAG];

	if (account->forged >= FORGED_MAX && now - account->forged_at < FORGED_PAUSE)
		return CPNS_THROTTLED;
	cpns_prk(work(pne, out), account->pwh, prk);
	cpns_trigger_proof(work(pne, out), prk, who, cpns_msg_get(msg, CPNS_GW_ID), cpns_msg_at(msg, CPNS_RAND_T),
			   tag);
	if (cpns_same(tag, cpns_msg_at(msg, CPNS_AUTH_DATA), CPNS_TAG)) {
		account->forged = 0;
		return CPNS_ACCEPTED;
	}
	if (account->forged < FORGED_MAX)
		account->forged++;
	account->forged_at = now;
	return CPNS_BAD_PROOF;
}

/* 6.3.2.1 step 8: is the trigger from our own user, and new? Then ask. */
static enum cpns_verdict verify_and_ask(struct cpns_pne *pne, int64_t now, const struct cpns_msg *msg,
					struct cpns_out *out)
{
	const struct cpns_pne_account *account = pne->account;
	const uint8_t *rand_t = cpns_msg_at(msg, CPNS_RAND_T);
	uint64_t counter = cpns_get64(rand_t);

	if (account == NULL || !cpns_msg_equal(msg, CPNS_USER_ID, account->user))
		return CPNS_NOT_FOR_US;
	bool asked = pne->asking != NULL && cpns_asking_matches(pne->asking, msg);

	if (asked && now < cpns_asking_leaves(pne->asking))
		return CPNS_BUSY;
	if (counter <= pne->trigger_counter) {
		if (!asked || counter < pne->trigger_counter)
			return CPNS_REPLAYED;
		resend_request(pne, out);
		return CPNS_DUPLICATE;
	}
	if (pne->rules->run_step_0 && cpns_leg_key(&pne->pan, pne->rules, now) == NULL)
		return CPNS_NO_SESSION;
	struct cpns_names who = {account->user, pne->id};
	enum cpns_verdict verdict = verify_trigger(pne, now, &who, msg, out);

	if (verdict != CPNS_ACCEPTED)
		return verdict;
	pne->trigger_counter = counter;
	if (asked) {
		resend_request(pne, out);
		return CPNS_ACCEPTED;
	}
	struct cpns_asker self = asker(pne);

	stop_asking(pne);
	pne->asking = cpns_asking_by_trigger(&self, who.user, account->pwh, msg->transaction, rand_t, out);
	out->to = CPNS_GATEWAY;
	return CPNS_ACCEPTED;
}

/* C254: the installation is a trigger too, proved under the password that it brings; the request that follows tells
 * the PN GW of both. A repeated one has a RAND_T of its own, and the password is not hashed again. */
static enum cpns_verdict install_and_ask(struct cpns_pne *pne, int64_t now, const struct cpns_msg *msg,
					 struct cpns_out *out)
{
	if (!pne->rules->merged_trigger)
		return CPNS_OUT_OF_PLACE;
	enum cpns_verdict verdict = installed_by(pne, msg) ? CPNS_ACCEPTED : open_account(pne, now, msg, out);

	return verdict == CPNS_ACCEPTED ? verify_and_ask(pne, now, msg, out) : verdict;
}

/* C274: anybody who asks is told, for nothing shows who is the PN GW. */
static enum cpns_verdict tell_id(struct cpns_pne *pne, int64_t now, const struct cpns_msg *msg, struct cpns_out *out)
{
	static const uint8_t mode = CPNS_MODE_PNE;
	struct cpns_msg reply;

	(void)now;
	if (!pne->rules->discovery)
		return CPNS_OUT_OF_PLACE;
	cpns_msg_begin(&reply, CPNS_DISCOVERY_RESPONSE, msg->transaction);
	cpns_msg_set(&reply, CPNS_ENTITY_ID, pne->id.at, pne->id.n);
	cpns_msg_set(&reply, CPNS_MODE, &mode, 1);
	out->length = (uint16_t)cpns_msg_encode(&reply, out->bytes);
	out->to = CPNS_GATEWAY;
	return CPNS_ACCEPTED;
}

static void send_ack(struct cpns_pne *pne, const struct cpns_msg *msg, struct cpns_out *out)
{
	struct cpns_octets counter = cpns_msg_get(msg, CPNS_COUNTER);
	struct cpns_msg ack;

	cpns_msg_begin(&ack, CPNS_NOTIFICATION_ACK, msg->transaction);
	cpns_msg_set(&ack, CPNS_ENTITY_ID, pne->id.at, pne->id.n);
	cpns_msg_set(&ack, CPNS_AUTH_DATA, pne->ack_tag, CPNS_TAG);
	if (counter.at != NULL)
		cpns_msg_set(&ack, CPNS_COUNTER, counter.at, counter.n);
	out->length = (uint16_t)cpns_msg_encode(&ack, out->bytes);
	out->to = CPNS_GATEWAY;
	out->leaves = &pne->ack_leaves;
}

/* The notification accepted last has come again: its acknowledgement goes out again, in the same octets. */
static enum cpns_verdict acknowledge_again(struct cpns_pne *pne, int64_t now, const struct cpns_msg *msg,
					   struct cpns_out *out)
{
	if (now < pne->ack_leaves)
		return CPNS_BUSY;
	send_ack(pne, msg, out);
	return CPNS_DUPLICATE;
}

/* Is the notification newer than the one accepted last, by its Counter? They begin with 1. */
static enum cpns_verdict counter_is_new(struct cpns_pne *pne, int64_t now, const struct cpns_msg *msg,
					struct cpns_out *out)
{

	if (!cpns_msg_has(msg, CPNS_RAND_N) || !cpns_msg_has(msg, CPNS_KEY_INDEX) || !cpns_msg_has(msg, CPNS_COUNTER))
		return CPNS_MALFORMED;
	uint64_t counter = cpns_msg_number(msg, CPNS_COUNTER);

	if (counter > pne->notice_counter)
		return CPNS_ACCEPTED;
	if (counter < pne->notice_counter || counter == 0 || !pne->rules->notification_ack)
		return CPNS_REPLAYED;
	return acknowledge_again(pne, now, msg, out);
}

/* Without a Counter nothing tells an old notification from a new one, but the last one is known by its octets. */
static enum cpns_verdict octets_are_new(struct cpns_pne *pne, int64_t now, const struct cpns_msg *msg,
					struct cpns_out *out)
{
	const struct cpns_pne_notice *last = pne->notice;

	if (last == NULL || last->transaction != msg->transaction ||
	    memcmp(last->wrapped, cpns_msg_at(msg, CPNS_ENC_EUKEY), CPNS_WRAPPED) != 0)
		return CPNS_ACCEPTED;
	return acknowledge_again(pne, now, msg, out);
}

static void remember(struct cpns_pne *pne, const struct cpns_msg *msg)
{
	if (pne->notice == NULL)
		pne->notice = malloc(sizeof(*pne->notice));
	if (pne->notice == NULL)
		abort();
	pne->notice->transaction = msg->transaction;
	memcpy(pne->notice->wrapped, cpns_msg_at(msg, CPNS_ENC_EUKEY), CPNS_WRAPPED);
}

/* The first key of a set stands for itself; a later one has to lead to the one that is held. Where notifications are
 * not numbered nobody can tell, and whatever opens is stored. */
static bool fits(struct cpns_pne *pne, uint32_t index, const uint8_t eukey[CPNS_HASH], struct cpns_out *out)
{
	if (index <= 1)
		return true;
	if (pne->usage != NULL && pne->usage->index != 0 &&
	    cpns_chain_follows(work(pne, out), &pne->rules->chain, pne->id, pne->eukey, pne->usage->index, eukey,
			       index))
		return true;
	if (pne->usage != NULL)
		pne->usage->renew = true; /* the PN GW has gone ahead too far: what comes will not fit either */
	return false;
}

/* 6.3.2.2 step 7: decrypt with what hangs on the Temporary Key, and store. */
static enum cpns_verdict take_notification(struct cpns_pne *pne, int64_t now, const struct cpns_msg *msg,
					   struct cpns_out *out)
{
	bool fresh = pne->rules->notification_freshness;
	struct cpns_notice notice = {0};
	uint8_t key[CPNS_HASH], eukey[CPNS_HASH];

	if (pne->tk.n == 0)
		return CPNS_NOT_FOR_US;
	enum cpns_verdict verdict = fresh ? counter_is_new(pne, now, msg, out) : octets_are_new(pne, now, msg, out);

	if (verdict != CPNS_ACCEPTED)
		return verdict;
	if (fresh)
		notice = (struct cpns_notice){cpns_msg_at(msg, CPNS_RAND_N),
					      (uint32_t)cpns_msg_number(msg, CPNS_KEY_INDEX),
					      cpns_msg_number(msg, CPNS_COUNTER)};
	cpns_notification_key(work(pne, out), pne->tk, pne->id, &notice, key);
	if (!cpns_key_unwrap(work(pne, out), key, cpns_msg_get(msg, CPNS_ENC_EUKEY), eukey) ||
	    !fits(pne, notice.key_index, eukey, out))
		return CPNS_BAD_KEY;
	memcpy(pne->eukey, eukey, CPNS_HASH);
	pne->keyed = true;
	pne->notice_counter = notice.counter;
	cpns_usage_key(pne->rules->chain.length > 1 ? cpns_usage_of(&pne->usage) : pne->usage,
		       pne->rules->chain.length > 1 ? notice.key_index : 0);
	out->happening = CPNS_KEY_STORED;
	if (pne->rules->notification_ack) {
		if (!fresh)
			remember(pne, msg);
		cpns_ack_proof(work(pne, out), pne->tk, pne->id, &notice, pne->ack_tag);
		send_ack(pne, msg, out);
	}
	return CPNS_ACCEPTED;
}

void cpns_pne_use(struct cpns_pne *pne, int64_t now, struct cpns_out *out)
{
	(void)now;
	struct cpns_usage *usage = cpns_usage_of(&pne->usage);
	struct cpns_asker self = {pne->rules, pne->env, pne->id, &usage->exchanges};

	assert(pne->keyed && usage->use == NULL);
	usage->use = cpns_use_by_key(&self, pne->eukey, usage->index, out);
	out->to = CPNS_GATEWAY;
}

static enum cpns_verdict take_use(struct cpns_pne *pne, int64_t now, const struct cpns_msg *msg, struct cpns_out *out)
{
	struct cpns_asker self = {pne->rules, pne->env, pne->id, NULL};

	if (cpns_busy_says(msg))
		return cpns_usage_hold_off(pne->usage, &self, now, msg);
	if (pne->usage != NULL)
		self.exchanges = &pne->usage->exchanges;
	enum cpns_verdict verdict = cpns_usage_on_message(pne->usage, &self, msg, pne->eukey, out);

	if (out->length > 0)
		out->to = CPNS_GATEWAY;
	return verdict;
}

bool cpns_pne_using(const struct cpns_pne *pne)
{
	return pne->usage != NULL && pne->usage->use != NULL;
}

bool cpns_pne_needs_key(const struct cpns_pne *pne)
{
	return !pne->keyed || (pne->usage != NULL && pne->usage->renew);
}

/* What the PNE does with a message, by state. A pair without an entry is out of place. */
static step_fn *const steps[STATES][CPNS_TYPES] = {
    [IDLE] = {[CPNS_INSTALLATION_REQUEST] = install,
	      [CPNS_TRIGGER] = verify_and_ask,
	      [CPNS_INSTALLATION_TRIGGER] = install_and_ask,
	      [CPNS_DISCOVERY_REQUEST] = tell_id,
	      [CPNS_NOTIFICATION] = take_notification,
	      [CPNS_USE_CHALLENGE] = take_use,
	      [CPNS_USE_RESULT] = take_use,
	      [CPNS_PAIRING_REQUEST] = pair,
	      [CPNS_PAIRING_OPENING] = pair},
    [ASKING] = {[CPNS_RESPONSE] = take_response,
		[CPNS_INSTALLATION_REQUEST] = install,
		[CPNS_TRIGGER] = verify_and_ask,
		[CPNS_INSTALLATION_TRIGGER] = install_and_ask,
		[CPNS_DISCOVERY_REQUEST] = tell_id,
		[CPNS_NOTIFICATION] = take_notification,
		[CPNS_USE_CHALLENGE] = take_use,
		[CPNS_USE_RESULT] = take_use,
		[CPNS_PAIRING_REQUEST] = pair,
		[CPNS_PAIRING_OPENING] = pair},
};

enum cpns_verdict cpns_pne_on_message(struct cpns_pne *pne, int64_t now, const uint8_t *buf, size_t n,
				      struct cpns_out *out)
{
	struct cpns_msg msg;

	if (!cpns_msg_decode(&msg, buf, n))
		return CPNS_MALFORMED;
	if (cpns_msg_has(&msg, CPNS_ENTITY_ID) && !cpns_msg_equal(&msg, CPNS_ENTITY_ID, pne->id))
		return CPNS_NOT_FOR_US;
	step_fn *step = steps[pne->asking != NULL ? ASKING : IDLE][msg.type];

	return step != NULL ? step(pne, now, &msg, out) : CPNS_OUT_OF_PLACE;
}

static int64_t asking_deadline(const struct cpns_pne *pne)
{
	return pne->asking != NULL ? cpns_asking_deadline(pne->asking) : CPNS_NEVER;
}

static int64_t use_deadline(const struct cpns_pne *pne)
{
	return cpns_pne_using(pne) ? cpns_use_deadline(pne->usage->use) : CPNS_NEVER;
}

bool cpns_pne_use_is_due(const struct cpns_pne *pne, int64_t now)
{
	return now < asking_deadline(pne) && now >= use_deadline(pne);
}

/* One message a call: when both are due, the request comes first and the use at once after it. */
void cpns_pne_on_time(struct cpns_pne *pne, int64_t now, struct cpns_out *out)
{
	struct cpns_asker self = asker(pne);

	if (now >= asking_deadline(pne)) {
		if (!cpns_asking_on_time(pne->asking, &self, out))
			stop_asking(pne);
	} else if (cpns_pne_use_is_due(pne, now)) {
		self.exchanges = &pne->usage->exchanges;
		cpns_usage_on_time(pne->usage, &self, out);
	}
	if (out->length > 0)
		out->to = CPNS_GATEWAY;
}

int64_t cpns_pne_deadline(const struct cpns_pne *pne)
{
	int64_t asking = asking_deadline(pne), use = use_deadline(pne);

	return asking < use ? asking : use;
}

bool cpns_pne_active(const struct cpns_pne *pne)
{
	return pne->asking != NULL;
}
