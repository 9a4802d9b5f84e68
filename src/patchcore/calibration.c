#include <math.h>
#include <stdlib.h>

#include "base/each.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "features/anomaly_map.h"
#include "method/thresholds.h"
#include "patchcore/doubt.h"
#include "patchcore/scoring.h"
#include "patchcore/standins.h"

/* What one thread owns. */
typedef struct worker {
    okng_extractor_session *session; /* only where the store does not hold whole pictures */
    float *rows;                     /* [patches, dim] */
    float *scores;                   /* [patches] */
    float *grid;                     /* [grid height, grid width] */
    float *map;                      /* [input height, input width] */
} worker;

typedef struct calibration {
    const okng_fitting *fitting;
    worker *workers;
    okng_knn_index **banks; /* [places] of the rows of each place that has its own, at least one */
    int32_t places;
    okng_standins standins;
    int32_t left_out; /* the one origin that all rows of the bank came from, and that cannot be scored; -1 = none */
    int64_t *place;   /* [good pictures] of each among those that are scored */
    okng_thresholds *thresholds;
    bool rises;            /* see okng_fitting_calibrate */
    int64_t before;        /* pictures that the ledger begins with, none of which is seen again */
    float *kept;           /* [before, ledger->kept] what their kept patches score now */
    float *weights;        /* [before] see okng_ledger_change */
    double typical;        /* likewise */
    int64_t *before_place; /* [before] of each among those that are scored; -1 = it cannot be */
    size_t first;          /* place of the first good picture: how many of those can be scored */
    size_t scored;         /* good pictures: all, or all but those of left_out */
    okng_doubter *doubter; /* NULL where nothing can be said */
} calibration;

static bool leaves_out(const okng_fitting *fitting)
{
    return fitting->options->calibration != OKNG_CALIBRATION_TRAIN;
}

/* The patches of good picture i as it is. */
static okng_status rows_of_picture(const okng_fitting *fitting, worker *own, int64_t i, okng_patch_rows *out,
                                   okng_error *error)
{
    *out = (okng_patch_rows){.rows = own->rows, .count = fitting->patches};
    if (!fitting->kept) {
        if (fitting->foreground) out->foreground = fitting->foreground + i * fitting->patches;
        int64_t first = i * fitting->turns * fitting->patches;
        return okng_store_read(fitting->store, first, fitting->patches, own->rows, error);
    }
    okng_image rgb;
    okng_placement placement;
    OKNG_TRY(okng_pictures_load(fitting->good, (size_t)i, fitting->options->max_pixels, &rgb, error));
    okng_status status = okng_extractor_run(own->session, &rgb, &placement, own->rows, &out->foreground, NULL, error);
    okng_image_free(&rgb);
    if (status == OKNG_OK) return OKNG_OK;
    return okng_error_context(error, status, "%s", okng_pictures_name(fitting->good, (size_t)i));
}

/* All that a picture of `origin`, or tile of that place, is held against. */
static okng_reference reference_for(const calibration *c, int32_t origin, int32_t place)
{
    okng_reference reference = {.bank = c->banks[place], .excluded = -1};
    if (leaves_out(c->fitting)) {
        reference.excluded = origin;
        reference.standins = okng_standins_of(&c->standins, origin);
    }
    return reference;
}

/* Adds a picture of that number, score and patch scores to the thresholds. */
static okng_status add_score(const calibration *c, worker *own, size_t place, int64_t number, const char *name,
                             float score, const float *scores, okng_error *error)
{
    const okng_fitting *fitting = c->fitting;
    const okng_bank_config *config = fitting->config;
    okng_spread_scores(fitting->looked_at, scores, (int64_t)fitting->grid_height * fitting->grid_width, own->grid);
    okng_map_upsample(own->grid, fitting->grid_height, fitting->grid_width, own->map, config->input_height,
                      config->input_width);
    OKNG_TRY(okng_map_smooth(own->map, config->input_height, config->input_width, fitting->options->smoothing, error));
    okng_thresholds_group(c->thresholds, place, okng_groups_of(&fitting->groups, (size_t)number));
    return okng_thresholds_add(c->thresholds, place, name, score, own->map, error);
}

