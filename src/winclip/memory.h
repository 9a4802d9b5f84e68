/* What is remembered of good pictures: their windows of each scale, and their patches; every row has length 1. Private
 * to winclip/. */
#ifndef OKNG_WINCLIP_MEMORY_H
#define OKNG_WINCLIP_MEMORY_H

#include "bank/knn_index.h"
#include "winclip/view.h"

/* Rows of one kind. */
typedef struct okng_reference_rows {
    float *data; /* [count, dim] */
    int64_t count, dim;
    int32_t *origin; /* [count]: the group of pictures that a row is left out with */
    okng_knn_index *index;
} okng_reference_rows;

typedef struct okng_winclip_memory {
    okng_reference_rows windows[OKNG_MAX_SCALES]; /* of each scale */
    okng_reference_rows patches;
    int32_t scale_count;
    int64_t views; /* that are in it; 0: it is empty */
} okng_winclip_memory;

/* Room for `views` views (of pictures, or of their tiles). Errors: MEMORY. */
okng_status okng_winclip_memory_new(okng_winclip_memory *memory, const okng_view_plan *plan, int64_t views,
                                    okng_error *error);
void okng_winclip_memory_free(okng_winclip_memory *memory); /* zeroed is fine; zeroes it */
/* View i < views, of a picture of that group. */
void okng_winclip_memory_put(okng_winclip_memory *memory, const okng_view *view, int64_t i, int32_t group);
/* Once all is put in: makes it searchable. Errors: MEMORY. */
okng_status okng_winclip_memory_seal(okng_winclip_memory *memory, int threads, okng_error *error);

/* distances [count]: 1/2 (1 - the largest cosine with any row), at least 0, of queries [count, dim] of length 1; rows
 * of the group `excluded` (-1: none) are passed over, and there are others. A quarter of the squared distance of two
 * such rows, so that what is the same is at 0 exactly. Errors: MEMORY. */
okng_status okng_reference_distances(const okng_reference_rows *rows, const float *queries, int64_t count,
                                     int32_t excluded, int threads, float *distances, okng_error *error);

#endif
