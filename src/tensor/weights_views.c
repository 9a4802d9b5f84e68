/* Weights whose tensors lie elsewhere, and are looked at before they are used. */
#include <stdlib.h>
#include <string.h>

#include "tensor/weights_build.h"

void okng_weights_lookout_free(okng_weights_lookout *lookout)
{
    if (!lookout) return;
    if (lookout->release) lookout->release(lookout->context);
    (void)pthread_mutex_destroy(&lookout->mutex);
    free(lookout);
}

static okng_status look_once(const okng_weights *weights, size_t i, okng_error *error)
{
    okng_weights_lookout *lookout = weights->lookout;
    okng_weights_entry *entry = &weights->entries[i];
    (void)pthread_mutex_lock(&lookout->mutex);
    okng_status status =
        atomic_load(&entry->looked) ? OKNG_OK : lookout->look(lookout->context, i, &entry->array, error);
    if (status == OKNG_OK) atomic_store(&entry->looked, true);
    (void)pthread_mutex_unlock(&lookout->mutex);
    return status;
}

okng_status okng_weights_look(const okng_weights *weights, size_t i, okng_error *error)
{
    okng_weights_entry *entry = &weights->entries[i];
    if (atomic_load(&entry->looked)) return OKNG_OK;
    const okng_weights *base = weights->base;
    if (weights->lookout && weights->lookout->look) return look_once(weights, i, error);
    if (!base || i >= base->count || !base->lookout) return OKNG_OK;
    OKNG_TRY(okng_weights_look(base, i, error));
    (void)pthread_mutex_lock(&base->lookout->mutex);
    entry->array.data = base->entries[i].array.data;
    (void)pthread_mutex_unlock(&base->lookout->mutex);
    atomic_store(&entry->looked, true);
    return OKNG_OK;
}

static okng_status add_all(okng_weights *weights, const okng_weights_views *views, okng_error *error)
{
    for (size_t i = 0; i < views->count; i++)
        OKNG_TRY(okng_weights_add(weights, views->tensors[i].name, strlen(views->tensors[i].name),
                                  views->tensors[i].array, error));
    OKNG_TRY(okng_weights_build_index(weights, error));
    if (views->note_count == 0) return OKNG_OK;
    weights->metadata = json_object();
    for (size_t i = 0; i < views->note_count; i++)
        okng_json_put(&weights->metadata, views->notes[i].key, json_string(views->notes[i].value));
    return weights->metadata ? OKNG_OK : okng_fail_memory(error, views->note_count);
}

okng_status okng_weights_of_views(okng_weights **out, const okng_weights_views *views, okng_error *error)
{
    *out = NULL;
    okng_weights *weights = calloc(1, sizeof *weights);
    char *path = strdup(views->path);
    okng_weights_lookout *lookout = malloc(sizeof *lookout);
    if (!weights || !path || !lookout) {
        free(weights);
        free(path);
        free(lookout);
        if (views->release) views->release(views->context);
        return okng_fail_memory(error, sizeof *weights);
    }
    *lookout = (okng_weights_lookout){.look = views->look, .release = views->release, .context = views->context};
    (void)pthread_mutex_init(&lookout->mutex, NULL);
    *weights = (okng_weights){.path = path, .lookout = lookout};
    okng_status status = add_all(weights, views, error);
    if (status == OKNG_OK)
        *out = weights;
    else
        okng_weights_close(&weights);
    return status;
}
