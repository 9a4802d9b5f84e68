#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "base/parallel.h"
#include "test.h"

enum { COUNT = 61, MOST = 8, LOOPS = 300, CALLERS = 6, PATIENCE_S = 60 };

/* ---- bodies ------------------------------------------------------------------------------------- */

typedef struct marks {
    int seen[COUNT];
    _Atomic int in_use[MOST]; /* thread numbers that somebody has now */
    _Atomic int wrong;
} marks;

static void mark(void *context, int64_t begin, int64_t end, int thread)
{
    marks *m = context;
    const bool known = thread >= 0 && thread < MOST;
    if (!known || atomic_fetch_add(&m->in_use[thread], 1) != 0) atomic_fetch_add(&m->wrong, 1);
    for (int64_t i = begin; i < end; i++) m->seen[i]++;
    if (known) atomic_fetch_sub(&m->in_use[thread], 1);
}

/* Whether a loop of that many threads handles each index once. */
static bool marks_all(int threads, int64_t grain)
{
    marks m = {{0}, {0}, 0};
    okng_parallel_for(threads, COUNT, grain, mark, &m);
    bool fine = m.wrong == 0;
    for (int i = 0; i < COUNT; i++) fine = fine && m.seen[i] == 1;
    return fine;
}

/* Waits until *count is `wanted`; false when that does not come. */
static bool wait_until(_Atomic int *count, int wanted)
{
    const time_t begin = time(NULL);
    while (atomic_load(count) < wanted) {
        if (time(NULL) - begin > PATIENCE_S) return false;
        (void)sched_yield();
    }
    return true;
}

typedef struct meeting {
    int wanted;
    _Atomic int arrived, missed;
    size_t stack[MOST];
    sigset_t blocked[MOST];
    pthread_t ids[MOST];
    bool inside[MOST];
} meeting;

/* Every chunk waits for all others: only as many threads can end it. */
static void meet(void *context, int64_t begin, int64_t end, int thread)
{
    (void)end;
    meeting *m = context;
    pthread_attr_t attributes;
    m->ids[thread] = pthread_self();
    m->inside[begin] = okng_parallel_inside();
    (void)pthread_sigmask(SIG_SETMASK, NULL, &m->blocked[thread]);
    if (thread > 0 && pthread_getattr_np(pthread_self(), &attributes) == 0) {
        (void)pthread_attr_getstacksize(&attributes, &m->stack[thread]);
        (void)pthread_attr_destroy(&attributes);
    }
    atomic_fetch_add(&m->arrived, 1);
    if (!wait_until(&m->arrived, m->wanted)) atomic_fetch_add(&m->missed, 1);
}

static bool meets(meeting *m, int threads)
{
    *m = (meeting){.wanted = threads};
    okng_parallel_for(threads, threads, 1, meet, m);
    return m->arrived == threads && m->missed == 0;
}

/* ---- loops -------------------------------------------------------------------------------------- */

static void every_index_is_handled_once(void **state)
{
    (void)state;
    for (int threads = -1; threads <= MOST; threads++)
        for (int64_t grain = 0; grain < COUNT + 10; grain++) assert_true(marks_all(threads, grain));
}

typedef struct extent {
    _Atomic int chunks, wrong;
    _Atomic uint64_t total;
} extent;

static void measure(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    extent *e = context;
    atomic_fetch_add(&e->chunks, 1);
    atomic_fetch_add(&e->total, (uint64_t)(end - begin));
    if (begin < 0 || end <= begin) atomic_fetch_add(&e->wrong, 1);
}

static void any_count_is_fine(void **state)
{
    (void)state;
    static const struct {
        int64_t count, grain;
        int chunks;
    } cases[] = {{INT64_MIN, 1, 0},
                 {-1, 1, 0},
                 {0, 1, 0},
                 {1, INT64_MAX, 1},
                 {INT64_MAX, INT64_MAX, 1},
                 {INT64_MAX, INT64_MAX - 1, 2},
                 {INT64_MAX, (INT64_MAX >> 3) + 1, MOST}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        extent e = {0, 0, 0};
        okng_parallel_for(INT32_MAX, cases[i].count, cases[i].grain, measure, &e);
        assert_int_equal(e.chunks, cases[i].chunks);
        assert_int_equal(e.wrong, 0);
        assert_int_equal(e.total, cases[i].count < 0 ? 0 : (uint64_t)cases[i].count);
    }
}

