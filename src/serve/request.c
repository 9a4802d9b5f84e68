#include "serve/request.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

const char *okng_request_capture(const okng_request *request, const char *name)
{
    for (size_t i = 0; i < request->capture_count; i++)
        if (strcmp(request->captures[i].name, name) == 0) return request->captures[i].value;
    return "";
}

const char *okng_request_query(const okng_request *request, const char *name)
{
    for (size_t i = 0; i < request->uri.query_count; i++)
        if (strcmp(request->uri.query[i].name, name) == 0) return request->uri.query[i].value;
    return NULL;
}

const char *okng_request_header(const okng_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

bool okng_request_query_integer(const okng_request *request, const char *name, int64_t low, int64_t high,
                                int64_t initial, int64_t *out, okng_reply *reply)
{
    const char *text = okng_request_query(request, name);
    *out = initial;
    if (!text) return true;
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    bool digits = *text >= '0' && *text <= '9';
    if (!digits && *text == '-') digits = text[1] >= '0' && text[1] <= '9';
    if (!digits || *end || errno || value < low || value > high) {
        okng_reply_problem(reply, 400, "wrong-parameter",
                           "parameter %s: found \"%s\", expected a whole number %" PRId64 "..%" PRId64, name, text, low,
                           high);
        return false;
    }
    *out = value;
    return true;
}

bool okng_request_query_number(const okng_request *request, const char *name, double low, double high, double initial,
                               double *out, okng_reply *reply)
{
    const char *text = okng_request_query(request, name);
    *out = initial;
    if (!text) return true;
    char *end;
    double value = strtod(text, &end);
    if (strspn(text, "0123456789+-.eE") != strlen(text) || end == text || *end || !(value >= low && value <= high)) {
        okng_reply_problem(reply, 400, "wrong-parameter", "parameter %s: found \"%s\", expected a number %g..%g", name,
                           text, low, high);
        return false;
    }
    *out = value;
    return true;
}

bool okng_request_json(const okng_request *request, json_t **out, okng_reply *reply)
{
    okng_error error;
    *out = NULL;
    if (okng_json_parse(out, request->body ? request->body : "", request->body_size, "the body", &okng_json_small,
                        &error) != OKNG_OK) {
        okng_reply_problem(reply, error.status == OKNG_ERROR_LIMIT ? 413 : 400, "wrong-body", "%s", error.message);
        return false;
    }
    if (json_is_object(*out)) return true;
    json_decref(*out);
    *out = NULL;
    okng_reply_problem(reply, 400, "wrong-body", "the body is JSON, but no object");
    return false;
}

/* The part "picture", or the only part that is a file; NULL where there is neither. */
static const okng_body_part *picture_part(const okng_request *request)
{
    const okng_body_part *file = NULL;
    size_t files = 0;
    for (size_t i = 0; i < request->part_count; i++) {
        if (strcmp(request->parts[i].name, "picture") == 0) return &request->parts[i];
        if (!*request->parts[i].filename) continue;
        file = &request->parts[i];
        files++;
    }
    return files == 1 ? file : NULL;
}

bool okng_request_picture(const okng_request *request, const void **data, size_t *size, const char **name,
                          okng_reply *reply)
{
    *data = request->body;
    *size = request->body_size;
    *name = "";
    if (strcmp(request->type, "multipart/form-data") == 0) {
        const okng_body_part *part = picture_part(request);
        if (!part) {
            okng_reply_problem(reply, 400, "no-picture", "the form has no part \"picture\" and not exactly one file");
            return false;
        }
        *data = part->data;
        *size = part->size;
        *name = part->filename;
    }
    if (*size > 0) return true;
    okng_reply_problem(reply, 400, "no-picture", "the picture is empty");
    return false;
}
