#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void print_learnt(const okng_build_report *report, const char *class_name)
{
    if (report->pictures == 0 && !*class_name)
        (void)printf("%s", _("learned     no pictures: what is wrong is known by learnt words alone\n"));
    else if (report->pictures == 0)
        (void)printf(_("learned     no pictures: what is wrong with a \"%s\" is known by words alone\n"), class_name);
    else
        (void)printf(_("learned     %llu pictures, %llu patches\n"), (unsigned long long)report->pictures,
                     (unsigned long long)report->patches);
}

/* Few pictures are what somebody gives on purpose: drawn, or beside words. */
static bool means_few(const okng_cli_args *args)
{
    okng_method_info method = {.struct_size = sizeof method};
    if (okng_cli_value(args, "k-shot")) return true;
    return okng_method_info_of(args->build.method, &method, NULL) == OKNG_OK && !method.needs_pictures;
}

static void print_thresholds(const okng_cli_args *args, const okng_build_report *report)
{
    if (isnan(report->image_tau)) {
        (void)printf("%s", report->pictures == 0
                               ? _("thresholds  none, as no good pictures say what is usual: a verdict needs "
                                   "--threshold-image\n")
                               : _("thresholds  none, as one good part alone leaves none to hold it against: a verdict "
                                   "needs\n            --threshold-image\n"));
        return;
    }
    (void)printf(_("thresholds  image %.6g, pixel %.6g\n"), (double)report->image_tau, (double)report->pixel_tau);
    if (report->pictures < 20 && means_few(args))
        (void)printf(
            _("            which are weak, as %llu pictures say little of how new good parts vary; okng tune and\n"
              "            more good pictures make them better\n"),
            (unsigned long long)report->pictures);
}

static void print_report(const char *bank, const json_t *description, const okng_build_report *report,
                         const okng_cli_args *args)
{
    char size[32], spilled[32];
    uint64_t bytes = report->rows * (uint64_t)report->dim * sizeof(float);
    print_learnt(report, args->build.class_name);
    if (report->excluded + report->skipped + report->trimmed > 0)
        (void)printf(_("left out    %llu by name, %llu that cannot be read, %llu oddest\n"),
                     (unsigned long long)report->excluded, (unsigned long long)report->skipped,
                     (unsigned long long)report->trimmed);
    if (report->not_found > 0)
        (void)printf(_("not found   in %llu pictures, which are left out\n"), (unsigned long long)report->not_found);
    if (report->pictures > 0) print_sizes(report);
    (void)printf(_("bank        %s: %llu rows x %d (%s)\n"), bank, (unsigned long long)report->rows, (int)report->dim,
                 okng_cli_size_text(bytes, size, sizeof size));
    if (report->bit_depth > 8) (void)printf(_("bit depth   %d bits of a sample are read\n"), (int)report->bit_depth);
    print_thresholds(args, report);
    for (int32_t i = 0; i < report->stage_count; i++)
        (void)printf(_("%s%s %.1f s"), i > 0 ? ", " : _("time        "), okng_translate(report->stages[i].name),
                     report->stages[i].seconds);
    (void)printf("\n");
    (void)printf(_("memory      %s at most"), okng_cli_size_text(okng_cli_peak_memory(), size, sizeof size));
    if (report->spilled > 0)
        (void)printf(_(", %s in a temporary file"), okng_cli_size_text(report->spilled, spilled, sizeof spilled));
    (void)printf("\n");
    okng_cli_print_doubtful(description, "");
    (void)printf(_("next        okng infer --bank-dir %s --img FILE --out-dir OUT%s\n"), bank,
                 isnan(report->image_tau) ? " --threshold-image T" : "");
}

/* null where there is none */
static json_t *known(float threshold)
{
    return isnan(threshold) ? json_null() : json_real((double)threshold);
}

