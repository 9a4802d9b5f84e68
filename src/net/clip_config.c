#include "net/clip_config.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

static const okng_json_limits config_limits = {.bytes = 1 << 20, .items = 1 << 16, .text = 1 << 16, .depth = 32};

/* ---- files beside the weights ---- */

/* The object in a file beside the weights; NULL where there is no such file. Bytes in memory have nothing beside them.
 */
static okng_status read_beside(const okng_weights *weights, const char *name, char *path, json_t **out,
                               okng_error *error)
{
    const char *own = okng_weights_path(weights), *slash = strrchr(own, '/');
    const int folder = slash ? (int)(slash + 1 - own) : 0;
    *out = NULL;
    if (!okng_weights_owned(weights)) return OKNG_OK;
    int length = snprintf(path, OKNG_PATH_MAX, "%.*s%s", folder, own, name);
    if (length < 0 || length >= OKNG_PATH_MAX) return OKNG_OK; /* too long to be there */
    okng_error why;
    okng_status status = okng_json_read(out, path, &config_limits, &why);
    if (status == OKNG_OK || status == OKNG_ERROR_NOT_FOUND) return OKNG_OK;
    if (error) *error = why;
    return status;
}

static bool is_layout(const okng_naming *naming, const char *name)
{
    return strcmp(okng_naming_layout(naming), name) == 0;
}

/* Whether a number is there and another one. */
static bool differs(const json_t *object, const char *key, int32_t number)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) && json_integer_value(value) != number;
}

static okng_activation named(const char *text)
{
    if (strcmp(text, "quick_gelu") == 0 || strcmp(text, "quickgelu") == 0) return OKNG_ACTIVATION_QUICKGELU;
    return strcmp(text, "gelu") == 0 ? OKNG_ACTIVATION_GELU : OKNG_ACTIVATION_AUTO;
}

static okng_status unknown(const char *path, const char *key, const char *text, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: %s is \"%.80s\", expected gelu or quick_gelu", path, key, text);
}

/* ---- metadata ---- */

static okng_status by_metadata(const okng_weights *weights, okng_activation *out, char *where, okng_error *error)
{
    static const char *const keys[] = {"activation", "hidden_act", "quick_gelu"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys && *out == OKNG_ACTIVATION_AUTO; i++) {
        const char *text = okng_weights_metadata(weights, keys[i]), *path = okng_weights_path(weights);
        if (!text) continue;
        *out = named(text);
        if (strcmp(keys[i], "quick_gelu") == 0)
            *out = strcmp(text, "true") == 0    ? OKNG_ACTIVATION_QUICKGELU
                   : strcmp(text, "false") == 0 ? OKNG_ACTIVATION_GELU
                                                : OKNG_ACTIVATION_AUTO;
        if (*out == OKNG_ACTIVATION_AUTO) return unknown(path, keys[i], text, error);
        (void)snprintf(where, OKNG_WHERE_MAX, "%.400s, metadata %s", path, keys[i]);
    }
    return OKNG_OK;
}

/* ---- Hugging Face ---- */

/* A member of a tower's configuration. What the older name of it holds goes over the newer. */
static const json_t *hf_member(const json_t *config, const char *tower, const char *key)
{
    char older[64];
    (void)snprintf(older, sizeof older, "%s_dict", tower);
    const json_t *value = json_object_get(json_object_get(config, older), key);
    return value ? value : json_object_get(json_object_get(config, tower), key);
}

static bool hf_is_of(const json_t *config, const okng_clip_shape *shape)
{
    const char *type = json_string_value(json_object_get(config, "model_type"));
    const json_t *width = hf_member(config, "vision_config", "hidden_size"),
                 *patch = hf_member(config, "vision_config", "patch_size");
    if (type && strcmp(type, "clip_vision_model") == 0)
        return !differs(config, "hidden_size", shape->width) && !differs(config, "patch_size", shape->patch);
    if (!type || strcmp(type, "clip") != 0) return false;
    return !(json_is_integer(width) && json_integer_value(width) != shape->width) &&
           !(json_is_integer(patch) && json_integer_value(patch) != shape->patch);
}

/* Where a tower does not say, it is quick_gelu: the default of transformers. */
static okng_status hf_activation(const char *path, const json_t *value, const char *key, okng_activation *out,
                                 okng_error *error)
{
    const char *text = json_string_value(value);
    *out = !value ? OKNG_ACTIVATION_QUICKGELU : text ? named(text) : OKNG_ACTIVATION_AUTO;
    if (*out == OKNG_ACTIVATION_AUTO) return unknown(path, key, text ? text : "no text", error);
    return OKNG_OK;
}

static okng_status by_hf(const json_t *config, const char *path, okng_activation *out, char *where, okng_error *error)
{
    okng_activation vision = OKNG_ACTIVATION_AUTO, text = OKNG_ACTIVATION_AUTO;
    const char *type = json_string_value(json_object_get(config, "model_type"));
    if (type && strcmp(type, "clip_vision_model") == 0) {
        OKNG_TRY(hf_activation(path, json_object_get(config, "hidden_act"), "hidden_act", &vision, error));
        text = vision;
    } else {
        OKNG_TRY(hf_activation(path, hf_member(config, "vision_config", "hidden_act"), "vision_config.hidden_act",
                               &vision, error));
        OKNG_TRY(hf_activation(path, hf_member(config, "text_config", "hidden_act"), "text_config.hidden_act", &text,
                               error));
    }
    if (vision != text)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s: the towers have different activations (hidden_act of vision_config and text_config), "
                         "expected one for both",
                         path);
    *out = vision;
    (void)snprintf(where, OKNG_WHERE_MAX, "%.400s, hidden_act", path);
    return OKNG_OK;
}

