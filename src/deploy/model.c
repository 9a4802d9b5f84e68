#include "deploy/model.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "deploy/beside.h"
#include "export/export.h"
#include "model/express.h"
#include "program/node.h"

/* ---- formats ----------------------------------------------------------------------------------------------------- */

typedef struct format {
    const char *name;
    const char *ending;
    bool folder; /* the model has a folder of its own: OUT/NAME/NAME.xml */
    bool opsets; /* which one is written can be chosen, and from how many bytes on constants lie apart */
    okng_status (*write)(const okng_program *program, const okng_export_target *target, okng_export_files *files,
                         okng_error *error);
} format;

static const format formats[] = {
    {"onnx", ".onnx", false, true, okng_export_onnx},
    {"openvino", ".xml", true, false, okng_export_openvino},
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

static okng_status find_format(const format **out, const char *name, okng_error *error)
{
    if (!name) name = formats[0].name;
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i].name, name) == 0) {
            *out = &formats[i];
            return OKNG_OK;
        }
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "format \"%s\", expected onnx or openvino", name);
}

/* ---- options ----------------------------------------------------------------------------------------------------- */

/* Whether a text is the second of two choices; NULL is the first. */
static okng_status choose(const char *option, const char *value, const char *first, const char *second, bool *is_second,
                          okng_error *error)
{
    *is_second = value && strcmp(value, second) == 0;
    if (!value || *is_second || strcmp(value, first) == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s \"%s\", expected %s or %s", option, value, first, second);
}

enum { LONGEST_NAME = 100 };

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static okng_status check_name(const char *name, okng_error *error)
{
    const size_t length = strlen(name);
    bool text = okng_utf8_valid(name, length, NULL); /* as what the model says of itself must be, in both formats */
    for (size_t i = 0; i < length; i++) text = text && !is_control(name[i]);
    if (!text)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "name \"%s\", expected UTF-8 without control characters, as the model holds it", name);
    if (length > 0 && name[0] != '.' && length <= LONGEST_NAME && !strchr(name, '/')) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "name \"%s\", expected 1 to %d bytes without '/' that do not begin with '.'", name, LONGEST_NAME);
}

/* What only ONNX has. */
static okng_status check_onnx_alone(const okng_export_options *options, const format *as, okng_error *error)
{
    if (as->opsets || (options->opset == 0 && options->data_apart == 0)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s is of ONNX alone, and the format is %s; leave it out",
                     options->opset != 0 ? "opset" : "data_apart", as->name);
}

static okng_status check_size(const okng_export_options *options, okng_error *error)
{
    const int32_t height = options->picture_height, width = options->picture_width;
    if (height == 0 && width == 0) return OKNG_OK;
    if (!options->resize)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a size of pictures is only read where they are resized inside");
    if (height >= 1 && width >= 1 && height <= 65535 && width <= 65535) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "pictures of %dx%d, expected sides from 1 to 65535", (int)height,
                     (int)width);
}

/* As the bank's folder is called, as far as that can be. */
/* Of a recipe without its ending. */
static const char *name_of(const okng_model *model, const okng_export_options *options, char own[LONGEST_NAME + 1])
{
    if (options->name) return options->name;
    const char *place = okng_model_place(model), *slash = place ? strrchr(place, '/') : NULL;
    if (!slash || check_name(slash + 1, NULL) != OKNG_OK) return "okng";
    (void)snprintf(own, LONGEST_NAME + 1, "%s", slash + 1);
    char *ending = strrchr(own, '.');
    if (ending && ending > own && strcmp(ending, ".okng") == 0) *ending = '\0';
    return own;
}

/* ---- what is told of it ------------------------------------------------------------------------------------------ */

enum { NOTES = 24, NOTE = 256 };

typedef struct notes {
    okng_export_note list[NOTES];
    char text[NOTES][NOTE];
    size_t count;
} notes;

/* Neither format holds other bytes than UTF-8, nor XML most control characters; a text may be cut within one, too. */
static void make_text(char *text)
{
    for (size_t at; !okng_utf8_valid(text, strlen(text), &at);) text[at] = '?';
    for (; *text; text++)
        if (is_control(*text)) *text = ' ';
}

__attribute__((format(printf, 3, 4))) static void note(notes *n, const char *key, const char *form, ...)
{
    va_list list;
    if (n->count == NOTES) return;
    va_start(list, form);
    (void)vsnprintf(n->text[n->count], NOTE, form, list);
    va_end(list);
    make_text(n->text[n->count]);
    n->list[n->count] = (okng_export_note){key, n->text[n->count]};
    n->count++;
}

