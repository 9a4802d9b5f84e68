/* The tables of okng_build_options and okng_inspect_options, and the structs as the library's own functions want them:
 * complete and checked. */
#ifndef OKNG_OPTIONS_OPTIONS_H
#define OKNG_OPTIONS_OPTIONS_H

#include "options/engine.h"

extern const okng_option_table okng_build_table, okng_inspect_table;

/* *full = *options, with the defaults in fields that the caller's version of the struct does not have. Every value is
 * held against the table, so a struct that was filled by hand is as safe as one that was set by text.
 * Errors: ARGUMENT, as okng_build_options_set. */
okng_status okng_build_options_check(const okng_build_options *options, okng_build_options *full, okng_error *error);
/* The same; `options` may be NULL, which means the defaults. */
okng_status okng_inspect_options_check(const okng_inspect_options *options, okng_inspect_options *full,
                                       okng_error *error);

#endif
