/* What AF-CLIP's authors released, as a checkpoint: the pickles are torch's, the numbers made here. */
#include <dirent.h>

#include "afclip/checkpoint.h"
#include "base/file.h"
#include "import/afclip.h"
#include "made_released.h"
#include "test.h"

static char folder[64];

/* In the folder; of several, each has its own room. */
static const char *in(const char *name)
{
    static char paths[16][128];
    static int next;
    char *path = paths[next++ % 16];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static okng_afclip_learnt learnt;

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/okng_released_XXXXXX");
    if (!mkdtemp(folder) || okng_afclip_learnt_new(&learnt, RELEASED_WIDTH, RELEASED_WIDTH, NULL) != OKNG_OK) return -1;
    okng_afclip_learnt_draw(&learnt, 3);
    for (int i = 0; i < RELEASED_WIDTH; i++) {
        learnt.values[OKNG_AFCLIP_PARAM_NORM][i] = 1 + (float)i / 1024;
        learnt.values[OKNG_AFCLIP_PARAM_NORM_BIAS][i] = (float)i / 512;
    }
    return released_prompt(in("prompt.pt"), OKNG_GOLDEN, &learnt) &&
                   released_adapter(in("adaptor.pt"), OKNG_GOLDEN, &learnt)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    okng_afclip_learnt_free(&learnt);
    return okng_test_remove_tree(folder);
}

static okng_status import(const char *prompt, const char *adapter, const char *backbone, okng_afclip_report *report,
                          okng_error *error)
{
    const okng_afclip_files files = {sizeof files, prompt, adapter, backbone};
    return okng_import_afclip_files(&files, in("out"), report, error);
}

static void assert_imported(const char *prompt, const char *adapter)
{
    okng_afclip_checkpoint read;
    okng_afclip_report report;
    assert_ok(import(prompt, adapter, NULL, &report, error));
    assert_ok(okng_afclip_checkpoint_open(&read, in("out"), error));
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++)
        assert_memory_equal(read.learnt.values[p], learnt.values[p],
                            okng_afclip_param_count(&learnt, (okng_afclip_param)p) * sizeof(float));
    okng_afclip_checkpoint_free(&read);
    assert_int_equal(okng_test_remove_tree(in("out")), 0);
}

static void both_files_become_a_checkpoint(void **state)
{
    (void)state;
    okng_afclip_checkpoint read;
    okng_afclip_report report;
    assert_imported(in("prompt.pt"), in("adaptor.pt"));
    assert_ok(import(in("prompt.pt"), in("adaptor.pt"), "clip-tinyclip-8m-16", &report, error));
    assert_int_equal(report.width, 256);
    assert_int_equal(report.text_width, 256);
    assert_string_equal(report.backbones, "clip-tinyclip-8m-16");
    assert_ok(okng_afclip_checkpoint_open(&read, in("out"), error));
    assert_int_equal(read.source, OKNG_AFCLIP_SOURCE_IMPORTED);
    assert_string_equal(read.backbone, "clip-tinyclip-8m-16");
    static const int32_t taps[4] = {2, 4, 7, 9};
    assert_memory_equal(read.taps, taps, sizeof taps);
    assert_string_equal(json_string_value(json_object_get(json_object_get(read.training, "adapter"), "file")),
                        "adaptor.pt");
    okng_afclip_checkpoint_free(&read);
}

/* The older container, a state dict, .safetensors; and one file with both, as of the whole model. */
static void other_containers_are_read_too(void **state)
{
    (void)state;
    assert_true(released_legacy(in("legacy.pt"), OKNG_GOLDEN, &learnt, NULL, NULL, 0));
    assert_imported(in("prompt.pt"), in("legacy.pt"));
    okng_array arrays[OKNG_AFCLIP_PARAMS];
    okng_named_array tensors[OKNG_AFCLIP_PARAMS];
    char names[OKNG_AFCLIP_PARAMS][64];
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++) {
        arrays[p] = okng_afclip_param_array(&learnt, (okng_afclip_param)p);
        tensors[p] = (okng_named_array){okng_afclip_param_name((okng_afclip_param)p), &arrays[p]};
    }
    assert_ok(okng_safetensors_write_arrays(in("state.safetensors"), tensors + 1, OKNG_AFCLIP_PARAMS - 1, error));
    assert_imported(in("prompt.pt"), in("state.safetensors"));
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++) {
        (void)snprintf(names[p], sizeof names[p], "adaptor.%s", tensors[p].name);
        tensors[p].name = p == 0 ? "state_prompt_embedding" : names[p];
    }
    assert_ok(okng_safetensors_write_arrays(in("model.safetensors"), tensors, OKNG_AFCLIP_PARAMS, error));
    assert_imported(in("model.safetensors"), in("model.safetensors"));
}

static void assert_refused(okng_status status, const char *message, const char *prompt, const char *adapter,
                           const char *backbone)
{
    okng_afclip_report report;
    assert_fails(status, message, import(prompt, adapter, backbone, &report, error));
    assert_int_equal(access(in("out"), F_OK), -1);
}

