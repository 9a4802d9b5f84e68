#include "grad/maps.h"

#include <string.h>

#include "base/parallel.h"

#if defined(OKNG_GRAD_DOUBLE)

okng_grad_maps okng_grad_maps_of(const okng_graph *graph, const okng_node *node)
{
    (void)graph, (void)node;
    return (okng_grad_maps){0};
}

void okng_grad_maps_sizes(const okng_grad_maps *m, okng_grad_sizes *s)
{
    (void)m, (void)s;
}

size_t okng_grad_maps_forward_size(const okng_grad_maps *m)
{
    (void)m;
    return 0;
}

size_t okng_grad_maps_back_size(const okng_grad_maps *m)
{
    (void)m;
    return 0;
}

void okng_grad_maps_pack(const okng_grad_maps *m, okng_grad_room *room, int threads, const okng_real *matrix)
{
    (void)m, (void)room, (void)threads, (void)matrix;
}

void okng_grad_maps_forward(const okng_grad_maps *m, okng_grad_room *room, int threads, const okng_real *x,
                            const okng_real *matrix, const okng_real *bias, okng_real *y)
{
    (void)m, (void)room, (void)threads, (void)x, (void)matrix, (void)bias, (void)y;
}

void okng_grad_maps_back(const okng_grad_maps *m, okng_grad_room *room, int threads, const okng_real *dy,
                         const okng_real *matrix, okng_real *dx)
{
    (void)m, (void)room, (void)threads, (void)dy, (void)matrix, (void)dx;
}

void okng_grad_maps_weights(const okng_grad_maps *m, okng_grad_room *room, int threads, const okng_real *x,
                            const okng_real *dy, okng_real *d_matrix)
{
    (void)m, (void)room, (void)threads, (void)x, (void)dy, (void)d_matrix;
}

#else

enum {
    UNIT = 2 * OKNG_LINEAR_PANEL_MAX, /* of what Strassen's products take */
    PADS_FROM = 4 * UNIT,             /* rows from which zeros up to the next unit pay */
    BLOCK = 16                        /* rows that are turned at a time */
};

static int64_t round_up(int64_t a, int64_t unit)
{
    return (a + unit - 1) / unit * unit;
}

okng_grad_maps okng_grad_maps_of(const okng_graph *graph, const okng_node *node)
{
    okng_grad_maps m = {0};
    if (node->op != OKNG_OP_LINEAR && node->op != OKNG_OP_MATMUL) return m;
    const okng_shape *x = &graph->nodes[node->inputs[0]].shape;
    if (node->op == OKNG_OP_MATMUL) {
        const okng_node *matrix = &graph->nodes[node->inputs[1]];
        if (matrix->op != OKNG_OP_CONSTANT || matrix->shape.rank != 2) return m;
    }
    m.transposed = node->op == OKNG_OP_LINEAR;
    m.inner = x->dims[x->rank - 1];
    m.rows = okng_shape_elements(x) / m.inner;
    m.columns = node->shape.dims[node->shape.rank - 1];
    m.padded = m.rows < PADS_FROM ? m.rows : round_up(m.rows, UNIT);
    m.there = okng_linear_map_of(&m.forward, 1, m.rows, m.inner, m.columns, true) &&
              okng_linear_map_of(&m.back, 1, m.rows, m.columns, m.inner, true) &&
              okng_linear_map_of(&m.weights, 1, m.inner, m.padded, m.columns, true);
    return m;
}

static void raise(size_t *size, size_t wanted)
{
    if (*size < wanted) *size = wanted;
}

void okng_grad_maps_sizes(const okng_grad_maps *m, okng_grad_sizes *s)
{
    const okng_linear_map *maps[] = {&m->forward, &m->back, &m->weights};
    for (int i = 0; i < 3; i++) {
        raise(&s->rows, okng_linear_rows(maps[i]));
        raise(&s->each, (okng_linear_scratch(maps[i]) + sizeof(float) - 1) / sizeof(float));
    }
    raise(&s->packed, okng_linear_weights(&m->forward));
    raise(&s->packed, okng_linear_weights(&m->back));
    raise(&s->turned_weights, (size_t)(m->inner * m->columns));
    raise(&s->turned, (size_t)(m->inner * m->padded));
    raise(&s->columns, okng_linear_weights(&m->weights));
    raise(&s->zeros, (size_t)(m->inner > m->columns ? m->inner : m->columns));
}

size_t okng_grad_maps_forward_size(const okng_grad_maps *m)
{
    return okng_linear_weights(&m->forward);
}

size_t okng_grad_maps_back_size(const okng_grad_maps *m)
{
    return okng_linear_weights(&m->back);
}

/* ---- turning: out [columns, padded] = in [rows, columns]^T, then zeros ---- */

typedef struct turning {
    const float *in;
    float *out;
    int64_t rows, columns, padded;
} turning;

static void turn_blocks(void *context, int64_t begin, int64_t end, int thread)
{
    const turning *t = context;
    (void)thread;
    for (int64_t first = begin * BLOCK; first < end * BLOCK && first < t->columns; first += BLOCK) {
        const int64_t past = first + BLOCK < t->columns ? first + BLOCK : t->columns;
        for (int64_t row = 0; row < t->rows; row += BLOCK) {
            const int64_t last = row + BLOCK < t->rows ? row + BLOCK : t->rows;
            for (int64_t c = first; c < past; c++)
                for (int64_t r = row; r < last; r++) t->out[c * t->padded + r] = t->in[r * t->columns + c];
        }
        for (int64_t c = first; c < past; c++)
            memset(t->out + c * t->padded + t->rows, 0, (size_t)(t->padded - t->rows) * sizeof *t->out);
    }
}

