/* TorchScript archives: one that torch wrote (make_tensor.py), and hostile ones. */
#include "tensor_bytes.h"

/* ---- what torch writes ---- */

/* Element i is i / 2 - 1, or the one number. */
static void check(const okng_weights *weights, const char *name, okng_dtype dtype, int32_t dims, const int64_t *shape,
                  double first)
{
    const okng_array *array = okng_weights_find(weights, name);
    if (!array) fail_msg("no tensor %s", name);
    assert_int_equal(array->dtype, dtype);
    assert_int_equal(array->dims, dims);
    assert_memory_equal(array->shape, shape, (size_t)dims * sizeof *shape);
    const size_t count = array->bytes / okng_dtype_size(dtype);
    for (size_t i = 0; i < count; i++) {
        float value = 0;
        int64_t whole = 0;
        if (dtype == OKNG_F16) {
            okng_to_float(dtype, (const uint16_t *)array->data + i, 1, &value);
        } else {
            memcpy(&whole, array->data, sizeof whole);
            value = (float)whole;
        }
        if ((double)value != first + 0.5 * (double)i) fail_msg("%s: element %zu is %g", name, i, (double)value);
    }
}

static void attributes_become_the_names_of_the_state_dict(void **state)
{
    (void)state;
    okng_weights *weights;
    assert_ok(okng_weights_open(&weights, GOLDEN("openai_clip.pt"), error));
    assert_true(okng_weights_is_script(weights));
    assert_int_equal(okng_weights_count(weights), 53);
    check(weights, "visual.conv1.weight", OKNG_F16, 4, (int64_t[]){4, 3, 2, 2}, -1);
    check(weights, "visual.proj", OKNG_F16, 2, (int64_t[]){4, 3}, -1);
    check(weights, "visual.transformer.resblocks.1.attn.in_proj_weight", OKNG_F16, 2, (int64_t[]){12, 4}, -1);
    check(weights, "visual.transformer.resblocks.0.mlp.c_proj.bias", OKNG_F16, 1, (int64_t[]){4}, -1);
    check(weights, "transformer.resblocks.0.attn.out_proj.weight", OKNG_F16, 2, (int64_t[]){4, 4}, -1);
    check(weights, "token_embedding.weight", OKNG_F16, 2, (int64_t[]){7, 4}, -1);
    check(weights, "text_projection", OKNG_F16, 2, (int64_t[]){4, 3}, -1);
    check(weights, "logit_scale", OKNG_F16, 0, NULL, -1);
    check(weights, "input_resolution", OKNG_I64, 0, NULL, 4);
    check(weights, "context_length", OKNG_I64, 0, NULL, 6);
    check(weights, "vocab_size", OKNG_I64, 0, NULL, 7);
    okng_weights_close(&weights);
}

static void any_scripted_module_is_read(void **state)
{
    (void)state;
    okng_weights *weights;
    assert_ok(okng_weights_open(&weights, GOLDEN("script.pth"), error));
    assert_int_equal(okng_weights_count(weights), 2);
    assert_non_null(okng_weights_find(weights, "weight"));
    assert_non_null(okng_weights_find(weights, "bias"));
    okng_weights_close(&weights);
    assert_ok(okng_weights_open(&weights, GOLDEN("zip.pth"), error));
    assert_false(okng_weights_is_script(weights));
    okng_weights_close(&weights);
}

/* ---- hostile ones ---- */

/* An archive of that data.pkl; its storage "0" has 64 zero bytes. `only`: the name of the one tensor that it holds. */
static okng_status run(const bytes *pickle, const char *only, okng_error *error)
{
    static const uint8_t storage[64];
    zip_entry entries[] = {{.name = "a/data.pkl", .data = pickle->data, .size = pickle->size},
                           {.name = "a/constants.pkl", .data = "\x80\2).", .size = 4},
                           {.name = "a/data/0", .data = storage, .size = sizeof storage}};
    bytes file = make_zip(entries, 3);
    okng_weights *weights;
    okng_status status = okng_weights_open_memory(&weights, file.data, file.size, "x.pt", error);
    assert_int_equal(status == OKNG_OK, weights != NULL);
    okng_tensor_info info = {.struct_size = sizeof info};
    if (only && status == OKNG_OK) {
        assert_int_equal(okng_weights_count(weights), 1);
        assert_int_equal(okng_weights_tensor(weights, 0, &info, error), OKNG_OK);
        assert_string_equal(info.name, only);
    }
    okng_weights_close(&weights);
    drop(&file);
    return status;
}

static void begin_module(bytes *b, const char *module)
{
    add_text(b, "c");
    add_text(b, module);
    add_text(b, "\nM\n)\x81}(");
}

static void add_key(bytes *b, const char *key)
{
    add_text(b, "X");
    add_number(b, 4, strlen(key));
    add_text(b, key);
}

static const char end_module[] = "ub";

