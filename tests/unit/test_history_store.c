/* The history: what comes back, what is never lost, what is told. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "history/clock.h"
#include "history/drift.h"
#include "history/history.h"
#include "test.h"

static char folder[64];
static okng_history *history;

static const char *at(const char *name)
{
    static char paths[8][OKNG_PATH_MAX];
    static int next;
    char *path = paths[next = (next + 1) % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/okng-history-XXXXXX");
    history = NULL;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    okng_history_close(&history);
    return okng_test_remove_tree(folder);
}

static okng_history_options defaults(void)
{
    okng_history_options options;
    okng_history_options_init(&options);
    options.folder = folder;
    return options;
}

static void open_history(void)
{
    const okng_history_options options = defaults();
    assert_ok(okng_history_open(&history, &options, error));
}

static void reopen(void)
{
    okng_history_close(&history);
    open_history();
}

static okng_record made(okng_outcome outcome, double score)
{
    okng_record record;
    okng_record_init(&record);
    record.outcome = outcome;
    record.score = score;
    strcpy(record.bank, "nut");
    strcpy(record.bank_hash, "a");
    return record;
}

static void add(okng_record *record)
{
    assert_ok(okng_history_add(history, record, NULL, 0, 10, error));
}

static void add_made(okng_outcome outcome, double score)
{
    okng_record record = made(outcome, score);
    add(&record);
}

/* ---- counting what is there ---- */

typedef struct heard {
    int count;
    char ids[64][OKNG_RECORD_ID]; /* of the first ones */
} heard;

static okng_status hear(void *user, const okng_record *record, okng_error *error)
{
    (void)error;
    heard *h = user;
    if (h->count < 64) strcpy(h->ids[h->count], record->id);
    h->count++;
    return OKNG_OK;
}

static heard ask(okng_history_filter filter)
{
    heard h = {0};
    assert_ok(okng_history_each(history, &filter, hear, &h, error));
    return h;
}

static int count(void)
{
    return ask((okng_history_filter){0}).count;
}

static int64_t sql_number(const char *path, const char *sql)
{
    sqlite3 *database;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    const int64_t number = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(database);
    return number;
}

