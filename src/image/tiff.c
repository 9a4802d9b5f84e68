/* TIFF by libtiff, from memory: the first page; 1 to 16 bits; grey, palette, RGB, CMYK, with or without alpha; strips
 * and tiles; turned upright. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

#include "base/memory.h"
#include "base/memory_room.h"
#include "image/formats.h"

#define MAX_SAMPLES 8
#define READER_MEMORY ((uint64_t)64 << 20) /* what one allocation of libtiff may take besides the pixels */

typedef struct tiff_reader {
    const okng_encoded *file;
    TIFF *handle;
    toff_t position;
    bool reading_pixels;
    char damage[160]; /* the first error that libtiff reported; "" = none */

    uint32_t width, height;
    uint32_t block_width, block_height; /* of a tile, or of a strip */
    uint16_t bits, samples, colours, photometric;
    int32_t used_bits;  /* of a sample: `bits`, but of a silent one of 16 */
    bool planar;        /* each sample in blocks of its own */
    bool by_rows;       /* blocks are rows */
    bool premultiplied; /* colours are multiplied by the fourth sample */
    size_t row_bytes;   /* of a block, of one plane */
    uint16_t *palette[3];
    uint8_t *block;    /* one block of each plane */
    uint8_t *samples8; /* one row of a block, interleaved, 8 bits each */
    uint8_t *band;     /* a row of blocks as RGB, where the picture is made smaller */
    uint16_t *wide;    /* one row of a block, of one plane, before it is brought to 8 bits */
} tiff_reader;

/* ---- the file in memory ---- */

static tmsize_t read_bytes(thandle_t user, void *to, tmsize_t size)
{
    tiff_reader *reader = user;
    if (size < 0 || reader->position >= reader->file->size) return 0;
    size_t left = reader->file->size - (size_t)reader->position;
    size_t count = (size_t)size < left ? (size_t)size : left;
    memcpy(to, reader->file->data + reader->position, count);
    reader->position += count;
    return (tmsize_t)count;
}

static tmsize_t write_nothing(thandle_t user, void *from, tmsize_t size)
{
    (void)user, (void)from, (void)size;
    return -1;
}

static toff_t seek(thandle_t user, toff_t offset, int whence)
{
    tiff_reader *reader = user;
    toff_t base = whence == SEEK_CUR ? reader->position : whence == SEEK_END ? reader->file->size : 0;
    reader->position = base + offset; /* may wrap or lie past the end: reading checks */
    return reader->position;
}

static int close_nothing(thandle_t user)
{
    (void)user;
    return 0;
}

static toff_t file_size(thandle_t user)
{
    return ((const tiff_reader *)user)->file->size;
}

static int map_file(thandle_t user, void **data, toff_t *size)
{
    const tiff_reader *reader = user;
    *data = (void *)(uintptr_t)reader->file->data; /* libtiff only reads from it when the mode is "r" */
    *size = reader->file->size;
    return 1;
}

static void unmap_nothing(thandle_t user, void *data, toff_t size)
{
    (void)user, (void)data, (void)size;
}

/* ---- damage ---- */

__attribute__((format(printf, 4, 0))) static int hear_error(TIFF *handle, void *user, const char *module,
                                                            const char *format, va_list args)
{
    (void)handle, (void)module;
    tiff_reader *reader = user;
    if (!reader->damage[0]) (void)vsnprintf(reader->damage, sizeof reader->damage, format, args);
    return 1; /* heard: no other handler is asked */
}

/* Before the pixels libtiff warns of tags that it does not know or need; while reading pixels a warning means that
 * they are not whole, old LZW files excepted. */
__attribute__((format(printf, 4, 0))) static int hear_warning(TIFF *handle, void *user, const char *module,
                                                              const char *format, va_list args)
{
    const tiff_reader *reader = user;
    if (!reader->reading_pixels || strncmp(format, "Old-style LZW", 13) == 0) return 1;
    return hear_error(handle, user, module, format, args);
}

static okng_status damaged(const tiff_reader *reader, okng_error *error)
{
    return okng_image_damaged(reader->file, reader->damage[0] ? reader->damage : "its pixels are not whole", error);
}

