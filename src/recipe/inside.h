/* A recipe from the inside. Private to recipe/. */
#ifndef OKNG_RECIPE_INSIDE_H
#define OKNG_RECIPE_INSIDE_H

#include <stdatomic.h>

#include "recipe/directory.h"
#include "recipe/map.h"
#include "recipe/recipe.h"

struct okng_recipe {
    char *path;
    atomic_size_t users;
    okng_map map;
    okng_recipe_header header;
    unsigned char signed_bytes[OKNG_RECIPE_SIGNED]; /* of the header */
    okng_directory directory;
    char **documents;      /* [document_count] copies, of the pieces' bytes and a NUL */
    atomic_bool *checked;  /* [tensor_count] */
    atomic_size_t damaged; /* a tensor that was asked for and is damaged, from 1; 0 where there is none */
};

/* check.c: tensor `i`, once for all. Errors: FORMAT, IO. */
okng_status okng_recipe_check_tensor(okng_recipe *recipe, size_t i, int threads, okng_error *error);
/* FORMAT where bytes are not those of the piece called `name`; IO where the file has changed, which explains it. */
okng_status okng_recipe_check_bytes(const okng_recipe *recipe, const okng_piece *piece, const unsigned char *bytes,
                                    int threads, const char *file, const char *name, okng_error *error);

#endif
