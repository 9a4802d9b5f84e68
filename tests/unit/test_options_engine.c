/* The engine of options: what holds for every table, and for every row of each. */
#include <math.h>

#include "options/options.h"
#include "test.h"

/* ---- a table of our own ---------------------------------------------------------------------- */

typedef struct inner {
    size_t struct_size;
    int32_t count, share;
} inner;

typedef struct outer {
    char name[8];
    bool on;
    int32_t height, width;
    inner in;
    double ratio;
} outer;

#define IN(field) .offset = offsetof(inner, field), .size = sizeof(((inner *)0)->field)
#define OUT(field) .offset = offsetof(outer, field), .size = sizeof(((outer *)0)->field)

static const okng_option_row inner_rows[] = {
    {.name = "count",
     .values = "N",
     .initial = "3",
     .kind = OKNG_KIND_INT32,
     IN(count),
     .low = 1,
     .high = 9,
     .sets = "share=0",
     .flags = OKNG_ROW_RECORDED,
     .group = "Counts",
     .verbs = "build, bench knn",
     .help = "how many"},
    {.name = "share",
     .values = "N|none",
     .initial = "none",
     .kind = OKNG_KIND_INT32,
     IN(share),
     .low = 1,
     .high = 100,
     .word = "none",
     .flags = OKNG_ROW_RECORDED,
     .group = "Counts",
     .verbs = "build",
     .help = "how many of a hundred"},
    {.name = "number", .values = "N", .alias = "count", .help = "the same as count"},
};
static const okng_option_table inner_table = {.rows = inner_rows,
                                              .count = 3,
                                              .struct_size = sizeof(inner),
                                              .versioned = true,
                                              .noun = "option",
                                              .what = " of us"};

static okng_status set_twice(const okng_option_row *row, void *options, const char *value, const void *context,
                             okng_error *error)
{
    (void)row;
    outer *o = options;
    if (!context) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no context");
    o->ratio = 2 * (value[0] - '0') + *(const double *)context;
    return OKNG_OK;
}

static const okng_option_row outer_rows[] = {
    {.name = "a.name", .values = "NAME", .initial = "first", .kind = OKNG_KIND_NAME, OUT(name)},
    {.name = "a.on", .values = "true|false", .initial = "true", .kind = OKNG_KIND_BOOL, OUT(on)},
    {.name = "a.size",
     .values = "N|[H, W]|own",
     .kind = OKNG_KIND_SIZE,
     .offset = offsetof(outer, height),
     .size = 2 * sizeof(int32_t),
     .word = "own"},
    {.name = "in.count", .values = "N", .alias = "count", .of = &inner_table, .offset = offsetof(outer, in)},
    {.name = "in.both",
     .values = "N",
     .alias = "count",
     .of = &inner_table,
     .offset = offsetof(outer, in),
     .sets = "share=50"},
    {.name = "a.twice", .values = "N", .set = set_twice},
};
static const okng_option_table outer_table = {.rows = outer_rows, .count = 6, .struct_size = sizeof(outer)};

static inner fresh(void)
{
    inner in;
    okng_options_init(&inner_table, &in, sizeof in);
    return in;
}

