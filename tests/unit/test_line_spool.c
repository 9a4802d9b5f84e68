/* The spool: what was appended is there after a kill, in order, once for each reader; bounds hold and are counted. */
#include "line/spool.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "line/spool_files.h"
#include "test.h"

enum { ALL = 0xffffffff, MANY = 1 << 30, GIB = 1 << 30 };

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/okng-spool-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static okng_spool *open_with(const okng_spool_reader *readers, size_t count, uint64_t bytes)
{
    okng_spool *spool;
    assert_ok(okng_spool_open(&spool, folder, bytes, false, readers, count, error));
    return spool;
}

static okng_spool *open_one(void)
{
    const okng_spool_reader reader = {"mqtt", ALL, MANY};
    return open_with(&reader, 1, GIB);
}

static uint64_t put(okng_spool *spool, const char *text, uint32_t tag)
{
    uint64_t number;
    assert_ok(okng_spool_append(spool, text, strlen(text), tag, &number, error));
    okng_spool_ready(spool, number, 0);
    return number;
}

/* The next entry's text is `expected` (NULL: there is none); it is acknowledged. */
static void take(okng_spool *spool, size_t reader, const char *expected)
{
    okng_entry entry;
    char *files;
    bool got;
    assert_ok(okng_spool_read(spool, reader, 0, &entry, &files, &got, error));
    assert_int_equal(got, expected != NULL);
    if (!got) return;
    assert_string_equal(entry.text, expected);
    okng_spool_advance(spool, reader, entry.number);
    okng_entry_free(&entry);
    free(files);
}

static void each_reader_gets_each_entry_once(void **state)
{
    (void)state;
    const okng_spool_reader readers[] = {{"all", ALL, MANY}, {"ng", 1u << 2, MANY}};
    okng_spool *spool = open_with(readers, 2, GIB);
    put(spool, "a", 1);
    put(spool, "b", 2);
    put(spool, "c", 1);
    assert_int_equal(okng_spool_look(spool, 0).waiting, 3);
    assert_int_equal(okng_spool_look(spool, 1).waiting, 1);
    take(spool, 0, "a");
    take(spool, 1, "b");
    take(spool, 1, NULL);
    okng_spool_close(&spool);
    spool = open_with(readers, 2, GIB);
    assert_int_equal(okng_spool_look(spool, 0).waiting, 2);
    take(spool, 0, "b");
    take(spool, 0, "c");
    take(spool, 0, NULL);
    take(spool, 1, NULL);
    put(spool, "d", 2);
    take(spool, 1, "d");
    take(spool, 0, "d");
    okng_spool_close(&spool);
}

static void what_is_not_acknowledged_comes_again(void **state)
{
    (void)state;
    okng_spool *spool = open_one();
    okng_entry entry;
    char *files;
    bool got;
    put(spool, "a", 0);
    for (int i = 0; i < 2; i++) {
        assert_ok(okng_spool_read(spool, 0, 0, &entry, &files, &got, error));
        assert_true(got && strcmp(entry.text, "a") == 0);
        okng_entry_free(&entry);
        free(files);
    }
    okng_spool_close(&spool);
    spool = open_one();
    take(spool, 0, "a");
    okng_spool_close(&spool);
}

static void entries_wait_for_those_before_them(void **state)
{
    (void)state;
    okng_spool *spool = open_one();
    uint64_t first, second;
    assert_ok(okng_spool_append(spool, "a", 1, 0, &first, error));
    assert_ok(okng_spool_append(spool, "b", 1, 0, &second, error));
    okng_spool_ready(spool, second, 0);
    take(spool, 0, NULL);
    okng_spool_ready(spool, first, 0);
    take(spool, 0, "a");
    take(spool, 0, "b");
    okng_spool_close(&spool);
}

static void two_processes_do_not_share_one(void **state)
{
    (void)state;
    okng_spool *spool = open_one(), *other;
    const okng_spool_reader reader = {"mqtt", ALL, MANY};
    assert_fails(OKNG_ERROR_BUSY, "lock", okng_spool_open(&other, folder, GIB, false, &reader, 1, error));
    okng_spool_close(&spool);
}

