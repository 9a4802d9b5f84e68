#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

unsigned okng_cli_save_flags(const okng_cli_args *args)
{
    return OKNG_SAVE_PICTURES | (okng_cli_value(args, "save-map") ? (unsigned)OKNG_SAVE_MAP : 0u);
}

static int print_result(const okng_cli_args *args, const okng_result *result)
{
    const char *img = okng_cli_value(args, "img"), *out = okng_cli_value(args, "out-dir");
    bool ng = okng_result_verdict(result) == OKNG_VERDICT_NG;
    if (args->json) {
        char *text = NULL;
        okng_error error;
        if (okng_result_json(result, &text, &error) != OKNG_OK) return okng_cli_fail(&error);
        json_t *document = json_loads(text, 0, NULL),
               *picture = json_pack("{s:o, s:o}", "path", okng_cli_json_path(img), "out", okng_cli_json_path(out));
        okng_text_free(&text);
        if (picture) (void)json_object_update(picture, document);
        json_decref(document);
        return okng_cli_print_json(picture);
    }
    if (args->quiet) return EXIT_OKAY;
    size_t regions;
    (void)okng_result_regions(result, &regions);
    (void)printf("%s  %s: score %.6g, threshold %.6g, ", ng ? "NG" : "OK", img, (double)okng_result_score(result),
                 (double)okng_result_image_threshold(result));
    if (!isnan(okng_result_p_value(result))) (void)printf("p-value %.3g, ", okng_result_p_value(result));
    (void)printf("%zu region%s\n", regions, regions == 1 ? "" : "s");
    (void)printf("    results in %s\n", out);
    return EXIT_OKAY;
}

static int infer_picture(const okng_cli_args *args, const okng_bank *bank)
{
    const okng_picture picture = {.path = okng_cli_value(args, "img")};
    const okng_picture reference = {.path = okng_cli_value(args, "fuse-ref")};
    okng_error error;
    okng_result *result = NULL;
    if (okng_inspect(bank, &picture, &args->inspect, &result, &error) != OKNG_OK) return okng_cli_fail(&error);
    int code = EXIT_FAILED;
    if (okng_result_save(result, okng_cli_value(args, "out-dir"), okng_cli_save_flags(args),
                         reference.path ? &reference : NULL, &error) != OKNG_OK)
        code = okng_cli_fail(&error);
    else
        code = print_result(args, result);
    bool ng = okng_result_verdict(result) == OKNG_VERDICT_NG;
    okng_result_free(&result);
    return code == EXIT_OKAY && ng && okng_cli_value(args, "exit-code") ? EXIT_NG : code;
}

/* The real path of the deepest part of `path` that exists; malloc'd, NULL when there is none. */
static char *existing_part(const char *path)
{
    char *part = strdup(path), *real = NULL;
    while (part && !(real = realpath(part, NULL)) && errno == ENOENT) {
        char *slash = strrchr(part, '/');
        if (slash)
            *slash = '\0';
        else if (strcmp(part, ".") != 0)
            strcpy(part, "."); /* fits: a path that does not exist is not empty */
        else
            break;
        if (!*part) break;
    }
    free(part);
    return real;
}

/* Results inside the folder of pictures would be taken for pictures the next time. */
static int check_apart(const char *folder, const char *out)
{
    char *in = realpath(folder, NULL), *there = existing_part(out);
    size_t length = in ? strlen(in) : 0;
    bool inside = in && there && strncmp(there, in, length) == 0 &&
                  (there[length] == '\0' || there[length] == '/' || in[length - 1] == '/');
    free(in);
    free(there);
    if (!inside) return EXIT_OKAY;
    return okng_cli_error("--out-dir %s lies in --img %s, where results would be taken for pictures the next time; "
                          "give another folder",
                          out, folder);
}

