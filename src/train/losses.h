/* What training lessens: how far a batch's anomaly probabilities are from its truth, and how alike normal and anomalous
 * patches of a picture are. Forward and gradients, stream after stream, so that not all of them need be in memory. */
#ifndef OKNG_TRAIN_LOSSES_H
#define OKNG_TRAIN_LOSSES_H

#include <stdbool.h>

#include "base/error.h"

/* What values and gradients are made of; tests compile this in float64, for finite differences. Sums are float64. */
#ifndef OKNG_LOSSES_REAL
#define OKNG_LOSSES_REAL float
#endif
typedef OKNG_LOSSES_REAL okng_loss_real;

/* What is minimised: image + lambda1 (focal + l1) + lambda2 alignment. */
typedef struct okng_loss_parts {
    double total, image, focal, l1, alignment;
} okng_loss_parts;

typedef struct okng_loss_rule {
    double lambda1, lambda2;
    double temperature; /* of cosines: 0.07 */
    /* The gradient of the original program: it writes -1 over the targets of normal cells after the focal loss was
     * computed from them and before its gradient is, in every batch that has a normal cell. Values do not change. */
    bool quirk;
} okng_loss_rule;

/* The shape of a batch: pictures of so many cells (patches), each with the class token before them, `embedding` wide,
 * in so many streams. */
typedef struct okng_loss_shape {
    int64_t pictures, cells, embedding;
    int32_t streams;
} okng_loss_shape;

typedef struct okng_losses okng_losses;

/* For batches of at most so many pictures. Errors: MEMORY. */
okng_status okng_losses_new(okng_losses **out, const okng_loss_shape *most, const okng_loss_rule *rule, int threads,
                            okng_error *error);
void okng_losses_free(okng_losses **losses);

/* The truth of a batch of `pictures` pictures, all borrowed until its last call: texts [2, E], as the text tower gives
 * them, the state without a defect first; labels [pictures], 0 or 1; targets [pictures, cells], 0, 1 or between
 * (okng_targets_of). Errors: MISMATCH (a text without a direction). */
okng_status okng_losses_begin(okng_losses *losses, int64_t pictures, const okng_loss_real *texts, const float *labels,
                              const float *targets, okng_error *error);
/* A stream, each of them once: z [pictures, 1 + cells, E], not of length 1. */
void okng_losses_see(okng_losses *losses, int32_t stream, const okng_loss_real *z);
/* Once all were seen. Gradients that follow are those of `weight` times the loss. A value that is not finite is
 * reported as it is. */
void okng_losses_finish(okng_losses *losses, double weight, okng_loss_parts *parts);
/* Gradient of a stream, of the same z; dz may be z. */
void okng_losses_back(okng_losses *losses, int32_t stream, const okng_loss_real *z, okng_loss_real *dz);
/* Gradient [2, E] by the texts, once every stream went back. */
void okng_losses_texts(const okng_losses *losses, okng_loss_real *d_texts);

/* Targets [rows, columns] of cells from a mask [height, width] of 0 (no defect) and 255: bilinear at the grid's ratio,
 * without antialiasing; below a half 0, above it 1, a half stays. */
void okng_targets_of(const uint8_t *mask, int32_t height, int32_t width, int32_t rows, int32_t columns, float *targets);

#endif
