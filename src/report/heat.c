#include <math.h>

#include "report/report.h"

enum { UNSEEN = 64, THRESHOLD = 128, WHITE = 255 };

/* A scale without extent (threshold at or below low) is a step at the threshold. */
static uint8_t step_of(float score, float threshold)
{
    return isnan(score) ? UNSEEN : score < threshold ? 0 : score > threshold ? WHITE : THRESHOLD;
}

/* Without a branch, so that several are done at once. */
static uint8_t grey_of(float score, double low, double slope)
{
    double grey = ((double)score - low) * slope;
    grey = grey > 0.0 ? grey : 0.0; /* of NaN too */
    grey = grey < (double)WHITE ? grey : (double)WHITE;
    const int shade = (int)(grey + 0.5);
    return (uint8_t)(score == score ? shade : UNSEEN);
}

okng_status okng_report_heat(const float *map, int32_t height, int32_t width, float low, float threshold,
                             okng_image *grey, okng_error *error)
{
    if (!isfinite(low) || isnan(threshold))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "heat map from %g to threshold %g: expected numbers", (double)low,
                         (double)threshold);
    OKNG_TRY(okng_image_new(grey, width, height, 1, error));
    const double slope = (double)THRESHOLD / ((double)threshold - (double)low);
    const size_t pixels = (size_t)width * (size_t)height;
    uint8_t *out = grey->pixels;
    if (threshold > low)
        for (size_t i = 0; i < pixels; i++) out[i] = grey_of(map[i], (double)low, slope);
    else
        for (size_t i = 0; i < pixels; i++) out[i] = step_of(map[i], threshold);
    return OKNG_OK;
}
