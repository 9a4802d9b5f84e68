/* Pictures of made-up products, a bank for each, and how well it finds what is wrong. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

enum { MAX_CATEGORIES = 64 };

typedef struct demo {
    const okng_cli_args *args;
    const char *out;
    char *names[MAX_CATEGORIES]; /* sorted */
    okng_evaluation *evaluations[MAX_CATEGORIES];
    size_t count;
    okng_cli_progress progress;
} demo;

/* ---- categories ----------------------------------------------------------------------------- */

/* "out/washer/bank"; malloc'd, NULL when memory is out. */
static char *inside(const demo *d, const char *category, const char *name)
{
    char *folder = okng_cli_join(d->out, category), *path = folder ? okng_cli_join(folder, name) : NULL;
    free(folder);
    return path;
}

static bool is_category(const demo *d, const char *name)
{
    struct stat info;
    char *path = name[0] != '.' ? inside(d, name, "train/good") : NULL;
    bool found = path && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    free(path);
    return found;
}

static int by_name(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

static okng_status add_name(demo *d, const char *name, okng_error *error)
{
    if (d->count == MAX_CATEGORIES)
        return okng_cli_set_error(error, OKNG_ERROR_LIMIT, "%s: more than %d categories; give another folder", d->out,
                                  MAX_CATEGORIES);
    d->names[d->count] = strdup(name);
    if (!d->names[d->count]) return okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory");
    d->count++;
    return OKNG_OK;
}

static okng_status find_categories(demo *d, okng_error *error)
{
    const char *only = okng_cli_value(d->args, "category");
    if (only) return add_name(d, only, error);
    DIR *stream = opendir(d->out);
    if (!stream)
        return okng_cli_set_error(error, OKNG_ERROR_IO, "%s: cannot list the folder: %s", d->out, strerror(errno));
    okng_status status = OKNG_OK;
    for (const struct dirent *entry = readdir(stream); entry && status == OKNG_OK; entry = readdir(stream))
        if (is_category(d, entry->d_name)) status = add_name(d, entry->d_name, error);
    (void)closedir(stream);
    qsort(d->names, d->count, sizeof d->names[0], by_name);
    return status;
}

/* ---- one category --------------------------------------------------------------------------- */

static okng_status build(demo *d, const char *name, const char *bank, okng_error *error)
{
    okng_picture_list *list = NULL;
    char *good = inside(d, name, "train/good");
    okng_status status = good ? okng_picture_list_open(&list, good, error)
                              : okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory");
    size_t count = okng_picture_list_count(list);
    const char **paths = calloc(count + 1, sizeof *paths);
    if (status == OKNG_OK && !paths) status = okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory");
    if (status == OKNG_OK) {
        for (size_t i = 0; i < count; i++) paths[i] = okng_picture_list_path(list, i);
        status = okng_build(paths, count, bank, &d->args->build, okng_cli_progress_step, &d->progress, NULL, error);
    }
    free(paths);
    okng_picture_list_free(&list);
    free(good);
    return status;
}

static okng_status evaluate(demo *d, size_t i, okng_error *error)
{
    okng_bank *opened = NULL;
    okng_inspect_options options = d->args->inspect;
    options.threads = d->args->build.threads;
    char *folder = okng_cli_join(d->out, d->names[i]), *bank = inside(d, d->names[i], "bank");
    char *results = inside(d, d->names[i], "results");
    okng_status status = OKNG_OK;
    if (!folder || !bank || !results) status = okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory");
    if (status == OKNG_OK) status = build(d, d->names[i], bank, error);
    if (status == OKNG_OK) status = okng_bank_open(&opened, bank, NULL, error);
    if (status == OKNG_OK)
        status = okng_evaluate(opened, d->names[i], folder, results, &options, okng_cli_progress_step, &d->progress,
                               &d->evaluations[i], error);
    okng_cli_progress_clear(&d->progress);
    okng_bank_close(&opened);
    free(folder);
    free(bank);
    free(results);
    return status;
}

/* ---- the figures ---------------------------------------------------------------------------- */

static okng_evaluation_info figures(const demo *d, size_t i)
{
    okng_evaluation_info info = {.struct_size = sizeof info};
    (void)okng_evaluation_get(d->evaluations[i], &info, NULL);
    return info;
}

static void print_head(void)
{
    (void)printf("%-12s %8s %12s %12s %10s %12s %11s\n", "category", "pictures", "image AUROC", "pixel AUROC", "found",
                 "false alarms", "ms/picture");
}

static void print_row(const demo *d, size_t i)
{
    okng_evaluation_info info = figures(d, i);
    char found[48], alarms[48];
    (void)snprintf(found, sizeof found, "%llu/%llu", (unsigned long long)info.found, (unsigned long long)info.defects);
    (void)snprintf(alarms, sizeof alarms, "%llu/%llu", (unsigned long long)info.false_alarms,
                   (unsigned long long)(info.pictures - info.defects));
    (void)printf("%-12s %8llu %12.4f %12.4f %10s %12s %11.1f\n", d->names[i], (unsigned long long)info.pictures,
                 info.image_auroc, info.pixel_auroc, found, alarms, info.milliseconds);
    (void)fflush(stdout); /* somebody is waiting */
}

static json_t *as_json(const demo *d, const char *report)
{
    json_t *categories = json_array();
    for (size_t i = 0; i < d->count; i++) {
        okng_evaluation_info info = figures(d, i);
        json_t *row = json_pack("{s:o, s:I, s:I, s:I, s:I, s:f, s:f}", "category", okng_cli_json_path(d->names[i]),
                                "pictures", (json_int_t)info.pictures, "defects", (json_int_t)info.defects, "found",
                                (json_int_t)info.found, "false_alarms", (json_int_t)info.false_alarms, "image_tau",
                                (double)info.image_tau, "ms_per_picture", info.milliseconds);
        /* JSON has no NaN */
        if (row && !isnan(info.image_auroc)) (void)json_object_set_new(row, "image_auroc", json_real(info.image_auroc));
        if (row && !isnan(info.pixel_auroc)) (void)json_object_set_new(row, "pixel_auroc", json_real(info.pixel_auroc));
        (void)json_array_append_new(categories, row);
    }
    return json_pack("{s:o, s:o}", "report", okng_cli_json_path(report), "categories", categories);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static okng_status write_pictures(demo *d, okng_error *error)
{
    if (okng_cli_make_folders(d->out, error) != OKNG_OK) return error->status;
    okng_status status = okng_demo_write(d->out, okng_cli_value(d->args, "category"), d->args->build.seed,
                                         d->args->build.threads, okng_cli_progress_step, &d->progress, error);
    okng_cli_progress_clear(&d->progress);
    return status == OKNG_OK ? find_categories(d, error) : status;
}

static int demonstrate(demo *d, const char *report)
{
    okng_error error;
    bool chat = !d->args->json && !d->args->quiet;
    okng_status status = write_pictures(d, &error);
    if (status == OKNG_OK && chat) print_head();
    for (size_t i = 0; i < d->count && status == OKNG_OK; i++) {
        status = evaluate(d, i, &error);
        if (status == OKNG_OK && chat) print_row(d, i);
    }
    if (status == OKNG_OK)
        status = okng_report_write(report, (const okng_evaluation *const *)d->evaluations, d->count, &error);
    if (status != OKNG_OK) return okng_cli_fail(&error);
    if (d->args->json) return okng_cli_print_json(as_json(d, report));
    if (chat) (void)printf("report: %s\n", report);
    return EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    int code = okng_cli_need_network(args);
    if (code != EXIT_OKAY) return code;
    const char *out = okng_cli_value(args, "out");
    demo d = {.args = args, .out = out ? out : "okng-demo", .progress = okng_cli_progress_new(args)};
    char *report = okng_cli_join(d.out, "report.html");
    code = report ? demonstrate(&d, report) : okng_cli_error("out of memory");
    for (size_t i = 0; i < d.count; i++) {
        okng_evaluation_free(&d.evaluations[i]);
        free(d.names[i]);
    }
    free(report);
    return code;
}

static const okng_cli_option options[] = {
    {"out", "DIR", "folder of the pictures, banks, results and the report; okng-demo unless given", false},
    {"category", "NAME", "only this product", false},
    {0},
};

const okng_cli_verb okng_cli_demo = {
    .name = "demo",
    .usage = "[--out DIR] [--category NAME] [options]",
    .summary = "makes pictures of products, learns them, inspects them, reports",
    .about = "Draws made-up products with defects in the layout of MVTec AD: DIR/NAME/train/good, test and "
             "ground_truth. For each it builds the bank DIR/NAME/bank, inspects the test pictures into "
             "DIR/NAME/results and measures how well defects are told from good parts. DIR/report.html shows it all: "
             "one file that needs no network. The same seed gives the same pictures.\n"
             "Categories in that layout that are in DIR already are taken too.",
    .examples = "  okng demo\n"
                "  okng demo --out demo --category washer\n"
                "  okng demo --backbone resnet18 --weights resnet18.pth --coreset 0.02\n",
    .options = options,
    .stops = true,
    .run = run,
};
