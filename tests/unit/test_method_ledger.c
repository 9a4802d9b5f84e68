/* What calibration found of each good picture: kept, changed, written and read. */
#include <math.h>
#include <unistd.h>

#include "method/ledger.h"
#include "options/options.h"
#include "test.h"

enum { COUNT = 2, PATCHES = 6, DIM = 3, KEPT = 3 };

static char path[] = "/tmp/okng-ledger-XXXXXX";
static const char *const names[COUNT] = {"1.png", "deep/2.png"};
static const float scores[COUNT][PATCHES] = {{1, 5, 2, 5, 3, 2}, {0, 0, 0, 0, 0, 4}};

static const char *name_of(const void *context, size_t i)
{
    (void)context;
    return names[i];
}

static okng_ledger *made(int32_t kept)
{
    okng_ledger *l;
    float rows[PATCHES * DIM];
    const okng_ledger_size size = {.count = COUNT, .patches = PATCHES, .dim = DIM, .kept = kept};
    assert_ok(okng_ledger_new(&l, &size, name_of, NULL, "/a/good", error));
    for (int64_t i = 0; i < COUNT; i++) {
        for (int p = 0; p < PATCHES * DIM; p++) rows[p] = (float)(100 * i + p);
        okng_ledger_put(l, i, 7 + (float)i, scores[i], rows);
    }
    return l;
}

static void the_highest_patches_are_kept_and_one_from_anywhere(void **state)
{
    (void)state;
    okng_ledger *l = made(KEPT);
    assert_int_equal(l->places[0], 1); /* of equal ones the first */
    assert_int_equal(l->places[1], 3);
    assert_in_range(l->places[2], 0, PATCHES - 1);
    assert_int_equal(l->places[KEPT], 5);
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < KEPT; k++)
            assert_float_equal(l->rows[(i * KEPT + k) * DIM], (float)(100 * i + DIM * l->places[i * KEPT + k]), 0);
    okng_ledger_free(&l);
}

static void patches_follow_those_that_are_kept(void **state)
{
    (void)state;
    okng_ledger *l = made(KEPT);
    okng_build_options options;
    okng_build_options_init(&options);
    options.image_score = OKNG_SCORE_MAX;
    int32_t typical = l->places[2];
    float now[2 * KEPT] = {4, 3.5F, 0.9F * scores[0][typical], 4, 0, 0};
    now[2 * KEPT - 1] = 0.9F * scores[1][l->places[2 * KEPT - 1]];
    double factor = okng_ledger_typical(l, now, COUNT);
    assert_float_equal(factor, 0.9, 1e-6);
    assert_ok(okng_ledger_change(l, 0, now, factor, 0.5F, &options, error));
    assert_float_equal(l->grid[1], 4, 0);
    assert_float_equal(l->grid[3], 3.5, 0);
    assert_float_equal(l->grid[0], 0.9, 1e-6); /* below the mean of 3: as usual patches */
    assert_float_equal(l->grid[4], 2.7, 1e-6);
    assert_float_equal(l->scores[0], 2, 0); /* half of the highest */
    okng_ledger_free(&l);
    /* Between the mean and the lowest of the highest ones the factor goes from the one to the other. */
    l = made(OKNG_LEDGER_KEPT_MIN);
    float pair[2] = {2.5F, 0.9F};
    assert_ok(okng_ledger_change(l, 0, pair, 0.9, 1, &options, error));
    assert_float_equal(l->grid[3], 2.5, 1e-6); /* as high as the one that is kept */
    assert_float_equal(l->grid[1], 2.5, 0);
    okng_ledger_free(&l);
}

static void pictures_of_which_nothing_is_known_count_for_nothing(void **state)
{
    (void)state;
    okng_ledger *l = made(KEPT);
    float now[COUNT * KEPT] = {0};
    l->scores[0] = l->scores[1] = NAN;
    assert_float_equal(okng_ledger_typical(l, now, COUNT), 1, 0);
    okng_ledger_free(&l);
}

static void fewer_and_more_are_copied(void **state)
{
    (void)state;
    okng_ledger *l = made(KEPT), *fewer = made(OKNG_LEDGER_KEPT_MIN);
    okng_ledger_copy(fewer, 0, l);
    assert_int_equal(fewer->places[0], 1);
    assert_int_equal(fewer->places[1], l->places[2]); /* the typical one stays the last */
    okng_ledger_copy(l, 0, fewer);
    assert_int_equal(l->places[0], 1);
    assert_int_equal(l->places[1], 1);
    assert_float_equal(l->rows[DIM], l->rows[0], 0);
    okng_ledger_free(&fewer);
    okng_ledger_free(&l);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    okng_ledger *l = made(KEPT), *read;
    okng_weights *file;
    assert_ok(okng_ledger_write(l, path, error));
    assert_ok(okng_weights_open(&file, path, error));
    assert_ok(okng_ledger_read(&read, file, error));
    okng_weights_close(&file);
    assert_string_equal(read->folder, "/a/good");
    assert_string_equal(read->names.name[1], "deep/2.png");
    assert_int_equal(read->kept, KEPT);
    assert_true(isnan(read->doubts[0]));
    assert_float_equal(read->scores[1], 8, 0);
    assert_memory_equal(read->grid, l->grid, sizeof scores);
    assert_memory_equal(read->rows, l->rows, COUNT * KEPT * DIM * sizeof(float));
    assert_memory_equal(read->places, l->places, COUNT * KEPT * sizeof(int32_t));
    okng_ledger_free(&read);
    okng_ledger_free(&l);
}

static void check_refused(okng_ledger *l, const char *part)
{
    okng_weights *file;
    okng_ledger *read;
    assert_ok(okng_ledger_write(l, path, error));
    assert_ok(okng_weights_open(&file, path, error));
    assert_fails(OKNG_ERROR_FORMAT, part, okng_ledger_read(&read, file, error));
    assert_null(read);
    okng_weights_close(&file);
    okng_ledger_free(&l);
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    okng_ledger *l = made(KEPT);
    l->scores[1] = -1;
    check_refused(l, "the score of a picture");
    l = made(KEPT);
    l->doubts[0] = INFINITY;
    check_refused(l, "the doubt of a picture");
    l = made(KEPT);
    l->grid[PATCHES] = NAN;
    check_refused(l, "the score of a patch");
    l = made(KEPT);
    l->rows[1] = INFINITY;
    check_refused(l, "a patch vector");
    l = made(KEPT);
    l->places[4] = PATCHES;
    check_refused(l, "the place of a patch");
    l = made(KEPT);
    l->names.text[0] = '/';
    check_refused(l, "a name of a picture");
    l = made(KEPT);
    l->folder[0] = 'a';
    check_refused(l, "the folder of the pictures");
    l = made(KEPT);
    l->patches--; /* of another shape than the places say */
    l->places[0] = PATCHES - 1;
    check_refused(l, "the place of a patch");
}

static int make_file(void **state)
{
    (void)state;
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_patches_are_kept_and_one_from_anywhere),
        cmocka_unit_test(patches_follow_those_that_are_kept),
        cmocka_unit_test(pictures_of_which_nothing_is_known_count_for_nothing),
        cmocka_unit_test(fewer_and_more_are_copied),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(numbers_out_of_range_are_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
