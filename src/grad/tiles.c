#include "grad/tiles.h"

#if !defined(OKNG_GRAD_DOUBLE)

#include <string.h>

#include "base/parallel.h"
#include "base/parts.h"
#include "engine/onednn/heads.h"

/* A tile of scores and one of gradients, and what they are made from, stay in the second cache. */
enum { KEYS = 96, QUERIES = 192, LANES = OKNG_LINEAR_LANES };

/* ---- forward: the engine's ---- */

static okng_heads engine_heads(const okng_grad_heads *h)
{
    return (okng_heads){.stacks = h->stacks,
                        .heads = h->heads,
                        .queries = h->queries,
                        .keys = h->keys,
                        .width = h->width,
                        .value_width = h->depth,
                        .row = {h->y_row, h->q_row, h->k_row, h->v_row},
                        .base = {0, 0, h->k_begin, h->v_begin},
                        .causal = h->causal,
                        .logs = true};
}

bool okng_grad_tiles_can(const okng_grad_heads *h)
{
    okng_heads heads = engine_heads(h);
    return okng_heads_plan(&heads) && h->width % (int64_t)heads.kernels->panel == 0;
}

typedef struct forward_run {
    okng_heads heads;
    void *data[OKNG_HEADS_ARGS + 1];
    float *scratch;
    size_t each; /* floats of a thread's */
} forward_run;

static void run_heads(void *context, int64_t begin, int64_t end, int thread)
{
    const forward_run *run = context;
    for (int64_t i = begin; i < end; i++)
        okng_heads_run(&run->heads, i, run->data, run->scratch + (size_t)thread * run->each);
}

void okng_grad_tiles_forward(const okng_grad_call *call, const okng_grad_heads *h)
{
    const int32_t key = h->packed ? 0 : 1, value = h->packed ? 0 : 2;
    forward_run run = {.heads = engine_heads(h), .scratch = call->scratch, .each = okng_grad_tiles_scratch(h)};
    if (!okng_heads_plan(&run.heads)) return;
    run.data[OKNG_HEADS_DST] = call->y;
    run.data[OKNG_HEADS_QUERIES] = (void *)(uintptr_t)call->x[0];
    run.data[OKNG_HEADS_KEYS] = (void *)(uintptr_t)call->x[key];
    run.data[OKNG_HEADS_VALUES] = (void *)(uintptr_t)call->x[value];
    run.data[OKNG_HEADS_LOGS] = call->kept;
    okng_parallel_for(call->threads, okng_heads_tiles(&run.heads), 1, run_heads, &run);
}

/* ---- backward ---- */

/* One head. Panels of queries: [panel][element][query of the panel] of q and dy, to be multiplied with keys and values;
 * [panel][query][column of the panel], to be summed by weights. */
typedef struct head {
    const okng_grad_heads *of;
    const okng_linear *kernels;
    int64_t panel, room; /* room: queries in whole panels of any variant */
    const float *q, *k, *v, *y, *dy, *logs;
    float *dq, *dk, *dv; /* NULL where they are not wanted */
    float *q_across, *dy_across, *q_along, *dy_along, *k_along;
    float *along;             /* of each query: dy y; 0 behind the last */
    float *sums;              /* logs; 0 behind the last */
    float *weights, *changes; /* [KEYS][QUERIES]: p, ds */
    float scale;
} head;

static int64_t room_of(const okng_grad_heads *h)
{
    return okng_divide_up(h->queries, OKNG_LINEAR_PANEL_MAX) * OKNG_LINEAR_PANEL_MAX;
}

static size_t back_scratch(const okng_grad_heads *h)
{
    const int64_t room = room_of(h);
    return (size_t)(2 * room * (h->width + h->depth) + KEYS * h->width + 2 * room + 2 * KEYS * QUERIES);
}

size_t okng_grad_tiles_scratch(const okng_grad_heads *h)
{
    okng_heads heads = engine_heads(h);
    size_t forward = okng_heads_plan(&heads) ? okng_heads_scratch(&heads) / sizeof(float) : 0;
    const size_t most = forward > back_scratch(h) ? forward : back_scratch(h);
    return (most + LANES - 1) / LANES * LANES;
}

