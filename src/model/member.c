#include "model/member.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "features/extractor.h"
#include "features/provenance.h"
#include "method/ignored_file.h"
#include "method/thresholds.h"
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

static okng_status fit(okng_member *member, const okng_lesson *lesson, const okng_build_options *options,
                       okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    okng_bank_config *config = &member->file.config;
    okng_lesson known = *lesson;
    okng_build_options chosen = *options;
    OKNG_TRY(okng_pictures_find_depth(&lesson->pictures, &chosen, okng_thread_count(options->threads),
                                      &report->other_bit_depth, error));
    known.pictures.bit_depth = chosen.bit_depth;
    report->bit_depth = okng_bits_of(chosen.bit_depth);
    OKNG_TRY(okng_graph_weights(&member->weights, options->backbone, options->weights, error));
    OKNG_TRY(okng_provenance_of_weights(&chosen, member->weights, &config->options, config->weights_sha256, error));
    config->recorded = member->method->options;
    OKNG_TRY(load_ignored(member, lesson, options, error));
    /* By the bank's own options, which learning completes before it loads a picture. Turning wants the whole one. */
    if (options->turns == 1) known.pictures.shrink = &config->options;
    okng_tiled_pictures *tiled;
    OKNG_TRY(okng_tile_pictures(&tiled, &known.pictures, &config->options, error));
    okng_status status = learn(member, &known, ticker, report, error);
    if (tiled) tell_of_whole(config, lesson->pictures.count, &known.pictures);
    okng_tiled_pictures_free(&tiled);
    return status;
}

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

okng_status okng_member_fit(okng_member **out, const okng_method *method, const okng_lesson *lesson,
                            const okng_build_options *options, okng_ticker *ticker, okng_build_report *report,
                            okng_error *error)
{
    okng_member *member = *out = calloc(1, sizeof *member);
    if (!member) return okng_fail_memory(error, sizeof *member);
    member->method = method;
    okng_status status = fit(member, lesson, options, ticker, report, error);
    if (status != OKNG_OK) okng_member_close(out);
    return status;
}

okng_status okng_member_save(okng_member *member, const char *folder, okng_error *error)
{
    OKNG_TRY(member->method->save(member->model, &member->file, folder, error));
    OKNG_TRY(okng_ignored_save(&member->file.config, folder, error));
    return okng_bank_write_documents(folder, &member->file.config, &member->file.tau, error);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static okng_status find_method(okng_member *member, okng_error *error)
{
    const okng_bank_config *config = &member->file.config;
    OKNG_TRY(okng_method_find(&member->method, config->options.method, error));
    for (int32_t i = 0; i < config->data_count; i++) {
        const char *const *file = member->method->data_files;
        if (i > 0 && strcmp(config->data[i].file, OKNG_BANK_IGNORED_FILE) == 0) continue; /* any method's */
        while (*file && strcmp(*file, config->data[i].file) != 0) file++;
        if (!*file)
            return okng_fail(error, OKNG_ERROR_FORMAT, "its data file is %s, which %s does not write",
                             config->data[i].file, member->method->name);
    }
    return OKNG_OK;
}

okng_status okng_member_weights(okng_weights **out, const okng_bank_file *file, const char *override, okng_error *error)
{
    const okng_bank_config *config = &file->config;
    *out = NULL;
    if (!override) OKNG_TRY(okng_bank_file_packed(file, OKNG_RECIPE_WEIGHTS, 0, out, error));
    if (*out) return OKNG_OK;
    if (!override && file->recipe)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: holds no weights; pack the bank again",
                         okng_recipe_path(file->recipe));
    okng_status status = okng_recorded_weights_open(
        out, config->options.backbone, override ? override : config->options.weights, config->weights_sha256, error);
    if (status == OKNG_ERROR_NOT_FOUND && !override)
        return okng_error_context(error, status, "the bank's weight file is gone (give its new place as weights)");
    return status;
}

