/* The directory of a recipe in memory, and as text. */
#include "recipe/directory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "recipe/recipe.h"

enum { HEX64 = 16, HEX_SHA256 = 64 };

/* ---- in memory --------------------------------------------------------------------------------------------------- */

size_t okng_piece_blocks(uint64_t bytes)
{
    return (size_t)((bytes + OKNG_RECIPE_BLOCK - 1) / OKNG_RECIPE_BLOCK);
}

void okng_directory_free(okng_directory *directory)
{
    for (size_t i = 0; i < directory->document_count; i++) {
        free(directory->documents[i].name);
        free(directory->documents[i].piece.sums);
    }
    for (size_t i = 0; i < directory->tensor_count; i++) {
        free(directory->tensors[i].file);
        free(directory->tensors[i].name);
        free(directory->tensors[i].piece.sums);
    }
    for (size_t i = 0; i < directory->note_count; i++) {
        free(directory->notes[i].file);
        free(directory->notes[i].key);
        free(directory->notes[i].value);
    }
    free(directory->documents);
    free(directory->tensors);
    free(directory->notes);
    *directory = (okng_directory){.documents = NULL};
}

okng_recipe_document_entry *okng_directory_add_document(okng_directory *d, const char *name)
{
    if (!okng_grow((void **)&d->documents, &d->document_capacity, d->document_count + 1, sizeof *d->documents))
        return NULL;
    okng_recipe_document_entry *entry = &d->documents[d->document_count];
    *entry = (okng_recipe_document_entry){.name = strdup(name)};
    if (!entry->name) return NULL;
    d->document_count++;
    return entry;
}

okng_recipe_tensor *okng_directory_add_tensor(okng_directory *d, const char *file, const char *name)
{
    if (!okng_grow((void **)&d->tensors, &d->tensor_capacity, d->tensor_count + 1, sizeof *d->tensors)) return NULL;
    okng_recipe_tensor *entry = &d->tensors[d->tensor_count++];
    *entry = (okng_recipe_tensor){.file = strdup(file), .name = strdup(name)};
    return entry->file && entry->name ? entry : NULL;
}

bool okng_directory_add_note(okng_directory *d, const char *file, const char *key, const char *value)
{
    if (!okng_grow((void **)&d->notes, &d->note_capacity, d->note_count + 1, sizeof *d->notes)) return false;
    okng_recipe_note *note = &d->notes[d->note_count++];
    *note = (okng_recipe_note){strdup(file), strdup(key), strdup(value)};
    return note->file && note->key && note->value;
}

/* ---- as text ----------------------------------------------------------------------------------------------------- */

/* Adds where and what a piece is. */
static void put_piece(json_t **entry, const okng_piece *piece)
{
    const size_t count = okng_piece_blocks(piece->bytes);
    char *sums = malloc(count * HEX64 + 1);
    if (sums) sums[0] = '\0';
    for (size_t i = 0; sums && i < count; i++)
        (void)snprintf(sums + i * HEX64, HEX64 + 1, "%016" PRIx64, piece->sums[i]);
    okng_json_put(entry, "at", json_integer((json_int_t)piece->at));
    okng_json_put(entry, "bytes", json_integer((json_int_t)piece->bytes));
    okng_json_put(entry, "sha256", json_string(piece->sha256));
    okng_json_put(entry, "sums", sums ? json_string(sums) : NULL);
    free(sums);
}

static json_t *tensor_json(const okng_recipe_tensor *tensor)
{
    json_t *shape = json_array();
    for (int32_t i = 0; i < tensor->array.dims; i++) okng_json_add(&shape, json_integer(tensor->array.shape[i]));
    json_t *entry = json_pack("{s:s, s:s, s:s, s:o}", "file", tensor->file, "name", tensor->name, "dtype",
                              okng_dtype_name(tensor->array.dtype), "shape", shape);
    put_piece(&entry, &tensor->piece);
    return entry;
}

okng_status okng_directory_print(const okng_directory *d, const char *path, char **text, size_t *size,
                                 okng_error *error)
{
    json_t *documents = json_array(), *tensors = json_array(), *notes = json_array();
    for (size_t i = 0; i < d->document_count; i++) {
        json_t *entry = json_pack("{s:s}", "name", d->documents[i].name);
        put_piece(&entry, &d->documents[i].piece);
        okng_json_add(&documents, entry);
    }
    for (size_t i = 0; i < d->tensor_count; i++) okng_json_add(&tensors, tensor_json(&d->tensors[i]));
    for (size_t i = 0; i < d->note_count; i++)
        okng_json_add(&notes, json_pack("{s:s, s:s, s:s}", "file", d->notes[i].file, "key", d->notes[i].key, "value",
                                        d->notes[i].value));
    json_t *root = json_pack("{s:s, s:i, s:s, s:s, s:o, s:o, s:o}", "format", "okng recipe", "version",
                             OKNG_RECIPE_VERSION, "okng", d->okng, "precision", d->precision, "documents", documents,
                             "tensors", tensors, "notes", notes);
    okng_status status = okng_json_text(root, JSON_COMPACT, path, text, size, error);
    json_decref(root);
    return status;
}

