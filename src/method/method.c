#include "method/method.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "options/options.h"

/* Of white space alone, of any script, which the tokenizer would drop. */
static bool is_blank(const char *name)
{
    static const char *const wide[] = {" ",      "\t",     "\r",     "\n",     "\u00a0", "\u1680", "\u2000", "\u2001",
                                       "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009",
                                       "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};
    while (name && *name) {
        size_t length = 0;
        for (size_t i = 0; i < sizeof wide / sizeof *wide && length == 0; i++)
            if (strncmp(name, wide[i], strlen(wide[i])) == 0) length = strlen(wide[i]);
        if (length == 0) return false;
        name += length;
    }
    return true;
}

okng_status okng_method_check(const okng_method *method, const okng_lesson *lesson, okng_error *error)
{
    size_t count = lesson->pictures.count;
    if (count > OKNG_TAU_PICTURES_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%zu pictures; at most %d can be learnt", count,
                         OKNG_TAU_PICTURES_MAX);
    if (method->needs & OKNG_NEEDS_PICTURES && count == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "no OK pictures were given, which %s learns from", method->name);
    if (method->needs & OKNG_NEEDS_CLASS_NAME && is_blank(lesson->class_name))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "no name of the part was given, which %s needs; give one as class-name, such as \"metal nut\"",
                         method->name);
    if (method->needs & OKNG_NEEDS_LABELS && (!lesson->labels || !lesson->masks))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "no labels and masks of the pictures were given, which %s learns from", method->name);
    return OKNG_OK;
}

okng_status okng_method_check_options(const okng_method *method, const okng_build_options *options, okng_error *error)
{
    okng_build_options usual;
    okng_build_options_init(&usual);
    OKNG_TRY(okng_build_options_set(&usual, "preset", options->preset, error));
    OKNG_TRY(okng_build_options_set(&usual, "method", options->method, error));
    if (options->backbone[0]) OKNG_TRY(okng_build_options_set(&usual, "backbone", options->backbone, error));
    for (size_t i = 0; i < okng_build_table.count; i++) {
        const okng_option_row *row = &okng_build_table.rows[i];
        char found[OKNG_OPTION_TEXT_MAX], expected[OKNG_OPTION_TEXT_MAX];
        if (row->alias || row->size == 0 || okng_options_is_named(row, method->options)) continue;
        okng_options_get_row(&okng_build_table, row, options, found, sizeof found);
        okng_options_get_row(&okng_build_table, row, &usual, expected, sizeof expected);
        if (strcmp(found, expected) != 0)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "option %s: found \"%s\", but the method %s does not read it",
                             row->name, found, method->name);
    }
    return OKNG_OK;
}

okng_status okng_method_check_engine(const okng_build_options *options, okng_error *error)
{
    return okng_engine_supports(options->device, options->precision, error);
}

bool okng_method_reads(const okng_method *method, const char *option)
{
    const okng_option_row *row = okng_options_find(&okng_build_table, option);
    return row && okng_options_is_named(row, method->options);
}

void okng_report_stage(okng_build_report *report, const char *name, double *since)
{
    double now = okng_clock(), seconds = now - *since;
    *since = now;
    if (report->stage_count < OKNG_MAX_STAGES)
        report->stages[report->stage_count++] = (okng_build_stage){.name = name, .seconds = seconds};
}
