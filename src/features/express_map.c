#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "features/anomaly_map.h"
#include "features/express.h"

static okng_program_value matrix(okng_program *p, const char *name, int32_t cells, int32_t size, float smoothing)
{
    float *weights = okng_alloc((size_t)size, (size_t)cells * sizeof *weights);
    okng_error error = {0};
    if (weights && okng_map_matrix(cells, size, smoothing, weights, &error) != OKNG_OK) {
        okng_program_fail(p, error.status, "%s", error.message);
        free(weights);
        return OKNG_PROGRAM_NONE;
    }
    return okng_program_constant_own(p, name, OKNG_F32, 2, (int64_t[]){size, cells}, weights);
}

okng_status okng_map_express(okng_program *p, const okng_express_patches *patches, float smoothing,
                             okng_program_value scores, okng_program_value *map, okng_error *error)
{
    const int64_t grid[] = {OKNG_ANY, patches->grid_height, patches->grid_width};
    if (patches->masked) scores = okng_program_gather(p, scores, patches->cells, 1);
    okng_program_value cells = okng_program_reshape(p, scores, 3, grid);
    okng_program_value down = matrix(p, "map.rows", patches->grid_height, patches->height, smoothing);
    okng_program_value across = matrix(p, "map.columns", patches->grid_width, patches->width, smoothing);
    cells = okng_program_matmul_turned(p, okng_program_matmul(p, down, cells), across);
    *map = okng_program_reshape(p, cells, 4, (int64_t[]){OKNG_ANY, 1, patches->height, patches->width});
    if (patches->masked) *map = okng_program_multiply(p, *map, patches->seen);
    return okng_program_check(p, error);
}

void okng_undefined_express(okng_program *p, okng_program_value undefined, okng_program_value *score,
                            okng_program_value *map)
{
    okng_program_value nan = okng_program_scalar(p, NAN);
    *score = okng_program_select(p, undefined, nan, *score);
    okng_program_value pictures = okng_program_reshape(p, undefined, 4, (int64_t[]){OKNG_ANY, 1, 1, 1});
    *map = okng_program_select(p, pictures, nan, *map);
}
