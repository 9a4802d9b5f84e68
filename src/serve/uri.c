#include "serve/uri.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Decodes text[0..size) in place and ends it; `plus`: "+" is a space. */
static okng_status decode(char *text, size_t size, bool plus, okng_error *error)
{
    size_t to = 0;
    for (size_t from = 0; from < size; from++) {
        char c = text[from];
        if (c == '%') {
            bool whole = from + 2 < size;
            int high = whole ? hex_digit(text[from + 1]) : -1, low = whole ? hex_digit(text[from + 2]) : -1;
            if (high < 0 || low < 0)
                return okng_fail(error, OKNG_ERROR_ARGUMENT,
                                 "the address has a %% that two hexadecimal digits do not follow");
            c = (char)(high * 16 + low);
            from += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        if ((unsigned char)c < 0x20 || c == 0x7f)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "the address has a control character (0x%02x)",
                             (unsigned)(unsigned char)c);
        text[to++] = c;
    }
    text[to] = '\0';
    if (!okng_utf8_valid(text, to, NULL))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the address is not UTF-8 once it is decoded");
    return OKNG_OK;
}

static okng_status add_segment(okng_uri *uri, char *text, size_t size, okng_error *error)
{
    if (uri->segment_count == OKNG_URI_SEGMENTS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "the address has more than %d parts between slashes",
                         OKNG_URI_SEGMENTS);
    OKNG_TRY(decode(text, size, false, error));
    if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the address has the part \"%s\"; write it out without", text);
    uri->segments[uri->segment_count++] = text;
    return OKNG_OK;
}

static okng_status add_query(okng_uri *uri, char *text, size_t size, okng_error *error)
{
    char *equals = memchr(text, '=', size);
    size_t length = equals ? (size_t)(equals - text) : size;
    char *value = text + length + 1, *end = text + size;
    if (uri->query_count == OKNG_URI_QUERIES)
        return okng_fail(error, OKNG_ERROR_LIMIT, "the address has more than %d parameters", OKNG_URI_QUERIES);
    if (equals) OKNG_TRY(decode(value, (size_t)(end - value), true, error));
    OKNG_TRY(decode(text, length, true, error));
    for (size_t i = 0; i < uri->query_count; i++)
        if (strcmp(uri->query[i].name, text) == 0)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "the address has the parameter \"%s\" twice", text);
    uri->query[uri->query_count].name = text;
    uri->query[uri->query_count++].value = equals ? value : end; /* the byte behind the last is its NUL */
    return OKNG_OK;
}

/* Calls `add` with each piece of text[0..size) between separators. */
static okng_status each_piece(okng_uri *uri, char *text, size_t size, char separator,
                              okng_status (*add)(okng_uri *, char *, size_t, okng_error *), okng_error *error)
{
    for (size_t begin = 0; begin <= size;) {
        char *found = memchr(text + begin, separator, size - begin);
        size_t length = found ? (size_t)(found - text) - begin : size - begin;
        text[begin + length] = '\0';
        OKNG_TRY(add(uri, text + begin, length, error));
        begin += length + 1;
    }
    return OKNG_OK;
}

okng_status okng_uri_parse(okng_uri *uri, const char *target, size_t size, okng_error *error)
{
    *uri = (okng_uri){0};
    if (size > OKNG_URI_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "the address has %zu bytes, more than %d", size, OKNG_URI_MAX);
    if (size == 0 || target[0] != '/')
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "the address does not begin with /");
    uri->text = malloc(size + 1);
    if (!uri->text) return okng_fail_memory(error, size + 1);
    memcpy(uri->text, target, size);
    uri->text[size] = '\0';
    char *question = memchr(uri->text, '?', size);
    size_t path = question ? (size_t)(question - uri->text) : size;
    if (path > 1) OKNG_TRY(each_piece(uri, uri->text + 1, path - 1, '/', add_segment, error));
    if (question && path + 1 < size) OKNG_TRY(each_piece(uri, question + 1, size - path - 1, '&', add_query, error));
    return OKNG_OK;
}

void okng_uri_clear(okng_uri *uri)
{
    free(uri->text);
    *uri = (okng_uri){0};
}
