/* A network with generated weights, ready to run, and its features beside those of tests/golden/net; two tests that run
 * for more than one instruction set. */
#ifndef OKNG_TESTS_ENGINE_FIXTURE_H
#define OKNG_TESTS_ENGINE_FIXTURE_H

#include "engine/engine.h"
#include "golden_weights.h"
#include "test.h"
#include "try_build.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = true }; /* many times as slow: large networks go the ways of small ones, and are left out */
#else
enum { SANITIZED = false };
#endif

enum { MAX_LAYERS = 6, SAMPLES = 200 };

/* ---- golden files (golden/make_net.py) ---- */

typedef struct golden {
    int n, h, w, count;
    char names[MAX_LAYERS][OKNG_NAME_MAX];
    const char *layers[MAX_LAYERS];
    int64_t shapes[MAX_LAYERS][4];
    double max_abs[MAX_LAYERS], samples[MAX_LAYERS][SAMPLES];
} golden;

static inline void read_golden(golden *g, const char *name)
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
    int batch;
    size_t input_count, sizes[MAX_LAYERS]; /* floats, of all pictures */
} fixture;

static inline size_t elements(const int64_t shape[4])
{
    return (size_t)(shape[0] * shape[1] * shape[2] * shape[3]);
}

static inline void output_shape(const fixture *f, int i, int64_t shape[4])
{
    assert_int_equal(okng_graph_output_shape(f->graph, i, shape), 4);
    shape[0] *= f->batch;
}

static inline fixture open_fixture(const char *backbone, const char *const *layers, int count, int n, int h, int w,
                                   const char *file)
{
    fixture f = {.batch = n, .input_count = (size_t)(n * 3 * h * w)};
    assert_ok(try_build(&f.graph, backbone, layers, count, h, w, error));
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
        output_shape(&f, i, shape);
        f.sizes[i] = elements(shape);
    }
    return f;
}

static inline void close_fixture(fixture *f)
{
    okng_weights_close(&f->weights);
    okng_graph_free(&f->graph);
    free(f->bytes);
    free(f->input);
}

typedef struct features {
    float *maps[MAX_LAYERS];
} features;

static inline features new_features(const fixture *f)
{
    features out = {{NULL}};
    for (int i = 0; i < okng_graph_output_count(f->graph); i++) {
        out.maps[i] = malloc(f->sizes[i] * sizeof(float));
        assert_non_null(out.maps[i]);
        memset(out.maps[i], 0xff, f->sizes[i] * sizeof(float)); /* NaN: every element must be written */
    }
    return out;
}

static inline void free_features(features *out)
{
    for (int i = 0; i < MAX_LAYERS; i++) free(out->maps[i]);
}

static inline features run_with(const fixture *f, const okng_engine_options *options)
{
    okng_engine *engine;
    okng_engine_session *session;
    features out = new_features(f);
    assert_ok(okng_engine_compile(&engine, f->graph, f->weights, options, error));
    assert_ok(okng_engine_session_new(&session, engine, f->batch, error));
    assert_ok(okng_engine_run(session, (const void *[]){f->input}, out.maps, error));
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    assert_null(session);
    assert_null(engine);
    return out;
}

/* The largest magnitudes of all nodes for the fixture's own input; the caller's to free. */
static inline float *measure_ranges(const fixture *f)
{
    okng_engine *engine;
    okng_engine_session *session;
    features out = new_features(f);
    float *ranges = calloc((size_t)okng_graph_node_count(f->graph), sizeof *ranges);
    assert_non_null(ranges);
    assert_ok(okng_engine_compile(&engine, f->graph, f->weights, &(okng_engine_options){.threads = 2}, error));
    assert_ok(okng_engine_session_new(&session, engine, f->batch, error));
    assert_ok(okng_engine_observe(session, (const void *[]){f->input}, out.maps, ranges, error));
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    free_features(&out);
    return ranges;
}

static inline features run_once(const fixture *f, int threads)
{
    return run_with(f, &(okng_engine_options){.threads = threads});
}