static okng_status open_member(okng_member *member, const okng_bank_source *from, const char *override,
                               okng_error *error)
{
    OKNG_TRY(okng_bank_file_read(&member->file, from, error));
    okng_status status = find_method(member, error);
    if (status == OKNG_OK) status = okng_ignored_of_bank(&member->ignored, &member->file, error);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", from->path);
    OKNG_TRY(okng_member_weights(&member->weights, &member->file, override, error));
    status = member->method->open(&member->model, &member->file, &member->weights, error);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", from->path);
}

okng_status okng_member_open(okng_member **out, const okng_bank_source *from, const char *weights, okng_error *error)
{
    okng_member *member = *out = calloc(1, sizeof *member);
    if (!member) return okng_fail_memory(error, sizeof *member);
    okng_status status = open_member(member, from, weights, error);
    if (status != OKNG_OK) okng_member_close(out);
    return status;
}

void okng_member_close(okng_member **member)
{
    if (!member || !*member) return;
    if ((*member)->model) (*member)->method->close(&(*member)->model);
    okng_weights_close(&(*member)->weights);
    okng_bank_file_close(&(*member)->file);
    okng_ignored_free(&(*member)->ignored);
    free(*member);
    *member = NULL;
}

/* ---- use --------------------------------------------------------------------------------------------------------- */

okng_status okng_member_settled(const okng_member *member, okng_error *error)
{
    return member->file.recipe ? okng_recipe_settled(member->file.recipe, error) : OKNG_OK;
}

okng_status okng_member_inspect(void *member, const okng_image *rgb, int threads, okng_scored *scored,
                                okng_error *error)
{
    const okng_member *m = member;
    if (m->file.recipe) okng_recipe_guard();
    OKNG_TRY(okng_is_tiled(&m->file.config.options) ? okng_tiled_inspect(m, rgb, threads, scored, error)
                                                    : m->method->inspect(m->model, rgb, threads, scored, error));
    okng_status status = okng_member_settled(m, error);
    if (status != OKNG_OK) okng_scored_free(scored); /* what was seen was not what was packed */
    return status;
}

int32_t okng_member_at_once(const okng_member *member)
{
    const okng_bank_config *config = &member->file.config;
    const bool few = member->method->inspect_few && !okng_is_tiled(&config->options);
    return few ? okng_extractor_at_once(config->input_height, config->input_width) : 1;
}

void okng_member_inspect_few(const okng_member *member, okng_inspection *pictures, int32_t count, int threads)
{
    okng_error why = {0};
    if (member->file.recipe) okng_recipe_guard();
    member->method->inspect_few(member->model, pictures, count, threads);
    okng_status status = okng_member_settled(member, &why);
    if (status != OKNG_OK) okng_inspections_fail(pictures, count, status, &why);
}

okng_status okng_member_express(void *member, okng_program *program, okng_program_value picture,
                                okng_program_value *score, okng_program_value *map, okng_error *error)
{
    const okng_member *m = member;
    if (m->file.recipe) okng_recipe_guard();
    if (okng_is_tiled(&m->file.config.options))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "tile: the bank looks at pictures in tiles, and an exported graph at one picture of one size; "
                         "build one without tile, and cut the pictures before");
    if (m->method->express) return m->method->express(m->model, program, picture, score, map, error);
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "method %s: it cannot be written down as one graph",
                     m->method->name);
}

int64_t okng_member_rows(const okng_member *member)
{
    return member->file.config.data_count > 0 ? member->file.config.data[0].rows : 0;
}

/* Of the tensors in one file. */
static uint64_t tensor_bytes(const okng_weights *file)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < okng_weights_count(file); i++) {
        okng_tensor_info info = {.struct_size = sizeof info};
        const okng_array *tensor = NULL;
        if (okng_weights_tensor(file, i, &info, NULL) == OKNG_OK) tensor = okng_weights_find(file, info.name);
        if (tensor) bytes += tensor->bytes;
    }
    return bytes;
}

uint64_t okng_member_bytes(const okng_member *member)
{
    return member->file.data[0] ? tensor_bytes(member->file.data[0]) : 0;
}
