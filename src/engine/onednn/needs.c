#include "engine/onednn/needs.h"

#include <omp.h>
#include <stdatomic.h>

#include "base/catalogue.h"
#include "base/memory.h"
#include "base/memory_room.h"
#include "base/parallel.h"

enum { KIB = 1 << 10, MIB = 1 << 20 };

/* Bytes, measured with oneDNN 2.6.3 and AVX2. Mapped: it takes 256 KiB for each piece of code that it generates, and
 * touches little of it. */
static const size_t START = 1 * MIB, START_TOUCHED = 5 * MIB; /* what it takes once; its own code, as far as it runs */
static const size_t CONVOLUTION = 512 * KIB; /* with the reorders before, in and after it: 507 KiB at most, on average
                                                over a network */
static const size_t OTHER = 192 * KIB, NODE_TOUCHED = 72 * KIB; /* 160 */
/* The first product of the process makes the code of all of them: 5.8 MiB. */
static const size_t PRODUCTS = 8 * MIB, PRODUCTS_TOUCHED = 6 * MIB;
static const size_t MEMORY_OBJECT = KIB, RUN = 1 * MIB; /* 0.9 KiB; 35 KiB */

/* The most that one call asks for before it looks at what it got, 0.6 MiB, and what other threads may take in
 * meanwhile. From AVX-512 on, kernels come in sets with one member for each way to be cut off at an edge: up to 32 of
 * a product, and as many as there are columns in a row of bf16 and int8 convolutions. */
static size_t slack(const okng_compiled *compiled)
{
    if (!okng_dnnl_has_avx512()) return (size_t)4 * MIB;
    return compiled->precision == OKNG_PRECISION_FP32 ? (size_t)16 * MIB : (size_t)96 * MIB;
}

/* ---- sums that stay at their end where they would go beyond it -------------------------------------- */

static size_t sum(size_t a, size_t b)
{
    size_t out;
    return okng_add_size(a, b, &out) ? out : SIZE_MAX;
}

static size_t product(size_t a, size_t b)
{
    size_t out;
    return okng_mul_size(a, b, &out) ? out : SIZE_MAX;
}

/* ---- a node ---------------------------------------------------------------------------------------- */

static bool is_product(const okng_node *node)
{
    return node->op == OKNG_OP_LINEAR || node->op == OKNG_OP_MATMUL || node->op == OKNG_OP_ATTENTION;
}

bool okng_has_products(const okng_graph *graph)
{
    for (size_t i = 0; i < graph->node_count; i++)
        if (is_product(&graph->nodes[i])) return true;
    return false;
}

static size_t to_blocks(int64_t channels)
{
    enum { BLOCK = 16 }; /* the widest of any layout */
    return ((size_t)channels + BLOCK - 1) / BLOCK * BLOCK;
}

/* Numbers of a node's weights, with channels in whole blocks: groups that are merged have no more than one. */
static size_t count_weights(const okng_node *node)
{
    const okng_param *weight = okng_node_param(node, OKNG_ROLE_WEIGHT);
    if (!weight) return 0;
    size_t count = product(to_blocks(weight->shape.dims[0]), to_blocks(weight->shape.dims[1]));
    for (int32_t i = 2; i < weight->shape.rank; i++) count = product(count, (size_t)weight->shape.dims[i]);
    return count;
}

/* Folded, before they are packed. */
static size_t folded(const okng_compiled *compiled, const okng_node *node)
{
    if (node->op != OKNG_OP_CONV && node->op != OKNG_OP_LINEAR) return 0;
    return product(count_weights(node), compiled->precision == OKNG_PRECISION_INT8 ? 5 : sizeof(float));
}

static size_t packed(const okng_compiled *compiled, const okng_graph *graph, const okng_node *node)
{
    okng_linear_map map;
    static const size_t sizes[] = {[OKNG_PRECISION_FP32] = 4, [OKNG_PRECISION_BF16] = 2, [OKNG_PRECISION_INT8] = 1};
    if (node->op == OKNG_OP_CONSTANT) return product((size_t)okng_shape_elements(&node->shape), sizeof(float));
    if (node->op == OKNG_OP_EMBEDDING) return product(count_weights(node), sizeof(float));
    if (node->op != OKNG_OP_CONV && node->op != OKNG_OP_LINEAR) return 0;
    if (node->op == OKNG_OP_LINEAR && okng_linear_map_of_node(&map, compiled, graph, node, 1))
        return product(okng_linear_weights(&map), sizeof(float));
    okng_winograd_map winograd;
    okng_gathered_map gathered;
    if (node->op == OKNG_OP_CONV && okng_winograd_map_of_node(&winograd, compiled, graph, node, 1))
        return product(okng_winograd_packed(&winograd), sizeof(float));
    if (node->op == OKNG_OP_CONV && okng_gathered_map_of_node(&gathered, compiled, graph, node, 1))
        return product(okng_gathered_weights(&gathered), sizeof(float));
    return product(count_weights(node), sizes[compiled->precision]);
}

