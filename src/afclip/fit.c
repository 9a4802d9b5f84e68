#include "afclip/fit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afclip/afclip_file.h"
#include "afclip/checkpoint.h"
#include "afclip/shots.h"
#include "base/clock.h"
#include "base/parallel.h"
#include "base/sha256.h"
#include "engine/engine.h"
#include "features/input_size.h"
#include "features/provenance.h"
#include "method/learning.h"
#include "okng/experimental.h"

/* What making works with. */
typedef struct fitting {
    okng_afclip *afclip;
    okng_bank_config *config;
    const okng_weights *weights;
    const okng_pictures *pictures;
    okng_ticker *ticker;
    int threads;
    okng_afclip_checkpoint checkpoint; /* its values until the model has them */
} fitting;

/* ---- options ---------------------------------------------------------------------------------------------------- */

/* What is left to the method: a square, and positions as they were resampled where the values were learnt. */
static okng_status take_input(okng_build_options *options, int32_t side, okng_error *error)
{
    okng_clip_shape shape;
    OKNG_TRY(okng_clip_shape_of(options->backbone, &shape, error));
    if (options->positions == OKNG_POSITIONS_AUTO) options->positions = OKNG_POSITIONS_AFCLIP;
    if (options->resize_mode != OKNG_RESIZE_AUTO) return OKNG_OK;
    const int32_t nearest = (side + shape.patch / 2) / shape.patch * shape.patch;
    okng_input_size size = {nearest, nearest};
    if (options->pixels > 0) size = okng_input_size_of(options, 1, 1);
    options->resize_mode = OKNG_RESIZE_EXACT;
    options->resize_height = size.height;
    options->resize_width = size.width;
    return OKNG_OK;
}

/* ---- the checkpoint --------------------------------------------------------------------------------------------- */

static okng_status check_network(const okng_afclip_checkpoint *c, const okng_build_options *options,
                                 const okng_weights *weights, const char *weights_sha256, okng_error *error)
{
    okng_clip_shape shape;
    OKNG_TRY(okng_clip_shape_of(options->backbone, &shape, error));
    if (c->backbone[0] && strcmp(c->backbone, options->backbone) != 0)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s: was learnt on %s, expected %s; give backbone %s and its weights, or another checkpoint",
                         options->checkpoint, c->backbone, options->backbone, c->backbone);
    OKNG_TRY(okng_afclip_learnt_check(&c->learnt, options->checkpoint, options->backbone, &shape, error));
    if (!c->weights_sha256[0] || strcmp(c->weights_sha256, weights_sha256) == 0) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_MISMATCH,
        "%s: was learnt on weights of SHA-256 %.16s..., and %s has %.16s...; give those, or, where they are "
        "the same numbers in another file, the checkpoint's %s alone",
        options->checkpoint, c->weights_sha256, okng_weights_path(weights), weights_sha256, OKNG_AFCLIP_FILE);
}

/* Those of the checkpoint, where the options leave them to it. */
static okng_status take_taps(const okng_afclip_checkpoint *c, okng_build_options *options, okng_error *error)
{
    const bool known = c->taps[0] >= 0;
    const bool same = options->tap_count == OKNG_AFCLIP_TAPS && memcmp(options->taps, c->taps, sizeof c->taps) == 0;
    if (!known || same) return OKNG_OK;
    if (options->tap_count != 0)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s: was learnt on the tokens of blocks %d %d %d %d, and option taps says others; leave it at "
                         "auto",
                         options->checkpoint, (int)c->taps[0], (int)c->taps[1], (int)c->taps[2], (int)c->taps[3]);
    options->tap_count = OKNG_AFCLIP_TAPS;
    memcpy(options->taps, c->taps, sizeof c->taps);
    return OKNG_OK;
}

static okng_status open_checkpoint(fitting *f, okng_error *error)
{
    const okng_build_options *options = &f->config->options;
    if (!options->checkpoint[0])
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "option checkpoint is missing: %s needs what was learnt for it, a prompt and an adapter; make "
                         "it with okng train afclip, or of released files with okng import afclip",
                         options->method);
    return okng_afclip_checkpoint_open(&f->checkpoint, options->checkpoint, error);
}

