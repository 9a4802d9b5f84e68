#include "serve/route.h"

#include <stdio.h>
#include <string.h>

/* ---- finding ---------------------------------------------------------------------------------------------------- */

static bool capture(okng_request *request, const char *brace, size_t length, const char *value)
{
    if (request->capture_count == OKNG_CAPTURES || !*value) return false;
    okng_capture *to = &request->captures[request->capture_count++];
    (void)snprintf(to->name, sizeof to->name, "%.*s", (int)length, brace);
    to->value = value;
    return true;
}

/* Whether the pattern is that of the request's path; its captures are then in the request. */
static bool fits(const char *pattern, okng_request *request)
{
    const okng_uri *uri = &request->uri;
    size_t segment = 0;
    request->capture_count = 0;
    for (const char *at = pattern + 1; *at;) {
        size_t length = strcspn(at, "/");
        if (segment == uri->segment_count) return false;
        const char *value = uri->segments[segment++];
        if (*at == '{') {
            if (!capture(request, at + 1, length - 2, value)) return false;
        } else if (strlen(value) != length || memcmp(value, at, length) != 0) {
            return false;
        }
        at += length;
        if (*at == '/') at++;
    }
    return segment == uri->segment_count;
}

static void add_method(char allow[64], const char *method)
{
    size_t used = strlen(allow);
    if (strstr(allow, method)) return; /* of another row, or one that fits too */
    (void)snprintf(allow + used, 64 - used, "%s%s", used ? ", " : "", method);
    if (strcmp(method, "GET") == 0) add_method(allow, "HEAD");
}

void okng_route_find(okng_route_match *match, const okng_route_table *const *tables, const char *method,
                     okng_request *request)
{
    *match = (okng_route_match){0};
    for (size_t t = 0; tables[t]; t++)
        for (size_t r = 0; r < tables[t]->route_count; r++) {
            const okng_route *route = &tables[t]->routes[r];
            okng_request tried = {.uri = request->uri};
            if (!fits(route->path, &tried)) continue;
            add_method(match->allow, route->method);
            if (match->route || strcmp(route->method, method) != 0) continue;
            match->route = route;
            memcpy(request->captures, tried.captures, sizeof tried.captures);
            request->capture_count = tried.capture_count;
        }
}

/* ---- what a route takes ----------------------------------------------------------------------------------------- */

bool okng_route_takes(const okng_route *route, const char *type)
{
    for (const char *at = route->takes; at && *at; at += strspn(at, " ")) {
        size_t word = strcspn(at, " "), length = strcspn(at, ": ");
        if (at[length - 1] == '+' && strncmp(at, type, length - 1) == 0) return true;
        if (strlen(type) == length && strncmp(at, type, length) == 0) return true;
        at += word;
    }
    return false;
}

const okng_query *okng_route_query(const okng_route *route, const char *name)
{
    for (const okng_query *query = route->query; query && query->name; query++)
        if (strcmp(query->name, name) == 0) return query;
    return NULL;
}
