/* Searching an index: bounds from the outlines' codes leave a few rows in a hundred, bounds from the whole vectors'
 * codes of these leave a few, and only those are measured. Every bound is on the safe side of all rounding, so what is
 * passed over is farther than the k that were found, whatever the order in which rows are looked at. */
#include "bank/knn_screened.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"

enum {
    BRIEF_TILE = 24, /* queries whose bounds are kept at a time, and rows: together they fit the second-level cache */
    BRIEF_CHUNK = 16384,
    WHOLE_TILE = 198,
    WHOLE_CHUNK = 2048,
    STRIPE = 64,   /* rows whose codes are packed together, in whole panels */
    PUT_OFF = 128, /* rows of a query that wait for a better bound, at most */
    BATCH = 32,    /* rows of which the whole codes are multiplied together */
    BLOCKS_A_NEIGHBOUR = 4,
    MIN_BLOCKS = 256,
    TRIAL = 3,   /* queries after which outlines may be given up on */
    TOO_MANY = 8 /* they must rule out all but one in so many */
};

/* One code table's view of the queries of a task. */
typedef struct coded_queries {
    uint8_t *codes;       /* [queries, bytes] */
    okng_coded *coded;    /* [queries] */
    int32_t *corrections; /* [queries]: what the rows' bias adds */
} coded_queries;

/* Rows that the whole codes did not rule out when they were looked at: once the other rows have been, as a rule few of
 * them are worth measuring. */
typedef struct waiting {
    uint32_t rows[PUT_OFF];
    int16_t bounds[PUT_OFF];
    int32_t count;
} waiting;

typedef struct hunt {
    const okng_knn_index *index;
    const okng_knn_request *request;
    const okng_kernels *kernels;
    const float *queries; /* of the task */
    int64_t query_count;
    coded_queries whole, brief;
    double *blur; /* [queries]: of the outlines */
    okng_neighbor *found;
    int64_t step;
    int64_t stride;   /* of `values` */
    int16_t *values;  /* [queries, stride]: bounds of a chunk */
    uint32_t *chosen; /* [stride] */
    uint8_t *packed;  /* [STRIPE, bytes] */
    waiting *waiting; /* [queries] */
    int32_t shift;    /* of the bounds from whole codes */
    float *outlines, *scratch;
} hunt;

typedef struct screened {
    const okng_knn_index *index;
    const okng_knn_request *request;
    int64_t query_tile, chunk;
} screened;

/* ---- scratch ------------------------------------------------------------------------------------------------------
 */

/* The next `count` elements of `size` bytes; base NULL only counts. */
static void *carve(char *base, size_t *used, size_t count, size_t size)
{
    void *at = base ? base + *used : NULL;
    *used += (count * size + OKNG_SCREEN_LINE - 1) / OKNG_SCREEN_LINE * OKNG_SCREEN_LINE;
    return at;
}

static void carve_queries(coded_queries *queries, const okng_code_table *table, size_t count, char *base, size_t *used)
{
    queries->codes = carve(base, used, count, table->coding.bytes);
    queries->coded = carve(base, used, count, sizeof *queries->coded);
    queries->corrections = carve(base, used, count, sizeof *queries->corrections);
}

static size_t carve_hunt(hunt *h, const screened *s, char *base)
{
    size_t used = 0, tile = (size_t)s->query_tile;
    const okng_knn_index *index = s->index;
    h->stride = s->chunk + 2 * STRIPE;
    h->values = carve(base, &used, tile * (size_t)h->stride, sizeof *h->values);
    h->chosen = carve(base, &used, (size_t)h->stride, sizeof *h->chosen);
    h->packed = carve(base, &used, STRIPE, index->whole.coding.bytes);
    h->waiting = carve(base, &used, tile, sizeof *h->waiting);
    carve_queries(&h->whole, &index->whole, tile, base, &used);
    if (!index->brief.codes) return used;
    carve_queries(&h->brief, &index->brief, tile, base, &used);
    h->blur = carve(base, &used, tile, sizeof *h->blur);
    h->outlines = carve(base, &used, tile * (size_t)okng_outline_dim(&index->outline), sizeof *h->outlines);
    h->scratch = carve(base, &used, okng_outline_scratch(&index->outline), sizeof *h->scratch);
    return used;
}

/* ---- queries ------------------------------------------------------------------------------------------------------
 */

static void encode(coded_queries *queries, const okng_code_table *table, const float *vectors, int64_t count)
{
    for (int64_t q = 0; q < count; q++) {
        queries->coded[q] = okng_coding_query(&table->coding, vectors + (size_t)q * table->coding.dim,
                                              queries->codes + (size_t)q * table->coding.bytes);
        queries->corrections[q] = table->coding.screen->bias * queries->coded[q].sum;
    }
}

