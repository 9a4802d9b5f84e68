#include "model/explain.h"

okng_status okng_member_explain(const okng_member *member, const okng_scored *scored, int32_t x, int32_t y,
                                okng_explanation *out, okng_error *error)
{
    const okng_method *method = member->method;
    int32_t row, column;
    *out = (okng_explanation){.patch = {x, y, 1, 1}};
    if (!scored->nearest) return OKNG_OK;
    okng_patch_at(&scored->placement, scored->grid_height, scored->grid_width, x, y, &row, &column);
    out->patch = okng_patch_box(&scored->placement, scored->grid_height, scored->grid_width, row, column);
    int32_t nearest = scored->nearest[(int64_t)row * scored->grid_width + column];
    if (nearest < 0 || !method->source || !method->source(member->model, nearest, &out->of)) return OKNG_OK;
    okng_placement placement;
    OKNG_TRY(okng_placement_of(&member->file.config.options, out->of.width, out->of.height, &placement, error));
    out->near = okng_patch_box(&placement, out->of.grid_height, out->of.grid_width, out->of.row, out->of.column);
    out->source = &out->of;
    return OKNG_OK;
}
