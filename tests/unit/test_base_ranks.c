#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/calls.h"
#include "base/fingerprint.h"
#include "base/tree_share.h"
#include "made_ranks.h"
#include "test.h"

/* ---- parcels ---- */

static void a_parcel_gives_back_what_was_put(void **state)
{
    (void)state;
    okng_grown parcel = {0};
    const int32_t number = 7;
    size_t size;
    int32_t found;
    okng_parcel_put(&parcel, &number, sizeof number);
    okng_parcel_put_text(&parcel, "text");
    okng_parcel_put_text(&parcel, NULL);
    okng_parcel_put_text(&parcel, "");
    okng_parcel_put_block(&parcel, "block", 5);
    assert_ok(okng_parcel_packed(&parcel, error));
    okng_parcel from = {.next = parcel.data, .left = parcel.size};
    okng_parcel_take(&from, &found, sizeof found);
    assert_int_equal(found, 7);
    assert_string_equal(okng_parcel_take_text(&from), "text");
    assert_null(okng_parcel_take_text(&from));
    assert_string_equal(okng_parcel_take_text(&from), "");
    const void *block = okng_parcel_take_block(&from, &size);
    assert_int_equal(size, 5);
    assert_memory_equal(block, "block", 5);
    assert_ok(okng_parcel_end(&from, error));
    free(parcel.data);
}

/* Cut off anywhere it gives zeros and says so. */
static void a_parcel_that_was_cut_off_is_refused(void **state)
{
    (void)state;
    okng_grown parcel = {0};
    okng_error error;
    size_t size;
    okng_parcel_put_text(&parcel, "a text");
    okng_parcel_put_block(&parcel, "a block", 7);
    for (size_t length = 0; length < parcel.size; length++) {
        char *copy = malloc(length + 1); /* of its own, so that a sanitizer sees its end */
        memcpy(copy, parcel.data, length);
        okng_parcel from = {.next = copy, .left = length};
        (void)okng_parcel_take_text(&from);
        (void)okng_parcel_take_block(&from, &size);
        assert_int_equal(okng_parcel_end(&from, &error), OKNG_ERROR_FORMAT);
        assert_non_null(strstr(error.message, "shorter"));
        free(copy);
    }
    okng_parcel whole = {.next = parcel.data, .left = parcel.size};
    (void)okng_parcel_take_text(&whole);
    assert_int_equal(okng_parcel_end(&whole, &error), OKNG_ERROR_FORMAT);
    assert_non_null(strstr(error.message, "longer"));
    uint64_t huge = UINT64_MAX;
    okng_parcel lies = {.next = (const char *)&huge, .left = sizeof huge};
    assert_null(okng_parcel_take_block(&lies, &size));
    assert_true(lies.broken);
    free(parcel.data);
}

/* ---- what all ranks do together ---- */

typedef struct seen {
    bool right[MADE_RANKS_MOST];
    okng_status status[MADE_RANKS_MOST];
    okng_error error[MADE_RANKS_MOST];
    const char *path;
} seen;

static void check_parts(const okng_ranks *ranks, void *context)
{
    seen *s = context;
    bool right = true;
    for (int64_t count = 0; count <= 11; count++) {
        int64_t all[11] = {0}, first, end;
        okng_ranks_part(ranks, count, &first, &end);
        for (int64_t i = first; i < end; i++) all[i] = 100 + i;
        right = right && okng_ranks_gather_parts(ranks, all, sizeof *all, count, NULL) == OKNG_OK;
        for (int64_t i = 0; i < count; i++) right = right && all[i] == 100 + i;
    }
    uint64_t sums[2] = {(uint64_t)ranks->rank, 1};
    right = right && okng_ranks_sum(ranks, sums, 2, NULL) == OKNG_OK;
    right = right && sums[0] == (uint64_t)(ranks->count * (ranks->count - 1) / 2) && sums[1] == (uint64_t)ranks->count;
    int32_t told[3] = {ranks->rank, ranks->rank + 1, ranks->rank + 2};
    right = right && okng_ranks_tell(ranks, told, sizeof *told, 3, NULL) == OKNG_OK && told[0] == 0 && told[2] == 2;
    s->right[ranks->rank] = right;
}

