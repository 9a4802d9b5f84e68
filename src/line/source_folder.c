/* Source: a watched folder. A file is taken when it was written and closed, or renamed into the folder. What was there
 * before, and what the kernel does not tell (network drives), is found by looking, and taken once it has stayed the
 * same for a while. A ledger beside the spool holds what is done, so that a restart neither loses nor repeats a file.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "base/clock.h"
#include "base/file.h"
#include "line/kinds.h"
#include "line/ledger.h"
#include "line/line.h"

typedef enum stage {
    SETTLING, /* found by looking */
    READY,    /* to be taken */
    TAKEN,    /* the line has it */
    STAGES
} stage;

/* A file of the folder on its way. */
typedef struct candidate {
    char name[NAME_MAX + 1]; /* first: what the tree compares */
    int64_t size, modified;  /* bytes; nanoseconds since 1970 */
    double since;            /* okng_clock: as it is since then */
    stage stage;
    bool again; /* of TAKEN: it came once more meanwhile */
    TAILQ_ENTRY(candidate) links;
} candidate;

typedef struct folder_source {
    const okng_line_settings *settings;
    const char *path;
    double settle, rescan, scanned;
    size_t largest;
    int inotify, wake;
    bool gone;                                           /* the folder itself was moved or removed */
    char renamed[NAME_MAX + 1];                          /* the file that was renamed away last */
    okng_ledger *ledger;                                 /* done, on disk */
    pthread_mutex_t lock;                                /* of all below */
    void *names;                                         /* a tree of all candidates: tsearch */
    TAILQ_HEAD(candidate_list, candidate) lists[STAGES]; /* in the order in which they came there */
    size_t ready;
} folder_source;

/* ---- candidates: under the lock -----------------------------------------------------------------------------------
 */

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static candidate *find(folder_source *source, const char *name)
{
    candidate **node = tfind(name, &source->names, by_name);
    return node ? *node : NULL;
}

static void enlist(folder_source *source, candidate *one, stage to)
{
    one->stage = to;
    TAILQ_INSERT_TAIL(&source->lists[to], one, links);
    source->ready += to == READY;
}

static void delist(folder_source *source, candidate *one)
{
    TAILQ_REMOVE(&source->lists[one->stage], one, links);
    source->ready -= one->stage == READY;
}

static okng_status add(folder_source *source, const candidate *what, stage to, okng_error *error)
{
    candidate *one = malloc(sizeof *one);
    if (!one) return okng_fail_memory(error, sizeof *one);
    *one = *what;
    if (!tsearch(one, &source->names, by_name)) {
        free(one);
        return okng_fail_memory(error, sizeof *one);
    }
    enlist(source, one, to);
    return OKNG_OK;
}

static void forget(folder_source *source, candidate *one)
{
    delist(source, one);
    (void)tdelete(one, &source->names, by_name);
    free(one);
}

/* What tells a file from the next of its name: "SIZE-MODIFIED-NAME". */
static void key_of(const candidate *one, char key[512])
{
    (void)snprintf(key, 512, "%lld-%lld-%s", (long long)one->size, (long long)one->modified, one->name);
}

/* ---- files --------------------------------------------------------------------------------------------------------
 */

static bool is_wanted(const folder_source *source, const char *name)
{
    const char *pattern;
    if (name[0] == '.' || okng_is_of_file_manager(name)) return false;
    for (size_t i = 0; (pattern = okng_line_word(source->settings, "pattern", i)); i++)
        if (fnmatch(pattern, name, FNM_CASEFOLD) == 0) return true;
    return false;
}

/* The file as it is now; false where there is none of that name, or no regular one. */
static bool look_at(const folder_source *source, const char *name, candidate *one)
{
    struct stat found;
    char *path = okng_path_join(source->path, name);
    const bool there = path && stat(path, &found) == 0 && S_ISREG(found.st_mode);
    free(path);
    if (!there) return false;
    *one = (candidate){.size = found.st_size,
                       .modified = (int64_t)found.st_mtim.tv_sec * 1000000000 + found.st_mtim.tv_nsec,
                       .since = okng_clock()};
    (void)snprintf(one->name, sizeof one->name, "%s", name);
    return true;
}

