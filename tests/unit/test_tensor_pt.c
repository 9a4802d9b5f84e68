#include <fcntl.h>
#include <zlib.h>

#include "tensor/pt_layout.h"
#include "tensor/zip.h"
#include "tensor_bytes.h"

static char *temporary_path(void)
{
    static char path[] = "/tmp/okng_pt_XXXXXX";
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    (void)close(descriptor);
    return path;
}

static const okng_zip_entry *entry_of(const okng_zip *zip, const char *name)
{
    const okng_zip_entry *entry = okng_zip_find(zip, name, strlen(name));
    assert_non_null(entry);
    return entry;
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    enum { ROWS = 5, DIM = 3 };
    float rows[ROWS * DIM];
    for (int i = 0; i < ROWS * DIM; i++) rows[i] = (float)i / 2 - 1;
    const char *path = temporary_path();
    assert_ok(okng_pt_write(path, rows, ROWS, DIM, error));
    okng_weights *weights;
    assert_ok(okng_weights_open(&weights, path, error));
    const okng_array *array = okng_weights_find(weights, "");
    assert_true(array && array->dtype == OKNG_F32 && array->dims == 2);
    assert_true(array->shape[0] == ROWS && array->shape[1] == DIM);
    assert_memory_equal(array->data, rows, sizeof rows);
    size_t size;
    const uint8_t *file = okng_weights_bytes(weights, &size);
    assert_int_equal(((const uint8_t *)array->data - file) % 64, 0);
    okng_weights_close(&weights);
    (void)unlink(path);
}

/* bare.pt was written by torch from the same rows. */
static void the_pickle_and_the_data_are_those_of_torch(void **state)
{
    (void)state;
    float rows[15];
    for (int i = 0; i < 15; i++) rows[i] = (float)i / 2 - 1;
    const char *path = temporary_path();
    assert_ok(okng_pt_write(path, rows, 5, 3, error));
    bytes ours = read_file(path), theirs = read_file(GOLDEN("bare.pt"));
    okng_zip a, b;
    assert_ok(okng_zip_open(&a, ours.data, ours.size, path, error));
    assert_ok(okng_zip_open(&b, theirs.data, theirs.size, "bare.pt", error));
    static const char *const names[][2] = {
        {"archive/data.pkl", "bare/data.pkl"}, {"archive/data/0", "bare/data/0"}, {"archive/version", "bare/version"}};
    for (size_t i = 0; i < 3; i++) {
        const okng_zip_entry *our = entry_of(&a, names[i][0]), *their = entry_of(&b, names[i][1]);
        assert_int_equal(our->size, their->size);
        assert_memory_equal(our->data, their->data, our->size);
    }
    assert_memory_equal(entry_of(&a, "archive/byteorder")->data, "little", 6);
    okng_zip_close(&a);
    okng_zip_close(&b);
    drop(&ours);
    drop(&theirs);
    (void)unlink(path);
}

/* Numbers whose pickles are of every length. */
static void every_shape_is_pickled_exactly(void **state)
{
    (void)state;
    static const int64_t shapes[][2] = {{1, 1},         {255, 1},          {256, 1},
                                        {65535, 1},     {65536, 1},        {INT32_MAX, 1},
                                        {1LL << 31, 1}, {1LL << 32, 3},    {(1LL << 39) - 1, 1},
                                        {1LL << 39, 1}, {1LL << 40, 1536}, {1, 1LL << 55}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        int64_t rows = shapes[i][0], dim = shapes[i][1];
        uint8_t head[OKNG_PT_MAX_HEAD];
        size_t size = okng_pt_head(head, rows, dim, 0);
        assert_int_equal(size % 64, 0);
        bytes b = {0};
        add(&b, head, size);
        size_t object = locate(&b, "\x80\2ctorch", 8), end = locate(&b, "tq\nRq\x0b.", 7) + 7;
        drop(&b);
        /* A storage of the wrong size: the message tells how many elements the pickle names. */
        bytes file = make_pth(head + object, end - object);
        char part[64];
        (void)snprintf(part, sizeof part, "expected %lld elements", (long long)(rows * dim));
        okng_weights *weights;
        assert_fails(OKNG_ERROR_FORMAT, part, okng_weights_open_memory(&weights, file.data, file.size, "x", error));
        drop(&file);
    }
}

