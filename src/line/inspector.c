#include "line/inspector.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"

/* The server's queue may be full of others' pictures; the line's waits for its turn, as long as it may. */
static okng_status inspect(void *user, const char *bank, const okng_picture *picture, double limit_s,
                           okng_result **result, char hash[OKNG_HASH_TEXT], okng_error *error)
{
    okng_line_banks *banks = user;
    const double until = okng_clock() + limit_s;
    okng_inspected inspected = {0};
    okng_status status;
    do {
        const double left = until - okng_clock();
        status = okng_queue_inspect(banks->queue, bank, picture, NULL, left > 0 ? left : 0, &inspected, error);
        if (status != OKNG_ERROR_BUSY) break;
        const struct timespec moment = {.tv_nsec = 2000000};
        (void)nanosleep(&moment, NULL);
    } while (okng_clock() < until);
    if (status != OKNG_OK) return status;
    *result = inspected.result;
    memcpy(hash, inspected.hash, OKNG_HASH_TEXT);
    return OKNG_OK;
}

static okng_status hold(void *user, const char *bank, void **held, okng_error *error)
{
    okng_lease *lease = NULL;
    OKNG_TRY(okng_cache_take(((okng_line_banks *)user)->cache, bank, &lease, error));
    *held = lease;
    return OKNG_OK;
}

static void release(void *user, void **held)
{
    okng_lease *lease = *held;
    (void)user;
    okng_lease_drop(&lease);
    *held = NULL;
}

okng_line_inspector okng_line_inspector_of(okng_line_banks *banks)
{
    return (okng_line_inspector){.inspect = inspect, .hold = hold, .release = release, .user = banks};
}
