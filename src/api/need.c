#include "api/need.h"

#include <stdio.h>
#include <string.h>

static void list_backbones(char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info;
        if (okng_backbone_get(i, &info, NULL) != OKNG_OK || used >= size) return;
        int length = snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", info.name);
        if (length < 0) return;
        used += (size_t)length;
    }
}

okng_status okng_need_network(const okng_build_options *options, okng_error *error)
{
    char known[512];
    list_backbones(known, sizeof known);
    if (!options->backbone[0])
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "no network was given; use --backbone with one of %s", known);
    if (!options->weights[0])
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "no weights were given for %s; use --weights FILE, a .pth or .safetensors file (`okng weights get %s` "
            "downloads one)",
            options->backbone, options->backbone);
    return OKNG_OK;
}
