#include "experiment/examples.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- choosing ------------------------------------------------------------------------------- */

typedef enum group { FOUND, MISSED, FALSE_ALARM, OKAY, GROUPS } group;

typedef struct candidate {
    float score;
    group group;
    size_t index;
} candidate;

static group group_of(const okng_picture_result *picture)
{
    if (picture->sample->label) return picture->ng ? FOUND : MISSED;
    return picture->ng ? FALSE_ALARM : OKAY;
}

/* By group, then what says most first: of the missed ones the lowest score, of the others the highest. */
static int by_interest(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    if (x->score != y->score) return (x->score < y->score) == (x->group == MISSED) ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static int by_number(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* How many of each group: shares of `wanted` first, what is left over then in the order of the groups. */
static void share_out(size_t wanted, const size_t there[GROUPS], size_t taken[GROUPS])
{
    const size_t shares[GROUPS] = {wanted - 2 * (wanted / 4), wanted / 4, wanted / 4, 0};
    size_t left = wanted;
    for (int g = 0; g < GROUPS; g++) {
        taken[g] = shares[g] < there[g] ? shares[g] : there[g];
        left -= taken[g];
    }
    for (int g = 0; g < GROUPS; g++) {
        size_t more = there[g] - taken[g] < left ? there[g] - taken[g] : left;
        taken[g] += more;
        left -= more;
    }
}

size_t *okng_examples_choose(const okng_picture_result *pictures, size_t count, int32_t wanted, size_t *chosen)
{
    *chosen = 0;
    candidate *candidates = calloc(count, sizeof *candidates);
    size_t *numbers = calloc(count, sizeof *numbers), there[GROUPS] = {0}, taken[GROUPS];
    if (!candidates || !numbers) {
        free(candidates);
        free(numbers);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        candidates[i] = (candidate){pictures[i].score, group_of(&pictures[i]), i};
        there[candidates[i].group]++;
    }
    qsort(candidates, count, sizeof *candidates, by_interest);
    share_out(wanted < 0 || (size_t)wanted > count ? count : (size_t)wanted, there, taken);
    for (size_t i = 0; i < count; i++) {
        if (taken[candidates[i].group] == 0) continue;
        taken[candidates[i].group]--;
        numbers[(*chosen)++] = candidates[i].index;
    }
    free(candidates);
    qsort(numbers, *chosen, sizeof *numbers, by_number);
    return numbers;
}

/* ---- naming --------------------------------------------------------------------------------- */

/* Length without the ending: "test/crack/000" of "test/crack/000.png". */
static size_t stem_length(const char *name)
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name, *dot = strrchr(base, '.');
    return dot && dot > base ? (size_t)(dot - name) : strlen(name);
}

/* Whether another picture has the same stem, or is called as it ("a.png" and "a.png.jpg"). */
static bool shares_stem(const okng_sample *const *samples, size_t count, size_t i)
{
    size_t length = stem_length(samples[i]->name);
    for (size_t other = 0; other < count; other++) {
        const char *name = samples[other]->name;
        if (other == i || strncmp(name, samples[i]->name, length) != 0) continue;
        if (stem_length(name) == length || !name[length]) return true;
    }
    return false;
}

/* Leaves out "", "." and ".." between slashes: a data set's list may hold any path. */
static char *inside(const char *name, size_t length)
{
    char *out = malloc(length + 2);
    size_t used = 0;
    for (size_t begin = 0; out && begin < length;) {
        size_t part = 0;
        while (begin + part < length && name[begin + part] != '/') part++;
        bool leads = (part == 1 || part == 2) && strncmp(name + begin, "..", part) == 0;
        if (part > 0 && !leads) {
            if (used > 0) out[used++] = '/';
            memcpy(out + used, name + begin, part);
            used += part;
        }
        begin += part + 1;
    }
    if (out && used == 0) out[used++] = '_';
    if (out) out[used] = '\0';
    return out;
}

char *okng_example_name(const okng_sample *const *samples, size_t count, size_t i)
{
    const char *name = samples[i]->name;
    return inside(name, shares_stem(samples, count, i) ? strlen(name) : stem_length(name));
}
