/* Patch vectors and maps that a program makes beside those of the patcher and the anomaly map. */
#include "../program_run.h"

#include "base/memory.h"
#include "features/anomaly_map.h"
#include "features/express.h"
#include "patch/foreground.h"

enum { LAYERS = 3, PICTURES = 2 };

typedef struct patch_case {
    int64_t shapes[LAYERS][3]; /* ends at channels 0 */
    int32_t patch_size, patch_stride, stride;
    int32_t pretrain, target; /* 0: concat */
} patch_case;

static const patch_case CASES[] = {
    {{{20, 14, 14}, {40, 7, 7}}, 3, 1, 1, 0, 0},
    {{{17, 13, 9}, {33, 7, 5}}, 3, 1, 1, 0, 0},
    {{{16, 16, 12}, {24, 8, 6}, {48, 4, 3}}, 3, 1, 1, 0, 0},
    {{{16, 10, 11}, {32, 5, 6}}, 1, 1, 1, 0, 0},
    {{{16, 11, 11}, {32, 6, 6}, {64, 3, 3}}, 1, 1, 2, 0, 0},
    {{{19, 9, 10}, {21, 5, 5}}, 5, 1, 1, 0, 0},
    {{{16, 15, 12}, {32, 8, 6}}, 3, 2, 1, 0, 0},
    {{{16, 23, 17}, {32, 12, 9}}, 5, 2, 3, 0, 0},
    {{{16, 5, 6}, {8, 13, 11}}, 3, 1, 1, 0, 0},
    {{{5, 1, 1}, {6, 1, 1}}, 3, 1, 1, 0, 0},
    {{{20, 14, 14}, {40, 7, 7}}, 3, 1, 1, 64, 64},
    {{{24, 9, 10}}, 3, 1, 1, 50, 33},
    {{{17, 13, 9}, {33, 7, 5}, {50, 4, 3}}, 3, 1, 1, 100, 77},
    {{{16, 9, 9}, {24, 5, 5}, {32, 3, 3}}, 3, 1, 1, 10, 7},
    {{{16, 9, 9}, {24, 5, 5}, {32, 3, 3}}, 3, 1, 1, 10, 2},
    {{{3, 6, 6}, {5, 3, 3}}, 3, 1, 1, 64, 200},
    {{{16, 10, 11}, {32, 5, 6}}, 1, 1, 1, 24, 40},
    {{{10, 23, 37}, {14, 12, 19}}, 5, 3, 2, 64, 48},
    {{{16, 5, 6}, {8, 13, 11}}, 3, 1, 1, 32, 32},
};

static float hashed(uint32_t index, uint32_t salt)
{
    uint32_t h = index * 2654435761u + salt * 40503u;
    for (int i = 0; i < 2; i++) h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
    h ^= h >> 13;
    return (float)(h >> 8) / 16777216.0f - 0.25f;
}

static float *numbers(int64_t count, uint32_t salt)
{
    float *all = okng_alloc((size_t)count, sizeof *all);
    assert_non_null(all);
    for (int64_t i = 0; i < count; i++) all[i] = hashed((uint32_t)i, salt);
    return all;
}

/* [C, H, W] to [H, W, C] */
static float *channels_last(const float *map, const int64_t shape[3])
{
    int64_t area = shape[1] * shape[2];
    float *out = okng_alloc((size_t)(shape[0] * area), sizeof *out);
    assert_non_null(out);
    for (int64_t c = 0; c < shape[0]; c++)
        for (int64_t i = 0; i < area; i++) out[i * shape[0] + c] = map[c * area + i];
    return out;
}

