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

/* Row after row, where the picture is made smaller. */
static int read_rows(spng_ctx *reader, const okng_encoded *file, okng_image *out, uint32_t width, uint32_t height)
{
    int code = spng_decode_image(reader, NULL, 0, SPNG_FMT_RGB8, SPNG_DECODE_PROGRESSIVE);
    for (uint32_t y = 0; y < height && !code; y++) {
        code = spng_decode_row(reader, okng_rows_at(out, file, y), (size_t)width * 3);
        if (code == SPNG_EOI && y == height - 1) code = 0;
        if (!code) okng_rows_done(file, y);
    }
    return code ? code : spng_decode_chunks(reader);
}

/* RGB8 looks a palette up and drops alpha. */
static int read_pixels(spng_ctx *reader, okng_image *out)
{
    size_t size = (size_t)out->width * (size_t)out->height * 3;
    int code = spng_decode_image(reader, out->pixels, size, SPNG_FMT_RGB8, 0);
    return code ? code : spng_decode_chunks(reader); /* to the end mark, checksums included */
}

/* sBIT: the bits that the colours of 16 use; 0: it is not there. By PNG's rule they are the upper ones, which need no
 * care. Writers that leave them in the lower ones are told by the samples. */
static int32_t hinted_bits(spng_ctx *reader, const struct spng_ihdr *header)
{
    struct spng_sbit used;
    if (spng_get_sbit(reader, &used) != 0) return 0;
    int32_t most = header->color_type & 2 ? used.red_bits : used.grayscale_bits;
    if (header->color_type & 2 && used.green_bits > most) most = used.green_bits;
    if (header->color_type & 2 && used.blue_bits > most) most = used.blue_bits;
    return most < 8 ? 8 : most > 15 ? 0 : most;
}

/* Samples of 16 bits: 1 to 4 a pixel, of which alpha is dropped. `to` is not looked at in a scan. */
static void narrow_pixels(const struct spng_ihdr *header, const okng_encoded *file, const uint16_t *samples,
                          size_t pixels, uint8_t *to)
{
    const size_t colours = header->color_type & 2 ? 3 : 1, step = colours + (header->color_type & 4 ? 1 : 0);
    for (size_t c = 0; c < colours; c++) okng_note_samples(file, samples + c, pixels, step);
    for (size_t c = 0; c < colours && !file->scan; c++)
        okng_narrow_samples(file, okng_silent_bits(file), samples + c, pixels, step, to + c, 3);
    for (size_t p = 0; colours == 1 && !file->scan && p < pixels; p++) to[3 * p + 1] = to[3 * p + 2] = to[3 * p];
}

/* NULL while only the depth is looked for. */
static uint8_t *row_of(const okng_image *out, uint32_t y)
{
    return out->pixels ? out->pixels + (size_t)y * (size_t)out->width * 3 : NULL;
}

/* Row after row, so that no picture of 16 bits is held; an interlaced one is not made of rows. */
static int read_deep_rows(spng_ctx *reader, const struct spng_ihdr *header, const okng_encoded *file, size_t row_bytes,
                          okng_image *out)
{
    uint16_t *samples = okng_alloc(row_bytes, 1);
    int code = samples ? spng_decode_image(reader, NULL, 0, SPNG_FMT_PNG, SPNG_DECODE_PROGRESSIVE) : SPNG_EMEM;
    for (uint32_t y = 0; y < header->height && !code; y++) {
        code = spng_decode_row(reader, samples, row_bytes);
        if (code == SPNG_EOI && y == header->height - 1) code = 0;
        if (code) break;
        narrow_pixels(header, file, samples, header->width, file->scan ? NULL : okng_rows_at(out, file, y));
        if (!file->scan) okng_rows_done(file, y);
    }
    free(samples);
    return code;
}

static int read_deep_whole(spng_ctx *reader, const struct spng_ihdr *header, const okng_encoded *file, size_t size,
                           okng_image *out)
{
    uint16_t *samples = okng_alloc(size, 1);
    int code = samples ? spng_decode_image(reader, samples, size, SPNG_FMT_PNG, 0) : SPNG_EMEM;
    for (uint32_t y = 0; y < header->height && !code; y++)
        narrow_pixels(header, file, samples + size / 2 / header->height * y, header->width, row_of(out, y));
    free(samples);
    return code;
}

static int read_deep(spng_ctx *reader, const struct spng_ihdr *header, const okng_encoded *file, okng_image *out)
{
    size_t size;
    int code = spng_decoded_image_size(reader, SPNG_FMT_PNG, &size);
    if (code) return code;
    code = header->interlace_method ? read_deep_whole(reader, header, file, size, out)
                                    : read_deep_rows(reader, header, file, size / header->height, out);
    return code ? code : spng_decode_chunks(reader);
}

okng_status okng_png_decode(okng_image *out, const okng_encoded *file, okng_error *error)
{
    spng_ctx *reader = spng_ctx_new(0);
    if (!reader) return fail_png(file, SPNG_EMEM, error);
    okng_status status = OKNG_OK;
    struct spng_ihdr header = {0};
    int code = spng_set_crc_action(reader, SPNG_CRC_ERROR, SPNG_CRC_ERROR);
    if (!code) code = spng_set_chunk_limits(reader, MAX_CHUNK, MAX_CHUNK);
    if (!code) code = spng_set_png_buffer(reader, file->data, file->size);
    if (!code) code = spng_get_ihdr(reader, &header);
    if (!code) status = okng_image_check_size(file, header.width, header.height, error);
    const bool deep = header.bit_depth == 16;
    if (!code && status == OKNG_OK && deep)
        *file->depth = (okng_depth){.silent = true, .hint = hinted_bits(reader, &header), .seen = file->depth->seen};
    if (!code && status == OKNG_OK && !file->scan)
        status = header.interlace_method ? okng_image_begin(out, file, header.width, header.height, error)
                                         : okng_rows_begin(out, file, header.width, header.height, error);
    if (!code && status == OKNG_OK && deep)
        code = read_deep(reader, &header, file, out);
    else if (!code && status == OKNG_OK && okng_rows_shrink(file))
        code = read_rows(reader, file, out, header.width, header.height);
    else if (!code && status == OKNG_OK && !file->scan)
        code = read_pixels(reader, out);
    if (!code && status == OKNG_OK) status = okng_rows_end(out, file, error);
    if (code) status = fail_png(file, code, error);
    spng_ctx_free(reader);
    return status;
}
