/* Open banks by name: shared loads, changes, damage, removal, room; and all of it at once. */
#include <stdatomic.h>

#include "base/clock.h"
#include "cache/cache.h"
#include "cache_fixture.h"

enum { THREADS = 8 };

static okng_cache *open_cache(int32_t max_banks, uint64_t max_bytes)
{
    char folder[256];
    okng_cache *cache;
    const okng_cache_options options = {cache_path("", folder), max_banks, max_bytes};
    assert_ok(okng_cache_open(&cache, &options, error));
    return cache;
}

static okng_lease *take(okng_cache *cache, const char *name)
{
    okng_lease *lease;
    assert_ok(okng_cache_take(cache, name, &lease, error));
    return lease;
}

static float threshold_of(const okng_lease *lease)
{
    okng_bank_info info = {.struct_size = sizeof info};
    assert_ok(okng_bank_get_info(okng_lease_bank(lease), &info, error));
    return info.image_tau;
}

static float threshold_now(okng_cache *cache, const char *name)
{
    okng_lease *lease = take(cache, name);
    const float threshold = threshold_of(lease);
    okng_lease_drop(&lease);
    return threshold;
}

static void choose_threshold(const char *name, float image)
{
    char path[256];
    const okng_bank_choice choice = {.struct_size = sizeof choice, .sets_image = 1, .image = image};
    assert_ok(okng_bank_choose(cache_path(name, path), &choice, error));
}

static okng_cache_state look(okng_cache *cache, const char *name)
{
    okng_cache_state state;
    okng_cache_look(cache, name, &state);
    return state;
}

static float score_with(const okng_bank *bank)
{
    char path[128];
    okng_result *result;
    (void)snprintf(path, sizeof path, "%s/ng/000.png", cache_folder);
    const okng_picture picture = {.struct_size = sizeof picture, .path = path};
    okng_inspect_options options;
    okng_inspect_options_init(&options);
    options.threads = 1;
    assert_ok(okng_inspect(&result, bank, &picture, &options, error));
    const float score = okng_result_score(result);
    okng_result_free(&result);
    return score;
}

/* ---- one thing at a time ----------------------------------------------------------------------------------------- */

static void a_bank_is_loaded_once(void **state)
{
    (void)state;
    cache_add("tile");
    okng_cache *cache = open_cache(0, 0);
    assert_false(okng_cache_holds(cache, "tile"));
    okng_lease *first = take(cache, "tile"), *second = take(cache, "tile");
    assert_ptr_equal(okng_lease_bank(first), okng_lease_bank(second));
    assert_int_equal(strlen(okng_lease_hash(first)), 64);
    assert_string_equal(look(cache, "tile").hash, okng_lease_hash(first));
    assert_true(okng_cache_holds(cache, "tile"));
    const okng_cache_counts counts = okng_cache_count(cache);
    assert_int_equal(counts.loads, 1);
    assert_int_equal(counts.hits, 1);
    assert_int_equal(counts.open, 1);
    assert_true(counts.bytes > 0);
    okng_lease_drop(&first);
    okng_lease_drop(&second);
    okng_cache_close(&cache);
}

static void a_changed_bank_is_loaded_between_requests(void **state)
{
    (void)state;
    cache_add("tile");
    okng_cache *cache = open_cache(0, 0);
    okng_lease *before = take(cache, "tile");
    const float old = threshold_of(before);
    choose_threshold("tile", 123.5f);
    okng_lease *after = take(cache, "tile");
    assert_true(threshold_of(after) == 123.5f);
    assert_true(threshold_of(before) == old);
    assert_string_not_equal(okng_lease_hash(before), okng_lease_hash(after));
    okng_lease_drop(&before);
    okng_lease_drop(&after);
    assert_int_equal(okng_cache_count(cache).open, 1);
    okng_cache_close(&cache);
}

/* Until `name` is what it should be, or the time that a new try may take has passed. */
static bool comes_to(okng_cache *cache, const char *name, float threshold)
{
    const double end = okng_clock() + 10;
    while (okng_clock() < end) {
        if (threshold_now(cache, name) == threshold) return true;
        (void)usleep(10000);
    }
    return false;
}