/* Whether a key of the ledger is that of a file that is there. */
static bool is_there(const char *key, void *user)
{
    candidate one;
    char now[512];
    const char *dash = strchr(key, '-'), *name = dash ? strchr(dash + 1, '-') : NULL;
    if (!name || strlen(name + 1) > NAME_MAX || !look_at(user, name + 1, &one)) return false;
    key_of(&one, now);
    return strcmp(key, now) == 0;
}

/* ---- looking ------------------------------------------------------------------------------------------------------
 */

static int by_age(const void *a, const void *b)
{
    const candidate *x = *(candidate *const *)a, *y = *(candidate *const *)b;
    if (x->modified != y->modified) return x->modified < y->modified ? -1 : 1;
    return strcmp(x->name, y->name);
}

static okng_status consider(folder_source *source, const char *name, okng_error *error)
{
    candidate one;
    char key[512];
    if (!is_wanted(source, name) || find(source, name) || !look_at(source, name, &one)) return OKNG_OK;
    key_of(&one, key);
    return okng_ledger_has(source->ledger, key) ? OKNG_OK : add(source, &one, SETTLING, error);
}

static okng_status scan(folder_source *source, okng_error *error)
{
    DIR *dir = opendir(source->path);
    if (!dir) return okng_fail_errno(error, "read the folder", source->path);
    okng_status status = OKNG_OK;
    for (struct dirent *entry; status == OKNG_OK && (entry = readdir(dir));)
        status = consider(source, entry->d_name, error);
    (void)closedir(dir);
    source->scanned = okng_clock();
    return status;
}

/* Those that have stayed the same for long enough become ready, the oldest first. */
static okng_status settle(folder_source *source, okng_error *error)
{
    size_t count = 0;
    candidate *one, *after;
    TAILQ_FOREACH(one, &source->lists[SETTLING], links) count++;
    candidate **settled = count > 0 ? calloc(count, sizeof *settled) : NULL;
    if (count > 0 && !settled) return okng_fail_memory(error, count * sizeof *settled);
    count = 0;
    for (one = TAILQ_FIRST(&source->lists[SETTLING]); one; one = after) {
        candidate now;
        after = TAILQ_NEXT(one, links);
        if (!look_at(source, one->name, &now)) {
            forget(source, one);
        } else if (now.size != one->size || now.modified != one->modified) {
            one->size = now.size;
            one->modified = now.modified;
            one->since = now.since;
        } else if (now.since - one->since >= source->settle) {
            settled[count++] = one;
        }
    }
    if (count > 0) qsort(settled, count, sizeof *settled, by_age);
    for (size_t i = 0; i < count; i++) {
        delist(source, settled[i]);
        enlist(source, settled[i], READY);
    }
    free(settled);
    return OKNG_OK;
}

/* ---- what the kernel tells ----------------------------------------------------------------------------------------
 */

/* A file that is whole: it was closed after writing, or renamed into the folder. One that is gone already stays, so
 * that a picture that nobody sees does not vanish in silence. */
static okng_status arrive(folder_source *source, const char *name, okng_error *error)
{
    candidate now;
    if (!is_wanted(source, name)) return OKNG_OK;
    if (strcmp(source->renamed, name) == 0) source->renamed[0] = '\0';
    if (!look_at(source, name, &now)) {
        now = (candidate){.since = okng_clock()};
        (void)snprintf(now.name, sizeof now.name, "%s", name);
    }
    candidate *known = find(source, name);
    if (!known) return add(source, &now, READY, error);
    if (known->stage == TAKEN) known->again = true;
    if (known->stage == SETTLING) {
        delist(source, known);
        enlist(source, known, READY);
    }
    return OKNG_OK;
}

