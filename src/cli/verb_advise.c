#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* ---- pictures ------------------------------------------------------------------------------------------------ */

typedef struct pictures {
    okng_picture_list *list;
    const char **paths;
    size_t count;
} pictures;

static void free_pictures(pictures *p)
{
    okng_picture_list_free(&p->list);
    free(p->paths);
}

/* All below `folder`; none where that is NULL. */
static okng_status list_pictures(const okng_cli_args *args, pictures *p, const char *folder, okng_error *error)
{
    if (!folder) return OKNG_OK;
    if (okng_picture_list_open(&p->list, folder, error) != OKNG_OK) return error->status;
    okng_cli_tell_left_out(args, p->list);
    p->count = okng_picture_list_count(p->list);
    if (p->count == 0)
        return okng_cli_set_error(error, OKNG_ERROR_NOT_FOUND, "%s: no pictures here or in its sub-folders", folder);
    p->paths = calloc(p->count, sizeof *p->paths);
    if (!p->paths) return okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory");
    for (size_t i = 0; i < p->count; i++) p->paths[i] = okng_picture_list_path(p->list, i);
    return OKNG_OK;
}

/* ---- what is told -------------------------------------------------------------------------------------------- */

/* Options that say which network, for the line that can be copied. */
static void command_of(const okng_cli_args *args, const okng_advice_size *size, char *text, size_t room)
{
    char backbone[OKNG_NAME_MAX] = "", weights[OKNG_PATH_MAX] = "", value[48];
    (void)okng_build_options_get(&args->build, "backbone", backbone, sizeof backbone, NULL);
    (void)okng_build_options_get(&args->build, "weights", weights, sizeof weights, NULL);
    if (strcmp(backbone, "okng-s") == 0) backbone[0] = '\0'; /* what it is anyway */
    if (size->pixels > 0)
        (void)snprintf(value, sizeof value, "--pixels %lld", (long long)size->pixels);
    else
        (void)snprintf(value, sizeof value, "--resize %dx%d", (int)size->height, (int)size->width);
    (void)snprintf(text, room, "okng build --ok-dir %s --out-dir BANK%s%s%s%s %s", okng_cli_value(args, "ok-dir"),
                   *backbone ? " --backbone " : "", backbone, *backbone && *weights ? " --weights " : "",
                   *backbone ? weights : "", value);
}

static void print_size(const okng_advice_size *size)
{
    char name[32], patch[32], bank[32], memory[32];
    (void)snprintf(name, sizeof name, "%dx%d", (int)size->height, (int)size->width);
    (void)snprintf(patch, sizeof patch, "%.1f x %.1f", size->patch_width, size->patch_height);
    (void)printf("%s %-11s %-14s %.4f %9.1f ms %8.1f s  %-10s %s\n", size->proposed ? "*" : " ", name, patch,
                 size->auroc, size->milliseconds, size->seconds,
                 okng_cli_size_text(size->bank_bytes, bank, sizeof bank),
                 okng_cli_size_text(size->peak_bytes, memory, sizeof memory));
}

static okng_status print_advice(const okng_cli_args *args, const okng_advice *advice, const okng_advice_info *info,
                                okng_error *error)
{
    char command[OKNG_PATH_MAX * 2 + 256] = "";
    (void)printf(_("pictures    %llu learnt; scored: %llu good ones that were not learnt, %llu %s\n"),
                 (unsigned long long)info->learnt, (unsigned long long)info->good, (unsigned long long)info->bad,
                 info->made ? _("with made defects") : _("bad ones"));
    (void)printf(_("            of %d x %d%s\n"), (int)info->picture_width, (int)info->picture_height,
                 info->aspects_differ ? _(" and other shapes, so all become square") : "");
    (void)printf("  ");
    okng_cli_print_left(N_("input"), 12);
    okng_cli_print_left(N_("patch covers"), 15);
    okng_cli_print_left(N_("AUROC"), 6);
    okng_cli_print_right(N_("a picture"), 13);
    okng_cli_print_right(N_("learning"), 11);
    (void)printf("  ");
    okng_cli_print_left(N_("bank"), 11);
    (void)printf("%s\n", _("memory"));
    for (size_t i = 0; i < info->sizes; i++) {
        okng_advice_size size = {.struct_size = sizeof size};
        if (okng_advice_get_size(advice, i, &size, error) != OKNG_OK) return error->status;
        print_size(&size);
        if (size.proposed) command_of(args, &size, command, sizeof command);
    }
    (void)printf(_("proposed    %s\n"), command);
    if (info->made)
        (void)printf(_("            defects are made, so only the order of sizes counts; --ng DIR tries your own\n"));
    return OKNG_OK;
}

