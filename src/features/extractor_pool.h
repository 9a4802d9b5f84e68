/* An extractor for many pictures in any number of threads: compiled on first use, its sessions kept for the next. */
#ifndef OKNG_FEATURES_EXTRACTOR_POOL_H
#define OKNG_FEATURES_EXTRACTOR_POOL_H

#include "features/express.h"
#include "features/extractor.h"

/* May be used by several threads at a time. */
typedef struct okng_extractor_pool okng_extractor_pool;

/* What the extractors of a pool are made of; all is borrowed and must outlive the pool. See okng_extractor_new. */
typedef struct okng_extractor_recipe {
    const okng_build_options *options;
    const okng_weights *weights; /* NULL: what was kept of them on disk, or where nothing was, the file at `path` */
    const char *sha256;          /* of the weights */
    const char *path;            /* of their file; "" = they are built in */
    okng_ranges ranges;
    const okng_ignored *ignored; /* NULL: nothing */
    int32_t height, width;       /* of the network's input */
    int64_t dim;                 /* that patch vectors must have */
} okng_extractor_recipe;

/* Compiles nothing yet. Errors: MEMORY; where weights are NULL those of okng_recorded_weights_open. */
okng_status okng_extractor_pool_new(okng_extractor_pool **out, const okng_extractor_recipe *recipe, okng_error *error);
void okng_extractor_pool_free(okng_extractor_pool **pool);

/* The weights are the pool's from now on (NULL: it has opened its own). Those of a file are in memory only until a
 * network is made of them; one for another number of threads reads them again, and where the file is not what it was
 * any more, the network that there is does the work: results are the same. */
void okng_extractor_pool_own(okng_extractor_pool *pool, okng_weights **weights);

/* A session on loan, and what it belongs to. */
typedef struct okng_loan {
    const okng_extractor *extractor;
    okng_extractor_session *session;
} okng_loan;

/* A session of an extractor that uses `threads` threads for a picture; must be given back. It is for at least
 * `pictures` pictures at a time (1..OKNG_EXTRACTOR_AT_ONCE), or where memory is too short for that, for fewer. Errors:
 * those of okng_extractor_new; MISMATCH when the patch vectors do not have the recipe's dimensions. */
okng_status okng_extractor_pool_take(okng_extractor_pool *pool, int threads, int32_t pictures, okng_loan *loan,
                                     okng_error *error);
void okng_extractor_pool_give(okng_extractor_pool *pool, okng_loan *loan);

/* One of the extractors, for what is the same of all; compiled for one thread where there is none yet. It is the
 * pool's. Errors: as okng_extractor_pool_take. */
okng_status okng_extractor_pool_any(okng_extractor_pool *pool, const okng_extractor **out, okng_error *error);

/* Writes what the pool's extractors compute into a program, see okng_extractor_express. Errors: those of it; MISMATCH
 * when the patch vectors do not have the recipe's dimensions; of opening weights again that were let go of, where their
 * file is gone or another. */
okng_status okng_extractor_pool_express(okng_extractor_pool *pool, okng_program *p, okng_program_value picture,
                                        okng_express_patches *patches, okng_error *error);

#endif
