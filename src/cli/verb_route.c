/* Which bank of a folder pictures are of. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "okng/experimental.h"

enum { TOLD = 3 }; /* banks that are told of a picture that is of none */

/* ---- the banks --------------------------------------------------------------------------------------------------- */

static bool holds(const char *folder, const char *name)
{
    char *path = okng_cli_join(folder, name);
    const bool there = path && access(path, F_OK) == 0;
    free(path);
    return there;
}

/* Whether an entry of the folder is a bank; its name is that of its folder, or of its recipe without the ending. */
static bool is_bank(const char *path, const char *entry, char name[NAME_MAX + 1])
{
    static const char ending[] = ".okng";
    const size_t length = strlen(entry), end = sizeof ending - 1;
    const bool recipe = length > end && strcmp(entry + length - end, ending) == 0;
    (void)snprintf(name, NAME_MAX + 1, "%.*s", (int)(recipe ? length - end : length), entry);
    return *entry != '.' &&
           (recipe || holds(path, "bank_config.json") || holds(path, "ensemble.json") || holds(path, "regions.json"));
}

/* A bank that cannot be told apart is passed over, which is said. */
static int add_bank(okng_router *router, const char *path, const char *name, size_t *banks)
{
    okng_error error;
    if (okng_router_set(router, name, path, &error) == OKNG_OK)
        ++*banks;
    else if (error.status == OKNG_ERROR_MEMORY)
        return okng_cli_fail(&error);
    else
        (void)okng_cli_error("%s: pictures of it are not recognised: %s", name, error.message);
    return EXIT_OKAY;
}

