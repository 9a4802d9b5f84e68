/* Every number on WinCLIP's way beside an independent implementation in torch (golden/make_winclip.py), on a made CLIP
 * and a made vocabulary; ViT-B-16-plus-240 too with OKNG_TEST_LONG (make test-long). */
#include <limits.h>
#include <sys/stat.h>

#include "../program_run.h"
#include "bank_data.h"
#include "base/file.h"
#include "image/image.h"
#include "winclip/model.h"
#include "winclip/prototypes.h"

enum { SALT = 700, SHOTS = 4 };
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool sanitized = true; /* each way once: the numbers are the release build's work */
#else
static const bool sanitized = false;
#endif

static const float tolerance = 1e-4f;
static char folder[128], made_clip[192], vocabulary[192];

/* ---- what is made --------------------------------------------------------------------------- */

/* Runs the tool of the tests beside this program. */
static void make(const char *what, const char *out)
{
    char self[PATH_MAX], command[PATH_MAX + 512];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(length > 0);
    self[length] = '\0';
    *strrchr(self, '/') = '\0';
    (void)snprintf(command, sizeof command, "'%s/make_clip' %s '%s' >/dev/null", self, what, out);
    assert_int_equal(system(command), 0);
}

static int set_up(void **state)
{
    (void)state;
    (void)strcpy(folder, "/tmp/okng-winclip-XXXXXX");
    if (!mkdtemp(folder) || setenv("XDG_CACHE_HOME", folder, 1) != 0) return -1;
    (void)snprintf(made_clip, sizeof made_clip, "%s/clip.safetensors", folder);
    (void)snprintf(vocabulary, sizeof vocabulary, "%s/vocabulary.txt.gz", folder);
    make("clip-tinyclip-8m-16", made_clip);
    make("--vocabulary", vocabulary);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

/* As golden/make_winclip.py. */
static float *tensor_of(int32_t size, uint32_t salt)
{
    float *tensor = malloc((size_t)(3 * size * size) * sizeof *tensor);
    assert_non_null(tensor);
    for (int32_t c = 0, i = 0; c < 3; c++)
        for (int32_t y = 0; y < size; y++)
            for (int32_t x = 0; x < size; x++, i++) {
                const uint32_t rough = (uint32_t)((c * 12 + y * 12 / size) * 12 + x * 12 / size);
                tensor[i] = (bank_value(rough, salt) * 4 - 2) + (bank_value((uint32_t)i, salt + 50) - 0.5f);
            }
    return tensor;
}

static okng_image picture_of(int32_t width, int32_t height, uint32_t salt)
{
    okng_image image;
    assert_ok(okng_image_new(&image, width, height, 3, error));
    const int32_t across = width / 10 + 1;
    for (int32_t y = 0, i = 0; y < height; y++)
        for (int32_t x = 0; x < width; x++)
            for (int32_t c = 0; c < 3; c++, i++) {
                const uint32_t rough = (uint32_t)((y / 10 * across + x / 10) * 3 + c);
                image.pixels[i] = (uint8_t)((0.75 * (double)bank_value(rough, salt + 50) +
                                             0.25 * (double)bank_value((uint32_t)i, salt)) *
                                            256);
            }
    return image;
}

static float *golden(const char *name, int64_t count)
{
    char path[512];
    okng_array *array;
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/winclip/%s.npy", name);
    assert_ok(okng_array_read_npy(&array, path, error));
    assert_int_equal(array->dtype, OKNG_F32);
    assert_int_equal(array->bytes, (size_t)count * sizeof(float));
    float *values = malloc((size_t)count * sizeof *values);
    assert_non_null(values);
    memcpy(values, array->data, (size_t)count * sizeof *values);
    okng_array_free(&array);
    return values;
}

static void assert_near(const char *what, const float *found, const float *expected, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!(fabsf(found[i] - expected[i]) <= tolerance))
            fail_msg("%s: number %lld is %.9g, expected %.9g", what, (long long)i, (double)found[i],
                     (double)expected[i]);
}

/* ---- a model -------------------------------------------------------------------------------- */

typedef struct fixture {
    okng_bank_config config;
    okng_weights *weights;
    okng_winclip *winclip;
    okng_winclip_rule rule;
    int32_t side;
} fixture;

