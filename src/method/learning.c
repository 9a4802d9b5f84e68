#include "method/learning.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "engine/engine.h"
#include "features/input_size.h"
#include "features/picture_sizes.h"
#include "features/ranges.h"

/* What the options say of a picture that is not there: any square. */
static okng_status take_stated_size(okng_bank_config *config, okng_error *error)
{
    okng_build_options *options = &config->options;
    const bool open = options->resize_mode == OKNG_RESIZE_NONE || options->resize_mode == OKNG_RESIZE_SHORTER;
    okng_placement placement;
    if (open && (options->crop == 0 || options->resize_mode == OKNG_RESIZE_NONE))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "option resize: without good pictures the size of the network's input must be known; give "
                         "HxW, or crop N too");
    if (options->resize_mode == OKNG_RESIZE_AUTO) {
        const okng_input_size size = okng_input_size_of(options, 1, 1);
        options->resize_mode = OKNG_RESIZE_EXACT;
        options->resize_height = size.height;
        options->resize_width = size.width;
    }
    OKNG_TRY(okng_placement_of(options, 1024, 1024, &placement, error));
    config->input_height = placement.height;
    config->input_width = placement.width;
    return OKNG_OK;
}

/* What `auto` comes to is the bank's resize from here on; what it came from is kept beside it. */
okng_status okng_learning_take_input(okng_bank_config *config, const okng_pictures *pictures, okng_error *error)
{
    okng_build_options *options = &config->options;
    okng_picture_sizes sizes;
    okng_placement placement;
    if (pictures->count == 0) return take_stated_size(config, error);
    config->asked_pixels = options->resize_mode == OKNG_RESIZE_AUTO ? okng_input_pixels(options) : 0;
    OKNG_TRY(okng_input_size_choose(options, pictures, &sizes, error));
    okng_status status = okng_placement_of(options, sizes.width, sizes.height, &placement, error);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", okng_pictures_name(pictures, 0));
    config->input_height = placement.height;
    config->input_width = placement.width;
    config->picture_height = sizes.height;
    config->picture_width = sizes.width;
    config->aspects_differ = sizes.differ;
    return OKNG_OK;
}

/* What int8 is scaled by; nothing for other precisions. */
static okng_status take_ranges(okng_bank_config *config, const okng_weights *weights, const okng_pictures *pictures,
                               int threads, okng_error *error)
{
    _Static_assert((int)OKNG_MEASURED_RANGES_MAX <= (int)OKNG_MAX_RANGES, "what is measured has room in a bank");
    okng_measured_ranges ranges;
    OKNG_TRY(okng_ranges_of_pictures(&ranges, &config->options, weights, config->ignored, pictures,
                                     config->input_height, config->input_width, threads, error));
    config->range_count = ranges.count;
    memcpy(config->ranges, ranges.values, (size_t)ranges.count * sizeof *ranges.values);
    return OKNG_OK;
}

okng_status okng_learning_open(okng_extractor **out, okng_bank_config *config, const okng_weights *weights,
                               const okng_pictures *pictures, int threads, okng_error *error)
{
    *out = NULL;
    OKNG_TRY(okng_learning_take_input(config, pictures, error));
    OKNG_TRY(take_ranges(config, weights, pictures, threads, error));
    OKNG_TRY(okng_extractor_new(out, &config->options, weights, (okng_ranges){config->ranges, config->range_count},
                                config->ignored, config->input_height, config->input_width, 1, error));
    okng_extractor_grid(*out, &config->grid_height, &config->grid_width);
    config->pictures = pictures->count;
    config->patches = (uint64_t)pictures->count * (uint64_t)okng_extractor_patches(*out);
    (void)snprintf(config->engine, sizeof config->engine, "%s", okng_engine_version(config->options.device));
    return OKNG_OK;
}
