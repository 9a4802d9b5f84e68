/* What must hold of the metrics whatever the scores are. */
#include <float.h>

#include "base/parallel.h"
#include "eval/figures.h"
#include "eval/image_metrics.h"
#include "eval/pixel_metrics.h"
#include "test.h"

/* ---- images ---- */

/* One metric, as the table computes it. */
static double figure_of(okng_figure_id id, const okng_evidence *evidence)
{
    double values[OKNG_FIGURES];
    okng_figures_compute(okng_figures[id].group, evidence, NULL, values);
    return values[id];
}

static okng_image_metrics rank(const double *good, size_t good_count, const double *bad, size_t bad_count)
{
    double scores[64];
    uint8_t labels[64];
    okng_image_metrics metrics;
    for (size_t i = 0; i < good_count + bad_count; i++) {
        labels[i] = i >= good_count;
        scores[i] = labels[i] ? bad[i - good_count] : good[i];
    }
    assert_ok(okng_image_metrics_compute(scores, labels, good_count + bad_count, &metrics, error));
    return metrics;
}

static double auroc_of(const double *good, size_t good_count, const double *bad, size_t bad_count)
{
    okng_image_metrics metrics = rank(good, good_count, bad, bad_count);
    return figure_of(OKNG_FIGURE_IMAGE_AUROC, &metrics.evidence);
}

static void pairs_are_counted(void **state)
{
    (void)state;
    const double good[] = {0.1, 0.4}, bad[] = {0.35, 0.8};
    assert_true(auroc_of(good, 2, bad, 2) == 0.75);
    assert_true(auroc_of(bad, 2, good, 2) == 0.25);
    const double low[] = {3, 1, 2}, high[] = {5, 4};
    assert_true(auroc_of(low, 3, high, 2) == 1);
    assert_true(auroc_of(high, 2, low, 3) == 0);
}

static void a_tie_counts_half(void **state)
{
    (void)state;
    const double same[] = {2, 2, 2}, good[] = {1, 2, 3}, bad[] = {2, 3, 3, 4};
    assert_true(auroc_of(same, 3, same, 3) == 0.5);
    assert_true(auroc_of(good, 3, bad, 4) == (1.5 + 2.5 + 2.5 + 3) / 12);
    const double plus[] = {0.0}, minus[] = {-0.0};
    assert_true(auroc_of(plus, 1, minus, 1) == 0.5);
    const double wide_good[] = {-(double)INFINITY, -3, -DBL_MIN, DBL_MAX}, wide_bad[] = {-2, 0, 1, (double)INFINITY};
    assert_true(auroc_of(wide_good, 4, wide_bad, 4) == 12.0 / 16);
}

static void of_equal_f1_the_higher_threshold_is_taken(void **state)
{
    (void)state;
    const double good[] = {1, 2, 3}, bad[] = {1, 4}; /* at 4: 1 found of 2, none false; at 1: 2 found, 3 false */
    okng_image_metrics metrics = rank(good, 3, bad, 2);
    assert_true(okng_f1max(&metrics.evidence) == 2.0 / 3);
    assert_true(metrics.evidence.ranking.f1_score == 4 && okng_f1max_threshold(&metrics.evidence) == 3.5);
    const double low[] = {2}, tie[] = {1, 3}; /* F1 is 2/3 at 3, 4/5 at 1 */
    assert_true(rank(low, 1, tie, 2).evidence.ranking.f1 == 0.8);
    const double even[] = {3, 2}, equal[] = {4, 1}; /* 2/3 at 4, 4/6 at 1 */
    assert_true(rank(even, 2, equal, 2).evidence.ranking.f1_score == 4);
}

