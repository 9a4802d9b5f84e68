#include "cache/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cache/disk.h"

/* A bank that could not be loaded is tried again when its files have changed, but not all the time while somebody
 * copies them; and else now and then, as what it lacked (memory, a weight file) may have come back. */
#define AGAIN_CHANGED 0.25 /* seconds */
#define AGAIN_SAME 5.0
#define FORGET_FAILURE 60.0
enum { SETTLE = 3 }; /* times that a bank is read while its files change */

/* An open bank, shared by the cache and its leases; closed with the last of them. */
typedef struct open_bank {
    okng_bank *bank;
    char hash[65];
    uint64_t bytes, mark;
    size_t users; /* the cache's mutex guards it */
    struct open_bank *next;
} open_bank;

typedef struct entry {
    char name[OKNG_BANK_NAME_MAX + 1];
    open_bank *open;     /* NULL: it is not */
    bool loading;        /* one thread is at it; the others wait */
    uint64_t generation; /* loads that came to an end */
    size_t waiting;      /* threads that hold a pointer to it */
    uint64_t used;       /* the cache's clock when it was asked for last */
    okng_error failure;  /* of the last load; status OKNG_OK: it succeeded */
    uint64_t failed_mark;
    double failed_at;
    struct entry *next;
} entry;

struct okng_cache {
    char *folder;
    size_t max_banks;
    uint64_t max_bytes;
    pthread_mutex_t mutex; /* guards what follows, and all entries */
    pthread_cond_t loaded;
    entry *entries;
    uint64_t clock; /* takes */
    okng_cache_counts counts;
};

struct okng_lease {
    okng_cache *cache;
    open_bank *open;
};

/* ---- the cache as a whole ---------------------------------------------------------------------------------------- */

okng_status okng_cache_open(okng_cache **out, const okng_cache_options *options, okng_error *error)
{
    *out = NULL;
    if (options->max_banks < 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%d open banks, expected at least 1", (int)options->max_banks);
    char *real;
    OKNG_TRY(okng_real_path(&real, options->folder, error));
    if (!real || !okng_is_folder(real)) {
        free(real);
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: there is no such folder of banks; make it, or give another",
                         options->folder);
    }
    okng_cache *cache = calloc(1, sizeof *cache);
    if (!cache) {
        free(real);
        return okng_fail_memory(error, sizeof *cache);
    }
    cache->folder = real;
    cache->max_banks = options->max_banks > 0 ? (size_t)options->max_banks : OKNG_CACHE_BANKS;
    cache->max_bytes = options->max_bytes > 0 ? options->max_bytes : UINT64_MAX;
    (void)pthread_mutex_init(&cache->mutex, NULL);
    (void)pthread_cond_init(&cache->loaded, NULL);
    *out = cache;
    return OKNG_OK;
}

static void close_bank(open_bank *open)
{
    if (!open) return;
    okng_bank_close(&open->bank);
    free(open);
}

void okng_cache_close(okng_cache **cache)
{
    if (!cache || !*cache) return;
    okng_cache *c = *cache;
    while (c->entries) {
        entry *e = c->entries;
        c->entries = e->next;
        close_bank(e->open);
        free(e);
    }
    (void)pthread_cond_destroy(&c->loaded);
    (void)pthread_mutex_destroy(&c->mutex);
    free(c->folder);
    free(c);
    *cache = NULL;
}

const char *okng_cache_folder(const okng_cache *cache)
{
    return cache->folder;
}

/* ---- entries: the mutex is held ---------------------------------------------------------------------------------- */

static entry *find(const okng_cache *cache, const char *name)
{
    entry *e = cache->entries;
    while (e && strcmp(e->name, name) != 0) e = e->next;
    return e;
}

/* Names come from the network: those that nothing is known of any more are let go of. */
static void sweep(okng_cache *cache)
{
    const double now = okng_clock();
    for (entry **at = &cache->entries; *at;) {
        entry *e = *at;
        const bool known = e->failure.status != OKNG_OK && now - e->failed_at < FORGET_FAILURE;
        if (e->open || e->loading || e->waiting > 0 || known) {
            at = &e->next;
            continue;
        }
        *at = e->next;
        free(e);
    }
}

