/* Small programs that have every operator between them, with numbers of their own for their inputs: what writers and
 * readers of files are tried with. */
#ifndef MADE_PROGRAMS_H
#define MADE_PROGRAMS_H

#include <stdlib.h>
#include <string.h>

#include "program/node.h"

/* Numbers between -1 and 1 that only depend on `seed`. */
static inline float made_number(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (float)(*seed >> 8) / (float)(1 << 23) - 1.0f;
}

static inline okng_program_value made_constant(okng_program *p, const char *name, int32_t rank, const int64_t *dims,
                                               uint32_t seed)
{
    size_t count = 1;
    for (int32_t i = 0; i < rank; i++) count *= (size_t)dims[i];
    float *data = malloc(count * sizeof *data);
    for (size_t i = 0; data && i < count; i++) data[i] = made_number(&seed);
    return okng_program_constant_own(p, name, OKNG_F32, rank, dims, data);
}

#define MADE(p, name, seed, ...) \
    made_constant(p, name, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]){__VA_ARGS__}, seed)
#define MADE_INPUT(p, name, dtype, ...) \
    okng_program_input(p, name, dtype, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]){__VA_ARGS__})

static inline void made_windows(okng_program *p)
{
    okng_program_value x = MADE_INPUT(p, "input", OKNG_F32, OKNG_ANY, 4, 13, 10);
    x = okng_program_conv(p, x, MADE(p, "conv1.weight", 1, 8, 4, 3, 3), MADE(p, "conv1.bias", 2, 8),
                          okng_window_square(3, 2, 1), 1);
    x = okng_program_relu(p, x);
    okng_program_value y = okng_program_conv(p, x, MADE(p, "conv2.weight", 3, 8, 2, 1, 3), OKNG_PROGRAM_NONE,
                                             (okng_window){{1, 3}, {1, 1}, {0, 1}}, 4);
    okng_program_output(p, "largest", okng_program_max_pool(p, y, okng_window_square(3, 2, 1)));
    okng_program_output(p, "mean", okng_program_average_pool(p, y, okng_window_square(3, 1, 1)));
}

static inline void made_elements(okng_program *p)
{
    okng_program_value all[17], x = MADE_INPUT(p, "input", OKNG_F32, OKNG_ANY, 5, 7), size = okng_program_abs(p, x);
    okng_program_value some = okng_program_add(p, size, okng_program_scalar(p, 0.1f)), row = MADE(p, NULL, 4, 5, 1);
    int32_t n = 0;
    all[n++] = okng_program_relu(p, x);
    all[n++] = okng_program_sigmoid(p, x);
    all[n++] = okng_program_erf(p, x);
    all[n++] = okng_program_exp(p, x);
    all[n++] = okng_program_log(p, some);
    all[n++] = okng_program_sqrt(p, size);
    all[n++] = okng_program_negate(p, x);
    all[n++] = okng_program_round(
        p, okng_program_multiply(p, okng_program_round(p, okng_program_multiply(p, x, okng_program_scalar(p, 8))),
                                 okng_program_scalar(p, 0.5f)));
    all[n++] = okng_program_floor(p, okng_program_multiply(p, x, okng_program_scalar(p, 3)));
    all[n++] = okng_program_add(p, x, row);
    all[n++] = okng_program_subtract(p, row, x);
    all[n++] = okng_program_multiply(p, x, row);
    all[n++] = okng_program_divide(p, x, some);
    all[n++] = okng_program_maximum(p, x, row);
    all[n++] = okng_program_minimum(p, x, row);
    all[n++] = okng_program_divide(p, x, MADE(p, NULL, 9, 1, 7));
    okng_program_output(p, "all", okng_program_concat(p, all, n, 1));
}

