#include "api/need.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tensor/array.h"

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

static bool is_built_in(const char *backbone)
{
    okng_backbone_info info;
    for (size_t i = 0; okng_backbone_get(i, &info, NULL) == OKNG_OK; i++)
        if (strcmp(info.name, backbone) == 0) return info.built_in != 0;
    return false;
}

okng_status okng_choose_network(okng_build_options *options, okng_error *error)
{
    char known[512];
    list_backbones(known, sizeof known);
    if (!options->backbone[0] && options->weights[0])
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: weights of which network? Use --backbone with one of %s",
                         options->weights, known);
    if (!options->backbone[0]) memcpy(options->backbone, "okng-s", sizeof "okng-s");
    if (!options->weights[0] && !is_built_in(options->backbone))
        return okng_fail(
            error, OKNG_ERROR_ARGUMENT,
            "no weights were given for %s; use --weights FILE, a .pth or .safetensors file (`okng weights get %s` "
            "downloads one)",
            options->backbone, options->backbone);
    return OKNG_OK;
}

okng_status okng_need_matrix(const okng_array *array, const char *what, okng_error *error)
{
    char shape[96];
    if (array && array->dtype == OKNG_F32 && array->dims == 2 && array->shape[0] > 0 && array->shape[1] > 0)
        return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: found %s %s, expected float32 [rows, dimensions]", what,
                     array ? okng_dtype_name(array->dtype) : "nothing",
                     array ? okng_shape_text(array->dims, array->shape, shape, sizeof shape) : "");
}
