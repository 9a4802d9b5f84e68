/* A convolution by Winograd's transforms: how it is cut, its weights, and what a piece of work does: a block of tiles
 * is transformed, then for each group of output channels the 36 products are made and transformed back, while what is
 * between lies in the caches. Where there are fewer blocks than threads, several share one: each transforms it and has
 * a part of the output channels. */
#include "base/parallel.h"
#include "base/parts.h"
#include "kernels/winograd.h"

enum {
    SIDE = OKNG_WINOGRAD_SIDE,
    TILE = OKNG_WINOGRAD_TILE,
    WEIGHTS = OKNG_WINOGRAD_WEIGHTS,
    UNIT = OKNG_WINOGRAD_UNIT,
    STEP = 192,     /* most elements that one chain sums: a panel of so many stays in the first cache with its rows */
    GROUP = 64,     /* output channels */
    FEW = 24,       /* tiles of a block, fewer than which wait for weights */
    MOST = 48,      /* tiles of a block: more bring nothing */
    ROOM = 1 << 17, /* floats of a block's points */
    SOME = 8        /* blocks for each thread, from which on it does not matter that they are not even */
};

/* ---- the plan ---- */

/* Of the result. */
static int64_t rows_of(const okng_winograd_shape *s)
{
    return s->strided ? okng_divide_up(s->height, 2) : s->height;
}

static int64_t columns_of(const okng_winograd_shape *s)
{
    return s->strided ? okng_divide_up(s->width, 2) : s->width;
}

bool okng_winograd_pays(const okng_winograd_shape *s)
{
    enum { MANY_TILES = 9, FEW_WEIGHTS = 256 * 256, TRANSFORMS = 20 };
    const int64_t tiles = okng_divide_up(rows_of(s), TILE) * okng_divide_up(columns_of(s), TILE);
    if (tiles < MANY_TILES && s->in * s->out > FEW_WEIGHTS) return false;
    return !s->strided || s->in * s->out > TRANSFORMS * (s->in + s->out);
}

/* floats: of a tile's points */
static int64_t count_blocks(int64_t tiles, int64_t floats, int64_t threads)
{
    int64_t most = ROOM / floats;
    most = most < FEW ? FEW : okng_smaller(most, MOST);
    int64_t blocks = okng_divide_up(tiles, most);
    if (blocks < threads * SOME) blocks = okng_divide_up(blocks, threads) * threads;
    if (okng_divide_up(tiles, blocks) < FEW) blocks = okng_divide_up(tiles, most);
    return blocks;
}

/* An odd number of cache lines, so that what lies at different points does not share its place in a cache. */
static size_t odd_lines(int64_t floats)
{
    return (size_t)(okng_divide_up(floats, UNIT) | 1) * UNIT;
}

bool okng_winograd_map_of(okng_winograd_map *map, const okng_winograd *kernels, const okng_winograd_shape *shape,
                          int threads)
{
    if (shape->in % UNIT != 0 || shape->out % UNIT != 0) return false;
    *map = (okng_winograd_map){.kernels = kernels, .shape = *shape};
    map->height = rows_of(shape);
    map->width = columns_of(shape);
    map->side = (int64_t)okng_winograd_side(shape->strided, false);
    map->points = map->side * map->side;
    map->down = okng_divide_up(map->height, TILE);
    map->across = okng_divide_up(map->width, TILE);
    const int64_t tiles = shape->pictures * map->down * map->across;
    map->block = okng_divide_up(tiles, count_blocks(tiles, map->points * shape->in, threads));
    map->blocks = okng_divide_up(tiles, map->block);
    const int64_t panel = (int64_t)kernels->linear->panel;
    map->part = okng_even_part(shape->out, okng_divide_up(shape->out, okng_divide_up(threads, map->blocks)), panel);
    map->parts = okng_divide_up(shape->out, map->part);
    map->group = okng_even_part(map->part, GROUP, panel);
    map->step = okng_even_part(shape->in, STEP, UNIT);
    map->line = odd_lines(map->block * shape->in);
    map->sums_line = odd_lines(map->block * map->group);
    return true;
}

/* ---- weights: [weights of the rows][those of the columns][panel][input channel][column of the panel] ---- */

/* Output channels with those that fill the last panel. */
static int64_t padded_out(const okng_winograd_map *map)
{
    const int64_t panel = (int64_t)map->kernels->linear->panel;
    return okng_divide_up(map->shape.out, panel) * panel;
}

/* Where the panel of weights number `weights` that begins with column `column` lies. */
static size_t weights_at(const okng_winograd_map *map, int64_t weights, int64_t column)
{
    return (size_t)((weights * padded_out(map) + column) * map->shape.in);
}

