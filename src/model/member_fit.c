/* How a member comes to be: one method, fitted to a lesson; by several processes where the method can. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fingerprint.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "features/provenance.h"
#include "method/ignored_file.h"
#include "method/thresholds.h"
#include "model/fit_job.h"
#include "model/member.h"
#include "model/methods.h"
#include "model/tiled.h"
#include "net/graph.h"

/* ---- fitting ----------------------------------------------------------------------------------------------------- */

/* The pictures of a lesson that are good, as a list. */
typedef struct good_pictures {
    const okng_pictures *all;
    size_t *index; /* [list.count] of them in `all` */
    okng_pictures list;
} good_pictures;

static const char *good_name(const void *context, size_t i)
{
    const good_pictures *good = context;
    return okng_pictures_name(good->all, good->index[i]);
}

static okng_status good_load(const void *context, size_t i, okng_decoding *how, okng_image *rgb, okng_error *error)
{
    const good_pictures *good = context;
    return okng_pictures_load(good->all, good->index[i], how->max_pixels, rgb, error);
}

static okng_status good_size(const void *context, size_t i, uint64_t max_pixels, int32_t *width, int32_t *height,
                             okng_error *error)
{
    const good_pictures *good = context;
    return okng_pictures_size(good->all, good->index[i], max_pixels, width, height, error);
}

/* *good stays where it is; its index is the caller's to free. */
static okng_status choose_good(good_pictures *good, const okng_lesson *lesson, okng_error *error)
{
    size_t count = lesson->pictures.count;
    *good = (good_pictures){.all = &lesson->pictures, .list = lesson->pictures};
    if (!lesson->labels || count == 0) return OKNG_OK;
    good->index = okng_alloc(count, sizeof *good->index);
    if (!good->index) return okng_fail_memory(error, count * sizeof *good->index);
    good->list = (okng_pictures){
        .root = lesson->pictures.root, .context = good, .name = good_name, .load = good_load, .size = good_size};
    for (size_t i = 0; i < count; i++)
        if (lesson->labels[i] == 0) good->index[good->list.count++] = i;
    return OKNG_OK;
}

static okng_status calibrate_by(okng_member *member, const okng_pictures *good, okng_ticker *ticker,
                                okng_build_report *report, okng_error *error)
{
    const okng_bank_config *config = &member->file.config;
    double since = okng_clock();
    if (good->count == 0) {
        member->file.tau = (okng_tau){.pixel = NAN, .image = NAN, .pixel_low = NAN, .source = OKNG_TAU_NONE};
        return OKNG_OK;
    }
    const okng_calibrator calibration = {.inspect = okng_member_inspect,
                                         .model = member,
                                         .options = &config->options,
                                         .ignored = config->ignored,
                                         .height = config->input_height,
                                         .width = config->input_width,
                                         .threads = okng_thread_count(config->options.threads),
                                         .basis = OKNG_TAU_TRAIN};
    OKNG_TRY(okng_calibrate(&calibration, good, ticker, &member->file.tau, error));
    okng_report_stage(report, "calibration", &since);
    return OKNG_OK;
}

/* From the good pictures that were learnt, where the method has not taken thresholds itself. */
static okng_status calibrate(okng_member *member, const okng_lesson *lesson, okng_ticker *ticker,
                             okng_build_report *report, okng_error *error)
{
    good_pictures good;
    okng_status status = choose_good(&good, lesson, error);
    if (status == OKNG_OK) status = calibrate_by(member, &good.list, ticker, report, error);
    free(good.index);
    return status;
}

/* The mask is of whole pictures: of a region it leaves out what of it lies there. */
static okng_status cut_ignored(okng_member *member, const okng_lesson *lesson, okng_error *error)
{
    okng_ignored *whole = member->ignored;
    if (lesson->whole_width == 0) return OKNG_OK;
    member->ignored = NULL;
    okng_status status =
        okng_ignored_cut(&member->ignored, whole, &lesson->part, lesson->whole_width, lesson->whole_height, error);
    okng_ignored_free(&whole);
    return status;
}

static okng_status load_ignored(okng_member *member, const okng_lesson *lesson, const okng_build_options *options,
                                okng_error *error)
{
    if (!options->ignore_mask[0]) return OKNG_OK;
    if (okng_is_tiled(options))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "ignore-mask does not go with tile: give one of them");
    if (options->turns > 1)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "ignore-mask does not go with augment: it covers other parts of a picture that is turned");
    OKNG_TRY(okng_ignored_load(&member->ignored, options->ignore_mask, options->max_pixels, error));
    OKNG_TRY(cut_ignored(member, lesson, error));
    member->file.config.ignored = member->ignored;
    return OKNG_OK;
}

