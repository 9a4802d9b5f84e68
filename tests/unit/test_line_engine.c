/* The line: pictures of a watched folder become records, and reach every sink once; nothing that goes wrong is OK. */
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "history/history.h"
#include "line/clock.h"
#include "line/kinds.h"
#include "line_fixture.h"

#define HEAD                                                                                     \
    "bank: a\nsync: false\nheartbeat: 0.1\nsources:\n  inbox: {kind: folder, path: in, settle: " \
    "0.05, rescan: 0.2}\nsinks:\n"
static const char files_yaml[] = HEAD "  results: {kind: files, path: out, sort: verdict, save: [scores, picture, "
                                      "overlay, heat, mask]}\n";

/* The record of the only result in a folder, and its folder. */
static json_t *only_record(const char *folder, char found[512])
{
    json_t *record = NULL;
    DIR *dir = opendir(line_path(folder));
    assert_non_null(dir);
    found[0] = '\0';
    for (struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_name[0] != '.') (void)snprintf(found, 512, "%s/%s", line_path(folder), entry->d_name);
    (void)closedir(dir);
    char path[600];
    (void)snprintf(path, sizeof path, "%s/record.json", found);
    const okng_json_limits limits = {.bytes = 1 << 20, .items = 1000, .text = 1000, .depth = 8};
    assert_ok(okng_json_read(&record, path, &limits, error));
    return record;
}

static void verdicts_are_those_of_inspection(void **state)
{
    (void)state;
    made_line made;
    line_start(&made, files_yaml);
    line_bring("ok/000.png", "good.png");
    line_bring("ng/000.png", "bad.png");
    line_await(made.line, "sinks.0.sent", 2);
    assert_int_equal((int)line_figure(made.line, "counts.OK"), 1);
    assert_int_equal((int)line_figure(made.line, "counts.NG"), 1);

    char found[512], path[600];
    json_t *record = only_record("out/NG", found);
    okng_bank *bank;
    okng_result *result;
    okng_picture picture;
    okng_init(&picture);
    picture.path = line_path("in/bad.png");
    assert_ok(okng_bank_open(&bank, cache_path("a", path), NULL, error));
    assert_ok(okng_inspect(&result, bank, &picture, NULL, error));
    assert_true((float)json_number_value(json_object_get(record, "score")) == okng_result_score(result));
    assert_string_equal(json_string_value(json_object_get(record, "picture")), "bad.png");
    assert_string_equal(json_string_value(json_object_get(record, "source")), "inbox");
    assert_string_equal(json_string_value(json_object_get(record, "bank")), "a");
    char *json, hash[65];
    assert_ok(okng_file_sha256(picture.path, hash, error));
    assert_string_equal(json_string_value(json_object_get(record, "picture_hash")), hash);
    /* What goes along is byte for byte what the library draws. */
    assert_ok(okng_result_json(result, &json, error));
    (void)snprintf(path, sizeof path,
                   "cmp %s/picture.png %s && test -s %s/overlay.png -a -s %s/mask.png -a -s "
                   "%s/heat_gray.png && grep -q '\"NG\"' %s/scores.json",
                   found, picture.path, found, found, found, found);
    assert_int_equal(system(path), 0);
    okng_text_free(&json);
    okng_result_free(&result);
    okng_bank_close(&bank);
    json_decref(record);
    line_stop(&made, 5);
    assert_int_equal(line_count(line_path("spool/files")), 0);
}

static void what_cannot_be_judged_is_told(void **state)
{
    (void)state;
    made_line made;
    line_start(&made, files_yaml);
    cache_run("printf '' > line/in/empty.png; printf 'no picture' > line/in/text.png; head -c 300 ok/000.png > "
              "line/in/cut.png");
    line_await(made.line, "sinks.0.sent", 3);
    assert_int_equal((int)line_figure(made.line, "counts.NOT_INSPECTED"), 3);
    assert_int_equal((int)line_figure(made.line, "sources.0.not_inspected"), 3);
    assert_int_equal(line_count(line_path("out/NOT_INSPECTED")), 3);
    line_bring("ok/000.png", "good.png"); /* it goes on */
    line_await(made.line, "counts.OK", 1);
    line_stop(&made, 5);
}

