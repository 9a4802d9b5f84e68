/* Faster ways through the network: Winograd's transform, bfloat16 and 8-bit numbers. */
#include "base/parallel.h"
#include "engine/onednn/quantize.h"
#include "engine_fixture.h"
#include "kernels/winograd.h"

static const okng_engine_options winograd = {.threads = 2, .winograd = true};
static const okng_engine_options bf16 = {.threads = 2, .precision = OKNG_PRECISION_BF16};
static const okng_engine_options int8 = {.threads = 2, .precision = OKNG_PRECISION_INT8};

#define REAL OKNG_SHARED "/weights/resnet18-imagenet-to-layer3.pth"

static void need(const okng_engine_options *options)
{
    okng_error why;
    if (okng_engine_supports("cpu", options->precision, &why) == OKNG_OK) return;
    print_message("skipped: %s\n", why.message);
    skip();
}

static void check_every_backbone(const okng_engine_options *options, double bound)
{
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info = {.struct_size = sizeof info};
        assert_ok(okng_backbone_get(i, &info, error));
        if (strncmp(info.name, "clip-", 5) == 0) continue; /* test_clip_golden.c */
        okng_network_info network;
        assert_ok(okng_network_get(info.name, &network, error));
        if (options->precision == OKNG_PRECISION_INT8 && network.patch > 1) continue; /* refused: test_engine_vit.c */
        if (SANITIZED && info.parameters > 12000000) continue;
        check_golden_with(info.name, info.name, NULL, options, bound);
    }
}

/* ---- Winograd ---- */

/* The bound of the plain convolutions, and a tenth of it where the weights are real. */
static void winograd_features_equal_torchvision(void **state)
{
    (void)state;
    check_every_backbone(&winograd, 1e-4);
    check_golden_with("resnet18_batch", "resnet18", NULL, &winograd, 1e-4);
}

static void winograd_features_of_the_real_resnet18_equal_torchvision(void **state)
{
    (void)state;
    need_shared("weights/resnet18-imagenet-to-layer3.pth");
    check_golden_with("resnet18_real", "resnet18", REAL, &winograd, 1e-5);
}

/* Where it can run, the option does something. */
static void winograd_rounds_differently(void **state)
{
    (void)state;
    const bool there = okng_winograd_get() != NULL;
    fixture f = open_fixture("resnet18", two_layers, 2, 1, 64, 64, NULL);
    features plain = run_once(&f, 2), fast = run_with(&f, &winograd);
    assert_int_equal(memcmp(plain.maps[0], fast.maps[0], f.sizes[0] * sizeof(float)) != 0, there);
    free_features(&plain);
    free_features(&fast);
    close_fixture(&f);
}

/* A number that is not finite comes through all RELUs to the maps, by sums as they are written and by Winograd's. */
static void what_is_not_finite_is_seen_at_the_end(void **state)
{
    (void)state;
    if (!okng_winograd_get()) skip(); /* RELU of oneDNN makes 0 of NaN */
    fixture f = open_fixture("resnet18", two_layers, 2, 1, 64, 64, NULL);
    f.input[64 * 20 + 30] = NAN;
    for (int fast = 0; fast < 2; fast++) {
        const okng_engine_options options = {.threads = 2, .winograd = fast};
        features found = run_with(&f, &options);
        for (int i = 0; i < 2; i++) {
            size_t bad = 0;
            for (size_t k = 0; k < f.sizes[i]; k++) bad += !(fabsf(found.maps[i][k]) < INFINITY);
            assert_int_not_equal(bad, 0);
        }
        free_features(&found);
    }
    close_fixture(&f);
}

static void threads_do_not_change_a_bit_of_winograd(void **state)
{
    (void)state;
    check_threads_of_all(&winograd);
}

/* Nor does the batch that a picture is in. */
static void check_batch(const okng_engine_options *options)
{
    fixture both = open_fixture("resnet18", two_layers, 2, 2, 97, 64, NULL);
    fixture alone = open_fixture("resnet18", two_layers, 2, 1, 97, 64, NULL);
    okng_engine_options full = *options;
    float *ranges = measure_ranges(&both);
    full.ranges = ranges;
    features pair = run_with(&both, &full), first = run_with(&alone, &full);
    for (int i = 0; i < 2; i++) assert_memory_equal(pair.maps[i], first.maps[i], alone.sizes[i] * sizeof(float));
    free_features(&pair);
    free_features(&first);
    free(ranges);
    close_fixture(&both);
    close_fixture(&alone);
}

static void a_batch_gives_what_its_pictures_give_alone(void **state)
{
    (void)state;
    need(&bf16);
    need(&int8);
    check_batch(&winograd);
    check_batch(&bf16);
    check_batch(&int8);
}

/* An engine for two threads, used by loops whose threads run one picture each. */
typedef struct loop {
    const fixture *f;
    const okng_engine *engine;
    const features *expected;
    int failures[8];
} loop;

