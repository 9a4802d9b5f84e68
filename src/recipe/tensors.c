/* The tensors of a recipe's file, as weights. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "recipe/inside.h"

enum { SMALL = 64 << 10 };

/* What the weights of one file come from; one entry for each of their tensors. */
typedef struct source {
    okng_recipe *recipe;
    size_t *tensor; /* of the directory */
    size_t *scale;  /* int8: of its scales; else SIZE_MAX */
    void **made;    /* copies, and numbers that int8 stands for */
    okng_array *arrays;
    okng_named_array *named;
    size_t count;
} source;

static void release(void *context)
{
    source *s = context;
    for (size_t i = 0; s->made && i < s->count; i++) free(s->made[i]);
    okng_recipe_close(&s->recipe);
    free(s->tensor);
    free(s->scale);
    free(s->made);
    free(s->arrays);
    free(s->named);
    free(s);
}

static const okng_recipe_tensor *tensor_at(const source *s, size_t index)
{
    return &s->recipe->directory.tensors[index];
}

/* ---- int8 -------------------------------------------------------------------------------------------------------- */

static bool is_scale_of(const okng_recipe_tensor *scale, const okng_recipe_tensor *of)
{
    const size_t length = strlen(of->name);
    return strcmp(scale->file, of->file) == 0 && strncmp(scale->name, of->name, length) == 0 &&
           strcmp(scale->name + length, OKNG_RECIPE_SCALES) == 0;
}

/* Whether it is some tensor's scales, which are no tensor of the file's own. */
static bool is_scale(const okng_recipe_tensor *tensor)
{
    const size_t length = strlen(tensor->name), end = strlen(OKNG_RECIPE_SCALES);
    return length >= end && strcmp(tensor->name + length - end, OKNG_RECIPE_SCALES) == 0;
}

static okng_status find_scale(source *s, size_t entry, okng_error *error)
{
    const okng_directory *d = &s->recipe->directory;
    const okng_recipe_tensor *tensor = tensor_at(s, s->tensor[entry]);
    s->scale[entry] = SIZE_MAX;
    for (size_t i = 0; tensor->array.dtype == OKNG_I8 && i < d->tensor_count; i++)
        if (is_scale_of(&d->tensors[i], tensor)) s->scale[entry] = i;
    if (s->scale[entry] == SIZE_MAX) return OKNG_OK;
    const okng_array *scale = &tensor_at(s, s->scale[entry])->array;
    if (scale->dtype == OKNG_F32 && scale->dims == 1 && tensor->array.dims > 0 &&
        scale->shape[0] == tensor->array.shape[0])
        return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s has not one scale for each row of %s; pack the bank again",
                     s->recipe->path, tensor->file, tensor->name);
}

/* A number of 127 is the row's largest, to the bit: what it is quantised to again is what it was. */
static void expand(const int8_t *numbers, const float *largest, int64_t rows, size_t row, float *out)
{
    for (int64_t r = 0; r < rows; r++) {
        const float step = largest[r] / 127.0f;
        for (size_t i = 0; i < row; i++, numbers++, out++)
            *out = *numbers == 127 ? largest[r] : *numbers == -127 ? -largest[r] : (float)*numbers * step;
    }
}

