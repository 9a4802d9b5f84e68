/* The same features on a CPU that has AVX2 and nothing newer, the most common one in a factory. */
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
    };
    return RUN_TESTS(tests);
}
