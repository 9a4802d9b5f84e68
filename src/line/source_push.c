#include "line/source_push.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/catalogue.h"
#include "line/held.h"
#include "line/kinds.h"

enum { MOST = 1024 }; /* pictures that can wait */

/* clang-format off */
static const okng_line_key keys[] = {
    {.name = "waiting", .type = OKNG_LINE_INTEGER, .values = "N", .initial = "8", .low = 1, .high = MOST, .help = N_("pictures that may wait here; who pushes more is told to come again")},
    {.name = "size", .type = OKNG_LINE_INTEGER, .values = "MEBIBYTES", .initial = "64", .low = 1, .high = 1024, .help = N_("largest picture that is taken")},
    {0},
};
/* clang-format on */

typedef struct pushed {
    okng_held *held;
    char name[OKNG_RECORD_NAME];
} pushed;

typedef struct source {
    pthread_mutex_t mutex; /* of the queue */
    pthread_cond_t came;
    bool woken;
    size_t first, count, most;
    uint64_t size; /* bytes of a picture */
    okng_newest newest;
    pushed queue[MOST];
} source;

static void close_source(void **given)
{
    source *it = *given;
    *given = NULL;
    if (!it) return;
    for (size_t i = 0; i < it->count; i++) okng_held_drop(&it->queue[(it->first + i) % MOST].held);
    okng_newest_close(&it->newest);
    (void)pthread_cond_destroy(&it->came);
    (void)pthread_mutex_destroy(&it->mutex);
    free(it);
}

static okng_status open_source(void **out, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    (void)line;
    source *it = calloc(1, sizeof *it);
    *out = it;
    if (!it) return okng_fail_memory(error, sizeof *it);
    pthread_condattr_t steady;
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&it->came, &steady);
    (void)pthread_condattr_destroy(&steady);
    (void)pthread_mutex_init(&it->mutex, NULL);
    okng_newest_init(&it->newest);
    it->most = (size_t)okng_line_integer(settings, "waiting");
    it->size = (uint64_t)okng_line_integer(settings, "size") << 20;
    return OKNG_OK;
}

static void wake(void *given)
{
    source *it = given;
    (void)pthread_mutex_lock(&it->mutex);
    it->woken = true;
    (void)pthread_cond_signal(&it->came);
    (void)pthread_mutex_unlock(&it->mutex);
}

static okng_status next(void *given, int wait_ms, okng_frame *frame, bool *got, okng_error *error)
{
    (void)error;
    source *it = given;
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000) until.tv_nsec -= 1000000000, until.tv_sec++;
    pushed oldest = {0};
    (void)pthread_mutex_lock(&it->mutex);
    while (it->count == 0 && !it->woken && pthread_cond_timedwait(&it->came, &it->mutex, &until) != ETIMEDOUT) continue;
    it->woken = false;
    *got = it->count > 0;
    if (*got) {
        oldest = it->queue[it->first];
        it->first = (it->first + 1) % MOST;
        it->count--;
    }
    (void)pthread_mutex_unlock(&it->mutex);
    if (!*got) return OKNG_OK;
    okng_held_lend(oldest.held, frame);
    memcpy(frame->name, oldest.name, sizeof frame->name);
    okng_held_drop(&oldest.held);
    return OKNG_OK;
}

static okng_status look(void *given, okng_frame *frame, okng_error *error)
{
    source *it = given;
    return okng_newest_lend(&it->newest, frame, error);
}

/* ---- pushing --------------------------------------------------------------------------------------------------------
 */

static okng_status hold(source *it, const void *data, size_t size, okng_held **held, okng_error *error)
{
    if (size == 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no bytes of a picture came");
    if (size > it->size)
        return okng_fail(error, OKNG_ERROR_LIMIT, "a picture of %zu bytes, at most %llu are taken (size)", size,
                         (unsigned long long)it->size);
    void *copy = malloc(size);
    if (!copy) return okng_fail_memory(error, size);
    okng_status status = okng_held_new(held, error);
    if (status != OKNG_OK) {
        free(copy);
        return status;
    }
    memcpy(copy, data, size);
    (*held)->memory = copy;
    (*held)->picture.data = copy;
    (*held)->picture.data_size = size;
    return OKNG_OK;
}

static okng_status push(source *it, const void *data, size_t size, const char *name, okng_error *error)
{
    pushed given = {0};
    OKNG_TRY(hold(it, data, size, &given.held, error));
    if (name) (void)strncpy(given.name, name, sizeof given.name - 1);
    (void)pthread_mutex_lock(&it->mutex);
    bool room = it->count < it->most;
    if (room) {
        okng_newest_put(&it->newest, given.held);
        it->queue[(it->first + it->count++) % MOST] = given;
        (void)pthread_cond_signal(&it->came);
    }
    (void)pthread_mutex_unlock(&it->mutex);
    if (room) return OKNG_OK;
    okng_held_drop(&given.held);
    return okng_fail(error, OKNG_ERROR_BUSY, "%zu pictures wait already: push again in a moment", it->most);
}

okng_status okng_line_push(okng_line *line, const char *name_of_source, const void *data, size_t size, const char *name,
                           okng_error *error)
{
    source *it = okng_line_source_take(line, name_of_source, &okng_line_source_push);
    if (!it)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "the line has no source %s of the kind push", name_of_source);
    okng_status status = push(it, data, size, name, error);
    okng_line_source_drop(line, name_of_source);
    return status;
}

const okng_line_source_kind okng_line_source_push = {
    .name = "push",
    .summary = N_("pictures that others hand over by HTTP: POST /v1/sources/NAME"),
    .keys = keys,
    .open = open_source,
    .next = next,
    .look = look,
    .wake = wake,
    .close = close_source,
};
