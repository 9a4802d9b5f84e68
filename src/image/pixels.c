/* Pixels in memory, in the formats of machine-vision cameras, to RGB. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/pixels.h"

/* What a row of pixels holds. */
typedef enum layout { COLOURS, GREY, BAYER } layout;

typedef struct pixel_kind {
    layout layout;
    size_t bytes;     /* of a pixel */
    size_t red, blue; /* COLOURS: samples before them; green is the second. BAYER: column and row of the first red */
    int32_t bits;     /* of a sample; 0: 16 of which it is not said how many are used */
} pixel_kind;

static const pixel_kind kinds[] = {
    [OKNG_PIXEL_RGB8] = {COLOURS, 3, 0, 2, 8},      [OKNG_PIXEL_BGR8] = {COLOURS, 3, 2, 0, 8},
    [OKNG_PIXEL_GREY8] = {GREY, 1, 0, 0, 8},        [OKNG_PIXEL_MONO10] = {GREY, 2, 0, 0, 10},
    [OKNG_PIXEL_MONO12] = {GREY, 2, 0, 0, 12},      [OKNG_PIXEL_MONO16] = {GREY, 2, 0, 0, 0},
    [OKNG_PIXEL_RGB16] = {COLOURS, 6, 0, 2, 0},     [OKNG_PIXEL_BGRA8] = {COLOURS, 4, 2, 0, 8},
    [OKNG_PIXEL_RGBA8] = {COLOURS, 4, 0, 2, 8},     [OKNG_PIXEL_BAYER_RG8] = {BAYER, 1, 0, 0, 8},
    [OKNG_PIXEL_BAYER_GR8] = {BAYER, 1, 1, 0, 8},   [OKNG_PIXEL_BAYER_GB8] = {BAYER, 1, 0, 1, 8},
    [OKNG_PIXEL_BAYER_BG8] = {BAYER, 1, 1, 1, 8},   [OKNG_PIXEL_BAYER_RG12] = {BAYER, 2, 0, 0, 12},
    [OKNG_PIXEL_BAYER_GR12] = {BAYER, 2, 1, 0, 12}, [OKNG_PIXEL_BAYER_GB12] = {BAYER, 2, 0, 1, 12},
    [OKNG_PIXEL_BAYER_BG12] = {BAYER, 2, 1, 1, 12},
};
enum { KINDS = sizeof kinds / sizeof *kinds };
/* More than any row that a camera has, and times 65535 rows far from the end of what ptrdiff_t can hold. */
#define MAX_STRIDE ((ptrdiff_t)1 << 30)

typedef struct pixel_reader {
    okng_encoded file; /* what conversion of samples asks for */
    const okng_picture *picture;
    const pixel_kind *kind;
    ptrdiff_t stride;
    int32_t bits;
    uint16_t *row; /* samples of a row; of BAYER three rows with one more at either end */
} pixel_reader;

static okng_status check(pixel_reader *reader, okng_error *error)
{
    const okng_picture *picture = reader->picture;
    int32_t width = picture->width, height = picture->height;
    if (width < 1 || width > 65535 || height < 1 || height > 65535)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "pixels of %d x %d were given, expected 1 to 65535 either way",
                         width, height);
    if ((unsigned)picture->format >= KINDS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "unknown pixel format %d, expected one of okng_pixel_format",
                         (int)picture->format);
    reader->kind = &kinds[picture->format];
    if (reader->kind->layout == BAYER && (width < 2 || height < 2))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "Bayer pixels of %d x %d were given, expected at least 2 x 2",
                         width, height);
    ptrdiff_t row = width * (ptrdiff_t)reader->kind->bytes;
    if (picture->stride > MAX_STRIDE || picture->stride < -MAX_STRIDE)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a stride of %td bytes was given, expected at most %td either way",
                         picture->stride, MAX_STRIDE);
    if (picture->stride != 0 && picture->stride < row && picture->stride > -row)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a stride of %td bytes is less than a row of pixels (%td bytes)",
                         picture->stride, row);
    reader->stride = picture->stride == 0 ? row : picture->stride;
    return okng_image_check_size(&reader->file, (uint64_t)width, (uint64_t)height, error);
}

static const uint8_t *row_at(const pixel_reader *reader, int32_t y)
{
    return (const uint8_t *)reader->picture->pixels + y * reader->stride;
}

static bool is_wide(const pixel_kind *kind)
{
    return kind->bits != 8;
}

/* `count` samples of a row: bytes, or 16 bits, the lower byte first, wherever they lie. */
static void take_samples(const pixel_reader *reader, const uint8_t *from, size_t count, uint16_t *to)
{
    if (is_wide(reader->kind))
        for (size_t i = 0; i < count; i++) to[i] = (uint16_t)(from[2 * i] | from[2 * i + 1] << 8);
    else
        for (size_t i = 0; i < count; i++) to[i] = from[i];
}

/* ---- grey and colours ---- */

static size_t samples_of(const pixel_kind *kind)
{
    return is_wide(kind) ? kind->bytes / 2 : kind->bytes;
}

