/* Builders of hostile files: bytes, pickles, and the zip around one. */
#ifndef OKNG_TESTS_TENSOR_BYTES_H
#define OKNG_TESTS_TENSOR_BYTES_H

#include "tensor/bytes.h"
#include "tensor/weights.h"
#include "test.h"

#define GOLDEN(name) OKNG_GOLDEN "/tensor/" name
/* A string literal with its NULs, as pointer and length. */
#define LITERAL(text) (text), (sizeof(text) - 1)

typedef struct bytes {
    uint8_t *data;
    size_t size, capacity;
} bytes;

static inline void add(bytes *b, const void *data, size_t size)
{
    if (b->size + size > b->capacity) {
        b->capacity = (b->size + size) * 2;
        b->data = realloc(b->data, b->capacity);
        assert_non_null(b->data);
    }
    if (size > 0) memcpy(b->data + b->size, data, size);
    b->size += size;
}

static inline void add_text(bytes *b, const char *text)
{
    add(b, text, strlen(text));
}

static inline void add_number(bytes *b, size_t width, uint64_t value)
{
    uint8_t number[8];
    okng_store_u64(number, value);
    add(b, number, width);
}

static inline void drop(bytes *b)
{
    free(b->data);
    *b = (bytes){0};
}

static inline bytes read_file(const char *path)
{
    bytes b = {0};
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    uint8_t part[4096];
    for (size_t got; (got = fread(part, 1, sizeof part, file)) > 0;) add(&b, part, got);
    (void)fclose(file);
    return b;
}

/* Where `part` begins in `b`; it must be there. */
static inline size_t locate(const bytes *b, const void *part, size_t size)
{
    const uint8_t *at = memmem(b->data, b->size, part, size);
    assert_non_null(at);
    return (size_t)(at - b->data);
}

/* ---- zip -------------------------------------------------------------------------------------- */

typedef struct zip_entry {
    const char *name;
    size_t name_length; /* 0: of the text */
    const void *data;
    size_t size;
    unsigned method, flags;
    size_t offset; /* filled in */
} zip_entry;

static inline void add_zip_header(bytes *b, const zip_entry *e, bool central)
{
    size_t name_length = e->name_length ? e->name_length : strlen(e->name);
    add_text(b, central ? "PK\1\2" : "PK\3\4");
    if (central) add_number(b, 2, 20);
    add_number(b, 2, 20);
    add_number(b, 2, e->flags);
    add_number(b, 2, e->method);
    add_number(b, 8, 0); /* time, date, checksum */
    add_number(b, 4, e->size);
    add_number(b, 4, e->size);
    add_number(b, 2, name_length);
    add_number(b, 2, 0);
    if (central) add_number(b, 8, 0);
    if (central) add_number(b, 2, 0);
    if (central) add_number(b, 4, e->offset);
    add(b, e->name, name_length);
}

/* A plain zip without zip64. */
static inline bytes make_zip(zip_entry *entries, size_t count)
{
    bytes b = {0};
    for (size_t i = 0; i < count; i++) {
        entries[i].offset = b.size;
        add_zip_header(&b, &entries[i], false);
        add(&b, entries[i].data, entries[i].size);
    }
    size_t directory = b.size;
    for (size_t i = 0; i < count; i++) add_zip_header(&b, &entries[i], true);
    size_t size = b.size - directory;
    add_text(&b, "PK\5\6");
    add_number(&b, 4, 0);
    add_number(&b, 2, count);
    add_number(&b, 2, count);
    add_number(&b, 4, size);
    add_number(&b, 4, directory);
    add_number(&b, 2, 0);
    return b;
}

/* A .pth whose data.pkl is `pickle` and whose storage "0" is 64 zero bytes. */
static inline bytes make_pth(const void *pickle, size_t size)
{
    static const uint8_t storage[64];
    zip_entry entries[] = {{.name = "a/data.pkl", .data = pickle, .size = size},
                           {.name = "a/data/0", .data = storage, .size = sizeof storage}};
    return make_zip(entries, 2);
}

/* ---- pickle ----------------------------------------------------------------------------------- */

/* torch._utils._rebuild_tensor_v2 of float32 storage `key` of `count` elements; `shape` and `strides` are opcodes that
 * make tuples, `offset` opcodes that make an integer. */
static inline void add_tensor(bytes *b, const char *key, int32_t count, const char *offset, const char *shape,
                              const char *strides)
{
    add_text(b, "ctorch._utils\n_rebuild_tensor_v2\n((X");
    add_number(b, 4, 7);
    add_text(b, "storagectorch\nFloatStorage\nX");
    add_number(b, 4, strlen(key));
    add_text(b, key);
    add_text(b, "X");
    add_number(b, 4, 3);
    add_text(b, "cpuJ");
    add_number(b, 4, (uint32_t)count);
    add_text(b, "tQ");
    add_text(b, offset);
    add_text(b, shape);
    add_text(b, strides);
    add_text(b, "\x89"
                "ccollections\nOrderedDict\n)RtR");
}

#endif
