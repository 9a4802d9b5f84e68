/* What verbs say of banks that grew. */
#include <math.h>
#include <stdio.h>

#include "cli.h"

void okng_cli_grow_options(const okng_cli_args *args, okng_grow_options *options)
{
    okng_init(options);
    options->out_dir = okng_cli_value(args, "out-dir");
    options->weights = okng_cli_value(args, "weights");
    options->threads = args->build.threads;
}

/* null where there is none */
static json_t *known(float threshold)
{
    return isnan(threshold) ? json_null() : json_real((double)threshold);
}

json_t *okng_cli_grown_json(const char *bank, const okng_grow_report *report)
{
    json_t *seconds = json_object();
    for (int32_t i = 0; i < report->stage_count; i++)
        okng_cli_json_put(&seconds, report->stages[i].name, json_real(report->stages[i].seconds));
    return json_pack(
        "{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:o, s:o, s:o, s:o, s:I, s:b, s:o}", "bank", okng_cli_json_path(bank),
        "pictures", (json_int_t)report->pictures, "added", (json_int_t)report->added, "known",
        (json_int_t)report->known, "kept_scores", (json_int_t)report->kept, "rows_before",
        (json_int_t)report->rows_before, "rows", (json_int_t)report->rows, "dim", (int)report->dim, "image_tau",
        known(report->image_tau), "pixel_tau", known(report->pixel_tau), "image_tau_before",
        known(report->image_tau_before), "pixel_tau_before", known(report->pixel_tau_before), "other_bit_depth",
        (json_int_t)report->other_bit_depth, "forgot_choice", report->forgot_choice != 0, "seconds", seconds);
}

static void print_threshold(const char *name, float now, float before)
{
    char text[2][40];
    (void)printf("%-11s %s", name, okng_cli_number_text((double)now, text[0], sizeof text[0]));
    if (!isnan(before)) (void)printf(_(" (was %s)"), okng_cli_number_text((double)before, text[1], sizeof text[1]));
    (void)printf("\n");
}

void okng_cli_print_grown(const char *bank, const okng_grow_report *report)
{
    (void)printf(_("bank        %s: %llu rows of %d (were %llu)\n"), bank, (unsigned long long)report->rows,
                 (int)report->dim, (unsigned long long)report->rows_before);
    print_threshold(_("image"), report->image_tau, report->image_tau_before);
    print_threshold(_("pixel"), report->pixel_tau, report->pixel_tau_before);
    for (int32_t i = 0; i < report->stage_count; i++)
        (void)printf("%s%s %.2f s", i > 0 ? ", " : _("time        "), report->stages[i].name,
                     report->stages[i].seconds);
    if (report->stage_count > 0) (void)printf("\n");
}

void okng_cli_warn_of_choice(const okng_cli_args *args, const okng_grow_report *report)
{
    if (args->quiet || !report->forgot_choice) return;
    (void)fprintf(stderr, "%s",
                  _("okng: the thresholds or the band that somebody chose were among other scores, and are "
                    "left out; okng bank set chooses new ones\n"));
}
