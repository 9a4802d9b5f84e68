/* Checkpoints of anomalib's Patchcore (0.x to 2.x): a state dict with memory_bank, the backbone that timm made, and the
 * statistics that it normalises scores by. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bank/finite.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "import/member.h"
#include "import/settings.h"
#include "net/graph.h"
#include "patchcore/patchcore.h"

enum { MAX_LAYER = 4, SUBSETS = 1 << MAX_LAYER, SIDE = 64 };

static const char bank_name[] = "memory_bank", stem_name[] = "conv1.weight";

/* ---- the memory bank ----------------------------------------------------------------------------------------------
 */

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), size = strlen(end);
    return length >= size && strcmp(name + length - size, end) == 0 &&
           (length == size || name[length - size - 1] == '.');
}

static okng_status wrong_kind(const char *source, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "%s: holds no tensor \"memory_bank\"; expected the checkpoint of a fitted Patchcore (its exported "
                     ".pt holds a program, not a state dict: give the .ckpt, or save model.state_dict())",
                     source);
}

static okng_status find_bank(const okng_weights *checkpoint, const char *source, const okng_array **bank,
                             okng_error *error)
{
    *bank = NULL;
    for (size_t i = 0; i < okng_weights_count(checkpoint); i++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        OKNG_TRY(okng_weights_tensor(checkpoint, i, &info, error));
        if (!ends_with(info.name, bank_name)) continue;
        if (*bank) return okng_fail(error, OKNG_ERROR_FORMAT, "%s: holds more than one memory_bank", source);
        OKNG_TRY(okng_weights_get(checkpoint, info.name, bank, error));
    }
    if (!*bank) return wrong_kind(source, error);
    bool is_float = (*bank)->dtype <= OKNG_BF16;
    if ((*bank)->dims == 2 && is_float && (*bank)->shape[0] > 0 && (*bank)->shape[1] > 0) return OKNG_OK;
    char shape[96];
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: memory_bank is %s %s, expected vectors [rows, dimensions]", source,
                     okng_dtype_name((*bank)->dtype),
                     okng_shape_text((*bank)->dims, (*bank)->shape, shape, sizeof shape));
}

/* As float32; the caller frees it. */
static okng_status copy_rows(const okng_array *bank, const char *source, float **rows, okng_error *error)
{
    size_t count = (size_t)bank->shape[0] * (size_t)bank->shape[1];
    *rows = okng_alloc(count, sizeof **rows);
    if (!*rows) return okng_fail_memory(error, count * sizeof **rows);
    okng_to_float(bank->dtype, bank->data, count, *rows);
    if (okng_check_finite(*rows, bank->shape[0], bank->shape[1], 0, 1, NULL) == OKNG_OK) return OKNG_OK;
    free(*rows);
    *rows = NULL;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: memory_bank holds a value that is not finite", source);
}

/* ---- the backbone -------------------------------------------------------------------------------------------------
 */

/* What the names of the backbone's tensors begin with: "model.feature_extractor.feature_extractor.". */
static okng_status find_prefix(const okng_weights *checkpoint, const char *source, char *prefix, size_t size,
                               okng_error *error)
{
    for (size_t i = 0; i < okng_weights_count(checkpoint); i++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        char sibling[2 * OKNG_NAME_MAX + 64];
        OKNG_TRY(okng_weights_tensor(checkpoint, i, &info, error));
        size_t length = strlen(info.name);
        if (!ends_with(info.name, stem_name) || length - sizeof stem_name + 1 >= size) continue;
        (void)snprintf(prefix, size, "%.*s", (int)(length - sizeof stem_name + 1), info.name);
        (void)snprintf(sibling, sizeof sibling, "%slayer1.0.conv1.weight", prefix);
        if (okng_weights_has(checkpoint, sibling)) return OKNG_OK;
    }
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "%s: holds no ResNet (conv1.weight with layer1.0.conv1.weight beside it), which is the family of "
                     "backbones that okng has",
                     source);
}