static fixture *open_fixture(const char *backbone, const char *weights, int32_t side, const char *scales)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    okng_build_options *options = &f->config.options;
    char size[32];
    (void)snprintf(size, sizeof size, "%dx%d", side, side);
    okng_build_options_init(options);
    const char *const settings[][2] = {{"backbone", backbone},     {"method", "winclip"}, {"weights", weights},
                                       {"vocabulary", vocabulary}, {"resize", size},      {"scales", scales}};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        assert_ok(okng_build_options_set(options, settings[i][0], settings[i][1], error));
    f->side = f->config.input_height = f->config.input_width = side;
    (void)strcpy(f->config.weights_sha256, "made");
    assert_ok(okng_weights_open(&f->weights, weights, error));
    assert_ok(okng_winclip_new(&f->winclip, &f->config, f->weights, error));
    f->rule = (okng_winclip_rule){.plan = *okng_winclip_plan(f->winclip), .temperature = 0.07, .weights = {1, 1}};
    f->rule.prototypes = okng_winclip_prototypes(f->winclip);
    f->rule.plan.patches = true;
    return f;
}

static void close_fixture(fixture *f)
{
    okng_winclip_close(&f->winclip);
    okng_weights_close(&f->weights);
    free(f);
}

/* The model's prototypes become those of the class metal_nut. */
static void learn_words(fixture *f, const char *prompts, const char *mean, const char *class_name)
{
    char sha256[65];
    assert_ok(okng_build_options_set(&f->config.options, "prompts", prompts, error));
    assert_ok(okng_build_options_set(&f->config.options, "text-mean", mean, error));
    const okng_prototypes_request request = {
        .options = &f->config.options, .class_name = class_name, .weights_sha256 = "made", .threads = 1};
    assert_ok(okng_prototypes_make(okng_winclip_prototypes(f->winclip), sha256, okng_winclip_towers(f->winclip),
                                   &request, error));
    assert_int_equal(strlen(sha256), 64);
}

static okng_view view_of(const fixture *f, const float *tensor, int threads)
{
    okng_view view;
    okng_clip_session *session;
    assert_ok(okng_clip_session_new(&session, okng_winclip_towers(f->winclip), threads, error));
    assert_ok(okng_view_new(&view, &f->rule.plan, error));
    assert_ok(okng_view_take(&view, &f->rule.plan, session, tensor, error));
    okng_clip_session_free(&session);
    return view;
}

static okng_view view_of_salt(const fixture *f, uint32_t salt)
{
    float *tensor = tensor_of(f->side, salt);
    okng_view view = view_of(f, tensor, 1);
    free(tensor);
    return view;
}

static okng_winclip_memory remember(const fixture *f, const okng_view *views, int64_t count)
{
    okng_winclip_memory memory;
    assert_ok(okng_winclip_memory_new(&memory, &f->rule.plan, count, error));
    for (int64_t i = 0; i < count; i++) okng_winclip_memory_put(&memory, &views[i], i, (int32_t)i);
    assert_ok(okng_winclip_memory_seal(&memory, 1, error));
    return memory;
}

static int64_t numbers(const fixture *f)
{
    return 2 + (int64_t)f->rule.plan.grid.rows * f->rule.plan.grid.columns * (2 * f->rule.plan.scale_count + 4);
}

/* A row of the golden files: whole, score, then all maps; those of pictures are 0 where there are none. */
static float *row_of(const fixture *f, const okng_winclip_found *found)
{
    const okng_view_plan *plan = &f->rule.plan;
    const size_t places = (size_t)plan->grid.rows * (size_t)plan->grid.columns;
    float *row = calloc((size_t)numbers(f), sizeof *row), *next = row + 2;
    assert_non_null(row);
    row[0] = found->whole;
    row[1] = found->score;
    const float *maps[2 * OKNG_MAX_SCALES + 4];
    int count = 0;
    for (int32_t s = 0; s < plan->scale_count; s++) maps[count++] = found->words[s];
    maps[count++] = found->by_words;
    for (int32_t s = 0; s < plan->scale_count; s++) maps[count++] = found->pictures[s];
    maps[count++] = found->patches;
    maps[count++] = found->by_pictures;
    maps[count++] = found->map;
    for (int m = 0; m < count; m++, next += places)
        if (maps[m]) memcpy(next, maps[m], places * sizeof *next);
    return row;
}

