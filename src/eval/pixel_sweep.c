#include "eval/pixel_sweep.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "eval/pixel_store.h"

enum { LOW = 65536, GRAIN = 64 };

/* How often each score of a bin occurs, by the lower half of its key. */
typedef struct counters {
    uint32_t good[LOW], bad[LOW], normal[LOW];
    uint32_t weight[LOW]; /* of each bad pixel, for AUPIMO */
    okng_count overlap[LOW];
    uint64_t touched[LOW / 64]; /* a bit for each score that occurs */
} counters;

/* What one bin adds to the figures. */
typedef struct stretch {
    okng_ranking ranking;
    okng_sum areas[OKNG_PRO_LIMITS]; /* false alarms times mean overlap */
} stretch;

typedef struct sweep {
    okng_pixel_metrics *pixels;
    okng_level *above; /* of each bin: what the higher bins hold */
    uint16_t *order;   /* bins that hold something, from the highest */
    size_t order_count;
    stretch *stretches; /* of each of those */
    counters *by_thread;
    okng_pro_steps steps;
    okng_curve_grid roc, pro;
} sweep;

/* The way through one bin. */
typedef struct walk {
    sweep *s;
    stretch *out;
    okng_level level;
    double overlap; /* mean over the regions */
    size_t roc_cell, pro_cell;
    size_t next_step; /* thresholds below this one are still to come */
} walk;

/* ---- what each bin holds ---- */

static uint64_t part_of_region(const okng_pixel_metrics *pixels, const uint16_t *words)
{
    return OKNG_REGION_WHOLE / pixels->regions[okng_block_region(words)].area;
}

static void total_bins(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    sweep *s = context;
    for (int64_t bin = begin; bin < end; bin++) {
        okng_level total = {0};
        for (const okng_score_block *b = s->pixels->normal.bins[bin]; b; b = b->next) total.normal += b->used;
        for (int k = 0; k < OKNG_PIXEL_KINDS; k++)
            for (const okng_score_block *b = s->pixels->good[k].bins[bin]; b; b = b->next) total.good += b->used;
        total.good += total.normal;
        for (const okng_score_block *b = s->pixels->bad.bins[bin]; b; b = b->next) {
            total.bad += b->used / OKNG_BAD_WORDS;
            for (uint32_t i = 0; i < b->used; i += OKNG_BAD_WORDS)
                total.overlap += part_of_region(s->pixels, b->words + i);
        }
        s->above[bin] = total;
    }
}

/* Turns the totals into what lies above, and lists the bins that are not empty. */
static void order_bins(sweep *s)
{
    okng_level level = {0};
    for (size_t bin = OKNG_BINS; bin-- > 0;) {
        okng_level here = s->above[bin];
        s->above[bin] = level;
        level.good += here.good;
        level.normal += here.normal;
        level.bad += here.bad;
        level.overlap += here.overlap;
        if (here.good > 0 || here.bad > 0) s->order[s->order_count++] = (uint16_t)bin;
    }
}

/* ---- counting a bin ---- */

static void touch(counters *c, uint16_t low)
{
    c->touched[low / 64] |= (uint64_t)1 << low % 64;
}

static void count_bin(counters *c, const okng_pixel_metrics *pixels, size_t bin)
{
    for (const okng_score_block *b = pixels->normal.bins[bin]; b; b = b->next)
        for (uint32_t i = 0; i < b->used; i++) {
            c->normal[b->words[i]]++;
            c->good[b->words[i]]++;
            touch(c, b->words[i]);
        }
    for (int k = 0; k < OKNG_PIXEL_KINDS; k++)
        for (const okng_score_block *b = pixels->good[k].bins[bin]; b; b = b->next)
            for (uint32_t i = 0; i < b->used; i++) {
                c->good[b->words[i]]++;
                touch(c, b->words[i]);
            }
    for (const okng_score_block *b = pixels->bad.bins[bin]; b; b = b->next)
        for (uint32_t i = 0; i < b->used; i += OKNG_BAD_WORDS) {
            uint16_t low = b->words[i];
            c->bad[low]++;
            c->overlap[low] += part_of_region(pixels, b->words + i);
            touch(c, low);
        }
}

