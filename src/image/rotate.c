#include <math.h>

#include "image/image.h"

/* Cosine and sine of turn / turns of a full turn, exact for whole quarters. */
static void turn_of(int32_t turn, int32_t turns, double *cosine, double *sine)
{
    static const double quarters[5] = {1, 0, -1, 0, 1};
    int64_t quarter = 4 * (int64_t)turn / turns;
    if (4 * (int64_t)turn % turns == 0) {
        *cosine = quarters[quarter];
        *sine = quarters[(quarter + 3) % 4];
    } else {
        double angle = 2 * acos(-1) * turn / turns;
        *cosine = cos(angle);
        *sine = sin(angle);
    }
}

/* Where index i of a row that is mirrored at its ends lies in 0..size-1. */
static int32_t mirror(int64_t i, int32_t size)
{
    int64_t period = size > 1 ? 2 * ((int64_t)size - 1) : 1;
    i = (i % period + period) % period;
    return (int32_t)(i < size ? i : period - i);
}

static void sample(const okng_image *image, double x, double y, uint8_t *out)
{
    double left = floor(x), top = floor(y), right_part = x - left, low_part = y - top;
    size_t columns[2], rows[2], channels = (size_t)image->channels;
    for (int i = 0; i < 2; i++) {
        columns[i] = (size_t)mirror((int64_t)left + i, image->width) * channels;
        rows[i] = (size_t)mirror((int64_t)top + i, image->height) * (size_t)image->width * channels;
    }
    for (size_t c = 0; c < channels; c++) {
        const uint8_t *in = image->pixels + c;
        double upper = in[rows[0] + columns[0]] * (1 - right_part) + in[rows[0] + columns[1]] * right_part;
        double lower = in[rows[1] + columns[0]] * (1 - right_part) + in[rows[1] + columns[1]] * right_part;
        out[c] = (uint8_t)floor(upper * (1 - low_part) + lower * low_part + 0.5);
    }
}

okng_status okng_image_rotate(const okng_image *image, int32_t turn, int32_t turns, okng_image *out, okng_error *error)
{
    double cosine, sine, centre_x = (image->width - 1) / 2.0, centre_y = (image->height - 1) / 2.0;
    turn_of(turn, turns, &cosine, &sine);
    OKNG_TRY(okng_image_new(out, image->width, image->height, image->channels, error));
    uint8_t *to = out->pixels;
    for (int32_t row = 0; row < out->height; row++)
        for (int32_t column = 0; column < out->width; column++, to += out->channels) {
            double x = column - centre_x, y = row - centre_y;
            sample(image, centre_x + cosine * x - sine * y, centre_y + sine * x + cosine * y, to);
        }
    return OKNG_OK;
}
