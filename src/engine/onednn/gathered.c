#include "engine/onednn/gathered.h"

#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "base/parts.h"

enum {
    STEP = 384,       /* most floats of a row that are summed before the next panel has its turn */
    PIXELS = 204,     /* most pixels of a tile: whole tiles of every variant's rows */
    LEAST_GROUP = 64, /* output channels */
    ENOUGH_TILES = 8, /* for the threads of a usual machine */
    EVEN = 4          /* tiles, where there are more than two, so that two or four threads have the same to do */
};

/* ---- the plan ---- */

static int64_t floats_of(const okng_gathered_map *map)
{
    return map->taps * map->inner;
}

static int64_t panels_of(const okng_gathered_map *map, int64_t columns)
{
    return okng_divide_up(columns, (int64_t)map->kernels->panel);
}

/* Planes are turned a few lines at a time, with what is outside, so a line of the window is one piece. */
static void choose_pieces(okng_gathered_map *map)
{
    const okng_gathered_shape *s = &map->shape;
    map->taps = s->planes ? s->kernel[0] : s->kernel[0] * s->kernel[1];
    map->inner = s->planes ? s->kernel[1] * s->channels : s->channels;
    map->step = map->inner > STEP ? okng_even_part(map->inner, STEP, OKNG_LINEAR_LANES) : map->inner;
    map->tap_step = map->inner > STEP ? 1 : okng_even_part(map->taps, STEP / map->inner, 1);
}

static void choose_tiles(okng_gathered_map *map)
{
    const okng_gathered_shape *s = &map->shape;
    const int64_t pixels = s->pictures * s->out_height * s->out_width;
    if (s->planes) {
        map->tile = okng_even_part(s->out_height, okng_divide_up(2 * PIXELS, s->out_width), 1);
        map->tiles = s->pictures * okng_divide_up(s->out_height, map->tile);
    } else {
        const int64_t count = okng_divide_up(pixels, PIXELS);
        map->tile =
            okng_divide_up(okng_divide_up(pixels, count > 2 ? okng_divide_up(count, EVEN) * EVEN : count), 12) * 12;
        map->tiles = okng_divide_up(pixels, map->tile);
    }
    const int64_t groups = okng_divide_up(ENOUGH_TILES, map->tiles);
    map->group = okng_even_part(s->out_channels, okng_divide_up(s->out_channels, groups), LEAST_GROUP);
    map->groups = okng_divide_up(s->out_channels, map->group);
}

bool okng_gathered_map_of(okng_gathered_map *map, const okng_gathered_shape *shape)
{
    *map = (okng_gathered_map){.kernels = okng_linear_get(), .shape = *shape};
    if (!map->kernels) return false;
    choose_pieces(map);
    choose_tiles(map);
    return true;
}

/* ---- packing weights: [panel][line of the window][column of the window][input channel][column of the panel] ---- */

size_t okng_gathered_weights(const okng_gathered_map *map)
{
    return (size_t)(floats_of(map) * panels_of(map, map->shape.out_channels)) * map->kernels->panel;
}

typedef struct packing {
    const okng_gathered_map *map;
    const float *weights;
    float *packed;
} packing;

static void pack_panels(void *context, int64_t begin, int64_t end, int thread)
{
    const packing *p = context;
    const int64_t panel = (int64_t)p->map->kernels->panel, floats = floats_of(p->map);
    const int64_t channels = p->map->shape.channels, window = floats / channels;
    (void)thread;
    for (int64_t n = begin * panel; n < end * panel; n++) {
        float *to = p->packed + n / panel * panel * floats + n % panel;
        const float *from = p->weights + n * floats;
        const bool there = n < p->map->shape.out_channels;
        for (int64_t c = 0; c < channels; c++)
            for (int64_t t = 0; t < window; t++) to[(t * channels + c) * panel] = there ? from[c * window + t] : 0.0f;
    }
}

