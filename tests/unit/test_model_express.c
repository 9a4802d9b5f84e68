/* Whole models as programs beside what they find themselves: every kind of score, aggregate and distance, subspaces and
 * ensembles; pictures that were learnt; input that is not finite; the resize inside. */
#include "../program_run.h"
#include "fixture.h"

#include "bank/ensemble_file.h"
#include "base/json.h"
#include "base/sha256.h"
#include "model/ensemble.h"
#include "model/express.h"

#define OLD_BANK OKNG_GOLDEN "/bank/okng-0.1.0"

enum { OUTPUTS = 4, MAP = 0, SCORE, LABEL, MASK, PICTURES = 3, SETTINGS = 12 };

static char folder[] = "/tmp/okng-test-express-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

/* ---- models ------------------------------------------------------------------------------------------------------ */

static const char *picture_name(const void *context, size_t i)
{
    (void)context, (void)i;
    return "made";
}

static okng_status load_picture(const void *context, size_t i, okng_decoding *how, okng_image *rgb, okng_error *error)
{
    (void)context, (void)how;
    OKNG_TRY(okng_image_new(rgb, FIXTURE_WIDTH, FIXTURE_HEIGHT, 3, error));
    fixture_picture(rgb, (int)i, false);
    return OKNG_OK;
}

typedef struct setting {
    const char *name, *value;
} setting;

/* Learnt from five pictures, of 64x64 pixels by the built-in network where the settings say nothing else. */
static okng_model *learnt(const setting *settings)
{
    okng_build_options options;
    okng_build_report report = {.struct_size = sizeof report};
    okng_model *model;
    const okng_lesson lesson = {.pictures = {.count = 5, .name = picture_name, .load = load_picture}};
    okng_build_options_init(&options);
    for (const setting *s = settings; s->name; s++)
        assert_ok(okng_build_options_set(&options, s->name, s->value, error));
    assert_ok(okng_model_make(&model, &lesson, &options, NULL, &report, error));
    return model;
}

/* One that was not learnt, one that was, and one with a scratch. */
static okng_image seen_picture(int i)
{
    okng_image image;
    assert_ok(okng_image_new(&image, FIXTURE_WIDTH, FIXTURE_HEIGHT, 3, error));
    fixture_picture(&image, i == 0 ? 7 : 3, i == 2);
    return image;
}

/* As the network sees it, before it is normalised. */
static okng_image at_input_size(const okng_image *picture, const okng_placement *placement)
{
    okng_image resized, cropped;
    assert_ok(okng_image_resize(picture, placement->resized_width, placement->resized_height, OKNG_BILINEAR, &resized,
                                error));
    assert_ok(okng_image_crop(&resized, placement->crop_x, placement->crop_y, placement->width, placement->height,
                              &cropped, error));
    okng_image_free(&resized);
    return cropped;
}

/* ---- programs ---------------------------------------------------------------------------------------------------- */

static okng_express_options options_of(bool pixels)
{
    return (okng_express_options){.pixels = pixels, .threshold_image = NAN, .threshold_pixel = NAN};
}

/* uint8 [count, height, width, 3] */
static okng_array *as_pixels(const okng_image *pictures, int64_t count)
{
    const int64_t dims[] = {count, pictures->height, pictures->width, 3};
    okng_array *array;
    assert_ok(okng_array_new(&array, OKNG_U8, 4, dims, error));
    for (int64_t n = 0; n < count; n++)
        memcpy((uint8_t *)array->data + n * (int64_t)array->bytes / count, pictures[n].pixels,
               array->bytes / (size_t)count);
    return array;
}

/* float32 [count, 3, height, width] of 0..1 */
static okng_array *as_floats(const okng_image *pictures, int64_t count)
{
    const int64_t area = (int64_t)pictures->height * pictures->width;
    okng_array *array;
    assert_ok(okng_array_new(&array, OKNG_F32, 4, (int64_t[]){count, 3, pictures->height, pictures->width}, error));
    for (int64_t i = 0; i < count * 3 * area; i++)
        ((float *)array->data)[i] = (float)pictures[i / (3 * area)].pixels[i % area * 3 + i / area % 3] / 255.0f;
    return array;
}

