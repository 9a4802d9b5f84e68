/* Texts and pictures by the public functions of a CLIP, on made weights: what holds whatever the numbers are, and that
 * they are those of Pillow, a tokenizer and torch (tests/golden/make_words.py). */
#include "fixture.h"
#include "made_clip.h"
#include "test.h"

#include <pthread.h>

static char root[64] = "/tmp/okng-test-clip-XXXXXX";

static int make_world(void **state)
{
    (void)state;
    if (!mkdtemp(root) || fixture_write_picture(root, "ok", 0, NULL) != OKNG_OK) return -1;
    bool made = made_clip(root, "clip-tinyclip-8m-16 tiny.safetensors --f16") &&
                made_clip(root, "clip-tinyclip-8m-16 image.safetensors --f16 --layout timm") &&
                made_clip(root, "--vocabulary bpe_simple_vocab_16e6.txt.gz") &&
                fixture_write_picture(root, "ok", 1, NULL) == OKNG_OK &&
                fixture_write_picture(root, "ng", 0, NULL) == OKNG_OK;
    return made ? 0 : -1;
}

static int remove_world(void **state)
{
    (void)state;
    return okng_test_remove_tree(root);
}

static const char *in(const char *name)
{
    static char paths[16][128];
    static int next;
    char *path = paths[next++ % 16];
    (void)snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static void set(okng_build_options *options, const char *name, const char *value)
{
    assert_ok(okng_build_options_set(options, name, value, error));
}

static okng_build_options options_of(const char *weights)
{
    okng_build_options options;
    okng_build_options_init(&options);
    set(&options, "backbone", "clip-tinyclip-8m-16");
    set(&options, "weights", in(weights));
    set(&options, "activation", "gelu");
    set(&options, "resize", "96x96");
    set(&options, "threads", "1");
    return options;
}

static okng_encoders *opened(const char *weights)
{
    const okng_build_options options = options_of(weights);
    okng_encoders *encoders;
    assert_ok(okng_encoders_open(&encoders, &options, error));
    return encoders;
}

static const char *const texts[] = {"a photo of a perfect nut", "a photo of a damaged nut", "", "Nut!"};
enum { TEXTS = 4, PICTURES = 3, E = 512 };

static okng_array *texts_of(okng_encoders *encoders, const char *const *some, size_t count, int normalize)
{
    okng_array *rows;
    assert_ok(okng_encoders_texts(&rows, encoders, some, count, NULL, normalize, NULL, NULL, error));
    assert_int_equal(okng_array_dims(rows), 2);
    assert_int_equal(okng_array_dtype(rows), OKNG_F32);
    assert_int_equal(okng_array_shape(rows, 0), count);
    assert_int_equal(okng_array_shape(rows, 1), E);
    return rows;
}

static okng_array *pictures_of(okng_encoders *encoders, size_t first, size_t count, int normalize)
{
    static const char *const names[] = {"ok/000.png", "ok/001.png", "ng/000.png"};
    okng_picture all[PICTURES];
    const okng_picture *list[PICTURES];
    for (size_t i = 0; i < count; i++) {
        all[i] = (okng_picture){.struct_size = sizeof all[i], .path = in(names[first + i])};
        list[i] = &all[i];
    }
    okng_array *rows;
    assert_ok(okng_encoders_pictures(&rows, encoders, list, count, normalize, NULL, NULL, error));
    assert_int_equal(okng_array_dims(rows), 2);
    assert_int_equal(okng_array_shape(rows, 0), count);
    assert_int_equal(okng_array_shape(rows, 1), E);
    return rows;
}

static const float *row(okng_array *rows, size_t i)
{
    return (const float *)okng_array_data(rows) + i * (size_t)okng_array_shape(rows, 1);
}

static double product(const float *a, const float *b)
{
    double sum = 0;
    for (int k = 0; k < E; k++) sum += (double)a[k] * (double)b[k];
    return sum;
}

/* Rows are finite, and no two point the same way. */
static void assert_apart(okng_array *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++) {
            const float *a = row(rows, i), *b = row(rows, j);
            const double cosine = product(a, b) / sqrt(product(a, a) * product(b, b));
            assert_true(i == j ? cosine > 0.999999 : cosine < 0.999);
        }
}

