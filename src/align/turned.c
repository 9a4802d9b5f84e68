/* A part that may be turned or of another size: the picture is turned and scaled against it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "align/sample.h"
#include "align/search.h"
#include "base/memory.h"
#include "base/parallel.h"

/* ---- a pose by samples ------------------------------------------------------------------------------------------- */

enum {
    SAMPLES = 16384,      /* pixels of the part that are looked at, while a pose is improved */
    LAST_SAMPLES = 262144 /* for the score that is told */
};

/* Every so many-th pixel of every so many-th row. */
static int32_t step_of(const okng_level *part, double samples)
{
    const double pixels = (double)part->width * part->height;
    return pixels <= samples ? 1 : (int32_t)ceil(sqrt(pixels / samples));
}

static double correlate_pose(const okng_level *picture, const okng_level *part, const okng_pose *pose, double samples)
{
    const okng_placing to = okng_placing_of(pose, part->width, part->height);
    const int32_t step = step_of(part, samples);
    okng_moments window = {0}, own = {0};
    double products = 0;
    for (int32_t row = step / 2; row < part->height; row += step)
        for (int32_t column = step / 2; column < part->width; column += step) {
            const double i = column + 0.5, j = row + 0.5;
            const double x = to.x + i * to.across[0] + j * to.down[0], y = to.y + i * to.across[1] + j * to.down[1];
            const double seen = okng_level_sample(picture, x, y);
            const double known = part->pixels[(size_t)row * (size_t)part->width + (size_t)column];
            window.sum += seen;
            window.squares += seen * seen;
            own.sum += known;
            own.squares += known * known;
            products += seen * known;
            own.count++;
        }
    window.count = own.count;
    return okng_correlation(window, own, products);
}

/* Half of what lies between two opposite corners: a turn by one of its parts moves the corners by a pixel. */
static double radius_of(const okng_level *part)
{
    return hypot(part->width, part->height) / 2;
}

/* What of a pose may change, and by how much at a time. */
typedef struct steps {
    double by[4]; /* x, y, angle, scale; 0: it stays */
    double low[4], high[4];
} steps;

static double *member(okng_pose *pose, int which)
{
    double *const members[4] = {&pose->x, &pose->y, &pose->angle, &pose->scale};
    return members[which];
}

/* Moves one number of the pose to the best of its neighbourhood, between them by a parabola. */
static void improve_one(const okng_level *picture, const okng_level *part, const steps *s, int which,
                        okng_candidate *one)
{
    enum { FAR = 4 }; /* steps */
    double before = -INFINITY, after = -INFINITY;
    for (int moves = 0; moves < FAR; moves++) {
        okng_pose lower = one->pose, higher = one->pose;
        *member(&lower, which) = fmax(*member(&lower, which) - s->by[which], s->low[which]);
        *member(&higher, which) = fmin(*member(&higher, which) + s->by[which], s->high[which]);
        before = correlate_pose(picture, part, &lower, SAMPLES);
        after = correlate_pose(picture, part, &higher, SAMPLES);
        if (before <= one->score && after <= one->score) break;
        *one = before > after ? (okng_candidate){before, lower} : (okng_candidate){after, higher};
    }
    okng_candidate between = *one;
    double *place = member(&between.pose, which);
    *place =
        fmin(fmax(*place + s->by[which] * okng_parabola_top(before, one->score, after), s->low[which]), s->high[which]);
    between.score = correlate_pose(picture, part, &between.pose, SAMPLES);
    if (between.score > one->score) *one = between;
}

/* The numbers in turn, by smaller steps each round. */
static void improve(const okng_level *picture, const okng_level *part, const okng_search *search, double first,
                    int rounds, okng_candidate *one)
{
    static const double degrees = 57.29577951308232;
    const bool turns = search->rotation > 0, scales = search->scale_high > search->scale_low;
    const double radius = radius_of(part);
    one->score = correlate_pose(picture, part, &one->pose, SAMPLES);
    for (int round = 0; round < rounds; round++, first /= 2) {
        const steps s = {.by = {first, first, turns ? first / radius * degrees : 0, scales ? first / radius : 0},
                         .low = {0, 0, -search->rotation, search->scale_low},
                         .high = {picture->width, picture->height, search->rotation, search->scale_high}};
        for (int which = 0; which < 4; which++)
            if (s.by[which] > 0) improve_one(picture, part, &s, which, one);
    }
}

