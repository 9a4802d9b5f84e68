/* Operators of programs one by one, with numbers that NumPy gives; what a builder refuses; and what the interpreter
 * does with numbers that are not finite, whole numbers at their limits, and memory that is not aligned. */
#include "image/image.h"
#include "program/node.h"
#include "test.h"

enum { MANY = 64 };

static okng_program *begin(void)
{
    okng_program *p;
    assert_ok(okng_program_new(&p, error));
    return p;
}

static okng_program_value floats(okng_program *p, int32_t rank, const int64_t *dims, const float *data)
{
    return okng_program_constant(p, NULL, OKNG_F32, rank, dims, data, true);
}

static okng_program_value wholes(okng_program *p, int32_t rank, const int64_t *dims, const int64_t *data)
{
    return okng_program_constant(p, NULL, OKNG_I64, rank, dims, data, true);
}

#define DIMS(...)                                                                    \
    (int32_t)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (const int64_t[]) \
    {                                                                                \
        __VA_ARGS__                                                                  \
    }
#define FLOATS(...) \
    (const float[]) \
    {               \
        __VA_ARGS__ \
    }
#define WHOLES(...)   \
    (const int64_t[]) \
    {                 \
        __VA_ARGS__   \
    }

/* Executes a program of constants alone and frees it. */
static okng_array *result_of(okng_program *p, okng_program_value x, int32_t rank, const int64_t *dims)
{
    okng_array *out;
    okng_program_output(p, "y", x);
    assert_ok(okng_program_run(p, NULL, 2, &out, error));
    assert_int_equal(out->dims, rank);
    if (rank > 0) assert_memory_equal(out->shape, dims, (size_t)rank * sizeof *dims);
    okng_program_free(&p);
    return out;
}

static void expect_floats(okng_program *p, okng_program_value x, int32_t rank, const int64_t *dims,
                          const float *expected)
{
    okng_array *out = result_of(p, x, rank, dims);
    const float *y = out->data;
    assert_int_equal(out->dtype, OKNG_F32);
    for (size_t i = 0; i < out->bytes / sizeof *y; i++)
        if (!(fabsf(y[i] - expected[i]) <= 2e-7f * fabsf(expected[i])) && !(isnan(y[i]) && isnan(expected[i])) &&
            y[i] != expected[i])
            fail_msg("element %zu is %.9g, expected %.9g", i, (double)y[i], (double)expected[i]);
    okng_array_free(&out);
}

static void expect_wholes(okng_program *p, okng_program_value x, int32_t rank, const int64_t *dims,
                          const int64_t *expected)
{
    okng_array *out = result_of(p, x, rank, dims);
    for (size_t i = 0; i < out->bytes / okng_dtype_size(out->dtype); i++) {
        const int64_t y = out->dtype == OKNG_I64 ? ((int64_t *)out->data)[i] : ((uint8_t *)out->data)[i];
        if (y != expected[i]) fail_msg("element %zu is %lld, expected %lld", i, (long long)y, (long long)expected[i]);
    }
    okng_array_free(&out);
}

/* ---- element by element ---- */