static void assert_scores(const fixture *f, const char *what, const okng_view *view, const okng_winclip_memory *memory,
                          const float *expected)
{
    okng_winclip_found found;
    assert_ok(okng_winclip_score(&found, &f->rule, view, memory, -1, 1, error));
    float *row = row_of(f, &found);
    assert_near(what, row, expected, numbers(f));
    free(row);
    okng_winclip_found_free(&found);
}

/* ---- the tests ------------------------------------------------------------------------------ */

static void prototypes(void **state)
{
    (void)state;
    fixture *f = open_fixture("clip-tinyclip-8m-16", made_clip, 96, "2 3");
    const int64_t count = 2 * f->rule.plan.embedding;
    float *expected = golden("prototypes", 4 * count);
    static const char *const kinds[][2] = {{"a", "raw"}, {"a", "normalised"}, {"b", "raw"}, {"b", "normalised"}};
    for (int i = sanitized ? 2 : 0; i < (sanitized ? 3 : 4); i++) { /* b, raw: kept for the tests behind */
        learn_words(f, kinds[i][0], kinds[i][1], "metal_nut");
        assert_near(kinds[i][0], f->rule.prototypes, expected + i * count, count);
    }
    free(expected);
    close_fixture(f);
}

/* Views of the test picture and of the shots. */
typedef struct views {
    okng_view test, shots[SHOTS];
} views;

static views look(const fixture *f, uint32_t shots)
{
    views v = {.test = view_of_salt(f, SALT)};
    for (uint32_t i = 0; i < shots; i++) v.shots[i] = view_of_salt(f, SALT + 1 + i);
    return v;
}

static void free_views(views *v)
{
    okng_view_free(&v->test);
    for (int i = 0; i < SHOTS; i++) okng_view_free(&v->shots[i]);
}

/* The same views with other patch tokens: their windows are those of `all`, whose life they share. */
static views with_tokens(fixture *f, const views *all, okng_reference_tokens tokens, okng_view patches[1 + SHOTS])
{
    views v = *all;
    const int32_t scales = f->rule.plan.scale_count;
    f->rule.plan.tokens = tokens;
    f->rule.plan.scale_count = 0; /* windows are not looked at again */
    for (uint32_t i = 0; i <= SHOTS; i++) {
        patches[i] = view_of_salt(f, SALT + i);
        (i == 0 ? &v.test : &v.shots[i - 1])->patches = patches[i].patches;
    }
    f->rule.plan.scale_count = scales;
    return v;
}

static const int64_t shot_counts[] = {0, 1, 2, 4};

static void every_map_and_score(void **state)
{
    (void)state;
    if (sanitized) return;
    fixture *f = open_fixture("clip-tinyclip-8m-16", made_clip, 96, "2 3");
    const int64_t count = numbers(f);
    float *expected = golden("small", 64 * count);
    views by[2] = {look(f, SHOTS)}; /* before and after the norm */
    okng_view patches[1 + SHOTS];
    by[1] = with_tokens(f, &by[0], OKNG_TOKENS_AFTER_NORM, patches);
    for (int i = 0; i < 64; i++) {
        const int64_t shots = shot_counts[i / 4 % 4];
        char what[64];
        if (i % 32 == 0) learn_words(f, i < 32 ? "a" : "b", "raw", "metal_nut");
        f->rule.temperature = i / 16 % 2 ? 0.01 : 0.07;
        f->rule.fusion = i % 2 ? OKNG_FUSION_MEAN : OKNG_FUSION_SUM;
        okng_winclip_memory memory = remember(f, by[i / 2 % 2].shots, shots);
        (void)snprintf(what, sizeof what, "row %d", i);
        assert_scores(f, what, &by[i / 2 % 2].test, &memory, expected + i * count);
        okng_winclip_memory_free(&memory);
    }
    for (int i = 0; i <= SHOTS; i++) okng_view_free(&patches[i]);
    free_views(&by[0]);
    free(expected);
    close_fixture(f);
}

