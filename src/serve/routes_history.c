/* What was inspected, what was changed by whom, figures of the last hours. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "history/history.h"
#include "serve/routes.h"
#include "serve/serve.h"

enum { PAGE = 50, MOST_PAGE = 1000, MOST_ROWS = 1000000, SCORES = 20000, MOST_SCORES = 100000, MOST_CHANGES = 1000 };

/* Without a history the reply is a 501. */
static bool has_history(const okng_serve *serve, okng_reply *reply)
{
    if (serve->history) return true;
    okng_reply_problem(reply, 501, "no-history",
                       "this okng was built without SQLite, and keeps no history (Debian: libsqlite3-dev)");
    return false;
}

/* ---- what is asked for --------------------------------------------------------------------------------------------
 */

static bool take_time(const okng_request *request, const char *name, int64_t *time, okng_reply *reply)
{
    const char *text = okng_request_query(request, name);
    if (!text || okng_time_of(text, time)) return true;
    okng_reply_problem(reply, 400, "wrong-parameter", "%s: found \"%s\", expected a time as 2026-11-28T10:15:30Z", name,
                       text);
    return false;
}

static bool take_outcomes(const okng_request *request, const char *name, unsigned *bits, okng_reply *reply)
{
    const char *text = okng_request_query(request, name);
    if (!text || okng_outcomes_of(text, bits)) return true;
    okng_reply_problem(reply, 400, "wrong-parameter",
                       "%s: found \"%s\", expected verdicts with commas between them, as NG,REVIEW", name, text);
    return false;
}

/* OK, NG, or none, of which several may be given: "OK,none". */
static bool take_judged(const okng_request *request, unsigned *bits, okng_reply *reply)
{
    static const struct {
        const char *word;
        unsigned bit;
    } words[] = {
        {"OK", 1u << OKNG_OUTCOME_OK}, {"NG", 1u << OKNG_OUTCOME_NG}, {"none", 1u << OKNG_OUTCOME_NOT_INSPECTED}};
    const char *text = okng_request_query(request, "judged");
    for (const char *at = text; at; at = *at == ',' ? at + 1 : NULL) {
        const size_t length = strcspn(at, ",");
        unsigned bit = 0;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strlen(words[i].word) == length && strncmp(at, words[i].word, length) == 0) bit = words[i].bit;
        if (bit == 0) {
            okng_reply_problem(reply, 400, "wrong-parameter", "judged: found \"%s\", expected OK, NG or none", text);
            return false;
        }
        *bits |= bit;
        at += length;
    }
    return true;
}

static bool take_filter(const okng_request *request, okng_history_filter *filter, okng_reply *reply)
{
    *filter = (okng_history_filter){.bank = okng_request_query(request, "bank"),
                                    .source = okng_request_query(request, "source"),
                                    .before = okng_request_query(request, "before")};
    return take_outcomes(request, "verdict", &filter->outcomes, reply) &&
           take_judged(request, &filter->judged, reply) && take_time(request, "from", &filter->from, reply) &&
           take_time(request, "to", &filter->to, reply);
}

/* ---- lists --------------------------------------------------------------------------------------------------------
 */

typedef struct listing {
    json_t *list;
    int64_t left; /* of the page */
    char last[OKNG_RECORD_ID];
    bool more;
} listing;

static okng_status list_record(void *user, const okng_record *record, okng_error *error)
{
    (void)error;
    listing *l = user;
    l->more = l->left-- == 0;
    if (l->more) return OKNG_OK;
    okng_json_add(&l->list, okng_record_json(record));
    (void)snprintf(l->last, sizeof l->last, "%s", record->id);
    return OKNG_OK;
}

static void reply_page(okng_serve *serve, okng_history_filter *filter, int64_t limit, okng_reply *reply)
{
    okng_error error;
    listing l = {.list = json_array(), .left = limit};
    filter->limit = limit + 1; /* whether there are more */
    if (okng_history_each(serve->history, filter, list_record, &l, &error) != OKNG_OK) {
        json_decref(l.list);
        okng_reply_error(reply, &error);
        return;
    }
    json_t *document = json_object();
    okng_json_put(&document, "inspections", l.list);
    okng_json_put(&document, "next", l.more ? json_string(l.last) : json_null());
    okng_reply_json(reply, 200, document);
}

static okng_status print_record(void *user, const okng_record *record, okng_error *error)
{
    FILE *stream = user;
    okng_record_csv(stream, record);
    return ferror(stream) ? okng_fail_errno(error, "write", "a temporary file") : OKNG_OK;
}