static okng_status open_tiff(tiff_reader *reader, okng_error *error)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options) return okng_fail_memory(error, 1);
    uint64_t memory = reader->file->max_pixels;
    memory = memory > INT64_MAX / 32 ? INT64_MAX : memory * 16 + READER_MEMORY;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)memory);
    TIFFOpenOptionsSetErrorHandlerExtR(options, hear_error, reader);
    TIFFOpenOptionsSetWarningHandlerExtR(options, hear_warning, reader);
    reader->handle = TIFFClientOpenExt("memory", "r", reader, read_bytes, write_nothing, seek, close_nothing, file_size,
                                       map_file, unmap_nothing, options);
    TIFFOpenOptionsFree(options);
    return reader->handle ? OKNG_OK : damaged(reader, error);
}

/* ---- what kind of picture it is ---- */

/* The codecs that cameras and tools write; the rest of libtiff's are seldom used and seldom looked after. */
static bool is_known_codec(uint16_t compression)
{
    static const uint16_t known[] = {COMPRESSION_NONE,      COMPRESSION_CCITTRLE,      COMPRESSION_CCITTFAX3,
                                     COMPRESSION_CCITTFAX4, COMPRESSION_LZW,           COMPRESSION_JPEG,
                                     COMPRESSION_DEFLATE,   COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS,
                                     COMPRESSION_LZMA,      COMPRESSION_ZSTD,          COMPRESSION_WEBP};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == compression) return TIFFIsCODECConfigured(compression) == 1;
    return false;
}

/* Samples of colour that a photometric needs, 0 when it is not read. */
static uint16_t colour_samples(uint16_t photometric)
{
    switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_PALETTE:
        return 1;
    case PHOTOMETRIC_RGB:
        return 3;
    case PHOTOMETRIC_SEPARATED:
        return 4;
    default:
        return 0;
    }
}

static bool is_known_depth(const tiff_reader *reader)
{
    return reader->bits >= 1 && reader->bits <= (reader->photometric == PHOTOMETRIC_PALETTE ? 8 : 16);
}

/* What the file says of its samples: the format gives fewer than 16 bits for sure, of 16 a tag may tell the largest. */
static void read_depth(tiff_reader *reader)
{
    const okng_encoded *file = reader->file;
    double largest = 0;
    uint16_t small_largest = 0;
    reader->used_bits = reader->bits < 16 ? reader->bits : okng_silent_bits(file);
    if (reader->bits < 16) file->depth->stated = reader->bits < 8 ? 8 : reader->bits;
    if (reader->bits < 16) return;
    *file->depth = (okng_depth){.silent = true, .seen = file->depth->seen};
    if (TIFFGetField(reader->handle, TIFFTAG_SMAXSAMPLEVALUE, &largest) != 1 &&
        TIFFGetField(reader->handle, TIFFTAG_MAXSAMPLEVALUE, &small_largest) == 1)
        largest = small_largest;
    for (int32_t bits = 8; bits < 16 && largest >= 1 && file->depth->hint == 0; bits++)
        if (largest < 1u << bits) file->depth->hint = bits;
}

