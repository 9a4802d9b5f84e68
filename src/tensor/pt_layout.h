/* The bytes around the rows of a .pt file that okng writes: all before them and all after them. Pure functions of the
 * shape and the checksum, so that files too large for a test can be checked too. Private to tensor/. */
#ifndef OKNG_TENSOR_PT_LAYOUT_H
#define OKNG_TENSOR_PT_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

enum { OKNG_PT_MAX_HEAD = 1024, OKNG_PT_MAX_TAIL = 1024 };

/* Into `head` (OKNG_PT_MAX_HEAD bytes) what comes before float32 [count, dim]; a multiple of 64 bytes, returned. */
size_t okng_pt_head(uint8_t *head, int64_t count, int64_t dim, uint32_t checksum);
/* Into `tail` (OKNG_PT_MAX_TAIL bytes) what comes after. Returns how many bytes. */
size_t okng_pt_tail(uint8_t *tail, int64_t count, int64_t dim, uint32_t checksum);

#endif
