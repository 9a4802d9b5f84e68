/* A network under every amount of memory: it runs, or the call says that memory is out; the process lives. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/memory_room.h"
#include "engine/onednn/compat.h"
#include "engine_fixture.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { LIMITS_WORK = false }; /* a sanitizer's shadow is larger than any limit */
#else
enum { LIMITS_WORK = true };
#endif

static bool limit_growth(size_t bytes)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%llu", &pages) != 1) return false;
    (void)fclose(file);
    const rlim_t limit = pages * (rlim_t)sysconf(_SC_PAGESIZE) + bytes;
    return setrlimit(RLIMIT_AS, &(struct rlimit){limit, RLIM_INFINITY}) == 0;
}

/* ---- networks -------------------------------------------------------------------------------------- */

typedef struct network {
    const char *name, *layer;
    int side;
    size_t step; /* from limit to limit, bytes */
} network;

/* What comes of it: compiled and run by so many threads. */
static okng_status use(const fixture *f, int threads, float *output, okng_error *error)
{
    okng_engine *engine = NULL;
    okng_engine_session *session = NULL;
    const okng_engine_options options = {.threads = threads, .winograd = true};
    okng_status status = okng_engine_compile(&engine, f->graph, f->weights, &options, error);
    if (status == OKNG_OK) status = okng_engine_session_new(&session, engine, 1, error);
    if (status == OKNG_OK) status = okng_engine_run(session, (const void *[]){f->input}, &output, error);
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    return status;
}

enum { FINE = 0, REFUSED = 3, WRONG = 4 };

/* In a child, whose memory ends: FINE, REFUSED, or what a shell calls a signal. again: who was refused must run once
 * there is memory. */
static int use_within(const fixture *f, int threads, size_t floats, size_t bytes, bool again)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
        for (int i = 0; i < 5; i++) (void)signal(signals[i], SIG_DFL); /* cmocka would go on with the next test here */
        okng_error error = {0};
        float *output = malloc(floats * sizeof *output);
        if (!output || !limit_growth(bytes)) _exit(WRONG);
        okng_status status = use(f, threads, output, &error);
        if (status == OKNG_ERROR_MEMORY && error.message[0]) {
            const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
            if (again && setrlimit(RLIMIT_AS, &none) == 0 && use(f, threads, output, &error) != OKNG_OK) _exit(WRONG);
            _exit(REFUSED);
        }
        if (status != OKNG_OK) (void)fprintf(stderr, "# status %d: %s\n", (int)status, error.message);
        _exit(status == OKNG_OK ? FINE : WRONG);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void scan(const network *n, int threads)
{
    enum { FROM = 64 << 10, TO = 64 << 20 };
    if (!LIMITS_WORK) skip();
    fixture f = open_fixture(n->name, &n->layer, 1, 1, n->side, n->side, NULL);
    int64_t shape[4] = {1, 1, 1, 1};
    (void)okng_graph_output_shape(f.graph, 0, shape);
    int fine = 0, refused = 0;
    for (size_t bytes = FROM; bytes < TO; bytes += n->step) {
        const int found = use_within(&f, threads, elements(shape), bytes, (fine + refused) % 8 == 0);
        if (found != FINE && found != REFUSED)
            fail_msg("%s on %d threads with %zu KiB: ended with %d", n->name, threads, bytes >> 10, found);
        fine += found == FINE;
        refused += found == REFUSED;
    }
    assert_true(fine > 2);
    assert_true(refused > 5);
    close_fixture(&f);
}

static void convolutions_run_or_are_refused(void **state)
{
    (void)state;
    const network n = {"okng-s", "layer2", 64, 700 << 10};
    scan(&n, 1);
    scan(&n, 2);
}

static void transformers_run_or_are_refused(void **state)
{
    (void)state;
    const network n = {"vit_tiny_patch16_224", "blocks.0", 224, 3100 << 10};
    scan(&n, 1);
    scan(&n, 2);
}

/* ---- the wall -------------------------------------------------------------------------------------- */

/* Takes all there is in small pieces, and lets oneDNN grow a list. */
static int grow_without_memory(void)
{
    enum { ENTRIES = 32 };
    dnnl_post_ops_t ops = NULL;
    if (okng_dnnl.post_ops_create(&ops) != dnnl_success || !limit_growth(1 << 20)) return WRONG;
    for (size_t bytes = 1 << 20; bytes >= 16; bytes /= 2)
        while (malloc(bytes)) {
        } // NOLINT: nothing is left on purpose
    dnnl_status_t status = dnnl_success;
    for (int i = 0; i < ENTRIES && status == dnnl_success; i++)
        status = okng_dnnl.post_ops_append_binary(
            ops, dnnl_binary_add,
            &(dnnl_memory_desc_t){.ndims = 1, .dims = {1}, .padded_dims = {1}, .data_type = dnnl_f32});
    return status == dnnl_out_of_memory ? FINE : WRONG;
}

static void an_exception_comes_back_as_a_status(void **state)
{
    (void)state;
    if (!LIMITS_WORK) skip();
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(grow_without_memory());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), FINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(convolutions_run_or_are_refused),
                                       cmocka_unit_test(transformers_run_or_are_refused),
                                       cmocka_unit_test(an_exception_comes_back_as_a_status)};
    return RUN_TESTS(tests);
}
