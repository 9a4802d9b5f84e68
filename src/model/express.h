/* A model as a program (program/program.h): from the picture to its result, for exporters. */
#ifndef OKNG_MODEL_EXPRESS_H
#define OKNG_MODEL_EXPRESS_H

#include "model/model.h"

typedef struct okng_express_options {
    bool pixels; /* "input" is uint8 [N, height, width, 3], RGB as okng decodes it; else float32 [N, 3, height, width],
                    the same divided by 255 */
    int64_t batch;      /* pictures at a time; 0 or OKNG_ANY: as many as a run is given */
    bool resize_inside; /* "input" is the picture as it is, and the bank's resize and crop are a part of the program;
                           else it is of the network's input size */
    float threshold_image, threshold_pixel; /* NaN: the bank's own */
    /* With resize_inside: the size of the pictures. The program has the bank's resize bit by bit then, by products with
     * matrices. 0: where the bank resizes all pictures to one size, pictures of any size, which a RESIZE brings there:
     * bilinear, and up to one grey level off, since nothing is rounded between its passes; else those of the bank's
     * good pictures. */
    int32_t picture_height, picture_width;
} okng_express_options;

/* Outputs of the program, in this order: */
#define OKNG_OUTPUT_MAP "anomaly_map"  /* float32 [N, 1, height, width], at the network's input size */
#define OKNG_OUTPUT_SCORE "pred_score" /* float32 [N] */
#define OKNG_OUTPUT_LABEL                                                                                          \
    "pred_label"                     /* bool [N]: NG, which is a score above the threshold, as okng_result_verdict \
                                      */
#define OKNG_OUTPUT_MASK "pred_mask" /* bool [N, 1, height, width]: above the pixels' threshold */
/* Its input, and the constants, float32 [1] each, that its thresholds are. */
#define OKNG_INPUT_PICTURE "input"
#define OKNG_IMAGE_THRESHOLD "image_threshold"
#define OKNG_PIXEL_THRESHOLD "pixel_threshold"

/* Writes the whole model. A picture with a number that is not finite, or whose features are not, has NaN as score and
 * everywhere in its map, the label NG, and a full mask: nobody can say that it is good. What okng_model_inspect gives
 * for the same picture is within 1e-5 of the score and 1e-4 of the map's range. Constants are the model's memory: the
 * program goes before it. *out is NULL on failure.
 * Errors: ARGUMENT of a bank without thresholds where none are given, of an ensemble without ranges; UNSUPPORTED for
 * what has no counterpart, naming it: a method, an option, a resize inside that depends on the picture where nobody
 * says of which size those are, or of any size by another interpolation than the bilinear ones; MISMATCH of a size that
 * does not come to the network's input; those of opening the weights. */
okng_status okng_model_express(const okng_model *model, const okng_express_options *options, okng_program **out,
                               okng_error *error);

/* ---- private to model/ ---- */

/* As okng_method.express. */
typedef okng_status (*okng_express_fn)(void *model, okng_program *program, okng_program_value picture,
                                       okng_program_value *score, okng_program_value *map, okng_error *error);
/* express_resize.c: how a picture comes to the network's input inside a program. */
typedef struct okng_express_resize {
    const okng_build_options *options; /* the bank's */
    okng_placement placement;          /* of the picture */
    bool any_size;                     /* whose sides are not known: its original size means nothing */
} okng_express_resize;
okng_status okng_express_resize_plan(okng_express_resize *resize, const okng_model_info *info,
                                     const okng_express_options *options, okng_error *error);
/* x: float32 [N, 3, height, width] of 0..1; likewise at the network's input size. */
okng_program_value okng_express_resized(const okng_express_resize *resize, okng_program *p, okng_program_value x);

/* express.c: `model` and what it is, framed by input and outputs. */
okng_status okng_frame_express(okng_express_fn express, void *model, const okng_model_info *info,
                               const okng_express_options *options, okng_program **out, okng_error *error);

#endif