static json_t *report_json(const char *bank, const json_t *description, const okng_build_report *report)
{
    json_t *seconds = json_object();
    for (int32_t i = 0; i < report->stage_count; i++)
        okng_cli_json_put(&seconds, report->stages[i].name, json_real(report->stages[i].seconds));
    json_t *input = json_pack("{s:i, s:i, s:i, s:i, s:b, s:f, s:f, s:I}", "height", (int)report->input_height, "width",
                              (int)report->input_width, "picture_height", (int)report->picture_height, "picture_width",
                              (int)report->picture_width, "aspects_differ", (int)report->aspects_differ, "patch_height",
                              report->patch_height, "patch_width", report->patch_width, "proposed_pixels",
                              (json_int_t)report->proposed_pixels);
    return json_pack("{s:o, s:I, s:I, s:I, s:i, s:o, s:o, s:o, s:I, s:I, s:I, s:i, s:I, s:O*, s:o}", "bank",
                     okng_cli_json_path(bank), "pictures", (json_int_t)report->pictures, "patches",
                     (json_int_t)report->patches, "rows", (json_int_t)report->rows, "dim", (int)report->dim,
                     "image_tau", known(report->image_tau), "pixel_tau", known(report->pixel_tau), "seconds", seconds,
                     "spilled_bytes", (json_int_t)report->spilled, "peak_bytes", (json_int_t)okng_cli_peak_memory(),
                     "excluded", (json_int_t)report->excluded, "bit_depth", (int)report->bit_depth, "other_bit_depth",
                     (json_int_t)report->other_bit_depth, "doubtful", json_object_get(description, "doubtful"), "input",
                     input);
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
    json_t *document = okng_cli_json_parse(text);
    okng_text_free(&text);
    if (!document) (void)okng_cli_set_error(error, OKNG_ERROR_INTERNAL, "%s: the description is not JSON", bank);
    return document;
}

/* ---- what is heard ------------------------------------------------------------------------- */

typedef struct watch {
    const okng_cli_args *args;
    okng_cli_progress progress;
    json_t *told[OKNG_BUILD_NOT_FOUND + 1]; /* by the kind of event; NULL unless --json */
} watch;

static int step(const okng_progress *progress, void *user)
{
    watch *w = user;
    return okng_cli_progress_step(progress, &w->progress);
}

static void hear(const okng_build_event *event, void *user)
{
    static const char *const heads[] = {N_("warning: "), N_("skipped: "), "", N_("left out: ")};
    watch *w = user;
    okng_cli_progress_clear(&w->progress);
    bool skipped = event->kind == OKNG_BUILD_SKIPPED;
    if (!w->args->quiet || skipped)
        (void)fprintf(stderr, "okng: %s%s\n", *heads[event->kind] ? _(heads[event->kind]) : "", event->text);
    if (!w->told[event->kind]) return;
    json_t *picture = event->picture ? okng_cli_json_path(event->picture) : json_null();
    okng_cli_json_add(&w->told[event->kind], json_pack("{s:s, s:o, s:o}", "code", event->code, "picture", picture,
                                                       "text", okng_cli_json_path(event->text)));
}

/* ---- names to leave out -------------------------------------------------------------------- */

enum { MAX_LIST_BYTES = 64 << 20 };

/* The lines of a text file, blanks around them, empty ones and those behind # left out. */
typedef struct lines {
    char *text;
    const char **at; /* [count] */
    size_t count;
} lines;

static void free_lines(lines *l)
{
    free(l->text);
    free((void *)l->at);
}

static int split(lines *l)
{
    size_t most = 1;
    for (const char *c = l->text; *c; c++) most += *c == '\n';
    l->at = calloc(most, sizeof *l->at);
    if (!l->at) return okng_cli_error("out of memory");
    for (char *line = l->text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = '\0';
        line += strspn(line, " \t");
        size_t length = strlen(line);
        while (length > 0 && strchr(" \t\r", line[length - 1])) line[--length] = '\0';
        if (length > 0 && *line != '#') l->at[l->count++] = line;
    }
    return EXIT_OKAY;
}

static int read_lines(lines *l, const char *path)
{
    *l = (lines){0};
    if (!path) return EXIT_OKAY;
    FILE *file = fopen(path, "rb");
    if (!file) return okng_cli_error("%s: cannot open: %s", path, strerror(errno));
    size_t used = 0, room = 0, got = 1;
    while (got > 0 && used <= MAX_LIST_BYTES) {
        if (used + 65536 > room) {
            char *larger = realloc(l->text, room = 2 * room + 65536);
            if (!larger) {
                (void)fclose(file);
                return okng_cli_error("out of memory");
            }
            l->text = larger;
        }
        got = fread(l->text + used, 1, room - used - 1, file);
        used += got;
    }
    bool whole = got == 0 && !ferror(file);
    (void)fclose(file);
    if (!whole) return okng_cli_error("%s: cannot be read as a list of at most %d bytes", path, (int)MAX_LIST_BYTES);
    l->text[used] = '\0';
    if (strlen(l->text) != used) return okng_cli_error("%s: is no text", path);
    return split(l);
}

