/* Hostile pickles. Each is the data.pkl of an otherwise good zip, so what is refused is what the pickle does. */
#include "tensor_bytes.h"

static okng_status run(const void *pickle, size_t size, okng_error *error)
{
    bytes file = make_pth(pickle, size);
    okng_weights *weights;
    okng_status status = okng_weights_open_memory(&weights, file.data, file.size, "x.pth", error);
    assert_int_equal(status == OKNG_OK, weights != NULL);
    okng_weights_close(&weights);
    drop(&file);
    return status;
}

/* One tensor of the 16 elements of storage "0". */
static okng_status run_tensor(int32_t count, const char *offset, const char *shape, const char *strides,
                              okng_error *error)
{
    bytes b = {0};
    add_text(&b, "\x80\x02");
    add_tensor(&b, "0", count, offset, shape, strides);
    add_text(&b, ".");
    okng_status status = run(b.data, b.size, error);
    drop(&b);
    return status;
}

static void globals_outside_the_list_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *pickle, *name;
    } cases[] = {
        {"cos\nsystem\n(X\4...", "os.system"},
        {"cposix\nsystem\n", "posix.system"},
        {"cbuiltins\neval\n", "builtins.eval"},
        {"c__builtin__\neval\n", "__builtin__.eval"},
        {"ctorch.storage\n_load_from_bytes\n", "torch.storage._load_from_bytes"},
        {"ctorch\nQInt8Storage\n", "torch.QInt8Storage"},
        {"ctorch._utils\n_rebuild_sparse_tensor\n", "torch._utils._rebuild_sparse_tensor"},
        {"ctorch\nload\n", "torch.load"},
        {"ctorch.Float\nStorage\n", "torch.Float.Storage"},
        {"c\n\n", "the global . is"},
        {"ccollections\nOrderedDict \n", "collections.OrderedDict "},
        {"\x8c\5posix\x8c\6system\x93", "posix.system"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_error error = {0};
        okng_status status = run(cases[i].pickle, strlen(cases[i].pickle), &error);
        if (status != OKNG_ERROR_UNSUPPORTED || !strstr(error.message, cases[i].name) ||
            !strstr(error.message, "not allowed") || strncmp(error.message, "x.pth: ", 7) != 0)
            fail_msg("%s gave: %s", cases[i].name, error.message);
    }
    bytes b = {0};
    add_text(&b, "c");
    for (int i = 0; i < 100000; i++) add_text(&b, "a");
    assert_fails(OKNG_ERROR_UNSUPPORTED, "aaa...\", which is not allowed", run(b.data, b.size, error));
    drop(&b);
}

