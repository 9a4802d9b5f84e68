#include "model/pack.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bank/apart.h"
#include "bank/ensemble_file.h"
#include "base/file.h"
#include "base/memory.h"
#include "features/extractor.h"
#include "model/ensemble.h"
#include "model/rois.h"
#include "net/folded.h"
#include "recipe/writer.h"

static const char *const precisions[] = {"fp32", "fp16", "bf16", "int8"};
static const okng_dtype dtypes[] = {OKNG_F32, OKNG_F16, OKNG_BF16, OKNG_I8};

bool okng_packed_precision_parse(const char *text, okng_packed_precision *precision)
{
    for (size_t i = 0; i < sizeof precisions / sizeof *precisions; i++) {
        if (strcmp(precisions[i], text) != 0) continue;
        *precision = (okng_packed_precision)i;
        return true;
    }
    return false;
}

typedef struct packing {
    const char *path, *out, *weights, *key;
    okng_packed_precision precision;
    int threads;
    okng_recipe_writer *writer;
    const char *part; /* what names of the member at hand begin with */
} packing;

static const char *full_name(const packing *p, const char *name, char text[OKNG_RECIPE_NAME_MAX])
{
    (void)snprintf(text, OKNG_RECIPE_NAME_MAX, "%s%s", p->part, name);
    return text;
}

/* ---- weights ----------------------------------------------------------------------------------------------------- */

/* int8 as engine/ has it: a row's largest magnitude is 127. */
static void to_int8(const float *values, int64_t rows, size_t row, int8_t *numbers, float *largest)
{
    for (int64_t r = 0; r < rows; r++, values += row, numbers += row) {
        largest[r] = 0;
        for (size_t i = 0; i < row; i++) largest[r] = fmaxf(largest[r], fabsf(values[i]));
        const float step = largest[r] / 127.0f;
        for (size_t i = 0; i < row; i++) numbers[i] = (int8_t)(step > 0 ? lrintf(values[i] / step) : 0);
    }
}

static okng_status write_int8(const packing *p, const char *file, const char *name, const okng_array *array,
                              okng_error *error)
{
    char scales[2 * OKNG_NAME_MAX];
    const int64_t rows = array->shape[0];
    const size_t count = array->bytes / sizeof(float), row = rows > 0 ? count / (size_t)rows : 0;
    int8_t *numbers = okng_alloc(count, sizeof *numbers);
    float *largest = okng_alloc((size_t)rows, sizeof *largest);
    okng_status status = numbers && largest ? OKNG_OK : okng_fail_memory(error, count);
    if (status == OKNG_OK) {
        to_int8(array->data, rows, row, numbers, largest);
        okng_array packed = *array, scale = {.dims = 1, .shape = {rows}, .data = largest};
        packed.dtype = OKNG_I8;
        packed.data = numbers;
        packed.bytes = count;
        scale.bytes = (size_t)rows * sizeof *largest;
        (void)snprintf(scales, sizeof scales, "%s" OKNG_RECIPE_SCALES, name);
        status = okng_recipe_writer_tensor(p->writer, file, name, &packed, error);
        if (status == OKNG_OK) status = okng_recipe_writer_tensor(p->writer, file, scales, &scale, error);
    }
    free(numbers);
    free(largest);
    return status;
}

static bool fits_half(const okng_array *array)
{
    const float *values = array->data;
    for (size_t i = 0; i < array->bytes / sizeof *values; i++)
        if (!(fabsf(values[i]) < 65520.0f)) return false;
    return true;
}

/* A matrix of float32 in the precision that is asked for. */
static okng_status write_matrix(const packing *p, const char *file, const char *name, const okng_array *array,
                                okng_error *error)
{
    okng_array packed = *array;
    const size_t count = array->bytes / sizeof(float);
    if (p->precision == OKNG_PACKED_FP32) return okng_recipe_writer_tensor(p->writer, file, name, array, error);
    if (p->precision == OKNG_PACKED_INT8) return write_int8(p, file, name, array, error);
    if (p->precision == OKNG_PACKED_FP16 && !fits_half(array))
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "the weights %s reach beyond 65504, the largest of fp16; pack them as bf16 or fp32", name);
    packed.dtype = dtypes[p->precision];
    packed.bytes = count * okng_dtype_size(packed.dtype);
    packed.data = okng_alloc(1, packed.bytes);
    if (!packed.data) return okng_fail_memory(error, packed.bytes);
    (void)okng_from_float(packed.dtype, array->data, count, packed.data);
    okng_status status = okng_recipe_writer_tensor(p->writer, file, name, &packed, error);
    free(packed.data);
    return status;
}

