/* The windows of a grid of patches, and what their scores say of the patches. A window of scale k has k x k patches;
 * windows lie at every place where they are whole, row by row. Private to winclip/. */
#ifndef OKNG_WINCLIP_WINDOWS_H
#define OKNG_WINCLIP_WINDOWS_H

#include <stdint.h>

/* A grid of patches. */
typedef struct okng_patch_grid {
    int32_t rows, columns;
} okng_patch_grid;

/* Windows of scale `scale`, 1 .. the shorter side. */
int64_t okng_windows_count(okng_patch_grid grid, int32_t scale);
/* The first patch of window i. */
void okng_windows_place(okng_patch_grid grid, int32_t scale, int64_t i, int32_t *row, int32_t *column);

/* windows [last - first, 1 + scale * scale, width]: the class token and the patches, row by row, of windows first ..
 * last - 1, from tokens [1 + rows * columns, width]. */
void okng_windows_gather(okng_patch_grid grid, int32_t scale, const float *tokens, int64_t width, int64_t first,
                         int64_t last, float *windows);

/* means [rows, columns]: of each patch the harmonic mean of the scores of all windows that cover it, n / sum(1 / s). A
 * score of 0 makes it 0; where it would not be finite (a score of NaN), it is 0. */
void okng_windows_harmonic(okng_patch_grid grid, int32_t scale, const float *scores, float *means);

/* Of the windows of `scale` that cover a patch the one of the highest score, the first of several. */
int64_t okng_windows_highest(okng_patch_grid grid, int32_t scale, const float *scores, int32_t row, int32_t column);

#endif
