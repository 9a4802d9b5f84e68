/* A look at the data of tensors that lie elsewhere, before they are used. */
#include <stdlib.h>

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
