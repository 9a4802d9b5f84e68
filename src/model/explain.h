/* Why a place is anomalous: what the model learnt that is nearest to it. */
#ifndef OKNG_MODEL_EXPLAIN_H
#define OKNG_MODEL_EXPLAIN_H

#include "features/patch_place.h"
#include "model/member.h"

typedef struct okng_explanation {
    okng_box patch;            /* of the picture: where the place is looked at */
    const okng_source *source; /* NULL: not known; else `of` */
    okng_source of;
    okng_box near; /* of the source picture, before it was turned back; where there is a source */
} okng_explanation;

/* Of pixel (x, y) of the picture that `scored` is of. *out stays where it is. Errors: ARGUMENT (a source picture that
 * the options do not take). */
okng_status okng_member_explain(const okng_member *member, const okng_scored *scored, int32_t x, int32_t y,
                                okng_explanation *out, okng_error *error);

#endif
