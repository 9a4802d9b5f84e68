#include "serve/openapi.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- schemas --------------------------------------------------------------------------------------------------------
 */

static json_t *reference(const char *name, size_t size)
{
    char path[96];
    (void)snprintf(path, sizeof path, "#/components/schemas/%.*s", (int)size, name);
    json_t *schema = json_object();
    okng_json_put(&schema, "$ref", json_string(path));
    return schema;
}

static bool is_word(const char *type, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(type, word, size) == 0;
}

static json_t *typed(const char *type, size_t size)
{
    char name[32];
    (void)snprintf(name, sizeof name, "%.*s", (int)size, type);
    json_t *schema = json_object();
    okng_json_put(&schema, "type", json_string(name));
    return schema;
}

static bool is_basic(const char *type, size_t size)
{
    static const char *const basic[] = {"string", "integer", "number", "boolean", "object", "null"};
    for (size_t i = 0; i < sizeof basic / sizeof basic[0]; i++)
        if (is_word(type, size, basic[i])) return true;
    return false;
}

/* The end of the first alternative of "[T|U]|V": a | that is in no brackets, or the end. */
static size_t alternative(const char *type, size_t size)
{
    int depth = 0;
    for (size_t i = 0; i < size; i++) {
        depth += type[i] == '[';
        depth -= type[i] == ']';
        if (type[i] == '|' && depth == 0) return i;
    }
    return size;
}

/* A type without alternatives; words are none (NULL). */
static json_t *single_type(const char *type, size_t size)
{
    if (is_basic(type, size)) return typed(type, size);
    if (is_word(type, size, "any")) return json_object();
    if (size > 1 && isupper((unsigned char)type[0]) && islower((unsigned char)type[1])) return reference(type, size);
    if (*type != '[') return NULL;
    json_t *schema = typed("array", strlen("array"));
    okng_json_put(&schema, "items", okng_schema_type(type + 1, size - 2));
    return schema;
}

json_t *okng_schema_type(const char *type, size_t size)
{
    json_t *any_of = json_array(), *words = json_array();
    for (size_t at = 0; at < size;) {
        size_t length = alternative(type + at, size - at);
        json_t *one = single_type(type + at, length);
        if (one)
            okng_json_add(&any_of, one);
        else
            okng_json_add(&words, json_stringn(type + at, length));
        at += length + 1;
    }
    if (json_array_size(words) > 0) {
        json_t *enumeration = typed("string", strlen("string"));
        okng_json_put(&enumeration, "enum", words);
        okng_json_add(&any_of, enumeration);
    } else {
        json_decref(words);
    }
    json_t *schema = json_array_size(any_of) == 1 ? json_incref(json_array_get(any_of, 0)) : json_object();
    if (json_array_size(any_of) != 1)
        okng_json_put(&schema, "anyOf", any_of);
    else
        json_decref(any_of);
    return schema;
}

json_t *okng_schema_json(const char *members)
{
    json_t *schema = typed("object", strlen("object")), *properties = json_object(), *required = json_array();
    for (const char *at = members + strspn(members, " "); *at; at += strspn(at, " ")) {
        char name[64];
        size_t length = strcspn(at, ":?"), word = strcspn(at, " ");
        bool may_miss = at[length] == '?';
        const char *type = at + length + (may_miss ? 2 : 1);
        (void)snprintf(name, sizeof name, "%.*s", (int)length, at);
        okng_json_put(&properties, name, okng_schema_type(type, (size_t)(at + word - type)));
        if (!may_miss) okng_json_add(&required, json_string(name));
        at += word;
    }
    okng_json_put(&schema, "properties", properties);
    okng_json_put(&schema, "required", required);
    return schema;
}

static json_t *all_schemas(const okng_route_table *const *tables)
{
    json_t *schemas = json_object();
    okng_json_put(&schemas, "Problem",
                  okng_schema_json("type:string title:string status:integer detail:string instance?:string"));
    for (size_t t = 0; tables[t]; t++)
        for (size_t i = 0; i < tables[t]->schema_count; i++) {
            const okng_schema *schema = &tables[t]->schemas[i];
            okng_json_put(&schemas, schema->name, okng_schema_json(schema->members));
        }
    return schemas;
}

/* ---- bodies ---------------------------------------------------------------------------------------------------------
 */

/* The content of a word "application/json:Bank", "image/+": a member with its schema. */
static void put_content(json_t **content, const char *word, size_t size)
{
    char type[96];
    const char *colon = memchr(word, ':', size);
    size_t length = colon ? (size_t)(colon - word) : size;
    (void)snprintf(type, sizeof type, "%.*s", (int)length, word);
    size_t used = strlen(type);
    if (used > 0 && type[used - 1] == '+') type[used - 1] = '*';
    json_t *media = json_object();
    if (colon) okng_json_put(&media, "schema", okng_schema_type(colon + 1, size - length - 1));
    okng_json_put(content, type, media);
}

static json_t *request_body(const okng_route *route)
{
    json_t *body = json_object(), *content = json_object();
    for (const char *at = route->takes; *at; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");
        put_content(&content, at, word);
        at += word;
    }
    okng_json_put(&body, "required", json_boolean(!(route->flags & OKNG_ROUTE_BODY_OPTIONAL)));
    okng_json_put(&body, "content", content);
    return body;
}

static json_t *described(const char *text)
{
    json_t *made = json_object();
    okng_json_put(&made, "description", json_string(text));
    return made;
}

