/* Sink: a folder for each result, which appears whole. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "line/kinds.h"
#include "line/result_files.h"

static const struct {
    const char *word;
    unsigned flag;
} savings[] = {{"scores", OKNG_WITH_SCORES},
               {"picture", OKNG_WITH_PICTURE},
               {"overlay", OKNG_WITH_OVERLAY},
               {"heat", OKNG_WITH_HEAT},
               {"mask", OKNG_WITH_MASK}};
enum { SAVINGS = sizeof savings / sizeof *savings };

static unsigned flag_of(const char *word)
{
    for (int i = 0; i < SAVINGS; i++)
        if (strcmp(savings[i].word, word) == 0) return savings[i].flag;
    return 0;
}

static unsigned wants(const okng_line_settings *settings)
{
    unsigned flags = 0;
    const char *word;
    for (size_t i = 0; (word = okng_line_word(settings, "save", i)); i++) flags |= flag_of(word);
    return flags;
}

static okng_status check(const okng_line_settings *settings, okng_error *error)
{
    const char *word;
    for (size_t i = 0; (word = okng_line_word(settings, "save", i)); i++)
        if (!flag_of(word))
            return okng_fail(error, OKNG_ERROR_ARGUMENT,
                             "save: found \"%.40s\", expected some of scores, picture, overlay, heat, mask", word);
    return OKNG_OK;
}

/* The settings are all that it needs. */
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

/* Which of what goes along is saved here: another sink may have asked for more. */
static bool is_saved(const okng_line_settings *settings, const char *name)
{
    const unsigned flags = wants(settings);
    if (strncmp(name, "picture", 7) == 0) return flags & OKNG_WITH_PICTURE;
    if (strcmp(name, "scores.json") == 0) return flags & OKNG_WITH_SCORES;
    if (strcmp(name, "overlay.png") == 0) return flags & OKNG_WITH_OVERLAY;
    if (strcmp(name, "heat_gray.png") == 0) return flags & OKNG_WITH_HEAT;
    return strcmp(name, "mask.png") == 0 && flags & OKNG_WITH_MASK;
}

static okng_status put_one(const char *from, const char *to, const char *name, okng_error *error)
{
    char *source = okng_path_join(from, name), *target = okng_path_join(to, name);
    const okng_status status =
        source && target ? okng_put_file(source, target, error) : okng_fail_memory(error, strlen(from) + strlen(to));
    free(source);
    free(target);
    return status;
}

static okng_status put_along(const okng_line_settings *settings, const okng_line_result *result, const char *folder,
                             okng_error *error)
{
    if (!result->folder) return OKNG_OK;
    DIR *dir = opendir(result->folder);
    if (!dir) return errno == ENOENT ? OKNG_OK : okng_fail_errno(error, "read the folder", result->folder);
    okng_status status = OKNG_OK;
    for (struct dirent *entry; status == OKNG_OK && (entry = readdir(dir));)
        if (is_saved(settings, entry->d_name)) status = put_one(result->folder, folder, entry->d_name, error);
    (void)closedir(dir);
    return status;
}

static okng_status fill(const okng_line_settings *settings, const okng_line_result *result, const char *folder,
                        okng_error *error)
{
    OKNG_TRY(okng_make_folders(folder, error));
    OKNG_TRY(put_along(settings, result, folder, error));
    char *path = okng_path_join(folder, "record.json");
    if (!path) return okng_fail_memory(error, strlen(folder));
    const okng_status status = okng_file_write(path, result->json, result->json_size, error);
    free(path);
    return status;
}

static void remove_folder(const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) (void)unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir) (void)closedir(dir);
    (void)rmdir(path);
}

/* Filled under a hidden name, which a kill may leave; the same result comes again then, and finishes it. */
static okng_status put_result(const okng_line_settings *settings, const okng_line_result *result, const char *hidden,
                              const char *final, okng_error *error)
{
    if (okng_is_folder(final)) { /* it came before, and was not acknowledged */
        remove_folder(hidden);
        return OKNG_OK;
    }
    OKNG_TRY(fill(settings, result, hidden, error));
    return rename(hidden, final) == 0 ? OKNG_OK : okng_fail_errno(error, "put in place", final);
}

static okng_status send_result(void *sink, const okng_line_result *result, okng_error *error)
{
    const okng_line_settings *settings = sink;
    char name[128], *folder = NULL, *hidden = NULL, *final = NULL;
    okng_file_name_of(result->record, true, name);
    OKNG_TRY(okng_sorted_folder(&folder, okng_line_text(settings, "path"), okng_line_text(settings, "sort"),
                                result->record, error));
    if (asprintf(&hidden, "%s/.%s.part", folder, result->record->id) < 0) hidden = NULL;
    if (asprintf(&final, "%s/%s.%s", folder, name, result->record->id) < 0) final = NULL;
    const okng_status status =
        hidden && final ? put_result(settings, result, hidden, final, error) : okng_fail_memory(error, strlen(folder));
    free(folder);
    free(hidden);
    free(final);
    return status;
}

/* clang-format off */
static const okng_line_key keys[] = {
    {.name = "path", .type = OKNG_LINE_PATH, .values = "FOLDER", .required = true, .help = N_("folder that results are put into")},
    {.name = "sort", .type = OKNG_LINE_CHOICE, .values = "day-verdict|day|verdict|none", .initial = "day-verdict",
     .help = N_("folders between: the day (UTC) and the verdict")},
    {.name = "save", .type = OKNG_LINE_WORDS, .values = "[scores, picture, overlay, heat, mask]", .initial = "scores\noverlay",
     .help = N_("files that go along with record.json")},
    {0},
};
/* clang-format on */

const okng_line_sink_kind okng_line_sink_files = {
    .name = "files",
    .summary = N_("a folder for each result"),
    .keys = keys,
    .delivery = OKNG_DELIVER_EVERY,
    .check = check,
    .open = open_sink,
    .wants = wants,
    .send = send_result,
    .close = close_sink,
};