/* Modules called "a" within each other, the last of which has a tensor "w". */
static bytes nested(int depth)
{
    bytes b = {0};
    for (int i = 0; i < depth; i++) {
        begin_module(&b, "__torch__.models.___torch_mangle_1");
        if (i + 1 < depth) add_key(&b, "a");
    }
    add_key(&b, "w");
    add_tensor(&b, "0", 16, "K\1", "K\4\x85", "K\1\x85");
    for (int i = 0; i < depth; i++) add_text(&b, end_module);
    add_text(&b, ".");
    return b;
}

static void modules_nest_up_to_a_limit(void **state)
{
    (void)state;
    bytes b = nested(3), deep = nested(64), deeper = nested(65);
    assert_ok(run(&b, "a.a.w", error));
    assert_ok(run(&deep, NULL, error));
    assert_fails(OKNG_ERROR_LIMIT, "nested deeper than 64", run(&deeper, NULL, error));
    drop(&b);
    drop(&deep);
    drop(&deeper);
}

static void a_module_that_holds_itself_ends(void **state)
{
    (void)state;
    bytes b = {0};
    add_text(&b, "c__torch__\nM\n)\x81q");
    add_number(&b, 1, 0);
    add_text(&b, "}(");
    add_key(&b, "me");
    add_text(&b, "h");
    add_number(&b, 1, 0);
    add_text(&b, end_module);
    add_text(&b, ".");
    assert_fails(OKNG_ERROR_LIMIT, "nested deeper", run(&b, NULL, error));
    drop(&b);
}

/* Each module holds the one before twice: 2^40 of them to go through, in a small file. */
static void modules_held_twice_do_not_grow_without_end(void **state)
{
    (void)state;
    bytes b = {0};
    for (int i = 0; i < 40; i++) {
        begin_module(&b, "__torch__");
        for (int k = 0; k < 2 && i > 0; k++) {
            add_key(&b, k ? "b" : "a");
            add_text(&b, "h");
            add_number(&b, 1, (uint64_t)(i - 1));
        }
        add_text(&b, end_module);
        add_text(&b, "q");
        add_number(&b, 1, (uint64_t)i);
        if (i < 39) add_text(&b, "0");
    }
    add_text(&b, ".");
    assert_fails(OKNG_ERROR_LIMIT, "more than a million attributes", run(&b, NULL, error));
    drop(&b);
}

static void only_the_archives_own_classes_are_allowed(void **state)
{
    (void)state;
    static const struct {
        const char *pickle, *name;
    } cases[] = {
        {"cos\nsystem\n(X\2\0\0\0ls", "os.system"},
        {"cbuiltins\neval\n", "builtins.eval"},
        {"ctorch.nn.modules.linear\nLinear\n", "torch.nn.modules.linear.Linear"},
        {"c__torch__x\nM\n", "__torch__x.M"},
        {"ctorch._utils\n_rebuild_qtensor\n", "torch._utils._rebuild_qtensor"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = {0};
        add_text(&b, cases[i].pickle);
        assert_fails(OKNG_ERROR_UNSUPPORTED, cases[i].name, run(&b, NULL, error));
        drop(&b);
    }
}

static void names_have_a_limit_and_differ(void **state)
{
    (void)state;
    char key[3001];
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    bytes b = {0};
    for (int i = 0; i < 2; i++) {
        begin_module(&b, "__torch__");
        add_key(&b, key);
    }
    add_tensor(&b, "0", 16, "K\1", "K\4\x85", "K\1\x85");
    add_text(&b, "ubub.");
    assert_fails(OKNG_ERROR_LIMIT, "name is too long", run(&b, NULL, error));
    drop(&b);
    begin_module(&b, "__torch__");
    for (int i = 0; i < 2; i++) {
        add_key(&b, "w");
        add_tensor(&b, "0", 16, "K\1", "K\4\x85", "K\1\x85");
    }
    add_text(&b, "ub.");
    assert_fails(OKNG_ERROR_FORMAT, "\"w\" twice", run(&b, NULL, error));
    drop(&b);
}

/* A storage may be longer than what its tensor names of it, as old archives have it, but not shorter. */
static void storages_hold_what_is_named(void **state)
{
    (void)state;
    bytes b = {0};
    begin_module(&b, "__torch__");
    add_key(&b, "w");
    add_tensor(&b, "0", 8, "K\1", "K\4\x85", "K\1\x85");
    add_text(&b, "ub.");
    assert_ok(run(&b, NULL, error));
    drop(&b);
    begin_module(&b, "__torch__");
    add_key(&b, "w");
    add_tensor(&b, "0", 17, "K\1", "K\4\x85", "K\1\x85");
    add_text(&b, "ub.");
    assert_fails(OKNG_ERROR_FORMAT, "has 64 bytes, expected 17 elements", run(&b, NULL, error));
    drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_become_the_names_of_the_state_dict),
        cmocka_unit_test(any_scripted_module_is_read),
        cmocka_unit_test(modules_nest_up_to_a_limit),
        cmocka_unit_test(a_module_that_holds_itself_ends),
        cmocka_unit_test(modules_held_twice_do_not_grow_without_end),
        cmocka_unit_test(only_the_archives_own_classes_are_allowed),
        cmocka_unit_test(names_have_a_limit_and_differ),
        cmocka_unit_test(storages_hold_what_is_named),
    };
    return RUN_TESTS(tests);
}