/* ---- from text --------------------------------------------------------------------------------------------------- */

static const okng_json_limits limits = {
    .bytes = OKNG_RECIPE_DIRECTORY_MAX, .items = 1 << 21, .text = 48 << 20, .depth = 8};

typedef struct parsing {
    const char *path;
    uint64_t end; /* of the pieces */
    okng_error *error;
} parsing;

static okng_status bad(const parsing *p, const char *name, const char *what)
{
    return okng_fail(p->error, OKNG_ERROR_FORMAT, "%s: the directory's entry \"%s\" %s; pack the bank again", p->path,
                     name, what);
}

static bool is_hex(const char *text, size_t length)
{
    return strspn(text, "0123456789abcdef") >= length;
}

static okng_status parse_sums(const parsing *p, const json_t *entry, const char *name, okng_piece *piece)
{
    const char *text;
    const size_t count = okng_piece_blocks(piece->bytes);
    OKNG_TRY(okng_json_string(entry, p->path, "sums", &text, p->error));
    if (strlen(text) != count * HEX64 || !is_hex(text, count * HEX64))
        return bad(p, name, "has not one sum for each MiB");
    piece->sums = okng_alloc(count, sizeof *piece->sums);
    if (!piece->sums) return okng_fail_memory(p->error, count * sizeof *piece->sums);
    for (size_t i = 0; i < count; i++) {
        char digits[HEX64 + 1] = "";
        memcpy(digits, text + i * HEX64, HEX64);
        piece->sums[i] = strtoull(digits, NULL, 16);
    }
    return OKNG_OK;
}

static okng_status parse_piece(const parsing *p, const json_t *entry, const char *name, okng_piece *piece)
{
    const char *sha256;
    int64_t at, bytes;
    const int64_t end = (int64_t)p->end;
    OKNG_TRY(okng_json_integer(entry, p->path, "at", OKNG_RECIPE_ALIGNMENT, INT64_MAX, &at, p->error));
    OKNG_TRY(okng_json_integer(entry, p->path, "bytes", 0, INT64_MAX, &bytes, p->error));
    OKNG_TRY(okng_json_string(entry, p->path, "sha256", &sha256, p->error));
    if (at % OKNG_RECIPE_ALIGNMENT != 0 || at > end || bytes > end - at) return bad(p, name, "lies outside the file");
    if (strlen(sha256) != HEX_SHA256 || !is_hex(sha256, HEX_SHA256)) return bad(p, name, "has no SHA-256");
    piece->at = (uint64_t)at;
    piece->bytes = (uint64_t)bytes;
    memcpy(piece->sha256, sha256, sizeof piece->sha256);
    return parse_sums(p, entry, name, piece);
}

static bool find_dtype(const char *name, okng_dtype *out)
{
    for (int dtype = 0; dtype < OKNG_DTYPE_OTHER; dtype++) {
        if (strcmp(okng_dtype_name((okng_dtype)dtype), name) != 0) continue;
        *out = (okng_dtype)dtype;
        return true;
    }
    return false;
}

static okng_status parse_array(const parsing *p, const json_t *entry, okng_recipe_tensor *tensor)
{
    const char *dtype;
    const json_t *shape = json_object_get(entry, "shape");
    okng_array *array = &tensor->array;
    OKNG_TRY(okng_json_string(entry, p->path, "dtype", &dtype, p->error));
    if (!find_dtype(dtype, &array->dtype)) return bad(p, tensor->name, "is of an unknown type");
    if (!json_is_array(shape) || json_array_size(shape) > OKNG_MAX_DIMS) return bad(p, tensor->name, "has no shape");
    array->dims = (int32_t)json_array_size(shape);
    for (int32_t i = 0; i < array->dims; i++) {
        const json_t *extent = json_array_get(shape, (size_t)i);
        if (!json_is_integer(extent)) return bad(p, tensor->name, "has no shape");
        array->shape[i] = json_integer_value(extent);
    }
    if (!okng_shape_bytes(array->dtype, array->dims, array->shape, &array->bytes) ||
        array->bytes != tensor->piece.bytes)
        return bad(p, tensor->name, "has another size than its shape says");
    return OKNG_OK;
}

