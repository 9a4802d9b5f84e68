/* A pickle machine that knows only what torch.save writes (protocols 2 to 5) and calls nothing: it builds a tree of
 * plain values, storages and tensors. Opcodes and globals outside its lists are refused by name. */
#ifndef OKNG_TENSOR_PICKLE_H
#define OKNG_TENSOR_PICKLE_H

#include "base/error.h"
#include "tensor/array.h"

enum {
    OKNG_PICKLE_MAX_STACK = 1 << 16,   /* values waiting */
    OKNG_PICKLE_MAX_DEPTH = 1024,      /* open marks */
    OKNG_PICKLE_MAX_OBJECTS = 1 << 22, /* values and places in containers: at most about 100 MiB */
    OKNG_PICKLE_MAX_GLOBAL = 128       /* bytes of "module.name" */
};

typedef enum okng_pickle_kind {
    OKNG_PICKLE_NONE,
    OKNG_PICKLE_BOOL,    /* integer */
    OKNG_PICKLE_INT,     /* integer */
    OKNG_PICKLE_LONG,    /* text: an integer of more than 8 bytes, little endian */
    OKNG_PICKLE_FLOAT,   /* no value kept */
    OKNG_PICKLE_TEXT,    /* text */
    OKNG_PICKLE_BYTES,   /* text */
    OKNG_PICKLE_TUPLE,   /* items */
    OKNG_PICKLE_LIST,    /* items */
    OKNG_PICKLE_DICT,    /* items: key, value, key, value ... */
    OKNG_PICKLE_GLOBAL,  /* integer: which of the known globals */
    OKNG_PICKLE_STORAGE, /* integer: index into storages */
    OKNG_PICKLE_TENSOR,  /* integer: index into tensors */
    OKNG_PICKLE_DEVICE,  /* a torch.device; no value kept */
    OKNG_PICKLE_OPAQUE   /* a class, an object or a set of a lenient machine; nothing of it is kept */
} okng_pickle_kind;

typedef uint32_t okng_pickle_ref; /* index into values */

typedef struct okng_pickle_value {
    okng_pickle_kind kind;
    uint32_t length; /* bytes of text or number of items */
    union {
        int64_t integer;
        const char *text; /* inside the pickle, not NUL-terminated */
        struct {
            uint32_t first, last; /* cells */
        } items;
    } as;
} okng_pickle_value;

typedef struct okng_pickle_cell {
    okng_pickle_ref value;
    uint32_t next;
} okng_pickle_cell;

/* What a persistent id names. */
typedef struct okng_pickle_storage {
    okng_dtype dtype;
    uint32_t key_length;
    const char *key;
    int64_t count;             /* elements of the whole storage */
    int64_t offset, available; /* elements: the part that is seen, all of it but for views in old files */
} okng_pickle_storage;

typedef struct okng_pickle_tensor {
    uint32_t storage;
    int64_t offset; /* elements */
    okng_pickle_ref shape, strides;
} okng_pickle_tensor;

typedef struct okng_pickle {
    const char *path; /* for errors */
    /* Lightning's checkpoints hold objects beside their tensors (hyper-parameters, transforms). Where this is set,
     * those of known packages are passed over, which is as safe: still nothing is called. */
    bool lenient;
    okng_error *error;
    const uint8_t *begin, *at, *end;
    okng_pickle_value *values;
    okng_pickle_cell *cells;
    okng_pickle_storage *storages;
    okng_pickle_tensor *tensors;
    uint32_t *memo; /* value + 1; 0 = none */
    okng_pickle_ref *stack;
    uint32_t *marks; /* heights of the stack */
    size_t value_count, cell_count, storage_count, tensor_count, memo_count, depth, mark_count;
    size_t value_room, cell_room, storage_room, tensor_room, memo_room, stack_room, mark_room;
} okng_pickle;

/* Zeroed but for path, error and lenient, then run for each pickle of a stream: begins at `data`, `*used` gets its
 * length. Values of earlier runs stay. */
okng_status okng_pickle_run(okng_pickle *p, const uint8_t *data, size_t size, size_t *used, okng_pickle_ref *root);
void okng_pickle_free(okng_pickle *p);

const okng_pickle_value *okng_pickle_get(const okng_pickle *p, okng_pickle_ref ref);
/* Item i of a container, 0 <= i < its length; walks from the first, so for short ones. */
const okng_pickle_value *okng_pickle_item(const okng_pickle *p, const okng_pickle_value *container, uint32_t i);
bool okng_pickle_is_text(const okng_pickle_value *value, const char *text);
/* "a dict", "a tensor": for errors. */
const char *okng_pickle_kind_name(okng_pickle_kind kind);

#endif
