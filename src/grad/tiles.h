/* Attention, forward and backward, by kernels of float in tiles: what is held of the weights at a time is a tile of
 * keys by a block of queries. In double there are none. */
#ifndef OKNG_GRAD_TILES_H
#define OKNG_GRAD_TILES_H

#include "grad/heads.h"

#if defined(OKNG_GRAD_DOUBLE)

static inline bool okng_grad_tiles_can(const okng_grad_heads *heads)
{
    (void)heads;
    return false;
}
static inline size_t okng_grad_tiles_scratch(const okng_grad_heads *heads)
{
    (void)heads;
    return 0;
}
static inline void okng_grad_tiles_forward(const okng_grad_call *call, const okng_grad_heads *heads)
{
    (void)call, (void)heads;
}
static inline void okng_grad_tiles_back(const okng_grad_call *call, const okng_grad_heads *heads)
{
    (void)call, (void)heads;
}

#else

/* Whether these kernels can do it, and how many floats they want for each thread. */
bool okng_grad_tiles_can(const okng_grad_heads *heads);
size_t okng_grad_tiles_scratch(const okng_grad_heads *heads);
/* As okng_grad_attention and okng_grad_attention_back. */
void okng_grad_tiles_forward(const okng_grad_call *call, const okng_grad_heads *heads);
void okng_grad_tiles_back(const okng_grad_call *call, const okng_grad_heads *heads);

#endif

#endif