typedef struct nest {
    pthread_t outer;
    _Atomic int wrong, inner;
} nest;

static void see_same_thread(void *context, int64_t begin, int64_t end, int thread)
{
    nest *n = context;
    if (thread != 0 || !pthread_equal(n->outer, pthread_self())) n->wrong++;
    n->inner += (int)(end - begin);
}

static void loop_inside(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    _Atomic int *wrong = context;
    for (int64_t i = begin; i < end; i++) {
        nest n = {.outer = pthread_self()};
        okng_parallel_for(4, 20, 1, see_same_thread, &n);
        if (n.wrong || n.inner != 20 || !okng_parallel_inside()) atomic_fetch_add(wrong, 1);
    }
}

static void nested_loops_stay_in_their_thread(void **state)
{
    (void)state;
    _Atomic int wrong = 0;
    okng_parallel_for(4, 100, 1, loop_inside, &wrong);
    assert_int_equal(wrong, 0);
    assert_false(okng_parallel_inside());
}

static void as_many_threads_as_asked_for_work_at_once(void **state)
{
    (void)state;
    meeting m;
    for (int threads = 2; threads <= MOST; threads++) {
        assert_true(meets(&m, threads));
        for (int t = 0; t < threads; t++) {
            assert_true(m.inside[t]);
            for (int other = 0; other < t; other++) assert_false(pthread_equal(m.ids[t], m.ids[other]));
        }
    }
}

static void helpers_take_no_signals_of_the_host(void **state)
{
    (void)state;
    meeting m;
    assert_true(meets(&m, 3));
    for (int t = 1; t < 3; t++) {
        assert_true(sigismember(&m.blocked[t], SIGTERM) && sigismember(&m.blocked[t], SIGALRM));
        assert_false(sigismember(&m.blocked[t], SIGSEGV) || sigismember(&m.blocked[t], SIGBUS));
        assert_true(m.stack[t] > 0 && m.stack[t] <= 16 << 20);
    }
    assert_false(sigismember(&m.blocked[0], SIGTERM));
}

/* ---- several callers ---------------------------------------------------------------------------- */

static void *call_often(void *wrong)
{
    for (int i = 0; i < LOOPS; i++)
        if (!marks_all(2 + i % (MOST - 1), 1 + i % 9)) atomic_fetch_add((_Atomic int *)wrong, 1);
    return NULL;
}

static void start(pthread_t ids[CALLERS], void *(*call)(void *), void *context)
{
    for (int i = 0; i < CALLERS; i++) assert_int_equal(pthread_create(&ids[i], NULL, call, context), 0);
}

static void join(const pthread_t ids[CALLERS])
{
    for (int i = 0; i < CALLERS; i++) assert_int_equal(pthread_join(ids[i], NULL), 0);
}

static void callers_do_not_disturb_each_other(void **state)
{
    (void)state;
    _Atomic int wrong = 0;
    pthread_t ids[CALLERS];
    start(ids, call_often, &wrong);
    join(ids);
    assert_int_equal(wrong, 0);
}

typedef struct siege {
    _Atomic int held, released;
} siege;

static void hold(void *context, int64_t begin, int64_t end, int thread)
{
    (void)begin;
    (void)end;
    (void)thread;
    siege *s = context;
    atomic_fetch_add(&s->held, 1);
    (void)wait_until(&s->released, 1);
}

static void *besiege(void *context)
{
    okng_parallel_for(MOST, MOST, 1, hold, context);
    return NULL;
}

