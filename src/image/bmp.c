/* BMP by stb_image. The version that Debian 12 has refuses gaps between header and pixels, misreads the palette of OS/2
 * files, leaves missing palette entries uninitialised and pads truncated pixels. So the header is read here, checked
 * against the size of the file, and stb is given a plain one, with a full palette, before the file's pixels. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "image/formats.h"

/* Not undone below: GCC tells at the end of the file of functions that stb declares and, of BMP alone, does not define.
 */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wshadow"
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_FAILURE_STRINGS
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

#define FILE_HEADER 14
#define INFO_HEADER 40
#define PALETTE_MAX 1024 /* bytes of 256 entries */

enum { UNCOMPRESSED = 0, BIT_FIELDS = 3 };

typedef struct bmp_reader {
    const okng_encoded *file;
    uint32_t width, height;
    bool top_down;
    unsigned bits;
    uint32_t compression;
    uint32_t offset;   /* of the pixels in the file */
    uint32_t masks[3]; /* of red, green, blue; for BIT_FIELDS */
    uint8_t header[FILE_HEADER + INFO_HEADER + PALETTE_MAX];
    size_t header_size, position; /* what stb reads: the header, then the pixels */
} bmp_reader;

static uint32_t get16(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8;
}
static uint32_t get32(const uint8_t *from)
{
    return get16(from) | get16(from + 2) << 16;
}

static void put32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++) to[i] = (uint8_t)(value >> 8 * i);
}

/* ---- the file's header ---- */

static okng_status read_size(bmp_reader *reader, uint32_t info_size, okng_error *error)
{
    const uint8_t *info = reader->file->data + FILE_HEADER;
    if (info_size == 12) {
        reader->width = get16(info + 4);
        reader->height = get16(info + 6);
        reader->bits = get16(info + 10);
    } else {
        reader->width = get32(info + 4);
        reader->height = get32(info + 8);
        reader->top_down = reader->height > INT32_MAX; /* a negative height */
        if (reader->top_down) reader->height = 0 - reader->height;
        reader->bits = get16(info + 14);
        reader->compression = get32(info + 16);
    }
    return okng_image_check_size(reader->file, reader->width, reader->height, error);
}

static okng_status check_kind(const bmp_reader *reader, okng_error *error)
{
    unsigned bits = reader->bits;
    if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
        return okng_image_unsupported(reader->file, "with this number of bits", "1, 4, 8, 16, 24 or 32", error);
    if (reader->compression != UNCOMPRESSED && (reader->compression != BIT_FIELDS || (bits != 16 && bits != 32)))
        return okng_image_unsupported(reader->file, "with compression", "none", error);
    uint64_t row = ((uint64_t)reader->width * bits + 31) / 32 * 4;
    if (reader->offset > reader->file->size || row * reader->height > reader->file->size - reader->offset)
        return okng_image_damaged(reader->file, "its pixels are not all there", error);
    return OKNG_OK;
}

/* Copies the palette, as far as it goes, to entries of four bytes; entries that are not there stay black. Cameras write
 * grey pictures without any: its shades then. */
static okng_status read_palette(bmp_reader *reader, uint32_t info_size, okng_error *error)
{
    uint32_t entry = info_size == 12 ? 3 : 4, count = 1u << reader->bits;
    uint32_t begin = FILE_HEADER + info_size;
    if (info_size != 12) {
        uint32_t stated = get32(reader->file->data + FILE_HEADER + 32);
        if (stated > 0 && stated < count) count = stated;
    }
    if (reader->offset < begin) return okng_image_damaged(reader->file, "its palette is missing", error);
    if (count > (reader->offset - begin) / entry) count = (reader->offset - begin) / entry;
    const uint8_t *from = reader->file->data + begin;
    for (uint32_t i = 0; count == 0 && i < 1u << reader->bits; i++)
        memset(reader->header + reader->header_size + 4 * i, (int)(i * 255 / ((1u << reader->bits) - 1)), 3);
    for (uint32_t i = 0; i < count; i++) memcpy(reader->header + reader->header_size + 4 * i, from + i * entry, 3);
    reader->header_size += (size_t)4 << reader->bits;
    return OKNG_OK;
}

static okng_status read_masks(bmp_reader *reader, uint32_t info_size, okng_error *error)
{
    if (reader->offset < FILE_HEADER + INFO_HEADER + 12 || (info_size > INFO_HEADER && info_size < INFO_HEADER + 12))
        return okng_image_damaged(reader->file, "its colour masks are missing", error);
    for (int c = 0; c < 3; c++) {
        uint32_t mask = get32(reader->file->data + FILE_HEADER + INFO_HEADER + 4 * c);
        if (mask == 0 || stbi__bitcount(mask) > 8)
            return okng_image_unsupported(reader->file, "with such colour masks", "masks of 1 to 8 bits", error);
        reader->masks[c] = mask;
        put32(reader->header + reader->header_size, mask);
        reader->header_size += 4;
    }
    return OKNG_OK;
}