static void a_damaged_copy_never_takes_the_place(void **state)
{
    (void)state;
    cache_add("tile");
    okng_cache *cache = open_cache(0, 0);
    const float old = threshold_now(cache, "tile");
    choose_threshold("tile", 77);
    cache_run("cp -r banks/tile good && truncate -s 5000 banks/tile/memory_bank.pt");
    for (int i = 0; i < 3; i++) assert_true(threshold_now(cache, "tile") == old);
    okng_cache_state known = look(cache, "tile");
    assert_true(known.loaded);
    assert_int_equal(known.error.status, OKNG_ERROR_FORMAT);
    assert_non_null(strstr(known.error.message, "memory_bank.pt"));
    assert_int_equal(okng_cache_count(cache).failures, 1); /* it is not read again for every request */
    cache_run("rm banks/tile/tau.json");
    (void)usleep(300000);
    assert_true(threshold_now(cache, "tile") == old);
    cache_run("cp good/* banks/tile/ && rm -r good");
    assert_true(comes_to(cache, "tile", 77));
    assert_int_equal(look(cache, "tile").error.status, OKNG_OK);
    okng_cache_close(&cache);
}

static void a_damaged_recipe_never_takes_the_place(void **state)
{
    (void)state;
    char bank[96], packed[256];
    (void)snprintf(bank, sizeof bank, "%s/bank", cache_folder);
    assert_ok(okng_recipe_pack(bank, cache_path("tile.okng", packed), NULL, error));
    okng_cache *cache = open_cache(0, 0);
    okng_lease *before = take(cache, "tile");
    /* In the weights, which are looked at when the first picture wants them. */
    cache_run("cp banks/tile.okng new && printf '\\377\\377\\377' | dd of=new bs=1 seek=$(($(stat -c %%s new) / 2)) "
              "conv=notrunc status=none && mv new banks/tile.okng");
    okng_lease *after = take(cache, "tile");
    assert_ptr_equal(okng_lease_bank(before), okng_lease_bank(after));
    assert_int_equal(look(cache, "tile").error.status, OKNG_ERROR_FORMAT);
    okng_lease_drop(&before);
    okng_lease_drop(&after);
    okng_cache_close(&cache);
}

static void a_damaged_bank_is_an_error_where_none_is_open(void **state)
{
    (void)state;
    okng_lease *lease;
    cache_add("tile");
    cache_run("truncate -s 100 banks/tile/memory_bank.pt");
    okng_cache *cache = open_cache(0, 0);
    for (int i = 0; i < 3; i++) {
        assert_fails(OKNG_ERROR_FORMAT, "memory_bank.pt", okng_cache_take(cache, "tile", &lease, error));
        assert_null(lease);
    }
    assert_int_equal(okng_cache_count(cache).failures, 1);
    okng_cache_close(&cache);
}

static void who_holds_a_deleted_bank_keeps_it(void **state)
{
    (void)state;
    okng_lease *again;
    cache_add("tile");
    okng_cache *cache = open_cache(0, 0);
    okng_lease *lease = take(cache, "tile");
    const float score = score_with(okng_lease_bank(lease));
    cache_run("rm -r banks/tile");
    assert_fails(OKNG_ERROR_NOT_FOUND, "no such bank", okng_cache_take(cache, "tile", &again, error));
    assert_int_equal(okng_cache_count(cache).open, 0);
    assert_true(score_with(okng_lease_bank(lease)) == score);
    okng_lease_drop(&lease);
    okng_cache_close(&cache);
}

static void the_least_recently_used_makes_room(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "a", "c"};
    for (int i = 0; i < 4; i++)
        if (i != 2) cache_add(names[i]);
    okng_cache *cache = open_cache(2, 0);
    for (int i = 0; i < 4; i++) (void)threshold_now(cache, names[i]);
    assert_true(okng_cache_holds(cache, "a"));
    assert_false(okng_cache_holds(cache, "b"));
    assert_true(okng_cache_holds(cache, "c"));
    assert_int_equal(okng_cache_count(cache).evictions, 1);
    const uint64_t each = okng_cache_count(cache).bytes / 2;
    okng_cache_close(&cache);

    cache = open_cache(10, each * 2 + 1);
    for (int i = 0; i < 4; i++) (void)threshold_now(cache, names[i]);
    assert_int_equal(okng_cache_count(cache).open, 2);
    okng_cache_close(&cache);

    cache = open_cache(1, 0); /* one that is held goes only where no other can */
    okng_lease *lease = take(cache, "a");
    (void)threshold_now(cache, "b");
    assert_int_equal(okng_cache_count(cache).open, 1);
    (void)threshold_of(lease);
    okng_lease_drop(&lease);
    okng_cache_close(&cache);
}

