#include "afclip/learnt.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"

static const char *const names[OKNG_AFCLIP_PARAMS] = {
    [OKNG_AFCLIP_PARAM_PROMPT] = "prompt",
    [OKNG_AFCLIP_PARAM_Q] = "attention.attn.to_q.weight",
    [OKNG_AFCLIP_PARAM_K] = "attention.attn.to_k.weight",
    [OKNG_AFCLIP_PARAM_V] = "attention.attn.to_v.weight",
    [OKNG_AFCLIP_PARAM_OUT] = "attention.attn.to_out.0.weight",
    [OKNG_AFCLIP_PARAM_OUT_BIAS] = "attention.attn.to_out.0.bias",
    [OKNG_AFCLIP_PARAM_NORM] = "attention.norm.weight",
    [OKNG_AFCLIP_PARAM_NORM_BIAS] = "attention.norm.bias",
};

const char *okng_afclip_param_name(okng_afclip_param param)
{
    return names[param];
}

/* Without data. Any width up to OKNG_AFCLIP_MAX_WIDTH fits. */
static okng_array shape_of(int32_t width, int32_t text_width, okng_afclip_param param)
{
    okng_array array = {.dtype = OKNG_F32, .dims = 1, .shape = {width}};
    switch (param) {
    case OKNG_AFCLIP_PARAM_PROMPT:
        array = (okng_array){.dtype = OKNG_F32, .dims = 2, .shape = {OKNG_AFCLIP_PROMPT, text_width}};
        break;
    case OKNG_AFCLIP_PARAM_Q:
    case OKNG_AFCLIP_PARAM_K:
    case OKNG_AFCLIP_PARAM_V:
        array = (okng_array){.dtype = OKNG_F32, .dims = 2, .shape = {OKNG_AFCLIP_INNER, width}};
        break;
    case OKNG_AFCLIP_PARAM_OUT:
        array = (okng_array){.dtype = OKNG_F32, .dims = 2, .shape = {width, OKNG_AFCLIP_INNER}};
        break;
    default:
        break;
    }
    (void)okng_shape_bytes(OKNG_F32, array.dims, array.shape, &array.bytes);
    return array;
}

okng_array okng_afclip_param_array(const okng_afclip_learnt *learnt, okng_afclip_param param)
{
    okng_array array = shape_of(learnt->width, learnt->text_width, param);
    array.data = learnt->values[param];
    return array;
}

size_t okng_afclip_param_count(const okng_afclip_learnt *learnt, okng_afclip_param param)
{
    return shape_of(learnt->width, learnt->text_width, param).bytes / sizeof(float);
}

/* ---- making ---------------------------------------------------------------------------------- */

static okng_status check_width(int32_t width, const char *whose, okng_error *error)
{
    if (width >= 1 && width <= OKNG_AFCLIP_MAX_WIDTH) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT, "tokens of %s of %d numbers, expected 1 to %d", whose, (int)width,
                     OKNG_AFCLIP_MAX_WIDTH);
}

okng_status okng_afclip_learnt_new(okng_afclip_learnt *out, int32_t width, int32_t text_width, okng_error *error)
{
    *out = (okng_afclip_learnt){0};
    OKNG_TRY(check_width(width, "pictures", error));
    OKNG_TRY(check_width(text_width, "texts", error));
    okng_afclip_learnt made = {.width = width, .text_width = text_width};
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++) {
        const size_t count = okng_afclip_param_count(&made, (okng_afclip_param)p);
        made.values[p] = okng_alloc_zero(count, sizeof(float));
        if (made.values[p]) continue;
        okng_afclip_learnt_free(&made);
        return okng_fail_memory(error, count * sizeof(float));
    }
    *out = made;
    return OKNG_OK;
}

void okng_afclip_learnt_free(okng_afclip_learnt *learnt)
{
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++) free(learnt->values[p]);
    *learnt = (okng_afclip_learnt){0};
}

/* Uniform in -bound .. bound. */
static void draw_uniform(const okng_afclip_learnt *learnt, okng_afclip_param param, double bound, okng_rng *rng)
{
    const size_t count = okng_afclip_param_count(learnt, param);
    float *values = learnt->values[param];
    for (size_t i = 0; i < count; i++) values[i] = (float)(bound * (2 * okng_rng_uniform(rng) - 1));
}