static void a_restart_loses_and_repeats_none(void **state)
{
    (void)state;
    made_line made;
    line_bring("ok/000.png", "before.png");
    line_start(&made, files_yaml);
    line_bring("ok/001.png", "a.png");
    line_bring("ng/000.png", "b.png");
    line_await(made.line, "sinks.0.sent", 3);
    line_stop(&made, 5);
    line_bring("ok/001.png", "c.png");
    line_start(&made, files_yaml);
    line_await(made.line, "sinks.0.sent", 1);
    line_bring("ok/000.png", "a.png"); /* another picture of an old name */
    line_await(made.line, "sinks.0.sent", 2);
    (void)usleep(300000); /* another look at the folder */
    assert_int_equal((int)line_figure(made.line, "sources.0.frames"), 2);
    line_stop(&made, 5);
    assert_int_equal(line_count(line_path("out/OK")), 4);
    assert_int_equal(line_count(line_path("out/NG")), 1);
}

/* A child that runs a line until it is killed. */
static pid_t run_apart(const char *text)
{
    const pid_t child = fork();
    if (child != 0) return child;
    made_line made;
    line_start(&made, text);
    for (;;) pause();
}

/* Results that are OK or NG. */
static int judged(void)
{
    return line_count(line_path("out/OK")) + line_count(line_path("out/NG"));
}

/* OKNG_KILLS in the environment: so many kills. */
static void kills_lose_and_repeat_none(void **state)
{
    (void)state;
    const char *given = getenv("OKNG_KILLS");
    need_children();
    const int kills = given ? atoi(given) : 4;
    unsigned seed = 1;
    int brought = 0, how;
    for (int i = 0; i < kills; i++) {
        const pid_t child = run_apart(files_yaml);
        for (int j = 0; j < 4; j++) {
            char name[32];
            (void)snprintf(name, sizeof name, "%04d.png", brought++);
            line_bring(j % 2 ? "ok/000.png" : "ng/000.png", name);
            (void)usleep((useconds_t)(rand_r(&seed) % 30000));
        }
        (void)usleep((useconds_t)(rand_r(&seed) % 150000));
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFSIGNALED(how));
    }
    made_line made;
    line_start(&made, files_yaml);
    double until = okng_clock() + 20; /* from the last one that came */
    for (int before = 0, now; (now = judged()) < brought && okng_clock() < until; before = now) {
        if (now > before) until = okng_clock() + 20;
        (void)usleep(5000);
    }
    (void)usleep(300000);
    line_stop(&made, 5);
    assert_int_equal(line_count(line_path("out/OK")), brought / 2);
    assert_int_equal(line_count(line_path("out/NG")), brought / 2);
    assert_int_equal(line_count(line_path("out/NOT_INSPECTED")), 0);
}

static void a_dead_sink_stalls_nothing(void **state)
{
    (void)state;
    made_line made;
    line_start(&made, HEAD "  dead: {kind: command, command: [/bin/false], tries: 1000, queue: 3}\n"
                           "  results: {kind: files, path: out, sort: none}\n");
    for (int i = 0; i < 6; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%d.png", i);
        line_bring("ok/000.png", name);
    }
    line_await(made.line, "sinks.1.sent", 6);
    line_await(made.line, "sinks.0.lost", 3);
    assert_int_equal((int)line_figure(made.line, "sinks.0.queued"), 3);
    assert_int_equal((int)line_figure(made.line, "sinks.0.sent"), 0);
    line_stop(&made, 0);
    /* What waits outlives the line, and is taken by a sink of that name that works. */
    line_start(&made, HEAD "  dead: {kind: command, command: [/bin/true], queue: 3}\n");
    line_await(made.line, "sinks.0.sent", 3);
    line_stop(&made, 5);
}

