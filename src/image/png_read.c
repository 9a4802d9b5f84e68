/* PNG by libspng. */
#include <spng.h>
#include <stdlib.h>

#include "base/memory.h"
#include "image/formats.h"

/* Text and colour profiles are of no use here, but they are read; none needs more. */
#define MAX_CHUNK ((size_t)16 << 20)

static okng_status fail_png(const okng_encoded *file, int code, okng_error *error)
{
    if (code == SPNG_EMEM)
        return okng_fail(error, OKNG_ERROR_MEMORY, "%s: out of memory while decoding PNG", file->name);
    if (code == SPNG_ECHUNK_LIMITS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: PNG with text or profiles of more than %zu bytes; save it again",
                         file->name, MAX_CHUNK);
    return okng_image_damaged(file, spng_strerror(code), error);
}

/* RGB8 takes the high byte of 16 bits, looks a palette up and drops alpha. */
static int read_pixels(spng_ctx *reader, okng_image *out)
{
    size_t size = (size_t)out->width * (size_t)out->height * 3;
    int code = spng_decode_image(reader, out->pixels, size, SPNG_FMT_RGB8, 0);
    return code ? code : spng_decode_chunks(reader); /* to the end mark, checksums included */
}

/* The samples as they are, in 16 bits: 1 to 4 a pixel, of which alpha is dropped. */
static int read_wide_mask(spng_ctx *reader, const struct spng_ihdr *header, const okng_encoded *file, okng_image *out)
{
    size_t size, pixels = (size_t)out->width * (size_t)out->height;
    int code = spng_decoded_image_size(reader, SPNG_FMT_PNG, &size);
    if (code) return code;
    uint16_t *samples = okng_alloc(size, 1);
    if (!samples) return SPNG_EMEM;
    bool colour = header->color_type & 2, alpha = header->color_type & 4;
    size_t colours = colour ? 3 : 1, step = colours + (alpha ? 1 : 0);
    code = spng_decode_image(reader, samples, size, SPNG_FMT_PNG, 0);
    for (size_t p = 0; p < pixels && !code; p++)
        for (size_t c = 0; c < 3; c++)
            out->pixels[3 * p + c] = okng_sample_byte(file, samples[step * p + (colour ? c : 0)]);
    free(samples);
    return code ? code : spng_decode_chunks(reader);
}

okng_status okng_png_decode(okng_image *out, const okng_encoded *file, okng_error *error)
{
    spng_ctx *reader = spng_ctx_new(0);
    if (!reader) return fail_png(file, SPNG_EMEM, error);
    okng_status status = OKNG_OK;
    struct spng_ihdr header;
    int code = spng_set_crc_action(reader, SPNG_CRC_ERROR, SPNG_CRC_ERROR);
    if (!code) code = spng_set_chunk_limits(reader, MAX_CHUNK, MAX_CHUNK);
    if (!code) code = spng_set_png_buffer(reader, file->data, file->size);
    if (!code) code = spng_get_ihdr(reader, &header);
    if (!code) status = okng_image_begin(out, file, header.width, header.height, error);
    bool wide_mask = file->is_mask && !code && header.bit_depth == 16;
    if (!code && status == OKNG_OK)
        code = wide_mask ? read_wide_mask(reader, &header, file, out) : read_pixels(reader, out);
    if (code) status = fail_png(file, code, error);
    spng_ctx_free(reader);
    return status;
}
