#include "history/drift.h"

#include <math.h>

double okng_ks_distance(const double *a, size_t a_count, const double *b, size_t b_count)
{
    double most = 0;
    for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
        const double at = a[i] < b[j] ? a[i] : b[j];
        while (i < a_count && a[i] <= at) i++;
        while (j < b_count && b[j] <= at) j++;
        most = fmax(most, fabs((double)i / (double)a_count - (double)j / (double)b_count));
    }
    return most;
}

/* The two samples in one order are a path from (0, 0) to (a_count, b_count), every one as likely; row[j] is the part of
 * those to (i, j) that were outside the strip at some point, and the last step of a path to (i, j) is one of `a` with
 * probability i / (i + j). Numbers are added, never subtracted, so that small ones are right. */
double okng_ks_p_value(size_t a_count, size_t b_count, double d, double *row)
{
    const double n = (double)a_count, m = (double)b_count;
    const double outside = (d - 1e-12) * n * m; /* differences are multiples of 1 / (n m) */
    for (size_t i = 0; i <= a_count; i++)
        for (size_t j = 0; j <= b_count; j++) {
            const double x = (double)i, y = (double)j;
            if (fabs(x * m - y * n) >= outside)
                row[j] = 1;
            else if (i == 0)
                row[j] = j == 0 ? 0 : row[j - 1];
            else
                row[j] = j == 0 ? row[j] : (row[j] * x + row[j - 1] * y) / (x + y);
        }
    return row[b_count];
}
