/* What a bank of AF-CLIP holds comes back from its file, and a file that holds something else is refused. */
#include "afclip/afclip_file.h"
#include "bank_data.h"

enum { WIDTH = 3, TEXT_WIDTH = 2, EMBEDDING = 4, PATCHES = 4, PICTURES = 2, KEPT = 5 };

static const okng_afclip_plan plan = {.rows = 2,
                                      .columns = 2,
                                      .tokens = 1 + PATCHES,
                                      .width = WIDTH,
                                      .text_width = TEXT_WIDTH,
                                      .embedding = EMBEDDING,
                                      .taps = {2, 4, 7, 9}};
static const float prototypes[2 * EMBEDDING] = {1, 0, 0, 0, 0, 0, 0, -1};
static char path[64];

/* Row r of stream s points along axis (r + s) % WIDTH. */
static void remember(okng_afclip_memory *memory, int64_t rows)
{
    assert_ok(okng_afclip_memory_new(memory, PICTURES, PATCHES, WIDTH, rows, error));
    for (int s = 0; s < OKNG_AFCLIP_STREAMS; s++)
        for (int64_t r = 0; r < rows; r++) {
            float row[WIDTH] = {0};
            row[(r + s) % WIDTH] = s % 2 ? -1 : 1;
            okng_references_put(&memory->streams[s], row, r, 1, 0);
        }
}

static void write_file(const okng_afclip_plan *as, const okng_afclip_memory *memory)
{
    okng_afclip_learnt learnt;
    assert_ok(okng_afclip_learnt_new(&learnt, WIDTH, TEXT_WIDTH, error));
    okng_afclip_learnt_draw(&learnt, 5);
    assert_ok(okng_afclip_file_write(path, as, &learnt, prototypes, memory, error));
    okng_afclip_learnt_free(&learnt);
}

static okng_status read_file(int64_t pictures, int64_t rows, okng_afclip_memory *memory, okng_error *error)
{
    float found[2 * EMBEDDING];
    okng_weights *file;
    okng_status status = okng_weights_open(&file, path, error);
    if (status == OKNG_OK) status = okng_afclip_file_read(file, &plan, pictures, rows, found, memory, error);
    if (status == OKNG_OK) assert_memory_equal(found, prototypes, sizeof found);
    okng_weights_close(&file);
    return status;
}

static void a_file_comes_back(void **state)
{
    (void)state;
    okng_afclip_memory memory, read;
    remember(&memory, KEPT);
    write_file(&plan, &memory);
    assert_ok(read_file(PICTURES, KEPT, &read, error));
    assert_int_equal(read.pictures, PICTURES);
    assert_int_equal(read.patches, PATCHES);
    for (int s = 0; s < OKNG_AFCLIP_STREAMS; s++)
        assert_memory_equal(read.streams[s].data, memory.streams[s].data, KEPT * WIDTH * sizeof(float));
    okng_afclip_memory_free(&read);
    assert_ok(read_file(0, 0, &read, error)); /* who wants the words alone */
    assert_null(read.streams[0].data);
    okng_afclip_memory_free(&memory);
}

static void another_file_is_refused(void **state)
{
    (void)state;
    okng_afclip_memory memory, read;
    okng_afclip_plan deeper = plan;
    remember(&memory, KEPT);
    write_file(&plan, &memory);
    assert_fails(OKNG_ERROR_FORMAT, "tensor \"patches.2.1\" is float32 [5, 3], expected float32 [6, 3]",
                 read_file(PICTURES, KEPT + 1, &read, error));
    assert_int_equal(read.pictures, 0);
    memory.streams[7].data[1] = 0.5f;
    write_file(&plan, &memory);
    assert_fails(OKNG_ERROR_FORMAT, "row 0 of tensor \"patches.7.3\" does not have length 1",
                 read_file(PICTURES, KEPT, &read, error));
    memory.streams[7].data[1] = -1;
    deeper.taps[3] = 10;
    write_file(&deeper, &memory);
    assert_fails(OKNG_ERROR_NOT_FOUND, "patches.9.1", read_file(PICTURES, KEPT, &read, error));
    okng_afclip_memory_free(&memory);
    assert_ok(okng_afclip_memory_new(&memory, 0, PATCHES, WIDTH, 0, error));
    write_file(&plan, &memory);
    assert_fails(OKNG_ERROR_NOT_FOUND, "patches.2.1", read_file(PICTURES, KEPT, &read, error));
    okng_afclip_memory_free(&memory);
}

int main(void)
{
    char folder[] = "/tmp/okng-afclip-file-XXXXXX";
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_file_comes_back), cmocka_unit_test(another_file_is_refused)};
    if (!mkdtemp(folder)) return 1;
    (void)snprintf(path, sizeof path, "%s/afclip.safetensors", folder);
    const int failed = RUN_TESTS(tests);
    return okng_test_remove_tree(folder) == 0 ? failed : 1;
}
