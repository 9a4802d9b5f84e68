#include "afclip/plan.h"

#include <string.h>

#include "net/clip.h"

static okng_status check_taps(const int32_t taps[OKNG_AFCLIP_TAPS], const char *backbone, int32_t layers,
                              okng_error *error)
{
    bool fit = taps[0] >= 0 && taps[OKNG_AFCLIP_TAPS - 1] < layers;
    for (int32_t i = 1; i < OKNG_AFCLIP_TAPS; i++) fit = fit && taps[i] > taps[i - 1];
    if (fit) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "option taps: %d %d %d %d, expected %d numbers that rise, of the blocks 0..%d of %s", (int)taps[0],
                     (int)taps[1], (int)taps[2], (int)taps[3], OKNG_AFCLIP_TAPS, (int)layers - 1, backbone);
}

static okng_status check_side(const char *what, int32_t pixels, const char *backbone, int32_t patch, okng_error *error)
{
    if (pixels > 0 && pixels % patch == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: an input %d pixels %s, expected multiples of its patch of %d",
                     backbone, (int)pixels, what, (int)patch);
}

okng_status okng_afclip_plan_of(okng_afclip_plan *out, const char *backbone, int32_t height, int32_t width,
                                const int32_t taps[OKNG_AFCLIP_TAPS], okng_error *error)
{
    okng_clip_shape clip;
    OKNG_TRY(okng_clip_shape_of(backbone, &clip, error));
    OKNG_TRY(check_side("high", height, backbone, clip.patch, error));
    OKNG_TRY(check_side("wide", width, backbone, clip.patch, error));
    const int64_t patches = (int64_t)(height / clip.patch) * (width / clip.patch);
    if (patches >= INT32_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: an input of %dx%d pixels has %lld patches, expected fewer",
                         backbone, (int)width, (int)height, (long long)patches);
    *out = (okng_afclip_plan){.rows = height / clip.patch,
                              .columns = width / clip.patch,
                              .tokens = 1 + (int32_t)patches,
                              .width = clip.width,
                              .text_width = clip.text_width,
                              .embedding = clip.embedding};
    for (int32_t i = 0; i < OKNG_AFCLIP_TAPS; i++)
        out->taps[i] = taps ? taps[i] : ((i + 1) * clip.layers + OKNG_AFCLIP_TAPS / 2) / OKNG_AFCLIP_TAPS - 1;
    return check_taps(out->taps, backbone, clip.layers, error);
}