static okng_status open_model(fitting *f, okng_error *error)
{
    okng_bank_config *config = f->config;
    okng_build_options *options = &config->options;
    OKNG_TRY(check_network(&f->checkpoint, options, f->weights, config->weights_sha256, error));
    OKNG_TRY(take_taps(&f->checkpoint, options, error));
    memcpy(config->checkpoint_sha256, f->checkpoint.sha256, sizeof config->checkpoint_sha256);
    OKNG_TRY(okng_afclip_new(&f->afclip, config, f->weights, &f->checkpoint.learnt, error));
    options->tap_count = OKNG_AFCLIP_TAPS; /* a bank has what was chosen for it */
    memcpy(options->taps, okng_afclip_planned(f->afclip)->taps, sizeof okng_afclip_planned(f->afclip)->taps);
    options->activation = okng_afclip_towers_activation(okng_afclip_networks(f->afclip));
    return okng_provenance_of_path(options->checkpoint, error);
}

/* ---- words ------------------------------------------------------------------------------------------------------ */

static okng_status learn_words(const fitting *f, okng_error *error)
{
    okng_build_options *options = &f->config->options;
    char vocabulary[OKNG_PATH_MAX];
    okng_afclip_ids ids;
    okng_afclip_words words;
    OKNG_TRY(okng_vocabulary_find(options->vocabulary, options->weights, vocabulary, error));
    OKNG_TRY(okng_file_sha256(vocabulary, f->config->vocabulary_sha256, error));
    OKNG_TRY(okng_afclip_ids_read(&ids, vocabulary, error));
    OKNG_TRY(okng_afclip_words_new(&words, f->weights, okng_afclip_planned(f->afclip)->text_width, &ids, error));
    okng_status status = okng_afclip_towers_prototypes(okng_afclip_networks(f->afclip), &words, f->threads,
                                                       okng_afclip_prototypes(f->afclip), error);
    okng_afclip_words_free(&words);
    okng_afclip_take_prototypes(f->afclip);
    if (status == OKNG_OK && options->vocabulary[0]) status = okng_provenance_of_path(options->vocabulary, error);
    return status;
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

static void fill_config(const fitting *f)
{
    const okng_afclip_plan *plan = okng_afclip_planned(f->afclip);
    okng_bank_config *config = f->config;
    config->grid_height = plan->rows;
    config->grid_width = plan->columns;
    config->pictures = f->pictures->count;
    config->patches = (uint64_t)f->pictures->count * (uint64_t)(plan->tokens - 1);
    config->data_count = 1;
    const okng_afclip_memory *memory = okng_afclip_remembers(f->afclip);
    config->data[0] = (okng_bank_data){.file = OKNG_AFCLIP_FILE,
                                       .rows = memory->pictures > 0 ? OKNG_AFCLIP_STREAMS * memory->streams[0].count
                                                                    : OKNG_AFCLIP_STATES,
                                       .dim = memory->pictures > 0 ? plan->width : plan->embedding};
    (void)snprintf(config->engine, sizeof config->engine, "%s", okng_engine_version(config->options.device));
}

static okng_status run_steps(fitting *f, int32_t side, okng_tau *tau, okng_build_report *report, okng_error *error)
{
    double since = okng_clock();
    OKNG_TRY(open_checkpoint(f, error));
    OKNG_TRY(take_input(&f->config->options, f->checkpoint.resolution > 0 ? f->checkpoint.resolution : side, error));
    OKNG_TRY(okng_learning_take_input(f->config, f->pictures, error));
    OKNG_TRY(open_model(f, error));
    OKNG_TRY(learn_words(f, error));
    okng_report_stage(report, "words", &since);
    if (f->pictures->count > 0)
        OKNG_TRY(
            okng_afclip_learn_pictures(f->afclip, f->config, f->pictures, f->threads, f->ticker, tau, report, error));
    fill_config(f);
    return OKNG_OK;
}

okng_status okng_afclip_fit(okng_afclip **out, okng_bank_file *bank, const okng_weights *weights,
                            const okng_lesson *lesson, int32_t side, okng_ticker *ticker, okng_build_report *report,
                            okng_error *error)
{
    fitting f = {.config = &bank->config,
                 .weights = weights,
                 .pictures = &lesson->pictures,
                 .ticker = ticker,
                 .threads = okng_thread_count(bank->config.options.threads)};
    okng_afclip_checkpoint_init(&f.checkpoint);
    okng_status status = run_steps(&f, side, &bank->tau, report, error);
    okng_afclip_checkpoint_free(&f.checkpoint);
    if (status != OKNG_OK) okng_afclip_close(&f.afclip);
    *out = f.afclip;
    return status;
}
