/* Every number in the structs of the public headers at its extremes, one at a time: a call succeeds or says what is
 * wrong. Under UBSan and ASan no sum, product or negation of them overflows, and nothing is read or written beside its
 * place. */
#include <float.h>
#include <limits.h>

#include "base/file.h"
#include "test.h"

enum { WIDTH = 40, HEIGHT = 36, PICTURES = 3 };

static uint8_t parts[PICTURES][WIDTH * HEIGHT * 3];
static char folder[64], bank_dir[96], other_dir[96], pictures_dir[96];
static okng_bank *bank;

typedef enum kind { I32, U32, I64, U64, F32, F64 } kind;

typedef struct field {
    const char *name;
    size_t offset;
    kind kind;
} field;

#define FIELD(type, member)                       \
    {                                             \
#member, offsetof(type, member),          \
            _Generic(((type *)0)->member, int32_t \
                     : I32, uint32_t              \
                     : U32, int64_t               \
                     : I64, uint64_t              \
                     : U64, float                 \
                     : F32, double                \
                     : F64)                       \
    }

/* Value i of the extremes of a kind; false past the last. */
static bool put_extreme(void *at, kind of, size_t i)
{
    static const int32_t whole[] = {INT_MIN, INT_MIN + 1, -1, 0, 1, INT_MAX - 1, INT_MAX};
    static const int64_t wide[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT32_MAX, INT64_MAX - 1, INT64_MAX};
    static const double real[] = {NAN,          -INFINITY,     INFINITY, -0.0,     0.0,  1.0,
                                  DBL_TRUE_MIN, -DBL_TRUE_MIN, DBL_MAX,  -DBL_MAX, -1.0, 1e-300};
    switch (of) {
    case I32:
    case U32:
        if (i >= sizeof whole / sizeof whole[0]) return false;
        memcpy(at, &whole[i], sizeof whole[i]);
        return true;
    case I64:
    case U64:
        if (i >= sizeof wide / sizeof wide[0]) return false;
        memcpy(at, &wide[i], sizeof wide[i]);
        return true;
    case F32:
        if (i >= sizeof real / sizeof real[0]) return false;
        memcpy(at,
               &(float){fabs(real[i]) > FLT_MAX ? copysignf(INFINITY, (float)(real[i] < 0 ? -1 : 1)) : (float)real[i]},
               sizeof(float));
        return true;
    default:
        if (i >= sizeof real / sizeof real[0]) return false;
        memcpy(at, &real[i], sizeof real[i]);
        return true;
    }
}

typedef okng_status call_fn(const void *options, okng_error *error);

/* Each of the fields at each of its extremes; the others are as in `usual`. */
static void try_all(const void *usual, size_t size, const field *fields, size_t count, call_fn *call)
{
    unsigned char *options = malloc(size);
    assert_non_null(options);
    for (size_t f = 0; f < count; f++) {
        memcpy(options, usual, size);
        for (size_t i = 0; put_extreme(options + fields[f].offset, fields[f].kind, i); i++) {
            okng_error error = {0};
            okng_status status = call(options, &error);
            if (status == OKNG_ERROR_INTERNAL || (status != OKNG_OK && !error.message[0]))
                fail_msg("%s, extreme %zu: status %d: %s", fields[f].name, i, (int)status, error.message);
        }
    }
    free(options);
}
#define TRY_ALL(usual, fields, call) \
    try_all(&(usual), sizeof(usual), (fields), sizeof(fields) / sizeof(fields)[0], (call))

static okng_picture part(int i)
{
    okng_picture picture;
    okng_init(&picture);
    picture.pixels = parts[i];
    picture.width = WIDTH;
    picture.height = HEIGHT;
    return picture;
}

/* ---- pictures in memory ---- */

static okng_status inspect(const okng_picture *picture, const okng_inspect_options *options, okng_error *error)
{
    okng_result *result = NULL;
    okng_status status = okng_inspect(&result, bank, picture, options, error);
    okng_result_free(&result);
    return status;
}

static okng_status take_picture(const void *picture, okng_error *error)
{
    okng_build_options options;
    okng_array *array = NULL;
    okng_build_options_init(&options);
    okng_status status = okng_preprocess(&array, picture, &options, error);
    okng_array_free(&array);
    return status == OKNG_OK ? inspect(picture, NULL, error) : status;
}

