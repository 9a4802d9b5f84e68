/* One file by libcurl, continued where an earlier download was cut off. */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

static const curl_off_t size_limit = (curl_off_t)2 << 30; /* no backbone's file is near it */

typedef struct transfer {
    CURL *curl;
    int descriptor;
    curl_off_t begin, written; /* bytes that were there, bytes in all */
    bool too_large;
    int write_error; /* errno of a failed write; 0 = none */
    okng_cli_progress *progress;
    char reason[CURL_ERROR_SIZE];
} transfer;

static size_t take_bytes(char *data, size_t size, size_t count, void *user)
{
    transfer *t = user;
    size_t left = size * count, all = left;
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

static okng_status transfer_file(transfer *t, const char *url, const char *part, okng_error *error)
{
    off_t size = lseek(t->descriptor, 0, SEEK_END);
    CURLcode code = perform(t, size > 0 ? size : 0);
    if (size > 0 && cannot_continue(t, code)) {
        if (ftruncate(t->descriptor, 0) != 0 || lseek(t->descriptor, 0, SEEK_SET) != 0)
            return cannot_write(part, errno, error);
        code = perform(t, 0);
    }
    return explain(t, code, url, part, error);
}

okng_status okng_cli_download(const char *url, const char *part, int descriptor, bool local,
                              okng_cli_progress *progress, okng_error *error)
{
    transfer t = {.progress = progress, .descriptor = descriptor};
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
