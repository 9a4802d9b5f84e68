/* 8-bit numbers for the int8 precision: value = number * scale. */
#ifndef OKNG_ENGINE_ONEDNN_QUANTIZE_H
#define OKNG_ENGINE_ONEDNN_QUANTIZE_H

#include <stdbool.h>
#include <stdint.h>

/* The scale that brings -range..range to -127..127, or 0..range to 0..255. 1 where the range is 0. */
float okng_quantize_scale(float range, bool is_signed);

/* weights: float32 [channels, row]; numbers: int8 of the same shape, each channel with the scale that its own largest
 * weight asks for. */
void okng_quantize_weights(const float *weights, int64_t channels, int64_t row, int threads, int8_t *numbers,
                           float *scales);

#endif
