/* AF-CLIP beside what torch makes of the same weights in float64 (golden/make_afclip.py), step by step. */
#include "afclip/memory.h"
#include "afclip/score.h"
#include "afclip/towers.h"
#include "clip_fixture.h"
#include "engine/engine.h"
#include "method/scored.h"

enum { WHOLE = 1024, SAMPLES = 200 };
static const double bound = 1e-4;
static const double temperature = 0.07;

/* ---- one file ---- */

typedef struct golden {
    FILE *file;
    char backbone[OKNG_NAME_MAX];
    okng_activation activation;
    int height, width;
} golden;

static void open_golden(golden *g, const char *name)
{
    char path[512], activation[32];
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/afclip/%s.txt", name);
    g->file = fopen(path, "r");
    assert_non_null(g->file);
    assert_int_equal(fscanf(g->file, "inference %63s %31s %d %d", g->backbone, activation, &g->height, &g->width), 4);
    g->activation = strcmp(activation, "quickgelu") == 0 ? OKNG_ACTIVATION_QUICKGELU : OKNG_ACTIVATION_GELU;
}

/* The value that the file has next, by its name: how many numbers of it follow. */
static size_t next_value(golden *g, const char *name, size_t count, double *largest)
{
    char found[OKNG_NAME_MAX];
    unsigned long long expected_count;
    assert_int_equal(fscanf(g->file, " value %63s %llu %lf", found, &expected_count, largest), 3);
    assert_string_equal(found, name);
    assert_int_equal(expected_count, count);
    return count > WHOLE ? SAMPLES : count;
}

static double next_number(golden *g)
{
    double number;
    assert_int_equal(fscanf(g->file, "%lf", &number), 1);
    return number;
}

static void check_worst(const char *name, double worst, double largest)
{
    print_message("%s: off by %.2g, the largest is %.3g\n", name, worst, largest);
    assert_true(worst <= bound * fmax(largest, 1));
}

/* What came beside it: within the bound, of the largest where that is above 1. */
static void compare(golden *g, const char *name, const float *values, size_t count)
{
    double largest, worst = 0;
    const size_t some = next_value(g, name, count, &largest);
    for (size_t k = 0; k < some; k++)
        worst = fmax(worst, fabs((double)values[count > WHOLE ? okng_golden_mix(k) % count : k] - next_number(g)));
    check_worst(name, worst, largest);
}

/* ---- the networks ---- */

typedef struct fixture {
    okng_weights *weights;
    okng_afclip_learnt learnt;
    okng_afclip_words words;
    okng_afclip_towers *towers;
    const okng_afclip_plan *plan;
    okng_afclip_session *session;
    float *prototypes, *tensor;
} fixture;

/* As make_afclip.py makes it. */
static void make_learnt(okng_afclip_learnt *learnt, const okng_clip_shape *shape)
{
    assert_ok(okng_afclip_learnt_new(learnt, shape->width, shape->text_width, error));
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        const okng_array array = okng_afclip_param_array(learnt, (okng_afclip_param)i);
        okng_param param = {.role = i == OKNG_AFCLIP_PARAM_NORM ? OKNG_ROLE_SCALE : OKNG_ROLE_WEIGHT,
                            .shape = {.rank = array.dims}};
        memcpy(param.shape.dims, array.shape, (size_t)array.dims * sizeof *array.shape);
        (void)snprintf(param.name, sizeof param.name, "%s", okng_afclip_param_name((okng_afclip_param)i));
        okng_golden_fill(&param, learnt->values[i]);
        const size_t count = okng_afclip_param_count(learnt, (okng_afclip_param)i);
        for (size_t k = 0; k < count && (i == OKNG_AFCLIP_PARAM_Q || i == OKNG_AFCLIP_PARAM_K); k++)
            learnt->values[i][k] *= 6;
    }
}

/* Picture `number` of make_afclip.py as the network's input. */
static void take_picture(const fixture *f, const golden *g, int number)
{
    char name[32];
    (void)snprintf(name, sizeof name, "picture.%d", number);
    const uint64_t hash = okng_golden_hash(name);
    for (size_t i = 0; i < 3 * (size_t)g->height * (size_t)g->width; i++)
        f->tensor[i] = okng_golden_uniform(hash, i) * 2.0f;
}

