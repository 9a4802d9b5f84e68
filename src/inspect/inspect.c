#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bank/conformal.h"
#include "bank/review.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/sized.h"
#include "features/extractor.h"
#include "features/preprocess.h"
#include "image/morphology.h"
#include "inspect/result.h"
#include "options/options.h"

/* NaN where neither the bank nor the options have one. */
static float image_threshold(const okng_tau *tau, const okng_inspect_options *options)
{
    if (!isnan(options->threshold_image)) return options->threshold_image;
    if (isnan(options->false_alarm)) return tau->image;
    return okng_conformal_threshold(tau->image_scores, tau->image_count, options->false_alarm);
}

/* The bank's band was set around the bank's threshold, so who gives another threshold gets no band with it. */
static okng_status set_review(const okng_tau *tau, const okng_inspect_options *options, okng_result *result,
                              okng_error *error)
{
    result->review[0] = result->review[1] = NAN;
    if (!isnan(options->review_rate)) {
        float width;
        OKNG_TRY(okng_review_width(tau->image_scores, tau->image_count, result->image_tau, options->review_rate, &width,
                                   error));
        result->review[0] = result->image_tau - width;
        result->review[1] = result->image_tau + width;
    } else if (!isnan(options->review[0])) {
        if (isinf(options->review[0])) return OKNG_OK;
        memcpy(result->review, options->review, sizeof result->review);
    } else if (tau->has_review && isnan(options->threshold_image) && isnan(options->false_alarm)) {
        memcpy(result->review, tau->review, sizeof result->review);
    }
    return OKNG_OK;
}

static okng_status set_thresholds(const okng_tau *tau, const okng_inspect_options *options, okng_result *result,
                                  okng_error *error)
{
    result->heat_low = tau->pixel_low;
    result->heat_threshold = tau->pixel;
    result->pixel_tau = isnan(options->threshold_pixel) ? tau->pixel : options->threshold_pixel;
    result->image_tau = image_threshold(tau, options);
    bool by_rate = isnan(options->threshold_image) && !isnan(options->false_alarm);
    result->false_alarm = by_rate ? okng_conformal_promise(tau->image_count, options->false_alarm) : (double)NAN;
    return set_review(tau, options, result, error);
}

static okng_status check_review(const okng_tau *tau, const okng_inspect_options *options, okng_error *error)
{
    if (isnan(options->review_rate)) return OKNG_OK;
    if (!isnan(options->review[0]))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "review and review-rate are two ways to say one band; give one");
    if (tau->image_count > 0) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_ARGUMENT,
        "the bank has no scores of OK pictures to take a review-rate from, because it was made without any; "
        "give the band itself as review");
}

okng_status okng_inspect_ready(const okng_bank *bank, const okng_inspect_options *options, okng_error *error)
{
    if (!okng_model_look(bank->model).ready)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "an ensemble that was imported without OK pictures has no ranges to normalise its scores by; "
                         "import it again and give it some");
    OKNG_TRY(check_review(okng_model_look(bank->model).tau, options, error));
    if (!isnan(image_threshold(okng_model_look(bank->model).tau, options))) return OKNG_OK;
    const char *lacks = isnan(options->false_alarm) ? "thresholds" : "scores of OK pictures for a false-alarm rate";
    if (okng_model_look(bank->model).pictures > 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "the bank has no %s, because it was made of one OK part alone, which leaves none to hold it "
                         "against; give a threshold-image, or make it again with some",
                         lacks);
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "the bank has no %s, because it was made without OK pictures; give a threshold-image, or make it "
                     "again with some",
                     lacks);
}

/* Without a scale of the bank's, a heat map has the picture's own. */
static void scale_heat(okng_result *result)
{
    float low = INFINITY, high = -INFINITY;
    size_t pixels = (size_t)result->picture.width * (size_t)result->picture.height;
    for (size_t i = 0; i < pixels; i++) {
        if (result->map[i] < low) low = result->map[i];
        if (result->map[i] > high) high = result->map[i];
    }
    if (isnan(result->heat_low)) result->heat_low = isfinite(low) ? low : 0;
    if (isnan(result->heat_threshold)) result->heat_threshold = isfinite(high) ? low + (high - low) / 2 : 1;
}