/* Adds "200:application/json:Bank"; one status may stand several times, with several types. */
static void put_answer(json_t **responses, const char *word, size_t size)
{
    char status[4];
    (void)snprintf(status, sizeof status, "%.3s", word);
    const char *text = status[0] == '4' || status[0] == '5' ? "a problem" : "done";
    json_t *response = json_object_get(*responses, status);
    response = response ? json_incref(response) : described(text);
    if (size > 4) {
        json_t *content = json_object_get(response, "content");
        content = content ? json_incref(content) : json_object();
        put_content(&content, word + 4, size - 4);
        okng_json_put(&response, "content", content);
    }
    okng_json_put(responses, status, response);
}

static json_t *problem_answer(void)
{
    json_t *problem = described("what was found, what was expected and what to do (RFC 9457)"),
           *content = json_object();
    put_content(&content, "application/problem+json:Problem", strlen("application/problem+json:Problem"));
    okng_json_put(&problem, "content", content);
    return problem;
}

static json_t *answers(const okng_route *route)
{
    json_t *responses = json_object();
    for (const char *at = route->gives; *at; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");
        put_answer(&responses, at, word);
        at += word;
    }
    okng_json_put(&responses, "default", problem_answer());
    return responses;
}

/* ---- operations -----------------------------------------------------------------------------------------------------
 */

static json_t *parameter(const char *name, const char *in, const char *help, json_t *schema)
{
    json_t *made = json_object();
    okng_json_put(&made, "name", json_string(name));
    okng_json_put(&made, "in", json_string(in));
    okng_json_put(&made, "required", json_boolean(strcmp(in, "path") == 0));
    if (help) okng_json_put(&made, "description", json_string(help));
    okng_json_put(&made, "schema", schema);
    return made;
}

static json_t *parameters(const okng_route *route)
{
    json_t *list = json_array();
    for (const char *at = strchr(route->path, '{'); at; at = strchr(at + 1, '{')) {
        char name[32];
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 1, "}"), at + 1);
        okng_json_add(&list, parameter(name, "path", NULL, typed("string", strlen("string"))));
    }
    for (const okng_query *query = route->query; query && query->name; query++)
        okng_json_add(&list, parameter(query->name, "query", query->help,
                                       okng_schema_type(query->values, strlen(query->values))));
    return list;
}

/* "get_v1_banks_name" of GET /v1/banks/{name}. */
static json_t *operation_id(const okng_route *route)
{
    char id[160];
    (void)snprintf(id, sizeof id, "%s%s", route->method, route->path);
    size_t to = 0;
    for (const char *c = id; *c; c++)
        if (isalnum((unsigned char)*c))
            id[to++] = (char)tolower((unsigned char)*c);
        else if (to > 0 && id[to - 1] != '_')
            id[to++] = '_';
    while (to > 0 && id[to - 1] == '_') to--;
    return json_stringn(id, to);
}

static json_t *security(const okng_route *route)
{
    json_t *list = json_array();
    if (route->role == OKNG_ROLE_NONE) return list;
    json_t *need = json_object(), *scopes = json_array();
    okng_json_add(&scopes, json_string(okng_role_name(route->role)));
    okng_json_put(&need, "token", scopes);
    okng_json_add(&list, need);
    return list;
}

static json_t *operation(const okng_route_table *table, const okng_route *route)
{
    json_t *made = json_object(), *tags = json_array(), *list = parameters(route);
    okng_json_add(&tags, json_string(table->tag));
    okng_json_put(&made, "operationId", operation_id(route));
    okng_json_put(&made, "tags", tags);
    okng_json_put(&made, "summary", json_string(route->summary));
    okng_json_put(&made, "security", security(route));
    okng_json_put(&made, "parameters", list);
    if (route->takes) okng_json_put(&made, "requestBody", request_body(route));
    okng_json_put(&made, "responses", answers(route));
    return made;
}

static json_t *paths(const okng_route_table *const *tables)
{
    json_t *made = json_object();
    for (size_t t = 0; tables[t]; t++)
        for (size_t r = 0; r < tables[t]->route_count; r++) {
            const okng_route *route = &tables[t]->routes[r];
            char method[8];
            (void)snprintf(method, sizeof method, "%s", route->method);
            for (char *c = method; *c; c++) *c = (char)tolower((unsigned char)*c);
            json_t *path = json_object_get(made, route->path);
            path = path ? json_incref(path) : json_object();
            okng_json_put(&path, method, operation(tables[t], route));
            okng_json_put(&made, route->path, path);
        }
    return made;
}

json_t *okng_openapi(const okng_route_table *const *tables)
{
    json_t *document = json_object(), *info = json_object(), *components = json_object(), *schemes = json_object();
    json_t *token = json_object();
    okng_json_put(&info, "title", json_string("okng serve"));
    okng_json_put(&info, "version", json_string(okng_version()));
    okng_json_put(&info, "description",
                  json_string("Industrial visual inspection: banks, inspections, jobs, history. "
                              "Errors are problem documents (RFC 9457)."));
    okng_json_put(&token, "type", json_string("http"));
    okng_json_put(&token, "scheme", json_string("bearer"));
    okng_json_put(&schemes, "token", token);
    okng_json_put(&components, "securitySchemes", schemes);
    okng_json_put(&components, "schemas", all_schemas(tables));
    okng_json_put(&document, "openapi", json_string("3.1.0"));
    okng_json_put(&document, "info", info);
    okng_json_put(&document, "paths", paths(tables));
    okng_json_put(&document, "components", components);
    return document;
}
