#include "afclip/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/coreset.h"
#include "bank/sampler.h"
#include "base/memory.h"
#include "patch/normalise.h"

okng_status okng_afclip_memory_new(okng_afclip_memory *memory, int64_t pictures, int64_t patches, int64_t width,
                                   int64_t rows, okng_error *error)
{
    *memory = (okng_afclip_memory){.pictures = pictures, .patches = patches, .width = width};
    okng_status status = OKNG_OK;
    for (int32_t s = 0; s < OKNG_AFCLIP_STREAMS && pictures > 0 && status == OKNG_OK; s++)
        status = okng_references_new(&memory->streams[s], rows, width, error);
    if (status != OKNG_OK) okng_afclip_memory_free(memory);
    return status;
}

void okng_afclip_memory_free(okng_afclip_memory *memory)
{
    for (int32_t s = 0; s < OKNG_AFCLIP_STREAMS; s++) okng_references_free(&memory->streams[s]);
    *memory = (okng_afclip_memory){.pictures = 0};
}

/* ---- putting in ----------------------------------------------------------------------------- */

/* The patches of a stream [1 + patches, width], each of length 1. */
static okng_status directions_of(const okng_afclip_memory *memory, const float *stream, float *rows, okng_error *error)
{
    const int64_t patches = memory->patches, width = memory->width;
    memcpy(rows, stream + width, (size_t)(patches * width) * sizeof *rows);
    okng_rows_normalise(rows, patches, width);
    for (int64_t r = 0; r < patches; r++) {
        double squares = 0;
        for (int64_t d = 0; d < width; d++) squares += (double)rows[r * width + d] * (double)rows[r * width + d];
        if (!(squares > 0.5)) /* nothing but 0, or not finite */
            return okng_fail(error, OKNG_ERROR_MISMATCH,
                             "what the image tower makes of the picture has no direction; check the weights");
    }
    return OKNG_OK;
}

static okng_status new_rows(const okng_afclip_memory *memory, float **rows, okng_error *error)
{
    const size_t bytes = (size_t)memory->width * sizeof **rows;
    *rows = okng_alloc((size_t)memory->patches, bytes);
    return *rows ? OKNG_OK : okng_fail_memory(error, (size_t)memory->patches * bytes);
}

okng_status okng_afclip_memory_put(okng_afclip_memory *memory, int32_t tap, const float *streams, int64_t i,
                                   int32_t group, okng_error *error)
{
    const int64_t patches = memory->patches, tokens = 1 + patches;
    float *rows;
    okng_status status = new_rows(memory, &rows, error);
    for (int32_t s = 0; s < OKNG_AFCLIP_SCALES && status == OKNG_OK; s++) {
        status = directions_of(memory, streams + s * tokens * memory->width, rows, error);
        if (status == OKNG_OK)
            okng_references_put(&memory->streams[tap * OKNG_AFCLIP_SCALES + s], rows, i * patches, patches, group);
    }
    free(rows);
    return status;
}

/* ---- thinning ------------------------------------------------------------------------------- */

static okng_status thin_stream(okng_reference_rows *thin, const okng_reference_rows *full,
                               const okng_build_options *options, okng_ticker *ticker, int64_t *picks,
                               okng_error *error)
{
    OKNG_TRY(okng_coreset_pick(options, full->data, full->count, full->dim, ticker, picks, error));
    for (int64_t r = 0; r < thin->count; r++)
        okng_references_put(thin, full->data + picks[r] * full->dim, r, 1, full->origin[picks[r]]);
    return OKNG_OK;
}

okng_status okng_afclip_memory_thin(okng_afclip_memory *thin, const okng_afclip_memory *full,
                                    const okng_build_options *options, okng_ticker *ticker, okng_error *error)
{
    const int64_t count = okng_sampler_count(options, full->streams[0].count);
    OKNG_TRY(okng_afclip_memory_new(thin, full->pictures, full->patches, full->width, count, error));
    int64_t *picks = okng_alloc((size_t)count, sizeof *picks);
    okng_status status = picks ? OKNG_OK : okng_fail_memory(error, (size_t)count * sizeof *picks);
    for (int32_t s = 0; s < OKNG_AFCLIP_STREAMS && status == OKNG_OK; s++)
        status = thin_stream(&thin->streams[s], &full->streams[s], options, ticker, picks, error);
    free(picks);
    if (status != OKNG_OK) okng_afclip_memory_free(thin);
    return status;
}

okng_status okng_afclip_memory_seal(okng_afclip_memory *memory, int threads, okng_error *error)
{
    for (int32_t s = 0; s < OKNG_AFCLIP_STREAMS && memory->pictures > 0; s++)
        OKNG_TRY(okng_references_seal(&memory->streams[s], threads, error));
    return OKNG_OK;
}

/* ---- searching ------------------------------------------------------------------------------ */

okng_status okng_afclip_memory_distances(const okng_afclip_memory *memory, int32_t tap, const float *streams,
                                         int32_t excluded, int threads, float *distances, okng_error *error)
{
    const int64_t patches = memory->patches, tokens = 1 + patches;
    float *rows;
    okng_status status = new_rows(memory, &rows, error);
    for (int32_t s = 0; s < OKNG_AFCLIP_SCALES && status == OKNG_OK; s++) {
        status = directions_of(memory, streams + s * tokens * memory->width, rows, error);
        if (status == OKNG_OK)
            status = okng_references_distances(&memory->streams[tap * OKNG_AFCLIP_SCALES + s], rows, patches, excluded,
                                               threads, distances + s * patches, error);
    }
    free(rows);
    return status;
}

/* A coreset may have kept none. */
static okng_status need_others(const okng_reference_rows *rows, int32_t group, okng_error *error)
{
    for (int64_t r = 0; r < rows->count; r++)
        if (rows->origin[r] != group) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_ARGUMENT,
        "the coreset keeps %lld patches of a stream, in one of them no other picture's, so this one cannot "
        "be judged by the others; keep more by coreset or coreset-size",
        (long long)rows->count);
}

okng_status okng_afclip_memory_leave_out(const okng_afclip_memory *memory, const okng_afclip_memory *full, int64_t i,
                                         int threads, float *distances, okng_error *error)
{
    const int64_t patches = full->patches, first = i * patches;
    for (int32_t s = 0; s < OKNG_AFCLIP_STREAMS; s++) {
        const okng_reference_rows *from = &full->streams[s];
        OKNG_TRY(need_others(&memory->streams[s], from->origin[first], error));
        OKNG_TRY(okng_references_distances(&memory->streams[s], from->data + first * from->dim, patches,
                                           from->origin[first], threads, distances + s * patches, error));
    }
    return OKNG_OK;
}

/* ---- joining -------------------------------------------------------------------------------- */

float okng_afclip_fuse(const float *distances, const float *p, int64_t patches, double share, float *map)
{
    double most = 0; /* no distance is below */
    for (int64_t i = 0; i < patches; i++) {
        double sum = 0;
        for (int32_t s = 0; s < OKNG_AFCLIP_STREAMS; s++) sum += (double)distances[s * patches + i];
        const double mean = sum / OKNG_AFCLIP_STREAMS;
        most = fmax(most, mean);
        map[i] = (float)(mean + share * (double)p[1 + i]);
    }
    return (float)(most + share * (double)p[0]);
}