static void set_up(fixture *f, const golden *g, int towers, int threads)
{
    static const okng_afclip_ids ids = {.ids = {{49406, 2193, 44013, 269, 49407}, {49406, 593, 44013, 269, 49407}},
                                        .lengths = {5, 5}};
    okng_clip_shape shape;
    size_t size;
    *f = (fixture){.weights = NULL};
    assert_ok(okng_clip_shape_of(g->backbone, &shape, error));
    const unsigned char *bytes = kept_clip_bytes(g->backbone, towers, &size);
    assert_ok(okng_weights_open_memory(&f->weights, bytes, size, "clip.safetensors", error));
    make_learnt(&f->learnt, &shape);
    const okng_afclip_towers_request request = {.backbone = g->backbone,
                                                .activation = g->activation,
                                                .positions = OKNG_POSITIONS_AFCLIP,
                                                .winograd = true,
                                                .height = g->height,
                                                .width = g->width};
    assert_ok(okng_afclip_towers_new(&f->towers, f->weights, &f->learnt, &request, error));
    f->plan = okng_afclip_towers_plan(f->towers);
    f->prototypes = floats(2 * f->plan->embedding);
    assert_ok(okng_afclip_session_take(&f->session, f->towers, threads, error));
    const size_t pixels = 3 * (size_t)g->height * (size_t)g->width;
    f->tensor = floats((int64_t)pixels);
    take_picture(f, g, 0);
    if (!(towers & TEXT)) return;
    assert_ok(okng_afclip_words_new(&f->words, f->weights, f->plan->text_width, &ids, error));
    assert_int_equal(f->words.length, 17);
    assert_true(f->words.readout[0] == 16 && f->words.readout[1] == 16);
    assert_ok(okng_afclip_towers_prototypes(f->towers, &f->words, threads, f->prototypes, error));
}

static void tear_down(fixture *f)
{
    okng_afclip_session_give(f->towers, f->session);
    okng_afclip_towers_free(&f->towers);
    okng_afclip_words_free(&f->words);
    okng_afclip_learnt_free(&f->learnt);
    okng_weights_close(&f->weights);
    free(f->prototypes);
    free(f->tensor);
}

/* ---- step by step ---- */

/* Of a picture: what there is on the way. */
typedef struct way {
    const float *taps[OKNG_AFCLIP_TAPS];
    float *streams; /* [12][T, W] */
    double *sums;   /* [T] */
    float *p;       /* [T] */
} way;

static way go(const fixture *f, int threads)
{
    const okng_afclip_plan *plan = f->plan;
    const int64_t stream = plan->tokens * (int64_t)plan->width, dim = okng_afclip_towers_dim(f->towers);
    float *prototypes = floats(2 * dim);
    way w = {.streams = floats(OKNG_AFCLIP_STREAMS * stream),
             .sums = calloc((size_t)plan->tokens, sizeof *w.sums),
             .p = floats(plan->tokens)};
    assert_non_null(w.sums);
    okng_afclip_towers_fold(f->towers, f->prototypes, prototypes);
    assert_ok(okng_afclip_session_look(f->session, f->tensor, w.taps, error));
    for (int i = 0; i < OKNG_AFCLIP_TAPS; i++) {
        const float *z;
        const float *streams = okng_afclip_session_streams(f->session, w.taps[i]);
        memcpy(w.streams + i * OKNG_AFCLIP_SCALES * stream, streams,
               (size_t)(OKNG_AFCLIP_SCALES * stream) * sizeof *streams);
        assert_ok(okng_afclip_session_adapt(f->session, w.taps[i], streams, &z, error));
        okng_afclip_score_add(prototypes, dim, z, OKNG_AFCLIP_SCALES, plan->tokens, threads, w.sums);
    }
    free(prototypes);
    okng_afclip_score_shares(w.sums, plan->tokens, temperature, w.p);
    return w;
}

static void free_way(way *w)
{
    free(w->streams);
    free(w->sums);
    free(w->p);
}

/* What the adapter's own graph, which training runs, makes of the streams: [12][T, E]. */
static float *run_adapter(const char *backbone, const fixture *f, const float *streams)
{
    const okng_afclip_plan *plan = f->plan;
    const okng_graph_request request = {.backbone = backbone,
                                        .layers = (const char *const[]){"tokens.embedding"},
                                        .layer_count = 1,
                                        .part = OKNG_PART_ADAPTER,
                                        .sequences = 1,
                                        .length = plan->tokens};
    okng_array arrays[OKNG_AFCLIP_PARAMS];
    okng_named_array named[OKNG_AFCLIP_PARAMS];
    okng_weights *weights;
    okng_graph *graph;
    okng_engine *engine;
    okng_engine_session *session;
    float *z = floats(OKNG_AFCLIP_STREAMS * plan->tokens * (int64_t)plan->embedding);
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        arrays[i] = okng_afclip_param_array(&f->learnt, (okng_afclip_param)i);
        named[i] = (okng_named_array){okng_afclip_param_name((okng_afclip_param)i), &arrays[i]};
    }
    assert_ok(okng_weights_join(&weights, f->weights, named, OKNG_AFCLIP_PARAMS, error));
    assert_ok(okng_graph_build(&graph, &request, error));
    assert_ok(
        okng_engine_compile(&engine, graph, weights, &(okng_engine_options){.threads = 1, .winograd = true}, error));
    assert_ok(okng_engine_session_new(&session, engine, OKNG_AFCLIP_STREAMS, error));
    assert_ok(okng_engine_run(session, (const void *[]){streams}, &z, error));
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    okng_graph_free(&graph);
    okng_weights_close(&weights);
    return z;
}

