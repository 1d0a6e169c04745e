#include "sim/study/progress.h"

#include <string.h>
#include <unistd.h>

#include "sim/study/wall.h"

#define SECOND INT64_C(1000000000)
#define BAR_WIDTH 30

bool sim_progress_choose(const char *word, bool quiet, FILE *out, enum sim_progress_form *form)
{
	if (word == NULL || strcmp(word, "auto") == 0)
		*form = isatty(fileno(out)) ? SIM_PROGRESS_BAR : SIM_PROGRESS_PLAIN;
	else if (strcmp(word, "plain") == 0)
		*form = SIM_PROGRESS_PLAIN;
	else if (strcmp(word, "json") == 0)
		*form = SIM_PROGRESS_JSON;
	else
		return false;
	if (quiet)
		*form = SIM_PROGRESS_NONE;
	return true;
}

double sim_progress_seconds(const struct sim_progress *p)
{
	return (double)(sim_wall_ns() - p->started) / (double)SECOND;
}

double sim_progress_seconds_left(const struct sim_progress *p)
{
	return p->done == 0 ? -1 : sim_progress_seconds(p) / p->done * (p->total - p->done);
}

static void say_json(const struct sim_progress *p, const char *event)
{
	char left[G_ASCII_DTOSTR_BUF_SIZE] = "null";

	if (p->done > 0)
		g_ascii_formatd(left, sizeof(left), "%.3f", sim_progress_seconds_left(p));
	fprintf(p->out,
		"{\"event\":\"%s\",\"done\":%u,\"total\":%u,\"failed\":%u,\"events\":%" G_GUINT64_FORMAT
		",\"seconds\":%.3f,\"seconds-left\":%s}\n",
		event, p->done, p->total, p->failed, p->events, sim_progress_seconds(p), left);
	fflush(p->out);
}

const char *sim_progress_rate(char text[SIM_RATE_SIZE], uint64_t events, double seconds)
{
	double rate = seconds > 0 ? (double)events / seconds : 0;
	const char *prefix = rate >= 1e6 ? "M " : rate >= 1e3 ? "k " : "";

	g_snprintf(text, SIM_RATE_SIZE, "%.3g %sevents/s",
		   rate / (rate >= 1e6   ? 1e6
			   : rate >= 1e3 ? 1e3
					 : 1),
		   prefix);
	return text;
}

/* "3 of 10 runs, 1.2 M events/s, about 12 s left" */
static void say_words(const struct sim_progress *p)
{
	char rate[SIM_RATE_SIZE];

	fprintf(p->out, "%u of %u %s", p->done, p->total, p->noun != NULL ? p->noun : "runs");
	if (p->failed > 0)
		fprintf(p->out, " (%u failed)", p->failed);
	if (p->done > 0 && p->noun != NULL)
		fprintf(p->out, ", about %.0f s left", sim_progress_seconds_left(p));
	else if (p->done > 0)
		fprintf(p->out, ", %s, about %.0f s left",
			sim_progress_rate(rate, p->events, sim_progress_seconds(p)), sim_progress_seconds_left(p));
	else
		fprintf(p->out, ", %.0f s so far", sim_progress_seconds(p));
}

static void say_bar(struct sim_progress *p)
{
	int full = (int)((guint64)BAR_WIDTH * p->done / MAX(p->total, 1));

	fprintf(p->out, "\r[%.*s%*s] ", full, "##############################", BAR_WIDTH - full, "");
	say_words(p);
	fputs("\033[K", p->out);
	fflush(p->out);
	p->open = true;
}

struct sim_progress sim_progress_start(enum sim_progress_form form, FILE *out, guint total)
{
	struct sim_progress p = {.form = form, .out = out, .total = total};

	p.started = p.said = sim_wall_ns();
	p.distance = form == SIM_PROGRESS_PLAIN ? 10 * SECOND : SECOND / 5;
	if (form == SIM_PROGRESS_JSON)
		say_json(&p, "start");
	return p;
}

void sim_progress_add(struct sim_progress *p, uint64_t events, bool failed)
{
	p->done++;
	p->failed += failed;
	p->events += events;
}

void sim_progress_extend(struct sim_progress *p, guint more)
{
	p->total += more;
}

void sim_progress_say(struct sim_progress *p)
{
	int64_t now = sim_wall_ns();

	if (p->form == SIM_PROGRESS_NONE || now - p->said < p->distance)
		return;
	p->said = now;
	if (p->form == SIM_PROGRESS_JSON) {
		say_json(p, "progress");
	} else if (p->form == SIM_PROGRESS_BAR) {
		say_bar(p);
	} else {
		say_words(p);
		fputc('\n', p->out);
		p->distance *= 2; /* rare, and ever rarer */
	}
}

void sim_progress_clear(struct sim_progress *p)
{
	if (p->open)
		fputs("\r\033[K", p->out);
	p->open = false;
	fflush(p->out);
}

void sim_progress_end(struct sim_progress *p)
{
	if (p->form == SIM_PROGRESS_JSON)
		say_json(p, "end");
	sim_progress_clear(p);
}
