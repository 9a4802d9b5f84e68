/* XXH64 (Yann Collet), seed 0: tells damage at the speed of memory. It is no proof against whoever wants to deceive;
 * that is what sha256.h is for. */
#ifndef OKNG_BASE_XXH64_H
#define OKNG_BASE_XXH64_H

#include <stddef.h>
#include <stdint.h>

uint64_t okng_xxh64(const void *data, size_t size);

#endif
