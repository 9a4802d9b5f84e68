/* What is found in one picture. */
#ifndef OKNG_METHOD_SCORED_H
#define OKNG_METHOD_SCORED_H

#include "align/find.h"
#include "features/placement.h"
#include "features/stages.h"
#include "features/tiles.h"
#include "image/image.h"

/* Which of the windows that a picture was looked at through says most for the highest place of its map. */
typedef enum okng_window_kind {
    OKNG_WINDOW_NONE = 0, /* the method has no windows */
    OKNG_WINDOW_WORDS,    /* by what words say of it */
    OKNG_WINDOW_PICTURES  /* by how it differs from all windows of good pictures */
} okng_window_kind;
typedef struct okng_scored_window {
    okng_window_kind kind;
    int32_t scale;                      /* its side in patches; 0 = the whole picture, or tile */
    int32_t row, column, rows, columns; /* its patches, of the grid of the picture, or tile */
    int32_t x, y, width, height;        /* the same in pixels of the picture */
    float score;                        /* of it alone, before windows and scales are joined */
    int32_t depth; /* blocks of the network behind which it was seen; 0 = all, or the method has no depths */
} okng_scored_window;

/* Fills in x, y, width and height from the patches, of a grid [grid_height, grid_width] over what `placement` is of;
 * that begins at (x, y) of the picture. */
void okng_scored_window_place(okng_scored_window *window, const okng_placement *placement, int32_t grid_height,
                              int32_t grid_width, int32_t x, int32_t y);

/* What was found in one of the tiles of a picture. */
typedef struct okng_scored_tile {
    okng_placement placement; /* of the tile */
    int32_t *nearest;         /* as of okng_scored */
} okng_scored_tile;

/* One of the regions of interest that a bank looks for in a picture. */
typedef struct okng_scored_roi {
    okng_match match;       /* the best, found or not */
    bool found;             /* else the rest has no meaning */
    float score;            /* brought to the scale of all regions: above the image threshold is NG */
    struct okng_scored *of; /* what its own bank says of it as it was cut out, owned */
} okng_scored_roi;

typedef struct okng_scored {
    float score; /* of the whole picture */
    float *map;  /* [placement.original_height, placement.original_width]: the picture's size; NaN where nothing was
                    looked at (outside a centre crop, under an ignore mask) */
    float *input_map; /* [placement.height, placement.width]: the same at the network's input size, all finite: 0 under
                         an ignore mask */
    okng_placement placement;
    int32_t grid_height, grid_width; /* of the patches; 0 where there are none */
    int32_t *nearest; /* [grid_height, grid_width]: the row of what was learnt that is nearest to each, -1
                         where there is none; NULL where there are no patches */
    /* Of a picture that was looked at in tiles, row by row: grid and placement are those of a tile, `nearest` is NULL,
     * `input_map` too where there are several, and `map` is [map_height, map_width]. NULL: it was looked at whole. */
    okng_scored_tile *tiles;
    okng_tile_grid tiling;
    int32_t map_height, map_width;
    okng_stages stages; /* all but decode, which is the caller's */
    okng_scored_window window;
    okng_scored_roi *rois; /* [roi_count] of a bank with regions, owned: the score is the highest of theirs and NaN
                              where one is not found; the map is theirs, put back, NaN outside; there is no input_map */
    size_t roi_count;      /* 0: the bank looks at whole pictures */
} okng_scored;
void okng_scored_free(okng_scored *scored); /* zeroed is fine; zeroes it */
/* A picture to inspect, and what came of it: one of several that are inspected together. All but the picture is zeroed
 * before. */
typedef struct okng_inspection {
    const okng_image *rgb;
    okng_scored scored; /* zeroed on failure */
    okng_status status;
    okng_error error;
} okng_inspection;
/* All that have not failed yet fail so: without memory for them together, or a network, none is inspected. */
void okng_inspections_fail(okng_inspection *pictures, int32_t count, okng_status status, const okng_error *why);
/* What came of it, as a function for one picture gives it. */
okng_status okng_inspection_give(const okng_inspection *one, okng_scored *scored, okng_error *error);
/* Whether the score of a part of a picture takes the place of the highest of the parts before: a higher one does, and
 * one that is no number, whose place none takes. */
bool okng_score_is_higher(float score, float highest);
/* Whether a region of interest is not in the picture. */
bool okng_scored_lacks_region(const okng_scored *scored);

/* Makes both maps for scored->placement from scores [grid_height, grid_width]: brought to the input size, smoothed by a
 * Gaussian of `smoothing` pixels there, put back into the picture. What fails leaves nothing to be freed but by
 * okng_scored_free. Errors: MEMORY. */
okng_status okng_scored_fill(okng_scored *scored, const float *scores, int32_t grid_height, int32_t grid_width,
                             float smoothing, okng_error *error);

/* How a picture is scored: a method's `inspect`, or what stands for it. */
typedef okng_status (*okng_inspect_fn)(void *model, const okng_image *rgb, int threads, okng_scored *scored,
                                       okng_error *error);

#endif