static okng_status score_picture(void *context, int64_t picture, int thread, okng_error *error)
{
    const calibration *c = context;
    const okng_fitting *fitting = c->fitting;
    worker *own = &c->workers[thread];
    okng_patch_rows patches;
    int32_t origin = okng_fitting_origin(fitting, picture * fitting->turns);
    if (origin == c->left_out) return OKNG_OK;
    OKNG_TRY(rows_of_picture(fitting, own, picture, &patches, error));
    const okng_reference reference = reference_for(c, origin, okng_fitting_place(fitting, picture * fitting->turns));
    float score;
    OKNG_TRY(okng_score_patches(fitting->options, &reference, &patches, 1, own->scores, NULL, &score, error));
    size_t place = (size_t)c->place[picture];
    int64_t number = okng_fitting_number(fitting, picture);
    okng_status status =
        add_score(c, own, c->first + place, number, fitting->ledger->names.name[number], score, own->scores, error);
    if (status == OKNG_OK && c->doubter) status = okng_doubter_measure(c->doubter, place, origin, patches.rows, error);
    if (status == OKNG_OK) okng_ledger_put(fitting->ledger, number, score, own->scores, patches.rows);
    if (status == OKNG_OK) return OKNG_OK;
    return okng_error_context(error, status, "%s", okng_pictures_name(fitting->good, (size_t)picture));
}

/* The patches of picture i that the ledger keeps, scored anew. What was taken out for it before, and what stood in for
 * that, is not known any more: where rows came, a patch scores at most what it did; where rows went, at least. */
static okng_status score_kept(void *context, int64_t i, int thread, okng_error *error)
{
    (void)thread;
    const calibration *c = context;
    const okng_fitting *fitting = c->fitting;
    const okng_ledger *ledger = fitting->ledger;
    const int32_t *places = ledger->places + i * ledger->kept;
    const float *grid = ledger->grid + i * ledger->patches;
    const okng_patch_rows patches = {.rows = ledger->rows + i * ledger->kept * ledger->dim, .count = ledger->kept};
    const okng_reference reference = reference_for(c, okng_groups_of(&fitting->groups, (size_t)i), 0);
    float score, highest = 0, *kept = c->kept + i * ledger->kept;
    if (c->before_place[i] < 0) {
        ledger->scores[i] = NAN;
        return OKNG_OK;
    }
    OKNG_TRY(okng_score_patches(fitting->options, &reference, &patches, 1, kept, NULL, &score, error));
    for (int32_t k = 0; k < ledger->kept; k++) {
        float before = grid[places[k]], now = kept[k];
        if (now > highest) highest = now;
        kept[k] = c->rises == (now > before) ? now : before;
    }
    c->weights[i] = fitting->options->image_score == OKNG_SCORE_REWEIGHTED && highest > 0 ? score / highest : 1;
    return OKNG_OK;
}

/* A picture that is not there any more, once the kept patches of all are scored. */
static okng_status score_by_ledger(void *context, int64_t i, int thread, okng_error *error)
{
    const calibration *c = context;
    const okng_fitting *fitting = c->fitting;
    okng_ledger *ledger = fitting->ledger;
    if (c->before_place[i] < 0) return OKNG_OK;
    OKNG_TRY(
        okng_ledger_change(ledger, i, c->kept + i * ledger->kept, c->typical, c->weights[i], fitting->options, error));
    size_t place = (size_t)c->before_place[i];
    okng_status status = add_score(c, &c->workers[thread], place, i, ledger->names.name[i], ledger->scores[i],
                                   ledger->grid + i * ledger->patches, error);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", ledger->names.name[i]);
    okng_thresholds_doubt(c->thresholds, place, ledger->doubts[i]);
    return OKNG_OK;
}

/* Pictures that are not there any more. */
static okng_status score_before(calibration *c, okng_error *error)
{
    const okng_fitting *fitting = c->fitting;
    size_t count = (size_t)c->before, kept = (size_t)fitting->ledger->kept;
    if (count == 0) return OKNG_OK;
    c->kept = okng_alloc(count, kept * sizeof *c->kept);
    c->weights = okng_alloc(count, sizeof *c->weights);
    if (!c->kept || !c->weights) return okng_fail_memory(error, count * kept * sizeof *c->kept);
    OKNG_TRY(okng_each(fitting->threads, c->before, score_kept, c, NULL, "the build", error));
    c->typical = okng_ledger_typical(fitting->ledger, c->kept, c->before);
    return okng_each(fitting->threads, c->before, score_by_ledger, c, fitting->ticker, "the build", error);
}

