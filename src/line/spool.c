#include "line/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "line/clock.h"
#include "line/spool_files.h"

enum { MAX_READERS = 64, LEAST_SEGMENT = 64 << 10, MOST_SEGMENT = 16 << 20, SEGMENTS = 16, KEPT = 3 };
enum { DAMAGED = 32, GAP = 1 << 20 }; /* a tag of no entry; entries that may be missing in the middle */

/* What is known of an entry without reading it. */
typedef struct mark {
    uint8_t tag;        /* DAMAGED: it was there, nobody knows of what kind, and reading it fails */
    bool ready, along;  /* files were made for it */
    uint32_t kibibytes; /* of them */
} mark;

typedef struct segment {
    uint64_t first, count;
    off_t end;
} segment;

typedef struct reader {
    uint32_t wants;
    int64_t queue;
    uint64_t next, lost, waiting;
    int place;                      /* READER.at */
    int file;                       /* the segment that was read last; -1: none */
    uint64_t file_first, file_next; /* its first entry, and the one at `at` */
    off_t at;
} reader;

struct okng_spool {
    char *folder;
    okng_lock lock;
    uint64_t most; /* bytes */
    bool sync;
    pthread_mutex_t writing; /* held while an entry is appended; taken before `state` */
    pthread_mutex_t state;   /* of all below */
    pthread_cond_t changed;
    segment *segments; /* at least one, the last is written to */
    size_t segment_count, segment_room;
    int file; /* of the last segment */
    bool torn;
    mark *marks; /* of entries marks_first .. next - 1 */
    size_t mark_room;
    uint64_t marks_first, next; /* next: of the entry that comes next */
    uint64_t visible;           /* entries below are ready, all of them */
    uint64_t along_from;        /* what goes along with entries below is removed */
    uint64_t along_kibibytes;
    uint64_t damaged;
    reader readers[MAX_READERS];
    size_t reader_count;
};

/* ---- under the lock of the state ------------------------------------------------------------------------------------
 */

static mark *mark_of(okng_spool *spool, uint64_t number)
{
    return &spool->marks[number - spool->marks_first];
}

static bool wants(okng_spool *spool, const reader *r, uint64_t number)
{
    if (number < spool->marks_first || number >= spool->next) return false;
    const uint8_t tag = mark_of(spool, number)->tag;
    return tag == DAMAGED || (r->wants >> tag & 1u);
}

/* Entries that the reader wants below `end`, counted into *count as it passes over them. */
static void pass_to(okng_spool *spool, reader *r, uint64_t end, uint64_t *count)
{
    for (; r->next < end; r->next++)
        if (wants(spool, r, r->next)) {
            ++*count;
            r->waiting -= r->waiting > 0 && mark_of(spool, r->next)->ready;
        }
}

static void keep_place(okng_spool *spool, reader *r)
{
    if (!okng_place_write(r->place, r->next, r->lost)) spool->damaged++; /* a restart will give some again */
}

static uint64_t least_next(const okng_spool *spool)
{
    uint64_t least = spool->visible;
    for (size_t i = 0; i < spool->reader_count; i++)
        if (spool->readers[i].next < least) least = spool->readers[i].next;
    return least;
}

static uint64_t bytes_of(const okng_spool *spool)
{
    uint64_t bytes = spool->along_kibibytes << 10;
    for (size_t i = 0; i < spool->segment_count; i++) bytes += (uint64_t)spool->segments[i].end;
    return bytes;
}

/* Removes the first segment; who still wanted something of it has lost that. */
static void drop_segment(okng_spool *spool)
{
    const segment *first = &spool->segments[0];
    const uint64_t end = first->first + first->count;
    for (size_t i = 0; i < spool->reader_count; i++) {
        reader *r = &spool->readers[i];
        pass_to(spool, r, end, &r->lost);
        keep_place(spool, r);
    }
    char *path = okng_segment_path(spool->folder, first->first);
    if (path) (void)unlink(path);
    free(path);
    memmove(spool->segments, spool->segments + 1, --spool->segment_count * sizeof *spool->segments);
    const uint64_t from = spool->segments[0].first;
    memmove(spool->marks, spool->marks + (from - spool->marks_first), (spool->next - from) * sizeof *spool->marks);
    spool->marks_first = from;
}

