/* Work that waits for banks: results, order, a full queue, patience, the end. */
#include <math.h>
#include <semaphore.h>

#include "base/clock.h"
#include "cache/queue.h"
#include "cache_fixture.h"

enum { CALLERS = 6 };

static okng_cache *cache;

static int open_banks(void **state)
{
    static const char *const names[] = {"a", "b", "c"};
    char folder[256];
    (void)cache_clear(state);
    for (int i = 0; i < 3; i++) cache_add(names[i]);
    const okng_cache_options options = {cache_path("", folder), 2, 0};
    assert_ok(okng_cache_open(&cache, &options, error));
    return 0;
}

static int close_banks(void **state)
{
    (void)state;
    okng_cache_close(&cache);
    return 0;
}

static okng_queue *open_queue(int32_t workers, int32_t waiting)
{
    okng_queue *queue;
    const okng_queue_options options = {workers, waiting};
    assert_ok(okng_queue_open(&queue, cache, &options, error));
    return queue;
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

static char *json_alone(const okng_picture *picture)
{
    char path[256], *json;
    okng_bank *bank;
    okng_result *result;
    assert_ok(okng_bank_open(&bank, cache_path("a", path), NULL, error));
    okng_inspect_options options;
    okng_inspect_options_init(&options);
    options.threads = 1;
    assert_ok(okng_inspect(&result, bank, picture, &options, error));
    assert_ok(okng_result_json(result, &json, error));
    okng_result_free(&result);
    okng_bank_close(&bank);
    return json;
}

typedef struct caller {
    okng_queue *queue;
    const char *name, *expected;
    const okng_picture *picture;
    int wrong;
} caller;

static void *call(void *argument)
{
    caller *c = argument;
    for (int i = 0; i < 3; i++) {
        okng_inspected got;
        char *json = NULL;
        bool same = okng_queue_inspect(c->queue, c->name, c->picture, NULL, INFINITY, &got, NULL) == OKNG_OK &&
                    okng_result_json(got.result, &json, NULL) == OKNG_OK && strcmp(json, c->expected) == 0 &&
                    strlen(got.hash) == 64 && got.seconds > 0;
        c->wrong += !same;
        okng_text_free(&json);
        okng_inspected_free(&got);
    }
    return NULL;
}

static void results_are_those_of_one_picture_alone(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c"};
    char path[128];
    pthread_t threads[CALLERS];
    caller callers[CALLERS];
    (void)snprintf(path, sizeof path, "%s/ng/000.png", cache_folder);
    const okng_picture picture = {.struct_size = sizeof picture, .path = path};
    char *expected = json_alone(&picture);
    okng_queue *queue = open_queue(3, 0);
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (caller){queue, names[i % 3], expected, &picture, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
    }
    for (int i = 0; i < CALLERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(callers[i].wrong, 0);
    }
    const okng_queue_counts counts = okng_queue_count(queue);
    assert_int_equal(counts.done, 3 * CALLERS);
    assert_int_equal(counts.busy + counts.waiting, 0);
    assert_true(counts.seconds > 0);
    assert_true(okng_queue_retry_after(queue) >= 1);
    okng_queue_close(&queue);
    okng_text_free(&expected);
}

static void errors_come_back_to_who_asked(void **state)
{
    (void)state;
    okng_inspected got;
    okng_queue *queue = open_queue(1, 0);
    const okng_picture none = {.struct_size = sizeof none, .data = "no picture", .data_size = 10};
    assert_fails(OKNG_ERROR_NOT_FOUND, "no such bank",
                 okng_queue_inspect(queue, "none", &none, NULL, INFINITY, &got, error));
    assert_null(got.result);
    assert_fails(OKNG_ERROR_ARGUMENT, "cannot be the name",
                 okng_queue_inspect(queue, "../a", &none, NULL, INFINITY, &got, error));
    assert_fails(OKNG_ERROR_FORMAT, "no picture of a known format",
                 okng_queue_inspect(queue, "a", &none, NULL, INFINITY, &got, error));
    assert_null(got.result);
    okng_queue_close(&queue);
}

static void numbers_are_checked(void **state)
{
    (void)state;
    okng_queue *queue;
    const okng_queue_options many = {OKNG_QUEUE_WORKERS + 1, 0}, negative = {-1, 0}, waiting = {1, -1};
    assert_fails(OKNG_ERROR_ARGUMENT, "workers", okng_queue_open(&queue, cache, &many, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "workers", okng_queue_open(&queue, cache, &negative, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "workers", okng_queue_open(&queue, cache, &waiting, error));
    assert_null(queue);
}

/* ---- order ------------------------------------------------------------------------------------------------------- */

/* A work that tells that it began, and lasts until it is told to end. */
typedef struct gate {
    sem_t began, go;
    int order[CALLERS]; /* of the callers behind it, as they were served */
    int served;         /* by the only worker */
} gate;

typedef struct waiting {
    okng_queue *queue;
    gate *gate;
    const char *name;
    int number;
    double patience;
    okng_status status;
    okng_error error;
    pthread_t thread;
} waiting;

static okng_status hold(void *context, const okng_bank *bank, const char *hash, int32_t threads, okng_error *error)
{
    gate *g = ((waiting *)context)->gate;
    (void)bank, (void)hash, (void)threads, (void)error;
    (void)sem_post(&g->began);
    (void)sem_wait(&g->go);
    return OKNG_OK;
}

static okng_status note(void *context, const okng_bank *bank, const char *hash, int32_t threads, okng_error *error)
{
    waiting *w = context;
    (void)bank, (void)hash, (void)threads, (void)error;
    w->gate->order[w->gate->served++] = w->number;
    return OKNG_OK;
}

static void *run_waiting(void *argument)
{
    waiting *w = argument;
    w->status = okng_queue_run(w->queue, w->name, w->number < 0 ? hold : note, w, w->patience, &w->error);
    return NULL;
}

static void begin(waiting *w, okng_queue *queue, gate *g, const char *name, int number)
{
    const int32_t before = okng_queue_count(queue).waiting;
    *w = (waiting){.queue = queue, .gate = g, .name = name, .number = number, .patience = INFINITY};
    assert_int_equal(pthread_create(&w->thread, NULL, run_waiting, w), 0);
    if (number < 0)
        (void)sem_wait(&g->began);
    else
        while (okng_queue_count(queue).waiting == before) (void)usleep(200);
}

static void end(waiting *w)
{
    assert_int_equal(pthread_join(w->thread, NULL), 0);
}

static void open_gate(gate *g)
{
    *g = (gate){0};
    (void)sem_init(&g->began, 0, 0);
    (void)sem_init(&g->go, 0, 0);
}

static void open_banks_come_first(void **state)
{
    (void)state;
    static const char *const names[] = {"b", "a", "c", "c", "a"};
    static const int expected[] = {1, 4, 2, 3, 0}; /* those of the open bank, then those that most wait for */
    gate g;
    waiting holder, others[5];
    okng_queue *queue = open_queue(1, 0);
    open_gate(&g);
    begin(&holder, queue, &g, "a", -1);
    for (int i = 0; i < 5; i++) begin(&others[i], queue, &g, names[i], i);
    (void)sem_post(&g.go);
    end(&holder);
    for (int i = 0; i < 5; i++) end(&others[i]);
    assert_memory_equal(g.order, expected, sizeof expected);
    okng_queue_close(&queue);
}

static void a_full_queue_refuses(void **state)
{
    (void)state;
    gate g;
    waiting holder, other;
    okng_queue *queue = open_queue(1, 1);
    open_gate(&g);
    begin(&holder, queue, &g, "a", -1);
    begin(&other, queue, &g, "a", 0);
    assert_fails(OKNG_ERROR_BUSY, "the queue is full, 1 pictures wait",
                 okng_queue_run(queue, "a", note, &other, INFINITY, error));
    assert_int_equal(okng_queue_count(queue).refused, 1);
    (void)sem_post(&g.go);
    end(&holder);
    end(&other);
    assert_int_equal(other.status, OKNG_OK);
    assert_int_equal(g.served, 1);
    okng_queue_close(&queue);
}

static void patience_ends(void **state)
{
    (void)state;
    gate g;
    waiting holder, other = {.gate = &g};
    okng_queue *queue = open_queue(1, 0);
    open_gate(&g);
    begin(&holder, queue, &g, "a", -1);
    const double began = okng_clock();
    assert_fails(OKNG_ERROR_BUSY, "not begun within 0.05 s", okng_queue_run(queue, "a", note, &other, 0.05, error));
    assert_true(okng_clock() - began >= 0.05);
    assert_int_equal(okng_queue_count(queue).expired, 1);
    assert_int_equal(okng_queue_count(queue).waiting, 0);
    (void)sem_post(&g.go);
    end(&holder);
    assert_int_equal(g.served, 0);
    okng_queue_close(&queue);
}

static void who_waits_long_is_served_before_open_banks(void **state)
{
    (void)state;
    gate g;
    waiting holder, closed, open, quick = {.gate = &g};
    okng_queue *queue = open_queue(1, 0);
    open_gate(&g);
    for (int i = 0; i < 60; i++, g.served = 0) /* works take no time here, but for the first, which opens the bank */
        assert_ok(okng_queue_run(queue, "a", note, &quick, INFINITY, error));
    begin(&holder, queue, &g, "a", -1);
    begin(&closed, queue, &g, "b", 0);
    (void)usleep(1200000);
    begin(&open, queue, &g, "a", 1);
    (void)sem_post(&g.go);
    end(&holder);
    end(&closed);
    end(&open);
    assert_int_equal(g.order[0], 0);
    okng_queue_close(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(results_are_those_of_one_picture_alone, open_banks, close_banks),
        cmocka_unit_test_setup_teardown(errors_come_back_to_who_asked, open_banks, close_banks),
        cmocka_unit_test_setup_teardown(numbers_are_checked, open_banks, close_banks),
        cmocka_unit_test_setup_teardown(open_banks_come_first, open_banks, close_banks),
        cmocka_unit_test_setup_teardown(a_full_queue_refuses, open_banks, close_banks),
        cmocka_unit_test_setup_teardown(patience_ends, open_banks, close_banks),
        cmocka_unit_test_setup_teardown(who_waits_long_is_served_before_open_banks, open_banks, close_banks),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, cache_setup, cache_teardown);
}
