#include "recipe/writer.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "base/xxh64.h"
#include "recipe/directory.h"
#include "recipe/inside.h"
#include "recipe/sign.h"

struct okng_recipe_writer {
    okng_writer file;
    okng_directory directory;
    uint64_t at;         /* where the next byte goes */
    okng_signer *signer; /* NULL: nobody signs */
    unsigned char key[OKNG_RECIPE_KEY];
};

okng_status okng_recipe_writer_open(okng_recipe_writer **out, const char *path, const char *key, okng_error *error)
{
    static const unsigned char room[OKNG_RECIPE_HEADER] = {0};
    okng_recipe_writer *writer = *out = calloc(1, sizeof *writer);
    if (!writer) return okng_fail_memory(error, sizeof *writer);
    okng_status status = key ? okng_signer_open(&writer->signer, key, writer->key, error) : OKNG_OK;
    if (status == OKNG_OK) status = okng_writer_open(&writer->file, path, error);
    if (status != OKNG_OK) {
        okng_signer_close(&writer->signer);
        free(writer);
        *out = NULL;
        return status;
    }
    (void)fwrite(room, 1, sizeof room, writer->file.stream);
    writer->at = sizeof room;
    return OKNG_OK;
}

static void release(okng_recipe_writer **writer)
{
    okng_directory_free(&(*writer)->directory);
    okng_signer_close(&(*writer)->signer);
    free(*writer);
    *writer = NULL;
}

void okng_recipe_writer_abort(okng_recipe_writer **writer)
{
    if (!*writer) return;
    okng_writer_abort(&(*writer)->file);
    release(writer);
}

/* ---- pieces ------------------------------------------------------------------------------------------------------ */

static const okng_piece *find_same(const okng_directory *d, const okng_piece *piece)
{
    for (size_t i = 0; i < d->tensor_count; i++) {
        const okng_piece *other = &d->tensors[i].piece;
        if (other != piece && other->sums && other->bytes == piece->bytes && strcmp(other->sha256, piece->sha256) == 0)
            return other;
    }
    return NULL;
}

static void pad(okng_recipe_writer *writer)
{
    static const unsigned char zeros[OKNG_RECIPE_ALIGNMENT] = {0};
    const size_t over = (size_t)(writer->at % OKNG_RECIPE_ALIGNMENT),
                 rest = over > 0 ? OKNG_RECIPE_ALIGNMENT - over : 0;
    (void)fwrite(zeros, 1, rest, writer->file.stream);
    writer->at += rest;
}

static okng_status write_piece(okng_recipe_writer *writer, okng_piece *piece, const void *bytes, size_t size,
                               okng_error *error)
{
    const size_t blocks = okng_piece_blocks(size);
    uint64_t *sums = okng_alloc(blocks, sizeof *sums);
    if (!sums) return okng_fail_memory(error, blocks * sizeof *sums);
    for (size_t i = 0; i < blocks; i++) {
        const size_t at = i * OKNG_RECIPE_BLOCK, left = size - at;
        sums[i] = okng_xxh64((const unsigned char *)bytes + at, left < OKNG_RECIPE_BLOCK ? left : OKNG_RECIPE_BLOCK);
    }
    piece->bytes = size;
    piece->sums = sums;
    okng_sha256(bytes, size, piece->sha256);
    const okng_piece *same = find_same(&writer->directory, piece);
    if (same) {
        piece->at = same->at;
        return OKNG_OK;
    }
    pad(writer);
    piece->at = writer->at;
    if (size > 0) (void)fwrite(bytes, 1, size, writer->file.stream);
    writer->at += size;
    return OKNG_OK;
}

okng_status okng_recipe_writer_document(okng_recipe_writer *writer, const char *name, const void *text, size_t size,
                                        okng_error *error)
{
    okng_directory *d = &writer->directory;
    if (d->document_count == OKNG_RECIPE_DOCUMENTS_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "a recipe of more than %d documents", OKNG_RECIPE_DOCUMENTS_MAX);
    okng_recipe_document_entry *entry = okng_directory_add_document(d, name);
    if (!entry) return okng_fail_memory(error, strlen(name));
    return write_piece(writer, &entry->piece, text, size, error);
}

okng_status okng_recipe_writer_tensor(okng_recipe_writer *writer, const char *file, const char *name,
                                      const okng_array *array, okng_error *error)
{
    okng_directory *d = &writer->directory;
    if (d->tensor_count == OKNG_RECIPE_TENSORS_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "a recipe of more than %d tensors", OKNG_RECIPE_TENSORS_MAX);
    okng_recipe_tensor *entry = okng_directory_add_tensor(d, file, name);
    if (!entry) return okng_fail_memory(error, strlen(file) + strlen(name));
    entry->array = *array;
    entry->array.data = NULL;
    return write_piece(writer, &entry->piece, array->data, array->bytes, error);
}

okng_status okng_recipe_writer_note(okng_recipe_writer *writer, const char *file, const char *key, const char *value,
                                    okng_error *error)
{
    return okng_directory_add_note(&writer->directory, file, key, value) ? OKNG_OK
                                                                         : okng_fail_memory(error, strlen(value));
}