static void programs_get_the_result_and_no_shell(void **state)
{
    (void)state;
    made_line made;
    char text[1024];
    (void)snprintf(text, sizeof text,
                   "%s  cmd:\n    kind: command\n    command: [/bin/sh, -c, 'cat > \"$OUT/$OKNG_ID\"; printf "
                   "\"%%%%s\\n\" \"$@\" > \"$OUT/args\"', sh, '{verdict}', '{picture}', 'x; touch {source}']\n"
                   "    verdicts: [NG]\n",
                   HEAD);
    assert_int_equal(setenv("OUT", line_path(""), 1), 0);
    char *percent;
    while ((percent = strstr(text, "%%"))) memmove(percent, percent + 1, strlen(percent));
    line_start(&made, text);
    line_bring("ok/000.png", "good.png");
    line_bring("ng/000.png", "'$(touch pwned)'.png");
    line_await(made.line, "sinks.0.sent", 1);
    line_stop(&made, 5);
    cache_run("printf 'NG\\n$(touch pwned).png\\nx; touch inbox\\n' | cmp - line/args && test ! -e pwned -a ! -e inbox "
              "-a ! -e line/pwned");
    cache_run("grep -l '\"verdict\":\"NG\"' line/0* >/dev/null");
}

static void a_program_that_hangs_is_killed(void **state)
{
    (void)state;
    made_line made;
    line_start(&made, HEAD "  cmd: {kind: command, command: [sh, -c, 'sleep 77 & sleep 77'], limit: 0.1, tries: 2}\n");
    line_bring("ok/000.png", "good.png");
    line_await(made.line, "sinks.0.refused", 1);
    line_stop(&made, 1);
    assert_int_not_equal(system("pgrep -x -f 'sleep 77' >/dev/null"), 0);
}

static void files_are_moved_by_verdict(void **state)
{
    (void)state;
    made_line made;
    line_start(&made, HEAD "  sorted: {kind: move, path: sorted}\n");
    line_bring("ok/000.png", "good.png");
    line_bring("ng/000.png", "bad.png");
    line_await(made.line, "sinks.0.sent", 2);
    assert_int_equal(line_count(line_path("in")), 0);
    assert_int_equal(line_count(line_path("sorted/OK")), 1);
    assert_int_equal(line_count(line_path("sorted/NG")), 1);
    cache_run("cmp ng/000.png line/sorted/NG/*.bad.png");
    line_stop(&made, 5);
}

/* A result is as good as moved away when its file was replaced by one that nobody inspected. */
static void a_replaced_file_is_not_moved(void **state)
{
    (void)state;
    okng_line_config config;
    char *text = strdup(HEAD "  sorted: {kind: move, path: sorted}\n");
    assert_ok(okng_line_config_parse(&config, text, strlen(text), line_path("line.yaml"), error));
    free(text);
    void *sink;
    assert_ok(okng_line_sink_move.open(&sink, config.sinks[0].settings, NULL, error));
    okng_record record;
    okng_record_init(&record);
    record.outcome = OKNG_OUTCOME_OK;
    cache_run("cp ok/000.png line/in/x.png");
    assert_ok(okng_file_sha256(line_path("in/x.png"), record.picture_hash, error));
    (void)snprintf(record.picture, sizeof record.picture, "x.png");
    const okng_line_result result = {.record = &record, .json = "{}", .json_size = 2, .path = line_path("in/x.png")};
    cache_run("cp ng/000.png line/in/x.png");
    assert_fails(OKNG_ERROR_ARGUMENT, "another one", okng_line_sink_move.send(sink, &result, error));
    cache_run("cmp ng/000.png line/in/x.png && test -z \"$(ls -A line/sorted/OK)\"");
    cache_run("cp ok/000.png line/in/x.png");
    assert_ok(okng_line_sink_move.send(sink, &result, error));
    assert_ok(okng_line_sink_move.send(sink, &result, error)); /* again: it was not acknowledged */
    assert_int_equal(line_count(line_path("sorted/OK")), 1);
    okng_line_sink_move.close(&sink);
    okng_line_config_free(&config);
}