static okng_status learn(okng_member *member, const okng_lesson *lesson, okng_ticker *ticker, okng_build_report *report,
                         okng_error *error)
{
    OKNG_TRY(member->method->fit(&member->model, &member->file, member->weights, lesson, ticker, report, error));
    const okng_tau *tau = &member->file.tau;
    if (tau->image_count > 0 || tau->source == OKNG_TAU_NONE) return OKNG_OK; /* the method has seen to it */
    return calibrate(member, lesson, ticker, report, error);
}

/* Counted are pictures, not their tiles; where each place has rows of its own all pictures are of one size. */
static void tell_of_whole(okng_bank_config *config, size_t pictures, const okng_pictures *tiles)
{
    config->pictures = pictures;
    if (config->options.tile_banks != OKNG_TILE_BANKS_PLACE) return;
    config->whole_height = tiles->tiles[0].whole_height;
    config->whole_width = tiles->tiles[0].whole_width;
}

/* ---- the whole, on every rank that fits it ---------------------------------------------------------------------- */

/* A fit of pictures whose bit depth is known. */
typedef struct fit {
    okng_member *member;
    okng_lesson lesson;
    const okng_build_options *options; /* as they were given */
    okng_bit_depth bit_depth;
    okng_ticker *ticker;
    okng_build_report *report;
    okng_tiled_pictures *tiled; /* NULL: the pictures are learnt whole */
} fit;

static okng_status prepare(fit *f, okng_error *error)
{
    okng_member *member = f->member;
    okng_bank_config *config = &member->file.config;
    okng_build_options chosen = *f->options;
    chosen.bit_depth = f->lesson.pictures.bit_depth = f->bit_depth;
    OKNG_TRY(okng_graph_weights(&member->weights, chosen.backbone, chosen.weights, error));
    OKNG_TRY(okng_provenance_of_weights(&chosen, member->weights, &config->options, config->weights_sha256, error));
    config->recorded = member->method->options;
    OKNG_TRY(load_ignored(member, &f->lesson, f->options, error));
    /* By the bank's own options, which learning completes before it loads a picture. Turning wants the whole one. */
    if (f->options->turns == 1) f->lesson.pictures.shrink = &config->options;
    return okng_tile_pictures(&f->tiled, &f->lesson.pictures, &config->options, error);
}

/* The same weights as rank 0, which others than patchcore's steps would not notice to differ. */
static okng_status compare_weights(const fit *f, okng_error *error)
{
    const okng_ranks *ranks = okng_ranks_together();
    char expected[sizeof f->member->file.config.weights_sha256];
    memcpy(expected, f->member->file.config.weights_sha256, sizeof expected);
    OKNG_TRY(okng_ranks_tell(ranks, expected, sizeof expected, 1, error));
    okng_status status = OKNG_OK;
    if (strcmp(expected, f->member->file.config.weights_sha256) != 0)
        status = okng_fail(error, OKNG_ERROR_MISMATCH, "has other weights than rank 0: SHA-256 %.12s, expected %.12s",
                           f->member->file.config.weights_sha256, expected);
    return okng_ranks_agree(ranks, status, error);
}

static okng_status run(fit *f, okng_error *error)
{
    const size_t pictures = f->lesson.pictures.count;
    okng_status status = okng_ranks_agree(okng_ranks_together(), prepare(f, error), error);
    if (status == OKNG_OK) status = compare_weights(f, error);
    if (status == OKNG_OK) status = learn(f->member, &f->lesson, f->ticker, f->report, error);
    if (f->tiled) tell_of_whole(&f->member->file.config, pictures, &f->lesson.pictures);
    okng_tiled_pictures_free(&f->tiled);
    return status;
}

/* ---- with other ranks -------------------------------------------------------------------------------------------- */

static bool can_share(const okng_member *member, const okng_lesson *lesson)
{
    return member->method->fits_together && !lesson->labels && lesson->whole_width == 0 &&
           okng_pictures_are_files(&lesson->pictures);
}

static okng_status put_job(okng_grown *parcel, const fit *f, okng_error *error)
{
    const okng_pictures *pictures = &f->lesson.pictures;
    okng_parcel_put(parcel, f->options, sizeof *f->options);
    okng_parcel_put(parcel, &f->bit_depth, sizeof f->bit_depth);
    okng_parcel_put(parcel, &pictures->root, sizeof pictures->root);
    return okng_paths_put(parcel, pictures->context, pictures->count, okng_thread_count(f->options->threads), error);
}

