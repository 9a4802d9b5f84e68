/* An exported model beside okng itself, on pictures. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "deploy/model.h"
#include "export/export.h"
#include "features/preprocess.h"
#include "model/express.h"
#include "program/node.h"

static const double score_limit = 1e-5, map_limit = 1e-4, half_limit = 1e-2, resize_limit = 5e-2;
enum { MOST_PICTURES = 100000 };

/* The outputs, in the order that they are looked for. */
enum { MAP, SCORE, LABEL, MASK, OUTPUTS };
static const char *const output_names[OUTPUTS] = {OKNG_OUTPUT_MAP, OKNG_OUTPUT_SCORE, OKNG_OUTPUT_LABEL,
                                                  OKNG_OUTPUT_MASK};

typedef struct job {
    const okng_model *model;
    okng_model_info info;
    okng_program *program;
    const okng_verify_options *options;
    okng_verify_report *report;
    const char *file;
    int place[OUTPUTS];                     /* of each output among the program's */
    bool pixels;                            /* the input is uint8 [N, height, width, 3] */
    bool own_size;                          /* and the picture as it is */
    float image_threshold, pixel_threshold; /* in the file */
} job;

/* ---- what the file is -------------------------------------------------------------------------------------------- */

static okng_status mismatch(const job *j, const char *what, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: %s; expected what okng export makes of this bank", j->file, what);
}

static okng_status check_input(job *j, okng_error *error)
{
    const okng_program *p = j->program;
    if (p->input_count != 1 || strcmp(p->nodes[p->inputs[0]].name, OKNG_INPUT_PICTURE) != 0)
        return mismatch(j, "has not the one input \"" OKNG_INPUT_PICTURE "\"", error);
    const okng_program_type *type = &p->nodes[p->inputs[0]].type;
    j->pixels = type->dtype == OKNG_U8;
    if (type->rank != 4 || (!j->pixels && type->dtype != OKNG_F32) || type->dims[j->pixels ? 3 : 1] != 3 ||
        (type->dims[0] != 1 && type->dims[0] != OKNG_ANY))
        return mismatch(j, "its input is neither float32 [N, 3, height, width] nor uint8 [N, height, width, 3]", error);
    const int64_t *size = type->dims + (j->pixels ? 1 : 2);
    j->own_size = size[0] != j->info.input_height || size[1] != j->info.input_width;
    return OKNG_OK;
}

static okng_status check_outputs(job *j, okng_error *error)
{
    static const okng_dtype types[OUTPUTS] = {OKNG_F32, OKNG_F32, OKNG_BOOL, OKNG_BOOL};
    const okng_program *p = j->program;
    for (int k = 0; k < OUTPUTS; k++) {
        j->place[k] = -1;
        for (int32_t i = 0; i < p->output_count; i++)
            if (strcmp(p->outputs[i].name, output_names[k]) == 0) j->place[k] = i;
        if (j->place[k] < 0 || p->nodes[p->outputs[j->place[k]].value].type.dtype != types[k])
            return mismatch(j, "lacks one of the outputs anomaly_map, pred_score, pred_label, pred_mask", error);
    }
    return OKNG_OK;
}

/* The constant of this name, of one number. */
static bool find_number(const okng_program *p, const char *name, float *out)
{
    for (size_t i = 0; i < p->count; i++) {
        const okng_program_node *node = &p->nodes[i];
        if (node->op != OKNG_PROGRAM_CONSTANT || !node->name || strcmp(node->name, name) != 0) continue;
        if (node->type.dtype != OKNG_F32 || okng_program_elements(&node->type) != 1) return false;
        memcpy(out, node->data, sizeof *out);
        return true;
    }
    return false;
}

/* What the file must keep to: rounded constants, and a resize whose passes are not rounded between, cost some. */
static void set_limits(const okng_program *p, okng_verify_report *report)
{
    report->score_limit = score_limit;
    report->map_limit = map_limit;
    for (size_t i = 0; i < p->count; i++) {
        const bool half = p->nodes[i].op == OKNG_PROGRAM_CONSTANT && p->nodes[i].type.dtype == OKNG_F16;
        const double limit = p->nodes[i].op == OKNG_PROGRAM_RESIZE ? resize_limit : half ? half_limit : 0;
        report->score_limit = fmax(report->score_limit, limit);
        report->map_limit = fmax(report->map_limit, limit);
    }
}

