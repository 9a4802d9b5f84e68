/* Kept pictures: files below the folder of pictures, in a folder for each day. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "history/inside.h"

/* What a picture is by its first bytes; files are named by it, so that any program shows them. */
static const char *ending_of(const okng_history_picture *picture)
{
    static const struct {
        const char *begin, *ending;
        size_t size;
    } kinds[] = {{"\x89PNG", "png", 4}, {"\xff\xd8\xff", "jpg", 3}, {"BM", "bmp", 2},  {"II*\0", "tif", 4},
                 {"MM\0*", "tif", 4},   {"RIFF", "webp", 4},        {"GIF8", "gif", 4}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (picture->size > kinds[i].size && memcmp(picture->data, kinds[i].begin, kinds[i].size) == 0)
            return kinds[i].ending;
    const char *bytes = picture->data;
    return picture->size > 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '7' ? "pnm" : "bin";
}

static const char *kind_name(unsigned kind)
{
    switch (kind) {
    case OKNG_KEPT_PICTURE:
        return "picture";
    case OKNG_KEPT_OVERLAY:
        return "overlay";
    case OKNG_KEPT_HEAT:
        return "heat";
    default:
        return NULL;
    }
}

okng_status okng_picture_name(const okng_record *record, const okng_history_picture *picture,
                              char name[OKNG_PICTURE_NAME], okng_error *error)
{
    char time[32];
    const char *kind = kind_name(picture->kind);
    if (!kind) return okng_fail(error, OKNG_ERROR_ARGUMENT, "%u is no kind of picture that is kept", picture->kind);
    (void)snprintf(name, OKNG_PICTURE_NAME, "%.10s/%s-%s.%s", okng_time_text(record->time, time), record->id, kind,
                   ending_of(picture));
    return OKNG_OK;
}

okng_status okng_picture_write(const okng_history *history, const char *name, const okng_history_picture *picture,
                               bool *was_there, okng_error *error)
{
    char *path = okng_path_join(history->pictures, name);
    if (!path) return okng_fail_memory(error, strlen(name));
    *was_there = access(path, F_OK) == 0;
    okng_status status = okng_make_parent(path, error);
    if (status == OKNG_OK) status = okng_file_write_remakable(path, picture->data, picture->size, error);
    /* Nobody can make it again, as an overlay or a heat map; each flush costs as much as the record itself. */
    if (status == OKNG_OK && picture->kind == OKNG_KEPT_PICTURE) status = okng_flush_to_disk(path, error);
    free(path);
    return status;
}

okng_status okng_picture_flush_name(const okng_history *history, const char *name, okng_error *error)
{
    char *path = okng_path_join(history->pictures, name);
    if (!path) return okng_fail_memory(error, strlen(name));
    okng_status status = okng_flush_parent(path, error);
    free(path);
    return status;
}

void okng_picture_remove(const okng_history *history, const char *name)
{
    char *path = okng_path_join(history->pictures, name);
    if (path) (void)unlink(path);
    free(path);
}

bool okng_picture_name_is_ours(const char *name)
{
    enum { DAY = 10 };
    return strlen(name) > DAY + OKNG_RECORD_ID && strspn(name, "0123456789-") == DAY && name[DAY] == '/' &&
           strspn(name + DAY + 1, "0123456789abcdef") == OKNG_RECORD_ID - 1 && name[DAY + OKNG_RECORD_ID] == '-' &&
           strspn(name + DAY + OKNG_RECORD_ID, "abcdefghijklmnopqrstuvwxyz-.") == strlen(name + DAY + OKNG_RECORD_ID);
}