static int add_banks(okng_router *router, const char *folder, size_t *banks)
{
    DIR *entries = opendir(folder);
    int code = entries ? EXIT_OKAY : okng_cli_error("%s: cannot open the folder of banks", folder);
    const struct dirent *entry;
    while (code == EXIT_OKAY && (entry = readdir(entries))) {
        char name[NAME_MAX + 1];
        char *path = okng_cli_join(folder, entry->d_name);
        if (!path) code = okng_cli_error("out of memory for the names of banks");
        if (path && is_bank(path, entry->d_name, name)) code = add_bank(router, path, name, banks);
        free(path);
    }
    if (entries) (void)closedir(entries);
    if (code == EXIT_OKAY && *banks == 0) code = okng_cli_error("%s: holds no bank that can be told apart", folder);
    return code;
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

static json_t *known(double number)
{
    return isfinite(number) ? json_real(number) : json_null();
}

static json_t *routes_json(const char *path, const okng_routes *routes)
{
    json_t *nearest = json_array();
    for (size_t i = 0; i < okng_routes_count(routes); i++)
        okng_cli_json_add(&nearest, json_pack("{s:o, s:f}", "bank", okng_cli_json_path(okng_routes_bank(routes, i)),
                                              "distance", okng_routes_distance(routes, i)));
    const bool fits = okng_routes_fits(routes) != 0;
    return json_pack("{s:o, s:o, s:o, s:o}", "path", okng_cli_json_path(path), "bank",
                     fits ? okng_cli_json_path(okng_routes_bank(routes, 0)) : json_null(), "margin",
                     known(okng_routes_margin(routes)), "nearest", nearest);
}

static void print_routes(const char *path, const okng_routes *routes)
{
    if (okng_routes_fits(routes)) {
        (void)printf(_("%s  %s: distance %.2f, the next %.1f times as far\n"), okng_routes_bank(routes, 0), path,
                     okng_routes_distance(routes, 0), okng_routes_margin(routes));
        return;
    }
    (void)printf(_("none  %s: nearest"), path);
    for (size_t i = 0; i < okng_routes_count(routes) && i < TOLD; i++)
        (void)printf("%s %s %.2f", i > 0 ? "," : "", okng_routes_bank(routes, i), okng_routes_distance(routes, i));
    (void)printf("\n");
}

static int route_all(const okng_cli_args *args, okng_router *router, const okng_cli_paths *pictures)
{
    json_t *all = json_array();
    bool strangers = false;
    for (size_t i = 0; i < pictures->count; i++) {
        const okng_picture picture = {.struct_size = sizeof picture, .path = pictures->items[i]};
        okng_routes *routes;
        okng_error error;
        if (okng_router_find(&routes, router, &picture, &error) != OKNG_OK) {
            json_decref(all);
            return okng_cli_fail(&error);
        }
        strangers = strangers || !okng_routes_fits(routes);
        if (args->json)
            okng_cli_json_add(&all, routes_json(pictures->items[i], routes));
        else if (!args->quiet)
            print_routes(pictures->items[i], routes);
        okng_routes_free(&routes);
    }
    const int code = args->json ? okng_cli_print_json(json_pack("{s:O}", "pictures", all)) : EXIT_OKAY;
    json_decref(all);
    return code == EXIT_OKAY && strangers && okng_cli_value(args, "exit-code") ? EXIT_NG : code;
}

/* ---- the verb ---------------------------------------------------------------------------------------------------- */

static int learn(const okng_cli_args *args, okng_router *router, const char *bank, const char *folder)
{
    okng_error error;
    okng_picture_list *list;
    if (okng_picture_list_open(&list, folder, &error) != OKNG_OK) return okng_cli_fail(&error);
    const size_t count = okng_picture_list_count(list);
    const char **paths = calloc(count + 1, sizeof *paths);
    for (size_t i = 0; paths && i < count; i++) paths[i] = okng_picture_list_path(list, i);
    int code = paths ? EXIT_OKAY : okng_cli_error("out of memory for the list of files");
    if (code == EXIT_OKAY && okng_router_learn(router, bank, paths, count, &error) != OKNG_OK)
        code = okng_cli_fail(&error);
    free((void *)paths);
    okng_picture_list_free(&list);
    if (code != EXIT_OKAY) return code;
    if (args->json)
        return okng_cli_print_json(
            json_pack("{s:o, s:I}", "bank", okng_cli_json_path(bank), "pictures", (json_int_t)count));
    if (!args->quiet) (void)printf(_("bank        %s: pictures of it are recognised by %zu good ones\n"), bank, count);
    return EXIT_OKAY;
}

static int route(const okng_cli_args *args, okng_router *router)
{
    okng_cli_paths pictures = {0};
    size_t banks = 0;
    int code = okng_cli_pictures_add(args, &pictures);
    if (code == EXIT_OKAY) code = add_banks(router, okng_cli_value(args, "banks"), &banks);
    if (code == EXIT_OKAY) code = route_all(args, router, &pictures);
    okng_cli_paths_free(&pictures);
    return code;
}

static int run(okng_cli_args *args)
{
    const char *banks = okng_cli_value(args, "banks"), *bank = okng_cli_value(args, "bank-dir");
    const char *good = okng_cli_value(args, "ok-dir");
    okng_error error;
    okng_router *router;
    if ((banks != NULL) == (bank != NULL) || (bank != NULL) != (good != NULL) || (bank && args->repeated_count > 0))
        return okng_cli_usage(args->verb, "give --banks with --img, or --bank-dir with --ok-dir");
    if (okng_router_new(&router, &error) != OKNG_OK) return okng_cli_fail(&error);
    int code = bank ? learn(args, router, bank, good) : route(args, router);
    okng_router_free(&router);
    return code;
}

static const okng_cli_option options[] = {
    {"banks", "DIR", "folder of banks and recipes that pictures may be of", false},
    {"img", "FILE|DIR...", "pictures and folders of pictures with their sub-folders; patterns as 'today/*.png'", false},
    {"exit-code", NULL, "exit with 10 when any picture is of none", false},
    {"bank-dir", "BANK", "a bank that pictures shall be recognised of, with --ok-dir", false},
    {"ok-dir", "DIR", "good pictures of it", false},
    {0},
};

const okng_cli_verb okng_cli_route = {
    .name = "route",
    .usage = "--banks DIR --img FILE|DIR... | --bank-dir BANK --ok-dir DIR",
    .summary = "tells which bank of a folder pictures are of",
    .about =
        "By one vector of each picture, made by the built-in network, and the nearest of the good pictures of all\n"
        "banks. A picture that is far from all is of none.\n"
        "A bank keeps vectors of its good pictures (route.safetensors): made when it is first asked for, if these\n"
        "still lie where they were, or by --bank-dir BANK --ok-dir DIR.",
    .examples = "  okng route --banks banks --img today/\n"
                "  okng route --banks banks --img part.png --json\n"
                "  okng route --bank-dir banks/gear --ok-dir gear/good\n",
    .options = options,
    .repeats = "img",
    .gathers = true,
    .stops = true,
    .run = run,
};