static entry *find_or_add(okng_cache *cache, const char *name)
{
    entry *e = find(cache, name);
    if (e) return e;
    sweep(cache);
    e = calloc(1, sizeof *e);
    if (!e) return NULL;
    (void)snprintf(e->name, sizeof e->name, "%s", name);
    e->next = cache->entries;
    cache->entries = e;
    return e;
}

/* One user less; the bank for the caller to close, once the mutex is free, where that was the last. */
static open_bank *let_go(open_bank *open)
{
    return open && --open->users == 0 ? open : NULL;
}

/* Takes the bank of an entry out of the cache. */
static open_bank *take_out(okng_cache *cache, entry *e)
{
    open_bank *open = e->open;
    if (!open) return NULL;
    e->open = NULL;
    cache->counts.open--;
    cache->counts.bytes -= open->bytes;
    return let_go(open);
}

static bool is_full(const okng_cache *cache)
{
    return cache->counts.open > cache->max_banks || cache->counts.bytes > cache->max_bytes;
}

/* The bank to close: the one that was asked for least recently, of those that nobody holds where there is one. */
static entry *victim(const okng_cache *cache, const entry *keep)
{
    entry *chosen = NULL;
    for (entry *e = cache->entries; e; e = e->next) {
        if (!e->open || e == keep) continue;
        const bool idle = e->open->users == 1;
        const bool chosen_idle = chosen && chosen->open->users == 1;
        if (!chosen || (idle && !chosen_idle) || (idle == chosen_idle && e->used < chosen->used)) chosen = e;
    }
    return chosen;
}

/* ---- loading ----------------------------------------------------------------------------------------------------- */

/* What of a recipe is only looked at when a picture wants it must be whole before it takes another's place. */
static okng_status check_whole(const char *path, okng_error *error)
{
    char *json;
    OKNG_TRY(okng_bank_describe(path, &json, error));
    okng_text_free(&json);
    return OKNG_OK;
}

static okng_status read_bank(const char *path, bool replaces, open_bank *open, okng_error *error)
{
    okng_bank_info info = {.struct_size = sizeof info};
    if (replaces) OKNG_TRY(check_whole(path, error));
    OKNG_TRY(okng_bank_open(&open->bank, path, NULL, error));
    okng_status status = okng_disk_hash(path, open->hash, error);
    if (status == OKNG_OK) status = okng_bank_get_info(open->bank, &info, error);
    if (status != OKNG_OK) okng_bank_close(&open->bank);
    open->bytes = info.bytes + info.bytes / 3; /* an index takes about a third of the rows (docs/architecture.md) */
    return status;
}

/* Reads it once; *settled: its files stayed as they were meanwhile, so that what came of it is of one state of them. */
static okng_status read_once(const char *path, bool replaces, open_bank *open, bool *settled, okng_error *error)
{
    okng_disk_state before, after;
    *settled = true;
    OKNG_TRY(okng_disk_look(path, &before, error));
    okng_status status = read_bank(path, replaces, open, error);
    *settled = okng_disk_look(path, &after, NULL) == OKNG_OK && after.mark == before.mark;
    open->mark = before.mark;
    if (!*settled) okng_bank_close(&open->bank);
    return status;
}

/* Whatever goes wrong while the files change is no fault of the bank: it is read again. */
static okng_status load(const char *path, bool replaces, open_bank **out, okng_error *error)
{
    bool settled = false;
    open_bank *open = *out = calloc(1, sizeof *open);
    if (!open) return okng_fail_memory(error, sizeof *open);
    okng_status status = OKNG_OK;
    for (int i = 0; i < SETTLE && !settled; i++) status = read_once(path, replaces, open, &settled, error);
    if (!settled)
        status = okng_fail(error, OKNG_ERROR_BUSY, "%s: its files change while they are read; try again", path);
    if (status == OKNG_OK) return OKNG_OK;
    free(open);
    *out = NULL;
    return status;
}

