/* Products by kernels/linear.h: every element is one chain of fused multiply-adds in order, so neither the number of
 * threads nor the instruction set changes a bit. The right matrix is packed a panel at a time by who multiplies with
 * it; of a convolution that panel is gathered from the picture. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "kernels/linear.h"
#include "program/job.h"

static const okng_linear *kernels(void)
{
    const okng_linear *linear = okng_linear_get();
    return linear ? linear : okng_linear_variant(OKNG_CPU_C);
}

/* A panel and a place for results that do not fill one, per thread. */
typedef struct scratch {
    float *memory;
    size_t each, panel; /* floats of a thread's; where the results are */
} scratch;

static okng_status take_scratch(scratch *s, int threads, int64_t inner, int64_t rows, okng_error *error)
{
    const size_t width = OKNG_LINEAR_PANEL_MAX;
    s->panel = (size_t)inner * width;
    s->each = s->panel + (size_t)rows * width;
    s->memory = okng_alloc((size_t)threads * s->each, sizeof *s->memory);
    return s->memory ? OKNG_OK : okng_fail_memory(error, (size_t)threads * s->each * sizeof *s->memory);
}

/* rows [count, inner] with a packed panel to `columns` <= panel columns of out. */
typedef struct panel_product {
    const okng_linear *linear;
    const float *rows, *panel;
    size_t count, inner;
    float *out, *aside;
    size_t out_stride, columns;
} panel_product;

static void multiply_panel(const panel_product *p)
{
    const size_t width = p->linear->panel;
    const bool whole = p->columns == width;
    p->linear->multiply(&(okng_linear_product){.rows = p->rows,
                                               .stride = p->inner,
                                               .count = p->count,
                                               .inner = p->inner,
                                               .panel = p->panel,
                                               .targets = {{whole ? p->out : p->aside, OKNG_LINEAR_SET}},
                                               .target_count = 1,
                                               .out_stride = whole ? p->out_stride : width});
    for (size_t r = 0; !whole && r < p->count; r++)
        memcpy(p->out + r * p->out_stride, p->aside + r * width, p->columns * sizeof *p->out);
}

/* ---- matmul ---- */

enum { ROWS_AT_ONCE = 256 };

typedef struct matmul {
    const okng_linear *linear;
    const float *left, *right;
    float *out;
    int64_t rows, inner, columns, panels,
        stripes; /* stripes: parts of the rows, so that there is work for all threads */
    int64_t rank;
    const int64_t *dims;                                                         /* of the axes before the last two */
    int64_t left_step[OKNG_PROGRAM_RANK_MAX], right_step[OKNG_PROGRAM_RANK_MAX]; /* matrices from one to the next */
    bool turned;
    scratch scratch;
} matmul;

/* Column i of the panel is column first + i of the matrix; behind the last are zeros. */
static void pack(const matmul *m, const float *matrix, int64_t first, float *panel)
{
    const int64_t width = (int64_t)m->linear->panel, rest = m->columns - first, columns = rest < width ? rest : width;
    if (columns < width) memset(panel, 0, (size_t)(m->inner * width) * sizeof *panel);
    if (m->turned) {
        for (int64_t c = 0; c < columns; c++)
            for (int64_t k = 0; k < m->inner; k++) panel[k * width + c] = matrix[(first + c) * m->inner + k];
    } else {
        for (int64_t k = 0; k < m->inner; k++)
            memcpy(panel + k * width, matrix + k * m->columns + first, (size_t)columns * sizeof *panel);
    }
}

static void multiply_one(const matmul *m, int64_t i, float *room)
{
    const int64_t width = (int64_t)m->linear->panel;
    const int64_t stripe = i % m->stripes, panel = i / m->stripes % m->panels, matrix = i / m->stripes / m->panels;
    int64_t left = 0, right = 0, rest = matrix;
    for (int64_t axis = m->rank - 1; axis >= 0; axis--) {
        left += rest % m->dims[axis] * m->left_step[axis];
        right += rest % m->dims[axis] * m->right_step[axis];
        rest /= m->dims[axis];
    }
    const int64_t begin = stripe * m->rows / m->stripes, end = (stripe + 1) * m->rows / m->stripes;
    const int64_t first = panel * width, columns = m->columns - first < width ? m->columns - first : width;
    pack(m, m->right + right * m->inner * m->columns, first, room);
    multiply_panel(&(panel_product){.linear = m->linear,
                                    .rows = m->left + (left * m->rows + begin) * m->inner,
                                    .panel = room,
                                    .count = (size_t)(end - begin),
                                    .inner = (size_t)m->inner,
                                    .out = m->out + (matrix * m->rows + begin) * m->columns + first,
                                    .aside = room + m->scratch.panel,
                                    .out_stride = (size_t)m->columns,
                                    .columns = (size_t)columns});
}

static void multiply_range(void *context, int64_t begin, int64_t end, int thread)
{
    const matmul *m = context;
    for (int64_t i = begin; i < end; i++) multiply_one(m, i, m->scratch.memory + (size_t)thread * m->scratch.each);
}

/* Matrices from one place of an axis before the last two to the next; 0 where they are repeated. */
static void find_steps(const okng_program_type *type, int64_t rank, int64_t *steps)
{
    int64_t step = 1;
    for (int64_t i = 1; i <= rank; i++) {
        const int64_t extent = i <= type->rank - 2 ? type->dims[type->rank - 2 - i] : 1;
        steps[rank - i] = extent == 1 ? 0 : step;
        step *= extent;
    }
}

