/* Looking for plain values in what a pickle holds: dicts, objects with attributes, and the few classes that wrap
 * numbers and settings. A NULL value stands for what is not there and has no members itself. */
#ifndef OKNG_TENSOR_PICKLE_FIND_H
#define OKNG_TENSOR_PICKLE_FIND_H

#include "tensor/names.h"
#include "tensor/pickle.h"

/* What is called `key` in a dict, or in an object: among its attributes, its modules (torch.nn.Module), its items or
 * the named arguments that it is to be made with ("init_args" of a configuration). */
const okng_pickle_value *okng_pickle_member(const okng_pickle *p, const okng_pickle_value *value, const char *key);

/* The value itself where it is a list or a tuple, or that of an object that is a list; else NULL. */
const okng_pickle_value *okng_pickle_sequence(const okng_pickle *p, const okng_pickle_value *value);
/* Item i of a sequence, beyond its end NULL. */
const okng_pickle_value *okng_pickle_at(const okng_pickle *p, const okng_pickle_value *sequence, uint32_t i);

/* The last part of the name of an object's class: "Resize"; also of a configuration's "class_path". False where the
 * value is neither. */
bool okng_pickle_class_name(const okng_pickle *p, const okng_pickle_value *value, okng_name *out);

/* A whole number, a number: of Python's or a scalar of NumPy's. */
bool okng_pickle_whole(const okng_pickle *p, const okng_pickle_value *value, int64_t *out);
bool okng_pickle_real(const okng_pickle *p, const okng_pickle_value *value, double *out);
/* Text, or the last text that an object is made with, as the members of an Enum are. */
bool okng_pickle_word(const okng_pickle *p, const okng_pickle_value *value, okng_name *out);

#endif
