#include "net/clip_tower.h"

#include <stdio.h>

enum { HEAD_WIDTH = 64 };

static const double epsilon = 1e-5; /* torch.nn.LayerNorm's default */

okng_value okng_clip_norm(okng_builder *b, okng_value x, const char *prefix, const char *name)
{
    return okng_net_layer_norm(b, x, prefix, name, epsilon);
}

/* The parameter "prefix.in_proj<ending>": torch.nn.MultiheadAttention has no module of that name. */
static void in_proj_param(okng_builder *b, okng_node *node, okng_role role, const char *prefix, const char *name,
                          okng_shape shape)
{
    okng_param *param = &node->params[node->param_count++];
    *param = (okng_param){.role = role, .shape = shape};
    okng_net_name(b, param->name, prefix, name);
}

/* Queries, keys and values of all heads, side by side. */
static okng_value in_proj(okng_builder *b, okng_value x, const char *prefix, int64_t width)
{
    okng_node *node = okng_net_begin(b, OKNG_OP_LINEAR, prefix, "in_proj", &x, 1);
    if (!node) return OKNG_NO_VALUE;
    node->groups = 1;
    in_proj_param(b, node, OKNG_ROLE_WEIGHT, prefix, "in_proj_weight", OKNG_SHAPE(3 * width, width));
    in_proj_param(b, node, OKNG_ROLE_BIAS, prefix, "in_proj_bias", OKNG_SHAPE(3 * width));
    return okng_net_end(b, node);
}

/* Sequence by sequence. */
static okng_value attend_apart(okng_builder *b, okng_value x, const okng_clip_tower *tower, const char *block)
{
    const int64_t width = tower->width, tokens = okng_net_dim(b, x, 1), count = tower->sequences;
    x = okng_net_reshape(b, x, OKNG_SHAPE(count, tokens / count, 3 * width), block, "apart");
    x = okng_net_attention_packed(b, x, block, "attn", tower->width / HEAD_WIDTH, tower->causal);
    return okng_net_reshape(b, x, OKNG_SHAPE(tokens, width), block, "together");
}

static okng_value attend(okng_builder *b, okng_value x, const okng_clip_tower *tower, const char *block)
{
    char prefix[OKNG_NAME_MAX];
    okng_net_name(b, prefix, block, "attn");
    x = in_proj(b, x, prefix, tower->width);
    x = tower->sequences > 1 ? attend_apart(b, x, tower, block)
                             : okng_net_attention_packed(b, x, block, "attn", tower->width / HEAD_WIDTH, tower->causal);
    return okng_net_linear(b, x, prefix, "out_proj", tower->width, true);
}

static okng_value feed_forward(okng_builder *b, okng_value x, const okng_clip_tower *tower, const char *block)
{
    char prefix[OKNG_NAME_MAX];
    okng_net_name(b, prefix, block, "mlp");
    x = okng_net_linear(b, x, prefix, "c_fc", 4 * (int64_t)tower->width, true);
    x = tower->activation == OKNG_ACTIVATION_QUICKGELU ? okng_net_quick_gelu(b, x, prefix, "gelu")
                                                       : okng_net_gelu(b, x, prefix, "gelu");
    return okng_net_linear(b, x, prefix, "c_proj", tower->width, true);
}

okng_value okng_clip_block(okng_builder *b, okng_value x, const okng_clip_tower *tower, int32_t number)
{
    char name[OKNG_NAME_MAX], index[16];
    (void)snprintf(index, sizeof index, "%d", (int)number);
    okng_net_name(b, name, tower->prefix, index);
    x = okng_net_add(b, x, attend(b, okng_clip_norm(b, x, name, "ln_1"), tower, name), name, "add_1");
    return okng_net_add(b, x, feed_forward(b, okng_clip_norm(b, x, name, "ln_2"), tower, name), name, "add_2");
}

void okng_clip_mark_tokens(okng_builder *b, okng_value x, const char *name)
{
    char text[OKNG_NAME_MAX];
    okng_net_name(b, text, name, "tokens");
    okng_net_mark(b, x, text);
}

okng_value okng_clip_blocks(okng_builder *b, okng_value x, const okng_clip_tower *tower)
{
    for (int32_t i = 0; i < tower->layers; i++) {
        char name[OKNG_NAME_MAX];
        (void)snprintf(name, sizeof name, "blocks.%d", (int)i);
        x = okng_clip_block(b, x, tower, i);
        okng_clip_mark_tokens(b, x, name);
    }
    return x;
}

okng_value okng_clip_project(okng_builder *b, okng_value x, const char *name, int32_t embedding)
{
    okng_value matrix = okng_net_constant(b, "", name, OKNG_SHAPE(okng_net_dim(b, x, 2), embedding));
    return okng_net_matmul(b, x, matrix, "", "project");
}

void okng_clip_no_deeper(okng_builder *b, const okng_clip_tower *tower)
{
    char name[OKNG_NAME_MAX], block[OKNG_NAME_MAX];
    (void)snprintf(block, sizeof block, "%d.ln_1.weight", (int)tower->layers);
    okng_net_name(b, name, tower->prefix, block);
    okng_net_absent(b, name);
}
