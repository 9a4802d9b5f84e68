#include "tensor_bytes.h"

typedef struct expected {
    const char *name;
    okng_dtype dtype;
    int32_t dims;
    int64_t shape[3];
    double first; /* element 0; the next ones go up by `step` */
    double step;
} expected;

/* What state_dict() of make_tensor.py holds, in its order; "strided" apart. */
static const expected tensors[] = {
    {"all.f32", OKNG_F32, 3, {2, 3, 5}, -1, 0.5},
    {"all.f64", OKNG_F64, 3, {2, 3, 5}, -1, 0.5},
    {"all.f16", OKNG_F16, 3, {2, 3, 5}, -1, 0.5},
    {"all.bf16", OKNG_BF16, 3, {2, 3, 5}, -1, 0.5},
    {"all.i64", OKNG_I64, 3, {2, 3, 5}, -1, 1},
    {"all.i32", OKNG_I32, 3, {2, 3, 5}, -1, 1},
    {"all.i16", OKNG_I16, 3, {2, 3, 5}, -1, 1},
    {"all.i8", OKNG_I8, 3, {2, 3, 5}, -1, 1},
    {"all.u8", OKNG_U8, 3, {2, 3, 5}, 0, 1},
    {"all.bool", OKNG_BOOL, 3, {2, 3, 5}, 0, 1},
    {"scalar", OKNG_I64, 0, {0}, 7, 0},
    {"empty", OKNG_F32, 2, {0, 3}, 0, 0},
    {"parameter", OKNG_F32, 1, {4}, -1, 0.5},
    {"shared", OKNG_F32, 2, {6, 4}, -1, 0.5},
    {"shared.rows", OKNG_F32, 2, {2, 4}, 3, 0.5},
    {"one", OKNG_F32, 2, {1, 1}, 5, 0},
    {"gr\xc3\xb6\xc3\x9f"
     "e",
     OKNG_F32,
     1,
     {1},
     -1,
     0},
};
enum { TENSORS = sizeof tensors / sizeof *tensors };

static double element(const okng_array *array, size_t i)
{
    const uint8_t *at = (const uint8_t *)array->data + i * okng_dtype_size(array->dtype);
    int64_t integer = 0;
    float value = 0;
    if (array->dtype <= OKNG_BF16) {
        okng_to_float(array->dtype, at, 1, &value);
        return (double)value;
    }
    memcpy(&integer, at, okng_dtype_size(array->dtype));
    int unused = 64 - 8 * (int)okng_dtype_size(array->dtype);
    if (array->dtype == OKNG_U8 || array->dtype == OKNG_BOOL) return (double)integer;
    return (double)((int64_t)((uint64_t)integer << unused) >> unused);
}

static void check_tensor(const okng_weights *weights, const expected *want)
{
    const okng_array *array = okng_weights_find(weights, want->name);
    if (!array) fail_msg("no tensor %s", want->name);
    assert_int_equal(array->dtype, want->dtype);
    assert_int_equal(array->dims, want->dims);
    assert_memory_equal(array->shape, want->shape, (size_t)want->dims * sizeof *want->shape);
    size_t count = array->bytes / okng_dtype_size(array->dtype), size;
    const uint8_t *file = okng_weights_bytes(weights, &size), *data = array->data;
    assert_true(data >= file && data + array->bytes <= file + size);
    for (size_t i = 0; i < count; i++) {
        double value = want->first + want->step * (double)i;
        if (array->dtype == OKNG_BOOL) value = (double)(i % 2);
        if (element(array, i) != value) fail_msg("%s: element %zu", want->name, i);
    }
}