/* ---- proofs ---------------------------------------------------------------------------------------- */

static const char network[] = N_("the network");

static okng_status prove_map(size_t bytes, okng_error *error)
{
    if (okng_memory_can_map(bytes)) return OKNG_OK;
    return okng_memory_prove(&(okng_memory_need){.mapped = bytes}, network, error); /* and says why not */
}

okng_status okng_prove_program(const okng_compiled *compiled, const okng_graph *graph, okng_error *error)
{
    const bool products = okng_has_products(graph);
    size_t weights = 0, code = START + (products ? PRODUCTS : 0), most_folded = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        const okng_node *node = &graph->nodes[i];
        const bool borrowed = compiled->constants[i * OKNG_CONSTANT_KINDS + OKNG_CONSTANT_WEIGHTS].borrowed;
        const size_t wanted = borrowed ? 0 : folded(compiled, node);
        if (!borrowed) weights = sum(weights, packed(compiled, graph, node));
        if (wanted > most_folded) most_folded = wanted;
        code = sum(code, node->op == OKNG_OP_CONV ? CONVOLUTION : OTHER);
    }
    const size_t kept = sum(weights, most_folded),
                 touched = START_TOUCHED + (products ? PRODUCTS_TOUCHED : 0) + graph->node_count * NODE_TOUCHED;
    return okng_memory_prove(&(okng_memory_need){sum(kept, code), sum(kept, touched)}, network, error);
}

okng_status okng_prove_node(const okng_compiled *compiled, const okng_node *node, size_t folded_bytes, bool weights,
                            okng_error *error)
{
    const size_t wanted = folded(compiled, node);
    size_t bytes = slack(compiled);
    if (weights) bytes = sum(bytes, sum(packed(compiled, compiled->graph, node), wanted > folded_bytes ? wanted : 0));
    return prove_map(bytes, error);
}

/* What the caller has beside a session: its inputs and outputs, and what it makes of them. */
static size_t count_caller(const okng_compiled *compiled, const okng_plan *plan)
{
    enum { TIMES = 3 };
    size_t numbers = 0;
    for (size_t i = 0; i < compiled->graph->node_count; i++)
        if (compiled->graph->nodes[i].op == OKNG_OP_INPUT)
            numbers = sum(numbers, (size_t)okng_shape_elements(&compiled->graph->nodes[i].shape));
    for (int i = 0; i < compiled->graph->output_count; i++)
        numbers = sum(numbers, (size_t)okng_shape_elements(&compiled->graph->nodes[compiled->graph->outputs[i]].shape));
    return product(product(numbers, (size_t)plan->batch), TIMES * sizeof(float));
}

/* Bytes of sessions that have not run yet: nobody sees in the kernel's figures that they will be touched. */
static _Atomic size_t promised;

void okng_take_promise(size_t bytes)
{
    atomic_fetch_sub(&promised, bytes);
}

okng_status okng_prove_session(const okng_compiled *compiled, const okng_plan *plan, size_t *promise, okng_error *error)
{
    const size_t activations = sum(plan->arena_bytes, plan->scratch_bytes);
    size_t objects = plan->buffer_count + plan->step_count;
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].work)
            objects += (size_t)plan->steps[i].threads * 2 * OKNG_WORK_STAGES * (OKNG_KERNEL_ARGS + 1);
    const size_t kept = sum(activations, product(objects, MEMORY_OBJECT));
    const size_t own = sum(kept, count_caller(compiled, plan)), before = atomic_fetch_add(&promised, own);
    *promise = own;
    return okng_memory_prove(&(okng_memory_need){sum(kept, slack(compiled)), sum(own, before)}, network, error);
}

okng_status okng_prove_run(okng_error *error)
{
    return prove_map(RUN, error);
}

/* ---- threads --------------------------------------------------------------------------------------- */

/* An empty region is left out. Not on the stack, where a thread would read it unseen by ThreadSanitizer. */
static _Atomic unsigned came;

okng_status okng_prove_team(int threads, okng_error *error)
{
    int *team = okng_dnnl_team();
    if (threads <= *team || okng_parallel_inside() || omp_in_parallel()) return OKNG_OK; /* runs alone in those */
    OKNG_TRY(prove_map(RUN, error));
    if (okng_startable_threads(threads) < threads)
        return okng_fail(error, OKNG_ERROR_MEMORY, "%d threads cannot be started; use fewer threads", threads);
    const int before = okng_dnnl_use_threads(threads); /* and so sees to it that they go before a fork */
#pragma omp parallel num_threads(threads)
    atomic_fetch_add(&came, 1);
    okng_dnnl_leave_threads(before);
    *team = threads;
    return OKNG_OK;
}