static void wrong_files_are_told_apart(void **state)
{
    (void)state;
    const char *prompt = in("prompt.pt"), *adapter = in("adaptor.pt");
    assert_refused(OKNG_ERROR_MISMATCH, "adaptor.pt: is an adapter, not a prompt; were the two files", adapter, prompt,
                   NULL);
    assert_refused(OKNG_ERROR_MISMATCH, "prompt.pt: is a prompt, not an adapter; were the two files", prompt, prompt,
                   NULL);
    assert_refused(OKNG_ERROR_NOT_FOUND, "/nowhere.pt", prompt, "/nowhere.pt", NULL);
    const okng_array norm = okng_afclip_param_array(&learnt, OKNG_AFCLIP_PARAM_NORM);
    const okng_named_array tensor = {"weight", &norm};
    assert_ok(okng_safetensors_write_arrays(in("x.safetensors"), &tensor, 1, error));
    assert_refused(OKNG_ERROR_NOT_FOUND, "x.safetensors: holds no prompt among its 1 tensors", in("x.safetensors"),
                   in("adaptor.pt"), NULL);
    assert_refused(OKNG_ERROR_NOT_FOUND, "x.safetensors: holds no tensor \"attention.attn.to_q.weight\"",
                   in("prompt.pt"), in("x.safetensors"), NULL);
}

static void a_prompt_of_another_length_is_told(void **state)
{
    (void)state;
    assert_ok(okng_pt_write(in("ten.pt"), learnt.values[OKNG_AFCLIP_PARAM_PROMPT], 10, RELEASED_WIDTH, error));
    assert_refused(OKNG_ERROR_FORMAT,
                   "ten.pt: its one tensor is float32 [10, 256], expected 12 vectors of floating type", in("ten.pt"),
                   in("adaptor.pt"), NULL);
}

