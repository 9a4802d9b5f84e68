/* An index that was stored and restored answers as the one that was made; one that cannot be is refused. */
#include "bank/knn_screened.h"
#include "bank/knn_stored.h"
#include "base/rng.h"
#include "test.h"

enum { ROWS = 2100, DIM = 260, QUERIES = 40, K = 4 };

static float values[ROWS * DIM], queries[QUERIES * DIM];
static okng_rows rows;
static okng_knn_index *made;
static okng_knn_stored stored;
static okng_array views[OKNG_KNN_ARRAYS];
static okng_named_array arrays[OKNG_KNN_ARRAYS];
static double numbers[OKNG_KNN_NUMBERS];

/* Rows along a few directions, so that outlines pay. */
static void fill(okng_rng *rng, float *out, int count)
{
    static float directions[8 * DIM];
    static bool drawn;
    for (int i = 0; i < 8 * DIM && !drawn; i++) directions[i] = (float)okng_rng_normal(rng);
    drawn = true;
    for (int r = 0; r < count; r++)
        for (int i = 0; i < 9; i++) {
            const float weight = (float)okng_rng_normal(rng);
            for (int d = 0; d < DIM; d++)
                out[r * DIM + d] += i < 8 ? weight * directions[i * DIM + d] : 0.05f * (float)okng_rng_normal(rng);
        }
}

static int make(void **unused)
{
    (void)unused;
    okng_rng rng = okng_rng_new(5, OKNG_STREAM_START);
    fill(&rng, values, ROWS);
    fill(&rng, queries, QUERIES);
    rows = (okng_rows){.data = values, .count = ROWS, .dim = DIM};
    assert_ok(okng_knn_index_new(&made, &rows, OKNG_KNN_MANY, 2, error));
    okng_knn_index_store(made, &stored);
    return 0;
}

static int release(void **unused)
{
    (void)unused;
    okng_knn_index_free(&made);
    return 0;
}

/* The tensors as they are, for a test to change. */
static void begin(void)
{
    for (size_t i = 0; i < stored.count; i++) {
        views[i] = *stored.arrays[i].array;
        arrays[i] = (okng_named_array){stored.arrays[i].name, &views[i]};
    }
    memcpy(numbers, stored.numbers, sizeof numbers);
    views[0].data = numbers;
}

static okng_status restore(okng_knn_index **index, okng_weights **weights, size_t count, okng_error *error)
{
    const okng_weights_views all = {.path = "search", .tensors = arrays, .count = count};
    OKNG_TRY(okng_weights_of_views(weights, &all, error));
    return okng_knn_index_restore(index, &rows, *weights, 2, error);
}

static void it_answers_as_the_one_that_was_made(void **unused)
{
    (void)unused;
    okng_knn_index *index;
    okng_weights *weights;
    static float squared[2][QUERIES * K];
    static int64_t found[2][QUERIES * K];
    assert_int_equal(stored.count, OKNG_KNN_ARRAYS); /* with outlines */
    begin();
    assert_ok(restore(&index, &weights, stored.count, error));
    assert_non_null(index);
    for (int i = 0; i < 2; i++)
        assert_ok(okng_knn_index_search(i ? index : made, queries, QUERIES, K, -1, 2, squared[i], found[i], error));
    assert_memory_equal(squared[0], squared[1], sizeof squared[0]);
    assert_memory_equal(found[0], found[1], sizeof found[0]);
    assert_memory_equal(&index->brief.coding.inverse, &made->brief.coding.inverse, sizeof(float));
    assert_true(index->whole.error == made->whole.error && index->blur == made->blur);
    okng_knn_index_free(&index);
    okng_weights_close(&weights);
}

static void one_of_another_form_is_made_anew(void **unused)
{
    (void)unused;
    okng_knn_index *index = made;
    okng_weights *weights;
    begin();
    numbers[0] += numbers[0] < 3 ? 1 : -1;
    assert_ok(restore(&index, &weights, stored.count, error));
    assert_null(index);
    okng_weights_close(&weights);
}

static void refuse(size_t count, okng_status expected, const char *says)
{
    okng_knn_index *index;
    okng_weights *weights;
    assert_fails(expected, says, restore(&index, &weights, count, error));
    assert_null(index);
    okng_weights_close(&weights);
}

static void numbers_that_cannot_be_are_refused(void **unused)
{
    (void)unused;
    const double wrong[] = {NAN, -1, INFINITY};
    for (int i = 1; i < OKNG_KNN_NUMBERS; i++)
        for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
            begin();
            numbers[i] = wrong[k];
            refuse(stored.count, OKNG_ERROR_FORMAT, "\"numbers\"");
        }
}

static void tensors_of_other_rows_are_refused(void **unused)
{
    (void)unused;
    for (size_t i = 1; i < stored.count; i++) {
        begin();
        views[i].shape[0]--;
        refuse(stored.count, OKNG_ERROR_FORMAT, stored.arrays[i].name);
        begin();
        views[i].dtype = OKNG_I64;
        refuse(stored.count, OKNG_ERROR_FORMAT, stored.arrays[i].name);
    }
    begin();
    refuse(3, OKNG_ERROR_NOT_FOUND, "whole.offsets");
}

static void offsets_and_codes_beyond_their_limits_are_refused(void **unused)
{
    (void)unused;
    static int32_t offsets[ROWS + OKNG_KNN_SLACK];
    static const int32_t wrong[] = {-1, INT32_MIN, INT32_MAX};
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        begin();
        memcpy(offsets, views[3].data, sizeof offsets);
        offsets[ROWS / 2] = wrong[k];
        views[3].data = offsets;
        refuse(stored.count, OKNG_ERROR_FORMAT, "whole.codes");
    }
    if (numbers[0] != 2) return; /* any byte is a code */
    begin();
    int16_t *codes = malloc(views[2].bytes);
    assert_non_null(codes);
    memcpy(codes, views[2].data, views[2].bytes);
    codes[77] = INT16_MIN;
    views[2].data = codes;
    refuse(stored.count, OKNG_ERROR_FORMAT, "whole.codes");
    free(codes);
}

static void rows_that_are_searched_plainly_are_not_stored(void **unused)
{
    (void)unused;
    okng_knn_index *index;
    okng_knn_stored none;
    const okng_rows few = {.data = values, .count = 100, .dim = DIM};
    assert_ok(okng_knn_index_new(&index, &few, OKNG_KNN_MANY, 1, error));
    okng_knn_index_store(index, &none);
    assert_int_equal(none.count, 0);
    okng_knn_index_free(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_answers_as_the_one_that_was_made),
        cmocka_unit_test(one_of_another_form_is_made_anew),
        cmocka_unit_test(numbers_that_cannot_be_are_refused),
        cmocka_unit_test(tensors_of_other_rows_are_refused),
        cmocka_unit_test(offsets_and_codes_beyond_their_limits_are_refused),
        cmocka_unit_test(rows_that_are_searched_plainly_are_not_stored),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make, release);
}