static okng_status open_worker(const okng_fitting *fitting, worker *own, okng_error *error)
{
    size_t patches = (size_t)fitting->patches, dim = (size_t)fitting->dim;
    size_t cells =
        (size_t)fitting->grid_height * (size_t)fitting->grid_width; /* the extractor fills them for a while */
    size_t pixels = (size_t)fitting->config->input_height * (size_t)fitting->config->input_width;
    own->rows = okng_alloc(cells > patches ? cells : patches, dim * sizeof(float));
    own->scores = okng_alloc(patches, sizeof(float));
    own->grid = okng_alloc((size_t)fitting->grid_height, (size_t)fitting->grid_width * sizeof(float));
    own->map = okng_alloc(pixels, sizeof(float));
    if (!own->rows || !own->scores || !own->grid || !own->map)
        return okng_fail_memory(error, patches * dim * sizeof(float));
    bool again = fitting->kept && fitting->good->count > 0;
    return again ? okng_extractor_session_new(&own->session, fitting->extractor, 1, error) : OKNG_OK;
}

static void close_worker(worker *own)
{
    okng_extractor_session_free(&own->session);
    free(own->rows);
    free(own->scores);
    free(own->grid);
    free(own->map);
}

/* A bank of all rows has no holes where a picture's are taken out; for places that have rows of their own none are
 * filled. */
static bool has_holes(const okng_fitting *fitting)
{
    return fitting->options->calibration == OKNG_CALIBRATION_STAND_IN && fitting->tile_places == 0 &&
           fitting->bank_count < okng_fitting_seen(fitting);
}

/* What every row came from, or -1. */
static int32_t single_origin(const okng_fitting *fitting)
{
    for (int64_t i = 1; i < fitting->bank_count; i++)
        if (fitting->origin[i] != fitting->origin[0]) return -1;
    return fitting->origin[0];
}

static okng_status tell_doubts(const calibration *c, okng_error *error)
{
    if (!c->doubter) return OKNG_OK;
    float *doubts = okng_alloc(c->scored, sizeof *doubts);
    if (!doubts) return okng_fail_memory(error, c->scored * sizeof *doubts);
    okng_status status = okng_doubter_conclude(c->doubter, doubts, error);
    for (size_t i = 0; i < c->scored && status == OKNG_OK; i++)
        okng_thresholds_doubt(c->thresholds, c->first + i, doubts[i]);
    for (int64_t i = 0; i < (int64_t)c->fitting->good->count && status == OKNG_OK; i++)
        if (c->place[i] >= 0) c->fitting->ledger->doubts[okng_fitting_number(c->fitting, i)] = doubts[c->place[i]];
    free(doubts);
    return status;
}

static okng_status open_workers(calibration *c, okng_error *error)
{
    const okng_fitting *fitting = c->fitting;
    for (int32_t p = 0; p < c->places; p++) {
        const okng_rows rows = okng_fitting_bank_of(fitting, p);
        OKNG_TRY(okng_knn_index_new(&c->banks[p], &rows, OKNG_KNN_MANY, fitting->threads, error));
    }
    for (int t = 0; t < fitting->threads; t++) OKNG_TRY(open_worker(fitting, &c->workers[t], error));
    return OKNG_OK;
}

/* What the ranks have found of their pictures. */
static okng_status gather(const calibration *c, okng_error *error)
{
    const okng_fitting *fitting = c->fitting;
    okng_ledger *ledger = fitting->ledger;
    int64_t first, end, scored = 0;
    if (okng_ranks_together()->count == 1) return OKNG_OK;
    okng_fitting_own_pictures((int64_t)fitting->good->count, &first, &end);
    for (int64_t i = first; i < end; i++) scored += c->place[i] >= 0;
    OKNG_TRY(okng_thresholds_gather(c->thresholds, scored, error));
    for (size_t i = 0; i < fitting->good->count; i++)
        if (c->place[i] >= 0) okng_thresholds_name(c->thresholds, (size_t)c->place[i], ledger->names.name[i]);
    if (c->doubter) OKNG_TRY(okng_doubter_gather(c->doubter, scored, error));
    return okng_ledger_gather(ledger, error);
}

