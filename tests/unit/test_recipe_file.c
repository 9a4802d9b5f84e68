/* Recipes: what was written is read; what is damaged, cut off, signed by another, or lost while it is in use is told.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/xxh64.h"
#include "recipe/directory.h"
#include "recipe/map.h"
#include "recipe/recipe.h"
#include "recipe/writer.h"
#include "tensor/bytes.h"
#include "test.h"

/* Made for these tests alone. */
static const char private_key[] = "-----BEGIN PRIVATE KEY-----\n"
                                  "MC4CAQAwBQYDK2VwBCIEIFcKqKtPtNLTKKOt1vlBfrc10x7OlNt88CKGt4Yv09e4\n"
                                  "-----END PRIVATE KEY-----\n";
static const char public_key[] = "-----BEGIN PUBLIC KEY-----\n"
                                 "MCowBQYDK2VwAyEARDZgah4ZyV0+j6BHZyOpll+ZgCSey2kAFu4nvf524mw=\n"
                                 "-----END PUBLIC KEY-----\n";
static const char other_key[] = "-----BEGIN PUBLIC KEY-----\n"
                                "MCowBQYDK2VwAyEAR8zpOFnZaGGRzxnsuxltcVtGaCMfusPQ8Y3qRnxtcGA=\n"
                                "-----END PUBLIC KEY-----\n";

static char folder[64];