static void a_full_queue_gives_up_the_oldest_and_counts_them(void **state)
{
    (void)state;
    const okng_spool_reader readers[] = {{"small", 1u << 2, 2}, {"large", ALL, MANY}};
    okng_spool *spool = open_with(readers, 2, GIB);
    put(spool, "a", 2);
    put(spool, "ok", 1);
    put(spool, "b", 2);
    put(spool, "c", 2);
    put(spool, "d", 2);
    assert_int_equal(okng_spool_look(spool, 0).waiting, 2);
    assert_int_equal(okng_spool_look(spool, 0).lost, 2);
    okng_spool_close(&spool);
    spool = open_with(readers, 2, GIB);
    assert_int_equal(okng_spool_look(spool, 0).lost, 2);
    take(spool, 0, "c");
    take(spool, 0, "d");
    take(spool, 0, NULL);
    assert_int_equal(okng_spool_look(spool, 1).lost, 0);
    take(spool, 1, "a");
    okng_spool_close(&spool);
}

static void bytes_are_bounded(void **state)
{
    (void)state;
    const okng_spool_reader readers[] = {{"dead", ALL, MANY}, {"quick", ALL, MANY}};
    okng_spool *spool = open_with(readers, 2, 2 << 20);
    char *text = calloc(1, 10001);
    memset(text, 'x', 10000);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(text, 8, "%06d", i);
        text[6] = 'x';
        put(spool, text, 0);
        take(spool, 1, text);
    }
    const okng_spool_figures dead = okng_spool_look(spool, 0);
    assert_int_equal(dead.waiting + dead.lost, 1000);
    assert_in_range(dead.waiting, 150, 215);
    assert_int_equal(okng_spool_look(spool, 1).lost, 0);
    assert_true(okng_spool_bytes(spool) <= 2 << 20);
    (void)snprintf(text, 8, "%06d", (int)dead.lost);
    text[6] = 'x';
    take(spool, 0, text); /* the oldest that is left */
    free(text);
    okng_spool_close(&spool);
}

/* A new process's first entries, while the old one's last file ends in the middle of an entry. */
static void what_was_torn_is_passed_over(void **state)
{
    (void)state;
    okng_spool *spool = open_one();
    put(spool, "a", 0);
    put(spool, "torn", 0);
    okng_spool_close(&spool);
    char *path = okng_segment_path(folder, 0);
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(truncate(path, found.st_size - 2), 0);
    free(path);
    spool = open_one();
    assert_int_equal(okng_spool_damaged(spool), 1);
    put(spool, "b", 0);
    take(spool, 0, "a");
    take(spool, 0, "b");
    take(spool, 0, NULL);
    okng_spool_close(&spool);
}

static void a_changed_byte_is_found(void **state)
{
    (void)state;
    okng_spool *spool = open_one();
    put(spool, "first", 0);
    put(spool, "second", 0);
    put(spool, "third", 0);
    char *path = okng_segment_path(folder, 0);
    const int file = open(path, O_WRONLY);
    assert_int_equal(pwrite(file, "X", 1, OKNG_ENTRY_HEAD + 5 + OKNG_ENTRY_HEAD + 1), 1);
    (void)close(file);
    free(path);
    take(spool, 0, "first");
    okng_entry entry;
    char *files;
    bool got;
    assert_fails(OKNG_ERROR_FORMAT, "damaged", okng_spool_read(spool, 0, 0, &entry, &files, &got, error));
    assert_int_equal(okng_spool_look(spool, 0).lost, 1);
    okng_spool_close(&spool);
}

