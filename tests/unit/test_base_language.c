#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/catalogue.h"
#include "base/error.h"
#include "base/file.h"
#include "test.h"

/* ---- a catalogue ---------------------------------------------------------------------------- */

typedef struct pair {
    const char *original, *translation;
} pair;

/* Sorted by the original, as msgfmt does. */
static const pair texts[] = {
    {"", "Content-Type: text/plain; charset=UTF-8\n"},
    {"%s has %d rows", "%2$d행: %1$s"},
    {"%s is %d wide", "너비 %d"}, /* takes other arguments */
    {"No such file or directory", "파일이나 폴더가 없습니다"},
    {"cannot %s: %s", "%2$s: %1$s 수 없습니다"},
    {"good", "양품"},
    {"open", "열"},
    {"unfinished", ""},
};
enum { TEXTS = sizeof texts / sizeof texts[0], ROOM = 2048 };

static void put_word(uint8_t *file, size_t at, size_t word)
{
    uint32_t value = (uint32_t)word;
    memcpy(file + at, &value, sizeof value);
}

/* A .mo file; its size. */
static size_t make_catalogue(uint8_t file[ROOM])
{
    static const uint32_t head[] = {0x950412de, 0, TEXTS, 28, 28 + 8 * TEXTS, 0, 28 + 16 * TEXTS};
    size_t used = 28 + 16 * TEXTS;
    memset(file, 0, ROOM);
    memcpy(file, head, sizeof head);
    for (size_t i = 0; i < 2 * TEXTS; i++) {
        const char *text = i < TEXTS ? texts[i].original : texts[i - TEXTS].translation;
        put_word(file, 28 + 8 * i, strlen(text));
        put_word(file, 28 + 8 * i + 4, used);
        memcpy(file + used, text, strlen(text) + 1);
        used += strlen(text) + 1;
    }
    return used;
}

static void texts_are_found(void **state)
{
    (void)state;
    uint8_t file[ROOM];
    okng_catalogue catalogue;
    assert_true(okng_catalogue_init(&catalogue, file, make_catalogue(file)));
    for (size_t i = 0; i < TEXTS; i++)
        assert_string_equal(okng_catalogue_find(&catalogue, texts[i].original), texts[i].translation);
    assert_null(okng_catalogue_find(&catalogue, "goo"));
    assert_null(okng_catalogue_find(&catalogue, "goods"));
    assert_null(okng_catalogue_find(&catalogue, "zzz"));
}

static void damage_is_refused(void **state)
{
    (void)state;
    uint8_t file[ROOM];
    okng_catalogue catalogue;
    size_t size = make_catalogue(file);
    for (size_t cut = 0; cut < size; cut++) assert_false(okng_catalogue_init(&catalogue, file, cut));
    static const struct {
        size_t at, word;
    } wrong[] = {{0, 0xde120495},                /* the other order of bytes */
                 {4, 1 << 16},                   /* another version */
                 {8, 0xffffffff},                /* more texts than there is room */
                 {12, 0xfffffff0},               /* a table beyond the end */
                 {28 + 8, 0xfffffff0},           /* a text as long as memory */
                 {28 + 8 + 4, 0xfffffff0},       /* a text beyond the end */
                 {28 + 8, 3},                    /* a text that does not end */
                 {28 + 8 + 4, 28 + 16 * TEXTS}}; /* out of order: the second is "Content..." or unended */
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        (void)make_catalogue(file);
        put_word(file, wrong[i].at, wrong[i].word);
        assert_false(okng_catalogue_init(&catalogue, file, size));
    }
}

/* Texts that are the ends of one another, as no msgfmt writes them: to compare them all takes the square of their size.
 */
static void texts_that_share_bytes_are_refused(void **state)
{
    (void)state;
    enum { COUNT = 50, LENGTH = 100, SIZE = 28 + 16 * COUNT + LENGTH + 1 };
    uint8_t file[SIZE] = {0};
    static const uint32_t head[] = {0x950412de, 0, COUNT, 28, 28 + 8 * COUNT, 0, 28 + 16 * COUNT};
    okng_catalogue catalogue;
    memcpy(file, head, sizeof head);
    memset(file + 28 + 16 * COUNT, 'a', LENGTH);
    for (size_t i = 0; i < 2 * COUNT; i++) {
        put_word(file, 28 + 8 * i, LENGTH - COUNT + i % COUNT);
        put_word(file, 28 + 8 * i + 4, SIZE - 1 - (LENGTH - COUNT + i % COUNT));
    }
    assert_false(okng_catalogue_init(&catalogue, file, SIZE));
}

