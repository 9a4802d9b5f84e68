#include "base/file_known.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/xxh64.h"

#define ENDING ".known"

enum { DIGITS = 64, LINE = 512 };

/* One line: what the file was, then its SHA-256. */
static void describe(const struct stat *file, const char *path, char line[LINE])
{
    (void)snprintf(line, LINE, "okng-known 1 %016" PRIx64 " %ju %ju %jd %jd.%09ld %jd.%09ld ",
                   okng_xxh64(path, strlen(path)), (uintmax_t)file->st_dev, (uintmax_t)file->st_ino,
                   (intmax_t)file->st_size, (intmax_t)file->st_mtim.tv_sec, file->st_mtim.tv_nsec,
                   (intmax_t)file->st_ctim.tv_sec, file->st_ctim.tv_nsec);
}

/* Of a file by its absolute path: a place for each, whatever it holds. */
static bool place_of(const char *path, char place[OKNG_PATH_MAX])
{
    char name[16 + sizeof ENDING];
    (void)snprintf(name, sizeof name, "%016" PRIx64 ENDING, okng_xxh64(path, strlen(path)));
    return okng_kept_limit() > 0 && okng_kept_path(place, OKNG_PATH_MAX, name, NULL) == OKNG_OK;
}

static bool is_hex(const char *text)
{
    return strspn(text, "0123456789abcdef") == DIGITS && text[DIGITS] == '\0';
}

/* A note that others could have written is none. */
static bool read_note(const char *place, char line[LINE])
{
    struct stat info;
    const int descriptor = open(place, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) return false;
    const bool ours = fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
                      (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    const ssize_t got = ours ? read(descriptor, line, LINE - 1) : -1;
    (void)close(descriptor);
    line[got > 0 ? got : 0] = '\0';
    return got > 0;
}

bool okng_file_known(const char *path, char sha256[65])
{
    char place[OKNG_PATH_MAX], line[LINE], expected[LINE];
    struct stat now;
    if (stat(path, &now) != 0 || !S_ISREG(now.st_mode) || !place_of(path, place) || !read_note(place, line))
        return false;
    describe(&now, path, expected);
    const size_t length = strlen(expected);
    if (strncmp(line, expected, length) != 0 || !is_hex(line + length)) return false;
    memcpy(sha256, line + length, DIGITS + 1);
    return true;
}

/* One in the way of a new one, where there are too many. */
static void make_room(const char *place)
{
    char folder[OKNG_PATH_MAX], one[NAME_MAX + 1] = "";
    int count = 0;
    (void)snprintf(folder, sizeof folder, "%s", place);
    *strrchr(folder, '/') = '\0';
    DIR *list = opendir(folder);
    if (!list) return;
    for (const struct dirent *item; (item = readdir(list));) {
        const size_t length = strlen(item->d_name), ending = strlen(ENDING);
        if (length <= ending || strcmp(item->d_name + length - ending, ENDING) != 0) continue;
        count++;
        (void)snprintf(one, sizeof one, "%s", item->d_name);
    }
    if (count >= OKNG_KNOWN_MOST) (void)unlinkat(dirfd(list), one, 0);
    (void)closedir(list);
}

static bool is_settled(const struct stat *file)
{
    const time_t now = time(NULL);
    return now > file->st_ctim.tv_sec + OKNG_KNOWN_S && now > file->st_mtim.tv_sec + OKNG_KNOWN_S;
}

void okng_file_know(const char *path, const struct stat *before, const char *sha256)
{
    char place[OKNG_PATH_MAX], line[LINE], was[LINE], known[DIGITS + 1];
    struct stat now;
    okng_writer writer;
    if (!is_hex(sha256) || stat(path, &now) != 0 || !S_ISREG(now.st_mode) || !is_settled(&now)) return;
    describe(before, path, was);
    describe(&now, path, line);
    if (strcmp(was, line) != 0 || (okng_file_known(path, known) && strcmp(known, sha256) == 0)) return;
    if (!place_of(path, place) || okng_make_parent(place, NULL) != OKNG_OK) return;
    make_room(place);
    if (okng_writer_open(&writer, place, NULL) != OKNG_OK) return;
    writer.remakable = true;
    (void)fputs(line, writer.stream);
    (void)fputs(sha256, writer.stream);
    if (fchmod(fileno(writer.stream), S_IRUSR | S_IWUSR) == 0)
        (void)okng_writer_commit(&writer, NULL);
    else
        okng_writer_abort(&writer);
}
