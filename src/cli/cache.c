/* Weight files of known backbones, where `okng weights get` puts them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

bool okng_cli_find_backbone(const char *name, okng_backbone_info *info)
{
    for (size_t i = 0; i < okng_backbone_count(); i++)
        if (okng_backbone_get(i, info, NULL) == OKNG_OK && strcmp(info->name, name) == 0) return true;
    return false;
}

const char *okng_cli_backbone_names(char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < okng_backbone_count() && used < size; i++) {
        okng_backbone_info info;
        if (okng_backbone_get(i, &info, NULL) != OKNG_OK) break;
        int more = snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", info.name);
        used += more > 0 ? (size_t)more : 0;
    }
    return text;
}

char *okng_cli_cached_weights(const okng_backbone_info *info)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME"), *below = "okng/weights";
    if (!base || base[0] != '/') { /* the XDG specification: a path that is not absolute is ignored */
        base = home;
        below = ".cache/okng/weights";
    }
    if (!base || !*base) return NULL;
    const char *slash = strrchr(info->url, '/');
    char *folder = okng_cli_join(base, below);
    char *path = folder ? okng_cli_join(folder, slash ? slash + 1 : info->url) : NULL;
    free(folder);
    return path;
}

/* Takes the weights from the cache; false when they are not there. */
static bool use_cache(okng_cli_args *args, const okng_backbone_info *info)
{
    char *path = okng_cli_cached_weights(info);
    bool found =
        path && access(path, R_OK) == 0 && okng_build_options_set(&args->build, "weights", path, NULL) == OKNG_OK;
    if (found && !args->quiet) (void)fprintf(stderr, "okng: using the weights %s\n", path);
    free(path);
    return found;
}

int okng_cli_need_network(okng_cli_args *args)
{
    char names[512];
    (void)okng_cli_backbone_names(names, sizeof names);
    const char *backbone = args->build.backbone;
    okng_backbone_info info;
    if (!*backbone && !*args->build.weights) return EXIT_OKAY; /* the built-in one */
    if (!*backbone)
        return okng_cli_usage(args->verb, "--weights are given, --backbone NAME is missing; one of %s", names);
    if (!okng_cli_find_backbone(backbone, &info))
        return okng_cli_usage(args->verb, "unknown backbone \"%s\"; one of %s", backbone, names);
    if (*args->build.weights || info.built_in || use_cache(args, &info)) return EXIT_OKAY;
    return okng_cli_usage(
        args->verb,
        "the weights of %s are missing; okng weights get %s downloads them once for all, or name a file "
        "as %s",
        backbone, backbone, args->verb == &okng_cli_run ? "model.weights" : "--weights FILE");
}
