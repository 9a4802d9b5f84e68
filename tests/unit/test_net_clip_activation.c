/* Which activation and which colours a CLIP's checkpoint was trained with, by all that tells it. */
#include <sys/stat.h>

#include "net/clip_activation.h"
#include "net/clip_config.h"
#include "test.h"

#define AUTO OKNG_ACTIVATION_AUTO
#define GELU OKNG_ACTIVATION_GELU
#define QUICK OKNG_ACTIVATION_QUICKGELU

/* Tensors by which the layouts are known. */
#define OPEN_CLIP "visual.conv1.weight"
#define HUGGING_FACE "vision_model.embeddings.patch_embedding.weight"
#define TINYCLIP "_image_encoder.visual.conv1.weight"
#define TIMM "patch_embed.proj.weight"

static char folder[] = "/tmp/okng-activation-XXXXXX";

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

static const char *inside(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const void *data, size_t size)
{
    FILE *file = fopen(inside(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void write_text(const char *name, const char *text)
{
    write_file(name, text, strlen(text));
}

/* One tensor of that name; `metadata` is a JSON object. */
static okng_weights *made(const char *name, const char *tensor, const char *metadata)
{
    char header[1024], file[2048];
    int length = snprintf(header, sizeof header,
                          "{\"__metadata__\":%s,\"%s\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                          metadata, tensor);
    const uint64_t size = (uint64_t)length;
    okng_weights *weights;
    memcpy(file, &size, 8);
    memcpy(file + 8, header, (size_t)length);
    memset(file + 8 + length, 0, 4);
    write_file(name, file, (size_t)length + 12);
    assert_ok(okng_weights_open(&weights, inside(name), error));
    return weights;
}

static okng_activation found(const char *backbone, okng_weights *weights)
{
    okng_activation out = AUTO;
    assert_ok(okng_clip_activation(backbone, weights, AUTO, &out, error));
    okng_weights_close(&weights);
    return out;
}

/* AUTO comes to it, the same is taken, and the other is refused with `where`. */
static void assert_said(const char *backbone, okng_weights *weights, okng_activation said, const char *where)
{
    okng_activation out = AUTO;
    assert_ok(okng_clip_activation(backbone, weights, said, &out, error));
    assert_int_equal(out, said);
    assert_fails(OKNG_ERROR_MISMATCH, where,
                 okng_clip_activation(backbone, weights, said == GELU ? QUICK : GELU, &out, error));
    assert_int_equal(found(backbone, weights), said);
}

static void what_says_nothing_is_as_its_name_stands_for(void **state)
{
    (void)state;
    okng_activation out = AUTO;
    assert_int_equal(found("clip-vit-b-16", made("w.safetensors", OPEN_CLIP, "{}")), QUICK);
    assert_int_equal(found("clip-vit-b-16-plus-240", made("w.safetensors", OPEN_CLIP, "{}")), GELU);
    okng_weights *weights = made("w.safetensors", OPEN_CLIP, "{}");
    assert_ok(okng_clip_activation("clip-vit-b-16", weights, GELU, &out, error)); /* nothing contradicts */
    assert_int_equal(out, GELU);
    assert_ok(okng_clip_activation("resnet18", weights, AUTO, &out, error));
    assert_int_equal(out, AUTO);
    assert_fails(OKNG_ERROR_ARGUMENT, "no choice", okng_clip_activation("resnet18", weights, GELU, &out, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "clip-vit-z", okng_clip_activation("clip-vit-z", weights, AUTO, &out, error));
    okng_weights_close(&weights);
}

static void metadata_tell(void **state)
{
    (void)state;
    okng_activation out;
    assert_said("clip-vit-b-16", made("w.safetensors", OPEN_CLIP, "{\"activation\":\"gelu\"}"), GELU,
                "w.safetensors, metadata activation");
    assert_said("clip-vit-b-16-plus-240", made("w.safetensors", OPEN_CLIP, "{\"quick_gelu\":\"true\"}"), QUICK,
                "metadata quick_gelu");
    assert_said("clip-vit-b-16", made("laion.safetensors", OPEN_CLIP, "{\"hidden_act\":\"quick_gelu\"}"), QUICK,
                "metadata hidden_act"); /* stronger than the name */
    okng_weights *weights = made("w.safetensors", OPEN_CLIP, "{\"hidden_act\":\"gelu_new\"}");
    assert_fails(OKNG_ERROR_MISMATCH, "hidden_act is \"gelu_new\", expected gelu or quick_gelu",
                 okng_clip_activation("clip-vit-b-16", weights, AUTO, &out, error));
    okng_weights_close(&weights);
}

static void names_tell(void **state)
{
    (void)state;
    static const struct {
        const char *backbone, *name;
        okng_activation activation;
    } cases[] = {
        {"clip-vit-b-16-plus-240", "vit.OpenAI.safetensors", QUICK},
        {"clip-vit-b-16", "vit_b_16-laion400m_e32-55e67d44.pt", GELU},
        {"clip-vit-b-32", "vit_b_32-laion400m_e32-46683a32.pt", QUICK}, /* the exception */
        {"clip-vit-b-32", "vit_b_32-quickgelu-laion400m_e32.pt", QUICK},
        {"clip-vit-b-32", "vit_b_32-laion2b_e16-af8dbd0c.pt", GELU},
        {"clip-vit-b-16", "ViT-B-16-datacomp_xl.safetensors", GELU},
        {"clip-vit-b-16", "commonpool_l.safetensors", GELU},
        {"clip-vit-l-14", "l14_metaclip_400m.pt", QUICK},
        {"clip-vit-l-14", "dfn2b.safetensors", QUICK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_said(cases[i].backbone, made(cases[i].name, OPEN_CLIP, "{}"), cases[i].activation, "in the file's name");
    /* the folder's name is none of it */
    assert_int_equal(mkdir(inside("openai"), 0700), 0);
    assert_int_equal(found("clip-vit-b-16-plus-240", made("openai/w.safetensors", OPEN_CLIP, "{}")), GELU);
}

static void layouts_tell(void **state)
{
    (void)state;
    char command[1024];
    okng_weights *weights;
    assert_said("clip-vit-b-16", made("w.safetensors", TINYCLIP, "{}"), GELU, "TinyCLIP's training code");
    (void)snprintf(command, sizeof command, "cp %s/tensor/openai_clip.pt %s/w.pt", OKNG_GOLDEN, folder);
    assert_int_equal(system(command), 0);
    assert_ok(okng_weights_open(&weights, inside("w.pt"), error));
    assert_said("clip-vit-b-16-plus-240", weights, QUICK, "a TorchScript archive, as OpenAI's");
    assert_int_equal(found("clip-vit-b-16", made("w.safetensors", TIMM, "{}")), QUICK);
}

static void hugging_faces_configuration_tells(void **state)
{
    (void)state;
    okng_activation out;
    const char *plus = "clip-vit-b-16-plus-240", *base = "clip-vit-b-16";
    write_text("config.json", "{\"model_type\":\"clip\",\"text_config\":{},\"vision_config\":{\"hidden_size\":896}}");
    assert_said(plus, made("w.safetensors", HUGGING_FACE, "{}"), QUICK, "config.json, hidden_act"); /* absent */
    assert_int_equal(found(plus, made("w.safetensors", OPEN_CLIP, "{}")), GELU);     /* another layout's */
    assert_int_equal(found(base, made("w.safetensors", HUGGING_FACE, "{}")), QUICK); /* of another width: passed over */
    write_text("config.json", "{\"model_type\":\"clip\",\"text_config\":{\"hidden_act\":\"gelu\"},\"vision_config\":{"
                              "\"hidden_act\":\"gelu\",\"patch_size\":16}}");
    assert_said(base, made("w.safetensors", HUGGING_FACE, "{}"), GELU, "config.json, hidden_act");
    write_text("config.json", "{\"model_type\":\"clip\",\"text_config\":{\"hidden_act\":\"gelu\"},\"vision_config\":{"
                              "\"hidden_act\":\"gelu\"},\"vision_config_dict\":{\"hidden_act\":\"quick_gelu\"}}");
    okng_weights *weights = made("w.safetensors", HUGGING_FACE, "{}");
    assert_fails(OKNG_ERROR_MISMATCH, "different activations", okng_clip_activation(base, weights, AUTO, &out, error));
    write_text("config.json", "{\"model_type\":\"clip_vision_model\",\"hidden_act\":\"gelu\"}");
    assert_ok(okng_clip_activation(base, weights, AUTO, &out, error));
    assert_int_equal(out, GELU);
    write_text("config.json", "{\"model_type\":\"clip_vision_model\",\"hidden_act\":\"relu\"}");
    assert_fails(OKNG_ERROR_MISMATCH, "\"relu\", expected", okng_clip_activation(base, weights, AUTO, &out, error));
    write_text("config.json", "{\"model_type\":\"clip_vision_model\",\"hidden_act\":1}");
    assert_fails(OKNG_ERROR_MISMATCH, "expected gelu or quick_gelu",
                 okng_clip_activation(base, weights, AUTO, &out, error));
    write_text("config.json", "{\"model_type\": ");
    assert_fails(OKNG_ERROR_FORMAT, "config.json", okng_clip_activation(base, weights, AUTO, &out, error));
    assert_ok(okng_clip_activation(base, weights, GELU, &out, error)); /* told: what cannot be read does not matter */
    write_text("config.json", "{\"model_type\":\"bert\",\"hidden_act\":\"relu\"}");
    assert_ok(okng_clip_activation(base, weights, AUTO, &out, error));
    assert_int_equal(out, QUICK);
    okng_weights_close(&weights);
    write_text("config.json", "{\"architecture\":\"vit_base_patch16_clip_quickgelu_224\"}");
    assert_said(plus, made("w.safetensors", TIMM, "{}"), QUICK, "config.json, architecture");
    write_text("config.json", "{\"architecture\":\"vit_base_patch16_clip_224\"}");
    assert_int_equal(found(base, made("w.safetensors", TIMM, "{}")), QUICK);
    assert_int_equal(remove(inside("config.json")), 0);
}

static void open_clips_configuration_tells(void **state)
{
    (void)state;
    write_text("open_clip_config.json", "{\"model_cfg\":{\"embed_dim\":512,\"quick_gelu\":true,\"vision_cfg\":{"
                                        "\"width\":768,\"patch_size\":16}}}");
    assert_said("clip-vit-b-16", made("laion.safetensors", OPEN_CLIP, "{}"), QUICK,
                "open_clip_config.json, quick_gelu");
    assert_int_equal(found("clip-vit-b-16-plus-240", made("w.safetensors", OPEN_CLIP, "{}")), GELU); /* other widths */
    write_text("open_clip_config.json", "{\"model_cfg\":{\"embed_dim\":512,\"vision_cfg\":{\"width\":768}}}");
    assert_said("clip-vit-b-16", made("w.safetensors", OPEN_CLIP, "{}"), GELU, "open_clip_config.json, quick_gelu");
    write_text("open_clip_config.json",
               "{\"model_cfg\":{\"embed_dim\":512,\"quick_gelu\":\"maybe\",\"vision_cfg\":{\"width\":768}}}");
    okng_weights *weights = made("w.safetensors", OPEN_CLIP, "{}");
    okng_activation out;
    assert_fails(OKNG_ERROR_MISMATCH, "quick_gelu is neither true nor false",
                 okng_clip_activation("clip-vit-b-16", weights, AUTO, &out, error));
    okng_weights_close(&weights);
    assert_int_equal(remove(inside("open_clip_config.json")), 0);
}

/* A folder of weights may hold other models' configurations, whatever state they are in. */
static void configurations_of_other_layouts_are_not_read(void **state)
{
    (void)state;
    write_text("config.json", "not JSON");
    assert_int_equal(found("clip-vit-b-16", made("w.safetensors", OPEN_CLIP, "{}")), QUICK);
    assert_int_equal(found("clip-tinyclip-8m-16", made("w.safetensors", TINYCLIP, "{}")), GELU);
    assert_int_equal(remove(inside("config.json")), 0);
    write_text("open_clip_config.json", "not JSON");
    assert_int_equal(found("clip-vit-b-16", made("w.safetensors", HUGGING_FACE, "{}")), QUICK);
    assert_int_equal(remove(inside("open_clip_config.json")), 0);
}

/* ---- colours ---- */

static okng_clip_colours colours_of(okng_weights *weights)
{
    okng_clip_colours colours;
    okng_clip_shape shape;
    const okng_naming naming = okng_naming_clip(weights);
    assert_ok(okng_clip_shape_of("clip-vit-l-14", &shape, error));
    assert_ok(okng_clip_config_colours(&naming, &shape, &colours, error));
    okng_weights_close(&weights);
    return colours;
}

static void configurations_state_colours(void **state)
{
    (void)state;
    assert_false(colours_of(made("w.safetensors", OPEN_CLIP, "{}")).stated);
    write_text("open_clip_config.json",
               "{\"model_cfg\":{\"embed_dim\":768,\"vision_cfg\":{\"width\":1024,\"patch_size\":14}},"
               "\"preprocess_cfg\":{\"mean\":[0.5,0.25,0.125],\"std\":[0.5,0.5,1]}}");
    okng_clip_colours colours = colours_of(made("w.safetensors", OPEN_CLIP, "{}"));
    assert_true(colours.stated);
    assert_true(colours.mean[1] == 0.25f && colours.std[2] == 1.0f);
    assert_false(okng_clip_colours_are_usual(colours.mean, colours.std));
    assert_false(colours_of(made("w.safetensors", HUGGING_FACE, "{}")).stated);
    write_text("preprocessor_config.json", "{\"image_mean\":[0.48145466,0.4578275,0.40821073],"
                                           "\"image_std\":[0.26862954,0.26130258,0.27577711]}");
    colours = colours_of(made("w.safetensors", HUGGING_FACE, "{}"));
    assert_true(colours.stated && okng_clip_colours_are_usual(colours.mean, colours.std));
    static const char *const broken[] = {
        "{\"image_mean\":[0.5,0.5],\"image_std\":[0.5,0.5,0.5]}",
        "{\"image_mean\":[0.5,0.5,0.5],\"image_std\":[0.5,0,0.5]}",
        "{\"image_mean\":[0.5,0.5,\"x\"],\"image_std\":[0.5,0.5,0.5]}",
        "{\"image_mean\":[0.5,0.5,-1],\"image_std\":[0.5,0.5,0.5]}",
        "{}",
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        write_text("preprocessor_config.json", broken[i]);
        assert_false(colours_of(made("w.safetensors", HUGGING_FACE, "{}")).stated);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_says_nothing_is_as_its_name_stands_for),
        cmocka_unit_test(metadata_tell),
        cmocka_unit_test(names_tell),
        cmocka_unit_test(layouts_tell),
        cmocka_unit_test(hugging_faces_configuration_tells),
        cmocka_unit_test(open_clips_configuration_tells),
        cmocka_unit_test(configurations_of_other_layouts_are_not_read),
        cmocka_unit_test(configurations_state_colours),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
