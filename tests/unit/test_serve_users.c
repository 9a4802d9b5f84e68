/* Tokens: their file, who they are of, and what stays when it cannot be written. */
#include "serve/users.h"

#include <sys/stat.h>

#include "base/file.h"
#include "test.h"

static char folder[64], path[128];

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/okng-users-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(path, sizeof path, "%s/tokens", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static bool found(okng_users *users, const char *token, const char *name, okng_role role)
{
    char header[128], whose[OKNG_USER_NAME_MAX + 1];
    okng_role his;
    (void)snprintf(header, sizeof header, "Bearer %s", token);
    return okng_users_find(users, header, whose, &his) && strcmp(whose, name) == 0 && his == role;
}

static void a_missing_file_is_made_with_an_admin(void **state)
{
    okng_users *users;
    char token[OKNG_TOKEN_TEXT], again[OKNG_TOKEN_TEXT];
    struct stat file;
    void *data;
    size_t size;
    (void)state;
    assert_ok(okng_users_open(&users, path, token, error));
    assert_int_equal(strlen(token), 45);
    assert_true(found(users, token, "admin", OKNG_ROLE_ADMIN));
    okng_users_close(&users);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_ok(okng_file_read(path, 4096, &data, &size, error));
    assert_null(memmem(data, size, token, strlen(token))); /* a copy of the file lets nobody in */
    free(data);
    assert_ok(okng_users_open(&users, path, again, error));
    assert_string_equal(again, "");
    assert_true(found(users, token, "admin", OKNG_ROLE_ADMIN));
    okng_users_close(&users);
}

static void tokens_are_told_apart(void **state)
{
    okng_users *users;
    char admin[OKNG_TOKEN_TEXT], operator[OKNG_TOKEN_TEXT], name[OKNG_USER_NAME_MAX + 1], header[64];
    okng_role role;
    (void)state;
    assert_ok(okng_users_open(&users, path, admin, error));
    assert_ok(okng_users_add(users, "\xed\x99\x8d", OKNG_ROLE_OPERATOR, operator, error));
    assert_true(found(users, operator, "\xed\x99\x8d", OKNG_ROLE_OPERATOR));
    assert_true(found(users, admin, "admin", OKNG_ROLE_ADMIN));
    admin[10] = (char)(admin[10] == '0' ? '1' : '0');
    assert_false(found(users, admin, "admin", OKNG_ROLE_ADMIN));
    (void)snprintf(header, sizeof header, "Bearer %s ", operator);
    assert_false(okng_users_find(users, header, name, &role));
    assert_false(okng_users_find(users, operator, name, &role));
    assert_false(okng_users_find(users, "Bearer ", name, &role));
    assert_false(okng_users_find(users, NULL, name, &role));
    assert_int_equal(role, OKNG_ROLE_NONE);
    assert_string_equal(name, "");
    okng_users_close(&users);
}

static void users_come_and_go(void **state)
{
    okng_users *users;
    okng_user *list;
    size_t count;
    char token[OKNG_TOKEN_TEXT], more[OKNG_TOKEN_TEXT];
    (void)state;
    assert_ok(okng_users_open(&users, path, token, error));
    assert_ok(okng_users_add(users, "a", OKNG_ROLE_ENGINEER, more, error));
    assert_fails(OKNG_ERROR_MISMATCH, "already", okng_users_add(users, "a", OKNG_ROLE_ADMIN, more, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "cannot be a name", okng_users_add(users, "a b", OKNG_ROLE_ADMIN, more, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "cannot be a name", okng_users_add(users, "", OKNG_ROLE_ADMIN, more, error));
    assert_fails(OKNG_ERROR_MISMATCH, "last admin", okng_users_remove(users, "admin", error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "no user \"b\"", okng_users_remove(users, "b", error));
    assert_ok(okng_users_list(users, &list, &count, error));
    assert_int_equal(count, 2);
    assert_string_equal(list[1].name, "a");
    free(list);
    assert_ok(okng_users_remove(users, "a", error));
    assert_false(found(users, more, "a", OKNG_ROLE_ENGINEER));
    okng_users_close(&users);
}

static void what_cannot_be_written_changes_nothing(void **state)
{
    okng_users *users;
    char token[OKNG_TOKEN_TEXT], more[OKNG_TOKEN_TEXT];
    okng_user *list;
    size_t count;
    (void)state;
    assert_ok(okng_users_open(&users, path, token, error));
    assert_ok(okng_users_add(users, "a", OKNG_ROLE_ENGINEER, more, error));
    assert_int_equal(okng_test_remove_tree(folder), 0);
    assert_int_not_equal(okng_users_add(users, "b", OKNG_ROLE_ADMIN, token, NULL), OKNG_OK);
    assert_int_not_equal(okng_users_remove(users, "a", NULL), OKNG_OK);
    assert_true(found(users, more, "a", OKNG_ROLE_ENGINEER));
    assert_ok(okng_users_list(users, &list, &count, error));
    assert_int_equal(count, 2);
    free(list);
    okng_users_close(&users);
}

static void without_a_file_everybody_is_the_admin(void **state)
{
    okng_users *users;
    char token[OKNG_TOKEN_TEXT], name[OKNG_USER_NAME_MAX + 1];
    okng_role role;
    (void)state;
    assert_ok(okng_users_open(&users, NULL, token, error));
    assert_false(okng_users_asked(users));
    assert_true(okng_users_find(users, NULL, name, &role));
    assert_string_equal(name, "local");
    assert_int_equal(role, OKNG_ROLE_ADMIN);
    assert_fails(OKNG_ERROR_UNSUPPORTED, "--token-file", okng_users_add(users, "a", OKNG_ROLE_ADMIN, token, error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "--token-file", okng_users_remove(users, "a", error));
    okng_users_close(&users);
}

static void damaged_lines_are_told(void **state)
{
#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    static const char *const cases[][2] = {
        {"a\n", ":1: expected NAME ROLE sha256:HASH"},
        {"# c\n\na operator\n", ":3: expected NAME ROLE"},
        {"a boss sha256:" HASH "\n", "found the role \"boss\""},
        {"a none sha256:" HASH "\n", "found the role \"none\""},
        {"a admin " HASH "\n", "expected sha256:"},
        {"a admin sha256:" HASH "0\n", "expected sha256:"},
        {"a admin sha256:" HASH " x\n", "expected NAME ROLE"},
        {"a admin sha256:" HASH "\na admin sha256:" HASH "\n", ":2: \"a\" is there twice"},
        {"a/b admin sha256:" HASH "\n", "cannot be a name"},
        {"# nobody\n", "has no user"},
    };
    okng_users *users;
    char token[OKNG_TOKEN_TEXT];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_ok(okng_file_write(path, cases[i][0], strlen(cases[i][0]), error));
        assert_fails(OKNG_ERROR_FORMAT, cases[i][1], okng_users_open(&users, path, token, error));
        okng_users_close(&users);
    }
}

static void a_file_that_others_write_is_refused(void **state)
{
    okng_users *users;
    char token[OKNG_TOKEN_TEXT];
    (void)state;
    assert_ok(okng_users_open(&users, path, token, error));
    okng_users_close(&users);
    assert_int_equal(chmod(path, 0666), 0);
    assert_fails(OKNG_ERROR_ARGUMENT, "chmod 600", okng_users_open(&users, path, token, error));
    okng_users_close(&users);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_missing_file_is_made_with_an_admin, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tokens_are_told_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(users_come_and_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_file_everybody_is_the_admin, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_lines_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_others_write_is_refused, set_up, tear_down),
    };
    return RUN_TESTS(tests);
}
