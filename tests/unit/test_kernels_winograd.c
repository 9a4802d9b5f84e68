/* Winograd's convolutions: the plain-C reference against sums in double as they are written, every variant that this
 * CPU runs against the reference, bit by bit, however the work is cut; and what becomes of numbers that are not finite.
 */
#include "base/rng.h"
#include "kernels/winograd.h"
#include "test.h"

static const okng_cpu all[] = {OKNG_CPU_C, OKNG_CPU_AVX2, OKNG_CPU_AVX512};
enum { VARIANTS = sizeof all / sizeof *all, ALIGNMENT = 64 };

static okng_rng rng;

static void *room(size_t bytes)
{
    void *made = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + ALIGNMENT);
    assert_non_null(made);
    return made;
}

static float *numbers(int64_t count, double scale)
{
    float *made = room((size_t)count * sizeof *made);
    for (int64_t i = 0; i < count; i++) made[i] = (float)(scale * okng_rng_normal(&rng));
    return made;
}

/* A convolution with what it reads. */
typedef struct example {
    okng_winograd_shape shape;
    float *src, *weights, *bias, *added;
    int64_t height, width, pixels; /* of the result; of all pictures */
} example;

static example example_of(okng_winograd_shape s)
{
    const int64_t stride = s.strided ? 2 : 1;
    example e = {.shape = s, .height = (s.height + stride - 1) / stride, .width = (s.width + stride - 1) / stride};
    e.pixels = s.pictures * e.height * e.width;
    e.src = numbers(s.pictures * s.height * s.width * s.in, 1);
    e.weights = numbers(s.out * s.in * OKNG_WINOGRAD_TAPS, 1 / sqrt((double)(s.in * OKNG_WINOGRAD_TAPS)));
    e.bias = numbers(s.out, 1);
    e.added = numbers(e.pixels * s.out, 1);
    return e;
}

static void example_free(example *e)
{
    free(e->src);
    free(e->weights);
    free(e->bias);
    free(e->added);
}

/* The result by a variant, cut for so many threads; pieces from the last to the first: they stand by themselves. */
static float *convolve(const example *e, const okng_winograd *kernels, int threads)
{
    okng_winograd_map map;
    assert_true(okng_winograd_map_of(&map, kernels, &e->shape, threads));
    float *packed = room(okng_winograd_packed(&map) * sizeof *packed), *scratch = room(okng_winograd_scratch(&map));
    float *dst = room((size_t)(e->pixels * e->shape.out) * sizeof *dst);
    memset(scratch, 0xff, okng_winograd_scratch(&map)); /* NaN */
    memcpy(dst, e->added, (size_t)(e->pixels * e->shape.out) * sizeof *dst);
    okng_winograd_pack(&map, threads, e->weights, packed);
    for (int64_t i = okng_winograd_tiles(&map); i-- > 0;)
        okng_winograd_tile(&map, i, e->src, packed, e->bias, dst, dst, scratch);
    free(packed);
    free(scratch);
    return dst;
}

static double direct(const example *e, int64_t picture, int64_t y, int64_t x, int64_t channel)
{
    const okng_winograd_shape *s = &e->shape;
    double sum = (double)e->bias[channel];
    for (int64_t tap = 0; tap < OKNG_WINOGRAD_TAPS; tap++) {
        const int64_t stride = s->strided ? 2 : 1, row = y * stride + tap / 3 - 1, column = x * stride + tap % 3 - 1;
        if (row < 0 || row >= s->height || column < 0 || column >= s->width) continue;
        const float *from = e->src + ((picture * s->height + row) * s->width + column) * s->in;
        const float *weights = e->weights + channel * s->in * OKNG_WINOGRAD_TAPS + tap;
        for (int64_t i = 0; i < s->in; i++) sum += (double)from[i] * (double)weights[i * OKNG_WINOGRAD_TAPS];
    }
    if (s->added) sum += (double)e->added[((picture * e->height + y) * e->width + x) * s->out + channel];
    return s->relu && sum < 0 ? 0 : sum;
}

/* NaN is NaN, of whatever sign. */
static void assert_same(const float *found, const float *expected, int64_t count, const char *what)
{
    for (int64_t i = 0; i < count; i++)
        if (memcmp(found + i, expected + i, sizeof *found) != 0 && !(isnan(found[i]) && isnan(expected[i])))
            fail_msg("%s: element %lld of %lld is %a, expected %a", what, (long long)i, (long long)count,
                     (double)found[i], (double)expected[i]);
}

static void assert_variants_agree(const example *e, const float *expected)
{
    for (size_t v = 0; v < VARIANTS; v++)
        for (int threads = 1; threads <= 5; threads += 2) {
            const okng_winograd *kernels = okng_winograd_variant(all[v]);
            if (!kernels || (v == 0 && threads > 1)) continue;
            float *found = convolve(e, kernels, threads);
            assert_same(found, expected, e->pixels * e->shape.out, kernels->name);
            free(found);
        }
}

static void round_of(okng_winograd_shape shape)
{
    enum { SOME = 400 };
    const double limit = 1e-5; /* the largest values are 4 to 5 */
    example e = example_of(shape);
    float *found = convolve(&e, okng_winograd_variant(OKNG_CPU_C), 1);
    const int64_t count = e.pixels * shape.out, each = count / SOME + 1;
    for (int64_t i = (int64_t)okng_rng_below(&rng, (uint64_t)each); i < count; i += each) {
        const int64_t pixel = i / shape.out, inside = pixel % (e.height * e.width);
        const double right =
            direct(&e, pixel / (e.height * e.width), inside / e.width, inside % e.width, i % shape.out);
        if (!(fabs((double)found[i] - right) <= limit))
            fail_msg(
                "%lld pictures of %lld x %lld, %lld to %lld channels, stride %d: element %lld is %.9g, expected %.9g",
                (long long)shape.pictures, (long long)shape.height, (long long)shape.width, (long long)shape.in,
                (long long)shape.out, shape.strided ? 2 : 1, (long long)i, (double)found[i], right);
    }
    assert_variants_agree(&e, found);
    free(found);
    example_free(&e);
}