static inline void made_conditions(okng_program *p)
{
    okng_program_value x = MADE_INPUT(p, "input", OKNG_F32, OKNG_ANY, 6), y = MADE(p, NULL, 5, 6);
    okng_program_value more = okng_program_greater(p, x, y), less = okng_program_less(p, x, okng_program_scalar(p, 0));
    okng_program_value never = okng_program_is_nan(p, x);
    okng_program_value both = okng_program_and(p, more, okng_program_not(p, less));
    okng_program_output(p, "or", okng_program_or(p, both, never));
    okng_program_output(p, "equal",
                        okng_program_equal(p, okng_program_cast(p, x, OKNG_I64), okng_program_cast(p, y, OKNG_I64)));
    okng_program_output(p, "chosen", okng_program_select(p, more, x, okng_program_scalar(p, -5)));
    okng_program_output(p, "number", okng_program_cast(p, less, OKNG_F32));
}

static inline void made_products(okng_program *p)
{
    okng_program_value x = MADE_INPUT(p, "input", OKNG_F32, OKNG_ANY, 5, 8);
    okng_program_value y = okng_program_matmul(p, x, MADE(p, "right", 6, 8, 6));
    y = okng_program_layer_norm(p, y, MADE(p, "scale", 7, 6), MADE(p, "shift", 8, 6), 1e-5f);
    okng_program_output(p, "norm", y);
    okng_program_output(p, "rows", okng_program_matmul_turned(p, y, MADE(p, "bank", 9, 11, 6)));
    okng_program_output(p, "attention", okng_program_softmax(p, okng_program_matmul_turned(p, y, y), 2));
    okng_program_value flat = okng_program_reshape(p, x, 2, (int64_t[]){OKNG_ANY, 8});
    okng_program_output(p, "flat", okng_program_matmul_turned(p, flat, MADE(p, "linear", 10, 3, 8)));
}

static inline void made_reductions(okng_program *p)
{
    okng_program_value x = MADE_INPUT(p, "input", OKNG_F32, OKNG_ANY, 4, 5, 6);
    okng_program_output(p, "sum", okng_program_sum(p, x, OKNG_AXIS(3)));
    okng_program_output(p, "average", okng_program_mean(p, x, OKNG_AXIS(2) | OKNG_AXIS(3)));
    okng_program_output(p, "highest", okng_program_largest(p, x, OKNG_AXIS(1)));
    okng_program_output(p, "lowest", okng_program_smallest(p, x, OKNG_AXIS(1) | OKNG_AXIS(2) | OKNG_AXIS(3)));
}

static inline void made_places(okng_program *p)
{
    okng_program_value indices, low, x = MADE_INPUT(p, "input", OKNG_F32, OKNG_ANY, 6, 9);
    okng_program_value top = okng_program_top_k(p, x, 4, true, &indices);
    okng_program_output(p, "top", top);
    okng_program_output(p, "where", indices);
    okng_program_output(p, "found", okng_program_gather_elements(p, x, indices, 2));
    okng_program_output(p, "rows", okng_program_gather(p, MADE(p, "table", 11, 9, 3), indices, 0));
    (void)okng_program_top_k(p, x, 2, false, &low);
    okng_program_output(p, "low", low);
    okng_program_value part = okng_program_slice(p, x, 2, 1, 9, 3);
    part = okng_program_transpose(p, part, (int32_t[]){0, 2, 1});
    okng_program_output(p, "part", part);
    okng_program_output(p, "folded", okng_program_reshape(p, x, 3, (int64_t[]){0, OKNG_ANY, 3}));
    okng_program_output(
        p, "wide",
        okng_program_expand(p, okng_program_reshape(p, part, 4, (int64_t[]){0, 1, 3, 6}), 4, (int64_t[]){1, 2, 3, 6}));
    okng_program_output(p, "padded", okng_program_pad(p, x, (int64_t[]){0, 1, 2}, (int64_t[]){0, 0, 3}, -2.5f));
}

