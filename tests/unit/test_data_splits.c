#include "data_tree.h"

static okng_dataset_options options_of(const char *const *settings)
{
    okng_dataset_options options;
    okng_dataset_options_init(&options);
    for (; *settings; settings += 2) assert_ok(okng_dataset_options_set(&options, settings[0], settings[1], error));
    return options;
}

static tree many(void)
{
    tree t = tree_new();
    tree_add_many(&t, "nut/train/good/%03d.png", 20);
    tree_add_many(&t, "nut/test/good/%03d.png", 10);
    tree_add_many(&t, "nut/test/crack/%03d.png", 30);
    tree_add_many(&t, "nut/ground_truth/crack/%03d_mask.png", 30);
    return t;
}

/* The numbers of the pictures of a split, as "003 007 ". */
static const char *numbers(const okng_samples *samples, okng_split split, char *text)
{
    *text = '\0';
    for (size_t i = 0; i < okng_samples_count(samples); i++) {
        const okng_sample *sample = okng_samples_get(samples, i);
        if (sample->split == split) (void)sprintf(text + strlen(text), "%.3s ", strrchr(sample->name, '/') + 1);
    }
    return text;
}

static void k_shot_draws_by_seed_without_replacement(void **state)
{
    (void)state;
    tree t = many();
    char first[512], again[512], other[512];
    bool seen[20] = {false};
    okng_dataset_options options = options_of((const char *const[]){"k-shot", "4", "seed", "7", NULL});
    okng_samples *samples = tree_samples(&t, "mvtec", "nut", &options);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 4);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 1), 30); /* the test is whole */
    (void)numbers(samples, OKNG_SPLIT_TRAIN, first);
    okng_samples_free(&samples);
    samples = tree_samples(&t, "mvtec", "nut", &options);
    assert_string_equal(numbers(samples, OKNG_SPLIT_TRAIN, again), first);
    okng_samples_free(&samples);
    assert_string_equal(first, "010 012 014 018 "); /* PCG32, Fisher and Yates: the same everywhere, for ever */
    for (uint64_t seed = 0; seed < 40; seed++) {
        options.seed = seed;
        samples = tree_samples(&t, "mvtec", "nut", &options);
        for (const char *n = numbers(samples, OKNG_SPLIT_TRAIN, other); *n; n += 4) seen[atoi(n)] = true;
        okng_samples_free(&samples);
    }
    for (int i = 0; i < 20; i++) assert_true(seen[i]);
    options.k_shot = 20;
    samples = tree_samples(&t, "mvtec", "nut", &options);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 20);
    okng_samples_free(&samples);
    options.k_shot = -1; /* all, by any method */
    samples = tree_samples(&t, "mvtec", "nut", &options);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 20);
    okng_samples_free(&samples);
    options.k_shot = 21;
    assert_fails(OKNG_ERROR_ARGUMENT, "category nut: k-shot is 21, but there are 20 pictures to learn",
                 tree_fails(&t, "mvtec", "nut", &options, error));
    tree_remove(&t);
}

static void validation_comes_out_of_train(void **state)
{
    (void)state;
    tree t = many();
    okng_dataset_options options = options_of((const char *const[]){"validation", "0.25", NULL});
    okng_samples *samples = tree_samples(&t, "mvtec", "nut", &options);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 15);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_VALIDATION, 0), 5);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 0), 10);
    for (size_t i = 0; i < okng_samples_count(samples); i++) {
        const okng_sample *sample = okng_samples_get(samples, i);
        if (sample->split == OKNG_SPLIT_VALIDATION) assert_int_equal(strncmp(sample->name, "train/", 6), 0);
    }
    char held[512], again[512];
    (void)numbers(samples, OKNG_SPLIT_VALIDATION, held);
    okng_samples_free(&samples);
    options.k_shot = 15; /* what is held out does not depend on the number of shots */
    samples = tree_samples(&t, "mvtec", "nut", &options);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 15);
    assert_string_equal(numbers(samples, OKNG_SPLIT_VALIDATION, again), held);
    okng_samples_free(&samples);
    options.k_shot = 16;
    assert_fails(OKNG_ERROR_ARGUMENT, "15 pictures to learn besides those held out",
                 tree_fails(&t, "mvtec", "nut", &options, error));
    options.k_shot = 0;
    options.validation = 0.001; /* one at least */
    samples = tree_samples(&t, "mvtec", "nut", &options);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_VALIDATION, 0), 1);
    okng_samples_free(&samples);
    tree_remove(&t);
}