static void sql(const char *path, const char *text)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    (void)sqlite3_busy_timeout(database, 10000);
    assert_int_equal(sqlite3_exec(database, text, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(database);
}

/* Waits, at most 20 seconds, for what the writing thread does by itself. */
#define until(condition)                                                                          \
    do {                                                                                          \
        int tries_ = 0;                                                                           \
        while (!(condition)) {                                                                    \
            const struct timespec pause_ = {.tv_nsec = 10000000};                                 \
            (void)nanosleep(&pause_, NULL);                                                       \
            if (++tries_ > 2000) fail_msg("%s did not come about within 20 seconds", #condition); \
        }                                                                                         \
    } while (0)

/* ---- what comes back ---- */

static void a_record_comes_back_whole(void **state)
{
    (void)state;
    open_history();
    okng_record record = made(OKNG_OUTCOME_NG, 3.25), back;
    strcpy(record.source, "belt");
    strcpy(record.picture, "\xeb\x84\x88\xed\x8a\xb8, \"1\".png");
    strcpy(record.picture_hash, "b");
    record.p_value = 0.125;
    record.image_threshold = 2;
    record.pixel_threshold = 1.5;
    record.review_low = 1;
    record.review_high = 2;
    record.duration = 7.5;
    record.recipe_number = 0;
    record.regions = strdup("[{\"x\":1,\"y\":2,\"width\":3,\"height\":4,\"area\":5,\"score\":6.5}]");
    strcpy(record.why, "for the test");
    add(&record);
    reopen();
    assert_ok(okng_history_find(history, record.id, &back, error));
    json_t *a = okng_record_json(&record), *b = okng_record_json(&back);
    assert_non_null(a);
    assert_true(json_equal(a, b));
    json_decref(a);
    json_decref(b);
    okng_record_free(&record);
    okng_record_free(&back);
}

static void what_is_not_known_stays_so(void **state)
{
    (void)state;
    okng_record record, back;
    open_history();
    okng_record_init(&record);
    strcpy(record.why, "no picture");
    add(&record);
    assert_ok(okng_history_find(history, record.id, &back, error));
    assert_int_equal(back.outcome, OKNG_OUTCOME_NOT_INSPECTED);
    assert_true(isnan(back.score) && isnan(back.review_low) && isnan(back.duration));
    assert_int_equal(back.recipe_number, -1);
    assert_null(back.regions);
    assert_fails(OKNG_ERROR_NOT_FOUND, "\"none\"", okng_history_find(history, "none", &back, error));
}

/* What a later okng, or an enemy, may have written. */
static void an_unknown_verdict_is_not_ok(void **state)
{
    (void)state;
    okng_record back;
    open_history();
    okng_record record = made(OKNG_OUTCOME_OK, 1);
    add(&record);
    sql(at("history.db"), "UPDATE inspection SET verdict = 'FINE', why = printf('%.*c', 100000, 'x'), score = 'high'");
    assert_ok(okng_history_find(history, record.id, &back, error));
    assert_int_equal(back.outcome, OKNG_OUTCOME_NG);
    assert_int_equal(strlen(back.why), sizeof back.why - 1);
    okng_record_free(&back);
}

static void a_record_that_is_sent_again_is_there_once(void **state)
{
    (void)state;
    open_history();
    okng_record record = made(OKNG_OUTCOME_OK, 1);
    add(&record);
    add(&record);
    assert_int_equal(count(), 1);
    strcpy(record.id, "../../../etc/passwd");
    assert_fails(OKNG_ERROR_ARGUMENT, "32 hexadecimal", okng_history_add(history, &record, NULL, 0, 1, error));
}

static void filters_choose_and_pages_neither_repeat_nor_lose(void **state)
{
    (void)state;
    open_history();
    char ids[40][OKNG_RECORD_ID];
    for (int i = 0; i < 40; i++) {
        okng_record record = made(i % 4 == 3 ? OKNG_OUTCOME_NG : OKNG_OUTCOME_OK, i);
        record.time = (i < 20 ? 5000 : 1000) + i; /* the clock was set back */
        if (i % 2) strcpy(record.bank, "bolt");
        add(&record);
        strcpy(ids[i], record.id);
    }
    const okng_history_filter filter = {.limit = 15};
    okng_history_filter page = filter;
    char last[OKNG_RECORD_ID];
    int seen = 0;
    for (;;) {
        const heard h = ask(page);
        for (int i = 0; i < h.count; i++) assert_string_equal(h.ids[i], ids[39 - seen - i]);
        seen += h.count;
        if (h.count < 15) break;
        strcpy(last, h.ids[14]);
        page.before = last;
    }
    assert_int_equal(seen, 40);
    assert_int_equal(ask((okng_history_filter){.bank = "bolt"}).count, 20);
    assert_int_equal(ask((okng_history_filter){.outcomes = 1u << OKNG_OUTCOME_NG}).count, 10);
    assert_int_equal(ask((okng_history_filter){.from = 1020, .to = 1030}).count, 10);
    assert_int_equal(ask((okng_history_filter){.bank = "bolt'; DROP TABLE inspection; --"}).count, 0);
    page.before = "none";
    assert_fails(OKNG_ERROR_NOT_FOUND, "none", okng_history_each(history, &page, hear, &(heard){0}, error));
}

static void long_walks_go_past_a_page(void **state)
{
    (void)state;
    open_history();
    okng_history_close(&history);
    sql(at("history.db"), "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1233) "
                          "INSERT INTO inspection (id, time, verdict) SELECT i, i, 'OK' FROM n");
    open_history();
    assert_int_equal(count(), 1234);
    assert_int_equal(ask((okng_history_filter){.limit = 1000}).count, 1000);
}

static void times_are_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time;
    } good[] = {
        {"1970-01-01", 0},
        {"1970-01-02T00:00Z", 86400000000},
        {"2026-11-28T10:15:30.123Z", 1795860930123000},
        {"2026-11-28 19:15:30.123+09:00", 1795860930123000},
        {"2026-11-28T10:15:30.1234567", 1795860930123456},
        {"2024-02-29T23:59:59-0330", 1709263799000000},
    };
    static const char *const bad[] = {"",
                                      "now",
                                      "2026-13-01",
                                      "2026-02-30",
                                      "2026-11-28T",
                                      "2026-11-28T25:00",
                                      "2026-11-28x",
                                      "2026-11-28T10:15+99",
                                      "99999-01-01",
                                      "2026-1-1"};
    int64_t time;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(okng_time_of(good[i].text, &time));
        if (time != good[i].time) fail_msg("%s: %lld", good[i].text, (long long)time);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (okng_time_of(bad[i], &time)) fail_msg("\"%s\" was taken for a time", bad[i]);
}

/* ---- judgements and changes ---- */

