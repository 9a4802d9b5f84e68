#include "import/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tensor/names.h"
#include "tensor/pickle.h"

enum { MAX_SIZE = 1 << 20, MAX_NUMBER = 65536 };

typedef struct reader {
    okng_pickle pickle;
    const okng_pickle_value *dict;
    const char *name;
    okng_error *error;
} reader;

static const char *const keys[] = {"backbone.name",
                                   "layers_to_extract_from",
                                   "input_shape",
                                   "pretrain_embed_dimension",
                                   "target_embed_dimension",
                                   "patchsize",
                                   "patchstride",
                                   "anomaly_scorer_num_nn"};
enum { KEYS = sizeof keys / sizeof keys[0] };

static okng_status find(const reader *r, const char *key, const okng_pickle_value **out)
{
    uint32_t cell = r->dict->as.items.first;
    for (uint32_t i = 0; i < r->dict->length; i += 2) {
        const okng_pickle_value *name = okng_pickle_get(&r->pickle, r->pickle.cells[cell].value);
        cell = r->pickle.cells[cell].next;
        *out = okng_pickle_get(&r->pickle, r->pickle.cells[cell].value);
        cell = r->pickle.cells[cell].next;
        if (okng_pickle_is_text(name, key)) return OKNG_OK;
    }
    return okng_fail(r->error, OKNG_ERROR_FORMAT, "%s: holds no \"%s\"; expected the parameters of a PatchCore model",
                     r->name, key);
}

static okng_status wrong(const reader *r, const char *key, const okng_pickle_value *found, const char *expected)
{
    return okng_fail(r->error, OKNG_ERROR_FORMAT, "%s: \"%s\" is %s, expected %s", r->name, key,
                     okng_pickle_kind_name(found->kind), expected);
}

static okng_status take_number(const reader *r, const char *key, const okng_pickle_value *value, int32_t *out)
{
    if (value->kind != OKNG_PICKLE_INT) return wrong(r, key, value, "a whole number");
    if (value->as.integer < 1 || value->as.integer > MAX_NUMBER)
        return okng_fail(r->error, OKNG_ERROR_FORMAT, "%s: \"%s\" is %lld, expected 1 to %d", r->name, key,
                         (long long)value->as.integer, MAX_NUMBER);
    *out = (int32_t)value->as.integer;
    return OKNG_OK;
}

static okng_status read_number(const reader *r, const char *key, int32_t *out)
{
    const okng_pickle_value *value = NULL;
    OKNG_TRY(find(r, key, &value));
    return take_number(r, key, value, out);
}

/* A name of printable bytes without spaces, behind what `out` holds. */
static okng_status append_name(const reader *r, const char *key, const okng_pickle_value *value, char *out, size_t size)
{
    if (value->kind != OKNG_PICKLE_TEXT) return wrong(r, key, value, "text");
    size_t used = strlen(out);
    bool printable = value->length > 0 && value->length < OKNG_NAME_MAX;
    for (uint32_t i = 0; printable && i < value->length; i++)
        printable = value->as.text[i] > ' ' && value->as.text[i] < 0x7f;
    if (!printable || used + value->length + 2 > size)
        return okng_fail(r->error, OKNG_ERROR_FORMAT, "%s: \"%s\" is no name of 1 to %d printable characters", r->name,
                         key, OKNG_NAME_MAX - 1);
    (void)snprintf(out + used, size - used, "%s%.*s", used > 0 ? " " : "", (int)value->length, value->as.text);
    return OKNG_OK;
}

static bool is_sequence(const okng_pickle_value *value)
{
    return value->kind == OKNG_PICKLE_TUPLE || value->kind == OKNG_PICKLE_LIST;
}

static okng_status read_layers(const reader *r, okng_params *params)
{
    const okng_pickle_value *value = NULL;
    OKNG_TRY(find(r, keys[1], &value));
    if (!is_sequence(value)) return wrong(r, keys[1], value, "a list of names");
    if (value->length < 1 || value->length > OKNG_MAX_LAYERS)
        return okng_fail(r->error, OKNG_ERROR_UNSUPPORTED, "%s: \"%s\" has %u layers, expected 1 to %d", r->name,
                         keys[1], (unsigned)value->length, OKNG_MAX_LAYERS);
    for (uint32_t i = 0; i < value->length; i++)
        OKNG_TRY(
            append_name(r, keys[1], okng_pickle_item(&r->pickle, value, i), params->layers, sizeof params->layers));
    return OKNG_OK;
}