/* [panel][element][row of the panel], zeros behind the last row. */
static void pack_across(const head *h, const float *rows, int64_t stride, int64_t width, float *out)
{
    const int64_t panel = h->panel;
    for (int64_t row = 0; row < h->room; row++) {
        float *to = out + row / panel * panel * width + row % panel;
        for (int64_t i = 0; i < width; i++) to[i * panel] = row < h->of->queries ? rows[row * stride + i] : 0.0f;
    }
}

/* [panel][row][column of the panel], a panel every `room` rows. */
static void pack_along(const head *h, const float *rows, int64_t stride, int64_t width, int64_t count, int64_t room,
                       float *out)
{
    for (int64_t row = 0; row < count; row++)
        for (int64_t c = 0; c < width; c += h->panel)
            memcpy(out + c * room + row * h->panel, rows + row * stride + c, (size_t)h->panel * sizeof *out);
}

/* Each query's gradient along its result: 16 partial sums, then their sum. */
static float gradient_along(const float *dy, const float *y, int64_t depth)
{
    float lanes[LANES] = {0};
    for (int64_t i = 0; i < depth; i++) lanes[i % LANES] += dy[i] * y[i];
    for (int apart = LANES / 2; apart > 0; apart /= 2)
        for (int i = 0; i < apart; i++) lanes[i] += lanes[i + apart];
    return lanes[0];
}

static void prepare(const head *h)
{
    const okng_grad_heads *of = h->of;
    pack_across(h, h->q, of->q_row, of->width, h->q_across);
    pack_across(h, h->dy, of->y_row, of->depth, h->dy_across);
    pack_along(h, h->q, of->q_row, of->width, of->queries, h->room, h->q_along);
    pack_along(h, h->dy, of->y_row, of->depth, of->queries, h->room, h->dy_along);
    memset(h->along, 0, (size_t)h->room * sizeof(float));
    memset(h->sums, 0, (size_t)h->room * sizeof(float));
    memcpy(h->sums, h->logs, (size_t)of->queries * sizeof(float));
    for (int64_t q = 0; q < of->queries; q++)
        h->along[q] = gradient_along(h->dy + q * of->y_row, h->y + q * of->y_row, of->depth);
}

/* Keys first..first + count - 1, queries from..from + some - 1. */
typedef struct tile {
    int64_t first, count, from, some;
} tile;

/* out [count][QUERIES] = rows of keys or values times what lies across. */
static void multiply_across(const head *h, const tile *t, const float *rows, int64_t stride, int64_t width,
                            const float *across, float *out)
{
    okng_linear_product product = {.rows = rows + t->first * stride,
                                   .stride = (size_t)stride,
                                   .count = (size_t)t->count,
                                   .inner = (size_t)width,
                                   .target_count = 1,
                                   .out_stride = QUERIES};
    for (int64_t q = 0; q < t->some; q += h->panel) {
        product.panel = across + (t->from + q) * width;
        product.targets[0] = (okng_linear_target){out + q, OKNG_LINEAR_SET};
        h->kernels->multiply(&product);
    }
}

/* What a key is not seen by has no weight. */
static void weigh(const head *h, const tile *t)
{
    for (int64_t key = 0; key < t->count; key++) {
        float *weights = h->weights + key * QUERIES, *changes = h->changes + key * QUERIES;
        const okng_linear_weighing w = {.scores = weights,
                                        .gradients = changes,
                                        .logs = h->sums + t->from,
                                        .along = h->along + t->from,
                                        .count = (size_t)t->some,
                                        .scale = h->scale};
        h->kernels->weigh_back(&w);
        const int64_t unseen = h->of->causal ? okng_smaller(t->first + key - t->from, t->some) : 0;
        if (unseen <= 0) continue;
        memset(weights, 0, (size_t)unseen * sizeof *weights);
        memset(changes, 0, (size_t)unseen * sizeof *changes);
    }
}

/* out (of keys) += weights or changes times what lies along. */
static void sum_queries(const head *h, const tile *t, const float *tiles, const float *along, int64_t width, float *out,
                        int64_t stride)
{
    okng_linear_product product = {.rows = tiles,
                                   .stride = QUERIES,
                                   .count = (size_t)t->count,
                                   .inner = (size_t)t->some,
                                   .target_count = 1,
                                   .out_stride = (size_t)stride};
    for (int64_t c = 0; c < width; c += h->panel) {
        product.panel = along + c * h->room + t->from * h->panel;
        product.targets[0] = (okng_linear_target){out + t->first * stride + c, OKNG_LINEAR_ADD};
        h->kernels->multiply(&product);
    }
}

