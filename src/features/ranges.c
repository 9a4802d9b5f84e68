#include "features/ranges.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/parallel.h"

enum { MAX_PICTURES = 32 };

/* An extractor as `options` describe, in float32. */
static okng_status open_observer(okng_extractor **out, const okng_build_options *options, const okng_weights *weights,
                                 const okng_ignored *ignored, int32_t height, int32_t width, okng_error *error)
{
    okng_build_options full = *options;
    full.precision = OKNG_PRECISION_FP32;
    OKNG_TRY(okng_extractor_new(out, &full, weights, (okng_ranges){NULL, 0}, ignored, height, width, 1, error));
    int32_t nodes = okng_extractor_nodes(*out);
    if (nodes <= OKNG_MEASURED_RANGES_MAX) return OKNG_OK;
    okng_extractor_free(out);
    return okng_fail(error, OKNG_ERROR_LIMIT, "%s has %d nodes, the precision int8 goes up to %d; use fp32 or bf16",
                     options->backbone, nodes, OKNG_MEASURED_RANGES_MAX);
}

static okng_status observe(const okng_extractor *extractor, const okng_image *rgb, float *ranges, okng_error *error)
{
    okng_extractor_session *session;
    OKNG_TRY(okng_extractor_session_new(&session, extractor, 1, error));
    okng_status status = okng_extractor_observe(session, rgb, ranges, error);
    okng_extractor_session_free(&session);
    return status;
}

/* One picture of the loop and what came of it. */
typedef struct sample {
    size_t picture;
    okng_status status;
    okng_error error;
    float ranges[OKNG_MEASURED_RANGES_MAX];
} sample;

typedef struct sampling {
    const okng_extractor *extractor;
    const okng_pictures *pictures;
    uint64_t max_pixels;
    sample *samples;
} sampling;

static void observe_some(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const sampling *s = context;
    for (int64_t i = begin; i < end; i++) {
        sample *one = &s->samples[i];
        okng_image rgb;
        one->status = okng_pictures_load(s->pictures, one->picture, s->max_pixels, &rgb, &one->error);
        if (one->status != OKNG_OK) continue;
        one->status = observe(s->extractor, &rgb, one->ranges, &one->error);
        if (one->status != OKNG_OK)
            (void)okng_error_context(&one->error, one->status, "%s", okng_pictures_name(s->pictures, one->picture));
        okng_image_free(&rgb);
    }
}

static okng_status collect(const sample *samples, int64_t count, okng_measured_ranges *ranges, okng_error *error)
{
    for (int64_t i = 0; i < count; i++) {
        if (samples[i].status != OKNG_OK) return okng_fail(error, samples[i].status, "%s", samples[i].error.message);
        for (int32_t k = 0; k < ranges->count; k++) ranges->values[k] = fmaxf(ranges->values[k], samples[i].ranges[k]);
    }
    return OKNG_OK;
}

okng_status okng_ranges_of_pictures(okng_measured_ranges *ranges, const okng_build_options *options,
                                    const okng_weights *weights, const okng_ignored *ignored,
                                    const okng_pictures *pictures, int32_t height, int32_t width, int threads,
                                    okng_error *error)
{
    *ranges = (okng_measured_ranges){.count = 0};
    if (options->precision != OKNG_PRECISION_INT8) return OKNG_OK;
    size_t count = pictures->count, chosen = count < MAX_PICTURES ? count : MAX_PICTURES;
    okng_extractor *extractor;
    OKNG_TRY(open_observer(&extractor, options, weights, ignored, height, width, error));
    ranges->count = okng_extractor_nodes(extractor);
    sample *samples = okng_alloc_zero(chosen, sizeof *samples);
    okng_status status = samples ? OKNG_OK : okng_fail_memory(error, chosen * sizeof *samples);
    for (size_t i = 0; i < chosen && samples; i++) samples[i].picture = i * count / chosen;
    sampling s = {extractor, pictures, options->max_pixels, samples};
    if (status == OKNG_OK) {
        okng_parallel_for(threads, (int64_t)chosen, 1, observe_some, &s);
        status = collect(samples, (int64_t)chosen, ranges, error);
    }
    free(samples);
    okng_extractor_free(&extractor);
    return status;
}

okng_status okng_ranges_of_image(okng_measured_ranges *ranges, const okng_build_options *options,
                                 const okng_weights *weights, const okng_image *rgb, int32_t height, int32_t width,
                                 okng_error *error)
{
    *ranges = (okng_measured_ranges){.count = 0};
    if (options->precision != OKNG_PRECISION_INT8) return OKNG_OK;
    okng_extractor *extractor;
    OKNG_TRY(open_observer(&extractor, options, weights, NULL, height, width, error));
    ranges->count = okng_extractor_nodes(extractor);
    okng_status status = observe(extractor, rgb, ranges->values, error);
    okng_extractor_free(&extractor);
    return status;
}
