/* The mean map: every target is a weighted sum of few values of the neighbourhood, neighbours in channel-major order.
 * The map is turned into planes row by row (one plane per channel), so that a tap is one multiply and add over
 * neighbouring columns of the grid whatever the dimensions are. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "patch/sweep.h"

enum {
    LANES = 8,          /* columns kept in registers */
    TILE = 16,          /* targets or channels turned at a time: one cache line */
    MAX_TAPS = 1 << 24, /* 256 MiB */
};

typedef float f4 __attribute__((vector_size(16), aligned(4), may_alias));

/* Values begin..end-1 are averaged to one. */
typedef struct range {
    int64_t begin, end;
} range;

/* Output i of an adaptive mean from `in` to `out` values. */
static range window(int64_t i, int64_t in, int64_t out)
{
    return (range){i * in / out, ((i + 1) * in + out - 1) / out};
}

static range intersect(range a, range b)
{
    return (range){a.begin > b.begin ? a.begin : b.begin, a.end < b.end ? a.end : b.end};
}

/* A plane holds a channel's padded row, columns with the same remainder by `step` together: taps of neighbouring grid
 * columns are then neighbours. Rounded up so that whole registers may be read. */
static int64_t phase_width(const okng_sweep *sweep)
{
    int64_t registers = (sweep->columns + LANES - 1) / LANES * LANES;
    int64_t padded = (sweep->width + 2 * sweep->pad + sweep->step - 1) / sweep->step;
    int64_t read = registers + (sweep->size - 1) / sweep->step;
    return padded > read ? padded : read;
}

static int64_t phase_offset(const okng_sweep *sweep, int64_t phase_floats, int64_t x)
{
    return x % sweep->step * phase_floats + x / sweep->step;
}

size_t okng_mean_map_scratch(const okng_sweep *sweep)
{
    int64_t planes = sweep->channels * sweep->step * phase_width(sweep);
    int64_t registers = (sweep->columns + LANES - 1) / LANES * LANES;
    return (size_t)(planes * sweep->size + TILE * registers);
}

/* ---- the matrix ------------------------------------------------------------------------------------------------- */

/* The layer's rows of the stack that target t averages. */
static range stack_rows(const okng_mean_map_dims *dims, int64_t t)
{
    range layer = {dims->layer * dims->pretrain, (dims->layer + 1) * dims->pretrain};
    return intersect(window(t, dims->layers * dims->pretrain, dims->target), layer);
}

/* The unfolded values that target t reads: neighbouring rows read neighbouring values, so it is one range. */
static range unfolded_values(const okng_mean_map_dims *dims, int64_t length, int64_t t)
{
    range rows = stack_rows(dims, t);
    int64_t base = dims->layer * dims->pretrain;
    return (range){window(rows.begin - base, length, dims->pretrain).begin,
                   window(rows.end - 1 - base, length, dims->pretrain).end};
}

/* weights[j] of the values that target t reads. */
static void target_weights(const okng_mean_map_dims *dims, int64_t length, int64_t t, double *weights)
{
    range values = unfolded_values(dims, length, t), rows = stack_rows(dims, t);
    range all = window(t, dims->layers * dims->pretrain, dims->target);
    memset(weights, 0, (size_t)(values.end - values.begin) * sizeof *weights);
    for (int64_t r = rows.begin; r < rows.end; r++) {
        range w = window(r - dims->layer * dims->pretrain, length, dims->pretrain);
        double weight = 1.0 / ((double)(all.end - all.begin) * (double)(w.end - w.begin));
        for (int64_t j = w.begin; j < w.end; j++) weights[j - values.begin] += weight;
    }
}

static void fill_taps(okng_mean_map *matrix, const okng_sweep *sweep, const okng_mean_map_dims *dims, double *weights)
{
    int64_t area = sweep->size * sweep->size, length = sweep->channels * area, phase = phase_width(sweep);
    okng_tap *tap = matrix->taps;
    for (int64_t t = 0; t < matrix->count; t++) {
        range values = unfolded_values(dims, length, matrix->first + t);
        target_weights(dims, length, matrix->first + t, weights);
        for (int64_t j = values.begin; j < values.end; j++, tap++) {
            int64_t channel = j / area, row = j % area / sweep->size, column = j % sweep->size;
            *tap = (okng_tap){.row = (int32_t)row,
                              .weight = (float)weights[j - values.begin],
                              .offset = channel * sweep->step * phase + phase_offset(sweep, phase, column)};
        }
    }
}

/* Finds the targets and how many taps each has; false when memory is out, *total is SIZE_MAX when there are too many.
 */
static bool count_taps(okng_mean_map *matrix, const okng_sweep *sweep, const okng_mean_map_dims *dims, size_t *total)
{
    int64_t length = sweep->channels * sweep->size * sweep->size, stack = dims->layers * dims->pretrain;
    int64_t begin = dims->layer * dims->pretrain, end = begin + dims->pretrain, last = dims->target - 1;
    while (window(matrix->first, stack, dims->target).end <= begin) matrix->first++;
    while (window(last, stack, dims->target).begin >= end) last--;
    matrix->count = last - matrix->first + 1;
    matrix->begin = okng_alloc((size_t)matrix->count + 1, sizeof *matrix->begin);
    if (!matrix->begin) return false;
    *total = 0;
    for (int64_t t = 0; t < matrix->count; t++) {
        range values = unfolded_values(dims, length, matrix->first + t);
        matrix->begin[t] = *total;
        *total += (size_t)(values.end - values.begin);
        if (*total > MAX_TAPS) {
            *total = SIZE_MAX;
            return true;
        }
    }
    matrix->begin[matrix->count] = *total;
    return true;
}

