#include "data/samples.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "data/draw.h"
#include "data/listing.h"

struct okng_samples {
    okng_sample_list list;
    bool have_masks;
};

/* ---- what must hold ------------------------------------------------------------------------- */

static okng_status check_file(const char *path, const char *what, okng_error *error)
{
    struct stat info;
    if (stat(path, &info) != 0) return okng_fail_errno(error, what, path);
    if (!S_ISREG(info.st_mode))
        return okng_fail(error, OKNG_ERROR_IO, "%s: is no file, expected one to %s", path, what);
    if (access(path, R_OK) != 0) return okng_fail_errno(error, what, path);
    return OKNG_OK;
}

static okng_status check_files(const okng_sample_list *list, okng_error *error)
{
    for (size_t i = 0; i < list->count; i++) {
        const okng_sample *sample = &list->items[i];
        OKNG_TRY(check_file(sample->path, "read the picture", error));
        for (size_t m = 0; m < sample->mask_count; m++) OKNG_TRY(check_file(sample->masks[m], "read the mask", error));
    }
    return OKNG_OK;
}

/* Names become the paths of results, which must stay below their folder: "a/../b/./c" becomes "a/b/c". */
static void tidy_name(char *name)
{
    char *to = name;
    for (const char *from = name; *from;) {
        size_t length = strcspn(from, "/");
        bool plain =
            length > 0 && !(length == 1 && from[0] == '.') && !(length == 2 && from[0] == '.' && from[1] == '.');
        if (plain && to > name) *to++ = '/';
        if (plain) memmove(to, from, length);
        if (plain) to += length;
        from += length + (from[length] == '/');
    }
    *to = '\0';
}

/* Two names that are equal would be one result. The list is sorted. */
static okng_status check_names(const okng_sample_list *list, okng_error *error)
{
    for (size_t i = 1; i < list->count; i++)
        if (strcmp(list->items[i - 1].name, list->items[i].name) == 0)
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s and %s are the same picture, %s; name each once",
                             list->items[i - 1].path, list->items[i].path, list->items[i].name);
    return OKNG_OK;
}

static okng_status check_masks(okng_samples *samples, okng_error *error)
{
    const okng_sample *with = NULL, *without = NULL;
    for (size_t i = 0; i < samples->list.count; i++) {
        const okng_sample *sample = &samples->list.items[i];
        if (!sample->label) continue;
        if (sample->mask_count > 0 && !with) with = sample;
        if (sample->mask_count == 0 && !without) without = sample;
    }
    if (with && without)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                         "%s: no mask for its defect, while %s has one; give all bad pictures a mask, or none",
                         without->path, with->path);
    samples->have_masks = with != NULL;
    return OKNG_OK;
}

/* A mask, and a sample that has it. */
typedef struct owner {
    const char *mask;
    const okng_sample *sample;
} owner;

static int by_mask(const void *a, const void *b)
{
    const owner *x = a, *y = b;
    int order = strcmp(x->mask, y->mask);
    return order != 0 ? order : strcmp(x->sample->name, y->sample->name);
}

/* One mask that was found for two pictures (0.png and 0.bmp, a/0.png and b/0.png) is wrong for one of them. */
static okng_status check_owners(const okng_sample_list *list, okng_error *error)
{
    size_t count = 0, used = 0;
    for (size_t i = 0; i < list->count; i++) count += list->items[i].mask_count;
    owner *owners = okng_alloc(count, sizeof *owners);
    if (!owners) return okng_fail_memory(error, count * sizeof *owners);
    for (size_t i = 0; i < list->count; i++)
        for (size_t m = 0; m < list->items[i].mask_count; m++)
            owners[used++] = (owner){list->items[i].masks[m], &list->items[i]};
    qsort(owners, used, sizeof *owners, by_mask);
    okng_status status = OKNG_OK;
    for (size_t i = 1; i < used && status == OKNG_OK; i++)
        if (strcmp(owners[i - 1].mask, owners[i].mask) == 0)
            status = okng_fail(error, OKNG_ERROR_FORMAT,
                               "%s: is found as the mask of two pictures, %s and %s; give each one of its own, or name "
                               "them in a table (data set csv)",
                               owners[i].mask, owners[i - 1].sample->path, owners[i].sample->path);
    free(owners);
    return status;
}

static okng_status check_filled(const okng_sample_list *list, const okng_source *source, const char *category,
                                okng_error *error)
{
    static const char *const what[] = {"good pictures to learn", NULL, "pictures to test"};
    for (int split = OKNG_SPLIT_TRAIN; split <= OKNG_SPLIT_TEST; split++) {
        bool found = !what[split];
        for (size_t i = 0; i < list->count && !found; i++) found = (int)list->items[i].split == split;
        if (!found)
            return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: category %s has no %s", source->root, category,
                             what[split]);
    }
    return OKNG_OK;
}

/* ---- the list ------------------------------------------------------------------------------- */

okng_status okng_samples_list(okng_samples **out, const okng_layout *layout, const okng_source *source,
                              const char *category, okng_error *error)
{
    okng_samples *samples = calloc(1, sizeof *samples);
    if (!samples) return okng_fail_memory(error, sizeof *samples);
    okng_sample_list *list = &samples->list;
    okng_status status = layout->samples(source, category, list, error);
    if (status == OKNG_OK) status = check_filled(list, source, category, error);
    for (size_t i = 0; i < list->count; i++) tidy_name((char *)list->items[i].name);
    if (status == OKNG_OK) okng_sample_list_sort(list);
    if (status == OKNG_OK) status = check_names(list, error);
    if (status == OKNG_OK) status = check_files(list, error);
    if (status == OKNG_OK) status = check_masks(samples, error);
    if (status == OKNG_OK && !layout->masks_may_be_shared) status = check_owners(list, error);
    if (status == OKNG_OK) status = okng_draw_splits(list, source->options, category, error);
    if (status != OKNG_OK) okng_samples_free(&samples);
    *out = samples;
    return status;
}

size_t okng_samples_count(const okng_samples *samples)
{
    return samples ? samples->list.count : 0;
}

const okng_sample *okng_samples_get(const okng_samples *samples, size_t i)
{
    return samples && i < samples->list.count ? &samples->list.items[i] : NULL;
}

int32_t okng_samples_have_masks(const okng_samples *samples)
{
    return samples && samples->have_masks;
}

void okng_samples_free(okng_samples **samples)
{
    if (!samples || !*samples) return;
    okng_sample_list_free(&(*samples)->list);
    free(*samples);
    *samples = NULL;
}
