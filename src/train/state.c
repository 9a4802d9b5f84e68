#include "train/state.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/sha256.h"

/* Tensors, without their seal. */
enum { COLUMNS = 7, TENSORS = 3 * OKNG_AFCLIP_PARAMS + 2, VERSION = 1, DIGITS = 64 };
static const char format_name[] = "okng afclip training", seal_name[] = "sha256";

okng_status okng_train_state_new(okng_train_state *state, int32_t width, int32_t text_width, okng_error *error)
{
    *state = (okng_train_state){0};
    okng_status status = okng_afclip_learnt_new(&state->learnt, width, text_width, error);
    for (int i = 0; i < OKNG_AFCLIP_PARAMS && status == OKNG_OK; i++)
        status =
            okng_adam_new(&state->moments[i], okng_afclip_param_count(&state->learnt, (okng_afclip_param)i), error);
    if (status != OKNG_OK) okng_train_state_free(state);
    return status;
}

void okng_train_state_free(okng_train_state *state)
{
    okng_afclip_learnt_free(&state->learnt);
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) okng_adam_free(&state->moments[i]);
    okng_loss_curve_free(&state->curve);
    free(state->options);
    *state = (okng_train_state){0};
}

/* ---- what both ways know -------------------------------------------------------------------- */

/* Of each parameter its value, mean and square; then losses and run. */
static void name_tensors(char names[TENSORS][64])
{
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        const char *param = okng_afclip_param_name((okng_afclip_param)i);
        (void)snprintf(names[3 * i], 64, "%s", param);
        (void)snprintf(names[3 * i + 1], 64, "adam.mean.%s", param);
        (void)snprintf(names[3 * i + 2], 64, "adam.square.%s", param);
    }
    (void)snprintf(names[TENSORS - 2], 64, "losses");
    (void)snprintf(names[TENSORS - 1], 64, "run");
}

/* The hash of all tensors' hashes: a bit that a disk turned would lead to other values, and nobody would know. */
static void seal_of(const okng_array *const arrays[TENSORS], char seal[DIGITS + 1])
{
    char hashes[TENSORS * DIGITS + 1];
    for (int i = 0; i < TENSORS; i++) okng_sha256(arrays[i]->data, arrays[i]->bytes, hashes + (size_t)i * DIGITS);
    okng_sha256(hashes, TENSORS * DIGITS, seal);
}

/* ---- writing -------------------------------------------------------------------------------- */

/* A number of 64 bits, which JSON's cannot hold. */
static json_t *whole(uint64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%016" PRIx64, number);
    return json_string(text);
}

static json_t *describe(const okng_train_state *s)
{
    json_t *run =
        json_pack("{s:s, s:i, s:s, s:s, s:s, s:s}", "format", format_name, "version", VERSION, "options", s->options,
                  "data_sha256", s->data_sha256, "weights_sha256", s->weights_sha256, "start_sha256", s->start_sha256);
    okng_json_put(&run, "epoch", json_integer((json_int_t)s->epoch));
    okng_json_put(&run, "seen", json_integer((json_int_t)s->seen));
    okng_json_put(&run, "order", json_pack("[o, o]", whole(s->order.state), whole(s->order.increment)));
    return run;
}

/* losses [steps, COLUMNS] */
static void put_row(const okng_loss_row *row, double *to)
{
    const double values[COLUMNS] = {row->epoch,       row->pictures, row->parts.total,    row->parts.image,
                                    row->parts.focal, row->parts.l1, row->parts.alignment};
    memcpy(to, values, sizeof values);
}

static okng_array bytes_array(char *text, size_t size)
{
    return (okng_array){.dtype = OKNG_U8, .dims = 1, .shape = {(int64_t)size}, .data = text, .bytes = size};
}

