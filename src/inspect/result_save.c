#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bank/apart.h"
#include "base/json.h"
#include "inspect/claims.h"
#include "inspect/result.h"
#include "method/window_json.h"
#include "report/report.h"
#include "tensor/array.h"

/* ---- scores.json ---- */

static json_t *region_json(const okng_region *region)
{
    return json_pack("{s:[iiii], s:I, s:f, s:f, s:[ii]}", "box", region->x, region->y, region->width, region->height,
                     "area", (json_int_t)region->area, "length", region->length, "peak", (double)region->peak,
                     "peak_at", region->peak_x, region->peak_y);
}

/* "patch": where the peak is looked at; "near": the good patch that is nearest to it, where that is known. */
static void put_reason(json_t **object, const okng_result *result, size_t i)
{
    okng_reason why = {.struct_size = sizeof why};
    bool known = okng_result_reason(result, i, &why, NULL) == OKNG_OK;
    okng_json_put(object, "patch", known ? json_pack("[iiii]", why.x, why.y, why.width, why.height) : NULL);
    if (!why.near_picture) return;
    json_t *near = json_pack("{s:o, s:[iiii]}", "picture", okng_json_any_text(why.near_picture), "box", why.near_x,
                             why.near_y, why.near_width, why.near_height);
    if (why.turns > 1) okng_json_put(&near, "turned", json_pack("[ii]", why.turn, why.turns));
    okng_json_put(object, "near", near);
}

/* What the mask may hold, where something is said of it, and which of that it passes. */
static void put_limits(json_t **document, const okng_result *result)
{
    const okng_region_limits *limits = &result->limits;
    json_t *told = json_object();
    if (limits->has_min_area) okng_json_put(&told, "min_area", json_integer(limits->min_area));
    if (limits->has_max_length) okng_json_put(&told, "max_length", json_real(limits->max_length));
    if (limits->has_max_count) okng_json_put(&told, "max_count", json_integer(limits->max_count));
    if (json_object_size(told) == 0) {
        json_decref(told);
        return;
    }
    okng_json_put(document, "region_limits", told);
    double found, allowed;
    const okng_region_limit limit = okng_result_exceeded(result, &found, &allowed);
    if (limit != OKNG_LIMIT_NONE)
        okng_json_put(document, "exceeded",
                      json_pack("{s:s, s:f, s:f}", "limit", limit == OKNG_LIMIT_LENGTH ? "max-length" : "max-count",
                                "found", found, "allowed", allowed));
}

/* Numbers are null where they are not known: of a bank without thresholds or without scores of OK pictures; the score
 * of a picture that lacks a region of interest. */
static json_t *result_json(const okng_result *result)
{
    json_t *regions = json_array();
    for (size_t i = 0; i < result->region_count; i++) {
        const okng_region region = okng_result_full_region(result, i);
        json_t *one = region_json(&region);
        put_reason(&one, result, i);
        okng_json_add(&regions, one);
    }
    json_t *document = json_pack(
        "{s:o, s:f, s:o, s:s, s:o, s:[ii], s:o}", "image_score", okng_json_known((double)result->score), "image_tau",
        (double)result->image_tau, "pixel_tau", okng_json_known((double)result->pixel_tau), "verdict",
        okng_verdict_text(okng_result_verdict(result)), "p_value", okng_json_known(result->p_value), "size",
        result->full_width, result->full_height, "regions", regions);
    const okng_scored_window window = okng_result_full_window(result);
    if (window.kind != OKNG_WINDOW_NONE) okng_json_put(&document, "window", okng_window_json(&window));
    if (result->scale > 1) okng_json_put(&document, "scale", json_integer(result->scale));
    if (!isnan(result->review[0]))
        okng_json_put(&document, "review_band",
                      json_pack("[ff]", (double)result->review[0], (double)result->review[1]));
    if (!isnan(result->false_alarm)) okng_json_put(&document, "false_alarm_promised", json_real(result->false_alarm));
    put_limits(&document, result);
    json_t *rois = result->roi_count > 0 ? json_array() : NULL;
    for (size_t i = 0; i < result->roi_count; i++) okng_json_add(&rois, okng_result_roi_json(result, i));
    if (result->roi_count > 0) okng_json_put(&document, "rois", rois);
    if (result->warning[0]) okng_json_put(&document, "warnings", json_pack("[s]", result->warning));
    return document;
}

