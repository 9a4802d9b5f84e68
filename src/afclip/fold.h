/* What of the adapter can be computed once. Private to afclip/.
 *
 * Its LayerNorm is (x - mean) / deviation * gamma + beta, and what follows is linear; so is the mean of neighbours.
 * With M = [to_q; to_k; to_v] diag(gamma) and x less its own mean, M x of a depth serves all its scales: the mean of
 * neighbours of M x, divided by the deviation of the mean of neighbours of x, plus M beta, is what the maps would make
 * of it.
 *
 * Behind the tower's last norm a token y goes to P^T y in the joint space, of which its length and its products with
 * the prototypes are wanted. Where the joint space is wider than tokens are, L^T y, with L L^T = P P^T, has the same
 * length, and L^-1 P t is what a prototype t is there: the same cosines in fewer numbers. */
#ifndef OKNG_AFCLIP_FOLD_H
#define OKNG_AFCLIP_FOLD_H

#include "afclip/learnt.h"
#include "afclip/plan.h"

typedef struct okng_afclip_folded {
    int32_t width, embedding, dim; /* W, E; of what the cosines are taken: the smaller of both */
    float *maps;                   /* [3 * OKNG_AFCLIP_INNER, W]: M */
    float *offsets;                /* [3 * OKNG_AFCLIP_INNER]: [to_q; to_k; to_v] beta */
    float *projection;             /* [W, dim]: L, where dim < E; else NULL */
    double *triangle, *whole;      /* [W, W], [W, E]: L and P, where dim < E */
} okng_afclip_folded;

/* weights: of the CLIP. Errors: NOT_FOUND, MISMATCH (visual.proj, or it is not finite), MEMORY. *out is zeroed on
 * failure. */
okng_status okng_afclip_fold(okng_afclip_folded *out, const okng_afclip_plan *plan, const okng_weights *weights,
                             const okng_afclip_learnt *learnt, okng_error *error);
void okng_afclip_folded_free(okng_afclip_folded *folded); /* zeroed is fine; zeroes it */

/* vectors [count, E] of the joint space -> [count, dim]: their places among folded tokens. */
void okng_afclip_fold_vectors(const okng_afclip_folded *folded, const float *vectors, int64_t count, float *out);

#endif
