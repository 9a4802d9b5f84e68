/* The method subspace as a program sees it: build, open, inspect; and what PatchCore banks share with it. */
#include "base/file.h"
#include "fixture.h"
#include "test.h"

static char folder[] = "/tmp/okng-test-subspace-XXXXXX";
static char weights[64], good[FIXTURE_OK][64], bad[64];

static int make_pictures(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || fixture_write(folder, NULL) != OKNG_OK) return 1;
    (void)snprintf(weights, sizeof weights, "%s/resnet18.safetensors", folder);
    (void)snprintf(bad, sizeof bad, "%s/ng/000.png", folder);
    for (int i = 0; i < FIXTURE_OK; i++) (void)snprintf(good[i], sizeof good[i], "%s/ok/%03d.png", folder, i);
    return 0;
}

static int remove_pictures(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static void set(okng_build_options *options, const char *name, const char *value)
{
    assert_ok(okng_build_options_set(options, name, value, error));
}

static okng_build_options small(const char *method)
{
    okng_build_options options;
    okng_build_options_init(&options);
    set(&options, "method", method);
    set(&options, "backbone", "resnet18");
    set(&options, "weights", weights);
    set(&options, "resize", "64x64");
    set(&options, "threads", "2");
    return options;
}

static const char *bank_path(const char *name)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Learns good pictures first .. first + count - 1. */
static okng_status build(const char *name, const okng_build_options *options, int first, int count, okng_error *error)
{
    const char *pictures[FIXTURE_OK];
    for (int i = 0; i < count; i++) pictures[i] = good[first + i];
    return okng_build_paths(pictures, (size_t)count, bank_path(name), options, NULL, NULL, NULL, error);
}

static float score_of(const char *name, const char *path)
{
    okng_bank *bank;
    okng_result *result;
    okng_picture picture = {.struct_size = sizeof picture, .path = path};
    assert_ok(okng_bank_open(&bank, bank_path(name), NULL, error));
    assert_ok(okng_inspect(&result, bank, &picture, NULL, error));
    float score = okng_result_score(result);
    okng_result_free(&result);
    okng_bank_close(&bank);
    return score;
}

static void assert_same_file(const char *a, const char *b, const char *file)
{
    char path[160];
    void *data[2];
    size_t size[2];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s/%s", folder, i == 0 ? a : b, file);
        assert_ok(okng_file_read(path, 1 << 28, &data[i], &size[i], error));
    }
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(data[0], data[1], size[0]);
    free(data[0]);
    free(data[1]);
}

static void a_bank_has_the_same_bytes_for_any_number_of_threads(void **state)
{
    (void)state;
    okng_build_options options = small("subspace");
    set(&options, "augment", "rotate:3");
    assert_ok(build("one", &options, 0, FIXTURE_OK, error));
    set(&options, "threads", "5");
    assert_ok(build("five", &options, 0, FIXTURE_OK, error));
    assert_same_file("one", "five", "subspace.safetensors");
    assert_same_file("one", "five", "tau.json");
    assert_same_file("one", "five", "bank_config.json");
}

static void a_bad_part_scores_higher_than_good_ones(void **state)
{
    (void)state;
    okng_build_options options = small("subspace");
    assert_ok(build("part", &options, 0, FIXTURE_OK, error));
    float worst = 0;
    for (int i = 0; i < FIXTURE_OK; i++) worst = fmaxf(worst, score_of("part", good[i]));
    assert_true(score_of("part", bad) > 2 * worst);
}

/* The scores in tau.json, ascending. */
static int recorded_scores(const char *name, float *scores)
{
    char *json;
    int count = 0;
    assert_ok(okng_bank_describe(bank_path(name), &json, error));
    const char *at = strstr(json, "\"image_scores\"");
    assert_non_null(at);
    at = strchr(at, '[');
    for (char *end; at && *at != ']' && count < FIXTURE_OK; at = end + strspn(end, " \n\t,")) {
        scores[count] = strtof(at + (*at == '['), &end);
        count++;
    }
    okng_text_free(&json);
    return count;
}

/* What leaving a picture out gives is what learning the others gives, to the last bit of the score. */
static void leaving_out_is_as_if_the_picture_had_never_been_there(void **state)
{
    (void)state;
    static const char *const augment[] = {"none", "rotate:2"};
    for (size_t a = 0; a < 2; a++) {
        float recorded[FIXTURE_OK];
        okng_build_options options = small("subspace");
        set(&options, "augment", augment[a]);
        assert_ok(build("all", &options, 0, 4, error));
        assert_int_equal(recorded_scores("all", recorded), 4);
        set(&options, "calibration", "train");
        assert_ok(build("others", &options, 1, 3, error)); /* all but the first */
        float score = score_of("others", good[0]);
        bool found = false;
        for (int i = 0; i < 4; i++) found = found || fabsf(recorded[i] - score) <= 1e-6f * score;
        if (!found)
            fail_msg("score %g is not among those recorded, %g .. %g", (double)score, (double)recorded[0],
                     (double)recorded[3]);
    }
}

