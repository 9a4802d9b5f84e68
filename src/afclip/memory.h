/* What is remembered of good pictures: the patches of all 12 streams, aggregated but before the adapter, every row of
 * length 1; and how that joins what words say. Private to afclip/. */
#ifndef OKNG_AFCLIP_MEMORY_H
#define OKNG_AFCLIP_MEMORY_H

#include "afclip/plan.h"
#include "bank/references.h"
#include "base/progress.h"

typedef struct okng_afclip_memory {
    okng_reference_rows streams[OKNG_AFCLIP_STREAMS]; /* as many rows each; of all pictures' patches where it was
                                                                not thinned, picture-major */
    int64_t pictures;                                 /* that it comes from; 0: it is empty */
    int64_t patches, width;                           /* of a picture */
} okng_afclip_memory;

/* Room for `rows` rows in each stream, of so many pictures (0: empty, and no rows). Errors: MEMORY; *memory is zeroed
 * then. */
okng_status okng_afclip_memory_new(okng_afclip_memory *memory, int64_t pictures, int64_t patches, int64_t width,
                                   int64_t rows, okng_error *error);
void okng_afclip_memory_free(okng_afclip_memory *memory); /* zeroed is fine; zeroes it */

/* One tap of picture i < pictures, which is of that group: streams [3][1 + patches, width] as aggregated, the class
 * token first, which is not remembered. Errors: MISMATCH (a patch of no length). */
okng_status okng_afclip_memory_put(okng_afclip_memory *memory, int32_t tap, const float *streams, int64_t i,
                                   int32_t group, okng_error *error);
/* *thin := what sampler, coreset, coreset-size and the options of sampling keep of `full`, in which all was put; each
 * stream is thinned by itself, to as many rows. Errors: those of okng_coreset_pick. */
okng_status okng_afclip_memory_thin(okng_afclip_memory *thin, const okng_afclip_memory *full,
                                    const okng_build_options *options, okng_ticker *ticker, okng_error *error);
/* Once all is put in: makes it searchable. Errors: MEMORY. */
okng_status okng_afclip_memory_seal(okng_afclip_memory *memory, int threads, okng_error *error);

/* distances [3][patches] of one tap of a picture from what is remembered, 1/2 (1 - largest cosine), found exactly;
 * rows of the group `excluded` (-1: none) are passed over, and there are others. `streams`: as for
 * okng_afclip_memory_put. The bits do not depend on `threads`. Errors: MISMATCH (a patch of no length), MEMORY. */
okng_status okng_afclip_memory_distances(const okng_afclip_memory *memory, int32_t tap, const float *streams,
                                         int32_t excluded, int threads, float *distances, okng_error *error);
/* distances [12][patches] of picture i of `full`, in which all was put, without its own group: as above, of rows that
 * are there already. Errors: ARGUMENT where a stream remembers nothing but that group; MEMORY. */
okng_status okng_afclip_memory_leave_out(const okng_afclip_memory *memory, const okng_afclip_memory *full, int64_t i,
                                         int threads, float *distances, okng_error *error);

/* Joins memory and words. map [patches] := mean over the 12 of distances [12][patches] + share x p, p [1 + patches]
 * being the anomalous shares by words, the class token's first. Returns the picture's score: the largest mean + share x
 * p[0]. */
float okng_afclip_fuse(const float *distances, const float *p, int64_t patches, double share, float *map);

#endif
