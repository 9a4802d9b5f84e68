/* The same features on a CPU that has AVX2 and nothing newer, the most common one in a factory. */
#include "engine_fixture.h"

int main(void)
{
    /* read by oneDNN at its first call; no effect where the CPU is no x86 */
    if (setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1) != 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_of_every_backbone_equal_torchvision),
        cmocka_unit_test(threads_do_not_change_a_bit),
    };
    return RUN_TESTS(tests);
}
