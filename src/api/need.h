/* What several public functions do first. */
#ifndef OKNG_API_NEED_H
#define OKNG_API_NEED_H

#include "base/error.h"

/* ARGUMENT, naming `what`, unless the array is float32 [rows, dimensions] with some of both. */
okng_status okng_need_matrix(const okng_array *array, const char *what, okng_error *error);

#endif
