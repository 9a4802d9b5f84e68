/* The engine that is onnxruntime: features beside torch's, what is refused, and libraries that are none or fail. */
#include <sys/wait.h>

#include "base/parallel.h"
#include "engine_fixture.h"
#include "onnxruntime_library.h"

static const okng_engine_options ort = {.device = "onnxruntime", .threads = 2};

/* ---- a real library ---- */

static void features_of_every_network_equal_torch(void **state)
{
    (void)state;
    need_onnxruntime();
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info = {.struct_size = sizeof info};
        assert_ok(okng_backbone_get(i, &info, error));
        if (strncmp(info.name, "clip-", 5) == 0) continue;                 /* test_clip_golden.c */
        if (info.parameters > (SANITIZED ? 12000000 : 30000000)) continue; /* one of each family stays */
        check_golden_with(info.name, info.name, NULL, &ort, 1e-4);
    }
    check_golden_with("resnet18_batch", "resnet18", NULL, &ort, 1e-4);
    assert_string_equal(okng_engine_version("onnxruntime:cpu"), okng_engine_version("onnxruntime"));
    assert_int_equal(strncmp(okng_engine_version("onnxruntime"), "onnxruntime 1.", 14), 0);
}

static void features_of_real_networks_equal_torch(void **state)
{
    (void)state;
    need_onnxruntime();
    need_shared("weights/resnet18-imagenet-to-layer3.pth");
    check_golden_with("resnet18_real", "resnet18", OKNG_SHARED "/weights/resnet18-imagenet-to-layer3.pth", &ort, 1e-4);
    check_golden_with("vit_tiny_patch16_224_real", "vit_tiny_patch16_224",
                      OKNG_SHARED "/weights/vit_tiny_patch16_224.safetensors", &ort, 1e-4);
}

typedef struct loop {
    const fixture *f;
    const okng_engine *engine;
    const features *expected;
    double worst[8]; /* per index: beside what is expected, of the largest value */
} loop;

static void run_in_loop(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    loop *l = context;
    for (int64_t i = begin; i < end; i++) {
        okng_engine_session *session = NULL;
        features out = new_features(l->f);
        if (okng_engine_session_new(&session, l->engine, l->f->batch, NULL) != OKNG_OK ||
            okng_engine_run(session, (const void *[]){l->f->input}, out.maps, NULL) != OKNG_OK)
            l->worst[i] = INFINITY;
        double largest = 0;
        for (size_t k = 0; k < l->f->sizes[0]; k++) {
            largest = fmax(largest, fabs((double)l->expected->maps[0][k]));
            l->worst[i] = fmax(l->worst[i], fabs((double)out.maps[0][k] - (double)l->expected->maps[0][k]));
        }
        l->worst[i] /= largest;
        okng_engine_session_free(&session);
        free_features(&out);
    }
}

static void sessions_run_at_the_same_time(void **state)
{
    (void)state;
    need_onnxruntime();
    fixture f = open_fixture("resnet18", two_layers, 2, 2, 65, 97, NULL);
    features expected = run_once(&f, 2); /* oneDNN's */
    okng_engine *engine;
    assert_ok(okng_engine_compile(&engine, f.graph, f.weights, &ort, error));
    loop l = {.f = &f, .engine = engine, .expected = &expected};
    okng_parallel_for(4, 8, 1, run_in_loop, &l);
    for (int i = 0; i < 8; i++) assert_true(l.worst[i] <= 1e-5);
    okng_engine_free(&engine);
    free_features(&expected);
    close_fixture(&f);
}

static bool all_nan(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i])) return false;
    return true;
}

static bool all_finite(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i])) return false;
    return true;
}

/* The library's ReLU would make numbers of them. */
static void a_picture_that_is_not_finite_has_no_features(void **state)
{
    (void)state;
    need_onnxruntime();
    fixture f = open_fixture("resnet18", two_layers, 1, 2, 64, 64, NULL);
    f.input[f.input_count / 2 + 77] = NAN; /* in the second picture */
    features out = run_with(&f, &ort);
    assert_true(all_finite(out.maps[0], f.sizes[0] / 2));
    assert_true(all_nan(out.maps[0] + f.sizes[0] / 2, f.sizes[0] / 2));
    free_features(&out);
    close_fixture(&f);
}