/* A file that was renamed away before it was taken comes again under its new name, or is nobody's any more. */
static void leave(folder_source *source, const char *name)
{
    candidate *known = find(source, name);
    if (known && known->stage != TAKEN) forget(source, known);
    (void)snprintf(source->renamed, sizeof source->renamed, "%s", name);
}

static okng_status hear(folder_source *source, const struct inotify_event *event, okng_error *error)
{
    if (event->mask & IN_Q_OVERFLOW) return scan(source, error);
    if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) source->gone = true;
    if (event->len == 0 || event->mask & IN_ISDIR) return OKNG_OK;
    if (event->mask & IN_MOVED_FROM) leave(source, event->name);
    if (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) return arrive(source, event->name, error);
    return OKNG_OK;
}

static okng_status hear_all(folder_source *source, okng_error *error)
{
    char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t got;
    while ((got = read(source->inotify, buffer, sizeof buffer)) > 0)
        for (char *at = buffer; at < buffer + got;) {
            const struct inotify_event *event = (const struct inotify_event *)(void *)at;
            (void)pthread_mutex_lock(&source->lock);
            const okng_status status = hear(source, event, error);
            (void)pthread_mutex_unlock(&source->lock);
            if (status != OKNG_OK) return status;
            at += sizeof *event + event->len;
        }
    if (got < 0 && errno != EAGAIN && errno != EINTR) return okng_fail_errno(error, "watch the folder", source->path);
    if (source->gone) return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: the folder is gone", source->path);
    return OKNG_OK;
}

/* ---- taking -------------------------------------------------------------------------------------------------------
 */

static void release(okng_frame *frame)
{
    free(frame->owner);
    frame->owner = NULL;
}

static void refuse(okng_frame *frame, const okng_error *error)
{
    (void)snprintf(frame->why, sizeof frame->why, "%.*s", (int)sizeof frame->why - 1, error->message);
}

/* Reads the file; *whole is false where it is not to be taken now after all: it is being written again, or was renamed.
 */
static okng_status read_file(folder_source *source, const candidate *one, okng_frame *frame, bool *whole,
                             okng_error *error)
{
    void *data = NULL;
    size_t size = 0;
    okng_error why;
    const okng_status status = okng_file_read(frame->path, source->largest, &data, &size, &why);
    *whole = true;
    frame->owner = data;
    frame->release = release;
    okng_init(&frame->picture);
    frame->picture.data = data;
    frame->picture.data_size = size;
    if (status == OKNG_OK && size == 0) (void)snprintf(frame->why, sizeof frame->why, "%s", _("the file is empty"));
    if (status == OKNG_OK) return OKNG_OK;
    candidate now;
    if (status == OKNG_ERROR_IO && look_at(source, one->name, &now)) {
        *whole = now.size == one->size && now.modified == one->modified;
    } else if (status == OKNG_ERROR_NOT_FOUND) {
        OKNG_TRY(hear_all(source, error));
        *whole = strcmp(source->renamed, one->name) != 0;
    }
    refuse(frame, &why);
    return OKNG_OK;
}

/* The first that is ready, as it is now; false where it is done already. */
static bool choose(folder_source *source, candidate *one, char key[512])
{
    candidate now, *first = TAILQ_FIRST(&source->lists[READY]);
    if (look_at(source, first->name, &now)) { /* it may have been written twice */
        first->size = now.size;
        first->modified = now.modified;
    }
    *one = *first;
    key_of(first, key);
    if (okng_ledger_has(source->ledger, key)) {
        forget(source, first);
        return false;
    }
    delist(source, first);
    enlist(source, first, TAKEN);
    return true;
}