void okng_gathered_pack(const okng_gathered_map *map, int threads, const float *weights, float *packed)
{
    packing p = {map, weights, packed};
    okng_parallel_for(threads, panels_of(map, map->shape.out_channels), 1, pack_panels, &p);
}

/* ---- where the pieces lie ---- */

/* Of a tile: pixels from `first` on, `count` of them. */
typedef struct span {
    int64_t first, count;
} span;

/* Pixels of one line of the result: columns begin..end - 1. */
typedef struct stretch {
    int64_t begin, end;
} stretch;

/* Of a stretch, those columns that see column `at` of the window inside the source. */
static stretch inside(const okng_gathered_shape *s, stretch all, int64_t at)
{
    const int64_t left = s->padding[1] - at, stride = s->stride[1];
    stretch seen = {left > 0 ? okng_divide_up(left, stride) : 0,
                    s->width + left > 0 ? okng_divide_up(s->width + left, stride) : 0};
    seen.begin = seen.begin < all.begin ? all.begin : okng_smaller(seen.begin, all.end);
    seen.end = seen.end < seen.begin ? seen.begin : okng_smaller(seen.end, all.end);
    return seen;
}

/* Where a stretch sees column `at` of the window in a line of the source, `stride` floats a pixel; NULL: outside. */
static void find_stretch(const okng_gathered_shape *s, stretch all, int64_t at, const float *line, const float *zeros,
                         const float **pieces)
{
    const stretch seen = line ? inside(s, all, at) : (stretch){all.end, all.end};
    const int64_t step = s->stride[1] * s->channels;
    int64_t x = all.begin;
    for (; x < seen.begin; x++) *pieces++ = zeros;
    if (x < seen.end) {
        const float *first = line + (x * s->stride[1] + at - s->padding[1]) * s->channels;
        for (int64_t i = 0; i < seen.end - x; i++) pieces[i] = first + i * step;
        pieces += seen.end - x;
    }
    for (x = seen.end; x < all.end; x++) *pieces++ = zeros;
}

/* Pieces of maps with channels last. zeros: as many floats as there are channels. */
static void find_pieces(const okng_gathered_map *map, const float *src, const float *zeros, span tile,
                        const float **pieces)
{
    const okng_gathered_shape *s = &map->shape;
    const int64_t end = tile.first + tile.count;
    for (int64_t pixel = tile.first, next; pixel < end; pieces += next - pixel, pixel = next) {
        const int64_t line = pixel / s->out_width, x = pixel % s->out_width;
        next = okng_smaller(end, pixel + s->out_width - x);
        const stretch all = {x, x + next - pixel};
        const float *picture = src + line / s->out_height * s->height * s->width * s->channels;
        const int64_t top = line % s->out_height * s->stride[0] - s->padding[0];
        for (int64_t ky = 0; ky < s->kernel[0]; ky++) {
            const int64_t y = top + ky;
            const float *from = y >= 0 && y < s->height ? picture + y * s->width * s->channels : NULL;
            for (int64_t kx = 0; kx < s->kernel[1]; kx++)
                find_stretch(s, all, kx, from, zeros, pieces + (ky * s->kernel[1] + kx) * tile.count);
        }
    }
}

/* Floats of a line of planes that are turned, with what is outside. */
static int64_t line_floats(const okng_gathered_shape *s)
{
    return ((s->out_width - 1) * s->stride[1] + s->kernel[1]) * s->channels;
}

/* Lines of planes that `lines` lines of results look at. */
static int64_t lines_seen(const okng_gathered_shape *s, int64_t lines)
{
    return (lines - 1) * s->stride[0] + s->kernel[0];
}

/* `count` pixels of planes, which lie `plane` floats apart. */
static void turn_pixels(const float *from, int64_t plane, int64_t channels, int64_t count, float *to)
{
    if (channels == 3) /* at once: most pictures have them */
        for (int64_t x = 0; x < count; x++, to += 3) {
            to[0] = from[x];
            to[1] = from[x + plane];
            to[2] = from[x + 2 * plane];
        }
    else
        for (int64_t c = 0; c < channels; c++)
            for (int64_t x = 0; x < count; x++) to[x * channels + c] = from[c * plane + x];
}

