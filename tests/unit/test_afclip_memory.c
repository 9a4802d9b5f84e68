/* What AF-CLIP remembers of good pictures, beside a plain loop in double. */
#include "afclip/memory.h"
#include "bank_data.h"

enum { PICTURES = 4, PATCHES = 7, TOKENS = 1 + PATCHES, WIDTH = 9, TAPS = 4, SCALES = 3, STREAMS = 12 };
enum { OF_TAP = SCALES * TOKENS * WIDTH, OF_PICTURE = TAPS * OF_TAP };

static const int32_t groups[PICTURES] = {0, 1, 1, 2};

/* Streams [4][3][TOKENS, WIDTH] of a picture: numbers of both signs, of no particular length. */
static float *streams_of(uint32_t picture)
{
    float *streams = bank_values(OF_PICTURE, 100 + picture);
    for (int i = 0; i < OF_PICTURE; i++) streams[i] = (streams[i] - 0.4f) * (float)(1 + i % 5);
    return streams;
}

static void remember(okng_afclip_memory *memory)
{
    assert_ok(okng_afclip_memory_new(memory, PICTURES, PATCHES, WIDTH, PICTURES * PATCHES, error));
    for (int i = 0; i < PICTURES; i++) {
        float *streams = streams_of((uint32_t)i);
        for (int tap = 0; tap < TAPS; tap++)
            assert_ok(okng_afclip_memory_put(memory, tap, streams + tap * OF_TAP, i, groups[i], error));
        free(streams);
    }
}

static double cosine(const float *a, const float *b)
{
    double dot = 0, aa = 0, bb = 0;
    for (int d = 0; d < WIDTH; d++) {
        dot += (double)a[d] * (double)b[d];
        aa += (double)a[d] * (double)a[d];
        bb += (double)b[d] * (double)b[d];
    }
    return dot / sqrt(aa * bb);
}

/* 1/2 (1 - the largest cosine) of a patch with those of all pictures but of one group. */
static double distance(int stream, const float *patch, int32_t excluded)
{
    double most = -1;
    for (int i = 0; i < PICTURES; i++) {
        if (groups[i] == excluded) continue;
        float *streams = streams_of((uint32_t)i);
        for (int p = 0; p < PATCHES; p++) most = fmax(most, cosine(patch, streams + (stream * TOKENS + 1 + p) * WIDTH));
        free(streams);
    }
    return (1 - most) / 2;
}

static void search(const okng_afclip_memory *memory, const float *streams, int32_t excluded, int threads,
                   float distances[STREAMS * PATCHES])
{
    for (int tap = 0; tap < TAPS; tap++)
        assert_ok(okng_afclip_memory_distances(memory, tap, streams + tap * OF_TAP, excluded, threads,
                                               distances + tap * SCALES * PATCHES, error));
}

static void distances_are_those_of_the_formula(void **state)
{
    (void)state;
    okng_afclip_memory memory;
    float found[STREAMS * PATCHES], again[STREAMS * PATCHES];
    float *streams = streams_of(77);
    remember(&memory);
    assert_ok(okng_afclip_memory_seal(&memory, 2, error));
    for (int32_t excluded = -1; excluded <= 2; excluded++) {
        search(&memory, streams, excluded, 1, found);
        for (int s = 0; s < STREAMS; s++)
            for (int p = 0; p < PATCHES; p++) {
                const double expected = distance(s, streams + (s * TOKENS + 1 + p) * WIDTH, excluded);
                assert_true(fabs((double)found[s * PATCHES + p] - expected) < 1e-6);
            }
        search(&memory, streams, excluded, 3, again);
        assert_memory_equal(found, again, sizeof found);
    }
    for (int t = 0; t < TAPS * SCALES; t++)
        for (int d = 0; d < WIDTH; d++) streams[t * TOKENS * WIDTH + d] += 3; /* the class token says nothing here */
    search(&memory, streams, 2, 1, found);
    assert_memory_equal(found, again, sizeof found);
    free(streams);
    okng_afclip_memory_free(&memory);
}

static void what_is_remembered_is_at_nothing(void **state)
{
    (void)state;
    okng_afclip_memory memory;
    float found[STREAMS * PATCHES];
    float *streams = streams_of(2);
    remember(&memory);
    assert_ok(okng_afclip_memory_seal(&memory, 1, error));
    search(&memory, streams, -1, 1, found);
    for (int i = 0; i < STREAMS * PATCHES; i++) assert_true(found[i] == 0);
    search(&memory, streams, groups[2], 1, found);
    for (int i = 0; i < STREAMS * PATCHES; i++) assert_true(found[i] > 1e-3f);
    free(streams);
    okng_afclip_memory_free(&memory);
}

static void a_picture_is_left_out_with_its_group(void **state)
{
    (void)state;
    okng_afclip_memory memory;
    float found[STREAMS * PATCHES], expected[STREAMS * PATCHES];
    remember(&memory);
    assert_ok(okng_afclip_memory_seal(&memory, 1, error));
    for (int i = 0; i < PICTURES; i++) {
        float *streams = streams_of((uint32_t)i);
        search(&memory, streams, groups[i], 1, expected);
        assert_ok(okng_afclip_memory_leave_out(&memory, &memory, i, 2, found, error));
        assert_memory_equal(found, expected, sizeof found);
        free(streams);
    }
    okng_afclip_memory_free(&memory);
}