static void run(const okng_model *model, const okng_express_options *options, okng_array *input, okng_array **outputs)
{
    okng_program *p;
    assert_ok(okng_model_express(model, options, &p, error));
    program_run(p, &input, 1, outputs);
    okng_program_free(&p);
}

static void free_outputs(okng_array **outputs)
{
    for (int i = 0; i < OUTPUTS; i++) okng_array_free(&outputs[i]);
}

static float beside(float whole, float threshold)
{
    return whole < threshold / 100 ? threshold : whole;
}

/* Result n of the program is what the model found: the score within 1e-5 of itself, the map within 1e-4 of its range
 * (of the thresholds where those are next to nothing: two networks' rounding is all that is left of a picture that was
 * learnt whole), label and mask those of the thresholds. */
static void compare(const char *name, const okng_model *model, const okng_scored *scored, okng_array **outputs,
                    int64_t n)
{
    const okng_tau *tau = okng_model_look(model).tau;
    int64_t pixels = (int64_t)scored->placement.height * scored->placement.width, odd = 0;
    const float *map = (const float *)outputs[MAP]->data + n * pixels, *mine = scored->input_map;
    const float score = ((const float *)outputs[SCORE]->data)[n];
    const uint8_t *mask = (const uint8_t *)outputs[MASK]->data + n * pixels;
    float low = mine[0], high = mine[0];
    for (int64_t i = 0; i < pixels; i++) {
        low = fminf(low, mine[i]);
        high = fmaxf(high, mine[i]);
    }
    const float scale = beside(fabsf(scored->score), tau->image), range = beside(high - low, tau->pixel);
    if (!(fabsf(score - scored->score) <= 1e-5f * scale))
        fail_msg("%s: picture %lld scores %.9g, expected %.9g", name, (long long)n, (double)score,
                 (double)scored->score);
    for (int64_t i = 0; i < pixels; i++) {
        if (!(fabsf(map[i] - mine[i]) <= 1e-4f * range))
            fail_msg("%s: pixel %lld of picture %lld is %.9g, expected %.9g of %g..%g", name, (long long)i,
                     (long long)n, (double)map[i], (double)mine[i], (double)low, (double)high);
        assert_int_equal(mask[i] != 0, map[i] > tau->pixel);
        odd += (mask[i] != 0) != (mine[i] > tau->pixel);
    }
    assert_true(odd <= 1);
    assert_int_equal(((const uint8_t *)outputs[LABEL]->data)[n] != 0, scored->score > tau->image);
}

/* The program gives for all pictures at once what the model finds in each. */
static void check_model(const char *name, const okng_model *model)
{
    okng_image pictures[PICTURES], inputs[PICTURES];
    okng_scored scored[PICTURES];
    okng_array *outputs[OUTPUTS];
    const okng_express_options options = options_of(true);
    for (int i = 0; i < PICTURES; i++) {
        pictures[i] = seen_picture(i);
        assert_ok(okng_model_inspect(model, &pictures[i], 2, &scored[i], error));
        inputs[i] = at_input_size(&pictures[i], &scored[i].placement);
    }
    run(model, &options, as_pixels(inputs, PICTURES), outputs);
    assert_true(outputs[MAP]->dims == 4 && outputs[SCORE]->dims == 1 && outputs[LABEL]->dims == 1 &&
                outputs[MASK]->dims == 4 && outputs[LABEL]->dtype == OKNG_BOOL && outputs[MASK]->dtype == OKNG_BOOL);
    assert_true(scored[2].score > okng_model_look(model).tau->image); /* a scratch is seen */
    for (int i = 0; i < PICTURES; i++) {
        compare(name, model, &scored[i], outputs, i);
        okng_scored_free(&scored[i]);
        okng_image_free(&pictures[i]);
        okng_image_free(&inputs[i]);
    }
    free_outputs(outputs);
}

#define SMALL                                    \
    {"backbone", "okng-s"}, {"resize", "64x64"}, \
    {                                            \
        "coreset", "0.25"                        \
    }