static okng_status take(folder_source *source, okng_frame *frame, bool *got, okng_error *error)
{
    candidate one;
    char key[512];
    *frame = (okng_frame){0};
    (void)pthread_mutex_lock(&source->lock);
    const bool chosen = choose(source, &one, key);
    (void)pthread_mutex_unlock(&source->lock);
    if (!chosen) return OKNG_OK;
    memcpy(frame->key, key, sizeof frame->key);
    (void)snprintf(frame->name, sizeof frame->name, "%s", one.name);
    (void)snprintf(frame->path, sizeof frame->path, "%s/%s", source->path, one.name);
    okng_status status = read_file(source, &one, frame, got, error);
    if (status == OKNG_OK && *got) return OKNG_OK;
    *got = false;
    release(frame);
    (void)pthread_mutex_lock(&source->lock);
    candidate *known = find(source, one.name);
    if (known) forget(source, known); /* its next closing, or the next look, brings it back */
    (void)pthread_mutex_unlock(&source->lock);
    return status;
}

/* Waits for the kernel, or until something has settled or the folder is to be looked at. */
static void wait_for_news(folder_source *source, int wait_ms)
{
    struct pollfd polls[] = {{.fd = source->inotify, .events = POLLIN}, {.fd = source->wake, .events = POLLIN}};
    const double now = okng_clock();
    double most = fmin(wait_ms / 1000.0, source->scanned + source->rescan - now);
    candidate *one;
    TAILQ_FOREACH(one, &source->lists[SETTLING], links) most = fmin(most, one->since + source->settle - now);
    (void)poll(polls, 2, most > 0 ? (int)(most * 1000) + 1 : 0);
}

/* What there is to know without waiting. */
static okng_status look_around(folder_source *source, okng_error *error)
{
    (void)pthread_mutex_lock(&source->lock);
    okng_status status = OKNG_OK;
    const bool time = okng_clock() - source->scanned >= source->rescan;
    if (source->ready == 0 && time) status = scan(source, error);
    if (status == OKNG_OK && source->ready == 0) status = settle(source, error);
    (void)pthread_mutex_unlock(&source->lock);
    if (status == OKNG_OK && time) status = okng_ledger_tidy(source->ledger, is_there, source, error);
    return status;
}

static size_t count_ready(folder_source *source)
{
    (void)pthread_mutex_lock(&source->lock);
    const size_t count = source->ready;
    (void)pthread_mutex_unlock(&source->lock);
    return count;
}

static okng_status next(void *handle, int wait_ms, okng_frame *frame, bool *got, okng_error *error)
{
    folder_source *source = handle;
    *got = false;
    OKNG_TRY(hear_all(source, error));
    OKNG_TRY(look_around(source, error));
    if (count_ready(source) == 0) {
        wait_for_news(source, wait_ms);
        OKNG_TRY(hear_all(source, error));
    }
    return count_ready(source) > 0 ? take(source, frame, got, error) : OKNG_OK;
}

static void done(void *handle, const okng_frame *frame, const okng_record *record)
{
    folder_source *source = handle;
    (void)record;
    (void)okng_ledger_add(source->ledger, frame->key); /* what the disk does not take now, tidy writes */
    if (okng_line_flag(source->settings, "remove") && is_there(frame->key, source)) (void)unlink(frame->path);
    (void)pthread_mutex_lock(&source->lock);
    candidate *known = find(source, frame->name);
    if (known && known->again) {
        known->again = false;
        delist(source, known);
        enlist(source, known, READY);
    } else if (known) {
        forget(source, known);
    }
    (void)pthread_mutex_unlock(&source->lock);
}

static void remember(void *handle, const char *key)
{
    (void)okng_ledger_add(((folder_source *)handle)->ledger, key);
}

static void wake(void *handle)
{
    const uint64_t one = 1;
    if (write(((folder_source *)handle)->wake, &one, sizeof one) < 0) return; /* it is awake already */
}

/* ---- beginning and end --------------------------------------------------------------------------------------------
 */

