#include <string.h>

#include "method/groups.h"
#include "test.h"

static const char *const paths[] = {"ok/a/part7_1.png", "ok/a/part7_2.png", "ok/b/part9_1.png",
                                    "ok/b/other.png",   "ok/b/part7_3.png", "ok/c/plain.png"};
enum { COUNT = sizeof paths / sizeof paths[0] };

static void check(const char *by, const int32_t *expected, int32_t count)
{
    const okng_pictures pictures = okng_pictures_of_paths(paths, COUNT);
    okng_groups groups;
    assert_ok(okng_groups_find(&groups, by, &pictures, error));
    assert_int_equal(groups.count, count);
    for (size_t i = 0; i < COUNT; i++) assert_int_equal(okng_groups_of(&groups, i), expected[i]);
    okng_groups_free(&groups);
    assert_null(groups.of);
}

static void none_leaves_each_alone(void **state)
{
    (void)state;
    check("none", (const int32_t[]){0, 1, 2, 3, 4, 5}, COUNT);
    check("", (const int32_t[]){0, 1, 2, 3, 4, 5}, COUNT);
}

static void folders_and_patterns_join(void **state)
{
    (void)state;
    check("folder", (const int32_t[]){0, 0, 1, 1, 1, 2}, 3);
    check("part([0-9]+)", (const int32_t[]){0, 0, 1, 2, 0, 3}, 4); /* without a match: alone */
    check("part[0-9]+", (const int32_t[]){0, 0, 1, 2, 0, 3}, 4);   /* no parenthesis: the match */
    check("(part|other)", (const int32_t[]){0, 0, 0, 1, 0, 2}, 3);
    check("_(1)?", (const int32_t[]){0, 1, 0, 2, 1, 3}, 4); /* a parenthesis that took no part: the match */
}

static void refuse(const char *by, const char *words)
{
    const okng_pictures pictures = okng_pictures_of_paths(paths, COUNT);
    okng_groups groups;
    assert_fails(OKNG_ERROR_ARGUMENT, words, okng_groups_find(&groups, by, &pictures, error));
    assert_null(groups.of);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    refuse("(", "extended regular expression");
    refuse("x(y)z", "no picture's name");
    refuse("(a)\\1", "a reference");
    refuse("a{2}", "a counted repetition");
    refuse("png", "all 6 pictures are one group");
}

static void one_folder_is_one_part(void **state)
{
    (void)state;
    const char *const same[] = {"ok/1.png", "ok/2.png"};
    const okng_pictures pictures = okng_pictures_of_paths(same, 2);
    okng_groups groups;
    assert_fails(OKNG_ERROR_ARGUMENT, "a folder of its own", okng_groups_find(&groups, "folder", &pictures, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_leaves_each_alone),
        cmocka_unit_test(folders_and_patterns_join),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(one_folder_is_one_part),
    };
    return RUN_TESTS(tests);
}
