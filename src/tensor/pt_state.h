/* A checkpoint as torch.save writes it: tensors by name, and a few settings beside them. */
#ifndef OKNG_TENSOR_PT_STATE_H
#define OKNG_TENSOR_PT_STATE_H

#include "base/file.h"
#include "tensor/weights.h"

enum { OKNG_PT_MAX_WORDS = 16 };

/* A setting: a whole number, a number, a text, or a list of words, the first of them that is given. */
typedef struct okng_pt_setting {
    const char *name;
    const char *text;                     /* NULL: none */
    const char *words[OKNG_PT_MAX_WORDS]; /* ends with NULL */
    bool is_real;
    double real;
    int64_t whole;
} okng_pt_setting;

/* torch.load gives {"state_dict": {name: tensor, ...}, "hyper_parameters": {name: setting, ...}}, as Lightning's
 * checkpoints have them; both in this order. A stored zip, zip64 where needed, tensors aligned to 64 bytes and written
 * from where they are, no time in it: same tensors and settings, same bytes. Errors: ARGUMENT for a type that torch has
 * no storage for, or more than 65,000 tensors; IO, MEMORY. All is given to `writer`, which this opens and the caller
 * commits; where it fails there is nothing to abort. */
okng_status okng_pt_write_state(okng_writer *writer, const char *path, const okng_named_array *tensors, size_t count,
                                const okng_pt_setting *settings, size_t setting_count, okng_error *error);

#endif
