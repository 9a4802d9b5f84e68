#include "features/tiled_pictures.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

enum { DECODED = 2 }; /* pictures in memory: where one ends and the next begins tiles of both are asked for */

/* A decoded picture, or one that is being decoded. */
typedef struct decoded {
    size_t picture; /* SIZE_MAX: none */
    okng_image rgb;
    int users;
    bool loading;
} decoded;

struct okng_tiled_pictures {
    okng_pictures whole;
    okng_tile *tiles;
    size_t count;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    decoded decoded[DECODED];
};

/* ---- the tiles --------------------------------------------------------------------------------------------------- */

static okng_status check_alike(const okng_tile_grid *first, const okng_tile_grid *now, bool alike, okng_error *error)
{
    if (alike && (first->width != now->width || first->height != now->height))
        return okng_fail(
            error, OKNG_ERROR_MISMATCH,
            "it is %dx%d, expected %dx%d as the first picture: a bank for each place wants pictures of one "
            "size; use tile-banks one",
            (int)now->width, (int)now->height, (int)first->width, (int)first->height);
    if (first->tile_width == now->tile_width && first->tile_height == now->tile_height) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_MISMATCH,
        "its %dx%d pixels come to tiles of %dx%d, expected %dx%d as those of the first picture; no picture "
        "may be smaller than the tile where others are not",
        (int)now->width, (int)now->height, (int)now->tile_width, (int)now->tile_height, (int)first->tile_width,
        (int)first->tile_height);
}

static okng_status add_tiles(okng_tiled_pictures *t, size_t picture, const okng_tile_grid *tiling, okng_error *error)
{
    const size_t more = (size_t)okng_tile_grid_count(tiling);
    okng_tile *tiles = realloc(t->tiles, (t->count + more) * sizeof *tiles);
    if (!tiles) return okng_fail_memory(error, (t->count + more) * sizeof *tiles);
    t->tiles = tiles;
    for (size_t i = 0; i < more; i++) {
        tiles[t->count] = okng_tile_grid_tile(tiling, (int32_t)i);
        tiles[t->count++].picture = picture;
    }
    return OKNG_OK;
}

static okng_status cut(okng_tiled_pictures *t, const okng_build_options *options, bool alike, okng_error *error)
{
    okng_tile_grid first = {0};
    for (size_t i = 0; i < t->whole.count; i++) {
        int32_t width, height;
        okng_tile_grid now;
        OKNG_TRY(okng_pictures_size(&t->whole, i, options->max_pixels, &width, &height, error));
        okng_status status = okng_tile_grid_of(&now, options, width, height, error);
        if (i == 0) first = now;
        if (status == OKNG_OK) status = check_alike(&first, &now, alike, error);
        if (status != OKNG_OK) return okng_error_context(error, status, "%s", okng_pictures_name(&t->whole, i));
        OKNG_TRY(add_tiles(t, i, &now, error));
    }
    return OKNG_OK;
}

okng_status okng_tiled_pictures_new(okng_tiled_pictures **out, const okng_pictures *pictures,
                                    const okng_build_options *options, bool alike, okng_error *error)
{
    okng_tiled_pictures *t = *out = calloc(1, sizeof *t);
    if (!t) return okng_fail_memory(error, sizeof *t);
    t->whole = *pictures;
    t->whole.shrink = NULL; /* tiles are cut from the whole picture */
    for (int i = 0; i < DECODED; i++) t->decoded[i].picture = SIZE_MAX;
    (void)pthread_mutex_init(&t->mutex, NULL);
    (void)pthread_cond_init(&t->changed, NULL);
    okng_status status = cut(t, options, alike, error);
    if (status != OKNG_OK) okng_tiled_pictures_free(out);
    return status;
}

void okng_tiled_pictures_free(okng_tiled_pictures **tiled)
{
    if (!tiled || !*tiled) return;
    for (int i = 0; i < DECODED; i++) okng_image_free(&(*tiled)->decoded[i].rgb);
    (void)pthread_cond_destroy(&(*tiled)->changed);
    (void)pthread_mutex_destroy(&(*tiled)->mutex);
    free((*tiled)->tiles);
    free(*tiled);
    *tiled = NULL;
}