/* A picture that is remembered, and one whose left half is: distances there are 0, and so are their means. */
static void what_is_remembered_is_at_zero(void **state)
{
    (void)state;
    fixture *f = open_fixture("clip-tinyclip-8m-16", made_clip, 96, "2 3");
    learn_words(f, "b", "raw", "metal_nut");
    views v = look(f, 2);
    okng_winclip_memory memory = remember(f, v.shots, 2);
    okng_winclip_found found;
    float *same = golden("same", numbers(f)), *half = golden("half", numbers(f));
    assert_scores(f, "same", &v.shots[1], &memory, same);
    assert_ok(okng_winclip_score(&found, &f->rule, &v.shots[1], &memory, -1, 1, error));
    for (int32_t p = 0; p < 36; p++) assert_true(found.by_pictures[p] == 0);
    assert_true(found.score == found.whole / 2);
    okng_winclip_found_free(&found);
    /* ... but not when it is left out */
    assert_ok(okng_winclip_score(&found, &f->rule, &v.shots[1], &memory, 1, 1, error));
    for (int32_t p = 0; p < 36; p++) assert_true(found.by_pictures[p] > 1e-4f);
    okng_winclip_found_free(&found);
    float *test = tensor_of(96, SALT), *known = tensor_of(96, SALT + 1);
    for (int i = 0; i < 3 * 96; i++) memcpy(test + i * 96, known + i * 96, 48 * sizeof *test);
    okng_view view = view_of(f, test, 1);
    assert_scores(f, "half", &view, &memory, half);
    okng_view_free(&view);
    free(test);
    free(known);
    free(same);
    free(half);
    okng_winclip_memory_free(&memory);
    free_views(&v);
    close_fixture(f);
}

static void other_scales_with_weights(void **state)
{
    (void)state;
    if (sanitized) return;
    fixture *f = open_fixture("clip-tinyclip-8m-16", made_clip, 96, "1 4");
    learn_words(f, "b", "raw", "metal_nut");
    f->rule.weights[0] = 0.5;
    f->rule.weights[1] = 2;
    f->rule.fusion = OKNG_FUSION_MEAN;
    f->rule.plan.tokens = OKNG_TOKENS_AFTER_NORM;
    okng_view test = view_of_salt(f, SALT), known = view_of_salt(f, SALT + 1);
    okng_winclip_memory memory = remember(f, &known, 1);
    float *expected = golden("scaled", numbers(f));
    assert_scores(f, "scaled", &test, &memory, expected);
    free(expected);
    okng_winclip_memory_free(&memory);
    okng_view_free(&test);
    okng_view_free(&known);
    close_fixture(f);
}

/* The last block sees a window alone, those before it the whole picture. */
static void masked_windows(void **state)
{
    (void)state;
    fixture *f = open_fixture("clip-tinyclip-8m-16", made_clip, 96, "2 3");
    learn_words(f, "b", "raw", "metal_nut");
    f->rule.plan.kind = OKNG_WINDOWS_MASKED;
    okng_view test = view_of_salt(f, SALT), known = view_of_salt(f, SALT + 1);
    okng_winclip_memory memory = remember(f, &known, 1);
    float *expected = golden("masked", numbers(f));
    assert_scores(f, "masked", &test, &memory, expected);
    free(expected);
    okng_winclip_memory_free(&memory);
    okng_view_free(&test);
    okng_view_free(&known);
    close_fixture(f);
}

