#include "serve/guard.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <string.h>
#include <strings.h>

#include "serve/route.h"

/* ---- headers ---------------------------------------------------------------------------------------------------- */

/* Headers that mean something else when they come twice. */
static const char *const once[] = {"Host",          "Content-Length", "Transfer-Encoding", "Content-Type", "Origin",
                                   "Authorization", "Expect"};
enum { ONCE = sizeof once / sizeof once[0] };

typedef struct headers {
    size_t count, bytes;
    size_t times[ONCE];
} headers;

static enum MHD_Result count_header(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
    headers *seen = user;
    (void)kind;
    seen->count++;
    seen->bytes += strlen(name) + (value ? strlen(value) : 0);
    for (size_t i = 0; i < ONCE; i++) seen->times[i] += strcasecmp(name, once[i]) == 0;
    return MHD_YES;
}

bool okng_guard_headers(const okng_request *request, okng_reply *reply)
{
    headers seen = {0};
    (void)MHD_get_connection_values(request->connection, MHD_HEADER_KIND, count_header, &seen);
    if (seen.count > OKNG_HEADERS_MAX || seen.bytes > OKNG_HEADER_BYTES) {
        okng_reply_problem(reply, 431, "too-many-headers",
                           "the request has %zu headers of %zu bytes, more than %d of %d", seen.count, seen.bytes,
                           OKNG_HEADERS_MAX, OKNG_HEADER_BYTES);
        return false;
    }
    for (size_t i = 0; i < ONCE; i++)
        if (seen.times[i] > 1) {
            okng_reply_problem(reply, 400, "wrong-header", "the request has the header %s %zu times", once[i],
                               seen.times[i]);
            return false;
        }
    const char *coding = okng_request_header(request, "Transfer-Encoding");
    if (coding && okng_request_header(request, "Content-Length")) {
        okng_reply_problem(reply, 400, "wrong-header", "the request has both Transfer-Encoding and Content-Length");
        return false;
    }
    if (coding && strcasecmp(coding, "chunked") != 0) {
        okng_reply_problem(reply, 501, "wrong-header", "Transfer-Encoding: found \"%s\", expected chunked", coding);
        return false;
    }
    return true;
}

/* ---- host and origin -------------------------------------------------------------------------------------------- */

bool okng_host_name(const char *value, char host[256])
{
    const char *begin = value, *end;
    if (*value == '[') {
        begin++;
        end = strchr(begin, ']');
        if (!end) return false;
    } else {
        end = value + strcspn(value, ":");
    }
    const char *rest = *end == ']' ? end + 1 : end;
    if (*rest == ':') rest += 1 + strspn(rest + 1, "0123456789");
    size_t length = (size_t)(end - begin);
    if (*rest || length == 0 || length > 255) return false;
    memcpy(host, begin, length);
    host[length] = '\0';
    return true;
}

static bool is_address(const char *host)
{
    struct in6_addr any;
    return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
}

bool okng_guard_host(const okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    const char *value = okng_request_header(request, "Host");
    char host[256];
    if (!value) {
        okng_reply_problem(reply, 400, "wrong-host", "the header Host is missing");
        return false;
    }
    if (!okng_host_name(value, host)) {
        okng_reply_problem(reply, 400, "wrong-host", "the header Host is \"%s\", which is no name", value);
        return false;
    }
    if (is_address(host) || strcasecmp(host, "localhost") == 0) return true;
    for (size_t i = 0; i < serve->options->host_count; i++)
        if (strcasecmp(host, serve->options->hosts[i]) == 0) return true;
    okng_reply_problem(reply, 421, "wrong-host",
                       "this server is not called \"%s\"; start it with --host %s if it shall be", host, host);
    return false;
}

bool okng_origin_is_of(const char *origin, const char *host)
{
    const char *at = strncmp(origin, "http://", 7) == 0    ? origin + 7
                     : strncmp(origin, "https://", 8) == 0 ? origin + 8
                                                           : NULL;
    return at && strcasecmp(at, host) == 0;
}

/* A link that leads here from elsewhere. */
static bool is_navigation(const okng_request *request)
{
    const char *mode = okng_request_header(request, "Sec-Fetch-Mode");
    return strcmp(request->method, "GET") == 0 && mode && strcmp(mode, "navigate") == 0;
}

bool okng_guard_origin(const okng_request *request, okng_reply *reply)
{
    const char *origin = okng_request_header(request, "Origin"), *host = okng_request_header(request, "Host");
    const char *site = okng_request_header(request, "Sec-Fetch-Site");
    bool foreign = site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
    if (origin && !(host && okng_origin_is_of(origin, host))) {
        okng_reply_problem(reply, 403, "foreign-page", "a page of \"%s\" may not ask this server", origin);
        return false;
    }
    if (!foreign || is_navigation(request)) return true;
    okng_reply_problem(reply, 403, "foreign-page", "a page of another site may not ask this server");
    return false;
}

/* ---- who ----------------------------------------------------------------------------------------------------------
 */

bool okng_guard_role(const okng_serve *serve, okng_request *request, okng_reply *reply)
{
    const okng_route *route = request->route;
    bool known =
        okng_users_find(serve->users, okng_request_header(request, "Authorization"), request->user, &request->role);
    if (route->role == OKNG_ROLE_NONE) return true;
    if ((route->flags & OKNG_ROUTE_LOCAL_FREE) && okng_serve_is_local(serve->options)) return true;
    if (!known) {
        okng_reply_header(reply, "WWW-Authenticate", "Bearer realm=\"okng\"");
        okng_reply_problem(reply, 401, "no-token", "this needs a token: Authorization: Bearer TOKEN");
        return false;
    }
    if (request->role >= route->role) return true;
    okng_reply_problem(reply, 403, "role-not-enough", "this needs the role %s, and \"%s\" is %s",
                       okng_role_name(route->role), request->user, okng_role_name(request->role));
    return false;
}
