#include <jansson.h>
#include <sys/wait.h>

#include "bench/bench.h"
#include "bench/made.h"
#include "engine/engine.h"
#include "test.h"
#include "try_build.h"

static json_t *bench(const char *stage, okng_bench_inputs in)
{
    char *text;
    okng_build_options options;
    okng_build_options_init(&options);
    options.threads = 1;
    assert_ok(okng_build_options_set(&options, "resize", "64x64", error));
    assert_ok(okng_build_options_set(&options, "coreset", "0.1", error));
    in.struct_size = sizeof in;
    if (in.repeats == 0) in.repeats = 2;
    assert_ok(okng_bench(stage, &in, &options, NULL, NULL, &text, error));
    json_t *rows = json_loads(text, 0, NULL);
    okng_text_free(&text);
    assert_true(json_is_array(rows) && json_array_size(rows) > 0);
    return rows;
}

/* What every object of every stage holds. */
static void check_rows(const json_t *rows, const char *stage)
{
    static const char *const numbers[] = {"median_ms", "min_ms", "mean_ms", "p50_ms",     "p95_ms",
                                          "p99_ms",    "spread", "repeats", "peak_bytes", "threads"};
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        assert_string_equal(json_string_value(json_object_get(row, "stage")), stage);
        assert_true(json_string_length(json_object_get(row, "what")) > 0);
        assert_non_null(json_string_value(json_object_get(row, "precision")));
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
            const json_t *value = json_object_get(row, numbers[k]);
            if (!json_is_number(value) || json_number_value(value) < 0) fail_msg("%s: %s", stage, numbers[k]);
        }
        assert_true(json_number_value(json_object_get(row, "min_ms")) <=
                    json_number_value(json_object_get(row, "median_ms")));
        assert_true(json_integer_value(json_object_get(row, "repeats")) >= 1);
        assert_int_equal(json_integer_value(json_object_get(row, "threads")), 1);
    }
}

static double rate(const json_t *row, const char *amount)
{
    return json_number_value(json_object_get(row, amount)) /
           (json_number_value(json_object_get(row, "median_ms")) * 1e6);
}

static void ceilings_are_rates_of_what_was_done(void **state)
{
    (void)state;
    json_t *rows = bench("ceiling", (okng_bench_inputs){0});
    check_rows(rows, "ceiling");
    size_t i, memory = 0;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        bool bytes = json_object_get(row, "gbps") != NULL;
        memory += bytes;
        double value = json_number_value(json_object_get(row, bytes ? "gbps" : "gflops"));
        assert_true(value > 0 && value >= 0.999 * rate(row, bytes ? "bytes" : "flop"));
    }
    assert_int_equal(memory, 2);
    json_decref(rows);
}

static void a_network_counts_its_operations(void **state)
{
    (void)state;
    json_t *rows = bench("network", (okng_bench_inputs){.size = 64, .batch = 2});
    check_rows(rows, "network");
    const json_t *row = json_array_get(rows, 0);
    okng_backbone_info info = {.struct_size = sizeof info};
    assert_ok(okng_backbone_get(0, &info, error));
    assert_string_equal(json_string_value(json_object_get(row, "backbone")), info.name);
    assert_int_equal(json_integer_value(json_object_get(row, "parameters")), info.parameters);
    /* 2 pictures of 64 x 64 where the table tells of one of 224 x 224 */
    double expected = info.flops * 2 * 64 * 64 / (224 * 224);
    assert_true(fabs(json_number_value(json_object_get(row, "flop")) - expected) < 1e-3 * expected);
    json_decref(rows);
}

static void a_search_counts_products(void **state)
{
    (void)state;
    json_t *rows = bench("knn", (okng_bench_inputs){.made_rows = 100, .made_dim = 20, .k = 3});
    check_rows(rows, "knn");
    assert_int_equal(json_array_size(rows), 2);
    assert_true(json_number_value(json_object_get(json_array_get(rows, 0), "flop")) == 2.0 * 784 * 100 * 20);
    json_decref(rows);
}

static void a_coreset_tells_its_picks(void **state)
{
    (void)state;
    json_t *rows = bench("coreset", (okng_bench_inputs){.made_rows = 200, .made_dim = 20});
    check_rows(rows, "coreset");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(rows, 0), "picks")), 20);
    json_decref(rows);
}