static void pictures(void **state)
{
    (void)state;
    static const field fields[] = {FIELD(okng_picture, width), FIELD(okng_picture, height), FIELD(okng_picture, stride),
                                   FIELD(okng_picture, format)};
    static const field sizes[] = {FIELD(okng_picture, data_size)};
    okng_picture picture = part(0);
    TRY_ALL(picture, fields, take_picture);
    picture.stride = PTRDIFF_MIN;
    assert_fails(OKNG_ERROR_ARGUMENT, "a stride of -9223372036854775808 bytes", inspect(&picture, NULL, error));
    picture.stride = PTRDIFF_MAX;
    assert_fails(OKNG_ERROR_ARGUMENT, "expected at most 1073741824 either way", inspect(&picture, NULL, error));
    picture.stride = -(ptrdiff_t)(WIDTH * 3); /* from the last row up */
    picture.pixels = parts[0] + (size_t)(HEIGHT - 1) * WIDTH * 3;
    assert_ok(inspect(&picture, NULL, error));

    picture = part(0);
    picture.pixels = NULL;
    picture.data = "\x89PNG\r\n\x1a\n";
    TRY_ALL(picture, sizes, take_picture);
    picture.data_size = SIZE_MAX;
    assert_fails(OKNG_ERROR_LIMIT, "expected at most 1073741824", inspect(&picture, NULL, error));
}

/* ---- inspecting ---- */

static okng_status inspect_with(const void *options, okng_error *error)
{
    const okng_picture picture = part(1);
    return inspect(&picture, options, error);
}

static okng_status inspect_folder(const void *options, okng_error *error)
{
    return okng_inspect_folder(bank, pictures_dir, other_dir, options, NULL, NULL, NULL, NULL, error);
}

static okng_status choose(const void *choice, okng_error *error)
{
    return okng_bank_choose(bank_dir, choice, error);
}

static void inspecting(void **state)
{
    (void)state;
#define OF(member) FIELD(okng_inspect_options, member)
    static const field fields[] = {OF(threshold_pixel), OF(threshold_image), OF(false_alarm), OF(open_radius),
                                   OF(close_radius),    OF(min_area),        OF(max_pixels),  OF(threads),
                                   OF(review[0]),       OF(review[1]),       OF(review_rate), OF(result_pixels),
                                   OF(mask_ok),         OF(overlay),         OF(max_length),  OF(max_count)};
#undef OF
    okng_inspect_options options;
    okng_inspect_options_init(&options);
    options.threads = 1;
    TRY_ALL(options, fields, inspect_with);

    static const field folders[] = {FIELD(okng_folder_options, save_maps), FIELD(okng_folder_options, strict),
                                    FIELD(okng_folder_options, existing), FIELD(okng_folder_options, report)};
    okng_folder_options whole;
    okng_init(&whole);
    TRY_ALL(whole, folders, inspect_folder);

    static const field choices[] = {
        FIELD(okng_bank_choice, reset),       FIELD(okng_bank_choice, sets_image), FIELD(okng_bank_choice, sets_pixel),
        FIELD(okng_bank_choice, sets_review), FIELD(okng_bank_choice, image),      FIELD(okng_bank_choice, pixel),
        FIELD(okng_bank_choice, review[0]),   FIELD(okng_bank_choice, review[1]),  FIELD(okng_bank_choice, min_area),
        FIELD(okng_bank_choice, max_length),  FIELD(okng_bank_choice, max_count)};
    okng_bank_choice choice;
    okng_init(&choice);
    choice.sets_image = choice.sets_pixel = choice.sets_review = 1;
    choice.sets_min_area = choice.sets_max_length = choice.sets_max_count = 1;
    choice.image = choice.pixel = 3;
    choice.review[0] = 2;
    choice.review[1] = 4;
    TRY_ALL(choice, choices, choose);
    assert_ok(okng_bank_choose(bank_dir, &(okng_bank_choice){.struct_size = sizeof choice, .reset = 1}, error));
}

/* ---- building ---- */

