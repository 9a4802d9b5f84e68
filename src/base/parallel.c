#include "base/parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

enum {
    STACK_BYTES = 2 << 20, /* of a helper */
    SPINS = 100,           /* times that a thread looks again before it sleeps, 2 to 5 us altogether */
    WAKES = 2,             /* sleepers that one thread wakes; they wake others */
    PATIENCE = 1000        /* loops before a helper is asked for again where the system has refused one */
};

typedef struct loop {
    okng_parallel_fn body;
    void *context;
    int64_t count, grain, chunks;
    _Atomic int64_t next; /* chunk */
    int threads;          /* the calling one among them */
    int joined;           /* helpers that have come so far */
    _Atomic int busy;     /* helpers that have come and not gone; changes under the mutex */
    pthread_cond_t done;  /* busy is 0 */
    struct loop *later;
} loop;

/* The helpers of the process, and the loops that want more of them. */
static struct {
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t wake;
    loop *first;                              /* of the loops, in the order in which they came */
    _Atomic int wanted;                       /* helpers that the loops would still take; changes under the mutex */
    int helpers, awake, idle, most, patience; /* awake: idle ones that do not sleep yet */
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

static _Thread_local bool inside;

bool okng_parallel_inside(void)
{
    return inside;
}

static void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

static void run_chunks(loop *l, int thread)
{
    for (;;) {
        int64_t chunk = atomic_fetch_add_explicit(&l->next, 1, memory_order_relaxed);
        if (chunk >= l->chunks) return;
        int64_t begin = chunk * l->grain, end = l->count - begin < l->grain ? l->count : begin + l->grain;
        l->body(l->context, begin, end, thread);
    }
}

/* ---- under the mutex ----------------------------------------------------------------------------- */

static void add_loop(loop *l)
{
    loop **end = &pool.first;
    while (*end) end = &(*end)->later;
    *end = l;
    atomic_fetch_add(&pool.wanted, l->threads - 1);
}

/* Nobody joins it any more. Fine where that is so already. */
static void close_loop(const loop *l)
{
    for (loop **at = &pool.first; *at; at = &(*at)->later) {
        if (*at != l) continue;
        *at = l->later;
        atomic_fetch_sub(&pool.wanted, l->threads - 1 - l->joined);
        return;
    }
}

/* Sleepers to wake for what is wanted. */
static int count_wakes(void)
{
    int wakes = atomic_load(&pool.wanted) - pool.awake, asleep = pool.idle - pool.awake;
    if (wakes > asleep) wakes = asleep;
    return wakes < 0 ? 0 : wakes < WAKES ? wakes : WAKES;
}

/* The first loop, with the thread's number in it; NULL where none wants help. */
static loop *join_loop(int *thread)
{
    loop *l = pool.first;
    if (!l) return NULL;
    *thread = ++l->joined;
    atomic_fetch_add(&l->busy, 1);
    atomic_fetch_sub(&pool.wanted, 1);
    if (l->joined == l->threads - 1) close_loop(l);
    return l;
}

/* ---- a helper ------------------------------------------------------------------------------------ */

static void wake(int sleepers)
{
    for (int i = 0; i < sleepers; i++) (void)pthread_cond_signal(&pool.wake);
}

static loop *wait_for_loop(int *thread)
{
    loop *l = join_loop(thread);
    if (l) return l;
    pool.idle++;
    pool.awake++;
    (void)pthread_mutex_unlock(&pool.mutex);
    for (int i = 0; i < SPINS && atomic_load_explicit(&pool.wanted, memory_order_relaxed) == 0; i++) pause_briefly();
    (void)pthread_mutex_lock(&pool.mutex);
    pool.awake--;
    while (!(l = join_loop(thread))) (void)pthread_cond_wait(&pool.wake, &pool.mutex);
    pool.idle--;
    return l;
}

static void *help(void *unused)
{
    (void)unused;
    inside = true;
    (void)pthread_mutex_lock(&pool.mutex);
    for (;;) {
        int thread, sleepers;
        loop *l = wait_for_loop(&thread);
        sleepers = count_wakes();
        (void)pthread_mutex_unlock(&pool.mutex);
        wake(sleepers);
        run_chunks(l, thread);
        (void)pthread_mutex_lock(&pool.mutex);
        close_loop(l); /* there are no more chunks */
        if (atomic_fetch_sub(&l->busy, 1) == 1) (void)pthread_cond_signal(&l->done);
    }
    return NULL;
}

/* Signals are the host's; those that a fault raises must reach its handlers. */
static void block_signals(sigset_t *before)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
    sigset_t set;
    (void)sigfillset(&set);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) (void)sigdelset(&set, faults[i]);
    (void)pthread_sigmask(SIG_SETMASK, &set, before);
}

