#include <string.h>

#include "program/shapes.h"

/* ---- windows over [N, C, H, W] ---- */

enum { MAX_WINDOW = 65535 };

/* Height and width of what a window gives that slides over the input; false where it does not fit. */
static bool slide(const okng_window *window, okng_program_type *result)
{
    for (int i = 0; i < 2; i++) {
        const int32_t kernel = window->kernel[i], stride = window->stride[i], padding = window->padding[i];
        int64_t *side = &result->dims[i + 2];
        if (kernel < 1 || kernel > MAX_WINDOW || stride < 1 || stride > MAX_WINDOW || padding < 0 || padding >= kernel)
            return false;
        if (*side == OKNG_ANY) continue;
        if (*side + 2 * (int64_t)padding < kernel) return false;
        *side = (*side + 2 * (int64_t)padding - kernel) / stride + 1;
    }
    return true;
}

OKNG_PROGRAM_SHAPE(conv)
{
    const okng_program_type *x = &inputs[0], *weight = &inputs[1];
    *result = *x;
    bool fits = x->dtype == OKNG_F32 && x->rank == 4 && weight->dtype == OKNG_F32 && weight->rank == 4 &&
                node->groups >= 1 && x->dims[1] >= 1 && x->dims[1] % node->groups == 0 &&
                weight->dims[1] == x->dims[1] / node->groups && weight->dims[0] >= 1 &&
                weight->dims[0] % node->groups == 0;
    for (int i = 0; fits && i < 2; i++) fits = weight->dims[i + 2] == node->window.kernel[i];
    if (fits && node->input_count == 3)
        fits = inputs[2].dtype == OKNG_F32 && inputs[2].rank == 1 && inputs[2].dims[0] == weight->dims[0];
    if (fits) result->dims[1] = weight->dims[0];
    if (fits && slide(&node->window, result)) return OKNG_OK;
    return okng_program_refuse(
        node, inputs,
        "float32 [N, C, H, W], a weight [out, C / groups, kernel] and a bias [out], a window that "
        "fits into the map, and padding below the kernel",
        error);
}

OKNG_PROGRAM_SHAPE(pool)
{
    *result = inputs[0];
    if (result->dtype == OKNG_F32 && result->rank == 4 && slide(&node->window, result)) return OKNG_OK;
    return okng_program_refuse(node, inputs,
                               "float32 [N, C, H, W], a window that fits into it, and padding below the kernel", error);
}

/* ---- by place ---- */

OKNG_PROGRAM_SHAPE(top_k)
{
    *result = inputs[0];
    const int64_t last = result->rank ? result->dims[result->rank - 1] : 0;
    if (result->dtype != OKNG_F32 || node->k < 1 || node->k > last)
        return okng_program_refuse(node, inputs, "float32 with a last axis that is known and holds k or more", error);
    result->dims[result->rank - 1] = node->k;
    return OKNG_OK;
}

OKNG_PROGRAM_SHAPE(top_k_indices)
{
    (void)node;
    (void)error;
    *result = inputs[0];
    result->dtype = OKNG_I64;
    return OKNG_OK;
}

static bool has_axis(const okng_program_node *node, const okng_program_type *x)
{
    return node->axis >= 0 && node->axis < x->rank;
}

OKNG_PROGRAM_SHAPE(gather)
{
    const okng_program_type *x = &inputs[0], *indices = &inputs[1];
    *result = *x;
    if (indices->dtype != OKNG_I64 || !has_axis(node, x) || x->rank - 1 + indices->rank > OKNG_PROGRAM_RANK_MAX)
        return okng_program_refuse(node, inputs, "a value with the axis, int64 indices, and no more than 6 axes in all",
                                   error);
    result->rank = x->rank - 1 + indices->rank;
    for (int32_t i = 0; i < indices->rank; i++) result->dims[node->axis + i] = indices->dims[i];
    for (int32_t i = node->axis + 1; i < x->rank; i++) result->dims[i - 1 + indices->rank] = x->dims[i];
    for (int32_t i = result->rank; i < OKNG_PROGRAM_RANK_MAX; i++) result->dims[i] = 0;
    return OKNG_OK;
}

OKNG_PROGRAM_SHAPE(gather_elements)
{
    const okng_program_type *x = &inputs[0], *indices = &inputs[1];
    bool fits = indices->dtype == OKNG_I64 && has_axis(node, x) && indices->rank == x->rank;
    for (int32_t i = 0; fits && i < x->rank; i++) fits = i == node->axis || x->dims[i] == indices->dims[i];
    *result = *indices;
    result->dtype = x->dtype;
    return fits ? OKNG_OK
                : okng_program_refuse(node, inputs, "int64 indices of the same extents but along the axis", error);
}

OKNG_PROGRAM_SHAPE(concat)
{
    *result = inputs[0];
    bool fits = has_axis(node, result);
    for (int32_t k = 0; fits && k < node->input_count; k++) {
        const okng_program_type *x = &inputs[k];
        fits = x->dtype == result->dtype && x->rank == result->rank && x->dims[node->axis] >= 1;
        for (int32_t i = 0; fits && i < x->rank; i++) fits = i == node->axis || x->dims[i] == result->dims[i];
        if (fits && k > 0) result->dims[node->axis] += x->dims[node->axis];
        fits = fits && okng_program_elements(result) >= 0;
    }
    return fits
               ? OKNG_OK
               : okng_program_refuse(node, inputs, "values of one type that differ along the joined axis alone", error);
}

