#include "bank/sieve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { PANEL = OKNG_SIEVE_PANEL };
#define ROUNDING 0x1p-24
#define TINY 1e-36        /* covers what vanishes below the smallest floats */
#define MOST 8.0          /* times the root mean square */
#define MODERATE 0x1p100  /* squared lengths beyond this might overflow in a product */
#define SCALE_LEAST 1e-12 /* root mean squares between which squares of sums stay clear of both ends */
#define SCALE_MOST 1e12
#define SKEW_MOST 0.01
#define HOPELESS 0.25 /* a share that further rounds do not make a good one */

/* ---- how vectors are seen ---------------------------------------------------------------------------------------- */

okng_status okng_sight_new(okng_sight *out, const okng_typical *samples, int64_t width, int threads, okng_error *error)
{
    *out = (okng_sight){.mean = samples->mean, .dim = samples->dim, .width = samples->dim, .most = MOST * samples->rms};
    bool moderate = samples->rms > SCALE_LEAST && samples->rms < SCALE_MOST;
    if (width >= samples->dim || samples->count < 2 * width || !moderate) return OKNG_OK;
    okng_principal principal;
    OKNG_TRY(
        okng_principal_find(&principal, samples->rows, samples->count, samples->dim, width, HOPELESS, threads, error));
    if (!(principal.skew < SKEW_MOST)) {
        okng_principal_free(&principal);
        return OKNG_OK;
    }
    out->outline = okng_outline_of(principal, samples->mean, samples->rms);
    out->width = width;
    return OKNG_OK;
}

void okng_sight_free(okng_sight *sight)
{
    okng_outline_free(&sight->outline);
    *sight = (okng_sight){0};
}

static bool is_outlined(const okng_sight *sight)
{
    return sight->width < sight->dim;
}

static size_t scratch_of(const okng_sight *sight)
{
    return is_outlined(sight) ? okng_outline_scratch(&sight->outline) : 1;
}

static double squared_length(const float *seen, int64_t width)
{
    double sum = 0;
    for (int64_t d = 0; d < width; d++) sum += (double)seen[d] * (double)seen[d];
    return sum;
}

void okng_sight_see(const okng_sight *sight, const float *rows, int64_t count, float *seen, double *blur,
                    float *scratch)
{
    if (is_outlined(sight)) {
        okng_outline_rows(&sight->outline, rows, count, seen, blur, scratch);
        return;
    }
    const int64_t dim = sight->dim;
    for (int64_t r = 0; r < count; r++) {
        for (int64_t d = 0; d < dim; d++) seen[r * dim + d] = rows[r * dim + d] - sight->mean[d];
        const double length = sqrt(squared_length(seen + r * dim, dim));
        blur[r] = length <= sight->most ? 1.01 * ROUNDING * length : INFINITY;
    }
}

/* ---- bounds ------------------------------------------------------------------------------------------------------
 * Seen from the mean, with squared lengths A of a row and B of a vector, their squared distance is A + B - 2 product.
 * The kernel adds the product to a start of -B/2 in a chain of `width` roundings, which are off by at most slack *
 * (|start| + sum |a_i b_i|) <= slack * (B + A/2): the start is raised by the part of B, and the product that passes is
 * lowered by the part of A. */

static double slack_of(const okng_sight *sight)
{
    return (double)(sight->width + 2) * ROUNDING * 1.01;
}

static float start_of(const okng_sight *sight, double squared, double blur)
{
    if (isinf(blur) || !(squared <= MODERATE)) return INFINITY; /* always passes */
    return nextafterf((float)(-squared * (0.5 - slack_of(sight))), INFINITY);
}

void okng_sifting_reach(okng_sifting *sifting, int64_t r, double squared)
{
    const okng_sight *sight = sifting->sieve->sight;
    double length = sifting->squared[r], dim = (double)sight->dim;
    sifting->least[r] = -INFINITY;
    if (isinf(sifting->blur[r]) || !(length <= MODERATE)) return;
    /* a measured distance is a sum of 16 chains and a tree: its terms round at most dim / 16 + 7 times */
    double real = (squared + TINY) * (1 + (dim / 16 + 8) * ROUNDING * 1.01);
    double stretch = is_outlined(sight) ? sight->outline.stretch : 1;
    double reach = stretch * sqrt(real) + sifting->blur[r] + sifting->sieve->blur;
    double least = (length * (1 - slack_of(sight)) - reach * reach) / 2 - TINY;
    sifting->least[r] = nextafterf((float)least, -INFINITY);
}

/* ---- the sieve --------------------------------------------------------------------------------------------------- */

static size_t panels_of(int64_t capacity)
{
    return (size_t)((capacity + PANEL - 1) / PANEL);
}

uint64_t okng_sieve_bytes(int64_t width, int64_t capacity)
{
    return (uint64_t)panels_of(capacity) * PANEL * ((uint64_t)width + 1) * sizeof(float);
}

