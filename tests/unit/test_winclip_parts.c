/* Parts of WinCLIP that need no network: prompts, windows, tiles, prototypes, its file. */
#include <sys/stat.h>

#include "bank_data.h"
#include "base/file.h"
#include "winclip/prompts.h"
#include "winclip/prototype_cache.h"
#include "winclip/prototypes.h"
#include "winclip/tiles.h"
#include "winclip/winclip_file.h"

/* ---- prompts -------------------------------------------------------------------------------- */

static void assert_says(const okng_prompts *prompts, int kind, size_t i, const char *name, const char *expected)
{
    char *text = okng_prompts_say(prompts, kind, i, name);
    assert_string_equal(text, expected);
    free(text);
}

static void prompts_of_the_library(void **state)
{
    (void)state;
    okng_prompts prompts;
    assert_ok(okng_prompts_open(&prompts, "a", error));
    assert_int_equal(okng_prompts_count(&prompts, OKNG_PROMPTS_GOOD), 154);
    assert_int_equal(okng_prompts_count(&prompts, OKNG_PROMPTS_BAD), 88);
    assert_says(&prompts, OKNG_PROMPTS_GOOD, 1, "nut", "a cropped photo of a nut.");
    assert_says(&prompts, OKNG_PROMPTS_BAD, 0, "{}", "a cropped photo of the damaged {}.");
    assert_says(&prompts, OKNG_PROMPTS_BAD, 87, "nut", "a photo of a nut with damage for anomaly detection.");
    okng_prompts_free(&prompts);
    assert_ok(okng_prompts_open(&prompts, "b", error));
    assert_int_equal(okng_prompts_count(&prompts, OKNG_PROMPTS_GOOD), 147);
    assert_int_equal(okng_prompts_count(&prompts, OKNG_PROMPTS_BAD), 84);
    int twice = 0;
    for (size_t i = 0; i < prompts.templates.count; i++)
        twice += strcmp(prompts.templates.items[i], "a jpeg corrupted photo of the {}.") == 0;
    assert_int_equal(twice, 2);
    okng_prompts_free(&prompts);
}

static void prompts_of_a_user(void **state)
{
    (void)state;
    okng_prompts prompts;
    static const char text[] = "normal: ['{}', 'clean, dry {}']\nanomalous: 'torn {}'\ntemplates:\n  - photo, {}\n";
    assert_ok(okng_prompts_read(&prompts, text, sizeof text - 1, "mine.yaml", error));
    assert_int_equal(okng_prompts_count(&prompts, OKNG_PROMPTS_GOOD), 2);
    assert_says(&prompts, OKNG_PROMPTS_GOOD, 1, "bag", "photo, clean, dry bag");
    assert_says(&prompts, OKNG_PROMPTS_BAD, 0, "bag", "photo, torn bag");
    okng_prompts_free(&prompts);
    assert_fails(OKNG_ERROR_NOT_FOUND, "/nowhere.yaml", okng_prompts_open(&prompts, "/nowhere.yaml", error));
}

static void prompts_that_make_no_sense(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"", "p.yaml:1: the list \"normal\" is missing"},
        {"normal: ['{}']\ntemplates: ['{}']\n", "p.yaml:1: the list \"anomalous\" is missing"},
        {"normal: ['{}']\nanomalous: []\ntemplates: ['{}']\n", "p.yaml:2: the list \"anomalous\" is empty"},
        {"normal:\n  a: b\nanomalous: ['{}']\ntemplates: ['{}']\n", "p.yaml:2: unknown key \"normal.a\""},
        {"normal: ['{}']\nanomalous: ['bad {}']\ntemplates: ['{}', 'a photo']\n",
         "p.yaml:3: templates: sentence 2, \"a photo\", has no {}; expected one"},
        {"normal: ['{} {}']\nanomalous: ['{}']\ntemplates: ['{}']\n", "sentence 1, \"{} {}\", has more than one {}"},
        {"normal: ['{}']\nanomalous: ['{}']\ntemplates: ['{}']\nmore: 1\n", "p.yaml:4: unknown key \"more\""},
        {"normal: [\"a\\nb {}\"]\nanomalous: ['{}']\ntemplates: ['{}']\n", "b {}\" in a list has a line end"},
        {"normal: [['{}']]\n", "p.yaml:1: a list in a list"},
        {"normal: &x ['{}']\n", "p.yaml:1: anchors and aliases are not read"},
    };
    okng_prompts prompts;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const okng_status expected = strstr(wrong[i].message, "anchors") ? OKNG_ERROR_UNSUPPORTED : OKNG_ERROR_FORMAT;
        assert_fails(expected, wrong[i].message,
                     okng_prompts_read(&prompts, wrong[i].text, strlen(wrong[i].text), "p.yaml", error));
        assert_true(!prompts.templates.items && !prompts.states[0].items && !prompts.states[1].items);
    }
}

