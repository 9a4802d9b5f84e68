/* A .safetensors file in memory with every tensor that a graph needs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/rng.h"
#include "bench/made.h"
#include "net/node.h"

static size_t elements(const okng_param *param)
{
    return (size_t)okng_shape_elements(&param->shape);
}

/* Calls `visit` for every parameter, in order. */
static void visit_params(const okng_graph *graph, void (*visit)(const okng_param *param, void *context), void *context)
{
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i].param_count; k++) visit(&graph->nodes[i].params[k], context);
}

/* ---- the header ---- */

typedef struct header {
    json_t *entries;
    size_t floats;
} header;

static void describe(const okng_param *param, void *context)
{
    header *h = context;
    json_t *shape = json_array();
    for (int k = 0; k < param->shape.rank; k++) okng_json_add(&shape, json_integer(param->shape.dims[k]));
    size_t end = h->floats + elements(param);
    okng_json_put(&h->entries, param->name,
                  json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape, "data_offsets",
                            (json_int_t)(h->floats * sizeof(float)), (json_int_t)(end * sizeof(float))));
    h->floats = end;
}

/* ---- the values ---- */

typedef struct filler {
    okng_rng rng;
    float *next;
} filler;

/* Uniform; convolutions by He's rule, so that what passes a ReLU keeps its scale; batch norms halve, because residual
 * sums double. */
static void fill(const okng_param *param, void *context)
{
    filler *f = context;
    float scale = 0.1f, base = 0.0f;
    if (param->role == OKNG_ROLE_WEIGHT)
        scale = sqrtf(6.0f / (float)(okng_shape_elements(&param->shape) / param->shape.dims[0]));
    if (param->role == OKNG_ROLE_SCALE) base = 0.5f;
    if (param->role == OKNG_ROLE_VARIANCE) base = 1.0f;
    size_t count = elements(param);
    for (size_t i = 0; i < count; i++)
        *f->next++ = base + scale * ((float)(okng_rng_u32(&f->rng) >> 8) * 0x1p-23f - 1.0f);
}

okng_status okng_made_weights(okng_weights **out, void **bytes, const okng_graph *graph, okng_error *error)
{
    *out = NULL;
    *bytes = NULL;
    header h = {.entries = json_object()};
    visit_params(graph, describe, &h);
    char *text;
    okng_status status = okng_json_text(h.entries, JSON_COMPACT, "made weights", &text, NULL, error);
    json_decref(h.entries);
    if (status != OKNG_OK) return status;
    /* The length of the header, then the header, blanks up to where floats may lie, the floats. */
    size_t length = (strlen(text) + 7) / 8 * 8, size = 8 + length + h.floats * sizeof(float);
    unsigned char *file = okng_alloc(size, 1);
    if (!file) {
        free(text);
        return okng_fail_memory(error, size);
    }
    for (int i = 0; i < 8; i++) file[i] = (unsigned char)((uint64_t)length >> (8 * i));
    memset(file + 8, ' ', length);
    memcpy(file + 8, text, strlen(text));
    free(text);
    filler f = {okng_rng_new(0, OKNG_STREAM_BENCH), (float *)(void *)(file + 8 + length)};
    visit_params(graph, fill, &f);
    status = okng_weights_open_memory(out, file, size, "made weights", error);
    if (status == OKNG_OK)
        *bytes = file;
    else
        free(file);
    return status;
}
