#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "method/ledger.h"
#include "tensor/array.h"

enum { MAX_PATCHES = 1 << 24 };

static okng_array view(okng_dtype dtype, int32_t dims, const int64_t shape[3], const void *data)
{
    okng_array array = {.dtype = dtype, .dims = dims, .shape = {shape[0], shape[1], shape[2]}};
    array.data = (void *)(uintptr_t)data; /* written from, never to */
    (void)okng_shape_bytes(dtype, dims, array.shape, &array.bytes);
    return array;
}

okng_status okng_ledger_write(const okng_ledger *l, const char *path, okng_error *error)
{
    okng_array scores = view(OKNG_F32, 1, (int64_t[3]){l->count}, l->scores);
    okng_array doubts = view(OKNG_F32, 1, (int64_t[3]){l->count}, l->doubts);
    okng_array grid = view(OKNG_F32, 2, (int64_t[3]){l->count, l->patches}, l->grid);
    okng_array places = view(OKNG_I32, 2, (int64_t[3]){l->count, l->kept}, l->places);
    okng_array rows = view(OKNG_F32, 3, (int64_t[3]){l->count, l->kept, l->dim}, l->rows);
    okng_array names = view(OKNG_U8, 1, (int64_t[3]){(int64_t)l->names.bytes}, l->names.text);
    okng_array folder = view(OKNG_U8, 1, (int64_t[3]){(int64_t)strlen(l->folder) + 1}, l->folder);
    const okng_named_array tensors[] = {{"scores", &scores}, {"doubts", &doubts}, {"grid", &grid},
                                        {"places", &places}, {"rows", &rows},     {"names", &names},
                                        {"folder", &folder}};
    return okng_safetensors_write_arrays(path, tensors, sizeof tensors / sizeof *tensors, error);
}

static okng_status refuse(const okng_weights *file, const char *what, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s is out of range; build the bank anew", okng_weights_path(file),
                     what);
}

/* A tensor of this type and shape; a size of -1 may be any from 1 on. */
static okng_status tensor_of(const okng_weights *file, const char *name, okng_dtype dtype, int32_t dims,
                             const int64_t shape[3], const okng_array **out, okng_error *error)
{
    OKNG_TRY(okng_weights_get(file, name, out, error));
    const okng_array *a = *out;
    bool fits = a->dtype == dtype && a->dims == dims;
    for (int32_t d = 0; d < dims && fits; d++) fits = shape[d] < 0 ? a->shape[d] > 0 : a->shape[d] == shape[d];
    if (fits) return OKNG_OK;
    char text[96];
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s: tensor \"%s\" is %s %s, expected %s of another shape; build the bank anew",
                     okng_weights_path(file), name, okng_dtype_name(a->dtype),
                     okng_shape_text(a->dims, a->shape, text, sizeof text), okng_dtype_name(dtype));
}

/* The tensors of a file. */
typedef struct found {
    const okng_array *scores, *doubts, *grid, *places, *rows, *names, *folder;
} found;

static okng_status find_all(const okng_weights *file, found *f, okng_ledger_size *size, okng_error *error)
{
    OKNG_TRY(tensor_of(file, "grid", OKNG_F32, 2, (int64_t[3]){-1, -1}, &f->grid, error));
    size->count = f->grid->shape[0];
    size->patches = f->grid->shape[1];
    OKNG_TRY(tensor_of(file, "scores", OKNG_F32, 1, (int64_t[3]){size->count}, &f->scores, error));
    OKNG_TRY(tensor_of(file, "doubts", OKNG_F32, 1, (int64_t[3]){size->count}, &f->doubts, error));
    OKNG_TRY(tensor_of(file, "rows", OKNG_F32, 3, (int64_t[3]){size->count, -1, -1}, &f->rows, error));
    size->dim = f->rows->shape[2];
    if (size->count > OKNG_TAU_PICTURES_MAX || size->patches > MAX_PATCHES ||
        f->rows->shape[1] > OKNG_LEDGER_KEPT_MAX || f->rows->shape[1] < OKNG_LEDGER_KEPT_MIN)
        return refuse(file, "the size of a tensor", error);
    size->kept = (int32_t)f->rows->shape[1];
    OKNG_TRY(tensor_of(file, "places", OKNG_I32, 2, (int64_t[3]){size->count, size->kept}, &f->places, error));
    OKNG_TRY(tensor_of(file, "names", OKNG_U8, 1, (int64_t[3]){-1}, &f->names, error));
    return tensor_of(file, "folder", OKNG_U8, 1, (int64_t[3]){-1}, &f->folder, error);
}