/* By way of a file: it may be larger than memory. */
static void reply_csv(okng_serve *serve, okng_history_filter *filter, int64_t limit, okng_reply *reply)
{
    okng_error error;
    int descriptor = -1;
    filter->limit = limit;
    okng_status status = okng_temporary_file(&descriptor, "a CSV file", &error);
    FILE *stream = status == OKNG_OK ? fdopen(dup(descriptor), "w") : NULL;
    if (status == OKNG_OK && !stream) status = okng_fail_errno(&error, "write", "a temporary file");
    if (stream) {
        okng_record_csv_header(stream);
        status = okng_history_each(serve->history, filter, print_record, stream, &error);
        if (fclose(stream) != 0 && status == OKNG_OK) status = okng_fail_errno(&error, "write", "a temporary file");
    }
    if (status == OKNG_OK) {
        okng_reply_descriptor(reply, "text/csv; charset=utf-8", descriptor, "inspections.csv");
        return;
    }
    if (descriptor >= 0) (void)close(descriptor);
    okng_reply_error(reply, &error);
}

static void get_inspections(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_history_filter filter;
    int64_t limit;
    const char *format = okng_request_query(request, "format");
    const bool csv = format && strcmp(format, "csv") == 0;
    if (format && !csv && strcmp(format, "json") != 0) {
        okng_reply_problem(reply, 400, "wrong-parameter", "format: found \"%s\", expected json or csv", format);
        return;
    }
    if (!has_history(serve, reply) || !take_filter(request, &filter, reply)) return;
    if (!okng_request_query_integer(request, "limit", 1, csv ? MOST_ROWS : MOST_PAGE, csv ? MOST_ROWS : PAGE, &limit,
                                    reply))
        return;
    if (csv)
        reply_csv(serve, &filter, limit, reply);
    else
        reply_page(serve, &filter, limit, reply);
}

static okng_status list_score(void *user, const okng_record *record, okng_error *error)
{
    (void)error;
    json_t *score = json_object();
    okng_json_put(&score, "id", json_string(record->id));
    okng_json_put(&score, "score", okng_json_known(record->score));
    okng_json_put(&score, "verdict", json_string(okng_outcome_text(record->outcome)));
    okng_json_put(&score, "judged",
                  record->judged == OKNG_OUTCOME_NOT_INSPECTED ? json_null()
                                                               : json_string(okng_outcome_text(record->judged)));
    okng_json_add(user, score);
    return OKNG_OK;
}

static void get_scores(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    okng_history_filter filter;
    if (!has_history(serve, reply) || !take_filter(request, &filter, reply)) return;
    if (!okng_request_query_integer(request, "limit", 1, MOST_SCORES, SCORES, &filter.limit, reply)) return;
    json_t *list = json_array();
    if (okng_history_each(serve->history, &filter, list_score, &list, &error) != OKNG_OK) {
        json_decref(list);
        okng_reply_error(reply, &error);
        return;
    }
    json_t *document = json_object();
    okng_json_put(&document, "scores", list);
    okng_reply_json(reply, 200, document);
}

/* ---- one ----------------------------------------------------------------------------------------------------------
 */

static void refuse(okng_reply *reply, const okng_error *error)
{
    if (error->status == OKNG_ERROR_NOT_FOUND)
        okng_reply_problem(reply, 404, "inspection-not-found", "%s", error->message);
    else
        okng_reply_error(reply, error);
}

static void reply_record(okng_serve *serve, const char *id, okng_reply *reply)
{
    okng_error error;
    okng_record record;
    if (okng_history_find(serve->history, id, &record, &error) != OKNG_OK) {
        refuse(reply, &error);
        return;
    }
    okng_reply_json(reply, 200, okng_record_json(&record));
    okng_record_free(&record);
}

static void get_inspection(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    if (has_history(serve, reply)) reply_record(serve, okng_request_capture(request, "id"), reply);
}

/* {"judged": "OK"}, "NG" or null. */
static bool read_judged(const json_t *asked, okng_outcome *judged, okng_reply *reply)
{
    const json_t *value = json_object_get(asked, "judged");
    const char *text = json_string_value(value);
    *judged = OKNG_OUTCOME_NOT_INSPECTED;
    const bool good = json_is_null(value) || (text && (strcmp(text, "OK") == 0 || strcmp(text, "NG") == 0));
    if (text && good) (void)okng_outcome_of(text, judged);
    if (!good || json_object_size(asked) != 1)
        okng_reply_problem(reply, 400, "wrong-body", "expected {\"judged\": \"OK\"}, \"NG\" or null");
    return good && json_object_size(asked) == 1;
}

