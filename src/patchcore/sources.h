/* Where the rows of a memory bank came from, and its file. Private to patchcore/. */
#ifndef OKNG_PATCHCORE_SOURCES_H
#define OKNG_PATCHCORE_SOURCES_H

#include <stdbool.h>

#include "features/pictures.h"
#include "method/picture_names.h"
#include "method/source.h"
#include "tensor/weights.h"

#define OKNG_SOURCES_FILE "sources.safetensors"

typedef struct okng_sources {
    int64_t count;   /* rows of the bank */
    int32_t *places; /* [count, 3]: picture * turns + turn, row and column of the grid */
    int32_t grid[3]; /* height, width, turns */
    int64_t pictures;
    int32_t *sizes; /* [pictures, 2]: width, height */
    int32_t *tiles; /* [pictures, 5]: of a bank of tiles, whose pictures are tiles: x, y, width and height of the
                       whole picture, place among its tiles; else NULL */
    okng_picture_names names; /* [pictures], relative to the folder */
    char *folder;             /* of all pictures, absolute; "" where there is none */
} okng_sources;

/* With places and sizes to be filled in. `grid`: height, width, turns. Errors: MEMORY. */
okng_status okng_sources_new(okng_sources **out, int64_t count, const okng_picture_names *pictures, const char *folder,
                             const int32_t grid[3], okng_error *error);
void okng_sources_free(okng_sources **sources); /* NULL is fine */
/* Makes room for `tiles`. Errors: MEMORY. */
okng_status okng_sources_add_tiles(okng_sources *sources, okng_error *error);
/* Tensors: "rows" int32 [count, 3], "grid" int32 [3], "sizes" int32 [pictures, 2], "names" and "folder" uint8; of a
 * bank of tiles "tiles" int32 [pictures, 5]. */
okng_status okng_sources_write(const okng_sources *sources, const char *path, okng_error *error);
/* Errors: FORMAT where a tensor has another shape than `count` rows ask for or a number is out of range; MEMORY. */
okng_status okng_sources_read(okng_sources **out, const okng_weights *file, int64_t count, okng_error *error);
/* The place of row i among the tiles of its picture; 0 of a bank of whole pictures. */
int32_t okng_sources_place(const okng_sources *sources, int64_t i);
/* False where row `i` is none. */
bool okng_sources_get(const okng_sources *sources, int64_t i, okng_source *out);

#endif
