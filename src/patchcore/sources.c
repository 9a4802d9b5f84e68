#include "patchcore/sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "tensor/array.h"

enum { TILE_NUMBERS = 5 };
enum { MAX_GRID = 65535, MAX_TURNS = 360, MAX_SIDE = 1 << 30 };

/* ---- in memory ---- */

static okng_status new_empty(okng_sources **out, int64_t count, int64_t pictures, okng_error *error)
{
    okng_sources *s = *out = calloc(1, sizeof *s);
    if (!s) return okng_fail_memory(error, sizeof *s);
    s->count = count;
    s->pictures = pictures;
    s->places = okng_alloc((size_t)count, 3 * sizeof *s->places);
    s->sizes = okng_alloc_zero((size_t)pictures, 2 * sizeof *s->sizes);
    if (s->places && s->sizes) return OKNG_OK;
    okng_sources_free(out);
    return okng_fail_memory(error, (size_t)count * 3 * sizeof(int32_t));
}

okng_status okng_sources_new(okng_sources **out, int64_t count, const okng_picture_names *pictures, const char *folder,
                             const int32_t grid[3], okng_error *error)
{
    OKNG_TRY(new_empty(out, count, pictures->count, error));
    memcpy((*out)->grid, grid, sizeof(*out)->grid);
    okng_status status =
        okng_picture_names_new(&(*out)->names, pictures->count, okng_picture_names_get, pictures, error);
    if (status == OKNG_OK && !((*out)->folder = strdup(folder))) status = okng_fail_memory(error, strlen(folder));
    if (status != OKNG_OK) okng_sources_free(out);
    return status;
}

void okng_sources_free(okng_sources **sources)
{
    if (!*sources) return;
    free((*sources)->places);
    free((*sources)->sizes);
    free((*sources)->tiles);
    okng_picture_names_free(&(*sources)->names);
    free((*sources)->folder);
    free(*sources);
    *sources = NULL;
}

okng_status okng_sources_add_tiles(okng_sources *s, okng_error *error)
{
    s->tiles = okng_alloc_zero((size_t)s->pictures, TILE_NUMBERS * sizeof *s->tiles);
    return s->tiles ? OKNG_OK : okng_fail_memory(error, (size_t)s->pictures * TILE_NUMBERS * sizeof *s->tiles);
}

int32_t okng_sources_place(const okng_sources *s, int64_t i)
{
    return s->tiles ? s->tiles[TILE_NUMBERS * (int64_t)(s->places[3 * i] / s->grid[2]) + 4] : 0;
}

bool okng_sources_get(const okng_sources *s, int64_t i, okng_source *out)
{
    if (i < 0 || i >= s->count) return false;
    const int32_t *place = s->places + 3 * i;
    int32_t turns = s->grid[2], picture = place[0] / turns;
    *out = (okng_source){.folder = s->folder,
                         .name = s->names.name[picture],
                         .width = s->sizes[2 * (int64_t)picture],
                         .height = s->sizes[2 * (int64_t)picture + 1],
                         .turn = place[0] % turns,
                         .turns = turns,
                         .grid_height = s->grid[0],
                         .grid_width = s->grid[1],
                         .row = place[1],
                         .column = place[2]};
    out->part_width = out->width;
    out->part_height = out->height;
    if (!s->tiles) return true;
    const int32_t *tile = s->tiles + TILE_NUMBERS * (int64_t)picture;
    out->part_x = tile[0];
    out->part_y = tile[1];
    out->width = tile[2];
    out->height = tile[3];
    return true;
}

/* ---- the file ---- */

static okng_array view(okng_dtype dtype, int32_t dims, int64_t rows, int64_t columns, const void *data)
{
    okng_array array = {.dtype = dtype, .dims = dims, .shape = {rows, columns}};
    array.data = (void *)(uintptr_t)data; /* written from, never to */
    (void)okng_shape_bytes(dtype, dims, array.shape, &array.bytes);
    return array;
}

okng_status okng_sources_write(const okng_sources *s, const char *path, okng_error *error)
{
    okng_array rows = view(OKNG_I32, 2, s->count, 3, s->places), grid = view(OKNG_I32, 1, 3, 0, s->grid);
    okng_array sizes = view(OKNG_I32, 2, s->pictures, 2, s->sizes);
    okng_array names = view(OKNG_U8, 1, (int64_t)s->names.bytes, 0, s->names.text);
    okng_array folder = view(OKNG_U8, 1, (int64_t)strlen(s->folder) + 1, 0, s->folder);
    okng_array tiles = view(OKNG_I32, 2, s->pictures, TILE_NUMBERS, s->tiles);
    const okng_named_array tensors[] = {{"rows", &rows},   {"grid", &grid},     {"sizes", &sizes},
                                        {"names", &names}, {"folder", &folder}, {"tiles", &tiles}};
    return okng_safetensors_write_arrays(path, tensors, sizeof tensors / sizeof *tensors - (s->tiles ? 0 : 1), error);
}

