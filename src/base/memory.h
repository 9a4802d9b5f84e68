/* Memory and checked arithmetic. */
#ifndef OKNG_BASE_MEMORY_H
#define OKNG_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OKNG_ALIGNMENT 64 /* bytes: a cache line and an AVX-512 register */

/* *out = a * b or a + b; false (and *out untouched) when it does not fit. */
bool okng_mul_size(size_t a, size_t b, size_t *out);
bool okng_add_size(size_t a, size_t b, size_t *out);
bool okng_mul_i64(int64_t a, int64_t b, int64_t *out); /* both >= 0 */

/* `count` elements of `size` bytes, aligned to OKNG_ALIGNMENT; NULL when the product overflows or memory is out.
 * A request for 0 bytes gives a pointer that may be freed. Release with free(). */
void *okng_alloc(size_t count, size_t size);
void *okng_alloc_zero(size_t count, size_t size);

/* Grows *array (from malloc/realloc/NULL) of elements of `size` bytes so that it holds at least `need`, doubling;
 * false when it cannot, *array then stays as it was. */
bool okng_grow(void **array, size_t *capacity, size_t need, size_t size);

/* Bytes of physical memory that this process may use (the machine's, or its cgroups' limit where lower). */
uint64_t okng_memory_total(void);
/* Resident set of this process now, bytes; 0 where the system does not tell. */
uint64_t okng_memory_resident(void);
/* The largest resident set of this process since its start or the last reset, bytes; 0 where the system does not tell.
 * Reset hands memory that was freed back to the system first; where the system does not let it, nothing happens. */
uint64_t okng_memory_peak(void);
void okng_memory_peak_reset(void);

#endif
