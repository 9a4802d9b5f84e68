/* The row of oneDNN in the table of engines, and oneDNN as a whole. */
#include "engine/backend.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "engine/onednn/constants.h"
#include "engine/onednn/exact.h"
#include "engine/onednn/needs.h"

static bool limit_cpu(const char *variant)
{
    dnnl_cpu_isa_t limit = OKNG_DNNL_ISA_ALL;
    if (strcmp(variant, "c") == 0) limit = dnnl_cpu_isa_sse41;
    if (strcmp(variant, "avx2") == 0) limit = dnnl_cpu_isa_avx2;
    /* oneDNN takes the first call's word; a second one for the same is refused too, but harmless */
    return dnnl_set_max_cpu_isa(limit) == dnnl_success || limit == OKNG_DNNL_ISA_ALL ||
           dnnl_get_effective_cpu_isa() == limit;
}

/* ONEDNN_MAX_CPU_ISA bounds it. */
static const char *instructions(void)
{
    switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_sse41:
        return "sse41";
    case dnnl_cpu_isa_avx:
        return "avx";
    case dnnl_cpu_isa_avx2:
        return "avx2";
    case dnnl_cpu_isa_avx512_core:
        return "avx512_core";
    case dnnl_cpu_isa_avx512_core_vnni:
        return "avx512_core_vnni";
    case dnnl_cpu_isa_avx512_core_bf16:
        return "avx512_core_bf16";
    case dnnl_cpu_isa_avx512_core_amx:
        return "avx512_core_amx";
    default:
        return "the best it knows";
    }
}

static okng_status supports(const char *device, okng_precision precision, okng_error *error)
{
    (void)device;
    bool fine = precision == OKNG_PRECISION_INT8   ? okng_dnnl_has_int8()
                : precision == OKNG_PRECISION_BF16 ? okng_dnnl_has_bf16()
                                                   : true;
    if (fine) return OKNG_OK;
    if (precision == OKNG_PRECISION_BF16)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "precision bf16: this CPU has no AVX-512 BF16 instructions (or the environment forbids them); "
                         "use precision fp32, with which a bank must be built anew");
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "precision int8: this CPU has no VNNI instructions (or the environment forbids them), without "
                     "which sums of bytes are not exact and no faster than fp32; use precision fp32, with which a bank "
                     "must be built anew");
}

/* ---- compiled networks ---- */

static void free_program(void *context)
{
    okng_compiled *compiled = context;
    if (!compiled) return;
    okng_plan_free(&compiled->single);
    const size_t nodes = compiled->graph ? compiled->graph->node_count : 0;
    for (size_t i = 0; compiled->constants && i < nodes * OKNG_CONSTANT_KINDS; i++) {
        okng_constant *constant = &compiled->constants[i];
        if (!constant->borrowed && constant->shared)
            okng_constant_release(constant->data, okng_md_bytes(&constant->md));
        else if (!constant->borrowed)
            free(constant->data);
        okng_md_free(&constant->md);
    }
    if (compiled->dnnl) (void)okng_dnnl.engine_destroy(compiled->dnnl);
    okng_graph_free(&compiled->graph);
    free(compiled->constants);
    free(compiled->choices);
    free(compiled->ranges);
    free(compiled->pixels);
    free(compiled);
}

/* Whether what is kept of a node is the same for both. A convolution is left out: what is kept of it depends on more
 * than its parameters. */
static bool keeps_same(const okng_node *a, const okng_node *b)
{
    const bool may = a->op == OKNG_OP_LINEAR || a->op == OKNG_OP_LAYER_NORM || a->op == OKNG_OP_EMBEDDING ||
                     (a->op == OKNG_OP_CONSTANT && !a->transform);
    if (!may || a->op != b->op || a->transform != b->transform || a->normalized != b->normalized ||
        a->param_count != b->param_count)
        return false;
    for (int32_t i = 0; i < a->param_count; i++)
        if (a->params[i].role != b->params[i].role || strcmp(a->params[i].name, b->params[i].name) != 0 ||
            !okng_shape_equal(&a->params[i].shape, &b->params[i].shape))
            return false;
    return true;
}

/* Takes over what `from` keeps of a node. */
static okng_status borrow(okng_constant *to, const okng_constant *from, okng_error *error)
{
    for (int k = 0; k < OKNG_CONSTANT_KINDS; k++) {
        if (!from[k].data) continue;
        OKNG_TRY_DNNL(okng_md_copy(&to[k].md, &from[k].md), "copy", "a memory descriptor");
        to[k].data = from[k].data;
        to[k].borrowed = true;
    }
    return OKNG_OK;
}

static okng_status borrow_all(okng_compiled *compiled, const okng_graph *graph, const okng_compiled *from,
                              okng_error *error)
{
    const size_t others = from->graph->node_count;
    size_t next = 0; /* both list what they share in the same order */
    for (size_t i = 0; i < graph->node_count; i++)
        for (size_t k = next; k < others; k++) {
            if (!keeps_same(&graph->nodes[i], &from->graph->nodes[k])) continue;
            OKNG_TRY(borrow(&compiled->constants[i * OKNG_CONSTANT_KINDS], &from->constants[k * OKNG_CONSTANT_KINDS],
                            error));
            next = k + 1;
            break;
        }
    return OKNG_OK;
}

