/* When do an entity and the CPNS Server count as apart? Stories of one PNE on links without loss, or with nothing but
 * loss, whose latencies and timeouts decide what arrives in time. */
#include <glib/gstdio.h>
#include <stdio.h>

#include "models/deployment/blueprint.h"
#include "models/deployment/deployment.h"
#include "models/deployment/model.h"
#include "models/protocol/store.h"
#include "sim/study/scenario.h"
#include "tests/lib/suite.h"

static char *path;

/* Nothing takes time but what a story says; a request is sent once and given up after 3 s. */
static const char base[] = "[General]\n"
			   "topology = generated\n"
			   "gateways = 1\n"
			   "pnes-per-gateway = 1\n"
			   "pan.profile = ideal\n"
			   "wan.profile = ideal\n"
			   "protocol.mutual-authentication = done\n"
			   "protocol.timeout = 3s\n"
			   "protocol.retries = 0\n"
			   "protocol.jitter = 1\n"
			   "crypto.mode = counted\n"
			   "crypto.pne = free\n"
			   "crypto.gateway = free\n"
			   "crypto.server = free\n";

struct story {
	struct sim_scenario *scenario;
	struct blueprint *blueprint;
	struct deployment *deployment;
	struct deployment_result result;
};

static void begin(struct story *s, const char *lines)
{
	g_autofree char *text = g_strconcat(base, lines, NULL);
	struct sim_request request = {.path = path};
	g_autoptr(GError) error = NULL;

	*s = (struct story){0};
	if (g_file_set_contents(path, text, -1, &error))
		s->scenario = sim_scenario_load(&cpns_model, &request, &error);
	if (s->scenario != NULL)
		s->blueprint = blueprint_new(sim_scenario_values(s->scenario, 0), &error);
	if (s->blueprint == NULL)
		g_error("%s", error->message);
}

/* One replication of it; its result is good until the next. */
static void run(struct story *s, uint64_t replication)
{
	const struct sim_random random = sim_random_of(1, replication);

	deployment_free(s->deployment);
	s->deployment = deployment_new(s->blueprint, &random, NULL);
	CU_ASSERT_TRUE_FATAL(deployment_run(s->deployment, NULL, NULL));
	s->result = deployment_result(s->deployment);
}

static void end(struct story *s)
{
	deployment_free(s->deployment);
	blueprint_free(s->blueprint);
	sim_scenario_free(s->scenario);
}

static uint64_t apart(const struct story *s)
{
	uint64_t n = 0;

	for (int f = 0; f < FLOWS; f++)
		n += s->result.ledger->divergence[f];
	return n;
}

static uint64_t failed(const struct story *s)
{
	uint64_t n = 0;

	for (guint i = 0; i < s->result.ledger->assignments->len; i++)
		n += ledger_at(s->result.ledger, i)->state == ASSIGNMENT_FAILED;
	return n;
}

#define ONCE "study = terminating\nworkload.arrivals = storm(0s)\n"
#define FOR_EVER "study = terminating\nworkload.arrivals = poisson(1/min)\nsim-time-limit = 1h\n"
#define UI "flow = pne-ui\nprotocol.digest = single-round\n"
#define SECURE "flow = pne-secure-pan\n"
#define INSECURE "flow = pne-insecure-pan\n"
#define LITERAL "protocol.profile = literal\n"
#define TWO_PHASE "protocol.two-phase-key = on\n"

