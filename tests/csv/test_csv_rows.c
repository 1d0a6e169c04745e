#include "sim/csv/csv_rows.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/suite.h"

/* The rows as text: line, then the cells between bars. */
static char *flat(const char *text, gsize n, GError **error)
{
	struct csv_rows *rows = csv_rows_parse("t.csv", text, n, error);
	GString *out = g_string_new(NULL);

	for (guint i = 0; rows != NULL && i < rows->n; i++) {
		const struct csv_row *row = &rows->at[i];
		g_autofree char *cells = g_strjoinv("|", row->cells);

		g_string_append_printf(out, "%u:%s;", row->line, cells);
	}
	csv_rows_free(rows);
	return g_string_free(out, FALSE);
}

static void test_rows(void)
{
	static const struct {
		const char *why, *text, *rows;
	} cases[] = {
	    {"plain", "a,b\nc,d\n", "1:a|b;2:c|d;"},
	    {"no last newline", "a,b\nc,d", "1:a|b;2:c|d;"},
	    {"lines of DOS", "a,b\r\nc,d\r\n", "1:a|b;2:c|d;"},
	    {"lines of old Macs", "a,b\rc,d\r\re,f", "1:a|b;2:c|d;4:e|f;"},
	    {"all ends of lines", "a\r\n\rb\n\rc\n", "1:a;3:b;5:c;"},
	    {"spaces around", " a , b\n", "1:a|b;"},
	    {"empty cells", "a,,\n,b,\n", "1:a||;2:|b|;"},
	    {"empty lines count as lines", "a\n\n\nb\n", "1:a;4:b;"},
	    {"a form feed is a cell", "a\n\f\nb\n", "1:a;2:\f;3:b;"},
	    {"quoted comma and quote", "\"a,\"\"b\"\"\",c\n", "1:a,\"b\"|c;"},
	    {"a row over two lines", "\"a\nb\",c\nd,e\n", "1:a\nb|c;3:d|e;"},
	    {"byte order mark",
	     "\xef\xbb\xbf"
	     "a,b\n",
	     "1:a|b;"},
	    {"all cells empty", ",,,", "1:|||;"},
	    {"beyond ASCII behind eight octets", "abcdefgh,\xc3\xbc\n", "1:abcdefgh|\xc3\xbc;"},
	    {"CR at the end", "a\nb\r", "1:a;2:b;"},
	    {"nothing", "", ""},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *rows = flat(cases[i].text, strlen(cases[i].text), &error);

		if (error != NULL || strcmp(rows, cases[i].rows) != 0)
			printf("\n    %s: %s", cases[i].why, error != NULL ? error->message : rows);
		CU_ASSERT_TRUE(error == NULL && strcmp(rows, cases[i].rows) == 0);
	}
}

/* Row i of many: i, then i cells `x`. */
static bool is_row(const struct csv_row *row, guint i)
{
	g_autofree char *number = g_strdup_printf("%u", i);
	bool right = row->n == i + 1 && row->cells[row->n] == NULL && strcmp(row->cells[0], number) == 0;

	for (guint c = 1; right && c < row->n; c++)
		right = strcmp(row->cells[c], "x") == 0;
	return right;
}

static bool walk_row(const struct csv_row *row, void *data, GError **error)
{
	guint *seen = data;

	CU_ASSERT_TRUE(is_row(row, *seen) && row->line == *seen + 1);
	if (++*seen < 150)
		return true;
	g_set_error(error, CSV_ROWS_ERROR, 0, "enough");
	return false;
}

