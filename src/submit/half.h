/* IEEE 754's binary16. */
#ifndef OKNG_SUBMIT_HALF_H
#define OKNG_SUBMIT_HALF_H

#include <stdint.h>
#include <string.h>

/* The nearest, of two the even one; beyond 65504 that, with the sign; NaN becomes 0. */
static inline uint16_t okng_half_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t sign = bits >> 16 & 0x8000u, size = bits & 0x7fffffffu;
    if (size > 0x7f800000u) return 0;
    if (size >= 0x477ff000u) return (uint16_t)(sign | 0x7bffu); /* 65520 and more would round to infinity */
    if (size < 0x38800000u) {                                   /* below 2^-14: whole numbers of 2^-24 */
        float steps;
        memcpy(&steps, &size, sizeof steps);
        steps = steps * 0x1p24f + 0x1p23f; /* the sum is rounded to a whole number, to even */
        memcpy(&bits, &steps, sizeof bits);
        return (uint16_t)(sign | (bits & 0x7fffffu));
    }
    const uint32_t rounded = size - 0x38000000u + 0xfffu + (size >> 13 & 1u);
    return (uint16_t)(sign | rounded >> 13);
}

#endif
