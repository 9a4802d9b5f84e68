/* Pictures that are inspected, as far as results must not take their place. */
#ifndef OKNG_INSPECT_INPUTS_H
#define OKNG_INSPECT_INPUTS_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

typedef struct okng_file_id {
    dev_t device; /* both 0: none */
    ino_t number;
} okng_file_id;
/* Of what the path leads to; none where that is nothing. */
okng_file_id okng_file_id_of(const char *path);

/* A set of files, whatever they are called. */
typedef struct okng_inputs {
    okng_file_id *files; /* ascending once okng_inputs_sort was called */
    size_t count, capacity;
} okng_inputs;

/* NULL and what does not exist are passed over. Errors: MEMORY. */
okng_status okng_inputs_add(okng_inputs *inputs, const char *path, okng_error *error);
void okng_inputs_sort(okng_inputs *inputs);
void okng_inputs_free(okng_inputs *inputs); /* zeroed is fine */

/* ARGUMENT where the file `name` in `folder` is one of the inputs, also by a link. `name` "" means every file in the
 * folder and those below it. Errors: ARGUMENT, MEMORY. */
okng_status okng_inputs_keep(const okng_inputs *inputs, const char *folder, const char *name, okng_error *error);

#endif
