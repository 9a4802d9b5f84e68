/* okng log list, changes, stats: what the history has, for people and as JSON. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "serve/command.h"
#include "serve/log.h"

/* ---- okng log list ------------------------------------------------------------------------------------------------
 */

static void print_number(double value)
{
    char text[40];
    (void)printf(" %10s", isnan(value) ? "-" : okng_cli_number_text(value, text, sizeof text));
}

static void print_record(const okng_record *record)
{
    char time[32];
    (void)printf("%s  %-13s", okng_time_text(record->time, time), okng_outcome_text(record->outcome));
    print_number(record->score);
    print_number(record->image_threshold);
    (void)printf("  %-4s  ", record->judged == OKNG_OUTCOME_NOT_INSPECTED ? "-" : okng_outcome_text(record->judged));
    okng_log_print(record->bank);
    (void)printf("  ");
    okng_log_print(*record->picture ? record->picture : "-");
    (void)printf("  ");
    okng_log_print(record->id);
    (void)putchar('\n');
}

typedef struct listing {
    json_t *list; /* NULL: lines are printed */
    bool json;
    int64_t count;
} listing;

static okng_status list_record(void *user, const okng_record *record, okng_error *error)
{
    (void)error;
    listing *l = user;
    if (l->json)
        okng_cli_json_add(&l->list, okng_record_json(record));
    else
        print_record(record);
    l->count++;
    return OKNG_OK;
}

static void print_heading(void)
{
    okng_cli_print_left(N_("time"), 26);
    okng_cli_print_left(N_("verdict"), 13);
    okng_cli_print_right(N_("score"), 11);
    okng_cli_print_right(N_("threshold"), 11);
    (void)printf("  %s\n", okng_translate(N_("judged, bank, picture, id")));
}

static int list(const okng_cli_args *args, okng_history *history)
{
    enum { SHOWN = 20 };
    okng_error error;
    okng_history_filter filter;
    int code = okng_log_filter(args, SHOWN, &filter);
    if (code != EXIT_OKAY) return code;
    listing l = {.json = args->json, .list = args->json ? json_array() : NULL};
    if (!args->json && !args->quiet) print_heading();
    if (okng_history_each(history, &filter, list_record, &l, &error) != OKNG_OK) {
        json_decref(l.list);
        return okng_cli_fail(&error);
    }
    if (args->json) return okng_cli_print_json(l.list);
    if (!args->quiet && l.count == 0) (void)printf("%s\n", _("no inspection fits"));
    return EXIT_OKAY;
}

/* ---- okng log changes ---------------------------------------------------------------------------------------------
 */

static void print_member(const json_t *object, const char *key, int width)
{
    const char *text = json_string_value(json_object_get(object, key));
    okng_log_print(text ? text : "-");
    (void)printf("%*s", okng_cli_padding(text ? text : "-", width), "");
}

static void print_change(const json_t *change)
{
    print_member(change, "time", 26);
    print_member(change, "by", 16);
    print_member(change, "what", 20);
    print_member(change, "bank", 16);
    char *text = NULL;
    const json_t *after = json_object_get(change, "after");
    (void)okng_json_text(after, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(9), "a change", &text, NULL, NULL);
    okng_log_print(text && !json_is_null(after) ? text : "-");
    free(text);
    (void)putchar('\n');
}

static int changes(const okng_cli_args *args, okng_history *history)
{
    okng_error error;
    int64_t limit;
    json_t *document, *change;
    size_t i;
    int code = okng_log_number(args, "limit", 1, 1000, 20, &limit);
    if (code != EXIT_OKAY) return code;
    if (okng_history_changes(history, okng_cli_value(args, "bank"), 0, limit, &document, &error) != OKNG_OK)
        return okng_cli_fail(&error);
    if (args->json) return okng_cli_print_json(document);
    json_array_foreach(json_object_get(document, "changes"), i, change) print_change(change);
    json_decref(document);
    return EXIT_OKAY;
}

/* ---- okng log stats -----------------------------------------------------------------------------------------------
 */

static const char *const outcomes[] = {"OK", "REVIEW", "NG", "NOT_FOUND", "NOT_INSPECTED"};
enum { OUTCOMES = sizeof outcomes / sizeof *outcomes };

static long long sum(const json_t *counts)
{
    long long all = 0;
    for (int i = 0; i < OUTCOMES; i++) all += (long long)json_integer_value(json_object_get(counts, outcomes[i]));
    return all;
}

static void print_counts(const json_t *counts)
{
    const long long all = sum(counts);
    for (int i = 0; i < OUTCOMES; i++)
        (void)printf(" %13lld", (long long)json_integer_value(json_object_get(counts, outcomes[i])));
    if (all > 0)
        (void)printf("  %5.1f %%\n", 100.0 * (double)json_integer_value(json_object_get(counts, "OK")) / (double)all);
    else
        (void)printf("      -\n");
}

static void print_stats(const json_t *document)
{
    size_t i;
    json_t *hour;
    okng_cli_print_left(N_("hour"), 20);
    for (i = 0; i < OUTCOMES; i++) (void)printf(" %13s", outcomes[i]);
    (void)printf("  %s\n", okng_translate(N_("yield")));
    json_array_foreach(json_object_get(document, "hours"), i, hour)
    {
        if (sum(hour) == 0) continue;
        (void)printf("%-20.16s", json_string_value(json_object_get(hour, "from")));
        print_counts(hour);
    }
    okng_cli_print_left(N_("all"), 20);
    print_counts(json_object_get(document, "counts"));
    const json_t *drift = json_object_get(document, "drift");
    (void)printf(_("drift: %s\n"), json_string_value(json_object_get(drift, "text")));
}

static int stats(const okng_cli_args *args, okng_history *history)
{
    okng_error error;
    int64_t hours;
    json_t *document;
    int code = okng_log_number(args, "hours", 1, 744, 24, &hours);
    if (code != EXIT_OKAY) return code;
    if (okng_history_stats(history, okng_cli_value(args, "bank"), (int32_t)hours, &document, &error) != OKNG_OK)
        return okng_cli_fail(&error);
    if (args->json) return okng_cli_print_json(document);
    if (!args->quiet) print_stats(document);
    json_decref(document);
    return EXIT_OKAY;
}

/* ---- all ----------------------------------------------------------------------------------------------------------
 */

static int with_history(okng_cli_args *args, int (*look)(const okng_cli_args *args, okng_history *history))
{
    okng_history *history;
    int code = okng_log_open(args, true, &history);
    if (code == EXIT_OKAY) code = look(args, history);
    okng_history_close(&history);
    return code;
}

int okng_log_list(okng_cli_args *args)
{
    return with_history(args, list);
}

int okng_log_changes(okng_cli_args *args)
{
    return with_history(args, changes);
}

int okng_log_stats(okng_cli_args *args)
{
    return with_history(args, stats);
}
