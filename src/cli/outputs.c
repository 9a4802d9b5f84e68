/* What must not be lost where a verb writes: banks, and the files that it reads. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

/* Options that name what is written. What build and import write is a bank, and looked after by the library. */
static const char *const outputs[] = {"out", "out-dir", "indices", "samples"};
static const char *const makers[] = {"build", "import patchcore-inspection", "import anomalib"};

enum { OUTPUTS = sizeof outputs / sizeof outputs[0], MAKERS = sizeof makers / sizeof makers[0] };

static bool is_one_of(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

static bool holds_one_of(const char *folder, const char *const *names, size_t count)
{
    char path[OKNG_PATH_MAX + OKNG_NAME_MAX]; /* no memory: a refusal must not depend on it */
    bool there = false;
    for (size_t i = 0; i < count && !there; i++)
        there = snprintf(path, sizeof path, "%s/%s", folder, names[i]) < (int)sizeof path && access(path, F_OK) == 0;
    return there;
}

static bool is_bank(const char *folder)
{
    static const char *const signs[] = {"bank_config.json", "ensemble.json", "regions.json"};
    return holds_one_of(folder, signs, sizeof signs / sizeof *signs);
}

/* The folder that `path` names a file in; returns parent. */
static const char *parent_of(const char *path, char parent[OKNG_PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    (void)strcpy(parent, ".");
    if (slash && length < OKNG_PATH_MAX - 1) (void)snprintf(parent, OKNG_PATH_MAX, "%.*s/", (int)length, path);
    return parent;
}

static bool parent_is_bank(const char *path)
{
    char parent[OKNG_PATH_MAX];
    return is_bank(parent_of(path, parent));
}

/* What is written where `path` is given: links are written through, and what is not there comes into its folder. False
 * where that cannot be told. */
static bool find_place(const char *path, char place[PATH_MAX])
{
    if (realpath(path, place)) return true;
    char parent[OKNG_PATH_MAX];
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (!realpath(parent_of(path, parent), place)) return false;
    size_t length = strlen(place);
    return snprintf(place + length, PATH_MAX - length, "/%s", name) < (int)(PATH_MAX - length);
}

/* Whether `out`, or where it would be made, is the folder or below it: by the numbers of folders, from the deepest that
 * there is up to the root. */
static bool lies_in(const char *out, const char *folder)
{
    struct stat bank, info;
    char path[OKNG_PATH_MAX];
    if (stat(folder, &bank) != 0 || snprintf(path, sizeof path, "./%s", out) >= (int)sizeof path) return false;
    char *at = *out == '/' ? path + 2 : path;
    while (stat(at, &info) != 0 || !S_ISDIR(info.st_mode)) {
        char *slash = strrchr(at, '/');
        if (!slash || slash == at) return false;
        *slash = '\0';
    }
    struct stat below = {0};
    while ((info.st_dev != below.st_dev || info.st_ino != below.st_ino) &&
           strlen(at) + sizeof "/.." < sizeof path - 2) {
        if (info.st_dev == bank.st_dev && info.st_ino == bank.st_ino) return true;
        below = info;
        (void)strcat(at, "/..");
        if (stat(at, &info) != 0) return false;
    }
    return false;
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return b && stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

/* One that is found where it is kept for all, not named. */
static bool is_cached(const okng_cli_args *args, const char *out)
{
    char path[OKNG_PATH_MAX];
    const char *backbone = args->build.backbone;
    if (!*backbone) return false;
    if (okng_public_file_cache(backbone, path, sizeof path, NULL) == OKNG_OK && same_file(out, path)) return true;
    return okng_public_file_cache("clip-vocabulary", path, sizeof path, NULL) == OKNG_OK && same_file(out, path);
}

static int need_unread(const okng_cli_args *args, const char *option, const char *out)
{
    const okng_cli_option *own = args->verb->options;
    const char *read = NULL;
    for (size_t i = 0; own[i].name && !read; i++)
        if (!is_one_of(outputs, OUTPUTS, own[i].name) && same_file(out, args->values[i])) read = own[i].name;
    bool word = same_file(out, args->build.weights) || same_file(out, args->build.vocabulary) || is_cached(args, out);
    for (size_t i = 0; i < args->operand_count; i++) word = word || same_file(out, args->operands[i]);
    for (size_t i = 0; i < args->repeated_count && !word && !read; i++) word = same_file(out, args->repeated[i]);
    if (!read && !word) return EXIT_OKAY;
    return okng_cli_error("%s: is read, and would be overwritten; give another name as --%s", out, option);
}

static const char *name_in(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A file of results of infer or of an experiment, which would be left with something else in its place. Of `collect`
 * see below: its tables may be called so. */
static int need_no_result(const okng_cli_args *args, const char *option, const char *out)
{
    static const char *const signs[] = {"scores.json", "results.csv", "run.json", "metrics.json"};
    static const char *const others[] = {"heat_gray.png",    "heat_color.png", "mask.png",    "overlay.png",
                                         "side_by_side.png", "map.npy",        "report.html", "metrics.csv"};
    enum { SIGNS = sizeof signs / sizeof *signs, OTHERS = sizeof others / sizeof *others };
    char place[PATH_MAX], parent[OKNG_PATH_MAX];
    struct stat info;
    const char *target = find_place(out, place) ? place : out, *name = name_in(target);
    if (okng_cli_takes_several(args->verb) || stat(target, &info) != 0 || !S_ISREG(info.st_mode)) return EXIT_OKAY;
    if (!is_one_of(signs, SIGNS, name) &&
        !(is_one_of(others, OTHERS, name) && holds_one_of(parent_of(target, parent), signs, SIGNS)))
        return EXIT_OKAY;
    return okng_cli_error("%s: is a file of results, and would be overwritten; give another name as --%s", out, option);
}

/* Where several folders are named, what experiments keep below them is read, or will be the next time. */
static int need_outside(const okng_cli_args *args, const char *option, const char *out)
{
    static const char *const kept[] = {"metrics.json",
                                       "metrics.csv",
                                       "scores.json",
                                       "run.json",
                                       "summary_metrics.csv",
                                       "summary_metrics_pretty.csv",
                                       "summary_metrics_pretty.md"};
    char place[PATH_MAX];
    const char *target = find_place(out, place) ? place : out;
    if (!is_one_of(kept, sizeof kept / sizeof *kept, name_in(target))) return EXIT_OKAY;
    for (size_t i = 0; okng_cli_takes_several(args->verb) && i < args->operand_count; i++)
        if (lies_in(target, args->operands[i]))
            return okng_cli_error("%s: is a file of an experiment below %s; give another name as --%s", out,
                                  args->operands[i], option);
    return EXIT_OKAY;
}

/* Else one of them would be lost. */
static int need_different(const okng_cli_args *args)
{
    char first[PATH_MAX], second[PATH_MAX];
    for (size_t i = 0; i < OUTPUTS; i++)
        for (size_t j = i + 1; j < OUTPUTS; j++) {
            const char *a = okng_cli_value(args, outputs[i]), *b = okng_cli_value(args, outputs[j]);
            if (a && b && find_place(a, first) && find_place(b, second) && strcmp(first, second) == 0)
                return okng_cli_usage(args->verb, "--%s and --%s are the same file, %s; give two", outputs[i],
                                      outputs[j], b);
        }
    return EXIT_OKAY;
}

int okng_cli_check_outputs(const okng_cli_args *args)
{
    if (is_one_of(makers, MAKERS, args->verb->name)) return EXIT_OKAY;
    int code = need_different(args);
    if (code != EXIT_OKAY) return code;
    for (size_t i = 0; i < OUTPUTS; i++) {
        const char *out = okng_cli_value(args, outputs[i]);
        if (!out || !*out) continue;
        const char *bank = okng_cli_value(args, "bank-dir");
        if (is_bank(out) || parent_is_bank(out) || (bank && lies_in(out, bank)))
            return okng_cli_error("%s: lies in the folder of a bank, which holds nothing but the bank; give another "
                                  "place as --%s",
                                  out, outputs[i]);
        if (need_unread(args, outputs[i], out) != EXIT_OKAY) return EXIT_FAILED;
        if (need_outside(args, outputs[i], out) != EXIT_OKAY) return EXIT_FAILED;
        if (need_no_result(args, outputs[i], out) != EXIT_OKAY) return EXIT_FAILED;
    }
    return EXIT_OKAY;
}
