/* Where the defect is: finding the masks of a picture, and reading them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "data/listing.h"
#include "image/image.h"

/* ---- finding -------------------------------------------------------------------------------- */

/* Adds the first of stem_mask.png, stem.png, stem_mask.PNG, ... that exists. */
static okng_status find_file(const char *folder, const char *relative, size_t stem, okng_names *out, okng_error *error)
{
    static const char *const endings[] = {"png", "PNG", "bmp", "BMP", "tif", "tiff", "jpg", "JPG", "jpeg", "webp"};
    static const char *const tails[] = {"_mask", ""};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        for (size_t t = 0; t < 2; t++) {
            char *path = NULL;
            OKNG_TRY(okng_path_format(&path, error, "%s/%.*s%s.%s", folder, (int)stem, relative, tails[t], endings[i]));
            okng_status status = access(path, F_OK) == 0 ? okng_names_add(out, path, error) : OKNG_OK;
            free(path);
            if (status != OKNG_OK || out->count > 0) return status;
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

okng_status okng_masks_find(const char *folder, const char *relative, const char *picture, okng_names *out,
                            okng_error *error)
{
    const char *slash = strrchr(relative, '/'), *dot = strrchr(slash ? slash : relative, '.');
    size_t stem = dot ? (size_t)(dot - relative) : strlen(relative);
    OKNG_TRY(find_file(folder, relative, stem, out, error));
    if (out->count == 0) OKNG_TRY(find_folder(folder, relative, stem, out, error));
    if (out->count > 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                     "%s/%.*s_mask.png: no mask for the defect in %s; expected that file, %.*s.png or a folder %.*s of "
                     "masks",
                     folder, (int)stem, relative, picture, (int)stem, relative, (int)stem, relative);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Lossy compression leaves a dust of small values around an edge; in all else any value above 0 is the defect. */
static uint8_t truth_from(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0) ? 128 : 1;
}

okng_status okng_sample_mask(const okng_sample *sample, int32_t width, int32_t height, uint8_t *mask, okng_error *error)
{
    OKNG_TRY(okng_need(sample, "the sample", error));
    OKNG_TRY(okng_need(mask, "the place for the mask", error));
    if (width < 1 || height < 1)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a mask of %dx%d pixels was asked for, expected at least 1x1",
                         width, height);
    size_t count = (size_t)width * (size_t)height;
    memset(mask, 0, count);
    for (size_t m = 0; m < sample->mask_count; m++) {
        const char *path = sample->masks[m];
        okng_image rgb = {0};
        OKNG_TRY(okng_image_load(&rgb, path, count > OKNG_MAX_PIXELS_DEFAULT ? count : OKNG_MAX_PIXELS_DEFAULT, error));
        if (rgb.width != width || rgb.height != height) {
            okng_status status = okng_fail(error, OKNG_ERROR_MISMATCH, "%s: the mask is %dx%d, expected %dx%d as %s",
                                           path, rgb.width, rgb.height, width, height, sample->path);
            okng_image_free(&rgb);
            return status;
        }
        uint8_t from = truth_from(path);
        for (size_t p = 0; p < count; p++) {
            const uint8_t *pixel = &rgb.pixels[3 * p];
            mask[p] |= pixel[0] >= from || pixel[1] >= from || pixel[2] >= from;
        }
        okng_image_free(&rgb);
    }
    return OKNG_OK;
}