static void assert_scaled(okng_array *rows, okng_array *unit, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const double length = sqrt(product(row(rows, i), row(rows, i)));
        assert_true(fabs(product(row(unit, i), row(unit, i)) - 1) < 1e-5);
        for (int k = 0; k < E; k++)
            assert_true(fabs((double)row(unit, i)[k] * length - (double)row(rows, i)[k]) < 1e-5 * length);
    }
}

static void texts_become_vectors(void **state)
{
    (void)state;
    okng_encoders *encoders = opened("tiny.safetensors");
    okng_encoders_info info = {.struct_size = sizeof info};
    assert_ok(okng_encoders_get_info(encoders, &info, error));
    assert_int_equal(info.embedding, E);
    assert_true(fabs(info.logit_scale - 100) < 0.1); /* as a half */
    okng_array *rows = texts_of(encoders, texts, TEXTS, 0), *unit = texts_of(encoders, texts, TEXTS, 1);
    assert_apart(rows, TEXTS);
    assert_scaled(rows, unit, TEXTS);
    for (size_t i = 0; i < TEXTS; i++) { /* alone, the tower stops at an earlier token */
        okng_array *one = texts_of(encoders, &texts[i], 1, 0);
        const double length = sqrt(product(row(rows, i), row(rows, i)));
        for (int k = 0; k < E; k++) assert_true(fabs((double)row(one, 0)[k] - (double)row(rows, i)[k]) < 1e-5 * length);
        okng_array_free(&one);
    }
    okng_array_free(&rows);
    okng_array_free(&unit);
    okng_encoders_close(&encoders);
    assert_null(encoders);
}

static void pictures_become_vectors(void **state)
{
    (void)state;
    okng_encoders *encoders = opened("tiny.safetensors");
    okng_array *rows = pictures_of(encoders, 0, PICTURES, 0), *unit = pictures_of(encoders, 0, PICTURES, 1);
    assert_apart(rows, PICTURES);
    assert_scaled(rows, unit, PICTURES);
    for (size_t i = 0; i < PICTURES; i++) {
        okng_array *one = pictures_of(encoders, i, 1, 0);
        assert_memory_equal(row(one, 0), row(rows, i), E * sizeof(float));
        okng_array_free(&one);
    }
    okng_array_free(&rows);
    okng_array_free(&unit);
    okng_encoders_close(&encoders);
}

/* The sizes of the inputs differ, and come by turns. */
static void pictures_may_come_to_other_sizes(void **state)
{
    (void)state;
    okng_build_options options = options_of("tiny.safetensors");
    set(&options, "resize", "none");
    uint8_t *pixels = malloc(128 * 128 * 3);
    assert_non_null(pixels);
    for (size_t i = 0; i < 128 * 128 * 3; i++) pixels[i] = (uint8_t)(i * 7 % 251);
    const okng_picture big = {.struct_size = sizeof big, .pixels = pixels, .width = 128, .height = 96};
    const okng_picture small = {.struct_size = sizeof small, .pixels = pixels, .width = 64, .height = 128};
    const okng_picture odd = {.struct_size = sizeof odd, .pixels = pixels, .width = 100, .height = 96};
    okng_encoders *encoders;
    okng_array *rows, *one;
    assert_ok(okng_encoders_open(&encoders, &options, error));
    assert_ok(
        okng_encoders_pictures(&rows, encoders, (const okng_picture *[]){&big, &small, &big}, 3, 0, NULL, NULL, error));
    assert_memory_equal(row(rows, 0), row(rows, 2), E * sizeof(float));
    assert_ok(okng_encoders_pictures(&one, encoders, (const okng_picture *[]){&small}, 1, 0, NULL, NULL, error));
    assert_memory_equal(row(rows, 1), row(one, 0), E * sizeof(float));
    okng_array_free(&rows);
    okng_array_free(&one);
    assert_fails(OKNG_ERROR_ARGUMENT, "100",
                 okng_encoders_pictures(&rows, encoders, (const okng_picture *[]){&odd}, 1, 0, NULL, NULL, error));
    assert_null(rows);
    okng_encoders_close(&encoders);
    free(pixels);
}

