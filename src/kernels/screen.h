/* Integer products that screen rows: vectors rounded to codes, from whose exact integer products a bound of the
 * distance follows. Codes are bytes, of 8 bits where the CPU adds four products of bytes at once and of 7 where it adds
 * two, or 16-bit numbers elsewhere; a screen has one form of them. All values are integers, so variants of one form
 * give the same bits. */
#ifndef OKNG_KERNELS_SCREEN_H
#define OKNG_KERNELS_SCREEN_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/kernels.h"

enum {
    OKNG_SCREEN_PANEL = 16,     /* rows that are multiplied side by side */
    OKNG_SCREEN_UNIT = 4,       /* bytes of a row that lie together in a panel */
    OKNG_SCREEN_LINE = 64,      /* a row's codes fill a multiple of this many bytes */
    OKNG_SCREEN_MAX_DIM = 32768 /* more could overflow a sum of 32 bits */
};

/* What rounding a vector gave: t = (x - mean) * inverse, cut to -limit..limit, to the nearest integer. */
typedef struct okng_code {
    int32_t norm; /* sum of the codes' squares */
    int32_t sum;  /* of the codes */
    float error;  /* sum of (t - code)^2 */
} okng_code;

typedef struct okng_screen {
    const char *name;
    int32_t code_bytes; /* 1: a row holds uint8 code + bias, a query int8 code; 2: both hold int16 code */
    int32_t bias;       /* most + 1 for bytes, else 0 */
    int32_t most;       /* largest limit of a code; for 16 bits dim * limit^2 must be at most 2^30 as well */
    /* 0, or products are added in 16 bits for so many units of a query at a time, counted from its beginning: then of
     * the codes number 0 and 1 of these units, and of number 2 and 3, neither the positive nor the negative ones may
     * come to more than `most_of_run`. */
    int32_t run, most_of_run;

    /* Codes of x [dim] into `out` [bytes], which `codes_bytes * dim` must fit in; the rest are codes of 0. NaN becomes
     * some code. `mean` [dim] may be NULL. */
    okng_code (*encode)(const float *x, const float *mean, size_t dim, float inverse, float limit, int32_t bias,
                        uint8_t *out, size_t bytes);
    /* rows [count, bytes] to panels [ceil(count / 16)][bytes / 4][16][4]; the last panel's missing rows are zeros. */
    void (*pack)(const uint8_t *rows, size_t bytes, size_t count, uint8_t *panels);
    /* out[q * stride + r] = (row r * query q - offsets[r] - corrections[q]) >> shift, cut to 16 bits, for the rows of
     * `panels` panels; queries [query_count, bytes]. */
    void (*products)(const uint8_t *packed, const int32_t *offsets, size_t panels, size_t bytes, const uint8_t *queries,
                     const int32_t *corrections, size_t query_count, int32_t shift, int16_t *out, size_t stride);
    /* out[i] = row index[i] * query; rows [.., bytes], not packed. */
    void (*products_at)(const uint8_t *query, const uint8_t *rows, size_t bytes, const uint32_t *index, size_t count,
                        int32_t *out);
    int16_t (*largest)(const int16_t *values, size_t count); /* INT16_MIN of none */
    /* Positions of the values that are at least `threshold`, ascending; returns how many. */
    size_t (*at_least)(const int16_t *values, size_t count, int16_t threshold, uint32_t *found);
} okng_screen;

/* The best screen of a CPU kind, NULL where okng_kernels_variant is. */
const okng_screen *okng_screen_variant(okng_cpu cpu);
/* The one that goes with okng_kernels_get. */
const okng_screen *okng_screen_get(void);
/* The plain-C reference of a form: code_bytes 1 or 2. */
const okng_screen *okng_screen_reference(int32_t code_bytes);

#endif
