/* vocab.json with merges.txt, and tokenizer.json, as transformers and tokenizers write them. What both say twice, ids
 * and merges, must agree: a vocabulary with other ids would give a tower words that it does not know. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "text/vocabulary.h"

static const okng_json_limits limits = {.bytes = OKNG_VOCABULARY_BYTES, .items = 1 << 19, .text = 1 << 12, .depth = 32};

/* ---- ids ---- */

static okng_status wrong_id(const char *path, const char *symbol, size_t size, const json_t *found, int expected,
                            okng_error *error)
{
    enum { SHOWN = 40 };
    char text[SHOWN + 1], id[32] = "none";
    (void)snprintf(text, sizeof text, "%.*s", size < SHOWN ? (int)size : SHOWN, symbol);
    if (json_is_integer(found)) (void)snprintf(id, sizeof id, "%lld", (long long)json_integer_value(found));
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: the id of \"%.*s\" is %s, expected %d by the merges: another model's vocabulary", path,
                     okng_utf8_cut(text, SHOWN - 4), text, id, expected);
}

static okng_status check_special(const json_t *vocabulary, const char *const *names, int expected, const char *path,
                                 okng_error *error)
{
    const json_t *found = json_object_get(vocabulary, names[0]);
    if (!found) found = json_object_get(vocabulary, names[1]);
    if (json_is_integer(found) && json_integer_value(found) == expected) return OKNG_OK;
    return wrong_id(path, names[0], strlen(names[0]), found, expected, error);
}

static okng_status check_count(const json_t *vocabulary, const char *path, okng_error *error)
{
    const size_t count = json_object_size(vocabulary);
    if (count == OKNG_TOKEN_COUNT) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %zu symbols, expected the %d of CLIP: another model's vocabulary",
                     path, count, OKNG_TOKEN_COUNT);
}

static okng_status check_ids(const json_t *vocabulary, const okng_merges *merges, const char *path, okng_error *error)
{
    static const char *const start[] = {"<|startoftext|>", "<start_of_text>"};
    static const char *const end[] = {"<|endoftext|>", "<end_of_text>"};
    for (int32_t id = 0; id < 512 + OKNG_TOKEN_MERGES; id++) {
        size_t size;
        const char *symbol = okng_merges_text(merges, id, &size);
        const json_t *found = json_object_getn(vocabulary, symbol, size);
        if (!json_is_integer(found) || json_integer_value(found) != id)
            return wrong_id(path, symbol, size, found, id, error);
    }
    OKNG_TRY(check_special(vocabulary, start, OKNG_TOKEN_START, path, error));
    return check_special(vocabulary, end, OKNG_TOKEN_END, path, error);
}

static okng_status finish(okng_tokenizer **out, const json_t *vocabulary, const okng_merges *merges, const char *path,
                          okng_error *error)
{
    OKNG_TRY(okng_merges_finish(out, merges, path, error));
    okng_status status = check_ids(vocabulary, merges, path, error);
    if (status != OKNG_OK) okng_tokenizer_close(out);
    return status;
}

/* ---- tokenizer.json ---- */

/* "i n", or ["i", "n"] of newer ones. */
static okng_status add_merge(okng_merges *merges, const json_t *merge, const char *path, okng_error *error)
{
    const char *left = json_string_value(merge), *right = left ? strchr(left, ' ') : NULL;
    size_t left_size = right ? (size_t)(right - left) : 0, right_size = 0;
    if (right) right_size = strlen(++right);
    if (json_array_size(merge) == 2) {
        const json_t *first = json_array_get(merge, 0), *second = json_array_get(merge, 1);
        left = json_string_value(first);
        right = json_string_value(second);
        left_size = json_string_length(first);
        right_size = json_string_length(second);
    }
    if (left_size > 0 && right_size > 0)
        return okng_merges_add(merges, left, left_size, right, right_size, path, error);
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: merge %zu is neither \"a b\" nor [\"a\", \"b\"]", path,
                     okng_merges_count(merges) + 1);
}

/* One that is not needed may be missing or null. */
static okng_status expect_text(const json_t *model, const char *key, const char *expected, bool needed,
                               const char *path, okng_error *error)
{
    const json_t *value = json_object_get(model, key);
    const char *found = json_string_value(value);
    if ((!needed && !found) || (found && strcmp(found, expected) == 0)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: model.%s is \"%.40s\", expected \"%s\", as CLIP has it", path,
                     key, found ? found : "", expected);
}

static okng_status parse_model(okng_tokenizer **out, const json_t *model, okng_merges *merges, const char *path,
                               okng_error *error)
{
    const json_t *vocabulary = json_object_get(model, "vocab"), *list = json_object_get(model, "merges");
    OKNG_TRY(expect_text(model, "type", "BPE", false, path, error));
    OKNG_TRY(expect_text(model, "end_of_word_suffix", "</w>", true, path, error));
    OKNG_TRY(expect_text(model, "continuing_subword_prefix", "", false, path, error));
    if (!json_is_object(vocabulary) || !json_is_array(list))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: model lacks an object \"vocab\" or an array \"merges\"", path);
    OKNG_TRY(check_count(vocabulary, path, error));
    for (size_t i = 0; i < json_array_size(list); i++)
        OKNG_TRY(add_merge(merges, json_array_get(list, i), path, error));
    return finish(out, vocabulary, merges, path, error);
}

/* ---- vocab.json ---- */

/* The merges are in a file of their own in the same folder. */
static okng_status parse_with_merges(okng_tokenizer **out, const json_t *vocabulary, okng_merges *merges,
                                     const char *path, okng_error *error)
{
    static const char name[] = "merges.txt";
    char beside[OKNG_PATH_MAX];
    const char *slash = strrchr(path, '/');
    const int folder = slash ? (int)(slash - path) + 1 : 0;
    void *data;
    size_t size;
    OKNG_TRY(check_count(vocabulary, path, error));
    const int length = snprintf(beside, sizeof beside, "%.*s%s", folder, path, name);
    if (length < 0 || (size_t)length >= sizeof beside)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%.80s...: the path is too long", path);
    okng_status status = okng_file_read(beside, OKNG_VOCABULARY_BYTES, &data, &size, error);
    if (status == OKNG_ERROR_NOT_FOUND) return okng_error_context(error, status, "%s needs merges.txt beside it", path);
    OKNG_TRY(status);
    status = okng_vocabulary_text(merges, data ? data : "", size, beside, error);
    free(data);
    OKNG_TRY(status);
    return finish(out, vocabulary, merges, path, error);
}

okng_status okng_vocabulary_json(okng_tokenizer **out, const char *text, size_t size, const char *path,
                                 okng_error *error)
{
    json_t *root;
    okng_merges *merges;
    *out = NULL;
    OKNG_TRY(okng_json_parse(&root, text, size, path, &limits, error));
    okng_status status = okng_merges_new(&merges, error);
    if (status == OKNG_OK) {
        const json_t *model = json_object_get(root, "model");
        status = json_is_object(model) ? parse_model(out, model, merges, path, error)
                                       : parse_with_merges(out, root, merges, path, error);
        okng_merges_free(&merges);
    }
    json_decref(root);
    return status;
}
