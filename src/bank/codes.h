/* Vectors as small integers, whose products bound distances from below. A vector x of `dim` numbers becomes
 * t = (x - mean) / step, cut to -limit..limit, then rounded. Cutting brings no two vectors apart, so
 *   |x - y| / step >= |cut(t_x) - cut(t_y)| >= |code_x - code_y| - e_x - e_y
 * with e the rounding errors' lengths: a row can only be within `reach` of a query when the distance of their codes is
 * at most reach / step + e_x + e_y. Everything about codes is exact in integers. Private to bank/. */
#ifndef OKNG_BANK_CODES_H
#define OKNG_BANK_CODES_H

#include "base/error.h"
#include "kernels/screen.h"

/* How vectors of one kind become codes. */
typedef struct okng_coding {
    const okng_screen *screen;
    size_t dim, bytes; /* of a vector: numbers; its codes */
    const float *mean; /* [dim], borrowed; NULL = 0 */
    float inverse;     /* 1 / step */
    float limit;
} okng_coding;

/* `cut`: how far from the mean a number may be before it is cut. `line`: a vector's codes fill a multiple of so many
 * bytes: OKNG_SCREEN_LINE, or of those that are only multiplied in panels OKNG_CODES_SHORT_LINE. */
enum { OKNG_CODES_SHORT_LINE = 16 };
okng_coding okng_coding_of(const okng_screen *screen, size_t dim, const float *mean, float cut, size_t line);

/* A vector's codes, besides the bytes. */
typedef struct okng_coded {
    int32_t norm, sum;
    double error; /* at least the length of the rounding error, in steps */
} okng_coded;
okng_coded okng_coding_row(const okng_coding *coding, const float *x, uint8_t *out);
okng_coded okng_coding_query(const okng_coding *coding, const float *x, uint8_t *out);

/* A row may be within `reach` of the query, in the unit of the vectors, only when row * query - (row's norm) / 2 is at
 * least this. `row_error`: the largest of the rows. */
int32_t okng_coding_threshold(const okng_coding *coding, const okng_coded *query, double row_error, double reach);

/* Bits to drop so that products of vectors of these norms, less half the row's norm, fit 16 bits. */
int32_t okng_coding_shift(double row_norm, double query_norm);

#endif