static okng_status look_at_file(job *j, okng_error *error)
{
    OKNG_TRY(check_input(j, error));
    OKNG_TRY(check_outputs(j, error));
    if (!find_number(j->program, OKNG_IMAGE_THRESHOLD, &j->image_threshold) ||
        !find_number(j->program, OKNG_PIXEL_THRESHOLD, &j->pixel_threshold))
        return mismatch(j, "lacks a constant \"" OKNG_IMAGE_THRESHOLD "\" or \"" OKNG_PIXEL_THRESHOLD "\"", error);
    set_limits(j->program, j->report);
    return OKNG_OK;
}

/* ---- the input --------------------------------------------------------------------------------------------------- */

/* float32 [3, height, width] of 0..1 into uint8 [height, width, 3]. */
static void to_pixels(const float *tensor, size_t count, uint8_t *pixels)
{
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < count; i++)
            pixels[3 * i + c] = (uint8_t)lrintf(fminf(fmaxf(tensor[c * count + i], 0), 1) * 255);
}

static void from_pixels(const uint8_t *pixels, size_t count, float *tensor)
{
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < count; i++) tensor[c * count + i] = (float)pixels[3 * i + c] / 255.0f;
}

/* The picture as the network sees it, before colours are normalised: float32 [3, height, width]. */
static okng_status seen(const job *j, const okng_image *rgb, okng_placement *placement, float **tensor,
                        okng_error *error)
{
    okng_build_options plain = *j->info.options;
    for (int c = 0; c < 3; c++) {
        plain.mean[c] = 0;
        plain.std[c] = 1;
    }
    OKNG_TRY(okng_placement_of(&plain, rgb->width, rgb->height, placement, error));
    const size_t count = 3 * (size_t)placement->height * (size_t)placement->width;
    *tensor = okng_alloc(count, sizeof **tensor);
    if (!*tensor) return okng_fail_memory(error, count * sizeof **tensor);
    const okng_status status = okng_preprocess_image(&plain, placement, rgb, *tensor, error);
    if (status == OKNG_OK) return OKNG_OK;
    free(*tensor);
    *tensor = NULL;
    return status;
}

static okng_status new_input(const job *j, int64_t height, int64_t width, okng_array **input, okng_error *error)
{
    const int64_t planes[4] = {1, 3, height, width}, pixels[4] = {1, height, width, 3};
    return okng_array_new(input, j->pixels ? OKNG_U8 : OKNG_F32, 4, j->pixels ? pixels : planes, error);
}

/* A model may be written for pictures of one size. */
static okng_status check_picture(const job *j, const okng_image *rgb, okng_error *error)
{
    const int64_t *size = j->program->nodes[j->program->inputs[0]].type.dims + (j->pixels ? 1 : 2);
    if ((size[0] == OKNG_ANY || size[0] == rgb->height) && (size[1] == OKNG_ANY || size[1] == rgb->width))
        return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: takes pictures of %lld x %lld pixels, and one of %d x %d was given to compare by", j->file,
                     (long long)size[1], (long long)size[0], (int)rgb->width, (int)rgb->height);
}

