/* How the server is, and what it is. */
#include <stdlib.h>
#include <string.h>

#include "line/line.h"
#include "serve/openapi.h"
#include "serve/routes.h"
#include "serve/serve.h"

/* It answers, so it lives. */
static void get_health(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)serve;
    (void)request;
    json_t *document = json_object();
    okng_json_put(&document, "status", json_string("ok"));
    okng_reply_json(reply, 200, document);
}

/* Whether requests should be sent here. */
static void get_ready(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)request;
    const char *why = serve->stopping ? "the server is stopping" : NULL;
    for (const okng_serve_part *part = okng_serve_parts; part->name && !why; part++)
        if (part->why_not_ready) why = part->why_not_ready(serve);
    if (why) {
        okng_reply_header(reply, "Retry-After", "1");
        okng_reply_problem(reply, 503, "not-ready", "%s", why);
        return;
    }
    json_t *document = json_object();
    okng_json_put(&document, "status", json_string("ready"));
    okng_reply_json(reply, 200, document);
}

/* What the server counts, and what the line counts that runs inside. */
static okng_status metrics_text(const okng_serve *serve, char **text, size_t *size, okng_error *error)
{
    OKNG_TRY(okng_meters_text(serve->meters, text, size, error));
    if (!serve->line) return OKNG_OK;
    okng_grown both = {0};
    (void)okng_grown_add(&both, *text, *size);
    (void)okng_line_metrics(serve->line, &both);
    free(*text);
    return okng_grown_take(&both, text, size, error);
}

static void get_metrics(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)request;
    char *text;
    size_t size;
    okng_error error;
    if (metrics_text(serve, &text, &size, &error) != OKNG_OK)
        okng_reply_error(reply, &error);
    else
        okng_reply_bytes(reply, 200, "text/plain; version=0.0.4; charset=utf-8", text, size);
}

static void get_openapi(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)request;
    okng_reply_json(reply, 200, okng_openapi(serve->routes));
}

static void get_session(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    json_t *document = json_object();
    bool needs = okng_users_asked(serve->users);
    okng_json_put(&document, "name", *request->user ? json_string(request->user) : json_null());
    okng_json_put(&document, "role", json_string(okng_role_name(request->role)));
    okng_json_put(&document, "version", json_string(okng_version()));
    okng_json_put(&document, "language", json_string(okng_language()));
    okng_json_put(&document, "needs_token", json_boolean(needs));
    okng_reply_json(reply, 200, document);
}

/* ---- options of forms -----------------------------------------------------------------------------------------------
 */

static const char *type_text(okng_option_type type)
{
    static const char *const texts[] = {
        [OKNG_OPTION_TEXT] = "text",       [OKNG_OPTION_BOOL] = "switch", [OKNG_OPTION_CHOICE] = "choice",
        [OKNG_OPTION_INTEGER] = "integer", [OKNG_OPTION_BYTES] = "bytes", [OKNG_OPTION_REAL] = "number",
        [OKNG_OPTION_COLOUR] = "colour",   [OKNG_OPTION_SIZE] = "size",   [OKNG_OPTION_NAMES] = "names",
        [OKNG_OPTION_RANGE] = "range",
    };
    return texts[type];
}

static json_t *option_json(const okng_option_info *row)
{
    json_t *option = json_object();
    okng_json_put(&option, "name", json_string(row->name));
    okng_json_put(&option, "values", row->values ? json_string(row->values) : json_null());
    okng_json_put(&option, "help", json_string(okng_translate(row->help)));
    okng_json_put(&option, "group", json_string(okng_translate(row->group)));
    okng_json_put(&option, "initial", json_string(row->initial));
    okng_json_put(&option, "type", json_string(type_text(row->type)));
    okng_json_put(&option, "minimum", okng_json_known(row->minimum));
    okng_json_put(&option, "maximum", okng_json_known(row->maximum));
    return option;
}

static void get_options(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)serve;
    const char *verb = okng_request_query(request, "verb");
    json_t *document = json_object(), *options = json_array();
    for (int list = OKNG_OPTIONS_BUILD; list <= OKNG_OPTIONS_INSPECT; list++)
        for (size_t i = 0; i < okng_option_count((okng_option_list)list); i++) {
            okng_option_info row;
            okng_init(&row);
            if (okng_option_get((okng_option_list)list, i, &row, NULL) != OKNG_OK || row.alias) continue;
            if (!verb || okng_option_is_read(&row, verb)) okng_json_add(&options, option_json(&row));
        }
    okng_json_put(&document, "options", options);
    okng_reply_json(reply, 200, document);
}

static const okng_query verb_query[] = {{"verb", "string", "the options that this verb of okng reads"}, {0}};

static const okng_route routes[] = {
    {"GET", "/healthz", OKNG_ROLE_NONE, OKNG_ROUTE_AT_ONCE | OKNG_ROUTE_ANY_HOST, "Whether the server lives", NULL,
     NULL, "200:application/json:Status", 0, get_health},
    {"GET", "/readyz", OKNG_ROLE_NONE, OKNG_ROUTE_AT_ONCE | OKNG_ROUTE_ANY_HOST, "Whether requests should be sent here",
     NULL, NULL, "200:application/json:Status", 0, get_ready},
    {"GET", "/metrics", OKNG_ROLE_OPERATOR, OKNG_ROUTE_LOCAL_FREE, "Counters and gauges for Prometheus", NULL, NULL,
     "200:text/plain", 0, get_metrics},
    {"GET", "/openapi.json", OKNG_ROLE_NONE, 0, "This description", NULL, NULL, "200:application/json:object", 0,
     get_openapi},
    {"GET", "/v1/session", OKNG_ROLE_NONE, OKNG_ROUTE_AT_ONCE, "Who asks, and what the server is", NULL, NULL,
     "200:application/json:Session", 0, get_session},
    {"GET", "/v1/options", OKNG_ROLE_OPERATOR, 0, "Options of banks with their defaults, for forms", verb_query, NULL,
     "200:application/json:Options", 0, get_options},
};

static const okng_schema schemas[] = {
    {"Status", "status:string"},
    {"Session",
     "name:string|null role:none|operator|engineer|admin version:string language:string needs_token:boolean"},
    {"Options", "options:[Option]"},
    {"Option", "name:string values:string|null help:string group:string initial:string "
               "type:string "
               "minimum:number|null maximum:number|null"},
};

const okng_route_table okng_routes_system = {
    .tag = "system",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .schemas = schemas,
    .schema_count = sizeof schemas / sizeof schemas[0],
};
