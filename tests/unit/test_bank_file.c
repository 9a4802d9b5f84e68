#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <sys/stat.h>

#include "bank/bank_file.h"
#include "bank/doubtful.h"
#include "bank/tau.h"
#include "base/json.h"
#include "base/sha256.h"
#include "test.h"

enum { ROWS = 7, DIM = 5 };

static char folder[] = "/tmp/okng-test-bank-XXXXXX";
static char bank_path[128];

static int make_folder(void **state)
{
    (void)state;
    strcpy(strstr(folder, "XXXXXX"), "XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(bank_path, sizeof bank_path, "%s/bank", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[256];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    int status = system(command);
    strcpy(folder, "/tmp/okng-test-bank-XXXXXX");
    return status;
}

static const char *file_of(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", bank_path, name);
    return path;
}

static const char *const data_files[] = {OKNG_BANK_ROWS_FILE, NULL};

static const float *rows_of(const okng_bank_file *bank)
{
    const okng_array *rows = okng_weights_find(bank->data[0], "");
    assert_non_null(rows);
    return rows->data;
}

/* precision: with the ranges that go with it. */
static okng_status write_bank_in(okng_precision precision, float first, okng_error *error)
{
    float rows[ROWS * DIM], scores[3] = {0.5f, 1.0f / 3.0f + 0.5f, 2};
    char *names[3] = {(char *)"a/000.png", (char *)"\xff.png", (char *)"\xeb\xb6\x80\xed\x92\x88 2.png"};
    for (int i = 0; i < ROWS * DIM; i++) rows[i] = first + (float)i;
    okng_bank_config config = {.pictures = 3, .patches = 30, .input_height = 64, .input_width = 96, .data_count = 1};
    config.data[0] = (okng_bank_data){.file = OKNG_BANK_ROWS_FILE, .rows = ROWS, .dim = DIM};
    okng_build_options_init(&config.options);
    OKNG_TRY(okng_build_options_set(&config.options, "preset", "inspection", error));
    OKNG_TRY(okng_build_options_set(&config.options, "layers", "layer1 layer2.1", error));
    OKNG_TRY(okng_build_options_set(&config.options, "coreset-size", "7", error));
    OKNG_TRY(okng_build_options_set(&config.options, "mean", "0.1,0.2,0.3", error));
    OKNG_TRY(okng_build_options_set(&config.options, "seed", "18446744073709551615", error));
    strcpy(config.options.weights, "/somewhere/net-\xc3\xa9.pth");
    memset(config.weights_sha256, 'a', 64);
    strcpy(config.engine, "oneDNN 9.8.7");
    config.options.precision = precision;
    if (precision == OKNG_PRECISION_INT8) {
        config.range_count = 2;
        config.ranges[1] = 0.1f;
    }
    okng_tau tau = {.pixel = 1.25f,
                    .image = 1.5f,
                    .pixel_low = 0.1f,
                    .image_scores = scores,
                    .image_count = 3,
                    .image_names = names};
    okng_bank_writer writer;
    OKNG_TRY(okng_bank_writer_open(&writer, bank_path, data_files, error));
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", writer.building, OKNG_BANK_ROWS_FILE);
    okng_status status = okng_pt_write(path, rows, ROWS, DIM, error);
    if (status == OKNG_OK) status = okng_bank_write_documents(writer.building, &config, &tau, error);
    if (status == OKNG_OK) status = okng_bank_writer_finish(&writer, error);
    okng_bank_writer_close(&writer);
    return status;
}

static okng_status write_bank(float first, okng_error *error)
{
    return write_bank_in(OKNG_PRECISION_FP32, first, error);
}

static void a_bank_comes_back_as_it_was_written(void **state)
{
    (void)state;
    assert_ok(write_bank(0, error));
    okng_bank_file bank;
    assert_ok(okng_bank_file_open(&bank, bank_path, error));
    const okng_build_options *options = &bank.config.options;
    assert_string_equal(options->preset, "inspection");
    assert_string_equal(bank.config.engine, "oneDNN 9.8.7");
    assert_string_equal(options->layers[1], "layer2.1");
    assert_int_equal(options->layer_count, 2);
    assert_int_equal(options->coreset_size, 7);
    assert_int_equal(options->sampler, OKNG_SAMPLER_APPROX_GREEDY);
    assert_true(options->mean[1] == 0.2f && options->seed == UINT64_MAX);
    assert_string_equal(options->weights, "/somewhere/net-\xc3\xa9.pth");
    assert_true(bank.tau.pixel == 1.25f && bank.tau.image == 1.5f && bank.tau.pixel_low == 0.1f);
    assert_int_equal(bank.tau.image_count, 3);
    assert_true(bank.tau.image_scores[1] == 1.0f / 3.0f + 0.5f);
    assert_string_equal(bank.tau.image_names[0], "a/000.png");
    assert_string_equal(bank.tau.image_names[1], "\xef\xbf\xbd.png"); /* JSON holds UTF-8 alone */
    assert_string_equal(bank.tau.image_names[2], "\xeb\xb6\x80\xed\x92\x88 2.png");
    for (int i = 0; i < ROWS * DIM; i++) assert_true(rows_of(&bank)[i] == (float)i);
    okng_bank_file_close(&bank);
}

static void a_second_build_replaces_the_first_and_leaves_nothing_else(void **state)
{
    (void)state;
    assert_ok(write_bank(0, error));
    assert_ok(write_bank(100, error));
    okng_bank_file bank;
    assert_ok(okng_bank_file_open(&bank, bank_path, error));
    assert_true(rows_of(&bank)[0] == 100);
    okng_bank_file_close(&bank);
    char command[256];
    (void)snprintf(command, sizeof command, "test \"$(ls -A %s)\" = bank", folder);
    assert_int_equal(system(command), 0);
}

static void a_folder_that_holds_something_else_is_not_replaced(void **state)
{
    (void)state;
    assert_ok(write_bank(0, error));
    assert_ok(okng_file_write(file_of("notes.txt"), "mine", 4, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "notes.txt", write_bank(1, error));
    assert_int_equal(access(file_of("notes.txt"), R_OK), 0);
}

static void two_writers_are_one_too_many(void **state)
{
    (void)state;
    okng_bank_writer first;
    assert_ok(okng_bank_writer_open(&first, bank_path, data_files, error));
    assert_fails(OKNG_ERROR_BUSY, "another okng", write_bank(0, error));
    okng_bank_writer_close(&first);
    assert_ok(write_bank(0, error));
}

static void what_a_killed_build_left_is_cleared_away(void **state)
{
    (void)state;
    char building[160];
    (void)snprintf(building, sizeof building, "%s/.bank.okng-building", folder);
    assert_int_equal(mkdir(building, 0777), 0);
    strcat(building, "/memory_bank.pt");
    assert_ok(okng_file_write(building, "half", 4, error));
    assert_ok(write_bank(3, error));
    assert_int_equal(access(building, F_OK), -1);
}

static void other_files_in_the_folder_that_is_written_to_stay(void **state)
{
    (void)state;
    char building[160];
    (void)snprintf(building, sizeof building, "%s/.bank.okng-building", folder);
    assert_int_equal(mkdir(building, 0777), 0);
    strcat(building, "/photo.png");
    assert_ok(okng_file_write(building, "mine", 4, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "photo.png", write_bank(3, error));
    assert_int_equal(access(building, F_OK), 0);
}

static void a_link_to_a_bank_stays_a_link(void **state)
{
    (void)state;
    char target[160], given[128];
    assert_ok(write_bank(0, error));
    (void)snprintf(target, sizeof target, "%s-elsewhere", bank_path);
    assert_int_equal(rename(bank_path, target), 0);
    assert_int_equal(symlink(target, bank_path), 0);
    assert_ok(write_bank(3, error));
    struct stat info;
    assert_int_equal(lstat(bank_path, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    okng_bank_file bank;
    assert_ok(okng_bank_file_open(&bank, target, error));
    assert_true(rows_of(&bank)[0] == 3);
    okng_bank_file_close(&bank);
    strcpy(given, bank_path);
    strcat(bank_path, "/.");
    assert_ok(write_bank(4, error));
    strcpy(bank_path, given);
    assert_int_equal(unlink(bank_path), 0);
    assert_int_equal(symlink("/nowhere/at/all", bank_path), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "a link that leads nowhere, to /nowhere/at/all; make that folder, or remove",
                 write_bank(5, error));
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    static const char *const names[] = {OKNG_BANK_CONFIG_FILE, OKNG_BANK_TAU_FILE, OKNG_BANK_ROWS_FILE};
    okng_bank_file bank;
    char remove_command[160];
    (void)snprintf(remove_command, sizeof remove_command, "rm -r %s", bank_path);
    for (int i = 0; i < 3; i++) {
        assert_ok(write_bank(0, error));
        assert_int_equal(unlink(file_of(names[i])), 0);
        assert_fails(OKNG_ERROR_NOT_FOUND, names[i], okng_bank_file_open(&bank, bank_path, error));
        assert_int_equal(system(remove_command), 0); /* without its configuration it may be somebody else's */
    }
    assert_fails(OKNG_ERROR_NOT_FOUND, "no such folder", okng_bank_file_open(&bank, "/nowhere/at/all", error));
    /* one that cannot be looked at may be there */
    char long_path[2 * NAME_MAX] = "/tmp/";
    memset(long_path + strlen(long_path), 'a', NAME_MAX + 1);
    assert_fails(OKNG_ERROR_IO, "cannot open", okng_bank_file_open(&bank, long_path, error));
}

/* Replaces the first `from` in a file by `to`. */
static void edit(const char *path, const char *from, const char *to)
{
    void *data;
    size_t size;
    assert_ok(okng_file_read(path, SIZE_MAX, &data, &size, error));
    char *text = calloc(1, size + 256), *copy = calloc(1, size + 1);
    assert_true(text && copy);
    memcpy(copy, data, size);
    free(data);
    char *at = strstr(copy, from);
    assert_non_null(at);
    size_t head = (size_t)(at - copy);
    memcpy(text, copy, head);
    strcpy(text + head, to);
    strcat(text, at + strlen(from));
    assert_ok(okng_file_write(path, text, strlen(text), error));
    free(text);
    free(copy);
}

static void an_edited_bank_is_refused(void **state)
{
    (void)state;
    okng_bank_file bank;
    assert_ok(write_bank(0, error));
    edit(file_of(OKNG_BANK_CONFIG_FILE), "layer2.1", "layer2.0");
    assert_fails(OKNG_ERROR_FORMAT, "was edited", okng_bank_file_open(&bank, bank_path, error));

    assert_ok(write_bank(0, error));
    int file = open(file_of(OKNG_BANK_ROWS_FILE), O_WRONLY);
    struct stat info;
    assert_int_equal(fstat(file, &info), 0);
    void *data;
    size_t size;
    assert_ok(okng_file_read(file_of(OKNG_BANK_ROWS_FILE), SIZE_MAX, &data, &size, error));
    const float second[2] = {1, 2};
    const uint8_t *at = memmem(data, size, second, sizeof second); /* rows 0, 1, 2, ... */
    assert_non_null(at);
    off_t where = at - (uint8_t *)data;
    free(data);
    assert_int_equal(pwrite(file, "\x01", 1, where), 1);
    (void)close(file);
    assert_fails(OKNG_ERROR_FORMAT, "is not the file that was built", okng_bank_file_open(&bank, bank_path, error));
    assert_int_equal(truncate(file_of(OKNG_BANK_ROWS_FILE), info.st_size / 2), 0);
    assert_fails(OKNG_ERROR_FORMAT, OKNG_BANK_ROWS_FILE, okng_bank_file_open(&bank, bank_path, error));
}

/* ---- precision ---- */

static json_t *read_config(void)
{
    json_t *document;
    assert_ok(okng_json_read(&document, file_of(OKNG_BANK_CONFIG_FILE), &okng_json_small, error));
    return document;
}

/* Writes a configuration as another okng might have, checksum and all. */
static void write_config(json_t *document)
{
    char checksum[65];
    (void)json_object_del(document, "checksum");
    char *text = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);
    assert_non_null(text);
    okng_sha256(text, strlen(text), checksum);
    free(text);
    assert_int_equal(json_object_set_new(document, "checksum", json_string(checksum)), 0);
    assert_ok(okng_json_write(document, file_of(OKNG_BANK_CONFIG_FILE), error));
    json_decref(document);
}

static void the_ranges_of_int8_come_back(void **state)
{
    (void)state;
    okng_bank_file bank;
    assert_ok(write_bank_in(OKNG_PRECISION_INT8, 0, error));
    assert_ok(okng_bank_file_open(&bank, bank_path, error));
    assert_int_equal(bank.config.options.precision, OKNG_PRECISION_INT8);
    assert_int_equal(bank.config.options.convolution, OKNG_CONVOLUTION_WINOGRAD);
    assert_int_equal(bank.config.range_count, 2);
    assert_true(bank.config.ranges[0] == 0.0f && bank.config.ranges[1] == 0.1f);
    okng_bank_file_close(&bank);
}

/* Such a bank's rows were computed with plain convolutions: so must what is held against them. */
static void a_bank_from_before_there_was_a_choice_is_inspected_as_it_was_built(void **state)
{
    (void)state;
    assert_ok(write_bank(0, error));
    json_t *document = read_config(), *options = json_object_get(document, "options");
    assert_int_equal(json_object_del(options, "precision"), 0);
    assert_int_equal(json_object_del(options, "convolution"), 0);
    write_config(document);
    okng_bank_file bank;
    assert_ok(okng_bank_file_open(&bank, bank_path, error));
    assert_int_equal(bank.config.options.precision, OKNG_PRECISION_FP32);
    assert_int_equal(bank.config.options.convolution, OKNG_CONVOLUTION_DIRECT);
    okng_bank_file_close(&bank);
}

static void ranges_that_cannot_be_are_refused(void **state)
{
    (void)state;
    okng_bank_file bank;
    const char *const wrong[] = {"[]", "[1.0, -1.0]", "[1.0, \"2\"]", "[1e300]", "{}"};
    assert_ok(write_bank_in(OKNG_PRECISION_INT8, 0, error));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        json_t *document = read_config();
        (void)json_object_set_new(document, "activation_ranges", json_loads(wrong[i], 0, NULL));
        write_config(document);
        assert_fails(OKNG_ERROR_FORMAT, "activation_ranges", okng_bank_file_open(&bank, bank_path, error));
    }
    assert_ok(write_bank(0, error));
    json_t *document = read_config();
    (void)json_object_set_new(document, "activation_ranges", json_pack("[f]", 1.0));
    write_config(document);
    assert_fails(OKNG_ERROR_FORMAT, "expected none", okng_bank_file_open(&bank, bank_path, error));
}

static void thresholds_may_be_edited_within_reason(void **state)
{
    (void)state;
    okng_bank_file bank;
    assert_ok(write_bank(0, error));
    edit(file_of(OKNG_BANK_TAU_FILE), "\"image\": 1.5", "\"image\": 2.5");
    assert_ok(okng_bank_file_open(&bank, bank_path, error));
    assert_true(bank.tau.image == 2.5f);
    okng_bank_file_close(&bank);
    edit(file_of(OKNG_BANK_TAU_FILE), "\"image\": 2.5", "\"image\": \"high\"");
    assert_fails(OKNG_ERROR_FORMAT, "\"image\"", okng_bank_file_open(&bank, bank_path, error));
    edit(file_of(OKNG_BANK_TAU_FILE), "\"image\": \"high\"", "\"image\": 1, \"image_scores\": [2, 1], \"x\": 0");
    assert_fails(OKNG_ERROR_FORMAT, OKNG_BANK_TAU_FILE, okng_bank_file_open(&bank, bank_path, error));
    assert_ok(okng_file_write(file_of(OKNG_BANK_TAU_FILE), "{\"pixel\": 1, \"ima", 17, error));
    assert_fails(OKNG_ERROR_FORMAT, "line 1", okng_bank_file_open(&bank, bank_path, error));
}

/* What an allocation that failed did to tau.json in version 0.1.0, whose banks opened with other p-values. */
static void scores_that_were_lost_are_missed(void **state)
{
    (void)state;
    okng_bank_file bank;
    okng_tau tau;
    assert_ok(write_bank(0, error));
    edit(file_of(OKNG_BANK_TAU_FILE), "\"image_scores\": [", "\"image_scores\": [0.125,");
    assert_fails(OKNG_ERROR_FORMAT, "has 4 entries, expected the 3", okng_bank_file_open(&bank, bank_path, error));
    edit(file_of(OKNG_BANK_TAU_FILE), "\"image_count\": 3", "\"image_count\": 4");
    edit(file_of(OKNG_BANK_TAU_FILE), "\"image_names\"", "\"other_names\"");
    assert_ok(okng_tau_read(file_of(OKNG_BANK_TAU_FILE), &tau, error)); /* whole by itself */
    okng_tau_free(&tau);
    assert_fails(OKNG_ERROR_FORMAT, "expected one of each of the 3 pictures",
                 okng_bank_file_open(&bank, bank_path, error));
    /* Taken from other pictures since. */
    edit(file_of(OKNG_BANK_TAU_FILE), "\"leave-one-out\"", "\"validation\"");
    assert_ok(okng_bank_file_open(&bank, bank_path, error));
    okng_bank_file_close(&bank);
}

static void doubts_come_back_and_order_the_pictures(void **state)
{
    (void)state;
    okng_bank_file bank;
    okng_doubts doubts;
    assert_ok(write_bank(0, error));
    edit(file_of(OKNG_BANK_TAU_FILE), "\"image_names\"", "\"image_doubts\": [2, 5, 1], \"image_names\"");
    assert_ok(okng_bank_file_open(&bank, bank_path, error));
    assert_ok(okng_doubts_of(&doubts, &bank.tau, error));
    assert_int_equal(doubts.count, 3);
    const okng_doubtful first = okng_doubts_get(&doubts, 0), last = okng_doubts_get(&doubts, 2);
    assert_string_equal(first.name, bank.tau.image_names[1]);
    assert_true(first.doubt == 5 && last.doubt == 1);
    assert_true(fabs(first.above - (3 / 1.4826022185056018)) < 1e-6); /* median 2, median distance from it 1 */
    assert_true(fabs(last.above - (-1 / 1.4826022185056018)) < 1e-6);
    okng_doubts_free(&doubts);
    okng_bank_file_close(&bank);
    edit(file_of(OKNG_BANK_TAU_FILE), "[2, 5, 1]", "[2, 5]");
    assert_fails(OKNG_ERROR_FORMAT, "has 2 entries", okng_bank_file_open(&bank, bank_path, error));
    edit(file_of(OKNG_BANK_TAU_FILE), "[2, 5]", "[2, 5, 1e99]");
    assert_fails(OKNG_ERROR_FORMAT, "entry 2", okng_bank_file_open(&bank, bank_path, error));
    edit(file_of(OKNG_BANK_TAU_FILE), "\"image_doubts\": [2, 5, 1e99],", "");
    assert_ok(okng_bank_file_open(&bank, bank_path, error)); /* by the scores then */
    assert_ok(okng_doubts_of(&doubts, &bank.tau, error));
    assert_string_equal(okng_doubts_get(&doubts, 0).name, bank.tau.image_names[2]);
    okng_doubts_free(&doubts);
    okng_bank_file_close(&bank);
}

static void edited_names_are_checked(void **state)
{
    (void)state;
    okng_bank_file bank;
    assert_ok(write_bank(0, error));
    edit(file_of(OKNG_BANK_TAU_FILE), "\"a/000.png\",", "");
    assert_fails(OKNG_ERROR_FORMAT, "has 2 entries, expected one for each of the 3",
                 okng_bank_file_open(&bank, bank_path, error));
    assert_ok(write_bank(0, error));
    edit(file_of(OKNG_BANK_TAU_FILE), "\"a/000.png\",", "17,");
    assert_fails(OKNG_ERROR_FORMAT, "entry 0", okng_bank_file_open(&bank, bank_path, error));
    assert_ok(write_bank(0, error));
    edit(file_of(OKNG_BANK_TAU_FILE), "\"image_names\"", "\"image_words\""); /* as a bank of version 0.2 */
    assert_ok(okng_bank_file_open(&bank, bank_path, error));
    assert_null(bank.tau.image_names);
    assert_int_equal(bank.tau.image_count, 3);
    okng_bank_file_close(&bank);
}

/* JSON writes three bytes for each of theirs: more than is read. */
static void names_that_grow_too_long_are_not_kept(void **state)
{
    (void)state;
    enum { COUNT = 8000, LENGTH = 4000 };
    char *name = calloc(LENGTH + 1, 1), **names = calloc(COUNT, sizeof *names);
    float *scores = calloc(COUNT, sizeof *scores);
    assert_true(name && names && scores);
    memset(name, 0xb0, LENGTH);
    for (int i = 0; i < COUNT; i++) names[i] = name;
    okng_tau tau = {.image_scores = scores, .image_count = COUNT, .image_names = names}, read;
    okng_build_options options;
    okng_build_options_init(&options);
    assert_int_equal(mkdir(bank_path, 0777), 0);
    assert_ok(okng_tau_write(&tau, &options, file_of(OKNG_BANK_TAU_FILE), error));
    assert_ok(okng_tau_read(file_of(OKNG_BANK_TAU_FILE), &read, error));
    assert_int_equal(read.image_count, COUNT);
    assert_null(read.image_names);
    okng_tau_free(&read);
    free(name);
    free((void *)names);
    free(scores);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_that_grow_too_long_are_not_kept),
        TEST(edited_names_are_checked),
        TEST(scores_that_were_lost_are_missed),
        TEST(doubts_come_back_and_order_the_pictures),
        TEST(a_bank_comes_back_as_it_was_written),
        TEST(a_second_build_replaces_the_first_and_leaves_nothing_else),
        TEST(a_folder_that_holds_something_else_is_not_replaced),
        TEST(two_writers_are_one_too_many),
        TEST(what_a_killed_build_left_is_cleared_away),
        TEST(other_files_in_the_folder_that_is_written_to_stay),
        TEST(a_link_to_a_bank_stays_a_link),
        TEST(a_missing_file_is_named),
        TEST(an_edited_bank_is_refused),
        TEST(the_ranges_of_int8_come_back),
        TEST(a_bank_from_before_there_was_a_choice_is_inspected_as_it_was_built),
        TEST(ranges_that_cannot_be_are_refused),
        TEST(thresholds_may_be_edited_within_reason),
    };
    return RUN_TESTS(tests);
}