static json_t *size_json(const okng_advice_size *size)
{
    return json_pack("{s:i, s:i, s:I, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:b}", "height", (int)size->height, "width",
                     (int)size->width, "pixels", (json_int_t)size->pixels, "patch_height", size->patch_height,
                     "patch_width", size->patch_width, "image_auroc", size->auroc, "milliseconds", size->milliseconds,
                     "seconds", size->seconds, "bank_bytes", (json_int_t)size->bank_bytes, "peak_bytes",
                     (json_int_t)size->peak_bytes, "proposed", (int)size->proposed);
}

static okng_status advice_json(const okng_cli_args *args, const okng_advice *advice, const okng_advice_info *info,
                               json_t **document, okng_error *error)
{
    char command[OKNG_PATH_MAX * 2 + 256] = "";
    json_t *sizes = json_array();
    for (size_t i = 0; i < info->sizes; i++) {
        okng_advice_size size = {.struct_size = sizeof size};
        if (okng_advice_get_size(advice, i, &size, error) != OKNG_OK) {
            json_decref(sizes);
            return error->status;
        }
        okng_cli_json_add(&sizes, size_json(&size));
        if (size.proposed) command_of(args, &size, command, sizeof command);
    }
    *document =
        json_pack("{s:I, s:I, s:I, s:b, s:i, s:i, s:b, s:o, s:o}", "learnt", (json_int_t)info->learnt, "good",
                  (json_int_t)info->good, "bad", (json_int_t)info->bad, "made_defects", (int)info->made,
                  "picture_height", (int)info->picture_height, "picture_width", (int)info->picture_width,
                  "aspects_differ", (int)info->aspects_differ, "sizes", sizes, "command", okng_cli_json_path(command));
    return *document ? OKNG_OK : okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory");
}

/* ---- */

static int tell(const okng_cli_args *args, const okng_advice *advice)
{
    okng_error error;
    okng_advice_info info = {.struct_size = sizeof info};
    json_t *document = NULL;
    okng_status status = okng_advice_get_info(advice, &info, &error);
    if (status == OKNG_OK && args->json) status = advice_json(args, advice, &info, &document, &error);
    if (status == OKNG_OK && !args->json && !args->quiet) status = print_advice(args, advice, &info, &error);
    if (status != OKNG_OK) return okng_cli_fail(&error);
    return document ? okng_cli_print_json(document) : EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    int code = okng_cli_need_network(args);
    if (code != EXIT_OKAY) return code;
    okng_error error;
    pictures ok = {0}, ng = {0};
    okng_advice *advice = NULL;
    okng_cli_progress progress = okng_cli_progress_new(args);
    okng_status status = list_pictures(args, &ok, okng_cli_value(args, "ok-dir"), &error);
    if (status == OKNG_OK) status = list_pictures(args, &ng, okng_cli_value(args, "ng"), &error);
    if (status == OKNG_OK)
        status = okng_advise(&advice, ok.paths, ok.count, ng.paths, ng.count, &args->build, okng_cli_progress_step,
                             &progress, &error);
    okng_cli_progress_clear(&progress);
    code = status == OKNG_OK ? tell(args, advice) : okng_cli_fail(&error);
    okng_advice_free(&advice);
    free_pictures(&ok);
    free_pictures(&ng);
    return code;
}

static const okng_cli_option options[] = {
    {"ok-dir", "DIR", "folder of good pictures; its sub-folders are taken too", true},
    {"ng", "DIR", "folder of bad pictures; without it defects are made into good ones", false},
    {0},
};

const okng_cli_verb okng_cli_advise = {
    .name = "advise",
    .usage = "--ok-dir DIR [--ng DIR] [--backbone NAME --weights FILE] [options]",
    .summary = "tries sizes of the network's input on your pictures, and proposes one",
    .about = "Learns three quarters of the good pictures at each of a few sizes: their shape at once, twice and four "
             "times the "
             "usual number of pixels, and a square. Scores the others and bad ones, and tells how well each size parts "
             "them, "
             "what a picture takes, and the memory. Nothing is written.\n"
             "Of sizes whose AUROC is within 0.01 of the best, the smallest is proposed.",
    .examples = "  okng advise --ok-dir parts/good\n"
                "  okng advise --ok-dir parts/good --ng parts/bad --backbone resnet18 --weights resnet18.pth\n",
    .options = options,
    .stops = true,
    .run = run,
};
