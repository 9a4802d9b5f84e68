/* The viewer: what its data says, whatever files are called, and what lies beside its page. */
#include <ctype.h>

#include "base/file.h"
#include "base/json.h"
#include "report/viewer.h"
#include "test.h"

static char folder[] = "/tmp/okng-viewer-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[96];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static char *read_text(const char *name)
{
    char path[512];
    void *data;
    size_t size;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_ok(okng_file_read(path, 1 << 20, &data, &size, error));
    char *text = malloc(size + 1);
    assert_non_null(text);
    memcpy(text, data, size);
    text[size] = '\0';
    free(data);
    return text;
}

static bool is_there(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

static const okng_viewer_group group = {.name = "", .threshold = 2.5, .low = NAN, .high = NAN};

static okng_viewer_row plain_row(size_t number, const char *name, double score)
{
    return (okng_viewer_row){.number = number,
                             .name = name,
                             .score = score,
                             .p_value = NAN,
                             .verdict = score > 2.5 ? OKNG_VERDICT_NG : OKNG_VERDICT_OK,
                             .truth = -1};
}

static void pictures_that_are_not_the_page_s_stay(void **state)
{
    (void)state;
    okng_viewer *viewer;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/mine_files/pictures", folder);
    assert_ok(okng_make_folders(path, error));
    (void)snprintf(path, sizeof path, "%s/mine_files/pictures/holiday.jpg", folder);
    assert_ok(okng_file_write(path, "mine", 4, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "holiday.jpg", okng_viewer_open(&viewer, folder, "mine", error));
    assert_true(is_there("mine_files/pictures/holiday.jpg"));
    assert_int_equal(unlink(path), 0);
    static const char *const own[] = {"17.jpg", "17_truth.jpg", "3_12_near.jpg", "0_heat.webp", ".5.webp.okng-tmp"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/mine_files/pictures/%s", folder, own[i]);
        assert_ok(okng_file_write(path, "ours", 4, error));
    }
    assert_ok(okng_viewer_open(&viewer, folder, "mine", error));
    okng_viewer_free(&viewer);
    assert_false(is_there("mine_files/pictures/17.jpg"));
}

static void write_text(const char *name, const char *text)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_ok(okng_make_parent(path, error));
    assert_ok(okng_file_write(path, text, strlen(text), error));
}

static void a_page_of_somebody_s_is_told_from_okng_s(void **state)
{
    (void)state;
    okng_viewer *viewer;
    assert_ok(okng_viewer_need_own(folder, "theirs", error)); /* nothing is there */
    assert_ok(okng_viewer_open(&viewer, folder, "theirs", error));
    assert_ok(okng_viewer_need_own(folder, "theirs", error)); /* as a kill leaves it */
    const okng_viewer_page page = {.title = "Pictures", .groups = &group, .group_count = 1};
    assert_ok(okng_viewer_finish(viewer, &page, error));
    okng_viewer_free(&viewer);
    assert_ok(okng_viewer_need_own(folder, "theirs", error));
    static const char *const others[] = {"", "x", "<!DOCTYPE html>\n<p>okng</p>",
                                         " \"use strict\";\nvar okngViewerData = {}"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        write_text("a/theirs.html", others[i]);
        write_text("b/theirs_files/data.js", others[i]);
        char at[512];
        (void)snprintf(at, sizeof at, "%s/a", folder);
        assert_fails(OKNG_ERROR_ARGUMENT, "theirs.html", okng_viewer_need_own(at, "theirs", error));
        (void)snprintf(at, sizeof at, "%s/b", folder);
        assert_fails(OKNG_ERROR_ARGUMENT, "data.js", okng_viewer_need_own(at, "theirs", error));
    }
}

/* The object that data.js assigns. */
static json_t *read_data(void)
{
    char *text = read_text("report_files/data.js");
    const char *from = strchr(text, '{'), *to = strrchr(text, ';');
    assert_non_null(from);
    assert_non_null(to);
    json_t *root = json_loadb(from, (size_t)(to - from), 0, NULL);
    assert_non_null(root);
    free(text);
    return root;
}

static const json_t *row_of(const json_t *root, size_t i)
{
    return json_array_get(json_object_get(root, "rows"), i);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (!text) fail_msg("no \"%s\"", key);
    return text;
}

/* ---- names ---- */

static const char hostile[] = "</script><img src=x onerror=alert(1)>\"'&\\ \xe2\x80\xa8\xed\x95\x9c.png";

static void names_of_any_bytes_stay_text(void **state)
{
    (void)state;
    okng_viewer *viewer;
    okng_viewer_row rows[] = {plain_row(0, hostile, 1), plain_row(1, "\xff\xfe<b>.png", 3)};
    rows[0].original = "/data/</script>?#%.png";
    rows[0].layers[OKNG_LAYER_OVERLAY] = "javascript:alert(1)/overlay.png";
    rows[1].layers[OKNG_LAYER_MASK] = "\xff\xfe<b>/mask.png";
    assert_ok(okng_viewer_open(&viewer, folder, "report", error));
    for (size_t i = 0; i < 2; i++) assert_ok(okng_viewer_add(viewer, &rows[i], error));
    const okng_viewer_page page = {.title = "<script>", .lead = hostile, .groups = &group, .group_count = 1};
    assert_ok(okng_viewer_finish(viewer, &page, error));
    okng_viewer_free(&viewer);
    assert_null(viewer);

    char *data = read_text("report_files/data.js"), *html = read_text("report.html");
    for (const char *at = data; *at; at++)
        if (!isascii(*at)) fail_msg("data.js holds the byte %d", *at);
    assert_null(strstr(data, "</"));
    assert_null(strstr(html, "<img src=x"));
    assert_null(strstr(html, "<title><script>"));
    assert_non_null(strstr(html, "<script src=\"report_files/data.js\"></script>"));
    free(data);
    free(html);

    json_t *root = read_data();
    assert_string_equal(text_of(row_of(root, 0), "name"), hostile);
    assert_string_equal(text_of(row_of(root, 0), "file"), "file:///data/%3C/script%3E%3F%23%25.png");
    assert_string_equal(text_of(row_of(root, 0), "overlay"), "javascript%3Aalert%281%29/overlay.png");
    assert_string_equal(text_of(row_of(root, 1), "name"), "\xef\xbf\xbd\xef\xbf\xbd<b>.png");
    assert_string_equal(text_of(row_of(root, 1), "mask"), "%FF%FE%3Cb%3E/mask.png");
    json_decref(root);
}

static void the_script_ends_nowhere_but_at_its_end(void **state)
{
    (void)state;
    assert_null(memmem(okng_viewer_js, okng_viewer_js_size, "</", 2));
    assert_null(memmem(okng_viewer_css, okng_viewer_css_size, "</", 2));
    /* What could take text for code or for markup, and what could ask the network. */
    static const char *const banned[] = {"innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(",
                                         "fetch(",    "XMLHttp",   "http:",          "https:",         "import("};
    for (size_t i = 0; i < sizeof banned / sizeof banned[0]; i++)
        if (memmem(okng_viewer_js, okng_viewer_js_size, banned[i], strlen(banned[i])))
            fail_msg("viewer.js uses %s", banned[i]);
}

/* viewer.js names a word as word("key") or by a key in a list; one that is missing shows as its key. */
static void every_word_of_the_script_is_in_the_table(void **state)
{
    (void)state;
    static const char call[] = "word(\"";
    const char *at = okng_viewer_js, *end = okng_viewer_js + okng_viewer_js_size;
    size_t seen = 0;
    for (; (at = memmem(at, (size_t)(end - at), call, strlen(call))) != NULL; seen++) {
        at += strlen(call);
        size_t length = strcspn(at, "\"");
        const okng_viewer_word *word = okng_viewer_words;
        bool prefix = at[length + 1] == ' '; /* word("layer" + ...) */
        while (word->key && (strncmp(word->key, at, length) != 0 || (!prefix && strlen(word->key) != length))) word++;
        if (!word->key) fail_msg("the word \"%.*s\" is not in the table", (int)length, at);
    }
    assert_true(seen > 30);
}

/* ---- numbers ---- */

static void what_is_not_known_is_left_out(void **state)
{
    (void)state;
    okng_viewer *viewer;
    okng_viewer_row row = plain_row(7, "a.png", NAN);
    row.verdict = -1;
    row.note = "a.png: damaged";
    const okng_viewer_reason reasons[] = {{.near_name = "ok/1.png", .score = 3.25, .near_drawn = true},
                                          {.score = 2.75}};
    okng_viewer_row found = plain_row(8, "b.png", 3.25);
    found.reasons = reasons;
    found.reason_count = 2;
    found.truth = 1;
    assert_ok(okng_viewer_open(&viewer, folder, "report", error));
    assert_ok(okng_viewer_add(viewer, &row, error));
    assert_ok(okng_viewer_add(viewer, &found, error));
    const okng_viewer_group banded = {.name = "x", .threshold = NAN, .low = 1.5, .high = 2.5};
    assert_ok(okng_viewer_write_data(viewer, &banded, 1, error));
    okng_viewer_free(&viewer);

    json_t *root = read_data();
    const json_t *first = row_of(root, 0), *second = row_of(root, 1);
    assert_null(json_object_get(first, "score"));
    assert_null(json_object_get(first, "p"));
    assert_null(json_object_get(first, "why"));
    assert_string_equal(text_of(first, "note"), "a.png: damaged");
    assert_int_equal(json_integer_value(json_object_get(first, "verdict")), -1);
    assert_int_equal(json_integer_value(json_object_get(second, "label")), 1);
    const json_t *why = json_object_get(second, "why");
    assert_int_equal(json_array_size(why), 2);
    assert_string_equal(text_of(json_array_get(why, 0), "near"), "ok/1.png");
    assert_null(json_object_get(json_array_get(why, 1), "near"));
    const json_t *of_group = json_array_get(json_object_get(root, "groups"), 0);
    assert_null(json_object_get(of_group, "threshold"));
    assert_true(json_real_value(json_object_get(of_group, "low")) == 1.5);
    assert_string_equal(text_of(json_object_get(root, "words"), "ng"), "NG");
    json_decref(root);
}

/* ---- files ---- */

static okng_image grey_of(int32_t width, int32_t height, int32_t channels, uint8_t value)
{
    okng_image out;
    assert_ok(okng_image_new(&out, width, height, channels, error));
    memset(out.pixels, value, (size_t)width * (size_t)height * (size_t)channels);
    return out;
}

static void pictures_lie_beside_the_page(void **state)
{
    (void)state;
    okng_viewer *viewer;
    okng_image picture = grey_of(300, 200, 3, 90), truth = grey_of(300, 200, 1, 0);
    for (int32_t y = 50; y < 150; y++) memset(truth.pixels + y * 300 + 100, 255, 100);
    assert_ok(okng_viewer_open(&viewer, folder, "report", error));
    const okng_viewer_images images = {.picture = &picture, .heat = &picture, .truth = &truth};
    assert_ok(okng_viewer_draw(viewer, 3, &images, error));
    assert_ok(okng_viewer_draw_reason(viewer, 3, 0, &picture, &picture, error));
    assert_ok(okng_viewer_draw_reason(viewer, 3, 1, &picture, NULL, error));
    okng_viewer_free(&viewer);
    static const char *const there[] = {"thumbs/3.webp",        "thumbs/3_heat.webp",  "pictures/3.jpg",
                                        "pictures/3_truth.jpg", "crops/3_0_found.jpg", "crops/3_0_near.jpg",
                                        "crops/3_1_found.jpg"};
    char name[64];
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++) {
        (void)snprintf(name, sizeof name, "report_files/%s", there[i]);
        if (!is_there(name)) fail_msg("%s is not there", name);
    }
    assert_false(is_there("report_files/crops/3_1_near.jpg"));

    okng_image read;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/report_files/thumbs/3.webp", folder);
    assert_ok(okng_image_load(&read, path, 1 << 20, error));
    assert_int_equal(read.width, 192);
    assert_int_equal(read.height, 128);
    /* The outline of the truth is green, and grey what lies within. */
    const uint8_t *edge = read.pixels + 3 * (64 * 192 + 64), *middle = read.pixels + 3 * (64 * 192 + 96);
    assert_true(edge[1] > edge[0] + 40);
    assert_true(abs(middle[1] - middle[0]) < 12);
    okng_image_free(&read);
    okng_image_free(&picture);
    okng_image_free(&truth);

    /* A later page does not show this one's. */
    assert_ok(okng_viewer_open(&viewer, folder, "report", error));
    assert_false(is_there("report_files/thumbs/3.webp"));
    okng_viewer_free(&viewer);
}