/* Takes in what the bad pixels of a bin add to AUPIMO, once the walk has found their weights; then releases the bin. */
static void finish_bin(const counters *c, okng_pixel_metrics *pixels, size_t bin, bool weighed)
{
    for (const okng_score_block *b = weighed ? pixels->bad.bins[bin] : NULL; b; b = b->next)
        for (uint32_t i = 0; i < b->used; i += OKNG_BAD_WORDS) {
            const okng_scored_region *region = &pixels->regions[okng_block_region(b->words + i)];
            (void)atomic_fetch_add_explicit(&pixels->pictures[region->picture].found_weight, c->weight[b->words[i]],
                                            memory_order_relaxed);
        }
    okng_bins_clear(&pixels->normal, bin);
    for (int k = 0; k < OKNG_PIXEL_KINDS; k++) okng_bins_clear(&pixels->good[k], bin);
    okng_bins_clear(&pixels->bad, bin);
}

/* ---- walking through a bin ---- */

static void step(walk *w, uint32_t key, uint32_t good, uint32_t bad, okng_count overlap)
{
    sweep *s = w->s;
    const okng_pixel_metrics *pixels = s->pixels;
    while (w->next_step > 0 && s->steps.keys[w->next_step - 1] >= key) s->steps.levels[--w->next_step] = w->level;
    double before = (double)w->level.good, overlap_before = w->overlap;
    okng_ranking_step(&w->out->ranking, (double)okng_key_score(key), good, bad);
    w->level.good += good;
    w->level.bad += bad;
    w->level.overlap += overlap;
    if (bad > 0) w->overlap = okng_overlap(w->level.overlap, pixels->scored_regions);
    double after = (double)w->level.good, rate = after / (double)pixels->good_count;
    okng_curve_put(&s->roc, &w->roc_cell, rate, (double)w->level.bad / (double)pixels->bad_count);
    okng_curve_put(&s->pro, &w->pro_cell, rate, w->overlap);
    for (size_t i = 0; i < OKNG_PRO_LIMITS; i++)
        okng_area_add(&w->out->areas[i], okng_pro_limits[i] * (double)pixels->good_count, before, overlap_before, after,
                      w->overlap);
}

static void walk_bin(walk *w, counters *c, uint32_t bin)
{
    for (uint32_t i = LOW / 64; i-- > 0;) {
        for (uint64_t bits = c->touched[i]; bits != 0;) {
            uint32_t bit = 63 - (uint32_t)__builtin_clzll(bits), low = i * 64 + bit;
            if (c->bad[low] > 0)
                c->weight[low] =
                    okng_pimo_weight(w->level.normal, w->level.normal + c->normal[low], w->s->pixels->normal_count);
            w->level.normal += c->normal[low];
            step(w, bin << 16 | low, c->good[low], c->bad[low], c->overlap[low]);
            c->good[low] = c->bad[low] = c->normal[low] = 0;
            c->overlap[low] = 0;
            bits ^= (uint64_t)1 << bit;
        }
        c->touched[i] = 0;
    }
}

/* Thresholds of the steps whose keys are below the first of a bin. */
static size_t steps_below(const okng_pro_steps *steps, size_t bin)
{
    size_t count = 0;
    while (count < steps->count && steps->keys[count] >> 16 < bin) count++;
    return count;
}

static void sweep_bins(void *context, int64_t begin, int64_t end, int thread)
{
    sweep *s = context;
    const okng_pixel_metrics *pixels = s->pixels;
    for (int64_t i = begin; i < end; i++) {
        uint32_t bin = s->order[i];
        okng_level level = s->above[bin];
        walk w = {.s = s, .out = &s->stretches[i], .level = level};
        *w.out = (stretch){
            .ranking = {
                .all_good = pixels->good_count, .all_bad = pixels->bad_count, .good = level.good, .bad = level.bad}};
        w.overlap = okng_overlap(level.overlap, pixels->scored_regions);
        double rate = (double)level.good / (double)pixels->good_count;
        w.roc_cell = okng_curve_cell(rate, (double)level.bad / (double)pixels->bad_count, s->roc.knee);
        w.pro_cell = okng_curve_cell(rate, w.overlap, s->pro.knee);
        w.next_step = steps_below(&s->steps, (size_t)bin + 1);
        count_bin(&s->by_thread[thread], s->pixels, bin);
        walk_bin(&w, &s->by_thread[thread], bin);
        bool weighed = (double)level.normal < okng_pimo_high * (double)pixels->normal_count;
        finish_bin(&s->by_thread[thread], s->pixels, bin, weighed);
        size_t lowest = steps_below(&s->steps, bin); /* those below all scores of the bin */
        while (w.next_step > lowest) s->steps.levels[--w.next_step] = w.level;
    }
}

