/* What is looked at before a request is let in: its headers, the host it was sent to, the page that sent it, who asks.
 */
#ifndef OKNG_SERVE_GUARD_H
#define OKNG_SERVE_GUARD_H

#include "serve/serve.h"

enum { OKNG_HEADERS_MAX = 100, OKNG_HEADER_BYTES = 16384 };

/* Each returns true where the request may go on; else `reply` says why not. The request has its method and connection.
 */

/* At most OKNG_HEADERS_MAX of them with OKNG_HEADER_BYTES together, none of those that count twice, no body with two
 * lengths. */
bool okng_guard_headers(const okng_request *request, okng_reply *reply);
/* The Host is an address, localhost, or one of the options' names: a page of somebody else's name that leads here by
 * DNS (rebinding) is refused with 421. */
bool okng_guard_host(const okng_serve *serve, const okng_request *request, okng_reply *reply);
/* What a page sends comes from one of this server: the Origin is that of Host, Sec-Fetch-Site is no other site (403).
 * Links elsewhere may lead here. */
bool okng_guard_origin(const okng_request *request, okng_reply *reply);
/* Sets the request's user and role; 401 without a token of anybody, 403 where the role is not enough. */
bool okng_guard_role(const okng_serve *serve, okng_request *request, okng_reply *reply);

/* "name", "name:8080", "1.2.3.4:80", "[::1]:80": the part before the port, into host; false where it is none. */
bool okng_host_name(const char *value, char host[256]);
/* Whether the value of Origin, "https://name:8443", is that of a page at the host of the value of Host. */
bool okng_origin_is_of(const char *origin, const char *host);

#endif
