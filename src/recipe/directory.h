/* Header and directory of a recipe as bytes and text. Private to recipe/. */
#ifndef OKNG_RECIPE_DIRECTORY_H
#define OKNG_RECIPE_DIRECTORY_H

#include "base/json_limits.h"
#include "tensor/array.h"

enum {
    OKNG_RECIPE_HEADER = 256, /* bytes */
    OKNG_RECIPE_SIGNED = 104, /* of them, that are signed */
    OKNG_RECIPE_MAGIC = 8,
    OKNG_RECIPE_KEY = 32,
    OKNG_RECIPE_SIGNATURE = 64,
    OKNG_RECIPE_BLOCK = 1 << 20,          /* bytes of a piece that one sum is of */
    OKNG_RECIPE_DIRECTORY_MAX = 64 << 20, /* bytes */
    OKNG_RECIPE_DOCUMENTS_MAX = 256,
    OKNG_RECIPE_TENSORS_MAX = 1 << 14
};

typedef struct okng_recipe_header {
    uint64_t bytes;                      /* of the whole file */
    uint64_t directory, directory_bytes; /* where it begins, and how long it is */
    unsigned char digest[32];            /* of the directory */
    unsigned char key[OKNG_RECIPE_KEY], signature[OKNG_RECIPE_SIGNATURE];
} okng_recipe_header;

/* `out` [OKNG_RECIPE_HEADER] */
void okng_recipe_header_write(const okng_recipe_header *header, unsigned char *out);
/* `size` bytes of the beginning of a file of `whole` bytes. Errors: FORMAT, UNSUPPORTED, LIMIT. */
okng_status okng_recipe_header_read(okng_recipe_header *header, const unsigned char *bytes, size_t size, uint64_t whole,
                                    const char *path, okng_error *error);
/* Whether these are the first OKNG_RECIPE_MAGIC bytes of one. */
bool okng_recipe_magic_is(const unsigned char *bytes);
bool okng_recipe_is_signed(const okng_recipe_header *header);

/* Bytes of the file. */
typedef struct okng_piece {
    uint64_t at, bytes;
    char sha256[65];
    uint64_t *sums; /* [okng_piece_blocks] */
} okng_piece;
size_t okng_piece_blocks(uint64_t bytes);

typedef struct okng_recipe_document_entry {
    char *name;
    okng_piece piece;
} okng_recipe_document_entry;

typedef struct okng_recipe_tensor {
    char *file, *name;
    okng_array array; /* without data */
    okng_piece piece;
} okng_recipe_tensor;

typedef struct okng_recipe_note {
    char *file, *key, *value;
} okng_recipe_note;

/* All text and sums are its own. */
typedef struct okng_directory {
    char okng[32], precision[8];
    okng_recipe_document_entry *documents;
    okng_recipe_tensor *tensors; /* those of one file side by side */
    okng_recipe_note *notes;
    size_t document_count, tensor_count, note_count;
    size_t document_capacity, tensor_capacity, note_capacity;
} okng_directory;
void okng_directory_free(okng_directory *directory); /* zeroed is fine */

/* Adds an entry whose text is copied; its piece is for the caller to fill in. NULL: no memory. */
okng_recipe_document_entry *okng_directory_add_document(okng_directory *directory, const char *name);
okng_recipe_tensor *okng_directory_add_tensor(okng_directory *directory, const char *file, const char *name);
bool okng_directory_add_note(okng_directory *directory, const char *file, const char *key, const char *value);

/* The text for the caller to free. */
okng_status okng_directory_print(const okng_directory *directory, const char *path, char **text, size_t *size,
                                 okng_error *error);
/* Of a recipe whose pieces lie before byte `end`. On failure *directory is zeroed. Errors: FORMAT, LIMIT, MEMORY. */
okng_status okng_directory_parse(okng_directory *directory, const char *text, size_t size, uint64_t end,
                                 const char *path, okng_error *error);

#endif
