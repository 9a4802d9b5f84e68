/* What is open stays what it was when it was opened, whatever happens to its files; what changes while it is read is
 * told. With threads, for ThreadSanitizer too. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "bank/bank_file.h"
#include "fixture.h"
#include "test.h"

enum { THREADS = 4, PIXELS = FIXTURE_WIDTH * FIXTURE_HEIGHT };

/* A network for two threads is another one, and needs the weights again. What OpenMP's threads wait for is hidden from
 * ThreadSanitizer, which takes their stacks for shared. */
#if defined(__SANITIZE_THREAD__)
enum { TWO = 1 };
#else
enum { TWO = 2 };
#endif

static char folder[64];

static const char *path_of(const char *name)
{
    static char paths[256][256];
    static int next;
    next = (next + 1) % 256;
    (void)snprintf(paths[next], sizeof paths[next], "%s/%s", folder, name);
    return paths[next];
}

/* Bank `name` of `count` of the good pictures from the first on. */
static void build(const char *name, int count)
{
    okng_build_options options;
    okng_build_options_init(&options);
    strcpy(options.backbone, "resnet18");
    (void)snprintf(options.weights, sizeof options.weights, "%s", path_of("resnet18.safetensors"));
    options.resize_height = options.resize_width = 64;
    options.coreset_size = 64; /* rows files of one size */
    options.threads = 1;
    char paths[FIXTURE_OK][128];
    const char *pictures[FIXTURE_OK];
    for (int i = 0; i < count; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/ok/%03d.png", folder, i);
        pictures[i] = paths[i];
    }
    assert_ok(okng_build_paths(pictures, (size_t)count, path_of(name), &options, NULL, NULL, NULL, error));
}

static int make_fixture(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/okng-test-changed-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    assert_ok(fixture_write(folder, error));
    build("one", FIXTURE_OK);
    build("other", FIXTURE_OK / 2);
    return 0;
}

static int remove_fixture(void **state)
{
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* ---- changing files ---- */

typedef struct contents {
    void *data;
    size_t size;
} contents;

static contents read_contents(const char *path)
{
    contents c;
    assert_ok(okng_file_read(path, SIZE_MAX, &c.data, &c.size, error));
    return c;
}

/* As `cp` does: into the file that is there. */
static void overwrite(const char *path, const void *data, size_t size)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    assert_true(file >= 0);
    assert_int_equal(write(file, data, size), (ssize_t)size);
    assert_int_equal(close(file), 0);
}

/* The same without cutting it off first. */
static void overwrite_whole(const char *path, const void *data, size_t size)
{
    int file = open(path, O_WRONLY);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, data, size, 0), (ssize_t)size);
    assert_int_equal(close(file), 0);
}

static void wait_ms(int ms)
{
    (void)usleep((useconds_t)ms * 1000);
}

/* ---- inspecting meanwhile ---- */

typedef struct answer {
    float score, map[PIXELS];
} answer;

static okng_status inspect(const okng_bank *bank, int threads, answer *a, okng_error *why)
{
    okng_inspect_options options;
    okng_inspect_options_init(&options);
    options.threads = threads;
    const okng_picture picture = {.struct_size = sizeof picture, .path = path_of("ng/000.png")};
    okng_result *result;
    OKNG_TRY(okng_inspect(&result, bank, &picture, &options, why));
    a->score = okng_result_score(result);
    memcpy(a->map, okng_result_map(result, NULL, NULL), sizeof a->map);
    okng_result_free(&result);
    return OKNG_OK;
}

static void assert_same(const okng_bank *bank, int threads, const answer *expected)
{
    static answer found;
    assert_ok(inspect(bank, threads, &found, error));
    assert_memory_equal(&found, expected, sizeof found);
}

typedef struct caller {
    const okng_bank *bank;
    const answer *expected;
    atomic_bool *done;
    int count, wrong;
    okng_error why;
    char picture[256];
} caller;

static void *inspect_until_done(void *argument)
{
    caller *c = argument;
    okng_inspect_options options;
    okng_inspect_options_init(&options);
    options.threads = 1;
    const okng_picture picture = {.struct_size = sizeof picture, .path = c->picture};
    do { /* once at least, however late this thread comes */
        okng_result *result = NULL;
        c->count++;
        if (okng_inspect(&result, c->bank, &picture, &options, &c->why) != OKNG_OK ||
            okng_result_score(result) != c->expected->score ||
            memcmp(okng_result_map(result, NULL, NULL), c->expected->map, sizeof c->expected->map) != 0)
            c->wrong++;
        okng_result_free(&result);
    } while (!atomic_load(c->done));
    return NULL;
}

