/* Patch vectors against PyTorch's (tests/golden/make_patch.py). */
#include "patch/patcher.h"

#include "base/memory.h"
#include "test.h"

enum { SAMPLES = 1500, LAYERS = 3 };

typedef struct golden {
    const char *name;
    int64_t shapes[LAYERS][3]; /* ends at channels 0 */
    int32_t patch_size, patch_stride, stride;
    int32_t pretrain, target; /* 0: concat */
    int32_t height, width, dim;
} golden;

static const golden CASES[] = {
    {"concat_two", {{20, 14, 14}, {40, 7, 7}}, 3, 1, 1, 0, 0, 14, 14, 60},
    {"concat_odd", {{17, 13, 9}, {33, 7, 5}}, 3, 1, 1, 0, 0, 13, 9, 50},
    {"concat_three", {{16, 16, 12}, {24, 8, 6}, {48, 4, 3}}, 3, 1, 1, 0, 0, 16, 12, 88},
    {"concat_plain", {{16, 10, 11}, {32, 5, 6}}, 1, 1, 1, 0, 0, 10, 11, 48},
    {"concat_plain_every_second", {{16, 11, 11}, {32, 6, 6}, {64, 3, 3}}, 1, 1, 2, 0, 0, 6, 6, 112},
    {"concat_five", {{19, 9, 10}, {21, 5, 5}}, 5, 1, 1, 0, 0, 9, 10, 40},
    {"concat_patch_stride", {{16, 15, 12}, {32, 8, 6}}, 3, 2, 1, 0, 0, 8, 6, 48},
    {"concat_plain_patch_stride", {{16, 15, 12}, {32, 8, 6}}, 1, 2, 1, 0, 0, 8, 6, 48},
    {"concat_both_strides", {{16, 23, 17}, {32, 12, 9}}, 5, 2, 3, 0, 0, 4, 3, 48},
    {"concat_coarse_first", {{16, 5, 6}, {8, 13, 11}}, 3, 1, 1, 0, 0, 5, 6, 24},
    {"concat_one_pixel", {{5, 1, 1}, {6, 1, 1}}, 3, 1, 1, 0, 0, 1, 1, 11},
    {"concat_real", {{128, 28, 28}, {256, 14, 14}}, 3, 1, 1, 0, 0, 28, 28, 384},
    {"mean_two", {{20, 14, 14}, {40, 7, 7}}, 3, 1, 1, 64, 64, 14, 14, 64},
    {"mean_one_layer", {{24, 9, 10}}, 3, 1, 1, 50, 33, 9, 10, 33},
    {"mean_three_odd", {{17, 13, 9}, {33, 7, 5}, {50, 4, 3}}, 3, 1, 1, 100, 77, 13, 9, 77},
    {"mean_straddled", {{16, 9, 9}, {24, 5, 5}, {32, 3, 3}}, 3, 1, 1, 10, 7, 9, 9, 7},
    {"mean_fewer_than_layers", {{16, 9, 9}, {24, 5, 5}, {32, 3, 3}}, 3, 1, 1, 10, 2, 9, 9, 2},
    {"mean_longer", {{3, 6, 6}, {5, 3, 3}}, 3, 1, 1, 64, 200, 6, 6, 200},
    {"mean_plain", {{16, 10, 11}, {32, 5, 6}}, 1, 1, 1, 24, 40, 10, 11, 40},
    {"mean_five_every_second", {{12, 11, 9}, {20, 6, 5}}, 5, 1, 2, 64, 64, 6, 5, 64},
    {"mean_patch_stride", {{16, 15, 12}, {32, 8, 6}}, 3, 2, 1, 64, 64, 8, 6, 64},
    {"mean_both_strides", {{10, 23, 37}, {14, 12, 19}}, 5, 3, 2, 64, 48, 4, 7, 48},
    {"mean_coarse_first", {{16, 5, 6}, {8, 13, 11}}, 3, 1, 1, 32, 32, 5, 6, 32},
    {"mean_real", {{128, 28, 28}, {256, 14, 14}}, 3, 1, 1, 1024, 1024, 28, 28, 1024},
    {"mean_wide", {{512, 7, 7}, {1024, 4, 4}}, 3, 1, 1, 1024, 1024, 7, 7, 1024},
};

