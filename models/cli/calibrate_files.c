#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include "models/cli/calibrate.h"
#include "models/crypto/crypto.h"
#include "models/keystore/load.h"
#include "sim/study/build_info.h"
#include "sim/study/wall.h"

/* The machine */

static char *cpu_model(void)
{
	g_autofree char *text = NULL;

	if (!g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL))
		return g_strdup("unknown");
	const char *at = strstr(text, "model name");

	at = at != NULL ? strchr(at, ':') : NULL;
	return at != NULL ? g_strstrip(g_strndup(at + 1, strcspn(at + 1, "\n"))) : g_strdup("unknown");
}

/* By the numbers of statfs(2). */
static char *file_system_of(const char *folder)
{
	static const struct {
		unsigned type;
		const char *name;
	} known[] = {{0xef53, "ext4"}, {0x9123683e, "btrfs"},   {0x58465342, "xfs"},  {0x01021994, "tmpfs"},
		     {0x6969, "nfs"},  {0x794c7630, "overlay"}, {0xf2f52010, "f2fs"}, {0x2fc12fc1, "zfs"}};
	struct statfs s;

	if (statfs(folder, &s) != 0)
		return g_strdup("unknown");
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (known[i].type == (unsigned)s.f_type)
			return g_strdup(known[i].name);
	return g_strdup_printf("type %x", (unsigned)s.f_type);
}

static double load_average(void)
{
	double load;

	return getloadavg(&load, 1) == 1 ? load : -1;
}

struct calibrate_machine calibrate_machine_of(const char *data)
{
	struct sim_build_info build = sim_build_info();
	struct utsname names;
	bool named = uname(&names) == 0;

	return (struct calibrate_machine){
	    .cpu = cpu_model(),
	    .cores = g_get_num_processors(),
	    .load = load_average(),
	    .kernel = named ? g_strdup_printf("%s %s", names.sysname, names.release) : g_strdup("unknown"),
	    .file_system = file_system_of(data),
	    .date = sim_wall_date(),
	    .program = g_strdup_printf("cpns-sim %s %.12s%s %s %s", build.version, build.commit,
				       build.dirty ? "+" : "", build.build_type, build.compiler),
	};
}

void calibrate_machine_clear(struct calibrate_machine *m)
{
	g_free(m->cpu);
	g_free(m->kernel);
	g_free(m->file_system);
	g_free(m->date);
	g_free(m->program);
}

/* Rows */

static void add_text(GString *out, const char *text)
{
	size_t n = strlen(text), room = csv_write(NULL, 0, text, n), at = out->len;

	if (strpbrk(text, ",\"\r\n") == NULL) {
		g_string_append(out, text);
		return;
	}
	g_string_set_size(out, at + room);
	csv_write(out->str + at, room, text, n);
}

static void add_number(GString *out, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(out, g_ascii_formatd(text, sizeof text, "%.6g", value));
}

/* Counts and nanoseconds, without an exponent. */
static void add_whole(GString *out, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(out, g_ascii_formatd(text, sizeof text, "%.0f", value));
}

/* Adds cells for all that is the same in every row. */
static void add_machine(GString *out, const struct calibrate_machine *m, const char *library)
{
	add_text(out, library);
	g_string_append_c(out, ',');
	add_text(out, m->cpu);
	g_string_append_printf(out, ",%u,", m->cores);
	add_number(out, m->load);
	g_string_append_c(out, ',');
	add_text(out, m->kernel);
	g_string_append_printf(out, ",%s,", m->date);
	add_text(out, m->program);
	g_string_append_c(out, '\n');
}

static bool write_file(const struct calibrate_options *o, const char *name, GString *text, GError **error)
{
	g_autofree char *path = g_build_filename(o->folder, name, NULL);
	bool written = g_file_set_contents(path, text->str, (gssize)text->len, error); /* renames into place */

	g_string_free(text, TRUE);
	return written;
}

char *calibrate_store_file(const struct calibrate_store *store)
{
	return g_strdup_printf("store-%s.csv", store->name);
}

