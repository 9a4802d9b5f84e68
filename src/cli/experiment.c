/* What eval and run share: an experiment as it goes on, and its figures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* The columns of the library's table of figures that a run is told by. */
typedef struct column {
    const char *title;
    size_t figure;
    int width;
} column;

typedef struct watch {
    const okng_cli_args *args;
    const okng_experiment *experiment;
    okng_cli_progress progress;
    bool chat, headed;
    int width; /* of the first column */
    column columns[OKNG_FIGURE_ROOM];
    size_t column_count;
} watch;

/* ---- the table ------------------------------------------------------------------------------ */

static size_t list_columns(column columns[OKNG_FIGURE_ROOM])
{
    size_t count = 0;
    for (size_t i = 0; i < okng_figure_count(); i++) {
        okng_figure_info info = {.struct_size = sizeof info};
        if (okng_figure_get(i, &info, NULL) != OKNG_OK || !info.title) continue;
        int width = (int)strlen(info.title) + 1;
        columns[count++] = (column){info.title, i, width > 7 ? width : 7};
    }
    return count;
}

static void print_number(double value, int width, int digits)
{
    if (isnan(value))
        (void)printf(" %*s", width, "-");
    else
        (void)printf(" %*.*f", width, digits, value);
}

static void print_head(watch *w)
{
    w->headed = true;
    const char *head = N_("category"), *translated = okng_translate(head);
    w->width = okng_cli_columns(translated, strlen(translated));
    for (size_t i = 0; i < okng_experiment_category_count(w->experiment); i++) {
        okng_category_info info = {.struct_size = sizeof info};
        if (okng_experiment_category(w->experiment, i, &info, NULL) != OKNG_OK) continue;
        int length = (int)strlen(info.category);
        if (length > w->width) w->width = length;
    }
    okng_cli_print_left(head, w->width);
    w->column_count = list_columns(w->columns);
    for (size_t i = 0; i < w->column_count; i++) okng_cli_print_right(w->columns[i].title, w->columns[i].width + 1);
    okng_cli_print_right(N_("found"), 10);
    okng_cli_print_right(N_("false alarms"), 13);
    okng_cli_print_right(N_("ms (p50)"), 9);
    (void)printf("\n");
}

static void print_row(watch *w, const okng_category_info *info)
{
    if (!w->headed) print_head(w);
    char found[48], alarms[48];
    (void)snprintf(found, sizeof found, "%lld/%lld", (long long)info->found, (long long)info->defects);
    (void)snprintf(alarms, sizeof alarms, "%lld/%lld", (long long)info->false_alarms,
                   (long long)(info->test_images - info->defects));
    if (isnan(info->image_threshold)) { /* so nothing was taken for a defect */
        (void)strcpy(found, "-");
        (void)strcpy(alarms, "-");
    }
    (void)printf("%-*s", w->width, info->category);
    for (size_t i = 0; i < w->column_count; i++)
        print_number(info->figures[w->columns[i].figure], w->columns[i].width, 4);
    (void)printf(" %9s %12s", found, alarms);
    print_number(info->latency_p50, 8, 1);
    (void)printf("%s\n", info->state == OKNG_CATEGORY_SKIPPED ? _("  finished earlier") : "");
    (void)fflush(stdout); /* somebody is waiting */
}

/* Of a figure over the categories that have it; *rows counts all that are finished. */
static double mean_of(const watch *w, size_t figure, int *rows)
{
    double sum = 0;
    int count = 0;
    *rows = 0;
    for (size_t i = 0; i < okng_experiment_category_count(w->experiment); i++) {
        okng_category_info info = {.struct_size = sizeof info};
        if (okng_experiment_category(w->experiment, i, &info, NULL) != OKNG_OK) continue;
        if (info.state != OKNG_CATEGORY_FINISHED && info.state != OKNG_CATEGORY_SKIPPED) continue;
        ++*rows;
        double value = info.figures[figure];
        if (isnan(value)) continue;
        sum += value;
        count++;
    }
    return count > 0 ? sum / count : (double)NAN;
}

static void print_mean(const watch *w)
{
    for (size_t c = 0; c < w->column_count; c++) {
        int rows;
        double mean = mean_of(w, w->columns[c].figure, &rows);
        if (rows < 2) return;
        if (c == 0) okng_cli_print_left(N_("mean"), w->width);
        print_number(mean, w->columns[c].width, 4);
    }
    if (w->headed) (void)printf("\n");
}

/* ---- listening ------------------------------------------------------------------------------ */

static int step(const okng_progress *progress, void *user)
{
    watch *w = user;
    return okng_cli_progress_step(progress, &w->progress);
}

static void hear(const okng_experiment_event *event, void *user)
{
    watch *w = user;
    okng_cli_progress_clear(&w->progress);
    switch (event->kind) {
    case OKNG_EXPERIMENT_STARTED:
        w->progress.stage = NULL;
        (void)snprintf(w->progress.about, sizeof w->progress.about, "[%zu/%zu] %.48s", event->index + 1, event->count,
                       event->info->category);
        break;
    case OKNG_EXPERIMENT_FINISHED:
    case OKNG_EXPERIMENT_SKIPPED:
        if (w->chat) print_row(w, event->info);
        break;
    case OKNG_EXPERIMENT_FAILED:
        (void)okng_cli_error("%s", event->text);
        break;
    case OKNG_EXPERIMENT_WARNING:
        if (!w->args->quiet) (void)okng_cli_error("category %s: %s", event->info->category, event->text);
        break;
    }
}

/* ---- the document --------------------------------------------------------------------------- */

/* What the summary says of all categories, and what became of each in this run. */
static int print_document(const okng_experiment *experiment)
{
    char *text;
    okng_error error;
    if (okng_experiment_json(experiment, &text, &error) != OKNG_OK) return okng_cli_fail(&error);
    (void)printf("%s\n", text);
    okng_text_free(&text);
    return EXIT_OKAY;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static int tell(watch *w)
{
    const char *folder = okng_experiment_folder(w->experiment);
    if (w->args->json) return print_document(w->experiment);
    if (!w->chat) return EXIT_OKAY;
    print_mean(w);
    (void)printf(_("report: %s/report.html\n"), folder);
    return EXIT_OKAY;
}

int okng_cli_experiment(okng_cli_args *args, okng_experiment **experiment, unsigned flags)
{
    flags |= (okng_cli_value(args, "force") ? (unsigned)OKNG_EXPERIMENT_FORCE : 0) |
             (okng_cli_value(args, "keep-going") ? (unsigned)OKNG_EXPERIMENT_KEEP_GOING : 0) |
             (okng_cli_value(args, "published") ? (unsigned)OKNG_EXPERIMENT_PUBLISHED : 0);
    watch w = {.args = args,
               .experiment = *experiment,
               .progress = okng_cli_progress_new(args),
               .chat = !args->json && !args->quiet};
    okng_error error;
    okng_status status = okng_experiment_run(*experiment, flags, step, hear, &w, &error);
    okng_cli_progress_clear(&w.progress);
    int code = status == OKNG_OK ? tell(&w) : okng_cli_fail(&error);
    okng_experiment_free(experiment);
    return code;
}
