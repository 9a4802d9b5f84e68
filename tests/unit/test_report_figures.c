/* Figures and the page: what is drawn stays on the canvas, is well-formed, and tells what was measured. */
#include <sys/stat.h>

#include "test.h"

#include "report/canvas_list.h"
#include "report/experiment_page.h"
#include "report/figures.h"
#include "report/published.h"
#include "report_fixture.h"

static void fill(okng_category_figures *figures)
{
    memset(figures, 0, sizeof *figures);
    for (size_t i = 0; i < OKNG_FIGURES; i++) figures->values[i] = NAN;
    (void)strcpy(figures->name, "a<b>&c");
    figures->values[OKNG_FIGURE_IMAGE_AUROC] = 0.9875;
    figures->values[OKNG_FIGURE_AUPRO_30] = 0.5;
    figures->pro.count = figures->image_roc.count = 3;
    const double x[] = {0, 0.2, 0.4}, y[] = {0, 0.5, 1};
    for (size_t i = 0; i < 3; i++)
        figures->pro.points[i] = figures->image_roc.points[i] = (struct okng_curve_point){x[i], y[i]};
}

static bool says(const okng_canvas *canvas, const char *text)
{
    for (size_t i = 0; i < canvas->count; i++)
        if (canvas->shapes[i].text && strstr(canvas->shapes[i].text, text)) return true;
    return false;
}

static void assert_inside(const okng_canvas *canvas)
{
    assert_non_null(canvas);
    assert_false(canvas->failed);
    for (size_t i = 0; i < canvas->count; i++) {
        const okng_shape *shape = &canvas->shapes[i];
        assert_true(shape->from.x >= 0 && shape->from.x <= canvas->width);
        assert_true(shape->from.y >= 0 && shape->from.y <= canvas->height);
    }
    for (size_t i = 0; i < canvas->point_count; i++) {
        assert_true(canvas->points[i].x >= 0 && canvas->points[i].x <= canvas->width);
        assert_true(canvas->points[i].y >= 0 && canvas->points[i].y <= canvas->height);
    }
}

static void curves_are_drawn_to_scale(void **state)
{
    (void)state;
    okng_category_figures *figures = malloc(sizeof *figures);
    fill(figures);
    okng_canvas *canvas = okng_figure_pro(figures);
    assert_inside(canvas);
    assert_true(says(canvas, "50.00 %"));
    /* The last path is the curve, cut at a rate of 0.3, half of the way from (0.2, 0.5) to (0.4, 1). */
    size_t last = canvas->count;
    while (canvas->shapes[--last].kind != OKNG_SHAPE_PATH) continue;
    const okng_point *points = &canvas->points[canvas->shapes[last].first];
    assert_int_equal(canvas->shapes[last].count, 3);
    double up = points[0].y - points[1].y, on = points[1].x - points[0].x;
    assert_true(fabs((points[0].y - points[2].y) / up - 1.5) < 1e-9);
    assert_true(fabs((points[2].x - points[0].x) / on - 1.5) < 1e-9);
    okng_canvas_free(canvas);
    canvas = okng_figure_roc(figures);
    assert_inside(canvas);
    assert_true(says(canvas, "98.75 %"));
    okng_canvas_free(canvas);
    free(figures);
}

static void extreme_scores_are_drawn(void **state)
{
    (void)state;
    okng_picture_score some[3] = {{.score = -1e308}, {.score = 1e308, .bad = true}, {.score = 0}};
    const okng_score_list lists[] = {{some, 3, NAN}, {some, 2, 1e308}, {some, 1, NAN}, {NULL, 0, NAN}, {NULL, 0, 3}};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        okng_canvas *canvas = okng_figure_scores(&lists[i], "x");
        assert_inside(canvas);
        okng_canvas_free(canvas);
    }
}

/* Doubles that lie next to each other: an axis between them would have no end of numbers. */
static void scores_side_by_side_are_drawn(void **state)
{
    (void)state;
    const double at[] = {2.3592160666161885, 1e300, -7e-310, 4};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        okng_picture_score pair[2] = {{.score = at[i]}, {.score = nextafter(at[i], INFINITY), .bad = true}};
        const okng_score_list list = {pair, 2, at[i]};
        okng_canvas *canvas = okng_figure_scores(&list, "x");
        assert_inside(canvas);
        assert_in_range(canvas->count, 10, 100);
        okng_canvas_free(canvas);
    }
}

static char *read_text(const char *dir, const char *name)
{
    char path[256];
    void *data;
    size_t size;
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_ok(okng_file_read(path, 1 << 24, &data, &size, error));
    char *text = calloc(1, size + 1);
    memcpy(text, data, size);
    free(data);
    return text;
}

static void an_svg_escapes_names(void **state)
{
    (void)state;
    okng_category_figures *figures = malloc(sizeof *figures);
    char *text;
    size_t size;
    fill(figures);
    okng_canvas *canvas = okng_figure_roc(figures);
    FILE *stream = open_memstream(&text, &size);
    assert_ok(okng_canvas_svg(canvas, true, stream, error));
    (void)fclose(stream);
    assert_non_null(strstr(text, "a&#60;b&#62;&#38;c"));
    assert_null(strstr(text, "<b>"));
    assert_non_null(strstr(text, "xmlns="));
    assert_null(strstr(text, "class="));
    free(text);
    okng_canvas_free(canvas);
    free(figures);
}