static bool all_finite(const float *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i])) return false;
    return true;
}

/* A score is NaN or at least 0, for `count` of them. */
static bool are_scores(const float *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!isnan(values[i]) && (isinf(values[i]) || values[i] < 0)) return false;
    return true;
}

static okng_status check(const okng_ledger *l, const okng_weights *file, okng_error *error)
{
    if (!are_scores(l->scores, l->count)) return refuse(file, "the score of a picture", error);
    for (int64_t i = 0; i < l->count; i++)
        if (isinf(l->doubts[i])) return refuse(file, "the doubt of a picture", error);
    if (!all_finite(l->grid, l->count * l->patches) || !are_scores(l->grid, l->count * l->patches))
        return refuse(file, "the score of a patch", error);
    if (!all_finite(l->rows, l->count * l->kept * l->dim)) return refuse(file, "a patch vector", error);
    for (int64_t i = 0; i < l->count * l->kept; i++)
        if (l->places[i] < 0 || l->places[i] >= l->patches) return refuse(file, "the place of a patch", error);
    return OKNG_OK;
}

static const char *no_name(const void *context, size_t i)
{
    (void)context, (void)i;
    return "";
}

static okng_status take(okng_ledger *l, const found *f, const okng_weights *file, okng_error *error)
{
    bool fits;
    memcpy(l->scores, f->scores->data, f->scores->bytes);
    memcpy(l->doubts, f->doubts->data, f->doubts->bytes);
    memcpy(l->grid, f->grid->data, f->grid->bytes);
    memcpy(l->places, f->places->data, f->places->bytes);
    memcpy(l->rows, f->rows->data, f->rows->bytes);
    okng_picture_names_free(&l->names);
    OKNG_TRY(okng_picture_names_read(&l->names, l->count, f->names->data, f->names->bytes, &fits, error));
    return fits ? check(l, file, error) : refuse(file, "a name of a picture", error);
}

okng_status okng_ledger_read(okng_ledger **out, const okng_weights *file, okng_error *error)
{
    found f;
    okng_ledger_size size;
    *out = NULL;
    OKNG_TRY(find_all(file, &f, &size, error));
    const char *folder = f.folder->data;
    size_t length = f.folder->bytes;
    if (memchr(folder, 0, length) != folder + length - 1 || (*folder && *folder != '/'))
        return refuse(file, "the folder of the pictures", error);
    OKNG_TRY(okng_ledger_new(out, &size, no_name, NULL, folder, error));
    okng_status status = take(*out, &f, file, error);
    if (status != OKNG_OK) okng_ledger_free(out);
    return status;
}

okng_status okng_ledger_of_bank(okng_ledger **out, const okng_bank_file *bank, okng_error *error)
{
    *out = NULL;
    for (int32_t i = 0; i < bank->config.data_count; i++)
        if (bank->data[i] && strcmp(bank->config.data[i].file, OKNG_LEDGER_FILE) == 0)
            return okng_ledger_read(out, bank->data[i], error);
    return OKNG_OK;
}

okng_bank_data okng_ledger_data(const okng_ledger *ledger)
{
    return (okng_bank_data){.file = OKNG_LEDGER_FILE, .rows = ledger->count, .dim = ledger->dim};
}

okng_status okng_ledger_save(const okng_ledger *ledger, const char *folder, okng_error *error)
{
    char *path = okng_path_join(folder, OKNG_LEDGER_FILE);
    okng_status status = path ? okng_ledger_write(ledger, path, error)
                              : okng_fail_memory(error, strlen(folder) + sizeof OKNG_LEDGER_FILE);
    free(path);
    return status;
}
