#include "data/annotated.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/json.h"
#include "data/draw.h"
#include "data/listing.h"

/* Does the word stand in the path, with no letter before and none behind it? "val2017", "instances_val". */
static bool has_word(const char *path, const char *word)
{
    const size_t length = strlen(word);
    for (const char *c = path; (c = strcasestr(c, word)); c++) {
        const char before = c > path ? c[-1] : '/', behind = c[length];
        const bool inside = (before | 0x20) >= 'a' && (before | 0x20) <= 'z';
        if (!inside && !((behind | 0x20) >= 'a' && (behind | 0x20) <= 'z')) return true;
    }
    return false;
}

okng_split okng_split_of(const char *relative)
{
    const char *slash = strrchr(relative, '/');
    char folder[OKNG_PATH_MAX] = "";
    const size_t length = slash ? (size_t)(slash - relative) : 0;
    if (length < sizeof folder) memcpy(folder, relative, length); /* a picture may be called "test 3.png" */
    if (has_word(folder, "test")) return OKNG_SPLIT_TEST;
    const bool held = has_word(folder, "val") || has_word(folder, "valid") || has_word(folder, "validation");
    return held ? OKNG_SPLIT_VALIDATION : OKNG_SPLIT_TRAIN;
}

bool okng_is_annotation(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && strcasecmp(dot, ".json") == 0;
}

okng_status okng_annotated_side(const json_t *object, const char *path, const char *key, int32_t *side,
                                okng_error *error)
{
    int64_t number = 0;
    const json_t *member = json_object_get(object, key);
    if (member && !json_is_null(member)) OKNG_TRY(okng_json_integer(object, path, key, 1, INT32_MAX, &number, error));
    *side = (int32_t)number;
    return OKNG_OK;
}

okng_status okng_annotated_add(okng_sample_list *list, const char *path, const char *name, okng_split split,
                               const char *kind, okng_outlines *outlines, okng_error *error)
{
    const bool bad = outlines && outlines->count > 0;
    const okng_sample sample = {.struct_size = sizeof sample,
                                .path = path,
                                .name = name,
                                .split = bad ? OKNG_SPLIT_TEST : split,
                                .label = bad,
                                .kind = bad ? kind : "good"};
    okng_status status = okng_sample_add_one(list, &sample, bad ? outlines->file : NULL, error);
    if (status == OKNG_OK && bad)
        list->items[list->count - 1].outlines = outlines;
    else
        okng_outlines_free(outlines);
    return status;
}

okng_status okng_annotated_finish(okng_sample_list *list, const okng_dataset_options *options, okng_error *error)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].split == OKNG_SPLIT_TEST && !list->items[i].label) return OKNG_OK;
    return okng_draw_test(list, options, error);
}

okng_status okng_root_category(const okng_source *source, okng_names *out, okng_error *error)
{
    char *full;
    if (!okng_is_folder(source->root))
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no such folder", source->root);
    OKNG_TRY(okng_real_path(&full, source->root, error));
    const char *slash = full ? strrchr(full, '/') : NULL;
    okng_status status = okng_names_add(out, slash && slash[1] ? slash + 1 : "folder", error);
    free(full);
    return status;
}