static void patch_inspection(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    json_t *asked;
    okng_outcome judged;
    const char *id = okng_request_capture(request, "id");
    if (!has_history(serve, reply) || !okng_request_json(request, &asked, reply)) return;
    const bool good = read_judged(asked, &judged, reply);
    json_decref(asked);
    if (!good) return;
    if (okng_history_judge(serve->history, id, judged, request->user, &error) != OKNG_OK)
        refuse(reply, &error);
    else
        reply_record(serve, id, reply);
}

static const char *type_of(const char *path)
{
    static const char *const types[][2] = {{".png", "image/png"},
                                           {".jpg", "image/jpeg"},
                                           {".bmp", "image/bmp"},
                                           {".tif", "image/tiff"},
                                           {".webp", "image/webp"},
                                           {".gif", "image/gif"},
                                           {".pnm", "image/x-portable-anymap"}};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcmp(dot, types[i][0]) == 0) return types[i][1];
    return "application/octet-stream";
}

static void reply_picture(okng_serve *serve, const okng_request *request, unsigned kind, okng_reply *reply)
{
    okng_error error;
    char path[OKNG_PATH_MAX];
    if (!has_history(serve, reply)) return;
    if (okng_history_picture_path(serve->history, okng_request_capture(request, "id"), kind, path, &error) != OKNG_OK)
        refuse(reply, &error);
    else
        okng_reply_file(reply, type_of(path), path, NULL);
}

static void get_picture(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    reply_picture(serve, request, OKNG_KEPT_PICTURE, reply);
}

static void get_overlay(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    reply_picture(serve, request, OKNG_KEPT_OVERLAY, reply);
}

static void get_heat(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    reply_picture(serve, request, OKNG_KEPT_HEAT, reply);
}

/* ---- changes and figures ------------------------------------------------------------------------------------------
 */

static void get_changes(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    int64_t before, limit;
    json_t *document;
    if (!has_history(serve, reply) || !okng_request_query_integer(request, "before", 1, INT64_MAX, 0, &before, reply) ||
        !okng_request_query_integer(request, "limit", 1, MOST_CHANGES, PAGE, &limit, reply))
        return;
    const char *bank = okng_request_query(request, "bank");
    if (okng_history_changes(serve->history, bank, before, limit, &document, &error) != OKNG_OK)
        okng_reply_error(reply, &error);
    else
        okng_reply_json(reply, 200, document);
}

static void get_stats(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    int64_t hours;
    json_t *document;
    if (!has_history(serve, reply) || !okng_request_query_integer(request, "hours", 1, 744, 24, &hours, reply)) return;
    const char *bank = okng_request_query(request, "bank");
    if (okng_history_stats(serve->history, bank, (int32_t)hours, &document, &error) != OKNG_OK)
        okng_reply_error(reply, &error);
    else
        okng_reply_json(reply, 200, document);
}

static void delete_drift(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    if (!has_history(serve, reply)) return;
    const char *bank = okng_request_capture(request, "name");
    if (okng_history_renew_drift(serve->history, bank, request->user, &error) == OKNG_OK)
        okng_reply_status(reply, 204);
    else if (error.status == OKNG_ERROR_NOT_FOUND)
        okng_reply_problem(reply, 404, "bank-not-found", "%s", error.message);
    else
        okng_reply_error(reply, &error);
}

/* ---- rows ---------------------------------------------------------------------------------------------------------
 */

#define FILTER                                                                                                      \
    {"bank", "string", "of this bank alone"},                                                                       \
        {"source", "string", "from this source alone: http, or one of the line"},                                   \
        {"verdict", "string", "verdicts with commas between them: NG,REVIEW"},                                      \
        {"judged", "string", "what a person said: OK, NG, none"},                                                   \
        {"from", "string", "a time, as 2026-11-28T10:15:30Z: from then on"}, {"to", "string", "a time: before it"}, \
    {                                                                                                               \
        "before", "string", "an id: recorded before it; \"next\" of the page before"                                \
    }

static const okng_query list_query[] = {
    FILTER,
    {"limit", "integer", "how many: 50 unless given, at most 1000; of CSV a million"},
    {"format", "json|csv", "json unless given"},
    {0}};
