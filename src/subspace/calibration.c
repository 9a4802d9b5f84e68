#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/each.h"
#include "base/memory.h"
#include "features/anomaly_map.h"
#include "method/thresholds.h"
#include "patch/moments.h"
#include "subspace/fitting.h"

/* What one thread owns. */
typedef struct worker {
    okng_extractor_session *session;
    okng_sums others, one; /* of all pictures but the group that is left out; of one copy of one of those */
    double *work;
    float *rows;               /* [patches, dim] */
    const uint8_t *foreground; /* [patches], the session's; NULL = all is */
    float *scores;             /* [patches] */
    float *grid;               /* [grid height, grid width] */
    float *map;                /* [input height, input width] */
} worker;

typedef struct calibration {
    const okng_subspace_fitting *fitting;
    worker *workers;
    okng_residual residual; /* of all pictures; where there are parts */
    okng_thresholds *thresholds;
    int64_t before; /* pictures of the parts */
    float *kept;    /* [before, ledger->kept] what their kept patches score now */
    double typical; /* see okng_ledger_change */
} calibration;

uint64_t okng_subspace_calibration_bytes(const okng_subspace_fitting *fitting)
{
    uint64_t dim = (uint64_t)fitting->dim, patches = (uint64_t)fitting->patches;
    uint64_t scoring = patches * (2 * dim + 1) * sizeof(float); /* centred, projected, scores */
    return okng_extractor_foreground_bytes(fitting->extractor) + scoring +
           okng_products_bytes(fitting->patches, fitting->dim) +
           2 * (uint64_t)okng_sums_length(fitting->dim) * sizeof(okng_fixed) + okng_directions_bytes(fitting->dim) +
           dim * dim * sizeof(float) +
           (uint64_t)fitting->config->input_height * (uint64_t)fitting->config->input_width * sizeof(float);
}

/* others -= the sums of all copies of picture i; rows and foreground := those of it as it is. */
static okng_status subtract(const calibration *c, worker *own, size_t i, okng_error *error)
{
    const okng_subspace_fitting *fitting = c->fitting;
    size_t turns = fitting->pictures.turns;
    for (size_t turn = turns; turn-- > 0;) { /* the picture itself last */
        okng_image rgb;
        okng_placement placement;
        OKNG_TRY(
            okng_pictures_load(&fitting->pictures.list, i * turns + turn, fitting->options->max_pixels, &rgb, error));
        const uint8_t **foreground = turn == 0 ? &own->foreground : NULL;
        okng_status status = okng_extractor_run(own->session, &rgb, &placement, own->rows, foreground, NULL, error);
        okng_image_free(&rgb);
        if (status == OKNG_OK) status = okng_sums_of_rows(&own->one, own->rows, fitting->patches, own->work, error);
        if (status == OKNG_OK) status = okng_sums_subtract(&own->others, &own->one, error);
        if (status != OKNG_OK)
            return okng_error_context(error, status, "%s", okng_pictures_name(fitting->pictures.pictures, i));
    }
    return OKNG_OK;
}

/* others := all sums without picture i and the others of its group; rows and foreground := those of i. */
static okng_status leave_out(const calibration *c, worker *own, size_t i, okng_error *error)
{
    const okng_subspace_fitting *fitting = c->fitting;
    own->others.count = fitting->sums.count;
    memcpy(own->others.values, fitting->sums.values,
           (size_t)okng_sums_length(fitting->dim) * sizeof *own->others.values);
    const int32_t *group = fitting->groups.of ? fitting->groups.of + fitting->first_number : NULL;
    for (size_t other = 0; group && other < fitting->pictures.pictures->count; other++)
        if (other != i && group[other] == group[i]) OKNG_TRY(subtract(c, own, other, error));
    return subtract(c, own, i, error); /* the picture itself last */
}

static okng_status score(const calibration *c, worker *own, float *image_score, okng_error *error)
{
    const okng_subspace_fitting *fitting = c->fitting;
    okng_directions directions;
    okng_residual residual = {0};
    OKNG_TRY(okng_directions_find(&directions, &own->others, fitting->options->variance, error));
    okng_status status = okng_residual_new(&residual, &directions, error);
    if (status == OKNG_OK)
        status = okng_subspace_score(&residual, fitting->options, own->rows, fitting->patches, own->foreground, 1,
                                     own->scores, image_score, error);
    okng_residual_free(&residual);
    okng_directions_free(&directions);
    return status;
}

