#include "model/explain.h"

/* Where row `nearest` of what was learnt came from. */
static okng_status find_source(const okng_member *member, int32_t nearest, okng_explanation *out, okng_error *error)
{
    const okng_method *method = member->method;
    okng_source *of = &out->of;
    if (nearest < 0 || !method->source || !method->source(member->model, nearest, of)) return OKNG_OK;
    okng_placement placement;
    OKNG_TRY(okng_placement_of(&member->file.config.options, of->part_width, of->part_height, &placement, error));
    out->near = okng_patch_box(&placement, of->grid_height, of->grid_width, of->row, of->column);
    out->near.x += of->part_x;
    out->near.y += of->part_y;
    out->source = of;
    return OKNG_OK;
}

/* A side of a box of the picture, in pixels of its map. */
static void scale_side(int32_t *begin, int32_t *length, int32_t map, int32_t picture)
{
    const int64_t from = (int64_t)*begin * map / picture;
    const int64_t to = (((int64_t)*begin + *length) * map + picture - 1) / picture;
    *begin = (int32_t)from;
    *length = (int32_t)(to - from);
}

/* By the tile that says most of the pixel. */
static okng_status explain_tile(const okng_member *member, const okng_scored *s, int32_t x, int32_t y,
                                okng_explanation *out, okng_error *error)
{
    const int32_t at_x = (int32_t)((2 * (int64_t)x + 1) * s->tiling.width / (2 * (int64_t)s->map_width));
    const int32_t at_y = (int32_t)((2 * (int64_t)y + 1) * s->tiling.height / (2 * (int64_t)s->map_height));
    const int32_t place = okng_tile_grid_at(&s->tiling, at_x, at_y);
    const okng_tile tile = okng_tile_grid_tile(&s->tiling, place);
    const okng_scored_tile *found = &s->tiles[place];
    int32_t row, column;
    if (!found->nearest) return OKNG_OK;
    okng_patch_at(&found->placement, s->grid_height, s->grid_width, at_x - tile.x, at_y - tile.y, &row, &column);
    out->patch = okng_patch_box(&found->placement, s->grid_height, s->grid_width, row, column);
    out->patch.x += tile.x;
    out->patch.y += tile.y;
    scale_side(&out->patch.x, &out->patch.width, s->map_width, s->tiling.width);
    scale_side(&out->patch.y, &out->patch.height, s->map_height, s->tiling.height);
    return find_source(member, found->nearest[(int64_t)row * s->grid_width + column], out, error);
}

okng_status okng_member_explain(const okng_member *member, const okng_scored *scored, int32_t x, int32_t y,
                                okng_explanation *out, okng_error *error)
{
    int32_t row, column;
    *out = (okng_explanation){.patch = {x, y, 1, 1}};
    if (scored->tiles) return explain_tile(member, scored, x, y, out, error);
    if (!scored->nearest) return OKNG_OK;
    okng_patch_at(&scored->placement, scored->grid_height, scored->grid_width, x, y, &row, &column);
    out->patch = okng_patch_box(&scored->placement, scored->grid_height, scored->grid_width, row, column);
    return find_source(member, scored->nearest[(int64_t)row * scored->grid_width + column], out, error);
}