/* Removes what goes along with entries that all have passed. The last segments stay, read or not: from them sources
 * learn at a start which pictures are done. */
static void tidy(okng_spool *spool)
{
    const uint64_t least = least_next(spool);
    for (; spool->along_from < least; spool->along_from++) {
        if (spool->along_from < spool->marks_first) continue;
        mark *m = mark_of(spool, spool->along_from);
        if (!m->along) continue;
        okng_along_remove(spool->folder, spool->along_from);
        spool->along_kibibytes -= m->kibibytes;
        m->along = false;
    }
    while (spool->segment_count > KEPT && spool->segments[0].first + spool->segments[0].count <= least)
        drop_segment(spool);
}

/* Gives up the oldest where there is more than there may be. */
static void hold_bounds(okng_spool *spool)
{
    for (size_t i = 0; i < spool->reader_count; i++) {
        reader *r = &spool->readers[i];
        const uint64_t before = r->lost;
        while (r->waiting > (uint64_t)r->queue && r->next < spool->visible) pass_to(spool, r, r->next + 1, &r->lost);
        if (r->lost != before) keep_place(spool, r);
    }
    tidy(spool);
    while (bytes_of(spool) > spool->most && spool->segment_count > 1) {
        const uint64_t end = spool->segments[0].first + spool->segments[0].count;
        if (end > spool->visible) break; /* its entries are being made */
        for (size_t i = 0; i < spool->reader_count; i++)
            pass_to(spool, &spool->readers[i], end, &spool->readers[i].lost);
        tidy(spool);
        drop_segment(spool);
    }
}

/* ---- opening ------------------------------------------------------------------------------------------------------
 */

static okng_status add_segment(okng_spool *spool, uint64_t first, okng_error *error)
{
    void *segments = spool->segments;
    if (!okng_grow(&segments, &spool->segment_room, spool->segment_count + 1, sizeof *spool->segments))
        return okng_fail_memory(error, (spool->segment_count + 1) * sizeof *spool->segments);
    spool->segments = segments;
    spool->segments[spool->segment_count++] = (segment){.first = first};
    return OKNG_OK;
}

static okng_status add_mark(okng_spool *spool, mark m, okng_error *error)
{
    void *marks = spool->marks;
    const size_t count = (size_t)(spool->next - spool->marks_first);
    if (!okng_grow(&marks, &spool->mark_room, count + 1, sizeof *spool->marks))
        return okng_fail_memory(error, (count + 1) * sizeof *spool->marks);
    spool->marks = marks;
    spool->marks[count] = m;
    spool->next++;
    return OKNG_OK;
}

/* Counts a segment's entries; whatever follows the first that is no whole one is passed over. */
static okng_status scan(okng_spool *spool, const char *path, okng_error *error)
{
    segment *s = &spool->segments[spool->segment_count - 1];
    okng_entry entry;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return okng_fail_errno(error, "open", path);
    okng_status status = OKNG_OK;
    off_t at = 0;
    while (status == OKNG_OK) {
        const okng_status got = okng_segment_next(file, path, &at, &entry, NULL);
        const bool next = got == OKNG_OK && entry.number == spool->next;
        if (got == OKNG_ERROR_MEMORY) status = okng_fail_memory(error, OKNG_ENTRY_MOST);
        if (next) {
            status = add_mark(spool, (mark){.tag = (uint8_t)entry.tag, .ready = true}, error);
            s->count++;
            s->end = at;
        }
        okng_entry_free(&entry);
        if (!next) break;
    }
    spool->damaged += status == OKNG_OK && lseek(file, 0, SEEK_END) != s->end;
    (void)close(file);
    return status;
}

static void forget_segments(okng_spool *spool)
{
    while (spool->segment_count > 0) {
        char *old = okng_segment_path(spool->folder, spool->segments[--spool->segment_count].first);
        if (old) (void)unlink(old);
        free(old);
    }
}

/* Entries of the last segment that cannot be read, up to `next`: readers pass over each, and count it as lost. */
static okng_status mark_gap(okng_spool *spool, uint64_t next, okng_error *error)
{
    segment *s = &spool->segments[spool->segment_count - 1];
    for (; spool->next < next; s->count++) OKNG_TRY(add_mark(spool, (mark){.tag = DAMAGED, .ready = true}, error));
    return OKNG_OK;
}

