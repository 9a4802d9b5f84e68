/* What the readers share: the check of a header's size, and what they say of files that cannot be read. */
#include "image/formats.h"
#include <errno.h>

#include <inttypes.h>
#include <stdio.h>

okng_status okng_image_check_size(const okng_encoded *file, uint64_t width, uint64_t height, okng_error *error)
{
    if (width < 1 || height < 1)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: damaged %s: its header says %" PRIu64 " x %" PRIu64 " pixels, expected at least 1 x 1",
                         file->name, file->format, width, height);
    if (width > INT32_MAX || height > INT32_MAX || width * height > file->max_pixels)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "%s: the %s has %" PRIu64 " x %" PRIu64 " pixels (%.1f megapixels), at most %.1f megapixels "
                         "are allowed; scale it down or raise the limit",
                         file->name, file->format, width, height, (double)width * (double)height / 1e6,
                         (double)file->max_pixels / 1e6);
    return OKNG_OK;
}

okng_status okng_image_begin(okng_image *out, const okng_encoded *file, uint64_t width, uint64_t height,
                             okng_error *error)
{
    OKNG_TRY(okng_image_check_size(file, width, height, error));
    return okng_image_new(out, (int32_t)width, (int32_t)height, 3, error);
}

bool okng_rows_shrink(const okng_encoded *file)
{
    return file->stream && file->stream->count > 0;
}

okng_status okng_rows_begin(okng_image *out, const okng_encoded *file, uint64_t width, uint64_t height,
                            okng_error *error)
{
    okng_shrunk to[2];
    okng_stream *stream = file->stream;
    OKNG_TRY(okng_image_check_size(file, width, height, error));
    const okng_decoding *how = stream ? stream->how : NULL;
    int count = how && how->shrink ? how->shrink(how->shrink_context, (int32_t)width, (int32_t)height, to) : 0;
    if (count == 0) return okng_image_new(out, (int32_t)width, (int32_t)height, 3, error);
    for (int i = 0; i < count; i++)
        OKNG_TRY(okng_reduction_new(&stream->reductions[i], (int32_t)width, (int32_t)height, &to[i], error));
    stream->count = count;
    stream->width = (int32_t)width;
    stream->height = (int32_t)height;
    return OKNG_OK;
}

uint8_t *okng_rows_at(const okng_image *out, const okng_encoded *file, uint32_t y)
{
    return okng_rows_shrink(file) ? okng_reduction_row(file->stream->reductions[0])
                                  : out->pixels + (size_t)y * (size_t)out->width * 3;
}

void okng_rows_take(const okng_encoded *file, uint32_t y, const uint8_t *rgb)
{
    for (int i = 0; i < file->stream->count; i++) okng_reduction_take(file->stream->reductions[i], (int32_t)y, rgb);
}

void okng_rows_done(const okng_encoded *file, uint32_t y)
{
    if (okng_rows_shrink(file)) okng_rows_take(file, y, okng_reduction_row(file->stream->reductions[0]));
}

okng_status okng_rows_end(okng_image *out, const okng_encoded *file, okng_error *error)
{
    if (!okng_rows_shrink(file)) return OKNG_OK;
    OKNG_TRY(okng_reduction_finish(file->stream->reductions[0], out, error));
    if (file->stream->count < 2) return OKNG_OK;
    return okng_reduction_finish(file->stream->reductions[1], file->stream->how->second, error);
}

/* Some libraries do not tell a file that is damaged from memory that they did not get; malloc does. */
okng_status okng_image_damaged(const okng_encoded *file, const char *reason, okng_error *error)
{
    if (errno == ENOMEM)
        return okng_fail(error, OKNG_ERROR_MEMORY, "%s: out of memory while decoding %s", file->name, file->format);
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: damaged or truncated %s (%s); copy or save the picture again",
                     file->name, file->format, okng_translate(reason));
}

okng_status okng_image_unsupported(const okng_encoded *file, const char *found, const char *expected, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: %s %s is not supported, expected %s; save it as PNG",
                     file->name, file->format, okng_translate(found), okng_translate(expected));
}

void okng_note_samples(const okng_encoded *file, const uint16_t *from, size_t count, size_t step)
{
    unsigned seen = file->depth->seen;
    for (size_t i = 0; i < count; i++) seen |= from[i * step];
    file->depth->seen = (uint16_t)seen;
}

void okng_narrow_samples(const okng_encoded *file, int32_t bits, const uint16_t *from, size_t count, size_t from_step,
                         uint8_t *to, size_t to_step)
{
    const unsigned top = (1u << bits) - 1, shift = (unsigned)bits - 8, least = file->is_mask ? 1 : 0;
    for (size_t i = 0; i < count; i++) {
        unsigned sample = from[i * from_step], value = (sample < top ? sample : top) >> shift;
        to[i * to_step] = (uint8_t)(value == 0 && sample > 0 ? least : value);
    }
}

static int32_t silent_bits(okng_depth depth)
{
    const unsigned seen = depth.seen;
    bool low = depth.hint > 0 && seen < 1u << depth.hint;
    if (!low && (seen == 0 || (seen > 0xfff && (seen & 0xf) == 0))) return 16;
    for (int32_t bits = 8; bits < 16; bits += 2)
        if (seen < 1u << bits && (!low || depth.hint <= bits)) return bits;
    return 16;
}

int32_t okng_depth_bits(okng_depth depth)
{
    int32_t silent = depth.silent ? silent_bits(depth) : 0;
    return silent > depth.stated ? silent : depth.stated;
}

/* Pictures of 8 bits beside those of 16, which are scaled alike, are not worth a word. */
bool okng_depth_differs(okng_depth depth, int32_t bits, char *text, size_t size)
{
    const unsigned top = (1u << bits) - 1;
    if (depth.silent && bits == 8) {
        if (depth.seen <= top) return false;
        (void)snprintf(text, size, "its samples use %d bits, where 8 are expected; it is read by its own",
                       silent_bits(depth));
        return true;
    }
    if (depth.silent) {
        if (depth.seen <= top) return false;
        (void)snprintf(text, size, "samples above %u, the largest of the %d bits that are expected, are cut off", top,
                       bits);
        return true;
    }
    int32_t stated = okng_even_bits(depth.stated);
    if (stated == bits || (stated == 8 && bits == 16)) return false;
    (void)snprintf(text, size, "it has %d bits a sample, where %d are expected", depth.stated, bits);
    return true;
}

void okng_depth_unite(okng_depth *all, okng_depth one)
{
    if (one.stated > all->stated) all->stated = one.stated;
    all->silent |= one.silent;
    if (one.hint > all->hint) all->hint = one.hint;
    all->seen = (uint16_t)(all->seen | one.seen);
}

int32_t okng_bits_of(okng_bit_depth depth)
{
    return depth == OKNG_BIT_DEPTH_AUTO ? 0 : 6 + 2 * (int32_t)depth;
}
