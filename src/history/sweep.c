/* Pictures that no row names: what was killed between a picture and its row left them. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "history/inside.h"

enum { YOUNG_SECONDS = 3600 }; /* a younger file may be of a record that is being written */

/* Whether a row names it; where that cannot be told, one does. */
static bool is_named(okng_database *database, const char *name)
{
    sqlite3_stmt *statement;
    bool row = true;
    if (okng_database_statement(database, "SELECT 1 FROM kept WHERE file = ?1", &statement, NULL) != OKNG_OK)
        return true;
    (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    const bool known = okng_database_step(database, statement, &row, NULL) == OKNG_OK;
    (void)sqlite3_reset(statement);
    return row || !known;
}

/* By the clock of the file system, which gave both times. */
static bool is_young(const struct stat *info, int64_t now)
{
    return (int64_t)info->st_mtime > now - YOUNG_SECONDS;
}

static void sweep_day(okng_history *history, const char *day)
{
    struct stat info;
    char *folder = okng_path_join(history->pictures, day);
    DIR *files = folder ? opendir(folder) : NULL;
    const int64_t now = history->watch.clock->wall() / 1000000;
    for (const struct dirent *entry; files && (entry = readdir(files));) {
        char name[OKNG_PICTURE_NAME];
        if (snprintf(name, sizeof name, "%s/%s", day, entry->d_name) >= (int)sizeof name) continue;
        if (!okng_picture_name_is_ours(name) || fstatat(dirfd(files), entry->d_name, &info, 0) != 0) continue;
        if (is_young(&info, now) || is_named(&history->database, name)) continue;
        (void)unlinkat(dirfd(files), entry->d_name, 0);
    }
    if (files) (void)closedir(files);
    /* Where it is empty; not one that a picture is about to come into. */
    if (folder && stat(folder, &info) == 0 && !is_young(&info, now)) (void)rmdir(folder);
    free(folder);
}

bool okng_sweep_tick(okng_history *history)
{
    if (history->swept) return false;
    if (!history->days) history->days = opendir(history->pictures);
    const struct dirent *entry = history->days ? readdir(history->days) : NULL;
    if (!entry) {
        okng_sweep_stop(history);
        history->swept = true; /* once after each start */
        return false;
    }
    if (strlen(entry->d_name) == strlen("2026-11-28") && entry->d_name[0] != '.') sweep_day(history, entry->d_name);
    return true;
}

void okng_sweep_stop(okng_history *history)
{
    if (history->days) (void)closedir(history->days);
    history->days = NULL;
}
