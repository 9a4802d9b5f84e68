/* How the tree of values grows: for the machine and the globals that it calls. Private to tensor/. */
#ifndef OKNG_TENSOR_PICKLE_VALUES_H
#define OKNG_TENSOR_PICKLE_VALUES_H

#include "tensor/pickle.h"

/* Room for one element more than `count` of an array of the machine; LIMIT past OKNG_PICKLE_MAX_OBJECTS. */
okng_status okng_pickle_room(const okng_pickle *p, void **array, size_t *capacity, size_t count, size_t size);
/* A value without content. */
okng_status okng_pickle_new(okng_pickle *p, okng_pickle_kind kind, okng_pickle_ref *out);
/* A class, and what calling `type` would make. */
okng_status okng_pickle_new_class(okng_pickle *p, const okng_pickle_class *named, okng_pickle_ref *out);
okng_status okng_pickle_new_object(okng_pickle *p, okng_pickle_ref type, okng_pickle_ref arguments,
                                   okng_pickle_ref *out);
okng_status okng_pickle_append(okng_pickle *p, okng_pickle_ref container, okng_pickle_ref item);
/* An error that names the file and the byte that was read last. */
__attribute__((format(printf, 3, 4))) okng_status okng_pickle_fail(const okng_pickle *p, okng_status status,
                                                                   const char *format, ...);

#endif