/* dq += changes^T k */
static void sum_keys(const head *h, const tile *t)
{
    okng_linear_product product = {.rows = h->changes,
                                   .stride = QUERIES,
                                   .count = (size_t)t->some,
                                   .inner = (size_t)t->count,
                                   .target_count = 1,
                                   .out_stride = (size_t)h->of->q_row};
    for (int64_t c = 0; c < h->of->width; c += h->panel) {
        product.panel = h->k_along + c * KEYS;
        product.targets[0] = (okng_linear_target){h->dq + t->from * h->of->q_row + c, OKNG_LINEAR_ADD};
        h->kernels->multiply_turned(&product);
    }
}

static void run_tile(const head *h, const tile *t)
{
    const okng_grad_heads *of = h->of;
    multiply_across(h, t, h->k, of->k_row, of->width, h->q_across, h->weights);
    multiply_across(h, t, h->v, of->v_row, of->depth, h->dy_across, h->changes);
    weigh(h, t);
    if (h->dv) sum_queries(h, t, h->weights, h->dy_along, of->depth, h->dv, of->v_row);
    if (h->dk) sum_queries(h, t, h->changes, h->q_along, of->width, h->dk, of->k_row);
    if (h->dq) sum_keys(h, t);
}

static void run_head(head *h)
{
    const okng_grad_heads *of = h->of;
    const int64_t keys = okng_even_part(of->keys, KEYS, 12),
                  queries = okng_even_part(of->queries, QUERIES, OKNG_LINEAR_PANEL_MAX);
    prepare(h);
    for (tile t = {0}; t.first < of->keys; t.first += keys) {
        t.count = okng_smaller(keys, of->keys - t.first);
        pack_along(h, h->k + t.first * of->k_row, of->k_row, of->width, t.count, KEYS, h->k_along);
        for (t.from = 0; t.from < of->queries; t.from += queries) {
            t.some = okng_smaller(queries, of->queries - t.from);
            if (!of->causal || t.from + t.some > t.first) run_tile(h, &t);
        }
    }
}

typedef struct back_run {
    const okng_grad_call *call;
    const okng_grad_heads *heads;
} back_run;

static head head_of(const back_run *run, int64_t index, int thread)
{
    const okng_grad_heads *of = run->heads;
    const okng_grad_call *call = run->call;
    const int32_t key = of->packed ? 0 : 1, value = of->packed ? 0 : 2;
    const int64_t stack = index / of->heads, number = index % of->heads;
    const int64_t q = okng_grad_heads_q(of, stack, number), k = okng_grad_heads_k(of, stack, number);
    const int64_t v = okng_grad_heads_v(of, stack, number), y = okng_grad_heads_y(of, stack, number);
    head h = {.of = of,
              .kernels = okng_linear_get(),
              .room = room_of(of),
              .q = call->x[0] + q,
              .k = call->x[key] + k,
              .v = call->x[value] + v,
              .y = call->y + y,
              .dy = call->dy + y,
              .logs = call->kept + index * of->queries,
              .dq = call->dx[0] ? call->dx[0] + q : NULL,
              .dk = call->dx[key] ? call->dx[key] + k : NULL,
              .dv = call->dx[value] ? call->dx[value] + v : NULL,
              .scale = 1.0f / sqrtf((float)of->width)};
    h.panel = (int64_t)h.kernels->panel;
    h.q_across = call->scratch + (size_t)thread * okng_grad_tiles_scratch(of);
    h.dy_across = h.q_across + h.room * of->width;
    h.q_along = h.dy_across + h.room * of->depth;
    h.dy_along = h.q_along + h.room * of->width;
    h.k_along = h.dy_along + h.room * of->depth;
    h.along = h.k_along + KEYS * of->width;
    h.sums = h.along + h.room;
    h.weights = h.sums + h.room;
    h.changes = h.weights + KEYS * QUERIES;
    return h;
}

static void run_heads_back(void *context, int64_t begin, int64_t end, int thread)
{
    for (int64_t i = begin; i < end; i++) {
        head h = head_of(context, i, thread);
        run_head(&h);
    }
}

void okng_grad_tiles_back(const okng_grad_call *call, const okng_grad_heads *heads)
{
    back_run run = {call, heads};
    okng_parallel_for(call->threads, heads->stacks * heads->heads, 1, run_heads_back, &run);
}

#endif
