/* Convolutions by kernels of ours beside sums in double, of every shape that makes them go another way. */
#include "base/rng.h"
#include "engine/onednn/gathered.h"
#include "engine/onednn/pool.h"
#include "test.h"

enum { MOST = 3 }; /* pictures */

static okng_rng rng;

static float *numbers(int64_t count)
{
    float *made = malloc((size_t)count * sizeof *made);
    assert_non_null(made);
    for (int64_t i = 0; i < count; i++) made[i] = (float)okng_rng_normal(&rng);
    return made;
}

typedef struct convolution {
    okng_gathered_shape shape;
    float *src, *weights, *bias, *added;
} convolution;

static convolution open_convolution(okng_gathered_shape s)
{
    s.out_height = (s.height + 2 * s.padding[0] - s.kernel[0]) / s.stride[0] + 1;
    s.out_width = (s.width + 2 * s.padding[1] - s.kernel[1]) / s.stride[1] + 1;
    return (convolution){.shape = s,
                         .src = numbers(s.pictures * s.height * s.width * s.channels),
                         .weights = numbers(s.out_channels * s.channels * s.kernel[0] * s.kernel[1]),
                         .bias = numbers(s.out_channels),
                         .added = numbers(s.pictures * s.out_height * s.out_width * s.out_channels)};
}

static void close_convolution(convolution *c)
{
    free(c->src);
    free(c->weights);
    free(c->bias);
    free(c->added);
}

static int64_t results(const okng_gathered_shape *s)
{
    return s->pictures * s->out_height * s->out_width * s->out_channels;
}

static double source_at(const convolution *c, int64_t n, int64_t y, int64_t x, int64_t channel)
{
    const okng_gathered_shape *s = &c->shape;
    if (y < 0 || y >= s->height || x < 0 || x >= s->width) return 0;
    return (double)c->src[s->planes ? ((n * s->channels + channel) * s->height + y) * s->width + x
                                    : ((n * s->height + y) * s->width + x) * s->channels + channel];
}

static double expected_at(const convolution *c, int64_t index)
{
    const okng_gathered_shape *s = &c->shape;
    const int64_t o = index % s->out_channels, pixel = index / s->out_channels, x = pixel % s->out_width;
    const int64_t y = pixel / s->out_width % s->out_height, n = pixel / s->out_width / s->out_height;
    double sum = (double)c->bias[o] + (s->added ? (double)c->added[index] : 0);
    for (int64_t i = 0; i < s->channels; i++)
        for (int64_t ky = 0; ky < s->kernel[0]; ky++)
            for (int64_t kx = 0; kx < s->kernel[1]; kx++)
                sum +=
                    source_at(c, n, y * s->stride[0] - s->padding[0] + ky, x * s->stride[1] - s->padding[1] + kx, i) *
                    (double)c->weights[((o * s->channels + i) * s->kernel[0] + ky) * s->kernel[1] + kx];
    return s->relu && sum < 0 ? 0 : sum;
}

/* The result of pictures first..first + count - 1, as a convolution of so many. */
static float *run(const convolution *c, int64_t first, int64_t count)
{
    okng_gathered_map map;
    okng_gathered_shape s = c->shape;
    s.pictures = count;
    if (!okng_gathered_map_of(&map, &s)) return NULL;
    const int64_t each = results(&s) / count, skipped = first * s.height * s.width * s.channels;
    float *packed = malloc(okng_gathered_weights(&map) * sizeof *packed), *out = malloc((size_t)(each * count) * 4);
    void *scratch = aligned_alloc(64, (okng_gathered_scratch(&map) + 63) / 64 * 64);
    assert_true(packed && out && scratch);
    memset(out, 0xff, (size_t)(each * count) * 4); /* NaN: every element must be written */
    okng_gathered_pack(&map, 2, c->weights, packed);
    for (int64_t i = okng_gathered_tiles(&map); i-- > 0;)
        okng_gathered_multiply(&map, i, c->src + skipped, packed, c->bias, s.added ? c->added + first * each : NULL,
                               out, scratch);
    free(packed);
    free(scratch);
    return out;
}

static void check(okng_gathered_shape shape)
{
    convolution c = open_convolution(shape);
    const okng_gathered_shape *s = &c.shape;
    const int64_t each = results(s) / s->pictures;
    const double terms = (double)(s->channels * s->kernel[0] * s->kernel[1]);
    float *all = run(&c, 0, s->pictures);
    if (!all) {
        close_convolution(&c);
        skip();
    }
    for (int64_t i = 0; i < results(s); i++) {
        const double right = expected_at(&c, i);
        if (!(fabs((double)all[i] - right) <= 1e-6 * terms))
            fail_msg("%lldx%lldx%lld to %lld: result %lld is %g, expected %g", (long long)s->height,
                     (long long)s->width, (long long)s->channels, (long long)s->out_channels, (long long)i,
                     (double)all[i], right);
    }
    for (int64_t n = 0; n < s->pictures; n++) { /* alone, a picture has the same bits */
        float *alone = run(&c, n, 1);
        assert_memory_equal(alone, all + n * each, (size_t)each * sizeof *alone);
        free(alone);
    }
    free(all);
    close_convolution(&c);
}

