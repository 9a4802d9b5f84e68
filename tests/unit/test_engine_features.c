/* Features beside torchvision's, and the same bits however the work is shared. */
#include "base/parallel.h"
#include "engine/engine.h"
#include "golden_weights.h"
#include "test.h"

enum { MAX_LAYERS = 6, SAMPLES = 200 };

/* ---- golden files (golden/make_net.py) ---- */

typedef struct golden {
    int n, h, w, count;
    char names[MAX_LAYERS][OKNG_NAME_MAX];
    const char *layers[MAX_LAYERS];
    int64_t shapes[MAX_LAYERS][4];
    double max_abs[MAX_LAYERS], samples[MAX_LAYERS][SAMPLES];
} golden;

static void read_golden(golden *g, const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/net/%s.txt", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    *g = (golden){0};
    assert_int_equal(fscanf(file, "input %d %d %d count %*s %*s", &g->n, &g->h, &g->w), 3);
    for (int i = 0; i < MAX_LAYERS; i++) {
        long long s[4];
        if (fscanf(file, " layer %63s %lld %lld %lld %lld %lf", g->names[i], &s[0], &s[1], &s[2], &s[3],
                   &g->max_abs[i]) != 6)
            break;
        for (int k = 0; k < 4; k++) g->shapes[i][k] = s[k];
        for (int k = 0; k < SAMPLES; k++) assert_int_equal(fscanf(file, "%lf", &g->samples[i][k]), 1);
        g->layers[i] = g->names[i];
        g->count++;
    }
    (void)fclose(file);
}

/* ---- one network, ready to run ---- */

typedef struct fixture {
    okng_graph *graph;
    unsigned char *bytes;
    okng_weights *weights;
    float *input;
    size_t input_count, sizes[MAX_LAYERS]; /* floats */
} fixture;

static size_t elements(const int64_t shape[4])
{
    return (size_t)(shape[0] * shape[1] * shape[2] * shape[3]);
}

static fixture open_fixture(const char *backbone, const char *const *layers, int count, int n, int h, int w,
                            const char *file)
{
    fixture f = {.input_count = (size_t)(n * 3 * h * w)};
    assert_ok(okng_graph_build(&f.graph, backbone, layers, count, n, h, w, error));
    if (file) {
        assert_ok(okng_weights_open(&f.weights, file, error));
    } else {
        size_t size;
        f.bytes = okng_golden_safetensors(f.graph, "", &size);
        assert_non_null(f.bytes);
        assert_ok(okng_weights_open_memory(&f.weights, f.bytes, size, "w.safetensors", error));
    }
    f.input = malloc(f.input_count * sizeof *f.input);
    assert_non_null(f.input);
    okng_golden_input(f.input, f.input_count);
    for (int i = 0; i < count; i++) {
        int64_t shape[4];
        okng_graph_output_shape(f.graph, i, shape);
        f.sizes[i] = elements(shape);
    }
    return f;
}

static void close_fixture(fixture *f)
{
    okng_weights_close(&f->weights);
    okng_graph_free(&f->graph);
    free(f->bytes);
    free(f->input);
}

typedef struct features {
    float *maps[MAX_LAYERS];
} features;

static features new_features(const fixture *f)
{
    features out = {{NULL}};
    for (int i = 0; i < okng_graph_output_count(f->graph); i++) {
        out.maps[i] = malloc(f->sizes[i] * sizeof(float));
        assert_non_null(out.maps[i]);
        memset(out.maps[i], 0xff, f->sizes[i] * sizeof(float)); /* NaN: every element must be written */
    }
    return out;
}

static void free_features(features *out)
{
    for (int i = 0; i < MAX_LAYERS; i++) free(out->maps[i]);
}

static features run_once(const fixture *f, int threads)
{
    okng_engine *engine;
    okng_engine_session *session;
    features out = new_features(f);
    assert_ok(okng_engine_compile(&engine, f->graph, f->weights, threads, error));
    assert_ok(okng_engine_session_new(&session, engine, error));
    assert_ok(okng_engine_run(session, f->input, out.maps, error));
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    assert_null(session);
    assert_null(engine);
    return out;
}

static void assert_same_bits(const fixture *f, const features *a, const features *b)
{
    for (int i = 0; i < okng_graph_output_count(f->graph); i++)
        assert_memory_equal(a->maps[i], b->maps[i], f->sizes[i] * sizeof(float));
}

/* Channels last, so element (n, c, y, x) of PyTorch's order lies elsewhere. */
static float at(const float *map, const int64_t shape[4], uint64_t index)
{
    uint64_t w = (uint64_t)shape[3], h = (uint64_t)shape[2], c = (uint64_t)shape[1];
    uint64_t x = index % w, y = index / w % h, channel = index / (w * h) % c, n = index / (w * h * c);
    return map[((n * h + y) * w + x) * c + channel];
}

static void compare(const char *name, const golden *g, const fixture *f, const features *out)
{
    for (int i = 0; i < g->count; i++) {
        int64_t shape[4];
        okng_graph_output_shape(f->graph, i, shape);
        assert_memory_equal(shape, g->shapes[i], sizeof shape);
        double worst = 0, max_abs = 0;
        for (int k = 0; k < SAMPLES; k++) {
            double value = (double)at(out->maps[i], shape, okng_golden_mix((uint64_t)k) % f->sizes[i]);
            worst = fmax(worst, fabs(value - g->samples[i][k]));
        }
        for (size_t k = 0; k < f->sizes[i]; k++) {
            assert_true(isfinite(out->maps[i][k]));
            max_abs = fmax(max_abs, fabs((double)out->maps[i][k]));
        }
        print_message("%s %s: largest difference %.2g of the largest value\n", name, g->layers[i],
                      worst / g->max_abs[i]);
        assert_true(worst <= 1e-4 * g->max_abs[i]);
        assert_true(fabs(max_abs - g->max_abs[i]) <= 1e-4 * g->max_abs[i]);
    }
}

