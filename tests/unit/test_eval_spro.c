/* sPRO against its definition (tests/golden/make_spro.py), and what the definition does not say. */
#include "base/csv.h"
#include "eval/spro.h"
#include "test.h"

enum { HEIGHT = 9, WIDTH = 11, PIXELS = HEIGHT * WIDTH, MASKS = 3, PICTURES = 7 };

typedef struct picture {
    int kind; /* -1: good */
    float map[PIXELS];
    uint8_t masks[MASKS][PIXELS], all[PIXELS];
    uint64_t saturations[MASKS];
    size_t mask_count;
} picture;

static okng_csv *open_table(const char *name)
{
    char path[512];
    okng_csv *csv;
    (void)snprintf(path, sizeof path, "%s/spro/%s.csv", OKNG_GOLDEN, name);
    assert_ok(okng_csv_read(&csv, path, error));
    return csv;
}

static double number_of(const okng_csv *csv, size_t row, const char *column)
{
    size_t c;
    assert_ok(okng_csv_column(csv, column, &c, error));
    return strtod(okng_csv_field(csv, row, c), NULL);
}

static size_t read_pictures(const okng_csv *csv, const char *name, picture pictures[PICTURES])
{
    size_t used = 0, of[PICTURES] = {0};
    memset(pictures, 0, PICTURES * sizeof *pictures);
    for (size_t row = 0; row < okng_csv_rows(csv); row++) {
        if (strcmp(okng_csv_field(csv, row, 0), name) != 0) continue;
        const size_t index = (size_t)number_of(csv, row, "picture");
        picture *p = &pictures[index];
        const size_t at = of[index]++;
        used = index + 1;
        p->kind = (int)number_of(csv, row, "kind");
        p->map[at] = (float)number_of(csv, row, "score");
        for (size_t m = 0; m < MASKS; m++) {
            char column[32];
            (void)snprintf(column, sizeof column, "mask%zu", m);
            p->masks[m][at] = number_of(csv, row, column) != 0;
            p->all[at] |= p->masks[m][at];
            (void)snprintf(column, sizeof column, "saturation%zu", m);
            p->saturations[m] = (uint64_t)number_of(csv, row, column);
            if (p->saturations[m] > 0) p->mask_count = m + 1;
        }
    }
    return used;
}

static void add(okng_spro *spro, okng_pixel_metrics *pixels, const picture *p)
{
    const int kind = p->kind < 0 ? 0 : p->kind;
    okng_spro_defect defects[MASKS];
    for (size_t m = 0; m < p->mask_count; m++)
        defects[m] = (okng_spro_defect){.mask = p->masks[m], .saturation = p->saturations[m]};
    assert_ok(okng_pixel_metrics_add_kind(pixels, kind, p->map, p->kind < 0 ? NULL : p->all, HEIGHT, WIDTH, error));
    if (p->kind >= 0) assert_ok(okng_spro_add(spro, kind, p->map, PIXELS, defects, p->mask_count, error));
}

static void areas_are_those_of_the_definition(void **state)
{
    (void)state;
    static const char *const names[] = {"differ", "ties", "coarse"};
    static picture pictures[PICTURES];
    okng_csv *table = open_table("pixels"), *areas = open_table("areas");
    size_t compared = 0;
    for (int n = 0; n < 3; n++) {
        const size_t count = read_pictures(table, names[n], pictures);
        assert_int_equal(count, PICTURES);
        okng_spro *spro;
        okng_pixel_metrics *pixels;
        assert_ok(okng_spro_new(&spro, error));
        assert_ok(okng_pixel_metrics_new(&pixels, OKNG_PRO_EXACT, 2, error));
        for (size_t i = 0; i < count; i++) add(spro, pixels, &pictures[(i * 3) % count]); /* in any order */
        for (int kind = 0; kind < 2; kind++) {
            double found[OKNG_SPRO_LIMITS];
            assert_ok(okng_spro_areas(spro, pixels, kind, found, error));
            for (size_t row = 0; row < okng_csv_rows(areas); row++) {
                if (strcmp(okng_csv_field(areas, row, 0), names[n]) != 0) continue;
                if ((int)number_of(areas, row, "kind") != kind) continue;
                for (size_t l = 0; l < OKNG_SPRO_LIMITS; l++) {
                    if (number_of(areas, row, "limit") != okng_spro_limits[l]) continue;
                    assert_true(fabs(found[l] - number_of(areas, row, "area")) < 1e-12);
                    compared++;
                }
            }
        }
        okng_pixel_metrics_free(&pixels);
        okng_spro_free(&spro);
    }
    assert_int_equal(compared, 3 * 2 * OKNG_SPRO_LIMITS);
    okng_csv_free(&areas);
    okng_csv_free(&table);
}

/* The kinds' pixels are told apart for sPRO alone: what is measured of all together is as it was. */
static void other_figures_do_not_depend_on_kinds(void **state)
{
    (void)state;
    static picture pictures[PICTURES];
    okng_csv *table = open_table("pixels");
    const size_t count = read_pictures(table, "ties", pictures);
    double areas[2];
    for (int apart = 0; apart < 2; apart++) {
        okng_pixel_metrics *pixels;
        okng_metrics metrics = {.struct_size = sizeof metrics};
        assert_ok(okng_pixel_metrics_new(&pixels, OKNG_PRO_EXACT, 1, error));
        for (size_t i = 0; i < count; i++) {
            const picture *p = &pictures[i];
            assert_ok(okng_pixel_metrics_add_kind(pixels, apart && p->kind > 0 ? 1 : 0, p->map,
                                                  p->kind < 0 ? NULL : p->all, HEIGHT, WIDTH, error));
        }
        assert_ok(okng_pixel_metrics_finish(pixels, &metrics, error));
        areas[apart] = metrics.aupro_30 + metrics.pixel_auroc;
        okng_pixel_metrics_free(&pixels);
    }
    assert_true(areas[0] == areas[1]);
    okng_csv_free(&table);
}

static void pixels_that_were_not_seen_are_never_found(void **state)
{
    (void)state;
    const float map[4] = {2, NAN, 1, 0};
    const uint8_t mask[4] = {1, 1, 0, 0};
    const okng_spro_defect defect = {.mask = mask, .saturation = 2};
    okng_spro *spro;
    okng_pixel_metrics *pixels;
    double areas[OKNG_SPRO_LIMITS];
    assert_ok(okng_spro_new(&spro, error));
    assert_ok(okng_pixel_metrics_new(&pixels, OKNG_PRO_EXACT, 1, error));
    assert_ok(okng_spro_areas(spro, pixels, 0, areas, error)); /* nothing at all */
    assert_true(isnan(areas[0]) && isnan(areas[4]));
    assert_ok(okng_pixel_metrics_add_kind(pixels, 0, map, mask, 2, 2, error));
    assert_ok(okng_spro_areas(spro, pixels, 0, areas, error)); /* pixels, and no defect */
    assert_true(isnan(areas[0]));
    assert_ok(okng_spro_add(spro, 0, map, 4, &defect, 1, error));
    assert_ok(okng_spro_areas(spro, pixels, 0, areas, error));
    assert_true(areas[0] == 0.5 && areas[4] == 0.5); /* one of two pixels, before every false alarm */
    assert_ok(okng_spro_areas(spro, pixels, 1, areas, error));
    assert_true(isnan(areas[4]));
    okng_pixel_metrics_free(&pixels);
    okng_spro_free(&spro);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas_are_those_of_the_definition),
        cmocka_unit_test(other_figures_do_not_depend_on_kinds),
        cmocka_unit_test(pixels_that_were_not_seen_are_never_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