static void operators_of_one_operand(void **state)
{
    (void)state;
    static const float x[] = {-2.5f, -0.5f, 0.5f, 1.5f, NAN, INFINITY};
    static const struct {
        okng_program_op op;
        float expected[6];
    } cases[] = {
        {OKNG_PROGRAM_RELU, {0, 0, 0.5f, 1.5f, NAN, INFINITY}},
        {OKNG_PROGRAM_SIGMOID, {0.07585818f, 0.37754067f, 0.62245933f, 0.81757448f, NAN, 1}},
        {OKNG_PROGRAM_ERF, {-0.99959305f, -0.52049988f, 0.52049988f, 0.96610515f, NAN, 1}},
        {OKNG_PROGRAM_EXP, {0.082085f, 0.60653066f, 1.6487213f, 4.4816891f, NAN, INFINITY}},
        {OKNG_PROGRAM_LOG, {NAN, NAN, -0.69314718f, 0.40546511f, NAN, INFINITY}},
        {OKNG_PROGRAM_SQRT, {NAN, NAN, 0.70710678f, 1.2247449f, NAN, INFINITY}},
        {OKNG_PROGRAM_ABS, {2.5f, 0.5f, 0.5f, 1.5f, NAN, INFINITY}},
        {OKNG_PROGRAM_NEGATE, {2.5f, 0.5f, -0.5f, -1.5f, NAN, -INFINITY}},
        {OKNG_PROGRAM_ROUND, {-2, 0, 0, 2, NAN, INFINITY}},
        {OKNG_PROGRAM_FLOOR, {-3, -1, 0, 1, NAN, INFINITY}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_program *p = begin();
        expect_floats(p, okng_program_unary(p, cases[i].op, floats(p, DIMS(6), x)), DIMS(6), cases[i].expected);
    }
    okng_program *p = begin();
    okng_program_value nan = okng_program_is_nan(p, floats(p, DIMS(2, 3), x));
    expect_wholes(p, nan, DIMS(2, 3), WHOLES(0, 0, 0, 0, 1, 0));
    p = begin();
    nan = okng_program_not(p, okng_program_is_nan(p, floats(p, DIMS(6), x)));
    expect_wholes(p, nan, DIMS(6), WHOLES(1, 1, 1, 1, 0, 1));
    p = begin();
    expect_wholes(p, okng_program_abs(p, wholes(p, DIMS(2), WHOLES(-7, INT64_MIN))), DIMS(2), WHOLES(7, INT64_MIN));
}

static void operands_are_repeated_where_they_have_one(void **state)
{
    (void)state;
    static const float column[] = {1, 2}, row[] = {10, 20, 30};
    okng_program *p = begin();
    okng_program_value x = floats(p, DIMS(2, 1), column), y = floats(p, DIMS(3), row);
    expect_floats(p, okng_program_add(p, x, y), DIMS(2, 3), FLOATS(11, 21, 31, 12, 22, 32));
    p = begin();
    x = floats(p, DIMS(2, 1), column), y = floats(p, DIMS(1, 1, 3), row);
    expect_floats(p, okng_program_subtract(p, y, x), DIMS(1, 2, 3), FLOATS(9, 19, 29, 8, 18, 28));
    p = begin();
    x = floats(p, DIMS(2, 1), column);
    expect_floats(p, okng_program_divide(p, x, okng_program_scalar(p, 4)), DIMS(2, 1), FLOATS(0.25f, 0.5f));
    p = begin();
    x = floats(p, DIMS(2, 1, 1), column), y = floats(p, DIMS(3, 1), row);
    expect_floats(p, okng_program_multiply(p, x, y), DIMS(2, 3, 1), FLOATS(10, 20, 30, 20, 40, 60));
    p = begin();
    x = okng_program_greater(p, floats(p, DIMS(2, 1), column), okng_program_scalar(p, 1.5f));
    y = floats(p, DIMS(3), row);
    expect_floats(p, okng_program_select(p, x, y, okng_program_scalar(p, -1)), DIMS(2, 3),
                  FLOATS(-1, -1, -1, 10, 20, 30));
}

static void nan_goes_through_and_compares_as_false(void **state)
{
    (void)state;
    static const float x[] = {NAN, 1, NAN, 2}, y[] = {1, NAN, NAN, 2};
    okng_program *p = begin();
    expect_floats(p, okng_program_maximum(p, floats(p, DIMS(4), x), floats(p, DIMS(4), y)), DIMS(4),
                  FLOATS(NAN, NAN, NAN, 2));
    p = begin();
    expect_floats(p, okng_program_minimum(p, floats(p, DIMS(4), x), floats(p, DIMS(4), y)), DIMS(4),
                  FLOATS(NAN, NAN, NAN, 2));
    p = begin();
    expect_wholes(p, okng_program_equal(p, floats(p, DIMS(4), x), floats(p, DIMS(4), y)), DIMS(4), WHOLES(0, 0, 0, 1));
    p = begin();
    expect_wholes(p, okng_program_less(p, floats(p, DIMS(4), x), okng_program_scalar(p, 2)), DIMS(4),
                  WHOLES(0, 1, 0, 0));
    p = begin();
    expect_floats(p, okng_program_largest(p, floats(p, DIMS(2, 2), x), OKNG_AXIS(1)), DIMS(2, 1), FLOATS(NAN, NAN));
    p = begin();
    expect_floats(p, okng_program_smallest(p, floats(p, DIMS(2, 2), x), OKNG_AXIS(0)), DIMS(1, 2), FLOATS(NAN, 1));
}

static void whole_numbers_wrap_and_are_not_divided_by_nothing(void **state)
{
    (void)state;
    static const int64_t x[] = {INT64_MAX, -7, INT64_MIN}, y[] = {1, 2, -1};
    okng_program *p = begin();
    expect_wholes(p, okng_program_add(p, wholes(p, DIMS(3), x), wholes(p, DIMS(3), y)), DIMS(3),
                  WHOLES(INT64_MIN, -5, INT64_MAX));
    p = begin();
    expect_wholes(p, okng_program_divide(p, wholes(p, DIMS(3), x), wholes(p, DIMS(3), y)), DIMS(3),
                  WHOLES(INT64_MAX, -3, INT64_MIN));
    p = begin();
    expect_wholes(p, okng_program_maximum(p, wholes(p, DIMS(3), x), wholes(p, DIMS(1), y)), DIMS(3),
                  WHOLES(INT64_MAX, 1, 1));
    p = begin();
    okng_array *out;
    static const int64_t none[] = {1, 0, 1};
    okng_program_output(p, "y", okng_program_divide(p, wholes(p, DIMS(3), x), wholes(p, DIMS(3), none)));
    assert_fails(OKNG_ERROR_ARGUMENT, "divided by 0", okng_program_run(p, NULL, 1, &out, error));
    assert_null(out);
    okng_program_free(&p);
}

static void logic_is_that_of_bools(void **state)
{
    (void)state;
    static const uint8_t x[] = {0, 0, 1, 1}, y[] = {0, 1, 0, 1};
    okng_program *p = begin();
    okng_program_value a = okng_program_constant(p, NULL, OKNG_BOOL, DIMS(4), x, true);
    okng_program_value b = okng_program_constant(p, NULL, OKNG_BOOL, DIMS(4), y, true);
    expect_wholes(p, okng_program_and(p, a, b), DIMS(4), WHOLES(0, 0, 0, 1));
    p = begin();
    a = okng_program_constant(p, NULL, OKNG_BOOL, DIMS(4), x, true);
    b = okng_program_constant(p, NULL, OKNG_BOOL, DIMS(4), y, true);
    expect_wholes(p, okng_program_or(p, a, b), DIMS(4), WHOLES(0, 1, 1, 1));
}

static void types_are_cast_within_their_range(void **state)
{
    (void)state;
    static const float x[] = {-1.9f, 2.9f, 300, NAN, INFINITY, 0};
    static const okng_dtype back[] = {OKNG_U8, OKNG_I32, OKNG_I64, OKNG_BOOL, OKNG_F16};
    static const float expected[][6] = {{0, 2, 255, 0, 255, 0},
                                        {-1, 2, 300, 0, 2147483648.0f, 0},
                                        {-1, 2, 300, 0, 9223372036854775808.0f, 0},
                                        {1, 1, 1, 1, 1, 0},
                                        {-1.9003906f, 2.9003906f, 300, NAN, INFINITY, 0}};
    for (int i = 0; i < 5; i++) {
        okng_program *p = begin();
        okng_program_value y = okng_program_cast(p, floats(p, DIMS(6), x), back[i]);
        expect_floats(p, okng_program_cast(p, y, OKNG_F32), DIMS(6), expected[i]);
    }
}

/* ---- along axes ---- */

static const float count_up[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};

static void axes_are_reduced(void **state)
{
    (void)state;
    okng_program *p = begin();
    okng_program_value x = floats(p, DIMS(2, 3, 4), count_up);
    expect_floats(p, okng_program_sum(p, x, OKNG_AXIS(1)), DIMS(2, 1, 4), FLOATS(12, 15, 18, 21, 48, 51, 54, 57));
    p = begin();
    x = floats(p, DIMS(2, 3, 4), count_up);
    expect_floats(p, okng_program_mean(p, x, OKNG_AXIS(0) | OKNG_AXIS(2)), DIMS(1, 3, 1), FLOATS(7.5f, 11.5f, 15.5f));
    p = begin();
    x = floats(p, DIMS(2, 3, 4), count_up);
    expect_floats(p, okng_program_largest(p, x, OKNG_AXIS(1) | OKNG_AXIS(2)), DIMS(2, 1, 1), FLOATS(11, 23));
    p = begin();
    x = floats(p, DIMS(2, 3, 4), count_up);
    expect_floats(p, okng_program_smallest(p, x, OKNG_AXIS(0) | OKNG_AXIS(1) | OKNG_AXIS(2)), DIMS(1, 1, 1), FLOATS(0));
    p = begin();
    x = floats(p, DIMS(2, 2, 1), count_up);
    expect_floats(p, okng_program_softmax(p, x, 0), DIMS(2, 2, 1),
                  FLOATS(0.11920292f, 0.11920292f, 0.880797f, 0.880797f));
    p = begin();
    x = okng_program_layer_norm(p, floats(p, DIMS(1, 4), count_up), floats(p, DIMS(4), FLOATS(1, 1, 2, 2)),
                                floats(p, DIMS(4), FLOATS(0, 0, 0, 1)), 0.75f);
    expect_floats(p, x, DIMS(1, 4), FLOATS(-1.0606602f, -0.35355339f, 0.70710678f, 3.1213203f));
}

static void the_largest_and_smallest_come_in_order(void **state)
{
    (void)state;
    static const float x[] = {3, 1, 2, 3, 5, 5, -1, 5};
    okng_program_value places;
    okng_program *p = begin();
    expect_floats(p, okng_program_top_k(p, floats(p, DIMS(2, 4), x), 3, true, NULL), DIMS(2, 3),
                  FLOATS(3, 3, 2, 5, 5, 5));
    p = begin();
    (void)okng_program_top_k(p, floats(p, DIMS(2, 4), x), 3, true, &places);
    expect_wholes(p, places, DIMS(2, 3), WHOLES(0, 3, 2, 0, 1, 3));
    p = begin();
    (void)okng_program_top_k(p, floats(p, DIMS(2, 4), x), 4, false, &places);
    expect_wholes(p, places, DIMS(2, 4), WHOLES(1, 2, 0, 3, 2, 0, 1, 3));
    static const float bad[] = {3, NAN, 2, 7};
    p = begin();
    (void)okng_program_top_k(p, floats(p, DIMS(4), bad), 2, false, &places);
    expect_wholes(p, places, DIMS(2), WHOLES(1, 2)); /* never passed over */
}

/* ---- products and windows ---- */

static void products_repeat_matrices_and_turn_them(void **state)
{
    (void)state;
    okng_program *p = begin();
    okng_program_value x = floats(p, DIMS(2, 2, 3), count_up), y = floats(p, DIMS(3, 2), count_up);
    expect_floats(p, okng_program_matmul(p, x, y), DIMS(2, 2, 2), FLOATS(10, 13, 28, 40, 46, 67, 64, 94));
    p = begin();
    x = floats(p, DIMS(2, 2, 3), count_up), y = floats(p, DIMS(2, 3), count_up);
    expect_floats(p, okng_program_matmul_turned(p, x, y), DIMS(2, 2, 2), FLOATS(5, 14, 14, 50, 23, 86, 32, 122));
    p = begin();
    x = floats(p, DIMS(1, 2, 1, 2), count_up), y = floats(p, DIMS(2, 1, 2, 1), count_up);
    expect_floats(p, okng_program_matmul(p, x, y), DIMS(2, 2, 1, 1), FLOATS(1, 3, 3, 13));
}

static void pools_know_padding(void **state)
{
    (void)state;
    const okng_window window = {{2, 2}, {2, 2}, {1, 1}};
    okng_program *p = begin();
    okng_program_value x = okng_program_negate(p, floats(p, DIMS(1, 1, 2, 3), count_up));
    expect_floats(p, okng_program_max_pool(p, x, window), DIMS(1, 1, 2, 2), FLOATS(0, -1, -3, -4));
    p = begin();
    x = floats(p, DIMS(1, 1, 2, 3), count_up);
    expect_floats(p, okng_program_average_pool(p, x, window), DIMS(1, 1, 2, 2), FLOATS(0, 0.75f, 0.75f, 2.25f));
    static const float bad[] = {1, NAN, 2, 3};
    p = begin();
    x = okng_program_max_pool(p, floats(p, DIMS(1, 1, 1, 4), bad), (okng_window){{1, 2}, {1, 2}, {0, 0}});
    expect_floats(p, x, DIMS(1, 1, 1, 2), FLOATS(NAN, 3));
}

/* Beside the resize of pictures in float32, which has torch's numbers (tests/unit/test_image_resize.c). */
static void a_resize_is_that_of_pictures(void **state)
{
    (void)state;
    enum { WIDTH = 23, HEIGHT = 17 };
    static const int32_t sizes[][2] = {{7, 5}, {23, 9}, {40, 31}, {1, 1}, {23, 17}};
    uint8_t pixels[WIDTH * HEIGHT * 3];
    float planes[3 * HEIGHT * WIDTH], expected[3 * 40 * 31];
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * i * 7 + i * 31);
    for (size_t i = 0; i < sizeof pixels; i++) planes[i % 3 * WIDTH * HEIGHT + i / 3] = (float)pixels[i] / 255.0f;
    okng_image image = {.width = WIDTH, .height = HEIGHT, .channels = 3, .pixels = pixels};
    for (int i = 0; i < 5; i++) {
        const int32_t w = sizes[i][0], h = sizes[i][1];
        assert_ok(okng_image_resize_float(&image, w, h, OKNG_BILINEAR_FLOAT, expected, error));
        okng_program *p = begin();
        okng_program_value x = okng_program_resize(p, floats(p, DIMS(1, 3, HEIGHT, WIDTH), planes), h, w);
        okng_array *out = result_of(p, x, DIMS(1, 3, h, w));
        for (int k = 0; k < 3 * w * h; k++)
            if (fabsf(((float *)out->data)[k] - expected[k]) > 3e-7f) fail_msg("%d x %d, element %d", w, h, k);
        okng_array_free(&out);
    }
}