/* The map of a picture that is not square, at its own size, and its score. */
static void inspect_tiles(const char *name, int32_t width, int32_t height, bool shot)
{
    fixture *f = open_fixture("clip-tinyclip-8m-16", made_clip, 96, "2 3");
    okng_scored scored;
    const int64_t pixels = (int64_t)width * height;
    float *expected = golden(name, pixels + 1);
    assert_ok(okng_build_options_set(&f->config.options, "aspect", "tiles", error));
    learn_words(f, "b", "raw", "metal_nut");
    okng_image picture = picture_of(width, height, SALT + 30);
    if (shot) {
        okng_image good = picture_of(width, height, SALT + 31);
        okng_tiles tiles;
        okng_view view;
        okng_winclip_memory memory;
        assert_ok(okng_winclip_tiles(f->winclip, width, height, &tiles, error));
        assert_int_equal(tiles.count, 3);
        okng_winclip_want_patches(f->winclip);
        assert_ok(okng_winclip_memory_new(&memory, okng_winclip_plan(f->winclip), tiles.count, error));
        for (int32_t t = 0; t < tiles.count; t++) {
            assert_ok(okng_view_new(&view, okng_winclip_plan(f->winclip), error));
            assert_ok(okng_winclip_look(f->winclip, &good, &tiles, t, 1, &view, NULL, error));
            okng_winclip_memory_put(&memory, &view, t, 0);
            okng_view_free(&view);
        }
        assert_ok(okng_winclip_remember(f->winclip, &memory, 1, error));
        okng_image_free(&good);
    }
    assert_ok(okng_winclip_inspect(f->winclip, &picture, 1, &scored, error));
    assert_near(name, scored.map, expected, pixels);
    assert_near("score", &scored.score, expected + pixels, 1);
    assert_true(scored.window.x >= 0 && scored.window.x + scored.window.width <= width);
    assert_true(scored.window.y >= 0 && scored.window.y + scored.window.height <= height);
    okng_scored_free(&scored);
    okng_image_free(&picture);
    free(expected);
    close_fixture(f);
}

static void tiles(void **state)
{
    (void)state;
    if (!sanitized) inspect_tiles("tiles_across", 130, 70, false);
    inspect_tiles("tiles_down", 64, 160, true);
}

/* The resize of the preset winclip-anomalib. */
static void bicubic_without_rounding(void **state)
{
    (void)state;
    enum { WIDTH = 16, HEIGHT = 48, COUNT = 3 * WIDTH * HEIGHT };
    okng_image picture = picture_of(37, 29, SALT + 40);
    float found[COUNT], *expected = golden("bicubic_float", COUNT);
    assert_ok(okng_image_resize_float(&picture, WIDTH, HEIGHT, OKNG_BICUBIC_FLOAT, found, error));
    for (int i = 0; i < COUNT; i++) assert_true(fabsf(found[i] - expected[i]) < 2e-6f);
    okng_image_free(&picture);
    free(expected);
}

static void no_bit_depends_on_threads(void **state)
{
    (void)state;
    fixture *f = open_fixture("clip-tinyclip-8m-16", made_clip, 96, "2 3");
    learn_words(f, "b", "raw", "metal_nut");
    float *tensor = tensor_of(96, SALT);
    okng_view one = view_of(f, tensor, 1), three = view_of(f, tensor, 3);
    assert_memory_equal(one.data, three.data, okng_view_floats(&f->rule.plan) * sizeof *one.data);
    okng_view_free(&one);
    okng_view_free(&three);
    free(tensor);
    close_fixture(f);
}

/* A projection that overflows for some windows and not for others has no score to give: neither of 0 nor of nothing. */
static void what_overflows_is_an_error(void **state)
{
    (void)state;
    char path[192];
    okng_weights *weights;
    size_t size;
    assert_ok(okng_weights_open(&weights, made_clip, error));
    const uint8_t *bytes = okng_weights_bytes(weights, &size);
    const okng_array *projection = okng_weights_find(weights, "visual.proj");
    uint8_t *other = malloc(size);
    const float huge = 3e38f;
    assert_true(other && projection && (const uint8_t *)projection->data > bytes);
    memcpy(other, bytes, size);
    memcpy(other + ((const uint8_t *)projection->data - bytes), &huge, sizeof huge);
    (void)snprintf(path, sizeof path, "%s/huge.safetensors", folder);
    assert_ok(okng_file_write(path, other, size, error));
    free(other);
    okng_weights_close(&weights);

    fixture *f = open_fixture("clip-tinyclip-8m-16", path, 96, "2 3");
    float *tensor = tensor_of(96, SALT);
    okng_view view;
    okng_clip_session *session;
    assert_ok(okng_clip_session_new(&session, okng_winclip_towers(f->winclip), 2, error));
    assert_ok(okng_view_new(&view, &f->rule.plan, error));
    assert_fails(OKNG_ERROR_MISMATCH, "has no direction; check the weights",
                 okng_view_take(&view, &f->rule.plan, session, tensor, error));
    okng_view_free(&view);
    okng_clip_session_free(&session);
    free(tensor);
    close_fixture(f);
    (void)unlink(path);
}

