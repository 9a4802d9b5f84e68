/* One file by libcurl, continued where an earlier download was cut off. */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

enum { EDITION_MAX = 256 };
static const curl_off_t size_limit = (curl_off_t)2 << 30; /* no backbone's file is near it */

typedef struct transfer {
    CURL *curl;
    int descriptor;
    curl_off_t begin, written; /* bytes that were there, bytes in all */
    bool too_large;
    int write_error; /* errno of a failed write; 0 = none */
    okng_cli_progress *progress;
    char reason[CURL_ERROR_SIZE];
    const char *edition; /* file that says which edition the part is of; NULL: whoever asked can tell by other means */
    char tag[EDITION_MAX]; /* of the edition that is coming; "" = the server has none */
    bool noted;
} transfer;

/* ---- editions ----------------------------------------------------------------------------------
 * A server tells editions of a file apart by an ETag, a word in quotes; one that begins with W/ is too weak to continue
 * by. */

/* The edition that the part is of; "" where nobody knows. */
static void read_edition(const char *path, char tag[EDITION_MAX])
{
    FILE *file = fopen(path, "re");
    tag[0] = '\0';
    if (file && !fgets(tag, EDITION_MAX, file)) tag[0] = '\0';
    if (file) (void)fclose(file);
    const size_t length = strlen(tag);
    bool fine = length >= 2 && tag[0] == '"' && tag[length - 1] == '"';
    for (const char *c = tag; *c; c++) fine = fine && *c > ' ' && *c < 0x7f;
    if (!fine) tag[0] = '\0';
}

/* Before the first byte of an edition goes into the part. */
static void note_edition(transfer *t)
{
    if (!t->edition || t->noted) return;
    t->noted = true;
    (void)unlink(t->edition);
    if (t->begin > 0 || !t->tag[0]) return;
    int descriptor = open(t->edition, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (file) (void)fputs(t->tag, file); /* cut off it is none, and the part begins anew */
    if (file && fclose(file) != 0) (void)unlink(t->edition);
}

static size_t take_header(char *line, size_t size, size_t count, void *user)
{
    static const char name[] = "etag:";
    transfer *t = user;
    const size_t all = size * count;
    if (all > 5 && strncmp(line, "HTTP/", 5) == 0) t->tag[0] = '\0'; /* that of a redirection is of no file */
    if (all <= sizeof name || strncasecmp(line, name, sizeof name - 1) != 0) return all;
    size_t from = sizeof name - 1, to = all;
    while (from < to && (line[from] == ' ' || line[from] == '\t')) from++;
    while (to > from && strchr(" \t\r\n", line[to - 1])) to--;
    if (line[from] == '"' && to - from < sizeof t->tag) {
        memcpy(t->tag, line + from, to - from);
        t->tag[to - from] = '\0';
    }
    return all;
}

/* ---- the transfer ------------------------------------------------------------------------------ */

static size_t take_bytes(char *data, size_t size, size_t count, void *user)
{
    transfer *t = user;
    size_t left = size * count, all = left;
    if (t->begin == 0) note_edition(t);
    if (t->written + (curl_off_t)left > size_limit) {
        t->too_large = true;
        return 0;
    }
    while (left > 0) {
        ssize_t written = write(t->descriptor, data, left);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            t->write_error = errno;
            return 0;
        }
        data += written;
        left -= (size_t)written;
        t->written += written;
    }
    return all;
}

static int show(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    (void)up_total;
    (void)up_now;
    const transfer *t = user;
    if (total <= 0) return okng_cli_signal() != 0;
    okng_progress progress = {.struct_size = sizeof progress,
                              .stage = "download",
                              .done = (uint64_t)(t->begin + now),
                              .total = (uint64_t)(t->begin + total)};
    return okng_cli_progress_step(&progress, t->progress);
}

static void set_up(transfer *t, const char *url, bool local)
{
    CURL *c = t->curl;
    (void)curl_easy_setopt(c, CURLOPT_URL, url);
    (void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->reason);
    (void)curl_easy_setopt(c, CURLOPT_USERAGENT, "okng");
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, local ? "https,http,file" : "https,http");
    (void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    (void)curl_easy_setopt(c, CURLOPT_MAXREDIRS, 5L);
    /* A redirection must not lead away from encryption; the hash prefix has but 32 bits. */
    (void)curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, strncmp(url, "http:", 5) == 0 ? "https,http" : "https");
    (void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 30L);
    (void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L); /* bytes per second over a minute */
    (void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, 60L);
    (void)curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, size_limit);
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_bytes);
    (void)curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    (void)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
    (void)curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
    (void)curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    (void)curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, show);
    (void)curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
}

