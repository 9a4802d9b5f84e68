#include "tensor/weights.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "base/sized.h"
#include "tensor/weights_build.h"

typedef struct container {
    bool (*matches)(const okng_file_bytes *file); /* by its first bytes */
    okng_status (*read)(okng_weights *weights, okng_error *error);
} container;

static okng_status find_container(const container **out, const char *path, const okng_file_bytes *file,
                                  okng_error *error)
{
    /* The length that a .safetensors file begins with may look like what the others begin with (0x80 0x02 is 640), its
     * brace behind that is in neither of them. */
    static const container containers[] = {
        {okng_safetensors_matches, okng_safetensors_read},
        {okng_pth_zip_matches, okng_pth_zip_read},
        {okng_pth_legacy_matches, okng_pth_legacy_read},
    };
    for (size_t i = 0; i < sizeof containers / sizeof *containers; i++) {
        if (!containers[i].matches(file)) continue;
        *out = &containers[i];
        return OKNG_OK;
    }
    if (file->size == 0) return okng_fail(error, OKNG_ERROR_FORMAT, "%s: is empty, expected a weight file", path);
    if (file->size > 512 && memcmp(file->data + 257, "ustar", 5) == 0)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: is a tar file (PyTorch before 0.1.10, or an archive); unpack it, or load it in torch and "
                         "save it again with torch.save",
                         path);
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s: is no weight file: expected a PyTorch .pth/.pt or a .safetensors file", path);
}

static okng_status look_at_head(const char *path, const uint8_t *head, size_t size, size_t whole, okng_error *error)
{
    const container *found = NULL;
    const okng_file_bytes file = {head, size};
    OKNG_TRY(find_container(&found, path, &file, error));
    return found->read == okng_safetensors_read ? okng_safetensors_check_length(path, head, whole, error) : OKNG_OK;
}

static okng_status read_container(okng_weights *weights, okng_error *error)
{
    const container *found = NULL;
    OKNG_TRY(find_container(&found, weights->path, &weights->file, error));
    return found->read(weights, error);
}

/* How bytes are opened. */
typedef struct manner {
    bool owned;                 /* the bytes are taken over */
    bool lenient;               /* objects may lie beside tensors */
    const char *const *allowed; /* see okng_weights_open_module */
} manner;

static okng_status open_bytes(okng_weights **out, okng_file_bytes file, manner how, const char *name, okng_error *error)
{
    okng_weights *weights = calloc(1, sizeof *weights);
    char *path = strdup(name);
    okng_status status = OKNG_OK;
    if (!weights || !path) {
        if (how.owned) free((void *)(uintptr_t)file.data);
        free(weights);
        free(path);
        return okng_fail_memory(error, sizeof *weights);
    }
    *weights =
        (okng_weights){.path = path, .file = file, .owned = how.owned, .lenient = how.lenient, .allowed = how.allowed};
    status = read_container(weights, error);
    if (status == OKNG_OK) status = okng_weights_build_index(weights, error);
    if (status == OKNG_OK)
        *out = weights;
    else
        okng_weights_close(&weights);
    return status;
}

static okng_status open_path(okng_weights **out, const char *path, manner how, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the weights", error));
    *out = NULL;
    OKNG_TRY(okng_need(path, "the path of a weight file", error));
    void *data;
    size_t size;
    OKNG_TRY(okng_file_read_looking(path, PTRDIFF_MAX, look_at_head, &data, &size, error));
    return open_bytes(out, (okng_file_bytes){data, size}, how, path, error);
}

okng_status okng_weights_open(okng_weights **out, const char *path, okng_error *error)
{
    return open_path(out, path, (manner){.owned = true}, error);
}

okng_status okng_weights_open_checkpoint(okng_weights **out, const char *path, okng_error *error)
{
    return open_path(out, path, (manner){.owned = true, .lenient = true}, error);
}

okng_status okng_weights_open_module(okng_weights **out, const char *path, const char *const *classes,
                                     okng_error *error)
{
    return open_path(out, path, (manner){.owned = true, .lenient = true, .allowed = classes}, error);
}

okng_status okng_weights_open_memory(okng_weights **out, const void *data, size_t size, const char *name,
                                     okng_error *error)
{
    *out = NULL;
    return open_bytes(out, (okng_file_bytes){data, size}, (manner){.owned = false}, name, error);
}

