/* Runs a graph, on the engine that is asked for by the name of its device. The engines are the rows of a table
 * (backend.h); what is said here holds for all of them. */
#ifndef OKNG_ENGINE_ENGINE_H
#define OKNG_ENGINE_ENGINE_H

#include <stdbool.h>

#include "net/graph.h"

/* A compiled network: what is to be done, and packed weights. Immutable, may be shared by threads; keeps no pointer to
 * graph or weights. */
typedef struct okng_engine okng_engine;
/* Activations and scratch of one call in flight, for so many pictures at once: one per concurrent caller. */
typedef struct okng_engine_session okng_engine_session;

/* The number that stands for a byte of each of three colours. */
typedef struct okng_pixel_table {
    float values[3][256];
} okng_pixel_table;

typedef struct okng_engine_options {
    const char *device; /* a name of okng_engine_get, behind it what that engine has more of, ":cuda:1"; NULL or "" for
                           the first */
    /* >= 1: cores that one run may use; in a parallel region of the caller a run keeps to its own thread, and what is
     * opened in one keeps to one thread for ever. The result does not depend on it. (Of oneDNN. onnxruntime has threads
     * of its own, so many for all runs of the engine together, and promises no bits.) */
    int threads;
    /* What values between layers and weights are made of. Outputs are float32, sums of products at least float32; so
     * are, whatever the precision, norms, softmax and attention. int8 is for networks of convolutions. */
    okng_precision precision;
    /* 3x3 convolutions of stride 1 and 2 in float32 by Winograd's transforms where the engine has them: four times
     * fewer multiplications, at stride 2 somewhat fewer, and other rounding (of the order of 1e-6 of the largest
     * value). */
    bool winograd;
    /* For a graph whose one input is a picture [3, height, width]: where the engine reads bytes itself, and
     * okng_engine_takes_pixels says so, a run's input is uint8 [batch, height, width, 3], and each byte stands for its
     * number here: the same bits. NULL: the input is made of numbers. */
    const okng_pixel_table *pixels;
    /* For int8: per node of the graph, the largest magnitude that its result may have (okng_engine_observe). */
    const float *ranges;
    /* An engine of the same device, precision and weights whose packed weights are used where both graphs have them:
     * the same network for another length of its input. It outlives this one. NULL: all are packed anew. */
    const struct okng_engine *share;
    /* Packed weights to take in place of `weights`, which may be NULL then (kept.h); they outlive the engine. NULL:
     * there are none. */
    const struct okng_engine_kept *kept;
} okng_engine_options;

/* What is known of an engine; text is static. */
typedef struct okng_engine_info {
    const char *device;       /* "cpu": what options call it */
    const char *version;      /* of what runs it: "oneDNN 2.6.3" */
    const char *instructions; /* the set that it makes code for: "avx512_core" */
} okng_engine_info;

/* Engine number i; false after the last. The first is the one that runs where none is asked for. */
bool okng_engine_get(size_t i, okng_engine_info *info);
/* The version of a device's engine; "" for an unknown one. */
const char *okng_engine_version(const char *device);
/* ARGUMENT for a device that no engine has, naming those known; no library is loaded for it. */
okng_status okng_engine_check(const char *device, okng_error *error);
/* The same, and UNSUPPORTED where it has no instructions for the precision, where the library that it is in cannot be
 * had, or has not this device. */
okng_status okng_engine_supports(const char *device, okng_precision precision, okng_error *error);

/* Errors: those of okng_graph_check_weights, except that a value that is not finite is told by the convolution it is
 * used in; those of okng_engine_supports; UNSUPPORTED for an operator that the engine has not at this precision, by
 * name; UNSUPPORTED, MEMORY, INTERNAL where the engine fails, with its reason. Keeps no pointer to anything given but
 * options->kept. */
okng_status okng_engine_compile(okng_engine **out, const okng_graph *graph, const okng_weights *weights,
                                const okng_engine_options *options, okng_error *error);
void okng_engine_free(okng_engine **engine);

/* Whether runs take bytes; only ever where options->pixels was given. */
bool okng_engine_takes_pixels(const okng_engine *engine);

/* For runs of `batch` pictures at once, 1..OKNG_ENGINE_MAX_BATCH; every picture's bits are those that it has alone
 * (with onnxruntime, but for rounding). The engine must outlive its sessions. Errors: ARGUMENT; LIMIT where the
 * activations need more memory than the machine has. */
enum { OKNG_ENGINE_MAX_BATCH = 65536 };
okng_status okng_engine_session_new(okng_engine_session **out, const okng_engine *engine, int64_t batch,
                                    okng_error *error);
void okng_engine_session_free(okng_engine_session **session);

/* inputs[i]: one per input of the graph, [batch, ...] of its shape: float32, or int32 where it takes numbers, or pixels
 * (okng_engine_takes_pixels).
 * outputs[i]: float32, the caller's memory, one per output of the graph: [batch, H_i, W_i, C_i] for a feature map
 * (channels last), [batch, ...] of its shape for all others. ARGUMENT for a number that is not in its table. */
okng_status okng_engine_run(okng_engine_session *session, const void *const *inputs, float *const *outputs,
                            okng_error *error);

/* The same with an fp32 engine, and raises ranges[i] to the largest magnitude in the result of node i of the graph. */
okng_status okng_engine_observe(okng_engine_session *session, const void *const *inputs, float *const *outputs,
                                float *ranges, okng_error *error);

/* Keeps all engines to the instruction sets of a kernel variant ("c", "avx2", "avx512", "neon"); false when a network
 * ran before with another choice. An engine without plain C takes the oldest instructions that it knows for "c". */
bool okng_engine_limit_cpu(const char *variant);

#endif