static okng_status make_input(const job *j, const okng_image *rgb, okng_array **input, okng_error *error)
{
    okng_placement placement;
    float *tensor;
    *input = NULL;
    if (j->own_size) {
        const size_t count = (size_t)rgb->width * (size_t)rgb->height;
        OKNG_TRY(check_picture(j, rgb, error));
        OKNG_TRY(new_input(j, rgb->height, rgb->width, input, error));
        if (j->pixels)
            memcpy((*input)->data, rgb->pixels, 3 * count);
        else
            from_pixels(rgb->pixels, count, (*input)->data);
        return OKNG_OK;
    }
    OKNG_TRY(seen(j, rgb, &placement, &tensor, error));
    const size_t count = (size_t)placement.height * (size_t)placement.width;
    const okng_status status = new_input(j, placement.height, placement.width, input, error);
    if (status == OKNG_OK && j->pixels) to_pixels(tensor, count, (*input)->data);
    if (status == OKNG_OK && !j->pixels) memcpy((*input)->data, tensor, 3 * count * sizeof *tensor);
    free(tensor);
    return status;
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

/* NaN counts as infinitely far. */
static double larger(double a, double b)
{
    return isnan(b) ? INFINITY : b > a ? b : a;
}

/* A difference as a part of `whole`, or, where that is next to nothing beside the threshold, of the threshold: of a
 * picture that was learnt with all its patches only the rounding of both networks is left. */
static double part_of(double difference, double whole, float threshold)
{
    const double least = fabs((double)threshold);
    return difference == 0 ? 0 : difference / fmax(whole < least / 100 ? least : whole, 1e-30);
}

static okng_status compare(job *j, const okng_scored *scored, okng_array *const *outputs, okng_error *error)
{
    const okng_array *map = outputs[j->place[MAP]], *mask = outputs[j->place[MASK]];
    const size_t pixels = (size_t)scored->placement.height * (size_t)scored->placement.width;
    if (map->bytes != pixels * sizeof(float) || mask->bytes != pixels ||
        outputs[j->place[SCORE]]->bytes != sizeof(float) || outputs[j->place[LABEL]]->bytes != 1)
        return mismatch(j, "its outputs are of another size than the network's input", error);
    const double score = (double)*(const float *)outputs[j->place[SCORE]]->data, own = (double)scored->score;
    const float *given = map->data;
    const uint8_t *flags = mask->data;
    float low = INFINITY, high = -INFINITY;
    double worst = 0;
    for (size_t i = 0; i < pixels; i++) {
        low = fminf(low, scored->input_map[i]);
        high = fmaxf(high, scored->input_map[i]);
        worst = larger(worst, fabs((double)given[i] - (double)scored->input_map[i]));
        j->report->mask_pixels += (scored->input_map[i] > j->pixel_threshold) != (flags[i] != 0);
    }
    const double range = (double)high - (double)low;
    j->report->score = larger(j->report->score, part_of(fabs(score - own), fabs(own), j->image_threshold));
    j->report->map = larger(j->report->map, part_of(worst, range, j->pixel_threshold));
    j->report->labels +=
        (scored->score > j->image_threshold) != (*(const uint8_t *)outputs[j->place[LABEL]]->data != 0);
    j->report->pixels += pixels;
    j->report->pictures++;
    return OKNG_OK;
}

/* ---- samples ----------------------------------------------------------------------------------------------------- */

static okng_status save(const char *folder, const char *name, okng_dtype dtype, int32_t dims, const int64_t *shape,
                        const void *data, okng_error *error)
{
    okng_array array = {.dtype = dtype, .dims = dims, .data = (void *)(uintptr_t)data};
    char path[OKNG_PATH_MAX + 64];
    for (int32_t i = 0; i < dims; i++) array.shape[i] = shape[i];
    (void)okng_shape_bytes(dtype, dims, shape, &array.bytes);
    (void)snprintf(path, sizeof path, "%s/%s.npy", folder, name);
    return okng_array_write_npy(&array, path, error);
}

static bool is_sample(const char *name)
{
    static const char *const names[] = {OKNG_INPUT_PICTURE, OKNG_OUTPUT_MAP, OKNG_OUTPUT_SCORE, OKNG_OUTPUT_LABEL,
                                        OKNG_OUTPUT_MASK};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const size_t length = strlen(names[i]);
        if (strncmp(name, names[i], length) == 0 && strcmp(name + length, ".npy") == 0) return true;
    }
    return false;
}