static okng_status run(calibration *c, okng_tau *tau, okng_error *error)
{
    const okng_fitting *fitting = c->fitting;
    OKNG_TRY(okng_doubter_new(&c->doubter, fitting, c->scored, error));
    OKNG_TRY(okng_fitting_agree(open_workers(c, error), error));
    bool holes = has_holes(fitting), standins = holes && fitting->kept_count > 0;
    okng_ticker_stage(fitting->ticker, "calibration",
                      (uint64_t)c->before + (uint64_t)fitting->good->count +
                          (standins ? (uint64_t)fitting->picture_count : 0));
    if (standins) OKNG_TRY(okng_standins_find(&c->standins, fitting, c->banks[0], error));
    OKNG_TRY(score_before(c, error));
    OKNG_TRY(okng_fitting_each(fitting, (int64_t)fitting->good->count, 1, score_picture, c, error));
    OKNG_TRY(gather(c, error));
    OKNG_TRY(okng_fitting_agree(tell_doubts(c, error), error));
    okng_tau_basis basis = holes ? OKNG_TAU_STAND_IN : leaves_out(fitting) ? OKNG_TAU_LEAVE_ONE_OUT : OKNG_TAU_TRAIN;
    return okng_fitting_agree(okng_thresholds_conclude(c->thresholds, basis, tau, error), error);
}

/* Where the scores of pictures go: of those that can be scored, in their order. */
static okng_status find_places(calibration *c, okng_error *error)
{
    const okng_fitting *fitting = c->fitting;
    size_t pictures = fitting->good->count;
    c->before = fitting->base ? fitting->base->pictures : 0;
    c->place = okng_alloc(pictures, sizeof *c->place);
    c->before_place = okng_alloc((size_t)c->before, sizeof *c->before_place);
    if (!c->place || !c->before_place) return okng_fail_memory(error, pictures * sizeof *c->place);
    for (int64_t i = 0; i < c->before; i++) {
        bool known = !isnan(fitting->ledger->scores[i]) && okng_groups_of(&fitting->groups, (size_t)i) != c->left_out;
        c->before_place[i] = known ? (int64_t)c->first : -1;
        c->first += known;
    }
    for (size_t i = 0; i < pictures; i++) {
        bool known = okng_fitting_origin(fitting, (int64_t)i * fitting->turns) != c->left_out;
        c->place[i] = known ? (int64_t)c->scored : -1;
        c->scored += known;
    }
    if (c->first + c->scored > 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "one OK picture leaves nothing to compare it with; give more pictures, or use calibration train");
}

static okng_status open_calibration(calibration *c, okng_error *error)
{
    const okng_fitting *fitting = c->fitting;
    OKNG_TRY(find_places(c, error));
    OKNG_TRY(okng_thresholds_new(&c->thresholds, fitting->options, fitting->config->ignored, c->first + c->scored,
                                 fitting->config->input_height, fitting->config->input_width, error));
    c->places = fitting->tile_places > 0 ? fitting->tile_places : 1;
    c->workers = calloc((size_t)fitting->threads, sizeof *c->workers);
    c->banks = calloc((size_t)c->places, sizeof(okng_knn_index *));
    return c->workers && c->banks ? OKNG_OK : okng_fail_memory(error, (size_t)fitting->threads * sizeof *c->workers);
}

okng_status okng_fitting_calibrate(const okng_fitting *fitting, bool rises, okng_tau *tau, okng_error *error)
{
    calibration c = {.fitting = fitting, .rises = rises, .left_out = leaves_out(fitting) ? single_origin(fitting) : -1};
    okng_status status = okng_fitting_agree(open_calibration(&c, error), error);
    if (status == OKNG_OK) status = run(&c, tau, error);
    for (int t = 0; t < fitting->threads && c.workers; t++) close_worker(&c.workers[t]);
    free(c.workers);
    free(c.place);
    free(c.before_place);
    free(c.kept);
    free(c.weights);
    okng_doubter_free(&c.doubter);
    for (int32_t p = 0; p < c.places && c.banks; p++) okng_knn_index_free(&c.banks[p]);
    free(c.banks);
    okng_standins_free(&c.standins);
    okng_thresholds_free(&c.thresholds);
    return status;
}
