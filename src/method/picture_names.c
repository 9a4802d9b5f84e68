#include "method/picture_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* A plain path below the folder: no name leads out of it. */
static bool is_inside(const char *name)
{
    if (!*name || *name == '/') return false;
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || !part[2])) return false;
    }
    return true;
}

static okng_status make_room(okng_picture_names *out, int64_t count, size_t bytes, okng_error *error)
{
    *out = (okng_picture_names){.count = count, .bytes = bytes};
    out->text = okng_alloc(bytes + 1, 1);
    out->name = okng_alloc((size_t)count + 1, sizeof *out->name);
    if (out->text && out->name) return OKNG_OK;
    okng_picture_names_free(out);
    return okng_fail_memory(error, bytes + (size_t)count * sizeof *out->name);
}

okng_status okng_picture_names_new(okng_picture_names *out, int64_t count, okng_picture_name_fn name,
                                   const void *context, okng_error *error)
{
    size_t bytes = 0;
    for (int64_t i = 0; i < count; i++) bytes += strlen(name(context, (size_t)i)) + 1;
    OKNG_TRY(make_room(out, count, bytes, error));
    char *at = out->text;
    for (int64_t i = 0; i < count; i++) {
        out->name[i] = at;
        at = stpcpy(at, name(context, (size_t)i)) + 1;
    }
    return OKNG_OK;
}

static const char *relative_name(const void *pictures, size_t i)
{
    return okng_pictures_relative(pictures, i);
}

okng_status okng_picture_names_of(okng_picture_names *out, const okng_pictures *pictures, okng_error *error)
{
    return okng_picture_names_new(out, (int64_t)pictures->count, relative_name, pictures, error);
}

char *okng_pictures_folder(const okng_pictures *pictures)
{
    if (pictures->root == 0 || pictures->count == 0) return strdup("");
    char *given = strndup(okng_pictures_name(pictures, 0), pictures->root), *real = NULL;
    if (!given) return NULL;
    okng_status status = okng_real_path(&real, given, NULL);
    free(given);
    if (real || status == OKNG_ERROR_MEMORY) return real;
    return strdup("");
}

okng_status okng_picture_names_read(okng_picture_names *out, int64_t count, const void *text, size_t bytes, bool *fits,
                                    okng_error *error)
{
    OKNG_TRY(make_room(out, count, bytes, error));
    memcpy(out->text, text, bytes);
    size_t at = 0;
    *fits = true;
    for (int64_t i = 0; i < count && *fits; i++) {
        const char *end = at < bytes ? memchr(out->text + at, 0, bytes - at) : NULL;
        *fits = end && is_inside(out->text + at);
        out->name[i] = out->text + at;
        if (*fits) at = (size_t)(end - out->text) + 1;
    }
    *fits = *fits && at == bytes;
    if (!*fits) okng_picture_names_free(out);
    return OKNG_OK;
}

const char *okng_picture_names_get(const void *names, size_t i)
{
    const okng_picture_names *all = names;
    return all->name[i];
}

void okng_picture_names_free(okng_picture_names *names)
{
    free(names->text);
    free((void *)names->name);
    *names = (okng_picture_names){0};
}
