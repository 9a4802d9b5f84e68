/* Outlines as masks against tests/golden/make_outlines.py, and the data sets that hold them, on small made trees. */
#include <time.h>

#include "base/csv.h"
#include "data/outlines.h"
#include "data_tree.h"

/* ---- drawing ---- */

static okng_csv *open_golden(const char *name)
{
    char path[512];
    okng_csv *csv;
    (void)snprintf(path, sizeof path, "%s/outlines/%s.csv", OKNG_GOLDEN, name);
    assert_ok(okng_csv_read(&csv, path, error));
    return csv;
}

static void add_numbers(okng_outlines *outlines, const char *text)
{
    for (char *end; *text; text = end + strspn(end, " "))
        assert_ok(okng_outline_number(outlines, strtod(text, &end), error));
}

static void polygons_hold_the_centres_of_their_pixels(void **state)
{
    (void)state;
    okng_csv *csv = open_golden("polygons");
    uint8_t mask[1024];
    assert_true(okng_csv_rows(csv) > 30);
    for (size_t row = 0; row < okng_csv_rows(csv); row++) {
        const int32_t width = atoi(okng_csv_field(csv, row, 0)), height = atoi(okng_csv_field(csv, row, 1));
        const char *pixels = okng_csv_field(csv, row, 3);
        okng_outlines *outlines;
        assert_ok(okng_outlines_new(&outlines, "f", width, height, error));
        assert_ok(okng_outline_begin(outlines, OKNG_OUTLINE_POLYGON, error));
        add_numbers(outlines, okng_csv_field(csv, row, 2));
        assert_ok(okng_outline_end(outlines, "shape 1", error));
        assert_ok(okng_outlines_draw(outlines, "p", width, height, mask, error));
        for (int32_t i = 0; i < width * height; i++) assert_int_equal(mask[i], pixels[i] - '0');
        okng_outlines_free(outlines);
    }
    okng_csv_free(&csv);
}

static void outlines_without_a_centre_do_not_vanish(void **state)
{
    (void)state;
    okng_outlines *outlines;
    uint8_t mask[12];
    assert_ok(okng_outlines_new(&outlines, "f", 4, 3, error));
    assert_ok(okng_outline_begin(outlines, OKNG_OUTLINE_POLYGON, error)); /* a scratch between the centres */
    add_numbers(outlines, "0.1 1.1 2.9 1.2 0.1 1.3");
    assert_ok(okng_outline_end(outlines, "shape 1", error));
    assert_ok(okng_outlines_draw(outlines, "p", 4, 3, mask, error));
    static const uint8_t expected[12] = {0, 0, 0, 0, 1, 0, 1};
    assert_memory_equal(mask, expected, 12);
    assert_ok(okng_outline_begin(outlines, OKNG_OUTLINE_CIRCLE, error));
    add_numbers(outlines, "4 3 4 3"); /* of no radius, on the picture's corner */
    assert_ok(okng_outline_end(outlines, "shape 2", error));
    assert_ok(okng_outlines_draw(outlines, "p", 4, 3, mask, error));
    assert_int_equal(mask[11], 1);
    assert_fails(OKNG_ERROR_MISMATCH, "f: is about a picture of 4x3, p has 5x3",
                 okng_outlines_draw(outlines, "p", 5, 3, mask, error));
    okng_outlines_free(outlines);
}

static void circles_hold_what_is_within_their_radius(void **state)
{
    (void)state;
    enum { W = 20, H = 16 };
    okng_outlines *outlines;
    uint8_t mask[W * H];
    assert_ok(okng_outlines_new(&outlines, "f", 0, 0, error));
    assert_ok(okng_outline_begin(outlines, OKNG_OUTLINE_CIRCLE, error));
    add_numbers(outlines, "9.25 7 13.25 4"); /* radius 5 */
    assert_ok(okng_outline_end(outlines, "shape 1", error));
    assert_ok(okng_outlines_draw(outlines, "p", W, H, mask, error));
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) assert_int_equal(mask[y * W + x], hypot(x + 0.5 - 9.25, y + 0.5 - 7) < 5);
    assert_fails(OKNG_ERROR_FORMAT, "f: a shape: point 2 is (13.25, 4), outside of the picture, which ends at (10, 9)",
                 okng_outlines_draw(outlines, "p", 10, 9, mask, error));
    okng_outlines_free(outlines);
}

