/* Files that lie, are cut off, or ask for code to be run. */
#include "test.h"

#include "bank/bank_file.h"
#include "base/file.h"
#include "import/flat_index.h"
#include "import/import.h"
#include "import/params.h"
#include "model/methods.h"
#include "tensor/bytes.h"

#define GOLDEN OKNG_GOLDEN "/import/"

enum { COUNT = 3, DIM = 2, HEADER = 45, SIZE = HEADER + COUNT * DIM * 4 };

/* ---- flat index ---------------------------------------------------------------------------------------------------
 */

static void make_index(uint8_t *bytes)
{
    static const float rows[COUNT * DIM] = {1, 2, 3, 4, 5, 6};
    memset(bytes, 0, SIZE);
    memcpy(bytes, "IxF2", 4);
    okng_store_u32(bytes + 4, DIM);
    okng_store_u64(bytes + 8, COUNT);
    bytes[32] = 1;
    okng_store_u32(bytes + 33, 1);
    okng_store_u64(bytes + 37, COUNT * DIM);
    memcpy(bytes + HEADER, rows, sizeof rows);
}

static void a_flat_index_is_its_rows(void **state)
{
    (void)state;
    uint8_t bytes[SIZE];
    okng_flat_index index;
    make_index(bytes);
    assert_ok(okng_flat_index_parse(&index, bytes, SIZE, "name", error));
    assert_int_equal(index.count, COUNT);
    assert_int_equal(index.dim, DIM);
    for (int i = 0; i < COUNT * DIM; i++) assert_true(index.rows[i] == (float)(i + 1));
    okng_flat_index_free(&index);
}

static void an_index_cut_off_anywhere_is_refused(void **state)
{
    (void)state;
    for (size_t size = 0; size < SIZE; size++) {
        uint8_t whole[SIZE], *cut = malloc(size + 1);
        okng_flat_index index;
        make_index(whole);
        memcpy(cut, whole, size);
        assert_fails(OKNG_ERROR_FORMAT, "name: has", okng_flat_index_parse(&index, cut, size, "name", error));
        free(cut);
    }
}

static void assert_refused(size_t at, size_t width, uint64_t value, okng_status expected, const char *says)
{
    uint8_t bytes[SIZE];
    okng_flat_index index;
    make_index(bytes);
    for (size_t i = 0; i < width; i++) bytes[at + i] = (uint8_t)(value >> 8 * i);
    assert_fails(expected, says, okng_flat_index_parse(&index, bytes, SIZE, "name", error));
    assert_null(index.rows);
}

