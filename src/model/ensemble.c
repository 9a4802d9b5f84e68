#include "model/ensemble.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bank/tau.h"
#include "base/clock.h"
#include "base/each.h"
#include "base/memory.h"
#include "features/anomaly_map.h"

/* ---- opening ------------------------------------------------------------------------------------------------------
 */

/* The weights are for the members whose they are; the others keep theirs. */
static okng_status open_part(okng_ensemble *ensemble, size_t i, const okng_bank_source *part,
                             const okng_overrides *overrides, bool *used, okng_error *error)
{
    const okng_overrides own_weights = {.device = overrides->device};
    okng_error mismatch = {0};
    okng_status status = okng_bank_source_has(part, OKNG_BANK_ENSEMBLE_FILE)
                             ? okng_fail(&mismatch, OKNG_ERROR_FORMAT, "%s: an ensemble inside an ensemble", part->path)
                             : okng_member_open(&ensemble->members[i], part, overrides, &mismatch);
    if (status == OKNG_OK)
        *used = true;
    else if (overrides->weights && status == OKNG_ERROR_MISMATCH)
        status = okng_member_open(&ensemble->members[i], part, &own_weights, error);
    else if (error)
        *error = mismatch;
    return status;
}

static okng_status open_members(okng_ensemble *ensemble, const okng_bank_source *from, const okng_overrides *overrides,
                                okng_error *error)
{
    bool used = false;
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < ensemble->file.count && status == OKNG_OK; i++) {
        okng_ensemble_part part;
        status = okng_ensemble_part_of(&part, from, i, error);
        if (status == OKNG_OK) status = open_part(ensemble, i, &part.source, overrides, &used, error);
        okng_ensemble_part_free(&part);
    }
    if (status != OKNG_OK || !overrides->weights || used) return status;
    return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: is the weight file of none of the ensemble's members",
                     overrides->weights);
}

/* "72" or "64x64" or "none" into `text`, as the option resize has it. */
static void resize_text(const okng_build_options *options, char *text, size_t size)
{
    if (options->resize_mode == OKNG_RESIZE_NONE)
        (void)snprintf(text, size, "none");
    else if (options->resize_mode == OKNG_RESIZE_SHORTER)
        (void)snprintf(text, size, "%d", options->resize_height);
    else
        (void)snprintf(text, size, "%dx%d", options->resize_height, options->resize_width);
}

/* Both members must bring a picture to the network alike. */
static okng_status check_places(const okng_member *first, const okng_member *other, size_t number, const char *folder,
                                okng_error *error)
{
    const okng_build_options *wanted = &first->file.config.options, *found = &other->file.config.options;
    char resize[2][32];
    resize_text(wanted, resize[0], sizeof resize[0]);
    resize_text(found, resize[1], sizeof resize[1]);
    if (strcmp(resize[0], resize[1]) == 0 && wanted->crop == found->crop) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: member %zu has resize %s and crop %d, member 1 has resize %s and crop %d (0 is none); their "
                     "maps show other places of a picture",
                     folder, number, resize[1], found->crop, resize[0], wanted->crop);
}

/* Maps of one size, of the same places, can be averaged. */
static okng_status check_sizes(const okng_ensemble *ensemble, const char *folder, okng_error *error)
{
    const okng_bank_config *first = &ensemble->members[0]->file.config;
    for (size_t i = 1; i < ensemble->file.count; i++) {
        const okng_bank_config *config = &ensemble->members[i]->file.config;
        if (config->input_height != first->input_height || config->input_width != first->input_width)
            return okng_fail(error, OKNG_ERROR_MISMATCH,
                             "%s: member %zu looks at %dx%d pixels, member 1 at %dx%d; their maps cannot be averaged",
                             folder, i + 1, config->input_width, config->input_height, first->input_width,
                             first->input_height);
        OKNG_TRY(check_places(ensemble->members[0], ensemble->members[i], i + 1, folder, error));
    }
    return OKNG_OK;
}

static okng_status open_all(okng_ensemble *ensemble, const okng_bank_source *from, const okng_overrides *overrides,
                            okng_error *error)
{
    OKNG_TRY(okng_ensemble_source_read(&ensemble->file, from, error));
    OKNG_TRY(open_members(ensemble, from, overrides, error));
    OKNG_TRY(check_sizes(ensemble, from->path, error));
    return okng_tau_source_read(from, &ensemble->tau, error);
}