/* ---- labelme ---- */

#define SHAPE(type, points) "{\"label\":\"dent\",\"points\":" points ",\"group_id\":null,\"shape_type\":" type "}"
#define LABELME(shapes)                                                                                       \
    "{\"version\":\"5.0.1\",\"flags\":{},\"shapes\":[" shapes "],\"imagePath\":\"a.png\",\"imageData\":null," \
    "\"imageHeight\":4,\"imageWidth\":6}"

static tree pictures_tree(void)
{
    tree t = tree_new();
    tree_add_many(&t, "line/%03d.png", 10);
    return t;
}

static void labelme_shapes_are_masks(void **state)
{
    (void)state;
    tree t = pictures_tree();
    tree_write(&t, "line/003.json", LABELME(SHAPE("\"polygon\"", "[[1,1],[4,1],[4,3],[1,3]]")));
    tree_write(&t, "line/004.json",
               LABELME(SHAPE("\"rectangle\"", "[[4,3],[1,1]]") "," SHAPE("\"circle\"", "[[0,0],[0,1]]")));
    tree_write(&t, "line/005.json", LABELME("")); /* was looked at, and is good */
    okng_samples *samples = tree_samples(&t, "labelme", strrchr(t.root, '/') + 1, NULL);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 1), 2);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 0), 2); /* a fifth of eight */
    assert_int_equal(okng_samples_have_masks(samples), 1);
    const okng_sample *bad = tree_sample(samples, "line/003.png");
    assert_string_equal(bad->kind, "dent");
    assert_string_equal(bad->masks[0], tree_path(&t, "line/003.json"));
    uint8_t mask[24];
    static const uint8_t expected[24] = {0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1};
    assert_ok(okng_sample_mask(bad, 6, 4, mask, error));
    assert_memory_equal(mask, expected, 24);
    assert_ok(okng_sample_mask(tree_sample(samples, "line/004.png"), 6, 4, mask, error));
    assert_int_equal(mask[0], 1);
    assert_memory_equal(mask + 1, expected + 1, 23);
    okng_samples_free(&samples);
    tree_write(&t, "line/099.json", LABELME(""));
    assert_fails(OKNG_ERROR_NOT_FOUND, "line/099.json: no picture of the same name lies beside it",
                 tree_fails(&t, "labelme", strrchr(t.root, '/') + 1, NULL, error));
    tree_remove(&t);
}

static void what_is_wrong_with_shapes_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *json, *says;
    } files[] = {
        {"{}", "has no list \"shapes\""},
        {"{\"shapes\":{}}", "has no list \"shapes\""},
        {LABELME("4"), "shape 1 has no list of points"},
        {LABELME(SHAPE("\"polygon\"", "[[1,1],[4,1]]")), "shape 1: has 4 coordinates, expected pairs of three points"},
        {LABELME(SHAPE("\"polygon\"", "[[1,1],[4,1],[4]]")), "shape 1 has a point that is no pair of numbers"},
        {LABELME(SHAPE("\"polygon\"", "[[1,1],[4,1],[\"4\",2]]")), "shape 1 has a point that is no pair"},
        {LABELME(SHAPE("\"polygon\"", "[[1,1],[4,1],[8,2]]")),
         "point 3 is (8, 2), outside of the picture, which ends at (6, 4)"},
        {LABELME(SHAPE("\"polygon\"", "[[1,1],[4,-1.5],[3,2]]")), "point 2 is (4, -1.5), outside"},
        {LABELME(SHAPE("\"circle\"", "[[1,1],[2,2],[3,3]]")), "has 6 coordinates, expected two points"},
        {LABELME(SHAPE("\"rectangle\"", "[[1,1]]")), "is a rectangle without two points"},
        {LABELME(SHAPE("\"line\"", "[[1,1],[2,2]]")), "shape 1 is a line, of which no area is known"},
        {"{\"shapes\":[],\"imageWidth\":-3}", "imageWidth"},
        {"{\"shapes\":[", "line 1"},
    };
    tree t = pictures_tree();
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        tree_write(&t, "line/003.json", files[i].json);
        assert_fails(OKNG_ERROR_FORMAT, files[i].says,
                     tree_fails(&t, "labelme", strrchr(t.root, '/') + 1, NULL, error));
    }
    tree_remove(&t);
}

