/* The pictures of the viewer: small ones, a copy that every browser shows, crops. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "report/page.h"
#include "report/report.h"
#include "report/viewer_parts.h"

enum { QUALITY = 90, MOST_SIDE = 16000 };
static const int64_t most_pixels = 24000000; /* of a copy */

/* dir/STEM_files/FOLDER/NUMBER+ENDING; malloc'd. */
static char *file_of(const okng_viewer *viewer, const char *folder, size_t number, const char *ending)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s/%zu%s", viewer->files, folder, number, ending) < 0) return NULL;
    return path;
}

static okng_status write_bytes(const okng_viewer *viewer, size_t number, const char *ending, const okng_thumb *thumb,
                               okng_error *error)
{
    char *path = file_of(viewer, "thumbs", number, ending);
    okng_status status = path ? okng_file_write_remakable(path, thumb->data, thumb->size, error)
                              : okng_fail_memory(error, OKNG_PATH_MAX);
    free(path);
    return status;
}

static okng_status write_thumb(const okng_viewer *viewer, size_t number, const char *ending, const okng_image *image,
                               okng_error *error)
{
    okng_thumb thumb = {0};
    okng_status status = okng_thumb_new(&thumb, image, error);
    if (status == OKNG_OK) status = write_bytes(viewer, number, ending, &thumb, error);
    free(thumb.data);
    return status;
}

/* How much smaller a copy has to be, so that a browser takes it. */
static double scale_of(const okng_image *image)
{
    int32_t longer = image->width > image->height ? image->width : image->height;
    double scale = 1;
    int64_t pixels = (int64_t)image->width * image->height;
    if (longer > MOST_SIDE) scale = (double)MOST_SIDE / longer;
    while (scale * scale * (double)pixels > (double)most_pixels) scale *= 0.5;
    return scale;
}

static int32_t scaled(int32_t side, double scale)
{
    double small = side * scale;
    return small < 1 ? 1 : (int32_t)small;
}

static okng_status write_jpeg(const okng_viewer *viewer, const char *folder, size_t number, const char *ending,
                              const okng_image *image, okng_error *error)
{
    char *path = file_of(viewer, folder, number, ending);
    if (!path) return okng_fail_memory(error, OKNG_PATH_MAX);
    okng_image small = {0};
    double scale = scale_of(image);
    okng_status status = OKNG_OK;
    if (scale < 1)
        status = okng_image_resize(image, scaled(image->width, scale), scaled(image->height, scale), OKNG_BILINEAR,
                                   &small, error);
    if (status == OKNG_OK) status = okng_image_write_jpeg(small.pixels ? &small : image, QUALITY, path, error);
    okng_image_free(&small);
    free(path);
    return status;
}

/* The layer of the truth: the picture with the outline; and the small picture with it. */
static okng_status draw_truth(const okng_viewer *viewer, size_t number, const okng_viewer_images *images,
                              okng_error *error)
{
    okng_image outlined = {0};
    OKNG_TRY(okng_report_truth(images->picture, images->truth, &outlined, error));
    okng_status status = write_jpeg(viewer, "pictures", number, "_truth.jpg", &outlined, error);
    okng_image_free(&outlined);
    if (status != OKNG_OK) return status;
    const okng_image *below = images->overlay ? images->overlay : images->picture;
    OKNG_TRY(okng_report_truth(below, images->truth, &outlined, error));
    status = write_thumb(viewer, number, ".webp", &outlined, error);
    okng_image_free(&outlined);
    return status;
}

okng_status okng_viewer_draw(const okng_viewer *viewer, size_t number, const okng_viewer_images *images,
                             okng_error *error)
{
    OKNG_TRY(write_jpeg(viewer, "pictures", number, ".jpg", images->picture, error));
    if (images->truth)
        OKNG_TRY(draw_truth(viewer, number, images, error));
    else
        OKNG_TRY(write_thumb(viewer, number, ".webp", images->overlay ? images->overlay : images->picture, error));
    return images->heat ? write_thumb(viewer, number, "_heat.webp", images->heat, error) : OKNG_OK;
}

okng_status okng_viewer_draw_reason(const okng_viewer *viewer, size_t number, size_t i, const okng_image *found,
                                    const okng_image *near, okng_error *error)
{
    char ending[48];
    (void)snprintf(ending, sizeof ending, "_%zu_found.jpg", i);
    OKNG_TRY(write_jpeg(viewer, "crops", number, ending, found, error));
    (void)snprintf(ending, sizeof ending, "_%zu_near.jpg", i);
    return near ? write_jpeg(viewer, "crops", number, ending, near, error) : OKNG_OK;
}
