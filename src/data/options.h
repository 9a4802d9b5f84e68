/* Options of a data set as the library's own functions want them: complete and checked. */
#ifndef OKNG_DATA_OPTIONS_H
#define OKNG_DATA_OPTIONS_H

#include "base/error.h"

/* *full = *options, with the defaults in fields that the caller's version of the struct does not have; `options` may be
 * NULL. Errors: ARGUMENT, naming the option. */
okng_status okng_dataset_options_check(const okng_dataset_options *options, okng_dataset_options *full,
                                       okng_error *error);

/* The value of an option as text that okng_dataset_options_set accepts, NUL-terminated and cut to `size` bytes. Errors:
 * ARGUMENT for an unknown name. `options` is complete. */
okng_status okng_dataset_options_get(const okng_dataset_options *options, const char *name, char *text, size_t size,
                                     okng_error *error);

#endif