static void a_judgement_is_kept_and_noted(void **state)
{
    (void)state;
    json_t *changes;
    okng_record back;
    open_history();
    okng_record record = made(OKNG_OUTCOME_REVIEW, 2);
    add(&record);
    add_made(OKNG_OUTCOME_OK, 1);
    assert_ok(okng_history_judge(history, record.id, OKNG_OUTCOME_NG, "kim", error));
    assert_ok(okng_history_find(history, record.id, &back, error));
    assert_int_equal(back.judged, OKNG_OUTCOME_NG);
    assert_string_equal(back.judged_by, "kim");
    assert_true(back.judged_time > 0);
    assert_int_equal(ask((okng_history_filter){.judged = 1u << OKNG_OUTCOME_NG}).count, 1);
    assert_int_equal(ask((okng_history_filter){.judged = 1u << OKNG_OUTCOME_NOT_INSPECTED}).count, 1);
    assert_ok(okng_history_judge(history, record.id, OKNG_OUTCOME_NOT_INSPECTED, "lee", error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "no inspection", okng_history_judge(history, "1", OKNG_OUTCOME_OK, "x", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "OK or NG",
                 okng_history_judge(history, record.id, OKNG_OUTCOME_REVIEW, "x", error));
    assert_ok(okng_history_changes(history, "nut", 0, 10, &changes, error));
    const json_t *list = json_object_get(changes, "changes"), *last = json_array_get(list, 0);
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_string_value(json_object_get(last, "by")), "lee");
    assert_string_equal(json_string_value(json_object_get(json_object_get(last, "before"), "judged")), "NG");
    assert_true(json_is_null(json_object_get(json_object_get(last, "after"), "judged")));
    json_decref(changes);
}

static void changes_come_in_pages(void **state)
{
    (void)state;
    json_t *page;
    open_history();
    for (int i = 0; i < 5; i++) {
        const okng_change change = {
            .by = "kim", .what = "threshold", .bank = i < 3 ? "nut" : NULL, .after = "not JSON"};
        assert_ok(okng_history_note(history, &change, error));
    }
    assert_ok(okng_history_changes(history, NULL, 0, 3, &page, error));
    assert_int_equal(json_array_size(json_object_get(page, "changes")), 3);
    const int64_t next = json_integer_value(json_object_get(page, "next"));
    json_decref(page);
    assert_ok(okng_history_changes(history, NULL, next, 3, &page, error));
    assert_int_equal(json_array_size(json_object_get(page, "changes")), 2);
    assert_true(json_is_null(json_object_get(page, "next")));
    json_decref(page);
    assert_fails(OKNG_ERROR_ARGUMENT, "1001 changes", okng_history_changes(history, NULL, 0, 1001, &page, error));
}

/* ---- pictures ---- */

static const char png[] = "\x89PNG of a bad part";

static okng_status add_picture(okng_record *record, okng_error *error)
{
    const okng_history_picture picture = {OKNG_KEPT_PICTURE, png, sizeof png};
    return okng_history_add(history, record, &picture, 1, 10, error);
}

static bool has_picture(const okng_record *record, char path[OKNG_PATH_MAX])
{
    return okng_history_picture_path(history, record->id, OKNG_KEPT_PICTURE, path, NULL) == OKNG_OK &&
           access(path, R_OK) == 0;
}

static void pictures_of_bad_and_doubtful_parts_are_kept(void **state)
{
    (void)state;
    char path[OKNG_PATH_MAX];
    open_history();
    okng_record ng = made(OKNG_OUTCOME_NG, 3), ok = made(OKNG_OUTCOME_OK, 1), back;
    assert_ok(add_picture(&ng, error));
    assert_ok(add_picture(&ok, error));
    assert_int_equal(ng.kept, OKNG_KEPT_PICTURE);
    assert_int_equal(ok.kept, 0);
    assert_true(has_picture(&ng, path) && strstr(path, "-picture.png") != NULL);
    assert_false(has_picture(&ok, path));
    assert_fails(OKNG_ERROR_NOT_FOUND, "no such picture",
                 okng_history_picture_path(history, ng.id, OKNG_KEPT_HEAT, path, error));
    assert_ok(okng_history_find(history, ng.id, &back, error));
    assert_int_equal(back.kept, OKNG_KEPT_PICTURE);
    assert_true(okng_history_keeps(history, OKNG_OUTCOME_REVIEW) && !okng_history_keeps(history, OKNG_OUTCOME_OK));
}

static void a_hostile_database_leads_to_no_other_file(void **state)
{
    (void)state;
    char path[OKNG_PATH_MAX];
    open_history();
    okng_record ng = made(OKNG_OUTCOME_NG, 3);
    assert_ok(add_picture(&ng, error));
    sql(at("history.db"), "UPDATE kept SET file = '../../../../../../../../../../../../etc/passwd'");
    assert_fails(OKNG_ERROR_NOT_FOUND, "no such picture",
                 okng_history_picture_path(history, ng.id, OKNG_KEPT_PICTURE, path, error));
}

/* ---- many at once ---- */

enum { THREADS = 16, EACH = 25 };

static void *add_some(void *failed)
{
    okng_error error;
    for (int i = 0; i < EACH; i++) {
        okng_record record = made(OKNG_OUTCOME_OK, i);
        if (okng_history_add(history, &record, NULL, 0, 30, &error) != OKNG_OK) *(bool *)failed = true;
    }
    return NULL;
}

static void threads_share_transactions(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    bool failed[THREADS] = {false};
    open_history();
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, add_some, &failed[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
        assert_false(failed[i]);
    }
    assert_int_equal(count(), THREADS * EACH);
    okng_history_state now;
    okng_history_state_get(history, &now);
    assert_int_equal(now.written, THREADS * EACH);
    assert_int_equal(now.failed, 0);
}

/* The child ends without cleaning up, as cmocka's would be. */
static pid_t start_child(int pipe_end, int records)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0) return child;
    okng_history *own;
    const okng_history_options options = defaults();
    if (okng_history_open(&own, &options, NULL) != OKNG_OK) _exit(1);
    for (int i = 0; records == 0 || i < records; i++) {
        okng_record record = made(i % 8 == 0 ? OKNG_OUTCOME_NG : OKNG_OUTCOME_OK, i);
        const okng_history_picture picture = {OKNG_KEPT_PICTURE, png, sizeof png};
        if (okng_history_add(own, &record, &picture, 1, 30, NULL) != OKNG_OK) _exit(1);
        if (pipe_end >= 0 && write(pipe_end, record.id, OKNG_RECORD_ID - 1) != OKNG_RECORD_ID - 1) _exit(1);
    }
    okng_history_close(&own);
    _exit(0);
}

