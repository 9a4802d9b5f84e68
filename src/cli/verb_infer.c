#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

/* What the command was asked for. */
typedef struct job {
    const okng_cli_args *args;
    const okng_bank *bank;
    const char *out;
    const okng_picture *reference; /* NULL: none */
} job;

/* ---- one picture ---------------------------------------------------------------------------- */

static int need_no_results(const char *out);

static int infer_picture(const job *j, const char *path)
{
    const okng_cli_args *args = j->args;
    const char *out = j->out;
    const okng_picture picture = {.struct_size = sizeof picture, .path = path};
    unsigned flags = OKNG_SAVE_PICTURES | (okng_cli_value(args, "save-map") ? (unsigned)OKNG_SAVE_MAP : 0u);
    okng_error error;
    okng_result *result = NULL;
    okng_status status = okng_inspect(&result, j->bank, &picture, &args->inspect, &error);
    int code = status == OKNG_OK ? need_no_results(out) : okng_cli_fail(&error); /* another may have come to its end */
    if (code == EXIT_OKAY && okng_result_save(result, out, flags, j->reference, &error) != OKNG_OK)
        code = okng_cli_fail(&error);
    if (code == EXIT_OKAY) okng_cli_say_warning(picture.path, result);
    if (code == EXIT_OKAY && args->json)
        code = okng_cli_print_json(okng_cli_result_json(picture.path, out, result));
    else if (code == EXIT_OKAY && !args->quiet)
        okng_cli_print_result(picture.path, out, result);
    okng_verdict verdict = okng_result_verdict(result);
    if (code == EXIT_OKAY)
        code = okng_cli_exit_code(args, (okng_cli_outcomes){.ng = verdict == OKNG_VERDICT_NG,
                                                            .not_found = verdict == OKNG_VERDICT_NOT_FOUND,
                                                            .review = verdict == OKNG_VERDICT_REVIEW});
    okng_result_free(&result);
    return code;
}

/* ---- many pictures -------------------------------------------------------------------------- */

typedef struct watch {
    bool warned; /* the first warning has been said */
    okng_cli_progress progress;
    json_t *pictures; /* NULL unless --json */
} watch;

static int step(const okng_progress *progress, void *user)
{
    watch *w = user;
    return okng_cli_progress_step(progress, &w->progress);
}

static void hear(const okng_folder_picture *picture, void *user)
{
    watch *w = user;
    if (picture->error) {
        okng_cli_progress_clear(&w->progress);
        (void)okng_cli_error("%s; skipped", picture->error->message);
    }
    if (picture->result && okng_result_warning(picture->result) && !w->warned) {
        okng_cli_progress_clear(&w->progress);
        okng_cli_say_warning(picture->path, picture->result);
        w->warned = true;
    }
    if (!w->pictures) return;
    json_t *document = picture->result
                           ? okng_cli_result_json(picture->path, picture->folder, picture->result)
                           : json_pack("{s:o, s:s}", "path", okng_cli_json_path(picture->path), "verdict", "error");
    okng_cli_json_add(&w->pictures, document);
}

static int print_report(const job *j, const okng_folder_report *report, json_t *pictures)
{
    const okng_cli_args *args = j->args;
    const char *out = j->out;
    if (args->json && json_array_size(pictures) == report->pictures)
        return okng_cli_print_json(json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:O}", "out", okng_cli_json_path(out),
                                             "ok", (json_int_t)report->ok, "review", (json_int_t)report->review, "ng",
                                             (json_int_t)report->ng, "not_found", (json_int_t)report->not_found,
                                             "skipped", (json_int_t)report->skipped, "left_out",
                                             (json_int_t)report->left_out, "pictures", pictures));
    if (args->json) return okng_cli_print_json(NULL); /* memory was out */
    if (args->quiet) return EXIT_OKAY;
    (void)printf(_("%llu pictures: %llu OK, "), (unsigned long long)report->pictures, (unsigned long long)report->ok);
    if (report->review > 0) (void)printf(_("%llu REVIEW, "), (unsigned long long)report->review);
    if (report->not_found > 0) (void)printf(_("%llu NOT_FOUND, "), (unsigned long long)report->not_found);
    (void)printf(_("%llu NG, %llu skipped\nresults in %s/results.csv\n"), (unsigned long long)report->ng,
                 (unsigned long long)report->skipped, out);
    return EXIT_OKAY;
}

