/* Hostile zip archives. */
#include "tensor/zip.h"
#include "tensor_bytes.h"

static okng_status open_zip(const bytes *b, okng_error *error)
{
    okng_zip zip;
    uint8_t *exact = malloc(b->size ? b->size : 1); /* so that a sanitizer sees a read past the end */
    if (b->size > 0) memcpy(exact, b->data, b->size);
    okng_status status = okng_zip_open(&zip, exact, b->size, "x.pth", error);
    okng_zip_close(&zip);
    free(exact);
    return status;
}

static bytes three_entries(void)
{
    zip_entry entries[] = {{.name = "a/one", .data = "first", .size = 5},
                           {.name = "a/two", .data = "second", .size = 6},
                           {.name = "a/none", .data = "", .size = 0}};
    return make_zip(entries, 3);
}

enum {
    LOCAL = 30,
    CENTRAL = 46,
    END = 22,
    THREE = 3 * CENTRAL + 16 + END
}; /* bytes of three_entries() after its data */

/* Field at `offset` of directory entry `entry` of three_entries(); names of 5 bytes come before. */
static uint8_t *central(bytes *b, size_t entry, size_t offset)
{
    return b->data + b->size - THREE + entry * (CENTRAL + 5) + offset;
}

static uint8_t *end_record(bytes *b, size_t offset)
{
    return b->data + b->size - END + offset;
}

static void entries_are_views_of_the_archive(void **state)
{
    (void)state;
    bytes b = three_entries();
    okng_zip zip;
    assert_ok(okng_zip_open(&zip, b.data, b.size, "x", error));
    assert_int_equal(zip.count, 3);
    const okng_zip_entry *two = okng_zip_find(&zip, LITERAL("a/two"));
    assert_true(two && two->size == 6 && memcmp(two->data, "second", 6) == 0);
    assert_null(okng_zip_find(&zip, LITERAL("a/tw")));
    assert_null(okng_zip_find(&zip, LITERAL("a/twoo")));
    okng_zip_close(&zip);
    drop(&b);
}

static void a_comment_at_the_end_is_stepped_over(void **state)
{
    (void)state;
    bytes b = three_entries();
    okng_store_u16(end_record(&b, 20), 7);
    add_text(&b, "comment");
    assert_ok(open_zip(&b, error));
    b.size--;
    assert_fails(OKNG_ERROR_FORMAT, "no end record", open_zip(&b, error));
    drop(&b);
}

static void compressed_entries_are_refused_with_advice(void **state)
{
    (void)state;
    zip_entry entries[] = {{.name = "a/data.pkl", .data = "}.", .size = 2, .method = 8}};
    bytes b = make_zip(entries, 1);
    okng_weights *weights;
    assert_fails(OKNG_ERROR_UNSUPPORTED, "\"a/data.pkl\" is compressed, expected stored; load the file in torch",
                 okng_weights_open_memory(&weights, b.data, b.size, "x.pth", error));
    drop(&b);
}

static void encrypted_entries_are_refused(void **state)
{
    (void)state;
    zip_entry entries[] = {{.name = "a/x", .data = "", .size = 0, .flags = 1}};
    bytes b = make_zip(entries, 1);
    assert_fails(OKNG_ERROR_UNSUPPORTED, "\"a/x\" is encrypted", open_zip(&b, error));
    drop(&b);
}

static void names_must_be_text_and_differ(void **state)
{
    (void)state;
    zip_entry entries[] = {{.name = "a/x", .data = "1", .size = 1}, {.name = "a/x", .data = "2", .size = 1}};
    bytes b = make_zip(entries, 2);
    assert_fails(OKNG_ERROR_FORMAT, "holds \"a/x\" twice", open_zip(&b, error));
    drop(&b);
    entries[1].name = "a\0x";
    entries[1].name_length = 3;
    b = make_zip(entries, 2);
    assert_fails(OKNG_ERROR_FORMAT, "not text", open_zip(&b, error));
    drop(&b);
}

static void entries_must_not_overlap(void **state)
{
    (void)state;
    /* The second entry's header lies inside the first one's data. */
    zip_entry inner = {.name = "b", .data = "", .size = 0};
    bytes data = {0};
    add_zip_header(&data, &inner, false);
    zip_entry outer = {.name = "a", .data = data.data, .size = data.size};
    bytes b = make_zip(&outer, 1);
    b.size -= CENTRAL + 1 + END;
    size_t directory = b.size;
    inner.offset = LOCAL + 1;
    add_zip_header(&b, &outer, true);
    add_zip_header(&b, &inner, true);
    size_t size = b.size - directory;
    add_text(&b, "PK\5\6");
    add_number(&b, 4, 0);
    add_number(&b, 2, 2);
    add_number(&b, 2, 2);
    add_number(&b, 4, size);
    add_number(&b, 4, directory);
    add_number(&b, 2, 0);
    assert_fails(OKNG_ERROR_FORMAT, "\"b\" overlaps another", open_zip(&b, error));
    drop(&b);
    drop(&data);
}

