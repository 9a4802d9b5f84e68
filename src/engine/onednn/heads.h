/* Attention by kernels of ours, where the CPU has them: head after head, a few queries at a time. A head's keys and
 * values are packed in panels once; then scores, softmax and the weighted sum of a few queries stay in the cache. Each
 * query's result is its own: neither threads nor tiles nor other pictures change a bit. */
#ifndef OKNG_ENGINE_ONEDNN_HEADS_H
#define OKNG_ENGINE_ONEDNN_HEADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/linear.h"

/* Result, queries, keys, values: where each begins, and how far it is from one token to the next; floats. A head's part
 * is `width` wide in queries and keys, `value_width` in the others, head beside head. */
enum {
    OKNG_HEADS_DST,
    OKNG_HEADS_QUERIES,
    OKNG_HEADS_KEYS,
    OKNG_HEADS_VALUES,
    OKNG_HEADS_ARGS,
    OKNG_HEADS_LOGS = OKNG_HEADS_ARGS /* where `logs` asks for it: [stacks, heads, queries] */
};

typedef struct okng_heads {
    const okng_linear *kernels;
    int64_t stacks, heads, queries, keys, width, value_width;
    int64_t row[OKNG_HEADS_ARGS], base[OKNG_HEADS_ARGS];
    bool causal;
    bool logs;     /* the logarithm of each query's sum of exponentials is wanted too */
    int64_t parts; /* of a head's queries, each a tile */
} okng_heads;

/* Sets kernels and parts of what is filled in otherwise; false where there are no kernels for it. */
bool okng_heads_plan(okng_heads *heads);
int64_t okng_heads_tiles(const okng_heads *heads);
/* Bytes that a tile wants. */
size_t okng_heads_scratch(const okng_heads *heads);
/* Tile number `index`; data: OKNG_HEADS_ARGS of them, with `logs` one more. */
void okng_heads_run(const okng_heads *heads, int64_t index, void *const *data, float *scratch);

#endif
