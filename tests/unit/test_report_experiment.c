/* An experiment's folder: what is read, summarised, joined. */
#include <ftw.h>
#include <sys/stat.h>

#include "test.h"

#include "base/csv.h"
#include "base/json.h"
#include "report/collect.h"
#include "report/summary.h"
#include "report/tables.h"
#include "report_fixture.h"

static int drop(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info, (void)kind, (void)at;
    return remove(path);
}

static char root[64];

static int make_root(void **state)
{
    (void)state;
    (void)strcpy(root, "/tmp/okng-report-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int drop_root(void **state)
{
    (void)state;
    return nftw(root, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static char *below(const char *name)
{
    static char path[4][256];
    static int next;
    char *out = path[next++ % 4];
    (void)snprintf(out, sizeof path[0], "%s/%s", root, name);
    return out;
}

static void a_mean_is_over_the_categories_that_have_the_figure(void **state)
{
    (void)state;
    okng_results results;
    assert_ok(report_write_experiment(root, "mvtec", error));
    assert_ok(okng_results_read(&results, root, error));
    assert_int_equal(results.count, 2);
    assert_string_equal(results.categories[0]->name, "tile"); /* as config.yaml, not as the alphabet */
    assert_string_equal(results.categories[1]->name, "grid");
    assert_true(results.mean[okng_column_find("image_auroc")] == 0.5);
    assert_true(results.mean[okng_column_find("pixel_auroc")] == 0.95);
    assert_true(isnan(results.mean[okng_column_find("image_ap")]));
    assert_int_equal(results.categories[0]->pro.count, 4);
    okng_results_free(&results);
}

static void the_summary_reads_back(void **state)
{
    (void)state;
    okng_csv *csv;
    size_t auroc, pixel;
    json_t *document;
    double value;
    assert_ok(report_write_experiment(root, "mvtec", error));
    assert_ok(okng_summary_write(root, error));
    assert_ok(okng_csv_read(&csv, below("summary_metrics.csv"), error));
    assert_int_equal(okng_csv_rows(csv), 3);
    assert_int_equal(okng_csv_columns(csv), OKNG_COLUMNS + 1);
    assert_ok(okng_csv_column(csv, "image_auroc", &auroc, error));
    assert_ok(okng_csv_column(csv, "pixel_auroc", &pixel, error));
    assert_string_equal(okng_csv_field(csv, 0, 0), "tile");
    assert_string_equal(okng_csv_field(csv, 0, auroc), "0.75");
    assert_string_equal(okng_csv_field(csv, 1, pixel), ""); /* absent */
    assert_string_equal(okng_csv_field(csv, 2, 0), "mean");
    assert_string_equal(okng_csv_field(csv, 2, auroc), "0.5");
    okng_csv_free(&csv);
    assert_ok(okng_json_read(&document, below("metrics.json"), error));
    assert_ok(okng_json_number(json_object_get(document, "mean"), "", "pixel_auroc", 0, 1, &value, error));
    assert_true(value == 0.95);
    assert_null(json_object_get(json_object_get(json_object_get(document, "categories"), "grid"), "pixel_auroc"));
    json_decref(document);
    assert_ok(okng_csv_read(&csv, below("summary_metrics_pretty.csv"), error));
    assert_ok(okng_csv_column(csv, "Image AUROC (%)", &auroc, error));
    assert_string_equal(okng_csv_field(csv, 0, auroc), "75.00");
    assert_false(okng_csv_has_column(csv, "Image AP (%)", &auroc)); /* no category has it */
    okng_csv_free(&csv);
    assert_int_equal(access(below("summary_metrics_pretty.md"), R_OK), 0);
}

static void a_summary_is_no_category(void **state)
{
    (void)state;
    okng_collection collection;
    assert_ok(report_write_experiment(below("r/mvtec/patchcore/one"), "mvtec", error));
    assert_ok(report_write_experiment(below("r/demo/patchcore/two"), "demo", error));
    assert_ok(okng_summary_write(below("r/mvtec/patchcore/one"), error));
    const char *dirs[] = {below("r"), below("r/mvtec")};
    assert_ok(okng_collection_read(&collection, dirs, 2, error));
    assert_int_equal(collection.count, 2); /* found twice, taken once */
    assert_string_equal(collection.experiments[0].categories[0]->dataset, "demo");
    okng_collection_free(&collection);
    assert_ok(okng_make_folders(below("empty"), error));
    const char *none[] = {below("r"), below("empty")};
    assert_fails(OKNG_ERROR_NOT_FOUND, "empty", okng_collection_read(&collection, none, 2, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "no finished category", okng_summary_write(below("empty"), error));
}

static void tables_are_plain_text_whatever_the_names(void **state)
{
    (void)state;
    okng_table table;
    char *text;
    size_t size;
    assert_ok(okng_table_new(&table, 2, 2, error));
    assert_true(okng_table_set(&table, 0, 0, "na,me"));
    assert_true(okng_table_set(&table, 0, 1, "n"));
    assert_true(okng_table_set(&table, 1, 0, "a\x1b|\"b"));
    assert_true(okng_table_set(&table, 1, 1, "12"));
    FILE *stream = open_memstream(&text, &size);
    assert_true(okng_table_csv(&table, stream) && okng_table_markdown(&table, stream) &&
                okng_table_text(&table, stream));
    (void)fclose(stream);
    assert_string_equal(text, "\"na,me\",n\n\"a?|\"\"b\",12\n"
                              "| na,me  |   n |\n| ------ | --: |\n| a?\\|\"b |  12 |\n"
                              "na,me   n\na?|\"b  12\n");
    free(text);
    okng_table_free(&table);
}

/* ---- hostile files ---- */

static void refuse(const char *text, okng_status expected, const char *part)
{
    okng_category_figures *figures = malloc(sizeof *figures);
    assert_ok(report_write(root, "hostile.json", text, error));
    assert_fails(expected, part, okng_category_figures_read(figures, below("hostile.json"), error));
    assert_fails(expected, "hostile.json", okng_category_figures_read(figures, below("hostile.json"), error));
    free(figures);
}

#define HEAD "{\"okng_metrics\": 1, \"dataset\": \"d\", \"category\": \"c\", \"method\": \"m\", \"experiment\": \"e\""

static void hostile_metrics_are_refused(void **state)
{
    (void)state;
    refuse("{}", OKNG_ERROR_FORMAT, "okng_metrics");
    refuse("[1]", OKNG_ERROR_FORMAT, "no object");
    refuse("{\"okng_metrics\": 2}", OKNG_ERROR_FORMAT, "okng_metrics");
    refuse("{\"okng_metrics\": 1, \"dataset\": 3, \"category\": \"c\"}", OKNG_ERROR_FORMAT, "dataset");
    refuse(HEAD ", \"metrics\": []}", OKNG_ERROR_FORMAT, "\"metrics\"");
    refuse(HEAD ", \"metrics\": {\"image_auroc\": \"high\"}}", OKNG_ERROR_FORMAT, "image_auroc");
    refuse(HEAD ", \"metrics\": {\"image_auroc\": 1.5}}", OKNG_ERROR_FORMAT, "image_auroc");
    refuse(HEAD ", \"metrics\": {\"image_auroc\": null}}", OKNG_ERROR_FORMAT, "image_auroc");
    refuse(HEAD ", \"metrics\": {\"image_auroc\": NaN}}", OKNG_ERROR_FORMAT, "line 1");
    refuse(HEAD ", \"metrics\": {\"pixel_f1max_threshold\": 1e999}}", OKNG_ERROR_FORMAT, "line 1");
    refuse(HEAD ", \"peak_bytes\": -1}", OKNG_ERROR_FORMAT, "peak_bytes");
    refuse(HEAD ", \"curves\": {\"pro\": {}}}", OKNG_ERROR_FORMAT, "\"pro\"");
    refuse(HEAD ", \"curves\": {\"pro\": [[0, 0], [1]]}}", OKNG_ERROR_FORMAT, "point 1");
    refuse(HEAD ", \"curves\": {\"pro\": [[0, 2]]}}", OKNG_ERROR_FORMAT, "point 0");
}

/* `count` times `part` between `before` and `after`; malloc'd. */
static char *repeat(const char *before, const char *part, size_t count, const char *after)
{
    size_t length = strlen(part);
    char *text = malloc(strlen(before) + count * length + strlen(after) + 1), *to = stpcpy(text, before);
    for (size_t i = 0; i < count; i++) to = stpcpy(to, part);
    (void)strcpy(to, after);
    return text;
}

static void huge_metrics_are_refused(void **state)
{
    (void)state;
    char *curve = repeat(HEAD ", \"curves\": {\"image_roc\": [", "[0,0],", 1 << 20, "[1,1]]}}");
    refuse(curve, OKNG_ERROR_FORMAT, "expected at most 500");
    free(curve);
    char *name = repeat("{\"okng_metrics\": 1, \"category\": \"", "0123456789abcdef", 10 << 16, "\"}");
    refuse(name, OKNG_ERROR_LIMIT, "at most 255");
    free(name);
    char *deep = repeat("{\"okng_metrics\": ", "[", 1 << 20, "");
    refuse(deep, OKNG_ERROR_FORMAT, "depth");
    free(deep);
}

static void refuse_scores(const char *text, okng_status expected, const char *part)
{
    okng_score_list list;
    assert_ok(report_write(root, "scores.json", text, error));
    assert_fails(expected, part, okng_score_list_read(&list, below("scores.json"), error));
    assert_null(list.pictures);
}

#define ENTRY "{\"pictures\": [{\"name\": \"a\", \"label\": 1, \"score\": 1, \"verdict\": \"NG\""

static void hostile_scores_are_refused(void **state)
{
    (void)state;
    refuse_scores("{}", OKNG_ERROR_FORMAT, "pictures");
    refuse_scores("{\"pictures\": [3]}", OKNG_ERROR_FORMAT, "name");
    refuse_scores("{\"threshold\": \"x\", \"pictures\": []}", OKNG_ERROR_FORMAT, "threshold");
    refuse_scores("{\"pictures\": [{\"name\": \"a\", \"label\": 2}]}", OKNG_ERROR_FORMAT, "verdict");
    refuse_scores("{\"pictures\": [{\"name\": \"a\", \"verdict\": \"OK\", \"label\": 2}]}", OKNG_ERROR_FORMAT, "label");
    refuse_scores(ENTRY ", \"overlay\": \"../../secret.png\"}]}", OKNG_ERROR_FORMAT, "below its folder");
    refuse_scores(ENTRY ", \"overlay\": \"a/../b.png\"}]}", OKNG_ERROR_FORMAT, "below its folder");
    refuse_scores(ENTRY ", \"heat\": \"/etc/passwd\"}]}", OKNG_ERROR_FORMAT, "below its folder");
    refuse_scores(ENTRY "}, {\"name\": \"b\"}]}", OKNG_ERROR_FORMAT, "verdict");
}

static void a_category_in_another_folder_is_told(void **state)
{
    (void)state;
    okng_results results;
    assert_ok(report_write_metrics(root, "mvtec", "tile", 0.5, false, error));
    assert_int_equal(rename(below("tile"), below("wood")), 0);
    assert_fails(OKNG_ERROR_MISMATCH, "\"tile\"", okng_results_read(&results, root, error));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, drop_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mean_is_over_the_categories_that_have_the_figure),
        TEST(the_summary_reads_back),
        TEST(a_summary_is_no_category),
        TEST(tables_are_plain_text_whatever_the_names),
        TEST(hostile_metrics_are_refused),
        TEST(huge_metrics_are_refused),
        TEST(hostile_scores_are_refused),
        TEST(a_category_in_another_folder_is_told),
    };
    return RUN_TESTS(tests);
}