/* Adds picture `number` of the ledger, by its patch scores, to the thresholds. */
static okng_status add_score(const calibration *c, worker *own, int64_t number, float score, const float *scores,
                             okng_error *error)
{
    const okng_subspace_fitting *fitting = c->fitting;
    const okng_bank_config *config = fitting->config;
    okng_spread_scores(fitting->looked_at, scores, (int64_t)fitting->grid_height * fitting->grid_width, own->grid);
    okng_map_upsample(own->grid, fitting->grid_height, fitting->grid_width, own->map, config->input_height,
                      config->input_width);
    OKNG_TRY(okng_map_smooth(own->map, config->input_height, config->input_width, fitting->options->smoothing, error));
    okng_thresholds_group(c->thresholds, (size_t)number, okng_groups_of(&fitting->groups, (size_t)number));
    return okng_thresholds_add(c->thresholds, (size_t)number, fitting->ledger->names.name[number], score, own->map,
                               error);
}

static okng_status score_picture(void *context, int64_t picture, int thread, okng_error *error)
{
    const calibration *c = context;
    const okng_subspace_fitting *fitting = c->fitting;
    worker *own = &c->workers[thread];
    int64_t number = fitting->first_number + picture;
    float image_score;
    OKNG_TRY(leave_out(c, own, (size_t)picture, error));
    okng_status status = score(c, own, &image_score, error);
    if (status == OKNG_OK) status = add_score(c, own, number, image_score, own->scores, error);
    if (status != OKNG_OK)
        return okng_error_context(error, status, "%s", okng_pictures_name(fitting->pictures.pictures, (size_t)picture));
    okng_ledger_put(fitting->ledger, number, image_score, own->scores, own->rows);
    return OKNG_OK;
}

static const okng_subspace_part *part_of(const okng_subspace_fitting *fitting, int64_t number)
{
    int32_t i = 0;
    while (number >= fitting->parts[i].end) i++;
    return &fitting->parts[i];
}

/* The patches of a picture that the ledger keeps. What the subspaces leave of them is known with their own picture in
 * both; what they scored, without it. The pull of one picture on a subspace falls as their number grows, so that what
 * its absence adds to the score falls from the part's number of pictures to that of all. */
static okng_status score_kept(void *context, int64_t number, int thread, okng_error *error)
{
    (void)thread;
    const calibration *c = context;
    const okng_subspace_fitting *fitting = c->fitting;
    const okng_ledger *ledger = fitting->ledger;
    const float *rows = ledger->rows + number * ledger->kept * ledger->dim;
    const float *grid = ledger->grid + number * ledger->patches;
    float left[OKNG_LEDGER_KEPT_MAX], *kept = c->kept + number * ledger->kept;
    OKNG_TRY(okng_residual_score(&c->residual, rows, ledger->kept, 1, kept, error));
    OKNG_TRY(okng_residual_score(&part_of(fitting, number)->residual, rows, ledger->kept, 1, left, error));
    const okng_subspace_part *part = part_of(fitting, number);
    double share = (double)(part->end - part->first) / (double)ledger->count;
    for (int32_t k = 0; k < ledger->kept; k++) {
        double before = (double)grid[ledger->places[number * ledger->kept + k]];
        double absence = left[k] > 0 ? fmax(before / (double)left[k] - 1, 0) : 0;
        kept[k] = left[k] > 0 ? (float)((double)kept[k] * (1 + absence * share)) : (float)before;
    }
    return OKNG_OK;
}

/* A picture that is not there any more, once the kept patches of all are scored. */
static okng_status score_by_ledger(void *context, int64_t number, int thread, okng_error *error)
{
    const calibration *c = context;
    const okng_subspace_fitting *fitting = c->fitting;
    okng_ledger *ledger = fitting->ledger;
    OKNG_TRY(
        okng_ledger_change(ledger, number, c->kept + number * ledger->kept, c->typical, 1, fitting->options, error));
    okng_status status = add_score(c, &c->workers[thread], number, ledger->scores[number],
                                   ledger->grid + number * ledger->patches, error);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", ledger->names.name[number]);
}

