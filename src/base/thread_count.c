/* How many threads this process may have. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "base/cgroup.h"
#include "base/parallel.h"

enum { MAX_CPUS = 1 << 20 };

static void *wait_for_gate(void *gate)
{
    (void)pthread_mutex_lock(gate);
    (void)pthread_mutex_unlock(gate);
    return NULL;
}

int okng_startable_threads(int wanted)
{
    if (wanted > OKNG_MAX_THREADS) wanted = OKNG_MAX_THREADS;
    pthread_t ids[OKNG_MAX_THREADS];
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_lock(&gate);
    int started = 1;
    while (started < wanted && pthread_create(&ids[started], NULL, wait_for_gate, &gate) == 0) started++;
    (void)pthread_mutex_unlock(&gate);
    for (int t = 1; t < started; t++) (void)pthread_join(ids[t], NULL);
    return started;
}

/* Cores that the calling thread may run on; 1 where the system does not tell. A set that is too small for the machine
 * is refused. */
static int count_cores(void)
{
    int count = 0;
    for (int cpus = CPU_SETSIZE; count == 0 && cpus <= MAX_CPUS; cpus *= 2) {
        cpu_set_t *set = CPU_ALLOC((size_t)cpus);
        if (!set) break;
        if (sched_getaffinity(0, CPU_ALLOC_SIZE((size_t)cpus), set) == 0)
            count = CPU_COUNT_S(CPU_ALLOC_SIZE((size_t)cpus), set);
        CPU_FREE(set);
    }
    return count > 0 ? count : 1;
}

static int quota; /* 0 = none */

static void find_quota(void)
{
    quota = okng_cgroup_cpus();
}

static int count_cpus(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, find_quota);
    int cores = count_cores();
    return quota > 0 && quota < cores ? quota : cores;
}

int okng_thread_count(int requested)
{
    static _Atomic int known = 1; /* that many could be started before */
    int wanted = requested > 0 ? requested : count_cpus();
    if (wanted > OKNG_MAX_THREADS) wanted = OKNG_MAX_THREADS;
    if (wanted <= atomic_load(&known)) return wanted;
    int startable = okng_startable_threads(wanted);
    if (startable == wanted) atomic_store(&known, wanted);
    return startable;
}
