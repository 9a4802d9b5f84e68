/* line.yaml: what is right is taken, what is wrong is refused with its line and what was meant; every key is
 * documented. */
#include "line/kinds.h"
#include "made_line.h"

static void refused(const char *text, const char *part)
{
    okng_line_config config;
    okng_error error = {0};
    const okng_status status = okng_line_config_parse(&config, text, strlen(text), "dir/line.yaml", &error);
    okng_line_config_free(&config);
    if (status == OKNG_OK) fail_msg("was taken: %s", text);
    if (!strstr(error.message, "dir/line.yaml")) fail_msg("names no file: %s", error.message);
    if (!strstr(error.message, part)) fail_msg("\"%s\" does not say \"%s\"", error.message, part);
}

#define SOURCE "sources: {in: {kind: folder, path: in}}\n"

static void what_is_wrong_is_refused(void **state)
{
    (void)state;
    refused("", "no sources");
    refused(SOURCE, "\"bank\"");
    refused(SOURCE "bank: a\nrecipe: 1\nrecipes: {1: a}\n", "one of the keys");
    refused(SOURCE "recipe: 2\nrecipes: {1: a}\n", "2 is not among recipes");
    refused(SOURCE "bank: a\nworker: 2\n", "dir/line.yaml:3: worker: there is no such key; did you mean workers?");
    refused(SOURCE "bank: a\nworkers: 0\n", "whole number from 1 to 64");
    refused(SOURCE "bank: a\nworkers: two\n", "found \"two\"");
    refused(SOURCE "bank: a\nworkers: [1, 2]\n", "found a list");
    refused(SOURCE "bank: a\nworkers: {a: 1}\n", "found keys below it");
    refused(SOURCE "bank: a\nworkers:\n", "has no value");
    refused(SOURCE "bank: a\nsync: yes\n", "expected true or false");
    refused(SOURCE "bank: a\nlimit: nan\n", "expected a number");
    refused(SOURCE "bank: a\nsinks: no\n", "expected keys below it");
    refused(SOURCE "bank: a\nsinks: {a: b}\n", "has no keys");
    refused(SOURCE "bank: a\nsinks: {a: {path: x}}\n", "lacks the key \"kind\"");
    refused(SOURCE "bank: a\nsinks: {a: {kind: file, path: x}}\n", "did you mean files?");
    refused(SOURCE "bank: a\nsinks: {a: {kind: files}}\n", "lacks the key \"path\"");
    refused(SOURCE "bank: a\nsinks: {a: {kind: files, path: x, save: [masks]}}\n", "found \"masks\"");
    refused(SOURCE "bank: a\nsinks: {a: {kind: files, path: x, sort: days}}\n", "day-verdict|day|verdict|none");
    refused(SOURCE "bank: a\nsinks: {a: {kind: files, path: x, verdicts: [BAD]}}\n", "found \"BAD\"");
    refused(SOURCE "bank: a\nsinks: {a: {kind: command, command: [x, '{verdct}']}}\n", "found \"{verdct}\"");
    refused(SOURCE "bank: a\nsinks: {a: {kind: webhook, url: 'ftp://x'}}\n", "http://");
    refused(SOURCE "bank: a\nsinks: {a: {kind: webhook, url: 'http://x', headers: [x]}}\n", "Name: value");
    refused(SOURCE "bank: a\nsinks: {a: {kind: mqtt, group: 'a/b'}}\n", "level");
    refused(SOURCE "bank: a\nsinks: {a: {kind: mqtt, password_file: x}}\n", "\"user\"");
    refused(SOURCE "bank: a\nsinks: {a: {kind: modbus}}\n", "plc is missing");
    refused(SOURCE "bank: a\nsinks: {a: {kind: modbus, plc: 'x:y'}}\n", "plc: x:y is no address");
    refused(SOURCE "bank: a\nsinks: {a: {kind: modbus, role: server, listen: ':1'}}\n", "listen: :1 is no address");
    refused("bank: a\nsources: {a: {kind: gstreamer}}\n", "say one of uri, device, pipeline");
    refused("bank: a\nsources: {a: {kind: gstreamer, uri: x, device: y}}\n", "say one of uri, device, pipeline");
    refused("bank: a\nsources: {a: {kind: video}}\n", "say one of file, pipeline");
    refused(SOURCE "bank: a\non_ng: [x]\nsinks: {on_ng: {kind: files, path: x}}\n", "called on_ng already");
    refused(SOURCE "bank: a\nrecipes: {one: a}\n", "found \"one\"");
    refused(SOURCE "bank: a\nrecipes: {70000: a}\n", "from 0 to 65535");
    refused(SOURCE "bank: a\nrecipes: {1: a, 01: b}\n", "a second time");
    refused("sources: {in: {kind: folder}}\nbank: a\n", "dir/line.yaml:1: sources.in: lacks the key \"path\"");
}