/* ---- the whole search of the coarsest level ---------------------------------------------------------------------- */

/* Angles and scales that are tried: so close that between two of them a corner moves by about 3/2 pixels. */
typedef struct grid {
    int32_t angles, scales;
} grid;

static int32_t points(double range, double step)
{
    return range > 0 ? 1 + 2 * (int32_t)ceil(range / 2 / step) : 1; /* odd: the middle is one of them */
}

static grid grid_of(const okng_level *part, const okng_search *search)
{
    const double step = 1.5 / radius_of(part);
    return (grid){points(2 * search->rotation * acos(-1) / 180, step),
                  points(search->scale_high - search->scale_low, step)};
}

static double pose_count(const okng_template *part, int32_t level, const okng_search *search)
{
    const grid g = grid_of(&part->pyramid.levels[level], search);
    return (double)g.angles * g.scales;
}

static okng_pose pose_at(const grid *g, const okng_search *search, int64_t i)
{
    const int32_t angle = (int32_t)(i % g->angles), scale = (int32_t)(i / g->angles);
    return (okng_pose){.angle = g->angles > 1 ? search->rotation * (2.0 * angle / (g->angles - 1) - 1) : 0,
                       .scale = g->scales > 1 ? search->scale_low +
                                                    (search->scale_high - search->scale_low) * scale / (g->scales - 1)
                                              : search->scale_low};
}

typedef struct job {
    const okng_level *picture, *part;
    const okng_search *search;
    grid grid;
    okng_candidates *found; /* [poses] */
    okng_status *status;    /* [poses] */
} job;

/* The picture turned back and scaled back by the pose, all of it, so that parts in it lie as the template does. */
static okng_status straighten(const okng_level *picture, const okng_pose *pose, const okng_level *part, okng_level *out)
{
    const double turn = pose->angle * acos(-1) / 180, c = fabs(cos(turn)), s = fabs(sin(turn));
    out->width = (int32_t)ceil((c * picture->width + s * picture->height) / pose->scale) + 1;
    out->height = (int32_t)ceil((s * picture->width + c * picture->height) / pose->scale) + 1;
    out->pixels = NULL;
    if (out->width < part->width || out->height < part->height) return OKNG_OK;
    out->pixels = okng_alloc((size_t)out->width * (size_t)out->height, 1);
    if (!out->pixels) return OKNG_ERROR_MEMORY;
    const okng_pose middle = {picture->width / 2.0, picture->height / 2.0, pose->angle, pose->scale};
    const okng_placing to = okng_placing_of(&middle, out->width, out->height);
    uint8_t *pixel = out->pixels;
    for (int32_t row = 0; row < out->height; row++)
        for (int32_t column = 0; column < out->width; column++) {
            const double i = column + 0.5, j = row + 0.5;
            *pixel++ = (uint8_t)(okng_level_sample(picture, to.x + i * to.across[0] + j * to.down[0],
                                                   to.y + i * to.across[1] + j * to.down[1]) +
                                 0.5);
        }
    return OKNG_OK;
}

/* Whether the corners of the part, as it lies by `to`, are in the picture, but for a pixel. */
static bool is_inside(const okng_level *picture, const okng_level *part, const okng_placing *to)
{
    for (int corner = 0; corner < 4; corner++) {
        const double i = corner & 1 ? part->width : 0, j = corner & 2 ? part->height : 0;
        const double x = to->x + i * to->across[0] + j * to->down[0], y = to->y + i * to->across[1] + j * to->down[1];
        if (x < -1 || y < -1 || x > picture->width + 1 || y > picture->height + 1) return false;
    }
    return true;
}

/* The best places of one pose. */
static void gather(const job *j, const okng_level *straight, const float *scores, const okng_pose *pose,
                   okng_candidates *found)
{
    const int32_t columns = straight->width - j->part->width + 1, rows = straight->height - j->part->height + 1;
    const okng_pose middle = {j->picture->width / 2.0, j->picture->height / 2.0, pose->angle, pose->scale};
    const okng_placing to = okng_placing_of(&middle, straight->width, straight->height);
    for (int32_t y = 0; y < rows; y++)
        for (int32_t x = 0; x < columns; x++) {
            const double score = (double)*scores++;
            if (found->count == OKNG_CANDIDATES && score <= found->items[found->count - 1].score) continue;
            const double i = x + j->part->width / 2.0, k = y + j->part->height / 2.0;
            const okng_candidate one = {score,
                                        {to.x + i * to.across[0] + k * to.down[0],
                                         to.y + i * to.across[1] + k * to.down[1], pose->angle, pose->scale}};
            const okng_placing own = okng_placing_of(&one.pose, j->part->width, j->part->height);
            if (is_inside(j->picture, j->part, &own)) okng_candidates_add(found, &one, 2);
        }
}