static void a_copy_is_no_larger_than_browsers_take(void **state)
{
    (void)state;
    okng_viewer *viewer;
    okng_image line = grey_of(20000, 3, 3, 90), read;
    assert_ok(okng_viewer_open(&viewer, folder, "report", error));
    assert_ok(okng_viewer_draw(viewer, 0, &(okng_viewer_images){.picture = &line}, error));
    okng_viewer_free(&viewer);
    char path[512];
    (void)snprintf(path, sizeof path, "%s/report_files/pictures/0.jpg", folder);
    assert_ok(okng_image_load(&read, path, 1 << 20, error));
    assert_int_equal(read.width, 16000);
    assert_int_equal(read.height, 2);
    okng_image_free(&read);
    okng_image_free(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_that_are_not_the_page_s_stay),
        cmocka_unit_test(a_page_of_somebody_s_is_told_from_okng_s),
        cmocka_unit_test(names_of_any_bytes_stay_text),
        cmocka_unit_test(the_script_ends_nowhere_but_at_its_end),
        cmocka_unit_test(every_word_of_the_script_is_in_the_table),
        cmocka_unit_test(what_is_not_known_is_left_out),
        cmocka_unit_test(pictures_lie_beside_the_page),
        cmocka_unit_test(a_copy_is_no_larger_than_browsers_take),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