static void thinning_keeps_rows_of_it(void **state)
{
    (void)state;
    okng_afclip_memory memory, thin, again;
    okng_build_options options;
    okng_ticker ticker;
    float found[STREAMS * PATCHES];
    okng_build_options_init(&options);
    options.sampler = OKNG_SAMPLER_GREEDY;
    options.coreset_size = 10;
    remember(&memory);
    okng_ticker_init(&ticker, NULL, NULL);
    assert_ok(okng_afclip_memory_thin(&thin, &memory, &options, &ticker, error));
    options.threads = 2;
    assert_ok(okng_afclip_memory_thin(&again, &memory, &options, &ticker, error));
    int differ = 0;
    for (int s = 0; s < STREAMS; s++) {
        const okng_reference_rows *rows = &thin.streams[s], *from = &memory.streams[s];
        assert_int_equal(rows->count, 10);
        assert_memory_equal(rows->data, again.streams[s].data, 10 * WIDTH * sizeof(float));
        for (int r = 0; r < 10; r++) {
            int at = 0;
            while (at < from->count && memcmp(rows->data + r * WIDTH, from->data + at * WIDTH, WIDTH * sizeof(float)))
                at++;
            assert_true(at < from->count);
            assert_int_equal(rows->origin[r], from->origin[at]);
        }
        differ += memcmp(rows->data, from->data, 10 * WIDTH * sizeof(float)) != 0;
    }
    assert_int_equal(differ, STREAMS); /* not just the first ones */
    assert_ok(okng_afclip_memory_seal(&thin, 1, error));
    assert_ok(okng_afclip_memory_leave_out(&thin, &memory, 0, 1, found, error));
    okng_ticker_destroy(&ticker);
    okng_afclip_memory_free(&again);
    okng_afclip_memory_free(&thin);
    okng_afclip_memory_free(&memory);
}

static void a_coreset_of_one_picture_leaves_none_to_compare_with(void **state)
{
    (void)state;
    okng_afclip_memory memory, thin;
    okng_build_options options;
    okng_ticker ticker;
    float found[STREAMS * PATCHES];
    int refused = 0;
    okng_error why;
    okng_build_options_init(&options);
    options.coreset_size = 1;
    remember(&memory);
    okng_ticker_init(&ticker, NULL, NULL);
    assert_ok(okng_afclip_memory_thin(&thin, &memory, &options, &ticker, error));
    assert_ok(okng_afclip_memory_seal(&thin, 1, error));
    for (int i = 0; i < PICTURES; i++) {
        okng_status status = okng_afclip_memory_leave_out(&thin, &memory, i, 1, found, &why);
        bool own = false;
        for (int s = 0; s < STREAMS; s++) own = own || thin.streams[s].origin[0] == groups[i];
        assert_int_equal(status, own ? OKNG_ERROR_ARGUMENT : OKNG_OK);
        if (own) assert_non_null(strstr(why.message, "keeps 1 patches of a stream, in one of them no other"));
        refused += own;
    }
    assert_true(refused > 0);
    okng_ticker_destroy(&ticker);
    okng_afclip_memory_free(&thin);
    okng_afclip_memory_free(&memory);
}

static void a_patch_of_no_length_is_refused(void **state)
{
    (void)state;
    okng_afclip_memory memory;
    float found[STREAMS * PATCHES];
    float *streams = streams_of(5);
    const float wrong[] = {0, NAN, INFINITY};
    remember(&memory);
    assert_ok(okng_afclip_memory_seal(&memory, 1, error));
    for (int w = 0; w < 3; w++) {
        for (int d = 0; d < WIDTH; d++) streams[(2 * TOKENS + 3) * WIDTH + d] = wrong[w];
        assert_fails(OKNG_ERROR_MISMATCH, "no direction",
                     okng_afclip_memory_distances(&memory, 0, streams, -1, 1, found, error));
        assert_fails(OKNG_ERROR_MISMATCH, "no direction", okng_afclip_memory_put(&memory, 0, streams, 1, 0, error));
    }
    free(streams);
    okng_afclip_memory_free(&memory);
}

static void memory_and_words_are_joined(void **state)
{
    (void)state;
    enum { P = 3 };
    float distances[STREAMS * P], map[P];
    const float p[1 + P] = {0.5f, 0.25f, 1, 0};
    for (int s = 0; s < STREAMS; s++) {
        distances[s * P] = 0.25f;
        distances[s * P + 1] = s == 4 ? 0.75f : 0;
        distances[s * P + 2] = s < 6 ? 0.5f : 0.125f;
    }
    const float score = okng_afclip_fuse(distances, p, P, 0.1, map);
    assert_float_equal(map[0], 0.275f, 1e-7f);
    assert_float_equal(map[1], 0.1625f, 1e-7f);
    assert_float_equal(map[2], 0.3125f, 1e-7f);
    assert_float_equal(score, 0.3625f, 1e-7f); /* of the memory's largest, not the map's */
    assert_float_equal(okng_afclip_fuse(distances, p, P, 0, map), 0.3125f, 1e-7f);
}

static void nothing_is_remembered_of_no_picture(void **state)
{
    (void)state;
    okng_afclip_memory memory;
    assert_ok(okng_afclip_memory_new(&memory, 0, PATCHES, WIDTH, 0, error));
    assert_null(memory.streams[0].data);
    assert_ok(okng_afclip_memory_seal(&memory, 1, error));
    okng_afclip_memory_free(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_those_of_the_formula),
        cmocka_unit_test(what_is_remembered_is_at_nothing),
        cmocka_unit_test(a_picture_is_left_out_with_its_group),
        cmocka_unit_test(thinning_keeps_rows_of_it),
        cmocka_unit_test(a_patch_of_no_length_is_refused),
        cmocka_unit_test(memory_and_words_are_joined),
        cmocka_unit_test(nothing_is_remembered_of_no_picture),
        cmocka_unit_test(a_coreset_of_one_picture_leaves_none_to_compare_with),
    };
    return RUN_TESTS(tests);
}