okng_status okng_mean_map_new(okng_mean_map *out, const okng_sweep *sweep, const okng_mean_map_dims *dims,
                              okng_error *error)
{
    okng_mean_map matrix = {0};
    okng_status status;
    size_t total = 0, length = (size_t)(sweep->channels * sweep->size * sweep->size);
    double *weights = okng_alloc(length, sizeof *weights);
    if (!weights || !count_taps(&matrix, sweep, dims, &total)) {
        status = okng_fail_memory(error, length * sizeof *weights);
        goto done;
    }
    if (total == SIZE_MAX) {
        status = okng_fail(error, OKNG_ERROR_ARGUMENT,
                           "pretrain-dim %lld and target-dim %lld: every target would average too many of a layer's "
                           "%zu values; raise pretrain-dim or lower target-dim",
                           (long long)dims->pretrain, (long long)dims->target, length);
        goto done;
    }
    matrix.taps = okng_alloc(total, sizeof *matrix.taps);
    if (!matrix.taps) {
        status = okng_fail_memory(error, total * sizeof *matrix.taps);
        goto done;
    }
    fill_taps(&matrix, sweep, dims, weights);
    *out = matrix;
    matrix = (okng_mean_map){0};
    status = OKNG_OK;
done:
    okng_mean_map_free(&matrix);
    free(weights);
    return status;
}

int64_t okng_mean_map_value(const okng_mean_map *matrix, const okng_sweep *sweep, const okng_mean_map_dims *dims,
                            int64_t t)
{
    return unfolded_values(dims, sweep->channels * sweep->size * sweep->size, matrix->first + t).begin;
}

void okng_mean_map_free(okng_mean_map *matrix)
{
    free(matrix->begin);
    free(matrix->taps);
    *matrix = (okng_mean_map){0};
}

/* ---- its product with a map ------------------------------------------------------------------------------------- */

/* Row y of the map as planes; a row outside the map is zero. The padding in `planes` is zero already. */
static void load_planes(const okng_sweep *sweep, const float *map, int64_t y, float *planes)
{
    int64_t phase = phase_width(sweep), plane = sweep->step * phase, channels = sweep->channels;
    if (y < 0 || y >= sweep->height) {
        memset(planes, 0, (size_t)(channels * plane) * sizeof *planes);
        return;
    }
    const float *line = map + y * sweep->width * channels;
    for (int64_t c = 0; c < channels; c += TILE) {
        int64_t tile = channels - c < TILE ? channels - c : TILE;
        for (int64_t x = 0; x < sweep->width; x++) {
            const float *in = line + x * channels + c;
            float *out = planes + c * plane + phase_offset(sweep, phase, x + sweep->pad);
            for (int64_t i = 0; i < tile; i++) out[i * plane] = in[i];
        }
    }
}

/* One target for all columns of a grid row; rows[k] are the planes of row k of the neighbourhoods. */
static void sum_taps(const okng_tap *taps, size_t count, const float *const *rows, float *out, int64_t columns)
{
    for (int64_t x = 0; x < columns; x += LANES) {
        f4 low = {0}, high = {0};
        for (size_t k = 0; k < count; k++) {
            const float *p = rows[taps[k].row] + taps[k].offset + x;
            low += taps[k].weight * *(const f4 *)p;
            high += taps[k].weight * *(const f4 *)(p + 4);
        }
        *(f4 *)(out + x) = low;
        *(f4 *)(out + x + 4) = high;
    }
}

/* All targets for one grid row. `tile` holds TILE targets for all columns. */
static void multiply_row(const okng_mean_map *matrix, const okng_sweep *sweep, const float *const *rows, float *tile,
                         float *out, int64_t stride)
{
    int64_t registers = (sweep->columns + LANES - 1) / LANES * LANES;
    for (int64_t t = 0; t < matrix->count; t += TILE) {
        int64_t count = matrix->count - t < TILE ? matrix->count - t : TILE;
        for (int64_t i = 0; i < count; i++) {
            size_t begin = matrix->begin[t + i], end = matrix->begin[t + i + 1];
            sum_taps(matrix->taps + begin, end - begin, rows, tile + i * registers, sweep->columns);
        }
        for (int64_t x = 0; x < sweep->columns; x++)
            for (int64_t i = 0; i < count; i++) out[x * stride + t + i] = tile[i * registers + x];
    }
}

void okng_mean_map_rows(const okng_mean_map *matrix, const okng_sweep *sweep, const float *map, int64_t begin,
                        int64_t end, float *out, int64_t stride, float *scratch)
{
    int64_t planes = sweep->channels * sweep->step * phase_width(sweep), next = INT64_MIN;
    float *tile = scratch + planes * sweep->size;
    memset(scratch, 0, (size_t)(planes * sweep->size) * sizeof *scratch);
    for (int64_t r = begin; r < end; r++) {
        /* the planes of the last `size` rows of the map are kept, row y in slot (y + pad) % size */
        const float *rows[OKNG_PATCH_SIZE_MAX];
        int64_t top = r * sweep->step - sweep->pad;
        for (int64_t k = 0; k < sweep->size; k++) {
            float *slot = scratch + (top + k + sweep->pad) % sweep->size * planes;
            if (top + k >= next) load_planes(sweep, map, top + k, slot);
            rows[k] = slot;
        }
        next = top + sweep->size;
        multiply_row(matrix, sweep, rows, tile, out + r * sweep->columns * stride, stride);
    }
}
