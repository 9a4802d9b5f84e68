/* BTAD (beanTech): <category>/train/ok, test/{ok,ko}, ground_truth/ko, a mask having the name of its picture. Pictures
 * are BMP or PNG; masks are PNG in 01 and 02, and BMP in 03 of some copies of the set. */
#include <stdlib.h>

#include "data/listing.h"

#define UNPACKED "BTech_Dataset_transformed" /* the folder in the archive */

static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    char *set;
    OKNG_TRY(okng_source_below(source, UNPACKED, &set, error));
    okng_status status =
        okng_list_categories(set, "train/ok", "BTAD: <01|02|03>/train/ok, test/{ok,ko}, ground_truth/ko", out, error);
    free(set);
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    char *set, *folder = NULL, *masks = NULL;
    OKNG_TRY(okng_source_below(source, UNPACKED, &set, error));
    okng_status status = okng_path_format(&folder, error, "%s/%s", set, category);
    if (status == OKNG_OK) status = okng_path_format(&masks, error, "%s/ground_truth/ko", folder);
    const okng_folder_part parts[] = {
        {.category = folder, .below = "train/ok", .split = OKNG_SPLIT_TRAIN, .kind = "good"},
        {.category = folder, .below = "test/ok", .split = OKNG_SPLIT_TEST, .kind = "good"},
        {.category = folder, .below = "test/ko", .split = OKNG_SPLIT_TEST, .label = 1, .kind = "ko", .masks = masks},
    };
    if (status == OKNG_OK) status = okng_sample_add_parts(out, parts, sizeof parts / sizeof parts[0], error);
    free(masks);
    free(folder);
    free(set);
    return status;
}

const okng_layout okng_layout_btad = {
    .name = "btad",
    .help = "BTAD: <category>/train/ok, test/{ok,ko}, ground_truth/ko",
    .categories = categories,
    .samples = samples,
};
