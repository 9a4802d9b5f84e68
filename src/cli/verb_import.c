#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* ---- reports ------------------------------------------------------------------------------------------------------
 */

static json_t *known(float number)
{
    return isfinite(number) ? json_real((double)number) : json_null();
}

static json_t *report_json(const char *bank, const okng_import_report *report)
{
    return json_pack("{s:o, s:I, s:I, s:i, s:s, s:o, s:o, s:s}", "bank", okng_cli_json_path(bank), "members",
                     (json_int_t)report->members, "rows", (json_int_t)report->rows, "dim", (int)report->dim, "backbone",
                     report->backbone, "image_tau", known(report->image_tau), "pixel_tau", known(report->pixel_tau),
                     "warning", report->warning);
}

static void print_report(const char *bank, const okng_import_report *report)
{
    (void)printf(_("bank        %s: %llu rows x %d, %s"), bank, (unsigned long long)report->rows, (int)report->dim,
                 report->backbone);
    if (report->members > 1) (void)printf(_(", an ensemble of %llu"), (unsigned long long)report->members);
    if (isnan(report->image_tau))
        (void)printf("%s", _("\nthresholds  none; --calibrate DIR computes them from OK pictures, or inspect with "
                             "--threshold-image T\n"));
    else
        (void)printf(_("\nthresholds  image %.6g, pixel %.6g\n"), (double)report->image_tau, (double)report->pixel_tau);
}

/* ---- importing ----------------------------------------------------------------------------------------------------
 */

typedef struct job {
    const okng_cli_args *args;
    okng_import_kind kind;
    okng_import_options options;
    json_t *reports; /* --json */
} job;

/* One model. */
static int import_one(job *j, const char *path, const char *bank)
{
    okng_error error;
    okng_import_report report = {.struct_size = sizeof report};
    okng_cli_progress progress = okng_cli_progress_new(j->args);
    okng_status status =
        okng_import(j->kind, path, bank, &j->options, okng_cli_progress_step, &progress, &report, &error);
    okng_cli_progress_clear(&progress);
    if (status != OKNG_OK) return okng_cli_fail(&error);
    if (report.warning[0] && !j->args->quiet) (void)fprintf(stderr, "okng: %s\n", report.warning);
    if (j->args->json)
        okng_cli_json_add(&j->reports, report_json(bank, &report));
    else if (!j->args->quiet)
        print_report(bank, &report);
    return EXIT_OKAY;
}

/* Every category of an experiment, each to a bank below `bank`. */
static int import_all(job *j, const okng_import_list *list, const char *bank)
{
    for (size_t i = 0; i < okng_import_list_count(list); i++) {
        const char *name = okng_import_list_name(list, i);
        char *below = *name ? okng_cli_join(bank, name) : strdup(bank);
        int code = below ? import_one(j, okng_import_list_path(list, i), below) : okng_cli_error("out of memory");
        free(below);
        if (code != EXIT_OKAY) return code;
    }
    return EXIT_OKAY;
}

static int import_source(job *j)
{
    const char *bank = okng_cli_value(j->args, "out-dir");
    okng_error error;
    okng_import_list *list = NULL;
    if (j->kind == OKNG_IMPORT_ANOMALIB || j->options.prepend) return import_one(j, j->args->operand, bank);
    if (okng_import_list_open(&list, j->args->operand, &error) != OKNG_OK) return okng_cli_fail(&error);
    int code = import_all(j, list, bank);
    okng_import_list_free(&list);
    return code;
}

/* With the OK pictures of --calibrate, where they are given. */
static int with_pictures(job *j)
{
    const char *folder = okng_cli_value(j->args, "calibrate");
    if (!folder) return import_source(j);
    okng_error error;
    okng_picture_list *list;
    if (okng_picture_list_open(&list, folder, &error) != OKNG_OK) return okng_cli_fail(&error);
    okng_cli_tell_left_out(j->args, list);
    size_t count = okng_picture_list_count(list);
    const char **paths = calloc(count + 1, sizeof *paths);
    int code;
    for (size_t i = 0; paths && i < count; i++) paths[i] = okng_picture_list_path(list, i);
    j->options.ok_pictures = paths;
    j->options.ok_count = count;
    if (!paths)
        code = okng_cli_error("out of memory");
    else if (count == 0)
        code = okng_cli_error("%s: no pictures here or in its sub-folders to take thresholds from", folder);
    else
        code = import_source(j);
    free(paths);
    okng_picture_list_free(&list);
    return code;
}

