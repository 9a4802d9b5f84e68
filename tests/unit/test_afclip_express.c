/* An AF-CLIP as a program beside what it finds itself, by words alone and beside good pictures, on made weights. */
#include "../program_run.h"
#include "afclip/model.h"
#include "clip_fixture.h"
#include "image/image.h"
#include "patch/normalise.h"

enum { HEIGHT = 96, WIDTH = 64, SHOTS = 2 };

typedef struct fixture {
    okng_bank_config config;
    okng_weights *weights;
    okng_afclip *afclip;
    const okng_afclip_plan *plan;
} fixture;

static void make_learnt(okng_afclip_learnt *learnt, const char *backbone)
{
    okng_clip_shape shape;
    assert_ok(okng_clip_shape_of(backbone, &shape, error));
    assert_ok(okng_afclip_learnt_new(learnt, shape.width, shape.text_width, error));
    okng_afclip_learnt_draw(learnt, 11);
    /* so that tokens are told apart */
    for (int i = OKNG_AFCLIP_PARAM_Q; i <= OKNG_AFCLIP_PARAM_K; i++)
        for (size_t k = 0; k < okng_afclip_param_count(learnt, (okng_afclip_param)i); k++) learnt->values[i][k] *= 10;
}

static void open_fixture(fixture *f, const char *backbone, const char *precision)
{
    static const char *const names[] = {"backbone", "method", "resize", "precision", "alpha", "temperature"};
    const char *const values[] = {backbone, "afclip", "96x64", precision, "0.3", "2"};
    okng_afclip_learnt learnt;
    size_t size;
    *f = (fixture){0};
    okng_build_options_init(&f->config.options);
    for (int i = 0; i < 6; i++) assert_ok(okng_build_options_set(&f->config.options, names[i], values[i], error));
    f->config.input_height = HEIGHT;
    f->config.input_width = WIDTH;
    const unsigned char *bytes = kept_clip_bytes(backbone, IMAGE, &size);
    assert_ok(okng_weights_open_memory(&f->weights, bytes, size, "clip.safetensors", error));
    make_learnt(&learnt, backbone);
    assert_ok(okng_afclip_new(&f->afclip, &f->config, f->weights, &learnt, error));
    f->plan = okng_afclip_planned(f->afclip);
    float *prototypes = okng_afclip_prototypes(f->afclip);
    for (int64_t i = 0; i < 2 * (int64_t)f->plan->embedding; i++) prototypes[i] = okng_golden_uniform(9, (uint64_t)i);
    okng_rows_normalise(prototypes, 2, f->plan->embedding);
    okng_afclip_take_prototypes(f->afclip);
}

static void close_fixture(fixture *f)
{
    okng_afclip_close(&f->afclip);
    okng_weights_close(&f->weights);
}

static okng_image picture_of(uint64_t seed)
{
    okng_image image;
    assert_ok(okng_image_new(&image, WIDTH, HEIGHT, 3, error));
    for (int64_t i = 0; i < 3 * WIDTH * HEIGHT; i++) {
        const int64_t cell = i / 3 / WIDTH / 8 * 64 + i / 3 % WIDTH / 8; /* squares of 8 pixels, and noise */
        const float rough = okng_golden_uniform(seed + (uint64_t)(i % 3), (uint64_t)cell);
        image.pixels[i] = (uint8_t)(128 + 90 * rough + 30 * okng_golden_uniform(seed + 7, (uint64_t)i));
    }
    return image;
}

typedef struct shot {
    okng_afclip_memory *memory;
    int64_t number;
} shot;

static okng_status put(void *context, int32_t tap, const float *streams, okng_error *error)
{
    const shot *s = context;
    return okng_afclip_memory_put(s->memory, tap, streams, s->number, (int32_t)s->number, error);
}

static void remember(fixture *f)
{
    const int64_t patches = f->plan->tokens - 1;
    okng_afclip_memory memory;
    okng_afclip_view view;
    assert_ok(okng_afclip_memory_new(&memory, SHOTS, patches, f->plan->width, SHOTS * patches, error));
    assert_ok(okng_afclip_view_new(&view, f->plan, false, error));
    for (int64_t i = 0; i < SHOTS; i++) {
        okng_image image = picture_of(100 + (uint64_t)i);
        shot s = {&memory, i};
        assert_ok(okng_afclip_look(f->afclip, &image, 1, &view, put, &s, NULL, error));
        okng_image_free(&image);
    }
    okng_afclip_view_free(&view);
    assert_ok(okng_afclip_remember(f->afclip, &memory, 1, error));
}

static okng_status write_down(const fixture *f, okng_program **p, okng_error *error)
{
    okng_program_value score, map;
    OKNG_TRY(okng_program_new(p, error));
    const okng_program_value x = okng_program_input(*p, "input", OKNG_F32, 4, (int64_t[]){OKNG_ANY, 3, HEIGHT, WIDTH});
    OKNG_TRY(okng_afclip_express(f->afclip, *p, x, &score, &map, error));
    okng_program_output(*p, "score", score);
    okng_program_output(*p, "map", map);
    return okng_program_check(*p, error);
}