/* ---- places ---- */

static void numbers_are_taken_from_their_places(void **state)
{
    (void)state;
    okng_program *p = begin();
    okng_program_value x = floats(p, DIMS(2, 3, 2), count_up), at = wholes(p, DIMS(2, 2), WHOLES(2, 0, 1, 1));
    expect_floats(p, okng_program_gather(p, x, at, 1), DIMS(2, 2, 2, 2),
                  FLOATS(4, 5, 0, 1, 2, 3, 2, 3, 10, 11, 6, 7, 8, 9, 8, 9));
    p = begin();
    x = floats(p, DIMS(4), count_up), at = wholes(p, 0, NULL, WHOLES(3));
    expect_floats(p, okng_program_gather(p, x, at, 0), 0, NULL, FLOATS(3));
    p = begin();
    x = floats(p, DIMS(2, 3), count_up), at = wholes(p, DIMS(2, 2), WHOLES(2, 0, 1, 1));
    expect_floats(p, okng_program_gather_elements(p, x, at, 1), DIMS(2, 2), FLOATS(2, 0, 4, 4));
    p = begin();
    x = floats(p, DIMS(2, 3), count_up), at = wholes(p, DIMS(1, 3), WHOLES(1, 0, 1));
    expect_floats(p, okng_program_gather_elements(p, x, at, 0), DIMS(1, 3), FLOATS(3, 1, 5));
    static const int64_t bad[] = {-1, 3};
    for (int i = 0; i < 2; i++) {
        okng_array *out;
        p = begin();
        x = floats(p, DIMS(3), count_up), at = wholes(p, DIMS(1), bad + i);
        okng_program_output(p, "y", okng_program_gather(p, x, at, 0));
        assert_fails(OKNG_ERROR_ARGUMENT, "expected 0 to 2", okng_program_run(p, NULL, 1, &out, error));
        okng_program_free(&p);
    }
}