/* A tensor of this type; `columns` 0: of one dimension. `rows` -1: any number from 1 on. */
static okng_status tensor_of(const okng_weights *file, const char *name, okng_dtype dtype, int64_t rows,
                             int64_t columns, const okng_array **out, okng_error *error)
{
    OKNG_TRY(okng_weights_get(file, name, out, error));
    const okng_array *a = *out;
    if (a->dtype == dtype && a->dims == (columns > 0 ? 2 : 1) && (columns == 0 || a->shape[1] == columns) &&
        (rows < 0 ? a->shape[0] > 0 : a->shape[0] == rows))
        return OKNG_OK;
    char shape[96];
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s: tensor \"%s\" is %s %s, expected %s of another shape; build the bank anew",
                     okng_weights_path(file), name, okng_dtype_name(a->dtype),
                     okng_shape_text(a->dims, a->shape, shape, sizeof shape), okng_dtype_name(dtype));
}

static okng_status refuse(const okng_weights *file, const char *what, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s is out of range; build the bank anew", okng_weights_path(file),
                     what);
}

static okng_status read_names(okng_sources *s, const okng_array *names, const okng_array *folder,
                              const okng_weights *file, okng_error *error)
{
    bool fits;
    s->folder = malloc(folder->bytes);
    if (!s->folder) return okng_fail_memory(error, folder->bytes);
    memcpy(s->folder, folder->data, folder->bytes);
    if (memchr(s->folder, 0, folder->bytes) != s->folder + folder->bytes - 1 || (*s->folder && *s->folder != '/'))
        return refuse(file, "the folder of the pictures", error);
    OKNG_TRY(okng_picture_names_read(&s->names, s->pictures, names->data, names->bytes, &fits, error));
    return fits ? OKNG_OK : refuse(file, "a name of a picture", error);
}

static okng_status check_numbers(const okng_sources *s, const okng_weights *file, okng_error *error)
{
    const int32_t *grid = s->grid;
    if (grid[0] < 1 || grid[0] > MAX_GRID || grid[1] < 1 || grid[1] > MAX_GRID || grid[2] < 1 || grid[2] > MAX_TURNS)
        return refuse(file, "the grid", error);
    for (int64_t i = 0; i < 2 * s->pictures; i++)
        if (s->sizes[i] < 1 || s->sizes[i] > MAX_SIDE) return refuse(file, "the size of a picture", error);
    for (int64_t i = 0; s->tiles && i < s->pictures; i++) {
        const int32_t *tile = s->tiles + TILE_NUMBERS * i, *size = s->sizes + 2 * i;
        if (tile[2] < 1 || tile[2] > MAX_SIDE || tile[3] < 1 || tile[3] > MAX_SIDE || tile[0] < 0 || tile[1] < 0 ||
            tile[0] > tile[2] - size[0] || tile[1] > tile[3] - size[1] || tile[4] < 0 ||
            tile[4] >= OKNG_TILES_OF_PICTURE_MAX)
            return refuse(file, "a tile", error);
    }
    for (int64_t i = 0; i < s->count; i++) {
        const int32_t *place = s->places + 3 * i;
        if (place[0] < 0 || place[0] / grid[2] >= s->pictures || place[1] < 0 || place[1] >= grid[0] || place[2] < 0 ||
            place[2] >= grid[1])
            return refuse(file, "the place of a row", error);
    }
    return OKNG_OK;
}

static okng_status read_tiles(okng_sources *s, const okng_weights *file, okng_error *error)
{
    const okng_array *tiles;
    if (!okng_weights_find(file, "tiles")) return OKNG_OK;
    OKNG_TRY(tensor_of(file, "tiles", OKNG_I32, s->pictures, TILE_NUMBERS, &tiles, error));
    OKNG_TRY(okng_sources_add_tiles(s, error));
    memcpy(s->tiles, tiles->data, tiles->bytes);
    return OKNG_OK;
}

okng_status okng_sources_read(okng_sources **out, const okng_weights *file, int64_t count, okng_error *error)
{
    const okng_array *rows, *grid, *sizes, *names, *folder;
    *out = NULL;
    OKNG_TRY(tensor_of(file, "rows", OKNG_I32, count, 3, &rows, error));
    OKNG_TRY(tensor_of(file, "grid", OKNG_I32, 3, 0, &grid, error));
    OKNG_TRY(tensor_of(file, "sizes", OKNG_I32, -1, 2, &sizes, error));
    OKNG_TRY(tensor_of(file, "names", OKNG_U8, -1, 0, &names, error));
    OKNG_TRY(tensor_of(file, "folder", OKNG_U8, -1, 0, &folder, error));
    OKNG_TRY(new_empty(out, count, sizes->shape[0], error));
    memcpy((*out)->places, rows->data, rows->bytes);
    memcpy((*out)->sizes, sizes->data, sizes->bytes);
    memcpy((*out)->grid, grid->data, sizeof(*out)->grid);
    okng_status status = read_tiles(*out, file, error);
    if (status == OKNG_OK) status = read_names(*out, names, folder, file, error);
    if (status == OKNG_OK) status = check_numbers(*out, file, error);
    if (status != OKNG_OK) okng_sources_free(out);
    return status;
}
