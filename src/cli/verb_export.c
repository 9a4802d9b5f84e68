/* A bank as a model of other runtimes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef struct job {
    const okng_cli_args *args;
    okng_export_options options;
    float threshold_image, threshold_pixel;
    size_t verify; /* pictures; 0 = none */
    okng_cli_paths pictures;
    okng_export_report written;
    okng_verify_report compared;
} job;

/* ---- what was asked for ------------------------------------------------------------------------------------------ */

/* A whole number from `least` to `most` of an option, which stays as it is where it was not given. */
static int read_number(const okng_cli_args *args, const char *name, long least, long most, long *number)
{
    char *end;
    const char *value = okng_cli_value(args, name);
    if (!value) return EXIT_OKAY;
    *number = strtol(value, &end, 10);
    if (*value >= '0' && *value <= '9' && !*end && *number >= least && *number <= most) return EXIT_OKAY;
    return okng_cli_usage(args->verb, "--%s: found \"%s\", expected a whole number from %ld to %ld", name, value, least,
                          most);
}

static int read_resize(job *j)
{
    const char *value = okng_cli_value(j->args, "resize-inside");
    int height = 0, width = 0, read = 0;
    if (!value) return EXIT_OKAY;
    j->options.resize = 1;
    if (strcmp(value, "any") == 0) return EXIT_OKAY;
    if (sscanf(value, "%5dx%5d%n", &height, &width, &read) != 2 || value[read] || height < 1 || width < 1)
        return okng_cli_usage(j->args->verb,
                              "--resize-inside: found \"%s\", expected HxW, the size of pictures, or any", value);
    j->options.picture_height = height;
    j->options.picture_width = width;
    return EXIT_OKAY;
}

static int read_thresholds(job *j)
{
    static const char *const names[] = {"threshold-image", "threshold-pixel"};
    okng_inspect_options values;
    okng_error error;
    okng_inspect_options_init(&values);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = okng_cli_value(j->args, names[i]);
        if (value && okng_inspect_options_set(&values, names[i], value, &error) != OKNG_OK)
            return okng_cli_refused(j->args->verb, &error);
    }
    j->threshold_image = values.threshold_image;
    j->threshold_pixel = values.threshold_pixel;
    if (!isnan(j->threshold_image)) j->options.threshold_image = &j->threshold_image;
    if (!isnan(j->threshold_pixel)) j->options.threshold_pixel = &j->threshold_pixel;
    return EXIT_OKAY;
}

static int read_options(job *j)
{
    const okng_cli_args *args = j->args;
    long opset = 0, verify = 0;
    int code = read_number(args, "opset", 1, 1000, &opset);
    if (code == EXIT_OKAY) code = read_number(args, "verify", 1, 100000, &verify);
    if (code == EXIT_OKAY) code = read_resize(j);
    if (code == EXIT_OKAY) code = read_thresholds(j);
    if (code == EXIT_OKAY && verify == 0 && (args->repeated_count > 0 || okng_cli_value(args, "samples")))
        return okng_cli_usage(args->verb, "--img and --samples are about --verify N, which was not given");
    j->options.format = okng_cli_value(args, "format");
    j->options.out = okng_cli_value(args, "out");
    j->options.name = okng_cli_value(args, "name");
    j->options.precision = okng_cli_value(args, "precision");
    j->options.input = okng_cli_value(args, "input");
    j->options.dynamic_batch = okng_cli_value(args, "dynamic-batch") != NULL;
    j->options.opset = (int32_t)opset;
    j->verify = (size_t)verify;
    return code == EXIT_OKAY ? okng_cli_pictures_add(args, &j->pictures) : code;
}

/* ---- what came of it --------------------------------------------------------------------------------------------- */

static json_t *verify_json(const okng_verify_report *report)
{
    return json_pack("{s:I, s:o, s:o, s:I, s:I, s:I, s:f, s:f, s:b, s:f}", "pictures", (json_int_t)report->pictures,
                     "score", isfinite(report->score) ? json_real(report->score) : json_null(), "map",
                     isfinite(report->map) ? json_real(report->map) : json_null(), "labels", (json_int_t)report->labels,
                     "mask_pixels", (json_int_t)report->mask_pixels, "pixels", (json_int_t)report->pixels,
                     "score_limit", report->score_limit, "map_limit", report->map_limit, "agrees", report->agrees,
                     "seconds", report->seconds);
}

