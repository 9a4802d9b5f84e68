/* Packed weights that several compiled networks have alike are in memory once: those of one network for several sizes
 * of its input or numbers of threads, and those of the banks of a server. Alike is what has the same bytes, so it does
 * not matter where they came from. */
#ifndef OKNG_ENGINE_ONEDNN_CONSTANTS_H
#define OKNG_ENGINE_ONEDNN_CONSTANTS_H

#include <stddef.h>
#include <stdint.h>

/* Takes over `data` (of okng_alloc), which is not written any more; returns it, or memory with the same bytes that is
 * there already, and `data` is freed. Never fails. Any thread. */
void *okng_constant_share(void *data, size_t bytes);
/* One user less of what okng_constant_share returned; the last frees it. NULL is fine. */
void okng_constant_release(void *data, size_t bytes);
/* Bytes that are not taken because they are shared, now. */
uint64_t okng_constants_saved(void);

#endif
