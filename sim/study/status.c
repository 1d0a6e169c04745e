#include "sim/study/status.h"

#include <json-glib/json-glib.h>
#include <unistd.h>

#include "sim/study/put.h"
#include "sim/study/wall.h"

static void put_provenance(JsonBuilder *b, const struct sim_progress *progress)
{
	g_autofree char *now = sim_wall_date();
	double seconds = sim_progress_seconds(progress), left = sim_progress_seconds_left(progress);

	json_builder_set_member_name(b, "provenance");
	json_builder_begin_object(b);
	put_count(b, "process", getpid());
	put_text(b, "updated", now);
	put_number(b, "seconds", seconds);
	json_builder_set_member_name(b, "seconds-left");
	if (left >= 0)
		json_builder_add_double_value(b, left);
	else
		json_builder_add_null_value(b);
	put_number(b, "events-per-second", seconds > 0 ? (double)progress->events / seconds : 0);
	json_builder_end_object(b);
}

bool sim_status_write(const char *folder, const struct sim_campaign *campaign, const char *state,
		      const struct sim_progress *progress, GError **error)
{
	g_autoptr(JsonBuilder) b = json_builder_new();
	g_autofree char *path = g_build_filename(folder, SIM_STATUS_FILE, NULL);

	json_builder_begin_object(b);
	put_text(b, "state", state);
	put_count(b, "runs-planned", campaign->jobs->len);
	put_count(b, "runs-finished", sim_campaign_count(campaign, SIM_JOB_FINISHED));
	put_count(b, "runs-failed", sim_campaign_count(campaign, SIM_JOB_FAILED));
	put_provenance(b, progress);
	json_builder_end_object(b);
	g_autoptr(JsonNode) root = json_builder_get_root(b);
	g_autofree char *text = json_to_string(root, TRUE), *whole = g_strconcat(text, "\n", NULL);

	/* a reader never meets half a file; after a crash of the machine nobody asks how far it was */
	return g_file_set_contents_full(path, whole, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0666, error);
}