static int print_json(const job *j)
{
    const okng_export_report *r = &j->written;
    json_t *all =
        json_pack("{s:o, s:I, s:I, s:i, s:i, s:i, s:I, s:I, s:I, s:f}", "file", okng_cli_json_path(r->file), "bytes",
                  (json_int_t)r->bytes, "data_bytes", (json_int_t)r->data_bytes, "opset", (int)r->opset, "height",
                  (int)r->height, "width", (int)r->width, "operators", (json_int_t)r->operators, "constants",
                  (json_int_t)r->constants, "largest", (json_int_t)r->largest, "flops", r->flops);
    if (j->verify > 0) okng_cli_json_put(&all, "verify", verify_json(&j->compared));
    return okng_cli_print_json(all);
}

static void print_verify(const okng_verify_report *r)
{
    (void)printf(_("compared    %llu pictures with okng, by its plain interpreter in %.1f s\n"),
                 (unsigned long long)r->pictures, r->seconds);
    (void)printf(_("scores      differ by at most %.2g of the score (limit %.2g)\n"), r->score, r->score_limit);
    (void)printf(_("maps        differ by at most %.2g of their range (limit %.2g)\n"), r->map, r->map_limit);
    (void)printf(_("labels      %llu differ; masks in %llu of %llu pixels\n"), (unsigned long long)r->labels,
                 (unsigned long long)r->mask_pixels, (unsigned long long)r->pixels);
}

static void print_written(const job *j)
{
    const okng_export_report *r = &j->written;
    (void)printf(_("model       %s: %.1f MB"), r->file, (double)r->bytes / 1e6);
    if (r->data_bytes > 0) (void)printf(_(", and %.1f MB beside it"), (double)r->data_bytes / 1e6);
    (void)printf(_("\ngraph       %llu operators, %.1f GFLOP a picture of %d x %d; largest value %.1f MB\n"),
                 (unsigned long long)r->operators, r->flops / 1e9, (int)r->width, (int)r->height,
                 (double)r->largest / 1e6);
    if (j->verify > 0) print_verify(&j->compared);
}

/* ---- the work ---------------------------------------------------------------------------------------------------- */

static okng_status compare(job *j, const okng_bank *bank, okng_error *error)
{
    const size_t count = j->pictures.count < j->verify ? j->pictures.count : j->verify;
    okng_picture *pictures = calloc(count + 1, sizeof *pictures);
    okng_verify_options options = {.struct_size = sizeof options,
                                   .count = j->pictures.count > 0 ? count : j->verify,
                                   .pictures = j->pictures.count > 0 ? pictures : NULL,
                                   .samples = okng_cli_value(j->args, "samples"),
                                   .threads = j->args->build.threads};
    if (!pictures) return okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory for %zu pictures", count);
    for (size_t i = 0; i < count; i++)
        pictures[i] = (okng_picture){.struct_size = sizeof *pictures, .path = j->pictures.items[i]};
    okng_status status = okng_export_verify(bank, j->written.file, &options, &j->compared, error);
    free(pictures);
    return status;
}

/* Before anything is written. */
static okng_status check_sources(const job *j, const okng_bank *bank, okng_error *error)
{
    okng_bank_info info;
    okng_init(&info);
    if (j->verify == 0 || j->pictures.count > 0) return OKNG_OK;
    const okng_status status = okng_bank_get_info(bank, &info, error);
    if (status != OKNG_OK || info.knows_pictures) return status;
    return okng_cli_set_error(error, OKNG_ERROR_ARGUMENT,
                              "%s: the bank does not know the pictures that it learnt from, which --verify would "
                              "compare by; give some with --img",
                              okng_cli_value(j->args, "bank-dir"));
}