/* A threshold has room for it between any two scores, and is a float where one lies there. */
static void a_threshold_lies_between_two_scores(void **state)
{
    (void)state;
    const double next = (double)nextafterf(1, 2), tiny = 1 + DBL_EPSILON;
    assert_true(okng_between(1, 2) == 1.5 && okng_between(-2, -1) == -1.5);
    assert_true(okng_between(1, next) == 1); /* the middle would be rounded up to the higher one */
    assert_true(okng_between(next, (double)nextafterf((float)next, 2)) == next);
    assert_true(okng_between(1, tiny) == 1);
    double between = okng_between(tiny, 1 + 4 * DBL_EPSILON); /* doubles with no float between them */
    assert_true(between >= tiny && between < 1 + 4 * DBL_EPSILON);
    assert_true(okng_between(0.1, 0.2) == (double)(float)okng_between(0.1, 0.2));
    assert_true(okng_between(DBL_MAX / 2, DBL_MAX) < DBL_MAX && okng_between(DBL_MAX / 2, DBL_MAX) >= DBL_MAX / 2);
    assert_true(okng_between(3, (double)INFINITY) < (double)INFINITY);
    assert_true(okng_between(-(double)INFINITY, 3) < 3 && okng_between(-(double)INFINITY, (double)INFINITY) < 0);
}

static void one_kind_alone_has_no_figures(void **state)
{
    (void)state;
    const double scores[] = {1, 2}, nothing[] = {(double)NAN, (double)NAN};
    const okng_image_metrics all[] = {rank(scores, 2, NULL, 0), rank(NULL, 0, scores, 2), rank(NULL, 0, NULL, 0),
                                      rank(scores, 2, nothing, 2)};
    for (size_t i = 0; i < 4; i++) {
        for (int id = OKNG_FIGURE_IMAGE_AUROC; id <= OKNG_FIGURE_IMAGE_F1MAX_THRESHOLD; id++)
            assert_true(isnan(figure_of((okng_figure_id)id, &all[i].evidence)));
        assert_int_equal(all[i].roc.count, 0);
    }
    assert_int_equal(all[3].left_out, 2);
}

static void the_curve_has_a_point_for_every_score(void **state)
{
    (void)state;
    const double good[] = {1, 2, 3, 3}, bad[] = {2, 4};
    const okng_curve_point expected[] = {{0, 0}, {0, 0.5}, {0.5, 0.5}, {0.75, 1}, {1, 1}};
    okng_image_metrics metrics = rank(good, 4, bad, 2);
    assert_int_equal(metrics.roc.count, 5);
    assert_memory_equal(metrics.roc.points, expected, sizeof expected);
}

/* ---- pixels ---- */

static void check_curve(const okng_curve *curve)
{
    assert_true(curve->count >= 2 && curve->count <= OKNG_CURVE_POINTS);
    assert_true(curve->points[0].x == 0 && curve->points[0].y == 0);
    assert_true(curve->points[curve->count - 1].x == 1 && curve->points[curve->count - 1].y == 1);
    for (size_t i = 1; i < curve->count; i++)
        assert_true(curve->points[i].x >= curve->points[i - 1].x && curve->points[i].y >= curve->points[i - 1].y);
}

typedef struct one {
    const float *map;
    const uint8_t *mask;
    int32_t height, width;
} one;

static void measure(const one *maps, size_t count, okng_pro_mode mode, int threads, okng_pixel_figures *figures)
{
    okng_pixel_metrics *pixels;
    memset(figures, 0, sizeof *figures); /* two can then be compared whole */
    assert_ok(okng_pixel_metrics_new(&pixels, mode, threads, error));
    for (size_t i = 0; i < count; i++)
        assert_ok(okng_pixel_metrics_add(pixels, maps[i].map, maps[i].mask, maps[i].height, maps[i].width, error));
    assert_ok(okng_pixel_metrics_figures(pixels, figures, error));
    okng_pixel_metrics_free(&pixels);
}

static void a_region_counts_by_its_share(void **state)
{
    (void)state;
    /* Of three regions two are found whole and the third by half before all good pixels come at once. */
    const float map[] = {9, 1, 8, /**/ 1, 1, 1, /**/ 0.5f, 6, 1};
    const uint8_t mask[] = {1, 0, 1, /**/ 0, 0, 0, /**/ 1, 1, 0};
    static okng_pixel_figures figures;
    measure(&(one){map, mask, 3, 3}, 1, OKNG_PRO_EXACT, 1, &figures);
    assert_int_equal(figures.regions, 3);
    assert_int_equal(figures.good, 5);
    assert_true(okng_auroc(&figures.evidence) == 0.75 && okng_f1max(&figures.evidence) == 6.0 / 7 &&
                okng_f1max_threshold(&figures.evidence) == 3.5);
    assert_true(fabs(okng_aupro_30(&figures.evidence) - 5.0 / 6) < 1e-12 &&
                fabs(okng_aupro_05(&figures.evidence) - 5.0 / 6) < 1e-12);
}

