#include "report/results.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum { MAX_CONFIG_BYTES = 1 << 20 };

static char *path_of(const char *dir, const char *category, const char *name)
{
    char *folder = okng_path_join(dir, category);
    char *path = folder ? okng_path_join(folder, name) : NULL;
    free(folder);
    return path;
}

static bool has_file(int dir, const char *category, const char *name)
{
    char path[sizeof((struct dirent *)0)->d_name + sizeof "/summary_metrics.csv"];
    (void)snprintf(path, sizeof path, "%s/%s", category, name);
    return faccessat(dir, path, F_OK, 0) == 0;
}

/* Of the open folder `dir`. An experiment has a metrics.json too, beside its summary. */
static bool is_category(int dir, const char *name)
{
    return name[0] != '.' && has_file(dir, name, "metrics.json") && !has_file(dir, name, "summary_metrics.csv");
}

okng_status okng_results_are(const char *dir, bool *found, okng_error *error)
{
    *found = false;
    DIR *stream = opendir(dir);
    if (!stream) return okng_fail_errno(error, "list", dir);
    for (struct dirent *entry; !*found && (entry = readdir(stream));)
        *found = is_category(dirfd(stream), entry->d_name);
    (void)closedir(stream);
    return OKNG_OK;
}

static okng_status add_category(okng_results *experiment, const char *name, okng_error *error)
{
    if (experiment->count == OKNG_MAX_CATEGORIES)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: more than %d categories", experiment->dir, OKNG_MAX_CATEGORIES);
    char *path = path_of(experiment->dir, name, "metrics.json");
    okng_category_figures *figures = malloc(sizeof *figures);
    okng_status status =
        path && figures ? okng_category_figures_read(figures, path, error) : okng_fail_memory(error, sizeof *figures);
    if (status == OKNG_OK && strcmp(figures->name, name) != 0)
        status = okng_fail(error, OKNG_ERROR_MISMATCH, "%s: is of category \"%s\", expected \"%s\" as its folder", path,
                           figures->name, name);
    if (status == OKNG_OK)
        experiment->categories[experiment->count++] = figures;
    else
        free(figures);
    free(path);
    return status;
}

static okng_status add_categories(okng_results *experiment, okng_error *error)
{
    struct dirent **entries;
    int dir = open(experiment->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int count = dir < 0 ? -1 : scandirat(dir, ".", &entries, NULL, alphasort);
    okng_status status = count < 0 ? okng_fail_errno(error, "list", experiment->dir) : OKNG_OK;
    for (int i = 0; i < count; i++) {
        if (status == OKNG_OK && is_category(dir, entries[i]->d_name))
            status = add_category(experiment, entries[i]->d_name, error);
        free(entries[i]);
    }
    if (count >= 0) free(entries);
    if (dir >= 0) (void)close(dir);
    if (status == OKNG_OK && experiment->count == 0)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND,
                           "%s: no finished category here, expected folders with a metrics.json; okng eval and okng "
                           "run make them",
                           experiment->dir);
    return status;
}

/* ---- the order of config.yaml ---- */

/* Where `name` stands in the text as a word of its own; SIZE_MAX where it does not. */
static size_t place_of(const char *text, size_t size, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i + length <= size; i++) {
        bool begins = i == 0 || strchr(" ,['\"\n", text[i - 1]) != NULL;
        bool ends = i + length == size || strchr(" ,]'\"\r\n", text[i + length]) != NULL;
        if (begins && ends && memcmp(text + i, name, length) == 0) return i;
    }
    return SIZE_MAX;
}

/* The value of `categories:` in the resolved configuration, a list in either of YAML's forms: up to the next key. */
static size_t list_of_categories(const char *text, size_t size, const char **list)
{
    static const char key[] = "categories:";
    const char *at = memmem(text, size, key, strlen(key));
    if (!at) return 0;
    *list = at + strlen(key);
    size_t left = size - (size_t)(*list - text), length = 0;
    for (; length < left && (*list)[length] != ':'; length++) continue;
    return length;
}

typedef struct placed {
    size_t place;
    okng_category_figures *figures;
} placed;

static int by_place(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (x->place != y->place) return x->place < y->place ? -1 : 1;
    return strcmp(x->figures->name, y->figures->name);
}

/* Without a configuration the order stays that of the bytes of the names. */
static okng_status sort_categories(okng_results *experiment, okng_error *error)
{
    char *path = okng_path_join(experiment->dir, "config.yaml");
    placed *order = okng_alloc(experiment->count, sizeof *order);
    void *text = NULL;
    size_t size = 0;
    const char *list = NULL;
    okng_status status = path && order ? OKNG_OK : okng_fail_memory(error, experiment->count * sizeof *order);
    if (status == OKNG_OK && access(path, F_OK) == 0)
        status = okng_file_read(path, MAX_CONFIG_BYTES, &text, &size, error);
    if (status == OKNG_OK && text) {
        size_t length = list_of_categories(text, size, &list);
        for (size_t i = 0; i < experiment->count; i++) {
            okng_category_figures *figures = experiment->categories[i];
            order[i] = (placed){length > 0 ? place_of(list, length, figures->name) : SIZE_MAX, figures};
        }
        qsort(order, experiment->count, sizeof *order, by_place);
        for (size_t i = 0; i < experiment->count; i++) experiment->categories[i] = order[i].figures;
    }
    free(text);
    free(order);
    free(path);
    return status;
}

static void take_means(okng_results *experiment)
{
    for (size_t c = 0; c < OKNG_FIGURES; c++) {
        double sum = 0;
        size_t count = 0;
        for (size_t i = 0; i < experiment->count; i++) {
            double value = experiment->categories[i]->values[c];
            if (isnan(value)) continue;
            sum += value;
            count++;
        }
        experiment->mean[c] = count > 0 ? sum / (double)count : NAN;
    }
}

okng_status okng_results_read(okng_results *experiment, const char *dir, okng_error *error)
{
    *experiment =
        (okng_results){.dir = strdup(dir), .categories = calloc(OKNG_MAX_CATEGORIES, sizeof *experiment->categories)};
    okng_status status = experiment->dir && experiment->categories ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK) status = add_categories(experiment, error);
    if (status == OKNG_OK) status = sort_categories(experiment, error);
    if (status == OKNG_OK)
        take_means(experiment);
    else
        okng_results_free(experiment);
    return status;
}

void okng_results_free(okng_results *experiment)
{
    for (size_t i = 0; i < experiment->count; i++) free(experiment->categories[i]);
    free(experiment->categories);
    free(experiment->dir);
    *experiment = (okng_results){0};
}

char *okng_results_path(const okng_results *experiment, size_t category, const char *name)
{
    return path_of(experiment->dir, experiment->categories[category]->name, name);
}
