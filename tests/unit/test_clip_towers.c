#include <pthread.h>

#include "clip_fixture.h"

static clip_fixture open_small(int towers, int32_t width)
{
    return open_clip_fixture(&(okng_clip_request){.backbone = "clip-tinyclip-8m-16", .height = 96, .width = width},
                             towers);
}

/* ---- the same bits for any threads and any company ---- */

/* Windows of `length` tokens that begin at token 1, 2, ...; the class token first. */
static float *cut_windows(const clip_fixture *f, const float *tokens, int64_t count, int64_t length)
{
    const size_t width = (size_t)f->sizes.width;
    float *windows = floats(count * length * f->sizes.width);
    for (int64_t i = 0; i < count; i++) {
        float *window = windows + (size_t)(i * length) * width;
        memcpy(window, tokens, width * sizeof *window);
        memcpy(window + width, tokens + (size_t)(1 + i % (f->tokens - length)) * width,
               (size_t)(length - 1) * width * sizeof *window);
    }
    return windows;
}

/* Windows first .. first + count - 1 by themselves have the bits that they have among all. */
static void check_alone(const clip_fixture *f, okng_clip_session *session, const float *windows, int64_t first,
                        int64_t count, int64_t length, const float *all)
{
    const size_t size = (size_t)f->sizes.embedding;
    float *some = floats(count * f->sizes.embedding);
    assert_ok(okng_clip_windows(session, windows + first * length * f->sizes.width, count, length, some, error));
    assert_memory_equal(all + (size_t)first * size, some, (size_t)count * size * sizeof *all);
    free(some);
}

/* But that two windows of an odd number of tokens, neighbours in their list, are each other's company; the last of an
 * odd number of them has none, whatever was computed before. */
static void windows_do_not_depend_on_their_company(void **state)
{
    (void)state;
    clip_fixture f = open_small(IMAGE | TEXT, 112);
    okng_clip_session *one, *three;
    assert_ok(okng_clip_session_new(&one, f.clip, 1, error));
    assert_ok(okng_clip_session_new(&three, f.clip, 3, error));
    float *tokens = floats(f.tokens * f.sizes.width);
    assert_ok(okng_clip_tokens(one, f.tensor, tokens, error));
    static const int64_t lengths[] = {5, 10, 40};
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        enum { COUNT = 15 };
        const int64_t length = lengths[k], size = f.sizes.embedding, pair = length % 2 == 0 ? 1 : 2;
        float *windows = cut_windows(&f, tokens, COUNT, length), *all = floats(COUNT * size),
              *some = floats(COUNT * size);
        assert_ok(okng_clip_windows(one, windows, COUNT, length, all, error));
        assert_ok(okng_clip_windows(three, windows, COUNT, length, some, error));
        assert_memory_equal(all, some, (size_t)(COUNT * size) * sizeof *all);
        for (int64_t i = 0; i + pair <= COUNT; i += 4) check_alone(&f, one, windows, i, pair, length, all);
        check_alone(&f, one, windows, COUNT - 1, 1, length, all);
        free(windows);
        free(all);
        free(some);
    }
    free(tokens);
    okng_clip_session_free(&one);
    okng_clip_session_free(&three);
    close_clip_fixture(&f);
}

static void a_window_of_all_tokens_is_the_whole_picture(void **state)
{
    (void)state;
    clip_fixture f = open_small(IMAGE | TEXT, 112);
    okng_clip_session *session;
    assert_ok(okng_clip_session_new(&session, f.clip, 1, error));
    float *tokens = floats(f.tokens * f.sizes.width), *whole = floats(f.sizes.embedding),
          *window = floats(f.sizes.embedding);
    assert_ok(okng_clip_tokens(session, f.tensor, tokens, error));
    assert_ok(okng_clip_whole(session, tokens, whole, NULL, NULL, error));
    assert_ok(okng_clip_windows(session, tokens, 1, f.tokens, window, error));
    for (int32_t i = 0; i < f.sizes.embedding; i++) assert_true(fabsf(whole[i] - window[i]) < 1e-5f);
    assert_fails(OKNG_ERROR_ARGUMENT, "1 windows of 44 tokens, expected 1 or more of 1..43",
                 okng_clip_windows(session, tokens, 1, f.tokens + 1, window, error));
    free(tokens);
    free(whole);
    free(window);
    okng_clip_session_free(&session);
    close_clip_fixture(&f);
}

/* ids of a text of so many tokens, start and end among them. */
static void make_ids(int32_t ids[77], int length, int seed)
{
    memset(ids, 0, 77 * sizeof *ids);
    ids[0] = 49406;
    for (int i = 1; i < length - 1; i++) ids[i] = (int32_t)(okng_golden_mix((uint64_t)(seed * 100 + i)) % 49406);
    ids[length - 1] = 49407;
}

