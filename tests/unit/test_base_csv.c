#include "base/csv.h"

#include "test.h"

static okng_status read_text(okng_csv **csv, const char *text, okng_error *error)
{
    return okng_csv_read_memory(csv, text, strlen(text), "t.csv", error);
}

static void fields_are_found_by_their_column(void **state)
{
    (void)state;
    okng_csv *csv;
    size_t label, score;
    assert_ok(read_text(&csv, "score, label\n0.5,OK\n\n0.75,\n", error));
    assert_int_equal(okng_csv_rows(csv), 2);
    assert_int_equal(okng_csv_columns(csv), 2);
    assert_ok(okng_csv_column(csv, "label", &label, error));
    assert_ok(okng_csv_column(csv, "score", &score, error));
    assert_string_equal(okng_csv_field(csv, 0, score), "0.5");
    assert_string_equal(okng_csv_field(csv, 0, label), "OK");
    assert_string_equal(okng_csv_field(csv, 1, label), "");
    assert_int_equal(okng_csv_line(csv, 0), 2);
    assert_int_equal(okng_csv_line(csv, 1), 4);
    assert_false(okng_csv_has_column(csv, "mask", &label));
    assert_fails(OKNG_ERROR_FORMAT, "t.csv: line 1: no column \"mask\"; the header has score, label",
                 okng_csv_column(csv, "mask", &label, error));
    okng_csv_free(&csv);
    assert_null(csv);
}

static void quotes_byte_order_mark_and_crlf_are_read(void **state)
{
    (void)state;
    okng_csv *csv;
    assert_ok(read_text(&csv, "\xEF\xBB\xBF\"a\",b\r\n\"x, \"\"y\"\"\",\"two\r\nlines\"\r\nlast,\"\"", error));
    assert_string_equal(okng_csv_column_name(csv, 0), "a");
    assert_int_equal(okng_csv_rows(csv), 2);
    assert_string_equal(okng_csv_field(csv, 0, 0), "x, \"y\"");
    assert_string_equal(okng_csv_field(csv, 0, 1), "two\r\nlines");
    assert_string_equal(okng_csv_field(csv, 1, 0), "last");
    assert_string_equal(okng_csv_field(csv, 1, 1), "");
    assert_int_equal(okng_csv_line(csv, 1), 4);
    okng_csv_free(&csv);
}

static void damage_is_told_with_its_line(void **state)
{
    (void)state;
    okng_csv *csv;
    assert_fails(OKNG_ERROR_FORMAT, "t.csv: is empty", read_text(&csv, "", error));
    assert_fails(OKNG_ERROR_FORMAT, "t.csv: is empty", read_text(&csv, "\n\n", error));
    assert_fails(OKNG_ERROR_FORMAT, "line 3 has 3 fields, expected 2", read_text(&csv, "a,b\n1,2\n1,2,3\n", error));
    assert_fails(OKNG_ERROR_FORMAT, "line 2 has 1 fields, expected 2", read_text(&csv, "a,b\n1\n", error));
    assert_fails(OKNG_ERROR_FORMAT, "line 2: the quote", read_text(&csv, "a,b\n\"1,2\n\n", error));
    assert_fails(OKNG_ERROR_FORMAT, "line 1: the quote", read_text(&csv, "\"", error));
    assert_fails(OKNG_ERROR_FORMAT, "line 1: the quote", read_text(&csv, "\"a\"\"", error));
    assert_fails(OKNG_ERROR_FORMAT, "line 2: found text behind", read_text(&csv, "a\n\"1\"2\n", error));
    assert_fails(OKNG_ERROR_FORMAT, "a zero byte at offset 2",
                 okng_csv_read_memory(&csv, "a\n\0\n", 4, "t.csv", error));
    assert_null(csv);
    char wide[1100];
    memset(wide, ',', sizeof wide);
    assert_fails(OKNG_ERROR_LIMIT, "more than 1024 columns",
                 okng_csv_read_memory(&csv, wide, sizeof wide, "t.csv", error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "/nowhere.csv", okng_csv_read(&csv, "/nowhere.csv", error));
}

/* `count` times `part` behind `head`; malloc'd. */
static char *many(const char *head, const char *part, size_t count, size_t *size)
{
    const size_t begin = strlen(head), each = strlen(part);
    char *text = malloc(begin + count * each);
    assert_non_null(text);
    memcpy(text, head, begin);
    for (size_t i = 0; i < count; i++) memcpy(text + begin + i * each, part, each);
    *size = begin + count * each;
    return text;
}

static void refuse_many(const char *head, const char *part, size_t count, const char *why)
{
    okng_csv *csv;
    size_t size;
    char *text = many(head, part, count, &size);
    assert_fails(OKNG_ERROR_LIMIT, why, okng_csv_read_memory(&csv, text, size, "t.csv", error));
    assert_null(csv);
    free(text);
}

static void lines_fields_and_bytes_have_their_limits(void **state)
{
    (void)state;
    size_t size;
    okng_csv *csv;
    char *text = many("a\n", "1\n", 1 << 20, &size);
    assert_ok(okng_csv_read_memory(&csv, text, size, "t.csv", error));
    assert_int_equal(okng_csv_rows(csv), 1 << 20);
    okng_csv_free(&csv);
    free(text);
    refuse_many("a\n", "1\n", (1 << 20) + 1, "line 1048578: more than 1048576 lines");
    refuse_many("a,b,c,d,e,f,g,h,i,j\n", ",,,,,,,,,\n", 840000, "more than 1048576 lines or 8388608 fields");
    refuse_many("a\n", "x", 70000, "line 2: a field of 70000 bytes, expected at most 65536");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found_by_their_column),
        cmocka_unit_test(quotes_byte_order_mark_and_crlf_are_read),
        cmocka_unit_test(damage_is_told_with_its_line),
        cmocka_unit_test(lines_fields_and_bytes_have_their_limits),
    };
    return RUN_TESTS(tests);
}