void okng_afclip_learnt_draw(okng_afclip_learnt *learnt, uint64_t seed)
{
    static const double deviation = 0.01;
    const double within = 1 / sqrt(learnt->width), without = 1 / sqrt(OKNG_AFCLIP_INNER);
    okng_rng rng = okng_rng_new(seed, OKNG_STREAM_AFCLIP_PROMPT);
    const size_t count = okng_afclip_param_count(learnt, OKNG_AFCLIP_PARAM_PROMPT);
    float *prompt = learnt->values[OKNG_AFCLIP_PARAM_PROMPT];
    for (size_t i = 0; i < count; i++) prompt[i] = (float)(deviation * okng_rng_normal(&rng));
    rng = okng_rng_new(seed, OKNG_STREAM_AFCLIP_ADAPTER);
    draw_uniform(learnt, OKNG_AFCLIP_PARAM_Q, within, &rng);
    draw_uniform(learnt, OKNG_AFCLIP_PARAM_K, within, &rng);
    draw_uniform(learnt, OKNG_AFCLIP_PARAM_V, within, &rng);
    draw_uniform(learnt, OKNG_AFCLIP_PARAM_OUT, without, &rng);
    draw_uniform(learnt, OKNG_AFCLIP_PARAM_OUT_BIAS, without, &rng);
    for (int32_t i = 0; i < learnt->width; i++) {
        learnt->values[OKNG_AFCLIP_PARAM_NORM][i] = 1;
        learnt->values[OKNG_AFCLIP_PARAM_NORM_BIAS][i] = 0;
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

static okng_status wrong_shape(const okng_weights *file, const char *name, const okng_array *found,
                               const char *expected, okng_error *error)
{
    char text[96];
    if (!*name)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: its one tensor is %s %s, expected %s", okng_weights_path(file),
                         okng_dtype_name(found->dtype), okng_shape_text(found->dims, found->shape, text, sizeof text),
                         expected);
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: tensor \"%s\" is %s %s, expected %s", okng_weights_path(file), name,
                     okng_dtype_name(found->dtype), okng_shape_text(found->dims, found->shape, text, sizeof text),
                     expected);
}

/* Where values come from: one file, or two. */
typedef struct source {
    const okng_weights *prompt, *adapter;
    const char *prompt_name;
} source;

/* The text width, from the prompt: [12, Wt], or as the original keeps it [1, 12, Wt]. */
static okng_status find_prompt(const source *from, int32_t *text_width, okng_error *error)
{
    const okng_array *found;
    OKNG_TRY(okng_weights_get(from->prompt, from->prompt_name, &found, error));
    const int64_t *shape = found->shape + (found->dims == 3);
    const bool fits = okng_dtype_is_floating(found->dtype) &&
                      (found->dims == 2 || (found->dims == 3 && found->shape[0] == 1)) &&
                      shape[0] == OKNG_AFCLIP_PROMPT && shape[1] >= 1 && shape[1] <= OKNG_AFCLIP_MAX_WIDTH;
    if (!fits)
        return wrong_shape(from->prompt, from->prompt_name, found,
                           "12 vectors of floating type: [12, width of the text tower]", error);
    *text_width = (int32_t)shape[1];
    return OKNG_OK;
}

/* Names of the adapter stand alone, or below "adaptor." where its owner's state was saved. */
static const char *name_in(const okng_weights *file, okng_afclip_param param, char room[OKNG_NAME_MAX])
{
    (void)snprintf(room, OKNG_NAME_MAX, "adaptor.%s", names[param]);
    return !okng_weights_has(file, names[param]) && okng_weights_has(file, room) ? room : names[param];
}

static okng_status find_adapter(const okng_weights *file, int32_t *width, okng_error *error)
{
    char room[OKNG_NAME_MAX];
    const char *name = name_in(file, OKNG_AFCLIP_PARAM_Q, room);
    const okng_array *found;
    OKNG_TRY(okng_weights_get(file, name, &found, error));
    if (!okng_dtype_is_floating(found->dtype) || found->dims != 2 || found->shape[0] != OKNG_AFCLIP_INNER ||
        found->shape[1] < 1 || found->shape[1] > OKNG_AFCLIP_MAX_WIDTH)
        return wrong_shape(file, name, found, "a matrix of floating type: [512, width of the image tower]", error);
    *width = (int32_t)found->shape[1];
    return OKNG_OK;
}

static bool same_shape(const okng_array *a, const okng_array *b)
{
    return a->dims == b->dims && memcmp(a->shape, b->shape, (size_t)a->dims * sizeof *a->shape) == 0;
}

