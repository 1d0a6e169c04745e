#include "sim/study/cells.h"

#include <csv.h>
#include <math.h>
#include <string.h>

/* libcsv's writer quotes whatever it is given, so it is given what needs it. */
void sim_cells_last(GString *out, const char *text)
{
	size_t n = strlen(text);

	if (strpbrk(text, ",\"\r\n") == NULL && !g_str_has_prefix(text, " ") && !g_str_has_suffix(text, " ")) {
		g_string_append(out, text);
		return;
	}
	size_t room = csv_write(NULL, 0, text, n), at = out->len;

	g_string_set_size(out, at + room);
	csv_write(out->str + at, room, text, n);
}

void sim_cells_text(GString *out, const char *text)
{
	sim_cells_last(out, text);
	g_string_append_c(out, ',');
}

void sim_cells_number(GString *out, double number)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	sim_cells_text(out, isnan(number) ? "" : g_ascii_formatd(text, sizeof(text), "%.17g", number));
}

void sim_cells_count(GString *out, guint64 count)
{
	g_string_append_printf(out, "%" G_GUINT64_FORMAT ",", count);
}