static void a_thinned_test_keeps_shares_and_spread(void **state)
{
    (void)state;
    tree t = many();
    char text[512];
    okng_dataset_options options = options_of((const char *const[]){"max_test_samples", "8", NULL});
    okng_samples *samples = tree_samples(&t, "mvtec", "nut", &options);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 0), 2);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 1), 6);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 20);
    assert_string_equal(numbers(samples, OKNG_SPLIT_TEST, text), "004 009 014 019 024 029 004 009 ");
    okng_samples_free(&samples);
    options.max_test_samples = 2; /* a quarter is good, yet one is kept */
    samples = tree_samples(&t, "mvtec", "nut", &options);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 0), 1);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 1), 1);
    okng_samples_free(&samples);
    options.max_test_samples = 40;
    samples = tree_samples(&t, "mvtec", "nut", &options);
    assert_int_equal(okng_samples_count(samples), 60);
    okng_samples_free(&samples);
    options.max_test_samples = 1;
    assert_fails(OKNG_ERROR_ARGUMENT, "max-test-samples", tree_fails(&t, "mvtec", "nut", &options, error));
    tree_remove(&t);
}

static void options_are_checked(void **state)
{
    (void)state;
    okng_dataset_options options;
    okng_dataset_options_init(&options);
    assert_string_equal(options.categories, "all");
    assert_fails(OKNG_ERROR_ARGUMENT, "unknown option \"k-shots\" of a data set; did you mean \"k-shot\"?",
                 okng_dataset_options_set(&options, "k-shots", "1", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "option k-shot: found \"-1\"",
                 okng_dataset_options_set(&options, "k-shot", "-1", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "option validation: found \"1\", expected a number 0..0.9",
                 okng_dataset_options_set(&options, "validation", "1", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "option seed", okng_dataset_options_set(&options, "seed", "x", error));
    options.k_shot = -3;
    okng_dataset *set;
    assert_fails(OKNG_ERROR_ARGUMENT, "option k-shot: found \"-3\"",
                 okng_dataset_open(&set, "mvtec", "/tmp", &options, error));
    assert_null(set);
    okng_dataset_info info = {.struct_size = sizeof info};
    assert_ok(okng_dataset_type_get(0, &info, error));
    assert_string_equal(info.name, "mvtec");
    assert_fails(OKNG_ERROR_ARGUMENT, "there are 16", okng_dataset_type_get(16, &info, error));
}

/* ---- masks ---- */

static void masks_are_zero_and_one_and_united(void **state)
{
    (void)state;
    tree t = tree_new();
    tree_add_many(&t, "box/train/good/%03d.png", 1);
    tree_add_many(&t, "box/test/bent/%03d.png", 1);
    tree_add_many(&t, "box/test/good/%03d.png", 1);
    tree_mask(&t, "box/ground_truth/bent/000/000.png", TREE_WIDTH, 0, 1, 1); /* VisA and LOCO write small values */
    tree_mask(&t, "box/ground_truth/bent/000/001.png", TREE_WIDTH, 1, 2, 255);
    okng_samples *samples = tree_samples(&t, "mvtec", "box", NULL);
    uint8_t mask[TREE_WIDTH * TREE_HEIGHT];
    const okng_sample *bad = tree_sample(samples, "test/bent/000.png"),
                      *good = tree_sample(samples, "test/good/000.png");
    assert_ok(okng_sample_mask(bad, TREE_WIDTH, TREE_HEIGHT, mask, error));
    for (int i = 0; i < TREE_WIDTH * TREE_HEIGHT; i++) assert_int_equal(mask[i], i % TREE_WIDTH <= 2);
    assert_ok(okng_sample_mask(good, TREE_WIDTH, TREE_HEIGHT, mask, error));
    for (int i = 0; i < TREE_WIDTH * TREE_HEIGHT; i++) assert_int_equal(mask[i], 0);

    tree_mask(&t, "box/ground_truth/bent/000/001.png", TREE_WIDTH + 1, 1, 2, 255);
    assert_fails(OKNG_ERROR_MISMATCH, "bent/000/001.png: the mask is 7x4, expected 6x4",
                 okng_sample_mask(bad, TREE_WIDTH, TREE_HEIGHT, mask, error));
    tree_add(&t, "box/ground_truth/bent/000/001.png");
    assert_fails(OKNG_ERROR_FORMAT, "bent/000/001.png", okng_sample_mask(bad, TREE_WIDTH, TREE_HEIGHT, mask, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "0x4", okng_sample_mask(bad, 0, TREE_HEIGHT, mask, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "sample", okng_sample_mask(NULL, 1, 1, mask, error));
    okng_samples_free(&samples);
    tree_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(k_shot_draws_by_seed_without_replacement), cmocka_unit_test(validation_comes_out_of_train),
        cmocka_unit_test(a_thinned_test_keeps_shares_and_spread),   cmocka_unit_test(options_are_checked),
        cmocka_unit_test(masks_are_zero_and_one_and_united),
    };
    return RUN_TESTS(tests);
}