static void the_history_has_each_result_once(void **state)
{
    (void)state;
    made_line made;
    static const char yaml[] = HEAD "  db: {kind: history, path: history}\n";
    line_start(&made, yaml);
    line_bring("ok/000.png", "good.png");
    line_bring("ng/000.png", "bad.png");
    for (int tries = 0; tries < 2000 && line_figure(made.line, "sinks.0.sent") < 2; tries++) {
        json_t *now = okng_line_json(made.line);
        const char *why = json_string_value(json_object_get(json_array_get(json_object_get(now, "sinks"), 0), "why"));
        const bool without = why && strstr(why, "SQLite");
        json_decref(now);
        if (without) {
            print_message("SKIP %s: built without SQLite\n", __func__);
            line_stop(&made, 0);
            skip();
        }
        (void)usleep(5000);
    }
    line_stop(&made, 5);
    cache_run("echo 'next 00000000000000000000 lost 00000000000000000000' > line/spool/db.at"); /* not acknowledged */
    line_start(&made, yaml);
    line_await(made.line, "sinks.0.sent", 2);
    line_stop(&made, 5);
    okng_history_options options;
    okng_history *history;
    json_t *stats;
    okng_history_options_init(&options);
    options.folder = line_path("history");
    assert_ok(okng_history_open(&history, &options, error));
    assert_ok(okng_history_stats(history, NULL, 24, &stats, error));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(stats, "counts"), "OK")), 1);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(stats, "counts"), "NG")), 1);
    json_decref(stats);
    okng_history_close(&history);
    cache_run("cmp ng/000.png \"$(find line/history/pictures -type f -name '*picture*' | head -1)\"");
}

static const char recipes_yaml[] =
    "recipe: 1\nsync: false\nrecipes: {1: a, 2: b, 9: none}\nsources:\n  inbox: {kind: folder, path: in, settle: "
    "0.05}\nsinks:\n  results: {kind: files, path: out, sort: none}\n";

static void recipes_change_and_are_remembered(void **state)
{
    (void)state;
    made_line made;
    char bank[OKNG_RECORD_NAME];
    line_start(&made, recipes_yaml);
    assert_int_equal(okng_line_recipe(made.line, bank), 1);
    assert_string_equal(bank, "a");
    assert_ok(okng_line_set_recipe(made.line, 2, "test", error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "3", okng_line_set_recipe(made.line, 3, "test", error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "none", okng_line_set_recipe(made.line, 9, "test", error));
    assert_int_equal(okng_line_recipe(made.line, bank), 2);
    line_bring("ok/000.png", "good.png");
    line_await(made.line, "sinks.0.sent", 1);
    line_stop(&made, 5);
    cache_run("grep -q '\"bank\":\"b\".*\"recipe_number\":2' line/out/*/record.json");
    line_start(&made, recipes_yaml);
    assert_int_equal(okng_line_recipe(made.line, NULL), 2);
    line_stop(&made, 0);
}

/* Writes beyond a size fail from now on, as on a full disk. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_makes_pictures_wait(void **state)
{
    (void)state;
    made_line made;
    (void)signal(SIGXFSZ, SIG_IGN);
    line_start(&made, files_yaml);
    line_bring("ok/000.png", "first.png");
    line_await(made.line, "sinks.0.sent", 1);
    cache_run("cp ok/000.png line/.second; cp ng/000.png line/.third");
    limit_files(1);
    assert_int_equal(rename(line_path(".second"), line_path("in/second.png")), 0);
    assert_int_equal(rename(line_path(".third"), line_path("in/third.png")), 0);
    for (int i = 0; i < 5000; i++) { /* until it says so */
        json_t *now = okng_line_json(made.line);
        const bool failed = json_is_string(json_object_get(json_object_get(now, "spool"), "why"));
        json_decref(now);
        if (failed) break;
        (void)usleep(2000);
    }
    assert_int_equal((int)line_figure(made.line, "counts.OK"), 1); /* no verdict without a record */
    limit_files(RLIM_INFINITY);
    line_await(made.line, "sinks.0.sent", 3);
    assert_int_equal((int)line_figure(made.line, "counts.OK"), 2);
    assert_int_equal((int)line_figure(made.line, "counts.NG"), 1);
    assert_int_equal((int)line_figure(made.line, "spool.unrecorded"), 0);
    line_stop(&made, 5);
}

