/* Whether a recipe's bytes are those that were packed. */
#include <inttypes.h>
#include <string.h>

#include "base/parallel.h"
#include "base/xxh64.h"
#include "recipe/inside.h"

typedef struct checking {
    const okng_piece *piece;
    const unsigned char *bytes;
    atomic_bool bad;
} checking;

static void check_blocks(void *context, int64_t begin, int64_t end, int thread)
{
    checking *c = context;
    (void)thread;
    for (int64_t i = begin; i < end && !atomic_load(&c->bad); i++) {
        const size_t at = (size_t)i * OKNG_RECIPE_BLOCK, left = (size_t)c->piece->bytes - at;
        const size_t size = left < OKNG_RECIPE_BLOCK ? left : OKNG_RECIPE_BLOCK;
        if (okng_xxh64(c->bytes + at, size) != c->piece->sums[i]) atomic_store(&c->bad, true);
    }
}

static okng_status fail_damaged(const okng_recipe *recipe, const char *file, const char *name, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s: %s%s%s is damaged: it is not what was packed; copy the recipe again, or pack the bank again",
                     recipe->path, file, *name ? " " : "", name);
}

okng_status okng_recipe_check_bytes(const okng_recipe *recipe, const okng_piece *piece, const unsigned char *bytes,
                                    int threads, const char *file, const char *name, okng_error *error)
{
    checking c = {.piece = piece, .bytes = bytes};
    okng_parallel_for(threads, (int64_t)okng_piece_blocks(piece->bytes), 4, check_blocks, &c);
    if (!atomic_load(&c.bad)) return OKNG_OK;
    OKNG_TRY(okng_recipe_settled(recipe, error));
    return fail_damaged(recipe, file, name, error);
}

okng_status okng_recipe_check_tensor(okng_recipe *recipe, size_t i, int threads, okng_error *error)
{
    const okng_recipe_tensor *tensor = &recipe->directory.tensors[i];
    okng_recipe_guard();
    if (atomic_load(&recipe->checked[i])) return OKNG_OK;
    okng_status status = okng_recipe_check_bytes(recipe, &tensor->piece, recipe->map.data + tensor->piece.at, threads,
                                                 tensor->file, tensor->name, error);
    if (status == OKNG_OK) atomic_store(&recipe->checked[i], true);
    if (status == OKNG_ERROR_FORMAT) atomic_store(&recipe->damaged, i + 1);
    return status;
}

okng_status okng_recipe_check(okng_recipe *recipe, const char *file, int threads, okng_error *error)
{
    const okng_directory *d = &recipe->directory;
    for (size_t i = 0; i < d->tensor_count; i++)
        if (!file || strcmp(d->tensors[i].file, file) == 0)
            OKNG_TRY(okng_recipe_check_tensor(recipe, i, threads, error));
    return okng_recipe_settled(recipe, error);
}

void okng_recipe_guard(void)
{
    okng_map_guard();
}

okng_status okng_recipe_settled(const okng_recipe *recipe, okng_error *error)
{
    OKNG_TRY(okng_map_settled(&recipe->map, error));
    const size_t damaged = atomic_load(&recipe->damaged);
    if (damaged == 0) return OKNG_OK;
    const okng_recipe_tensor *tensor = &recipe->directory.tensors[damaged - 1];
    return fail_damaged(recipe, tensor->file, tensor->name, error);
}