static void the_directory_must_agree_with_itself(void **state)
{
    (void)state;
    static const struct {
        size_t offset;
        uint32_t value;
        const char *part;
    } cases[] = {
        {4, 1, "one part of several"},      {8, 2, "one part of several"},
        {16, 0, "does not end at the end"}, {16, 0xffffffff, "does not end at the end"},
        {12, 1, "does not end at the end"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = three_entries();
        if (cases[i].offset < 12)
            okng_store_u16(end_record(&b, cases[i].offset), (uint16_t)cases[i].value);
        else
            okng_store_u32(end_record(&b, cases[i].offset), cases[i].value);
        assert_fails(OKNG_ERROR_FORMAT, cases[i].part, open_zip(&b, error));
        drop(&b);
    }
    for (uint16_t count = 0; count < 6; count++) {
        bytes b = three_entries();
        okng_store_u16(end_record(&b, 8), count);
        okng_store_u16(end_record(&b, 10), count);
        if (count != 3) assert_fails(OKNG_ERROR_FORMAT, "damaged zip", open_zip(&b, error));
        drop(&b);
    }
    bytes b = three_entries();
    okng_store_u16(end_record(&b, 8), UINT16_MAX);
    okng_store_u16(end_record(&b, 10), UINT16_MAX);
    assert_fails(OKNG_ERROR_FORMAT, "more entries than", open_zip(&b, error));
    drop(&b);
}

static void entries_must_agree_with_their_headers(void **state)
{
    (void)state;
    static const struct {
        size_t offset, width;
        uint32_t value;
        const char *part;
    } cases[] = {
        {0, 4, 0, "a broken directory"},
        {8, 2, 8, "contradicts"},                  /* flags */
        {10, 2, 8, "contradicts"},                 /* method */
        {20, 4, 4, "two sizes"},                   /* packed */
        {24, 4, 7, "two sizes"},                   /* size */
        {28, 2, 60000, "runs over the end"},       /* name */
        {28, 2, 4, "damaged zip"},                 /* name */
        {30, 2, 2, "broken extra"},                /* extra */
        {32, 2, 60000, "runs over the end"},       /* comment */
        {42, 4, 3, "no header where"},             /* offset */
        {42, 4, 0x7fffffff, "out of range"},       /* offset */
        {42, 4, LOCAL + 5 + 6, "damaged zip"},     /* offset */
        {46, 1, 'b', "contradicts the directory"}, /* name */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = three_entries();
        uint8_t number[8];
        okng_store_u64(number, cases[i].value);
        memcpy(central(&b, 1, cases[i].offset), number, cases[i].width);
        okng_error error = {0};
        okng_status status = open_zip(&b, &error);
        if (status != OKNG_ERROR_FORMAT || !strstr(error.message, cases[i].part))
            fail_msg("case %zu gave: %s", i, error.message);
        drop(&b);
    }
    bytes b = three_entries();
    okng_store_u32(central(&b, 1, 20), 1 << 20); /* both sizes, both places: the data would run into the directory */
    okng_store_u32(central(&b, 1, 24), 1 << 20);
    assert_fails(OKNG_ERROR_FORMAT, "data are out of range", open_zip(&b, error));
    drop(&b);
    b = three_entries();
    okng_store_u16(b.data + 28, 60000); /* a local extra field */
    assert_fails(OKNG_ERROR_FORMAT, "data are out of range", open_zip(&b, error));
    drop(&b);
}

/* torch writes a zip64 end record even where none is needed. */
static void zip64_must_not_lie(void **state)
{
    (void)state;
    bytes b = read_file(GOLDEN("bare.pt"));
    assert_ok(open_zip(&b, error));
    size_t end64 = locate(&b, "PK\6\6", 4), locator = locate(&b, "PK\6\7", 4);
    static const struct {
        bool in_locator;
        size_t offset, width;
        uint64_t value;
        const char *part;
    } cases[] = {
        {true, 8, 8, UINT64_MAX, "out of range"}, {true, 8, 8, 641, "out of range"},
        {true, 8, 8, 0, "no zip64 end record"},   {true, 4, 4, 1, "one part of several"},
        {false, 16, 4, 1, "one part of several"}, {false, 24, 8, 4, "contradict"},
        {false, 32, 8, 4, "contradict"},          {false, 32, 8, UINT64_MAX, "contradict"},
        {false, 40, 8, 1, "contradict"},          {false, 48, 8, UINT64_MAX, "contradict"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes changed = {0};
        add(&changed, b.data, b.size);
        uint8_t number[8];
        okng_store_u64(number, cases[i].value);
        memcpy(changed.data + (cases[i].in_locator ? locator : end64) + cases[i].offset, number, cases[i].width);
        okng_error error = {0};
        okng_status status = open_zip(&changed, &error);
        if (status != OKNG_ERROR_FORMAT || !strstr(error.message, cases[i].part))
            fail_msg("case %zu gave: %s", i, error.message);
        drop(&changed);
    }
    okng_store_u32(end_record(&b, 12), UINT32_MAX); /* left to zip64, which lies */
    okng_store_u64(b.data + end64 + 40, UINT64_MAX - 3);
    assert_fails(OKNG_ERROR_FORMAT, "does not end at the end", open_zip(&b, error));
    drop(&b);
}

static void zip64_sizes_of_entries_are_read(void **state)
{
    (void)state;
    for (size_t present = 0; present <= 24; present += 8) {
        bytes b = {0};
        zip_entry e = {.name = "a", .data = "12345", .size = 5};
        add_zip_header(&b, &e, false);
        add(&b, e.data, 5);
        size_t directory = b.size;
        add_zip_header(&b, &e, true);
        memset(b.data + directory + 20, 0xff, 8);
        memset(b.data + directory + 42, 0xff, 4);
        okng_store_u16(b.data + directory + 30, (uint16_t)(4 + present));
        add_number(&b, 2, 1);
        add_number(&b, 2, present);
        for (size_t i = 0; i < present; i += 8) add_number(&b, 8, i < 16 ? 5 : 0);
        size_t size = b.size - directory;
        add_text(&b, "PK\5\6");
        add_number(&b, 4, 0);
        add_number(&b, 4, 0x10001);
        add_number(&b, 4, size);
        add_number(&b, 4, directory);
        add_number(&b, 2, 0);
        if (present == 24)
            assert_ok(open_zip(&b, error));
        else
            assert_fails(OKNG_ERROR_FORMAT, "zip64 field that is too short", open_zip(&b, error));
        drop(&b);
    }
}

static okng_status open_entries(zip_entry *entries, size_t count, okng_error *error)
{
    bytes b = make_zip(entries, count);
    okng_weights *weights;
    okng_status status = okng_weights_open_memory(&weights, b.data, b.size, "x.pth", error);
    okng_weights_close(&weights);
    drop(&b);
    return status;
}

static void other_archives_are_refused(void **state)
{
    (void)state;
    zip_entry docx = {.name = "word/document.xml", .data = "<", .size = 1};
    assert_fails(OKNG_ERROR_FORMAT, "without <folder>/data.pkl", open_entries(&docx, 1, error));
    zip_entry deeper = {.name = "a/b/data.pkl", .data = "}.", .size = 2};
    assert_fails(OKNG_ERROR_FORMAT, "without <folder>/data.pkl", open_entries(&deeper, 1, error));
    zip_entry two[] = {{.name = "a/data.pkl", .data = "}.", .size = 2},
                       {.name = "b/data.pkl", .data = "}.", .size = 2}};
    assert_fails(OKNG_ERROR_FORMAT, "more than one data.pkl", open_entries(two, 2, error));
    zip_entry big[] = {{.name = "a/data.pkl", .data = "}.", .size = 2},
                       {.name = "a/byteorder", .data = "big", .size = 3}};
    assert_fails(OKNG_ERROR_UNSUPPORTED, "byte order \"big\"", open_entries(big, 2, error));
    big[1].data = "little";
    big[1].size = 6;
    assert_ok(open_entries(big, 2, error));
    zip_entry empty = {.name = "a/data.pkl", .data = "", .size = 0};
    assert_fails(OKNG_ERROR_FORMAT, "cut off", open_entries(&empty, 1, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_views_of_the_archive),
        cmocka_unit_test(a_comment_at_the_end_is_stepped_over),
        cmocka_unit_test(compressed_entries_are_refused_with_advice),
        cmocka_unit_test(encrypted_entries_are_refused),
        cmocka_unit_test(names_must_be_text_and_differ),
        cmocka_unit_test(entries_must_not_overlap),
        cmocka_unit_test(the_directory_must_agree_with_itself),
        cmocka_unit_test(entries_must_agree_with_their_headers),
        cmocka_unit_test(zip64_must_not_lie),
        cmocka_unit_test(zip64_sizes_of_entries_are_read),
        cmocka_unit_test(other_archives_are_refused),
    };
    return RUN_TESTS(tests);
}
