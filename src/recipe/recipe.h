/* A recipe: a bank, frozen into one file that is mapped. This folder knows documents, tensors and signatures; what they
 * mean is told by those who packed them (model/pack.h). The format is docs/recipe-format.md. */
#ifndef OKNG_RECIPE_RECIPE_H
#define OKNG_RECIPE_RECIPE_H

#include <stdbool.h>

#include "tensor/weights.h"

enum { OKNG_RECIPE_VERSION = 1, OKNG_RECIPE_ALIGNMENT = 4096 };

/* What the name of a tensor of int8 ends in where it holds the largest magnitude of each row of the tensor before that
 * end: n stands for n * largest / 127. */
#define OKNG_RECIPE_SCALES ":largest"

/* May be shared by threads. */
typedef struct okng_recipe okng_recipe;

/* Whether `path` is a file, which a recipe is and the folder of a bank is not. */
bool okng_recipe_is(const char *path);

/* Whether the file begins as recipes do, whatever became of the rest. */
bool okng_recipe_begins(const char *path);

/* Opens and maps. Header, directory and documents are checked here; a tensor when it is first asked for, so that who
 * wants few of them does not wait for all. Errors: NOT_FOUND; FORMAT (no recipe, cut off, damaged); UNSUPPORTED (of a
 * newer version); LIMIT, IO, MEMORY. */
okng_status okng_recipe_open(okng_recipe **out, const char *path, okng_error *error);
okng_recipe *okng_recipe_share(okng_recipe *recipe); /* one user more; returns it */
void okng_recipe_close(okng_recipe **recipe);        /* one user less; NULL is fine */
const char *okng_recipe_path(const okng_recipe *recipe);

/* What is told of it. Text is the recipe's. */
typedef struct okng_recipe_info {
    const char *okng;      /* the version that packed it */
    const char *precision; /* of the weights: "fp32", "fp16", "bf16", "int8" */
    bool is_signed;
    char key[65]; /* the public key of who signed, in hexadecimal; "" */
    uint64_t bytes;
} okng_recipe_info;
okng_recipe_info okng_recipe_look(const okng_recipe *recipe);

bool okng_recipe_has_document(const okng_recipe *recipe, const char *name);
/* *text is the recipe's, without a NUL at its end. NOT_FOUND, naming the recipe. */
okng_status okng_recipe_document(const okng_recipe *recipe, const char *name, const char **text, size_t *size,
                                 okng_error *error);
/* Bytes of a document or of all tensors of a file; 0 where there is none. */
uint64_t okng_recipe_bytes(const okng_recipe *recipe, const char *name);

bool okng_recipe_has_file(const okng_recipe *recipe, const char *file);
/* Which tensors stay in the map, where somebody who writes to the file meanwhile is seen only afterwards
 * (okng_recipe_settled); the others are copied, and checked, when their file is opened. Small ones always are. */
typedef enum okng_recipe_mapped {
    OKNG_RECIPE_FLOATS, /* of which nothing becomes but other numbers */
    OKNG_RECIPE_NUMBERS /* whole numbers too: for who takes no places or counts from them */
} okng_recipe_mapped;
/* The tensors of a file as weights, whose path is "RECIPE:FILE"; they share the recipe. Those in the map are checked
 * when they are asked for. Errors: NOT_FOUND, FORMAT (damaged, by name), IO, MEMORY. */
okng_status okng_recipe_weights(okng_weights **out, okng_recipe *recipe, const char *file, okng_recipe_mapped mapped,
                                okng_error *error);
/* Checks all tensors of a file, or of all files where that is NULL. Errors: FORMAT, naming the first damaged; IO. */
okng_status okng_recipe_check(okng_recipe *recipe, const char *file, int threads, okng_error *error);
/* Before what is in the map is looked at: whoever took SIGBUS since a recipe was opened gets only what is not about a
 * recipe. Cheap where nobody did. */
void okng_recipe_guard(void);
/* Whether what was seen of it so far is what was packed, and what it held when it was opened: to be asked before
 * anything comes of that. IO where the file was made shorter or written to, or could not be read; FORMAT where a tensor
 * that was asked for is damaged. */
okng_status okng_recipe_settled(const okng_recipe *recipe, okng_error *error);

/* Whether it is signed with the private key that goes with the public one in the file `key` (PEM), and holds what was
 * signed, to the last byte. Errors: MISMATCH (not signed, by another key, not what was signed), FORMAT (no such key),
 * NOT_FOUND, IO, MEMORY. */
okng_status okng_recipe_verify(okng_recipe *recipe, const char *key, int threads, okng_error *error);

#endif
