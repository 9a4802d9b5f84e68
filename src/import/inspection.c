/* Models of amazon-science/patchcore-inspection. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "features/provenance.h"
#include "import/flat_index.h"
#include "import/folder.h"
#include "import/member.h"
#include "import/params.h"
#include "net/graph.h"
#include "patchcore/patchcore.h"
#include "weights/find.h"

/* Its name of a backbone (src/patchcore/backbones.py) and torchvision's. */
static const char *torchvision_name(const char *name)
{
    static const struct {
        const char *theirs, *ours;
    } names[] = {
        {"wideresnet50", "wide_resnet50_2"}, {"wideresnet101", "wide_resnet101_2"}, {"resnext101", "resnext101_32x8d"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i].theirs) == 0) return names[i].ours;
    return name;
}

static okng_status find_backbone(const okng_import_options *options, const okng_params *params, const char *file,
                                 okng_build_options *build, okng_error *error)
{
    const char *name = options->backbone ? options->backbone : torchvision_name(params->backbone);
    char known[512] = "";
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info = {.struct_size = sizeof info};
        OKNG_TRY(okng_backbone_get(i, &info, error));
        if (strcmp(info.name, name) == 0) return okng_import_set(build, "backbone", name, file, error);
        size_t used = strlen(known);
        (void)snprintf(known + used, sizeof known - used, "%s%s", used > 0 ? ", " : "", info.name);
    }
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: backbone \"%s\" is none of those that okng has: %s", file,
                     params->backbone, known);
}

static okng_status set_number(okng_build_options *build, const char *name, int32_t number, const char *file,
                              okng_error *error)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%d", (int)number);
    return okng_import_set(build, name, text, file, error);
}

/* Its transforms: resize to a size that is not in the files (256 unless told otherwise), then a square centre crop. */
static okng_status set_input(const okng_import_options *options, const okng_params *params, const char *file,
                             okng_build_options *build, okng_error *error)
{
    OKNG_TRY(okng_import_set(build, "resize", options->resize ? options->resize : "256", file, error));
    bool exact = build->resize_mode == OKNG_RESIZE_EXACT && build->resize_height == params->height &&
                 build->resize_width == params->width;
    if (exact) return okng_import_set(build, "crop", "none", file, error);
    if (params->height != params->width)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: an input of %dx%d is no square crop; give the size as resize %dx%d", file, params->width,
                         params->height, params->height, params->width);
    if (build->resize_mode != OKNG_RESIZE_NONE &&
        (params->height > build->resize_height || params->width > build->resize_width))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%s: an input of %dx%d cannot be cropped from pictures resized to %d; say as resize what "
                         "the model was trained with (its scripts use 366 for 320)",
                         file, params->width, params->height, build->resize_height);
    return set_number(build, "crop", params->height, file, error);
}

static okng_status set_options(const okng_import_options *options, const okng_params *params, const char *file,
                               okng_build_options *build, okng_error *error)
{
    okng_build_options_init(build);
    OKNG_TRY(okng_import_set(build, "preset", "inspection", file, error));
    OKNG_TRY(find_backbone(options, params, file, build, error));
    OKNG_TRY(okng_import_set(build, "layers", options->layers ? options->layers : params->layers, file, error));
    OKNG_TRY(set_input(options, params, file, build, error));
    OKNG_TRY(set_number(build, "patch-size", params->patch_size, file, error));
    OKNG_TRY(set_number(build, "patch-stride", params->patch_stride, file, error));
    OKNG_TRY(set_number(build, "pretrain-dim", params->pretrain_dim, file, error));
    OKNG_TRY(set_number(build, "target-dim", params->target_dim, file, error));
    OKNG_TRY(set_number(build, "neighbors", params->neighbors, file, error));
    /* The rows are what they are, and which picture each came from is not known. */
    OKNG_TRY(okng_import_set(build, "sampler", "identity", file, error));
    return okng_import_set(build, "calibration", "train", file, error);
}

static okng_status open_weights(okng_weights **weights, const okng_import_options *options, const char *file,
                                okng_build_options *build, okng_error *error)
{
    char path[OKNG_PATH_MAX];
    okng_error why;
    okng_status status = okng_weights_of(build->backbone, options->weights, path, weights, &why);
    if (status != OKNG_OK)
        return okng_fail(error, status, "%s: the model holds no weights of its backbone: %.700s", file, why.message);
    status = okng_import_set(build, "weights", path, file, error);
    if (status == OKNG_OK && !*weights) status = okng_graph_weights(weights, build->backbone, build->weights, error);
    return status;
}

