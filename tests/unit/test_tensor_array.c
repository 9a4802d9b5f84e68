#include "tensor/array.h"
#include "test.h"

static void shapes_are_checked_without_overflow(void **state)
{
    (void)state;
    size_t bytes = 7;
    assert_true(okng_shape_bytes(OKNG_F32, 0, NULL, &bytes));
    assert_int_equal(bytes, 4);
    assert_true(okng_shape_bytes(OKNG_F64, 3, (const int64_t[]){2, 3, 5}, &bytes));
    assert_int_equal(bytes, 240);
    assert_true(okng_shape_bytes(OKNG_I8, 3, (const int64_t[]){INT64_MAX, 0, INT64_MAX}, &bytes));
    assert_int_equal(bytes, 0);
    assert_true(okng_shape_bytes(OKNG_I8, 1, (const int64_t[]){INT64_MAX}, &bytes));
    assert_false(okng_shape_bytes(OKNG_I16, 1, (const int64_t[]){INT64_MAX}, &bytes));
    assert_false(okng_shape_bytes(OKNG_F32, 2, (const int64_t[]){1LL << 32, 1LL << 32}, &bytes));
    assert_false(okng_shape_bytes(OKNG_F32, 2, (const int64_t[]){0, -1}, &bytes));
    assert_false(okng_shape_bytes(OKNG_F32, OKNG_MAX_DIMS + 1, (const int64_t[9]){0}, &bytes));
    assert_false(okng_shape_bytes((okng_dtype)99, 0, NULL, &bytes));
}

static void shapes_are_written_as_python_lists(void **state)
{
    (void)state;
    char text[32];
    assert_string_equal(okng_shape_text(4, (const int64_t[]){64, 3, 7, 7}, text, sizeof text), "[64, 3, 7, 7]");
    assert_string_equal(okng_shape_text(0, NULL, text, sizeof text), "[]");
    assert_string_equal(okng_shape_text(2, (const int64_t[]){123, 456}, text, 6), "[123,");
    assert_string_equal(okng_shape_text(2, (const int64_t[]){123, 456}, text, 1), "");
    assert_string_equal(okng_shape_text(2, (const int64_t[]){123, 456}, text, 10), "[123, 456");
}

static void every_type_has_a_name_and_a_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {4, 8, 2, 2, 8, 4, 2, 1, 1, 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        assert_int_equal(okng_dtype_size((okng_dtype)i), sizes[i]);
    assert_string_equal(okng_dtype_name(OKNG_BF16), "bfloat16");
    assert_string_equal(okng_dtype_name((okng_dtype)-1), "another type");
    assert_int_equal(okng_dtype_size((okng_dtype)10), 0);
    for (int i = 0; i < 11; i++)
        assert_true(okng_dtype_is_floating((okng_dtype)i) == (strstr(okng_dtype_name((okng_dtype)i), "float") != NULL));
}

static void a_new_array_is_zero_and_aligned(void **state)
{
    (void)state;
    okng_array *array;
    assert_ok(okng_array_new(&array, OKNG_I16, 2, (const int64_t[]){3, 7}, error));
    assert_int_equal(okng_array_dtype(array), OKNG_I16);
    assert_int_equal(okng_array_dims(array), 2);
    assert_int_equal(okng_array_shape(array, 1), 7);
    assert_int_equal(okng_array_shape(array, 2), 0);
    assert_int_equal(okng_array_shape(array, -1), 0);
    assert_int_equal((uintptr_t)okng_array_data(array) % 64, 0);
    for (size_t i = 0; i < 42; i++) assert_int_equal(((uint8_t *)okng_array_data(array))[i], 0);
    okng_array_free(&array);
    assert_null(array);
    okng_array_free(&array);
    okng_array_free(NULL);
}