/* ---- a live source, and a sink that wants it now
 * --------------------------------------------------------------------- */

static atomic_int wanted_frames;
static int now_counts[5];
static char now_hash[OKNG_HASH_TEXT]; /* of the last picture */
static int live_stride;               /* bytes */

static okng_status live_open(void **source, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    (void)settings;
    (void)line;
    (void)error;
    *source = &wanted_frames;
    return OKNG_OK;
}

static okng_status live_next(void *source, int wait_ms, okng_frame *frame, bool *got, okng_error *error)
{
    static const uint8_t grey[64 * 80];
    (void)source;
    (void)wait_ms;
    if (atomic_load(&wanted_frames) < 0) return okng_fail(error, OKNG_ERROR_IO, "the camera was unplugged");
    *got = atomic_load(&wanted_frames) > 0;
    if (!*got) (void)usleep(1000);
    if (!*got) return OKNG_OK;
    atomic_fetch_sub(&wanted_frames, 1);
    *frame = (okng_frame){0};
    okng_init(&frame->picture);
    frame->picture.pixels = grey;
    frame->picture.width = frame->picture.height = 64;
    frame->picture.format = OKNG_PIXEL_GREY8;
    frame->picture.stride = live_stride;
    return OKNG_OK;
}

static okng_status live_trigger(void *source, okng_error *error)
{
    (void)source;
    (void)error;
    atomic_fetch_add(&wanted_frames, 1);
    return OKNG_OK;
}

static void live_close(void **source)
{
    *source = NULL;
}

static okng_status now_send(void *sink, const okng_line_result *result, okng_error *error)
{
    (void)sink;
    (void)error;
    now_counts[result->record->outcome]++;
    memcpy(now_hash, result->record->picture_hash, sizeof now_hash);
    return OKNG_OK;
}

static const okng_line_key no_keys[] = {{0}};
static const okng_line_source_kind live_kind = {.name = "live",
                                                .keys = no_keys,
                                                .live = true,
                                                .open = live_open,
                                                .next = live_next,
                                                .trigger = live_trigger,
                                                .close = live_close};
static const okng_line_sink_kind now_kind = {.name = "now",
                                             .keys = no_keys,
                                             .delivery = OKNG_DELIVER_NOW,
                                             .open = live_open,
                                             .send = now_send,
                                             .close = live_close};

/* As a camera whose line.yaml says trigger: none. */
static okng_status free_next(void *source, int wait_ms, okng_frame *frame, bool *got, okng_error *error)
{
    (void)source;
    (void)wait_ms;
    (void)frame;
    (void)error;
    *got = false;
    (void)usleep(1000);
    return OKNG_OK;
}

static okng_status free_trigger(void *source, okng_error *error)
{
    (void)source;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "it takes no triggers");
}

static const okng_line_source_kind free_kind = {.name = "free",
                                                .keys = no_keys,
                                                .live = true,
                                                .open = live_open,
                                                .next = free_next,
                                                .trigger = free_trigger,
                                                .close = live_close};

/* An inspection that waits for the test. */
static atomic_bool held_up;
static okng_line_inspector behind;

static okng_status slow_inspect(void *user, const char *bank, const okng_picture *picture, double limit_s,
                                okng_result **result, char hash[OKNG_HASH_TEXT], okng_error *error)
{
    while (atomic_load(&held_up)) (void)usleep(1000);
    return behind.inspect(user, bank, picture, limit_s, result, hash, error);
}

