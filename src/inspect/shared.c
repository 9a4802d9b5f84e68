#include "inspect/shared.h"

#include <stdlib.h>
#include <string.h>

#include "base/fingerprint.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "model/shared.h"

/* ---- pictures and results in parcels ----------------------------------------------------------------------------- */

static void put_image(okng_grown *parcel, const okng_image *image)
{
    const int32_t shape[] = {image->width, image->height, image->channels};
    const size_t bytes = (size_t)shape[0] * (size_t)shape[1] * (size_t)shape[2];
    okng_parcel_put(parcel, shape, sizeof shape);
    okng_parcel_put_block(parcel, image->pixels, image->pixels ? bytes : 0);
}

/* Of one without pixels its size alone. */
static okng_status take_image(okng_parcel *parcel, okng_image *image, okng_error *error)
{
    int32_t shape[3];
    size_t size;
    okng_parcel_take(parcel, shape, sizeof shape);
    const void *pixels = okng_parcel_take_block(parcel, &size);
    *image = (okng_image){.width = shape[0], .height = shape[1], .channels = shape[2]};
    if (!pixels) return OKNG_OK;
    OKNG_TRY(okng_image_new(image, shape[0], shape[1], shape[2], error));
    if (size == (size_t)shape[0] * (size_t)shape[1] * (size_t)shape[2]) {
        memcpy(image->pixels, pixels, size);
        return OKNG_OK;
    }
    return okng_fail(error, OKNG_ERROR_FORMAT, "a picture from another rank is not whole");
}

/* `unit` bytes each; *out is okng_alloc'd, NULL where there are none. */
static okng_status take_array(okng_parcel *parcel, size_t count, size_t unit, void **out, okng_error *error)
{
    size_t size;
    const void *block = okng_parcel_take_block(parcel, &size);
    *out = NULL;
    if (!block) return OKNG_OK;
    if (size != count * unit)
        return okng_fail(error, OKNG_ERROR_FORMAT, "a result from another rank is not whole: %zu bytes, expected %zu",
                         size, count * unit);
    *out = okng_alloc(count, unit);
    if (!*out) return okng_fail_memory(error, size);
    memcpy(*out, block, size);
    return OKNG_OK;
}

static size_t pixels_of(const okng_image *image)
{
    return (size_t)image->width * (size_t)image->height;
}

static void put_result(okng_grown *parcel, const okng_result *result, bool pixels, bool map)
{
    const okng_image nothing = {0};
    okng_image bare = result->picture;
    if (!pixels) bare.pixels = NULL;
    okng_parcel_put(parcel, result, sizeof *result);
    put_image(parcel, &bare);
    put_image(parcel, pixels ? &result->mask : &nothing);
    okng_parcel_put_block(parcel, result->map, pixels || map ? pixels_of(&result->picture) * sizeof *result->map : 0);
    okng_parcel_put_block(parcel, result->regions, result->region_count * sizeof *result->regions);
    okng_parcel_put_block(parcel, result->rois, result->roi_count * sizeof *result->rois);
    okng_parcel_put_block(parcel, result->reasons,
                          result->reasons ? result->region_count * sizeof *result->reasons : 0);
    for (size_t i = 0; result->reasons && i < result->region_count; i++) {
        okng_parcel_put_text(parcel, result->reasons[i].near_picture);
        okng_parcel_put_text(parcel, result->reasons[i].near_folder);
    }
}

static okng_status copy_text(okng_parcel *parcel, const char **out, okng_error *error)
{
    const char *text = okng_parcel_take_text(parcel);
    *out = text ? strdup(text) : NULL;
    return !text || *out ? OKNG_OK : okng_fail_memory(error, strlen(text));
}

