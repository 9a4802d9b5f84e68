/* "did you mean": the candidate that a mistyped word is nearest to. */
#include <stdint.h>
#include <string.h>

#include "okng/experimental.h"

enum { LONGEST = 64 };

/* Levenshtein distance of two words; SIZE_MAX where one is too long. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t line[LONGEST], n = strlen(b);
    if (strlen(a) >= LONGEST || n >= LONGEST) return SIZE_MAX;
    for (size_t j = 0; j <= n; j++) line[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t corner = line[0];
        line[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t best = corner + (a[i - 1] != b[j - 1]);
            if (line[j] + 1 < best) best = line[j] + 1;
            if (line[j - 1] + 1 < best) best = line[j - 1] + 1;
            corner = line[j];
            line[j] = best;
        }
    }
    return line[n];
}

const char *okng_suggest(const char *word, const char *const *candidates, size_t count)
{
    const char *nearest = NULL;
    if (!word || (!candidates && count > 0)) return NULL;
    size_t least = 2 + strlen(word) / 4; /* with more slips than that it is another word */
    for (size_t i = 0; i < count; i++) {
        if (!candidates[i]) continue;
        size_t distance = edit_distance(word, candidates[i]);
        if (distance >= least) continue;
        least = distance;
        nearest = candidates[i];
    }
    return nearest;
}