static void start_live(made_line *made, const char *text)
{
    atomic_store(&wanted_frames, 0);
    memset(now_counts, 0, sizeof now_counts);
    line_read(made, text);
    made->config.sources[0].kind = &live_kind;
    for (size_t i = 1; i < made->config.source_count; i++) made->config.sources[i].kind = &free_kind;
    made->config.sinks[0].kind = &now_kind;
    line_banks(made);
    behind = made->host.inspector;
    made->host.inspector.inspect = slow_inspect;
    line_run(made);
    line_await(made->line, "uptime_s", 0);
    for (okng_error error; okng_line_trigger(made->line, "inbox", &error) != OKNG_OK;) (void)usleep(1000);
}

static void a_live_picture_that_finds_no_room_is_told(void **state)
{
    (void)state;
    made_line made;
    atomic_store(&held_up, true);
    start_live(&made, HEAD "  plc: {kind: move, path: x}\n"
                           "frames: 2\n");
    for (int i = 0; i < 6; i++) assert_ok(okng_line_trigger(made.line, NULL, error));
    line_await(made.line, "sources.0.frames", 7);
    line_await(made.line, "counts.NOT_INSPECTED", 4); /* one is being inspected, two wait */
    atomic_store(&held_up, false);
    line_await(made.line, "sinks.0.sent", 7);
    const int told = now_counts[OKNG_OUTCOME_NOT_INSPECTED]; /* 5 where the worker had not begun the first yet */
    assert_in_range(told, 4, 5);
    assert_int_equal(told + now_counts[OKNG_OUTCOME_NG] + now_counts[OKNG_OUTCOME_OK], 7);
    line_stop(&made, 0);
}

static void a_trigger_of_all_leaves_out_who_takes_none(void **state)
{
    (void)state;
    made_line made;
    start_live(&made, "bank: a\nsync: false\nsources:\n"
                      "  inbox: {kind: folder, path: in}\n"
                      "  free: {kind: folder, path: in}\n"
                      "sinks:\n"
                      "  plc: {kind: move, path: x}\n");
    for (okng_error why; okng_line_trigger(made.line, "free", &why) == OKNG_ERROR_BUSY;) (void)usleep(1000);
    assert_fails(OKNG_ERROR_UNSUPPORTED, "no triggers", okng_line_trigger(made.line, "free", error));
    assert_ok(okng_line_trigger(made.line, NULL, error));
    line_await(made.line, "sources.0.frames", 2);
    line_stop(&made, 0);
}

/* The same pixels have the same sum, whatever lies between their rows. */
static void pixels_have_a_sum(void **state)
{
    (void)state;
    made_line made;
    char tight[OKNG_HASH_TEXT];
    atomic_store(&held_up, false);
    start_live(&made, HEAD "  plc: {kind: move, path: x}\n");
    line_await(made.line, "sinks.0.sent", 1);
    memcpy(tight, now_hash, sizeof tight);
    assert_int_equal(strlen(tight), 64);
    live_stride = 80;
    assert_ok(okng_line_trigger(made.line, NULL, error));
    line_await(made.line, "sinks.0.sent", 2);
    assert_string_equal(now_hash, tight);
    line_stop(&made, 0);
    live_stride = 0;
}

static void a_verdict_that_comes_too_late_is_none(void **state)
{
    (void)state;
    made_line made;
    atomic_store(&held_up, true);
    start_live(&made, "limit: 0.05\n" HEAD "  plc: {kind: move, path: x}\n");
    (void)usleep(100000);
    atomic_store(&held_up, false);
    line_await(made.line, "counts.NOT_INSPECTED", 1);
    line_stop(&made, 0);
}

