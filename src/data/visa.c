/* VisA: as it is published, split_csv/1cls.csv with the columns object, split, label, image, mask (paths below the
 * root); or re-arranged into the layout of MVTec AD, below the root or its folder 1cls. */
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "data/listing.h"

enum { OBJECT, SPLIT, LABEL, IMAGE, MASK, COLUMNS };

typedef struct table {
    okng_csv *csv;
    size_t columns[COLUMNS];
} table;

static char *csv_path(const okng_source *source)
{
    return okng_path_join(source->root, "split_csv/1cls.csv");
}

/* The root of the re-arranged set; malloc'd. */
static char *arranged_root(const okng_source *source)
{
    return okng_has_folder(source->root, "1cls") ? okng_path_join(source->root, "1cls") : strdup(source->root);
}

/* *out->csv stays NULL where the root has no CSV. */
static okng_status open_table(const okng_source *source, table *out, okng_error *error)
{
    static const char *const names[COLUMNS] = {"object", "split", "label", "image", "mask"};
    *out = (table){0};
    char *path = csv_path(source);
    okng_status status = path ? OKNG_OK : okng_fail_memory(error, strlen(source->root));
    if (status == OKNG_OK && okng_has_folder(source->root, "split_csv")) status = okng_csv_read(&out->csv, path, error);
    for (size_t i = 0; status == OKNG_OK && out->csv && i < COLUMNS; i++)
        status = okng_csv_column(out->csv, names[i], &out->columns[i], error);
    free(path);
    if (status != OKNG_OK) okng_csv_free(&out->csv);
    return status;
}

static const char *field(const table *t, size_t row, size_t column)
{
    return okng_csv_field(t->csv, row, t->columns[column]);
}

static okng_status arranged_categories(const okng_source *source, okng_names *out, okng_error *error)
{
    char *root = arranged_root(source);
    if (!root) return okng_fail_memory(error, strlen(source->root));
    const okng_source arranged = {root, source->options};
    okng_status status = okng_layout_mvtec.categories(&arranged, out, error);
    free(root);
    if (status == OKNG_ERROR_NOT_FOUND)
        return okng_fail(error, status,
                         "%s: neither split_csv/1cls.csv nor <category>/train/good (also below 1cls) is here; expected "
                         "VisA as it is published or re-arranged",
                         source->root);
    return status;
}

static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    table t;
    OKNG_TRY(open_table(source, &t, error));
    if (!t.csv) return arranged_categories(source, out, error);
    okng_status status = OKNG_OK;
    for (size_t row = 0; status == OKNG_OK && row < okng_csv_rows(t.csv); row++) {
        const char *object = field(&t, row, OBJECT);
        status = okng_names_add_once(out, object, error);
    }
    okng_csv_free(&t.csv);
    return status;
}

static okng_status add_row(const okng_source *source, const table *t, size_t row, okng_sample_list *out,
                           okng_error *error)
{
    const char *split = field(t, row, SPLIT), *label = field(t, row, LABEL), *image = field(t, row, IMAGE);
    const char *object = field(t, row, OBJECT), *mask = field(t, row, MASK);
    bool test = strcmp(split, "test") == 0, bad = strcmp(label, "anomaly") == 0;
    if (!test && strcmp(split, "train") != 0)
        return okng_refuse_field(t->csv, row, "split", split, "train or test", error);
    if (!bad && strcmp(label, "normal") != 0)
        return okng_refuse_field(t->csv, row, "label", label, "normal or anomaly", error);
    if (!test && bad)
        return okng_refuse_field(t->csv, row, "label", label, "normal, as only good pictures are learned", error);
    if (!*image) return okng_refuse_field(t->csv, row, "image", image, "a path", error);
    if (bad && !*mask)
        return okng_refuse_field(t->csv, row, "mask", mask, "a path, as the picture has a defect", error);
    size_t prefix = strlen(object);
    okng_sample sample = {.struct_size = sizeof sample,
                          .name =
                              strncmp(image, object, prefix) == 0 && image[prefix] == '/' ? image + prefix + 1 : image,
                          .split = test ? OKNG_SPLIT_TEST : OKNG_SPLIT_TRAIN,
                          .label = bad,
                          .kind = bad ? "anomaly" : "good"};
    char *path = okng_path_join(source->root, image), *mask_path = okng_path_join(source->root, mask);
    okng_names masks = {0};
    okng_status status = path && mask_path ? OKNG_OK : okng_fail_memory(error, strlen(source->root));
    if (status == OKNG_OK && bad) status = okng_names_add(&masks, mask_path, error);
    sample.path = path;
    if (status == OKNG_OK) status = okng_sample_add(out, &sample, &masks, error);
    okng_names_free(&masks);
    free(mask_path);
    free(path);
    return status;
}

static okng_status arranged_samples(const okng_source *source, const char *category, okng_sample_list *out,
                                    okng_error *error)
{
    char *root = arranged_root(source);
    if (!root) return okng_fail_memory(error, strlen(source->root));
    const okng_source arranged = {root, source->options};
    okng_status status = okng_layout_mvtec.samples(&arranged, category, out, error);
    free(root);
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    table t;
    OKNG_TRY(open_table(source, &t, error));
    if (!t.csv) return arranged_samples(source, category, out, error);
    okng_status status = OKNG_OK;
    for (size_t row = 0; status == OKNG_OK && row < okng_csv_rows(t.csv); row++)
        if (strcmp(field(&t, row, OBJECT), category) == 0) status = add_row(source, &t, row, out, error);
    okng_csv_free(&t.csv);
    return status;
}

const okng_layout okng_layout_visa = {
    .name = "visa",
    .help = "VisA as published (split_csv/1cls.csv), or re-arranged into the layout of mvtec",
    .categories = categories,
    .samples = samples,
};
