#include "inspect/names.h"

#include <stdlib.h>
#include <string.h>

#include "inspect/result.h"

typedef struct name {
    char *text;
    const char *full; /* the relative path of the picture */
    bool clash;
} name;

static int by_text(const void *a, const void *b)
{
    const name *const *first = a, *const *second = b;
    return strcmp((*first)->text, (*second)->text);
}

/* Is the last part of a folder's name that of a file which may lie beside it? "x/mask.png" is both a result of x.jpg
 * and the folder for x/mask.png.jpg. */
static bool is_in_the_way(const char *folder)
{
    const char *slash = strrchr(folder, '/');
    static const char *const tops[] = {OKNG_RESULTS_FILE, OKNG_RUN_FILE, "report.html", "report_files"};
    for (size_t i = 0; i < sizeof tops / sizeof tops[0]; i++)
        if (strcmp(folder, tops[i]) == 0) return true;
    return okng_is_result_file(slash ? slash + 1 : folder);
}

/* Marks names that are there twice, and those that would stand in the way of a file. */
static void find_clashes(name **sorted, size_t count)
{
    qsort(sorted, count, sizeof *sorted, by_text);
    for (size_t i = 0; i < count; i++) {
        bool before = i > 0 && strcmp(sorted[i]->text, sorted[i - 1]->text) == 0;
        bool after = i + 1 < count && strcmp(sorted[i]->text, sorted[i + 1]->text) == 0;
        sorted[i]->clash = before || after || is_in_the_way(sorted[i]->text);
    }
}

/* Gives clashing names their ending back; false when there was none to give. A name with its ending may clash with a
 * third one, so this is repeated; full names are all different. */
static bool keep_endings(name **sorted, size_t count)
{
    bool changed = false;
    for (size_t i = 0; i < count; i++) {
        if (!sorted[i]->clash || strcmp(sorted[i]->text, sorted[i]->full) == 0) continue;
        strcpy(sorted[i]->text, sorted[i]->full); /* it was made with room for it */
        changed = true;
    }
    return changed;
}

/* Cuts the ending off the last part of a path, where that leaves the name of a folder. */
static void cut_ending(char *path)
{
    char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path, *dot = strrchr(last, '.');
    if (dot && strspn(last, ".") < (size_t)(dot - last)) *dot = '\0'; /* not ".png", nor "..png" */
}

char **okng_result_folders(const char *const *paths, size_t count)
{
    size_t made = 0;
    name *names = calloc(count, sizeof *names), **sorted = calloc(count, sizeof *sorted);
    char **folders = calloc(count, sizeof *folders);
    for (; names && sorted && folders && made < count; made++) {
        folders[made] = strdup(paths[made]);
        if (!folders[made]) break;
        names[made] = (name){.text = folders[made], .full = paths[made]};
        cut_ending(folders[made]);
        sorted[made] = &names[made];
    }
    if (made == count) do
            find_clashes(sorted, count);
        while (keep_endings(sorted, count));
    free(names);
    free(sorted);
    if (made == count) return folders;
    okng_result_folders_free(&folders, made);
    return NULL;
}

void okng_result_folders_free(char ***folders, size_t count)
{
    for (size_t i = 0; *folders && i < count; i++) free((*folders)[i]);
    free(*folders);
    *folders = NULL;
}
