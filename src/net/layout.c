#include "net/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "net/layout_rules.h"

/* torch.nn.DataParallel, and training code that keeps the network in a member */
static const char *const prefixes[] = {"", "module.", "backbone.", "model.", "module.backbone."};
enum { PREFIXES = sizeof prefixes / sizeof *prefixes };

/* ---- names ---- */

/* Whether `name` is `wanted` but for parts called "module". */
static bool equals_unwrapped(const char *name, const char *wanted)
{
    static const char wrapper[] = "module.";
    for (;;) {
        while (strncmp(name, wrapper, sizeof wrapper - 1) == 0) name += sizeof wrapper - 1;
        size_t part = strcspn(wanted, ".") + 1;
        if (wanted[part - 1] == '\0') return strcmp(name, wanted) == 0;
        if (strncmp(name, wanted, part) != 0) return false;
        name += part;
        wanted += part;
    }
}

static bool has_wrapped(const okng_weights *weights)
{
    const size_t count = okng_weights_count(weights);
    for (size_t i = 0; i < count; i++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        if (okng_weights_tensor(weights, i, &info, NULL) == OKNG_OK && strstr(info.name, "module.")) return true;
    }
    return false;
}

/* The name that the file has for `name`, NULL for none. Wrapped ones are looked for one by one: files of them are rare.
 */
static const char *name_in_file(const okng_naming *naming, const char *name)
{
    if (okng_weights_has(naming->weights, name)) return name;
    if (!naming->wrapped || !naming->layout || !naming->layout->wrapped) return NULL;
    const size_t count = okng_weights_count(naming->weights);
    for (size_t i = 0; i < count; i++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        if (okng_weights_tensor(naming->weights, i, &info, NULL) != OKNG_OK) break;
        if (equals_unwrapped(info.name, name)) return info.name;
    }
    return NULL;
}

static bool has_any(const okng_naming *naming, const char *const names[OKNG_LAYOUT_ANCHORS])
{
    char name[2 * OKNG_NAME_MAX];
    for (int i = 0; i < OKNG_LAYOUT_ANCHORS && names[i]; i++) {
        (void)snprintf(name, sizeof name, "%s%s", naming->prefix, names[i]);
        if (name_in_file(naming, name)) return true;
    }
    return false;
}

uint32_t okng_naming_towers(const okng_naming *naming)
{
    if (!naming->layout) return 0;
    return (has_any(naming, naming->layout->image) ? OKNG_TOWER_IMAGE : 0) |
           (has_any(naming, naming->layout->text) ? OKNG_TOWER_TEXT : 0);
}

const char *okng_naming_layout(const okng_naming *naming)
{
    return naming->layout ? naming->layout->name : "";
}

okng_naming okng_naming_clip(const okng_weights *weights)
{
    const bool wrapped = has_wrapped(weights);
    for (int i = 0; i < okng_layout_count; i++)
        for (int k = 0; k < PREFIXES; k++) {
            const okng_naming naming = {weights, prefixes[k], okng_layouts[i], wrapped};
            if (okng_naming_towers(&naming) != 0) return naming;
        }
    return (okng_naming){weights, "", NULL, false};
}

bool okng_naming_is_clip(const char *param)
{
    return okng_layout_tower_of(param) != 0;
}

okng_naming okng_naming_find(const okng_weights *weights, const char *param)
{
    if (okng_naming_is_clip(param)) {
        okng_naming naming = okng_naming_clip(weights);
        if (!naming.layout) naming.layout = &okng_layout_open_clip; /* for what is said of it */
        return naming;
    }
    char name[2 * OKNG_NAME_MAX];
    for (int k = 0; k < PREFIXES; k++) {
        (void)snprintf(name, sizeof name, "%s%s", prefixes[k], param);
        if (okng_weights_has(weights, name)) return (okng_naming){weights, prefixes[k], NULL, false};
    }
    return (okng_naming){weights, "", NULL, false};
}

/* Where a parameter is; false where the layout has none of that name. */
static bool find_source(const okng_naming *naming, const char *param, okng_source *out)
{
    if (naming->layout && okng_naming_is_clip(param))
        return okng_layout_source(naming->layout, naming->prefix, param, out);
    (void)snprintf(out->names[0], sizeof out->names[0], "%s%s", naming->layout ? "" : naming->prefix, param);
    out->count = 1;
    out->form = OKNG_FORM_SAME;
    return true;
}

const char *okng_naming_name(const okng_naming *naming, const char *param, char name[2 * OKNG_NAME_MAX])
{
    okng_source source;
    const bool found = find_source(naming, param, &source);
    (void)snprintf(name, 2 * OKNG_NAME_MAX, "%s", found ? source.names[0] : param);
    return name;
}

