#include "winclip/express.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clip/express.h"
#include "features/express.h"
#include "method/express.h"

/* What one value may take for one picture while windows go through the network; the widest are four times as wide as
 * tokens. */
static const int64_t most_bytes = 64 << 20;
/* Scores below this count as this: their reciprocals stay finite, and what is 0 stays next to it. */
static const float least_score = 1e-30f;

typedef struct writing {
    okng_program *p;
    const okng_judging *judging;
    const okng_view_plan *plan;
    const okng_clip *clip;
    int64_t patches;
    okng_program_value undefined; /* bool [N] */
} writing;

static okng_program_value scalar(const writing *w, double value)
{
    return okng_program_scalar(w->p, (float)value);
}

/* ---- the picture as the network sees it -------------------------------------------------------------------------- */

typedef struct seen {
    okng_program_value whole;   /* [N, 1, E] */
    okng_program_value patches; /* [N, patches, W]; where they are wanted */
    okng_program_value tokens;  /* [N, 1 + patches, W]: what windows are cut from */
} seen;

static okng_status look(writing *w, okng_program_value picture, seen *s, okng_error *error)
{
    char before[OKNG_NAME_MAX], after[OKNG_NAME_MAX];
    okng_clip_tokens_name(w->clip, false, before);
    okng_clip_tokens_name(w->clip, true, after);
    const bool masked = w->plan->kind == OKNG_WINDOWS_MASKED;
    const char *const layers[] = {"embedding", masked ? before : "tokens",
                                  w->plan->tokens == OKNG_TOKENS_AFTER_NORM ? "norm.tokens" : after};
    okng_program_value values[3];
    picture = okng_normalise_express(w->p, &w->judging->config->options, picture);
    OKNG_TRY(okng_clip_express(w->clip, layers, w->plan->patches ? 3 : 2, w->p, picture, values, error));
    s->whole = okng_directions_express(w->p, values[0], true, &w->undefined);
    s->tokens = values[1];
    if (w->plan->patches) {
        const okng_program_value patches = okng_program_slice(w->p, values[2], 1, 1, 1 + w->patches, 1);
        s->patches = okng_directions_express(w->p, patches, true, &w->undefined);
    }
    return OKNG_OK;
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

/* [last - first, length]: which tokens windows first .. last - 1 are made of. */
static okng_program_value places_of(const writing *w, int32_t scale, int64_t first, int64_t last)
{
    const int64_t length = 1 + (int64_t)scale * scale;
    int64_t *all = okng_alloc((size_t)((last - first) * length), sizeof *all), *next = all;
    for (int64_t i = first; i < last && all; i++) {
        int32_t row, column;
        okng_windows_place(w->plan->grid, scale, i, &row, &column);
        *next++ = 0;
        for (int32_t y = row; y < row + scale; y++)
            for (int32_t x = column; x < column + scale; x++) *next++ = 1 + (int64_t)y * w->plan->grid.columns + x;
    }
    return okng_program_constant_own(w->p, NULL, OKNG_I64, 2, (int64_t[]){last - first, length}, all);
}

/* Windows first .. last - 1 of the tokens: [N, last - first, E]. */
static okng_status some_windows(const writing *w, okng_program_value tokens, int32_t scale, int64_t first, int64_t last,
                                okng_program_value *vectors, okng_error *error)
{
    okng_program *p = w->p;
    const int64_t length = 1 + (int64_t)scale * scale;
    okng_program_value x = okng_program_gather(p, tokens, places_of(w, scale, first, last), 1);
    x = okng_program_reshape(p, x, 3, (int64_t[]){OKNG_ANY, length, w->plan->width});
    OKNG_TRY(okng_clip_windows_express(w->clip, w->plan->kind == OKNG_WINDOWS_MASKED, length, p, x, &x, error));
    *vectors = okng_program_reshape(p, x, 3, (int64_t[]){OKNG_ANY, last - first, w->plan->embedding});
    return OKNG_OK;
}

/* All windows of a scale, of length 1: [N, windows, E]. */
static okng_status windows_of(writing *w, okng_program_value tokens, int32_t scale, okng_program_value *vectors,
                              okng_error *error)
{
    const int64_t count = okng_windows_count(w->plan->grid, scale), length = 1 + (int64_t)scale * scale;
    const int64_t bytes = length * w->plan->width * 4 * (int64_t)sizeof(float);
    const int64_t fit = bytes < most_bytes ? most_bytes / bytes : 1, parts = (count + fit - 1) / fit;
    okng_program_value *made = okng_alloc((size_t)parts, sizeof *made);
    if (!made) return okng_fail_memory(error, (size_t)parts * sizeof *made);
    okng_status status = OKNG_OK;
    for (int64_t i = 0; i < parts && status == OKNG_OK; i++)
        status = some_windows(w, tokens, scale, i * count / parts, (i + 1) * count / parts, &made[i], error);
    if (status == OKNG_OK) {
        *vectors = parts == 1 ? made[0] : okng_program_concat(w->p, made, (int32_t)parts, 1);
        *vectors = okng_directions_express(w->p, *vectors, true, &w->undefined);
    }
    free(made);
    return status;
}

/* ---- scores ------------------------------------------------------------------------------------------------------ */

/* What words say of vectors [N, count, E] of length 1: [N, count]. The share of bad is the sigmoid of the difference of
 * both cosines, and so of the cosine with the prototypes' difference. */
static okng_program_value by_words(const writing *w, okng_program_value vectors, int64_t count)
{
    const okng_winclip_rule *rule = w->judging->rule;
    const int64_t dim = w->plan->embedding;
    float *apart = okng_alloc((size_t)dim, sizeof *apart);
    for (int64_t i = 0; i < dim && apart; i++)
        apart[i] = (float)(((double)rule->prototypes[dim + i] - (double)rule->prototypes[i]) / rule->temperature);
    const okng_program_value words =
        okng_program_constant_own(w->p, "words.bad_minus_good", OKNG_F32, 2, (int64_t[]){dim, 1}, apart);
    const okng_program_value shares = okng_program_sigmoid(w->p, okng_program_matmul(w->p, vectors, words));
    return okng_program_reshape(w->p, shares, 2, (int64_t[]){OKNG_ANY, count});
}

static okng_program_value reciprocal(const writing *w, okng_program_value x)
{
    return okng_program_divide(w->p, scalar(w, 1), okng_program_maximum(w->p, x, scalar(w, (double)least_score)));
}

static bool covers(okng_patch_grid grid, int32_t scale, int64_t window, int64_t patch)
{
    int32_t row, column;
    okng_windows_place(grid, scale, window, &row, &column);
    const int64_t y = patch / grid.columns, x = patch % grid.columns;
    return y >= row && y < row + scale && x >= column && x < column + scale;
}

/* [windows, patches]: the share that the reciprocal of a window's score has in that of a patch's harmonic mean. */
static okng_program_value shares_of(const writing *w, int32_t scale)
{
    const int64_t windows = okng_windows_count(w->plan->grid, scale), patches = w->patches;
    float *shares = okng_alloc_zero((size_t)(windows * patches), sizeof *shares);
    for (int64_t patch = 0; patch < patches && shares; patch++) {
        int64_t covering = 0;
        for (int64_t i = 0; i < windows; i++) covering += covers(w->plan->grid, scale, i, patch);
        for (int64_t i = 0; i < windows; i++)
            if (covers(w->plan->grid, scale, i, patch)) shares[i * patches + patch] = (float)(1 / (double)covering);
    }
    return okng_program_constant_own(w->p, "windows.shares", OKNG_F32, 2, (int64_t[]){windows, patches}, shares);
}

/* Scores of windows [N, windows] to the reciprocals of each patch's harmonic mean: [N, patches]. */
static okng_program_value harmonic(const writing *w, okng_program_value scores, okng_program_value shares)
{
    return okng_program_matmul(w->p, reciprocal(w, scores), shares);
}

/* x + factor * y; y alone where there is no x yet. */
static okng_program_value add_scaled(const writing *w, okng_program_value x, double factor, okng_program_value y)
{
    if (factor != 1) y = okng_program_multiply(w->p, y, scalar(w, factor));
    return x == OKNG_PROGRAM_NONE ? y : okng_program_add(w->p, x, y);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

typedef struct found {
    okng_program_value words;    /* [N, patches]: sum of weighted reciprocals */
    okng_program_value pictures; /* [N, patches]: sum of weighted distances */
    double word_weights, picture_weights;
} found;

static okng_status score_scale(writing *w, const seen *s, int32_t i, found *f, okng_error *error)
{
    const okng_winclip_rule *rule = w->judging->rule;
    const okng_winclip_memory *memory = w->judging->memory;
    const int64_t count = okng_windows_count(w->plan->grid, w->plan->scales[i]);
    const double weight = rule->weights[i];
    okng_program_value vectors = OKNG_PROGRAM_NONE;
    if (weight == 0) return OKNG_OK;
    OKNG_TRY(windows_of(w, s->tokens, w->plan->scales[i], &vectors, error));
    const okng_program_value shares = shares_of(w, w->plan->scales[i]);
    f->words = add_scaled(w, f->words, weight, harmonic(w, by_words(w, vectors, count), shares));
    f->word_weights += weight;
    if (memory->views == 0) return OKNG_OK;
    const okng_program_value distances = okng_references_express(w->p, &memory->windows[i], vectors);
    f->pictures = add_scaled(w, f->pictures, weight, reciprocal(w, harmonic(w, distances, shares)));
    f->picture_weights += weight;
    return OKNG_OK;
}

/* Score [N] and map of the grid [N, patches]. */
static okng_status judge(writing *w, const seen *s, okng_program_value *score, okng_program_value *map,
                         okng_error *error)
{
    okng_program *p = w->p;
    const okng_winclip_memory *memory = w->judging->memory;
    const okng_program_value whole = by_words(w, s->whole, 1); /* [N, 1] */
    found f = {.words = reciprocal(w, whole), .pictures = OKNG_PROGRAM_NONE, .word_weights = 1, .picture_weights = 1};
    if (memory->views > 0) f.pictures = okng_references_express(w->p, &memory->patches, s->patches);
    for (int32_t i = 0; i < w->plan->scale_count; i++) OKNG_TRY(score_scale(w, s, i, &f, error));
    *map = okng_program_expand(p, okng_program_divide(p, scalar(w, f.word_weights), f.words), 2,
                               (int64_t[]){1, w->patches});
    *score = okng_program_reshape(p, whole, 1, (int64_t[]){OKNG_ANY});
    if (memory->views == 0) return okng_program_check(p, error);
    const okng_program_value pictures = okng_program_divide(p, f.pictures, scalar(w, f.picture_weights));
    *map = okng_program_add(p, *map, pictures);
    if (w->judging->rule->fusion == OKNG_FUSION_MEAN) *map = okng_program_multiply(p, *map, scalar(w, 0.5));
    const okng_program_value highest =
        okng_program_reshape(p, okng_program_largest(p, pictures, OKNG_AXIS(1)), 1, (int64_t[]){OKNG_ANY});
    *score = okng_program_multiply(p, okng_program_add(p, *score, highest), scalar(w, 0.5));
    return okng_program_check(p, error);
}

okng_status okng_judge_express(const okng_judging *judging, const okng_clip *clip, okng_program *p,
                               okng_program_value picture, okng_program_value *score, okng_program_value *map,
                               okng_error *error)
{
    const okng_bank_config *config = judging->config;
    const okng_view_plan *plan = &judging->rule->plan;
    writing w = {.p = p,
                 .judging = judging,
                 .plan = plan,
                 .clip = clip,
                 .patches = (int64_t)plan->grid.rows * plan->grid.columns,
                 .undefined = OKNG_PROGRAM_NONE};
    const okng_express_patches places = {.grid_height = plan->grid.rows,
                                         .grid_width = plan->grid.columns,
                                         .height = config->input_height,
                                         .width = config->input_width};
    seen s = {.patches = OKNG_PROGRAM_NONE};
    okng_program_value scores;
    if (config->options.aspect != OKNG_ASPECT_SQUASH)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "aspect tiles: how many tiles there are depends on the picture's sides, and an exported graph "
                         "is given pictures of one size; build the bank with aspect squash");
    OKNG_TRY(look(&w, picture, &s, error));
    OKNG_TRY(judge(&w, &s, score, &scores, error));
    OKNG_TRY(okng_map_express(p, &places, config->options.smoothing, scores, map, error));
    okng_undefined_express(p, w.undefined, score, map);
    return okng_program_check(p, error);
}
