#include "eval/spro.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "eval/pixel_store.h"
#include "eval/pixel_sweep.h"

enum { LOW = 65536 };

/* The defects of a kind. Of each only the highest scores are kept: below them it has been found whole. */
typedef struct kind_defects {
    uint64_t *saturations;
    size_t count, room;
    okng_score_bins scores; /* as bad ones, the region being the defect */
} kind_defects;

struct okng_spro {
    pthread_mutex_t mutex; /* guards all below */
    kind_defects kinds[OKNG_PIXEL_KINDS];
    bool broken; /* memory ran out in the middle of a picture */
};

okng_status okng_spro_new(okng_spro **out, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    (void)pthread_mutex_init(&(*out)->mutex, NULL);
    return OKNG_OK;
}

void okng_spro_free(okng_spro **spro)
{
    if (!spro || !*spro) return;
    for (int k = 0; k < OKNG_PIXEL_KINDS; k++) {
        for (size_t bin = 0; bin < OKNG_BINS; bin++) okng_bins_clear(&(*spro)->kinds[k].scores, bin);
        free((*spro)->kinds[k].saturations);
    }
    (void)pthread_mutex_destroy(&(*spro)->mutex);
    free(*spro);
    *spro = NULL;
}

/* ---- adding defects ---- */

static int from_highest(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return (*x < *y) - (*x > *y);
}

/* The scores of a defect, the highest first; malloc'd. */
static okng_status scores_of(const okng_spro_defect *defect, const float *map, size_t pixels, float **out,
                             size_t *count, okng_error *error)
{
    size_t used = 0;
    for (size_t i = 0; i < pixels; i++) used += defect->mask[i] && !isnan(map[i]);
    *out = okng_alloc(used > 0 ? used : 1, sizeof **out);
    *count = 0;
    if (!*out) return okng_fail_memory(error, used * sizeof **out);
    for (size_t i = 0; i < pixels; i++)
        if (defect->mask[i] && !isnan(map[i])) (*out)[(*count)++] = map[i];
    qsort(*out, *count, sizeof **out, from_highest);
    return OKNG_OK;
}

static bool add_locked(okng_spro *spro, int kind, const float *scores, size_t count, uint64_t saturation)
{
    kind_defects *defects = &spro->kinds[kind];
    void *saturations = defects->saturations;
    uint64_t added = 0;
    if (!okng_grow(&saturations, &defects->room, defects->count + 1, sizeof *defects->saturations)) return false;
    defects->saturations = saturations;
    defects->saturations[defects->count] = saturation;
    if (count > saturation) count = saturation;
    return okng_bins_add_bad(&defects->scores, scores, count, (uint32_t)defects->count++, &added);
}

okng_status okng_spro_add(okng_spro *spro, int kind, const float *map, size_t pixels, const okng_spro_defect *defects,
                          size_t count, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < count && status == OKNG_OK; i++) {
        float *scores;
        size_t found;
        OKNG_TRY(scores_of(&defects[i], map, pixels, &scores, &found, error));
        (void)pthread_mutex_lock(&spro->mutex);
        if (!spro->broken) spro->broken = !add_locked(spro, kind, scores, found, defects[i].saturation);
        if (spro->broken) status = okng_fail_memory(error, found * sizeof *scores);
        (void)pthread_mutex_unlock(&spro->mutex);
        free(scores);
    }
    return status;
}

/* ---- the areas ---- */

typedef struct walk {
    const kind_defects *defects;
    const okng_score_bins *good[2]; /* of good pictures, and the good ones of the kind's pictures */
    double all_good;
    uint64_t false_alarms;
    okng_count found; /* over all defects, OKNG_REGION_WHOLE each */
    okng_sum areas[OKNG_SPRO_LIMITS];
    uint32_t counts[LOW];     /* of good pixels of the bin, by the lower half of the key */
    okng_count overlaps[LOW]; /* what defects gain there */
} walk;

static uint64_t good_of_bin(const walk *w, size_t bin)
{
    uint64_t count = 0;
    for (int g = 0; g < 2; g++)
        for (const okng_score_block *b = w->good[g]->bins[bin]; b; b = b->next) count += b->used;
    return count;
}

static void step(walk *w, uint64_t good, okng_count overlap)
{
    const double before = (double)w->false_alarms, from = okng_overlap(w->found, w->defects->count);
    w->false_alarms += good;
    w->found += overlap;
    const double after = (double)w->false_alarms, to = okng_overlap(w->found, w->defects->count);
    for (size_t l = 0; l < OKNG_SPRO_LIMITS; l++)
        okng_area_add(&w->areas[l], okng_spro_limits[l] * w->all_good, before, from, after, to);
}

/* A bin in which a defect has a score: from its highest score down. */
static void walk_bin(walk *w, size_t bin)
{
    for (int g = 0; g < 2; g++)
        for (const okng_score_block *b = w->good[g]->bins[bin]; b; b = b->next)
            for (uint32_t i = 0; i < b->used; i++) w->counts[b->words[i]]++;
    for (const okng_score_block *b = w->defects->scores.bins[bin]; b; b = b->next)
        for (uint32_t i = 0; i < b->used; i += OKNG_BAD_WORDS)
            w->overlaps[b->words[i]] += OKNG_REGION_WHOLE / w->defects->saturations[okng_block_region(b->words + i)];
    for (size_t low = LOW; low-- > 0;) {
        if (w->counts[low] > 0 || w->overlaps[low] > 0) step(w, w->counts[low], w->overlaps[low]);
        w->counts[low] = 0;
        w->overlaps[low] = 0;
    }
}

okng_status okng_spro_areas(const okng_spro *spro, const okng_pixel_metrics *pixels, int kind,
                            double areas[OKNG_SPRO_LIMITS], okng_error *error)
{
    for (size_t l = 0; l < OKNG_SPRO_LIMITS; l++) areas[l] = (double)NAN;
    if (spro->broken || pixels->broken)
        return okng_fail(error, OKNG_ERROR_MEMORY, "memory ran out while a map was added: the metrics are incomplete");
    walk *w = okng_alloc_zero(1, sizeof *w);
    if (!w) return okng_fail_memory(error, sizeof *w);
    w->defects = &spro->kinds[kind];
    w->good[0] = &pixels->normal;
    w->good[1] = &pixels->good[kind];
    uint64_t all = 0;
    for (size_t bin = 0; bin < OKNG_BINS; bin++) all += good_of_bin(w, bin);
    w->all_good = (double)all;
    for (size_t bin = OKNG_BINS; bin-- > 0 && all > 0 && w->defects->count > 0;) {
        if (w->defects->scores.bins[bin])
            walk_bin(w, bin);
        else
            step(w, good_of_bin(w, bin), 0);
    }
    for (size_t l = 0; l < OKNG_SPRO_LIMITS && all > 0 && w->defects->count > 0; l++)
        areas[l] = okng_sum_total(&w->areas[l]) / (okng_spro_limits[l] * w->all_good);
    free(w);
    return OKNG_OK;
}
