/* Weight files: named tensors of a PyTorch .pth/.pt (both containers) or a .safetensors file, read
 * into memory, never executed. */
#ifndef OKNG_TENSOR_WEIGHTS_H
#define OKNG_TENSOR_WEIGHTS_H

#include "tensor/array.h"
#include "tensor/pickle.h"

/* The tensor called `name`; views the file (any alignment), valid until okng_weights_close. NULL when there is none.
 * A file that is one bare tensor holds it under the name "". Prefixes as "module." are left as they are. */
const okng_array *okng_weights_find(const okng_weights *weights, const char *name);
/* The same with a reason: NOT_FOUND, or UNSUPPORTED for a tensor that is there and cannot be read: one of
 * OKNG_DTYPE_OTHER, or a view whose strides let it be larger than the file (okng_weights_tensor lists it,
 * okng_weights_find gives NULL). */
okng_status okng_weights_get(const okng_weights *weights, const char *name, const okng_array **out, okng_error *error);
/* Whether there is a tensor of that name, also one that cannot be read. */
bool okng_weights_has(const okng_weights *weights, const char *name);
/* Whether the file is a TorchScript archive, as OpenAI publishes its CLIPs. */
bool okng_weights_is_script(const okng_weights *weights);
/* What the file says of itself under that key, a text: of a .safetensors file its __metadata__. NULL for nothing. */
const char *okng_weights_metadata(const okng_weights *weights, const char *key);
/* The path it was opened from. */
const char *okng_weights_path(const okng_weights *weights);
/* The bytes of the whole file, as they were read (for hashing). */
const void *okng_weights_bytes(const okng_weights *weights, size_t *size);
/* Whether closing gives back the memory of those: not where they are the caller's. */
bool okng_weights_owned(const okng_weights *weights);
/* As okng_weights_open; `actual` is their SHA-256. Where that is `sha256` and the file is open already, unchanged, both
 * have the same memory. */
okng_status okng_weights_open_shared(okng_weights **out, const char *path, const char *sha256, char actual[65],
                                     okng_error *error);
/* Opens bytes in memory under a name used in errors; `data` must outlive it. For tests, fuzzing and built-in weights.
 */
okng_status okng_weights_open_memory(okng_weights **out, const void *data, size_t size, const char *name,
                                     okng_error *error);

/* A tensor and its name; both are the caller's. */
typedef struct okng_named_array {
    const char *name; /* of UTF-8, each once */
    const okng_array *array;
} okng_named_array;

/* Weights that hold the tensors of `base` and others, of names that it has not: what is learnt beside a network that
 * stays as it is. Nothing is copied but names: `base` and the data of `others` outlive it. In all else they are `base`.
 * Errors: FORMAT for a name that is there twice; MEMORY. */
okng_status okng_weights_join(okng_weights **out, const okng_weights *base, const okng_named_array *others,
                              size_t count, okng_error *error);

/* What a file says of itself, see okng_weights_metadata. */
typedef struct okng_weights_note {
    const char *key, *value;
} okng_weights_note;

/* Tensors that lie elsewhere, in a mapped file for one. */
typedef struct okng_weights_views {
    const char *path;                /* for errors */
    const okng_named_array *tensors; /* [count]; `data` may be NULL where `look` makes it */
    size_t count;
    const okng_weights_note *notes; /* [note_count] */
    size_t note_count;
    /* Called before tensor `i` is given out for the first time, by one thread at a time: checks its data, or sets
     * `array->data`, which stays the context's. NULL: nothing is looked at. */
    okng_status (*look)(void *context, size_t i, okng_array *array, okng_error *error);
    void (*release)(void *context); /* once the weights are closed, or could not be opened; NULL: nothing to release */
    void *context;
} okng_weights_views;

/* Weights of those. All but data and context is copied. Takes over the context, on failure too. okng_weights_find gives
 * NULL for a tensor that does not pass `look`, okng_weights_get its error, each time that it is asked for. Errors:
 * LIMIT and FORMAT of names; MEMORY. */
okng_status okng_weights_of_views(okng_weights **out, const okng_weights_views *views, okng_error *error);

/* As okng_weights_open, for checkpoints of Lightning: objects of known packages beside the tensors are passed over
 * (okng_pickle.lenient). */
okng_status okng_weights_open_checkpoint(okng_weights **out, const char *path, okng_error *error);
/* As okng_weights_open, and of a module that was pickled whole (torch.save(module)): its tensors get the names of its
 * state_dict. Nothing is run: objects in the file may be of `classes` alone, each "module.name", NULL at the end; one
 * of another class is refused by its name (UNSUPPORTED). `classes` must outlive the weights. */
okng_status okng_weights_open_module(okng_weights **out, const char *path, const char *const *classes,
                                     okng_error *error);
/* The whole object of a checkpoint or a module, with what lies beside its tensors; owned by the weights. NULL where the
 * file is no pickle, or was opened by okng_weights_open. */
const okng_pickle *okng_weights_object(const okng_weights *weights, okng_pickle_ref *root);

/* Writes float32 [rows, dim] so that torch.load gives one tensor of that shape: a stored (uncompressed) zip with
 * zip64 where needed, tensor data aligned to 64 bytes, and no time or name in it that varies: same rows, same bytes. */
okng_status okng_pt_write(const char *path, const float *rows, int64_t count, int64_t dim, okng_error *error);

/* Writes the tensors of floating type whose names begin with `prefix`, without it, as a .safetensors file. Same
 * tensors, same bytes. Errors: NOT_FOUND when there are none. */
okng_status okng_safetensors_write(const char *path, const okng_weights *weights, const char *prefix,
                                   okng_error *error);

/* Writes tensors of any type as a .safetensors file, in this order. Same tensors, same bytes. */
okng_status okng_safetensors_write_arrays(const char *path, const okng_named_array *tensors, size_t count,
                                          okng_error *error);

#endif
