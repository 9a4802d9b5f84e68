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

static okng_status express(const okng_build_options *options, const okng_graph *graph, const okng_weights *weights,
                           okng_program *p, okng_program_value picture, okng_express_patches *patches,
                           okng_error *error)
{
    int64_t shapes[OKNG_MAX_LAYERS][3];
    okng_program_value maps[OKNG_MAX_LAYERS];
    okng_patcher *patcher;
    OKNG_TRY(layer_shapes(graph, options, shapes, error));
    OKNG_TRY(okng_patcher_new(&patcher, options, (const int64_t(*)[3])shapes, options->layer_count, error));
    okng_patcher_grid(patcher, &patches->grid_height, &patches->grid_width);
    patches->dim = okng_patcher_dim(patcher);
    okng_patcher_free(&patcher);
    okng_program_value input = okng_normalise_express(p, options, picture);
    OKNG_TRY(okng_program_lower(p, graph, weights, &input, maps, error));
    OKNG_TRY(okng_patches_express(options, (const int64_t(*)[3])shapes, p, maps, &patches->rows, error));
    make_finite(p, patches);
    patches->foreground = OKNG_PROGRAM_NONE;
    if (options->foreground == OKNG_FOREGROUND_PCA)
        patches->foreground =
            okng_foreground_express(p, patches->rows, patches->grid_height, patches->grid_width, patches->dim);
    if (options->distance == OKNG_DISTANCE_COSINE) patches->rows = of_length_one(p, patches->rows);
    return okng_program_check(p, error);
}

okng_status okng_extractor_express(const okng_build_options *options, const okng_weights *weights, int32_t height,
                                   int32_t width, okng_program *p, okng_program_value picture,
                                   okng_express_patches *patches, okng_error *error)
{
    okng_graph *graph;
    *patches = (okng_express_patches){.height = height, .width = width};
    OKNG_TRY(check_options(options, error));
    OKNG_TRY(okng_extractor_graph(&graph, options, weights, height, width, error));
    okng_graph_take_folded(graph, weights);
    okng_status status = express(options, graph, weights, p, picture, patches, error);
    okng_graph_free(&graph);
    return status;
}