/* Vectors of picture `picture` by the patcher. */
static float *by_patcher(const okng_build_options *options, const patch_case *of, float *const *maps, int picture)
{
    okng_patcher *patcher;
    int32_t height, width;
    float *last[LAYERS];
    assert_ok(okng_patcher_new(&patcher, options, of->shapes, options->layer_count, error));
    okng_patcher_grid(patcher, &height, &width);
    float *rows = numbers((int64_t)height * width * okng_patcher_dim(patcher), 0);
    for (int l = 0; l < options->layer_count; l++)
        last[l] =
            channels_last(maps[l] + picture * of->shapes[l][0] * of->shapes[l][1] * of->shapes[l][2], of->shapes[l]);
    assert_ok(okng_patcher_run(patcher, (const float *const *)last, rows, 1, error));
    for (int l = 0; l < options->layer_count; l++) free(last[l]);
    okng_patcher_free(&patcher);
    return rows;
}

static okng_array *by_program(const okng_build_options *options, const patch_case *of, float *const *maps)
{
    okng_program *p;
    okng_program_value inputs[LAYERS], rows;
    okng_array *given[LAYERS], *out;
    assert_ok(okng_program_new(&p, error));
    for (int l = 0; l < options->layer_count; l++) {
        const int64_t *s = of->shapes[l], dims[] = {OKNG_ANY, s[0], s[1], s[2]}, full[] = {PICTURES, s[0], s[1], s[2]};
        char name[16];
        (void)snprintf(name, sizeof name, "map%d", l);
        inputs[l] = okng_program_input(p, name, OKNG_F32, 4, dims);
        given[l] = program_array(OKNG_F32, 4, full, maps[l]);
    }
    assert_ok(okng_patches_express(options, of->shapes, p, inputs, &rows, error));
    okng_program_output(p, "rows", rows);
    program_run(p, given, options->layer_count, &out);
    okng_program_free(&p);
    return out;
}

static void compare(size_t number, const float *found, const float *expected, int64_t count, double part)
{
    double largest = 0;
    for (int64_t i = 0; i < count; i++) largest = fmax(largest, fabs((double)expected[i]));
    for (int64_t i = 0; i < count; i++)
        if (!(fabs((double)found[i] - (double)expected[i]) <= part * largest))
            fail_msg("case %zu: value %lld is %.9g, expected %.9g", number, (long long)i, (double)found[i],
                     (double)expected[i]);
}

static void vectors_are_those_of_the_patcher(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const patch_case *of = &CASES[i];
        okng_build_options options = {.struct_size = sizeof options};
        float *maps[LAYERS] = {NULL};
        options.patch_size = of->patch_size;
        options.patch_stride = of->patch_stride;
        options.stride = of->stride;
        options.aggregate = of->target ? OKNG_AGGREGATE_MEAN_MAP : OKNG_AGGREGATE_CONCAT;
        options.pretrain_dim = of->pretrain;
        options.target_dim = of->target;
        for (int l = 0; l < LAYERS && of->shapes[l][0] > 0; l++, options.layer_count++)
            maps[l] = numbers(PICTURES * of->shapes[l][0] * of->shapes[l][1] * of->shapes[l][2], (uint32_t)l + 1);
        okng_array *all = by_program(&options, of, maps);
        int64_t floats = (int64_t)(all->bytes / sizeof(float)) / PICTURES;
        for (int picture = 0; picture < PICTURES; picture++) {
            float *expected = by_patcher(&options, of, maps, picture);
            compare(i, (const float *)all->data + picture * floats, expected, floats, 1e-6);
            free(expected);
        }
        okng_array_free(&all);
        for (int l = 0; l < LAYERS; l++) free(maps[l]);
    }
}

