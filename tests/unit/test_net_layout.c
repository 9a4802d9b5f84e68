/* Checkpoints of one small CLIP in every layout: the same parameters, to the bit. */
#include "net/builder.h"
#include "net/fold_weights.h"
#include "net/layout.h"
#include "net/layout_rules.h"
#include "test.h"

enum { WIDTH = 8, TEXT_WIDTH = 4, EMBEDDING = 6, PATCH = 2, PLACES = 5, BLOCKS = 2, TENSORS_MAX = 128 };

/* ---- a checkpoint in the making ---- */

typedef struct file {
    okng_named_array tensors[TENSORS_MAX];
    okng_array arrays[TENSORS_MAX];
    char names[TENSORS_MAX][2 * OKNG_NAME_MAX];
    size_t count;
} file;

static char folder[] = "/tmp/okng-layout-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static size_t elements_of(const okng_array *array)
{
    size_t count = 1;
    for (int32_t i = 0; i < array->dims; i++) count *= (size_t)array->shape[i];
    return count;
}

/* Element i of a parameter of open_clip's: told by its name and place. */
static float value_of(const char *param, size_t i)
{
    uint32_t hash = 2166136261u;
    for (; *param; param++) hash = (hash ^ (uint8_t)*param) * 16777619u;
    hash = (hash + (uint32_t)i) * 2654435761u;
    return (float)(hash >> 8) / (float)(1 << 24) - 0.5f;
}

static okng_array *put(file *f, const char *name, int32_t dims, const int64_t *shape)
{
    okng_array *array = &f->arrays[f->count];
    assert_true(f->count < TENSORS_MAX);
    *array = (okng_array){.dtype = OKNG_F32, .dims = dims};
    if (dims > 0) memcpy(array->shape, shape, (size_t)dims * sizeof *shape);
    array->bytes = elements_of(array) * sizeof(float);
    array->data = calloc(1, array->bytes);
    assert_non_null(array->data);
    (void)snprintf(f->names[f->count], sizeof f->names[0], "%s", name);
    f->tensors[f->count] = (okng_named_array){f->names[f->count], array};
    f->count++;
    return array;
}

static void put_transposed(file *f, const char *name, const char *param, const int64_t *dims)
{
    float *data = put(f, name, 2, (int64_t[]){dims[1], dims[0]})->data;
    for (int64_t r = 0; r < dims[0]; r++)
        for (int64_t c = 0; c < dims[1]; c++) data[c * dims[0] + r] = value_of(param, (size_t)(r * dims[1] + c));
}

static void put_part(file *f, const char *name, const char *param, int32_t rank, const int64_t *dims, int part)
{
    int64_t shape[4];
    memcpy(shape, dims, (size_t)rank * sizeof *dims);
    shape[0] /= 3;
    okng_array *array = put(f, name, rank, shape);
    const size_t count = elements_of(array);
    for (size_t i = 0; i < count; i++) ((float *)array->data)[i] = value_of(param, (size_t)part * count + i);
}

/* The parameter as the layout has it, which the table says and the other tests hold to names written out. */
static void put_param(file *f, const okng_layout *layout, const char *prefix, const char *param, int32_t rank,
                      const int64_t *dims)
{
    okng_source source;
    if (!okng_layout_source(layout, prefix, param, &source)) return;
    if (source.form == OKNG_FORM_TRANSPOSED) {
        put_transposed(f, source.names[0], param, dims);
        return;
    }
    for (int part = 0; part < source.count && source.form == OKNG_FORM_JOINED; part++)
        put_part(f, source.names[part], param, rank, dims, part);
    if (source.form == OKNG_FORM_JOINED) return;
    const int32_t led = source.form == OKNG_FORM_LED ? 3 - rank : 0;
    int64_t shape[4] = {1, 1, 1, 1};
    if (rank > 0) memcpy(shape + led, dims, (size_t)rank * sizeof *dims);
    okng_array *array = put(f, source.names[0], rank + led, shape);
    for (size_t i = 0; i < elements_of(array); i++) ((float *)array->data)[i] = value_of(param, i);
}