static void texts_do_not_depend_on_their_company(void **state)
{
    (void)state;
    enum { COUNT = 13 };
    clip_fixture f = open_small(IMAGE | TEXT, 96);
    static int32_t ids[COUNT][77];
    const size_t size = (size_t)f.sizes.embedding;
    float *all = floats(COUNT * f.sizes.embedding), *again = floats(COUNT * f.sizes.embedding);
    for (int i = 0; i < COUNT; i++) make_ids(ids[i], i == 3 ? 77 : 2 + i * 3 % 19, i);
    assert_ok(okng_clip_embed_ids(f.clip, ids[0], COUNT, 1, all, error));
    assert_ok(okng_clip_embed_ids(f.clip, ids[0], COUNT, 3, again, error));
    assert_memory_equal(all, again, COUNT * size * sizeof *all);
    for (size_t i = 0; i < COUNT; i += 3) {
        assert_ok(okng_clip_embed_ids(f.clip, ids[i], 1, 1, again, error));
        assert_memory_equal(all + i * size, again, size * sizeof *all);
    }
    for (int k = 5; k < 77; k++) ids[1][k] = 5; /* behind the end, and beside it where tokens are paired */
    assert_ok(okng_clip_embed_ids(f.clip, ids[1], 1, 1, again, error));
    assert_memory_equal(all + size, again, size * sizeof *all);
    ids[4][2] = 49408;
    assert_fails(OKNG_ERROR_ARGUMENT, "text 1: token 2 is number 49408, expected 0..49407",
                 okng_clip_embed_ids(f.clip, ids[3], 2, 1, again, error));
    free(all);
    free(again);
    close_clip_fixture(&f);
}

/* ---- several callers at a time ---- */

enum { CALLERS = 4, WINDOWS = 12, LENGTH = 5 };

typedef struct caller {
    const clip_fixture *f;
    const float *windows;
    int32_t (*ids)[77];
    float *windows_out, *texts_out;
    okng_status status;
} caller;

static void *call(void *context)
{
    caller *c = context;
    okng_clip_session *session;
    okng_error error;
    c->status = okng_clip_session_new(&session, c->f->clip, 1, &error);
    if (c->status != OKNG_OK) return NULL;
    c->status = okng_clip_windows(session, c->windows, WINDOWS, LENGTH, c->windows_out, &error);
    if (c->status == OKNG_OK) c->status = okng_clip_embed_ids(c->f->clip, c->ids[0], 2, 1, c->texts_out, &error);
    okng_clip_session_free(&session);
    return NULL;
}

/* Engines are made by whoever comes first. */
static void callers_do_not_disturb_each_other(void **state)
{
    (void)state;
    clip_fixture f = open_small(IMAGE | TEXT, 96);
    static int32_t ids[2][77];
    static caller callers[CALLERS];
    pthread_t threads[CALLERS];
    make_ids(ids[0], 5, 1);
    make_ids(ids[1], 12, 2);
    float *tokens = floats(f.tokens * f.sizes.width);
    for (int64_t i = 0; i < f.tokens * f.sizes.width; i++) tokens[i] = okng_golden_uniform(7, (uint64_t)i);
    float *windows = cut_windows(&f, tokens, WINDOWS, LENGTH);
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (caller){.f = &f,
                              .windows = windows,
                              .ids = ids,
                              .windows_out = floats(WINDOWS * f.sizes.embedding),
                              .texts_out = floats(2 * f.sizes.embedding)};
        assert_int_equal(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
    }
    for (int i = 0; i < CALLERS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    const size_t size = (size_t)f.sizes.embedding * sizeof(float);
    for (int i = 0; i < CALLERS; i++) {
        assert_int_equal(callers[i].status, OKNG_OK);
        assert_memory_equal(callers[i].windows_out, callers[0].windows_out, WINDOWS * size);
        assert_memory_equal(callers[i].texts_out, callers[0].texts_out, 2 * size);
    }
    for (int i = 0; i < CALLERS; i++) {
        free(callers[i].windows_out);
        free(callers[i].texts_out);
    }
    free(tokens);
    free(windows);
    close_clip_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_do_not_depend_on_their_company),
        cmocka_unit_test(a_window_of_all_tokens_is_the_whole_picture),
        cmocka_unit_test(texts_do_not_depend_on_their_company),
        cmocka_unit_test(callers_do_not_disturb_each_other),
    };
    return RUN_TESTS(tests);
}
