/* Weights of two sources seen as one. */
#include <stdlib.h>
#include <string.h>

#include "tensor/weights_build.h"

static okng_status add_entry(okng_weights *weights, const okng_weights_entry *entry, okng_error *error)
{
    const okng_name name = {entry->name, strlen(entry->name), 0};
    if (!entry->type) return okng_weights_add(weights, name.text, name.length, &entry->array, error);
    const okng_name type = {entry->type, strlen(entry->type), 0};
    return okng_weights_add_other(weights, &name, &type, &entry->array, error);
}

static okng_status add_all(okng_weights *weights, const okng_weights *base, const okng_named_array *others,
                           size_t count, okng_error *error)
{
    for (size_t i = 0; i < base->count; i++) OKNG_TRY(add_entry(weights, &base->entries[i], error));
    for (size_t i = 0; i < count; i++)
        OKNG_TRY(okng_weights_add(weights, others[i].name, strlen(others[i].name), others[i].array, error));
    return okng_weights_build_index(weights, error);
}

okng_status okng_weights_join(okng_weights **out, const okng_weights *base, const okng_named_array *others,
                              size_t count, okng_error *error)
{
    *out = NULL;
    okng_weights *weights = calloc(1, sizeof *weights);
    char *path = strdup(base->path);
    if (!weights || !path) {
        free(weights);
        free(path);
        return okng_fail_memory(error, sizeof *weights);
    }
    *weights = (okng_weights){.path = path,
                              .file = base->file,
                              .script = base->script,
                              .metadata = json_incref(base->metadata),
                              .base = base};
    okng_status status = add_all(weights, base, others, count, error);
    if (status == OKNG_OK)
        *out = weights;
    else
        okng_weights_close(&weights);
    return status;
}
