/* The table of okng_dataset_options, and the struct as the library's own functions want it: complete and checked. */
#ifndef OKNG_DATA_OPTIONS_H
#define OKNG_DATA_OPTIONS_H

#include "options/engine.h"

extern const okng_option_table okng_dataset_table;

enum { OKNG_ROW_OF_LAYOUTS = OKNG_ROW_OWN }; /* only the layouts that name it read it */

/* *full = *options, with the defaults in fields that the caller's version of the struct does not have; `options` may be
 * NULL. Errors: ARGUMENT, naming the option. */
okng_status okng_dataset_options_check(const okng_dataset_options *options, okng_dataset_options *full,
                                       okng_error *error);

#endif
