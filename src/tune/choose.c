/* Thresholds that people choose. */
#include <float.h>
#include <math.h>
#include <time.h>

#include "bank/tau_choice.h"
#include "base/sized.h"

static okng_status check_limits(const okng_bank_choice *choice, okng_error *error)
{
    const bool area = choice->sets_min_area && choice->min_area < -1;
    if (area || (choice->sets_max_count && choice->max_count < -1))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the limit %s is %lld, expected 0 or more, or -1 for none",
                         area ? "min-area" : "max-count", (long long)(area ? choice->min_area : choice->max_count));
    if (!choice->sets_max_length || isnan(choice->max_length) ||
        (choice->max_length >= 0 && isfinite(choice->max_length)))
        return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "the limit max-length is %g, expected a finite number from 0 on, or NaN for none",
                     choice->max_length);
}

static okng_status check(const okng_bank_choice *choice, okng_error *error)
{
    bool image = !choice->sets_image || fabsf(choice->image) <= FLT_MAX;
    bool pixel = !choice->sets_pixel || fabsf(choice->pixel) <= FLT_MAX;
    if (!image || !pixel)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the %s threshold is %g, expected a finite number",
                         image ? "pixel" : "image", (double)(image ? choice->pixel : choice->image));
    const float *band = choice->review;
    bool none = isnan(band[0]) && isnan(band[1]);
    OKNG_TRY(check_limits(choice, error));
    if (!choice->sets_review || none || (band[0] <= band[1] && fabsf(band[0]) <= FLT_MAX && fabsf(band[1]) <= FLT_MAX))
        return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "the review band is %g,%g, expected two finite numbers, the lower first", (double)band[0],
                     (double)band[1]);
}

okng_status okng_bank_choose(const char *bank_dir, const okng_bank_choice *choice, okng_error *error)
{
    okng_bank_choice full = {.struct_size = sizeof full};
    OKNG_TRY(okng_need(bank_dir, "the bank folder", error));
    OKNG_TRY(okng_sized_take(&full, sizeof full, choice, "the choice", error));
    OKNG_TRY(check(&full, error));
    char at[32];
    time_t now = time(NULL);
    struct tm utc;
    if (!gmtime_r(&now, &utc) || strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        return okng_fail(error, OKNG_ERROR_INTERNAL, "the time cannot be told");
    const okng_tau_change change = {.reset = full.reset != 0,
                                    .image = full.sets_image ? full.image : NAN,
                                    .pixel = full.sets_pixel ? full.pixel : NAN,
                                    .sets_review = full.sets_review != 0,
                                    .review = {full.review[0], full.review[1]},
                                    .sets_min_area = full.sets_min_area != 0,
                                    .sets_max_length = full.sets_max_length != 0,
                                    .sets_max_count = full.sets_max_count != 0,
                                    .limits = {.has_min_area = full.min_area >= 0,
                                               .has_max_length = !isnan(full.max_length),
                                               .has_max_count = full.max_count >= 0,
                                               .min_area = full.min_area,
                                               .max_length = full.max_length,
                                               .max_count = full.max_count},
                                    .by = full.by ? full.by : "okng_bank_choose",
                                    .at = at};
    return okng_bank_change_tau(bank_dir, &change, error);
}
