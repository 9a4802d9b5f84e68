#include "winclip/fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "engine/engine.h"
#include "features/input_size.h"
#include "features/provenance.h"
#include "method/learning.h"
#include "winclip/prompts.h"
#include "winclip/prototypes.h"
#include "winclip/winclip_file.h"

/* What learning works with; `shots` is a view of it. */
typedef struct fitting {
    okng_winclip *winclip;
    okng_bank_config *config;
    const okng_pictures *pictures;
    okng_ticker *ticker;
    int threads;
    okng_groups groups;
    okng_tiles *tiles; /* [pictures] */
    int64_t *first;    /* [pictures + 1] */
    float *wholes;     /* [views, E] */
    okng_winclip_memory memory;
} fitting;

/* A resize that is left to okng is the square that the network is made for, or that `pixels` asks for: other shapes
 * than those that CLIP was trained on say less. */
static void take_square(okng_build_options *options)
{
    if (options->resize_mode != OKNG_RESIZE_AUTO) return;
    const okng_input_size size = okng_input_size_of(options, 1, 1);
    options->resize_mode = OKNG_RESIZE_EXACT;
    options->resize_height = size.height;
    options->resize_width = size.width;
}

/* ---- words ---------------------------------------------------------------------------------- */

static okng_status learn_words(fitting *f, const char *class_name, okng_error *error)
{
    okng_build_options *options = &f->config->options;
    const okng_prototypes_request request = {.options = options,
                                             .class_name = class_name ? class_name : "",
                                             .weights_sha256 = f->config->weights_sha256,
                                             .threads = f->threads};
    OKNG_TRY(okng_prototypes_make(okng_winclip_prototypes(f->winclip), f->config->vocabulary_sha256,
                                  okng_winclip_towers(f->winclip), &request, error));
    (void)snprintf(options->class_name, sizeof options->class_name, "%s", request.class_name);
    if (options->vocabulary[0]) OKNG_TRY(okng_provenance_of_path(options->vocabulary, error));
    if (okng_prompts_built_in(options->prompts)) return OKNG_OK;
    return okng_provenance_of_path(options->prompts, error);
}

/* ---- pictures ------------------------------------------------------------------------------- */

static okng_status count_tiles(fitting *f, okng_error *error)
{
    const size_t count = f->pictures->count;
    f->tiles = okng_alloc(count, sizeof *f->tiles);
    f->first = okng_alloc(count + 1, sizeof *f->first);
    if (!f->tiles || !f->first) return okng_fail_memory(error, count * (sizeof *f->tiles + sizeof *f->first));
    f->first[0] = 0;
    for (size_t i = 0; i < count; i++) {
        int32_t width, height;
        OKNG_TRY(okng_pictures_size(f->pictures, i, f->config->options.max_pixels, &width, &height, error));
        okng_status status = okng_winclip_tiles(f->winclip, width, height, &f->tiles[i], error);
        if (status != OKNG_OK) return okng_error_context(error, status, "%s", okng_pictures_name(f->pictures, i));
        f->first[i + 1] = f->first[i] + f->tiles[i].count;
    }
    return OKNG_OK;
}

static okng_status look_at(fitting *f, size_t i, okng_view *view, okng_error *error)
{
    const okng_tiles *tiles = &f->tiles[i];
    const int64_t dim = okng_winclip_plan(f->winclip)->embedding;
    okng_image rgb = {0};
    OKNG_TRY(okng_pictures_load(f->pictures, i, f->config->options.max_pixels, &rgb, error));
    okng_status status = OKNG_OK;
    if (tiles->count > 1 && (rgb.width != tiles->width || rgb.height != tiles->height))
        status = okng_fail(error, OKNG_ERROR_MISMATCH, "is %dx%d, and was %dx%d when it was looked at first", rgb.width,
                           rgb.height, tiles->width, tiles->height);
    for (int32_t t = 0; t < tiles->count && status == OKNG_OK; t++) {
        const int64_t v = f->first[i] + t;
        status = okng_winclip_look(f->winclip, &rgb, tiles, t, f->threads, view, NULL, error);
        if (status != OKNG_OK) break;
        memcpy(f->wholes + v * dim, view->whole, (size_t)dim * sizeof *view->whole);
        okng_winclip_memory_put(&f->memory, view, v, okng_groups_of(&f->groups, i));
    }
    okng_image_free(&rgb);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", okng_pictures_name(f->pictures, i));
}

static okng_status look_at_all(fitting *f, const okng_view_plan *plan, okng_error *error)
{
    okng_view view;
    okng_status status = OKNG_OK;
    OKNG_TRY(okng_view_new(&view, plan, error));
    okng_ticker_stage(f->ticker, "features", f->pictures->count);
    for (size_t i = 0; i < f->pictures->count && status == OKNG_OK; i++) {
        status = look_at(f, i, &view, error);
        if (status == OKNG_OK && !okng_ticker_advance(f->ticker, 1))
            status = okng_fail(error, OKNG_ERROR_CANCELLED, "the build was stopped");
    }
    okng_view_free(&view);
    return status;
}