static void diagonal_pixels_are_one_region(void **state)
{
    (void)state;
    const float map[] = {5, 4, 0, /**/ 4, 1, 0, /**/ 0, 0, 3};
    const uint8_t mask[] = {1, 0, 0, /**/ 0, 1, 0, /**/ 0, 0, 1};
    static okng_pixel_figures figures;
    measure(&(one){map, mask, 3, 3}, 1, OKNG_PRO_EXACT, 1, &figures);
    assert_int_equal(figures.regions, 1);
    /* From (0, 1/3) at 5 to (1/3, 1/3) at 4: up to 0.30 the overlap is a third. */
    assert_true(fabs(okng_aupro_30(&figures.evidence) - 1.0 / 3) < 1e-12);
}

static void a_constant_map_tells_nothing(void **state)
{
    (void)state;
    float map[30];
    uint8_t mask[30] = {1, 1};
    static okng_pixel_figures figures;
    for (int i = 0; i < 30; i++) map[i] = -2.5f;
    measure(&(one){map, mask, 5, 6}, 1, OKNG_PRO_EXACT, 1, &figures);
    assert_true(okng_auroc(&figures.evidence) == 0.5);
    assert_true(fabs(okng_ap(&figures.evidence) - 2.0 / 30) < 1e-15);
    assert_true(okng_f1max_threshold(&figures.evidence) == (double)nextafterf(-2.5f, -INFINITY));
    assert_true(fabs(okng_aupro_30(&figures.evidence) - 0.15) < 1e-12); /* the line from (0, 0) to (1, 1) */
    measure(&(one){map, mask, 5, 6}, 1, OKNG_PRO_STEPS, 1, &figures);
    assert_true(isnan(okng_aupro_30(&figures.evidence)) && isnan(okng_aupro_05(&figures.evidence)));
}

static void without_good_or_bad_pixels_there_are_no_figures(void **state)
{
    (void)state;
    const float map[] = {1, 2, 3, 4}, nothing[] = {NAN, NAN, NAN, NAN};
    const uint8_t none[] = {0, 0, 0, 0}, all[] = {1, 1, 1, 1}, half[] = {1, 1, 0, 0};
    const one cases[] = {{map, NULL, 2, 2}, {map, none, 2, 2}, {map, all, 2, 2}, {nothing, half, 2, 2}};
    for (size_t i = 0; i < 4; i++) {
        static okng_pixel_figures figures;
        measure(&cases[i], 1, i % 2 ? OKNG_PRO_STEPS : OKNG_PRO_EXACT, 1, &figures);
        for (int id = OKNG_FIGURE_PIXEL_AUROC; id <= OKNG_FIGURE_AUPIMO; id++)
            assert_true(isnan(figure_of((okng_figure_id)id, &figures.evidence)));
        assert_int_equal(figures.roc.count, 0);
        assert_int_equal(figures.pro.count, 0);
        assert_int_equal(figures.good + figures.bad + figures.left_out, 4);
    }
}

static void what_is_nan_is_left_out(void **state)
{
    (void)state;
    /* The middle of the region and one good pixel were not looked at; a second region not at all. */
    const float map[] = {5, NAN, 6, 1, NAN, /**/ 1, 2, 3, NAN, NAN};
    const uint8_t mask[] = {1, 1, 1, 0, 1, /**/ 0, 0, 0, 0, 1};
    static okng_pixel_figures figures;
    measure(&(one){map, mask, 2, 5}, 1, OKNG_PRO_EXACT, 1, &figures);
    assert_int_equal(figures.left_out, 4);
    assert_int_equal(figures.bad, 2);
    assert_int_equal(figures.good, 4);
    assert_int_equal(figures.regions, 1);
    assert_true(okng_auroc(&figures.evidence) == 1 && fabs(okng_aupro_30(&figures.evidence) - 1) < 1e-12);
}

/* ---- many maps ---- */

