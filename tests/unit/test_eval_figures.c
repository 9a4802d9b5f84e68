/* The table of figures: what must hold of every row, and what the rows do. */
#include <unistd.h>

#include "eval/category_figures.h"
#include "test.h"

static void keys_and_places_in_the_file_are_of_one_figure_each(void **state)
{
    (void)state;
    for (int i = 0; i < OKNG_FIGURES; i++) {
        const okng_figure *one = &okng_figures[i];
        assert_int_equal(okng_figure_find(one->key), i);
        for (int k = 0; k < i; k++) {
            const okng_figure *other = &okng_figures[k];
            bool same_section = one->section && other->section ? strcmp(one->section, other->section) == 0
                                                               : one->section == other->section;
            if (same_section && strcmp(one->member, other->member) == 0) fail_msg("%s, %s", one->key, other->key);
        }
    }
    assert_int_equal(okng_figure_find("image_aurok"), OKNG_FIGURES);
}

static void what_is_shown_has_a_name_there(void **state)
{
    (void)state;
    const unsigned by_heading = OKNG_SHOWN_BRIEF | OKNG_SHOWN_TILE | OKNG_SHOWN_BARS | OKNG_SHOWN_CHART;
    for (int i = 0; i < OKNG_FIGURES; i++) {
        const okng_figure *f = &okng_figures[i];
        if (f->shown & by_heading && !f->heading) fail_msg("%s has no heading", f->key);
        if (f->shown & (OKNG_SHOWN_RUN | OKNG_SHOWN_SPEED) && !f->title) fail_msg("%s has no title", f->key);
    }
}

static void metrics_are_computed_and_follow_a_switch(void **state)
{
    (void)state;
    for (int i = 0; i < OKNG_FIGURES; i++) {
        const okng_figure *f = &okng_figures[i], *full = &okng_figures[f->full];
        bool metric = f->group == OKNG_GROUP_IMAGE || f->group == OKNG_GROUP_PIXEL || f->group == OKNG_GROUP_PIXEL_CROP;
        assert_true(metric == (full->compute != NULL));
        if (!metric) continue;
        assert_true(full->metric < OKNG_FIGURES && okng_figures[full->metric].help);
        assert_true((f->full == (okng_figure_id)i) == (f->group != OKNG_GROUP_PIXEL_CROP));
    }
}

static okng_evidence some_evidence(void)
{
    okng_evidence evidence = {.ranking = {.all_good = 2, .all_bad = 2}, .pro = {0.5, 0.25}, .pimo = 0.125};
    okng_ranking_step(&evidence.ranking, 4, 0, 1);
    okng_ranking_step(&evidence.ranking, 3, 1, 0);
    okng_ranking_step(&evidence.ranking, 2, 0, 1);
    okng_ranking_step(&evidence.ranking, 1, 1, 0);
    return evidence;
}

static void what_is_switched_off_is_nan_with_all_that_comes_with_it(void **state)
{
    (void)state;
    bool asked[OKNG_FIGURES] = {[OKNG_FIGURE_PIXEL_AUROC] = true, [OKNG_FIGURE_AUPRO_05] = true};
    double values[OKNG_FIGURES];
    okng_figures_init(values);
    values[OKNG_FIGURE_IMAGE_AUROC] = 7;
    const okng_evidence evidence = some_evidence();
    okng_figures_compute(OKNG_GROUP_PIXEL, &evidence, asked, values);
    assert_true(values[OKNG_FIGURE_PIXEL_AUROC] == 0.75 && values[OKNG_FIGURE_AUPRO_05] == 0.25);
    assert_true(isnan(values[OKNG_FIGURE_PIXEL_F1MAX]) && isnan(values[OKNG_FIGURE_PIXEL_F1MAX_THRESHOLD]));
    assert_true(isnan(values[OKNG_FIGURE_PIXEL_AUROC_CROP]) && values[OKNG_FIGURE_IMAGE_AUROC] == 7);
    okng_figures_compute(OKNG_GROUP_PIXEL_CROP, &evidence, asked, values);
    assert_true(values[OKNG_FIGURE_PIXEL_AUROC_CROP] == 0.75 && values[OKNG_FIGURE_AUPRO_05_CROP] == 0.25);
    assert_true(isnan(values[OKNG_FIGURE_PIXEL_F1MAX_THRESHOLD_CROP]));
    okng_figures_compute(OKNG_GROUP_IMAGE, &evidence, NULL, values);
    assert_true(values[OKNG_FIGURE_IMAGE_F1MAX] == 0.8 && values[OKNG_FIGURE_IMAGE_F1MAX_THRESHOLD] < 2 &&
                values[OKNG_FIGURE_IMAGE_F1MAX_THRESHOLD] >= 1); /* above it is NG: 2 is, 1 is not */
}