/* ---- building ------------------------------------------------------------------------------ */

static int print(const watch *w, const char *bank, const okng_build_report *report)
{
    const okng_cli_args *args = w->args;
    okng_error error;
    json_t *description = describe(bank, &error);
    if (!description) return okng_cli_fail(&error);
    if (!args->quiet) warn_of_depth(report);
    int code = EXIT_OKAY;
    if (args->json) {
        json_t *document = report_json(bank, description, report);
        static const char *const keys[] = {"warnings", "skipped", "trimmed", "not_found"};
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
            okng_cli_json_put(&document, keys[k], json_incref(w->told[k]));
        code = okng_cli_print_json(document);
    } else if (!args->quiet)
        print_report(bank, description, report, args);
    json_decref(description);
    if (!args->quiet && report->image_tau <= 0)
        (void)okng_cli_error("the image threshold is 0, because OK pictures were scored against their own rows: every "
                             "new picture will be NG; use --calibration leave-one-out");
    return code == EXIT_OKAY && report->skipped > 0 ? EXIT_SKIPPED : code;
}

/* A number of pictures, `least` to 1000000; 0 where the option was not given. */
static int take_number(const okng_cli_args *args, const char *option, int64_t least, int64_t *number)
{
    const char *text = okng_cli_value(args, option);
    *number = 0;
    if (!text) return EXIT_OKAY;
    char *end;
    errno = 0;
    long long given = strtoll(text, &end, 10);
    if (errno != 0 || *end || end == text || given < least || given > 1000000)
        return okng_cli_usage(args->verb, "--%s %s: expected a number of pictures, %d to 1000000", option, text,
                              (int)least);
    *number = given;
    return EXIT_OKAY;
}

static okng_status learn(const okng_cli_args *args, const char *bank, const okng_build_folder_options *options,
                         watch *w, okng_build_report *report, okng_error *error)
{
    const char *folder = okng_cli_value(args, "ok-dir");
    if (folder) return okng_build_folder(folder, bank, options, step, hear, w, report, error);
    return okng_build_paths(NULL, 0, bank, &args->build, step, w, report, error);
}

static int build(const okng_cli_args *args, const char *bank, const lines *excluded, int64_t trim, int64_t k_shot)
{
    okng_error error;
    okng_build_report report = {.struct_size = sizeof report};
    const okng_build_folder_options options = {.struct_size = sizeof options,
                                               .build = &args->build,
                                               .exclude = excluded->at,
                                               .exclude_count = excluded->count,
                                               .trim = trim,
                                               .skip_bad = okng_cli_value(args, "skip-bad") != NULL,
                                               .force = okng_cli_value(args, "force") != NULL,
                                               .report = okng_cli_value(args, "report") != NULL,
                                               .k_shot = k_shot};
    watch w = {.args = args, .progress = okng_cli_progress_new(args)};
    for (int k = 0; args->json && k <= OKNG_BUILD_NOT_FOUND; k++) w.told[k] = json_array();
    okng_status status = learn(args, bank, &options, &w, &report, &error);
    okng_cli_progress_clear(&w.progress);
    int code = status == OKNG_OK ? print(&w, bank, &report) : okng_cli_fail(&error);
    for (int k = 0; k <= OKNG_BUILD_NOT_FOUND; k++) json_decref(w.told[k]);
    return code;
}

/* A folder of good pictures, or a method that can do without; then what only a folder has a meaning for is not there.
 */
static int need_pictures(const okng_cli_args *args)
{
    static const char *const of_folders[] = {"k-shot", "exclude", "trim", "skip-bad", "report", "force"};
    okng_method_info method = {.struct_size = sizeof method};
    okng_error error;
    if (okng_cli_value(args, "ok-dir")) return EXIT_OKAY;
    if (okng_method_info_of(args->build.method, &method, &error) != OKNG_OK) return okng_cli_fail(&error);
    if (method.needs_pictures) return okng_cli_usage(args->verb, "--ok-dir DIR is missing");
    for (size_t i = 0; i < sizeof of_folders / sizeof *of_folders; i++)
        if (okng_cli_value(args, of_folders[i]))
            return okng_cli_usage(args->verb, "--%s is about good pictures; give their folder as --ok-dir",
                                  of_folders[i]);
    return EXIT_OKAY;
}