static okng_cli_outcomes outcomes_of(const okng_folder_report *report)
{
    return (okng_cli_outcomes){.ng = report->ng > 0,
                               .not_found = report->not_found > 0,
                               .skipped = report->skipped + report->left_out > 0,
                               .review = report->review > 0};
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static int infer_many(const job *j, const okng_cli_paths *paths)
{
    const okng_cli_args *args = j->args;
    const okng_folder_options options = {.struct_size = sizeof options,
                                         .inspect = &args->inspect,
                                         .reference = j->reference,
                                         .save_maps = okng_cli_value(args, "save-map") != NULL,
                                         .strict = okng_cli_value(args, "strict") != NULL,
                                         .report = okng_cli_value(args, "report") != NULL,
                                         .existing = okng_cli_value(args, "append") ? OKNG_EXISTING_APPEND
                                                                                    : OKNG_EXISTING_REFUSE};
    watch w = {.progress = okng_cli_progress_new(args), .pictures = args->json ? json_array() : NULL};
    okng_folder_report report = {.struct_size = sizeof report};
    okng_error error;
    okng_status status = okng_inspect_paths(j->bank, (const char *const *)paths->items, paths->count, j->out, &options,
                                            step, hear, &w, &report, &error);
    okng_cli_progress_clear(&w.progress);
    okng_cli_tell_all_left_out(args, (const char *const *)paths->items, paths->count);
    if (report.warned > 1)
        (void)fprintf(stderr, _("okng: %llu pictures have such a warning; see \"warnings\" in their scores.json\n"),
                      (unsigned long long)report.warned);
    int code = status == OKNG_OK ? print_report(j, &report, w.pictures) : okng_cli_fail(&error);
    json_decref(w.pictures);
    return code == EXIT_OKAY ? okng_cli_exit_code(args, outcomes_of(&report)) : code;
}

/* ---- where results go ----------------------------------------------------------------------- */

/* A new folder in OUT that is called as the time is now: OUT/2026-11-27T12-00-00, with -2 and so on where two runs
 * begin in a second. malloc'd; NULL: what is wrong has been said. */
static char *stamped_folder(const char *out)
{
    char name[40];
    time_t now = time(NULL);
    struct tm local;
    okng_error error;
    if (okng_cli_make_folders(out, &error) != OKNG_OK) {
        (void)okng_cli_fail(&error);
        return NULL;
    }
    size_t length = localtime_r(&now, &local) ? strftime(name, sizeof name, "%Y-%m-%dT%H-%M-%S", &local) : 0;
    for (int number = 2; number < 1000; number++) {
        char *folder = okng_cli_join(out, name);
        if (folder && mkdir(folder, 0777) == 0) return folder;
        int why = folder ? errno : ENOMEM;
        free(folder);
        if (why != EEXIST) {
            (void)okng_cli_error("%s/%s: cannot make the folder: %s", out, name, okng_translate(strerror(why)));
            return NULL;
        }
        (void)snprintf(name + length, sizeof name - length, "-%d", number);
    }
    (void)okng_cli_error("%s: too many runs in one second", out);
    return NULL;
}

/* Said before the bank is opened, and in the words of the command. */
static int need_no_results(const char *out)
{
    static const char *const signs[] = {"scores.json", "results.csv", "run.json"};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        char *path = okng_cli_join(out, signs[i]);
        if (!path) return okng_cli_error("out of memory");
        bool there = access(path, F_OK) == 0;
        free(path);
        if (there && strcmp(signs[i], "run.json") == 0)
            return okng_cli_error("%s: holds a run that has not ended (run.json without results.csv); if it was "
                                  "stopped, give --append to do it anew, or another folder",
                                  out);
        if (there)
            return okng_cli_error("%s: holds results of an earlier run (%s); give --append to add to them, another "
                                  "folder, or --stamp for a folder of this run's own",
                                  out, signs[i]);
    }
    return EXIT_OKAY;
}

