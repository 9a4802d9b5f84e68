/* What the server tells of banks that are not open: described once for each state of their files, as a description
 * reads and checks all of them. */
#ifndef OKNG_SERVE_BANK_NOTES_H
#define OKNG_SERVE_BANK_NOTES_H

#include "base/json.h"
#include "cache/cache.h"

typedef struct okng_bank_notes okng_bank_notes; /* threads may share it */

okng_status okng_bank_notes_open(okng_bank_notes **out, okng_cache *cache, okng_error *error);
void okng_bank_notes_close(okng_bank_notes **notes);

/* The row of bank `name` in the list of banks: "name", "method", "backbone", "pictures", "rows", "bytes", "modified",
 * "image_threshold", "pixel_threshold", "review", "regions", "loaded", "state", "why". A damaged bank has a row too.
 * Errors: those of okng_disk_find; IO, MEMORY. */
okng_status okng_bank_notes_row(okng_bank_notes *notes, const char *name, json_t **row, okng_error *error);
/* okng_bank_describe of it. Errors: those of that too. */
okng_status okng_bank_notes_describe(okng_bank_notes *notes, const char *name, json_t **document, okng_error *error);

/* A small PNG of a good picture of the bank, the one with the score in the middle, for the caller to free: made once
 * for each state of the bank. Errors: NOT_FOUND (the bank does not know its pictures, or it is not there any more);
 * those of opening the bank, and of decoding. */
okng_status okng_bank_notes_thumbnail(okng_bank_notes *notes, const char *name, void **png, size_t *size,
                                      okng_error *error);

#endif
