/* The globals that a pickle may name, and what calling them builds. Private to tensor/. */
#ifndef OKNG_TENSOR_PICKLE_GLOBALS_H
#define OKNG_TENSOR_PICKLE_GLOBALS_H

#include "tensor/pickle.h"

/* Which global "module" + "name" is; refused by name when it is none of the list. */
okng_status okng_pickle_global(okng_pickle *p, const char *module, size_t module_length, const char *name,
                               size_t name_length, okng_pickle_ref *out);
/* callable(*arguments) */
okng_status okng_pickle_call(okng_pickle *p, okng_pickle_ref callable, okng_pickle_ref arguments, okng_pickle_ref *out);
/* The storage that a persistent id names. */
okng_status okng_pickle_persistent(okng_pickle *p, okng_pickle_ref id, okng_pickle_ref *out);

#endif