void okng_weights_close(okng_weights **out)
{
    if (!out || !*out) return;
    okng_weights *weights = *out;
    *out = NULL;
    if (!okng_weights_unshare(weights)) return;
    for (size_t i = 0; i < weights->count; i++) {
        free(weights->entries[i].name);
        free(weights->entries[i].type);
        free(weights->entries[i].owned);
    }
    json_decref(weights->metadata);
    okng_weights_lookout_free(weights->lookout);
    if (weights->object) okng_pickle_free(weights->object);
    free(weights->object);
    free(weights->entries);
    free(weights->index);
    free(weights->path);
    if (weights->owned) free((void *)(uintptr_t)weights->file.data);
    free(weights);
}

okng_status okng_weights_open_shared(okng_weights **out, const char *path, const char *sha256, char actual[65],
                                     okng_error *error)
{
    struct stat before, after;
    *out = NULL;
    bool known = stat(path, &before) == 0;
    if (known && okng_weights_take_shared(out, &before, sha256)) {
        memcpy(actual, sha256, 65);
        return OKNG_OK;
    }
    OKNG_TRY(okng_weights_open(out, path, error));
    okng_sha256((*out)->file.data, (*out)->file.size, actual);
    if (strcmp(actual, sha256) != 0) return OKNG_OK;
    if (!known || stat(path, &after) != 0 || !okng_weights_same_file(&before, &after)) return OKNG_OK;
    okng_weights *shared = okng_weights_share(*out, &before, sha256);
    if (shared != *out) okng_weights_close(out);
    *out = shared;
    return OKNG_OK;
}

size_t okng_weights_count(const okng_weights *weights)
{
    return weights ? weights->count : 0;
}

okng_status okng_weights_tensor(const okng_weights *weights, size_t i, okng_tensor_info *info, okng_error *error)
{
    const char *what = "the place for a tensor's description";
    okng_tensor_info full = {.struct_size = sizeof full};
    OKNG_TRY(okng_sized_give(info, &full, sizeof full, what, error));
    OKNG_TRY(okng_need(weights, "the weights", error));
    if (i >= weights->count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: tensor %zu was asked for, it holds %zu", weights->path, i,
                         weights->count);
    const okng_weights_entry *entry = &weights->entries[i];
    full.name = entry->name;
    full.dtype = entry->array.dtype;
    full.dims = entry->array.dims;
    memcpy(full.shape, entry->array.shape, sizeof full.shape);
    full.type_name = entry->type ? entry->type : okng_dtype_name(entry->array.dtype);
    full.bytes = entry->array.bytes;
    return okng_sized_give(info, &full, sizeof full, what, error);
}

static const okng_weights_entry *find_entry(const okng_weights *weights, const char *name)
{
    const okng_name *found = okng_names_find(weights->index, weights->count, name, strlen(name));
    return found ? &weights->entries[found->item] : NULL;
}

static okng_status look(const okng_weights *weights, const okng_weights_entry *entry, okng_error *error)
{
    return okng_weights_look(weights, (size_t)(entry - weights->entries), error);
}

const okng_array *okng_weights_find(const okng_weights *weights, const char *name)
{
    const okng_weights_entry *entry = find_entry(weights, name);
    if (!entry || look(weights, entry, NULL) != OKNG_OK) return NULL;
    return entry->array.data ? &entry->array : NULL;
}

okng_status okng_weights_get(const okng_weights *weights, const char *name, const okng_array **out, okng_error *error)
{
    *out = NULL;
    const okng_weights_entry *entry = find_entry(weights, name);
    if (!entry)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: holds no tensor \"%s\" among its %zu", weights->path, name,
                         weights->count);
    if (entry->type)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: tensor \"%s\" is of type %s, which okng does not read; save it again as float32",
                         weights->path, name, entry->type);
    OKNG_TRY(look(weights, entry, error));
    if (!entry->array.data)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: tensor \"%s\" is a view with strides; save it again as tensor.contiguous().clone()",
                         weights->path, name);
    *out = &entry->array;
    return OKNG_OK;
}

bool okng_weights_has(const okng_weights *weights, const char *name)
{
    return find_entry(weights, name) != NULL;
}

const char *okng_weights_metadata(const okng_weights *weights, const char *key)
{
    return json_string_value(json_object_get(weights->metadata, key));
}

bool okng_weights_is_script(const okng_weights *weights)
{
    return weights->script;
}

const okng_pickle *okng_weights_object(const okng_weights *weights, okng_pickle_ref *root)
{
    *root = weights->root;
    return weights->object;
}

const char *okng_weights_path(const okng_weights *weights)
{
    return weights->path;
}

bool okng_weights_owned(const okng_weights *weights)
{
    return weights->owned;
}

const void *okng_weights_bytes(const okng_weights *weights, size_t *size)
{
    *size = weights->file.size;
    return weights->file.data;
}