OKNG_PROGRAM_SHAPE(slice)
{
    *result = inputs[0];
    const int64_t extent = has_axis(node, result) ? result->dims[node->axis] : 0;
    if (extent < 1 || node->begin < 0 || node->end <= node->begin || node->end > extent || node->step < 1)
        return okng_program_refuse(node, inputs, "a value whose axis holds what is cut out of it", error);
    result->dims[node->axis] = (node->end - node->begin - 1) / node->step + 1;
    return OKNG_OK;
}

OKNG_PROGRAM_SHAPE(transpose)
{
    const okng_program_type *x = &inputs[0];
    uint32_t seen = 0;
    *result = *x;
    for (int32_t i = 0; i < x->rank; i++) {
        if (node->order[i] < 0 || node->order[i] >= x->rank) continue;
        seen |= OKNG_AXIS(node->order[i]);
        result->dims[i] = x->dims[node->order[i]];
    }
    return seen == OKNG_AXIS(x->rank) - 1 ? OKNG_OK
                                          : okng_program_refuse(node, inputs, "an order of all its axes", error);
}

/* ---- other shapes ---- */

/* The product of a shape's extents but those that are OKNG_ANY, which are counted. -1 where it is too large. */
static int64_t product(const int64_t *dims, int32_t rank, int *any)
{
    okng_program_type type = {.rank = rank};
    memcpy(type.dims, dims, (size_t)rank * sizeof *dims);
    *any = 0;
    for (int32_t i = 0; i < rank; i++) *any += dims[i] == OKNG_ANY;
    return okng_program_elements(&type);
}

/* What an asked-for OKNG_ANY at `open` stands for. With `kept` extents OKNG_ANY of the input in their places (by 0), of
 * `any` in all: what is left over where these are all of them; unknown where one is left, which then is part of it. */
static bool fill_open(const okng_program_type *x, okng_program_type *result, int32_t open, int kept)
{
    int any, ignored;
    const int64_t from = product(x->dims, x->rank, &any);
    result->dims[open] = 1;
    const int64_t to = product(result->dims, result->rank, &ignored);
    if (from < 0 || to < 1 || any - kept > 1) return false;
    if (any - kept == 1) {
        result->dims[open] = OKNG_ANY;
        return true;
    }
    result->dims[open] = from / to;
    return from % to == 0;
}

OKNG_PROGRAM_SHAPE(reshape)
{
    const okng_program_type *x = &inputs[0];
    int32_t open = -1;
    int kept = 0, any, left;
    bool fits = node->rank >= 0 && node->rank <= OKNG_PROGRAM_RANK_MAX;
    *result = (okng_program_type){.dtype = x->dtype, .rank = fits ? node->rank : 0};
    for (int32_t i = 0; fits && i < node->rank; i++) {
        const int64_t asked = node->dims[i];
        fits = asked >= OKNG_ANY && (asked != 0 || i < x->rank) && (asked != OKNG_ANY || open < 0);
        if (!fits) break;
        if (asked == OKNG_ANY) open = i;
        kept += asked == 0 && x->dims[i] == OKNG_ANY;
        result->dims[i] = asked == OKNG_ANY ? 1 : asked == 0 ? x->dims[i] : asked;
    }
    if (fits && open >= 0) fits = fill_open(x, result, open, kept);
    if (fits) {
        const int64_t from = product(x->dims, x->rank, &any), to = product(result->dims, result->rank, &left);
        fits = from >= 0 && to >= 0 && (open >= 0 || (any == kept && from == to));
    }
    return fits ? OKNG_OK : okng_program_refuse(node, inputs, "as many elements as the new shape has", error);
}

OKNG_PROGRAM_SHAPE(expand)
{
    okng_program_type asked = {.dtype = inputs[0].dtype, .rank = node->rank};
    *result = inputs[0];
    bool fits = node->rank >= 0 && node->rank <= OKNG_PROGRAM_RANK_MAX;
    for (int32_t i = 0; fits && i < node->rank; i++) {
        asked.dims[i] = node->dims[i];
        fits = asked.dims[i] >= 1;
    }
    return fits && okng_program_broadcast(&inputs[0], &asked, result)
               ? OKNG_OK
               : okng_program_refuse(node, inputs, "extents of the new shape, or 1", error);
}

OKNG_PROGRAM_SHAPE(pad)
{
    static const int64_t most = (int64_t)1 << 31;
    *result = inputs[0];
    bool fits = result->dtype == OKNG_F32;
    for (int32_t i = 0; fits && i < result->rank; i++) {
        const int64_t before = node->dims[i], behind = node->behind[i];
        fits = before >= 0 && behind >= 0 && before <= most && behind <= most;
        if (result->dims[i] == OKNG_ANY)
            fits = fits && before == 0 && behind == 0;
        else if (fits)
            result->dims[i] += before + behind;
    }
    return fits ? OKNG_OK
                : okng_program_refuse(node, inputs, "float32, padded by 0 or more along axes that are known", error);
}

OKNG_PROGRAM_SHAPE(cast)
{
    *result = inputs[0];
    result->dtype = node->type.dtype;
    switch (result->dtype) {
    case OKNG_F32:
    case OKNG_F16:
    case OKNG_I64:
    case OKNG_I32:
    case OKNG_U8:
    case OKNG_BOOL:
        return OKNG_OK;
    default:
        return okng_program_refuse(node, inputs, "float32, float16, int64, int32, uint8 or bool as its result", error);
    }
}

OKNG_PROGRAM_SHAPE(resize)
{
    static const int64_t most = 65535;
    *result = inputs[0];
    const int64_t height = node->size[0], width = node->size[1];
    if (result->dtype != OKNG_F32 || result->rank != 4 || height < 1 || height > most || width < 1 || width > most)
        return okng_program_refuse(node, inputs, "float32 [N, C, H, W], and sides of 1 to 65535", error);
    result->dims[2] = height;
    result->dims[3] = width;
    return OKNG_OK;
}
