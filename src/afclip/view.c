#include "afclip/view.h"

#include <stdlib.h>

#include "base/memory.h"

okng_status okng_afclip_view_new(okng_afclip_view *view, const okng_afclip_plan *plan, bool distances,
                                 okng_error *error)
{
    const size_t tokens = (size_t)plan->tokens, words = OKNG_AFCLIP_STREAMS * tokens;
    const size_t floats = tokens + (distances ? OKNG_AFCLIP_STREAMS * (tokens - 1) : 0);
    *view = (okng_afclip_view){
        .data = okng_alloc_zero(words + floats, sizeof(double))}; /* a float has more than its room */
    if (!view->data) return okng_fail_memory(error, (words + floats) * sizeof(double));
    view->words = view->data;
    view->p = (float *)(view->words + words);
    view->distances = distances ? view->p + tokens : NULL;
    return OKNG_OK;
}

void okng_afclip_view_free(okng_afclip_view *view)
{
    free(view->data);
    *view = (okng_afclip_view){.data = NULL};
}