/* Banks that go, to be closed once the mutex is free. */
typedef struct leaving {
    open_bank *banks; /* by their member next */
} leaving;

static void add_leaving(leaving *going, open_bank *open)
{
    if (!open) return;
    open->next = going->banks;
    going->banks = open;
}

static void close_leaving(leaving *going)
{
    while (going->banks) {
        open_bank *open = going->banks;
        going->banks = open->next;
        close_bank(open);
    }
}

/* The mutex is held. Puts a bank that was loaded into the cache, and takes out what has to go for it. */
static void put_in(okng_cache *cache, entry *e, open_bank *open, leaving *going)
{
    add_leaving(going, take_out(cache, e));
    open->users = 1;
    e->open = open;
    cache->counts.open++;
    cache->counts.bytes += open->bytes;
    cache->counts.loads++;
    e->failure.status = OKNG_OK;
    for (entry *v; is_full(cache) && (v = victim(cache, e));) {
        add_leaving(going, take_out(cache, v));
        cache->counts.evictions++;
    }
}

static void note_failure(entry *e, uint64_t mark, const okng_error *why)
{
    e->failure = *why;
    e->failed_mark = mark;
    e->failed_at = okng_clock();
}

/* The mutex is held, and is free while the files are read. */
static void load_entry(okng_cache *cache, entry *e, const char *path, uint64_t mark, leaving *going)
{
    open_bank *open;
    okng_error why;
    const bool replaces = e->open != NULL;
    e->loading = true;
    (void)pthread_mutex_unlock(&cache->mutex);
    okng_status status = load(path, replaces, &open, &why);
    (void)pthread_mutex_lock(&cache->mutex);
    if (status == OKNG_OK) {
        put_in(cache, e, open, going);
    } else {
        note_failure(e, mark, &why);
        cache->counts.failures++;
    }
    e->loading = false;
    e->generation++;
    (void)pthread_cond_broadcast(&cache->loaded);
}

/* ---- taking ------------------------------------------------------------------------------------------------------ */

/* What somebody asks for, as it lies on the disk. */
typedef struct request {
    const char *path;
    uint64_t mark;
    okng_error unreadable; /* why there is no mark; status OKNG_OK: there is one */
} request;

static bool is_worth_a_try(const entry *e, const request *r)
{
    if (r->unreadable.status != OKNG_OK) return false;
    if (e->failure.status == OKNG_OK) return true;
    const double since = okng_clock() - e->failed_at;
    return since >= (r->mark != e->failed_mark ? AGAIN_CHANGED : AGAIN_SAME);
}

static okng_status fail_as(const okng_error *why, okng_error *error)
{
    if (error) *error = *why;
    return why->status;
}

/* The mutex is held. Leaves e->open as it shall be used; NULL where it cannot be had. */
static void bring(okng_cache *cache, entry *e, const request *r, leaving *going)
{
    const uint64_t came = e->generation;
    while (e->loading) (void)pthread_cond_wait(&cache->loaded, &cache->mutex);
    const bool is_same = e->open && r->unreadable.status == OKNG_OK && e->open->mark == r->mark;
    const bool is_new = e->generation != came; /* what is known of it is younger than what was asked */
    const bool known = is_same || (is_new && (e->open || e->failure.status != OKNG_OK));
    if (is_same) e->failure.status = OKNG_OK; /* what was damaged meanwhile is as it was */
    if (!known && is_worth_a_try(e, r))
        load_entry(cache, e, r->path, r->mark, going);
    else if (e->open)
        cache->counts.hits++;
}