static const struct {
    const char *name;
    setting settings[SETTINGS];
} MODELS[] = {
    {"default", {SMALL}},
    {"paper", {{"preset", "paper"}, {"backbone", "okng-s"}, {"shorter", "72"}, {"crop", "64"}}},
    {"inspection", {{"preset", "inspection"}, {"backbone", "okng-s"}, {"shorter", "72"}, {"crop", "64"}}},
    {"anomalib", {{"preset", "anomalib"}, {"backbone", "okng-s"}, {"resize", "64x64"}}},
    {"architecture", {{"preset", "architecture"}, {"backbone", "okng-s"}, {"resize", "64x64"}}},
    {"guide",
     {{"preset", "guide"},
      {"backbone", "okng-s"},
      {"layers", "layer1 layer2 layer3"},
      {"resize", "64x64"},
      {"coreset", "0.2"}}},
    {"anomalydino",
     {{"preset", "anomalydino"},
      {"backbone", "okng-s"},
      {"layers", "layer2 layer3"},
      {"resize", "64x64"},
      {"interpolation", "bilinear"}}},
    {"max", {SMALL, {"image-score", "max"}, {"convolution", "direct"}}},
    {"mean-k", {SMALL, {"image-score", "mean-k"}, {"neighbors", "5"}}},
    {"top", {SMALL, {"image-score", "top"}, {"top", "0.1"}, {"smoothing", "0"}}},
    {"reweighted by one", {SMALL, {"image-score", "reweighted"}, {"neighbors", "1"}}},
    {"reweighted of squares", {SMALL, {"image-score", "reweighted"}, {"distance", "squared"}, {"neighbors", "12"}}},
    {"reweighted of the cosine", {SMALL, {"image-score", "reweighted"}, {"distance", "cosine"}}},
    {"mean-k of the cosine", {SMALL, {"image-score", "mean-k"}, {"distance", "cosine"}, {"neighbors", "3"}}},
    {"all rows", {SMALL, {"sampler", "identity"}}},
    {"foreground", {SMALL, {"foreground", "pca"}}},
    {"strides", {SMALL, {"patch-size", "5"}, {"patch-stride", "2"}, {"stride", "2"}, {"layers", "layer1 layer2"}}},
    {"subspace", {{"method", "subspace"}, {"backbone", "okng-s"}, {"resize", "64x64"}}},
    {"subspace max",
     {{"method", "subspace"},
      {"backbone", "okng-s"},
      {"resize", "64x64"},
      {"image-score", "max"},
      {"foreground", "pca"}}},
};

static void programs_find_what_models_find(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof MODELS / sizeof *MODELS; i++) {
        okng_model *model = learnt(MODELS[i].settings);
        check_model(MODELS[i].name, model);
        okng_model_close(&model);
    }
}

/* A network of a file, whose memory is let go of once it is compiled. */
static void a_bank_of_weights_in_a_file_is_written_after_it_was_used(void **state)
{
    (void)state;
    char path[512];
    assert_ok(fixture_write_weights(folder, error));
    (void)snprintf(path, sizeof path, "%s/resnet18.safetensors", folder);
    const setting settings[] = {{"backbone", "resnet18"}, {"weights", path}, {"resize", "64x64"}, {NULL, NULL}};
    okng_model *model = learnt(settings);
    check_model("resnet18", model);
    okng_model_close(&model);
}

/* Of the second member of the ensemble. */
static void set_interpolation(const char *value, const char *pair)
{
    char path[512], checksum[65];
    json_t *document;
    (void)snprintf(path, sizeof path, "%s/member-2/bank_config.json", pair);
    assert_ok(okng_json_read(&document, path, &okng_json_small, error));
    assert_int_equal(json_object_set_new(json_object_get(document, "options"), "interpolation", json_string(value)), 0);
    (void)json_object_del(document, "checksum");
    char *text = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);
    assert_non_null(text);
    okng_sha256(text, strlen(text), checksum);
    free(text);
    assert_int_equal(json_object_set_new(document, "checksum", json_string(checksum)), 0);
    assert_ok(okng_json_write(document, path, error));
    json_decref(document);
}

