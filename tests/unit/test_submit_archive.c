/* What a submission holds, and what its own reader refuses. */
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file.h"
#include "data_tree.h"
#include "submit/archive.h"
#include "submit/half.h"
#include "submit/submit.h"

static const okng_submitted first = {"can", "test_private", "000_regular"};
static const float map[6] = {0, 0.5f, 1, 2, NAN, 1e9f};

static float value_of(uint16_t half)
{
    const int exponent = half >> 10 & 31;
    const float part = (float)(half & 0x3ff);
    const float size = exponent == 0 ? ldexpf(part, -24) : ldexpf(1024 + part, exponent - 25);
    return half & 0x8000 ? -size : size;
}

/* Every float16 is itself; what lies between two goes to the nearer, half-way to the even one. */
static void floats_are_rounded_to_the_nearest(void **state)
{
    (void)state;
    for (uint32_t half = 0; half < 0x7c00; half++) {
        const float here = value_of((uint16_t)half);
        assert_int_equal(okng_half_of(here), half);
        assert_int_equal(okng_half_of(-here), half | 0x8000);
        if (half == 0x7bff) break;
        const float next = value_of((uint16_t)(half + 1)), middle = here / 2 + next / 2;
        assert_int_equal(okng_half_of(middle), half + (half & 1));
        assert_int_equal(okng_half_of(nextafterf(middle, 0)), half);
        assert_int_equal(okng_half_of(nextafterf(middle, INFINITY)), half + 1);
    }
    assert_int_equal(okng_half_of(NAN), 0);
    assert_int_equal(okng_half_of(65520), 0x7bff); /* never infinity */
    assert_int_equal(okng_half_of(INFINITY), 0x7bff);
    assert_int_equal(okng_half_of(-INFINITY), 0xfbff);
}

static void scores_are_scaled_by_a_power_of_two(void **state)
{
    (void)state;
    assert_true(okng_submission_scale(3) == 0.5f && okng_submission_scale(1) == 1 && okng_submission_scale(0.3f) == 4);
    assert_true(okng_submission_scale(1e-6f) * 1e-6f >= 1 && okng_submission_scale(1e-6f) * 1e-6f < 2);
    assert_true(okng_submission_scale(0) == 1 && okng_submission_scale(-1) == 1 && okng_submission_scale(NAN) == 1);
}

static void write_one(const tree *t)
{
    assert_ok(okng_submission_prepare(tree_path(t, "s"), error));
    assert_ok(okng_submission_write(tree_path(t, "s"), &first, map, 3, 2, 0.5f, 1, error));
}

