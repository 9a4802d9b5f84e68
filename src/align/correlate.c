#include "align/correlate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"

/* ---- moments ----------------------------------------------------------------------------------------------------- */

/* Of one row of at most 65,535 pixels, so that 32 bits hold them. */
static void add_row(const uint8_t *row, size_t width, okng_moments *m)
{
    uint32_t sum = 0, squares = 0;
    for (size_t x = 0; x < width; x++) {
        sum += row[x];
        squares += (uint16_t)(row[x] * row[x]);
    }
    m->sum += sum;
    m->squares += squares;
}

okng_moments okng_level_moments(const okng_level *level)
{
    okng_moments m = {.count = (double)level->width * level->height};
    const size_t width = (size_t)level->width;
    for (size_t y = 0; y < (size_t)level->height; y++) add_row(level->pixels + y * width, width, &m);
    return m;
}

double okng_moments_spread(okng_moments m)
{
    static const double rounding = 1e-9; /* of the two terms; double keeps 1e-16, pixels need 1e-5 */
    const double spread = m.count * m.squares - m.sum * m.sum;
    return spread > rounding * m.count * m.squares ? spread : 0;
}

double okng_correlation(okng_moments a, okng_moments b, double products)
{
    const double scale = sqrt(okng_moments_spread(a)) * sqrt(okng_moments_spread(b));
    if (scale == 0) return 0;
    const double r = (a.count * products - a.sum * b.sum) / scale;
    return r > 1 ? 1 : r < -1 ? -1 : r;
}

/* ---- one window -------------------------------------------------------------------------------------------------- */

double okng_correlate_at(const okng_level *picture, const okng_level *part, okng_moments part_moments, int32_t x,
                         int32_t y)
{
    const size_t width = (size_t)part->width, stride = (size_t)picture->width;
    okng_moments window = {.count = part_moments.count};
    double products = 0;
    for (size_t row = 0; row < (size_t)part->height; row++) {
        const uint8_t *in = picture->pixels + ((size_t)y + row) * stride + (size_t)x;
        const uint8_t *own = part->pixels + row * width;
        uint32_t sum = 0;
        for (size_t i = 0; i < width; i++) sum += (uint16_t)(in[i] * own[i]);
        products += sum;
        add_row(in, width, &window);
    }
    return okng_correlation(window, part_moments, products);
}

/* ---- all windows ------------------------------------------------------------------------------------------------- */

/* Sums over rectangles from the upper left corner, [height + 1, width + 1]. */
typedef struct integrals {
    uint64_t *sum, *squares;
    size_t stride;
} integrals;

static void integrate(const okng_level *picture, integrals *all)
{
    const size_t width = (size_t)picture->width;
    memset(all->sum, 0, all->stride * sizeof *all->sum);
    memset(all->squares, 0, all->stride * sizeof *all->squares);
    for (size_t y = 0; y < (size_t)picture->height; y++) {
        const uint8_t *in = picture->pixels + y * width;
        uint64_t *sum = all->sum + (y + 1) * all->stride, *squares = all->squares + (y + 1) * all->stride;
        uint64_t row_sum = 0, row_squares = 0;
        sum[0] = squares[0] = 0;
        for (size_t x = 0; x < width; x++) {
            row_sum += in[x];
            row_squares += (uint64_t)in[x] * in[x];
            sum[x + 1] = sum[x + 1 - all->stride] + row_sum;
            squares[x + 1] = squares[x + 1 - all->stride] + row_squares;
        }
    }
}

static double rectangle(const uint64_t *sums, size_t stride, size_t x, size_t y, size_t width, size_t height)
{
    const uint64_t *upper = sums + y * stride + x, *lower = upper + height * stride;
    return (double)(lower[width] - lower[0] - upper[width] + upper[0]);
}

typedef struct job {
    const okng_level *picture, *part;
    okng_moments part_moments;
    integrals sums;
    float *scores;
    size_t columns;     /* windows in a row */
    uint32_t *products; /* [threads, columns]: of one row of the part */
    uint64_t *total;    /* [threads, columns] */
} job;

/* products[x] = sum over i of row[x + i] * own[i]: four pixels of the part at a time, for all windows at once. */
static void multiply_row(const uint8_t *row, const uint8_t *own, size_t width, size_t columns, uint32_t *products)
{
    size_t i = 0;
    memset(products, 0, columns * sizeof *products);
    for (; i + 4 <= width; i += 4) {
        const uint16_t a = own[i], b = own[i + 1], c = own[i + 2], d = own[i + 3];
        const uint8_t *in = row + i;
        for (size_t x = 0; x < columns; x++)
            products[x] += (uint32_t)(uint16_t)(a * in[x]) + (uint16_t)(b * in[x + 1]) + (uint16_t)(c * in[x + 2]) +
                           (uint16_t)(d * in[x + 3]);
    }
    for (; i < width; i++)
        for (size_t x = 0; x < columns; x++) products[x] += (uint16_t)(own[i] * row[i + x]);
}

static void correlate_rows(void *context, int64_t begin, int64_t end, int thread)
{
    const job *j = context;
    const size_t width = (size_t)j->part->width, height = (size_t)j->part->height;
    uint32_t *products = j->products + (size_t)thread * j->columns;
    uint64_t *total = j->total + (size_t)thread * j->columns;
    for (size_t y = (size_t)begin; y < (size_t)end; y++) {
        memset(total, 0, j->columns * sizeof *total);
        for (size_t row = 0; row < height; row++) {
            multiply_row(j->picture->pixels + (y + row) * (size_t)j->picture->width, j->part->pixels + row * width,
                         width, j->columns, products);
            for (size_t x = 0; x < j->columns; x++) total[x] += products[x];
        }
        for (size_t x = 0; x < j->columns; x++) {
            const okng_moments window = {j->part_moments.count,
                                         rectangle(j->sums.sum, j->sums.stride, x, y, width, height),
                                         rectangle(j->sums.squares, j->sums.stride, x, y, width, height)};
            j->scores[y * j->columns + x] = (float)okng_correlation(window, j->part_moments, (double)total[x]);
        }
    }
}

okng_status okng_correlate_all(const okng_level *picture, const okng_level *part, int threads, float *scores,
                               okng_error *error)
{
    const size_t stride = (size_t)picture->width + 1, cells = stride * ((size_t)picture->height + 1);
    const size_t columns = (size_t)(picture->width - part->width + 1);
    job j = {.picture = picture,
             .part = part,
             .part_moments = okng_level_moments(part),
             .sums = {okng_alloc(cells, sizeof(uint64_t)), okng_alloc(cells, sizeof(uint64_t)), stride},
             .scores = scores,
             .columns = columns,
             .products = okng_alloc((size_t)threads * columns, sizeof(uint32_t)),
             .total = okng_alloc((size_t)threads * columns, sizeof(uint64_t))};
    okng_status status = OKNG_OK;
    if (j.sums.sum && j.sums.squares && j.products && j.total) {
        integrate(picture, &j.sums);
        okng_parallel_for(threads, picture->height - part->height + 1, 1, correlate_rows, &j);
    } else {
        status = okng_fail_memory(error, 2 * cells * sizeof(uint64_t));
    }
    free(j.sums.sum);
    free(j.sums.squares);
    free(j.products);
    free(j.total);
    return status;
}
