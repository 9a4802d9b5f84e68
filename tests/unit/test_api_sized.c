/* A program and a library of different versions: structs that are smaller or larger than the library's. */
#include "test.h"

/* As a program that was compiled against a later header has it. */
#define LATER(type)                                \
    struct {                                       \
        type known;                                \
        unsigned char added[24]; /* its members */ \
    }

/* Calls get(&struct) with the struct as it is, larger and smaller, and none at all. `changes` is a byte, by its place,
 * that is filled with something other than 0x5a. */
#define CHECK_FILLED(type, changes, get)                                                     \
    do {                                                                                     \
        LATER(type) later, shorter;                                                          \
        type *info = &later.known;                                                           \
        memset(&later, 0x5a, sizeof later);                                                  \
        later.known.struct_size = sizeof later;                                              \
        assert_ok(get);                                                                      \
        assert_int_equal(later.known.struct_size, sizeof later);                             \
        assert_memory_not_equal((unsigned char *)&later + (changes), "\x5a\x5a\x5a\x5a", 4); \
        for (size_t i = 0; i < sizeof later.added; i++) assert_int_equal(later.added[i], 0); \
        info = &shorter.known;                                                               \
        memset(&shorter, 0x5a, sizeof shorter);                                              \
        shorter.known.struct_size = sizeof(size_t);                                          \
        assert_ok(get);                                                                      \
        assert_int_equal(shorter.known.struct_size, sizeof(size_t));                         \
        for (size_t i = sizeof(size_t); i < sizeof shorter; i++)                             \
            assert_int_equal(((unsigned char *)&shorter)[i], 0x5a);                          \
        shorter.known.struct_size = sizeof(size_t) - 1;                                      \
        assert_fails(OKNG_ERROR_ARGUMENT, "struct_size", get);                               \
        info = NULL;                                                                         \
        assert_fails(OKNG_ERROR_ARGUMENT, "", get);                                          \
    } while (0)

static void what_is_filled_may_have_any_size(void **state)
{
    (void)state;
    CHECK_FILLED(okng_backbone_info, offsetof(okng_backbone_info, built_in), okng_backbone_get(0, info, error));
    CHECK_FILLED(okng_backbone_info, offsetof(okng_backbone_info, flops), okng_backbone_find("resnet18", info, error));
    CHECK_FILLED(okng_public_file, offsetof(okng_public_file, name), okng_public_file_find("resnet18", info, error));
    CHECK_FILLED(okng_public_file, offsetof(okng_public_file, name),
                 okng_public_file_find("clip-vocabulary", info, error));
    okng_weights *weights;
    assert_ok(okng_weights_open(&weights, OKNG_GOLDEN "/tensor/none.safetensors", error));
    okng_backbone_fit fit = {.struct_size = sizeof fit};
    assert_fails(OKNG_ERROR_NOT_FOUND, "no tensor visual.conv1.weight",
                 okng_backbone_fit_get("clip-vit-b-16", weights, &fit, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "clip-vit-x", okng_backbone_fit_get("clip-vit-x", weights, &fit, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "fit's description",
                 okng_backbone_fit_get("clip-vit-b-16", weights, NULL, error));
    okng_weights_close(&weights);
    CHECK_FILLED(okng_dataset_info, offsetof(okng_dataset_info, name), okng_dataset_type_get(0, info, error));
    CHECK_FILLED(okng_option_info, offsetof(okng_option_info, name),
                 okng_option_get(OKNG_OPTIONS_BUILD, 0, info, error));
    CHECK_FILLED(okng_figure_info, offsetof(okng_figure_info, key), okng_figure_get(0, info, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "resnet18",
                 okng_backbone_find("none", &(okng_backbone_info){.struct_size = sizeof(okng_backbone_info)}, error));
    const double scores[] = {0, 1};
    const uint8_t labels[] = {0, 1};
    CHECK_FILLED(okng_metrics, offsetof(okng_metrics, image_auroc),
                 okng_metrics_scores(scores, labels, 2, info, error));
}

static void what_is_given_may_have_any_size(void **state)
{
    (void)state;
    static const unsigned char grey[] = {1, 2, 3, 4};
    okng_build_options options;
    okng_build_options_init(&options);
    LATER(okng_picture) later;
    okng_array *array;
    memset(&later, 0x5a, sizeof later);
    okng_init(&later.known);
    later.known.struct_size = sizeof later;
    later.known.pixels = grey;
    later.known.width = later.known.height = 2;
    later.known.format = OKNG_PIXEL_GREY8;
    assert_ok(okng_preprocess(&array, &later.known, &options, error));
    okng_array_free(&array);
    later.known.struct_size = offsetof(okng_picture, format); /* before there was a format: RGB, too few bytes here */
    later.known.width = later.known.height = 1;
    assert_ok(okng_preprocess(&array, &later.known, &options, error));
    okng_array_free(&array);
    later.known.struct_size = 0;
    assert_fails(OKNG_ERROR_ARGUMENT, "not initialised", okng_preprocess(&array, &later.known, &options, error));
    assert_null(array);
}

static void options_may_have_any_size(void **state)
{
    (void)state;
    LATER(okng_build_options) later;
    okng_array *array;
    okng_picture picture;
    okng_init(&picture);
    picture.pixels = "abc";
    picture.width = picture.height = 1;
    okng_build_options_init_sized(&later.known, sizeof later);
    memset(later.added, 0x5a, sizeof later.added);
    assert_ok(okng_preprocess(&array, &picture, &later.known, error));
    okng_array_free(&array);
    later.known.struct_size = 3;
    assert_fails(OKNG_ERROR_ARGUMENT, "the options", okng_preprocess(&array, &picture, &later.known, error));
}

static void an_initialised_struct_is_zero_but_for_its_size(void **state)
{
    (void)state;
    okng_picture picture, expected = {.struct_size = sizeof expected};
    memset(&picture, 0x5a, sizeof picture);
    okng_init(&picture);
    assert_memory_equal(&picture, &expected, offsetof(okng_picture, format));
    assert_int_equal(picture.format, 0);
    okng_init_sized(NULL, 8);
    okng_init_sized(&picture, 1); /* too small to say anything: left alone */
    assert_int_equal(picture.struct_size, sizeof picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_filled_may_have_any_size),
        cmocka_unit_test(what_is_given_may_have_any_size),
        cmocka_unit_test(options_may_have_any_size),
        cmocka_unit_test(an_initialised_struct_is_zero_but_for_its_size),
    };
    return RUN_TESTS(tests);
}
