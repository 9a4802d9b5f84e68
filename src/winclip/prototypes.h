/* What good and bad parts are by words: the mean of what the text tower makes of the prompts of each. Private to
 * winclip/. */
#ifndef OKNG_WINCLIP_PROTOTYPES_H
#define OKNG_WINCLIP_PROTOTYPES_H

#include "clip/clip.h"

typedef struct okng_prototypes_request {
    const okng_build_options *options;
    const char *class_name;
    const char *weights_sha256;
    int threads;
} okng_prototypes_request;

/* prototypes [2, E] of length 1, good and bad; the SHA-256 of the vocabulary, and that of the prompts' ids, which all
 * of the text tower's work depends on. They are read from the cache folder where the same were made before. Errors:
 * ARGUMENT (a class name that is empty or not UTF-8), those of okng_prompts_open, okng_vocabulary_find,
 * okng_tokenizer_open; LIMIT naming a prompt that is too long; MISMATCH (embeddings that are not finite); those of the
 * text tower; MEMORY. */
okng_status okng_prototypes_make(float *prototypes, char vocabulary_sha256[65], okng_clip *clip,
                                 const okng_prototypes_request *request, okng_error *error);

/* From text embeddings [count, E], which are changed: their mean, of length 1. Errors: MISMATCH where there is none. */
okng_status okng_prototype_of(okng_text_mean kind, float *embeddings, size_t count, int64_t dim, float *prototype,
                              okng_error *error);

#endif
