/* The line that runs inside the server: its state, triggers, changes of recipe. */
#include "line/line.h"

#include "serve/audit.h"
#include "serve/routes.h"
#include "serve/serve.h"

/* False: there is no line, and the reply says so. */
static bool need_line(const okng_serve *serve, okng_reply *reply)
{
    if (serve->line) return true;
    okng_reply_problem(reply, 404, "no-line", "no line runs here; start the server with --line line.yaml");
    return false;
}

static void get_line(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)request;
    if (need_line(serve, reply)) okng_reply_json(reply, 200, okng_line_json(serve->line));
}

static void post_trigger(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    if (!need_line(serve, reply)) return;
    if (okng_line_trigger(serve->line, okng_request_query(request, "source"), &error) != OKNG_OK)
        okng_reply_error(reply, &error);
    else
        okng_reply_status(reply, 204);
}

static json_t *recipe_json(int64_t number, const char *bank)
{
    json_t *document = json_object();
    okng_json_put(&document, "number", number >= 0 ? json_integer(number) : json_null());
    okng_json_put(&document, "bank", json_string(bank));
    return document;
}

static void put_recipe(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    json_t *document = NULL;
    char bank[OKNG_RECORD_NAME];
    int64_t number = -1;
    if (!need_line(serve, reply) || !okng_request_json(request, &document, reply)) return;
    okng_status status = okng_json_integer(document, "recipe", "number", 0, 65535, &number, &error);
    json_decref(document);
    if (status == OKNG_ERROR_FORMAT) {
        okng_reply_problem(reply, 400, "wrong-body", "%s", error.message);
        return;
    }
    const int64_t before = okng_line_recipe(serve->line, bank);
    json_t *was = recipe_json(before, bank);
    if (status == OKNG_OK) status = okng_line_set_recipe(serve->line, number, request->user, &error);
    (void)okng_line_recipe(serve->line, bank);
    if (status == OKNG_OK && before != number)
        status = okng_audit(serve, request->user, "recipe", bank, was, recipe_json(number, bank), &error);
    else
        json_decref(was);
    if (status == OKNG_OK)
        okng_reply_json(reply, 200, recipe_json(number, bank));
    else
        okng_reply_error(reply, &error);
}

static const okng_query trigger_query[] = {
    {"source", "string", "the source that takes a picture; all that take triggers unless given"}, {0}};

static const okng_route routes[] = {
    {"GET", "/v1/line", OKNG_ROLE_OPERATOR, 0, "Sources, sinks, counts and the bank in force of the line", NULL, NULL,
     "200:application/json:Line", 0, get_line},
    {"POST", "/v1/line/trigger", OKNG_ROLE_OPERATOR, 0, "Has a source take a picture now", trigger_query, NULL, "204",
     0, post_trigger},
    {"PUT", "/v1/line/recipe", OKNG_ROLE_ENGINEER, 0, "Chooses the bank that judges by its number in line.yaml", NULL,
     "application/json:NewRecipe", "200:application/json:Recipe", 0, put_recipe},
};

static const okng_schema schemas[] = {
    {"NewRecipe", "number:integer"},
    {"Recipe", "number:integer bank:string"},
    {"Line", "name:string time:string sources:[LineSource] sinks:[LineSink] bank:string|null recipe:integer|null "
             "counts:object waiting:integer spool:object recipe_change_ms:number|null clock_jumps:integer "
             "uptime_s:number"},
    {"LineSource",
     "name:string kind:string state:opening|running|failed frames:integer not_inspected:integer why:string|null"},
    {"LineSink", "name:string kind:string state:waiting|ready|failed queued:integer sent:integer lost:integer "
                 "refused:integer why:string|null"},
};

const okng_route_table okng_routes_line = {
    .tag = "line",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .schemas = schemas,
    .schema_count = sizeof schemas / sizeof schemas[0],
};
