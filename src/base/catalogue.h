/* A catalogue of translated messages: gettext's .mo file, in memory. Nothing here can fail with an error, for errors
 * are translated by it. */
#ifndef OKNG_BASE_CATALOGUE_H
#define OKNG_BASE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "okng/experimental.h"

typedef struct okng_catalogue {
    const uint8_t *data; /* borrowed */
    uint32_t count;
    uint32_t originals, translations; /* offsets of the two tables */
} okng_catalogue;

/* Takes a file in `data`, aligned for uint32_t, that must outlive the catalogue. False when it is none: not of this
 * machine's order of bytes, a text that reaches over the end or does not end with NUL, originals out of order. */
bool okng_catalogue_init(okng_catalogue *catalogue, const void *data, size_t size);
/* NULL where there is none. */
const char *okng_catalogue_find(const okng_catalogue *catalogue, const char *original);
/* True when both take the same arguments, which "%2$s" may use in another order. */
bool okng_catalogue_same_arguments(const char *format, const char *other);

/* What okng_translate looks in from now on; NULL = nowhere. It must live as long as the process. */
void okng_catalogue_use(const okng_catalogue *catalogue);

/* A text, or a format, of a page; `N_` marks one in a table, which is translated where it is put. */
#define _(text) okng_translate_format(text)
#define N_(text) text

#endif
