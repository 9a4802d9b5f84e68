/* Numbers in the settings of operators, as both readers hold them against their limits. Private to export/. */
#ifndef OKNG_EXPORT_READ_NUMBERS_H
#define OKNG_EXPORT_READ_NUMBERS_H

#include "program/program.h"

/* Whether all are from 0 to INT32_MAX. */
bool okng_read_small(const int64_t *values, size_t count);
/* Axes of `x` count from the end too. False where there is none of that number. */
bool okng_read_axis(const okng_program *p, okng_program_value x, int64_t axis, int32_t *out);

#endif