static okng_status keep(void *context, const char *name, const okng_array *array, bool matrix, okng_error *error)
{
    const packing *p = context;
    char file[OKNG_RECIPE_NAME_MAX];
    (void)full_name(p, OKNG_RECIPE_WEIGHTS, file);
    return matrix ? write_matrix(p, file, name, array, error)
                  : okng_recipe_writer_tensor(p->writer, file, name, array, error);
}

/* What the layers that the options name need, folded. */
static okng_status write_folded(packing *p, const okng_member *member, const okng_weights *weights, okng_error *error)
{
    const okng_bank_config *config = &member->file.config;
    char file[OKNG_RECIPE_NAME_MAX];
    okng_graph *graph;
    OKNG_TRY(okng_extractor_graph(&graph, &config->options, weights, config->input_height, config->input_width, error));
    okng_status status = okng_graph_fold(graph, weights, p->threads, keep, p, error);
    if (status == OKNG_OK)
        status =
            okng_recipe_writer_note(p->writer, full_name(p, OKNG_RECIPE_WEIGHTS, file), OKNG_FOLDED_NOTE, "1", error);
    okng_graph_free(&graph);
    return status;
}

/* The weights of a linear map in a checkpoint, by its shape and name. */
static bool is_matrix(const char *name, const okng_array *array)
{
    const size_t length = strlen(name), end = strlen("weight");
    return array->dims >= 2 && length >= end && strcmp(name + length - end, "weight") == 0;
}

/* As it is where nothing else is asked for, so that nothing is rounded twice. */
static okng_status write_tensor(packing *p, const char *name, const okng_array *array, okng_error *error)
{
    const bool lower =
        p->precision != OKNG_PACKED_FP32 && okng_dtype_is_floating(array->dtype) && is_matrix(name, array);
    if (!lower) return keep(p, name, array, false, error);
    okng_array values = *array;
    const size_t count = array->bytes / okng_dtype_size(array->dtype);
    values.dtype = OKNG_F32;
    values.bytes = count * sizeof(float);
    values.data = okng_alloc(count, sizeof(float));
    if (!values.data) return okng_fail_memory(error, values.bytes);
    okng_to_float(array->dtype, array->data, count, values.data);
    okng_status status = keep(p, name, &values, true, error);
    free(values.data);
    return status;
}

static okng_status write_whole(packing *p, const okng_weights *weights, okng_error *error)
{
    for (size_t i = 0; i < okng_weights_count(weights); i++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        const okng_array *array;
        OKNG_TRY(okng_weights_tensor(weights, i, &info, error));
        if (info.dtype == OKNG_DTYPE_OTHER) continue;
        OKNG_TRY(okng_weights_get(weights, info.name, &array, error));
        OKNG_TRY(write_tensor(p, info.name, array, error));
    }
    return OKNG_OK;
}

static okng_status write_weights(packing *p, const okng_member *member, okng_error *error)
{
    okng_weights *weights;
    OKNG_TRY(okng_member_weights(&weights, &member->file, p->weights, error));
    okng_status status =
        member->method->whole_weights ? write_whole(p, weights, error) : write_folded(p, member, weights, error);
    okng_weights_close(&weights);
    return status;
}

/* ---- a bank ------------------------------------------------------------------------------------------------------ */

static okng_status write_document(const packing *p, const okng_bank_source *from, const char *name, okng_error *error)
{
    char full[OKNG_RECIPE_NAME_MAX], *text;
    size_t size;
    OKNG_TRY(okng_bank_source_text(from, name, &text, &size, error));
    okng_status status = okng_recipe_writer_document(p->writer, full_name(p, name, full), text, size, error);
    free(text);
    return status;
}

static okng_status write_data(const packing *p, const okng_bank_file *bank, int32_t i, okng_error *error)
{
    char full[OKNG_RECIPE_NAME_MAX];
    (void)full_name(p, bank->config.data[i].file, full);
    for (size_t k = 0; k < okng_weights_count(bank->data[i]); k++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        const okng_array *array;
        OKNG_TRY(okng_weights_tensor(bank->data[i], k, &info, error));
        OKNG_TRY(okng_weights_get(bank->data[i], info.name, &array, error));
        OKNG_TRY(okng_recipe_writer_tensor(p->writer, full, info.name, array, error));
    }
    return OKNG_OK;
}