static void two_processes_write_one_history(void **state)
{
    (void)state;
    int status;
    const pid_t child = start_child(-1, 100);
    open_history();
    for (int i = 0; i < 100; i++) add_made(OKNG_OUTCOME_OK, i);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(count(), 200);
}

/* ---- kill -9 ---- */

/* All that a killed writer had said was finished is there, and so are its pictures. */
static int check_finished(int pipe_end)
{
    char id[OKNG_RECORD_ID] = "", path[OKNG_PATH_MAX];
    okng_record back;
    int finished = 0;
    for (; read(pipe_end, id, OKNG_RECORD_ID - 1) == OKNG_RECORD_ID - 1; finished++) {
        assert_ok(okng_history_find(history, id, &back, error));
        if (back.kept && !has_picture(&back, path)) fail_msg("the picture of %s is gone", id);
        okng_record_free(&back);
    }
    return finished;
}

static void killed_writers_lose_nothing_that_was_finished(void **state)
{
    (void)state;
    const int kills = getenv("OKNG_TEST_LONG") ? 100 : 8;
    int finished = 0;
    for (int i = 0; i < kills; i++) {
        int ends[2], status;
        assert_int_equal(pipe(ends), 0);
        const pid_t child = start_child(ends[1], 0);
        const struct timespec pause = {.tv_nsec = 1000000 * ((i * 37) % 90 + 1)};
        (void)nanosleep(&pause, NULL);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        (void)close(ends[1]);
        open_history();
        finished += check_finished(ends[0]);
        okng_history_close(&history);
        (void)close(ends[0]);
    }
    open_history();
    json_t *found;
    assert_ok(okng_history_check(history, &found, error));
    assert_int_equal(json_array_size(json_object_get(found, "wrong")), 0);
    assert_true(json_integer_value(json_object_get(found, "inspections")) >= finished);
    print_message("# %d kills, %d finished records, %lld in all\n", kills, finished,
                  (long long)json_integer_value(json_object_get(found, "inspections")));
    json_decref(found);
    assert_true(finished > 0);
}

/* ---- a full disk ---- */

static void a_full_disk_is_told_and_got_over(void **state)
{
    (void)state;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", folder, "tmpfs", 0, "size=1500k") != 0) {
        print_message("SKIP %s: cannot mount (needs root)\n", __func__);
        skip();
    }
    open_history();
    static char big[400000] = "\x89PNG";
    FILE *filler = fopen(at("filler"), "w");
    assert_true(filler && fwrite(big, 1, sizeof big, filler) == sizeof big && fclose(filler) == 0);
    okng_status status = OKNG_OK;
    okng_error error;
    int written = 0;
    for (int i = 0; i < 5000 && status == OKNG_OK; i++) {
        okng_record record = made(OKNG_OUTCOME_NG, 3);
        record.regions = strdup("[{\"x\":1,\"y\":2,\"width\":3,\"height\":4,\"area\":5,\"score\":6.5}]");
        const okng_history_picture picture = {OKNG_KEPT_PICTURE, png, sizeof png};
        status = okng_history_add(history, &record, &picture, 1, 10, &error);
        written += status == OKNG_OK;
        okng_record_free(&record);
    }
    assert_int_equal(status, OKNG_ERROR_IO);
    okng_history_state now;
    okng_history_state_get(history, &now);
    assert_true(now.failing && now.failed == 1 && now.why[0]);
    assert_int_equal(count(), written); /* and it can still be read */
    assert_int_equal(unlink(at("filler")), 0);
    add_made(OKNG_OUTCOME_OK, 1);
    okng_history_state_get(history, &now);
    assert_false(now.failing);
    assert_int_equal(count(), written + 1);
    okng_history_close(&history);
    assert_int_equal(umount(folder), 0);
}

static void a_picture_without_room_is_left_out_and_told(void **state)
{
    (void)state;
    char path[OKNG_PATH_MAX];
    open_history();
    assert_int_equal(rmdir(at("pictures")), 0);
    FILE *file = fopen(at("pictures"), "w"); /* where a folder is needed */
    assert_true(file && fclose(file) == 0);
    okng_record record = made(OKNG_OUTCOME_NG, 3);
    assert_ok(add_picture(&record, error));
    assert_int_equal(record.kept, 0);
    assert_false(has_picture(&record, path));
    okng_history_state now;
    okng_history_state_get(history, &now);
    assert_int_equal(now.pictures_failed, 1);
    assert_non_null(strstr(now.why, "pictures"));
}

/* ---- damage ---- */

static void fill_file(const char *path, size_t begin, size_t size)
{
    char data[4096];
    memset(data, 'x', sizeof data);
    const int file = open(path, O_WRONLY);
    assert_true(file >= 0);
    for (size_t done = 0; done < size; done += sizeof data)
        assert_int_equal(pwrite(file, data, sizeof data, (off_t)(begin + done)), sizeof data);
    (void)close(file);
}

