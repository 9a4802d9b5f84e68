/* From text to jansson's values. Not by jansson's own reader: where that cannot grow the place of a token it goes on
 * without the characters that did not fit, or aborts (version 2.14, findings/jansson-short-of-memory.sh), and what else
 * fails for want of memory it calls a fault of the text. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/json.h"
#include "base/locale.h"
#include "base/memory.h"
#include "base/utf8.h"

enum { MAX_DEPTH = 256 };

typedef struct parser {
    const char *name; /* of the text, for errors */
    const char *begin, *at, *end;
    int depth;
    char *token; /* of the string or number that was taken last, with a NUL at its end */
    size_t room;
    okng_error *error;
    okng_status status;
} parser;

/* ---- errors ---- */

static size_t line_of(const parser *p)
{
    size_t line = 1;
    for (const char *c = p->begin; c < p->at; c++) line += *c == '\n';
    return line;
}

/* What stands where something else should: a few characters, up to the end of the line. */
static void describe(const parser *p, char *found, size_t size)
{
    enum { SHOWN = 16 };
    char text[SHOWN + 2] = "";
    size_t length = 0;
    while (length <= SHOWN && p->at + length < p->end && (unsigned char)p->at[length] >= 0x20) length++;
    memcpy(text, p->at, length);
    text[okng_utf8_cut(text, SHOWN)] = '\0';
    if (p->at == p->end)
        (void)snprintf(found, size, "%s", okng_translate(N_("the end of the text")));
    else if (length == 0 || !okng_utf8_valid(text, strlen(text), NULL))
        (void)snprintf(found, size, okng_translate_format(N_("the character 0x%02x")), (unsigned char)*p->at);
    else
        (void)snprintf(found, size, "'%s'", text);
}

static bool refuse(parser *p, const char *expected)
{
    char found[64];
    describe(p, found, sizeof found);
    p->status = okng_fail(p->error, OKNG_ERROR_FORMAT, "%s: line %zu: found %s, expected %s", p->name, line_of(p),
                          found, okng_translate(expected));
    return false;
}

static bool lack_memory(parser *p, size_t bytes)
{
    p->status = okng_fail(p->error, OKNG_ERROR_MEMORY, "%s: out of memory: %zu bytes could not be had", p->name, bytes);
    return false;
}

static json_t *need_memory(parser *p, json_t *value)
{
    if (!value) (void)lack_memory(p, sizeof(json_t));
    return value;
}

/* ---- characters ---- */

static bool is_there(const parser *p, char wanted)
{
    return p->at < p->end && *p->at == wanted;
}

static void skip_blanks(parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')) p->at++;
}

static bool take(parser *p, char wanted)
{
    skip_blanks(p);
    if (!is_there(p, wanted)) return false;
    p->at++;
    return true;
}

static bool reserve(parser *p, size_t size)
{
    void *token = p->token;
    if (!okng_grow(&token, &p->room, size, 1)) return lack_memory(p, size);
    p->token = token;
    return true;
}

/* ---- strings ---- */

