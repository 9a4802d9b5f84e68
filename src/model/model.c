#include "model/model.h"

#include <stdlib.h>
#include <string.h>

#include "bank/tau.h"
#include "base/file.h"
#include "base/parallel.h"
#include "method/thresholds.h"
#include "model/ensemble.h"
#include "model/express.h"
#include "model/rois.h"
#include "model/tiled.h"
#include "model/whole.h"

struct okng_model {
    char *folder;   /* NULL: it was made in memory */
    char *place;    /* the same, absolute, as it was then */
    char *weights;  /* that it was opened with in place of its own; NULL: it was not */
    char *device;   /* likewise */
    bool is_signed; /* and that was verified */
    int whole_threads;
    okng_member *member; /* one of the three, the others are NULL */
    okng_ensemble *ensemble;
    okng_model_rois *rois;
    okng_whole *whole; /* what runs it in their place; NULL: they do */
};

/* How a bank is opened. */
typedef struct opening {
    okng_model **out;
    const char *given;
    okng_overrides overrides;
} opening;

static okng_status open_source(const opening *o, const okng_bank_source *from, okng_error *error)
{
    okng_model *model = *o->out = calloc(1, sizeof *model);
    if (!model) return okng_fail_memory(error, sizeof *model);
    model->folder = strdup(o->given);
    model->place = okng_path_to_be(o->given);
    model->weights = o->overrides.weights ? strdup(o->overrides.weights) : NULL;
    model->device = o->overrides.device ? strdup(o->overrides.device) : NULL;
    okng_status status;
    if (!model->folder || (o->overrides.weights && !model->weights) || (o->overrides.device && !model->device))
        status = okng_fail_memory(error, strlen(o->given));
    else if (!model->place)
        status = okng_fail_errno(error, "find the place of", o->given);
    else if (okng_bank_source_has(from, OKNG_BANK_ENSEMBLE_FILE))
        status = okng_ensemble_open(&model->ensemble, from, &o->overrides, error);
    else if (okng_bank_source_has(from, OKNG_BANK_ROIS_FILE))
        status = okng_model_rois_open(&model->rois, from, &o->overrides, error);
    else
        status = okng_member_open(&model->member, from, &o->overrides, error);
    if (status != OKNG_OK) okng_model_close(o->out);
    return status;
}

static okng_status open_once(void *context, const char *folder, okng_error *error)
{
    const okng_bank_source from = {folder, NULL, ""};
    return open_source(context, &from, error);
}

static void forget(void *context)
{
    okng_model_close(((const opening *)context)->out);
}

/* One file, which is whole or another: there is nothing to settle. */
static okng_status open_recipe(const opening *o, const char *key, okng_error *error)
{
    okng_recipe *recipe;
    OKNG_TRY(okng_recipe_open(&recipe, o->given, error));
    const okng_bank_source from = {o->given, recipe, ""};
    okng_status status = key ? okng_recipe_verify(recipe, key, okng_thread_count(0), error) : OKNG_OK;
    if (status == OKNG_OK) status = open_source(o, &from, error);
    okng_recipe_close(&recipe);
    return status;
}

static okng_status open_path(opening *o, okng_error *error)
{
    *o->out = NULL;
    if (okng_recipe_is(o->given)) return open_recipe(o, NULL, error);
    return okng_bank_read_settled(o->given, open_once, forget, o, error);
}

okng_status okng_model_open(okng_model **out, const char *path, const char *weights, okng_error *error)
{
    opening o = {out, path, {.weights = weights}};
    return open_path(&o, error);
}

okng_status okng_model_open_signed(okng_model **out, const char *path, const char *key, okng_error *error)
{
    const opening o = {.out = out, .given = path};
    *out = NULL;
    if (!okng_recipe_is(path))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%s: is no recipe, and only those are signed; okng pack --sign KEY makes one of a bank", path);
    OKNG_TRY(open_recipe(&o, key, error));
    (*out)->is_signed = true;
    return OKNG_OK;
}

