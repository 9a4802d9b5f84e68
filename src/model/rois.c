#include "model/rois.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/tau.h"
#include "base/memory.h"

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static okng_status open_part(okng_model_rois *rois, size_t i, const okng_bank_source *from,
                             const okng_overrides *overrides, okng_error *error)
{
    okng_rois_part part;
    okng_status status = okng_rois_part_of(&part, from, i, error);
    if (status == OKNG_OK && (okng_bank_source_has(&part.source, OKNG_BANK_ROIS_FILE) ||
                              okng_bank_source_has(&part.source, OKNG_BANK_ENSEMBLE_FILE)))
        status = okng_fail(error, OKNG_ERROR_FORMAT, "%s: the bank of a region has parts itself", part.source.path);
    if (status == OKNG_OK) status = okng_member_open(&rois->members[i], &part.source, overrides, error);
    okng_rois_part_free(&part);
    return status;
}

okng_status okng_model_rois_open(okng_model_rois **out, const okng_bank_source *from, const okng_overrides *overrides,
                                 okng_error *error)
{
    okng_model_rois *rois = *out = calloc(1, sizeof *rois);
    if (!rois) return okng_fail_memory(error, sizeof *rois);
    okng_status status = okng_rois_source_read(&rois->file, from, error);
    for (size_t i = 0; i < rois->file.rois.count && status == OKNG_OK; i++)
        status = open_part(rois, i, from, overrides, error);
    if (status == OKNG_OK) status = okng_tau_source_read(from, &rois->tau, error);
    if (status != OKNG_OK) okng_model_rois_close(out);
    return status;
}

