/* One bank, many threads: for ThreadSanitizer, and for equal results. */
#include <omp.h>
#include <pthread.h>

#include "fixture.h"
#include "test.h"

enum { THREADS = 4, ROUNDS = 3 };

typedef struct caller {
    const okng_bank *bank;
    char path[128];
    float score;
    okng_status status;
    okng_error error;
} caller;

static void *inspect_again_and_again(void *argument)
{
    caller *c = argument;
    okng_inspect_options options;
    okng_inspect_options_init(&options);
    options.threads = 1;
    okng_picture picture = {.struct_size = sizeof picture, .path = c->path};
    for (int i = 0; i < ROUNDS && c->status == OKNG_OK; i++) {
        okng_result *result;
        c->status = okng_inspect(&result, c->bank, &picture, &options, &c->error);
        if (c->status != OKNG_OK) break;
        if (i > 0 && c->score != okng_result_score(result)) c->status = OKNG_ERROR_INTERNAL;
        c->score = okng_result_score(result);
        okng_result_free(&result);
    }
    return NULL;
}

static void one_bank_serves_many_threads(void **state)
{
    (void)state;
    char folder[64] = "/tmp/okng-test-threads-XXXXXX", bank_path[96], command[96];
    assert_non_null(mkdtemp(folder));
    assert_ok(fixture_write(folder, error));
    (void)snprintf(bank_path, sizeof bank_path, "%s/bank", folder);

    okng_build_options options;
    okng_build_options_init(&options);
    strcpy(options.backbone, "resnet18");
    (void)snprintf(options.weights, sizeof options.weights, "%s/resnet18.safetensors", folder);
    options.resize_height = options.resize_width = 64;
    options.threads = 3;
    char paths[FIXTURE_OK][128];
    const char *pictures[FIXTURE_OK];
    for (int i = 0; i < FIXTURE_OK; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/ok/%03d.png", folder, i);
        pictures[i] = paths[i];
    }
    omp_set_num_threads(5); /* of the host's own loops */
    assert_ok(okng_build_paths(pictures, FIXTURE_OK, bank_path, &options, NULL, NULL, NULL, error));
    assert_int_equal(omp_get_max_threads(), 5);

    okng_bank *bank;
    assert_ok(okng_bank_open(&bank, bank_path, NULL, error));
    pthread_t ids[THREADS];
    static caller callers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        callers[i].bank = bank;
        memcpy(callers[i].path, paths[i / 2], sizeof paths[0]); /* two threads for each picture */
        assert_int_equal(pthread_create(&ids[i], NULL, inspect_again_and_again, &callers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(ids[i], NULL), 0);
        if (callers[i].status != OKNG_OK) fail_msg("thread %d: %s", i, callers[i].error.message);
        assert_true(callers[i].score == callers[i / 2 * 2].score);
    }
    okng_bank_close(&bank);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_bank_serves_many_threads)};
    return RUN_TESTS(tests);
}
