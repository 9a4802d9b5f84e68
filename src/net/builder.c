#include "net/builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MAX_NODES = 1 << 16, MAX_SIDE = 65535 };

void okng_net_fail(okng_builder *b, okng_status status, const char *format, ...)
{
    char text[512];
    va_list list;
    if (b->status != OKNG_OK) return;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    b->status = okng_fail(b->error, status, "%s: %s", b->graph->backbone, text);
}

static void fail_memory(okng_builder *b)
{
    okng_net_fail(b, OKNG_ERROR_MEMORY, "out of memory for the graph");
}

void okng_net_name(okng_builder *b, char text[OKNG_NAME_MAX], const char *prefix, const char *name)
{
    int length = snprintf(text, OKNG_NAME_MAX, "%s%s%s", prefix, *prefix ? "." : "", name);
    if (length < 0 || length >= OKNG_NAME_MAX)
        okng_net_fail(b, OKNG_ERROR_INTERNAL, "the name %s... has over %d bytes", text, OKNG_NAME_MAX - 1);
}

/* ---- nodes ---- */

okng_node *okng_net_begin(okng_builder *b, okng_op op, const char *prefix, const char *name, const okng_value *inputs,
                          int32_t count)
{
    okng_graph *g = b->graph;
    if (b->status != OKNG_OK) return NULL;
    if (g->node_count >= MAX_NODES ||
        !okng_grow((void **)&g->nodes, &g->node_capacity, g->node_count + 1, sizeof *g->nodes)) {
        fail_memory(b);
        return NULL;
    }
    okng_node *node = &g->nodes[g->node_count++];
    *node = (okng_node){.op = op, .dtype = OKNG_F32};
    for (int32_t k = 0; k < count; k++)
        if (!okng_node_add_input(node, inputs[k])) fail_memory(b);
    okng_net_name(b, node->name, prefix, name);
    return node;
}

okng_value okng_net_end(okng_builder *b, okng_node *node)
{
    if (b->status == OKNG_OK) b->status = okng_node_check(b->graph, node, b->error);
    if (b->status == OKNG_OK && okng_shape_elements(&node->shape) > INT32_MAX)
        okng_net_fail(b, OKNG_ERROR_LIMIT,
                      "%s would hold %lld numbers of a picture, expected at most %d; make the network's input smaller",
                      node->name, (long long)okng_shape_elements(&node->shape), INT32_MAX);
    return b->status == OKNG_OK ? (okng_value)(node - b->graph->nodes) : OKNG_NO_VALUE;
}

void okng_net_param(okng_builder *b, okng_node *node, okng_role role, const char *name, okng_shape shape)
{
    okng_param *param = &node->params[node->param_count++];
    *param = (okng_param){.role = role, .shape = shape};
    okng_net_name(b, param->name, node->name, name);
}

/* ---- inputs ---- */

okng_value okng_net_input(okng_builder *b, int64_t channels, int64_t height, int64_t width)
{
    if (height < 1 || height > MAX_SIDE || width < 1 || width > MAX_SIDE)
        okng_net_fail(b, OKNG_ERROR_ARGUMENT, "a picture of %lldx%lld pixels, expected sides 1..%d", (long long)height,
                      (long long)width, MAX_SIDE);
    okng_node *node = okng_net_begin(b, OKNG_OP_INPUT, "", "input", NULL, 0);
    if (node) node->shape = OKNG_SHAPE(1, channels, height, width);
    return okng_net_end(b, node);
}

/* "224", or for a side between two multiples "224 or 240"; returns text. */
static const char *nearest(char text[48], int64_t pixels, int64_t patch)
{
    int64_t below = pixels / patch * patch;
    if (below == pixels)
        (void)snprintf(text, 48, "%lld", (long long)pixels);
    else if (below == 0)
        (void)snprintf(text, 48, "%lld", (long long)patch);
    else
        (void)snprintf(text, 48, "%lld or %lld", (long long)below, (long long)(below + patch));
    return text;
}

okng_value okng_net_input_patches(okng_builder *b, int32_t patch, int64_t height, int64_t width)
{
    okng_value image = okng_net_input(b, 3, height, width);
    char rows[48], columns[48];
    if (b->status == OKNG_OK && (height % patch || width % patch))
        okng_net_fail(b, OKNG_ERROR_ARGUMENT,
                      "the input is %lld pixels high and %lld wide, expected multiples of its patch of %d: the nearest "
                      "are %s high and %s wide",
                      (long long)height, (long long)width, (int)patch, nearest(rows, height, patch),
                      nearest(columns, width, patch));
    return image;
}

static void check_length(okng_builder *b, int64_t length)
{
    if (length < 1 || length > MAX_SIDE)
        okng_net_fail(b, OKNG_ERROR_ARGUMENT, "sequences of %lld tokens, expected 1..%d", (long long)length, MAX_SIDE);
}

okng_value okng_net_input_vectors(okng_builder *b, const char *name, int64_t length, int64_t width)
{
    check_length(b, length);
    okng_node *node = okng_net_begin(b, OKNG_OP_INPUT, "", name, NULL, 0);
    if (node) node->shape = OKNG_SHAPE(1, length, width);
    return okng_net_end(b, node);
}

okng_value okng_net_input_numbers(okng_builder *b, const char *name, int64_t length)
{
    check_length(b, length);
    okng_node *node = okng_net_begin(b, OKNG_OP_INPUT, "", name, NULL, 0);
    if (node) node->shape = OKNG_SHAPE(1, length);
    if (node) node->dtype = OKNG_I32;
    return okng_net_end(b, node);
}

/* ---- names of values and of tensors ---- */

void okng_net_mark(okng_builder *b, okng_value x, const char *name)
{
    okng_graph *g = b->graph;
    if (b->status != OKNG_OK) return;
    if (!okng_grow((void **)&g->marks, &g->mark_capacity, g->mark_count + 1, sizeof *g->marks)) {
        fail_memory(b);
        return;
    }
    okng_mark *mark = &g->marks[g->mark_count++];
    mark->value = x;
    okng_net_name(b, mark->name, "", name);
}

void okng_net_absent(okng_builder *b, const char *name)
{
    okng_graph *g = b->graph;
    if (b->status != OKNG_OK) return;
    if (!okng_grow((void **)&g->absent, &g->absent_capacity, g->absent_count + 1, sizeof *g->absent)) {
        fail_memory(b);
        return;
    }
    okng_net_name(b, g->absent[g->absent_count++].name, "", name);
}

int64_t okng_net_dim(const okng_builder *b, okng_value x, int32_t axis)
{
    if (b->status != OKNG_OK) return 0;
    const okng_shape *shape = &b->graph->nodes[x].shape;
    return axis >= 0 && axis < shape->rank ? shape->dims[axis] : 0;
}
