/* Image scores against a plain float64 computation of the formulas in docs/architecture.md. */
#include <string.h>

#include "patch/normalise.h"
#include "patchcore/scoring.h"
#include "test.h"

enum { ROWS = 40, DIM = 24, PATCHES = 15 };

typedef struct fixture {
    float rows[ROWS * DIM], patches[PATCHES * DIM];
    int32_t origin[ROWS];
    okng_build_options options;
    okng_rows bank;
    const uint8_t *foreground;
} fixture;

static uint32_t lcg;
static float number(void)
{
    lcg = lcg * 1664525u + 1013904223u;
    return (float)(lcg >> 8) / 16777216.0f;
}

static void fill(fixture *f, okng_image_score score, int32_t k)
{
    lcg = 7;
    for (int i = 0; i < ROWS * DIM; i++) f->rows[i] = number();
    for (int i = 0; i < PATCHES * DIM; i++) f->patches[i] = number();
    for (int i = 0; i < ROWS; i++) f->origin[i] = i % 4;
    okng_build_options_init(&f->options);
    f->options.image_score = score;
    f->options.neighbors = k;
    f->foreground = NULL;
    f->bank = (okng_rows){f->rows, ROWS, DIM, f->origin};
}

static double distance(const float *a, const float *b)
{
    double sum = 0;
    for (int d = 0; d < DIM; d++) sum += ((double)a[d] - (double)b[d]) * ((double)a[d] - (double)b[d]);
    return sqrt(sum);
}

/* Indices of the rows not of picture `excluded`, nearest to `point` first. */
static int sorted_rows(const fixture *f, const float *point, int excluded, int *order)
{
    int count = 0;
    for (int r = 0; r < ROWS; r++) {
        if (f->origin[r] == excluded) continue;
        int at = count++;
        for (; at > 0 && distance(point, f->rows + order[at - 1] * DIM) > distance(point, f->rows + r * DIM); at--)
            order[at] = order[at - 1];
        order[at] = r;
    }
    return count;
}

static double reference_reweighted(const fixture *f, int k, int excluded)
{
    int order[ROWS], worst = 0, nearest = 0;
    double largest = -1;
    for (int p = 0; p < PATCHES; p++) {
        (void)sorted_rows(f, f->patches + p * DIM, excluded, order);
        double d = distance(f->patches + p * DIM, f->rows + order[0] * DIM);
        if (d > largest) {
            largest = d;
            worst = p;
            nearest = order[0];
        }
    }
    int count = sorted_rows(f, f->rows + nearest * DIM, excluded, order);
    assert_int_equal(order[0], nearest);
    double sum = 0;
    for (int i = 0; i < k && i < count; i++) sum += exp(distance(f->patches + worst * DIM, f->rows + order[i] * DIM));
    return (1 - exp(largest) / sum) * largest;
}

static float image_score(fixture *f, int excluded, float *patch_scores)
{
    float score = NAN;
    okng_knn_index *bank;
    okng_patch_rows patches = {f->patches, PATCHES, f->foreground};
    assert_ok(okng_knn_index_new(&bank, &f->bank, OKNG_KNN_MANY, 1, error));
    const okng_reference reference = {.bank = bank, .excluded = excluded};
    int32_t nearest[PATCHES];
    assert_ok(okng_score_patches(&f->options, &reference, &patches, 2, patch_scores, nearest, &score, error));
    for (int p = 0; p < PATCHES; p++) {
        int order[ROWS];
        int count = sorted_rows(f, f->patches + p * DIM, excluded, order);
        assert_int_equal(nearest[p], count > 0 ? order[0] : -1);
    }
    okng_knn_index_free(&bank);
    return score;
}

static void reweighted_is_equation_seven(void **state)
{
    (void)state;
    fixture f;
    float scores[PATCHES];
    const int ks[] = {2, 3, 9, ROWS, 1024};
    for (size_t i = 0; i < 5; i++)
        for (int excluded = -1; excluded < 4; excluded++) {
            fill(&f, OKNG_SCORE_REWEIGHTED, ks[i]);
            double expected = reference_reweighted(&f, ks[i] < ROWS ? ks[i] : ROWS, excluded);
            assert_true(fabs((double)image_score(&f, excluded, scores) - expected) <= 1e-6 * expected);
        }
}

