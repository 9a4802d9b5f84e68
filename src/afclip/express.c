#include "afclip/express.h"

#include <math.h>
#include <stdlib.h>

#include "afclip/aggregate.h"
#include "base/memory.h"
#include "features/express.h"
#include "method/express.h"

typedef struct writing {
    okng_program *p;
    const okng_afclip_writing *of;
    const okng_afclip_plan *plan;
    okng_program_value apart;     /* [E, 1]: the prototype of bad less that of good */
    okng_program_value undefined; /* bool [N] */
    okng_program_value sums;      /* [N, T]: what words say in all streams so far */
    okng_program_value distances; /* [N, patches]: what pictures say */
} writing;

static okng_program_value add(const writing *w, okng_program_value sum, okng_program_value x)
{
    return sum == OKNG_PROGRAM_NONE ? x : okng_program_add(w->p, sum, x);
}

static okng_program_value prototypes_apart(const writing *w)
{
    const int64_t dim = w->plan->embedding;
    const float *good = w->of->prototypes, *bad = good + dim;
    float *apart = okng_alloc((size_t)dim, sizeof *apart);
    for (int64_t i = 0; i < dim && apart; i++) apart[i] = (float)((double)bad[i] - (double)good[i]);
    return okng_program_constant_own(w->p, "words.bad_minus_good", OKNG_F32, 2, (int64_t[]){dim, 1}, apart);
}

/* ---- streams ----------------------------------------------------------------------------------------------------- */

/* [extent, extent]: the Gaussian mean of `reach` neighbours either side along one axis; beyond the border is 0. */
static okng_program_value neighbours(const writing *w, const char *name, int32_t extent, int32_t reach)
{
    float weights[OKNG_AFCLIP_SCALES], *matrix = okng_alloc_zero((size_t)extent * (size_t)extent, sizeof *matrix);
    okng_afclip_gaussian(reach, weights);
    for (int32_t i = 0; i < extent && matrix; i++)
        for (int32_t k = 0; k < extent; k++) {
            const int32_t distance = i < k ? k - i : i - k;
            if (distance <= reach) matrix[i * extent + k] = weights[distance];
        }
    return okng_program_constant_own(w->p, name, OKNG_F32, 2, (int64_t[]){extent, extent}, matrix);
}

/* Tokens [N, T, W] as the stream whose neighbourhood reaches so far; the class token stays as it is. */
static okng_program_value stream_of(const writing *w, okng_program_value tokens, int32_t reach)
{
    okng_program *p = w->p;
    const int64_t rows = w->plan->rows, columns = w->plan->columns, width = w->plan->width;
    if (reach == 0) return tokens;
    const okng_program_value whole = okng_program_slice(p, tokens, 1, 0, 1, 1);
    okng_program_value x = okng_program_slice(p, tokens, 1, 1, w->plan->tokens, 1);
    x = okng_program_reshape(p, x, 3, (int64_t[]){OKNG_ANY, rows, columns * width});
    x = okng_program_matmul(p, neighbours(w, "neighbours.rows", w->plan->rows, reach), x);
    x = okng_program_reshape(p, x, 4, (int64_t[]){OKNG_ANY, rows, columns, width});
    x = okng_program_matmul(p, neighbours(w, "neighbours.columns", w->plan->columns, reach), x);
    x = okng_program_reshape(p, x, 3, (int64_t[]){OKNG_ANY, rows * columns, width});
    return okng_program_concat(p, (okng_program_value[]){whole, x}, 2, 1);
}

static okng_status hear(writing *w, okng_program_value stream, int32_t number, okng_error *error)
{
    okng_program *p = w->p;
    const okng_afclip_memory *memory = w->of->memory;
    okng_program_value z;
    OKNG_TRY(okng_afclip_adapter_express(w->of->towers, p, stream, &z, error));
    z = okng_program_matmul(p, okng_directions_express(p, z, false, &w->undefined), w->apart);
    w->sums = add(w, w->sums, okng_program_reshape(p, z, 2, (int64_t[]){OKNG_ANY, w->plan->tokens}));
    if (memory->pictures == 0) return okng_program_check(p, error);
    const okng_program_value patches = okng_program_slice(p, stream, 1, 1, w->plan->tokens, 1);
    const okng_program_value directions = okng_directions_express(p, patches, true, &w->undefined);
    w->distances = add(w, w->distances, okng_references_express(p, &memory->streams[number], directions));
    return okng_program_check(p, error);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

/* As okng_afclip_fuse: the score [N] and the map of the grid [N, patches]. */
static okng_program_value join(const writing *w, okng_program_value *score)
{
    okng_program *p = w->p;
    const okng_build_options *options = &w->of->config->options;
    const okng_program_value temperature = okng_program_scalar(p, (float)options->temperature);
    okng_program_value shares = okng_program_sigmoid(p, okng_program_divide(p, w->sums, temperature));
    const bool remembers = w->of->memory->pictures > 0;
    if (remembers) shares = okng_program_multiply(p, shares, okng_program_scalar(p, (float)options->alpha));
    *score = okng_program_reshape(p, okng_program_slice(p, shares, 1, 0, 1, 1), 1, (int64_t[]){OKNG_ANY});
    const okng_program_value map = okng_program_slice(p, shares, 1, 1, w->plan->tokens, 1);
    if (!remembers) return map;
    const okng_program_value means =
        okng_program_divide(p, w->distances, okng_program_scalar(p, (float)OKNG_AFCLIP_STREAMS));
    const okng_program_value highest = okng_program_largest(p, means, OKNG_AXIS(1));
    *score = okng_program_add(p, *score, okng_program_reshape(p, highest, 1, (int64_t[]){OKNG_ANY}));
    return okng_program_add(p, map, means);
}

okng_status okng_afclip_write(const okng_afclip_writing *of, okng_program *p, okng_program_value picture,
                              okng_program_value *score, okng_program_value *map, okng_error *error)
{
    const okng_afclip_plan *plan = okng_afclip_towers_plan(of->towers);
    const okng_bank_config *config = of->config;
    writing w = {.p = p,
                 .of = of,
                 .plan = plan,
                 .undefined = OKNG_PROGRAM_NONE,
                 .sums = OKNG_PROGRAM_NONE,
                 .distances = OKNG_PROGRAM_NONE};
    const okng_express_patches places = {.grid_height = plan->rows,
                                         .grid_width = plan->columns,
                                         .height = config->input_height,
                                         .width = config->input_width};
    okng_program_value taps[OKNG_AFCLIP_TAPS];
    w.apart = prototypes_apart(&w);
    picture = okng_normalise_express(p, &config->options, picture);
    OKNG_TRY(okng_afclip_taps_express(of->towers, p, picture, taps, error));
    for (int32_t i = 0; i < OKNG_AFCLIP_STREAMS; i++)
        OKNG_TRY(hear(&w, stream_of(&w, taps[i / OKNG_AFCLIP_SCALES], i % OKNG_AFCLIP_SCALES), i, error));
    const okng_program_value grid = join(&w, score);
    OKNG_TRY(okng_map_express(p, &places, config->options.smoothing, grid, map, error));
    okng_undefined_express(p, w.undefined, score, map);
    return okng_program_check(p, error);
}