static void encode_queries(hunt *h)
{
    const okng_knn_index *index = h->index;
    int64_t dim = index->rows.dim;
    encode(&h->whole, &index->whole, h->queries, h->query_count);
    if (!index->brief.codes) return;
    for (int64_t q = 0; q < h->query_count; q += OKNG_OUTLINE_ROWS) {
        int64_t left = h->query_count - q;
        okng_outline_rows(&index->outline, h->queries + q * dim, left < OKNG_OUTLINE_ROWS ? left : OKNG_OUTLINE_ROWS,
                          h->outlines + q * okng_outline_dim(&index->outline), h->blur + q, h->scratch);
    }
    encode(&h->brief, &index->brief, h->outlines, h->query_count);
}

static double largest_norm(const coded_queries *queries, int64_t count)
{
    double largest = 0;
    for (int64_t q = 0; q < count; q++) largest = fmax(largest, (double)queries->coded[q].norm);
    return largest;
}

/* How far off, truly, a row can be whose reported squared distance is no more than the worst of the heap's. Reported is
 * a sum of 16 chains of dim / 16 roundings and their tree; where numbers are tiny, each step may lose what is below the
 * smallest float. */
static double reach_of(const hunt *h, int64_t q)
{
    int32_t bits = h->found[q * h->step].bits;
    if (bits >= OKNG_BITS_INFINITE) return INFINITY;
    float squared;
    memcpy(&squared, &bits, sizeof squared);
    double dim = (double)h->index->rows.dim, relative = (dim / 16 + 16) * 0x1p-24;
    return sqrt(((double)squared + (dim + 16) * 0x1p-149) / (1 - relative)) * (1 + 1e-9);
}

static int32_t whole_threshold(const hunt *h, int64_t q)
{
    const okng_code_table *whole = &h->index->whole;
    return okng_coding_threshold(&whole->coding, h->whole.coded + q, whole->error, reach_of(h, q));
}

static int32_t brief_threshold(const hunt *h, int64_t q)
{
    const okng_code_table *brief = &h->index->brief;
    double reach = reach_of(h, q) * h->index->outline.stretch + h->blur[q] + h->index->blur;
    return okng_coding_threshold(&brief->coding, h->brief.coded + q, brief->error, reach);
}

static int16_t narrow(int32_t threshold, int32_t shift)
{
    int32_t value = threshold >> shift;
    return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}

/* ---- rows ---------------------------------------------------------------------------------------------------------
 */

static bool is_found(const okng_neighbor *heap, int32_t k, int64_t row)
{
    int32_t i = 0;
    while (i < k && heap[i].index != row) i++;
    return i < k;
}

/* Measures a row and puts it among the nearest where it belongs there; true when it does. `again`: the row may have
 * been measured before. */
static bool measure(const hunt *h, int64_t q, int64_t row, bool again)
{
    const okng_rows *rows = &h->index->rows;
    int32_t k = h->request->k;
    if (h->request->excluded >= 0 && rows->origin && rows->origin[row] == h->request->excluded) return false;
    okng_neighbor *heap = h->found + q * h->step;
    float squared = h->kernels->l2_squared(h->queries + q * rows->dim, rows->data + row * rows->dim, (size_t)rows->dim);
    okng_neighbor item = {row, okng_bits_of(squared)};
    if (!okng_neighbor_farther(heap[0], item)) return false;
    if (again && k > 1 && is_found(heap, k, row)) return false;
    okng_neighbor_replace(heap, k, item);
    return true;
}

/* Rows that are measured lie anywhere: one is on its way while the one before is measured. */
static void fetch(const hunt *h, int64_t row)
{
    const char *bytes = (const char *)(h->index->rows.data + row * h->index->rows.dim);
    const size_t size = (size_t)h->index->rows.dim * sizeof(float);
    for (size_t at = 0; at < size; at += OKNG_SCREEN_LINE) __builtin_prefetch(bytes + at, 0, 2);
}

static void hide_excluded(hunt *h, int64_t q, int64_t first, int64_t rows, int64_t at)
{
    const int32_t *origin = h->index->rows.origin;
    if (h->request->excluded < 0 || !origin) return;
    for (int64_t r = 0; r < rows; r++)
        if (origin[first + r] == h->request->excluded)
            for (int64_t i = q; i < h->query_count; i++) h->values[i * h->stride + at + r] = INT16_MIN;
}

static bool is_full(const hunt *h, int64_t q)
{
    return h->found[q * h->step].bits != OKNG_BITS_NONE;
}

/* Rows that are measured here are not to be looked at again. */
static void measure_hidden(const hunt *h, int64_t q, int16_t *values, int64_t first, int64_t row)
{
    (void)measure(h, q, first + row, true);
    values[row] = INT16_MIN;
}

