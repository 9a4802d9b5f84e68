/* A convolution, from node to step: which implementation, which types and layouts, and its weights as that wants them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/onednn/compiler.h"
#include "engine/onednn/pack.h"
#include "engine/onednn/quantize.h"
#include "net/fold_weights.h"

/* What is chosen for one convolution. */
typedef struct convolution {
    okng_md src, weights, bias, dst;
    okng_md plain; /* of the folded weights */
    dnnl_primitive_desc_t descriptor;
    dnnl_data_type_t src_type, weights_type, dst_type, sum_type;
    float src_scale, dst_scale, sum_scale;
    /* int8: weights, and per output channel what brings a sum of products to a number of the destination, and biases;
     * NULL where they are kept from the plan before */
    int8_t *numbers;
    float *scales, *biases;
    okng_convolution_choice chosen;
} convolution;

static void free_layouts(convolution *v)
{
    if (v->descriptor) (void)okng_dnnl.primitive_desc_destroy(v->descriptor);
    v->descriptor = NULL;
    okng_md_free(&v->src);
    okng_md_free(&v->weights);
    okng_md_free(&v->bias);
    okng_md_free(&v->dst);
    okng_md_free(&v->plain);
}

/* ---- types ---- */

/* Whether every element of a value is at least 0. */
static bool is_positive(const okng_compiler *c, okng_value value)
{
    const okng_node *node = &c->graph->nodes[value];
    if (node->op == OKNG_OP_MAX_POOL) return is_positive(c, node->inputs[0]);
    return node->op == OKNG_OP_CONV && node->activation == OKNG_OP_RELU;
}

/* What the graph's outputs and float32 convolutions are made of is float32; else the precision's type. Convolutions
 * over values with a sign (the picture) stay in float32 where the precision is int8. */
static void choose_types(const okng_compiler *c, okng_value value, convolution *v)
{
    const okng_node *node = &c->graph->nodes[value];
    bool output = okng_compiler_is_output(c, value), is_signed = !is_positive(c, value);
    v->src_type = v->weights_type = v->dst_type = dnnl_f32;
    v->src_scale = v->dst_scale = v->sum_scale = 1.0f;
    if (c->compiled->precision == OKNG_PRECISION_BF16) {
        v->src_type = v->weights_type = dnnl_bf16;
        v->dst_type = c->precise[value] ? dnnl_f32 : dnnl_bf16;
    }
    if (c->compiled->precision == OKNG_PRECISION_INT8 && is_positive(c, node->inputs[0])) {
        v->src_type = dnnl_u8;
        v->weights_type = dnnl_s8;
        v->src_scale = okng_quantize_scale(c->compiled->ranges[node->inputs[0]], false);
        if (!output) {
            v->dst_type = is_signed ? dnnl_s8 : dnnl_u8;
            v->dst_scale = okng_quantize_scale(c->compiled->ranges[value], is_signed);
        }
    }
}

static bool is_byte(dnnl_data_type_t type)
{
    return type == dnnl_u8 || type == dnnl_s8;
}

/* A sum reads the other operand where the result will be written: bytes there may be of the other signedness and of
 * another scale. */
static void choose_sum(const okng_compiler *c, const okng_node *node, convolution *v)
{
    if (okng_node_residual(node) == OKNG_NO_VALUE || !is_byte(v->dst_type)) return;
    const okng_buffer *other = okng_compiler_buffer(c, c->values[okng_node_residual(node)]);
    if (!is_byte(okng_md_type(&other->md))) return;
    v->sum_type = okng_md_type(&other->md);
    v->sum_scale = other->scale / v->dst_scale;
}

/* ---- the implementation ---- */

/* oneDNN takes grouped weights as [groups, out / groups, in / groups, kernel, kernel]. */
static dnnl_status_t weights_md(okng_md *md, const okng_node *node, int32_t merge, dnnl_data_type_t type, bool any)
{
    const int64_t *s = okng_node_param(node, OKNG_ROLE_WEIGHT)->shape.dims;
    const int64_t groups = node->groups / merge, grouped[] = {groups, s[0] / groups, s[1] * merge, s[2], s[3]};
    if (node->groups == 1) return okng_md_new(md, s, 4, type, any ? dnnl_format_tag_any : dnnl_oihw);
    return okng_md_new(md, grouped, 5, type, any ? dnnl_format_tag_any : dnnl_goihw);
}