bool okng_naming_has(const okng_naming *naming, const char *param)
{
    okng_source source;
    if (!find_source(naming, param, &source)) return false;
    for (int i = 0; i < source.count; i++)
        if (name_in_file(naming, source.names[i])) return true;
    return false;
}

/* ---- what is wrong ---- */

/* Whether the file's blocks differ in their heads, so that rows of in_proj are not three times the width. */
static bool is_irregular(const okng_naming *naming)
{
    static const char *const towers[] = {"visual.transformer.resblocks", "transformer.resblocks"};
    enum { BLOCKS = 24 };
    if (!naming->layout) return false;
    for (int i = 0; i < 2 * BLOCKS; i++) {
        char param[OKNG_NAME_MAX];
        okng_source source;
        (void)snprintf(param, sizeof param, "%s.%d.attn.in_proj_weight", towers[i / BLOCKS], i % BLOCKS);
        if (!find_source(naming, param, &source) || source.form != OKNG_FORM_SAME) return false;
        const char *name = name_in_file(naming, source.names[0]);
        const okng_array *array = name ? okng_weights_find(naming->weights, name) : NULL;
        if (array && array->dims == 2 && array->shape[0] / 3 != array->shape[1]) return true;
    }
    return false;
}

static okng_status missing(const okng_naming *naming, const char *param, const char *name, const char *expected,
                           okng_error *error)
{
    const char *path = okng_weights_path(naming->weights), *layout = okng_naming_layout(naming);
    const uint32_t towers = okng_naming_towers(naming), tower = okng_layout_tower_of(param);
    if (naming->layout && towers != 0 && !(towers & tower) && tower == OKNG_TOWER_TEXT)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                         "%s: vision only, no text tower (layout of %s): no tensor for %s of shape %s; words need "
                         "weights with both towers",
                         path, layout, param, expected);
    if (naming->layout && towers != 0 && !(towers & tower) && tower == OKNG_TOWER_IMAGE)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                         "%s: text only, no image tower (layout of %s): no tensor for %s of shape %s; pictures need "
                         "weights with both towers",
                         path, layout, param, expected);
    if (is_irregular(naming))
        return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                         "%s: no tensor %s, expected one of shape %s; its blocks differ in their heads, as TinyCLIP's "
                         "\"auto\" weights do, which okng does not read: take TinyCLIP's \"manual\" ones",
                         path, name, expected);
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no tensor %s, expected one of shape %s", path, name, expected);
}

static okng_status misshaped(const okng_naming *naming, const char *name, const okng_array *array, const char *expected,
                             okng_error *error)
{
    char found[128];
    const char *path = okng_weights_path(naming->weights);
    (void)okng_shape_text(array->dims, array->shape, found, sizeof found);
    if (is_irregular(naming))
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s: tensor %s has shape %s, expected %s; its blocks differ in their heads, as TinyCLIP's "
                         "\"auto\" weights do, which okng does not read: take TinyCLIP's \"manual\" ones",
                         path, name, found, expected);
    return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: tensor %s has shape %s, expected %s", path, name, found,
                     expected);
}

/* ---- a tensor ---- */

/* The shape that a part has in the file: rank and dims are the parameter's. False where its form does not allow that.
 */
static bool expect(const okng_source *source, int32_t rank, const int64_t *dims, okng_array *out)
{
    *out = (okng_array){.dims = rank};
    if (rank > 0) memcpy(out->shape, dims, (size_t)rank * sizeof *dims);
    if (source->form == OKNG_FORM_TRANSPOSED) {
        if (rank != 2) return false;
        out->shape[0] = dims[1];
        out->shape[1] = dims[0];
    } else if (source->form == OKNG_FORM_JOINED) {
        if (rank < 1 || dims[0] % source->count != 0) return false;
        out->shape[0] = dims[0] / source->count;
    }
    return true;
}

static bool same_shape(const okng_source *source, const okng_array *array, const okng_array *expected)
{
    int32_t led = 0;
    if (source->form == OKNG_FORM_LED)
        while (led < array->dims - expected->dims && array->shape[led] == 1) led++;
    return array->dims - led == expected->dims &&
           memcmp(array->shape + led, expected->shape, (size_t)expected->dims * sizeof *array->shape) == 0;
}