/* The four digits behind \u; -1 where they are not. */
static int32_t hex_unit(const parser *p)
{
    int32_t unit = 0;
    if (p->end - p->at < 4) return -1;
    for (int i = 0; i < 4; i++) {
        const char c = p->at[i], small = (char)(c | 32);
        int digit = c >= '0' && c <= '9' ? c - '0' : small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
        if (digit < 0) return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static char *put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    *out++ = (char)(lead[more] | code >> 6 * more);
    while (more-- > 0) *out++ = (char)(0x80 | (code >> 6 * more & 0x3f));
    return out;
}

/* Behind the backslash and the u. Two halves of a pair make one character; a NUL cannot be kept. */
static bool take_unicode(parser *p, char **out)
{
    int32_t first = hex_unit(p), second = -1;
    if (first <= 0 || (first >= 0xdc00 && first <= 0xdfff)) return refuse(p, N_("the digits of a character"));
    p->at += 4;
    if (first < 0xd800 || first > 0xdbff) {
        *out = put_utf8(*out, (uint32_t)first);
        return true;
    }
    if (p->end - p->at >= 2 && p->at[0] == '\\' && p->at[1] == 'u') {
        p->at += 2;
        second = hex_unit(p);
    }
    if (second < 0xdc00 || second > 0xdfff) return refuse(p, N_("the second half of a character"));
    p->at += 4;
    *out = put_utf8(*out, 0x10000 + (((uint32_t)first - 0xd800) << 10 | ((uint32_t)second - 0xdc00)));
    return true;
}

static bool take_escape(parser *p, char **out)
{
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *known = p->at < p->end && *p->at ? strchr(names, *p->at) : NULL;
    if (is_there(p, 'u')) {
        p->at++;
        return take_unicode(p, out);
    }
    if (!known) return refuse(p, N_("one of the characters that may follow a backslash"));
    p->at++;
    *(*out)++ = meant[known - names];
    return true;
}

/* Bytes up to the closing quote; what is decoded has no more. */
static size_t raw_length(const parser *p)
{
    const char *c = p->at;
    for (; c < p->end && *c != '"'; c++)
        if (*c == '\\' && c + 1 < p->end) c++;
    return (size_t)(c - p->at);
}

/* Takes a string into the token. */
static bool take_string(parser *p, const char *expected, size_t *length)
{
    if (!take(p, '"')) return refuse(p, expected);
    const char *inner = p->at;
    if (!reserve(p, raw_length(p) + 1)) return false;
    char *out = p->token;
    while (!is_there(p, '"')) {
        if (p->at == p->end || (unsigned char)*p->at < 0x20) return refuse(p, N_("the closing quote of a string"));
        if (*p->at != '\\') {
            *out++ = *p->at++;
            continue;
        }
        p->at++;
        if (!take_escape(p, &out)) return false;
    }
    *out = '\0';
    *length = (size_t)(out - p->token);
    if (!okng_utf8_valid(p->token, *length, NULL)) {
        p->at = inner;
        return refuse(p, N_("text in UTF-8"));
    }
    p->at++;
    return true;
}

static json_t *parse_string(parser *p)
{
    size_t length;
    return take_string(p, "", &length) ? need_memory(p, json_stringn_nocheck(p->token, length)) : NULL;
}

/* ---- numbers and words ---- */

static bool skip_digits(parser *p)
{
    const char *begin = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9') p->at++;
    return p->at > begin;
}

/* Goes over a number as JSON writes it; *real: it has a fraction or an exponent. */
static bool skip_number(parser *p, bool *real)
{
    *real = false;
    if (is_there(p, '-')) p->at++;
    if (is_there(p, '0'))
        p->at++;
    else if (!skip_digits(p))
        return false;
    if (is_there(p, '.')) {
        *real = true;
        p->at++;
        if (!skip_digits(p)) return false;
    }
    if (is_there(p, 'e') || is_there(p, 'E')) {
        *real = true;
        p->at++;
        if (is_there(p, '+') || is_there(p, '-')) p->at++;
        return skip_digits(p);
    }
    return true;
}

static json_t *parse_number(parser *p)
{
    const char *begin = p->at;
    bool real;
    if (!skip_number(p, &real)) {
        (void)refuse(p, N_("a digit"));
        return NULL;
    }
    size_t length = (size_t)(p->at - begin);
    if (!reserve(p, length + 1)) return NULL;
    memcpy(p->token, begin, length);
    p->token[length] = '\0';
    errno = 0;
    double value = real ? strtod(p->token, NULL) : 0;
    long long whole = real ? 0 : strtoll(p->token, NULL, 10);
    if (errno == ERANGE && (!real || isinf(value))) {
        p->at = begin;
        (void)refuse(p, real ? N_("a number that a double holds") : N_("a number that 64 bits hold"));
        return NULL;
    }
    return need_memory(p, real ? json_real(value) : json_integer(whole));
}

static json_t *parse_word(parser *p)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t length = strlen(words[i]);
        if ((size_t)(p->end - p->at) < length || memcmp(p->at, words[i], length) != 0) continue;
        p->at += length;
        return i == 0 ? json_true() : i == 1 ? json_false() : json_null(); /* of jansson's own, which always are */
    }
    (void)refuse(p, N_("a value"));
    return NULL;
}