/* What routers keep in the folder, where one has been there. */
static okng_status write_route(const packing *p, const okng_bank_source *from, okng_error *error)
{
    okng_weights *file;
    const okng_array *array;
    okng_status status = OKNG_OK;
    if (!okng_bank_source_has(from, OKNG_BANK_ROUTE_FILE)) return OKNG_OK;
    OKNG_TRY(okng_bank_source_open(from, OKNG_BANK_ROUTE_FILE, &file, error));
    for (size_t i = 0; i < okng_weights_count(file) && status == OKNG_OK; i++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        status = okng_weights_tensor(file, i, &info, error);
        if (status == OKNG_OK) status = okng_weights_get(file, info.name, &array, error);
        if (status == OKNG_OK)
            status = okng_recipe_writer_tensor(p->writer, OKNG_BANK_ROUTE_FILE, info.name, array, error);
    }
    okng_weights_close(&file);
    return status;
}

static okng_status write_prepared(const packing *p, const okng_member *member, okng_error *error)
{
    okng_knn_stored stored = {.count = 0};
    char full[OKNG_RECIPE_NAME_MAX];
    if (!member->method->prepare) return OKNG_OK;
    OKNG_TRY(member->method->prepare(member->model, p->threads, &stored, error));
    (void)full_name(p, OKNG_RECIPE_SEARCH, full);
    for (size_t i = 0; i < stored.count; i++)
        OKNG_TRY(okng_recipe_writer_tensor(p->writer, full, stored.arrays[i].name, stored.arrays[i].array, error));
    return OKNG_OK;
}

