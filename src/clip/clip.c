#include "clip/clip.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "clip/handle.h"
#include "net/clip_activation.h"
#include "net/layout.h"
#include "net/node.h"

/* ---- opening ---- */

static okng_status read_logit_scale(okng_clip *clip, okng_error *error)
{
    const okng_naming naming = okng_naming_clip(clip->weights);
    okng_tensor tensor;
    okng_error why = {0};
    float stored;
    clip->sizes.logit_scale = 100.0;
    if (!okng_naming_has(&naming, "logit_scale")) return OKNG_OK;
    const int64_t one[] = {1};
    okng_status status = okng_naming_tensor(&naming, "logit_scale", 0, one, &tensor, &why);
    if (status == OKNG_ERROR_MISMATCH) /* some have it as one number in a row */
        status = okng_naming_tensor(&naming, "logit_scale", 1, one, &tensor, error);
    else if (status != OKNG_OK && error)
        *error = why;
    if (status != OKNG_OK) return status;
    okng_to_float(tensor.array.dtype, tensor.array.data, 1, &stored);
    okng_tensor_release(&tensor);
    clip->sizes.logit_scale = exp((double)stored);
    if (isfinite(clip->sizes.logit_scale)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: logit_scale is %g, expected the logarithm of a finite number: the file is damaged or its "
                     "training diverged",
                     okng_weights_path(clip->weights), (double)stored);
}

/* Names and shapes of the whole image tower, and the input's sides. */
static okng_status check_image_tower(const okng_clip *clip, okng_error *error)
{
    okng_graph *graph;
    const okng_graph_request request = {.backbone = clip->backbone,
                                        .layers = (const char *const[]){"embedding"},
                                        .layer_count = 1,
                                        .height = clip->request.height,
                                        .width = clip->request.width,
                                        .activation = clip->request.activation,
                                        .positions = clip->request.positions};
    OKNG_TRY(okng_graph_build(&graph, &request, error));
    okng_status status = okng_graph_check_shapes(graph, clip->weights, NULL, error);
    okng_graph_free(&graph);
    return status;
}

static okng_status open_clip(okng_clip *clip, const okng_clip_request *request, okng_error *error)
{
    (void)snprintf(clip->backbone, sizeof clip->backbone, "%s", request->backbone);
    (void)snprintf(clip->device, sizeof clip->device, "%s", request->device ? request->device : "");
    clip->request = *request;
    OKNG_TRY(okng_clip_shape_of(clip->backbone, &clip->shape, error));
    OKNG_TRY(okng_engine_supports(clip->device, request->precision, error));
    if (request->activation == OKNG_ACTIVATION_AUTO) /* else it is settled, by a bank for one */
        OKNG_TRY(okng_clip_activation(clip->backbone, clip->weights, OKNG_ACTIVATION_AUTO, &clip->request.activation,
                                      error));
    OKNG_TRY(check_image_tower(clip, error));
    clip->sizes = (okng_clip_sizes){.rows = request->height / clip->shape.patch,
                                    .columns = request->width / clip->shape.patch,
                                    .width = clip->shape.width,
                                    .embedding = clip->shape.embedding,
                                    .text_width = clip->shape.text_width,
                                    .activation = clip->request.activation};
    return read_logit_scale(clip, error);
}

okng_status okng_clip_open(okng_clip **out, const okng_weights *weights, const okng_clip_request *request,
                           okng_error *error)
{
    *out = NULL;
    okng_clip *clip = calloc(1, sizeof *clip);
    if (!clip) return okng_fail_memory(error, sizeof *clip);
    (void)pthread_mutex_init(&clip->mutex, NULL);
    clip->weights = weights;
    okng_status status = open_clip(clip, request, error);
    if (status == OKNG_OK)
        *out = clip;
    else
        okng_clip_close(&clip);
    return status;
}

void okng_clip_close(okng_clip **clip)
{
    if (!clip || !*clip) return;
    okng_clip_engines_free(*clip);
    (void)pthread_mutex_destroy(&(*clip)->mutex);
    free(*clip);
    *clip = NULL;
}

void okng_clip_get_sizes(const okng_clip *clip, okng_clip_sizes *sizes)
{
    *sizes = clip->sizes;
}
