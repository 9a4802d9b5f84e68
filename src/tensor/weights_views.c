/* Weights whose tensors lie elsewhere. */
#include <stdlib.h>
#include <string.h>

#include "tensor/weights_build.h"

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
