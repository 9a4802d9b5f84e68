#include "inspect/folder_page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "inspect/labels.h"

okng_status okng_folder_page_draw(const okng_viewer *viewer, size_t i, const okng_result *result, okng_error *error)
{
    okng_image overlay = {0}, heat = {0};
    okng_status status = okng_result_draw_bare(result, &overlay, error);
    if (status == OKNG_OK) status = okng_result_draw(result, OKNG_PICTURE_HEAT_COLOUR, &heat, error);
    const okng_viewer_images images = {.picture = &result->picture, .overlay = &overlay, .heat = &heat};
    if (status == OKNG_OK) status = okng_viewer_draw(viewer, i, &images, error);
    okng_image_free(&overlay);
    okng_image_free(&heat);
    return status;
}

/* The files that okng_result_write left of a picture, as layers of the page; malloc'd. */
static bool name_layers(const char *folder, char *layers[OKNG_LAYERS])
{
    static const char *const files[OKNG_LAYERS] = {
        [OKNG_LAYER_OVERLAY] = "overlay.png", [OKNG_LAYER_HEAT] = "heat_color.png", [OKNG_LAYER_MASK] = "mask.png"};
    for (int l = 0; l < OKNG_LAYERS; l++) {
        layers[l] = files[l] ? okng_path_join(folder, files[l]) : NULL;
        if (files[l] && !layers[l]) return false;
    }
    return true;
}

static okng_status add_row(okng_viewer *viewer, const okng_folder_page *page, size_t i, bool any_good,
                           okng_error *error)
{
    const okng_result_line *line = &page->lines[i];
    const okng_target *target = &page->targets->items[i];
    okng_label label = okng_label_among(target->name, page->root, any_good);
    char *layers[OKNG_LAYERS] = {NULL}, *original;
    OKNG_TRY(okng_real_path(&original, target->path, error));
    bool named = !line->inspected || name_layers(page->folders[i], layers);
    okng_viewer_row row = {.number = i,
                           .name = target->name,
                           .score = line->inspected ? (double)line->score : (double)NAN,
                           .p_value = line->inspected ? line->p_value : (double)NAN,
                           .verdict = line->inspected ? (int)line->verdict : OKNG_VIEWER_SKIPPED,
                           .truth = label == OKNG_LABEL_UNKNOWN ? -1 : (int)label,
                           .original = original,
                           .note = page->notes[i],
                           .drawn = line->inspected,
                           .heat_drawn = line->inspected,
                           .reasons = page->reasons[i]->items,
                           .reason_count = page->reasons[i]->count};
    for (int l = 0; l < OKNG_LAYERS; l++) row.layers[l] = layers[l];
    okng_status status = named ? okng_viewer_add(viewer, &row, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    for (int l = 0; l < OKNG_LAYERS; l++) free(layers[l]);
    free(original);
    return status;
}

okng_status okng_folder_page_finish(okng_viewer *viewer, const okng_folder_page *page, okng_error *error)
{
    size_t count = page->targets->count;
    bool any_good = false;
    okng_viewer_group group = {
        .name = "", .threshold = (double)NAN, .low = (double)page->review[0], .high = (double)page->review[1]};
    for (size_t i = 0; i < count; i++) {
        any_good = any_good || okng_label_of(page->targets->items[i].name, page->root) == OKNG_LABEL_GOOD;
        if (page->lines[i].inspected) group.threshold = (double)page->lines[i].threshold;
    }
    for (size_t i = 0; i < count; i++) OKNG_TRY(add_row(viewer, page, i, any_good, error));
    const okng_viewer_page whole = {.title = page->title, .groups = &group, .group_count = 1};
    return okng_viewer_finish(viewer, &whole, error);
}
