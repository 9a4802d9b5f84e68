/* The losses of every step: kept, written as a table, drawn. */
#ifndef OKNG_TRAIN_CURVE_H
#define OKNG_TRAIN_CURVE_H

#include "train/losses.h"

typedef struct okng_loss_row {
    double epoch, pictures; /* from 1 on; of the step */
    okng_loss_parts parts;
} okng_loss_row;

/* Rows of steps 1, 2, ...; owned. */
typedef struct okng_loss_curve {
    okng_loss_row *rows;
    size_t count, capacity;
} okng_loss_curve;

void okng_loss_curve_free(okng_loss_curve *curve);
okng_status okng_loss_curve_add(okng_loss_curve *curve, const okng_loss_row *row, okng_error *error);
/* Mean loss of the steps of the last row's epoch so far. */
double okng_loss_curve_mean(const okng_loss_curve *curve);
/* folder/losses.csv: step, epoch, pictures, loss, image, focal, l1, alignment, mean; and losses.svg. Errors: IO,
 * MEMORY.
 */
okng_status okng_loss_curve_write(const okng_loss_curve *curve, const char *folder, okng_error *error);

#endif