static void prompts_are_not_without_end(void **state)
{
    (void)state;
    okng_prompts prompts;
    char text[4096] = "normal: [", more[2048] = "";
    for (int i = 0; i < 80; i++) (void)strcat(more, i ? ",'{}'" : "'{}'");
    (void)snprintf(text, sizeof text, "normal: [%s]\nanomalous: ['{}']\ntemplates: [%s]\n", more, more);
    assert_fails(OKNG_ERROR_LIMIT, "80 states and 80 templates are 6400 prompts; at most 4096 of a kind",
                 okng_prompts_read(&prompts, text, strlen(text), "p.yaml", error));
}

/* ---- windows -------------------------------------------------------------------------------- */

/* CLIP.md 5.4. */
static void harmonic_means_of_windows(void **state)
{
    (void)state;
    static const float scores[] = {1, 0.75f, 0.5f, 0.25f};
    static const double expected[] = {1, 0.8571, 0.75, 0.6667, 0.48, 0.375, 0.5, 0.3333, 0.25};
    float means[9];
    okng_windows_harmonic((okng_patch_grid){3, 3}, 2, scores, means);
    for (int i = 0; i < 9; i++) assert_true(fabs((double)means[i] - expected[i]) < 1e-4);
}

static void nothing_is_divided_by_nothing(void **state)
{
    (void)state;
    const float scores[] = {0, 1, NAN, 1};
    static const float expected[] = {0, 0, 1, 0, 0, 1, 0, 0, 1};
    float means[9];
    okng_windows_harmonic((okng_patch_grid){3, 3}, 2, scores, means);
    for (int i = 0; i < 9; i++) assert_true(means[i] == expected[i]);
}

static void windows_lie_row_by_row(void **state)
{
    (void)state;
    const okng_patch_grid grid = {3, 4};
    float tokens[13], windows[6 * 5];
    for (int i = 0; i < 13; i++) tokens[i] = (float)i;
    assert_int_equal(okng_windows_count(grid, 2), 6);
    assert_int_equal(okng_windows_count(grid, 3), 2);
    okng_windows_gather(grid, 2, tokens, 1, 3, 6, windows);
    static const float expected[] = {0, 5, 6, 9, 10, 0, 6, 7, 10, 11, 0, 7, 8, 11, 12};
    assert_memory_equal(windows, expected, sizeof expected);
    static const float scores[] = {0, 3, 2, 1, 3, 0};
    assert_int_equal(okng_windows_highest(grid, 2, scores, 1, 1), 1);
    assert_int_equal(okng_windows_highest(grid, 2, scores, 2, 3), 5);
    int32_t row, column;
    okng_windows_place(grid, 2, 4, &row, &column);
    assert_true(row == 1 && column == 1);
}

/* ---- tiles ---------------------------------------------------------------------------------- */

static void tiles_cover_a_picture(void **state)
{
    (void)state;
    okng_tiles tiles;
    int32_t x, y;
    assert_ok(okng_tiles_of(OKNG_ASPECT_TILES, 130, 70, &tiles, error));
    assert_true(tiles.count == 3 && tiles.tile_width == 70 && tiles.tile_height == 70 && tiles.step == 56);
    static const int32_t at[] = {0, 56, 60};
    for (int32_t i = 0; i < 3; i++) {
        okng_tiles_place(&tiles, i, &x, &y);
        assert_true(x == at[i] && y == 0);
    }
    assert_ok(okng_tiles_of(OKNG_ASPECT_TILES, 1, 3, &tiles, error));
    assert_true(tiles.count == 3 && tiles.step == 1 && !tiles.across);
    float sums[3] = {0};
    for (int32_t i = 0; i < 3; i++) okng_tiles_add(&tiles, i, (const float[]){(float)i + 1}, sums);
    okng_tiles_mean(&tiles, sums);
    assert_true(sums[0] == 1 && sums[1] == 2 && sums[2] == 3);
    assert_ok(okng_tiles_of(OKNG_ASPECT_TILES, 50, 50, &tiles, error));
    assert_int_equal(tiles.count, 1);
    assert_ok(okng_tiles_of(OKNG_ASPECT_SQUASH, 130, 70, &tiles, error));
    assert_true(tiles.count == 1 && tiles.tile_width == 130 && tiles.tile_height == 70);
    assert_fails(OKNG_ERROR_LIMIT, "a picture of 3x65535 has 32767 tiles",
                 okng_tiles_of(OKNG_ASPECT_TILES, 3, 65535, &tiles, error));
}