static okng_status build_into(const char *dir, const okng_build_options *options, okng_error *error)
{
    okng_picture given[PICTURES];
    const okng_picture *pointers[PICTURES];
    for (int i = 0; i < PICTURES; i++) {
        given[i] = part(i);
        pointers[i] = &given[i];
    }
    return okng_build(pointers, PICTURES, dir, options, NULL, NULL, NULL, error);
}

static okng_status build(const void *options, okng_error *error)
{
    return build_into(other_dir, options, error);
}

static okng_status choose_rows(const void *options, okng_error *error)
{
    static const int64_t shape[2] = {30, 4};
    okng_array *rows = NULL, *indices = NULL;
    okng_status status = okng_array_new(&rows, OKNG_F32, 2, shape, error);
    float *values = status == OKNG_OK ? okng_array_data(rows) : NULL;
    for (int i = 0; values && i < 120; i++) values[i] = (float)(i * 37 % 101);
    if (status == OKNG_OK) status = okng_coreset(&indices, rows, options, NULL, NULL, error);
    okng_array_free(&indices);
    okng_array_free(&rows);
    return status;
}

#define OF(member) FIELD(okng_build_options, member)
static const field build_fields[] = {OF(layer_count),
                                     OF(resize_mode),
                                     OF(resize_height),
                                     OF(resize_width),
                                     OF(crop),
                                     OF(interpolation),
                                     OF(mean[0]),
                                     OF(std[0]),
                                     OF(patch_size),
                                     OF(patch_stride),
                                     OF(stride),
                                     OF(aggregate),
                                     OF(pretrain_dim),
                                     OF(target_dim),
                                     OF(sampler),
                                     OF(coreset),
                                     OF(coreset_size),
                                     OF(projection),
                                     OF(projection_kind),
                                     OF(start),
                                     OF(starting_points),
                                     OF(reservoir_max),
                                     OF(neighbors),
                                     OF(image_score),
                                     OF(distance),
                                     OF(smoothing),
                                     OF(pixel_pct),
                                     OF(image_pct),
                                     OF(calibration),
                                     OF(max_memory),
                                     OF(seed),
                                     OF(threads),
                                     OF(max_pixels),
                                     OF(precision),
                                     OF(convolution),
                                     OF(top),
                                     OF(variance),
                                     OF(turns),
                                     OF(foreground),
                                     OF(image_rule),
                                     OF(bit_depth),
                                     OF(pixels),
                                     OF(noise_robust),
                                     OF(temperature),
                                     OF(scale_count),
                                     OF(scale_weight_count),
                                     OF(text_mean),
                                     OF(class_words),
                                     OF(aspect),
                                     OF(windows),
                                     OF(fusion),
                                     OF(reference_tokens)};
#undef OF

static okng_build_options small_options(void)
{
    okng_build_options options;
    okng_build_options_init(&options);
    options.threads = 1;
    options.resize_mode = OKNG_RESIZE_EXACT;
    options.resize_height = options.resize_width = 32;
    return options;
}

static void building(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    TRY_ALL(options, build_fields, build);
    assert_ok(okng_build_options_set(&options, "sampler", "approx-greedy", error));
    TRY_ALL(options, build_fields, choose_rows);
    assert_ok(okng_build_options_set(&options, "sampler", "kmeans", error));
    TRY_ALL(options, build_fields, choose_rows);
    assert_ok(okng_build_options_set(&options, "sampler", "random", error));
    TRY_ALL(options, build_fields, choose_rows);
}

static okng_status build_folder(const void *options, okng_error *error)
{
    return okng_build_folder(pictures_dir, other_dir, options, NULL, NULL, NULL, NULL, error);
}

static void building_from_a_folder(void **state)
{
    (void)state;
#define OF(member) FIELD(okng_build_folder_options, member)
    static const field fields[] = {OF(exclude_count), OF(trim), OF(skip_bad), OF(force), OF(report)};
#undef OF
    const okng_build_options build_options = small_options();
    okng_build_folder_options options;
    okng_init(&options);
    options.build = &build_options;
    TRY_ALL(options, fields, build_folder);
}

/* ---- data sets, experiments, tuning, measuring ---- */

