#include "sim/study/put.h"

void put_text(JsonBuilder *b, const char *name, const char *text)
{
	json_builder_set_member_name(b, name);
	json_builder_add_string_value(b, text);
}

void put_count(JsonBuilder *b, const char *name, int64_t count)
{
	json_builder_set_member_name(b, name);
	json_builder_add_int_value(b, count);
}

void put_number(JsonBuilder *b, const char *name, double number)
{
	json_builder_set_member_name(b, name);
	json_builder_add_double_value(b, number);
}

void put_flag(JsonBuilder *b, const char *name, bool flag)
{
	json_builder_set_member_name(b, name);
	json_builder_add_boolean_value(b, flag);
}
