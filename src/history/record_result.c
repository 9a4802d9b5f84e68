/* What a record says of a result of the library. */
#include <math.h>

#include "base/json.h"
#include "history/record.h"

static okng_outcome outcome_of(okng_verdict verdict)
{
    switch (verdict) {
    case OKNG_VERDICT_OK:
        return OKNG_OUTCOME_OK;
    case OKNG_VERDICT_REVIEW:
        return OKNG_OUTCOME_REVIEW;
    case OKNG_VERDICT_NOT_FOUND:
        return OKNG_OUTCOME_NOT_FOUND;
    default: /* one that this version does not know is not OK */
        return OKNG_OUTCOME_NG;
    }
}

static json_t *region_json(const okng_region *region)
{
    json_t *object = json_object();
    okng_json_put(&object, "x", json_integer(region->x));
    okng_json_put(&object, "y", json_integer(region->y));
    okng_json_put(&object, "width", json_integer(region->width));
    okng_json_put(&object, "height", json_integer(region->height));
    okng_json_put(&object, "area", json_integer(region->area));
    okng_json_put(&object, "score", okng_json_known((double)region->peak));
    return object;
}

static okng_status take_regions(okng_record *record, const okng_result *result, okng_error *error)
{
    const size_t found = okng_result_region_count(result);
    const size_t count = found < OKNG_RECORD_REGIONS ? found : OKNG_RECORD_REGIONS;
    if (count == 0) return OKNG_OK;
    json_t *list = json_array();
    okng_status status = OKNG_OK;
    for (size_t i = 0; status == OKNG_OK && i < count; i++) {
        okng_region region;
        okng_init(&region);
        status = okng_result_region(result, i, &region, error);
        if (status == OKNG_OK) okng_json_add(&list, region_json(&region));
    }
    if (status == OKNG_OK)
        status = okng_json_text(list, JSON_COMPACT | JSON_REAL_PRECISION(9), "regions", &record->regions, NULL, error);
    json_decref(list);
    return status;
}

okng_status okng_record_take_result(okng_record *record, const okng_result *result, okng_error *error)
{
    float low = NAN, high = NAN;
    OKNG_TRY(take_regions(record, result, error));
    (void)okng_result_review(result, &low, &high);
    record->review_low = (double)low;
    record->review_high = (double)high;
    record->score = (double)okng_result_score(result);
    record->p_value = okng_result_p_value(result);
    record->image_threshold = (double)okng_result_image_threshold(result);
    record->pixel_threshold = (double)okng_result_pixel_threshold(result);
    record->outcome = outcome_of(okng_result_verdict(result));
    return OKNG_OK;
}