static void reweighting_with_one_neighbour_is_the_maximum(void **state)
{
    (void)state;
    fixture f;
    float scores[PATCHES], largest = 0;
    fill(&f, OKNG_SCORE_REWEIGHTED, 1);
    float score = image_score(&f, -1, scores);
    for (int i = 0; i < PATCHES; i++) largest = fmaxf(largest, scores[i]);
    assert_true(score == largest);
}

static void reweighting_survives_distances_whose_exponential_overflows(void **state)
{
    (void)state;
    fixture f;
    float scores[PATCHES];
    fill(&f, OKNG_SCORE_REWEIGHTED, 9);
    for (int i = 0; i < PATCHES * DIM; i++) f.patches[i] += 10000.0f;
    float score = image_score(&f, -1, scores);
    assert_true(isfinite(score) && score >= 0);
}

/* Picture 1 left out, and six rows in its place, give what a bank of the other rows and those six gives. */
static void standins_count_as_rows_of_the_bank(void **state)
{
    (void)state;
    const okng_image_score scores[] = {OKNG_SCORE_MAX, OKNG_SCORE_REWEIGHTED, OKNG_SCORE_MEAN_K};
    for (size_t s = 0; s < 3; s++) {
        enum { STANDINS = 6 };
        fixture f, same;
        float found[PATCHES], expected[PATCHES], standins[STANDINS * DIM], score;
        int kept = 0;
        fill(&f, scores[s], 5);
        for (int i = 0; i < STANDINS * DIM; i++) standins[i] = number();
        for (int d = 0; d < DIM; d++) standins[2 * DIM + d] = f.patches[3 * DIM + d] + 0.01f; /* one that is near */
        same = f;
        for (int r = 0; r < ROWS; r++)
            if (f.origin[r] != 1) memcpy(same.rows + kept++ * DIM, f.rows + r * DIM, DIM * sizeof(float));
        memcpy(same.rows + kept * DIM, standins, sizeof standins);
        same.bank = (okng_rows){.data = same.rows, .count = kept + STANDINS, .dim = DIM};
        okng_knn_index *bank, *all;
        const okng_patch_rows patches = {f.patches, PATCHES, NULL};
        assert_ok(okng_knn_index_new(&bank, &f.bank, OKNG_KNN_MANY, 1, error));
        assert_ok(okng_knn_index_new(&all, &same.bank, OKNG_KNN_MANY, 1, error));
        const okng_reference reference = {
            .bank = bank, .excluded = 1, .standins = {.data = standins, .count = STANDINS, .dim = DIM}};
        const okng_reference whole = {.bank = all, .excluded = -1};
        float right;
        assert_ok(okng_score_patches(&f.options, &reference, &patches, 1, found, NULL, &score, error));
        assert_ok(okng_score_patches(&f.options, &whole, &patches, 2, expected, NULL, &right, error));
        assert_memory_equal(found, expected, sizeof found);
        assert_true(score == right);
        okng_knn_index_free(&bank);
        okng_knn_index_free(&all);
    }
}

static void mean_k_is_the_mean_in_the_chosen_unit(void **state)
{
    (void)state;
    for (int squared = 0; squared < 2; squared++)
        for (int excluded = -1; excluded < 2; excluded++) {
            fixture f;
            float scores[PATCHES];
            int order[ROWS];
            fill(&f, OKNG_SCORE_MEAN_K, 5);
            f.options.distance = squared ? OKNG_DISTANCE_SQUARED : OKNG_DISTANCE_L2;
            float score = image_score(&f, excluded, scores);
            double largest = 0;
            for (int p = 0; p < PATCHES; p++) {
                (void)sorted_rows(&f, f.patches + p * DIM, excluded, order);
                double sum = 0;
                for (int i = 0; i < 5; i++) {
                    double d = distance(f.patches + p * DIM, f.rows + order[i] * DIM);
                    sum += squared ? d * d : d;
                }
                assert_true(fabs((double)scores[p] - sum / 5) <= 1e-6 * sum);
                largest = fmax(largest, sum / 5);
            }
            assert_true(fabs((double)score - largest) <= 1e-6 * largest);
        }
}