static void a_source_that_fails_comes_back(void **state)
{
    (void)state;
    made_line made;
    start_live(&made, HEAD "  plc: {kind: move, path: x}\n");
    line_await(made.line, "sinks.0.sent", 1);
    atomic_store(&wanted_frames, -1);
    for (int i = 0; i < 2000; i++) {
        okng_error error;
        if (okng_line_trigger(made.line, "inbox", &error) == OKNG_ERROR_BUSY) break; /* it is not open now */
        atomic_store(&wanted_frames, -1);
        (void)usleep(1000);
    }
    atomic_store(&wanted_frames, 1);
    line_await(made.line, "sinks.0.sent", 2);
    line_stop(&made, 0);
}

/* ---- signs of life --------------------------------------------------------------------------------------------------
 */

static void signs_of_life_come(void **state)
{
    (void)state;
    made_line made;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", cache_folder);
    const int server = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(server, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
    char text[2048], got[64] = "";
    (void)snprintf(text, sizeof text, "heartbeat_file: beat.json\nmetrics_file: line.prom\n%s", files_yaml);
    line_start(&made, text);
    for (int i = 0; i < 3; i++) {
        const ssize_t size = recv(server, got, sizeof got - 1, 0);
        assert_true(size > 0);
        got[size] = '\0';
        assert_string_equal(got, "WATCHDOG=1");
    }
    line_stop(&made, 0);
    (void)unsetenv("NOTIFY_SOCKET");
    (void)close(server);
    cache_run(
        "rm notify; grep -q '\"name\": \"inbox\"' line/beat.json && grep -q '^okng_line_healthy 1$' line/line.prom");
}

static void metrics_are_told(void **state)
{
    (void)state;
    made_line made;
    okng_grown grown = {0};
    char *text;
    line_start(&made, files_yaml);
    line_bring("ok/000.png", "good.png");
    line_await(made.line, "sinks.0.sent", 1);
    assert_true(okng_line_metrics(made.line, &grown));
    assert_ok(okng_grown_take(&grown, &text, NULL, error));
    assert_non_null(strstr(text, "okng_line_results_total{verdict=\"OK\"} 1\n"));
    assert_non_null(strstr(text, "okng_line_sent_total{sink=\"results\"} 1\n"));
    assert_non_null(strstr(text, "okng_line_source_up{source=\"inbox\"} 1\n"));
    free(text);
    line_stop(&made, 0);
}

static void a_clock_that_is_set_is_noticed(void **state)
{
    (void)state;
    okng_clock_watch watch = {0};
    assert_true(okng_clock_jump(&watch, 1e9, 10) == 0);
    assert_true(okng_clock_jump(&watch, 1e9 + 1.2, 11) == 0); /* slewed */
    assert_true(fabs(okng_clock_jump(&watch, 1e9 + 3602.2, 12) - 3600) < 1e-3);
    assert_true(okng_clock_jump(&watch, 1e9 + 3603.2, 13) == 0);
    assert_true(fabs(okng_clock_jump(&watch, 1e9, 14) + 3604.2) < 1e-3);
}

#define TEST(function) cmocka_unit_test_setup(function, line_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(verdicts_are_those_of_inspection),
        TEST(what_cannot_be_judged_is_told),
        TEST(a_restart_loses_and_repeats_none),
        TEST(kills_lose_and_repeat_none),
        TEST(a_dead_sink_stalls_nothing),
        TEST(programs_get_the_result_and_no_shell),
        TEST(a_program_that_hangs_is_killed),
        TEST(files_are_moved_by_verdict),
        TEST(a_replaced_file_is_not_moved),
        TEST(the_history_has_each_result_once),
        TEST(recipes_change_and_are_remembered),
        TEST(a_full_disk_makes_pictures_wait),
        TEST(a_live_picture_that_finds_no_room_is_told),
        TEST(a_trigger_of_all_leaves_out_who_takes_none),
        TEST(pixels_have_a_sum),
        TEST(a_verdict_that_comes_too_late_is_none),
        TEST(a_source_that_fails_comes_back),
        TEST(signs_of_life_come),
        TEST(metrics_are_told),
        cmocka_unit_test(a_clock_that_is_set_is_noticed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, cache_setup, cache_teardown);
}
