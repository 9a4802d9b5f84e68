#include "afclip/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "afclip/explain.h"
#include "afclip/express.h"
#include "afclip/score.h"
#include "base/clock.h"
#include "base/memory.h"
#include "features/preprocess.h"

struct okng_afclip {
    const okng_bank_config *config;
    okng_weights *own;
    okng_afclip_learnt learnt;
    okng_afclip_towers *towers;
    const okng_afclip_plan *plan; /* the towers' */
    float *prototypes;            /* [2, E] */
    float *folded;                /* [2, dim]: the same for what the adapter gives */
    okng_afclip_memory memory;
};

/* ---- making ----------------------------------------------------------------------------------------------------- */

static okng_status open_towers(okng_afclip *afclip, const okng_weights *weights, okng_error *error)
{
    const okng_bank_config *config = afclip->config;
    const okng_build_options *options = &config->options;
    if (options->tap_count != 0 && options->tap_count != OKNG_AFCLIP_TAPS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "option taps: found %d numbers, expected %d, or auto",
                         (int)options->tap_count, OKNG_AFCLIP_TAPS);
    const okng_afclip_towers_request request = {.backbone = options->backbone,
                                                .activation = options->activation,
                                                .positions = options->positions,
                                                .precision = options->precision,
                                                .winograd = options->convolution == OKNG_CONVOLUTION_WINOGRAD,
                                                .device = options->device,
                                                .height = config->input_height,
                                                .width = config->input_width,
                                                .taps = options->tap_count == 0 ? NULL : options->taps};
    OKNG_TRY(okng_afclip_towers_new(&afclip->towers, weights, &afclip->learnt, &request, error));
    afclip->plan = okng_afclip_towers_plan(afclip->towers);
    const size_t floats = OKNG_AFCLIP_STATES * (size_t)afclip->plan->embedding;
    afclip->prototypes = okng_alloc_zero(floats, sizeof(float));
    afclip->folded = okng_alloc_zero(floats, sizeof(float)); /* dim is at most E */
    return afclip->prototypes && afclip->folded ? OKNG_OK : okng_fail_memory(error, floats * sizeof(float));
}

okng_status okng_afclip_new(okng_afclip **out, const okng_bank_config *config, const okng_weights *weights,
                            okng_afclip_learnt *learnt, okng_error *error)
{
    okng_afclip *afclip = *out = calloc(1, sizeof *afclip);
    if (!afclip) {
        okng_afclip_learnt_free(learnt);
        return okng_fail_memory(error, sizeof *afclip);
    }
    afclip->config = config;
    afclip->learnt = *learnt;
    *learnt = (okng_afclip_learnt){0};
    okng_status status = open_towers(afclip, weights, error);
    if (status != OKNG_OK) okng_afclip_close(out);
    return status;
}

void okng_afclip_close(okng_afclip **afclip)
{
    if (!afclip || !*afclip) return;
    okng_afclip_towers_free(&(*afclip)->towers);
    okng_afclip_learnt_free(&(*afclip)->learnt);
    okng_afclip_memory_free(&(*afclip)->memory);
    okng_weights_close(&(*afclip)->own);
    free((*afclip)->prototypes);
    free((*afclip)->folded);
    free(*afclip);
    *afclip = NULL;
}

void okng_afclip_own_weights(okng_afclip *afclip, okng_weights **weights)
{
    afclip->own = *weights;
    *weights = NULL;
}

okng_afclip_towers *okng_afclip_networks(const okng_afclip *afclip)
{
    return afclip->towers;
}

const okng_afclip_plan *okng_afclip_planned(const okng_afclip *afclip)
{
    return afclip->plan;
}

const okng_afclip_learnt *okng_afclip_learnt_of(const okng_afclip *afclip)
{
    return &afclip->learnt;
}

float *okng_afclip_prototypes(const okng_afclip *afclip)
{
    return afclip->prototypes;
}

const okng_afclip_memory *okng_afclip_remembers(const okng_afclip *afclip)
{
    return &afclip->memory;
}

okng_status okng_afclip_remember(okng_afclip *afclip, okng_afclip_memory *memory, int threads, okng_error *error)
{
    okng_afclip_memory_free(&afclip->memory);
    afclip->memory = *memory;
    *memory = (okng_afclip_memory){.pictures = 0};
    return okng_afclip_memory_seal(&afclip->memory, threads, error);
}