static bool has_child(void)
{
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static bool seen;

static int look(const okng_progress *progress, void *user)
{
    (void)progress;
    (void)user;
    seen = seen || has_child();
    return 0;
}

static void busy_processes_are_there_while_a_loaded_stage_is_measured(void **state)
{
    (void)state;
    okng_build_options options;
    okng_build_options_init(&options);
    options.threads = 1;
    for (int loaded = 0; loaded < 2; loaded++) {
        okng_bench_inputs in = {
            .struct_size = sizeof in, .made_rows = 50, .made_dim = 8, .repeats = 2, .loaded = loaded};
        char *text;
        seen = false;
        assert_ok(okng_bench("knn", &in, &options, look, NULL, &text, error));
        okng_text_free(&text);
        assert_int_equal(seen, loaded);
        assert_false(has_child());
    }
}

static void stages_have_their_parts(void **state)
{
    (void)state;
    static const struct {
        const char *stage;
        const char *parts[9];
    } cases[] = {
        {"image", {"decode", "resize", "map", "find", "find turned"}},
        {"build", {"whole", "features", "coreset", "calibration"}},
        {"start", {"open", "bank", "verdict"}},
        {"bank", {"latency", "decode", "resize", "network", "patches", "search", "post", "throughput"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *rows = bench(cases[i].stage, (okng_bench_inputs){.repeats = 1});
        check_rows(rows, cases[i].stage);
        size_t count = 0;
        for (; cases[i].parts[count]; count++)
            assert_string_equal(json_string_value(json_object_get(json_array_get(rows, count), "part")),
                                cases[i].parts[count]);
        assert_int_equal(json_array_size(rows), count);
        json_decref(rows);
    }
}

static void wrong_calls_are_errors(void **state)
{
    (void)state;
    char *text;
    okng_build_options options;
    okng_build_options_init(&options);
    okng_bench_inputs in = {.struct_size = sizeof in, .bank = "b.npy"}, none = {.struct_size = sizeof none};
    assert_fails(OKNG_ERROR_NOT_FOUND, "expected one of: ceiling, network",
                 okng_bench("nothing", &none, &options, NULL, NULL, &text, error));
    assert_null(text);
    assert_fails(OKNG_ERROR_ARGUMENT, "without queries", okng_bench("knn", &in, &options, NULL, NULL, &text, error));
    in.query = "q.npy";
    assert_fails(OKNG_ERROR_NOT_FOUND, "b.npy", okng_bench("knn", &in, &options, NULL, NULL, &text, error));
    in.ok_dir = "/nowhere";
    assert_fails(OKNG_ERROR_NOT_FOUND, "/nowhere", okng_bench("build", &in, &options, NULL, NULL, &text, error));
    in.struct_size = 1;
    assert_fails(OKNG_ERROR_ARGUMENT, "struct_size", okng_bench("knn", &in, &options, NULL, NULL, &text, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "stage", okng_bench(NULL, &none, &options, NULL, NULL, &text, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "inputs", okng_bench("knn", NULL, &options, NULL, NULL, &text, error));
    none.made_rows = 10;
    none.k = 11;
    assert_fails(OKNG_ERROR_ARGUMENT, "k is 11", okng_bench("knn", &none, &options, NULL, NULL, &text, error));
}

static int stop(const okng_progress *progress, void *user)
{
    (void)progress;
    (void)user;
    return 1;
}

static void a_measurement_can_be_stopped(void **state)
{
    (void)state;
    char *text;
    okng_build_options options;
    okng_build_options_init(&options);
    okng_bench_inputs in = {.struct_size = sizeof in};
    static const char *const stages[] = {"ceiling", "network", "build", "bank"};
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        assert_fails(OKNG_ERROR_CANCELLED, "stopped", okng_bench(stages[i], &in, &options, stop, NULL, &text, error));
}

static void made_rows_are_the_same_for_the_same_part(void **state)
{
    (void)state;
    okng_array *a, *b, *other;
    assert_ok(okng_made_rows(&a, 50, 30, false, 0, error));
    assert_ok(okng_made_rows(&b, 60, 30, false, 0, error));
    assert_ok(okng_made_rows(&other, 50, 30, false, 1, error));
    size_t bytes = 50 * 30 * sizeof(float);
    assert_memory_equal(okng_array_data(a), okng_array_data(b), bytes);
    assert_memory_not_equal(okng_array_data(a), okng_array_data(other), bytes);
    okng_array_free(&a);
    okng_array_free(&b);
    okng_array_free(&other);
}

static void made_weights_run_and_stay_finite(void **state)
{
    (void)state;
    const char *layers[] = {"layer2", "layer3"};
    okng_graph *graph;
    okng_weights *weights;
    void *bytes;
    assert_ok(try_build(&graph, "resnet18", layers, 2, 64, 64, error));
    assert_ok(okng_made_weights(&weights, &bytes, graph, error));
    assert_ok(okng_graph_check_weights(graph, weights, error));
    okng_engine *engine;
    okng_engine_session *session;
    okng_engine_options options = {.threads = 1};
    assert_ok(okng_engine_compile(&engine, graph, weights, &options, error));
    assert_ok(okng_engine_session_new(&session, engine, 1, error));
    static float input[3 * 64 * 64], map2[8 * 8 * 128], map3[4 * 4 * 256];
    for (int i = 0; i < 3 * 64 * 64; i++) input[i] = (float)(i % 9) / 4 - 1;
    float *maps[] = {map2, map3};
    assert_ok(okng_engine_run(session, (const void *[]){input}, maps, error));
    float largest = 0;
    for (int i = 0; i < 4 * 4 * 256; i++) {
        assert_true(isfinite(map3[i]));
        largest = fmaxf(largest, fabsf(map3[i]));
    }
    assert_true(largest > 1e-3f && largest < 1e6f);
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    okng_weights_close(&weights);
    free(bytes);
    okng_graph_free(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ceilings_are_rates_of_what_was_done),
        cmocka_unit_test(a_network_counts_its_operations),
        cmocka_unit_test(a_search_counts_products),
        cmocka_unit_test(a_coreset_tells_its_picks),
        cmocka_unit_test(stages_have_their_parts),
        cmocka_unit_test(busy_processes_are_there_while_a_loaded_stage_is_measured),
        cmocka_unit_test(wrong_calls_are_errors),
        cmocka_unit_test(a_measurement_can_be_stopped),
        cmocka_unit_test(made_rows_are_the_same_for_the_same_part),
        cmocka_unit_test(made_weights_run_and_stay_finite),
    };
    return RUN_TESTS(tests);
}
