/* anomalib keeps the arguments of its model in "hyper_parameters" (Lightning's save_hyperparameters). The transform of
 * 1.x is "transform" of the checkpoint; that of 2.x belongs to the pre-processor, which is one of the arguments where
 * it was given, and else the version's default; 0.x keeps its whole configuration. */
#include "import/settings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tensor/pickle_find.h"

enum { MAX_DEPTH = 8, MAX_STEPS = 64, MAX_SIDE = 65535, COLOURS = 3 };

typedef okng_pickle_value value;

typedef struct reader {
    const okng_pickle *p;
    okng_settings *settings;
    int steps; /* of the transform, gone through */
} reader;

static bool is_name(const okng_name *name, const char *text)
{
    return name->length == strlen(text) && memcmp(name->text, text, name->length) == 0;
}

/* ---- the model's arguments ----------------------------------------------------------------------------------------
 */

static void read_layers(const reader *r, const value *layers)
{
    char *text = r->settings->layers;
    size_t size = sizeof r->settings->layers, used = 0;
    const value *list = okng_pickle_sequence(r->p, layers);
    for (uint32_t i = 0; list && i < list->length; i++) {
        okng_name layer;
        bool is_text = okng_pickle_word(r->p, okng_pickle_at(r->p, list, i), &layer);
        if (!is_text || used + layer.length + 2 > size || !okng_name_valid(layer.text, layer.length)) {
            text[0] = '\0';
            return;
        }
        used +=
            (size_t)snprintf(text + used, size - used, "%s%.*s", used > 0 ? " " : "", (int)layer.length, layer.text);
    }
}

static void read_arguments(const reader *r, const value *arguments)
{
    int64_t neighbors;
    read_layers(r, okng_pickle_member(r->p, arguments, "layers"));
    if (okng_pickle_whole(r->p, okng_pickle_member(r->p, arguments, "num_neighbors"), &neighbors))
        (void)snprintf(r->settings->neighbors, sizeof r->settings->neighbors, "%lld", (long long)neighbors);
}

/* ---- the transform ------------------------------------------------------------------------------------------------
 */

/* Adds to what okng does not do. */
static void add_other(const reader *r, const char *before, const okng_name *name)
{
    char *text = r->settings->other;
    size_t used = strlen(text), size = sizeof r->settings->other;
    bool shown = name->length < OKNG_NAME_MAX && okng_name_valid(name->text, name->length);
    (void)snprintf(text + used, size - used, "%s%s%.*s", used > 0 ? ", " : "", before, shown ? (int)name->length : 3,
                   shown ? name->text : "...");
}

/* N, [N] or (H, W); one number makes both sides equal. False where it is no such size. */
static bool read_size(const reader *r, const value *size, int64_t *height, int64_t *width, bool *both)
{
    const value *pair = okng_pickle_sequence(r->p, size);
    *both = pair && pair->length == 2;
    if (pair && pair->length != 1 && !*both) return false;
    if (!okng_pickle_whole(r->p, pair ? okng_pickle_at(r->p, pair, 0) : size, height)) return false;
    *width = *height;
    if (*both && !okng_pickle_whole(r->p, okng_pickle_at(r->p, pair, 1), width)) return false;
    return *height >= 1 && *height <= MAX_SIDE && *width >= 1 && *width <= MAX_SIDE;
}

static void read_interpolation(const reader *r, const value *resize)
{
    static const okng_name nearest = {"interpolation nearest", 21, 0}, unknown = {"another interpolation", 21, 0},
                           unsmoothed = {"antialias False", 15, 0};
    const value *which = okng_pickle_member(r->p, resize, "interpolation"),
                *antialias = okng_pickle_member(r->p, resize, "antialias");
    okng_name word;
    int64_t code;
    if (okng_pickle_word(r->p, which, &word)) {
        if (word.length == 7 && strncasecmp(word.text, "bicubic", 7) == 0)
            (void)snprintf(r->settings->interpolation, sizeof r->settings->interpolation, "bicubic");
        else if (word.length >= 7 && strncasecmp(word.text, "nearest", 7) == 0)
            add_other(r, "Resize with ", &nearest);
        else if (word.length != 8 || strncasecmp(word.text, "bilinear", 8) != 0)
            add_other(r, "Resize with ", &unknown);
    } else if (okng_pickle_whole(r->p, which, &code) && code != 2) { /* Pillow's number of bilinear */
        add_other(r, "Resize with ", &unknown);
    }
    if (antialias && antialias->kind == OKNG_PICKLE_BOOL && antialias->as.integer == 0)
        add_other(r, "Resize with ", &unsmoothed);
}