static void maps_are_those_of_the_anomaly_map(void **state)
{
    (void)state;
    const struct {
        int32_t h, w, height, width;
        float sigma;
    } cases[] = {{8, 6, 64, 48, 4.0f}, {5, 7, 40, 61, 0.0f}, {3, 3, 3, 3, 1.5f}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int32_t h = cases[i].h, w = cases[i].w, height = cases[i].height, width = cases[i].width;
        const okng_express_patches patches = {.grid_height = h, .grid_width = w, .height = height, .width = width};
        float *scores = numbers(PICTURES * h * w, 5), *expected = numbers((int64_t)height * width, 0);
        okng_program *p;
        okng_program_value map;
        okng_array *out, *given = program_array(OKNG_F32, 2, (int64_t[]){PICTURES, h * w}, scores);
        assert_ok(okng_program_new(&p, error));
        okng_program_value in = okng_program_input(p, "scores", OKNG_F32, 2, (int64_t[]){OKNG_ANY, h * w});
        assert_ok(okng_map_express(p, &patches, cases[i].sigma, in, &map, error));
        okng_program_output(p, "map", map);
        program_run(p, &given, 1, &out);
        assert_true(out->dims == 4 && out->shape[0] == PICTURES && out->shape[2] == height && out->shape[3] == width);
        for (int64_t n = 0; n < PICTURES; n++) {
            okng_map_upsample(scores + n * h * w, h, w, expected, height, width);
            assert_ok(okng_map_smooth(expected, height, width, cases[i].sigma, error));
            compare(i, (const float *)out->data + n * height * width, expected, (int64_t)height * width, 2e-6);
        }
        okng_array_free(&out);
        okng_program_free(&p);
        free(scores);
        free(expected);
    }
}

/* The network's sums overflow in the second of two pictures: its vectors are finite all the same, and it is known. */
static void vectors_that_are_not_finite_are_made_so_and_told_of(void **state)
{
    (void)state;
    enum { SIDE = 32, FLOATS = 3 * SIDE * SIDE };
    okng_build_options options = {.struct_size = sizeof options,
                                  .backbone = "okng-s",
                                  .layers = {"layer1", "layer2"},
                                  .layer_count = 2,
                                  .std = {1, 1, 1},
                                  .patch_size = 3,
                                  .patch_stride = 1,
                                  .stride = 1};
    okng_weights *weights;
    okng_program *p;
    okng_express_patches patches;
    float *pictures = numbers(2 * FLOATS, 8);
    for (int i = 0; i < FLOATS; i++) pictures[FLOATS + i] = 3e38f;
    okng_array *outputs[2], *given = program_array(OKNG_F32, 4, (int64_t[]){2, 3, SIDE, SIDE}, pictures);
    assert_ok(okng_graph_weights(&weights, "okng-s", "", error));
    assert_ok(okng_program_new(&p, error));
    okng_program_value x = okng_program_input(p, "x", OKNG_F32, 4, (int64_t[]){OKNG_ANY, 3, SIDE, SIDE});
    assert_ok(okng_extractor_express(&options, weights, NULL, SIDE, SIDE, p, x, &patches, error));
    okng_weights_close(&weights);
    okng_program_output(p, "rows", patches.rows);
    okng_program_output(p, "undefined", patches.undefined);
    program_run(p, &given, 1, outputs);
    assert_true(patches.grid_height == 8 && patches.grid_width == 8 && outputs[0]->shape[2] == patches.dim);
    bool finite = true;
    for (size_t i = 0; i < outputs[0]->bytes / sizeof(float); i++)
        finite = finite && isfinite(((const float *)outputs[0]->data)[i]);
    assert_true(finite);
    assert_true(outputs[1]->dims == 1 && outputs[1]->shape[0] == 2);
    assert_true(((const uint8_t *)outputs[1]->data)[0] == 0 && ((const uint8_t *)outputs[1]->data)[1] == 1);
    okng_array_free(&outputs[0]);
    okng_array_free(&outputs[1]);
    okng_program_free(&p);
    free(pictures);
}

/* Patches of noise; of some kinds those in the middle, all but those, or one lie apart. The last is noise alone, of
 * components that are about as long as each other. */
static void fill_tokens(float *rows, int kind, int32_t height, int32_t width, int64_t dim)
{
    for (int32_t y = 0; y < height; y++)
        for (int32_t x = 0; x < width; x++) {
            const bool inside = y >= height / 4 && y < height * 3 / 4 && x >= width / 4 && x < width * 3 / 4;
            const bool apart = kind == 0   ? inside
                               : kind == 1 ? !inside
                               : kind == 2 ? y * width + x == width + 4
                                           : false;
            float *row = rows + (y * width + x) * dim;
            for (int64_t d = 0; d < dim; d++)
                row[d] = hashed((uint32_t)(row - rows + d), (uint32_t)kind + 40) * (kind == 3 ? 40 : 6) +
                         (apart ? hashed((uint32_t)d, (uint32_t)kind + 80) * 18 + 6 : 0);
        }
}