/* Those that are given, else those that the bank keeps. */
static void set_limits(const okng_tau *tau, const okng_inspect_options *options, okng_region_limits *limits)
{
    *limits = tau->limits;
    if (options->min_area >= 0) limits->min_area = options->min_area;
    if (!isnan(options->max_length)) limits->max_length = options->max_length;
    if (options->max_count >= 0) limits->max_count = options->max_count;
    limits->has_min_area |= options->min_area >= 0;
    limits->has_max_length |= !isnan(options->max_length);
    limits->has_max_count |= options->max_count >= 0;
}

static double longest_region(const okng_result *result)
{
    double longest = 0;
    for (size_t i = 0; i < result->region_count; i++)
        longest = fmax(longest, okng_result_full_region(result, i).length);
    return longest;
}

/* Whether the mask holds what a part may not have. */
static okng_region_limit find_exceeded(const okng_result *result)
{
    const okng_region_limits *limits = &result->limits;
    if (limits->has_max_length && longest_region(result) > limits->max_length) return OKNG_LIMIT_LENGTH;
    if (limits->has_max_count && (int64_t)result->region_count > limits->max_count) return OKNG_LIMIT_COUNT;
    return OKNG_LIMIT_NONE;
}

/* Of a part that is OK all the same. */
static void clear_mask(okng_result *result)
{
    memset(result->mask.pixels, 0, (size_t)result->mask.width * (size_t)result->mask.height);
    free(result->regions);
    result->regions = NULL;
    result->region_count = 0;
}

/* Radii and areas are in pixels of the picture that was given. */
static okng_status make_mask(okng_result *result, const okng_inspect_options *options, okng_error *error)
{
    const int32_t n = result->scale;
    const int64_t area = result->limits.has_min_area ? result->limits.min_area : 0;
    const int64_t least = area / n / n + (area % ((int64_t)n * n) > 0);
    OKNG_TRY(okng_image_new(&result->mask, result->picture.width, result->picture.height, 1, error));
    size_t pixels = (size_t)result->mask.width * (size_t)result->mask.height;
    /* NaN is not above any threshold: what was not seen is not NG. */
    for (size_t i = 0; i < pixels; i++) result->mask.pixels[i] = result->map[i] > result->pixel_tau ? 255 : 0;
    OKNG_TRY(okng_mask_open(&result->mask, (options->open_radius + n / 2) / n, error));
    OKNG_TRY(okng_mask_close(&result->mask, (options->close_radius + n / 2) / n, error));
    for (size_t i = 0; i < pixels; i++) /* nor is it after closing */
        result->mask.pixels[i] = isnan(result->map[i]) ? 0 : result->mask.pixels[i];
    OKNG_TRY(okng_mask_regions(&result->mask, result->map, least, &result->regions, &result->region_count, error));
    result->exceeded = find_exceeded(result);
    if (result->mask_ok == OKNG_MASK_OK_NONE && okng_result_verdict(result) == OKNG_VERDICT_OK) clear_mask(result);
    return OKNG_OK;
}

/* What a large picture is made smaller by. */
typedef struct smaller {
    const okng_build_options *build;
    uint64_t pixels;
} smaller;

static int32_t part(int32_t side, int32_t n)
{
    return (side + n - 1) / n;
}

/* The least n that brings a picture of more than `pixels` to at most a quarter of them. */
static int32_t part_of(int32_t width, int32_t height, uint64_t pixels)
{
    int32_t n = 1;
    if ((uint64_t)width * (uint64_t)height <= pixels) return n;
    while ((uint64_t)part(width, n) * (uint64_t)part(height, n) > (pixels + 3) / 4) n++;
    return n;
}

/* An okng_shrink_fn: for the results, and for the network, where that sees the same in both. */
static int shrink(const void *context, int32_t width, int32_t height, okng_shrunk to[2])
{
    const smaller *s = context;
    const int32_t n = part_of(width, height, s->pixels);
    if (n == 1) return 0;
    okng_shrunk network[2];
    if (okng_preprocess_shrink(s->build, width, height, network) == 0) return 0;
    to[1] = network[0];
    to[0] = (okng_shrunk){part(width, n), part(height, n), OKNG_BILINEAR};
    if (to[0].width >= width || to[0].height >= height) return 0;
    return okng_preprocess_may_shrink(s->build, width, height, to[0].width, to[0].height) ? 2 : 0;
}

/* A picture whose aspect is further than this from that of the good pictures is told of: it is stretched to theirs. */
static const double odd_aspect = 1.05;