/* ---- the verb ------------------------------------------------------------------------------- */

/* One file alone, whose results need no folder of their own. */
static bool is_single(const okng_cli_args *args, const okng_cli_paths *paths)
{
    return paths->count == 1 && !is_folder(paths->items[0]) && !okng_cli_value(args, "append") &&
           !okng_cli_value(args, "report");
}

/* Where the bank's good pictures are too few for the rate that is asked for. */
static void say_promise(const okng_cli_args *args, const okng_bank *bank)
{
    okng_bank_info info = {.struct_size = sizeof info};
    double asked = args->inspect.false_alarm;
    bool by_rate = !isnan(asked) && isnan(args->inspect.threshold_image);
    if (!by_rate || okng_bank_get_info(bank, &info, NULL) != OKNG_OK || !(info.false_alarm > asked + 1e-9)) return;
    (void)fprintf(
        stderr,
        _("okng: %.0f good parts cannot promise a false-alarm rate of %.3g %%: %.1f %% at best, by the highest "
          "of their scores, which is taken\n"),
        1 / info.false_alarm - 1, 100 * asked, 100 * info.false_alarm);
    if (asked > 0)
        (void)fprintf(stderr, _("okng: %.0f good parts would promise it; or give --threshold-image\n"),
                      ceil(1 / asked - 1e-9) - 1);
}

/* A bank that was made without good pictures says nothing of pixels either. */
static void say_no_masks(const okng_cli_args *args, const okng_bank *bank)
{
    okng_bank_info info = {.struct_size = sizeof info};
    if (args->quiet || !isnan(args->inspect.threshold_pixel)) return;
    if (okng_bank_get_info(bank, &info, NULL) == OKNG_OK && isnan(info.pixel_tau))
        (void)fprintf(stderr, "%s",
                      _("okng: the bank has no pixel threshold, so masks are empty; give --threshold-pixel\n"));
}

/* A page that lies there is left, but must not be taken for one of these results. */
static void say_older_page(const okng_cli_args *args, const char *out)
{
    char *path = okng_cli_value(args, "report") ? NULL : okng_cli_join(out, "report.html");
    if (path && access(path, F_OK) == 0)
        (void)fprintf(stderr, _("okng: %s is older and does not show these results\n"), path);
    free(path);
}

/* In memory, by a method that can do without good pictures. */
static int make_bank(const okng_cli_args *args, okng_bank **bank)
{
    okng_error error;
    watch w = {.progress = okng_cli_progress_new(args)};
    okng_status status = okng_bank_make(bank, NULL, 0, &args->build, step, &w, NULL, &error);
    okng_cli_progress_clear(&w.progress);
    return status == OKNG_OK ? EXIT_OKAY : okng_cli_fail(&error);
}

static int get_bank(const okng_cli_args *args, okng_bank **bank)
{
    okng_error error;
    const char *path = okng_cli_value(args, "bank-dir"), *key = okng_cli_value(args, "verify-key");
    if (args->makes) return make_bank(args, bank);
    const okng_bank_run_options how = {.struct_size = sizeof how,
                                       .weights = okng_cli_value(args, "weights"),
                                       .device = okng_cli_value(args, "device"),
                                       .whole = okng_cli_value(args, "whole") != NULL,
                                       .threads = args->inspect.threads};
    okng_status status =
        key ? okng_bank_open_signed(bank, path, key, &error) : okng_bank_open_to_run(bank, path, &how, &error);
    return status == OKNG_OK ? EXIT_OKAY : okng_cli_fail(&error);
}