static void options_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    okng_build_options options = small("subspace");
    set(&options, "image-score", "reweighted");
    assert_fails(OKNG_ERROR_ARGUMENT, "expected top or max", build("no", &options, 0, 3, error));
    options = small("subspace");
    set(&options, "coreset", "0.5");
    assert_fails(OKNG_ERROR_ARGUMENT, "does not read it", build("no", &options, 0, 3, error));
    options = small("patchcore");
    set(&options, "variance", "0.5");
    assert_fails(OKNG_ERROR_ARGUMENT, "does not read it", build("no", &options, 0, 3, error));
    options = small("subspace");
    assert_fails(OKNG_ERROR_ARGUMENT, "one OK picture", build("no", &options, 0, 1, error));
    set(&options, "max-memory", "1M");
    assert_fails(OKNG_ERROR_LIMIT, "max-memory of 1 MiB is too little", build("no", &options, 0, 3, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "none|rotate:N with N from 2 to 64",
                 okng_build_options_set(&options, "augment", "rotate", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "2..64 or none", okng_build_options_set(&options, "augment", "rotate:65", error));
    char text[32];
    set(&options, "augment", "rotate:8");
    assert_ok(okng_build_options_get(&options, "augment", text, sizeof text, error));
    assert_string_equal(text, "rotate:8");
    set(&options, "augment", "none");
    assert_ok(okng_build_options_get(&options, "augment", text, sizeof text, error));
    assert_string_equal(text, "none");
}

static void a_method_sets_what_it_cannot_do_without_whatever_the_preset(void **state)
{
    (void)state;
    okng_build_options options;
    for (int order = 0; order < 2; order++) {
        okng_build_options_init(&options);
        set(&options, order ? "method" : "preset", order ? "subspace" : "anomalydino");
        set(&options, order ? "preset" : "method", order ? "anomalydino" : "subspace");
        assert_string_equal(options.method, "subspace");
        assert_int_equal(options.image_score, OKNG_SCORE_TOP);
        assert_int_equal(options.distance, OKNG_DISTANCE_L2);
        assert_int_equal(options.resize_height, 448);
    }
}

static void a_damaged_bank_is_refused(void **state)
{
    (void)state;
    okng_build_options options = small("subspace");
    okng_bank *bank;
    void *data;
    size_t size;
    char path[160];
    assert_ok(build("damaged", &options, 0, 3, error));
    (void)snprintf(path, sizeof path, "%s/damaged/subspace.safetensors", folder);
    assert_ok(okng_file_read(path, 1 << 28, &data, &size, error));
    ((uint8_t *)data)[size - 5] ^= 1;
    assert_ok(okng_file_write(path, data, size, error));
    assert_fails(OKNG_ERROR_FORMAT, "is not the file that was built",
                 okng_bank_open(&bank, bank_path("damaged"), NULL, error));
    free(data);
}

static void patchcore_takes_top_cosine_copies_and_the_foreground(void **state)
{
    (void)state;
    okng_build_options options = small("patchcore");
    set(&options, "image-score", "top");
    set(&options, "top", "0.1");
    set(&options, "distance", "cosine");
    set(&options, "augment", "rotate:2");
    set(&options, "foreground", "pca");
    set(&options, "sampler", "identity");
    assert_ok(build("cosine1", &options, 0, 4, error));
    set(&options, "threads", "1");
    assert_ok(build("cosine2", &options, 0, 4, error));
    assert_same_file("cosine1", "cosine2", "memory_bank.pt");
    assert_same_file("cosine1", "cosine2", "tau.json");

    char path[160];
    okng_weights *file;
    (void)snprintf(path, sizeof path, "%s/cosine1/memory_bank.pt", folder);
    assert_ok(okng_weights_open(&file, path, error));
    const okng_array *rows = okng_weights_find(file, "");
    assert_non_null(rows);
    assert_int_equal(rows->shape[0], 4 * 2 * 8 * 8); /* pictures, copies, patches */
    const float *row = rows->data;
    double sum = 0;
    for (int64_t d = 0; d < rows->shape[1]; d++) sum += (double)row[d] * (double)row[d];
    assert_true(fabs(sum - 1) < 1e-6);
    okng_weights_close(&file);
    float score = score_of("cosine1", bad);
    assert_true(score >= 0 && score <= 2);

    /* Of calibration that runs the network again, the same thresholds. */
    set(&options, "reservoir-max", "511");
    assert_ok(build("reservoir", &options, 0, 4, error));
    float kept[FIXTURE_OK], all[FIXTURE_OK];
    assert_int_equal(recorded_scores("reservoir", kept), 4);
    assert_int_equal(recorded_scores("cosine1", all), 4);
    for (int i = 0; i < 4; i++) assert_true(fabsf(kept[i] - all[i]) <= 0.2f * all[i]);
}

/* What the file of a bank holds, less the header of its format. */
static void a_bank_tells_the_bytes_of_what_it_learnt(void **state)
{
    (void)state;
    okng_build_options options = small("subspace");
    okng_bank *bank;
    okng_bank_info info;
    void *data;
    size_t size;
    char path[160];
    okng_init(&info);
    assert_ok(build("told", &options, 0, 3, error));
    assert_ok(okng_bank_open(&bank, bank_path("told"), NULL, error));
    assert_ok(okng_bank_get_info(bank, &info, error));
    okng_bank_close(&bank);
    uint64_t dim = (uint64_t)info.dim, sums = dim * (dim + 1) / 2 + dim;
    assert_int_equal(info.bytes, 16 * sums + 4 * dim * dim + 8 * (2 * dim + 2));
    (void)snprintf(path, sizeof path, "%s/told/subspace.safetensors", folder);
    assert_ok(okng_file_read(path, 1 << 28, &data, &size, error));
    free(data);
    assert_true(info.bytes < size && size < info.bytes + 1024);
}

/* resnet18.safetensors with 6.5e19 for every weight: values overflow. */
static void write_broken_weights(const char *path)
{
    uint64_t header;
    void *data;
    size_t size;
    assert_ok(okng_file_read(weights, 1 << 28, &data, &size, error));
    memcpy(&header, data, sizeof header);
    memset((uint8_t *)data + 8 + header, 0x60, size - 8 - header);
    assert_ok(okng_file_write(path, data, size, error));
    free(data);
}

/* Vectors that are not finite have no foreground; an embedder does not ask for one. */
static void an_embedder_looks_for_no_foreground(void **state)
{
    (void)state;
    okng_build_options options = small("patchcore");
    okng_picture picture = {.struct_size = sizeof picture, .path = good[0]};
    okng_array *rows, *unit;
    set(&options, "foreground", "pca");
    assert_ok(okng_embed(&rows, &picture, &options, error));
    set(&options, "distance", "cosine");
    assert_ok(okng_embed(&unit, &picture, &options, error));
    const float *row = rows->data, *same = unit->data;
    double sum = 0;
    for (int64_t d = 0; d < rows->shape[1]; d++) sum += (double)row[d] * (double)row[d];
    assert_true(fabs(sum - 1) > 0.1);
    for (int64_t d = 0; d < rows->shape[1]; d++) assert_float_equal(same[d], row[d] / (float)sqrt(sum), 1e-5);
    okng_array_free(&rows);
    okng_array_free(&unit);
    set(&options, "distance", "l2");
    write_broken_weights(bank_path("broken.safetensors"));
    set(&options, "weights", bank_path("broken.safetensors"));
    set(&options, "convolution",
        "direct"); /* oneDNN's Winograd takes infinity from infinity, and its ReLU makes 0 of NaN */
    assert_ok(okng_embed(&rows, &picture, &options, error));
    okng_array_free(&rows);
    assert_fails(OKNG_ERROR_MISMATCH, "not finite", build("no", &options, 0, 3, error));
}

/* MiB that a build says it needs. */
static unsigned long needed(const char *method, const char *foreground)
{
    okng_build_options options = small(method);
    okng_error error;
    set(&options, "threads", "4");
    set(&options, "max-memory", "1M");
    set(&options, "foreground", foreground);
    assert_int_equal(build("no", &options, 0, 4, &error), OKNG_ERROR_LIMIT);
    const char *at = strstr(error.message, "about ");
    assert_non_null(at);
    return strtoul(at + strlen("about "), NULL, 10);
}

static void the_work_of_the_foreground_counts_as_memory(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* what a build needs begins with what the process has, and freed memory that is kept makes that waver */
#endif
    static const char *const methods[] = {"patchcore", "subspace"};
    for (size_t i = 0; i < 2; i++) {
        unsigned long all = needed(methods[i], "all");
        assert_true(needed(methods[i], "pca") > all); /* about 2.5 MiB for each thread */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bank_has_the_same_bytes_for_any_number_of_threads),
        cmocka_unit_test(a_bad_part_scores_higher_than_good_ones),
        cmocka_unit_test(leaving_out_is_as_if_the_picture_had_never_been_there),
        cmocka_unit_test(options_that_do_not_fit_are_refused),
        cmocka_unit_test(a_method_sets_what_it_cannot_do_without_whatever_the_preset),
        cmocka_unit_test(a_damaged_bank_is_refused),
        cmocka_unit_test(patchcore_takes_top_cosine_copies_and_the_foreground),
        cmocka_unit_test(a_bank_tells_the_bytes_of_what_it_learnt),
        cmocka_unit_test(an_embedder_looks_for_no_foreground),
        cmocka_unit_test(the_work_of_the_foreground_counts_as_memory),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_pictures, remove_pictures);
}
