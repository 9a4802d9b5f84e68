/* Maps to patch vectors as operators: the mean over a neighbourhood is an average pool, what brings a layer to the
 * first one's grid a matrix per axis, and the mean map a weighted sum of gathered values. As in the patcher, a layer is
 * reduced first and interpolated then. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "features/express.h"
#include "patch/bilinear.h"
#include "patch/sweep.h"

enum { GATHERED_BYTES = 64 << 20 }; /* of a picture: what the targets of a mean map read at a time */

typedef struct layer {
    okng_sweep sweep;
    okng_mean_map matrix; /* mean-map only */
    okng_mean_map_dims dims;
    int64_t first, dim; /* its columns of a vector */
} layer;

typedef struct expressing {
    okng_program *p;
    const okng_build_options *options;
    int64_t height, width;           /* of the first layer's neighbourhoods, before `stride` */
    int64_t grid_height, grid_width; /* of those that are kept */
    layer layers[OKNG_MAX_LAYERS];
    int count;
} expressing;

/* ---- where the layers are ---------------------------------------------------------------------------------------- */

static okng_sweep sweep_of(const int64_t shape[3], const okng_build_options *options, int64_t step)
{
    int64_t size = options->patch_size, pad = size / 2;
    return (okng_sweep){.channels = shape[0],
                        .height = shape[1],
                        .width = shape[2],
                        .size = size,
                        .pad = pad,
                        .step = step,
                        .rows = (shape[1] + 2 * pad - size) / step + 1,
                        .columns = (shape[2] + 2 * pad - size) / step + 1};
}

static okng_status plan(expressing *e, const int64_t (*shapes)[3], okng_error *error)
{
    const okng_build_options *options = e->options;
    okng_sweep all = sweep_of(shapes[0], options, options->patch_stride);
    e->height = all.rows;
    e->width = all.columns;
    int64_t end = 0;
    for (int l = 0; l < e->count; l++) {
        layer *of = &e->layers[l];
        of->sweep = sweep_of(shapes[l], options, options->patch_stride * (l == 0 ? options->stride : 1));
        of->first = end;
        of->dim = of->sweep.channels;
        if (options->aggregate == OKNG_AGGREGATE_MEAN_MAP) {
            of->dims = (okng_mean_map_dims){l, e->count, options->pretrain_dim, options->target_dim};
            OKNG_TRY(okng_mean_map_new(&of->matrix, &of->sweep, &of->dims, error));
            of->first = of->matrix.first;
            of->dim = of->matrix.count;
        }
        end = of->first + of->dim;
    }
    e->grid_height = e->layers[0].sweep.rows;
    e->grid_width = e->layers[0].sweep.columns;
    return OKNG_OK;
}

/* ---- one layer to its neighbourhoods ----------------------------------------------------------------------------- */

static okng_program_value mean_of_neighbourhood(okng_program *p, const okng_sweep *sweep, okng_program_value map)
{
    if (sweep->size == 1 && sweep->step == 1) return map;
    okng_window window = okng_window_square((int32_t)sweep->size, (int32_t)sweep->step, (int32_t)sweep->pad);
    return okng_program_average_pool(p, map, window);
}

/* The map's values by their place in a neighbourhood: [N, size^2 channels, rows columns], places outermost. */
static okng_program_value unfolded(okng_program *p, const okng_sweep *sweep, okng_program_value map)
{
    okng_program_value places[OKNG_PATCH_SIZE_MAX * OKNG_PATCH_SIZE_MAX];
    const int64_t pad[] = {0, 0, sweep->pad, sweep->pad};
    int64_t last_row = (sweep->rows - 1) * sweep->step + 1, last_column = (sweep->columns - 1) * sweep->step + 1;
    if (sweep->pad > 0) map = okng_program_pad(p, map, pad, pad, 0);
    for (int64_t r = 0; r < sweep->size; r++) {
        okng_program_value rows = okng_program_slice(p, map, 2, r, r + last_row, sweep->step);
        for (int64_t c = 0; c < sweep->size; c++)
            places[r * sweep->size + c] = okng_program_slice(p, rows, 3, c, c + last_column, sweep->step);
    }
    int64_t area = sweep->size * sweep->size;
    okng_program_value all = area == 1 ? places[0] : okng_program_concat(p, places, (int32_t)area, 1);
    return okng_program_reshape(p, all, 3, (int64_t[]){OKNG_ANY, area * sweep->channels, sweep->rows * sweep->columns});
}

