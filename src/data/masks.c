/* Where the defect is: finding the masks of a picture, and reading them. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sized.h"
#include "data/listing.h"
#include "data/outlines.h"
#include "data/picture_list.h"
#include "image/mask.h"

/* ---- finding -------------------------------------------------------------------------------- */

/* Adds `path` where it is there: one that is there and cannot be reached must not pass for a missing one. */
static okng_status add_if_there(const char *path, okng_names *out, okng_error *error)
{
    if (access(path, F_OK) == 0) return okng_names_add(out, path, error);
    return errno == ENOENT || errno == ENOTDIR ? OKNG_OK : okng_fail_errno(error, "read", path);
}

size_t okng_stem_length(const char *relative)
{
    const char *slash = strrchr(relative, '/'), *dot = strrchr(slash ? slash : relative, '.');
    return dot ? (size_t)(dot - relative) : strlen(relative);
}

/* Adds the first of stem_mask.png, stem.png, stem_mask.PNG, ... that exists, the tails being "_mask" and "". */
static okng_status find_tails(const char *folder, const char *relative, const char *const *tails, size_t count,
                              okng_names *out, okng_error *error)
{
    const int stem = (int)okng_stem_length(relative);
    for (size_t i = 0; okng_picture_endings[i]; i++)
        for (size_t t = 0; t < 2 * count; t++) { /* png, then PNG */
            char *path = NULL;
            OKNG_TRY(okng_path_format(&path, error, "%s/%.*s%s.%s", folder, stem, relative, tails[t % count],
                                      okng_picture_endings[i]));
            for (char *c = strrchr(path, '.'); t >= count && *c; c++) *c = (char)toupper((unsigned char)*c);
            okng_status status = add_if_there(path, out, error);
            free(path);
            if (status != OKNG_OK || out->count > 0) return status;
        }
    return OKNG_OK;
}

okng_status okng_mask_beside(const char *folder, const char *relative, const char *tail, char **out, okng_error *error)
{
    okng_names found = {0};
    *out = NULL;
    okng_status status = find_tails(folder, relative, &tail, 1, &found, error);
    if (status == OKNG_OK && found.count > 0) {
        *out = found.items[0];
        found.count = 0;
    }
    okng_names_free(&found);
    return status;
}

/* The same of a file without an ending. */
static okng_status find_bare(const char *folder, const char *relative, size_t stem, okng_names *out, okng_error *error)
{
    static const char *const tails[] = {"_mask", ""};
    for (size_t t = 0; t < 2 && out->count == 0; t++) {
        char *path = NULL;
        OKNG_TRY(okng_path_format(&path, error, "%s/%.*s%s", folder, (int)stem, relative, tails[t]));
        okng_status status = okng_is_folder(path) ? OKNG_OK : add_if_there(path, out, error);
        free(path);
        if (status != OKNG_OK) return status;
    }
    return OKNG_OK;
}

/* Adds all pictures in the folder stem/, one for each defect of the picture. */
static okng_status find_folder(const char *folder, const char *relative, size_t stem, okng_names *out,
                               okng_error *error)
{
    char *path = NULL;
    OKNG_TRY(okng_path_format(&path, error, "%s/%.*s", folder, (int)stem, relative));
    okng_picture_list *list = NULL;
    okng_status status = okng_is_folder(path) ? okng_picture_list_open(&list, path, error) : OKNG_OK;
    for (size_t i = 0; status == OKNG_OK && i < okng_picture_list_count(list); i++)
        status = okng_names_add(out, okng_picture_list_path(list, i), error);
    okng_picture_list_free(&list);
    free(path);
    return status;
}

okng_status okng_masks_find(const char *folder, const char *relative, okng_names *out, okng_error *error)
{
    static const char *const tails[] = {"_mask", ""};
    size_t stem = okng_stem_length(relative);
    OKNG_TRY(find_tails(folder, relative, tails, 2, out, error));
    if (out->count == 0) OKNG_TRY(find_folder(folder, relative, stem, out, error));
    return out->count > 0 ? OKNG_OK : find_bare(folder, relative, stem, out, error);
}

okng_status okng_masks_need(const char *folder, const char *relative, const char *picture, okng_names *out,
                            okng_error *error)
{
    OKNG_TRY(okng_masks_find(folder, relative, out, error));
    if (out->count > 0) return OKNG_OK;
    int stem = (int)okng_stem_length(relative);
    return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                     "%s/%.*s_mask.png: no mask for the defect in %s; expected that file, %.*s.png or a folder %.*s of "
                     "masks",
                     folder, stem, relative, picture, stem, relative, stem, relative);
}

/* ---- reading -------------------------------------------------------------------------------- */

okng_status okng_sample_mask(const okng_sample *sample, int32_t width, int32_t height, uint8_t *mask, okng_error *error)
{
    okng_sample full = {.struct_size = sizeof full};
    OKNG_TRY(okng_sized_take(&full, sizeof full, sample, "the sample", error));
    OKNG_TRY(okng_need(mask, "the place for the mask", error));
    if (width < 1 || height < 1)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a mask of %dx%d pixels was asked for, expected at least 1x1",
                         width, height);
    if (full.outlines) return okng_outlines_draw(full.outlines, full.path, width, height, mask, error);
    return okng_masks_unite(full.masks, full.mask_count, full.path, width, height, mask, error);
}
