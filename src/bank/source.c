#include "bank/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bank/bank_file.h"
#include "base/file.h"
#include "base/parallel.h"

const char *okng_bank_source_name(const okng_bank_source *from, const char *name, char text[OKNG_RECIPE_NAME_MAX])
{
    (void)snprintf(text, OKNG_RECIPE_NAME_MAX, "%s%s", from->part, name);
    return text;
}

bool okng_bank_source_has(const okng_bank_source *from, const char *name)
{
    char full[OKNG_RECIPE_NAME_MAX];
    if (from->recipe) {
        (void)okng_bank_source_name(from, name, full);
        return okng_recipe_has_document(from->recipe, full) || okng_recipe_has_file(from->recipe, full);
    }
    char *path = okng_path_join(from->path, name);
    const bool has = path && access(path, F_OK) == 0;
    free(path);
    return has;
}

okng_status okng_bank_need_whole(const okng_bank_source *from, okng_error *error)
{
    if (!okng_bank_source_has(from, OKNG_BANK_ROIS_FILE)) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_UNSUPPORTED,
        "%s: is a bank with regions; give that of one of them, such as region-1 in its folder, which takes "
        "pictures of the region alone",
        from->path);
}

static okng_status read_packed(const okng_bank_source *from, const char *name, const okng_json_limits *limits,
                               const char *where, json_t **out, okng_error *error)
{
    char full[OKNG_RECIPE_NAME_MAX];
    const char *text;
    size_t size;
    OKNG_TRY(okng_recipe_document(from->recipe, okng_bank_source_name(from, name, full), &text, &size, error));
    OKNG_TRY(okng_json_parse(out, text, size, where, limits, error));
    if (json_is_object(*out)) return OKNG_OK;
    json_decref(*out);
    *out = NULL;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: is no object", where);
}

okng_status okng_bank_source_read(const okng_bank_source *from, const char *name, const okng_json_limits *limits,
                                  json_t **out, char **where, okng_error *error)
{
    *out = NULL;
    if (!from->recipe)
        *where = okng_path_join(from->path, name);
    else if (asprintf(where, "%s:%s%s", from->path, from->part, name) < 0)
        *where = NULL;
    if (!*where) return okng_fail_memory(error, strlen(from->path) + strlen(name));
    okng_status status =
        from->recipe ? read_packed(from, name, limits, *where, out, error) : okng_json_read(out, *where, limits, error);
    if (status == OKNG_OK) return OKNG_OK;
    free(*where);
    *where = NULL;
    return status;
}

static okng_status copy_packed(const okng_bank_source *from, const char *name, char **text, size_t *size,
                               okng_error *error)
{
    char full[OKNG_RECIPE_NAME_MAX];
    const char *there;
    OKNG_TRY(okng_recipe_document(from->recipe, okng_bank_source_name(from, name, full), &there, size, error));
    *text = malloc(*size + 1);
    if (!*text) return okng_fail_memory(error, *size + 1);
    memcpy(*text, there, *size);
    return OKNG_OK;
}

okng_status okng_bank_source_text(const okng_bank_source *from, const char *name, char **text, size_t *size,
                                  okng_error *error)
{
    enum { MOST = 256 << 20 }; /* of tau.json, the longest */
    void *data = NULL;
    *text = NULL;
    if (from->recipe) return copy_packed(from, name, text, size, error);
    char *path = okng_path_join(from->path, name);
    if (!path) return okng_fail_memory(error, strlen(from->path) + strlen(name));
    okng_status status = okng_file_read(path, MOST, &data, size, error);
    *text = data;
    free(path);
    return status;
}

okng_status okng_bank_source_open(const okng_bank_source *from, const char *name, okng_weights **out, okng_error *error)
{
    char full[OKNG_RECIPE_NAME_MAX];
    if (from->recipe) {
        (void)okng_bank_source_name(from, name, full);
        OKNG_TRY(okng_recipe_check(from->recipe, full, okng_thread_count(0), error));
        return okng_recipe_weights(out, from->recipe, full, OKNG_RECIPE_FLOATS, error);
    }
    char *path = okng_path_join(from->path, name);
    if (!path) return okng_fail_memory(error, strlen(from->path) + strlen(name));
    okng_status status = okng_weights_open(out, path, error);
    free(path);
    return status;
}
