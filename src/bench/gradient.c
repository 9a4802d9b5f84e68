/* The arithmetic of a training step of AF-CLIP: its adapter, forward and backward, over all streams of a few pictures.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/rng.h"
#include "bench/bench.h"
#include "bench/made.h"
#include "grad/gradient.h"
#include "net/clip.h"

enum { SIDE = 512, STREAMS = 12 };

static const char *const trained[] = {"attention.norm.weight",       "attention.norm.bias",
                                      "attention.attn.to_q.weight",  "attention.attn.to_k.weight",
                                      "attention.attn.to_v.weight",  "attention.attn.to_out.0.weight",
                                      "attention.attn.to_out.0.bias"};
enum { TRAINED = sizeof trained / sizeof *trained };

typedef struct step {
    okng_graph *graph;
    okng_weights *weights;
    void *made; /* the bytes of made weights */
    okng_gradient *gradient;
    okng_gradient_session *session;
    int64_t tokens, width, embedding, sequences;
    float *inputs, *outputs; /* the outputs stand for their gradients too */
} step;

static void close_step(step *s)
{
    okng_gradient_session_free(&s->session);
    okng_gradient_free(&s->gradient);
    okng_weights_close(&s->weights);
    okng_graph_free(&s->graph);
    free(s->made);
    free(s->inputs);
    free(s->outputs);
}

static okng_status open_graph(step *s, const okng_build_options *options, int side, okng_error *error)
{
    okng_clip_shape clip;
    OKNG_TRY(okng_clip_shape_of(options->backbone, &clip, error));
    const int64_t patches = (side > 0 ? side : SIDE) / clip.patch;
    s->tokens = 1 + patches * patches;
    s->width = clip.width;
    s->embedding = clip.embedding;
    const okng_graph_request request = {.backbone = options->backbone,
                                        .layers = &(const char *){"tokens.embedding"},
                                        .layer_count = 1,
                                        .part = OKNG_PART_ADAPTER,
                                        .sequences = 1,
                                        .length = (int32_t)s->tokens};
    OKNG_TRY(okng_graph_build(&s->graph, &request, error));
    return options->weights[0] ? okng_weights_open(&s->weights, options->weights, error)
                               : okng_made_weights(&s->weights, &s->made, s->graph, error);
}

static okng_status fill(float **out, okng_rng *rng, int64_t count, float scale, okng_error *error)
{
    *out = okng_alloc((size_t)count, sizeof **out);
    if (!*out) return okng_fail_memory(error, (size_t)count * sizeof **out);
    for (int64_t i = 0; i < count; i++) (*out)[i] = scale * (float)(okng_rng_uniform(rng) - 0.5);
    return OKNG_OK;
}

static okng_status open_step(step *s, int threads, okng_error *error)
{
    okng_rng rng = okng_rng_new(1, OKNG_STREAM_BENCH);
    OKNG_TRY(okng_gradient_new(
        &s->gradient, s->graph, s->weights,
        &(okng_gradient_request){.trained = trained, .trained_count = TRAINED, .threads = threads}, error));
    for (int i = 0; i < TRAINED; i++)
        for (size_t k = 0; k < okng_gradient_count(s->gradient, i); k++)
            okng_gradient_values(s->gradient, i)[k] = 0.07f * (float)(okng_rng_uniform(&rng) - 0.5) + (i == 0);
    OKNG_TRY(fill(&s->inputs, &rng, s->sequences * s->tokens * s->width, 4.0f, error));
    OKNG_TRY(fill(&s->outputs, &rng, s->sequences * s->tokens * s->embedding, 1.0f, error));
    return okng_gradient_session_new(&s->session, s->gradient, s->sequences, error);
}

static okng_status run_step(void *context, okng_error *error)
{
    step *s = context;
    okng_gradient_clear(s->gradient);
    OKNG_TRY(okng_gradient_forward(s->session, (const void *[]){s->inputs}, &s->outputs, error));
    return okng_gradient_backward(s->session, (const float *[]){s->outputs}, NULL, error);
}

static okng_status measure(okng_bench_run *run, step *s, okng_error *error)
{
    okng_bench_work work = {.stage = "gradient",
                            .flop = (double)s->sequences * okng_gradient_flops(s->gradient),
                            .items = (double)s->sequences / STREAMS};
    (void)snprintf(work.what, sizeof work.what, "%s, adapter, %lld x %lld x %lld%s", run->options->backbone,
                   (long long)s->sequences, (long long)s->tokens, (long long)s->width, s->made ? ", made weights" : "");
    OKNG_TRY(okng_bench_time(run, &work, run_step, s, error));
    const size_t bytes = okng_gradient_session_bytes(s->gradient, s->sequences);
    return okng_bench_put(okng_bench_last(run), "session_bytes", json_integer((json_int_t)bytes), error);
}

okng_status okng_bench_gradient(okng_bench_run *run, okng_error *error)
{
    step s = {.sequences = STREAMS * (int64_t)(run->inputs.batch > 0 ? run->inputs.batch : 1)};
    okng_status status = open_graph(&s, run->options, run->inputs.size, error);
    if (status == OKNG_OK) status = open_step(&s, run->threads, error);
    if (status == OKNG_OK) status = measure(run, &s, error);
    close_step(&s);
    return status;
}
