#include "base/json_limits.h"

const okng_json_limits okng_json_small = {.bytes = 4 << 20, .items = 1 << 15, .text = 64 << 10, .depth = 16};

/* Bytes that jansson 2.14 and the C library take for each, all that belongs to it rounded up to what malloc gives; of
 * arrays and objects the growing table too. Of a text its bytes come on top; the name of a member takes no more. */
enum { WORD_COST = 48, TEXT_COST = 96, ARRAY_COST = 144, OBJECT_COST = 256 };

static bool begin_item(okng_json_counter *c, size_t cost)
{
    c->items++;
    c->memory += cost;
    return c->items <= c->limits->items && c->memory <= OKNG_JSON_MEMORY;
}

/* A byte of a text. */
static bool in_text(okng_json_counter *c, char byte)
{
    c->memory++;
    if (++c->text > c->limits->text || c->memory > OKNG_JSON_MEMORY) return false;
    if (c->escaped)
        c->escaped = false;
    else if (byte == '\\')
        c->escaped = true;
    else if (byte == '"')
        c->in_text = false;
    return true;
}

/* A byte of a number, or of true, false or null: of anything else that is not a mark or a space, too. */
static bool in_word(okng_json_counter *c)
{
    bool begins = !c->in_word;
    c->in_word = true;
    return !begins || begin_item(c, WORD_COST);
}

static bool at_mark(okng_json_counter *c, char byte)
{
    c->in_word = false;
    switch (byte) {
    case '"':
        c->in_text = true;
        c->text = 0;
        return begin_item(c, TEXT_COST);
    case '[':
    case '{':
        return ++c->depth <= c->limits->depth && begin_item(c, byte == '[' ? ARRAY_COST : OBJECT_COST);
    case ']':
    case '}':
        c->depth -= c->depth > 0;
        return true;
    default:
        return true;
    }
}

static bool is_mark(char byte)
{
    switch (byte) {
    case '"':
    case ':':
    case ',':
    case '[':
    case ']':
    case '{':
    case '}':
    case ' ':
    case '\t':
    case '\n':
    case '\r':
        return true;
    default:
        return false;
    }
}

bool okng_json_count(okng_json_counter *counter, const char *bytes, size_t size)
{
    okng_json_counter c = *counter; /* in registers */
    bool within = true;
    for (size_t i = 0; i < size && within; i++) {
        const char byte = bytes[i];
        within = ++c.bytes <= c.limits->bytes;
        c.lines += byte == '\n';
        if (!within) break;
        within = c.in_text ? in_text(&c, byte) : is_mark(byte) ? at_mark(&c, byte) : in_word(&c);
    }
    *counter = c;
    return within;
}

okng_status okng_json_too_much(const okng_json_counter *c, const char *path, okng_error *error)
{
    const okng_json_limits *most = c->limits;
    const unsigned long line = c->lines + 1;
    if (c->bytes > most->bytes)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "%s: more than %zu bytes of JSON, which no document of its kind needs", path, most->bytes);
    if (c->depth > most->depth)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "%s: line %lu: nested deeper than %zu, which no document of its kind is", path, line,
                         most->depth);
    if (c->in_text && c->text > most->text)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "%s: line %lu: a text of more than %zu bytes, which no document of its kind holds", path, line,
                         most->text);
    if (c->items > most->items)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "%s: line %lu: more than %zu numbers, texts and lists, which no document of its kind holds",
                         path, line, most->items);
    return okng_fail(error, OKNG_ERROR_LIMIT, "%s: line %lu: what it holds would take more than %d MiB of memory", path,
                     line, OKNG_JSON_MEMORY >> 20);
}