static void the_plus_shape(void **state)
{
    (void)state;
    char path[192];
    if (!getenv("OKNG_TEST_LONG")) {
        print_message("SKIP %s: make test-long runs it\n", __func__);
        skip();
    }
    (void)snprintf(path, sizeof path, "%s/plus.safetensors", folder);
    make("clip-vit-b-16-plus-240", path);
    fixture *f = open_fixture("clip-vit-b-16-plus-240", path, 240, "2 3");
    const int64_t count = numbers(f), texts = 2 * f->rule.plan.embedding;
    float *expected = golden("plus", 16 * count), *prototype = golden("plus_prototypes", 2 * texts);
    for (int set = 0; set < 2; set++) {
        f->rule.plan.tokens = set ? OKNG_TOKENS_BEFORE_NORM : OKNG_TOKENS_AFTER_NORM;
        f->rule.fusion = set ? OKNG_FUSION_SUM : OKNG_FUSION_MEAN;
        learn_words(f, set ? "b" : "a", "raw", "metal_nut");
        assert_near("prototypes", f->rule.prototypes, prototype + set * texts, texts);
        views v = look(f, SHOTS);
        for (int i = 8 * set; i < 8 * set + 8; i++) {
            okng_winclip_memory memory = remember(f, v.shots, shot_counts[i % 4]);
            f->rule.temperature = i / 4 % 2 ? 0.01 : 0.07;
            assert_scores(f, "plus", &v.test, &memory, expected + i * count);
            okng_winclip_memory_free(&memory);
        }
        free_views(&v);
    }
    free(expected);
    free(prototype);
    close_fixture(f);
    (void)unlink(path);
}

/* ---- as a program --------------------------------------------------------------------------- */

/* float32 [1, 3, side, side] of 0..1 */
static okng_array *as_floats(const okng_image *picture)
{
    const int64_t area = (int64_t)picture->height * picture->width;
    okng_array *array;
    assert_ok(okng_array_new(&array, OKNG_F32, 4, (int64_t[]){1, 3, picture->height, picture->width}, error));
    for (int64_t i = 0; i < 3 * area; i++)
        ((float *)array->data)[i] = (float)picture->pixels[i % area * 3 + i / area] / 255.0f;
    return array;
}

static okng_program *written(fixture *f)
{
    okng_program *p;
    okng_program_value x, score, map;
    assert_ok(okng_program_new(&p, error));
    x = okng_program_input(p, "input", OKNG_F32, 4, (int64_t[]){OKNG_ANY, 3, f->side, f->side});
    assert_ok(okng_winclip_express(f->winclip, p, x, &score, &map, error));
    okng_program_output(p, "score", score);
    okng_program_output(p, "map", map);
    return p;
}

/* The program of the model finds in the picture what the model does. */
static void check_written(const char *what, fixture *f, uint32_t salt)
{
    okng_image picture = picture_of(f->side, f->side, salt);
    okng_array *input = as_floats(&picture), *out[2];
    okng_scored scored;
    okng_program *p = written(f);
    assert_ok(okng_winclip_inspect(f->winclip, &picture, 1, &scored, error));
    program_run(p, &input, 1, out);
    const float *map = out[1]->data, score = *(float *)out[0]->data;
    float worst = 0, least = scored.input_map[0], most = least;
    for (int32_t i = 0; i < f->side * f->side; i++) {
        worst = fmaxf(worst, fabsf(map[i] - scored.input_map[i]));
        least = fminf(least, scored.input_map[i]);
        most = fmaxf(most, scored.input_map[i]);
    }
    print_message("%s: score %.7g, %.2g of it apart; map %.2g of its range apart\n", what, (double)scored.score,
                  fabs((double)score / (double)scored.score - 1), (double)(worst / (most - least)));
    assert_true(fabsf(score - scored.score) <= 1e-5f * scored.score);
    assert_true(worst <= 1e-4f * (most - least));
    okng_program_free(&p);
    okng_scored_free(&scored);
    okng_image_free(&picture);
    okng_array_free(&out[0]);
    okng_array_free(&out[1]);
}

