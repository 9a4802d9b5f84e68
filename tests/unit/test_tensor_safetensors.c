/* Hostile .safetensors files. */
#include "tensor_bytes.h"

static okng_status open_header(const char *header, size_t data, okng_error *error)
{
    bytes b = {0};
    add_number(&b, 8, strlen(header));
    add_text(&b, header);
    for (size_t i = 0; i < data; i++) add_number(&b, 1, 0);
    okng_weights *weights;
    okng_status status = okng_weights_open_memory(&weights, b.data, b.size, "x.safetensors", error);
    assert_int_equal(status == OKNG_OK, weights != NULL);
    okng_weights_close(&weights);
    drop(&b);
    return status;
}

#define TENSOR(dtype, shape, begin, end) \
    "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

static void good_headers_are_read(void **state)
{
    (void)state;
    assert_ok(open_header("{}", 0, error));
    assert_ok(open_header("{\"__metadata__\":{\"format\":\"pt\"}}    ", 0, error));
    assert_ok(open_header("{\"a\":" TENSOR("F32", "[2,3]", "0", "24") "}", 24, error));
    assert_ok(
        open_header("{\"a\":" TENSOR("F32", "[1]", "2", "6") ",\"b\":" TENSOR("F16", "[]", "0", "2") "}", 6, error));
    assert_ok(
        open_header("{\"a\":" TENSOR("F32", "[0,5]", "4", "4") ",\"b\":" TENSOR("I32", "[1]", "0", "4") "}", 4, error));
}

/* 640 = 0x0280 is how a pickle of protocol 2 begins. */
static void a_length_that_looks_like_another_container_is_one(void **state)
{
    (void)state;
    for (size_t length = 640; length <= 1408; length += 256) {
        char header[1409];
        memset(header, ' ', length);
        memcpy(header, "{}", 2);
        header[length] = 0;
        assert_ok(open_header(header, 0, error));
    }
}

/* A tensor of a type that okng does not read, also of one that the format does not have yet, is no reason to refuse
 * those beside it. */
static void tensors_of_other_types_are_listed_and_not_read(void **state)
{
    (void)state;
    static const struct {
        const char *type, *shape;
    } cases[] = {{"F4", "[2,8]"},    {"F6_E2M3", "[32]"}, {"F6_E3M2", "[4,8]"},   {"F8_E4M3", "[8]"},
                 {"F8_E5M2", "[8]"}, {"F8_E8M0", "[8]"},  {"U16", "[4]"},         {"U32", "[2]"},
                 {"U64", "[1]"},     {"C64", "[]"},       {"F8_E4M3FNUZ", "[8]"}, {"TF19", "[3]"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char header[256];
        size_t size = strncmp(cases[i].type, "F6", 2) == 0 ? 24 : 8;
        (void)snprintf(header, sizeof header,
                       "{\"a\":" TENSOR("F32", "[2]", "0", "8") ",\"other\":{\"dtype\":\"%s\",\"shape\":%s,"
                                                                "\"data_offsets\":[8,%zu]}}",
                       cases[i].type, cases[i].shape, 8 + size);
        bytes file = {0};
        add_number(&file, 8, strlen(header));
        add_text(&file, header);
        for (size_t k = 0; k < 8 + size; k++) add_number(&file, 1, 0);
        okng_weights *weights;
        const okng_array *array;
        okng_tensor_info info = {.struct_size = sizeof info};
        assert_ok(okng_weights_open_memory(&weights, file.data, file.size, "x.safetensors", error));
        assert_non_null(okng_weights_find(weights, "a"));
        assert_null(okng_weights_find(weights, "other"));
        assert_true(okng_weights_has(weights, "other"));
        assert_fails(OKNG_ERROR_UNSUPPORTED, cases[i].type, okng_weights_get(weights, "other", &array, error));
        assert_fails(OKNG_ERROR_UNSUPPORTED, "\"other\"", okng_weights_get(weights, "other", &array, error));
        assert_ok(okng_weights_tensor(weights, 1, &info, error));
        assert_int_equal(info.dtype, OKNG_DTYPE_OTHER);
        assert_string_equal(info.type_name, cases[i].type);
        assert_int_equal(info.bytes, size);
        okng_weights_close(&weights);
        drop(&file);
    }
}

static void broken_headers_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        size_t data;
        const char *part;
    } cases[] = {
        {"{", 0, "the .safetensors header: line 1: "},
        {"{} x", 0, "the .safetensors header: line 1: "},
        {"{\"a\":1}", 0, "\"a\": the header lacks its \"dtype\""},
        {"{\"a\":{\"dtype\":1}}", 0, "lacks its \"dtype\""},
        {"{\"a\":{\"dtype\":\"F32\"}}", 0, "lacks its \"shape\""},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 4, "lacks its two \"data_offsets\""},
        {"{\"a\":" TENSOR("F32", "[]", "0", "4,8") "}", 4, "lacks its two"},
        {"{\"a\":" TENSOR("F32", "[]", "0.0", "4") "}", 4, "lacks its two"},
        {"{\"a\":" TENSOR("F8_E4M3", "[2]", "0", "1") "}", 1, "1 bytes of data do not match F8_E4M3 [2]"},
        {"{\"a\":" TENSOR("F4", "[3]", "0", "2") "}", 2, "2 bytes of data do not match F4 [3]"},
        {"{\"a\":" TENSOR("C64", "[4294967296,4294967296]", "0", "0") "}", 0, "do not match"},
        {"{\"a\":" TENSOR("X9", "[9223372036854775807,3]", "0", "1") "}", 1, "do not match"},
        {"{\"a\":" TENSOR("", "[1]", "0", "1") "}", 1, "no short text"},
        {"{\"a\":" TENSOR("F8_E4M3", "[1]", "0", "1") ",\"b\":" TENSOR("U8", "[1]", "0", "1") "}", 1, "overlap"},
        {"{\"a\":" TENSOR("F32", "[-1]", "0", "4") "}", 4, "no whole number"},
        {"{\"a\":" TENSOR("F32", "[1.5]", "0", "4") "}", 4, "no whole number"},
        {"{\"a\":" TENSOR("F32", "[1,1,1,1,1,1,1,1,1]", "0", "4") "}", 4, "9 dimensions"},
        {"{\"a\":" TENSOR("F32", "[2]", "0", "4") "}", 4, "4 bytes of data do not match float32 [2]"},
        {"{\"a\":" TENSOR("F32", "[4294967296,4294967296]", "0", "0") "}", 0, "do not match"},
        {"{\"a\":" TENSOR("F32", "[1]", "4", "0") "}", 8, "data_offsets 4 to 0"},
        {"{\"a\":" TENSOR("F32", "[1]", "-4", "0") "}", 8, "data_offsets -4 to 0"},
        {"{\"a\":" TENSOR("F32", "[1]", "0", "4") "}", 3, "0 to 4 in 3 bytes"},
        {"{\"a\":" TENSOR("F32", "[1]", "0", "99999999999999999999") "}", 4, "the .safetensors header: line 1: "},
        {"{\"a\":" TENSOR("F32", "[1]", "0", "4") "}", 5, "5 bytes of data, expected 4"},
        {"{\"a\":" TENSOR("F32", "[1]", "1", "5") "}", 5, "a hole before"},
        {"{\"a\":" TENSOR("F32", "[1]", "0", "4") ",\"b\":" TENSOR("F32", "[1]", "2", "6") "}", 6, "overlap"},
        {"{\"a\":" TENSOR("F32", "[1]", "0", "4") ",\"b\":" TENSOR("F32", "[1]", "0", "4") "}", 4, "overlap"},
        {"{\"a\":" TENSOR("U8", "[]", "0", "1") ",\"a\":" TENSOR("U8", "[]", "1", "2") "}", 2,
         "the .safetensors header: line 1: "},
        {"{\"a\\u0000b\":" TENSOR("U8", "[]", "0", "1") "}", 1, "the .safetensors header: line 1: "},
        {"{\"a\xff\":" TENSOR("U8", "[]", "0", "1") "}", 1, "the .safetensors header: line 1: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_error error = {0};
        okng_status status = open_header(cases[i].header, cases[i].data, &error);
        if (status == OKNG_OK || !strstr(error.message, cases[i].part) ||
            strncmp(error.message, "x.safetensors: ", 15) != 0)
            fail_msg("%s gave: %s", cases[i].header, error.message);
    }
}

