/* Hostile files of torch's older container. */
#include <unistd.h>

#include "tensor_bytes.h"

typedef struct parts {
    const char *version, *system, *keys; /* pickles; NULL: as torch writes them */
    const char *object;
    size_t object_size; /* 0: of the text */
    size_t key_count;
    int64_t count;   /* of the storage "0" */
    size_t elements; /* that are there */
} parts;

static okng_status open_parts(const parts *p, okng_error *error)
{
    bytes b = {0};
    add_text(&b, "\x80\2\x8a\n\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.");
    add_text(&b, p->version ? p->version : "\x80\2M\xe9\3.");
    add_text(&b, p->system ? p->system : "\x80\2}.");
    if (p->object)
        add(&b, p->object, p->object_size ? p->object_size : strlen(p->object));
    else {
        add_text(&b, "\x80\2");
        add_tensor(&b, "0", 16, "K\4", "K\3K\4\x86", "K\4K\1\x86");
        add_text(&b, ".");
    }
    if (p->keys)
        add_text(&b, p->keys);
    else
        add(&b, LITERAL("\x80\2]X\1\0\0\0"
                        "0a."));
    for (size_t i = 0; i < p->key_count; i++) {
        add_number(&b, 8, (uint64_t)p->count);
        for (size_t e = 0; e < p->elements; e++) add_number(&b, 4, 0);
    }
    okng_weights *weights;
    okng_status status = okng_weights_open_memory(&weights, b.data, b.size, "x.pth", error);
    assert_int_equal(status == OKNG_OK, weights != NULL);
    okng_weights_close(&weights);
    drop(&b);
    return status;
}

static void each_part_must_be_what_torch_writes(void **state)
{
    (void)state;
    static const struct {
        parts parts;
        const char *part; /* of the message; NULL: it opens */
    } cases[] = {
        {{.key_count = 1, .count = 16, .elements = 16}, NULL},
        {{.object = "}.", .keys = "]."}, NULL},
        {{.version = "M\xea\3."}, "stream version is not 1001"},
        {{.version = "N."}, "stream version is not 1001"},
        {{.system = "]."}, "a list where the system is described"},
        {{.system = "}U\rlittle_endian\x89s."}, "big-endian"},
        {{.system = "}U\rlittle_endian\x88s.", .key_count = 1, .count = 16, .elements = 16}, NULL},
        {{.keys = "}."}, "a dict where the storages are listed"},
        {{.keys = "]Na."}, "the list of storages holds None"},
        {{.keys = "]U\1"
                  "1a."},
         "\"1\": no tensor names it"},
        {{.keys = "]."}, "\"0\" is not in the file"},
        {{.keys = "](U\1"
                  "0U\1"
                  "0e.",
          .key_count = 2,
          .count = 16,
          .elements = 16},
         "comes twice"},
        {{.key_count = 0}, "its count is missing"},
        {{.key_count = 1, .count = 15, .elements = 15}, "has 15 elements, expected 16"},
        {{.key_count = 1, .count = -1, .elements = 16}, "has 18446744073709551615 elements"},
        {{.key_count = 1, .count = 16, .elements = 15}, "its elements are missing"},
        {{.key_count = 1, .count = 16, .elements = 17}, "4 bytes after the last storage"},
        {{.object = "cos\nsystem\n."}, "os.system"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_error error = {0};
        okng_status status = open_parts(&cases[i].parts, &error);
        bool right = cases[i].part ? status != OKNG_OK && strstr(error.message, cases[i].part) : status == OKNG_OK;
        if (!right) fail_msg("case %zu gave: %s", i, error.message);
    }
}

static void one_key_has_one_type_and_count(void **state)
{
    (void)state;
    bytes b = {0};
    add_text(&b, "](");
    add_tensor(&b, "0", 16, "K\1", ")", ")");
    add_tensor(&b, "0", 15, "K\1", ")", ")");
    add_text(&b, "e.");
    parts p = {.object = (const char *)b.data, .object_size = b.size, .key_count = 1, .count = 16, .elements = 16};
    assert_fails(OKNG_ERROR_FORMAT, "different types or counts", open_parts(&p, error));
    drop(&b);
}

/* Files from before PyTorch 0.2 may name a part of a storage as (key, offset, count). */
static void a_view_of_a_storage_begins_at_its_offset(void **state)
{
    (void)state;
    bytes b = {0};
    add(&b, LITERAL("\x80\2\x8a\n\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.M\xe9\3.}."));
    add(&b, LITERAL("ctorch._utils\n_rebuild_tensor\n((U\7storagectorch\nFloatStorage\nU\1"
                    "0NK\5(U\1vK\2K\3ttQK\1K\2\x85K\1\x85tR."));
    add(&b, LITERAL("]U\1"
                    "0a."));
    add_number(&b, 8, 5);
    for (int i = 0; i < 5; i++) add(&b, &(float){(float)i}, 4);
    okng_weights *weights;
    assert_ok(okng_weights_open_memory(&weights, b.data, b.size, "x.pth", error));
    const okng_array *array = okng_weights_find(weights, "");
    float values[2];
    assert_true(array && array->shape[0] == 2);
    memcpy(values, array->data, sizeof values);
    assert_true(values[0] == 3 && values[1] == 4);
    okng_weights_close(&weights);
    size_t shape = locate(&b, "K\2\x85", 3);
    b.data[shape + 1] = 3; /* one past the view */
    assert_fails(OKNG_ERROR_FORMAT, "does not fit its storage of 3",
                 okng_weights_open_memory(&weights, b.data, b.size, "x.pth", error));
    drop(&b);
}

/* A dict of `count` tensors that are all of storage "0", written anew. */
static okng_status write_shared(int count, const char *path, okng_error *error)
{
    enum { ELEMENTS = 65536 };
    bytes b = {0};
    add(&b, LITERAL("\x80\2\x8a\n\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.M\xe9\3.}.}("));
    for (int i = 0; i < count; i++) {
        char key[] = {'U', 1, (char)('a' + i), 0};
        add_text(&b, key);
        add_tensor(&b, "0", ELEMENTS, "K\1", "M\xff\xff\x85", "K\1\x85");
    }
    add_text(&b, "u.]U\1"
                 "0a.");
    add_number(&b, 8, ELEMENTS);
    for (int i = 0; i < ELEMENTS; i++) add_number(&b, 4, 0);
    okng_weights *weights;
    okng_status status = okng_weights_open_memory(&weights, b.data, b.size, "x.pth", error);
    if (status == OKNG_OK) status = okng_safetensors_write(path, weights, "", error);
    okng_weights_close(&weights);
    drop(&b);
    return status;
}

static void tensors_that_overlap_do_not_fill_the_disk(void **state)
{
    (void)state;
    char path[] = "/tmp/okng-shared-XXXXXX";
    assert_int_equal(close(mkstemp(path)), 0);
    assert_ok(write_shared(4, path, error));
    okng_weights *weights;
    assert_ok(okng_weights_open(&weights, path, error));
    assert_int_equal(okng_weights_count(weights), 4);
    okng_weights_close(&weights);
    assert_fails(OKNG_ERROR_LIMIT, "x.pth: its tensors below \"\" overlap: 6291360 bytes",
                 write_shared(24, path, error));
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_must_be_what_torch_writes),
        cmocka_unit_test(one_key_has_one_type_and_count),
        cmocka_unit_test(a_view_of_a_storage_begins_at_its_offset),
        cmocka_unit_test(tensors_that_overlap_do_not_fill_the_disk),
    };
    return RUN_TESTS(tests);
}
