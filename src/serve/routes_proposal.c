/* What people said of inspections, turned into a threshold: as okng tune does it, from scores that there are already.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "cache/cache.h"
#include "cache/disk.h"
#include "history/history.h"
#include "serve/routes.h"
#include "serve/serve.h"

enum { MOST_JUDGED = 100000 }; /* the newest */

/* ---- scores -------------------------------------------------------------------------------------------------------
 */

typedef struct scores {
    float *values;
    size_t count, room;
} scores;

typedef struct judged {
    scores ok, ng;
} judged;

static okng_status take_score(void *user, const okng_record *record, okng_error *error)
{
    judged *j = user;
    scores *s = record->judged == OKNG_OUTCOME_OK ? &j->ok : &j->ng;
    const float score = (float)record->score;
    void *values = s->values;
    if (!isfinite(score)) return OKNG_OK; /* nothing was scored: the region was not found, or there was no picture */
    if (!okng_grow(&values, &s->room, s->count + 1, sizeof *s->values))
        return okng_fail_memory(error, (s->count + 1) * sizeof *s->values);
    s->values = values;
    s->values[s->count++] = score;
    return OKNG_OK;
}

/* When the rows of a bank last changed, microseconds since 1970: scores from before are of another bank. Thresholds are
 * in a file of their own, but in a recipe, where all is in one. */
static int64_t learnt_at(const char *path)
{
    static const char *const documents[] = {"bank_config.json", "ensemble.json", "regions.json"};
    struct stat info;
    bool found = stat(path, &info) == 0 && S_ISREG(info.st_mode);
    for (size_t i = 0; i < sizeof documents / sizeof *documents && !found; i++) {
        char *document = okng_path_join(path, documents[i]);
        found = document && stat(document, &info) == 0;
        free(document);
    }
    return found ? (int64_t)info.st_mtim.tv_sec * 1000000 + info.st_mtim.tv_nsec / 1000 : 0;
}

/* ---- the answer ---------------------------------------------------------------------------------------------------
 */

static json_t *answer(const char *name, const judged *j, int64_t from, const json_t *tuned)
{
    static const char *const members[] = {"rule", "rate", "good", "ng", "image"};
    char time[32];
    json_t *document = json_object();
    okng_json_put(&document, "bank", okng_json_any_text(name));
    okng_json_put(&document, "from", json_string(okng_time_text(from, time)));
    okng_json_put(&document, "judged_ok", json_integer((json_int_t)j->ok.count));
    okng_json_put(&document, "judged_ng", json_integer((json_int_t)j->ng.count));
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        okng_json_put(&document, members[i], json_incref(json_object_get(tuned, members[i])));
    return document;
}

static okng_status propose(const char *name, const char *path, const judged *j, int64_t from,
                           okng_tune_options *options, json_t **out, okng_error *error)
{
    char *text;
    json_t *tuned;
    options->ok_scores = j->ok.values;
    options->ok_score_count = j->ok.count;
    options->ng_scores = j->ng.values;
    options->ng_score_count = j->ng.count;
    OKNG_TRY(okng_tune(path, options, NULL, NULL, &text, error));
    okng_status status = okng_json_parse(&tuned, text, strlen(text), "what is proposed", NULL, error);
    okng_text_free(&text);
    if (status != OKNG_OK) return status;
    *out = answer(name, j, from, tuned);
    json_decref(tuned);
    return *out ? OKNG_OK : okng_fail_memory(error, sizeof *j);
}

