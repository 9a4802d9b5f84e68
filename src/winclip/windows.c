#include "winclip/windows.h"

#include <math.h>
#include <string.h>

int64_t okng_windows_count(okng_patch_grid grid, int32_t scale)
{
    return (int64_t)(grid.rows - scale + 1) * (grid.columns - scale + 1);
}

void okng_windows_place(okng_patch_grid grid, int32_t scale, int64_t i, int32_t *row, int32_t *column)
{
    const int32_t across = grid.columns - scale + 1;
    *row = (int32_t)(i / across);
    *column = (int32_t)(i % across);
}

void okng_windows_gather(okng_patch_grid grid, int32_t scale, const float *tokens, int64_t width, int64_t first,
                         int64_t last, float *windows)
{
    const size_t token = (size_t)width * sizeof *tokens;
    for (int64_t i = first; i < last; i++) {
        int32_t row, column;
        okng_windows_place(grid, scale, i, &row, &column);
        memcpy(windows, tokens, token);
        windows += width;
        for (int32_t y = row; y < row + scale; y++) {
            const int64_t patch = 1 + (int64_t)y * grid.columns + column;
            memcpy(windows, tokens + patch * width, (size_t)scale * token);
            windows += scale * width;
        }
    }
}

/* The windows that cover a patch: those whose first row and column lie in these ranges. */
typedef struct covering {
    int32_t top, bottom, left, right; /* both ends among them */
} covering;

static covering covering_of(okng_patch_grid grid, int32_t scale, int32_t row, int32_t column)
{
    covering c = {row - scale + 1, row, column - scale + 1, column};
    if (c.top < 0) c.top = 0;
    if (c.left < 0) c.left = 0;
    if (c.bottom > grid.rows - scale) c.bottom = grid.rows - scale;
    if (c.right > grid.columns - scale) c.right = grid.columns - scale;
    return c;
}

void okng_windows_harmonic(okng_patch_grid grid, int32_t scale, const float *scores, float *means)
{
    const int64_t across = grid.columns - scale + 1;
    for (int32_t row = 0; row < grid.rows; row++)
        for (int32_t column = 0; column < grid.columns; column++) {
            const covering c = covering_of(grid, scale, row, column);
            double sum = 0;
            for (int32_t y = c.top; y <= c.bottom; y++)
                for (int32_t x = c.left; x <= c.right; x++) sum += 1.0 / (double)scores[y * across + x];
            const double windows = (double)(c.bottom - c.top + 1) * (c.right - c.left + 1), mean = windows / sum;
            means[(int64_t)row * grid.columns + column] = isfinite(mean) ? (float)mean : 0;
        }
}

int64_t okng_windows_highest(okng_patch_grid grid, int32_t scale, const float *scores, int32_t row, int32_t column)
{
    const int64_t across = grid.columns - scale + 1;
    const covering c = covering_of(grid, scale, row, column);
    int64_t best = c.top * across + c.left;
    for (int32_t y = c.top; y <= c.bottom; y++)
        for (int32_t x = c.left; x <= c.right; x++)
            if (scores[y * across + x] > scores[best]) best = y * across + x;
    return best;
}