static void translations_take_the_same_arguments(void **state)
{
    (void)state;
    assert_true(okng_catalogue_same_arguments("%s has %d rows", "%2$d: %1$s"));
    assert_true(okng_catalogue_same_arguments("%zu of %.*s", "%zu, %.*s"));
    assert_false(okng_catalogue_same_arguments("%s has %d rows", "%d: %s"));
    assert_false(okng_catalogue_same_arguments("%s", "%s %s"));
    assert_false(okng_catalogue_same_arguments("%s", ""));
    assert_false(okng_catalogue_same_arguments("%d", "%lld"));
    assert_false(okng_catalogue_same_arguments("", "%n"));
}

/* ---- the language --------------------------------------------------------------------------- */

static char folder[] = "/tmp/okng-language-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    char path[128];
    uint8_t file[ROOM];
    if (!mkdtemp(folder)) return 1;
    static const char *const names[] = {"ko", "xx"};
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s/LC_MESSAGES", folder, names[i]);
        if (okng_make_folders(path, NULL) != OKNG_OK) return 1;
        (void)snprintf(path, sizeof path, "%s/%s/LC_MESSAGES/okng.mo", folder, names[i]);
        size_t size = make_catalogue(file);
        if (okng_file_write(path, file, i == 0 ? size : size / 2, NULL) != OKNG_OK) return 1;
    }
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static void errors_are_in_the_language(void **state)
{
    (void)state;
    assert_ok(okng_set_language(folder, "ko_KR.UTF-8", error));
    assert_string_equal(okng_language(), "ko");
    assert_string_equal(okng_translate("good"), "양품");
    assert_string_equal(okng_translate(""), ""); /* not the catalogue's head */
    assert_string_equal(okng_translate("unfinished"), "unfinished");
    assert_string_equal(okng_translate("unknown"), "unknown");
    assert_null(okng_translate(NULL));
    assert_fails(OKNG_ERROR_FORMAT, "7행: b.npy", okng_fail(error, OKNG_ERROR_FORMAT, "%s has %d rows", "b.npy", 7));
    assert_fails(OKNG_ERROR_FORMAT, "b.npy is 7 wide",
                 okng_fail(error, OKNG_ERROR_FORMAT, "%s is %d wide", "b.npy", 7)); /* no crash, English */
    errno = ENOENT;
    assert_fails(OKNG_ERROR_NOT_FOUND, "파일이나 폴더가 없습니다: 열 수 없습니다",
                 okng_fail_errno(error, "open", NULL));
    assert_ok(okng_set_language(folder, "en", error));
    assert_string_equal(okng_language(), "en");
    assert_string_equal(okng_translate("good"), "good");
}

static void a_long_message_ends_with_a_whole_character(void **state)
{
    (void)state;
    char text[2048] = "";
    for (int begin = 0; begin < 3; begin++) {
        okng_error error;
        (void)memset(text, 'a', (size_t)begin);
        for (size_t at = (size_t)begin; at + 4 < sizeof text; at += 3) (void)strcpy(text + at, "가");
        (void)okng_fail(&error, OKNG_ERROR_IO, "%s", text);
        size_t length = strlen(error.message);
        assert_true(length > sizeof error.message - 6);
        assert_memory_equal(error.message + length - 3, "가", 3);
    }
}

static const char *language_for(const char *all, const char *messages, const char *lang, const char *list)
{
    const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"};
    const char *const values[] = {all, messages, lang, list};
    for (size_t i = 0; i < 4; i++)
        if (values[i])
            (void)setenv(names[i], values[i], 1);
        else
            (void)unsetenv(names[i]);
    assert_ok(okng_set_language(folder, NULL, error));
    return okng_language();
}