static int64_t most_taps(const okng_mean_map *matrix)
{
    size_t most = 0;
    for (int64_t t = 0; t < matrix->count; t++)
        if (matrix->begin[t + 1] - matrix->begin[t] > most) most = matrix->begin[t + 1] - matrix->begin[t];
    return (int64_t)most;
}

/* Where the taps of targets begin..end-1 lie in the unfolded map, and their weights; all have `taps` of them, those
 * that are too many weigh 0. */
static void fill_targets(const layer *of, int64_t begin, int64_t end, int64_t taps, int64_t *places, float *weights)
{
    int64_t area = of->sweep.size * of->sweep.size;
    memset(places, 0, (size_t)((end - begin) * taps) * sizeof *places);
    memset(weights, 0, (size_t)((end - begin) * taps) * sizeof *weights);
    for (int64_t t = begin; t < end; t++) {
        int64_t value = okng_mean_map_value(&of->matrix, &of->sweep, &of->dims, t), at = (t - begin) * taps;
        for (size_t i = of->matrix.begin[t]; i < of->matrix.begin[t + 1]; i++, value++, at++) {
            places[at] = value % area * of->sweep.channels + value / area;
            weights[at] = of->matrix.taps[i].weight;
        }
    }
}

/* [N, end - begin, rows columns] */
static okng_program_value targets(okng_program *p, const layer *of, okng_program_value values, int64_t begin,
                                  int64_t end, int64_t taps)
{
    size_t count = (size_t)((end - begin) * taps);
    int64_t *places = okng_alloc(count, sizeof *places);
    float *weights = okng_alloc(count, sizeof *weights);
    if (places && weights) fill_targets(of, begin, end, taps, places, weights);
    const int64_t shape[] = {end - begin, taps}, weighed[] = {end - begin, taps, 1};
    okng_program_value index = okng_program_constant_own(p, NULL, OKNG_I64, 2, shape, places);
    okng_program_value weight = okng_program_constant_own(p, NULL, OKNG_F32, 3, weighed, weights);
    values = okng_program_multiply(p, okng_program_gather(p, values, index, 1), weight);
    values = okng_program_sum(p, values, OKNG_AXIS(2));
    return okng_program_reshape(p, values, 3, (int64_t[]){OKNG_ANY, end - begin, of->sweep.rows * of->sweep.columns});
}

enum { MAX_PARTS = 256 };

static okng_program_value mean_map(okng_program *p, const layer *of, okng_program_value map)
{
    const okng_sweep *sweep = &of->sweep;
    okng_program_value values = unfolded(p, sweep, map), parts[MAX_PARTS];
    int64_t taps = most_taps(&of->matrix);
    int64_t bytes = taps * sweep->rows * sweep->columns * (int64_t)sizeof(float);
    int64_t at_once = bytes < GATHERED_BYTES ? GATHERED_BYTES / bytes : 1;
    if (of->dim > at_once * MAX_PARTS) {
        okng_program_fail(p, OKNG_ERROR_LIMIT,
                          "target-dim: each target of the mean map reads %lld values of %lld places; raise "
                          "pretrain-dim or lower the resize",
                          (long long)taps, (long long)(sweep->rows * sweep->columns));
        return OKNG_PROGRAM_NONE;
    }
    int32_t count = 0;
    for (int64_t t = 0; t < of->dim; t += at_once)
        parts[count++] = targets(p, of, values, t, t + at_once < of->dim ? t + at_once : of->dim, taps);
    values = count == 1 ? parts[0] : okng_program_concat(p, parts, count, 1);
    return okng_program_reshape(p, values, 4, (int64_t[]){OKNG_ANY, of->dim, sweep->rows, sweep->columns});
}