/* Under the mutex: a thread that cannot be had leaves its share to the others. */
static bool add_helper(void)
{
    pthread_t id;
    pthread_attr_t attributes;
    sigset_t before;
    if (pthread_attr_init(&attributes) != 0) return false;
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    block_signals(&before);
    bool made = pthread_create(&id, &attributes, help, NULL) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    if (!made) return false;
    pool.helpers++;
    (void)pthread_setname_np(id, "okng-helper");
    return true;
}

/* ---- fork ---------------------------------------------------------------------------------------- */

static void before_fork(void)
{
    (void)pthread_mutex_lock(&pool.mutex);
}

static void after_fork(void)
{
    (void)pthread_mutex_unlock(&pool.mutex);
}

/* The child has but the thread that called fork. */
static void after_fork_in_child(void)
{
    pool.wake = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    pool.first = NULL;
    atomic_store(&pool.wanted, 0);
    pool.helpers = pool.awake = pool.idle = pool.patience = 0;
    (void)pthread_mutex_unlock(&pool.mutex);
}

static void prepare(void)
{
    pool.most = okng_thread_count(0) - 1;
    (void)pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

/* ---- a loop -------------------------------------------------------------------------------------- */

/* Under the mutex. One helper for each core beside the caller's is enough for any number of callers; who wants more
 * threads than there are cores gets them. */
static void make_helpers(const loop *l)
{
    if (l->threads - 1 > pool.most) pool.most = l->threads - 1;
    if (pool.patience > 0) {
        pool.patience--;
        return;
    }
    /* new ones are not idle before they have come */
    for (int coming = pool.idle; coming < atomic_load(&pool.wanted) && pool.helpers < pool.most; coming++) {
        if (add_helper()) continue;
        pool.patience = PATIENCE;
        return;
    }
}

static void wait_for_helpers(loop *l)
{
    for (int i = 0; i < SPINS && atomic_load_explicit(&l->busy, memory_order_relaxed) > 0; i++) pause_briefly();
    (void)pthread_mutex_lock(&pool.mutex);
    while (atomic_load(&l->busy) > 0) (void)pthread_cond_wait(&l->done, &pool.mutex);
    (void)pthread_mutex_unlock(&pool.mutex);
}

static void share(loop *l)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, prepare);
    (void)pthread_cond_init(&l->done, NULL);
    (void)pthread_mutex_lock(&pool.mutex);
    add_loop(l);
    make_helpers(l);
    int sleepers = count_wakes();
    (void)pthread_mutex_unlock(&pool.mutex);
    wake(sleepers);
    inside = true;
    run_chunks(l, 0);
    inside = false;
    (void)pthread_mutex_lock(&pool.mutex);
    close_loop(l);
    bool busy = atomic_load(&l->busy) > 0;
    (void)pthread_mutex_unlock(&pool.mutex);
    if (busy) wait_for_helpers(l);
    (void)pthread_cond_destroy(&l->done);
}

void okng_parallel_for(int threads, int64_t count, int64_t grain, okng_parallel_fn body, void *context)
{
    if (count <= 0) return;
    loop l = {.body = body, .context = context, .count = count, .grain = grain < 1 ? 1 : grain};
    l.chunks = (count - 1) / l.grain + 1;
    if (threads > OKNG_MAX_THREADS) threads = OKNG_MAX_THREADS;
    l.threads = threads < l.chunks ? threads : (int)l.chunks;
    if (l.threads <= 1 || inside)
        run_chunks(&l, 0);
    else
        share(&l);
}
