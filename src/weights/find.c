#include "weights/find.h"

#include "base/file.h"
#include "base/sized.h"
#include "net/graph.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char built_in[] = "okng-s";

/* ---- backbones ---- */

/* What a description counts takes its whole graph: that of the named one alone is built. */
static okng_status look_up(const char *name, okng_backbone_info *info, bool *known, okng_error *error)
{
    const char *row;
    size_t i = 0;
    while ((row = okng_network_name(i)) && strcmp(row, name) != 0) i++;
    *known = row != NULL;
    return row ? okng_backbone_get(i, info, error) : OKNG_OK;
}

/* "okng-s, resnet18, ..."; what does not fit is left out. */
static const char *list_backbones(char *text, size_t size)
{
    size_t used = 0;
    const char *name;
    text[0] = '\0';
    for (size_t i = 0; used < size && (name = okng_network_name(i)); i++) {
        int more = snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", name);
        used += more > 0 ? (size_t)more : 0;
    }
    return text;
}

okng_status okng_backbone_find(const char *name, okng_backbone_info *info, okng_error *error)
{
    char known[1024];
    OKNG_TRY(okng_need(name, "the name of a backbone", error));
    OKNG_TRY(okng_sized_check(info, "the place for a backbone's description", error));
    okng_backbone_info full = {.struct_size = sizeof full};
    bool found;
    OKNG_TRY(look_up(name, &full, &found, error));
    if (found) return okng_sized_give(info, &full, sizeof full, "the description", error);
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "unknown backbone \"%.80s\"; one of %s", name,
                     list_backbones(known, sizeof known));
}

/* ---- the cache ---- */

/* The file's name says whose weights it holds and how its SHA-256 begins: "resnet18-f37072fd.pth". */
static okng_status cache_path(const okng_backbone_info *info, char *path, size_t size, okng_error *error)
{
    char name[2 * OKNG_NAME_MAX + 32];
    const char *slash = strrchr(info->url, '/'), *ending = strrchr(slash ? slash : info->url, '.');
    (void)snprintf(name, sizeof name, "%s%s%s%.16s", info->name, info->hash_prefix[0] ? "-" : "", info->hash_prefix,
                   ending ? ending : "");
    return okng_cache_path(path, size, name, error);
}

okng_status okng_backbone_cache(const char *backbone, char *path, size_t size, okng_error *error)
{
    okng_backbone_info info = {.struct_size = sizeof info};
    OKNG_TRY(okng_need(path, "the place for the path", error));
    if (size > 0) path[0] = '\0';
    OKNG_TRY(okng_backbone_find(backbone, &info, error));
    if (info.built_in) return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s is built in: it needs no file", info.name);
    return cache_path(&info, path, size, error);
}

static bool cached(const okng_backbone_info *info, char *path)
{
    path[0] = '\0';
    if (!info->built_in && cache_path(info, path, OKNG_PATH_MAX, NULL) == OKNG_OK && access(path, R_OK) == 0)
        return true;
    path[0] = '\0';
    return false;
}

/* ---- public files ---- */

/* Under its publisher's name: who looks for it beside weights knows it so. */
static const char vocabulary_file[] = "bpe_simple_vocab_16e6.txt.gz";
static const okng_public_file vocabulary = {
    .name = "clip-vocabulary",
    .url = "https://raw.githubusercontent.com/openai/CLIP/main/clip/bpe_simple_vocab_16e6.txt.gz",
    .hash_prefix = "924691ac",
    .sha256 = "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a",
    .bytes = 1356917,
    .licence = "MIT (OpenAI)",
};