static void opcodes_outside_the_list_are_refused(void **state)
{
    (void)state;
    static const char allowed[] =
        "\x80(.0NKMJGXUTCB]})\x85\x86\x87taesuqrhjcRQb\x88\x89\x8a\x8b\x8c\x8d\x8e\x93\x94\x95";
    for (unsigned opcode = 0; opcode < 256; opcode++) {
        uint8_t pickle[] = {(uint8_t)opcode};
        okng_error error = {0};
        okng_status status = run(pickle, 1, &error);
        assert_int_not_equal(status, OKNG_OK);
        bool known = opcode != 0 && strchr(allowed, (char)opcode) != NULL;
        assert_int_equal(strstr(error.message, "which torch.save does not write") == NULL, known);
    }
    assert_fails(OKNG_ERROR_UNSUPPORTED, "opcode 0x69", run(LITERAL("i"), error));      /* INST, which makes objects */
    assert_fails(OKNG_ERROR_UNSUPPORTED, "opcode 0x81", run(LITERAL(")}\x81"), error)); /* NEWOBJ */
    assert_fails(OKNG_ERROR_UNSUPPORTED, "protocol 6", run(LITERAL("\x80\6"), error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "protocol 1", run(LITERAL("\x80\1"), error));
}

static void nothing_else_is_called(void **state)
{
    (void)state;
    assert_fails(OKNG_ERROR_FORMAT, "calls a tuple", run(LITERAL("))R."), error));
    assert_fails(OKNG_ERROR_FORMAT, "calls text", run(LITERAL("X\1\0\0\0a)R."), error));
    assert_fails(OKNG_ERROR_FORMAT, "FloatStorage is called", run(LITERAL("ctorch\nFloatStorage\n)R."), error));
    assert_fails(OKNG_ERROR_FORMAT, "OrderedDict is called", run(LITERAL("ccollections\nOrderedDict\nK\1R."), error));
    assert_fails(OKNG_ERROR_FORMAT, "OrderedDict is called",
                 run(LITERAL("ccollections\nOrderedDict\nK\1\x85R."), error));
    assert_fails(OKNG_ERROR_FORMAT, "OrderedDict is called",
                 run(LITERAL("ccollections\nOrderedDict\n]K\1a\x85R."), error));
    assert_fails(OKNG_ERROR_FORMAT, "_rebuild_tensor is called",
                 run(LITERAL("ctorch._utils\n_rebuild_tensor\n(NNNNtR."), error));
    assert_fails(OKNG_ERROR_FORMAT, "_rebuild_tensor_v2 is called",
                 run(LITERAL("ctorch._utils\n_rebuild_tensor_v2\n)R."), error));
    assert_fails(OKNG_ERROR_FORMAT, "_rebuild_parameter is called",
                 run(LITERAL("ctorch._utils\n_rebuild_parameter\nNNN\x87R."), error));
    assert_fails(OKNG_ERROR_FORMAT, "Size is called", run(LITERAL("ctorch\nSize\nN\x85R."), error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "sets attributes of a tuple", run(LITERAL(")}b."), error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "sets attributes of a global",
                 run(LITERAL("ctorch\nFloatStorage\n}b."), error));
}

static void storages_are_named_exactly_as_torch_names_them(void **state)
{
    (void)state;
    static const struct {
        const char *pickle;
        size_t size;
        const char *part;
    } cases[] = {
        {LITERAL("NQ"), "is no tuple"},
        {LITERAL("NN\x86Q"), "names no storage"},
        {LITERAL("(X\6\0\0\0moduleNNNtQ"), "names no storage"},
        {LITERAL("(X\7\0\0\0storageNtQ"), "names no storage"},
        {LITERAL("(X\7\0\0\0storageNX\1\0\0\0"
                 "0NK\1tQ"),
         "class is no storage"},
        {LITERAL("(X\7\0\0\0storagectorch\nSize\nX\1\0\0\0"
                 "0NK\1tQ"),
         "class is no storage"},
        {LITERAL("(X\7\0\0\0storagectorch\nFloatStorage\nK\0NK\1tQ"), "without a key"},
        {LITERAL("(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"
                 "0NNtQ"),
         "without a key"},
        {LITERAL("(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"
                 "0NJ\xff\xff\xff\xfftQ"),
         "without a key"},
        {LITERAL("(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"
                 "0NK\x10K\1tQ"),
         "broken view"},
        {LITERAL("(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"
                 "0NK\x10(NK\1K\x10ttQ"),
         "outside its storage"},
        {LITERAL("(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"
                 "0NK\x10(NK\x11K\0ttQ"),
         "outside its storage"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_error error = {0};
        okng_status status = run(cases[i].pickle, cases[i].size, &error);
        if (status != OKNG_ERROR_FORMAT || !strstr(error.message, cases[i].part))
            fail_msg("case %zu gave: %s", i, error.message);
    }
}

static void storages_must_be_there_and_of_the_size_named(void **state)
{
    (void)state;
    assert_ok(run_tensor(16, "K\1", "K\2\x85", "K\1\x85", error));
    assert_fails(OKNG_ERROR_FORMAT, "64 bytes, expected 17 elements of float32",
                 run_tensor(17, "K\1", "K\1\x85", "K\1\x85", error));
    assert_fails(OKNG_ERROR_FORMAT, "expected 15 elements", run_tensor(15, "K\1", "K\1\x85", "K\1\x85", error));
    bytes b = {0};
    add_tensor(&b, "1", 16, "K\1", ")", ")");
    add_text(&b, ".");
    assert_fails(OKNG_ERROR_FORMAT, "\"1\" is not in the archive", run(b.data, b.size, error));
    b.size = 0;
    char key[400] = {0};
    memset(key, 'k', sizeof key - 1);
    add_tensor(&b, key, 16, "K\1", ")", ")");
    add_text(&b, ".");
    assert_fails(OKNG_ERROR_LIMIT, "399 bytes, expected at most 255", run(b.data, b.size, error));
    drop(&b);
}

static void tensors_must_lie_inside_their_storage(void **state)
{
    (void)state;
    static const char max[] = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f";
    char two[64], one[64], large[64];
    (void)snprintf(two, sizeof two, "%s%s\x86", max, max);
    (void)snprintf(one, sizeof one, "%s\x85", max);
    (void)snprintf(large, sizeof large, "K\2%s\x86", max);
    assert_ok(run_tensor(16, "K\4", "K\4K\3\x86", "K\3K\1\x86", error));
    assert_ok(run_tensor(16, "K\1", "K\5K\3\x86", "K\3K\1\x86", error)); /* ends at the last element */
    const struct {
        const char *offset, *shape, *strides, *part;
    } cases[] = {
        {"K\2", "K\5K\3\x86", "K\3K\1\x86", "[5, 3] at offset 2 does not fit its storage of 16"},
        {"K\x10", ")", ")", "offset 16"},
        {"J\xff\xff\xff\xff", ")", ")", "offset -1"},
        {max, ")", ")", "does not fit"},
        {"K\1", one, "K\1\x85", "does not fit"},
        {"K\1", two, "K\1K\1\x86", "does not fit"},
        {"K\1", large, "K\1K\1\x86", "does not fit"},
        {"K\1", "K\2\x85", one, "does not fit"},
        {"K\1", "K\2K\2\x86", two, "does not fit"},
        {"K\1", "K\3K\3\x86", "K\7K\1\x86", "does not fit"},
        {"K\1", "K\2K\2\x86", "K\1\x85", "does not fit"},
        {"K\1", "J\xff\xff\xff\xff\x85", "K\1\x85", "no whole number"},
        {"K\1", "K\2\x85", "J\xff\xff\xff\xff\x85", "no whole number"},
        {"K\1", "N\x85", "K\1\x85", "no whole number"},
        {"K\1", "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t", ")", "9 dimensions"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_error error = {0};
        okng_status status = run_tensor(16, cases[i].offset, cases[i].shape, cases[i].strides, &error);
        if (status == OKNG_OK || !strstr(error.message, cases[i].part)) fail_msg("case %zu gave: %s", i, error.message);
    }
}

/* float8 and uint16 are written with a storage of bytes, and their type beside the tensor's sizes. */
static void tensors_of_other_types_are_listed_and_not_read(void **state)
{
    (void)state;
    static const struct {
        const char *function, *storage, *rest, *type;
    } cases[] = {
        {"_rebuild_tensor_v3", "ctorch.storage\nUntypedStorage\n|K\x40", "ctorch\nfloat8_e4m3fn\n", "float8_e4m3fn"},
        {"_rebuild_tensor_v3", "ctorch\nUntypedStorage\n|K\x40", "ctorch\nuint16\n", "uint16"},
        {"_rebuild_tensor_v2", "ctorch\nComplexFloatStorage\n|K\x08", "", "ComplexFloatStorage"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *bar = strchr(cases[i].storage, '|');
        bytes b = {0};
        add_text(&b, "\x80\x02}(U\1actorch._utils\n");
        add_text(&b, cases[i].function);
        add_text(&b, "\n((U\7storage");
        add(&b, cases[i].storage, (size_t)(bar - cases[i].storage));
        add_text(&b, "U\1"
                     "0U\3cpu");
        add_text(&b, bar + 1);
        add(&b, LITERAL("tQK\0K\2\x85K\1\x85\x89N"));
        add_text(&b, cases[i].rest);
        add_text(&b, "tRu.");
        bytes file = make_pth(b.data, b.size);
        okng_weights *weights;
        const okng_array *array;
        okng_tensor_info info = {.struct_size = sizeof info};
        assert_ok(okng_weights_open_memory(&weights, file.data, file.size, "x.pth", error));
        assert_ok(okng_weights_tensor(weights, 0, &info, error));
        assert_true(info.dtype == OKNG_DTYPE_OTHER && info.dims == 1 && info.shape[0] == 2);
        assert_string_equal(info.type_name, cases[i].type);
        assert_null(okng_weights_find(weights, "a"));
        assert_fails(OKNG_ERROR_UNSUPPORTED, cases[i].type, okng_weights_get(weights, "a", &array, error));
        okng_weights_close(&weights);
        drop(&file);
        drop(&b);
    }
}

/* A view may be of any size, so what is copied stays below the file's. */
static void views_with_strides_are_copied_up_to_the_size_of_the_file(void **state)
{
    (void)state;
    static const struct {
        const char *shape, *strides;
        bool read;
    } cases[] = {{"K\4K\3\x86", "K\1K\4\x86", true}, {"(K\3K\3K\3K\3K\3t", "(K\1K\1K\1K\1K\1t", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = {0};
        add_text(&b, "\x80\2}(U\1a");
        add_tensor(&b, "0", 16, "K\1", cases[i].shape, cases[i].strides);
        add_text(&b, "u.");
        bytes file = make_pth(b.data, b.size);
        okng_weights *weights;
        const okng_array *array = NULL;
        assert_ok(okng_weights_open_memory(&weights, file.data, file.size, "x.pth", error));
        if (cases[i].read)
            assert_ok(okng_weights_get(weights, "a", &array, error));
        else
            assert_fails(OKNG_ERROR_UNSUPPORTED, "view with strides", okng_weights_get(weights, "a", &array, error));
        if (array) assert_true(array->dims == 2 && ((const float *)array->data)[11] == 0);
        okng_weights_close(&weights);
        drop(&file);
        drop(&b);
    }
}

static void huge_counts_end_at_the_end_of_the_file(void **state)
{
    (void)state;
    assert_fails(OKNG_ERROR_FORMAT, "cut off", run(LITERAL("\x8b\xff\xff\xff\x7f"), error)); /* LONG4 */
    assert_fails(OKNG_ERROR_FORMAT, "cut off", run(LITERAL("\x8b\xff\xff\xff\xff"), error)); /* negative */
    assert_fails(OKNG_ERROR_FORMAT, "cut off", run(LITERAL("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"), error)); /* text */
    assert_fails(OKNG_ERROR_FORMAT, "cut off", run(LITERAL("\x8e\0\0\0\0\0\0\0\x80"), error));               /* bytes */
    assert_fails(OKNG_ERROR_FORMAT, "cut off", run(LITERAL("X\xff\xff\xff\xff"), error));
    assert_fails(OKNG_ERROR_FORMAT, "cut off", run(LITERAL("T\0\0\0\x80"), error));
    assert_fails(OKNG_ERROR_FORMAT, "cut off", run(LITERAL(""), error));
    assert_fails(OKNG_ERROR_FORMAT, "memo index 4294967295", run(LITERAL("Nr\xff\xff\xff\xff"), error));
    assert_fails(OKNG_ERROR_FORMAT, "memo index 255", run(LITERAL("Nq\xff"), error));
}

static void the_stack_and_the_memo_are_checked(void **state)
{
    (void)state;
    static const char *const empty[] = {"R",     "Nb",     "s", "}K\1s", "a",   "Na",   "t",    "u",  "e",       "\x85",
                                        "N\x86", "NN\x87", "Q", "0",     "q\1", "\x94", "\x93", "(u", "}((Nt(u", "N(e"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
        assert_fails(OKNG_ERROR_FORMAT, "pickle, byte", run(empty[i], strlen(empty[i]), error));
    assert_fails(OKNG_ERROR_FORMAT, "memo 7, which was never put", run(LITERAL("h\7."), error));
    assert_fails(OKNG_ERROR_FORMAT, "memo 1, which was never put", run(LITERAL("Nq\2h\1."), error));
    assert_fails(OKNG_ERROR_FORMAT, "ends with 0 values", run(LITERAL("."), error));
    assert_fails(OKNG_ERROR_FORMAT, "ends with 2 values", run(LITERAL("NN."), error));
    assert_fails(OKNG_ERROR_FORMAT, "ends with 1 values", run(LITERAL("N(."), error));
    assert_fails(OKNG_ERROR_FORMAT, "a key without a value", run(LITERAL("}(Nu."), error));
    assert_fails(OKNG_ERROR_FORMAT, "adds to None as if it were a dict", run(LITERAL("N(u."), error));
    assert_fails(OKNG_ERROR_FORMAT, "adds to a dict as if it were a list", run(LITERAL("}Na."), error));
    assert_fails(OKNG_ERROR_FORMAT, "names a global by None", run(LITERAL("NN\x93."), error));
    assert_fails(OKNG_ERROR_FORMAT, "1 bytes after its end", run(LITERAL("}.."), error));
}

static void limits_stop_what_would_grow_without_end(void **state)
{
    (void)state;
    enum { MANY = 3000000 };
    uint8_t *pickle = malloc(MANY);
    assert_non_null(pickle);
    memset(pickle, '(', 1000000);
    assert_fails(OKNG_ERROR_LIMIT, "nested deeper than 1024", run(pickle, 1000000, error));
    memset(pickle, ')', MANY);
    assert_fails(OKNG_ERROR_LIMIT, "more than 65536 values on the stack", run(pickle, MANY, error));
    pickle[0] = 'N';
    for (size_t i = 1; i < MANY; i++) pickle[i] = 0x85;
    assert_fails(OKNG_ERROR_LIMIT, "more than 2097152 objects", run(pickle, MANY, error));
    free(pickle);
}

static void names_must_be_text_and_differ(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        size_t size;
        const char *part;
    } cases[] = {
        {LITERAL("a\0b"), "not text"},
        {LITERAL("\xff"), "not text"},
        {LITERAL("\xc0\x80"), "not text"},
        {LITERAL("\xed\xa0\x80"), "not text"},
        {LITERAL("\xf4\x90\x80\x80"), "not text"},
        {LITERAL("x\xe2\x82"), "not text"},
        {LITERAL("\xe0\x80\x80"), "not text"},
        {LITERAL("\xf0\x80\x80\x80"), "not text"},
        {LITERAL("same"), "\"same\" twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = {0};
        add_text(&b, "}(");
        for (int n = 0; n < 2; n++) {
            add_text(&b, "X");
            add_number(&b, 4, cases[i].size);
            add(&b, cases[i].key, cases[i].size);
            add_tensor(&b, "0", 16, "K\1", ")", ")");
        }
        add_text(&b, "u.");
        okng_error error = {0};
        if (run(b.data, b.size, &error) != OKNG_ERROR_FORMAT || !strstr(error.message, cases[i].part))
            fail_msg("case %zu gave: %s", i, error.message);
        drop(&b);
    }
    bytes b = {0};
    add_text(&b, "}X");
    add_number(&b, 4, 5000);
    for (int i = 0; i < 5000; i++) add_text(&b, "n");
    add_tensor(&b, "0", 16, "K\1", ")", ")");
    add_text(&b, "s.");
    assert_fails(OKNG_ERROR_LIMIT, "name of 5000 bytes", run(b.data, b.size, error));
    drop(&b);
}

static void a_dict_that_holds_itself_ends(void **state)
{
    (void)state;
    assert_fails(OKNG_ERROR_LIMIT, "nested deeper than 4", run(LITERAL("}q\0X\5\0\0\0modelh\0s."), error));
    assert_ok(run(LITERAL("}q\0X\5\0\0\0otherh\0s."), error));
}

/* Python 2 pickles str, and an OrderedDict as a call with a list of pairs. */
static void a_dict_written_by_python_2_is_read(void **state)
{
    (void)state;
    bytes b = {0};
    add_text(&b, "\x80\2"
                 "ccollections\nOrderedDict\n](](U\4name");
    add_tensor(&b, "0", 16, "K\1", ")", ")");
    add_text(&b, "ee\x85R.");
    bytes file = make_pth(b.data, b.size);
    okng_weights *weights;
    assert_ok(okng_weights_open_memory(&weights, file.data, file.size, "x.pth", error));
    assert_non_null(okng_weights_find(weights, "name"));
    okng_weights_close(&weights);
    drop(&file);
    drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(globals_outside_the_list_are_refused_by_name),
        cmocka_unit_test(opcodes_outside_the_list_are_refused),
        cmocka_unit_test(nothing_else_is_called),
        cmocka_unit_test(storages_are_named_exactly_as_torch_names_them),
        cmocka_unit_test(storages_must_be_there_and_of_the_size_named),
        cmocka_unit_test(tensors_must_lie_inside_their_storage),
        cmocka_unit_test(tensors_of_other_types_are_listed_and_not_read),
        cmocka_unit_test(views_with_strides_are_copied_up_to_the_size_of_the_file),
        cmocka_unit_test(huge_counts_end_at_the_end_of_the_file),
        cmocka_unit_test(the_stack_and_the_memo_are_checked),
        cmocka_unit_test(limits_stop_what_would_grow_without_end),
        cmocka_unit_test(names_must_be_text_and_differ),
        cmocka_unit_test(a_dict_that_holds_itself_ends),
        cmocka_unit_test(a_dict_written_by_python_2_is_read),
    };
    return RUN_TESTS(tests);
}
