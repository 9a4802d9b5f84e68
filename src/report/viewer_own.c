/* Whose the files of a page are: okng replaces and removes only what okng wrote. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "report/page.h"
#include "report/viewer_parts.h"

enum { BEGIN = 1024 }; /* bytes that are looked at */

/* Whether the file begins with what okng writes there: `mark` at its start, or anywhere in its first bytes. What cannot
 * be read is not okng's. Takes no memory: a refusal must not depend on it. */
static bool has_mark(const char *path, const char *mark, bool at_start)
{
    char begin[BEGIN];
    struct stat info;
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) return false;
    ssize_t size = fstat(file, &info) == 0 && S_ISREG(info.st_mode) ? read(file, begin, sizeof begin) : -1;
    (void)close(file);
    if (size < (ssize_t)strlen(mark)) return false;
    const char *found = memmem(begin, (size_t)size, mark, strlen(mark));
    return at_start ? found == begin : found != NULL;
}

static okng_status need_own(const char *path, const char *mark, bool at_start, okng_error *error)
{
    struct stat info;
    if (lstat(path, &info) != 0 || has_mark(path, mark, at_start)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s: is there and not of okng's making, so it may be somebody's, and a page would take its place; "
                     "move it, or give another folder",
                     path);
}

okng_status okng_viewer_need_own(const char *dir, const char *stem, okng_error *error)
{
    char *beside = okng_path_join(dir, stem), *page = NULL, *data = NULL;
    if (!beside || asprintf(&page, "%s.html", beside) < 0) page = NULL;
    if (!beside || asprintf(&data, "%s_files/data.js", beside) < 0) data = NULL;
    okng_status status = page && data ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK) status = need_own(page, OKNG_PAGE_GENERATOR, false, error);
    if (status == OKNG_OK) status = need_own(data, OKNG_VIEWER_DATA, true, error);
    free(data);
    free(page);
    free(beside);
    return status;
}
