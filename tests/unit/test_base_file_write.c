/* Files that appear whole or not at all, whoever dies on the way. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/file.h"
#include "base/rng.h"
#include "test.h"

static char folder[64];
static int flock_fails_with; /* 0: it does not */

/* In place of the C library's. */
int flock(int descriptor, int operation);
int flock(int descriptor, int operation)
{
    if (flock_fails_with == 0) return (int)syscall(SYS_flock, descriptor, operation);
    errno = flock_fails_with;
    return -1;
}

static const char *at(const char *name)
{
    static char paths[8][512];
    static int next;
    char *path = paths[next = (next + 1) % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/okng-write-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

static int remove_folder(void **state)
{
    (void)state;
    flock_fails_with = 0;
    return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(at(name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
}

static void assert_text(const char *name, const char *expected)
{
    char text[256] = "";
    FILE *file = fopen(at(name), "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    assert_string_equal(text, expected);
}

static size_t entries(void)
{
    size_t count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    (void)closedir(dir);
    return count;
}

static okng_status write_text(const char *name, const char *text, okng_error *error)
{
    return okng_file_write(at(name), text, strlen(text), error);
}

/* ---- killed writers ------------------------------------------------------------------------- */

/* A process that begins to write and is killed. */
static void kill_a_writer(const char *name)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        okng_writer writer;
        if (okng_writer_open(&writer, at(name), NULL) != OKNG_OK) _exit(1);
        (void)fputs("half a fi", writer.stream);
        (void)fflush(writer.stream);
        (void)raise(SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void what_a_killed_writer_left_is_cleared_by_the_next(void **state)
{
    (void)state;
    assert_ok(write_text("a", "old", error));
    kill_a_writer("a");
    assert_text("a", "old");
    assert_text(".a.okng-tmp", "half a fi");
    assert_ok(write_text("a", "new", error));
    assert_text("a", "new");
    assert_int_equal(entries(), 1);
    put(".a.okng-tmp", "of three writers that were killed");
    put(".a.okng-tmp1", "two");
    put(".a.okng-tmp2", "three");
    assert_ok(write_text("a", "newer", error));
    assert_int_equal(entries(), 1);
}

static void a_living_writers_file_is_left_alone(void **state)
{
    (void)state;
    okng_writer first, second;
    assert_ok(okng_writer_open(&first, at("a"), error));
    assert_ok(okng_writer_open(&second, at("a"), error));
    assert_true(strstr(first.temporary, "/.a.okng-tmp") != NULL);
    assert_true(strstr(second.temporary, "/.a.okng-tmp1") != NULL);
    (void)fputs("first", first.stream);
    (void)fputs("second", second.stream);
    assert_ok(write_text("a", "third", error));
    assert_ok(okng_writer_commit(&second, error));
    assert_text("a", "second");
    assert_ok(okng_writer_commit(&first, error));
    assert_text("a", "first");
    assert_int_equal(entries(), 1);
}

static void an_abort_leaves_nothing(void **state)
{
    (void)state;
    okng_writer writer;
    assert_ok(write_text("a", "old", error));
    assert_ok(okng_writer_open(&writer, at("a"), error));
    (void)fputs("new", writer.stream);
    okng_writer_abort(&writer);
    assert_text("a", "old");
    assert_int_equal(entries(), 1);
}

/* ---- what bears such a name ----------------------------------------------------------------- */

static void links_pipes_and_folders_of_the_name_are_stepped_over(void **state)
{
    (void)state;
    put("precious", "of a user");
    assert_int_equal(symlink("precious", at(".a.okng-tmp")), 0);
    assert_int_equal(mkfifo(at(".a.okng-tmp1"), 0600), 0);
    assert_int_equal(mkdir(at(".a.okng-tmp2"), 0700), 0);
    assert_ok(write_text("a", "new", error));
    assert_text("a", "new");
    assert_text("precious", "of a user");
    assert_int_equal(entries(), 5);
}

static void a_second_name_of_a_users_file_is_no_way_into_it(void **state)
{
    (void)state;
    put("precious", "of a user");
    assert_int_equal(link(at("precious"), at(".a.okng-tmp")), 0);
    assert_ok(write_text("a", "new", error));
    assert_text("precious", "of a user");
    assert_text("a", "new");
}

static void long_names_can_be_written(void **state)
{
    (void)state;
    for (int length = 120; length <= 255; length += 5) {
        char name[256];
        memset(name, 'n', sizeof name);
        name[length] = '\0';
        kill_a_writer(name);
        assert_int_equal(entries(), 1);
        assert_ok(write_text(name, "new", error));
        assert_int_equal(entries(), 1);
        assert_text(name, "new");
        assert_int_equal(unlink(at(name)), 0);
    }
}

static void names_of_temporary_files_are_known(void **state)
{
    (void)state;
    assert_true(okng_is_temporary_of(".tau.json.okng-tmp", "tau.json"));
    assert_true(okng_is_temporary_of(".tau.json.okng-tmp12", "tau.json"));
    static const char *const others[] = {
        "tau.json",          ".tau.json", "tau.json.okng-tmp", ".tau.json.okng-tmpx", ".tau.json.okng-tmp1x",
        ".au.json.okng-tmp", "",          ".tau.json.okng-tm"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(okng_is_temporary_of(others[i], "tau.json"));
    char name[300];
    memset(name, 'n', sizeof name);
    name[200] = '\0';
    okng_writer writer;
    assert_ok(okng_writer_open(&writer, at(name), error));
    assert_true(okng_is_temporary_of(strrchr(writer.temporary, '/') + 1, name));
    okng_writer_abort(&writer);
}

/* ---- file systems without locks ------------------------------------------------------------- */

static void without_locks_nobodys_file_is_taken_for_a_dead_ones(void **state)
{
    (void)state;
    static const int reasons[] = {ENOLCK, EOPNOTSUPP, ENOSYS, EINVAL};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        okng_writer first, second;
        flock_fails_with = reasons[i];
        assert_ok(okng_writer_open(&first, at("a"), error));
        assert_ok(okng_writer_open(&second, at("a"), error));
        (void)fputs("first", first.stream);
        (void)fputs("second", second.stream);
        assert_ok(okng_writer_commit(&first, error));
        assert_text("a", "first");
        assert_ok(okng_writer_commit(&second, error));
        assert_text("a", "second");
        assert_int_equal(entries(), 1);
    }
}

/* As another machine does that does not see our locks. */
static void a_file_that_was_taken_away_is_never_put_in_place(void **state)
{
    (void)state;
    okng_writer writer;
    assert_ok(write_text("a", "old", error));
    assert_ok(okng_writer_open(&writer, at("a"), error));
    (void)fputs("mine", writer.stream);
    assert_int_equal(unlink(at(".a.okng-tmp")), 0);
    put(".a.okng-tmp", "half of the oth");
    assert_fails(OKNG_ERROR_IO, "another process took its temporary file", okng_writer_commit(&writer, error));
    assert_text("a", "old");
    assert_text(".a.okng-tmp", "half of the oth");
}

/* ---- writes that fail ----------------------------------------------------------------------- */

static okng_status write_much(const char *name, size_t size, okng_error *error)
{
    char *data = calloc(1, size);
    assert_non_null(data);
    okng_status status = okng_file_write(at(name), data, size, error);
    free(data);
    return status;
}

static void a_file_that_may_not_grow_leaves_the_old_one(void **state)
{
    (void)state;
    struct rlimit before, low;
    assert_ok(write_text("a", "old", error));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    low = before;
    low.rlim_cur = 10000;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    for (size_t size = 10001; size < 40000; size += 4093)
        assert_fails(OKNG_ERROR_IO, "/a: ", write_much("a", size, error));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_text("a", "old");
    assert_int_equal(entries(), 1);
}

static void a_full_disk_leaves_the_old_one(void **state)
{
    (void)state;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", folder, "tmpfs", 0, "size=65536") != 0) {
        print_message("SKIP %s: cannot mount (needs root)\n", __func__);
        skip();
    }
    assert_ok(write_text("a", "old", error));
    assert_fails(OKNG_ERROR_IO, "No space left", write_much("a", 100000, error));
    assert_fails(OKNG_ERROR_IO, "No space left", write_much("new", 63 * 1024, error));
    assert_text("a", "old");
    assert_int_equal(entries(), 1);
    assert_ok(write_text("a", "new", error));
    assert_text("a", "new");
    assert_int_equal(umount(folder), 0);
}

static void a_new_file_has_the_mode_of_the_umask(void **state)
{
    (void)state;
    mode_t before = umask(027);
    assert_ok(write_text("a", "new", error));
    (void)umask(before);
    struct stat info;
    assert_int_equal(stat(at("a"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

static void a_file_without_a_name_leaves_none(void **state)
{
    (void)state;
    int descriptor;
    assert_int_equal(setenv("TMPDIR", folder, 1), 0);
    assert_ok(okng_temporary_file(&descriptor, "rows", error));
    assert_int_equal(entries(), 0);
    assert_int_equal(write(descriptor, "rows", 4), 4);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    (void)close(descriptor);
}

/* ---- many of one target, killed at any moment ----------------------------------------------- */

enum { WRITERS = 3, FILE_SIZE = 30000, ROUNDS = 150 };

static void write_for_ever(int letter)
{
    static char data[FILE_SIZE];
    memset(data, letter, sizeof data);
    while (okng_file_write(at("a"), data, sizeof data, NULL) == OKNG_OK) {
    }
    _exit(1);
}

static pid_t start_writer(int letter)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) write_for_ever(letter);
    return child;
}

static void assert_whole(void)
{
    static char data[FILE_SIZE + 1];
    FILE *file = fopen(at("a"), "r");
    if (!file) return; /* nobody has finished yet */
    assert_int_equal(fread(data, 1, sizeof data, file), FILE_SIZE);
    (void)fclose(file);
    for (size_t i = 1; i < FILE_SIZE; i++) assert_int_equal(data[i], data[0]);
}

static void stop_writer(pid_t child)
{
    int status;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status)); /* none has failed */
}

static void readers_see_whole_files_while_writers_die(void **state)
{
    (void)state;
    pid_t writers[WRITERS];
    okng_rng rng = okng_rng_new(7, OKNG_STREAM_BENCH);
    for (int i = 0; i < WRITERS; i++) writers[i] = start_writer('a' + i);
    for (int round = 0; round < ROUNDS; round++) {
        const struct timespec pause = {.tv_nsec = (long)okng_rng_below(&rng, 4000000)};
        (void)nanosleep(&pause, NULL);
        int i = (int)okng_rng_below(&rng, WRITERS);
        stop_writer(writers[i]);
        assert_whole();
        writers[i] = start_writer('a' + i);
    }
    for (int i = 0; i < WRITERS; i++) stop_writer(writers[i]);
    assert_ok(write_text("a", "the last one clears", error));
    assert_text("a", "the last one clears");
    assert_int_equal(entries(), 1);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(what_a_killed_writer_left_is_cleared_by_the_next),
        IN_A_FOLDER(a_living_writers_file_is_left_alone),
        IN_A_FOLDER(an_abort_leaves_nothing),
        IN_A_FOLDER(links_pipes_and_folders_of_the_name_are_stepped_over),
        IN_A_FOLDER(a_second_name_of_a_users_file_is_no_way_into_it),
        IN_A_FOLDER(long_names_can_be_written),
        IN_A_FOLDER(names_of_temporary_files_are_known),
        IN_A_FOLDER(without_locks_nobodys_file_is_taken_for_a_dead_ones),
        IN_A_FOLDER(a_file_that_was_taken_away_is_never_put_in_place),
        IN_A_FOLDER(a_file_that_may_not_grow_leaves_the_old_one),
        IN_A_FOLDER(a_full_disk_leaves_the_old_one),
        IN_A_FOLDER(a_new_file_has_the_mode_of_the_umask),
        IN_A_FOLDER(a_file_without_a_name_leaves_none),
        IN_A_FOLDER(readers_see_whole_files_while_writers_die),
    };
    return RUN_TESTS(tests);
}
