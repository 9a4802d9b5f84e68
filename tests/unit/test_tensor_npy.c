#include "tensor/npy.h"
#include "tensor_bytes.h"

/* Element i of every golden array, as float. */
static double expected(okng_dtype dtype, int64_t i)
{
    if (dtype == OKNG_BOOL) return (double)(i % 2);
    if (dtype == OKNG_U8) return (double)i;
    return dtype <= OKNG_BF16 ? (double)i / 2 - 1 : (double)(i - 1);
}

static double element(const okng_array *array, size_t i)
{
    float value;
    switch (array->dtype) {
    case OKNG_I64:
        return (double)((const int64_t *)array->data)[i];
    case OKNG_I32:
        return ((const int32_t *)array->data)[i];
    case OKNG_I16:
        return ((const int16_t *)array->data)[i];
    case OKNG_I8:
        return ((const int8_t *)array->data)[i];
    case OKNG_U8:
    case OKNG_BOOL:
        return ((const uint8_t *)array->data)[i];
    default:
        okng_to_float(array->dtype, (const uint8_t *)array->data + i * okng_dtype_size(array->dtype), 1, &value);
        return (double)value;
    }
}

static void check_golden(const char *path, okng_dtype dtype, int32_t dims, const int64_t *shape)
{
    okng_array *array;
    assert_ok(okng_array_read_npy(&array, path, error));
    assert_int_equal(array->dtype, dtype);
    assert_int_equal(array->dims, dims);
    assert_memory_equal(array->shape, shape, (size_t)dims * sizeof *shape);
    for (size_t i = 0; i < array->bytes / okng_dtype_size(dtype); i++)
        if (element(array, i) != expected(dtype, (int64_t)i)) fail_msg("%s: element %zu", path, i);
    okng_array_free(&array);
}

static void every_type_of_numpy_is_read(void **state)
{
    (void)state;
    static const int64_t shape[] = {2, 3, 5};
    check_golden(GOLDEN("f4.npy"), OKNG_F32, 3, shape);
    check_golden(GOLDEN("f8.npy"), OKNG_F64, 3, shape);
    check_golden(GOLDEN("f2.npy"), OKNG_F16, 3, shape);
    check_golden(GOLDEN("i8.npy"), OKNG_I64, 3, shape);
    check_golden(GOLDEN("i4.npy"), OKNG_I32, 3, shape);
    check_golden(GOLDEN("i2.npy"), OKNG_I16, 3, shape);
    check_golden(GOLDEN("i1.npy"), OKNG_I8, 3, shape);
    check_golden(GOLDEN("u1.npy"), OKNG_U8, 3, shape);
    check_golden(GOLDEN("b1.npy"), OKNG_BOOL, 3, shape);
}

static void every_version_and_shape_is_read(void **state)
{
    (void)state;
    check_golden(GOLDEN("row.npy"), OKNG_F32, 1, (const int64_t[]){12});
    check_golden(GOLDEN("scalar.npy"), OKNG_F32, 0, NULL);
    check_golden(GOLDEN("empty.npy"), OKNG_F32, 2, (const int64_t[]){0, 4});
    check_golden(GOLDEN("eight.npy"), OKNG_F32, 8, (const int64_t[]){1, 1, 3, 1, 1, 2, 1, 2});
    check_golden(GOLDEN("version2.npy"), OKNG_F32, 2, (const int64_t[]){3, 4});
    check_golden(GOLDEN("version3.npy"), OKNG_F32, 2, (const int64_t[]){3, 4});
}

static void what_is_written_is_what_numpy_writes(void **state)
{
    (void)state;
    static const char *const names[] = {
        GOLDEN("f4.npy"),     GOLDEN("f8.npy"),    GOLDEN("f2.npy"),    GOLDEN("i8.npy"), GOLDEN("i4.npy"),
        GOLDEN("i2.npy"),     GOLDEN("i1.npy"),    GOLDEN("u1.npy"),    GOLDEN("b1.npy"), GOLDEN("row.npy"),
        GOLDEN("scalar.npy"), GOLDEN("empty.npy"), GOLDEN("eight.npy"),
    };
    char path[] = "/tmp/okng_npy_XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    (void)close(descriptor);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        okng_array *array;
        assert_ok(okng_array_read_npy(&array, names[i], error));
        assert_ok(okng_array_write_npy(array, path, error));
        bytes wrote = read_file(path), reference = read_file(names[i]);
        assert_int_equal(wrote.size, reference.size);
        assert_memory_equal(wrote.data, reference.data, reference.size);
        drop(&wrote);
        drop(&reference);
        okng_array_free(&array);
    }
    (void)unlink(path);
}

