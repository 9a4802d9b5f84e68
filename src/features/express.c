#include "features/express.h"

#include <stdlib.h>

#include "base/memory.h"
#include "net/folded.h"

/* ---- picture to vectors ------------------------------------------------------------------------------------------ */

/* What the network computes otherwise than a program can say. */
static okng_status check_options(const okng_build_options *options, okng_error *error)
{
    if (options->precision != OKNG_PRECISION_FP32)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "precision %s: an exported graph computes in float32, and its scores would differ from the "
                         "bank's; build the bank with precision fp32",
                         options->precision == OKNG_PRECISION_INT8 ? "int8" : "bf16");
    return OKNG_OK;
}

/* In the order in which preprocess.c rounds. */
okng_program_value okng_normalise_express(okng_program *p, const okng_build_options *options,
                                          okng_program_value picture)
{
    const int64_t channels[] = {3, 1, 1};
    okng_program_value mean = okng_program_constant(p, "input.mean", OKNG_F32, 3, channels, options->mean, false);
    okng_program_value std = okng_program_constant(p, "input.std", OKNG_F32, 3, channels, options->std, false);
    return okng_program_divide(p, okng_program_subtract(p, picture, mean), std);
}

static okng_status layer_shapes(const okng_graph *graph, const okng_build_options *options,
                                int64_t shapes[OKNG_MAX_LAYERS][3], okng_error *error)
{
    for (int i = 0; i < options->layer_count; i++) {
        int64_t shape[4];
        if (okng_graph_output_shape(graph, i, shape) != 4)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "layer %s of %s is no feature map, expected a layer that is",
                             options->layers[i], options->backbone);
        for (int d = 0; d < 3; d++) shapes[i][d] = shape[d + 1];
    }
    return OKNG_OK;
}

static okng_program_value squared_lengths(okng_program *p, okng_program_value rows)
{
    return okng_program_sum(p, okng_program_multiply(p, rows, rows), OKNG_AXIS(2));
}

/* NaN times 0 is NaN, and so is infinity: what is left of a vector that holds one, or whose length is no number. */
static void make_finite(okng_program *p, okng_express_patches *patches)
{
    okng_program_value nothing = okng_program_scalar(p, 0);
    okng_program_value lost = okng_program_multiply(p, squared_lengths(p, patches->rows), nothing);
    okng_program_value undefined = okng_program_is_nan(p, lost); /* [N, patches, 1] */
    patches->rows = okng_program_select(p, undefined, nothing, patches->rows);
    undefined = okng_program_largest(p, okng_program_cast(p, undefined, OKNG_F32), OKNG_AXIS(1) | OKNG_AXIS(2));
    undefined = okng_program_greater(p, undefined, nothing);
    patches->undefined = okng_program_reshape(p, undefined, 1, (int64_t[]){OKNG_ANY});
}

/* A row of 0 stays, as in okng_rows_normalise. */
static okng_program_value of_length_one(okng_program *p, okng_program_value rows)
{
    okng_program_value length = okng_program_sqrt(p, squared_lengths(p, rows));
    return okng_program_divide(p, rows, okng_program_maximum(p, length, okng_program_scalar(p, 1e-30f)));
}

/* The input as extractor.c paints it over. */
static okng_program_value painted(okng_program *p, const okng_looked_at *l, okng_program_value input)
{
    if (!l) return input;
    const size_t pixels = (size_t)l->height * (size_t)l->width;
    float *kept = okng_alloc(pixels, sizeof *kept);
    for (size_t i = 0; kept && i < pixels; i++) kept[i] = l->painted[i] ? 0 : 1;
    const int64_t shape[] = {1, 1, l->height, l->width};
    return okng_program_multiply(p, input, okng_program_constant_own(p, "ignore.input", OKNG_F32, 4, shape, kept));
}

static okng_program_value indices(okng_program *p, const char *name, const int32_t *from, int64_t count)
{
    int64_t *numbers = okng_alloc((size_t)count, sizeof *numbers);
    for (int64_t i = 0; numbers && i < count; i++) numbers[i] = from[i];
    return okng_program_constant_own(p, name, OKNG_I64, 1, &count, numbers);
}

