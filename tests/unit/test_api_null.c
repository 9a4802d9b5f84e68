/* A NULL where a pointer is needed is an error, never a crash. */
#include "test.h"

static void functions_with_a_status_refuse_null(void **state)
{
    (void)state;
    static const float rows[4] = {0, 1, 2, 3};
    const int64_t shape[2] = {2, 2};
    okng_build_options options;
    okng_build_options_init(&options);
    strcpy(options.backbone, "resnet18");
    strcpy(options.weights, "none.pth");
    const okng_picture picture = {.struct_size = sizeof picture, .pixels = rows, .width = 1, .height = 1};
    okng_array *array = NULL, *out = NULL;
    okng_bank *bank = NULL;
    okng_result *result = NULL;
    okng_picture_list *list = NULL;
    okng_weights *weights = NULL;
    okng_tensor_info tensor = {.struct_size = sizeof tensor};
    char *text = NULL, hex[65];
    assert_ok(okng_array_new(&array, OKNG_F32, 2, shape, error));

#define REFUSES(call) assert_fails(OKNG_ERROR_ARGUMENT, "", call)
    REFUSES(okng_picture_list_open(NULL, "/", error));
    REFUSES(okng_picture_list_open(&list, NULL, error));
    REFUSES(okng_build_paths(NULL, 1, "x", &options, NULL, NULL, NULL, error));
    REFUSES(okng_build_paths((const char *const[]){NULL}, 1, "x", &options, NULL, NULL, NULL, error));
    REFUSES(okng_build_paths((const char *const[]){"a"}, 1, NULL, &options, NULL, NULL, NULL, error));
    REFUSES(okng_build_paths((const char *const[]){"a"}, 1, "x", NULL, NULL, NULL, NULL, error));
    REFUSES(okng_bank_open(NULL, "x", NULL, error));
    REFUSES(okng_bank_open(&bank, NULL, NULL, error));
    REFUSES(okng_bank_make(NULL, NULL, 0, &options, NULL, NULL, NULL, error));
    REFUSES(okng_bank_make(&bank, NULL, 1, &options, NULL, NULL, NULL, error));
    REFUSES(okng_bank_make(&bank, NULL, 0, NULL, NULL, NULL, NULL, error));
    REFUSES(okng_method_info_of(NULL, &(okng_method_info){.struct_size = sizeof(okng_method_info)}, error));
    REFUSES(okng_method_info_of("patchcore", NULL, error));
    REFUSES(okng_build_info(NULL, error));
    REFUSES(okng_bank_describe(NULL, &text, error));
    REFUSES(okng_bank_describe("x", NULL, error));
    REFUSES(okng_bank_get_info(NULL, NULL, error));
    REFUSES(okng_inspect(&result, NULL, &picture, NULL, error));
    REFUSES(okng_inspect(NULL, NULL, NULL, NULL, error));
    REFUSES(okng_result_window(NULL, &(okng_seen_window){.struct_size = sizeof(okng_seen_window)}, error));
    REFUSES(okng_result_save(NULL, "x", 0, NULL, error));
    REFUSES(okng_result_json(NULL, &text, error));
    REFUSES(okng_result_json(NULL, NULL, error));
    REFUSES(okng_array_new(NULL, OKNG_F32, 2, shape, error));
    REFUSES(okng_array_new(&out, OKNG_F32, 2, NULL, error));
    REFUSES(okng_array_read_npy(NULL, "x", error));
    REFUSES(okng_array_read_npy(&out, NULL, error));
    REFUSES(okng_array_write_npy(NULL, "x", error));
    REFUSES(okng_array_write_npy(array, NULL, error));
    REFUSES(okng_preprocess(&out, NULL, &options, error));
    REFUSES(okng_preprocess(&out, &picture, NULL, error));
    REFUSES(okng_preprocess(NULL, &picture, &options, error));
    REFUSES(okng_embed(&out, &picture, NULL, error));
    REFUSES(okng_embed(NULL, &picture, &options, error));
    REFUSES(okng_coreset(&out, NULL, &options, NULL, NULL, error));
    REFUSES(okng_coreset(&out, array, NULL, NULL, NULL, error));
    REFUSES(okng_coreset(NULL, array, &options, NULL, NULL, error));
    REFUSES(okng_knn(&out, NULL, NULL, array, 1, OKNG_DISTANCE_L2, 1, error));
    REFUSES(okng_knn(&out, NULL, array, NULL, 1, OKNG_DISTANCE_L2, 1, error));
    REFUSES(okng_knn(NULL, NULL, array, array, 1, OKNG_DISTANCE_L2, 1, error));
    okng_index *index;
    REFUSES(okng_index_new(&index, NULL, 1, error));
    REFUSES(okng_index_new(NULL, array, 1, error));
    REFUSES(okng_index_search(&out, NULL, NULL, array, 1, OKNG_DISTANCE_L2, 1, error));
    okng_index_free(NULL);
    REFUSES(okng_collect(NULL, 1, 0, OKNG_TABLE_TEXT, &text, error));
    REFUSES(okng_collect((const char *const[]){NULL}, 1, 0, OKNG_TABLE_TEXT, &text, error));
    REFUSES(okng_collect((const char *const[]){"x"}, 0, 0, OKNG_TABLE_TEXT, &text, error));
    REFUSES(okng_collect((const char *const[]){"x"}, 1, 0, OKNG_TABLE_TEXT, NULL, error));
    REFUSES(okng_plot(NULL, NULL, error));
    REFUSES(okng_weights_open(NULL, "x", error));
    REFUSES(okng_weights_open(&weights, NULL, error));
    REFUSES(okng_weights_tensor(NULL, 0, &tensor, error));
    REFUSES(okng_weights_tensor(NULL, 0, NULL, error));
    REFUSES(okng_backbone_get(0, NULL, error));
    okng_public_file file = {.struct_size = sizeof file};
    REFUSES(okng_public_file_find(NULL, &file, error));
    REFUSES(okng_public_file_find("resnet18", NULL, error));
    REFUSES(okng_public_file_cache(NULL, hex, sizeof hex, error));
    REFUSES(okng_public_file_cache("clip-vocabulary", NULL, 0, error));
    okng_backbone_fit fit = {.struct_size = sizeof fit};
    REFUSES(okng_backbone_fit_get(NULL, NULL, &fit, error));
    REFUSES(okng_backbone_fit_get("resnet18", NULL, &fit, error));
    REFUSES(okng_file_sha256(NULL, hex, error));
    REFUSES(okng_file_sha256("x", NULL, error));
    REFUSES(okng_file_write(NULL, "x", 1, error));
    REFUSES(okng_file_write("x", NULL, 1, error));
    okng_metrics metrics;
    okng_pixel_metrics *pixels = NULL;
    okng_metrics_init(&metrics);
    REFUSES(okng_metrics_scores(NULL, NULL, 1, &metrics, error));
    REFUSES(okng_metrics_scores(NULL, NULL, 0, NULL, error));
    REFUSES(okng_metrics_read_scores(NULL, &metrics, error));
    REFUSES(okng_metrics_read_maps(NULL, "x", OKNG_PRO_EXACT, 1, NULL, NULL, &metrics, error));
    REFUSES(okng_metrics_read_maps("x", NULL, OKNG_PRO_EXACT, 1, NULL, NULL, &metrics, error));
    REFUSES(okng_metrics_read_maps("x", "x", OKNG_PRO_EXACT, 1, NULL, NULL, NULL, error));
    REFUSES(okng_pixel_metrics_new(NULL, OKNG_PRO_EXACT, 1, error));
    REFUSES(okng_pixel_metrics_add(pixels, rows, NULL, 1, 1, error));
    REFUSES(okng_pixel_metrics_finish(pixels, &metrics, error));
    REFUSES(okng_build_options_set(NULL, "crop", "3", error));
    REFUSES(okng_build_options_set(&options, NULL, "3", error));
    REFUSES(okng_build_options_get(NULL, "crop", hex, sizeof hex, error));
    REFUSES(okng_inspect_options_set(NULL, "open", "3", error));
    okng_array_free(&array);
}

