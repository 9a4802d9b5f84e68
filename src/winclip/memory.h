/* What is remembered of good pictures: their windows of each scale, and their patches; every row has length 1. Private
 * to winclip/. */
#ifndef OKNG_WINCLIP_MEMORY_H
#define OKNG_WINCLIP_MEMORY_H

#include "bank/references.h"
#include "winclip/view.h"

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

#endif