static void numbers_are_put_to_other_places(void **state)
{
    (void)state;
    okng_program *p = begin();
    okng_program_value x = floats(p, DIMS(2, 3), count_up), y = floats(p, DIMS(2, 1), FLOATS(-1, -2));
    expect_floats(p, okng_program_concat(p, (okng_program_value[]){x, y, x}, 3, 1), DIMS(2, 7),
                  FLOATS(0, 1, 2, -1, 0, 1, 2, 3, 4, 5, -2, 3, 4, 5));
    p = begin();
    x = okng_program_slice(p, floats(p, DIMS(2, 5), count_up), 1, 1, 5, 2);
    expect_floats(p, x, DIMS(2, 2), FLOATS(1, 3, 6, 8));
    p = begin();
    x = okng_program_transpose(p, floats(p, DIMS(2, 3, 2), count_up), (const int32_t[]){1, 2, 0});
    expect_floats(p, x, DIMS(3, 2, 2), FLOATS(0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11));
    p = begin();
    x = okng_program_expand(p, floats(p, DIMS(2, 1), count_up), DIMS(2, 1, 3));
    expect_floats(p, x, DIMS(2, 2, 3), FLOATS(0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1));
    p = begin();
    x = okng_program_pad(p, floats(p, DIMS(2, 2), count_up), WHOLES(1, 0), WHOLES(0, 2), 9);
    expect_floats(p, x, DIMS(3, 4), FLOATS(9, 9, 9, 9, 0, 1, 9, 9, 2, 3, 9, 9));
    p = begin();
    x = okng_program_reshape(p, floats(p, DIMS(2, 6), count_up), DIMS(0, OKNG_ANY, 2));
    assert_int_equal(okng_program_dim(p, x, 1), 3);
    x = okng_program_add(p, okng_program_reshape(p, x, DIMS(4, 3)), okng_program_reshape(p, x, DIMS(1, 4, 3)));
    expect_floats(p, x, DIMS(1, 4, 3), FLOATS(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22));
}

