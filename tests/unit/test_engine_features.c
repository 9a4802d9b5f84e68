/* Features beside torchvision's, and the same bits however the work is shared. */
#include <sys/wait.h>

#include "base/parallel.h"
#include "engine_fixture.h"

static void features_of_a_batch_equal_torchvision(void **state)
{
    (void)state;
    check_golden("resnet18_batch", "resnet18", NULL);
}

static void features_of_the_real_resnet18_equal_torchvision(void **state)
{
    (void)state;
    need_shared("weights/resnet18-imagenet-to-layer3.pth");
    check_golden("resnet18_real", "resnet18", OKNG_SHARED "/weights/resnet18-imagenet-to-layer3.pth");
}

/* A picture's features must not depend on the batch that it is in. */
static void a_batch_gives_what_its_pictures_give_alone(void **state)
{
    (void)state;
    fixture both = open_fixture("resnet18", two_layers, 2, 2, 64, 64, NULL);
    fixture alone = open_fixture("resnet18", two_layers, 2, 1, 64, 64, NULL);
    features pair = run_once(&both, 2), first = run_once(&alone, 2);
    for (int i = 0; i < 2; i++) assert_memory_equal(pair.maps[i], first.maps[i], alone.sizes[i] * sizeof(float));
    free_features(&pair);
    free_features(&first);
    close_fixture(&both);
    close_fixture(&alone);
}

/* Runs of many sessions of one engine inside a parallel loop. */
typedef struct loop {
    const fixture *f;
    const okng_engine *engine;
    const features *expected;
    int failures[8]; /* per index */
} loop;

static void run_in_loop(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    loop *l = context;
    for (int64_t i = begin; i < end; i++) {
        okng_engine_session *session = NULL;
        features out = new_features(l->f);
        okng_status status = okng_engine_session_new(&session, l->engine, l->f->batch, NULL);
        for (int k = 0; k < 3 && status == OKNG_OK; k++)
            status = okng_engine_run(session, (const void *[]){l->f->input}, out.maps, NULL);
        l->failures[i] = status != OKNG_OK;
        for (int k = 0; k < okng_graph_output_count(l->f->graph); k++)
            if (memcmp(out.maps[k], l->expected->maps[k], l->f->sizes[k] * sizeof(float)) != 0) l->failures[i] = 1;
        okng_engine_session_free(&session);
        free_features(&out);
    }
}

static void sessions_run_at_the_same_time_in_a_parallel_loop(void **state)
{
    (void)state;
    fixture f = open_fixture("resnet18", two_layers, 2, 1, 97, 65, NULL);
    features expected = run_once(&f, 1);
    for (int threads = 1; threads <= 2; threads++) {
        okng_engine *engine;
        assert_ok(okng_engine_compile(&engine, f.graph, f.weights, &(okng_engine_options){.threads = threads}, error));
        loop l = {.f = &f, .engine = engine, .expected = &expected};
        okng_parallel_for(4, 8, 1, run_in_loop, &l);
        for (int i = 0; i < 8; i++) assert_int_equal(l.failures[i], 0);
        okng_engine_free(&engine);
    }
    free_features(&expected);
    close_fixture(&f);
}

static void a_child_runs_what_its_parent_has_run(void **state)
{
    (void)state;
    enum { FINE = 10, PATIENCE_S = 120 };
    fixture f = open_fixture("resnet18", two_layers, 2, 1, 97, 65, NULL);
    features expected = run_once(&f, 1);
    okng_engine *engine;
    assert_ok(okng_engine_compile(&engine, f.graph, f.weights, &(okng_engine_options){.threads = 2}, error));
    loop l = {.f = &f, .engine = engine, .expected = &expected};
    for (int i = 0; i < 2; i++) { /* the second child comes from a parent that has gone on */
        run_in_loop(&l, 0, 1, 0);
        assert_int_equal(l.failures[0], 0);
        pid_t child = fork();
        if (child == 0) {
            (void)alarm(PATIENCE_S);
            run_in_loop(&l, 0, 1, 0);
            _exit(l.failures[0] ? 1 : FINE);
        }
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == FINE);
    }
    okng_engine_free(&engine);
    free_features(&expected);
    close_fixture(&f);
}

static void input_and_output_need_no_alignment(void **state)
{
    (void)state;
    fixture f = open_fixture("resnet18", two_layers, 1, 1, 40, 40, NULL);
    features expected = run_once(&f, 1);
    okng_engine *engine;
    okng_engine_session *session;
    assert_ok(okng_engine_compile(&engine, f.graph, f.weights, &(okng_engine_options){.threads = 1}, error));
    assert_ok(okng_engine_session_new(&session, engine, 1, error));
    float *input = malloc((f.input_count + 1) * sizeof *input);
    float *output = malloc((f.sizes[0] + 1) * sizeof *output);
    assert_true(input && output);
    memcpy(input + 1, f.input, f.input_count * sizeof *input);
    float *outputs[] = {output + 1};
    assert_ok(okng_engine_run(session, (const void *[]){input + 1}, outputs, error));
    assert_memory_equal(output + 1, expected.maps[0], f.sizes[0] * sizeof *output);
    free(input);
    free(output);
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    free_features(&expected);
    close_fixture(&f);
}

