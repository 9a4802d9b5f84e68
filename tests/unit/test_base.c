#include <dirent.h>
#include <sys/stat.h>

#include "base/each.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "test.h"

static void checked_arithmetic_refuses_what_does_not_fit(void **state)
{
    (void)state;
    size_t out = 7;
    assert_false(okng_mul_size(SIZE_MAX / 2, 3, &out));
    assert_false(okng_add_size(SIZE_MAX, 1, &out));
    assert_int_equal(out, 7);
    assert_true(okng_mul_size(SIZE_MAX, 1, &out));
    int64_t signed_out;
    assert_false(okng_mul_i64(-1, 2, &signed_out));
    assert_false(okng_mul_i64(INT64_MAX, 2, &signed_out));
    assert_null(okng_alloc(SIZE_MAX / 2, 4));
    assert_null(okng_alloc(SIZE_MAX, 1));
}

static okng_status fail_from_seven(void *context, int64_t i, int thread, okng_error *error)
{
    (void)thread;
    ((int *)context)[i]++;
    if (i < 7) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "thing %d", (int)i);
}

static void the_first_failing_thing_decides(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        int seen[40] = {0};
        assert_fails(OKNG_ERROR_FORMAT, "thing 7",
                     okng_each(threads, 40, fail_from_seven, seen, NULL, "the test", error));
        for (int i = 0; i <= 7; i++) assert_int_equal(seen[i], 1);
        assert_ok(okng_each(threads, 7, fail_from_seven, seen, NULL, "the test", error));
    }
}

static okng_status fail_few_from_seven(void *context, int64_t first, int64_t count, int thread, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (int64_t i = first; i < first + count && status == OKNG_OK; i++)
        status = fail_from_seven(context, i, thread, error);
    return status;
}

static void neighbours_are_handled_together(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads++)
        for (int at_once = 1; at_once <= 5; at_once++) {
            int seen[40] = {0}, all[7] = {0};
            assert_fails(OKNG_ERROR_FORMAT, "thing 7",
                         okng_each_few(threads, 40, at_once, fail_few_from_seven, seen, NULL, "the test", error));
            for (int i = 0; i <= 7; i++) assert_int_equal(seen[i], 1);
            okng_ticker ticker;
            okng_ticker_init(&ticker, NULL, NULL);
            okng_ticker_stage(&ticker, "things", 7);
            assert_ok(okng_each_few(threads, 7, at_once, fail_few_from_seven, all, &ticker, "the test", error));
            for (int i = 0; i < 7; i++) assert_int_equal(all[i], 1);
            assert_int_equal(ticker.progress.done, 7);
            okng_ticker_destroy(&ticker);
        }
    assert_int_equal(okng_each_at_once(156, 2, 4), 4);
    assert_int_equal(okng_each_at_once(10, 2, 4), 2);
    assert_int_equal(okng_each_at_once(3, 2, 4), 1);
    assert_int_equal(okng_each_at_once(0, 2, 4), 1);
}

static int stop_at_three(const okng_progress *progress, void *user)
{
    (void)user;
    return progress->done >= 3;
}

static void a_loop_stops_when_it_is_asked_to(void **state)
{
    (void)state;
    int seen[7] = {0};
    okng_ticker ticker;
    okng_ticker_init(&ticker, stop_at_three, NULL);
    okng_ticker_stage(&ticker, "things", 7);
    assert_fails(OKNG_ERROR_CANCELLED, "the test was stopped",
                 okng_each(1, 7, fail_from_seven, seen, &ticker, "the test", error));
    assert_true(seen[2] == 1 && seen[3] == 0);
    okng_ticker_destroy(&ticker);
}

static bool is_own(const char *name)
{
    return strstr(name, ".png") != NULL;
}