/* Weights are in it once, though the tower goes over the picture and over windows of two sizes. */
static void a_program_finds_the_same(void **state)
{
    (void)state;
    static const char *const settings[][3] = {
        {"crop", "sum", "before-norm"}, {"masked", "mean", "after-norm"}, {"crop", "mean", "after-norm"}};
    for (int i = 0; i < (sanitized ? 1 : 3); i++) {
        fixture *f = open_fixture("clip-tinyclip-8m-16", made_clip, sanitized ? 48 : 96, sanitized ? "2" : "2 3");
        const char *const names[] = {"windows", "fusion", "reference-tokens"};
        for (int k = 0; k < 3; k++)
            assert_ok(okng_build_options_set(&f->config.options, names[k], settings[i][k], error));
        okng_winclip_close(&f->winclip); /* and made with these */
        assert_ok(okng_winclip_new(&f->winclip, &f->config, f->weights, error));
        f->rule.plan.kind = f->config.options.windows;
        f->rule.plan.tokens = f->config.options.reference_tokens;
        learn_words(f, "b", "raw", "metal_nut");
        check_written("words", f, SALT);
        const int32_t shots = sanitized ? 1 : 2;
        views v = look(f, (uint32_t)shots);
        okng_winclip_memory memory;
        assert_ok(okng_winclip_memory_new(&memory, okng_winclip_plan(f->winclip), shots, error));
        for (int32_t k = 0; k < shots; k++) okng_winclip_memory_put(&memory, &v.shots[k], k, k);
        assert_ok(okng_winclip_remember(f->winclip, &memory, 1, error));
        check_written("words and pictures", f, SALT);
        okng_program *p = written(f);
        okng_program_costs costs;
        okng_network_cost network;
        okng_program_count(p, 1, &costs);
        assert_ok(okng_winclip_describe(f->winclip, &network, error));
        assert_true(costs.parameters < network.parameters + network.parameters / 10);
        /* of a window's last block the class token alone is computed */
        assert_true(costs.flops > 0.8 * network.flops && costs.flops < 1.1 * network.flops);
        okng_program_free(&p);
        free_views(&v);
        close_fixture(f);
    }
}

static void a_picture_that_is_not_finite_has_no_score(void **state)
{
    (void)state;
    fixture *f = open_fixture("clip-tinyclip-8m-16", made_clip, 96, "2");
    learn_words(f, "b", "raw", "metal_nut");
    okng_program *p = written(f);
    okng_image picture = picture_of(96, 96, SALT);
    okng_array *input = as_floats(&picture), *out[2];
    ((float *)input->data)[5000] = NAN;
    program_run(p, &input, 1, out);
    assert_true(isnan(*(float *)out[0]->data));
    for (int i = 0; i < 96 * 96; i++) assert_true(isnan(((float *)out[1]->data)[i]));
    okng_array_free(&out[0]);
    okng_array_free(&out[1]);
    okng_program_free(&p);
    okng_image_free(&picture);
    assert_ok(okng_build_options_set(&f->config.options, "aspect", "tiles", error));
    okng_program_value x, score, map;
    assert_ok(okng_program_new(&p, error));
    x = okng_program_input(p, "input", OKNG_F32, 4, (int64_t[]){OKNG_ANY, 3, 96, 96});
    assert_fails(OKNG_ERROR_UNSUPPORTED, "aspect tiles", okng_winclip_express(f->winclip, p, x, &score, &map, error));
    okng_program_free(&p);
    close_fixture(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prototypes),
        cmocka_unit_test(every_map_and_score),
        cmocka_unit_test(what_is_remembered_is_at_zero),
        cmocka_unit_test(other_scales_with_weights),
        cmocka_unit_test(masked_windows),
        cmocka_unit_test(tiles),
        cmocka_unit_test(bicubic_without_rounding),
        cmocka_unit_test(no_bit_depends_on_threads),
        cmocka_unit_test(what_overflows_is_an_error),
        cmocka_unit_test(the_plus_shape),
        cmocka_unit_test(a_program_finds_the_same),
        cmocka_unit_test(a_picture_that_is_not_finite_has_no_score),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("tests", tests, set_up, tear_down);
}