/* Either of the two is no checkpoint yet. */
static void a_released_file_alone_is_no_checkpoint(void **state)
{
    (void)state;
    okng_afclip_checkpoint read;
    assert_fails(OKNG_ERROR_NOT_FOUND, "holds no tensor \"prompt\" among its 1. A checkpoint is a folder that",
                 okng_afclip_checkpoint_open(&read, in("prompt.pt"), error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "of the two released files, `okng import afclip` wrote",
                 okng_afclip_checkpoint_open(&read, in("adaptor.pt"), error));
}

static void widths_that_do_not_fit_are_told(void **state)
{
    (void)state;
    assert_refused(OKNG_ERROR_MISMATCH,
                   "adaptor.pt: its adapter takes tokens of 256 numbers, those of clip-vit-b-16 have 768",
                   in("prompt.pt"), in("adaptor.pt"), "clip-vit-b-16");
    assert_refused(OKNG_ERROR_NOT_FOUND, "\"resnet18\" is no CLIP", in("prompt.pt"), in("adaptor.pt"), "resnet18");
    okng_afclip_learnt other;
    assert_ok(okng_afclip_learnt_new(&other, 256, 512, error));
    const okng_array array = okng_afclip_param_array(&other, OKNG_AFCLIP_PARAM_PROMPT);
    const okng_named_array tensor = {"prompt", &array};
    assert_ok(okng_safetensors_write_arrays(in("p.safetensors"), &tensor, 1, error));
    okng_afclip_learnt_free(&other);
    assert_refused(OKNG_ERROR_MISMATCH, "vectors of 512 numbers and an adapter of width 256 belong to no CLIP",
                   in("p.safetensors"), in("adaptor.pt"), NULL);
    assert_refused(OKNG_ERROR_MISMATCH,
                   "p.safetensors: the vectors of its prompt have 512 numbers, tokens of texts of clip-tiny",
                   in("p.safetensors"), in("adaptor.pt"), "clip-tinyclip-8m-16");
}

/* Pickles with a few bytes changed. */
static void other_classes_and_settings_are_refused(void **state)
{
    (void)state;
    static const struct {
        okng_status status;
        const char *from, *to, *message;
    } wrong[] = {
        {OKNG_ERROR_UNSUPPORTED, "clip.adaptor\nAdaptor\n", "clip.adaptor\nadaptor\n",
         "the global clip.adaptor.adaptor is not allowed"},
        {OKNG_ERROR_UNSUPPORTED, "clip.adaptor\nCrossAttention", "clip_adaptor\nCrossAttention",
         "the global clip_adaptor.CrossAttention is not allowed"},
        {OKNG_ERROR_UNSUPPORTED, "torch.nn.modules.dropout\nDropout", "torch.nn.modules.dropout\nDropou2",
         "the global torch.nn.modules.dropout.Dropou2 is not allowed"},
        {OKNG_ERROR_UNSUPPORTED, "torch.nn.modules.container\nSequential", "torch.nn.modules.container.Sequentia\n",
         "torch.nn.modules.container.Sequentia"},
        {OKNG_ERROR_UNSUPPORTED, "__builtin__\nset\n", "__builtin__\nall\n",
         "the global __builtin__.all is not allowed"},
        {OKNG_ERROR_UNSUPPORTED, "clip.adaptor\nAdaptor\n", "multiprocessing\nPool\n",
         "the global multiprocessing.Pool is not allowed"},
        {OKNG_ERROR_NOT_FOUND, "to_k", "to_x", "holds no tensor \"attention.attn.to_k.weight\""},
        {OKNG_ERROR_NOT_FOUND, "_modules", "_modulez", "holds no tensor \"attention.attn.to_q.weight\" among its 0"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(strlen(wrong[i].from), strlen(wrong[i].to));
        assert_true(
            released_legacy(in("x.pt"), OKNG_GOLDEN, &learnt, wrong[i].from, wrong[i].to, strlen(wrong[i].from)));
        assert_refused(wrong[i].status, wrong[i].message, in("prompt.pt"), in("x.pt"), NULL);
    }
}

/* `count` bytes of the pickle behind a key. */
static void change_number(const char *key, const char *from, const char *to, size_t length, const char *message)
{
    size_t size;
    char *pickles = released_pickle(OKNG_GOLDEN, "adaptor_legacy.pkl", &size), pattern[64];
    assert_non_null(pickles);
    const char *at = memmem(pickles, size, key, strlen(key));
    assert_non_null(at);
    const char *number = memmem(at, 40, from, length);
    assert_non_null(number);
    const size_t whole = (size_t)(number - at) + length;
    memcpy(pattern, at, whole);
    memcpy(pattern + whole - length, to, length);
    assert_true(released_legacy(in("x.pt"), OKNG_GOLDEN, &learnt, at, pattern, whole));
    free(pickles);
    assert_refused(OKNG_ERROR_UNSUPPORTED, message, in("prompt.pt"), in("x.pt"), NULL);
}

static void an_adapter_that_computes_otherwise_is_refused(void **state)
{
    (void)state;
    change_number("heads", "K\10", "K\4", 2, "x.pt: its \"heads\" is 4, okng computes with 8");
    change_number("scale", "G\77\300", "G\77\340", 3, "x.pt: its \"scale\" is 0.5, okng computes with 0.125");
    change_number("eps", "G\76\344", "G\76\364", 3, "x.pt: its \"eps\" is ");
}

static void numbers_that_are_not_finite_are_named(void **state)
{
    (void)state;
    learnt.values[OKNG_AFCLIP_PARAM_V][300] = NAN;
    assert_true(released_adapter(in("x.pt"), OKNG_GOLDEN, &learnt));
    assert_refused(OKNG_ERROR_FORMAT, "x.pt: number 300 of tensor \"attention.attn.to_v.weight\" is not finite",
                   in("prompt.pt"), in("x.pt"), NULL);
    learnt.values[OKNG_AFCLIP_PARAM_V][300] = 1e30f;
    assert_true(released_adapter(in("z.pt"), OKNG_GOLDEN, &learnt));
    for (int named = 0; named < 2; named++)
        assert_refused(OKNG_ERROR_MISMATCH,
                       "z.pt: number 300 of tensor \"attention.attn.to_v.weight\" is 1e+30, expected", in("prompt.pt"),
                       in("z.pt"), named ? "clip-tinyclip-8m-16" : NULL);
    learnt.values[OKNG_AFCLIP_PARAM_PROMPT][0] = INFINITY;
    assert_true(released_prompt(in("y.pt"), OKNG_GOLDEN, &learnt));
    assert_refused(OKNG_ERROR_FORMAT, "y.pt: number 0 of tensor \"\" is not finite", in("y.pt"), in("x.pt"), NULL);
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    void *data;
    size_t size;
    assert_true(released_legacy(in("legacy.pt"), OKNG_GOLDEN, &learnt, NULL, NULL, 0));
    const char *const names[] = {"adaptor.pt", "legacy.pt"};
    for (size_t f = 0; f < 2; f++) {
        assert_ok(okng_file_read(in(names[f]), 1 << 24, &data, &size, error));
        for (size_t cut = 0; cut < size; cut = cut < 4000 ? cut + 97 : cut + 200000) {
            okng_error why = {0};
            okng_afclip_report report;
            assert_ok(okng_file_write(in("x.pt"), data, cut, error));
            assert_int_not_equal(import(in("prompt.pt"), in("x.pt"), NULL, &report, &why), OKNG_OK);
            assert_non_null(strstr(why.message, "x.pt"));
        }
        free(data);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(both_files_become_a_checkpoint),
        CASE(other_containers_are_read_too),
        CASE(wrong_files_are_told_apart),
        CASE(a_prompt_of_another_length_is_told),
        CASE(a_released_file_alone_is_no_checkpoint),
        CASE(widths_that_do_not_fit_are_told),
        CASE(other_classes_and_settings_are_refused),
        CASE(an_adapter_that_computes_otherwise_is_refused),
        CASE(numbers_that_are_not_finite_are_named),
        CASE(damaged_files_are_refused),
    };
    return RUN_TESTS(tests);
}
