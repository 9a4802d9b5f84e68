#include "serve/bank_router.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cache/disk.h"

/* A bank as it was when it was looked at last. */
typedef struct seen {
    char name[OKNG_BANK_NAME_MAX + 1];
    uint64_t mark; /* of its files, see okng_disk_state */
    bool known;    /* to the router; else it has no vectors */
    bool there;    /* while the folder is gone through */
} seen;

struct okng_bank_router {
    okng_cache *cache;
    okng_router *router;
    pthread_mutex_t mutex; /* guards what follows; held while banks are learnt */
    seen *banks;           /* [count] */
    size_t count, known;
};

okng_status okng_bank_router_open(okng_bank_router **out, okng_cache *cache, okng_error *error)
{
    okng_bank_router *r = *out = calloc(1, sizeof *r);
    if (!r) return okng_fail_memory(error, sizeof *r);
    r->cache = cache;
    (void)pthread_mutex_init(&r->mutex, NULL);
    okng_status status = okng_router_new(&r->router, error);
    if (status != OKNG_OK) okng_bank_router_close(out);
    return status;
}

void okng_bank_router_close(okng_bank_router **router)
{
    if (!router || !*router) return;
    okng_router_free(&(*router)->router);
    (void)pthread_mutex_destroy(&(*router)->mutex);
    free((*router)->banks);
    free(*router);
    *router = NULL;
}

/* The place of a bank, made where it is new. NULL: memory is out. */
static seen *place_of(okng_bank_router *r, const char *name)
{
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->banks[i].name, name) == 0) return &r->banks[i];
    seen *banks = realloc(r->banks, (r->count + 1) * sizeof *banks);
    if (!banks) return NULL;
    r->banks = banks;
    banks[r->count] = (seen){.mark = 0};
    memcpy(banks[r->count].name, name, strlen(name) + 1);
    return &banks[r->count++];
}

/* A bank that cannot be told apart stays unknown until its files change. */
static okng_status look_at(okng_bank_router *r, const char *name, okng_error *error)
{
    char *path;
    okng_disk_state state;
    seen *bank = place_of(r, name);
    if (!bank) return okng_fail_memory(error, (r->count + 1) * sizeof *bank);
    if (okng_disk_find(okng_cache_folder(r->cache), name, &path, NULL) != OKNG_OK) return OKNG_OK; /* gone again */
    bank->there = okng_disk_look(path, &state, NULL) == OKNG_OK;
    if (bank->there && state.mark != bank->mark) {
        bank->known = okng_router_set(r->router, name, path, NULL) == OKNG_OK;
        if (!bank->known) okng_router_remove(r->router, name);
        if (okng_disk_look(path, &state, NULL) == OKNG_OK) bank->mark = state.mark; /* its vectors may be new in it */
    }
    free(path);
    return OKNG_OK;
}

static void forget_missing(okng_bank_router *r)
{
    size_t kept = 0;
    r->known = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (!r->banks[i].there) okng_router_remove(r->router, r->banks[i].name);
        if (!r->banks[i].there) continue;
        r->known += r->banks[i].known;
        r->banks[kept++] = r->banks[i];
    }
    r->count = kept;
}

/* The mutex is held. */
static okng_status keep_up(okng_bank_router *r, okng_error *error)
{
    okng_disk_bank *banks;
    size_t count;
    okng_status status = OKNG_OK;
    OKNG_TRY(okng_disk_list(okng_cache_folder(r->cache), &banks, &count, error));
    for (size_t i = 0; i < r->count; i++) r->banks[i].there = false;
    for (size_t i = 0; i < count && status == OKNG_OK; i++) status = look_at(r, banks[i].name, error);
    free(banks);
    if (status == OKNG_OK) forget_missing(r);
    if (status != OKNG_OK || r->known > 0) return status;
    return okng_fail(
        error, OKNG_ERROR_NOT_FOUND,
        "none of the %zu banks can be told from others: they keep no vectors of their good pictures, which are "
        "not where they were; okng route --bank-dir BANK --ok-dir DIR makes them",
        count);
}

void okng_bank_router_keep_up(okng_bank_router *r)
{
    (void)pthread_mutex_lock(&r->mutex);
    (void)keep_up(r, NULL); /* that no bank can be told apart is told to who asks */
    (void)pthread_mutex_unlock(&r->mutex);
}

okng_status okng_bank_router_find(okng_bank_router *r, const okng_picture *picture, okng_routes **out,
                                  okng_error *error)
{
    *out = NULL;
    (void)pthread_mutex_lock(&r->mutex);
    okng_status status = keep_up(r, error);
    (void)pthread_mutex_unlock(&r->mutex);
    return status == OKNG_OK ? okng_router_find(out, r->router, picture, error) : status;
}