/* The backbone that fits, and how many of its layers are there. */
static okng_status find_backbone(const okng_weights *backbone, const char *wanted, const char *source, char *name,
                                 int32_t *layers, okng_error *error)
{
    okng_error why = {0};
    *layers = 0;
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info = {.struct_size = sizeof info};
        OKNG_TRY(okng_backbone_get(i, &info, error));
        if (info.built_in || (wanted && strcmp(info.name, wanted) != 0)) continue;
        int32_t fits = okng_backbone_fits(info.name, backbone, &why);
        if (why.status == OKNG_ERROR_MEMORY) return okng_fail(error, why.status, "%s", why.message);
        if (fits <= *layers) continue;
        *layers = fits;
        (void)snprintf(name, OKNG_NAME_MAX, "%s", info.name);
    }
    if (*layers > 0) return OKNG_OK;
    if (wanted)
        return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: its backbone is no %s: %.300s", source, wanted,
                         why.message[0] ? why.message : "okng has none of that name");
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: its backbone is none of those that okng has", source);
}

/* "layer2 layer3" of the set of layers; returns text. */
static const char *layers_text(unsigned subset, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int layer = 0; layer < MAX_LAYER; layer++)
        if (subset >> layer & 1)
            used += (size_t)snprintf(text + used, size - used, "%slayer%d", used > 0 ? " " : "", layer + 1);
    return text;
}

/* The layers whose channels make up `dim`: those of a ResNet double from one to the next, so there is one set at most.
 */
static okng_status find_layers(const char *backbone, int32_t count, int64_t dim, const char *source, char *text,
                               size_t size, okng_error *error)
{
    static const char *const names[MAX_LAYER] = {"layer1", "layer2", "layer3", "layer4"};
    okng_graph *graph;
    OKNG_TRY(okng_graph_build(
        &graph,
        &(okng_graph_request){
            .backbone = backbone, .layers = names, .layer_count = count, .height = SIDE, .width = SIDE},
        error));
    int64_t channels[MAX_LAYER] = {0};
    for (int32_t i = 0; i < count; i++) {
        int64_t shape[4];
        okng_graph_output_shape(graph, i, shape);
        channels[i] = shape[1];
    }
    okng_graph_free(&graph);
    for (unsigned subset = 1; subset < SUBSETS; subset++) {
        int64_t sum = 0;
        bool there = subset >> count == 0;
        for (int layer = 0; layer < count; layer++) sum += subset >> layer & 1 ? channels[layer] : 0;
        if (!there || sum != dim) continue;
        (void)layers_text(subset, text, size);
        return OKNG_OK;
    }
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: memory_bank has %lld dimensions, which no set of the %d layers of %s in it makes", source,
                     (long long)dim, count, backbone);
}

/* ---- the statistics -----------------------------------------------------------------------------------------------
 */

/* Whether a name ends in `wanted`, the parts passed over that wrappers put into names (DataParallel, torch.compile,
 * FSDP). */
static bool is_called(const char *name, const char *wanted)
{
    static const char *const wrappers[] = {"module.", "_orig_mod.", "_fsdp_wrapped_module."};
    char plain[2 * OKNG_NAME_MAX];
    size_t used = 0;
    for (const char *at = name; *at && used + 1 < sizeof plain;) {
        size_t skipped = 0;
        bool begins = at == name || at[-1] == '.';
        for (size_t i = 0; begins && i < sizeof wrappers / sizeof *wrappers; i++)
            if (strncmp(at, wrappers[i], strlen(wrappers[i])) == 0) skipped = strlen(wrappers[i]);
        at += skipped;
        if (skipped == 0) plain[used++] = *at++;
    }
    plain[used] = '\0';
    return ends_with(plain, wanted);
}

static bool is_number(const okng_array *array, float *number)
{
    if (!array || array->dtype > OKNG_BF16 || array->bytes != okng_dtype_size(array->dtype)) return false;
    okng_to_float(array->dtype, array->data, 1, number);
    return isfinite(*number);
}

/* The first of the names that is one finite number; NaN when there is none. */
static float find_number(const okng_weights *checkpoint, const char *const *names)
{
    float number;
    for (; *names; names++) {
        if (is_number(okng_weights_find(checkpoint, *names), &number)) return number;
        for (size_t i = 0; i < okng_weights_count(checkpoint); i++) {
            okng_tensor_info info = {.struct_size = sizeof info};
            if (okng_weights_tensor(checkpoint, i, &info, NULL) != OKNG_OK || !is_called(info.name, *names)) continue;
            if (is_number(okng_weights_find(checkpoint, info.name), &number)) return number;
        }
    }
    return NAN;
}