/* A class of devices.csv */

static const struct {
	const char *op, *basis, *note;
} units[CALIBRATE_UNITS] = {
    [CALIBRATE_COMPRESSION] =
	{"sha256_compression", "measured",
	 "SHA-256 and HMACs under new keys, weighted as 6.3.2.1 has them, over their compressions"},
    [CALIBRATE_PBKDF2_ITERATION] = {"pbkdf2_iteration", "measured", "1000 iterations over 1000"},
    [CALIBRATE_AES_KEY] = {"aes256_key_schedule", "derived", "key wrap of 32 octets less its 24 blocks"},
    [CALIBRATE_AES_BLOCK] = {"aes256_block", "derived",
			     "key wrap of 32 octets less what AES-GCM takes once, over the 23 blocks between"},
    [CALIBRATE_GHASH_BLOCK] = {"ghash_block", "derived",
			       "AES-GCM of 256 octets less one of 32, over 14, less a block"},
    [CALIBRATE_RANDOM_OCTET] = {"random_octet", "measured", "32 octets of the system's generator over 32"},
};

static void add_unit(GString *out, const struct calibrate_options *o, const struct calibrate_machine *m,
		     const struct calibrate_crypto *crypto, int unit)
{
	const struct calibrate_spread *ns = &crypto->units[unit];
	g_autofree char *note = g_strdup_printf(
	    "%s; from medians, least and greatest of %u rounds; %s, %u cores, %s, %s, %s", units[unit].note,
	    crypto->rounds, m->cpu, m->cores, m->kernel, cpns_crypto_library(), m->date);

	g_string_append_printf(out, "%s,%s,", o->class, units[unit].op);
	add_number(out, ns->min);
	g_string_append_c(out, ',');
	add_number(out, ns->median);
	g_string_append_c(out, ',');
	add_number(out, ns->max);
	g_string_append_printf(out, ",%s,", units[unit].basis);
	add_text(out, m->program);
	g_string_append_c(out, ',');
	add_text(out, note);
	g_string_append_c(out, '\n');
}

static bool write_devices(const struct calibrate_options *o, const struct calibrate_machine *m,
			  const struct calibrate_crypto *crypto, GError **error)
{
	GString *out = g_string_new("class,op,low,typical,high,basis,source,note\n");

	for (int unit = 0; unit < CALIBRATE_UNITS; unit++)
		add_unit(out, o, m, crypto, unit);
	g_string_append_printf(out,
			       "%s,store_read,0,0,0,defined,definition,charged by the model of the key store\n"
			       "%s,store_write,0,0,0,defined,definition,charged by the model of the key store\n",
			       o->class, o->class);
	return write_file(o, CALIBRATE_DEVICES, out, error);
}

static bool write_operations(const struct calibrate_options *o, const struct calibrate_machine *m,
			     const struct calibrate_crypto *crypto, GError **error)
{
	GString *out =
	    g_string_new("operation,octets,ns,ns_min,ns_max,rounds,n,charged_ns,library,cpu,cores,load,kernel,date,"
			 "program\n");

	for (int i = 0; i < CALIBRATE_OPERATIONS; i++) {
		const struct calibrate_operation *op = &crypto->operations[i];

		g_string_append_printf(out, "%s,%u,", op->name, op->octets);
		add_number(out, op->ns.median);
		g_string_append_c(out, ',');
		add_number(out, op->ns.min);
		g_string_append_c(out, ',');
		add_number(out, op->ns.max);
		g_string_append_printf(out, ",%u,%u,", crypto->rounds, op->n);
		add_number(out, calibrate_charged(crypto, op));
		g_string_append_c(out, ',');
		add_machine(out, m, cpns_crypto_library());
	}
	return write_file(o, CALIBRATE_OPERATIONS_FILE, out, error);
}

bool calibrate_write_crypto(const struct calibrate_options *o, const struct calibrate_machine *m,
			    const struct calibrate_crypto *crypto, GError **error)
{
	return write_devices(o, m, crypto, error) && write_operations(o, m, crypto, error);
}

