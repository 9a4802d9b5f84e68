/* Merges the bytes of one word. The original looks at all pairs after every merge, which takes the square of the word's
 * length; here pairs wait in a heap, the lowest rank first and of equal ones the leftmost. Both do the same: what a
 * merge makes is in no pair of a lower rank (okng_merges_add), so all places of one rank go before the next. */
#include <stdlib.h>

#include "base/memory.h"
#include "text/words.h"

void okng_token_list_add(okng_token_list *list, int32_t id)
{
    if (list->count < list->room) list->ids[list->count] = id;
    list->count++;
}

/* A symbol of the word, in a list; what was merged into its left neighbour has the id -1. */
typedef struct symbol {
    int32_t id;
    uint32_t before, after; /* NONE at the ends */
} symbol;
#define NONE UINT32_MAX

/* Two neighbours that may become one. */
typedef struct candidate {
    int32_t id;    /* of what they become, by which both are known */
    uint32_t left; /* place of the left one */
} candidate;

typedef struct heap {
    candidate *items;
    size_t count;
} heap;

static bool sooner(const candidate *a, const candidate *b)
{
    return a->id != b->id ? a->id < b->id : a->left < b->left;
}

static void push(heap *queue, candidate item)
{
    size_t at = queue->count++;
    while (at > 0 && sooner(&item, &queue->items[(at - 1) / 2])) {
        queue->items[at] = queue->items[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    queue->items[at] = item;
}

static candidate pop(heap *queue)
{
    const candidate top = queue->items[0], last = queue->items[--queue->count];
    size_t at = 0;
    for (size_t next = 1; next < queue->count; next = 2 * at + 1) {
        if (next + 1 < queue->count && sooner(&queue->items[next + 1], &queue->items[next])) next++;
        if (!sooner(&queue->items[next], &last)) break;
        queue->items[at] = queue->items[next];
        at = next;
    }
    queue->items[at] = last;
    return top;
}

/* What the symbol at `left` and its neighbour become; -1: nothing, or one of them is not there. */
static int32_t pair_at(const okng_tokenizer *tokenizer, const symbol *symbols, uint32_t left)
{
    if (left == NONE || symbols[left].id < 0 || symbols[left].after == NONE) return -1;
    return okng_tokenizer_pair(tokenizer, symbols[left].id, symbols[symbols[left].after].id);
}

static void consider(const okng_tokenizer *tokenizer, const symbol *symbols, uint32_t left, heap *queue)
{
    const int32_t id = pair_at(tokenizer, symbols, left);
    if (id >= 0) push(queue, (candidate){id, left});
}

/* Makes one of both; a candidate of what is not there any more is passed over. */
static void merge(const okng_tokenizer *tokenizer, symbol *symbols, candidate best, heap *queue)
{
    if (pair_at(tokenizer, symbols, best.left) != best.id) return;
    symbol *left = &symbols[best.left], *right = &symbols[left->after];
    left->id = best.id;
    left->after = right->after;
    if (left->after != NONE) symbols[left->after].before = best.left;
    right->id = -1;
    consider(tokenizer, symbols, left->before, queue);
    consider(tokenizer, symbols, best.left, queue);
}

static void merge_all(const okng_tokenizer *tokenizer, symbol *symbols, candidate *items, const char *word, size_t size,
                      okng_token_list *list)
{
    heap queue = {.items = items};
    for (size_t i = 0; i < size; i++) {
        symbols[i] = (symbol){.id = okng_tokenizer_byte(tokenizer, (uint8_t)word[i]),
                              .before = i > 0 ? (uint32_t)i - 1 : NONE,
                              .after = i + 1 < size ? (uint32_t)i + 1 : NONE};
        if (i + 1 == size) symbols[i].id += OKNG_TOKEN_BYTES;
    }
    for (uint32_t i = 0; i < size; i++) consider(tokenizer, symbols, i, &queue);
    while (queue.count > 0) merge(tokenizer, symbols, pop(&queue), &queue);
    for (uint32_t i = 0; i < size; i++)
        if (symbols[i].id >= 0) okng_token_list_add(list, symbols[i].id);
}

okng_status okng_word_merge(const okng_tokenizer *tokenizer, const char *word, size_t size, okng_token_list *list,
                            okng_error *error)
{
    enum { SMALL = 64 };
    symbol few[SMALL], *symbols = few;
    candidate some[2 * SMALL], *items = some; /* each pair, and for each merge one more */
    if (size > SMALL) {
        symbols = okng_alloc(size, sizeof *symbols);
        items = okng_alloc(size, 2 * sizeof *items);
    }
    const bool room = symbols && items;
    if (room) merge_all(tokenizer, symbols, items, word, size, list);
    if (size > SMALL) {
        free(symbols);
        free(items);
    }
    return room ? OKNG_OK : okng_fail_memory(error, size * (sizeof *symbols + 2 * sizeof *items));
}