static const okng_query score_query[] = {FILTER, {"limit", "integer", "how many: 20000 unless given"}, {0}};
static const okng_query change_query[] = {{"bank", "string", "of this bank alone"},
                                          {"before", "integer", "\"next\" of the page before"},
                                          {"limit", "integer", "how many: 50 unless given, at most 1000"},
                                          {0}};
static const okng_query stats_query[] = {{"bank", "string", "of this bank alone"},
                                         {"hours", "integer", "the last hours: 24 unless given, at most 744"},
                                         {0}};

static const okng_route routes[] = {
    {"GET", "/v1/inspections", OKNG_ROLE_OPERATOR, 0, "Inspections, the newest first", list_query, NULL,
     "200:application/json:Inspections 200:text/csv", 0, get_inspections},
    {"GET", "/v1/inspections/scores", OKNG_ROLE_OPERATOR, 0, "Scores and verdicts alone, the newest first", score_query,
     NULL, "200:application/json:Scores", 0, get_scores},
    {"GET", "/v1/inspections/{id}", OKNG_ROLE_OPERATOR, 0, "One inspection", NULL, NULL, "200:application/json:Record",
     0, get_inspection},
    {"PATCH", "/v1/inspections/{id}", OKNG_ROLE_OPERATOR, 0, "Says what a person sees: OK, NG, or null to take it back",
     NULL, "application/json:Judgement", "200:application/json:Record", 4096, patch_inspection},
    {"GET", "/v1/inspections/{id}/picture", OKNG_ROLE_OPERATOR, 0, "The picture as it came, where it is kept", NULL,
     NULL, "200:image/png 200:image/jpeg", 0, get_picture},
    {"GET", "/v1/inspections/{id}/overlay", OKNG_ROLE_OPERATOR, 0, "With the outlines of what was found", NULL, NULL,
     "200:image/png", 0, get_overlay},
    {"GET", "/v1/inspections/{id}/heat", OKNG_ROLE_OPERATOR, 0, "Its heat map", NULL, NULL, "200:image/png", 0,
     get_heat},
    {"GET", "/v1/changes", OKNG_ROLE_ENGINEER, 0, "What was changed, and by whom, the newest first", change_query, NULL,
     "200:application/json:Changes", 0, get_changes},
    {"GET", "/v1/stats", OKNG_ROLE_OPERATOR, 0, "Counts, yield per hour, trend and drift of scores", stats_query, NULL,
     "200:application/json:Stats", 0, get_stats},
    {"DELETE", "/v1/banks/{name}/drift", OKNG_ROLE_ENGINEER, 0,
     "Takes scores from now on as those that later ones are held against", NULL, NULL, "204", 0, delete_drift},
};

static const okng_schema schemas[] = {
    {"Inspections", "inspections:[Record] next:string|null"},
    {"Record",
     "id:string time:string bank:string|null bank_hash:string|null source:string|null picture:string|null "
     "picture_hash:string|null verdict:OK|NG|REVIEW|NOT_FOUND|NOT_INSPECTED score:number|null p_value:number|null "
     "image_threshold:number|null pixel_threshold:number|null review:[number]|null regions:[object] "
     "duration_ms:number|null recipe_number:integer|null why:string|null judged:OK|NG|null judged_by:string|null "
     "judged_time:string|null kept:[string]"},
    {"Judgement", "judged:OK|NG|null"},
    {"Scores", "scores:[Score]"},
    {"Score", "id:string score:number|null verdict:string judged:OK|NG|null"},
    {"Changes", "changes:[Change] next:integer|null"},
    {"Change", "number:integer time:string by:string what:string bank:string|null before:any after:any"},
    {"Stats", "counts:Counts hours:[Hour] trend:[Trend] drift:Drift"},
    {"Counts", "OK:integer REVIEW:integer NG:integer NOT_FOUND:integer NOT_INSPECTED:integer"},
    {"Hour", "from:string OK:integer REVIEW:integer NG:integer NOT_FOUND:integer NOT_INSPECTED:integer"},
    {"Trend", "time:string median:number|null p84:number|null n:integer"},
    {"Drift", "state:none|warning|unknown bank:string|null p_value:number|null level:number blocks:integer test:string "
              "since:string|null text:string"},
};

const okng_route_table okng_routes_history = {
    .tag = "history",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .schemas = schemas,
    .schema_count = sizeof schemas / sizeof schemas[0],
};
