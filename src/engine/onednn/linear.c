#include "engine/onednn/linear.h"

#include "base/parallel.h"
#include "base/parts.h"

enum {
    /* Most elements that one chain sums. The longer, the less often a tile begins and ends, and Strassen's results go
     * to two places each; short chains round less. */
    STEP = 192,
    STRASSEN_STEP = 768,
    GROUP = 64,  /* columns; their results stay in the second cache with a block of rows */
    LINES = 204, /* most lines of a tile: whole tiles of every variant's rows */
    PAIRS = 108,
    SUM_LINES = 8, /* pairs that are packed at a time */
    EVEN_FROM =
        8, /* rows a picture, from which Strassen's products pay: if even, and if odd, where one is for nothing */
    ODD_FROM = 33
};

static bool strassen_pays(int64_t rows, int64_t inner, int64_t columns)
{
    const int64_t unit = 2 * OKNG_LINEAR_PANEL_MAX;
    return inner % unit == 0 && columns % unit == 0 && rows >= (rows % 2 == 0 ? EVEN_FROM : ODD_FROM);
}

bool okng_linear_map_of(okng_linear_map *map, int64_t stacks, int64_t rows, int64_t inner, int64_t columns, bool fast)
{
    *map = (okng_linear_map){.kernels = okng_linear_get(), .stacks = stacks, .rows = rows};
    if (!map->kernels) return false;
    map->strassen = fast && strassen_pays(rows, inner, columns);
    const int64_t halves = map->strassen ? 2 : 1;
    map->inner = inner / halves;
    map->columns = columns / halves;
    map->lines = stacks * okng_divide_up(rows, halves);
    map->tile = okng_even_part(map->lines, map->strassen ? PAIRS : LINES, 12);
    map->tiles = okng_divide_up(map->lines, map->tile);
    map->group = GROUP;
    map->groups = okng_divide_up(map->columns, GROUP);
    map->step = okng_even_part(map->inner, map->strassen ? STRASSEN_STEP : STEP, OKNG_LINEAR_LANES);
    return true;
}

static int64_t panels_of(const okng_linear_map *map, int64_t columns)
{
    return okng_divide_up(columns, (int64_t)map->kernels->panel);
}

size_t okng_linear_weights(const okng_linear_map *map)
{
    const int64_t halves = map->strassen ? 2 : 1;
    return (size_t)(map->inner * halves * panels_of(map, map->columns * halves)) * map->kernels->panel;
}

size_t okng_linear_rows(const okng_linear_map *map)
{
    return map->strassen ? (size_t)(map->tiles * map->tile * map->inner) * OKNG_STRASSEN_PRODUCTS : 0;
}

/* ---- packing weights: [panel][element of inner][column of the panel], whichever way the map goes ---- */

typedef struct packing {
    const float *weights;
    float *packed;
    int64_t inner, columns, panel;
} packing;

static void pack_panels(void *context, int64_t begin, int64_t end, int thread)
{
    const packing *p = context;
    (void)thread;
    for (int64_t n = begin * p->panel; n < end * p->panel; n++) {
        float *to = p->packed + n / p->panel * p->panel * p->inner + n % p->panel;
        const float *from = p->weights + n * p->inner;
        for (int64_t k = 0; k < p->inner; k++) to[k * p->panel] = n < p->columns ? from[k] : 0.0f;
    }
}

void okng_linear_pack(const okng_linear_map *map, int threads, const float *weights, float *packed)
{
    const int64_t halves = map->strassen ? 2 : 1;
    packing p = {weights, packed, map->inner * halves, map->columns * halves, (int64_t)map->kernels->panel};
    okng_parallel_for(threads, panels_of(map, p.columns), 1, pack_panels, &p);
}

/* ---- packing rows: [tile][step][product][line of the tile][element of the step] ---- */

int64_t okng_linear_sum_tiles(const okng_linear_map *map)
{
    return okng_divide_up(map->lines, SUM_LINES);
}

void okng_linear_sum(const okng_linear_map *map, int64_t index, const float *rows, float *packed)
{
    const int64_t inner = map->inner, pairs = okng_divide_up(map->rows, 2),
                  end = okng_smaller((index + 1) * SUM_LINES, map->lines);
    for (int64_t line = index * SUM_LINES; line < end; line++) {
        const int64_t row = line % pairs * 2;
        const float *upper = rows + (line / pairs * map->rows + row) * 2 * inner;
        const float *lower = row + 1 < map->rows ? upper + 2 * inner : NULL;
        float *tile = packed + line / map->tile * map->tile * inner * OKNG_STRASSEN_PRODUCTS;
        for (int64_t k = 0; k < inner; k += map->step) {
            const int64_t count = okng_smaller(map->step, inner - k);
            float *to = tile + k * map->tile * OKNG_STRASSEN_PRODUCTS + line % map->tile * count;
            map->kernels->sums(upper, lower, (size_t)inner, (size_t)k, (size_t)count, to, (size_t)(map->tile * count));
        }
    }
}

