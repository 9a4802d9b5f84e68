/* DAGM 2007: Class1 to Class10, each with Train and Test; a picture is bad where Label/<stem>_label.PNG lies beside it.
 * The bad pictures of Train are not used: what is learned is good, and what is tested is Test. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/listing.h"

#define LABELS "Label/"

static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    return okng_list_categories(source->root, "Train", "DAGM: Class<N>/{Train,Test}/*.PNG, Label/<stem>_label.PNG", out,
                                error);
}

static okng_status add_picture(okng_sample_list *list, const char *folder, const okng_picture_list *pictures, size_t i,
                               okng_split split, okng_error *error)
{
    const char *relative = okng_picture_list_relative(pictures, i);
    char *labels = NULL, *mask = NULL, *name = NULL;
    okng_status status = okng_path_format(&labels, error, "%s/Label", folder);
    if (status == OKNG_OK) status = okng_mask_beside(labels, relative, "_label", &mask, error);
    if (status == OKNG_OK)
        status = okng_path_format(&name, error, "%s/%s", split == OKNG_SPLIT_TRAIN ? "Train" : "Test", relative);
    const okng_sample sample = {.struct_size = sizeof sample,
                                .path = okng_picture_list_path(pictures, i),
                                .name = name,
                                .split = split,
                                .label = mask != NULL,
                                .kind = mask ? "defect" : "good"};
    if (status == OKNG_OK && !(mask && split == OKNG_SPLIT_TRAIN))
        status = okng_sample_add_one(list, &sample, mask, error);
    free(name);
    free(mask);
    free(labels);
    return status;
}

static okng_status add_part(okng_sample_list *list, const char *folder, okng_split split, okng_error *error)
{
    okng_picture_list *pictures;
    OKNG_TRY(okng_data_pictures(&pictures, folder, error));
    okng_status status = OKNG_OK;
    for (size_t i = 0; status == OKNG_OK && i < okng_picture_list_count(pictures); i++)
        if (strncmp(okng_picture_list_relative(pictures, i), LABELS, sizeof LABELS - 1) != 0)
            status = add_picture(list, folder, pictures, i, split, error);
    okng_picture_list_free(&pictures);
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    static const char *const parts[] = {"Train", "Test"};
    okng_status status = OKNG_OK;
    for (int i = 0; i < 2 && status == OKNG_OK; i++) {
        char *folder = NULL;
        status = okng_path_format(&folder, error, "%s/%s/%s", source->root, category, parts[i]);
        if (status == OKNG_OK) status = add_part(out, folder, i == 0 ? OKNG_SPLIT_TRAIN : OKNG_SPLIT_TEST, error);
        free(folder);
    }
    return status;
}

const okng_layout okng_layout_dagm = {
    .name = "dagm",
    .help = "DAGM 2007: Class<N>/{Train,Test}, bad where Label/<stem>_label.PNG is there",
    .categories = categories,
    .samples = samples,
};
