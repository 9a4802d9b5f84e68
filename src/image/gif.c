/* GIF: the first frame, as Pillow gives it. Own code: stb_image pads truncated frames without a word, and giflib would
 * be a dependency for a format that few cameras write. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/formats.h"

enum { CODES = 4096 };

typedef struct gif_reader {
    const okng_encoded *file;
    size_t position;
    uint32_t width, height;                        /* of the picture */
    uint32_t left, top, frame_width, frame_height; /* of the frame in it */
    bool interlaced;
    uint8_t background; /* index where the frame is not */
    uint8_t palette[256][3];
    uint8_t *indices; /* [height, width] */
    uint64_t drawn;   /* pixels of the frame */

    /* LZW */
    uint16_t prefix[CODES]; /* of codes from 258 on: what stands before their last byte */
    uint8_t suffix[CODES];
    uint8_t stack[CODES];
    size_t block_left; /* bytes of the block that is read */
    uint32_t held;     /* bits that are not used yet, the first in the lowest */
    unsigned have;
} gif_reader;

static int next_byte(gif_reader *reader)
{
    return reader->position < reader->file->size ? reader->file->data[reader->position++] : -1;
}

static bool skip(gif_reader *reader, size_t bytes)
{
    if (bytes > reader->file->size - reader->position) return false;
    reader->position += bytes;
    return true;
}

static uint32_t get16(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8;
}

/* ---- before the pixels ---- */

/* What an index means that no palette tells. */
static void shades(gif_reader *reader)
{
    for (unsigned i = 0; i < 256; i++) memset(reader->palette[i], (int)i, 3);
}

static bool read_palette(gif_reader *reader, uint8_t flags)
{
    size_t bytes = (size_t)6 << (flags & 7);
    const uint8_t *from = reader->file->data + reader->position;
    if (!skip(reader, bytes)) return false;
    shades(reader);
    memcpy(reader->palette, from, bytes);
    return true;
}

static bool skip_blocks(gif_reader *reader)
{
    for (;;) {
        int size = next_byte(reader);
        if (size <= 0) return size == 0;
        if (!skip(reader, (size_t)size)) return false;
    }
}

/* Only what says which index is transparent matters. */
static bool read_extension(gif_reader *reader)
{
    const uint8_t *at = reader->file->data + reader->position;
    size_t left = reader->file->size - reader->position;
    if (left < 1) return false;
    if (left >= 6 && at[0] == 0xf9 && at[1] == 4 && (at[2] & 1)) reader->background = at[5];
    reader->position++;
    return skip_blocks(reader);
}

/* Up to the first frame; its place may widen the picture. */
static bool read_frame(gif_reader *reader)
{
    for (;;) {
        int what = next_byte(reader);
        if (what == '!' && read_extension(reader)) continue;
        if (what != ',') return false;
        break;
    }
    const uint8_t *at = reader->file->data + reader->position;
    if (!skip(reader, 9)) return false;
    reader->left = get16(at);
    reader->top = get16(at + 2);
    reader->frame_width = get16(at + 4);
    reader->frame_height = get16(at + 6);
    reader->interlaced = at[8] & 0x40;
    if (reader->left + reader->frame_width > reader->width) reader->width = reader->left + reader->frame_width;
    if (reader->top + reader->frame_height > reader->height) reader->height = reader->top + reader->frame_height;
    return !(at[8] & 0x80) || read_palette(reader, at[8]);
}

static bool read_header(gif_reader *reader)
{
    const uint8_t *data = reader->file->data;
    shades(reader);
    if (!skip(reader, 13)) return false;
    reader->width = get16(data + 6);
    reader->height = get16(data + 8);
    return !(data[10] & 0x80) || read_palette(reader, data[10]);
}

/* ---- the pixels ---- */

/* Row of the picture of the frame's n-th row: of an interlaced one every 8th, every 8th from the 4th, every 4th from
 * the 2nd, every 2nd from the 1st. */
static uint32_t row_of(const gif_reader *reader, uint32_t n)
{
    static const uint8_t first[4] = {0, 4, 2, 1}, step[4] = {8, 8, 4, 2};
    for (int pass = 0; reader->interlaced && pass < 4; pass++) {
        uint32_t rows = (reader->frame_height + step[pass] - 1u - first[pass]) / step[pass];
        if (reader->frame_height <= first[pass]) rows = 0;
        if (n < rows) return reader->top + first[pass] + n * step[pass];
        n -= rows;
    }
    return reader->top + n;
}