static void initial_values_ranges_and_words(void **state)
{
    (void)state;
    inner in = fresh();
    assert_int_equal(in.struct_size, sizeof in);
    assert_true(in.count == 3 && in.share == 0);
    assert_fails(OKNG_ERROR_ARGUMENT, "option count: found \"10\", expected a whole number 1..9",
                 okng_options_set(&inner_table, &in, "count", "10", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "option share: found \"many\", expected a whole number 1..100 or none",
                 okng_options_set(&inner_table, &in, "share", "many", error));
    assert_true(in.count == 3 && in.share == 0);
    assert_ok(okng_options_set(&inner_table, &in, "share", "none", error));
    assert_int_equal(in.share, 0);
}

static void an_alias_is_another_name(void **state)
{
    (void)state;
    inner in = fresh();
    char text[16];
    assert_ok(okng_options_set(&inner_table, &in, "number", "7", error));
    assert_int_equal(in.count, 7);
    assert_ok(okng_options_get(&inner_table, &in, "number", text, sizeof text, error));
    assert_string_equal(text, "7");
    okng_option_info info = {.struct_size = sizeof info};
    okng_options_describe(&inner_table, &inner_rows[2], &info);
    assert_string_equal(info.alias, "count");
    assert_string_equal(info.group, "Counts");
    assert_true(info.minimum == 1 && info.maximum == 9);
}

static void setting_one_clears_another_and_one_of_them_is_recorded(void **state)
{
    (void)state;
    inner in = fresh();
    const okng_option_row *count = &inner_rows[0], *share = &inner_rows[1], *alias = &inner_rows[2];
    assert_true(okng_options_is_recorded(&inner_table, count, &in));
    assert_false(okng_options_is_recorded(&inner_table, share, &in));
    assert_false(okng_options_is_recorded(&inner_table, alias, &in));
    assert_ok(okng_options_set(&inner_table, &in, "share", "20", error));
    assert_false(okng_options_is_recorded(&inner_table, count, &in));
    assert_true(okng_options_is_recorded(&inner_table, share, &in));
    assert_ok(okng_options_set(&inner_table, &in, "count", "4", error));
    assert_int_equal(in.share, 0);
    assert_true(okng_options_is_recorded(&inner_table, count, &in));
}

static void unknown_names_are_told_with_the_nearest(void **state)
{
    (void)state;
    inner in = fresh();
    char text[16];
    assert_fails(OKNG_ERROR_ARGUMENT, "unknown option \"conut\" of us; did you mean \"count\"?",
                 okng_options_set(&inner_table, &in, "conut", "4", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "unknown option \"zzzzzzzz\"",
                 okng_options_get(&inner_table, &in, "zzzzzzzz", text, sizeof text, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "NULL", okng_options_set(&inner_table, NULL, "count", "4", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "NULL", okng_options_set(&inner_table, &in, "count", NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "NULL", okng_options_get(&inner_table, &in, "count", text, 0, error));
}

static void a_row_reaches_into_another_table(void **state)
{
    (void)state;
    outer o;
    okng_options_init(&outer_table, &o, sizeof o);
    o.in = fresh();
    assert_string_equal(o.name, "first");
    assert_true(o.on && o.height == 0);
    assert_ok(okng_options_set(&outer_table, &o, "in.count", "5", error));
    assert_int_equal(o.in.count, 5);
    assert_fails(OKNG_ERROR_ARGUMENT, "option count: found \"0\"",
                 okng_options_set(&outer_table, &o, "in.count", "0", error));
    assert_ok(okng_options_set(&outer_table, &o, "in.both", "6", error));
    assert_true(o.in.count == 6 && o.in.share == 50);
    char text[16];
    assert_ok(okng_options_get(&outer_table, &o, "in.count", text, sizeof text, error));
    assert_string_equal(text, "6");
}

static void values_of_files(void **state)
{
    (void)state;
    outer o;
    char text[16];
    okng_options_init(&outer_table, &o, sizeof o);
    assert_ok(okng_options_set(&outer_table, &o, "a.size", "20,30", error));
    assert_true(o.height == 20 && o.width == 30);
    assert_ok(okng_options_get(&outer_table, &o, "a.size", text, sizeof text, error));
    assert_string_equal(text, "20,30");
    assert_ok(okng_options_set(&outer_table, &o, "a.size", "own", error));
    assert_true(o.height == 0 && o.width == 0);
    assert_ok(okng_options_set(&outer_table, &o, "a.on", "False", error));
    assert_false(o.on);
    /* No noun: the caller names the key. */
    assert_fails(OKNG_ERROR_ARGUMENT, "found \"yes\", expected true|false",
                 okng_options_set(&outer_table, &o, "a.on", "yes", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "found \"a/b\", expected a name without /",
                 okng_options_set(&outer_table, &o, "a.name", "a/b", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "expected fewer than 8 bytes",
                 okng_options_set(&outer_table, &o, "a.name", "abcdefgh", error));
}

static void a_row_may_set_by_itself_and_look_around(void **state)
{
    (void)state;
    outer o;
    const double more = 0.5;
    okng_options_init(&outer_table, &o, sizeof o);
    assert_ok(okng_options_set_row(&outer_table, &outer_rows[5], &o, "3", &more, error));
    assert_true(o.ratio == 6.5);
    assert_fails(OKNG_ERROR_ARGUMENT, "no context",
                 okng_options_set_row(&outer_table, &outer_rows[5], &o, "3", NULL, error));
}

static void verbs_are_whole_words(void **state)
{
    (void)state;
    static const char verbs[] = "build, bench knn, data show";
    assert_true(okng_options_is_read(verbs, "build") && okng_options_is_read(verbs, "bench knn"));
    assert_true(okng_options_is_read(verbs, "bench") && okng_options_is_read(verbs, "data show"));
    assert_false(okng_options_is_read(verbs, "bui") || okng_options_is_read(verbs, "knn"));
    assert_false(okng_options_is_read(verbs, "bench k") || okng_options_is_read(NULL, "build"));
}

/* ---- every row of the library's tables -------------------------------------------------------- */

static const struct {
    const okng_option_table *table;
} tables[] = {{&okng_build_table}, {&okng_inspect_table}};

enum { TABLES = sizeof tables / sizeof tables[0] };

static void every_row_says_what_it_is(void **state)
{
    (void)state;
    static const char known[] =
        "build, infer, advise, tune, bank add, bank merge, bank shrink, bank diff, bank create, demo, data show, eval, "
        "metrics, import patchcore-inspection, "
        "import anomalib, preprocess, embed, text-embed, similarity, tokenize, coreset, knn, bench ceiling, bench "
        "network, "
        "bench knn, bench coreset, bench image, bench build, bench start, bench bank, "
        "bench start --bank-dir, bench bank --bank-dir, bench gradient, export, train patchcore";
    for (size_t t = 0; t < TABLES; t++)
        for (size_t i = 0; i < tables[t].table->count; i++) {
            okng_option_info info = {.struct_size = sizeof info};
            okng_options_describe(tables[t].table, &tables[t].table->rows[i], &info);
            assert_true(info.name[0] && info.values[0] && info.help[0] && info.group[0] && info.verbs[0]);
            assert_true(info.help[strlen(info.help) - 1] != '.' && !strstr(info.help, "--"));
            assert_true(info.minimum <= info.maximum);
            for (size_t j = 0; j < i; j++) assert_string_not_equal(info.name, tables[t].table->rows[j].name);
            char verbs[1024];
            (void)snprintf(verbs, sizeof verbs, "%s", info.verbs);
            for (char *rest = verbs, *verb; (verb = strsep(&rest, ",")) != NULL;)
                assert_true(okng_options_is_read(known, verb + strspn(verb, " ")));
        }
}

/* The initial value, the least, the largest and the word of each row are got as they were set. */
static void every_row_goes_round(void **state)
{
    (void)state;
    for (size_t t = 0; t < TABLES; t++) {
        const okng_option_table *table = tables[t].table;
        char *options = malloc(table->struct_size), *full = malloc(table->struct_size);
        assert_non_null(options);
        assert_non_null(full);
        for (size_t i = 0; i < table->count; i++) {
            const okng_option_row *row = &table->rows[i];
            char text[OKNG_OPTION_TEXT_MAX], again[OKNG_OPTION_TEXT_MAX];
            const char *values[] = {row->initial, row->word};
            okng_options_init(table, options, table->struct_size);
            for (int v = 0; v < 2; v++) {
                if (!values[v] || row->alias) continue;
                assert_ok(okng_options_set(table, options, row->name, values[v], error));
                assert_ok(okng_options_get(table, options, row->name, text, sizeof text, error));
                assert_string_equal(text, values[v]);
            }
            assert_ok(okng_options_get(table, options, row->name, text, sizeof text, error));
            assert_ok(okng_options_set(table, options, row->name, text, error));
            assert_ok(okng_options_get(table, options, row->name, again, sizeof again, error));
            assert_string_equal(text, again);
            assert_ok(okng_options_complete(table, options, full, error));
        }
        free(options);
        free(full);
    }
}

static void every_word_of_a_choice_is_accepted_and_no_other(void **state)
{
    (void)state;
    for (size_t t = 0; t < TABLES; t++)
        for (size_t i = 0; i < tables[t].table->count; i++) {
            const okng_option_table *table = tables[t].table;
            const okng_option_row *row = &table->rows[i];
            char words[256], text[64];
            if (row->kind != OKNG_KIND_CHOICE && !(row->flags & OKNG_ROW_FIRST)) continue;
            void *options = malloc(table->struct_size);
            assert_non_null(options);
            okng_options_init(table, options, table->struct_size);
            (void)snprintf(words, sizeof words, "%s", row->values);
            for (char *rest = words, *word; (word = strsep(&rest, "|")) != NULL;) {
                assert_ok(okng_options_set(table, options, row->name, word, error));
                assert_ok(okng_options_get(table, options, row->name, text, sizeof text, error));
                assert_string_equal(text, word);
            }
            assert_fails(OKNG_ERROR_ARGUMENT, row->values, okng_options_set(table, options, row->name, "other", error));
            free(options);
        }
}

/* What a bank would record of any options gives the same recorded options again. */
static void what_is_recorded_comes_back(void **state)
{
    (void)state;
    okng_build_options options, copy;
    okng_build_options_init(&options);
    assert_ok(okng_build_options_set(&options, "preset", "guide", error));
    assert_ok(okng_build_options_set(&options, "coreset-size", "77", error));
    assert_ok(okng_build_options_set(&options, "seed", "5", error));
    assert_ok(okng_build_options_set(&options, "threads", "3", error));
    okng_build_options_init(&copy);
    assert_ok(okng_build_options_set(&copy, "preset", "guide", error));
    size_t recorded = 0;
    for (size_t i = 0; i < okng_build_table.count; i++) {
        const okng_option_row *row = &okng_build_table.rows[i];
        char text[OKNG_OPTION_TEXT_MAX];
        if (!okng_options_is_recorded(&okng_build_table, row, &options)) continue;
        assert_string_not_equal(row->name, "threads");
        assert_string_not_equal(row->name, "coreset");
        okng_options_get_row(&okng_build_table, row, &options, text, sizeof text);
        assert_ok(okng_options_set(&okng_build_table, &copy, row->name, text, error));
        recorded++;
    }
    assert_true(recorded > 20);
    copy.threads = 3;
    assert_memory_equal(&options, &copy, sizeof copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(initial_values_ranges_and_words),
        cmocka_unit_test(an_alias_is_another_name),
        cmocka_unit_test(setting_one_clears_another_and_one_of_them_is_recorded),
        cmocka_unit_test(unknown_names_are_told_with_the_nearest),
        cmocka_unit_test(a_row_reaches_into_another_table),
        cmocka_unit_test(values_of_files),
        cmocka_unit_test(a_row_may_set_by_itself_and_look_around),
        cmocka_unit_test(verbs_are_whole_words),
        cmocka_unit_test(every_row_says_what_it_is),
        cmocka_unit_test(every_row_goes_round),
        cmocka_unit_test(every_word_of_a_choice_is_accepted_and_no_other),
        cmocka_unit_test(what_is_recorded_comes_back),
    };
    return RUN_TESTS(tests);
}