/* Weights that are kept from the plan before are taken as they lie. */
static dnnl_status_t describe(convolution *v, const okng_compiler *c, okng_value value, okng_md *src, okng_md *weights,
                              okng_md *dst)
{
    const okng_node *node = &c->graph->nodes[value];
    const okng_shape from = okng_compiler_shape(c, node->inputs[0]), to = okng_compiler_shape(c, value);
    const okng_md *kept = okng_compiler_kept(c, value, OKNG_CONSTANT_WEIGHTS);
    const int32_t merge = v->chosen.merge;
    dnnl_status_t status = okng_md_new(src, from.dims, 4, v->src_type, dnnl_format_tag_any);
    if (status == dnnl_success) status = okng_md_new(dst, to.dims, 4, v->dst_type, dnnl_format_tag_any);
    if (status == dnnl_success)
        status = kept ? okng_md_copy(weights, kept) : weights_md(weights, node, merge, v->weights_type, true);
    if (status == dnnl_success)
        status = weights_md(&v->plain, node, merge, is_byte(v->weights_type) ? dnnl_s8 : dnnl_f32, false);
    if (status == dnnl_success) status = okng_md_new(&v->bias, &node->shape.dims[1], 1, dnnl_f32, dnnl_x);
    return status;
}

/* Lets oneDNN choose the layouts of source, weights and destination. */
static dnnl_status_t try_convolution(convolution *v, const okng_compiler *c, okng_value value, int32_t merge,
                                     okng_dnnl_choice choice)
{
    const okng_node *node = &c->graph->nodes[value];
    okng_md src = {0}, weights = {0}, dst = {0};
    v->chosen = (okng_convolution_choice){choice, merge};
    dnnl_status_t status = describe(v, c, value, &src, &weights, &dst);
    okng_dnnl_convolution_call call = {.src = &src,
                                       .weights = &weights,
                                       .bias = &v->bias,
                                       .dst = &dst,
                                       .window = okng_compiler_window(node),
                                       .sum = okng_node_residual(node) != OKNG_NO_VALUE,
                                       .curve = okng_compiler_curve(node->activation),
                                       .sum_scale = v->sum_scale,
                                       .sum_type = v->sum_type,
                                       .scales = v->scales,
                                       .channels = node->shape.dims[1],
                                       .choice = choice};
    if (status == dnnl_success) status = okng_dnnl_convolution(&v->descriptor, c->compiled->dnnl, &call);
    if (status == dnnl_success) status = okng_md_of(&v->src, v->descriptor, dnnl_query_src_md);
    if (status == dnnl_success) status = okng_md_of(&v->weights, v->descriptor, dnnl_query_weights_md);
    if (status == dnnl_success) status = okng_md_of(&v->dst, v->descriptor, dnnl_query_dst_md);
    okng_md_free(&src);
    okng_md_free(&weights);
    okng_md_free(&dst);
    if (status != dnnl_success) free_layouts(v);
    return status;
}

/* A convolution whose result does not depend on the number of threads. Groups that are too narrow for such an
 * implementation (ResNeXt's 4 channels on AVX2) are merged into wider ones with zeros between; what has none at all is
 * left to a single thread. */
static dnnl_status_t choose_convolution(convolution *v, const okng_compiler *c, okng_value value)
{
    enum { WIDEST_GROUP = 16 }; /* channels: the widest block of any layout */
    const okng_node *node = &c->graph->nodes[value];
    const int64_t *shape = okng_node_param(node, OKNG_ROLE_WEIGHT)->shape.dims;
    const int64_t widest = is_byte(v->weights_type) ? 0 : WIDEST_GROUP;
    dnnl_status_t status = try_convolution(v, c, value, 1, OKNG_DNNL_REPRODUCIBLE);
    for (int32_t merge = 2; status == dnnl_unimplemented && merge * shape[1] <= widest; merge *= 2)
        if (node->groups % merge == 0) status = try_convolution(v, c, value, merge, OKNG_DNNL_REPRODUCIBLE);
    if (status != dnnl_unimplemented) return status;
    (void)okng_dnnl_use_threads(1);
    return try_convolution(v, c, value, 1, OKNG_DNNL_ANY);
}

/* The implementation that one picture got, so that each picture's bits stay what they are. */
static dnnl_status_t repeat_choice(convolution *v, const okng_compiler *c, okng_value value)
{
    const okng_convolution_choice chosen = c->compiled->choices[value];
    if (chosen.choice == OKNG_DNNL_ANY) (void)okng_dnnl_use_threads(1);
    return try_convolution(v, c, value, chosen.merge, chosen.choice);
}