size_t okng_winograd_packed(const okng_winograd_map *map)
{
    return weights_at(map, WEIGHTS * WEIGHTS, 0);
}

/* Which weights a point has: at stride 2 those that are pixels as they are share theirs. */
static int64_t weights_of(const okng_winograd_map *map, int64_t point)
{
    static const signed char dense[] = {0, 1, 2, 3, 4, 5}, strided[] = {0, 0, 1, 2, 3, 0, 0, 4, 5};
    const signed char *of = map->shape.strided ? strided : dense;
    return of[point / map->side] * WEIGHTS + of[point % map->side];
}

typedef struct packing {
    const okng_winograd_map *map;
    const float *weights;
    float *packed;
} packing;

/* taps [9][16]: of input channel `i` and the output channels from `out` on; zeros for those that there are not. */
static void gather(const packing *p, int64_t out, int64_t i, float taps[OKNG_WINOGRAD_TAPS * UNIT])
{
    const bool there = out < p->map->shape.out; /* all 16, or none */
    const float *from = p->weights + (there ? (out * p->map->shape.in + i) * OKNG_WINOGRAD_TAPS : 0);
    for (int64_t o = 0; o < UNIT; o++)
        for (int64_t t = 0; t < OKNG_WINOGRAD_TAPS; t++)
            taps[t * UNIT + o] = there ? from[o * p->map->shape.in * OKNG_WINOGRAD_TAPS + t] : 0.0f;
}

/* Index: 16 columns. */
static void pack_some(void *context, int64_t begin, int64_t end, int thread)
{
    const packing *p = context;
    const okng_winograd_map *map = p->map;
    const int64_t panel = (int64_t)map->kernels->linear->panel;
    (void)thread;
    for (int64_t out = begin * UNIT; out < end * UNIT; out += UNIT) {
        float *to = p->packed + weights_at(map, 0, out / panel * panel) + out % panel;
        for (int64_t i = 0; i < map->shape.in; i++) {
            float taps[OKNG_WINOGRAD_TAPS * UNIT];
            gather(p, out, i, taps);
            map->kernels->weights(taps, map->shape.strided, to + i * panel, weights_at(map, 1, 0));
        }
    }
}

void okng_winograd_pack(const okng_winograd_map *map, int threads, const float *weights, float *packed)
{
    packing p = {map, weights, packed};
    okng_parallel_for(threads, padded_out(map) / UNIT, 1, pack_some, &p);
}

/* ---- a piece of work ---- */

/* How many tiles have points, [those of the rows that a short side has not][those of the columns]. */
typedef struct counts {
    int64_t tiles[2][2];
} counts;

typedef struct piece {
    const okng_winograd_map *map;
    int64_t first, count; /* tiles */
    counts all;
    const float *zeros; /* [in] */
    float *points, *sums;
} piece;

/* Where a tile lies: its picture, and its first row and column of pixels of the result. */
typedef struct place {
    int64_t picture, row, column;
    bool short_rows, short_columns;
} place;

static bool is_short(int64_t first, int64_t pixels)
{
    return pixels - first <= OKNG_WINOGRAD_SHORT_TILE;
}

static place place_of(const okng_winograd_map *map, int64_t tile)
{
    const int64_t each = map->down * map->across, inside = tile % each;
    const int64_t row = inside / map->across * TILE, column = inside % map->across * TILE;
    return (place){tile / each, row, column, is_short(row, map->height), is_short(column, map->width)};
}

/* Counts a tile among those that have its points. */
static void count_tile(counts *c, const place *at)
{
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) c->tiles[i][j] += !(i && at->short_rows) && !(j && at->short_columns);
}

static void transform_tile(const piece *p, const float *src, const place *at, const counts *before)
{
    const okng_winograd_shape *s = &p->map->shape;
    const int64_t stride = s->strided ? 2 : 1;
    okng_winograd_window w = {.channels = (size_t)s->in,
                              .stride = p->map->line,
                              .strided = s->strided,
                              .short_rows = at->short_rows,
                              .short_columns = at->short_columns};
    for (int64_t i = 0; i < p->map->points; i++) {
        const int64_t down = i / p->map->side, across = i % p->map->side;
        const int64_t y = at->row * stride - 1 + down, x = at->column * stride - 1 + across;
        const bool inside = y >= 0 && y < s->height && x >= 0 && x < s->width;
        w.pixels[down * SIDE + across] =
            inside ? src + ((at->picture * s->height + y) * s->width + x) * s->in : p->zeros;
    }
    for (int i = 0; i < 4; i++) w.points[i / 2][i % 2] = p->points + before->tiles[i / 2][i % 2] * s->in;
    p->map->kernels->transform(&w);
}

