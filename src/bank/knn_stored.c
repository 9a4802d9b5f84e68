#include "bank/knn_stored.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "bank/knn_screened.h"
#include "base/parallel.h"

/* The numbers of an index, in their order. */
enum {
    FORM,
    WHOLE_INVERSE,
    WHOLE_ERROR,
    WHOLE_NORM,
    BRIEF_INVERSE,
    BRIEF_ERROR,
    BRIEF_NORM,
    BLUR,
    SKEW,
    SHARE,
    LEAST,
    MOST,
    STRETCH
};
_Static_assert(STRETCH + 1 == OKNG_KNN_NUMBERS, "one name for each number");

#define LARGEST_NORM 0x1p30

/* Of the codes: 1 for bytes of 8 bits, 2 for 16 bits, 3 for bytes of 7 bits. */
static double form_of(const okng_screen *screen)
{
    return screen->code_bytes == 1 && screen->most < INT8_MAX ? 3 : screen->code_bytes;
}

/* ---- to tensors -------------------------------------------------------------------------------------------------- */

static void add(okng_knn_stored *stored, const char *name, okng_dtype dtype, const void *data, int64_t rows,
                int64_t columns)
{
    okng_array *view = &stored->views[stored->count];
    *view = (okng_array){.dtype = dtype,
                         .dims = columns > 0 ? 2 : 1,
                         .shape = {rows, columns},
                         .data = (void *)(uintptr_t)data,
                         .bytes = (size_t)(rows * (columns > 0 ? columns : 1)) * okng_dtype_size(dtype)};
    stored->arrays[stored->count++] = (okng_named_array){name, view};
}

static int64_t whole_panels(int64_t rows)
{
    return (rows + OKNG_SCREEN_PANEL - 1) / OKNG_SCREEN_PANEL * OKNG_SCREEN_PANEL;
}

void okng_knn_index_store(const okng_knn_index *index, okng_knn_stored *stored)
{
    const okng_code_table *whole = &index->whole, *brief = &index->brief;
    const okng_outline *outline = &index->outline;
    const int64_t count = index->rows.count, dim = index->rows.dim;
    *stored = (okng_knn_stored){.count = 0};
    if (!whole->codes) return;
    for (int64_t r = 0; brief->codes && r < count; r++)
        if (brief->offsets[r] < 0) return; /* one that nothing rules out */
    double *n = stored->numbers;
    n[FORM] = form_of(whole->coding.screen);
    n[WHOLE_INVERSE] = (double)whole->coding.inverse;
    n[WHOLE_ERROR] = whole->error;
    n[WHOLE_NORM] = whole->norm;
    add(stored, "numbers", OKNG_F64, n, OKNG_KNN_NUMBERS, 0);
    add(stored, "mean", OKNG_F32, index->mean, dim, 0);
    add(stored, "whole.codes", OKNG_U8, whole->codes, count, (int64_t)whole->coding.bytes);
    add(stored, "whole.offsets", OKNG_I32, whole->offsets, count + OKNG_KNN_SLACK, 0);
    if (!brief->codes) return;
    n[BRIEF_INVERSE] = (double)brief->coding.inverse;
    n[BRIEF_ERROR] = brief->error;
    n[BRIEF_NORM] = brief->norm;
    n[BLUR] = index->blur;
    n[SKEW] = outline->principal.skew;
    n[SHARE] = outline->principal.share;
    n[LEAST] = (double)outline->least;
    n[MOST] = (double)outline->most;
    n[STRETCH] = outline->stretch;
    add(stored, "outline.matrix", OKNG_F32, outline->principal.matrix, dim, okng_outline_dim(outline));
    add(stored, "outline.mean", OKNG_F32, index->outline_mean, okng_outline_dim(outline), 0);
    add(stored, "brief.codes", OKNG_U8, brief->codes, whole_panels(count), (int64_t)brief->coding.bytes);
    add(stored, "brief.offsets", OKNG_I32, brief->offsets, whole_panels(count) + OKNG_KNN_SLACK, 0);
}

/* ---- from tensors ------------------------------------------------------------------------------------------------ */

