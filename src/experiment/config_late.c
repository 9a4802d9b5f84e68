#include "experiment/config_late.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/yaml.h"
#include "experiment/config.h"
#include "features/extractor.h"
#include "model/methods.h"
#include "options/number.h"

static bool read_bool(const char *value, bool *out)
{
    *out = strcasecmp(value, "true") == 0;
    return *out || strcasecmp(value, "false") == 0;
}

okng_status okng_key_set_seed(const okng_option_row *row, void *config, const char *value, const void *layer,
                              okng_error *error)
{
    (void)row;
    (void)layer;
    okng_experiment_config *c = config;
    OKNG_TRY(okng_dataset_options_set(&c->data, "seed", value, error));
    c->build.seed = c->data.seed;
    return OKNG_OK;
}

okng_status okng_key_set_device(const okng_option_row *row, void *config, const char *value, const void *layer,
                                okng_error *error)
{
    (void)row;
    (void)layer;
    okng_experiment_config *c = config;
    OKNG_TRY(okng_extractor_check_device(value, error));
    return okng_build_options_set(&c->build, "device", value, error);
}

okng_status okng_key_set_normalize(const okng_option_row *row, void *config, const char *value, const void *layer,
                                   okng_error *error)
{
    (void)layer;
    okng_build_options *build = &((okng_experiment_config *)config)->build;
    bool on = false, imagenet = strcmp(value, "imagenet") == 0 || (read_bool(value, &on) && on);
    if (!imagenet && strcmp(value, "none") != 0 && !read_bool(value, &on))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected %s", value, row->values);
    OKNG_TRY(okng_build_options_set(build, "mean", imagenet ? "0.485,0.456,0.406" : "0,0,0", error));
    return okng_build_options_set(build, "std", imagenet ? "0.229,0.224,0.225" : "1,1,1", error);
}

/* "N", "H,W", "3,H,W" */
static bool read_size(const char *value, int32_t *height, int32_t *width)
{
    int64_t numbers[3];
    int count = 0;
    for (const char *rest = value; *rest;) {
        char word[16];
        size_t length = strcspn(rest, ",");
        if (count == 3 || length == 0 || length >= sizeof word) return false;
        memcpy(word, rest, length);
        word[length] = '\0';
        if (!okng_number_i64(word, &numbers[count]) || numbers[count] < 1 || numbers[count] > 65535) return false;
        count++;
        rest += length + (rest[length] == ',');
    }
    if (count == 0 || (count == 3 && numbers[0] != 3)) return false;
    *height = (int32_t)numbers[count == 1 ? 0 : count - 2];
    *width = (int32_t)numbers[count - 1];
    return true;
}

/* What the layer says itself of a key; NULL where it does not. */
static const char *says(const okng_yaml *layer, const char *path)
{
    const okng_yaml_entry *entry = layer ? okng_yaml_find(layer, path) : NULL;
    return entry && !entry->null ? entry->value : NULL;
}

/* True when resize and crop come to height x width whatever the picture is. */
static bool comes_to(const okng_build_options *build, int32_t height, int32_t width)
{
    if (build->crop > 0) return build->crop == height && build->crop == width;
    return build->resize_mode == OKNG_RESIZE_EXACT && build->resize_height == height && build->resize_width == width;
}

okng_status okng_key_set_input_size(const okng_option_row *row, void *config, const char *value, const void *layer,
                                    okng_error *error)
{
    (void)row;
    okng_build_options *build = &((okng_experiment_config *)config)->build;
    int32_t height, width;
    if (!read_size(value, &height, &width))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected N, [H, W] or [3, H, W]", value);
    if (comes_to(build, height, width)) return OKNG_OK;
    const char *crop = says(layer, "data.transforms.center_crop"), *resize = says(layer, "data.transforms.resize");
    bool cropped = crop && strcmp(crop, "none") != 0;
    if (cropped || (crop && resize))
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "is %dx%d, which is not what data.transforms.center_crop (%.20s) leaves; leave one of the two out", height,
            width, crop);
    if (!resize) {
        build->resize_mode = OKNG_RESIZE_EXACT;
        build->resize_height = height;
        build->resize_width = width;
        build->crop = 0;
        return OKNG_OK;
    }
    bool inside =
        build->resize_mode == OKNG_RESIZE_NONE || (height <= build->resize_height && width <= build->resize_width);
    if (height != width || !inside)
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "is %dx%d, which is no square that can be cropped from what data.transforms.resize (%.20s) gives; "
            "leave one of the two out",
            height, width, resize);
    build->crop = height;
    return OKNG_OK;
}

okng_status okng_key_set_workers(const okng_option_row *row, void *config, const char *value, const void *layer,
                                 okng_error *error)
{
    (void)row;
    okng_build_options *build = &((okng_experiment_config *)config)->build;
    int32_t before = build->threads;
    OKNG_TRY(okng_build_options_set(build, "threads", value, error));
    if (layer && okng_yaml_find(layer, "data.threads") && before != build->threads)
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "found \"%.80s\", but data.threads, which is the same, has another value; leave one of the two out", value);
    return OKNG_OK;
}

okng_status okng_key_set_full_train(const okng_option_row *row, void *config, const char *value, const void *layer,
                                    okng_error *error)
{
    (void)layer;
    bool all;
    if (!read_bool(value, &all))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected %s", value, row->values);
    okng_experiment_config *c = config;
    const okng_method *method;
    OKNG_TRY(okng_method_find(&method, c->build.method, error));
    if (all) c->data.k_shot = method->needs & OKNG_NEEDS_PICTURES ? 0 : -1; /* which has none by itself */
    return OKNG_OK;
}
