/* Sink: the history (SQLite), the server's own or one of the line's. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "history/history.h"
#include "line/kinds.h"
#include "line/line.h"

enum { MAX_PICTURE = 256 << 20 };

typedef struct history_sink {
    okng_history *own, *history; /* own: NULL where it is the server's */
} history_sink;

static unsigned wants(const okng_line_settings *settings)
{
    return okng_line_flag(settings, "pictures") ? OKNG_WITH_PICTURE | OKNG_WITH_OVERLAY | OKNG_WITH_HEAT : 0;
}

static void close_sink(void **out)
{
    history_sink *sink = *out;
    if (!sink) return;
    okng_history_close(&sink->own);
    free(sink);
    *out = NULL;
}

static okng_status open_own(history_sink *sink, const okng_line_settings *settings, okng_error *error)
{
    okng_history_options options;
    okng_history_options_init(&options);
    options.folder = okng_line_text(settings, "path");
    options.days = (int32_t)okng_line_integer(settings, "days");
    options.max_bytes = (uint64_t)okng_line_integer(settings, "size") << 20;
    OKNG_TRY(okng_history_open(&sink->own, &options, error));
    sink->history = sink->own;
    return OKNG_OK;
}

static okng_status ready(const okng_line_settings *settings, okng_error *error)
{
    if (okng_line_has(settings, "path")) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "there is no history of a server here: name a folder by the key \"path\"");
}

static okng_status open_sink(void **out, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    history_sink *sink = calloc(1, sizeof *sink);
    *out = sink;
    if (!sink) return okng_fail_memory(error, sizeof *sink);
    sink->history = okng_line_history(line);
    okng_status status = OKNG_OK;
    if (okng_line_has(settings, "path"))
        status = open_own(sink, settings, error);
    else if (!sink->history)
        status = ready(settings, error);
    if (status != OKNG_OK) close_sink(out);
    return status;
}

/* Which kept picture a file of the result is; 0: none. */
static unsigned kind_of(const char *name)
{
    if (strcmp(name, "overlay.png") == 0) return OKNG_KEPT_OVERLAY;
    if (strcmp(name, "heat_gray.png") == 0) return OKNG_KEPT_HEAT;
    return strncmp(name, "picture", 7) == 0 ? OKNG_KEPT_PICTURE : 0;
}

typedef struct pictures {
    okng_history_picture list[3];
    size_t count;
} pictures;

static okng_status read_one(pictures *all, const char *folder, const char *name, okng_error *error)
{
    void *data = NULL;
    size_t size = 0;
    const unsigned kind = kind_of(name);
    if (!kind || all->count == sizeof all->list / sizeof *all->list) return OKNG_OK;
    char *path = okng_path_join(folder, name);
    if (!path) return okng_fail_memory(error, strlen(folder));
    const okng_status status = okng_file_read(path, MAX_PICTURE, &data, &size, error);
    free(path);
    if (status != OKNG_OK) return status;
    all->list[all->count++] = (okng_history_picture){.kind = kind, .data = data, .size = size};
    return OKNG_OK;
}

static okng_status read_pictures(pictures *all, const char *folder, okng_error *error)
{
    okng_status status = OKNG_OK;
    DIR *dir = folder ? opendir(folder) : NULL;
    for (struct dirent *entry; dir && status == OKNG_OK && (entry = readdir(dir));)
        status = read_one(all, folder, entry->d_name, error);
    if (dir) (void)closedir(dir);
    return status;
}

static okng_status send_result(void *handle, const okng_line_result *result, okng_error *error)
{
    const history_sink *sink = handle;
    okng_record record = *result->record; /* the history notes in it what it kept */
    pictures all = {0};
    okng_status status = OKNG_OK;
    if (okng_history_keeps(sink->history, record.outcome)) status = read_pictures(&all, result->folder, error);
    if (status == OKNG_OK) status = okng_history_add(sink->history, &record, all.list, all.count, 5, error);
    for (size_t i = 0; i < all.count; i++) free((void *)all.list[i].data);
    return status;
}

/* clang-format off */
static const okng_line_key keys[] = {
    {.name = "path", .type = OKNG_LINE_PATH, .values = "FOLDER", .help = N_("folder of the history; inside okng serve that of the server, unless given")},
    {.name = "pictures", .type = OKNG_LINE_FLAG, .values = "true|false", .initial = "true", .help = N_("keeps pictures of parts that are NG or to be reviewed")},
    {.name = "days", .type = OKNG_LINE_INTEGER, .values = "DAYS", .initial = "365", .low = 0, .high = 36500, .help = N_("of a history of the line's own: older inspections go; 0: none")},
    {.name = "size", .type = OKNG_LINE_INTEGER, .values = "MEBIBYTES", .initial = "10240", .low = 0, .high = 1 << 24, .help = N_("of a history of the line's own: the oldest go beyond it; 0: none")},
    {0},
};
/* clang-format on */

const okng_line_sink_kind okng_line_sink_history = {
    .name = "history",
    .summary = N_("the history, which okng log reads"),
    .keys = keys,
    .delivery = OKNG_DELIVER_EVERY,
    .ready = ready,
    .open = open_sink,
    .wants = wants,
    .send = send_result,
    .close = close_sink,
};