static inline void assert_same_bits(const fixture *f, const features *a, const features *b)
{
    for (int i = 0; i < okng_graph_output_count(f->graph); i++)
        assert_memory_equal(a->maps[i], b->maps[i], f->sizes[i] * sizeof(float));
}

/* Channels last, so element (n, c, y, x) of PyTorch's order lies elsewhere. */
static inline float at(const float *map, const int64_t shape[4], uint64_t index)
{
    uint64_t w = (uint64_t)shape[3], h = (uint64_t)shape[2], c = (uint64_t)shape[1];
    uint64_t x = index % w, y = index / w % h, channel = index / (w * h) % c, n = index / (w * h * c);
    return map[((n * h + y) * w + x) * c + channel];
}

/* bound: of the largest value of a layer. */
static inline void compare(const char *name, const golden *g, const fixture *f, const features *out, double bound)
{
    for (int i = 0; i < g->count; i++) {
        int64_t shape[4];
        output_shape(f, i, shape);
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
        assert_true(worst <= bound * g->max_abs[i]);
        assert_true(fabs(max_abs - g->max_abs[i]) <= bound * g->max_abs[i]);
    }
}

static inline void check_golden_with(const char *name, const char *backbone, const char *file,
                                     const okng_engine_options *options, double bound)
{
    golden g;
    read_golden(&g, name);
    fixture f = open_fixture(backbone, g.layers, g.count, g.n, g.h, g.w, file);
    okng_engine_options full = *options;
    float *ranges = full.precision == OKNG_PRECISION_INT8 ? measure_ranges(&f) : NULL;
    full.ranges = ranges;
    features out = run_with(&f, &full);
    compare(name, &g, &f, &out, bound);
    free(ranges);
    free_features(&out);
    close_fixture(&f);
}

static inline void check_golden(const char *name, const char *backbone, const char *file)
{
    check_golden_with(name, backbone, file, &(okng_engine_options){.threads = 2}, 1e-4);
}

/* ---- tests ---- */

static inline void features_of_every_convolutional_network_equal_torchvision(void **state)
{
    (void)state;
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info = {.struct_size = sizeof info};
        okng_network_info network;
        assert_ok(okng_backbone_get(i, &info, error));
        assert_ok(okng_network_get(info.name, &network, error));
        if (network.patch > 1) continue; /* a transformer: test_engine_vit.c */
        if (SANITIZED && info.parameters > 12000000) continue;
        check_golden(info.name, info.name, NULL);
    }
}

static const char *const two_layers[] = {"layer2", "layer3"};

/* The sizes make convolutions with few and with many rows to share. */
static inline void check_threads(const char *backbone, int n, int h, int w, okng_engine_options options)
{
    fixture f = open_fixture(backbone, two_layers, 2, n, h, w, NULL);
    float *ranges = options.precision == OKNG_PRECISION_INT8 ? measure_ranges(&f) : NULL;
    options.threads = 1;
    options.ranges = ranges;
    features one = run_with(&f, &options);
    for (options.threads = 2; options.threads <= 5; options.threads += options.threads == 3 ? 2 : 1) {
        features many = run_with(&f, &options);
        assert_same_bits(&f, &one, &many);
        free_features(&many);
    }
    free_features(&one);
    free(ranges);
    close_fixture(&f);
}

static inline void check_threads_of_all(const okng_engine_options *options)
{
    check_threads("resnet18", 3, 33, 50, *options);
    check_threads("resnext50_32x4d", 1, 97, 65, *options);
    if (SANITIZED) return;
    check_threads("resnet18", 1, 224, 224, *options);
    check_threads("resnet18", 1, 256, 256, *options);
    check_threads("wide_resnet50_2", 1, 224, 224, *options);
    check_threads("wide_resnet50_2", 1, 97, 65, *options);
    check_threads("resnet50", 2, 128, 96, *options);
}

static inline void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    check_threads_of_all(&(okng_engine_options){0});
}

#endif