okng_status okng_result_json(const okng_result *result, char **json, okng_error *error)
{
    OKNG_TRY(okng_need(json, "the place for the text", error));
    *json = NULL;
    OKNG_TRY(okng_need(result, "the result", error));
    json_t *document = result_json(result);
    okng_status status = okng_json_text(document, OKNG_JSON_PRETTY, "the scores", json, NULL, error);
    json_decref(document);
    return status;
}

/* ---- files ---- */

/* Where encoded pictures go. */
typedef struct sink {
    okng_png_fn put;
    void *context;
} sink;

static okng_status put_image(const sink *to, const okng_image *image, const char *name, okng_error *error)
{
    void *data;
    size_t size;
    OKNG_TRY(okng_image_encode_png(image, name, &data, &size, error));
    okng_status status = to->put(to->context, name, data, size, error);
    free(data);
    return status;
}

static okng_status put_side_by_side(const sink *to, const okng_result *result, const okng_image *reference,
                                    const okng_image *overlay, okng_error *error)
{
    okng_image all = {0};
    okng_status status = okng_report_side_by_side(reference, &result->picture, &result->mask, overlay, &all, error);
    if (status == OKNG_OK) status = put_image(to, &all, "side_by_side.png", error);
    okng_image_free(&all);
    return status;
}

static okng_status put_drawn(const sink *to, const okng_result *result, okng_result_picture kind, const char *name,
                             okng_error *error)
{
    okng_image image = {0};
    okng_status status = okng_result_draw(result, kind, &image, error);
    if (status == OKNG_OK) status = put_image(to, &image, name, error);
    okng_image_free(&image);
    return status;
}

okng_status okng_result_encode(const okng_result *result, const okng_image *reference, okng_png_fn put, void *context,
                               okng_error *error)
{
    const sink to = {put, context};
    okng_image overlay = {0};
    OKNG_TRY(put_drawn(&to, result, OKNG_PICTURE_HEAT, "heat_gray.png", error));
    OKNG_TRY(put_drawn(&to, result, OKNG_PICTURE_HEAT_COLOUR, "heat_color.png", error));
    OKNG_TRY(put_image(&to, &result->mask, "mask.png", error));
    okng_status status = okng_result_draw(result, OKNG_PICTURE_OVERLAY, &overlay, error);
    if (status == OKNG_OK) status = put_image(&to, &overlay, "overlay.png", error);
    if (status == OKNG_OK && reference) status = put_side_by_side(&to, result, reference, &overlay, error);
    okng_image_free(&overlay);
    return status;
}

okng_status okng_result_write_png(void *dir, const char *name, const void *data, size_t size, okng_error *error)
{
    char *path = okng_path_join(dir, name);
    if (!path) return okng_fail_memory(error, strlen(dir));
    okng_status status = okng_file_write_remakable(path, data, size, error);
    free(path);
    return status;
}

/* Pictures of a result that are made as they are written. */
typedef struct own_pictures {
    const okng_result *result;
    const okng_image *reference;
} own_pictures;

static okng_status write_own_pictures(void *context, const char *dir, okng_error *error)
{
    const own_pictures *own = context;
    return okng_result_encode(own->result, own->reference, okng_result_write_png, (void *)(uintptr_t)dir, error);
}

static okng_status write_map(const okng_result *result, const char *dir, okng_error *error)
{
    okng_array view = {.dtype = OKNG_F32,
                       .dims = 2,
                       .shape = {result->picture.height, result->picture.width},
                       .data = result->map,
                       .bytes = (size_t)result->picture.height * (size_t)result->picture.width * sizeof(float)};
    char *path = okng_path_join(dir, "map.npy");
    if (!path) return okng_fail_memory(error, strlen(dir));
    okng_status status = okng_array_write_npy(&view, path, error);
    free(path);
    return status;
}

static okng_status write_scores(const okng_result *result, const char *dir, okng_error *error)
{
    char *path = okng_path_join(dir, "scores.json");
    if (!path) return okng_fail_memory(error, strlen(dir));
    json_t *document = result_json(result);
    okng_status status = okng_json_write(document, path, error);
    free(path);
    json_decref(document);
    return status;
}

