#include "align/cut.h"

#include <math.h>
#include <string.h>

#include "align/sample.h"

/* Parts that lie as their template does have pixels that are those of the picture. */
static okng_placing placing_of(const okng_pose *pose, int32_t width, int32_t height)
{
    okng_placing to = okng_placing_of(pose, width, height);
    if (pose->angle != 0 || pose->scale != 1) return to;
    to.x = floor(to.x + 0.5);
    to.y = floor(to.y + 0.5);
    return to;
}

/* Pixel (x, y), bilinear between centres, the border's beyond it. */
static void sample(const okng_image *picture, double x, double y, uint8_t *out)
{
    const double right = picture->width - 1, bottom = picture->height - 1;
    x = fmin(fmax(x - 0.5, 0), right);
    y = fmin(fmax(y - 0.5, 0), bottom);
    const int32_t column = (int32_t)x, row = (int32_t)y;
    const size_t channels = (size_t)picture->channels, stride = (size_t)picture->width * channels;
    const size_t next = column < picture->width - 1 ? channels : 0, below = row < picture->height - 1 ? stride : 0;
    const uint8_t *at = picture->pixels + (size_t)row * stride + (size_t)column * channels;
    const double across = x - column, down = y - row;
    for (size_t c = 0; c < channels; c++, at++) {
        const double upper = at[0] + across * (at[next] - at[0]);
        const double lower = at[below] + across * (at[below + next] - at[below]);
        out[c] = (uint8_t)(upper + down * (lower - upper) + 0.5);
    }
}

okng_status okng_cut_out(const okng_image *picture, const okng_pose *pose, int32_t width, int32_t height,
                         okng_image *out, okng_error *error)
{
    const okng_placing to = placing_of(pose, width, height);
    OKNG_TRY(okng_image_new(out, width, height, picture->channels, error));
    uint8_t *pixel = out->pixels;
    for (int32_t row = 0; row < height; row++)
        for (int32_t column = 0; column < width; column++, pixel += out->channels) {
            const double i = column + 0.5, j = row + 0.5;
            sample(picture, to.x + i * to.across[0] + j * to.down[0], to.y + i * to.across[1] + j * to.down[1], pixel);
        }
    return OKNG_OK;
}

static void place(const okng_placing *to, double i, double j, double *x, double *y)
{
    *x = to->x + i * to->across[0] + j * to->down[0];
    *y = to->y + i * to->across[1] + j * to->down[1];
}

/* The inverse: what leads across and down is of one length, at a right angle. */
static void place_back(const okng_placing *to, double x, double y, double *i, double *j)
{
    const double square = to->across[0] * to->across[0] + to->across[1] * to->across[1];
    x -= to->x;
    y -= to->y;
    *i = (x * to->across[0] + y * to->across[1]) / square;
    *j = (x * to->down[0] + y * to->down[1]) / square;
}

void okng_place_in_picture(const okng_pose *pose, int32_t width, int32_t height, double i, double j, double *x,
                           double *y)
{
    const okng_placing to = placing_of(pose, width, height);
    place(&to, i, j, x, y);
}

void okng_place_in_part(const okng_pose *pose, int32_t width, int32_t height, double x, double y, double *i, double *j)
{
    const okng_placing to = placing_of(pose, width, height);
    place_back(&to, x, y, i, j);
}

/* ---- putting back ------------------------------------------------------------------------------------------------ */

typedef struct bounds {
    int32_t left, top, right, bottom;
} bounds;

/* Of the pixels of the picture that the part may cover. */
static bounds bounds_of(const okng_placing *to, int32_t width, int32_t height, int32_t picture_width,
                        int32_t picture_height)
{
    double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
    for (int corner = 0; corner < 4; corner++) {
        double x, y;
        place(to, corner & 1 ? width : 0, corner & 2 ? height : 0, &x, &y);
        left = fmin(left, x);
        right = fmax(right, x);
        top = fmin(top, y);
        bottom = fmax(bottom, y);
    }
    return (bounds){
        (int32_t)fmin(fmax(floor(left), 0), picture_width), (int32_t)fmin(fmax(floor(top), 0), picture_height),
        (int32_t)fmax(fmin(ceil(right), picture_width), 0), (int32_t)fmax(fmin(ceil(bottom), picture_height), 0)};
}

/* Between the centres of four pixels, where all of them have a score; else that of the nearest. */
static float between(const float *part, int32_t width, int32_t height, double i, double j)
{
    const int32_t nearest_column = (int32_t)fmin(i, width - 1), nearest_row = (int32_t)fmin(j, height - 1);
    const float nearest = part[(size_t)nearest_row * (size_t)width + (size_t)nearest_column];
    i = fmin(fmax(i - 0.5, 0), width - 1);
    j = fmin(fmax(j - 0.5, 0), height - 1);
    const int32_t column = (int32_t)i, row = (int32_t)j;
    const size_t next = column < width - 1, below = row < height - 1 ? (size_t)width : 0;
    const float *at = part + (size_t)row * (size_t)width + (size_t)column;
    const float across = (float)(i - column), down = (float)(j - row);
    const float upper = at[0] + across * (at[next] - at[0]);
    const float lower = at[below] + across * (at[below + next] - at[below]);
    const float value = upper + down * (lower - upper);
    return isnan(value) ? nearest : value;
}

void okng_put_back(const float *part, int32_t width, int32_t height, const okng_pose *pose, float *picture,
                   int32_t picture_width, int32_t picture_height)
{
    const okng_placing to = placing_of(pose, width, height);
    const bounds in = bounds_of(&to, width, height, picture_width, picture_height);
    for (int32_t row = in.top; row < in.bottom; row++)
        for (int32_t column = in.left; column < in.right; column++) {
            float *known = picture + (size_t)row * (size_t)picture_width + (size_t)column;
            double i, j;
            place_back(&to, column + 0.5, row + 0.5, &i, &j);
            if (i < 0 || j < 0 || i >= width || j >= height) continue;
            const float score = between(part, width, height, i, j);
            if (isnan(*known) || score > *known) *known = score;
        }
}
