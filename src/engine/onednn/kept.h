/* The file behind engine/kept.h: a table of constants and their bytes. */
#ifndef OKNG_ENGINE_ONEDNN_KEPT_H
#define OKNG_ENGINE_ONEDNN_KEPT_H

#include "net/graph.h"

struct okng_compiled;

/* A mapped file. Immutable. */
typedef struct okng_kept okng_kept;

/* Whose constants: all that the bytes depend on but for the machine and the build, which are added. */
typedef struct okng_kept_of {
    const okng_graph *graph;
    const char *sha256; /* of the weight file */
    okng_precision precision;
    bool winograd;
} okng_kept_of;

/* A constant: of which value, and an okng_constant_kind. */
typedef struct okng_kept_name {
    int32_t value, kind;
} okng_kept_name;

/* *out is NULL where there is none that is whole and ours; a damaged one is removed. `threads` look at its bytes.
 * Errors: MEMORY. */
okng_status okng_kept_open(okng_kept **out, const okng_kept_of *of, int threads, okng_error *error);
void okng_kept_close(okng_kept *kept); /* NULL is fine */
/* The bytes of a constant, aligned to OKNG_ALIGNMENT, never to be written to; NULL where it is not there, has another
 * size or lies otherwise. */
void *okng_kept_find(const okng_kept *kept, okng_kept_name name, size_t bytes, uint64_t digest);
/* IO where somebody has changed the file since it was opened. */
okng_status okng_kept_settled(const okng_kept *kept, okng_error *error);
/* Writes the constants of a compiled network, if all can be told, and makes room for them. */
void okng_kept_write(const struct okng_compiled *compiled, const char *sha256);

#endif