static void check_blocks(const okng_ranks *ranks, void *context)
{
    seen *s = context;
    int32_t mine[MADE_RANKS_MOST];
    int64_t first[MADE_RANKS_MOST + 1], before, all_count;
    void *all;
    for (int i = 0; i < ranks->rank; i++) mine[i] = 10 * ranks->rank + i; /* rank 0 has none */
    bool right = okng_ranks_gather_blocks(ranks, mine, sizeof *mine, ranks->rank, &all, first, NULL) == OKNG_OK;
    const int32_t *found = all;
    for (int32_t r = 0; r < ranks->count; r++)
        for (int32_t i = 0; i < r; i++) right = right && found[first[r] + i] == 10 * r + i;
    right = right && okng_ranks_count(ranks, ranks->rank, &before, &all_count, NULL) == OKNG_OK;
    s->right[ranks->rank] = right && before == first[ranks->rank] && all_count == first[ranks->count];
    free(all);
}

static void ranks_gather_parts_and_blocks(void **state)
{
    (void)state;
    for (int32_t count = 1; count <= 5; count++) {
        seen s = {.path = NULL};
        (void)made_ranks_run(count, check_parts, &s);
        for (int32_t r = 0; r < count; r++) assert_true(s.right[r]);
        memset(&s, 0, sizeof s);
        (void)made_ranks_run(count, check_blocks, &s);
        for (int32_t r = 0; r < count; r++) assert_true(s.right[r]);
    }
}

/* Ranks 1 and 3 fail. */
static void disagree(const okng_ranks *ranks, void *context)
{
    seen *s = context;
    okng_error *error = &s->error[ranks->rank];
    okng_status mine = OKNG_OK;
    if (ranks->rank % 2 == 1) mine = okng_fail(error, OKNG_ERROR_IO, "no room on disk %d", (int)ranks->rank);
    s->status[ranks->rank] = okng_ranks_agree(ranks, mine, error);
}

static void the_lowest_rank_that_fails_is_named_on_all(void **state)
{
    (void)state;
    seen s = {.path = NULL};
    (void)made_ranks_run(4, disagree, &s);
    for (int32_t r = 0; r < 4; r++) {
        assert_int_equal(s.status[r], OKNG_ERROR_IO);
        assert_string_equal(s.error[r].message, "rank 1: no room on disk 1");
    }
}

/* Rank 1 fails at once; the others work on until they hear that it is in vain, or are through. */
static void work(const okng_ranks *ranks, void *context)
{
    enum { LONG = 2000 };
    const struct timespec pause = {.tv_nsec = 1000000};
    seen *s = context;
    okng_error *error = &s->error[ranks->rank];
    okng_status mine = ranks->rank == 1 ? okng_fail(error, OKNG_ERROR_IO, "no room") : OKNG_OK;
    int steps = ranks->rank == 0 ? LONG - 50 : 0; /* those before it are not disturbed */
    while (mine == OKNG_OK && steps < LONG && !okng_ranks_in_vain(ranks)) {
        (void)nanosleep(&pause, NULL);
        steps++;
    }
    s->right[ranks->rank] = (steps < LONG) == (ranks->rank > 0);
    if (ranks->rank > 1) mine = okng_fail(error, OKNG_ERROR_CANCELLED, "in vain");
    s->status[ranks->rank] = okng_ranks_agree(ranks, mine, error);
    s->right[ranks->rank] &= !okng_ranks_in_vain(ranks); /* what was told is heard */
    s->right[ranks->rank] &= okng_ranks_agree(ranks, OKNG_OK, NULL) == OKNG_OK;
}

static void ranks_behind_one_that_fails_hear_of_it_at_once(void **state)
{
    (void)state;
    seen s = {.path = NULL};
    (void)made_ranks_run(4, work, &s);
    for (int32_t r = 0; r < 4; r++) {
        assert_true(s.right[r]);
        assert_int_equal(s.status[r], OKNG_ERROR_IO);
        assert_string_equal(s.error[r].message, "rank 1: no room");
    }
}

/* ---- calls ---- */

enum { THINGS = 40 };