typedef struct param {
    char name[OKNG_NAME_MAX];
    int32_t rank;
    int64_t dims[4];
} param;

static size_t list_block(param *list, const char *block, int64_t width)
{
    const param all[] = {
        {"attn.in_proj_weight", 2, {3 * width, width}},
        {"attn.in_proj_bias", 1, {3 * width}},
        {"attn.out_proj.weight", 2, {width, width}},
        {"attn.out_proj.bias", 1, {width}},
        {"ln_1.weight", 1, {width}},
        {"ln_1.bias", 1, {width}},
        {"ln_2.weight", 1, {width}},
        {"ln_2.bias", 1, {width}},
        {"mlp.c_fc.weight", 2, {4 * width, width}},
        {"mlp.c_fc.bias", 1, {4 * width}},
        {"mlp.c_proj.weight", 2, {width, 4 * width}},
        {"mlp.c_proj.bias", 1, {width}},
    };
    const size_t count = sizeof all / sizeof *all;
    for (size_t i = 0; i < count; i++) {
        list[i] = all[i];
        int used = snprintf(list[i].name, sizeof list[i].name, "%s.%s", block, all[i].name);
        assert_true(used > 0 && (size_t)used < sizeof list[i].name);
    }
    return count;
}

/* open_clip's names and shapes. */
static size_t list_params(param list[TENSORS_MAX])
{
    static const param outside[] = {
        {"visual.conv1.weight", 4, {WIDTH, 3, PATCH, PATCH}},
        {"visual.class_embedding", 1, {WIDTH}},
        {"visual.positional_embedding", 2, {PLACES, WIDTH}},
        {"visual.ln_pre.weight", 1, {WIDTH}},
        {"visual.ln_pre.bias", 1, {WIDTH}},
        {"visual.ln_post.weight", 1, {WIDTH}},
        {"visual.ln_post.bias", 1, {WIDTH}},
        {"visual.proj", 2, {WIDTH, EMBEDDING}},
        {"token_embedding.weight", 2, {11, TEXT_WIDTH}},
        {"positional_embedding", 2, {7, TEXT_WIDTH}},
        {"ln_final.weight", 1, {TEXT_WIDTH}},
        {"ln_final.bias", 1, {TEXT_WIDTH}},
        {"text_projection", 2, {TEXT_WIDTH, EMBEDDING}},
        {"logit_scale", 0, {0}},
    };
    size_t count = sizeof outside / sizeof *outside;
    memcpy(list, outside, sizeof outside);
    for (int i = 0; i < BLOCKS; i++) {
        char block[OKNG_NAME_MAX];
        (void)snprintf(block, sizeof block, "visual.transformer.resblocks.%d", i);
        count += list_block(list + count, block, WIDTH);
        (void)snprintf(block, sizeof block, "transformer.resblocks.%d", i);
        count += list_block(list + count, block, TEXT_WIDTH);
    }
    return count;
}

static void fill(file *f, const okng_layout *layout, const char *prefix)
{
    param list[TENSORS_MAX];
    const size_t count = list_params(list);
    *f = (file){0};
    for (size_t i = 0; i < count; i++) put_param(f, layout, prefix, list[i].name, list[i].rank, list[i].dims);
}

static const okng_layout *layout_called(const char *name)
{
    for (int i = 0; i < okng_layout_count; i++)
        if (strcmp(okng_layouts[i]->name, name) == 0) return okng_layouts[i];
    fail_msg("no layout %s", name);
    return NULL;
}

static okng_array *find(file *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->names[i], name) == 0) return &f->arrays[i];
    fail_msg("no tensor %s", name);
    return NULL;
}

static void rename_tensor(file *f, const char *from, const char *to)
{
    okng_array *array = find(f, from);
    (void)snprintf(f->names[array - f->arrays], sizeof f->names[0], "%s", to);
}