/* `from` 0: since the bank was learnt. */
static okng_status propose_for(okng_serve *serve, const char *name, int64_t from, okng_tune_options *options,
                               json_t **out, okng_error *error)
{
    char *path;
    judged j = {0};
    OKNG_TRY(okng_disk_find(okng_cache_folder(serve->cache), name, &path, error));
    if (from == 0) from = learnt_at(path);
    const okng_history_filter filter = {
        .bank = name, .judged = 1u << OKNG_OUTCOME_OK | 1u << OKNG_OUTCOME_NG, .from = from, .limit = MOST_JUDGED};
    okng_status status = okng_history_each(serve->history, &filter, take_score, &j, error);
    if (status == OKNG_OK) status = propose(name, path, &j, from, options, out, error);
    free(path);
    free(j.ok.values);
    free(j.ng.values);
    return status;
}

/* ---- the request --------------------------------------------------------------------------------------------------
 */

static bool take_rule(const okng_request *request, okng_tune_options *options, okng_reply *reply)
{
    static const char *const rules[] = {"balanced", "false-alarm", "miss", "f1"}; /* as okng_tune_rule */
    const char *text = okng_request_query(request, "rule");
    const size_t count = sizeof rules / sizeof *rules;
    size_t rule = 0;
    while (text && rule < count && strcmp(text, rules[rule]) != 0) rule++;
    if (rule == count) {
        okng_reply_problem(reply, 400, "wrong-parameter",
                           "rule: found \"%s\", expected balanced, false-alarm, miss or f1", text);
        return false;
    }
    options->rule = (okng_tune_rule)rule;
    return okng_request_query_number(request, "rate", 0, 1, 0.05, &options->rate, reply);
}

static void get_proposal(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    okng_tune_options options;
    json_t *document;
    int64_t from = 0;
    const char *name = okng_request_capture(request, "name"), *time = okng_request_query(request, "from");
    okng_init(&options);
    if (!take_rule(request, &options, reply)) return;
    if (!serve->history)
        okng_reply_problem(reply, 501, "no-history",
                           "this okng was built without SQLite, and keeps no history (Debian: libsqlite3-dev)");
    else if (time && !okng_time_of(time, &from))
        okng_reply_problem(reply, 400, "wrong-parameter", "from: found \"%s\", expected a time as 2026-11-28T10:15:30Z",
                           time);
    else if (propose_for(serve, name, from, &options, &document, &error) == OKNG_OK)
        okng_reply_json(reply, 200, document);
    else if (error.status == OKNG_ERROR_NOT_FOUND)
        okng_reply_problem(reply, 404, "bank-not-found", "%s", error.message);
    else if (error.status == OKNG_ERROR_ARGUMENT)
        okng_reply_problem(reply, 409, "nothing-to-tune-by", "%s", error.message);
    else
        okng_reply_error(reply, &error);
}

static const okng_query proposal_query[] = {
    {"rule", "balanced|false-alarm|miss|f1", "as okng tune; balanced unless given"},
    {"rate", "number", "of the rules false-alarm and miss, 0 to 1; 0.05 unless given"},
    {"from", "string", "a time: inspections from then on; since the bank was learnt unless given"},
    {0}};

static const okng_route routes[] = {
    {"GET", "/v1/banks/{name}/proposal", OKNG_ROLE_ENGINEER, 0,
     "The image threshold that judged inspections and the bank's own scores propose", proposal_query, NULL,
     "200:application/json:Proposal", 0, get_proposal},
};

static const okng_schema schemas[] = {
    {"Proposal", "bank:string from:string judged_ok:integer judged_ng:integer rule:string rate:number|null "
                 "good:GoodScores ng:integer image:ProposedThreshold"},
    {"GoodScores", "bank:integer given:integer"},
    {"ProposedThreshold",
     "in_force:number|null computed:number|null proposed:number|null chosen:boolean ladder:[Rung]"},
    {"Rung", "threshold:number found:integer ng:integer found_low:number found_high:number false_alarms:integer "
             "good:integer false_alarms_low:number false_alarms_high:number in_force:boolean computed:boolean "
             "proposed:boolean"},
};

const okng_route_table okng_routes_proposal = {
    .tag = "history",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .schemas = schemas,
    .schema_count = sizeof schemas / sizeof schemas[0],
};