static void note_options(notes *n, const okng_build_options *options)
{
    /* The option, and the key: with the dot of a name of okng's own. */
    static const char *const told[][2] = {
        {"preset", "okng.preset"},
        {"layers", "okng.layers"},
        {"resize", "okng.resize"},
        {"crop", "okng.crop"},
        {"interpolation", "okng.interpolation"},
        {"distance", "okng.distance"},
        {"image-score", "okng.image_score"},
    };
    char value[NOTE];
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (okng_build_options_get(options, told[i][0], value, sizeof value, NULL) == OKNG_OK)
            note(n, told[i][1], "%s", value);
}

static void fill_notes(notes *n, const okng_model_info *info, const okng_express_options *how, bool resized, bool half)
{
    const okng_tau *tau = info->tau;
    note(n, "okng.version", "%s", okng_version());
    note(n, "okng.method", "%s", info->method->name);
    note(n, "okng.backbone", "%s", info->backbone);
    if (info->members > 0) note(n, "okng.members", "%zu", info->members);
    note(n, "okng.height", "%d", (int)info->input_height);
    note(n, "okng.width", "%d", (int)info->input_width);
    note(n, "okng.input",
         how->pixels ? "uint8 [N, height, width, 3], RGB, 0..255" : "float32 [N, 3, height, width], RGB, 0..1");
    note(n, "okng.input_size", resized ? "the picture's own" : "the network's");
    note(n, "okng.precision", half ? "fp16" : "fp32");
    note_options(n, info->options);
    note(n, "okng.rows", "%lld", (long long)info->rows);
    note(n, "okng.dim", "%lld", (long long)info->dim);
    note(n, "okng.pictures", "%llu", (unsigned long long)info->pictures);
    note(n, "okng.image_threshold", "%.9g", (double)(isnan(how->threshold_image) ? tau->image : how->threshold_image));
    note(n, "okng.pixel_threshold", "%.9g", (double)(isnan(how->threshold_pixel) ? tau->pixel : how->threshold_pixel));
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

/* What exports leave in a folder. */
static bool is_export(const char *name)
{
    static const char *const endings[] = {".onnx", ".onnx.data", ".xml", ".bin"};
    static const char *const names[] = {OKNG_EXPORT_CONFIG, OKNG_EXPORT_CHECKPOINT};
    const size_t length = strlen(name);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) return true;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const size_t ending = strlen(endings[i]);
        if (length > ending && strcmp(name + length - ending, endings[i]) == 0) return true;
    }
    return false;
}

/* The model's own folder, which is the one that was given but where a format has one for each model. */
static okng_status check_folder(const char *file, okng_error *error)
{
    char folder[OKNG_PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s", file);
    char *slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
    return okng_check_own_but(folder, "bank", is_export, error); /* as okng train patchcore keeps one there */
}

/* A model of the same name is replaced where it is okng's: ONNX says who made it in its first bytes, IR in its last
 * ones. Somebody else's, and what was trained beside it, would be lost. */
static okng_status check_replaced(const char *file, okng_error *error)
{
    enum { LOOKED_AT = 1 << 14 };
    static const char *const marks[] = {"okng", "<okng>"};
    bool ours = false;
    FILE *stream = fopen(file, "rbe");
    if (!stream) return errno == ENOENT ? OKNG_OK : okng_fail_errno(error, "open", file);
    char *text = okng_alloc(LOOKED_AT, 1);
    size_t size = text ? fread(text, 1, 64, stream) : 0;
    if (size > 0) ours = memmem(text, size, marks[0], strlen(marks[0])) != NULL;
    if (text && !ours) {
        if (fseek(stream, -LOOKED_AT, SEEK_END) != 0) rewind(stream); /* shorter than that */
        size = fread(text, 1, LOOKED_AT, stream);
        ours = memmem(text, size, marks[1], strlen(marks[1])) != NULL;
    }
    (void)fclose(stream);
    free(text);
    if (!text) return okng_fail_memory(error, LOOKED_AT);
    if (ours) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_ARGUMENT,
        "%s: is there, and no model of okng's, which would be replaced; move it away, or give another name", file);
}

static void count(const okng_program *program, const okng_model_info *info, const okng_export_files *files,
                  okng_export_report *report)
{
    okng_program_costs costs;
    okng_program_count(program, 1, &costs);
    report->bytes = files->bytes;
    report->data_bytes = files->data_bytes;
    report->opset = files->opset;
    report->height = info->input_height;
    report->width = info->input_width;
    report->constants = (uint64_t)costs.constants;
    report->largest = (uint64_t)costs.largest;
    report->flops = costs.flops;
    for (size_t i = 0; i < program->count; i++)
        report->operators +=
            program->nodes[i].op != OKNG_PROGRAM_CONSTANT && program->nodes[i].op != OKNG_PROGRAM_INPUT;
}

