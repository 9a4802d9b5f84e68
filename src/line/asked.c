#include "line/asked.h"

#include <string.h>

#include "base/clock.h"

void okng_asked_init(okng_asked *asked, double timeout)
{
    memset(asked, 0, sizeof *asked);
    asked->timeout = timeout;
    (void)pthread_mutex_init(&asked->mutex, NULL);
}

void okng_asked_free(okng_asked *asked)
{
    (void)pthread_mutex_destroy(&asked->mutex);
}

void okng_asked_open(okng_asked *asked, bool ready)
{
    (void)pthread_mutex_lock(&asked->mutex);
    asked->ready = ready;
    asked->since = 0;
    (void)pthread_mutex_unlock(&asked->mutex);
}

okng_status okng_asked_begin(okng_asked *asked, okng_error *error)
{
    (void)pthread_mutex_lock(&asked->mutex);
    bool taken = asked->ready && asked->since == 0;
    if (taken) asked->since = okng_clock();
    (void)pthread_mutex_unlock(&asked->mutex);
    return taken ? OKNG_OK : okng_fail(error, OKNG_ERROR_BUSY, "the picture of the trigger before has not come yet");
}

bool okng_asked_answer(okng_asked *asked)
{
    (void)pthread_mutex_lock(&asked->mutex);
    bool waited = asked->since > 0;
    asked->since = 0;
    (void)pthread_mutex_unlock(&asked->mutex);
    return waited;
}

bool okng_asked_waits(okng_asked *asked)
{
    (void)pthread_mutex_lock(&asked->mutex);
    bool waits = asked->since > 0;
    (void)pthread_mutex_unlock(&asked->mutex);
    return waits;
}

bool okng_asked_is_late(okng_asked *asked, bool hopeless)
{
    (void)pthread_mutex_lock(&asked->mutex);
    bool late = asked->since > 0 && (hopeless || okng_clock() > asked->since + asked->timeout);
    if (late) {
        asked->since = 0;
        asked->ready = false;
    }
    (void)pthread_mutex_unlock(&asked->mutex);
    return late;
}
