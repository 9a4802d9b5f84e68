/* Every operator of networks brought into a program and executed, beside torch (golden/make_ops.py) and the plain loops
 * in double; alone and fused, for any number of pictures. */
#include "operator_loops.h"
#include "program/node.h"

enum { SAMPLES = 200 };

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

/* ---- a case as a program ---- */

/* batch: of the inputs, or OKNG_ANY. */
static okng_program *lower_case(const fixture *f, int64_t batch)
{
    okng_program *p;
    okng_program_value inputs[MAX_INPUTS], result;
    int count = 0;
    assert_ok(okng_program_new(&p, error));
    for (size_t i = 0; i < f->b.graph->node_count; i++) {
        const okng_node *node = &f->b.graph->nodes[i];
        int64_t dims[OKNG_RANK_MAX];
        if (node->op != OKNG_OP_INPUT) continue;
        memcpy(dims, node->shape.dims, sizeof dims);
        dims[0] = batch;
        inputs[count++] = okng_program_input(p, node->name, node->dtype, node->shape.rank, dims);
    }
    assert_ok(okng_program_lower(p, f->b.graph, f->weights, inputs, &result, error));
    okng_program_output(p, "result", result);
    assert_ok(okng_program_check(p, error));
    return p;
}

static okng_array view_of(const fixture *f, int i, int64_t first, int64_t count)
{
    const okng_node *node = &f->b.graph->nodes[f->inputs[i]];
    okng_array array = {.dtype = node->dtype, .dims = node->shape.rank};
    memcpy(array.shape, node->shape.dims, sizeof node->shape.dims);
    array.shape[0] = count;
    array.data = (char *)f->given[i] + (size_t)first * elements(f, f->inputs[i]) * 4;
    return array;
}

static okng_array *run_program(const fixture *f, const okng_program *p, int64_t first, int64_t count, int threads)
{
    okng_array views[MAX_INPUTS], *out;
    const okng_array *inputs[MAX_INPUTS];
    for (int i = 0; i < f->input_count; i++) {
        views[i] = view_of(f, i, first, count);
        inputs[i] = &views[i];
    }
    assert_ok(okng_program_run(p, inputs, threads, &out, error));
    return out;
}

static void compare(const golden *g, const double *expected, const okng_array *out)
{
    const float *values = out->data;
    double worst = 0, loops = 0, largest = 0;
    assert_int_equal(g->count * sizeof *values, out->bytes);
    for (size_t k = 0; k < SAMPLES && k < g->count; k++)
        worst = fmax(worst, fabs((double)values[okng_golden_mix((uint64_t)k) % g->count] - g->samples[k]));
    for (size_t i = 0; expected && i < g->count; i++) {
        loops = fmax(loops, fabs((double)values[i] - expected[i]));
        largest = fmax(largest, fabs(expected[i]));
    }
    if (!(worst <= 1e-6 * g->max_abs) || !(loops <= 1e-6 * largest))
        fail_msg("%s: %g of the largest value away from torch, %g from the loops", g->name, worst / g->max_abs,
                 loops / largest);
}

static void find_inputs(fixture *f)
{
    for (int i = 0, k = 0; k < (int)f->b.graph->node_count; k++)
        if (f->b.graph->nodes[k].op == OKNG_OP_INPUT) f->inputs[i++] = k;
}

/* ---- tests ---- */

static void lowered_operators_equal_torch_and_plain_loops(void **state)
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
        okng_program *p = lower_case(&f, OKNG_ANY);
        okng_array *out = run_program(&f, p, 0, BATCH, 2);
        compare(&g, expected, out);
        okng_array_free(&out);
        okng_program_free(&p);
        assert_ok(okng_graph_fuse(f.b.graph, error));
        find_inputs(&f);
        p = lower_case(&f, BATCH);
        out = run_program(&f, p, 0, BATCH, 2);
        compare(&g, NULL, out);
        okng_array_free(&out);
        okng_program_free(&p);
        free(expected);
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
        okng_program *p = lower_case(&f, OKNG_ANY);
        okng_array *all = run_program(&f, p, 0, BATCH, 1);
        for (int threads = 1; threads <= 5; threads += 2) {
            okng_array *again = run_program(&f, p, 0, BATCH, threads);
            assert_memory_equal(all->data, again->data, all->bytes);
            okng_array_free(&again);
        }
        for (int64_t n = 0; n < BATCH; n++) {
            okng_array *one = run_program(&f, p, n, 1, 2);
            assert_int_equal(one->bytes * BATCH, all->bytes);
            if (memcmp(one->data, (char *)all->data + (size_t)n * one->bytes, one->bytes) != 0)
                fail_msg("%s: picture %d", cases[i].name, (int)n);
            okng_array_free(&one);
        }
        okng_array_free(&all);
        okng_program_free(&p);
        close_case(&f);
    }
}

/* Products are counted as the graph counts them; parameters too. */
static void costs_are_those_of_the_graph(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        fixture f;
        open_case(&f, cases[i].name);
        assert_ok(okng_graph_fuse(f.b.graph, error));
        find_inputs(&f);
        okng_program *p = lower_case(&f, OKNG_ANY);
        okng_program_costs costs;
        okng_program_count(p, 1, &costs);
        if (costs.flops != okng_graph_flops(f.b.graph))
            fail_msg("%s: %g, expected %g", cases[i].name, costs.flops, okng_graph_flops(f.b.graph));
        const double one = costs.flops;
        okng_program_count(p, 3, &costs);
        assert_true(costs.flops == 3 * one);
        okng_program_free(&p);
        close_case(&f);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    fixture f;
    open_case(&f, "linear");
    okng_program *p;
    okng_program_value out = 0, x;
    assert_ok(okng_program_new(&p, error));
    x = okng_program_input(p, "x", OKNG_F32, 3, (int64_t[]){OKNG_ANY, 7, 13});
    assert_fails(OKNG_ERROR_ARGUMENT, "another shape", okng_program_lower(p, f.b.graph, f.weights, &x, &out, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "another shape", okng_program_check(p, error));
    okng_program_free(&p);
    assert_ok(okng_program_new(&p, error));
    x = okng_program_input(p, "x", OKNG_F32, 3, (int64_t[]){OKNG_ANY, 7, 12});
    okng_weights *none;
    static const unsigned char empty[] = "\2\0\0\0\0\0\0\0{}";
    assert_ok(okng_weights_open_memory(&none, empty, sizeof empty - 1, "none.safetensors", error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "none.safetensors", okng_program_lower(p, f.b.graph, none, &x, &out, error));
    okng_weights_close(&none);
    okng_program_free(&p);
    close_case(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lowered_operators_equal_torch_and_plain_loops),
        cmocka_unit_test(neither_threads_nor_company_change_a_bit),
        cmocka_unit_test(costs_are_those_of_the_graph),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return RUN_TESTS(tests);
}
