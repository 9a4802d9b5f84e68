#include "deploy/beside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/bank_config.h"
#include "bank/bank_file.h"
#include "base/file.h"
#include "base/memory.h"
#include "export/model_files.h"
#include "features/provenance.h"
#include "tensor/pt_state.h"

/* A path beside the model's. */
static okng_status path_beside(char **path, const okng_export_target *target, const char *name, okng_error *error)
{
    const char *slash = strrchr(target->path, '/');
    const int folder = slash ? (int)(slash - target->path) + 1 : 0;
    if (asprintf(path, "%.*s%s", folder, target->path, name) >= 0) return OKNG_OK;
    *path = NULL;
    return okng_fail_memory(error, strlen(target->path) + strlen(name));
}

static void forget(const okng_export_target *target, const char *name)
{
    char folder[OKNG_PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s", target->path);
    char *slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
    okng_forget_file(slash ? folder : ".", name);
}

/* ---- config.yaml ------------------------------------------------------------------------------------------------- */

/* A text that YAML reads as one, whatever is in it: its double quotes know C's escapes. */
static void put_text(FILE *out, const char *text)
{
    (void)fputc('"', out);
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            (void)fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20 || *text == 0x7f)
            (void)fprintf(out, "\\x%02x", (unsigned)(unsigned char)*text);
        else
            (void)fputc(*text, out);
    (void)fputc('"', out);
}

static bool is_number(const char *text)
{
    char *end;
    const double value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(value) && (*text == '-' || (*text >= '0' && *text <= '9'));
}

/* The names that trainers have for what both know. */
static void put_trainer(FILE *out, const okng_model_info *info)
{
    const okng_build_options *o = info->options;
    (void)fprintf(out, "backbone: ");
    put_text(out, info->backbone);
    (void)fprintf(out, "\nlayers:\n");
    for (int32_t i = 0; i < o->layer_count; i++) {
        (void)fprintf(out, "  - ");
        put_text(out, o->layers[i]);
        (void)fprintf(out, "\n");
    }
    (void)fprintf(out, "image_size: [%d, %d]\n", (int)info->input_height, (int)info->input_width);
    (void)fprintf(out, "coreset_sampling_ratio: %.9g\nnum_neighbors: %d\nmemory_bank_size: [%lld, %lld]\n", o->coreset,
                  (int)o->neighbors, (long long)info->rows, (long long)info->dim);
}

static okng_status write_config(okng_writer *writer, const okng_model *model, const okng_export_target *target,
                                okng_error *error)
{
    const okng_model_info info = okng_model_look(model);
    char *path;
    OKNG_TRY(path_beside(&path, target, OKNG_EXPORT_CONFIG, error));
    okng_status status = okng_writer_open(writer, path, error);
    free(path);
    if (status != OKNG_OK) return status;
    const char *slash = strrchr(target->path, '/');
    (void)fprintf(
        writer->stream,
        "# What the model beside this was made with; the model itself says the same, and does not read it.\nmodel: ");
    put_text(writer->stream, slash ? slash + 1 : target->path);
    (void)fputc('\n', writer->stream);
    put_trainer(writer->stream, &info);
    (void)fprintf(writer->stream, "okng:\n");
    for (size_t i = 0; i < target->note_count; i++) {
        const char *key = target->notes[i].key, *value = target->notes[i].value;
        (void)fprintf(writer->stream, "  %s: ", strncmp(key, "okng.", 5) == 0 ? key + 5 : key);
        if (is_number(value))
            (void)fputs(value, writer->stream);
        else
            put_text(writer->stream, value);
        (void)fputc('\n', writer->stream);
    }
    return OKNG_OK;
}

/* ---- checkpoint.ckpt --------------------------------------------------------------------------------------------- */

#define NETWORK "model.feature_extractor.feature_extractor."
enum { SETTINGS = 4, OTHERS = 3 /* tensors besides those of the network */ };

/* Whether anomalib's Patchcore could be this model: rows of joined layers of a network whose weights are in a file. */
static bool has_checkpoint(const okng_model *model, const okng_model_info *info)
{
    const okng_build_options *o = info->options;
    return info->members == 0 && okng_model_place(model) && okng_is_folder(okng_model_place(model)) &&
           strcmp(info->method->name, "patchcore") == 0 && o->aggregate == OKNG_AGGREGATE_CONCAT && o->weights[0];
}

typedef struct state {
    okng_weights *rows, *network;
    okng_array *thresholds[2];
    okng_named_array *tensors;
    char **names; /* [count] of malloc */
    size_t count;
} state;

static void free_state(state *s)
{
    for (size_t i = 0; i < s->count; i++) free(s->names[i]);
    free(s->names);
    free(s->tensors);
    for (size_t i = 0; i < 2; i++) okng_array_free(&s->thresholds[i]);
    okng_weights_close(&s->rows);
    okng_weights_close(&s->network);
}

static okng_status add(state *s, const char *prefix, const char *name, const okng_array *array, okng_error *error)
{
    if (asprintf(&s->names[s->count], "%s%s", prefix, name) < 0) return okng_fail_memory(error, strlen(name));
    s->tensors[s->count] = (okng_named_array){s->names[s->count], array};
    s->count++;
    return OKNG_OK;
}

/* As anomalib keeps those of raw scores. */
static okng_status add_thresholds(state *s, const okng_tau *tau, okng_error *error)
{
    static const char *const names[2] = {"_image_threshold", "_pixel_threshold"};
    const float values[2] = {tau->image, tau->pixel};
    for (size_t i = 0; i < 2; i++) {
        if (isnan(values[i])) continue;
        OKNG_TRY(okng_array_new(&s->thresholds[i], OKNG_F32, 0, NULL, error));
        memcpy(s->thresholds[i]->data, &values[i], sizeof values[i]);
        OKNG_TRY(add(s, "post_processor.", names[i], s->thresholds[i], error));
    }
    return OKNG_OK;
}

