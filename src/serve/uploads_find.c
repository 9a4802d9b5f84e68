/* Where regions of interest that are drawn on one picture of an upload lie in the others. */
#include "serve/uploads_find.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/each.h"
#include "base/memory.h"
#include "base/parallel.h"

enum { MOST_REGIONS = 16 };

/* What is looked for, and what was found of it in each picture. */
typedef struct search {
    okng_uploads *uploads;
    const char *id;
    double deadline;
    okng_roi rois[MOST_REGIONS];
    size_t roi_count;
    okng_finder *finder;
    okng_finds **finds; /* [count]; NULL: the picture could not be read */
    size_t count;
} search;

/* ---- what is asked for ------------------------------------------------------------------------------------------- */

static okng_status take_region(const json_t *region, okng_roi *roi, okng_error *error)
{
    static const char *const keys[] = {"x", "y", "width", "height"};
    int32_t numbers[4];
    okng_init(roi);
    roi->name = json_string_value(json_object_get(region, "name"));
    if (!roi->name) return okng_fail(error, OKNG_ERROR_ARGUMENT, "regions: each needs a name");
    for (int i = 0; i < 4; i++) {
        const json_t *number = json_object_get(region, keys[i]);
        if (!json_is_number(number) || !(fabs(json_number_value(number)) < 1e6))
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "regions: %.60s: %s: expected pixels", roi->name, keys[i]);
        numbers[i] = (int32_t)lround(json_number_value(number));
    }
    roi->x = numbers[0];
    roi->y = numbers[1];
    roi->width = numbers[2];
    roi->height = numbers[3];
    return OKNG_OK;
}

static okng_status take_regions(search *s, const json_t *asked, okng_error *error)
{
    json_t *regions = json_object_get(asked, "regions"), *region;
    size_t i;
    s->roi_count = json_array_size(regions);
    if (s->roi_count == 0 || s->roi_count > MOST_REGIONS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "regions: expected an array of 1 to %d", MOST_REGIONS);
    json_array_foreach(regions, i, region) OKNG_TRY(take_region(region, &s->rois[i], error));
    return OKNG_OK;
}

static okng_status open_finder(search *s, const json_t *asked, okng_error *error)
{
    const json_t *number = json_object_get(asked, "picture"), *least = json_object_get(asked, "threshold");
    const okng_roi *rois[MOST_REGIONS];
    okng_find_options options;
    char *path;
    if ((number && !json_is_integer(number)) || (least && !json_is_number(least)))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "picture: expected a whole number; threshold: a number");
    OKNG_TRY(take_regions(s, asked, error));
    for (size_t i = 0; i < s->roi_count; i++) rois[i] = &s->rois[i];
    okng_init(&options);
    options.threshold = json_number_value(least);
    options.threads = 1;
    OKNG_TRY(okng_uploads_picture(s->uploads, s->id, json_integer_value(number), &path, error));
    const okng_picture picture = {.struct_size = sizeof picture, .path = path};
    okng_status status = okng_finder_open(&s->finder, &picture, rois, s->roi_count, &options, error);
    free(path);
    return status;
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

static okng_status find_one(void *context, int64_t i, int thread, okng_error *error)
{
    search *s = context;
    char *path;
    (void)thread;
    OKNG_TRY(okng_uploads_picture(s->uploads, s->id, i, &path, error));
    const okng_picture picture = {.struct_size = sizeof picture, .path = path};
    okng_status status = okng_finder_find(&s->finds[i], s->finder, &picture, error);
    free(path);
    return status;
}

/* An okng_progress_fn: an answer that comes too late is none. */
static int is_late(const okng_progress *progress, void *user)
{
    const search *s = user;
    (void)progress;
    return okng_clock() > s->deadline;
}

static okng_status find_all(search *s, okng_error *error)
{
    okng_ticker ticker;
    const int threads = okng_thread_count(0) / 2;
    s->finds = okng_alloc_zero(s->count, sizeof *s->finds);
    if (!s->finds) return okng_fail_memory(error, s->count * sizeof *s->finds);
    okng_ticker_init(&ticker, is_late, s);
    okng_ticker_stage(&ticker, "regions", s->count);
    okng_status status =
        okng_each(threads > 0 ? threads : 1, (int64_t)s->count, find_one, s, &ticker, "the search", error);
    okng_ticker_destroy(&ticker);
    return status;
}

/* ---- what is told ------------------------------------------------------------------------------------------------ */

/* "x" and "y" are the centre, as a turned box has no corner of its own. */
static json_t *found_json(size_t picture, const okng_found_roi *roi)
{
    json_t *row = json_object();
    okng_json_put(&row, "picture", json_integer((json_int_t)picture));
    okng_json_put(&row, "region", json_string(roi->name));
    okng_json_put(&row, "score", okng_json_known(roi->match));
    okng_json_put(&row, "x", okng_json_known(roi->x + roi->width / 2));
    okng_json_put(&row, "y", okng_json_known(roi->y + roi->height / 2));
    okng_json_put(&row, "width", okng_json_known(roi->width));
    okng_json_put(&row, "height", okng_json_known(roi->height));
    okng_json_put(&row, "angle", okng_json_known(roi->angle));
    return row;
}

static json_t *tell(const search *s)
{
    json_t *document = json_object(), *found = json_array(), *missing = json_array();
    for (size_t p = 0; p < s->count; p++)
        for (size_t i = 0; i < okng_finds_count(s->finds[p]); i++) {
            okng_found_roi roi;
            okng_init(&roi);
            if (okng_finds_get(s->finds[p], i, &roi, NULL) != OKNG_OK) continue;
            okng_json_add(roi.found ? &found : &missing, found_json(p, &roi));
        }
    okng_json_put(&document, "found", found);
    okng_json_put(&document, "missing", missing);
    return document;
}

static okng_status count_pictures(search *s, okng_error *error)
{
    json_t *upload;
    OKNG_TRY(okng_uploads_json(s->uploads, s->id, &upload, error));
    s->count = json_array_size(json_object_get(upload, "pictures"));
    json_decref(upload);
    return s->count > 0 ? OKNG_OK : okng_fail(error, OKNG_ERROR_ARGUMENT, "the upload has no pictures");
}

okng_status okng_uploads_find(okng_uploads *uploads, const char *id, const json_t *asked, double deadline,
                              json_t **found, okng_error *error)
{
    search s = {.uploads = uploads, .id = id, .deadline = deadline};
    *found = NULL;
    okng_status status = count_pictures(&s, error);
    if (status == OKNG_OK) status = open_finder(&s, asked, error);
    if (status == OKNG_OK) status = find_all(&s, error);
    if (status == OKNG_OK) *found = tell(&s);
    for (size_t i = 0; s.finds && i < s.count; i++) okng_finds_free(&s.finds[i]);
    free(s.finds);
    okng_finder_close(&s.finder);
    return status;
}