/* Calls `change` while threads inspect through one handle; every result must be `expected`. */
static void inspect_while(const okng_bank *bank, const answer *expected, void (*change)(const char *path),
                          const char *path)
{
    static caller callers[THREADS];
    pthread_t ids[THREADS];
    atomic_bool done = false;
    for (int i = 0; i < THREADS; i++) {
        callers[i] = (caller){.bank = bank, .expected = expected, .done = &done};
        (void)snprintf(callers[i].picture, sizeof callers[i].picture, "%s/ng/000.png", folder);
        assert_int_equal(pthread_create(&ids[i], NULL, inspect_until_done, &callers[i]), 0);
    }
    wait_ms(20);
    change(path);
    wait_ms(20);
    atomic_store(&done, true);
    int count = 0, wrong = 0;
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(ids[i], NULL), 0);
        count += callers[i].count;
        wrong += callers[i].wrong;
    }
    if (wrong > 0) fail_msg("%d of %d results differ", wrong, count);
    assert_true(count >= THREADS);
}

static void change_rows(const char *path)
{
    const contents own = read_contents(path), other = read_contents(path_of("other/memory_bank.pt"));
    assert_int_equal(own.size, other.size);
    for (int i = 0; i < 3; i++) {
        overwrite_whole(path, other.data, other.size);
        wait_ms(10);
        overwrite(path, own.data, own.size);
        wait_ms(10);
    }
    memset(other.data, 0x55, other.size);
    overwrite(path, other.data, other.size);
    wait_ms(20);
    assert_int_equal(truncate(path, 0), 0); /* was a SIGBUS */
    wait_ms(20);
    assert_int_equal(unlink(path), 0);
    free(own.data);
    free(other.data);
}

static void rows_that_change_on_disk_do_not_change_results(void **state)
{
    (void)state;
    static answer expected;
    okng_bank *bank;
    const char *rows = path_of("one/memory_bank.pt");
    const contents before = read_contents(rows);
    assert_ok(okng_bank_open(&bank, path_of("one"), NULL, error));
    assert_ok(inspect(bank, 1, &expected, error));
    inspect_while(bank, &expected, change_rows, rows);
    okng_bank_close(&bank);
    overwrite(rows, before.data, before.size);

    /* Nor before the first inspection. */
    assert_ok(okng_bank_open(&bank, path_of("one"), NULL, error));
    assert_int_equal(truncate(rows, 0), 0);
    assert_same(bank, 1, &expected);
    okng_bank_close(&bank);
    okng_bank *none;
    assert_fails(OKNG_ERROR_FORMAT, "is empty", okng_bank_open(&none, path_of("one"), NULL, error));
    overwrite(rows, before.data, before.size);
    free(before.data);
}

static void change_weights(const char *path)
{
    const contents own = read_contents(path);
    ((uint8_t *)own.data)[own.size - 1] ^= 1;
    overwrite_whole(path, own.data, own.size);
    wait_ms(20);
    assert_int_equal(truncate(path, 0), 0);
    wait_ms(20);
    assert_int_equal(unlink(path), 0);
    free(own.data);
}

static void weights_that_change_on_disk_do_not_change_results(void **state)
{
    (void)state;
    static answer expected;
    okng_bank *bank, *second, *none;
    const char *weights = path_of("resnet18.safetensors");
    const contents before = read_contents(weights);
    assert_ok(okng_bank_open(&bank, path_of("one"), NULL, error));
    assert_ok(inspect(bank, 1, &expected, error));
    inspect_while(bank, &expected, change_weights, weights);
    assert_same(bank, TWO, &expected); /* a network for two threads would read them again */
    assert_same(bank, 1, &expected);
    okng_bank_close(&bank);
    assert_fails(OKNG_ERROR_NOT_FOUND, "gone", okng_bank_open(&none, path_of("one"), NULL, error));

    /* Two handles have them in memory once; a third does not take what is not in the file any more. */
    overwrite(weights, before.data, before.size);
    assert_ok(okng_bank_open(&bank, path_of("one"), NULL, error));
    assert_ok(okng_bank_open(&second, path_of("other"), NULL, error));
    ((uint8_t *)before.data)[before.size - 1] ^= 1;
    overwrite_whole(weights, before.data, before.size);
    assert_fails(OKNG_ERROR_MISMATCH, "is not the weight file", okng_bank_open(&none, path_of("one"), NULL, error));
    okng_bank_close(&second);
    assert_same(bank, TWO, &expected); /* the first network that this handle needs */
    ((uint8_t *)before.data)[before.size - 1] ^= 1;
    overwrite_whole(weights, before.data, before.size);
    assert_same(bank, 1, &expected);
    okng_bank_close(&bank);
    free(before.data);
}