static okng_status tune(const void *options, okng_error *error)
{
    char *json = NULL;
    okng_status status = okng_tune(bank_dir, options, NULL, NULL, &json, error);
    okng_text_free(&json);
    return status;
}

static okng_status open_dataset(const void *options, okng_error *error)
{
    okng_dataset *dataset = NULL;
    okng_samples *samples = NULL;
    okng_status status = okng_dataset_open(&dataset, "folder", pictures_dir, options, error);
    if (status == OKNG_OK) status = okng_samples_open(&samples, dataset, okng_dataset_category(dataset, 0), error);
    okng_samples_free(&samples);
    okng_dataset_close(&dataset);
    return status;
}

static okng_status set_up(const void *setup, okng_error *error)
{
    okng_experiment *experiment = NULL;
    char *yaml = NULL;
    okng_status status = okng_experiment_new(&experiment, setup, error);
    if (status == OKNG_OK) status = okng_experiment_yaml(experiment, &yaml, error);
    okng_text_free(&yaml);
    okng_experiment_free(&experiment);
    return status;
}

/* No rows told are as many as a measurement takes by itself: seconds of arithmetic, and none of it about the number. */
static int stop_at_many(const okng_progress *progress, void *inputs)
{
    (void)progress;
    return ((const okng_bench_inputs *)inputs)->made_rows <= 0;
}

static okng_status measure(const void *given, okng_error *error)
{
    const okng_build_options options = small_options();
    okng_bench_inputs inputs = *(const okng_bench_inputs *)given;
    char *json = NULL;
    okng_status status = okng_bench("knn", &inputs, &options, stop_at_many, &inputs, &json, error);
    okng_text_free(&json);
    if (status == OKNG_OK) status = okng_bench("coreset", &inputs, &options, stop_at_many, &inputs, &json, error);
    okng_text_free(&json);
    return status;
}

static void all_else(void **state)
{
    (void)state;
    static const field tunes[] = {FIELD(okng_tune_options, ok_count),      FIELD(okng_tune_options, ng_count),
                                  FIELD(okng_tune_options, rule),          FIELD(okng_tune_options, rate),
                                  FIELD(okng_tune_options, write),         FIELD(okng_tune_options, threads),
                                  FIELD(okng_tune_options, max_pixels),    FIELD(okng_tune_options, ok_score_count),
                                  FIELD(okng_tune_options, ng_score_count)};
    okng_tune_options tuning;
    okng_init(&tuning);
    tuning.rule = OKNG_TUNE_FALSE_ALARM;
    tuning.rate = 0.25;
    TRY_ALL(tuning, tunes, tune);

    static const field sets[] = {FIELD(okng_dataset_options, k_shot), FIELD(okng_dataset_options, validation),
                                 FIELD(okng_dataset_options, max_test_samples), FIELD(okng_dataset_options, seed),
                                 FIELD(okng_dataset_options, test_ratio)};
    okng_dataset_options data;
    okng_dataset_options_init(&data);
    (void)strcpy(data.normal, ".");
    (void)strcpy(data.abnormal, ".");
    TRY_ALL(data, sets, open_dataset);

    static const field setups[] = {FIELD(okng_experiment_setup, latency_runs), FIELD(okng_experiment_setup, examples),
                                   FIELD(okng_experiment_setup, save_maps), FIELD(okng_experiment_setup, pro_mode)};
    okng_experiment_setup setup;
    okng_init(&setup);
    setup.root = pictures_dir;
    TRY_ALL(setup, setups, set_up);

    static const field made[] = {FIELD(okng_bench_inputs, made_rows), FIELD(okng_bench_inputs, made_dim),
                                 FIELD(okng_bench_inputs, k)};
    okng_bench_inputs inputs;
    okng_init(&inputs);
    inputs.made_rows = 20;
    inputs.made_dim = 4;
    inputs.repeats = 1;
    TRY_ALL(inputs, made, measure);
}

/* ---- numbers that are arguments ---- */