/* ---- shapes ---- */

static void an_open_batch_stays_open(void **state)
{
    (void)state;
    okng_program *p = begin();
    okng_program_value x = okng_program_input(p, "x", OKNG_F32, DIMS(OKNG_ANY, 6, 4)), y;
    y = okng_program_reshape(p, x, DIMS(OKNG_ANY, 4));
    assert_int_equal(okng_program_dim(p, y, 0), OKNG_ANY);
    y = okng_program_reshape(p, y, DIMS(OKNG_ANY, 6, 4));
    assert_int_equal(okng_program_dim(p, y, 0), OKNG_ANY);
    y = okng_program_reshape(p, y, DIMS(0, OKNG_ANY));
    assert_int_equal(okng_program_dim(p, y, 0), OKNG_ANY);
    assert_int_equal(okng_program_dim(p, y, 1), 24);
    y = okng_program_add(p, okng_program_reshape(p, y, DIMS(OKNG_ANY, 24)), floats(p, DIMS(24), count_up));
    okng_program_output(p, "y", y);
    assert_ok(okng_program_check(p, error));
    for (int64_t n = 1; n < 4; n++) {
        float data[MANY * 2] = {0};
        okng_array in = {.dtype = OKNG_F32, .dims = 3, .shape = {n, 6, 4}, .data = data}, *out;
        assert_ok(okng_program_run(p, (const okng_array *const[]){&in}, 1, &out, error));
        assert_int_equal(out->shape[0], n);
        assert_memory_equal((float *)out->data + (n - 1) * 24, count_up, sizeof count_up);
        okng_array_free(&out);
    }
    okng_array wrong = {.dtype = OKNG_F32, .dims = 3, .shape = {1, 5, 4}}, *out;
    assert_fails(OKNG_ERROR_ARGUMENT, "the input x is float32 [1, 5, 4], expected float32 [?, 6, 4]",
                 okng_program_run(p, (const okng_array *const[]){&wrong}, 1, &out, error));
    okng_program_free(&p);
}