okng_status okng_model_make(okng_model **out, const okng_lesson *lesson, const okng_build_options *options,
                            okng_ticker *ticker, okng_build_report *report, okng_error *error)
{
    const okng_method *method;
    okng_lesson known = *lesson;
    *out = NULL;
    OKNG_TRY(okng_member_prepare(&method, &known, options, error));
    okng_model *model = calloc(1, sizeof *model);
    if (!model) return okng_fail_memory(error, sizeof *model);
    okng_status status = okng_member_fit(&model->member, method, &known, options, ticker, report, error);
    if (status == OKNG_OK)
        okng_build_report_fill(report, model->member);
    else
        okng_model_close(&model);
    *out = model;
    return status;
}

void okng_model_close(okng_model **model)
{
    if (!model || !*model) return;
    okng_whole_free(&(*model)->whole); /* which borrows from the others */
    okng_member_close(&(*model)->member);
    okng_ensemble_close(&(*model)->ensemble);
    okng_model_rois_close(&(*model)->rois);
    free((*model)->folder);
    free((*model)->place);
    free((*model)->weights);
    free((*model)->device);
    free(*model);
    *model = NULL;
}

const char *okng_model_place(const okng_model *model)
{
    return model->place;
}

bool okng_model_is_signed(const okng_model *model)
{
    return model->is_signed;
}

okng_run_options okng_model_run_options(const okng_model *model)
{
    return (okng_run_options){model->weights, model->device, model->whole != NULL, model->whole_threads};
}

/* ---- what it is -------------------------------------------------------------------------------------------------- */

/* All members: one, or those of an ensemble, or a region's each. */
static okng_member *const *members_of(const okng_model *model, size_t *count)
{
    *count = model->ensemble ? model->ensemble->file.count : model->rois ? model->rois->file.rois.count : 1;
    return model->ensemble ? model->ensemble->members : model->rois ? model->rois->members : &model->member;
}

static const okng_member *first_member(const okng_model *model)
{
    size_t count;
    return members_of(model, &count)[0];
}

static okng_tau *thresholds_of(const okng_model *model)
{
    return model->ensemble ? &model->ensemble->tau : model->rois ? &model->rois->tau : &model->member->file.tau;
}

okng_model_info okng_model_look(const okng_model *model)
{
    size_t count;
    okng_member *const *members = members_of(model, &count);
    const okng_member *first = members[0];
    const okng_ensemble *ensemble = model->ensemble;
    const okng_bank_config *config = &first->file.config;
    okng_model_info info = {.method = first->method,
                            .backbone = config->options.backbone,
                            .options = &config->options,
                            .tau = thresholds_of(model),
                            .input_height = config->input_height,
                            .input_width = config->input_width,
                            .picture_height = config->whole_height > 0 ? config->whole_height : config->picture_height,
                            .picture_width = config->whole_height > 0 ? config->whole_width : config->picture_width,
                            .one_shape = config->asked_pixels > 0 && !config->aspects_differ &&
                                         !okng_is_tiled(&config->options) && !model->rois,
                            .pictures = config->pictures,
                            .rows = okng_member_rows(first),
                            .dim = config->data_count > 0 ? config->data[0].dim : 0,
                            .bytes = okng_member_bytes(first),
                            .members = ensemble ? ensemble->file.count : 0,
                            .regions = model->rois ? model->rois->file.rois.count : 0,
                            .ready = !ensemble || ensemble->file.ranged};
    if (model->rois) {
        info.picture_height = model->rois->file.picture_height;
        info.picture_width = model->rois->file.picture_width;
    }
    for (size_t i = 1; i < count; i++) {
        info.rows += okng_member_rows(members[i]);
        info.bytes += okng_member_bytes(members[i]);
    }
    return info;
}

const okng_roi_box *okng_model_region(const okng_model *model, size_t i)
{
    return &model->rois->file.rois.boxes[i];
}