static void check_foreground(int32_t height, int32_t width, int64_t dim)
{
    enum { KINDS = 5 };
    const int64_t count = (int64_t)height * width;
    float *rows = numbers(KINDS * count * dim, 1);
    uint8_t *expected = okng_alloc((size_t)count, 1);
    int64_t set[KINDS] = {0};
    okng_program *p;
    for (int kind = 0; kind < KINDS - 1; kind++) fill_tokens(rows + kind * count * dim, kind, height, width, dim);
    memset(rows + (KINDS - 1) * count * dim, 0, (size_t)(count * dim) * sizeof *rows); /* a picture that is undefined */
    okng_array *out, *given = program_array(OKNG_F32, 3, (int64_t[]){KINDS, count, dim}, rows);
    assert_ok(okng_program_new(&p, error));
    okng_program_value in = okng_program_input(p, "rows", OKNG_F32, 3, (int64_t[]){OKNG_ANY, count, dim});
    okng_program_output(p, "foreground", okng_foreground_express(p, in, height, width, dim));
    program_run(p, &given, 1, &out);
    for (int64_t i = 0; i < KINDS * count; i++) {
        const int64_t kind = i / count, patch = i % count;
        if (patch == 0) assert_ok(okng_foreground_find(rows + kind * count * dim, height, width, dim, expected, error));
        if (((const uint8_t *)out->data)[i] != expected[patch])
            fail_msg("kind %lld: patch %lld is not %d", (long long)kind, (long long)patch, expected[patch]);
        set[kind] += expected[patch];
    }
    assert_true(set[0] > 0 && set[0] < count && set[1] == set[0] && set[2] == count && set[4] == count);
    okng_array_free(&out);
    okng_program_free(&p);
    free(expected);
    free(rows);
}

static void the_foreground_is_that_of_the_patcher(void **state)
{
    (void)state;
    check_foreground(20, 16, 24);
    check_foreground(16, 15, 300); /* more dimensions than patches */
    okng_program *p;
    assert_ok(okng_program_new(&p, error));
    okng_program_value in = okng_program_input(p, "rows", OKNG_F32, 3, (int64_t[]){1, 1600, 1536});
    assert_true(okng_foreground_express(p, in, 40, 40, 1536) < 0);
    assert_fails(OKNG_ERROR_UNSUPPORTED, "foreground pca", okng_program_check(p, error));
    okng_program_free(&p);
}

static void what_a_program_cannot_say_is_refused(void **state)
{
    (void)state;
    okng_build_options options = {.struct_size = sizeof options};
    okng_program *p;
    okng_express_patches patches;
    assert_ok(okng_program_new(&p, error));
    okng_program_value x = okng_program_input(p, "x", OKNG_F32, 4, (int64_t[]){1, 3, 64, 64});
    options.precision = OKNG_PRECISION_INT8;
    assert_fails(OKNG_ERROR_UNSUPPORTED, "precision int8",
                 okng_extractor_express(&options, NULL, NULL, 64, 64, p, x, &patches, error));
    options.precision = OKNG_PRECISION_BF16;
    assert_fails(OKNG_ERROR_UNSUPPORTED, "precision bf16",
                 okng_extractor_express(&options, NULL, NULL, 64, 64, p, x, &patches, error));
    okng_program_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_those_of_the_patcher),
        cmocka_unit_test(maps_are_those_of_the_anomaly_map),
        cmocka_unit_test(vectors_that_are_not_finite_are_made_so_and_told_of),
        cmocka_unit_test(the_foreground_is_that_of_the_patcher),
        cmocka_unit_test(what_a_program_cannot_say_is_refused),
    };
    return RUN_TESTS(tests);
}
