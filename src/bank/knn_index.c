#include "bank/knn_index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/knn_screened.h"
#include "bank/select.h"
#include "bank/typical.h"
#include "base/memory.h"
#include "base/parallel.h"

enum {
    MIN_ROWS = 512, /* fewer, or shorter ones, are as fast measured as screened */
    MIN_DIM = 32,
    MIN_OUTLINED_DIM = 256,   /* an outline must be much shorter than what it stands for: */
    MIN_SHORTER = 4,          /* at least by so much, */
    MIN_OUTLINED_ROWS = 2048, /* and finding it cheaper than what it saves */
    SAMPLES = 1024,           /* of the rows, at most, and one in */
    SAMPLED = 4,
    BLOCK = 2 * OKNG_OUTLINE_ROWS /* rows prepared together: whole panels */
};
#define KEPT_SHARE 0.996        /* of the numbers, that are not cut */
#define WORTHWHILE 0.5          /* of the variance, that an outline must take in */
#define HOPEFUL 0.6             /* part of that, from which on directions are worth working out */
#define CERTAIN (INT32_MIN / 2) /* offset of a row of zeros that nothing rules out */

/* Outlines from the shortest on: one serves when it takes in so much of the variance, the longest when it takes in
 * half. One twice as long costs twice as much for every row; a worse one leaves more rows to be looked at. */
static const struct {
    int64_t columns;
    double enough;
} lengths[] = {{16, 0.85}, {64, 0.9}, {OKNG_KNN_MOST_COLUMNS, WORTHWHILE}};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

/* What preparing a block found. */
typedef struct extent {
    double whole_error, whole_norm, brief_error, brief_norm, blur;
} extent;

typedef struct preparation {
    okng_knn_index *index;
    okng_typical typical;
    extent *extents; /* [blocks] */
    float *scratch;  /* [threads, scratch_size] */
    size_t scratch_size;
} preparation;

/* ---- what the rows look like --------------------------------------------------------------------------------------
 */

static okng_status look_at_rows(preparation *p, okng_error *error)
{
    const okng_rows *rows = &p->index->rows;
    const int64_t dim = rows->dim, most = rows->count / SAMPLED, count = most < SAMPLES ? most : SAMPLES;
    float *samples = okng_alloc((size_t)count, (size_t)dim * sizeof *samples);
    if (!samples) return okng_fail_memory(error, (size_t)(count * dim) * sizeof *samples);
    for (int64_t s = 0; s < count; s++)
        memcpy(samples + s * dim, rows->data + s * rows->count / count * dim, (size_t)dim * sizeof *samples);
    OKNG_TRY(okng_typical_find(&p->typical, samples, count, dim, error));
    p->index->mean = p->typical.mean; /* the index's from here on */
    p->typical.mean = NULL;
    return OKNG_OK;
}

/* The size that all but a few of the values stay below. */
static float usual_size(const float *values, int64_t count)
{
    enum { MOST = 65536 };
    if (count == 0) return 0;
    int64_t step = count / MOST + 1, taken = 0;
    if (step > 1 && step % 2 == 0) step++; /* not always the same dimension */
    uint32_t *keys = okng_alloc((size_t)(count / step) + 1, sizeof *keys);
    if (!keys) return 0;
    for (int64_t i = 0; i < count; i += step) {
        float size = fabsf(values[i]);
        memcpy(keys + taken++, &size, sizeof size);
    }
    uint32_t key = okng_select_key(keys, (size_t)taken, (size_t)((double)taken * (1 - KEPT_SHARE)) + 1);
    free(keys);
    float size;
    memcpy(&size, &key, sizeof size);
    return size;
}

/* ---- outlines -----------------------------------------------------------------------------------------------------
 */