/* The segments that there are. One that begins far from where the one before ends is of another journal: what lies
 * before it is given up. */
static okng_status scan_all(okng_spool *spool, okng_error *error)
{
    uint64_t *firsts = NULL;
    size_t count = 0;
    okng_status status = okng_segment_list(spool->folder, &firsts, &count, error);
    for (size_t i = 0; status == OKNG_OK && i < count; i++) {
        if (spool->segment_count > 0 && firsts[i] != spool->next) {
            spool->damaged++;
            if (firsts[i] < spool->next || firsts[i] - spool->next > GAP)
                forget_segments(spool);
            else
                status = mark_gap(spool, firsts[i], error);
            if (status != OKNG_OK) break;
        }
        if (spool->segment_count == 0) spool->marks_first = spool->next = firsts[i];
        char *path = okng_segment_path(spool->folder, firsts[i]);
        status = path ? add_segment(spool, firsts[i], error) : okng_fail_memory(error, strlen(spool->folder));
        if (status == OKNG_OK) status = scan(spool, path, error);
        free(path);
    }
    free(firsts);
    return status;
}

/* Begins a segment that follows all there is, and writes to it from now on. */
static okng_status begin_segment(okng_spool *spool, okng_error *error)
{
    char *path = okng_segment_path(spool->folder, spool->next);
    if (!path) return okng_fail_memory(error, strlen(spool->folder));
    okng_status status = OKNG_OK;
    const int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) status = okng_fail_errno(error, "create", path);
    if (status == OKNG_OK && spool->sync) status = okng_flush_parent(path, error);
    const bool empty = spool->segment_count > 0 && spool->segments[spool->segment_count - 1].first == spool->next;
    if (status == OKNG_OK && !empty) status = add_segment(spool, spool->next, error); /* else the same file anew */
    if (status == OKNG_OK) {
        if (spool->file >= 0) (void)close(spool->file);
        spool->file = file;
        spool->torn = false;
    } else if (file >= 0) {
        (void)close(file);
    }
    free(path);
    return status;
}

static okng_status open_reader(okng_spool *spool, const okng_spool_reader *given, okng_error *error)
{
    reader *r = &spool->readers[spool->reader_count];
    bool known = false;
    *r = (reader){.wants = given->wants, .queue = given->queue, .file = -1, .place = -1};
    OKNG_TRY(okng_place_open(&r->place, spool->folder, given->name, &r->next, &r->lost, &known, error));
    spool->reader_count++;
    if (!known) r->next = UINT64_MAX; /* behind all, once it is known how many there are */
    return OKNG_OK;
}

/* The end of what readers have read, as far as they say. */
static uint64_t furthest(const okng_spool *spool)
{
    uint64_t most = spool->next;
    for (size_t i = 0; i < spool->reader_count; i++) {
        const uint64_t next = spool->readers[i].next;
        if (next != UINT64_MAX && next > most) most = next;
    }
    return most;
}

/* Brings the readers' places and the entries together. Where the journal is shorter than a reader has read, its end is
 * gone: numbers go on from where it ends now, and who had not read the end has lost it. */
static okng_status settle(okng_spool *spool, okng_error *error)
{
    const uint64_t end = furthest(spool);
    spool->damaged += end > spool->next && spool->segment_count > 0;
    if (spool->segment_count == 0) spool->marks_first = spool->next;
    spool->visible = spool->next;
    for (size_t i = 0; i < spool->reader_count; i++) {
        reader *r = &spool->readers[i];
        if (r->next < end && spool->segment_count > 0) r->lost += end - (r->next > spool->next ? r->next : spool->next);
        if (r->next > spool->next) r->next = spool->next;
        if (r->next < spool->marks_first) r->next = spool->marks_first;
        for (uint64_t number = r->next; number < spool->next; number++) r->waiting += wants(spool, r, number);
        keep_place(spool, r);
    }
    return begin_segment(spool, error);
}

