/* What this machine can do at most, found by loops that do nothing else. */
#ifndef OKNG_BENCH_PEAK_H
#define OKNG_BENCH_PEAK_H

#include "kernels/kernels.h"

typedef enum okng_peak_kind { OKNG_PEAK_FP32 = 0, OKNG_PEAK_BF16, OKNG_PEAK_INT8, OKNG_PEAK_KINDS } okng_peak_kind;

/* Multiply-adds on registers, of the widest kind that `variant` ("c", "avx2" ...) and this CPU have. Runs `rounds`
 * rounds and returns the operations done, a multiply-add counted as 2; 0 where the CPU has no instruction for it. */
double okng_peak_run(okng_peak_kind kind, const char *variant, int64_t rounds);

#endif