/* Two copies of a bank with ranges of their own. */
static void an_ensemble_is_the_mean_of_its_members(void **state)
{
    (void)state;
    char command[1024], pair[256];
    const okng_ensemble_file ensemble = {.count = 2, .ranged = true, .ranges = {{0.5f, 3, 0.25f, 2}, {1, 2, 0, 4}}};
    okng_model *model;
    (void)snprintf(pair, sizeof pair, "%s/pair", folder);
    (void)snprintf(command, sizeof command,
                   "mkdir %s && cd %s && cp -r %s member-1 && cp -r %s member-2 && cp %s/tau.json .", pair, pair,
                   OLD_BANK, OLD_BANK, OLD_BANK);
    assert_int_equal(system(command), 0);
    assert_ok(okng_ensemble_file_write(&ensemble, pair, error));
    assert_ok(okng_model_open(&model, pair, NULL, error));
    check_model("ensemble", model);
    okng_model_close(&model);
    okng_express_options options = options_of(true);
    options.resize_inside = true;
    set_interpolation("bicubic", pair);
    assert_ok(okng_model_open(&model, pair, NULL, error));
    okng_program *p;
    assert_fails(OKNG_ERROR_UNSUPPORTED, "member 2 resizes pictures otherwise",
                 okng_model_express(model, &options, &p, error));
    assert_null(p);
    options.resize_inside = false;
    assert_ok(okng_model_express(model, &options, &p, error));
    okng_program_free(&p);
    okng_model_close(&model);
}

/* ---- the frame --------------------------------------------------------------------------------------------------- */

static okng_model *old_bank(void)
{
    okng_model *model;
    assert_ok(okng_model_open(&model, OLD_BANK, NULL, error));
    return model;
}

static void numbers_that_are_not_finite_are_never_good(void **state)
{
    (void)state;
    static const float odd[] = {NAN, INFINITY, -INFINITY, 1e30f};
    okng_model *model = old_bank();
    const okng_express_options options = options_of(false);
    okng_image pictures[2] = {seen_picture(1), seen_picture(1)}, inputs[2];
    okng_scored scored;
    okng_program *p;
    assert_ok(okng_model_inspect(model, &pictures[0], 2, &scored, error));
    for (int i = 0; i < 2; i++) inputs[i] = at_input_size(&pictures[i], &scored.placement);
    assert_ok(okng_model_express(model, &options, &p, error));
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        okng_array *input = as_floats(inputs, 2), *outputs[OUTPUTS];
        ((float *)input->data)[64 * 64 + 20 * 64 + 5] = odd[i]; /* of the first, in green */
        program_run(p, &input, 1, outputs);
        assert_true(isnan(((const float *)outputs[SCORE]->data)[0]));
        assert_true(((const uint8_t *)outputs[LABEL]->data)[0] == 1);
        for (int pixel = 0; pixel < 64 * 64; pixel++) {
            assert_true(isnan(((const float *)outputs[MAP]->data)[pixel]));
            assert_true(((const uint8_t *)outputs[MASK]->data)[pixel] == 1);
        }
        compare("beside one that is not finite", model, &scored, outputs, 1);
        free_outputs(outputs);
    }
    okng_program_free(&p);
    okng_scored_free(&scored);
    for (int i = 0; i < 2; i++) {
        okng_image_free(&pictures[i]);
        okng_image_free(&inputs[i]);
    }
    okng_model_close(&model);
}

static void thresholds_may_be_given(void **state)
{
    (void)state;
    okng_model *model = old_bank();
    okng_express_options options = options_of(true);
    okng_image picture = seen_picture(2), input;
    okng_scored scored;
    okng_array *outputs[OUTPUTS];
    assert_ok(okng_model_inspect(model, &picture, 2, &scored, error));
    input = at_input_size(&picture, &scored.placement);
    options.batch = 1;
    options.threshold_image = 1000;
    options.threshold_pixel = -1;
    run(model, &options, as_pixels(&input, 1), outputs);
    assert_int_equal(*(const uint8_t *)outputs[LABEL]->data, 0);
    assert_int_equal(((const uint8_t *)outputs[MASK]->data)[100], 1);
    free_outputs(outputs);
    okng_scored_free(&scored);
    okng_image_free(&picture);
    okng_image_free(&input);
    okng_model_close(&model);
}

