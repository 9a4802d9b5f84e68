/* The same features on a CPU that has AVX2 and nothing newer, the most common one in a factory. */
#include "engine/onednn/exact.h"
#include "engine_fixture.h"
#include "kernels/linear.h"

/* Neither bfloat16 nor bytes are multiplied well there, and so that scores do not depend on chance, not at all. */
static void precisions_without_instructions_are_refused(void **state)
{
    (void)state;
#if defined(__x86_64__)
    assert_fails(OKNG_ERROR_UNSUPPORTED, "precision bf16: this CPU has no AVX-512 BF16 instructions",
                 okng_engine_supports("cpu", OKNG_PRECISION_BF16, error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "precision int8: this CPU has no VNNI instructions",
                 okng_engine_supports("cpu", OKNG_PRECISION_INT8, error));
#endif
    assert_ok(okng_engine_supports("cpu", OKNG_PRECISION_FP32, error));
}

/* Ours, for oneDNN has it for AVX-512 alone. */
/* Which is why: pairs of products are cut off at 16 bits. */
static void sums_of_bytes_that_are_not_exact_are_found(void **state)
{
    (void)state;
#if defined(__x86_64__)
    dnnl_engine_t engine;
    assert_int_equal(okng_dnnl.engine_create(&engine, dnnl_cpu, 0), dnnl_success);
    assert_fails(OKNG_ERROR_UNSUPPORTED, "sums of products of bytes are not exact here",
                 okng_prove_exact_sums(engine, error));
    (void)okng_dnnl.engine_destroy(engine);
#endif
}

static void winograd_is_there(void **state)
{
    static const okng_engine_options winograd = {.threads = 2, .winograd = true};
    (void)state;
    check_golden_with("okng-s", "okng-s", NULL, &winograd, 1e-5);
    check_golden_with("resnet18_batch", "resnet18", NULL, &winograd, 1e-5);
    fixture f = open_fixture("resnet18", two_layers, 2, 1, 64, 64, NULL);
    features plain = run_once(&f, 2), fast = run_with(&f, &winograd);
    assert_int_equal(memcmp(plain.maps[0], fast.maps[0], f.sizes[0] * sizeof(float)) != 0, okng_linear_get() != NULL);
    free_features(&plain);
    free_features(&fast);
    close_fixture(&f);
}

/* Where the first convolution is ours it may read a picture's bytes. */
static void bytes_give_the_bits_that_their_numbers_give(void **state)
{
    (void)state;
    static const char *const backbones[] = {"resnet18", "okng-s"};
    okng_pixel_table table;
    for (int c = 0; c < 3; c++)
        for (int v = 0; v < 256; v++) table.values[c][v] = (float)(v - 100) / (float)(37 + c);
    for (int i = 0; i < 2; i++) {
        enum { HEIGHT = 75, WIDTH = 66 }; /* what lies outside is seen at every side */
        fixture f = open_fixture(backbones[i], two_layers, 2, 3, HEIGHT, WIDTH, NULL);
        uint8_t *bytes = malloc(f.input_count);
        assert_non_null(bytes);
        for (size_t k = 0; k < f.input_count; k++) {
            const size_t c = k % 3, pixel = k / 3 % (HEIGHT * WIDTH), n = k / 3 / (HEIGHT * WIDTH);
            bytes[k] = (uint8_t)(k * 2654435761u >> 13);
            f.input[(n * 3 + c) * HEIGHT * WIDTH + pixel] = table.values[c][bytes[k]];
        }
        okng_engine *engine;
        okng_engine_session *session;
        features plain = run_once(&f, 2), looked_up = new_features(&f);
        assert_ok(okng_engine_compile(&engine, f.graph, f.weights,
                                      &(okng_engine_options){.threads = 2, .pixels = &table}, error));
        assert_int_equal(okng_engine_takes_pixels(engine), okng_linear_get() != NULL);
        assert_ok(okng_engine_session_new(&session, engine, f.batch, error));
        if (okng_engine_takes_pixels(engine)) {
            assert_ok(okng_engine_run(session, (const void *[]){bytes}, looked_up.maps, error));
            assert_same_bits(&f, &plain, &looked_up);
        }
        okng_engine_session_free(&session);
        okng_engine_free(&engine);
        free_features(&plain);
        free_features(&looked_up);
        free(bytes);
        close_fixture(&f);
    }
}

int main(void)
{
    /* read by oneDNN at its first call; no effect where the CPU is no x86 */
    if (setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1) != 0) return 1;
    if (okng_kernels_variant(OKNG_CPU_AVX2) && !okng_kernels_force(OKNG_CPU_AVX2)) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_of_every_convolutional_network_equal_torchvision),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(precisions_without_instructions_are_refused),
        cmocka_unit_test(winograd_is_there),
        cmocka_unit_test(sums_of_bytes_that_are_not_exact_are_found),
        cmocka_unit_test(bytes_give_the_bits_that_their_numbers_give),
    };
    return RUN_TESTS(tests);
}
