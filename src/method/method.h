/* What a method is: a table of operations. The methods themselves are found by name in model/methods.h.
 *
 * A method learns from good pictures and leaves what it learnt in a folder (`fit`; a method that learns nothing leaves
 * what it was set up with). The folder is opened as a model, which scores pictures. */
#ifndef OKNG_METHOD_METHOD_H
#define OKNG_METHOD_METHOD_H

#include <stdbool.h>

#include "bank/bank_file.h"
#include "base/progress.h"
#include "features/placement.h"
#include "features/stages.h"
#include "image/image.h"

/* What is found in one picture. */
typedef struct okng_scored {
    float score; /* of the whole picture */
    float *map;  /* [placement.original_height, placement.original_width]: the picture's size; NaN where nothing was
                    looked at (outside a centre crop) */
    float *input_map; /* [placement.height, placement.width]: the same at the network's input size, all finite */
    okng_placement placement;
    okng_stages stages; /* all but decode, which is the caller's */
} okng_scored;
void okng_scored_free(okng_scored *scored); /* zeroed is fine; zeroes it */

/* What a model is. Pointers are the model's. */
typedef struct okng_model_info {
    const okng_tau *tau;
    int32_t input_height, input_width; /* of the network */
    int64_t rows, dim;                 /* of the memory bank; 0 where there is none */
    uint64_t bytes;                    /* of what was learnt */
    const char *backbone;              /* of the first member, where there are several */
    int64_t parameters;                /* of the networks, as far as they are used; classifier not counted */
    double flops;                      /* of one picture through the networks: multiply-adds x 2 */
    okng_build_options const *options; /* that it was made with (of the first member) */
} okng_model_info;

typedef struct okng_method {
    const char *name;
    const char *summary; /* one line for people */

    /* Learns from `count` good pictures, writes the folder `dir`; `options` are complete and checked, with a network
     * chosen. */
    okng_status (*fit)(const char *const *pictures, size_t count, const char *dir, const okng_build_options *options,
                       okng_ticker *ticker, okng_build_report *report, okng_error *error);
    /* `weights` overrides the recorded weight file, or NULL. */
    okng_status (*open)(void **model, const char *dir, const char *weights, okng_error *error);
    void (*close)(void **model);
    /* May be called by several threads at a time; `threads` is what one call may use. The result does not depend on it.
     * Errors: as okng_inspect. On failure *scored is zeroed. */
    okng_status (*score)(void *model, const okng_image *rgb, int threads, okng_scored *scored, okng_error *error);
    okng_status (*describe)(void *model, okng_model_info *info, okng_error *error);
    /* NULL for most. Looks at all pictures of a test set before the first is scored, where the method's scores depend
     * on them (an ensemble's normalisation), and keeps what it learnt in the folder; *changed: scores are others now,
     * so thresholds must be taken anew. `ticker` may be NULL. Not while another thread uses the model. */
    okng_status (*survey)(void *model, const char *dir, const char *const *pictures, size_t count, int threads,
                          okng_ticker *ticker, bool *changed, okng_error *error);
    /* Replaces the thresholds of the model and of its folder. Takes over what `tau` owns, on failure too. Not while
     * another thread uses the model. */
    okng_status (*set_tau)(void *model, const char *dir, okng_tau *tau, okng_error *error);
} okng_method;

/* thresholds.c: scores good pictures that were not learned and takes the thresholds from them, at the quantiles of the
 * model's options; see set_tau. `ticker` hears the stage "calibration". Errors: as score, naming the picture. */
okng_status okng_method_calibrate(const okng_method *method, void *model, const char *dir, const char *const *pictures,
                                  size_t count, int threads, okng_ticker *ticker, okng_error *error);

#endif