typedef struct restoring {
    const okng_weights *file;
    okng_knn_index *index;
    double numbers[OKNG_KNN_NUMBERS];
    int threads;
    okng_error *error;
} restoring;

static okng_status bad(const restoring *r, const char *name)
{
    return okng_fail(r->error, OKNG_ERROR_FORMAT,
                     "%s: \"%s\" is none of an index of %lld rows of %lld numbers; pack the bank again",
                     okng_weights_path(r->file), name, (long long)r->index->rows.count, (long long)r->index->rows.dim);
}

/* columns 0: of one dimension. */
static okng_status take(const restoring *r, const char *name, okng_dtype dtype, int64_t rows, int64_t columns,
                        void **out)
{
    const okng_array *array;
    OKNG_TRY(okng_weights_get(r->file, name, &array, r->error));
    if (array->dtype != dtype || array->dims != (columns > 0 ? 2 : 1) || array->shape[0] != rows ||
        (columns > 0 && array->shape[1] != columns) || (uintptr_t)array->data % sizeof(double) != 0)
        return bad(r, name);
    *out = array->data;
    return OKNG_OK;
}

/* Whether numbers first..last are at least `low` and at most `high`. */
static bool are_within(const restoring *r, int first, int last, double low, double high)
{
    for (int i = first; i <= last; i++)
        if (!(r->numbers[i] >= low && r->numbers[i] <= high)) return false;
    return true;
}

typedef struct code_check {
    const okng_code_table *table;
    int64_t rows, offsets;
    atomic_bool bad;
} code_check;

/* Half a norm, that is; and of 16 bits no code beyond the limit, so that no sum of products leaves 32 bits. */
static void check_some(void *context, int64_t begin, int64_t end, int thread)
{
    code_check *c = context;
    const okng_code_table *t = c->table;
    const int32_t limit = (int32_t)t->coding.limit;
    uint32_t wrong = 0;
    (void)thread;
    for (int64_t r = begin; r < end && r < c->offsets; r++)
        wrong |= t->offsets[r] < 0 || (double)t->offsets[r] > LARGEST_NORM / 2;
    const size_t codes = t->coding.bytes / sizeof(int16_t);
    for (int64_t r = begin; t->coding.screen->code_bytes == 2 && r < end && r < c->rows; r++) {
        const int16_t *row = (const int16_t *)(const void *)(t->codes + (size_t)r * t->coding.bytes);
        for (size_t i = 0; i < codes; i++) wrong |= (uint32_t)(row[i] + limit) > 2 * (uint32_t)limit;
    }
    if (wrong) atomic_store(&c->bad, true);
}

static okng_status check_codes(const restoring *r, const okng_code_table *table, int64_t rows, int64_t offsets,
                               const char *name)
{
    code_check c = {.table = table, .rows = rows, .offsets = offsets};
    okng_parallel_for(r->threads, rows > offsets ? rows : offsets, 256, check_some, &c);
    return atomic_load(&c.bad) ? bad(r, name) : OKNG_OK;
}

static okng_status take_whole(restoring *r)
{
    okng_knn_index *index = r->index;
    okng_code_table *whole = &index->whole;
    const int64_t count = index->rows.count, dim = index->rows.dim;
    if (!are_within(r, WHOLE_INVERSE, WHOLE_INVERSE, 0x1p-120, 0x1p120) ||
        !are_within(r, WHOLE_ERROR, WHOLE_NORM, 0, LARGEST_NORM))
        return bad(r, "numbers");
    OKNG_TRY(take(r, "mean", OKNG_F32, dim, 0, (void **)&index->mean));
    whole->coding = okng_coding_of(okng_screen_get(), (size_t)dim, index->mean, 1.0f, OKNG_SCREEN_LINE);
    whole->coding.inverse = (float)r->numbers[WHOLE_INVERSE];
    whole->error = r->numbers[WHOLE_ERROR];
    whole->norm = r->numbers[WHOLE_NORM];
    OKNG_TRY(take(r, "whole.codes", OKNG_U8, count, (int64_t)whole->coding.bytes, (void **)&whole->codes));
    OKNG_TRY(take(r, "whole.offsets", OKNG_I32, count + OKNG_KNN_SLACK, 0, (void **)&whole->offsets));
    return check_codes(r, whole, count, count + OKNG_KNN_SLACK, "whole.codes");
}

