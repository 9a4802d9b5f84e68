/* Areas of a picture that are left out of learning and of scoring: the option ignore-mask. What lies under the mask is
 * painted over before the network sees it, so that nothing of it reaches any score; patches of which the mask covers
 * more than half are neither learnt nor scored; pixels under it are NaN in maps and never NG. */
#ifndef OKNG_FEATURES_IGNORED_H
#define OKNG_FEATURES_IGNORED_H

#include <stdbool.h>

#include "features/patch_place.h"

/* The mask, as runs of a picture of its size. Immutable; may be shared by threads. */
typedef struct okng_ignored {
    int32_t width, height;
    int64_t count; /* of runs, at least 1 */
    int32_t *runs; /* [count, 3]: row, first column, column behind the last; rising, none touches the next */
} okng_ignored;

/* From a picture: what is not black is left out (image/mask.h). Errors: those of decoding; ARGUMENT of a mask that is
 * all black. */
okng_status okng_ignored_load(okng_ignored **out, const char *path, uint64_t max_pixels, okng_error *error);
/* From runs [count, 3], which are copied. Errors: FORMAT where they are not as okng_ignored says; MEMORY. */
okng_status okng_ignored_new(okng_ignored **out, int32_t width, int32_t height, const int32_t *runs, int64_t count,
                             okng_error *error);
/* Of a box of the pictures that the mask is of, whose size is `whole_width` x `whole_height`: the mask of the box
 * alone. *out is NULL where nothing of it is left out. Errors: MISMATCH of a mask of another shape; MEMORY. */
okng_status okng_ignored_cut(okng_ignored **out, const okng_ignored *ignored, const okng_box *box, int32_t whole_width,
                             int32_t whole_height, okng_error *error);
void okng_ignored_free(okng_ignored **ignored); /* NULL is fine; sets it to NULL */

/* Whether both leave out the same; NULL leaves out nothing. */
bool okng_ignored_equal(const okng_ignored *a, const okng_ignored *b);

/* MISMATCH where a picture of this size has another shape than the mask, by more than 2 % of the aspect. One of another
 * size and the same shape is masked by what lies at the same part of its height and width. */
okng_status okng_ignored_check(const okng_ignored *ignored, int32_t width, int32_t height, okng_error *error);
/* Pixels of map [height, width], the picture's at whatever scale, whose centre lies under the mask become `value`. */
void okng_ignored_fill(const okng_ignored *ignored, float *map, int32_t height, int32_t width, float value);

/* What the mask leaves of a network's input [height, width] with a grid of patches. Immutable. */
typedef struct okng_looked_at {
    int32_t height, width, grid_height, grid_width;
    int64_t patches;    /* that are looked at, at least 1 */
    int32_t *cells;     /* [patches] of the grid, rising */
    int32_t *stands_in; /* [grid_height, grid_width]: the patch itself, or for one that is left out the nearest that is
                           looked at, of equally near ones the first */
    uint8_t *painted;   /* [height, width]: 1 where some of what the resize makes the pixel of lies under the mask */
    uint8_t *unseen;    /* [height, width]: 1 where the centre of the pixel does */
} okng_looked_at;
/* *out is NULL where `ignored` is. Errors: ARGUMENT where nothing is left to look at; MISMATCH where pictures of the
 * mask's size do not come to the input size; MEMORY. */
okng_status okng_looked_at_new(okng_looked_at **out, const okng_ignored *ignored, const okng_build_options *options,
                               int32_t height, int32_t width, int32_t grid_height, int32_t grid_width,
                               okng_error *error);
void okng_looked_at_free(okng_looked_at **looked_at); /* NULL is fine; sets it to NULL */

/* Of the network's input [height, width] alone: 1 where the centre of a pixel lies under the mask. *out, malloc'd, is
 * NULL where `ignored` is. Errors: as okng_looked_at_new. */
okng_status okng_ignored_unseen(uint8_t **out, const okng_ignored *ignored, const okng_build_options *options,
                                int32_t height, int32_t width, okng_error *error);

/* For NULL all patches are looked at. The cell of a patch; the patch of a cell, -1 where it is left out. */
int32_t okng_cell_of_patch(const okng_looked_at *looked_at, int64_t patch);
int64_t okng_patch_of_cell(const okng_looked_at *looked_at, int32_t cell);
/* scores [patches] to grid [cells]: a patch that is left out gets that of the nearest one that is looked at, so that
 * beside the mask the map neither falls nor rises by what is under it. For NULL they are copied. */
void okng_spread_scores(const okng_looked_at *looked_at, const float *scores, int64_t cells, float *grid);

#endif