/* From byte `begin` on. */
static CURLcode perform(transfer *t, curl_off_t begin)
{
    t->begin = t->written = begin;
    t->reason[0] = '\0';
    (void)curl_easy_setopt(t->curl, CURLOPT_RESUME_FROM_LARGE, begin);
    return curl_easy_perform(t->curl);
}

/* True when the server would not continue; then all of it must come anew. */
static bool cannot_continue(const transfer *t, CURLcode code)
{
    long http = 0;
    (void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &http);
    return code == CURLE_RANGE_ERROR || code == CURLE_BAD_DOWNLOAD_RESUME ||
           (code == CURLE_HTTP_RETURNED_ERROR && http == 416);
}

static okng_status explain(const transfer *t, CURLcode code, const char *url, const char *part, okng_error *error)
{
    if (code == CURLE_OK) return OKNG_OK;
    if (okng_cli_signal() != 0) return okng_cli_set_error(error, OKNG_ERROR_CANCELLED, "interrupted");
    if (t->write_error)
        return okng_cli_set_error(error, OKNG_ERROR_IO, "%s: cannot write: %s", part,
                                  okng_translate(strerror(t->write_error)));
    if (t->too_large || code == CURLE_FILESIZE_EXCEEDED)
        return okng_cli_set_error(error, OKNG_ERROR_LIMIT, "%s: larger than 2 GiB, which no weight file here is", url);
    return okng_cli_set_error(error, OKNG_ERROR_IO, "%s: cannot download: %s%s", url,
                              t->reason[0] ? t->reason : curl_easy_strerror(code),
                              t->written > 0 ? _("; the same command continues") : "");
}

static okng_status cannot_write(const char *part, int reason, okng_error *error)
{
    return okng_cli_set_error(error, OKNG_ERROR_IO, "%s: cannot write: %s", part, okng_translate(strerror(reason)));
}

/* The server sends the rest of that edition, or all of another, which is then taken from its first byte on. */
static CURLcode perform_of_edition(transfer *t, curl_off_t begin)
{
    char condition[sizeof "If-Range: " + EDITION_MAX], tag[EDITION_MAX];
    read_edition(t->edition, tag);
    if (!tag[0]) return CURLE_RANGE_ERROR;
    (void)snprintf(condition, sizeof condition, "If-Range: %s", tag);
    struct curl_slist *headers = curl_slist_append(NULL, condition);
    if (!headers) return CURLE_OUT_OF_MEMORY;
    (void)curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = perform(t, begin);
    (void)curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    return code;
}

static okng_status transfer_file(transfer *t, const char *url, const char *part, okng_error *error)
{
    off_t size = lseek(t->descriptor, 0, SEEK_END);
    const curl_off_t begin = size > 0 ? size : 0;
    CURLcode code = begin > 0 && t->edition ? perform_of_edition(t, begin) : perform(t, begin);
    if (size > 0 && cannot_continue(t, code)) {
        if (ftruncate(t->descriptor, 0) != 0 || lseek(t->descriptor, 0, SEEK_SET) != 0)
            return cannot_write(part, errno, error);
        code = perform(t, 0);
    }
    return explain(t, code, url, part, error);
}

okng_status okng_cli_download(const char *url, const okng_cli_part *into, bool local, okng_cli_progress *progress,
                              okng_error *error)
{
    const char *part = into->path;
    transfer t = {.progress = progress, .descriptor = into->descriptor, .edition = into->edition};
    okng_status status;
    t.curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
    if (t.curl) {
        set_up(&t, url, local);
        status = transfer_file(&t, url, part, error);
    } else {
        status = okng_cli_set_error(error, OKNG_ERROR_MEMORY, "libcurl could not be started, out of memory");
    }
    struct stat info;
    bool empty = fstat(t.descriptor, &info) == 0 && info.st_size == 0;
    if (status != OKNG_OK && empty) (void)unlink(part);
    if (status == OKNG_OK && fsync(t.descriptor) != 0 && errno != EINVAL) status = cannot_write(part, errno, error);
    curl_easy_cleanup(t.curl);
    curl_global_cleanup();
    return status;
}

/* Whether the open file is a regular one that still bears the name, and no other: the holder of the lock before us may
 * have finished it meanwhile. */
static bool is_ours(int descriptor, const char *part)
{
    struct stat held, named;
    return fstat(descriptor, &held) == 0 && lstat(part, &named) == 0 && S_ISREG(held.st_mode) && held.st_nlink == 1 &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

okng_status okng_cli_part_open(int *descriptor, const char *part, okng_error *error)
{
    *descriptor = open(part, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (*descriptor < 0) return cannot_write(part, errno, error);
    bool locked = flock(*descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK; /* some file systems have none */
    if (locked && is_ours(*descriptor, part)) return OKNG_OK;
    (void)close(*descriptor);
    return okng_cli_set_error(error, OKNG_ERROR_BUSY, "%s: another download is writing here; wait for it to end", part);
}
