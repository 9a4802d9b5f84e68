#include "recipe/recipe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "recipe/inside.h"

bool okng_recipe_is(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

bool okng_recipe_begins(const char *path)
{
    unsigned char bytes[OKNG_RECIPE_MAGIC];
    okng_reader file;
    if (okng_reader_open(&file, path, NULL) != OKNG_OK) return false;
    const bool read = file.size >= sizeof bytes && okng_reader_next(&file, bytes, sizeof bytes, NULL) == OKNG_OK;
    (void)okng_reader_close(&file, OKNG_OK, NULL);
    return read && okng_recipe_magic_is(bytes);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

/* Bytes of the file into memory, which nobody changes meanwhile. */
static okng_status read_at(const char *path, int descriptor, uint64_t at, void *to, size_t bytes, okng_error *error)
{
    for (size_t done = 0; done < bytes;) {
        const ssize_t got = pread(descriptor, (char *)to + done, bytes - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return okng_fail_errno(error, "read", path);
        if (got == 0)
            return okng_fail(error, OKNG_ERROR_IO, "%s: changed while it was read; try again when nobody writes to it",
                             path);
        done += (size_t)got;
    }
    return OKNG_OK;
}

static okng_status read_header(okng_recipe *recipe, const okng_reader *file, okng_error *error)
{
    unsigned char bytes[OKNG_RECIPE_HEADER] = {0};
    const size_t size = file->size < sizeof bytes ? file->size : sizeof bytes;
    OKNG_TRY(read_at(recipe->path, file->descriptor, 0, bytes, size, error));
    memcpy(recipe->signed_bytes, bytes, sizeof recipe->signed_bytes);
    return okng_recipe_header_read(&recipe->header, bytes, size, file->size, recipe->path, error);
}

static okng_status check_digest(const okng_recipe *recipe, const char *text, okng_error *error)
{
    char found[65], expected[65] = "";
    static const char digits[] = "0123456789abcdef";
    okng_sha256(text, recipe->header.directory_bytes, found);
    for (size_t i = 0; i < sizeof recipe->header.digest; i++) {
        expected[2 * i] = digits[recipe->header.digest[i] >> 4];
        expected[2 * i + 1] = digits[recipe->header.digest[i] & 15];
    }
    if (strcmp(found, expected) == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s: its directory is damaged; copy the recipe again, or pack the bank again", recipe->path);
}

static okng_status read_directory(okng_recipe *recipe, int descriptor, okng_error *error)
{
    const size_t size = (size_t)recipe->header.directory_bytes;
    char *text = malloc(size + 1);
    if (!text) return okng_fail_memory(error, size + 1);
    okng_status status = read_at(recipe->path, descriptor, recipe->header.directory, text, size, error);
    if (status == OKNG_OK) status = check_digest(recipe, text, error);
    if (status == OKNG_OK)
        status = okng_directory_parse(&recipe->directory, text, size, recipe->header.directory, recipe->path, error);
    free(text);
    return status;
}

/* Copied out of the map, then checked. */
static okng_status read_documents(okng_recipe *recipe, okng_error *error)
{
    const okng_directory *d = &recipe->directory;
    recipe->documents = okng_alloc_zero(d->document_count, sizeof *recipe->documents);
    recipe->checked = okng_alloc_zero(d->tensor_count, sizeof *recipe->checked);
    if (!recipe->documents || !recipe->checked) return okng_fail_memory(error, d->tensor_count);
    for (size_t i = 0; i < d->document_count; i++) {
        const okng_piece *piece = &d->documents[i].piece;
        char *text = recipe->documents[i] = malloc((size_t)piece->bytes + 1);
        if (!text) return okng_fail_memory(error, (size_t)piece->bytes + 1);
        text[piece->bytes] = '\0';
        if (piece->bytes > 0) memcpy(text, recipe->map.data + piece->at, (size_t)piece->bytes);
        OKNG_TRY(
            okng_recipe_check_bytes(recipe, piece, (const unsigned char *)text, 1, d->documents[i].name, "", error));
    }
    return OKNG_OK;
}

static okng_status open_file(okng_recipe *recipe, okng_error *error)
{
    okng_reader file;
    OKNG_TRY(okng_reader_open(&file, recipe->path, error));
    okng_status status = read_header(recipe, &file, error);
    if (status == OKNG_OK) status = read_directory(recipe, file.descriptor, error);
    if (status == OKNG_OK)
        status = okng_map_open(&recipe->map, file.descriptor, recipe->path, error);
    else
        (void)close(file.descriptor);
    if (status != OKNG_OK) return status;
    const struct stat *began = &recipe->map.began; /* before the map, and behind what was read */
    if (began->st_size != file.began.st_size || began->st_mtim.tv_sec != file.began.st_mtim.tv_sec ||
        began->st_mtim.tv_nsec != file.began.st_mtim.tv_nsec)
        return okng_fail(error, OKNG_ERROR_IO, "%s: changed while it was read; try again when nobody writes to it",
                         recipe->path);
    return OKNG_OK;
}

static okng_status open_recipe(okng_recipe *recipe, const char *path, okng_error *error)
{
    recipe->path = strdup(path);
    if (!recipe->path) return okng_fail_memory(error, strlen(path));
    OKNG_TRY(open_file(recipe, error));
    return read_documents(recipe, error);
}

okng_status okng_recipe_open(okng_recipe **out, const char *path, okng_error *error)
{
    okng_recipe *recipe = *out = calloc(1, sizeof *recipe);
    if (!recipe) return okng_fail_memory(error, sizeof *recipe);
    atomic_store(&recipe->users, 1);
    okng_status status = open_recipe(recipe, path, error);
    if (status != OKNG_OK) okng_recipe_close(out);
    return status;
}

okng_recipe *okng_recipe_share(okng_recipe *recipe)
{
    atomic_fetch_add(&recipe->users, 1);
    return recipe;
}

void okng_recipe_close(okng_recipe **out)
{
    okng_recipe *recipe = *out;
    *out = NULL;
    if (!recipe || atomic_fetch_sub(&recipe->users, 1) > 1) return;
    for (size_t i = 0; recipe->documents && i < recipe->directory.document_count; i++) free(recipe->documents[i]);
    free(recipe->documents);
    free(recipe->checked);
    okng_directory_free(&recipe->directory);
    okng_map_close(&recipe->map);
    free(recipe->path);
    free(recipe);
}

/* ---- what there is ----------------------------------------------------------------------------------------------- */

const char *okng_recipe_path(const okng_recipe *recipe)
{
    return recipe->path;
}

okng_recipe_info okng_recipe_look(const okng_recipe *recipe)
{
    okng_recipe_info info = {.okng = recipe->directory.okng,
                             .precision = recipe->directory.precision,
                             .is_signed = okng_recipe_is_signed(&recipe->header),
                             .bytes = recipe->header.bytes};
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; info.is_signed && i < OKNG_RECIPE_KEY; i++) {
        info.key[2 * i] = digits[recipe->header.key[i] >> 4];
        info.key[2 * i + 1] = digits[recipe->header.key[i] & 15];
    }
    return info;
}

static const okng_recipe_document_entry *find_document(const okng_recipe *recipe, const char *name)
{
    const okng_directory *d = &recipe->directory;
    for (size_t i = 0; i < d->document_count; i++)
        if (strcmp(d->documents[i].name, name) == 0) return &d->documents[i];
    return NULL;
}

bool okng_recipe_has_document(const okng_recipe *recipe, const char *name)
{
    return find_document(recipe, name) != NULL;
}

okng_status okng_recipe_document(const okng_recipe *recipe, const char *name, const char **text, size_t *size,
                                 okng_error *error)
{
    const okng_recipe_document_entry *entry = find_document(recipe, name);
    if (!entry)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: holds no %s; pack the bank again", recipe->path, name);
    *text = recipe->documents[entry - recipe->directory.documents];
    *size = (size_t)entry->piece.bytes;
    return OKNG_OK;
}

bool okng_recipe_has_file(const okng_recipe *recipe, const char *file)
{
    const okng_directory *d = &recipe->directory;
    for (size_t i = 0; i < d->tensor_count; i++)
        if (strcmp(d->tensors[i].file, file) == 0) return true;
    return false;
}

uint64_t okng_recipe_bytes(const okng_recipe *recipe, const char *name)
{
    const okng_directory *d = &recipe->directory;
    const okng_recipe_document_entry *document = find_document(recipe, name);
    uint64_t bytes = document ? document->piece.bytes : 0;
    for (size_t i = 0; i < d->tensor_count; i++)
        if (strcmp(d->tensors[i].file, name) == 0) bytes += d->tensors[i].piece.bytes;
    return bytes;
}
