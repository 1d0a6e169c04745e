#include "sim/study/claims.h"

#include <string.h>

#include "sim/study/cells.h"
#include "sim/study/holm.h"

static const char *unit_of(const GArray *summary, const struct sim_claim *c)
{
	const struct sim_metric metric = {c->what->module, c->flow, c->what->metric};
	const struct sim_summary_row *row =
	    sim_summary_find(summary, c->couple->a->number, &metric, c->what->statistic);

	return row != NULL ? row->unit : "";
}

static void add_claim(struct sim_claims *claims, const GArray *summary, struct sim_claim c)
{
	const struct sim_metric per = {"all", c.flow, c.what->per};
	const struct sim_comparison_line line = {
	    {c.what->module, c.flow, c.what->metric}, c.what->statistic, c.what->per != NULL ? &per : NULL};

	if (!sim_comparison_pair(c.couple, &line, &c.paired))
		return;
	c.unit = unit_of(summary, &c);
	g_array_append_val(claims->claims, c);
}

static void add_flow(struct sim_claims *claims, const struct sim_campaign *campaign, const GArray *summary,
		     const struct sim_couple *couple, const char *flow)
{
	const struct sim_headline *what = campaign->model->headline;

	for (; what != NULL && what->label != NULL; what++)
		add_claim(claims, summary, (struct sim_claim){.what = what, .couple = couple, .flow = flow});
}

static void add_couple(struct sim_claims *claims, const struct sim_campaign *campaign, const GArray *summary,
		       const struct sim_couple *couple)
{
	g_autoptr(GPtrArray) flows = sim_summary_flows(summary, couple->a->number);
	bool each = sim_scenario_iterations(sim_campaign_scenario(campaign)) == 1 && flows->len > 2;

	for (guint i = 0; i < (each ? flows->len : 1); i++)
		add_flow(claims, campaign, summary, couple, g_ptr_array_index(flows, i));
}

static void adjust(GArray *claims)
{
	g_autofree double *p = g_new(double, claims->len + 1);

	for (guint i = 0; i < claims->len; i++)
		p[i] = g_array_index(claims, struct sim_claim, i).paired.p;
	sim_holm(p, p, claims->len);
	for (guint i = 0; i < claims->len; i++)
		g_array_index(claims, struct sim_claim, i).adjusted = p[i];
}

struct sim_claims *sim_claims_new(const struct sim_campaign *campaign, const GArray *summary)
{
	struct sim_claims *claims = g_new0(struct sim_claims, 1);

	claims->couples = sim_comparison_couples(campaign);
	claims->claims = g_array_new(FALSE, FALSE, sizeof(struct sim_claim));
	for (guint i = 0; i < claims->couples->len; i++)
		add_couple(claims, campaign, summary, &g_array_index(claims->couples, struct sim_couple, i));
	adjust(claims->claims);
	return claims;
}

void sim_claims_free(struct sim_claims *claims)
{
	g_array_unref(claims->couples);
	g_array_unref(claims->claims);
	g_free(claims);
}

bool sim_claim_holds(double adjusted)
{
	return adjusted <= 1 - SIM_CONFIDENCE;
}

static void add_row(GString *out, const struct sim_claim *c)
{
	const struct sim_paired *p = &c->paired;

	sim_cells_text(out, sim_cell_config(c->couple->a));
	sim_cells_text(out, sim_cell_config(c->couple->b));
	sim_cells_text(out, sim_cell_iteration(c->couple->a));
	sim_cells_text(out, c->what->module);
	sim_cells_text(out, c->flow);
	sim_cells_text(out, c->what->metric);
	sim_cells_text(out, c->what->statistic);
	sim_cells_text(out, c->what->per != NULL ? c->what->per : "");
	sim_cells_number(out, p->difference);
	sim_cells_number(out, p->low);
	sim_cells_number(out, p->high);
	sim_cells_number(out, p->ratio);
	sim_cells_count(out, p->n);
	sim_cells_number(out, p->p);
	sim_cells_number(out, c->adjusted);
	sim_cells_text(out, c->unit);
	sim_cells_last(out, p->verdict);
	g_string_append_c(out, '\n');
}

GString *sim_claims_csv(const struct sim_claims *claims)
{
	GString *out = g_string_new("a,b,iteration,module,flow,metric,statistic,per,difference,low,high,ratio,n,p,"
				    "adjusted,unit,verdict\n");

	for (guint i = 0; i < claims->claims->len; i++)
		add_row(out, &g_array_index(claims->claims, struct sim_claim, i));
	return out;
}
