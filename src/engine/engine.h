/* Runs a graph. One implementation today: oneDNN on the CPU (onednn.c compiles, session.c runs; what differs
 * between 2.x and 3.x lives in compat.c alone). */
#ifndef OKNG_ENGINE_ENGINE_H
#define OKNG_ENGINE_ENGINE_H

#include <stdbool.h>

#include "net/graph.h"

/* A compiled network: primitives and packed weights. Immutable, may be shared by threads; keeps no pointer to graph or
 * weights. */
typedef struct okng_engine okng_engine;
/* Activations and scratch of one call in flight: one per concurrent caller. */
typedef struct okng_engine_session okng_engine_session;

typedef struct okng_engine_options {
    /* >= 1: cores that one run may use; in a parallel region of the caller a run keeps to its own thread. The result
     * does not depend on it. */
    int threads;
    /* What values between layers and weights are made of. Outputs are float32, sums of products at least float32. */
    okng_precision precision;
    /* 3x3 convolutions of stride 1 in float32 by Winograd's transform where oneDNN has it: four times fewer
     * multiplications, and other rounding (of the order of 1e-6 of the largest value). */
    bool winograd;
    /* For int8: per node of the graph, the largest magnitude that its result may have (okng_engine_observe). */
    const float *ranges;
} okng_engine_options;

/* UNSUPPORTED where this CPU has no instructions for the precision. */
okng_status okng_engine_supports(okng_precision precision, okng_error *error);

/* Errors: those of okng_graph_check_weights, except that a value that is not finite is told by the convolution it is
 * used in; those of okng_engine_supports; UNSUPPORTED, MEMORY, INTERNAL where oneDNN fails, with its reason. Keeps no
 * pointer to anything given. */
okng_status okng_engine_compile(okng_engine **out, const okng_graph *graph, const okng_weights *weights,
                                const okng_engine_options *options, okng_error *error);
void okng_engine_free(okng_engine **engine);

/* The engine must outlive its sessions. LIMIT where the activations need more memory than the machine has. */
okng_status okng_engine_session_new(okng_engine_session **out, const okng_engine *engine, okng_error *error);
void okng_engine_session_free(okng_engine_session **session);

/* input: float32 [N, 3, H, W]. outputs[i]: float32 [N, H_i, W_i, C_i] (channels last), the caller's memory, one per
 * graph output. */
okng_status okng_engine_run(okng_engine_session *session, const float *input, float *const *outputs, okng_error *error);

/* The same with an fp32 engine, and raises ranges[i] to the largest magnitude in the result of node i of the graph. */
okng_status okng_engine_observe(okng_engine_session *session, const float *input, float *const *outputs, float *ranges,
                                okng_error *error);

/* Keeps the network to the instruction sets of a kernel variant ("c", "avx2", "avx512", "neon"); false when a network
 * ran before with another choice. oneDNN has no plain C: "c" takes the oldest instructions that it knows. */
bool okng_engine_limit_cpu(const char *variant);

/* "oneDNN 2.6.3". */
const char *okng_engine_version(void);

#endif
