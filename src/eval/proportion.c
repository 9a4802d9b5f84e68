#include "eval/proportion.h"

#include <float.h>
#include <math.h>

enum { MAX_TERMS = 10000, HALVINGS = 200 };

/* Keeps a factor of the continued fraction away from 0. */
static double not_zero(double value)
{
    return fabs(value) < DBL_MIN ? DBL_MIN : value;
}

/* The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8) from its top down, as a product
 * of ratios (Lentz). Converges in about sqrt(max(a, b)) terms below the function's middle. */
static double fraction(double a, double b, double x)
{
    double c = 1, d = 1 / not_zero(1 - (a + b) * x / (a + 1)), value = d;
    for (int m = 1; m <= MAX_TERMS; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / not_zero(1 + even * d);
        c = not_zero(1 + even / c);
        value *= c * d;
        d = 1 / not_zero(1 + odd * d);
        c = not_zero(1 + odd / c);
        value *= c * d;
        if (fabs(c * d - 1) < DBL_EPSILON) break;
    }
    return value;
}

static double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign); /* lgamma writes to a global */
}

double okng_incomplete_beta(double a, double b, double x)
{
    if (!(x > 0)) return 0;
    if (!(x < 1)) return 1;
    double front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2)) return front * fraction(a, b, x) / a;
    return 1 - front * fraction(b, a, 1 - x) / b;
}

/* x with I_x(a, b) = level, by halving: the function rises. */
static double beta_quantile(double a, double b, double level)
{
    double low = 0, high = 1;
    for (int i = 0; i < HALVINGS && high - low > DBL_EPSILON * high; i++) {
        double middle = low + (high - low) / 2;
        if (okng_incomplete_beta(a, b, middle) < level)
            low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2;
}

okng_interval okng_proportion_interval(uint64_t hits, uint64_t count, double confidence)
{
    double k = (double)hits, n = (double)count, beyond = (1 - confidence) / 2;
    return (okng_interval){.low = hits == 0 ? 0 : beta_quantile(k, n - k + 1, beyond),
                           .high = hits == count ? 1 : beta_quantile(k + 1, n - k, 1 - beyond)};
}
