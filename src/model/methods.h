/* The methods, found by name. A new method is a folder with its operations (see method/method.h) and one row of the
 * table in methods.c. */
#ifndef OKNG_MODEL_METHODS_H
#define OKNG_MODEL_METHODS_H

#include "method/method.h"

/* Errors: NOT_FOUND, naming those known. */
okng_status okng_method_find(const okng_method **out, const char *name, okng_error *error);
/* Method i of the table; NULL past its end. */
const okng_method *okng_method_get(size_t i);
/* The names of the data files of all methods, NULL at the end; static storage. For okng_bank_writer_open. */
const char *const *okng_method_data_files(void);

#endif
