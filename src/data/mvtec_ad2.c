/* MVTec AD 2. Of its tests the public one has its truth; that of test_private and test_private_mixed is kept by a
 * server: <category>/train/good, validation/good, test_public/{good,bad}, test_public/ground_truth/bad/<stem>_mask.png
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/listing.h"

static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    return okng_list_categories(source->root, "test_public",
                                "<category>/train/good and <category>/test_public/{good,bad}", out, error);
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
    if (status == OKNG_OK) status = okng_sample_add_parts(out, parts, sizeof parts / sizeof parts[0], error);
    free(masks);
    free(folder);
    return status;
}

static const char *const kept[] = {"test_private", "test_private_mixed", NULL};

const okng_layout okng_layout_mvtec_ad2 = {
    .name = "mvtec-ad2",
    .alias = "mvtec-ad-2",
    .help = "MVTec AD 2: <category>/train/good, validation/good, test_public/{good,bad,ground_truth/bad}",
    .kept_splits = kept,
    .categories = categories,
    .samples = samples,
};
