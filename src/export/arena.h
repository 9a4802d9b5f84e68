/* Many small things that are needed together and released at once. */
#ifndef OKNG_EXPORT_ARENA_H
#define OKNG_EXPORT_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Begins zeroed. */
typedef struct okng_arena {
    struct okng_arena_block *blocks;
    size_t wanted; /* bytes that could not be had, ever; 0 = all that was asked for is there */
} okng_arena;

/* `count` elements of `size` bytes, zeroed, aligned for any type; NULL when memory is out, which stays known. */
void *okng_arena_take(okng_arena *arena, size_t count, size_t size);
/* Copies of bytes, and of a printed text with its NUL; NULL as above. */
void *okng_arena_copy(okng_arena *arena, const void *bytes, size_t size);
__attribute__((format(printf, 2, 3))) char *okng_arena_print(okng_arena *arena, const char *format, ...);
__attribute__((format(printf, 2, 0))) char *okng_arena_print_list(okng_arena *arena, const char *format, va_list list);
void okng_arena_free(okng_arena *arena); /* zeroes it */

#endif