/* One part, as it is in the file. */
static okng_status find_part(const okng_naming *naming, const char *param, const okng_source *source, int part,
                             const okng_array *expected, const okng_array **out, okng_error *error)
{
    char text[128];
    const char *wanted = source->names[part], *name = name_in_file(naming, wanted);
    (void)okng_shape_text(expected->dims, expected->shape, text, sizeof text);
    if (!name) return missing(naming, param, wanted, text, error);
    OKNG_TRY(okng_weights_get(naming->weights, name, out, error));
    if (!same_shape(source, *out, expected)) return misshaped(naming, name, *out, text, error);
    if (okng_dtype_is_floating((*out)->dtype)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: tensor %s is of %s, expected floating point",
                     okng_weights_path(naming->weights), name, okng_dtype_name((*out)->dtype));
}

/* Of timm's head: a projection has no bias, a classifier in its place would. */
static okng_status check_zero(const okng_naming *naming, okng_error *error)
{
    char name[2 * OKNG_NAME_MAX];
    (void)snprintf(name, sizeof name, "%s%s", naming->prefix, naming->layout->zero);
    const okng_array *array = okng_weights_find(naming->weights, name);
    const size_t size = array && okng_dtype_is_floating(array->dtype) ? okng_dtype_size(array->dtype) : 0;
    for (size_t i = 0; size > 0 && i < array->bytes / size; i++) {
        float value;
        okng_to_float(array->dtype, (const char *)array->data + i * size, 1, &value);
        if (value == 0.0f) continue;
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s: %s is not 0, expected CLIP's projection, which has no bias: the head is a classifier's",
                         okng_weights_path(naming->weights), name);
    }
    return OKNG_OK;
}

static void transpose(const okng_array *from, char *to)
{
    const size_t size = okng_dtype_size(from->dtype);
    const int64_t rows = from->shape[0], columns = from->shape[1];
    for (int64_t i = 0; i < rows; i++)
        for (int64_t k = 0; k < columns; k++)
            memcpy(to + (size_t)(k * rows + i) * size, (const char *)from->data + (size_t)(i * columns + k) * size,
                   size);
}

/* Parts of several types become float32. */
static void join(const okng_array *const *parts, int count, okng_dtype dtype, char *to)
{
    for (int i = 0; i < count; i++) {
        const size_t elements = parts[i]->bytes / okng_dtype_size(parts[i]->dtype);
        if (parts[i]->dtype == dtype)
            memcpy(to, parts[i]->data, parts[i]->bytes);
        else
            okng_to_float(parts[i]->dtype, parts[i]->data, elements, (float *)(void *)to);
        to += elements * okng_dtype_size(dtype);
    }
}

static okng_status make(const okng_source *source, const okng_array *const *parts, okng_tensor *out, okng_error *error)
{
    okng_array *array = &out->array;
    array->dtype = parts[0]->dtype;
    for (int i = 1; i < source->count; i++)
        if (parts[i]->dtype != array->dtype) array->dtype = OKNG_F32;
    if (!okng_shape_bytes(array->dtype, array->dims, array->shape, &array->bytes))
        return okng_fail_memory(error, SIZE_MAX);
    array->data = out->made = okng_alloc(array->bytes, 1);
    if (!out->made) return okng_fail_memory(error, array->bytes);
    if (source->form == OKNG_FORM_TRANSPOSED)
        transpose(parts[0], out->made);
    else
        join(parts, source->count, array->dtype, out->made);
    return OKNG_OK;
}

okng_status okng_naming_tensor(const okng_naming *naming, const char *param, int32_t rank, const int64_t *dims,
                               okng_tensor *out, okng_error *error)
{
    okng_source source;
    okng_array expected;
    const okng_array *parts[OKNG_JOINED_MAX];
    char text[128];
    if (out) *out = (okng_tensor){.array.dims = rank};
    if (out && rank > 0) memcpy(out->array.shape, dims, (size_t)rank * sizeof *dims);
    if (!find_source(naming, param, &source) || !expect(&source, rank, dims, &expected))
        return missing(naming, param, param, okng_shape_text(rank, dims, text, sizeof text), error);
    for (int i = 0; i < source.count; i++) OKNG_TRY(find_part(naming, param, &source, i, &expected, &parts[i], error));
    if (naming->layout && naming->layout->zero && source.form == OKNG_FORM_TRANSPOSED)
        OKNG_TRY(check_zero(naming, error));
    if (!out) return OKNG_OK;
    if (source.form == OKNG_FORM_TRANSPOSED || source.form == OKNG_FORM_JOINED) return make(&source, parts, out, error);
    out->array.dtype = parts[0]->dtype;
    out->array.data = parts[0]->data;
    out->array.bytes = parts[0]->bytes;
    return OKNG_OK;
}

void okng_tensor_release(okng_tensor *tensor)
{
    free(tensor->made);
    *tensor = (okng_tensor){0};
}
