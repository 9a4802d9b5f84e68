/* Learning: prototypes of the words, and what is remembered of good pictures. Private to winclip/. */
#ifndef OKNG_WINCLIP_FIT_H
#define OKNG_WINCLIP_FIT_H

#include "base/progress.h"
#include "method/groups.h"
#include "winclip/model.h"

/* See okng_method. */
okng_status okng_winclip_fit(okng_winclip **out, okng_bank_file *bank, const okng_weights *weights,
                             const okng_lesson *lesson, okng_ticker *ticker, okng_build_report *report,
                             okng_error *error);

/* What learning knows of the good pictures. */
typedef struct okng_winclip_shots {
    const okng_pictures *pictures;
    const okng_groups *groups;
    const okng_tiles *tiles; /* [pictures->count] */
    const int64_t *first;    /* [pictures->count + 1]: the first view of each */
    const float *wholes;     /* [views, E] */
} okng_winclip_shots;

/* Thresholds from the good pictures, each judged by the others. Pictures of one group are left out together; there are
 * two groups at least. Errors: those of okng_winclip_judge and okng_thresholds_add, naming the picture; CANCELLED. */
okng_status okng_winclip_calibrate(const okng_winclip *winclip, const okng_bank_config *config,
                                   const okng_winclip_shots *shots, int threads, okng_ticker *ticker, okng_tau *tau,
                                   okng_error *error);

#endif
