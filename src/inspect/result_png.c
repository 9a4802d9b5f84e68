/* What people look at of a result: drawn once here, for files and for memory. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/locale.h"
#include "inspect/result.h"
#include "report/report.h"

static okng_status copy_mask(const okng_image *mask, okng_image *out, okng_error *error)
{
    OKNG_TRY(okng_image_new(out, mask->width, mask->height, 1, error));
    memcpy(out->pixels, mask->pixels, (size_t)mask->width * (size_t)mask->height);
    return OKNG_OK;
}

/* Of a picture that lacks what is looked for, people want to see all. */
okng_status okng_result_draw_bare(const okng_result *result, okng_image *out, okng_error *error)
{
    const float *seen = result->lacks_region ? NULL : result->map;
    return okng_report_overlay(&result->picture, &result->mask, seen, result->overlay,
                               okng_report_verdict_colour(okng_result_verdict(result)), out, error);
}

/* "NG 3.214 > 2.871", "OK 2.51 at most 2.871"; with a band the ends that the score lies between. '=' is drawn as at
 * most. Where a limit of regions is passed, that length or number is told, and what is allowed. */
static void label_of(const okng_result *result, char *text, size_t size)
{
    okng_verdict verdict = okng_result_verdict(result);
    const char *name = okng_verdict_text(verdict);
    double score = (double)result->score, low = (double)result->review[0], high = (double)result->review[1];
    double tau = (double)result->image_tau;
    bool band = !isnan(low);
    double found, allowed;
    if (verdict == OKNG_VERDICT_NOT_FOUND)
        (void)snprintf(text, size, " %s ", name);
    else if (okng_result_exceeded(result, &found, &allowed) != OKNG_LIMIT_NONE)
        (void)snprintf(text, size, " %s %.4g > %.4g ", name, found, allowed);
    else if (verdict == OKNG_VERDICT_NG)
        (void)snprintf(text, size, " %s %.4g > %.4g ", name, score, band ? high : tau);
    else if (verdict == OKNG_VERDICT_OK)
        (void)snprintf(text, size, " %s %.4g = %.4g ", name, score, band ? low : tau);
    else
        (void)snprintf(text, size, " %s %.4g < %.4g = %.4g ", name, low, score, high);
}

static okng_status draw_overlay(const okng_result *result, okng_image *out, okng_error *error)
{
    char text[128];
    OKNG_TRY(okng_result_draw_bare(result, out, error));
    locale_t before = okng_locale_enter();
    label_of(result, text, sizeof text);
    okng_locale_leave(before);
    okng_status status =
        okng_report_label(out, &result->mask, text, okng_report_verdict_colour(okng_result_verdict(result)), error);
    if (status != OKNG_OK) okng_image_free(out);
    return status;
}

okng_status okng_result_draw(const okng_result *result, okng_result_picture kind, okng_image *out, okng_error *error)
{
    switch (kind) {
    case OKNG_PICTURE_HEAT:
        return okng_report_heat(result->map, result->picture.height, result->picture.width, result->heat_low,
                                result->heat_threshold, out, error);
    case OKNG_PICTURE_HEAT_COLOUR:
        return okng_report_heat_colour(result->map, result->picture.height, result->picture.width, result->heat_low,
                                       result->heat_threshold, out, error);
    case OKNG_PICTURE_MASK:
        return copy_mask(&result->mask, out, error);
    case OKNG_PICTURE_OVERLAY:
        return draw_overlay(result, out, error);
    }
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "picture %d of a result: there are heat, mask, overlay and heat colour", (int)kind);
}

okng_status okng_result_png(const okng_result *result, okng_result_picture kind, void **bytes, size_t *size,
                            okng_error *error)
{
    OKNG_TRY(okng_need(bytes, "the place for the bytes", error));
    *bytes = NULL;
    OKNG_TRY(okng_need(size, "the place for their number", error));
    *size = 0;
    OKNG_TRY(okng_need(result, "the result", error));
    okng_image image = {0};
    okng_status status = okng_result_draw(result, kind, &image, error);
    if (status == OKNG_OK) status = okng_image_encode_png(&image, "a picture of the result", bytes, size, error);
    okng_image_free(&image);
    return status;
}

void okng_bytes_free(void **bytes)
{
    if (!bytes) return;
    free(*bytes);
    *bytes = NULL;
}
