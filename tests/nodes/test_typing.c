#include "models/nodes/typing.h"

#include <ctype.h>
#include <string.h>

#include "tests/lib/suite.h"

enum { TRIES = 20000 };

static struct device devices[] = {{.number = 77}, {.number = 78}};

/* Two devices with an assignment each. */
static void world_of(struct world *world, const struct typing *typing)
{
	*world = (struct world){.devices = devices, .typing = typing, .random = sim_random_of(5, 0)};
	ledger_init(&world->ledger, false, 0);
	ledger_start(&world->ledger, 0, 0, FLOW_INSECURE_PAN, 0);
	ledger_start(&world->ledger, 1, 0, FLOW_INSECURE_PAN, 0);
}

static struct cpns_octets octets(const char *text)
{
	return (struct cpns_octets){(const uint8_t *)text, strlen(text)};
}

static bool same_class(uint8_t a, uint8_t b)
{
	return isdigit(a) ? isdigit(b) != 0 : isupper(a) ? isupper(b) != 0 : islower(b) != 0;
}

/* Exactly one character is another one of its kind, each place and each other character as often; what is neither
 * letter nor digit stays. Within four standard deviations. */
static void test_one_character(void)
{
	static const char id[] = "a.Z-09";
	static const struct typing always = {.typo = 1, .tries = 3};
	unsigned places[sizeof(id)] = {0}, digits[256] = {0};
	struct world world;

	world_of(&world, &always);
	for (uint32_t try = 1; try <= TRIES; try++) {
		uint8_t typed[CPNS_ID_MAX];
		unsigned wrong = 0;

		CU_ASSERT_TRUE_FATAL(typing_slips(&world, 0, try, octets(id), typed));
		for (size_t i = 0; i < sizeof(id) - 1; i++) {
			if (typed[i] == (uint8_t)id[i])
				continue;
			wrong++;
			places[i]++;
			digits[typed[i]] += i == 4;
			CU_ASSERT_TRUE(isalnum((uint8_t)id[i]) && same_class((uint8_t)id[i], typed[i]));
		}
		CU_ASSERT_EQUAL(wrong, 1);
	}
	CU_ASSERT_TRUE(places[1] == 0 && places[3] == 0);
	for (size_t i = 0; i < sizeof(id) - 1; i++)
		CU_ASSERT_TRUE(places[i] == 0 || (places[i] > 4755 && places[i] < 5245)); /* 5 000, sd 61 */
	CU_ASSERT_EQUAL(digits['0'], 0);
	for (char c = '1'; c <= '9'; c++)
		CU_ASSERT_TRUE(digits[(uint8_t)c] > 465 && digits[(uint8_t)c] < 646); /* 556, sd 22 */
	ledger_clear(&world.ledger);
}

/* How often: by the share; a larger share has all typos of a smaller one; another device has its own. */
static void test_share(void)
{
	static const struct typing some = {.typo = 0.05, .tries = 3}, more = {.typo = 0.2, .tries = 3};
	unsigned few = 0, many = 0, others = 0;
	struct world world;

	world_of(&world, &some);
	for (uint32_t try = 1; try <= TRIES; try++) {
		uint8_t typed[CPNS_ID_MAX], again[CPNS_ID_MAX] = {0};

		world.typing = &some;
		bool slips = typing_slips(&world, 0, try, octets("12345"), typed);

		world.typing = &more;
		bool too = typing_slips(&world, 0, try, octets("12345"), again);

		CU_ASSERT_TRUE(!slips || (too && memcmp(typed, again, 5) == 0));
		few += slips;
		many += too;
		others += slips && typing_slips(&world, 1, try, octets("12345"), again);
	}
	CU_ASSERT_TRUE(few > 876 && few < 1124);      /* 1 000, sd 31 */
	CU_ASSERT_TRUE(many > 3774 && many < 4226);   /* 4 000, sd 57 */
	CU_ASSERT_TRUE(others > 140 && others < 260); /* a fifth of 1 000 */
	ledger_clear(&world.ledger);
}

static void test_nothing_to_mistype(void)
{
	static const struct typing always = {.typo = 1, .tries = 3};
	struct world world;
	uint8_t typed[CPNS_ID_MAX] = {7};

	world_of(&world, &always);
	CU_ASSERT_FALSE(typing_slips(&world, 0, 1, octets("-.:\xc3\xa9"), typed));
	CU_ASSERT_EQUAL(typed[0], 7);
	ledger_clear(&world.ledger);
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"one character, of its kind", test_one_character},
	    {"as often as the share says", test_share},
	    {"nothing to mistype", test_nothing_to_mistype},
	    {0},
	};

	return suite_run("typing", cases);
}