static void turn(int threads, const float *in, int64_t rows, int64_t columns, int64_t padded, float *out)
{
    turning t = {in, out, rows, columns, padded};
    okng_parallel_for(threads, (columns + BLOCK - 1) / BLOCK, 1, turn_blocks, &t);
}

/* ---- the matrix ---- */

/* As forward wants it: from [columns, inner]. */
static void pack_forward(const okng_grad_maps *m, okng_grad_room *room, int threads, const float *matrix, float *to)
{
    if (!m->transposed) turn(threads, matrix, m->inner, m->columns, m->inner, room->turned_weights);
    okng_linear_pack(&m->forward, threads, m->transposed ? matrix : room->turned_weights, to);
}

/* As back wants it: from [inner, columns]. */
static void pack_back(const okng_grad_maps *m, okng_grad_room *room, int threads, const float *matrix, float *to)
{
    if (m->transposed) turn(threads, matrix, m->columns, m->inner, m->columns, room->turned_weights);
    okng_linear_pack(&m->back, threads, m->transposed ? room->turned_weights : matrix, to);
}

void okng_grad_maps_pack(const okng_grad_maps *m, okng_grad_room *room, int threads, const float *matrix)
{
    if (m->to_columns) pack_forward(m, room, threads, matrix, m->to_columns);
    if (m->to_inner) pack_back(m, room, threads, matrix, m->to_inner);
}

/* ---- products ---- */

typedef struct job {
    const okng_linear_map *map;
    okng_grad_room *room;
    const float *rows, *packed, *bias, *added;
    float *out;
} job;

static void sum_tiles(void *context, int64_t begin, int64_t end, int thread)
{
    const job *j = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) okng_linear_sum(j->map, i, j->rows, j->room->rows);
}

static void multiply_tiles(void *context, int64_t begin, int64_t end, int thread)
{
    const job *j = context;
    float *scratch = j->room->scratch + (size_t)thread * j->room->each;
    for (int64_t i = begin; i < end; i++)
        okng_linear_multiply(j->map, i, j->rows, j->packed, j->bias, j->added, j->out, scratch);
}

/* Rows that several maps of a picture read are packed once. */
static void multiply(job j, int threads)
{
    okng_grad_room *room = j.room;
    const size_t size = okng_linear_rows(j.map);
    if (size > 0) {
        if (room->rows_of != j.rows || room->rows_size != size)
            okng_parallel_for(threads, okng_linear_sum_tiles(j.map), 1, sum_tiles, &j);
        room->rows_of = j.rows;
        room->rows_size = size;
        j.rows = room->rows;
    }
    okng_parallel_for(threads, okng_linear_tiles(j.map), 1, multiply_tiles, &j);
}

void okng_grad_maps_forward(const okng_grad_maps *m, okng_grad_room *room, int threads, const float *x,
                            const float *matrix, const float *bias, float *y)
{
    const float *packed = m->to_columns ? m->to_columns : room->packed;
    if (!m->to_columns) pack_forward(m, room, threads, matrix, room->packed);
    multiply((job){&m->forward, room, x, packed, bias ? bias : room->zeros, NULL, y}, threads);
}

void okng_grad_maps_back(const okng_grad_maps *m, okng_grad_room *room, int threads, const float *dy,
                         const float *matrix, float *dx)
{
    const float *packed = m->to_inner ? m->to_inner : room->packed;
    if (!m->to_inner) pack_back(m, room, threads, matrix, room->packed);
    multiply((job){&m->back, room, dy, packed, room->zeros, dx, dx}, threads);
}

/* ---- dW ---- */

typedef struct packing {
    const float *in; /* [rows, columns] */
    float *out;      /* [panel][padded][column of the panel] */
    int64_t rows, columns, padded, panel;
} packing;

static void pack_panels(void *context, int64_t begin, int64_t end, int thread)
{
    const packing *p = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const int64_t first = i * p->panel, wide = first + p->panel < p->columns ? p->panel : p->columns - first;
        float *out = p->out + i * p->padded * p->panel;
        for (int64_t row = 0; row < p->rows; row++) {
            memcpy(out + row * p->panel, p->in + row * p->columns + first, (size_t)wide * sizeof *out);
            if (wide < p->panel) memset(out + row * p->panel + wide, 0, (size_t)(p->panel - wide) * sizeof *out);
        }
        memset(out + p->rows * p->panel, 0, (size_t)((p->padded - p->rows) * p->panel) * sizeof *out);
    }
}

void okng_grad_maps_weights(const okng_grad_maps *m, okng_grad_room *room, int threads, const float *x, const float *dy,
                            float *d_matrix)
{
    const int64_t panel = (int64_t)m->weights.kernels->panel;
    packing p = {dy, room->columns, m->rows, m->columns, m->padded, panel};
    if (room->turned_of != x) turn(threads, x, m->rows, m->inner, m->padded, room->turned);
    if (room->turned_of != x && room->rows_of == room->turned) room->rows_of = NULL;
    room->turned_of = x;
    okng_parallel_for(threads, (m->columns + panel - 1) / panel, 1, pack_panels, &p);
    multiply((job){&m->weights, room, room->turned, room->columns, room->zeros, d_matrix, d_matrix}, threads);
}

#endif
