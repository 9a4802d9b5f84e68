#include "export/xml.h"

#include <string.h>

void okng_xml_begin(okng_xml *xml, const char *path, char *text, size_t size)
{
    *xml = (okng_xml){.path = path, .begin = text, .at = text, .end = text + size};
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) xml->at += 3; /* which marks UTF-8 */
}

const char *okng_xml_get(const okng_xml *xml, const char *name)
{
    for (int i = 0; i < xml->attribute_count; i++)
        if (strcmp(xml->attributes[i].name, name) == 0) return xml->attributes[i].value;
    return NULL;
}

/* Names and values before `at` end in NULs by now, so lines are counted by what is left of them. */
static okng_status bad(const okng_xml *xml, okng_status status, const char *what, okng_error *error)
{
    size_t line = 1;
    for (const char *c = xml->begin; c < xml->at && c < xml->end; c++) line += *c == '\n';
    return okng_fail(error, status, "%s: line %zu: %s", xml->path, line, what);
}

static okng_status damaged(const okng_xml *xml, const char *what, okng_error *error)
{
    return bad(xml, OKNG_ERROR_FORMAT, what, error);
}

/* ---- characters -------------------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(okng_xml *xml)
{
    while (xml->at < xml->end && is_blank(*xml->at)) xml->at++;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == ':' || (unsigned char)c >= 0x80;
}

static bool begins(const okng_xml *xml, const char *text)
{
    const size_t size = strlen(text);
    return (size_t)(xml->end - xml->at) >= size && memcmp(xml->at, text, size) == 0;
}

/* Past the next `text`; false where there is none. */
static bool pass(okng_xml *xml, const char *text)
{
    char *found = memmem(xml->at, (size_t)(xml->end - xml->at), text, strlen(text));
    if (!found) return false;
    xml->at = found + strlen(text);
    return true;
}

/* UTF-8 of a character by its number; the bytes, 0 for what is no character. */
static size_t put_character(unsigned long number, char *to)
{
    if (number == 0 || number > 0x10ffff || (number >= 0xd800 && number < 0xe000)) return 0;
    if (number < 0x80) {
        to[0] = (char)number;
        return 1;
    }
    const size_t size = number < 0x800 ? 2 : number < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, number >>= 6) to[i] = (char)(0x80 | (number & 0x3f));
    to[0] = (char)(number | (size == 2 ? 0xc0u : size == 3 ? 0xe0u : 0xf0u));
    return size;
}

/* "#10" or "#x0a". */
static bool number_of(const char *text, size_t size, unsigned long *number)
{
    const bool hex = size > 2 && text[1] == 'x';
    *number = 0;
    for (size_t i = hex ? 2 : 1; i < size; i++) {
        const char c = text[i];
        const int digit = c >= '0' && c <= '9'          ? c - '0'
                          : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : hex && c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                        : -1;
        if (digit < 0 || *number > 0x10ffff) return false;
        *number = *number * (hex ? 16 : 10) + (unsigned long)digit;
    }
    return size > 1;
}

/* What stands for a character from `text` (behind its "&") to before its ";": the bytes it becomes, 0 for none. */
static size_t unfold(const char *text, size_t size, char *to)
{
    static const struct {
        const char *name;
        char c;
    } named[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    unsigned long number;
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strlen(named[i].name) == size && memcmp(named[i].name, text, size) == 0) {
            *to = named[i].c;
            return 1;
        }
    return size > 0 && text[0] == '#' && number_of(text, size, &number) ? put_character(number, to) : 0;
}

/* Ends the text [from, to) with a NUL, what stands for characters replaced; it never becomes longer. */
static okng_status finish_text(okng_xml *xml, char *from, char *to, okng_error *error)
{
    char *put = from;
    if (memchr(from, '\0', (size_t)(to - from))) return damaged(xml, "a NUL in the text", error);
    for (char *c = from; c < to; c++) {
        if (*c != '&') {
            *put++ = *c;
            continue;
        }
        char *semicolon = memchr(c, ';', (size_t)(to - c)), made[4];
        const size_t size = semicolon ? unfold(c + 1, (size_t)(semicolon - c - 1), made) : 0;
        if (size == 0) return damaged(xml, "\"&\" without one of the five names or a number of a character", error);
        memcpy(put, made, size);
        put += size;
        c = semicolon;
    }
    *put = '\0';
    return OKNG_OK;
}

/* ---- tags -------------------------------------------------------------------------------------------------------- */

/* A name; what stands behind it is given back, as its NUL takes the place. */
static okng_status take_name(okng_xml *xml, const char **name, char *behind, okng_error *error)
{
    char *from = xml->at;
    while (xml->at < xml->end && is_name(*xml->at)) xml->at++;
    if (xml->at == from || xml->at == xml->end) return damaged(xml, "expected a name", error);
    *behind = *xml->at;
    *xml->at++ = '\0';
    *name = from;
    return OKNG_OK;
}