typedef struct asking {
    seen seen;
    okng_calls *calls;
    int64_t answers[THINGS];
    int32_t bad; /* thing that cannot be done; -1 = none */
    okng_status status;
    okng_error error;
    int64_t asked; /* of other ranks */
} asking;

static okng_status square(int32_t thing, int32_t bad, int64_t *answer, okng_error *error)
{
    if (thing == bad) return okng_fail(error, OKNG_ERROR_FORMAT, "thing %d is broken", (int)thing);
    *answer = (int64_t)thing * thing;
    return OKNG_OK;
}

static okng_status here(void *context, int64_t i, int thread, okng_error *error)
{
    (void)thread;
    asking *a = context;
    usleep(200);
    return square((int32_t)i, a->bad, &a->answers[i], error);
}

static okng_status asked(void *context, int64_t i, int slot, okng_error *error)
{
    asking *a = context;
    okng_grown request = {0};
    const int32_t numbers[] = {(int32_t)i, a->bad};
    void *reply;
    size_t size;
    okng_parcel_put(&request, numbers, sizeof numbers);
    okng_status status = okng_calls_ask(a->calls, slot, &request, &reply, &size, error);
    free(request.data);
    if (status != OKNG_OK) return status;
    memcpy(&a->answers[i], reply, sizeof a->answers[i]);
    __atomic_fetch_add(&a->asked, 1, __ATOMIC_RELAXED);
    free(reply);
    return OKNG_OK;
}

static okng_status answer(void *context, int thread, okng_parcel *request, okng_grown *reply, okng_error *error)
{
    (void)context, (void)thread;
    int32_t numbers[2];
    int64_t found;
    okng_parcel_take(request, numbers, sizeof numbers);
    OKNG_TRY(okng_parcel_end(request, error));
    OKNG_TRY(square(numbers[0], numbers[1], &found, error));
    okng_parcel_put(reply, &found, sizeof found);
    return OKNG_OK;
}

static okng_status follow_squares(const okng_ranks *ranks, okng_parcel *job, okng_error *error)
{
    int32_t refusing;
    okng_parcel_take(job, &refusing, sizeof refusing);
    okng_status mine = okng_parcel_end(job, error);
    if (ranks->rank == refusing) mine = okng_fail(error, OKNG_ERROR_MISMATCH, "has no squares");
    return okng_calls_answer(ranks, mine, 2, answer, NULL, error);
}

static okng_status nothing_before(const okng_ranks *ranks, const void *context, okng_error *error)
{
    (void)ranks, (void)context, (void)error;
    return OKNG_OK;
}

static const okng_rank_job jobs[] = {{"squares", follow_squares}, {NULL, NULL}};

static void lead_squares(const okng_ranks *ranks, asking *a, int32_t refusing)
{
    okng_grown parcel = {0};
    okng_parcel_put(&parcel, &refusing, sizeof refusing);
    a->status = okng_calls_open(&a->calls, "squares", &parcel, nothing_before, NULL, &a->error);
    free(parcel.data);
    const okng_shared_loop loop = {.calls = a->calls, .threads = 2, .context = a, .here = here, .asked = asked};
    if (a->status == OKNG_OK) a->status = okng_shared_each(&loop, THINGS, NULL, "the test", &a->error);
    a->seen.right[0] = okng_shared_width(&loop) == 2 + (a->calls ? 2 * (ranks->count - 1) : 0);
    okng_calls_close(&a->calls);
}

static void square_together(const okng_ranks *ranks, void *context)
{
    asking *a = context;
    if (ranks->rank > 0) {
        a->seen.status[ranks->rank] = okng_ranks_serve(ranks, jobs, &a->seen.error[ranks->rank]);
        return;
    }
    okng_ranks_set_led(ranks);
    lead_squares(ranks, a, -1);
    if (a->status == OKNG_OK) lead_squares(ranks, a, -1); /* one job after the other */
    okng_ranks_set_led(NULL);
    (void)okng_ranks_begin(ranks, "", NULL, NULL);
}