/* While another loop holds all helpers, one goes on by itself, and waits for none of them. */
static void nobody_waits_for_a_helper_that_does_not_come(void **state)
{
    (void)state;
    siege s = {0, 0};
    pthread_t id;
    assert_int_equal(pthread_create(&id, NULL, besiege, &s), 0);
    assert_true(wait_until(&s.held, MOST));
    for (int i = 0; i < LOOPS; i++) assert_true(marks_all(MOST, 1));
    assert_int_equal(s.released, 0);
    atomic_store(&s.released, 1);
    assert_int_equal(pthread_join(id, NULL), 0);
}

/* ---- processes ---------------------------------------------------------------------------------- */

static bool child_says_so(bool (*look)(void))
{
    enum { FINE = 10, WRONG };
    int status = -1;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)alarm(2 * PATIENCE_S);
        _exit(look() ? FINE : WRONG);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == FINE;
}

static bool works(void)
{
    meeting m;
    return meets(&m, 4) && marks_all(MOST, 1);
}

static _Atomic bool enough;

static void *call_until_enough(void *wrong)
{
    while (!enough)
        if (!marks_all(3, 2)) atomic_fetch_add((_Atomic int *)wrong, 1);
    return NULL;
}

static void a_child_has_helpers_of_its_own(void **state)
{
    (void)state;
#ifdef __SANITIZE_THREAD__
    print_message("SKIP %s: ThreadSanitizer makes no threads after fork\n", __func__);
    skip();
#endif
    _Atomic int wrong = 0;
    pthread_t ids[CALLERS];
    assert_true(works());
    assert_true(child_says_so(works));
    enough = false;
    start(ids, call_until_enough, &wrong); /* who may hold any lock while the process forks */
    for (int i = 0; i < 20; i++) assert_true(child_says_so(works));
    enough = true;
    join(ids);
    assert_int_equal(wrong, 0);
    assert_true(works());
}

/* No thread can be had: RLIMIT_NPROC does not hold root back. */
static bool works_alone(void)
{
    if (geteuid() == 0 && setuid(65534) != 0) return false;
    if (setrlimit(RLIMIT_NPROC, &(struct rlimit){0, 0}) != 0) return false;
    pthread_t id;
    meeting m = {.wanted = 1};
    if (pthread_create(&id, NULL, call_often, NULL) == 0) return false;
    okng_parallel_for(4, MOST, 1, meet, &m);
    if (m.missed) return false;
    for (int t = 1; t < 4; t++)
        if (m.stack[t] != 0) return false;
    return marks_all(MOST, 1) && okng_thread_count(7) == 1;
}

static void without_threads_the_caller_does_all(void **state)
{
    (void)state;
    assert_true(child_says_so(works_alone));
}

/* ---- how many ----------------------------------------------------------------------------------- */

static bool counts_one_core(void)
{
    cpu_set_t one, all;
    if (sched_getaffinity(0, sizeof all, &all) != 0) return false;
    size_t cpu = 0;
    while (!CPU_ISSET(cpu, &all)) cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0 && okng_thread_count(0) == 1 && okng_thread_count(3) == 3;
}

static void cores_that_may_not_be_used_are_not_counted(void **state)
{
    (void)state;
    cpu_set_t all;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    assert_true(okng_thread_count(0) >= 1 && okng_thread_count(0) <= CPU_COUNT(&all));
    assert_int_equal(okng_thread_count(5), 5);
    assert_true(okng_thread_count(INT32_MAX) <= 1024);
    assert_true(child_says_so(counts_one_core));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_threads_the_caller_does_all), /* first, as okng_thread_count remembers */
        cmocka_unit_test(every_index_is_handled_once),
        cmocka_unit_test(any_count_is_fine),
        cmocka_unit_test(nested_loops_stay_in_their_thread),
        cmocka_unit_test(as_many_threads_as_asked_for_work_at_once),
        cmocka_unit_test(helpers_take_no_signals_of_the_host),
        cmocka_unit_test(callers_do_not_disturb_each_other),
        cmocka_unit_test(nobody_waits_for_a_helper_that_does_not_come),
        cmocka_unit_test(a_child_has_helpers_of_its_own),
        cmocka_unit_test(cores_that_may_not_be_used_are_not_counted),
    };
    return RUN_TESTS(tests);
}
