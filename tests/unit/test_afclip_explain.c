/* Which stream of AF-CLIP is told to say most, on a grid of 4 rows and 5 columns. */
#include "afclip/explain.h"
#include "test.h"

enum { ROWS = 4, COLUMNS = 5, PATCHES = ROWS * COLUMNS, TOKENS = 1 + PATCHES };

static const okng_afclip_plan plan = {.rows = ROWS, .columns = COLUMNS, .tokens = TOKENS, .taps = {2, 5, 8, 11}};

static double *words_at(const okng_afclip_view *view, int stream, int row, int column)
{
    return &view->words[stream * TOKENS + 1 + row * COLUMNS + column];
}

static void words_alone(void **state)
{
    (void)state;
    okng_afclip_view view;
    assert_ok(okng_afclip_view_new(&view, &plan, false, error));
    assert_null(view.distances);
    view.p[0] = 0.25f;
    okng_scored_window window = okng_afclip_explain(&plan, &view, 0.1, 0.07, view.p + 1);
    assert_int_equal(window.kind, OKNG_WINDOW_WORDS); /* nothing rises: the whole picture */
    assert_int_equal(window.scale, 0);
    assert_int_equal(window.depth, 0);
    assert_int_equal(window.rows, ROWS);
    assert_int_equal(window.columns, COLUMNS);
    assert_float_equal(window.score, 0.25f, 0);
    view.p[1 + 1 * COLUMNS + 3] = 0.9f;
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++) *words_at(&view, 3, row, column) = 0.5; /* high, all over */
    *words_at(&view, 7, 1, 3) = 0.07;
    *words_at(&view, 8, 1, 2) = 0.3; /* elsewhere */
    window = okng_afclip_explain(&plan, &view, 0.1, 0.07, view.p + 1);
    assert_int_equal(window.kind, OKNG_WINDOW_WORDS);
    assert_int_equal(window.scale, 3);
    assert_int_equal(window.depth, 9);
    assert_int_equal(window.row, 0);
    assert_int_equal(window.rows, 3);
    assert_int_equal(window.column, 2);
    assert_int_equal(window.columns, 3);
    assert_float_equal(window.score, (float)(1 / (1 + exp(-1.0))), 1e-6f);
    okng_afclip_view_free(&view);
}

static void pictures_beside_words(void **state)
{
    (void)state;
    okng_afclip_view view;
    float map[PATCHES];
    const int place = 3 * COLUMNS;
    assert_ok(okng_afclip_view_new(&view, &plan, true, error));
    view.distances[11 * PATCHES + place] = 0.6f;
    view.distances[2 * PATCHES + place] = 0.5f;
    view.p[1 + place] = 0.8f;
    *words_at(&view, 0, 3, 0) = 1;
    for (int i = 0; i < PATCHES; i++) map[i] = 1.1f / 12 * (i == place) + 0.1f * view.p[1 + i];
    okng_scored_window window = okng_afclip_explain(&plan, &view, 0.1, 0.07, map);
    assert_int_equal(window.kind, OKNG_WINDOW_PICTURES);
    assert_int_equal(window.scale, 5);
    assert_int_equal(window.depth, 12);
    assert_int_equal(window.row, 1); /* cut off by the border */
    assert_int_equal(window.rows, 3);
    assert_int_equal(window.column, 0);
    assert_int_equal(window.columns, 3);
    assert_float_equal(window.score, 0.6f, 0);
    for (int i = 0; i < PATCHES; i++) map[i] = 1.1f / 12 * (i == place) + 0.9f * view.p[1 + i];
    window = okng_afclip_explain(&plan, &view, 0.9, 0.07, map); /* now the words weigh more */
    assert_int_equal(window.kind, OKNG_WINDOW_WORDS);
    assert_int_equal(window.scale, 1);
    assert_int_equal(window.depth, 3);
    assert_int_equal(window.rows, 1);
    okng_afclip_view_free(&view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_alone), cmocka_unit_test(pictures_beside_words)};
    return RUN_TESTS(tests);
}