static void ranks_are_asked_for_one_thing_after_the_other(void **state)
{
    (void)state;
    for (int32_t count = 1; count <= 4; count++) {
        asking a = {.bad = -1};
        (void)made_ranks_run(count, square_together, &a);
        assert_int_equal(a.status, OKNG_OK);
        assert_true(a.seen.right[0]);
        for (int i = 0; i < THINGS; i++) assert_int_equal(a.answers[i], i * i);
        assert_true(count == 1 ? a.asked == 0 : a.asked > 0);
    }
}

static void the_first_thing_that_fails_decides_wherever_it_was_done(void **state)
{
    (void)state;
    for (int32_t bad = 0; bad < THINGS; bad += 13) {
        asking a = {.bad = bad};
        char expected[64];
        (void)made_ranks_run(3, square_together, &a);
        (void)snprintf(expected, sizeof expected, "thing %d is broken", (int)bad);
        assert_int_equal(a.status, OKNG_ERROR_FORMAT);
        assert_string_equal(a.error.message, expected);
    }
}

static void refuse_one(const okng_ranks *ranks, void *context)
{
    asking *a = context;
    if (ranks->rank > 0) {
        a->seen.status[ranks->rank] = okng_ranks_serve(ranks, jobs, &a->seen.error[ranks->rank]);
        return;
    }
    okng_ranks_set_led(ranks);
    lead_squares(ranks, a, 2);
    a->seen.right[1] = okng_ranks_claim(); /* they are free again */
    okng_ranks_release();
    okng_ranks_set_led(NULL);
    (void)okng_ranks_begin(ranks, "", NULL, NULL);
}

static void a_rank_that_cannot_is_named_before_the_work(void **state)
{
    (void)state;
    asking a = {.bad = -1};
    (void)made_ranks_run(4, refuse_one, &a);
    assert_int_equal(a.status, OKNG_ERROR_MISMATCH);
    assert_string_equal(a.error.message, "rank 2: has no squares");
    assert_int_equal(a.asked, 0);
    assert_true(a.seen.right[1]);
    for (int32_t r = 1; r < 4; r++) assert_int_equal(a.seen.status[r], OKNG_OK);
}

/* ---- files ---- */

static void write_file(const char *path, const char *text)
{
    assert_ok(okng_file_write(path, text, strlen(text), error));
}

/* Ranks 1 and 3 lack the folder. */
static void share_folder(const okng_ranks *ranks, void *context)
{
    seen *s = context;
    okng_tree_copy copy;
    uint64_t expected, found = 0;
    s->status[ranks->rank] = okng_tree_share(ranks, s->path, ranks->rank % 2 == 1, &copy, &s->error[ranks->rank]);
    bool right = s->status[ranks->rank] == OKNG_OK && (copy.path != NULL) == (ranks->rank % 2 == 1);
    if (copy.path)
        right = right && okng_fingerprint_of_tree(s->path, &expected, NULL) == OKNG_OK &&
                okng_fingerprint_of_tree(copy.path, &found, NULL) == OKNG_OK && found == expected;
    char *gone = copy.path ? strdup(copy.path) : NULL;
    okng_tree_forget(&copy);
    s->right[ranks->rank] = right && (!gone || access(gone, F_OK) != 0);
    free(gone);
}

static void a_folder_comes_to_those_that_lack_it(void **state)
{
    (void)state;
    char root[] = "/tmp/okng-test-ranks-XXXXXX", path[128];
    assert_non_null(mkdtemp(root));
    (void)snprintf(path, sizeof path, "%s/a.json", root);
    write_file(path, "{}");
    (void)snprintf(path, sizeof path, "%s/empty", root);
    write_file(path, "");
    (void)snprintf(path, sizeof path, "%s/member", root);
    assert_int_equal(mkdir(path, 0777), 0);
    (void)snprintf(path, sizeof path, "%s/member/rows", root);
    write_file(path, "numbers");
    seen s = {.path = root};
    (void)made_ranks_run(4, share_folder, &s);
    for (int32_t r = 0; r < 4; r++) assert_true(s.right[r]);
    s = (seen){.path = "/nowhere/bank"};
    (void)made_ranks_run(4, share_folder, &s);
    for (int32_t r = 0; r < 4; r++) assert_int_equal(s.status[r], OKNG_ERROR_NOT_FOUND);
    assert_int_equal(okng_test_remove_tree(root), 0);
}

