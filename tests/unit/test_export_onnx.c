/* Programs as ONNX and back: what is read computes the same bits as what was written. */
#include "test.h"

#include <signal.h>
#include <sys/resource.h>

#include "base/file.h"
#include "export/export.h"
#include "export/walk.h"
#include "made_programs.h"

static char folder[] = "/tmp/okng_test_export_XXXXXX", model[64], data[80];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(model, sizeof model, "%s/model.onnx", folder);
    (void)snprintf(data, sizeof data, "%s.data", model);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static okng_program *make(const made_program *made)
{
    okng_program *p;
    assert_ok(okng_program_new(&p, error));
    made->build(p);
    assert_ok(okng_program_check(p, error));
    return p;
}

typedef struct results {
    okng_array *outputs[OKNG_PROGRAM_MAX_ENDS];
} results;

static results run(const okng_program *p)
{
    results all = {0};
    okng_array *inputs[OKNG_PROGRAM_MAX_ENDS] = {0};
    for (int32_t i = 0; i < p->input_count; i++) assert_non_null(inputs[i] = made_input(p, i));
    assert_ok(okng_program_run(p, (const okng_array *const *)inputs, 1, all.outputs, error));
    for (int32_t i = 0; i < p->input_count; i++) okng_array_free(&inputs[i]);
    return all;
}

static void release(results *all)
{
    for (int32_t i = 0; i < OKNG_PROGRAM_MAX_ENDS; i++) okng_array_free(&all->outputs[i]);
}

/* The largest difference of numbers; -1 where types or shapes differ. */
static double difference(const okng_array *a, const okng_array *b)
{
    double most = 0;
    if (a->dtype != b->dtype || a->dims != b->dims || a->bytes != b->bytes) return -1;
    for (int32_t i = 0; i < a->dims; i++)
        if (a->shape[i] != b->shape[i]) return -1;
    if (a->dtype != OKNG_F32) return memcmp(a->data, b->data, a->bytes) == 0 ? 0 : INFINITY;
    for (size_t i = 0; i < a->bytes / sizeof(float); i++)
        most = fmax(most, fabs((double)((const float *)a->data)[i] - (double)((const float *)b->data)[i]));
    return most;
}

/* Writes and reads a program; what is read has the same inputs, outputs and results. */
static void go_round(const okng_program *p, const okng_export_target *target, double tolerance)
{
    okng_program *read;
    okng_export_files files;
    assert_ok(okng_export_onnx(p, target, &files, error));
    assert_ok(okng_export_read_onnx(&read, target->path, error));
    assert_int_equal(read->input_count, p->input_count);
    assert_int_equal(read->output_count, p->output_count);
    for (int32_t i = 0; i < p->input_count; i++) {
        const okng_program_node *a = &p->nodes[p->inputs[i]], *b = &read->nodes[read->inputs[i]];
        assert_string_equal(a->name, b->name);
        assert_true(okng_program_type_equal(&a->type, &b->type));
    }
    results own = run(p), other = run(read);
    for (int32_t i = 0; i < p->output_count; i++) {
        assert_string_equal(p->outputs[i].name, read->outputs[i].name);
        const double off = difference(own.outputs[i], other.outputs[i]);
        if (off < 0 || off > tolerance) fail_msg("%s, output %s: off by %g", target->name, p->outputs[i].name, off);
    }
    release(&own);
    release(&other);
    okng_program_free(&read);
}

static void test_every_program_comes_back(void **state)
{
    (void)state;
    static const int32_t opsets[] = {0, 18, 20};
    for (size_t i = 0; i < MADE_PROGRAMS; i++) {
        okng_program *p = make(&made_programs[i]);
        for (size_t k = 0; k < sizeof opsets / sizeof opsets[0]; k++)
            go_round(p, &(okng_export_target){.path = model, .name = made_programs[i].name, .opset = opsets[k]}, 0);
        okng_program_free(&p);
    }
}

