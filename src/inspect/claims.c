#include "inspect/claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "inspect/names.h"

enum { GATE_WAITS = 3000 /* of 10 ms */, RUNS = 64, MAX_BYTES = 256 << 20 };
enum { ALL = 'a', SOME = 's' }; /* how a list begins; behind it names, each with its 0 */

static okng_status close_gate(okng_claims *c, okng_error *error)
{
    okng_error why;
    char *path = okng_path_join(c->out, "." OKNG_RESULTS_FILE ".okng-lock");
    if (!path) return okng_fail_memory(error, strlen(c->out));
    okng_status status = okng_lock_take(&c->gate, path, &why);
    for (int waits = 0; status == OKNG_ERROR_BUSY && waits < GATE_WAITS; waits++) {
        const struct timespec moment = {.tv_nsec = 10000000};
        (void)nanosleep(&moment, NULL);
        status = okng_lock_take(&c->gate, path, &why);
    }
    free(path);
    if (status != OKNG_OK && error) *error = why;
    return status;
}

/* The lock of the run of this number; malloc'd, NULL where memory is out. */
static char *run_path(const okng_claims *c, int number)
{
    char name[64];
    (void)snprintf(name, sizeof name, "." OKNG_RESULTS_FILE ".okng-run-%d", number);
    return okng_path_join(c->out, name);
}

/* ---- those of others ------------------------------------------------------------------------ */

static int by_text(const void *a, const void *b)
{
    const char *const *first = a, *const *second = b;
    return strcmp(*first, *second);
}

/* The first of a list that is one of `sorted`; NULL: none. */
static const char *find_common(const char *list, size_t size, const char *const *sorted, size_t count)
{
    const char *end = list + size;
    for (const char *name = list; name < end; name += strlen(name) + 1) {
        if (!memchr(name, '\0', (size_t)(end - name))) return NULL;
        if (bsearch(&name, sorted, count, sizeof *sorted, by_text)) return name;
    }
    return NULL;
}

static okng_status fail_busy(const char *path, const char *name, const char *who, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_BUSY,
                     "%s: another okng is writing results%s%s here, %s; wait for it to end, or give another folder",
                     path, name ? " of " : "", name ? name : "", who);
}

/* A list that cannot be read counts as all. */
static okng_status check_list(const char *path, bool alone, const char *const *sorted, size_t count, okng_error *error)
{
    char who[OKNG_LOCK_TEXT];
    void *text = NULL;
    size_t size = 0, at = 0;
    okng_status status = okng_file_read(path, MAX_BYTES, &text, &size, error);
    if (status == OKNG_ERROR_NOT_FOUND) return OKNG_OK; /* it has ended */
    if (status == OKNG_ERROR_MEMORY) return status;
    okng_lock_parse(status == OKNG_OK ? text : NULL, size, who, &at);
    const char *list = status == OKNG_OK ? (const char *)text + at : "";
    const size_t length = status == OKNG_OK ? size - at : 0;
    if (alone || length == 0 || list[0] != SOME) {
        status = fail_busy(path, NULL, who, error);
    } else {
        const char *common = count > 0 ? find_common(list + 1, length - 1, sorted, count) : NULL;
        status = common ? fail_busy(path, common, who, error) : OKNG_OK;
    }
    free(text);
    return status;
}

/* A run's lock: of one that is at work, or left by a killed one, and then removed. */
static okng_status look_at(const char *path, bool alone, bool *is_free, okng_error *error)
{
    okng_lock lock;
    *is_free = access(path, F_OK) != 0;
    if (*is_free) return OKNG_OK;
    okng_status status = okng_lock_take(&lock, path, error);
    *is_free = status == OKNG_OK;
    if (status == OKNG_OK) okng_lock_drop(&lock);
    return status == OKNG_ERROR_BUSY ? check_list(path, alone, NULL, 0, error) : status;
}

okng_status okng_claims_begin(okng_claims *claims, const char *out, bool alone, okng_error *error)
{
    *claims = (okng_claims){.gate = {.descriptor = -1}, .run = {.descriptor = -1}, .out = out};
    char *own = NULL;
    okng_status status = close_gate(claims, error);
    for (int i = 1; i <= RUNS && status == OKNG_OK; i++) {
        bool is_free = false;
        char *path = run_path(claims, i);
        status = path ? look_at(path, alone, &is_free, error) : okng_fail_memory(error, strlen(out));
        const bool keep = is_free && !own;
        if (keep) own = path;
        if (!keep) free(path);
    }
    if (status == OKNG_OK)
        status = own ? okng_lock_take(&claims->run, own, error)
                     : okng_fail(error, OKNG_ERROR_BUSY, "%s: %d runs are adding results here, no more than that can",
                                 out, (int)RUNS);
    free(own);
    return status;
}

/* ---- its own -------------------------------------------------------------------------------- */

static okng_status check_others(const okng_claims *c, const char *const *sorted, size_t count, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (int i = 1; i <= RUNS && status == OKNG_OK; i++) {
        char *path = run_path(c, i);
        if (!path) return okng_fail_memory(error, strlen(c->out));
        if (strcmp(path, c->run.path) != 0 && access(path, F_OK) == 0)
            status = check_list(path, false, sorted, count, error);
        free(path);
    }
    return status;
}

static okng_status write_list(okng_claims *c, const char *const *sorted, size_t count, okng_error *error)
{
    size_t size = 1, at = 1;
    for (size_t i = 0; i < count; i++) size += strlen(sorted[i]) + 1;
    char *list = malloc(size);
    if (!list) return okng_fail_memory(error, size);
    list[0] = count > 0 ? SOME : ALL;
    for (size_t i = 0; i < count; i++) {
        const size_t length = strlen(sorted[i]) + 1;
        memcpy(list + at, sorted[i], length);
        at += length;
    }
    okng_status status = okng_lock_note(&c->run, list, size, error);
    free(list);
    return status;
}

okng_status okng_claims_take(okng_claims *claims, const char *const *names, size_t count, okng_error *error)
{
    const char **sorted = okng_alloc(count > 0 ? count : 1, sizeof *sorted);
    if (!sorted) return okng_fail_memory(error, count * sizeof *sorted);
    for (size_t i = 0; i < count; i++) sorted[i] = names[i];
    if (count > 0) qsort(sorted, count, sizeof *sorted, by_text);
    okng_status status = count > 0 ? check_others(claims, sorted, count, error) : OKNG_OK;
    if (status == OKNG_OK) status = write_list(claims, sorted, count, error);
    free(sorted);
    if (status == OKNG_OK) okng_lock_drop(&claims->gate);
    return status;
}

okng_status okng_claims_return(okng_claims *claims, okng_error *error)
{
    OKNG_TRY(okng_lock_check(&claims->run, error));
    return close_gate(claims, error);
}

void okng_claims_end(okng_claims *claims)
{
    okng_lock_drop(&claims->run);
    okng_lock_drop(&claims->gate);
}