static okng_status take_reasons(okng_parcel *parcel, okng_result *result, okng_error *error)
{
    void *reasons;
    OKNG_TRY(take_array(parcel, result->region_count, sizeof *result->reasons, &reasons, error));
    result->reasons = reasons;
    for (size_t i = 0; reasons && i < result->region_count; i++)
        result->reasons[i].near_picture = result->reasons[i].near_folder = NULL;
    for (size_t i = 0; reasons && i < result->region_count; i++) {
        OKNG_TRY(copy_text(parcel, &result->reasons[i].near_picture, error));
        OKNG_TRY(copy_text(parcel, &result->reasons[i].near_folder, error));
    }
    return OKNG_OK;
}

static okng_status take_parts(okng_parcel *parcel, okng_result *result, okng_error *error)
{
    void *map, *regions, *rois;
    OKNG_TRY(take_image(parcel, &result->picture, error));
    OKNG_TRY(take_image(parcel, &result->mask, error));
    OKNG_TRY(take_array(parcel, pixels_of(&result->picture), sizeof *result->map, &map, error));
    result->map = map;
    OKNG_TRY(take_array(parcel, result->region_count, sizeof *result->regions, &regions, error));
    result->regions = regions;
    OKNG_TRY(take_array(parcel, result->roi_count, sizeof *result->rois, &rois, error));
    result->rois = rois;
    return take_reasons(parcel, result, error);
}

/* `path`: of the picture, which is the same file here. */
static okng_status take_result(okng_result **out, okng_parcel *parcel, const okng_shared_job *job, const char *path,
                               okng_error *error)
{
    const char *place = okng_model_place(job->bank->model);
    okng_result *result = *out = calloc(1, sizeof *result);
    if (!result) return okng_fail_memory(error, sizeof *result);
    okng_parcel_take(parcel, result, sizeof *result);
    result->picture = result->mask = (okng_image){0}; /* what was at addresses of the other process */
    result->map = NULL;
    result->regions = NULL;
    result->reasons = NULL;
    result->rois = NULL;
    result->given = okng_file_id_of(path);
    result->bank = place ? strdup(place) : NULL;
    okng_status status =
        result->bank || !place ? take_parts(parcel, result, error) : okng_fail_memory(error, strlen(place));
    if (status != OKNG_OK) okng_result_free(out);
    return status;
}

/* ---- rank 0 ------------------------------------------------------------------------------------------------------ */

okng_status okng_shared_job_open(okng_calls **calls, const okng_shared_job *job, const char *const *paths, size_t count,
                                 okng_error *error)
{
    const okng_image nothing = {0};
    okng_grown parcel = {0};
    *calls = NULL;
    if (okng_ranks_led()->count == 1 || !okng_model_can_share(job->bank->model)) return OKNG_OK;
    okng_parcel_put(&parcel, job->options, sizeof *job->options);
    okng_parcel_put(&parcel, &job->save, sizeof job->save);
    okng_parcel_put(&parcel, &job->pixels, sizeof job->pixels);
    put_image(&parcel, job->reference ? job->reference : &nothing);
    okng_status status = okng_model_put(&parcel, job->bank->model, paths[0], job->options->max_pixels, error);
    if (status == OKNG_OK) status = okng_paths_put(&parcel, paths, count, okng_thread_count(0), error);
    if (status == OKNG_OK)
        status = okng_calls_open(calls, OKNG_JOB_INSPECT, &parcel, okng_model_send, job->bank->model, error);
    free(parcel.data);
    return status;
}

okng_status okng_shared_inspect(okng_calls *calls, int slot, const okng_shared_job *job, const char *path,
                                okng_shared_result *out, okng_error *error)
{
    okng_grown request = {0};
    size_t size;
    *out = (okng_shared_result){0};
    okng_parcel_put_text(&request, path);
    okng_status status = okng_calls_ask(calls, slot, &request, &out->bytes, &size, error);
    free(request.data);
    OKNG_TRY(status);
    out->pictures = (okng_parcel){.next = out->bytes, .left = size};
    status = take_result(&out->result, &out->pictures, job, path, error);
    if (status == OKNG_OK && out->pictures.broken) status = okng_parcel_end(&out->pictures, error);
    if (status != OKNG_OK) okng_shared_result_free(out);
    return status;
}

