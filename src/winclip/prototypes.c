#include "winclip/prototypes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "engine/engine.h"
#include "kernels/kernels.h"
#include "okng/experimental.h"
#include "patch/normalise.h"
#include "winclip/prompts.h"
#include "winclip/prototype_cache.h"

/* ---- the class name ------------------------------------------------------------------------- */

static okng_status take_class_name(const okng_prototypes_request *request, char name[OKNG_CLASS_MAX], okng_error *error)
{
    size_t length = strlen(request->class_name);
    if (length >= OKNG_CLASS_MAX)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the class name has %zu bytes, expected at most %d", length,
                         OKNG_CLASS_MAX - 1);
    if (!okng_utf8_valid(request->class_name, length, NULL))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the class name is not UTF-8 text");
    if (request->class_name[strspn(request->class_name, " \t\r\n\v\f")] == '\0')
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "the class name is empty; say what the part is called, as class-name \"metal nut\"");
    memcpy(name, request->class_name, length + 1);
    for (char *c = name; *c && request->options->class_words == OKNG_CLASS_WORDS_SPACES; c++)
        if (*c == '_') *c = ' ';
    return OKNG_OK;
}

/* ---- prompts to ids ------------------------------------------------------------------------- */

/* What the text tower is given: ids [good + bad, OKNG_TEXT_TOKENS]. */
typedef struct sentences {
    size_t counts[OKNG_PROMPTS_KINDS];
    int32_t *ids;
    size_t bytes;
} sentences;

static okng_status encode_all(sentences *s, const okng_prompts *prompts, const okng_tokenizer *tokenizer,
                              const char *class_name, okng_error *error)
{
    const okng_text_options options = {.struct_size = sizeof options, .strict = 1};
    int32_t *ids = s->ids;
    for (int kind = 0; kind < OKNG_PROMPTS_KINDS; kind++)
        for (size_t i = 0; i < s->counts[kind]; i++) {
            int32_t length;
            char *text = okng_prompts_say(prompts, kind, i, class_name);
            if (!text) return okng_fail_memory(error, strlen(class_name));
            okng_status status = okng_tokenizer_encode(tokenizer, text, &options, ids, &length, NULL, error);
            free(text);
            if (status != OKNG_OK) return status;
            ids += OKNG_TEXT_TOKENS;
        }
    return OKNG_OK;
}

static okng_status make_sentences(sentences *s, const okng_prompts *prompts, const char *vocabulary,
                                  const char *class_name, okng_error *error)
{
    okng_tokenizer *tokenizer;
    for (int kind = 0; kind < OKNG_PROMPTS_KINDS; kind++) s->counts[kind] = okng_prompts_count(prompts, kind);
    size_t count = s->counts[OKNG_PROMPTS_GOOD] + s->counts[OKNG_PROMPTS_BAD];
    s->bytes = count * OKNG_TEXT_TOKENS * sizeof *s->ids;
    OKNG_TRY(okng_tokenizer_open(&tokenizer, vocabulary, error));
    s->ids = okng_alloc_zero(count, OKNG_TEXT_TOKENS * sizeof *s->ids);
    okng_status status =
        s->ids ? encode_all(s, prompts, tokenizer, class_name, error) : okng_fail_memory(error, s->bytes);
    okng_tokenizer_close(&tokenizer);
    return status;
}

/* ---- ids to prototypes ---------------------------------------------------------------------- */

okng_status okng_prototype_of(okng_text_mean kind, float *embeddings, size_t count, int64_t dim, float *prototype,
                              okng_error *error)
{
    double length = 0;
    if (kind == OKNG_TEXT_MEAN_NORMALISED) okng_rows_normalise(embeddings, (int64_t)count, dim);
    for (int64_t d = 0; d < dim; d++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++) sum += (double)embeddings[(int64_t)i * dim + d];
        prototype[d] = (float)(sum / (double)count);
        length += (double)prototype[d] * (double)prototype[d];
    }
    if (!isfinite(length) || length == 0)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "what the text tower makes of the prompts has no direction; check the weights");
    okng_rows_normalise(prototype, 1, dim);
    return OKNG_OK;
}