static okng_status take_entry(okng_cache *cache, entry *e, const request *r, open_bank **out, leaving *going,
                              okng_error *error)
{
    bring(cache, e, r, going);
    e->used = ++cache->clock;
    *out = e->open;
    if (!e->open) return fail_as(r->unreadable.status != OKNG_OK ? &r->unreadable : &e->failure, error);
    if (r->unreadable.status != OKNG_OK) note_failure(e, 0, &r->unreadable);
    e->open->users++;
    return OKNG_OK;
}

static okng_status take(okng_cache *cache, const char *name, const request *r, okng_lease *lease, okng_error *error)
{
    leaving going = {0};
    (void)pthread_mutex_lock(&cache->mutex);
    entry *e = find_or_add(cache, name);
    okng_status status = e ? OKNG_OK : okng_fail_memory(error, sizeof *e);
    if (e) {
        e->waiting++;
        status = take_entry(cache, e, r, &lease->open, &going, error);
        e->waiting--;
    }
    (void)pthread_mutex_unlock(&cache->mutex);
    close_leaving(&going);
    return status;
}

okng_status okng_cache_take(okng_cache *cache, const char *name, okng_lease **out, okng_error *error)
{
    char *path;
    request r = {0};
    *out = NULL;
    okng_status status = okng_disk_find(cache->folder, name, &path, error);
    if (status == OKNG_ERROR_NOT_FOUND) okng_cache_forget(cache, name);
    if (status != OKNG_OK) return status;
    r.path = path;
    okng_disk_state state;
    (void)okng_disk_look(path, &state, &r.unreadable);
    r.mark = state.mark;
    okng_lease *lease = calloc(1, sizeof *lease);
    status = lease ? OKNG_OK : okng_fail_memory(error, sizeof *lease);
    if (status == OKNG_OK) status = take(cache, name, &r, lease, error);
    free(path);
    if (status != OKNG_OK) {
        free(lease);
        return status;
    }
    lease->cache = cache;
    *out = lease;
    return OKNG_OK;
}

const okng_bank *okng_lease_bank(const okng_lease *lease)
{
    return lease->open->bank;
}

const char *okng_lease_hash(const okng_lease *lease)
{
    return lease->open->hash;
}

void okng_lease_drop(okng_lease **lease)
{
    if (!lease || !*lease) return;
    okng_cache *cache = (*lease)->cache;
    (void)pthread_mutex_lock(&cache->mutex);
    open_bank *last = let_go((*lease)->open);
    (void)pthread_mutex_unlock(&cache->mutex);
    close_bank(last);
    free(*lease);
    *lease = NULL;
}

void okng_cache_forget(okng_cache *cache, const char *name)
{
    (void)pthread_mutex_lock(&cache->mutex);
    entry *e = find(cache, name);
    open_bank *last = e && !e->loading ? take_out(cache, e) : NULL;
    if (e) e->failure.status = OKNG_OK;
    (void)pthread_mutex_unlock(&cache->mutex);
    close_bank(last);
}

/* ---- what it knows ----------------------------------------------------------------------------------------------- */

void okng_cache_look(okng_cache *cache, const char *name, okng_cache_state *state)
{
    *state = (okng_cache_state){0};
    (void)pthread_mutex_lock(&cache->mutex);
    const entry *e = find(cache, name);
    if (e) {
        state->loaded = e->open != NULL;
        state->loading = e->loading;
        state->error = e->failure;
    }
    if (e && e->open) {
        memcpy(state->hash, e->open->hash, sizeof state->hash);
        state->bytes = e->open->bytes;
    }
    (void)pthread_mutex_unlock(&cache->mutex);
}

bool okng_cache_holds(okng_cache *cache, const char *name)
{
    (void)pthread_mutex_lock(&cache->mutex);
    const entry *e = find(cache, name);
    const bool holds = e && e->open && !e->loading;
    (void)pthread_mutex_unlock(&cache->mutex);
    return holds;
}

okng_cache_counts okng_cache_count(okng_cache *cache)
{
    (void)pthread_mutex_lock(&cache->mutex);
    const okng_cache_counts counts = cache->counts;
    (void)pthread_mutex_unlock(&cache->mutex);
    return counts;
}
