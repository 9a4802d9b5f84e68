/* A part that lies as its template does: whole pixels, whole numbers. */
#include <math.h>
#include <stdlib.h>

#include "align/search.h"
#include "base/memory.h"
#include "base/parallel.h"

enum { REACH = 4, SPAN = 2 * REACH + 1 }; /* pixels that a place may move at a finer level */

/* Scores around a place of one level, made when they are asked for. */
typedef struct around {
    const okng_level *picture, *part;
    okng_moments moments;
    int32_t left, top; /* of scores[0][0] */
    int threads;
    double scores[SPAN][SPAN]; /* NaN: not known yet; -INFINITY: beyond the picture */
} around;

static void look_at(void *context, int64_t begin, int64_t end, int thread)
{
    around *a = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const int32_t row = (int32_t)(i / SPAN), column = (int32_t)(i % SPAN);
        double *score = &a->scores[row][column];
        const int32_t x = a->left + column, y = a->top + row;
        if (!isnan(*score)) continue;
        const bool inside =
            x >= 0 && y >= 0 && x + a->part->width <= a->picture->width && y + a->part->height <= a->picture->height;
        *score = inside ? okng_correlate_at(a->picture, a->part, a->moments, x, y) : (double)-INFINITY;
    }
}

typedef struct neighbours {
    around *around;
    int32_t row, column; /* of the middle */
} neighbours;

static void look_at_neighbours(void *context, int64_t begin, int64_t end, int thread)
{
    const neighbours *n = context;
    for (int64_t i = begin; i < end; i++) {
        const int64_t at = (n->row - 1 + i / 3) * SPAN + n->column - 1 + i % 3;
        look_at(n->around, at, at + 1, thread);
    }
}

/* Up to the top, or REACH - 1 pixels far. *row and *column are within the span. */
static void climb(around *a, int32_t *row, int32_t *column)
{
    *row = *column = REACH;
    for (bool moved = true; moved;) {
        const neighbours n = {a, *row, *column};
        okng_parallel_for(a->threads, 9, 1, look_at_neighbours, (void *)&n);
        moved = false;
        for (int32_t r = n.row - 1; r <= n.row + 1; r++)
            for (int32_t c = n.column - 1; c <= n.column + 1; c++)
                if (a->scores[r][c] > a->scores[*row][*column]) {
                    *row = r;
                    *column = c;
                    moved = true;
                }
        moved = moved && *row > 0 && *row < SPAN - 1 && *column > 0 && *column < SPAN - 1;
    }
}

/* Brings a corner to the best place near it; at level 0 to the top between pixels, whose score stays the pixel's. */
static void improve(const okng_template *part, const okng_pyramid *picture, int32_t level, int threads,
                    okng_candidate *one)
{
    around a = {.picture = &picture->levels[level],
                .part = &part->pyramid.levels[level],
                .moments = part->moments[level],
                .left = (int32_t)one->pose.x - REACH,
                .top = (int32_t)one->pose.y - REACH,
                .threads = threads};
    int32_t row, column;
    for (int i = 0; i < SPAN * SPAN; i++) a.scores[i / SPAN][i % SPAN] = NAN;
    climb(&a, &row, &column);
    one->score = a.scores[row][column];
    one->pose.x = a.left + column;
    one->pose.y = a.top + row;
    if (level > 0 || row == 0 || row == SPAN - 1 || column == 0 || column == SPAN - 1) return;
    const double left = a.scores[row][column - 1], right = a.scores[row][column + 1];
    const double above = a.scores[row - 1][column], below = a.scores[row + 1][column];
    if (isfinite(left) && isfinite(right)) one->pose.x += okng_parabola_top(left, one->score, right);
    if (isfinite(above) && isfinite(below)) one->pose.y += okng_parabola_top(above, one->score, below);
}

static bool is_peak(const float *scores, int32_t columns, int32_t rows, int32_t x, int32_t y)
{
    const float own = scores[(size_t)y * (size_t)columns + (size_t)x];
    for (int32_t r = y > 0 ? y - 1 : 0; r <= y + 1 && r < rows; r++)
        for (int32_t c = x > 0 ? x - 1 : 0; c <= x + 1 && c < columns; c++)
            if (scores[(size_t)r * (size_t)columns + (size_t)c] > own) return false;
    return true;
}

static okng_status search_level(const okng_level *picture, const okng_level *part, int threads, okng_candidates *best,
                                okng_error *error)
{
    const int32_t columns = picture->width - part->width + 1, rows = picture->height - part->height + 1;
    float *scores = okng_alloc((size_t)columns * (size_t)rows, sizeof *scores);
    if (!scores) return okng_fail_memory(error, (size_t)columns * (size_t)rows * sizeof *scores);
    okng_status status = okng_correlate_all(picture, part, threads, scores, error);
    for (int32_t y = 0; y < rows && status == OKNG_OK; y++)
        for (int32_t x = 0; x < columns; x++) {
            const okng_candidate one = {(double)scores[(size_t)y * (size_t)columns + (size_t)x], {x, y, 0, 1}};
            const bool counts = best->count < OKNG_CANDIDATES || one.score > best->items[best->count - 1].score;
            if (counts && is_peak(scores, columns, rows, x, y)) okng_candidates_add(best, &one, 1);
        }
    free(scores);
    return status;
}

/* A corner of a coarse level at the next finer one, inside. */
static void go_down(okng_candidate *one, const okng_level *picture, const okng_level *part)
{
    one->pose.x = fmin(2 * one->pose.x, picture->width - part->width);
    one->pose.y = fmin(2 * one->pose.y, picture->height - part->height);
}

static void follow(const okng_template *part, const okng_pyramid *picture, int32_t level, int threads,
                   okng_candidates *found)
{
    okng_candidates better = {0};
    const size_t count = okng_candidates_followed(found->count, part->moments[level].count);
    for (size_t i = 0; i < count; i++) {
        okng_candidate *one = &found->items[i];
        go_down(one, &picture->levels[level], &part->pyramid.levels[level]);
        improve(part, picture, level, threads, one);
        okng_candidates_add(&better, one, 1);
    }
    *found = better;
}

okng_status okng_find_upright(const okng_template *part, const okng_pyramid *picture, int threads, okng_match *out,
                              okng_error *error)
{
    static const double work = 3e7; /* products: a few milliseconds */
    const okng_level *own = &part->pyramid.levels[0];
    int32_t level = okng_search_level(part, picture, work, NULL, NULL);
    okng_candidates found = {0};
    OKNG_TRY(search_level(&picture->levels[level], &part->pyramid.levels[level], threads, &found, error));
    if (level == 0) improve(part, picture, 0, threads, &found.items[0]);
    while (level-- > 0) follow(part, picture, level, threads, &found);
    *out = (okng_match){found.items[0].pose, found.items[0].score};
    out->pose.x += own->width / 2.0;
    out->pose.y += own->height / 2.0;
    return OKNG_OK;
}
