/* Patch vectors in two steps: every layer but the first is reduced to one vector per neighbourhood in scratch; then,
 * row by row of the grid, the first layer is reduced straight into the vectors and the others are interpolated behind
 * it. Reducing before interpolating is the references' result because both are linear, and far less work. */
#include "patch/patcher.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "patch/bilinear.h"
#include "patch/sweep.h"

enum { MAX_SIDE = 65535, MAX_CHANNELS = 65536, CHUNKS_PER_THREAD = 4 };

typedef struct patch_layer {
    okng_sweep sweep;
    int64_t first, dim;     /* its columns of a vector: first..first+dim-1 */
    int64_t shared;         /* of these, as many from `first` already hold a part of the layers before */
    okng_mean_map matrix;   /* mean-map only */
    okng_bilinear *rows;    /* [grid height], NULL for the first layer */
    okng_bilinear *columns; /* [grid width], NULL for the first layer */
} patch_layer;

struct okng_patcher {
    okng_aggregate aggregate;
    int64_t height, width, dim; /* of the grid, of a vector */
    int layer_count;
    patch_layer layers[OKNG_MAX_LAYERS];
};

/* ---- making ----------------------------------------------------------------------------------------------------- */

static okng_status check_range(const char *name, int64_t value, int64_t low, int64_t high, okng_error *error)
{
    if (value >= low && value <= high) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s %lld: expected %lld..%lld", name, (long long)value, (long long)low,
                     (long long)high);
}

static okng_status check_options(const okng_build_options *options, int layer_count, okng_error *error)
{
    OKNG_TRY(check_range("number of layers", layer_count, 1, OKNG_MAX_LAYERS, error));
    OKNG_TRY(check_range("patch-size", options->patch_size, 1, OKNG_PATCH_SIZE_MAX, error));
    OKNG_TRY(check_range("patch-stride", options->patch_stride, 1, 16, error));
    OKNG_TRY(check_range("stride", options->stride, 1, 64, error));
    if (options->patch_size % 2 == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "patch-size %d: expected an odd number, so that a patch has a centre", options->patch_size);
    if (options->aggregate == OKNG_AGGREGATE_CONCAT) return OKNG_OK;
    if (options->aggregate != OKNG_AGGREGATE_MEAN_MAP)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "aggregate %d: expected concat or mean-map",
                         (int)options->aggregate);
    OKNG_TRY(check_range("pretrain-dim", options->pretrain_dim, 1, 65536, error));
    return check_range("target-dim", options->target_dim, 1, 65536, error);
}

static okng_status check_shape(const int64_t shape[3], int index, okng_error *error)
{
    int64_t bytes = 0;
    if (shape[0] >= 1 && shape[0] <= MAX_CHANNELS && shape[1] >= 1 && shape[1] <= MAX_SIDE && shape[2] >= 1 &&
        shape[2] <= MAX_SIDE && okng_mul_i64(shape[1] * shape[2], shape[0] * (int64_t)sizeof(float), &bytes))
        return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "map %d of the listed layers is %lld x %lld x %lld (channels, height, width): expected 1..%d "
                     "channels and sides of 1..%d",
                     index + 1, (long long)shape[0], (long long)shape[1], (long long)shape[2], MAX_CHANNELS, MAX_SIDE);
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

static okng_sweep sweep_of(const int64_t shape[3], const okng_build_options *options)
{
    int64_t pad = options->patch_size / 2, step = options->patch_stride;
    return (okng_sweep){.channels = shape[0],
                        .height = shape[1],
                        .width = shape[2],
                        .size = options->patch_size,
                        .pad = pad,
                        .step = step,
                        .rows = (shape[1] + 2 * pad - options->patch_size) / step + 1,
                        .columns = (shape[2] + 2 * pad - options->patch_size) / step + 1};
}

/* Where `count` grid lines, every `stride`-th of `all`, read `in` lines. NULL when memory is out. */
static okng_bilinear *line_table(int64_t count, int64_t stride, int64_t all, int64_t in)
{
    okng_bilinear *table = okng_alloc((size_t)count, sizeof *table);
    if (table)
        for (int64_t i = 0; i < count; i++) table[i] = okng_bilinear_at(i * stride, in, all);
    return table;
}

