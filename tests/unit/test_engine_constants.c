/* Packed weights that several compiled networks have alike: in memory once, and each network's own to see. */
#include <pthread.h>

#include "base/memory.h"
#include "engine/onednn/constants.h"
#include "engine_fixture.h"

static uint8_t *filled(size_t bytes, uint8_t last)
{
    uint8_t *data = okng_alloc(1, bytes);
    assert_non_null(data);
    memset(data, 7, bytes);
    data[bytes - 1] = last;
    return data;
}

static void equal_bytes_are_kept_once(void **state)
{
    (void)state;
    enum { BYTES = 10000 };
    void *a = okng_constant_share(filled(BYTES, 1), BYTES), *b = okng_constant_share(filled(BYTES, 1), BYTES);
    void *other = okng_constant_share(filled(BYTES, 2), BYTES), *shorter = okng_constant_share(filled(9999, 7), 9999);
    assert_ptr_equal(a, b);
    assert_ptr_not_equal(a, other); /* its last byte is another */
    assert_ptr_not_equal(a, shorter);
    assert_true(okng_constants_saved() == BYTES);
    okng_constant_release(a, BYTES);
    assert_true(okng_constants_saved() == 0);
    assert_int_equal(((uint8_t *)b)[BYTES - 1], 1);
    okng_constant_release(b, BYTES);
    okng_constant_release(other, BYTES);
    okng_constant_release(shorter, 9999);
    okng_constant_release(NULL, BYTES);
    uint8_t *small = filled(100, 1); /* not worth looking for */
    assert_ptr_equal(okng_constant_share(small, 100), small);
    okng_constant_release(small, 100);
}

static void networks_share_what_they_have_alike(void **state)
{
    (void)state;
    static const char *const layers[] = {"layer2", "layer3"};
    fixture f = open_fixture("resnet18", layers, 2, 1, 64, 96, NULL), g = f;
    okng_engine *first, *second, *larger;
    const okng_engine_options one = {.threads = 1}, two = {.threads = 2};
    features alone = run_with(&f, &one);
    assert_true(okng_constants_saved() == 0);

    assert_ok(okng_engine_compile(&first, f.graph, f.weights, &one, error));
    const uint64_t weights = (uint64_t)okng_graph_parameters(f.graph) * sizeof(float);
    assert_ok(okng_engine_compile(&second, f.graph, f.weights, &two, error));
    const uint64_t saved = okng_constants_saved();
    assert_true(saved > weights * 95 / 100 &&
                saved < weights * 13 / 10); /* channels are padded where they are packed */
    assert_ok(try_build(&g.graph, "resnet18", layers, 2, 128, 128, error));
    assert_ok(okng_engine_compile(&larger, g.graph, f.weights, &one, error));
    assert_true(okng_constants_saved() > saved); /* another input size: as far as it wants them packed alike */

    okng_engine_free(&first); /* who made them may go first */
    okng_engine_session *session;
    features shared = new_features(&f);
    assert_ok(okng_engine_session_new(&session, second, 1, error));
    assert_ok(okng_engine_run(session, (const void *[]){f.input}, shared.maps, error));
    for (int i = 0; i < 2; i++) assert_memory_equal(shared.maps[i], alone.maps[i], f.sizes[i] * sizeof(float));
    okng_engine_session_free(&session);
    okng_engine_free(&second);
    okng_engine_free(&larger);
    assert_true(okng_constants_saved() == 0);
    free_features(&shared);
    free_features(&alone);
    okng_graph_free(&g.graph);
    close_fixture(&f);
}

static void *share_and_release(void *argument)
{
    enum { BYTES = 5000 };
    (void)argument;
    for (int i = 0; i < 200; i++) {
        void *data = okng_constant_share(filled(BYTES, (uint8_t)(i % 3)), BYTES);
        assert_int_equal(((uint8_t *)data)[BYTES - 1], i % 3);
        okng_constant_release(data, BYTES);
    }
    return NULL;
}

static void threads_come_and_go(void **state)
{
    (void)state;
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, share_and_release, NULL), 0);
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(okng_constants_saved() == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_bytes_are_kept_once),
        cmocka_unit_test(networks_share_what_they_have_alike),
        cmocka_unit_test(threads_come_and_go),
    };
    return RUN_TESTS(tests);
}
