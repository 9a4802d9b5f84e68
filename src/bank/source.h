/* Where a bank is read from: its folder, or a recipe that it was packed into. */
#ifndef OKNG_BANK_SOURCE_H
#define OKNG_BANK_SOURCE_H

#include "base/json.h"
#include "recipe/recipe.h"

typedef struct okng_bank_source {
    const char *path;    /* of the folder; of a recipe that of its file, for errors */
    okng_recipe *recipe; /* NULL: a folder */
    const char *part;    /* of a recipe: what the names of a member of an ensemble begin with, "member-1/"; else "" */
} okng_bank_source;

/* What files and documents of a recipe are called beside those of the folder. */
#define OKNG_RECIPE_WEIGHTS "weights" /* the network */
#define OKNG_RECIPE_SEARCH "search"   /* what the method prepared of its rows */

/* The name of a document or file of `from` in a recipe, into `text`; returns text. */
enum { OKNG_RECIPE_NAME_MAX = 2 * OKNG_NAME_MAX };
const char *okng_bank_source_name(const okng_bank_source *from, const char *name, char text[OKNG_RECIPE_NAME_MAX]);
bool okng_bank_source_has(const okng_bank_source *from, const char *name);

/* UNSUPPORTED, saying what to give instead, where it is a bank with regions, of which each has a bank of its own. */
okng_status okng_bank_need_whole(const okng_bank_source *from, okng_error *error);

/* The document `name`, an object; *where (for the caller to free, NULL on failure) is what to call it in errors.
 * Errors: NOT_FOUND, IO, FORMAT, LIMIT, MEMORY. */
okng_status okng_bank_source_read(const okng_bank_source *from, const char *name, const okng_json_limits *limits,
                                  json_t **out, char **where, okng_error *error);
/* The document as it is, *size bytes for the caller to free. Errors: likewise. */
okng_status okng_bank_source_text(const okng_bank_source *from, const char *name, char **text, size_t *size,
                                  okng_error *error);
/* The tensors of the file `name`. Of a recipe they are checked, all of them. Errors: as okng_weights_open, and those of
 * okng_recipe_weights. */
okng_status okng_bank_source_open(const okng_bank_source *from, const char *name, okng_weights **out,
                                  okng_error *error);

#endif