static void compare_projected(golden *g, const fixture *f, const way *w)
{
    const size_t projected = (size_t)(f->plan->tokens * f->plan->embedding);
    float *z = run_adapter(g->backbone, f, w->streams);
    for (size_t i = 0; i < OKNG_AFCLIP_STREAMS; i++) {
        char name[OKNG_NAME_MAX];
        (void)snprintf(name, sizeof name, "projected.%zu", i);
        compare(g, name, z + i * projected, projected);
    }
    free(z);
}

/* Vectors of the words, prototypes, tokens of every depth, streams and what the adapter makes of them. */
static void compare_every_step(golden *g, const fixture *f, const way *w)
{
    const okng_afclip_plan *plan = f->plan;
    const size_t stream = (size_t)(plan->tokens * plan->width);
    char name[OKNG_NAME_MAX];
    for (int i = 0; i < OKNG_AFCLIP_TAPS; i++) {
        (void)snprintf(name, sizeof name, "taps.%d", plan->taps[i]);
        compare(g, name, w->taps[i], stream);
    }
    for (size_t i = 0; i < OKNG_AFCLIP_STREAMS; i++) {
        (void)snprintf(name, sizeof name, "stream.%zu", i);
        compare(g, name, w->streams + i * stream, stream);
    }
    float *vectors = floats(2 * f->words.length * f->words.text_width);
    okng_afclip_words_vectors(&f->words, f->learnt.values[OKNG_AFCLIP_PARAM_PROMPT], vectors);
    compare(g, "vectors", vectors, (size_t)(2 * f->words.length * f->words.text_width));
    free(vectors);
    compare(g, "prototypes", f->prototypes, 2 * (size_t)plan->embedding);
    compare_projected(g, f, w);
}

/* A map of the patches as it is given out: upsampled and smoothed. */
static void compare_map(golden *g, const fixture *f, const char *name, const float *map)
{
    okng_scored scored = {.placement = {.original_height = g->height,
                                        .original_width = g->width,
                                        .resized_height = g->height,
                                        .resized_width = g->width,
                                        .height = g->height,
                                        .width = g->width}};
    assert_ok(okng_scored_fill(&scored, map, f->plan->rows, f->plan->columns, 4, error));
    compare(g, name, scored.map, (size_t)g->height * (size_t)g->width);
    okng_scored_free(&scored);
}

/* The difference of both logits, shares, and what is given out: upsampled and smoothed. */
static void compare_results(golden *g, const fixture *f, const way *w)
{
    const okng_afclip_plan *plan = f->plan;
    double largest, worst = 0;
    assert_int_equal(next_value(g, "logits", 2 * (size_t)plan->tokens, &largest), 2 * plan->tokens);
    for (int32_t t = 0; t < plan->tokens; t++) {
        const double good = next_number(g), bad = next_number(g);
        worst = fmax(worst, fabs(w->sums[t] / temperature - (bad - good)));
    }
    check_worst("logits", worst, largest);
    compare(g, "shares", w->p, (size_t)plan->tokens);
    compare(g, "score", w->p, 1);
    compare_map(g, f, "map", w->p + 1);
}