static okng_status write_member(packing *p, const okng_bank_source *from, const okng_member *member, const char *part,
                                okng_error *error)
{
    p->part = part;
    OKNG_TRY(write_document(p, from, OKNG_BANK_CONFIG_FILE, error));
    OKNG_TRY(write_document(p, from, OKNG_BANK_TAU_FILE, error));
    const okng_bank_config *config = &member->file.config;
    for (int32_t i = 0; i < config->data_count; i++)
        if (!okng_bank_data_grows(config, i)) OKNG_TRY(write_data(p, &member->file, i, error));
    OKNG_TRY(write_weights(p, member, error));
    return write_prepared(p, member, error);
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static okng_status write_ensemble(packing *p, const okng_bank_source *from, const okng_ensemble *ensemble,
                                  okng_error *error)
{
    okng_status status = OKNG_OK;
    p->part = "";
    OKNG_TRY(write_document(p, from, OKNG_BANK_ENSEMBLE_FILE, error));
    OKNG_TRY(write_document(p, from, OKNG_BANK_TAU_FILE, error));
    for (size_t i = 0; i < ensemble->file.count && status == OKNG_OK; i++) {
        okng_ensemble_part part;
        char name[OKNG_NAME_MAX], prefix[OKNG_NAME_MAX + 1];
        (void)snprintf(prefix, sizeof prefix, "%s/", okng_ensemble_member_name(i, name, sizeof name));
        status = okng_ensemble_part_of(&part, from, i, error);
        if (status == OKNG_OK) status = write_member(p, &part.source, ensemble->members[i], prefix, error);
        okng_ensemble_part_free(&part);
    }
    return status;
}

/* What each region is found by. */
static okng_status write_region_pictures(const packing *p, const okng_rois *rois, okng_error *error)
{
    for (size_t i = 0; i < rois->count; i++) {
        const okng_image *picture = &rois->pictures[i];
        char name[OKNG_NAME_MAX];
        okng_array pixels = {.dtype = OKNG_U8, .dims = 3, .shape = {picture->height, picture->width, 3}};
        pixels.data = picture->pixels;
        pixels.bytes = (size_t)picture->height * (size_t)picture->width * 3;
        OKNG_TRY(okng_recipe_writer_tensor(p->writer, OKNG_RECIPE_REGIONS, okng_rois_part_name(i, name, sizeof name),
                                           &pixels, error));
    }
    return OKNG_OK;
}

static okng_status write_rois(packing *p, const okng_bank_source *from, const okng_model_rois *rois, okng_error *error)
{
    okng_status status = OKNG_OK;
    p->part = "";
    OKNG_TRY(write_document(p, from, OKNG_BANK_ROIS_FILE, error));
    OKNG_TRY(write_document(p, from, OKNG_BANK_TAU_FILE, error));
    OKNG_TRY(write_region_pictures(p, &rois->file.rois, error));
    for (size_t i = 0; i < rois->file.rois.count && status == OKNG_OK; i++) {
        okng_rois_part part;
        char name[OKNG_NAME_MAX], prefix[OKNG_NAME_MAX + 1];
        (void)snprintf(prefix, sizeof prefix, "%s/", okng_rois_part_name(i, name, sizeof name));
        status = okng_rois_part_of(&part, from, i, error);
        if (status == OKNG_OK) status = write_member(p, &part.source, rois->members[i], prefix, error);
        okng_rois_part_free(&part);
    }
    return status;
}

static okng_status write_banks(packing *p, const okng_bank_source *from, okng_error *error)
{
    const okng_overrides overrides = {.weights = p->weights};
    okng_ensemble *ensemble = NULL;
    okng_model_rois *rois = NULL;
    okng_member *member = NULL;
    okng_status status;
    if (okng_bank_source_has(from, OKNG_BANK_ENSEMBLE_FILE)) {
        status = okng_ensemble_open(&ensemble, from, &overrides, error);
        if (status == OKNG_OK) status = write_ensemble(p, from, ensemble, error);
    } else if (okng_bank_source_has(from, OKNG_BANK_ROIS_FILE)) {
        status = okng_model_rois_open(&rois, from, &overrides, error);
        if (status == OKNG_OK) status = write_rois(p, from, rois, error);
    } else {
        status = okng_member_open(&member, from, &overrides, error);
        if (status == OKNG_OK) status = write_member(p, from, member, "", error);
    }
    if (status == OKNG_OK) status = write_route(p, from, error);
    okng_ensemble_close(&ensemble);
    okng_model_rois_close(&rois);
    okng_member_close(&member);
    return status;
}

static okng_status write_all(packing *p, const okng_bank_source *from, okng_error *error)
{
    okng_status status = write_banks(p, from, error);
    if (status == OKNG_OK && from->recipe) status = okng_recipe_settled(from->recipe, error);
    return status;
}

static void forget(void *context)
{
    okng_recipe_writer_abort(&((packing *)context)->writer);
}

/* Nothing is at `out` before the bank is known to have stayed as it was. */
static okng_status pack_once(void *context, const char *folder, okng_error *error)
{
    packing *p = context;
    const okng_bank_source from = {folder, NULL, ""};
    OKNG_TRY(okng_recipe_writer_open(&p->writer, p->out, p->key, error));
    okng_status status = write_all(p, &from, error);
    if (status != OKNG_OK) forget(p);
    return status;
}

/* What was rounded once does not come back, and is not rounded again: the new recipe would say that it is what the bank
 * gives in that precision, and is not. */
static okng_status need_precision(const packing *p, const okng_recipe *recipe, okng_error *error)
{
    const char *there = okng_recipe_look(recipe).precision, *wanted = precisions[p->precision];
    if (p->weights || strcmp(there, precisions[OKNG_PACKED_FP32]) == 0 || strcmp(there, wanted) == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s: its weights are %s, found precision %s, expected %s; for another pack the folder of the bank",
                     p->path, there, wanted, there);
}

static okng_status pack_recipe(packing *p, okng_error *error)
{
    okng_recipe *recipe;
    OKNG_TRY(okng_recipe_open(&recipe, p->path, error));
    const okng_bank_source from = {p->path, recipe, ""};
    okng_status status = need_precision(p, recipe, error);
    if (status == OKNG_OK) status = okng_recipe_writer_open(&p->writer, p->out, p->key, error);
    if (status == OKNG_OK) status = write_all(p, &from, error);
    okng_recipe_close(&recipe);
    if (status != OKNG_OK) forget(p);
    return status;
}

/* A file that is no recipe is somebody's work. */
static okng_status check_out(const char *out, okng_error *error)
{
    if (okng_is_folder(out))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: is a folder; name a file, as PART.okng", out);
    if (!okng_recipe_is(out) || okng_recipe_begins(out)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s: is there and no recipe of okng's; remove it, or name another file", out);
}

okng_status okng_model_pack(const char *path, const char *out, const char *weights, okng_packed_precision precision,
                            const char *key, int threads, okng_error *error)
{
    packing p = {.path = path, .out = out, .weights = weights, .key = key, .precision = precision, .threads = threads};
    OKNG_TRY(check_out(out, error));
    OKNG_TRY(okng_need_no_bank(out, NULL, error));
    OKNG_TRY(okng_recipe_is(path) ? pack_recipe(&p, error)
                                  : okng_bank_read_settled(path, pack_once, forget, &p, error));
    return okng_recipe_writer_finish(&p.writer, precisions[precision], error);
}