static void a_child_is_refused_and_its_parent_goes_on(void **state)
{
    (void)state;
    need_onnxruntime();
    fixture f = open_fixture("resnet18", two_layers, 1, 1, 64, 64, NULL);
    features out = new_features(&f);
    okng_engine *engine;
    okng_engine_session *session;
    assert_ok(okng_engine_compile(&engine, f.graph, f.weights, &ort, error));
    assert_ok(okng_engine_session_new(&session, engine, 1, error));
    assert_ok(okng_engine_run(session, (const void *[]){f.input}, out.maps, error));
    const pid_t child = fork();
    if (child == 0) {
        (void)alarm(60);
        const bool refused =
            okng_engine_run(session, (const void *[]){f.input}, out.maps, NULL) == OKNG_ERROR_UNSUPPORTED;
        okng_engine_session_free(&session);
        okng_engine_free(&engine);
        _exit(refused ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_ok(okng_engine_run(session, (const void *[]){f.input}, out.maps, error));
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    free_features(&out);
    close_fixture(&f);
}

static void what_it_has_not_is_named_beside_what_it_has(void **state)
{
    (void)state;
    need_onnxruntime();
    assert_ok(okng_engine_supports("onnxruntime:cpu:0", OKNG_PRECISION_FP32, error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "fp32 alone", okng_engine_supports("onnxruntime", OKNG_PRECISION_INT8, error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "fp32 alone", okng_engine_supports("onnxruntime", OKNG_PRECISION_BF16, error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "CPUExecutionProvider",
                 okng_engine_supports("onnxruntime:openvino:GPU.0", OKNG_PRECISION_FP32, error));
}

/* The library of npm lists CUDA, without the file that starts it. Where there is a GPU it works, and nothing is said.
 */
static void a_provider_that_cannot_start_is_named_beside_one_that_can(void **state)
{
    (void)state;
    need_onnxruntime();
    okng_error why = {0};
    okng_engine_options options = ort;
    options.device = "onnxruntime:cuda";
    if (okng_engine_supports(options.device, OKNG_PRECISION_FP32, &why) != OKNG_OK) skip(); /* it is not listed */
    fixture f = open_fixture("resnet18", two_layers, 2, 2, 65, 97, NULL);
    okng_engine *engine;
    okng_engine_session *session = NULL;
    okng_status status = okng_engine_compile(&engine, f.graph, f.weights, &options, &why);
    if (status == OKNG_OK) status = okng_engine_session_new(&session, engine, 1, &why);
    if (status != OKNG_OK) assert_non_null(strstr(why.message, "onnxruntime:cpu"));
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    close_fixture(&f);
}

/* ---- names ---- */

static void devices_are_read(void **state)
{
    (void)state;
    static const char *const fine[] = {
        "onnxruntime",           "onnxruntime:cpu",          "onnxruntime:cpu:0",
        "onnxruntime:cuda:1",    "onnxruntime:tensorrt",     "onnxruntime:0",
        "onnxruntime:openvino",  "onnxruntime:openvino:NPU", "onnxruntime:openvino:GPU.1",
        "onnxruntime:openvino:2"};
    static const char *const bad[] = {
        "onnxruntime:",         "onnxruntime:gpu",     "onnxruntime:cuda:",      "onnxruntime:cuda:x",
        "onnxruntime:cuda:1:2", "onnxruntime:cuda:-1", "onnxruntime:1",          "onnxruntime:openvino:G.P",
        "onnxruntime:cpu:1",    "onnxruntime:CUDA",    "onnxruntime:cuda:99999", "onnxruntime:openvino:GPU."};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) assert_ok(okng_engine_check(fine[i], error));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(OKNG_ERROR_ARGUMENT, "expected", okng_engine_check(bad[i], error));
    assert_fails(OKNG_ERROR_ARGUMENT, "cpu, onnxruntime", okng_engine_check("cpu:0", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "cpu, onnxruntime", okng_engine_check("onnx", error));
}

/* ---- libraries that are none, or fail: each in a process of its own, as the first that is fine stays ---- */

typedef struct odd {
    const char *library, *mode;
    okng_status expected;
    const char *part; /* of the message */
} odd;

/* Opens and runs a network; the message of what failed. */
static okng_status try_library(char *message, size_t size)
{
    fixture f = open_fixture("resnet18", two_layers, 1, 1, 33, 33, NULL);
    features out = new_features(&f);
    okng_error error = {0};
    okng_engine *engine = NULL;
    okng_engine_session *session = NULL;
    okng_status status = okng_engine_compile(&engine, f.graph, f.weights, &ort, &error);
    if (status == OKNG_OK) status = okng_engine_session_new(&session, engine, 1, &error);
    if (status == OKNG_OK) status = okng_engine_run(session, (const void *[]){f.input}, out.maps, &error);
    (void)snprintf(message, size, "%s", error.message);
    if (status == OKNG_OK && all_nan(out.maps[0], f.sizes[0])) (void)snprintf(message, size, "NaN everywhere");
    return status;
}

static int try_in_child(const odd *o)
{
    char message[sizeof(okng_error)];
    (void)alarm(60);
    if (setenv("OKNG_ONNXRUNTIME", o->library, 1) != 0 || setenv("ODD_ONNXRUNTIME", o->mode, 1) != 0) return 1;
    const okng_status status = try_library(message, sizeof message);
    if (status == o->expected && strstr(message, o->part) && !strchr(message, '\n')) return 0;
    (void)fprintf(stderr, "%s %s: status %d, %s\n", o->library, o->mode, (int)status, message);
    return 1;
}

static void libraries_that_fail_are_told(void **state)
{
    (void)state;
    static const odd odds[] = {
        {"/nowhere/libonnxruntime.so", "", OKNG_ERROR_UNSUPPORTED, "/nowhere/libonnxruntime.so"},
        {OKNG_GOLDEN "/ops/ops.txt", "", OKNG_ERROR_UNSUPPORTED, "cannot be loaded"},
        {OKNG_GOLDEN, "", OKNG_ERROR_UNSUPPORTED, "cannot be loaded"},
        {"libz.so.1", "", OKNG_ERROR_UNSUPPORTED, "is no onnxruntime"},
        {OKNG_ODD_ONNXRUNTIME, "old", OKNG_ERROR_UNSUPPORTED, "is onnxruntime 1.16.3, expected 1.17"},
        {OKNG_ODD_ONNXRUNTIME, "table", OKNG_ERROR_UNSUPPORTED, "no API of version 17"},
        {OKNG_ODD_ONNXRUNTIME, "lacks", OKNG_ERROR_UNSUPPORTED, "lacks a function"},
        {OKNG_ODD_ONNXRUNTIME, "start", OKNG_ERROR_INTERNAL, "no logger"},
        {OKNG_ODD_ONNXRUNTIME, "providers", OKNG_ERROR_INTERNAL, "nobody knows"},
        {OKNG_ODD_ONNXRUNTIME, "session", OKNG_ERROR_INTERNAL, "this graph is not mine"},
        {OKNG_ODD_ONNXRUNTIME, "memory", OKNG_ERROR_MEMORY, "bad_alloc"},
        {OKNG_ODD_ONNXRUNTIME, "run", OKNG_ERROR_INTERNAL, "the device is gone"},
        {OKNG_ODD_ONNXRUNTIME, "silent", OKNG_OK, "NaN everywhere"},
    };
    for (size_t i = 0; i < sizeof odds / sizeof odds[0]; i++) {
        const pid_t child = fork();
        if (child == 0) _exit(try_in_child(&odds[i]));
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail_msg("%s %s", odds[i].library, odds[i].mode);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_are_read),
        cmocka_unit_test(libraries_that_fail_are_told),
        cmocka_unit_test(features_of_every_network_equal_torch),
        cmocka_unit_test(features_of_real_networks_equal_torch),
        cmocka_unit_test(sessions_run_at_the_same_time),
        cmocka_unit_test(a_picture_that_is_not_finite_has_no_features),
        cmocka_unit_test(a_child_is_refused_and_its_parent_goes_on),
        cmocka_unit_test(what_it_has_not_is_named_beside_what_it_has),
        cmocka_unit_test(a_provider_that_cannot_start_is_named_beside_one_that_can),
    };
    return RUN_TESTS(tests);
}