static okng_status parse_document(const parsing *p, const json_t *entry, okng_directory *d)
{
    const char *name;
    OKNG_TRY(okng_json_string(entry, p->path, "name", &name, p->error));
    for (size_t i = 0; i < d->document_count; i++)
        if (strcmp(d->documents[i].name, name) == 0) return bad(p, name, "is there twice");
    okng_recipe_document_entry *document = okng_directory_add_document(d, name);
    if (!document) return okng_fail_memory(p->error, strlen(name));
    return parse_piece(p, entry, name, &document->piece);
}

static okng_status parse_tensor(const parsing *p, const json_t *entry, okng_directory *d)
{
    const char *file, *name;
    OKNG_TRY(okng_json_string(entry, p->path, "file", &file, p->error));
    OKNG_TRY(okng_json_string(entry, p->path, "name", &name, p->error));
    okng_recipe_tensor *tensor = okng_directory_add_tensor(d, file, name);
    if (!tensor) return okng_fail_memory(p->error, strlen(file) + strlen(name));
    OKNG_TRY(parse_piece(p, entry, name, &tensor->piece));
    return parse_array(p, entry, tensor);
}

static okng_status parse_note(const parsing *p, const json_t *entry, okng_directory *d)
{
    const char *file, *key, *value;
    OKNG_TRY(okng_json_string(entry, p->path, "file", &file, p->error));
    OKNG_TRY(okng_json_string(entry, p->path, "key", &key, p->error));
    OKNG_TRY(okng_json_string(entry, p->path, "value", &value, p->error));
    return okng_directory_add_note(d, file, key, value) ? OKNG_OK : okng_fail_memory(p->error, strlen(value));
}

typedef okng_status parse_fn(const parsing *p, const json_t *entry, okng_directory *d);

static okng_status parse_list(const parsing *p, const json_t *root, const char *key, size_t most, parse_fn *parse,
                              okng_directory *d)
{
    const json_t *list = json_object_get(root, key);
    if (!json_is_array(list))
        return okng_fail(p->error, OKNG_ERROR_FORMAT, "%s: its directory has no list \"%s\"", p->path, key);
    if (json_array_size(list) > most)
        return okng_fail(p->error, OKNG_ERROR_LIMIT, "%s: %zu entries in \"%s\", expected at most %zu", p->path,
                         json_array_size(list), key, most);
    for (size_t i = 0; i < json_array_size(list); i++) OKNG_TRY(parse(p, json_array_get(list, i), d));
    return OKNG_OK;
}

static okng_status copy_text(const parsing *p, const json_t *root, const char *key, char *out, size_t size)
{
    const char *text;
    OKNG_TRY(okng_json_string(root, p->path, key, &text, p->error));
    if (strlen(text) >= size) return bad(p, key, "is too long");
    memcpy(out, text, strlen(text) + 1);
    return OKNG_OK;
}

static okng_status parse_all(const parsing *p, const json_t *root, okng_directory *d)
{
    const char *format;
    int64_t version;
    OKNG_TRY(okng_json_string(root, p->path, "format", &format, p->error));
    if (strcmp(format, "okng recipe") != 0) return bad(p, "format", "is not \"okng recipe\"");
    OKNG_TRY(okng_json_integer(root, p->path, "version", OKNG_RECIPE_VERSION, OKNG_RECIPE_VERSION, &version, p->error));
    OKNG_TRY(copy_text(p, root, "okng", d->okng, sizeof d->okng));
    OKNG_TRY(copy_text(p, root, "precision", d->precision, sizeof d->precision));
    OKNG_TRY(parse_list(p, root, "documents", OKNG_RECIPE_DOCUMENTS_MAX, parse_document, d));
    OKNG_TRY(parse_list(p, root, "tensors", OKNG_RECIPE_TENSORS_MAX, parse_tensor, d));
    return parse_list(p, root, "notes", OKNG_RECIPE_TENSORS_MAX, parse_note, d);
}

okng_status okng_directory_parse(okng_directory *directory, const char *text, size_t size, uint64_t end,
                                 const char *path, okng_error *error)
{
    const parsing p = {path, end, error};
    json_t *root;
    *directory = (okng_directory){.documents = NULL};
    OKNG_TRY(okng_json_parse(&root, text, size, path, &limits, error));
    okng_status status = json_is_object(root) ? parse_all(&p, root, directory) : bad(&p, "", "is no object");
    json_decref(root);
    if (status != OKNG_OK) okng_directory_free(directory);
    return status;
}
