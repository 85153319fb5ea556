/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * corpus.h: messages from folders: files *.eml, and *.json that hold messages in base64.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
	char *name; /* path of the file, with "#NAME" of the object in a .json */
	GBytes *wire;
	char **labels; /* what a .json expects to be found, NULL: it does not say */
	char **kumo_labels; /* what KumoMTA finds ("kumo_labels"), NULL: it does not say */
	gboolean kumo_defect; /* KumoMTA damages it ("defect_in_kumo") */
} CorpusMail;

/* All messages below the folders of @paths (colon-separated), in a fixed order. A .json is an
 * array of objects, or an object {"cases": [...]}; an object with "raw_b64" is a message.
 * *@out_problem is the first thing that could not be read, or NULL. (GPtrArray of CorpusMail,
 * transfer full) */
GPtrArray *corpus_read (const char *paths, char **out_problem);

/* The messages of one JSON text, appended to @out. Exposed for its test. */
void corpus_read_json (const char *name, const char *text, gsize len, GPtrArray *out);

void corpus_mail_free (gpointer mail);

G_END_DECLS
