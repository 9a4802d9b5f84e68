#include "net/layout_rules.h"

#include <stdio.h>
#include <string.h>

#include "net/layout.h"

/* ---- the layouts ---- */

/* What a block holds beside its attention's input. */
#define BLOCK(ours, theirs, ln_1, ln_2, out, fc, proj)                \
    {ours ".#.attn.out_proj.", theirs ".#." out ".", OKNG_FORM_SAME}, \
        {ours ".#.ln_1.", theirs ".#." ln_1 ".", OKNG_FORM_SAME},     \
        {ours ".#.ln_2.", theirs ".#." ln_2 ".", OKNG_FORM_SAME},     \
        {ours ".#.mlp.c_fc.", theirs ".#." fc ".", OKNG_FORM_SAME},   \
    {                                                                 \
        ours ".#.mlp.c_proj.", theirs ".#." proj ".", OKNG_FORM_SAME  \
    }

/* open_clip and OpenAI: src/open_clip/model.py. */
static const okng_layout_rule open_clip[] = {
    {"visual.", "visual.", OKNG_FORM_SAME},
    {"transformer.", "transformer.", OKNG_FORM_SAME},
    {"token_embedding.", "token_embedding.", OKNG_FORM_SAME},
    {"positional_embedding", "positional_embedding", OKNG_FORM_SAME},
    {"ln_final.", "ln_final.", OKNG_FORM_SAME},
    {"text_projection", "text_projection", OKNG_FORM_SAME},
    {"logit_scale", "logit_scale", OKNG_FORM_SAME},
    {NULL, NULL, OKNG_FORM_SAME},
};

/* transformers/models/clip/modeling_clip.py; pre_layrnorm is spelled so there. */
#define HF_TOWER(ours, theirs)                                                  \
    {ours ".#.attn.in_proj_", theirs ".#.self_attn.?_proj.", OKNG_FORM_JOINED}, \
        BLOCK(ours, theirs, "layer_norm1", "layer_norm2", "self_attn.out_proj", "mlp.fc1", "mlp.fc2")

static const okng_layout_rule hugging_face[] = {
    {"visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight", OKNG_FORM_SAME},
    {"visual.class_embedding", "vision_model.embeddings.class_embedding", OKNG_FORM_SAME},
    {"visual.positional_embedding", "vision_model.embeddings.position_embedding.weight", OKNG_FORM_SAME},
    {"visual.ln_pre.", "vision_model.pre_layrnorm.", OKNG_FORM_SAME},
    {"visual.ln_post.", "vision_model.post_layernorm.", OKNG_FORM_SAME},
    {"visual.proj", "visual_projection.weight", OKNG_FORM_TRANSPOSED},
    HF_TOWER("visual.transformer.resblocks", "vision_model.encoder.layers"),
    {"token_embedding.", "text_model.embeddings.token_embedding.", OKNG_FORM_SAME},
    {"positional_embedding", "text_model.embeddings.position_embedding.weight", OKNG_FORM_SAME},
    {"ln_final.", "text_model.final_layer_norm.", OKNG_FORM_SAME},
    {"text_projection", "text_projection.weight", OKNG_FORM_TRANSPOSED},
    HF_TOWER("transformer.resblocks", "text_model.encoder.layers"),
    {"logit_scale", "logit_scale", OKNG_FORM_SAME},
    {NULL, NULL, OKNG_FORM_SAME},
};

/* TinyCLIP's training code keeps the towers in members of their own: src/open_clip/model.py there. */
static const okng_layout_rule tinyclip[] = {
    {"visual.", "_image_encoder.visual.", OKNG_FORM_SAME},
    {"transformer.", "_text_encoder.transformer.", OKNG_FORM_SAME},
    {"token_embedding.", "_text_encoder.token_embedding.", OKNG_FORM_SAME},
    {"positional_embedding", "_text_encoder.positional_embedding", OKNG_FORM_SAME},
    {"ln_final.", "_text_encoder.ln_final.", OKNG_FORM_SAME},
    {"text_projection", "_text_encoder.text_projection", OKNG_FORM_SAME},
    {"logit_scale", "_logit_scale.logit_scale", OKNG_FORM_SAME},
    {NULL, NULL, OKNG_FORM_SAME},
};

/* timm/models/vision_transformer.py, for which it converts the image towers alone. */
static const okng_layout_rule timm[] = {
    {"visual.conv1.weight", "patch_embed.proj.weight", OKNG_FORM_SAME},
    {"visual.class_embedding", "cls_token", OKNG_FORM_LED},
    {"visual.positional_embedding", "pos_embed", OKNG_FORM_LED},
    {"visual.ln_pre.", "norm_pre.", OKNG_FORM_SAME},
    {"visual.ln_post.", "norm.", OKNG_FORM_SAME},
    {"visual.proj", "head.weight", OKNG_FORM_TRANSPOSED},
    {"visual.transformer.resblocks.#.attn.in_proj_", "blocks.#.attn.qkv.", OKNG_FORM_SAME},
    BLOCK("visual.transformer.resblocks", "blocks", "norm1", "norm2", "attn.proj", "mlp.fc1", "mlp.fc2"),
    {NULL, NULL, OKNG_FORM_SAME},
};