/* ---- the product ---- */

int64_t okng_linear_tiles(const okng_linear_map *map)
{
    return map->tiles * map->groups;
}

/* What a thread has beside its results: the columns of one of Strassen's products. */
static size_t columns_room(const okng_linear_map *map)
{
    return map->strassen ? (size_t)map->step * map->kernels->panel : 0;
}

size_t okng_linear_scratch(const okng_linear_map *map)
{
    const size_t columns = (size_t)panels_of(map, okng_smaller(map->group, map->columns)) * map->kernels->panel;
    const size_t sums = (size_t)map->tile * columns * (map->strassen ? OKNG_QUARTERS : 1);
    return (columns_room(map) + sums) * sizeof(float);
}

/* What one thread does: lines of a tile times columns of a group. */
typedef struct piece {
    const okng_linear_map *map;
    const float *rows;      /* of the tile */
    const float *weights;   /* of the map */
    int64_t count, columns; /* lines, columns */
    int64_t first_line, first_column;
    float *made; /* columns of one product */
    float *sums; /* [panel][quarter][lines][column of the panel] */
} piece;

static void multiply_direct(const piece *p)
{
    const okng_linear_map *map = p->map;
    const size_t wide = map->kernels->panel, each = (size_t)map->inner * wide;
    const float *weights = p->weights + (size_t)p->first_column * (size_t)map->inner;
    for (int64_t k = 0; k < map->inner; k += map->step) {
        okng_linear_product product = {.rows = p->rows + k,
                                       .stride = (size_t)map->inner,
                                       .count = (size_t)p->count,
                                       .inner = (size_t)okng_smaller(map->step, map->inner - k),
                                       .target_count = 1,
                                       .out_stride = wide};
        for (int64_t panel = 0; panel < panels_of(map, p->columns); panel++) {
            product.panel = weights + (size_t)panel * each + (size_t)k * wide;
            product.next = product.panel + product.inner * wide;
            product.targets[0] = (okng_linear_target){p->sums + panel * p->count * (int64_t)wide,
                                                      k == 0 ? OKNG_LINEAR_SET : OKNG_LINEAR_ADD};
            map->kernels->multiply(&product);
        }
    }
}

/* Where element k of a panel's columns lies in quarter `quarter` of the weights. */
static const float *quarter_at(const piece *p, int quarter, int64_t panel, int64_t k)
{
    const int64_t inner = p->map->inner, wide = (int64_t)p->map->kernels->panel;
    const int64_t column = p->first_column + panel * wide + quarter % 2 * p->map->columns;
    return p->weights + column * 2 * inner + (quarter / 2 * inner + k) * wide;
}

/* The same of what comes next: the next step, or the first one of the next group; NULL at the end. */
static const float *next_at(const piece *p, int quarter, int64_t panel, int64_t k)
{
    if (k < p->map->inner) return quarter_at(p, quarter, panel, k);
    if (p->first_column + 2 * p->columns > p->map->columns) return NULL;
    return quarter_at(p, quarter, panel + panels_of(p->map, p->columns), 0);
}

/* The columns of a product: a quarter of the weights as it lies, or the sum or difference of two. */
static void choose_columns(const piece *p, okng_linear_product *product, int number, int64_t panel, int64_t k)
{
    const signed char *factors = okng_strassen_columns[number];
    product->panel = product->other = NULL;
    product->subtract = false;
    for (int q = 0; q < OKNG_QUARTERS; q++) {
        if (factors[q] == 0) continue;
        const bool second = factors[q] < 0 || product->panel;
        *(second ? &product->other : &product->panel) = quarter_at(p, q, panel, k);
        product->subtract |= factors[q] < 0;
    }
}

/* Where product `number` of a panel goes. */
static void aim(const piece *p, okng_linear_product *product, int number, int64_t panel, bool first)
{
    static const int first_of[OKNG_QUARTERS] = {0, 2, 1, 0}; /* the first product that goes to a quarter */
    const int64_t floats = p->count * (int64_t)p->map->kernels->panel;
    product->target_count = 0;
    for (int q = 0; q < OKNG_QUARTERS; q++) {
        const int sign = okng_strassen_results[number][q];
        if (sign == 0) continue;
        okng_linear_target *target = &product->targets[product->target_count++];
        target->out = p->sums + (panel * OKNG_QUARTERS + q) * floats;
        target->way = sign < 0 ? OKNG_LINEAR_SUBTRACT : OKNG_LINEAR_ADD;
        if (first && number == first_of[q]) target->way = OKNG_LINEAR_SET;
    }
}