static void assert_put_aside(void)
{
    okng_history_state now;
    json_t *changes;
    okng_history_state_get(history, &now);
    assert_non_null(strstr(now.aside, "history.damaged-"));
    assert_int_equal(access(now.aside, F_OK), 0);
    assert_ok(okng_history_changes(history, NULL, 0, 10, &changes, error));
    const json_t *first = json_array_get(json_object_get(changes, "changes"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "what")), "database damaged");
    assert_string_equal(json_string_value(json_object_get(json_object_get(first, "after"), "aside")), now.aside);
    json_decref(changes);
}

static void a_damaged_database_is_put_aside_when_it_is_opened(void **state)
{
    (void)state;
    open_history();
    for (int i = 0; i < 50; i++) add_made(OKNG_OUTCOME_OK, i);
    okng_history_close(&history);
    struct stat info;
    assert_int_equal(stat(at("history.db"), &info), 0);
    fill_file(at("history.db"), 4096 * 4, (size_t)info.st_size - 4096 * 5);
    open_history();
    assert_put_aside();
    assert_int_equal(count(), 0);
    add_made(OKNG_OUTCOME_OK, 1);
    assert_int_equal(count(), 1);
}

static void what_is_no_database_is_put_aside(void **state)
{
    (void)state;
    FILE *file = fopen(at("history.db"), "w");
    assert_true(file && fputs("no database, but what somebody put here in its place", file) >= 0 && fclose(file) == 0);
    open_history();
    assert_put_aside();
    okng_history *looking;
    okng_history_close(&history);
    fill_file(at("history.db"), 0, 8192);
    okng_history_options options = defaults();
    options.read_only = true;
    assert_fails(OKNG_ERROR_FORMAT, "no SQLite database", okng_history_open(&looking, &options, error));
}

static void damage_that_comes_later_loses_no_record(void **state)
{
    (void)state;
    open_history();
    for (int i = 0; i < 50; i++) add_made(OKNG_OUTCOME_OK, i);
    sql(at("history.db"), "PRAGMA wal_checkpoint(TRUNCATE)");
    struct stat info;
    assert_int_equal(stat(at("history.db"), &info), 0);
    fill_file(at("history.db"), 0, (size_t)info.st_size);
    for (int i = 0; i < 500; i++) add_made(OKNG_OUTCOME_OK, i);
    okng_history_state now;
    okng_history_state_get(history, &now);
    assert_int_equal(now.failed, 0);
    if (!now.aside[0]) reopen(); /* then all was in memory or in -wal, and the damage is seen now */
    assert_put_aside();
}

static void a_database_that_is_removed_is_made_anew(void **state)
{
    (void)state;
    json_t *changes;
    open_history();
    add_made(OKNG_OUTCOME_OK, 1);
    assert_int_equal(unlink(at("history.db")), 0);
    add_made(OKNG_OUTCOME_OK, 2);
    assert_int_equal(count(), 1);
    assert_ok(okng_history_changes(history, NULL, 0, 10, &changes, error));
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(changes, "changes"), 0), "what")),
        "database gone");
    json_decref(changes);
}

static void databases_of_others_are_left_alone(void **state)
{
    (void)state;
    const okng_history_options options = defaults();
    sql(at("history.db"), "CREATE TABLE precious (x); INSERT INTO precious VALUES (7)");
    assert_fails(OKNG_ERROR_MISMATCH, "another program", okng_history_open(&history, &options, error));
    assert_int_equal(sql_number(at("history.db"), "SELECT x FROM precious"), 7);
    assert_int_equal(unlink(at("history.db")), 0);
    open_history();
    okng_history_close(&history);
    sql(at("history.db"), "PRAGMA user_version = 999");
    assert_fails(OKNG_ERROR_UNSUPPORTED, "999 of a later okng", okng_history_open(&history, &options, error));
}

static void who_only_looks_changes_nothing(void **state)
{
    (void)state;
    okng_history_options options = defaults();
    options.read_only = true;
    assert_fails(OKNG_ERROR_NOT_FOUND, "history.db", okng_history_open(&history, &options, error));
    assert_int_not_equal(access(at("history.db"), F_OK), 0);
    open_history();
    add_made(OKNG_OUTCOME_OK, 1);
    okng_history *looking;
    assert_ok(okng_history_open(&looking, &options, error));
    okng_record record = made(OKNG_OUTCOME_OK, 1);
    assert_fails(OKNG_ERROR_ARGUMENT, "for reading", okng_history_add(looking, &record, NULL, 0, 1, error));
    okng_history_close(&looking);
    assert_int_equal(count(), 1);
}

/* ---- retention, and a clock that jumps ---- */

static int64_t wall_now;
static double steady_now;

static int64_t read_wall(void)
{
    return __atomic_load_n(&wall_now, __ATOMIC_SEQ_CST);
}

static double read_steady(void)
{
    double now;
    __atomic_load(&steady_now, &now, __ATOMIC_SEQ_CST);
    return now;
}

static const okng_history_clock test_clock = {read_wall, read_steady};
#define DAY INT64_C(86400000000)
#define START (20000 * DAY) /* 2024-10-04 and later */

static void set_clock(double days_wall, double days_steady)
{
    double steady = days_steady * 86400;
    __atomic_store_n(&wall_now, START + 365 * DAY + (int64_t)(days_wall * (double)DAY), __ATOMIC_SEQ_CST);
    __atomic_store(&steady_now, &steady, __ATOMIC_SEQ_CST);
}