static void an_engine_outlives_its_graph_and_weights(void **state)
{
    (void)state;
    fixture f = open_fixture("resnet18", two_layers, 2, 1, 64, 64, NULL);
    features expected = run_once(&f, 1), out = new_features(&f);
    okng_engine *engine;
    okng_engine_session *session;
    assert_ok(okng_engine_compile(&engine, f.graph, f.weights, &(okng_engine_options){.threads = 1}, error));
    size_t size = f.sizes[1];
    okng_weights_close(&f.weights);
    okng_graph_free(&f.graph);
    free(f.bytes);
    assert_ok(okng_engine_session_new(&session, engine, 1, error));
    assert_ok(okng_engine_run(session, (const void *[]){f.input}, out.maps, error));
    assert_memory_equal(out.maps[1], expected.maps[1], size * sizeof(float));
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    free_features(&expected);
    free_features(&out);
    free(f.input);
}

/* ---- what is refused ---- */

static void weights_that_do_not_fit_are_named(void **state)
{
    (void)state;
    fixture f = open_fixture("resnet18", &two_layers[0], 1, 1, 64, 64, NULL);
    okng_graph *deeper;
    okng_engine *engine;
    assert_ok(try_build(&deeper, "resnet18", &two_layers[1], 1, 64, 64, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "no tensor layer3.0.conv1.weight",
                 okng_engine_compile(&engine, deeper, f.weights, &(okng_engine_options){.threads = 1}, error));
    assert_null(engine);
    okng_graph_free(&deeper);
    close_fixture(&f);
}

static void weights_that_are_not_finite_are_named(void **state)
{
    (void)state;
    static const char *const names[] = {"layer2.0.conv1.weight", "layer2.0.bn1.weight", "layer2.0.bn1.running_var"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        fixture f = open_fixture("resnet18", two_layers, 1, 1, 64, 64, NULL);
        okng_engine *engine;
        memcpy(okng_weights_find(f.weights, names[i])->data, &(float){NAN}, sizeof(float));
        assert_fails(OKNG_ERROR_MISMATCH, "the weights of layer2.0.conv1 give NaN or infinite values",
                     okng_engine_compile(&engine, f.graph, f.weights, &(okng_engine_options){.threads = 1}, error));
        assert_null(engine);
        close_fixture(&f);
    }
}

/* The network is compiled, for its weights are packed once for all sizes; but no session can be had. */
static void activations_larger_than_the_machine_are_refused(void **state)
{
    (void)state;
    const char *const layer[] = {"layer1.0"};
    okng_graph *graph;
    assert_ok(try_build(&graph, "resnet18", layer, 1, 4096, 4096, error));
    size_t size;
    unsigned char *bytes = okng_golden_safetensors(graph, "", &size);
    okng_weights *weights;
    assert_ok(okng_weights_open_memory(&weights, bytes, size, "w.safetensors", error));
    okng_engine *engine;
    okng_engine_session *session;
    assert_ok(okng_engine_compile(&engine, graph, weights, &(okng_engine_options){.threads = 1}, error));
    assert_fails(OKNG_ERROR_LIMIT, "use a smaller resize", okng_engine_session_new(&session, engine, 4096, error));
    assert_null(session);
    okng_engine_free(&engine);
    okng_weights_close(&weights);
    okng_graph_free(&graph);
    free(bytes);
}

static void the_version_is_told(void **state)
{
    (void)state;
    assert_int_equal(strncmp(okng_engine_version("cpu"), "oneDNN ", 7), 0);
    assert_string_equal(okng_engine_version("cpu"), okng_engine_version(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_of_every_convolutional_network_equal_torchvision),
        cmocka_unit_test(features_of_a_batch_equal_torchvision),
        cmocka_unit_test(features_of_the_real_resnet18_equal_torchvision),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(a_batch_gives_what_its_pictures_give_alone),
        cmocka_unit_test(sessions_run_at_the_same_time_in_a_parallel_loop),
        cmocka_unit_test(a_child_runs_what_its_parent_has_run),
        cmocka_unit_test(input_and_output_need_no_alignment),
        cmocka_unit_test(an_engine_outlives_its_graph_and_weights),
        cmocka_unit_test(weights_that_do_not_fit_are_named),
        cmocka_unit_test(weights_that_are_not_finite_are_named),
        cmocka_unit_test(activations_larger_than_the_machine_are_refused),
        cmocka_unit_test(the_version_is_told),
    };
    return RUN_TESTS(tests);
}