/* ---- weights ---- */

/* Into c->folded, where the file does not hold them as they are wanted. */
static okng_status fold(const okng_compiler *c, const okng_node *node, int32_t merge, const float **weights,
                        float *bias)
{
    return okng_fold_weights_found(node, &c->naming, merge, c->compiled->threads, c->folded, weights, bias, c->error);
}

/* The weights as 8-bit numbers, and the scales and bias that go with them: what an implementation is chosen for. */
static okng_status quantize(okng_compiler *c, const okng_node *node, convolution *v)
{
    const int64_t *shape = okng_node_param(node, OKNG_ROLE_WEIGHT)->shape.dims;
    const size_t channels = (size_t)shape[0], row = (size_t)(shape[1] * shape[2] * shape[3]);
    const float *folded = NULL;
    OKNG_TRY(okng_compiler_reserve(c, channels * row * sizeof(float)));
    v->numbers = okng_alloc(channels, row);
    v->scales = okng_alloc(channels, sizeof *v->scales);
    v->biases = okng_alloc(channels, sizeof *v->biases);
    okng_status status = v->numbers && v->scales && v->biases ? fold(c, node, 1, &folded, v->biases)
                                                              : okng_fail_memory(c->error, channels * row);
    if (status == OKNG_OK)
        okng_quantize_weights(folded, shape[0], (int64_t)row, c->compiled->threads, v->numbers, v->scales);
    for (size_t i = 0; i < channels && status == OKNG_OK; i++) {
        v->scales[i] *= v->src_scale / v->dst_scale;
        v->biases[i] = okng_dnnl_bias(v->biases[i] / v->dst_scale, v->scales[i]);
    }
    return status;
}

/* `from`: plain weights of v->plain's layout. */
static okng_status pack(const okng_compiler *c, const convolution *v, const char *name, const void *from, void *to)
{
    dnnl_status_t status = okng_pack(c->compiled->dnnl, &v->plain, from, &v->weights, to);
    return status == dnnl_success ? OKNG_OK : okng_fail_dnnl(c->error, status, "pack the weights of", name);
}

/* The constants of a convolution; scales for int8 alone. */
typedef struct constants {
    int32_t weights, bias, scales;
} constants;

/* Folds and packs the weights into constant buffers, where they are not kept from the plan before. */
static okng_status load_weights(okng_compiler *c, const convolution *v, okng_value value, constants *k)
{
    const okng_node *node = &c->graph->nodes[value];
    bool fresh;
    OKNG_TRY(okng_compiler_constant(c, value, OKNG_CONSTANT_WEIGHTS, &v->weights, &k->weights, &fresh));
    OKNG_TRY(okng_compiler_constant(c, value, OKNG_CONSTANT_BIAS, &v->bias, &k->bias, &fresh));
    if (v->src_type == dnnl_u8)
        OKNG_TRY(okng_compiler_constant(c, value, OKNG_CONSTANT_SCALES, &v->bias, &k->scales, &fresh));
    if (!fresh) return OKNG_OK;
    void *packed = okng_compiler_buffer(c, k->weights)->data;
    float *biases = okng_compiler_buffer(c, k->bias)->data;
    if (v->numbers) {
        memcpy(biases, v->biases, okng_md_bytes(&v->bias));
        memcpy(okng_compiler_buffer(c, k->scales)->data, v->scales, okng_md_bytes(&v->bias));
        return pack(c, v, node->name, v->numbers, packed);
    }
    if (okng_md_equal(&v->plain, &v->weights))
        return okng_fold_weights(node, &c->naming, v->chosen.merge, c->compiled->threads, packed, biases, c->error);

    const float *folded;
    OKNG_TRY(okng_compiler_reserve(c, okng_md_bytes(&v->plain)));
    OKNG_TRY(fold(c, node, v->chosen.merge, &folded, biases));
    return pack(c, v, node->name, folded, packed);
}

/* ---- the step ---- */

/* The residual sum adds to what the destination holds: so the other operand's own buffer becomes the destination where
 * nothing reads it later, else a copy of it. Bytes are added as they are, whatever their sign and scale. */