/* ---- yolo ---- */

static void yolo_labels_are_masks(void **state)
{
    (void)state;
    tree t = tree_new();
    tree_add_many(&t, "images/train/%03d.png", 4);
    tree_add_many(&t, "images/val/%03d.png", 2);
    tree_add_many(&t, "images/test/%03d.png", 2);
    tree_write(&t, "labels/train/001.txt", "2 0.5 0.5 0.5 0.5\n"); /* a box: middle, width and height */
    tree_write(&t, "labels/train/002.txt", "\n");
    tree_write(&t, "labels/test/000.txt", "0 0 0  0.5 0  0.5 1  0 1\r\n1 0.75 0.25 1 0.25 1 1.0005");
    const char *name = strrchr(t.root, '/') + 1;
    okng_samples *samples = tree_samples(&t, "yolo", name, NULL);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 3);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_VALIDATION, 0), 2);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 0), 1);
    const okng_sample *box = tree_sample(samples, "images/train/001.png");
    assert_string_equal(box->kind, "class 2");
    uint8_t mask[16];
    static const uint8_t middle[16] = {0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0};
    assert_ok(okng_sample_mask(box, 4, 4, mask, error));
    assert_memory_equal(mask, middle, 16);
    assert_ok(okng_sample_mask(tree_sample(samples, "images/test/000.png"), 4, 4, mask, error));
    for (int i = 0; i < 16; i++) assert_true(mask[i] || i % 4 >= 2);
    assert_true(mask[7] && !mask[2]);
    okng_samples_free(&samples);

    static const struct {
        const char *text, *says;
    } files[] = {
        {"0 0.5 0.5 0.5\n", "line 1: has 3 coordinates"},
        {"0 .1 .1 .2 .1 .2\n", "line 1: has 5 coordinates"},
        {"0\n", "line 1: has 0 coordinates"},
        {"0 0.1 0.1 0.2 0.1 1.5 0.2\n", "line 1: point 3 is (1.5, 0.2), outside of the picture, which ends at (1, 1)"},
        {"0 1 1 0.5 0.5\n", "outside of the picture"},
        {"\n0 0.5 abc 0.5 0.5\n", "001.txt:2: found \"abc\", expected a number"},
        {"dent 0.5 0.5 0.5 0.5\n", "001.txt:1: found \"dent\""},
        {"1.5 0.5 0.5 0.5 0.5\n", "001.txt:1: the class is 1.5"},
        {"0 nan 0.5 0.5 0.5\n", "found \"nan\""},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        tree_write(&t, "labels/train/001.txt", files[i].text);
        assert_fails(OKNG_ERROR_FORMAT, files[i].says, tree_fails(&t, "yolo", name, NULL, error));
    }
    tree_remove(&t);
    t = pictures_tree();
    assert_fails(OKNG_ERROR_NOT_FOUND, "no pictures in a folder images",
                 tree_fails(&t, "yolo", strrchr(t.root, '/') + 1, NULL, error));
    tree_remove(&t);
}

/* ---- coco ---- */

#define IMAGE(id, name) "{\"id\":" id ",\"file_name\":\"" name "\",\"width\":6,\"height\":4}"
#define ANNOTATION(image, segmentation) \
    "{\"id\":1,\"image_id\":" image     \
    ",\"category_id\":3,\"bbox\":[1,1,3,2],\"iscrowd\":0,\"segmentation\":" segmentation "}"
#define COCO(images, annotations) \
    "{\"images\":[" images "],\"annotations\":[" annotations "],\"categories\":[{\"id\":3,\"name\":\"crack\"}]}"