static int work(job *j)
{
    okng_bank *bank;
    okng_error error;
    okng_status status =
        okng_bank_open(&bank, okng_cli_value(j->args, "bank-dir"), okng_cli_value(j->args, "weights"), &error);
    if (status == OKNG_OK) status = check_sources(j, bank, &error);
    if (status == OKNG_OK) status = okng_bank_export(bank, &j->options, &j->written, &error);
    if (status == OKNG_OK && j->verify > 0) status = compare(j, bank, &error);
    okng_bank_close(&bank);
    if (status != OKNG_OK) return okng_cli_fail(&error);
    int code = EXIT_OKAY;
    if (j->args->json)
        code = print_json(j);
    else if (!j->args->quiet)
        print_written(j);
    if (j->verify > 0 && !j->compared.agrees && code == EXIT_OKAY)
        code = okng_cli_error("%s: does not agree with okng within the limits", j->written.file);
    return code;
}

static int run(okng_cli_args *args)
{
    job j = {.args = args};
    okng_init(&j.options);
    okng_init(&j.written);
    okng_init(&j.compared);
    int code = read_options(&j);
    if (code == EXIT_OKAY) code = work(&j);
    okng_cli_paths_free(&j.pictures);
    return code;
}

static const okng_cli_option options[] = {
    {"bank-dir", "BANK", "folder that okng build wrote", true},
    {"out", "DIR", "folder of the model; one that holds anything but exported models is refused", true},
    {"format", "onnx|openvino", "ONNX (the default), or OpenVINO's IR in a folder of its own", false},
    {"name", "NAME", "of the model's files; the bank folder's name unless given", false},
    {"precision", "fp32|fp16",
     "fp16: large constants are stored as float16, which halves the file; all is computed in float32", false},
    {"input", "float|uint8", "float: [N,3,H,W], RGB in 0..1 (the default); uint8: pixels [N,H,W,3], RGB", false},
    {"dynamic-batch", NULL, "any number of pictures at a time; one otherwise", false},
    {"resize-inside", "HxW|any",
     "the graph takes pictures of H rows and W columns and resizes and crops them as the bank does, bit by bit; any: "
     "of "
     "any size, up to one grey level off; otherwise they come in the network's input size",
     false},
    {"opset", "N", "of ONNX, 17 to 20; 17 unless given, with --resize-inside any 18", false},
    {"threshold-image", "T", "in place of the bank's image threshold", false},
    {"threshold-pixel", "T", "in place of the bank's pixel threshold", false},
    {"weights", "FILE", "in place of the file that the bank names; its SHA-256 must be the same", false},
    {"verify", "N",
     "read the model back, run it by okng's own small interpreter on N pictures and print the largest differences",
     false},
    {"img", "FILE|DIR...", "pictures for --verify; those that the bank learnt from unless given", false},
    {"samples", "DIR",
     "with --verify: what goes in and what okng makes of it, as DIR/0/input.npy, DIR/0/pred_score.npy ..., to try "
     "other "
     "runtimes with",
     false},
    {0},
};

const okng_cli_verb okng_cli_export = {
    .name = "export",
    .usage = "--bank-dir BANK --out DIR [--format onnx|openvino] [--verify N] [options]",
    .summary = "writes a bank as one ONNX or OpenVINO graph",
    .about =
        "The graph goes from the picture to its result: input \"input\"; outputs \"anomaly_map\" [N,1,H,W], "
        "\"pred_score\" [N], \"pred_label\" [N] (true: NG) and \"pred_mask\" [N,1,H,W], at the network's input size. "
        "The "
        "thresholds are the constants \"image_threshold\" and \"pixel_threshold\". Constants over 1 GB go to "
        "NAME.onnx.data.\n"
        "--verify exits with 1 where a score differs by more than 1e-5 of itself, a map by more than 1e-4 of its range "
        "(with fp16 1e-2, with --resize-inside any 5e-2), or a label at all.",
    .examples = "  okng export --bank-dir bank --out model --verify 5\n"
                "  okng export --bank-dir bank --out model --name part7 --input uint8 --resize-inside 1080x1920\n"
                "  okng export --bank-dir bank --out model --format openvino --precision fp16\n",
    .options = options,
    .repeats = "img",
    .gathers = true,
    .run = run,
};