/* Beside the pictures 1..shots, of which one is a group each. */
static void compare_few_shot(golden *g, const fixture *f, const way *w, int shots)
{
    const okng_afclip_plan *plan = f->plan;
    const int64_t patches = plan->tokens - 1, tap = OKNG_AFCLIP_SCALES * plan->tokens * (int64_t)plan->width;
    float *distances = floats(OKNG_AFCLIP_STREAMS * patches), *map = floats(patches), score;
    okng_afclip_memory memory;
    const float *taps[OKNG_AFCLIP_TAPS];
    char name[OKNG_NAME_MAX];
    assert_ok(okng_afclip_memory_new(&memory, shots, patches, plan->width, shots * patches, error));
    for (int i = 0; i < shots; i++) {
        take_picture(f, g, 1 + i);
        assert_ok(okng_afclip_session_look(f->session, f->tensor, taps, error));
        for (int t = 0; t < OKNG_AFCLIP_TAPS; t++) {
            const float *streams = okng_afclip_session_streams(f->session, taps[t]);
            assert_ok(okng_afclip_memory_put(&memory, t, streams, i, i, error));
        }
    }
    assert_ok(okng_afclip_memory_seal(&memory, 1, error));
    for (int t = 0; t < OKNG_AFCLIP_TAPS; t++)
        assert_ok(okng_afclip_memory_distances(&memory, t, w->streams + t * tap, -1, 1,
                                               distances + t * OKNG_AFCLIP_SCALES * patches, error));
    score = okng_afclip_fuse(distances, w->p, patches, 0, map);
    (void)snprintf(name, sizeof name, "memory.%d", shots);
    compare(g, name, map, (size_t)patches);
    (void)snprintf(name, sizeof name, "memory.%d.score", shots);
    compare(g, name, &score, 1);
    score = okng_afclip_fuse(distances, w->p, patches, 0.1, map);
    (void)snprintf(name, sizeof name, "fused.%d.score", shots);
    compare(g, name, &score, 1);
    (void)snprintf(name, sizeof name, "fused.%d.map", shots);
    compare_map(g, f, name, map);
    okng_afclip_memory_free(&memory);
    free(distances);
    free(map);
}

static void check(const char *name, bool every)
{
    golden g;
    fixture f;
    open_golden(&g, name);
    set_up(&f, &g, IMAGE | TEXT, 1);
    way w = go(&f, 1);
    if (every) compare_every_step(&g, &f, &w);
    compare_results(&g, &f, &w);
    compare_few_shot(&g, &f, &w, 1);
    compare_few_shot(&g, &f, &w, 2);
    free_way(&w);
    tear_down(&f);
    (void)fclose(g.file);
}

static void every_step_equals_torch_with_the_exact_gelu(void **state)
{
    (void)state;
    check("tinyclip-8m-16", true);
}

static void results_equal_torch_with_the_quick_gelu(void **state)
{
    (void)state;
    check("tinyclip-8m-16-quick", false);
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    golden g;
    fixture one, two;
    open_golden(&g, "tinyclip-8m-16-quick");
    set_up(&one, &g, IMAGE | TEXT, 1);
    set_up(&two, &g, IMAGE | TEXT, 2);
    way a = go(&one, 1), b = go(&two, 2);
    assert_memory_equal(one.prototypes, two.prototypes, 2 * (size_t)one.plan->embedding * sizeof(float));
    assert_memory_equal(a.p, b.p, (size_t)one.plan->tokens * sizeof(float));
    free_way(&a);
    free_way(&b);
    tear_down(&one);
    tear_down(&two);
    (void)fclose(g.file);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SLOW = true };
#else
enum { SLOW = false };
#endif

/* Of a tower whose tokens are as wide as the joint space, and of one whose are wider: there the projection stays as it
 * is. What is mapped once for all scales says what the adapter's own graph says. */
static void check_shortcuts(const char *backbone)
{
    golden g = {.activation = OKNG_ACTIVATION_GELU, .height = 96, .width = 64};
    fixture f;
    (void)snprintf(g.backbone, sizeof g.backbone, "%s", backbone);
    set_up(&f, &g, IMAGE, 1);
    const okng_afclip_plan *plan = f.plan;
    assert_int_equal(okng_afclip_towers_dim(f.towers), plan->embedding);
    for (int64_t i = 0; i < 2 * (int64_t)plan->embedding; i++)
        f.prototypes[i] = okng_golden_uniform(9, (uint64_t)i) / sqrtf((float)plan->embedding / 3);
    way w = go(&f, 1);
    double *sums = calloc((size_t)plan->tokens, sizeof *sums);
    float *z = run_adapter(g.backbone, &f, w.streams);
    assert_non_null(sums);
    okng_afclip_score_add(f.prototypes, plan->embedding, z, OKNG_AFCLIP_STREAMS, plan->tokens, 1, sums);
    for (int32_t t = 0; t < plan->tokens; t++) assert_true(fabs(sums[t] - w.sums[t]) < 1e-5);
    free(sums);
    free(z);
    free_way(&w);
    tear_down(&f);
}

static void shortcuts_say_what_the_adapter_says(void **state)
{
    (void)state;
    if (SLOW) skip();
    check_shortcuts("clip-tinyclip-39m-16");
    check_shortcuts("clip-tinyclip-61m-32");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_equals_torch_with_the_exact_gelu),
        cmocka_unit_test(results_equal_torch_with_the_quick_gelu),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(shortcuts_say_what_the_adapter_says),
    };
    return RUN_TESTS(tests);
}