static okng_status embed(float *prototypes, okng_clip *clip, const okng_prototypes_request *request, const sentences *s,
                         int64_t dim, okng_error *error)
{
    size_t most = s->counts[0] > s->counts[1] ? s->counts[0] : s->counts[1];
    float *embeddings = okng_alloc(most, (size_t)dim * sizeof *embeddings);
    const int32_t *ids = s->ids;
    okng_status status = embeddings ? OKNG_OK : okng_fail_memory(error, most * (size_t)dim * sizeof *embeddings);
    for (int kind = 0; kind < OKNG_PROMPTS_KINDS && status == OKNG_OK; kind++) {
        status = okng_clip_embed_ids(clip, ids, s->counts[kind], request->threads, embeddings, error);
        if (status == OKNG_OK)
            status = okng_prototype_of(request->options->text_mean, embeddings, s->counts[kind], dim,
                                       prototypes + kind * dim, error);
        ids += s->counts[kind] * OKNG_TEXT_TOKENS;
    }
    free(embeddings);
    return status;
}

/* SHA-256 of all that the bits of prototypes depend on. */
static okng_status key_of(const okng_prototypes_request *request, const okng_clip_sizes *sizes, const sentences *s,
                          char key[65], okng_error *error)
{
    const okng_build_options *options = request->options;
    char ids[65], text[1024];
    okng_sha256(s->ids, s->bytes, ids);
    const int length =
        snprintf(text, sizeof text, "okng %s prototypes 1\n%.*s\n%s\n%d %d %d\n%.*s\n%s\n%s\n%zu %zu %s\n",
                 okng_version(), OKNG_NAME_MAX, options->backbone, request->weights_sha256, (int)sizes->activation,
                 (int)options->precision, (int)options->text_mean, OKNG_NAME_MAX, options->device,
                 okng_engine_version(options->device), okng_kernels_get()->name, s->counts[0], s->counts[1], ids);
    if (length < 0 || (size_t)length >= sizeof text)
        return okng_fail(error, OKNG_ERROR_INTERNAL, "the key of the prototypes is too long");
    okng_sha256(text, (size_t)length, key);
    return OKNG_OK;
}

static okng_status find_or_make(float *prototypes, okng_clip *clip, const okng_prototypes_request *request,
                                const sentences *s, okng_error *error)
{
    char key[65];
    okng_clip_sizes sizes;
    okng_clip_get_sizes(clip, &sizes);
    OKNG_TRY(key_of(request, &sizes, s, key, error));
    if (okng_prototype_cache_read(key, prototypes, sizes.embedding)) return OKNG_OK;
    OKNG_TRY(embed(prototypes, clip, request, s, sizes.embedding, error));
    if (memcmp(prototypes, prototypes + sizes.embedding, (size_t)sizes.embedding * sizeof *prototypes) == 0)
        return okng_fail(
            error, OKNG_ERROR_MISMATCH,
            "the sentences of good parts and those of bad ones come to the same vector, so they tell nothing "
            "apart; give other prompts, or check the weights");
    okng_prototype_cache_write(key, prototypes, sizes.embedding);
    return OKNG_OK;
}

okng_status okng_prototypes_make(float *prototypes, char vocabulary_sha256[65], okng_clip *clip,
                                 const okng_prototypes_request *request, okng_error *error)
{
    const okng_build_options *options = request->options;
    char class_name[OKNG_CLASS_MAX], vocabulary[OKNG_PATH_MAX];
    okng_prompts prompts;
    sentences s = {.ids = NULL};
    OKNG_TRY(take_class_name(request, class_name, error));
    OKNG_TRY(okng_vocabulary_find(options->vocabulary, options->weights, vocabulary, error));
    OKNG_TRY(okng_prompts_open(&prompts, options->prompts, error));
    okng_status status = make_sentences(&s, &prompts, vocabulary, class_name, error);
    if (status == OKNG_OK) status = okng_file_sha256(vocabulary, vocabulary_sha256, error);
    if (status == OKNG_OK) status = find_or_make(prototypes, clip, request, &s, error);
    okng_prompts_free(&prompts);
    free(s.ids);
    return status;
}
