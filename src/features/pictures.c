#include "features/pictures.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"

static const char *path_name(const void *context, size_t i)
{
    const char *const *paths = context;
    return paths[i];
}

static okng_status path_load(const void *context, size_t i, okng_decoding *how, okng_image *rgb, okng_error *error)
{
    const char *const *paths = context;
    return okng_image_load_by(rgb, paths[i], how, error);
}

static okng_status path_look(const void *context, size_t i, okng_decoding *how, okng_error *error)
{
    const char *const *paths = context;
    const okng_picture picture = {.struct_size = sizeof picture, .path = paths[i]};
    return okng_image_look(&picture, how, error);
}

/* What is left of a name as a path below some folder: behind its last ".." and without a '/' before it. */
static const char *plain(const char *name)
{
    const char *from = name;
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "../", 3) == 0) from = part + 3;
    }
    return from + strspn(from, "/");
}

/* Bytes of the first path that are folders of all of them; 0 too where a path leaves that folder again. */
static size_t common_root(const char *const *paths, size_t count)
{
    size_t shared = count > 0 ? strlen(paths[0]) : 0;
    for (size_t i = 1; i < count; i++) {
        size_t same = 0;
        while (same < shared && paths[i][same] == paths[0][same]) same++; /* a path's NUL differs from all before it */
        shared = same;
    }
    while (shared > 0 && paths[0][shared - 1] != '/') shared--;
    for (size_t i = 0; i < count; i++)
        if (plain(paths[i] + shared) != paths[i] + shared) return 0;
    return shared;
}

static okng_status path_size(const void *context, size_t i, uint64_t max_pixels, int32_t *width, int32_t *height,
                             okng_error *error)
{
    const char *const *paths = context;
    const okng_picture picture = {.struct_size = sizeof picture, .path = paths[i]};
    return okng_image_size(&picture, max_pixels, width, height, error);
}

okng_pictures okng_pictures_of_paths(const char *const *paths, size_t count)
{
    return (okng_pictures){.count = count,
                           .root = common_root(paths, count),
                           .context = paths,
                           .name = path_name,
                           .load = path_load,
                           .look = path_look,
                           .size = path_size};
}

bool okng_pictures_are_files(const okng_pictures *pictures)
{
    return pictures->load == path_load;
}

const char *okng_pictures_name(const okng_pictures *pictures, size_t i)
{
    return pictures->name(pictures->context, i);
}

const char *okng_pictures_relative(const okng_pictures *pictures, size_t i)
{
    return plain(okng_pictures_name(pictures, i) + pictures->root);
}

okng_status okng_pictures_load(const okng_pictures *pictures, size_t i, uint64_t max_pixels, okng_image *rgb,
                               okng_error *error)
{
    okng_decoding how = {.max_pixels = max_pixels,
                         .bit_depth = okng_bits_of(pictures->bit_depth),
                         .shrink = pictures->shrink ? okng_preprocess_shrink : NULL,
                         .shrink_context = pictures->shrink};
    return pictures->load(pictures->context, i, &how, rgb, error);
}

/* ---- bit depth ---- */

typedef struct looking {
    const okng_pictures *pictures;
    uint64_t max_pixels;
    okng_depth *depths;    /* [pictures->count]; zero of what cannot be read, which learning will say */
    atomic_bool no_memory; /* to look at one of them */
} looking;

static void look_at_some(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    looking *l = context;
    for (int64_t i = begin; i < end; i++) {
        okng_decoding how = {.max_pixels = l->max_pixels};
        okng_status status = l->pictures->look(l->pictures->context, (size_t)i, &how, NULL);
        if (status == OKNG_OK) l->depths[i] = how.depth;
        if (status == OKNG_ERROR_MEMORY) atomic_store(&l->no_memory, true);
    }
}

static okng_bit_depth choice_of(int32_t bits)
{
    return bits <= 8 ? OKNG_BIT_DEPTH_8 : (okng_bit_depth)((bits + 1) / 2 - 3);
}

okng_status okng_pictures_find_depth(const okng_pictures *pictures, okng_build_options *options, int threads,
                                     uint64_t *others, okng_error *error)
{
    *others = 0;
    const size_t count = pictures->count;
    if (!pictures->look || count == 0) return OKNG_OK;
    okng_depth *depths = okng_alloc_zero(count, sizeof *depths), all = {0};
    if (!depths) return okng_fail_memory(error, count * sizeof *depths);
    looking l = {pictures, options->max_pixels, depths, false};
    okng_parallel_for(threads, (int64_t)count, 1, look_at_some, &l);
    if (atomic_load(&l.no_memory)) {
        free(depths);
        return okng_fail(error, OKNG_ERROR_MEMORY, "out of memory to look at the good pictures");
    }
    for (size_t i = 0; i < count; i++) okng_depth_unite(&all, depths[i]);
    if (options->bit_depth == OKNG_BIT_DEPTH_AUTO) options->bit_depth = choice_of(okng_depth_bits(all));
    char text[128];
    for (size_t i = 0; i < count; i++)
        *others += (depths[i].silent || depths[i].stated > 0) &&
                   okng_depth_differs(depths[i], okng_bits_of(options->bit_depth), text, sizeof text);
    free(depths);
    return OKNG_OK;
}

okng_status okng_pictures_size(const okng_pictures *pictures, size_t i, uint64_t max_pixels, int32_t *width,
                               int32_t *height, okng_error *error)
{
    if (pictures->size) return pictures->size(pictures->context, i, max_pixels, width, height, error);
    okng_image rgb;
    okng_pictures whole = *pictures;
    whole.shrink = NULL;
    OKNG_TRY(okng_pictures_load(&whole, i, max_pixels, &rgb, error));
    *width = rgb.width;
    *height = rgb.height;
    okng_image_free(&rgb);
    return OKNG_OK;
}