static void the_maximum_leaves_the_own_picture_out(void **state)
{
    (void)state;
    fixture f;
    float scores[PATCHES];
    fill(&f, OKNG_SCORE_MAX, 9);
    memcpy(f.patches, f.rows, sizeof(float) * DIM); /* patch 0 is row 0, of picture 0 */
    (void)image_score(&f, -1, scores);
    assert_true(scores[0] == 0);
    (void)image_score(&f, 0, scores);
    assert_true(scores[0] > 0);
}

static void top_is_the_mean_of_the_highest_part(void **state)
{
    (void)state;
    static const struct {
        double part;
        int taken;
    } cases[] = {{0, 1}, {0.05, 1}, {0.2, 3}, {0.26, 3}, {1, PATCHES}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        fixture f;
        float scores[PATCHES];
        fill(&f, OKNG_SCORE_TOP, 1);
        f.options.top = cases[c].part;
        float score = image_score(&f, -1, scores);
        double sum = 0;
        for (int taken = 0; taken < cases[c].taken; taken++) {
            int highest = 0;
            for (int i = 1; i < PATCHES; i++)
                if (scores[i] > scores[highest]) highest = i;
            sum += (double)scores[highest];
            scores[highest] = -1;
        }
        assert_true(fabs((double)score - sum / cases[c].taken) <= 1e-6 * sum);
    }
}

static void the_background_scores_nothing(void **state)
{
    (void)state;
    uint8_t foreground[PATCHES];
    fixture f;
    float all[PATCHES], scores[PATCHES], largest = 0;
    for (int i = 0; i < PATCHES; i++) foreground[i] = i % 3 == 0;
    fill(&f, OKNG_SCORE_MAX, 1);
    (void)image_score(&f, -1, all);
    f.foreground = foreground;
    float score = image_score(&f, -1, scores);
    for (int i = 0; i < PATCHES; i++) {
        assert_true(scores[i] == (foreground[i] ? all[i] : 0));
        if (foreground[i]) largest = fmaxf(largest, all[i]);
    }
    assert_true(score == largest);
}

static double length_of(const float *row)
{
    double sum = 0;
    for (int d = 0; d < DIM; d++) sum += (double)row[d] * (double)row[d];
    return sqrt(sum);
}

static void cosine_is_one_less_the_cosine(void **state)
{
    (void)state;
    fixture f;
    float scores[PATCHES];
    double expected[PATCHES];
    fill(&f, OKNG_SCORE_MAX, 1);
    f.options.distance = OKNG_DISTANCE_COSINE;
    for (int p = 0; p < PATCHES; p++) {
        expected[p] = 2;
        for (int r = 0; r < ROWS; r++) {
            double product = 0;
            for (int d = 0; d < DIM; d++) product += (double)f.patches[p * DIM + d] * (double)f.rows[r * DIM + d];
            expected[p] = fmin(expected[p], 1 - product / length_of(f.patches + p * DIM) / length_of(f.rows + r * DIM));
        }
    }
    okng_rows_normalise(f.rows, ROWS, DIM);
    okng_rows_normalise(f.patches, PATCHES, DIM);
    (void)image_score(&f, -1, scores);
    for (int p = 0; p < PATCHES; p++) assert_true(fabs((double)scores[p] - expected[p]) < 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reweighted_is_equation_seven),
        cmocka_unit_test(reweighting_with_one_neighbour_is_the_maximum),
        cmocka_unit_test(reweighting_survives_distances_whose_exponential_overflows),
        cmocka_unit_test(top_is_the_mean_of_the_highest_part),
        cmocka_unit_test(the_background_scores_nothing),
        cmocka_unit_test(cosine_is_one_less_the_cosine),
        cmocka_unit_test(standins_count_as_rows_of_the_bank),
        cmocka_unit_test(mean_k_is_the_mean_in_the_chosen_unit),
        cmocka_unit_test(the_maximum_leaves_the_own_picture_out),
    };
    return RUN_TESTS(tests);
}