static void names_and_folders_are_checked(void **state)
{
    (void)state;
    okng_lease *lease;
    okng_cache *cache = open_cache(0, 0), *none;
    cache_run("ln -s ../bank banks/out");
    assert_fails(OKNG_ERROR_ARGUMENT, "cannot be the name", okng_cache_take(cache, "../bank", &lease, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "leads out", okng_cache_take(cache, "out", &lease, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "no such bank", okng_cache_take(cache, "tile", &lease, error));
    okng_cache_close(&cache);
    const okng_cache_options missing = {"/tmp/okng-no-such-folder", 0, 0}, negative = {"/tmp", -1, 0};
    assert_fails(OKNG_ERROR_NOT_FOUND, "no such folder", okng_cache_open(&none, &missing, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "at least 1", okng_cache_open(&none, &negative, error));
}

/* ---- many at once ------------------------------------------------------------------------------------------------ */

typedef struct taker {
    okng_cache *cache;
    const okng_bank *bank;
    okng_status status;
} taker;

static void *take_one(void *argument)
{
    taker *t = argument;
    okng_lease *lease;
    t->status = okng_cache_take(t->cache, "tile", &lease, NULL);
    if (t->status == OKNG_OK) t->bank = okng_lease_bank(lease);
    okng_lease_drop(&lease);
    return NULL;
}

static void who_comes_meanwhile_waits_for_the_one_load(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    taker takers[THREADS];
    cache_add("tile");
    okng_cache *cache = open_cache(0, 0);
    for (int i = 0; i < THREADS; i++) {
        takers[i] = (taker){.cache = cache};
        assert_int_equal(pthread_create(&threads[i], NULL, take_one, &takers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(takers[i].status, OKNG_OK);
        assert_ptr_equal(takers[i].bank, takers[0].bank);
    }
    assert_int_equal(okng_cache_count(cache).loads, 1);
    okng_cache_close(&cache);
}

/* Inspects with three banks, of which two are open at a time, while others change, replace and remove them. */
typedef struct racer {
    okng_cache *cache;
    atomic_bool *stop;
    float score; /* that every inspection must give */
    int done, wrong;
} racer;

static void *race(void *argument)
{
    static const char *const names[] = {"a", "b", "c"};
    racer *r = argument;
    for (int i = 0; !atomic_load(r->stop); i++) {
        okng_lease *lease;
        okng_status status = okng_cache_take(r->cache, names[i % 3], &lease, NULL);
        if (status == OKNG_ERROR_NOT_FOUND || status == OKNG_ERROR_BUSY)
            continue; /* removed, or changed all the time */
        if (status != OKNG_OK)
            r->wrong++;
        else if (i % 5 == 0)
            r->wrong += score_with(okng_lease_bank(lease)) != r->score;
        r->done += status == OKNG_OK;
        okng_lease_drop(&lease);
    }
    return NULL;
}

static void banks_change_while_they_are_used(void **state)
{
    (void)state;
    enum { RACERS = 3, ROUNDS = 6 };
    pthread_t threads[RACERS];
    racer racers[RACERS];
    atomic_bool stop = false;
    cache_add("a");
    cache_add("b");
    cache_add("c");
    okng_cache *cache = open_cache(2, 0);
    okng_lease *lease = take(cache, "a");
    const float score = score_with(okng_lease_bank(lease));
    okng_lease_drop(&lease);
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (racer){.cache = cache, .stop = &stop, .score = score};
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < ROUNDS; i++) {
        choose_threshold("a", 1 + (float)i);
        cache_run("mv banks/b banks/.b && rm -r banks/.b");
        cache_add("b");
        okng_cache_forget(cache, "c");
    }
    atomic_store(&stop, true);
    for (int i = 0; i < RACERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(racers[i].wrong, 0);
        assert_true(racers[i].done > 0);
    }
    assert_true(threshold_now(cache, "a") == ROUNDS);
    okng_cache_close(&cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_bank_is_loaded_once, cache_clear),
        cmocka_unit_test_setup(a_changed_bank_is_loaded_between_requests, cache_clear),
        cmocka_unit_test_setup(a_damaged_copy_never_takes_the_place, cache_clear),
        cmocka_unit_test_setup(a_damaged_recipe_never_takes_the_place, cache_clear),
        cmocka_unit_test_setup(a_damaged_bank_is_an_error_where_none_is_open, cache_clear),
        cmocka_unit_test_setup(who_holds_a_deleted_bank_keeps_it, cache_clear),
        cmocka_unit_test_setup(the_least_recently_used_makes_room, cache_clear),
        cmocka_unit_test_setup(names_and_folders_are_checked, cache_clear),
        cmocka_unit_test_setup(who_comes_meanwhile_waits_for_the_one_load, cache_clear),
        cmocka_unit_test_setup(banks_change_while_they_are_used, cache_clear),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, cache_setup, cache_teardown);
}