static void close_source(void **handle)
{
    folder_source *source = *handle;
    if (!source) return;
    okng_ledger_close(&source->ledger);
    if (source->inotify >= 0) (void)close(source->inotify);
    if (source->wake >= 0) (void)close(source->wake);
    (void)pthread_mutex_destroy(&source->lock);
    tdestroy(source->names, free);
    free(source);
    *handle = NULL;
}

static okng_status open_ledger(folder_source *source, okng_line *line, okng_error *error)
{
    char name[OKNG_NAME_MAX + 8];
    (void)snprintf(name, sizeof name, "%s.done", okng_line_name(source->settings));
    char *path = okng_path_join(okng_line_spool_folder(line), name);
    if (!path) return okng_fail_memory(error, sizeof name);
    const okng_status status = okng_ledger_open(&source->ledger, path, is_there, source, error);
    free(path);
    return status;
}

static okng_status watch(folder_source *source, okng_error *error)
{
    const uint32_t events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
    source->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    source->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (source->inotify < 0 || source->wake < 0 || inotify_add_watch(source->inotify, source->path, events) < 0)
        return okng_fail_errno(error, "watch the folder", source->path);
    return OKNG_OK;
}

static okng_status open_source(void **out, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    folder_source *source = calloc(1, sizeof *source);
    *out = source;
    if (!source) return okng_fail_memory(error, sizeof *source);
    source->settings = settings;
    source->path = okng_line_text(settings, "path");
    source->settle = okng_line_number(settings, "settle");
    source->rescan = okng_line_number(settings, "rescan");
    source->largest = (size_t)okng_line_integer(settings, "largest") << 20;
    source->inotify = source->wake = -1;
    (void)pthread_mutex_init(&source->lock, NULL);
    for (int i = 0; i < STAGES; i++) TAILQ_INIT(&source->lists[i]);
    /* Watched before it is looked at, so that nothing falls between; what the spool knows comes by `remember` before
     * the first next, where the looking is. */
    source->scanned = -INFINITY;
    okng_status status = watch(source, error);
    if (status == OKNG_OK) status = open_ledger(source, line, error);
    if (status != OKNG_OK) close_source(out);
    return status;
}

/* clang-format off */
static const okng_line_key keys[] = {
    {.name = "path", .type = OKNG_LINE_PATH, .values = "FOLDER", .required = true, .help = N_("folder that pictures come into")},
    {.name = "pattern", .type = OKNG_LINE_WORDS, .values = "[PATTERN, ...]",
     .initial = "*.png\n*.jpg\n*.jpeg\n*.bmp\n*.tif\n*.tiff\n*.webp\n*.pgm\n*.ppm",
     .help = N_("which files are taken, by their names; those that begin with a dot never are")},
    {.name = "settle", .type = OKNG_LINE_NUMBER, .values = "SECONDS", .initial = "2", .low = 0, .high = 3600,
     .help = N_("a file that was not seen being closed is taken once it has stayed the same for so long")},
    {.name = "rescan", .type = OKNG_LINE_NUMBER, .values = "SECONDS", .initial = "10", .low = 0.05, .high = 86400,
     .help = N_("time between looks for files that the kernel did not tell of, as on network drives")},
    {.name = "largest", .type = OKNG_LINE_INTEGER, .values = "MEBIBYTES", .initial = "256", .low = 1, .high = 1024,
     .help = N_("a larger file is NOT_INSPECTED")},
    {.name = "remove", .type = OKNG_LINE_FLAG, .values = "true|false", .initial = "false",
     .help = N_("removes a file once its result is safe")},
    {0},
};
/* clang-format on */

const okng_line_source_kind okng_line_source_folder = {
    .name = "folder",
    .summary = N_("a watched folder"),
    .keys = keys,
    .open = open_source,
    .next = next,
    .done = done,
    .remember = remember,
    .wake = wake,
    .close = close_source,
};