static void single_pixels(void **state)
{
    (void)state;
    rng = okng_rng_new(1, OKNG_STREAM_START);
    for (int stride = 1; stride <= 2; stride++)
        for (int64_t channels = 1; channels < 900; channels = channels * 3 + 5)
            check((okng_gathered_shape){.pictures = MOST,
                                        .height = 11,
                                        .width = 7,
                                        .channels = channels,
                                        .out_channels = 1 + channels / 3,
                                        .kernel = {1, 1},
                                        .stride = {stride, stride},
                                        .relu = stride == 1,
                                        .added = channels % 2});
}

static void windows(void **state)
{
    (void)state;
    rng = okng_rng_new(2, OKNG_STREAM_START);
    for (int64_t channels = 3; channels < 500; channels = channels * 4 + 1)
        for (int stride = 1; stride <= 2; stride++)
            check((okng_gathered_shape){.pictures = MOST,
                                        .height = 9,
                                        .width = 14,
                                        .channels = channels,
                                        .out_channels = 33,
                                        .kernel = {3, 5},
                                        .stride = {stride, 1},
                                        .padding = {1, 2},
                                        .relu = true,
                                        .added = stride == 2});
}

static void planes(void **state)
{
    (void)state;
    rng = okng_rng_new(3, OKNG_STREAM_START);
    for (int64_t channels = 1; channels <= 4; channels++)
        for (int64_t side = 7; side < 70; side = side * 2 + 1)
            check((okng_gathered_shape){.pictures = MOST,
                                        .height = side,
                                        .width = side + 3,
                                        .channels = channels,
                                        .out_channels = 24,
                                        .kernel = {7, 7},
                                        .stride = {2, 2},
                                        .padding = {3, 3},
                                        .planes = true,
                                        .relu = true});
}

/* What lies outside may be wider than what lies inside, and a stride may leave the end of a picture unread. */
static void small_pictures(void **state)
{
    (void)state;
    rng = okng_rng_new(4, OKNG_STREAM_START);
    for (int64_t width = 1; width < 6; width++)
        for (int n = 0; n < 2; n++)
            check((okng_gathered_shape){.pictures = MOST,
                                        .height = 3,
                                        .width = width,
                                        .channels = 2,
                                        .out_channels = 5,
                                        .kernel = {3, 7},
                                        .stride = {3, 4},
                                        .padding = {1, 5},
                                        .planes = n});
}

/* ---- max pooling ---- */

static float largest_at(const okng_pool_map *m, const float *src, int64_t index)
{
    const int64_t c = index % m->channels, pixel = index / m->channels, line = pixel / m->out_width;
    const int64_t top = line % m->out_height * m->stride[0] - m->padding[0];
    const int64_t left = pixel % m->out_width * m->stride[1] - m->padding[1];
    float most = -INFINITY;
    for (int64_t y = top; y < top + m->kernel[0]; y++)
        for (int64_t x = left; x < left + m->kernel[1]; x++) {
            if (y < 0 || y >= m->height || x < 0 || x >= m->width) continue;
            const float found = src[((line / m->out_height * m->height + y) * m->width + x) * m->channels + c];
            if (isnan(found) || isnan(most)) return NAN;
            most = fmaxf(most, found);
        }
    return most;
}

static void pooling_finds_the_largest_and_keeps_what_is_no_number(void **state)
{
    (void)state;
    rng = okng_rng_new(5, OKNG_STREAM_START);
    const okng_pool_map m = {2, 9, 7, 19, 5, 3, {3, 2}, {2, 3}, {1, 1}};
    const int64_t count = m.pictures * m.height * m.width * m.channels,
                  made = m.pictures * m.out_height * m.out_width * m.channels;
    float *src = numbers(count), *out = numbers(made);
    for (int i = 0; i < 20; i++) src[okng_rng_below(&rng, (uint32_t)count)] = i % 2 ? NAN : -INFINITY;
    for (int64_t i = 0; i < okng_pool_lines(&m); i++) okng_pool_line(&m, i, src, out);
    for (int64_t i = 0; i < made; i++) {
        const float right = largest_at(&m, src, i);
        assert_true(isnan(right) ? isnan(out[i]) : out[i] == right);
    }
    free(src);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(single_pixels), cmocka_unit_test(windows),
                                       cmocka_unit_test(planes), cmocka_unit_test(small_pictures),
                                       cmocka_unit_test(pooling_finds_the_largest_and_keeps_what_is_no_number)};
    return RUN_TESTS(tests);
}
