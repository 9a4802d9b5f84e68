#include "data/kolektor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/listing.h"
#include "image/mask.h"

/* "10301 (copy)" and "10301_GT (copy)": the file that it is a copy of lies beside it. */
static okng_status is_copy(const char *folder, const char *relative, bool *copy, okng_error *error)
{
    static const char tail[] = " (copy)";
    size_t stem = okng_stem_length(relative);
    *copy = stem >= sizeof tail && strncmp(relative + stem - (sizeof tail - 1), tail, sizeof tail - 1) == 0;
    if (!*copy) return OKNG_OK;
    char *original = NULL;
    OKNG_TRY(okng_path_format(&original, error, "%s/%.*s%s", folder, (int)(stem - (sizeof tail - 1)), relative,
                              relative + stem));
    *copy = access(original, F_OK) == 0;
    free(original);
    return OKNG_OK;
}

static bool is_mask(const char *relative, const char *tail)
{
    size_t stem = okng_stem_length(relative), length = strlen(tail);
    return stem > length && strncmp(relative + stem - length, tail, length) == 0;
}

static okng_status add_with_mask(okng_sample_list *list, const okng_beside_part *part, const char *path,
                                 const char *relative, const char *mask, okng_error *error)
{
    bool bad;
    char *name = NULL;
    OKNG_TRY(okng_mask_any(mask, &bad, error));
    if (bad && part->split == OKNG_SPLIT_TRAIN && !part->bad_to_test) return OKNG_OK;
    OKNG_TRY(okng_path_format(&name, error, "%s/%s", part->below, relative));
    const okng_sample sample = {.struct_size = sizeof sample,
                                .path = path,
                                .name = name,
                                .split = bad ? OKNG_SPLIT_TEST : part->split,
                                .label = bad,
                                .kind = bad ? "defect" : "good"};
    okng_status status = okng_sample_add_one(list, &sample, bad ? mask : NULL, error);
    free(name);
    return status;
}

static okng_status add_picture(okng_sample_list *list, const okng_beside_part *part, const char *folder,
                               const char *path, const char *relative, okng_error *error)
{
    bool copy;
    char *mask = NULL;
    if (is_mask(relative, part->tail)) return OKNG_OK;
    OKNG_TRY(is_copy(folder, relative, &copy, error));
    if (copy) return OKNG_OK;
    OKNG_TRY(okng_mask_beside(folder, relative, part->tail, &mask, error));
    okng_status status = OKNG_OK;
    if (mask)
        status = add_with_mask(list, part, path, relative, mask, error);
    else
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND,
                           "%s: no mask beside it; expected %.*s%s with the ending of a picture, all 0 for a good one",
                           path, (int)okng_stem_length(relative), relative, part->tail);
    free(mask);
    return status;
}

okng_status okng_sample_add_beside(okng_sample_list *list, const okng_beside_part *part, okng_error *error)
{
    char *folder = NULL;
    okng_picture_list *pictures = NULL;
    OKNG_TRY(okng_path_format(&folder, error, "%s/%s", part->root, part->below));
    okng_status status = okng_data_pictures(&pictures, folder, error);
    for (size_t i = 0; status == OKNG_OK && i < okng_picture_list_count(pictures); i++)
        status = add_picture(list, part, folder, okng_picture_list_path(pictures, i),
                             okng_picture_list_relative(pictures, i), error);
    okng_picture_list_free(&pictures);
    free(folder);
    return status;
}
