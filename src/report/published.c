#include "report/published.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCE = 0, METHOD, DATASET, CATEGORY, SETTING, METRIC, VALUE, REFERENCE };

extern const char okng_published_csv[];
extern const uint64_t okng_published_csv_size;

okng_status okng_published_read(okng_csv **table, okng_error *error)
{
    return okng_csv_read_memory(table, okng_published_csv, (size_t)okng_published_csv_size, "published.csv", error);
}

/* Whether the experiment has as many categories as the whole data set. */
static bool is_whole(const okng_results *experiment)
{
    static const struct {
        const char *dataset;
        size_t categories;
    } sets[] = {{"mvtec", 15}, {"visa", 12}};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if (strcmp(sets[i].dataset, experiment->categories[0]->dataset) == 0)
            return experiment->count == sets[i].categories;
    return false;
}

/* The category of that name, SIZE_MAX for the mean of a whole set; false where the experiment lacks it. */
static bool find_category(const okng_results *experiment, const char *name, size_t *out)
{
    *out = SIZE_MAX;
    if (strcmp(name, "mean") == 0) return is_whole(experiment);
    for (size_t i = 0; i < experiment->count; i++)
        if (strcmp(experiment->categories[i]->name, name) == 0) *out = i;
    return *out != SIZE_MAX;
}

static bool is_in(const okng_csv *table, const char *method)
{
    for (size_t row = 0; row < okng_csv_rows(table); row++)
        if (strcmp(okng_csv_field(table, row, METHOD), method) == 0) return true;
    return false;
}

/* The method whose figures stand beside the experiment's: its own, or where nobody published for that, what it is a
 * lighter form of, or patchcore. */
static const char *method_to_match(const okng_csv *table, const okng_results *experiment)
{
    const char *own = experiment->categories[0]->method;
    if (is_in(table, own)) return own;
    return strcmp(own, "miniclip") == 0 ? "afclip" : "patchcore";
}

static bool match(const okng_csv *table, size_t row, const okng_results *experiment, okng_published *out)
{
    char crop[64];
    okng_figure_id metric = okng_figure_find(okng_csv_field(table, row, METRIC));
    if (strcmp(okng_csv_field(table, row, DATASET), experiment->categories[0]->dataset) != 0) return false;
    if (metric == OKNG_FIGURES || !find_category(experiment, okng_csv_field(table, row, CATEGORY), &out->category))
        return false;
    const double *values = out->category == SIZE_MAX ? experiment->mean : experiment->categories[out->category]->values;
    (void)snprintf(crop, sizeof crop, "%s_crop", okng_figures[metric].key);
    okng_figure_id at_crop = okng_figure_find(crop);
    out->crop = at_crop < OKNG_FIGURES && !isnan(values[at_crop]);
    out->ours = values[out->crop ? at_crop : metric];
    out->source = okng_csv_field(table, row, SOURCE);
    out->setting = okng_csv_field(table, row, SETTING);
    out->reference = okng_csv_field(table, row, REFERENCE);
    out->metric = metric;
    out->value = strtod(okng_csv_field(table, row, VALUE), NULL);
    return !isnan(out->ours);
}

okng_status okng_published_match(const okng_csv *table, const okng_results *experiment, okng_published **list,
                                 size_t *count, okng_error *error)
{
    size_t rows = okng_csv_rows(table);
    const char *method = method_to_match(table, experiment);
    *count = 0;
    *list = calloc(rows ? rows : 1, sizeof **list);
    if (!*list) return okng_fail_memory(error, rows * sizeof **list);
    for (size_t row = 0; row < rows; row++)
        if (strcmp(okng_csv_field(table, row, METHOD), method) == 0 && match(table, row, experiment, &(*list)[*count]))
            ++*count;
    return OKNG_OK;
}
