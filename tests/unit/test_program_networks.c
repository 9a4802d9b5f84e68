/* Whole networks as programs, executed by the small interpreter: what torch gives (golden/net, made by make_net.py and
 * make_vit.py), and what the engine gives at the same place. */
#include "engine_fixture.h"
#include "program/node.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SLOW = true }; /* each way once */
#else
enum { SLOW = false };
#endif

static okng_program *lower_network(const fixture *f, int h, int w)
{
    okng_program *p;
    okng_program_value outputs[MAX_LAYERS];
    assert_ok(okng_program_new(&p, error));
    const okng_program_value x = okng_program_input(p, "input", OKNG_F32, 4, (int64_t[]){OKNG_ANY, 3, h, w});
    assert_ok(okng_program_lower(p, f->graph, f->weights, &x, outputs, error));
    for (int i = 0; i < okng_graph_output_count(f->graph); i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "layer%d", i);
        okng_program_output(p, name, outputs[i]);
    }
    assert_ok(okng_program_check(p, error));
    return p;
}

/* PyTorch's order, [N, C, H, W]. */
static void run_network(const fixture *f, int h, int w, int threads, okng_array **out)
{
    okng_program *p = lower_network(f, h, w);
    okng_array input = {.dtype = OKNG_F32, .dims = 4, .shape = {f->batch, 3, h, w}, .data = f->input};
    assert_ok(okng_program_run(p, (const okng_array *const[]){&input}, threads, out, error));
    okng_program_free(&p);
}

static double apart(const float *a, const double *b, size_t count, double *largest)
{
    double worst = 0;
    for (size_t i = 0; i < count; i++) {
        worst = fmax(worst, fabs((double)a[i] - b[i]));
        *largest = fmax(*largest, fabs(b[i]));
    }
    return worst;
}

static void check_network(const char *name, const char *backbone, double bound)
{
    golden g;
    okng_array *out[MAX_LAYERS];
    read_golden(&g, name);
    fixture f = open_fixture(backbone, g.layers, g.count, g.n, g.h, g.w, NULL);
    run_network(&f, g.h, g.w, 2, out);
    features engine = run_once(&f, 2);
    for (int i = 0; i < g.count; i++) {
        const float *values = out[i]->data;
        double torch = 0, *expected = malloc(f.sizes[i] * sizeof *expected), largest = 0;
        assert_non_null(expected);
        assert_memory_equal(out[i]->shape, g.shapes[i], sizeof g.shapes[i]);
        for (int k = 0; k < SAMPLES; k++)
            torch = fmax(torch, fabs((double)values[okng_golden_mix((uint64_t)k) % f.sizes[i]] - g.samples[i][k]));
        for (size_t k = 0; k < f.sizes[i]; k++) expected[k] = (double)at(engine.maps[i], g.shapes[i], k);
        const double worst = apart(values, expected, f.sizes[i], &largest);
        print_message("%s %s: %.2g of the largest value from torch, %.2g from the engine\n", name, g.layers[i],
                      torch / g.max_abs[i], worst / largest);
        assert_true(torch <= bound * g.max_abs[i]);
        assert_true(worst <= 4 * bound * largest); /* two that round otherwise */
        free(expected);
        okng_array_free(&out[i]);
    }
    free_features(&engine);
    close_fixture(&f);
}

static void convolutional_networks_equal_torch_and_the_engine(void **state)
{
    (void)state;
    check_network("resnet18_batch", "resnet18", 2e-6);
    if (SLOW) return;
    check_network("resnet18", "resnet18", 2e-6);
    check_network("okng-s", "okng-s", 2e-6);
    check_network("wide_resnet50_2", "wide_resnet50_2", 4e-6);
    check_network("resnext50_32x4d", "resnext50_32x4d", 4e-6);
}

static void transformers_equal_torch_and_the_engine(void **state)
{
    (void)state;
    check_network("vit_tiny_patch16_224_batch", "vit_tiny_patch16_224", 4e-6);
    if (SLOW) return;
    check_network("vit_tiny_patch16_224", "vit_tiny_patch16_224", 4e-6);
    check_network("dinov2_vits14_reg", "dinov2_vits14_reg", 4e-6);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    static const char *const layers[] = {"layer2"};
    okng_array *one, *many;
    fixture f = open_fixture("resnet18", layers, 1, 2, 50, 33, NULL);
    run_network(&f, 50, 33, 1, &one);
    for (int threads = 2; threads < 6; threads += 3) {
        run_network(&f, 50, 33, threads, &many);
        assert_memory_equal(one->data, many->data, one->bytes);
        okng_array_free(&many);
    }
    okng_array_free(&one);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutional_networks_equal_torch_and_the_engine),
        cmocka_unit_test(transformers_equal_torch_and_the_engine),
        cmocka_unit_test(threads_change_no_bit),
    };
    return RUN_TESTS(tests);
}