static okng_status take_brief(restoring *r)
{
    okng_knn_index *index = r->index;
    okng_code_table *brief = &index->brief;
    okng_outline *outline = &index->outline;
    const int64_t count = index->rows.count, dim = index->rows.dim, padded = whole_panels(count);
    const okng_array *matrix;
    if (!okng_weights_has(r->file, "brief.codes")) return OKNG_OK;
    OKNG_TRY(okng_weights_get(r->file, "outline.matrix", &matrix, r->error));
    const int64_t columns = matrix->dims == 2 ? matrix->shape[1] : 0;
    if (columns < OKNG_KERNELS_LANES || columns % OKNG_KERNELS_LANES != 0 || columns > OKNG_KNN_MOST_COLUMNS)
        return bad(r, "outline.matrix");
    if (!are_within(r, BRIEF_INVERSE, BRIEF_INVERSE, 0x1p-120, 0x1p120) ||
        !are_within(r, BRIEF_ERROR, BRIEF_NORM, 0, LARGEST_NORM) || !are_within(r, BLUR, BLUR, 0, 0x1p120) ||
        !are_within(r, SKEW, SHARE, 0, 1) || !are_within(r, LEAST, MOST, 0, 0x1p120) ||
        !are_within(r, STRETCH, STRETCH, 1, 2))
        return bad(r, "numbers");
    outline->principal =
        (okng_principal){.dim = dim, .columns = columns, .skew = r->numbers[SKEW], .share = r->numbers[SHARE]};
    outline->mean = index->mean;
    outline->least = (float)r->numbers[LEAST];
    outline->most = (float)r->numbers[MOST];
    outline->stretch = r->numbers[STRETCH];
    index->blur = r->numbers[BLUR];
    OKNG_TRY(take(r, "outline.matrix", OKNG_F32, dim, columns, (void **)&outline->principal.matrix));
    OKNG_TRY(take(r, "outline.mean", OKNG_F32, columns, 0, (void **)&index->outline_mean));
    brief->coding =
        okng_coding_of(okng_screen_get(), (size_t)columns, index->outline_mean, 1.0f, OKNG_CODES_SHORT_LINE);
    brief->coding.inverse = (float)r->numbers[BRIEF_INVERSE];
    brief->error = r->numbers[BRIEF_ERROR];
    brief->norm = r->numbers[BRIEF_NORM];
    void *codes;
    OKNG_TRY(take(r, "brief.codes", OKNG_U8, padded, (int64_t)brief->coding.bytes, &codes));
    OKNG_TRY(take(r, "brief.offsets", OKNG_I32, padded + OKNG_KNN_SLACK, 0, (void **)&brief->offsets));
    brief->codes = codes;
    return check_codes(r, brief, padded, padded + OKNG_KNN_SLACK, "brief.codes");
}

okng_status okng_knn_index_restore(okng_knn_index **out, const okng_rows *rows, const okng_weights *stored, int threads,
                                   okng_error *error)
{
    *out = NULL;
    okng_knn_index *index = calloc(1, sizeof *index);
    if (!index) return okng_fail_memory(error, sizeof *index);
    index->rows = *rows;
    index->borrowed = true;
    restoring r = {.file = stored, .index = index, .threads = threads < 1 ? 1 : threads, .error = error};
    void *numbers;
    okng_status status =
        okng_knn_index_pays(rows) ? take(&r, "numbers", OKNG_F64, OKNG_KNN_NUMBERS, 0, &numbers) : bad(&r, "numbers");
    if (status == OKNG_OK) memcpy(r.numbers, numbers, sizeof r.numbers);
    const bool ours = status == OKNG_OK && r.numbers[FORM] == form_of(okng_screen_get());
    if (ours) status = take_whole(&r);
    if (ours && status == OKNG_OK) status = take_brief(&r);
    if (ours && status == OKNG_OK)
        *out = index;
    else
        okng_knn_index_free(&index);
    return status;
}