/* A value that k rows reach, and as a rule few more: the k-th best of the best of many small blocks. */
static int16_t value_of_some(const hunt *h, const int16_t *values, int64_t rows)
{
    okng_neighbor best[OKNG_SCREENED_MOST_K];
    int32_t k = h->request->k;
    int64_t blocks = BLOCKS_A_NEIGHBOUR * (int64_t)k;
    if (blocks < MIN_BLOCKS) blocks = MIN_BLOCKS;
    if (blocks > rows) blocks = rows;
    for (int32_t i = 0; i < k; i++) best[i] = (okng_neighbor){-1, INT16_MAX - INT16_MIN};
    for (int64_t block = 0; block < blocks; block++) {
        int64_t begin = rows * block / blocks, end = rows * (block + 1) / blocks;
        int16_t value = h->index->whole.coding.screen->largest(values + begin, (size_t)(end - begin));
        okng_neighbor item = {block, INT16_MAX - value};
        if (okng_neighbor_farther(best[0], item)) okng_neighbor_replace(best, k, item);
    }
    return (int16_t)(INT16_MAX - best[0].bits);
}

/* Measures the row that looks nearest, or where more are wanted, about as many as are: then the bound is a good one
 * before rows are passed over by it. */
static void seed(const hunt *h, int64_t q, int16_t *values, int64_t first, int64_t rows)
{
    const okng_screen *screen = h->index->whole.coding.screen;
    int64_t k = h->request->k;
    bool one = k == 1 || is_full(h, q);
    int16_t bar = one ? screen->largest(values, (size_t)rows) : value_of_some(h, values, rows);
    if (bar == INT16_MIN) return;
    int64_t count = (int64_t)screen->at_least(values, (size_t)rows, bar, h->chosen), most = one ? 1 : 4 * k;
    for (int64_t i = 0; i < count && i < most; i++) measure_hidden(h, q, values, first, h->chosen[i]);
}

/* Of the chosen rows those that the whole codes do not rule out are measured. */
static void measure_chosen(const hunt *h, int64_t q, int64_t first, size_t count, bool again)
{
    const okng_code_table *whole = &h->index->whole;
    const uint8_t *query = h->whole.codes + (size_t)q * whole->coding.bytes;
    const uint8_t *rows = whole->codes + (size_t)first * whole->coding.bytes;
    int32_t threshold = whole_threshold(h, q), correction = h->whole.corrections[q];
    for (size_t start = 0; start < count; start += BATCH) {
        size_t batch = count - start < BATCH ? count - start : BATCH;
        int32_t products[BATCH];
        whole->coding.screen->products_at(query, rows, whole->coding.bytes, h->chosen + start, batch, products);
        size_t left = 0;
        for (size_t i = 0; i < batch; i++) {
            int64_t row = first + h->chosen[start + i];
            products[left] = products[i] - whole->offsets[row] - correction;
            h->chosen[start + left] = h->chosen[start + i];
            left += products[left] >= threshold;
        }
        for (size_t i = 0; i < left; i++) {
            if (i + 1 < left) fetch(h, first + h->chosen[start + i + 1]);
            if (products[i] >= threshold && measure(h, q, first + h->chosen[start + i], again))
                threshold = whole_threshold(h, q);
        }
    }
}

/* Returns how many queries were answered: all, unless the outlines rule out too little. */
static int64_t hunt_brief(hunt *h, int64_t first, int64_t rows)
{
    const okng_code_table *brief = &h->index->brief;
    const okng_screen *screen = brief->coding.screen;
    int64_t panel = OKNG_SCREEN_PANEL, base = first / panel * panel, at = first - base;
    int32_t shift = okng_coding_shift(brief->norm, largest_norm(&h->brief, h->query_count));
    screen->products(brief->codes + (size_t)base * brief->coding.bytes, brief->offsets + base,
                     (size_t)((at + rows + panel - 1) / panel), brief->coding.bytes, h->brief.codes,
                     h->brief.corrections, (size_t)h->query_count, shift, h->values, (size_t)h->stride);
    hide_excluded(h, 0, first, rows, at);
    int64_t chosen = 0;
    for (int64_t q = 0; q < h->query_count; q++) {
        int16_t *values = h->values + q * h->stride + at;
        seed(h, q, values, first, rows);
        int16_t threshold = narrow(brief_threshold(h, q), shift);
        size_t count = screen->at_least(values, (size_t)rows, threshold, h->chosen);
        measure_chosen(h, q, first, count, threshold == INT16_MIN);
        chosen += (int64_t)count;
        if (q >= TRIAL && chosen > (q + 1) * rows / TOO_MANY) return q + 1;
    }
    return h->query_count;
}

