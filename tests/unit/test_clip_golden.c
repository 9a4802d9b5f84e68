/* Both towers beside what torch makes of the same weights (golden/make_clip.py). */
#include "clip_fixture.h"
#include "engine/engine.h"

enum { WHOLE = 1024, SAMPLES = 200, TEXTS = 4, TAPS_MAX = 4 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SLOW = true }; /* the two tests of the small towers go the same ways */
#else
enum { SLOW = false };
#endif

static const double bound = 1e-4; /* of the largest value */

/* ---- one file ---- */

typedef struct golden {
    FILE *file;
    const char *name;
    okng_clip_request request;
    char backbone[OKNG_NAME_MAX];
    long long parameters[2];
    bool has_value; /* the head of a value has been read, its numbers have not */
    char value[OKNG_NAME_MAX];
    unsigned long long count;
    double largest;
} golden;

static bool next_value(golden *g)
{
    g->has_value = fscanf(g->file, " value %63s %llu %lf", g->value, &g->count, &g->largest) == 3;
    return g->has_value;
}

static okng_activation activation_of(const char *text)
{
    return strcmp(text, "quickgelu") == 0 ? OKNG_ACTIVATION_QUICKGELU : OKNG_ACTIVATION_GELU;
}

static okng_positions positions_of(const char *text)
{
    if (strcmp(text, "tinyclip") == 0) return OKNG_POSITIONS_TINYCLIP;
    return strcmp(text, "afclip") == 0 ? OKNG_POSITIONS_AFCLIP : OKNG_POSITIONS_OPEN_CLIP;
}

static void open_golden(golden *g, const char *name)
{
    char path[512], activation[32], positions[32];
    int height, width;
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/clip/%s.txt", name);
    *g = (golden){.file = fopen(path, "r"), .name = name};
    assert_non_null(g->file);
    assert_int_equal(fscanf(g->file, "clip %63s %31s %d %d %31s", g->backbone, activation, &height, &width, positions),
                     5);
    assert_int_equal(fscanf(g->file, " parameters %lld %lld", &g->parameters[0], &g->parameters[1]), 2);
    g->request = (okng_clip_request){.backbone = g->backbone,
                                     .activation = activation_of(activation),
                                     .positions = positions_of(positions),
                                     .height = height,
                                     .width = width};
    assert_true(next_value(g));
}

static double cosine(const double *a, const double *b, size_t count)
{
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < count; i++) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return ab / sqrt(aa * bb);
}

/* The value that the file has next, by its name, and what came. */
static void compare(golden *g, const char *name, const float *values, size_t count)
{
    static double expected[WHOLE], found[WHOLE];
    assert_true(g->has_value);
    assert_string_equal(g->value, name);
    assert_int_equal(g->count, count);
    const size_t some = count > WHOLE ? SAMPLES : count;
    double worst = 0, largest = 0;
    for (size_t k = 0; k < some; k++) {
        found[k] = (double)values[count > WHOLE ? okng_golden_mix(k) % count : k];
        assert_int_equal(fscanf(g->file, "%lf", &expected[k]), 1);
        worst = fmax(worst, fabs(found[k] - expected[k]));
    }
    for (size_t k = 0; k < count; k++) largest = fmax(largest, fabs((double)values[k]));
    print_message("%s %s: largest difference %.2g of the largest value, cosine 1 - %.1g\n", g->name, name,
                  worst / g->largest, 1 - cosine(found, expected, some));
    assert_true(worst <= bound * g->largest);
    assert_true(fabs(largest - g->largest) <= bound * g->largest);
    assert_true(cosine(found, expected, some) > 0.9999);
    (void)next_value(g);
}

/* ---- what is looked at ---- */

/* Layers "blocks.i.tokens" and the maps "blocks.i", which are the same without the class token, from pixels. */
typedef struct taps {
    int count; /* of blocks */
    char names[2 * TAPS_MAX][OKNG_NAME_MAX];
    float *values[2 * TAPS_MAX];
} taps;

