#include "net/builder.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { MAX_NODES = 1 << 16, MAX_SIDE = 65535, MAX_BATCH = 65536 };

static const double torch_epsilon = 1e-5; /* torch.nn.BatchNorm2d's default, which torchvision and timm keep */

static void fail_memory(okng_builder *b)
{
    b->status = okng_fail(b->error, OKNG_ERROR_MEMORY, "out of memory for the graph of %s", b->graph->backbone);
}

void okng_net_name(okng_builder *b, char text[OKNG_NAME_MAX], const char *prefix, const char *name)
{
    int length = snprintf(text, OKNG_NAME_MAX, "%s%s%s", prefix, *prefix ? "." : "", name);
    if ((length < 0 || length >= OKNG_NAME_MAX) && b->status == OKNG_OK)
        b->status = okng_fail(b->error, OKNG_ERROR_INTERNAL, "%s: the name %s... has over %d bytes", b->graph->backbone,
                              text, OKNG_NAME_MAX - 1);
}

/* A new node whose result has the shape of its first input; NULL after a failure. */
static okng_node *add_node(okng_builder *b, okng_op op, const char *prefix, const char *name, okng_value x,
                           okng_value y)
{
    okng_graph *g = b->graph;
    if (b->status != OKNG_OK) return NULL;
    if (g->node_count >= MAX_NODES ||
        !okng_grow((void **)&g->nodes, &g->node_capacity, g->node_count + 1, sizeof *g->nodes)) {
        fail_memory(b);
        return NULL;
    }
    okng_node *node = &g->nodes[g->node_count++];
    *node = (okng_node){.op = op, .inputs = {x, y}};
    if (x != OKNG_NO_VALUE) memcpy(node->shape, g->nodes[x].shape, sizeof node->shape);
    okng_net_name(b, node->name, prefix, name);
    return node;
}

static okng_value value_of(const okng_builder *b, const okng_node *node)
{
    return node ? (okng_value)(node - b->graph->nodes) : OKNG_NO_VALUE;
}

static void add_param(okng_builder *b, okng_node *node, okng_role role, const char *name, const int64_t shape[4],
                      int32_t dims)
{
    okng_param *param = &node->params[node->param_count++];
    *param = (okng_param){.role = role, .dims = dims};
    memcpy(param->shape, shape, (size_t)dims * sizeof *shape);
    okng_net_name(b, param->name, node->name, name);
}

okng_value okng_net_input(okng_builder *b, int64_t batch, int64_t channels, int64_t height, int64_t width)
{
    if (b->status == OKNG_OK &&
        (batch < 1 || batch > MAX_BATCH || height < 1 || height > MAX_SIDE || width < 1 || width > MAX_SIDE))
        b->status =
            okng_fail(b->error, OKNG_ERROR_ARGUMENT,
                      "%s: %lld pictures of %lldx%lld pixels, expected 1..%d pictures of sides 1..%d",
                      b->graph->backbone, (long long)batch, (long long)height, (long long)width, MAX_BATCH, MAX_SIDE);
    okng_node *node = add_node(b, OKNG_OP_INPUT, "", "input", OKNG_NO_VALUE, OKNG_NO_VALUE);
    if (node) memcpy(node->shape, (int64_t[4]){batch, channels, height, width}, sizeof node->shape);
    return value_of(b, node);
}

/* Sets height and width of the result of a window that slides over the input. */
static void slide(okng_builder *b, okng_node *node, okng_window window)
{
    node->window = window;
    for (int i = 2; i < 4; i++) {
        int64_t room = node->shape[i] + 2 * window.padding - window.kernel;
        if (room < 0 && b->status == OKNG_OK)
            b->status = okng_fail(b->error, OKNG_ERROR_ARGUMENT,
                                  "%s: the input is too small: %lld pixels are left at %s, whose window needs %d; "
                                  "use a larger --resize",
                                  b->graph->backbone, (long long)node->shape[i], node->name,
                                  window.kernel - 2 * window.padding);
        node->shape[i] = room < 0 ? 1 : room / window.stride + 1;
    }
}

okng_value okng_net_conv(okng_builder *b, okng_value x, const char *prefix, const char *name, int64_t channels,
                         okng_window window, int32_t groups)
{
    okng_node *node = add_node(b, OKNG_OP_CONV, prefix, name, x, OKNG_NO_VALUE);
    if (!node) return OKNG_NO_VALUE;
    add_param(b, node, OKNG_ROLE_WEIGHT, "weight",
              (int64_t[4]){channels, node->shape[1] / groups, window.kernel, window.kernel}, 4);
    node->groups = groups;
    node->shape[1] = channels;
    slide(b, node, window);
    return value_of(b, node);
}

okng_value okng_net_conv_bias(okng_builder *b, okng_value x, const char *prefix, const char *name, int64_t channels,
                              okng_window window)
{
    okng_value value = okng_net_conv(b, x, prefix, name, channels, window, 1);
    if (b->status == OKNG_OK) add_param(b, &b->graph->nodes[value], OKNG_ROLE_BIAS, "bias", (int64_t[4]){channels}, 1);
    return value;
}

okng_value okng_net_batch_norm(okng_builder *b, okng_value x, const char *prefix, const char *name)
{
    okng_node *node = add_node(b, OKNG_OP_BATCH_NORM, prefix, name, x, OKNG_NO_VALUE);
    if (!node) return OKNG_NO_VALUE;
    int64_t shape[4] = {node->shape[1]};
    node->epsilon = torch_epsilon;
    add_param(b, node, OKNG_ROLE_SCALE, "weight", shape, 1);
    add_param(b, node, OKNG_ROLE_SHIFT, "bias", shape, 1);
    add_param(b, node, OKNG_ROLE_MEAN, "running_mean", shape, 1);
    add_param(b, node, OKNG_ROLE_VARIANCE, "running_var", shape, 1);
    return value_of(b, node);
}

okng_value okng_net_relu(okng_builder *b, okng_value x, const char *prefix, const char *name)
{
    return value_of(b, add_node(b, OKNG_OP_RELU, prefix, name, x, OKNG_NO_VALUE));
}

okng_value okng_net_add(okng_builder *b, okng_value x, okng_value y, const char *prefix, const char *name)
{
    okng_node *node = add_node(b, OKNG_OP_ADD, prefix, name, x, y);
    if (node && memcmp(node->shape, b->graph->nodes[y].shape, sizeof node->shape) != 0)
        b->status = okng_fail(b->error, OKNG_ERROR_INTERNAL, "%s: %s adds values of two shapes", b->graph->backbone,
                              node->name);
    return value_of(b, node);
}

okng_value okng_net_max_pool(okng_builder *b, okng_value x, const char *name, okng_window window)
{
    okng_node *node = add_node(b, OKNG_OP_MAX_POOL, "", name, x, OKNG_NO_VALUE);
    if (node) slide(b, node, window);
    return value_of(b, node);
}

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

int64_t okng_net_channels(const okng_builder *b, okng_value x)
{
    return b->status == OKNG_OK ? b->graph->nodes[x].shape[1] : 0;
}
