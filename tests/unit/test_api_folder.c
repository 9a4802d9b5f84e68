/* A folder of pictures inspected by the library: what is told, in which order, and what is left on disk. */
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/csv.h"
#include "base/json.h"
#include "fixture.h"
#include "inspect/claims.h"
#include "test.h"

static char folder[64] = "/tmp/okng-test-folder-XXXXXX";
static okng_bank *bank;

static const char *inside(const char *name)
{
    static char paths[16][256];
    static int next;
    char *path = paths[next++ % 16];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

typedef struct heard {
    size_t pictures, skipped, ng;
    bool ordered, complete;
    char log[512]; /* "path>folder " of each */
    int steps, stop_after;
} heard;

static void hear(const okng_folder_picture *picture, void *user)
{
    heard *h = user;
    h->ordered = h->ordered && picture->index == h->pictures;
    h->complete = h->complete && (picture->result != NULL) == (picture->error == NULL) &&
                  (picture->folder != NULL) == (picture->result != NULL) && picture->struct_size == sizeof *picture;
    h->pictures++;
    h->skipped += picture->error != NULL;
    h->ng += picture->result && okng_result_verdict(picture->result) == OKNG_VERDICT_NG;
    size_t used = strlen(h->log);
    (void)snprintf(h->log + used, sizeof h->log - used, "%s>%s ", picture->path,
                   picture->folder ? picture->folder : "-");
}

static int step(const okng_progress *progress, void *user)
{
    heard *h = user;
    return strcmp(progress->stage, "inspecting") != 0 || (h->stop_after > 0 && ++h->steps > h->stop_after);
}

static void copy(const char *from, const char *to)
{
    void *data = NULL;
    size_t size = 0;
    assert_ok(okng_file_read(inside(from), SIZE_MAX, &data, &size, error));
    assert_ok(okng_file_write(inside(to), data, size, error));
    free(data);
}

static okng_status inspect(const char *out, int32_t threads, okng_folder_options *options, heard *h,
                           okng_folder_report *report, okng_error *error)
{
    okng_inspect_options inspect;
    okng_inspect_options_init(&inspect);
    inspect.threads = threads;
    options->struct_size = sizeof *options;
    options->inspect = &inspect;
    *h = (heard){.ordered = true, .complete = true, .stop_after = h->stop_after};
    report->struct_size = sizeof *report;
    return okng_inspect_folder(bank, inside("in"), inside(out), options, step, hear, h, report, error);
}

static void assert_same_file(const char *a, const char *b)
{
    char first[65], second[65];
    assert_ok(okng_file_sha256(inside(a), first, error));
    assert_ok(okng_file_sha256(inside(b), second, error));
    assert_string_equal(first, second);
}

static void pictures_are_told_in_order_for_any_number_of_threads(void **state)
{
    (void)state;
    static const int32_t threads[] = {1, 2, 7};
    static const char *const outs[] = {"out1", "out2", "out7"};
    for (int i = 0; i < 3; i++) {
        heard h = {0};
        okng_folder_options options = {0};
        okng_folder_report report;
        assert_ok(inspect(outs[i], threads[i], &options, &h, &report, error));
        assert_true(h.ordered && h.complete);
        assert_string_equal(h.log, "a.png>a a.ppm.png>a.ppm b.png>- c/d.png>c/d ng.png>ng ");
        assert_int_equal(report.pictures, 5);
        assert_int_equal(report.ok, 3);
        assert_int_equal(report.ng, 1);
        assert_int_equal(report.skipped, 1);
        assert_int_equal(h.ng, 1);
        assert_int_not_equal(access(inside("out1/b/scores.json"), F_OK), 0);
    }
    assert_same_file("out1/results.csv", "out7/results.csv");
    assert_same_file("out1/c/d/scores.json", "out2/c/d/scores.json");
    assert_same_file("out1/ng/overlay.png", "out7/ng/overlay.png");
}

/* On one thread up to four go through the network together, here c and d without the e that cannot be read; on many
 * threads each goes alone. */
static void pictures_that_are_inspected_together_get_what_they_get_alone(void **state)
{
    (void)state;
    enum { PICTURES = 12, BROKEN = 4 };
    char name[32], one[64], many[64];
    heard h = {0};
    okng_folder_report report = {.struct_size = sizeof report};
    okng_inspect_options inspect;
    okng_inspect_options_init(&inspect);
    okng_folder_options options = {.struct_size = sizeof options, .save_maps = 1, .inspect = &inspect};
    assert_ok(okng_make_folders(inside("together"), error));
    for (int i = 0; i < PICTURES; i++) {
        (void)snprintf(name, sizeof name, "together/%c.png", 'a' + i);
        copy(i == BROKEN ? "in/b.png" : i % 3 == 0 ? "ng/000.png" : i % 3 == 1 ? "ok/001.png" : "ok/002.png", name);
    }
    for (int32_t threads = 1; threads <= 7; threads += 6) {
        inspect.threads = threads;
        h = (heard){.ordered = true, .complete = true};
        assert_ok(okng_inspect_folder(bank, inside("together"), inside(threads == 1 ? "few" : "alone"), &options, NULL,
                                      hear, &h, &report, error));
        assert_true(h.ordered && h.complete);
        assert_int_equal(report.skipped, 1);
        assert_int_equal(report.ng, 4);
    }
    assert_same_file("few/results.csv", "alone/results.csv");
    for (int i = 0; i < PICTURES; i++) {
        if (i == BROKEN) continue;
        (void)snprintf(one, sizeof one, "few/%c/map.npy", 'a' + i);
        (void)snprintf(many, sizeof many, "alone/%c/map.npy", 'a' + i);
        assert_same_file(one, many);
    }
    options.strict = 1;
    assert_fails(
        OKNG_ERROR_FORMAT, "together/e.png",
        okng_inspect_folder(bank, inside("together"), inside("strict-few"), &options, NULL, NULL, NULL, NULL, error));
}

static void a_reference_and_maps_are_saved_when_asked_for(void **state)
{
    (void)state;
    heard h = {0};
    okng_folder_report report;
    const okng_picture reference = {.struct_size = sizeof reference, .path = inside("ok/003.png")},
                       none = {.struct_size = sizeof none, .path = "nowhere.png"};
    okng_folder_options options = {.reference = &reference, .save_maps = 1};
    assert_ok(inspect("saved", 2, &options, &h, &report, error));
    assert_int_equal(access(inside("saved/ng/side_by_side.png"), F_OK), 0);
    assert_int_equal(access(inside("saved/ng/map.npy"), F_OK), 0);
    options = (okng_folder_options){.reference = &none};
    assert_fails(OKNG_ERROR_NOT_FOUND, "nowhere.png", inspect("unsaved", 2, &options, &h, &report, error));
    assert_int_not_equal(access(inside("unsaved"), F_OK), 0); /* known before anything is written */
}

static void earlier_results_are_replaced_refused_or_added_to(void **state)
{
    (void)state;
    heard h = {0};
    okng_folder_report report;
    okng_folder_options options = {0};
    assert_ok(inspect("earlier", 2, &options, &h, &report, error));
    options.existing = OKNG_EXISTING_REFUSE;
    assert_fails(OKNG_ERROR_ARGUMENT, "earlier run", inspect("earlier", 2, &options, &h, &report, error));
    options.existing = OKNG_EXISTING_APPEND;
    assert_fails(OKNG_ERROR_ARGUMENT, "results of a.png", inspect("earlier", 2, &options, &h, &report, error));
    options.existing = (okng_existing)3;
    assert_fails(OKNG_ERROR_ARGUMENT, "okng_existing", inspect("earlier", 2, &options, &h, &report, error));
    options.existing = OKNG_EXISTING_REPLACE;
    assert_int_equal(mkdir(inside("earlier/b"), 0777), 0);
    assert_ok(okng_file_write(inside("earlier/b/scores.json"), "{}", 2, error)); /* of a picture that was whole then */
    assert_ok(inspect("earlier", 2, &options, &h, &report, error));
    assert_int_not_equal(access(inside("earlier/b/scores.json"), F_OK), 0);
    assert_same_file("earlier/results.csv", "out1/results.csv");
}

static void several_paths_are_named_from_their_common_folder(void **state)
{
    (void)state;
    const char *paths[] = {inside("in/c"), inside("in/ng.png"), inside("in/c/d.png")};
    heard h = {.ordered = true, .complete = true};
    okng_folder_report report = {.struct_size = sizeof report};
    assert_ok(okng_inspect_paths(bank, paths, 3, inside("several"), NULL, step, hear, &h, &report, error));
    assert_string_equal(h.log, "c/d.png>c/d ng.png>ng ");
    assert_int_equal(report.pictures, 2);
    assert_same_file("several/c/d/scores.json", "out2/c/d/scores.json");
    paths[1] = inside("nowhere");
    assert_fails(OKNG_ERROR_NOT_FOUND, "nowhere",
                 okng_inspect_paths(bank, paths, 2, inside("none"), NULL, NULL, NULL, NULL, NULL, error));
    paths[1] = NULL;
    assert_fails(OKNG_ERROR_ARGUMENT, "empty",
                 okng_inspect_paths(bank, paths, 2, inside("none"), NULL, NULL, NULL, NULL, NULL, error));
    assert_int_not_equal(access(inside("none"), F_OK), 0);
}

static void what_ends_an_inspection(void **state)
{
    (void)state;
    heard h = {0};
    okng_folder_report report;
    okng_folder_options options = {.strict = 1};
    assert_fails(OKNG_ERROR_FORMAT, "in/b.png", inspect("strict", 3, &options, &h, &report, error));
    assert_int_not_equal(access(inside("strict/results.csv"), F_OK), 0);
    assert_true(h.pictures <= 2 && h.skipped == 0);
    options = (okng_folder_options){0};
    h.stop_after = 2; /* the stage's begin, and one picture */
    assert_fails(OKNG_ERROR_CANCELLED, "stopped", inspect("stopped", 3, &options, &h, &report, error));
    assert_int_not_equal(access(inside("stopped/results.csv"), F_OK), 0);
    h.stop_after = 0;
    assert_fails(OKNG_ERROR_NOT_FOUND, "no pictures",
                 okng_inspect_folder(bank, inside("empty"), inside("out"), NULL, NULL, NULL, NULL, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "bank",
                 okng_inspect_folder(NULL, inside("in"), inside("out"), NULL, NULL, NULL, NULL, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "pictures",
                 okng_inspect_folder(bank, NULL, inside("out"), NULL, NULL, NULL, NULL, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "results",
                 okng_inspect_folder(bank, inside("in"), NULL, NULL, NULL, NULL, NULL, NULL, error));
}

/* ---- two runs into one folder at once ------------------------------------------------------- */

typedef struct second {
    const char *out, *in;
    okng_existing existing;
    okng_status status;
    okng_error error;
    int runs;
} second;

static okng_status inspect_alone(const char *in, const char *out, okng_existing existing, okng_folder_fn listener,
                                 void *user, okng_error *error)
{
    okng_inspect_options inspect;
    okng_inspect_options_init(&inspect);
    inspect.threads = 1;
    const okng_folder_options options = {.struct_size = sizeof options, .inspect = &inspect, .existing = existing};
    return okng_inspect_folder(bank, inside(in), inside(out), &options, NULL, listener, user, NULL, error);
}

/* While the first run has told its first picture and not ended. */
static void run_second(const okng_folder_picture *picture, void *user)
{
    second *s = user;
    if (picture->index != 0) return;
    s->runs++;
    s->status = inspect_alone(s->in, s->out, s->existing, NULL, NULL, &s->error);
}

static okng_status run_both(okng_existing first, second *s, okng_error *error)
{
    return inspect_alone("first", s->out, first, run_second, s, error);
}

static void assert_lines(const char *out, const char *const *names, size_t count)
{
    char path[128];
    okng_csv *csv;
    (void)snprintf(path, sizeof path, "%s/results.csv", out);
    assert_ok(okng_csv_read(&csv, inside(path), error));
    assert_int_equal(okng_csv_rows(csv), count);
    for (size_t i = 0; i < count; i++) assert_string_equal(okng_csv_field(csv, i, 0), names[i]);
    okng_csv_free(&csv);
}

static void make_pictures_of_two_runs(void)
{
    static const char *const files[][2] = {{"ok/001.png", "first/a.png"}, {"ok/002.png", "first/b.png"},
                                           {"in/ng.png", "same/b.png"},   {"in/ng.png", "near/a.jpg"},
                                           {"in/ng.png", "other/c.png"},  {"ok/001.png", "other/d.png"}};
    static const char *const folders[] = {"first", "same", "near", "other"};
    for (size_t i = 0; i < 4; i++) assert_int_equal(mkdir(inside(folders[i]), 0777), 0);
    for (size_t i = 0; i < 6; i++) copy(files[i][0], files[i][1]);
}

static void assert_left_alone(const char *out, const char *const *names, size_t count)
{
    static const char *const locks[] = {".results.csv.okng-lock", ".results.csv.okng-run-1", ".results.csv.okng-run-2"};
    char path[128];
    assert_lines(out, names, count);
    for (size_t i = 0; i < sizeof locks / sizeof locks[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", out, locks[i]);
        assert_int_not_equal(access(inside(path), F_OK), 0);
    }
}

static void two_runs_at_once_do_not_mix(void **state)
{
    (void)state;
    static const struct {
        okng_existing first, second;
        const char *in, *says;
    } refused[] = {
        {OKNG_EXISTING_REFUSE, OKNG_EXISTING_APPEND, "other", "process"},
        {OKNG_EXISTING_REFUSE, OKNG_EXISTING_APPEND, "same", "process"},
        {OKNG_EXISTING_REPLACE, OKNG_EXISTING_REPLACE, "same", "another okng is writing"},
        {OKNG_EXISTING_REPLACE, OKNG_EXISTING_REFUSE, "other", "another okng is writing"},
        {OKNG_EXISTING_APPEND, OKNG_EXISTING_REPLACE, "other", "another okng is writing"},
        {OKNG_EXISTING_APPEND, OKNG_EXISTING_APPEND, "same", "results of b"},      /* or b.png: both are claimed */
        {OKNG_EXISTING_APPEND, OKNG_EXISTING_APPEND, "near", "results of a here"}, /* the folder of the results */
    };
    static const char *const both[] = {"a.png", "b.png"}, *const four[] = {"c.png", "d.png", "a.png", "b.png"};
    char out[32], one[64], other[64];
    make_pictures_of_two_runs();
    assert_ok(inspect_alone("first", "undisturbed", OKNG_EXISTING_REFUSE, NULL, NULL, error));
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        (void)snprintf(out, sizeof out, "two%zu", i);
        second s = {.out = out, .in = refused[i].in, .existing = refused[i].second};
        assert_ok(run_both(refused[i].first, &s, error));
        assert_int_equal(s.runs, 1);
        assert_int_equal(s.status, OKNG_ERROR_BUSY);
        assert_non_null(strstr(s.error.message, refused[i].says));
        assert_left_alone(out, both, 2);
        (void)snprintf(one, sizeof one, "%s/b/scores.json", out);
        assert_same_file(one, "undisturbed/b/scores.json");
        (void)snprintf(other, sizeof other, "%s/c", out);
        assert_int_not_equal(access(inside(other), F_OK), 0);
    }
    second s = {.out = "two", .in = "other", .existing = OKNG_EXISTING_APPEND};
    assert_ok(run_both(OKNG_EXISTING_APPEND, &s, error));
    assert_int_equal(s.status, OKNG_OK);
    assert_left_alone("two", four, 4);
}

/* A result that is saved by itself is written by one at a time, and into no folder of a run that goes on. */
static void one_result_is_saved_alone(void **state)
{
    (void)state;
    okng_result *result;
    okng_claims claims;
    okng_picture picture = {.struct_size = sizeof picture, .path = inside("ok/001.png")};
    assert_ok(okng_inspect(&result, bank, &picture, NULL, error));
    assert_ok(okng_make_folders(inside("alone"), error));
    static const char *const claimed[] = {"c.png", "c"};
    for (int some = 0; some < 2; some++) {
        assert_ok(okng_claims_begin(&claims, inside("alone"), some == 0, error));
        assert_ok(okng_claims_take(&claims, some ? claimed : NULL, some ? 2 : 0, error));
        assert_fails(OKNG_ERROR_BUSY, "another okng is writing",
                     okng_result_save(result, inside("alone"), 0, NULL, error));
        assert_int_not_equal(access(inside("alone/scores.json"), F_OK), 0);
        okng_claims_end(&claims);
    }
    assert_ok(okng_result_save(result, inside("alone"), 0, NULL, error));
    assert_int_equal(access(inside("alone/scores.json"), F_OK), 0);
    assert_int_not_equal(access(inside("alone/.results.csv.okng-run-1"), F_OK), 0);
    assert_int_not_equal(access(inside("alone/.results.csv.okng-lock"), F_OK), 0);
    okng_result_free(&result);
}

/* What a killed run claimed is free; what it left of its lock is removed. */
static void a_killed_run_claims_nothing(void **state)
{
    (void)state;
    static const okng_existing again[] = {OKNG_EXISTING_APPEND, OKNG_EXISTING_REPLACE};
    static const char *const names[] = {"c.png", "d.png"};
    for (int i = 0; i < 2; i++) {
        const char *out = i == 0 ? "killed0" : "killed1";
        const pid_t child = fork();
        if (child == 0) {
            okng_claims claims;
            const char *const claimed[] = {"c.png", "c"};
            bool held = okng_make_folders(inside(out), NULL) == OKNG_OK &&
                        okng_claims_begin(&claims, inside(out), false, NULL) == OKNG_OK &&
                        okng_claims_take(&claims, claimed, 2, NULL) == OKNG_OK &&
                        okng_claims_return(&claims, NULL) == OKNG_OK; /* both locks are held */
            _exit(held ? 0 : 1);
        }
        int ended = -1;
        assert_true(child > 0 && waitpid(child, &ended, 0) == child && ended == 0);
        char path[64];
        (void)snprintf(path, sizeof path, "%s/.results.csv.okng-run-1", out);
        assert_int_equal(access(inside(path), F_OK), 0);
        assert_ok(inspect_alone("other", out, again[i], NULL, NULL, error));
        assert_left_alone(out, names, 2);
    }
}

/* Folders of pictures that are called as files of results. */
static void no_folder_stands_where_a_file_will_be(void **state)
{
    (void)state;
    static const struct {
        const char *folder, *picture, *beside;
        bool refused;
    } cases[] = {{"ways0", "ways0/results.csv/x.png", "ways0/x.png", true},
                 {"ways1", "ways1/run.json/deep/x.png", "ways1/x.png", true},
                 {"ways2", "ways2/a/mask.png/x.png", "ways2/a.png", true},
                 {"ways3", "ways3/a/mask.png/x.png", "ways3/b.png", false},
                 {"ways4", "ways4/a/results.csv/x.png", "ways4/mask.png/x.png", false}};
    char out[64];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_ok(okng_make_parent(inside(cases[i].picture), error));
        assert_ok(okng_make_parent(inside(cases[i].beside), error));
        copy("ok/001.png", cases[i].picture);
        copy("ok/002.png", cases[i].beside);
        (void)snprintf(out, sizeof out, "out-%s", cases[i].folder);
        if (cases[i].refused)
            assert_fails(OKNG_ERROR_ARGUMENT, "the name of a file of results",
                         inspect_alone(cases[i].folder, out, OKNG_EXISTING_REFUSE, NULL, NULL, error));
        else
            assert_ok(inspect_alone(cases[i].folder, out, OKNG_EXISTING_REFUSE, NULL, NULL, error));
        (void)snprintf(out, sizeof out, "out-%s/run.json", cases[i].folder);
        assert_int_equal(access(inside(out), F_OK) == 0, !cases[i].refused);
    }
}

/* Results would be taken for pictures the next time. */
static void results_must_not_lie_in_the_pictures(void **state)
{
    (void)state;
    static const char *const refused[] = {"in",          "in/out",         "new/../in/out", "new/./deep/..//../in",
                                          "to-c/../out", "to-c/new/../..", "new/../to-c"};
    static const char *const taken[] = {"in-beside", "in/../beside", "in/new/../../beside", "to-c/../../beside"};
    heard h = {0};
    okng_folder_report report;
    okng_folder_options options = {0};
    assert_int_equal(symlink("in/c", inside("to-c")), 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_fails(OKNG_ERROR_ARGUMENT, "lies in", inspect(refused[i], 1, &options, &h, &report, error));
        assert_int_not_equal(access(inside("new"), F_OK), 0); /* known before anything is written */
    }
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        assert_ok(inspect(taken[i], 1, &options, &h, &report, error));
    assert_int_equal(access(inside("beside/results.csv"), F_OK), 0);
}

/* Results and a page of `bank` into a folder, by every function that writes them. */
static void assert_refused(const char *out)
{
    heard h = {0};
    okng_folder_options options = {0};
    okng_folder_report report;
    okng_result *result;
    char *json = NULL;
    const okng_picture picture = {.struct_size = sizeof picture, .path = inside("in/a.png")};
    okng_tune_options tune;
    okng_init(&tune);
    tune.page = inside(out);
    assert_fails(OKNG_ERROR_ARGUMENT, "in the folder of a bank", inspect(out, 2, &options, &h, &report, error));
    assert_ok(okng_inspect(&result, bank, &picture, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "in the folder of a bank", okng_result_save(result, inside(out), 0, NULL, error));
    okng_result_free(&result);
    assert_fails(OKNG_ERROR_ARGUMENT, "in the folder of a bank",
                 okng_tune(inside("bank"), &tune, NULL, NULL, &json, error));
}

static json_t *tune(const okng_tune_options *options)
{
    char *text;
    json_t *document;
    assert_ok(okng_tune(inside("bank"), options, NULL, NULL, &text, error));
    assert_ok(okng_json_parse(&document, text, strlen(text), "tune", NULL, error));
    okng_text_free(&text);
    return document;
}

/* A picture's score, given in its place, proposes the same. */
static void scores_stand_for_pictures_when_thresholds_are_tuned(void **state)
{
    (void)state;
    const char *const paths[] = {inside("in/a.png")};
    const float unknown = NAN;
    okng_tune_options options;
    okng_init(&options);
    options.ng = paths;
    options.ng_count = 1;
    json_t *seen = tune(&options), *first = json_array_get(json_object_get(seen, "pictures"), 0);
    const float score = (float)json_number_value(json_object_get(first, "image_score"));
    okng_init(&options);
    options.ng_scores = &score;
    options.ng_score_count = 1;
    json_t *told = tune(&options);
    assert_true(json_equal(json_object_get(seen, "image"), json_object_get(told, "image")));
    assert_int_equal(json_integer_value(json_object_get(told, "ng")), 1);
    assert_int_equal(json_array_size(json_object_get(told, "pictures")), 0);
    json_decref(seen);
    json_decref(told);
    char *text;
    options.ng_scores = &unknown;
    assert_fails(OKNG_ERROR_ARGUMENT, "not finite", okng_tune(inside("bank"), &options, NULL, NULL, &text, error));
}

static void results_must_not_lie_in_a_bank(void **state)
{
    (void)state;
    static const char *const refused[] = {"bank", "bank/deep/er", "out1/../bank/x", "to-bank", "to-bank/deep/er"};
    if (symlink("bank", inside("to-bank")) != 0) fail_msg("no link");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) assert_refused(refused[i]);
    assert_int_not_equal(access(inside("bank/deep"), F_OK), 0);

    /* A folder of results that leads into one. */
    heard h = {0};
    okng_folder_options options = {0};
    okng_folder_report report;
    assert_int_equal(mkdir(inside("leads"), 0777), 0);
    if (symlink("../bank", inside("leads/c")) != 0) fail_msg("no link");
    assert_fails(OKNG_ERROR_ARGUMENT, "in the folder of a bank", inspect("leads", 2, &options, &h, &report, error));
    assert_int_not_equal(access(inside("leads/run.json"), F_OK), 0);

    /* The bank of an ensemble's member: its ensemble is not the place either. */
    okng_bank *whole = bank;
    assert_ok(okng_make_folders(inside("ensemble"), error));
    assert_int_equal(rename(inside("bank"), inside("ensemble/member-1")), 0);
    assert_ok(okng_file_write(inside("ensemble/ensemble.json"), "{}", 2, error));
    assert_ok(okng_bank_open(&bank, inside("ensemble/member-1"), NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "in the folder of a bank",
                 inspect("ensemble/all/the/results", 2, &options, &h, &report, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "in the folder of a bank",
                 inspect("ensemble/member-1/results", 2, &options, &h, &report, error));
    okng_bank_close(&bank);
    bank = whole;
    assert_int_equal(rename(inside("ensemble/member-1"), inside("bank")), 0);
    assert_ok(inspect("ensemble-of-old", 2, &options, &h, &report, error));
}

static void results_take_no_inputs_place(void **state)
{
    (void)state;
    heard h = {0};
    okng_folder_options options = {0};
    okng_folder_report report;
    assert_ok(okng_make_folders(inside("taken/ng"), error));
    copy("in/ng.png", "kept.png");
    assert_int_equal(link(inside("in/ng.png"), inside("taken/ng/heat_gray.png")), 0);
    assert_fails(OKNG_ERROR_ARGUMENT, "is a picture to inspect", inspect("taken", 2, &options, &h, &report, error));
    assert_int_not_equal(access(inside("taken/run.json"), F_OK), 0);
    assert_int_equal(unlink(inside("taken/ng/heat_gray.png")), 0);
    const okng_picture reference = {.struct_size = sizeof reference, .path = inside("taken/ng/heat_gray.png")};
    copy("ok/003.png", "taken/ng/heat_gray.png");
    options = (okng_folder_options){.reference = &reference};
    assert_fails(OKNG_ERROR_ARGUMENT, "is a picture to inspect", inspect("taken", 2, &options, &h, &report, error));
    options = (okng_folder_options){0};
    assert_fails(OKNG_ERROR_ARGUMENT, "it may be somebody's", inspect("taken", 2, &options, &h, &report, error));
    assert_ok(okng_file_write(inside("taken/run.json"), "{}", 2, error)); /* now it is okng's */
    assert_ok(inspect("taken", 2, &options, &h, &report, error));
    assert_same_file("in/ng.png", "kept.png");

    okng_result *result;
    const okng_picture own = {.struct_size = sizeof own, .path = inside("own/mask.png")};
    assert_int_equal(mkdir(inside("own"), 0777), 0);
    copy("in/ng.png", "own/mask.png");
    assert_ok(okng_inspect(&result, bank, &own, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "is a picture to inspect",
                 okng_result_save(result, inside("own"), 0, NULL, error));
    assert_same_file("own/mask.png", "kept.png");
    okng_result_free(&result);
}

static void folders_without_a_name_are_refused(void **state)
{
    (void)state;
    assert_fails(OKNG_ERROR_ARGUMENT, "the folder of pictures is empty",
                 okng_inspect_folder(bank, "", inside("out"), NULL, NULL, NULL, NULL, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "the folder of results is empty",
                 okng_inspect_folder(bank, inside("in"), "", NULL, NULL, NULL, NULL, NULL, error));
}

static void make_pictures(void)
{
    assert_ok(okng_make_folders(inside("in/c"), error));
    assert_ok(okng_make_folders(inside("empty"), error));
    copy("ok/000.png", "in/a.png");
    copy("ok/001.png", "in/a.ppm.png");
    copy("ok/002.png", "in/c/d.png");
    copy("ng/000.png", "in/ng.png");
    assert_ok(okng_file_write(inside("in/b.png"), "text", 4, error));
}

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_ok(fixture_write(folder, error));
    make_pictures();
    okng_build_options options;
    okng_build_options_init(&options);
    strcpy(options.backbone, "resnet18");
    (void)snprintf(options.weights, sizeof options.weights, "%s", inside("resnet18.safetensors"));
    options.resize_height = options.resize_width = 64;
    char paths[FIXTURE_OK][128];
    const char *pictures[FIXTURE_OK];
    for (int i = 0; i < FIXTURE_OK; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/ok/%03d.png", folder, i);
        pictures[i] = paths[i];
    }
    assert_ok(okng_build_paths(pictures, FIXTURE_OK, inside("bank"), &options, NULL, NULL, NULL, error));
    assert_ok(okng_bank_open(&bank, inside("bank"), NULL, error));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    okng_bank_close(&bank);
    return okng_test_remove_tree(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_told_in_order_for_any_number_of_threads),
        cmocka_unit_test(pictures_that_are_inspected_together_get_what_they_get_alone),
        cmocka_unit_test(a_reference_and_maps_are_saved_when_asked_for),
        cmocka_unit_test(earlier_results_are_replaced_refused_or_added_to),
        cmocka_unit_test(several_paths_are_named_from_their_common_folder),
        cmocka_unit_test(what_ends_an_inspection),
        cmocka_unit_test(two_runs_at_once_do_not_mix),
        cmocka_unit_test(a_killed_run_claims_nothing),
        cmocka_unit_test(one_result_is_saved_alone),
        cmocka_unit_test(no_folder_stands_where_a_file_will_be),
        cmocka_unit_test(results_must_not_lie_in_the_pictures),
        cmocka_unit_test(scores_stand_for_pictures_when_thresholds_are_tuned),
        cmocka_unit_test(results_must_not_lie_in_a_bank),
        cmocka_unit_test(results_take_no_inputs_place),
        cmocka_unit_test(folders_without_a_name_are_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