static void what_is_right_is_taken(void **state)
{
    (void)state;
    static const char text[] =
        "name: x\nrecipe: 7\nrecipes: {7: a, 8: b}\n" SOURCE
        "sinks: {f: {kind: files, path: /abs, verdicts: NG, queue: 5}}\non_ng: [/bin/x, 'a, b']\n";
    okng_line_config config;
    assert_ok(okng_line_config_parse(&config, text, strlen(text), "dir/line.yaml", error));
    assert_int_equal(config.source_count, 1);
    assert_int_equal(config.sink_count, 2);
    assert_int_equal(config.recipe_count, 2);
    assert_string_equal(okng_line_text(config.sources[0].settings, "path"), "dir/in");
    const okng_line_sink_config *on_ng = &config.sinks[0], *files = &config.sinks[1];
    if (strcmp(okng_line_name(files->settings), "f") != 0) {
        on_ng = &config.sinks[1];
        files = &config.sinks[0];
    }
    assert_string_equal(okng_line_text(files->settings, "path"), "/abs");
    assert_int_equal(files->verdicts, 1u << OKNG_OUTCOME_NG);
    assert_int_equal(files->queue, 5);
    assert_string_equal(okng_line_word(on_ng->settings, "command", 1), "a, b");
    assert_false(on_ng->verdicts & 1u << OKNG_OUTCOME_OK);
    assert_true(okng_line_flag(config.line, "sync"));
    okng_line_config_free(&config);
}

/* ---- documents ----------------------------------------------------------------------------------------------------
 */

static char *document; /* docs/line.md */

/* In the section of that heading, or in all of it where there is none. */
static void need_keys(const char *heading, const okng_line_key *keys)
{
    char text[128];
    (void)snprintf(text, sizeof text, "\n## %s\n", heading);
    const char *section = strstr(document, text);
    if (!section) fail_msg("docs/line.md has no section %s", heading);
    const char *next = strstr(section + 1, "\n## ");
    const size_t size = next ? (size_t)(next - section) : strlen(section);
    for (; keys->name; keys++) {
        (void)snprintf(text, sizeof text, "`%s`", keys->name);
        const char *found = memmem(section, size, text, strlen(text));
        if (!found) fail_msg("docs/line.md, %s, does not name the key %s", heading, keys->name);
    }
}

static void every_key_is_documented(void **state)
{
    (void)state;
    FILE *file = fopen(OKNG_GOLDEN "/../../docs/line.md", "r");
    assert_non_null(file);
    document = calloc(1, 1 << 20);
    assert_true(fread(document, 1, (1 << 20) - 1, file) > 1000);
    (void)fclose(file);
    need_keys("Keys of the line", okng_line_keys);
    need_keys("Keys of the line", okng_line_sink_keys);
    for (size_t i = 0; okng_line_source_kinds[i]; i++)
        need_keys(okng_line_source_kinds[i]->name, okng_line_source_kinds[i]->keys);
    for (size_t i = 0; okng_line_sink_kinds[i]; i++)
        need_keys(okng_line_sink_kinds[i]->name, okng_line_sink_kinds[i]->keys);
    free(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(what_is_right_is_taken),
        cmocka_unit_test(every_key_is_documented),
    };
    return RUN_TESTS(tests);
}