/* Each makes one mistake; the message says what was given. */
static void refuse(okng_program *p, okng_program_value x, okng_status status, const char *part)
{
    assert_int_equal(x, OKNG_PROGRAM_NONE);
    assert_fails(status, part, okng_program_check(p, error));
    assert_int_equal(okng_program_scalar(p, 1), OKNG_PROGRAM_NONE); /* nothing goes on */
    okng_program_output(p, "y", 0);
    okng_array *out;
    assert_fails(status, part, okng_program_run(p, NULL, 1, &out, error));
    okng_program_free(&p);
}

static okng_program_value mistake(okng_program *p, int which)
{
    const okng_program_value x = okng_program_input(p, "x", OKNG_F32, DIMS(OKNG_ANY, 3, 4, 4));
    const okng_program_value w = floats(p, DIMS(2, 3, 1, 1), count_up), i = wholes(p, DIMS(1), WHOLES(0));
    const okng_window one = okng_window_square(1, 1, 0);
    switch (which) {
    case 0:
        return okng_program_add(p, x, floats(p, DIMS(5), count_up));
    case 1:
        return okng_program_add(p, x, i);
    case 2:
        return okng_program_conv(p, x, w, OKNG_PROGRAM_NONE, okng_window_square(3, 1, 0), 1);
    case 3:
        return okng_program_conv(p, x, w, OKNG_PROGRAM_NONE, one, 0);
    case 4:
        return okng_program_max_pool(p, x, okng_window_square(9, 1, 0));
    case 5:
        return okng_program_max_pool(p, x, (okng_window){{1, 1}, {0, 1}, {0, 0}});
    case 6:
        return okng_program_reduce(p, OKNG_PROGRAM_REDUCE_SUM, x, OKNG_AXIS(4));
    case 7:
        return okng_program_reduce(p, OKNG_PROGRAM_ADD, x, 1);
    case 8:
        return okng_program_top_k(p, x, 5, true, NULL);
    case 9:
        return okng_program_gather(p, x, x, 0);
    case 10:
        return okng_program_gather(p, x, i, 4);
    case 11:
        return okng_program_slice(p, x, 0, 0, 1, 1);
    case 12:
        return okng_program_slice(p, x, 1, 1, 4, 1);
    case 13:
        return okng_program_slice(p, x, 1, 0, 1, 0);
    case 14:
        return okng_program_transpose(p, x, (const int32_t[]){0, 1, 1, 2});
    case 15:
        return okng_program_reshape(p, x, DIMS(OKNG_ANY, OKNG_ANY));
    case 16:
        return okng_program_reshape(p, x, DIMS(48));
    case 17:
        return okng_program_reshape(p, x, DIMS(0, 47));
    case 18:
        return okng_program_expand(p, x, DIMS(0, 3, 4, 4));
    case 19:
        return okng_program_pad(p, x, WHOLES(1, 0, 0, 0), WHOLES(0, 0, 0, 0), 0);
    case 20:
        return okng_program_cast(p, x, OKNG_F64);
    case 21:
        return okng_program_resize(p, x, 0, 4);
    case 22:
        return okng_program_concat(p, (okng_program_value[]){x, x}, 2, 0);
    case 23:
        return okng_program_softmax(p, x, -1);
    case 24:
        return okng_program_matmul(p, x, floats(p, DIMS(3, 4), count_up));
    case 25:
        return okng_program_select(p, x, x, x);
    case 26:
        return okng_program_relu(p, 77);
    case 27:
        return okng_program_relu(p, OKNG_PROGRAM_NONE);
    case 28:
        return okng_program_input(p, "x", OKNG_F32, DIMS(1));
    case 29:
        return okng_program_input(p, "y", OKNG_F32, DIMS(1, OKNG_ANY));
    case 30:
        return okng_program_input(p, "y", OKNG_F32, 7, WHOLES(1, 1, 1, 1, 1, 1, 1));
    case 31:
        return okng_program_constant(p, "c", OKNG_F32, DIMS(0), count_up, true);
    case 32:
        return okng_program_append(p, &(okng_program_node){.op = OKNG_PROGRAM_TOP_K_INDICES, .k = 1}, &x, 1);
    case 33:
        return okng_program_append(p, &(okng_program_node){.op = OKNG_PROGRAM_OP_COUNT}, &x, 1);
    case 34:
        return okng_program_append(p, &(okng_program_node){.op = OKNG_PROGRAM_CONSTANT}, &x, 1);
    case 35:
        return okng_program_append(p, &(okng_program_node){.op = OKNG_PROGRAM_CONCAT}, &x, 0);
    default:
        return okng_program_layer_norm(p, x, i, i, 1e-6f);
    }
}

