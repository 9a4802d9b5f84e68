/* Banks with regions of interest as a program sees them: built, opened, inspected with, packed; and finders. */
#include "base/file.h"
#include "fixture.h"
#include "image/image.h"
#include "test.h"

enum { WIDTH = 150, HEIGHT = 120, PART = 64, GOOD = 8 };

static char folder[] = "/tmp/okng-test-regions-XXXXXX";

static char *in(const char *name)
{
    static char paths[16][96];
    static int next;
    char *path = paths[next++ % 16];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* What stands of the part in a picture. */
enum { WHOLE = 0, HALF, NOTHING };

/* A woven ground with, at (x, y), a bright part that has a disc on its left and a bar on its right. */
static void draw(const char *name, int number, int x, int y, int what, bool scratched)
{
    okng_image image;
    assert_ok(okng_image_new(&image, WIDTH, HEIGHT, 3, error));
    fixture_picture(&image, 100 + number, false);
    for (int32_t row = 0; row < PART; row++)
        for (int32_t column = 0; column < (what == WHOLE ? PART : what == HALF ? PART / 2 : 0); column++) {
            uint8_t *pixel = image.pixels + 3 * ((y + row) * WIDTH + x + column);
            const bool disc = hypot(column - 16, row - 32) < 12, bar = abs(column - 48) < 6 && abs(row - 32) < 24;
            const bool scratch = scratched && abs(column - 48) < 3 && abs(row - 30) < 9;
            for (int c = 0; c < 3; c++)
                pixel[c] = (uint8_t)(scratch ? 255 : disc ? 30 : bar ? 60 : 200 + pixel[c] % 16);
        }
    assert_ok(okng_image_write_png(&image, in(name), error));
    okng_image_free(&image);
}

static int make_pictures(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) return 1;
    if (okng_make_folders(in("ok"), NULL) != OKNG_OK || okng_make_folders(in("new"), NULL) != OKNG_OK) return 1;
    for (int i = 0; i < GOOD; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "ok/%03d.png", i);
        draw(name, i, 40 + 5 * (i % 4), 30 - 4 * (i % 3), WHOLE, false);
    }
    draw("ok/900.png", 20, 0, 0, NOTHING, false);
    draw("new/good.png", 21, 61, 44, WHOLE, false);
    draw("new/bad.png", 22, 20, 51, WHOLE, true);
    draw("new/half.png", 23, 33, 20, HALF, false);
    draw("new/nothing.png", 24, 0, 0, NOTHING, false);
    return 0;
}

