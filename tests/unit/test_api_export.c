/* Banks as models of other runtimes, by the public functions. */
#include "fixture.h"
#include "test.h"

static char folder[] = "/tmp/okng_test_api_export_XXXXXX", weights[96];
static okng_bank *bank;

static const char *in(const char *name)
{
    static char path[4][160];
    static int next;
    next = (next + 1) % 4;
    (void)snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

static int make_bank(void **state)
{
    (void)state;
    okng_error error;
    okng_build_options options;
    okng_picture_list *list;
    const char *paths[FIXTURE_OK];
    if (!mkdtemp(folder) || fixture_write(folder, &error) != OKNG_OK) return -1;
    (void)snprintf(weights, sizeof weights, "%s/resnet18.safetensors", folder);
    okng_build_options_init(&options);
    (void)okng_build_options_set(&options, "backbone", "resnet18", NULL);
    (void)okng_build_options_set(&options, "weights", weights, NULL);
    (void)okng_build_options_set(&options, "resize", "48x48", NULL);
    if (okng_picture_list_open(&list, in("ok"), &error) != OKNG_OK) return -1;
    for (size_t i = 0; i < FIXTURE_OK; i++) paths[i] = okng_picture_list_path(list, i);
    const okng_status status = okng_build_paths(paths, FIXTURE_OK, in("bank"), &options, NULL, NULL, NULL, &error);
    okng_picture_list_free(&list);
    return status == OKNG_OK && okng_bank_open(&bank, in("bank"), NULL, &error) == OKNG_OK ? 0 : -1;
}

static int remove_bank(void **state)
{
    (void)state;
    okng_bank_close(&bank);
    return okng_test_remove_tree(folder);
}

static okng_export_options options_of(const char *out)
{
    okng_export_options options;
    okng_init(&options);
    options.out = out;
    return options;
}

static okng_verify_report verify(const char *file, size_t count)
{
    okng_verify_options options;
    okng_verify_report report;
    okng_init(&options);
    okng_init(&report);
    options.count = count;
    assert_ok(okng_export_verify(bank, file, &options, &report, error));
    return report;
}

static void a_model_agrees_with_its_bank(void **state)
{
    (void)state;
    okng_export_options options = options_of(in("model"));
    okng_export_report report;
    okng_init(&report);
    assert_ok(okng_bank_export(bank, &options, &report, error));
    assert_string_equal(report.file, in("model/bank.onnx"));
    assert_int_equal(report.height, 48);
    assert_int_equal(report.opset, 17);
    assert_true(report.bytes > report.constants && report.data_bytes == 0 && report.flops > 1e8);
    const okng_verify_report compared = verify(report.file, 2);
    assert_int_equal(compared.pictures, 2);
    assert_int_equal(compared.pixels, 2 * 48 * 48);
    assert_true(compared.agrees && compared.labels == 0 && compared.score <= 1e-5);
}

static void large_constants_go_beside_the_model(void **state)
{
    (void)state;
    okng_export_options options = options_of(in("apart"));
    okng_export_report report;
    okng_init(&report);
    options.data_apart = 1000;
    options.name = "part";
    assert_ok(okng_bank_export(bank, &options, &report, error));
    assert_true(report.data_bytes > 10 * report.bytes);
    assert_true(verify(report.file, 1).agrees);
    /* Once more without: the file beside it goes. */
    options.data_apart = 0;
    assert_ok(okng_bank_export(bank, &options, &report, error));
    assert_int_equal(report.data_bytes, 0);
    assert_int_not_equal(access(in("apart/part.onnx.data"), F_OK), 0);
    assert_true(verify(report.file, 1).agrees);
}

/* A threshold that is given decides, in the model and in the comparison with it; a changed model is found out. */
static void a_model_that_is_another_is_told(void **state)
{
    (void)state;
    okng_export_options options = options_of(in("given"));
    okng_export_report report;
    const float nothing = 0;
    okng_init(&report);
    options.threshold_image = &nothing;
    assert_ok(okng_bank_export(bank, &options, &report, error));
    assert_true(verify(report.file, 1).agrees);

    size_t size;
    void *bytes;
    assert_ok(okng_file_read(report.file, 1 << 28, &bytes, &size, error));
    uint8_t *at = NULL, *next = bytes; /* operators name it before its numbers come */
    while ((next = memmem(next, size - (size_t)(next - (uint8_t *)bytes), "layer3.1.conv2.weight", 21))) at = next++;
    assert_non_null(at);
    memset(at + 200, 0x3f, 4096); /* some of its numbers */
    assert_ok(okng_file_write(report.file, bytes, size, error));
    free(bytes);
    assert_false(verify(report.file, 1).agrees);
}

/* One that resizes pictures of one size is not compared by others. */
static void pictures_of_another_size_are_told(void **state)
{
    (void)state;
    okng_export_options options = options_of(in("sized"));
    okng_export_report report;
    okng_verify_options how;
    okng_init(&report);
    okng_init(&how);
    options.resize = 1;
    options.picture_height = 50;
    options.picture_width = 61;
    assert_ok(okng_bank_export(bank, &options, &report, error));
    how.count = 1;
    assert_fails(OKNG_ERROR_MISMATCH, "bank.onnx: takes pictures of 61 x 50 pixels, and one of ",
                 okng_export_verify(bank, report.file, &how, NULL, error));
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    okng_export_options options = options_of(NULL);
    okng_verify_options how;
    okng_init(&how);
    assert_fails(OKNG_ERROR_ARGUMENT, "the folder for the model", okng_bank_export(bank, &options, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "", okng_bank_export(bank, NULL, NULL, error));
    options.out = in("refused");
    assert_fails(OKNG_ERROR_ARGUMENT, "the bank", okng_bank_export(NULL, &options, NULL, error));
    okng_export_report uninitialised = {0};
    assert_fails(OKNG_ERROR_ARGUMENT, "the report", okng_bank_export(bank, &options, &uninitialised, error));
    options.picture_height = 10;
    assert_fails(OKNG_ERROR_ARGUMENT, "resized inside", okng_bank_export(bank, &options, NULL, error));
    options.resize = 1;
    assert_fails(OKNG_ERROR_ARGUMENT, "expected sides from 1", okng_bank_export(bank, &options, NULL, error));
    options = options_of(in("refused"));
    options.format = "torchscript";
    assert_fails(OKNG_ERROR_ARGUMENT, "expected onnx or openvino", okng_bank_export(bank, &options, NULL, error));
    options.format = "openvino";
    options.opset = 18;
    assert_fails(OKNG_ERROR_ARGUMENT, "opset is of ONNX alone", okng_bank_export(bank, &options, NULL, error));
    options.opset = 0;
    options.data_apart = 1;
    assert_fails(OKNG_ERROR_ARGUMENT, "data_apart is of ONNX alone", okng_bank_export(bank, &options, NULL, error));
    assert_int_not_equal(access(in("refused"), F_OK), 0);

    assert_fails(OKNG_ERROR_ARGUMENT, "0 pictures", okng_export_verify(bank, "x", &how, NULL, error));
    how.count = 1;
    assert_fails(OKNG_ERROR_ARGUMENT, "the model", okng_export_verify(bank, NULL, &how, NULL, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "nothing.onnx", okng_export_verify(bank, in("nothing.onnx"), &how, NULL, error));
    assert_fails(OKNG_ERROR_FORMAT, "ONNX model", okng_export_verify(bank, weights, &how, NULL, error));
    static const char key[] =
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/YpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
        "-----END PRIVATE KEY-----\n";
    assert_ok(okng_file_write(in("key.pem"), key, strlen(key), error));
    assert_fails(OKNG_ERROR_FORMAT, "key.pem: is no ONNX model",
                 okng_export_verify(bank, in("key.pem"), &how, NULL, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_agrees_with_its_bank),    cmocka_unit_test(large_constants_go_beside_the_model),
        cmocka_unit_test(a_model_that_is_another_is_told), cmocka_unit_test(pictures_of_another_size_are_told),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_bank, remove_bank);
}