static void convert_row(const pixel_reader *reader, int32_t y, uint8_t *to)
{
    const pixel_kind *kind = reader->kind;
    const size_t width = (size_t)reader->picture->width, step = samples_of(kind);
    const size_t places[3] = {kind->red, kind->layout == GREY ? 0 : 1, kind->blue};
    const uint8_t *from = row_at(reader, y);
    if (!is_wide(kind)) {
        for (size_t x = 0; x < width; x++)
            for (size_t c = 0; c < 3; c++) to[3 * x + c] = from[step * x + places[c]];
        return;
    }
    take_samples(reader, from, width * step, reader->row);
    for (size_t c = 0; c < 3; c++)
        okng_narrow_samples(&reader->file, reader->bits, reader->row + places[c], width, step, to + c, 3);
}

/* ---- Bayer ---- */

/* Row y of samples with one more at either end; rows and columns beyond the border are mirrored there, the border's own
 * not repeated, which keeps the pattern. */
static void take_bayer_row(const pixel_reader *reader, int32_t y, uint16_t *to)
{
    const int32_t height = reader->picture->height;
    const size_t width = (size_t)reader->picture->width;
    y = y < 0 ? -y : y >= height ? 2 * (height - 1) - y : y;
    take_samples(reader, row_at(reader, y), width, to + 1);
    const unsigned top = (1u << reader->bits) - 1;
    for (size_t x = 1; x <= width; x++)
        if (to[x] > top) to[x] = (uint16_t)top;
    to[0] = to[2];
    to[width + 1] = to[width - 1];
}

static unsigned mean2(unsigned a, unsigned b)
{
    return (a + b + 1) / 2;
}

static unsigned mean4(unsigned a, unsigned b, unsigned c, unsigned d)
{
    return (a + b + c + d + 2) / 4;
}

/* Bilinear: a colour that a place lacks is the mean of its nearest places that have it, two or four, rounded half up.
 */
static void debayer_row(const pixel_reader *reader, int32_t y, uint8_t *to)
{
    const size_t width = (size_t)reader->picture->width, room = width + 2;
    const uint16_t *above = reader->row, *row = above + room, *below = row + room;
    const unsigned shift = (unsigned)reader->bits - 8;
    const bool red_row = ((size_t)y & 1) == reader->kind->blue;
    take_bayer_row(reader, y - 1, reader->row);
    take_bayer_row(reader, y, reader->row + room);
    take_bayer_row(reader, y + 1, reader->row + 2 * room);
    for (size_t i = 1; i <= width; i++, to += 3) {
        const bool red_column = ((i - 1) & 1) == reader->kind->red;
        const unsigned sides = mean2(row[i - 1], row[i + 1]), ends = mean2(above[i], below[i]);
        const unsigned cross = mean4(row[i - 1], row[i + 1], above[i], below[i]);
        const unsigned corners = mean4(above[i - 1], above[i + 1], below[i - 1], below[i + 1]);
        const bool green = red_row != red_column;
        /* Of a green place red lies beside it in a row with red, above and below it elsewhere. */
        unsigned red = green ? (red_row ? sides : ends) : red_row ? row[i] : corners;
        unsigned blue = green ? (red_row ? ends : sides) : red_row ? corners : row[i];
        to[0] = (uint8_t)(red >> shift);
        to[1] = (uint8_t)((green ? row[i] : cross) >> shift);
        to[2] = (uint8_t)(blue >> shift);
    }
}

/* ---- all ---- */

static void scan(const pixel_reader *reader)
{
    const size_t count = (size_t)reader->picture->width * samples_of(reader->kind);
    for (int32_t y = 0; y < reader->picture->height; y++) {
        take_samples(reader, row_at(reader, y), count, reader->row);
        okng_note_samples(&reader->file, reader->row, count, 1);
    }
}

static okng_status convert(pixel_reader *reader, const okng_decoding *how, okng_image *out, okng_error *error)
{
    const okng_picture *picture = reader->picture;
    const size_t width = (size_t)picture->width;
    const size_t room = reader->kind->layout == BAYER ? 3 * (width + 2) : width * samples_of(reader->kind);
    reader->row = okng_alloc(room, sizeof *reader->row);
    if (!reader->row) return okng_fail_memory(error, room * sizeof *reader->row);
    reader->bits = reader->kind->bits;
    if (reader->kind->bits == 0) {
        reader->file.depth->silent = true;
        scan(reader);
        reader->bits = how->bit_depth > 8 ? how->bit_depth : okng_depth_bits(*reader->file.depth);
    }
    if (!out) return OKNG_OK;
    OKNG_TRY(okng_image_new(out, picture->width, picture->height, 3, error));
    for (int32_t y = 0; y < picture->height; y++) {
        uint8_t *to = out->pixels + (size_t)y * width * 3;
        if (reader->kind->layout == BAYER)
            debayer_row(reader, y, to);
        else
            convert_row(reader, y, to);
    }
    return OKNG_OK;
}

okng_status okng_pixels_convert(okng_image *out, const okng_picture *picture, okng_decoding *how, okng_error *error)
{
    pixel_reader reader = {
        .picture = picture,
        .file = {.name = "pixels", .format = "picture", .max_pixels = how->max_pixels, .depth = &how->depth}};
    OKNG_TRY(check(&reader, error));
    how->depth = (okng_depth){.stated = reader.kind->bits};
    okng_status status = convert(&reader, how, out, error);
    free(reader.row);
    return status;
}