static okng_weights *open_file(file *f)
{
    char path[512];
    okng_weights *weights;
    (void)snprintf(path, sizeof path, "%s/made.safetensors", folder);
    assert_ok(okng_safetensors_write_arrays(path, f->tensors, f->count, error));
    assert_ok(okng_weights_open(&weights, path, error));
    return weights;
}

static void drop(file *f)
{
    for (size_t i = 0; i < f->count; i++) free(f->arrays[i].data);
    free(f);
}

static file *made(const char *layout, const char *prefix)
{
    file *f = malloc(sizeof *f);
    assert_non_null(f);
    fill(f, layout_called(layout), prefix);
    return f;
}

/* ---- what is found ---- */

static void assert_param(const okng_naming *naming, const param *p)
{
    okng_tensor tensor;
    assert_ok(okng_naming_tensor(naming, p->name, p->rank, p->dims, NULL, error));
    assert_ok(okng_naming_tensor(naming, p->name, p->rank, p->dims, &tensor, error));
    assert_int_equal(tensor.array.dims, p->rank);
    assert_int_equal(tensor.array.dtype, OKNG_F32);
    assert_int_equal(tensor.array.bytes, elements_of(&tensor.array) * sizeof(float));
    for (size_t i = 0; i < elements_of(&tensor.array); i++) {
        float value;
        memcpy(&value, (const char *)tensor.array.data + i * sizeof value, sizeof value);
        if (value != value_of(p->name, i)) fail_msg("%s: element %zu is another one", p->name, i);
    }
    okng_tensor_release(&tensor);
}

/* All parameters, as far as the layout has them: of `towers`. */
static void assert_all(file *f, const char *layout, const char *prefix, uint32_t towers)
{
    param list[TENSORS_MAX];
    const size_t count = list_params(list);
    okng_weights *weights = open_file(f);
    okng_naming naming = okng_naming_clip(weights);
    assert_string_equal(okng_naming_layout(&naming), layout);
    assert_string_equal(naming.prefix, prefix);
    assert_int_equal(okng_naming_towers(&naming), towers);
    naming = okng_naming_find(weights, "visual.conv1.weight");
    assert_string_equal(okng_naming_layout(&naming), layout);
    for (size_t i = 0; i < count; i++)
        if (okng_layout_tower_of(list[i].name) & towers) assert_param(&naming, &list[i]);
    okng_weights_close(&weights);
}