/* A store's curve */

/* All operations of an assignment: 6.3.1 and 6.3.2.1 in the store. */
#define MIX (KEYSTORE_MIX_USER_LOOKS + KEYSTORE_MIX_ENTITY_LOOKS + KEYSTORE_MIX_INSERTS)

/* The hold of the lock: what an insert takes when nobody else is there. NULL without such a measurement. */
static const double *hold_of(const struct calibrate_curve *curve)
{
	const struct calibrate_point *first = &g_array_index(curve->points, struct calibrate_point, 0);

	return first->threads == 1 ? &first->spread[CALIBRATE_INSERT_MEAN].median : NULL;
}

static double sum(const double *values, int n)
{
	double total = 0;

	while (n-- > 0)
		total += *values++;
	return total;
}

static void add_point(GString *out, const struct calibrate_options *o, const struct calibrate_point *p,
		      const double *hold)
{
	const struct calibrate_spread *throughput = &p->spread[CALIBRATE_THROUGHPUT];

	g_string_append_printf(out, "%u,", p->threads);
	add_number(out, throughput->median);
	g_string_append_c(out, ',');
	add_number(out, throughput->min);
	g_string_append_c(out, ',');
	add_number(out, throughput->max);
	g_string_append_c(out, ',');
	add_number(out, throughput->median * MIX);
	g_string_append_printf(out, ",%d,", o->repeats);
	add_whole(out, sum(p->figures[CALIBRATE_ASSIGNMENTS], o->repeats));
	for (int f = CALIBRATE_LOOK_MEAN; f < CALIBRATE_FIGURES; f++) {
		g_string_append_c(out, ',');
		add_whole(out, f == CALIBRATE_LOOK_MAX || f == CALIBRATE_INSERT_MAX ? p->spread[f].max
										    : p->spread[f].median);
	}
	g_string_append_c(out, ',');
	if (hold != NULL)
		add_whole(out, *hold);
	g_string_append_c(out, ',');
	add_whole(out, sum(p->figures[CALIBRATE_BUSY], o->repeats));
	g_string_append_c(out, ',');
	add_whole(out, sum(p->figures[CALIBRATE_TIMEOUTS], o->repeats));
	g_string_append_c(out, ',');
}

bool calibrate_write_curve(const struct calibrate_options *o, const struct calibrate_machine *m,
			   const struct calibrate_curve *curve, const struct calibrate_flush *flush, GError **error)
{
	g_autofree char *name = calibrate_store_file(curve->store);
	GString *out =
	    g_string_new("concurrency,throughput,throughput_min,throughput_max,operations,repeats,assignments,"
			 "look_mean_ns,look_p50_ns,look_p99_ns,look_max_ns,insert_mean_ns,insert_p50_ns,"
			 "insert_p99_ns,insert_max_ns,hold_ns,busy,timeouts,flush_p50_ns,flush_p99_ns,"
			 "user_looks,entity_looks,inserts,entities,seconds,store,flags,file_system,library,"
			 "cpu,cores,load,kernel,date,program\n");

	for (guint i = 0; i < curve->points->len; i++) {
		add_point(out, o, &g_array_index(curve->points, struct calibrate_point, i), hold_of(curve));
		if (curve->store->on_disc)
			g_string_append_printf(out, "%.0f,%.0f", flush->p50, flush->p99);
		else
			g_string_append_c(out, ',');
		g_string_append_printf(out, ",%d,%d,%d,%u,", KEYSTORE_MIX_USER_LOOKS, KEYSTORE_MIX_ENTITY_LOOKS,
				       KEYSTORE_MIX_INSERTS, curve->entities);
		add_number(out, o->seconds);
		g_string_append_printf(out, ",%s,", curve->store->name);
		add_text(out, curve->flags);
		g_string_append_printf(out, ",%s,", curve->store->on_disc ? m->file_system : "");
		add_machine(out, m, curve->library);
	}
	return write_file(o, name, out, error);
}
