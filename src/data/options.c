/* Which part of a data set is used: a row for each option. */
#include "data/options.h"

#define AT(field) .offset = offsetof(okng_dataset_options, field), .size = sizeof(((okng_dataset_options *)0)->field)
#define TEXT(field) .kind = OKNG_KIND_TEXT, AT(field)
#define NUMBER(type, field, least, most) .kind = OKNG_KIND_##type, AT(field), .low = (least), .high = (most)
#define MANY OKNG_OPTION_MANY
#define DATA .group = "Data", .verbs = "data show, eval"
#define OF_LAYOUTS .flags = OKNG_ROW_OF_LAYOUTS, DATA

/* clang-format off */
static const okng_option_row rows[] = {
    {.name = "category", .values = "NAMES", .initial = "all", TEXT(categories), DATA,
     .help = "categories with commas between them"},
    {.name = "k-shot", .values = "N|all", .initial = "0", NUMBER(INT32, k_shot, 0, MANY), .word = "all", .meaning = -1, DATA,
     .help = "learn N good pictures only, drawn by the seed; 0 learns all, or none by a method that can do without pictures"},
    {.name = "validation", .values = "RATIO", .initial = "0", NUMBER(DOUBLE, validation, 0, 0.9), DATA,
     .help = "part of the good pictures that is not learned but gives the thresholds"},
    {.name = "max-test-samples", .values = "N", .initial = "0", NUMBER(INT64, max_test_samples, 0, MANY), DATA,
     .help = "inspect N test pictures only, good and bad in their shares; 0 inspects all"},
    {.name = "normal", .values = "DIR", TEXT(normal), OF_LAYOUTS, .help = "of folder: good pictures to learn"},
    {.name = "normal-test", .values = "DIR", TEXT(normal_test), OF_LAYOUTS,
     .help = "of folder: good pictures to test; a part of those to learn unless given"},
    {.name = "abnormal", .values = "DIRS", TEXT(abnormal), OF_LAYOUTS,
     .help = "of folder: bad pictures; several with commas between them"},
    {.name = "masks", .values = "DIR", TEXT(masks), OF_LAYOUTS, .help = "of folder: masks of the bad pictures"},
    {.name = "test-ratio", .values = "RATIO", .initial = "0.2", NUMBER(DOUBLE, test_ratio, 0, 0.9), OF_LAYOUTS,
     .help = "of folder, kolektor-sdd, labelme, coco and yolo: the part of the good pictures that is tested where there are no others to test"},
    {.name = "csv", .values = "FILE", TEXT(csv), OF_LAYOUTS,
     .help = "of csv: the table; the only .csv in the root unless given"},
    {.name = "annotations", .values = "PATH", TEXT(annotations), OF_LAYOUTS,
     .help = "of real-iad: folder of the splits' JSON files, of coco: the file of annotations; found unless given"},
    {.name = "pictures", .values = "DIR", TEXT(pictures), OF_LAYOUTS,
     .help = "of real-iad and coco: folder that the pictures' paths begin at; found unless given"},
    {.name = "seed", .values = "N", .initial = "0", NUMBER(UINT64, seed, 0, 0x1p64), .group = "Running",
     .verbs = "data show, eval", .help = "of all random numbers"},
};
/* clang-format on */

const okng_option_table okng_dataset_table = {
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .struct_size = sizeof(okng_dataset_options),
    .versioned = true,
    .noun = "option",
    .what = " of a data set",
};

void okng_dataset_options_init_sized(okng_dataset_options *options, size_t struct_size)
{
    okng_options_init(&okng_dataset_table, options, struct_size);
}

okng_status okng_dataset_options_set(okng_dataset_options *options, const char *name, const char *value,
                                     okng_error *error)
{
    return okng_options_set(&okng_dataset_table, options, name, value, error);
}

okng_status okng_dataset_options_get(const okng_dataset_options *options, const char *name, char *text, size_t size,
                                     okng_error *error)
{
    return okng_options_get(&okng_dataset_table, options, name, text, size, error);
}

okng_status okng_dataset_options_check(const okng_dataset_options *options, okng_dataset_options *full,
                                       okng_error *error)
{
    okng_dataset_options_init(full);
    if (options) OKNG_TRY(okng_options_complete(&okng_dataset_table, options, full, error));
    if (full->max_test_samples == 1)
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "option max-test-samples: found \"1\", expected at least 2, a good and a bad one, or 0 for all");
    return OKNG_OK;
}
