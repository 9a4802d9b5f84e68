#include "base/fingerprint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/xxh64.h"

enum { END = 64 << 10, DEPTH = 8, GRAIN = 16 };

/* ---- one file ---------------------------------------------------------------------------------------------------- */

/* Bytes read from `offset` on, up to END; less where the file ends. */
static size_t read_end(int descriptor, off_t offset, char *to)
{
    size_t got = 0;
    while (got < END) {
        const ssize_t more = pread(descriptor, to + got, END - got, offset + (off_t)got);
        if (more < 0 && errno == EINTR) continue;
        if (more <= 0) break;
        got += (size_t)more;
    }
    return got;
}

uint64_t okng_fingerprint_of_file(const char *path)
{
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    char *bytes = descriptor >= 0 ? malloc(2 * END) : NULL;
    uint64_t parts[3] = {0};
    if (bytes && fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode)) {
        parts[0] = (uint64_t)info.st_size + 1;
        parts[1] = okng_xxh64(bytes, read_end(descriptor, 0, bytes));
        if (info.st_size > END) parts[2] = okng_xxh64(bytes, read_end(descriptor, info.st_size - END, bytes));
    }
    free(bytes);
    if (descriptor >= 0) (void)close(descriptor);
    return parts[0] > 0 ? okng_xxh64(parts, sizeof parts) : 0;
}

/* ---- a tree ------------------------------------------------------------------------------------------------------ */

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static okng_status add_tree(okng_grown *all, const char *path, int depth, okng_error *error);

static okng_status add_folder(okng_grown *all, const char *path, int depth, okng_error *error)
{
    struct dirent **entries;
    if (depth > DEPTH)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: folders within each other more than %d deep", path, (int)DEPTH);
    const int count = scandir(path, &entries, is_not_hidden, by_name);
    if (count < 0) return okng_fail_errno(error, "read the folder", path);
    okng_status status = OKNG_OK;
    for (int i = 0; i < count; i++) {
        char *inside = status == OKNG_OK ? okng_path_join(path, entries[i]->d_name) : NULL;
        okng_parcel_put_text(all, entries[i]->d_name);
        if (inside)
            status = add_tree(all, inside, depth + 1, error);
        else if (status == OKNG_OK)
            status = okng_fail_memory(error, strlen(path));
        free(inside);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static okng_status add_tree(okng_grown *all, const char *path, int depth, okng_error *error)
{
    if (okng_is_folder(path)) return add_folder(all, path, depth, error);
    const uint64_t file = okng_fingerprint_of_file(path);
    okng_parcel_put(all, &file, sizeof file);
    return OKNG_OK;
}

okng_status okng_fingerprint_of_tree(const char *path, uint64_t *fingerprint, okng_error *error)
{
    okng_grown all = {0};
    *fingerprint = 0;
    if (access(path, F_OK) != 0) return OKNG_OK;
    okng_status status = add_tree(&all, path, 0, error);
    if (status == OKNG_OK) status = okng_parcel_packed(&all, error);
    if (status == OKNG_OK) *fingerprint = okng_xxh64(all.data, all.size);
    free(all.data);
    return status;
}

/* ---- lists of paths ---------------------------------------------------------------------------------------------- */

typedef struct fingerprints {
    const char *const *paths;
    uint64_t *values;
} fingerprints;

static void take_some(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const fingerprints *f = context;
    for (int64_t i = begin; i < end; i++) f->values[i] = okng_fingerprint_of_file(f->paths[i]);
}

/* [count], okng_alloc'd; NULL where memory is out. */
static uint64_t *fingerprints_of(const char *const *paths, size_t count, int threads)
{
    fingerprints f = {paths, okng_alloc(count, sizeof *f.values)};
    if (f.values) okng_parallel_for(threads, (int64_t)count, GRAIN, take_some, &f);
    return f.values;
}

okng_status okng_paths_put(okng_grown *parcel, const char *const *paths, size_t count, int threads, okng_error *error)
{
    uint64_t *values = fingerprints_of(paths, count, threads);
    if (!values) return okng_fail_memory(error, count * sizeof *values);
    okng_parcel_put_block(parcel, values, count * sizeof *values);
    for (size_t i = 0; i < count; i++) okng_parcel_put_text(parcel, paths[i]);
    free(values);
    return okng_parcel_packed(parcel, error);
}

/* Says what is here in place of a file of rank 0's. */
static okng_status refuse(const char *path, uint64_t here, uint64_t expected, okng_error *error)
{
    if (here == 0)
        return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: cannot be read here; every rank needs all pictures", path);
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     expected == 0 ? "%s: can be read here, but not by rank 0; every rank needs the same pictures"
                                   : "%s: is another file than that of rank 0; every rank needs the same pictures",
                     path);
}

okng_status okng_paths_take(okng_parcel *parcel, const char ***paths, size_t *count, int threads, okng_error *error)
{
    size_t bytes;
    const char *expected = okng_parcel_take_block(parcel, &bytes);
    *count = bytes / sizeof(uint64_t);
    *paths = okng_alloc(*count, sizeof **paths);
    if (!*paths) return okng_fail_memory(error, *count * sizeof **paths);
    for (size_t i = 0; i < *count; i++) {
        (*paths)[i] = okng_parcel_take_text(parcel);
        if (!(*paths)[i]) return okng_fail(error, OKNG_ERROR_FORMAT, "a list of pictures from rank 0 is cut off");
    }
    uint64_t *here = fingerprints_of(*paths, *count, threads);
    okng_status status = here ? OKNG_OK : okng_fail_memory(error, *count * sizeof *here);
    for (size_t i = 0; i < *count && status == OKNG_OK; i++) {
        uint64_t wanted;
        memcpy(&wanted, expected + i * sizeof wanted, sizeof wanted);
        if (here[i] != wanted) status = refuse((*paths)[i], here[i], wanted, error);
    }
    free(here);
    return status;
}
