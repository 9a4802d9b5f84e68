#include "line/camera_pixels.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* How samples lie in bytes. */
typedef enum layout {
    PLAIN,  /* 8 or 16 bits each, the lower byte first */
    STREAM, /* "10p", "12p": one after the other, the lowest bit first, on across bytes */
    PAIRS   /* "10Packed", "12Packed" of GigE Vision: two in three bytes, their upper 8 bits first and last, the lower
               ones of both in the byte between them */
} layout;

typedef struct coding {
    uint32_t code;
    const char *name;
    okng_pixel_format picture; /* what it becomes */
    layout layout;
    uint8_t bits;    /* of a sample, as sent */
    uint8_t samples; /* of a pixel */
    int8_t shift;    /* of values: up where positive */
    bool turn;       /* blue first, becomes red first */
} coding;

/* clang-format off */
static const coding formats[] = {
    {0x01080001, "Mono8", OKNG_PIXEL_MONO8, PLAIN, 8, 1, 0, false},
    {0x01100003, "Mono10", OKNG_PIXEL_MONO10, PLAIN, 16, 1, 0, false},
    {0x010a0046, "Mono10p", OKNG_PIXEL_MONO10, STREAM, 10, 1, 0, false},
    {0x010c0004, "Mono10Packed", OKNG_PIXEL_MONO10, PAIRS, 10, 1, 0, false},
    {0x01100005, "Mono12", OKNG_PIXEL_MONO12, PLAIN, 16, 1, 0, false},
    {0x010c0047, "Mono12p", OKNG_PIXEL_MONO12, STREAM, 12, 1, 0, false},
    {0x010c0006, "Mono12Packed", OKNG_PIXEL_MONO12, PAIRS, 12, 1, 0, false},
    {0x01100025, "Mono14", OKNG_PIXEL_MONO16, PLAIN, 16, 1, 0, false},
    {0x01100007, "Mono16", OKNG_PIXEL_MONO16, PLAIN, 16, 1, 0, false},
#define BAYER(order, code8, code10, code10p, code10packed, code12, code12p, code12packed, code16)                   \
    {0x01080000 + (code8), "Bayer" #order "8", OKNG_PIXEL_BAYER_##order##8, PLAIN, 8, 1, 0, false},                  \
    {0x01100000 + (code10), "Bayer" #order "10", OKNG_PIXEL_BAYER_##order##12, PLAIN, 16, 1, 2, false},              \
    {0x010a0000 + (code10p), "Bayer" #order "10p", OKNG_PIXEL_BAYER_##order##12, STREAM, 10, 1, 2, false},           \
    {0x010c0000 + (code10packed), "Bayer" #order "10Packed", OKNG_PIXEL_BAYER_##order##12, PAIRS, 10, 1, 2, false},  \
    {0x01100000 + (code12), "Bayer" #order "12", OKNG_PIXEL_BAYER_##order##12, PLAIN, 16, 1, 0, false},              \
    {0x010c0000 + (code12p), "Bayer" #order "12p", OKNG_PIXEL_BAYER_##order##12, STREAM, 12, 1, 0, false},           \
    {0x010c0000 + (code12packed), "Bayer" #order "12Packed", OKNG_PIXEL_BAYER_##order##12, PAIRS, 12, 1, 0, false},  \
    {0x01100000 + (code16), "Bayer" #order "16", OKNG_PIXEL_BAYER_##order##12, PLAIN, 16, 1, -4, false},
    BAYER(GR, 0x08, 0x0c, 0x56, 0x26, 0x10, 0x57, 0x2a, 0x2e) BAYER(RG, 0x09, 0x0d, 0x58, 0x27, 0x11, 0x59, 0x2b, 0x2f)
        BAYER(GB, 0x0a, 0x0e, 0x54, 0x28, 0x12, 0x55, 0x2c, 0x30)
            BAYER(BG, 0x0b, 0x0f, 0x52, 0x29, 0x13, 0x53, 0x2d, 0x31)
#undef BAYER
                {0x02180014, "RGB8", OKNG_PIXEL_RGB8, PLAIN, 8, 3, 0, false},
    {0x02180015, "BGR8", OKNG_PIXEL_BGR8, PLAIN, 8, 3, 0, false},
    {0x02200016, "RGBa8", OKNG_PIXEL_RGBA8, PLAIN, 8, 4, 0, false},
    {0x02200017, "BGRa8", OKNG_PIXEL_BGRA8, PLAIN, 8, 4, 0, false},
    {0x02300018, "RGB10", OKNG_PIXEL_RGB16, PLAIN, 16, 3, 0, false},
    {0x0230001a, "RGB12", OKNG_PIXEL_RGB16, PLAIN, 16, 3, 0, false},
    {0x02300033, "RGB16", OKNG_PIXEL_RGB16, PLAIN, 16, 3, 0, false},
    {0x02300019, "BGR10", OKNG_PIXEL_RGB16, PLAIN, 16, 3, 0, true},
    {0x0230001b, "BGR12", OKNG_PIXEL_RGB16, PLAIN, 16, 3, 0, true},
    {0x0230004b, "BGR16", OKNG_PIXEL_RGB16, PLAIN, 16, 3, 0, true},
};
/* clang-format on */

static const coding *find(uint32_t code)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].code == code) return &formats[i];
    return NULL;
}

const char *okng_camera_pixels_name(uint32_t code)
{
    const coding *found = find(code);
    return found ? found->name : NULL;
}

static unsigned from_stream(const uint8_t *data, uint64_t index, unsigned bits)
{
    uint64_t bit = index * bits;
    const uint8_t *at = data + bit / 8;
    unsigned two = (unsigned)at[0] | (unsigned)at[1] << 8; /* 10 and 12 bits never reach into a third byte */
    return two >> bit % 8 & ((1u << bits) - 1);
}

static unsigned from_pairs(const uint8_t *data, uint64_t index, unsigned bits)
{
    const uint8_t *at = data + index / 2 * 3;
    unsigned lower = bits - 8, mask = (1u << lower) - 1;
    return index % 2 == 0 ? (unsigned)at[0] << lower | (at[1] & mask) : (unsigned)at[2] << lower | (at[1] >> 4 & mask);
}

static unsigned sample(const coding *format, const uint8_t *row, uint64_t index)
{
    if (format->layout == STREAM) return from_stream(row, index, format->bits);
    if (format->layout == PAIRS) return from_pairs(row, index, format->bits);
    return (unsigned)row[2 * index] | (unsigned)row[2 * index + 1] << 8;
}

/* Bytes of `count` samples; the last of an odd number of PAIRS has two. */
static uint64_t bytes_of(const coding *format, uint64_t count)
{
    if (format->layout == PAIRS) return count / 2 * 3 + count % 2 * 2;
    return (count * format->bits + 7) / 8;
}

static void unpack_row(const coding *format, const uint8_t *data, uint64_t first, uint64_t count, uint8_t *out)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t place = format->turn ? i / 3 * 3 + 2 - i % 3 : i;
        unsigned value = sample(format, data, first + place);
        value = format->shift < 0 ? value >> -format->shift : value << format->shift;
        out[2 * i] = (uint8_t)value;
        out[2 * i + 1] = (uint8_t)(value >> 8);
    }
}

/* Packed rows without bytes between them follow each other to the bit. */
static okng_status unpack(const coding *format, const okng_camera_pixels *pixels, uint64_t row_bytes, void **unpacked,
                          okng_error *error)
{
    uint64_t row = (uint64_t)pixels->width * format->samples, size = row * (uint64_t)pixels->height * 2;
    uint8_t *out = malloc((size_t)size);
    if (!out) return okng_fail_memory(error, (size_t)size);
    const uint8_t *data = pixels->data;
    for (uint64_t y = 0; y < (uint64_t)pixels->height; y++)
        if (pixels->row_padding > 0)
            unpack_row(format, data + y * row_bytes, 0, row, out + y * row * 2);
        else
            unpack_row(format, data, y * row, row, out + y * row * 2);
    *unpacked = out;
    return OKNG_OK;
}

static okng_status check(const coding *format, const okng_camera_pixels *pixels, uint64_t *row_bytes, okng_error *error)
{
    if (pixels->width < 1 || pixels->height < 1 || pixels->width > 65535 || pixels->height > 65535 ||
        pixels->row_padding > 65535)
        return okng_fail(
            error, OKNG_ERROR_LIMIT,
            "a picture of %d x %d pixels with %zu bytes between rows, expected 1 to 65535 pixels and bytes",
            pixels->width, pixels->height, pixels->row_padding);
    uint64_t row = (uint64_t)pixels->width * format->samples, rows = (uint64_t)pixels->height;
    *row_bytes = bytes_of(format, row) + pixels->row_padding;
    uint64_t needed = pixels->row_padding > 0 ? *row_bytes * rows - pixels->row_padding : bytes_of(format, row * rows);
    if (pixels->size < needed)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%zu bytes came, %llu are expected of %d x %d pixels of %s",
                         pixels->size, (unsigned long long)needed, pixels->width, pixels->height, format->name);
    return OKNG_OK;
}

okng_status okng_camera_pixels_read(okng_picture *picture, void **unpacked, const okng_camera_pixels *pixels,
                                    okng_error *error)
{
    *unpacked = NULL;
    const coding *format = find(pixels->code);
    if (!format)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "pixels of the format 0x%08x are not read: set pixel_format to one of Mono8 to Mono16, "
                         "Bayer..8 to Bayer..16, RGB8 or BGR8",
                         (unsigned)pixels->code);
    uint64_t row_bytes = 0;
    OKNG_TRY(check(format, pixels, &row_bytes, error));
    bool as_it_is = format->layout == PLAIN && format->shift == 0 && !format->turn;
    if (!as_it_is) OKNG_TRY(unpack(format, pixels, row_bytes, unpacked, error));
    okng_init(picture);
    picture->pixels = as_it_is ? pixels->data : *unpacked;
    picture->width = pixels->width;
    picture->height = pixels->height;
    picture->stride = as_it_is ? (ptrdiff_t)row_bytes : (ptrdiff_t)pixels->width * format->samples * 2;
    picture->format = format->picture;
    return OKNG_OK;
}