static void run_in_loop(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    loop *l = context;
    for (int64_t i = begin; i < end; i++) {
        okng_engine_session *session = NULL;
        features out = new_features(l->f);
        okng_status status = okng_engine_session_new(&session, l->engine, 1, NULL);
        if (status == OKNG_OK) status = okng_engine_run(session, (const void *[]){l->f->input}, out.maps, NULL);
        l->failures[i] = status != OKNG_OK;
        for (int k = 0; k < okng_graph_output_count(l->f->graph); k++)
            if (memcmp(out.maps[k], l->expected->maps[k], l->f->sizes[k] * sizeof(float)) != 0) l->failures[i] = 1;
        okng_engine_session_free(&session);
        free_features(&out);
    }
}

static void check_loop(const okng_engine_options *options)
{
    need(options);
    fixture f = open_fixture("resnet50", two_layers, 2, 1, 97, 65, NULL);
    okng_engine_options full = *options;
    float *ranges = measure_ranges(&f);
    full.ranges = ranges;
    features expected = run_with(&f, &full);
    okng_engine *engine;
    assert_ok(okng_engine_compile(&engine, f.graph, f.weights, &full, error));
    loop l = {.f = &f, .engine = engine, .expected = &expected};
    okng_parallel_for(4, 8, 1, run_in_loop, &l);
    for (int i = 0; i < 8; i++) assert_int_equal(l.failures[i], 0);
    okng_engine_free(&engine);
    free_features(&expected);
    free(ranges);
    close_fixture(&f);
}

static void sessions_in_a_loop_give_the_same_bits(void **state)
{
    (void)state;
    check_loop(&winograd);
    check_loop(&bf16);
    check_loop(&int8);
}

/* ---- bfloat16: 8 bits of mantissa ---- */

static void bf16_features_are_near_torchvision(void **state)
{
    (void)state;
    need(&bf16);
    check_every_backbone(&bf16, 0.03);
}

static void bf16_features_of_the_real_resnet18_are_near_torchvision(void **state)
{
    (void)state;
    need(&bf16);
    need_shared("weights/resnet18-imagenet-to-layer3.pth");
    check_golden_with("resnet18_real", "resnet18", REAL, &bf16, 0.02);
}

static void threads_do_not_change_a_bit_of_bf16(void **state)
{
    (void)state;
    need(&bf16);
    check_threads_of_all(&bf16);
}

/* ---- int8 ---- */

static void int8_features_are_near_torchvision(void **state)
{
    (void)state;
    need(&int8);
    check_every_backbone(&int8, 0.1);
}

static void int8_features_of_the_real_resnet18_are_near_torchvision(void **state)
{
    (void)state;
    need(&int8);
    need_shared("weights/resnet18-imagenet-to-layer3.pth");
    check_golden_with("resnet18_real", "resnet18", REAL, &int8, 0.05);
}

static void threads_do_not_change_a_bit_of_int8(void **state)
{
    (void)state;
    need(&int8);
    check_threads_of_all(&int8);
}

static void weights_become_bytes_by_channel(void **state)
{
    (void)state;
    const float weights[] = {0.5f, -1.0f, 0.25f, 0.0f, 0.0f, 0.0f, 1e-30f, 3e-30f, -2e-30f};
    const int8_t expected[] = {64, -127, 32, 0, 0, 0, 42, 127, -85};
    int8_t numbers[9];
    float scales[3];
    okng_quantize_weights(weights, 3, 3, 2, numbers, scales);
    assert_memory_equal(numbers, expected, sizeof expected);
    assert_true(scales[0] == 1.0f / 127.0f && scales[1] == 1.0f && scales[2] == 3e-30f / 127.0f);
    assert_true(okng_quantize_scale(510.0f, false) == 2.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(winograd_features_equal_torchvision),
        cmocka_unit_test(winograd_features_of_the_real_resnet18_equal_torchvision),
        cmocka_unit_test(winograd_rounds_differently),
        cmocka_unit_test(what_is_not_finite_is_seen_at_the_end),
        cmocka_unit_test(threads_do_not_change_a_bit_of_winograd),
        cmocka_unit_test(sessions_in_a_loop_give_the_same_bits),
        cmocka_unit_test(a_batch_gives_what_its_pictures_give_alone),
        cmocka_unit_test(bf16_features_are_near_torchvision),
        cmocka_unit_test(bf16_features_of_the_real_resnet18_are_near_torchvision),
        cmocka_unit_test(threads_do_not_change_a_bit_of_bf16),
        cmocka_unit_test(int8_features_are_near_torchvision),
        cmocka_unit_test(int8_features_of_the_real_resnet18_are_near_torchvision),
        cmocka_unit_test(threads_do_not_change_a_bit_of_int8),
        cmocka_unit_test(weights_become_bytes_by_channel),
    };
    return RUN_TESTS(tests);
}
