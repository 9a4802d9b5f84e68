/* The older container of torch.save: five pickles (magic number, version, system, object, keys of storages), then for
 * each key its element count (int64) and raw elements. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/bytes.h"
#include "tensor/pth.h"

enum { PROTOCOL_VERSION = 1001 };

/* 0x1950a86a20f9469cfc6c, little endian. */
static const uint8_t magic[] = {0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

typedef struct stream {
    okng_weights *weights;
    okng_error *error;
    okng_pickle pickle;
    okng_pickle_ref root;
    size_t at;       /* bytes of the file read */
    okng_name *keys; /* of the pickle's storages, sorted; item is the storage */
    const uint8_t **data;
} stream;

bool okng_pth_legacy_matches(const okng_file_bytes *file)
{
    return file->size >= 2 && file->data[0] == 0x80 && file->data[1] >= 2 && file->data[1] <= 5;
}

static okng_status next_pickle(stream *s, okng_pickle_ref *root)
{
    size_t used;
    OKNG_TRY(okng_pickle_run(&s->pickle, s->weights->file.data + s->at, s->weights->file.size - s->at, &used, root));
    s->at += used;
    return OKNG_OK;
}

/* Where sys_info says that the file came from a big-endian machine, its raw elements are big-endian too. */
static okng_status check_system(const stream *s, const okng_pickle_value *info)
{
    if (info->kind != OKNG_PICKLE_DICT)
        return okng_fail(s->error, OKNG_ERROR_FORMAT, "%s: %s where the system is described, expected a dict",
                         s->weights->path, okng_pickle_kind_name(info->kind));
    uint32_t cell = info->as.items.first;
    for (uint32_t i = 0; i < info->length; i += 2) {
        const okng_pickle_value *key = okng_pickle_get(&s->pickle, s->pickle.cells[cell].value);
        cell = s->pickle.cells[cell].next;
        const okng_pickle_value *value = okng_pickle_get(&s->pickle, s->pickle.cells[cell].value);
        cell = s->pickle.cells[cell].next;
        if (!okng_pickle_is_text(key, "little_endian")) continue;
        if (value->kind == OKNG_PICKLE_BOOL && value->as.integer == 1) return OKNG_OK;
        return okng_fail(s->error, OKNG_ERROR_UNSUPPORTED, "%s: was written on a big-endian machine", s->weights->path);
    }
    return OKNG_OK;
}

static okng_status read_preamble(stream *s)
{
    const char *path = s->weights->path;
    okng_pickle_ref first, version, system;
    OKNG_TRY(next_pickle(s, &first));
    const okng_pickle_value *number = okng_pickle_get(&s->pickle, first);
    if (number->kind != OKNG_PICKLE_LONG || number->length != sizeof magic ||
        memcmp(number->as.text, magic, sizeof magic) != 0)
        return okng_fail(s->error, OKNG_ERROR_FORMAT, "%s: is a pickle but not one of torch.save", path);
    OKNG_TRY(next_pickle(s, &version));
    number = okng_pickle_get(&s->pickle, version);
    if (number->kind != OKNG_PICKLE_INT || number->as.integer != PROTOCOL_VERSION)
        return okng_fail(s->error, OKNG_ERROR_UNSUPPORTED, "%s: torch.save's stream version is not %d", path,
                         PROTOCOL_VERSION);
    OKNG_TRY(next_pickle(s, &system));
    return check_system(s, okng_pickle_get(&s->pickle, system));
}

static okng_status sort_keys(stream *s)
{
    size_t count = s->pickle.storage_count;
    s->keys = okng_alloc(count, sizeof *s->keys);
    s->data = okng_alloc_zero(count, sizeof *s->data);
    if (!s->keys || !s->data) return okng_fail_memory(s->error, count * sizeof *s->keys);
    for (size_t i = 0; i < count; i++)
        s->keys[i] = (okng_name){s->pickle.storages[i].key, s->pickle.storages[i].key_length, i};
    okng_names_sort_index(s->keys, count);
    return OKNG_OK;
}

static okng_status bad_storage(const stream *s, const okng_pickle_value *key, const char *what)
{
    return okng_fail(s->error, OKNG_ERROR_FORMAT, "%s: storage \"%.*s\": %s", s->weights->path, (int)key->length,
                     key->as.text, what);
}

/* The elements of the storage called `key` come next: gives them to every persistent id of that key. */
static okng_status read_storage(stream *s, const okng_pickle_value *key)
{
    const okng_file_bytes *file = &s->weights->file;
    if (key->kind != OKNG_PICKLE_TEXT)
        return okng_fail(s->error, OKNG_ERROR_FORMAT, "%s: the list of storages holds %s, expected text",
                         s->weights->path, okng_pickle_kind_name(key->kind));
    const okng_name *found = okng_names_find(s->keys, s->pickle.storage_count, key->as.text, key->length);
    if (!found) return bad_storage(s, key, "no tensor names it");
    const okng_pickle_storage *storage = &s->pickle.storages[found->item];
    if (s->data[found->item]) return bad_storage(s, key, "comes twice");
    if (file->size - s->at < 8) return bad_storage(s, key, "its count is missing; the file may be cut off");
    uint64_t count = okng_load_u64(file->data + s->at);
    s->at += 8;
    size_t bytes;
    if (storage->size == 0) return bad_storage(s, key, "is of a type whose size is not known");
    if (count != (uint64_t)storage->count || !okng_mul_size((size_t)storage->count, storage->size, &bytes))
        return okng_fail(s->error, OKNG_ERROR_FORMAT,
                         "%s: storage \"%.*s\" has %" PRIu64 " elements, expected %" PRId64, s->weights->path,
                         (int)key->length, key->as.text, count, storage->count);
    if (bytes > file->size - s->at) return bad_storage(s, key, "its elements are missing; the file may be cut off");
    for (const okng_name *end = s->keys + s->pickle.storage_count; found < end; found++) {
        if (found->length != key->length || memcmp(found->text, key->as.text, key->length) != 0) break;
        const okng_pickle_storage *other = &s->pickle.storages[found->item];
        if (other->dtype != storage->dtype || other->count != storage->count)
            return bad_storage(s, key, "is named with different types or counts");
        s->data[found->item] = file->data + s->at;
    }
    s->at += bytes;
    return OKNG_OK;
}

static okng_status read_storages(stream *s, const okng_pickle_value *keys)
{
    if (keys->kind != OKNG_PICKLE_LIST)
        return okng_fail(s->error, OKNG_ERROR_FORMAT, "%s: %s where the storages are listed, expected a list",
                         s->weights->path, okng_pickle_kind_name(keys->kind));
    uint32_t cell = keys->as.items.first;
    for (uint32_t i = 0; i < keys->length; i++, cell = s->pickle.cells[cell].next)
        OKNG_TRY(read_storage(s, okng_pickle_get(&s->pickle, s->pickle.cells[cell].value)));
    for (size_t i = 0; i < s->pickle.storage_count; i++)
        if (!s->data[i])
            return okng_fail(s->error, OKNG_ERROR_FORMAT, "%s: storage \"%.*s\" is not in the file", s->weights->path,
                             (int)s->pickle.storages[i].key_length, s->pickle.storages[i].key);
    if (s->at == s->weights->file.size) return OKNG_OK;
    return okng_fail(s->error, OKNG_ERROR_FORMAT, "%s: %zu bytes after the last storage", s->weights->path,
                     s->weights->file.size - s->at);
}

static okng_status read_stream(stream *s)
{
    okng_pickle_ref keys;
    OKNG_TRY(read_preamble(s));
    OKNG_TRY(next_pickle(s, &s->root));
    OKNG_TRY(sort_keys(s));
    size_t storages = s->pickle.storage_count;
    OKNG_TRY(next_pickle(s, &keys));
    if (s->pickle.storage_count != storages)
        return okng_fail(s->error, OKNG_ERROR_FORMAT, "%s: the list of storages holds a storage", s->weights->path);
    OKNG_TRY(read_storages(s, okng_pickle_get(&s->pickle, keys)));
    return okng_pth_collect_any(s->weights, &s->pickle, s->root, s->data, s->error);
}

okng_status okng_pth_legacy_read(okng_weights *weights, okng_error *error)
{
    stream s = {.weights = weights, .error = error};
    s.pickle.path = weights->path;
    s.pickle.error = error;
    s.pickle.lenient = weights->lenient;
    s.pickle.allowed = weights->allowed;
    okng_status status = read_stream(&s);
    if (status == OKNG_OK && weights->lenient) status = okng_weights_keep(weights, &s.pickle, s.root, error);
    okng_pickle_free(&s.pickle);
    free(s.keys);
    free(s.data);
    return status;
}
