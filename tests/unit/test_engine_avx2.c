/* The same features on a CPU that has AVX2 and nothing newer, the most common one in a factory. */
#include "engine_fixture.h"

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

static void winograd_falls_back_to_plain_convolutions(void **state)
{
    (void)state;
    fixture f = open_fixture("resnet18", two_layers, 2, 1, 64, 64, NULL);
    features plain = run_once(&f, 2), asked = run_with(&f, &(okng_engine_options){.threads = 2, .winograd = true});
    assert_same_bits(&f, &plain, &asked);
    free_features(&plain);
    free_features(&asked);
    close_fixture(&f);
}

int main(void)
{
    /* read by oneDNN at its first call; no effect where the CPU is no x86 */
    if (setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1) != 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_of_every_convolutional_network_equal_torchvision),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(precisions_without_instructions_are_refused),
        cmocka_unit_test(winograd_falls_back_to_plain_convolutions),
    };
    return RUN_TESTS(tests);
}