okng_status okng_ensemble_open(okng_ensemble **out, const okng_bank_source *from, const okng_overrides *overrides,
                               okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    okng_status status = open_all(*out, from, overrides, error);
    if (status != OKNG_OK) okng_ensemble_close(out);
    return status;
}

void okng_ensemble_close(okng_ensemble **ensemble)
{
    if (!*ensemble) return;
    for (size_t i = 0; i < OKNG_ENSEMBLE_MAX; i++) okng_member_close(&(*ensemble)->members[i]);
    okng_tau_free(&(*ensemble)->tau);
    free(*ensemble);
    *ensemble = NULL;
}

/* ---- scoring ------------------------------------------------------------------------------------------------------
 */

static float in_range(float value, float low, float high)
{
    return (value - low) / (high - low);
}

/* Adds one member's view of a picture to the sum. */
static void add(okng_scored *sum, const okng_scored *part, const okng_range *range)
{
    size_t pixels = (size_t)sum->placement.height * (size_t)sum->placement.width;
    sum->score += in_range(part->score, range->score_low, range->score_high);
    for (size_t p = 0; p < pixels; p++)
        sum->input_map[p] += in_range(part->input_map[p], range->map_low, range->map_high);
    for (int stage = 0; stage < OKNG_STAGE_COUNT; stage++) sum->stages.seconds[stage] += part->stages.seconds[stage];
}

static okng_status begin(okng_scored *sum, const okng_placement *placement, okng_error *error)
{
    size_t seen = (size_t)placement->height * (size_t)placement->width;
    size_t whole = (size_t)placement->original_height * (size_t)placement->original_width;
    *sum = (okng_scored){.placement = *placement,
                         .input_map = okng_alloc_zero(seen, sizeof(float)),
                         .map = okng_alloc(whole, sizeof(float))};
    return sum->input_map && sum->map ? OKNG_OK : okng_fail_memory(error, (seen + whole) * sizeof(float));
}

static void conclude(okng_scored *sum, size_t count)
{
    size_t pixels = (size_t)sum->placement.height * (size_t)sum->placement.width;
    double since = okng_clock();
    sum->score /= (float)count;
    for (size_t p = 0; p < pixels; p++) sum->input_map[p] /= (float)count;
    okng_map_place(sum->input_map, &sum->placement, sum->map);
    okng_stages_add(&sum->stages, OKNG_STAGE_POST, &since);
}

static okng_status add_all(const okng_ensemble *ensemble, const okng_image *rgb, int threads, okng_scored *sum,
                           okng_error *error)
{
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < ensemble->file.count && status == OKNG_OK; i++) {
        okng_scored part;
        status = okng_member_inspect(ensemble->members[i], rgb, threads, &part, error);
        if (status == OKNG_OK && i == 0) status = begin(sum, &part.placement, error);
        if (status == OKNG_OK) add(sum, &part, &ensemble->file.ranges[i]);
        okng_scored_free(&part);
    }
    return status;
}

okng_status okng_ensemble_inspect(void *ensemble, const okng_image *rgb, int threads, okng_scored *scored,
                                  okng_error *error)
{
    const okng_ensemble *e = ensemble;
    *scored = (okng_scored){0};
    if (!e->file.ranged)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "the ensemble's scores have no ranges to be normalised by; import it again with OK pictures "
                         "to calibrate by, or evaluate it on a data set, whose pictures give them");
    okng_status status = add_all(e, rgb, threads, scored, error);
    if (status == OKNG_OK)
        conclude(scored, e->file.count);
    else
        okng_scored_free(scored);
    return status;
}

/* ---- as a program ------------------------------------------------------------------------------------------------
 */

static okng_program_value in_range_express(okng_program *p, okng_program_value value, float low, float high)
{
    value = okng_program_subtract(p, value, okng_program_scalar(p, low));
    return okng_program_divide(p, value, okng_program_scalar(p, high - low));
}

okng_status okng_ensemble_express(void *ensemble, okng_program *program, okng_program_value picture,
                                  okng_program_value *score, okng_program_value *map, okng_error *error)
{
    const okng_ensemble *e = ensemble;
    for (size_t i = 0; i < e->file.count; i++) {
        const okng_range *range = &e->file.ranges[i];
        okng_program_value part, part_map;
        OKNG_TRY(okng_member_express(e->members[i], program, picture, &part, &part_map, error));
        part = in_range_express(program, part, range->score_low, range->score_high);
        part_map = in_range_express(program, part_map, range->map_low, range->map_high);
        *score = i == 0 ? part : okng_program_add(program, *score, part);
        *map = i == 0 ? part_map : okng_program_add(program, *map, part_map);
    }
    okng_program_value count = okng_program_scalar(program, (float)e->file.count);
    *score = okng_program_divide(program, *score, count);
    *map = okng_program_divide(program, *map, count);
    return okng_program_check(program, error);
}

