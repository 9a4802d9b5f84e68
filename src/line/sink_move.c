/* Sink: moves the file that a picture was read from. What is moved is what was inspected: its sum is that of the
 * record. A file that was replaced meanwhile goes back, so that it is never found among parts that are OK. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "line/kinds.h"
#include "line/result_files.h"

static okng_status open_sink(void **sink, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    (void)line;
    *sink = (void *)settings;
    return okng_make_folders(okng_line_text(settings, "path"), error);
}

static void close_sink(void **sink)
{
    *sink = NULL;
}

/* Takes the file out of the folder where others may replace it; `hidden` is on the target's file system. */
static okng_status take_away(const char *path, const char *hidden, okng_error *error)
{
    struct stat before, after;
    if (rename(path, hidden) == 0) return OKNG_OK;
    if (errno == ENOENT)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: the file is not there any more, and was not moved", path);
    if (errno != EXDEV) return okng_fail_errno(error, "move", path);
    if (stat(path, &before) != 0) return okng_fail_errno(error, "look at", path);
    OKNG_TRY(okng_put_file(path, hidden, error)); /* a copy: link() cannot lead to another file system */
    OKNG_TRY(okng_flush_to_disk(hidden, error));
    const bool same = stat(path, &after) == 0 && before.st_size == after.st_size && before.st_ino == after.st_ino &&
                      before.st_mtim.tv_sec == after.st_mtim.tv_sec && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec;
    if (same && unlink(path) == 0) return OKNG_OK;
    (void)unlink(hidden);
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: the file changed while it was moved, and stays", path);
}

/* A file that is another one than was inspected. */
static okng_status give_back(const char *hidden, const char *path, okng_error *error)
{
    if (renameat2(AT_FDCWD, hidden, AT_FDCWD, path, RENAME_NOREPLACE) != 0 && errno == EXDEV &&
        access(path, F_OK) != 0 && okng_put_file(hidden, path, error) == OKNG_OK)
        (void)unlink(hidden);
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: the file is another one than was inspected, and stays", path);
}

static okng_status move_file(const okng_line_result *result, const char *hidden, const char *final, okng_error *error)
{
    char sum[OKNG_HASH_TEXT];
    if (access(final, F_OK) == 0) return OKNG_OK; /* it came before, and was not acknowledged */
    if (access(hidden, F_OK) != 0) OKNG_TRY(take_away(result->path, hidden, error));
    OKNG_TRY(okng_file_sha256(hidden, sum, error));
    if (strcmp(sum, result->record->picture_hash) != 0) return give_back(hidden, result->path, error);
    return rename(hidden, final) == 0 ? OKNG_OK : okng_fail_errno(error, "put in place", final);
}

static okng_status move_into(const char *folder, const okng_line_result *result, okng_error *error)
{
    char name[128], *hidden = NULL, *final = NULL;
    OKNG_TRY(okng_make_folders(folder, error));
    okng_file_name_of(result->record, false, name);
    if (asprintf(&hidden, "%s/.%s.part", folder, result->record->id) < 0) hidden = NULL;
    if (asprintf(&final, "%s/%s.%s", folder, result->record->id, name) < 0) final = NULL;
    const okng_status status =
        hidden && final ? move_file(result, hidden, final, error) : okng_fail_memory(error, strlen(folder));
    free(hidden);
    free(final);
    return status;
}

static okng_status send_result(void *sink, const okng_line_result *result, okng_error *error)
{
    const okng_line_settings *settings = sink;
    char *folder = NULL;
    if (!*result->path || !*result->record->picture_hash) return OKNG_OK; /* of a camera: there is nothing to move */
    OKNG_TRY(okng_sorted_folder(&folder, okng_line_text(settings, "path"), okng_line_text(settings, "sort"),
                                result->record, error));
    const okng_status status = move_into(folder, result, error);
    free(folder);
    return status;
}

/* clang-format off */
static const okng_line_key keys[] = {
    {.name = "path", .type = OKNG_LINE_PATH, .values = "FOLDER", .required = true, .help = N_("folder that files are moved into")},
    {.name = "sort", .type = OKNG_LINE_CHOICE, .values = "day-verdict|day|verdict|none", .initial = "verdict",
     .help = N_("folders between: the day (UTC) and the verdict")},
    {0},
};
/* clang-format on */

const okng_line_sink_kind okng_line_sink_move = {
    .name = "move",
    .summary = N_("moves the file that a picture was read from"),
    .keys = keys,
    .delivery = OKNG_DELIVER_EVERY,
    .open = open_sink,
    .send = send_result,
    .close = close_sink,
};
