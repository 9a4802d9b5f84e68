#include "serve/decode.h"

#include <pthread.h>

#include "base/parallel.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t one_left = PTHREAD_COND_INITIALIZER;
static int32_t at_work; /* the mutex guards it */

static void enter(void)
{
    const int32_t most = okng_thread_count(0);
    (void)pthread_mutex_lock(&mutex);
    while (at_work >= most) (void)pthread_cond_wait(&one_left, &mutex);
    at_work++;
    (void)pthread_mutex_unlock(&mutex);
}

static void leave(void)
{
    (void)pthread_mutex_lock(&mutex);
    at_work--;
    (void)pthread_cond_signal(&one_left);
    (void)pthread_mutex_unlock(&mutex);
}

okng_status okng_decode_png(const okng_picture *picture, int32_t side, void **bytes, size_t *size, okng_error *error)
{
    enter();
    okng_status status = okng_picture_png(picture, side, bytes, size, error);
    leave();
    return status;
}
