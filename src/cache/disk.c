#include "cache/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/grown.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "base/xxh64.h"

enum { MOST_FILES = 65536, MOST_DOCUMENT = 256 << 20 };
#define RECIPE ".okng"

/* ---- finding ----------------------------------------------------------------------------------------------------- */

/* The bank that steps aside while another comes into its place, where the file system cannot exchange the two. */
static bool steps_aside(const char *path)
{
    char *old;
    if (okng_path_beside(&old, path, "old", NULL) != OKNG_OK) return false;
    bool there = okng_is_folder(old);
    free(old);
    return there;
}

/* A link may lead elsewhere in the folder, never out of it. */
static okng_status check_inside(const char *folder, const char *path, const char *name, okng_error *error)
{
    char *real;
    OKNG_TRY(okng_real_path(&real, path, error));
    const bool inside = !real || (okng_path_inside(real, folder) && strcmp(real, folder) != 0);
    free(real);
    if (inside) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s: is a link that leads out of the banks folder; copy the bank into the folder", name);
}

static okng_status candidate(const char *folder, const char *name, const char *ending, char **path, okng_error *error)
{
    char file[OKNG_BANK_NAME_MAX + sizeof RECIPE];
    (void)snprintf(file, sizeof file, "%s%s", name, ending);
    *path = okng_path_join(folder, file);
    return *path ? OKNG_OK : okng_fail_memory(error, strlen(folder) + sizeof file);
}

static okng_status choose(const char *folder, const char *name, char **path, okng_error *error)
{
    struct stat info;
    OKNG_TRY(candidate(folder, name, "", path, error));
    if ((stat(*path, &info) == 0 && S_ISDIR(info.st_mode)) || steps_aside(*path)) return OKNG_OK;
    free(*path);
    OKNG_TRY(candidate(folder, name, RECIPE, path, error));
    if (stat(*path, &info) == 0 && S_ISREG(info.st_mode)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                     "%s: there is no such bank, neither a folder of that name nor %s" RECIPE, name, name);
}

okng_status okng_disk_find(const char *folder, const char *name, char **path, okng_error *error)
{
    *path = NULL;
    if (!name || !okng_bank_name_is_good(name))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "\"%.80s\" cannot be the name of a bank, expected 1 to %d bytes of UTF-8 without slashes and "
                         "control characters, and no full stop at its front",
                         name ? name : "", OKNG_BANK_NAME_MAX);
    okng_status status = choose(folder, name, path, error);
    if (status == OKNG_OK) status = check_inside(folder, *path, name, error);
    if (status == OKNG_OK) return OKNG_OK;
    free(*path);
    *path = NULL;
    return status;
}

/* ---- going through a bank's files -------------------------------------------------------------------------------- */

/* Called with the path of a file below the bank's folder, "tau.json" or "member-1/tau.json". */
typedef okng_status visit_fn(void *context, const char *name, const struct stat *info, okng_error *error);

typedef struct walk {
    visit_fn *visit;
    void *context;
    int files;
} walk;

static okng_status walk_folder(walk *w, int descriptor, const char *prefix, okng_error *error);

