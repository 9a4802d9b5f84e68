#include "train/cache.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "tensor/weights.h"

enum { DIGITS = 64 };
static const char index_name[] = "cache.json", ending[] = ".safetensors", format_name[] = "okng tokens";

static bool is_own(const char *name)
{
    return strcmp(name, index_name) == 0 ||
           (strlen(name) == DIGITS + sizeof ending - 1 && strspn(name, "0123456789abcdef") == DIGITS &&
            strcmp(name + DIGITS, ending) == 0);
}

void okng_token_cache_close(okng_token_cache *cache)
{
    free(cache->folder);
    free(cache->packed);
    *cache = (okng_token_cache){0};
}

/* ---- whose it is ---------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "?";
}

static okng_status of_another(const okng_token_cache *cache, const json_t *there, const json_t *key, okng_error *error)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)key, name, value)
    {
        if (json_equal(json_object_get(there, name), value)) continue;
        break;
    }
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: holds tokens of %s with weights %.12s, expected %s with weights %.12s (\"%s\" differs); name "
                     "another folder, or set training.rebuild_cache=true to replace it",
                     cache->folder, text_of(there, "backbone"), text_of(there, "weights_sha256"),
                     text_of(key, "backbone"), text_of(key, "weights_sha256"), name ? name : "format");
}

static okng_status check_index(const okng_token_cache *cache, const char *path, const json_t *key, bool *same,
                               okng_error *error)
{
    json_t *there;
    OKNG_TRY(okng_json_read(&there, path, &okng_json_small, error));
    *same = json_equal(there, key) == 1;
    okng_status status = *same ? OKNG_OK : of_another(cache, there, key, error);
    json_decref(there);
    return status;
}

/* Without an index nobody knows whose they are: it was lost, or a removal was ended half way. */
static bool has_tokens(const char *folder)
{
    bool has = false;
    DIR *entries = opendir(folder);
    for (const struct dirent *entry; entries && !has && (entry = readdir(entries));)
        has = is_own(entry->d_name) && strcmp(entry->d_name, index_name) != 0;
    if (entries) (void)closedir(entries);
    return has;
}

static okng_status of_nobody(const okng_token_cache *cache, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: holds tokens and no %s that says whose they are; name another folder, or set "
                     "training.rebuild_cache=true to replace them",
                     cache->folder, index_name);
}

static okng_status open_folder(okng_token_cache *cache, const char *path, const json_t *key, bool rebuild,
                               okng_error *error)
{
    bool same = false;
    okng_error why = {.status = OKNG_OK};
    okng_status status = OKNG_OK;
    OKNG_TRY(okng_check_own(cache->folder, is_own, error));
    if (access(path, F_OK) == 0)
        status = check_index(cache, path, key, &same, &why);
    else if (has_tokens(cache->folder))
        status = of_nobody(cache, &why);
    if (same) return OKNG_OK;
    if (status != OKNG_OK && (!rebuild || status == OKNG_ERROR_MEMORY)) {
        if (error) *error = why;
        return status;
    }
    if (status != OKNG_OK) OKNG_TRY(okng_remove_own(cache->folder, is_own, error));
    OKNG_TRY(okng_make_folders(cache->folder, error));
    return okng_json_write(key, path, error);
}

okng_status okng_token_cache_open(okng_token_cache *cache, const char *folder, const json_t *key, okng_cache_type type,
                                  const okng_afclip_plan *plan, bool rebuild, okng_error *error)
{
    *cache = (okng_token_cache){.type = type, .shape = {OKNG_AFCLIP_TAPS, plan->tokens, plan->width}};
    json_t *document = json_pack("{s:s, s:i, s:s}", "format", format_name, "version", 1, "type",
                                 type == OKNG_CACHE_BF16 ? "bf16" : "fp32");
    okng_json_merge(&document, json_incref((json_t *)key));
    cache->folder = strdup(folder);
    char *path = okng_path_join(folder, index_name);
    cache->packed = okng_alloc((size_t)(cache->shape[0] * cache->shape[1] * cache->shape[2]), sizeof(float));
    okng_status status = cache->folder && path && cache->packed && document
                             ? open_folder(cache, path, document, rebuild, error)
                             : okng_fail_memory(error, okng_token_cache_bytes(cache));
    json_decref(document);
    free(path);
    if (status != OKNG_OK) okng_token_cache_close(cache);
    return status;
}

/* ---- room ----------------------------------------------------------------------------------- */

static size_t numbers_of(const okng_token_cache *cache)
{
    return (size_t)(cache->shape[0] * cache->shape[1] * cache->shape[2]);
}