static okng_status plan_vectors(okng_patcher *patcher, const okng_build_options *options, okng_error *error)
{
    int64_t end = 0; /* of the columns that layers before have written */
    for (int l = 0; l < patcher->layer_count; l++) {
        patch_layer *layer = &patcher->layers[l];
        if (patcher->aggregate == OKNG_AGGREGATE_CONCAT) {
            layer->first = end;
            layer->dim = layer->sweep.channels;
        } else {
            okng_mean_map_dims dims = {l, patcher->layer_count, options->pretrain_dim, options->target_dim};
            OKNG_TRY(okng_mean_map_new(&layer->matrix, &layer->sweep, &dims, error));
            layer->first = layer->matrix.first;
            layer->dim = layer->matrix.count;
        }
        layer->shared = end - layer->first;
        end = layer->first + layer->dim;
    }
    patcher->dim = end;
    return OKNG_OK;
}

static okng_status plan(okng_patcher *patcher, const okng_build_options *options, const int64_t (*shapes)[3],
                        okng_error *error)
{
    for (int l = 0; l < patcher->layer_count; l++) {
        OKNG_TRY(check_shape(shapes[l], l, error));
        patcher->layers[l].sweep = sweep_of(shapes[l], options);
    }
    okng_sweep *first = &patcher->layers[0].sweep;
    int64_t rows = first->rows, columns = first->columns;
    patcher->height = first->rows = divide_up(rows, options->stride);
    patcher->width = first->columns = divide_up(columns, options->stride);
    first->step *= options->stride;
    for (int l = 1; l < patcher->layer_count; l++) {
        patch_layer *layer = &patcher->layers[l];
        layer->rows = line_table(patcher->height, options->stride, rows, layer->sweep.rows);
        layer->columns = line_table(patcher->width, options->stride, columns, layer->sweep.columns);
        if (!layer->rows || !layer->columns)
            return okng_fail_memory(error, (size_t)(patcher->height + patcher->width) * sizeof *layer->rows);
    }
    return plan_vectors(patcher, options, error);
}

okng_status okng_patcher_new(okng_patcher **out, const okng_build_options *options, const int64_t (*shapes)[3],
                             int layer_count, okng_error *error)
{
    *out = NULL;
    OKNG_TRY(check_options(options, layer_count, error));
    okng_patcher *patcher = calloc(1, sizeof *patcher);
    if (!patcher) return okng_fail_memory(error, sizeof *patcher);
    patcher->aggregate = options->aggregate;
    patcher->layer_count = layer_count;
    okng_status status = plan(patcher, options, shapes, error);
    if (status == OKNG_OK)
        *out = patcher;
    else
        okng_patcher_free(&patcher);
    return status;
}

void okng_patcher_free(okng_patcher **patcher)
{
    if (!patcher || !*patcher) return;
    for (int l = 0; l < (*patcher)->layer_count; l++) {
        patch_layer *layer = &(*patcher)->layers[l];
        okng_mean_map_free(&layer->matrix);
        free(layer->rows);
        free(layer->columns);
    }
    free(*patcher);
    *patcher = NULL;
}

void okng_patcher_grid(const okng_patcher *patcher, int32_t *height, int32_t *width)
{
    *height = (int32_t)patcher->height;
    *width = (int32_t)patcher->width;
}