static okng_build_options options_of(const golden *c)
{
    return (okng_build_options){.struct_size = sizeof(okng_build_options),
                                .patch_size = c->patch_size,
                                .patch_stride = c->patch_stride,
                                .stride = c->stride,
                                .aggregate = c->target ? OKNG_AGGREGATE_MEAN_MAP : OKNG_AGGREGATE_CONCAT,
                                .pretrain_dim = c->pretrain,
                                .target_dim = c->target};
}

static int layers_of(const golden *c)
{
    int layers = 0;
    while (layers < LAYERS && c->shapes[layers][0] != 0) layers++;
    return layers;
}

/* make_patch.py's hashed() */
static float hashed(uint32_t index, uint32_t salt)
{
    uint32_t h = index * 2654435761u + salt * 40503u;
    for (int i = 0; i < 2; i++) h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
    h ^= h >> 13;
    return (float)(h >> 8) / 16777216.0f - 0.25f;
}

static float *map_of(const int64_t shape[3], int layer)
{
    int64_t count = shape[0] * shape[1] * shape[2];
    float *map = okng_alloc((size_t)count, sizeof *map);
    assert_non_null(map);
    for (int64_t i = 0; i < count; i++) map[i] = hashed((uint32_t)i, (uint32_t)layer);
    return map;
}

/* Vectors of a case, for the caller to free. They are made over NaN, so that what is not written shows. */
static float *vectors_of(const golden *c, int threads, size_t *count)
{
    okng_build_options options = options_of(c);
    okng_patcher *patcher;
    int layers = layers_of(c);
    assert_ok(okng_patcher_new(&patcher, &options, c->shapes, layers, error));
    int32_t height, width;
    okng_patcher_grid(patcher, &height, &width);
    assert_int_equal(height, c->height);
    assert_int_equal(width, c->width);
    assert_int_equal(okng_patcher_dim(patcher), c->dim);
    *count = (size_t)height * (size_t)width * (size_t)c->dim;
    float *rows = okng_alloc(*count, sizeof *rows), *maps[LAYERS];
    assert_non_null(rows);
    for (size_t i = 0; i < *count; i++) rows[i] = NAN;
    for (int l = 0; l < layers; l++) maps[l] = map_of(c->shapes[l], l);
    assert_ok(okng_patcher_run(patcher, (const float *const *)maps, rows, threads, error));
    for (int l = 0; l < layers; l++) free(maps[l]);
    okng_patcher_free(&patcher);
    assert_null(patcher);
    return rows;
}

static void check_case(const golden *c)
{
    char path[512];
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/patch/%s.npy", c->name);
    okng_array *array;
    assert_ok(okng_array_read_npy(&array, path, error));
    const float *expected = okng_array_data(array);
    size_t count, samples = (size_t)okng_array_shape(array, 0);
    float *rows = vectors_of(c, 2, &count);
    size_t step = ((count + SAMPLES - 1) / SAMPLES) | 1;
    assert_int_equal(samples, (count + step - 1) / step);
    float largest = 0.0f, worst = 0.0f;
    for (size_t i = 0; i < samples; i++) {
        float difference = fabsf(rows[i * step] - expected[i]);
        largest = fmaxf(largest, fabsf(expected[i]));
        if (!(difference <= worst)) worst = difference;
    }
    if (!(worst <= 1e-5f * largest)) fail_msg("%s: %g off, largest value %g", c->name, (double)worst, (double)largest);
    free(rows);
    okng_array_free(&array);
}

static void check_cases(const char *prefix)
{
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        if (strncmp(CASES[i].name, prefix, strlen(prefix)) == 0) check_case(&CASES[i]);
}

static void concatenated_vectors_equal_torchs(void **state)
{
    (void)state;
    check_cases("concat_");
}

static void mean_mapped_vectors_equal_torchs(void **state)
{
    (void)state;
    check_cases("mean_");
}