static void warn_of_shape(okng_result *result, const okng_model_info *model)
{
    if (!model->one_shape || model->picture_width < 1) return;
    double aspect = (double)result->full_width / result->full_height;
    double known = (double)model->picture_width / model->picture_height;
    if (aspect <= known * odd_aspect && known <= aspect * odd_aspect) return;
    size_t used = strlen(result->warning);
    (void)snprintf(result->warning + used, sizeof result->warning - used,
                   "%sits %d x %d pixels are stretched to the shape of the good pictures, %d x %d",
                   used > 0 ? "; " : "", (int)result->full_width, (int)result->full_height, (int)model->picture_width,
                   (int)model->picture_height);
}

/* Of a picture that is looked at in tiles the whole, where its results are smaller. */
static okng_status put_aside(okng_result *result, okng_image *whole, const okng_inspect_options *options,
                             okng_error *error)
{
    okng_image small, *picture = &result->picture;
    const int32_t n = part_of(picture->width, picture->height, options->result_pixels);
    if (n == 1) return OKNG_OK;
    OKNG_TRY(
        okng_image_resize(picture, part(picture->width, n), part(picture->height, n), OKNG_BILINEAR, &small, error));
    *whole = *picture;
    *picture = small;
    return OKNG_OK;
}

/* Decodes the picture, a large one smaller. An ensemble's members need not agree on what they see, and regions are
 * looked for in the whole. */
static okng_status take_picture(okng_result *result, const okng_bank *bank, const okng_picture *picture,
                                const okng_inspect_options *options, okng_error *error)
{
    const okng_model_info model = okng_model_look(bank->model);
    const smaller small = {model.options, options->result_pixels};
    const int32_t bits = okng_bits_of(model.options->bit_depth);
    okng_image *resized = okng_alloc_zero(1, sizeof *resized);
    if (!resized) return okng_fail_memory(error, sizeof *resized);
    okng_decoding how = {.max_pixels = options->max_pixels,
                         .bit_depth = bits,
                         .shrink = model.members == 0 && model.regions == 0 ? shrink : NULL,
                         .shrink_context = &small,
                         .second = resized};
    okng_status status = okng_image_take(&result->picture, picture, &how, error);
    if (status == OKNG_OK && model.options->tile_height > 0) status = put_aside(result, resized, options, error);
    if (status == OKNG_OK) result->given = okng_file_id_of(picture->path);
    result->picture.resized = resized;
    if (status != OKNG_OK) return status;
    const bool aside = resized->pixels && model.options->tile_height > 0, whole = how.full_width == 0 && !aside;
    result->full_width = whole ? result->picture.width : aside ? resized->width : how.full_width;
    result->full_height = whole ? result->picture.height : aside ? resized->height : how.full_height;
    result->scale = whole ? 1 : part(result->full_width, result->picture.width);
    if (bits > 0) (void)okng_depth_differs(how.depth, bits, result->warning, sizeof result->warning);
    warn_of_shape(result, &model);
    return OKNG_OK;
}

/* What was found of the bank's regions of interest. */
static okng_status take_rois(okng_result *result, const okng_model *model, const okng_scored *scored, okng_error *error)
{
    if (scored->roi_count == 0) return OKNG_OK;
    result->rois = okng_alloc_zero(scored->roi_count, sizeof *result->rois);
    if (!result->rois) return okng_fail_memory(error, scored->roi_count * sizeof *result->rois);
    result->roi_count = scored->roi_count;
    for (size_t i = 0; i < scored->roi_count; i++)
        result->rois[i] = (okng_roi_result){.box = *okng_model_region(model, i),
                                            .match = scored->rois[i].match,
                                            .found = scored->rois[i].found,
                                            .score = scored->rois[i].score};
    result->lacks_region = okng_scored_lacks_region(scored);
    return OKNG_OK;
}

/* ---- from picture to result ---- */

/* A result that holds its picture, decoded. */
static okng_status begin(okng_result **out, const okng_bank *bank, const okng_picture *picture,
                         const okng_inspect_options *options, okng_error *error)
{
    okng_result *result = calloc(1, sizeof *result);
    if (!result) return okng_fail_memory(error, sizeof *result);
    result->max_pixels = options->max_pixels;
    result->mask_ok = options->mask_ok;
    result->overlay = options->overlay;
    const char *place = okng_model_place(bank->model);
    result->bank = place ? strdup(place) : NULL;
    okng_status status = result->bank || !place ? take_picture(result, bank, picture, options, error)
                                                : okng_fail_memory(error, strlen(place));
    if (status != OKNG_OK) okng_result_free(&result);
    *out = result;
    return status;
}