/* ---- the end ----------------------------------------------------------------------------------------------------- */

/* From the 64 digits of SHA-256. */
static void to_bytes(const char *hex, unsigned char *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        out[i] = (unsigned char)strtoul(digits, NULL, 16);
    }
}

static okng_status write_header(okng_recipe_writer *writer, okng_recipe_header *header, okng_error *error)
{
    unsigned char bytes[OKNG_RECIPE_HEADER];
    memcpy(header->key, writer->key, sizeof header->key); /* zeros where nobody signs */
    okng_recipe_header_write(header, bytes);
    if (writer->signer) OKNG_TRY(okng_sign(writer->signer, bytes, header->signature, error));
    okng_recipe_header_write(header, bytes);
    if (fseek(writer->file.stream, 0, SEEK_SET) == 0) (void)fwrite(bytes, 1, sizeof bytes, writer->file.stream);
    return OKNG_OK; /* what the stream could not do is told by commit */
}

static okng_status finish(okng_recipe_writer *writer, const char *precision, okng_error *error)
{
    char *text, digest[65];
    size_t size;
    okng_directory *d = &writer->directory;
    (void)snprintf(d->okng, sizeof d->okng, "%s", okng_version());
    (void)snprintf(d->precision, sizeof d->precision, "%s", precision);
    OKNG_TRY(okng_directory_print(d, writer->file.path, &text, &size, error));
    okng_status status = OKNG_OK;
    if (size > OKNG_RECIPE_DIRECTORY_MAX)
        status = okng_fail(error, OKNG_ERROR_LIMIT, "%s: a directory of %zu bytes, expected at most %d",
                           writer->file.path, size, OKNG_RECIPE_DIRECTORY_MAX);
    pad(writer);
    okng_recipe_header header = {.bytes = writer->at + size, .directory = writer->at, .directory_bytes = size};
    (void)fwrite(text, 1, size, writer->file.stream);
    okng_sha256(text, size, digest);
    to_bytes(digest, header.digest, sizeof header.digest);
    free(text);
    return status == OKNG_OK ? write_header(writer, &header, error) : status;
}

okng_status okng_recipe_writer_finish(okng_recipe_writer **writer, const char *precision, okng_error *error)
{
    okng_status status = finish(*writer, precision, error);
    if (status != OKNG_OK) {
        okng_recipe_writer_abort(writer);
        return status;
    }
    status = okng_writer_commit(&(*writer)->file, error);
    release(writer);
    return status;
}

/* ---- another document in the place of one ------------------------------------------------------------------------ */

static okng_status copy_tensors(okng_recipe_writer *writer, okng_recipe *recipe, okng_error *error)
{
    const okng_directory *d = &recipe->directory;
    for (size_t i = 0; i < d->tensor_count; i++) {
        okng_array array = d->tensors[i].array;
        OKNG_TRY(okng_recipe_check_tensor(recipe, i, 1, error));
        array.data = (void *)(uintptr_t)(recipe->map.data + d->tensors[i].piece.at);
        OKNG_TRY(okng_recipe_writer_tensor(writer, d->tensors[i].file, d->tensors[i].name, &array, error));
    }
    for (size_t i = 0; i < d->note_count; i++)
        OKNG_TRY(okng_recipe_writer_note(writer, d->notes[i].file, d->notes[i].key, d->notes[i].value, error));
    return OKNG_OK;
}

static okng_status copy_all(okng_recipe_writer *writer, okng_recipe *recipe, const char *document, const void *text,
                            size_t size, okng_error *error)
{
    const okng_directory *d = &recipe->directory;
    for (size_t i = 0; i < d->document_count; i++) {
        const char *name = d->documents[i].name;
        const bool other = strcmp(name, document) == 0;
        OKNG_TRY(okng_recipe_writer_document(writer, name, other ? text : recipe->documents[i],
                                             other ? size : (size_t)d->documents[i].piece.bytes, error));
    }
    OKNG_TRY(copy_tensors(writer, recipe, error));
    return okng_recipe_settled(recipe, error);
}

static okng_status replace(okng_recipe *recipe, const char *document, const void *text, size_t size, okng_error *error)
{
    okng_recipe_writer *writer;
    if (okng_recipe_is_signed(&recipe->header))
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s: is signed, so that nothing in it can be changed; change the bank that it was packed "
                         "from, then pack and sign that",
                         recipe->path);
    if (!okng_recipe_has_document(recipe, document))
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: holds no %s; pack the bank again", recipe->path, document);
    OKNG_TRY(okng_recipe_writer_open(&writer, recipe->path, NULL, error));
    okng_status status = copy_all(writer, recipe, document, text, size, error);
    if (status == OKNG_OK) return okng_recipe_writer_finish(&writer, recipe->directory.precision, error);
    okng_recipe_writer_abort(&writer);
    return status;
}

okng_status okng_recipe_replace(const char *path, const char *document, const void *text, size_t size,
                                okng_error *error)
{
    okng_recipe *recipe;
    OKNG_TRY(okng_recipe_open(&recipe, path, error));
    okng_status status = replace(recipe, document, text, size, error);
    okng_recipe_close(&recipe);
    return status;
}