static void open_with_clock(int days, uint64_t bytes)
{
    okng_history_options options = defaults();
    options.clock = &test_clock;
    options.days = days;
    options.max_bytes = bytes;
    assert_ok(okng_history_open(&history, &options, error));
}

static okng_record add_at(double days)
{
    okng_record record = made(OKNG_OUTCOME_NG, 3);
    record.time = START + 365 * DAY + (int64_t)(days * (double)DAY);
    assert_ok(add_picture(&record, error));
    return record;
}

static int64_t rows(void)
{
    return sql_number(at("history.db"), "SELECT count(*) FROM inspection");
}

static uint64_t removed(void)
{
    okng_history_state now;
    okng_history_state_get(history, &now);
    return now.removed;
}

static void old_inspections_go_with_their_pictures(void **state)
{
    (void)state;
    char path[OKNG_PATH_MAX];
    set_clock(0, 0);
    open_with_clock(0, 0);
    const okng_record old = add_at(-40);
    add_at(-2000); /* a clock that was never set: its row is as young as the one before */
    const okng_record young = add_at(-10);
    add_at(-40); /* set back once more: younger than the one before */
    add_at(-1);
    assert_true(has_picture(&old, path));
    okng_history_close(&history);
    open_with_clock(30, 0);
    until(removed() > 0); /* told once the row and its picture are gone */
    assert_true(access(path, F_OK) != 0);
    assert_true(has_picture(&young, path));
    assert_int_equal(rows(), 4);
    assert_int_equal(removed(), 1);
}

/* A jump of the clock by a year makes nothing old, before it has stayed so for a day; nor does a start after a year. */
static void a_clock_that_jumps_is_not_believed_at_once(void **state)
{
    (void)state;
    okng_watch watch;
    set_clock(0, 0);
    (void)okng_watch_start(&watch, &test_clock, START + 364 * DAY, 0);
    assert_true(okng_watch_trusted(&watch));
    set_clock(1, 1);
    assert_int_equal(okng_watch_look(&watch), 0);
    set_clock(366, 1);
    assert_int_equal(okng_watch_look(&watch) / DAY, 365);
    assert_false(okng_watch_trusted(&watch));
    set_clock(366.5, 1.5);
    assert_int_equal(okng_watch_look(&watch), 0);
    assert_false(okng_watch_trusted(&watch));
    set_clock(367, 2.01);
    assert_true(okng_watch_trusted(&watch));
    (void)okng_watch_start(&watch, &test_clock, START + 365 * DAY, 0);
    assert_false(okng_watch_trusted(&watch));
    (void)okng_watch_start(&watch, &test_clock, START + 1000 * DAY, 0); /* the last record is of the future */
    assert_false(okng_watch_trusted(&watch));
    (void)okng_watch_start(&watch, &test_clock, 0, 0);
    assert_true(okng_watch_trusted(&watch));
    (void)okng_watch_start(&watch, &test_clock, START + 732 * DAY,
                           START + 732 * DAY - DAY / 2); /* it jumped half a day ago */
    assert_false(okng_watch_trusted(&watch));
}

static void a_clock_that_jumps_removes_nothing(void **state)
{
    (void)state;
    json_t *changes;
    set_clock(0, 0);
    open_with_clock(30, 0);
    add_at(-1);
    set_clock(365, 0);
    until(sql_number(at("history.db"), "SELECT count(*) FROM change WHERE what = 'clock jumped'") == 1);
    add_at(365);
    okng_history_close(&history);
    open_with_clock(30, 0); /* whose first look at ages is now */
    add_at(365);
    okng_history_state now;
    until((okng_history_state_get(history, &now), now.database_bytes > 0)); /* it has looked */
    assert_int_equal(rows(), 3);
    assert_ok(okng_history_changes(history, NULL, 0, 10, &changes, error));
    const json_t *change = json_array_get(json_object_get(changes, "changes"), 0);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(change, "after"), "seconds")), 365 * 86400);
    json_decref(changes);
}

static void bytes_are_bounded_pictures_first(void **state)
{
    (void)state;
    static char big[20000] = "\x89PNG";
    open_history();
    for (int i = 0; i < 50; i++) {
        okng_record record = made(OKNG_OUTCOME_NG, 3);
        const okng_history_picture picture = {OKNG_KEPT_PICTURE, big, sizeof big};
        assert_ok(okng_history_add(history, &record, &picture, 1, 10, error));
    }
    okng_history_close(&history);
    okng_history_options options = defaults();
    options.max_bytes = 500000;
    assert_ok(okng_history_open(&history, &options, error));
    until(sql_number(at("history.db"), "SELECT sum(bytes) FROM kept") < 500000);
    assert_int_equal(rows(), 50);
    assert_int_equal(sql_number(at("history.db"), "SELECT min(number) > 25 FROM kept"), 1); /* the oldest went */
    okng_history_close(&history);
    options.max_bytes = 20000; /* less than the rows take, too */
    assert_ok(okng_history_open(&history, &options, error));
    until(rows() < 50);
    assert_int_equal(sql_number(at("history.db"), "SELECT count(*) FROM kept"), 0);
}