uint64_t okng_token_cache_bytes(const okng_token_cache *cache)
{
    enum { HEADER = 512 };
    return (uint64_t)numbers_of(cache) * (cache->type == OKNG_CACHE_BF16 ? 2 : 4) + HEADER;
}

okng_status okng_token_cache_room(const okng_token_cache *cache, size_t count, okng_error *error)
{
    struct statvfs disk;
    const uint64_t need = okng_token_cache_bytes(cache) * count;
    if (statvfs(cache->folder, &disk) != 0) return okng_fail_errno(error, "look at the disk of", cache->folder);
    const uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (need <= free_bytes) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_IO,
                     "%s: the tokens of %zu pictures take %llu MiB and the disk has %llu MiB free; make room, name "
                     "another folder, or keep them as bf16, which takes half of fp32",
                     cache->folder, count, (unsigned long long)(need >> 20) + 1,
                     (unsigned long long)(free_bytes >> 20));
}

/* ---- pictures ------------------------------------------------------------------------------- */

static char *path_of(const okng_token_cache *cache, const char *sha256)
{
    char name[DIGITS + sizeof ending];
    (void)snprintf(name, sizeof name, "%.64s%s", sha256, ending);
    return okng_path_join(cache->folder, name);
}

bool okng_token_cache_has(const okng_token_cache *cache, const char *sha256)
{
    char *path = path_of(cache, sha256);
    const bool has = path && access(path, R_OK) == 0;
    free(path);
    return has;
}

static okng_dtype dtype_of(const okng_token_cache *cache)
{
    return cache->type == OKNG_CACHE_BF16 ? OKNG_BF16 : OKNG_F32;
}

static okng_status unpack(const okng_token_cache *cache, const okng_weights *file, const char *path, float *tokens,
                          okng_error *error)
{
    const okng_array *array, *hash;
    char found[DIGITS + 1];
    OKNG_TRY(okng_weights_get(file, "tokens", &array, error));
    OKNG_TRY(okng_weights_get(file, "sha256", &hash, error));
    okng_sha256(array->data, array->bytes, found);
    const bool shaped = array->dtype == dtype_of(cache) && array->dims == 3 &&
                        memcmp(array->shape, cache->shape, sizeof cache->shape) == 0;
    if (!shaped || hash->bytes != DIGITS || memcmp(hash->data, found, DIGITS) != 0)
        return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: the tokens are damaged; remove the file, it is made anew",
                         path);
    okng_to_float(array->dtype, array->data, numbers_of(cache), tokens);
    return OKNG_OK;
}

okng_status okng_token_cache_read(const okng_token_cache *cache, const char *sha256, float *tokens, okng_error *error)
{
    okng_weights *file;
    char *path = path_of(cache, sha256);
    if (!path) return okng_fail_memory(error, OKNG_PATH_MAX);
    okng_status status = okng_weights_open(&file, path, error);
    if (status == OKNG_OK) {
        status = unpack(cache, file, path, tokens, error);
        okng_weights_close(&file);
    }
    free(path);
    return status;
}

/* To the nearest, ties to even; what is not a number stays none. */
static uint16_t to_bf16(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (value != value) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

okng_status okng_token_cache_write(okng_token_cache *cache, const char *sha256, float *tokens, okng_error *error)
{
    const size_t count = numbers_of(cache), size = okng_dtype_size(dtype_of(cache));
    char hash[DIGITS + 1], *path = path_of(cache, sha256);
    if (!path) return okng_fail_memory(error, OKNG_PATH_MAX);
    uint16_t *packed = cache->packed;
    for (size_t i = 0; cache->type == OKNG_CACHE_BF16 && i < count; i++) packed[i] = to_bf16(tokens[i]);
    okng_array array = {.dtype = dtype_of(cache), .dims = 3, .data = tokens, .bytes = count * size};
    if (cache->type == OKNG_CACHE_BF16) array.data = packed;
    memcpy(array.shape, cache->shape, sizeof cache->shape);
    okng_sha256(array.data, array.bytes, hash);
    const okng_array digits = {.dtype = OKNG_U8, .dims = 1, .shape = {DIGITS}, .data = hash, .bytes = DIGITS};
    const okng_named_array both[] = {{"tokens", &array}, {"sha256", &digits}};
    okng_status status = okng_safetensors_write_arrays(path, both, 2, error);
    if (status == OKNG_OK) okng_to_float(array.dtype, array.data, count, tokens);
    free(path);
    return status;
}
