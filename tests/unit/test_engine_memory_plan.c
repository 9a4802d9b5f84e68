/* The memory plan: nothing that lives together overlaps, and space is used again. */
#include "base/memory.h"
#include "base/rng.h"
#include "engine/memory_plan.h"
#include "test.h"

static void check_plan(const okng_block *blocks, size_t count, size_t total)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(blocks[i].offset % OKNG_ALIGNMENT, 0);
        assert_true(blocks[i].offset + blocks[i].bytes <= total);
        for (size_t k = 0; k < i; k++) {
            bool alive = blocks[i].first <= blocks[k].last && blocks[k].first <= blocks[i].last;
            bool apart = blocks[i].offset + blocks[i].bytes <= blocks[k].offset ||
                         blocks[k].offset + blocks[k].bytes <= blocks[i].offset;
            assert_true(!alive || apart);
        }
    }
}

static void a_chain_needs_two_places(void **state)
{
    (void)state;
    okng_block blocks[10];
    for (int32_t i = 0; i < 10; i++) blocks[i] = (okng_block){.bytes = 1000, .first = i, .last = i + 1};
    size_t total;
    assert_ok(okng_memory_plan(blocks, 10, &total, error));
    check_plan(blocks, 10, total);
    assert_int_equal(total, 2 * 1024);
}

static void random_blocks_never_overlap_while_they_live(void **state)
{
    (void)state;
    okng_rng rng = okng_rng_new(7, OKNG_STREAM_START);
    for (int round = 0; round < 200; round++) {
        okng_block blocks[40];
        size_t count = (size_t)okng_rng_below(&rng, 41), total, sum = 0;
        for (size_t i = 0; i < count; i++) {
            int32_t first = (int32_t)okng_rng_below(&rng, 30);
            blocks[i] = (okng_block){.bytes = (size_t)okng_rng_below(&rng, 5000),
                                     .first = first,
                                     .last = first + (int32_t)okng_rng_below(&rng, 10)};
        }
        assert_ok(okng_memory_plan(blocks, count, &total, error));
        check_plan(blocks, count, total);
        for (size_t i = 0; i < count; i++) sum += blocks[i].bytes;
        assert_true(total <= sum);
    }
}

static void sizes_that_cannot_be_addressed_are_refused(void **state)
{
    (void)state;
    okng_block blocks[2] = {{.bytes = SIZE_MAX / 2, .first = 0, .last = 1},
                            {.bytes = SIZE_MAX / 2 + 2, .first = 0, .last = 1}};
    size_t total;
    assert_fails(OKNG_ERROR_LIMIT, "more bytes than can be addressed", okng_memory_plan(blocks, 2, &total, error));
    blocks[0].bytes = SIZE_MAX;
    assert_fails(OKNG_ERROR_LIMIT, "more bytes than can be addressed", okng_memory_plan(blocks, 1, &total, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_needs_two_places),
        cmocka_unit_test(random_blocks_never_overlap_while_they_live),
        cmocka_unit_test(sizes_that_cannot_be_addressed_are_refused),
    };
    return RUN_TESTS(tests);
}
