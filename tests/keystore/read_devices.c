/* read_devices FILE: can FILE be read as a table of device classes? Prints their names, and what an HMAC (4
 * compressions), a key wrap (1 key schedule, 24 blocks) and 1000 iterations of PBKDF2 cost in each, ns. */
#include <stdio.h>

#include "models/crypto/cost.h"
#include "models/crypto/cost_table.h"

int main(int argc, char **argv)
{
	static const struct cpns_ops hmac = {.compressions = 4}, wrap = {.aes_keys = 1, .aes_blocks = 24},
				     pbkdf2 = {.pbkdf2_iterations = 1000};
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	if (argc != 2 || !g_file_get_contents(argv[1], &text, NULL, &error))
		return 2;
	GPtrArray *profiles = cost_table_read(argv[1], text, &error);

	if (profiles == NULL) {
		puts(error->message);
		return 1;
	}
	for (guint i = 0; i < profiles->len; i++)
		printf("%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
		       cost_profile_name(profiles->pdata[i]), cost_of(profiles->pdata[i], &hmac),
		       cost_of(profiles->pdata[i], &wrap), cost_of(profiles->pdata[i], &pbkdf2));
	g_ptr_array_unref(profiles);
	return 0;
}
