/* Routes: a row for each method and path of the server. From the rows come the dispatch, the checks of role, query and
 * body, the 405 with its Allow, and /openapi.json. To add routes: a file routes_WHAT.c with an okng_route_table, and
 * its line in routes.c. */
#ifndef OKNG_SERVE_ROUTE_H
#define OKNG_SERVE_ROUTE_H

#include "serve/reply.h"
#include "serve/request.h"

struct okng_serve; /* serve.h: what handlers work with */

/* Answers a request by filling `reply` (exactly one of the okng_reply_... that set a body or a status). Runs on a
 * worker thread, several at a time, and may block up to request->deadline; with OKNG_ROUTE_AT_ONCE on the one thread
 * that serves all connections, where it must not block. */
typedef void okng_handler(struct okng_serve *serve, const okng_request *request, okng_reply *reply);

/* A query parameter. `values` is a type of the schema notation below: "integer", "number", "string", "json|csv". */
typedef struct okng_query {
    const char *name, *values, *help;
} okng_query;

enum {
    OKNG_ROUTE_AT_ONCE = 1,    /* the handler never blocks: no worker is asked, so it answers when all are busy */
    OKNG_ROUTE_LOCAL_FREE = 2, /* needs its role only where the server listens to other machines: /metrics */
    OKNG_ROUTE_ANY_HOST = 4,   /* probes by address have no name: /healthz, /readyz */
    OKNG_ROUTE_ANY_QUERY = 8,  /* parameters that no row names are let pass: pages */
    OKNG_ROUTE_BODY_OPTIONAL = 16,
    OKNG_ROUTE_UPLOAD = 32 /* many pictures at once: --max-upload holds, not --max-body */
};

typedef struct okng_route {
    const char *method; /* "GET" (serves HEAD too), "POST", "PUT", "PATCH", "DELETE" */
    const char *path;   /* "/v1/banks/{name}/inspect": {x} takes one segment. Rows with words come before those
                         * with {} that would take them too */
    okng_role role;     /* the least that may */
    unsigned flags;
    const char *summary;     /* one sentence, for /openapi.json */
    const okng_query *query; /* ends with a NULL name; NULL: none. Others are refused with 400 */
    /* Media types that the body may have, with their schema: "application/json:NewJob multipart/form-data image/+". A
     * trailing + stands for any subtype. NULL: no body, and one that comes is refused with 400. Others: 415. */
    const char *takes;
    /* Answers that are no problem: "200:application/json:Bank 202:application/json:Job 204". */
    const char *gives;
    uint64_t body_limit; /* bytes; 0: --max-body, or --max-upload */
    okng_handler *handler;
} okng_route;

/* A schema of /openapi.json in a short notation, members between blanks: "name:string rows:integer
 * review:[number]|null state:ready|building|damaged regions:[Region] label?:string". A name followed by ? may be
 * missing. Types: string, integer, number, boolean, object (any members), any, null, [T], T|U; a word that begins with
 * a capital and a small letter is another schema; other words, OK too, are an enumeration of strings. */
typedef struct okng_schema {
    const char *name, *members;
} okng_schema;

typedef struct okng_route_table {
    const char *tag; /* heading in /openapi.json */
    const okng_route *routes;
    size_t route_count;
    const okng_schema *schemas;
    size_t schema_count;
} okng_route_table;

/* A path that was found. */
typedef struct okng_route_match {
    const okng_route *route; /* NULL: none of this method */
    char allow[64];          /* methods that the path has, "" where there is no such path */
} okng_route_match;

/* The route of a method for the segments of a path, in tables that end with NULL; what the {} took goes into the
 * request's captures. */
void okng_route_find(okng_route_match *match, const okng_route_table *const *tables, const char *method,
                     okng_request *request);
/* Whether a type fits one of `takes`. */
bool okng_route_takes(const okng_route *route, const char *type);
/* The query row of a route; NULL where it has none of this name. */
const okng_query *okng_route_query(const okng_route *route, const char *name);

#endif
