/* Every operator on its own: beside torch (golden/make_ops.py) and beside plain loops in double, alone and two pictures
 * at once, for any number of threads. */
#include "operator_loops.h"

enum { SAMPLES = 200 };

/* ---- comparing ---- */

/* Where element i of torch's order lies: the caller gets results of rank 4 with channels last. */
static size_t place_of(const fixture *f, okng_value value, size_t i)
{
    const okng_shape *s = &f->b.graph->nodes[value].shape;
    if (s->rank != 4) return i;
    const size_t w = (size_t)s->dims[3], h = (size_t)s->dims[2], c = (size_t)s->dims[1];
    const size_t x = i % w, y = i / w % h, channel = i / (w * h) % c, n = i / (w * h * c);
    return ((n * h + y) * w + x) * c + channel;
}

typedef struct golden {
    char name[64];
    size_t count;
    double max_abs, samples[SAMPLES];
} golden;

/* The next case of the file; false after the last. */
static bool read_case(FILE *file, golden *g)
{
    if (fscanf(file, " case %63s %zu %lf", g->name, &g->count, &g->max_abs) != 3) return false;
    for (size_t k = 0; k < SAMPLES && k < g->count; k++) assert_int_equal(fscanf(file, "%lf", &g->samples[k]), 1);
    return true;
}

static void compare_golden(const golden *g, const fixture *f, const float *out, double bound)
{
    assert_int_equal(g->count, f->count);
    const okng_value value = f->b.graph->outputs[0];
    double worst = 0;
    for (size_t k = 0; k < SAMPLES && k < g->count; k++) {
        const size_t i = okng_golden_mix((uint64_t)k) % g->count;
        worst = fmax(worst, fabs((double)out[place_of(f, value, i)] - g->samples[k]));
    }
    if (!(worst <= bound * g->max_abs))
        fail_msg("%s: %g of the largest value away from torch", g->name, worst / g->max_abs);
}

static void compare_plain(const fixture *f, const char *name, const double *expected, const float *out)
{
    double worst = 0, largest = 0;
    for (size_t i = 0; i < f->count; i++) {
        worst = fmax(worst, fabs((double)out[place_of(f, f->b.graph->outputs[0], i)] - expected[i]));
        largest = fmax(largest, fabs(expected[i]));
    }
    if (!(worst <= 1e-6 * largest))
        fail_msg("%s: %g of the largest value away from the plain loop", name, worst / largest);
}

/* ---- tests ---- */

/* As it is and fused, two pictures at once: torch's numbers and the plain loop's. */
static void operators_equal_torch_and_plain_loops(void **state)
{
    (void)state;
    FILE *file = fopen(OKNG_GOLDEN "/ops/ops.txt", "r");
    assert_non_null(file);
    golden g;
    size_t count = 0;
    for (; read_case(file, &g); count++) {
        fixture f;
        open_case(&f, g.name);
        double *expected = interpret(&f);
        float *plain = run(&f, &(okng_engine_options){.threads = 2}, BATCH);
        compare_plain(&f, g.name, expected, plain);
        compare_golden(&g, &f, plain, 1e-6);
        assert_ok(okng_graph_fuse(f.b.graph, error));
        for (int i = 0, k = 0; k < (int)f.b.graph->node_count; k++)
            if (f.b.graph->nodes[k].op == OKNG_OP_INPUT) f.inputs[i++] = k;
        float *fused = run(&f, &(okng_engine_options){.threads = 2}, BATCH);
        compare_golden(&g, &f, fused, 1e-6);
        free(expected);
        free(plain);
        free(fused);
        close_case(&f);
    }
    assert_int_equal(count, CASES);
    (void)fclose(file);
}

static void neither_threads_nor_company_change_a_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        fixture f;
        open_case(&f, cases[i].name);
        float *one = run(&f, &(okng_engine_options){.threads = 1}, 1);
        for (int threads = 1; threads <= 5; threads += 2) {
            float *many = run(&f, &(okng_engine_options){.threads = threads}, threads == 3 ? 1 : BATCH);
            if (memcmp(one, many, f.count * sizeof *one) != 0) fail_msg("%s, %d threads", cases[i].name, threads);
            free(many);
        }
        free(one);
        close_case(&f);
    }
}

static void bf16_is_near(void **state)
{
    (void)state;
    okng_error why = {0};
    if (okng_engine_supports("cpu", OKNG_PRECISION_BF16, &why) != OKNG_OK) {
        print_message("SKIP bf16: %s\n", why.message);
        skip();
    }
    FILE *file = fopen(OKNG_GOLDEN "/ops/ops.txt", "r");
    assert_non_null(file);
    golden g;
    while (read_case(file, &g)) {
        fixture f;
        open_case(&f, g.name);
        float *out = run(&f, &(okng_engine_options){.threads = 2, .precision = OKNG_PRECISION_BF16}, BATCH);
        compare_golden(&g, &f, out, 2e-2);
        free(out);
        close_case(&f);
    }
    (void)fclose(file);
}

