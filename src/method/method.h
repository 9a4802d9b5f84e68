/* What a method of inspection is: a row of facts and functions. The methods themselves are folders of their own beside
 * this one; model/methods.h finds them by name, model/ opens their banks. What several methods do alike is here and in
 * features/: learning.h, patchwise.h, thresholds.h. */
#ifndef OKNG_METHOD_METHOD_H
#define OKNG_METHOD_METHOD_H

#include <stdbool.h>

#include "bank/bank_file.h"
#include "bank/knn_stored.h"
#include "base/progress.h"
#include "method/growing.h"
#include "method/lesson.h"
#include "method/scored.h"
#include "method/source.h"
#include "program/program.h"

/* Of the networks as far as they are used. */
typedef struct okng_network_cost {
    int64_t parameters; /* classifier not counted */
    double flops;       /* of one picture: multiply-adds x 2 */
} okng_network_cost;

/* In all functions `bank` is the one that the model was fitted for or opened from, and `weights` are those of its
 * network: the caller's, which live as long as the model, but for those of `open`. */
typedef struct okng_method {
    const char *name;    /* "patchcore", as in options, banks and folders */
    const char *summary; /* one line for people */
    unsigned needs;      /* to fit: OKNG_NEEDS_..., 0 = nothing */

    const char *const *data_files; /* that `save` may write, NULL at the end; other methods' have other names, but
                                      for those that are this one by other defaults */
    const char *const *options;    /* of OKNG_ROW_OF_METHOD, those that it reads; NULL at the end */

    /* Learns. bank->config holds the options, complete and checked, and says which weights they are; filled in are
     * patches, input size, ranges, engine and `data` but for the hashes (okng_learning_open does most of it), and
     * bank->tau where thresholds come from fitting itself (its basis too). Where tau->image_count stays 0, the caller
     * takes them from the scores of the lesson's good pictures, unless tau->source is OKNG_TAU_NONE. `lesson` has what
     * `needs` says. Adds to `report` its stages and `spilled`. The bytes that will be saved do not depend on the number
     * of threads. *model is NULL on failure. Errors: as okng_build. */
    okng_status (*fit)(void **model, okng_bank_file *bank, const okng_weights *weights, const okng_lesson *lesson,
                       okng_ticker *ticker, okng_build_report *report, okng_error *error);
    /* Writes the files that bank->config.data names into `folder`, which is there. */
    okng_status (*save)(const void *model, const okng_bank_file *bank, const char *folder, okng_error *error);

    /* bank->data is open and its hashes agree; `bank` lives as long as the model. *weights becomes the model's, who
     * need not keep it (okng_extractor_pool_own), and is NULL afterwards, but for a failure. *model is NULL on failure.
     * Errors: FORMAT where the files do not hold what the method saves. */
    okng_status (*open)(void **model, const okng_bank_file *bank, okng_weights **weights, okng_error *error);
    void (*close)(void **model); /* NULL is fine; sets it to NULL */
    /* Map and score of one picture. May be called by several threads at a time; `threads` is what one call may use. The
     * result does not depend on it. Errors: as okng_inspect. On failure *scored is zeroed. */
    okng_status (*inspect)(void *model, const okng_image *rgb, int threads, okng_scored *scored, okng_error *error);
    /* The same of `count` pictures, 1..OKNG_EXTRACTOR_AT_ONCE, each of which can fail by itself: for each what
     * `inspect` gives. NULL: one after the other is as good. */
    void (*inspect_few)(void *model, okng_inspection *pictures, int32_t count, int threads);
    /* Like `inspect`, of tile `place` of a picture, where each place has rows of its own
     * (okng_build_options.tile_banks), and of any picture else. NULL: no place has. */
    okng_status (*inspect_place)(void *model, int32_t place, const okng_image *rgb, int threads, okng_scored *scored,
                                 okng_error *error);
    /* What its networks cost; they are compiled where they are not yet. May be called by several threads at a time. */
    okng_status (*describe)(void *model, okng_network_cost *cost, okng_error *error);
    /* Where row `i` of what was learnt came from; false where that is not known. NULL: it never is. */
    bool (*source)(const void *model, int64_t i, okng_source *source);
    /* Writes what `inspect` does behind the resize into `program`: the same numbers but for rounding. picture: float32
     * [N, 3, height, width] of the network's input size, RGB of 0..1, finite, not yet normalised. Gives *score float32
     * [N] and *map float32 [N, 1, height, width], scored.input_map; both are NaN of a picture whose features are not
     * finite. Constants may be the model's memory, so the program goes before it. NULL: the method cannot be written
     * down. Errors: UNSUPPORTED, naming the option or operator that has no counterpart; those of opening weights that
     * were let go of. */
    okng_status (*express)(void *model, okng_program *program, okng_program_value picture, okng_program_value *score,
                           okng_program_value *map, okng_error *error);
    /* What was made of the data files and takes a while to make, so that a recipe keeps it: borrowed from the model.
     * `open` finds it by okng_bank_file_packed. NULL: there is nothing of the kind. Errors: MEMORY. */
    okng_status (*prepare)(void *model, int threads, okng_knn_stored *stored, okng_error *error);
    /* A recipe keeps the whole weight file, under its own names: the method looks at more of it than the layers that
     * the options name. */
    bool whole_weights;
    /* Several processes may fit one model: `fit` is called by all of them at once with the same arguments, and goes
     * through the same steps (okng_ranks_together). Else rank 0 fits alone. */
    bool fits_together;
    /* How banks of it grow; NULL: they do not. */
    const okng_growing *growing;
} okng_method;

/* ARGUMENT where the lesson lacks what the method needs, LIMIT where it has more pictures than can be counted. */
okng_status okng_method_check(const okng_method *method, const okng_lesson *lesson, okng_error *error);

/* ARGUMENT where an option that only other methods read is not as the options' preset and backbone have it: somebody
 * set it. */
okng_status okng_method_check_options(const okng_method *method, const okng_build_options *options, okng_error *error);
/* Whether the network can be run here as `options` say: ARGUMENT for an unknown device, UNSUPPORTED for a precision
 * that the machine has no instructions for. */
okng_status okng_method_check_engine(const okng_build_options *options, okng_error *error);
/* Whether the method reads the build option of this name. */
bool okng_method_reads(const okng_method *method, const char *option);

/* A stage of fitting that took from *since until now; sets *since to now. More than OKNG_MAX_STAGES are not kept. */
void okng_report_stage(okng_build_report *report, const char *name, double *since);

#endif