static void run_taps(taps *t, const golden *g, const clip_fixture *f)
{
    okng_graph *graph;
    okng_engine *engine;
    okng_engine_session *session;
    const char *layers[2 * TAPS_MAX];
    const int64_t width = f->sizes.width;
    for (int i = 0; i < 2 * t->count; i++) layers[i] = t->names[i];
    const okng_graph_request request = {.backbone = g->backbone,
                                        .layers = layers,
                                        .layer_count = 2 * t->count,
                                        .height = g->request.height,
                                        .width = g->request.width,
                                        .activation = g->request.activation,
                                        .positions = g->request.positions};
    assert_ok(okng_graph_build(&graph, &request, error));
    for (int i = 0; i < 2 * t->count; i++) {
        int64_t shape[4];
        assert_int_equal(okng_graph_output_shape(graph, i, shape), i % 2 ? 4 : 3);
        assert_true(i % 2 ? shape[1] == width && shape[2] == f->sizes.rows && shape[3] == f->sizes.columns
                          : shape[1] == f->tokens && shape[2] == width);
        t->values[i] = floats((f->tokens - i % 2) * width);
    }
    assert_ok(
        okng_engine_compile(&engine, graph, f->weights, &(okng_engine_options){.threads = 1, .winograd = true}, error));
    assert_ok(okng_engine_session_new(&session, engine, 1, error));
    assert_ok(okng_engine_run(session, (const void *[]){f->tensor}, t->values, error));
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    okng_graph_free(&graph);
}

/* Of blocks `blocks`, which come next in the file; the last of them is the tower's: `last` is the same patches. */
static void check_taps(golden *g, const clip_fixture *f, const int *blocks, int count, const float *last)
{
    const size_t width = (size_t)f->sizes.width, all = (size_t)f->tokens * width;
    taps t = {.count = count};
    for (int i = 0; i < count; i++) {
        (void)snprintf(t.names[2 * i], OKNG_NAME_MAX, "blocks.%d.tokens", blocks[i]);
        (void)snprintf(t.names[2 * i + 1], OKNG_NAME_MAX, "blocks.%d", blocks[i]);
    }
    run_taps(&t, g, f);
    for (int i = 0; i < 2 * count; i += 2) {
        compare(g, t.names[i], t.values[i], all);
        assert_memory_equal(t.values[i + 1], t.values[i] + width, (all - width) * sizeof(float));
        if (i + 2 == 2 * count) assert_memory_equal(last, t.values[i + 1], (all - width) * sizeof(float));
        free(t.values[i]);
        free(t.values[i + 1]);
    }
}

/* Windows of side x side patches, as make_clip.py cuts them. */
static void check_windows(golden *g, const clip_fixture *f, okng_clip_session *session, const float *tokens, int side)
{
    const int32_t rows = f->sizes.rows - side + 1, columns = f->sizes.columns - side + 1;
    const size_t width = (size_t)f->sizes.width;
    const int64_t count = (int64_t)rows * columns, length = 1 + side * side;
    float *windows = floats(count * length * f->sizes.width), *out = floats(count * f->sizes.embedding), *to = windows;
    for (int32_t i = 0; i < rows * columns; i++) {
        memcpy(to, tokens, width * sizeof *to);
        to += width;
        for (int32_t k = 0; k < side * side; k++, to += width) {
            const int32_t y = i / columns + k / side, x = i % columns + k % side;
            memcpy(to, tokens + (size_t)(1 + y * f->sizes.columns + x) * width, width * sizeof *to);
        }
    }
    char name[32];
    (void)snprintf(name, sizeof name, "windows.%d", side);
    assert_ok(okng_clip_windows(session, windows, count, length, out, error));
    compare(g, name, out, (size_t)(count * f->sizes.embedding));
    free(windows);
    free(out);
}

static void check_texts(golden *g, const clip_fixture *f)
{
    static const int32_t head[3][13] = {
        {49406, 2193, 44013, 269, 49407},
        {49406, 320, 1125, 539, 320, 2368, 49407},
        {49406, 320, 2660, 268, 705, 1125, 539, 320, 13568, 4044, 6491, 269, 49407},
    };
    static int32_t ids[TEXTS][OKNG_CLIP_TOKENS];
    for (int i = 0; i < 3; i++) memcpy(ids[i], head[i], sizeof head[i]);
    ids[3][0] = 49406;
    for (int i = 0; i < 75; i++) ids[3][i + 1] = (int32_t)(i * 7919) % 49406;
    ids[3][76] = 49407;
    float *out = floats(TEXTS * f->sizes.embedding);
    assert_ok(okng_clip_embed_ids(f->clip, ids[0], TEXTS, 1, out, error));
    compare(g, "texts", out, (size_t)(TEXTS * f->sizes.embedding));
    free(out);
}

