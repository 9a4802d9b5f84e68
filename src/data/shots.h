/* Pictures drawn by a seed and nothing else. */
#ifndef OKNG_DATA_SHOTS_H
#define OKNG_DATA_SHOTS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/rng.h"

/* Marks `take` of `count` places, uniformly without replacement: chosen[i] is true for exactly `take`. */
okng_status okng_draw(uint64_t seed, okng_rng_stream stream, size_t count, size_t take, bool *chosen,
                      okng_error *error);

#endif
