/* Many pictures through one extractor. */
#ifndef OKNG_FEATURES_EXTRACT_EACH_H
#define OKNG_FEATURES_EXTRACT_EACH_H

#include "base/progress.h"
#include "features/extractor.h"
#include "features/pictures.h"

/* What came of one picture. All is valid during the visit alone. */
typedef struct okng_extracted {
    int64_t picture;
    int thread; /* 0..threads - 1; two visits of one thread never overlap */
    const okng_image *rgb;
    float *rows;               /* [grid height * grid width, dim] of the extractor; the visitor may write to them */
    const uint8_t *foreground; /* see okng_extractor_run; NULL where it was not asked for */
} okng_extracted;
typedef okng_status (*okng_extracted_fn)(void *context, const okng_extracted *extracted, okng_error *error);

/* Where picture number `picture` can have its rows at once: room for [grid height * grid width, dim] that no other
 * picture's rows share; NULL: nowhere. */
typedef float *(*okng_extracted_room_fn)(void *context, int64_t picture);

/* How many pictures at a time each of `threads` threads is worth giving, of so many: what their activations and
 * decoded pixels take is a few times as much then. */
int32_t okng_extract_at_once(const okng_extractor *extractor, const okng_pictures *pictures, int threads);

/* Visits every picture, in any order, in `threads` threads: a picture stays with one from file to rows, up to `at_once`
 * together (1..OKNG_EXTRACTOR_AT_ONCE), whose rows are the bits that they have alone. They lie
 * where `room` (may be NULL) says, or in the thread's own memory. `extractor` is best one for a single thread. The
 * foreground is found of pictures 0, masked, 2 * masked, ...; of none for 0. Counts
 * one step of `ticker` (may be NULL) for each; the first failing picture decides the error, whatever the number of
 * threads. Errors: those of decoding and of okng_extractor_run, naming the picture; those of `visit` as they are;
 * MEMORY; CANCELLED, saying that `what` ("the build") was stopped. */
okng_status okng_extract_each(const okng_extractor *extractor, const okng_pictures *pictures, uint64_t max_pixels,
                              int64_t masked, int threads, int32_t at_once, okng_ticker *ticker, const char *what,
                              okng_extracted_room_fn room, okng_extracted_fn visit, void *context, okng_error *error);

#endif