static void any_number_of_threads_gives_the_same_bits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        size_t count;
        float *one = vectors_of(&CASES[i], 1, &count);
        for (int threads = 2; threads <= 7; threads += 5) {
            float *more = vectors_of(&CASES[i], threads, &count);
            assert_memory_equal(one, more, count * sizeof *one);
            free(more);
        }
        free(one);
    }
}

static void a_patch_of_one_pixel_is_the_map_itself(void **state)
{
    (void)state;
    const golden c = {"", {{7, 4, 5}}, 1, 1, 1, 0, 0, 4, 5, 7};
    size_t count;
    float *rows = vectors_of(&c, 1, &count), *map = map_of(c.shapes[0], 0);
    assert_memory_equal(rows, map, count * sizeof *rows);
    free(map);
    free(rows);
}

/* ---- options that do not fit ---- */

static const golden GOOD = {"", {{4, 8, 8}, {8, 4, 4}}, 3, 1, 1, 0, 0, 8, 8, 12};

static void refused(const okng_build_options *options, const int64_t (*shapes)[3], int layers, const char *part)
{
    okng_patcher *patcher = (okng_patcher *)&GOOD;
    assert_fails(OKNG_ERROR_ARGUMENT, part, okng_patcher_new(&patcher, options, shapes, layers, error));
    assert_null(patcher);
}

static void an_option_out_of_range_is_named(void **state)
{
    (void)state;
    okng_build_options o = options_of(&GOOD);
    o.patch_size = 4;
    refused(&o, GOOD.shapes, 2, "patch-size 4");
    o.patch_size = 17;
    refused(&o, GOOD.shapes, 2, "patch-size 17");
    o = options_of(&GOOD);
    o.patch_stride = 0;
    refused(&o, GOOD.shapes, 2, "patch-stride 0");
    o = options_of(&GOOD);
    o.stride = 65;
    refused(&o, GOOD.shapes, 2, "stride 65");
    o = options_of(&GOOD);
    o.aggregate = (okng_aggregate)7;
    refused(&o, GOOD.shapes, 2, "aggregate 7");
    o.aggregate = OKNG_AGGREGATE_MEAN_MAP;
    refused(&o, GOOD.shapes, 2, "pretrain-dim 0");
    o.pretrain_dim = 16;
    o.target_dim = 70000;
    refused(&o, GOOD.shapes, 2, "target-dim 70000");
}

static void a_map_without_size_is_named(void **state)
{
    (void)state;
    okng_build_options o = options_of(&GOOD);
    const int64_t empty[2][3] = {{4, 8, 8}, {8, 0, 4}}, huge[1][3] = {{1, INT64_MAX, 2}};
    refused(&o, empty, 2, "map 2 of the listed layers is 8 x 0 x 4");
    refused(&o, huge, 1, "map 1");
    refused(&o, GOOD.shapes, 0, "number of layers 0");
    refused(&o, GOOD.shapes, OKNG_MAX_LAYERS + 1, "number of layers 9");
}

static void a_mean_map_without_end_is_refused(void **state)
{
    (void)state;
    okng_build_options o = options_of(&GOOD);
    o.aggregate = OKNG_AGGREGATE_MEAN_MAP;
    o.patch_size = 15;
    o.pretrain_dim = 1;
    o.target_dim = 65536;
    const int64_t shapes[1][3] = {{2048, 8, 8}};
    refused(&o, shapes, 1, "raise pretrain-dim or lower target-dim");
}

static void freeing_nothing_is_fine(void **state)
{
    (void)state;
    okng_patcher *patcher = NULL;
    okng_patcher_free(&patcher);
    okng_patcher_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(concatenated_vectors_equal_torchs),
        cmocka_unit_test(mean_mapped_vectors_equal_torchs),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
        cmocka_unit_test(a_patch_of_one_pixel_is_the_map_itself),
        cmocka_unit_test(an_option_out_of_range_is_named),
        cmocka_unit_test(a_map_without_size_is_named),
        cmocka_unit_test(a_mean_map_without_end_is_refused),
        cmocka_unit_test(freeing_nothing_is_fine),
    };
    return RUN_TESTS(tests);
}
