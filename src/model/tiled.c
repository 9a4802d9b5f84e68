#include "model/tiled.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/each.h"
#include "base/memory.h"

enum { TOGETHER = 32 }; /* tiles whose maps are in memory at a time */

bool okng_is_tiled(const okng_build_options *options)
{
    return options->tile_height > 0;
}

static okng_status check_options(const okng_build_options *options, okng_error *error)
{
    const bool place = options->tile_banks == OKNG_TILE_BANKS_PLACE;
    if (options->crop > 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "crop does not go with tile: of every tile its border would never be looked at");
    if (!place || (options->sampler != OKNG_SAMPLER_KMEANS && strcmp(options->method, "patchcore") == 0))
        return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "tile-banks place: expected the method patchcore and another sampler than kmeans, whose rows are "
                     "of no place");
}

okng_status okng_tile_pictures(okng_tiled_pictures **tiled, okng_pictures *pictures, const okng_build_options *options,
                               okng_error *error)
{
    *tiled = NULL;
    if (!okng_is_tiled(options)) return OKNG_OK;
    OKNG_TRY(check_options(options, error));
    OKNG_TRY(okng_tiled_pictures_new(tiled, pictures, options, options->tile_banks == OKNG_TILE_BANKS_PLACE, error));
    *pictures = okng_tiled_pictures_list(*tiled);
    return OKNG_OK;
}

/* ---- inspecting -------------------------------------------------------------------------------------------------- */

/* A picture on its way. */
typedef struct looking {
    const okng_member *member;
    const okng_image *whole;
    okng_tile_grid tiling;
    int32_t first; /* tile of those that are together */
    int threads;   /* within a tile */
    okng_scored tiles[TOGETHER];
} looking;

static okng_status look_at_tile(void *context, int64_t i, int thread, okng_error *error)
{
    (void)thread;
    looking *l = context;
    const okng_tile tile = okng_tile_grid_tile(&l->tiling, l->first + (int32_t)i);
    const okng_method *method = l->member->method;
    okng_image rgb;
    OKNG_TRY(okng_image_crop(l->whole, tile.x, tile.y, tile.width, tile.height, &rgb, error));
    okng_scored *scored = &l->tiles[i];
    okng_status status = method->inspect_place
                             ? method->inspect_place(l->member->model, tile.place, &rgb, l->threads, scored, error)
                             : method->inspect(l->member->model, &rgb, l->threads, scored, error);
    okng_image_free(&rgb);
    free(scored->map); /* the blend makes it from the map of the input */
    scored->map = NULL;
    return status;
}

/* Takes what a tile has to say over into the whole. */
static void take_tile(looking *l, int32_t i, okng_blend *blend, okng_scored *sum)
{
    const int32_t place = l->first + i;
    okng_scored *tile = &l->tiles[i];
    okng_blend_add(blend, place, &tile->placement, tile->input_map);
    if (place == 0 || okng_score_is_higher(tile->score, sum->score)) sum->score = tile->score;
    for (int s = 0; s < OKNG_STAGE_COUNT; s++) sum->stages.seconds[s] += tile->stages.seconds[s];
    sum->tiles[place].placement = sum->placement = tile->placement;
    sum->grid_height = tile->grid_height;
    sum->grid_width = tile->grid_width;
    sum->tiles[place].nearest = tile->nearest;
    tile->nearest = NULL;
    if (okng_tile_grid_count(&l->tiling) > 1) return;
    sum->input_map = tile->input_map; /* of a picture that is one tile */
    tile->input_map = NULL;
}

static okng_status look_at_all(looking *l, int threads, okng_blend *blend, okng_scored *sum, okng_error *error)
{
    const int32_t count = okng_tile_grid_count(&l->tiling);
    okng_status status = OKNG_OK;
    for (l->first = 0; l->first < count && status == OKNG_OK; l->first += TOGETHER) {
        const int32_t together = count - l->first < TOGETHER ? count - l->first : TOGETHER;
        memset(l->tiles, 0, sizeof l->tiles);
        status = okng_each(threads, together, look_at_tile, l, NULL, "the inspection", error);
        for (int32_t i = 0; i < together; i++) {
            if (status == OKNG_OK) take_tile(l, i, blend, sum);
            okng_scored_free(&l->tiles[i]);
        }
    }
    return status;
}

static okng_status check_size(const okng_bank_config *config, const okng_tile_grid *t, okng_error *error)
{
    if (config->whole_height > 0 && (t->width != config->whole_width || t->height != config->whole_height))
        return okng_fail(
            error, OKNG_ERROR_MISMATCH,
            "the picture is %dx%d, expected %dx%d as the good ones: the bank holds every tile against those "
            "of its place",
            (int)t->width, (int)t->height, (int)config->whole_width, (int)config->whole_height);
    if (t->tile_width == config->picture_width && t->tile_height == config->picture_height) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "the picture is %dx%d, which comes to tiles of %dx%d, expected %dx%d as the good ones",
                     (int)t->width, (int)t->height, (int)t->tile_width, (int)t->tile_height, (int)config->picture_width,
                     (int)config->picture_height);
}

static okng_status blend_all(looking *l, const okng_image *rgb, int threads, okng_scored *sum, okng_error *error)
{
    const size_t pixels = (size_t)rgb->width * (size_t)rgb->height;
    const int32_t count = okng_tile_grid_count(&l->tiling);
    okng_blend *blend = NULL;
    *sum = (okng_scored){.tiling = l->tiling, .map_height = rgb->height, .map_width = rgb->width};
    sum->map = okng_alloc(pixels, sizeof *sum->map);
    sum->tiles = okng_alloc_zero((size_t)count, sizeof *sum->tiles);
    if (!sum->map || !sum->tiles) return okng_fail_memory(error, pixels * sizeof *sum->map);
    OKNG_TRY(okng_blend_new(&blend, &l->tiling, sum->map, rgb->height, rgb->width, error));
    okng_status status = look_at_all(l, threads, blend, sum, error);
    okng_blend_free(&blend);
    return status;
}

okng_status okng_tiled_inspect(const okng_member *member, const okng_image *rgb, int threads, okng_scored *scored,
                               okng_error *error)
{
    const okng_image *whole = rgb->resized && rgb->resized->pixels ? rgb->resized : rgb;
    const okng_bank_config *config = &member->file.config;
    okng_tile_grid tiling;
    *scored = (okng_scored){0};
    OKNG_TRY(okng_tile_grid_of(&tiling, &config->options, whole->width, whole->height, error));
    OKNG_TRY(check_size(config, &tiling, error));
    looking *l = okng_alloc(1, sizeof *l);
    if (!l) return okng_fail_memory(error, sizeof *l);
    *l = (looking){.member = member, .whole = whole, .tiling = tiling};
    l->threads = okng_tile_grid_count(&tiling) == 1 ? threads : 1;
    okng_status status = blend_all(l, rgb, threads, scored, error);
    free(l);
    if (status != OKNG_OK) okng_scored_free(scored);
    return status;
}