static void pictures_without_a_row_are_swept(void **state)
{
    (void)state;
    open_history();
    okng_history_close(&history);
    assert_int_equal(mkdir(at("pictures/2026-01-01"), 0755), 0);
    const char *lost = at("pictures/2026-01-01/0123456789abcdef0123456789abcdef-picture.png");
    const char *users = at("pictures/2026-01-01/notes.txt");
    const struct timespec long_ago[2] = {{.tv_sec = 1700000000}, {.tv_sec = 1700000000}};
    for (int i = 0; i < 2; i++) {
        FILE *file = fopen(i ? users : lost, "w");
        assert_true(file && fclose(file) == 0);
        assert_int_equal(utimensat(AT_FDCWD, i ? users : lost, long_ago, 0), 0);
    }
    open_history();
    until(access(lost, F_OK) != 0);
    assert_int_equal(access(users, F_OK), 0);
}

/* ---- figures ---- */

/* Scores like those of a line, the same in every run. */
static void add_scores(int number, double shift, const char *hash)
{
    static uint32_t seed = 1;
    okng_history_close(&history);
    sqlite3 *database;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(at("history.db"), &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database,
                                        "INSERT INTO inspection (id, time, bank, bank_hash, verdict, score) "
                                        "VALUES (hex(randomblob(16)), ?1, 'nut', ?2, 'OK', ?3)",
                                        -1, &statement, NULL),
                     SQLITE_OK);
    for (int i = 0; i < number; i++) {
        seed = seed * 1664525 + 1013904223;
        (void)sqlite3_bind_int64(statement, 1, 1000000 * (int64_t)time(NULL));
        (void)sqlite3_bind_text(statement, 2, hash, -1, SQLITE_STATIC);
        (void)sqlite3_bind_double(statement, 3, 1 + shift + seed / 4294967296.0);
        assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
        (void)sqlite3_reset(statement);
    }
    (void)sqlite3_finalize(statement);
    assert_int_equal(sqlite3_exec(database, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(database);
    open_history();
    okng_record record = made(OKNG_OUTCOME_OK, 1.5 + shift); /* one that is seen by who looks at drift */
    strcpy(record.bank_hash, hash);
    add(&record);
}

static const char *drift_state(void)
{
    static char text[32];
    json_t *stats;
    assert_ok(okng_history_stats(history, "nut", 24, &stats, error));
    (void)snprintf(text, sizeof text, "%s",
                   json_string_value(json_object_get(json_object_get(stats, "drift"), "state")));
    json_decref(stats);
    return text;
}

static void a_change_of_scores_is_told(void **state)
{
    (void)state;
    open_history();
    add_scores(OKNG_DRIFT_REFERENCE, 0, "a");
    until(sql_number(at("history.db"), "SELECT count(reference) FROM drift") == 1);
    assert_string_equal(drift_state(), "unknown");
    add_scores(OKNG_DRIFT_BLOCK, 0, "a");
    until(sql_number(at("history.db"), "SELECT blocks FROM drift") == 1);
    assert_string_equal(drift_state(), "none");
    add_scores(OKNG_DRIFT_BLOCK, 0.5, "a");
    until(sql_number(at("history.db"), "SELECT blocks FROM drift") == 2);
    assert_string_equal(drift_state(), "warning");
    assert_ok(okng_history_renew_drift(history, "nut", "kim", error)); /* a new lamp */
    assert_string_equal(drift_state(), "unknown");
    assert_fails(OKNG_ERROR_NOT_FOUND, "\"bolt\"", okng_history_renew_drift(history, "bolt", "kim", error));
    add_scores(OKNG_DRIFT_REFERENCE + OKNG_DRIFT_BLOCK, 0.5, "a");
    until(sql_number(at("history.db"), "SELECT blocks FROM drift") == 1);
    assert_string_equal(drift_state(), "none");
    add_scores(OKNG_DRIFT_REFERENCE + OKNG_DRIFT_BLOCK, 0.8, "b"); /* the bank has learnt something else */
    until(sql_number(at("history.db"), "SELECT blocks = 1 AND bank_hash = 'b' FROM drift") == 1);
    assert_string_equal(drift_state(), "none");
}

static void figures_count_what_was_recorded(void **state)
{
    (void)state;
    json_t *stats;
    open_history();
    for (int i = 0; i < 6; i++) add_made(OKNG_OUTCOME_OK, i);
    add_made(OKNG_OUTCOME_NG, 9);
    okng_record record = made(OKNG_OUTCOME_REVIEW, 5);
    strcpy(record.bank, "bolt");
    record.time -= INT64_C(7200) * 1000000;
    add(&record);
    assert_ok(okng_history_stats(history, NULL, 24, &stats, error));
    json_t *expected =
        json_pack("{s:i, s:i, s:i, s:i, s:i}", "OK", 6, "REVIEW", 1, "NG", 1, "NOT_FOUND", 0, "NOT_INSPECTED", 0);
    assert_true(json_equal(json_object_get(stats, "counts"), expected));
    const json_t *hours = json_object_get(stats, "hours");
    assert_int_equal(json_array_size(hours), 24);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(hours, 21), "REVIEW")), 1);
    int n = 0;
    double median = 0;
    for (size_t i = 0; i < json_array_size(json_object_get(stats, "trend")); i++) {
        const json_t *point = json_array_get(json_object_get(stats, "trend"), i);
        n += (int)json_integer_value(json_object_get(point, "n"));
        median = json_number_value(json_object_get(point, "median"));
    }
    assert_int_equal(n, 6);
    assert_true(median >= 0 && median <= 5);
    json_decref(expected);
    json_decref(stats);
    assert_ok(okng_history_stats(history, "bolt", 1, &stats, error));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(stats, "counts"), "REVIEW")), 0);
    json_decref(stats);
}