/* All files of a result. scores.json goes first and comes last: where it is, the rest is complete. */
static const char *const files[] = {"scores.json", "heat_gray.png",    "heat_color.png", "mask.png",
                                    "overlay.png", "side_by_side.png", "map.npy"};
enum { FILES = sizeof files / sizeof files[0] };

const char *okng_result_file(size_t i)
{
    return i < FILES ? files[i] : NULL;
}

bool okng_is_result_file(const char *name)
{
    for (size_t i = 0; i < FILES; i++)
        if (strcmp(name, files[i]) == 0) return true;
    return false;
}

/* What an earlier result left in the folder must not be taken for this one's. */
static okng_status remove_old(const char *dir, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < FILES && status == OKNG_OK; i++) {
        char *path = okng_path_join(dir, files[i]);
        if (!path)
            status = okng_fail_memory(error, strlen(dir));
        else if (unlink(path) != 0 && errno != ENOENT)
            status = okng_fail_errno(error, "replace", path);
        free(path);
    }
    return status;
}

/* All but scores.json. */
static okng_status write_others(const okng_result *result, const char *dir, unsigned flags, okng_pictures_fn pictures,
                                void *context, okng_error *error)
{
    OKNG_TRY(remove_old(dir, error));
    if (flags & OKNG_SAVE_PICTURES) OKNG_TRY(pictures(context, dir, error));
    return flags & OKNG_SAVE_MAP ? write_map(result, dir, error) : OKNG_OK;
}

okng_status okng_result_write_by(const okng_result *result, const char *dir, unsigned flags, okng_pictures_fn pictures,
                                 void *context, okng_error *error)
{
    OKNG_TRY(okng_make_folders(dir, error));
    OKNG_TRY(write_others(result, dir, flags, pictures, context, error));
    return write_scores(result, dir, error);
}

okng_status okng_result_write(const okng_result *result, const char *dir, unsigned flags, const okng_image *reference,
                              okng_error *error)
{
    own_pictures own = {result, reference};
    return okng_result_write_by(result, dir, flags, write_own_pictures, &own, error);
}

okng_status okng_result_need_place(const char *dir, const char *bank, const okng_inputs *inputs, okng_error *error)
{
    OKNG_TRY(okng_need_no_bank(dir, bank, error));
    for (size_t i = 0; i < FILES; i++) OKNG_TRY(okng_inputs_keep(inputs, dir, files[i], error));
    return OKNG_OK;
}

static okng_status need_place(const okng_result *result, const char *dir, const okng_picture *reference,
                              okng_error *error)
{
    okng_file_id ids[2] = {result->given, okng_file_id_of(reference ? reference->path : NULL)};
    okng_inputs inputs = {.files = ids, .count = 2};
    okng_inputs_sort(&inputs);
    return okng_result_need_place(dir, result->bank, &inputs, error);
}

/* No other run is at work in the folder meanwhile. The lock goes before scores.json comes: with that the folder is
 * finished, and no later run would clear what a kill had left of the lock. */
static okng_status save_alone(const okng_result *result, const char *dir, unsigned flags, const okng_image *reference,
                              okng_error *error)
{
    okng_claims claims;
    OKNG_TRY(okng_make_folders(dir, error));
    okng_status status = okng_claims_begin(&claims, dir, true, error);
    if (status == OKNG_OK) status = okng_claims_take(&claims, NULL, 0, error);
    own_pictures own = {result, reference};
    if (status == OKNG_OK) status = write_others(result, dir, flags, write_own_pictures, &own, error);
    okng_claims_end(&claims);
    return status == OKNG_OK ? write_scores(result, dir, error) : status;
}

okng_status okng_result_save(const okng_result *result, const char *dir, unsigned flags, const okng_picture *reference,
                             okng_error *error)
{
    okng_image decoded = {0};
    if (!result || !dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no result or no folder was given");
    OKNG_TRY(need_place(result, dir, reference, error));
    if (reference) OKNG_TRY(okng_image_from_picture(&decoded, reference, result->max_pixels, error));
    okng_status status = save_alone(result, dir, flags, reference ? &decoded : NULL, error);
    okng_image_free(&decoded);
    return status;
}