/* From the samples' outlines: the mean length of the rest, and where to cut. */
static bool scale_outlines(preparation *p)
{
    okng_knn_index *index = p->index;
    int64_t dim = index->rows.dim, out_dim = okng_outline_dim(&index->outline), count = p->typical.count;
    float *outlines = okng_alloc((size_t)count, (size_t)out_dim * sizeof *outlines);
    float *scratch = okng_alloc(okng_outline_scratch(&index->outline), sizeof *scratch);
    index->outline_mean = okng_alloc_zero((size_t)out_dim, sizeof *index->outline_mean);
    bool room = outlines && scratch && index->outline_mean;
    double rest = 0, blur[OKNG_OUTLINE_ROWS];
    float *zeros = room ? index->outline_mean : NULL;
    for (int64_t s = 0; room && s < count; s += OKNG_OUTLINE_ROWS) {
        int64_t rows = count - s < OKNG_OUTLINE_ROWS ? count - s : OKNG_OUTLINE_ROWS;
        for (int64_t r = s; r < s + rows; r++)
            for (int64_t d = 0; d < dim; d++) p->typical.rows[r * dim + d] += index->mean[d];
        okng_outline_rows(&index->outline, p->typical.rows + s * dim, rows, outlines + s * out_dim, blur, scratch);
    }
    for (int64_t s = 0; room && s < count; s++) rest += (double)outlines[(s + 1) * out_dim - 1];
    for (int64_t s = 0; room && s < count; s++) outlines[(s + 1) * out_dim - 1] -= (float)(rest / (double)count);
    if (room) {
        zeros[out_dim - 1] = (float)(rest / (double)count);
        index->brief.coding = okng_coding_of(okng_screen_get(), (size_t)out_dim, index->outline_mean,
                                             usual_size(outlines, count * out_dim), OKNG_CODES_SHORT_LINE);
    }
    free(outlines);
    free(scratch);
    return room;
}

/* Whether outline i of `lengths` can be had. */
static bool is_short(const preparation *p, size_t i)
{
    return i < LENGTHS && lengths[i].columns <= p->index->rows.dim / MIN_SHORTER &&
           lengths[i].columns <= p->typical.count / 2;
}

/* Directions of the shortest outline that serves; none: principal->matrix is NULL. */
static okng_status find_directions(const preparation *p, okng_principal *principal, int threads, okng_error *error)
{
    *principal = (okng_principal){0};
    for (size_t i = 0; is_short(p, i) && !principal->matrix; i++) {
        const double enough = is_short(p, i + 1) ? lengths[i].enough : WORTHWHILE;
        OKNG_TRY(okng_principal_find(principal, p->typical.rows, p->typical.count, p->index->rows.dim,
                                     lengths[i].columns, HOPEFUL * enough, threads, error));
        if (!(principal->share >= enough) || !(principal->skew < 0.01)) okng_principal_free(principal);
    }
    return OKNG_OK;
}

static okng_status choose_outline(preparation *p, okng_knn_effort effort, int threads, okng_error *error)
{
    okng_knn_index *index = p->index;
    bool moderate = p->typical.rms > 1e-12 && p->typical.rms < 1e12; /* squares of sums stay clear of both ends */
    if (effort == OKNG_KNN_FEW || index->rows.dim < MIN_OUTLINED_DIM || index->rows.count < MIN_OUTLINED_ROWS ||
        !moderate)
        return OKNG_OK;
    okng_principal principal;
    OKNG_TRY(find_directions(p, &principal, threads, error));
    if (!principal.matrix) return OKNG_OK;
    index->outline = okng_outline_of(principal, index->mean, p->typical.rms);
    if (!scale_outlines(p))
        return okng_fail_memory(error, (size_t)(p->typical.count * principal.columns) * sizeof(float));
    okng_code_table *brief = &index->brief;
    size_t panels = (size_t)(index->rows.count / OKNG_SCREEN_PANEL) + BLOCK / OKNG_SCREEN_PANEL;
    brief->codes = okng_alloc(panels * OKNG_SCREEN_PANEL, brief->coding.bytes);
    brief->offsets = okng_alloc_zero(panels * OKNG_SCREEN_PANEL + OKNG_KNN_SLACK, sizeof *brief->offsets);
    if (brief->codes && brief->offsets) return OKNG_OK;
    return okng_fail_memory(error, panels * OKNG_SCREEN_PANEL * brief->coding.bytes);
}