static okng_status walk_entry(walk *w, int folder, const char *prefix, const char *entry, okng_error *error)
{
    struct stat info;
    char name[2 * NAME_MAX + 2];
    if (fstatat(folder, entry, &info, 0) != 0)
        return errno == ENOENT || errno == ELOOP ? OKNG_OK : okng_fail_errno(error, "look at", entry);
    (void)snprintf(name, sizeof name, "%s%s", prefix, entry);
    if (S_ISREG(info.st_mode)) return w->visit(w->context, name, &info, error);
    if (!S_ISDIR(info.st_mode) || *prefix) return OKNG_OK; /* members lie right in the folder of their ensemble */
    const int below = openat(folder, entry, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (below < 0) return errno == ENOENT ? OKNG_OK : okng_fail_errno(error, "look into", entry);
    (void)snprintf(name, sizeof name, "%s/", entry);
    return walk_folder(w, below, name, error);
}

/* Takes over the descriptor. */
static okng_status walk_folder(walk *w, int descriptor, const char *prefix, okng_error *error)
{
    DIR *entries = fdopendir(descriptor);
    if (!entries) {
        okng_status status = okng_fail_errno(error, "look into", prefix);
        (void)close(descriptor);
        return status;
    }
    okng_status status = OKNG_OK;
    for (struct dirent *entry; status == OKNG_OK && (entry = readdir(entries));) {
        if (entry->d_name[0] == '.') continue;
        status = ++w->files <= MOST_FILES
                     ? walk_entry(w, dirfd(entries), prefix, entry->d_name, error)
                     : okng_fail(error, OKNG_ERROR_LIMIT, "a bank of more than %d files", MOST_FILES);
    }
    (void)closedir(entries);
    return status;
}

static int open_folder(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char *old;
    if (descriptor >= 0 || errno != ENOENT || okng_path_beside(&old, path, "old", NULL) != OKNG_OK) return descriptor;
    descriptor = open(old, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(old);
    return descriptor;
}

static okng_status walk_bank(const char *path, visit_fn *visit, void *context, okng_error *error)
{
    walk w = {.visit = visit, .context = context};
    int descriptor = open_folder(path);
    if (descriptor < 0) return okng_fail_errno(error, "open", path);
    okng_status status = walk_folder(&w, descriptor, "", error);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", path);
}

static bool is_recipe(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* ---- its state --------------------------------------------------------------------------------------------------- */

static uint64_t mark_of(const struct stat *info)
{
    const uint64_t values[] = {(uint64_t)info->st_dev,          (uint64_t)info->st_ino,
                               (uint64_t)info->st_size,         (uint64_t)info->st_mtim.tv_sec,
                               (uint64_t)info->st_mtim.tv_nsec, (uint64_t)info->st_ctim.tv_sec,
                               (uint64_t)info->st_ctim.tv_nsec};
    return okng_xxh64(values, sizeof values);
}

/* Sums, as the order in which a folder gives its entries is nobody's. */
static okng_status add_file(void *context, const char *name, const struct stat *info, okng_error *error)
{
    okng_disk_state *state = context;
    const uint64_t both[] = {okng_xxh64(name, strlen(name)), mark_of(info)};
    const int64_t modified = (int64_t)info->st_mtim.tv_sec * 1000000 + info->st_mtim.tv_nsec / 1000;
    (void)error;
    state->mark += okng_xxh64(both, sizeof both);
    state->bytes += (uint64_t)info->st_size;
    if (modified > state->modified) state->modified = modified;
    return OKNG_OK;
}

okng_status okng_disk_look(const char *path, okng_disk_state *state, okng_error *error)
{
    struct stat info;
    *state = (okng_disk_state){0};
    if (!is_recipe(path)) return walk_bank(path, add_file, state, error);
    if (stat(path, &info) != 0) return okng_fail_errno(error, "look at", path);
    return add_file(state, "", &info, error);
}

/* ---- the hash ---------------------------------------------------------------------------------------------------- */

typedef struct document {
    char *name;
    char hash[65];
} document;

typedef struct documents {
    const char *folder;
    document *items;
    size_t count, capacity;
} documents;

static okng_status add_document(void *context, const char *name, const struct stat *info, okng_error *error)
{
    documents *all = context;
    const size_t length = strlen(name);
    (void)info;
    if (length < 5 || strcmp(name + length - 5, ".json") != 0) return OKNG_OK;
    void *items = all->items;
    if (!okng_grow(&items, &all->capacity, all->count + 1, sizeof *all->items))
        return okng_fail_memory(error, (all->count + 1) * sizeof *all->items);
    all->items = items;
    document *one = &all->items[all->count];
    char *path = okng_path_join(all->folder, name);
    void *data = NULL;
    size_t size;
    okng_status status =
        path ? okng_file_read(path, MOST_DOCUMENT, &data, &size, error) : okng_fail_memory(error, length);
    free(path);
    if (status != OKNG_OK) return status;
    okng_sha256(data, size, one->hash);
    free(data);
    one->name = strdup(name);
    if (!one->name) return okng_fail_memory(error, length);
    all->count++;
    return OKNG_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const document *)a)->name, ((const document *)b)->name);
}

/* Of lines "NAME\0HASH\n" by name. */
static okng_status hash_documents(const documents *all, char hex[65], okng_error *error)
{
    okng_grown text = {0};
    char *data;
    size_t size;
    qsort(all->items, all->count, sizeof *all->items, by_name);
    for (size_t i = 0; i < all->count; i++) {
        (void)okng_grown_add(&text, all->items[i].name, strlen(all->items[i].name) + 1);
        (void)okng_grown_add(&text, all->items[i].hash, 64);
        (void)okng_grown_add(&text, "\n", 1);
    }
    OKNG_TRY(okng_grown_take(&text, &data, &size, error));
    okng_sha256(data, size, hex);
    free(data);
    return OKNG_OK;
}

