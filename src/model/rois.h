/* A bank with regions of interest: they are looked for in a picture, cut out, each inspected by its own bank, and what
 * is found is put back to its place. Private to model/; others see an okng_model. */
#ifndef OKNG_MODEL_ROIS_H
#define OKNG_MODEL_ROIS_H

#include "bank/rois_file.h"
#include "model/explain.h"
#include "model/member.h"

/* Scores of the regions' banks differ in scale, so each is brought to that of tau.json of all: multiplied by what the
 * image threshold of all was computed as, over the image threshold of the region's bank; maps by the pixel thresholds,
 * alike. A threshold that is chosen in a region's bank so weighs that region; one that is chosen for all, all of them.
 * A bank with one region has scores as its region's bank. */
typedef struct okng_model_rois {
    okng_rois_file file;
    okng_member *members[OKNG_ROIS_MAX]; /* [file.rois.count] */
    okng_tau tau;
} okng_model_rois;

/* `overrides` are for every region's bank. Errors: as okng_bank_open. */
okng_status okng_model_rois_open(okng_model_rois **out, const okng_bank_source *from, const okng_overrides *overrides,
                                 okng_error *error);
void okng_model_rois_close(okng_model_rois **rois);

/* An okng_inspect_fn; `rois` is an okng_model_rois. A region that is not found is told in *scored, and is no error. */
okng_status okng_model_rois_inspect(void *rois, const okng_image *rgb, int threads, okng_scored *scored,
                                    okng_error *error);

/* As okng_member_explain, of the region that the place lies in. Places in good pictures are not told: what was learnt
 * is known by its place in a region that was cut out. */
okng_status okng_model_rois_explain(const okng_model_rois *rois, const okng_scored *scored, int32_t x, int32_t y,
                                    okng_explanation *out, okng_error *error);

#endif