static void the_length_of_the_header_is_bounded(void **state)
{
    (void)state;
    okng_weights *weights;
    assert_fails(OKNG_ERROR_FORMAT, "a .safetensors header of 3 bytes in a file of 10",
                 okng_weights_open_memory(&weights, LITERAL("\3\0\0\0\0\0\0\0{}"), "x", error));
    assert_fails(OKNG_ERROR_LIMIT, "header of 100000001 bytes",
                 okng_weights_open_memory(&weights, LITERAL("\1\xe1\xf5\5\0\0\0\0{}"), "x", error));
    assert_fails(OKNG_ERROR_FORMAT, "is no weight file",
                 okng_weights_open_memory(&weights, LITERAL("\xff\xff\xff\xff\xff\xff\xff\xff{}"), "x", error));
    assert_fails(OKNG_ERROR_FORMAT, "the .safetensors header: line 1: ",
                 okng_weights_open_memory(&weights, LITERAL("\0\0\0\0\0\0\0\0{}"), "x", error));
}

static void deep_nesting_in_the_header_is_refused(void **state)
{
    (void)state;
    enum { DEEP = 1000000 };
    bytes b = {0};
    add_number(&b, 8, DEEP + 5);
    add_text(&b, "{\"a\":");
    for (int i = 0; i < DEEP; i++) add_text(&b, "[");
    okng_weights *weights;
    assert_fails(OKNG_ERROR_LIMIT, "nested deeper than 8",
                 okng_weights_open_memory(&weights, b.data, b.size, "x", error));
    drop(&b);
}

static void too_many_tensors_are_refused(void **state)
{
    (void)state;
    bytes b = {0};
    add_number(&b, 8, 0);
    add_text(&b, "{");
    for (int i = 0; i < 100000; i++) {
        char tensor[96];
        (void)snprintf(tensor, sizeof tensor, "%s\"%d\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}",
                       i ? "," : "", i);
        add_text(&b, tensor);
    }
    add_text(&b, "}");
    okng_store_u64(b.data, b.size - 8);
    okng_weights *weights;
    assert_fails(OKNG_ERROR_LIMIT, "more than", okng_weights_open_memory(&weights, b.data, b.size, "x", error));
    drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_headers_are_read),
        cmocka_unit_test(a_length_that_looks_like_another_container_is_one),
        cmocka_unit_test(tensors_of_other_types_are_listed_and_not_read),
        cmocka_unit_test(broken_headers_are_refused),
        cmocka_unit_test(the_length_of_the_header_is_bounded),
        cmocka_unit_test(deep_nesting_in_the_header_is_refused),
        cmocka_unit_test(too_many_tensors_are_refused),
    };
    return RUN_TESTS(tests);
}
