/* Results lie apart from the pictures of the data set, which takes all that lies in its folders. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "experiment/run.h"

/* Length of the folder that a picture or mask at `path` belongs to: the first part of names below the sample's category
 * ("tile/test" of "tile/test/crack/000.png", where the name is "test/crack/000.png"). 0 where there is none, as of a
 * picture beside the folders, or of a mask somewhere else. */
static size_t folder_length(const okng_sample *sample, const char *path)
{
    size_t whole = strlen(sample->path), name = strlen(sample->name);
    if (name >= whole || strcmp(sample->path + whole - name, sample->name) != 0) return 0;
    size_t above = whole - name;
    const char *slash = strncmp(path, sample->path, above) == 0 ? strchr(path + above, '/') : NULL;
    return slash ? (size_t)(slash - path) : 0;
}

/* `out` is the folder of the results, `folder` its real place; `last` the folder that was looked at before, and becomes
 * this one. */
static okng_status check_file(const char *out, const char *folder, const okng_sample *sample, const char *path,
                              char **last, okng_error *error)
{
    size_t length = folder_length(sample, path);
    if (length == 0 || (*last && strlen(*last) == length && strncmp(*last, path, length) == 0)) return OKNG_OK;
    free(*last);
    *last = strndup(path, length);
    if (!*last) return okng_fail_memory(error, length + 1);
    char *real;
    OKNG_TRY(okng_real_path(&real, *last, error));
    bool inside = real && okng_path_inside(folder, real);
    free(real);
    if (!inside) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_ARGUMENT,
        "the experiment's folder %s lies in %s, a folder of the data set's pictures, where results would be "
        "taken for pictures the next time; give another output root",
        out, *last);
}

static okng_status check_samples(const char *out, const char *folder, const okng_samples *samples, okng_error *error)
{
    char *pictures = NULL, *masks = NULL;
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < okng_samples_count(samples) && status == OKNG_OK; i++) {
        const okng_sample *sample = okng_samples_get(samples, i);
        status = check_file(out, folder, sample, sample->path, &pictures, error);
        for (size_t m = 0; m < sample->mask_count && status == OKNG_OK; m++)
            status = check_file(out, folder, sample, sample->masks[m], &masks, error);
    }
    free(pictures);
    free(masks);
    return status;
}

/* Every category counts where results come below the root, also those that are not asked for this time; else the others
 * need not be listed. */
static okng_status open_all(okng_dataset **all, const okng_run *run, const char *folder, okng_error *error)
{
    const okng_experiment_config *config = run->config;
    char *root;
    *all = NULL;
    OKNG_TRY(okng_real_path(&root, config->root, error));
    bool below = root && okng_path_inside(folder, root);
    free(root);
    if (!below) return OKNG_OK;
    okng_dataset_options options = config->data;
    (void)strcpy(options.categories, "all");
    options.k_shot = 0;
    return okng_dataset_open(all, config->dataset, config->root, &options, error);
}

static okng_status check_categories(const okng_run *run, const okng_dataset *dataset, const char *folder,
                                    okng_error *error)
{
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < okng_dataset_category_count(dataset) && status == OKNG_OK; i++) {
        okng_samples *samples = NULL;
        okng_error why;
        okng_status listed = okng_samples_open(&samples, dataset, okng_dataset_category(dataset, i), &why);
        if (listed == OKNG_OK)
            status = check_samples(run->folder, folder, samples, error);
        else if (listed == OKNG_ERROR_MEMORY) /* what else is wrong the category tells when its turn comes */
            status = okng_fail(error, listed, "%s", why.message);
        okng_samples_free(&samples);
    }
    return status;
}

okng_status okng_run_need_apart(const okng_run *run, okng_error *error)
{
    okng_dataset *all = NULL;
    char *folder = okng_path_to_be(run->folder);
    if (!folder) return okng_fail_errno(error, "find the place of", run->folder);
    okng_status status = open_all(&all, run, folder, error);
    if (status == OKNG_OK) status = check_categories(run, all ? all : run->dataset, folder, error);
    okng_dataset_close(&all);
    free(folder);
    return status;
}