static void multiply_strassen(const piece *p)
{
    const okng_linear_map *map = p->map;
    const size_t wide = map->kernels->panel;
    const int64_t panels = panels_of(map, p->columns);
    for (int64_t k = 0; k < map->inner; k += map->step) {
        const int64_t count = okng_smaller(map->step, map->inner - k);
        okng_linear_product product = {.count = (size_t)p->count,
                                       .inner = (size_t)count,
                                       .rows = p->rows + k * map->tile * OKNG_STRASSEN_PRODUCTS,
                                       .stride = (size_t)count,
                                       .made = p->made,
                                       .out_stride = wide};
        for (int i = 0; i < OKNG_STRASSEN_PRODUCTS; i++, product.rows += map->tile * count)
            for (int64_t panel = 0; panel < panels; panel++) {
                choose_columns(p, &product, i, panel, k);
                product.next = i < OKNG_QUARTERS ? next_at(p, i, panel, k + count) : NULL;
                aim(p, &product, i, panel, k == 0);
                map->kernels->multiply(&product);
            }
    }
}

/* ---- its end: bias, sum, curve ---- */

typedef struct ending {
    const float *bias, *added;
    float *out;
} ending;

/* Lines first..first + count - 1 of the piece, all of one stack, to rows from `row` on, every `each`-th. A few rows at
 * a time get all their columns: what is written side by side comes from memory at once. */
static void finish_lines(const piece *p, const ending *e, int64_t first, int64_t count, int64_t row, int quarter)
{
    enum { SOME = 4 };
    const okng_linear_map *map = p->map;
    const int64_t halves = map->strassen ? 2 : 1, width = map->columns * halves, panel = (int64_t)map->kernels->panel;
    const int64_t quarters = halves * halves, column = p->first_column + quarter % 2 * map->columns;
    okng_linear_finish f = {.stride = (size_t)panel, .out_stride = (size_t)(width * halves), .curve = map->curve};
    for (int64_t r = 0; r < count; r += SOME) {
        f.rows = (size_t)okng_smaller(SOME, count - r);
        for (int64_t n = 0; n < p->columns; n += panel) {
            const int64_t at = (row + quarter / 2 + r * halves) * width + column + n;
            f.sums = p->sums + ((n / panel * quarters + quarter) * p->count + first + r) * panel;
            f.columns = (size_t)okng_smaller(panel, p->columns - n);
            f.bias = e->bias + column + n;
            f.added = e->added ? e->added + at : NULL;
            f.out = e->out + at;
            map->kernels->finish(&f);
        }
    }
}

static void finish(const piece *p, const ending *e)
{
    const okng_linear_map *map = p->map;
    if (!map->strassen) {
        finish_lines(p, e, 0, p->count, p->first_line, 0);
        return;
    }
    const int64_t pairs = okng_divide_up(map->rows, 2), lower = map->rows / 2;
    for (int64_t line = 0, next; line < p->count; line = next) {
        const int64_t stack = (p->first_line + line) / pairs, pair = (p->first_line + line) % pairs;
        next = okng_smaller(p->count, line + pairs - pair);
        for (int q = 0; q < OKNG_QUARTERS; q++) {
            const int64_t count = q < 2 ? next - line : okng_smaller(next - line, lower - pair);
            if (count > 0) finish_lines(p, e, line, count, stack * map->rows + pair * 2, q);
        }
    }
}

void okng_linear_multiply(const okng_linear_map *map, int64_t index, const float *rows, const float *weights,
                          const float *bias, const float *added, float *out, float *scratch)
{
    const int64_t tile = index / map->groups, group = index % map->groups;
    const int64_t products = map->strassen ? OKNG_STRASSEN_PRODUCTS : 1, first = group * map->group;
    piece p = {.map = map,
               .rows = rows + tile * map->tile * map->inner * products,
               .weights = weights,
               .count = okng_smaller(map->tile, map->lines - tile * map->tile),
               .columns = okng_smaller(map->group, map->columns - first),
               .first_line = tile * map->tile,
               .first_column = first,
               .made = scratch,
               .sums = scratch + columns_room(map)};
    const ending e = {bias, added, out};
    if (map->strassen)
        multiply_strassen(&p);
    else
        multiply_direct(&p);
    finish(&p, &e);
}
