#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#ifndef OKNG_PTHREADS /* ThreadSanitizer does not know libgomp's barriers */
#include <omp.h>
#endif

enum { MAX_THREADS = 1024 };

typedef struct loop {
    okng_parallel_fn body;
    void *context;
    int64_t count, grain;
    _Atomic int64_t next;
} loop;

static void *wait_for_gate(void *gate)
{
    (void)pthread_mutex_lock(gate);
    (void)pthread_mutex_unlock(gate);
    return NULL;
}

/* How many threads, the calling one among them, can be alive at once: starts them, up to `wanted`. */
static int count_startable(int wanted)
{
    pthread_t ids[MAX_THREADS];
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_lock(&gate);
    int started = 1;
    while (started < wanted && pthread_create(&ids[started], NULL, wait_for_gate, &gate) == 0) started++;
    (void)pthread_mutex_unlock(&gate);
    for (int t = 1; t < started; t++) (void)pthread_join(ids[t], NULL);
    return started;
}

int okng_thread_count(int requested)
{
    static _Atomic int known = 1; /* that many could be started before */
    int wanted = requested;
    if (wanted <= 0) {
        cpu_set_t set;
        wanted = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    }
    wanted = wanted < 1 ? 1 : wanted < MAX_THREADS ? wanted : MAX_THREADS;
    if (wanted <= atomic_load(&known)) return wanted;
    int startable = count_startable(wanted);
    if (startable == wanted) atomic_store(&known, wanted);
    return startable;
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