static void the_environment_is_asked_as_by_gettext(void **state)
{
    (void)state;
    assert_string_equal(language_for(NULL, NULL, NULL, NULL), "en");
    assert_string_equal(language_for(NULL, NULL, NULL, "ko"), "en"); /* no locale: C */
    assert_string_equal(language_for("C", NULL, "ko_KR.UTF-8", "ko"), "en");
    assert_string_equal(language_for("", "POSIX", "ko_KR.UTF-8", "ko"), "en");
    assert_string_equal(language_for("ko_KR.UTF-8", "C", "C", NULL), "ko");
    assert_string_equal(language_for(NULL, "ko_KR.utf8", "C", NULL), "ko");
    assert_string_equal(language_for(NULL, NULL, "ko", NULL), "ko");
    assert_string_equal(language_for(NULL, NULL, "ko_KR.UTF-8@x", NULL), "ko");
    assert_string_equal(language_for(NULL, NULL, "ko_KR.eucKR", NULL), "en"); /* texts are UTF-8 */
    assert_string_equal(language_for("C.UTF-8", NULL, NULL, "ko"), "ko");
    assert_string_equal(language_for("C.UTF-8", NULL, NULL, NULL), "en");
    assert_string_equal(language_for("de_DE.UTF-8", NULL, NULL, "de:ko"), "ko");
    assert_string_equal(language_for("ko_KR.UTF-8", NULL, NULL, "en:ko"), "en");
    assert_string_equal(language_for("../../ko", NULL, NULL, "../ko:/ko:."), "en");
}

static void a_damaged_catalogue_leaves_the_language(void **state)
{
    (void)state;
    assert_ok(okng_set_language(folder, "ko", error));
    assert_fails(OKNG_ERROR_FORMAT, "xx/LC_MESSAGES/okng.mo: ", okng_set_language(folder, "xx", error));
    assert_string_equal(okng_language(), "ko");
    assert_fails(OKNG_ERROR_ARGUMENT, "folder", okng_set_language(NULL, "ko", error));
    assert_ok(okng_set_language("/nowhere", "ko", error));
    assert_string_equal(okng_language(), "en");
}

static void names_stay_when_another_language_comes(void **state)
{
    (void)state;
    assert_ok(okng_set_language(folder, "ko", error));
    const char *name = okng_language();
    assert_ok(okng_set_language(folder, "en", error));
    assert_string_equal(name, "ko");
    assert_ok(okng_set_language(folder, "ko", error));
    assert_ptr_equal(okng_language(), name);
    assert_ok(okng_set_language(folder, "en", error));
}

static _Atomic bool enough;

static void *ask(void *wrong)
{
    while (!atomic_load(&enough)) {
        const char *name = okng_language(), *word = okng_translate("good");
        if (strcmp(name, "ko") != 0 && strcmp(name, "en") != 0) atomic_fetch_add((_Atomic int *)wrong, 1);
        if (strcmp(word, "good") != 0 && strcmp(word, "양품") != 0) atomic_fetch_add((_Atomic int *)wrong, 1);
    }
    return NULL;
}

static void languages_change_while_others_read(void **state)
{
    (void)state;
    enum { READERS = 3, CHANGES = 2000 };
    pthread_t ids[READERS];
    _Atomic int wrong = 0;
    for (int i = 0; i < READERS; i++) assert_int_equal(pthread_create(&ids[i], NULL, ask, &wrong), 0);
    for (int i = 0; i < CHANGES; i++) assert_ok(okng_set_language(folder, i % 2 ? "en" : "ko_KR.UTF-8", error));
    atomic_store(&enough, true);
    for (int i = 0; i < READERS; i++) assert_int_equal(pthread_join(ids[i], NULL), 0);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_found),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(texts_that_share_bytes_are_refused),
        cmocka_unit_test(translations_take_the_same_arguments),
        cmocka_unit_test(errors_are_in_the_language),
        cmocka_unit_test(a_long_message_ends_with_a_whole_character),
        cmocka_unit_test(the_environment_is_asked_as_by_gettext),
        cmocka_unit_test(a_damaged_catalogue_leaves_the_language),
        cmocka_unit_test(names_stay_when_another_language_comes),
        cmocka_unit_test(languages_change_while_others_read),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
