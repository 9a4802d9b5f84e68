#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

/* What the network sees of a picture. Sizes of pictures are width x height, as viewers tell them. */
static void print_sizes(const okng_build_report *report)
{
    (void)printf(_("input       %dx%d: a patch covers %.1f x %.1f pixels of a picture of %d x %d\n"),
                 (int)report->input_height, (int)report->input_width, report->patch_width, report->patch_height,
                 (int)report->picture_width, (int)report->picture_height);
    if (report->aspects_differ)
        (void)printf(_(
            "            the pictures' shapes differ, so all are stretched to one square: slim ones lose detail along\n"
            "            their length; a folder and a bank for each shape keeps it\n"));
    if (report->proposed_pixels == 0) return;
    double times = (double)report->proposed_pixels / ((double)report->input_height * report->input_width);
    (void)printf(_("            which is coarse: narrower defects are hard to see. --pixels %lld looks closer, at %.1f "
                   "times the\n"
                   "            time and memory; so do pictures cut into tiles. okng advise measures it\n"),
                 (long long)report->proposed_pixels, times);
}

static void print_report(const char *bank, const json_t *description, const okng_build_report *report)
{
    char size[32], spilled[32];
    uint64_t bytes = report->rows * (uint64_t)report->dim * sizeof(float);
    (void)printf(_("learned     %llu pictures, %llu patches\n"), (unsigned long long)report->pictures,
                 (unsigned long long)report->patches);
    print_sizes(report);
    (void)printf(_("bank        %s: %llu rows x %d (%s)\n"), bank, (unsigned long long)report->rows, (int)report->dim,
                 okng_cli_size_text(bytes, size, sizeof size));
    if (report->bit_depth > 8) (void)printf(_("bit depth   %d bits of a sample are read\n"), (int)report->bit_depth);
    (void)printf(_("thresholds  image %.6g, pixel %.6g\n"), (double)report->image_tau, (double)report->pixel_tau);
    for (int32_t i = 0; i < report->stage_count; i++)
        (void)printf(_("%s%s %.1f s"), i > 0 ? ", " : _("time        "), okng_translate(report->stages[i].name),
                     report->stages[i].seconds);
    (void)printf("\n");
    (void)printf(_("memory      %s at most"), okng_cli_size_text(okng_cli_peak_memory(), size, sizeof size));
    if (report->spilled > 0)
        (void)printf(_(", %s in a temporary file"), okng_cli_size_text(report->spilled, spilled, sizeof spilled));
    (void)printf("\n");
    okng_cli_print_doubtful(description, "");
    (void)printf(_("next        okng infer --bank-dir %s --img FILE --out-dir OUT\n"), bank);
}

static json_t *report_json(const char *bank, const json_t *description, const okng_build_report *report)
{
    json_t *seconds = json_object();
    for (int32_t i = 0; i < report->stage_count; i++)
        (void)json_object_set_new(seconds, report->stages[i].name, json_real(report->stages[i].seconds));
    json_t *input = json_pack("{s:i, s:i, s:i, s:i, s:b, s:f, s:f, s:I}", "height", (int)report->input_height, "width",
                              (int)report->input_width, "picture_height", (int)report->picture_height, "picture_width",
                              (int)report->picture_width, "aspects_differ", (int)report->aspects_differ, "patch_height",
                              report->patch_height, "patch_width", report->patch_width, "proposed_pixels",
                              (json_int_t)report->proposed_pixels);
    return json_pack("{s:o, s:I, s:I, s:I, s:i, s:f, s:f, s:o, s:I, s:I, s:i, s:I, s:O*, s:o}", "bank",
                     okng_cli_json_path(bank), "pictures", (json_int_t)report->pictures, "patches",
                     (json_int_t)report->patches, "rows", (json_int_t)report->rows, "dim", (int)report->dim,
                     "image_tau", (double)report->image_tau, "pixel_tau", (double)report->pixel_tau, "seconds", seconds,
                     "spilled_bytes", (json_int_t)report->spilled, "peak_bytes", (json_int_t)okng_cli_peak_memory(),
                     "bit_depth", (int)report->bit_depth, "other_bit_depth", (json_int_t)report->other_bit_depth,
                     "doubtful", json_object_get(description, "doubtful"), "input", input);
}