/* ---- the resize inside ------------------------------------------------------------------------------------------- */

/* Scores of a picture as it is, of a size that is told (or not: 0). */
static void check_resized(const setting *settings, int32_t height, int32_t width, double tolerance)
{
    okng_model *model = learnt(settings);
    okng_image picture = seen_picture(2);
    okng_scored scored;
    assert_ok(okng_model_inspect(model, &picture, 2, &scored, error));
    for (int pixels = 0; pixels < 2; pixels++) {
        okng_express_options options = options_of(pixels == 1);
        okng_array *outputs[OUTPUTS];
        options.resize_inside = true;
        options.picture_height = height;
        options.picture_width = width;
        run(model, &options, pixels == 1 ? as_pixels(&picture, 1) : as_floats(&picture, 1), outputs);
        const double score = (double)*(const float *)outputs[SCORE]->data, known = (double)scored.score;
        if (!(fabs(score - known) <= tolerance * known)) fail_msg("scores %.9g, expected %.9g", score, known);
        assert_int_equal(*(const uint8_t *)outputs[LABEL]->data, 1);
        free_outputs(outputs);
    }
    okng_scored_free(&scored);
    okng_image_free(&picture);
    okng_model_close(&model);
}

#define TOLD FIXTURE_HEIGHT, FIXTURE_WIDTH

static void a_resize_may_be_inside(void **state)
{
    (void)state;
    const setting nowhere = {NULL, NULL};
    check_resized((const setting[]){SMALL, nowhere}, 0, 0, 3e-3);
    check_resized((const setting[]){SMALL, nowhere}, TOLD, 1e-6);
    check_resized((const setting[]){SMALL, {"interpolation", "bicubic"}, nowhere}, TOLD, 1e-6);
    check_resized((const setting[]){SMALL, {"interpolation", "nearest"}, nowhere}, TOLD, 1e-6);
    check_resized((const setting[]){SMALL, {"interpolation", "bilinear-float"}, nowhere}, 0, 0, 1e-5);
    check_resized((const setting[]){SMALL, {"interpolation", "bicubic-float"}, nowhere}, TOLD, 1e-5);
    check_resized((const setting[]){{"backbone", "okng-s"}, {"shorter", "48"}, {"crop", "40"}, nowhere}, 0, 0, 1e-6);
    check_resized((const setting[]){{"backbone", "okng-s"}, {"resize", "72x96"}, {"crop", "64"}, nowhere}, TOLD, 1e-6);
}

static void what_cannot_be_inside_is_refused(void **state)
{
    (void)state;
    okng_express_options options = options_of(true);
    okng_program *p;
    options.resize_inside = true;
    okng_model *model = learnt((const setting[]){SMALL, {"interpolation", "bicubic"}, {NULL, NULL}});
    assert_fails(OKNG_ERROR_UNSUPPORTED, "interpolation", okng_model_express(model, &options, &p, error));
    assert_null(p);
    okng_model_close(&model);
    options.picture_height = 30;
    options.picture_width = 90;
    model = learnt((const setting[]){{"backbone", "okng-s"}, {"shorter", "48"}, {NULL, NULL}});
    assert_fails(OKNG_ERROR_MISMATCH, "a picture of 90x30 comes to 144x48",
                 okng_model_express(model, &options, &p, error));
    assert_null(p);
    okng_model_close(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_find_what_models_find),
        cmocka_unit_test(a_bank_of_weights_in_a_file_is_written_after_it_was_used),
        cmocka_unit_test(an_ensemble_is_the_mean_of_its_members),
        cmocka_unit_test(numbers_that_are_not_finite_are_never_good),
        cmocka_unit_test(thresholds_may_be_given),
        cmocka_unit_test(a_resize_may_be_inside),
        cmocka_unit_test(what_cannot_be_inside_is_refused),
    };
    (void)cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