void okng_afclip_take_prototypes(okng_afclip *afclip)
{
    okng_afclip_towers_fold(afclip->towers, afclip->prototypes, afclip->folded);
}

/* ---- looking ---------------------------------------------------------------------------------------------------- */

/* The picture as the network's input. */
static okng_status prepare(const okng_afclip *afclip, const okng_image *rgb, float *tensor, okng_error *error)
{
    const okng_bank_config *config = afclip->config;
    okng_placement placement;
    OKNG_TRY(okng_placement_of(&config->options, rgb->width, rgb->height, &placement, error));
    if (placement.height != config->input_height || placement.width != config->input_width)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "a picture of %dx%d comes to an input of %dx%d, expected %dx%d; use resize HxW or crop N to "
                         "bring all to one size",
                         rgb->width, rgb->height, placement.width, placement.height, config->input_width,
                         config->input_height);
    return okng_preprocess_image(&config->options, &placement, rgb, tensor, error);
}

/* What is seen of the picture, depth after depth. */
static okng_status take(const okng_afclip *afclip, okng_afclip_session *session, const float *tensor, int threads,
                        okng_afclip_view *view, okng_afclip_hear_fn hear, void *context, okng_error *error)
{
    const okng_afclip_plan *plan = afclip->plan;
    const int64_t tokens = plan->tokens, dim = okng_afclip_towers_dim(afclip->towers);
    const float *taps[OKNG_AFCLIP_TAPS], *z;
    double *words = view->words;
    OKNG_TRY(okng_afclip_session_look(session, tensor, taps, error));
    for (int32_t i = 0; i < OKNG_AFCLIP_TAPS; i++) {
        const float *streams = okng_afclip_session_streams(session, taps[i]);
        if (hear) OKNG_TRY(hear(context, i, streams, error));
        OKNG_TRY(okng_afclip_session_adapt(session, taps[i], streams, &z, error));
        for (int32_t r = 0; r < OKNG_AFCLIP_SCALES; r++, words += tokens)
            okng_afclip_score_add(afclip->folded, dim, z + r * tokens * dim, 1, tokens, threads, words);
    }
    return OKNG_OK;
}

/* Damaged numbers, or such as are too large for what is computed of them, of the CLIP or of what was learnt. */
static okng_status check_sums(const okng_afclip *afclip, const double *sums, okng_error *error)
{
    for (int64_t t = 0; t < afclip->plan->tokens; t++)
        if (!isfinite(sums[t]))
            return okng_fail(error, OKNG_ERROR_MISMATCH,
                             "what the networks make of the picture is not finite; check the weights and the "
                             "checkpoint %s",
                             afclip->config->options.checkpoint);
    return OKNG_OK;
}

/* view->p from the sum of what all streams say. */
static okng_status join(const okng_afclip *afclip, okng_afclip_view *view, okng_error *error)
{
    const int64_t tokens = afclip->plan->tokens;
    double *sums = okng_alloc_zero((size_t)tokens, sizeof *sums);
    if (!sums) return okng_fail_memory(error, (size_t)tokens * sizeof *sums);
    for (int32_t s = 0; s < OKNG_AFCLIP_STREAMS; s++)
        for (int64_t t = 0; t < tokens; t++) sums[t] += view->words[s * tokens + t];
    okng_status status = check_sums(afclip, sums, error);
    if (status == OKNG_OK) okng_afclip_score_shares(sums, tokens, afclip->config->options.temperature, view->p);
    free(sums);
    return status;
}

okng_status okng_afclip_look(okng_afclip *afclip, const okng_image *rgb, int threads, okng_afclip_view *view,
                             okng_afclip_hear_fn hear, void *context, okng_stages *stages, okng_error *error)
{
    const size_t pixels = (size_t)afclip->config->input_height * (size_t)afclip->config->input_width;
    okng_afclip_session *session;
    double since = okng_clock();
    float *tensor = okng_alloc(3 * pixels, sizeof *tensor);
    okng_status status =
        tensor ? prepare(afclip, rgb, tensor, error) : okng_fail_memory(error, 3 * pixels * sizeof *tensor);
    okng_stages_add(stages, OKNG_STAGE_RESIZE, &since);
    if (status == OKNG_OK) status = okng_afclip_session_take(&session, afclip->towers, threads, error);
    if (status == OKNG_OK) {
        status = take(afclip, session, tensor, threads, view, hear, context, error);
        okng_afclip_session_give(afclip->towers, session);
    }
    if (status == OKNG_OK) status = join(afclip, view, error);
    okng_stages_add(stages, OKNG_STAGE_NETWORK, &since);
    free(tensor);
    return status;
}