static okng_status take_attribute(okng_xml *xml, okng_error *error)
{
    okng_xml_attribute *a = &xml->attributes[xml->attribute_count];
    char behind;
    if (xml->attribute_count == OKNG_XML_ATTRIBUTES)
        return bad(xml, OKNG_ERROR_LIMIT, "an element of more than 32 attributes", error);
    OKNG_TRY(take_name(xml, &a->name, &behind, error));
    if (okng_xml_get(xml, a->name)) return damaged(xml, "an attribute is given twice", error);
    if (is_blank(behind)) {
        skip_blanks(xml);
        behind = xml->at < xml->end ? *xml->at++ : '\0';
    }
    if (behind != '=') return damaged(xml, "an attribute without a value", error);
    skip_blanks(xml);
    const char quote = xml->at < xml->end ? *xml->at : '\0';
    if (quote != '"' && quote != '\'') return damaged(xml, "a value without quotes", error);
    char *from = ++xml->at, *to = memchr(from, quote, (size_t)(xml->end - from));
    if (!to) return damaged(xml, "a value without its end", error);
    xml->at = to + 1;
    a->value = from;
    if (memchr(from, '<', (size_t)(to - from))) return damaged(xml, "\"<\" in a value", error);
    OKNG_TRY(finish_text(xml, from, to, error));
    xml->attribute_count++;
    return OKNG_OK;
}

/* What follows attributes: ">" or "/>", of which the first character may have been taken for the end of a name. */
static okng_status take_end(okng_xml *xml, char first, okng_error *error)
{
    if (first == '/') {
        if (xml->at == xml->end || *xml->at++ != '>') return damaged(xml, "\"/\" in an element", error);
        xml->to_close = true;
    } else if (first != '>')
        return damaged(xml, "an element without its end", error);
    return OKNG_OK;
}

static okng_status take_open(okng_xml *xml, okng_error *error)
{
    char behind;
    xml->kind = OKNG_XML_OPEN;
    xml->attribute_count = 0;
    if (xml->depth == 0 && xml->had_root) return damaged(xml, "a second element behind the first", error);
    if (xml->depth == OKNG_XML_DEPTH)
        return bad(xml, OKNG_ERROR_LIMIT, "elements within elements, over 32 deep", error);
    OKNG_TRY(take_name(xml, &xml->name, &behind, error));
    xml->open[xml->depth++] = xml->name;
    xml->had_root = true;
    while (is_blank(behind)) {
        skip_blanks(xml);
        behind = xml->at < xml->end ? *xml->at : '\0';
        if (!is_name(behind)) {
            xml->at += xml->at < xml->end;
            break;
        }
        OKNG_TRY(take_attribute(xml, error));
        behind = xml->at < xml->end ? *xml->at : '\0';
        if (!is_blank(behind)) xml->at += xml->at < xml->end;
    }
    return take_end(xml, behind, error);
}

static okng_status take_close(okng_xml *xml, okng_error *error)
{
    char behind;
    xml->kind = OKNG_XML_CLOSE;
    OKNG_TRY(take_name(xml, &xml->name, &behind, error));
    if (is_blank(behind)) {
        skip_blanks(xml);
        behind = xml->at < xml->end ? *xml->at++ : '\0';
    }
    if (behind != '>') return damaged(xml, "an element without its end", error);
    if (xml->depth == 0 || strcmp(xml->open[xml->depth - 1], xml->name) != 0)
        return damaged(xml, "the end of an element that is not open", error);
    xml->depth--;
    return OKNG_OK;
}

/* ---- events ------------------------------------------------------------------------------------------------------ */

/* Text up to the next tag; *any: there is some besides blanks. */
static okng_status take_text(okng_xml *xml, bool *any, okng_error *error)
{
    skip_blanks(xml);
    char *from = xml->at, *to = memchr(from, '<', (size_t)(xml->end - from));
    *any = false;
    xml->at = to ? to + 1 : xml->end;
    xml->in_tag = to != NULL;
    if (!to) to = xml->end;
    if (to == from) return OKNG_OK;
    if (xml->depth == 0) return damaged(xml, "text outside of the elements", error);
    while (is_blank(to[-1])) to--;
    OKNG_TRY(finish_text(xml, from, to, error));
    xml->kind = OKNG_XML_TEXT;
    xml->text = from;
    *any = true;
    return OKNG_OK;
}

/* Past a comment or a processing instruction, from behind its "<"; *passed: it was one. */
static okng_status pass_over(okng_xml *xml, bool *passed, okng_error *error)
{
    *passed = true;
    if (begins(xml, "!--")) {
        xml->at += 3;
        return pass(xml, "-->") ? OKNG_OK : damaged(xml, "a comment without its end", error);
    }
    if (begins(xml, "?")) return pass(xml, "?>") ? OKNG_OK : damaged(xml, "\"<?\" without its end", error);
    if (begins(xml, "!"))
        return bad(xml, OKNG_ERROR_UNSUPPORTED, "\"<!\" begins a DTD or CDATA, expected neither", error);
    *passed = false;
    return OKNG_OK;
}

static okng_status take_tag(okng_xml *xml, okng_error *error)
{
    xml->in_tag = false;
    if (!begins(xml, "/")) return take_open(xml, error);
    xml->at++;
    return take_close(xml, error);
}

okng_status okng_xml_next(okng_xml *xml, okng_error *error)
{
    if (xml->to_close) {
        xml->to_close = false;
        xml->kind = OKNG_XML_CLOSE;
        xml->name = xml->open[--xml->depth];
        return OKNG_OK;
    }
    for (;;) {
        bool done = false;
        if (!xml->in_tag) OKNG_TRY(take_text(xml, &done, error));
        if (done) return OKNG_OK;
        if (!xml->in_tag) break; /* all is read */
        OKNG_TRY(pass_over(xml, &done, error));
        if (!done) return take_tag(xml, error);
        xml->in_tag = false;
    }
    if (xml->depth > 0 || !xml->had_root) return damaged(xml, "the file ends before its elements do", error);
    xml->kind = OKNG_XML_END;
    return OKNG_OK;
}
