/* A photo through preprocess and embed against torchvision (tests/golden/make_pipeline.py). */
#include "golden_weights.h"
#include "test.h"

#include "base/file.h"
#include "net/graph.h"
#include "try_build.h"

#define PIPELINE OKNG_GOLDEN "/pipeline/"

static void set(okng_build_options *options, const char *name, const char *value)
{
    assert_ok(okng_build_options_set(options, name, value, error));
}

static uint64_t hash_of(okng_array *array)
{
    const uint8_t *bytes = okng_array_data(array);
    size_t size = sizeof(float);
    for (int32_t d = 0; d < okng_array_dims(array); d++) size *= (size_t)okng_array_shape(array, d);
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

static void the_input_tensor_has_the_bits_of_torchvision(void **state)
{
    (void)state;
    FILE *file = fopen(PIPELINE "preprocess.txt", "r");
    assert_non_null(file);
    char name[64], resize[16], crop[16], interpolation[16], path[256];
    int height, width, cases = 0;
    unsigned long long expected;
    while (fscanf(file, "%63s %15s %15s %15s %d %d %llx", name, resize, crop, interpolation, &height, &width,
                  &expected) == 7) {
        okng_build_options options;
        okng_build_options_init(&options);
        set(&options, "resize", resize);
        set(&options, "crop", crop);
        set(&options, "interpolation", interpolation);
        (void)snprintf(path, sizeof path, PIPELINE "%s", name);
        okng_picture picture = {.struct_size = sizeof picture, .path = path};
        okng_array *tensor;
        assert_ok(okng_preprocess(&tensor, &picture, &options, error));
        assert_int_equal(okng_array_dims(tensor), 4);
        assert_int_equal(okng_array_shape(tensor, 2), height);
        assert_int_equal(okng_array_shape(tensor, 3), width);
        if (hash_of(tensor) != expected) fail_msg("%s %s %s %s differs", name, resize, crop, interpolation);
        okng_array_free(&tensor);
        cases++;
    }
    (void)fclose(file);
    assert_int_equal(cases, 11);
}

static void assert_embeds(const char *preset, const char *backbone, const char *weights)
{
    okng_build_options options;
    okng_build_options_init(&options);
    set(&options, "preset", preset);
    set(&options, "backbone", backbone);
    set(&options, "weights", weights);
    okng_picture picture = {.struct_size = sizeof picture, .path = PIPELINE "photo.jpg"};
    okng_array *rows;
    assert_ok(okng_embed(&rows, &picture, &options, error));

    char path[256];
    (void)snprintf(path, sizeof path, PIPELINE "%s_%s.txt", preset, backbone);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    int patches, dim;
    double largest, expected;
    assert_int_equal(fscanf(file, "%d %d %lf", &patches, &dim, &largest), 3);
    assert_int_equal(okng_array_shape(rows, 0), patches);
    assert_int_equal(okng_array_shape(rows, 1), dim);
    const float *values = okng_array_data(rows);
    uint64_t sample = 0;
    for (; fscanf(file, "%lf", &expected) == 1; sample++) {
        size_t at = okng_golden_mix(sample) % ((size_t)patches * (size_t)dim);
        double difference = fabs((double)values[at] - expected);
        if (!(difference <= 1e-4 * largest))
            fail_msg("%s %s: value %zu is %g, expected %g (largest %g)", preset, backbone, at, (double)values[at],
                     expected, largest);
    }
    (void)fclose(file);
    assert_int_equal(sample, 400);
    okng_array_free(&rows);
}

static void resnet18_embeds_as_torch(void **state)
{
    (void)state;
    need_shared("weights/resnet18-imagenet-to-layer3.pth");
    assert_embeds("paper", "resnet18", OKNG_SHARED "/weights/resnet18-imagenet-to-layer3.pth");
    assert_embeds("inspection", "resnet18", OKNG_SHARED "/weights/resnet18-imagenet-to-layer3.pth");
}

static void wide_resnet50_2_embeds_as_torch(void **state)
{
    (void)state;
    const char *layer = "layer3";
    okng_graph *graph;
    assert_ok(try_build(&graph, "wide_resnet50_2", &layer, 1, 224, 224, error));
    size_t size;
    unsigned char *bytes = okng_golden_safetensors(graph, "", &size);
    assert_non_null(bytes);
    okng_graph_free(&graph);
    char path[64] = "/tmp/okng-test-wide-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    (void)close(descriptor);
    assert_ok(okng_file_write(path, bytes, size, error));
    free(bytes);
    assert_embeds("paper", "wide_resnet50_2", path);
    assert_embeds("inspection", "wide_resnet50_2", path);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_input_tensor_has_the_bits_of_torchvision),
        cmocka_unit_test(resnet18_embeds_as_torch),
        cmocka_unit_test(wide_resnet50_2_embeds_as_torch),
    };
    return RUN_TESTS(tests);
}
