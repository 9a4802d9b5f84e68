/* Which form a vocabulary has, told by what is in it. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "text/names.h"
#include "text/vocabulary.h"

static okng_status parse_text(okng_tokenizer **out, const char *text, size_t size, const char *path, okng_error *error)
{
    okng_merges *merges;
    *out = NULL;
    OKNG_TRY(okng_merges_new(&merges, error));
    okng_status status = okng_vocabulary_text(merges, text, size, path, error);
    if (status == OKNG_OK) status = okng_merges_finish(out, merges, path, error);
    okng_merges_free(&merges);
    return status;
}

static okng_status parse_packed(okng_tokenizer **out, const void *data, size_t size, const char *path,
                                okng_error *error)
{
    char *text;
    *out = NULL;
    OKNG_TRY(okng_vocabulary_unpack(&text, &size, data, size, path, error));
    okng_status status = parse_text(out, text, size, path, error);
    free(text);
    return status;
}

okng_status okng_vocabulary_parse(okng_tokenizer **out, const void *data, size_t size, const char *path,
                                  okng_error *error)
{
    const uint8_t *bytes = data;
    *out = NULL;
    if (size == 0) return okng_fail(error, OKNG_ERROR_FORMAT, "%s: is empty, expected a vocabulary of CLIP", path);
    if (size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b) return parse_packed(out, data, size, path, error);
    size_t begin = 0;
    while (begin < size && strchr(" \t\r\n", bytes[begin]) && bytes[begin] != 0) begin++;
    if (begin < size && bytes[begin] == '{') return okng_vocabulary_json(out, data, size, path, error);
    return parse_text(out, data, size, path, error);
}

static okng_status open_file(okng_tokenizer **out, const char *path, okng_error *error)
{
    void *data;
    size_t size;
    OKNG_TRY(okng_file_read(path, OKNG_VOCABULARY_BYTES, &data, &size, error));
    okng_status status = okng_vocabulary_parse(out, data, size, path, error);
    free(data);
    return status;
}

okng_status okng_tokenizer_open(okng_tokenizer **out, const char *path, okng_error *error)
{
    char file[OKNG_PATH_MAX];
    OKNG_TRY(okng_need(out, "the place for the tokenizer", error));
    *out = NULL;
    OKNG_TRY(okng_need(path, "the path of the vocabulary", error));
    if (!okng_is_folder(path)) return open_file(out, path, error);
    if (okng_vocabulary_in(path, file)) return open_file(out, file, error);
    return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                     "%s: no vocabulary in this folder, expected bpe_simple_vocab_16e6.txt.gz, tokenizer.json, or "
                     "vocab.json with merges.txt",
                     path);
}