static void bfloat16_cannot_be_written(void **state)
{
    (void)state;
    okng_array *array;
    assert_ok(okng_array_new(&array, OKNG_BF16, 1, (const int64_t[]){1}, error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "float32", okng_array_write_npy(array, "/nonexistent/x.npy", error));
    array->dtype = OKNG_F16;
    assert_fails(OKNG_ERROR_NOT_FOUND, "/nonexistent/x.npy", okng_array_write_npy(array, "/nonexistent/x.npy", error));
    okng_array_free(&array);
}

static void other_orders_and_types_are_refused_by_name(void **state)
{
    (void)state;
    okng_array *array;
    assert_fails(OKNG_ERROR_UNSUPPORTED, "Fortran order", okng_array_read_npy(&array, GOLDEN("fortran.npy"), error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "big-endian '>f4'", okng_array_read_npy(&array, GOLDEN("big.npy"), error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "'<u4'", okng_array_read_npy(&array, GOLDEN("unsigned.npy"), error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "records", okng_array_read_npy(&array, GOLDEN("records.npy"), error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "missing.npy", okng_array_read_npy(&array, "missing.npy", error));
    assert_fails(OKNG_ERROR_FORMAT, "is not a .npy file", okng_array_read_npy(&array, GOLDEN("bare.pt"), error));
}

static okng_status read_header(const char *header, size_t data, okng_error *error)
{
    bytes b = {0};
    add(&b, "\x93NUMPY\1\0", 8);
    add_number(&b, 2, strlen(header));
    add_text(&b, header);
    for (size_t i = 0; i < data; i++) add_number(&b, 1, 0);
    okng_array *array;
    okng_status status = okng_npy_read_memory(&array, b.data, b.size, "x.npy", error);
    assert_true((status == OKNG_OK) == (array != NULL));
    okng_array_free(&array);
    drop(&b);
    return status;
}

static void headers_in_any_python_spelling_are_read(void **state)
{
    (void)state;
    assert_ok(read_header("{\"shape\":(2,),\"fortran_order\":False,\"descr\":\"<f4\"}", 8, error));
    assert_ok(read_header("{ 'descr' : '<f4' ,\n'fortran_order' : False , 'shape' : ( 2 , 1 , ) , } \n", 8, error));
    assert_ok(read_header("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4, error));
}

static void broken_headers_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *header, *part;
    } cases[] = {
        {"", "'{'"},
        {"{", "a string"},
        {"{'descr': '<f4'}", "lacks 'fortran_order'"},
        {"{'descr': '<f4', 'fortran_order': False}", "lacks 'shape'"},
        {"{'fortran_order': False, 'shape': ()}", "lacks 'descr'"},
        {"{'descr': '<f4', 'descr': '<f4'}", "no second 'descr'"},
        {"{'fortran_order': False, 'fortran_order': False}", "no second 'fortran_order'"},
        {"{'shape': (), 'shape': ()}", "no second 'shape'"},
        {"{'fortran_order': 0}", "True or False"},
        {"{'shape': 2}", "a tuple"},
        {"{'shape': (2)}", "(N,)"},
        {"{'shape': (-2,)}", "a size"},
        {"{'shape': (2 3)}", "',' or ')'"},
        {"{'shape': (,)}", "a size"},
        {"{'shape': (9223372036854775808,)}", "below 2^63"},
        {"{'shape': (1,1,1,1,1,1,1,1,1)}", "more than 8 dimensions"},
        {"{'descr': '<f4' 'shape': ()}", "',' or '}'"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': ()} x", "the end"},
        {"{'unknown': 1}", "'unknown'"},
        {"{'a name that is far too long': 1}", "a short string"},
        {"{'descr' '<f4'}", "':'"},
        {"{'descr': '|O'}", "'|O'"},
        {"{'descr': '<f4", "a short string"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_error error = {0};
        okng_status status = read_header(cases[i].header, 4, &error);
        if (status == OKNG_OK || !strstr(error.message, cases[i].part))
            fail_msg("\"%s\" gave: %s", cases[i].header, error.message);
    }
}

static void data_must_match_the_shape(void **state)
{
    (void)state;
    static const char header[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    assert_ok(read_header(header, 24, error));
    assert_fails(OKNG_ERROR_FORMAT, "23 bytes of data do not match float32 [2, 3]", read_header(header, 23, error));
    assert_fails(OKNG_ERROR_FORMAT, "25 bytes", read_header(header, 25, error));
    assert_fails(
        OKNG_ERROR_FORMAT, "do not match",
        read_header("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 0, error));
}

static void damaged_beginnings_are_refused(void **state)
{
    (void)state;
    okng_array *array;
    assert_fails(OKNG_ERROR_UNSUPPORTED, "version 4.0",
                 okng_npy_read_memory(&array, LITERAL("\x93NUMPY\4\0\0\0\0\0"), "x", error));
    assert_fails(OKNG_ERROR_LIMIT, "4294967295",
                 okng_npy_read_memory(&array, LITERAL("\x93NUMPY\2\0\xff\xff\xff\xff"), "x", error));
    bytes whole = read_file(GOLDEN("version2.npy"));
    for (size_t size = 0; size < whole.size; size++) {
        uint8_t *exact = malloc(size ? size : 1);
        memcpy(exact, whole.data, size);
        assert_fails(OKNG_ERROR_FORMAT, "x.npy: ", okng_npy_read_memory(&array, exact, size, "x.npy", error));
        free(exact);
    }
    drop(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_of_numpy_is_read),
        cmocka_unit_test(every_version_and_shape_is_read),
        cmocka_unit_test(what_is_written_is_what_numpy_writes),
        cmocka_unit_test(bfloat16_cannot_be_written),
        cmocka_unit_test(other_orders_and_types_are_refused_by_name),
        cmocka_unit_test(headers_in_any_python_spelling_are_read),
        cmocka_unit_test(broken_headers_are_refused),
        cmocka_unit_test(data_must_match_the_shape),
        cmocka_unit_test(damaged_beginnings_are_refused),
    };
    return RUN_TESTS(tests);
}