static void a_tree_is_removed_if_all_in_it_is_own(void **state)
{
    (void)state;
    char folder[] = "/tmp/okng-test-tree-XXXXXX", path[64], link[64], kept[] = "/tmp/okng-test-kept-XXXXXX";
    assert_non_null(mkdtemp(folder));
    int descriptor = mkstemp(kept);
    assert_true(descriptor >= 0);
    (void)close(descriptor);
    (void)snprintf(path, sizeof path, "%s/a/b", folder);
    assert_ok(okng_make_folders(path, error));
    (void)snprintf(path, sizeof path, "%s/a/b/1.png", folder);
    assert_ok(okng_file_write(path, "1", 1, error));
    (void)snprintf(path, sizeof path, "%s/a/.1.png.okng-tmp3", folder);
    assert_ok(okng_file_write(path, "1", 1, error));
    static const char *const by_themselves[] = {"a/.DS_Store", "a/Desktop.ini", "a/._1.png", "a/b/._.DS_Store"};
    for (size_t i = 0; i < sizeof by_themselves / sizeof by_themselves[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, by_themselves[i]);
        assert_ok(okng_file_write(path, "1", 1, error));
    }
    (void)snprintf(link, sizeof link, "%s/a/._notes.txt", folder); /* a companion of somebody's file is theirs */
    assert_ok(okng_file_write(link, "mine", 4, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "._notes.txt", okng_remove_own(folder, is_own, error));
    assert_int_equal(unlink(link), 0);
    (void)snprintf(path, sizeof path, "%s/a/b/Thumbs.db", folder);
    assert_ok(okng_file_write(path, "1", 1, error));
    (void)snprintf(link, sizeof link, "%s/a/link.png", folder);
    assert_int_equal(symlink(kept, link), 0);
    assert_fails(OKNG_ERROR_ARGUMENT, "link.png", okng_remove_own(folder, is_own, error));
    assert_int_equal(unlink(link), 0);
    (void)snprintf(link, sizeof link, "%s/a/b/notes.txt", folder);
    assert_ok(okng_file_write(link, "mine", 4, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "notes.txt", okng_remove_own(folder, is_own, error));
    assert_int_equal(access(path, F_OK), 0); /* nothing is gone */
    assert_int_equal(unlink(link), 0);
    assert_ok(okng_remove_own(folder, is_own, error));
    assert_false(okng_is_folder(folder));
    assert_int_equal(access(kept, F_OK), 0);
    assert_ok(okng_remove_own(folder, is_own, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "is a file or a link", okng_remove_own(kept, is_own, error));
    assert_int_equal(unlink(kept), 0);
}

static void peak_of_memory_starts_anew(void **state)
{
    (void)state;
    enum { SIZE = 64 << 20, MEANWHILE = SIZE / 4 }; /* a sanitizer keeps the block, and notes that */
    volatile char *block = malloc(SIZE);
    assert_non_null((void *)block);
    for (size_t i = 0; i < SIZE; i += 4096) block[i] = 1;
    uint64_t high = okng_memory_peak();
    assert_true(high >= SIZE);
    free((void *)block);
    okng_memory_peak_reset();
    assert_true(okng_memory_peak() <= high + MEANWHILE);
    assert_true(okng_memory_peak() >= okng_memory_resident() / 2);
}

static void random_numbers_are_pcg32(void **state)
{
    (void)state;
    /* The first outputs of the reference program of pcg-random.org for seed 42, sequence 54. */
    static const uint32_t expected[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e};
    okng_rng rng = okng_rng_new(42, (okng_rng_stream)54);
    for (size_t i = 0; i < 6; i++) assert_int_equal(okng_rng_u32(&rng), expected[i]);
    double sum = 0, squares = 0;
    for (int i = 0; i < 100000; i++) {
        double x = okng_rng_normal(&rng);
        sum += x;
        squares += x * x;
        assert_true(okng_rng_below(&rng, 3) < 3);
    }
    assert_true(fabs(sum / 100000) < 0.02 && fabs(squares / 100000 - 1) < 0.02);
}

static const char *in_folder(const char *folder, const char *name)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static size_t files_in(const char *folder)
{
    size_t count = 0;
    DIR *stream = opendir(folder);
    assert_non_null(stream);
    for (struct dirent *entry; (entry = readdir(stream));) count += entry->d_name[0] != '.';
    (void)closedir(stream);
    return count;
}

static void a_written_file_is_as_readable_as_the_umask_says(void **state)
{
    (void)state;
    char folder[] = "/tmp/okng-test-base-XXXXXX";
    assert_non_null(mkdtemp(folder));
    mode_t before = umask(027);
    assert_ok(okng_file_write(in_folder(folder, "a"), "1", 1, error));
    (void)umask(before);
    struct stat info;
    assert_int_equal(stat(in_folder(folder, "a"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    assert_int_equal(files_in(folder), 1);

    assert_int_equal(symlink("a", in_folder(folder, "link")), 0);
    assert_ok(okng_file_write(in_folder(folder, "link"), "22", 2, error));
    assert_int_equal(lstat(in_folder(folder, "link"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(stat(in_folder(folder, "a"), &info), 0);
    assert_int_equal(info.st_size, 2);

    assert_fails(OKNG_ERROR_IO, "regular file", okng_file_write(folder, "1", 1, error));
    assert_fails(OKNG_ERROR_IO, "/dev/null", okng_file_write("/dev/null", "1", 1, error));
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
    assert_fails(OKNG_ERROR_ARGUMENT, "empty", okng_make_folders("", error));
    (void)unlink(in_folder(folder, "link"));
    (void)unlink(in_folder(folder, "a"));
    assert_int_equal(rmdir(folder), 0);
}

static void utf8_is_told_from_other_bytes(void **state)
{
    (void)state;
    static const char *const good[] = {"", "a", "\xc3\xa9", "\xed\x95\x9c", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\xaf",
                                      "\xe0\x80\xaf",
                                      "\xed\xa0\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf8\x88\x80\x80",
                                      "\xe2\x82",
                                      "\xff"};
    size_t at = 7;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(okng_utf8_valid(good[i], strlen(good[i]), &at));
    assert_int_equal(at, 7);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[8];
        (void)snprintf(text, sizeof text, "ab%s", bad[i]);
        assert_false(okng_utf8_valid(text, strlen(text), &at));
        assert_int_equal(at, 2);
    }
    assert_int_equal(okng_utf8_cut("a\xed\x95\x9c", 4), 4);
    assert_int_equal(okng_utf8_cut("a\xed\x95\x9c", 3), 1);
    assert_int_equal(okng_utf8_cut("abc", 2), 2);
}

static void sha256_of_abc(void **state)
{
    (void)state;
    char hex[65];
    okng_sha256("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checked_arithmetic_refuses_what_does_not_fit),
        cmocka_unit_test(the_first_failing_thing_decides),
        cmocka_unit_test(neighbours_are_handled_together),
        cmocka_unit_test(a_loop_stops_when_it_is_asked_to),
        cmocka_unit_test(a_tree_is_removed_if_all_in_it_is_own),
        cmocka_unit_test(peak_of_memory_starts_anew),
        cmocka_unit_test(random_numbers_are_pcg32),
        cmocka_unit_test(a_written_file_is_as_readable_as_the_umask_says),
        cmocka_unit_test(utf8_is_told_from_other_bytes),
        cmocka_unit_test(sha256_of_abc),
    };
    return RUN_TESTS(tests);
}