const okng_layout okng_layout_open_clip = {
    .name = "open_clip",
    .rules = open_clip,
    .image = {"visual.conv1.weight", "visual.class_embedding", "visual.proj", "visual.ln_post.weight"},
    .text = {"token_embedding.weight", "text_projection", "ln_final.weight", "positional_embedding"},
    .wrapped = true,
};

static const okng_layout layout_hugging_face = {
    .name = "Hugging Face CLIPModel",
    .rules = hugging_face,
    .image = {"vision_model.embeddings.patch_embedding.weight", "vision_model.embeddings.class_embedding",
              "visual_projection.weight", "vision_model.post_layernorm.weight"},
    .text = {"text_model.embeddings.token_embedding.weight", "text_projection.weight",
             "text_model.final_layer_norm.weight", "text_model.embeddings.position_embedding.weight"},
};

static const okng_layout layout_tinyclip = {
    .name = "TinyCLIP",
    .rules = tinyclip,
    .image = {"_image_encoder.visual.conv1.weight", "_image_encoder.visual.class_embedding",
              "_image_encoder.visual.proj", "_image_encoder.visual.ln_post.weight"},
    .text = {"_text_encoder.token_embedding.weight", "_text_encoder.text_projection", "_text_encoder.ln_final.weight",
             "_text_encoder.positional_embedding"},
    .wrapped = true,
};

static const okng_layout layout_timm = {
    .name = "timm",
    .rules = timm,
    .image = {"patch_embed.proj.weight", "norm_pre.weight", "cls_token", "pos_embed"},
    .zero = "head.bias",
};

const okng_layout *const okng_layouts[] = {&okng_layout_open_clip, &layout_hugging_face, &layout_tinyclip,
                                           &layout_timm};
const int okng_layout_count = sizeof okng_layouts / sizeof *okng_layouts;

/* ---- from name to name ---- */

uint32_t okng_layout_tower_of(const char *param)
{
    if (strncmp(param, "visual.", 7) == 0) return OKNG_TOWER_IMAGE;
    for (const okng_layout_rule *rule = open_clip; rule->ours; rule++) {
        size_t length = strlen(rule->ours);
        bool open = rule->ours[length - 1] == '.';
        if (strncmp(param, rule->ours, length) == 0 && (open || param[length] == '\0')) return OKNG_TOWER_TEXT;
    }
    return 0;
}

/* A name taken apart by a rule: its number, and the free rest. */
typedef struct fitted {
    const char *number, *rest;
    int digits;
} fitted;

static bool fits(const char *pattern, const char *name, fitted *out)
{
    const char last = pattern[strlen(pattern) - 1];
    *out = (fitted){"", "", 0};
    for (; *pattern; pattern++) {
        if (*pattern != '#') {
            if (*name++ != *pattern) return false;
            continue;
        }
        out->number = name;
        out->digits = (int)strspn(name, "0123456789");
        if (out->digits == 0) return false;
        name += out->digits;
    }
    out->rest = name;
    return last == '.' || last == '_' || *name == '\0';
}

/* False where the name is too long, which no network's is. */
static bool write_name(char name[2 * OKNG_NAME_MAX], const char *prefix, const char *pattern, const fitted *f,
                       char letter)
{
    const size_t size = 2 * OKNG_NAME_MAX;
    size_t used = 0;
    for (int part = 0; part < 3; part++) {
        const char *text = part == 0 ? prefix : part == 1 ? pattern : f->rest;
        for (; *text; text++) {
            const char *from = part == 1 && *text == '#' ? f->number : part == 1 && *text == '?' ? &letter : text;
            size_t count = part == 1 && *text == '#' ? (size_t)f->digits : 1;
            if (count >= size - used) return false;
            memcpy(name + used, from, count);
            used += count;
        }
    }
    name[used] = '\0';
    return true;
}

bool okng_layout_source(const okng_layout *layout, const char *prefix, const char *param, okng_source *out)
{
    fitted f;
    const okng_layout_rule *rule = layout->rules;
    while (rule->ours && !fits(rule->ours, param, &f)) rule++;
    if (!rule->ours) return false;
    out->form = rule->form;
    out->count = rule->form == OKNG_FORM_JOINED ? OKNG_JOINED_MAX : 1;
    for (int i = 0; i < out->count; i++)
        if (!write_name(out->names[i], prefix, rule->theirs, &f, "qkv"[i])) return false;
    return true;
}