/* The end of the journal is lost, as by a power cut, after one reader had read it: the other gets all that is left. */
static void a_journal_that_is_shorter_keeps_what_others_want(void **state)
{
    (void)state;
    const okng_spool_reader readers[] = {{"quick", ALL, MANY}, {"dead", ALL, MANY}};
    okng_spool *spool = open_with(readers, 2, GIB);
    put(spool, "a", 0);
    put(spool, "b", 0);
    put(spool, "gone", 0);
    take(spool, 0, "a");
    take(spool, 0, "b");
    take(spool, 0, "gone");
    okng_spool_close(&spool);
    char *path = okng_segment_path(folder, 0);
    assert_int_equal(truncate(path, 2 * (OKNG_ENTRY_HEAD + 1)), 0);
    free(path);
    spool = open_with(readers, 2, GIB);
    assert_int_equal(okng_spool_damaged(spool), 1);
    assert_int_equal(okng_spool_look(spool, 1).lost, 1);
    put(spool, "c", 0);
    take(spool, 0, "c");
    take(spool, 0, NULL);
    take(spool, 1, "a");
    take(spool, 1, "b");
    take(spool, 1, "c");
    take(spool, 1, NULL);
    assert_int_equal(okng_spool_look(spool, 0).lost, 0);
    okng_spool_close(&spool);
}

/* A damaged entry with other files behind it: those before it stay, it is lost and told. */
static void damage_in_the_middle_loses_that_alone(void **state)
{
    (void)state;
    okng_spool *spool = open_one();
    put(spool, "a", 0);
    put(spool, "damaged", 0);
    okng_spool_close(&spool);
    spool = open_one();
    put(spool, "b", 0);
    okng_spool_close(&spool);
    char *path = okng_segment_path(folder, 0);
    const int file = open(path, O_WRONLY);
    assert_int_equal(pwrite(file, "X", 1, OKNG_ENTRY_HEAD + 1 + OKNG_ENTRY_HEAD + 1), 1);
    (void)close(file);
    free(path);
    spool = open_one();
    take(spool, 0, "a");
    okng_entry entry;
    char *files;
    bool got;
    assert_fails(OKNG_ERROR_FORMAT, "damaged", okng_spool_read(spool, 0, 0, &entry, &files, &got, error));
    assert_int_equal(okng_spool_look(spool, 0).lost, 1);
    take(spool, 0, "b");
    take(spool, 0, NULL);
    okng_spool_close(&spool);
}

/* A file with a number behind which there are no more is none of ours. */
static void numbers_have_room_to_go_on(void **state)
{
    (void)state;
    const okng_entry entry = {.number = UINT64_MAX, .text = (char *)"x", .size = 1};
    bool torn;
    char *path = okng_segment_path(folder, UINT64_MAX);
    const int file = open(path, O_WRONLY | O_CREAT, 0600);
    assert_ok(okng_segment_append(file, path, 0, &entry, false, &torn, error));
    (void)close(file);
    free(path);
    okng_spool *spool = open_one();
    put(spool, "a", 0);
    take(spool, 0, "a");
    okng_spool_close(&spool);
}

static void files_go_when_all_have_passed(void **state)
{
    (void)state;
    const okng_spool_reader readers[] = {{"a", ALL, MANY}, {"b", ALL, MANY}};
    okng_spool *spool = open_with(readers, 2, GIB);
    uint64_t number;
    char *path, *files, name[256];
    okng_entry entry;
    bool got;
    assert_ok(okng_spool_append(spool, "a", 1, 0, &number, error));
    assert_ok(okng_spool_make_files(spool, number, &path, error));
    (void)snprintf(name, sizeof name, "%s/overlay.png", path);
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    (void)fprintf(file, "%2000s", "");
    (void)fclose(file);
    okng_spool_ready(spool, number, 2000);
    assert_ok(okng_spool_read(spool, 0, 0, &entry, &files, &got, error));
    assert_string_equal(files, path);
    free(files);
    okng_entry_free(&entry);
    okng_spool_advance(spool, 0, number);
    assert_int_equal(access(name, F_OK), 0);
    okng_spool_close(&spool);
    spool = open_with(readers, 2, GIB);
    assert_int_equal(access(name, F_OK), 0);
    take(spool, 1, "a");
    assert_int_equal(access(path, F_OK), -1);
    free(path);
    okng_spool_close(&spool);
}

