/* What the readers share: the check of a header's size, and what they say of files that cannot be read. */
#include "image/formats.h"

#include <inttypes.h>

okng_status okng_image_check_size(const okng_encoded *file, uint64_t width, uint64_t height, okng_error *error)
{
    if (width < 1 || height < 1)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: damaged %s: its header says %" PRIu64 " x %" PRIu64 " pixels, expected at least 1 x 1",
                         file->name, file->format, width, height);
    if (width > INT32_MAX || height > INT32_MAX || width * height > file->max_pixels)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "%s: the %s has %" PRIu64 " x %" PRIu64 " pixels (%.1f megapixels), at most %.1f megapixels "
                         "are allowed; scale it down or raise the limit",
                         file->name, file->format, width, height, (double)width * (double)height / 1e6,
                         (double)file->max_pixels / 1e6);
    return OKNG_OK;
}

okng_status okng_image_begin(okng_image *out, const okng_encoded *file, uint64_t width, uint64_t height,
                             okng_error *error)
{
    OKNG_TRY(okng_image_check_size(file, width, height, error));
    return okng_image_new(out, (int32_t)width, (int32_t)height, 3, error);
}

okng_status okng_image_damaged(const okng_encoded *file, const char *reason, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: damaged or truncated %s (%s); copy or save the picture again",
                     file->name, file->format, okng_translate(reason));
}

okng_status okng_image_unsupported(const okng_encoded *file, const char *found, const char *expected, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: %s %s is not supported, expected %s; save it as PNG",
                     file->name, file->format, okng_translate(found), okng_translate(expected));
}
