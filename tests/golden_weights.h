/* Networks' weights made from their names, for tests: too large to commit, and the same bits here and in
 * golden/make_net.py.
 *
 * Element i of the tensor `name` comes from the 24 high bits u of splitmix64(fnv1a64(name) + i), as the exact float
 * r = (u - 2^23) / 2^23 in [-1, 1):
 *   convolutions, linear  weight r * sqrtf(6 / fan_in)    (He: keeps the scale of what passes a ReLU), bias r / 4
 *   norms, layer scale    weight and gamma 1/2 + r / 4, running_var 1 + r / 2, bias and running_mean r / 4
 *   tokens, positions     2 r    (tensors [1, N, C])
 * so that activations keep their size through the 50 blocks of resnet152.
 * Every operation is one correctly rounded float32 operation. */
#ifndef OKNG_TESTS_GOLDEN_WEIGHTS_H
#define OKNG_TESTS_GOLDEN_WEIGHTS_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/node.h"

static inline uint64_t okng_golden_hash(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *name; name++) hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
    return hash;
}

static inline uint64_t okng_golden_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* r of element i under the hash of a name. */
static inline float okng_golden_uniform(uint64_t hash, uint64_t i)
{
    int32_t u = (int32_t)(okng_golden_mix(hash + i) >> 40);
    return (float)(u - 0x800000) * 0x1p-23f;
}

/* Fills a picture (or any input): `count` floats 2 r under the name "input". */
static inline void okng_golden_input(float *out, size_t count)
{
    uint64_t hash = okng_golden_hash("input");
    for (size_t i = 0; i < count; i++) out[i] = okng_golden_uniform(hash, i) * 2.0f;
}

static inline size_t okng_golden_elements(const okng_param *param)
{
    return (size_t)okng_shape_elements(&param->shape);
}

static inline void okng_golden_fill(const okng_param *param, float *out)
{
    uint64_t hash = okng_golden_hash(param->name);
    size_t count = okng_golden_elements(param);
    float scale = 0.25f, base = 0.0f;
    const okng_shape *s = &param->shape;
    if (s->rank == 4) scale = sqrtf(6.0f / (float)(s->dims[1] * s->dims[2] * s->dims[3]));
    if (s->rank == 3) scale = 2.0f;
    if (s->rank == 2) scale = sqrtf(6.0f / (float)s->dims[1]);
    if (param->role == OKNG_ROLE_SCALE || (param->role == OKNG_ROLE_VALUE && s->rank == 1)) base = 0.5f;
    if (param->role == OKNG_ROLE_VARIANCE) {
        scale = 0.5f;
        base = 1.0f;
    }
    for (size_t i = 0; i < count; i++) out[i] = base + okng_golden_uniform(hash, i) * scale;
}

/* The bytes of a .safetensors file with every tensor that the graph needs, each name behind `prefix` (""). The caller
 * frees them. NULL when memory is out. */
static inline unsigned char *okng_golden_safetensors(const okng_graph *graph, const char *prefix, size_t *size)
{
    *size = 0;
    size_t params = 0, floats = 0;
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i].param_count; k++, params++)
            floats += okng_golden_elements(&graph->nodes[i].params[k]);
    size_t room = 64 + params * 256, used = 0, offset = 0;
    char *header = malloc(room);
    unsigned char *bytes = malloc(8 + room + floats * sizeof(float));
    if (!header || !bytes) {
        free(header);
        free(bytes);
        return NULL;
    }
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i].param_count; k++) {
            const okng_param *param = &graph->nodes[i].params[k];
            size_t end = offset + okng_golden_elements(param) * sizeof(float);
            used += (size_t)snprintf(header + used, room - used, "%c\"%s%s\":{\"dtype\":\"F32\",\"shape\":[",
                                     used ? ',' : '{', prefix, param->name);
            for (int d = 0; d < param->shape.rank; d++)
                used += (size_t)snprintf(header + used, room - used, "%s%d", d ? "," : "", (int)param->shape.dims[d]);
            used += (size_t)snprintf(header + used, room - used, "],\"data_offsets\":[%zu,%zu]}", offset, end);
            offset = end;
        }
    if (used == 0) header[used++] = '{';
    header[used++] = '}';
    while (used % 8) header[used++] = ' ';
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)((uint64_t)used >> (8 * i));
    memcpy(bytes + 8, header, used);
    free(header);
    float *data = (float *)(void *)(bytes + 8 + used); /* aligned: malloc and a multiple of 8 */
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i].param_count; k++) {
            okng_golden_fill(&graph->nodes[i].params[k], data);
            data += okng_golden_elements(&graph->nodes[i].params[k]);
        }
    *size = 8 + used + floats * sizeof(float);
    return bytes;
}

#endif