static int infer(const okng_cli_args *args, const okng_cli_paths *paths, const char *out)
{
    const okng_picture given = {.struct_size = sizeof given, .path = okng_cli_value(args, "fuse-ref")};
    okng_bank *bank = NULL;
    int code = okng_cli_value(args, "append") ? EXIT_OKAY : need_no_results(out);
    if (code == EXIT_OKAY) code = get_bank(args, &bank);
    if (code != EXIT_OKAY) return code;
    say_promise(args, bank);
    const job j = {.args = args, .bank = bank, .out = out, .reference = given.path ? &given : NULL};
    code = is_single(args, paths) ? infer_picture(&j, paths->items[0]) : infer_many(&j, paths);
    if (code != EXIT_FAILED) say_no_masks(args, bank);
    okng_bank_close(&bank);
    if (code != EXIT_FAILED) say_older_page(args, out);
    return code;
}

/* A bank's folder, or a method that can make one of words alone and a network for it. */
static int need_bank(okng_cli_args *args)
{
    const char *weights = okng_cli_value(args, "weights"), *folder = okng_cli_value(args, "bank-dir");
    const char *device = okng_cli_value(args, "device");
    okng_method_info method = {.struct_size = sizeof method};
    okng_error error;
    if (okng_cli_value(args, "verify-key") && (weights || args->makes))
        return okng_cli_usage(args->verb,
                              "--verify-key is about a recipe, which holds its own weights; leave --%s away",
                              weights ? "weights" : "method");
    if (okng_cli_value(args, "whole") && (args->makes || okng_cli_value(args, "verify-key")))
        return okng_cli_usage(args->verb, "--whole runs the bank of --bank-dir; leave --%s away",
                              args->makes ? "method" : "verify-key");
    if (device && okng_cli_value(args, "verify-key"))
        return okng_cli_usage(args->verb, "--verify-key inspects as the recipe was signed; leave --device away");
    if (!args->makes && !folder)
        return okng_cli_usage(args->verb, "--bank-dir BANK is missing; or give --method of one that needs no bank");
    if (!args->makes) return EXIT_OKAY;
    if (folder) return okng_cli_usage(args->verb, "--bank-dir names a bank and --method makes one; give one of them");
    if (okng_method_info_of(args->build.method, &method, &error) != OKNG_OK) return okng_cli_fail(&error);
    if (method.needs_pictures)
        return okng_cli_error("the method %s learns from good pictures, so it needs a bank: okng build --method %s "
                              "--ok-dir DIR --out-dir BANK, then okng infer --bank-dir BANK",
                              method.name, method.name);
    if (weights && okng_build_options_set(&args->build, "weights", weights, &error) != OKNG_OK)
        return okng_cli_refused(args->verb, &error);
    if (device && okng_build_options_set(&args->build, "device", device, &error) != OKNG_OK)
        return okng_cli_refused(args->verb, &error);
    return okng_cli_need_network(args);
}

/* Without a folder of results; what asks for files there is of no use then. */
static int print_scores(okng_cli_args *args)
{
    static const char *const writers[] = {"append", "stamp", "fuse-ref", "save-map", "report"};
    okng_bank *bank = NULL;
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
        if (okng_cli_value(args, writers[i]))
            return okng_cli_usage(args->verb, "--%s is about files, and without --out-dir OUT none are written",
                                  writers[i]);
    int code = need_bank(args);
    if (code == EXIT_OKAY) code = get_bank(args, &bank);
    if (code == EXIT_OKAY) {
        say_promise(args, bank);
        code = okng_cli_print_scores(args, bank);
    }
    okng_bank_close(&bank);
    return code;
}

