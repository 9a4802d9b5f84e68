#include "base/parallel.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#ifdef OKNG_PTHREADS /* ThreadSanitizer does not know libgomp's barriers */
#include <pthread.h>
#else
#include <omp.h>
#endif

enum { MAX_THREADS = 1024 };

typedef struct loop {
    okng_parallel_fn body;
    void *context;
    int64_t count, grain;
    _Atomic int64_t next;
} loop;

int okng_thread_count(int requested)
{
    if (requested > 0) return requested < MAX_THREADS ? requested : MAX_THREADS;
    cpu_set_t set;
    int cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return cores < 1 ? 1 : cores < MAX_THREADS ? cores : MAX_THREADS;
}

static void run_chunks(loop *l, int thread)
{
    for (;;) {
        int64_t begin = atomic_fetch_add_explicit(&l->next, l->grain, memory_order_relaxed);
        if (begin >= l->count) return;
        int64_t end = l->count - begin < l->grain ? l->count : begin + l->grain;
        l->body(l->context, begin, end, thread);
    }
}

#ifdef OKNG_PTHREADS

static _Thread_local bool inside;

typedef struct worker {
    loop *loop;
    int thread;
} worker;

static void *work(void *argument)
{
    worker *w = argument;
    inside = true;
    run_chunks(w->loop, w->thread);
    return NULL;
}

static void run_team(loop *l, int threads)
{
    pthread_t ids[MAX_THREADS];
    worker workers[MAX_THREADS];
    int started = 1; /* a thread that cannot be had leaves its share to the others */
    for (int t = 1; t < threads; t++) {
        workers[started] = (worker){l, started};
        if (pthread_create(&ids[started], NULL, work, &workers[started]) == 0) started++;
    }
    inside = true;
    run_chunks(l, 0);
    inside = false;
    for (int t = 1; t < started; t++) (void)pthread_join(ids[t], NULL);
}

static bool nested(void)
{
    return inside;
}

#else

static void run_team(loop *l, int threads)
{
#pragma omp parallel num_threads(threads)
    run_chunks(l, omp_get_thread_num());
}

static bool nested(void)
{
    return omp_in_parallel() != 0;
}

#endif

void okng_parallel_for(int threads, int64_t count, int64_t grain, okng_parallel_fn body, void *context)
{
    if (count <= 0) return;
    loop l = {.body = body, .context = context, .count = count, .grain = grain < 1 ? 1 : grain};
    atomic_init(&l.next, 0);
    int64_t chunks = (count - 1) / l.grain + 1;
    if (threads > MAX_THREADS) threads = MAX_THREADS;
    if (threads > chunks) threads = (int)chunks;
    if (threads <= 1 || nested())
        run_chunks(&l, 0);
    else
        run_team(&l, threads);
}
