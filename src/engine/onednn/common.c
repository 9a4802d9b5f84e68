/* oneDNN as a whole: its threads, its version, its errors. */
#include <dnnl_debug.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>

#include "base/error.h"
#include "base/parallel.h"
#include "engine/onednn/compiled.h"

static _Thread_local int team = 1;

int *okng_dnnl_team(void)
{
    return &team;
}

/* libgomp keeps the threads of one loop for the next. A child of fork() has not got them, and its first loop would wait
 * for them for ever: they are let go before. */
static void let_threads_go(void)
{
    (void)omp_pause_resource(omp_pause_soft, omp_get_initial_device());
    team = 1;
}

static void watch_forks(void)
{
    (void)pthread_atfork(let_threads_go, NULL, NULL);
}

int okng_dnnl_use_threads(int threads)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (threads > 1) (void)pthread_once(&once, watch_forks);
    int before = omp_get_max_threads();
    if (okng_parallel_inside()) threads = 1; /* the other cores have their share of that loop */
    if (before != threads) omp_set_num_threads(threads);
    return before;
}

void okng_dnnl_leave_threads(int before)
{
    if (omp_get_max_threads() != before) omp_set_num_threads(before);
}

static char version_text[48];

static void write_version(void)
{
    const dnnl_version_t *version = dnnl_version();
    (void)snprintf(version_text, sizeof version_text, "oneDNN %d.%d.%d", version->major, version->minor,
                   version->patch);
}

const char *okng_dnnl_version_text(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, write_version);
    return version_text;
}

okng_status okng_fail_dnnl(okng_error *error, dnnl_status_t status, const char *doing, const char *what)
{
    okng_status kind = status == dnnl_out_of_memory   ? OKNG_ERROR_MEMORY
                       : status == dnnl_unimplemented ? OKNG_ERROR_UNSUPPORTED
                                                      : OKNG_ERROR_INTERNAL;
    return okng_fail(error, kind, "%s cannot %s %s: %s", okng_dnnl_version_text(), doing, what,
                     dnnl_status2str(status));
}
