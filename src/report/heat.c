#include <math.h>

#include "report/report.h"

enum { UNSEEN = 64, THRESHOLD = 128, WHITE = 255 };

/* A scale without extent (threshold at or below low) is a step at the threshold. */
static uint8_t grey_of(float score, float low, float threshold, double slope)
{
    if (isnan(score)) return UNSEEN;
    if (!(threshold > low)) return score < threshold ? 0 : score > threshold ? WHITE : THRESHOLD;
    double grey = ((double)score - (double)low) * slope;
    if (!(grey > 0.0)) return 0;
    return grey >= (double)WHITE ? WHITE : (uint8_t)(grey + 0.5);
}

okng_status okng_report_heat(const float *map, int32_t height, int32_t width, float low, float threshold,
                             okng_image *grey, okng_error *error)
{
    if (!isfinite(low) || isnan(threshold))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "heat map from %g to threshold %g: expected numbers", (double)low,
                         (double)threshold);
    OKNG_TRY(okng_image_new(grey, width, height, 1, error));
    double slope = (double)THRESHOLD / ((double)threshold - (double)low);
    size_t pixels = (size_t)width * (size_t)height;
    for (size_t i = 0; i < pixels; i++) grey->pixels[i] = grey_of(map[i], low, threshold, slope);
    return OKNG_OK;
}
