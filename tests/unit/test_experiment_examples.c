/* Which pictures are drawn and what their files are called. */
#include "experiment/category.h"
#include "experiment/examples.h"
#include "report/results.h"
#include "test.h"

enum { COUNT = 12 };

/* Scores and verdicts: 0..3 good and OK, 4..5 good but NG, 6..7 missed defects, 8..11 found ones. */
static void fill(okng_picture_result *pictures, okng_sample *samples)
{
    static const float scores[COUNT] = {1, 2, 3, 4, 6, 7, 4.5f, 2.5f, 8, 11, 10, 9};
    for (size_t i = 0; i < COUNT; i++) {
        samples[i] = (okng_sample){.label = i >= 6};
        pictures[i] = (okng_picture_result){.sample = &samples[i], .score = scores[i], .ng = scores[i] > 5};
    }
}

static void check(int32_t wanted, const size_t *expected, size_t expected_count)
{
    okng_picture_result pictures[COUNT];
    okng_sample samples[COUNT];
    fill(pictures, samples);
    size_t count;
    size_t *chosen = okng_examples_choose(pictures, COUNT, wanted, &count);
    assert_non_null(chosen);
    assert_int_equal(count, expected_count);
    for (size_t i = 0; i < count; i++) assert_int_equal(chosen[i], expected[i]);
    free(chosen);
}

static void every_kind_of_outcome_is_shown(void **state)
{
    (void)state;
    check(4, (const size_t[]){5, 7, 9, 10}, 4); /* two found, the lowest miss, the highest false alarm */
    check(1, (const size_t[]){9}, 1);
    check(0, NULL, 0);
    check(10, (const size_t[]){2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 10); /* what is left over: the highest good ones */
    check(-1, (const size_t[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, COUNT);
}

static char *name_of(const char *const *names, size_t count, size_t i)
{
    okng_sample samples[4];
    const okng_sample *list[4];
    for (size_t s = 0; s < count; s++) {
        samples[s] = (okng_sample){.name = names[s]};
        list[s] = &samples[s];
    }
    return okng_example_name(list, count, i);
}

static void check_name(const char *const *names, size_t count, size_t i, const char *expected)
{
    char *name = name_of(names, count, i);
    assert_string_equal(name, expected);
    free(name);
}

static void names_are_unique_and_stay_in_their_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"test/crack/000.png", "test/crack/000.jpg", "/etc/../../x/./y.png", "../.."};
    check_name(names, 1, 0, "test/crack/000");
    check_name(names, 2, 0, "test/crack/000.png");
    check_name(names, 2, 1, "test/crack/000.jpg");
    check_name(names, 4, 2, "etc/x/y");
    check_name(names, 4, 3, "_");
    static const char *const twice[] = {"a.bmp", "a.png", "a.png.jpg"};
    check_name(twice, 3, 1, "a.png");
    check_name(twice, 3, 2, "a.png.jpg");
}

/* ---- scores.json of many pictures ---- */

enum { MANY = 2400, FITS = 2050, LONG = 3900 }; /* just below 64 MiB, and above */

static okng_sample many[MANY];
static const okng_sample *listed[MANY];
static okng_picture_result results[MANY];
static char names[MANY][LONG + 1], folder[] = "/tmp/okng-scores-XXXXXX";

static okng_experiment_config config;
static okng_tau tau = {.image = 1};
static okng_category_figures figures;

static okng_category_job job_of(size_t count)
{
    okng_category_job job = {.config = &config,
                             .name = "cloth",
                             .folder = folder,
                             .test = listed,
                             .test_count = count,
                             .pictures = results,
                             .result = &figures};
    job.info.tau = &tau;
    return job;
}

static void fill_many(size_t length)
{
    for (size_t i = 0; i < MANY; i++) {
        memset(names[i], 'n', length);
        memcpy(names[i], (const char[]){(char)('a' + i / 26 / 26), (char)('a' + i / 26 % 26), (char)('a' + i % 26)}, 3);
        memcpy(names[i] + length - 4, ".png", 5);
        many[i] = (okng_sample){.path = names[i], .name = names[i], .kind = "good", .mask_count = 1};
        listed[i] = &many[i];
        results[i] = (okng_picture_result){.sample = &many[i],
                                           .score = -1.17549435e-38f,
                                           .p_value = 1.23456789e-300,
                                           .milliseconds = 1.23456789e-300,
                                           .drawn = config.num_examples < 0};
    }
}

/* What is let pass before hours of work is written after them and read again; what is not is told before. */
static void what_scores_json_cannot_hold_is_told_before(void **state)
{
    (void)state;
    okng_experiment_config_init(&config);
    okng_category_figures_init(&figures);
    config.save_overlay = config.save_anomaly_map = 1;
    config.num_examples = -1;
    fill_many(LONG);
    okng_category_job job = job_of(MANY);
    assert_fails(OKNG_ERROR_LIMIT, "cloth: scores.json cannot hold 2400 test pictures, 2400 of them drawn",
                 okng_category_check_scores(&job, error));
    job = job_of(FITS);
    assert_ok(okng_category_check_scores(&job, error));
    assert_non_null(mkdtemp(folder));
    assert_ok(okng_category_write(&job, error));
    char path[128];
    okng_score_list list;
    (void)snprintf(path, sizeof path, "%s/scores.json", folder);
    assert_ok(okng_score_list_read(&list, path, error));
    assert_int_equal(list.count, FITS);
    okng_score_list_free(&list);
    assert_int_equal(okng_test_remove_tree(folder), 0);

    config.num_examples = 20;
    job = job_of(MANY);
    assert_ok(okng_category_check_scores(&job, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_scores_json_cannot_hold_is_told_before),
                                       cmocka_unit_test(every_kind_of_outcome_is_shown),
                                       cmocka_unit_test(names_are_unique_and_stay_in_their_folder)};
    return RUN_TESTS(tests);
}