static const char *path_of(const char *name)
{
    static char paths[4][160];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int make_folder(void **unused)
{
    (void)unused;
    strcpy(folder, "/tmp/okng-test-recipe-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **unused)
{
    (void)unused;
    return okng_test_remove_tree(folder);
}

static void write_text(const char *name, const char *text)
{
    assert_ok(okng_file_write(path_of(name), text, strlen(text), error));
}

/* ---- a recipe ---- */

enum { ROWS = 40, WIDTH = 513, SMALL = 6 }; /* more than 64 KiB: in the map */
static float large[ROWS * WIDTH], small[SMALL];
static int8_t bytes8[2 * 3] = {127, -127, 0, 64, -1, 127};
static float largest[2] = {0.3f, 5.0f};
static int32_t whole[SMALL] = {1, -2, 3, -4, 5, -6};

static void add_tensor(okng_recipe_writer *writer, const char *file, const char *name, okng_dtype dtype, int32_t dims,
                       const int64_t *shape, void *data)
{
    okng_array array = {.dtype = dtype, .dims = dims, .data = data};
    memcpy(array.shape, shape, (size_t)dims * sizeof *shape);
    assert_true(okng_shape_bytes(dtype, dims, shape, &array.bytes));
    assert_ok(okng_recipe_writer_tensor(writer, file, name, &array, error));
}

static void write_recipe(const char *name, const char *key)
{
    okng_recipe_writer *writer;
    for (int i = 0; i < ROWS * WIDTH; i++) large[i] = (float)(i % 1013) * 0.125f;
    for (int i = 0; i < SMALL; i++) small[i] = (float)i - 0.5f;
    assert_ok(okng_recipe_writer_open(&writer, path_of(name), key, error));
    assert_ok(okng_recipe_writer_document(writer, "tau.json", "{\"image\": 1}", 12, error));
    assert_ok(okng_recipe_writer_document(writer, "empty", "", 0, error));
    add_tensor(writer, "rows", "", OKNG_F32, 2, (int64_t[]){ROWS, WIDTH}, large);
    add_tensor(writer, "weights", "a.weight", OKNG_I8, 2, (int64_t[]){2, 3}, bytes8);
    add_tensor(writer, "weights", "a.weight" OKNG_RECIPE_SCALES, OKNG_F32, 1, (int64_t[]){2}, largest);
    add_tensor(writer, "weights", "b", OKNG_F32, 1, (int64_t[]){SMALL}, small);
    add_tensor(writer, "weights", "c", OKNG_I32, 1, (int64_t[]){SMALL}, whole);
    add_tensor(writer, "again", "", OKNG_F32, 2, (int64_t[]){ROWS, WIDTH}, large);
    add_tensor(writer, "nothing", "", OKNG_F32, 2, (int64_t[]){0, 3}, NULL);
    assert_ok(okng_recipe_writer_note(writer, "weights", "folded", "1", error));
    assert_ok(okng_recipe_writer_finish(&writer, "int8", error));
    assert_null(writer);
}

/* What is read of a recipe: OK and as it was written, or an error that says something. */
static okng_status read_recipe(const char *path, okng_error *error)
{
    okng_recipe *recipe;
    okng_weights *weights = NULL;
    const okng_array *array;
    const char *text;
    size_t size;
    OKNG_TRY(okng_recipe_open(&recipe, path, error));
    okng_status status = okng_recipe_check(recipe, NULL, 2, error);
    if (status == OKNG_OK) status = okng_recipe_document(recipe, "tau.json", &text, &size, error);
    if (status == OKNG_OK && (size != 12 || memcmp(text, "{\"image\": 1}", 12) != 0)) fail_msg("another document");
    if (status == OKNG_OK) status = okng_recipe_weights(&weights, recipe, "rows", OKNG_RECIPE_FLOATS, error);
    if (status == OKNG_OK) status = okng_weights_get(weights, "", &array, error);
    if (status == OKNG_OK && (array->bytes != sizeof large || memcmp(array->data, large, sizeof large) != 0))
        fail_msg("other rows");
    okng_weights_close(&weights);
    if (status == OKNG_OK) status = okng_recipe_weights(&weights, recipe, "weights", OKNG_RECIPE_FLOATS, error);
    if (status == OKNG_OK) status = okng_weights_get(weights, "a.weight", &array, error);
    const float *values = status == OKNG_OK ? array->data : NULL;
    if (values && (values[0] != largest[0] || values[4] != -largest[1] / 127.0f)) fail_msg("other numbers of int8");
    okng_weights_close(&weights);
    if (status == OKNG_OK) status = okng_recipe_settled(recipe, error);
    okng_recipe_close(&recipe);
    return status;
}

/* ---- reading ---- */

static void sums_are_those_of_xxhash(void **unused)
{
    (void)unused;
    assert_true(okng_xxh64("", 0) == UINT64_C(0xef46db3751d8e999));
    assert_true(okng_xxh64("abc", 3) == UINT64_C(0x44bc2cf5ad770999));
    assert_true(okng_xxh64("Nobody inspects the spammish repetition", 39) == UINT64_C(0xfbcea83c8a378bf1));
}

static void what_was_written_is_read(void **unused)
{
    (void)unused;
    okng_recipe *recipe;
    okng_weights *weights;
    write_recipe("part.okng", NULL);
    assert_ok(read_recipe(path_of("part.okng"), error));
    assert_true(okng_recipe_is(path_of("part.okng")));
    assert_false(okng_recipe_is(folder));
    assert_ok(okng_recipe_open(&recipe, path_of("part.okng"), error));
    const okng_recipe_info info = okng_recipe_look(recipe);
    assert_string_equal(info.precision, "int8");
    assert_false(info.is_signed);
    assert_true(okng_recipe_bytes(recipe, "rows") == sizeof large);
    assert_true(okng_recipe_bytes(recipe, "tau.json") == 12);
    assert_true(okng_recipe_bytes(recipe, "else") == 0);
    assert_true(okng_recipe_has_document(recipe, "empty") && !okng_recipe_has_document(recipe, "rows"));
    assert_true(okng_recipe_has_file(recipe, "again") && !okng_recipe_has_file(recipe, "tau.json"));
    assert_ok(okng_recipe_weights(&weights, recipe, "weights", OKNG_RECIPE_FLOATS, error));
    okng_recipe_close(&recipe); /* which the weights share */
    assert_int_equal(okng_weights_count(weights), 3);
    assert_string_equal(okng_weights_metadata(weights, "folded"), "1");
    assert_false(okng_weights_owned(weights));
    const okng_array *array = okng_weights_find(weights, "a.weight");
    const float *values = array->data, step = largest[0] / 127.0f;
    assert_int_equal(array->dtype, OKNG_F32);
    assert_true(values[1] == -largest[0] && values[2] == 0 && values[3] == 64.0f * (largest[1] / 127.0f) && step > 0);
    assert_memory_equal(okng_weights_find(weights, "c")->data, whole, sizeof whole);
    assert_null(okng_weights_find(weights, "a.weight" OKNG_RECIPE_SCALES));
    okng_weights_close(&weights);
}

static void the_same_pieces_are_there_once(void **unused)
{
    (void)unused;
    struct stat info;
    write_recipe("part.okng", NULL);
    assert_int_equal(stat(path_of("part.okng"), &info), 0);
    assert_true((size_t)info.st_size < sizeof large + 16 * OKNG_RECIPE_ALIGNMENT); /* "rows" and "again" */
}

static void the_same_contents_are_the_same_bytes(void **unused)
{
    (void)unused;
    char one[65], other[65];
    write_recipe("part.okng", NULL);
    write_recipe("other.okng", NULL);
    assert_ok(okng_file_sha256(path_of("part.okng"), one, error));
    assert_ok(okng_file_sha256(path_of("other.okng"), other, error));
    assert_string_equal(one, other);
}

/* ---- damage ---- */

static unsigned char *read_all(const char *name, size_t *size)
{
    void *data;
    assert_ok(okng_file_read(path_of(name), 1 << 24, &data, size, error));
    return data;
}

static void a_changed_byte_anywhere_is_told_or_changes_nothing(void **unused)
{
    (void)unused;
    size_t size, told = 0, tried = 0;
    write_recipe("part.okng", NULL);
    unsigned char *bytes = read_all("part.okng", &size);
    assert_ok(okng_file_write(path_of("changed.okng"), bytes, size, error));
    const int descriptor = open(path_of("changed.okng"), O_RDWR);
    assert_true(descriptor >= 0);
    for (size_t at = 0; at < size; at += at < 300 || at + 300 > size ? 1 : 131) {
        okng_error why = {0};
        const unsigned char other = bytes[at] ^ 0x41;
        assert_true(pwrite(descriptor, &other, 1, (off_t)at) == 1);
        okng_status status = read_recipe(path_of("changed.okng"), &why);
        tried++;
        assert_true(pwrite(descriptor, &bytes[at], 1, (off_t)at) == 1);
        if (status == OKNG_OK) continue;
        told++;
        if (status != OKNG_ERROR_FORMAT || !strstr(why.message, "changed.okng"))
            fail_msg("byte %zu: status %d: %s", at, (int)status, why.message);
    }
    assert_true(tried > 1000 && told > tried / 2); /* the others lie between pieces */
    (void)close(descriptor);
    free(bytes);
}

static void what_is_cut_off_or_longer_is_refused(void **unused)
{
    (void)unused;
    size_t size;
    write_recipe("part.okng", NULL);
    unsigned char *bytes = read_all("part.okng", &size);
    for (size_t length = 0; length < size; length += length < 260 ? 13 : 997) {
        (void)unlink(path_of("cut.okng"));
        assert_ok(okng_file_write(path_of("cut.okng"), bytes, length, error));
        assert_fails(OKNG_ERROR_FORMAT, "cut.okng", read_recipe(path_of("cut.okng"), error));
    }
    FILE *more = fopen(path_of("part.okng"), "ab");
    assert_true(more && fputc(0, more) == 0 && fclose(more) == 0);
    assert_fails(OKNG_ERROR_FORMAT, "something was added", read_recipe(path_of("part.okng"), error));
    free(bytes);
}

static void other_files_and_versions_are_refused_by_name(void **unused)
{
    (void)unused;
    size_t size;
    write_text("text", "no recipe");
    assert_fails(OKNG_ERROR_FORMAT, "is a file and no recipe", read_recipe(path_of("text"), error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "nowhere", read_recipe(path_of("nowhere"), error));
    assert_fails(OKNG_ERROR_IO, "is a folder", read_recipe(folder, error));
    write_recipe("part.okng", NULL);
    unsigned char *bytes = read_all("part.okng", &size);
    okng_store_u32(bytes + 8, 2);
    okng_store_u64(bytes + 248, okng_xxh64(bytes, 248));
    assert_ok(okng_file_write(path_of("newer.okng"), bytes, size, error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "version 2", read_recipe(path_of("newer.okng"), error));
    free(bytes);
}

/* ---- hostile directories, with right sums ---- */

#define PIECE(at, bytes, sums) \
    "\"at\": " at ", \"bytes\": " bytes ", \"sha256\": \"" ZEROS "\", \"sums\": \"" sums "\"}"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define SUM "0123456789abcdef"
#define WITH(documents, tensors, notes)                                                                       \
    "{\"format\": \"okng recipe\", \"version\": 1, \"okng\": \"0\", \"precision\": \"fp32\", \"documents\": " \
    "[" documents "], \"tensors\": [" tensors "], \"notes\": [" notes "]}"
#define TENSOR(dtype, shape, piece) \
    "{\"file\": \"f\", \"name\": \"n\", \"dtype\": \"" dtype "\", \"shape\": " shape ", " piece

static void hostile_directories_are_refused(void **unused)
{
    (void)unused;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"[]", "is no object"},
        {"{}", "format"},
        {"{\"format\": \"other\"}", "okng recipe"},
        {"{\"format\": \"okng recipe\", \"version\": 7}", "version"},
        {WITH("{\"name\": \"d\", " PIECE("4096", "5", SUM), "", ""), NULL},
        {WITH("{\"name\": \"d\", " PIECE("4096", "5", ""), "", ""), "one sum for each MiB"},
        {WITH("{\"name\": \"d\", " PIECE("4096", "5", SUM SUM), "", ""), "one sum for each MiB"},
        {WITH("{\"name\": \"d\", " PIECE("4096", "5", "0123456789abcdeg"), "", ""), "one sum for each MiB"},
        {WITH("{\"name\": \"d\", " PIECE("0", "5", SUM), "", ""), "\"at\""},
        {WITH("{\"name\": \"d\", " PIECE("4097", "5", SUM), "", ""), "outside the file"},
        {WITH("{\"name\": \"d\", " PIECE("12288", "1", SUM), "", ""), "outside the file"},
        {WITH("{\"name\": \"d\", " PIECE("8192", "3809", SUM), "", ""), "outside the file"},
        {WITH("{\"name\": \"d\", " PIECE("8192", "9223372036854775807", SUM), "", ""), "outside the file"},
        {WITH("{\"name\": \"d\", " PIECE("9223372036854771712", "4096", SUM), "", ""), "outside the file"},
        {WITH("{\"name\": \"d\", " PIECE("4096", "-1", SUM), "", ""), "\"bytes\""},
        {WITH("{\"name\": \"d\", " PIECE("4096", "5", SUM) ", {\"name\": \"d\", " PIECE("4096", "5", SUM), "", ""),
         "twice"},
        {WITH("", TENSOR("float32", "[2, 3]", PIECE("4096", "24", SUM)), ""), NULL},
        {WITH("", TENSOR("float32", "[2, 4]", PIECE("4096", "24", SUM)), ""), "another size"},
        {WITH("", TENSOR("float32", "[-2, -3]", PIECE("4096", "24", SUM)), ""), "another size"},
        {WITH("", TENSOR("float32", "[4294967296, 4294967296]", PIECE("4096", "0", "")), ""), "another size"},
        {WITH("", TENSOR("float7", "[2, 3]", PIECE("4096", "24", SUM)), ""), "unknown type"},
        {WITH("", TENSOR("float32", "6", PIECE("4096", "24", SUM)), ""), "no shape"},
        {WITH("", TENSOR("float32", "[2, \"3\"]", PIECE("4096", "24", SUM)), ""), "no shape"},
        {WITH("", TENSOR("float32", "[1,1,1,1,1,1,1,1,1,6]", PIECE("4096", "24", SUM)), ""), "no shape"},
        {WITH("", "3", ""), "\"file\""},
        {WITH("", "", "{\"file\": \"f\", \"key\": \"k\"}"), "\"value\""},
        {"{\"format\": \"okng recipe\", \"version\": 1, \"okng\": \"0\", \"precision\": \"fp320000000\"}", "too long"},
        {"{\"format\": \"okng recipe\", \"version\": 1, \"okng\": \"0\", \"precision\": \"fp32\"}", "\"documents\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_directory directory;
        okng_error error = {0};
        okng_status status =
            okng_directory_parse(&directory, cases[i].text, strlen(cases[i].text), 12000, "x.okng", &error);
        if (cases[i].says && (status == OKNG_OK || !strstr(error.message, cases[i].says)))
            fail_msg("case %zu: status %d: %s", i, (int)status, error.message);
        if (!cases[i].says && status != OKNG_OK) fail_msg("case %zu: %s", i, error.message);
        okng_directory_free(&directory);
    }
}

/* Scales that are not one for each row. */
static void int8_without_its_scales_is_refused(void **unused)
{
    (void)unused;
    okng_recipe_writer *writer;
    okng_recipe *recipe;
    okng_weights *weights;
    assert_ok(okng_recipe_writer_open(&writer, path_of("scales.okng"), NULL, error));
    add_tensor(writer, "w", "a", OKNG_I8, 2, (int64_t[]){2, 3}, bytes8);
    add_tensor(writer, "w", "a" OKNG_RECIPE_SCALES, OKNG_F32, 1, (int64_t[]){1}, largest);
    add_tensor(writer, "plain", "a", OKNG_I8, 2, (int64_t[]){2, 3}, bytes8);
    assert_ok(okng_recipe_writer_finish(&writer, "int8", error));
    assert_ok(okng_recipe_open(&recipe, path_of("scales.okng"), error));
    assert_fails(OKNG_ERROR_FORMAT, "one scale for each row",
                 okng_recipe_weights(&weights, recipe, "w", OKNG_RECIPE_FLOATS, error));
    assert_ok(okng_recipe_weights(&weights, recipe, "plain", OKNG_RECIPE_FLOATS, error));
    assert_int_equal(okng_weights_find(weights, "a")->dtype, OKNG_I8);
    okng_weights_close(&weights);
    okng_recipe_close(&recipe);
}

/* ---- files that change while they are open ---- */

static void open_rows(okng_recipe **recipe, okng_weights **weights)
{
    write_recipe("part.okng", NULL);
    assert_ok(okng_recipe_open(recipe, path_of("part.okng"), error));
    assert_ok(okng_recipe_weights(weights, *recipe, "rows", OKNG_RECIPE_FLOATS, error));
}

static void what_is_cut_off_while_it_is_open_is_an_error(void **unused)
{
    (void)unused;
    okng_recipe *recipe;
    okng_weights *weights;
    const okng_array *array;
    open_rows(&recipe, &weights);
    assert_int_equal(truncate(path_of("part.okng"), 4096), 0);
    assert_fails(OKNG_ERROR_IO, "made shorter", okng_weights_get(weights, "", &array, error)); /* no SIGBUS */
    assert_fails(OKNG_ERROR_IO, "made shorter", okng_recipe_settled(recipe, error));
    assert_fails(OKNG_ERROR_IO, "made shorter", okng_recipe_check(recipe, NULL, 2, error));
    okng_weights_close(&weights);
    okng_recipe_close(&recipe);
    /* After it was checked: zeros, and who asks hears of it. */
    open_rows(&recipe, &weights);
    assert_ok(okng_weights_get(weights, "", &array, error));
    assert_int_equal(truncate(path_of("part.okng"), 0), 0);
    const volatile float *values = array->data;
    double sum = 0;
    for (int i = 0; i < ROWS * WIDTH; i++) sum += (double)values[i];
    assert_true(sum == 0);
    assert_fails(OKNG_ERROR_IO, "made shorter", okng_recipe_settled(recipe, error));
    /* Even where it has its length again. */
    assert_int_equal(truncate(path_of("part.okng"), (off_t)okng_recipe_look(recipe).bytes), 0);
    assert_fails(OKNG_ERROR_IO, "while it was in use", okng_recipe_settled(recipe, error));
    okng_weights_close(&weights);
    okng_recipe_close(&recipe);
}

static void what_is_written_to_while_it_is_open_is_an_error(void **unused)
{
    (void)unused;
    okng_recipe *recipe;
    okng_weights *weights;
    open_rows(&recipe, &weights);
    assert_ok(okng_recipe_settled(recipe, error));
    FILE *file = fopen(path_of("part.okng"), "r+b");
    const struct timespec later[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    assert_true(file && fseek(file, 8200, SEEK_SET) == 0 && fputc(1, file) == 1 && fclose(file) == 0);
    assert_int_equal(utimensat(AT_FDCWD, path_of("part.okng"), later, 0), 0); /* clocks of file systems are coarse */
    assert_fails(OKNG_ERROR_IO, "was written to", okng_recipe_settled(recipe, error));
    okng_weights_close(&weights);
    okng_recipe_close(&recipe);
}

static void one_that_is_replaced_or_removed_stays_what_it_was(void **unused)
{
    (void)unused;
    okng_recipe *recipe;
    okng_weights *weights;
    const okng_array *array;
    open_rows(&recipe, &weights);
    write_text("new", "another");
    assert_int_equal(rename(path_of("new"), path_of("part.okng")), 0);
    assert_int_equal(unlink(path_of("part.okng")), 0);
    assert_ok(okng_weights_get(weights, "", &array, error));
    assert_memory_equal(array->data, large, sizeof large);
    assert_ok(okng_recipe_settled(recipe, error));
    okng_weights_close(&weights);
    okng_recipe_close(&recipe);
}

static void more_recipes_than_the_guard_knows_are_read(void **unused)
{
    (void)unused;
    enum { MANY = OKNG_MAPS_MAX + 3 };
    static okng_recipe *recipes[MANY];
    write_recipe("part.okng", NULL);
    for (int i = 0; i < MANY; i++) assert_ok(okng_recipe_open(&recipes[i], path_of("part.okng"), error));
    assert_int_equal(truncate(path_of("part.okng"), 0), 0);
    assert_fails(OKNG_ERROR_IO, "made shorter", okng_recipe_check(recipes[0], NULL, 1, error));
    assert_ok(okng_recipe_check(recipes[MANY - 1], NULL, 1, error)); /* in memory: it has all of it */
    for (int i = 0; i < MANY; i++) okng_recipe_close(&recipes[i]);
    write_recipe("part.okng", NULL);
    assert_ok(read_recipe(path_of("part.okng"), error)); /* what was taken is given back */
}

/* ---- signals of others ---- */

/* A look at what another map of a file has lost. */
static void look_at_lost(void)
{
    const int descriptor = open(path_of("lost"), O_RDWR | O_CREAT, 0600);
    char *data = ftruncate(descriptor, 8192) == 0 ? mmap(NULL, 8192, PROT_READ, MAP_SHARED, descriptor, 0) : NULL;
    if (!data || data == MAP_FAILED || ftruncate(descriptor, 0) != 0) _exit(90);
    _exit(*(volatile char *)data == 0 ? 91 : 92);
}

static void leave(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    (void)context;
    _exit(7);
}

static int state_of_child(bool handled)
{
    const pid_t child = fork();
    int state;
    if (child == 0) {
        okng_recipe *recipe;
        struct sigaction mine = {.sa_flags = SA_SIGINFO};
        mine.sa_sigaction = leave;
        if (handled) (void)sigaction(SIGBUS, &mine, NULL);
        if (!handled) (void)signal(SIGBUS, SIG_DFL);
        if (okng_recipe_open(&recipe, path_of("part.okng"), NULL) != OKNG_OK) _exit(93);
        look_at_lost();
    }
    assert_true(child > 0 && waitpid(child, &state, 0) == child);
    return state;
}

/* First of all tests: before this process has opened a recipe. */
static void a_signal_that_is_not_ours_goes_to_whose_it_is(void **unused)
{
    (void)unused;
    write_recipe("part.okng", NULL);
    int state = state_of_child(true);
    assert_true(WIFEXITED(state) && WEXITSTATUS(state) == 7);
    state = state_of_child(false);
    assert_true(WIFSIGNALED(state) && WTERMSIG(state) == SIGBUS);
}

/* ---- signatures ---- */

static okng_status verify(const char *name, const char *key, okng_error *error)
{
    okng_recipe *recipe;
    OKNG_TRY(okng_recipe_open(&recipe, path_of(name), error));
    okng_status status = okng_recipe_verify(recipe, path_of(key), 2, error);
    okng_recipe_close(&recipe);
    return status;
}

static void a_signature_is_of_all_that_was_packed(void **unused)
{
    (void)unused;
    size_t size;
    write_text("key.pem", private_key);
    write_text("key.pub", public_key);
    write_text("other.pub", other_key);
    write_recipe("signed.okng", path_of("key.pem"));
    assert_ok(read_recipe(path_of("signed.okng"), error));
    assert_ok(verify("signed.okng", "key.pub", error));
    assert_fails(OKNG_ERROR_MISMATCH, "another key", verify("signed.okng", "other.pub", error));
    assert_fails(OKNG_ERROR_FORMAT, "expected a public key", verify("signed.okng", "key.pem", error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "gone.pub", verify("signed.okng", "gone.pub", error));
    write_recipe("part.okng", NULL);
    assert_fails(OKNG_ERROR_MISMATCH, "is not signed", verify("part.okng", "key.pub", error));
    /* Somebody puts the key's name into a file of his own. */
    unsigned char *bytes = read_all("signed.okng", &size);
    bytes[110] ^= 1;
    okng_store_u64(bytes + 248, okng_xxh64(bytes, 248));
    assert_ok(okng_file_write(path_of("forged.okng"), bytes, size, error));
    assert_fails(OKNG_ERROR_MISMATCH, "its signature is not of this file", verify("forged.okng", "key.pub", error));
    free(bytes);
}

/* Told before anything is written, not after minutes of it. */
static void nothing_is_left_where_a_recipe_cannot_be_signed(void **unused)
{
    (void)unused;
    okng_recipe_writer *writer;
    write_text("key.pub", public_key);
    assert_fails(OKNG_ERROR_FORMAT, "expected a private key",
                 okng_recipe_writer_open(&writer, path_of("unsigned.okng"), path_of("key.pub"), error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "nokey.pem",
                 okng_recipe_writer_open(&writer, path_of("unsigned.okng"), path_of("nokey.pem"), error));
    assert_null(writer);
    assert_int_not_equal(access(path_of("unsigned.okng"), F_OK), 0);
}

/* ---- another document ---- */

static void a_document_is_replaced_and_all_else_stays(void **unused)
{
    (void)unused;
    okng_recipe *recipe;
    const char *text;
    size_t size;
    write_text("key.pem", private_key);
    write_recipe("part.okng", NULL);
    assert_ok(okng_recipe_replace(path_of("part.okng"), "tau.json", "{\"image\": 2}", 12, error));
    assert_ok(okng_recipe_open(&recipe, path_of("part.okng"), error));
    assert_ok(okng_recipe_check(recipe, NULL, 1, error));
    assert_ok(okng_recipe_document(recipe, "tau.json", &text, &size, error));
    assert_memory_equal(text, "{\"image\": 2}", 12);
    okng_recipe_close(&recipe);
    assert_ok(okng_recipe_replace(path_of("part.okng"), "tau.json", "{\"image\": 1}", 12, error));
    assert_ok(read_recipe(path_of("part.okng"), error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "else.json",
                 okng_recipe_replace(path_of("part.okng"), "else.json", "{}", 2, error));
    write_recipe("signed.okng", path_of("key.pem"));
    assert_fails(OKNG_ERROR_MISMATCH, "is signed",
                 okng_recipe_replace(path_of("signed.okng"), "tau.json", "{}", 2, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_that_is_not_ours_goes_to_whose_it_is),
        cmocka_unit_test(sums_are_those_of_xxhash),
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(the_same_pieces_are_there_once),
        cmocka_unit_test(the_same_contents_are_the_same_bytes),
        cmocka_unit_test(a_changed_byte_anywhere_is_told_or_changes_nothing),
        cmocka_unit_test(what_is_cut_off_or_longer_is_refused),
        cmocka_unit_test(other_files_and_versions_are_refused_by_name),
        cmocka_unit_test(hostile_directories_are_refused),
        cmocka_unit_test(int8_without_its_scales_is_refused),
        cmocka_unit_test(what_is_cut_off_while_it_is_open_is_an_error),
        cmocka_unit_test(what_is_written_to_while_it_is_open_is_an_error),
        cmocka_unit_test(one_that_is_replaced_or_removed_stays_what_it_was),
        cmocka_unit_test(more_recipes_than_the_guard_knows_are_read),
        cmocka_unit_test(a_signature_is_of_all_that_was_packed),
        cmocka_unit_test(nothing_is_left_where_a_recipe_cannot_be_signed),
        cmocka_unit_test(a_document_is_replaced_and_all_else_stays),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