static okng_status place_sum(okng_compiler *c, const convolution *v, okng_value value, int32_t *dst)
{
    const okng_node *node = &c->graph->nodes[value];
    const okng_value other = okng_node_residual(node), root = c->roots[other];
    const int32_t from = c->values[other];
    const okng_buffer *buffer = okng_compiler_buffer(c, from);
    bool in_place =
        buffer->place == OKNG_PLACE_ARENA && c->last_reads[root] == value && root != c->roots[node->inputs[0]];
    if (in_place && is_byte(v->dst_type) && okng_md_bytes(&buffer->md) == okng_md_bytes(&v->dst))
        return okng_compiler_share(c, from, &v->dst, v->dst_scale, dst);
    if (in_place && okng_md_equal(&buffer->md, &v->dst)) {
        *dst = from;
        return OKNG_OK;
    }
    OKNG_TRY(okng_compiler_add_result(c, value, &v->dst, v->dst_scale, dst));
    return okng_compiler_add_reorder(c, from, *dst, node->name);
}

static okng_status add_convolution(okng_compiler *c, okng_value value, const convolution *v)
{
    const okng_node *node = &c->graph->nodes[value];
    const bool scaled = v->src_type == dnnl_u8, alone = v->chosen.choice == OKNG_DNNL_ANY;
    constants k = {0};
    int32_t src, dst;
    OKNG_TRY(load_weights(c, v, value, &k));
    OKNG_TRY(okng_compiler_in_layout(c, node->inputs[0], &v->src, v->src_scale, &src));
    if (okng_node_residual(node) != OKNG_NO_VALUE)
        OKNG_TRY(place_sum(c, v, value, &dst));
    else
        OKNG_TRY(okng_compiler_add_result(c, value, &v->dst, v->dst_scale, &dst));
    c->values[value] = dst;
    okng_binding bindings[] = {{DNNL_ARG_SRC, src},
                               {DNNL_ARG_WEIGHTS, k.weights},
                               {DNNL_ARG_BIAS, k.bias},
                               {DNNL_ARG_DST, dst},
                               {scaled ? OKNG_DNNL_ARG_SCALES : 0, k.scales}};
    (void)okng_dnnl_use_threads(alone ? 1 : c->compiled->threads);
    okng_status status = okng_compiler_add_step(c, v->descriptor, bindings, 5, value, node->name);
    (void)okng_dnnl_use_threads(c->compiled->threads);
    return status;
}

/* int8: the scales come before the implementation, which is made for them. */
static okng_status prepare_scales(okng_compiler *c, okng_value value, convolution *v)
{
    if (v->src_type != dnnl_u8) return OKNG_OK;
    const okng_constant *kept = &c->compiled->constants[value * OKNG_CONSTANT_KINDS + OKNG_CONSTANT_SCALES];
    if (!kept->data) return quantize(c, &c->graph->nodes[value], v);
    const size_t bytes = okng_md_bytes(&kept->md);
    v->scales = okng_alloc(1, bytes);
    if (!v->scales) return okng_fail_memory(c->error, bytes);
    memcpy(v->scales, kept->data, bytes);
    return OKNG_OK;
}

okng_status okng_compile_convolution(okng_compiler *c, okng_value value)
{
    convolution v = {0};
    okng_winograd_map winograd;
    okng_gathered_map gathered;
    const okng_node *node = &c->graph->nodes[value];
    if (okng_winograd_map_of_node(&winograd, c->compiled, c->graph, node, c->plan->batch))
        return okng_compile_winograd(c, value, &winograd);
    if (okng_gathered_map_of_node(&gathered, c->compiled, c->graph, node, c->plan->batch))
        return okng_compile_gathered(c, value, &gathered);
    choose_types(c, value, &v);
    choose_sum(c, node, &v);
    okng_status status = prepare_scales(c, value, &v);
    if (status == OKNG_OK) {
        const bool kept = okng_compiler_kept(c, value, OKNG_CONSTANT_WEIGHTS) != NULL;
        dnnl_status_t chosen = kept ? repeat_choice(&v, c, value) : choose_convolution(&v, c, value);
        (void)okng_dnnl_use_threads(c->compiled->threads);
        if (chosen == dnnl_success && !kept) c->compiled->choices[value] = v.chosen;
        status = chosen == dnnl_success ? add_convolution(c, value, &v)
                                        : okng_fail_dnnl(c->error, chosen, "plan the convolution", node->name);
    }
    free_layouts(&v);
    free(v.numbers);
    free(v.scales);
    free(v.biases);
    return status;
}