static void impossible_arrays_are_refused(void **state)
{
    (void)state;
    okng_array *array = (okng_array *)&array;
    assert_fails(OKNG_ERROR_ARGUMENT, "9 dimensions", okng_array_new(&array, OKNG_F32, 9, (int64_t[9]){0}, error));
    assert_null(array);
    assert_fails(OKNG_ERROR_ARGUMENT, "[-1]", okng_array_new(&array, OKNG_F32, 1, (int64_t[]){-1}, error));
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void every_float16_converts_exactly(void **state)
{
    (void)state;
    enum { ALL = 65536 };
    static uint16_t halves[ALL];
    static float floats[ALL];
    for (unsigned i = 0; i < ALL; i++) halves[i] = (uint16_t)i;
    okng_to_float(OKNG_F16, halves, ALL, floats);
    for (unsigned i = 0; i < ALL; i++) {
        int exponent = (int)(i >> 10 & 31), fraction = (int)(i & 1023);
        uint32_t sign = i >> 15 << 31;
        if (exponent == 31)
            assert_int_equal(bits_of(floats[i]), sign | 0x7f800000u | (uint32_t)fraction << 13);
        else {
            float expected = exponent ? ldexpf((float)(fraction + 1024), exponent - 25) : ldexpf((float)fraction, -24);
            assert_int_equal(bits_of(floats[i]), bits_of(expected) | sign);
        }
    }
}

static void bfloat16_is_the_upper_half_of_a_float(void **state)
{
    (void)state;
    static const uint16_t from[] = {0x3f80, 0x0001, 0x8000, 0x7f80, 0xffc1, 0xc2f7};
    float out[6];
    okng_to_float(OKNG_BF16, from, 6, out);
    for (size_t i = 0; i < 6; i++) assert_int_equal(bits_of(out[i]), (uint32_t)from[i] << 16);
}

static void float64_is_rounded_to_nearest_even(void **state)
{
    (void)state;
    static const double from[] = {0.1, -0.0, 0x1p-149, 0x1p-151, 1e300, -INFINITY, 0x1.000001p0, 0x1.000003p0};
    static const float expected[] = {0.1f, -0.0f, 0x1p-149f, 0.0f, INFINITY, -INFINITY, 1.0f, 0x1.000004p0f};
    float out[8];
    okng_to_float(OKNG_F64, from, 8, out);
    for (size_t i = 0; i < 8; i++) assert_int_equal(bits_of(out[i]), bits_of(expected[i]));
    okng_to_float(OKNG_F64, (const double[]){NAN}, 1, out);
    assert_true(isnan(out[0]));
}

static void any_alignment_will_do(void **state)
{
    (void)state;
    uint8_t raw[64];
    float out[4];
    for (size_t shift = 0; shift < 8; shift++) {
        memcpy(raw + shift, (const double[]){1, -2, 0.5}, 24);
        okng_to_float(OKNG_F64, raw + shift, 3, out);
        assert_true(out[0] == 1 && out[1] == -2 && out[2] == 0.5f);
        memcpy(raw + shift, (const float[]){3, 4}, 8);
        okng_to_float(OKNG_F32, raw + shift, 2, out);
        assert_true(out[0] == 3 && out[1] == 4);
        memcpy(raw + shift, (const uint16_t[]){0x3c00, 0xc000}, 4);
        okng_to_float(OKNG_F16, raw + shift, 2, out);
        assert_true(out[0] == 1 && out[1] == -2);
    }
    okng_to_float(OKNG_F32, NULL, 0, out);
}

static void integers_do_not_pass_for_floats(void **state)
{
    (void)state;
    float out[2] = {0, 0};
    okng_to_float(OKNG_I64, (const int64_t[]){1, 2}, 2, out);
    assert_true(isnan(out[0]) && isnan(out[1]));
}

static float float_of(okng_dtype dtype, uint16_t bits)
{
    float value;
    okng_to_float(dtype, &bits, 1, &value);
    return value;
}

static uint16_t rounded(okng_dtype dtype, float value)
{
    uint16_t bits;
    assert_true(okng_from_float(dtype, &value, 1, &bits));
    return bits;
}

/* Every number comes back; between two neighbours the middle goes to the even one, all else to the nearer. */
static void floats_are_rounded_to_the_nearest_of_fewer_bits(void **state)
{
    (void)state;
    static const okng_dtype dtypes[] = {OKNG_F16, OKNG_BF16};
    static const uint16_t infinities[] = {0x7c00, 0x7f80};
    for (int d = 0; d < 2; d++) {
        const okng_dtype dtype = dtypes[d];
        for (uint32_t i = 0; i < 0x8000; i++) {
            const uint16_t bits = (uint16_t)i, minus = (uint16_t)(i | 0x8000);
            const float value = float_of(dtype, bits);
            if (isnan(value)) {
                assert_true(isnan(float_of(dtype, rounded(dtype, value))));
                continue;
            }
            assert_int_equal(rounded(dtype, value), bits);
            assert_int_equal(rounded(dtype, -value), minus);
            if (i + 1 >= infinities[d]) continue;
            const float middle = (float)(((double)value + (double)float_of(dtype, (uint16_t)(i + 1))) / 2);
            assert_int_equal(rounded(dtype, middle), i % 2 ? i + 1 : i);
            assert_int_equal(rounded(dtype, nextafterf(middle, 0.0f)), i);
            assert_int_equal(rounded(dtype, -nextafterf(middle, INFINITY)), (i + 1) | 0x8000);
        }
    }
    assert_int_equal(rounded(OKNG_F16, 65519.0f), 0x7bff);
    assert_int_equal(rounded(OKNG_F16, 65520.0f), 0x7c00);
    assert_int_equal(rounded(OKNG_BF16, 3.4e38f), 0x7f80);
    float same = 0;
    assert_true(okng_from_float(OKNG_F32, &(float){1.25f}, 1, &same));
    assert_true(same == 1.25f);
    assert_false(okng_from_float(OKNG_I32, &same, 1, &same));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_are_checked_without_overflow),
        cmocka_unit_test(shapes_are_written_as_python_lists),
        cmocka_unit_test(every_type_has_a_name_and_a_size),
        cmocka_unit_test(a_new_array_is_zero_and_aligned),
        cmocka_unit_test(impossible_arrays_are_refused),
        cmocka_unit_test(every_float16_converts_exactly),
        cmocka_unit_test(bfloat16_is_the_upper_half_of_a_float),
        cmocka_unit_test(float64_is_rounded_to_nearest_even),
        cmocka_unit_test(any_alignment_will_do),
        cmocka_unit_test(integers_do_not_pass_for_floats),
        cmocka_unit_test(floats_are_rounded_to_the_nearest_of_fewer_bits),
    };
    return RUN_TESTS(tests);
}