static void find_along(okng_spool *spool)
{
    spool->along_from = least_next(spool);
    okng_along_sweep(spool->folder, spool->along_from, spool->next);
    for (uint64_t number = spool->along_from; number < spool->next; number++) {
        mark *m = mark_of(spool, number);
        m->kibibytes = (uint32_t)(okng_along_bytes(spool->folder, number) >> 10);
        m->along = m->kibibytes > 0;
        spool->along_kibibytes += m->kibibytes;
    }
}

static okng_status open_all(okng_spool *spool, const okng_spool_reader *readers, size_t count, okng_error *error)
{
    char *lock = okng_path_join(spool->folder, "lock"), *files = okng_path_join(spool->folder, "files");
    okng_status status =
        lock && files ? okng_make_folders(files, error) : okng_fail_memory(error, strlen(spool->folder));
    if (status == OKNG_OK) status = okng_lock_take(&spool->lock, lock, error);
    free(lock);
    free(files);
    if (status == OKNG_OK) status = scan_all(spool, error);
    for (size_t i = 0; status == OKNG_OK && i < count; i++) status = open_reader(spool, &readers[i], error);
    if (status == OKNG_OK) status = settle(spool, error);
    if (status == OKNG_OK) find_along(spool);
    if (status == OKNG_OK) hold_bounds(spool);
    return status;
}

okng_status okng_spool_open(okng_spool **out, const char *folder, uint64_t bytes, bool sync,
                            const okng_spool_reader *readers, size_t count, okng_error *error)
{
    *out = NULL;
    if (count > MAX_READERS) return okng_fail(error, OKNG_ERROR_LIMIT, "more than %d sinks", MAX_READERS);
    okng_spool *spool = calloc(1, sizeof *spool);
    if (!spool) return okng_fail_memory(error, sizeof *spool);
    spool->most = bytes;
    spool->sync = sync;
    spool->file = spool->lock.descriptor = -1;
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); /* a clock that is set changes no waiting */
    (void)pthread_cond_init(&spool->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&spool->writing, NULL);
    (void)pthread_mutex_init(&spool->state, NULL);
    spool->folder = strdup(folder);
    okng_status status =
        spool->folder ? open_all(spool, readers, count, error) : okng_fail_memory(error, strlen(folder));
    if (status == OKNG_OK)
        *out = spool;
    else
        okng_spool_close(&spool);
    return status;
}

void okng_spool_close(okng_spool **spool_of)
{
    okng_spool *spool = *spool_of;
    if (!spool) return;
    for (size_t i = 0; i < spool->reader_count; i++) {
        keep_place(spool, &spool->readers[i]);
        (void)close(spool->readers[i].place);
        if (spool->readers[i].file >= 0) (void)close(spool->readers[i].file);
    }
    if (spool->file >= 0) (void)close(spool->file);
    okng_lock_drop(&spool->lock);
    (void)pthread_cond_destroy(&spool->changed);
    (void)pthread_mutex_destroy(&spool->writing);
    (void)pthread_mutex_destroy(&spool->state);
    free(spool->segments);
    free(spool->marks);
    free(spool->folder);
    free(spool);
    *spool_of = NULL;
}

/* ---- writing ------------------------------------------------------------------------------------------------------
 */

static off_t most_of_segment(const okng_spool *spool)
{
    const uint64_t part = spool->most / SEGMENTS;
    return (off_t)(part < LEAST_SEGMENT ? LEAST_SEGMENT : part > MOST_SEGMENT ? MOST_SEGMENT : part);
}

/* With both locks: the segment for the next entry. */
static okng_status choose_segment(okng_spool *spool, okng_error *error)
{
    const segment *last = &spool->segments[spool->segment_count - 1];
    if (!spool->torn && last->end < most_of_segment(spool)) return OKNG_OK;
    return begin_segment(spool, error);
}