static void every_layout_gives_the_same_parameters(void **state)
{
    (void)state;
    static const struct {
        const char *layout, *written, *found;
        uint32_t towers;
    } cases[] = {
        {"open_clip", "", "", 3},
        {"open_clip", "module.", "", 3},
        {"open_clip", "model.", "model.", 3},
        {"Hugging Face CLIPModel", "", "", 3},
        {"Hugging Face CLIPModel", "model.", "model.", 3},
        {"TinyCLIP", "", "", 3},
        {"TinyCLIP", "module.", "", 3},
        {"timm", "", "", OKNG_TOWER_IMAGE},
        {"timm", "backbone.", "backbone.", OKNG_TOWER_IMAGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        file *f = made(cases[i].layout, cases[i].written);
        assert_all(f, cases[i].layout, cases[i].found, cases[i].towers);
        drop(f);
    }
}

/* The names as the projects write them, so that the table is not its own judge. */
static void names_are_those_of_the_projects(void **state)
{
    (void)state;
    static const struct {
        const char *layout, *param, *names[OKNG_JOINED_MAX];
    } cases[] = {
        {"Hugging Face CLIPModel", "visual.ln_pre.weight", {"vision_model.pre_layrnorm.weight"}},
        {"Hugging Face CLIPModel", "visual.proj", {"visual_projection.weight"}},
        {"Hugging Face CLIPModel", "text_projection", {"text_projection.weight"}},
        {"Hugging Face CLIPModel",
         "visual.transformer.resblocks.11.attn.in_proj_weight",
         {"vision_model.encoder.layers.11.self_attn.q_proj.weight",
          "vision_model.encoder.layers.11.self_attn.k_proj.weight",
          "vision_model.encoder.layers.11.self_attn.v_proj.weight"}},
        {"Hugging Face CLIPModel",
         "transformer.resblocks.0.attn.in_proj_bias",
         {"text_model.encoder.layers.0.self_attn.q_proj.bias", "text_model.encoder.layers.0.self_attn.k_proj.bias",
          "text_model.encoder.layers.0.self_attn.v_proj.bias"}},
        {"Hugging Face CLIPModel",
         "transformer.resblocks.3.mlp.c_fc.bias",
         {"text_model.encoder.layers.3.mlp.fc1.bias"}},
        {"Hugging Face CLIPModel", "ln_final.bias", {"text_model.final_layer_norm.bias"}},
        {"Hugging Face CLIPModel", "logit_scale", {"logit_scale"}},
        {"TinyCLIP",
         "visual.transformer.resblocks.9.ln_2.bias",
         {"_image_encoder.visual.transformer.resblocks.9.ln_2.bias"}},
        {"TinyCLIP", "token_embedding.weight", {"_text_encoder.token_embedding.weight"}},
        {"TinyCLIP", "logit_scale", {"_logit_scale.logit_scale"}},
        {"timm", "visual.ln_pre.bias", {"norm_pre.bias"}},
        {"timm", "visual.ln_post.bias", {"norm.bias"}},
        {"timm", "visual.transformer.resblocks.4.attn.in_proj_bias", {"blocks.4.attn.qkv.bias"}},
        {"timm", "visual.transformer.resblocks.4.attn.out_proj.weight", {"blocks.4.attn.proj.weight"}},
        {"timm", "visual.proj", {"head.weight"}},
        {"timm", "visual.positional_embedding", {"pos_embed"}},
    };
    okng_source source;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(okng_layout_source(layout_called(cases[i].layout), "", cases[i].param, &source));
        for (int k = 0; k < source.count; k++) assert_string_equal(source.names[k], cases[i].names[k]);
        assert_true(source.count == OKNG_JOINED_MAX || cases[i].names[source.count] == NULL);
    }
    assert_false(okng_layout_source(layout_called("timm"), "", "logit_scale", &source));
    assert_false(okng_layout_source(layout_called("timm"), "", "token_embedding.weight", &source));
    assert_false(okng_layout_source(layout_called("Hugging Face CLIPModel"), "", "visual.projx", &source));
    assert_false(okng_layout_source(layout_called("Hugging Face CLIPModel"), "",
                                    "visual.transformer.resblocks..ln_1.bias", &source));
}

static void a_wrapper_may_stand_anywhere_in_tinyclips_names(void **state)
{
    (void)state;
    file *f = made("TinyCLIP", "");
    for (size_t i = 0; i < f->count; i++) {
        char name[2 * OKNG_NAME_MAX];
        const char *dot = strchr(f->names[i], '.');
        (void)snprintf(name, sizeof name, "%.*s.module%s", (int)(dot - f->names[i]), f->names[i], dot);
        memcpy(f->names[i], name, sizeof name);
    }
    rename_tensor(f, "_image_encoder.module.visual.conv1.weight", "module._image_encoder.visual.module.conv1.weight");
    assert_all(f, "TinyCLIP", "", 3);
    drop(f);
}