static okng_status write_tensors(const okng_train_state *s, const char *path, char *run, size_t run_size,
                                 double *losses, okng_error *error)
{
    okng_array arrays[TENSORS + 1];
    const okng_array *sealed[TENSORS];
    okng_named_array named[TENSORS + 1];
    char names[TENSORS][64], seal[DIGITS + 1];
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        for (int k = 0; k < 3; k++) arrays[3 * i + k] = okng_afclip_param_array(&s->learnt, (okng_afclip_param)i);
        arrays[3 * i + 1].data = s->moments[i].mean;
        arrays[3 * i + 2].data = s->moments[i].square;
    }
    arrays[TENSORS - 2] = (okng_array){.dtype = OKNG_F64,
                                       .dims = 2,
                                       .shape = {(int64_t)s->curve.count, COLUMNS},
                                       .data = losses,
                                       .bytes = s->curve.count * COLUMNS * sizeof *losses};
    arrays[TENSORS - 1] = bytes_array(run, run_size);
    name_tensors(names);
    for (int i = 0; i < TENSORS; i++) {
        named[i] = (okng_named_array){names[i], &arrays[i]};
        sealed[i] = &arrays[i];
    }
    seal_of(sealed, seal);
    arrays[TENSORS] = bytes_array(seal, DIGITS);
    named[TENSORS] = (okng_named_array){seal_name, &arrays[TENSORS]};
    return okng_safetensors_write_arrays(path, named, TENSORS + 1, error);
}

okng_status okng_train_state_write(const okng_train_state *s, const char *folder, okng_error *error)
{
    char *path = okng_path_join(folder, OKNG_TRAIN_STATE_FILE), *run = NULL;
    double *losses = okng_alloc(s->curve.count * COLUMNS, sizeof *losses);
    size_t size = 0;
    json_t *document = describe(s);
    okng_status status = path && losses ? OKNG_OK : okng_fail_memory(error, s->curve.count * COLUMNS * sizeof *losses);
    if (status == OKNG_OK) status = okng_json_text(document, JSON_COMPACT, path, &run, &size, error);
    for (size_t i = 0; status == OKNG_OK && i < s->curve.count; i++) put_row(&s->curve.rows[i], losses + i * COLUMNS);
    if (status == OKNG_OK) status = write_tensors(s, path, run, size, losses, error);
    json_decref(document);
    free(run);
    free(losses);
    free(path);
    return status;
}

/* ---- reading -------------------------------------------------------------------------------- */

static okng_status damaged(const char *path, const char *what, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s; it is damaged, or none of okng's: train into another folder",
                     path, what);
}

static okng_status check_seal(const okng_weights *file, okng_error *error)
{
    const okng_array *arrays[TENSORS], *found;
    char names[TENSORS][64], seal[DIGITS + 1];
    name_tensors(names);
    for (int i = 0; i < TENSORS; i++) OKNG_TRY(okng_weights_get(file, names[i], &arrays[i], error));
    OKNG_TRY(okng_weights_get(file, seal_name, &found, error));
    seal_of(arrays, seal);
    if (found->bytes != DIGITS || memcmp(found->data, seal, DIGITS) != 0)
        return damaged(okng_weights_path(file), "its values have another SHA-256 than it states", error);
    return OKNG_OK;
}

static okng_status read_floats(const okng_weights *file, const char *name, size_t count, float *to, okng_error *error)
{
    const okng_array *array;
    OKNG_TRY(okng_weights_get(file, name, &array, error));
    if (array->dtype != OKNG_F32 || array->bytes != count * sizeof *to)
        return damaged(okng_weights_path(file), name, error);
    memcpy(to, array->data, array->bytes);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(to[i])) return damaged(okng_weights_path(file), name, error);
    return OKNG_OK;
}

static okng_status read_values(okng_train_state *s, const okng_weights *file, okng_error *error)
{
    okng_afclip_learnt learnt;
    char names[TENSORS][64];
    OKNG_TRY(okng_afclip_learnt_read(&learnt, file, error));
    okng_status status = okng_train_state_new(s, learnt.width, learnt.text_width, error);
    if (status != OKNG_OK) {
        okng_afclip_learnt_free(&learnt);
        return status;
    }
    okng_afclip_learnt_free(&s->learnt);
    s->learnt = learnt;
    name_tensors(names);
    for (int i = 0; i < OKNG_AFCLIP_PARAMS && status == OKNG_OK; i++) {
        const size_t count = s->moments[i].count;
        status = read_floats(file, names[3 * i + 1], count, s->moments[i].mean, error);
        if (status == OKNG_OK) status = read_floats(file, names[3 * i + 2], count, s->moments[i].square, error);
    }
    return status;
}

