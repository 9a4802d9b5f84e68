/* A bank of rows that somebody else made. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bank/finite.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "engine/engine.h"
#include "features/extractor.h"
#include "features/provenance.h"
#include "grow/grow.h"
#include "grow/listed.h"
#include "method/learning.h"
#include "model/methods.h"
#include "model/model.h"
#include "net/graph.h"
#include "patch/normalise.h"
#include "patchcore/patchcore.h"
#include "tensor/array.h"

/* ---- rows -------------------------------------------------------------------------------------------------------- */

typedef struct given_rows {
    float *data; /* [count, dim] */
    int64_t count, dim;
} given_rows;

static bool ends_in(const char *path, const char *ending)
{
    size_t length = strlen(path), end = strlen(ending);
    return length > end && strcasecmp(path + length - end, ending) == 0;
}

static okng_status take_array(given_rows *rows, const okng_array *array, const char *path, okng_error *error)
{
    char shape[96];
    if (array->dtype != OKNG_F32 || array->dims != 2 || array->shape[0] < 1 || array->shape[1] < 1)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: holds %s %s, expected float32 [rows, dimensions], a patch vector in each row", path,
                         okng_dtype_name(array->dtype),
                         okng_shape_text(array->dims, array->shape, shape, sizeof shape));
    rows->count = array->shape[0];
    rows->dim = array->shape[1];
    rows->data = okng_alloc(array->bytes, 1);
    if (!rows->data) return okng_fail_memory(error, array->bytes);
    memcpy(rows->data, array->data, array->bytes);
    return OKNG_OK;
}

static okng_status read_npy(given_rows *rows, const char *path, okng_error *error)
{
    okng_array *array = NULL;
    OKNG_TRY(okng_array_read_npy(&array, path, error));
    okng_status status = take_array(rows, array, path, error);
    okng_array_free(&array);
    return status;
}

/* The one tensor of a file: bare, as memory_bank.pt has it, or under any name. */
static okng_status read_pt(given_rows *rows, const char *path, okng_error *error)
{
    okng_weights *file = NULL;
    const okng_array *array = NULL;
    okng_tensor_info info = {.struct_size = sizeof info};
    OKNG_TRY(okng_weights_open(&file, path, error));
    size_t count = okng_weights_count(file);
    okng_status status = OKNG_OK;
    if (count != 1)
        status = okng_fail(error, OKNG_ERROR_FORMAT, "%s: holds %zu tensors, expected the rows of a bank alone", path,
                           count);
    if (status == OKNG_OK) status = okng_weights_tensor(file, 0, &info, error);
    if (status == OKNG_OK) status = okng_weights_get(file, info.name, &array, error);
    if (status == OKNG_OK) status = take_array(rows, array, path, error);
    okng_weights_close(&file);
    return status;
}

static okng_status read_rows(given_rows *rows, const char *path, const okng_build_options *build, okng_error *error)
{
    OKNG_TRY(ends_in(path, ".npy") ? read_npy(rows, path, error) : read_pt(rows, path, error));
    okng_status status =
        okng_check_finite(rows->data, rows->count, rows->dim, 0, okng_thread_count(build->threads), error);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", path);
    if (build->distance == OKNG_DISTANCE_COSINE) okng_rows_normalise(rows->data, rows->count, rows->dim);
    if (build->image_score != OKNG_SCORE_MEAN_K || build->neighbors <= rows->count) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "neighbors %d is more than the %lld rows of %s", build->neighbors,
                     (long long)rows->count, path);
}

/* ---- the network that they are of -------------------------------------------------------------------------------- */

static okng_status check_options(const okng_build_options *build, okng_error *error)
{
    if (strcmp(build->method, okng_method_patchcore.name) != 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "option method: found %s; banks of rows are made for patchcore alone", build->method);
    if (build->precision == OKNG_PRECISION_INT8)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "option precision: int8 is scaled by pictures that are learnt, and of rows there are none; "
                         "take fp32 or bf16");
    return okng_method_check_options(&okng_method_patchcore, build, error);
}