static void mistakes_are_refused_with_what_was_given(void **state)
{
    (void)state;
    for (int which = 0; which <= 36; which++) {
        okng_program *p = begin();
        const okng_program_value x = mistake(p, which);
        refuse(p, x, OKNG_ERROR_ARGUMENT, which == 0 ? "add, was given float32 [?, 3, 4, 4], float32 [5]" : "expected");
    }
}

static void sizes_that_no_machine_has_are_refused(void **state)
{
    (void)state;
    okng_program *p = begin();
    okng_program_value x = floats(p, DIMS(1, 1), count_up);
    refuse(p, okng_program_expand(p, x, DIMS(1 << 20, 1 << 20)), OKNG_ERROR_LIMIT, "2^36");
    p = begin();
    x = floats(p, DIMS(1, 1), count_up);
    refuse(p, okng_program_expand(p, x, DIMS(INT64_MAX, INT64_MAX)), OKNG_ERROR_LIMIT, "2^36");
    p = begin();
    x = floats(p, DIMS(1), count_up);
    refuse(p, okng_program_pad(p, x, WHOLES(INT64_MAX), WHOLES(INT64_MAX), 0), OKNG_ERROR_ARGUMENT, "padded");
    p = begin();
    x = okng_program_scalar(p, 1);
    for (int i = 0; i < OKNG_PROGRAM_MAX_NODES; i++) x = okng_program_relu(p, x);
    refuse(p, x, OKNG_ERROR_LIMIT, "65536");
}

/* Its places have nowhere to go. */
static void top_k_without_its_places_is_not_run(void **state)
{
    (void)state;
    for (int last = 0; last < 2; last++) {
        okng_program *p = begin();
        const okng_program_value x = floats(p, DIMS(8), count_up);
        const okng_program_value most =
            okng_program_append(p, &(okng_program_node){.op = OKNG_PROGRAM_TOP_K, .k = 2, .largest = true}, &x, 1);
        okng_program_output(p, "y", last ? most : okng_program_relu(p, most));
        okng_array *out;
        assert_fails(OKNG_ERROR_ARGUMENT, "no top_k_indices", okng_program_run(p, NULL, 1, &out, error));
        okng_program_free(&p);
    }
}

/* ---- memory ---- */