/* Which patches are looked at, whose score the others have, and where the map is 0. */
static void close_up(okng_program *p, const okng_looked_at *l, okng_express_patches *patches)
{
    if (!l) return;
    patches->masked = true;
    const int64_t cells = (int64_t)l->grid_height * l->grid_width;
    const size_t pixels = (size_t)l->height * (size_t)l->width;
    okng_program_value kept = indices(p, "ignore.patches", l->cells, l->patches);
    patches->count = l->patches;
    patches->rows = okng_program_gather(p, patches->rows, kept, 1);
    patches->cells = indices(p, "ignore.cells", l->stands_in, cells);
    float *seen = okng_alloc(pixels, sizeof *seen);
    for (size_t i = 0; seen && i < pixels; i++) seen[i] = l->unseen[i] ? 0 : 1;
    patches->seen =
        okng_program_constant_own(p, "ignore.map", OKNG_F32, 4, (int64_t[]){1, 1, l->height, l->width}, seen);
    if (patches->foreground == OKNG_PROGRAM_NONE) return;
    okng_program_value mask = okng_program_gather(p, patches->foreground, kept, 1);
    okng_program_value any = okng_program_largest(p, okng_program_cast(p, mask, OKNG_F32), OKNG_AXIS(1));
    patches->foreground = okng_program_or(p, mask, okng_program_less(p, any, okng_program_scalar(p, 0.5f)));
}

static okng_status express_looked_at(const okng_build_options *options, const okng_graph *graph,
                                     const okng_weights *weights, const okng_looked_at *looked_at, okng_program *p,
                                     okng_program_value picture, okng_express_patches *patches, okng_error *error)
{
    int64_t shapes[OKNG_MAX_LAYERS][3];
    okng_program_value maps[OKNG_MAX_LAYERS];
    OKNG_TRY(layer_shapes(graph, options, shapes, error));
    okng_program_value input = painted(p, looked_at, okng_normalise_express(p, options, picture));
    OKNG_TRY(okng_program_lower(p, graph, weights, &input, maps, error));
    OKNG_TRY(okng_patches_express(options, (const int64_t(*)[3])shapes, p, maps, &patches->rows, error));
    make_finite(p, patches);
    patches->foreground = OKNG_PROGRAM_NONE;
    if (options->foreground == OKNG_FOREGROUND_PCA)
        patches->foreground =
            okng_foreground_express(p, patches->rows, patches->grid_height, patches->grid_width, patches->dim);
    close_up(p, looked_at, patches);
    if (options->distance == OKNG_DISTANCE_COSINE) patches->rows = of_length_one(p, patches->rows);
    return okng_program_check(p, error);
}

static okng_status express(const okng_build_options *options, const okng_graph *graph, const okng_weights *weights,
                           const okng_ignored *ignored, okng_program *p, okng_program_value picture,
                           okng_express_patches *patches, okng_error *error)
{
    int64_t shapes[OKNG_MAX_LAYERS][3];
    okng_patcher *patcher;
    OKNG_TRY(layer_shapes(graph, options, shapes, error));
    OKNG_TRY(okng_patcher_new(&patcher, options, (const int64_t(*)[3])shapes, options->layer_count, error));
    okng_patcher_grid(patcher, &patches->grid_height, &patches->grid_width);
    patches->count = (int64_t)patches->grid_height * patches->grid_width;
    patches->dim = okng_patcher_dim(patcher);
    okng_patcher_free(&patcher);
    okng_looked_at *looked_at;
    OKNG_TRY(okng_looked_at_new(&looked_at, ignored, options, patches->height, patches->width, patches->grid_height,
                                patches->grid_width, error));
    okng_status status = express_looked_at(options, graph, weights, looked_at, p, picture, patches, error);
    okng_looked_at_free(&looked_at);
    return status;
}

okng_status okng_extractor_express(const okng_build_options *options, const okng_weights *weights,
                                   const okng_ignored *ignored, int32_t height, int32_t width, okng_program *p,
                                   okng_program_value picture, okng_express_patches *patches, okng_error *error)
{
    okng_graph *graph;
    *patches = (okng_express_patches){.height = height, .width = width};
    OKNG_TRY(check_options(options, error));
    OKNG_TRY(okng_extractor_graph(&graph, options, weights, height, width, error));
    okng_graph_take_folded(graph, weights);
    okng_status status = express(options, graph, weights, ignored, p, picture, patches, error);
    okng_graph_free(&graph);
    return status;
}