static int finish(job *j)
{
    int code = with_pictures(j);
    if (code != EXIT_OKAY || !j->args->json) {
        json_decref(j->reports);
        return code;
    }
    return okng_cli_print_json(json_pack("{s:o}", "banks", j->reports));
}

static int run_kind(const okng_cli_args *args, okng_import_kind kind)
{
    job j = {.args = args, .kind = kind, .reports = json_array()};
    j.options = (okng_import_options){.struct_size = sizeof j.options,
                                      .prepend = okng_cli_value(args, "prepend"),
                                      .strict = okng_cli_value(args, "strict") != NULL,
                                      .resize = okng_cli_value(args, "resize"),
                                      .crop = okng_cli_value(args, "crop"),
                                      .backbone = okng_cli_value(args, "backbone"),
                                      .layers = okng_cli_value(args, "layers"),
                                      .weights = okng_cli_value(args, "weights"),
                                      .threads = args->build.threads};
    const char *neighbors = okng_cli_value(args, "neighbors");
    if (!neighbors) return finish(&j);
    okng_error error;
    okng_build_options checked = args->build; /* the library's own check of the number */
    if (okng_build_options_set(&checked, "neighbors", neighbors, &error) != OKNG_OK) {
        json_decref(j.reports);
        return okng_cli_refused(args->verb, &error);
    }
    j.options.neighbors = checked.neighbors;
    return finish(&j);
}

static int run_inspection(okng_cli_args *args)
{
    return run_kind(args, OKNG_IMPORT_PATCHCORE_INSPECTION);
}

static int run_anomalib(okng_cli_args *args)
{
    return run_kind(args, OKNG_IMPORT_ANOMALIB);
}

static const okng_cli_option inspection_options[] = {
    {"out-dir", "BANK", "folder of the bank; of an experiment, the folder below which each category gets its bank",
     true},
    {"weights", "FILE", "weights of the backbone, which the model does not hold; those of okng weights get otherwise",
     false},
    {"prepend", "PREFIX", "what the files' names begin with (Ensemble-1-3_); found in the folder otherwise", false},
    {"strict", NULL, "what would be passed over with a warning is an error", false},
    {"calibrate", "DIR", "OK pictures to take thresholds, and an ensemble's ranges, from", false},
    {"resize", "N|HxW|none", "what the model was trained with, which its files do not say (default 256)", false},
    {"backbone", "NAME", "in place of the name in the files", false},
    {"layers", "NAME...", "in place of those in the files", false},
    {0},
};

const okng_cli_verb okng_cli_import_inspection = {
    .name = "import patchcore-inspection",
    .usage = "DIR --out-dir BANK [--weights FILE] [--calibrate DIR] [options]",
    .summary = "makes a bank of a model that patchcore-inspection saved",
    .about = "DIR holds patchcore_params.pkl and nnscorer_search_index.faiss, a flat index; or it is the folder of an "
             "experiment, whose categories (models/mvtec_bottle) are imported one by one. Several members "
             "(Ensemble-1-3_...) become an ensemble: their maps and scores are brought to 0..1 and averaged. Nothing "
             "from the files is run.\n"
             "The scores are those of the original, squared distances. Its models have no thresholds: --calibrate "
             "computes them, and without it inspecting needs --threshold-image.",
    .examples = "  okng import patchcore-inspection models/mvtec_bottle --out-dir bank --weights wide_resnet50_2.pth\n"
                "  okng import patchcore-inspection results/IM320 --out-dir banks --resize 366 --calibrate good\n",
    .operand = "DIR",
    .options = inspection_options,
    .stops = true,
    .run = run_inspection,
};