static void test_stories(void)
{
	static const struct {
		const char *what, *lines;
		bool fails, apart;
	} cases[] = {
	    {"nothing goes wrong", ONCE INSECURE LITERAL, false, false},
	    {"the notification is lost: the server's key is current", ONCE INSECURE LITERAL "pan.loss = 100%\n", true,
	     true},
	    {"again and again: counted once", FOR_EVER INSECURE LITERAL "pan.loss = 100%\n", true, true},
	    {"acknowledgements that never come help nobody",
	     ONCE INSECURE LITERAL "protocol.notification-ack = on\npan.loss = 100%\n", true, true},
	    {"a pending key alone is none", ONCE INSECURE LITERAL TWO_PHASE "pan.loss = 100%\n", true, false},
	    {"hardened", ONCE INSECURE "pan.loss = 100%\n", true, false},
	    {"nothing reaches the server", ONCE INSECURE LITERAL "wan.loss = 100%\n", true, false},
	    {"the notification comes when the assignment has failed: it counts as it was then",
	     ONCE INSECURE LITERAL "pan.latency = 4s\n", true, true},

	    {"6.3.1, the response comes in time", ONCE UI LITERAL "wan.latency = 1400ms\n", false, false},
	    {"6.3.1, the response comes too late", ONCE UI LITERAL "wan.latency = 2s\n", true, true},
	    {"6.3.1, the same with a pending key", ONCE UI LITERAL TWO_PHASE "wan.latency = 2s\n", true, false},
	    {"6.3.1, the same, hardened", ONCE UI "wan.latency = 2s\n", true, false},
	    {"6.3.1, even the request comes too late: seen at the end of the run",
	     ONCE UI LITERAL "wan.latency = 4s\n", true, true},
	    {"6.3.1, no request arrives", ONCE UI LITERAL "wan.loss = 100%\n", true, false},

	    {"6.3.2.1, the response comes in time", ONCE SECURE LITERAL "wan.latency = 1400ms\n", false, false},
	    {"6.3.2.1, the response comes too late", ONCE SECURE LITERAL "wan.latency = 2s\n", true, true},
	    {"6.3.2.1, the same, hardened", ONCE SECURE "wan.latency = 2s\n", true, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct story s;

		begin(&s, cases[i].lines);
		run(&s, 0);
		if ((failed(&s) > 0) != cases[i].fails || apart(&s) != cases[i].apart) {
			printf("\n    %s: %" G_GUINT64_FORMAT " failed, %" G_GUINT64_FORMAT " apart\n", cases[i].what,
			       failed(&s), apart(&s));
			CU_FAIL("a story of divergence");
		}
		end(&s);
	}
}

/* A PNE is re-keyed again and again; its request always reaches the server within the timeout, the response every
 * other time. */
#define UNRELIABLE UI "wan.latency = uniform(0s,3s)\n"

/* Under the literal profile each failure leaves the server with a newer key, until the next success. A failure counts
 * if its assignment arrived after the warm-up, however late it ends. */
static void test_each_failure_counts(void)
{
	static const struct {
		const char *lines;
		sim_time warmup;
	} cases[] = {
	    {"study = terminating\nworkload.arrivals = poisson(1/min)\nsim-time-limit = 3min\n" UNRELIABLE LITERAL,
	     0},
	    {"study = steady-state\nwarmup = 2min\nworkload.arrivals = poisson(1/min)\n"
	     "sim-time-limit = 3min\n" UNRELIABLE LITERAL,
	     120 * SIM_S},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned with = 0, without = 0, straddling = 0;
		struct story s;

		begin(&s, cases[i].lines);
		for (uint64_t replication = 0; replication < 2000; replication++) {
			bool expected = false, before = false;

			run(&s, replication);
			for (guint k = 0; k < s.result.ledger->assignments->len; k++) {
				const struct assignment *a = ledger_at(s.result.ledger, k);

				if (a->state != ASSIGNMENT_FAILED)
					continue;
				expected = expected || a->arrival >= cases[i].warmup;
				before = before || (a->arrival < cases[i].warmup && a->ended >= cases[i].warmup);
			}
			CU_ASSERT_EQUAL(apart(&s), expected);
			with += expected;
			without += !expected;
			straddling += before && !expected;
		}
		CU_ASSERT_TRUE(with > 100 && without > 100);
		CU_ASSERT_TRUE(cases[i].warmup == 0 || straddling > 0);
		end(&s);
	}
}

/* Keys of two phases: the PNE's own is lost when eight newer ones are pending, and then the PNE holds a key that the
 * server knows neither as current nor as pending. */
static void test_pushed_out(void)
{
	unsigned with = 0, without = 0;
	struct story s;

	begin(&s,
	      "study = terminating\nworkload.arrivals = poisson(1/min)\nsim-time-limit = 2h\n" UNRELIABLE TWO_PHASE);
	for (uint64_t replication = 0; replication < 200; replication++) {
		unsigned failures = 0;
		bool keyed = false, expected = false;

		run(&s, replication);
		for (guint k = 0; k < s.result.ledger->assignments->len; k++) {
			const struct assignment *a = ledger_at(s.result.ledger, k);

			failures = a->state == ASSIGNMENT_COMPLETED ? 0 : failures + (a->state == ASSIGNMENT_FAILED);
			keyed = keyed || a->state == ASSIGNMENT_COMPLETED;
			expected = expected || (keyed && failures >= CPNS_PENDING_MAX);
		}
		CU_ASSERT_EQUAL(apart(&s), expected);
		with += expected;
		without += !expected;
	}
	CU_ASSERT_TRUE(with > 0 && without > 0);
	end(&s);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"what counts, and what does not", test_stories},
	    {"each failure counts under the literal profile", test_each_failure_counts},
	    {"a key pushed out by newer ones", test_pushed_out},
	    {0},
	};
	int file = g_file_open_tmp("divergence-XXXXXX.ini", &path, NULL);

	if (file < 0)
		return 99;
	g_close(file, NULL);
	int status = suite_run("divergence", cases);

	g_remove(path);
	g_free(path);
	return status;
}
