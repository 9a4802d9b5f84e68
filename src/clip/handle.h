/* The inside of an okng_clip, for the files of this folder. */
#ifndef OKNG_CLIP_HANDLE_H
#define OKNG_CLIP_HANDLE_H

#include <pthread.h>

#include "clip/clip.h"
#include "engine/engine.h"
#include "net/clip.h"

/* Which graph an engine runs. */
typedef enum okng_clip_graph {
    OKNG_CLIP_GRAPH_PIXELS = 0, /* pixels -> tokens */
    OKNG_CLIP_GRAPH_WHOLE,   /* tokens of a picture -> embedding, tokens after the last block, the same after ln_post,
                                those before the last block */
    OKNG_CLIP_GRAPH_WINDOWS, /* tokens of parts -> embeddings */
    OKNG_CLIP_GRAPH_TEXT,    /* ids -> embeddings of all tokens */
    OKNG_CLIP_GRAPH_LAST     /* tokens of parts before the last block -> embeddings */
} okng_clip_graph;

typedef struct okng_clip_engine {
    okng_clip_graph graph;
    int32_t sequences, length; /* of one run of batch 1 */
    int threads;
    okng_engine *engine;
    struct okng_clip_engine *next;
} okng_clip_engine;

struct okng_clip {
    const okng_weights *weights;
    char backbone[OKNG_NAME_MAX], device[OKNG_NAME_MAX];
    okng_clip_request request; /* its texts are the two above */
    okng_clip_shape shape;
    okng_clip_sizes sizes;
    pthread_mutex_t mutex; /* guards what follows */
    okng_clip_engine *engines;
};

/* Sequences of one run of batch 1. In float32 as few as the engine's fast products want, which pair neighbouring
 * tokens: one of an even number of tokens, or of 33 and more, else two, which alone are each other's company; more only
 * where both have fewer than 8 tokens. In bf16 as many as fill a tile of the products' rows, so that short ones do not
 * cost a tile each. Given by precision and length alone. */
int32_t okng_clip_sequences(const okng_clip *clip, int64_t length);
/* Batches of runs that hold `count` sequences in all: how many at a time, in how many rounds, so that activations of
 * tokens `width` wide stay below some 48 MiB. */
typedef struct okng_clip_batches {
    int64_t batch, rounds; /* batch * rounds runs: the last may be partly empty */
} okng_clip_batches;
okng_clip_batches okng_clip_batches_of(const okng_clip *clip, int64_t count, int64_t length, int64_t width);

/* The engine of a graph for so many sequences of so many tokens (both 0 for PIXELS), compiled where there is none yet;
 * it lives as long as the clip. Errors: those of okng_graph_build and okng_engine_compile. */
okng_status okng_clip_engine_get(okng_clip *clip, okng_clip_graph graph, int32_t sequences, int32_t length, int threads,
                                 const okng_engine **out, okng_error *error);
void okng_clip_engines_free(okng_clip *clip);

#endif
