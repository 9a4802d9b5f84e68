#include "inspect/page_reasons.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/report.h"

enum { SIDES = 6, LEAST_SIDE = 64 }; /* a crop is as many patches wide, and at least as many pixels */

typedef struct box {
    int32_t x, y, width, height;
} box;

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t clamp(int32_t value, int32_t most)
{
    return value < 0 ? 0 : smaller(value, most);
}

/* The square around a patch, moved into the picture. */
static box around(const okng_image *image, box patch)
{
    int32_t longer = patch.width > patch.height ? patch.width : patch.height;
    int32_t side = longer > LEAST_SIDE / SIDES ? (longer < INT32_MAX / SIDES ? longer * SIDES : longer) : LEAST_SIDE;
    box crop = {.width = smaller(side, image->width), .height = smaller(side, image->height)};
    crop.x = clamp(patch.x + patch.width / 2 - crop.width / 2, image->width - crop.width);
    crop.y = clamp(patch.y + patch.height / 2 - crop.height / 2, image->height - crop.height);
    return crop;
}

/* The crop with the patch framed. */
static okng_status cut(const okng_image *image, box patch, const uint8_t colour[3], okng_image *out, okng_error *error)
{
    okng_image part = {0}, mask = {0};
    box crop = around(image, patch);
    okng_status status = okng_image_crop(image, crop.x, crop.y, crop.width, crop.height, &part, error);
    if (status == OKNG_OK) status = okng_image_new(&mask, crop.width, crop.height, 1, error);
    if (status == OKNG_OK) {
        memset(mask.pixels, 0, (size_t)mask.width * (size_t)mask.height);
        for (int32_t y = patch.y - crop.y; y < patch.y - crop.y + patch.height; y++)
            for (int32_t x = patch.x - crop.x; x < patch.x - crop.x + patch.width; x++)
                if (x >= 0 && x < mask.width && y >= 0 && y < mask.height)
                    mask.pixels[(int64_t)y * mask.width + x] = 255;
        status = okng_report_overlay(&part, &mask, NULL, OKNG_OVERLAY_OUTLINE, colour, out, error);
    }
    okng_image_free(&part);
    okng_image_free(&mask);
    return status;
}

static okng_status read_near(const okng_reason *why, uint64_t max_pixels, okng_image *out, okng_error *error)
{
    okng_image read = {0};
    char *path = okng_path_join(why->near_folder, why->near_picture);
    okng_status status =
        path ? okng_image_load(&read, path, max_pixels, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    free(path);
    if (status == OKNG_OK && why->turns > 1) {
        status = okng_image_rotate(&read, why->turn, why->turns, out, error);
        okng_image_free(&read);
    } else {
        *out = read;
    }
    return status;
}

/* The good picture as it was learnt; without pixels where it is not there, or is another one now. Fails only without
 * memory. */
static okng_status load_near(const okng_reason *why, uint64_t max_pixels, okng_image *out, okng_error *error)
{
    okng_error unread;
    if (!*why->near_folder) return OKNG_OK;
    okng_status status = read_near(why, max_pixels, out, &unread);
    if (status == OKNG_OK && out->width == why->near_picture_width && out->height == why->near_picture_height)
        return OKNG_OK;
    okng_image_free(out);
    return status == OKNG_ERROR_MEMORY ? okng_fail(error, status, "%s", unread.message) : OKNG_OK;
}

static okng_status draw_one(const okng_viewer *viewer, size_t i, size_t region, const okng_result *result,
                            okng_viewer_reason *out, okng_error *error)
{
    static const uint8_t green[3] = {0, 220, 90};
    const okng_reason *why = &result->reasons[region]; /* at the size of result->picture */
    const uint8_t *colour = okng_report_verdict_colour(okng_result_verdict(result));
    okng_image found = {0}, good = {0}, near = {0};
    okng_status status = cut(&result->picture, (box){why->x, why->y, why->width, why->height}, colour, &found, error);
    if (status == OKNG_OK && why->near_picture) status = load_near(why, result->max_pixels, &good, error);
    if (status == OKNG_OK && good.pixels) {
        status = cut(&good, (box){why->near_x, why->near_y, why->near_width, why->near_height}, green, &near, error);
        out->near_drawn = status == OKNG_OK;
    }
    if (status == OKNG_OK)
        status = okng_viewer_draw_reason(viewer, i, region, &found, out->near_drawn ? &near : NULL, error);
    okng_image_free(&found);
    okng_image_free(&good);
    okng_image_free(&near);
    return status;
}

okng_status okng_page_reasons_draw(const okng_viewer *viewer, size_t i, const okng_result *result,
                                   okng_page_reasons *out, okng_error *error)
{
    *out = (okng_page_reasons){.count = 0};
    if (okng_result_verdict(result) == OKNG_VERDICT_OK) return OKNG_OK;
    for (size_t r = 0; r < result->region_count && r < OKNG_PAGE_REASONS; r++) {
        okng_viewer_reason *reason = &out->items[out->count++];
        const char *name = result->reasons[r].near_picture;
        reason->score = (double)result->regions[r].peak;
        reason->near_name = name ? strdup(name) : NULL;
        if (name && !reason->near_name) return okng_fail_memory(error, strlen(name) + 1);
        OKNG_TRY(draw_one(viewer, i, r, result, reason, error));
    }
    return OKNG_OK;
}

void okng_page_reasons_free(okng_page_reasons *reasons)
{
    for (size_t r = 0; r < reasons->count; r++) free((void *)(uintptr_t)reasons->items[r].near_name);
    *reasons = (okng_page_reasons){.count = 0};
}
