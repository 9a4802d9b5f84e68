/* Patch vectors against a bank: patch scores and the image score. */
#ifndef OKNG_PATCHCORE_SCORING_H
#define OKNG_PATCHCORE_SCORING_H

#include "bank/knn_index.h"
#include "method/patchwise.h"

/* The rows that patches are held against. */
typedef struct okng_reference {
    const okng_knn_index *bank;
    int32_t excluded;   /* the picture whose rows of the bank do not count; -1 = all do */
    okng_rows standins; /* rows that count in place of those, see standins.h; of count 0: none */
} okng_reference;

/* patch_scores [patches->count]: distance to the nearest row, or the mean of the k nearest for mean-k; L2, squared or
 * of the cosine (rows and patches are of length 1 then) as the options say; 0 off the foreground. *image_score: the
 * largest of them, for `top` the mean of the highest part, or for `reweighted` (Roth et al., "Towards Total Recall in
 * Industrial Anomaly Detection", eq. 7, as anomalib computes it) the largest times 1 - softmax over the k bank rows
 * nearest to its own nearest row. The reweighting uses L2 distances whatever the unit of the scores. Errors: ARGUMENT
 * when mean-k asks for more rows than there are, MEMORY. */
okng_status okng_score_patches(const okng_build_options *options, const okng_reference *reference,
                               const okng_patch_rows *patches, int threads, float *patch_scores, int32_t *nearest,
                               float *image_score, okng_error *error);

#endif
