/* Folders that okng fills and empties again: only with what it wrote. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { DEEPEST = 64 };

/* How a tree is gone through. */
typedef struct walk {
    okng_own_fn *is_own;
    bool removes;      /* else only looks */
    const char *apart; /* a folder right in it that is not looked into; NULL: none */
} walk;

bool okng_is_of_file_manager(const char *name)
{
    static const char *const names[] = {".DS_Store", "Thumbs.db", "desktop.ini"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(name, names[i]) == 0) return true; /* Windows' are written in more than one way */
    return false;
}

const char *okng_companion_of(const char *name)
{
    return strncmp(name, "._", 2) == 0 && name[2] ? name + 2 : NULL;
}

/* Whether it is a file that okng writes, what it had not finished of one, or what comes with these by itself. */
static bool is_ours(const char *name, okng_own_fn *is_own)
{
    const char *whose = okng_companion_of(name);
    if (whose) name = whose;
    if (okng_is_of_file_manager(name)) return true;
    static const char mark[] = ".okng-tmp";
    const char *end = name[0] == '.' ? strstr(name, mark) : NULL;
    if (end && !end[sizeof mark - 1 + strspn(end + sizeof mark - 1, "0123456789")]) return true;
    return is_own(name);
}

static okng_status visit(const walk *w, const char *path, int depth, okng_error *error);

static okng_status visit_entry(const walk *w, const char *folder, int descriptor, const char *name, int depth,
                               okng_error *error)
{
    struct stat info;
    if (fstatat(descriptor, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? OKNG_OK : okng_fail_errno(error, "look into", folder);
    if (S_ISDIR(info.st_mode) && depth == 0 && w->apart && strcmp(name, w->apart) == 0) return OKNG_OK;
    if (S_ISDIR(info.st_mode) && depth < DEEPEST) {
        char *below = okng_path_join(folder, name);
        okng_status status =
            below ? visit(w, below, depth + 1, error) : okng_fail_memory(error, strlen(folder) + strlen(name));
        free(below);
        return status;
    }
    if (!S_ISREG(info.st_mode) || !is_ours(name, w->is_own))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%s: holds \"%s\", which okng has not written and which would be lost; move it away, or give "
                         "another folder",
                         folder, name);
    if (!w->removes || unlinkat(descriptor, name, 0) == 0 || errno == ENOENT) return OKNG_OK;
    return okng_fail_errno(error, "remove a file in", folder);
}

static okng_status visit(const walk *w, const char *path, int depth, okng_error *error)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT) return OKNG_OK;
    if (descriptor < 0 && (errno == ENOTDIR || errno == ELOOP))
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "%s: is a file or a link where okng needs a folder of its own, and would be lost; move it away", path);
    DIR *entries = descriptor >= 0 ? fdopendir(descriptor) : NULL;
    if (!entries) {
        okng_status status = okng_fail_errno(error, "look into", path);
        if (descriptor >= 0) (void)close(descriptor);
        return status;
    }
    okng_status status = OKNG_OK;
    for (const struct dirent *entry; status == OKNG_OK && (entry = readdir(entries));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = visit_entry(w, path, descriptor, entry->d_name, depth, error);
    (void)closedir(entries);
    if (status == OKNG_OK && w->removes && rmdir(path) != 0 && errno != ENOENT)
        status = okng_fail_errno(error, "remove", path);
    return status;
}

okng_status okng_check_own(const char *path, okng_own_fn *is_own, okng_error *error)
{
    return okng_check_own_but(path, NULL, is_own, error);
}

okng_status okng_check_own_but(const char *path, const char *apart, okng_own_fn *is_own, okng_error *error)
{
    const walk look = {is_own, false, apart};
    return visit(&look, path, 0, error);
}

okng_status okng_remove_own(const char *path, okng_own_fn *is_own, okng_error *error)
{
    const walk removal = {is_own, true, NULL};
    OKNG_TRY(okng_check_own(path, is_own, error));
    return visit(&removal, path, 0, error);
}
