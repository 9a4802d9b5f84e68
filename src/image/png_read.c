/* PNG by libspng. */
#include <spng.h>

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
    if (!code && status == OKNG_OK) code = read_pixels(reader, out);
    if (code) status = fail_png(file, code, error);
    spng_ctx_free(reader);
    return status;
}