/* ---- decoding ---------------------------------------------------------------------------------------------------- */

/* The place of the picture, or one that it may take; NULL: all are in use. The mutex is held. */
static decoded *find_place(okng_tiled_pictures *t, size_t picture)
{
    decoded *free_one = NULL;
    for (int i = 0; i < DECODED; i++) {
        decoded *d = &t->decoded[i];
        if (d->picture == picture) return d;
        if (d->users == 0 && (!free_one || d->picture == SIZE_MAX || d->picture < free_one->picture)) free_one = d;
    }
    return free_one;
}

/* The mutex is held, but not while the picture is decoded. */
static okng_status decode(okng_tiled_pictures *t, decoded *d, size_t picture, uint64_t max_pixels, okng_error *error)
{
    okng_image_free(&d->rgb);
    d->picture = picture;
    d->loading = true;
    (void)pthread_mutex_unlock(&t->mutex);
    okng_status status = okng_pictures_load(&t->whole, picture, max_pixels, &d->rgb, error);
    (void)pthread_mutex_lock(&t->mutex);
    d->loading = false;
    if (status != OKNG_OK) d->picture = SIZE_MAX; /* whoever waits for it tries, and fails, by itself */
    (void)pthread_cond_broadcast(&t->changed);
    return status;
}

/* The picture, which is not let go of before it is given back. The mutex is held. */
static okng_status borrow(okng_tiled_pictures *t, size_t picture, uint64_t max_pixels, decoded **out, okng_error *error)
{
    for (;;) {
        decoded *d = *out = find_place(t, picture);
        if (!d || (d->picture == picture && d->loading)) {
            (void)pthread_cond_wait(&t->changed, &t->mutex);
            continue;
        }
        d->users++;
        okng_status status = d->picture == picture ? OKNG_OK : decode(t, d, picture, max_pixels, error);
        if (status != OKNG_OK) d->users--;
        return status;
    }
}

static okng_status load(const void *context, size_t i, okng_decoding *how, okng_image *rgb, okng_error *error)
{
    okng_tiled_pictures *t = (okng_tiled_pictures *)(uintptr_t)context; /* what is decoded is no part of the list */
    const okng_tile *tile = &t->tiles[i];
    decoded *d;
    (void)pthread_mutex_lock(&t->mutex);
    okng_status status = borrow(t, tile->picture, how->max_pixels, &d, error);
    (void)pthread_mutex_unlock(&t->mutex);
    if (status != OKNG_OK) return status;
    if (d->rgb.width == tile->whole_width && d->rgb.height == tile->whole_height)
        status = okng_image_crop(&d->rgb, tile->x, tile->y, tile->width, tile->height, rgb, error);
    else
        status = okng_fail(error, OKNG_ERROR_IO, "%s: changed while it was read",
                           okng_pictures_name(&t->whole, tile->picture));
    (void)pthread_mutex_lock(&t->mutex);
    d->users--;
    (void)pthread_cond_broadcast(&t->changed);
    (void)pthread_mutex_unlock(&t->mutex);
    return status;
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

static const char *name(const void *context, size_t i)
{
    const okng_tiled_pictures *t = context;
    return okng_pictures_name(&t->whole, t->tiles[i].picture);
}

static okng_status size(const void *context, size_t i, uint64_t max_pixels, int32_t *width, int32_t *height,
                        okng_error *error)
{
    (void)max_pixels;
    (void)error;
    const okng_tiled_pictures *t = context;
    *width = t->tiles[i].width;
    *height = t->tiles[i].height;
    return OKNG_OK;
}

okng_pictures okng_tiled_pictures_list(okng_tiled_pictures *tiled)
{
    return (okng_pictures){.count = tiled->count,
                           .root = tiled->whole.root,
                           .context = tiled,
                           .name = name,
                           .load = load,
                           .bit_depth = tiled->whole.bit_depth,
                           .size = size,
                           .tiles = tiled->tiles};
}
