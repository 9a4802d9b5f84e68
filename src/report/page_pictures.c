/* The pictures of an experiment in the viewer: every picture with its score, those whose files were kept with them. */
#include "report/page_pictures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { MAX_PIXELS = 100000000 };

/* One file of a picture; no pixels where it is not kept or cannot be read. Fails only without memory. */
static okng_status load(const okng_results *results, size_t category, const char *file, okng_image *image,
                        okng_error *error)
{
    okng_error unread;
    if (!file) return OKNG_OK;
    char *path = okng_results_path(results, category, file);
    if (!path) return okng_fail_memory(error, OKNG_PATH_MAX);
    okng_status status = okng_image_load(image, path, MAX_PIXELS, &unread);
    free(path);
    if (status != OKNG_OK) *image = (okng_image){0};
    return status == OKNG_ERROR_MEMORY ? okng_fail(error, status, "%s", unread.message) : OKNG_OK;
}

/* A mask as one channel. */
static okng_status to_mask(const okng_image *rgb, okng_image *mask, okng_error *error)
{
    OKNG_TRY(okng_image_new(mask, rgb->width, rgb->height, 1, error));
    size_t pixels = (size_t)rgb->width * (size_t)rgb->height;
    for (size_t i = 0; i < pixels; i++) mask->pixels[i] = rgb->pixels[3 * i];
    return OKNG_OK;
}

static bool same_size(const okng_image *a, const okng_image *b)
{
    return a->pixels && b->pixels && a->width == b->width && a->height == b->height;
}

/* What was kept of a picture; the picture itself may be missing in folders of version 0.2: then its overlay. */
static okng_status draw(const okng_viewer *viewer, const okng_results *results, size_t category,
                        const okng_picture_score *score, okng_viewer_row *row, okng_error *error)
{
    okng_image picture = {0}, overlay = {0}, heat = {0}, truth = {0}, mask = {0};
    okng_status status = load(results, category, score->overlay, &overlay, error);
    if (status == OKNG_OK)
        status = load(results, category, score->picture ? score->picture : score->overlay, &picture, error);
    if (status == OKNG_OK) status = load(results, category, score->heat_colour, &heat, error);
    if (status == OKNG_OK) status = load(results, category, score->truth, &truth, error);
    if (status == OKNG_OK && same_size(&truth, &picture)) status = to_mask(&truth, &mask, error);
    if (status == OKNG_OK && picture.pixels) {
        const okng_viewer_images images = {.picture = &picture,
                                           .overlay = same_size(&overlay, &picture) ? &overlay : NULL,
                                           .heat = heat.pixels ? &heat : NULL,
                                           .truth = mask.pixels ? &mask : NULL};
        row->drawn = true;
        row->heat_drawn = images.heat != NULL;
        row->truth_drawn = images.truth != NULL;
        status = okng_viewer_draw(viewer, row->number, &images, error);
    }
    okng_image_free(&picture);
    okng_image_free(&overlay);
    okng_image_free(&heat);
    okng_image_free(&truth);
    okng_image_free(&mask);
    return status;
}

/* "bottle/overlays/x.png" of "overlays/x.png": from the page. NULL of NULL. */
static char *from_page(const okng_results *results, size_t category, const char *file)
{
    return file ? okng_path_join(results->categories[category]->name, file) : NULL;
}

static okng_status add(okng_viewer *viewer, const okng_results *results, size_t category,
                       const okng_picture_score *score, size_t number, okng_error *error)
{
    okng_viewer_row row = {.number = number,
                           .name = score->name,
                           .group = category,
                           .score = score->score,
                           .p_value = (double)NAN,
                           .verdict = !score->judged ? OKNG_VIEWER_UNJUDGED
                                      : score->ng    ? OKNG_VERDICT_NG
                                                     : OKNG_VERDICT_OK,
                           .truth = score->bad ? 1 : 0};
    const char *heat_file = score->heat_colour ? score->heat_colour : score->heat;
    char *overlay = from_page(results, category, score->overlay), *heat = from_page(results, category, heat_file);
    bool named = (overlay || !score->overlay) && (heat || !heat_file);
    row.layers[OKNG_LAYER_OVERLAY] = overlay;
    row.layers[OKNG_LAYER_HEAT] = heat;
    okng_status status =
        named ? draw(viewer, results, category, score, &row, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    if (!row.drawn) row.layers[OKNG_LAYER_OVERLAY] = row.layers[OKNG_LAYER_HEAT] = NULL; /* the files are gone */
    if (status == OKNG_OK) status = okng_viewer_add(viewer, &row, error);
    free(overlay);
    free(heat);
    return status;
}

/* `number`: of the first picture; moved on. */
static okng_status add_category(okng_viewer *viewer, const okng_results *results, size_t category,
                                okng_viewer_group *group, size_t *number, okng_error *error)
{
    okng_score_list scores = {.threshold = (double)NAN};
    char *path = okng_results_path(results, category, "scores.json");
    okng_status status = path ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK && access(path, F_OK) == 0) status = okng_score_list_read(&scores, path, error);
    free(path);
    *group = (okng_viewer_group){.name = results->categories[category]->name,
                                 .threshold = scores.threshold,
                                 .low = (double)NAN,
                                 .high = (double)NAN};
    for (size_t i = 0; i < scores.count && status == OKNG_OK; i++)
        status = add(viewer, results, category, &scores.pictures[i], (*number)++, error);
    okng_score_list_free(&scores);
    return status;
}

okng_status okng_page_pictures(const okng_results *results, okng_viewer **out, okng_error *error)
{
    okng_viewer *viewer;
    size_t number = 0;
    *out = NULL;
    okng_viewer_group *groups = calloc(results->count, sizeof *groups);
    if (!groups) return okng_fail_memory(error, results->count * sizeof *groups);
    okng_status status = okng_viewer_open(&viewer, results->dir, "report", error);
    for (size_t i = 0; i < results->count && status == OKNG_OK; i++)
        status = add_category(viewer, results, i, &groups[i], &number, error);
    if (status == OKNG_OK) status = okng_viewer_write_data(viewer, groups, results->count, error);
    free(groups);
    if (status == OKNG_OK)
        *out = viewer;
    else
        okng_viewer_free(&viewer);
    return status;
}
