#include "models/protocol/budget.h"

enum { TOKEN = 1000000, MOST = 10 * TOKEN };

void cpns_budget_init(struct cpns_budget *budget)
{
	budget->left = TOKEN;
}

bool cpns_budget_allows(struct cpns_budget *budget, const struct cpns_rules *rules, bool repeats)
{
	if (!rules->retry_limited)
		return true;
	if (!repeats) {
		uint32_t more = budget->left + rules->retry_budget;

		budget->left = more < MOST ? more : MOST;
		return true;
	}
	if (budget->left < TOKEN)
		return false;
	budget->left -= TOKEN;
	return true;
}