/* ---- a bank that is replaced while it is opened ---- */

typedef struct exchanging {
    atomic_bool done;
    atomic_int opened; /* by the other thread */
    int count;
} exchanging;

/* As builds do, one at a time: no more than one exchange while the bank is opened once. */
static void *exchange_until_done(void *argument)
{
    exchanging *e = argument;
    char one[256], other[256];
    (void)snprintf(one, sizeof one, "%s/place", folder);
    (void)snprintf(other, sizeof other, "%s/beside", folder);
    for (int opened = -1; !atomic_load(&e->done); (void)usleep(50)) {
        if (atomic_load(&e->opened) == opened) continue;
        (void)usleep((useconds_t)(e->count * 37 % 1500)); /* early, and late */
        if (renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) == 0) e->count++;
        opened = atomic_load(&e->opened);
    }
    return NULL;
}

static void a_bank_that_is_replaced_is_opened_whole(void **state)
{
    (void)state;
    static exchanging e;
    pthread_t id;
    char command[512];
    (void)snprintf(command, sizeof command, "cp -r %s/one %s/place && cp -r %s/other %s/beside", folder, folder, folder,
                   folder);
    assert_int_equal(system(command), 0);
    okng_bank_file banks[2], found;
    assert_ok(okng_bank_file_open(&banks[0], path_of("one"), error));
    assert_ok(okng_bank_file_open(&banks[1], path_of("other"), error));
    assert_true(banks[0].tau.image != banks[1].tau.image);
    assert_int_equal(pthread_create(&id, NULL, exchange_until_done, &e), 0);
    for (int i = 0; i < 200; i++) {
        assert_ok(okng_bank_file_open(&found, path_of("place"), error));
        int which = strcmp(found.config.data[0].sha256, banks[0].config.data[0].sha256) != 0;
        assert_string_equal(found.config.data[0].sha256, banks[which].config.data[0].sha256);
        assert_true(found.tau.image == banks[which].tau.image);
        assert_true(found.tau.image_count == banks[which].tau.image_count);
        okng_bank_file_close(&found);
        atomic_fetch_add(&e.opened, 1);
    }
    atomic_store(&e.done, true);
    assert_int_equal(pthread_join(id, NULL), 0);
    if (e.count == 0) print_message("the file system exchanges nothing: not tried\n");
    for (int i = 0; i < 2; i++) okng_bank_file_close(&banks[i]);
}

/* ---- single files ---- */

enum { VALUES = 1 << 18 };

static void an_array_that_was_read_does_not_change(void **state)
{
    (void)state;
    const char *path = path_of("maps.npy");
    okng_array *array, *again;
    const int64_t shape[1] = {VALUES};
    assert_ok(okng_array_new(&array, OKNG_F32, 1, shape, error));
    float *values = array->data;
    for (int i = 0; i < VALUES; i++) values[i] = (float)i;
    assert_ok(okng_array_write_npy(array, path, error));
    assert_ok(okng_array_read_npy(&again, path, error));
    assert_int_equal(truncate(path, 0), 0);
    assert_memory_equal(again->data, array->data, array->bytes);
    okng_array_free(&again);
    assert_fails(OKNG_ERROR_FORMAT, "is not a .npy file", okng_array_read_npy(&again, path, error));
    assert_null(again);
    okng_array_free(&array);
}

