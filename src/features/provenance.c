#include "features/provenance.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_known.h"
#include "base/sha256.h"
#include "net/clip_activation.h"
#include "net/clip_config.h"
#include "net/graph.h"
#include "tensor/names.h"

okng_status okng_options_by_weights(okng_build_options *options, const okng_weights *weights, okng_error *error)
{
    okng_clip_colours colours;
    okng_clip_shape shape;
    OKNG_TRY(okng_clip_activation(options->backbone, weights, options->activation, &options->activation, error));
    if (options->activation == OKNG_ACTIVATION_AUTO) return OKNG_OK; /* no CLIP */
    if (!okng_clip_colours_are_usual(options->mean, options->std)) return OKNG_OK;
    OKNG_TRY(okng_clip_shape_of(options->backbone, &shape, error));
    const okng_naming naming = okng_naming_clip(weights);
    OKNG_TRY(okng_clip_config_colours(&naming, &shape, &colours, error));
    if (!colours.stated) return OKNG_OK;
    memcpy(options->mean, colours.mean, sizeof options->mean);
    memcpy(options->std, colours.std, sizeof options->std);
    return OKNG_OK;
}

okng_status okng_provenance_of_path(char path[OKNG_PATH_MAX], okng_error *error)
{
    char *absolute = realpath(path, NULL);
    if (!absolute) return okng_fail_errno(error, "resolve", path);
    const size_t length = strlen(absolute);
    const bool fits = length < OKNG_PATH_MAX, is_text = okng_name_valid(absolute, length);
    if (fits && is_text) memcpy(path, absolute, length + 1);
    free(absolute);
    if (!fits) return okng_fail(error, OKNG_ERROR_LIMIT, "%s: its absolute path is too long", path);
    if (is_text) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: its absolute path is not UTF-8 text; rename or move it", path);
}

okng_status okng_provenance_of_weights(const okng_build_options *options, const okng_weights *weights,
                                       okng_build_options *recorded, char sha256[65], okng_error *error)
{
    *recorded = *options;
    size_t size;
    const void *bytes = okng_weights_bytes(weights, &size);
    okng_sha256(bytes, size, sha256);
    OKNG_TRY(okng_options_by_weights(recorded, weights, error));
    return options->weights[0] ? okng_provenance_of_path(recorded->weights, error) : OKNG_OK; /* else built in */
}

static okng_status open_built_in(okng_weights **out, const char *backbone, char actual[65], okng_error *error)
{
    size_t size;
    OKNG_TRY(okng_graph_weights(out, backbone, "", error));
    const void *bytes = okng_weights_bytes(*out, &size);
    okng_sha256(bytes, size, actual);
    return OKNG_OK;
}

okng_status okng_recorded_weights_open(okng_weights **out, const char *backbone, const char *path, const char *sha256,
                                       okng_error *error)
{
    char actual[65];
    struct stat before;
    *out = NULL;
    const bool there = *path && stat(path, &before) == 0;
    okng_status status = *path ? okng_weights_open_shared(out, path, sha256, actual, error)
                               : open_built_in(out, backbone, actual, error);
    if (status == OKNG_OK && strcmp(actual, sha256) != 0)
        status = okng_fail(error, OKNG_ERROR_MISMATCH,
                           "%s: is not the weight file that the bank was built with (SHA-256 %.12s..., expected "
                           "%.12s...); give that one, or build the bank anew",
                           path, actual, sha256);
    if (status != OKNG_OK)
        okng_weights_close(out);
    else if (there)
        okng_file_know(path, &before, actual);
    return status;
}

bool okng_recorded_weights_known(const char *path, const char *sha256)
{
    char actual[65];
    return *path && okng_file_known(path, actual) && strcmp(actual, sha256) == 0;
}
