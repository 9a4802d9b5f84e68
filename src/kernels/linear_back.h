/* The kernels of linear.h that gradients want; a part of linear_vector.h. */
#ifndef OKNG_KERNELS_LINEAR_BACK_H
#define OKNG_KERNELS_LINEAR_BACK_H

/* ---- products of rows that lie side by side ---- */

INLINE void turned_tile(const okng_linear_product *p, size_t first, size_t rows)
{
    const float *at = p->rows + first;
    VECTOR sum[ROWS][VECTORS];
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < VECTORS; v++) sum[r][v] = SET(0.0f);
#pragma GCC unroll 4
    for (size_t k = 0; k < p->inner; k++, at += p->stride) {
        VECTOR right[VECTORS];
        for (size_t v = 0; v < VECTORS; v++) right[v] = LOAD(p->panel + k * PANEL + v * LANES);
#pragma GCC unroll 12
        for (size_t r = 0; r < rows; r++) {
            const VECTOR left = SET(at[r]);
            for (size_t v = 0; v < VECTORS; v++) sum[r][v] = FMA(left, right[v], sum[r][v]);
        }
    }
    for (size_t t = 0; t < p->target_count; t++)
#pragma GCC unroll 12
        for (size_t r = 0; r < rows; r++) put(&p->targets[t], (first + r) * p->out_stride, sum[r]);
}

static void multiply_turned(const okng_linear_product *p)
{
    const size_t tiles = (p->count + ROWS - 1) / ROWS;
    for (size_t tile = 0; tile < tiles; tile++) {
        const size_t first = tile * p->count / tiles, rows = (tile + 1) * p->count / tiles - first;
        switch (rows) {
#define CASE(rows)                                          \
    case rows:                                              \
        turned_tile(p, first, rows < ROWS ? (rows) : ROWS); \
        break
            CASE(1);
            CASE(2);
            CASE(3);
            CASE(4);
            CASE(5);
#if defined(LINEAR_TILE_OF_12)
            CASE(6);
            CASE(7);
            CASE(8);
            CASE(9);
            CASE(10);
            CASE(11);
#endif
#undef CASE
        default:
            turned_tile(p, first, ROWS);
        }
    }
}

/* ---- softmax ---- */

static float weigh(float *row, size_t columns, float scale)
{
    const float largest = largest_of(row, columns), total = weigh_row(row, columns, scale, largest);
    return scale * largest + logf(total);
}

static void weigh_back(const okng_linear_weighing *w)
{
    const VECTOR scale = SET(w->scale);
    for (size_t i = 0; i < w->count; i += LANES) {
        const VECTOR exponent = SUBTRACT(MULTIPLY(LOAD(w->scores + i), scale), LOAD(w->logs + i));
        const VECTOR weight = exponential(exponent);
        const VECTOR off = SUBTRACT(LOAD(w->gradients + i), LOAD(w->along + i));
        STORE(w->scores + i, weight);
        STORE(w->gradients + i, MULTIPLY(MULTIPLY(scale, weight), off));
    }
}

#endif