/* 2.x, then 1.x and 0.x, whose one range is of pictures and pixels alike. */
static okng_tau read_tau(const okng_weights *checkpoint)
{
    static const char *const image[] = {"post_processor._image_threshold", "post_processor.image_threshold",
                                        "image_threshold.value", NULL};
    static const char *const pixel[] = {"post_processor._pixel_threshold", "post_processor.pixel_threshold",
                                        "pixel_threshold.value", NULL};
    static const char *const ranges[4][5] = {
        {"post_processor.image_min", "normalization_metrics.min", "min_max.min", NULL},
        {"post_processor.image_max", "normalization_metrics.max", "min_max.max", NULL},
        {"post_processor.pixel_min", "normalization_metrics.min", "min_max.min", NULL},
        {"post_processor.pixel_max", "normalization_metrics.max", "min_max.max", NULL},
    };
    okng_tau tau = {.image = find_number(checkpoint, image), .pixel = find_number(checkpoint, pixel)};
    for (int i = 0; i < 2; i++) {
        tau.image_range[i] = find_number(checkpoint, ranges[i]);
        tau.pixel_range[i] = find_number(checkpoint, ranges[2 + i]);
    }
    /* It lets one threshold stand for the other where that is missing. */
    if (isnan(tau.image)) tau.image = tau.pixel;
    if (isnan(tau.pixel)) tau.pixel = tau.image;
    tau.source = isnan(tau.image) ? OKNG_TAU_NONE : OKNG_TAU_ANOMALIB;
    tau.pixel_low = tau.source == OKNG_TAU_NONE ? NAN : tau.pixel_range[0];
    return tau;
}

/* ---- the bank -----------------------------------------------------------------------------------------------------
 */

/* What the caller says goes before what the file says. */
static const char *first_of(const char *given, const char *told)
{
    return given ? given : *told ? told : NULL;
}

static okng_status set_options(const okng_import_options *options, const okng_settings *told, const char *backbone,
                               const char *layers, const char *file, okng_build_options *build, okng_error *error)
{
    char neighbors[16];
    (void)snprintf(neighbors, sizeof neighbors, "%d", (int)options->neighbors);
    const struct {
        const char *name, *value;
    } values[] = {
        {"preset", "anomalib"},
        {"backbone", backbone},
        {"weights", OKNG_BANK_BACKBONE_FILE},
        {"layers", layers},
        {"interpolation", *told->interpolation ? told->interpolation : "bilinear-float"},
        {"resize", first_of(options->resize, told->resize)},
        {"crop", first_of(options->crop, told->crop)},
        {"mean", first_of(NULL, told->mean)},
        {"std", first_of(NULL, told->std)},
        {"neighbors", first_of(options->neighbors > 0 ? neighbors : NULL, told->neighbors)},
        {"sampler", "identity"},
        {"calibration", "train"},
    };
    if (!options->crop && told->wide_crop)
        return okng_fail(
            error, OKNG_ERROR_UNSUPPORTED,
            "%s: its pictures were cut to %s, and okng cuts squares; give a crop and a resize, at which its "
            "scores will differ",
            file, told->crop);
    okng_build_options_init(build);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        OKNG_TRY(okng_import_set(build, values[i].name, values[i].value, file, error));
    return OKNG_OK;
}

static okng_status set_input(okng_bank_config *config, const char *file, okng_error *error)
{
    const okng_build_options *options = &config->options;
    config->input_height = options->crop > 0 ? options->crop : options->resize_height;
    config->input_width = options->crop > 0 ? options->crop : options->resize_width;
    if (options->resize_mode != OKNG_RESIZE_NONE &&
        (options->crop > options->resize_height || options->crop > options->resize_width))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%s: no %dx%d can be cropped from pictures resized to %dx%d; give a crop that fits, or "
                         "another resize",
                         file, options->crop, options->crop, options->resize_height, options->resize_width);
    if (options->crop > 0 || options->resize_mode == OKNG_RESIZE_EXACT) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s: resize without crop gives no fixed input; say resize HxW, as anomalib's pre-processor", file);
}