/* What went in, and what okng itself says. */
static okng_status save_sample(const job *j, size_t number, const okng_array *input, const okng_scored *scored,
                               okng_error *error)
{
    char folder[OKNG_PATH_MAX];
    const int64_t one[1] = {1}, shape[4] = {1, 1, scored->placement.height, scored->placement.width};
    const size_t pixels = (size_t)shape[2] * (size_t)shape[3];
    const uint8_t label = scored->score > j->image_threshold;
    if (snprintf(folder, sizeof folder, "%s/%zu", j->options->samples, number) >= (int)sizeof folder)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: the path is too long", j->options->samples);
    OKNG_TRY(okng_make_folders(folder, error));
    uint8_t *mask = okng_alloc(pixels, 1);
    if (!mask) return okng_fail_memory(error, pixels);
    for (size_t i = 0; i < pixels; i++) mask[i] = scored->input_map[i] > j->pixel_threshold;
    okng_status status = save(folder, OKNG_INPUT_PICTURE, input->dtype, input->dims, input->shape, input->data, error);
    if (status == OKNG_OK) status = save(folder, OKNG_OUTPUT_MAP, OKNG_F32, 4, shape, scored->input_map, error);
    if (status == OKNG_OK) status = save(folder, OKNG_OUTPUT_SCORE, OKNG_F32, 1, one, &scored->score, error);
    if (status == OKNG_OK) status = save(folder, OKNG_OUTPUT_LABEL, OKNG_BOOL, 1, one, &label, error);
    if (status == OKNG_OK) status = save(folder, OKNG_OUTPUT_MASK, OKNG_BOOL, 4, shape, mask, error);
    free(mask);
    return status;
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

static okng_status compare_scored(job *j, size_t number, const okng_image *rgb, const okng_scored *scored,
                                  okng_error *error)
{
    okng_array *input, *outputs[OKNG_PROGRAM_MAX_ENDS] = {0};
    OKNG_TRY(make_input(j, rgb, &input, error));
    const double since = okng_clock();
    okng_status status = okng_program_run(j->program, (const okng_array *const[]){input},
                                          okng_thread_count(j->options->threads), outputs, error);
    j->report->seconds += okng_clock() - since;
    if (status == OKNG_OK) status = compare(j, scored, outputs, error);
    if (status == OKNG_OK && j->options->samples) status = save_sample(j, number, input, scored, error);
    for (int32_t i = 0; i < OKNG_PROGRAM_MAX_ENDS; i++) okng_array_free(&outputs[i]);
    okng_array_free(&input);
    return status;
}

static okng_status compare_picture(job *j, size_t number, const okng_picture *picture, okng_error *error)
{
    okng_image rgb;
    okng_scored scored;
    okng_decoding how = {.max_pixels = j->info.options->max_pixels,
                         .bit_depth = okng_bits_of(j->info.options->bit_depth)};
    OKNG_TRY(okng_image_take(&rgb, picture, &how, error));
    okng_status status = okng_model_inspect(j->model, &rgb, okng_thread_count(j->options->threads), &scored, error);
    if (status == OKNG_OK) {
        status = compare_scored(j, number, &rgb, &scored, error);
        okng_scored_free(&scored);
    }
    okng_image_free(&rgb);
    return status;
}

static bool is_listed(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

static okng_status compare_source(job *j, size_t number, const okng_source *source, okng_error *error)
{
    char *path = source->folder[0] ? okng_path_join(source->folder, source->name) : strdup(source->name);
    if (!path) return okng_fail_memory(error, strlen(source->name));
    okng_picture picture = {.struct_size = sizeof picture, .path = path};
    const okng_status status = compare_picture(j, number, &picture, error);
    free(path);
    return status;
}

/* Of pictures that the bank's rows came from: the first that are met. */
static okng_status compare_sources(job *j, okng_error *error)
{
    const size_t most = j->options->count < MOST_PICTURES ? j->options->count : MOST_PICTURES;
    const char **names = okng_alloc_zero(most, sizeof *names);
    okng_source source;
    okng_status status = names ? OKNG_OK : okng_fail_memory(error, most * sizeof *names);
    size_t count = 0;
    for (int64_t i = 0; i < j->info.rows && count < most && status == OKNG_OK; i++) {
        if (!okng_model_source(j->model, i, &source) || is_listed(names, count, source.name)) continue;
        names[count] = source.name;
        status = compare_source(j, count++, &source, error);
    }
    free(names);
    if (status == OKNG_OK && count == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "the bank does not know the pictures that it learnt from; give some to compare by (--img)");
    return status;
}

static okng_status compare_all(job *j, okng_error *error)
{
    OKNG_TRY(look_at_file(j, error));
    if (!j->options->pictures) return compare_sources(j, error);
    for (size_t i = 0; i < j->options->count; i++) OKNG_TRY(compare_picture(j, i, &j->options->pictures[i], error));
    return OKNG_OK;
}

/* By the ending of its name. */
static okng_status read_file(okng_program **out, const char *file, okng_error *error)
{
    const size_t length = strlen(file);
    const bool openvino = length > 4 && strcmp(file + length - 4, ".xml") == 0;
    return openvino ? okng_export_read_openvino(out, file, error) : okng_export_read_onnx(out, file, error);
}

okng_status okng_export_compare(const okng_model *model, const char *file, const okng_verify_options *options,
                                okng_verify_report *report, okng_error *error)
{
    job j = {.model = model, .info = okng_model_look(model), .options = options, .report = report, .file = file};
    *report = (okng_verify_report){.struct_size = sizeof *report};
    OKNG_TRY(okng_model_need_whole(model, error));
    OKNG_TRY(read_file(&j.program, file, error));
    okng_status status = options->samples ? okng_check_own(options->samples, is_sample, error) : OKNG_OK;
    if (status == OKNG_OK) status = compare_all(&j, error);
    okng_program_free(&j.program);
    report->agrees = report->score <= report->score_limit && report->map <= report->map_limit && report->labels == 0;
    return status;
}