static void read_resize(const reader *r, const value *resize, const char *key, const okng_name *name)
{
    okng_settings *s = r->settings;
    int64_t height, width;
    bool both;
    const value *most = okng_pickle_member(r->p, resize, "max_size");
    bool limited = most && most->kind != OKNG_PICKLE_NONE;
    if (s->resize[0] || s->crop[0] || limited ||
        !read_size(r, okng_pickle_member(r->p, resize, key), &height, &width, &both)) {
        add_other(r, s->resize[0] ? "a second " : s->crop[0] ? "CenterCrop before " : "the size of ", name);
        return;
    }
    if (both)
        (void)snprintf(s->resize, sizeof s->resize, "%dx%d", (int)height, (int)width);
    else
        (void)snprintf(s->resize, sizeof s->resize, "%d", (int)height);
    read_interpolation(r, resize);
}

static void read_crop(const reader *r, const value *crop, const char *key, const okng_name *name)
{
    okng_settings *s = r->settings;
    int64_t height, width;
    bool both;
    if (s->crop[0] || !read_size(r, okng_pickle_member(r->p, crop, key), &height, &width, &both)) {
        add_other(r, s->crop[0] ? "a second " : "the size of ", name);
        return;
    }
    s->wide_crop = height != width;
    (void)snprintf(s->crop, sizeof s->crop, s->wide_crop ? "%dx%d" : "%d", (int)height, (int)width);
}

/* "0.485,0.456,0.406" of a list of numbers, or of the one that stands for all. */
static bool read_colours(const reader *r, const value *list, char *text, size_t size)
{
    const value *numbers = okng_pickle_sequence(r->p, list);
    double colour[COLOURS];
    for (uint32_t i = 0; i < COLOURS; i++) {
        const value *number = numbers ? okng_pickle_at(r->p, numbers, numbers->length == 1 ? 0 : i) : list;
        if (!okng_pickle_real(r->p, number, &colour[i]) || !isfinite(colour[i])) return false;
    }
    if (numbers && numbers->length != 1 && numbers->length != COLOURS) return false;
    (void)snprintf(text, size, "%.9g,%.9g,%.9g", colour[0], colour[1], colour[2]);
    return true;
}

static void read_normalize(const reader *r, const value *normalize, const okng_name *name)
{
    okng_settings *s = r->settings;
    if (!s->mean[0] && read_colours(r, okng_pickle_member(r->p, normalize, "mean"), s->mean, sizeof s->mean) &&
        read_colours(r, okng_pickle_member(r->p, normalize, "std"), s->std, sizeof s->std))
        return;
    add_other(r, s->std[0] ? "a second " : "the numbers of ", name);
}

/* What torchvision gives with its weights. */
static void read_preset(const reader *r, const value *preset, const okng_name *name)
{
    read_resize(r, preset, "resize_size", name);
    read_crop(r, preset, "crop_size", name);
    read_normalize(r, preset, name);
}

/* What brings a picture to where okng begins, or changes nothing when it is inspected. */
static bool changes_nothing(const okng_name *name)
{
    static const char *const names[] = {
        "ToTensor",    "ToImage",  "ToDtype",      "ConvertImageDtype", "ConvertDtype", "RGB",
        "PILToTensor", "Identity", "ToPureTensor", "ConvertImageDType", "ToRGB",        "ToImageTensor"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_name(name, names[i])) return true;
    return false;
}

static void read_step(reader *r, const value *step, int depth);

static void read_list(reader *r, const value *list, int depth)
{
    for (uint32_t i = 0; i < list->length && r->steps <= MAX_STEPS; i++)
        read_step(r, okng_pickle_at(r->p, list, i), depth + 1);
}

