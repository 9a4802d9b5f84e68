/* From pictures to verdicts through the public header. */
#include <dirent.h>
#include <jansson.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "fixture.h"
#include "test.h"

#include "data/shots.h"

static char folder[64];
static okng_picture_list *ok_pictures;

static int make_fixture(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/okng-test-build-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    okng_error error;
    if (fixture_write(folder, &error) != OKNG_OK) return -1;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/ok", folder);
    return okng_picture_list_open(&ok_pictures, path, &error) == OKNG_OK ? 0 : -1;
}

static int remove_fixture(void **state)
{
    (void)state;
    okng_picture_list_free(&ok_pictures);
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static const char *path_of(const char *name)
{
    static char paths[4][512];
    static int next;
    next = (next + 1) % 4;
    (void)snprintf(paths[next], sizeof paths[next], "%s/%s", folder, name);
    return paths[next];
}

static okng_build_options small_options(void)
{
    okng_build_options options;
    okng_build_options_init(&options);
    strcpy(options.backbone, "resnet18");
    (void)snprintf(options.weights, sizeof options.weights, "%s", path_of("resnet18.safetensors"));
    options.resize_height = options.resize_width = 64;
    return options;
}

static okng_status build_with(const okng_build_options *options, const char *bank, okng_progress_fn progress,
                              void *user, okng_build_report *report, okng_error *error)
{
    const char *paths[FIXTURE_OK];
    for (size_t i = 0; i < FIXTURE_OK; i++) paths[i] = okng_picture_list_path(ok_pictures, i);
    return okng_build_paths(paths, FIXTURE_OK, path_of(bank), options, progress, user, report, error);
}

static okng_status build(const okng_build_options *options, const char *bank, okng_error *error)
{
    return build_with(options, bank, NULL, NULL, NULL, error);
}

static bool same_file(const char *bank_a, const char *bank_b, const char *name)
{
    char a[512], b[512];
    (void)snprintf(a, sizeof a, "%s/%s", path_of(bank_a), name);
    (void)snprintf(b, sizeof b, "%s/%s", path_of(bank_b), name);
    void *data_a, *data_b;
    size_t size_a, size_b;
    assert_ok(okng_file_read(a, SIZE_MAX, &data_a, &size_a, error));
    assert_ok(okng_file_read(b, SIZE_MAX, &data_b, &size_b, error));
    bool same = size_a == size_b && memcmp(data_a, data_b, size_a) == 0;
    free(data_a);
    free(data_b);
    return same;
}

static void assert_same_bank(const char *a, const char *b)
{
    assert_true(same_file(a, b, "memory_bank.pt"));
    assert_true(same_file(a, b, "bank_config.json"));
    assert_true(same_file(a, b, "tau.json"));
}

static void any_number_of_threads_writes_the_same_bytes(void **state)
{
    (void)state;
    static const char *const samplers[] = {"greedy", "approx-greedy", "random", "kmeans", "identity"};
    for (size_t i = 0; i < 5; i++) {
        okng_build_options options = small_options();
        assert_ok(okng_build_options_set(&options, "sampler", samplers[i], error));
        options.reservoir_max = i == 3 ? 300 : 0;
        options.threads = 1;
        assert_ok(build(&options, "one", error));
        options.threads = 2;
        assert_ok(build(&options, "two", error));
        assert_same_bank("one", "two");
        options.threads = 5;
        assert_ok(build(&options, "two", error));
        assert_same_bank("one", "two");
    }
}

static void another_seed_gives_another_bank(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    assert_ok(build(&options, "one", error));
    options.seed = 1;
    assert_ok(build(&options, "two", error));
    assert_false(same_file("one", "two", "memory_bank.pt"));
}

/* Builds with as little memory as the first refusal asks for, so that there is no room for the rows. What the process
 * holds is not the same in the next attempt, least of all under a sanitizer: where the rows fit after all it gets less,
 * where it is refused again it gets more. */
static okng_status build_in_little_memory(okng_build_options *options, okng_build_report *report, okng_error *error)
{
    const uint64_t step = (uint64_t)1 << 20;
    options->max_memory = step;
    for (int tries = 0;; tries++) {
        okng_error refusal;
        okng_status status = build_with(options, "two", NULL, NULL, report, &refusal);
        bool refused = status == OKNG_ERROR_LIMIT, fitted = status == OKNG_OK && report->spilled == 0;
        unsigned long long needed = 0;
        const char *about = refused ? strstr(refusal.message, "about ") : NULL;
        bool known = !refused || tries > 0 || (about && sscanf(about, "about %llu MiB", &needed) == 1);
        if ((!refused && !fitted) || tries == 60 || !known) {
            if (status != OKNG_OK) *error = refusal;
            return status;
        }
        if (fitted)
            options->max_memory -= 2 * step;
        else if (tries > 0)
            options->max_memory += step;
        else
            options->max_memory = needed * step;
    }
}

static void rows_in_a_file_give_the_same_bank_as_rows_in_memory(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    options.resize_height = options.resize_width = 128; /* 3 MiB of rows: more than the rounding of what is needed */
    okng_build_report report = {.struct_size = sizeof report};
    assert_ok(build_with(&options, "one", NULL, NULL, &report, error));
    assert_int_equal(report.spilled, 0);
    assert_int_equal(report.patches, FIXTURE_OK * 256);
    assert_int_equal(report.rows, 204);
    assert_int_equal(report.dim, 384);
    assert_ok(build_in_little_memory(&options, &report, error));
    assert_int_equal(report.spilled, FIXTURE_OK * 256 * 384 * 4);
    assert_same_bank("one", "two");
}

static void a_bank_of_all_rows_does_not_need_them_in_memory(void **state)
{
    (void)state;
    static const char *const samplers[] = {"greedy", "random", "kmeans"};
    okng_build_options options = small_options();
    /* 6.75 MiB of rows: more than what is resident differs by from build to build, large pages included */
    options.resize_height = options.resize_width = 192;
    options.coreset = 1;
    for (size_t i = 0; i < 3; i++) {
        okng_build_report report = {.struct_size = sizeof report};
        assert_ok(okng_build_options_set(&options, "sampler", samplers[i], error));
        options.max_memory = 0;
        assert_ok(build(&options, "one", error));
        assert_ok(build_in_little_memory(&options, &report, error));
        assert_true(report.spilled > 0);
        assert_int_equal(report.rows, report.patches);
        assert_same_bank("one", "two");
    }
}

static int cancel_in(const okng_progress *progress, void *stage)
{
    return strcmp(progress->stage, stage) == 0 && progress->done > 0;
}

static void a_cancelled_build_leaves_the_old_bank_whole(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    assert_ok(build(&options, "one", error));
    assert_ok(build(&options, "two", error));
    options.seed = 9;
    static const char *const stages[] = {"features", "coreset", "calibration"};
    for (int i = 0; i < 3; i++) {
        assert_fails(OKNG_ERROR_CANCELLED, "",
                     build_with(&options, "two", cancel_in, (void *)(uintptr_t)stages[i], NULL, error));
        assert_same_bank("one", "two");
        assert_int_equal(access(path_of(".two.okng-building"), F_OK), -1);
        assert_int_equal(access(path_of(".two.okng-lock"), F_OK), -1);
    }
}

static void a_full_disk_is_a_clear_error_and_leaves_nothing(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    options.coreset = 0;
    struct rlimit old, small = {.rlim_cur = 10000, .rlim_max = RLIM_INFINITY};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    okng_error error = {0};
    okng_status status = build(&options, "full", &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(status, OKNG_ERROR_IO);
    assert_non_null(strstr(error.message, "memory_bank.pt"));
    assert_int_equal(access(path_of("full"), F_OK), -1);
    assert_int_equal(access(path_of(".full.okng-building"), F_OK), -1);
}

static okng_result *inspect(const okng_bank *bank, const char *name, const okng_inspect_options *options)
{
    okng_picture picture = {.struct_size = sizeof picture, .path = path_of(name)};
    okng_result *result;
    assert_ok(okng_inspect(&result, bank, &picture, options, error));
    return result;
}

static void a_scratch_is_found_where_it_is(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    assert_ok(build(&options, "bank", error));
    okng_bank *bank;
    assert_ok(okng_bank_open(&bank, path_of("bank"), NULL, error));
    okng_inspect_options inspect_options;
    okng_inspect_options_init(&inspect_options);
    okng_result *good = inspect(bank, "ok/001.png", &inspect_options),
                *bad = inspect(bank, "ng/000.png", &inspect_options);
    assert_true(okng_result_score(bad) > okng_result_score(good));
    assert_int_equal(okng_result_verdict(bad), OKNG_VERDICT_NG);
    assert_int_equal(okng_result_verdict(good), OKNG_VERDICT_OK);
    assert_true(okng_result_p_value(bad) == 1.0 / (FIXTURE_OK + 1));
    size_t count = okng_result_region_count(bad);
    okng_region region = {.struct_size = sizeof region};
    assert_true(count >= 1);
    assert_ok(okng_result_region(bad, 0, &region, error));
    assert_in_range(region.peak_x, 15, 65);
    assert_in_range(region.peak_y, 15, 65);
    assert_fails(OKNG_ERROR_ARGUMENT, "region", okng_result_region(bad, count, &region, error));
    okng_result_free(&good);
    okng_result_free(&bad);

    inspect_options.threshold_image = 1e9f;
    inspect_options.threshold_pixel = 1e9f;
    bad = inspect(bank, "ng/000.png", &inspect_options);
    assert_int_equal(okng_result_verdict(bad), OKNG_VERDICT_OK);
    assert_int_equal(okng_result_region_count(bad), 0);
    okng_result_free(&bad);
    okng_bank_close(&bank);
}

static okng_verdict verdict_in_band(const okng_bank *bank, float low, float high)
{
    okng_inspect_options options;
    okng_inspect_options_init(&options);
    options.review[0] = low;
    options.review[1] = high;
    okng_result *result = inspect(bank, "ng/000.png", &options);
    okng_verdict verdict = okng_result_verdict(result);
    float band[2];
    assert_int_equal(okng_result_review(result, &band[0], &band[1]), 1);
    assert_true(band[0] == low && band[1] == high);
    okng_result_free(&result);
    return verdict;
}

static void a_band_decides_between_ok_review_and_ng(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    assert_ok(build(&options, "bank", error));
    okng_bank *bank;
    assert_ok(okng_bank_open(&bank, path_of("bank"), NULL, error));
    okng_result *result = inspect(bank, "ng/000.png", NULL);
    float score = okng_result_score(result), less = nextafterf(score, 0), more = nextafterf(score, INFINITY), low, high;
    assert_int_equal(okng_result_review(result, &low, &high), 0);
    assert_true(isnan(low) && isnan(high));
    okng_result_free(&result);
    assert_int_equal(verdict_in_band(bank, less, more), OKNG_VERDICT_REVIEW);
    assert_int_equal(verdict_in_band(bank, less, score), OKNG_VERDICT_REVIEW);
    assert_int_equal(verdict_in_band(bank, score, more), OKNG_VERDICT_OK);
    assert_int_equal(verdict_in_band(bank, 0, less), OKNG_VERDICT_NG);
    assert_string_equal(okng_verdict_text(OKNG_VERDICT_REVIEW), "REVIEW");

    okng_inspect_options inspect_options;
    okng_inspect_options_init(&inspect_options);
    inspect_options.review_rate = 0.4;
    result = inspect(bank, "ng/000.png", &inspect_options);
    assert_int_equal(okng_result_review(result, &low, &high), 1);
    assert_true(low < high && fabsf((low + high) / 2 - okng_result_image_threshold(result)) < 1e-5f * high);
    okng_result_free(&result);
    inspect_options.review[0] = inspect_options.review[1] = 1;
    okng_picture picture = {.struct_size = sizeof picture, .path = path_of("ng/000.png")};
    assert_fails(OKNG_ERROR_ARGUMENT, "give one", okng_inspect(&result, bank, &picture, &inspect_options, error));
    okng_bank_close(&bank);
}

static void every_source_and_number_of_threads_gives_the_same_map(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    assert_ok(build(&options, "bank", error));
    okng_bank *bank;
    assert_ok(okng_bank_open(&bank, path_of("bank"), NULL, error));
    okng_inspect_options inspect_options;
    okng_inspect_options_init(&inspect_options);
    inspect_options.threads = 1;
    okng_result *by_path = inspect(bank, "ng/000.png", &inspect_options);
    inspect_options.threads = 2;

    void *file;
    size_t file_size;
    assert_ok(okng_file_read(path_of("ng/000.png"), SIZE_MAX, &file, &file_size, error));
    static uint8_t bgr[FIXTURE_HEIGHT][FIXTURE_WIDTH + 3][3];
    okng_image rgb;
    assert_ok(okng_image_load(&rgb, path_of("ng/000.png"), OKNG_MAX_PIXELS_DEFAULT, error));
    for (int y = 0; y < FIXTURE_HEIGHT; y++)
        for (int x = 0; x < FIXTURE_WIDTH; x++)
            for (int c = 0; c < 3; c++)
                bgr[FIXTURE_HEIGHT - 1 - y][x][c] = rgb.pixels[(y * FIXTURE_WIDTH + x) * 3 + 2 - c];
    okng_image_free(&rgb);
    const okng_picture sources[2] = {{.struct_size = sizeof(okng_picture), .data = file, .data_size = file_size},
                                     {.struct_size = sizeof(okng_picture),
                                      .pixels = bgr[FIXTURE_HEIGHT - 1], /* bottom-up */
                                      .width = FIXTURE_WIDTH,
                                      .height = FIXTURE_HEIGHT,
                                      .stride = -(ptrdiff_t)sizeof bgr[0],
                                      .format = OKNG_PIXEL_BGR8}};
    for (int i = 0; i < 2; i++) {
        okng_result *result;
        assert_ok(okng_inspect(&result, bank, &sources[i], &inspect_options, error));
        int32_t width, height;
        const float *map = okng_result_map(result, &width, &height);
        assert_int_equal(width, FIXTURE_WIDTH);
        assert_int_equal(height, FIXTURE_HEIGHT);
        assert_memory_equal(map, okng_result_map(by_path, NULL, NULL), sizeof(float) * FIXTURE_WIDTH * FIXTURE_HEIGHT);
        assert_true(okng_result_score(result) == okng_result_score(by_path));
        okng_result_free(&result);
    }
    okng_result_free(&by_path);
    free(file);
    okng_bank_close(&bank);
}

static void outside_a_crop_nothing_is_seen_and_nothing_is_ng(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    options.crop = 48;
    assert_ok(build(&options, "bank", error));
    okng_bank *bank;
    assert_ok(okng_bank_open(&bank, path_of("bank"), NULL, error));
    okng_inspect_options inspect_options;
    okng_inspect_options_init(&inspect_options);
    inspect_options.threshold_pixel = -1; /* every pixel that was seen */
    inspect_options.close_radius = 5;
    okng_result *result = inspect(bank, "ok/000.png", &inspect_options);
    const float *map = okng_result_map(result, NULL, NULL);
    const uint8_t *mask = okng_result_mask(result, NULL, NULL);
    size_t unseen = 0;
    for (size_t i = 0; i < FIXTURE_WIDTH * FIXTURE_HEIGHT; i++) {
        unseen += isnan(map[i]) != 0;
        assert_true((mask[i] == 0) == (isnan(map[i]) != 0));
    }
    /* 48 of 64 stay in both directions: 60x54 of 80x72. */
    assert_int_equal(unseen, FIXTURE_WIDTH * FIXTURE_HEIGHT - 60 * 54);
    okng_result_free(&result);
    okng_bank_close(&bank);
}

static void leaving_one_out_scores_higher_than_scoring_the_taught(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    options.coreset = 0; /* all rows: the taught pictures score zero */
    okng_build_report left_out = {.struct_size = sizeof left_out}, taught = {.struct_size = sizeof taught};
    assert_ok(build_with(&options, "one", NULL, NULL, &left_out, error));
    options.calibration = OKNG_CALIBRATION_TRAIN;
    assert_ok(build_with(&options, "two", NULL, NULL, &taught, error));
    assert_true(taught.image_tau == 0 && taught.pixel_tau == 0);
    assert_true(left_out.image_tau > 0 && left_out.pixel_tau > 0);
}

static void one_picture_alone_asks_for_train(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    const char *path = okng_picture_list_path(ok_pictures, 0);
    assert_fails(OKNG_ERROR_ARGUMENT, "calibration train",
                 okng_build_paths(&path, 1, path_of("alone"), &options, NULL, NULL, NULL, error));
    options.calibration = OKNG_CALIBRATION_TRAIN;
    assert_ok(okng_build_paths(&path, 1, path_of("alone"), &options, NULL, NULL, NULL, error));
}

static void what_does_not_fit_is_said_before_the_work(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    options.image_score = OKNG_SCORE_MEAN_K;
    options.neighbors = 52;
    assert_fails(OKNG_ERROR_ARGUMENT, "51 rows", build(&options, "bad", error));
    options = small_options();
    options.backbone[0] = '\0';
    assert_fails(OKNG_ERROR_ARGUMENT, "wide_resnet50_2", build(&options, "bad", error));
    options = small_options();
    options.weights[0] = '\0';
    assert_fails(OKNG_ERROR_NOT_FOUND, "as weights", build(&options, "bad", error));
    options = small_options();
    strcpy(options.backbone, "wide_resnet50_2");
    assert_fails(OKNG_ERROR_MISMATCH, "layer1.0.conv1.weight", build(&options, "bad", error));
    options = small_options();
    assert_fails(OKNG_ERROR_NOT_FOUND, "gone.png",
                 okng_build_paths((const char *const[]){path_of("gone.png")}, 1, path_of("x/bad"), &options, NULL, NULL,
                                  NULL, error));
    assert_int_equal(access(path_of("bad"), F_OK), -1);
}

static void pictures_of_two_sizes_are_named(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    options.resize_mode = OKNG_RESIZE_SHORTER;
    okng_image tall;
    assert_ok(okng_image_new(&tall, 64, 128, 3, error));
    memset(tall.pixels, 100, (size_t)64 * 128 * 3);
    assert_ok(okng_image_write_png(&tall, path_of("tall.png"), error));
    okng_image_free(&tall);
    const char *paths[2] = {okng_picture_list_path(ok_pictures, 0), path_of("tall.png")};
    assert_fails(OKNG_ERROR_MISMATCH, "tall.png",
                 okng_build_paths(paths, 2, path_of("bad"), &options, NULL, NULL, NULL, error));
    options.crop = 64;
    assert_ok(okng_build_paths(paths, 2, path_of("cropped"), &options, NULL, NULL, NULL, error));
}

static void other_weights_are_refused(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    assert_ok(build(&options, "bank", error));
    void *data;
    size_t size;
    assert_ok(okng_file_read(options.weights, SIZE_MAX, &data, &size, error));
    ((uint8_t *)data)[size - 1] ^= 1;
    assert_ok(okng_file_write(path_of("other.safetensors"), data, size, error));
    free(data);
    okng_bank *bank;
    assert_fails(OKNG_ERROR_MISMATCH, "is not the weight file",
                 okng_bank_open(&bank, path_of("bank"), path_of("other.safetensors"), error));
    assert_null(bank);
    assert_int_equal(rename(options.weights, path_of("moved.safetensors")), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "as weights", okng_bank_open(&bank, path_of("bank"), NULL, error));
    assert_ok(okng_bank_open(&bank, path_of("bank"), path_of("moved.safetensors"), error));
    okng_bank_close(&bank);
    assert_int_equal(rename(path_of("moved.safetensors"), options.weights), 0);
}

static void results_are_saved_whole(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    assert_ok(build(&options, "bank", error));
    okng_bank *bank;
    assert_ok(okng_bank_open(&bank, path_of("bank"), NULL, error));
    okng_inspect_options inspect_options;
    okng_inspect_options_init(&inspect_options);
    okng_result *result = inspect(bank, "ng/000.png", &inspect_options);
    okng_picture reference = {.struct_size = sizeof reference, .path = path_of("ok/000.png")};
    assert_ok(okng_result_save(result, path_of("results/a"), OKNG_SAVE_PICTURES | OKNG_SAVE_MAP, &reference, error));
    static const char *const names[] = {"heat_gray.png",    "heat_color.png", "mask.png",   "overlay.png",
                                        "side_by_side.png", "map.npy",        "scores.json"};
    struct dirent **entries;
    int count = scandir(path_of("results/a"), &entries, NULL, alphasort);
    assert_int_equal(count, 7 + 2);
    for (int i = 0; i < count; i++) free(entries[i]);
    free(entries);
    for (int i = 0; i < 7; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", path_of("results/a"), names[i]);
        assert_int_equal(access(path, R_OK), 0);
    }
    okng_array *map;
    assert_ok(okng_array_read_npy(&map, path_of("results/a/map.npy"), error));
    assert_memory_equal(okng_array_data(map), okng_result_map(result, NULL, NULL),
                        sizeof(float) * FIXTURE_WIDTH * FIXTURE_HEIGHT);
    okng_array_free(&map);

    /* What is not asked for a second time must not be left over from the first. */
    assert_ok(okng_result_save(result, path_of("results/a"), 0, NULL, error));
    count = scandir(path_of("results/a"), &entries, NULL, alphasort);
    assert_int_equal(count, 1 + 2);
    assert_string_equal(entries[2]->d_name, "scores.json");
    for (int i = 0; i < count; i++) free(entries[i]);
    free(entries);
    okng_result_free(&result);
    okng_bank_close(&bank);
}

static void a_struct_of_an_older_header_is_completed(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    assert_ok(build(&options, "one", error));
    okng_build_report report = {.struct_size = 0};
    assert_fails(OKNG_ERROR_ARGUMENT, "struct_size", build_with(&options, "two", NULL, NULL, &report, error));
    options.struct_size = offsetof(okng_build_options, max_memory);
    options.seed = 77; /* not seen */
    assert_ok(build(&options, "two", error));
    assert_same_bank("one", "two");
}

/* How often tau.json of the bank gives this name to a score. */
static int named_in(const char *bank, const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/tau.json", path_of(bank));
    json_t *tau = json_load_file(path, 0, NULL), *text;
    const json_t *names = json_object_get(tau, "image_names");
    assert_int_equal(json_array_size(names), FIXTURE_OK);
    assert_int_equal(json_array_size(json_object_get(tau, "image_scores")), FIXTURE_OK);
    int found = 0;
    size_t i;
    json_array_foreach(names, i, text) found += strcmp(json_string_value(text), name) == 0;
    json_decref(tau);
    return found;
}

static void a_score_bears_the_name_of_its_picture(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    assert_ok(okng_build_options_set(&options, "image-score", "max", error));
    assert_ok(okng_build_options_set(&options, "sampler", "identity", error));
    const char *paths[FIXTURE_OK];
    for (size_t i = 0; i < FIXTURE_OK; i++) paths[i] = okng_picture_list_path(ok_pictures, i);
    char scratched[512];
    (void)snprintf(scratched, sizeof scratched, "%s", path_of("ng/000.png"));
    paths[2] = scratched; /* the one that differs has the highest score, wherever it stands in the list */
    assert_ok(okng_build_paths(paths, FIXTURE_OK, path_of("odd"), &options, NULL, NULL, NULL, error));
    (void)snprintf(scratched, sizeof scratched, "%s/tau.json", path_of("odd"));
    json_t *tau = json_load_file(scratched, 0, NULL);
    const json_t *names = json_object_get(tau, "image_names");
    assert_string_equal(json_string_value(json_array_get(names, FIXTURE_OK - 1)), "ng/000.png");
    json_decref(tau);
    assert_int_equal(named_in("odd", "ok/000.png"), 1);
}

static void the_oddest_picture_is_told_first(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    const char *paths[FIXTURE_OK];
    for (size_t i = 0; i < FIXTURE_OK; i++) paths[i] = okng_picture_list_path(ok_pictures, i);
    char scratched[512];
    (void)snprintf(scratched, sizeof scratched, "%s", path_of("ng/000.png"));
    paths[5] = scratched;
    assert_ok(okng_build_paths(paths, FIXTURE_OK, path_of("doubted"), &options, NULL, NULL, NULL, error));
    okng_bank *bank;
    okng_doubtful first, next;
    okng_init(&first);
    okng_init(&next);
    assert_ok(okng_bank_open(&bank, path_of("doubted"), NULL, error));
    assert_int_equal(okng_bank_doubtful_count(bank), FIXTURE_OK);
    assert_ok(okng_bank_doubtful(bank, 0, &first, error));
    assert_string_equal(first.name, "ng/000.png");
    assert_true(first.above > 3);
    for (size_t i = 1; i < FIXTURE_OK; i++) {
        assert_ok(okng_bank_doubtful(bank, i, &next, error));
        assert_true(next.doubt <= first.doubt && next.above <= first.above && next.score > 0);
    }
    assert_fails(OKNG_ERROR_ARGUMENT, "knows 8 by name", okng_bank_doubtful(bank, FIXTURE_OK, &next, error));
    char *path, real[OKNG_PATH_MAX];
    assert_ok(okng_bank_picture_path(bank, first.name, &path, error));
    assert_non_null(realpath(scratched, real));
    assert_string_equal(path, real);
    okng_text_free(&path);
    assert_fails(OKNG_ERROR_NOT_FOUND, "none.png", okng_bank_picture_path(bank, "none.png", &path, error));
    assert_null(path);
    okng_bank_close(&bank);
    assert_int_equal(okng_bank_doubtful_count(NULL), 0);
}

/* Score of the scratched picture by a bank that learnt from it as well. */
static float score_of_learnt_scratch(const okng_build_options *options, const char *bank_name)
{
    const char *paths[FIXTURE_OK];
    for (size_t i = 0; i < FIXTURE_OK; i++) paths[i] = okng_picture_list_path(ok_pictures, i);
    char scratched[512];
    (void)snprintf(scratched, sizeof scratched, "%s", path_of("ng/000.png"));
    paths[5] = scratched;
    assert_ok(okng_build_paths(paths, FIXTURE_OK, path_of(bank_name), options, NULL, NULL, NULL, error));
    okng_bank *bank;
    okng_result *result;
    okng_picture picture;
    okng_init(&picture);
    picture.path = scratched;
    assert_ok(okng_bank_open(&bank, path_of(bank_name), NULL, error));
    assert_ok(okng_inspect(&result, bank, &picture, NULL, error));
    float score = okng_result_score(result);
    okng_result_free(&result);
    okng_bank_close(&bank);
    return score;
}

static void outliers_are_left_out_where_that_is_asked_for(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    options.threads = 1;
    float learnt = score_of_learnt_scratch(&options, "learnt");
    assert_ok(okng_build_options_set(&options, "noise-robust", "true", error));
    float robust = score_of_learnt_scratch(&options, "robust");
    assert_true(robust > 1.5f * learnt);
    options.threads = 3;
    assert_true(score_of_learnt_scratch(&options, "robust-3") == robust);
    assert_same_bank("robust", "robust-3");
    assert_ok(okng_build_options_set(&options, "sampler", "identity", error)); /* all rows but those */
    assert_true(score_of_learnt_scratch(&options, "robust-all") > 0);
    assert_ok(okng_build_options_set(&options, "sampler", "kmeans", error));
    const char *paths[] = {okng_picture_list_path(ok_pictures, 0), okng_picture_list_path(ok_pictures, 1)};
    assert_fails(OKNG_ERROR_ARGUMENT, "kmeans",
                 okng_build_paths(paths, 2, path_of("robust"), &options, NULL, NULL, NULL, error));
}

/* ---- a folder ---- */

typedef struct heard {
    char codes[256]; /* with blanks behind each */
    size_t skipped, trimmed;
} heard;

static void hear(const okng_build_event *event, void *user)
{
    heard *h = user;
    (void)snprintf(h->codes + strlen(h->codes), sizeof h->codes - strlen(h->codes), "%s ", event->code);
    h->skipped += event->kind == OKNG_BUILD_SKIPPED;
    h->trimmed += event->kind == OKNG_BUILD_TRIMMED;
    assert_true(event->struct_size == sizeof *event && strlen(event->text) > 0);
    assert_true((event->kind == OKNG_BUILD_WARNING) || event->picture);
}

static void a_folder_is_looked_at_before_it_is_learnt(void **state)
{
    (void)state;
    okng_build_options build_options = small_options();
    okng_build_folder_options options;
    okng_build_report report;
    okng_init(&options);
    okng_init(&report);
    options.build = &build_options;
    heard h = {0};
    char command[512];
    (void)snprintf(command, sizeof command,
                   "cd %s && cp -r ok folder && cp ok/000.png folder/copy.png && cp ng/000.png folder/x_mask.png && "
                   "head -c 200 ok/001.png >folder/cut.png",
                   folder);
    assert_int_equal(system(command), 0);
    assert_fails(OKNG_ERROR_FORMAT, "cut.png",
                 okng_build_folder(path_of("folder"), path_of("of-folder"), &options, NULL, hear, &h, &report, error));
    static const char *const names[] = {"007.png", "not-there.png"};
    options.skip_bad = 1;
    options.exclude = names;
    options.exclude_count = 2;
    assert_fails(OKNG_ERROR_NOT_FOUND, "not-there.png",
                 okng_build_folder(path_of("folder"), path_of("of-folder"), &options, NULL, hear, &h, &report, error));
    options.exclude_count = 1;
    options.trim = 1;
    memset(&h, 0, sizeof h);
    assert_ok(okng_build_folder(path_of("folder"), path_of("of-folder"), &options, NULL, hear, &h, &report, error));
    assert_non_null(strstr(h.codes, "few-pictures name same-pictures "));
    assert_null(strstr(h.codes, "sizes"));
    assert_null(strstr(h.codes, "colours"));
    assert_true(h.skipped == 1 && h.trimmed == 1);
    assert_true(report.excluded == 1 && report.skipped == 1 && report.trimmed == 1 && report.pictures == 8);
    okng_bank *bank;
    okng_doubtful one;
    okng_init(&one);
    assert_ok(okng_bank_open(&bank, path_of("of-folder"), NULL, error));
    for (size_t i = 0; okng_bank_doubtful(bank, i, &one, NULL) == OKNG_OK; i++)
        assert_string_not_equal(one.name, "x_mask.png"); /* the scratched one was the oddest */
    okng_bank_close(&bank);
    (void)snprintf(command, sizeof command, "mkdir %s/folder/r && echo path >%s/folder/r/results.csv", folder, folder);
    assert_int_equal(system(command), 0);
    assert_fails(OKNG_ERROR_ARGUMENT, "r/results.csv",
                 okng_build_folder(path_of("folder"), path_of("of-folder"), &options, NULL, NULL, NULL, NULL, error));
    options.force = 1;
    assert_ok(okng_build_folder(path_of("folder"), path_of("of-folder"), &options, NULL, NULL, NULL, NULL, error));
}

/* Of a build with trim or report. Another without clears it, unless something of a user's is in it. */
static void what_a_killed_trial_left_goes_with_the_next_build(void **state)
{
    (void)state;
    okng_build_options build_options = small_options();
    okng_build_folder_options options;
    char command[1024];
    okng_init(&options);
    options.build = &build_options;
    for (int with_note = 0; with_note < 2; with_note++) {
        (void)snprintf(
            command, sizeof command,
            "cd %s && rm -rf place && mkdir -p place/.b.okng-trial place/..b.okng-trial.okng-building && cd place && "
            "touch .b.okng-trial-lock ..b.okng-trial.okng-lock ..b.okng-trial.okng-building/memory_bank.pt "
            ".b.okng-trial/tau.json && { [ %d = 0 ] || touch .b.okng-trial/notes; }",
            folder, with_note);
        assert_int_equal(system(command), 0);
        assert_ok(okng_build_folder(path_of("ok"), path_of("place/b"), &options, NULL, NULL, NULL, NULL, error));
        (void)snprintf(command, sizeof command, "test \"$(LC_ALL=C ls -A %s | tr '\\n' ' ')\" = '%sb '",
                       path_of("place"),
                       with_note ? "..b.okng-trial.okng-building ..b.okng-trial.okng-lock .b.okng-trial " : "");
        assert_int_equal(system(command), 0);
    }
    (void)snprintf(command, sizeof command, "test -e %s/place/.b.okng-trial/notes", folder);
    assert_int_equal(system(command), 0);
}

/* The longest name that a bank may have leaves no room for a trial beside it, and needs none. */
static void a_bank_s_name_may_be_as_long_as_before(void **state)
{
    (void)state;
    okng_build_options build_options = small_options();
    okng_build_folder_options options;
    char name[241];
    okng_init(&options);
    options.build = &build_options;
    memset(name, 'b', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_ok(okng_build_folder(path_of("ok"), path_of(name), &options, NULL, NULL, NULL, NULL, error));
    options.report = 1;
    assert_fails(OKNG_ERROR_LIMIT, "needs one of 257 beside it",
                 okng_build_folder(path_of("ok"), path_of(name), &options, NULL, NULL, NULL, NULL, error));
}

/* The fixture's good pictures as paths, and as pixels, which learn the same; names of where rows came from differ. */
static void pixels_are_learnt_from_as_files_are(void **state)
{
    (void)state;
    static okng_image images[FIXTURE_OK];
    okng_picture pictures[FIXTURE_OK];
    const okng_picture *list[FIXTURE_OK + 1] = {NULL};
    okng_build_options options = small_options();
    char path[1024];
    for (int i = 0; i < FIXTURE_OK; i++) {
        (void)snprintf(path, sizeof path, "%s/%03d.png", path_of("ok"), i);
        assert_ok(okng_image_load(&images[i], path, 1000000, error));
        okng_init(&pictures[i]);
        pictures[i].pixels = images[i].pixels;
        pictures[i].width = images[i].width;
        pictures[i].height = images[i].height;
        list[i] = &pictures[i];
    }
    assert_ok(build(&options, "one", error));
    assert_ok(okng_build(list, FIXTURE_OK, path_of("two"), &options, NULL, NULL, NULL, error));
    assert_true(same_file("one", "two", "memory_bank.pt"));
    assert_int_equal(named_in("one", "000.png") + named_in("one", "005.png"), 2); /* less the folder of all */
    assert_int_equal(named_in("two", "picture 0 in memory") + named_in("two", "picture 5 in memory"), 2);
    pictures[3].width = 0;
    assert_fails(OKNG_ERROR_ARGUMENT, "picture 3 in memory",
                 okng_build(list, FIXTURE_OK, path_of("two"), &options, NULL, NULL, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "8 is NULL",
                 okng_build(list, FIXTURE_OK + 1, path_of("two"), &options, NULL, NULL, NULL, error));
    pictures[0].struct_size = 0;
    assert_fails(OKNG_ERROR_ARGUMENT, "not initialised",
                 okng_build(list, FIXTURE_OK, path_of("two"), &options, NULL, NULL, NULL, error));
    for (int i = 0; i < FIXTURE_OK; i++) okng_image_free(&images[i]);
}

/* Of files and pixels mixed, and of files without a folder of all, names are plain all the same: banks open. */
static void pictures_of_any_places_make_a_bank(void **state)
{
    (void)state;
    char paths[FIXTURE_OK][1024];
    okng_picture pictures[FIXTURE_OK];
    const okng_picture *list[FIXTURE_OK];
    const char *named[FIXTURE_OK];
    okng_image image;
    okng_build_options options = small_options();
    okng_bank *bank;
    for (int i = 0; i < FIXTURE_OK; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/%03d.png", path_of(i % 2 ? "ng/../ok" : "ok/../ng/../ok"), i);
        okng_init(&pictures[i]);
        pictures[i].path = named[i] = paths[i];
        list[i] = &pictures[i];
    }
    assert_ok(build(&options, "one", error));
    assert_ok(okng_build_paths(named, FIXTURE_OK, path_of("two"), &options, NULL, NULL, NULL, error));
    assert_true(same_file("one", "two", "memory_bank.pt"));
    assert_true(named_in("two", "ok/000.png") && named_in("two", "ok/005.png"));
    assert_ok(okng_bank_open(&bank, path_of("two"), NULL, error));
    okng_bank_close(&bank);

    assert_ok(okng_image_load(&image, paths[2], 1000000, error));
    pictures[2].path = NULL;
    pictures[2].pixels = image.pixels;
    pictures[2].width = image.width;
    pictures[2].height = image.height;
    assert_ok(okng_build(list, FIXTURE_OK, path_of("two"), &options, NULL, NULL, NULL, error));
    assert_true(same_file("one", "two", "memory_bank.pt"));
    assert_ok(okng_bank_open(&bank, path_of("two"), NULL, error));
    okng_bank_close(&bank);
    okng_image_free(&image);
}

static void a_bank_tells_what_it_is(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    okng_bank *bank;
    okng_bank_info info;
    okng_init(&info);
    assert_ok(build(&options, "told", error));
    assert_ok(okng_bank_open(&bank, path_of("told"), NULL, error));
    assert_ok(okng_bank_get_info(bank, &info, error));
    assert_string_equal(info.method, "patchcore");
    assert_string_equal(info.backbone, "resnet18");
    assert_int_equal(info.bytes, info.rows * info.dim * 4);
    assert_int_equal(info.pictures, FIXTURE_OK);
    assert_int_equal(info.input_height, options.resize_height);
    assert_int_equal(info.input_width, options.resize_width);
    okng_bank_close(&bank);
}

static void an_embedder_gives_what_single_calls_give(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    okng_embedder *embedder, *of_bank;
    okng_array *single, *shared;
    okng_picture picture = {.struct_size = sizeof picture};
    assert_ok(build(&options, "embedded", error));
    assert_ok(okng_embedder_open(&embedder, &options, error));
    assert_ok(okng_embedder_open_bank(&of_bank, path_of("embedded"), NULL, error));
    for (int i = 0; i < 2; i++) {
        picture.path = path_of(i ? "ng/000.png" : "ok/000.png");
        assert_ok(okng_embed(&single, &picture, &options, error));
        for (int k = 0; k < 2; k++) {
            assert_ok(okng_embedder_run(&shared, k ? of_bank : embedder, &picture, error));
            assert_int_equal(okng_array_shape(shared, 0), okng_array_shape(single, 0));
            assert_memory_equal(okng_array_data(shared), okng_array_data(single),
                                4 * (size_t)(okng_array_shape(single, 0) * okng_array_shape(single, 1)));
            okng_array_free(&shared);
        }
        okng_array_free(&single);
    }
    picture.path = path_of("none.png");
    assert_fails(OKNG_ERROR_NOT_FOUND, "none.png", okng_embedder_run(&shared, embedder, &picture, error));
    assert_null(shared);
    assert_fails(OKNG_ERROR_ARGUMENT, "embedder", okng_embedder_run(&shared, NULL, &picture, error));
    okng_embedder_close(&embedder);
    okng_embedder_close(&of_bank);
    okng_embedder_close(&of_bank);
    assert_fails(OKNG_ERROR_NOT_FOUND, "", okng_embedder_open_bank(&of_bank, path_of("no bank"), NULL, error));
    assert_null(of_bank);
}

static void pictures_in_memory_are_those_of_the_files(void **state)
{
    (void)state;
    static const char *const names[] = {"heat_gray.png", "mask.png", "overlay.png", "heat_color.png"};
    okng_build_options options = small_options();
    okng_inspect_options inspect_options;
    okng_bank *bank;
    char path[1024];
    assert_ok(build(&options, "drawn", error));
    assert_ok(okng_bank_open(&bank, path_of("drawn"), NULL, error));
    okng_inspect_options_init(&inspect_options);
    okng_result *result = inspect(bank, "ng/000.png", &inspect_options);
    assert_ok(okng_result_save(result, path_of("results/drawn"), OKNG_SAVE_PICTURES, NULL, error));
    for (int kind = 0; kind < 4; kind++) {
        void *bytes, *file;
        size_t size, file_size;
        (void)snprintf(path, sizeof path, "%s/%s", path_of("results/drawn"), names[kind]);
        assert_ok(okng_result_png(result, (okng_result_picture)kind, &bytes, &size, error));
        assert_ok(okng_file_read(path, SIZE_MAX, &file, &file_size, error));
        assert_int_equal(size, file_size);
        assert_memory_equal(bytes, file, size);
        free(file);
        okng_bytes_free(&bytes);
        assert_null(bytes);
    }
    void *none;
    size_t size = 7;
    assert_fails(OKNG_ERROR_ARGUMENT, "overlay", okng_result_png(result, (okng_result_picture)4, &none, &size, error));
    assert_true(none == NULL && size == 0);
    okng_bytes_free(&none);
    okng_bytes_free(NULL);
    okng_result_free(&result);
    okng_bank_close(&bank);
}

static void the_mask_of_an_ok_picture_may_be_empty(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    okng_inspect_options inspect_options;
    okng_bank *bank;
    assert_ok(build(&options, "masks", error));
    assert_ok(okng_bank_open(&bank, path_of("masks"), NULL, error));
    okng_inspect_options_init(&inspect_options);
    inspect_options.threshold_pixel = 0; /* all is above it */
    inspect_options.threshold_image = 1e9f;
    okng_result *drawn = inspect(bank, "ng/000.png", &inspect_options);
    assert_int_equal(okng_result_verdict(drawn), OKNG_VERDICT_OK);
    assert_true(okng_result_region_count(drawn) > 0);
    assert_ok(okng_inspect_options_set(&inspect_options, "mask-ok", "none", error));
    okng_result *none = inspect(bank, "ng/000.png", &inspect_options);
    assert_int_equal(okng_result_region_count(none), 0);
    int32_t width, height;
    const uint8_t *mask = okng_result_mask(none, &width, &height);
    for (int32_t i = 0; i < width * height; i++) assert_int_equal(mask[i], 0);
    inspect_options.threshold_image = 0;
    okng_result *ng = inspect(bank, "ng/000.png", &inspect_options);
    assert_int_equal(okng_result_verdict(ng), OKNG_VERDICT_NG);
    assert_true(okng_result_region_count(ng) > 0);
    okng_result_free(&drawn);
    okng_result_free(&none);
    okng_result_free(&ng);
    okng_bank_close(&bank);
}

/* The bank keeps where its rows came from: the nearest good patch of a region is the patch of that picture at that
 * place, and its box lies in that picture. */
static void a_region_tells_the_nearest_good_patch(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    okng_inspect_options inspect_options;
    okng_bank *bank;
    assert_ok(build(&options, "reasons", error));
    assert_ok(okng_bank_open(&bank, path_of("reasons"), NULL, error));
    okng_inspect_options_init(&inspect_options);
    okng_result *result = inspect(bank, "ng/000.png", &inspect_options);
    okng_reason why = {.struct_size = sizeof why};
    assert_true(okng_result_region_count(result) > 0);
    okng_bank_close(&bank); /* the result keeps its own */
    assert_ok(okng_result_reason(result, 0, &why, error));
    okng_region region = {.struct_size = sizeof region};
    assert_ok(okng_result_region(result, 0, &region, error));
    assert_true(why.x <= region.peak_x && region.peak_x < why.x + why.width);
    assert_true(why.y <= region.peak_y && region.peak_y < why.y + why.height);
    assert_non_null(why.near_picture);
    char path[8192];
    (void)snprintf(path, sizeof path, "%s/%s", why.near_folder, why.near_picture);
    assert_int_equal(access(path, R_OK), 0);
    assert_true(why.near_x >= 0 && why.near_x + why.near_width <= why.near_picture_width);
    assert_true(why.near_y >= 0 && why.near_y + why.near_height <= why.near_picture_height);
    assert_int_equal(why.turns, 1);
    assert_fails(OKNG_ERROR_ARGUMENT, "region",
                 okng_result_reason(result, okng_result_region_count(result), &why, error));
    okng_result_free(&result);
}

/* ---- shots and memory ---- */

static void shots_are_drawn_from_a_folder_as_from_a_data_set(void **state)
{
    (void)state;
    okng_build_options build = small_options();
    okng_build_folder_options options;
    okng_build_report report = {.struct_size = sizeof report};
    char *text = NULL;
    okng_init(&options);
    build.seed = 7;
    options.build = &build;
    options.k_shot = 3;
    assert_ok(okng_build_folder(path_of("ok"), path_of("shots"), &options, NULL, NULL, NULL, &report, error));
    assert_int_equal(report.pictures, 3);
    assert_ok(okng_bank_describe(path_of("shots"), &text, error));
    json_t *document = json_loads(text, 0, NULL),
           *names = json_object_get(json_object_get(document, "tau"), "image_names");
    bool drawn[FIXTURE_OK] = {false};
    assert_ok(okng_draw(7, OKNG_STREAM_K_SHOT, FIXTURE_OK, 3, drawn, error));
    for (size_t i = 0; i < 3; i++) {
        int number = atoi(json_string_value(json_array_get(names, i)));
        assert_true(number >= 0 && number < FIXTURE_OK && drawn[number]);
        drawn[number] = false;
    }
    json_decref(document);
    okng_text_free(&text);
    options.k_shot = FIXTURE_OK + 1;
    assert_fails(OKNG_ERROR_ARGUMENT, "k-shot is 9, but there are 8 pictures to draw from; take 1 to 8",
                 okng_build_folder(path_of("ok"), path_of("shots"), &options, NULL, NULL, NULL, NULL, error));
    options.k_shot = 8;
    options.exclude = (const char *const[]){"000.png"};
    options.exclude_count = 1;
    assert_fails(OKNG_ERROR_ARGUMENT, "there are 7 pictures to draw from besides those left out",
                 okng_build_folder(path_of("ok"), path_of("shots"), &options, NULL, NULL, NULL, NULL, error));
    options.k_shot = -1;
    assert_fails(OKNG_ERROR_ARGUMENT, "k-shot is -1",
                 okng_build_folder(path_of("ok"), path_of("shots"), &options, NULL, NULL, NULL, NULL, error));
}

static void a_bank_in_memory_is_the_one_of_a_folder(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    okng_inspect_options inspect_options;
    okng_bank *bank;
    const char *paths[FIXTURE_OK];
    for (size_t i = 0; i < FIXTURE_OK; i++) paths[i] = okng_picture_list_path(ok_pictures, i);
    okng_inspect_options_init(&inspect_options);
    assert_ok(build(&options, "beside", error));
    assert_ok(okng_bank_open(&bank, path_of("beside"), NULL, error));
    okng_result *result = inspect(bank, "ng/000.png", &inspect_options);
    const float score = okng_result_score(result), threshold = okng_result_image_threshold(result);
    okng_result_free(&result);
    okng_bank_close(&bank);

    okng_build_report report = {.struct_size = sizeof report};
    assert_ok(okng_bank_make(&bank, paths, FIXTURE_OK, &options, NULL, NULL, &report, error));
    assert_true(report.pictures == FIXTURE_OK && report.image_tau == threshold);
    result = inspect(bank, "ng/000.png", &inspect_options);
    assert_true(okng_result_score(result) == score && okng_result_image_threshold(result) == threshold);
    assert_ok(okng_result_save(result, path_of("of-memory"), OKNG_SAVE_PICTURES, NULL, error));
    okng_result_free(&result);
    okng_folder_report told = {.struct_size = sizeof told};
    assert_ok(okng_inspect_folder(bank, path_of("ng"), path_of("of-memory-all"), NULL, NULL, NULL, NULL, &told, error));
    assert_int_equal(told.pictures, 1);
    okng_bank_info info = {.struct_size = sizeof info};
    assert_ok(okng_bank_get_info(bank, &info, error));
    assert_true(info.pictures == FIXTURE_OK && info.rows > 0 && okng_bank_doubtful_count(bank) == FIXTURE_OK);
    okng_bank_close(&bank);
}

static void what_a_method_needs_is_known(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    okng_bank *bank;
    okng_method_info info = {.struct_size = sizeof info};
    assert_ok(okng_method_info_of("patchcore", &info, error));
    assert_true(info.needs_pictures == 1 && info.needs_class_name == 0);
    assert_string_equal(info.name, "patchcore");
    assert_true(strlen(info.summary) > 10);
    assert_fails(OKNG_ERROR_NOT_FOUND, "there are patchcore", okng_method_info_of("patchcare", &info, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "no OK pictures were given, which patchcore learns from",
                 okng_bank_make(&bank, NULL, 0, &options, NULL, NULL, NULL, error));
    assert_null(bank);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_score_bears_the_name_of_its_picture),
        cmocka_unit_test(the_oddest_picture_is_told_first),
        cmocka_unit_test(outliers_are_left_out_where_that_is_asked_for),
        cmocka_unit_test(a_folder_is_looked_at_before_it_is_learnt),
        cmocka_unit_test(what_a_killed_trial_left_goes_with_the_next_build),
        cmocka_unit_test(a_bank_s_name_may_be_as_long_as_before),
        cmocka_unit_test(pixels_are_learnt_from_as_files_are),
        cmocka_unit_test(pictures_of_any_places_make_a_bank),
        cmocka_unit_test(a_bank_tells_what_it_is),
        cmocka_unit_test(an_embedder_gives_what_single_calls_give),
        cmocka_unit_test(pictures_in_memory_are_those_of_the_files),
        cmocka_unit_test(any_number_of_threads_writes_the_same_bytes),
        cmocka_unit_test(another_seed_gives_another_bank),
        cmocka_unit_test(rows_in_a_file_give_the_same_bank_as_rows_in_memory),
        cmocka_unit_test(a_bank_of_all_rows_does_not_need_them_in_memory),
        cmocka_unit_test(a_cancelled_build_leaves_the_old_bank_whole),
        cmocka_unit_test(a_full_disk_is_a_clear_error_and_leaves_nothing),
        cmocka_unit_test(a_scratch_is_found_where_it_is),
        cmocka_unit_test(a_band_decides_between_ok_review_and_ng),
        cmocka_unit_test(every_source_and_number_of_threads_gives_the_same_map),
        cmocka_unit_test(outside_a_crop_nothing_is_seen_and_nothing_is_ng),
        cmocka_unit_test(leaving_one_out_scores_higher_than_scoring_the_taught),
        cmocka_unit_test(one_picture_alone_asks_for_train),
        cmocka_unit_test(what_does_not_fit_is_said_before_the_work),
        cmocka_unit_test(pictures_of_two_sizes_are_named),
        cmocka_unit_test(other_weights_are_refused),
        cmocka_unit_test(results_are_saved_whole),
        cmocka_unit_test(a_struct_of_an_older_header_is_completed),
        cmocka_unit_test(the_mask_of_an_ok_picture_may_be_empty),
        cmocka_unit_test(a_region_tells_the_nearest_good_patch),
        cmocka_unit_test(shots_are_drawn_from_a_folder_as_from_a_data_set),
        cmocka_unit_test(a_bank_in_memory_is_the_one_of_a_folder),
        cmocka_unit_test(what_a_method_needs_is_known),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_fixture, remove_fixture);
}