static void arguments(void **state)
{
    (void)state;
    const int64_t shape[2] = {4, 3};
    okng_array *rows = NULL, *out = NULL;
    assert_ok(okng_array_new(&rows, OKNG_F32, 2, shape, error));
    int32_t number;
    for (size_t i = 0; put_extreme(&number, I32, i); i++) {
        okng_error error;
        (void)okng_array_new(&out, (okng_dtype)number, 1, shape, &error);
        okng_array_free(&out);
        (void)okng_array_new(&out, OKNG_F32, number == 1 ? 2 : number, shape, &error);
        okng_array_free(&out);
        (void)okng_array_shape(rows, number);
        (void)okng_knn(&out, NULL, rows, rows, number, OKNG_DISTANCE_L2, 1, &error);
        okng_array_free(&out);
        (void)okng_knn(&out, NULL, rows, rows, 1, (okng_distance)number, 1, &error);
        okng_array_free(&out);
        (void)okng_verdict_text((okng_verdict)number);
        (void)okng_option_count((okng_option_list)number);
        okng_pixel_metrics *pixels = NULL;
        if (okng_pixel_metrics_new(&pixels, (okng_pro_mode)number, 1, &error) == OKNG_OK) {
            (void)okng_pixel_metrics_add(pixels, okng_array_data(rows), NULL, number, 1, &error);
            (void)okng_pixel_metrics_add(pixels, okng_array_data(rows), NULL, 1, number, &error);
        }
        okng_pixel_metrics_free(&pixels);
    }
    int64_t size[2] = {1, 1};
    for (size_t i = 0; put_extreme(&size[0], I64, i); i++)
        for (size_t j = 0; put_extreme(&size[1], I64, j); j++) {
            okng_error error;
            if (size[0] > 1 && size[0] <= INT32_MAX && size[1] <= 1) continue; /* gigabytes, and fine */
            if (size[1] > 1 && size[1] <= INT32_MAX && size[0] <= 1) continue;
            (void)okng_array_new(&out, OKNG_F64, 2, size, &error);
            okng_array_free(&out);
        }
    double scores[2] = {0, 0};
    for (size_t i = 0; put_extreme(&scores[0], F64, i); i++)
        for (size_t j = 0; put_extreme(&scores[1], F64, j); j++) {
            okng_metrics metrics;
            okng_metrics_init(&metrics);
            assert_ok(okng_metrics_scores(scores, (const uint8_t[]){0, 1}, 2, &metrics, error));
        }
    okng_array_free(&rows);
}

/* ---- what they work on ---- */

static int prepare(void **state)
{
    (void)state;
    okng_error error;
    for (int p = 0; p < PICTURES; p++)
        for (int i = 0; i < WIDTH * HEIGHT * 3; i++) parts[p][i] = (uint8_t)(90 + (i * 7 + p * 3) % 40);
    (void)snprintf(folder, sizeof folder, "/tmp/okng_extremes_XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(bank_dir, sizeof bank_dir, "%s/bank", folder);
    (void)snprintf(other_dir, sizeof other_dir, "%s/other", folder);
    (void)snprintf(pictures_dir, sizeof pictures_dir, "%s/pictures", folder);
    if (okng_make_folders(pictures_dir, &error) != OKNG_OK) return -1;
    for (int p = 0; p < PICTURES; p++) {
        char path[128], head[32];
        (void)snprintf(path, sizeof path, "%s/%d.ppm", pictures_dir, p);
        (void)snprintf(head, sizeof head, "P6 %d %d 255\n", WIDTH, HEIGHT);
        FILE *file = fopen(path, "wb");
        if (!file) return -1;
        (void)fputs(head, file);
        (void)fwrite(parts[p], 1, sizeof parts[p], file);
        if (fclose(file) != 0) return -1;
    }
    const okng_build_options options = small_options();
    if (build_into(bank_dir, &options, &error) != OKNG_OK || okng_bank_open(&bank, bank_dir, NULL, &error) != OKNG_OK) {
        (void)fprintf(stderr, "%s\n", error.message);
        return -1;
    }
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    okng_bank_close(&bank);
    return okng_test_remove_tree(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures), cmocka_unit_test(inspecting),
        cmocka_unit_test(building), cmocka_unit_test(building_from_a_folder),
        cmocka_unit_test(all_else), cmocka_unit_test(arguments),
    };
    (void)cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, prepare, clean_up);
}