okng_status okng_public_file_find(const char *name, okng_public_file *file, okng_error *error)
{
    const char *what = "the place for a file's description";
    okng_backbone_info info = {.struct_size = sizeof info};
    char known[1024];
    bool found;
    OKNG_TRY(okng_need(name, "the name of a public file", error));
    OKNG_TRY(okng_sized_check(file, what, error));
    if (strcmp(name, vocabulary.name) == 0) return okng_sized_give(file, &vocabulary, sizeof vocabulary, what, error);
    OKNG_TRY(look_up(name, &info, &found, error));
    if (!found)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "unknown backbone \"%.80s\"; one of %s, or %s", name,
                         list_backbones(known, sizeof known), vocabulary.name);
    if (info.built_in) return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s is built in: it needs no file", info.name);
    const okng_public_file full = {.name = info.name,
                                   .url = info.url,
                                   .hash_prefix = info.hash_prefix,
                                   .sha256 = info.sha256,
                                   .bytes = info.bytes,
                                   .licence = info.licence,
                                   .is_weights = 1};
    return okng_sized_give(file, &full, sizeof full, what, error);
}

okng_status okng_public_file_cache(const char *name, char *path, size_t size, okng_error *error)
{
    OKNG_TRY(okng_need(name, "the name of a public file", error));
    if (strcmp(name, vocabulary.name) != 0) return okng_backbone_cache(name, path, size, error);
    OKNG_TRY(okng_need(path, "the place for the path", error));
    return okng_cache_path(path, size, vocabulary_file, error);
}

/* ---- choosing ---- */

static okng_status name_network(okng_build_options *options, okng_backbone_info *info, okng_error *error)
{
    char known[1024];
    if (!options->backbone[0] && options->weights[0])
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: weights of which network? Give its backbone, one of %s",
                         options->weights, list_backbones(known, sizeof known));
    if (!options->backbone[0]) memcpy(options->backbone, built_in, sizeof built_in);
    return okng_backbone_find(options->backbone, info, error);
}

okng_status okng_name_network(okng_build_options *options, okng_error *error)
{
    okng_backbone_info info = {.struct_size = sizeof info};
    return name_network(options, &info, error);
}

static okng_status missing(const okng_backbone_info *info, okng_error *error)
{
    return okng_fail(
        error, OKNG_ERROR_NOT_FOUND,
        "the weights of %s are missing; okng weights get %s downloads them once for all, or give a file as "
        "weights",
        info->name, info->name);
}

okng_status okng_choose_network(okng_build_options *options, okng_error *error)
{
    okng_backbone_info info = {.struct_size = sizeof info};
    OKNG_TRY(okng_sized_check(options, "the options", error));
    if (options->struct_size < offsetof(okng_build_options, layers))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "the options: struct_size is too small for a backbone and its weights");
    OKNG_TRY(name_network(options, &info, error));
    if (options->weights[0] || info.built_in || cached(&info, options->weights)) return OKNG_OK;
    return missing(&info, error);
}

/* `fits` is true for a file that cannot be read too, *weights is NULL then. Fails only where memory could not be had.
 */
static okng_status may_fit(const char *backbone, const char *file, okng_weights **weights, bool *fits,
                           okng_error *error)
{
    okng_error why = {.status = OKNG_OK};
    *fits = okng_weights_open(weights, file, &why) != OKNG_OK || okng_backbone_fits(backbone, *weights, &why) > 0;
    if (why.status != OKNG_ERROR_MEMORY) return OKNG_OK;
    okng_weights_close(weights);
    if (error) *error = why;
    return why.status;
}

okng_status okng_weights_of(const char *backbone, const char *given, char *path, okng_weights **opened,
                            okng_error *error)
{
    okng_backbone_info info = {.struct_size = sizeof info};
    path[0] = '\0';
    *opened = NULL;
    OKNG_TRY(okng_backbone_find(backbone, &info, error));
    if (given && strlen(given) >= OKNG_PATH_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%.80s...: the path is too long", given);
    bool fits = false;
    if (given) OKNG_TRY(may_fit(backbone, given, opened, &fits, error));
    if (!fits && (info.built_in || cached(&info, path))) {
        okng_weights_close(opened);
        return OKNG_OK;
    }
    if (!given) return missing(&info, error);
    memcpy(path, given, strlen(given) + 1);
    return OKNG_OK;
}