static okng_status write_encoded(void *context, const char *dir, okng_error *error)
{
    okng_parcel *pictures = context;
    okng_status status = OKNG_OK;
    while (status == OKNG_OK && pictures->left > 0 && !pictures->broken) {
        size_t size;
        const char *name = okng_parcel_take_text(pictures);
        const void *data = okng_parcel_take_block(pictures, &size);
        if (name && data) status = okng_result_write_png((void *)(uintptr_t)dir, name, data, size, error);
    }
    return status == OKNG_OK ? okng_parcel_end(pictures, error) : status;
}

okng_status okng_shared_result_write(okng_shared_result *shared, const char *dir, unsigned save, okng_error *error)
{
    return okng_result_write_by(shared->result, dir, save, write_encoded, &shared->pictures, error);
}

void okng_shared_result_free(okng_shared_result *shared)
{
    okng_result_free(&shared->result);
    free(shared->bytes);
    *shared = (okng_shared_result){0};
}

/* ---- other ranks ------------------------------------------------------------------------------------------------- */

typedef struct follower {
    okng_bank bank;
    okng_taken_model taken; /* the bank's model */
    okng_inspect_options options;
    unsigned save;
    bool pixels;
    okng_image reference; /* no pixels: none */
} follower;

static okng_status take_job(follower *f, const okng_ranks *ranks, okng_parcel *parcel, okng_error *error)
{
    const char **paths = NULL;
    size_t count;
    okng_parcel_take(parcel, &f->options, sizeof f->options);
    okng_parcel_take(parcel, &f->save, sizeof f->save);
    okng_parcel_take(parcel, &f->pixels, sizeof f->pixels);
    okng_status reference = take_image(parcel, &f->reference, error);
    OKNG_TRY(okng_model_take(&f->taken, ranks, parcel, error));
    f->bank.model = f->taken.model;
    OKNG_TRY(reference);
    okng_status status = okng_paths_take(parcel, &paths, &count, okng_thread_count(0), error);
    free(paths);
    OKNG_TRY(status);
    OKNG_TRY(okng_parcel_end(parcel, error));
    return okng_taken_model_compare(&f->taken, error);
}

/* An okng_png_fn. */
static okng_status put_encoded(void *context, const char *name, const void *data, size_t size, okng_error *error)
{
    okng_grown *reply = context;
    okng_parcel_put_text(reply, name);
    okng_parcel_put_block(reply, data, size);
    return okng_parcel_packed(reply, error);
}

static okng_status answer(void *context, int thread, okng_parcel *request, okng_grown *reply, okng_error *error)
{
    (void)thread;
    const follower *f = context;
    const okng_picture picture = {.struct_size = sizeof picture, .path = okng_parcel_take_text(request)};
    okng_result *result;
    OKNG_TRY(okng_parcel_end(request, error));
    OKNG_TRY(okng_inspect(&result, &f->bank, &picture, &f->options, error));
    put_result(reply, result, f->pixels, (f->save & (unsigned)OKNG_SAVE_MAP) != 0);
    okng_status status = OKNG_OK;
    if (f->save & OKNG_SAVE_PICTURES)
        status = okng_result_encode(result, f->reference.pixels ? &f->reference : NULL, put_encoded, reply, error);
    okng_result_free(&result);
    return status;
}

okng_status okng_inspect_follow(const okng_ranks *ranks, okng_parcel *parcel, okng_error *error)
{
    follower f = {0};
    okng_status status = take_job(&f, ranks, parcel, error);
    const int threads = okng_thread_count(f.options.threads);
    f.options.threads = threads > 1 ? 1 : f.options.threads; /* a picture each, as on rank 0 */
    status = okng_calls_answer(ranks, status, threads, answer, &f, error);
    okng_taken_model_close(&f.taken);
    okng_image_free(&f.reference);
    return status;
}
