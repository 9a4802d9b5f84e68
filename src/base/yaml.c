#include "base/yaml.h"

#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/memory.h"
#include "base/memory_room.h"
#include "base/utf8.h"

enum { MAX_ENTRIES = 4096, MAX_DEPTH = 16, MAX_PATH = 256, MAX_VALUE = 8192 };

/* ---- entries -------------------------------------------------------------------------------- */

void okng_yaml_free(okng_yaml *yaml)
{
    for (size_t i = 0; i < yaml->count; i++) {
        free(yaml->entries[i].path);
        free(yaml->entries[i].value);
    }
    free(yaml->entries);
    *yaml = (okng_yaml){0};
}

const okng_yaml_entry *okng_yaml_find(const okng_yaml *yaml, const char *path)
{
    for (size_t i = 0; i < yaml->count; i++)
        if (strcmp(yaml->entries[i].path, path) == 0) return &yaml->entries[i];
    return NULL;
}

okng_status okng_yaml_add(okng_yaml *yaml, const char *path, const char *value, bool null, okng_error *error)
{
    if (yaml->count == MAX_ENTRIES)
        return okng_fail(error, OKNG_ERROR_LIMIT, "more than %d keys; nothing that okng reads needs so many",
                         MAX_ENTRIES);
    void *entries = yaml->entries;
    if (!okng_grow(&entries, &yaml->capacity, yaml->count + 1, sizeof *yaml->entries))
        return okng_fail_memory(error, (yaml->count + 1) * sizeof *yaml->entries);
    yaml->entries = entries;
    okng_yaml_entry entry = {.path = strdup(path), .value = strdup(value), .null = null};
    if (!entry.path || !entry.value) {
        free(entry.path);
        free(entry.value);
        return okng_fail_memory(error, strlen(path) + strlen(value));
    }
    yaml->entries[yaml->count++] = entry;
    return OKNG_OK;
}

/* ---- events --------------------------------------------------------------------------------- */

typedef struct reader {
    okng_yaml *out;
    char path[MAX_PATH];
    size_t lengths[MAX_DEPTH + 1]; /* of the path of each open mapping */
    int depth;                     /* of open mappings */
    bool want_key, in_list, seen;
    bool ended; /* the parser said so itself */
    int key_line;
    char value[MAX_VALUE]; /* of the list that is open */
    size_t items;
} reader;

static okng_status add(reader *r, const char *value, bool section, bool null, okng_error *error)
{
    if (okng_yaml_find(r->out, r->path))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s is here a second time; keep one of them", r->path);
    OKNG_TRY(okng_yaml_add(r->out, r->path, value, null, error));
    okng_yaml_entry *entry = &r->out->entries[r->out->count - 1];
    entry->line = r->key_line;
    entry->section = section;
    return OKNG_OK;
}

/* The value of the key is read: the path is again that of the mapping around it. */
static void end_value(reader *r)
{
    r->path[r->lengths[r->depth]] = '\0';
    r->want_key = true;
}

/* Text of a scalar, which holds no NUL. */
static okng_status scalar_text(struct fy_token *token, char *text, size_t size, okng_error *error)
{
    size_t length = 0;
    const char *found = token ? fy_token_get_text(token, &length) : "";
    if (!found) return okng_fail_memory(error, size);
    if (length >= size) return okng_fail(error, OKNG_ERROR_LIMIT, "a value of %zu bytes is too long", length);
    if (memchr(found, '\0', length)) return okng_fail(error, OKNG_ERROR_FORMAT, "a value holds a byte 0");
    memcpy(text, found, length);
    text[length] = '\0';
    return OKNG_OK;
}

static okng_status take_key(reader *r, const char *text, int line, okng_error *error)
{
    size_t length = r->lengths[r->depth], room = sizeof r->path - length;
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    if (!*text || text[strspn(text, allowed)])
        return okng_fail(error, OKNG_ERROR_FORMAT, "found the key \"%.80s\", expected letters, digits, _ and -", text);
    if (strlen(text) + 2 > room) return okng_fail(error, OKNG_ERROR_LIMIT, "the key %.80s is too long", text);
    (void)snprintf(r->path + length, room, "%s%s", length > 0 ? "." : "", text);
    r->key_line = line;
    r->want_key = false;
    return OKNG_OK;
}