static okng_status append(okng_spool *spool, okng_entry *entry, uint64_t *number, okng_error *error)
{
    (void)pthread_mutex_lock(&spool->state);
    okng_status status = choose_segment(spool, error);
    if (status == OKNG_OK) { /* room first, so that what is written is also known */
        status = add_mark(spool, (mark){.tag = (uint8_t)entry->tag}, error);
        if (status == OKNG_OK) spool->next--;
    }
    const segment last = spool->segments[spool->segment_count - 1];
    *number = entry->number = spool->next;
    (void)pthread_mutex_unlock(&spool->state);
    bool torn = false;
    if (status == OKNG_OK)
        status = okng_segment_append(spool->file, spool->folder, last.end, entry, spool->sync, &torn, error);
    (void)pthread_mutex_lock(&spool->state);
    spool->torn = spool->torn || torn;
    if (status == OKNG_OK) {
        segment *s = &spool->segments[spool->segment_count - 1];
        s->end += OKNG_ENTRY_HEAD + (off_t)entry->size;
        s->count++;
        *mark_of(spool, spool->next) = (mark){.tag = (uint8_t)entry->tag};
        spool->next++;
    }
    (void)pthread_mutex_unlock(&spool->state);
    return status;
}

okng_status okng_spool_append(okng_spool *spool, const char *text, size_t size, uint32_t tag, uint64_t *number,
                              okng_error *error)
{
    if (size > OKNG_ENTRY_MOST)
        return okng_fail(error, OKNG_ERROR_LIMIT, "a result of %zu bytes, expected at most %d", size, OKNG_ENTRY_MOST);
    okng_entry entry = {.tag = tag, .text = (char *)text, .size = (uint32_t)size};
    (void)pthread_mutex_lock(&spool->writing);
    const okng_status status = append(spool, &entry, number, error);
    (void)pthread_mutex_unlock(&spool->writing);
    return status;
}

okng_status okng_spool_make_files(okng_spool *spool, uint64_t number, char **path, okng_error *error)
{
    *path = okng_along_path(spool->folder, number);
    if (!*path) return okng_fail_memory(error, strlen(spool->folder));
    const okng_status status = okng_make_folders(*path, error);
    if (status != OKNG_OK) {
        free(*path);
        *path = NULL;
    }
    return status;
}

void okng_spool_ready(okng_spool *spool, uint64_t number, uint64_t bytes)
{
    (void)pthread_mutex_lock(&spool->state);
    mark *m = mark_of(spool, number);
    m->ready = true;
    m->along = bytes > 0;
    m->kibibytes = (uint32_t)(bytes >> 10);
    spool->along_kibibytes += m->kibibytes;
    for (; spool->visible < spool->next && mark_of(spool, spool->visible)->ready; spool->visible++)
        for (size_t i = 0; i < spool->reader_count; i++)
            spool->readers[i].waiting += wants(spool, &spool->readers[i], spool->visible);
    hold_bounds(spool);
    (void)pthread_cond_broadcast(&spool->changed);
    (void)pthread_mutex_unlock(&spool->state);
}

/* ---- reading ------------------------------------------------------------------------------------------------------
 */

/* With the lock of the state: passes over what the reader does not want; true when one that it wants is next. */
static bool find_next(okng_spool *spool, reader *r)
{
    while (r->next < spool->visible && !wants(spool, r, r->next)) r->next++;
    return r->next < spool->visible;
}

static uint64_t first_of(const okng_spool *spool, uint64_t number)
{
    size_t i = spool->segment_count - 1;
    while (i > 0 && spool->segments[i].first > number) i--;
    return spool->segments[i].first;
}

/* Reads entry `number`, of the segment that begins with `first`, by the reader's own file. */
static okng_status read_entry(okng_spool *spool, reader *r, uint64_t first, uint64_t number, okng_entry *entry,
                              okng_error *error)
{
    char *path = okng_segment_path(spool->folder, first);
    if (!path) return okng_fail_memory(error, strlen(spool->folder));
    if (r->file < 0 || r->file_first != first || r->file_next > number) {
        if (r->file >= 0) (void)close(r->file);
        r->file = open(path, O_RDONLY | O_CLOEXEC);
        r->file_first = r->file_next = first;
        r->at = 0;
    }
    okng_status status = r->file < 0 ? okng_fail_errno(error, "open", path) : OKNG_OK;
    while (status == OKNG_OK) {
        const off_t before = r->at;
        status = okng_segment_next(r->file, path, &r->at, entry, error);
        if (status == OKNG_OK && entry->number == number) {
            r->at = before; /* it stays the next */
            r->file_next = number;
            break;
        }
        if (status == OKNG_OK) r->file_next = entry->number + 1;
        okng_entry_free(entry);
    }
    free(path);
    return status;
}