static void test_every_operator_is_among_them(void **state)
{
    (void)state;
    bool seen[OKNG_PROGRAM_OP_COUNT] = {false};
    for (size_t i = 0; i < MADE_PROGRAMS; i++) {
        okng_program *p = make(&made_programs[i]);
        for (size_t k = 0; k < p->count; k++) seen[p->nodes[k].op] = true;
        okng_program_free(&p);
    }
    for (okng_program_op op = 0; op < OKNG_PROGRAM_OP_COUNT; op++)
        if (!seen[op]) fail_msg("no program of made_programs.h has the operator %s", okng_program_row_of(op)->name);
}

static void test_numbers_in_a_file_of_their_own(void **state)
{
    (void)state;
    okng_export_files files;
    okng_program *p = make(&made_programs[MADE_PROGRAMS - 1]);
    okng_export_target target = {.path = model, .name = "names", .data_apart = 1};
    go_round(p, &target, 0);
    assert_ok(okng_export_onnx(p, &target, &files, error));
    assert_true(files.data_bytes == 128 * 160 * sizeof(float));
    assert_true(files.bytes < 4096);
    struct stat info;
    assert_true(stat(data, &info) == 0 && (uint64_t)info.st_size == files.data_bytes);
    assert_true(stat(model, &info) == 0 && (uint64_t)info.st_size == files.bytes);
    assert_int_equal(truncate(data, 1000), 0);
    okng_program *read;
    assert_fails(OKNG_ERROR_FORMAT, "beyond the end", okng_export_read_onnx(&read, model, error));
    assert_int_equal(unlink(data), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "model.onnx.data", okng_export_read_onnx(&read, model, error));
    okng_program_free(&p);
}

static void test_half(void **state)
{
    (void)state;
    okng_export_files whole, halved;
    okng_program *p = make(&made_programs[MADE_PROGRAMS - 1]);
    const okng_export_target target = {.path = model, .name = "names", .half = true};
    assert_ok(okng_export_onnx(p, &(okng_export_target){.path = model, .name = "names"}, &whole, error));
    assert_ok(okng_export_onnx(p, &target, &halved, error));
    assert_true(whole.bytes - halved.bytes > 40000);
    go_round(p, &target, 128 * 5e-4);
    results own = run(p);
    release(&own);
    okng_program_free(&p);
}

/* What float16 cannot hold stays float32. */
static void test_half_keeps_large_numbers(void **state)
{
    (void)state;
    okng_program *p;
    const int64_t dims[2] = {128, 128};
    float *numbers = calloc(128 * 128, sizeof *numbers);
    assert_non_null(numbers);
    numbers[5] = 70000;
    assert_ok(okng_program_new(&p, error));
    const okng_program_value x = okng_program_input(p, "input", OKNG_F32, 2, dims);
    okng_program_output(p, "sum",
                        okng_program_add(p, x, okng_program_constant(p, "c", OKNG_F32, 2, dims, numbers, true)));
    okng_export_files files;
    const okng_export_target target = {.path = model, .name = "large", .half = true};
    assert_ok(okng_export_onnx(p, &target, &files, error));
    assert_true(files.bytes > 128 * 128 * sizeof *numbers);
    numbers[5] = 65504;
    assert_ok(okng_export_onnx(p, &target, &files, error));
    assert_true(files.bytes < 128 * 128 * sizeof *numbers);
    okng_program_free(&p);
    free(numbers);
}