static okng_status read_kind(tiff_reader *reader, okng_error *error)
{
    TIFF *handle = reader->handle;
    uint16_t sample_format = 0, compression = 0, planar = 0, extras = 0, *extra = NULL;
    (void)TIFFGetFieldDefaulted(handle, TIFFTAG_BITSPERSAMPLE, &reader->bits);
    (void)TIFFGetFieldDefaulted(handle, TIFFTAG_SAMPLESPERPIXEL, &reader->samples);
    (void)TIFFGetFieldDefaulted(handle, TIFFTAG_SAMPLEFORMAT, &sample_format);
    (void)TIFFGetFieldDefaulted(handle, TIFFTAG_COMPRESSION, &compression);
    (void)TIFFGetFieldDefaulted(handle, TIFFTAG_PLANARCONFIG, &planar);
    if (!TIFFGetField(handle, TIFFTAG_PHOTOMETRIC, &reader->photometric))
        return okng_image_damaged(reader->file, "it does not say what its samples mean", error);
    if (!is_known_codec(compression))
        return okng_image_unsupported(reader->file, "with this compression", "none, LZW, Deflate, PackBits or JPEG",
                                      error);
    if (reader->photometric == PHOTOMETRIC_YCBCR && compression == COMPRESSION_JPEG) {
        (void)TIFFSetField(handle, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        reader->photometric = PHOTOMETRIC_RGB;
    }
    if (sample_format != SAMPLEFORMAT_UINT)
        return okng_image_unsupported(reader->file, "with signed or floating-point samples", "unsigned ones", error);
    const uint16_t colours = reader->colours = colour_samples(reader->photometric);
    if (colours == 0 || reader->samples < colours || reader->samples > MAX_SAMPLES)
        return okng_image_unsupported(reader->file, "of this kind", "grey, palette, RGB or CMYK", error);
    if (!is_known_depth(reader))
        return okng_image_unsupported(reader->file, "with this number of bits", "1 to 16, of a palette 1 to 8", error);
    read_depth(reader);
    reader->planar = planar == PLANARCONFIG_SEPARATE && reader->samples > 1;
    /* Going to and fro between the planes of a compressed file would begin each of them anew for every row. */
    reader->by_rows = !TIFFIsTiled(handle) && (!reader->planar || compression == COMPRESSION_NONE);
    if (TIFFGetField(handle, TIFFTAG_EXTRASAMPLES, &extras, &extra) && extras > 0 && colours == 3)
        reader->premultiplied = reader->samples > 3 && extra[0] == EXTRASAMPLE_ASSOCALPHA;
    if (reader->photometric == PHOTOMETRIC_PALETTE &&
        !TIFFGetField(handle, TIFFTAG_COLORMAP, &reader->palette[0], &reader->palette[1], &reader->palette[2]))
        return okng_image_damaged(reader->file, "its palette is missing", error);
    return OKNG_OK;
}

/* ---- blocks: strips or tiles ---- */

static okng_status read_layout(tiff_reader *reader, okng_error *error)
{
    TIFF *handle = reader->handle;
    bool tiled = TIFFIsTiled(handle) != 0;
    reader->block_width = reader->width;
    reader->block_height = reader->height;
    if (tiled) {
        if (!TIFFGetField(handle, TIFFTAG_TILEWIDTH, &reader->block_width) ||
            !TIFFGetField(handle, TIFFTAG_TILELENGTH, &reader->block_height))
            return okng_image_damaged(reader->file, "the size of its tiles is missing", error);
        OKNG_TRY(okng_image_check_size(reader->file, reader->block_width, reader->block_height, error));
    } else {
        uint32_t rows = reader->height;
        (void)TIFFGetFieldDefaulted(handle, TIFFTAG_ROWSPERSTRIP, &rows);
        if (rows < 1) return okng_image_damaged(reader->file, "its strips have no rows", error);
        if (rows < reader->block_height) reader->block_height = rows;
        if (reader->by_rows) reader->block_height = 1;
    }
    size_t planes = reader->planar ? reader->samples : 1, interleaved = reader->planar ? 1 : reader->samples;
    reader->row_bytes = ((size_t)reader->block_width * interleaved * reader->bits + 7) / 8;
    uint64_t stated = tiled ? TIFFTileRowSize64(handle) : TIFFScanlineSize64(handle);
    if (stated != reader->row_bytes)
        return okng_image_unsupported(reader->file, "with such rows", "rows of whole samples", error);
    size_t plane_bytes;
    if (!okng_mul_size(reader->row_bytes, reader->block_height, &plane_bytes)) return okng_fail_memory(error, SIZE_MAX);
    reader->block = okng_alloc(plane_bytes, planes);
    reader->samples8 = okng_alloc(reader->block_width, reader->samples);
    reader->wide = okng_alloc(reader->block_width, reader->samples * sizeof *reader->wide);
    if (!reader->block || !reader->samples8 || !reader->wide) return okng_fail_memory(error, plane_bytes);
    return OKNG_OK;
}

/* One block of one plane; `rows` of it are in the picture. */
static bool read_block(tiff_reader *reader, uint32_t x, uint32_t y, uint32_t rows, uint16_t plane)
{
    uint8_t *to = reader->block + plane * reader->row_bytes * reader->block_height;
    tmsize_t size, got;
    if (TIFFIsTiled(reader->handle)) {
        size = (tmsize_t)(reader->row_bytes * reader->block_height);
        got = TIFFReadEncodedTile(reader->handle, TIFFComputeTile(reader->handle, x, y, 0, plane), to, size);
    } else if (reader->by_rows) {
        size = got = 1;
        if (TIFFReadScanline(reader->handle, to, y, plane) != 1) got = 0;
    } else {
        size = (tmsize_t)(reader->row_bytes * rows);
        got = TIFFReadEncodedStrip(reader->handle, TIFFComputeStrip(reader->handle, y, plane), to, size);
    }
    return got == size && !reader->damage[0];
}

/* `count` samples of a row, of fewer than 16 bits and other than 8: packed, the first in the uppermost bits. */
static void unpack(unsigned bits, const uint8_t *from, size_t count, uint16_t *to)
{
    unsigned held = 0, have = 0;
    for (size_t i = 0; i < count; i++) {
        for (; have < bits; have += 8) held = (held & 0xffffu) << 8 | *from++;
        have -= bits;
        to[i] = (uint16_t)(held >> have & ((1u << bits) - 1));
    }
}

/* In grey whose 0 is white, white becomes the largest. */
static void invert(const tiff_reader *reader, size_t pixels, size_t step)
{
    const unsigned top = (1u << reader->used_bits) - 1;
    if (reader->photometric != PHOTOMETRIC_MINISWHITE) return;
    for (size_t i = 0; i < pixels; i++) {
        unsigned sample = reader->wide[i * step];
        reader->wide[i * step] = (uint16_t)(sample < top ? top - sample : 0);
    }
}

/* A row of `pixels` pixels, `step` samples each, of more than 8 bits to bytes: the upper 8. What is no colour does not
 * count for the depth. */
static void narrow_row(const tiff_reader *reader, size_t pixels, size_t first, size_t step, uint8_t *to, size_t to_step)
{
    for (size_t s = 0; s < step; s++) {
        if (first + s < reader->colours) okng_note_samples(reader->file, reader->wide + s, pixels, step);
        if (reader->file->scan) continue;
        if (first + s == 0) invert(reader, pixels, step);
        okng_narrow_samples(reader->file, reader->used_bits, reader->wide + s, pixels, step, to + s * to_step,
                            step * to_step);
    }
}

/* Fewer than 8 bits, spread over 0..255 where they are grey, left as they are where they index a palette. */
static void spread_row(const tiff_reader *reader, size_t count, uint8_t *to, size_t to_step)
{
    const unsigned top = (1u << reader->bits) - 1;
    const bool is_index = reader->photometric == PHOTOMETRIC_PALETTE;
    for (size_t i = 0; i < count; i++)
        to[i * to_step] = (uint8_t)(is_index ? reader->wide[i] : (reader->wide[i] * 255u + top / 2) / top);
}

/* A row of `pixels` pixels, `step` samples each from sample `first` on, to 8 bits, `to_step` apart. */
static void widen_row(const tiff_reader *reader, const uint8_t *from, size_t pixels, size_t first, size_t step,
                      uint8_t *to, size_t to_step)
{
    const size_t count = pixels * step;
    const bool inverted = first == 0 && reader->photometric == PHOTOMETRIC_MINISWHITE;
    if (reader->bits == 8) {
        for (size_t i = 0; i < count; i++) to[i * to_step] = from[i];
        for (size_t i = 0; inverted && i < count; i += step) to[i * to_step] = (uint8_t)(255 - from[i]);
        return;
    }
    if (reader->bits == 16)
        memcpy(reader->wide, from, count * sizeof *reader->wide); /* libtiff has brought it to the machine's order */
    else
        unpack(reader->bits, from, count, reader->wide);
    if (reader->bits > 8) {
        narrow_row(reader, pixels, first, step, to, to_step);
        return;
    }
    if (inverted) invert(reader, pixels, step);
    spread_row(reader, count, to, to_step);
}

static void undo_alpha(const uint8_t *from, uint8_t *to)
{
    unsigned alpha = from[3];
    for (int c = 0; c < 3; c++) {
        unsigned value = alpha == 0 ? 0 : from[c] * 255u / alpha;
        to[c] = (uint8_t)(value < 255 ? value : 255);
    }
}

/* One row of interleaved 8-bit samples to RGB. */
static void colour_row(const tiff_reader *reader, size_t count, uint8_t *to)
{
    const uint8_t *from = reader->samples8;
    for (size_t i = 0; i < count; i++, from += reader->samples, to += 3) {
        switch (reader->photometric) {
        case PHOTOMETRIC_MINISWHITE: /* inverted already */
        case PHOTOMETRIC_MINISBLACK:
            to[0] = to[1] = to[2] = from[0];
            break;
        case PHOTOMETRIC_PALETTE:
            for (int c = 0; c < 3; c++) to[c] = (uint8_t)(reader->palette[c][from[0]] >> 8);
            break;
        case PHOTOMETRIC_SEPARATED:
            okng_cmyk_to_rgb(from, to, 1);
            break;
        default:
            if (reader->premultiplied)
                undo_alpha(from, to);
            else
                memcpy(to, from, 3);
        }
    }
}

static void place_block(const tiff_reader *reader, uint32_t x, uint32_t y, uint32_t rows, okng_image *out)
{
    size_t columns = reader->width - x < reader->block_width ? reader->width - x : reader->block_width;
    size_t plane_bytes = reader->row_bytes * reader->block_height;
    const bool as_it_is =
        !reader->planar && reader->bits == 8 && reader->samples == 3 && reader->photometric == PHOTOMETRIC_RGB;
    for (uint32_t row = 0; row < rows; row++) {
        const uint8_t *from = reader->block + row * reader->row_bytes;
        if (as_it_is)
            ; /* nothing to do before it is copied */
        else if (reader->planar)
            for (uint16_t s = 0; s < reader->samples; s++)
                widen_row(reader, from + s * plane_bytes, columns, s, 1, reader->samples8 + s, reader->samples);
        else
            widen_row(reader, from, columns, 0, reader->samples, reader->samples8, 1);
        if (reader->file->scan) continue;
        uint8_t *to = reader->band ? reader->band + (size_t)row * reader->width * 3
                                   : out->pixels + (size_t)(y + row) * reader->width * 3;
        to += (size_t)x * 3;
        if (as_it_is)
            memcpy(to, from, columns * 3);
        else
            colour_row(reader, columns, to);
    }
}

/* Rows of a band that is complete. */
static void take_band(const tiff_reader *reader, uint32_t y, uint32_t rows)
{
    for (uint32_t row = 0; reader->band && row < rows; row++)
        okng_rows_take(reader->file, y + row, reader->band + (size_t)row * reader->width * 3);
}

static okng_status read_pixels(tiff_reader *reader, okng_image *out, okng_error *error)
{
    uint16_t planes = reader->planar ? reader->samples : 1;
    reader->reading_pixels = true;
    for (uint64_t y = 0; y < reader->height; y += reader->block_height) {
        uint32_t rows = (uint32_t)(reader->height - y);
        if (rows > reader->block_height) rows = reader->block_height;
        for (uint64_t x = 0; x < reader->width; x += reader->block_width) {
            for (uint16_t plane = 0; plane < planes; plane++)
                if (!read_block(reader, (uint32_t)x, (uint32_t)y, rows, plane)) return damaged(reader, error);
            place_block(reader, (uint32_t)x, (uint32_t)y, rows, out);
        }
        take_band(reader, (uint32_t)y, rows);
    }
    return OKNG_OK;
}

static okng_status read_picture(tiff_reader *reader, okng_image *out, okng_error *error)
{
    uint16_t orientation = 1;
    OKNG_TRY(open_tiff(reader, error));
    if (!TIFFGetField(reader->handle, TIFFTAG_IMAGEWIDTH, &reader->width) ||
        !TIFFGetField(reader->handle, TIFFTAG_IMAGELENGTH, &reader->height))
        return okng_image_damaged(reader->file, "its size is missing", error);
    OKNG_TRY(okng_image_check_size(reader->file, reader->width, reader->height, error));
    OKNG_TRY(read_kind(reader, error));
    if (reader->file->scan && reader->bits < 16) return OKNG_OK;
    OKNG_TRY(read_layout(reader, error));
    if (reader->file->scan) return read_pixels(reader, out, error);
    (void)TIFFGetFieldDefaulted(reader->handle, TIFFTAG_ORIENTATION, &orientation);
    if (orientation >= 2 && orientation <= 8) { /* rows do not come from the top: the whole is turned */
        OKNG_TRY(okng_image_begin(out, reader->file, reader->width, reader->height, error));
        OKNG_TRY(read_pixels(reader, out, error));
        return okng_image_orient(out, orientation, error);
    }
    OKNG_TRY(okng_rows_begin(out, reader->file, reader->width, reader->height, error));
    if (okng_rows_shrink(reader->file)) { /* a tile may be higher than the picture */
        const size_t rows = reader->block_height < reader->height ? reader->block_height : reader->height;
        reader->band = okng_alloc((size_t)reader->width * 3, rows);
        if (!reader->band) return okng_fail_memory(error, (size_t)reader->width * 3 * rows);
    }
    OKNG_TRY(read_pixels(reader, out, error));
    return okng_rows_end(out, reader->file, error);
}

okng_status okng_tiff_decode(okng_image *out, const okng_encoded *file, okng_error *error)
{
    enum { LIBRARY_ROOM = 4 << 20 }; /* libtiff (4.5) crashes where some of its small allocations fail */
    tiff_reader reader = {.file = file};
    if (!okng_memory_can_map(LIBRARY_ROOM)) return okng_fail_memory(error, LIBRARY_ROOM);
    okng_status status = read_picture(&reader, out, error);
    if (reader.handle) TIFFClose(reader.handle);
    free(reader.block);
    free(reader.samples8);
    free(reader.wide);
    free(reader.band);
    return status;
}