static void warn_of_depth(const okng_build_report *report)
{
    if (report->other_bit_depth > 0)
        (void)fprintf(
            stderr,
            _("okng: %llu of %llu pictures have not the %d bits a sample that the bank reads them by: larger "
              "samples are cut off, and other pictures may be darker or brighter; use pictures of one bit depth, "
              "or give --bit-depth\n"),
            (unsigned long long)report->other_bit_depth, (unsigned long long)report->pictures, (int)report->bit_depth);
}

/* What okng_bank_describe says; NULL with *error filled. */
static json_t *describe(const char *bank, okng_error *error)
{
    char *text = NULL;
    if (okng_bank_describe(bank, &text, error) != OKNG_OK) return NULL;
    json_t *document = json_loads(text, 0, NULL);
    okng_text_free(&text);
    if (!document) (void)okng_cli_set_error(error, OKNG_ERROR_INTERNAL, "%s: the description is not JSON", bank);
    return document;
}

static int build(const okng_cli_args *args, const okng_picture_list *list, const char *bank)
{
    size_t count = okng_picture_list_count(list);
    const char **paths = calloc(count, sizeof *paths);
    if (!paths) return okng_cli_error("out of memory");
    for (size_t i = 0; i < count; i++) paths[i] = okng_picture_list_path(list, i);
    okng_error error;
    okng_build_report report = {.struct_size = sizeof report};
    okng_cli_progress progress = okng_cli_progress_new(args);
    okng_status status =
        okng_build_paths(paths, count, bank, &args->build, okng_cli_progress_step, &progress, &report, &error);
    okng_cli_progress_clear(&progress);
    free(paths);
    json_t *description = status == OKNG_OK ? describe(bank, &error) : NULL;
    if (!description) return okng_cli_fail(&error);
    if (!args->quiet) warn_of_depth(&report);
    int code = EXIT_OKAY;
    if (args->json)
        code = okng_cli_print_json(report_json(bank, description, &report));
    else if (!args->quiet)
        print_report(bank, description, &report);
    json_decref(description);
    if (args->json) return code;
    if (!args->quiet && report.image_tau <= 0)
        (void)okng_cli_error("the image threshold is 0, because OK pictures were scored against their own rows: every "
                             "new picture will be NG; use --calibration leave-one-out");
    return EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    int code = okng_cli_need_network(args);
    if (code != EXIT_OKAY) return code;
    const char *folder = okng_cli_value(args, "ok-dir");
    okng_error error;
    okng_picture_list *list;
    if (okng_picture_list_open(&list, folder, &error) != OKNG_OK) return okng_cli_fail(&error);
    okng_cli_tell_left_out(args, list);
    if (okng_picture_list_count(list) == 0)
        code = okng_cli_error("%s: no pictures here or in its sub-folders; expected PNG, JPEG, BMP, TIFF, WebP, PNM or "
                              "GIF",
                              folder);
    else
        code = build(args, list, okng_cli_value(args, "out-dir"));
    okng_picture_list_free(&list);
    return code;
}

static const okng_cli_option options[] = {
    {"ok-dir", "DIR", "folder of good pictures; its sub-folders are taken too", true},
    {"out-dir", "BANK", "folder of the bank; one that is there is replaced when the new one is complete", true},
    {0},
};

const okng_cli_verb okng_cli_build = {
    .name = "build",
    .usage = "--ok-dir DIR --out-dir BANK [--backbone NAME --weights FILE] [options]",
    .summary = "learns what good parts look like from a folder of pictures",
    .about = "Writes what the method learnt (memory_bank.pt), bank_config.json and tau.json into BANK. The bank "
             "remembers every option, so that "
             "inspection does the same. The same pictures, options and seed give the same bytes.\n"
             "Without --weights the file that okng weights get has downloaded is used.",
    .examples = "  okng build --ok-dir parts/good --out-dir bank\n"
                "  okng build --ok-dir parts/good --out-dir bank --backbone resnet18 --weights resnet18.pth\n"
                "  okng build --ok-dir parts/good --out-dir bank --preset paper --weights wide_resnet50_2.pth\n"
                "  okng build --ok-dir parts/good --out-dir bank --backbone resnet18 --coreset 0.02 --max-memory 4G\n",
    .options = options,
    .stops = true,
    .run = run,
};