/* ---- prototypes ----------------------------------------------------------------------------- */

static void prototypes_are_means_of_length_one(void **state)
{
    (void)state;
    float prototype[2], raw[] = {3, 0, 0, 1}, normalised[] = {3, 0, 0, 1}, none[] = {1, 0, -1, 0};
    assert_ok(okng_prototype_of(OKNG_TEXT_MEAN_RAW, raw, 2, 2, prototype, error));
    assert_true(fabsf(prototype[0] - 0.948683f) < 1e-6f && fabsf(prototype[1] - 0.316228f) < 1e-6f);
    assert_ok(okng_prototype_of(OKNG_TEXT_MEAN_NORMALISED, normalised, 2, 2, prototype, error));
    assert_true(fabsf(prototype[0] - 0.707107f) < 1e-6f && fabsf(prototype[1] - 0.707107f) < 1e-6f);
    assert_fails(OKNG_ERROR_MISMATCH, "no direction",
                 okng_prototype_of(OKNG_TEXT_MEAN_RAW, none, 2, 2, prototype, error));
}

static char folder[128];

static void key_of(char key[65], unsigned i)
{
    (void)snprintf(key, 65, "%064x", i);
}

static void prototypes_are_kept(void **state)
{
    (void)state;
    enum { DIM = 8 };
    char key[65], other[65], path[512], again[512];
    float *made = bank_values(2 * DIM, 1), found[2 * DIM];
    key_of(key, 1);
    key_of(other, 2);
    assert_false(okng_prototype_cache_read(key, found, DIM));
    okng_prototype_cache_write(key, made, DIM);
    assert_true(okng_prototype_cache_read(key, found, DIM));
    assert_memory_equal(found, made, sizeof found);
    assert_false(okng_prototype_cache_read(key, found, DIM / 2)); /* of another network */
    (void)snprintf(path, sizeof path, "%s/okng/prototypes/%s.safetensors", folder, key);
    (void)snprintf(again, sizeof again, "%s/okng/prototypes/%s.safetensors", folder, other);
    assert_int_equal(link(path, again), 0);
    assert_false(okng_prototype_cache_read(other, found, DIM)); /* it says whose it is */
    void *data;
    size_t size;
    assert_ok(okng_file_read(path, 1 << 16, &data, &size, error));
    for (size_t i = 0; i < size; i++) { /* whichever byte is another: nothing, or the same numbers */
        ((uint8_t *)data)[i] ^= 1;
        assert_ok(okng_file_write(path, data, size, error));
        if (okng_prototype_cache_read(key, found, DIM)) assert_memory_equal(found, made, sizeof found);
        ((uint8_t *)data)[i] ^= 1;
    }
    free(data);
    free(made);
}

static void a_link_in_the_cache_is_not_followed(void **state)
{
    (void)state;
    char key[65], path[512], mine[512];
    float made[2] = {1, 1};
    void *data;
    size_t size;
    key_of(key, 7);
    (void)snprintf(path, sizeof path, "%s/okng/prototypes/%s.safetensors", folder, key);
    (void)snprintf(mine, sizeof mine, "%s/mine", folder);
    assert_ok(okng_file_write(mine, "keep", 4, error));
    assert_int_equal(symlink(mine, path), 0);
    okng_prototype_cache_write(key, made, 1);
    assert_ok(okng_file_read(mine, 1 << 16, &data, &size, error));
    assert_true(size == 4 && memcmp(data, "keep", 4) == 0);
    free(data);
    assert_int_equal(unlink(path), 0);
}

static void few_are_kept(void **state)
{
    (void)state;
    char key[65], path[512];
    float made[2] = {1, 1}, found[2];
    for (unsigned i = 0; i < OKNG_PROTOTYPE_CACHE_FILES + 20; i++) {
        key_of(key, 100 + i);
        okng_prototype_cache_write(key, made, 1);
    }
    (void)snprintf(path, sizeof path, "test $(ls '%s/okng/prototypes' | wc -l) -eq %d", folder,
                   OKNG_PROTOTYPE_CACHE_FILES);
    assert_int_equal(system(path), 0);
    key_of(key, 100);
    assert_false(okng_prototype_cache_read(key, found, 1));
    key_of(key, 100 + OKNG_PROTOTYPE_CACHE_FILES + 19);
    assert_true(okng_prototype_cache_read(key, found, 1));
}