/* A recipe says what its directory's sum is, and whoever opens it checks that (docs/recipe-format.md). */
static okng_status hash_recipe(const char *path, char hex[65], okng_error *error)
{
    enum { HEADER = 256, AT = 40, BYTES = 32 };
    uint8_t header[HEADER];
    okng_reader reader;
    OKNG_TRY(okng_reader_open(&reader, path, error));
    okng_status status = reader.size >= HEADER
                             ? okng_reader_next(&reader, header, HEADER, error)
                             : okng_fail(error, OKNG_ERROR_FORMAT, "%s: is shorter than the header of a recipe", path);
    status = okng_reader_close(&reader, status, error);
    for (int i = 0; i < BYTES && status == OKNG_OK; i++) (void)snprintf(hex + 2 * i, 3, "%02x", header[AT + i]);
    return status;
}

okng_status okng_disk_hash(const char *path, char hex[65], okng_error *error)
{
    if (is_recipe(path)) return hash_recipe(path, hex, error);
    documents all = {.folder = path};
    okng_status status = walk_bank(path, add_document, &all, error);
    if (status == OKNG_OK) status = hash_documents(&all, hex, error);
    for (size_t i = 0; i < all.count; i++) free(all.items[i].name);
    free(all.items);
    return status;
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

static bool has_documents(int folder, const char *name)
{
    static const char *const signs[] = {"bank_config.json", "ensemble.json", "regions.json"};
    char path[NAME_MAX + 32];
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", name, signs[i]);
        if (faccessat(folder, path, F_OK, 0) == 0) return true;
    }
    return false;
}

/* Whether the entry of the banks folder is a bank by its looks; fills `bank`. */
static bool is_bank(int folder, const char *entry, okng_disk_bank *bank)
{
    struct stat info;
    const size_t length = strlen(entry), ending = sizeof RECIPE - 1;
    if (entry[0] == '.' || fstatat(folder, entry, &info, 0) != 0) return false;
    bank->is_recipe = S_ISREG(info.st_mode);
    if (bank->is_recipe && (length <= ending || strcmp(entry + length - ending, RECIPE) != 0)) return false;
    if (!bank->is_recipe && (!S_ISDIR(info.st_mode) || !has_documents(folder, entry))) return false;
    const size_t name = bank->is_recipe ? length - ending : length;
    if (name > OKNG_BANK_NAME_MAX) return false;
    memcpy(bank->name, entry, name);
    bank->name[name] = '\0';
    return okng_bank_name_is_good(bank->name);
}

static okng_status add_banks(DIR *entries, okng_disk_bank **banks, size_t *count, okng_error *error)
{
    size_t capacity = 0;
    for (struct dirent *entry; (entry = readdir(entries));) {
        okng_disk_bank bank;
        if (!is_bank(dirfd(entries), entry->d_name, &bank)) continue;
        if (*count >= OKNG_DISK_BANKS)
            return okng_fail(error, OKNG_ERROR_LIMIT, "more than %d banks in one folder", OKNG_DISK_BANKS);
        void *items = *banks;
        if (!okng_grow(&items, &capacity, *count + 1, sizeof bank)) return okng_fail_memory(error, sizeof bank);
        *banks = items;
        (*banks)[(*count)++] = bank;
    }
    return OKNG_OK;
}

static int by_bank(const void *a, const void *b)
{
    const okng_disk_bank *x = a, *y = b;
    const int order = strcmp(x->name, y->name);
    return order ? order : (int)x->is_recipe - (int)y->is_recipe;
}

okng_status okng_disk_list(const char *folder, okng_disk_bank **banks, size_t *count, okng_error *error)
{
    *banks = NULL;
    *count = 0;
    DIR *entries = opendir(folder);
    if (!entries) return okng_fail_errno(error, "look into", folder);
    okng_status status = add_banks(entries, banks, count, error);
    (void)closedir(entries);
    if (status != OKNG_OK) {
        free(*banks);
        *banks = NULL;
        *count = 0;
        return status;
    }
    size_t kept = 0;
    if (*count > 0) qsort(*banks, *count, sizeof **banks, by_bank);
    for (size_t i = 0; i < *count; i++)
        if (kept == 0 || strcmp((*banks)[kept - 1].name, (*banks)[i].name) != 0) (*banks)[kept++] = (*banks)[i];
    *count = kept;
    return OKNG_OK;
}