/* An entry that cannot be read is lost, told, and passed over. */
static void pass_damaged(okng_spool *spool, reader *r, uint64_t number)
{
    (void)pthread_mutex_lock(&spool->state);
    if (r->next == number) { /* else it was given up meanwhile */
        pass_to(spool, r, number + 1, &r->lost);
        keep_place(spool, r);
        spool->damaged++;
    }
    (void)pthread_mutex_unlock(&spool->state);
}

okng_status okng_spool_read(okng_spool *spool, size_t which, int wait_ms, okng_entry *entry, char **files, bool *got,
                            okng_error *error)
{
    reader *r = &spool->readers[which];
    const struct timespec until = okng_clock_in(wait_ms);
    *entry = (okng_entry){0};
    *files = NULL;
    (void)pthread_mutex_lock(&spool->state);
    if (!find_next(spool, r)) (void)pthread_cond_timedwait(&spool->changed, &spool->state, &until);
    *got = find_next(spool, r);
    const uint64_t number = r->next, first = first_of(spool, number);
    const bool along = *got && mark_of(spool, number)->along;
    (void)pthread_mutex_unlock(&spool->state);
    if (!*got) return OKNG_OK;
    const okng_status status = read_entry(spool, r, first, number, entry, error);
    if (status == OKNG_OK && along) *files = okng_along_path(spool->folder, number);
    if (status == OKNG_OK) return OKNG_OK;
    *got = false;
    if (status != OKNG_ERROR_MEMORY) pass_damaged(spool, r, number);
    return status;
}

void okng_spool_advance(okng_spool *spool, size_t which, uint64_t number)
{
    reader *r = &spool->readers[which];
    uint64_t passed = 0;
    (void)pthread_mutex_lock(&spool->state);
    pass_to(spool, r, number + 1, &passed);
    keep_place(spool, r);
    tidy(spool);
    (void)pthread_mutex_unlock(&spool->state);
}

void okng_spool_wake(okng_spool *spool)
{
    (void)pthread_mutex_lock(&spool->state);
    (void)pthread_cond_broadcast(&spool->changed);
    (void)pthread_mutex_unlock(&spool->state);
}

okng_spool_figures okng_spool_look(okng_spool *spool, size_t which)
{
    (void)pthread_mutex_lock(&spool->state);
    const okng_spool_figures figures = {spool->readers[which].waiting, spool->readers[which].lost};
    (void)pthread_mutex_unlock(&spool->state);
    return figures;
}

uint64_t okng_spool_bytes(okng_spool *spool)
{
    (void)pthread_mutex_lock(&spool->state);
    const uint64_t bytes = bytes_of(spool);
    (void)pthread_mutex_unlock(&spool->state);
    return bytes;
}

uint64_t okng_spool_damaged(okng_spool *spool)
{
    (void)pthread_mutex_lock(&spool->state);
    const uint64_t damaged = spool->damaged;
    (void)pthread_mutex_unlock(&spool->state);
    return damaged;
}

static okng_status each_of(const okng_spool *spool, const segment *s, okng_spool_fn *fn, void *user, okng_error *error)
{
    char *path = okng_segment_path(spool->folder, s->first);
    if (!path) return okng_fail_memory(error, strlen(spool->folder));
    okng_status status = OKNG_OK;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) status = okng_fail_errno(error, "open", path);
    off_t at = 0;
    while (status == OKNG_OK && at < s->end) {
        okng_entry entry;
        status = okng_segment_next(file, path, &at, &entry, error);
        if (status == OKNG_OK) fn(&entry, user);
        okng_entry_free(&entry);
    }
    if (file >= 0) (void)close(file);
    free(path);
    return status;
}

okng_status okng_spool_each(okng_spool *spool, okng_spool_fn *fn, void *user, okng_error *error)
{
    const size_t from = spool->segment_count > KEPT ? spool->segment_count - KEPT : 0;
    for (size_t i = from; i < spool->segment_count; i++) OKNG_TRY(each_of(spool, &spool->segments[i], fn, user, error));
    return OKNG_OK;
}