static void transform(piece *p, const float *src)
{
    for (int64_t t = 0; t < p->count; t++) {
        const place at = place_of(p->map, p->first + t);
        transform_tile(p, src, &at, &p->all);
        count_tile(&p->all, &at);
    }
}

/* The columns of a group: output channels, with those that fill the last panel. */
typedef struct group {
    int64_t first, count;
} group;

/* The products at one point. */
static void multiply_point(const piece *p, const float *packed, const group *g, int64_t point)
{
    const okng_winograd_map *map = p->map;
    const int64_t in = map->shape.in, panel = (int64_t)map->kernels->linear->panel;
    const int64_t begun = (int64_t)okng_winograd_side(map->shape.strided, true);
    const int64_t count = p->all.tiles[point / map->side >= begun][point % map->side >= begun];
    const float *weights = packed + weights_at(map, weights_of(map, point), g->first);
    const float *behind = NULL;
    if (point + 1 < map->points) behind = packed + weights_at(map, weights_of(map, point + 1), g->first);
    okng_linear_product product = {
        .stride = (size_t)in, .count = (size_t)count, .target_count = 1, .out_stride = (size_t)g->count};
    for (int64_t k = 0; k < in && count > 0; k += map->step) {
        product.rows = p->points + (size_t)point * map->line + k;
        product.inner = (size_t)okng_smaller(map->step, in - k);
        for (int64_t column = 0; column < g->count; column += panel) {
            const bool last = column + panel == g->count, ends = last && k + map->step >= in;
            product.panel = weights + column * in + k * panel;
            product.next = ends ? behind : last ? weights + (k + map->step) * panel : product.panel + in * panel;
            product.targets[0] = (okng_linear_target){p->sums + (size_t)point * map->sums_line + column,
                                                      k == 0 ? OKNG_LINEAR_SET : OKNG_LINEAR_ADD};
            map->kernels->linear->multiply(&product);
        }
    }
}

static void finish(const piece *p, const group *g, const float *bias, const float *added, float *dst)
{
    const okng_winograd_shape *s = &p->map->shape;
    counts before = {0};
    okng_winograd_finish f = {.stride = p->map->sums_line,
                              .channels = (size_t)okng_smaller(g->count, s->out - g->first),
                              .bias = bias + g->first,
                              .pixel = (size_t)s->out,
                              .line = (size_t)(p->map->width * s->out),
                              .strided = s->strided,
                              .relu = s->relu};
    for (int64_t t = 0; t < p->count; t++) {
        const place at = place_of(p->map, p->first + t);
        const int64_t first = ((at.picture * p->map->height + at.row) * p->map->width + at.column) * s->out + g->first;
        for (int i = 0; i < 4; i++) f.points[i / 2][i % 2] = p->sums + before.tiles[i / 2][i % 2] * g->count;
        f.added = s->added ? added + first : NULL;
        f.out = dst + first;
        f.rows = (size_t)okng_smaller(TILE, p->map->height - at.row);
        f.columns = (size_t)okng_smaller(TILE, p->map->width - at.column);
        f.short_rows = at.short_rows;
        f.short_columns = at.short_columns;
        p->map->kernels->finish(&f);
        count_tile(&before, &at);
    }
}

int64_t okng_winograd_tiles(const okng_winograd_map *map)
{
    return map->blocks * map->parts;
}

size_t okng_winograd_scratch(const okng_winograd_map *map)
{
    return ((map->line + map->sums_line) * (size_t)map->points + (size_t)map->shape.in) * sizeof(float);
}

void okng_winograd_tile(const okng_winograd_map *map, int64_t index, const float *src, const float *packed,
                        const float *bias, const float *added, float *dst, float *scratch)
{
    const int64_t first = index / map->parts * map->block, tiles = map->shape.pictures * map->down * map->across;
    const int64_t begin = index % map->parts * map->part, end = okng_smaller(begin + map->part, padded_out(map));
    float *points = scratch, *sums = points + map->line * (size_t)map->points,
          *zeros = sums + map->sums_line * (size_t)map->points;
    piece p = {map, first, okng_smaller(map->block, tiles - first), {{{0}}}, zeros, points, sums};
    for (int64_t i = 0; i < map->shape.in; i++) zeros[i] = 0.0f;
    transform(&p, src);
    for (int64_t column = begin; column < end; column += map->group) {
        const group g = {column, okng_smaller(map->group, end - column)};
        for (int64_t point = 0; point < map->points; point++) multiply_point(&p, packed, &g, point);
        finish(&p, &g, bias, added, dst);
    }
}
