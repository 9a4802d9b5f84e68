#include "kernels/variants.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <math.h>
#include <string.h>

enum { LANES = OKNG_KERNELS_LANES, WIDTH = 4, VECTORS = LANES / WIDTH, ROWS = 4 };

/* Four rows by 16 columns, of which `width` are stored, for `valid` of the rows. */
static void tile(const float *const *row, size_t valid, size_t dim, const float *matrix, size_t stride, size_t width,
                 float *out, size_t columns)
{
    float32x4_t sums[ROWS][VECTORS];
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < VECTORS; v++) sums[r][v] = vdupq_n_f32(0);
    for (size_t d = 0; d < dim; d++)
        for (int v = 0; v < VECTORS; v++) {
            float32x4_t entry = vld1q_f32(matrix + d * stride + v * WIDTH);
            for (int r = 0; r < ROWS; r++) sums[r][v] = vfmaq_n_f32(sums[r][v], entry, row[r][d]);
        }
    for (size_t r = 0; r < valid; r++) {
        float stored[LANES];
        for (int v = 0; v < VECTORS; v++) {
            uint32x4_t number = vceqq_f32(sums[r][v], sums[r][v]);
            vst1q_f32(stored + v * WIDTH, vbslq_f32(number, sums[r][v], vdupq_n_f32(NAN)));
        }
        memcpy(out + r * columns, stored, width * sizeof *stored);
    }
}

void okng_project_neon(const float *rows, size_t count, size_t dim, const float *matrix, size_t stride, size_t columns,
                       float *out)
{
    const float *row[ROWS];
    for (size_t r = 0; r < count; r += ROWS) {
        for (size_t j = 0; j < ROWS; j++) row[j] = rows + okng_kernels_clamp(r + j, count) * dim;
        size_t valid = count - r < ROWS ? count - r : ROWS;
        for (size_t c = 0; c < columns; c += LANES)
            tile(row, valid, dim, matrix + c, stride, columns - c < LANES ? columns - c : LANES, out + r * columns + c,
                 columns);
    }
}

#endif