static okng_status take_item(reader *r, const char *text, okng_error *error)
{
    size_t used = strlen(r->value);
    const char separator = r->out->separator;
    if (strchr(text, separator))
        return okng_fail(
            error, OKNG_ERROR_FORMAT,
            separator == ',' ? N_("\"%.80s\" in a list has a comma") : N_("\"%.80s\" in a list has a line end"), text);
    if (used + strlen(text) + 2 > sizeof r->value) return okng_fail(error, OKNG_ERROR_LIMIT, "the list is too long");
    (void)snprintf(r->value + used, sizeof r->value - used, "%.*s%s", r->items++ > 0 ? 1 : 0, &separator, text);
    return OKNG_OK;
}

static bool is_null(struct fy_token *token, const char *text)
{
    if (token && fy_token_scalar_style(token) != FYSS_PLAIN) return false;
    return !*text || strcmp(text, "~") == 0 || strcasecmp(text, "null") == 0;
}

static okng_status take_scalar(reader *r, struct fy_token *token, int line, okng_error *error)
{
    char text[MAX_VALUE];
    OKNG_TRY(scalar_text(token, text, sizeof text, error));
    bool null = is_null(token, text);
    if (r->depth == 0 && !null)
        return okng_fail(error, OKNG_ERROR_FORMAT, "found \"%.80s\", expected sections of keys", text);
    if (r->depth == 0) return OKNG_OK; /* an empty document */
    if (r->in_list) return take_item(r, text, error);
    if (r->want_key) return take_key(r, text, line, error);
    OKNG_TRY(add(r, null ? "" : text, false, null, error));
    end_value(r);
    return OKNG_OK;
}

static okng_status begin_mapping(reader *r, okng_error *error)
{
    if (r->in_list) return okng_fail(error, OKNG_ERROR_FORMAT, "a section in a list; expected words");
    if (r->depth > 0 && r->want_key) return okng_fail(error, OKNG_ERROR_FORMAT, "a section as a key; expected a word");
    if (r->depth == MAX_DEPTH) return okng_fail(error, OKNG_ERROR_LIMIT, "more than %d levels of sections", MAX_DEPTH);
    if (r->depth > 0) OKNG_TRY(add(r, "", true, false, error));
    r->lengths[++r->depth] = strlen(r->path);
    r->want_key = true;
    return OKNG_OK;
}

static okng_status begin_list(reader *r, okng_error *error)
{
    if (r->in_list) return okng_fail(error, OKNG_ERROR_FORMAT, "a list in a list; expected words");
    if (r->depth == 0 || r->want_key)
        return okng_fail(error, OKNG_ERROR_FORMAT, "found a list, expected sections of keys");
    r->in_list = true;
    r->items = 0;
    r->value[0] = '\0';
    return OKNG_OK;
}

static okng_status end_list(reader *r, okng_error *error)
{
    r->in_list = false;
    OKNG_TRY(add(r, r->value, false, false, error));
    r->out->entries[r->out->count - 1].list = true;
    end_value(r);
    return OKNG_OK;
}

static okng_status begin_document(reader *r, okng_error *error)
{
    if (r->seen) return okng_fail(error, OKNG_ERROR_FORMAT, "a second document begins; expected one");
    r->seen = true;
    return OKNG_OK;
}

static okng_status take_event(reader *r, struct fy_event *event, int line, okng_error *error)
{
    if (event->type == FYET_ALIAS || fy_event_get_anchor_token(event))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "anchors and aliases are not read; write the value out");
    if (fy_event_get_tag_token(event))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "tags are not read; write the value without");
    switch (event->type) {
    case FYET_DOCUMENT_START:
        return begin_document(r, error);
    case FYET_MAPPING_START:
        return begin_mapping(r, error);
    case FYET_MAPPING_END:
        r->depth--;
        end_value(r);
        return OKNG_OK;
    case FYET_SEQUENCE_START:
        return begin_list(r, error);
    case FYET_SEQUENCE_END:
        return end_list(r, error);
    case FYET_SCALAR:
        return take_scalar(r, fy_event_get_token(event), line, error);
    case FYET_STREAM_END:
        r->ended = true;
        return OKNG_OK;
    default:
        return OKNG_OK;
    }
}

/* ---- the document --------------------------------------------------------------------------- */

