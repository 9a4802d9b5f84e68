/* What came of a category: everything that its metrics.json holds. */
#ifndef OKNG_EVAL_CATEGORY_FIGURES_H
#define OKNG_EVAL_CATEGORY_FIGURES_H

#include <jansson.h>

#include "eval/curve.h"
#include "eval/figures.h"

enum { OKNG_LABEL_MAX = 256 };

typedef struct okng_category_figures {
    char name[OKNG_LABEL_MAX]; /* of the category */
    char dataset[OKNG_LABEL_MAX], method[OKNG_LABEL_MAX], experiment[OKNG_LABEL_MAX], backbone[OKNG_LABEL_MAX];
    int64_t seed;                         /* exact; the figure of it is rounded where it is beyond 2^53 */
    double values[OKNG_FIGURES];          /* NaN: not measured, without meaning, or not in the file */
    okng_curve image_roc, pixel_roc, pro; /* at the pictures' own size; no points where there is none */
} okng_category_figures;

/* No labels, counts 0, all else NaN, no curves. */
void okng_category_figures_init(okng_category_figures *figures);

/* Reads a metrics.json. Text of at most 255 bytes, curves of at most OKNG_CURVE_POINTS points in 0..1, shares in 0..1,
 * counts, times and bytes not negative; what the file lacks is NaN. Errors: FORMAT, LIMIT, naming the file and the key;
 * NOT_FOUND, IO, MEMORY. */
okng_status okng_category_figures_read(okng_category_figures *figures, const char *path, okng_error *error);
/* Writes it; what is NaN is left out. Whole or not at all. Errors: IO, MEMORY. */
okng_status okng_category_figures_write(const okng_category_figures *figures, const char *path, okng_error *error);

/* A figure as JSON: an integer where it counts something and is whole. A new reference; NULL when memory is out. */
json_t *okng_figure_json(okng_figure_id id, double value);

#endif