/* The steps of a Compose, in a list, or of torch.nn.Sequential, which are its modules. */
static void read_steps(reader *r, const value *compose, int depth)
{
    const value *list = okng_pickle_sequence(r->p, okng_pickle_member(r->p, compose, "transforms"));
    if (list) read_list(r, list, depth);
    for (int i = 0; !list && r->steps <= MAX_STEPS; i++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%d", i);
        const value *step = okng_pickle_member(r->p, compose, number);
        if (!step) return;
        read_step(r, step, depth + 1);
    }
}

static void read_step(reader *r, const value *step, int depth)
{
    static const okng_name unnamed = {"an object without a name", 24, 0};
    okng_name name = unnamed;
    bool named = okng_pickle_class_name(r->p, step, &name);
    const value *list = named ? NULL : okng_pickle_sequence(r->p, step);
    if (r->steps++ > MAX_STEPS) return;
    if (list && depth < MAX_DEPTH)
        read_list(r, list, depth);
    else if (!named || depth == MAX_DEPTH)
        add_other(r, "", &unnamed);
    else if (is_name(&name, "Compose") || is_name(&name, "Sequential"))
        read_steps(r, step, depth);
    else if (is_name(&name, "Resize"))
        read_resize(r, step, "size", &name);
    else if (is_name(&name, "CenterCrop") || is_name(&name, "ExportableCenterCrop"))
        read_crop(r, step, "size", &name);
    else if (is_name(&name, "Normalize"))
        read_normalize(r, step, &name);
    else if (is_name(&name, "ImageClassification"))
        read_preset(r, step, &name);
    else if (!changes_nothing(&name))
        add_other(r, "", &name);
}

static bool is_none(const value *v)
{
    return !v || v->kind == OKNG_PICKLE_NONE || v->kind == OKNG_PICKLE_BOOL;
}

/* What a transform leaves out it does not do: a picture that is not normalised stays in 0..1. */
static bool read_transform(reader *r, const value *transform)
{
    okng_settings *s = r->settings;
    if (is_none(transform)) return false;
    read_step(r, transform, 0);
    if (!s->resize[0]) (void)snprintf(s->resize, sizeof s->resize, "none");
    if (!s->crop[0]) (void)snprintf(s->crop, sizeof s->crop, "none");
    if (!s->mean[0]) (void)snprintf(s->mean, sizeof s->mean, "0,0,0");
    if (!s->std[0]) (void)snprintf(s->std, sizeof s->std, "1,1,1");
    s->transform = true;
    return true;
}

/* Any module may stand for a pre-processor, also a transform itself. */
static bool is_transform(const okng_name *name)
{
    static const char *const names[] = {"Compose",    "Sequential", "Resize",
                                        "CenterCrop", "Normalize",  "ImageClassification"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_name(name, names[i])) return true;
    return false;
}

/* That of inspecting, where it has one for each stage (2.0 betas). */
static bool read_pre_processor(reader *r, const value *pre_processor)
{
    static const char *const names[] = {"transform", "test_transform", "predict_transform", "val_transform",
                                        "train_transform"};
    static const okng_name unread = {"a pre_processor without a transform", 35, 0};
    okng_name name;
    if (is_none(pre_processor)) return false;
    if (okng_pickle_class_name(r->p, pre_processor, &name) && is_transform(&name))
        return read_transform(r, pre_processor);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (read_transform(r, okng_pickle_member(r->p, pre_processor, names[i]))) return true;
    add_other(r, "", &unread);
    return false;
}

