/* Where the vocabulary is. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "text/names.h"

static const char published[] = "bpe_simple_vocab_16e6.txt.gz";

static bool readable(const char *folder, const char *name, char *path)
{
    const int length = snprintf(path, OKNG_PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < OKNG_PATH_MAX && access(path, R_OK) == 0;
}

bool okng_vocabulary_in(const char *folder, char *path)
{
    static const char *const names[] = {published, "bpe_simple_vocab_16e6.txt", "tokenizer.json", "vocab.json"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (readable(folder, names[i], path)) return true;
    path[0] = '\0';
    return false;
}

/* In the folder that holds the file `weights`. */
static bool beside(const char *weights, char *path)
{
    char folder[OKNG_PATH_MAX] = ".";
    const char *slash = strrchr(weights, '/');
    if (slash) {
        const size_t length = slash == weights ? 1 : (size_t)(slash - weights);
        if (length >= sizeof folder) return false;
        memcpy(folder, weights, length);
        folder[length] = '\0';
    }
    return okng_vocabulary_in(folder, path);
}

okng_status okng_vocabulary_find(const char *given, const char *weights, char path[OKNG_PATH_MAX], okng_error *error)
{
    OKNG_TRY(okng_need(path, "the place for the path", error));
    path[0] = '\0';
    if (given && *given) {
        if (strlen(given) >= OKNG_PATH_MAX)
            return okng_fail(error, OKNG_ERROR_LIMIT, "%.80s...: the path is too long", given);
        memcpy(path, given, strlen(given) + 1);
        return OKNG_OK;
    }
    if (weights && *weights && beside(weights, path)) return OKNG_OK;
    OKNG_TRY(okng_cache_path(path, OKNG_PATH_MAX, published, error));
    if (access(path, R_OK) == 0) return OKNG_OK;
    path[0] = '\0';
    return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                     "the vocabulary of CLIP is missing; okng weights get clip-vocabulary downloads it once for all, "
                     "or give a file as vocabulary");
}