void okng_model_rois_close(okng_model_rois **rois)
{
    if (!rois || !*rois) return;
    for (size_t i = 0; i < OKNG_ROIS_MAX; i++) okng_member_close(&(*rois)->members[i]);
    okng_rois_free(&(*rois)->file.rois);
    okng_tau_free(&(*rois)->tau);
    free(*rois);
    *rois = NULL;
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

/* The pixels of the picture that a box of the region covers, at least one. */
static okng_box box_in_picture(const okng_roi_box *roi, const okng_pose *pose, const okng_box *box,
                               const okng_placement *picture)
{
    double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
    for (int corner = 0; corner < 4; corner++) {
        double x, y;
        okng_place_in_picture(pose, roi->width, roi->height, box->x + (corner & 1 ? box->width : 0),
                              box->y + (corner & 2 ? box->height : 0), &x, &y);
        left = fmin(left, x);
        right = fmax(right, x);
        top = fmin(top, y);
        bottom = fmax(bottom, y);
    }
    const double width = picture->original_width, height = picture->original_height;
    okng_box out = {.x = (int32_t)fmin(fmax(floor(left + 1e-6), 0), width - 1),
                    .y = (int32_t)fmin(fmax(floor(top + 1e-6), 0), height - 1)};
    out.width = (int32_t)fmax(fmin(ceil(right - 1e-6), width) - out.x, 1);
    out.height = (int32_t)fmax(fmin(ceil(bottom - 1e-6), height) - out.y, 1);
    return out;
}

/* ---- scoring ----------------------------------------------------------------------------------------------------- */

/* What scores by the threshold `own` are multiplied by to be scores by the threshold `all`; 1 where one is not known.
 */
static float to_scale(float all, float own)
{
    const float factor = all / own;
    return all > 0 && own > 0 && isfinite(factor) ? factor : 1;
}

/* The score by the threshold `own` as one by `all`, on the same side of it: rounding may not carry it over, and of a
 * threshold of 0 there is no multiple. */
static float bring(float score, float all, float own)
{
    const float scaled = score * to_scale(all, own);
    if (score > own && scaled <= all) return nextafterf(all, INFINITY);
    if (score <= own && scaled > all) return all;
    return scaled;
}

/* Where the window of a region's view lies in the picture. */
static okng_scored_window window_of(const okng_roi_box *box, const okng_pose *pose, const okng_scored *of,
                                    const okng_placement *picture)
{
    okng_scored_window window = of->window;
    if (window.kind == OKNG_WINDOW_NONE) return window;
    const okng_box own = {window.x, window.y, window.width, window.height};
    const okng_box there = box_in_picture(box, pose, &own, picture);
    window.x = there.x;
    window.y = there.y;
    window.width = there.width;
    window.height = there.height;
    return window;
}

/* Adds a region's view of the picture. */
static void put_back(const okng_model_rois *rois, size_t i, const okng_image *rgb, okng_scored *scored)
{
    const okng_tau *all = &rois->tau, *own = &rois->members[i]->file.tau;
    const okng_roi_box *box = &rois->file.rois.boxes[i];
    okng_scored_roi *roi = &scored->rois[i];
    okng_scored *of = roi->of;
    const float pixel = to_scale(all->pixel_computed, own->pixel);
    roi->score = bring(of->score, all->image_computed, own->image);
    if (okng_score_is_higher(roi->score, scored->score)) {
        scored->score = roi->score;
        scored->window = window_of(box, &roi->match.pose, of, &scored->placement);
    }
    for (size_t p = 0; pixel != 1 && p < (size_t)box->width * (size_t)box->height; p++) of->map[p] *= pixel;
    okng_put_back(of->map, box->width, box->height, &roi->match.pose, scored->map, rgb->width, rgb->height);
    for (int stage = 0; stage < OKNG_STAGE_COUNT; stage++) scored->stages.seconds[stage] += of->stages.seconds[stage];
}

static okng_status inspect_region(const okng_model_rois *rois, size_t i, const okng_image *rgb, int threads,
                                  okng_scored *scored, okng_error *error)
{
    const okng_roi_box *box = &rois->file.rois.boxes[i];
    okng_scored_roi *roi = &scored->rois[i];
    okng_image cut = {0};
    roi->of = okng_alloc_zero(1, sizeof *roi->of);
    if (!roi->of) return okng_fail_memory(error, sizeof *roi->of);
    OKNG_TRY(okng_cut_out(rgb, &roi->match.pose, box->width, box->height, &cut, error));
    okng_status status = okng_member_inspect(rois->members[i], &cut, threads, roi->of, error);
    okng_image_free(&cut);
    if (status == OKNG_OK) put_back(rois, i, rgb, scored);
    return status;
}

static okng_status begin(const okng_model_rois *rois, const okng_image *rgb, okng_scored *scored, okng_error *error)
{
    const size_t pixels = (size_t)rgb->width * (size_t)rgb->height;
    *scored = (okng_scored){.score = -INFINITY,
                            .map = okng_alloc(pixels, sizeof *scored->map),
                            .placement = {.original_width = rgb->width, .original_height = rgb->height},
                            .rois = okng_alloc_zero(rois->file.rois.count, sizeof *scored->rois)};
    if (!scored->map || !scored->rois) return okng_fail_memory(error, pixels * sizeof *scored->map);
    scored->roi_count = rois->file.rois.count;
    for (size_t p = 0; p < pixels; p++) scored->map[p] = NAN;
    return OKNG_OK;
}

static okng_status find_all(const okng_model_rois *rois, const okng_image *rgb, int threads, okng_scored *scored,
                            okng_error *error)
{
    okng_match matches[OKNG_ROIS_MAX];
    OKNG_TRY(okng_rois_find(&rois->file.rois, rgb, threads, matches, error));
    for (size_t i = 0; i < scored->roi_count; i++) {
        scored->rois[i].match = matches[i];
        scored->rois[i].found = okng_roi_is_found(&rois->file.rois, &matches[i]);
    }
    return OKNG_OK;
}

okng_status okng_model_rois_inspect(void *rois, const okng_image *rgb, int threads, okng_scored *scored,
                                    okng_error *error)
{
    const okng_model_rois *r = rois;
    okng_status status = begin(r, rgb, scored, error);
    if (status == OKNG_OK) status = find_all(r, rgb, threads, scored, error);
    for (size_t i = 0; i < r->file.rois.count && status == OKNG_OK; i++)
        if (scored->rois[i].found) status = inspect_region(r, i, rgb, threads, scored, error);
    if (status == OKNG_OK && okng_scored_lacks_region(scored)) scored->score = NAN;
    if (status != OKNG_OK) okng_scored_free(scored);
    return status;
}

/* ---- why --------------------------------------------------------------------------------------------------------- */

/* The region whose score is the highest at a place of the picture, and the place in it; false where none is there. */
static bool region_at(const okng_model_rois *rois, const okng_scored *scored, int32_t x, int32_t y, size_t *which,
                      int32_t *column, int32_t *row)
{
    bool any = false;
    float best = -INFINITY;
    for (size_t i = 0; i < scored->roi_count; i++) {
        const okng_roi_box *box = &rois->file.rois.boxes[i];
        double u, v;
        if (!scored->rois[i].found) continue;
        okng_place_in_part(&scored->rois[i].match.pose, box->width, box->height, x + 0.5, y + 0.5, &u, &v);
        if (u < 0 || v < 0 || u >= box->width || v >= box->height) continue;
        const float score = scored->rois[i].of->map[(size_t)v * (size_t)box->width + (size_t)u];
        if (any && !(score > best)) continue;
        any = true;
        best = score;
        *which = i;
        *column = (int32_t)u;
        *row = (int32_t)v;
    }
    return any;
}

okng_status okng_model_rois_explain(const okng_model_rois *rois, const okng_scored *scored, int32_t x, int32_t y,
                                    okng_explanation *out, okng_error *error)
{
    size_t i;
    int32_t column, row;
    *out = (okng_explanation){.patch = {x, y, 1, 1}};
    if (!region_at(rois, scored, x, y, &i, &column, &row)) return OKNG_OK;
    OKNG_TRY(okng_member_explain(rois->members[i], scored->rois[i].of, column, row, out, error));
    out->patch =
        box_in_picture(&rois->file.rois.boxes[i], &scored->rois[i].match.pose, &out->patch, &scored->placement);
    out->source = NULL;
    return OKNG_OK;
}
