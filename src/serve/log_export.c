/* okng log export, check, judge. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "serve/command.h"
#include "serve/log.h"

/* ---- tables -------------------------------------------------------------------------------------------------------
 */

typedef struct table {
    FILE *stream;
    bool json;
    int64_t count;
} table;

static okng_status write_json(table *t, const okng_record *record, okng_error *error)
{
    char *text;
    json_t *document = okng_record_json(record);
    okng_status status =
        okng_json_text(document, JSON_COMPACT | JSON_REAL_PRECISION(9), "a record", &text, NULL, error);
    json_decref(document);
    if (status == OKNG_OK) (void)fprintf(t->stream, "%s\n%s", t->count > 0 ? "," : "", text);
    free(text);
    return status;
}

static okng_status write_record(void *user, const okng_record *record, okng_error *error)
{
    table *t = user;
    if (t->json)
        OKNG_TRY(write_json(t, record, error));
    else
        okng_record_csv(t->stream, record);
    t->count++;
    return ferror(t->stream) ? okng_fail_errno(error, "write", NULL) : OKNG_OK;
}

/* JSON is one array, a record a line. */
static okng_status write_table(okng_history *history, const okng_history_filter *filter, table *t, okng_error *error)
{
    if (t->json)
        (void)fputc('[', t->stream);
    else
        okng_record_csv_header(t->stream);
    OKNG_TRY(okng_history_each(history, filter, write_record, t, error));
    if (t->json) (void)fputs("\n]\n", t->stream);
    return OKNG_OK;
}

static okng_status write_file(okng_history *history, const okng_history_filter *filter, table *t, const char *out,
                              okng_error *error)
{
    okng_writer writer;
    OKNG_TRY(okng_make_parent(out, error));
    OKNG_TRY(okng_writer_open(&writer, out, error));
    t->stream = writer.stream;
    okng_status status = write_table(history, filter, t, error);
    if (status == OKNG_OK) return okng_writer_commit(&writer, error);
    okng_writer_abort(&writer);
    return status;
}

/* ---- okng log export ----------------------------------------------------------------------------------------------
 */

/* Nothing is written among what the history consists of. */
static int need_apart(const okng_cli_args *args, const char *out)
{
    char path[OKNG_PATH_MAX];
    char *file = okng_path_to_be(out), *place = okng_path_to_be(okng_log_place(args, path));
    const bool inside = file && place && okng_path_inside(file, place);
    free(file);
    free(place);
    return inside ? okng_cli_error("%s: is in the history itself; give another place as --out", out) : EXIT_OKAY;
}