/* The first pictures of `seeds`, two at once. */
static void check(const char *what, const fixture *f, const uint64_t seeds[2])
{
    const int64_t area = (int64_t)HEIGHT * WIDTH;
    okng_program *p;
    okng_array *input, *out[2];
    okng_scored scored[2];
    assert_ok(okng_array_new(&input, OKNG_F32, 4, (int64_t[]){2, 3, HEIGHT, WIDTH}, error));
    for (int n = 0; n < 2; n++) {
        okng_image image = picture_of(seeds[n]);
        for (int64_t i = 0; i < 3 * area; i++)
            ((float *)input->data)[n * 3 * area + i] = (float)image.pixels[i % area * 3 + i / area] / 255.0f;
        assert_ok(okng_afclip_inspect(f->afclip, &image, 1, &scored[n], error));
        okng_image_free(&image);
    }
    assert_ok(write_down(f, &p, error));
    program_run(p, &input, 1, out);
    for (int n = 0; n < 2; n++) {
        const float score = ((float *)out[0]->data)[n], *map = (float *)out[1]->data + n * area;
        float worst = 0, least = INFINITY, most = -INFINITY;
        for (int64_t i = 0; i < area; i++) {
            worst = fmaxf(worst, fabsf(map[i] - scored[n].input_map[i]));
            least = fminf(least, scored[n].input_map[i]);
            most = fmaxf(most, scored[n].input_map[i]);
        }
        print_message("%s: score %.7g, %.2g of it apart; map %.2g of its range apart\n", what, (double)scored[n].score,
                      fabs((double)score / (double)scored[n].score - 1), (double)(worst / (most - least)));
        assert_true(fabsf(score - scored[n].score) <= 1e-5f * scored[n].score);
        assert_true(worst <= 1e-4f * (most - least));
        okng_scored_free(&scored[n]);
    }
    okng_array_free(&out[0]);
    okng_array_free(&out[1]);
    okng_program_free(&p);
}

static void programs_find_what_models_find(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, "clip-tinyclip-8m-16", "fp32");
    check("words", &f, (const uint64_t[]){1, 2});
    remember(&f);
    check("words and pictures", &f, (const uint64_t[]){1, 101}); /* the second is remembered */
    okng_program *p;
    okng_program_costs costs;
    okng_network_cost network;
    assert_ok(write_down(&f, &p, error));
    okng_program_count(p, 1, &costs);
    assert_ok(okng_afclip_describe(f.afclip, &network, error));
    /* weights are in it once, though twelve streams go through the adapter; beside them is what is remembered */
    const int64_t rows = 12 * SHOTS * (int64_t)(f.plan->tokens - 1) * (f.plan->width + 1);
    assert_true(costs.parameters - rows > network.parameters * 9 / 10);
    assert_true(costs.parameters - rows < network.parameters * 11 / 10);
    okng_program_free(&p);
    close_fixture(&f);
}

static void a_picture_that_is_not_finite_has_no_score(void **state)
{
    (void)state;
    fixture f;
    okng_program *p;
    okng_array *input, *out[2];
    open_fixture(&f, "clip-tinyclip-8m-16", "fp32");
    assert_ok(write_down(&f, &p, error));
    assert_ok(okng_array_new(&input, OKNG_F32, 4, (int64_t[]){2, 3, HEIGHT, WIDTH}, error));
    ((float *)input->data)[100] = INFINITY; /* of the first */
    program_run(p, &input, 1, out);
    assert_true(isnan(((float *)out[0]->data)[0]) && isfinite(((float *)out[0]->data)[1]));
    assert_true(isnan(((float *)out[1]->data)[5]) && isfinite(((float *)out[1]->data)[HEIGHT * WIDTH + 5]));
    okng_array_free(&out[0]);
    okng_array_free(&out[1]);
    okng_program_free(&p);
    close_fixture(&f);
}

static void another_precision_is_refused(void **state)
{
    (void)state;
    fixture f;
    okng_program *p;
    open_fixture(&f, "clip-tinyclip-8m-16", "fp32");
    okng_afclip_close(&f.afclip);
    okng_error why = {0};
    okng_afclip_learnt learnt;
    make_learnt(&learnt, "clip-tinyclip-8m-16");
    f.config.options.precision = OKNG_PRECISION_BF16;
    okng_status status = okng_afclip_new(&f.afclip, &f.config, f.weights, &learnt, &why);
    if (status == OKNG_OK) { /* else this machine has no instructions for it */
        assert_fails(OKNG_ERROR_UNSUPPORTED, "precision bf16", write_down(&f, &p, error));
        okng_program_free(&p);
    }
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_find_what_models_find),
        cmocka_unit_test(a_picture_that_is_not_finite_has_no_score),
        cmocka_unit_test(another_precision_is_refused),
    };
    return RUN_TESTS(tests);
}