okng_status okng_model_need_whole(const okng_model *model, okng_error *error)
{
    const okng_bank_source from = {model->folder, first_member(model)->file.recipe, ""};
    return model->rois ? okng_bank_need_whole(&from, error) : OKNG_OK;
}

static okng_status add_cost(const okng_member *member, okng_network_cost *sum, okng_error *error)
{
    okng_network_cost cost;
    OKNG_TRY(member->method->describe(member->model, &cost, error));
    sum->parameters += cost.parameters;
    sum->flops += cost.flops;
    return OKNG_OK;
}

okng_status okng_model_describe(const okng_model *model, okng_model_info *info, okng_error *error)
{
    size_t count;
    okng_member *const *members = members_of(model, &count);
    *info = okng_model_look(model);
    for (size_t i = 0; i < count; i++) OKNG_TRY(add_cost(members[i], &info->cost, error));
    return OKNG_OK;
}

/* ---- use --------------------------------------------------------------------------------------------------------- */

static okng_status inspect_whole(const okng_model *model, const okng_image *rgb, okng_scored *scored, okng_error *error)
{
    if (first_member(model)->file.recipe) okng_recipe_guard();
    OKNG_TRY(okng_whole_inspect(model->whole, rgb, scored, error));
    const okng_status status = okng_model_settled(model, error);
    if (status != OKNG_OK) okng_scored_free(scored); /* what was seen was not what was packed */
    return status;
}

okng_status okng_model_inspect(const okng_model *model, const okng_image *rgb, int threads, okng_scored *scored,
                               okng_error *error)
{
    if (model->whole) return inspect_whole(model, rgb, scored, error);
    if (model->rois) return okng_model_rois_inspect(model->rois, rgb, threads, scored, error);
    return model->ensemble ? okng_ensemble_inspect(model->ensemble, rgb, threads, scored, error)
                           : okng_member_inspect(model->member, rgb, threads, scored, error);
}

int32_t okng_model_at_once(const okng_model *model)
{
    return model->whole || model->rois || model->ensemble ? 1 : okng_member_at_once(model->member);
}

void okng_model_inspect_few(const okng_model *model, okng_inspection *pictures, int32_t count, int threads)
{
    if (count > 1) {
        okng_member_inspect_few(model->member, pictures, count, threads);
        return;
    }
    okng_inspection *one = pictures;
    one->status = okng_model_inspect(model, one->rgb, threads, &one->scored, &one->error);
}

okng_status okng_model_express(const okng_model *model, const okng_express_options *options, okng_program **out,
                               okng_error *error)
{
    const okng_model_info info = okng_model_look(model);
    *out = NULL;
    OKNG_TRY(okng_model_need_whole(model, error));
    if (model->ensemble && options->resize_inside) OKNG_TRY(okng_ensemble_check_resize(model->ensemble, error));
    return model->ensemble ? okng_frame_express(okng_ensemble_express, model->ensemble, &info, options, out, error)
                           : okng_frame_express(okng_member_express, model->member, &info, options, out, error);
}

/* Thresholds are looked at outside the graph, so that one for all is enough in it. */
static okng_status make_whole(okng_model *model, const okng_run_options *options, okng_error *error)
{
    const okng_express_options how = {.threshold_image = 0, .threshold_pixel = 0};
    const okng_member *first = first_member(model);
    const okng_bank_config *config = &first->file.config;
    const okng_whole_frame frame = {&config->options, config->ignored, config->input_height, config->input_width};
    okng_program *program;
    model->whole_threads = options->threads;
    OKNG_TRY(okng_model_express(model, &how, &program, error));
    const okng_status status = okng_whole_new(&model->whole, program, &frame, config->options.device,
                                              okng_thread_count(options->threads), error);
    okng_program_free(&program);
    return status;
}