static void public_structs_are_filled_by_the_table(void **state)
{
    (void)state;
    double values[OKNG_FIGURES];
    for (int i = 0; i < OKNG_FIGURES; i++) values[i] = 1 + i;
    okng_metrics metrics, crop;
    okng_metrics_init(&metrics);
    okng_metrics_init(&crop);
    assert_true(isnan(metrics.aupimo) && isnan(metrics.figures[OKNG_FIGURE_AUPIMO]) && isnan(metrics.image_auroc));
    okng_figures_to_metrics(values, OKNG_GROUP_IMAGE, &metrics);
    assert_true(metrics.image_f1max == values[OKNG_FIGURE_IMAGE_F1MAX] && isnan(metrics.pixel_auroc));
    okng_figures_to_metrics(values, OKNG_GROUP_PIXEL, &metrics);
    assert_true(metrics.aupimo == values[OKNG_FIGURE_AUPIMO]);
    assert_true(metrics.figures[OKNG_FIGURE_AUPIMO] == metrics.aupimo);
    okng_figures_to_metrics(values, OKNG_GROUP_PIXEL_CROP, &crop);
    assert_true(crop.aupro_30 == values[OKNG_FIGURE_AUPRO_30_CROP] && isnan(crop.aupimo) && isnan(crop.image_ap));
    assert_true(crop.figures[OKNG_FIGURE_AUPRO_30] == crop.aupro_30);
    okng_category_info info = {.struct_size = sizeof info};
    values[OKNG_FIGURE_PARAMETERS] = (double)NAN; /* an older file has none */
    okng_figures_to_info(values, &info);
    assert_int_equal(info.bank_bytes, (int64_t)values[OKNG_FIGURE_BANK_BYTES]);
    assert_int_equal(info.parameters, 0);
    assert_true(info.latency_p99 == values[OKNG_FIGURE_LATENCY_P99] && info.flops == values[OKNG_FIGURE_FLOPS]);
}

static void people_read_percent_and_units(void **state)
{
    (void)state;
    const struct {
        okng_figure_id id;
        double value;
        const char *text, *unit;
    } cases[] = {{OKNG_FIGURE_IMAGE_AUROC, 0.98765, "98.77", "%"},
                 {OKNG_FIGURE_DEFECTS, 12, "12", ""},
                 {OKNG_FIGURE_DEFECTS, 12.25, "12.2", ""},
                 {OKNG_FIGURE_BANK_BYTES, 3 << 19, "1.5", "MiB"},
                 {OKNG_FIGURE_THRESHOLD_IMAGE, 1.23456, "1.235", ""},
                 {OKNG_FIGURE_LATENCY_P50, 7.25, "7.2", "ms"},
                 {OKNG_FIGURE_THROUGHPUT, 99.96, "100.0", "pictures/s"},
                 {OKNG_FIGURE_AUPIMO, (double)NAN, "", "%"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[32];
        assert_string_equal(okng_figure_text(cases[i].id, cases[i].value, text, sizeof text), cases[i].text);
        assert_string_equal(okng_figure_unit_text(cases[i].id), cases[i].unit);
    }
    assert_int_equal(okng_figure_better(OKNG_FIGURE_AUPRO_30_CROP), 1);
    assert_int_equal(okng_figure_better(OKNG_FIGURE_LATENCY_P50), -1);
}

static void a_file_reads_back_as_it_was(void **state)
{
    (void)state;
    char path[] = "/tmp/okng-figures-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    (void)close(file);
    static okng_category_figures out, in;
    okng_category_figures_init(&out);
    (void)snprintf(out.name, sizeof out.name, "cloth");
    (void)snprintf(out.backbone, sizeof out.backbone, "resnet18");
    out.seed = INT64_MAX - 1; /* more digits than a double has */
    for (int i = 0; i < OKNG_FIGURES; i++)
        if (i % 3) out.values[i] = okng_figure_is_whole((okng_figure_id)i) ? 3 * i : 0.0078125 * i;
    out.values[OKNG_FIGURE_SEED] = (double)out.seed;
    out.pro = (okng_curve){.count = 2, .points = {{0, 0.25}, {1, 1}}};
    assert_ok(okng_category_figures_write(&out, path, error));
    assert_ok(okng_category_figures_read(&in, path, error));
    assert_string_equal(in.name, "cloth");
    assert_string_equal(in.backbone, "resnet18");
    assert_true(in.seed == out.seed);
    for (int i = 0; i < OKNG_FIGURES; i++)
        if (isnan(out.values[i]) ? !isnan(in.values[i]) : in.values[i] != out.values[i])
            fail_msg("%s is %.17g, was %.17g", okng_figures[i].key, in.values[i], out.values[i]);
    assert_int_equal(in.pro.count, 2);
    assert_int_equal(in.image_roc.count, 0);
    assert_true(in.pro.points[0].y == 0.25);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_places_in_the_file_are_of_one_figure_each),
        cmocka_unit_test(what_is_shown_has_a_name_there),
        cmocka_unit_test(metrics_are_computed_and_follow_a_switch),
        cmocka_unit_test(what_is_switched_off_is_nan_with_all_that_comes_with_it),
        cmocka_unit_test(public_structs_are_filled_by_the_table),
        cmocka_unit_test(people_read_percent_and_units),
        cmocka_unit_test(a_file_reads_back_as_it_was),
    };
    return RUN_TESTS(tests);
}
