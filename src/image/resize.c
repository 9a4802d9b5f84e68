/* Resizing with the arithmetic of Pillow: weights in double, rounded to fixed point, an 8-bit picture between the
 * horizontal and the vertical pass. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/formats.h"
#include "kernels/kernels.h"

static void axis_free(okng_resample_axis *plan)
{
    free(plan->first);
    free(plan->count);
    free(plan->weights);
    *plan = (okng_resample_axis){0};
}

static double bilinear(double x)
{
    x = fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

/* Keys' cubic with a = -0.5, the operations in Pillow's order. */
static double bicubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
    if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
    return 0.0;
}

static int32_t to_fixed(double weight)
{
    double scaled = weight * (1 << OKNG_RESAMPLE_BITS);
    return (int32_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

/* Sets first, count and weights of output i. `raw` holds `taps` doubles. */
static void plan_output(const okng_resample_axis *plan, int32_t i, int32_t in, double scale, double filter_scale,
                        double support, double (*filter)(double), double *raw)
{
    double center = (i + 0.5) * scale, inverse = 1.0 / filter_scale, sum = 0.0;
    int32_t first = (int32_t)(center - support + 0.5), last = (int32_t)(center + support + 0.5);
    if (first < 0) first = 0;
    if (last > in) last = in;
    for (int32_t k = 0; k < last - first; k++) {
        raw[k] = filter((k + first - center + 0.5) * inverse);
        sum += raw[k];
    }
    int32_t *weights = plan->weights + (size_t)i * (size_t)plan->taps;
    for (int32_t k = 0; k < last - first; k++) weights[k] = to_fixed(sum != 0.0 ? raw[k] / sum : raw[k]);
    plan->first[i] = first;
    plan->count[i] = last - first;
}

static okng_status axis_plan(okng_resample_axis *plan, int32_t in, int32_t out, okng_interpolation interpolation,
                             okng_error *error)
{
    double scale = (double)in / out, filter_scale = scale < 1.0 ? 1.0 : scale;
    double support = (interpolation == OKNG_BICUBIC ? 2.0 : 1.0) * filter_scale;
    /* In double: of a very long axis it does not fit an int32. */
    double taps = ceil((ceil(support) * 2 + 1) / OKNG_RESAMPLE_STEP) * OKNG_RESAMPLE_STEP;
    size_t total = 0;
    bool fits = taps <= INT32_MAX / 2 && okng_mul_size((size_t)taps, (size_t)out, &total);
    if (!fits) return okng_fail_memory(error, SIZE_MAX);
    plan->taps = (int32_t)taps;
    plan->first = okng_alloc((size_t)out, sizeof *plan->first);
    plan->count = okng_alloc((size_t)out, sizeof *plan->count);
    plan->weights = okng_alloc_zero(total, sizeof *plan->weights);
    double *raw = okng_alloc((size_t)taps, sizeof *raw);
    okng_status status = OKNG_OK;
    if (!plan->first || !plan->count || !plan->weights || !raw)
        status = okng_fail_memory(error, total * sizeof *plan->weights);
    for (int32_t i = 0; i < out && status == OKNG_OK; i++)
        plan_output(plan, i, in, scale, filter_scale, support, interpolation == OKNG_BICUBIC ? bicubic : bilinear, raw);
    free(raw);
    return status;
}

static const int32_t half = 1 << (OKNG_RESAMPLE_BITS - 1);

static void horizontal_grey(const okng_resample_axis *plan, const uint8_t *from, uint8_t *to, int32_t width)
{
    for (int32_t x = 0; x < width; x++) {
        const int32_t *weights = plan->weights + (size_t)x * (size_t)plan->taps;
        const uint8_t *in = from + plan->first[x];
        int32_t sum = half;
        for (int32_t k = 0; k < plan->count[x]; k++) sum += in[k] * weights[k];
        sum >>= OKNG_RESAMPLE_BITS;
        to[x] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
    }
}

/* Rows first_row .. first_row + out->height - 1 of the picture to `out`, which has the new width. */
static okng_status horizontal(const okng_image *image, int32_t first_row, okng_image *out, okng_interpolation kind,
                              okng_error *error)
{
    okng_resample_axis plan = {0};
    okng_status status = axis_plan(&plan, image->width, out->width, kind, error);
    size_t from_row = (size_t)image->width * (size_t)image->channels;
    size_t to_row = (size_t)out->width * (size_t)out->channels;
    const okng_kernels *kernels = okng_kernels_get();
    for (int32_t y = 0; y < out->height && status == OKNG_OK; y++) {
        const uint8_t *from = image->pixels + (size_t)(y + first_row) * from_row;
        uint8_t *to = out->pixels + (size_t)y * to_row;
        if (image->channels == 3)
            kernels->resample_rgb(&plan, from, (size_t)image->width, to, (size_t)out->width);
        else
            horizontal_grey(&plan, from, to, out->width);
    }
    axis_free(&plan);
    return status;
}

/* `image` holds the rows from first_row on of the picture that `plan` speaks of. */
static void vertical(const okng_image *image, const okng_resample_axis *plan, int32_t first_row, okng_image *out)
{
    size_t row = (size_t)out->width * (size_t)out->channels;
    for (int32_t y = 0; y < out->height; y++) {
        const int32_t *weights = plan->weights + (size_t)y * (size_t)plan->taps;
        const uint8_t *from = image->pixels + (size_t)(plan->first[y] - first_row) * row;
        okng_kernels_get()->resample_rows(weights, (size_t)plan->count[y], from, row, row,
                                          out->pixels + (size_t)y * row);
    }
}

/* The horizontal pass only makes the rows that the vertical one reads. */
static okng_status two_passes(const okng_image *image, okng_image *out, okng_interpolation kind, okng_error *error)
{
    okng_resample_axis plan = {0};
    okng_image between = {0};
    okng_status status = axis_plan(&plan, image->height, out->height, kind, error);
    if (status == OKNG_OK) {
        int32_t last = out->height - 1, first_row = plan.first[0];
        int32_t rows = plan.first[last] + plan.count[last] - first_row;
        status = okng_image_new(&between, out->width, rows, image->channels, error);
        if (status == OKNG_OK) status = horizontal(image, first_row, &between, kind, error);
        if (status == OKNG_OK) vertical(&between, &plan, first_row, out);
    }
    okng_image_free(&between);
    axis_free(&plan);
    return status;
}

/* ---- while it is decoded: the horizontal pass of each row as it comes, the vertical one of each that it completes --
 */

struct okng_reduction {
    okng_resample_axis across, down;
    okng_image out;
    int32_t width;
    uint8_t *row;
    uint8_t *window;            /* rows of the new width: those that are still needed */
    int32_t first, count, room; /* of them: the first's number in the picture, how many, at most */
    int32_t done;               /* rows of `out` */
};

/* Room for the rows of two outputs, so that rows are moved seldom. */
static okng_status make_window(okng_reduction *r, okng_error *error)
{
    int32_t most = 0;
    for (int32_t y = 0; y < r->out.height; y++)
        if (r->down.count[y] > most) most = r->down.count[y];
    r->room = 2 * most;
    r->window = okng_alloc((size_t)r->room, (size_t)r->out.width * 3);
    return r->window ? OKNG_OK : okng_fail_memory(error, (size_t)r->room * (size_t)r->out.width * 3);
}

okng_status okng_reduction_new(okng_reduction **out, int32_t width, int32_t height, const okng_shrunk *to,
                               okng_error *error)
{
    okng_reduction *r = *out = okng_alloc_zero(1, sizeof *r);
    if (!r) return okng_fail_memory(error, sizeof *r);
    r->width = width;
    r->row = okng_alloc((size_t)width, 3);
    okng_status status = r->row ? OKNG_OK : okng_fail_memory(error, (size_t)width * 3);
    if (status == OKNG_OK) status = axis_plan(&r->across, width, to->width, to->interpolation, error);
    if (status == OKNG_OK) status = axis_plan(&r->down, height, to->height, to->interpolation, error);
    if (status == OKNG_OK) status = okng_image_new(&r->out, to->width, to->height, 3, error);
    if (status == OKNG_OK) status = make_window(r, error);
    if (status == OKNG_OK) r->first = r->down.first[0];
    if (status != OKNG_OK) okng_reduction_free(out);
    return status;
}

uint8_t *okng_reduction_row(okng_reduction *reduction)
{
    return reduction->row;
}

/* Drops the rows before the first that the next output needs. */
static void move_window(okng_reduction *r, size_t row)
{
    const int32_t drop = r->down.first[r->done] - r->first;
    const int32_t rows = drop < r->count ? drop : r->count;
    r->count -= rows;
    r->first += rows;
    memmove(r->window, r->window + (size_t)rows * row, (size_t)r->count * row);
}

void okng_reduction_take(okng_reduction *r, int32_t y, const uint8_t *rgb)
{
    const size_t row = (size_t)r->out.width * 3;
    const okng_kernels *kernels = okng_kernels_get();
    if (r->done == r->out.height) return;
    if (r->count == r->room) move_window(r, row);
    if (y != r->first + r->count || r->count == r->room) return; /* before the first that is needed */
    kernels->resample_rgb(&r->across, rgb, (size_t)r->width, r->window + (size_t)r->count * row, (size_t)r->out.width);
    r->count++;
    for (; r->done < r->out.height && r->down.first[r->done] + r->down.count[r->done] <= y + 1; r->done++)
        kernels->resample_rows(r->down.weights + (size_t)r->done * (size_t)r->down.taps, (size_t)r->down.count[r->done],
                               r->window + (size_t)(r->down.first[r->done] - r->first) * row, row, row,
                               r->out.pixels + (size_t)r->done * row);
}

okng_status okng_reduction_finish(okng_reduction *r, okng_image *out, okng_error *error)
{
    if (r->done < r->out.height) return okng_fail(error, OKNG_ERROR_INTERNAL, "a picture was not decoded to its end");
    *out = r->out;
    r->out = (okng_image){0};
    return OKNG_OK;
}

void okng_reduction_free(okng_reduction **reduction)
{
    if (!reduction || !*reduction) return;
    axis_free(&(*reduction)->across);
    axis_free(&(*reduction)->down);
    okng_image_free(&(*reduction)->out);
    free((*reduction)->window);
    free((*reduction)->row);
    free(*reduction);
    *reduction = NULL;
}

static okng_status vertical_only(const okng_image *image, okng_image *out, okng_interpolation kind, okng_error *error)
{
    okng_resample_axis plan = {0};
    okng_status status = axis_plan(&plan, image->height, out->height, kind, error);
    if (status == OKNG_OK) vertical(image, &plan, 0, out);
    axis_free(&plan);
    return status;
}

/* The position is summed up, not multiplied, as in Pillow; where that runs past the end the pixel stays black, as
 * there: -1. */
static void nearest_line(int32_t in, int32_t out, int32_t *at)
{
    double step = (double)in / out, position = step * 0.5;
    for (int32_t i = 0; i < out; i++, position += step) at[i] = position < in ? (int32_t)position : -1;
}

static okng_status nearest(const okng_image *image, okng_image *out, okng_error *error)
{
    int32_t *columns = okng_alloc((size_t)out->width, sizeof *columns);
    if (!columns) return okng_fail_memory(error, (size_t)out->width * sizeof *columns);
    nearest_line(image->width, out->width, columns);
    double step_y = (double)image->height / out->height;

    size_t channels = (size_t)image->channels;
    uint8_t *to = out->pixels; /* zeroed */
    double at = step_y * 0.5;
    for (int32_t y = 0; y < out->height; y++, at += step_y) {
        if (!(at < image->height)) break;
        const uint8_t *from = image->pixels + (size_t)at * (size_t)image->width * channels;
        for (int32_t x = 0; x < out->width; x++, to += channels)
            if (columns[x] >= 0) memcpy(to, from + (size_t)columns[x] * channels, channels);
    }
    free(columns);
    return OKNG_OK;
}

okng_status okng_image_resize(const okng_image *image, int32_t width, int32_t height, okng_interpolation interpolation,
                              okng_image *out, okng_error *error)
{
    *out = (okng_image){0};
    if ((unsigned)interpolation > OKNG_NEAREST)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "unknown interpolation %d, expected bilinear, bicubic or nearest",
                         (int)interpolation);
    OKNG_TRY(okng_image_new(out, width, height, image->channels, error));
    bool wider = width != image->width, higher = height != image->height;
    okng_status status = OKNG_OK;
    if (!wider && !higher)
        memcpy(out->pixels, image->pixels, (size_t)width * (size_t)height * (size_t)image->channels);
    else if (interpolation == OKNG_NEAREST)
        status = nearest(image, out, error);
    else if (wider && higher)
        status = two_passes(image, out, interpolation, error);
    else if (wider)
        status = horizontal(image, 0, out, interpolation, error);
    else
        status = vertical_only(image, out, interpolation, error);
    if (status != OKNG_OK) okng_image_free(out);
    return status;
}

/* ---- as products ---- */

enum { LOW_BITS = OKNG_RESAMPLE_BITS / 2, LOW = 1 << LOW_BITS };

static okng_status nearest_axis(int32_t in, int32_t out, float *high, okng_error *error)
{
    int32_t *at = okng_alloc((size_t)out, sizeof *at);
    if (!at) return okng_fail_memory(error, (size_t)out * sizeof *at);
    nearest_line(in, out, at);
    for (size_t i = 0; i < (size_t)out; i++)
        if (at[i] >= 0) high[i * (size_t)in + (size_t)at[i]] = LOW;
    free(at);
    return OKNG_OK;
}

okng_status okng_image_resize_axis(int32_t in, int32_t out, okng_interpolation interpolation, float *high, float *low,
                                   okng_error *error)
{
    okng_resample_axis plan = {0};
    for (size_t i = 0; i < (size_t)in * (size_t)out; i++) high[i] = low[i] = 0;
    if (interpolation == OKNG_NEAREST) return nearest_axis(in, out, high, error);
    okng_status status = axis_plan(&plan, in, out, interpolation, error);
    for (size_t i = 0; i < (size_t)out && status == OKNG_OK; i++)
        for (int32_t k = 0; k < plan.count[i]; k++) {
            const int32_t weight = plan.weights[i * (size_t)plan.taps + (size_t)k], rest = weight & (LOW - 1);
            high[i * (size_t)in + (size_t)(plan.first[i] + k)] = (float)((weight - rest) / LOW);
            low[i * (size_t)in + (size_t)(plan.first[i] + k)] = (float)rest;
        }
    axis_free(&plan);
    return status;
}