/* ---- open_clip, timm ---- */

static bool open_clip_is_of(const json_t *config, const okng_clip_shape *shape)
{
    const json_t *model = json_object_get(config, "model_cfg"), *vision = json_object_get(model, "vision_cfg");
    return json_is_object(vision) && !differs(model, "embed_dim", shape->embedding) &&
           !differs(vision, "width", shape->width) && !differs(vision, "patch_size", shape->patch);
}

/* timm's own networks name themselves: vit_base_patch16_clip_quickgelu_224. The plain name says nothing: weights of
 * OpenAI stand under it too. */
static bool timm_is_quick(const json_t *config)
{
    const char *name = json_string_value(json_object_get(config, "architecture"));
    return name && strstr(name, "quickgelu");
}

/* open_clip_config.json. */
static okng_status by_open_clip(const okng_naming *naming, const okng_clip_shape *shape, okng_activation *out,
                                char *where, okng_error *error)
{
    char path[OKNG_PATH_MAX];
    json_t *config;
    okng_status status = OKNG_OK;
    OKNG_TRY(read_beside(naming->weights, "open_clip_config.json", path, &config, error));
    if (config && open_clip_is_of(config, shape)) {
        const json_t *quick = json_object_get(json_object_get(config, "model_cfg"), "quick_gelu");
        *out = json_is_true(quick) ? OKNG_ACTIVATION_QUICKGELU : OKNG_ACTIVATION_GELU;
        (void)snprintf(where, OKNG_WHERE_MAX, "%.400s, quick_gelu", path);
        if (quick && !json_is_boolean(quick))
            status = okng_fail(error, OKNG_ERROR_MISMATCH, "%s: quick_gelu is neither true nor false", path);
    }
    json_decref(config);
    return status;
}

/* config.json. */
static okng_status by_transformers_or_timm(const okng_naming *naming, const okng_clip_shape *shape,
                                           okng_activation *out, char *where, okng_error *error)
{
    char path[OKNG_PATH_MAX];
    json_t *config;
    okng_status status = OKNG_OK;
    OKNG_TRY(read_beside(naming->weights, "config.json", path, &config, error));
    if (config && is_layout(naming, "Hugging Face CLIPModel") && hf_is_of(config, shape)) {
        status = by_hf(config, path, out, where, error);
    } else if (config && is_layout(naming, "timm") && timm_is_quick(config)) {
        *out = OKNG_ACTIVATION_QUICKGELU;
        (void)snprintf(where, OKNG_WHERE_MAX, "%.400s, architecture", path);
    }
    json_decref(config);
    return status;
}

/* Files that are not of this layout are not opened: a folder of weights may hold another model's, in any state. */
static okng_status by_config(const okng_naming *naming, const okng_clip_shape *shape, okng_activation *out, char *where,
                             okng_error *error)
{
    const bool hf = is_layout(naming, "Hugging Face CLIPModel"), timm = is_layout(naming, "timm");
    if (!hf) OKNG_TRY(by_open_clip(naming, shape, out, where, error));
    if (*out != OKNG_ACTIVATION_AUTO || !(hf || timm)) return OKNG_OK;
    return by_transformers_or_timm(naming, shape, out, where, error);
}

okng_status okng_clip_config_activation(const okng_naming *naming, const okng_clip_shape *shape,
                                        okng_activation *activation, char *where, okng_error *error)
{
    *activation = OKNG_ACTIVATION_AUTO;
    OKNG_TRY(by_metadata(naming->weights, activation, where, error));
    return *activation == OKNG_ACTIVATION_AUTO ? by_config(naming, shape, activation, where, error) : OKNG_OK;
}

/* ---- colours ---- */

bool okng_clip_colours_are_usual(const float mean[3], const float std[3])
{
    static const float usual_mean[] = {0.48145466f, 0.4578275f, 0.40821073f};
    static const float usual_std[] = {0.26862954f, 0.26130258f, 0.27577711f};
    for (int i = 0; i < 3; i++)
        if (mean[i] != usual_mean[i] || std[i] != usual_std[i]) return false;
    return true;
}

/* Three numbers of low..10; false where there is anything else. */
static bool read_three(const json_t *list, double low, float out[3])
{
    if (!json_is_array(list) || json_array_size(list) != 3) return false;
    for (size_t i = 0; i < 3; i++) {
        const json_t *number = json_array_get(list, i);
        const double value = json_number_value(number);
        if (!json_is_number(number) || !(value >= low && value <= 10.0)) return false;
        out[i] = (float)json_number_value(number);
    }
    return true;
}

okng_status okng_clip_config_colours(const okng_naming *naming, const okng_clip_shape *shape,
                                     okng_clip_colours *colours, okng_error *error)
{
    char path[OKNG_PATH_MAX];
    json_t *config;
    *colours = (okng_clip_colours){.stated = false};
    const bool hf = is_layout(naming, "Hugging Face CLIPModel");
    OKNG_TRY(
        read_beside(naming->weights, hf ? "preprocessor_config.json" : "open_clip_config.json", path, &config, error));
    if (config && (hf || open_clip_is_of(config, shape))) {
        const json_t *from = hf ? config : json_object_get(config, "preprocess_cfg");
        colours->stated = read_three(json_object_get(from, hf ? "image_mean" : "mean"), 0.0, colours->mean) &&
                          read_three(json_object_get(from, hf ? "image_std" : "std"), 1e-3, colours->std);
        (void)snprintf(colours->where, sizeof colours->where, "%.400s", path);
    }
    json_decref(config);
    return OKNG_OK;
}
