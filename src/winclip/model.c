#include "winclip/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "features/preprocess.h"
#include "winclip/express.h"
#include "winclip/judge.h"
#include "winclip/sessions.h"

struct okng_winclip {
    const okng_bank_config *config;
    okng_weights *own;
    okng_clip *clip;
    okng_clip_sessions *sessions;
    okng_winclip_rule rule;
    float *prototypes; /* rule.prototypes */
    okng_winclip_memory memory;
};

/* ---- making --------------------------------------------------------------------------------- */

static okng_status make_rule(okng_winclip *winclip, okng_error *error)
{
    const okng_build_options *options = &winclip->config->options;
    okng_winclip_rule *rule = &winclip->rule;
    okng_clip_sizes sizes;
    okng_clip_get_sizes(winclip->clip, &sizes);
    rule->plan = (okng_view_plan){.grid = {sizes.rows, sizes.columns},
                                  .scale_count = options->scale_count,
                                  .embedding = sizes.embedding,
                                  .width = sizes.width,
                                  .tokens = options->reference_tokens,
                                  .kind = options->windows};
    rule->temperature = options->temperature;
    rule->fusion = options->fusion;
    if (options->scale_weight_count != 0 && options->scale_weight_count != options->scale_count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "option scale-weights: found %d numbers, expected %d, one of each scale",
                         options->scale_weight_count, options->scale_count);
    const int32_t shorter = sizes.rows < sizes.columns ? sizes.rows : sizes.columns;
    for (int32_t s = 0; s < options->scale_count; s++) {
        rule->plan.scales[s] = options->scales[s];
        rule->weights[s] = options->scale_weight_count > 0 ? options->scale_weights[s] : 1;
        if (options->scales[s] > shorter)
            return okng_fail(
                error, OKNG_ERROR_ARGUMENT,
                "option scales: windows of %d patches do not fit into the %dx%d that %s has at an input of "
                "%dx%d; take smaller ones or a larger resize",
                options->scales[s], sizes.columns, sizes.rows, options->backbone, winclip->config->input_width,
                winclip->config->input_height);
    }
    return OKNG_OK;
}

static okng_status open_towers(okng_winclip *winclip, const okng_weights *weights, okng_error *error)
{
    const okng_bank_config *config = winclip->config;
    const okng_build_options *options = &config->options;
    if (options->precision == OKNG_PRECISION_INT8)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "the precision int8 is not for winclip; take fp32 or bf16");
    const okng_clip_request request = {.backbone = options->backbone,
                                       .activation = options->activation,
                                       .positions = options->positions,
                                       .precision = options->precision,
                                       .device = options->device,
                                       .height = config->input_height,
                                       .width = config->input_width};
    OKNG_TRY(okng_clip_open(&winclip->clip, weights, &request, error));
    OKNG_TRY(okng_clip_sessions_new(&winclip->sessions, winclip->clip, error));
    OKNG_TRY(make_rule(winclip, error));
    const size_t floats = 2 * (size_t)winclip->rule.plan.embedding;
    winclip->rule.prototypes = winclip->prototypes = okng_alloc_zero(floats, sizeof(float));
    return winclip->prototypes ? OKNG_OK : okng_fail_memory(error, floats * sizeof(float));
}

okng_status okng_winclip_new(okng_winclip **out, const okng_bank_config *config, const okng_weights *weights,
                             okng_error *error)
{
    okng_winclip *winclip = *out = calloc(1, sizeof *winclip);
    if (!winclip) return okng_fail_memory(error, sizeof *winclip);
    winclip->config = config;
    okng_status status = open_towers(winclip, weights, error);
    if (status != OKNG_OK) okng_winclip_close(out);
    return status;
}

void okng_winclip_close(okng_winclip **winclip)
{
    if (!winclip || !*winclip) return;
    okng_clip_sessions_free(&(*winclip)->sessions);
    okng_clip_close(&(*winclip)->clip);
    okng_winclip_memory_free(&(*winclip)->memory);
    okng_weights_close(&(*winclip)->own);
    free((*winclip)->prototypes);
    free(*winclip);
    *winclip = NULL;
}

void okng_winclip_own_weights(okng_winclip *winclip, okng_weights **weights)
{
    winclip->own = *weights;
    *weights = NULL;
}

okng_clip *okng_winclip_towers(okng_winclip *winclip)
{
    return winclip->clip;
}

const okng_view_plan *okng_winclip_plan(const okng_winclip *winclip)
{
    return &winclip->rule.plan;
}

void okng_winclip_want_patches(okng_winclip *winclip)
{
    winclip->rule.plan.patches = true;
}

float *okng_winclip_prototypes(const okng_winclip *winclip)
{
    return winclip->prototypes;
}

const okng_winclip_memory *okng_winclip_remembers(const okng_winclip *winclip)
{
    return &winclip->memory;
}

okng_status okng_winclip_remember(okng_winclip *winclip, okng_winclip_memory *memory, int threads, okng_error *error)
{
    okng_winclip_memory_free(&winclip->memory);
    winclip->memory = *memory;
    *memory = (okng_winclip_memory){.views = 0};
    winclip->rule.plan.patches = winclip->memory.views > 0;
    return okng_winclip_memory_seal(&winclip->memory, threads, error);
}

