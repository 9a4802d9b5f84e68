/* MVTec LOCO AD: <category>/train/good, validation/good, test/{good,logical_anomalies,structural_anomalies}, a folder
 * of masks for each bad picture in ground_truth/<kind>/<stem>, and defects_config.json, which says at how many pixels a
 * defect counts as found whole (sPRO). Each mask is one defect, its value the number of its kind. */
#include <stdlib.h>

#include "data/listing.h"
#include "data/loco.h"

static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    return okng_list_categories(source->root, "test/" OKNG_LOCO_LOGICAL,
                                "MVTec LOCO: <category>/train/good, validation/good, test/{good,logical_anomalies,"
                                "structural_anomalies}",
                                out, error);
}

static okng_status add_bad(okng_sample_list *list, const char *folder, const char *kind, okng_error *error)
{
    char *below = NULL, *masks = NULL;
    okng_status status = okng_path_format(&below, error, "test/%s", kind);
    if (status == OKNG_OK) status = okng_path_format(&masks, error, "%s/ground_truth/%s", folder, kind);
    const okng_folder_part part = {
        .category = folder, .below = below, .split = OKNG_SPLIT_TEST, .label = 1, .kind = kind, .masks = masks};
    if (status == OKNG_OK) status = okng_sample_add_folder(list, &part, error);
    free(masks);
    free(below);
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    char *folder = NULL;
    OKNG_TRY(okng_path_format(&folder, error, "%s/%s", source->root, category));
    const okng_folder_part good[] = {
        {.category = folder, .below = "train/good", .split = OKNG_SPLIT_TRAIN, .kind = "good"},
        {.category = folder, .below = "validation/good", .split = OKNG_SPLIT_VALIDATION, .kind = "good"},
        {.category = folder, .below = "test/good", .split = OKNG_SPLIT_TEST, .kind = "good"},
    };
    okng_status status = okng_sample_add_parts(out, good, sizeof good / sizeof good[0], error);
    if (status == OKNG_OK) status = add_bad(out, folder, OKNG_LOCO_LOGICAL, error);
    if (status == OKNG_OK) status = add_bad(out, folder, OKNG_LOCO_STRUCTURAL, error);
    free(folder);
    return status;
}

const okng_layout okng_layout_mvtec_loco = {
    .name = "mvtec-loco",
    .alias = "mvtec-loco-ad",
    .help = "MVTec LOCO: test/{good,logical_anomalies,structural_anomalies}, several masks a picture, sPRO",
    .saturations = "defects_config.json",
    .categories = categories,
    .samples = samples,
};
