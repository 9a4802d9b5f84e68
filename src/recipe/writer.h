/* Writes a recipe, piece by piece. */
#ifndef OKNG_RECIPE_WRITER_H
#define OKNG_RECIPE_WRITER_H

#include "tensor/weights.h"

typedef struct okng_recipe_writer okng_recipe_writer;

/* The file appears whole or not at all, see base/file.h. It will be signed with the private key in the file `key`
 * (Ed25519, PEM) where that is not NULL, which is read here: before all that takes long. Errors: those of
 * okng_writer_open and okng_signer_open; MEMORY. */
okng_status okng_recipe_writer_open(okng_recipe_writer **out, const char *path, const char *key, okng_error *error);
/* Each is written at once, and nothing of it is kept; what was written before with the same bytes is named instead.
 * Errors: LIMIT (more than a directory may hold), MEMORY. Of the disk they are told at the end. */
okng_status okng_recipe_writer_document(okng_recipe_writer *writer, const char *name, const void *text, size_t size,
                                        okng_error *error);
okng_status okng_recipe_writer_tensor(okng_recipe_writer *writer, const char *file, const char *name,
                                      const okng_array *array, okng_error *error);
okng_status okng_recipe_writer_note(okng_recipe_writer *writer, const char *file, const char *key, const char *value,
                                    okng_error *error);
/* Directory, header and signature. Releases the writer, whatever comes of it. `precision`: of the weights. The same
 * pieces, the same bytes. Errors: IO, MEMORY. */
okng_status okng_recipe_writer_finish(okng_recipe_writer **writer, const char *precision, okng_error *error);
void okng_recipe_writer_abort(okng_recipe_writer **writer); /* NULL is fine */

/* A copy of a recipe that is not signed with another text for one of its documents, in its place: whole or not at all.
 * Errors: MISMATCH (it is signed), NOT_FOUND (no such document), those of okng_recipe_open; IO, MEMORY. */
okng_status okng_recipe_replace(const char *path, const char *document, const void *text, size_t size,
                                okng_error *error);

#endif