/* Hands the fit out, and takes part in it. */
static okng_status lead(fit *f, okng_error *error)
{
    const okng_ranks *ranks = okng_ranks_led();
    okng_grown parcel = {0};
    okng_status status = put_job(&parcel, f, error);
    if (status == OKNG_OK) status = okng_ranks_begin(ranks, OKNG_JOB_FIT, &parcel, error);
    free(parcel.data);
    if (status == OKNG_OK) status = okng_ranks_agree(ranks, OKNG_OK, error);
    OKNG_TRY(status);
    okng_ranks_set_together(ranks);
    status = run(f, error);
    okng_ranks_set_together(NULL);
    return status;
}

static okng_status take_job(fit *f, okng_build_options *options, okng_parcel *parcel, const char ***paths,
                            okng_error *error)
{
    size_t count, root;
    okng_parcel_take(parcel, options, sizeof *options);
    okng_parcel_take(parcel, &f->bit_depth, sizeof f->bit_depth);
    okng_parcel_take(parcel, &root, sizeof root);
    OKNG_TRY(okng_paths_take(parcel, paths, &count, okng_thread_count(options->threads), error));
    OKNG_TRY(okng_parcel_end(parcel, error));
    f->lesson.pictures = okng_pictures_of_paths(*paths, count);
    f->lesson.pictures.root = root;
    return okng_member_prepare(&f->member->method, &f->lesson, options, error);
}

/* Called for each picture: stops where another rank has failed, or rank 0 was asked to stop. */
static int is_in_vain(const okng_progress *progress, void *ranks)
{
    (void)progress;
    return okng_ranks_in_vain(ranks);
}

/* What is fitted here is rank 0's to keep. */
static okng_status follow(fit *f, const okng_ranks *ranks, okng_parcel *parcel, okng_error *error)
{
    const char **paths = NULL;
    okng_build_options options;
    okng_ticker ticker;
    okng_build_report report = {.struct_size = sizeof report};
    okng_ticker_init(&ticker, is_in_vain, (void *)(uintptr_t)ranks);
    f->options = &options;
    f->ticker = &ticker;
    f->report = &report;
    okng_status status = okng_ranks_agree(ranks, take_job(f, &options, parcel, &paths, error), error);
    if (status == OKNG_OK) {
        okng_ranks_set_together(ranks);
        status = run(f, error);
        okng_ranks_set_together(NULL);
    }
    free(paths);
    okng_ticker_destroy(&ticker);
    return status;
}

okng_status okng_member_follow(const okng_ranks *ranks, okng_parcel *parcel, okng_error *error)
{
    okng_member *member = calloc(1, sizeof *member);
    if (!member) return okng_ranks_agree(ranks, okng_fail_memory(error, sizeof *member), error);
    fit f = {.member = member};
    okng_status status = follow(&f, ranks, parcel, error);
    okng_member_close(&member);
    return status;
}

/* ---- the beginning ----------------------------------------------------------------------------------------------- */

okng_status okng_member_prepare(const okng_method **method, okng_lesson *lesson, const okng_build_options *options,
                                okng_error *error)
{
    if (options->roi[0])
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "option roi: regions are learnt by okng build, into the folder of a bank; here whole pictures "
                         "are looked at");
    OKNG_TRY(okng_method_find(method, options->method, error));
    if (!lesson->class_name) lesson->class_name = options->class_name;
    OKNG_TRY(okng_method_check(*method, lesson, error));
    return okng_method_check_options(*method, options, error);
}

static okng_status begin(fit *f, okng_error *error)
{
    okng_build_options chosen = *f->options;
    OKNG_TRY(okng_pictures_find_depth(&f->lesson.pictures, &chosen, okng_thread_count(chosen.threads),
                                      &f->report->other_bit_depth, error));
    f->bit_depth = chosen.bit_depth;
    f->report->bit_depth = okng_bits_of(chosen.bit_depth);
    if (!can_share(f->member, &f->lesson) || !okng_ranks_claim()) return run(f, error);
    okng_status status = lead(f, error);
    okng_ranks_release();
    return status;
}

okng_status okng_member_fit(okng_member **out, const okng_method *method, const okng_lesson *lesson,
                            const okng_build_options *options, okng_ticker *ticker, okng_build_report *report,
                            okng_error *error)
{
    okng_member *member = *out = calloc(1, sizeof *member);
    if (!member) return okng_fail_memory(error, sizeof *member);
    member->method = method;
    fit f = {.member = member, .lesson = *lesson, .options = options, .ticker = ticker, .report = report};
    okng_status status = begin(&f, error);
    if (status != OKNG_OK) okng_member_close(out);
    return status;
}
