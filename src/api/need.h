/* Checks that several public functions share. */
#ifndef OKNG_API_NEED_H
#define OKNG_API_NEED_H

#include "base/error.h"

/* ARGUMENT, saying what is known, unless the options name a backbone and a weight file. */
okng_status okng_need_network(const okng_build_options *options, okng_error *error);

#endif
