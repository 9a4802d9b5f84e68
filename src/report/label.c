/* Text on a picture, from letters that are part of the library: the same pixels on every machine, and no font and no
 * library is needed for it. */
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

extern const char okng_label_font[]; /* label_font.S: [letters, CELL_HEIGHT, CELL_WIDTH + 1] */

enum {
    CELL_WIDTH = 24,
    CELL_HEIGHT = 28,
    BASE_HEIGHT = 28,     /* of a line of text, unscaled */
    SIDE_PER_HEIGHT = 20, /* text is this part of the shorter side high, */
    LEAST_HEIGHT = 14,    /* and at least this, */
    SMALLEST_HEIGHT = 9,  /* or less where the picture is narrow, but not less than this */
    MOST_HEIGHT = 96,
    GROUND = 200, /* of 256 parts the label's ground, the rest stays the picture */
    CORNERS = 4
};

/* U+2264, at most, is '=' here. */
static const char letters[] = "OKNGREVIWTFUD0123456789.-+<>einfa= ";
static const uint8_t widths[] = {19, 17, 19, 18, 17, 15, 17, 9,  24, 15, 15, 18, 18, 16, 16, 16, 16, 16,
                                 16, 16, 16, 16, 16, 9,  10, 19, 19, 19, 15, 8,  16, 10, 15, 19, 8};

static const char *letter_of(char c, int *width)
{
    const char *at = strchr(letters, c);
    if (!at || !*at) at = letters + strlen(letters) - 1; /* a blank */
    *width = widths[at - letters] < CELL_WIDTH ? widths[at - letters] : CELL_WIDTH;
    return okng_label_font + (size_t)(at - letters) * CELL_HEIGHT * (CELL_WIDTH + 1);
}

static int level(char digit)
{
    if (digit >= '0' && digit <= '9') return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : 0;
}

/* How much of each pixel the text covers, unscaled. */
static okng_status write_text(const char *text, okng_image *out, okng_error *error)
{
    int width = 0, one;
    for (const char *c = text; *c; c++) {
        (void)letter_of(*c, &one);
        width += one;
    }
    OKNG_TRY(okng_image_new(out, width > 0 ? width : 1, CELL_HEIGHT, 1, error));
    memset(out->pixels, 0, (size_t)out->width * CELL_HEIGHT);
    int left = 0;
    for (const char *c = text; *c; c++, left += one) {
        const char *cell = letter_of(*c, &one);
        for (int y = 0; y < CELL_HEIGHT; y++)
            for (int x = 0; x < one; x++)
                out->pixels[y * out->width + left + x] = (uint8_t)(17 * level(cell[y * (CELL_WIDTH + 1) + x]));
    }
    return OKNG_OK;
}

/* The height that text of `width` x BASE_HEIGHT gets on a picture; 0 where there is no room for it. */
static int32_t height_on(const okng_image *rgb, int32_t width)
{
    int32_t shorter = rgb->width < rgb->height ? rgb->width : rgb->height, height = shorter / SIDE_PER_HEIGHT;
    if (height < LEAST_HEIGHT) height = LEAST_HEIGHT;
    if (height > MOST_HEIGHT) height = MOST_HEIGHT;
    int64_t fits = (int64_t)rgb->width * BASE_HEIGHT / width;
    if (height > fits) height = (int32_t)fits;
    return height < SMALLEST_HEIGHT || 3 * height > rgb->height ? 0 : height;
}

static int64_t covered(const okng_image *mask, int32_t left, int32_t top, const okng_image *label)
{
    int64_t count = 0;
    for (int32_t y = 0; y < label->height; y++)
        for (int32_t x = 0; x < label->width; x++)
            count += mask->pixels[(int64_t)(top + y) * mask->width + left + x] != 0;
    return count;
}

/* The corner in which it hides least of the mask; of equals the first: top left, top right, bottom left, bottom right.
 */
static void choose_corner(const okng_image *mask, const okng_image *label, int32_t *left, int32_t *top)
{
    int64_t least = INT64_MAX;
    for (int corner = 0; corner < CORNERS; corner++) {
        int32_t x = corner & 1 ? mask->width - label->width : 0, y = corner & 2 ? mask->height - label->height : 0;
        int64_t hidden = covered(mask, x, y, label);
        if (hidden >= least) continue;
        least = hidden;
        *left = x;
        *top = y;
    }
}

/* White letters on a dark ground of the colour. */
static void blend(uint8_t *pixel, uint8_t cover, const uint8_t colour[3])
{
    for (int c = 0; c < 3; c++) {
        int ground = (pixel[c] * (256 - GROUND) + colour[c] * 3 / 5 * GROUND + 128) >> 8;
        pixel[c] = (uint8_t)((ground * (255 - cover) + 255 * cover + 127) / 255);
    }
}

static void put(okng_image *rgb, const okng_image *label, int32_t left, int32_t top, const uint8_t colour[3])
{
    for (int32_t y = 0; y < label->height; y++)
        for (int32_t x = 0; x < label->width; x++)
            blend(rgb->pixels + 3 * ((int64_t)(top + y) * rgb->width + left + x),
                  label->pixels[(int64_t)y * label->width + x], colour);
}

okng_status okng_report_label(okng_image *rgb, const okng_image *mask, const char *text, const uint8_t colour[3],
                              okng_error *error)
{
    okng_image written = {0}, label = {0};
    OKNG_TRY(write_text(text, &written, error));
    int32_t height = height_on(rgb, written.width);
    okng_status status = OKNG_OK;
    if (height > 0) {
        int32_t width = (int32_t)((int64_t)written.width * height / BASE_HEIGHT), left = 0, top = 0;
        status = okng_image_resize(&written, width > 0 ? width : 1, height, OKNG_BILINEAR, &label, error);
        if (status == OKNG_OK) choose_corner(mask, &label, &left, &top);
        if (status == OKNG_OK) put(rgb, &label, left, top, colour);
    }
    okng_image_free(&written);
    okng_image_free(&label);
    return status;
}
