/* What transformers spend their time with: products of matrices in panels, and the curves and sums around them.
 *
 * Every variant gives the same bits: an element of a product is one chain of fused multiply-adds over `inner`, in
 * order, from 0; curves are the same steps in every lane; a sum over a row is 16 partial sums (element i goes to sum i
 * mod 16) and a tree of halves. */
#ifndef OKNG_KERNELS_LINEAR_H
#define OKNG_KERNELS_LINEAR_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/kernels.h"

enum {
    OKNG_LINEAR_PANEL_MAX = 32, /* of any variant's `panel`; a multiple of each */
    OKNG_LINEAR_LANES = 16,
    OKNG_LINEAR_TARGETS = 2
};

/* What becomes of a product where it is wanted. */
typedef enum okng_linear_way { OKNG_LINEAR_SET = 0, OKNG_LINEAR_ADD, OKNG_LINEAR_SUBTRACT } okng_linear_way;

typedef struct okng_linear_target {
    float *out; /* [count, panel], a row every `out_stride` floats */
    okng_linear_way way;
} okng_linear_target;

/* rows [count, inner] * columns [inner, panel] */
typedef struct okng_linear_product {
    const float *rows; /* a row every `stride` floats */
    size_t stride, count, inner;
    /* The columns are `panel`, or the sum of it and `other`, or the difference, which `made` [inner, panel] has room
     * for. */
    const float *panel, *other;
    bool subtract;
    float *made;
    okng_linear_target targets[OKNG_LINEAR_TARGETS];
    size_t target_count, out_stride;
    const float *next; /* NULL, or [inner, panel] that comes next: fetched meanwhile */
} okng_linear_product;

/* out [count, columns] = begin + rows * columns, of rows that lie in pieces: row r is the `inner` floats from `offset`
 * on of pieces[t * pieces_stride + r] for t = 0..taps - 1, one after the other. So the neighbourhoods of a picture's
 * pixels are multiplied without a copy of them. */
typedef struct okng_linear_gathered {
    const float *const *pieces;
    size_t pieces_stride, offset;
    size_t count, taps, inner;
    const float *panel; /* [taps * inner, panel] */
    size_t columns;     /* 1..panel; of them as many are written */
    float *out;         /* a row every `out_stride` floats */
    size_t out_stride;
    const float *begin; /* where the chains begin, laid out like out, or `out` itself; NULL: from 0 */
    const float *bias;  /* [columns]: the chains end, and out = sums + bias; NULL: they may go on, with the same bits */
    bool relu;          /* with a bias: and then max(0, x), of NaN NaN */
    const float *next;  /* NULL, or what comes next, as much as `panel`: fetched meanwhile */
} okng_linear_gathered;

typedef enum okng_linear_curve { OKNG_LINEAR_NONE = 0, OKNG_LINEAR_GELU, OKNG_LINEAR_QUICK_GELU } okng_linear_curve;

/* out = curve(sums + bias + added) */
typedef struct okng_linear_finish {
    const float *sums; /* [rows, columns], a row every `stride` floats */
    size_t stride, rows, columns;
    const float *bias;  /* [columns] */
    const float *added; /* NULL, or laid out like out */
    float *out;         /* a row every `out_stride` floats */
    size_t out_stride;
    okng_linear_curve curve;
} okng_linear_finish;

/* Of one key and `count` queries: weights = exp(scale * scores - logs), gradients = scale * weights * (gradients -
 * along). All have room up to the next multiple of OKNG_LINEAR_LANES, which is overwritten. */
typedef struct okng_linear_weighing {
    float *scores, *gradients; /* scores becomes weights */
    const float *logs, *along; /* of each query: the logarithm of its sum, its gradient along its result */
    size_t count;
    float scale;
} okng_linear_weighing;

typedef struct okng_linear {
    const char *name;
    size_t panel; /* columns that are multiplied side by side: 16 or 32 */
    void (*multiply)(const okng_linear_product *product);
    void (*multiply_gathered)(const okng_linear_gathered *product);
    /* GELU is max(x, 0) - t Phi(-t) with t = |x| cut to 8 and Phi(-t) = exp of a polynomial of degree 10: off by 4e-8
     * and the rounding of the result. QuickGELU is x / (1 + exp(-1.702 x)). exp is within 2e-7 of its value; below -87
     * and above 88 it stays as there. */
    void (*finish)(const okng_linear_finish *finish);
    /* The rows of Strassen's seven products, for the upper row [2 half] and the lower one (NULL: zeros) of a pair:
     * out + i * stride is row number i [count] of the elements begin..begin + count - 1 of each half. */
    void (*sums)(const float *upper, const float *lower, size_t half, size_t begin, size_t count, float *out,
                 size_t stride);
    /* row [columns] = softmax(scale * row), scale > 0; the row has room up to the next multiple of OKNG_LINEAR_LANES,
     * which is overwritten. */
    void (*softmax)(float *row, size_t columns, float scale);

    /* ---- for gradients ---- */
    /* A product whose rows lie side by side: element k of row r is rows[k * stride + r]. Columns as they lie. */
    void (*multiply_turned)(const okng_linear_product *product);
    /* softmax, that tells the logarithm of the sum of exp(scale * row). */
    float (*weigh)(float *row, size_t columns, float scale);
    /* The softmax of scores again, and the gradient by the scores from that by its results. */
    void (*weigh_back)(const okng_linear_weighing *weighing);
} okng_linear;

/* Strassen's products: the columns of product i come from the quarters of the matrix, [upper left, upper right, lower
 * left, lower right], each with a factor of -1, 0 or 1; then it goes to quarters of the result. Of a quarter the first
 * product that goes there is set, the others are added. */
enum { OKNG_STRASSEN_PRODUCTS = 7, OKNG_QUARTERS = 4 };
extern const signed char okng_strassen_columns[OKNG_STRASSEN_PRODUCTS][OKNG_QUARTERS];
extern const signed char okng_strassen_results[OKNG_STRASSEN_PRODUCTS][OKNG_QUARTERS];

/* A variant, NULL where okng_kernels_variant is, or where there is none of these kernels. */
const okng_linear *okng_linear_variant(okng_cpu cpu);
/* The one that goes with okng_kernels_get. NULL where that has no vectors for these: oneDNN is faster than the plain
 * one. */
const okng_linear *okng_linear_get(void);

#endif
