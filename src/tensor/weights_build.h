/* How the readers of weight files hand over what they found. Private to tensor/. */
#ifndef OKNG_TENSOR_WEIGHTS_BUILD_H
#define OKNG_TENSOR_WEIGHTS_BUILD_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/json.h"
#include "tensor/names.h"
#include "tensor/pickle.h"
#include "tensor/weights.h"

/* The largest networks have some thousand tensors. All names together: a pickle may give one long text to many. */
enum { OKNG_MAX_TENSORS = 1 << 16, OKNG_MAX_TENSOR_NAME = 4096, OKNG_MAX_TENSOR_NAMES = 16 << 20 };

/* A whole file, in memory. */
typedef struct okng_file_bytes {
    const uint8_t *data;
    size_t size;
} okng_file_bytes;

typedef struct okng_weights_entry {
    okng_array array; /* data is NULL when it cannot be read: its type is another, or it is a view with strides */
    char *name;
    char *type;         /* of OKNG_DTYPE_OTHER as the file calls it, else NULL */
    void *owned;        /* data that had to be copied from the file, or NULL */
    atomic_bool looked; /* its data may be given out without another look */
} okng_weights_entry;

/* See okng_weights_views. */
typedef struct okng_weights_lookout {
    okng_status (*look)(void *context, size_t i, okng_array *array, okng_error *error);
    void (*release)(void *context);
    void *context;
    pthread_mutex_t mutex; /* held while it looks */
} okng_weights_lookout;

struct okng_weights {
    char *path;
    okng_file_bytes file;
    bool lenient;                     /* see okng_weights_open_checkpoint */
    const char *const *allowed;       /* see okng_weights_open_module; NULL: any where it is lenient */
    bool script;                      /* a TorchScript archive */
    json_t *metadata;                 /* an object of texts, or NULL */
    bool owned;                       /* else the bytes are the caller's */
    struct okng_weights_share *share; /* NULL: they have one user */
    size_t copied;                    /* bytes of all copies */
    size_t named;                     /* bytes of all names */
    okng_pickle *object;              /* of a checkpoint; see okng_weights_object */
    okng_pickle_ref root;
    okng_weights_entry *entries;
    size_t count, capacity;
    okng_name *index;                /* sorted; item is the entry */
    okng_weights_lookout *lookout;   /* NULL: every entry's data is as it was read */
    const struct okng_weights *base; /* whose entries come first here, see okng_weights_join; NULL: all are its own */
};

/* Adds a tensor: copies the name, checks it, and that shape and type make `bytes` bytes. `data` is inside the file, or
 * NULL for a tensor that is there but not contiguous. */
okng_status okng_weights_add(okng_weights *weights, const char *name, size_t length, const okng_array *array,
                             okng_error *error);
/* Adds a tensor of a type that okng does not read, under the type's name in the file; of `array` count dims, shape and
 * bytes. */
okng_status okng_weights_add_other(okng_weights *weights, const okng_name *name, const okng_name *type,
                                   const okng_array *array, okng_error *error);
/* The same as okng_weights_add for elements that were copied together; takes over array->data, also on failure. */
okng_status okng_weights_add_copy(okng_weights *weights, const okng_name *name, const okng_array *array,
                                  okng_error *error);

/* Whether the data of entry `i` may be given out; looks at it the first time where it has to be. Errors: those of
 * okng_weights_views.look. */
okng_status okng_weights_look(const okng_weights *weights, size_t i, okng_error *error);
void okng_weights_lookout_free(okng_weights_lookout *lookout); /* NULL is fine */

/* Once all are added: makes them findable. FORMAT where two have one name. */
okng_status okng_weights_build_index(okng_weights *weights, okng_error *error);

/* Keeps the object of a checkpoint; takes over what `pickle` owns. */
okng_status okng_weights_keep(okng_weights *weights, okng_pickle *pickle, okng_pickle_ref root, okng_error *error);

/* Weights that were read from `file` and have that SHA-256, if they are open: they have one user more. */
bool okng_weights_take_shared(okng_weights **out, const struct stat *file, const char *sha256);
/* Lets others take them. Returns them; or those of another thread that has read the same meanwhile, with one user more:
 * then the caller closes its own. Where memory is out they stay alone. */
okng_weights *okng_weights_share(okng_weights *weights, const struct stat *file, const char *sha256);
/* One user less; whether it was the last, who closes them. */
bool okng_weights_unshare(okng_weights *weights);
/* Whether it is one file, not changed between the two. */
bool okng_weights_same_file(const struct stat *a, const struct stat *b);

/* The readers, one per container. Each gets the whole file in weights->file and adds every tensor in it. */
okng_status okng_safetensors_read(okng_weights *weights, okng_error *error);
okng_status okng_safetensors_check_length(const char *path, const uint8_t *head, size_t whole, okng_error *error);
okng_status okng_pth_zip_read(okng_weights *weights, okng_error *error);
okng_status okng_pth_legacy_read(okng_weights *weights, okng_error *error);

/* What each container begins with. */
bool okng_safetensors_matches(const okng_file_bytes *file);
bool okng_pth_zip_matches(const okng_file_bytes *file);
bool okng_pth_legacy_matches(const okng_file_bytes *file);

#endif
