/* The layout of MVTec AD and of those that share it:
 *   <category>/train/good, test/good, test/<kind>, ground_truth/<kind>/<stem>_mask.png
 * BTAD calls its good pictures "ok" and its masks as the pictures; MVTec LOCO has validation/good and a folder of masks
 * for each picture. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/listing.h"

static bool is_good(const char *folder)
{
    return strcmp(folder, "good") == 0 || strcmp(folder, "ok") == 0;
}

/* "train/good" or "train/ok", whichever is there; NULL when neither is. */
static const char *good_folder(const char *category, const char *good, const char *ok)
{
    const char *const names[] = {good, ok};
    for (int i = 0; i < 2; i++)
        if (okng_has_folder(category, names[i])) return names[i];
    return NULL;
}

static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    okng_names folders = {0};
    okng_status status = okng_list_folders(source->root, &folders, error);
    for (size_t i = 0; status == OKNG_OK && i < folders.count; i++) {
        char *path = okng_path_join(source->root, folders.items[i]);
        if (!path)
            status = okng_fail_memory(error, strlen(source->root));
        else if (good_folder(path, "train/good", "train/ok"))
            status = okng_names_add(out, folders.items[i], error);
        free(path);
    }
    okng_names_free(&folders);
    if (status == OKNG_OK && out->count == 0 && good_folder(source->root, "train/good", "train/ok"))
        return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                         "%s: is a category itself; give the folder above it as the root and its name as the category",
                         source->root);
    if (status == OKNG_OK && out->count == 0)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no category here; expected <category>/train/good (or ok)",
                         source->root);
    return status;
}

static okng_status add_kind(okng_sample_list *list, const char *category, const char *kind, okng_error *error)
{
    char *below = NULL, *masks = NULL;
    bool good = is_good(kind);
    okng_status status = okng_path_format(&below, error, "test/%s", kind);
    if (status == OKNG_OK && !good) status = okng_path_format(&masks, error, "%s/ground_truth/%s", category, kind);
    const okng_folder_part part = {.category = category,
                                   .below = below,
                                   .split = OKNG_SPLIT_TEST,
                                   .label = !good,
                                   .kind = good ? "good" : kind,
                                   .masks = masks};
    if (status == OKNG_OK) status = okng_sample_add_folder(list, &part, error);
    free(below);
    free(masks);
    return status;
}

static okng_status add_test(okng_sample_list *list, const char *category, okng_error *error)
{
    okng_names kinds = {0};
    char *test = okng_path_join(category, "test");
    okng_status status = test ? okng_list_folders(test, &kinds, error) : okng_fail_memory(error, strlen(category));
    for (size_t i = 0; status == OKNG_OK && i < kinds.count; i++)
        status = add_kind(list, category, kinds.items[i], error);
    okng_names_free(&kinds);
    free(test);
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    char *folder = okng_path_join(source->root, category);
    if (!folder) return okng_fail_memory(error, strlen(source->root) + strlen(category));
    okng_folder_part part = {.category = folder, .kind = "good", .split = OKNG_SPLIT_TRAIN};
    part.below = good_folder(folder, "train/good", "train/ok");
    okng_status status = part.below ? okng_sample_add_folder(out, &part, error) : OKNG_OK;
    part.split = OKNG_SPLIT_VALIDATION;
    part.below = good_folder(folder, "validation/good", "validation/ok");
    if (status == OKNG_OK && part.below) status = okng_sample_add_folder(out, &part, error);
    if (status == OKNG_OK) status = add_test(out, folder, error);
    free(folder);
    return status;
}

const okng_layout okng_layout_mvtec = {
    .name = "mvtec",
    .help = "MVTec AD and its likes: <category>/train/good, test/<kind>, ground_truth/<kind>/<stem>_mask.png",
    .categories = categories,
    .samples = samples,
};
