/* Image and pixel metrics against scikit-learn, and AU-PRO against its definition (tests/golden/make_metrics.py). */
#include "base/csv.h"
#include "eval/figures.h"
#include "eval/image_metrics.h"
#include "eval/pixel_metrics.h"
#include "test.h"

enum { MAX_SIDE = 200, MAX_IMAGES = 2000 };

static const double rank_tolerance = 1e-9, pro_tolerance = 1e-9;

/* One metric, as the table computes it. */
static double figure_of(okng_figure_id id, const okng_evidence *evidence)
{
    double values[OKNG_FIGURES];
    okng_figures_compute(okng_figures[id].group, evidence, NULL, values);
    return values[id];
}

/* SplitMix64's mixing of a counter. */
static uint64_t mix(uint64_t x)
{
    uint64_t z = x * 0x9E3779B97F4A7C15u + 0x1234567u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static float score(uint64_t bits, uint64_t levels)
{
    if (levels > 0) return (float)(bits % levels) / (float)levels;
    return (float)(bits >> 40) / (float)(1 << 24);
}

static bool is_bad(char shape, int y, int x, int h, int w, uint64_t bits)
{
    switch (shape) {
    case 'a':
        return true;
    case 'r':
        return y >= h / 4 && y < h / 2 && x >= w / 3 && x < w - 3;
    case 'd':
        return y >= 2 && y < h - 4 && x >= 3 && x < w / 2 && (x + y) % 2 == 0;
    case 's':
        return bits % 16 == 5;
    case 'b':
        return x + y < h / 2 || y == h - 1 || (x == w - 1 && y % 3 == 0);
    case 'p':
        return y == h / 2 && x == w / 2;
    default:
        return false;
    }
}

/* ---- the table ---- */

static okng_csv *open_table(const char *name)
{
    char path[512];
    okng_csv *csv;
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/metrics/%s", name);
    assert_ok(okng_csv_read(&csv, path, error));
    assert_true(okng_csv_rows(csv) > 5);
    return csv;
}

static const char *text_of(const okng_csv *csv, size_t row, const char *column)
{
    size_t index;
    assert_ok(okng_csv_column(csv, column, &index, error));
    return okng_csv_field(csv, row, index);
}

static double number_of(const okng_csv *csv, size_t row, const char *column)
{
    return strtod(text_of(csv, row, column), NULL);
}

static void check(const okng_csv *csv, size_t row, const char *column, double found, double tolerance)
{
    double expected = number_of(csv, row, column);
    if (isnan(expected) ? isnan(found) : fabs(found - expected) <= tolerance) return;
    fail_msg("%s: %s is %.17g, expected %.17g", okng_csv_field(csv, row, 0), column, found, expected);
}

/* ---- tests ---- */

/* scikit-learn calls bad what is at least its threshold, okng what is above its own: that the two have the same F1 is
 * counted here. */
static double f1_score_of(const okng_evidence *evidence)
{
    bool known = evidence->ranking.all_good > 0 && evidence->ranking.all_bad > 0;
    return known ? evidence->ranking.f1_score : (double)NAN;
}

/* As --threshold-image takes it. */
static double threshold_of(const okng_evidence *evidence)
{
    return (double)(float)okng_f1max_threshold(evidence);
}

typedef struct counts {
    uint64_t bad, flagged, found;
} counts;

static void count_above(counts *c, double score, bool bad, double threshold)
{
    if (isnan(score)) return;
    c->bad += bad;
    c->flagged += score > threshold;
    c->found += bad && score > threshold;
}

static double f1_of(const counts *c)
{
    return 2 * (double)c->found / (double)(c->flagged + c->bad);
}

static double f1_above(const double *scores, const uint8_t *bad, size_t count, double threshold)
{
    counts c = {0};
    for (size_t i = 0; i < count; i++) count_above(&c, scores[i], bad[i] != 0, threshold);
    return f1_of(&c);
}

static void check_f1_above(const okng_evidence *evidence, double counted)
{
    if (evidence->ranking.all_good == 0 || evidence->ranking.all_bad == 0) return;
    if (fabs(counted - okng_f1max(evidence)) > rank_tolerance)
        fail_msg("F1 above %.9g is %.17g, told is %.17g", okng_f1max_threshold(evidence), counted,
                 okng_f1max(evidence));
}

static void image_metrics_are_those_of_scikit_learn(void **state)
{
    (void)state;
    static double scores[MAX_IMAGES];
    static uint8_t bad[MAX_IMAGES];
    static okng_image_metrics metrics;
    okng_csv *csv = open_table("images.csv");
    for (size_t row = 0; row < okng_csv_rows(csv); row++) {
        size_t count = (size_t)number_of(csv, row, "count"), left_out = 0;
        uint64_t levels = (uint64_t)number_of(csv, row, "levels"), every = (uint64_t)number_of(csv, row, "every");
        for (size_t i = 0; i < count; i++) {
            uint64_t bits = mix(i + 7000000);
            bad[i] = (bits >> 8) % every == 0;
            scores[i] = (double)score(bits, levels) / 3 + 0.125 * bad[i];
            if (number_of(csv, row, "nan") == 0 || bits % 11 != 3) continue;
            scores[i] = (double)NAN;
            left_out++;
        }
        assert_ok(okng_image_metrics_compute(scores, bad, count, &metrics, error));
        check(csv, row, "auroc", figure_of(OKNG_FIGURE_IMAGE_AUROC, &metrics.evidence), rank_tolerance);
        check(csv, row, "ap", figure_of(OKNG_FIGURE_IMAGE_AP, &metrics.evidence), rank_tolerance);
        check(csv, row, "f1max", figure_of(OKNG_FIGURE_IMAGE_F1MAX, &metrics.evidence), rank_tolerance);
        check(csv, row, "f1max_threshold", f1_score_of(&metrics.evidence), 0);
        check_f1_above(&metrics.evidence, f1_above(scores, bad, count, threshold_of(&metrics.evidence)));
        assert_int_equal(metrics.left_out, left_out);
        assert_int_equal(metrics.good + metrics.bad + left_out, count);
    }
    okng_csv_free(&csv);
}

/* Map m of a row and its mask, [height, width]. */
static void make_map(const okng_csv *csv, size_t row, uint64_t m, float *map, uint8_t *mask)
{
    int h = (int)number_of(csv, row, "height"), w = (int)number_of(csv, row, "width");
    uint64_t levels = (uint64_t)number_of(csv, row, "levels");
    float offset = (float)number_of(csv, row, "offset");
    bool holes = number_of(csv, row, "nan") != 0;
    char shape = text_of(csv, row, "shapes")[m];
    for (int i = 0; i < h * w; i++) {
        uint64_t bits = mix((uint64_t)i + m * 100000);
        mask[i] = is_bad(shape, i / w, i % w, h, w, bits) ? 255 : 0;
        map[i] = score(bits, levels) + (mask[i] ? 0.25f : 0.0f) + offset;
        if (holes && bits % 7 == 3) map[i] = NAN;
    }
}

static double f1_above_of_maps(const okng_csv *csv, size_t row, double threshold)
{
    static float map[MAX_SIDE * MAX_SIDE];
    static uint8_t mask[MAX_SIDE * MAX_SIDE];
    int pixels = (int)number_of(csv, row, "height") * (int)number_of(csv, row, "width");
    const char *shapes = text_of(csv, row, "shapes");
    counts c = {0};
    for (uint64_t m = 0; shapes[m]; m++) {
        make_map(csv, row, m, map, mask);
        for (int i = 0; i < pixels; i++) count_above(&c, (double)map[i], shapes[m] != 'n' && mask[i] != 0, threshold);
    }
    return f1_of(&c);
}

static void add_maps(okng_pixel_metrics *pixels, const okng_csv *csv, size_t row)
{
    static float map[MAX_SIDE * MAX_SIDE];
    static uint8_t mask[MAX_SIDE * MAX_SIDE];
    int h = (int)number_of(csv, row, "height"), w = (int)number_of(csv, row, "width");
    const char *shapes = text_of(csv, row, "shapes");
    for (uint64_t m = 0; shapes[m]; m++) {
        make_map(csv, row, m, map, mask);
        assert_ok(okng_pixel_metrics_add(pixels, map, shapes[m] == 'n' ? NULL : mask, h, w, error));
    }
}

static void measure(const okng_csv *csv, size_t row, okng_pro_mode mode, okng_pixel_figures *figures)
{
    okng_pixel_metrics *pixels;
    assert_ok(okng_pixel_metrics_new(&pixels, mode, 2, error));
    add_maps(pixels, csv, row);
    assert_ok(okng_pixel_metrics_figures(pixels, figures, error));
    okng_pixel_metrics_free(&pixels);
}

static void pixel_metrics_are_those_of_scikit_learn(void **state)
{
    (void)state;
    static okng_pixel_figures figures;
    okng_csv *csv = open_table("maps.csv");
    for (size_t row = 0; row < okng_csv_rows(csv); row++) {
        measure(csv, row, OKNG_PRO_EXACT, &figures);
        check(csv, row, "auroc", figure_of(OKNG_FIGURE_PIXEL_AUROC, &figures.evidence), rank_tolerance);
        check(csv, row, "ap", figure_of(OKNG_FIGURE_PIXEL_AP, &figures.evidence), rank_tolerance);
        check(csv, row, "f1max", figure_of(OKNG_FIGURE_PIXEL_F1MAX, &figures.evidence), rank_tolerance);
        check(csv, row, "f1max_threshold", f1_score_of(&figures.evidence), 0);
        check_f1_above(&figures.evidence, f1_above_of_maps(csv, row, threshold_of(&figures.evidence)));
        check(csv, row, "good", (double)figures.good, 0);
        check(csv, row, "bad", (double)figures.bad, 0);
    }
    okng_csv_free(&csv);
}

static void overlap_of_regions_is_that_of_the_definition(void **state)
{
    (void)state;
    static okng_pixel_figures figures;
    okng_csv *csv = open_table("maps.csv");
    for (size_t row = 0; row < okng_csv_rows(csv); row++) {
        measure(csv, row, OKNG_PRO_EXACT, &figures);
        check(csv, row, "aupro_30", figure_of(OKNG_FIGURE_AUPRO_30, &figures.evidence), pro_tolerance);
        check(csv, row, "aupro_05", figure_of(OKNG_FIGURE_AUPRO_05, &figures.evidence), pro_tolerance);
        check(csv, row, "regions", (double)figures.regions, 0);
    }
    okng_csv_free(&csv);
}

static void overlap_in_steps_is_that_of_the_papers_code(void **state)
{
    (void)state;
    static okng_pixel_figures figures;
    okng_csv *csv = open_table("maps.csv");
    for (size_t row = 0; row < okng_csv_rows(csv); row++) {
        measure(csv, row, OKNG_PRO_STEPS, &figures);
        check(csv, row, "steps_30", figure_of(OKNG_FIGURE_AUPRO_30, &figures.evidence), pro_tolerance);
        check(csv, row, "steps_05", figure_of(OKNG_FIGURE_AUPRO_05, &figures.evidence), pro_tolerance);
        check(csv, row, "auroc", figure_of(OKNG_FIGURE_PIXEL_AUROC, &figures.evidence), rank_tolerance);
    }
    okng_csv_free(&csv);
}

static void add_pimo_map(okng_pixel_metrics *pixels, const okng_csv *csv, size_t row, int number, bool bad)
{
    static float map[MAX_SIDE * MAX_SIDE];
    static uint8_t mask[MAX_SIDE * MAX_SIDE];
    int h = (int)number_of(csv, row, "height"), w = (int)number_of(csv, row, "width");
    uint64_t levels = (uint64_t)number_of(csv, row, "levels");
    for (int i = 0; i < h * w; i++) {
        uint64_t bits = mix((uint64_t)(i + number * 100000));
        mask[i] = bad && is_bad('r', i / w, i % w, h, w, bits) && bits % (uint64_t)number != 0;
        map[i] = mask[i] && bits % 2 ? 1.0f - 3e-4f * score(bits, 0) : score(bits, levels);
    }
    assert_ok(okng_pixel_metrics_add(pixels, map, bad ? mask : NULL, h, w, error));
}

static void aupimo_is_that_of_the_definition(void **state)
{
    (void)state;
    okng_csv *csv;
    assert_ok(okng_csv_read(&csv, OKNG_GOLDEN "/metrics/pimo.csv", error));
    for (size_t row = 0; row < okng_csv_rows(csv); row++) {
        okng_pixel_metrics *pixels;
        okng_metrics metrics;
        okng_metrics_init(&metrics);
        assert_ok(okng_pixel_metrics_new(&pixels, OKNG_PRO_EXACT, 2, error));
        int good = (int)number_of(csv, row, "good"), bad = (int)number_of(csv, row, "bad");
        for (int i = good + bad; i-- > 0;) add_pimo_map(pixels, csv, row, i, i >= good);
        assert_ok(okng_pixel_metrics_finish(pixels, &metrics, error));
        okng_pixel_metrics_free(&pixels);
        check(csv, row, "aupimo", metrics.aupimo, pro_tolerance);
    }
    okng_csv_free(&csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(image_metrics_are_those_of_scikit_learn),
        cmocka_unit_test(pixel_metrics_are_those_of_scikit_learn),
        cmocka_unit_test(overlap_of_regions_is_that_of_the_definition),
        cmocka_unit_test(overlap_in_steps_is_that_of_the_papers_code),
        cmocka_unit_test(aupimo_is_that_of_the_definition),
    };
    return RUN_TESTS(tests);
}