static const okng_cli_option anomalib_options[] = {
    {"out-dir", "BANK", "folder of the bank", true},
    {"strict", NULL, "what would be passed over with a warning is an error", false},
    {"calibrate", "DIR", "OK pictures to take thresholds from, in place of the checkpoint's", false},
    {"resize", "N|HxW|none", "in place of what the checkpoint says of its transform", false},
    {"crop", "N|none", "likewise", false},
    {"backbone", "NAME", "in place of the one that the weights fit", false},
    {"layers", "NAME...", "in place of those that the checkpoint names", false},
    {"neighbors", "K", "in place of its num_neighbors (9 where it says nothing)", false},
    {0},
};

const okng_cli_verb okng_cli_import_anomalib = {
    .name = "import anomalib",
    .usage = "FILE --out-dir BANK [options]",
    .summary = "makes a bank of a checkpoint of anomalib's Patchcore",
    .about =
        "FILE is the .ckpt of Lightning, or another state dict with the memory bank and the backbone, whose weights "
        "go to BANK/backbone.safetensors. Layers, neighbours, size, crop and colours are those that it tells. "
        "Thresholds "
        "are kept; they, and the scores, are those before anomalib's "
        "normalisation. Nothing from the file is run.",
    .examples = "  okng import anomalib results/Patchcore/latest/weights/lightning/model.ckpt --out-dir bank\n"
                "  okng import anomalib model.ckpt --out-dir bank --resize 256x256 --crop 224 --neighbors 5\n",
    .operand = "FILE",
    .options = anomalib_options,
    .stops = true,
    .run = run_anomalib,
};

/* ---- AF-CLIP ------------------------------------------------------------------------------------------------------
 */

static json_t *names_json(char *names)
{
    json_t *list = json_array();
    char *rest = NULL;
    for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
        okng_cli_json_add(&list, json_string(name));
    return list;
}

static int run_afclip(okng_cli_args *args)
{
    const char *out = okng_cli_value(args, "out");
    okng_error error;
    okng_afclip_report report;
    okng_afclip_files files;
    okng_init(&report);
    okng_init(&files);
    files.prompt = okng_cli_value(args, "prompt");
    files.adapter = okng_cli_value(args, "adapter");
    files.backbone = okng_cli_value(args, "backbone");
    if (okng_import_afclip(&files, out, &report, &error) != OKNG_OK) return okng_cli_fail(&error);
    if (args->json)
        return okng_cli_print_json(json_pack("{s:o, s:i, s:i, s:o}", "checkpoint", okng_cli_json_path(out), "width",
                                             (int)report.width, "text_width", (int)report.text_width, "backbones",
                                             names_json(report.backbones)));
    if (!args->quiet)
        (void)printf(_("checkpoint  %s: an adapter of width %d, 12 vectors of %d\nfits        %s\n"), out,
                     (int)report.width, (int)report.text_width, report.backbones);
    return EXIT_OKAY;
}

static const okng_cli_option afclip_options[] = {
    {"prompt", "FILE", "the learnt vectors: weight/mvtec_prompt.pt", true},
    {"adapter", "FILE", "the learnt adapter: weight/mvtec_adaptor.pt; a state dict or .safetensors of its names too",
     true},
    {"out", "DIR", "folder of the checkpoint; one that is there is replaced", true},
    {"backbone", "NAME", "the CLIP that they were trained on; without it every CLIP of these widths may take them",
     false},
    {0},
};

const okng_cli_verb okng_cli_import_afclip = {
    .name = "import afclip",
    .usage = "--prompt FILE --adapter FILE --out DIR [--backbone NAME]",
    .summary = "makes a checkpoint of the files that AF-CLIP's authors released",
    .about =
        "The prompt is one tensor, the adapter a whole pickled module of torch. Nothing from the files is run: the "
        "module's tensors are read, and one of any other class than AF-CLIP's adapter is refused by its name. The "
        "checkpoint is for --checkpoint of the methods afclip and miniclip.",
    .examples = "  okng import afclip --prompt weight/mvtec_prompt.pt --adapter weight/mvtec_adaptor.pt --out "
                "checkpoint --backbone clip-vit-l-14-336\n",
    .options = afclip_options,
    .no_kernels = true,
    .run = run_afclip,
};
