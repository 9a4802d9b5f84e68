/* Thresholds that people choose. */
#include <float.h>
#include <math.h>
#include <time.h>

#include "bank/tau_choice.h"
#include "base/sized.h"

static okng_status check(const okng_bank_choice *choice, okng_error *error)
{
    bool image = !choice->sets_image || fabsf(choice->image) <= FLT_MAX;
    bool pixel = !choice->sets_pixel || fabsf(choice->pixel) <= FLT_MAX;
    if (!image || !pixel)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the %s threshold is %g, expected a finite number",
                         image ? "pixel" : "image", (double)(image ? choice->pixel : choice->image));
    const float *band = choice->review;
    bool none = isnan(band[0]) && isnan(band[1]);
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
                                    .by = full.by ? full.by : "okng_bank_choose",
                                    .at = at};
    return okng_bank_change_tau(bank_dir, &change, error);
}
