/* Checkpoints as torch.save writes them: what is written is read again, tensors and settings. */
#include "tensor/pickle_find.h"
#include "tensor/pt_state.h"
#include "tensor_bytes.h"

static char path[] = "/tmp/okng_state_XXXXXX";

static int make_path(void **state)
{
    (void)state;
    const int descriptor = mkstemp(path);
    return descriptor < 0 ? -1 : close(descriptor);
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

typedef struct made {
    okng_array *weight, *count, *flag;
    okng_named_array list[3];
} made;

static made make(void)
{
    made m = {0};
    assert_ok(okng_array_new(&m.weight, OKNG_F32, 4, (int64_t[]){3, 2, 1, 5}, error));
    assert_ok(okng_array_new(&m.count, OKNG_I64, 0, NULL, error));
    assert_ok(okng_array_new(&m.flag, OKNG_BOOL, 1, (int64_t[]){300}, error));
    for (int i = 0; i < 30; i++) ((float *)m.weight->data)[i] = (float)i / 4 - 3;
    *(int64_t *)m.count->data = -5000000000;
    ((uint8_t *)m.flag->data)[299] = 1;
    m.list[0] = (okng_named_array){"model.layer1.0.conv1.weight", m.weight};
    m.list[1] = (okng_named_array){"model.bn1.num_batches_tracked", m.count};
    m.list[2] = (okng_named_array){"model.flag", m.flag};
    return m;
}

static void drop_made(made *m)
{
    okng_array_free(&m->weight);
    okng_array_free(&m->count);
    okng_array_free(&m->flag);
}

static void check_array(const okng_weights *weights, const okng_named_array *expected)
{
    const okng_array *found = okng_weights_find(weights, expected->name);
    if (!found) fail_msg("no %s", expected->name);
    assert_int_equal(found->dtype, expected->array->dtype);
    assert_int_equal(found->dims, expected->array->dims);
    for (int32_t i = 0; i < found->dims; i++) assert_int_equal(found->shape[i], expected->array->shape[i]);
    assert_int_equal(found->bytes, expected->array->bytes);
    assert_memory_equal(found->data, expected->array->data, found->bytes);
    assert_int_equal(((const char *)found->data - (const char *)okng_weights_bytes(weights, &(size_t){0})) % 64, 0);
}

static okng_status write_state(const char *to, const okng_named_array *tensors, size_t count,
                               const okng_pt_setting *settings, size_t setting_count, okng_error *error)
{
    okng_writer writer;
    OKNG_TRY(okng_pt_write_state(&writer, to, tensors, count, settings, setting_count, error));
    return okng_writer_commit(&writer, error);
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    made m = make();
    okng_weights *weights;
    okng_pickle_ref root;
    okng_name word;
    int64_t whole;
    const okng_pt_setting settings[] = {{.name = "backbone", .text = "resnet18"},
                                        {.name = "layers", .words = {"layer2", "layer3"}},
                                        {.name = "coreset_sampling_ratio", .is_real = true, .real = 0.001},
                                        {.name = "num_neighbors", .whole = 9},
                                        {.name = "large", .whole = -(1LL << 40)}};
    assert_ok(write_state(path, m.list, 3, settings, 5, error));
    assert_ok(okng_weights_open_checkpoint(&weights, path, error));
    assert_int_equal(okng_weights_count(weights), 3);
    for (int i = 0; i < 3; i++) check_array(weights, &m.list[i]);
    const okng_pickle *p = okng_weights_object(weights, &root);
    const okng_pickle_value *all = okng_pickle_member(p, okng_pickle_get(p, root), "hyper_parameters");
    assert_true(okng_pickle_word(p, okng_pickle_member(p, all, "backbone"), &word));
    assert_true(word.length == 8 && memcmp(word.text, "resnet18", 8) == 0);
    const okng_pickle_value *layers = okng_pickle_sequence(p, okng_pickle_member(p, all, "layers"));
    assert_int_equal(layers->length, 2);
    assert_true(okng_pickle_word(p, okng_pickle_at(p, layers, 1), &word) && memcmp(word.text, "layer3", 6) == 0);
    assert_true(okng_pickle_whole(p, okng_pickle_member(p, all, "num_neighbors"), &whole) && whole == 9);
    assert_true(okng_pickle_whole(p, okng_pickle_member(p, all, "large"), &whole) && whole == -(1LL << 40));
    const okng_pickle_value *ratio = okng_pickle_member(p, all, "coreset_sampling_ratio");
    assert_true(ratio->kind == OKNG_PICKLE_FLOAT && ratio->as.real == 0.001);
    okng_weights_close(&weights);
    drop_made(&m);
}

static void the_same_tensors_give_the_same_bytes(void **state)
{
    (void)state;
    made m = make();
    assert_ok(write_state(path, m.list, 3, NULL, 0, error));
    bytes first = read_file(path);
    assert_ok(write_state(path, m.list, 3, NULL, 0, error));
    bytes second = read_file(path);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    drop(&first);
    drop(&second);
    drop_made(&m);
}

static void what_torch_has_no_place_for_is_refused(void **state)
{
    (void)state;
    made m = make();
    m.flag->dtype = OKNG_DTYPE_OTHER;
    assert_fails(OKNG_ERROR_ARGUMENT, "no storage", write_state(path, m.list, 3, NULL, 0, error));
    m.flag->dtype = OKNG_BOOL;
    assert_fails(OKNG_ERROR_NOT_FOUND, "/nowhere/x", write_state("/nowhere/x", m.list, 3, NULL, 0, error));
    drop_made(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(the_same_tensors_give_the_same_bytes),
        cmocka_unit_test(what_torch_has_no_place_for_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
