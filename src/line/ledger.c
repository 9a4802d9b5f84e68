#include "line/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { MAX_FILE = 1 << 30, MUCH = 10000 }; /* bytes; keys that were added since the file was written */

struct okng_ledger {
    char *path;
    void *keys; /* a tree of strings: tsearch */
    size_t count, added;
    bool dirty; /* a key is not in the file */
    int file;
    pthread_mutex_t lock;
};

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* ---- on disk: a key a line, in which line feeds, percent signs and control characters are %XX
 * -------------------------- */

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != 0x7f && c != '%';
}

/* With the line feed; malloc'd. */
static char *encode(const char *key)
{
    char *line = malloc(3 * strlen(key) + 2), *to = line;
    if (!line) return NULL;
    for (; *key; key++)
        if (is_plain((unsigned char)*key))
            *to++ = *key;
        else
            to += sprintf(to, "%%%02x", (unsigned)(unsigned char)*key);
    *to++ = '\n';
    *to = '\0';
    return line;
}

/* In place; false of what encode does not write. */
static bool decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        unsigned value = (unsigned char)*from;
        if (value == '%' && sscanf(from + 1, "%2x", &value) != 1) return false;
        if (*from == '%') {
            if (strspn(from + 1, "0123456789abcdef") < 2 || value == 0) return false;
            from += 2;
        }
        *to++ = (char)value;
    }
    *to = '\0';
    return true;
}

/* ---- in memory ----------------------------------------------------------------------------------------------------
 */

/* True where it is there afterwards. */
static bool insert(okng_ledger *ledger, const char *key)
{
    char *copy = strdup(key);
    char **node = copy ? tsearch(copy, &ledger->keys, compare) : NULL;
    if (!node || *node != copy) free(copy);
    if (!node) return false;
    ledger->count += *node == copy;
    return true;
}

static okng_status take_lines(okng_ledger *ledger, char *text, size_t size, okng_ledger_fn *keep, void *user,
                              okng_error *error)
{
    char *end;
    for (char *line = text; (end = memchr(line, '\n', size - (size_t)(line - text))); line = end + 1) {
        *end = '\0'; /* what has no line feed was not written whole */
        if (!decode(line) || !*line || !keep(line, user)) continue;
        if (!insert(ledger, line)) return okng_fail_memory(error, strlen(line));
    }
    return OKNG_OK;
}

/* For twalk_r. */
typedef struct writing {
    FILE *stream;
    okng_ledger_fn *keep;
    void *user;
    char **gone; /* keys to forget, [room] */
    size_t gone_count, room;
    bool failed;
} writing;

static void write_node(const void *node, VISIT which, void *closure)
{
    writing *w = closure;
    char *key = *(char *const *)node;
    if (which != postorder && which != leaf) return; /* each node once */
    if (!w->keep(key, w->user)) {
        if (w->gone_count < w->room) w->gone[w->gone_count++] = key;
        return;
    }
    char *line = encode(key);
    if (!line || fputs(line, w->stream) < 0) w->failed = true;
    free(line);
}

static void forget(okng_ledger *ledger, const writing *w)
{
    for (size_t i = 0; i < w->gone_count; i++) {
        (void)tdelete(w->gone[i], &ledger->keys, compare);
        free(w->gone[i]);
    }
    ledger->count -= w->gone_count;
}

/* The whole file anew, and open for more. */
static okng_status rewrite(okng_ledger *ledger, okng_ledger_fn *keep, void *user, okng_error *error)
{
    okng_writer writer;
    OKNG_TRY(okng_writer_open(&writer, ledger->path, error));
    writing w = {.stream = writer.stream, .keep = keep, .user = user, .room = ledger->count};
    w.gone = calloc(ledger->count + 1, sizeof *w.gone);
    if (w.gone) twalk_r(ledger->keys, write_node, &w);
    okng_status status = w.gone && !w.failed ? OKNG_OK : okng_fail_memory(error, ledger->count * sizeof *w.gone);
    if (status == OKNG_OK)
        status = okng_writer_commit(&writer, error);
    else
        okng_writer_abort(&writer);
    if (status == OKNG_OK) {
        forget(ledger, &w);
        if (ledger->file >= 0) (void)close(ledger->file);
        ledger->file = open(ledger->path, O_WRONLY | O_APPEND | O_CLOEXEC);
        if (ledger->file < 0) status = okng_fail_errno(error, "open", ledger->path);
        ledger->added = 0;
        ledger->dirty = false;
    }
    free(w.gone);
    return status;
}

okng_status okng_ledger_open(okng_ledger **out, const char *path, okng_ledger_fn *keep, void *user, okng_error *error)
{
    void *text = NULL;
    size_t size = 0;
    okng_error none;
    *out = NULL;
    okng_ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger) return okng_fail_memory(error, sizeof *ledger);
    ledger->file = -1;
    (void)pthread_mutex_init(&ledger->lock, NULL);
    ledger->path = strdup(path);
    okng_status status = ledger->path ? okng_file_read(path, MAX_FILE, &text, &size, &none) : OKNG_ERROR_MEMORY;
    if (status == OKNG_OK && text) status = take_lines(ledger, text, size, keep, user, &none);
    if (status == OKNG_ERROR_NOT_FOUND) status = OKNG_OK;
    if (status != OKNG_OK)
        status = ledger->path ? okng_fail(error, status, "%s", none.message) : okng_fail_memory(error, strlen(path));
    if (status == OKNG_OK) status = rewrite(ledger, keep, user, error);
    free(text);
    if (status == OKNG_OK)
        *out = ledger;
    else
        okng_ledger_close(&ledger);
    return status;
}

void okng_ledger_close(okng_ledger **ledger)
{
    if (!*ledger) return;
    tdestroy((*ledger)->keys, free);
    if ((*ledger)->file >= 0) (void)close((*ledger)->file);
    (void)pthread_mutex_destroy(&(*ledger)->lock);
    free((*ledger)->path);
    free(*ledger);
    *ledger = NULL;
}

bool okng_ledger_has(okng_ledger *ledger, const char *key)
{
    (void)pthread_mutex_lock(&ledger->lock);
    const bool has = tfind(key, &ledger->keys, compare) != NULL;
    (void)pthread_mutex_unlock(&ledger->lock);
    return has;
}

bool okng_ledger_add(okng_ledger *ledger, const char *key)
{
    (void)pthread_mutex_lock(&ledger->lock);
    const bool known = tfind(key, &ledger->keys, compare) != NULL;
    char *line = known ? NULL : encode(key);
    bool written = known;
    if (!known && insert(ledger, key)) {
        ledger->added++;
        written = line && ledger->file >= 0 && write(ledger->file, line, strlen(line)) == (ssize_t)strlen(line);
        if (!written) ledger->dirty = true;
    }
    free(line);
    (void)pthread_mutex_unlock(&ledger->lock);
    return written;
}

okng_status okng_ledger_tidy(okng_ledger *ledger, okng_ledger_fn *keep, void *user, okng_error *error)
{
    okng_status status = OKNG_OK;
    (void)pthread_mutex_lock(&ledger->lock);
    if (ledger->dirty || ledger->added > MUCH) status = rewrite(ledger, keep, user, error);
    (void)pthread_mutex_unlock(&ledger->lock);
    return status;
}