static okng_status make_numbers(source *s, size_t entry, okng_array *array, okng_error *error)
{
    const okng_recipe_tensor *tensor = tensor_at(s, s->tensor[entry]), *scale = tensor_at(s, s->scale[entry]);
    const int64_t rows = tensor->array.shape[0];
    OKNG_TRY(okng_recipe_check_tensor(s->recipe, s->scale[entry], 1, error));
    float *out = okng_alloc(1, array->bytes);
    if (!out) return okng_fail_memory(error, array->bytes);
    expand((const int8_t *)(s->recipe->map.data + tensor->piece.at),
           (const float *)(const void *)(s->recipe->map.data + scale->piece.at), rows,
           rows > 0 ? tensor->array.bytes / (size_t)rows : 0, out);
    array->data = s->made[entry] = out;
    return OKNG_OK;
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static okng_status look(void *context, size_t i, okng_array *array, okng_error *error)
{
    source *s = context;
    if (s->made[i]) return OKNG_OK;
    OKNG_TRY(okng_recipe_check_tensor(s->recipe, s->tensor[i], 1, error));
    return s->scale[i] == SIZE_MAX ? OKNG_OK : make_numbers(s, i, array, error);
}

static okng_status copy(source *s, size_t entry, okng_error *error)
{
    const okng_recipe_tensor *tensor = tensor_at(s, s->tensor[entry]);
    const size_t bytes = tensor->array.bytes;
    s->made[entry] = s->arrays[entry].data = okng_alloc(1, bytes);
    if (!s->made[entry]) return okng_fail_memory(error, bytes);
    if (bytes > 0) memcpy(s->made[entry], s->recipe->map.data + tensor->piece.at, bytes);
    return okng_recipe_check_bytes(s->recipe, &tensor->piece, s->made[entry], 1, tensor->file, tensor->name, error);
}

static okng_status take(source *s, size_t entry, okng_recipe_mapped mapped, okng_error *error)
{
    const okng_recipe_tensor *tensor = tensor_at(s, s->tensor[entry]);
    okng_array *array = &s->arrays[entry];
    *array = tensor->array;
    s->named[entry] = (okng_named_array){tensor->name, array};
    OKNG_TRY(find_scale(s, entry, error));
    if (s->scale[entry] != SIZE_MAX) {
        array->dtype = OKNG_F32;
        if (!okng_mul_size(array->bytes, sizeof(float), &array->bytes))
            return okng_fail(error, OKNG_ERROR_LIMIT, "%s: %s is larger than memory can be", s->recipe->path,
                             tensor->name);
        return OKNG_OK;
    }
    const bool stays = okng_dtype_is_floating(array->dtype) || mapped == OKNG_RECIPE_NUMBERS;
    if (!stays || array->bytes < SMALL) return copy(s, entry, error);
    array->data = (void *)(uintptr_t)(s->recipe->map.data + tensor->piece.at);
    return OKNG_OK;
}

static okng_status gather(source *s, const char *file, okng_recipe_mapped mapped, okng_error *error)
{
    const okng_directory *d = &s->recipe->directory;
    const size_t most = d->tensor_count;
    s->tensor = okng_alloc(most, sizeof *s->tensor);
    s->scale = okng_alloc(most, sizeof *s->scale);
    s->made = okng_alloc_zero(most, sizeof *s->made);
    s->arrays = okng_alloc_zero(most, sizeof *s->arrays);
    s->named = okng_alloc(most, sizeof *s->named);
    if (!s->tensor || !s->scale || !s->made || !s->arrays || !s->named)
        return okng_fail_memory(error, most * sizeof *s->arrays);
    for (size_t i = 0; i < most; i++) {
        if (strcmp(d->tensors[i].file, file) != 0 || is_scale(&d->tensors[i])) continue;
        s->tensor[s->count++] = i;
        OKNG_TRY(take(s, s->count - 1, mapped, error));
    }
    if (s->count > 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: holds no %s; pack the bank again", s->recipe->path, file);
}

static okng_status open_views(okng_weights **out, source *s, const char *file, okng_error *error)
{
    char *path = NULL;
    const okng_directory *d = &s->recipe->directory;
    okng_weights_note *notes = okng_alloc(d->note_count, sizeof *notes);
    size_t count = 0;
    for (size_t i = 0; notes && i < d->note_count; i++)
        if (strcmp(d->notes[i].file, file) == 0)
            notes[count++] = (okng_weights_note){d->notes[i].key, d->notes[i].value};
    if (!notes || asprintf(&path, "%s:%s", s->recipe->path, file) < 0) {
        free(notes);
        release(s);
        return okng_fail_memory(error, OKNG_PATH_MAX);
    }
    const okng_weights_views views = {path, s->named, s->count, notes, count, look, release, s};
    okng_status status = okng_weights_of_views(out, &views, error);
    free(notes);
    free(path);
    return status;
}

okng_status okng_recipe_weights(okng_weights **out, okng_recipe *recipe, const char *file, okng_recipe_mapped mapped,
                                okng_error *error)
{
    *out = NULL;
    source *s = calloc(1, sizeof *s);
    if (!s) return okng_fail_memory(error, sizeof *s);
    s->recipe = okng_recipe_share(recipe);
    okng_status status = gather(s, file, mapped, error);
    if (status == OKNG_OK) return open_views(out, s, file, error);
    release(s);
    return status;
}
