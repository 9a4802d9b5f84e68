/* A picture to its patch vectors, and scores of patches to a map, written into a program (program/program.h): what the
 * extractor and anomaly_map.h compute. */
#ifndef OKNG_FEATURES_EXPRESS_H
#define OKNG_FEATURES_EXPRESS_H

#include "features/extractor.h"
#include "patch/patcher.h"
#include "program/program.h"

/* The patch vectors of pictures. What is not finite there is made so, before anything is compared: `undefined` says of
 * which picture. */
typedef struct okng_express_patches {
    okng_program_value rows;       /* float32 [N, count, dim]; a vector that was not finite is 0 */
    okng_program_value undefined;  /* bool [N]: a vector was not finite */
    okng_program_value foreground; /* bool [N, patches]: the others cannot be anomalous; OKNG_PROGRAM_NONE = all can */
    int32_t grid_height, grid_width;
    int64_t count; /* of patches: those that are looked at */
    int64_t dim;
    int32_t height, width;    /* of the network's input */
    bool masked;              /* some of the grid's patches are left out, and the next two are there */
    okng_program_value cells; /* int64 [grid_height * grid_width]: whose score each cell of the grid has */
    okng_program_value seen;  /* float32 [1, 1, height, width]: 0 where the map is to be */
} okng_express_patches;

/* picture: float32 [N, 3, height, width], RGB of 0..1, not yet normalised. ignored: NULL = nothing; what is left out
 * becomes constants of the program. Weights may go afterwards. Errors:
 * UNSUPPORTED for a precision that a program has no counterpart of, and for a foreground of many patches of many
 * dimensions, naming the option; those of
 * okng_extractor_new and of okng_program_lower. */
okng_status okng_extractor_express(const okng_build_options *options, const okng_weights *weights,
                                   const okng_ignored *ignored, int32_t height, int32_t width, okng_program *p,
                                   okng_program_value picture, okng_express_patches *patches, okng_error *error);

/* (picture - mean) / std of [N, 3, height, width], by channel. */
okng_program_value okng_normalise_express(okng_program *p, const okng_build_options *options,
                                          okng_program_value picture);

/* express_patches.c: maps[i] float32 [N, C, H, W] of shapes[i] = {C, H, W} to vectors [N, patches, dim], as
 * okng_patcher_run makes them. Errors: those of okng_patcher_new; LIMIT. */
okng_status okng_patches_express(const okng_build_options *options, const int64_t (*shapes)[3], okng_program *p,
                                 const okng_program_value *maps, okng_program_value *rows, okng_error *error);

/* express_foreground.c: which patches of rows [N, height * width, dim], finite, show the part, as okng_foreground_find
 * says, but for what lies within rounding of its threshold: bool [N, height * width]. */
okng_program_value okng_foreground_express(okng_program *p, okng_program_value rows, int32_t height, int32_t width,
                                           int64_t dim);
/* scores [N, patches], 0 off the foreground: as okng_scores_mask. */
okng_program_value okng_masked_express(okng_program *p, const okng_express_patches *patches, okng_program_value scores);

/* express_map.c: scores [N, count] to the map [N, 1, height, width], as okng_scored_fill makes its input_map:
 * both steps are one matrix an axis. Errors: those of okng_map_matrix. */
okng_status okng_map_express(okng_program *p, const okng_express_patches *patches, float smoothing,
                             okng_program_value scores, okng_program_value *map, okng_error *error);
/* undefined: bool [N]. Makes NaN of the score [N] and of the whole map [N, 1, height, width] of such pictures: nobody
 * shall take for good what could not be computed. */
void okng_undefined_express(okng_program *p, okng_program_value undefined, okng_program_value *score,
                            okng_program_value *map);

#endif