/* ---- the figures ---- */

static okng_status prepare(sweep *s, int threads, okng_error *error)
{
    okng_pixel_metrics *pixels = s->pixels;
    s->above = okng_alloc(OKNG_BINS, sizeof *s->above);
    s->order = okng_alloc(OKNG_BINS, sizeof *s->order);
    s->by_thread = okng_alloc_zero((size_t)threads, sizeof *s->by_thread);
    if (!s->above || !s->order || !s->by_thread)
        return okng_fail_memory(error, OKNG_BINS * sizeof *s->above + (size_t)threads * sizeof *s->by_thread);
    okng_parallel_for(threads, OKNG_BINS, GRAIN, total_bins, s);
    order_bins(s);
    s->stretches = okng_alloc(s->order_count, sizeof *s->stretches);
    if (!s->stretches) return okng_fail_memory(error, s->order_count * sizeof *s->stretches);
    s->roc.knee = OKNG_CURVE_EVEN;
    s->pro.knee = okng_pro_limits[OKNG_PRO_30];
    if (pixels->pro_mode == OKNG_PRO_STEPS) okng_pro_steps_make(&s->steps, pixels->lowest, pixels->highest);
    for (size_t i = 0; i < s->steps.count; i++) s->steps.levels[i] = s->above[s->steps.keys[i] >> 16]; /* of no bin */
    return OKNG_OK;
}

/* From the highest bin down, in this order whatever the threads did. */
static void gather(const sweep *s, okng_pixel_figures *figures)
{
    const okng_pixel_metrics *pixels = s->pixels;
    okng_evidence *evidence = &figures->evidence;
    okng_sum areas[OKNG_PRO_LIMITS] = {{0}};
    for (size_t i = 0; i < s->order_count; i++) {
        okng_ranking_join(&evidence->ranking, &s->stretches[i].ranking);
        for (size_t l = 0; l < OKNG_PRO_LIMITS; l++) okng_sum_add(&areas[l], okng_sum_total(&s->stretches[i].areas[l]));
    }
    for (size_t l = 0; l < OKNG_PRO_LIMITS; l++)
        evidence->pro[l] =
            pixels->pro_mode == OKNG_PRO_STEPS
                ? okng_pro_steps_area(&s->steps, pixels->good_count, pixels->scored_regions, okng_pro_limits[l])
                : okng_sum_total(&areas[l]) / (okng_pro_limits[l] * (double)pixels->good_count);
    okng_curve_finish(&s->roc, &figures->roc);
    okng_curve_finish(&s->pro, &figures->pro);
}

static void set_counts(const okng_pixel_metrics *pixels, okng_pixel_figures *figures)
{
    figures->good = pixels->good_count;
    figures->bad = pixels->bad_count;
    figures->left_out = pixels->seen - pixels->good_count - pixels->bad_count;
    figures->regions = pixels->scored_regions;
    figures->evidence = (okng_evidence){.ranking = {.all_good = pixels->good_count, .all_bad = pixels->bad_count}};
    figures->roc.count = figures->pro.count = 0;
}

okng_status okng_pixel_metrics_figures(okng_pixel_metrics *pixels, okng_pixel_figures *figures, okng_error *error)
{
    OKNG_TRY(okng_need(pixels, "the metrics", error));
    if (pixels->finished)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the metrics are finished already; make new ones");
    if (pixels->broken)
        return okng_fail(error, OKNG_ERROR_MEMORY, "memory ran out while a map was added: the metrics are incomplete");
    pixels->finished = true;
    set_counts(pixels, figures);
    if (pixels->good_count == 0 || pixels->bad_count == 0) return OKNG_OK;
    sweep *s = calloc(1, sizeof *s);
    if (!s) return okng_fail_memory(error, sizeof *s);
    s->pixels = pixels;
    int threads = okng_thread_count(pixels->threads);
    okng_status status = prepare(s, threads, error);
    if (status == OKNG_OK) {
        okng_parallel_for(threads, (int64_t)s->order_count, 1, sweep_bins, s);
        gather(s, figures);
        status = okng_pimo_mean(pixels, &figures->evidence.pimo, error);
    }
    free(s->above);
    free(s->order);
    free(s->stretches);
    free(s->by_thread);
    free(s);
    return status;
}
