#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/sized.h"
#include "data/kept.h"
#include "data/listing.h"
#include "data/options.h"
#include "data/samples.h"
#include "data/saturation.h"

#define ROW(name) &okng_layout_##name,
static const okng_layout *const layouts[] = {OKNG_LAYOUTS(ROW)};

enum { LAYOUTS = sizeof layouts / sizeof layouts[0] };

struct okng_dataset {
    const okng_layout *layout;
    char *root;
    okng_dataset_options options;
    okng_names categories; /* chosen */
};

size_t okng_dataset_type_count(void)
{
    return LAYOUTS;
}

okng_status okng_dataset_type_get(size_t i, okng_dataset_info *info, okng_error *error)
{
    OKNG_TRY(okng_sized_check(info, "the place for what is known of a data set", error));
    if (i >= LAYOUTS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "data set %zu was asked for, there are %d", i, (int)LAYOUTS);
    const okng_dataset_info full = {.name = layouts[i]->name, .help = layouts[i]->help};
    return okng_sized_give(info, &full, sizeof full, "the place for what is known of a data set", error);
}

/* ---- choosing ------------------------------------------------------------------------------- */

static okng_status find_layout(const char *name, const okng_layout **out, okng_error *error)
{
    okng_names names = {0};
    char text[512];
    for (size_t i = 0; i < LAYOUTS; i++) {
        *out = layouts[i];
        if (strcmp(layouts[i]->name, name) == 0 || (layouts[i]->alias && strcmp(layouts[i]->alias, name) == 0)) {
            okng_names_free(&names);
            return OKNG_OK;
        }
        (void)okng_names_add(&names, layouts[i]->name, NULL);
    }
    const char *nearest = okng_suggest(name, (const char *const *)names.items, names.count);
    okng_status status = okng_fail(error, OKNG_ERROR_ARGUMENT, "unknown data set \"%.80s\"%s%s%s; there are %s", name,
                                   nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "",
                                   okng_names_text(&names, text, sizeof text));
    okng_names_free(&names);
    return status;
}

static bool is_zero(const char *bytes, size_t size)
{
    while (size > 0 && bytes[size - 1] == 0) size--;
    return size == 0;
}

static okng_status not_read(const okng_layout *layout, const char *option, okng_error *error)
{
    okng_names readers = {0};
    char text[128];
    for (size_t i = 0; i < LAYOUTS; i++)
        if (okng_options_is_read(layouts[i]->options, option)) (void)okng_names_add(&readers, layouts[i]->name, NULL);
    okng_status status = okng_fail(error, OKNG_ERROR_ARGUMENT, "option %s is not read by the data set %s but by %s",
                                   option, layout->name, okng_names_text(&readers, text, sizeof text));
    okng_names_free(&readers);
    return status;
}

/* An option of other layouts that was given would be ignored: one that is neither what it is at first nor zero. */
static okng_status check_options(const okng_layout *layout, const okng_dataset_options *options, okng_error *error)
{
    okng_dataset_options fresh;
    okng_dataset_options_init(&fresh);
    for (size_t i = 0; i < okng_dataset_table.count; i++) {
        const okng_option_row *row = &okng_dataset_table.rows[i];
        if (!(row->flags & OKNG_ROW_OF_LAYOUTS) || okng_options_is_read(layout->options, row->name)) continue;
        if (is_zero((const char *)options + row->offset, row->size)) continue;
        char given[OKNG_OPTION_TEXT_MAX], initial[OKNG_OPTION_TEXT_MAX];
        okng_options_get_row(&okng_dataset_table, row, options, given, sizeof given);
        okng_options_get_row(&okng_dataset_table, row, &fresh, initial, sizeof initial);
        if (strcmp(given, initial) == 0) continue;
        return not_read(layout, row->name, error);
    }
    return OKNG_OK;
}

static bool contains(const okng_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0) return true;
    return false;
}

static okng_status unknown_category(const okng_dataset *dataset, const okng_names *found, const char *name,
                                    okng_error *error)
{
    char text[512];
    const char *nearest = okng_suggest(name, (const char *const *)found->items, found->count);
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: no category \"%.80s\"%s%s%s; there are %s", dataset->root, name,
                     nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "",
                     okng_names_text(found, text, sizeof text));
}