static void weights_that_were_opened_do_not_change(void **state)
{
    (void)state;
    okng_weights *weights;
    const char *path = path_of("copy.safetensors");
    const contents file = read_contents(path_of("resnet18.safetensors"));
    overwrite(path, file.data, file.size);
    assert_ok(okng_weights_open(&weights, path, error));
    size_t size;
    assert_int_equal(truncate(path, 0), 0);
    const void *bytes = okng_weights_bytes(weights, &size);
    assert_int_equal(size, file.size);
    assert_memory_equal(bytes, file.data, size);
    okng_weights_close(&weights);
    free(file.data);
}

/* ---- a file that changes while it is read ---- */

enum { HALF = 5000 };

typedef void change_fn(const char *path);

static void make_longer(const char *path)
{
    assert_int_equal(truncate(path, 3 * HALF), 0);
}

static void write_into(const char *path)
{
    int file = open(path, O_WRONLY);
    assert_int_equal(pwrite(file, "x", 1, 0), 1);
    assert_int_equal(close(file), 0);
}

static void make_shorter(const char *path)
{
    assert_int_equal(truncate(path, HALF + 1), 0);
}

static void cut_at_what_was_read(const char *path)
{
    assert_int_equal(truncate(path, HALF), 0);
}

static void leave(const char *path)
{
    (void)path;
}

static void remove_it(const char *path)
{
    assert_int_equal(unlink(path), 0);
}

static void replace(const char *path)
{
    static const char other[2 * HALF] = "other";
    assert_ok(okng_file_write(path, other, sizeof other, error));
}

/* Half is read, then `change` happens, then the rest is read. */
static okng_status read_in_two(change_fn *change, okng_error *why)
{
    const char *path = path_of("changing");
    static uint8_t written[2 * HALF], found[2 * HALF];
    for (int i = 0; i < 2 * HALF; i++) written[i] = (uint8_t)(i * 7);
    overwrite(path, written, sizeof written);
    wait_ms(30); /* clocks of file systems are coarse */
    okng_reader reader;
    assert_ok(okng_reader_open(&reader, path, why));
    assert_int_equal(reader.size, 2 * HALF);
    assert_ok(okng_reader_next(&reader, found, HALF, why));
    change(path);
    okng_status status = okng_reader_next(&reader, found + HALF, HALF, why);
    status = okng_reader_close(&reader, status, why);
    if (status == OKNG_OK) assert_memory_equal(found, written, sizeof found);
    return status;
}

static void a_file_that_changes_while_it_is_read_is_told(void **state)
{
    (void)state;
    change_fn *const changes[] = {make_longer, write_into, make_shorter, cut_at_what_was_read};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        assert_fails(OKNG_ERROR_IO, "changed while it was read; try again", read_in_two(changes[i], error));
    change_fn *const harmless[] = {leave, remove_it, replace}; /* what is read is the file that was opened */
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) assert_ok(read_in_two(harmless[i], error));
}

static void the_size_of_a_hole_is_not_believed(void **state)
{
    (void)state;
    const char *path = path_of("hole");
    void *data;
    size_t size;
    okng_array *array;
    okng_weights *weights;
    static const char npy[] =
        "\x93NUMPY\x01\0v\0{'descr': '|u1', 'fortran_order': False, 'shape': (4611686018427387775,), "
        "}                                          \n";
    overwrite(path, npy, sizeof npy - 1);
    if (truncate(path, (off_t)1 << 42) != 0) skip();
    assert_fails(OKNG_ERROR_LIMIT, "expected at most 1000", okng_file_read(path, 1000, &data, &size, error));
    assert_null(data);
    assert_fails(OKNG_ERROR_MEMORY, "bytes of memory", okng_file_read(path, SIZE_MAX, &data, &size, error));
    assert_fails(OKNG_ERROR_MEMORY, "bytes of memory", okng_array_read_npy(&array, path, error));
    assert_fails(OKNG_ERROR_MEMORY, "bytes of memory", okng_weights_open(&weights, path, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_that_change_on_disk_do_not_change_results),
        cmocka_unit_test(weights_that_change_on_disk_do_not_change_results),
        cmocka_unit_test(a_bank_that_is_replaced_is_opened_whole),
        cmocka_unit_test(an_array_that_was_read_does_not_change),
        cmocka_unit_test(weights_that_were_opened_do_not_change),
        cmocka_unit_test(a_file_that_changes_while_it_is_read_is_told),
        cmocka_unit_test(the_size_of_a_hole_is_not_believed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_fixture, remove_fixture);
}