/* Whether the rows can be patch vectors of the network as the options say. */
static okng_status check_network(okng_bank_config *config, const okng_weights *weights, const given_rows *rows,
                                 const char *path, okng_error *error)
{
    okng_extractor *extractor = NULL;
    OKNG_TRY(okng_extractor_new(&extractor, &config->options, weights, (okng_ranges){0}, NULL, config->input_height,
                                config->input_width, 1, error));
    int dim = okng_extractor_dim(extractor);
    okng_extractor_grid(extractor, &config->grid_height, &config->grid_width);
    okng_extractor_free(&extractor);
    (void)snprintf(config->engine, sizeof config->engine, "%s", okng_engine_version(config->options.device));
    if (dim == rows->dim) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: has rows of %lld dimensions, but %s with these options gives patch vectors of %d; give the "
                     "backbone, layers and aggregate that they were made by",
                     path, (long long)rows->dim, config->options.backbone, dim);
}

static okng_status describe(okng_bank_config *config, const okng_build_options *build, const okng_pictures *pictures,
                            const given_rows *rows, const char *path, okng_error *error)
{
    okng_weights *weights = NULL;
    uint64_t others;
    okng_build_options chosen = *build;
    OKNG_TRY(okng_pictures_find_depth(pictures, &chosen, okng_thread_count(build->threads), &others, error));
    OKNG_TRY(okng_graph_weights(&weights, build->backbone, build->weights, error));
    okng_status status = okng_provenance_of_weights(&chosen, weights, &config->options, config->weights_sha256, error);
    if (status == OKNG_OK) status = okng_learning_take_input(config, pictures, error);
    if (status == OKNG_OK) status = check_network(config, weights, rows, path, error);
    okng_weights_close(&weights);
    return status;
}

/* ---- thresholds -------------------------------------------------------------------------------------------------- */

/* From the bank as it was written, the way it will be used. */
static okng_status calibrate(const char *folder, okng_grow_listed *good, int32_t threads, okng_ticker *ticker,
                             okng_grow_report *report, okng_error *error)
{
    okng_model *model;
    if (good->pictures.count == 0) return OKNG_OK;
    OKNG_TRY(okng_model_open(&model, folder, NULL, error));
    good->pictures.bit_depth = okng_model_look(model).options->bit_depth;
    okng_status status = okng_model_calibrate(model, &good->pictures, okng_thread_count(threads), ticker, error);
    report->image_tau = okng_model_look(model).tau->image;
    report->pixel_tau = okng_model_look(model).tau->pixel;
    okng_model_close(&model);
    return status;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static okng_status create(const okng_bank_writer *writer, const char *path, const okng_build_options *build,
                          okng_grow_listed *good, given_rows *rows, okng_ticker *ticker, okng_grow_report *report,
                          okng_error *error)
{
    okng_bank_config config = {0};
    const okng_tau none = {.pixel = NAN, .image = NAN, .pixel_low = NAN, .source = OKNG_TAU_NONE};
    OKNG_TRY(read_rows(rows, path, build, error));
    OKNG_TRY(describe(&config, build, &good->pictures, rows, path, error));
    OKNG_TRY(okng_patchcore_write(writer->building, &config, &none, rows->data, rows->count, rows->dim, error));
    report->rows = (uint64_t)rows->count;
    report->dim = (int32_t)rows->dim;
    report->image_tau = report->pixel_tau = NAN;
    report->image_tau_before = report->pixel_tau_before = NAN;
    return calibrate(writer->building, good, build->threads, ticker, report, error);
}

okng_status okng_grow_create(const char *rows, const char *bank_dir, const okng_build_options *build,
                             const char *ok_dir, okng_ticker *ticker, okng_grow_report *report, okng_error *error)
{
    okng_bank_writer writer;
    okng_grow_listed good = {.pictures = okng_pictures_of_paths(NULL, 0)};
    given_rows given = {0};
    OKNG_TRY(check_options(build, error));
    OKNG_TRY(okng_bank_writer_open(&writer, bank_dir, okng_method_data_files(), error));
    okng_status status = ok_dir ? okng_grow_list(&good, ok_dir, error) : OKNG_OK;
    if (status == OKNG_OK) status = create(&writer, rows, build, &good, &given, ticker, report, error);
    if (status == OKNG_OK) status = okng_bank_writer_finish(&writer, error);
    okng_bank_writer_close(&writer);
    okng_grow_listed_free(&good);
    free(given.data);
    return status;
}
