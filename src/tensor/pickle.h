/* A pickle machine that knows only what torch.save writes (protocols 2 to 5) and calls nothing: it builds a tree of
 * plain values, storages and tensors. Opcodes and globals outside its lists are refused by name. */
#ifndef OKNG_TENSOR_PICKLE_H
#define OKNG_TENSOR_PICKLE_H

#include "base/error.h"
#include "tensor/array.h"

enum {
    OKNG_PICKLE_MAX_STACK = 1 << 16,   /* values waiting */
    OKNG_PICKLE_MAX_DEPTH = 1024,      /* open marks */
    OKNG_PICKLE_MAX_OBJECTS = 1 << 21, /* values, and places in containers: at most about 100 MiB */
    OKNG_PICKLE_MAX_TENSORS = 1 << 17, /* also of an optimizer, which are read over; and storages */
    OKNG_PICKLE_MAX_KEY = 255,         /* bytes of what names a storage */
    OKNG_PICKLE_MAX_GLOBAL = 128       /* bytes of "module.name" */
};

typedef enum okng_pickle_kind {
    OKNG_PICKLE_NONE,
    OKNG_PICKLE_BOOL,    /* integer */
    OKNG_PICKLE_INT,     /* integer */
    OKNG_PICKLE_LONG,    /* text: an integer of more than 8 bytes, little endian */
    OKNG_PICKLE_FLOAT,   /* real */
    OKNG_PICKLE_TEXT,    /* text */
    OKNG_PICKLE_BYTES,   /* text */
    OKNG_PICKLE_TUPLE,   /* items */
    OKNG_PICKLE_LIST,    /* items */
    OKNG_PICKLE_DICT,    /* items: key, value, key, value ... */
    OKNG_PICKLE_GLOBAL,  /* integer: which of the known globals */
    OKNG_PICKLE_STORAGE, /* integer: index into storages */
    OKNG_PICKLE_TENSOR,  /* integer: index into tensors */
    OKNG_PICKLE_DEVICE,  /* a torch.device; no value kept */
    /* Of a lenient machine: */
    OKNG_PICKLE_CLASS,  /* integer: index into classes */
    OKNG_PICKLE_OBJECT, /* integer: index into objects */
    OKNG_PICKLE_OPAQUE  /* a set; nothing of it is kept */
} okng_pickle_kind;

typedef uint32_t okng_pickle_ref; /* index into values */

typedef struct okng_pickle_value {
    okng_pickle_kind kind;
    uint32_t length; /* bytes of text or number of items */
    union {
        int64_t integer;
        double real;
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
    size_t size;      /* bytes of an element; 0 where they are not known */
    const char *type; /* of OKNG_DTYPE_OTHER its name, not NUL-terminated */
    uint32_t type_length, key_length;
    const char *key;
    int64_t count;             /* elements of the whole storage */
    int64_t offset, available; /* elements: the part that is seen, all of it but for views in old files */
} okng_pickle_storage;

/* A class or a function that a lenient machine was asked for: its name. */
typedef struct okng_pickle_class {
    const char *module, *name; /* inside the pickle */
    uint32_t module_length, name_length;
} okng_pickle_class;

enum { OKNG_PICKLE_ABSENT = UINT32_MAX }; /* no value */

/* What would be made by calling `type`: what it would be called with, and what was put into it. */
typedef struct okng_pickle_object {
    okng_pickle_ref type;      /* a class; an object where that made another */
    okng_pickle_ref arguments; /* a tuple, or ABSENT */
    okng_pickle_ref state;     /* its attributes: a dict, or (dict or None, dict); ABSENT */
    okng_pickle_ref items;     /* a dict or a list, where it is one itself; ABSENT */
} okng_pickle_object;

typedef struct okng_pickle_tensor {
    uint32_t storage;
    int64_t offset; /* elements */
    okng_pickle_ref shape, strides;
    okng_pickle_ref type; /* a class, where it is not the storage's: the elements are then not read; else ABSENT */
} okng_pickle_tensor;

typedef struct okng_pickle {
    const char *path; /* for errors */
    /* Lightning's checkpoints hold objects beside their tensors (hyper-parameters, transforms). Where this is set, the
     * names of their classes and what they hold are kept, which is as safe: still nothing is called. What only a file
     * that is meant to run something asks for is refused all the same. */
    bool lenient;
    /* Of a TorchScript archive: lenient, but only with the archive's own classes (__torch__...), which its modules are
     * of. */
    bool script;
    /* Lenient, but only with classes of these names, "module.name", NULL at the end: exactly these. */
    const char *const *allowed;
    okng_error *error;
    const uint8_t *begin, *at, *end;
    okng_pickle_value *values;
    okng_pickle_cell *cells;
    okng_pickle_storage *storages;
    okng_pickle_tensor *tensors;
    okng_pickle_class *classes;
    okng_pickle_object *objects;
    uint32_t *memo; /* value + 1; 0 = none */
    okng_pickle_ref *stack;
    uint32_t *marks; /* heights of the stack */
    size_t value_count, cell_count, storage_count, tensor_count, class_count, object_count, memo_count, depth;
    size_t mark_count, value_room, cell_room, storage_room, tensor_room, class_room, object_room, memo_room;
    size_t stack_room, mark_room;
} okng_pickle;

/* Zeroed but for path, error, lenient, script and allowed, then run for each pickle of a stream: begins at `data`,
 * `*used` gets its length. Values of earlier runs stay. */
okng_status okng_pickle_run(okng_pickle *p, const uint8_t *data, size_t size, size_t *used, okng_pickle_ref *root);
void okng_pickle_free(okng_pickle *p);

const okng_pickle_value *okng_pickle_get(const okng_pickle *p, okng_pickle_ref ref);
/* Item i of a container, 0 <= i < its length; walks from the first, so for short ones. */
const okng_pickle_value *okng_pickle_item(const okng_pickle *p, const okng_pickle_value *container, uint32_t i);
bool okng_pickle_is_text(const okng_pickle_value *value, const char *text);
/* "a dict", "a tensor": for errors. */
const char *okng_pickle_kind_name(okng_pickle_kind kind);

#endif
