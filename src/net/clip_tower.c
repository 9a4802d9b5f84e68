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

/* What each token takes of all: the heads side by side. */
static okng_value attend(okng_builder *b, okng_value x, const okng_clip_tower *tower, const char *block)
{
    char prefix[OKNG_NAME_MAX];
    okng_net_name(b, prefix, block, "attn");
    x = in_proj(b, okng_clip_norm(b, x, block, "ln_1"), prefix, tower->width);
    return tower->sequences > 1
               ? attend_apart(b, x, tower, block)
               : okng_net_attention_packed(b, x, block, "attn", tower->width / HEAD_WIDTH, tower->causal);
}

/* What is left of a block when its tokens x have attended to each other, with y for a result. */
static okng_value finish_block(okng_builder *b, okng_value x, okng_value y, const okng_clip_tower *tower,
                               const char *block)
{
    char attention[OKNG_NAME_MAX], mlp[OKNG_NAME_MAX];
    okng_net_name(b, attention, block, "attn");
    okng_net_name(b, mlp, block, "mlp");
    x = okng_net_add(b, x, okng_net_linear(b, y, attention, "out_proj", tower->width, true), block, "add_1");
    y = okng_net_linear(b, okng_clip_norm(b, x, block, "ln_2"), mlp, "c_fc", 4 * (int64_t)tower->width, true);
    y = tower->activation == OKNG_ACTIVATION_QUICKGELU ? okng_net_quick_gelu(b, y, mlp, "gelu")
                                                       : okng_net_gelu(b, y, mlp, "gelu");
    return okng_net_add(b, x, okng_net_linear(b, y, mlp, "c_proj", tower->width, true), block, "add_2");
}

static void name_block(okng_builder *b, char name[OKNG_NAME_MAX], const okng_clip_tower *tower, int32_t number)
{
    char index[16];
    (void)snprintf(index, sizeof index, "%d", (int)number);
    okng_net_name(b, name, tower->prefix, index);
}

okng_value okng_clip_block(okng_builder *b, okng_value x, const okng_clip_tower *tower, int32_t number)
{
    char name[OKNG_NAME_MAX];
    name_block(b, name, tower, number);
    return finish_block(b, x, attend(b, x, tower, name), tower, name);
}

okng_value okng_clip_first(okng_builder *b, okng_value x, int64_t sequences, const char *prefix)
{
    const int64_t width = okng_net_dim(b, x, 2), numbers = okng_net_dim(b, x, 1) / sequences * width;
    if (sequences == 1) return okng_net_slice(b, x, 1, 0, 1, prefix, "first");
    x = okng_net_reshape(b, x, OKNG_SHAPE(sequences, numbers), prefix, "apart");
    return okng_net_slice(b, x, 2, 0, width, prefix, "first");
}

okng_value okng_clip_last_block(okng_builder *b, okng_value x, const okng_clip_tower *tower)
{
    char name[OKNG_NAME_MAX];
    name_block(b, name, tower, tower->layers - 1);
    okng_value y = okng_clip_first(b, attend(b, x, tower, name), tower->sequences, name);
    return finish_block(b, okng_clip_first(b, x, tower->sequences, name), y, tower, name);
}

void okng_clip_mark_tokens(okng_builder *b, okng_value x, const char *name)
{
    char text[OKNG_NAME_MAX];
    okng_net_name(b, text, name, "tokens");
    okng_net_mark(b, x, text);
}

okng_value okng_clip_blocks(okng_builder *b, okng_value x, const okng_clip_tower *tower, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
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
