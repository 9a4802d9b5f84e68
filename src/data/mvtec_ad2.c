/* MVTec AD 2, of which the public test has its truth:
 *   <category>/train/good, validation/good, test_public/{good,bad}, test_public/ground_truth/bad/<stem>_mask.png */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/listing.h"

static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    okng_names folders = {0};
    okng_status status = okng_list_folders(source->root, &folders, error);
    for (size_t i = 0; status == OKNG_OK && i < folders.count; i++) {
        char *path = NULL;
        status = okng_path_format(&path, error, "%s/%s/test_public", source->root, folders.items[i]);
        if (status == OKNG_OK && okng_is_folder(path)) status = okng_names_add(out, folders.items[i], error);
        free(path);
    }
    okng_names_free(&folders);
    if (status == OKNG_OK && out->count == 0)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                         "%s: no category here; expected <category>/train/good and <category>/test_public/{good,bad}",
                         source->root);
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    char *folder = okng_path_join(source->root, category);
    char *masks = folder ? okng_path_join(folder, "test_public/ground_truth/bad") : NULL;
    okng_status status = masks ? OKNG_OK : okng_fail_memory(error, strlen(source->root) + strlen(category));
    const okng_folder_part parts[] = {
        {.category = folder, .below = "train/good", .split = OKNG_SPLIT_TRAIN, .kind = "good"},
        {.category = folder, .below = "validation/good", .split = OKNG_SPLIT_VALIDATION, .kind = "good"},
        {.category = folder, .below = "test_public/good", .split = OKNG_SPLIT_TEST, .kind = "good"},
        {.category = folder,
         .below = "test_public/bad",
         .split = OKNG_SPLIT_TEST,
         .label = 1,
         .kind = "bad",
         .masks = masks},
    };
    for (size_t i = 0; status == OKNG_OK && i < sizeof parts / sizeof parts[0]; i++)
        status = okng_sample_add_folder(out, &parts[i], error);
    free(masks);
    free(folder);
    return status;
}

const okng_layout okng_layout_mvtec_ad2 = {
    .name = "mvtec-ad2",
    .help = "MVTec AD 2: <category>/train/good, validation/good, test_public/{good,bad,ground_truth/bad}",
    .categories = categories,
    .samples = samples,
};
