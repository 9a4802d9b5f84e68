/* The size of a picture from its file's header, without its pixels: a few hundred bytes in place of all. Whatever is
 * not plainly there is left to the reader of the format, which says what is wrong with it. */
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "image/image.h"

enum { MAX_SEGMENTS = 4096, MAX_TAGS = 4096, HEADER_TEXT = 512 };

/* Bytes in memory, or of a file that is read where it is needed: somebody may be writing to it. */
typedef struct source {
    const uint8_t *data;
    uint64_t size;
    int descriptor; /* -1: in memory */
} source;

typedef struct sides {
    uint64_t width, height;
} sides;

static bool get(const source *from, uint64_t offset, void *to, size_t count)
{
    if (from->descriptor < 0) {
        if (offset > from->size || from->size - offset < count) return false;
        memcpy(to, from->data + offset, count);
        return true;
    }
    if (offset > INT64_MAX) return false;
    for (size_t got = 0; got < count;) {
        ssize_t more = pread(from->descriptor, (uint8_t *)to + got, count - got, (off_t)(offset + got));
        if (more <= 0) return false;
        got += (size_t)more;
    }
    return true;
}

/* `count` bytes, the most significant first or last. */
static uint64_t number(const uint8_t *bytes, size_t count, bool big)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) value = value << 8 | bytes[big ? i : count - 1 - i];
    return value;
}

/* ---- formats ------------------------------------------------------------------------------------------------- */

static bool probe_png(const source *from, sides *size)
{
    uint8_t b[16];
    if (!get(from, 8, b, sizeof b) || memcmp(b + 4, "IHDR", 4) != 0) return false;
    *size = (sides){number(b + 8, 4, true), number(b + 12, 4, true)};
    return true;
}

/* From segment to segment up to the frame's header. */
static bool probe_jpeg(const source *from, sides *size)
{
    uint64_t at = 2;
    for (int i = 0; i < MAX_SEGMENTS; i++) {
        uint8_t b[9];
        if (!get(from, at, b, 4) || b[0] != 0xff) return false;
        if (b[1] == 0xff) { /* padding */
            at++;
            continue;
        }
        if (b[1] < 0xc0 || (b[1] >= 0xd0 && b[1] <= 0xda)) return false; /* no segment that a header has */
        bool frame = b[1] <= 0xcf && b[1] != 0xc4 && b[1] != 0xc8 && b[1] != 0xcc;
        if (frame && !get(from, at, b, sizeof b)) return false;
        if (frame) *size = (sides){number(b + 7, 2, true), number(b + 5, 2, true)};
        if (frame) return true;
        at += 2 + number(b + 2, 2, true);
    }
    return false;
}

static bool probe_bmp(const source *from, sides *size)
{
    uint8_t b[12];
    if (!get(from, 14, b, sizeof b)) return false;
    if (number(b, 4, false) == 12) {
        *size = (sides){number(b + 4, 2, false), number(b + 6, 2, false)};
        return true;
    }
    uint64_t height = number(b + 8, 4, false); /* negative: from the top down */
    *size = (sides){number(b + 4, 4, false), height > INT32_MAX ? ((uint64_t)1 << 32) - height : height};
    return true;
}

static bool probe_webp(const source *from, sides *size)
{
    uint8_t b[18];
    if (!get(from, 12, b, sizeof b)) return false;
    const uint8_t *chunk = b + 8;
    if (memcmp(b, "VP8X", 4) == 0)
        *size = (sides){number(chunk + 4, 3, false) + 1, number(chunk + 7, 3, false) + 1};
    else if (memcmp(b, "VP8L", 4) == 0 && chunk[0] == 0x2f)
        *size = (sides){(number(chunk + 1, 4, false) & 0x3fff) + 1, (number(chunk + 1, 4, false) >> 14 & 0x3fff) + 1};
    else if (memcmp(b, "VP8 ", 4) == 0 && memcmp(chunk + 3, "\x9d\x01\x2a", 3) == 0)
        *size = (sides){number(chunk + 6, 2, false) & 0x3fff, number(chunk + 8, 2, false) & 0x3fff};
    else
        return false;
    return true;
}

/* A tag's single value; false for what no size is written as. */
static bool tag_value(const uint8_t *entry, bool big, bool wide, uint64_t *value)
{
    static const uint8_t bytes[] = {[3] = 2, [4] = 4, [16] = 8};
    uint64_t type = number(entry + 2, 2, big), count = number(entry + 4, wide ? 8 : 4, big);
    if (type >= sizeof bytes || bytes[type] == 0 || count != 1 || (bytes[type] == 8 && !wide)) return false;
    *value = number(entry + (wide ? 12 : 8), bytes[type], big);
    return true;
}

/* The first folder of a TIFF or, `wide`, a BigTIFF. A picture that lies on its side is left to the decoder, as one is
 * that has a tag twice, or more tags than are looked at. */