enum { MAPS = 12, SIDE = 150 };

typedef struct many {
    float *scores;
    uint8_t *masks;
    one maps[MAPS];
    okng_pixel_metrics *pixels;
} many;

static void make_many(many *m)
{
    size_t each = SIDE * SIDE;
    uint32_t random = 1;
    m->scores = malloc(MAPS * each * sizeof *m->scores);
    m->masks = malloc(MAPS * each);
    assert_non_null(m->scores);
    assert_non_null(m->masks);
    for (size_t i = 0; i < MAPS * each; i++) {
        random = random * 1664525u + 1013904223u;
        m->masks[i] = i % each < 4000 && i % 37 > 20; /* regions of several areas */
        float score = (float)(random >> 12) / 65536.0f - 4.0f;
        m->scores[i] = random >> 28 == 0 ? NAN : score * score * score + (float)m->masks[i];
    }
    for (size_t i = 0; i < MAPS; i++)
        m->maps[i] = (one){m->scores + i * each, i % 3 ? m->masks + i * each : NULL, SIDE, SIDE};
}

static void free_many(many *m)
{
    free(m->scores);
    free(m->masks);
}

static void add_some(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    many *m = context;
    for (int64_t i = begin; i < end; i++)
        if (okng_pixel_metrics_add(m->pixels, m->maps[i].map, m->maps[i].mask, SIDE, SIDE, NULL) != OKNG_OK) abort();
}

static void threads_and_order_change_no_bit(void **state)
{
    (void)state;
    static okng_pixel_figures first, other;
    many m;
    make_many(&m);
    for (int mode = OKNG_PRO_EXACT; mode <= OKNG_PRO_STEPS; mode++) {
        measure(m.maps, MAPS, (okng_pro_mode)mode, 1, &first);
        check_curve(&first.roc);
        check_curve(&first.pro);
        one backwards[MAPS];
        for (size_t i = 0; i < MAPS; i++) backwards[i] = m.maps[MAPS - 1 - i];
        measure(backwards, MAPS, (okng_pro_mode)mode, 3, &other);
        assert_memory_equal(&first, &other, sizeof first);
        memset(&other, 0, sizeof other);
        assert_ok(okng_pixel_metrics_new(&m.pixels, (okng_pro_mode)mode, 2, error));
        okng_parallel_for(4, MAPS, 1, add_some, &m);
        assert_ok(okng_pixel_metrics_figures(m.pixels, &other, error));
        okng_pixel_metrics_free(&m.pixels);
        assert_memory_equal(&first, &other, sizeof first);
    }
    free_many(&m);
}

static void negated_scores_turn_the_area_round(void **state)
{
    (void)state;
    static okng_pixel_figures up, down;
    many m;
    make_many(&m);
    measure(m.maps, MAPS, OKNG_PRO_EXACT, 2, &up);
    for (size_t i = 0; i < (size_t)MAPS * SIDE * SIDE; i++) m.scores[i] = -m.scores[i];
    measure(m.maps, MAPS, OKNG_PRO_EXACT, 2, &down);
    assert_true(fabs(okng_auroc(&up.evidence) + okng_auroc(&down.evidence) - 1) < 1e-14);
    assert_int_equal(up.regions, down.regions);
    free_many(&m);
}

static void a_million_equal_pixels_are_one_threshold(void **state)
{
    (void)state;
    enum { BIG = 1000 };
    float *map = malloc((size_t)BIG * BIG * sizeof *map);
    uint8_t *mask = malloc((size_t)BIG * BIG);
    assert_non_null(map);
    assert_non_null(mask);
    for (size_t i = 0; i < (size_t)BIG * BIG; i++) {
        mask[i] = i < (size_t)BIG * 100; /* a band along the border */
        map[i] = mask[i] ? 2.0f : 1.0f;
    }
    static okng_pixel_figures figures;
    measure(&(one){map, mask, BIG, BIG}, 1, OKNG_PRO_EXACT, 2, &figures);
    assert_int_equal(figures.regions, 1);
    assert_true(okng_auroc(&figures.evidence) == 1 && okng_ap(&figures.evidence) == 1 &&
                okng_f1max(&figures.evidence) == 1 && okng_f1max_threshold(&figures.evidence) == 1.5);
    assert_true(fabs(okng_aupro_05(&figures.evidence) - 1) < 1e-12);
    assert_int_equal(figures.roc.count, 3);
    free(map);
    free(mask);
}