static void an_index_whose_sizes_disagree_is_refused(void **state)
{
    (void)state;
    assert_refused(4, 4, 0, OKNG_ERROR_FORMAT, "0 dimensions");
    assert_refused(4, 4, 0xffffffff, OKNG_ERROR_FORMAT, "-1 dimensions");
    assert_refused(4, 4, 3, OKNG_ERROR_FORMAT, "do not agree");
    assert_refused(8, 8, 0, OKNG_ERROR_FORMAT, "0 vectors");
    assert_refused(8, 8, (uint64_t)-3, OKNG_ERROR_FORMAT, "-3 vectors");
    assert_refused(8, 8, UINT64_C(1) << 62, OKNG_ERROR_FORMAT, "do not agree"); /* times 2 is 0 in 63 bits */
    assert_refused(8, 8, (UINT64_C(1) << 63) | 3, OKNG_ERROR_FORMAT, "do not agree");
    assert_refused(37, 8, 1 << 20, OKNG_ERROR_FORMAT, "do not agree");
    assert_refused(33, 4, 0, OKNG_ERROR_UNSUPPORTED, "metric 0");
    assert_refused(HEADER, 4, 0x7fc00000, OKNG_ERROR_FORMAT, "not finite");
    assert_refused(HEADER + 20, 4, 0x7f800000, OKNG_ERROR_FORMAT, "not finite");
    assert_refused(0, 4, 0x51507749, OKNG_ERROR_UNSUPPORTED, "ApproximateFaissNN"); /* IwPQ */
    assert_refused(0, 4, 0x0a1b0041, OKNG_ERROR_UNSUPPORTED, "expected a flat L2 index");
    okng_flat_index index;
    assert_fails(OKNG_ERROR_UNSUPPORTED, "inner products", okng_flat_index_read(&index, GOLDEN "ip.faiss", error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "/nowhere/x.faiss", okng_flat_index_read(&index, "/nowhere/x.faiss", error));
}

/* ---- parameters ---------------------------------------------------------------------------------------------------
 */

/* A pickle of protocol 4, put together by hand. */
typedef struct pickle {
    uint8_t bytes[2048];
    size_t size;
} pickle;

static void put(pickle *p, const char *bytes, size_t size)
{
    memcpy(p->bytes + p->size, bytes, size);
    p->size += size;
}

static void put_text(pickle *p, const char *text)
{
    char head[2] = {(char)0x8c, (char)strlen(text)};
    put(p, head, 2);
    put(p, text, strlen(text));
}

static void put_number(pickle *p, int number)
{
    char bytes[3] = {'M', (char)(number & 0xff), (char)(number >> 8)};
    put(p, bytes, 3);
}

/* The right parameters; the value of `key` is replaced by the bytes `value`, or the key is left out (NULL). */
static pickle make_params(const char *key, const char *value, size_t size)
{
    static const char *const numbers[] = {"pretrain_embed_dimension", "target_embed_dimension", "patchsize",
                                          "patchstride", "anomaly_scorer_num_nn"};
    static const int values[] = {1024, 512, 3, 1, 1};
    pickle p = {.size = 0};
    put(&p, "\x80\x04}(", 4);
    for (int i = 0; i < 8; i++) {
        const char *name = i == 0   ? "backbone.name"
                           : i == 1 ? "layers_to_extract_from"
                           : i == 2 ? "input_shape"
                                    : numbers[i - 3];
        bool replaced = key && strcmp(key, name) == 0;
        if (replaced && !value) continue;
        put_text(&p, name);
        if (replaced) {
            put(&p, value, size);
        } else if (i == 0) {
            put_text(&p, "wideresnet50");
        } else if (i == 1) {
            put(&p, "](", 2);
            put_text(&p, "layer2");
            put_text(&p, "layer3");
            put(&p, "e", 1);
        } else if (i == 2) {
            put(&p, "K\x03", 2);
            put_number(&p, 224);
            put_number(&p, 256);
            put(&p, "\x87", 1);
        } else {
            put_number(&p, values[i - 3]);
        }
    }
    put(&p, "u.", 2);
    return p;
}

static void parameters_are_read(void **state)
{
    (void)state;
    pickle p = make_params(NULL, NULL, 0);
    okng_params params;
    assert_ok(okng_params_parse(&params, p.bytes, p.size, "name", error));
    assert_string_equal(params.backbone, "wideresnet50");
    assert_string_equal(params.layers, "layer2 layer3");
    assert_int_equal(params.height, 224);
    assert_int_equal(params.width, 256);
    assert_int_equal(params.pretrain_dim, 1024);
    assert_int_equal(params.target_dim, 512);
    assert_int_equal(params.patch_size, 3);
    assert_int_equal(params.neighbors, 1);
    assert_string_equal(params.unknown, "");
}

static void assert_params_refused(const char *key, const char *value, size_t size, okng_status expected,
                                  const char *says)
{
    pickle p = make_params(key, value, size);
    okng_params params;
    assert_fails(expected, says, okng_params_parse(&params, p.bytes, p.size, "name", error));
}

static void parameters_that_are_missing_or_wrong_are_named(void **state)
{
    (void)state;
    assert_params_refused("patchsize", NULL, 0, OKNG_ERROR_FORMAT, "\"patchsize\"");
    assert_params_refused("input_shape", NULL, 0, OKNG_ERROR_FORMAT, "\"input_shape\"");
    assert_params_refused("input_shape", "K\x03K\x09\x86", 5, OKNG_ERROR_FORMAT, "(3, height, width)");
    assert_params_refused("input_shape", "K\x01K\x09K\x09\x87", 7, OKNG_ERROR_UNSUPPORTED, "1 channels");
    assert_params_refused("patchsize", "N", 1, OKNG_ERROR_FORMAT, "\"patchsize\" is None");
    assert_params_refused("patchsize", "K\x00", 2, OKNG_ERROR_FORMAT, "is 0");
    assert_params_refused("target_embed_dimension", "J\xff\xff\xff\xff", 5, OKNG_ERROR_FORMAT, "is -1");
    assert_params_refused("target_embed_dimension", "J\xff\xff\xff\x7f", 5, OKNG_ERROR_FORMAT, "1 to 65536");
    assert_params_refused("backbone.name", "\x8c\x00", 2, OKNG_ERROR_FORMAT, "no name");
    assert_params_refused("backbone.name",
                          "\x8c\x03"
                          "a b",
                          5, OKNG_ERROR_FORMAT, "no name");
    assert_params_refused("layers_to_extract_from", "]", 1, OKNG_ERROR_UNSUPPORTED, "0 layers");
    assert_params_refused("layers_to_extract_from",
                          "\x8c\x01"
                          "a",
                          3, OKNG_ERROR_FORMAT, "a list of names");
    assert_params_refused("layers_to_extract_from", "K\x01\x85", 3, OKNG_ERROR_FORMAT, "expected text");
}

static void what_would_run_is_refused_by_name(void **state)
{
    (void)state;
    static const char by_line[] = "cposix\nsystem\n\x8c\x04true\x85R",
                      by_stack[] = "\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R",
                      object[] = "cnumpy.core.multiarray\nscalar\n)\x81";
    assert_params_refused("patchsize", by_line, sizeof by_line - 1, OKNG_ERROR_UNSUPPORTED, "posix.system");
    assert_params_refused("patchsize", by_stack, sizeof by_stack - 1, OKNG_ERROR_UNSUPPORTED, "os.system");
    assert_params_refused("patchsize", object, sizeof object - 1, OKNG_ERROR_UNSUPPORTED,
                          "numpy.core.multiarray.scalar");
}

static void parameters_cut_off_anywhere_are_refused(void **state)
{
    (void)state;
    pickle p = make_params(NULL, NULL, 0);
    for (size_t size = 0; size < p.size; size++) {
        uint8_t *cut = malloc(size + 1);
        okng_params params;
        okng_error why = {0};
        memcpy(cut, p.bytes, size);
        assert_int_not_equal(okng_params_parse(&params, cut, size, "name", &why), OKNG_OK);
        assert_non_null(strstr(why.message, "name"));
        free(cut);
    }
}

/* ---- folders ------------------------------------------------------------------------------------------------------
 */

static char folder[] = "/tmp/okng-hostile-XXXXXX";

static const char *below(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void copy(const char *from, const char *to)
{
    void *data;
    size_t size;
    char path[512];
    (void)snprintf(path, sizeof path, GOLDEN "%s", from);
    assert_ok(okng_file_read(path, 1 << 20, &data, &size, error));
    assert_ok(okng_file_write(below(to), data, size, error));
    free(data);
}

static okng_status import(const char *source, const okng_import_options *options, okng_import_report *report,
                          okng_error *error)
{
    return okng_import_model(OKNG_IMPORT_PATCHCORE_INSPECTION, below(source), below("bank"), options, NULL, report,
                             error);
}

static void files_that_are_missing_or_do_not_fit_are_named(void **state)
{
    (void)state;
    okng_import_options options = {.struct_size = sizeof options, .resize = "72"};
    assert_fails(OKNG_ERROR_NOT_FOUND, "no such folder", import("nothing", &options, NULL, error));
    assert_ok(okng_make_folders(below("model"), error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "holds no patchcore_params.pkl", import("model", &options, NULL, error));
    copy("single/patchcore_params.pkl", "model/patchcore_params.pkl");
    assert_fails(OKNG_ERROR_NOT_FOUND, "model/nnscorer_search_index.faiss", import("model", &options, NULL, error));
    copy("ensemble/Ensemble-2-2_nnscorer_search_index.faiss", "model/nnscorer_search_index.faiss");
    assert_fails(OKNG_ERROR_MISMATCH, "vectors of 24 dimensions, expected the 32",
                 import("model", &options, NULL, error));
    copy("ip.faiss", "model/nnscorer_search_index.faiss");
    assert_fails(OKNG_ERROR_UNSUPPORTED, "inner products", import("model", &options, NULL, error));
    copy("single/patchcore_params.pkl", "model/other_patchcore_params.pkl");
    assert_fails(OKNG_ERROR_ARGUMENT, "prepend", import("model", &options, NULL, error));

    assert_ok(okng_make_folders(below("half"), error));
    copy("ensemble/Ensemble-2-2_patchcore_params.pkl", "half/Ensemble-2-2_patchcore_params.pkl");
    assert_fails(OKNG_ERROR_NOT_FOUND, "Ensemble-1-2_patchcore_params.pkl", import("half", &options, NULL, error));
}

static void a_report_is_filled_where_nothing_was_begun(void **state)
{
    (void)state;
    okng_import_options options = {.struct_size = sizeof options};
    okng_import_report report;
    okng_bank_writer other;
    memset(&report, 0x55, sizeof report);
    assert_ok(okng_bank_writer_open(&other, below("bank"), okng_method_data_files(), error));
    assert_fails(OKNG_ERROR_BUSY, "another okng", import("model", &options, &report, error));
    okng_bank_writer_close(&other);
    assert_int_equal(report.rows, 0);
    assert_true(isnan(report.image_tau) && isnan(report.pixel_tau));
    assert_string_equal(report.warning, "");
}

static void unknown_keys_warn_and_are_errors_when_strict(void **state)
{
    (void)state;
    okng_import_options options = {.struct_size = sizeof options, .resize = "72", .strict = 1};
    okng_import_report report;
    pickle p = make_params(NULL, NULL, 0);
    p.size -= 2;
    put_text(&p, "a_new_one");
    put(&p, "Nu.", 3);
    assert_ok(okng_make_folders(below("newer"), error));
    assert_ok(okng_file_write(below("newer/patchcore_params.pkl"), p.bytes, p.size, error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "\"a_new_one\" is not known", import("newer", &options, NULL, error));
    options.strict = 0;
    assert_fails(OKNG_ERROR_NOT_FOUND, "nnscorer_search_index.faiss", import("newer", &options, &report, error));
    assert_non_null(strstr(report.warning, "a_new_one"));
}

static void categories_of_an_experiment_are_found(void **state)
{
    (void)state;
    okng_import_list *list = NULL;
    static const char *const models[] = {"run/models/mvtec_tile", "run/models/mvtec_metal_nut", "run/models/other"};
    for (int i = 0; i < 3; i++) {
        char file[256];
        assert_ok(okng_make_folders(below(models[i]), error));
        (void)snprintf(file, sizeof file, "%s/patchcore_params.pkl", models[i]);
        copy("single/patchcore_params.pkl", file);
    }
    assert_ok(okng_make_folders(below("run/models/empty"), error));
    assert_ok(okng_import_list_open(&list, below("run"), error));
    assert_int_equal(okng_import_list_count(list), 3);
    assert_string_equal(okng_import_list_name(list, 0), "metal_nut");
    assert_string_equal(okng_import_list_name(list, 1), "other");
    assert_string_equal(okng_import_list_name(list, 2), "tile");
    assert_string_equal(okng_import_list_path(list, 2), below("run/models/mvtec_tile"));
    assert_null(okng_import_list_path(list, 3));
    okng_import_list_free(&list);
    assert_ok(okng_import_list_open(&list, below("run/models/mvtec_tile"), error));
    assert_int_equal(okng_import_list_count(list), 1);
    assert_string_equal(okng_import_list_name(list, 0), "");
    okng_import_list_free(&list);
    assert_fails(OKNG_ERROR_NOT_FOUND, "patchcore_params.pkl",
                 okng_import_list_open(&list, below("run/models/empty"), error));

    char *path = NULL;
    assert_ok(okng_import_find(below("run"), "mvtec", "tile", &path, error));
    assert_string_equal(path, below("run/models/mvtec_tile"));
    free(path);
    assert_ok(okng_import_find(below("run/models"), "mvtec", "metal_nut", &path, error));
    free(path);
    assert_ok(okng_import_find(below("run"), "visa", "other", &path, error));
    assert_string_equal(path, below("run/models/other"));
    free(path);
    assert_fails(OKNG_ERROR_NOT_FOUND, "models/mvtec_wood",
                 okng_import_find(below("run"), "mvtec", "wood", &path, error));
}

/* The bank of a category goes below the folder of banks. */
static void a_category_leads_nowhere_else(void **state)
{
    (void)state;
    okng_import_list *list = NULL;
    assert_ok(okng_make_folders(below("out/models/mvtec_.."), error));
    copy("single/patchcore_params.pkl", "out/models/mvtec_../patchcore_params.pkl");
    assert_ok(okng_import_list_open(&list, below("out"), error));
    assert_string_equal(okng_import_list_name(list, 0), "mvtec_..");
    okng_import_list_free(&list);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flat_index_is_its_rows),
        cmocka_unit_test(an_index_cut_off_anywhere_is_refused),
        cmocka_unit_test(an_index_whose_sizes_disagree_is_refused),
        cmocka_unit_test(parameters_are_read),
        cmocka_unit_test(parameters_that_are_missing_or_wrong_are_named),
        cmocka_unit_test(what_would_run_is_refused_by_name),
        cmocka_unit_test(parameters_cut_off_anywhere_are_refused),
        cmocka_unit_test(files_that_are_missing_or_do_not_fit_are_named),
        cmocka_unit_test(a_report_is_filled_where_nothing_was_begun),
        cmocka_unit_test(unknown_keys_warn_and_are_errors_when_strict),
        cmocka_unit_test(categories_of_an_experiment_are_found),
        cmocka_unit_test(a_category_leads_nowhere_else),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
