/* A model: what a method learnt, opened from its folder. The one handle for all methods, for ensembles of them, and for
 * banks of the regions of a picture. */
#ifndef OKNG_MODEL_MODEL_H
#define OKNG_MODEL_MODEL_H

#include "align/rois.h"
#include "method/method.h"
#include "model/explain.h"

/* May be shared by threads but for what says otherwise. */
typedef struct okng_model okng_model;

/* Opens the folder of a bank or of an ensemble, or a recipe of one. `weights` overrides the recorded weight file, or
 * the recipe's own weights (in an ensemble those of the members whose it is), or NULL. Errors: as okng_bank_open;
 * NOT_FOUND of a method that is not known. */
okng_status okng_model_open(okng_model **out, const char *path, const char *weights, okng_error *error);
/* How a model is run. */
typedef struct okng_run_options {
    const char *weights; /* as above */
    const char *device;  /* in place of the one that the bank records, or NULL */
    bool whole;          /* by the device as one graph, from the network's input to map and score (engine/whole.h) */
    int threads;         /* of that graph, for all pictures that are in it at once; 0 = as many as there are cores */
} okng_run_options;
/* Opens as okng_model_open does, to be run so. Errors: as there; of the device those of okng_engine_supports; of a
 * whole those of okng_model_express and okng_engine_whole_compile. */
okng_status okng_model_open_to_run(okng_model **out, const char *path, const okng_run_options *options,
                                   okng_error *error);
/* Opens a recipe that was signed with the private key that goes with the public one in the file `key`, and checks all
 * of it. Errors: those of okng_recipe_verify; ARGUMENT of what is no recipe. */
okng_status okng_model_open_signed(okng_model **out, const char *path, const char *key, okng_error *error);
/* Learns as okng_model_build does (build.h), into memory: no folder is written, and the model has no place. Errors: as
 * there. */
okng_status okng_model_make(okng_model **out, const okng_lesson *lesson, const okng_build_options *options,
                            okng_ticker *ticker, okng_build_report *report, okng_error *error);
void okng_model_close(okng_model **model); /* NULL is fine; sets it to NULL */

/* What a model is. Pointers are the model's. */
typedef struct okng_model_info {
    const okng_method *method; /* this and the next two of the first member, where there are several */
    const char *backbone;
    const okng_build_options *options; /* that it was made with */
    const okng_tau *tau;
    int32_t input_height, input_width;     /* of the network */
    int32_t picture_height, picture_width; /* of the good picture of middle aspect; 0 where the bank does not say */
    bool one_shape;                        /* the resize is that of the shape that the good pictures share */
    uint64_t pictures;                     /* learnt from; 0 of an imported model */
    int64_t rows, dim;                     /* of what was learnt, as the bank's data files say; rows of all members, or
                                              of all regions */
    uint64_t bytes;                        /* likewise, as float32 */
    size_t members;                        /* of an ensemble; 0 = a bank of its own */
    size_t regions;                        /* of interest, each with a bank; 0 = whole pictures are looked at */
    bool ready;                            /* pictures can be inspected: always but for an ensemble that was imported
                                              without OK pictures, which has no ranges until okng_model_survey */
    okng_network_cost cost;                /* of all members; 0 where okng_model_look was asked */
} okng_model_info;
/* Absolute path of its folder, as it was when it was opened; NULL of one that was made in memory. */
const char *okng_model_place(const okng_model *model);
/* Whether it was opened by okng_model_open_signed. */
bool okng_model_is_signed(const okng_model *model);
/* How it was opened. Texts are the model's. */
okng_run_options okng_model_run_options(const okng_model *model);
/* All but the cost. Compiles nothing. */
okng_model_info okng_model_look(const okng_model *model);
/* All. Errors: those of compiling the network. */
okng_status okng_model_describe(const okng_model *model, okng_model_info *info, okng_error *error);

/* Name and place of region i < regions, in pixels of the picture that it was drawn on; the model's. */
const okng_roi_box *okng_model_region(const okng_model *model, size_t i);

/* UNSUPPORTED, saying what to give instead, where the model has regions. */
okng_status okng_model_need_whole(const okng_model *model, okng_error *error);

/* Map and score of one picture, by `threads` threads, on which the result does not depend. Errors: as okng_inspect. On
 * failure *scored is zeroed. */
okng_status okng_model_inspect(const okng_model *model, const okng_image *rgb, int threads, okng_scored *scored,
                               okng_error *error);

/* How many pictures at a time are faster than one by one, 1..OKNG_EXTRACTOR_AT_ONCE; few, so that memory stays bounded.
 */
int32_t okng_model_at_once(const okng_model *model);
/* The same of `count` pictures, 1..okng_model_at_once, each of which can fail by itself: for each what
 * okng_model_inspect gives. */
void okng_model_inspect_few(const okng_model *model, okng_inspection *pictures, int32_t count, int threads);

/* Whether the recipe that the model was opened from, if it was, still holds what it did then: to be asked after the
 * constants of okng_model_express were read, and before anything comes of them. IO where it does not. */
okng_status okng_model_settled(const okng_model *model, okng_error *error);

/* Why pixel (x, y) of the picture that `scored` is of is anomalous. An ensemble does not tell. *out stays where it is.
 * Errors: ARGUMENT. */
okng_status okng_model_explain(const okng_model *model, const okng_scored *scored, int32_t x, int32_t y,
                               okng_explanation *out, okng_error *error);

/* Where row `i` of what was learnt came from, in an ensemble of the first member's; false where that is not known. */
bool okng_model_source(const okng_model *model, int64_t i, okng_source *source);

/* The same of a bank with regions too, in it of the first region: which picture the row came from. The place in it then
 * counts in the region that was cut out. */
bool okng_model_picture_of(const okng_model *model, int64_t i, okng_source *source);

/* Looks at all pictures of a test set before the first is scored, where scores depend on them: the ranges that an
 * ensemble's members are normalised by. They are kept in the folder. *changed: scores are others now, so thresholds
 * must be taken anew. Nothing for a bank of its own. `ticker` (may be NULL) hears the stage "ranges". Not while another
 * thread uses the model. Errors: those of inspecting, ARGUMENT, IO, CANCELLED. */
okng_status okng_model_survey(okng_model *model, const okng_pictures *pictures, int threads, okng_ticker *ticker,
                              bool *changed, okng_error *error);
/* Takes the thresholds anew, from scoring good pictures that were not learnt (at least one), and keeps them in the
 * folder. `ticker` (may be NULL) hears the stage "calibration". Not while another thread uses the model. Errors: those
 * of inspecting, naming the picture; IO, CANCELLED. */
okng_status okng_model_calibrate(okng_model *model, const okng_pictures *pictures, int threads, okng_ticker *ticker,
                                 okng_error *error);

#endif