okng_status okng_model_open_to_run(okng_model **out, const char *path, const okng_run_options *options,
                                   okng_error *error)
{
    opening o = {out, path, {options->weights, options->device}};
    OKNG_TRY(open_path(&o, error));
    const okng_status status = options->whole ? make_whole(*out, options, error) : OKNG_OK;
    if (status != OKNG_OK) okng_model_close(out);
    return status;
}

okng_status okng_model_settled(const okng_model *model, okng_error *error)
{
    size_t count;
    okng_member *const *members = members_of(model, &count);
    for (size_t i = 0; i < count; i++) OKNG_TRY(okng_member_settled(members[i], error));
    return OKNG_OK;
}

okng_status okng_model_explain(const okng_model *model, const okng_scored *scored, int32_t x, int32_t y,
                               okng_explanation *out, okng_error *error)
{
    if (model->member) return okng_member_explain(model->member, scored, x, y, out, error);
    if (model->rois) return okng_model_rois_explain(model->rois, scored, x, y, out, error);
    *out = (okng_explanation){.patch = {x, y, 1, 1}};
    return OKNG_OK;
}

bool okng_model_picture_of(const okng_model *model, int64_t i, okng_source *source)
{
    const okng_member *first = first_member(model);
    return i < okng_member_rows(first) && first->method->source && first->method->source(first->model, i, source);
}

bool okng_model_source(const okng_model *model, int64_t i, okng_source *source)
{
    if (model->rois) return false; /* what was learnt is known by its place in a region that was cut out */
    return okng_model_picture_of(model, i, source);
}

/* What is found out of a model is kept in its folder. */
static okng_status need_folder(const okng_model *model, okng_error *error)
{
    if (!first_member(model)->file.recipe) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: is a recipe, in which nothing is kept; give the bank's folder",
                     model->folder);
}

okng_status okng_model_survey(okng_model *model, const okng_pictures *pictures, int threads, okng_ticker *ticker,
                              bool *changed, okng_error *error)
{
    *changed = model->ensemble != NULL;
    if (!model->ensemble) return OKNG_OK;
    OKNG_TRY(need_folder(model, error));
    OKNG_TRY(okng_ensemble_set_ranges_from(model->ensemble, pictures, threads, ticker, error));
    return okng_ensemble_file_write(&model->ensemble->file, model->folder, error);
}

static okng_status write_thresholds(const okng_model *model, const okng_tau *tau, okng_error *error)
{
    char *path = okng_path_join(model->folder, OKNG_BANK_TAU_FILE);
    if (!path) return okng_fail_memory(error, strlen(model->folder) + sizeof OKNG_BANK_TAU_FILE);
    okng_status status = okng_tau_write(tau, &first_member(model)->file.config.options, path, error);
    free(path);
    return status;
}

okng_status okng_model_calibrate(okng_model *model, const okng_pictures *pictures, int threads, okng_ticker *ticker,
                                 okng_error *error)
{
    const okng_bank_config *config = &first_member(model)->file.config;
    OKNG_TRY(need_folder(model, error));
    if (okng_is_tiled(&config->options))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "tile: thresholds of a bank of tiles come with its build alone");
    OKNG_TRY(okng_model_need_whole(model, error));
    const okng_calibrator calibration = {.inspect = model->ensemble ? okng_ensemble_inspect : okng_member_inspect,
                                         .model = model->ensemble ? (void *)model->ensemble : (void *)model->member,
                                         .options = &config->options,
                                         .ignored = config->ignored,
                                         .height = config->input_height,
                                         .width = config->input_width,
                                         .threads = threads,
                                         .basis = OKNG_TAU_VALIDATION};
    okng_tau tau = {0};
    OKNG_TRY(okng_calibrate(&calibration, pictures, ticker, &tau, error));
    okng_tau *own = thresholds_of(model);
    okng_tau_free(own);
    *own = tau;
    return model->folder ? write_thresholds(model, own, error) : OKNG_OK;
}