/* Reads the weights back from where they were written, as inspecting will. */
static okng_status describe(const okng_import_options *options, const okng_settings *told, const char *weights_path,
                            const char *source, const okng_array *bank, okng_bank_config *config, okng_error *error)
{
    char name[OKNG_NAME_MAX] = "", layers[OKNG_MAX_LAYERS * OKNG_NAME_MAX];
    int32_t count;
    okng_weights *weights;
    *config = (okng_bank_config){.imported = "anomalib"};
    OKNG_TRY(okng_weights_open(&weights, weights_path, error));
    okng_status status = find_backbone(weights, options->backbone, source, name, &count, error);
    const char *said = first_of(options->layers, told->layers);
    if (status == OKNG_OK && !said)
        status = find_layers(name, count, bank->shape[1], source, layers, sizeof layers, error);
    if (status == OKNG_OK)
        status = set_options(options, told, name, said ? said : layers, source, &config->options, error);
    if (status == OKNG_OK) status = set_input(config, source, error);
    if (status == OKNG_OK) status = okng_import_check(config, bank->shape[1], weights, source, error);
    size_t size;
    const void *bytes = okng_weights_bytes(weights, &size); /* what was checked, whatever lies there now */
    if (status == OKNG_OK) okng_sha256(bytes, size, config->weights_sha256);
    okng_weights_close(&weights);
    return status;
}

/* Says which tensor below the prefix cannot be read, where that may be why a network was not found. */
static okng_status blame_unread(const okng_weights *checkpoint, const char *prefix, okng_status status,
                                okng_error *error)
{
    for (size_t i = 0; i < okng_weights_count(checkpoint); i++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        const okng_array *array;
        okng_error why = {0};
        if (okng_weights_tensor(checkpoint, i, &info, NULL) != OKNG_OK) continue;
        if (strncmp(info.name, prefix, strlen(prefix)) != 0) continue;
        okng_status found = okng_weights_get(checkpoint, info.name, &array, &why);
        if (found == OKNG_OK) continue;
        if (error) *error = why;
        return found;
    }
    return status;
}

/* What a user should know of what the file says, or does not. */
static okng_status tell(okng_importing *importing, const okng_settings *told, const char *source, okng_error *error)
{
    const okng_import_options *options = importing->options;
    if (*told->default_of && !options->resize && !options->crop)
        okng_import_note(importing, "%s: tells no transform; %s%s%s is taken, as by default of anomalib %s", source,
                         told->resize, strcmp(told->crop, "none") == 0 ? " without a crop" : " with crop ",
                         strcmp(told->crop, "none") == 0 ? "" : told->crop, told->default_of);
    if (!*told->other) return OKNG_OK;
    return okng_import_warn(importing, error, "%s: its transform has what okng does not do: %s", source, told->other);
}

static okng_status write_bank(okng_importing *importing, const okng_weights *checkpoint, const char *source,
                              const char *weights_path, const okng_tau *tau, okng_error *error)
{
    const okng_array *bank;
    char prefix[OKNG_NAME_MAX * 2];
    okng_bank_config config;
    float *rows = NULL;
    const okng_settings told = okng_settings_read(checkpoint);
    OKNG_TRY(find_bank(checkpoint, source, &bank, error));
    OKNG_TRY(find_prefix(checkpoint, source, prefix, sizeof prefix, error));
    OKNG_TRY(okng_safetensors_write(weights_path, checkpoint, prefix, error));
    okng_status status = describe(importing->options, &told, weights_path, source, bank, &config, error);
    if (status != OKNG_OK) return blame_unread(checkpoint, prefix, status, error);
    OKNG_TRY(tell(importing, &told, source, error));
    OKNG_TRY(copy_rows(bank, source, &rows, error));
    status =
        okng_patchcore_write(importing->writer.building, &config, tau, rows, bank->shape[0], bank->shape[1], error);
    free(rows);
    importing->report.rows = (uint64_t)bank->shape[0];
    importing->report.dim = (int32_t)bank->shape[1];
    memcpy(importing->report.backbone, config.options.backbone, OKNG_NAME_MAX);
    return status;
}

okng_status okng_import_anomalib(okng_importing *importing, const char *source, okng_error *error)
{
    okng_weights *checkpoint;
    OKNG_TRY(okng_weights_open_checkpoint(&checkpoint, source, error));
    char *weights_path = okng_path_join(importing->writer.building, OKNG_BANK_BACKBONE_FILE);
    okng_tau tau = read_tau(checkpoint);
    okng_status status = weights_path ? write_bank(importing, checkpoint, source, weights_path, &tau, error)
                                      : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK && tau.source == OKNG_TAU_NONE && importing->options->ok_count == 0)
        status = okng_import_warn(importing, error, "%s: holds no thresholds", source);
    if (status == OKNG_OK) status = okng_import_finish(importing, 1, &tau, error);
    free(weights_path);
    okng_weights_close(&checkpoint);
    return status;
}