okng_status okng_program_run_matmul(const okng_program_job *job, okng_error *error)
{
    const okng_program_type *x = &job->types[0], *out = job->type;
    matmul m = {.linear = kernels(),
                .left = job->inputs[0],
                .right = job->inputs[1],
                .out = job->result,
                .rows = out->dims[out->rank - 2],
                .inner = x->dims[x->rank - 1],
                .columns = out->dims[out->rank - 1],
                .rank = out->rank - 2,
                .dims = out->dims,
                .turned = job->node->turned};
    find_steps(x, m.rank, m.left_step);
    find_steps(&job->types[1], m.rank, m.right_step);
    m.panels = (m.columns - 1) / (int64_t)m.linear->panel + 1;
    m.stripes = (m.rows - 1) / (ROWS_AT_ONCE * 8) + 1;
    const int64_t matrices = okng_program_elements(out) / (m.rows * m.columns);
    OKNG_TRY(take_scratch(&m.scratch, job->threads, m.inner, m.rows / m.stripes + 1, error));
    okng_parallel_for(job->threads, matrices * m.panels * m.stripes, 1, multiply_range, &m);
    free(m.scratch.memory);
    return OKNG_OK;
}

/* ---- convolution ---- */

typedef struct conv {
    const okng_linear *linear;
    const okng_window *window;
    const float *x, *weight, *bias;
    float *out;
    int64_t groups, channels, height, width;       /* channels: of a group, of the input */
    int64_t outputs, out_height, out_width, inner; /* outputs: likewise, of the result */
    int64_t panels;
    scratch scratch;
} conv;

/* One row of a panel: what weight (i, j) meets of a channel at `columns` places of the result from `first` on. */
static void gather(const conv *c, const float *channel, int64_t i, int64_t j, int64_t first, int64_t columns,
                   float *row)
{
    int64_t y = first / c->out_width, x = first % c->out_width;
    for (int64_t k = 0; k < columns; k++) {
        const int64_t from_y = y * c->window->stride[0] + i - c->window->padding[0];
        const int64_t from_x = x * c->window->stride[1] + j - c->window->padding[1];
        const bool inside = from_y >= 0 && from_y < c->height && from_x >= 0 && from_x < c->width;
        row[k] = inside ? channel[from_y * c->width + from_x] : 0.0f;
        if (++x == c->out_width) {
            x = 0;
            y++;
        }
    }
}

static void convolve_one(const conv *c, int64_t i, float *room)
{
    const int64_t width = (int64_t)c->linear->panel, places = c->out_height * c->out_width;
    const int64_t panel = i % c->panels, group = i / c->panels % c->groups, picture = i / c->panels / c->groups;
    const int64_t first = panel * width, columns = places - first < width ? places - first : width;
    const float *x = c->x + (picture * c->groups + group) * c->channels * c->height * c->width;
    float *out = c->out + (picture * c->groups + group) * c->outputs * places + first, *row = room;
    if (columns < width) memset(room, 0, c->scratch.panel * sizeof *room);
    for (int64_t channel = 0; channel < c->channels; channel++)
        for (int32_t a = 0; a < c->window->kernel[0]; a++)
            for (int32_t b = 0; b < c->window->kernel[1]; b++, row += width)
                gather(c, x + channel * c->height * c->width, a, b, first, columns, row);
    multiply_panel(&(panel_product){.linear = c->linear,
                                    .rows = c->weight + group * c->outputs * c->inner,
                                    .panel = room,
                                    .count = (size_t)c->outputs,
                                    .inner = (size_t)c->inner,
                                    .out = out,
                                    .aside = room + c->scratch.panel,
                                    .out_stride = (size_t)places,
                                    .columns = (size_t)columns});
    for (int64_t o = 0; c->bias && o < c->outputs; o++)
        for (int64_t k = 0; k < columns; k++) out[o * places + k] += c->bias[group * c->outputs + o];
}

static void convolve_range(void *context, int64_t begin, int64_t end, int thread)
{
    const conv *c = context;
    for (int64_t i = begin; i < end; i++) convolve_one(c, i, c->scratch.memory + (size_t)thread * c->scratch.each);
}

okng_status okng_program_run_conv(const okng_program_job *job, okng_error *error)
{
    const int64_t *x = job->types[0].dims, *weight = job->types[1].dims, *out = job->type->dims;
    conv c = {.linear = kernels(),
              .window = &job->node->window,
              .x = job->inputs[0],
              .weight = job->inputs[1],
              .bias = job->node->input_count > 2 ? job->inputs[2] : NULL,
              .out = job->result,
              .groups = job->node->groups,
              .channels = weight[1],
              .height = x[2],
              .width = x[3],
              .outputs = weight[0] / job->node->groups,
              .out_height = out[2],
              .out_width = out[3],
              .inner = weight[1] * weight[2] * weight[3]};
    c.panels = (c.out_height * c.out_width - 1) / (int64_t)c.linear->panel + 1;
    OKNG_TRY(take_scratch(&c.scratch, job->threads, c.inner, c.outputs, error));
    okng_parallel_for(job->threads, x[0] * c.groups * c.panels, 1, convolve_range, &c);
    free(c.scratch.memory);
    return OKNG_OK;
}