okng_status okng_ensemble_check_resize(const okng_ensemble *ensemble, okng_error *error)
{
    for (size_t i = 1; i < ensemble->file.count; i++)
        if (ensemble->members[i]->file.config.options.interpolation !=
            ensemble->members[0]->file.config.options.interpolation)
            return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                             "interpolation: member %zu resizes pictures otherwise than member 1, and a graph resizes "
                             "them once; leave the resize outside",
                             i + 1);
    return OKNG_OK;
}

/* ---- ranges -------------------------------------------------------------------------------------------------------
 */

static void widen(okng_range *range, const okng_scored *scored, bool first)
{
    size_t pixels = (size_t)scored->placement.height * (size_t)scored->placement.width;
    if (first) *range = (okng_range){scored->score, scored->score, scored->input_map[0], scored->input_map[0]};
    if (scored->score < range->score_low) range->score_low = scored->score;
    if (scored->score > range->score_high) range->score_high = scored->score;
    for (size_t p = 0; p < pixels; p++) {
        if (scored->input_map[p] < range->map_low) range->map_low = scored->input_map[p];
        if (scored->input_map[p] > range->map_high) range->map_high = scored->input_map[p];
    }
}

/* What the threads that look for ranges share. */
typedef struct search {
    const okng_ensemble *ensemble;
    const okng_pictures *pictures;
    int threads; /* within a picture */
    pthread_mutex_t mutex;
    bool begun[OKNG_ENSEMBLE_MAX]; /* under the mutex, as the ranges */
    okng_range ranges[OKNG_ENSEMBLE_MAX];
} search;

static okng_status take_picture(void *context, int64_t picture, int thread, okng_error *error)
{
    (void)thread;
    search *s = context;
    size_t number = (size_t)picture;
    uint64_t max_pixels = s->ensemble->members[0]->file.config.options.max_pixels;
    okng_image rgb;
    OKNG_TRY(okng_pictures_load(s->pictures, number, max_pixels, &rgb, error));
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < s->ensemble->file.count && status == OKNG_OK; i++) {
        okng_scored scored;
        status = okng_member_inspect(s->ensemble->members[i], &rgb, s->threads, &scored, error);
        (void)pthread_mutex_lock(&s->mutex);
        if (status == OKNG_OK) widen(&s->ranges[i], &scored, !s->begun[i]);
        s->begun[i] = s->begun[i] || status == OKNG_OK;
        (void)pthread_mutex_unlock(&s->mutex);
        okng_scored_free(&scored);
    }
    okng_image_free(&rgb);
    return status == OKNG_OK ? OKNG_OK
                             : okng_error_context(error, status, "%s", okng_pictures_name(s->pictures, number));
}

static okng_status check_ranges(const search *s, okng_error *error)
{
    for (size_t i = 0; i < s->ensemble->file.count; i++)
        if (!(s->ranges[i].score_high > s->ranges[i].score_low) || !(s->ranges[i].map_high > s->ranges[i].map_low))
            return okng_fail(error, OKNG_ERROR_ARGUMENT,
                             "member %zu of the ensemble scores all of the %zu pictures %g, which is no range to "
                             "normalise by; give more pictures",
                             i + 1, s->pictures->count, (double)s->ranges[i].score_low);
    return OKNG_OK;
}

okng_status okng_ensemble_set_ranges_from(okng_ensemble *ensemble, const okng_pictures *pictures, int threads,
                                          okng_ticker *ticker, okng_error *error)
{
    size_t count = pictures->count;
    if (count == 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no pictures to take an ensemble's ranges from");
    search s = {.ensemble = ensemble, .pictures = pictures, .threads = count > 1 ? 1 : threads};
    (void)pthread_mutex_init(&s.mutex, NULL);
    if (ticker) okng_ticker_stage(ticker, "ranges", count);
    okng_status status = okng_each(threads, (int64_t)count, take_picture, &s, ticker, "the normalisation", error);
    if (status == OKNG_OK) status = check_ranges(&s, error);
    (void)pthread_mutex_destroy(&s.mutex);
    if (status != OKNG_OK) return status;
    memcpy(ensemble->file.ranges, s.ranges, sizeof s.ranges);
    ensemble->file.ranged = true;
    return OKNG_OK;
}