static okng_status read_header(bmp_reader *reader, okng_error *error)
{
    const okng_encoded *file = reader->file;
    uint32_t info_size = file->size >= FILE_HEADER + 4 ? get32(file->data + FILE_HEADER) : 0;
    if (file->size < FILE_HEADER + 12 || info_size > file->size - FILE_HEADER)
        return okng_image_damaged(file, "its header is not whole", error);
    if (info_size != 12 && (info_size < INFO_HEADER || info_size > 124))
        return okng_image_unsupported(file, "with such a header", "one of 12 or 40 to 124 bytes", error);
    OKNG_TRY(read_size(reader, info_size, error));
    reader->offset = get32(file->data + 10);
    OKNG_TRY(check_kind(reader, error));

    memcpy(reader->header, "BM", 2);
    put32(reader->header + 14, INFO_HEADER);
    put32(reader->header + 18, reader->width);
    put32(reader->header + 22, reader->top_down ? 0 - reader->height : reader->height);
    put32(reader->header + 26, 1 | reader->bits << 16); /* one plane */
    put32(reader->header + 30, reader->compression);
    reader->header_size = FILE_HEADER + INFO_HEADER;
    if (reader->bits <= 8) OKNG_TRY(read_palette(reader, info_size, error));
    if (reader->compression == BIT_FIELDS) OKNG_TRY(read_masks(reader, info_size, error));
    put32(reader->header + 10, (uint32_t)reader->header_size);
    return OKNG_OK;
}

/* ---- what stb reads ---- */

static int read_bytes(void *user, char *to, int size)
{
    bmp_reader *reader = user;
    size_t want = (size_t)size, done = 0;
    if (reader->position < reader->header_size) {
        size_t left = reader->header_size - reader->position;
        done = want < left ? want : left;
        memcpy(to, reader->header + reader->position, done);
    }
    if (done < want) {
        size_t at = reader->offset + reader->position + done - reader->header_size;
        size_t left = at < reader->file->size ? reader->file->size - at : 0;
        size_t count = want - done < left ? want - done : left;
        if (count > 0) memcpy(to + done, reader->file->data + at, count);
        done += count;
    }
    reader->position += done;
    return (int)done;
}

static void skip_bytes(void *user, int count)
{
    if (count > 0) ((bmp_reader *)user)->position += (size_t)count;
}

static int at_end(void *user)
{
    const bmp_reader *reader = user;
    return reader->position >= reader->header_size + reader->file->size - reader->offset;
}

/* stb spreads 5 and 6 bits by repeating the upper ones; Pillow by rounding v * 255 / (2^bits - 1) down. */
static void spread_as_pillow(const bmp_reader *reader, okng_image *out)
{
    unsigned drop[3] = {3, 3, 3};
    if (reader->compression == BIT_FIELDS)
        for (int c = 0; c < 3; c++) drop[c] = 8u - (unsigned)stbi__bitcount(reader->masks[c]);
    size_t pixels = (size_t)out->width * (size_t)out->height;
    for (size_t i = 0; i < pixels; i++)
        for (size_t c = 0; c < 3; c++) {
            unsigned value = (unsigned)out->pixels[3 * i + c] >> drop[c];
            out->pixels[3 * i + c] = (uint8_t)(value * 255 / (255u >> drop[c]));
        }
}

okng_status okng_bmp_decode(okng_image *out, const okng_encoded *file, okng_error *error)
{
    bmp_reader reader = {.file = file};
    OKNG_TRY(read_header(&reader, error));
    if ((uint64_t)reader.width * reader.height > INT32_MAX / 4 || reader.width > STBI_MAX_DIMENSIONS ||
        reader.height > STBI_MAX_DIMENSIONS)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "%s: a BMP of %u x %u pixels is too large for stb_image; scale it down", file->name,
                         reader.width, reader.height);
    static const stbi_io_callbacks source = {read_bytes, skip_bytes, at_end};
    int width, height, channels;
    uint8_t *pixels = stbi_load_from_callbacks(&source, &reader, &width, &height, &channels, 3);
    if (!pixels) return okng_image_damaged(file, "stb_image cannot decode it", error);
    *out = (okng_image){.width = width, .height = height, .channels = 3, .pixels = pixels};
    if (reader.bits == 16) spread_as_pillow(&reader, out);
    return OKNG_OK;
}