static void int8_names_the_operator_that_it_has_not(void **state)
{
    (void)state;
    okng_error why = {0};
    if (okng_engine_supports("cpu", OKNG_PRECISION_INT8, &why) != OKNG_OK) {
        print_message("SKIP int8: %s\n", why.message);
        skip();
    }
    fixture f;
    okng_engine *engine;
    float ranges[8] = {0};
    open_case(&f, "layer_norm");
    assert_fails(OKNG_ERROR_UNSUPPORTED, "a layer_norm (norm), and int8 is for networks of convolutions",
                 okng_engine_compile(
                     &engine, f.b.graph, f.weights,
                     &(okng_engine_options){.threads = 1, .precision = OKNG_PRECISION_INT8, .ranges = ranges}, error));
    assert_null(engine);
    close_case(&f);
}

static void a_number_that_is_not_in_its_table_is_refused(void **state)
{
    (void)state;
    fixture f;
    okng_engine *engine;
    okng_engine_session *session;
    open_case(&f, "embedding");
    ((int32_t *)f.given[0])[3] = 50;
    float *out = malloc(f.count * sizeof *out);
    assert_ok(okng_engine_compile(&engine, f.b.graph, f.weights, &(okng_engine_options){.threads = 1}, error));
    assert_ok(okng_engine_session_new(&session, engine, 1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "token 3 is number 50, expected 0..49",
                 okng_engine_run(session, (const void *[]){f.given[0]}, &out, error));
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    free(out);
    close_case(&f);
}

static void observing_sees_every_operator(void **state)
{
    (void)state;
    fixture f;
    okng_engine *engine;
    okng_engine_session *session;
    open_case(&f, "linear_scale_add");
    float ranges[8] = {0}, *out = malloc(f.count * sizeof *out), largest = 0;
    assert_ok(okng_engine_compile(&engine, f.b.graph, f.weights, &(okng_engine_options){.threads = 1}, error));
    assert_ok(okng_engine_session_new(&session, engine, BATCH, error));
    assert_ok(okng_engine_observe(session, (const void *[]){f.given[0]}, &out, ranges, error));
    for (size_t i = 0; i < f.count; i++) largest = fmaxf(largest, fabsf(out[i]));
    assert_true(ranges[f.b.graph->outputs[0]] == largest && largest > 0);
    assert_true(ranges[1] > 0); /* the linear map */
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    free(out);
    close_case(&f);
}

static void a_device_that_is_not_there_is_named_beside_those_that_are(void **state)
{
    (void)state;
    fixture f;
    okng_engine *engine;
    okng_engine_info info;
    open_case(&f, "relu");
    assert_fails(OKNG_ERROR_ARGUMENT, "device: found \"gpu\", expected ",
                 okng_engine_compile(&engine, f.b.graph, f.weights,
                                     &(okng_engine_options){.device = "gpu", .threads = 1}, error));
    assert_null(engine);
    assert_true(okng_engine_get(0, &info));
    assert_string_equal(info.device, "cpu");
    size_t count = 0;
    for (; okng_engine_get(count, &info); count++) assert_true(*info.device && *info.version && *info.instructions);
    assert_true(count >= 1);
    close_case(&f);
}

static void a_batch_out_of_range_is_refused(void **state)
{
    (void)state;
    fixture f;
    okng_engine *engine;
    okng_engine_session *session;
    open_case(&f, "relu");
    assert_ok(okng_engine_compile(&engine, f.b.graph, f.weights, &(okng_engine_options){.threads = 1}, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "0 pictures at once, expected 1..65536",
                 okng_engine_session_new(&session, engine, 0, error));
    assert_null(session);
    okng_engine_free(&engine);
    close_case(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_equal_torch_and_plain_loops),
        cmocka_unit_test(neither_threads_nor_company_change_a_bit),
        cmocka_unit_test(bf16_is_near),
        cmocka_unit_test(int8_names_the_operator_that_it_has_not),
        cmocka_unit_test(a_number_that_is_not_in_its_table_is_refused),
        cmocka_unit_test(observing_sees_every_operator),
        cmocka_unit_test(a_device_that_is_not_there_is_named_beside_those_that_are),
        cmocka_unit_test(a_batch_out_of_range_is_refused),
    };
    return RUN_TESTS(tests);
}