static okng_status is_settled(const void *model, okng_error *error)
{
    return okng_model_settled(model, error);
}

/* How much of a file's path is there: bytes of its last folder that is. */
static size_t length_there(const char *file)
{
    char folder[OKNG_PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s", file);
    for (char *slash; (slash = strrchr(folder, '/')) && slash > folder;) {
        *slash = '\0';
        if (access(folder, F_OK) == 0) return (size_t)(slash - folder);
    }
    return 0;
}

/* The folders behind these bytes, where they are empty. */
static void remove_made(const char *file, size_t there)
{
    char folder[OKNG_PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s", file);
    for (char *slash; (slash = strrchr(folder, '/')) && (size_t)(slash - folder) > there;) {
        *slash = '\0';
        if (rmdir(folder) != 0 && errno != ENOENT) return;
    }
}

/* All of a model, or what was there before: what stands beside it is put into its place once all is written. */
static okng_status write_files(const okng_model *model, const okng_program *program, const okng_export_target *target,
                               const format *as, okng_export_files *files, okng_error *error)
{
    okng_export_beside beside;
    char apart[OKNG_PATH_MAX + 8];
    const bool replaced = access(target->path, F_OK) == 0; /* one of okng's, and so what it kept beside it */
    if (!as->folder) {
        OKNG_TRY(as->write(program, target, files, error));
        (void)snprintf(apart, sizeof apart, "%s.data", target->path);
        if (replaced && files->data_bytes == 0) (void)unlink(apart);
        return OKNG_OK;
    }
    OKNG_TRY(okng_export_beside_write(&beside, model, target, error));
    const okng_status status = as->write(program, target, files, error);
    if (status == OKNG_OK) return okng_export_beside_commit(&beside, target, error);
    okng_export_beside_abort(&beside);
    return status;
}

static okng_status write_model(const okng_model *model, const okng_export_options *options, const format *as,
                               const okng_express_options *how, bool half, okng_export_report *report,
                               okng_error *error)
{
    const okng_model_info info = okng_model_look(model);
    okng_program *program;
    okng_export_files files;
    char own[LONGEST_NAME + 1];
    notes told = {.count = 0};
    fill_notes(&told, &info, how, options->resize != 0, half);
    const okng_export_target target = {.path = report->file,
                                       .name = name_of(model, options, own),
                                       .half = half,
                                       .opset = options->opset,
                                       .data_apart = (size_t)options->data_apart,
                                       .notes = told.list,
                                       .note_count = told.count,
                                       .settled = is_settled,
                                       .owner = model};
    OKNG_TRY(okng_model_express(model, how, &program, error));
    const size_t there = length_there(report->file);
    okng_status status = okng_make_parent(report->file, error);
    if (status == OKNG_OK) status = write_files(model, program, &target, as, &files, error);
    if (status == OKNG_OK)
        count(program, &info, &files, report);
    else
        remove_made(report->file, there);
    okng_program_free(&program);
    return status;
}

okng_status okng_export_model(const okng_model *model, const okng_export_options *options, okng_export_report *report,
                              okng_error *error)
{
    const format *as = NULL;
    okng_express_options how = {.resize_inside = options->resize != 0,
                                .threshold_image = NAN,
                                .threshold_pixel = NAN,
                                .picture_height = options->picture_height,
                                .picture_width = options->picture_width};
    bool half;
    *report = (okng_export_report){.struct_size = sizeof *report};
    OKNG_TRY(find_format(&as, options->format, error));
    OKNG_TRY(choose("precision", options->precision, "fp32", "fp16", &half, error));
    OKNG_TRY(choose("input", options->input, "float", "uint8", &how.pixels, error));
    char own[LONGEST_NAME + 1];
    const char *name = name_of(model, options, own);
    OKNG_TRY(check_name(name, error));
    OKNG_TRY(check_size(options, error));
    OKNG_TRY(check_onnx_alone(options, as, error));
    how.batch = options->dynamic_batch ? OKNG_ANY : 1;
    if (options->threshold_image) how.threshold_image = *options->threshold_image;
    if (options->threshold_pixel) how.threshold_pixel = *options->threshold_pixel;
    const int length = snprintf(report->file, sizeof report->file, "%s/%s%s%s%s", options->out, as->folder ? name : "",
                                as->folder ? "/" : "", name, as->ending);
    if (length >= (int)sizeof report->file)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: the path is too long", options->out);
    OKNG_TRY(check_folder(report->file, error));
    OKNG_TRY(check_replaced(report->file, error));
    return write_model(model, options, as, &how, half, report, error);
}
