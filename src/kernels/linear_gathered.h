/* Products whose rows are gathered from where they lie; a part of linear_vector.h. */

/* What the tile after this one reads and writes comes from memory meanwhile. */
INLINE void fetch_next(const okng_linear_gathered *g, size_t first, size_t rows)
{
    if (first + 2 * rows > g->count) return;
    const size_t at = (first + rows) * g->out_stride;
#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < PANEL; i += LINE / sizeof(float))
            __builtin_prefetch(g->out + at + r * g->out_stride + i, 1, 3);
    if (!g->begin || g->begin == g->out) return;
#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < PANEL; i += LINE / sizeof(float))
            __builtin_prefetch(g->begin + at + r * g->out_stride + i, 0, 3);
}

INLINE void begin_gathered(const float *begin, size_t stride, size_t rows, VECTOR sum[ROWS][VECTORS])
{
#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < VECTORS; v++) sum[r][v] = begin ? LOAD(begin + r * stride + v * LANES) : SET(0.0f);
}

/* The sums go on later, or end with bias and curve. */
INLINE void keep_gathered(float *out, size_t stride, size_t rows, VECTOR sum[ROWS][VECTORS])
{
#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < VECTORS; v++) STORE(out + r * stride + v * LANES, sum[r][v]);
}

INLINE void end_gathered(const okng_linear_gathered *g, float *out, size_t rows, VECTOR sum[ROWS][VECTORS])
{
    const VECTOR least = SET(g->relu ? 0.0f : -INFINITY);
    VECTOR bias[VECTORS];
    for (size_t v = 0; v < VECTORS; v++) bias[v] = LOAD(g->bias + v * LANES);
#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < VECTORS; v++)
            STORE(out + r * g->out_stride + v * LANES, MAX(least, ADD(sum[r][v], bias[v])));
}

/* One piece of each row, with which `panel` goes on. */
INLINE const float *add_pieces(const okng_linear_gathered *g, const float *const *pieces, const float *panel,
                               size_t rows, VECTOR sum[ROWS][VECTORS])
{
    const float *end[ROWS]; /* counted from there, an element's place is the one number that changes */
    const ptrdiff_t count = (ptrdiff_t)g->inner;
#pragma GCC unroll 12
    for (size_t r = 0; r < rows; r++) end[r] = pieces[r] + g->offset + count;
#if defined(LINEAR_TILE_OF_12) /* as many places as there are registers for */
#pragma GCC unroll 1
#else
#pragma GCC unroll 4
#endif
    for (ptrdiff_t k = -count; k != 0; k++, panel += PANEL) {
        VECTOR right[VECTORS];
        for (size_t v = 0; v < VECTORS; v++) right[v] = LOAD(panel + v * LANES);
#pragma GCC unroll 12
        for (size_t r = 0; r < rows; r++) {
            const VECTOR left = SET(end[r][k]);
            for (size_t v = 0; v < VECTORS; v++) sum[r][v] = FMA(left, right[v], sum[r][v]);
        }
    }
    return panel;
}

/* `rows` is a constant where this is called: the sums and where their rows lie stay in registers. */
INLINE void multiply_gathered_tile(const okng_linear_gathered *g, size_t first, size_t rows)
{
    VECTOR sum[ROWS][VECTORS];
    const float *panel = g->panel;
    float *out = g->out + first * g->out_stride;
    if (g->begin)
        begin_gathered(g->begin + first * g->out_stride, g->out_stride, rows, sum);
    else
        begin_gathered(NULL, 0, rows, sum);
    fetch_next(g, first, rows);
    for (size_t t = 0; t < g->taps; t++)
        panel = add_pieces(g, g->pieces + t * g->pieces_stride + first, panel, rows, sum);
    if (g->bias)
        end_gathered(g, out, rows, sum);
    else
        keep_gathered(out, g->out_stride, rows, sum);
}

static void multiply_gathered_rows(const okng_linear_gathered *g, size_t first, size_t rows)
{
    switch (rows) {
#define CASE(rows)                                                     \
    case rows:                                                         \
        multiply_gathered_tile(g, first, rows < ROWS ? (rows) : ROWS); \
        break
        CASE(1);
        CASE(2);
        CASE(3);
        CASE(4);
        CASE(5);
#if defined(LINEAR_TILE_OF_12)
        CASE(6);
        CASE(7);
        CASE(8);
        CASE(9);
        CASE(10);
        CASE(11);
#endif
#undef CASE
    default:
        multiply_gathered_tile(g, first, ROWS);
    }
}

/* Fewer columns than a panel has: sums and results take a way round. */
static void multiply_gathered_part(const okng_linear_gathered *g, size_t first, size_t rows)
{
    float out[ROWS * PANEL] = {0}, bias[PANEL] = {0};
    const size_t bytes = g->columns * sizeof(float);
    okng_linear_gathered whole = *g;
    for (size_t r = 0; g->begin && r < rows; r++)
        memcpy(out + r * PANEL, g->begin + (first + r) * g->out_stride, bytes);
    if (g->bias) memcpy(bias, g->bias, bytes);
    whole.pieces += first;
    whole.count = rows;
    whole.out = out;
    whole.begin = g->begin ? out : NULL;
    whole.out_stride = PANEL;
    whole.bias = g->bias ? bias : NULL;
    multiply_gathered_rows(&whole, 0, rows);
    for (size_t r = 0; r < rows; r++) memcpy(g->out + (first + r) * g->out_stride, out + r * PANEL, bytes);
}

static void multiply_gathered(const okng_linear_gathered *g)
{
    const size_t tiles = (g->count + ROWS - 1) / ROWS;
    const size_t lines = (g->taps * g->inner * PANEL * sizeof(float) + LINE - 1) / LINE;
    size_t fetched = 0;
    for (size_t tile = 0; tile < tiles; tile++) {
        const size_t first = tile * g->count / tiles, rows = (tile + 1) * g->count / tiles - first;
        for (; g->next && fetched < (tile + 1) * lines / tiles; fetched++)
            __builtin_prefetch((const char *)g->next + fetched * LINE, 0, 2);
        if (g->columns < PANEL)
            multiply_gathered_part(g, first, rows);
        else
            multiply_gathered_rows(g, first, rows);
    }
}