/* `strided`: the file holds the transposed view as one. */
static void check_file(const char *path, bool strided)
{
    okng_weights *weights;
    assert_ok(okng_weights_open(&weights, path, error));
    assert_string_equal(okng_weights_path(weights), path);
    assert_int_equal(okng_weights_count(weights), TENSORS + strided);
    for (size_t i = 0; i < TENSORS; i++) check_tensor(weights, &tensors[i]);
    const okng_array *array;
    okng_tensor_info info = {.struct_size = sizeof info};
    assert_ok(okng_weights_tensor(weights, 10, &info, error));
    assert_string_equal(info.name, "scalar");
    assert_null(okng_weights_find(weights, "epoch"));
    assert_fails(OKNG_ERROR_NOT_FOUND, "\"epoch\"", okng_weights_get(weights, "epoch", &array, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "it holds", okng_weights_tensor(weights, TENSORS + strided, &info, error));
    if (strided) {
        assert_ok(okng_weights_tensor(weights, 15, &info, error));
        assert_string_equal(info.name, "strided");
        assert_true(info.dims == 2 && info.shape[0] == 4 && info.shape[1] == 6);
        assert_ok(okng_weights_get(weights, "strided", &array, error));
        assert_true(array->dims == 2 && array->shape[0] == 4 && array->bytes == 24 * sizeof(float));
        const float *values = array->data; /* [6, 4] from -1 in steps of a half, transposed */
        for (int i = 0; i < 24; i++) assert_true(values[i] == (float)(i % 6 * 4 + i / 6) / 2 - 1);
    }
    assert_ok(okng_weights_get(weights, "shared", &array, error));
    assert_ptr_equal(array, okng_weights_find(weights, "shared"));
    okng_weights_close(&weights);
    assert_null(weights);
    okng_weights_close(&weights);
}

static void a_zip_pth_is_read(void **state)
{
    (void)state;
    check_file(GOLDEN("zip.pth"), true);
    check_file(GOLDEN("zip_protocol4.pth"), true);
}

static void an_older_pth_is_read(void **state)
{
    (void)state;
    check_file(GOLDEN("legacy.pth"), true);
    check_file(GOLDEN("legacy_protocol5.pth"), true);
}

static void a_state_dict_in_a_checkpoint_is_found(void **state)
{
    (void)state;
    check_file(GOLDEN("nested_zip.pth"), true);
    check_file(GOLDEN("nested_legacy.pth"), true);
}

static void values_that_are_no_tensors_are_left_out(void **state)
{
    (void)state;
    check_file(GOLDEN("flat_with_extras.pth"), true);
}

static void a_safetensors_file_is_read(void **state)
{
    (void)state;
    okng_weights *weights;
    assert_ok(okng_weights_open(&weights, GOLDEN("all.safetensors"), error));
    assert_int_equal(okng_weights_count(weights), TENSORS - 2 + 1);
    for (size_t i = 0; i < TENSORS; i++)
        if (strcmp(tensors[i].name, "shared.rows") != 0 && strcmp(tensors[i].name, "one") != 0)
            check_tensor(weights, &tensors[i]);
    const okng_array *array = okng_weights_find(weights, "strided"); /* copied when the file was written */
    assert_true(array && array->shape[0] == 4 && element(array, 1) == 1);
    assert_null(okng_weights_find(weights, "__metadata__"));
    okng_weights_close(&weights);
    assert_ok(okng_weights_open(&weights, GOLDEN("none.safetensors"), error));
    assert_int_equal(okng_weights_count(weights), 0);
    assert_null(okng_weights_find(weights, ""));
    okng_weights_close(&weights);
}

static void one_bare_tensor_has_no_name(void **state)
{
    (void)state;
    okng_weights *weights;
    assert_ok(okng_weights_open(&weights, GOLDEN("bare.pt"), error));
    assert_int_equal(okng_weights_count(weights), 1);
    check_tensor(weights, &(expected){"", OKNG_F32, 2, {5, 3}, -1, 0.5});
    okng_weights_close(&weights);
    assert_ok(okng_weights_open(&weights, GOLDEN("large_shape.pt"), error)); /* one element seen 70000 x 300 times */
    okng_tensor_info info = {.struct_size = sizeof info};
    assert_ok(okng_weights_tensor(weights, 0, &info, error));
    assert_true(info.shape[0] == 70000 && info.shape[1] == 300);
    assert_null(okng_weights_find(weights, ""));
    okng_weights_close(&weights);
}

static void other_files_are_refused_by_name(void **state)
{
    (void)state;
    okng_weights *weights = (okng_weights *)&weights;
    assert_fails(OKNG_ERROR_NOT_FOUND, "missing.pth", okng_weights_open(&weights, "missing.pth", error));
    assert_null(weights);
    assert_fails(OKNG_ERROR_UNSUPPORTED, "holds a list", okng_weights_open(&weights, GOLDEN("list.pth"), error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "torch.nn.modules.linear.Linear is not allowed",
                 okng_weights_open(&weights, GOLDEN("module.pth"), error));
    assert_fails(OKNG_ERROR_FORMAT, "is no weight file", okng_weights_open(&weights, GOLDEN("f4.npy"), error));
    assert_fails(OKNG_ERROR_FORMAT, "is empty", okng_weights_open_memory(&weights, NULL, 0, "x.pth", error));
    assert_fails(OKNG_ERROR_FORMAT, "not one of torch.save",
                 okng_weights_open_memory(&weights, LITERAL("\x80\x02K\1."), "x.pth", error));
    uint8_t tar[1024] = {'p', 'i', 'c', 'k', 'l', 'e'};
    memcpy(tar + 257, "ustar", 5);
    assert_fails(OKNG_ERROR_UNSUPPORTED, "is a tar file",
                 okng_weights_open_memory(&weights, tar, sizeof tar, "x.pth", error));
}

static void a_file_cut_off_anywhere_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {GOLDEN("zip.pth"),         GOLDEN("legacy.pth"), GOLDEN("legacy_protocol5.pth"),
                                        GOLDEN("all.safetensors"), GOLDEN("bare.pt"),    GOLDEN("script.pth")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bytes whole = read_file(names[i]);
        for (size_t size = 0; size < whole.size; size++) {
            uint8_t *exact = malloc(size ? size : 1);
            memcpy(exact, whole.data, size);
            okng_weights *weights;
            assert_fails(OKNG_ERROR_FORMAT, "x.pth: ", okng_weights_open_memory(&weights, exact, size, "x.pth", error));
            assert_null(weights);
            free(exact);
        }
        drop(&whole);
    }
}

/* Any outcome but a crash, a leak or a view outside the file. */
static void a_changed_byte_anywhere_does_no_harm(void **state)
{
    (void)state;
    static const char *const names[] = {GOLDEN("zip.pth"), GOLDEN("legacy.pth"), GOLDEN("all.safetensors"),
                                        GOLDEN("script.pth")};
    for (size_t file = 0; file < sizeof names / sizeof *names; file++) {
        bytes whole = read_file(names[file]);
        for (size_t i = 0; i < 2 * whole.size; i++) {
            uint8_t change = i % 2 ? 0x01 : 0xff;
            whole.data[i / 2] ^= change;
            okng_weights *weights;
            if (okng_weights_open_memory(&weights, whole.data, whole.size, "x", NULL) == OKNG_OK)
                okng_weights_close(&weights);
            whole.data[i / 2] ^= change;
        }
        drop(&whole);
    }
}

/* Sums in float64 by torch. */
static void the_shared_resnet18_is_read(void **state)
{
    (void)state;
    need_shared("weights/resnet18-imagenet-to-layer3.pth");
    okng_weights *weights;
    assert_ok(okng_weights_open(&weights, OKNG_SHARED "/weights/resnet18-imagenet-to-layer3.pth", error));
    assert_int_equal(okng_weights_count(weights), 90);
    static const struct {
        const char *name;
        int64_t shape[4];
        double sum;
    } known[] = {{"conv1.weight", {64, 3, 7, 7}, -0.6087068229900949},
                 {"layer2.0.downsample.0.weight", {128, 64, 1, 1}, -16.43721261372974}};
    for (size_t k = 0; k < 2; k++) {
        const okng_array *array = okng_weights_find(weights, known[k].name);
        assert_true(array && array->dtype == OKNG_F32 && array->dims == 4);
        assert_memory_equal(array->shape, known[k].shape, sizeof known[k].shape);
        double sum = 0;
        for (size_t i = 0; i < array->bytes / 4; i++) sum += element(array, i);
        assert_true(fabs(sum - known[k].sum) < 1e-9);
    }
    assert_non_null(okng_weights_find(weights, "layer3.1.bn2.running_var"));
    okng_weights_close(&weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zip_pth_is_read),
        cmocka_unit_test(an_older_pth_is_read),
        cmocka_unit_test(a_state_dict_in_a_checkpoint_is_found),
        cmocka_unit_test(values_that_are_no_tensors_are_left_out),
        cmocka_unit_test(a_safetensors_file_is_read),
        cmocka_unit_test(one_bare_tensor_has_no_name),
        cmocka_unit_test(other_files_are_refused_by_name),
        cmocka_unit_test(a_file_cut_off_anywhere_is_refused),
        cmocka_unit_test(a_changed_byte_anywhere_does_no_harm),
        cmocka_unit_test(the_shared_resnet18_is_read),
    };
    return RUN_TESTS(tests);
}