/* The names between the commas of `wanted`, blanks around them left out. */
static okng_status choose(okng_dataset *dataset, const okng_names *found, const char *wanted, okng_error *error)
{
    while (*wanted) {
        char name[OKNG_PATH_MAX];
        wanted += strspn(wanted, ", ");
        size_t length = strcspn(wanted, ",");
        const char *next = wanted + length;
        while (length > 0 && wanted[length - 1] == ' ') length--;
        if (length == 0) break;
        memcpy(name, wanted, length);
        name[length] = '\0';
        if (!contains(found, name)) return unknown_category(dataset, found, name, error);
        if (!contains(&dataset->categories, name)) OKNG_TRY(okng_names_add(&dataset->categories, name, error));
        wanted = next;
    }
    if (dataset->categories.count == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "no category was given; name some, or all");
    okng_names_sort(&dataset->categories);
    return OKNG_OK;
}

/* A category becomes a folder of results, and one of several between commas. */
static bool is_folder_name(const char *name)
{
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) return false; /* a terminal would obey it */
    return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strpbrk(name, "/,");
}

static okng_status find_categories(okng_dataset *dataset, okng_error *error)
{
    const okng_source source = {dataset->root, &dataset->options};
    okng_names found = {0};
    okng_status status = dataset->layout->categories(&source, &found, error);
    okng_names_sort(&found);
    if (status == OKNG_OK && found.count == 0)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: has no category", dataset->root);
    for (size_t i = 0; status == OKNG_OK && i < found.count; i++)
        if (!is_folder_name(found.items[i]))
            status = okng_fail(
                error, OKNG_ERROR_FORMAT,
                "%s: a category is called \"%.80s\", expected a name without /, commas and control characters",
                dataset->root, found.items[i]);
    if (status == OKNG_OK && strcmp(dataset->options.categories, "all") != 0) {
        status = choose(dataset, &found, dataset->options.categories, error);
    } else if (status == OKNG_OK) {
        dataset->categories = found;
        found = (okng_names){0};
    }
    okng_names_free(&found);
    return status;
}

/* ---- the handle ----------------------------------------------------------------------------- */

okng_status okng_dataset_open(okng_dataset **out, const char *dataset, const char *root,
                              const okng_dataset_options *options, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the data set", error));
    *out = NULL;
    OKNG_TRY(okng_need(dataset, "the name of a data set", error));
    if (!root || !*root) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no root folder of a data set was given");
    okng_dataset *set = calloc(1, sizeof *set);
    if (!set) return okng_fail_memory(error, sizeof *set);
    okng_status status = okng_dataset_options_check(options, &set->options, error);
    if (status == OKNG_OK) status = find_layout(dataset, &set->layout, error);
    if (status == OKNG_OK) status = check_options(set->layout, &set->options, error);
    if (status == OKNG_OK && !(set->root = strdup(root))) status = okng_fail_memory(error, strlen(root) + 1);
    if (status == OKNG_OK) status = find_categories(set, error);
    if (status != OKNG_OK) okng_dataset_close(&set);
    *out = set;
    return status;
}

void okng_dataset_close(okng_dataset **dataset)
{
    if (!dataset || !*dataset) return;
    okng_names_free(&(*dataset)->categories);
    free((*dataset)->root);
    free(*dataset);
    *dataset = NULL;
}

size_t okng_dataset_category_count(const okng_dataset *dataset)
{
    return dataset ? dataset->categories.count : 0;
}

const char *okng_dataset_category(const okng_dataset *dataset, size_t i)
{
    return dataset && i < dataset->categories.count ? dataset->categories.items[i] : NULL;
}

okng_status okng_samples_open(okng_samples **out, const okng_dataset *dataset, const char *category, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the samples", error));
    *out = NULL;
    OKNG_TRY(okng_need(dataset, "the data set", error));
    OKNG_TRY(okng_need(category, "the name of a category", error));
    if (!contains(&dataset->categories, category))
        return unknown_category(dataset, &dataset->categories, category, error);
    const okng_source source = {dataset->root, &dataset->options};
    return okng_samples_list(out, dataset->layout, &source, category, error);
}

okng_status okng_dataset_saturations(const okng_dataset *dataset, const char *category, okng_saturations *out,
                                     okng_error *error)
{
    char *path = NULL;
    if (!dataset->layout->saturations) return OKNG_OK;
    OKNG_TRY(okng_path_format(&path, error, "%s/%s/%s", dataset->root, category, dataset->layout->saturations));
    okng_status status = okng_saturations_read(out, path, error);
    free(path);
    return status;
}

const char *const *okng_dataset_kept_splits(const okng_dataset *dataset)
{
    return dataset->layout->kept_splits;
}