static void coco_annotations_are_masks(void **state)
{
    (void)state;
    tree t = tree_new();
    tree_add_many(&t, "images/%03d.png", 5);
    const char *name = strrchr(t.root, '/') + 1;
    tree_write(
        &t, "annotations/instances_default.json",
        COCO(IMAGE("10", "000.png") "," IMAGE("-7", "001.png") "," IMAGE("3", "002.png") "," IMAGE(
                 "4", "003.png") "," IMAGE("5", "004.png"),
             ANNOTATION("10", "[[1,1,4,1,4,3,1,3],[5,3,6,3,6,4]]") "," ANNOTATION("-7", "[]") "," ANNOTATION(
                 "3", "{\"size\":[4,6],\"counts\":[5,2,2,2,13]}") "," ANNOTATION("3", "{\"size\":[4,6],\"counts\":"
                                                                                      "\"05220000=\"}")));
    assert_fails(OKNG_ERROR_FORMAT, "annotation 3: ", tree_fails(&t, "coco", name, NULL, error)); /* no such runs */
    tree_write(&t, "annotations/instances_default.json",
               COCO(IMAGE("10", "000.png") "," IMAGE("-7", "001.png") "," IMAGE("3", "002.png") "," IMAGE(
                        "4", "003.png") "," IMAGE("5", "004.png"),
                    ANNOTATION("10", "[[1,1,4,1,4,3,1,3],[5,3,6,3,6,4]]") "," ANNOTATION("-7", "[]") "," ANNOTATION(
                        "3", "{\"size\":[4,6],\"counts\":[5,2,2,2,13]}")));
    okng_samples *samples = tree_samples(&t, "coco", name, NULL);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 1), 3);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0) + tree_count(samples, OKNG_SPLIT_TEST, 0), 2);
    uint8_t mask[24];
    static const uint8_t square[24] = {0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1};
    assert_ok(okng_sample_mask(tree_sample(samples, "000.png"), 6, 4, mask, error));
    assert_int_equal(mask[23], 1);
    assert_memory_equal(mask, square, 23);
    assert_string_equal(tree_sample(samples, "000.png")->kind, "crack");
    assert_ok(okng_sample_mask(tree_sample(samples, "001.png"), 6, 4, mask, error)); /* its box */
    assert_memory_equal(mask, square, 24);
    static const uint8_t runs[24] = {0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1};
    assert_ok(okng_sample_mask(tree_sample(samples, "002.png"), 6, 4, mask, error)); /* down the columns */
    assert_memory_equal(mask, runs, 24);
    okng_samples_free(&samples);
    tree_remove(&t);
}

/* As many classes as images, each image of another one: no class is looked for by going through all. */
static void classes_are_found_by_their_number(void **state)
{
    (void)state;
    enum { MANY = 30000 };
    tree t = tree_new();
    tree_add_many(&t, "%03d.png", 2);
    char *text = malloc(MANY * 400), *at = text;
    assert_non_null(text);
    at += sprintf(at, "{\"categories\":[{\"id\":-1,\"name\":\"\"}");
    for (int i = MANY; i-- > 0;) at += sprintf(at, ",{\"id\":%d,\"name\":\"class %d\"}", i, i);
    at += sprintf(at, ",{\"id\":7,\"name\":\"another\"}],\"images\":[");
    for (int i = 0; i < MANY; i++)
        at += sprintf(at, "%s{\"id\":%d,\"file_name\":\"%s.png\"}", i ? "," : "", i, i == 7 ? "000" : "nowhere");
    at += sprintf(at, "],\"annotations\":[");
    for (int i = 0; i < MANY; i++)
        at += sprintf(at, "%s{\"image_id\":%d,\"category_id\":%d,\"bbox\":[0,0,2,2]}", i ? "," : "", i, i);
    (void)sprintf(at, "]}");
    tree_write(&t, "instances.json", text);
    const clock_t began = clock();
    assert_fails(OKNG_ERROR_NOT_FOUND, "nowhere.png is not there",
                 tree_fails(&t, "coco", strrchr(t.root, '/') + 1, NULL, error));
    assert_true((double)(clock() - began) / CLOCKS_PER_SEC < 3);
    tree_write(&t, "instances.json",
               "{\"categories\":[{\"id\":9,\"name\":\"nine\"},{\"id\":7,\"name\":\"\"},{\"id\":7,\"name\":\"seven\"},"
               "{\"id\":7,\"name\":\"another\"},{\"name\":\"none\"}],\"images\":[{\"id\":1,\"file_name\":\"000.png\"},"
               "{\"id\":2,\"file_name\":\"001.png\"}],"
               "\"annotations\":[{\"image_id\":1,\"category_id\":7,\"bbox\":[0,0,2,2]}]}");
    okng_samples *samples = tree_samples(&t, "coco", strrchr(t.root, '/') + 1, NULL);
    assert_string_equal(tree_sample(samples, "000.png")->kind, "seven");
    okng_samples_free(&samples);
    free(text);
    tree_remove(&t);
}