/* 0.x: image_size, center_crop and normalization of "dataset". */
static bool read_configuration(reader *r, const value *dataset)
{
    okng_settings *s = r->settings;
    int64_t height, width;
    bool both;
    okng_name word;
    if (!read_size(r, okng_pickle_member(r->p, dataset, "image_size"), &height, &width, &both)) return false;
    (void)snprintf(s->resize, sizeof s->resize, "%dx%d", (int)height, (int)width);
    const value *crop = okng_pickle_member(r->p, dataset, "center_crop");
    (void)snprintf(s->crop, sizeof s->crop, "none");
    if (!is_none(crop) && read_size(r, crop, &height, &width, &both)) {
        s->wide_crop = height != width;
        (void)snprintf(s->crop, sizeof s->crop, s->wide_crop ? "%dx%d" : "%d", (int)height, (int)width);
    }
    if (okng_pickle_word(r->p, okng_pickle_member(r->p, dataset, "normalization"), &word) && is_name(&word, "none")) {
        (void)snprintf(s->mean, sizeof s->mean, "0,0,0");
        (void)snprintf(s->std, sizeof s->std, "1,1,1");
    }
    s->transform = true;
    return true;
}

/* ---- what is not told ---------------------------------------------------------------------------------------------
 */

static bool any_tensor_ends(const okng_weights *checkpoint, const char *const *ends)
{
    for (size_t i = 0; i < okng_weights_count(checkpoint); i++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        if (okng_weights_tensor(checkpoint, i, &info, NULL) != OKNG_OK) continue;
        for (const char *const *end = ends; *end; end++) {
            size_t length = strlen(info.name), size = strlen(*end);
            if (length >= size && strcmp(info.name + length - size, *end) == 0) return true;
        }
    }
    return false;
}

/* 1.x, as the versions before it, keeps its thresholds and ranges in metrics of the model itself. All of them resize to
 * 256x256; 1.x and 2.0.0 cut 224/256 of it out of the middle. */
static void take_default(okng_settings *s, const okng_weights *checkpoint, bool has_transform_key, bool knows_precision)
{
    static const char *const of_metrics[] = {"image_threshold.value", "normalization_metrics.min", "min_max.min", NULL};
    bool old = has_transform_key || any_tensor_ends(checkpoint, of_metrics);
    (void)snprintf(s->resize, sizeof s->resize, "256x256");
    (void)snprintf(s->crop, sizeof s->crop, old ? "224" : "none");
    const char *whose = old ? "1.x" : knows_precision ? "" : "2.1 and later (2.0.0 has --crop 224)";
    (void)snprintf(s->default_of, sizeof s->default_of, "%s", whose);
}

/* The value under `key` of the whole checkpoint, or of the arguments of its model. */
static const value *find_argument(const okng_pickle *p, okng_pickle_ref root, const char *key)
{
    return okng_pickle_member(p, okng_pickle_member(p, okng_pickle_get(p, root), "hyper_parameters"), key);
}

okng_settings okng_settings_of(const okng_pickle *p, okng_pickle_ref root)
{
    okng_settings settings = {0};
    reader r = {.p = p, .settings = &settings};
    const value *whole = okng_pickle_get(p, root), *arguments = okng_pickle_member(p, whole, "hyper_parameters");
    const value *model = okng_pickle_member(p, arguments, "model"); /* of a configuration */
    const value *pre_processor = okng_pickle_member(p, arguments, "pre_processor");
    read_arguments(&r, okng_pickle_member(p, model, "layers") ? model : arguments);
    if (read_transform(&r, okng_pickle_member(p, whole, "transform")) || read_pre_processor(&r, pre_processor) ||
        read_transform(&r, okng_pickle_member(p, arguments, "transform")) ||
        read_configuration(&r, okng_pickle_member(p, arguments, "dataset")))
        return settings;
    static const okng_name none = {"pre_processor False", 19, 0};
    if (pre_processor && pre_processor->kind == OKNG_PICKLE_BOOL && pre_processor->as.integer == 0)
        add_other(&r, "", &none);
    return settings;
}

okng_settings okng_settings_read(const okng_weights *checkpoint)
{
    okng_pickle_ref root = 0;
    const okng_pickle *p = okng_weights_object(checkpoint, &root);
    okng_settings settings = {0};
    if (p) settings = okng_settings_of(p, root);
    if (settings.transform) return settings;
    bool has_key = p && okng_pickle_member(p, okng_pickle_get(p, root), "transform");
    take_default(&settings, checkpoint, has_key, p && find_argument(p, root, "precision"));
    return settings;
}