/* ---- handing over ---- */

static void a_copy_is_whole_and_needs_no_second_file(void **state)
{
    (void)state;
    open_history();
    for (int i = 0; i < 20; i++) add_made(OKNG_OUTCOME_OK, i);
    assert_ok(okng_history_export(history, at("copy.db"), error));
    add_made(OKNG_OUTCOME_OK, 21);
    unsigned char head[20];
    FILE *file = fopen(at("copy.db"), "rb");
    assert_true(file && fread(head, 1, sizeof head, file) == sizeof head && fclose(file) == 0);
    assert_true(head[18] == 1 && head[19] == 1); /* not WAL */
    sqlite3 *database;
    char uri[OKNG_PATH_MAX + 32];
    (void)snprintf(uri, sizeof uri, "file:%s?immutable=1", at("copy.db"));
    assert_int_equal(sqlite3_open_v2(uri, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL), SQLITE_OK);
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(database, "SELECT count(*) FROM inspection", -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), 20);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(database);
    assert_fails(OKNG_ERROR_ARGUMENT, "itself", okng_history_export(history, at("history.db"), error));
    okng_history_options options = defaults();
    char copy[OKNG_PATH_MAX];
    strcpy(copy, at("copy.db"));
    options.folder = copy;
    options.read_only = true;
    okng_history_close(&history);
    assert_ok(okng_history_open(&history, &options, error));
    assert_int_equal(count(), 20);
}

static void a_check_finds_what_is_missing(void **state)
{
    (void)state;
    json_t *found;
    char path[OKNG_PATH_MAX];
    open_history();
    okng_record record = made(OKNG_OUTCOME_NG, 3);
    assert_ok(add_picture(&record, error));
    assert_ok(okng_history_check(history, &found, error));
    assert_int_equal(json_array_size(json_object_get(found, "wrong")), 0);
    assert_int_equal(json_integer_value(json_object_get(found, "pictures")), 1);
    json_decref(found);
    assert_true(has_picture(&record, path));
    assert_int_equal(unlink(path), 0);
    assert_ok(okng_history_check(history, &found, error));
    assert_non_null(strstr(json_string_value(json_array_get(json_object_get(found, "wrong"), 0)), "not there"));
    json_decref(found);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(a_record_comes_back_whole),
        IN_A_FOLDER(what_is_not_known_stays_so),
        IN_A_FOLDER(an_unknown_verdict_is_not_ok),
        IN_A_FOLDER(a_record_that_is_sent_again_is_there_once),
        IN_A_FOLDER(filters_choose_and_pages_neither_repeat_nor_lose),
        IN_A_FOLDER(long_walks_go_past_a_page),
        IN_A_FOLDER(times_are_read_as_people_write_them),
        IN_A_FOLDER(a_judgement_is_kept_and_noted),
        IN_A_FOLDER(changes_come_in_pages),
        IN_A_FOLDER(pictures_of_bad_and_doubtful_parts_are_kept),
        IN_A_FOLDER(a_hostile_database_leads_to_no_other_file),
        IN_A_FOLDER(threads_share_transactions),
        IN_A_FOLDER(two_processes_write_one_history),
        IN_A_FOLDER(killed_writers_lose_nothing_that_was_finished),
        IN_A_FOLDER(a_full_disk_is_told_and_got_over),
        IN_A_FOLDER(a_picture_without_room_is_left_out_and_told),
        IN_A_FOLDER(a_damaged_database_is_put_aside_when_it_is_opened),
        IN_A_FOLDER(what_is_no_database_is_put_aside),
        IN_A_FOLDER(damage_that_comes_later_loses_no_record),
        IN_A_FOLDER(a_database_that_is_removed_is_made_anew),
        IN_A_FOLDER(databases_of_others_are_left_alone),
        IN_A_FOLDER(who_only_looks_changes_nothing),
        IN_A_FOLDER(old_inspections_go_with_their_pictures),
        cmocka_unit_test(a_clock_that_jumps_is_not_believed_at_once),
        IN_A_FOLDER(a_clock_that_jumps_removes_nothing),
        IN_A_FOLDER(bytes_are_bounded_pictures_first),
        IN_A_FOLDER(pictures_without_a_row_are_swept),
        IN_A_FOLDER(a_change_of_scores_is_told),
        IN_A_FOLDER(figures_count_what_was_recorded),
        IN_A_FOLDER(a_copy_is_whole_and_needs_no_second_file),
        IN_A_FOLDER(a_check_finds_what_is_missing),
    };
    return RUN_TESTS(tests);
}
