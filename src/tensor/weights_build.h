/* How the readers of weight files hand over what they found. Private to tensor/. */
#ifndef OKNG_TENSOR_WEIGHTS_BUILD_H
#define OKNG_TENSOR_WEIGHTS_BUILD_H

#include "base/file.h"
#include "tensor/names.h"
#include "tensor/weights.h"

enum { OKNG_MAX_TENSORS = 1 << 20, OKNG_MAX_TENSOR_NAME = 4096 };

typedef struct okng_weights_entry {
    okng_array array; /* data is NULL when it is not contiguous */
    char *name;
} okng_weights_entry;

struct okng_weights {
    char *path;
    okng_map map;
    bool lenient; /* see okng_weights_open_checkpoint */
    bool mapped;  /* else the bytes are the caller's */
    okng_weights_entry *entries;
    size_t count, capacity;
    okng_name *index; /* sorted; item is the entry */
};

/* Adds a tensor: copies the name, checks it, and that shape and type make `bytes` bytes. `data` is inside the map, or
 * NULL for a tensor that is there but not contiguous. */
okng_status okng_weights_add(okng_weights *weights, const char *name, size_t length, const okng_array *array,
                             okng_error *error);

/* The readers, one per container. Each gets the whole file in weights->map and adds every tensor in it. */
okng_status okng_safetensors_read(okng_weights *weights, okng_error *error);
okng_status okng_pth_zip_read(okng_weights *weights, okng_error *error);
okng_status okng_pth_legacy_read(okng_weights *weights, okng_error *error);

/* What each container begins with. */
bool okng_safetensors_matches(const okng_map *map);
bool okng_pth_zip_matches(const okng_map *map);
bool okng_pth_legacy_matches(const okng_map *map);

#endif
