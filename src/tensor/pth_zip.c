/* The zip container of torch.save since 1.6: <folder>/data.pkl, and <folder>/data/<key> for each storage.
 * torch.jit.save writes the same, and constants.pkl and code beside it, which is not looked at. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/pth.h"
#include "tensor/zip.h"

typedef struct archive {
    okng_weights *weights;
    okng_error *error;
    okng_zip zip;
    const okng_zip_entry *object; /* data.pkl */
    char *name;                   /* room for the longest name asked for; begins with the folder and its slash */
    size_t folder;                /* bytes of folder and slash */
    okng_pickle pickle;
    okng_pickle_ref root;
    const uint8_t **data; /* of each storage */
} archive;

bool okng_pth_zip_matches(const okng_file_bytes *file)
{
    return file->size >= 4 && memcmp(file->data, "PK\3\4", 4) == 0;
}

static const okng_zip_entry *find(archive *a, const char *name, size_t length)
{
    memcpy(a->name + a->folder, name, length);
    return okng_zip_find(&a->zip, a->name, a->folder + length);
}

static const okng_zip_entry *find_text(archive *a, const char *name)
{
    return find(a, name, strlen(name));
}

/* The one entry called <folder>/data.pkl. */
static okng_status find_object(archive *a)
{
    static const char suffix[] = "/data.pkl";
    const size_t suffix_length = sizeof suffix - 1;
    const char *path = a->weights->path;
    for (size_t i = 0; i < a->zip.count; i++) {
        const okng_zip_entry *entry = &a->zip.entries[i];
        if (entry->name_length <= suffix_length) continue;
        const char *slash = memchr(entry->name, '/', entry->name_length);
        if (!slash || (size_t)(slash - entry->name) != entry->name_length - suffix_length) continue;
        if (memcmp(slash, suffix, suffix_length) != 0) continue;
        if (a->object)
            return okng_fail(a->error, OKNG_ERROR_FORMAT, "%s: a zip archive with more than one data.pkl", path);
        a->object = entry;
    }
    if (!a->object)
        return okng_fail(a->error, OKNG_ERROR_FORMAT,
                         "%s: a zip archive without <folder>/data.pkl, expected one written by torch.save", path);
    a->folder = a->object->name_length - suffix_length + 1;
    a->name = malloc(a->folder + OKNG_PICKLE_MAX_KEY + sizeof "data/");
    if (!a->name) return okng_fail_memory(a->error, a->folder + OKNG_PICKLE_MAX_KEY);
    memcpy(a->name, a->object->name, a->folder);
    return OKNG_OK;
}

static okng_status check_stored(const archive *a, const okng_zip_entry *entry)
{
    if (entry->data) return OKNG_OK;
    return okng_fail(a->error, OKNG_ERROR_UNSUPPORTED,
                     "%s: entry \"%.*s\" is compressed, expected stored; load the file in torch and save it again with "
                     "torch.save",
                     a->weights->path, (int)entry->name_length, entry->name);
}

static okng_status check_kind(archive *a)
{
    a->pickle.script = a->weights->script = find_text(a, "constants.pkl") != NULL;
    a->pickle.lenient = a->pickle.lenient || a->pickle.script;
    OKNG_TRY(check_stored(a, a->object));
    const okng_zip_entry *order = find_text(a, "byteorder");
    if (!order) return OKNG_OK;
    OKNG_TRY(check_stored(a, order));
    if (order->size == 6 && memcmp(order->data, "little", 6) == 0) return OKNG_OK;
    return okng_fail(a->error, OKNG_ERROR_UNSUPPORTED, "%s: byte order \"%.*s\", expected little", a->weights->path,
                     order->size < 16 ? (int)order->size : 16, (const char *)order->data);
}

static okng_status locate_storage(archive *a, const okng_pickle_storage *storage, const uint8_t **data)
{
    const char *path = a->weights->path;
    char key[sizeof "data/" + OKNG_PICKLE_MAX_KEY] = "data/";
    const size_t prefix = sizeof "data/" - 1;
    memcpy(key + prefix, storage->key, storage->key_length);
    const okng_zip_entry *entry = find(a, key, prefix + storage->key_length);
    if (!entry)
        return okng_fail(a->error, OKNG_ERROR_FORMAT, "%s: storage \"%.*s\" is not in the archive", path,
                         (int)storage->key_length, storage->key);
    OKNG_TRY(check_stored(a, entry));
    size_t bytes;
    bool fits = okng_mul_size((size_t)storage->count, storage->size, &bytes) &&
                (bytes == entry->size || (a->pickle.script && bytes < entry->size)); /* of a view in old archives */
    if (storage->size > 0 && !fits)
        return okng_fail(
            a->error, OKNG_ERROR_FORMAT, "%s: storage \"%.*s\" has %zu bytes, expected %" PRId64 " elements of %s",
            path, (int)storage->key_length, storage->key, entry->size, storage->count, okng_dtype_name(storage->dtype));
    *data = entry->data;
    return OKNG_OK;
}

static okng_status locate_storages(archive *a)
{
    size_t count = a->pickle.storage_count;
    a->data = okng_alloc(count, sizeof *a->data);
    if (!a->data) return okng_fail_memory(a->error, count * sizeof *a->data);
    for (size_t i = 0; i < count; i++) OKNG_TRY(locate_storage(a, &a->pickle.storages[i], &a->data[i]));
    return OKNG_OK;
}

static okng_status read_object(archive *a)
{
    size_t used;
    OKNG_TRY(find_object(a));
    OKNG_TRY(check_kind(a));
    OKNG_TRY(okng_pickle_run(&a->pickle, a->object->data, a->object->size, &used, &a->root));
    if (used != a->object->size)
        return okng_fail(a->error, OKNG_ERROR_FORMAT, "%s: data.pkl has %zu bytes after its end", a->weights->path,
                         a->object->size - used);
    OKNG_TRY(locate_storages(a));
    return okng_pth_collect_any(a->weights, &a->pickle, a->root, a->data, a->error);
}

okng_status okng_pth_zip_read(okng_weights *weights, okng_error *error)
{
    archive a = {.weights = weights, .error = error};
    a.pickle.path = weights->path;
    a.pickle.error = error;
    a.pickle.lenient = weights->lenient;
    a.pickle.allowed = weights->allowed;
    OKNG_TRY(okng_zip_open(&a.zip, weights->file.data, weights->file.size, weights->path, error));
    okng_status status = read_object(&a);
    if (status == OKNG_OK && weights->lenient) status = okng_weights_keep(weights, &a.pickle, a.root, error);
    okng_pickle_free(&a.pickle);
    okng_zip_close(&a.zip);
    free(a.name);
    free(a.data);
    return status;
}
