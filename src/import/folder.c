#include "import/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- prefixes -----------------------------------------------------------------------------------------------------
 */

/* The bytes before the parameters' file name; -1 when it is another file. */
static int prefix_length(const char *name)
{
    size_t length = strlen(name), suffix = strlen(OKNG_IMPORT_PARAMS_FILE);
    return length >= suffix && strcmp(name + length - suffix, OKNG_IMPORT_PARAMS_FILE) == 0 ? (int)(length - suffix)
                                                                                            : -1;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static okng_status list_prefixes(okng_prefixes *found, const char *folder, okng_error *error)
{
    DIR *entries = opendir(folder);
    if (!entries) return okng_fail_errno(error, "read the folder", folder);
    okng_status status = OKNG_OK;
    for (struct dirent *entry; status == OKNG_OK && (entry = readdir(entries));) {
        int length = prefix_length(entry->d_name);
        if (length < 0) continue;
        if (length >= OKNG_NAME_MAX || found->count == OKNG_ENSEMBLE_MAX)
            status = okng_fail(error, OKNG_ERROR_LIMIT,
                               "%s: more than %d models, or \"%s\" is longer than a name may be; give one as "
                               "prepend",
                               folder, OKNG_ENSEMBLE_MAX, entry->d_name);
        else
            (void)snprintf(found->names[found->count++], OKNG_NAME_MAX, "%.*s", length, entry->d_name);
    }
    (void)closedir(entries);
    qsort(found->names, found->count, sizeof found->names[0], by_name);
    return status;
}

/* i and n of "Ensemble-i-n_". */
static bool parse_member(const char *name, unsigned *i, unsigned *n)
{
    int used = 0;
    return sscanf(name, "Ensemble-%3u-%3u_%n", i, n, &used) == 2 && used > 0 && name[used] == '\0';
}

static void list_names(const okng_prefixes *found, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < found->count && used < size; i++) {
        int more = snprintf(text + used, size - used, "%s\"%s\"", i > 0 ? ", " : "", found->names[i]);
        used += more > 0 ? (size_t)more : 0;
    }
}

/* All members of one ensemble, in order. */
static okng_status order_members(const okng_prefixes *found, okng_prefixes *prefixes, const char *folder,
                                 okng_error *error)
{
    char names[512];
    unsigned first = 0, count = 0;
    list_names(found, names, sizeof names);
    if (!parse_member(found->names[0], &first, &count))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: holds several models, %s; give one as prepend", folder,
                         names);
    if (count > OKNG_ENSEMBLE_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: an ensemble of %u members, expected at most %d", folder, count,
                         OKNG_ENSEMBLE_MAX);
    prefixes->count = count;
    for (unsigned wanted = 1; wanted <= count; wanted++) {
        unsigned i = 0, n = 0;
        size_t k = 0;
        while (k < found->count && !(parse_member(found->names[k], &i, &n) && i == wanted && n == count)) k++;
        if (k == found->count)
            return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                             "%s: member %u of %u of the ensemble, Ensemble-%u-%u_" OKNG_IMPORT_PARAMS_FILE
                             ", is missing; there are %s",
                             folder, wanted, count, wanted, count, names);
        memcpy(prefixes->names[wanted - 1], found->names[k], OKNG_NAME_MAX);
    }
    if (found->count == count) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: holds more than one ensemble, %s; give one as prepend", folder,
                     names);
}

okng_status okng_prefixes_find(okng_prefixes *prefixes, const char *folder, const char *prepend, okng_error *error)
{
    *prefixes = (okng_prefixes){.count = 1};
    if (!okng_is_folder(folder))
        return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                         "%s: there is no such folder; expected one that patchcore-inspection saved a model in",
                         folder);
    if (prepend) {
        if (strlen(prepend) >= OKNG_NAME_MAX || strchr(prepend, '/'))
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "prepend \"%.80s\": expected the beginning of a file's name",
                             prepend);
        (void)snprintf(prefixes->names[0], OKNG_NAME_MAX, "%s", prepend);
        return OKNG_OK;
    }
    okng_prefixes found = {0};
    unsigned i, n;
    OKNG_TRY(list_prefixes(&found, folder, error));
    if (found.count == 0)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                         "%s: holds no " OKNG_IMPORT_PARAMS_FILE
                         "; expected a folder that patchcore-inspection saved a model in",
                         folder);
    if (found.count > 1 || parse_member(found.names[0], &i, &n)) return order_members(&found, prefixes, folder, error);
    *prefixes = found;
    return OKNG_OK;
}

okng_status okng_is_inspection_model(const char *folder, bool *is, okng_error *error)
{
    *is = false;
    DIR *entries = opendir(folder);
    if (!entries) return errno == ENOMEM ? okng_fail_errno(error, "read the folder", folder) : OKNG_OK;
    for (struct dirent *entry; !*is && (entry = readdir(entries));) *is = prefix_length(entry->d_name) >= 0;
    (void)closedir(entries);
    return OKNG_OK;
}