/* Everything but the rows. */
static okng_status describe(const okng_import_options *options, const okng_params *params, const char *file,
                            const okng_flat_index *index, okng_bank_config *config, okng_error *error)
{
    okng_build_options build;
    okng_weights *weights = NULL;
    OKNG_TRY(set_options(options, params, file, &build, error));
    *config = (okng_bank_config){
        .input_height = params->height, .input_width = params->width, .imported = "patchcore-inspection"};
    okng_status status = open_weights(&weights, options, file, &build, error);
    if (status == OKNG_OK)
        status = okng_provenance_of_weights(&build, weights, &config->options, config->weights_sha256, error);
    if (status == OKNG_OK) status = okng_import_check(config, index->dim, weights, file, error);
    okng_weights_close(&weights);
    return status;
}

static okng_status check_agreement(const okng_params *params, const okng_flat_index *index, const char *params_path,
                                   const char *index_path, okng_error *error)
{
    if (index->dim != params->target_dim)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s: vectors of %lld dimensions, expected the %d that %s says (target_embed_dimension)",
                         index_path, (long long)index->dim, params->target_dim, params_path);
    if (index->count < params->neighbors)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s: %lld vectors, too few for the %d neighbours that %s asks for (anomaly_scorer_num_nn)",
                         index_path, (long long)index->count, params->neighbors, params_path);
    return OKNG_OK;
}

static okng_status import_files(okng_importing *importing, const char *params_path, const char *index_path,
                                const char *folder, bool first, okng_error *error)
{
    okng_params params;
    okng_flat_index index = {0};
    okng_bank_config config;
    const okng_tau none = {.source = OKNG_TAU_NONE};
    OKNG_TRY(okng_params_read(&params, params_path, error));
    if (params.unknown[0])
        OKNG_TRY(okng_import_warn(importing, error, "%s: \"%s\" is not known and was passed over", params_path,
                                  params.unknown));
    /* Its loader hands the number to a parameter of another name, so that the default is used. */
    if (params.neighbors > 1)
        okng_import_note(importing,
                         "%s: scores are means over %d neighbours, as the model was made; patchcore-inspection's own "
                         "loader searches 1",
                         params_path, params.neighbors);
    okng_status status = okng_flat_index_read(&index, index_path, error);
    if (status == OKNG_OK) status = check_agreement(&params, &index, params_path, index_path, error);
    if (status == OKNG_OK) status = describe(importing->options, &params, params_path, &index, &config, error);
    if (status == OKNG_OK)
        status = okng_patchcore_write(folder, &config, &none, index.rows, index.count, index.dim, error);
    if (status == OKNG_OK) {
        importing->report.rows += (uint64_t)index.count;
        if (first) {
            importing->report.dim = (int32_t)index.dim;
            memcpy(importing->report.backbone, config.options.backbone, OKNG_NAME_MAX);
        }
    }
    okng_flat_index_free(&index);
    return status;
}

/* malloc'd "source/prefix" + name. */
static char *file_path(const char *source, const char *prefix, const char *name)
{
    char file[2 * OKNG_NAME_MAX];
    (void)snprintf(file, sizeof file, "%s%s", prefix, name);
    return okng_path_join(source, file);
}

static okng_status import_member(okng_importing *importing, const char *source, const okng_prefixes *prefixes, size_t i,
                                 okng_error *error)
{
    char name[OKNG_NAME_MAX];
    char *params = file_path(source, prefixes->names[i], OKNG_IMPORT_PARAMS_FILE);
    char *index = file_path(source, prefixes->names[i], OKNG_IMPORT_INDEX_FILE);
    const char *building = importing->writer.building;
    char *folder = prefixes->count > 1 ? okng_path_join(building, okng_ensemble_member_name(i, name, sizeof name))
                                       : strdup(building);
    okng_status status = params && index && folder ? import_files(importing, params, index, folder, i == 0, error)
                                                   : okng_fail_memory(error, strlen(source));
    free(params);
    free(index);
    free(folder);
    return status;
}

okng_status okng_import_inspection(okng_importing *importing, const char *source, okng_error *error)
{
    okng_prefixes prefixes;
    OKNG_TRY(okng_prefixes_find(&prefixes, source, importing->options->prepend, error));
    for (size_t i = 0; i < prefixes.count; i++) OKNG_TRY(import_member(importing, source, &prefixes, i, error));
    const okng_tau none = {.pixel = NAN, .image = NAN, .pixel_low = NAN, .source = OKNG_TAU_NONE};
    return okng_import_finish(importing, prefixes.count, &none, error);
}