static int infer_folder(okng_cli_args *args, const okng_bank *bank)
{
    const char *folder = okng_cli_value(args, "img");
    okng_error error;
    okng_picture_list *list;
    int code = check_apart(folder, okng_cli_value(args, "out-dir"));
    if (code != EXIT_OKAY) return code;
    if (okng_picture_list_open(&list, folder, &error) != OKNG_OK) return okng_cli_fail(&error);
    if (okng_picture_list_count(list) == 0)
        code = okng_cli_error("%s: no pictures here or in its sub-folders", folder);
    else if (okng_cli_make_folders(okng_cli_value(args, "out-dir"), &error) != OKNG_OK)
        code = okng_cli_fail(&error);
    else
        code = okng_cli_infer_folder(args, bank, list);
    okng_picture_list_free(&list);
    return code;
}

/* A reference that cannot be read should be known before anything is written. */
static okng_status check_reference(const okng_cli_args *args, okng_error *error)
{
    const okng_picture picture = {.path = okng_cli_value(args, "fuse-ref")};
    if (!picture.path) return OKNG_OK;
    okng_array *pixels = NULL;
    okng_status status = okng_preprocess(&picture, &args->build, &pixels, error);
    okng_array_free(&pixels);
    return status;
}

/* An imported bank may lack what a verdict needs: better said once than for each picture. */
static int check_thresholds(const okng_cli_args *args, const okng_bank *bank)
{
    okng_error error;
    okng_bank_info info = {.struct_size = sizeof info};
    const char *folder = okng_cli_value(args, "bank-dir");
    if (okng_bank_get_info(bank, &info, &error) != OKNG_OK) return okng_cli_fail(&error);
    if (info.needs_ranges)
        return okng_cli_error("%s: an ensemble that was imported without OK pictures has no ranges to normalise its "
                              "scores by; import it again with --calibrate DIR",
                              folder);
    if (isnan(info.image_tau) && isnan(args->inspect.threshold_image))
        return okng_cli_error(
            "%s: was imported without OK pictures and has no thresholds; give --threshold-image T, or "
            "import it again with --calibrate DIR",
            folder);
    return EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    const char *img = okng_cli_value(args, "img");
    struct stat info;
    if (stat(img, &info) != 0) return okng_cli_error("%s: cannot open: %s", img, strerror(errno));
    okng_error error;
    okng_bank *bank = NULL;
    if (check_reference(args, &error) != OKNG_OK) return okng_cli_fail(&error);
    if (okng_bank_open(&bank, okng_cli_value(args, "bank-dir"), okng_cli_value(args, "weights"), &error) != OKNG_OK)
        return okng_cli_fail(&error);
    int code = check_thresholds(args, bank);
    if (code == EXIT_OKAY) code = S_ISDIR(info.st_mode) ? infer_folder(args, bank) : infer_picture(args, bank);
    okng_bank_close(&bank);
    return code;
}

static const okng_cli_option options[] = {
    {"bank-dir", "BANK", "folder that okng build wrote", true},
    {"img", "FILE|DIR", "a picture, or a folder of pictures with its sub-folders", true},
    {"out-dir", "OUT", "folder of the results", true},
    {"weights", "FILE", "in place of the file that the bank names; its SHA-256 must be the same", false},
    {"fuse-ref", "IMG", "a good picture to stand beside: adds side_by_side.png", false},
    {"save-map", NULL, "adds map.npy, the raw scores of all pixels as float32", false},
    {"exit-code", NULL, "exit with 10 when any picture is NG", false},
    {"strict", NULL, "stop at the first picture that cannot be read", false},
    {0},
};

const okng_cli_verb okng_cli_infer = {
    .name = "infer",
    .usage = "--bank-dir BANK --img FILE|DIR --out-dir OUT [options]",
    .summary = "inspects a picture or a folder of pictures",
    .about =
        "Writes heat_gray.png, mask.png, overlay.png and scores.json into OUT; for a folder into one sub-folder per "
        "picture, and OUT/results.csv with path, score and verdict. A picture of a folder that cannot be read is "
        "reported, counted and skipped.\n"
        "Thresholds come from the bank unless they are given, so changing them needs no rebuild.",
    .examples = "  okng infer --bank-dir bank --img part.png --out-dir out\n"
                "  okng infer --bank-dir bank --img today/ --out-dir out --false-alarm 0.01 --min-area 30\n"
                "  okng infer --bank-dir bank --img part.png --out-dir out --exit-code --quiet || echo stop the line\n",
    .options = options,
    .stops = true,
    .run = run,
};