/* Runs as text, through a whole file. */
static void packed_runs_are_those_of_coco(void **state)
{
    (void)state;
    okng_csv *csv = open_golden("runs");
    tree t = tree_new();
    tree_add_many(&t, "%03d.png", 4);
    static char json[8192];
    static uint8_t masks[2][7000];
    for (size_t row = 0; row < okng_csv_rows(csv); row++) {
        const int32_t width = atoi(okng_csv_field(csv, row, 0)), height = atoi(okng_csv_field(csv, row, 1));
        for (int packed = 0; packed < 2; packed++) {
            char list[4096], text[512] = "";
            (void)snprintf(list, sizeof list, "%s", okng_csv_field(csv, row, 2));
            for (char *c = list; (c = strchr(c, ' '));) *c = ',';
            for (const char *c = okng_csv_field(csv, row, 3); *c; c++) /* one of them is a mark of JSON's */
                (void)snprintf(text + strlen(text), sizeof text - strlen(text), *c == '\\' ? "\\%c" : "%c", *c);
            (void)snprintf(json, sizeof json,
                           "{\"images\":[{\"id\":1,\"file_name\":\"000.png\",\"width\":%d,\"height\":%d},"
                           "{\"id\":2,\"file_name\":\"001.png\"},{\"id\":3,\"file_name\":\"002.png\"}],\"annotations\":"
                           "[{\"image_id\":1,"
                           "\"segmentation\":{\"size\":[%d,%d],\"counts\":%s%s%s}}]}",
                           width, height, height, width, packed ? "\"" : "[", packed ? text : list,
                           packed ? "\"" : "]");
            tree_write(&t, "a.json", json);
            okng_samples *samples = tree_samples(&t, "coco", strrchr(t.root, '/') + 1, NULL);
            assert_ok(okng_sample_mask(tree_sample(samples, "000.png"), width, height, masks[packed], error));
            okng_samples_free(&samples);
        }
        const char *pixels = okng_csv_field(csv, row, 4);
        assert_memory_equal(masks[0], masks[1], (size_t)(width * height));
        long count = 0, sum = 0;
        for (int32_t i = 0; i < width * height; i++) {
            count += masks[0][i];
            sum += masks[0][i] ? i : 0;
            if (!strchr(pixels, ':')) assert_int_equal(masks[0][i], pixels[i] - '0');
        }
        char text[64];
        (void)snprintf(text, sizeof text, "%ld:%ld", count, sum % 1000003);
        if (strchr(pixels, ':')) assert_string_equal(text, pixels);
    }
    tree_remove(&t);
    okng_csv_free(&csv);
}

static void coco_files_of_several_splits_are_read(void **state)
{
    (void)state;
    tree t = tree_new();
    tree_add_many(&t, "train/%03d.png", 3);
    tree_add_many(&t, "valid/%03d.png", 1);
    tree_add_many(&t, "test/%03d.png", 2);
    tree_write(&t, "train/_annotations.coco.json",
               COCO(IMAGE("0", "000.png") "," IMAGE("1", "001.png") "," IMAGE("2", "002.png"), ANNOTATION("2", "[]")));
    tree_write(&t, "valid/_annotations.coco.json", COCO(IMAGE("0", "000.png"), ""));
    tree_write(&t, "test/_annotations.coco.json",
               COCO(IMAGE("0", "000.png") "," IMAGE("1", "001.png"), ANNOTATION("1", "[]")));
    okng_samples *samples = tree_samples(&t, "coco", strrchr(t.root, '/') + 1, NULL);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TRAIN, 0), 2);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_VALIDATION, 0), 1);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 0), 1);
    assert_int_equal(tree_count(samples, OKNG_SPLIT_TEST, 1), 2);
    assert_string_equal(tree_sample(samples, "train/_annotations.coco/002.png")->path, tree_path(&t, "train/002.png"));
    okng_samples_free(&samples);
    tree_remove(&t);
}

