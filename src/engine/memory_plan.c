#include "engine/memory_plan.h"

#include <stdlib.h>

#include "base/memory.h"

static bool live_together(const okng_block *a, const okng_block *b)
{
    return a->first <= b->last && b->first <= a->last;
}

static int by_size(const void *a, const void *b)
{
    const okng_block *x = *(okng_block *const *)a, *y = *(okng_block *const *)b;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
    return x < y ? -1 : x > y; /* the same plan for any qsort */
}

static int by_offset(const void *a, const void *b)
{
    const okng_block *x = *(okng_block *const *)a, *y = *(okng_block *const *)b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The lowest gap that holds `block` between those that were placed before it and live when it does. */
static size_t find_offset(const okng_block *block, okng_block **placed, size_t count, okng_block **rivals)
{
    size_t rival_count = 0, offset = 0;
    for (size_t i = 0; i < count; i++)
        if (live_together(placed[i], block)) rivals[rival_count++] = placed[i];
    qsort(rivals, rival_count, sizeof *rivals, by_offset);
    for (size_t i = 0; i < rival_count; i++) {
        if (rivals[i]->offset >= offset && rivals[i]->offset - offset >= block->bytes) break;
        size_t end = rivals[i]->offset + rivals[i]->bytes;
        if (end > offset) offset = end;
    }
    return offset;
}

/* Rounds every size up and checks that even all blocks side by side would fit: no later sum can overflow. */
static bool round_sizes(okng_block *blocks, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (!okng_add_size(blocks[i].bytes, OKNG_ALIGNMENT - 1, &blocks[i].bytes)) return false;
        blocks[i].bytes &= ~(size_t)(OKNG_ALIGNMENT - 1);
        if (!okng_add_size(sum, blocks[i].bytes, &sum)) return false;
    }
    return true;
}

okng_status okng_memory_plan(okng_block *blocks, size_t count, size_t *total, okng_error *error)
{
    *total = 0;
    if (!round_sizes(blocks, count))
        return okng_fail(error, OKNG_ERROR_LIMIT, "activations need more bytes than can be addressed");
    okng_block **order = okng_alloc(2 * count, sizeof *order);
    if (!order) return okng_fail_memory(error, 2 * count * sizeof *order);
    for (size_t i = 0; i < count; i++) order[i] = &blocks[i];
    qsort(order, count, sizeof *order, by_size);
    for (size_t i = 0; i < count; i++) {
        order[i]->offset = find_offset(order[i], order, i, order + count);
        size_t end = order[i]->offset + order[i]->bytes;
        if (end > *total) *total = end;
    }
    free(order);
    return OKNG_OK;
}
