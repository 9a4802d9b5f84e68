#include "program/walk.h"

#include <string.h>

#include "base/parallel.h"

enum { GRAIN = 1 << 14 }; /* elements that are worth waking a thread for */

void okng_walk_repeat(okng_walk *walk, int32_t k, const okng_program_type *type)
{
    int64_t step = 1;
    for (int32_t i = 1; i <= walk->rank; i++) {
        const int64_t extent = i <= type->rank ? type->dims[type->rank - i] : 1;
        walk->steps[k][walk->rank - i] = extent == 1 ? 0 : step;
        step *= extent;
    }
    if (k >= walk->operands) walk->operands = k + 1;
}

static bool go_on(const okng_walk *walk, int32_t outer, int32_t inner)
{
    for (int32_t k = 0; k < walk->operands; k++)
        if (walk->steps[k][outer] != walk->steps[k][inner] * walk->dims[inner]) return false;
    return true;
}

static void join_axes(okng_walk *walk)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < walk->rank; i++) {
        if (walk->dims[i] == 1) continue;
        const bool joins = kept > 0 && go_on(walk, kept - 1, i);
        const int32_t to = joins ? kept - 1 : kept++;
        walk->dims[to] = joins ? walk->dims[to] * walk->dims[i] : walk->dims[i];
        for (int32_t k = 0; k < walk->operands; k++) walk->steps[k][to] = walk->steps[k][i];
    }
    if (kept == 0) {
        walk->dims[kept] = 1;
        for (int32_t k = 0; k < walk->operands; k++) walk->steps[k][kept] = 0;
        kept = 1;
    }
    walk->rank = kept;
}

typedef struct walking {
    const okng_walk *walk;
    okng_walk_fn fn;
    void *context;
} walking;

static void walk_range(void *context, int64_t begin, int64_t end, int thread)
{
    const walking *w = context;
    const okng_walk *walk = w->walk;
    const int32_t last = walk->rank - 1;
    (void)thread;
    for (int64_t at = begin; at < end;) {
        int64_t from[OKNG_WALK_OPERANDS] = {0}, step[OKNG_WALK_OPERANDS] = {0}, rest = at;
        const int64_t column = at % walk->dims[last];
        for (int32_t k = 0; k < walk->operands; k++) {
            from[k] = walk->first[k];
            step[k] = walk->steps[k][last];
        }
        for (int32_t i = last; i >= 0; i--) {
            for (int32_t k = 0; k < walk->operands; k++) from[k] += rest % walk->dims[i] * walk->steps[k][i];
            rest /= walk->dims[i];
        }
        const int64_t room = walk->dims[last] - column, count = end - at < room ? end - at : room;
        w->fn(w->context, at, count, from, step);
        at += count;
    }
}

void okng_walk_run(okng_walk *walk, int threads, okng_walk_fn fn, void *context)
{
    int64_t total = 1;
    join_axes(walk);
    for (int32_t i = 0; i < walk->rank; i++) total *= walk->dims[i];
    okng_parallel_for(threads, total, GRAIN, walk_range, &(walking){walk, fn, context});
}
