#include "winclip/prototype_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sha256.h"
#include "tensor/weights.h"

enum { FILE_BYTES = 1 << 16, DIGITS = 64 };
#define ENDING ".safetensors"

/* The folder, or a file in it. */
static bool cache_path(const char *name, char path[OKNG_PATH_MAX])
{
    const char *base = getenv("XDG_CACHE_HOME"), *below = "okng/prototypes";
    if (!base || base[0] != '/') { /* the XDG specification: a path that is not absolute is ignored */
        base = getenv("HOME");
        below = ".cache/okng/prototypes";
    }
    if (!base || base[0] != '/') return false;
    int length = snprintf(path, OKNG_PATH_MAX, "%s/%s%s%s%s", base, below, *name ? "/" : "", name, *name ? ENDING : "");
    return length > 0 && length < OKNG_PATH_MAX;
}

static okng_array view(okng_dtype dtype, int32_t dims, int64_t rows, int64_t columns, const void *data)
{
    okng_array array = {.dtype = dtype, .dims = dims, .shape = {rows, columns}};
    array.data = (void *)(uintptr_t)data; /* written from, never to */
    (void)okng_shape_bytes(dtype, dims, array.shape, &array.bytes);
    return array;
}

/* ---- reading -------------------------------------------------------------------------------- */

static bool holds(const okng_weights *file, const char *name, const okng_array *wanted)
{
    const okng_array *found = okng_weights_find(file, name);
    return found && found->dtype == wanted->dtype && found->dims == wanted->dims &&
           memcmp(found->shape, wanted->shape, (size_t)wanted->dims * sizeof *found->shape) == 0 &&
           (!wanted->data || memcmp(found->data, wanted->data, wanted->bytes) == 0);
}

/* The file says what it is of, and the hash of its numbers. */
static bool take(const okng_weights *file, const char *key, float *prototypes, int64_t dim)
{
    char sha256[65];
    const okng_array numbers = view(OKNG_F32, 2, 2, dim, NULL), name = view(OKNG_U8, 1, DIGITS, 0, key);
    if (!holds(file, "key", &name) || !holds(file, "prototypes", &numbers)) return false;
    memcpy(prototypes, okng_weights_find(file, "prototypes")->data, numbers.bytes);
    okng_sha256(prototypes, numbers.bytes, sha256);
    const okng_array sum = view(OKNG_U8, 1, DIGITS, 0, sha256);
    for (int64_t i = 0; i < 2 * dim; i++)
        if (!isfinite(prototypes[i])) return false;
    return holds(file, "sha256", &sum);
}

bool okng_prototype_cache_read(const char *key, float *prototypes, int64_t dim)
{
    char path[OKNG_PATH_MAX];
    void *data = NULL;
    size_t size;
    okng_weights *file = NULL;
    if (!cache_path(key, path) || okng_file_read(path, FILE_BYTES, &data, &size, NULL) != OKNG_OK) return false;
    bool found =
        data && okng_weights_open_memory(&file, data, size, path, NULL) == OKNG_OK && take(file, key, prototypes, dim);
    okng_weights_close(&file);
    free(data);
    return found;
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool is_own(const char *name)
{
    return strspn(name, "0123456789abcdef") == DIGITS && strcmp(name + DIGITS, ENDING) == 0;
}

/* Counts the files; *oldest is the name of the one that was written first, "" where there is none. */
static size_t survey(DIR *folder, char oldest[DIGITS + sizeof ENDING])
{
    size_t count = 0;
    struct timespec first = {0};
    oldest[0] = '\0';
    rewinddir(folder);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        struct stat info;
        if (!is_own(entry->d_name) || fstatat(dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
        const bool older = info.st_mtim.tv_sec < first.tv_sec ||
                           (info.st_mtim.tv_sec == first.tv_sec && info.st_mtim.tv_nsec < first.tv_nsec);
        if (count++ > 0 && !older) continue;
        first = info.st_mtim;
        memcpy(oldest, entry->d_name, DIGITS + sizeof ENDING);
    }
    return count;
}

static void make_room(const char *path)
{
    char oldest[DIGITS + sizeof ENDING];
    DIR *folder = opendir(path);
    if (!folder) return;
    while (survey(folder, oldest) >= OKNG_PROTOTYPE_CACHE_FILES)
        if (unlinkat(dirfd(folder), oldest, 0) != 0) break;
    (void)closedir(folder);
}

/* What is written goes where a link points: in the cache, to a file that is none of okng's. */
static bool is_free(const char *path)
{
    struct stat info;
    return lstat(path, &info) != 0 || S_ISREG(info.st_mode);
}

void okng_prototype_cache_write(const char *key, const float *prototypes, int64_t dim)
{
    char path[OKNG_PATH_MAX], sha256[65];
    const okng_array numbers = view(OKNG_F32, 2, 2, dim, prototypes), name = view(OKNG_U8, 1, DIGITS, 0, key);
    okng_sha256(prototypes, numbers.bytes, sha256);
    const okng_array sum = view(OKNG_U8, 1, DIGITS, 0, sha256);
    const okng_named_array tensors[] = {{"prototypes", &numbers}, {"key", &name}, {"sha256", &sum}};
    if (!cache_path("", path) || okng_make_folders(path, NULL) != OKNG_OK) return;
    make_room(path);
    if (cache_path(key, path) && is_free(path))
        (void)okng_safetensors_write_arrays(path, tensors, sizeof tensors / sizeof *tensors, NULL);
}