/* ---- the file ------------------------------------------------------------------------------- */

static void a_file_comes_back(void **state)
{
    (void)state;
    enum { DIM = 4, WIDE = 3, VIEWS = 2 };
    const okng_view_plan plan = {
        .grid = {3, 3}, .scales = {2}, .scale_count = 1, .embedding = DIM, .width = WIDE, .patches = true};
    char path[256];
    okng_view view;
    okng_winclip_memory memory, read;
    okng_weights *file;
    const float prototypes[2 * DIM] = {1, 0, 0, 0, 0, 0, 0, -1};
    float found[2 * DIM];
    assert_ok(okng_view_new(&view, &plan, error));
    assert_ok(okng_winclip_memory_new(&memory, &plan, VIEWS, error));
    memset(view.data, 0, okng_view_floats(&plan) * sizeof *view.data);
    for (int i = 0; i < 4; i++) view.windows[0][i * DIM + i] = 1;
    for (int i = 0; i < 9; i++) view.patches[i * WIDE + i % WIDE] = -1;
    for (int i = 0; i < VIEWS; i++) okng_winclip_memory_put(&memory, &view, i, i);
    (void)snprintf(path, sizeof path, "%s/winclip.safetensors", folder);
    assert_ok(okng_winclip_file_write(path, &plan, prototypes, &memory, error));
    assert_ok(okng_weights_open(&file, path, error));
    assert_ok(okng_winclip_file_read(file, &plan, VIEWS, found, &read, error));
    assert_memory_equal(found, prototypes, sizeof found);
    assert_memory_equal(read.patches.data, memory.patches.data, VIEWS * 9 * WIDE * sizeof(float));
    assert_memory_equal(read.windows[0].data, memory.windows[0].data, VIEWS * 4 * DIM * sizeof(float));
    okng_winclip_memory_free(&read);
    assert_fails(OKNG_ERROR_FORMAT, "tensor \"patches\" is float32 [18, 3], expected float32 [27, 3]",
                 okng_winclip_file_read(file, &plan, 3, found, &read, error));
    okng_view_plan other = plan;
    other.scales[0] = 3;
    assert_fails(OKNG_ERROR_NOT_FOUND, "windows3", okng_winclip_file_read(file, &other, VIEWS, found, &read, error));
    other.embedding = DIM + 1;
    assert_fails(OKNG_ERROR_FORMAT, "tensor \"text\"",
                 okng_winclip_file_read(file, &other, VIEWS, found, &read, error));
    okng_weights_close(&file);
    memory.patches.data[4] = 0.5f;
    assert_ok(okng_winclip_file_write(path, &plan, prototypes, &memory, error));
    assert_ok(okng_weights_open(&file, path, error));
    assert_fails(OKNG_ERROR_FORMAT, "row 1 of tensor \"patches\" does not have length 1",
                 okng_winclip_file_read(file, &plan, VIEWS, found, &read, error));
    okng_weights_close(&file);
    okng_winclip_memory_free(&memory);
    okng_view_free(&view);
}

static int set_up(void **state)
{
    (void)state;
    (void)strcpy(folder, "/tmp/okng-winclip-XXXXXX");
    return mkdtemp(folder) && setenv("XDG_CACHE_HOME", folder, 1) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prompts_of_the_library),
        cmocka_unit_test(prompts_of_a_user),
        cmocka_unit_test(prompts_that_make_no_sense),
        cmocka_unit_test(prompts_are_not_without_end),
        cmocka_unit_test(harmonic_means_of_windows),
        cmocka_unit_test(nothing_is_divided_by_nothing),
        cmocka_unit_test(windows_lie_row_by_row),
        cmocka_unit_test(tiles_cover_a_picture),
        cmocka_unit_test(prototypes_are_means_of_length_one),
        cmocka_unit_test(prototypes_are_kept),
        cmocka_unit_test(a_link_in_the_cache_is_not_followed),
        cmocka_unit_test(few_are_kept),
        cmocka_unit_test(a_file_comes_back),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("tests", tests, set_up, tear_down);
}