static int tell_left_out(const okng_cli_args *args)
{
    const char *folder = okng_cli_value(args, "ok-dir");
    okng_error error;
    okng_picture_list *list;
    if (!folder) return EXIT_OKAY;
    if (okng_picture_list_open(&list, folder, &error) != OKNG_OK) return okng_cli_fail(&error);
    okng_cli_tell_left_out(args, list);
    okng_picture_list_free(&list);
    return EXIT_OKAY;
}

/* --roi select: drawn on the picture of --roi-from, else on the first, which is named so from then on. */
static int draw_regions(okng_cli_args *args)
{
    okng_build_options *build = &args->build;
    const char *folder = okng_cli_value(args, "ok-dir");
    okng_picture_list *list = NULL;
    okng_error error;
    if (strcmp(build->roi, "select") != 0) return EXIT_OKAY;
    if (!build->roi_from[0]) {
        if (!folder) return okng_cli_usage(args->verb, "--roi select needs a picture: give --ok-dir or --roi-from");
        if (okng_picture_list_open(&list, folder, &error) != OKNG_OK) return okng_cli_fail(&error);
        const char *first = okng_picture_list_path(list, 0);
        const okng_status status = first ? okng_build_options_set(build, "roi-from", first, &error) : OKNG_OK;
        okng_picture_list_free(&list);
        if (status != OKNG_OK) return okng_cli_fail(&error);
        if (!build->roi_from[0]) return okng_cli_error("%s: no pictures here to draw a region on", folder);
    }
    return okng_cli_draw_regions(build->roi_from, build->roi, sizeof build->roi);
}

static int run(okng_cli_args *args)
{
    int64_t trim, k_shot;
    int code = need_pictures(args);
    if (code == EXIT_OKAY) code = take_number(args, "trim", 0, &trim);
    if (code == EXIT_OKAY) code = take_number(args, "k-shot", 1, &k_shot);
    if (code == EXIT_OKAY) code = okng_cli_need_network(args);
    if (code == EXIT_OKAY) code = tell_left_out(args);
    if (code == EXIT_OKAY) code = draw_regions(args);
    if (code != EXIT_OKAY) return code;
    lines excluded;
    code = read_lines(&excluded, okng_cli_value(args, "exclude"));
    if (code == EXIT_OKAY) code = build(args, okng_cli_value(args, "out-dir"), &excluded, trim, k_shot);
    free_lines(&excluded);
    return code;
}

static const okng_cli_option options[] = {
    {"ok-dir", "DIR",
     "folder of good pictures; its sub-folders are taken too; methods that know by words can do without", false},
    {"out-dir", "BANK", "folder of the bank; one that is there is replaced when the new one is complete", true},
    {"k-shot", "K", "learn K of the pictures only, drawn by --seed; all unless given", false},
    {"exclude", "FILE", "pictures that are left out: a text file of names relative to DIR, one a line", false},
    {"trim", "N", "leave out the N oddest pictures, for which the bank is made twice", false},
    {"skip-bad", NULL, "leave out pictures that cannot be read, say which, and exit with 12", false},
    {"report", NULL, "write BANK/build.html: the oddest good pictures with heat maps", false},
    {"force", NULL, "learn from a folder that holds results of okng too", false},
    {0},
};

const okng_cli_verb okng_cli_build = {
    .name = "build",
    .usage = "--ok-dir DIR --out-dir BANK [--backbone NAME --weights FILE] [options]",
    .summary = "learns what good parts look like from a folder of pictures",
    .about = "Writes what the method learnt (memory_bank.pt), bank_config.json and tau.json into BANK. The bank "
             "remembers every option, so that "
             "inspection does the same. The same pictures in the same folder, options and seed give the same bytes.\n"
             "Without --weights the file that okng weights get has downloaded is used.",
    .examples = "  okng build --ok-dir parts/good --out-dir bank\n"
                "  okng build --ok-dir parts/good --out-dir bank --backbone resnet18 --weights resnet18.pth\n"
                "  okng build --ok-dir parts/good --out-dir bank --preset paper --weights wide_resnet50_2.pth\n"
                "  okng build --ok-dir parts/good --out-dir bank --backbone resnet18 --coreset 0.02 --max-memory 4G\n"
                "  okng build --ok-dir parts/good --out-dir bank --roi 88,68,144,104 --roi-rotation 5\n",
    .options = options,
    .shares = true,
    .stops = true,
    .run = run,
};
