#include "export/arena.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { BLOCK = 1 << 15 };

typedef struct okng_arena_block {
    struct okng_arena_block *next;
    size_t used, room;
    max_align_t bytes[];
} block;

void *okng_arena_take(okng_arena *arena, size_t count, size_t size)
{
    size_t bytes, rounded;
    if (!okng_mul_size(count, size, &bytes) || !okng_add_size(bytes, sizeof(max_align_t), &rounded)) {
        arena->wanted = SIZE_MAX;
        return NULL;
    }
    rounded = rounded / sizeof(max_align_t) * sizeof(max_align_t);
    block *last = arena->blocks;
    if (!last || last->room - last->used < rounded) {
        const size_t room = rounded > BLOCK ? rounded : BLOCK;
        last = calloc(1, sizeof *last + room);
        if (!last) {
            arena->wanted = rounded;
            return NULL;
        }
        last->room = room;
        last->next = arena->blocks;
        arena->blocks = last;
    }
    void *taken = (char *)last->bytes + last->used;
    last->used += rounded;
    return taken;
}

void *okng_arena_copy(okng_arena *arena, const void *bytes, size_t size)
{
    void *copy = okng_arena_take(arena, size, 1);
    if (copy && size > 0) memcpy(copy, bytes, size);
    return copy;
}

char *okng_arena_print_list(okng_arena *arena, const char *format, va_list list)
{
    va_list again;
    va_copy(again, list);
    const int length = vsnprintf(NULL, 0, format, list);
    char *text = length < 0 ? NULL : okng_arena_take(arena, (size_t)length + 1, 1);
    if (length < 0) arena->wanted = SIZE_MAX; /* printf's own memory */
    if (text) (void)vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *okng_arena_print(okng_arena *arena, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *text = okng_arena_print_list(arena, format, list);
    va_end(list);
    return text;
}

void okng_arena_free(okng_arena *arena)
{
    while (arena->blocks) {
        block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    *arena = (okng_arena){0};
}
