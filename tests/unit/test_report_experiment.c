/* An experiment's folder: what is read, summarised, joined. */
#include <ftw.h>
#include <locale.h>
#include <sys/stat.h>

#include "test.h"

#include "base/csv.h"
#include "base/json.h"
#include "base/utf8.h"
#include "report/collect.h"
#include "report/experiment_page.h"
#include "report/figures.h"
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
    assert_true(results.mean[OKNG_FIGURE_IMAGE_AUROC] == 0.5);
    assert_true(results.mean[OKNG_FIGURE_PIXEL_AUROC] == 0.95);
    assert_true(isnan(results.mean[OKNG_FIGURE_IMAGE_AP]));
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
    assert_int_equal(okng_csv_columns(csv), OKNG_FIGURES + 1);
    assert_ok(okng_csv_column(csv, "image_auroc", &auroc, error));
    assert_ok(okng_csv_column(csv, "pixel_auroc", &pixel, error));
    assert_string_equal(okng_csv_field(csv, 0, 0), "tile");
    assert_string_equal(okng_csv_field(csv, 0, auroc), "0.75");
    assert_string_equal(okng_csv_field(csv, 1, pixel), ""); /* absent */
    assert_string_equal(okng_csv_field(csv, 2, 0), "mean");
    assert_string_equal(okng_csv_field(csv, 2, auroc), "0.5");
    okng_csv_free(&csv);
    assert_ok(okng_json_read(&document, below("metrics.json"), &okng_json_small, error));
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
    refuse(curve, OKNG_ERROR_LIMIT, "6291576 bytes, expected at most 4194304");
    free(curve);
    curve = repeat(HEAD ", \"curves\": {\"image_roc\": [", "[0,0],", 1 << 15, "[1,1]]}}");
    refuse(curve, OKNG_ERROR_LIMIT, "line 1: more than 32768 numbers");
    free(curve);
    curve = repeat(HEAD ", \"curves\": {\"image_roc\": [", "[0,0],", 1 << 10, "[1,1]]}}");
    refuse(curve, OKNG_ERROR_FORMAT, "expected at most 500");
    free(curve);
    char *name = repeat("{\"okng_metrics\": 1, \"category\": \"", "0123456789abcdef", 10 << 8, "\"}");
    refuse(name, OKNG_ERROR_LIMIT, "at most 255");
    free(name);
    char *deep = repeat("{\"okng_metrics\": ", "[", 1 << 20, "");
    refuse(deep, OKNG_ERROR_LIMIT, "nested deeper than 16");
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

/* Where the machine can make one. */
static bool use_decimal_comma(void)
{
    char command[256];
    (void)snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s >/dev/null 2>&1", below("de_DE.UTF-8"));
    bool made = system(command) == 0 && setenv("LOCPATH", root, 1) == 0;
    return made && setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

static void files_do_not_depend_on_the_locale(void **state)
{
    (void)state;
    static const char *const names[] = {"summary_metrics.csv", "summary_metrics_pretty.md", "figures/tile_roc.svg",
                                        "report.html"};
    void *before[4], *after[4];
    size_t sizes[4], size;
    char dir[128];
    (void)snprintf(dir, sizeof dir, "%s", below("e"));
    assert_ok(report_write_experiment(dir, "mvtec", error));
    assert_ok(okng_summary_write(dir, error));
    assert_ok(okng_experiment_report_write(dir, false, error));
    for (int i = 0; i < 4; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "e/%s", names[i]);
        assert_ok(okng_file_read(below(name), 1 << 24, &before[i], &sizes[i], error));
    }
    if (!use_decimal_comma()) print_message("# no locale with a decimal comma here\n");
    assert_ok(okng_summary_write(dir, error));
    assert_ok(okng_experiment_report_write(dir, false, error));
    (void)setlocale(LC_ALL, "C");
    for (int i = 0; i < 4; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "e/%s", names[i]);
        assert_ok(okng_file_read(below(name), 1 << 24, &after[i], &size, error));
        assert_int_equal(size, sizes[i]);
        assert_memory_equal(after[i], before[i], size);
        free(before[i]);
        free(after[i]);
    }
}

/* A label is cut between characters: cairo draws nothing but UTF-8. */
static void long_names_in_any_script_are_drawn(void **state)
{
    (void)state;
    static const char name[] = "\xec\x82\xb0\xec\x97\x85\xec\x9a\xa9\xea\xb2\x80\xec\x82\xac\xec\x9e\xa5"
                               "\xeb\xb9\x84\xeb\xb6\x80\xed\x92\x88\xeb\xb2\x88\xed\x98\xb8\xec\x9d\xbc";
    assert_ok(report_write_metrics(below("one"), name, name, 0.5, false, error));
    assert_ok(report_write_metrics(below("two"), "mvtec", "tile", 0.5, false, error));
    okng_results both[2];
    void *text;
    size_t size;
    assert_ok(okng_results_read(&both[0], below("one"), error));
    assert_ok(okng_results_read(&both[1], below("two"), error));
    assert_ok(okng_experiment_report_write(below("one"), false, error));
    assert_ok(okng_figure_save(okng_figure_experiments(both, 2), root, "experiments", NULL, error));
    okng_results_free(&both[0]);
    okng_results_free(&both[1]);
    assert_ok(okng_file_read(below("experiments.svg"), 1 << 20, &text, &size, error));
    assert_true(okng_utf8_valid(text, size, NULL));
    assert_null(memmem(text, size, "\xef\xbf\xbd", 3)); /* no character was lost */
    free(text);
}

/* Cairo's pictures have at most 32767 pixels a side. */
static void hundreds_of_categories_are_drawn(void **state)
{
    (void)state;
    for (int i = 0; i < 700; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "c%03d", i);
        assert_ok(report_write_metrics(below("many"), "csv", name, 0.5, true, error));
    }
    okng_results results;
    assert_ok(okng_results_read(&results, below("many"), error));
    assert_ok(okng_figure_save(okng_figure_categories(&results), root, "categories", NULL, error));
    okng_results_free(&results);
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
        TEST(files_do_not_depend_on_the_locale),
        TEST(long_names_in_any_script_are_drawn),
        TEST(hundreds_of_categories_are_drawn),
    };
    return RUN_TESTS(tests);
}