/* The vector that words.txt calls "text 0 ..." or "image 96 photo.jpg". */
static okng_array *vector_of(const char *kind, const char *side, const char *name)
{
    okng_array *rows;
    okng_encoders *encoders;
    okng_build_options options = options_of("tiny.safetensors");
    char path[256];
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/pipeline/%s", name);
    const okng_picture picture = {.struct_size = sizeof picture, .path = path}, *list[] = {&picture};
    if (strcmp(side, "0") != 0) set(&options, "resize", strcmp(side, "96") == 0 ? "96x96" : "224x224");
    assert_ok(okng_encoders_open(&encoders, &options, error));
    if (strcmp(kind, "text") == 0)
        assert_ok(okng_encoders_texts(&rows, encoders, &name, 1, NULL, 0, NULL, NULL, error));
    else
        assert_ok(okng_encoders_pictures(&rows, encoders, list, 1, 0, NULL, NULL, error));
    okng_encoders_close(&encoders);
    return rows;
}

static void vectors_are_those_of_torch(void **state)
{
    (void)state;
    char kind[16], side[16], name[128];
    int cases = 0;
    FILE *file = fopen(OKNG_GOLDEN "/clip/words.txt", "r");
    assert_non_null(file);
    for (; fscanf(file, " %15s %15s %127[^\n]", kind, side, name) == 3; cases++) {
        okng_array *rows = vector_of(kind, side, name);
        double expected[E / 4], largest = 0, worst = 0;
        for (int k = 0; k < E / 4; k++) {
            assert_int_equal(fscanf(file, "%lf", &expected[k]), 1);
            largest = fmax(largest, fabs(expected[k]));
            worst = fmax(worst, fabs((double)row(rows, 0)[4 * k] - expected[k]));
        }
        if (!(worst <= 1e-4 * largest)) fail_msg("%s %s: off by %g (largest %g)", kind, name, worst, largest);
        okng_array_free(&rows);
    }
    (void)fclose(file);
    assert_int_equal(cases, 6);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    okng_build_options options = options_of("tiny.safetensors");
    okng_array *vectors[2][2];
    for (int k = 0; k < 2; k++) {
        okng_encoders *encoders;
        set(&options, "threads", k == 0 ? "1" : "3");
        assert_ok(okng_encoders_open(&encoders, &options, error));
        vectors[k][0] = texts_of(encoders, texts, TEXTS, 0);
        vectors[k][1] = pictures_of(encoders, 0, PICTURES, 0);
        okng_encoders_close(&encoders);
    }
    assert_memory_equal(row(vectors[0][0], 0), row(vectors[1][0], 0), TEXTS * E * sizeof(float));
    assert_memory_equal(row(vectors[0][1], 0), row(vectors[1][1], 0), PICTURES * E * sizeof(float));
    for (int k = 0; k < 4; k++) okng_array_free(&vectors[k / 2][k % 2]);
}

typedef struct share {
    okng_encoders *encoders;
    okng_array *texts, *pictures;
} share;

static void *embed_both(void *user)
{
    share *s = user;
    s->texts = texts_of(s->encoders, texts, TEXTS, 0);
    s->pictures = pictures_of(s->encoders, 0, PICTURES, 0);
    return NULL;
}