static okng_status read_losses(okng_train_state *s, const okng_weights *file, okng_error *error)
{
    const okng_array *array;
    OKNG_TRY(okng_weights_get(file, "losses", &array, error));
    if (array->dtype != OKNG_F64 || array->dims != 2 || array->shape[1] != COLUMNS)
        return damaged(okng_weights_path(file), "\"losses\" is no table of 7 columns", error);
    for (int64_t i = 0; i < array->shape[0]; i++) {
        double row[COLUMNS];
        memcpy(row, (const char *)array->data + (size_t)i * sizeof row, sizeof row);
        for (int c = 0; c < COLUMNS; c++)
            if (!isfinite(row[c])) return damaged(okng_weights_path(file), "\"losses\" holds what is no number", error);
        const okng_loss_row made = {row[0], row[1], {row[2], row[3], row[4], row[5], row[6]}};
        OKNG_TRY(okng_loss_curve_add(&s->curve, &made, error));
    }
    return OKNG_OK;
}

static bool take_whole(const json_t *text, uint64_t *out)
{
    const char *digits = json_string_value(text);
    if (!digits || strlen(digits) != 16 || strspn(digits, "0123456789abcdef") != 16) return false;
    *out = strtoull(digits, NULL, 16);
    return true;
}

static okng_status take_hash(const json_t *run, const char *path, const char *key, char out[65], okng_error *error)
{
    const char *text;
    OKNG_TRY(okng_json_string(run, path, key, &text, error));
    if (strlen(text) > DIGITS) return damaged(path, key, error);
    (void)snprintf(out, DIGITS + 1, "%s", text);
    return OKNG_OK;
}

static okng_status take_run(okng_train_state *s, const json_t *run, const char *path, okng_error *error)
{
    const char *text;
    int64_t number = 0;
    const json_t *order = json_object_get(run, "order");
    OKNG_TRY(okng_json_string(run, path, "format", &text, error));
    if (strcmp(text, format_name) != 0) return damaged(path, "\"format\" is another", error);
    OKNG_TRY(okng_json_integer(run, path, "version", VERSION, VERSION, &number, error));
    OKNG_TRY(okng_json_string(run, path, "options", &text, error));
    s->options = strdup(text);
    if (!s->options) return okng_fail_memory(error, strlen(text));
    OKNG_TRY(take_hash(run, path, "data_sha256", s->data_sha256, error));
    OKNG_TRY(take_hash(run, path, "weights_sha256", s->weights_sha256, error));
    OKNG_TRY(take_hash(run, path, "start_sha256", s->start_sha256, error));
    OKNG_TRY(okng_json_integer(run, path, "epoch", 0, INT32_MAX, &number, error));
    s->epoch = (uint64_t)number;
    OKNG_TRY(okng_json_integer(run, path, "seen", 0, INT32_MAX, &number, error));
    s->seen = (uint64_t)number;
    if (json_array_size(order) != 2 || !take_whole(json_array_get(order, 0), &s->order.state) ||
        !take_whole(json_array_get(order, 1), &s->order.increment))
        return damaged(path, "\"order\" is no pair of numbers", error);
    return OKNG_OK;
}

static okng_status read_run(okng_train_state *s, const okng_weights *file, okng_error *error)
{
    const okng_array *array;
    json_t *run;
    OKNG_TRY(okng_weights_get(file, "run", &array, error));
    if (array->dtype != OKNG_U8) return damaged(okng_weights_path(file), "\"run\" is no text", error);
    OKNG_TRY(okng_json_parse(&run, array->data, array->bytes, okng_weights_path(file), &okng_json_small, error));
    okng_status status = take_run(s, run, okng_weights_path(file), error);
    json_decref(run);
    return status;
}

okng_status okng_train_state_read(okng_train_state *s, const char *folder, bool *there, okng_error *error)
{
    okng_weights *file = NULL;
    char *path = okng_path_join(folder, OKNG_TRAIN_STATE_FILE);
    *s = (okng_train_state){0};
    *there = path && access(path, F_OK) == 0;
    okng_status status = path ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    if (*there) status = okng_weights_open(&file, path, error);
    if (file) {
        status = read_values(s, file, error);
        if (status == OKNG_OK) status = read_losses(s, file, error);
        if (status == OKNG_OK) status = read_run(s, file, error);
        if (status == OKNG_OK) status = check_seal(file, error);
        okng_weights_close(&file);
    }
    free(path);
    if (status != OKNG_OK) okng_train_state_free(s);
    return status;
}
