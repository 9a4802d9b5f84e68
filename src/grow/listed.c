#include "grow/listed.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void okng_grow_listed_take(okng_grow_listed *listed, size_t count)
{
    const char *first = okng_picture_list_path(listed->list, 0);
    listed->pictures = okng_pictures_of_paths(listed->paths, count);
    listed->pictures.root = strlen(first) - strlen(okng_picture_list_relative(listed->list, 0));
}

okng_status okng_grow_list(okng_grow_listed *listed, const char *folder, okng_error *error)
{
    *listed = (okng_grow_listed){0};
    OKNG_TRY(okng_picture_list_open(&listed->list, folder, error));
    const size_t count = okng_picture_list_count(listed->list);
    if (count == 0)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                         "%s: no pictures here or in its sub-folders; expected PNG, JPEG, BMP, TIFF, WebP, PNM or GIF",
                         folder);
    listed->paths = okng_alloc(count, sizeof *listed->paths);
    if (!listed->paths) return okng_fail_memory(error, count * sizeof *listed->paths);
    for (size_t i = 0; i < count; i++) listed->paths[i] = okng_picture_list_path(listed->list, i);
    okng_grow_listed_take(listed, count);
    return OKNG_OK;
}

void okng_grow_listed_free(okng_grow_listed *listed)
{
    okng_picture_list_free(&listed->list);
    free((void *)listed->paths);
    listed->paths = NULL;
}