/* (3, height, width) */
static okng_status read_shape(const reader *r, okng_params *params)
{
    const okng_pickle_value *value = NULL;
    int32_t channels = 0;
    OKNG_TRY(find(r, keys[2], &value));
    if (!is_sequence(value) || value->length != 3) return wrong(r, keys[2], value, "(3, height, width)");
    OKNG_TRY(take_number(r, keys[2], okng_pickle_item(&r->pickle, value, 0), &channels));
    OKNG_TRY(take_number(r, keys[2], okng_pickle_item(&r->pickle, value, 1), &params->height));
    OKNG_TRY(take_number(r, keys[2], okng_pickle_item(&r->pickle, value, 2), &params->width));
    if (channels == 3) return OKNG_OK;
    return okng_fail(r->error, OKNG_ERROR_UNSUPPORTED, "%s: \"%s\" has %d channels, expected 3", r->name, keys[2],
                     channels);
}

static void list_unknown(const reader *r, okng_params *params)
{
    uint32_t cell = r->dict->as.items.first;
    for (uint32_t i = 0; i < r->dict->length; i += 2) {
        const okng_pickle_value *key = okng_pickle_get(&r->pickle, r->pickle.cells[cell].value);
        cell = r->pickle.cells[r->pickle.cells[cell].next].next;
        bool known = false;
        for (int k = 0; k < KEYS; k++) known = known || okng_pickle_is_text(key, keys[k]);
        if (known) continue;
        size_t used = strlen(params->unknown);
        bool text = key->kind == OKNG_PICKLE_TEXT && okng_name_valid(key->as.text, key->length);
        (void)snprintf(params->unknown + used, sizeof params->unknown - used, "%s%.*s", used > 0 ? ", " : "",
                       text ? (int)(key->length < 40 ? key->length : 40) : 1, text ? key->as.text : "?");
    }
}

static okng_status read_all(reader *r, const uint8_t *data, size_t size, okng_params *params)
{
    okng_pickle_ref root;
    size_t used;
    OKNG_TRY(okng_pickle_run(&r->pickle, data, size, &used, &root));
    if (used != size)
        return okng_fail(r->error, OKNG_ERROR_FORMAT, "%s: has %zu bytes after its end", r->name, size - used);
    r->dict = okng_pickle_get(&r->pickle, root);
    if (r->dict->kind != OKNG_PICKLE_DICT)
        return okng_fail(r->error, OKNG_ERROR_FORMAT, "%s: holds %s, expected a dict", r->name,
                         okng_pickle_kind_name(r->dict->kind));
    const okng_pickle_value *backbone = NULL;
    OKNG_TRY(find(r, keys[0], &backbone));
    OKNG_TRY(append_name(r, keys[0], backbone, params->backbone, sizeof params->backbone));
    OKNG_TRY(read_layers(r, params));
    OKNG_TRY(read_shape(r, params));
    OKNG_TRY(read_number(r, keys[3], &params->pretrain_dim));
    OKNG_TRY(read_number(r, keys[4], &params->target_dim));
    OKNG_TRY(read_number(r, keys[5], &params->patch_size));
    OKNG_TRY(read_number(r, keys[6], &params->patch_stride));
    OKNG_TRY(read_number(r, keys[7], &params->neighbors));
    list_unknown(r, params);
    return OKNG_OK;
}

okng_status okng_params_parse(okng_params *params, const uint8_t *data, size_t size, const char *name,
                              okng_error *error)
{
    memset(params, 0, sizeof *params);
    reader r = {.pickle = {.path = name, .error = error}, .name = name, .error = error};
    okng_status status = read_all(&r, data, size, params);
    okng_pickle_free(&r.pickle);
    return status;
}

okng_status okng_params_read(okng_params *params, const char *path, okng_error *error)
{
    void *data = NULL;
    size_t size;
    OKNG_TRY(okng_file_read(path, MAX_SIZE, &data, &size, error));
    okng_status status = okng_params_parse(params, data, size, path, error);
    free(data);
    return status;
}