/* The patches [T - 1, W] of a value [T, W] that comes next in the file. */
static void compare_patches(golden *g, const char *name, const float *patches, size_t width)
{
    assert_string_equal(g->value, name);
    for (size_t k = 0; k < SAMPLES; k++) {
        const size_t index = okng_golden_mix(k) % g->count;
        double expected;
        assert_int_equal(fscanf(g->file, "%lf", &expected), 1);
        if (index < width) continue; /* the class token's */
        assert_true(fabs((double)patches[index - width] - expected) <= bound * g->largest);
    }
    (void)next_value(g);
}

/* What the handle gives of the picture, and of its windows. */
static void check_handle(golden *g, const clip_fixture *f, const int *blocks, int count)
{
    okng_clip_session *session;
    assert_ok(okng_clip_session_new(&session, f->clip, 1, error));
    const int64_t width = f->sizes.width, patches = f->tokens - 1;
    float *tokens = floats(f->tokens * width), *embedding = floats(f->sizes.embedding), *last = floats(patches * width),
          *normed = floats(patches * width);
    assert_ok(okng_clip_tokens(session, f->tensor, tokens, error));
    assert_ok(okng_clip_whole(session, tokens, embedding, last, normed, error));
    compare(g, "tokens", tokens, (size_t)(f->tokens * width));
    check_taps(g, f, blocks, count, last);
    compare_patches(g, "norm.tokens", normed, (size_t)width);
    compare(g, "embedding", embedding, (size_t)f->sizes.embedding);
    for (int side = 2; g->has_value && strncmp(g->value, "windows.", 8) == 0; side++)
        check_windows(g, f, session, tokens, side);
    free(tokens);
    free(embedding);
    free(last);
    free(normed);
    okng_clip_session_free(&session);
}

static void check(const char *name, int towers, const int *blocks, int count)
{
    golden g;
    open_golden(&g, name);
    clip_fixture f = open_clip_fixture(&g.request, towers);
    check_handle(&g, &f, blocks, count);
    if (g.has_value) check_texts(&g, &f);
    assert_false(g.has_value);
    (void)fclose(g.file);
    close_clip_fixture(&f);
}

static void towers_equal_torch_with_the_exact_gelu(void **state)
{
    (void)state;
    check("tinyclip-8m-16", IMAGE | TEXT, (const int[]){0, 4, 9}, 3);
}

static void towers_equal_torch_with_the_quick_gelu(void **state)
{
    (void)state;
    check("tinyclip-8m-16-quick", IMAGE | TEXT, (const int[]){0, 4, 9}, 3);
}

static void positions_follow_the_rule_that_is_asked_for(void **state)
{
    (void)state;
    if (SLOW) skip();
    check("tinyclip-8m-16-corners", IMAGE | TEXT, (const int[]){9}, 1);
    check("tinyclip-8m-16-bilinear", IMAGE | TEXT, (const int[]){9}, 1);
}

static void patches_of_32_equal_torch(void **state)
{
    (void)state;
    if (SLOW) skip();
    check("tinyclip-61m-32", IMAGE, (const int[]){0, 11}, 2);
}

static void a_tower_of_true_size_equals_torch(void **state)
{
    (void)state;
    if (SLOW) skip();
    check("vit-b-16", IMAGE, (const int[]){0, 5, 11}, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(towers_equal_torch_with_the_exact_gelu),
        cmocka_unit_test(towers_equal_torch_with_the_quick_gelu),
        cmocka_unit_test(positions_follow_the_rule_that_is_asked_for),
        cmocka_unit_test(patches_of_32_equal_torch),
        cmocka_unit_test(a_tower_of_true_size_equals_torch),
    };
    return RUN_TESTS(tests);
}