static void test_refusals(void **state)
{
    (void)state;
    okng_program *p = make(&made_programs[5]), *empty;
    okng_export_target target = {.path = model, .name = "pixels", .opset = 17};
    assert_string_equal(made_programs[5].name, "pixels");
    assert_fails(OKNG_ERROR_UNSUPPORTED, "needs opset 18", okng_export_onnx(p, &target, NULL, error));
    target.opset = 99;
    assert_fails(OKNG_ERROR_ARGUMENT, "expected 17 to 20", okng_export_onnx(p, &target, NULL, error));
    assert_ok(okng_program_new(&empty, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "without outputs", okng_export_onnx(empty, &target, NULL, error));
    okng_program_free(&empty);
    target = (okng_export_target){.path = "/nowhere/model.onnx", .name = "x"};
    assert_fails(OKNG_ERROR_NOT_FOUND, "/nowhere/model.onnx", okng_export_onnx(p, &target, NULL, error));
    okng_program_free(&p);
}

/* A file that is cut off, or damaged anywhere, is refused or read as something whole. */
static void test_damage(void **state)
{
    (void)state;
    size_t size;
    void *bytes;
    okng_program *p = make(&made_programs[4]), *read;
    assert_ok(okng_export_onnx(p, &(okng_export_target){.path = model, .name = "places"}, NULL, error));
    assert_ok(okng_file_read(model, 1 << 20, &bytes, &size, error));
    okng_error found;
    for (size_t cut = 0; cut < size; cut++) {
        assert_ok(okng_file_write(model, bytes, cut, error));
        if (okng_export_read_onnx(&read, model, &found) == OKNG_OK) fail_msg("%zu of %zu bytes were read", cut, size);
        assert_true(found.status == OKNG_ERROR_FORMAT || found.status == OKNG_ERROR_UNSUPPORTED);
    }
    for (size_t at = 0; at < size; at += 3) {
        ((uint8_t *)bytes)[at] ^= 0x55;
        assert_ok(okng_file_write(model, bytes, size, error));
        if (okng_export_read_onnx(&read, model, &found) == OKNG_OK) okng_program_free(&read);
        ((uint8_t *)bytes)[at] ^= 0x55;
    }
    free(bytes);
    okng_program_free(&p);
}

/* Constants as lists of numbers, which okng does not write but tools do that people change models with. */
static void test_lists_of_numbers(void **state)
{
    (void)state;
    okng_program *p;
    okng_array *x, *outputs[OKNG_PROGRAM_MAX_ENDS] = {0};
    static const float given[4] = {1, 2, 3, 4}, expected[4] = {1.5f, 2, 0.75f, 1.75f};
    const int64_t shape[3] = {1, 2, 2};
    assert_ok(okng_export_read_onnx(&p, OKNG_GOLDEN "/export/lists.onnx", error));
    assert_ok(okng_array_new(&x, OKNG_F32, 3, shape, error));
    memcpy(x->data, given, sizeof given);
    assert_ok(okng_program_run(p, (const okng_array *const[]){x}, 1, outputs, error));
    assert_memory_equal(outputs[0]->data, expected, sizeof expected);
    okng_array_free(&outputs[0]);
    okng_array_free(&x);
    okng_program_free(&p);
}

/* Numbers that do not fit on the disk: the old model stays with its own. A limit on the size of files stands in. */
static void test_full_disk(void **state)
{
    (void)state;
    struct rlimit before, small;
    size_t size, left_size;
    void *bytes, *left;
    okng_program *p = make(&made_programs[MADE_PROGRAMS - 1]), *read;
    const okng_export_target target = {.path = model, .name = "names", .data_apart = 1};
    assert_ok(okng_export_onnx(p, &target, NULL, error));
    assert_ok(okng_file_read(model, 1 << 20, &bytes, &size, error));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){1 << 14, before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    okng_error found = {0};
    const okng_status status = okng_export_onnx(p, &target, NULL, &found);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(status, OKNG_ERROR_IO);
    assert_ok(okng_file_read(model, 1 << 20, &left, &left_size, error));
    assert_true(left_size == size && memcmp(left, bytes, size) == 0);
    assert_ok(okng_export_read_onnx(&read, model, error));
    okng_program_free(&read);
    okng_program_free(&p);
    free(bytes);
    free(left);
}

/* ---- files of others, byte by byte ---- */

typedef struct message {
    uint8_t bytes[1024];
    size_t size;
} message;

static void put_varint(message *m, uint64_t value)
{
    for (; value >= 128; value >>= 7) m->bytes[m->size++] = (uint8_t)(value | 128);
    m->bytes[m->size++] = (uint8_t)value;
}

static void put_number(message *m, unsigned field, uint64_t value)
{
    put_varint(m, field << 3);
    put_varint(m, value);
}

static void put_bytes(message *m, unsigned field, const void *bytes, size_t size)
{
    assert_true(m->size + size + 8 < sizeof m->bytes);
    put_varint(m, field << 3 | 2);
    put_varint(m, size);
    memcpy(m->bytes + m->size, bytes, size);
    m->size += size;
}

static void put_text(message *m, unsigned field, const char *text)
{
    put_bytes(m, field, text, strlen(text));
}

/* int64 [count] */
static void put_constant(message *graph, const char *name, const int64_t *numbers, size_t count)
{
    message tensor = {.size = 0};
    put_number(&tensor, 1, count);
    put_number(&tensor, 2, 7);
    put_text(&tensor, 8, name);
    put_bytes(&tensor, 9, numbers, count * sizeof *numbers);
    put_bytes(graph, 5, tensor.bytes, tensor.size);
}

/* The input "x", float [1, 24]. */
static void put_input(message *graph)
{
    message shape = {.size = 0}, dim, tensor = {.size = 0}, type = {.size = 0}, value = {.size = 0};
    for (uint64_t side = 1; side <= 24; side += 23) {
        dim.size = 0;
        put_number(&dim, 1, side);
        put_bytes(&shape, 1, dim.bytes, dim.size);
    }
    put_number(&tensor, 1, 1);
    put_bytes(&tensor, 2, shape.bytes, shape.size);
    put_bytes(&type, 1, tensor.bytes, tensor.size);
    put_text(&value, 1, "x");
    put_bytes(&value, 2, type.bytes, type.size);
    put_bytes(graph, 11, value.bytes, value.size);
}

/* A model of one operator, "y" = op(x, inputs ...), whose constants are in the graph, as a file. */
static void write_one(message *graph, const char *op, const char *const *inputs)
{
    message node = {.size = 0}, output = {.size = 0}, whole = {.size = 0};
    put_input(graph);
    for (; *inputs; inputs++) put_text(&node, 1, *inputs);
    put_text(&node, 2, "y");
    put_text(&node, 4, op);
    put_bytes(graph, 1, node.bytes, node.size);
    put_text(&output, 1, "y");
    put_bytes(graph, 12, output.bytes, output.size);
    put_bytes(&whole, 7, graph->bytes, graph->size);
    assert_ok(okng_file_write(model, whole.bytes, whole.size, error));
}

/* k is one number. Twelve of them, the most that any operator is set by, are no k, and have to be put nowhere. */
static void test_top_k_of_many_numbers(void **state)
{
    (void)state;
    const int64_t numbers[12] = {3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    for (size_t count = 1; count <= 12; count += 11) {
        message graph = {.size = 0};
        okng_program *read;
        put_constant(&graph, "k", numbers, count);
        write_one(&graph, "TopK", (const char *const[]){"x", "k", NULL});
        if (count > 1) {
            assert_fails(OKNG_ERROR_UNSUPPORTED, "TopK", okng_export_read_onnx(&read, model, error));
            continue;
        }
        assert_ok(okng_export_read_onnx(&read, model, error));
        assert_int_equal(okng_program_dim(read, read->outputs[0].value, 1), 3);
        okng_program_free(&read);
    }
}

/* Pads of axes that are named may stand in any order: such a Pad is refused, not read as if they were not. */
static void test_pad_of_named_axes(void **state)
{
    (void)state;
    const int64_t pads[4] = {0, 2, 0, 0}, axes[2] = {1, 0};
    message graph = {.size = 0};
    okng_program *read;
    put_constant(&graph, "pads", pads, 4);
    put_constant(&graph, "axes", axes, 2);
    message plain = graph;
    write_one(&plain, "Pad", (const char *const[]){"x", "pads", NULL});
    assert_ok(okng_export_read_onnx(&read, model, error));
    assert_int_equal(okng_program_dim(read, read->outputs[0].value, 1), 26);
    okng_program_free(&read);
    write_one(&graph, "Pad", (const char *const[]){"x", "pads", "", "axes", NULL});
    assert_fails(OKNG_ERROR_UNSUPPORTED, "Pad", okng_export_read_onnx(&read, model, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_program_comes_back),
        cmocka_unit_test(test_every_operator_is_among_them),
        cmocka_unit_test(test_numbers_in_a_file_of_their_own),
        cmocka_unit_test(test_half),
        cmocka_unit_test(test_half_keeps_large_numbers),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_lists_of_numbers),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_top_k_of_many_numbers),
        cmocka_unit_test(test_pad_of_named_axes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