static okng_status check_score(const okng_result *result, okng_error *error)
{
    if (isfinite(result->score) || result->lacks_region) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "the picture's score is not finite: its features are too large for this bank; check the "
                     "options and the weights that the bank was built with");
}

/* What was found of the picture becomes a verdict, a mask and its regions; takes the map out of *scored. */
static okng_status conclude(okng_result *result, const okng_bank *bank, okng_scored *scored,
                            const okng_inspect_options *options, okng_error *error)
{
    const okng_tau *tau = okng_model_look(bank->model).tau;
    result->score = scored->score;
    result->map = scored->map;
    result->window = scored->window;
    scored->map = NULL;
    OKNG_TRY(take_rois(result, bank->model, scored, error));
    OKNG_TRY(check_score(result, error));
    result->p_value =
        result->lacks_region ? (double)NAN : okng_conformal_p_value(tau->image_scores, tau->image_count, result->score);
    OKNG_TRY(set_thresholds(tau, options, result, error));
    set_limits(tau, options, &result->limits);
    if (isnan(result->heat_low) || isnan(result->heat_threshold)) scale_heat(result);
    OKNG_TRY(make_mask(result, options, error));
    return okng_result_explain(result, bank, scored, error);
}

/* Decodes pictures until `count` wait, or fewer large ones. Returns how many were looked at, those that failed too. */
static int32_t begin_some(const okng_bank *bank, const okng_picture *pictures, int32_t count,
                          const okng_inspect_options *options, okng_inspected *out)
{
    int64_t pixels = 0;
    int32_t i = 0;
    for (; i < count && pixels < OKNG_WAITING_PIXELS; i++) {
        out[i] = (okng_inspected){0};
        out[i].status = begin(&out[i].result, bank, &pictures[i], options, &out[i].error);
        if (out[i].status == OKNG_OK) pixels += (int64_t)out[i].result->full_width * out[i].result->full_height;
    }
    return i;
}

/* Those that were decoded, through the model and to the end. */
static void finish_some(const okng_bank *bank, int32_t count, const okng_inspect_options *options, okng_inspected *out)
{
    okng_inspection pictures[OKNG_EXTRACTOR_AT_ONCE];
    int32_t waiting = 0, next = 0;
    for (int32_t i = 0; i < count; i++)
        if (out[i].result) pictures[waiting++] = (okng_inspection){.rgb = &out[i].result->picture};
    if (waiting > 0) okng_model_inspect_few(bank->model, pictures, waiting, okng_thread_count(options->threads));
    for (int32_t i = 0; i < count; i++) {
        okng_scored scored;
        if (!out[i].result) continue;
        out[i].status = okng_inspection_give(&pictures[next++], &scored, &out[i].error);
        if (out[i].status == OKNG_OK) out[i].status = conclude(out[i].result, bank, &scored, options, &out[i].error);
        okng_scored_free(&scored);
        if (out[i].status != OKNG_OK) okng_result_free(&out[i].result);
    }
}

void okng_inspect_few(const okng_bank *bank, const okng_picture *pictures, int32_t count,
                      const okng_inspect_options *options, okng_inspected *out)
{
    for (int32_t done = 0; done < count;) {
        const int32_t some = begin_some(bank, pictures + done, count - done, options, out + done);
        finish_some(bank, some, options, out + done);
        done += some;
    }
}

okng_status okng_inspect(okng_result **out, const okng_bank *bank, const okng_picture *picture,
                         const okng_inspect_options *options, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the result", error));
    *out = NULL;
    okng_inspect_options full;
    OKNG_TRY(okng_inspect_options_check(options, &full, error));
    if (!bank || !picture) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no bank or no picture was given");
    OKNG_TRY(okng_inspect_ready(bank, &full, error));
    okng_inspected one;
    okng_inspect_few(bank, picture, 1, &full, &one);
    if (one.status != OKNG_OK && error) *error = one.error;
    *out = one.result;
    return one.status;
}

void okng_result_free(okng_result **result)
{
    if (!result || !*result) return;
    okng_image_free(&(*result)->picture);
    okng_image_free(&(*result)->mask);
    free((*result)->map);
    okng_reasons_free(*result);
    free((*result)->regions);
    free((*result)->rois);
    free((*result)->bank);
    free(*result);
    *result = NULL;
}

float okng_result_score(const okng_result *result)
{
    return result ? result->score : NAN;
}
float okng_result_image_threshold(const okng_result *result)
{
    return result ? result->image_tau : NAN;
}
float okng_result_pixel_threshold(const okng_result *result)
{
    return result ? result->pixel_tau : NAN;
}
double okng_result_p_value(const okng_result *result)
{
    return result ? result->p_value : (double)NAN;
}

