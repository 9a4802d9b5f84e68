/* How every method that learns from patch vectors begins. */
#ifndef OKNG_METHOD_LEARNING_H
#define OKNG_METHOD_LEARNING_H

#include "bank/bank_file.h"
#include "features/extractor.h"
#include "features/pictures.h"

/* The extractor for learning from `pictures` (at least one), for one thread each: the first picture says the size of
 * the input, and all must come to it. config->options are given; filled in are input size, ranges (for int8, measured
 * in `threads` threads), engine, pictures and patches. Errors: those of decoding, MISMATCH, LIMIT, MEMORY. */
okng_status okng_learning_open(okng_extractor **out, okng_bank_config *config, const okng_weights *weights,
                               const okng_pictures *pictures, int threads, okng_error *error);

/* The first step of that alone: the size of the network's input and how the pictures come to it. Without pictures the
 * options must say it: a size, a crop, or `auto`, which is the square that the network is made for. Errors: ARGUMENT;
 * those of the pictures. */
okng_status okng_learning_take_input(okng_bank_config *config, const okng_pictures *pictures, okng_error *error);

#endif