/* What a child tells: a number that is safe, or one that it takes as read from now on. */
typedef struct told {
    int appended, taken; /* -1: not of this kind */
} told;

static void tell(int pipe, told what)
{
    if (write(pipe, &what, sizeof what) != sizeof what) _exit(1);
}

/* Appends numbers from `first` on, and reads every third time; until it is killed. */
static void live(int pipe, int first)
{
    const okng_spool_reader reader = {"mqtt", ALL, MANY};
    okng_spool *spool;
    if (okng_spool_open(&spool, folder, GIB, false, &reader, 1, NULL) != OKNG_OK) _exit(1);
    for (int i = first;; i++) {
        char text[16], *files;
        uint64_t number;
        okng_entry entry;
        bool got;
        (void)snprintf(text, sizeof text, "%d", i);
        if (okng_spool_append(spool, text, strlen(text), 0, &number, NULL) != OKNG_OK) _exit(1);
        tell(pipe, (told){i, -1});
        okng_spool_ready(spool, number, 0);
        if (i % 3 != 0) continue;
        if (okng_spool_read(spool, 0, 0, &entry, &files, &got, NULL) != OKNG_OK || !got) _exit(1);
        tell(pipe, (told){-1, atoi(entry.text)});
        okng_spool_advance(spool, 0, entry.number);
        okng_entry_free(&entry);
    }
}

/* Lets a child live for `steps` of what it tells, kills it; the last that it appended and took. */
static told kill_after(int steps, told before)
{
    int pipes[2], how;
    told last = before, now;
    assert_int_equal(pipe(pipes), 0);
    const pid_t child = fork();
    if (child == 0) live(pipes[1], before.appended + 1);
    (void)close(pipes[1]);
    for (int i = 0; read(pipes[0], &now, sizeof now) == sizeof now; i++) {
        if (i == steps) assert_int_equal(kill(child, SIGKILL), 0);
        if (now.appended >= 0) last.appended = now.appended;
        if (now.taken >= 0) last.taken = now.taken;
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    (void)close(pipes[0]);
    return last;
}

/* OKNG_KILLS in the environment: so many kills. */
static void a_kill_loses_nothing(void **state)
{
    (void)state;
    const char *given = getenv("OKNG_KILLS");
    const int kills = given ? atoi(given) : 20;
    told last = {-1, -1};
    for (int i = 0; i < kills; i++) {
        last = kill_after(17 + 37 * i % 400, last);
        okng_spool *spool = open_one();
        okng_entry entry;
        char *files;
        bool got;
        int next = -1;
        for (;;) {
            assert_ok(okng_spool_read(spool, 0, 0, &entry, &files, &got, error));
            if (!got) break;
            const int value = atoi(entry.text);
            if (next < 0) /* the one that was being taken comes again, or was acknowledged just so */
                assert_in_range(value, last.taken < 0 ? 0 : last.taken, last.taken + 1);
            else
                assert_int_equal(value, next);
            next = value + 1;
            okng_spool_advance(spool, 0, entry.number);
            okng_entry_free(&entry);
        }
        assert_in_range(next - 1, last.appended, last.appended + 1); /* one may be there that was not told yet */
        last.appended = last.taken = next - 1;
        assert_int_equal(okng_spool_look(spool, 0).lost, 0);
        okng_spool_close(&spool);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_reader_gets_each_entry_once),
        TEST(what_is_not_acknowledged_comes_again),
        TEST(entries_wait_for_those_before_them),
        TEST(two_processes_do_not_share_one),
        TEST(a_full_queue_gives_up_the_oldest_and_counts_them),
        TEST(bytes_are_bounded),
        TEST(what_was_torn_is_passed_over),
        TEST(a_changed_byte_is_found),
        TEST(a_journal_that_is_shorter_keeps_what_others_want),
        TEST(damage_in_the_middle_loses_that_alone),
        TEST(numbers_have_room_to_go_on),
        TEST(files_go_when_all_have_passed),
        TEST(a_kill_loses_nothing),
    };
    return RUN_TESTS(tests);
}