/* A copy whose process was killed an hour ago, and one that is older and in use. */
static void copies_that_nobody_holds_are_removed(void **state)
{
    (void)state;
    char root[] = "/tmp/okng-test-ranks-XXXXXX";
    char left[512], held[512], file[640];
    okng_lock lock;
    assert_non_null(mkdtemp(root));
    (void)snprintf(left, sizeof left, "%s/okng-bank-aaaaaa", root);
    (void)snprintf(held, sizeof held, "%s/okng-bank-bbbbbb", root);
    for (int i = 0; i < 2; i++) {
        const char *folder = i == 0 ? left : held;
        (void)snprintf(file, sizeof file, "%s/bank", folder);
        assert_ok(okng_make_folders(folder, error));
        write_file(file, "rows");
        if (i == 1) (void)snprintf(file, sizeof file, "%s/lock", folder);
        if (i == 1) assert_ok(okng_lock_take(&lock, file, error));
        const struct timespec before[2] = {{.tv_sec = time(NULL) - 3600}, {.tv_sec = time(NULL) - 3600}};
        assert_int_equal(utimensat(AT_FDCWD, folder, before, 0), 0);
    }
    assert_int_equal(setenv("TMPDIR", root, 1), 0);
    (void)snprintf(file, sizeof file, "%s/bank", held);
    seen s = {.path = file};
    (void)made_ranks_run(2, share_folder, &s);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    for (int32_t r = 0; r < 2; r++) assert_true(s.right[r]);
    assert_int_not_equal(access(left, F_OK), 0);
    assert_int_equal(access(file, F_OK), 0);
    okng_lock_drop(&lock);
    assert_int_equal(okng_test_remove_tree(root), 0);
}

static void paths_come_with_what_is_there(void **state)
{
    (void)state;
    char root[] = "/tmp/okng-test-paths-XXXXXX", one[128], two[128];
    assert_non_null(mkdtemp(root));
    (void)snprintf(one, sizeof one, "%s/one", root);
    (void)snprintf(two, sizeof two, "%s/two", root);
    write_file(one, "1");
    write_file(two, "2");
    const char *const paths[] = {one, two, "/nowhere"};
    okng_grown parcel = {0};
    assert_ok(okng_paths_put(&parcel, paths, 3, 2, error));
    for (int change = 0; change < 3; change++) {
        static const char *const expected[] = {NULL, "is another file", "cannot be read here"};
        okng_parcel from = {.next = parcel.data, .left = parcel.size};
        const char **found;
        size_t count;
        okng_error error;
        if (change == 1) write_file(two, "3");
        if (change == 2) assert_int_equal(unlink(two), 0);
        okng_status status = okng_paths_take(&from, &found, &count, 2, &error);
        assert_int_equal(count, 3);
        assert_string_equal(found[2], "/nowhere");
        assert_int_equal(status, expected[change] ? OKNG_ERROR_MISMATCH : OKNG_OK);
        if (expected[change]) assert_non_null(strstr(error.message, expected[change]));
        if (expected[change]) assert_non_null(strstr(error.message, two));
        free(found);
    }
    free(parcel.data);
    assert_int_equal(okng_test_remove_tree(root), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parcel_gives_back_what_was_put),
        cmocka_unit_test(a_parcel_that_was_cut_off_is_refused),
        cmocka_unit_test(ranks_gather_parts_and_blocks),
        cmocka_unit_test(the_lowest_rank_that_fails_is_named_on_all),
        cmocka_unit_test(ranks_behind_one_that_fails_hear_of_it_at_once),
        cmocka_unit_test(ranks_are_asked_for_one_thing_after_the_other),
        cmocka_unit_test(the_first_thing_that_fails_decides_wherever_it_was_done),
        cmocka_unit_test(a_rank_that_cannot_is_named_before_the_work),
        cmocka_unit_test(a_folder_comes_to_those_that_lack_it),
        cmocka_unit_test(copies_that_nobody_holds_are_removed),
        cmocka_unit_test(paths_come_with_what_is_there),
    };
    return RUN_TESTS(tests);
}
