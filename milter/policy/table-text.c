/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table-text.c: tables of text.
 *
 *	table   = *(line LF)
 *	line    = *WSP [pattern [1*WSP result] / "#" comment] *WSP [CR]
 *	pattern = a plain value of the condition; for Client also a network
 *
 * A million lines must cost a second: the file is read into memory once, keys stay where they are
 * in it, lower-cased on the spot. Networks are found by one hash look-up for each length that
 * occurs.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table-private.h"

#define MAX_FILE (1024 * 1024 * 1024)
#define MAX_PROBLEMS 100 /* then it is some other file */

typedef struct {
	MmTextTable *table;
	MmShape shape;
	guint line;
	guint reported;
	MmProblems *problems;
} Reader;

/* Neighbours differ in few bits: those must reach all others. */
static guint
network_hash (gconstpointer data)
{
	const MmNetwork *network = data;
	guint64 hash = network->bits;
	guint64 half;

	for (guint i = 0; i < sizeof network->address.octets; i += sizeof half) {
		memcpy (&half, network->address.octets + i, sizeof half);
		hash = (hash ^ half) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	return (guint) hash;
}

static gboolean
network_equal (gconstpointer a, gconstpointer b)
{
	const MmNetwork *one = a;
	const MmNetwork *two = b;

	return one->bits == two->bits &&
	       memcmp (&one->address, &two->address, sizeof one->address) == 0;
}

static MmTextTable *
text_table_new (void)
{
	MmTextTable *table = g_new0 (MmTextTable, 1);
	const MmTableResult none = {NULL, 0, NULL};

	table->more = g_ptr_array_new_with_free_func (g_free);
	table->exact = g_hash_table_new (g_str_hash, g_str_equal);
	table->domains = g_hash_table_new (g_str_hash, g_str_equal);
	table->below = g_hash_table_new (g_str_hash, g_str_equal);
	table->networks = g_hash_table_new (network_hash, network_equal);
	table->keys = g_ptr_array_new_with_free_func (g_free);
	table->entries = g_array_new (FALSE, FALSE, sizeof (MmTableEntry));
	table->results = g_array_new (FALSE, FALSE, sizeof (MmTableResult));
	table->by_name = g_hash_table_new (g_str_hash, g_str_equal);
	g_array_append_val (table->results, none);
	return table;
}

void
mm_text_table_free (MmTextTable *table)
{
	g_hash_table_unref (table->exact);
	g_hash_table_unref (table->domains);
	g_hash_table_unref (table->below);
	g_hash_table_unref (table->networks);
	g_hash_table_unref (table->by_name);
	g_array_unref (table->entries);
	g_array_unref (table->results);
	g_ptr_array_unref (table->keys);
	g_ptr_array_unref (table->more);
	g_free (table->content);
	g_free (table);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* Where a pattern goes. */
typedef struct {
	GHashTable *into;
	gpointer key;
} Slot;

static void
lower (char *text)
{
	for (; *text != '\0'; text++)
		*text = g_ascii_tolower (*text);
}

/* Brings a domain into the form it is compared in: on the spot for nearly all. NULL if it is
 * none. */
static char *
domain_key (Reader *reader, char *text)
{
	char *normal;

	if (!mm_is_mail_domain (text))
		return NULL;
	lower (text);
	normal = mm_domain_normal (text);
	if (strlen (normal) > strlen (text)) {
		g_ptr_array_add (reader->table->more, normal);
		return normal;
	}
	memcpy (text, normal, strlen (normal) + 1);
	g_free (normal);
	return text;
}

static Slot
domain_slot (Reader *reader, char *text)
{
	MmTextTable *table = reader->table;
	gboolean below = *text == '.';

	return (Slot){below ? table->below : table->domains, domain_key (reader, text + below)};
}

static Slot
address_slot (Reader *reader, char *text)
{
	MmTextTable *table = reader->table;
	char *at = strrchr (text, '@');
	MmMailbox mailbox;

	if (g_str_equal (text, "<>"))
		return (Slot){table->exact, text + 2};
	if (*text == '.' || (at == text && text[1] != '.'))
		return domain_slot (reader, text + (at == text));
	if (at == NULL || at == text || !mm_is_local_part (text, (gsize) (at - text)) ||
	    !mm_is_mail_domain (at + 1))
		return (Slot){table->exact, NULL};
	mailbox = mm_mailbox_new (text);
	if (strlen (mailbox.whole) > strlen (text)) {
		g_ptr_array_add (table->more, mailbox.whole);
		return (Slot){table->exact, mailbox.whole};
	}
	memcpy (text, mailbox.whole, strlen (mailbox.whole) + 1);
	mm_mailbox_clear (&mailbox);
	return (Slot){table->exact, text};
}

static Slot
client_slot (Reader *reader, char *text)
{
	MmTextTable *table = reader->table;
	MmNetwork network;
	gpointer key;

	if (!mm_network_parse (text, &network)) {
		gboolean is_name = *text == '.' ? mm_is_domain (text + 1)
		                                : mm_is_client_name (text);

		return is_name ? domain_slot (reader, text) : (Slot){table->domains, NULL};
	}
	if (!mm_network_clear_host_bits (&network))
		return (Slot){table->networks, NULL};
	key = g_memdup2 (&network, sizeof network);
	g_ptr_array_add (table->keys, key);
	table->has_bits[network.bits] = TRUE;
	return (Slot){table->networks, key};
}

/* "[mail.example]" is mail.example. */
static Slot
host_slot (Reader *reader, char *text)
{
	g_autofree char *host = *text != '.' ? mm_host_read (text) : NULL;

	if (*text == '.')
		return mm_is_domain (text + 1) ? domain_slot (reader, text) : (Slot){NULL, NULL};
	if (host == NULL)
		return (Slot){NULL, NULL};
	memcpy (text, host, strlen (host) + 1); /* no longer than it was */
	if (mm_is_domain (text))
		return domain_slot (reader, text);
	lower (text);
	return (Slot){reader->table->domains, text};
}

static Slot
text_slot (Reader *reader, char *text)
{
	return (Slot){reader->table->exact, text};
}

static const struct {
	Slot (*slot) (Reader *reader, char *text);
	const char *what; /* in problems */
} shapes[MM_N_SHAPES] = {
	[MM_SHAPE_ADDRESS] = {address_slot, "user@domain, @domain, .domain or <>"},
	[MM_SHAPE_DOMAIN] = {domain_slot, "domain or .domain"},
	[MM_SHAPE_HOST] = {host_slot, "host, .domain or an address"},
	[MM_SHAPE_CLIENT] = {client_slot, "an address, a network without host bits, a full host "
	                                  "name or .domain"},
	[MM_SHAPE_TEXT] = {text_slot, ""},
};

/* ---- lines ----------------------------------------------------------------------------------- */

static guint
result_index (Reader *reader, char *name)
{
	MmTextTable *table = reader->table;
	gpointer known = g_hash_table_lookup (table->by_name, name);
	const MmTableResult result = {name, reader->line, NULL};

	if (*name == '\0') {
		table->bare_line = table->bare_line != 0 ? table->bare_line : reader->line;
		return 0;
	}
	if (known != NULL)
		return GPOINTER_TO_UINT (known);
	g_array_append_val (table->results, result);
	g_hash_table_insert (table->by_name, name, GUINT_TO_POINTER (table->results->len - 1));
	return table->results->len - 1;
}

static void
add_entry (Reader *reader, Slot slot, const char *pattern, char *result)
{
	MmTextTable *table = reader->table;
	gpointer known = g_hash_table_lookup (slot.into, slot.key);
	MmTableEntry entry = {reader->line, 0};

	if (known != NULL) {
		g_autofree char *quoted = mm_quoted (pattern);

		reader->reported++;
		mm_problems_add (reader->problems, reader->line,
		                 "duplicate pattern %s: it stands at line %u", quoted,
		                 g_array_index (table->entries, MmTableEntry,
		                                GPOINTER_TO_UINT (known) - 1).line);
		return;
	}
	entry.result = result_index (reader, result);
	g_array_append_val (table->entries, entry);
	g_hash_table_insert (slot.into, slot.key, GUINT_TO_POINTER (table->entries->len));
}

/* What would end up in a log, or is no text at all. A byte order mark would become part of the first
 * pattern, which never fits then. */
static gboolean
is_text (Reader *reader, const char *line, gsize len)
{
	const char *problem = NULL;

	if (reader->line == 1 && len >= 3 && memcmp (line, "\xEF\xBB\xBF", 3) == 0)
		problem = "the file begins with a byte order mark (BOM)";
	for (gsize i = 0; i < len && problem == NULL; i++)
		if (line[i] == '\0')
			problem = "NUL byte";
		else if (line[i] != '\t' && g_ascii_iscntrl (line[i]))
			problem = "control character";
	if (problem == NULL && !g_utf8_validate (line, (gssize) len, NULL))
		problem = "the line is not valid UTF-8";
	if (problem == NULL)
		return TRUE;
	reader->reported++;
	mm_problems_add (reader->problems, reader->line, "%s", problem);
	return FALSE;
}

/* @line is the reader's to change; one octet may be written behind it. */
static void
read_line (Reader *reader, char *line, gsize len)
{
	char *result;
	Slot slot;

	while (len > 0 && strchr (" \t\r", line[len - 1]) != NULL)
		len--;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	if (len == 0 || *line == '#' || !is_text (reader, line, len))
		return;
	line[len] = '\0';
	result = line + strcspn (line, " \t");
	if (*result != '\0')
		*result++ = '\0';
	result += strspn (result, " \t");
	slot = shapes[reader->shape].slot (reader, line);
	if (slot.key == NULL) {
		g_autofree char *quoted = mm_quoted (line);

		reader->reported++;
		mm_problems_add (reader->problems, reader->line, "%s is not %s", quoted,
		                 shapes[reader->shape].what);
		return;
	}
	add_entry (reader, slot, line, result);
}

static void
read_lines (Reader *reader, char *content, gsize size)
{
	for (gsize at = 0; at < size;) {
		char *end = memchr (content + at, '\n', size - at);
		gsize len = end != NULL ? (gsize) (end - content) - at : size - at;

		reader->line++;
		if (reader->reported >= MAX_PROBLEMS) {
			mm_problems_add (reader->problems, reader->line,
			                 "too many problems, the rest is not read");
			return;
		}
		read_line (reader, content + at, len);
		at += len + 1;
	}
}

/* ---- file ------------------------------------------------------------------------------------ */

/* The whole file with room for one more octet; NULL with errno, 0 for a reason in @out_why. */
static char *
slurp (int fd, gsize *out_size, const char **out_why)
{
	struct stat status;
	g_autofree char *content = NULL;
	gsize size = 0;
	gsize room;
	ssize_t n = 1;

	if (fd < 0 || fstat (fd, &status) < 0)
		return NULL;
	errno = 0;
	if (!S_ISREG (status.st_mode))
		*out_why = "it is no file";
	else if (status.st_size > MAX_FILE)
		*out_why = "it is larger than 1 GB";
	if (*out_why != NULL)
		return NULL;
	room = (gsize) status.st_size;
	content = g_malloc (room + 1);
	while (size < room && n > 0) {
		n = read (fd, content + size, room - size);
		if (n > 0)
			size += (gsize) n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (n < 0)
		return NULL;
	*out_size = size;
	return g_steal_pointer (&content);
}

MmTextTable *
mm_text_table_read (const char *path, MmShape shape, const char *key, guint line,
                    MmProblems *problems)
{
	int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *why = NULL;
	gsize size = 0;
	char *content = slurp (fd, &size, &why);
	int failure = errno;
	Reader reader = {NULL, shape, 0, 0, problems};
	guint before;

	if (fd >= 0)
		close (fd);
	if (content == NULL) {
		mm_problems_add (problems, line, "%s: the table %s cannot be read: %s", key, path,
		                 why != NULL ? why : g_strerror (failure));
		return NULL;
	}
	reader.table = text_table_new ();
	reader.table->content = content;
	before = mm_problems_enter (problems, path);
	read_lines (&reader, content, size);
	mm_problems_return (problems, before);
	return reader.table;
}

/* ---- look-up --------------------------------------------------------------------------------- */

/* The entry of @domain, or of .domain and its parents; 0: none. */
static gpointer
find_domain (const MmTextTable *table, const char *domain)
{
	gpointer entry = NULL;

	if (domain == NULL)
		return NULL;
	entry = g_hash_table_lookup (table->domains, domain);
	if (entry != NULL || g_hash_table_size (table->below) == 0)
		return entry;
	domain = mm_table_domain_end (domain);
	while (entry == NULL && domain != NULL) {
		entry = g_hash_table_lookup (table->below, domain);
		domain = strchr (domain, '.');
		domain = domain != NULL ? domain + 1 : NULL;
	}
	return entry;
}

static gpointer
find_network (const MmTextTable *table, const MmAddress *address)
{
	guint shortest = mm_address_is_v4 (address) ? MM_V4_PREFIX : 0;
	gpointer entry = NULL;

	for (guint bits = 128; entry == NULL; bits--) {
		MmNetwork network = {*address, bits};

		if (table->has_bits[bits]) {
			network.address = mm_address_masked (address, bits);
			entry = g_hash_table_lookup (table->networks, &network);
		}
		if (bits == shortest)
			break;
	}
	return entry;
}

const MmTableResult *
mm_text_table_find (const MmTextTable *table, MmShape shape, const MmThing *thing)
{
	gpointer entry = NULL;

	if (shape == MM_SHAPE_CLIENT && thing->address != NULL)
		entry = find_network (table, thing->address);
	if ((shape == MM_SHAPE_ADDRESS || shape == MM_SHAPE_TEXT) && thing->text != NULL)
		entry = g_hash_table_lookup (table->exact, thing->text);
	if (entry == NULL && shape != MM_SHAPE_TEXT)
		entry = find_domain (table, thing->domain);
	if (entry == NULL)
		return NULL;
	return &g_array_index (
		table->results, MmTableResult,
		g_array_index (table->entries, MmTableEntry, GPOINTER_TO_UINT (entry) - 1).result);
}
