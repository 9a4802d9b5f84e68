#include "features/picture_sizes.h"

#include <stdlib.h>

#include "base/memory.h"
#include "features/input_size.h"

static int by_aspect(const void *a, const void *b)
{
    const okng_picture_sizes *x = a, *y = b;
    int64_t left = (int64_t)x->width * y->height, right = (int64_t)y->width * x->height;
    if (left != right) return left < right ? -1 : 1;
    return (x->height > y->height) - (x->height < y->height);
}

/* The sizes that can be had, in the pictures' order; the first picture's error where there are none. */
static okng_status look(const okng_pictures *pictures, size_t looked_at, uint64_t max_pixels, okng_picture_sizes *found,
                        size_t *count, okng_error *error)
{
    okng_error why = {0}, other = {0};
    for (size_t i = 0; i < looked_at; i++) {
        okng_picture_sizes *to = &found[*count];
        okng_status status =
            okng_pictures_size(pictures, i, max_pixels, &to->width, &to->height, i == 0 ? &why : &other);
        if (status == OKNG_OK) ++*count;
    }
    return *count > 0 ? OKNG_OK : okng_fail(error, why.status, "%s", why.message);
}

/* Sorts `found`. */
static okng_picture_sizes sum_up(okng_picture_sizes *found, size_t count)
{
    qsort(found, count, sizeof *found, by_aspect);
    okng_picture_sizes middle = found[(count - 1) / 2];
    const okng_picture_sizes *narrow = &found[0], *wide = &found[count - 1];
    /* wide aspect / narrow aspect > 1.02, in whole numbers of at most 2^31 * 2^16 * 102 */
    double least = (double)narrow->width * wide->height, most = (double)wide->width * narrow->height;
    middle.differ = most * 100 > least * (100 + OKNG_ASPECT_PERCENT);
    return middle;
}

static void make_exact(okng_build_options *options, const okng_picture_sizes *sizes)
{
    if (options->resize_mode != OKNG_RESIZE_AUTO) return;
    bool square = sizes->differ || options->crop > 0;
    okng_input_size size = okng_input_size_of(options, square ? 1 : sizes->height, square ? 1 : sizes->width);
    options->resize_mode = OKNG_RESIZE_EXACT;
    options->resize_height = size.height;
    options->resize_width = size.width;
    options->pixels = 0;
}

okng_status okng_input_size_choose(okng_build_options *options, const okng_pictures *pictures,
                                   okng_picture_sizes *sizes, okng_error *error)
{
    size_t looked_at = options->resize_mode == OKNG_RESIZE_AUTO ? pictures->count : 1, count = 0;
    okng_picture_sizes *found = okng_alloc_zero(looked_at, sizeof *found);
    if (!found) return okng_fail_memory(error, looked_at * sizeof *found);
    okng_status status = look(pictures, looked_at, options->max_pixels, found, &count, error);
    if (status == OKNG_OK) {
        *sizes = sum_up(found, count);
        make_exact(options, sizes);
    }
    free(found);
    return status;
}