/* ---- objects and lists ---- */

static json_t *parse_value(parser *p);

/* "name": value */
static bool parse_member(parser *p, json_t *object)
{
    size_t length;
    if (!take_string(p, N_("a name in quotes or '}'"), &length)) return false;
    if (json_object_get(object, p->token)) {
        p->status = okng_fail(p->error, OKNG_ERROR_FORMAT, "%s: line %zu: a second member \"%.80s\" of one object",
                              p->name, line_of(p), p->token);
        return false;
    }
    char *key = strdup(p->token); /* the value's own go into the token */
    if (!key) return lack_memory(p, length + 1);
    json_t *value = take(p, ':') ? parse_value(p) : NULL;
    if (!value && p->status == OKNG_OK) (void)refuse(p, "':'");
    bool done = value && json_object_set_new_nocheck(object, key, value) == 0;
    if (value && !done) (void)lack_memory(p, length + 1);
    free(key);
    return done;
}

static bool parse_element(parser *p, json_t *list)
{
    json_t *value = parse_value(p);
    return value && (json_array_append_new(list, value) == 0 || lack_memory(p, json_array_size(list) * sizeof value));
}

/* Behind the bracket that opens it. */
static json_t *parse_holder(parser *p, bool object)
{
    const char close = object ? '}' : ']';
    json_t *holder = need_memory(p, object ? json_object() : json_array());
    bool done = holder && take(p, close);
    while (holder && !done) {
        if (!(object ? parse_member(p, holder) : parse_element(p, holder))) break;
        done = take(p, close);
        if (done || take(p, ',')) continue;
        (void)refuse(p, object ? N_("',' or '}'") : N_("',' or ']'"));
        break;
    }
    if (done) return holder;
    json_decref(holder);
    return NULL;
}

static json_t *parse_nested(parser *p)
{
    if (p->depth == MAX_DEPTH) {
        p->status =
            okng_fail(p->error, OKNG_ERROR_LIMIT, "%s: line %zu: objects or lists within each other, more than %d",
                      p->name, line_of(p), MAX_DEPTH);
        return NULL;
    }
    p->depth++;
    json_t *value = parse_holder(p, *p->at++ == '{');
    p->depth--;
    return value;
}

static json_t *parse_value(parser *p)
{
    skip_blanks(p);
    const char first = p->at < p->end ? *p->at : '\0';
    if (first == '{' || first == '[') return parse_nested(p);
    if (first == '"') return parse_string(p);
    if (first == '-' || (first >= '0' && first <= '9')) return parse_number(p);
    return parse_word(p);
}

static json_t *parse_all(parser *p)
{
    json_t *value = parse_value(p);
    skip_blanks(p);
    if (!value || p->at == p->end) return value;
    (void)refuse(p, N_("the end of the text"));
    json_decref(value);
    return NULL;
}

okng_status okng_json_parse(json_t **out, const char *text, size_t size, const char *name,
                            const okng_json_limits *limits, okng_error *error)
{
    okng_json_counter counter = {.limits = limits};
    *out = NULL;
    if (size == 0) text = "";
    if (limits && !okng_json_count(&counter, text, size)) return okng_json_too_much(&counter, name, error);
    parser p = {.name = name, .begin = text, .at = text, .end = text + size, .error = error, .status = OKNG_OK};
    locale_t before = okng_locale_enter();
    *out = parse_all(&p);
    okng_locale_leave(before);
    free(p.token);
    return p.status;
}