/* ---- all rows -----------------------------------------------------------------------------------------------------
 */

static void prepare_whole(const preparation *p, int64_t begin, int64_t end, extent *e)
{
    okng_code_table *whole = &p->index->whole;
    const okng_rows *rows = &p->index->rows;
    for (int64_t r = begin; r < end; r++) {
        okng_coded coded =
            okng_coding_row(&whole->coding, rows->data + r * rows->dim, whole->codes + (size_t)r * whole->coding.bytes);
        whole->offsets[r] = coded.norm / 2;
        e->whole_error = fmax(e->whole_error, coded.error);
        e->whole_norm = fmax(e->whole_norm, (double)coded.norm);
    }
}

static void prepare_brief(const preparation *p, int64_t begin, int64_t end, float *scratch, extent *e)
{
    okng_code_table *brief = &p->index->brief;
    const okng_rows *rows = &p->index->rows;
    const okng_outline *outline = &p->index->outline;
    int64_t out_dim = okng_outline_dim(outline);
    float *outlines = scratch + okng_outline_scratch(outline);
    uint8_t *codes = (uint8_t *)(void *)(outlines + OKNG_OUTLINE_ROWS * out_dim);
    double blur[OKNG_OUTLINE_ROWS];
    for (int64_t first = begin; first < end; first += OKNG_OUTLINE_ROWS) {
        int64_t count = end - first < OKNG_OUTLINE_ROWS ? end - first : OKNG_OUTLINE_ROWS;
        okng_outline_rows(outline, rows->data + first * rows->dim, count, outlines, blur, scratch);
        for (int64_t r = 0; r < count; r++) {
            okng_coded coded = okng_coding_row(&brief->coding, outlines + r * out_dim,
                                               codes + (size_t)(first - begin + r) * brief->coding.bytes);
            brief->offsets[first + r] = coded.norm / 2;
            e->brief_error = fmax(e->brief_error, coded.error);
            e->brief_norm = fmax(e->brief_norm, (double)coded.norm);
            if (!isinf(blur[r])) {
                e->blur = fmax(e->blur, blur[r]);
                continue;
            }
            memset(codes + (size_t)(first - begin + r) * brief->coding.bytes, brief->coding.screen->bias,
                   brief->coding.bytes);
            brief->offsets[first + r] = CERTAIN;
        }
    }
    brief->coding.screen->pack(codes, brief->coding.bytes, (size_t)(end - begin),
                               brief->codes + (size_t)begin * brief->coding.bytes);
}

static void prepare_blocks(void *context, int64_t begin, int64_t end, int thread)
{
    const preparation *p = context;
    int64_t count = p->index->rows.count;
    for (int64_t block = begin; block < end; block++) {
        int64_t first = block * BLOCK, last = count - first < BLOCK ? count : first + BLOCK;
        extent *e = p->extents + block;
        *e = (extent){0};
        prepare_whole(p, first, last, e);
        if (p->index->brief.codes) prepare_brief(p, first, last, p->scratch + (size_t)thread * p->scratch_size, e);
    }
}

static okng_status prepare_rows(preparation *p, int threads, okng_error *error)
{
    okng_knn_index *index = p->index;
    int64_t blocks = (index->rows.count - 1) / BLOCK + 1;
    size_t brief_bytes = index->brief.coding.bytes, out_dim = (size_t)okng_outline_dim(&index->outline);
    p->scratch_size = okng_outline_scratch(&index->outline) + OKNG_OUTLINE_ROWS * out_dim + BLOCK * brief_bytes / 4;
    p->scratch = okng_alloc((size_t)threads, p->scratch_size * sizeof *p->scratch);
    p->extents = okng_alloc((size_t)blocks, sizeof *p->extents);
    if (!p->scratch || !p->extents)
        return okng_fail_memory(error, (size_t)threads * p->scratch_size * sizeof *p->scratch);
    okng_parallel_for(threads, blocks, 4, prepare_blocks, p);
    for (int64_t block = 0; block < blocks; block++) {
        const extent *e = p->extents + block;
        index->whole.error = fmax(index->whole.error, e->whole_error);
        index->whole.norm = fmax(index->whole.norm, e->whole_norm);
        index->brief.error = fmax(index->brief.error, e->brief_error);
        index->brief.norm = fmax(index->brief.norm, e->brief_norm);
        index->blur = fmax(index->blur, e->blur);
    }
    return OKNG_OK;
}