static int remove_pictures(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static okng_build_options options_of(const char *roi)
{
    okng_build_options options;
    okng_build_options_init(&options);
    assert_ok(okng_build_options_set(&options, "resize", "64x64", error));
    assert_ok(okng_build_options_set(&options, "roi", roi, error));
    return options;
}

static const char one[] = "40,30,64,64", two[] = "disc=42,36,30,52; bar=74,34,28,56";

static void hear(const okng_build_event *event, void *user)
{
    char *heard = user;
    if (event->kind == OKNG_BUILD_NOT_FOUND) (void)snprintf(heard, 256, "%s|%s", event->picture, event->text);
}

static okng_bank *build(const char *name, const char *roi, okng_build_report *report, char heard[256])
{
    okng_build_options options = options_of(roi);
    const okng_build_folder_options how = {.struct_size = sizeof how, .build = &options};
    okng_bank *bank;
    assert_ok(okng_build_folder(in("ok"), in(name), &how, NULL, hear, heard, report, error));
    assert_ok(okng_bank_open(&bank, in(name), NULL, error));
    return bank;
}

static okng_result *inspect(const okng_bank *bank, const char *name)
{
    const okng_picture picture = {.struct_size = sizeof picture, .path = in(name)};
    okng_result *result;
    assert_ok(okng_inspect(&result, bank, &picture, NULL, error));
    return result;
}

/* The same of its pixels cut out by hand, by the region's own bank. */
static float score_of_cut(const char *bank_name, const char *name, int32_t x, int32_t y, float *peak)
{
    okng_image whole, cut;
    okng_bank *bank;
    okng_result *result;
    assert_ok(okng_image_load(&whole, in(name), 1 << 20, error));
    assert_ok(okng_image_crop(&whole, x, y, PART, PART, &cut, error));
    const okng_picture picture = {.struct_size = sizeof picture, .pixels = cut.pixels, .width = PART, .height = PART};
    assert_ok(okng_bank_open(&bank, in(bank_name), NULL, error));
    assert_ok(okng_inspect(&result, bank, &picture, NULL, error));
    const float score = okng_result_score(result);
    *peak = okng_result_map(result, NULL, NULL)[PART * 30 + 48];
    okng_result_free(&result);
    okng_bank_close(&bank);
    okng_image_free(&whole);
    okng_image_free(&cut);
    return score;
}

static void pictures_without_the_region_are_left_out_and_listed(void **state)
{
    okng_build_report report = {.struct_size = sizeof report};
    char heard[256] = "";
    (void)state;
    okng_bank *bank = build("one", one, &report, heard);
    assert_int_equal(report.pictures, GOOD);
    assert_int_equal(report.not_found, 1);
    assert_non_null(strstr(heard, "900.png|900.png: region region-1 is not in it"));
    assert_int_equal(okng_bank_roi_count(bank), 1);
    okng_roi roi = {.struct_size = sizeof roi};
    assert_ok(okng_bank_roi(bank, 0, &roi, error));
    assert_string_equal(roi.name, "region-1");
    assert_true(roi.x == 40 && roi.y == 30 && roi.width == 64 && roi.height == 64);
    assert_fails(OKNG_ERROR_ARGUMENT, "region", okng_bank_roi(bank, 1, &roi, error));
    char *path;
    assert_ok(okng_bank_picture_path(bank, "000.png", &path, error));
    assert_int_equal(access(path, R_OK), 0);
    okng_text_free(&path);
    assert_fails(OKNG_ERROR_NOT_FOUND, "900.png", okng_bank_picture_path(bank, "900.png", &path, error));
    okng_bank_close(&bank);
    assert_int_equal(access(in("one/bank_config.json"), F_OK), -1); /* which an older version would look for */
}

static void a_region_scores_as_its_own_bank_says_at_its_place(void **state)
{
    okng_build_report report = {.struct_size = sizeof report};
    char heard[256];
    float peak;
    int32_t width, height;
    (void)state;
    okng_bank *bank = build("one", one, &report, heard);
    okng_result *good = inspect(bank, "new/good.png"), *bad = inspect(bank, "new/bad.png");
    assert_int_equal(okng_result_verdict(good), OKNG_VERDICT_OK);
    assert_int_equal(okng_result_verdict(bad), OKNG_VERDICT_NG);
    assert_true(okng_result_score(bad) == score_of_cut("one/region-1", "new/bad.png", 20, 51, &peak));
    const float *map = okng_result_map(bad, &width, &height);
    assert_true(width == WIDTH && height == HEIGHT);
    assert_true(map[(51 + 30) * WIDTH + 20 + 48] == peak);
    assert_true(isnan(map[0]) && isnan(map[50 * WIDTH + 20]));
    okng_region region = {.struct_size = sizeof region};
    okng_reason why = {.struct_size = sizeof why};
    assert_ok(okng_result_region(bad, 0, &region, error));
    assert_in_range(region.peak_x, 20 + 40, 20 + 56);
    assert_in_range(region.peak_y, 51 + 16, 51 + 44);
    assert_ok(okng_result_reason(bad, 0, &why, error));
    assert_true(why.x <= region.peak_x && region.peak_x < why.x + why.width);
    assert_true(why.y <= region.peak_y && region.peak_y < why.y + why.height);
    okng_found_roi roi = {.struct_size = sizeof roi};
    assert_int_equal(okng_result_roi_count(bad), 1);
    okng_bank_close(&bank); /* the result keeps its own */
    assert_ok(okng_result_roi(bad, 0, &roi, error));
    assert_true(roi.found && fabs(roi.x - 20) < 0.5 && fabs(roi.y - 51) < 0.5 && roi.angle == 0 && roi.match > 0.8);
    assert_true(roi.score == okng_result_score(bad) && roi.verdict == OKNG_VERDICT_NG);
    assert_fails(OKNG_ERROR_ARGUMENT, "region", okng_result_roi(bad, 1, &roi, error));
    okng_result_free(&good);
    okng_result_free(&bad);
}

static void a_picture_without_the_region_is_not_found(void **state)
{
    okng_build_report report = {.struct_size = sizeof report};
    char heard[256], *json;
    (void)state;
    okng_bank *bank = build("one", one, &report, heard);
    okng_result *result = inspect(bank, "new/nothing.png");
    assert_int_equal(okng_result_verdict(result), OKNG_VERDICT_NOT_FOUND);
    assert_string_equal(okng_verdict_text(okng_result_verdict(result)), "NOT_FOUND");
    assert_true(isnan(okng_result_score(result)) && isnan(okng_result_p_value(result)));
    assert_int_equal(okng_result_region_count(result), 0);
    assert_ok(okng_result_json(result, &json, error));
    assert_non_null(strstr(json, "\"image_score\": null"));
    assert_non_null(strstr(json, "\"verdict\": \"NOT_FOUND\""));
    okng_text_free(&json);
    okng_result_free(&result);
    okng_bank_close(&bank);
}

static void several_regions_have_one_verdict(void **state)
{
    okng_build_report report = {.struct_size = sizeof report};
    okng_bank_info info = {.struct_size = sizeof info};
    char heard[256];
    (void)state;
    okng_bank *bank = build("two", two, &report, heard);
    assert_ok(okng_bank_get_info(bank, &info, error));
    assert_int_equal(okng_bank_roi_count(bank), 2);
    assert_true(info.false_alarm > 0); /* good pictures have scores by both */
    okng_found_roi disc = {.struct_size = sizeof disc}, bar = disc;
    okng_result *good = inspect(bank, "new/good.png"), *bad = inspect(bank, "new/bad.png");
    okng_result *half = inspect(bank, "new/half.png");
    assert_int_equal(okng_result_verdict(good), OKNG_VERDICT_OK);
    assert_ok(okng_result_roi(bad, 0, &disc, error));
    assert_ok(okng_result_roi(bad, 1, &bar, error));
    assert_string_equal(bar.name, "bar");
    assert_true(disc.verdict == OKNG_VERDICT_OK && bar.verdict == OKNG_VERDICT_NG);
    assert_true(okng_result_score(bad) == bar.score && disc.score < bar.score);
    assert_int_equal(okng_result_verdict(bad), OKNG_VERDICT_NG);
    assert_ok(okng_result_roi(half, 0, &disc, error));
    assert_ok(okng_result_roi(half, 1, &bar, error));
    assert_true(disc.found && !bar.found && isnan(bar.score) && bar.verdict == OKNG_VERDICT_NOT_FOUND);
    assert_int_equal(okng_result_verdict(half), OKNG_VERDICT_NOT_FOUND);
    okng_result_free(&good);
    okng_result_free(&bad);
    okng_result_free(&half);
    okng_bank_close(&bank);
}

/* A threshold of one region's bank weighs that region; one of the whole all of them. */
static void thresholds_of_regions_and_of_the_whole(void **state)
{
    okng_build_report report = {.struct_size = sizeof report};
    char heard[256];
    (void)state;
    okng_bank *bank = build("two", two, &report, heard);
    okng_bank_info whole = {.struct_size = sizeof whole};
    assert_ok(okng_bank_get_info(bank, &whole, error));
    okng_result *before = inspect(bank, "new/bad.png");
    okng_bank_choice choice = {.struct_size = sizeof choice, .sets_image = 1};
    okng_found_roi bar = {.struct_size = sizeof bar};
    assert_ok(okng_result_roi(before, 1, &bar, error));
    const float score = bar.score;
    okng_bank_close(&bank);

    okng_bank *own;
    okng_bank_info info = {.struct_size = sizeof info};
    assert_ok(okng_bank_open(&own, in("two/region-2"), NULL, error));
    assert_ok(okng_bank_get_info(own, &info, error));
    okng_bank_close(&own);
    choice.image = info.image_tau * 100;
    assert_ok(okng_bank_choose(in("two/region-2"), &choice, error));
    assert_ok(okng_bank_open(&bank, in("two"), NULL, error));
    okng_result *after = inspect(bank, "new/bad.png");
    assert_ok(okng_result_roi(after, 1, &bar, error));
    assert_true(fabs((double)(bar.score * 100 / score) - 1) < 1e-4);
    assert_int_equal(okng_result_verdict(after), OKNG_VERDICT_OK);
    okng_result_free(&before);
    okng_result_free(&after);
    okng_bank_close(&bank);

    choice.image = 0; /* nothing of that region is OK: no multiple of it says so */
    assert_ok(okng_bank_choose(in("two/region-2"), &choice, error));
    assert_ok(okng_bank_open(&bank, in("two"), NULL, error));
    after = inspect(bank, "new/good.png");
    assert_ok(okng_result_roi(after, 0, &bar, error));
    assert_int_equal(bar.verdict, OKNG_VERDICT_OK);
    assert_ok(okng_result_roi(after, 1, &bar, error));
    assert_int_equal(bar.verdict, OKNG_VERDICT_NG);
    assert_int_equal(okng_result_verdict(after), OKNG_VERDICT_NG);
    okng_result_free(&after);
    okng_bank_close(&bank);

    choice.image = whole.image_tau / 1000;
    assert_ok(okng_bank_choose(in("two"), &choice, error));
    assert_ok(okng_bank_open(&bank, in("two"), NULL, error));
    after = inspect(bank, "new/good.png");
    assert_int_equal(okng_result_verdict(after), OKNG_VERDICT_NG);
    okng_result_free(&after);
    okng_bank_close(&bank);
}

/* Drawn on the picture of the regions, whose part lies at (40, 30). */
static void a_mask_leaves_out_what_lies_in_the_region(void **state)
{
    okng_build_options options = options_of(two);
    okng_image mask;
    okng_bank *bank;
    (void)state;
    assert_ok(okng_image_new(&mask, WIDTH, HEIGHT, 1, error));
    memset(mask.pixels, 0, WIDTH * HEIGHT);
    for (int row = 30 + 16; row < 30 + 44; row++) memset(mask.pixels + row * WIDTH + 40 + 40, 255, 16);
    assert_ok(okng_image_write_png(&mask, in("mask.png"), error));
    okng_image_free(&mask);
    assert_ok(okng_build_options_set(&options, "ignore-mask", in("mask.png"), error));
    const okng_build_folder_options how = {.struct_size = sizeof how, .build = &options};
    assert_ok(okng_build_folder(in("ok"), in("masked"), &how, NULL, NULL, NULL, NULL, error));
    assert_ok(okng_bank_open(&bank, in("masked"), NULL, error));
    okng_result *bad = inspect(bank, "new/bad.png");
    const float *map = okng_result_map(bad, NULL, NULL);
    assert_int_equal(okng_result_verdict(bad), OKNG_VERDICT_OK); /* the scratch lies under it */
    assert_true(isnan(map[(51 + 30) * WIDTH + 20 + 48]) && !isnan(map[(51 + 30) * WIDTH + 20 + 36]));
    assert_int_equal(access(in("masked/region-1/ignored.safetensors"), F_OK), -1);
    assert_int_equal(access(in("masked/region-2/ignored.safetensors"), F_OK), 0);
    okng_result_free(&bad);
    okng_bank_close(&bank);
}

static void folders_count_what_is_not_found(void **state)
{
    okng_build_report report = {.struct_size = sizeof report};
    okng_folder_report folders = {.struct_size = sizeof folders};
    char heard[256];
    void *text;
    size_t size;
    (void)state;
    okng_bank *bank = build("two", two, &report, heard);
    assert_ok(okng_inspect_folder(bank, in("new"), in("out"), NULL, NULL, NULL, NULL, &folders, error));
    assert_int_equal(folders.not_found, 2);
    assert_true(folders.ok == 1 && folders.ng == 1 && folders.pictures == 4);
    assert_ok(okng_file_read(in("out/results.csv"), 1 << 16, &text, &size, error));
    char *lines = calloc(1, size + 1);
    memcpy(lines, text, size);
    assert_non_null(strstr(lines, "nothing.png,,NOT_FOUND,"));
    free(lines);
    free(text);
    okng_bank_close(&bank);
}

static void a_recipe_finds_the_same(void **state)
{
    okng_build_report report = {.struct_size = sizeof report};
    char heard[256];
    (void)state;
    okng_bank *bank = build("two", two, &report, heard), *packed;
    assert_ok(okng_recipe_pack(in("two"), in("two.okng"), NULL, error));
    assert_ok(okng_bank_open(&packed, in("two.okng"), NULL, error));
    okng_result *first = inspect(bank, "new/bad.png"), *second = inspect(packed, "new/bad.png");
    assert_true(okng_result_score(first) == okng_result_score(second));
    assert_memory_equal(okng_result_map(first, NULL, NULL), okng_result_map(second, NULL, NULL),
                        WIDTH * HEIGHT * sizeof(float));
    okng_result_free(&first);
    okng_result_free(&second);
    okng_bank_close(&bank);
    okng_bank_close(&packed);
}

static okng_status build_by(const okng_build_options *options, okng_error *error)
{
    const okng_build_folder_options how = {.struct_size = sizeof how, .build = options};
    return okng_build_folder(in("ok"), in("refused"), &how, NULL, NULL, NULL, NULL, error);
}

static void what_is_no_region_is_refused(void **state)
{
    static const struct {
        const char *roi, *says;
    } bad[] = {{"1,2,3", "X,Y,W,H"},
               {"1,2,3,0", "X,Y,W,H"},
               {"1,2,3,4,5", "X,Y,W,H"},
               {"-1,2,3,4", "X,Y,W,H"},
               {"a=", "X,Y,W,H"},
               {"=1,2,30,40", "is empty"},
               {"a/b=1,2,30,40", "holds"},
               {"a=1,2,30,40 a=5,6,30,40", "called \"a\""},
               {"100,100,64,64", "150 x 120"},
               {"0,0,7,30", "at least 8"},
               {" ;", "no region"}};
    okng_build_options options;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options = options_of(bad[i].roi);
        assert_fails(OKNG_ERROR_ARGUMENT, bad[i].says, build_by(&options, error));
    }
    options = options_of("");
    assert_ok(okng_build_options_set(&options, "roi-from", in("ok/000.png"), error));
    assert_fails(OKNG_ERROR_ARGUMENT, "none is given", build_by(&options, error));
    options = options_of("");
    assert_ok(okng_build_options_set(&options, "roi-rotation", "5", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "none is given", build_by(&options, error));
    options = options_of(one);
    assert_ok(okng_build_options_set(&options, "tile", "32", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "tile", build_by(&options, error));
    options = options_of(one);
    okng_bank *bank;
    const char *paths[] = {in("ok/000.png"), in("ok/001.png")};
    assert_fails(OKNG_ERROR_ARGUMENT, "roi", okng_bank_make(&bank, paths, 2, &options, NULL, NULL, NULL, error));
    assert_int_equal(access(in("refused"), F_OK), -1);
}

static void finders_find_without_a_bank(void **state)
{
    const okng_picture first = {.struct_size = sizeof first, .path = in("ok/000.png")};
    const okng_picture good = {.struct_size = sizeof good, .path = in("new/good.png")};
    const okng_picture nothing = {.struct_size = sizeof nothing, .path = in("new/nothing.png")};
    const okng_roi part = {.struct_size = sizeof part, .name = "part", .x = 40, .y = 30, .width = 64, .height = 64};
    const okng_roi *rois[] = {&part, &part};
    const okng_find_options turned = {.struct_size = sizeof turned, .rotation = 181};
    okng_finder *finder;
    okng_finds *finds;
    okng_found_roi found = {.struct_size = sizeof found};
    (void)state;
    assert_ok(okng_finder_open(&finder, &first, rois, 1, NULL, error));
    assert_ok(okng_finder_find(&finds, finder, &good, error));
    assert_int_equal(okng_finds_count(finds), 1);
    assert_ok(okng_finds_get(finds, 0, &found, error));
    assert_true(found.found && fabs(found.x - 61) < 0.5 && fabs(found.y - 44) < 0.5 && isnan(found.score));
    assert_string_equal(found.name, "part");
    assert_fails(OKNG_ERROR_ARGUMENT, "region", okng_finds_get(finds, 1, &found, error));
    okng_finds_free(&finds);
    assert_ok(okng_finder_find(&finds, finder, &nothing, error));
    assert_ok(okng_finds_get(finds, 0, &found, error));
    assert_true(!found.found && found.match < 0.5 && found.verdict == OKNG_VERDICT_NOT_FOUND);
    okng_finds_free(&finds);
    okng_finder_close(&finder);
    assert_fails(OKNG_ERROR_ARGUMENT, "called", okng_finder_open(&finder, &first, rois, 2, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "1 to 16", okng_finder_open(&finder, &first, rois, 17, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "180", okng_finder_open(&finder, &first, rois, 1, &turned, error));
    assert_null(finder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_without_the_region_are_left_out_and_listed),
        cmocka_unit_test(a_region_scores_as_its_own_bank_says_at_its_place),
        cmocka_unit_test(a_picture_without_the_region_is_not_found),
        cmocka_unit_test(several_regions_have_one_verdict),
        cmocka_unit_test(thresholds_of_regions_and_of_the_whole),
        cmocka_unit_test(a_mask_leaves_out_what_lies_in_the_region),
        cmocka_unit_test(folders_count_what_is_not_found),
        cmocka_unit_test(a_recipe_finds_the_same),
        cmocka_unit_test(what_is_no_region_is_refused),
        cmocka_unit_test(finders_find_without_a_bank),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_pictures, remove_pictures);
}