static bool probe_tiff(const source *from, sides *size)
{
    enum { WIDTH = 256, HEIGHT = 257, ORIENTATION = 274 };
    uint8_t b[20];
    if (!get(from, 0, b, 8)) return false;
    bool big = b[0] == 'M', wide = number(b + 2, 2, big) == 43;
    if (wide && !get(from, 8, b + 8, 8)) return false;
    uint64_t at = wide ? number(b + 8, 8, big) : number(b + 4, 4, big), counted = wide ? 8 : 2, each = wide ? 20 : 12;
    if (!get(from, at, b, (size_t)counted)) return false;
    uint64_t count = number(b, (size_t)counted, big), orientation = 0;
    at += counted;
    if (count > MAX_TAGS) return false;
    for (uint64_t i = 0; i < count; i++) {
        if (!get(from, at + i * each, b, (size_t)each)) return false;
        uint64_t tag = number(b, 2, big);
        if (tag == WIDTH && (size->width > 0 || !tag_value(b, big, wide, &size->width))) return false;
        if (tag == HEIGHT && (size->height > 0 || !tag_value(b, big, wide, &size->height))) return false;
        if (tag == ORIENTATION && (orientation > 0 || !tag_value(b, big, wide, &orientation) || orientation == 0))
            return false;
    }
    return orientation <= 4;
}

/* "P5 # words \n 640 480 ..." */
static bool probe_pnm(const source *from, sides *size)
{
    char text[HEADER_TEXT + 1] = "", *rest = text + 2;
    size_t length = 0;
    while (length < HEADER_TEXT && get(from, length, text + length, 1)) length++;
    for (int i = 0; i < 2; i++) {
        rest += strspn(rest, " \t\n\v\f\r");
        while (*rest == '#') {
            rest += strcspn(rest, "\r\n");
            rest += strspn(rest, " \t\n\v\f\r");
        }
        size_t digits = strspn(rest, "0123456789");
        if (digits == 0 || digits > 9 || !rest[digits] || !strchr(" \t\n\v\f\r", rest[digits])) return false;
        uint64_t value = 0;
        for (; digits > 0; digits--) value = value * 10 + (uint64_t)(*rest++ - '0');
        *(i == 0 ? &size->width : &size->height) = value;
    }
    return true;
}

/* ---- */

static bool probe(const source *from, uint64_t max_pixels, int32_t *width, int32_t *height)
{
    uint8_t b[12];
    sides size = {0, 0};
    bool known = false;
    if (!get(from, 0, b, sizeof b)) return false;
    if (memcmp(b, "\x89PNG\r\n\x1a\n", 8) == 0)
        known = probe_png(from, &size);
    else if (memcmp(b, "\xff\xd8\xff", 3) == 0)
        known = probe_jpeg(from, &size);
    else if (memcmp(b, "BM", 2) == 0)
        known = probe_bmp(from, &size);
    else if ((memcmp(b, "II", 2) == 0 && (b[2] == 42 || b[2] == 43) && b[3] == 0) ||
             (memcmp(b, "MM", 2) == 0 && b[2] == 0 && (b[3] == 42 || b[3] == 43)))
        known = probe_tiff(from, &size);
    else if (memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WEBP", 4) == 0)
        known = probe_webp(from, &size);
    else if (b[0] == 'P' && b[1] >= '1' && b[1] <= '6')
        known = probe_pnm(from, &size);
    if (!known || size.width < 1 || size.height < 1 || size.width > INT32_MAX || size.height > INT32_MAX ||
        size.width * size.height > max_pixels)
        return false;
    *width = (int32_t)size.width;
    *height = (int32_t)size.height;
    return true;
}

static bool probe_picture(const okng_picture *picture, uint64_t max_pixels, int32_t *width, int32_t *height)
{
    if (picture->pixels && !picture->path && !picture->data) {
        *width = picture->width;
        *height = picture->height;
        return *width >= 1 && *height >= 1 && (uint64_t)*width * (uint64_t)*height <= max_pixels;
    }
    if (picture->data) {
        const source from = {.data = picture->data, .size = picture->data_size, .descriptor = -1};
        return probe(&from, max_pixels, width, height);
    }
    if (!picture->path) return false;
    const source from = {.descriptor = open(picture->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (from.descriptor < 0) return false;
    bool known = probe(&from, max_pixels, width, height);
    (void)close(from.descriptor);
    return known;
}

okng_status okng_image_size(const okng_picture *picture, uint64_t max_pixels, int32_t *width, int32_t *height,
                            okng_error *error)
{
    okng_image rgb;
    if (probe_picture(picture, max_pixels, width, height)) return OKNG_OK;
    OKNG_TRY(okng_image_from_picture(&rgb, picture, max_pixels, error));
    *width = rgb.width;
    *height = rgb.height;
    okng_image_free(&rgb);
    return OKNG_OK;
}