/* 6 GiB with a hole for the rows, so that it costs no disk. */
static void a_bank_over_4_gib_has_zip64(void **state)
{
    (void)state;
    const int64_t rows = 1 << 20, dim = 1536;
    const char *path = temporary_path();
    uint8_t head[OKNG_PT_MAX_HEAD], tail[OKNG_PT_MAX_TAIL];
    size_t head_size = okng_pt_head(head, rows, dim, 0x12345678);
    size_t tail_size = okng_pt_tail(tail, rows, dim, 0x12345678);
    int descriptor = open(path, O_RDWR);
    assert_true(descriptor >= 0);
    bool sparse = pwrite(descriptor, head, head_size, 0) == (ssize_t)head_size &&
                  pwrite(descriptor, tail, tail_size, (off_t)head_size + rows * dim * 4) == (ssize_t)tail_size;
    (void)close(descriptor);
    okng_weights *weights = NULL;
    okng_error error = {0};
    okng_status status = sparse ? okng_weights_open(&weights, path, &error) : OKNG_OK;
    (void)unlink(path);
    if (!sparse) skip(); /* a file system without holes, or with a limit */
    if (status != OKNG_OK) fail_msg("%s", error.message);
    const okng_array *array = okng_weights_find(weights, "");
    assert_true(array && array->shape[0] == rows && array->shape[1] == dim);
    assert_int_equal(array->bytes, (size_t)rows * (size_t)dim * 4);
    okng_weights_close(&weights);
}

static void checksums_are_those_of_the_rows(void **state)
{
    (void)state;
    float rows[7] = {1, 2, 3, 4, 5, 6, 7};
    const char *path = temporary_path();
    assert_ok(okng_pt_write(path, rows, 7, 1, error));
    bytes b = read_file(path);
    size_t name = locate(&b, "archive/data/0", 14);
    assert_int_equal(okng_load_u32(b.data + name - 30 + 14), crc32(0, (const Bytef *)rows, sizeof rows));
    drop(&b);
    (void)unlink(path);
}

static void the_same_rows_give_the_same_bytes(void **state)
{
    (void)state;
    float rows[6] = {1, 2, 3, 4, 5, 6};
    const char *path = temporary_path();
    assert_ok(okng_pt_write(path, rows, 2, 3, error));
    bytes first = read_file(path);
    char other[64];
    (void)snprintf(other, sizeof other, "%s_another_name", path);
    assert_ok(okng_pt_write(other, rows, 2, 3, error));
    bytes second = read_file(other);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    drop(&first);
    drop(&second);
    (void)unlink(path);
    (void)unlink(other);
}

static void impossible_banks_are_refused(void **state)
{
    (void)state;
    float row[1] = {0};
    assert_fails(OKNG_ERROR_ARGUMENT, "0 rows of 3", okng_pt_write("x.pt", row, 0, 3, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "-1 numbers", okng_pt_write("x.pt", row, 1, -1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "expected at least one", okng_pt_write("x.pt", row, 1LL << 40, 1LL << 40, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "/nonexistent/x.pt", okng_pt_write("/nonexistent/x.pt", row, 1, 1, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),   cmocka_unit_test(the_pickle_and_the_data_are_those_of_torch),
        cmocka_unit_test(every_shape_is_pickled_exactly),  cmocka_unit_test(a_bank_over_4_gib_has_zip64),
        cmocka_unit_test(checksums_are_those_of_the_rows), cmocka_unit_test(the_same_rows_give_the_same_bytes),
        cmocka_unit_test(impossible_banks_are_refused),
    };
    return RUN_TESTS(tests);
}