static void a_submission_reads_back(void **state)
{
    (void)state;
    tree t = tree_new();
    size_t pictures;
    write_one(&t);
    assert_true(okng_submission_holds(tree_path(&t, "s"), &first));
    assert_false(okng_submission_holds(tree_path(&t, "s"), &(okng_submitted){"can", "test_private", "001_regular"}));
    okng_image mask;
    assert_ok(okng_image_load(&mask, tree_path(&t, "s/anomaly_images_thresholded/can/test_private/000_regular.png"),
                              100, error));
    static const uint8_t expected[6] = {0, 0, 255, 255, 0, 255}; /* above, and what was not seen is good */
    for (int i = 0; i < 6; i++) assert_int_equal(mask.pixels[3 * i], expected[i]);
    okng_image_free(&mask);
    assert_ok(okng_submission_pack(tree_path(&t, "s/"), &first, 1, error));
    assert_ok(okng_submission_check(tree_path(&t, "s.tar.gz"), &pictures, error));
    assert_int_equal(pictures, 1);
    assert_int_equal(okng_submission_expects("can"), 321);
    assert_int_equal(okng_submission_expects("bottle"), 0);
    tree_add(&t, "s/notes.txt");
    assert_fails(OKNG_ERROR_ARGUMENT, "/s: holds notes.txt, expected a new folder",
                 okng_submission_prepare(tree_path(&t, "s"), error));
    assert_fails(
        OKNG_ERROR_NOT_FOUND, "001_regular.tiff",
        okng_submission_pack(tree_path(&t, "s"), &(okng_submitted){"can", "test_private", "001_regular"}, 1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "the folder has no name", okng_submission_pack("/", &first, 1, error));
    tree_remove(&t);
}

/* ---- what is refused ---- */

#define MAP "s/anomaly_images/can/test_private/000_regular.tiff"
#define MASK "s/anomaly_images_thresholded/can/test_private/000_regular.png"

typedef struct entry {
    const char *name, *file; /* in the archive, in the tree */
} entry;

static okng_status check_of(const tree *t, const entry *entries, size_t count, okng_error *why)
{
    okng_archive *archive;
    size_t pictures;
    assert_ok(okng_archive_open(&archive, tree_path(t, "a.tar.gz"), error));
    for (size_t i = 0; i < count; i++)
        assert_ok(okng_archive_add(archive, entries[i].name, tree_path(t, entries[i].file), error));
    assert_ok(okng_archive_commit(&archive, error));
    return okng_submission_check(tree_path(t, "a.tar.gz"), &pictures, why);
}

/* The map's file with one byte changed. */
static void change_map(const tree *t, size_t at, uint8_t byte)
{
    void *data;
    size_t size;
    assert_ok(okng_file_read(tree_path(t, MAP), 1 << 20, &data, &size, error));
    assert_true(at < size);
    ((uint8_t *)data)[at] = byte;
    assert_ok(okng_file_write(tree_path(t, "changed"), data, size, error));
    free(data);
}

static void members_that_are_wrong_are_named(void **state)
{
    (void)state;
    tree t = tree_new();
    write_one(&t);
    tree_write(&t, "text", "II*");
    tree_mask(&t, "grey.png", 3, 0, 0, 7);
    tree_mask(&t, "wide.png", 5, 0, 0, 255);
    const entry good = {MASK, MASK};
    const struct {
        entry entries[2];
        size_t count;
        const char *says;
    } cases[] = {
        {{{MAP, MAP}}, 1, "can/test_private/000_regular: has a map and no thresholded picture"},
        {{good}, 1, "has a thresholded picture and no map"},
        {{{MAP, MAP}, {MAP, MAP}}, 2, "comes twice"},
        {{{MAP, "text"}, good}, 2, "000_regular.tiff: is no TIFF"},
        {{{MAP, MASK}, good}, 2, "is no TIFF"},
        {{{MAP, MAP}, {MASK, "grey.png"}}, 2, "holds values other than 0 and 255"},
        {{{MAP, MAP}, {MASK, "wide.png"}}, 2, "differ in size"},
        {{{MAP, MAP}, {MASK, "text"}}, 2, "is no PNG"},
        {{{"s/notes.txt", "text"}}, 1, "s/notes.txt: expected BASE/anomaly_images/"},
        {{{"s/anomaly_images/can/test_private/000_mixed.tiff", MAP}}, 1, "expected BASE"},
        {{{"s/anomaly_images/can/test_private/1_regular.tiff", MAP}}, 1, "expected BASE"},
        {{{"s/anomaly_images/can/test_public/000_regular.tiff", MAP}}, 1, "expected BASE"},
        {{{"s/anomaly_images/can/test_private/000_regular.png", MASK}}, 1, "expected BASE"},
        {{{MAP, MAP}, {"z/anomaly_images_thresholded/can/test_private/000_regular.png", MASK}}, 2, "expected BASE"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_fails(OKNG_ERROR_FORMAT, cases[i].says, check_of(&t, cases[i].entries, cases[i].count, error));
    okng_archive *archive;
    char name[400];
    assert_ok(okng_archive_open(&archive, tree_path(&t, "b.tar.gz"), error));
    memset(name, 'a', 399);
    name[399] = '\0';
    assert_fails(OKNG_ERROR_LIMIT, "does not go into a tar archive",
                 okng_archive_add(archive, name, tree_path(&t, "text"), error));
    okng_archive_abort(&archive);
    assert_int_equal(access(tree_path(&t, "b.tar.gz"), F_OK), -1);
    tree_remove(&t);
}

static void pages_that_are_wrong_are_named(void **state)
{
    (void)state;
    enum { ENTRY = 12, TAG_OF_FIRST = 10 };
    static const struct {
        size_t at;
        uint8_t byte;
        const char *says;
    } cases[] = {
        {2, 43, "is no TIFF"},
        {7, 255, "is no TIFF"},
        {8, 200, "cut off in its tags"},
        {TAG_OF_FIRST + 10 * ENTRY, 8, "several pages"},
        {TAG_OF_FIRST + 2 * ENTRY + 8, 32, "not of one channel of float16"},
        {TAG_OF_FIRST + 3 * ENTRY + 8, 8, "is compressed"},
        {TAG_OF_FIRST + 5 * ENTRY + 4, 2, "several channels or strips"},
        {TAG_OF_FIRST + 5 * ENTRY + 11, 1, "pixels are not there"},
        {TAG_OF_FIRST + 6 * ENTRY + 8, 3, "not of one channel of float16"},
        {TAG_OF_FIRST + 9 * ENTRY + 8, 1, "not of one channel of float16"},
        {TAG_OF_FIRST + 0 * ENTRY + 8, 4, "pixels are not there"},
        {8 + 2 + 10 * ENTRY + 4 + 1, 0x7c, "is not finite"},
    };
    tree t = tree_new();
    write_one(&t);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        change_map(&t, cases[i].at, cases[i].byte);
        const entry entries[] = {{MAP, "changed"}, {MASK, MASK}};
        assert_fails(OKNG_ERROR_FORMAT, cases[i].says, check_of(&t, entries, 2, error));
    }
    tree_remove(&t);
}

static uLong unpacked_checksum(const tree *t, const char *name)
{
    uint8_t bytes[4096];
    uLong sum = adler32(0, NULL, 0);
    gzFile file = gzopen(tree_path(t, name), "rb");
    assert_non_null(file);
    for (int count; (count = gzread(file, bytes, sizeof bytes)) > 0;) sum = adler32(sum, bytes, (uInt)count);
    (void)gzclose(file);
    return sum;
}

/* Damage is refused, or what is unpacked is the same: of zeros it does not matter which are repeated. */
static void damage_never_passes_for_another_submission(void **state)
{
    (void)state;
    tree t = tree_new();
    size_t pictures, size;
    void *data;
    write_one(&t);
    assert_ok(okng_submission_pack(tree_path(&t, "s"), &first, 1, error));
    assert_ok(okng_file_read(tree_path(&t, "s.tar.gz"), 1 << 20, &data, &size, error));
    uint8_t *bytes = data;
    const uLong whole = unpacked_checksum(&t, "s.tar.gz");
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 0x20;
        assert_ok(okng_file_write(tree_path(&t, "d.tar.gz"), bytes, size, error));
        bytes[i] ^= 0x20;
        if (okng_submission_check(tree_path(&t, "d.tar.gz"), &pictures, NULL) == OKNG_OK)
            assert_int_equal(unpacked_checksum(&t, "d.tar.gz"), whole); /* packed in other words */
        assert_ok(okng_file_write(tree_path(&t, "d.tar.gz"), bytes, i, error));
        assert_true(okng_submission_check(tree_path(&t, "d.tar.gz"), &pictures, NULL) != OKNG_OK);
    }
    assert_fails(OKNG_ERROR_NOT_FOUND, "none.tar.gz",
                 okng_submission_check(tree_path(&t, "none.tar.gz"), &pictures, error));
    free(data);
    tree_remove(&t);
}

/* Somebody's archive, or what only bears the name, is not replaced; an earlier submission is. */
static void what_is_no_submission_is_not_replaced(void **state)
{
    (void)state;
    tree t = tree_new();
    okng_archive *archive;
    size_t pictures;
    write_one(&t);
    for (int i = 0; i < 2; i++) assert_ok(okng_submission_pack(tree_path(&t, "s"), &first, 1, error));
    assert_ok(okng_submission_prepare(tree_path(&t, "s"), error));
    assert_ok(okng_archive_open(&archive, tree_path(&t, "s.tar.gz"), error));
    assert_ok(okng_archive_add(archive, "photos/one.tiff", tree_path(&t, MAP), error));
    assert_ok(okng_archive_commit(&archive, error));
    const uLong before = unpacked_checksum(&t, "s.tar.gz");
    assert_fails(OKNG_ERROR_ARGUMENT, "s.tar.gz: is there and no submission of okng's",
                 okng_submission_pack(tree_path(&t, "s"), &first, 1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "no submission of okng's", okng_submission_prepare(tree_path(&t, "s/"), error));
    assert_true(unpacked_checksum(&t, "s.tar.gz") == before);
    assert_ok(okng_file_write(tree_path(&t, "s.tar.gz"), "notes", 5, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "no submission of okng's",
                 okng_submission_pack(tree_path(&t, "s"), &first, 1, error));
    assert_int_equal(remove(tree_path(&t, "s.tar.gz")), 0);
    assert_int_equal(mkfifo(tree_path(&t, "s.tar.gz"), 0600), 0); /* and nobody waits for it */
    assert_fails(OKNG_ERROR_ARGUMENT, "no submission of okng's", okng_submission_prepare(tree_path(&t, "s"), error));
    assert_int_equal(remove(tree_path(&t, "s.tar.gz")), 0);
    assert_ok(okng_submission_pack(tree_path(&t, "s"), &first, 1, error));
    assert_ok(okng_submission_check(tree_path(&t, "s.tar.gz"), &pictures, error));
    tree_remove(&t);
}

/* A decoder takes any picture, a server's reader of PNG does not. The comment is where a PNG says 8 bits of grey. */
static void another_picture_called_png_is_refused(void **state)
{
    (void)state;
    static const char grey[] = "P5\n#0123456789abcdefghij\x08\0\n3 2 255\n\0\0\xff\xff\0\xff";
    tree t = tree_new();
    size_t pictures;
    write_one(&t);
    assert_int_equal(grey[24], 8);
    assert_ok(okng_file_write(tree_path(&t, MASK), grey, sizeof grey - 1, error));
    assert_ok(okng_submission_pack(tree_path(&t, "s"), &first, 1, error));
    assert_fails(OKNG_ERROR_FORMAT, "is no PNG", okng_submission_check(tree_path(&t, "s.tar.gz"), &pictures, error));
    okng_image colours;
    assert_ok(okng_image_new(&colours, 3, 2, 3, error));
    memset(colours.pixels, 0, 3 * 3 * 2);
    assert_ok(okng_image_write_png(&colours, tree_path(&t, MASK), error));
    okng_image_free(&colours);
    assert_ok(okng_submission_pack(tree_path(&t, "s"), &first, 1, error));
    assert_fails(OKNG_ERROR_FORMAT, "is not of 8 bits grey",
                 okng_submission_check(tree_path(&t, "s.tar.gz"), &pictures, error));
    tree_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floats_are_rounded_to_the_nearest),
        cmocka_unit_test(scores_are_scaled_by_a_power_of_two),
        cmocka_unit_test(a_submission_reads_back),
        cmocka_unit_test(members_that_are_wrong_are_named),
        cmocka_unit_test(pages_that_are_wrong_are_named),
        cmocka_unit_test(damage_never_passes_for_another_submission),
        cmocka_unit_test(what_is_no_submission_is_not_replaced),
        cmocka_unit_test(another_picture_called_png_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
