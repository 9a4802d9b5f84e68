#include "experiment/shared_scores.h"

#include <stdlib.h>
#include <string.h>

#include "base/fingerprint.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "model/shared.h"

/* How pictures are read and scored. */
typedef struct manner {
    uint64_t max_pixels;
    int32_t bit_depth, threads, at_once;
} manner;

/* ---- what was scored, in parcels --------------------------------------------------------------------------------- */

static size_t map_pixels(const okng_scored *scored)
{
    if (scored->tiles) return (size_t)scored->map_height * (size_t)scored->map_width;
    return (size_t)scored->placement.original_height * (size_t)scored->placement.original_width;
}

static size_t input_pixels(const okng_scored *scored)
{
    return (size_t)scored->placement.height * (size_t)scored->placement.width;
}

static void put_scored(okng_grown *parcel, const okng_scored *scored)
{
    okng_scored bare = *scored;
    bare.map = bare.input_map = NULL;
    bare.nearest = NULL;
    bare.tiles = NULL;
    bare.rois = NULL;
    bare.roi_count = 0;
    okng_parcel_put(parcel, &bare, sizeof bare);
    okng_parcel_put_block(parcel, scored->map, map_pixels(scored) * sizeof *scored->map);
    okng_parcel_put_block(parcel, scored->input_map,
                          scored->input_map ? input_pixels(scored) * sizeof *scored->input_map : 0);
}

/* NULL where there is none. */
static okng_status take_map(okng_parcel *parcel, float **map, okng_error *error)
{
    size_t size;
    const void *block = okng_parcel_take_block(parcel, &size);
    *map = block ? okng_alloc(size, 1) : NULL;
    if (block && !*map) return okng_fail_memory(error, size);
    if (block) memcpy(*map, block, size);
    return OKNG_OK;
}

static okng_status take_scored(okng_parcel *parcel, okng_scored *scored, okng_error *error)
{
    float *map = NULL, *input_map = NULL;
    okng_parcel_take(parcel, scored, sizeof *scored);
    okng_status status = take_map(parcel, &map, error);
    if (status == OKNG_OK) status = take_map(parcel, &input_map, error);
    scored->map = map;
    scored->input_map = input_map;
    if (status == OKNG_OK) status = okng_parcel_end(parcel, error);
    if (status != OKNG_OK) okng_scored_free(scored);
    return status;
}

/* ---- rank 0 ------------------------------------------------------------------------------------------------------ */

okng_status okng_shared_scores_open(okng_calls **calls, const okng_category_job *job, int threads, okng_error *error)
{
    okng_grown parcel = {0};
    *calls = NULL;
    if (okng_ranks_led()->count == 1 || !okng_model_can_share(job->model) || job->test_count == 0) return OKNG_OK;
    const manner how = {.max_pixels = job->config->build.max_pixels,
                        .bit_depth = okng_bits_of(job->info.options->bit_depth),
                        .threads = threads,
                        .at_once = job->config->batch_size};
    const char **paths = okng_alloc(job->test_count, sizeof *paths);
    if (!paths) return okng_fail_memory(error, job->test_count * sizeof *paths);
    for (size_t i = 0; i < job->test_count; i++) paths[i] = job->test[i]->path;
    okng_parcel_put(&parcel, &how, sizeof how);
    okng_status status = okng_model_put(&parcel, job->model, paths[0], how.max_pixels, error);
    if (status == OKNG_OK) status = okng_paths_put(&parcel, paths, job->test_count, job->threads, error);
    if (status == OKNG_OK) status = okng_calls_open(calls, OKNG_JOB_SCORE, &parcel, okng_model_send, job->model, error);
    free(paths);
    free(parcel.data);
    return status;
}

okng_status okng_shared_score(okng_calls *calls, int slot, const char *path, okng_scored *scored, okng_error *error)
{
    okng_grown request = {0};
    void *reply;
    size_t size;
    okng_parcel_put_text(&request, path);
    okng_status status = okng_calls_ask(calls, slot, &request, &reply, &size, error);
    free(request.data);
    OKNG_TRY(status);
    okng_parcel parcel = {.next = reply, .left = size};
    status = take_scored(&parcel, scored, error);
    free(reply);
    return status;
}

/* ---- other ranks ------------------------------------------------------------------------------------------------- */

typedef struct follower {
    okng_taken_model taken;
    manner how;
} follower;

static okng_status take_job(follower *f, const okng_ranks *ranks, okng_parcel *parcel, okng_error *error)
{
    const char **paths = NULL;
    size_t count;
    okng_parcel_take(parcel, &f->how, sizeof f->how);
    OKNG_TRY(okng_model_take(&f->taken, ranks, parcel, error));
    okng_status status = okng_paths_take(parcel, &paths, &count, okng_thread_count(0), error);
    free(paths);
    OKNG_TRY(status);
    OKNG_TRY(okng_parcel_end(parcel, error));
    return okng_taken_model_compare(&f->taken, error);
}

static okng_status answer(void *context, int thread, okng_parcel *request, okng_grown *reply, okng_error *error)
{
    (void)thread;
    const follower *f = context;
    const char *path = okng_parcel_take_text(request);
    okng_image rgb = {0};
    okng_scored scored = {0};
    okng_decoding how = {.max_pixels = f->how.max_pixels, .bit_depth = f->how.bit_depth};
    OKNG_TRY(okng_parcel_end(request, error));
    OKNG_TRY(okng_image_load_by(&rgb, path, &how, error));
    okng_status status = okng_model_inspect(f->taken.model, &rgb, f->how.threads, &scored, error);
    if (status == OKNG_OK)
        put_scored(reply, &scored);
    else
        (void)okng_error_context(error, status, "%s", path);
    okng_scored_free(&scored);
    okng_image_free(&rgb);
    return status;
}

okng_status okng_score_follow(const okng_ranks *ranks, okng_parcel *parcel, okng_error *error)
{
    follower f = {0};
    okng_status status = take_job(&f, ranks, parcel, error);
    const int threads = okng_thread_count(0), most = f.how.at_once;
    status = okng_calls_answer(ranks, status, threads < most || most < 1 ? threads : most, answer, &f, error);
    okng_taken_model_close(&f.taken);
    return status;
}
