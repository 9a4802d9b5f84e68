/* How a picture is inspected: a row for each option. */
#include <math.h>

#include "base/parallel.h"
#include "options/options.h"

#define AT(field) .offset = offsetof(okng_inspect_options, field), .size = sizeof(((okng_inspect_options *)0)->field)
#define NUMBER(type, field, least, most) .kind = OKNG_KIND_##type, AT(field), .low = (least), .high = (most)
#define CHOICE(field) .kind = OKNG_KIND_CHOICE, AT(field)
#define MANY OKNG_OPTION_MANY
#define INSPECTING .group = "Inspecting", .verbs = "infer"

/* clang-format off */
static const okng_option_row rows[] = {
    {.name = "threshold-pixel", .values = "T|bank", .initial = "bank", NUMBER(FLOAT, threshold_pixel, -MANY, MANY),
     .word = "bank", .meaning = (double)NAN, INSPECTING, .help = "pixel threshold, in place of the bank's"},
    {.name = "threshold-image", .values = "T|bank", .initial = "bank", NUMBER(FLOAT, threshold_image, -MANY, MANY),
     .word = "bank", .meaning = (double)NAN, INSPECTING, .help = "image threshold, in place of the bank's"},
    {.name = "false-alarm", .values = "RATE|off", .initial = "off", NUMBER(DOUBLE, false_alarm, 0, 1),
     .word = "off", .meaning = (double)NAN, INSPECTING,
     .help = "image threshold above which at most this part of OK parts comes"},
    {.name = "review", .values = "LOW,HIGH|bank|off", .initial = "bank", NUMBER(RANGE, review, -MANY, MANY),
     .word = "bank", .meaning = (double)NAN, INSPECTING,
     .help = "scores above LOW up to HIGH are REVIEW, higher ones NG, the others OK; bank: as the bank says"},
    {.name = "review-rate", .values = "RATE|off", .initial = "off", NUMBER(DOUBLE, review_rate, 0, 1),
     .word = "off", .meaning = (double)NAN, INSPECTING,
     .help = "the same around the image threshold, as wide as to hold this part of OK parts"},
    {.name = "open", .values = "RADIUS", .initial = "0", NUMBER(INT32, open_radius, 0, 1000), INSPECTING,
     .help = "morphological opening of the mask, in pixels of the picture"},
    {.name = "close", .values = "RADIUS", .initial = "0", NUMBER(INT32, close_radius, 0, 1000), INSPECTING,
     .help = "morphological closing of the mask, after the opening"},
    {.name = "min-area", .values = "PIXELS|bank", .initial = "bank", NUMBER(INT64, min_area, 0, MANY), .word = "bank",
     .meaning = -1, INSPECTING, .help = "regions with fewer pixels are removed from the mask"},
    {.name = "max-length", .values = "PIXELS|bank", .initial = "bank", NUMBER(DOUBLE, max_length, 0, MANY), .word = "bank",
     .meaning = (double)NAN, INSPECTING, .help = "a longer region of the mask makes the picture NG; without a limit in the bank none does"},
    {.name = "max-count", .values = "N|bank", .initial = "bank", NUMBER(INT64, max_count, 0, MANY), .word = "bank",
     .meaning = -1, INSPECTING, .help = "more regions of the mask make the picture NG; without a limit in the bank no number does"},
    {.name = "mask-ok", .values = "drawn|none", .initial = "drawn", CHOICE(mask_ok), INSPECTING,
     .help = "the mask of a picture that is OK: drawn in another colour, or empty"},
    {.name = "overlay", .values = "both|outline|fill", .initial = "both", CHOICE(overlay), INSPECTING,
     .help = "how overlays show the mask: tinted, outlined or both"},
    {.name = "max-pixels", .values = "N", .initial = "100000000", NUMBER(UINT64, max_pixels, 1, 0x1p32),
     .group = "Inspecting", .verbs = "infer, tune",
     .help = "largest picture that is decoded"},
    {.name = "result-pixels", .values = "N|all", .initial = "25000000", NUMBER(UINT64, result_pixels, 1, 0x1p63), .word = "all",
     .meaning = 0x1p63, INSPECTING, .help = "larger pictures have map, mask and overlay at a whole part of their size"},
    {.name = "threads", .values = "N|all", .initial = "all", NUMBER(INT32, threads, 1, OKNG_MAX_THREADS), .word = "all",
     .group = "Running", .verbs = "infer, tune", .help = "cores to use; results do not depend on it"},
};
/* clang-format on */

const okng_option_table okng_inspect_table = {
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .struct_size = sizeof(okng_inspect_options),
    .versioned = true,
    .noun = "option",
};

void okng_inspect_options_init_sized(okng_inspect_options *options, size_t struct_size)
{
    okng_options_init(&okng_inspect_table, options, struct_size);
}

okng_status okng_inspect_options_set(okng_inspect_options *options, const char *name, const char *value,
                                     okng_error *error)
{
    return okng_options_set(&okng_inspect_table, options, name, value, error);
}

okng_status okng_inspect_options_get(const okng_inspect_options *options, const char *name, char *text, size_t size,
                                     okng_error *error)
{
    return okng_options_get(&okng_inspect_table, options, name, text, size, error);
}

okng_status okng_inspect_options_check(const okng_inspect_options *options, okng_inspect_options *full,
                                       okng_error *error)
{
    if (options) return okng_options_complete(&okng_inspect_table, options, full, error);
    okng_inspect_options_init(full);
    return OKNG_OK;
}