static inline void made_pixels(okng_program *p)
{
    okng_program_value x = MADE_INPUT(p, "input", OKNG_U8, OKNG_ANY, OKNG_ANY, OKNG_ANY, 3);
    x = okng_program_divide(p, okng_program_cast(p, x, OKNG_F32), okng_program_scalar(p, 255));
    x = okng_program_transpose(p, x, (int32_t[]){0, 3, 1, 2});
    okng_program_output(p, "resized", okng_program_resize(p, x, 7, 16));
}

/* Conditions that are larger than what they choose of, whole numbers, truth of numbers. */
static inline void made_choices(okng_program *p)
{
    okng_program_value x = MADE_INPUT(p, "input", OKNG_F32, OKNG_ANY, 3, 4);
    okng_program_value more = okng_program_greater(p, x, okng_program_scalar(p, 0)), row = MADE(p, NULL, 14, 4);
    okng_program_output(p, "number", okng_program_select(p, more, row, okng_program_scalar(p, -3)));
    okng_program_value less = okng_program_less(p, row, okng_program_scalar(p, 0));
    okng_program_output(p, "truth", okng_program_select(p, more, less, okng_program_not(p, less)));
    okng_program_value whole = okng_program_cast(p, okng_program_multiply(p, x, okng_program_scalar(p, 20)), OKNG_I64);
    const okng_program_value three = okng_program_constant(p, NULL, OKNG_I64, 0, NULL, &(int64_t){3}, false);
    okng_program_output(p, "third", okng_program_divide(p, whole, three));
    okng_program_output(p, "one", okng_program_select(p, more, three, okng_program_negate(p, three)));
    okng_program_output(p, "any", okng_program_cast(p, okng_program_round(p, x), OKNG_BOOL));
}

/* Outputs that are no operator's own, names that are taken, a value that nobody needs, a constant large enough to be
 * halved. */
static inline void made_names(okng_program *p)
{
    okng_program_value x = MADE_INPUT(p, "input", OKNG_F32, OKNG_ANY, 128), c = MADE(p, "result", 12, 128, 160);
    okng_program_value y = okng_program_matmul(p, x, c);
    (void)okng_program_exp(p, y);
    okng_program_output(p, "result", y);
    okng_program_output(p, "twice", y);
    okng_program_output(p, "given", x);
    okng_program_output(p, "constant", MADE(p, "okng_7", 13, 3));
}

typedef struct made_program {
    const char *name;
    void (*build)(okng_program *p);
} made_program;

static const made_program made_programs[] = {
    {"windows", made_windows},       {"elements", made_elements}, {"conditions", made_conditions},
    {"products", made_products},     {"places", made_places},     {"pixels", made_pixels},
    {"reductions", made_reductions}, {"choices", made_choices},   {"names", made_names},
};
enum { MADE_PROGRAMS = sizeof made_programs / sizeof made_programs[0] };

/* For input i of the program: 2 pictures, 21 x 18 pixels where the size is free. NULL when memory is out. */
static inline okng_array *made_input(const okng_program *p, int32_t i)
{
    const okng_program_type *type = &p->nodes[p->inputs[i]].type;
    static const int64_t free_extents[OKNG_PROGRAM_RANK_MAX] = {2, 21, 18, 18, 1, 1};
    int64_t dims[OKNG_PROGRAM_RANK_MAX];
    size_t count = 1;
    uint32_t seed = 77 + (uint32_t)i;
    okng_array *array = NULL;
    for (int32_t k = 0; k < type->rank; k++) {
        dims[k] = type->dims[k] == OKNG_ANY ? free_extents[k] : type->dims[k];
        count *= (size_t)dims[k];
    }
    if (okng_array_new(&array, type->dtype, type->rank, dims, NULL) != OKNG_OK) return NULL;
    for (size_t k = 0; k < count; k++) {
        const float number = made_number(&seed);
        if (type->dtype == OKNG_F32)
            ((float *)array->data)[k] = number;
        else
            ((uint8_t *)array->data)[k] = (uint8_t)((number + 1) * 127.5f);
    }
    return array;
}

#endif