static void draw(gif_reader *reader, uint8_t index)
{
    uint32_t row = (uint32_t)(reader->drawn / reader->frame_width),
             column = (uint32_t)(reader->drawn % reader->frame_width);
    reader->drawn++;
    reader->indices[(size_t)row_of(reader, row) * reader->width + reader->left + column] = index;
}

/* The next `bits` bits; -1 at the end of the data. */
static int read_code(gif_reader *reader, unsigned bits)
{
    for (; reader->have < bits; reader->have += 8) {
        if (reader->block_left == 0) {
            int size = next_byte(reader);
            if (size <= 0) return -1;
            reader->block_left = (size_t)size;
        }
        int byte = next_byte(reader);
        if (byte < 0) return -1;
        reader->block_left--;
        reader->held |= (uint32_t)byte << reader->have;
    }
    int code = (int)(reader->held & ((1u << bits) - 1));
    reader->held >>= bits;
    reader->have -= bits;
    return code;
}

/* Draws what `code` stands for, `last` after it where that is no byte of its own, and gives its first byte. */
static uint8_t draw_code(gif_reader *reader, unsigned code, unsigned clear, int last)
{
    size_t depth = 0;
    uint64_t all = (uint64_t)reader->frame_width * reader->frame_height;
    while (code > clear) { /* a prefix is smaller than its code, so this ends */
        reader->stack[depth++] = reader->suffix[code];
        code = reader->prefix[code];
    }
    uint8_t first = (uint8_t)code;
    if (reader->drawn < all) draw(reader, first);
    while (depth > 0 && reader->drawn < all) draw(reader, reader->stack[--depth]);
    if (last >= 0 && reader->drawn < all) draw(reader, (uint8_t)last);
    return first;
}

/* The first byte of what `code` stands for. */
static uint8_t first_of(const gif_reader *reader, unsigned code, unsigned clear)
{
    while (code > clear) code = reader->prefix[code];
    return (uint8_t)code;
}

/* Variable codes of up to 12 bits: `clear` begins anew, the one after it ends; each code adds the one before with its
 * own first byte. */
static bool read_indices(gif_reader *reader)
{
    const int size = next_byte(reader);
    if (size < 1 || size > 8) return false;
    const unsigned clear = 1u << size, end = clear + 1;
    const uint64_t all = (uint64_t)reader->frame_width * reader->frame_height;
    unsigned bits = (unsigned)size + 1, next = clear + 2;
    int before = -1;
    while (reader->drawn < all) {
        int read = read_code(reader, bits);
        unsigned code = (unsigned)read;
        if (read < 0 || code == end) return false;
        if (code == clear) {
            bits = (unsigned)size + 1;
            next = clear + 2;
            before = -1;
            continue;
        }
        if (code > next || (code >= next && before < 0)) return false;
        bool unknown = code == next; /* it is what the last one was, with its first byte once more */
        uint8_t first = unknown ? first_of(reader, (unsigned)before, clear) : 0;
        first = unknown ? draw_code(reader, (unsigned)before, clear, first) : draw_code(reader, code, clear, -1);
        if (before >= 0 && next < CODES) {
            reader->prefix[next] = (uint16_t)before;
            reader->suffix[next++] = first;
            if (next == 1u << bits && bits < 12) bits++;
        }
        before = (int)code;
    }
    return true;
}

static okng_status read_picture(gif_reader *reader, okng_image *out, okng_error *error)
{
    const okng_encoded *file = reader->file;
    if (!read_header(reader) || !read_frame(reader))
        return okng_image_damaged(file, "its header or its first frame is missing", error);
    OKNG_TRY(okng_image_check_size(file, reader->width, reader->height, error));
    size_t pixels = (size_t)reader->width * reader->height;
    reader->indices = okng_alloc(pixels, 1);
    if (!reader->indices) return okng_fail_memory(error, pixels);
    memset(reader->indices, reader->background, pixels);
    if (!read_indices(reader)) return okng_image_damaged(file, "its pixels are not all there", error);
    OKNG_TRY(okng_image_begin(out, file, reader->width, reader->height, error));
    for (size_t i = 0; i < pixels; i++) memcpy(out->pixels + 3 * i, reader->palette[reader->indices[i]], 3);
    return OKNG_OK;
}

okng_status okng_gif_decode(okng_image *out, const okng_encoded *file, okng_error *error)
{
    gif_reader *reader = okng_alloc_zero(1, sizeof *reader);
    if (!reader) return okng_fail_memory(error, sizeof *reader);
    reader->file = file;
    okng_status status = read_picture(reader, out, error);
    free(reader->indices);
    free(reader);
    return status;
}