static void test_many(void)
{
	enum { ROWS = 200 };
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	guint seen = 0;

	for (guint i = 0; i < ROWS; i++) {
		g_string_append_printf(text, "%u", i);
		for (guint c = 0; c < i; c++)
			g_string_append(text, ",x");
		g_string_append_c(text, '\n');
	}
	struct csv_rows *rows = csv_rows_parse("t.csv", text->str, text->len, &error);

	CU_ASSERT_FATAL(rows != NULL && rows->n == ROWS);
	for (guint i = 0; i < ROWS; i++)
		CU_ASSERT_TRUE(is_row(&rows->at[i], i) && rows->at[i].line == i + 1);
	csv_rows_free(rows);
	CU_ASSERT_FALSE(csv_rows_walk("t.csv", text->str, text->len, walk_row, &seen, &error));
	CU_ASSERT_EQUAL(seen, 150);
	CU_ASSERT_STRING_EQUAL(error->message, "enough");
}

static void test_refused(void)
{
	static const struct {
		const char *why, *text;
		gsize n;
		const char *complaint;
	} cases[] = {
	    {"stray quote", "a,b\nc,d\"e\n", 0, "t.csv:2: is not CSV"},
	    {"open quote", "a,b\nc,\"d\ne,f\n", 0, "t.csv:2: is not CSV"},
	    {"stray quote after CR", "a,b\rc,d\"e\r", 0, "t.csv:2: is not CSV"},
	    {"not UTF-8", "a,\xff\n", 0, "t.csv: is not UTF-8"},
	    {"a NUL", "a\0b\n", 4, "t.csv: is not UTF-8"},
	    {"not UTF-8 behind eight octets", "abcdefghijk,\xff,lmnopqrst\n", 0, "t.csv: is not UTF-8"},
	    {"a NUL behind eight octets", "abcdefghijk\0lmnopqrstu\n", 23, "t.csv: is not UTF-8"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		gsize n = cases[i].n != 0 ? cases[i].n : strlen(cases[i].text);
		g_autofree char *rows = flat(cases[i].text, n, &error);
		bool right = error != NULL && g_str_has_prefix(error->message, cases[i].complaint);

		if (!right)
			printf("\n    %s: %s", cases[i].why, error != NULL ? error->message : rows);
		CU_ASSERT_TRUE(right);
	}
}

/* Appends the row, and complains of a `!` in it. */
static void take(struct csv_table *table, char *const *cells, void *data)
{
	g_string_append_printf(data, "%u:%s+%s;", table->line, cells[0], cells[1]);
	if (strcmp(cells[0], "!") == 0)
		csv_table_complain(table, "%s is no value", cells[0]);
}

static void finish(struct csv_table *table, void *data)
{
	if (g_str_has_suffix(data != NULL ? ((GString *)data)->str : "", "x+y;"))
		csv_table_complain(table, "ends badly");
}

static void test_table(void)
{
	static const struct {
		const char *text, *rows, *complaint;
	} cases[] = {
	    {"a,b\n1,2\n\n3,4\n", "2:1+2;4:3+4;", NULL},
	    {"a,b\n", "", NULL},
	    {"a,c\n1,2\n", "", "t.csv:1: the header is not 'a,b'"},
	    {"a,b\n1,2\n1\n", "", "t.csv:3: 1 columns instead of 2"},
	    {"a,b\n1,2\n!,2\nx,y\n", "2:1+2;3:!+2;4:x+y;", "t.csv:3: ! is no value"},
	    {"a,b\nx,y\n", "2:x+y;", "t.csv:2: ends badly"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) rows = g_string_new(NULL);
		g_autoptr(GError) error = NULL;
		bool fine = csv_table_read("t.csv", cases[i].text, "a,b", take, finish, rows, &error);

		CU_ASSERT_EQUAL(fine, cases[i].complaint == NULL);
		CU_ASSERT_STRING_EQUAL(rows->str, cases[i].rows);
		CU_ASSERT_STRING_EQUAL(error != NULL ? error->message : "",
				       cases[i].complaint != NULL ? cases[i].complaint : "");
	}
}

int main(void)
{
	static const struct suite_case cases[] = {
	    {"rows and their lines", test_rows},
	    {"many rows of many cells", test_many},
	    {"what is refused", test_refused},
	    {"a table with a header", test_table},
	    {NULL, NULL},
	};

	return suite_run("csv_rows", cases);
}
