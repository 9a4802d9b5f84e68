/* PNM, all six kinds: PBM, PGM, PPM, each as text and as bytes. Values are brought to 0..255 as Pillow does. Own code:
 * what stb_image reads of PNM (two of the six) it neither scales nor, at 16 bits, puts into the right byte order. */
#include <math.h>
#include <stdbool.h>

#include "image/formats.h"

typedef struct pnm_reader {
    const okng_encoded *file;
    size_t position;
    bool text;         /* values as decimal numbers */
    bool bits;         /* PBM: one bit a pixel, 1 is black */
    unsigned channels; /* 1 or 3 */
    uint32_t top;      /* largest value */
} pnm_reader;

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int next_byte(pnm_reader *reader)
{
    return reader->position < reader->file->size ? reader->file->data[reader->position++] : -1;
}

/* The first character that is neither space nor comment; -1 at the end. */
static int skip_space(pnm_reader *reader)
{
    for (;;) {
        int c = next_byte(reader);
        if (c == '#')
            while (c >= 0 && c != '\n' && c != '\r') c = next_byte(reader);
        if (c < 0 || !is_space((uint8_t)c)) return c;
    }
}

/* A decimal number of at most 9 digits and the character after it, which has to be space (or the end). */
static bool read_number(pnm_reader *reader, uint32_t *out)
{
    int c = skip_space(reader), digits = 0;
    *out = 0;
    for (; c >= '0' && c <= '9'; c = next_byte(reader)) {
        if (++digits > 9) return false;
        *out = *out * 10 + (uint32_t)(c - '0');
    }
    return digits > 0 && (c < 0 || is_space((uint8_t)c));
}

/* Whether the data can hold that many values, so that a short file with a large header takes no memory. */
static bool may_hold(const pnm_reader *reader, uint64_t width, uint64_t height)
{
    uint64_t left = reader->file->size - reader->position, values = width * height * reader->channels;
    if (reader->bits) return left >= (reader->text ? values : (width + 7) / 8 * height);
    if (reader->text) return left >= 2 * values - 1;
    return left >= values * (reader->top > 255 ? 2 : 1);
}

/* One value of text or bytes; false when it is missing, malformed or larger than the top. */
static bool read_value(pnm_reader *reader, uint32_t *out)
{
    if (reader->text) return read_number(reader, out) && *out <= reader->top;
    int high = reader->top > 255 ? next_byte(reader) : 0, low = next_byte(reader);
    if (high < 0 || low < 0) return false;
    *out = (uint32_t)high << 8 | (uint32_t)low;
    return *out <= reader->top;
}

/* A largest value of 65535 is what 16 bits can hold and tells nothing of the camera. */
static bool is_silent(const pnm_reader *reader)
{
    return !reader->bits && reader->top == 65535;
}

static int32_t bits_of(uint32_t top)
{
    int32_t bits = 8;
    while (top >> bits) bits++;
    return bits;
}

static bool scan_values(pnm_reader *reader, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        uint32_t value;
        if (!read_value(reader, &value)) return false;
        const uint16_t sample = (uint16_t)value;
        okng_note_samples(reader->file, &sample, 1, 1);
    }
    return true;
}

/* Of a silent file the bits that it is taken to have; all else is scaled as Pillow does, which for 16 bits is not quite
 * the high byte. */
static uint8_t to_byte(const pnm_reader *reader, uint32_t value)
{
    const okng_encoded *file = reader->file;
    uint8_t byte;
    uint16_t sample = (uint16_t)value;
    okng_note_samples(file, &sample, 1, 1);
    if (is_silent(reader) && okng_silent_bits(file) < 16) {
        okng_narrow_samples(file, okng_silent_bits(file), &sample, 1, 1, &byte, 1);
        return byte;
    }
    byte = (uint8_t)nearbyint((double)value / reader->top * 255);
    return file->is_mask && value > 0 && byte == 0 ? 1 : byte;
}

static bool read_values(pnm_reader *reader, okng_image *out)
{
    size_t pixels = (size_t)out->width * (size_t)out->height;
    uint8_t *to = out->pixels;
    for (size_t i = 0; i < pixels; i++, to += 3) {
        for (unsigned c = 0; c < reader->channels; c++) {
            uint32_t value;
            if (!read_value(reader, &value)) return false;
            to[c] = to_byte(reader, value);
        }
        if (reader->channels == 1) to[1] = to[2] = to[0];
    }
    return true;
}

static bool read_bits(pnm_reader *reader, okng_image *out)
{
    uint8_t *to = out->pixels;
    for (int32_t y = 0; y < out->height; y++) {
        int byte = 0;
        for (int32_t x = 0; x < out->width; x++, to += 3) {
            if (reader->text) {
                byte = skip_space(reader);
                if (byte != '0' && byte != '1') return false;
                byte = byte == '1' ? 0x80 : 0;
            } else if (x % 8 == 0) {
                byte = next_byte(reader);
                if (byte < 0) return false;
            }
            to[0] = to[1] = to[2] = byte & 0x80 ? 0 : 255;
            byte <<= 1;
        }
    }
    return true;
}

okng_status okng_pnm_decode(okng_image *out, const okng_encoded *file, okng_error *error)
{
    int kind = file->data[1] - '0';
    pnm_reader reader = {.file = file, .position = 2, .text = kind <= 3, .bits = kind % 3 == 1, .top = 1};
    reader.channels = kind % 3 == 0 ? 3 : 1;
    uint32_t width, height;
    if (!read_number(&reader, &width) || !read_number(&reader, &height) ||
        (!reader.bits && !read_number(&reader, &reader.top)))
        return okng_image_damaged(file, "its header is not whole", error);
    if (reader.top < 1 || reader.top > 65535)
        return okng_image_damaged(file, "its largest value is not in 1..65535", error);
    OKNG_TRY(okng_image_check_size(file, width, height, error));
    if (!may_hold(&reader, width, height)) return okng_image_damaged(file, "its pixels are not all there", error);
    file->depth->silent = is_silent(&reader);
    file->depth->stated = is_silent(&reader) ? 0 : bits_of(reader.top);
    if (file->scan) {
        bool all = !is_silent(&reader) || scan_values(&reader, (uint64_t)width * height * reader.channels);
        return all ? OKNG_OK : okng_image_damaged(file, "a pixel is missing", error);
    }
    OKNG_TRY(okng_image_begin(out, file, width, height, error));
    bool whole = reader.bits ? read_bits(&reader, out) : read_values(&reader, out);
    return whole ? OKNG_OK : okng_image_damaged(file, "a pixel is missing or larger than the largest value", error);
}