int32_t okng_patcher_dim(const okng_patcher *patcher)
{
    return (int32_t)patcher->dim;
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

typedef struct patch_run {
    const okng_patcher *patcher;
    const float *const *maps;
    const float *reduced[OKNG_MAX_LAYERS]; /* [rows, columns, dim] of every layer but the first */
    int reducing;                          /* the layer that reduce_chunk works on */
    float *reduced_out;
    float *rows;
    float *scratch;        /* of all threads */
    size_t scratch_floats; /* of one */
} patch_run;

/* A map that is its own reduction. */
static bool is_plain(const okng_patcher *patcher, const patch_layer *layer)
{
    return patcher->aggregate == OKNG_AGGREGATE_CONCAT && layer->sweep.size == 1 && layer->sweep.step == 1;
}

static size_t reduce_scratch(const okng_patcher *patcher, const patch_layer *layer)
{
    return patcher->aggregate == OKNG_AGGREGATE_CONCAT ? okng_box_scratch(&layer->sweep)
                                                       : okng_mean_map_scratch(&layer->sweep);
}

static void reduce(const okng_patcher *patcher, const patch_layer *layer, const float *map, int64_t begin, int64_t end,
                   float *out, int64_t stride, float *scratch)
{
    if (patcher->aggregate == OKNG_AGGREGATE_CONCAT)
        okng_box_rows(&layer->sweep, map, begin, end, out, stride, scratch);
    else
        okng_mean_map_rows(&layer->matrix, &layer->sweep, map, begin, end, out, stride, scratch);
}

static void reduce_chunk(void *context, int64_t begin, int64_t end, int thread)
{
    patch_run *run = context;
    const patch_layer *layer = &run->patcher->layers[run->reducing];
    reduce(run->patcher, layer, run->maps[run->reducing], begin, end, run->reduced_out, layer->dim,
           run->scratch + (size_t)thread * run->scratch_floats);
}

/* The four neighbours of one point of the grid and their weights. */
typedef struct corners {
    const float *low_low, *low_high, *high_low, *high_high; /* row, column */
    float row, column;                                      /* weights of the high ones */
} corners;

static corners corners_at(const patch_layer *layer, const float *reduced, int64_t r, int64_t c)
{
    okng_bilinear row = layer->rows[r], column = layer->columns[c];
    const float *low = reduced + row.low * layer->sweep.columns * layer->dim;
    const float *high = reduced + row.high * layer->sweep.columns * layer->dim;
    return (corners){low + column.low * layer->dim,
                     low + column.high * layer->dim,
                     high + column.low * layer->dim,
                     high + column.high * layer->dim,
                     row.weight,
                     column.weight};
}

/* out[i] for i in begin..end-1, in torch's order of operations. */
static void blend(const corners *at, float *restrict out, int64_t begin, int64_t end)
{
    const float *a = at->low_low, *b = at->low_high, *c = at->high_low, *d = at->high_high;
    float column = at->column, column0 = 1.0f - column, row = at->row, row0 = 1.0f - row;
    for (int64_t i = begin; i < end; i++)
        out[i] = row0 * (column0 * a[i] + column * b[i]) + row * (column0 * c[i] + column * d[i]);
}

static void interpolate_row(const patch_run *run, int l, int64_t r)
{
    const okng_patcher *patcher = run->patcher;
    const patch_layer *layer = &patcher->layers[l];
    for (int64_t c = 0; c < patcher->width; c++) {
        float *out = run->rows + (r * patcher->width + c) * patcher->dim + layer->first;
        corners at = corners_at(layer, run->reduced[l], r, c);
        for (int64_t i = 0; i < layer->shared; i++) {
            float before = out[i];
            blend(&at, out, i, i + 1);
            out[i] += before;
        }
        blend(&at, out, layer->shared, layer->dim);
    }
}

static void vector_chunk(void *context, int64_t begin, int64_t end, int thread)
{
    patch_run *run = context;
    const okng_patcher *patcher = run->patcher;
    reduce(patcher, &patcher->layers[0], run->maps[0], begin, end, run->rows, patcher->dim,
           run->scratch + (size_t)thread * run->scratch_floats);
    for (int64_t r = begin; r < end; r++)
        for (int l = 1; l < patcher->layer_count; l++) interpolate_row(run, l, r);
}

static int64_t grain(int64_t rows, int threads)
{
    return divide_up(rows, (int64_t)threads * CHUNKS_PER_THREAD);
}

/* Floats of the reduced layers, and of one thread's scratch in run->scratch_floats. */
static size_t plan_scratch(patch_run *run)
{
    const okng_patcher *patcher = run->patcher;
    size_t reduced = 0;
    for (int l = 0; l < patcher->layer_count; l++) {
        const patch_layer *layer = &patcher->layers[l];
        size_t floats = reduce_scratch(patcher, layer);
        if (l > 0 && is_plain(patcher, layer)) continue;
        if (floats > run->scratch_floats) run->scratch_floats = floats;
        if (l > 0) reduced += (size_t)(layer->sweep.rows * layer->sweep.columns * layer->dim);
    }
    return reduced;
}

okng_status okng_patcher_run(const okng_patcher *patcher, const float *const *maps, float *rows, int threads,
                             okng_error *error)
{
    patch_run run = {.patcher = patcher, .maps = maps, .rows = rows};
    threads = okng_thread_count(threads);
    if (threads > patcher->height) threads = (int)patcher->height;
    size_t reduced = plan_scratch(&run);
    float *memory = okng_alloc(reduced + run.scratch_floats * (size_t)threads, sizeof *memory);
    if (!memory) return okng_fail_memory(error, (reduced + run.scratch_floats * (size_t)threads) * sizeof *memory);
    run.scratch = memory + reduced;
    run.reduced_out = memory;
    for (int l = 1; l < patcher->layer_count; l++) {
        const patch_layer *layer = &patcher->layers[l];
        run.reduced[l] = run.reduced_out;
        if (is_plain(patcher, layer)) {
            run.reduced[l] = maps[l];
            continue;
        }
        run.reducing = l;
        okng_parallel_for(threads, layer->sweep.rows, grain(layer->sweep.rows, threads), reduce_chunk, &run);
        run.reduced_out += layer->sweep.rows * layer->sweep.columns * layer->dim;
    }
    okng_parallel_for(threads, patcher->height, grain(patcher->height, threads), vector_chunk, &run);
    free(memory);
    return OKNG_OK;
}
