#include "align/find.h"

#include "align/search.h"

/* ---- the template ------------------------------------------------------------------------------------------------ */

static okng_status check_part(const okng_image *part, okng_error *error)
{
    if (part->width < OKNG_TEMPLATE_SIDE_MIN || part->height < OKNG_TEMPLATE_SIDE_MIN)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "the region is %d x %d pixels; a part to be found needs at least %d on each side", part->width,
                         part->height, OKNG_TEMPLATE_SIDE_MIN);
    if ((int64_t)part->width * part->height > OKNG_TEMPLATE_PIXELS_MAX)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the region has %d x %d pixels, expected at most %d", part->width,
                         part->height, OKNG_TEMPLATE_PIXELS_MAX);
    return OKNG_OK;
}

okng_status okng_template_make(okng_template *out, const okng_image *part, int threads, okng_error *error)
{
    *out = (okng_template){0};
    OKNG_TRY(check_part(part, error));
    okng_status status = okng_pyramid_build(&out->pyramid, part, OKNG_PYRAMID_LEVELS, threads, error);
    if (status == OKNG_OK) {
        for (int32_t i = 0; i < out->pyramid.count; i++) out->moments[i] = okng_level_moments(&out->pyramid.levels[i]);
        if (okng_moments_spread(out->moments[0]) == 0)
            status = okng_fail(error, OKNG_ERROR_ARGUMENT,
                               "the region is of one grey everywhere, so nothing of it can be found in other pictures; "
                               "take one with edges in it");
    }
    if (status != OKNG_OK) okng_template_free(out);
    return status;
}

void okng_template_free(okng_template *part)
{
    okng_pyramid_free(&part->pyramid);
    *part = (okng_template){0};
}

/* ---- the search -------------------------------------------------------------------------------------------------- */

okng_status okng_find(const okng_template *part, const okng_pyramid *picture, const okng_search *search, int threads,
                      okng_match *out, okng_error *error)
{
    const okng_level *small = &part->pyramid.levels[0], *large = &picture->levels[0];
    const bool upright = search->rotation == 0 && search->scale_low == 1 && search->scale_high == 1;
    *out = (okng_match){.pose = {large->width / 2.0, large->height / 2.0, 0, 1}};
    if (upright && (small->width > large->width || small->height > large->height)) return OKNG_OK;
    return upright ? okng_find_upright(part, picture, threads, out, error)
                   : okng_find_turned(part, picture, search, threads, out, error);
}