/* The files of the bank, as long as its weights are still where it says and what they were: *there. */
static okng_status open_files(state *s, const okng_model *model, bool *there, okng_error *error)
{
    okng_bank_config config;
    okng_error why = {0};
    *there = false;
    char *path = okng_path_join(okng_model_place(model), OKNG_BANK_CONFIG_FILE);
    char *rows = okng_path_join(okng_model_place(model), "memory_bank.pt");
    okng_status status =
        path && rows ? okng_bank_config_read(path, &config, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK) status = okng_weights_open(&s->rows, rows, error);
    free(path);
    free(rows);
    if (status != OKNG_OK) return status;
    status = okng_recorded_weights_open(&s->network, config.options.backbone, config.options.weights,
                                        config.weights_sha256, &why);
    *there = status == OKNG_OK;
    if (*there || status == OKNG_ERROR_NOT_FOUND || status == OKNG_ERROR_MISMATCH) return OKNG_OK;
    return okng_fail(error, status, "%s", why.message);
}

/* The rows, and every tensor of the network's file that is no classifier's, by the names that anomalib has for them. */
static okng_status fill_state(state *s, const okng_model_info *info, okng_error *error)
{
    const size_t count = okng_weights_count(s->network);
    const okng_array *array;
    s->tensors = okng_alloc(count + OTHERS, sizeof *s->tensors);
    s->names = okng_alloc_zero(count + OTHERS, sizeof *s->names);
    if (!s->tensors || !s->names) return okng_fail_memory(error, (count + OTHERS) * sizeof *s->tensors);
    OKNG_TRY(okng_weights_get(s->rows, "", &array, error));
    OKNG_TRY(add(s, "model.", "memory_bank", array, error));
    for (size_t i = 0; i < count; i++) {
        okng_tensor_info tensor = {.struct_size = sizeof tensor};
        OKNG_TRY(okng_weights_tensor(s->network, i, &tensor, error));
        if (strncmp(tensor.name, "fc.", 3) == 0 || strncmp(tensor.name, "head.", 5) == 0) continue;
        OKNG_TRY(okng_weights_get(s->network, tensor.name, &array, error));
        OKNG_TRY(add(s, NETWORK, tensor.name, array, error));
    }
    return add_thresholds(s, info->tau, error);
}

static okng_status write_state(const state *s, const okng_model_info *info, okng_writer *writer, const char *path,
                               okng_error *error)
{
    okng_pt_setting settings[SETTINGS] = {
        {.name = "backbone", .text = info->backbone},
        {.name = "layers"},
        {.name = "coreset_sampling_ratio", .is_real = true, .real = info->options->coreset},
        {.name = "num_neighbors", .whole = info->options->neighbors},
    };
    for (int32_t i = 0; i < info->options->layer_count && i + 1 < OKNG_PT_MAX_WORDS; i++)
        settings[1].words[i] = info->options->layers[i];
    return okng_pt_write_state(writer, path, s->tensors, s->count, settings, SETTINGS, error);
}

static okng_status write_checkpoint(okng_writer *writer, const okng_model *model, const okng_export_target *target,
                                    okng_error *error)
{
    const okng_model_info info = okng_model_look(model);
    char *path;
    state s = {0};
    OKNG_TRY(path_beside(&path, target, OKNG_EXPORT_CHECKPOINT, error));
    okng_status status = OKNG_OK;
    bool there = false;
    if (has_checkpoint(model, &info)) status = open_files(&s, model, &there, error);
    if (status == OKNG_OK && there) status = fill_state(&s, &info, error);
    if (status == OKNG_OK && there) status = write_state(&s, &info, writer, path, error);
    free_state(&s);
    free(path);
    return status;
}

/* ---- both -------------------------------------------------------------------------------------------------------- */

static okng_status check_whole(okng_writer *writer, okng_error *error)
{
    if (!writer->stream || okng_export_is_whole(writer->stream)) return OKNG_OK;
    return okng_writer_commit(writer, error); /* which fails, and knows why */
}

okng_status okng_export_beside_write(okng_export_beside *beside, const okng_model *model,
                                     const okng_export_target *target, okng_error *error)
{
    *beside = (okng_export_beside){{.descriptor = -1}, {.descriptor = -1}};
    okng_status status = write_checkpoint(&beside->checkpoint, model, target, error);
    if (status != OKNG_OK) return status;
    status = write_config(&beside->config, model, target, error);
    if (status == OKNG_OK) status = check_whole(&beside->checkpoint, error);
    if (status == OKNG_OK) status = check_whole(&beside->config, error);
    if (status != OKNG_OK) okng_export_beside_abort(beside);
    return status;
}

okng_status okng_export_beside_commit(okng_export_beside *beside, const okng_export_target *target, okng_error *error)
{
    okng_status status = OKNG_OK;
    if (beside->checkpoint.stream)
        status = okng_writer_commit(&beside->checkpoint, error);
    else
        forget(target, OKNG_EXPORT_CHECKPOINT);
    if (status == OKNG_OK) status = okng_writer_commit(&beside->config, error);
    okng_export_beside_abort(beside);
    return status;
}

void okng_export_beside_abort(okng_export_beside *beside)
{
    okng_writer_abort(&beside->checkpoint);
    okng_writer_abort(&beside->config);
}