static okng_status syntax_error(struct fy_diag *diag, const char *name, okng_error *error)
{
    void *at = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(diag, &at);
    if (!first) return okng_fail(error, OKNG_ERROR_MEMORY, "%s: out of memory while reading YAML", name);
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s:%d: is no YAML: %s", name, first->line > 0 ? first->line : 1,
                     first->msg);
}

static okng_status read_events(struct fy_parser *parser, reader *r, const char *name, okng_error *error)
{
    for (;;) {
        struct fy_event *event = fy_parser_parse(parser);
        if (!event) return OKNG_OK;
        const struct fy_mark *mark = fy_event_start_mark(event);
        int line = mark ? mark->line + 1 : r->key_line;
        okng_status status = take_event(r, event, line, error);
        fy_parser_event_free(parser, event);
        if (status != OKNG_OK) return okng_error_context(error, status, "%s:%d", name, line);
    }
}

/* libfyaml is not to be trusted with what YAML does not allow: bytes that are no UTF-8 it may read for ever, at others
 * it crashes. Control characters but tab and the line's ends, and explicit keys ("? "), which no key of ours needs, are
 * refused before it sees them. */
static bool find_forbidden(const char *text, size_t size, size_t *at)
{
    bool line_begins = true;
    if (!okng_utf8_valid(text, size, at)) return true;
    for (*at = 0; *at < size; ++*at) {
        const unsigned char c = (unsigned char)text[*at];
        if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) return true;
        if (c == '?' && line_begins) return true;
        line_begins = c == '\n' || c == '\r' || (line_begins && (c == ' ' || c == '\t'));
    }
    return false;
}

static okng_status check_text(const char *text, size_t size, const char *name, okng_error *error)
{
    size_t at = 0;
    if (!find_forbidden(text, size, &at)) return OKNG_OK;
    int line = 1;
    for (size_t i = 0; i < at; i++) line += text[i] == '\n';
    const unsigned byte = (unsigned char)text[at];
    if (byte == '?')
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s:%d: begins with \"?\"; write the key as \"key: value\"", name,
                         line);
    if (byte < ' ' || byte == 0x7f)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s:%d: found the control character 0x%02x, which YAML does not allow", name, line, byte);
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s:%d: found the byte 0x%02x, which is no UTF-8; save the file as UTF-8", name, line, byte);
}

/* libfyaml (0.7) stops the program where some of its allocations fail: what it may need is proved to be there first. */
static okng_status prove_memory(size_t size, const char *name, okng_error *error)
{
    enum { WHATEVER_THE_TEXT = 1 << 20, A_BYTE = 64 };
    size_t bytes = WHATEVER_THE_TEXT + A_BYTE * size;
    if (okng_memory_can_map(bytes)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MEMORY, "%s: out of memory: %zu bytes could not be had", name, bytes);
}

static okng_status read_document(okng_yaml *out, const char *text, size_t size, const char *name, okng_error *error)
{
    OKNG_TRY(check_text(text, size, name, error));
    OKNG_TRY(prove_memory(size, name, error));
    struct fy_diag_cfg diag_options;
    fy_diag_cfg_default(&diag_options);
    struct fy_diag *diag = fy_diag_create(&diag_options);
    if (!diag) return okng_fail_memory(error, size);
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg options = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = diag};
    struct fy_parser *parser = fy_parser_create(&options);
    reader *r = calloc(1, sizeof *r);
    okng_status status = parser && r ? OKNG_OK : okng_fail_memory(error, size);
    if (status == OKNG_OK) r->out = out;
    if (status == OKNG_OK && size > 0) {
        if (fy_parser_set_string(parser, text, size) != 0)
            status = okng_fail_memory(error, size);
        else
            status = read_events(parser, r, name, error);
        /* A fault of the text is told; memory that was out ends the events before their end, and nothing else. */
        if (status == OKNG_OK && (fy_parser_get_stream_error(parser) || !r->ended))
            status = syntax_error(diag, name, error);
    }
    free(r);
    if (parser) fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return status;
}

okng_status okng_yaml_read(okng_yaml *out, const char *text, size_t size, const char *name, okng_error *error)
{
    *out = (okng_yaml){.separator = ','};
    return read_document(out, text, size, name, error);
}

okng_status okng_yaml_read_sentences(okng_yaml *out, const char *text, size_t size, const char *name, okng_error *error)
{
    *out = (okng_yaml){.separator = '\n'};
    return read_document(out, text, size, name, error);
}
