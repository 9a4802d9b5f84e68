#include "afclip/fold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/layout.h"

enum { LANES = 8, MAPS = 3 * OKNG_AFCLIP_INNER };

static double dot(const double *a, const double *b, int64_t count)
{
    double lanes[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int64_t k = 0; k < LANES; k++) lanes[k] += a[i + k] * b[i + k];
    for (; i < count; i++) lanes[0] += a[i] * b[i];
    for (int64_t k = 0; k < LANES; k++) sum += lanes[k];
    return sum;
}

/* ---- the maps --------------------------------------------------------------------------------------------------- */

static void fold_maps(okng_afclip_folded *f, const okng_afclip_learnt *learnt)
{
    const float *gamma = learnt->values[OKNG_AFCLIP_PARAM_NORM], *beta = learnt->values[OKNG_AFCLIP_PARAM_NORM_BIAS];
    for (int64_t row = 0; row < MAPS; row++) {
        const float *from =
            learnt->values[OKNG_AFCLIP_PARAM_Q + row / OKNG_AFCLIP_INNER] + row % OKNG_AFCLIP_INNER * f->width;
        float *to = f->maps + row * f->width;
        double sum = 0;
        for (int64_t i = 0; i < f->width; i++) {
            to[i] = from[i] * gamma[i];
            sum += (double)from[i] * (double)beta[i];
        }
        f->offsets[row] = (float)sum;
    }
}

/* ---- the projection --------------------------------------------------------------------------------------------- */

/* L [W, W], lower, of L L^T = P P^T. A pivot that is lost in rounding is raised to where it matters to no float. */
static void factor(okng_afclip_folded *f)
{
    const int64_t width = f->width, embedding = f->embedding;
    double mean = 0;
    for (int64_t i = 0; i < width; i++)
        mean += dot(f->whole + i * embedding, f->whole + i * embedding, embedding) / (double)width;
    for (int64_t i = 0; i < width; i++) {
        double *row = f->triangle + i * width;
        for (int64_t k = 0; k <= i; k++) {
            const double *other = f->triangle + k * width;
            const double left = dot(f->whole + i * embedding, f->whole + k * embedding, embedding) - dot(row, other, k);
            if (k == i)
                row[k] = sqrt(fmax(left, 1e-12 * mean));
            else
                row[k] = other[k] > 0 ? left / other[k] : 0;
        }
    }
}

static okng_status fold_projection(okng_afclip_folded *f, const okng_weights *weights, okng_error *error)
{
    const okng_naming naming = okng_naming_clip(weights);
    const int64_t shape[] = {f->width, f->embedding};
    const size_t width = (size_t)f->width, count = width * (size_t)f->embedding;
    okng_tensor tensor;
    OKNG_TRY(okng_naming_tensor(&naming, "visual.proj", 2, shape, &tensor, error));
    f->projection = okng_alloc_zero(width * width, sizeof *f->projection);
    f->triangle = okng_alloc_zero(width * width, sizeof *f->triangle);
    f->whole = okng_alloc(count, sizeof *f->whole);
    const bool room = f->projection && f->triangle && f->whole;
    bool finite = true;
    for (size_t i = 0; room && i < count; i++) {
        float value;
        okng_to_float(tensor.array.dtype, (const char *)tensor.array.data + i * okng_dtype_size(tensor.array.dtype), 1,
                      &value);
        f->whole[i] = (double)value;
        finite = finite && isfinite(value);
    }
    okng_tensor_release(&tensor);
    if (!room) return okng_fail_memory(error, count * sizeof *f->whole);
    if (!finite) /* an engine would name what is made of it here */
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s: tensor %s holds NaN or infinite values, expected finite ones: the file is damaged or its "
                         "training diverged",
                         okng_weights_path(weights),
                         okng_naming_name(&naming, "visual.proj", (char[2 * OKNG_NAME_MAX]){0}));
    factor(f);
    for (size_t i = 0; i < width * width; i++) f->projection[i] = (float)f->triangle[i];
    return OKNG_OK;
}

/* ---- both ------------------------------------------------------------------------------------------------------- */

okng_status okng_afclip_fold(okng_afclip_folded *out, const okng_afclip_plan *plan, const okng_weights *weights,
                             const okng_afclip_learnt *learnt, okng_error *error)
{
    const bool wider = plan->embedding > plan->width;
    *out = (okng_afclip_folded){
        .width = plan->width, .embedding = plan->embedding, .dim = wider ? plan->width : plan->embedding};
    out->maps = okng_alloc(MAPS, (size_t)plan->width * sizeof *out->maps);
    out->offsets = okng_alloc(MAPS, sizeof *out->offsets);
    okng_status status = out->maps && out->offsets ? OKNG_OK : okng_fail_memory(error, MAPS * sizeof *out->offsets);
    if (status == OKNG_OK) fold_maps(out, learnt);
    if (status == OKNG_OK && wider) status = fold_projection(out, weights, error);
    if (status != OKNG_OK) okng_afclip_folded_free(out);
    return status;
}

void okng_afclip_folded_free(okng_afclip_folded *folded)
{
    free(folded->maps);
    free(folded->offsets);
    free(folded->projection);
    free(folded->triangle);
    free(folded->whole);
    *folded = (okng_afclip_folded){0};
}

void okng_afclip_fold_vectors(const okng_afclip_folded *f, const float *vectors, int64_t count, float *out)
{
    if (!f->projection) {
        memcpy(out, vectors, (size_t)(count * f->dim) * sizeof *out);
        return;
    }
    double x[OKNG_AFCLIP_MAX_WIDTH];
    for (int64_t v = 0; v < count; v++)
        for (int64_t i = 0; i < f->width; i++) { /* L x = P t, from above */
            const double pivot = f->triangle[i * f->width + i];
            double left = -dot(f->triangle + i * f->width, x, i);
            for (int64_t e = 0; e < f->embedding; e++)
                left += f->whole[i * f->embedding + e] * (double)vectors[v * f->embedding + e];
            x[i] = pivot > 0 ? left / pivot : 0;
            out[v * f->dim + i] = (float)x[i];
        }
}