static int run(okng_cli_args *args)
{
    const char *out = okng_cli_value(args, "out-dir");
    if (!out) return print_scores(args);
    bool stamp = okng_cli_value(args, "stamp") != NULL;
    if (stamp && okng_cli_value(args, "append"))
        return okng_cli_usage(args->verb, "--stamp makes a new folder, --append adds to an old one; give one of them");
    okng_cli_paths paths = {0};
    int code = need_bank(args);
    for (size_t i = 0; i < args->repeated_count && code == EXIT_OKAY; i++)
        code = okng_cli_paths_add(&paths, args->repeated[i]);
    char *stamped = stamp && code == EXIT_OKAY ? stamped_folder(out) : NULL;
    if (stamp && code == EXIT_OKAY && !stamped) code = EXIT_FAILED;
    if (code == EXIT_OKAY) code = infer(args, &paths, stamped ? stamped : out);
    free(stamped);
    okng_cli_paths_free(&paths);
    return code;
}

static const okng_cli_option options[] = {
    {"bank-dir", "BANK", "folder that okng build wrote, or recipe of okng pack; needed unless --method is given",
     false},
    {"img", "FILE|DIR...", "pictures and folders of pictures with their sub-folders; patterns as 'today/*.png'", true},
    {"out-dir", "OUT",
     "folder of the results; one that holds those of an earlier run is refused; without it scores and verdicts are "
     "printed and nothing is written",
     false},
    {"append", NULL, "add to the results of earlier runs that OUT holds", false},
    {"stamp", NULL, "into a new folder in OUT, called as the time is: 2026-11-27T12-00-00", false},
    {"weights", "FILE",
     "in place of the file that the bank names; its SHA-256 must be the same; with --method its weights", false},
    {"device", "NAME",
     "what runs the network, in place of the device that the bank names; with --method the same of it", false},
    {"whole", NULL, "let the device run the whole bank as one graph, up to the score (of onnxruntime)", false},
    {"verify-key", "KEY", "inspect only with a recipe that was signed with the key that goes with this public one",
     false},
    {"fuse-ref", "IMG", "a good picture to stand beside: adds side_by_side.png", false},
    {"save-map", NULL, "adds map.npy, the raw scores of all pixels as float32", false},
    {"report", NULL, "adds report.html, a page of all pictures, and report_files beside it", false},
    {"exit-code", NULL,
     "exit with 10 when any picture is NG, 13 when any is NOT_FOUND, 12 when any was skipped, 11 when any is REVIEW",
     false},
    {"strict", NULL, "stop at the first picture that cannot be read", false},
    {0},
};

const okng_cli_verb okng_cli_infer = {
    .name = "infer",
    .usage = "--bank-dir BANK|--method NAME --img FILE|DIR... [--out-dir OUT] [options]",
    .summary = "inspects pictures and folders of pictures",
    .about =
        "Writes heat_gray.png, mask.png, overlay.png and scores.json into OUT; for several pictures or a folder into "
        "one sub-folder per picture, and OUT/results.csv with path, score, verdict, threshold, p_value and, where "
        "folders are called good or ok, label. One of several that cannot be read is reported, counted and skipped. "
        "okng metrics reads results.csv, and with --save-map the maps in OUT, as they are. Without --out-dir a line "
        "for each picture is printed, and that is all.\n"
        "Thresholds come from the bank unless they are given, so changing them needs no rebuild.\n"
        "With --method in place of a bank one is made in memory, by a method that can do without good pictures: "
        "winclip knows by --class-name what to look for, afclip and miniclip by words that were learnt (--checkpoint). "
        "All options of okng build that say how are taken then. There is no threshold, so verdicts, and with them "
        "files "
        "of results, need --threshold-image.",
    .examples =
        "  okng infer --bank-dir bank --img part.png --out-dir out\n"
        "  okng infer --bank-dir bank --img today/ --out-dir out --false-alarm 0.01 --min-area 30\n"
        "  okng infer --bank-dir bank --img part.png --out-dir out --exit-code --quiet || echo stop the line\n"
        "  okng infer --method winclip --class-name \"metal nut\" --img today/\n"
        "  okng infer --method winclip --class-name \"metal nut\" --img today/ --out-dir out --threshold-image 0.5\n",
    .options = options,
    .repeats = "img",
    .gathers = true,
    .makes = true,
    .shares = true,
    .stops = true,
    .run = run,
};