/* ---- layers to the first one's grid ------------------------------------------------------------------------------ */

/* [count, in]: grid line i, the i * stride-th of `all`, as a mean of two of the `in` lines. */
static okng_program_value lines(okng_program *p, const char *name, int64_t count, int64_t stride, int64_t all,
                                int64_t in)
{
    float *weights = okng_alloc_zero((size_t)count, (size_t)in * sizeof *weights);
    for (int64_t i = 0; weights && i < count; i++) {
        okng_bilinear at = okng_bilinear_at(i * stride, in, all);
        weights[i * in + at.low] += 1.0f - at.weight;
        weights[i * in + at.high] += at.weight;
    }
    return okng_program_constant_own(p, name, OKNG_F32, 2, (int64_t[]){count, in}, weights);
}

static okng_program_value to_grid(const expressing *e, const layer *of, okng_program_value map)
{
    int64_t stride = e->options->stride;
    const okng_sweep *sweep = &of->sweep;
    if (sweep->columns != e->grid_width || stride > 1)
        map = okng_program_matmul_turned(e->p, map,
                                         lines(e->p, "grid.columns", e->grid_width, stride, e->width, sweep->columns));
    if (sweep->rows != e->grid_height || stride > 1)
        map = okng_program_matmul(e->p, lines(e->p, "grid.rows", e->grid_height, stride, e->height, sweep->rows), map);
    return map;
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static okng_program_value one_layer(const expressing *e, int l, okng_program_value map)
{
    const layer *of = &e->layers[l];
    map = e->options->aggregate == OKNG_AGGREGATE_CONCAT ? mean_of_neighbourhood(e->p, &of->sweep, map)
                                                         : mean_map(e->p, of, map);
    return l == 0 ? map : to_grid(e, of, map);
}

/* Puts behind `before`, which holds the columns up to `end` of a vector, those of another layer: added where both have
 * some. */
static okng_program_value joined(okng_program *p, okng_program_value before, int64_t end, const layer *of,
                                 okng_program_value map)
{
    if (of->first == end) return okng_program_concat(p, (okng_program_value[]){before, map}, 2, 1);
    const int64_t none[4] = {0}, front[4] = {0, of->first}, more[4] = {0, of->first + of->dim - end};
    return okng_program_add(p, okng_program_pad(p, before, none, more, 0), okng_program_pad(p, map, front, none, 0));
}

static okng_status express(expressing *e, const int64_t (*shapes)[3], const okng_program_value *maps,
                           okng_program_value *rows, okng_error *error)
{
    OKNG_TRY(plan(e, shapes, error));
    okng_program_value all = one_layer(e, 0, maps[0]);
    int64_t end = e->layers[0].first + e->layers[0].dim;
    for (int l = 1; l < e->count; l++) {
        all = joined(e->p, all, end, &e->layers[l], one_layer(e, l, maps[l]));
        end = e->layers[l].first + e->layers[l].dim;
    }
    all = okng_program_reshape(e->p, all, 3, (int64_t[]){OKNG_ANY, end, e->grid_height * e->grid_width});
    *rows = okng_program_transpose(e->p, all, (int32_t[]){0, 2, 1});
    return okng_program_check(e->p, error);
}

okng_status okng_patches_express(const okng_build_options *options, const int64_t (*shapes)[3], okng_program *p,
                                 const okng_program_value *maps, okng_program_value *rows, okng_error *error)
{
    expressing *e = okng_alloc_zero(1, sizeof *e);
    if (!e) return okng_fail_memory(error, sizeof *e);
    e->p = p;
    e->options = options;
    e->count = options->layer_count;
    okng_status status = express(e, shapes, maps, rows, error);
    for (int l = 0; l < e->count; l++) okng_mean_map_free(&e->layers[l].matrix);
    free(e);
    return status;
}