static void the_page_tells_it_all(void **state)
{
    (void)state;
    char dir[] = "/tmp/okng-page-XXXXXX";
    assert_non_null(mkdtemp(dir));
    assert_ok(report_write_experiment(dir, "mvtec", error));
    assert_ok(okng_experiment_report_write(dir, true, error));
    char *page = read_text(dir, "report.html");
    static const char *const parts[] = {"75.00",
                                        "50.00",
                                        "threshold 2.5",
                                        "report_files/data.js",
                                        "Published figures for this data set",
                                        "patchcore-inspection",
                                        "- grid"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!strstr(page, parts[i])) fail_msg("the page does not say \"%s\"", parts[i]);
    assert_null(strstr(page, "missing.png")); /* its file is not there: left out */
    assert_null(strstr(page, "nan"));
    assert_null(strstr(page, "http-equiv"));
    free(page);
    char *svg = read_text(dir, "figures/tile_scores.svg");
    assert_non_null(strstr(svg, "2 with a defect"));
    free(svg);
    bool has_png;
    assert_ok(okng_canvas_has_png(&has_png, error));
    if (has_png) {
        okng_image image;
        char path[256];
        (void)snprintf(path, sizeof path, "%s/figures/tile_roc.png", dir);
        assert_ok(okng_image_load(&image, path, 1 << 24, error));
        assert_int_equal(image.width, 1120);
        okng_image_free(&image);
    }
    char command[64];
    (void)snprintf(command, sizeof command, "rm -r %s", dir);
    assert_int_equal(system(command), 0);
}

static void published_figures_are_matched_by_name(void **state)
{
    (void)state;
    char dir[] = "/tmp/okng-page-XXXXXX", command[64];
    okng_csv *table;
    okng_results results;
    okng_published *list;
    size_t count;
    assert_non_null(mkdtemp(dir));
    assert_ok(okng_published_read(&table, error));
    assert_ok(report_write_experiment(dir, "mvtec", error));
    assert_ok(okng_results_read(&results, dir, error));
    assert_ok(okng_published_match(table, &results, &list, &count, error));
    assert_true(count > 20);
    size_t tile = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(list[i].category < 2); /* two categories: no mean over fifteen */
        assert_true(list[i].value > 0.5 && list[i].value <= 1);
        bool inspection = strcmp(list[i].source, "patchcore-inspection") == 0;
        if (inspection && strcmp(list[i].setting, "WR50 224, 10 %") == 0 && list[i].category == 0 &&
            list[i].metric == OKNG_FIGURE_IMAGE_AUROC) {
            assert_true(list[i].value == 0.9949 && list[i].ours == 0.75);
            tile++;
        }
    }
    assert_int_equal(tile, 1);
    free(list);
    (void)strcpy(results.categories[0]->method, "winclip"); /* another method's have others beside them */
    assert_ok(okng_published_match(table, &results, &list, &count, error));
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(list[i].setting, "zero-shot"); /* which alone is told by category */
        assert_string_equal(list[i].source, "WinCLIP paper");
        bool tile_score = list[i].category == 0 && list[i].metric == OKNG_FIGURE_IMAGE_AUROC;
        assert_true(!tile_score || list[i].value == 1);
    }
    free(list);
    (void)strcpy(results.categories[0]->method, "afclip");
    assert_ok(okng_published_match(table, &results, &list, &count, error));
    const size_t whole = count;
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(list[i].source, "AF-CLIP");
        assert_string_equal(list[i].setting, "zero-shot, learnt on VisA");
        bool tile_score = list[i].category == 0 && list[i].metric == OKNG_FIGURE_IMAGE_AUROC;
        assert_true(!tile_score || list[i].value == 0.9935);
    }
    free(list);
    (void)strcpy(results.categories[0]->method, "miniclip"); /* the same method on a smaller network */
    assert_ok(okng_published_match(table, &results, &list, &count, error));
    assert_int_equal(count, whole);
    assert_string_equal(list[0].source, "AF-CLIP");
    free(list);
    (void)strcpy(results.categories[0]->method, "of somebody"); /* of whom nobody published: patchcore's */
    assert_ok(okng_published_match(table, &results, &list, &count, error));
    assert_true(count > 20);
    free(list);
    (void)strcpy(results.categories[0]->dataset, "demo");
    assert_ok(okng_published_match(table, &results, &list, &count, error));
    assert_int_equal(count, 0);
    free(list);
    okng_results_free(&results);
    okng_csv_free(&table);
    (void)snprintf(command, sizeof command, "rm -r %s", dir);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_are_drawn_to_scale),     cmocka_unit_test(extreme_scores_are_drawn),
        cmocka_unit_test(scores_side_by_side_are_drawn), cmocka_unit_test(an_svg_escapes_names),
        cmocka_unit_test(the_page_tells_it_all),         cmocka_unit_test(published_figures_are_matched_by_name),
    };
    return RUN_TESTS(tests);
}