static void misuse_is_told(void **state)
{
    (void)state;
    const float map[] = {1};
    okng_pixel_metrics *pixels = NULL;
    okng_pixel_figures *figures = malloc(sizeof *figures);
    okng_metrics metrics;
    assert_fails(OKNG_ERROR_ARGUMENT, "pro mode 7", okng_pixel_metrics_new(&pixels, (okng_pro_mode)7, 1, error));
    assert_null(pixels);
    assert_ok(okng_pixel_metrics_new(&pixels, OKNG_PRO_EXACT, 1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "a map of 1x0", okng_pixel_metrics_add(pixels, map, NULL, 0, 1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "1..65535", okng_pixel_metrics_add(pixels, map, NULL, 1, 70000, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "the map", okng_pixel_metrics_add(pixels, NULL, NULL, 1, 1, error));
    assert_ok(okng_pixel_metrics_add(pixels, map, NULL, 1, 1, error));
    memset(&metrics, 0, sizeof metrics);
    assert_fails(OKNG_ERROR_ARGUMENT, "not initialised", okng_pixel_metrics_finish(pixels, &metrics, error));
    okng_metrics_init(&metrics);
    assert_ok(okng_pixel_metrics_finish(pixels, &metrics, error));
    assert_int_equal(metrics.maps, 1);
    assert_int_equal(metrics.pixels, 1);
    assert_true(isnan(metrics.pixel_auroc) && isnan(metrics.image_auroc));
    assert_fails(OKNG_ERROR_ARGUMENT, "finished", okng_pixel_metrics_add(pixels, map, NULL, 1, 1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "finished", okng_pixel_metrics_figures(pixels, figures, error));
    okng_pixel_metrics_free(&pixels);
    okng_pixel_metrics_free(&pixels);
    free(figures);
}

static void an_older_callers_struct_is_not_written_beyond(void **state)
{
    (void)state;
    okng_metrics metrics;
    memset(&metrics, 0x5A, sizeof metrics);
    size_t older = offsetof(okng_metrics, aupro_30);
    okng_metrics_init_sized(&metrics, older);
    okng_pixel_metrics *pixels;
    const float map[] = {2, 1};
    const uint8_t mask[] = {1, 0};
    assert_ok(okng_pixel_metrics_new(&pixels, OKNG_PRO_EXACT, 1, error));
    assert_ok(okng_pixel_metrics_add(pixels, map, mask, 1, 2, error));
    assert_ok(okng_pixel_metrics_finish(pixels, &metrics, error));
    okng_pixel_metrics_free(&pixels);
    assert_true(metrics.pixel_auroc == 1 && isnan(metrics.image_ap));
    const unsigned char *bytes = (const unsigned char *)&metrics;
    for (size_t i = older; i < sizeof metrics; i++) assert_int_equal(bytes[i], 0x5A);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_counted),
        cmocka_unit_test(a_tie_counts_half),
        cmocka_unit_test(of_equal_f1_the_higher_threshold_is_taken),
        cmocka_unit_test(a_threshold_lies_between_two_scores),
        cmocka_unit_test(one_kind_alone_has_no_figures),
        cmocka_unit_test(the_curve_has_a_point_for_every_score),
        cmocka_unit_test(a_region_counts_by_its_share),
        cmocka_unit_test(diagonal_pixels_are_one_region),
        cmocka_unit_test(a_constant_map_tells_nothing),
        cmocka_unit_test(without_good_or_bad_pixels_there_are_no_figures),
        cmocka_unit_test(what_is_nan_is_left_out),
        cmocka_unit_test(threads_and_order_change_no_bit),
        cmocka_unit_test(negated_scores_turn_the_area_round),
        cmocka_unit_test(a_million_equal_pixels_are_one_threshold),
        cmocka_unit_test(misuse_is_told),
        cmocka_unit_test(an_older_callers_struct_is_not_written_beyond),
    };
    return RUN_TESTS(tests);
}
