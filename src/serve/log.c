#include "serve/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the history --------------------------------------------------------------------------------------------------
 */

static bool has_history(const char *folder, const char *below, char *path, size_t size)
{
    char file[OKNG_PATH_MAX];
    return snprintf(path, size, "%s%s", folder, below) < (int)size &&
           snprintf(file, sizeof file, "%s/history.db", path) < (int)sizeof file && access(file, F_OK) == 0;
}

/* The folder, or what okng serve has below its folder of banks. */
const char *okng_log_place(const okng_cli_args *args, char path[OKNG_PATH_MAX])
{
    static const char *const places[] = {"", "/history", "/.okng-serve/history"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (has_history(args->operand, places[i], path, OKNG_PATH_MAX)) return path;
    return args->operand;
}

int okng_log_open(const okng_cli_args *args, bool read_only, okng_history **history)
{
    okng_error error;
    char path[OKNG_PATH_MAX];
    okng_history_options options;
    okng_history_options_init(&options);
    options.folder = okng_log_place(args, path);
    options.read_only = read_only;
    options.days = 0; /* whoever keeps it knows its bounds */
    options.max_bytes = 0;
    if (options.folder == args->operand && !read_only)
        return okng_cli_error("%s: there is no history in this folder", args->operand);
    return okng_history_open(history, &options, &error) == OKNG_OK ? EXIT_OKAY : okng_cli_fail(&error);
}

/* ---- options ------------------------------------------------------------------------------------------------------
 */

int okng_log_number(const okng_cli_args *args, const char *name, int64_t low, int64_t high, int64_t initial,
                    int64_t *out)
{
    const char *text = okng_cli_value(args, name);
    char *end = NULL;
    *out = initial;
    if (!text) return EXIT_OKAY;
    errno = 0;
    *out = *text >= '0' && *text <= '9' ? strtoll(text, &end, 10) : -1;
    if (end && *end == '\0' && errno == 0 && *out >= low && *out <= high) return EXIT_OKAY;
    return okng_cli_usage(args->verb, "--%s: found \"%s\", expected %lld to %lld", name, text, (long long)low,
                          (long long)high);
}

static int take_time(const okng_cli_args *args, const char *name, int64_t *time)
{
    const char *text = okng_cli_value(args, name);
    if (!text || okng_time_of(text, time)) return EXIT_OKAY;
    return okng_cli_usage(args->verb, "--%s: found \"%s\", expected a time as 2026-11-28 or 2026-11-28T10:15:30Z", name,
                          text);
}

static int take_outcomes(const okng_cli_args *args, okng_history_filter *filter)
{
    const char *verdict = okng_cli_value(args, "verdict"), *judged = okng_cli_value(args, "judged");
    if (verdict && !okng_outcomes_of(verdict, &filter->outcomes))
        return okng_cli_usage(
            args->verb, "--verdict: found \"%s\", expected verdicts with commas between them, as NG,REVIEW", verdict);
    if (!judged) return EXIT_OKAY;
    if (strcmp(judged, "none") == 0)
        filter->judged = 1u << OKNG_OUTCOME_NOT_INSPECTED;
    else if (strcmp(judged, "OK") == 0)
        filter->judged = 1u << OKNG_OUTCOME_OK;
    else if (strcmp(judged, "NG") == 0)
        filter->judged = 1u << OKNG_OUTCOME_NG;
    else
        return okng_cli_usage(args->verb, "--judged: found \"%s\", expected OK, NG or none", judged);
    return EXIT_OKAY;
}

int okng_log_filter(const okng_cli_args *args, int64_t limit, okng_history_filter *filter)
{
    *filter = (okng_history_filter){.bank = okng_cli_value(args, "bank"), .source = okng_cli_value(args, "source")};
    int code = take_outcomes(args, filter);
    if (code == EXIT_OKAY) code = take_time(args, "from", &filter->from);
    if (code == EXIT_OKAY) code = take_time(args, "to", &filter->to);
    return code == EXIT_OKAY ? okng_log_number(args, "limit", 1, INT64_MAX, limit, &filter->limit) : code;
}

void okng_log_print(const char *text)
{
    for (; *text; text++) (void)putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
}