static okng_status prepare(okng_knn_index *index, okng_knn_effort effort, int threads, okng_error *error)
{
    const okng_rows *rows = &index->rows;
    preparation p = {.index = index};
    okng_code_table *whole = &index->whole;
    okng_status status = look_at_rows(&p, error);
    if (status == OKNG_OK) {
        whole->coding = okng_coding_of(okng_screen_get(), (size_t)rows->dim, index->mean,
                                       usual_size(p.typical.rows, p.typical.count * rows->dim), OKNG_SCREEN_LINE);
        status = choose_outline(&p, effort, threads, error);
    }
    if (status == OKNG_OK) {
        whole->codes = okng_alloc((size_t)rows->count, whole->coding.bytes);
        whole->offsets = okng_alloc_zero((size_t)rows->count + OKNG_KNN_SLACK, sizeof *whole->offsets);
        status = whole->codes && whole->offsets ? prepare_rows(&p, threads, error)
                                                : okng_fail_memory(error, (size_t)rows->count * whole->coding.bytes);
    }
    okng_typical_free(&p.typical);
    free(p.scratch);
    free(p.extents);
    return status;
}

bool okng_knn_index_pays(const okng_rows *rows)
{
    return rows->count >= MIN_ROWS && rows->count <= UINT32_MAX && rows->dim >= MIN_DIM &&
           rows->dim <= OKNG_SCREEN_MAX_DIM;
}

okng_status okng_knn_index_new(okng_knn_index **out, const okng_rows *rows, okng_knn_effort effort, int threads,
                               okng_error *error)
{
    *out = NULL;
    okng_knn_index *index = calloc(1, sizeof *index);
    if (!index) return okng_fail_memory(error, sizeof *index);
    index->rows = *rows;
    okng_status status = okng_knn_index_pays(rows) ? prepare(index, effort, threads < 1 ? 1 : threads, error) : OKNG_OK;
    if (status == OKNG_OK)
        *out = index;
    else
        okng_knn_index_free(&index);
    return status;
}

void okng_knn_index_free(okng_knn_index **index)
{
    okng_knn_index *i = *index;
    if (!i) return;
    *index = NULL;
    if (i->borrowed) {
        free(i);
        return;
    }
    okng_outline_free(&i->outline);
    free(i->mean);
    free(i->whole.codes);
    free(i->whole.offsets);
    free(i->outline_mean);
    free(i->brief.codes);
    free(i->brief.offsets);
    free(i);
}

const okng_rows *okng_knn_index_rows(const okng_knn_index *index)
{
    return &index->rows;
}

uint64_t okng_knn_index_bytes(int64_t count, int64_t dim)
{
    uint64_t code = (uint64_t)okng_screen_get()->code_bytes;
    uint64_t row = (uint64_t)dim * code + OKNG_KNN_MOST_COLUMNS * code + 2 * sizeof(int32_t);
    return (uint64_t)count * row + (uint64_t)SAMPLES * (uint64_t)dim * 3 * sizeof(float);
}

okng_status okng_knn_index_search(const okng_knn_index *index, const float *queries, int64_t query_count, int32_t k,
                                  int32_t excluded, int threads, float *squared, int64_t *found, okng_error *error)
{
    OKNG_TRY(okng_knn_check(&index->rows, k, error));
    if (query_count <= 0) return OKNG_OK;
    okng_knn_request request = {&index->rows, queries, query_count, k, excluded, threads < 1 ? 1 : threads,
                                squared,      found};
    bool few = k <= OKNG_SCREENED_MOST_K && k <= index->rows.count / OKNG_SCREENED_MOST_PART;
    return index->whole.codes && few ? okng_knn_screened(index, &request, error) : okng_knn_plain(&request, error);
}
