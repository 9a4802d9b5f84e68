/* A request as its handler sees it: whole, with its path, query and body taken apart and within their limits. */
#ifndef OKNG_SERVE_REQUEST_H
#define OKNG_SERVE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "serve/reply.h"
#include "serve/role.h"
#include "serve/uri.h"

struct MHD_Connection;

enum { OKNG_USER_NAME_MAX = 64 };

/* A part of a multipart/form-data body. Strings and data are the request's. */
typedef struct okng_body_part {
    const char *name;     /* of the field */
    const char *filename; /* "" where the part is no file; the last segment of what the client said */
    const char *path;     /* all of that, with the folders that some clients tell: anything but control characters */
    const char *type;     /* media type, lower case, without parameters; "" = none */
    const void *data;     /* NULL when empty */
    size_t size;
} okng_body_part;

/* What {name} of a route's path took. */
enum { OKNG_CAPTURES = 4 };
typedef struct okng_capture {
    char name[32];
    const char *value;
} okng_capture;

/* All of it is read-only for handlers, and lives until the handler has returned. */
typedef struct okng_request {
    const char *method;             /* "GET" for HEAD too */
    const struct okng_route *route; /* the row that fits */
    okng_uri uri;                   /* path and query, decoded */
    okng_capture captures[OKNG_CAPTURES];
    size_t capture_count;
    char user[OKNG_USER_NAME_MAX + 1]; /* who asks, for the audit: the token's name, else "local" */
    okng_role role;
    char *media_type; /* where type lies */
    const char *type; /* the body's media type, lower case, without parameters; "" = no body */
    const void *body; /* NULL when empty, and of multipart/form-data, which has parts */
    size_t body_size;
    const okng_body_part *parts;
    size_t part_count;
    double deadline;                   /* on okng_clock(): when the answer is no use any more */
    struct MHD_Connection *connection; /* for headers */
} okng_request;

/* What {name} of the route's path took, decoded: 1..1024 bytes of UTF-8 without control characters, which may hold
 * anything else (a %2F becomes "/"): check it by the rules of what it names. Never NULL for a name of the route. */
const char *okng_request_capture(const okng_request *request, const char *name);
/* A query parameter, decoded; NULL where it was not given, "" for "?name" and "?name=". */
const char *okng_request_query(const okng_request *request, const char *name);
/* A header, the first of its name; NULL where there is none. */
const char *okng_request_header(const okng_request *request, const char *name);

/* A parameter as a number within low..high, `initial` where it was not given. False: the reply is a 400 that says what
 * was found and expected. */
bool okng_request_query_integer(const okng_request *request, const char *name, int64_t low, int64_t high,
                                int64_t initial, int64_t *out, okng_reply *reply);
bool okng_request_query_number(const okng_request *request, const char *name, double low, double high, double initial,
                               double *out, okng_reply *reply);
/* The body as a JSON object within okng_json_small, for the caller to json_decref. False: the reply is a 400. */
bool okng_request_json(const okng_request *request, json_t **out, okng_reply *reply);
/* The picture of a request: the body, or the part "picture" of multipart/form-data, or its only file. False: the reply
 * is a 400. `name` is the file's name, "" where the client told none. */
bool okng_request_picture(const okng_request *request, const void **data, size_t *size, const char **name,
                          okng_reply *reply);

#endif