/* Line y of a picture with channels last. */
static void turn_line(const okng_gathered_shape *s, const float *picture, int64_t y, float *to)
{
    const int64_t floats = line_floats(s), channels = s->channels;
    const int64_t before = okng_smaller(s->padding[1] * channels, floats),
                  end = okng_smaller(before + s->width * channels, floats);
    if (y < 0 || y >= s->height) {
        memset(to, 0, (size_t)floats * sizeof *to);
        return;
    }
    memset(to, 0, (size_t)before * sizeof *to);
    turn_pixels(picture + y * s->width, s->height * s->width, channels, (end - before) / channels, to + before);
    memset(to + end, 0, (size_t)(floats - end) * sizeof *to);
}

/* The same of a picture of bytes. */
static void look_up_line(const okng_gathered_shape *s, const uint8_t *picture, int64_t y, float *to)
{
    const int64_t floats = line_floats(s), channels = s->channels, width = s->width * channels;
    const int64_t before = okng_smaller(s->padding[1] * channels, floats), end = okng_smaller(before + width, floats);
    if (y < 0 || y >= s->height) {
        memset(to, 0, (size_t)floats * sizeof *to);
        return;
    }
    const uint8_t *from = picture + y * width;
    memset(to, 0, (size_t)before * sizeof *to);
    for (int64_t i = before; i < end; i += channels, from += channels)
        for (int64_t c = 0; c < channels; c++) to[i + c] = s->pixels[c][from[c]];
    memset(to + end, 0, (size_t)(floats - end) * sizeof *to);
}

/* Line y of picture number `picture`, from whatever the source is made of. */
static void read_line(const okng_gathered_shape *s, const void *src, int64_t picture, int64_t y, float *to)
{
    const int64_t at = picture * s->channels * s->height * s->width;
    if (s->pixels)
        look_up_line(s, (const uint8_t *)src + at, y, to);
    else
        turn_line(s, (const float *)src + at, y, to);
}

/* Pieces of planes: the lines that a tile sees are turned into `turned` first. `lines`: of the result. */
static void turn_pieces(const okng_gathered_map *map, const void *src, span lines, float *turned, const float **pieces)
{
    const okng_gathered_shape *s = &map->shape;
    const int64_t floats = line_floats(s), seen = lines_seen(s, lines.count);
    const int64_t picture = lines.first / s->out_height;
    const int64_t top = lines.first % s->out_height * s->stride[0] - s->padding[0];
    for (int64_t i = 0; i < seen; i++) read_line(s, src, picture, top + i, turned + i * floats);
    for (int64_t t = 0; t < map->taps; t++)
        for (int64_t y = 0; y < lines.count; y++) {
            const float *from = turned + (y * s->stride[0] + t) * floats;
            for (int64_t x = 0; x < s->out_width; x++, pieces++) *pieces = from + x * s->stride[1] * s->channels;
        }
}

/* ---- the product ---- */

int64_t okng_gathered_tiles(const okng_gathered_map *map)
{
    return map->tiles * map->groups;
}

static int64_t tile_pixels(const okng_gathered_map *map)
{
    return map->shape.planes ? map->tile * map->shape.out_width : map->tile;
}

/* Of the places of pieces, before the floats that they may be of. */
static size_t pieces_room(const okng_gathered_map *map)
{
    const size_t bytes = (size_t)(map->taps * tile_pixels(map)) * sizeof(float *);
    return (bytes + OKNG_ALIGNMENT - 1) / OKNG_ALIGNMENT * OKNG_ALIGNMENT;
}

size_t okng_gathered_scratch(const okng_gathered_map *map)
{
    const okng_gathered_shape *s = &map->shape;
    const int64_t floats = s->planes ? lines_seen(s, map->tile) * line_floats(s) : s->channels;
    return pieces_room(map) + (size_t)floats * sizeof(float);
}