/* ---- judging ---------------------------------------------------------------------------------------------------- */

static okng_status fill(const okng_afclip *afclip, const okng_afclip_view *view, const float *map, float score,
                        okng_scored *scored, okng_error *error)
{
    const okng_afclip_plan *plan = afclip->plan;
    const okng_build_options *options = &afclip->config->options;
    scored->score = score;
    scored->window = okng_afclip_explain(plan, view, options->alpha, options->temperature, map);
    okng_scored_window_place(&scored->window, &scored->placement, plan->rows, plan->columns, 0, 0);
    return okng_scored_fill(scored, map, plan->rows, plan->columns, options->smoothing, error);
}

okng_status okng_afclip_judge(const okng_afclip *afclip, int32_t width, int32_t height, const okng_afclip_view *view,
                              okng_scored *scored, okng_error *error)
{
    const int64_t patches = afclip->plan->tokens - 1;
    const okng_build_options *options = &afclip->config->options;
    memset(scored, 0, sizeof *scored);
    OKNG_TRY(okng_placement_of(options, width, height, &scored->placement, error));
    okng_status status;
    if (view->distances) {
        float *map = okng_alloc((size_t)patches, sizeof *map);
        if (!map) return okng_fail_memory(error, (size_t)patches * sizeof *map);
        const float score = okng_afclip_fuse(view->distances, view->p, patches, options->alpha, map);
        status = fill(afclip, view, map, score, scored, error);
        free(map);
    } else {
        status = fill(afclip, view, view->p + 1, view->p[0], scored, error);
    }
    if (status != OKNG_OK) okng_scored_free(scored);
    return status;
}

/* ---- inspecting ------------------------------------------------------------------------------------------------- */

/* Holds streams against what is remembered, while the network goes on with them. */
typedef struct search {
    const okng_afclip *afclip;
    okng_afclip_view *view;
    int threads;
    double seconds;
} search;

static okng_status search_tap(void *context, int32_t tap, const float *streams, okng_error *error)
{
    search *s = context;
    const int64_t patches = s->afclip->plan->tokens - 1;
    const double since = okng_clock();
    okng_status status = okng_afclip_memory_distances(&s->afclip->memory, tap, streams, -1, s->threads,
                                                      s->view->distances + tap * OKNG_AFCLIP_SCALES * patches, error);
    s->seconds += okng_clock() - since;
    return status;
}

okng_status okng_afclip_inspect(okng_afclip *afclip, const okng_image *rgb, int threads, okng_scored *scored,
                                okng_error *error)
{
    const bool remembers = afclip->memory.pictures > 0;
    okng_stages stages = {{0}};
    okng_afclip_view view;
    search s = {afclip, &view, threads, 0};
    memset(scored, 0, sizeof *scored);
    OKNG_TRY(okng_afclip_view_new(&view, afclip->plan, remembers, error));
    okng_status status =
        okng_afclip_look(afclip, rgb, threads, &view, remembers ? search_tap : NULL, &s, &stages, error);
    stages.seconds[OKNG_STAGE_NETWORK] -= s.seconds;
    stages.seconds[OKNG_STAGE_SEARCH] += s.seconds;
    double since = okng_clock();
    if (status == OKNG_OK) status = okng_afclip_judge(afclip, rgb->width, rgb->height, &view, scored, error);
    okng_stages_add(&stages, OKNG_STAGE_POST, &since);
    if (status == OKNG_OK) scored->stages = stages;
    okng_afclip_view_free(&view);
    return status;
}

okng_status okng_afclip_describe(const okng_afclip *afclip, okng_network_cost *cost, okng_error *error)
{
    return okng_afclip_towers_cost(afclip->towers, &cost->parameters, &cost->flops, error);
}

okng_status okng_afclip_express(const okng_afclip *afclip, okng_program *p, okng_program_value picture,
                                okng_program_value *score, okng_program_value *map, okng_error *error)
{
    const okng_afclip_writing writing = {afclip->config, afclip->towers, afclip->prototypes, &afclip->memory};
    return okng_afclip_write(&writing, p, picture, score, map, error);
}