static void half_floats_are_joined_as_they_are(void **state)
{
    (void)state;
    file *f = made("Hugging Face CLIPModel", "");
    static const char *const parts[] = {"text_model.encoder.layers.0.self_attn.q_proj.bias",
                                        "text_model.encoder.layers.0.self_attn.k_proj.bias",
                                        "text_model.encoder.layers.0.self_attn.v_proj.bias"};
    static const uint16_t halves[] = {0x3c00, 0x4000, 0x4200, 0x4400}; /* 1 2 3 4 */
    for (int i = 0; i < 3; i++) {
        okng_array *array = find(f, parts[i]);
        array->dtype = OKNG_F16;
        array->bytes = sizeof halves;
        memcpy(array->data, halves, sizeof halves);
    }
    const int64_t dims[] = {3 * TEXT_WIDTH};
    for (int round = 0; round < 2; round++) { /* the second time one of them is float32 */
        okng_weights *weights = open_file(f);
        const okng_naming naming = okng_naming_clip(weights);
        okng_tensor tensor;
        float values[3 * TEXT_WIDTH];
        assert_ok(okng_naming_tensor(&naming, "transformer.resblocks.0.attn.in_proj_bias", 1, dims, &tensor, error));
        assert_int_equal(tensor.array.dtype, round == 0 ? OKNG_F16 : OKNG_F32);
        okng_to_float(tensor.array.dtype, tensor.array.data, 3 * TEXT_WIDTH, values);
        for (int i = 0; i < 3 * TEXT_WIDTH; i++) assert_true(values[i] == (float)(i % 4 + 1));
        okng_tensor_release(&tensor);
        okng_weights_close(&weights);
        okng_array *array = find(f, parts[1]);
        array->dtype = OKNG_F32;
        array->bytes = TEXT_WIDTH * sizeof(float);
        free(array->data);
        array->data = malloc(array->bytes);
        for (int i = 0; i < TEXT_WIDTH; i++) ((float *)array->data)[i] = (float)(i + 1);
    }
    drop(f);
}

/* ---- what is wrong ---- */

/* Asks for a parameter of that shape. */
static okng_status ask(file *f, const char *name, int32_t rank, const int64_t *dims, okng_error *error)
{
    okng_weights *weights = open_file(f);
    const okng_naming naming = okng_naming_find(weights, name);
    okng_tensor tensor;
    okng_status status = okng_naming_tensor(&naming, name, rank, dims, &tensor, error);
    if (status == OKNG_OK) okng_tensor_release(&tensor);
    okng_weights_close(&weights);
    return status;
}

static void towers_that_are_not_there_are_told(void **state)
{
    (void)state;
    file *f = made("timm", "");
    const int64_t tokens[] = {11, TEXT_WIDTH}, conv[] = {WIDTH, 3, PATCH, PATCH};
    assert_fails(OKNG_ERROR_NOT_FOUND, "vision only, no text tower (layout of timm): no tensor for token_embedding",
                 ask(f, "token_embedding.weight", 2, tokens, error));
    drop(f);
    f = made("Hugging Face CLIPModel", "");
    size_t kept = 0;
    for (size_t i = 0; i < f->count; i++) /* the text tower goes; logit_scale, of both, stays */
        if (strncmp(f->names[i], "text_", 5) == 0) {
            free(f->arrays[i].data);
        } else {
            f->arrays[kept] = f->arrays[i];
            memmove(f->names[kept], f->names[i], sizeof f->names[0]);
            f->tensors[kept] = (okng_named_array){f->names[kept], &f->arrays[kept]};
            kept++;
        }
    f->count = kept;
    assert_fails(OKNG_ERROR_NOT_FOUND, "no text tower (layout of Hugging Face CLIPModel)",
                 ask(f, "transformer.resblocks.0.ln_1.bias", 1, (int64_t[]){TEXT_WIDTH}, error));
    assert_int_equal(ask(f, "visual.conv1.weight", 4, conv, NULL), OKNG_OK);
    drop(f);
    f = made("open_clip", "");
    for (size_t i = 0; i < f->count; i++)
        if (strncmp(f->names[i], "visual.", 7) == 0) f->names[i][0] = 'X';
    assert_fails(OKNG_ERROR_NOT_FOUND, "text only, no image tower", ask(f, "visual.conv1.weight", 4, conv, error));
    drop(f);
}