static void every_size_is_right(void **state)
{
    (void)state;
    rng = okng_rng_new(1, OKNG_STREAM_START);
    for (int64_t height = 1; height <= 10; height++)
        for (int64_t width = 1; width <= 10; width += 1 + (int64_t)okng_rng_below(&rng, 3))
            for (int strided = 0; strided < 2; strided++)
                round_of((okng_winograd_shape){.pictures = 1 + (height + width) % 3,
                                               .height = strided ? 2 * height - width % 2 : height,
                                               .width = strided ? 2 * width - height % 2 : width,
                                               .in = 16,
                                               .out = 16,
                                               .relu = height % 2 == 0,
                                               .added = width % 2 == 0,
                                               .strided = strided});
}

static void all_channels_are_right(void **state)
{
    (void)state;
    rng = okng_rng_new(2, OKNG_STREAM_START);
    round_of((okng_winograd_shape){2, 9, 13, 32, 48, true, true, false});
    round_of((okng_winograd_shape){2, 19, 26, 32, 48, true, true, true});
    round_of((okng_winograd_shape){1, 14, 14, 208, 160, true, false, false});
    round_of((okng_winograd_shape){1, 27, 28, 208, 160, true, false, true});
    round_of((okng_winograd_shape){1, 7, 6, 400, 96, false, true, false});
    round_of((okng_winograd_shape){3, 30, 29, 16, 16, true, true, false});
}

static void channels_that_fill_no_vector_are_refused(void **state)
{
    okng_winograd_map map;
    const okng_winograd *kernels = okng_winograd_variant(OKNG_CPU_C);
    (void)state;
    assert_false(okng_winograd_map_of(&map, kernels, &(okng_winograd_shape){1, 8, 8, 3, 64, false, false, false}, 1));
    assert_false(okng_winograd_map_of(&map, kernels, &(okng_winograd_shape){1, 8, 8, 64, 24, false, false, true}, 1));
}

/* A picture's bits are those that it has alone. */
static void pictures_do_not_see_each_other(void **state)
{
    enum { PICTURES = 9 };
    (void)state;
    rng = okng_rng_new(3, OKNG_STREAM_START);
    const okng_winograd_shape shape = {PICTURES, 14, 11, 32, 80, true, true, false};
    const int64_t each = shape.height * shape.width;
    example e = example_of(shape);
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_winograd *kernels = okng_winograd_variant(all[v]);
        if (!kernels) continue;
        float *expected = convolve(&e, kernels, 2);
        for (int64_t i = 0; i < PICTURES; i += 4) {
            example one = e;
            one.shape.pictures = 1;
            one.pixels = each;
            one.src += i * each * shape.in;
            one.added += i * each * shape.out;
            float *found = convolve(&one, kernels, 2);
            assert_same(found, expected + i * each * shape.out, each * shape.out, kernels->name);
            free(found);
        }
        free(expected);
    }
    example_free(&e);
}

/* What a direct sum would make of it is not finite: so is this, before and behind RELU. What is far from it stays. */
static void odd_number_round(float odd, bool strided, bool relu)
{
    const okng_winograd_shape shape = {1, 26, 20, 16, 16, relu, false, strided};
    example e = example_of(shape);
    const int64_t stride = strided ? 2 : 1, y = (int64_t)okng_rng_below(&rng, 26),
                  x = (int64_t)okng_rng_below(&rng, 20);
    e.src[(y * shape.width + x) * shape.in + (int64_t)okng_rng_below(&rng, 16)] = odd;
    float *found = convolve(&e, okng_winograd_variant(OKNG_CPU_C), 1);
    for (int64_t i = 0; i < e.pixels * shape.out; i++) {
        const int64_t down = llabs(i / shape.out / e.width * stride - y);
        const int64_t across = llabs(i / shape.out % e.width * stride - x), far = (OKNG_WINOGRAD_TILE + 1) * stride;
        if (down <= 1 && across <= 1) assert_true(!(fabsf(found[i]) < INFINITY));
        if (down > far || across > far) assert_true(fabsf(found[i]) < INFINITY);
    }
    assert_variants_agree(&e, found);
    free(found);
    example_free(&e);
}

static void numbers_that_are_not_finite_stay_so(void **state)
{
    static const float odd[] = {NAN, INFINITY, -INFINITY};
    (void)state;
    rng = okng_rng_new(4, OKNG_STREAM_START);
    for (int round = 0; round < 24; round++) odd_number_round(odd[round % 3], round % 4 < 2, round % 2 == 0);
}

static void the_chosen_one_goes_with_the_products(void **state)
{
    (void)state;
    const okng_winograd *chosen = okng_winograd_get();
    assert_ptr_equal(chosen ? chosen->linear : NULL, okng_linear_get());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_is_right),
        cmocka_unit_test(all_channels_are_right),
        cmocka_unit_test(channels_that_fill_no_vector_are_refused),
        cmocka_unit_test(pictures_do_not_see_each_other),
        cmocka_unit_test(numbers_that_are_not_finite_stay_so),
        cmocka_unit_test(the_chosen_one_goes_with_the_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
