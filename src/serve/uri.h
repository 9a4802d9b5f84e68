/* The target of a request, "/v1/banks/a%20b?limit=5": path and query taken apart and decoded (RFC 3986, and "+" is a
 * space in queries as forms write it). */
#ifndef OKNG_SERVE_URI_H
#define OKNG_SERVE_URI_H

#include <stddef.h>

#include "base/error.h"

enum { OKNG_URI_MAX = 8192, OKNG_URI_SEGMENTS = 16, OKNG_URI_QUERIES = 32 };

typedef struct okng_uri {
    char *text; /* where the decoded texts lie */
    const char *segments[OKNG_URI_SEGMENTS];
    size_t segment_count; /* 0 of "/" */
    struct {
        const char *name, *value;
    } query[OKNG_URI_QUERIES];
    size_t query_count;
} okng_uri;

/* Takes a target apart. Refused: what does not begin with "/", bytes that are no UTF-8 once decoded, control
 * characters,
 * "%" without two hexadecimal digits, the segments "." and "..", a parameter given twice (all ARGUMENT); more than
 * OKNG_URI_MAX bytes, OKNG_URI_SEGMENTS or OKNG_URI_QUERIES (LIMIT); MEMORY. Release with okng_uri_clear, also after a
 * failure. */
okng_status okng_uri_parse(okng_uri *uri, const char *target, size_t size, okng_error *error);
void okng_uri_clear(okng_uri *uri);

#endif