/* Measures what waits of a query, but for what is ruled out by now. */
static void measure_waiting(const hunt *h, int64_t q)
{
    waiting *w = h->waiting + q;
    int16_t threshold = narrow(whole_threshold(h, q), h->shift);
    int32_t left = 0;
    for (int32_t i = 0; i < w->count; i++) {
        w->rows[left] = w->rows[i];
        w->bounds[left] = w->bounds[i];
        left += w->bounds[i] >= threshold;
    }
    for (int32_t i = 0; i < left; i++) {
        if (i + 1 < left) fetch(h, w->rows[i + 1]);
        if (w->bounds[i] >= threshold && measure(h, q, w->rows[i], w->bounds[i] == INT16_MIN))
            threshold = narrow(whole_threshold(h, q), h->shift);
    }
    w->count = 0;
}

/* Puts off the rows of a chunk that the whole codes do not rule out, but for the one that looks nearest. */
static void put_off(const hunt *h, int64_t q, int16_t *values, int64_t first, int64_t rows)
{
    seed(h, q, values, first, rows);
    waiting *w = h->waiting + q;
    const int16_t threshold = narrow(whole_threshold(h, q), h->shift);
    const size_t count = h->index->whole.coding.screen->at_least(values, (size_t)rows, threshold, h->chosen);
    for (size_t i = 0; i < count; i++) {
        if (w->count == PUT_OFF) measure_waiting(h, q);
        w->rows[w->count] = (uint32_t)(first + h->chosen[i]);
        w->bounds[w->count++] = values[h->chosen[i]];
    }
}

/* Bounds from the whole codes for the queries from `from` on. */
static void hunt_whole(hunt *h, int64_t from, int64_t first, int64_t rows)
{
    const okng_code_table *whole = &h->index->whole;
    const okng_screen *screen = whole->coding.screen;
    size_t bytes = whole->coding.bytes;
    for (int64_t r = 0; r < rows; r += STRIPE) {
        size_t count = (size_t)(rows - r < STRIPE ? rows - r : STRIPE);
        screen->pack(whole->codes + (size_t)(first + r) * bytes, bytes, count, h->packed);
        screen->products(h->packed, whole->offsets + first + r, (count - 1) / OKNG_SCREEN_PANEL + 1, bytes,
                         h->whole.codes + (size_t)from * bytes, h->whole.corrections + from,
                         (size_t)(h->query_count - from), h->shift, h->values + from * h->stride + r,
                         (size_t)h->stride);
    }
    hide_excluded(h, from, first, rows, 0);
    for (int64_t q = from; q < h->query_count; q++) put_off(h, q, h->values + q * h->stride, first, rows);
}

static void search(const void *context, int64_t query, int64_t queries, int64_t begin, int64_t end,
                   okng_neighbor *found, int64_t step, void *scratch)
{
    const screened *s = context;
    const okng_rows *rows = &s->index->rows;
    hunt h = {.index = s->index, .request = s->request, .kernels = okng_kernels_get()};
    (void)carve_hunt(&h, s, scratch);
    h.queries = s->request->queries + query * rows->dim;
    h.query_count = queries;
    h.found = found;
    h.step = step;
    encode_queries(&h);
    h.shift = okng_coding_shift(s->index->whole.norm, largest_norm(&h.whole, queries));
    for (int64_t q = 0; q < queries; q++) h.waiting[q].count = 0;
    for (int64_t first = begin; first < end; first += s->chunk) {
        int64_t count = end - first < s->chunk ? end - first : s->chunk, answered = 0;
        if (s->index->brief.codes) answered = hunt_brief(&h, first, count);
        if (answered < queries) hunt_whole(&h, answered, first, count);
    }
    for (int64_t q = 0; q < queries; q++) measure_waiting(&h, q);
}

okng_status okng_knn_screened(const okng_knn_index *index, const okng_knn_request *request, okng_error *error)
{
    bool brief = index->brief.codes;
    int64_t most = brief ? BRIEF_TILE : WHOLE_TILE, threads = request->threads;
    int64_t tiles = ((request->query_count - 1) / most / threads + 1) * threads; /* the same for each thread */
    if (tiles > request->query_count) tiles = request->query_count;
    screened s = {.index = index, .request = request};
    s.query_tile = (request->query_count - 1) / tiles + 1;
    s.chunk = brief ? BRIEF_CHUNK : WHOLE_CHUNK;
    hunt sizes;
    okng_knn_plan plan = {.search = search,
                          .context = &s,
                          .query_tile = s.query_tile,
                          .min_rows = WHOLE_CHUNK,
                          .scratch_bytes = carve_hunt(&sizes, &s, NULL)};
    return okng_knn_run(request, &plan, error);
}