static okng_status score_before(calibration *c, okng_error *error)
{
    const okng_subspace_fitting *fitting = c->fitting;
    size_t count = (size_t)c->before, kept = (size_t)fitting->ledger->kept;
    if (count == 0) return OKNG_OK;
    OKNG_TRY(okng_residual_new(&c->residual, &fitting->directions, error));
    c->kept = okng_alloc(count, kept * sizeof *c->kept);
    if (!c->kept) return okng_fail_memory(error, count * kept * sizeof *c->kept);
    OKNG_TRY(okng_each(fitting->threads, c->before, score_kept, c, NULL, "the build", error));
    c->typical = okng_ledger_typical(fitting->ledger, c->kept, c->before);
    return okng_each(fitting->threads, c->before, score_by_ledger, c, fitting->ticker, "the build", error);
}

static okng_status open_worker(const okng_subspace_fitting *fitting, worker *own, okng_error *error)
{
    size_t cells =
        (size_t)fitting->grid_height * (size_t)fitting->grid_width; /* the extractor fills them for a while */
    size_t patches = (size_t)fitting->patches, row = (size_t)fitting->dim * sizeof(float);
    size_t pixels = (size_t)fitting->config->input_height * (size_t)fitting->config->input_width;
    if (fitting->extractor) OKNG_TRY(okng_extractor_session_new(&own->session, fitting->extractor, 1, error));
    OKNG_TRY(okng_sums_new(&own->others, fitting->dim, error));
    OKNG_TRY(okng_sums_new(&own->one, fitting->dim, error));
    own->work = okng_alloc((size_t)okng_products_bytes(fitting->patches, fitting->dim), 1);
    own->rows = okng_alloc(cells > patches ? cells : patches, row);
    own->scores = okng_alloc(patches, sizeof(float));
    own->grid = okng_alloc((size_t)fitting->grid_height, (size_t)fitting->grid_width * sizeof(float));
    own->map = okng_alloc(pixels, sizeof(float));
    if (own->work && own->rows && own->scores && own->grid && own->map) return OKNG_OK;
    return okng_fail_memory(error, (size_t)okng_subspace_calibration_bytes(fitting));
}

static void close_worker(worker *own)
{
    okng_extractor_session_free(&own->session);
    okng_sums_free(&own->others);
    okng_sums_free(&own->one);
    free(own->work);
    free(own->rows);
    free(own->scores);
    free(own->grid);
    free(own->map);
}

static okng_status run(calibration *c, okng_tau *tau, okng_error *error)
{
    const okng_subspace_fitting *fitting = c->fitting;
    int64_t count = (int64_t)fitting->pictures.pictures->count;
    for (int t = 0; t < fitting->threads; t++) OKNG_TRY(open_worker(fitting, &c->workers[t], error));
    okng_ticker_stage(fitting->ticker, "calibration", (uint64_t)(c->before + count));
    OKNG_TRY(score_before(c, error));
    OKNG_TRY(okng_each(fitting->threads, count, score_picture, c, fitting->ticker, "the build", error));
    return okng_thresholds_conclude(c->thresholds, OKNG_TAU_LEAVE_ONE_OUT, tau, error);
}

okng_status okng_subspace_calibrate(okng_subspace_fitting *fitting, okng_tau *tau, okng_error *error)
{
    size_t threads = (size_t)fitting->threads, count = (size_t)fitting->ledger->count;
    calibration c = {.fitting = fitting, .before = fitting->first_number};
    if (count < 2)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "one OK picture leaves nothing to compare it with; give more pictures, or set calibration to "
                         "train");
    OKNG_TRY(okng_thresholds_new(&c.thresholds, fitting->options, fitting->config->ignored, count,
                                 fitting->config->input_height, fitting->config->input_width, error));
    c.workers = calloc(threads, sizeof *c.workers);
    okng_status status = c.workers ? run(&c, tau, error) : okng_fail_memory(error, threads * sizeof *c.workers);
    for (size_t t = 0; t < threads && c.workers; t++) close_worker(&c.workers[t]);
    free(c.workers);
    free(c.kept);
    okng_residual_free(&c.residual);
    okng_thresholds_free(&c.thresholds);
    return status;
}