static void check_golden(const char *name, const char *backbone, const char *file)
{
    golden g;
    read_golden(&g, name);
    fixture f = open_fixture(backbone, g.layers, g.count, g.n, g.h, g.w, file);
    features out = run_once(&f, 2);
    compare(name, &g, &f, &out);
    free_features(&out);
    close_fixture(&f);
}

/* ---- tests ---- */

static void features_of_every_backbone_equal_torchvision(void **state)
{
    (void)state;
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info;
        assert_ok(okng_backbone_get(i, &info, error));
        check_golden(info.name, info.name, NULL);
    }
}

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

static const char *const two_layers[] = {"layer2", "layer3"};

/* The sizes make convolutions with few and with many rows to share. */
static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    static const struct {
        const char *backbone;
        int n, h, w;
    } cases[] = {{"resnet18", 1, 224, 224},        {"resnet18", 3, 33, 50},        {"resnet18", 1, 256, 256},
                 {"wide_resnet50_2", 1, 224, 224}, {"wide_resnet50_2", 1, 97, 65}, {"resnext50_32x4d", 1, 97, 65},
                 {"resnet50", 2, 128, 96}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture f = open_fixture(cases[i].backbone, two_layers, 2, cases[i].n, cases[i].h, cases[i].w, NULL);
        features one = run_once(&f, 1);
        for (int threads = 2; threads <= 5; threads++) {
            features many = run_once(&f, threads);
            assert_same_bits(&f, &one, &many);
            free_features(&many);
        }
        free_features(&one);
        close_fixture(&f);
    }
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
        okng_status status = okng_engine_session_new(&session, l->engine, NULL);
        for (int k = 0; k < 3 && status == OKNG_OK; k++) status = okng_engine_run(session, l->f->input, out.maps, NULL);
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
        assert_ok(okng_engine_compile(&engine, f.graph, f.weights, threads, error));
        loop l = {.f = &f, .engine = engine, .expected = &expected};
        okng_parallel_for(4, 8, 1, run_in_loop, &l);
        for (int i = 0; i < 8; i++) assert_int_equal(l.failures[i], 0);
        okng_engine_free(&engine);
    }
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
    assert_ok(okng_engine_compile(&engine, f.graph, f.weights, 1, error));
    assert_ok(okng_engine_session_new(&session, engine, error));
    float *input = malloc((f.input_count + 1) * sizeof *input);
    float *output = malloc((f.sizes[0] + 1) * sizeof *output);
    assert_true(input && output);
    memcpy(input + 1, f.input, f.input_count * sizeof *input);
    float *outputs[] = {output + 1};
    assert_ok(okng_engine_run(session, input + 1, outputs, error));
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
    assert_ok(okng_engine_compile(&engine, f.graph, f.weights, 1, error));
    size_t size = f.sizes[1];
    okng_weights_close(&f.weights);
    okng_graph_free(&f.graph);
    free(f.bytes);
    assert_ok(okng_engine_session_new(&session, engine, error));
    assert_ok(okng_engine_run(session, f.input, out.maps, error));
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
    assert_ok(okng_graph_build(&deeper, "resnet18", &two_layers[1], 1, 1, 64, 64, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "no tensor layer3.0.conv1.weight",
                 okng_engine_compile(&engine, deeper, f.weights, 1, error));
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
                     okng_engine_compile(&engine, f.graph, f.weights, 1, error));
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
    assert_ok(okng_graph_build(&graph, "resnet18", layer, 1, 4096, 4096, 4096, error));
    size_t size;
    unsigned char *bytes = okng_golden_safetensors(graph, "", &size);
    okng_weights *weights;
    assert_ok(okng_weights_open_memory(&weights, bytes, size, "w.safetensors", error));
    okng_engine *engine;
    okng_engine_session *session;
    assert_ok(okng_engine_compile(&engine, graph, weights, 1, error));
    assert_fails(OKNG_ERROR_LIMIT, "use a smaller --resize", okng_engine_session_new(&session, engine, error));
    assert_null(session);
    okng_engine_free(&engine);
    okng_weights_close(&weights);
    okng_graph_free(&graph);
    free(bytes);
}

static void the_version_is_told(void **state)
{
    (void)state;
    assert_int_equal(strncmp(okng_engine_version(), "oneDNN ", 7), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_of_every_backbone_equal_torchvision),
        cmocka_unit_test(features_of_a_batch_equal_torchvision),
        cmocka_unit_test(features_of_the_real_resnet18_equal_torchvision),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(a_batch_gives_what_its_pictures_give_alone),
        cmocka_unit_test(sessions_run_at_the_same_time_in_a_parallel_loop),
        cmocka_unit_test(input_and_output_need_no_alignment),
        cmocka_unit_test(an_engine_outlives_its_graph_and_weights),
        cmocka_unit_test(weights_that_do_not_fit_are_named),
        cmocka_unit_test(weights_that_are_not_finite_are_named),
        cmocka_unit_test(activations_larger_than_the_machine_are_refused),
        cmocka_unit_test(the_version_is_told),
    };
    return RUN_TESTS(tests);
}
