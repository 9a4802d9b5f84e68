/* WebP by libwebp: one picture, lossy or lossless. */
#include <stdbool.h>

#include <webp/decode.h>

#include "base/memory_room.h"
#include "image/formats.h"

static const char *reason_of(VP8StatusCode code)
{
    switch (code) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return "it ends too early";
    case VP8_STATUS_BITSTREAM_ERROR:
        return "its pixels cannot be decoded";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return "it uses something that libwebp does not know";
    default:
        return "libwebp refuses it";
    }
}

static okng_status fail_webp(const okng_encoded *file, VP8StatusCode code, okng_error *error)
{
    if (code == VP8_STATUS_OUT_OF_MEMORY)
        return okng_fail(error, OKNG_ERROR_MEMORY, "%s: out of memory while decoding WebP", file->name);
    return okng_image_damaged(file, reason_of(code), error);
}

/* libwebp is content with a file that lacks what comes after the pixels. */
static bool is_whole(const okng_encoded *file)
{
    const uint8_t *size = file->data + 4;
    uint32_t stated = size[0] | (uint32_t)size[1] << 8 | (uint32_t)size[2] << 16 | (uint32_t)size[3] << 24;
    return stated <= file->size - 8;
}

okng_status okng_webp_decode(okng_image *out, const okng_encoded *file, okng_error *error)
{
    if (!is_whole(file)) return fail_webp(file, VP8_STATUS_NOT_ENOUGH_DATA, error);
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config))
        return okng_fail(error, OKNG_ERROR_INTERNAL, "libwebp is of another version than okng was built for");
    VP8StatusCode code = WebPGetFeatures(file->data, file->size, &config.input);
    if (code != VP8_STATUS_OK) return fail_webp(file, code, error);
    if (config.input.has_animation) return okng_image_unsupported(file, "animation", "one picture", error);
    OKNG_TRY(okng_image_begin(out, file, (uint64_t)config.input.width, (uint64_t)config.input.height, error));

    /* libwebp (1.2) crashes where some of its allocations fail: a copy of the picture, and tables. */
    const size_t room = (size_t)out->width * (size_t)out->height * 4 + ((size_t)4 << 20);
    if (!okng_memory_can_map(room)) return okng_fail_memory(error, room);
    config.output.colorspace = MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = out->pixels;
    config.output.u.RGBA.stride = out->width * 3; /* a WebP has at most 16383 columns */
    config.output.u.RGBA.size = (size_t)out->width * (size_t)out->height * 3;
    code = WebPDecode(file->data, file->size, &config);
    WebPFreeDecBuffer(&config.output);
    return code == VP8_STATUS_OK ? OKNG_OK : fail_webp(file, code, error);
}
