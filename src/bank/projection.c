#include "bank/projection.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "kernels/kernels.h"

enum {
    LANES = OKNG_KERNELS_LANES,
    CHUNK = 256, /* dimensions of 16 rows that are turned at a time: they stay in the first-level cache */
    GRAIN = 96,  /* rows that a thread takes at a time */
    MAX_SIDE = 1 << 20
};

struct okng_projector {
    okng_projection kind;
    int64_t dim, target;
    size_t stride; /* of the dense matrix: `target` rounded up to whole vectors */
    float *dense;  /* [dim, stride] */

    /* Sparse: for each chunk of dimensions, target and sign (plus, minus) a list of dimensions within the chunk. */
    float scale;
    uint64_t *starts; /* [chunks * target * 2 + 1], into `members` */
    uint8_t *members; /* below CHUNK */
    size_t member_capacity;
};

static int64_t chunk_count(const okng_projector *projector)
{
    return (projector->dim - 1) / CHUNK + 1;
}

static okng_status fill_dense(okng_projector *projector, okng_rng *rng, okng_error *error)
{
    projector->stride = (size_t)((projector->target + LANES - 1) / LANES * LANES);
    projector->dense = okng_alloc_zero((size_t)projector->dim * projector->stride, sizeof *projector->dense);
    if (!projector->dense)
        return okng_fail_memory(error, (size_t)projector->dim * projector->stride * sizeof *projector->dense);
    double deviation = 1 / sqrt((double)projector->target);
    for (int64_t d = 0; d < projector->dim; d++)
        for (int64_t t = 0; t < projector->target; t++)
            projector->dense[(size_t)d * projector->stride + (size_t)t] = (float)(deviation * okng_rng_normal(rng));
    return OKNG_OK;
}

static bool append(okng_projector *projector, uint64_t at, const uint8_t *members, size_t count)
{
    void *grown = projector->members;
    if (!okng_grow(&grown, &projector->member_capacity, (size_t)at + count, 1)) return false;
    projector->members = grown;
    if (count > 0) memcpy(projector->members + at, members, count);
    return true;
}

static okng_status fill_sparse(okng_projector *projector, okng_rng *rng, okng_error *error)
{
    double density = 1 / sqrt((double)projector->dim);
    projector->scale = (float)sqrt(1 / (density * (double)projector->target));
    int64_t lists = chunk_count(projector) * projector->target * 2;
    projector->starts = okng_alloc((size_t)lists + 1, sizeof *projector->starts);
    if (!projector->starts) return okng_fail_memory(error, ((size_t)lists + 1) * sizeof *projector->starts);
    uint64_t at = 0;
    for (int64_t list = 0; list < lists; list += 2) {
        int64_t first = list / 2 / projector->target * CHUNK, left = projector->dim - first;
        uint8_t members[2][CHUNK];
        size_t count[2] = {0, 0};
        for (int64_t i = 0; i < (left < CHUNK ? left : CHUNK); i++) {
            if (okng_rng_uniform(rng) >= density) continue;
            uint32_t minus = okng_rng_u32(rng) >> 31;
            members[minus][count[minus]++] = (uint8_t)i;
        }
        for (int sign = 0; sign < 2; sign++) {
            projector->starts[list + sign] = at;
            if (!append(projector, at, members[sign], count[sign])) return okng_fail_memory(error, at + count[sign]);
            at += count[sign];
        }
    }
    projector->starts[lists] = at;
    return OKNG_OK;
}

okng_status okng_projector_new(okng_projector **out, okng_projection kind, int64_t dim, int64_t target, uint64_t seed,
                               okng_error *error)
{
    *out = NULL;
    if (dim < 1 || dim > MAX_SIDE || target < 1 || target > MAX_SIDE)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a projection from %lld to %lld dimensions, expected 1..%d",
                         (long long)dim, (long long)target, MAX_SIDE);
    okng_projector *projector = calloc(1, sizeof *projector);
    if (!projector) return okng_fail_memory(error, sizeof *projector);
    projector->kind = kind;
    projector->dim = dim;
    projector->target = target;
    okng_rng rng = okng_rng_new(seed, OKNG_STREAM_PROJECTION);
    okng_status status =
        kind == OKNG_PROJECTION_SPARSE ? fill_sparse(projector, &rng, error) : fill_dense(projector, &rng, error);
    if (status == OKNG_OK)
        *out = projector;
    else
        okng_projector_free(&projector);
    return status;
}

void okng_projector_free(okng_projector **projector)
{
    if (!*projector) return;
    free((*projector)->dense);
    free((*projector)->starts);
    free((*projector)->members);
    free(*projector);
    *projector = NULL;
}

static void add_members(float sums[LANES], const float (*turned)[LANES], const uint8_t *members, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        for (int lane = 0; lane < LANES; lane++) sums[lane] += turned[members[i]][lane];
}

/* Up to 16 rows side by side, one to a lane, so that picking a dimension needs no gathering. */
static void run_sparse(const okng_projector *projector, const float *rows, int64_t count, float *out)
{
    int64_t dim = projector->dim, target = projector->target;
    float turned[CHUNK][LANES] = {{0}};
    memset(out, 0, (size_t)(count * target) * sizeof *out);
    for (int64_t chunk = 0; chunk < chunk_count(projector); chunk++) {
        int64_t first = chunk * CHUNK, width = dim - first < CHUNK ? dim - first : CHUNK;
        for (int64_t lane = 0; lane < count; lane++)
            for (int64_t d = 0; d < width; d++) turned[d][lane] = rows[lane * dim + first + d];
        for (int64_t t = 0; t < target; t++) {
            const uint64_t *start = projector->starts + (chunk * target + t) * 2;
            float plus[LANES] = {0}, minus[LANES] = {0};
            add_members(plus, (const float(*)[LANES])turned, projector->members + start[0], start[1] - start[0]);
            add_members(minus, (const float(*)[LANES])turned, projector->members + start[1], start[2] - start[1]);
            for (int64_t lane = 0; lane < count; lane++)
                out[lane * target + t] += (plus[lane] - minus[lane]) * projector->scale;
        }
    }
}

typedef struct job {
    const okng_projector *projector;
    const float *rows;
    float *out;
} job;

static void run_rows(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const job *j = context;
    const okng_projector *projector = j->projector;
    if (projector->kind == OKNG_PROJECTION_SPARSE) {
        for (int64_t r = begin; r < end; r += LANES)
            run_sparse(projector, j->rows + r * projector->dim, end - r < LANES ? end - r : LANES,
                       j->out + r * projector->target);
        return;
    }
    okng_kernels_get()->project(j->rows + begin * projector->dim, (size_t)(end - begin), (size_t)projector->dim,
                                projector->dense, projector->stride, (size_t)projector->target,
                                j->out + begin * projector->target);
}

void okng_projector_run(const okng_projector *projector, const float *rows, int64_t count, float *out, int threads)
{
    job j = {projector, rows, out};
    okng_parallel_for(threads, count, GRAIN, run_rows, &j);
}