static okng_status learn_pictures(fitting *f, okng_error *error)
{
    OKNG_TRY(okng_groups_find(&f->groups, f->config->options.group, f->pictures, error));
    OKNG_TRY(count_tiles(f, error));
    okng_winclip_want_patches(f->winclip);
    const okng_view_plan *plan = okng_winclip_plan(f->winclip);
    const int64_t views = f->first[f->pictures->count];
    OKNG_TRY(okng_references_room(&f->config->options, f->pictures->count,
                                  okng_references_bytes(views, (int64_t)okng_view_floats(plan)), error));
    OKNG_TRY(okng_winclip_memory_new(&f->memory, plan, views, error));
    f->wholes = okng_alloc((size_t)views, (size_t)plan->embedding * sizeof *f->wholes);
    if (!f->wholes) return okng_fail_memory(error, (size_t)views * (size_t)plan->embedding * sizeof *f->wholes);
    OKNG_TRY(look_at_all(f, plan, error));
    return okng_winclip_remember(f->winclip, &f->memory, f->threads, error);
}

static bool several_groups(const fitting *f)
{
    for (size_t i = 1; i < f->pictures->count; i++)
        if (okng_groups_of(&f->groups, i) != okng_groups_of(&f->groups, 0)) return true;
    return false;
}

/* One picture, or shots of one part alone, leave nothing to compare them with: there are no thresholds then. */
static okng_status calibrate(const fitting *f, okng_tau *tau, okng_error *error)
{
    const okng_winclip_shots shots = {f->pictures, &f->groups, f->tiles, f->first, f->wholes};
    if (f->config->options.calibration == OKNG_CALIBRATION_TRAIN) return OKNG_OK; /* by whoever opens the bank */
    if (several_groups(f))
        return okng_winclip_calibrate(f->winclip, f->config, &shots, f->threads, f->ticker, tau, error);
    *tau = (okng_tau){.pixel = NAN, .image = NAN, .pixel_low = NAN, .source = OKNG_TAU_NONE};
    return OKNG_OK;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static void fill_config(const fitting *f)
{
    const okng_view_plan *plan = okng_winclip_plan(f->winclip);
    const int64_t patches = (int64_t)plan->grid.rows * plan->grid.columns;
    const int64_t views = okng_winclip_remembers(f->winclip)->views;
    okng_bank_config *config = f->config;
    config->grid_height = plan->grid.rows;
    config->grid_width = plan->grid.columns;
    config->pictures = f->pictures->count;
    config->patches = (uint64_t)(views * patches);
    config->data_count = 1;
    config->data[0] = (okng_bank_data){.file = OKNG_WINCLIP_FILE,
                                       .rows = views > 0 ? views * patches : OKNG_PROMPTS_KINDS,
                                       .dim = views > 0 ? plan->width : plan->embedding};
    (void)snprintf(config->engine, sizeof config->engine, "%s", okng_engine_version(config->options.device));
}

static okng_status run_steps(fitting *f, okng_bank_file *bank, const okng_weights *weights, const okng_lesson *lesson,
                             okng_build_report *report, okng_error *error)
{
    double since = okng_clock();
    okng_clip_sizes sizes;
    take_square(&f->config->options);
    OKNG_TRY(okng_learning_take_input(f->config, f->pictures, error));
    OKNG_TRY(okng_winclip_new(&f->winclip, f->config, weights, error));
    okng_clip_get_sizes(okng_winclip_towers(f->winclip), &sizes);
    f->config->options.activation = sizes.activation; /* a bank has what AUTO came to */
    OKNG_TRY(learn_words(f, lesson->class_name, error));
    okng_report_stage(report, "words", &since);
    if (f->pictures->count > 0) {
        OKNG_TRY(learn_pictures(f, error));
        okng_report_stage(report, "features", &since);
    }
    fill_config(f);
    if (f->pictures->count == 0) return OKNG_OK;
    OKNG_TRY(calibrate(f, &bank->tau, error));
    okng_report_stage(report, "calibration", &since);
    return OKNG_OK;
}

okng_status okng_winclip_fit(okng_winclip **out, okng_bank_file *bank, const okng_weights *weights,
                             const okng_lesson *lesson, okng_ticker *ticker, okng_build_report *report,
                             okng_error *error)
{
    fitting f = {.config = &bank->config,
                 .pictures = &lesson->pictures,
                 .ticker = ticker,
                 .threads = okng_thread_count(bank->config.options.threads)};
    okng_status status = run_steps(&f, bank, weights, lesson, report, error);
    okng_groups_free(&f.groups);
    okng_winclip_memory_free(&f.memory);
    free(f.tiles);
    free(f.first);
    free(f.wholes);
    if (status != OKNG_OK) okng_winclip_close(&f.winclip);
    *out = f.winclip;
    return status;
}