int32_t okng_result_scale(const okng_result *result)
{
    return result ? result->scale : 1;
}

void okng_result_size(const okng_result *result, int32_t *width, int32_t *height)
{
    if (width) *width = result ? result->full_width : 0;
    if (height) *height = result ? result->full_height : 0;
}

const char *okng_result_warning(const okng_result *result)
{
    return result && result->warning[0] ? result->warning : NULL;
}

okng_region_limit okng_result_exceeded(const okng_result *result, double *found, double *allowed)
{
    const okng_region_limit limit = result ? result->exceeded : OKNG_LIMIT_NONE;
    const bool length = limit == OKNG_LIMIT_LENGTH;
    if (found) *found = (double)NAN;
    if (allowed) *allowed = (double)NAN;
    if (limit == OKNG_LIMIT_NONE) return limit;
    if (found) *found = length ? longest_region(result) : (double)result->region_count;
    if (allowed) *allowed = length ? result->limits.max_length : (double)result->limits.max_count;
    return limit;
}

double okng_result_false_alarm(const okng_result *result)
{
    return result ? result->false_alarm : (double)NAN;
}

okng_verdict okng_result_judge(const okng_result *result, float score)
{
    if (isnan(result->review[0])) return score > result->image_tau ? OKNG_VERDICT_NG : OKNG_VERDICT_OK;
    if (score > result->review[1]) return OKNG_VERDICT_NG;
    return score > result->review[0] ? OKNG_VERDICT_REVIEW : OKNG_VERDICT_OK;
}

okng_verdict okng_result_verdict(const okng_result *result)
{
    if (result && result->lacks_region) return OKNG_VERDICT_NOT_FOUND;
    if (!result || result->exceeded != OKNG_LIMIT_NONE) return OKNG_VERDICT_NG;
    return okng_result_judge(result, result->score);
}

const char *okng_verdict_text(okng_verdict verdict)
{
    static const char *const words[] = {"OK", "NG", "REVIEW", "NOT_FOUND"};
    return (unsigned)verdict < sizeof words / sizeof *words ? words[verdict] : "NG";
}

int32_t okng_result_review(const okng_result *result, float *low, float *high)
{
    if (low) *low = result ? result->review[0] : NAN;
    if (high) *high = result ? result->review[1] : NAN;
    return result && !isnan(result->review[0]);
}

static void give_size(const okng_result *result, int32_t *width, int32_t *height)
{
    if (width) *width = result ? result->picture.width : 0;
    if (height) *height = result ? result->picture.height : 0;
}

const float *okng_result_map(const okng_result *result, int32_t *width, int32_t *height)
{
    give_size(result, width, height);
    return result ? result->map : NULL;
}

const uint8_t *okng_result_mask(const okng_result *result, int32_t *width, int32_t *height)
{
    give_size(result, width, height);
    return result ? result->mask.pixels : NULL;
}

size_t okng_result_region_count(const okng_result *result)
{
    return result ? result->region_count : 0;
}

static int32_t enlarge(int32_t value, int32_t n, int32_t most)
{
    return (int64_t)value * n < most ? value * n : most;
}

okng_region okng_result_full_region(const okng_result *result, size_t i)
{
    okng_region region = result->regions[i];
    const int32_t n = result->scale, right = enlarge(region.x + region.width, n, result->full_width);
    const int32_t bottom = enlarge(region.y + region.height, n, result->full_height);
    if (n == 1) return region;
    region.x *= n;
    region.y *= n;
    region.width = right - region.x;
    region.height = bottom - region.y;
    region.area *= (int64_t)n * n;
    region.length *= n;
    region.peak_x = enlarge(region.peak_x, n, result->full_width - 1 - n / 2) + n / 2;
    region.peak_y = enlarge(region.peak_y, n, result->full_height - 1 - n / 2) + n / 2;
    return region;
}

okng_status okng_result_region(const okng_result *result, size_t i, okng_region *region, okng_error *error)
{
    OKNG_TRY(okng_need(result, "the result", error));
    OKNG_TRY(okng_sized_check(region, "the place for the region", error));
    if (i >= result->region_count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "region %zu of %zu", i, result->region_count);
    const okng_region full = okng_result_full_region(result, i);
    return okng_sized_give(region, &full, sizeof full, "the place for the region", error);
}