/* A copy takes all: what would choose is refused. */
static int need_no_filter(const okng_cli_args *args)
{
    static const char *const names[] = {"bank", "source", "verdict", "judged", "from", "to", "limit"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (okng_cli_value(args, names[i]))
            return okng_cli_usage(args->verb, "--%s is for csv and json; a copy of the database takes all", names[i]);
    if (!okng_cli_value(args, "out")) return okng_cli_usage(args->verb, "a copy of the database needs --out FILE");
    return EXIT_OKAY;
}

static int say_written(const okng_cli_args *args, const char *out, const char *format, int64_t count)
{
    if (args->json && out) {
        json_t *document = json_pack("{s:o, s:s}", "out", okng_cli_json_path(out), "format", format);
        if (count >= 0) okng_cli_json_put(&document, "inspections", json_integer(count));
        return okng_cli_print_json(document);
    }
    if (args->quiet || !out) return EXIT_OKAY;
    if (count >= 0)
        (void)printf(_("%s: %lld inspections\n"), out, (long long)count);
    else
        (void)printf(_("%s: a copy of the history\n"), out);
    return EXIT_OKAY;
}

static int export_table(const okng_cli_args *args, okng_history *history, const char *format)
{
    okng_error error;
    okng_history_filter filter;
    const char *out = okng_cli_value(args, "out");
    table t = {.stream = stdout, .json = strcmp(format, "json") == 0};
    int code = okng_log_filter(args, 0, &filter);
    if (code != EXIT_OKAY) return code;
    okng_status status =
        out ? write_file(history, &filter, &t, out, &error) : write_table(history, &filter, &t, &error);
    return status == OKNG_OK ? say_written(args, out, format, t.count) : okng_cli_fail(&error);
}

static int export_copy(const okng_cli_args *args, okng_history *history)
{
    okng_error error;
    const char *out = okng_cli_value(args, "out");
    if (okng_history_export(history, out, &error) != OKNG_OK) return okng_cli_fail(&error);
    return say_written(args, out, "sqlite", -1);
}

int okng_log_export(okng_cli_args *args)
{
    okng_history *history;
    const char *format = okng_cli_value(args, "format"), *out = okng_cli_value(args, "out");
    if (!format) format = "sqlite";
    const bool copy = strcmp(format, "sqlite") == 0;
    if (!copy && strcmp(format, "csv") != 0 && strcmp(format, "json") != 0)
        return okng_cli_usage(args->verb, "--format: found \"%s\", expected sqlite, csv or json", format);
    int code = copy ? need_no_filter(args) : EXIT_OKAY;
    if (code == EXIT_OKAY && out) code = need_apart(args, out);
    if (code == EXIT_OKAY) {
        code = okng_log_open(args, true, &history);
        if (code == EXIT_OKAY) code = copy ? export_copy(args, history) : export_table(args, history, format);
        okng_history_close(&history);
    }
    return code;
}

/* ---- okng log check -----------------------------------------------------------------------------------------------
 */

static int print_check(const okng_cli_args *args, const json_t *document)
{
    const json_t *wrong = json_object_get(document, "wrong");
    size_t i;
    json_t *text;
    json_array_foreach(wrong, i, text)(void) okng_cli_error("%s", json_string_value(text));
    if (!args->quiet)
        (void)printf(_("%lld inspections, %lld changes, %lld kept pictures: %s\n"),
                     (long long)json_integer_value(json_object_get(document, "inspections")),
                     (long long)json_integer_value(json_object_get(document, "changes")),
                     (long long)json_integer_value(json_object_get(document, "pictures")),
                     json_array_size(wrong) == 0 ? _("all is well") : _("something is wrong"));
    return EXIT_OKAY;
}

int okng_log_check(okng_cli_args *args)
{
    okng_error error;
    okng_history *history;
    json_t *document = NULL;
    int code = okng_log_open(args, true, &history);
    if (code == EXIT_OKAY && okng_history_check(history, &document, &error) != OKNG_OK) code = okng_cli_fail(&error);
    okng_history_close(&history);
    if (code != EXIT_OKAY) return code;
    const bool well = json_array_size(json_object_get(document, "wrong")) == 0;
    code = args->json ? okng_cli_print_json(json_incref(document)) : print_check(args, document);
    json_decref(document);
    return code == EXIT_OKAY && !well ? EXIT_FAILED : code;
}

/* ---- okng log judge -----------------------------------------------------------------------------------------------
 */

/* Who judges: as given, else the user of the system. */
static const char *find_judge(const okng_cli_args *args)
{
    const char *by = okng_cli_value(args, "by");
    const struct passwd *user = by ? NULL : getpwuid(getuid());
    return by ? by : user ? user->pw_name : "okng log judge";
}

static int judge(const okng_cli_args *args, okng_outcome judged)
{
    okng_error error;
    okng_history *history;
    int code = okng_log_open(args, false, &history);
    if (code != EXIT_OKAY) return code;
    const char *id = okng_cli_value(args, "id");
    okng_status status = okng_history_judge(history, id, judged, find_judge(args), &error);
    okng_history_close(&history);
    if (status != OKNG_OK) return okng_cli_fail(&error);
    if (args->json)
        return okng_cli_print_json(
            json_pack("{s:s, s:o}", "id", id, "judged",
                      judged == OKNG_OUTCOME_NOT_INSPECTED ? json_null() : json_string(okng_outcome_text(judged))));
    if (!args->quiet)
        (void)printf(_("%s: judged %s\n"), id,
                     judged == OKNG_OUTCOME_NOT_INSPECTED ? "none" : okng_outcome_text(judged));
    return EXIT_OKAY;
}

int okng_log_judge(okng_cli_args *args)
{
    const char *as = okng_cli_value(args, "as");
    if (strcmp(as, "OK") == 0) return judge(args, OKNG_OUTCOME_OK);
    if (strcmp(as, "NG") == 0) return judge(args, OKNG_OUTCOME_NG);
    if (strcmp(as, "none") == 0) return judge(args, OKNG_OUTCOME_NOT_INSPECTED);
    return okng_cli_usage(args->verb, "--as: found \"%s\", expected OK, NG or none", as);
}