static void search_pose(void *context, int64_t begin, int64_t end, int thread)
{
    const job *j = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const okng_pose pose = pose_at(&j->grid, j->search, i);
        okng_level straight = {0};
        float *scores = NULL;
        j->status[i] = straighten(j->picture, &pose, j->part, &straight);
        if (straight.pixels) {
            const size_t windows =
                (size_t)(straight.width - j->part->width + 1) * (size_t)(straight.height - j->part->height + 1);
            scores = okng_alloc(windows, sizeof *scores);
            j->status[i] = scores ? okng_correlate_all(&straight, j->part, 1, scores, NULL) : OKNG_ERROR_MEMORY;
            if (j->status[i] == OKNG_OK) gather(j, &straight, scores, &pose, &j->found[i]);
        }
        free(scores);
        free(straight.pixels);
    }
}

/* In the order of the poses, whichever thread was first. */
static okng_status search_level(const okng_level *picture, const okng_level *part, const okng_search *search,
                                int threads, okng_candidates *best, okng_error *error)
{
    job j = {.picture = picture, .part = part, .search = search, .grid = grid_of(part, search)};
    const int64_t poses = (int64_t)j.grid.angles * j.grid.scales;
    j.found = okng_alloc_zero((size_t)poses, sizeof *j.found);
    j.status = okng_alloc_zero((size_t)poses, sizeof *j.status);
    okng_status status = j.found && j.status ? OKNG_OK : okng_fail_memory(error, (size_t)poses * sizeof *j.found);
    if (status == OKNG_OK) okng_parallel_for(threads, poses, 1, search_pose, &j);
    for (int64_t i = 0; i < poses && status == OKNG_OK; i++) {
        if (j.status[i] != OKNG_OK) status = okng_fail_memory(error, (size_t)picture->width * (size_t)picture->height);
        for (size_t k = 0; k < j.found[i].count; k++) okng_candidates_add(best, &j.found[i].items[k], 2);
    }
    free(j.found);
    free(j.status);
    return status;
}

/* ---- from coarse to fine ----------------------------------------------------------------------------------------- */

typedef struct following {
    const okng_level *picture, *part;
    const okng_search *search;
    okng_candidates *found;
    bool coarsest;
} following;

static void follow_one(void *context, int64_t begin, int64_t end, int thread)
{
    const following *f = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        okng_candidate *one = &f->found->items[i];
        if (!f->coarsest) {
            one->pose.x *= 2;
            one->pose.y *= 2;
        }
        improve(f->picture, f->part, f->search, 1, 2, one);
    }
}

static void follow(const following *f, size_t count, int threads)
{
    okng_candidates better = {0};
    f->found->count = count;
    okng_parallel_for(threads, (int64_t)count, 1, follow_one, (void *)f);
    for (size_t i = 0; i < count; i++) okng_candidates_add(&better, &f->found->items[i], 1);
    *f->found = better;
}

okng_status okng_find_turned(const okng_template *part, const okng_pyramid *picture, const okng_search *search,
                             int threads, okng_match *out, okng_error *error)
{
    static const double work = 5e7; /* products */
    const int32_t coarsest = okng_search_level(part, picture, work, pose_count, search);
    okng_candidates found = {0};
    OKNG_TRY(search_level(&picture->levels[coarsest], &part->pyramid.levels[coarsest], search, threads, &found, error));
    if (found.count == 0) return OKNG_OK; /* in no pose does it fit in: *out says so already */
    for (int32_t level = coarsest; level >= 0; level--) {
        const following f = {&picture->levels[level], &part->pyramid.levels[level], search, &found, level == coarsest};
        follow(&f, level == coarsest ? found.count : (found.count + 1) / 2, threads);
    }
    okng_candidate *best = &found.items[0];
    improve(&picture->levels[0], &part->pyramid.levels[0], search, 0.5, 3, best);
    out->pose = best->pose;
    out->score = correlate_pose(&picture->levels[0], &part->pyramid.levels[0], &best->pose, LAST_SAMPLES);
    return OKNG_OK;
}