static void functions_without_a_status_answer_null(void **state)
{
    (void)state;
    int32_t width = 7, height = 7;
    okng_error why = {0};
    assert_true(isnan(okng_result_score(NULL)) && isnan(okng_result_p_value(NULL)));
    assert_true(isnan(okng_result_image_threshold(NULL)) && isnan(okng_result_pixel_threshold(NULL)));
    assert_int_equal(okng_result_verdict(NULL), OKNG_VERDICT_NG);
    assert_int_equal(okng_result_review(NULL, NULL, NULL), 0);
    assert_null(okng_result_map(NULL, &width, NULL));
    assert_null(okng_result_mask(NULL, NULL, &height));
    assert_int_equal(okng_result_region_count(NULL), 0);
    assert_true(width == 0 && height == 0);
    assert_null(okng_array_data(NULL));
    assert_int_equal(okng_array_dims(NULL), 0);
    assert_int_equal(okng_array_shape(NULL, 0), 0);
    (void)okng_array_dtype(NULL);
    assert_int_equal(okng_picture_list_count(NULL), 0);
    assert_null(okng_picture_list_path(NULL, 0));
    assert_null(okng_picture_list_relative(NULL, 0));
    assert_int_equal(okng_weights_count(NULL), 0);
    assert_int_equal(okng_backbone_fits("resnet18", NULL, &why), 0);
    assert_int_equal(why.status, OKNG_ERROR_ARGUMENT);
    assert_int_equal(okng_backbone_fits(NULL, NULL, NULL), 0);
}

static void releasing_null_does_nothing(void **state)
{
    (void)state;
    okng_bank *bank = NULL;
    okng_picture_list_free(NULL);
    okng_bank_close(NULL);
    okng_bank_close(&bank);
    okng_result_free(NULL);
    okng_array_free(NULL);
    okng_weights_close(NULL);
    okng_text_free(NULL);
    okng_pixel_metrics_free(NULL);
    okng_metrics_init_sized(NULL, 8);
    okng_build_options_init_sized(NULL, 8);
    okng_inspect_options_init_sized(NULL, 8);
}

static void a_mistyped_word_finds_the_nearest(void **state)
{
    (void)state;
    const char *const words[] = {"coreset", NULL, "resize", "coreset-size"};
    assert_string_equal(okng_suggest("coresett", words, 4), "coreset");
    assert_string_equal(okng_suggest("coreset-siz", words, 4), "coreset-size");
    assert_null(okng_suggest("weather", words, 4));
    assert_null(okng_suggest("x", words, 0));
    assert_null(okng_suggest(NULL, words, 4));
    assert_null(okng_suggest("coreset", NULL, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_with_a_status_refuse_null),
        cmocka_unit_test(functions_without_a_status_answer_null),
        cmocka_unit_test(releasing_null_does_nothing),
        cmocka_unit_test(a_mistyped_word_finds_the_nearest),
    };
    return RUN_TESTS(tests);
}