okng_status okng_sieve_new(okng_sieve *out, const okng_sight *sight, int64_t capacity, okng_error *error)
{
    *out = (okng_sieve){.sight = sight, .capacity = capacity};
    size_t panels = panels_of(capacity), width = (size_t)sight->width;
    out->panels = okng_alloc_zero(panels, width * PANEL * sizeof *out->panels);
    out->starts = okng_alloc_zero(panels, PANEL * sizeof *out->starts);
    out->seen = okng_alloc(OKNG_SIEVE_ROWS, width * sizeof *out->seen);
    out->scratch = okng_alloc(scratch_of(sight), sizeof *out->scratch);
    if (out->panels && out->starts && out->seen && out->scratch) return OKNG_OK;
    okng_sieve_free(out);
    return okng_fail_memory(error, panels * PANEL * (width + 1) * sizeof *out->panels);
}

void okng_sieve_free(okng_sieve *sieve)
{
    free(sieve->panels);
    free(sieve->starts);
    free(sieve->seen);
    free(sieve->scratch);
    *sieve = (okng_sieve){0};
}

void okng_sieve_set(okng_sieve *sieve, int64_t first, const float *vectors, int64_t count)
{
    const okng_sight *sight = sieve->sight;
    const int64_t width = sight->width;
    double blur[OKNG_SIEVE_ROWS];
    okng_sight_see(sight, vectors, count, sieve->seen, blur, sieve->scratch);
    for (int64_t i = 0; i < count; i++) {
        const int64_t at = first + i;
        const float *seen = sieve->seen + i * width;
        float *column = sieve->panels + at / PANEL * width * PANEL + at % PANEL;
        for (int64_t d = 0; d < width; d++) column[d * PANEL] = seen[d];
        sieve->starts[at] = start_of(sight, squared_length(seen, width), blur[i]);
        if (isfinite(blur[i])) sieve->blur = fmax(sieve->blur, blur[i]);
    }
    if (first + count > sieve->count) sieve->count = first + count;
}

void okng_sieve_copy(okng_sieve *sieve, const okng_sieve *from, int64_t index)
{
    const int64_t width = sieve->sight->width, at = sieve->count++;
    const float *source = from->panels + index / PANEL * width * PANEL + index % PANEL;
    float *column = sieve->panels + at / PANEL * width * PANEL + at % PANEL;
    for (int64_t d = 0; d < width; d++) column[d * PANEL] = source[d * PANEL];
    sieve->starts[at] = from->starts[index];
    sieve->blur = from->blur;
}

/* ---- sifting ----------------------------------------------------------------------------------------------------- */

okng_status okng_sifting_new(okng_sifting *out, const okng_sieve *sieve, okng_error *error)
{
    size_t width = (size_t)sieve->sight->width, scratch = scratch_of(sieve->sight);
    *out = (okng_sifting){.sieve = sieve};
    out->seen = okng_alloc(OKNG_SIEVE_ROWS, width * sizeof *out->seen);
    out->scratch = okng_alloc(scratch, sizeof *out->scratch);
    if (out->seen && out->scratch) return OKNG_OK;
    okng_sifting_free(out);
    return okng_fail_memory(error, (OKNG_SIEVE_ROWS * width + scratch) * sizeof *out->seen);
}

void okng_sifting_free(okng_sifting *sifting)
{
    free(sifting->seen);
    free(sifting->scratch);
    *sifting = (okng_sifting){0};
}

void okng_sifting_rows(okng_sifting *sifting, const float *rows, int64_t count)
{
    const okng_sight *sight = sifting->sieve->sight;
    sifting->count = count;
    okng_sight_see(sight, rows, count, sifting->seen, sifting->blur, sifting->scratch);
    for (int64_t r = 0; r < count; r++)
        sifting->squared[r] = squared_length(sifting->seen + r * sight->width, sight->width);
}

void okng_sifting_row(okng_sifting *sifting, int64_t r, const float *row)
{
    const okng_sight *sight = sifting->sieve->sight;
    float *seen = sifting->seen + r * sight->width;
    okng_sight_see(sight, row, 1, seen, &sifting->blur[r], sifting->scratch);
    sifting->squared[r] = squared_length(seen, sight->width);
}

void okng_sifting_seen(okng_sifting *sifting, int64_t r, const float *seen, double blur)
{
    const int64_t width = sifting->sieve->sight->width;
    memcpy(sifting->seen + r * width, seen, (size_t)width * sizeof *seen);
    sifting->blur[r] = blur;
    sifting->squared[r] = squared_length(seen, width);
}

void okng_sifting_block(okng_sifting *sifting, int64_t first, int64_t most)
{
    const okng_sieve *sieve = sifting->sieve;
    int64_t left = sieve->count - first, vectors = left < most ? left : most;
    sifting->panels = (vectors + PANEL - 1) / PANEL;
    const okng_marking marking = {.rows = sifting->seen,
                                  .count = (size_t)sifting->count,
                                  .inner = (size_t)sieve->sight->width,
                                  .panels = sieve->panels + first * sieve->sight->width,
                                  .starts = sieve->starts + first,
                                  .panel_count = (size_t)sifting->panels,
                                  .least = sifting->least,
                                  .marks = sifting->marks};
    okng_kernels_get()->mark_products(&marking);
}