static void a_missing_part_is_named_as_the_file_would(void **state)
{
    (void)state;
    file *f = made("Hugging Face CLIPModel", "");
    const int64_t dims[] = {3 * WIDTH, WIDTH}, odd[] = {3 * WIDTH + 1, WIDTH};
    rename_tensor(f, "vision_model.encoder.layers.1.self_attn.k_proj.weight", "gone");
    assert_fails(OKNG_ERROR_NOT_FOUND,
                 "no tensor vision_model.encoder.layers.1.self_attn.k_proj.weight, expected one of shape [8, 8]",
                 ask(f, "visual.transformer.resblocks.1.attn.in_proj_weight", 2, dims, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "no tensor vision_model.encoder.layers.7.self_attn.q_proj.weight",
                 ask(f, "visual.transformer.resblocks.7.attn.in_proj_weight", 2, dims, error));
    assert_int_equal(ask(f, "visual.transformer.resblocks.0.attn.in_proj_weight", 2, odd, NULL), OKNG_ERROR_NOT_FOUND);
    assert_fails(OKNG_ERROR_MISMATCH, "visual_projection.weight has shape [6, 8], expected [7, 8]",
                 ask(f, "visual.proj", 2, (int64_t[]){WIDTH, EMBEDDING + 1}, error));
    okng_array *array = find(f, "vision_model.encoder.layers.0.self_attn.v_proj.weight");
    array->dtype = OKNG_I32;
    assert_fails(OKNG_ERROR_MISMATCH, "layers.0.self_attn.v_proj.weight is of int32, expected floating point",
                 ask(f, "visual.transformer.resblocks.0.attn.in_proj_weight", 2, dims, error));
    drop(f);
}

static void blocks_with_heads_of_their_own_are_refused_by_name(void **state)
{
    (void)state;
    file *f = made("TinyCLIP", "");
    okng_array *array = find(f, "_image_encoder.visual.transformer.resblocks.1.attn.in_proj_weight");
    array->shape[0] -= 3; /* fewer rows than three times the width */
    array->bytes -= 3 * WIDTH * sizeof(float);
    const int64_t dims[] = {3 * WIDTH, WIDTH};
    assert_fails(OKNG_ERROR_MISMATCH, "differ in their heads, as TinyCLIP's \"auto\" weights do",
                 ask(f, "visual.transformer.resblocks.1.attn.in_proj_weight", 2, dims, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "differ in their heads",
                 ask(f, "visual.transformer.resblocks.2.attn.in_proj_weight", 2, dims, error));
    drop(f);
}

static void a_classifier_is_no_projection(void **state)
{
    (void)state;
    const int64_t dims[] = {WIDTH, EMBEDDING}, line[] = {EMBEDDING};
    file *f = made("timm", "");
    okng_array *bias = put(f, "head.bias", 1, line);
    assert_int_equal(ask(f, "visual.proj", 2, dims, NULL), OKNG_OK);
    ((float *)bias->data)[EMBEDDING - 1] = 0.25f;
    assert_fails(OKNG_ERROR_MISMATCH, "head.bias is not 0", ask(f, "visual.proj", 2, dims, error));
    assert_int_equal(ask(f, "visual.ln_post.bias", 1, (int64_t[]){WIDTH}, NULL), OKNG_OK);
    drop(f);
}

static void other_networks_keep_their_own_names(void **state)
{
    (void)state;
    file *f = made("timm", "");
    okng_weights *weights = open_file(f);
    okng_naming naming = okng_naming_find(weights, "patch_embed.proj.weight");
    assert_string_equal(okng_naming_layout(&naming), "");
    assert_true(okng_naming_has(&naming, "blocks.1.norm1.bias"));
    assert_false(okng_naming_has(&naming, "visual.conv1.weight"));
    okng_weights_close(&weights);
    drop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_gives_the_same_parameters),
        cmocka_unit_test(names_are_those_of_the_projects),
        cmocka_unit_test(a_wrapper_may_stand_anywhere_in_tinyclips_names),
        cmocka_unit_test(half_floats_are_joined_as_they_are),
        cmocka_unit_test(towers_that_are_not_there_are_told),
        cmocka_unit_test(a_missing_part_is_named_as_the_file_would),
        cmocka_unit_test(blocks_with_heads_of_their_own_are_refused_by_name),
        cmocka_unit_test(a_classifier_is_no_projection),
        cmocka_unit_test(other_networks_keep_their_own_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