static void what_is_wrong_with_coco_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *json, *says;
    } files[] = {
        {"{}", "has no lists \"images\" and \"annotations\""},
        {COCO("3", ""), "image 0 is no object"},
        {COCO("{\"file_name\":\"000.png\"}", ""), "\"id\""},
        {COCO(IMAGE("1", "000.png") "," IMAGE("1", "001.png"), ""), "two images have the id 1"},
        {COCO(IMAGE("1", "../x.png"), ""), "\"../x.png\", expected a path below"},
        {COCO(IMAGE("1", "000.png"), "5"), "annotation 0 is no object"},
        {COCO(IMAGE("1", "000.png"), ANNOTATION("2", "[]")), "annotation 0 is of image 2, which is not listed"},
        {COCO(IMAGE("1", "000.png"), ANNOTATION("1", "[4]")), "its segmentation is no list of polygons"},
        {COCO(IMAGE("1", "000.png"), ANNOTATION("1", "[[1,1,2]]")), "annotation 0: has 3 coordinates"},
        {COCO(IMAGE("1", "000.png"), ANNOTATION("1", "[[1,1,2,2,9,9]]")), "annotation 0: point 3 is (9, 9), outside"},
        {COCO(IMAGE("1", "000.png"), ANNOTATION("1", "[[1,1,2,2,3,\"a\"]]")), "holds what is no number"},
        {COCO(IMAGE("1", "000.png"), ANNOTATION("1", "{\"size\":[6,4],\"counts\":[24]}")), "the size of its runs"},
        {COCO(IMAGE("1", "000.png"), ANNOTATION("1", "{\"size\":[4,6]}")), "its runs have no counts"},
        {COCO(IMAGE("1", "000.png"), ANNOTATION("1", "{\"size\":[4,6],\"counts\":[5,5]}")),
         "its runs have 10 pixels, expected 24 of 6x4"},
        {COCO(IMAGE("1", "000.png"), ANNOTATION("1", "{\"size\":[4,6],\"counts\":[-1,25]}")), "run 1 is -1"},
        {COCO(IMAGE("1", "000.png"), ANNOTATION("1", "{\"size\":[4,6],\"counts\":\"~\"}")),
         "its runs are no text of COCO"},
        {COCO(IMAGE("1", "000.png"), ANNOTATION("1", "{\"size\":[4,6],\"counts\":\"PPPPPPPPPPPPPPP\"}")),
         "its runs are no text of COCO"},
        {COCO(IMAGE("1", "000.png"), "{\"image_id\":1}"), "has neither segmentation nor bbox"},
    };
    tree t = tree_new();
    tree_add_many(&t, "%03d.png", 3);
    const char *name = strrchr(t.root, '/') + 1;
    assert_fails(OKNG_ERROR_NOT_FOUND, "no JSON file here", tree_fails(&t, "coco", name, NULL, error));
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        tree_write(&t, "a.json", files[i].json);
        assert_fails(OKNG_ERROR_FORMAT, files[i].says, tree_fails(&t, "coco", name, NULL, error));
    }
    tree_write(&t, "a.json", COCO(IMAGE("1", "009.png"), ""));
    assert_fails(OKNG_ERROR_NOT_FOUND, "its picture 009.png is not there", tree_fails(&t, "coco", name, NULL, error));
    tree_write(&t, "b.json", "{}");
    assert_fails(OKNG_ERROR_NOT_FOUND, "several JSON files", tree_fails(&t, "coco", name, NULL, error));
    tree_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polygons_hold_the_centres_of_their_pixels),
        cmocka_unit_test(outlines_without_a_centre_do_not_vanish),
        cmocka_unit_test(circles_hold_what_is_within_their_radius),
        cmocka_unit_test(labelme_shapes_are_masks),
        cmocka_unit_test(what_is_wrong_with_shapes_is_named),
        cmocka_unit_test(yolo_labels_are_masks),
        cmocka_unit_test(coco_annotations_are_masks),
        cmocka_unit_test(classes_are_found_by_their_number),
        cmocka_unit_test(packed_runs_are_those_of_coco),
        cmocka_unit_test(coco_files_of_several_splits_are_read),
        cmocka_unit_test(what_is_wrong_with_coco_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