/* ---- looking -------------------------------------------------------------------------------- */

okng_status okng_winclip_tiles(const okng_winclip *winclip, int32_t width, int32_t height, okng_tiles *tiles,
                               okng_error *error)
{
    return okng_tiles_of(winclip->config->options.aspect, width, height, tiles, error);
}

/* A tile as the network's input. */
static okng_status prepare(const okng_winclip *winclip, const okng_image *rgb, const okng_tiles *tiles, int32_t i,
                           float *tensor, okng_error *error)
{
    const okng_bank_config *config = winclip->config;
    okng_image tile = {0};
    okng_placement placement;
    int32_t x, y;
    if (tiles->count > 1) {
        okng_tiles_place(tiles, i, &x, &y);
        OKNG_TRY(okng_image_crop(rgb, x, y, tiles->tile_width, tiles->tile_height, &tile, error));
        rgb = &tile;
    }
    okng_status status = okng_placement_of(&config->options, rgb->width, rgb->height, &placement, error);
    if (status == OKNG_OK && (placement.height != config->input_height || placement.width != config->input_width))
        status = okng_fail(error, OKNG_ERROR_MISMATCH,
                           "a picture of %dx%d comes to an input of %dx%d, expected %dx%d; use resize HxW or crop N to "
                           "bring all to one size",
                           rgb->width, rgb->height, placement.width, placement.height, config->input_width,
                           config->input_height);
    if (status == OKNG_OK) status = okng_preprocess_image(&config->options, &placement, rgb, tensor, error);
    okng_image_free(&tile);
    return status;
}

okng_status okng_winclip_look(okng_winclip *winclip, const okng_image *rgb, const okng_tiles *tiles, int32_t i,
                              int threads, okng_view *view, okng_stages *stages, okng_error *error)
{
    const size_t pixels = (size_t)winclip->config->input_height * (size_t)winclip->config->input_width;
    okng_clip_session *session;
    double since = okng_clock();
    float *tensor = okng_alloc(3 * pixels, sizeof *tensor);
    okng_status status =
        tensor ? prepare(winclip, rgb, tiles, i, tensor, error) : okng_fail_memory(error, 3 * pixels * sizeof *tensor);
    okng_stages_add(stages, OKNG_STAGE_RESIZE, &since);
    if (status == OKNG_OK) status = okng_clip_sessions_take(winclip->sessions, threads, &session, error);
    if (status == OKNG_OK) {
        status = okng_view_take(view, &winclip->rule.plan, session, tensor, error);
        okng_clip_sessions_give(winclip->sessions, threads, session);
    }
    okng_stages_add(stages, OKNG_STAGE_NETWORK, &since);
    free(tensor);
    return status;
}

okng_status okng_winclip_judge(const okng_winclip *winclip, const okng_tiles *tiles, const okng_view *views,
                               int32_t excluded, int threads, okng_scored *scored, okng_error *error)
{
    const okng_judging judging = {winclip->config, &winclip->rule, &winclip->memory};
    return okng_judge(&judging, tiles, views, excluded, threads, scored, error);
}

/* ---- inspecting ----------------------------------------------------------------------------- */

okng_status okng_winclip_inspect(okng_winclip *winclip, const okng_image *rgb, int threads, okng_scored *scored,
                                 okng_error *error)
{
    okng_tiles tiles;
    okng_stages stages = {{0}};
    memset(scored, 0, sizeof *scored);
    OKNG_TRY(okng_winclip_tiles(winclip, rgb->width, rgb->height, &tiles, error));
    okng_view *views = okng_alloc_zero((size_t)tiles.count, sizeof *views);
    okng_status status = views ? OKNG_OK : okng_fail_memory(error, (size_t)tiles.count * sizeof *views);
    for (int32_t i = 0; i < tiles.count && status == OKNG_OK; i++) {
        status = okng_view_new(&views[i], &winclip->rule.plan, error);
        if (status == OKNG_OK) status = okng_winclip_look(winclip, rgb, &tiles, i, threads, &views[i], &stages, error);
    }
    double since = okng_clock();
    if (status == OKNG_OK) status = okng_winclip_judge(winclip, &tiles, views, -1, threads, scored, error);
    okng_stages_add(&stages, OKNG_STAGE_SEARCH, &since);
    if (status == OKNG_OK) scored->stages = stages;
    for (int32_t i = 0; i < tiles.count && views; i++) okng_view_free(&views[i]);
    free(views);
    return status;
}

okng_status okng_winclip_describe(okng_winclip *winclip, okng_network_cost *cost, okng_error *error)
{
    return okng_winclip_cost(winclip->config->options.backbone, &winclip->rule.plan, cost, error);
}

okng_status okng_winclip_express(const okng_winclip *winclip, okng_program *p, okng_program_value picture,
                                 okng_program_value *score, okng_program_value *map, okng_error *error)
{
    const okng_judging judging = {winclip->config, &winclip->rule, &winclip->memory};
    return okng_judge_express(&judging, winclip->clip, p, picture, score, map, error);
}