/* Where the first layers read bytes, they get them. */
static okng_status take_pixels(okng_compiled *compiled, const okng_graph *graph, const okng_pixel_table *pixels,
                               okng_error *error)
{
    if (!pixels || !okng_may_read_pixels(compiled, graph)) return OKNG_OK;
    compiled->pixels = okng_alloc(1, sizeof *compiled->pixels);
    if (!compiled->pixels) return okng_fail_memory(error, sizeof *compiled->pixels);
    *compiled->pixels = *pixels;
    return OKNG_OK;
}

static bool takes_pixels(const void *program)
{
    const okng_compiled *compiled = program;
    return compiled->pixels != NULL;
}

/* Copies of what is given, and room for what is made. */
static okng_status fill_program(okng_compiled *compiled, const okng_graph *graph, const okng_engine_options *options,
                                const okng_compiled *share, okng_error *error)
{
    const size_t nodes = graph->node_count;
    compiled->threads = okng_thread_count(options->threads);
    compiled->precision = options->precision;
    compiled->winograd = options->winograd;
    OKNG_TRY(okng_graph_copy(&compiled->graph, graph, error));
    OKNG_TRY(take_pixels(compiled, graph, options->pixels, error));
    compiled->constants = okng_alloc_zero(nodes * OKNG_CONSTANT_KINDS, sizeof *compiled->constants);
    if (!compiled->constants) return okng_fail_memory(error, nodes * OKNG_CONSTANT_KINDS * sizeof *compiled->constants);
    OKNG_TRY(okng_prove_team(compiled->threads, error));
    if (share && share->precision == compiled->precision) OKNG_TRY(borrow_all(compiled, graph, share, error));
    OKNG_TRY(okng_prove_program(compiled, graph, error));
    OKNG_TRY(okng_warm_exceptions(error));
    OKNG_TRY_DNNL(okng_dnnl.engine_create(&compiled->dnnl, dnnl_cpu, 0), "start on", "the CPU");
    if (compiled->precision == OKNG_PRECISION_INT8) OKNG_TRY(okng_prove_exact_sums(compiled->dnnl, error));
    if (okng_has_products(graph)) OKNG_TRY(okng_warm_products(compiled->dnnl, error));
    compiled->choices = okng_alloc_zero(nodes, sizeof *compiled->choices);
    if (options->ranges) compiled->ranges = okng_alloc(nodes, sizeof *compiled->ranges);
    if (!compiled->choices || (options->ranges && !compiled->ranges))
        return okng_fail_memory(error, nodes * sizeof *compiled->choices);
    if (options->ranges) memcpy(compiled->ranges, options->ranges, nodes * sizeof *compiled->ranges);
    return OKNG_OK;
}

/* Once all are packed: those that another compiled network has too are kept once. */
static void share_constants(okng_compiled *compiled)
{
    const okng_plan *plan = compiled->single;
    for (size_t i = 0; i < compiled->graph->node_count * OKNG_CONSTANT_KINDS; i++) {
        okng_constant *constant = &compiled->constants[i];
        void *own = constant->data;
        if (!own || constant->borrowed) continue;
        constant->data = okng_constant_share(own, okng_md_bytes(&constant->md));
        constant->shared = true;
        for (size_t b = 0; constant->data != own && b < plan->buffer_count; b++)
            if (plan->buffers[b].data == own) plan->buffers[b].data = constant->data;
    }
}

static okng_status compile(void **out, const okng_graph *graph, const okng_weights *weights,
                           const okng_engine_options *options, const void *share, const void *kept, okng_error *error)
{
    *out = NULL;
    if (!kept) OKNG_TRY(okng_graph_check_shapes(graph, weights, NULL, error));
    okng_compiled *compiled = calloc(1, sizeof *compiled);
    if (!compiled) return okng_fail_memory(error, sizeof *compiled);
    compiled->kept = kept;
    okng_status status = fill_program(compiled, graph, options, share, error);
    if (status == OKNG_OK) status = okng_plan_new(&compiled->single, compiled, kept ? NULL : weights, 1, error);
    if (status == OKNG_OK) {
        share_constants(compiled);
        *out = compiled;
    } else {
        free_program(compiled);
    }
    return status;
}

static okng_status open_kept(void **out, const okng_graph *graph, const okng_engine_options *options,
                             const char *sha256, okng_error *error)
{
    const okng_kept_of of = {graph, sha256, options->precision, options->winograd};
    okng_kept *kept;
    const okng_status status = okng_kept_open(&kept, &of, okng_thread_count(options->threads), error);
    *out = kept;
    return status;
}

static void close_kept(void *kept)
{
    okng_kept_close(kept);
}

static void keep(const void *program, const char *sha256)
{
    const okng_compiled *compiled = program;
    if (!compiled->kept) okng_kept_write(compiled, sha256);
}

const okng_backend okng_backend_onednn = {.name = "cpu",
                                          .supports = supports,
                                          .compile = compile,
                                          .free = free_program,
                                          .takes_pixels = takes_pixels,
                                          .session = okng_onednn_session,
                                          .session_free = okng_onednn_session_free,
                                          .run = okng_onednn_run,
                                          .kept_open = open_kept,
                                          .kept_close = close_kept,
                                          .keep = keep,
                                          .version = okng_dnnl_version_text,
                                          .instructions = instructions,
                                          .limit_cpu = limit_cpu};