static void constants_may_lie_anywhere_and_names_are_told_apart(void **state)
{
    (void)state;
    char memory[8 * sizeof(float) + 1];
    memcpy(memory + 1, count_up, 8 * sizeof(float));
    okng_program *p = begin();
    okng_program_value a = okng_program_constant(p, "w", OKNG_F32, DIMS(8), memory + 1, true);
    okng_program_value b = okng_program_constant(p, "w", OKNG_F32, DIMS(8), count_up + 1, false);
    assert_int_equal(okng_program_constant(p, "w", OKNG_F32, DIMS(8), count_up, false), a);
    assert_int_equal(okng_program_constant(p, "w", OKNG_F32, DIMS(8), count_up + 1, true), b);
    assert_string_equal(p->nodes[a].name, "w");
    assert_string_equal(p->nodes[b].name, "w.2");
    assert_ptr_equal(p->nodes[a].data, memory + 1);
    okng_program_costs costs;
    okng_program_value sum = okng_program_add(p, a, b);
    okng_program_count(p, 1, &costs);
    assert_int_equal(costs.constants, 64);
    assert_int_equal(costs.parameters, 16);
    assert_int_equal(costs.largest, 32);
    expect_floats(p, sum, DIMS(8), FLOATS(1, 3, 5, 7, 9, 11, 13, 15));
}

/* Before memory is asked for: the kernel would promise it. */
static void a_run_has_a_limit_of_bytes(void **state)
{
    (void)state;
    okng_program *p = begin();
    okng_program_output(
        p, "y", okng_program_relu(p, okng_program_expand(p, okng_program_scalar(p, 1), DIMS(1 << 17, 1 << 18))));
    okng_array *out;
    assert_fails(OKNG_ERROR_LIMIT, "would take 137438953472 bytes beside 0", okng_program_run(p, NULL, 1, &out, error));
    assert_null(out);
    okng_program_free(&p);
}

static void a_value_may_be_several_outputs_and_what_nobody_asks_for_is_not_run(void **state)
{
    (void)state;
    okng_program *p = begin();
    okng_program_value x = okng_program_input(p, "x", OKNG_F32, DIMS(2)), view = okng_program_reshape(p, x, DIMS(1, 2));
    (void)okng_program_gather(p, x, wholes(p, DIMS(1), WHOLES(9)), 0); /* would fail */
    okng_program_output(p, "a", view);
    okng_program_output(p, "b", x);
    okng_program_output(p, "c", okng_program_reshape(p, okng_program_relu(p, view), DIMS(2, 1)));
    okng_array in = {.dtype = OKNG_F32, .dims = 1, .shape = {2}, .data = (float[]){-1, 2}}, *out[3];
    assert_ok(okng_program_run(p, (const okng_array *const[]){&in}, 1, out, error));
    assert_memory_equal(out[0]->data, out[1]->data, 8);
    assert_true(((float *)out[2]->data)[0] == 0 && ((float *)out[2]->data)[1] == 2);
    for (int i = 0; i < 3; i++) okng_array_free(&out[i]);
    okng_program_output(p, "a", x);
    assert_fails(OKNG_ERROR_ARGUMENT, "two outputs", okng_program_check(p, error));
    okng_program_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_of_one_operand),
        cmocka_unit_test(operands_are_repeated_where_they_have_one),
        cmocka_unit_test(nan_goes_through_and_compares_as_false),
        cmocka_unit_test(whole_numbers_wrap_and_are_not_divided_by_nothing),
        cmocka_unit_test(logic_is_that_of_bools),
        cmocka_unit_test(types_are_cast_within_their_range),
        cmocka_unit_test(axes_are_reduced),
        cmocka_unit_test(the_largest_and_smallest_come_in_order),
        cmocka_unit_test(products_repeat_matrices_and_turn_them),
        cmocka_unit_test(pools_know_padding),
        cmocka_unit_test(a_resize_is_that_of_pictures),
        cmocka_unit_test(numbers_are_taken_from_their_places),
        cmocka_unit_test(numbers_are_put_to_other_places),
        cmocka_unit_test(an_open_batch_stays_open),
        cmocka_unit_test(mistakes_are_refused_with_what_was_given),
        cmocka_unit_test(sizes_that_no_machine_has_are_refused),
        cmocka_unit_test(a_run_has_a_limit_of_bytes),
        cmocka_unit_test(top_k_without_its_places_is_not_run),
        cmocka_unit_test(constants_may_lie_anywhere_and_names_are_told_apart),
        cmocka_unit_test(a_value_may_be_several_outputs_and_what_nobody_asks_for_is_not_run),
    };
    return RUN_TESTS(tests);
}