static void threads_may_share_encoders(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    share shares[THREADS];
    pthread_t threads[THREADS];
    okng_encoders *encoders = opened("tiny.safetensors");
    for (int i = 0; i < THREADS; i++) {
        shares[i] = (share){.encoders = encoders};
        assert_int_equal(pthread_create(&threads[i], NULL, embed_both, &shares[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_memory_equal(row(shares[i].texts, 0), row(shares[0].texts, 0), TEXTS * E * sizeof(float));
        assert_memory_equal(row(shares[i].pictures, 0), row(shares[0].pictures, 0), PICTURES * E * sizeof(float));
    }
    for (int i = 0; i < THREADS; i++) {
        okng_array_free(&shares[i].texts);
        okng_array_free(&shares[i].pictures);
    }
    okng_encoders_close(&encoders);
}

/* Whatever the options make of patch vectors, tokens are those of okng_embed where they make nothing of them. */
static void tokens_are_as_the_network_has_them(void **state)
{
    (void)state;
    okng_build_options options = options_of("tiny.safetensors");
    const okng_picture picture = {.struct_size = sizeof picture, .path = in("ok/000.png")};
    set(&options, "layers", "blocks.2 norm");
    okng_array *plain, *tokens;
    okng_encoders *encoders;
    assert_ok(okng_embed(&plain, &picture, &options, error));
    set(&options, "patch-size", "3");
    set(&options, "stride", "2");
    set(&options, "distance", "cosine");
    assert_ok(okng_encoders_open(&encoders, &options, error));
    assert_ok(okng_encoders_patches(&tokens, encoders, &picture, error));
    assert_int_equal(okng_array_shape(tokens, 0), 6 * 6);
    assert_int_equal(okng_array_shape(tokens, 1), 2 * 256);
    assert_memory_equal(okng_array_data(tokens), okng_array_data(plain), 36 * 512 * sizeof(float));
    okng_array_free(&tokens);
    okng_array_free(&plain);
    okng_encoders_close(&encoders);
}

static void a_file_of_the_image_tower_serves_pictures(void **state)
{
    (void)state;
    okng_encoders *whole = opened("tiny.safetensors"), *image = opened("image.safetensors");
    okng_array *a = pictures_of(whole, 0, 2, 0), *b = pictures_of(image, 0, 2, 0), *rows;
    assert_memory_equal(row(a, 0), row(b, 0), 2 * E * sizeof(float));
    okng_encoders_info info = {.struct_size = sizeof info};
    assert_ok(okng_encoders_get_info(image, &info, error));
    assert_true(info.logit_scale == 100);
    assert_fails(OKNG_ERROR_MISMATCH, "text", okng_encoders_texts(&rows, image, texts, 1, NULL, 0, NULL, NULL, error));
    assert_null(rows);
    okng_array_free(&a);
    okng_array_free(&b);
    okng_encoders_close(&whole);
    okng_encoders_close(&image);
}

static int stop(const okng_progress *progress, void *user)
{
    size_t *heard = user;
    (*heard)++;
    return progress->done > 0;
}

static void what_cannot_be_embedded_is_told(void **state)
{
    (void)state;
    okng_encoders *encoders = opened("tiny.safetensors");
    okng_array *rows;
    char *long_text = malloc(400);
    assert_non_null(long_text);
    memset(long_text, 0, 400);
    for (int i = 0; i < 90; i++) (void)strcat(long_text, "no ");
    const char *const odd[] = {"fine", long_text}, *const wrong[] = {"fine", "\xff"}, *const none[] = {"fine", NULL};
    okng_text_options strict = {.struct_size = sizeof strict, .strict = 1};
    assert_fails(OKNG_ERROR_LIMIT, "text 2 of 2",
                 okng_encoders_texts(&rows, encoders, odd, 2, &strict, 0, NULL, NULL, error));
    assert_null(rows);
    okng_array *cut = texts_of(encoders, odd, 2, 0);
    okng_array_free(&cut);
    assert_fails(OKNG_ERROR_ARGUMENT, "text 2 of 2",
                 okng_encoders_texts(&rows, encoders, wrong, 2, NULL, 0, NULL, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "text 2 of 2",
                 okng_encoders_texts(&rows, encoders, none, 2, NULL, 0, NULL, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "nothing",
                 okng_encoders_texts(&rows, encoders, texts, 0, NULL, 0, NULL, NULL, error));
    size_t heard = 0;
    assert_fails(OKNG_ERROR_CANCELLED, "",
                 okng_encoders_texts(&rows, encoders, texts, TEXTS, NULL, 0, stop, &heard, error));
    assert_true(heard > 1);
    free(long_text);
    okng_encoders_close(&encoders);
}

static void what_cannot_be_opened_is_told(void **state)
{
    (void)state;
    okng_encoders *encoders;
    okng_array *rows;
    okng_build_options options = options_of("tiny.safetensors");
    set(&options, "vocabulary", in("none.txt.gz"));
    assert_ok(okng_encoders_open(&encoders, &options, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "none.txt.gz",
                 okng_encoders_texts(&rows, encoders, texts, 1, NULL, 0, NULL, NULL, error));
    okng_array *pictures = pictures_of(encoders, 0, 1, 0); /* which need none */
    okng_array_free(&pictures);
    okng_encoders_close(&encoders);

    set(&options, "backbone", "clip-tinyclip-39m-16");
    assert_fails(OKNG_ERROR_MISMATCH, "256", okng_encoders_open(&encoders, &options, error));
    assert_null(encoders);
    set(&options, "backbone", "vit_tiny_patch16_224");
    set(&options, "activation", "auto");
    assert_fails(OKNG_ERROR_NOT_FOUND, "clip-vit-b-16", okng_encoders_open(&encoders, &options, error));
    options = options_of("tiny.safetensors");
    set(&options, "resize", "90x96");
    assert_fails(OKNG_ERROR_ARGUMENT, "90", okng_encoders_open(&encoders, &options, error));
}

static void likeness_is_cosine_or_softmax(void **state)
{
    (void)state;
    static const float a[] = {3, 4, 0, 0, 0, 0}, b[] = {1, 0, 0, 0, 2, 0, -6, -8, 0};
    okng_array *pictures, *words, *table;
    assert_ok(okng_array_new(&pictures, OKNG_F32, 2, (const int64_t[]){2, 3}, error));
    assert_ok(okng_array_new(&words, OKNG_F32, 2, (const int64_t[]){3, 3}, error));
    memcpy(okng_array_data(pictures), a, sizeof a);
    memcpy(okng_array_data(words), b, sizeof b);
    assert_ok(okng_similarity(&table, pictures, words, 0, error));
    const float *t = okng_array_data(table);
    static const float cosines[] = {0.6f, 0.8f, -1, 0, 0, 0};
    for (int i = 0; i < 6; i++) assert_true(fabsf(t[i] - cosines[i]) < 1e-6f);
    okng_array_free(&table);
    assert_ok(okng_similarity(&table, pictures, words, 10, error));
    t = okng_array_data(table);
    const double parts[] = {exp(6), exp(8), exp(-10)}, sum = parts[0] + parts[1] + parts[2];
    for (int i = 0; i < 3; i++) assert_true(fabs((double)t[i] - parts[i] / sum) < 1e-6);
    for (int i = 3; i < 6; i++) assert_true(fabs((double)t[i] - 1.0 / 3) < 1e-6);
    okng_array_free(&table);
    assert_fails(OKNG_ERROR_ARGUMENT, "scale", okng_similarity(&table, pictures, words, -1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "scale", okng_similarity(&table, pictures, words, (double)NAN, error));
    okng_array *other;
    assert_ok(okng_array_new(&other, OKNG_F32, 2, (const int64_t[]){1, 4}, error));
    assert_fails(OKNG_ERROR_MISMATCH, "4 dimensions", okng_similarity(&table, pictures, other, 0, error));
    assert_null(table);
    okng_array_free(&other);
    okng_array_free(&pictures);
    okng_array_free(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_become_vectors),
        cmocka_unit_test(pictures_become_vectors),
        cmocka_unit_test(pictures_may_come_to_other_sizes),
        cmocka_unit_test(vectors_are_those_of_torch),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(threads_may_share_encoders),
        cmocka_unit_test(tokens_are_as_the_network_has_them),
        cmocka_unit_test(a_file_of_the_image_tower_serves_pictures),
        cmocka_unit_test(what_cannot_be_embedded_is_told),
        cmocka_unit_test(what_cannot_be_opened_is_told),
        cmocka_unit_test(likeness_is_cosine_or_softmax),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_world, remove_world);
}
