/* Regions of interest of a result. */
#include <math.h>

#include "base/sized.h"
#include "inspect/result.h"

size_t okng_result_roi_count(const okng_result *result)
{
    return result ? result->roi_count : 0;
}

okng_status okng_result_roi(const okng_result *result, size_t i, okng_found_roi *roi, okng_error *error)
{
    OKNG_TRY(okng_need(result, "the result", error));
    OKNG_TRY(okng_sized_check(roi, "the place for the region", error));
    if (i >= result->roi_count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "region of interest %zu of %zu", i, result->roi_count);
    const okng_roi_result *one = &result->rois[i];
    okng_found_roi full = okng_found_roi_of(&one->box, &one->match, one->found);
    full.score = one->found ? one->score : NAN;
    full.verdict = one->found ? okng_result_judge(result, one->score) : OKNG_VERDICT_NOT_FOUND;
    return okng_sized_give(roi, &full, sizeof full, "the place for the region", error);
}

/* {"name": "pin", "found": true, "match": 0.98, "box": [x, y, width, height], "angle": 0, "scale": 1, "score": 1.5,
 * "verdict": "OK"} */
json_t *okng_result_roi_json(const okng_result *result, size_t i)
{
    okng_found_roi roi = {.struct_size = sizeof roi};
    if (okng_result_roi(result, i, &roi, NULL) != OKNG_OK) return NULL;
    return json_pack("{s:s, s:b, s:f, s:[ffff], s:f, s:f, s:o, s:s}", "name", roi.name, "found", roi.found, "match",
                     roi.match, "box", roi.x, roi.y, roi.width, roi.height, "angle", roi.angle, "scale", roi.scale,
                     "score", okng_json_known((double)roi.score), "verdict", okng_verdict_text(roi.verdict));
}