/* The pixels of a tile; their pieces are found. */
static span gather(const okng_gathered_map *map, int64_t tile, const void *src, const float **pieces, float *room)
{
    const okng_gathered_shape *s = &map->shape;
    if (s->planes) {
        const int64_t each = okng_divide_up(s->out_height, map->tile), line = tile % each * map->tile;
        const span lines = {tile / each * s->out_height + line, okng_smaller(map->tile, s->out_height - line)};
        turn_pieces(map, src, lines, room, pieces);
        return (span){lines.first * s->out_width, lines.count * s->out_width};
    }
    const int64_t first = tile * map->tile, pixels = s->pictures * s->out_height * s->out_width;
    const span pixel = {first, okng_smaller(map->tile, pixels - first)};
    memset(room, 0, (size_t)s->channels * sizeof *room);
    find_pieces(map, src, room, pixel, pieces);
    return pixel;
}

/* What is multiplied after float k of panel n, `count` floats of it, in a group of panels first..end - 1: the same of
 * the next panel, else what the group goes on with, else the panel of the next group; NULL at the end. */
static const float *next_of(const okng_gathered_map *map, const float *weights, span group, int64_t n, int64_t k,
                            int64_t count)
{
    const int64_t panel = (int64_t)map->kernels->panel, floats = floats_of(map), end = group.first + group.count;
    if (n + panel < end) return weights + (n + panel) * floats + k * panel;
    if (k + count < floats) return weights + group.first * floats + (k + count) * panel;
    return end < map->shape.out_channels ? weights + end * floats : NULL;
}

/* All panels of a group of output channels; `product` says which part of the rows, from float k on. */
static void multiply_panels(const okng_gathered_map *map, okng_linear_gathered product, int64_t k, span group,
                            const float *weights)
{
    const int64_t panel = (int64_t)map->kernels->panel, end = group.first + group.count;
    const okng_linear_gathered all = product;
    for (int64_t n = group.first; n < end; n += panel) {
        product.panel = weights + n * floats_of(map) + k * panel;
        product.next = next_of(map, weights, group, n, k, (int64_t)(product.taps * product.inner));
        product.columns = (size_t)okng_smaller(panel, end - n);
        product.out = all.out + n;
        product.begin = all.begin ? all.begin + n : NULL;
        product.bias = all.bias ? all.bias + n : NULL;
        map->kernels->multiply_gathered(&product);
    }
}

void okng_gathered_multiply(const okng_gathered_map *map, int64_t index, const void *src, const float *weights,
                            const float *bias, const float *added, float *out, void *scratch)
{
    const okng_gathered_shape *s = &map->shape;
    const float **pieces = scratch;
    float *room = (float *)(void *)((char *)scratch + pieces_room(map));
    const span pixels = gather(map, index / map->groups, src, pieces, room);
    const int64_t at = pixels.first * s->out_channels, first = index % map->groups * map->group;
    const span group = {first, okng_smaller(map->group, s->out_channels - first)};
    okng_linear_gathered product = {.pieces_stride = (size_t)pixels.count,
                                    .count = (size_t)pixels.count,
                                    .out = out + at,
                                    .out_stride = (size_t)s->out_channels,
                                    .begin = added ? added + at : NULL,
                                    .relu = s->relu};
    for (int64_t t = 0; t < map->taps; t += map->tap_step)
        for (int64_t k = 0; k < map->inner; k += map->step) {
            const bool last = t + map->tap_step >= map->taps && k + map->step >= map->inner;
            product.pieces = pieces + t * pixels.count;
            product.offset = (size_t)k;
            product.taps = (size_t)okng_smaller(map->tap_step, map->taps - t);
            product.inner = (size_t)okng_smaller(map->step, map->inner - k);
            product.bias = last ? bias : NULL;
            multiply_panels(map, product, t * map->inner + k, group, weights);
            product.begin = product.out;
        }
}