static okng_status copy(const source *from, const okng_afclip_learnt *to, okng_afclip_param param, okng_error *error)
{
    char room[OKNG_NAME_MAX], text[96], expected[160];
    const bool is_prompt = param == OKNG_AFCLIP_PARAM_PROMPT;
    const okng_weights *file = is_prompt ? from->prompt : from->adapter;
    const char *name = is_prompt ? from->prompt_name : name_in(file, param, room);
    const okng_array *found, wanted = okng_afclip_param_array(to, param);
    OKNG_TRY(okng_weights_get(file, name, &found, error));
    if (!okng_dtype_is_floating(found->dtype) || (!is_prompt && !same_shape(found, &wanted))) {
        (void)snprintf(expected, sizeof expected, "float32 %s",
                       okng_shape_text(wanted.dims, wanted.shape, text, sizeof text));
        return wrong_shape(file, name, found, expected, error);
    }
    const size_t count = okng_afclip_param_count(to, param);
    okng_to_float(found->dtype, found->data, count, to->values[param]);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(to->values[param][i]))
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: number %zu of tensor \"%s\" is not finite",
                             okng_weights_path(file), i, name);
    return OKNG_OK;
}

static okng_status take(okng_afclip_learnt *out, const source *from, okng_error *error)
{
    int32_t width = 0, text_width = 0;
    *out = (okng_afclip_learnt){0};
    OKNG_TRY(find_prompt(from, &text_width, error));
    OKNG_TRY(find_adapter(from->adapter, &width, error));
    OKNG_TRY(okng_afclip_learnt_new(out, width, text_width, error));
    okng_status status = OKNG_OK;
    for (int p = 0; p < OKNG_AFCLIP_PARAMS && status == OKNG_OK; p++)
        status = copy(from, out, (okng_afclip_param)p, error);
    if (status != OKNG_OK) okng_afclip_learnt_free(out);
    return status;
}

okng_status okng_afclip_learnt_read(okng_afclip_learnt *out, const okng_weights *file, okng_error *error)
{
    return take(out, &(source){file, file, names[OKNG_AFCLIP_PARAM_PROMPT]}, error);
}

okng_status okng_afclip_learnt_join(okng_afclip_learnt *out, const okng_weights *prompt, const char *prompt_name,
                                    const okng_weights *adapter, okng_error *error)
{
    return take(out, &(source){prompt, adapter, prompt_name}, error);
}

bool okng_afclip_learnt_has_adapter(const okng_weights *file)
{
    char room[OKNG_NAME_MAX];
    return okng_weights_has(file, name_in(file, OKNG_AFCLIP_PARAM_Q, room));
}

/* Larger numbers are of a training that went astray, or damaged; a norm would divide what overflows to nothing, and
 * every part would look alike. */
okng_status okng_afclip_learnt_check_values(const okng_afclip_learnt *learnt, const char *prompt, const char *adapter,
                                            okng_error *error)
{
    for (int p = 0; p < OKNG_AFCLIP_PARAMS; p++) {
        const size_t count = okng_afclip_param_count(learnt, (okng_afclip_param)p);
        for (size_t i = 0; i < count; i++)
            if (!(fabsf(learnt->values[p][i]) <= OKNG_AFCLIP_MAX_VALUE))
                return okng_fail(error, OKNG_ERROR_MISMATCH,
                                 "%s: number %zu of tensor \"%s\" is %g, expected at most %d either side of 0; the "
                                 "values are damaged, or their training went astray",
                                 p == OKNG_AFCLIP_PARAM_PROMPT ? prompt : adapter, i, names[p],
                                 (double)learnt->values[p][i], OKNG_AFCLIP_MAX_VALUE);
    }
    return OKNG_OK;
}

okng_status okng_afclip_learnt_check(const okng_afclip_learnt *learnt, const char *path, const char *backbone,
                                     const okng_clip_shape *shape, okng_error *error)
{
    if (learnt->width != shape->width)
        return okng_fail(
            error, OKNG_ERROR_MISMATCH,
            "%s: its adapter takes tokens of %d numbers, those of %s have %d; take the backbone that it was "
            "trained on, or train for this one",
            path, (int)learnt->width, backbone, (int)shape->width);
    if (learnt->text_width != shape->text_width)
        return okng_fail(
            error, OKNG_ERROR_MISMATCH,
            "%s: the vectors of its prompt have %d numbers, tokens of texts of %s have %d; take the backbone "
            "that it was trained on, or train for this one",
            path, (int)learnt->text_width, backbone, (int)shape->text_width);
    return okng_afclip_learnt_check_values(learnt, path, path, error);
}
