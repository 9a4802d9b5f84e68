/* Names of banks, where they lie, and how a change of their files is noticed. */
#include "cache/disk.h"
#include "cache_fixture.h"

static void names_are_one_step_below_the_folder(void **state)
{
    (void)state;
    char longest[OKNG_BANK_NAME_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[OKNG_BANK_NAME_MAX] = '\0';
    const char *good[] = {"a", "tile 3", "b..c", "\xeb\xb3\x91", "a%2e%2e", "-rf", longest};
    const char *bad[] = {"", ".", "..", ".hidden", "a/b", "/a", "a\\b", "a\nb", "\x7f", " a", "a ", "\xff", "\xc0\xaf"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(okng_bank_name_is_good(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(okng_bank_name_is_good(bad[i]));
    longest[OKNG_BANK_NAME_MAX] = 'a';
    longest[OKNG_BANK_NAME_MAX + 1] = '\0';
    assert_false(okng_bank_name_is_good(longest));
}

static void a_bank_is_found_in_the_folder_alone(void **state)
{
    (void)state;
    char folder[256], *path;
    cache_path("", folder);
    cache_add("tile");
    cache_run("mkdir banks/b && touch banks/tile.okng banks/b.okng banks/packed.okng");
    cache_run(
        "ln -s tile banks/alias; ln -s ../bank banks/out; ln -s .. banks/up; ln -s . banks/self; ln -s no banks/no");
    assert_ok(okng_disk_find(folder, "tile", &path, error));
    assert_non_null(strstr(path, "/banks/tile"));
    free(path);
    assert_ok(okng_disk_find(folder, "packed", &path, error));
    assert_non_null(strstr(path, "/banks/packed.okng"));
    free(path);
    assert_ok(okng_disk_find(folder, "alias", &path, error));
    free(path);
    const char *const out[] = {"out", "up", "self"};
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
        assert_fails(OKNG_ERROR_ARGUMENT, "leads out of the banks folder",
                     okng_disk_find(folder, out[i], &path, error));
        assert_null(path);
    }
    assert_fails(OKNG_ERROR_NOT_FOUND, "no such bank", okng_disk_find(folder, "no", &path, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "no such bank", okng_disk_find(folder, "other", &path, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "cannot be the name", okng_disk_find(folder, "../bank", &path, error));
}

static void a_bank_that_steps_aside_is_where_it_will_be(void **state)
{
    (void)state;
    char folder[256], *path;
    okng_disk_state mark, aside;
    cache_path("", folder);
    cache_add("tile");
    assert_ok(okng_disk_find(folder, "tile", &path, error));
    assert_ok(okng_disk_look(path, &mark, error));
    cache_run("mv banks/tile banks/.tile.okng-old");
    free(path);
    assert_ok(okng_disk_find(folder, "tile", &path, error));
    assert_ok(okng_disk_look(path, &aside, error));
    assert_true(mark.mark == aside.mark);
    free(path);
}

static void a_mark_tells_every_change(void **state)
{
    (void)state;
    char path[256];
    okng_disk_state before, after;
    static const char *const changes[] = {
        "printf ' ' >>banks/tile/tau.json",
        "cp -p banks/tile/tau.json banks/tile/.new && mv banks/tile/.new banks/tile/tau.json",
        "touch -d '2020-01-01' banks/tile/memory_bank.pt",
        "rm banks/tile/ledger.safetensors",
        "mkdir banks/tile/member-1 && echo x >banks/tile/member-1/tau.json",
        "echo y >banks/tile/member-1/tau.json",
        "rm -r banks/tile && cp -rp bank banks/tile",
    };
    cache_add("tile");
    cache_path("tile", path);
    assert_ok(okng_disk_look(path, &before, error));
    cache_run("touch banks/tile/.tau.json.okng-tmp1; rm banks/tile/.tau.json.okng-tmp1");
    assert_ok(okng_disk_look(path, &after, error));
    assert_true(before.mark == after.mark);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        cache_run("%s", changes[i]);
        assert_ok(okng_disk_look(path, &after, error));
        if (after.mark == before.mark) fail_msg("not noticed: %s", changes[i]);
        before = after;
    }
}

static void a_hash_is_of_what_the_bank_does(void **state)
{
    (void)state;
    char a[256], b[256], first[65], second[65];
    cache_add("a");
    cache_add("b");
    assert_ok(okng_disk_hash(cache_path("a", a), first, error));
    assert_ok(okng_disk_hash(cache_path("b", b), second, error));
    assert_string_equal(first, second);
    const okng_bank_choice choice = {.struct_size = sizeof choice, .sets_image = 1, .image = 0.5f};
    assert_ok(okng_bank_choose(b, &choice, error));
    assert_ok(okng_disk_hash(b, second, error));
    assert_string_not_equal(first, second);
    (void)snprintf(b, sizeof b, "%s/banks/p.okng", cache_folder);
    assert_ok(okng_recipe_pack(a, b, NULL, error));
    assert_ok(okng_disk_hash(b, second, error));
    assert_int_equal(strspn(second, "0123456789abcdef"), 64);
    cache_run("head -c 100 banks/p.okng >banks/q.okng");
    (void)snprintf(b, sizeof b, "%s/banks/q.okng", cache_folder);
    assert_fails(OKNG_ERROR_FORMAT, "shorter than the header", okng_disk_hash(b, second, error));
}

static void the_list_has_what_looks_like_a_bank(void **state)
{
    (void)state;
    char folder[256];
    okng_disk_bank *banks;
    size_t count;
    cache_add("tile");
    cache_add("bottle");
    cache_add(".hidden");
    cache_run("mkdir banks/results; touch banks/note.txt banks/tile.okng banks/nut.okng banks/.okng banks/a; ln -s no "
              "banks/gone");
    assert_ok(okng_disk_list(cache_path("", folder), &banks, &count, error));
    assert_int_equal(count, 3);
    assert_string_equal(banks[0].name, "bottle");
    assert_string_equal(banks[1].name, "nut");
    assert_true(banks[1].is_recipe);
    assert_string_equal(banks[2].name, "tile");
    assert_false(banks[2].is_recipe);
    free(banks);
    assert_fails(OKNG_ERROR_NOT_FOUND, "no", okng_disk_list("/tmp/okng-no-such-folder", &banks, &count, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_one_step_below_the_folder),
        cmocka_unit_test_setup(a_bank_is_found_in_the_folder_alone, cache_clear),
        cmocka_unit_test_setup(a_bank_that_steps_aside_is_where_it_will_be, cache_clear),
        cmocka_unit_test_setup(a_mark_tells_every_change, cache_clear),
        cmocka_unit_test_setup(a_hash_is_of_what_the_bank_does, cache_clear),
        cmocka_unit_test_setup(the_list_has_what_looks_like_a_bank, cache_clear),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, cache_setup, cache_teardown);
}
